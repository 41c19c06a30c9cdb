/* mps: reads linear programs in MPS form, every number exactly.
 *
 * Sections NAME, OBJSENSE, ROWS, COLUMNS (with integer markers), RHS, RANGES, BOUNDS, ENDATA, in
 * fields parted by blanks; the name of a right-hand side, range or bound set may be left out, as
 * old files do. The first N row is the objective; further N rows are left out. A number on the
 * objective's right-hand side is minus the constant.
 *
 * One thing differs between readers and is refused here: an upper bound below 0 on a column that
 * has no lower bound of its own (some take -infinity, some 0).
 *
 * Owns: nothing. Never: rounds a number, guesses a name. */
#ifndef CY_MODELS_LP_MPS_H
#define CY_MODELS_LP_MPS_H

#include "models/lp/lp_program.h"

struct cy_mps_fault {
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1 */
    const char *what;
};

/* cy_mps_read reads a text of n bytes with a 0 after it, which is cut up. NULL and the fault when
 * it is not sound. The caller frees the program. */
struct cy_lp_program *cy_mps_read(char *text, size_t n, struct cy_mps_fault *fault);

/* cy_mps_write writes the program as a solver in floating point reads it: names R1.. and C1.., 17
 * digits, always the least value. */
void cy_mps_write(const struct cy_lp_program *lp, struct cy_lp_bytes *out);

#endif
