/* clear_table: obligations out of a table, in an order of their own.
 *
 * Columns debtor, creditor, amount and, where there is one, currency; other names can be told.
 * Amounts are decimals of 0 or more; they become whole numbers of the smallest unit that the tables
 * use, so that nothing is rounded. Rows are sorted by currency, debtor, creditor and amount: the
 * order of the file never matters.
 *
 * A part is what is set off together: a currency, or, with agreed rates, all of them. Its arcs are
 * the obligations in the order of the rows, and after them, where there are funds, what each party
 * may pay in (from cash) and what each may be paid out (to cash); cash is the party without a name.
 *
 *      arc          weight   amount
 *      obligation   2 (1)    its value; 0 when the two are barred from dealings (1 without funds)
 *      paid in      -1       the party's funds; 0 when it is barred
 *      paid out     0        the sum of all funds
 *
 * So the most is cleared, and of several ways the one that takes the least cash (a round passes
 * cash once at most, so that one more unit cleared always outweighs it). With rates a value is in
 * the smallest unit of the base, rounded down.
 *
 * Owns: nothing; all lives in the desk. Never: adds rows together. */
#ifndef CY_MODELS_CLEAR_CLEAR_TABLE_H
#define CY_MODELS_CLEAR_CLEAR_TABLE_H

#include "certify/flow.h"
#include "models/clear/clear_terms.h"

enum { CY_CLEAR_WEIGHT = 2, CY_CLEAR_WEIGHT_IN = -1, CY_CLEAR_WEIGHT_OUT = 0 };

struct cy_clear_row {
    const char *currency; /* "" when there is no such column */
    const char *debtor;
    const char *creditor;
    uint64_t amount; /* in the table's smallest unit */
    uint64_t value;  /* by the agreed rates; else the amount */
    uint32_t digits; /* behind the point, as written */
    uint32_t line;
    bool barred;
};

/* What is set off together. */
struct cy_clear_part {
    const char *currency;
    uint32_t first;       /* row */
    uint32_t n;           /* obligations */
    const char **parties; /* sorted; cash first where there are funds */
    uint32_t n_parties;
    struct cy_flow_arc *arcs; /* one for each row, then for funds */
    uint32_t n_arcs;
    int64_t *potentials;
};

struct cy_clear_table {
    struct cy_clear_terms terms;
    struct cy_clear_row *rows;
    uint32_t n_rows;
    uint32_t digits; /* of all amounts */
    struct cy_clear_part *parts;
    uint32_t n_parts;
};

/* cy_clear_read reads the terms, and the rows that all --where conditions (COLUMN=VALUE) take.
 * Fails with MODEL_INPUT at line and column of the table, noted, and as cy_desk_csv does. */
CY_MUST_USE cy_err cy_clear_read(struct cy_desk *desk, const char *path,
                                 struct cy_clear_table *out);

/* cy_clear_party_at is the number of a party that is there. */
uint32_t cy_clear_party_at(const struct cy_clear_part *part, const char *name);

#define CY_CLEAR_AMOUNT_TEXT (CY_U128_TEXT + 16u)

/* cy_clear_amount writes an amount with its decimals; room for CY_CLEAR_AMOUNT_TEXT. */
void cy_clear_amount(const struct cy_clear_table *table, cy_u128 v, char *out);

/* cy_clear_own is what an obligation is cleared by in its own currency: all of it when its value
 * is, else what the cleared value comes to, rounded down (so that the creditor never loses). */
uint64_t cy_clear_own(const struct cy_clear_table *table, const struct cy_clear_part *part,
                      uint32_t i);

#endif
