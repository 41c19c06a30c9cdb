/* power_cap: `comity power suggest --cap P`: weights with which no member decides more often than
 * P.
 *
 * The most powerful member's weight is lowered to the largest with which its Shapley-Shubik index
 * is no more than the cap, found by halving; then the next, until nobody is above. A quota that is
 * a share is taken of the new total each time. It is a way, not the smallest change; the counts of
 * what is suggested are exact (certify/power), and `comity power whatif` makes them again. Nothing
 * carries it out.
 *
 * Owns: nothing; all stands in the desk's memory. */
#ifndef CY_MODELS_NETWORK_POWER_CAP_H
#define CY_MODELS_NETWORK_POWER_CAP_H

#include "models/network/power_index.h"

/* What was suggested: weights in the order of the table, and the vote they make. */
struct cy_power_capped {
    struct cy_power_table after;
    uint32_t quota;
    struct cy_power_indices *indices;
    bool found; /* false: no weights were found within the limit of tries */
};

/* cy_power_cap looks for them; quota as on the command line (power_table.h). Fails with MODEL_INPUT
 * (the cap is below one member's equal part), and as counting does; noted. */
CY_MUST_USE cy_err cy_power_cap(struct cy_desk *desk, const struct cy_power_table *table,
                                const char *quota, bool above, uint32_t cap_ppm,
                                struct cy_power_capped *out);

/* What `comity power suggest --cap` prints, cap in percent. */
int cy_power_cap_say(struct cy_desk *desk, const struct cy_power_table *table, const char *cap);

#endif
