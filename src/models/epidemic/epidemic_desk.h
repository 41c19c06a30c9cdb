/* epidemic_desk: `comity epidemic run` and `comity story pandemic` (M155).
 *
 * run plays one outbreak: without vaccines, hoarded, or shared by the charter. story plays it
 * twice, hoarded and shared, and tells what differs. By the charter means: each month the agreed
 * text, with the supply so far and the parties added, is decided by models/allocate, every
 * certificate checked; the charter and finding of a month can be written out, for `comity allocate
 * verify`.
 *
 * Owns: nothing. Never: shares otherwise than the findings say. */
#ifndef CY_MODELS_EPIDEMIC_EPIDEMIC_DESK_H
#define CY_MODELS_EPIDEMIC_EPIDEMIC_DESK_H

#include "models/allocate/allocate_desk.h"
#include "models/epidemic/epidemic_table.h"

/* cy_epidemic_share decides each month's doses by the charter. `charter_out` and `finding_out`
 * (NULL: nowhere) take the text and finding of month `month` (from 1). *n_stages counts the
 * certificates. Fails as cy_allocate_decide; noted. */
CY_MUST_USE cy_err cy_epidemic_share(struct cy_desk *desk,
                                     const struct cy_epidemic_scenario *scenario, uint32_t month,
                                     FILE *charter_out, FILE *finding_out,
                                     struct cy_epidemic_doses *out, uint32_t *n_stages);

int cy_model_epidemic_run(struct cy_desk *desk);
int cy_model_story_pandemic(struct cy_desk *desk);

#endif
