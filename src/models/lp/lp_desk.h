/* lp_desk: `comity lp solve` and `comity lp check`.
 *
 * solve reads MPS, finds the exact answer, judges its own certificate and prints the answer; it
 * writes the certificate only when the checker agrees. A basis advised by another program may be
 * given (comity-solve does): it saves steps, and cannot change the answer.
 *
 * check needs the program and the certificate alone. An MPS file is brought into its one form
 * again, so that the certificate of other data is refused.
 *
 * Owns: nothing. Never: runs another program. */
#ifndef CY_MODELS_LP_LP_DESK_H
#define CY_MODELS_LP_LP_DESK_H

#include "models/desk/desk.h"
#include "models/lp/lp_words.h"
#include "models/lp/mps.h"

/* cy_lp_read_file reads an MPS file and scales it. Fails as cy_desk_read, and with MODEL_INPUT at
 * line and column; noted. */
CY_MUST_USE cy_err cy_lp_read_file(struct cy_desk *desk, const char *path,
                                   struct cy_lp_program **out);

/* The commands. */
int cy_model_lp_solve(struct cy_desk *desk);
int cy_model_lp_check(struct cy_desk *desk);

#endif
