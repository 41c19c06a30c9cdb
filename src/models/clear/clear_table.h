/* clear_table: obligations out of a table, in an order of their own.
 *
 * Columns debtor, creditor, amount and, where there is one, currency; other names can be told.
 * Amounts are decimals of 0 or more; they become whole numbers of the smallest unit that the table
 * uses, so that nothing is rounded. Rows are sorted by currency, debtor, creditor and amount: the
 * order of the file never matters.
 *
 * Owns: nothing; all lives in the desk. Never: adds rows together. */
#ifndef CY_MODELS_CLEAR_CLEAR_TABLE_H
#define CY_MODELS_CLEAR_CLEAR_TABLE_H

#include "certify/flow.h"
#include "models/desk/desk.h"

struct cy_clear_row {
    const char *currency; /* "" when there is no such column */
    const char *debtor;
    const char *creditor;
    uint64_t mantissa; /* as written, without the point */
    uint32_t digits;   /* behind the point */
    uint32_t line;
};

/* The obligations of one currency. */
struct cy_clear_part {
    const char *currency;
    uint32_t first; /* row */
    uint32_t n;
    const char **parties; /* sorted */
    uint32_t n_parties;
    struct cy_flow_arc *arcs; /* one for each row */
    int64_t *potentials;
};

struct cy_clear_table {
    struct cy_clear_row *rows;
    uint32_t n_rows;
    uint32_t digits; /* of all amounts */
    struct cy_clear_part *parts;
    uint32_t n_parts;
};

/* cy_clear_read reads the rows that all --where conditions (COLUMN=VALUE) take. Fails with
 * MODEL_INPUT at line and column of the table, noted, and as cy_desk_csv does. */
CY_MUST_USE cy_err cy_clear_read(struct cy_desk *desk, const char *path,
                                 struct cy_clear_table *out);

/* cy_clear_amount writes an amount with its decimals; room for CY_U128_TEXT + 2. */
void cy_clear_amount(const struct cy_clear_table *table, cy_u128 v, char *out);

#endif
