/* epidemic_table: reads a scenario: countries.csv, parameters.csv, supply.csv and the charter
 * (vaccines.charter) of one directory.
 *
 * Each row of a table names its source. A parameter that is missing, stands twice or is not known
 * is refused, and so is a number outside of its range.
 *
 * Owns: nothing beyond the desk's memory. Never: fills in a number. */
#ifndef CY_MODELS_EPIDEMIC_EPIDEMIC_TABLE_H
#define CY_MODELS_EPIDEMIC_EPIDEMIC_TABLE_H

#include "models/desk/desk.h"
#include "models/epidemic/epidemic.h"

struct cy_epidemic_scenario {
    struct cy_epidemic_world world;
    struct cy_desk_text charter; /* what was agreed; without supply and parties */
};

/* cy_epidemic_read reads the scenario in a directory. Fails as cy_desk_read, and with MODEL_INPUT
 * at the place; noted. */
CY_MUST_USE cy_err cy_epidemic_read(struct cy_desk *desk, const char *directory,
                                    struct cy_epidemic_scenario *out);

#endif
