/* Signed networks, roll calls and trade as tables, and certificates: what is read is within limits,
 * and what a small network's search proves holds. The bytes say which. */
#include "fuzz.h"

#include "models/network/balance_search.h"
#include "models/network/dependence.h"
#include "models/network/network_balance.h"
#include "models/network/synchrony.h"

#include <stdlib.h>

enum { EDGES_MAX = 40 };

static struct cy_desk_text copy(struct cy_desk *desk, const uint8_t *data, size_t size)
{
    char *at = cy_desk_take(desk, size + 1);

    CY_ASSERT(at != NULL);
    if (size > 0)
        memcpy(at, data, size);
    return (struct cy_desk_text){at, size};
}

static void network(struct cy_desk *desk, const struct cy_csv *csv, struct cy_desk_fault *fault)
{
    struct cy_graph_table table;
    struct cy_balance_found found;
    struct cy_balance_claim claim;
    uint64_t cost = 0;
    size_t at = 0;

    if (!cy_ok(cy_graph_table_read(desk, csv, &table, fault)) || table.graph.m > EDGES_MAX)
        return;
    CY_ASSERT(cy_ok(cy_balance_search(desk, &table.graph, 2000, &found)));
    if (found.proof == NULL)
        return;
    claim = (struct cy_balance_claim){found.sides, found.proof, found.n_proof};
    CY_ASSERT(cy_balance_check(&table.graph, &claim,
                               cy_desk_take(desk, 8 * cy_balance_room(&table.graph)), &cost, &at));
    CY_ASSERT(cost == found.cost);
}

static void roll_calls(struct cy_desk *desk, const struct cy_csv *csv, struct cy_desk_fault *fault)
{
    struct cy_roll_calls calls;
    struct cy_synchrony s;

    if (!cy_ok(cy_roll_calls_read(desk, csv, &calls, fault)) || calls.n_parties > 40)
        return;
    CY_ASSERT(cy_ok(cy_synchrony_find(desk, &calls, 0, calls.n_votes, &s)));
    CY_ASSERT(cy_synchrony_gain(&s) >= 0 && cy_synchrony_gain(&s) <= s.ceiling);
    for (size_t p = 0; p < s.n; p++)
        CY_ASSERT(s.group[p] < s.n_groups);
}

/* Suggested moves can be made, and leave a party's trade as large as it was. */
static void trade(struct cy_desk *desk, const struct cy_csv *csv, struct cy_desk_fault *fault)
{
    const struct cy_trade_cut cut = {"value", cy_csv_column(csv, "year") == SIZE_MAX ? NULL : "1",
                                     NULL};
    struct cy_graph_names names;
    struct cy_trade t;
    struct cy_depend_flag *flags = NULL;
    struct cy_depend_move *moves = NULL;
    uint64_t left = 0;
    size_t n = 0;

    if (!cy_ok(cy_trade_names(desk, csv, &cut, &names, fault)) || names.n > 40 ||
        !cy_ok(cy_trade_read(desk, csv, &cut, &names, &t, fault)))
        return;
    CY_ASSERT(cy_ok(cy_depend_flags(desk, &t, &t, CY_DEPENDS, SIZE_MAX, &flags, &n)));
    for (size_t party = 0; party < t.n; party++) {
        const uint64_t before = t.sold[party] + t.bought[party];

        CY_ASSERT(cy_ok(cy_depend_suggest(desk, &t, party, CY_DEPENDS, &moves, &n, &left)));
        for (size_t i = 0; i < n; i++)
            CY_ASSERT(cy_ok(cy_depend_move_apply(&t, party, &moves[i])));
        CY_ASSERT(t.sold[party] + t.bought[party] == before);
    }
}

/* A certificate of the triangle of foes. */
static void certificate(struct cy_desk *desk, const uint8_t *data, size_t size,
                        struct cy_desk_fault *fault)
{
    static const char words[] = "a,b,sign\nA,B,-1\nB,C,-1\nC,A,-1\n";
    struct cy_graph_table table;
    struct cy_csv csv;
    uint64_t cost = 0;

    CY_ASSERT(cy_ok(
        cy_desk_csv_text(desk, copy(desk, (const uint8_t *)words, sizeof words - 1), &csv, fault)));
    CY_ASSERT(cy_ok(cy_graph_table_read(desk, &csv, &table, fault)));
    if (cy_ok(cy_balance_certificate_read(desk, copy(desk, data, size), &table, &cost, fault)))
        CY_ASSERT(cost == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_desk desk = {.out = stdout, .err = stderr};
    struct cy_desk_fault fault = {0};
    struct cy_csv csv;

    if (size > 0 && data[0] == '{') {
        certificate(&desk, data, size, &fault);
    } else if (cy_ok(cy_desk_csv_text(&desk, copy(&desk, data, size), &csv, &fault))) {
        if (cy_csv_column(&csv, "sign") != SIZE_MAX)
            network(&desk, &csv, &fault);
        else if (cy_csv_column(&csv, "exporter") != SIZE_MAX)
            trade(&desk, &csv, &fault);
        else
            roll_calls(&desk, &csv, &fault);
    }
    cy_desk_end(&desk);
    return 0;
}
