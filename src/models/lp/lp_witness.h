/* lp_witness: writes what the exact simplex found as a certificate (SPEC/certificates.md).
 *
 * Owns: nothing. Never: checks; that is certify/lp's, which shares nothing with this side. */
#ifndef CY_MODELS_LP_LP_WITNESS_H
#define CY_MODELS_LP_LP_WITNESS_H

#include "models/lp/lp_simplex.h"

/* Kinds; the numbers are the certificate's. */
enum {
    CY_LP_WITNESS_OPTIMAL = 1,
    CY_LP_WITNESS_NOTHING = 2,
    CY_LP_WITNESS_RAY = 3,
    CY_LP_WITNESS_TREE = 4
};

/* cy_lp_witness_head writes magic, kind and the program's SHA-256. */
void cy_lp_witness_head(struct cy_lp_bytes *out, unsigned kind, const struct cy_id *program);

/* cy_lp_witness_point writes the columns' values; those of integer columns undivided. */
void cy_lp_witness_point(struct cy_lp_bytes *out, const struct cy_lp_simplex *s);

/* cy_lp_witness_vector writes n numbers over their least common divisor. */
void cy_lp_witness_vector(struct cy_lp_bytes *out, mpq_t *v, uint32_t n);

/* cy_lp_witness_ray writes the direction after CY_LP_NO_LIMIT. */
void cy_lp_witness_ray(struct cy_lp_bytes *out, const struct cy_lp_simplex *s);

#endif
