/* lp: judges a certificate of a linear program exactly (SPEC/certificates.md).
 *
 *      optimal     a point and multipliers of the rows: the point keeps every bound, each
 *                  multiplier leans on a bound the point meets, and so does each reduced cost.
 *                  Then no point is better (duality; Dantzig 1963, chapter 6).
 *      bounded     the same without "meets": the multipliers prove a bound, the point has a value,
 *                  and the gap between them is told
 *      infeasible  multipliers whose combination of rows and bounds asks for more than nothing out
 *                  of nothing (Farkas 1902)
 *      unbounded   a point, and a direction that keeps every bound and always pays
 *      tree        for whole-number columns: a point, and a tree of branches x <= v, x >= v + 1
 *                  whose every leaf is proved infeasible or no better than the point (after the
 * idea of VIPR, Cheung, Gleixner and Steffy 2017)
 *
 * Whoever checks needs no trust in who solved, nor in how. A check takes one pass over the
 * coefficients (a tree: one a leaf). The same bytes give the same verdict everywhere.
 *
 * Owns: nothing; all memory is the arena's. Never: solves, allocates, rounds, uses the solver's
 * arithmetic. */
#ifndef CY_CERTIFY_LP_H
#define CY_CERTIFY_LP_H

#include "certify/lp_form.h"

enum cy_lp_kind {
    CY_LP_OPTIMAL = 1,
    CY_LP_INFEASIBLE = 2,
    CY_LP_UNBOUNDED = 3,
    CY_LP_TREE = 4,
    CY_LP_BOUNDED = 5,
};

#define CY_LP_DEPTH_MAX 512u /* branches one under another in a tree */

/* A vector of a certificate: value[i] / divisor. */
struct cy_lp_vector {
    struct cy_whole divisor;  /* above 0 */
    struct cy_whole *numbers; /* one for each column or row */
    uint32_t n;
    uint32_t limbs; /* of the longest, and of the divisor */
};

/* What was proved. A number is above / below, below > 0; not always in lowest terms. */
struct cy_lp_verdict {
    enum cy_lp_kind kind;
    bool infeasible; /* no point: kind infeasible, or a tree without a point */
    struct cy_lp_vector point;
    struct cy_lp_vector multipliers; /* of the rows; kinds optimal, bounded, infeasible */
    struct cy_whole value_above;     /* the objective at the point, constant and scale with it */
    struct cy_whole value_below;
    struct cy_whole bound_above; /* nothing feasible is less; optimal and tree: the value */
    struct cy_whole bound_below;
    uint32_t leaves; /* of a tree */
};

/* cy_lp_check judges a certificate against a program that was read and the SHA-256 of its bytes.
 * The arena holds what the verdict borrows, a few times the bytes of both. Fails with CERT_FORM
 * (detail: position in the certificate), CERT_OTHER (it is for another program), CERT_WRONG
 * (detail: number from 1 of the row, or number of rows + that of the column, where it fails; 0: the
 * whole), NO_ROOM. */
CY_MUST_USE cy_err cy_lp_check(const struct cy_lp_form *form, const struct cy_id *program,
                               struct cy_span certificate, struct cy_arena *arena,
                               struct cy_lp_verdict *out);

#endif
