/* power_index: `comity power index`: who decides a weighted vote.
 *
 * Banzhaf: of all cases in which somebody decides, the share in which it is this member.
 * Shapley-Shubik: of all orders of voting, the share in which this member turns the vote. Counts
 * are exact (certify/power); with --check they are held to a recount by another method. A member
 * whose weight never decides has the index 0, however large its weight looks.
 *
 * Owns: nothing. Never: says what a fair weight is. */
#ifndef CY_MODELS_NETWORK_POWER_INDEX_H
#define CY_MODELS_NETWORK_POWER_INDEX_H

#include "models/network/power_table.h"

/* The counts of one vote, in the desk's memory. */
struct cy_power_indices {
    struct cy_power_game game;
    uint64_t *swings;    /* n x game.words */
    uint64_t *all;       /* their sum, game.words + 1 */
    uint64_t *orders;    /* n x game.order_words */
    uint64_t *factorial; /* game.order_words */
};

/* cy_power_indices_count counts. Fails with RANGE, NO_MEMORY; noted. */
CY_MUST_USE cy_err cy_power_indices_count(struct cy_desk *desk, const uint32_t *weights, size_t n,
                                          uint32_t quota, struct cy_power_indices *out);

/* cy_power_indices_check recounts; fails with MODEL_DIFFERS, noted. */
CY_MUST_USE cy_err cy_power_indices_check(struct cy_desk *desk, const struct cy_power_indices *of);

/* The index of a member, in millionths rounded to the nearest (halves up). */
uint32_t cy_power_banzhaf_ppm(const struct cy_power_indices *of, size_t member);
uint32_t cy_power_shapley_ppm(const struct cy_power_indices *of, size_t member);

/* The command. */
int cy_model_power_index(struct cy_desk *desk);

#endif
