/* whole: whole numbers of any size on the caller's memory, as much of them as a checker needs.
 *
 * A number is a sign and 64-bit limbs, least first. A sum keeps what was added and what was taken
 * away apart, so that nothing is ever subtracted: its sign is one comparison at the end.
 *
 *      plus  = products with a positive sign        sign of the sum = plus against minus
 *      minus = products with a negative sign
 *
 * It is schoolbook arithmetic on purpose: the solvers whose answers are judged use GMP, and share
 * no line with this file.
 *
 * Owns: nothing. Never: allocates, divides, rounds. */
#ifndef CY_CERTIFY_WHOLE_H
#define CY_CERTIFY_WHOLE_H

#include "base/arena.h"

/* A number; n == 0 is zero, and the last limb is never 0. */
struct cy_whole {
    const uint64_t *at;
    uint32_t n;
    bool minus;
};

/* A sum of products, both halves `n` limbs. */
struct cy_sum {
    uint64_t *plus;
    uint64_t *minus;
    uint32_t n;
};

/* cy_whole_read takes a number off the rest: a LEB128 head, 2 * (count of bytes) + (1 if negative),
 * then the bytes, least first, the last not 0. Zero is the head 0. The limbs stand in the arena.
 * Fails with CERT_FORM, NO_ROOM. */
CY_MUST_USE cy_err cy_whole_read(struct cy_span *rest, uint32_t bytes_max, struct cy_arena *arena,
                                 struct cy_whole *out);

/* cy_count_read takes a LEB128 count off the rest: shortest form, at most `most`. */
CY_MUST_USE cy_err cy_count_read(struct cy_span *rest, uint32_t most, uint32_t *out);

static inline int cy_whole_sign(struct cy_whole a)
{
    return a.n == 0 ? 0 : a.minus ? -1 : 1;
}

static inline struct cy_whole cy_whole_negated(struct cy_whole a)
{
    return (struct cy_whole){a.at, a.n, !a.minus};
}

/* cy_sum_on makes a sum of value 0 with n limbs to each half. False when the arena is full. */
CY_MUST_USE bool cy_sum_on(struct cy_sum *sum, uint32_t n, struct cy_arena *arena);

void cy_sum_clear(struct cy_sum *sum);

/* cy_sum_copy sets `to` (at least as long) to `from`. */
void cy_sum_copy(struct cy_sum *to, const struct cy_sum *from);

/* cy_sum_add adds a * b. The halves must be long enough: limbs of a + limbs of b + 1 for fewer than
 * 2^63 products of at most that size. */
void cy_sum_add(struct cy_sum *sum, struct cy_whole a, struct cy_whole b);

/* cy_sum_sign is -1, 0 or 1. */
int cy_sum_sign(const struct cy_sum *sum);

/* cy_sum_value writes |plus - minus| over the larger half and gives it as a number, which lives as
 * long as the sum is not changed. */
struct cy_whole cy_sum_value(struct cy_sum *sum);

#endif
