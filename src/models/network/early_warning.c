#include "models/network/early_warning.h"

#include <stdlib.h>

#define ALL 1000000
#define UNKNOWN INT32_MIN
#define PRIOR 20u /* cases of the rate of all that each cell is given */
#define LOOK_BACK 3u
#define CELLS (CY_WARNING_PARTS * CY_WARNING_PARTS)
#define YEARS_LEAST 4u

/* --- agreements --- */

static cy_err judge_year(struct cy_desk *desk, const struct cy_roll_calls *calls, size_t first,
                         size_t end, int32_t **out)
{
    const size_t n = calls->n_parties;
    uint64_t sum = 0;
    uint64_t pairs = 0;

    *out = cy_desk_take(desk, n * n * sizeof **out);
    if (*out == NULL)
        return desk->failed;
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < a; b++) {
            const struct cy_roll_pair pair = cy_roll_calls_pair(calls, a, b, first, end);
            const bool known = pair.both >= CY_WARNING_VOTES;

            (*out)[a * n + b] = known ? (int32_t)cy_roll_agreement(&pair) : UNKNOWN;
            sum += known ? (uint64_t)(*out)[a * n + b] : 0;
            pairs += known;
        }
    }
    for (size_t i = 0; pairs > 0 && i < n * n; i++)
        (*out)[i] -= i / n > i % n && (*out)[i] != UNKNOWN ? (int32_t)(sum / pairs) : 0;
    return CY_OK;
}

cy_err cy_warning_years_make(struct cy_desk *desk, const struct cy_roll_calls *calls,
                             struct cy_warning_years *out)
{
    unsigned last = 0;
    unsigned month = 0;
    unsigned day = 0;

    *out = (struct cy_warning_years){.n_parties = calls->n_parties};
    cy_date_civil(calls->dates[0], &out->first, &month, &day);
    cy_date_civil(calls->dates[calls->n_votes - 1], &last, &month, &day);
    out->n = last - out->first + 1;
    if (out->n < YEARS_LEAST || out->n > CY_WARNING_YEARS_MAX)
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "the votes are of %zu years; from %u to %u are needed", out->n,
                            YEARS_LEAST, CY_WARNING_YEARS_MAX);
    for (size_t i = 0; i < out->n; i++) {
        cy_date from = 0;
        cy_date to = 0;
        size_t first = 0;
        size_t end = 0;

        CY_TRY(cy_date_of(out->first + (unsigned)i, 1, 1, &from));
        CY_TRY(cy_date_of(out->first + (unsigned)i + 1, 1, 1, &to));
        cy_roll_calls_range(calls, from, to, &first, &end);
        if (first == end)
            return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0), "there is no vote of %u",
                                out->first + (unsigned)i);
        CY_TRY(judge_year(desk, calls, first, end, &out->above[i]));
    }
    return CY_OK;
}

/* --- cases --- */

struct a_case {
    uint32_t pair; /* a * n_parties + b, b < a */
    int32_t change;
    int32_t lift;
    bool event;
};

struct cases {
    struct a_case *at;
    size_t n;
};

static int32_t lift_of(const struct cy_warning_years *y, size_t year, size_t pair)
{
    int64_t sum = 0;
    int64_t known = 0;

    for (size_t back = 1; back <= LOOK_BACK && back <= year; back++) {
        const int32_t one = y->above[year - back][pair];

        sum += one == UNKNOWN ? 0 : one;
        known += one != UNKNOWN;
    }
    return known == 0 ? 0 : y->above[year][pair] - (int32_t)(sum / known);
}

/* The pairs that are known in a year and the one before; with_outcome: and in the one after. */
static void add_cases(const struct cy_warning_years *y, size_t year, uint32_t drop,
                      bool with_outcome, struct cases *out)
{
    const size_t n = y->n_parties;

    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < a; b++) {
            const size_t pair = a * n + b;
            const int32_t now = y->above[year][pair];
            const int32_t was = y->above[year - 1][pair];
            const int32_t next = with_outcome ? y->above[year + 1][pair] : 0;

            if (now == UNKNOWN || was == UNKNOWN || next == UNKNOWN)
                continue;
            out->at[out->n++] = (struct a_case){(uint32_t)pair, now - was, lift_of(y, year, pair),
                                                with_outcome && now - next >= (int32_t)drop};
        }
    }
}

static cy_err room_for(struct cy_desk *desk, const struct cy_warning_years *y, size_t years,
                       struct cases *out)
{
    const size_t pairs = y->n_parties * (y->n_parties - 1) / 2;

    out->n = 0;
    out->at = cy_desk_take(desk, pairs * years * sizeof *out->at);
    return out->at == NULL ? desk->failed : CY_OK;
}

/* --- the table of risks --- */

struct risks {
    int64_t change_edges[CY_WARNING_PARTS - 1];
    int64_t lift_edges[CY_WARNING_PARTS - 1];
    uint64_t cases[CELLS];
    uint64_t events[CELLS];
    uint64_t part_cases[CY_WARNING_PARTS]; /* by the change alone */
    uint64_t part_events[CY_WARNING_PARTS];
    uint64_t all_cases;
    uint64_t all_events;
    uint64_t rate; /* millionths */
};

static int ascending(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Edges between parts with as many cases. */
static void find_edges(int64_t *values, size_t n, int64_t edges[static CY_WARNING_PARTS - 1])
{
    qsort(values, n, sizeof *values, ascending);
    for (size_t i = 0; i + 1 < CY_WARNING_PARTS; i++)
        edges[i] = values[n * (i + 1) / CY_WARNING_PARTS];
}

static size_t part_of(int64_t value, const int64_t edges[static CY_WARNING_PARTS - 1])
{
    size_t part = 0;

    while (part + 1 < CY_WARNING_PARTS && value >= edges[part])
        part++;
    return part;
}

static size_t cell_of(const struct risks *r, const struct a_case *one)
{
    return part_of(one->change, r->change_edges) * CY_WARNING_PARTS +
           part_of(one->lift, r->lift_edges);
}

static cy_err learn(struct cy_desk *desk, const struct cases *known, struct risks *out)
{
    int64_t *values = malloc((known->n + 1) * sizeof *values);

    if (values == NULL)
        return cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "learning from %zu cases", known->n);
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < known->n; i++)
        values[i] = known->at[i].change;
    find_edges(values, known->n, out->change_edges);
    for (size_t i = 0; i < known->n; i++)
        values[i] = known->at[i].lift;
    find_edges(values, known->n, out->lift_edges);
    free(values);
    for (size_t i = 0; i < known->n; i++) {
        const size_t cell = cell_of(out, &known->at[i]);

        out->cases[cell]++;
        out->part_cases[cell / CY_WARNING_PARTS]++;
        out->all_cases++;
        if (!known->at[i].event)
            continue;
        out->events[cell]++;
        out->part_events[cell / CY_WARNING_PARTS]++;
        out->all_events++;
    }
    out->rate = ALL * out->all_events / out->all_cases;
    return CY_OK;
}

static uint64_t risk(uint64_t events, uint64_t cases, uint64_t rate)
{
    return (ALL * events + PRIOR * rate) / (cases + PRIOR);
}

/* --- holding warnings to what came --- */

static uint64_t square(uint64_t risk_, bool event)
{
    const uint64_t gap = event ? ALL - risk_ : risk_;

    return gap * gap;
}

static void score(const struct risks *r, const struct a_case *one, struct cy_warning_score *out,
                  struct cy_warning_bin *bins)
{
    const size_t cell = cell_of(r, one);
    const size_t part = cell / CY_WARNING_PARTS;
    const uint64_t told = risk(r->events[cell], r->cases[cell], r->rate);
    const uint64_t simple = risk(r->part_events[part], r->part_cases[part], r->rate);
    struct cy_warning_bin *bin = &bins[told * CY_WARNING_BINS / (ALL + 1)];

    out->cases++;
    out->events += one->event;
    out->squares += square(told, one->event);
    out->squares_rate += square(r->rate, one->event);
    out->squares_change += square(simple, one->event);
    bin->cases++;
    bin->risks += told;
    bin->events += one->event;
}

static void add_score(struct cy_warning_score *sum, const struct cy_warning_score *one)
{
    sum->cases += one->cases;
    sum->events += one->events;
    sum->squares += one->squares;
    sum->squares_rate += one->squares_rate;
    sum->squares_change += one->squares_change;
}

cy_err cy_warning_report_make(struct cy_desk *desk, const struct cy_warning_years *y, uint32_t drop,
                              size_t held_out, struct cy_warning_report *out)
{
    struct risks *r = cy_desk_take(desk, sizeof *r);
    struct cases known;
    struct cases asked;

    *out = (struct cy_warning_report){.n_years = held_out};
    if (r == NULL)
        return desk->failed;
    if (held_out == 0 || held_out + 2 >= y->n)
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "of %zu years at most %zu can be held out", y->n,
                            y->n < 3 ? (size_t)0 : y->n - 3);
    out->first = y->first + (unsigned)(y->n - held_out);
    CY_TRY(room_for(desk, y, y->n, &known));
    CY_TRY(room_for(desk, y, 1, &asked));
    for (size_t year = 1; year + 1 < y->n; year++) {
        const size_t at = year + 1 + held_out - y->n; /* of the year that comes */

        if (year + 1 + held_out >= y->n) {
            struct cy_warning_score *one = &out->years[at];

            if (known.n == 0)
                return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                                    "no pair has %u common votes in the years before",
                                    CY_WARNING_VOTES);
            asked.n = 0;
            add_cases(y, year, drop, true, &asked);
            CY_TRY(learn(desk, &known, r));
            for (size_t i = 0; i < asked.n; i++)
                score(r, &asked.at[i], one, out->bins);
            add_score(&out->all, one);
            out->better += one->squares < one->squares_rate && one->squares < one->squares_change;
        }
        add_cases(y, year, drop, true, &known);
    }
    return CY_OK;
}

/* --- warnings --- */

static bool before(const struct cy_warning *x, const struct cy_warning *y)
{
    return x->risk != y->risk ? x->risk > y->risk : x->lift > y->lift;
}

/* Puts one where it belongs among at most cap; equal ones stay in order. */
static size_t keep(struct cy_warning *list, size_t n, size_t cap, const struct cy_warning *one)
{
    size_t at = n;

    if (cap == 0 || (n == cap && !before(one, &list[n - 1])))
        return n;
    for (at = n < cap ? n++ : n - 1; at > 0 && before(one, &list[at - 1]); at--)
        list[at] = list[at - 1];
    list[at] = *one;
    return n;
}

cy_err cy_warnings_make(struct cy_desk *desk, const struct cy_warning_years *y, uint32_t drop,
                        struct cy_warning *out, size_t cap, size_t *n,
                        struct cy_warning_report *report)
{
    struct risks *r = cy_desk_take(desk, sizeof *r);
    struct cases known;
    struct cases asked;

    *n = 0;
    if (r == NULL)
        return desk->failed;
    CY_TRY(room_for(desk, y, y->n, &known));
    CY_TRY(room_for(desk, y, 1, &asked));
    for (size_t year = 1; year + 1 < y->n; year++)
        add_cases(y, year, drop, true, &known);
    if (known.n == 0)
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "no pair has %u common votes a year", CY_WARNING_VOTES);
    CY_TRY(learn(desk, &known, r));
    report->rate = r->rate;
    report->cases = r->all_cases;
    add_cases(y, y->n - 1, drop, false, &asked);
    for (size_t i = 0; i < asked.n; i++) {
        const struct a_case *one = &asked.at[i];
        const size_t cell = cell_of(r, one);
        const struct cy_warning made = {
            .a = (uint32_t)(one->pair % y->n_parties),
            .b = (uint32_t)(one->pair / y->n_parties),
            .above = y->above[y->n - 1][one->pair],
            .change = one->change,
            .lift = one->lift,
            .risk = (uint32_t)risk(r->events[cell], r->cases[cell], r->rate),
            .cases = (uint32_t)r->cases[cell],
            .events = (uint32_t)r->events[cell],
        };

        *n = keep(out, *n, cap, &made);
    }
    return CY_OK;
}
