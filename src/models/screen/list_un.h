/* list_un: the consolidated list of the United Nations Security Council, in XML.
 *
 * libxml2 reads it, hardened: no network, no document type (and so no entities), its own limits on
 * depth and length. A file that is not well formed, or not of this form, is refused whole.
 * Source: https://www.un.org/securitycouncil/content/un-sc-consolidated-list.
 *
 * Owns: nothing. Never: follows a reference. */
#ifndef CY_MODELS_SCREEN_LIST_UN_H
#define CY_MODELS_SCREEN_LIST_UN_H

#include "models/desk/desk.h"
#include "models/screen/listed.h"

#define CY_LIST_UN_MAX (64u << 20) /* bytes */

/* cy_list_un reads a file. Fails with MODEL_INPUT or NO_MEMORY; the list is empty then. */
CY_MUST_USE cy_err cy_list_un(struct cy_span bytes, struct cy_list *out,
                              struct cy_desk_fault *fault);

#endif
