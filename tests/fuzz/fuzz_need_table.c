/* A table of needs, with hashtags or as records: refused, or sound and the same when written and
 * read again. */
#include "fuzz.h"

#include "models/relief/need_table.h"

#include <stdlib.h>

static struct cy_desk_text copy(struct cy_desk *desk, const void *data, size_t n)
{
    char *at = cy_desk_take(desk, n + 1);

    CY_ASSERT(at != NULL);
    if (n > 0)
        memcpy(at, data, n);
    return (struct cy_desk_text){at, n};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cy_need_columns usual = {0};
    struct cy_desk desk = {0};
    struct cy_desk_fault fault = {0};
    struct cy_need_table table;
    struct cy_need_table again;
    char *text = NULL;
    size_t n = 0;
    FILE *out = NULL;

    (void)cy_ok(cy_need_table_json(&desk, copy(&desk, data, size), true, &table, &fault));
    (void)cy_ok(cy_need_table_json(&desk, copy(&desk, data, size), false, &table, &fault));
    if (cy_ok(cy_need_table_hxl(&desk, copy(&desk, data, size), &usual, &table, &fault))) {
        out = open_memstream(&text, &n);
        CY_ASSERT(cy_need_table_write(&table, out));
        (void)fclose(out);
        CY_ASSERT(cy_ok(cy_need_table_hxl(&desk, copy(&desk, text, n), &usual, &again, &fault)));
        CY_ASSERT(again.n == table.n);
        for (size_t i = 0; i < table.n; i++) {
            CY_ASSERT(table.rows[i].amount == again.rows[i].amount && table.rows[i].amount > 0);
            CY_ASSERT(table.rows[i].north == again.rows[i].north);
            CY_ASSERT(strcmp(table.rows[i].good, again.rows[i].good) == 0);
        }
        free(text);
    }
    cy_desk_end(&desk);
    return 0;
}
