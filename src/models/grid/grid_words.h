/* grid_words: a plan in JSON, in words and as a drawing.
 *
 * Owns: nothing. Never: computes anything that was not proved before it is told. */
#ifndef CY_MODELS_GRID_GRID_WORDS_H
#define CY_MODELS_GRID_GRID_WORDS_H

#include "models/grid/grid_plan.h"

/* What a plan was made from: SHA-256 of the files, empty when there was none. */
struct cy_grid_inputs {
    char grid[65];
    char charter[65];
    char periods[65];
    char storage[65];
    bool taps;
};

/* cy_grid_plan_json is the plan as verify reads it; NULL without memory. */
json_t *cy_grid_plan_json(const struct cy_grid_program *program, const struct cy_grid_plan *plan,
                          const struct cy_grid_inputs *inputs);

/* cy_grid_tell writes the plan for people; with `why`, which limits cost what. */
void cy_grid_tell(FILE *out, const struct cy_grid_program *program, const struct cy_grid_plan *plan,
                  bool why);

/* cy_grid_tell_prices writes what one more MW costs at each bus, period by period. */
void cy_grid_tell_prices(FILE *out, const struct cy_grid_program *program,
                         const struct cy_grid_plan *plan);

/* cy_grid_tell_impossible writes why no plan keeps all limits: the first sentence, without an end,
 * into `short_words`; more to `out` (NULL: nothing more). */
void cy_grid_tell_impossible(FILE *out, const struct cy_grid_program *program,
                             const struct cy_grid_plan *plan, char short_words[static 300]);

/* cy_grid_draw draws outputs, load and price of each period; false when writing failed. */
bool cy_grid_draw(FILE *out, const struct cy_grid_program *program,
                  const struct cy_grid_plan *plan);

#endif
