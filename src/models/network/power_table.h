/* power_table: a weighted vote as people write it: members, weights, and what wins.
 *
 *     member,weight          --quota 12      the sum that wins
 *     France,4               --quota 2/3     that share of all weights, rounded up
 *     Belgium,2              --quota 55%     the same, in percent; two decimals at most
 *                            --above         more than the share
 *
 * Owns: nothing; texts and numbers stand in the desk's memory. */
#ifndef CY_MODELS_NETWORK_POWER_TABLE_H
#define CY_MODELS_NETWORK_POWER_TABLE_H

#include "certify/power.h"
#include "models/desk/desk.h"

struct cy_power_table {
    const char **names;
    uint32_t *weights;
    size_t n;
    uint32_t total;
};

/* cy_power_table_read takes the columns member and weight of a table; others are passed over. Fails
 * with MODEL_INPUT: a column is missing, a weight is no whole number, a member is empty or stands
 * twice, too many members, the weights sum to 0 or to more than the limit. */
CY_MUST_USE cy_err cy_power_table_read(struct cy_desk *desk, const struct cy_csv *csv,
                                       struct cy_power_table *out, struct cy_desk_fault *fault);

/* cy_power_table_list reads weights parted by commas; the members are called 1, 2, ... */
CY_MUST_USE cy_err cy_power_table_list(struct cy_desk *desk, const char *list,
                                       struct cy_power_table *out, struct cy_desk_fault *fault);

/* cy_power_quota_read reads what wins. Fails with MODEL_INPUT: not a number or share, or nobody
 * could win, or nobody would be needed. */
CY_MUST_USE cy_err cy_power_quota_read(const char *text, bool above, uint32_t total, uint32_t *out,
                                       struct cy_desk_fault *fault);

/* cy_power_table_get reads the table and the quota that the command line names: the first word or
 * --weights, --quota, --above. Fails as those, and with USAGE; noted. */
CY_MUST_USE cy_err cy_power_table_get(struct cy_desk *desk, struct cy_power_table *out,
                                      uint32_t *quota);

#endif
