/* list_eu: the consolidated list of the European Union, in CSV with semicolons.
 *
 * One row for each name, birth, address or document of an entity; Entity_LogicalId says whose. Of
 * its more than a hundred columns those are read that are named in the .c; Entity_LogicalId and
 * NameAlias_WholeName must be there. Rows of one entity need not stand together.
 * Source: Financial Sanctions Database, European Commission, CSV format 1.0 and 1.1.
 *
 * Owns: nothing. Never: takes a part of a broken file. */
#ifndef CY_MODELS_SCREEN_LIST_EU_H
#define CY_MODELS_SCREEN_LIST_EU_H

#include "models/screen/list_rows.h"
#include "models/screen/listed.h"

/* cy_list_eu reads a file. Fails with MODEL_INPUT or NO_MEMORY; the list is empty then. */
CY_MUST_USE cy_err cy_list_eu(struct cy_span bytes, struct cy_list *out,
                              struct cy_desk_fault *fault);

#endif
