/* list_read: a list of whatever publisher, known by how it begins.
 *
 * Owns: nothing. Never: guesses between two forms: what begins like none is refused. */
#ifndef CY_MODELS_SCREEN_LIST_READ_H
#define CY_MODELS_SCREEN_LIST_READ_H

#include "models/desk/desk.h"
#include "models/screen/listed.h"

enum cy_list_form { CY_LIST_UNKNOWN, CY_LIST_OFAC, CY_LIST_UN, CY_LIST_EU, CY_LIST_FTM };

#define CY_LIST_PARTS 3u /* the main file; aliases and addresses of OFAC */
#define CY_LIST_BYTES_MAX ((size_t)256 << 20)

enum cy_list_form cy_list_form(struct cy_span bytes);
const char *cy_list_form_name(enum cy_list_form form);

/* cy_list_read reads the parts (only OFAC has more than one; others must be empty). Fails with
 * MODEL_INPUT or NO_MEMORY; the list is empty then. */
CY_MUST_USE cy_err cy_list_read(const struct cy_span parts[static CY_LIST_PARTS],
                                struct cy_list *out, struct cy_desk_fault *fault);

#endif
