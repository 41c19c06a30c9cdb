/* node_federation: a node that is a member's of a federation, opened and told of heads.
 *
 * The genesis is a file that all founders signed; it begins an empty ledger, and a ledger that is
 * there must begin with it. Which seat this is says the roll: the one whose peer key the signer
 * holds; its name must be the one of the settings.
 *
 * Owns: the federation, its thread, the list of peers, in struct cy_node. */
#ifndef CY_HOST_NODE_NODE_FEDERATION_H
#define CY_HOST_NODE_NODE_FEDERATION_H

#include "host/node/node_parts.h"

/* cy_node_federation opens the ledger and begins to agree with the other members; the metrics are
 * made. Fails as cy_federation_open, with SIGNER_KEY (a label has no key), NOT_SEATED (the
 * settings' seat is another one), and trouble; why says what and where. */
CY_MUST_USE cy_err cy_node_federation(struct cy_node *node,
                                      const struct cy_institution *const *roster, size_t n_roster,
                                      struct cy_text *why);

/* cy_node_federation_close closes the ledger, after the order was stopped. */
void cy_node_federation_close(struct cy_node *node);

/* cy_node_final copies the newest final head; size 0: none yet. */
void cy_node_final(struct cy_node *node, struct cy_node_head *out);

#endif
