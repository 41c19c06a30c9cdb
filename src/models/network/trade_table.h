/* trade_table: who delivers how much to whom.
 *
 *     exporter,importer,year,value       one line a flow; the column of the value is named on the
 *     AFG,ARE,2008,11.801212             command line; year only where the table has several
 *
 * A value is a whole number with at most six decimals, held exactly in millionths of its unit.
 * Flows are those that were reported: a party that reported nothing looks as if it sold nothing.
 *
 * Owns: nothing; all stands in the desk's memory. */
#ifndef CY_MODELS_NETWORK_TRADE_TABLE_H
#define CY_MODELS_NETWORK_TRADE_TABLE_H

#include "models/network/graph_table.h"

#define CY_TRADE_PARTIES_MAX 1024u

struct cy_trade {
    const char *const *names;
    size_t n;
    uint64_t *flow;   /* n x n: from the row's party to the column's */
    uint64_t *sold;   /* sums of rows */
    uint64_t *bought; /* sums of columns */
};

/* What is read of a table: from `year` (NULL: it has no such column), without the parties in
 * `without` (ended by NULL). */
struct cy_trade_cut {
    const char *value; /* the name of its column */
    const char *year;
    const char *const *without;
};

/* cy_trade_names collects the parties of all years, so that tables of two years number them alike.
 * cy_trade_read then takes one year. Fail with MODEL_INPUT: a column is missing, a value is no such
 * number, a flow stands twice in a year, to itself, none is left, too many parties. */
CY_MUST_USE cy_err cy_trade_names(struct cy_desk *desk, const struct cy_csv *csv,
                                  const struct cy_trade_cut *cut, struct cy_graph_names *out,
                                  struct cy_desk_fault *fault);
CY_MUST_USE cy_err cy_trade_read(struct cy_desk *desk, const struct cy_csv *csv,
                                 const struct cy_trade_cut *cut, const struct cy_graph_names *names,
                                 struct cy_trade *out, struct cy_desk_fault *fault);

/* cy_trade_amount_read reads such a value; false when it is none. cy_trade_amount_text writes it,
 * with as few decimals as it has. */
CY_MUST_USE bool cy_trade_amount_read(const char *text, uint64_t *out);
const char *cy_trade_amount_text(uint64_t amount, char out[static 32]);

static inline uint64_t cy_trade_flow(const struct cy_trade *t, size_t from, size_t to)
{
    return t->flow[from * t->n + to];
}

/* cy_trade_add changes one flow by amount (taken away when it is negative; never below 0) and the
 * sums with it. Fails with RANGE. */
CY_MUST_USE cy_err cy_trade_add(struct cy_trade *t, size_t from, size_t to, int64_t amount);

#endif
