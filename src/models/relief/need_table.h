/* need_table: needs and stocks as a plan sees them, from tables with hashtags and from the records
 * of a ledger (`comity record need --json`), and out again.
 *
 * Owns: nothing; rows lie on the desk. Never: reads the clock. */
#ifndef CY_MODELS_RELIEF_NEED_TABLE_H
#define CY_MODELS_RELIEF_NEED_TABLE_H

#include "base/date.h"
#include "base/text.h"
#include "models/relief/hxl.h"

#define CY_NEED_ROWS_MAX 100000u
#define CY_NEED_AMOUNT_MAX UINT64_C(1000000000000000)

/* A need, or a stock. Texts that are not there are "". */
struct cy_need_row {
    const char *id;    /* of a record */
    const char *owner; /* of a record */
    const char *crisis;
    const char *good;
    const char *place;
    uint64_t amount; /* still needed; free in the stock */
    uint32_t north;  /* millionths of a degree, as in records; 0, 0 unless placed */
    uint32_t east;
    bool placed;
    uint8_t priority; /* needs: 1 .. 9 */
    cy_date until;    /* need: last day; stock: first day that it is no longer good; 0: none */
    uint32_t line;    /* in the table */
};

struct cy_need_table {
    struct cy_need_row *rows;
    size_t n;
};

/* Which columns; NULL: the usual hashtags. */
struct cy_need_columns {
    const char *place;
    const char *good;
    const char *amount;
    const char *priority;
    const char *north; /* latitude in degrees */
    const char *east;  /* longitude in degrees */
    const char *by;
    const char *where; /* COLUMN=VALUE, or NULL */
};

/* cy_need_table_hxl reads needs from a table. A row without an amount, or with none of it, is left
 * out. Fails with MODEL_INPUT (fault filled), NO_MEMORY. */
CY_MUST_USE cy_err cy_need_table_hxl(struct cy_desk *desk, struct cy_desk_text text,
                                     const struct cy_need_columns *columns,
                                     struct cy_need_table *out, struct cy_desk_fault *fault);

/* cy_need_table_json reads records of needs, or of stocks: what is closed, or has nothing left, is
 * left out. Fails as above. */
CY_MUST_USE cy_err cy_need_table_json(struct cy_desk *desk, struct cy_desk_text text, bool stocks,
                                      struct cy_need_table *out, struct cy_desk_fault *fault);

/* cy_need_table_write writes needs as a table with hashtags. False when the stream failed. */
bool cy_need_table_write(const struct cy_need_table *table, FILE *out);

#endif
