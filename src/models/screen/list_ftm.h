/* list_ftm: entities of FollowTheMoney, one JSON object a line, read and written.
 *
 * Read are persons, organisations, companies, ships and aircraft; objects of other schemata (the
 * sanction itself, addresses, relations) are passed over. Written are the same, with sorted keys,
 * so that the same list has the same bytes. Source: https://followthemoney.tech/explorer.
 *
 * Owns: nothing. Never: takes a part of a broken file. */
#ifndef CY_MODELS_SCREEN_LIST_FTM_H
#define CY_MODELS_SCREEN_LIST_FTM_H

#include "models/desk/desk.h"
#include "models/screen/listed.h"

#define CY_FTM_LINE_MAX (1u << 20)

/* cy_list_ftm reads a file. Fails with MODEL_INPUT or NO_MEMORY; the list is empty then. */
CY_MUST_USE cy_err cy_list_ftm(struct cy_span bytes, struct cy_list *out,
                               struct cy_desk_fault *fault);

/* cy_listed_ftm makes the object of an entry; the caller releases it. NULL without memory. */
json_t *cy_listed_ftm(const struct cy_list *list, const struct cy_listed *entry);

#endif
