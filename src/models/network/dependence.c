#include "models/network/dependence.h"

#include "base/num.h"

#include <stdlib.h>

#define ALL 1000000u
#define POINTS_TEN 100000u
#define TIMES 10u /* a hold: so many times as much as the other way round */

static uint32_t share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : (uint32_t)((cy_u128)part * ALL / whole);
}

static uint64_t both_ways(const struct cy_trade *t, size_t a, size_t b)
{
    return cy_trade_flow(t, a, b) + cy_trade_flow(t, b, a);
}

static uint64_t trade_of(const struct cy_trade *t, size_t a)
{
    return t->sold[a] + t->bought[a];
}

uint32_t cy_depends(const struct cy_trade *t, size_t a, size_t b)
{
    return share(both_ways(t, a, b), trade_of(t, a));
}

uint32_t cy_depends_supply(const struct cy_trade *t, size_t a, size_t b)
{
    return share(cy_trade_flow(t, b, a), t->bought[a]);
}

uint32_t cy_depends_market(const struct cy_trade *t, size_t a, size_t b)
{
    return share(cy_trade_flow(t, a, b), t->sold[a]);
}

uint32_t cy_depends_concentration(const struct cy_trade *t, size_t a)
{
    uint64_t sum = 0;

    for (size_t b = 0; b < t->n; b++) {
        const uint64_t one = cy_depends(t, a, b);

        sum += one * one;
    }
    return (uint32_t)(sum / ALL);
}

/* --- the rules --- */

/* No less than nine tenths of before. */
static bool kept(uint64_t now, uint64_t before)
{
    return (cy_u128)now * 10 >= (cy_u128)before * 9;
}

struct view {
    const struct cy_trade *now;
    const struct cy_trade *before;
    uint32_t threshold;
};

static bool holds(const struct cy_trade *t, size_t a, size_t b, uint32_t threshold)
{
    return cy_depends(t, a, b) >= threshold &&
           (uint64_t)cy_depends(t, b, a) * TIMES <= cy_depends(t, a, b);
}

static bool cut_supply(const struct view *v, size_t a, size_t b)
{
    const uint64_t now = cy_trade_flow(v->now, b, a);
    const uint64_t was = cy_trade_flow(v->before, b, a);

    return cy_depends_supply(v->before, a, b) >= v->threshold && now <= was / 2 &&
           kept(v->now->sold[b] - now, v->before->sold[b] - was);
}

static bool cut_market(const struct view *v, size_t a, size_t b)
{
    const uint64_t now = cy_trade_flow(v->now, a, b);
    const uint64_t was = cy_trade_flow(v->before, a, b);

    return cy_depends_market(v->before, a, b) >= v->threshold && now <= was / 2 &&
           kept(v->now->bought[b] - now, v->before->bought[b] - was) &&
           kept(v->now->sold[a] - now, v->before->sold[a] - was);
}

static bool one_way(const struct view *v, size_t a, size_t b)
{
    return cy_trade_flow(v->before, b, a) > 0 &&
           cy_trade_flow(v->now, b, a) / 2 >= cy_trade_flow(v->before, b, a) &&
           cy_depends_supply(v->now, a, b) >= cy_depends_supply(v->before, a, b) + POINTS_TEN &&
           cy_trade_flow(v->now, a, b) < cy_trade_flow(v->before, a, b);
}

static bool raised(const struct view *v, enum cy_depend_kind kind, size_t a, size_t b)
{
    if (kind != CY_DEPEND_HOLD && v->before == NULL)
        return false;
    switch (kind) {
    case CY_DEPEND_HOLD: return holds(v->now, a, b, v->threshold);
    case CY_DEPEND_TIGHTENING:
        return holds(v->now, a, b, v->threshold) && trade_of(v->before, a) > 0 &&
               cy_depends(v->now, a, b) >= cy_depends(v->before, a, b) + POINTS_TEN;
    case CY_DEPEND_CUT_SUPPLY: return cut_supply(v, a, b);
    case CY_DEPEND_CUT_MARKET: return cut_market(v, a, b);
    case CY_DEPEND_ONE_WAY: return one_way(v, a, b);
    case CY_DEPEND_KINDS: break;
    }
    return false;
}

/* The share and the flow that a rule speaks of, in one year. */
static void figures(const struct cy_trade *t, enum cy_depend_kind kind, size_t a, size_t b,
                    uint32_t *of, uint64_t *amount)
{
    if (kind == CY_DEPEND_CUT_SUPPLY || kind == CY_DEPEND_ONE_WAY) {
        *of = cy_depends_supply(t, a, b);
        *amount = cy_trade_flow(t, b, a);
    } else if (kind == CY_DEPEND_CUT_MARKET) {
        *of = cy_depends_market(t, a, b);
        *amount = cy_trade_flow(t, a, b);
    } else {
        *of = cy_depends(t, a, b);
        *amount = both_ways(t, a, b);
    }
}

static struct cy_depend_flag flag_of(const struct view *v, enum cy_depend_kind kind, size_t a,
                                     size_t b)
{
    struct cy_depend_flag flag = {.kind = kind,
                                  .party = (uint32_t)a,
                                  .partner = (uint32_t)b,
                                  .other = cy_depends(v->now, b, a)};

    figures(v->now, kind, a, b, &flag.now, &flag.amount);
    if (v->before != NULL)
        figures(v->before, kind, a, b, &flag.before, &flag.amount_before);
    return flag;
}

/* By kind; then what stands or stood highest; then in the order of the table. */
static int by_kind(const void *a, const void *b)
{
    const struct cy_depend_flag *x = a;
    const struct cy_depend_flag *y = b;
    const uint32_t high_x = x->now > x->before ? x->now : x->before;
    const uint32_t high_y = y->now > y->before ? y->now : y->before;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (high_x != high_y)
        return high_x > high_y ? -1 : 1;
    if (x->party != y->party)
        return x->party < y->party ? -1 : 1;
    return x->partner < y->partner ? -1 : x->partner > y->partner;
}

cy_err cy_depend_flags(struct cy_desk *desk, const struct cy_trade *now,
                       const struct cy_trade *before, uint32_t threshold, size_t party,
                       struct cy_depend_flag **out, size_t *n)
{
    const struct view v = {now, before, threshold};

    for (int count = 1; count >= 0; count--) { /* first how many, then which */
        size_t found = 0;

        for (enum cy_depend_kind kind = 0; kind < CY_DEPEND_KINDS; kind++) {
            for (size_t i = 0; i < now->n * now->n; i++) {
                const size_t a = i / now->n;

                if ((party != SIZE_MAX && a != party) || a == i % now->n ||
                    !raised(&v, kind, a, i % now->n))
                    continue;
                if (count == 0)
                    (*out)[found] = flag_of(&v, kind, a, i % now->n);
                found++;
            }
        }
        if (count == 1)
            *out = cy_desk_take(desk, (found + 1) * sizeof **out);
        if (*out == NULL)
            return desk->failed;
        *n = found;
    }
    if (*n > 1)
        qsort(*out, *n, sizeof **out, by_kind);
    return CY_OK;
}

static const struct {
    const char *name;
    const char *words;
    const char *doubt;
} kinds_[CY_DEPEND_KINDS] = {
    {"hold",
     "it has so much of its trade with one partner, which has less than a tenth as much of its own "
     "with it",                                                                                  "neighbours, customs unions and goods that pass through explain many; ask for other "
     "suppliers and buyers first"                                                                                                                                         },
    {"tightening", "a hold that grew by ten points or more",
     "other partners may have failed, or a field or a port may have opened"                                                                                                              },
    {"cut supply",
     "who sold it so much of what it buys now sells it half or less, and no less to the others", "it may have found a better seller, or a price may have fallen; ask who ended it"       },
    {"cut market",
     "who took so much of what it sells now takes half or less, while both trade with the others "
     "as "
     "before",                                                                                   "a plant may have closed, or reports may be missing; ask who ended it"                  },
    {"one-way",
     "a partner doubled what it delivers, won ten points or more of what the party buys, and buys "
     "less from it",                                                                             "a large building project does the same; look at prices, which this table does not have"},
};

const char *cy_depend_kind_name(enum cy_depend_kind kind)
{
    return kinds_[kind].name;
}

const char *cy_depend_kind_words(enum cy_depend_kind kind)
{
    return kinds_[kind].words;
}

const char *cy_depend_kind_doubt(enum cy_depend_kind kind)
{
    return kinds_[kind].doubt;
}

/* --- spreading --- */

/* The most that a partner may have: rounded down, so that its share never passes. */
static uint64_t room_of(uint64_t trade, uint32_t threshold)
{
    return (uint64_t)((cy_u128)trade * threshold / ALL);
}

/* The partner with the most trade among those that can still take some. */
static size_t next_partner(const struct cy_trade *t, size_t party, const uint64_t *room)
{
    size_t best = SIZE_MAX;

    for (size_t b = 0; b < t->n; b++) {
        if (room[b] > 0 && (best == SIZE_MAX || both_ways(t, party, b) > both_ways(t, party, best)))
            best = b;
    }
    return best;
}

cy_err cy_depend_suggest(struct cy_desk *desk, const struct cy_trade *t, size_t party,
                         uint32_t threshold, struct cy_depend_move **out, size_t *n, uint64_t *left)
{
    const uint64_t most = room_of(trade_of(t, party), threshold);
    const uint64_t half = room_of(trade_of(t, party), threshold / 2);
    uint64_t *room = cy_desk_take(desk, (t->n + 1) * sizeof *room);

    *out = cy_desk_take(desk, (2 * t->n + 1) * sizeof **out);
    *n = 0;
    *left = 0;
    if (room == NULL || *out == NULL)
        return desk->failed;
    for (size_t b = 0; b < t->n; b++) {
        const uint64_t has = both_ways(t, party, b);

        room[b] = has > 0 && has < half ? half - has : 0;
    }
    for (size_t b = 0; b < t->n; b++) {
        const uint64_t has = both_ways(t, party, b);
        uint64_t rest = has > most ? has - most : 0;

        while (rest > 0) {
            const size_t to = next_partner(t, party, room);
            const uint64_t amount = to == SIZE_MAX || room[to] > rest ? rest : room[to];

            rest -= amount;
            if (to == SIZE_MAX) {
                *left += amount;
                continue;
            }
            room[to] -= amount;
            (*out)[(*n)++] = (struct cy_depend_move){(uint32_t)b, (uint32_t)to, amount};
        }
    }
    return CY_OK;
}

cy_err cy_depend_move_apply(struct cy_trade *t, size_t party, const struct cy_depend_move *move)
{
    const uint64_t sells = cy_trade_flow(t, party, move->from);
    const uint64_t buys = cy_trade_flow(t, move->from, party);
    const bool sales_first = sells >= buys;
    uint64_t sold = sales_first ? sells : 0;
    uint64_t bought = 0;

    if (move->amount > sells + buys)
        return cy_fail(CY_E_RANGE, 0);
    if (sales_first) {
        sold = move->amount < sells ? move->amount : sells;
        bought = move->amount - sold;
    } else {
        bought = move->amount < buys ? move->amount : buys;
        sold = move->amount - bought;
    }
    CY_TRY(cy_trade_add(t, party, move->from, -(int64_t)sold));
    CY_TRY(cy_trade_add(t, party, move->to, (int64_t)sold));
    CY_TRY(cy_trade_add(t, move->from, party, -(int64_t)bought));
    return cy_trade_add(t, move->to, party, (int64_t)bought);
}
