/* lp_form: a linear program as bytes, read into whole numbers (SPEC/certificates.md).
 *
 *      least (cost . x + constant) / scale
 *      such that  lower[i] <= row[i] . x <= upper[i]        each side may be missing
 *                 lower[j] <= unit * x[j] <= upper[j]       the same; unit is one for all columns
 *                 x[j] whole where the column says so
 *
 * Everything is a whole number: a row with fractions is written after it was multiplied out. The
 * bytes have one form only, so that their SHA-256 names the program.
 *
 * Owns: nothing; what is read stands in the caller's arena. Never: allocates. */
#ifndef CY_CERTIFY_LP_FORM_H
#define CY_CERTIFY_LP_FORM_H

#include "certify/whole.h"

#define CY_LP_DATUM_MAX 64u          /* bytes of a number of a program */
#define CY_LP_NUMBER_MAX 65536u      /* bytes of a number of a certificate */
#define CY_LP_SIDE_MAX 4000000u      /* rows, columns */
#define CY_LP_ENTRIES_MAX 100000000u /* coefficients that are not 0 */

/* What stands between two bounds. */
struct cy_lp_range {
    bool has_lower;
    bool has_upper;
    struct cy_whole lower;
    struct cy_whole upper;
};

struct cy_lp_entry {
    uint32_t row;
    struct cy_whole coefficient;
};

struct cy_lp_column {
    struct cy_lp_range range; /* of unit * x */
    bool integer;
    struct cy_whole cost;
    const struct cy_lp_entry *entries; /* rows ascending */
    uint32_t n_entries;
};

struct cy_lp_form {
    uint32_t n_rows;
    uint32_t n_columns;
    struct cy_whole scale;    /* above 0 */
    struct cy_whole constant; /* in the costs' unit */
    struct cy_whole unit;     /* above 0 */
    struct cy_lp_range *rows;
    struct cy_lp_column *columns;
    uint32_t limbs; /* of the longest number */
    bool integral;  /* every column with a cost is integer: cost . x is a whole number */
};

/* cy_lp_form_read reads the bytes and nothing after them. Fails with CERT_FORM (detail: position),
 * NO_ROOM. */
CY_MUST_USE cy_err cy_lp_form_read(struct cy_span bytes, struct cy_arena *arena,
                                   struct cy_lp_form *out);

#endif
