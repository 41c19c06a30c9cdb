/* operator_view: what an operator looks at, as one JSON object: health, head, peers, lag, keys,
 * storage, snapshot, signer, versions.
 *
 * It holds nothing secret and no path of this machine: whoever watches may read it. What costs
 * something (the list of keys, the disk) is looked up at most every few seconds, however often it
 * is asked for. Ages are milliseconds at the time `now`; null where nothing is known.
 *
 * Owns: this form, and the memory of the last look. Never: changes anything. */
#ifndef CY_HOST_ADMIN_OPERATOR_VIEW_H
#define CY_HOST_ADMIN_OPERATOR_VIEW_H

#include "host/node/node.h"

struct cy_operator_view;

/* cy_operator_view_new: NULL without memory. */
struct cy_operator_view *cy_operator_view_new(void);
void cy_operator_view_free(struct cy_operator_view *view);

/* cy_operator_view_json writes the object. It may ask the signer, and then takes up to two seconds:
 * not in a thread of the server. One caller at a time goes on, others wait. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_operator_view_json(struct cy_operator_view *view, struct cy_node *node,
                                         struct cy_text *out);

#endif
