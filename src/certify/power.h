/* power: how often each member decides a weighted vote, counted exactly.
 *
 * A coalition wins when its weights reach the quota. A member is decisive for a coalition of others
 * that loses without it and wins with it. Of all coalitions that is its number of swings (Banzhaf);
 * of all orders in which members may come, the number in which it is the one that turns the vote is
 * its Shapley-Shubik numerator, out of n!.
 *
 * Both come from tables of how many coalitions have a weight (and, for Shapley-Shubik, a size):
 * dynamic programming over the members, Mann and Shapley 1962. The coalitions without one member
 * are never tabled again: from c(w) = c'(w) + c'(w - own), what a window of c' sums to is an
 * alternating sum of windows of c, so every member costs a few subtractions (a rearrangement of
 * the inverse step in Uno 2012). Of a game and its dual (quota total - quota + 1), which have the
 * same swings, the smaller table is made.
 *
 * Numbers are arrays of 64-bit words, least first. Sums are exact; nothing is rounded.
 *
 * Owns: nothing; all memory is the caller's. Never: floating point, allocation. */
#ifndef CY_CERTIFY_POWER_H
#define CY_CERTIFY_POWER_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define CY_POWER_MEMBERS_MAX 512u
#define CY_POWER_TOTAL_MAX 10000000u /* of all weights */

/* A game that was read and found sound, and what its tables need. */
struct cy_power_game {
    size_t n;
    uint32_t total;
    uint32_t quota;
    uint32_t weights[CY_POWER_MEMBERS_MAX];
    /* filled by cy_power_begin */
    uint32_t cut;                          /* the smaller of quota and the dual's */
    uint32_t sorted[CY_POWER_MEMBERS_MAX]; /* weights, ascending */
    size_t words;                          /* of a number of swings */
    size_t order_words;                    /* of n! */
    size_t banzhaf_room;                   /* words that cy_power_banzhaf needs */
    size_t shapley_room;                   /* words that cy_power_shapley needs */
};

/* cy_power_begin fills a game. Fails with RANGE (detail: the member from 1 whose weight brings the
 * total above its limit; 0: no member, too many, or a quota outside 1 to total). */
CY_MUST_USE cy_err cy_power_begin(const uint32_t *weights, size_t n, uint32_t quota,
                                  struct cy_power_game *out);

/* cy_power_banzhaf counts the swings of each member: n x words, in the order of the weights.
 * room: banzhaf_room words. */
void cy_power_banzhaf(const struct cy_power_game *game, uint64_t *room, uint64_t *swings);

/* cy_power_shapley counts, for each member, the orders in which it turns the vote: n x order_words;
 * they sum to n!. room: shapley_room words. */
void cy_power_shapley(const struct cy_power_game *game, uint64_t *room, uint64_t *orders);

/* cy_power_factorial writes n! (order_words of a game with n members). */
void cy_power_factorial(size_t n, size_t words, uint64_t *out);

#endif
