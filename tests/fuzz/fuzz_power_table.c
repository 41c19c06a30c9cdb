/* Votes as tables: what is read is within limits, and its indices sum to one. The first line is the
 * quota. */
#include "fuzz.h"

#include "models/network/power_index.h"

#include <stdlib.h>

enum { MEMBERS_MAX = 12, CUT_MAX = 5000 };

static void count(struct cy_desk *desk, const struct cy_power_table *table, uint32_t quota)
{
    static struct cy_power_indices of;
    uint64_t sum = 0;

    CY_ASSERT(cy_ok(cy_power_indices_count(desk, table->weights, table->n, quota, &of)));
    if (of.game.n > MEMBERS_MAX || of.game.cut > CUT_MAX)
        return;
    for (size_t i = 0; i < table->n; i++)
        sum += of.orders[i];
    CY_ASSERT(sum == of.factorial[0]);
    CY_ASSERT(cy_ok(cy_power_indices_check(desk, &of)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_desk desk = {.out = stdout, .err = stderr};
    struct cy_desk_fault fault = {0};
    struct cy_power_table table;
    struct cy_csv csv;
    char quota_text[32] = "";
    uint32_t quota = 0;
    const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
    const size_t first = end == NULL ? 0 : (size_t)(end - data) + 1;
    char *text = cy_desk_take(&desk, size + 1);

    CY_ASSERT(text != NULL);
    if (size > first)
        memcpy(text, data + first, size - first);
    if (first > 0 && first < sizeof quota_text)
        memcpy(quota_text, data, first - 1);
    if (cy_ok(cy_desk_csv_text(&desk, (struct cy_desk_text){text, size - first}, &csv, &fault)) &&
        cy_ok(cy_power_table_read(&desk, &csv, &table, &fault))) {
        CY_ASSERT(table.n >= 1 && table.n <= CY_POWER_MEMBERS_MAX);
        CY_ASSERT(table.total >= 1 && table.total <= CY_POWER_TOTAL_MAX);
        if (cy_ok(cy_power_quota_read(quota_text, size % 2 == 0, table.total, &quota, &fault))) {
            CY_ASSERT(quota >= 1 && quota <= table.total);
            if (table.n <= MEMBERS_MAX && table.total <= 2 * CUT_MAX)
                count(&desk, &table, quota);
        }
    } else {
        CY_ASSERT(fault.why[0] != 0);
    }
    cy_desk_end(&desk);
    return 0;
}
