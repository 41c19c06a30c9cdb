/* clear_desk: `comity clear run`, `verify`, `settle` and `queue`.
 *
 * run finds the greatest set-off in each currency, judges it, and writes what is cleared of each
 * obligation and the potentials that prove that no more can be. verify reads the obligations again
 * and judges what was written; it finds nothing itself. settle judges as verify does and then
 * drafts what is to be recorded on a ledger (clear_settle); queue runs a queue of payments
 * (clear_queue).
 *
 * Owns: nothing. Never: signs or sends. */
#ifndef CY_MODELS_CLEAR_CLEAR_DESK_H
#define CY_MODELS_CLEAR_CLEAR_DESK_H

#include "models/clear/clear_answer.h"
#include "models/clear/clear_queue.h"
#include "models/clear/clear_settle.h"
#include "models/flow/circulation.h"

int cy_model_clear_run(struct cy_desk *desk);
int cy_model_clear_verify(struct cy_desk *desk);
int cy_model_clear_settle(struct cy_desk *desk);
int cy_model_clear_queue(struct cy_desk *desk);

#endif
