/* certificate: judges an answer exactly, inside the judging of an act (M132; SPEC/finding.md).
 *
 *      program + certificate --certify/lp--> holds, or refused
 *                                  |
 *      frame   coefficients, weights, sizes: what was voted
 *      bounds  bounds and constant: what the data say
 *      answer  Merkle root over the amounts above 0
 *
 * The digests of frame and bounds together say everything of a program, so who voted one and named
 * the other has settled the program, and a certificate for any other is refused.
 *
 * Work is bounded before it begins: coefficients times limbs times the certificate's length. Memory
 * is lent by the plan and given back; nothing is allocated, and what is refused for want of either
 * is refused everywhere.
 *
 * Owns: nothing. Never: solves, trusts who solved. */
#ifndef CY_KERNEL_CERTIFICATE_H
#define CY_KERNEL_CERTIFICATE_H

#include "certify/lp.h"
#include "crypto/merkle.h"
#include "kernel/plan.h"

#define CY_CERTIFICATE_WORK_MAX (UINT64_C(1) << 27)
#define CY_CERTIFICATE_ROOM (12u << 20) /* bytes lent */

struct cy_certificate_verdict {
    struct cy_id program;
    struct cy_id certificate;
    struct cy_id frame;
    struct cy_id bounds;
    struct cy_id answer; /* none: not all values are whole and at least 0, or none is above */
    uint32_t answers;
    enum cy_lp_kind kind;
    bool infeasible;
    bool best;  /* no other answer is better */
    bool whole; /* every value is whole and at least 0 */
    bool has_value;
    bool minus;
    cy_u128 above; /* the value is above / below, when both fit */
    cy_u128 below;
};

/* cy_certificate_judge judges a certificate against its program. Fails with the errors of
 * cy_lp_form_read and cy_lp_check, FINDING_WORK (detail: how many times too much), NO_ROOM (the
 * plan is in use by more than this act). */
CY_MUST_USE cy_err cy_certificate_judge(struct cy_plan *plan, struct cy_span program,
                                        struct cy_span certificate,
                                        struct cy_certificate_verdict *out);

/* cy_certificate_read is the same on the caller's memory, for whoever checks outside of a realm;
 * amount (may be NULL) is told every amount above 0, in order of columns. */
typedef void (*cy_certificate_amount)(void *context, uint32_t column, uint64_t amount);
CY_MUST_USE cy_err cy_certificate_read(struct cy_span program, struct cy_span certificate,
                                       struct cy_arena *arena, struct cy_certificate_verdict *out,
                                       cy_certificate_amount amount, void *context);

/* cy_certificate_digests names frame and bounds of a program alone. */
CY_MUST_USE cy_err cy_certificate_digests(struct cy_span program, struct cy_arena *arena,
                                          struct cy_id *frame, struct cy_id *bounds);

/* cy_certificate_leaf is the leaf of an amount in the tree of answers. */
struct cy_id cy_certificate_leaf(uint32_t column, uint64_t amount);

#endif
