/* lp_words: exact numbers and proofs in words that people read.
 *
 * Owns: nothing. Never: rounds without saying so. */
#ifndef CY_MODELS_LP_LP_WORDS_H
#define CY_MODELS_LP_LP_WORDS_H

#include "models/lp/lp_answer.h"

#include <stdio.h>

#define CY_LP_DECIMAL_MAX 128u

/* cy_lp_decimal writes a fraction as a decimal: all of it when it ends within `digits` places, else
 * rounded to them (halves away from 0) with "about " before it, when `about` is asked. Very long
 * numbers are written with an exponent. */
void cy_lp_decimal(mpq_srcptr v, unsigned digits, bool about, char out[static CY_LP_DECIMAL_MAX]);

/* cy_lp_exact gives the fraction as text, p or p/q; free it. */
char *cy_lp_exact(mpq_srcptr v);

/* cy_lp_contradiction writes why no point keeps all bounds: which bounds, how often each is taken,
 * and by how much they exceed one another, from the multipliers of a certificate that holds. */
void cy_lp_contradiction(FILE *out, const struct cy_lp_program *lp,
                         const struct cy_lp_vector *multipliers);

#endif
