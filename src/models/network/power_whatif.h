/* power_whatif: `comity power whatif`: what a change of members, weights or quota would do to who
 * decides; `comity power suggest`: for which quota power comes closest to weight.
 *
 * Changes are applied in the order of the command line: --join NAME=W, --leave NAME, --merge A+B
 * (B joins A's vote), --weight NAME=W, then --new-quota. A quota that is a share is taken of the
 * new total. A suggestion is a sentence with its figures; nothing carries it out.
 *
 * Owns: nothing. */
#ifndef CY_MODELS_NETWORK_POWER_WHATIF_H
#define CY_MODELS_NETWORK_POWER_WHATIF_H

#include "models/network/power_index.h"

/* What a member of the vote before has become: its place after, or SIZE_MAX when it left. */
struct cy_power_change {
    struct cy_power_table after;
    size_t *became;
};

/* cy_power_change_apply applies the changes of the command line. Fails with MODEL_INPUT (a member
 * is unknown or there already, a weight is no number), USAGE; noted. */
CY_MUST_USE cy_err cy_power_change_apply(struct cy_desk *desk, const struct cy_power_table *before,
                                         struct cy_power_change *out);

/* cy_power_gap is the largest distance of a member's Shapley-Shubik index from its share of weight,
 * in millionths; *member is whose. */
uint32_t cy_power_gap(const struct cy_power_indices *of, size_t *member);

int cy_model_power_whatif(struct cy_desk *desk);
int cy_model_power_suggest(struct cy_desk *desk);

#endif
