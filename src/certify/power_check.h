/* power_check: holds counts of power to the vote they are of, by another way than they were made.
 *
 * Let every other member join with the same chance x. The chance that the member is decisive is a
 * polynomial in x (Owen's multilinear extension, 1972): at x = 1/2 it is the Banzhaf value, and its
 * integral from 0 to 1 the Shapley-Shubik index. Both are recomputed in the field of the integers
 * modulo 2^61 - 1: the polynomial at as many points as there are members, its integral by the
 * quadrature that is exact for its degree. Counts that are right agree; counts that differ by
 * anything but a multiple of the prime do not. Besides, the orders of all members must sum to n!
 * exactly.
 *
 * It shares no code with power.h, makes no table of sizes, and takes about members^2 x quota
 * multiplications.
 *
 * Owns: nothing; the room is the caller's. */
#ifndef CY_CERTIFY_POWER_CHECK_H
#define CY_CERTIFY_POWER_CHECK_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* What is claimed of a vote; swings or orders may be NULL. Numbers are 64-bit words, least first.
 */
struct cy_power_claim {
    const uint32_t *weights;
    size_t n; /* at least 1 */
    uint32_t quota;
    const uint64_t *swings; /* n x swing_words */
    size_t swing_words;
    const uint64_t *orders; /* n x order_words, to be divided by n! */
    size_t order_words;
};

/* cy_power_check_room is how many words of room the check needs. */
size_t cy_power_check_room(size_t n, uint32_t quota);

/* cy_power_check says whether the claim holds; *member is then the number of members, else the
 * first whose counts are wrong (n: all alone fit, but their sum does not). */
bool cy_power_check(const struct cy_power_claim *claim, uint64_t *room, size_t *member);

#endif
