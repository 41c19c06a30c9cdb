#include "models/network/power_whatif.h"

#include "base/num.h"
#include "models/network/power_cap.h"

#include <stdlib.h>

#define QUOTAS_MAX 400u /* that a suggestion looks at */

/* --- changes --- */

static size_t find(const struct cy_power_table *table, const char *name, size_t n)
{
    for (size_t i = 0; i < table->n; i++) {
        if (table->names[i] != NULL && strlen(table->names[i]) == n &&
            memcmp(table->names[i], name, n) == 0)
            return i;
    }
    return SIZE_MAX;
}

static cy_err unknown(struct cy_desk *desk, const char *option, const char *name)
{
    return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0), "--%s %s: there is no such member",
                        option, name);
}

/* NAME=W; *n is the length of the name. */
static cy_err split(struct cy_desk *desk, const char *option, const char *value, size_t *n,
                    uint32_t *weight)
{
    const char *equals = strrchr(value, '=');
    uint64_t number = 0;

    if (equals == NULL || equals == value ||
        !cy_ok(cy_u64_read(cy_span_text(equals + 1), &number)) || number > CY_POWER_TOTAL_MAX)
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                            "--%s takes NAME=WEIGHT, a whole number up to %u, not '%s'", option,
                            CY_POWER_TOTAL_MAX, value);
    *n = (size_t)(equals - value);
    *weight = (uint32_t)number;
    return CY_OK;
}

static cy_err join(struct cy_desk *desk, struct cy_power_table *table, const char *value)
{
    size_t n = 0;
    uint32_t weight = 0;
    char *name = NULL;

    CY_TRY(split(desk, "join", value, &n, &weight));
    if (find(table, value, n) != SIZE_MAX)
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0), "--join %s: is a member already",
                            value);
    name = cy_desk_take(desk, n + 1);
    if (name == NULL)
        return desk->failed;
    memcpy(name, value, n);
    table->names[table->n] = name;
    table->weights[table->n++] = weight;
    return CY_OK;
}

static cy_err merge(struct cy_desk *desk, struct cy_power_change *change, const char *value)
{
    struct cy_power_table *table = &change->after;
    const char *plus = strchr(value, '+');
    const size_t a = plus == NULL ? SIZE_MAX : find(table, value, (size_t)(plus - value));
    const size_t b = plus == NULL ? SIZE_MAX : find(table, plus + 1, strlen(plus + 1));

    if (plus == NULL)
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0), "--merge takes A+B, not '%s'", value);
    if (a == SIZE_MAX || b == SIZE_MAX || a == b)
        return unknown(desk, "merge", value);
    if (table->weights[a] > CY_POWER_TOTAL_MAX - table->weights[b])
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0), "--merge %s: weighs too much",
                            value);
    table->weights[a] += table->weights[b];
    table->names[b] = NULL;
    change->became[b] = a;
    return CY_OK;
}

static cy_err change_one(struct cy_desk *desk, struct cy_power_change *change,
                         const struct cy_desk_option *option)
{
    struct cy_power_table *table = &change->after;
    size_t at = 0;
    size_t n = 0;
    uint32_t weight = 0;

    if (strcmp(option->name, "join") == 0)
        return join(desk, table, option->value);
    if (strcmp(option->name, "merge") == 0)
        return merge(desk, change, option->value);
    if (strcmp(option->name, "leave") == 0) {
        at = find(table, option->value, strlen(option->value));
        if (at == SIZE_MAX)
            return unknown(desk, "leave", option->value);
        table->names[at] = NULL;
        change->became[at] = SIZE_MAX;
        return CY_OK;
    }
    if (strcmp(option->name, "weight") != 0)
        return CY_OK;
    CY_TRY(split(desk, "weight", option->value, &n, &weight));
    at = find(table, option->value, n);
    if (at == SIZE_MAX)
        return unknown(desk, "weight", option->value);
    table->weights[at] = weight;
    return CY_OK;
}

/* Members that are gone make room; `became` follows merges of merges. */
static cy_err close_up(struct cy_desk *desk, struct cy_power_change *change, size_t n_before)
{
    struct cy_power_table *table = &change->after;
    size_t *place = cy_desk_take(desk, (table->n + 1) * sizeof *place);
    uint64_t total = 0;
    size_t kept = 0;

    if (place == NULL)
        return desk->failed;
    for (size_t i = 0; i < table->n; i++) {
        place[i] = SIZE_MAX;
        if (table->names[i] == NULL)
            continue;
        place[i] = kept;
        table->names[kept] = table->names[i];
        table->weights[kept++] = table->weights[i];
        total += table->weights[i];
    }
    for (size_t i = 0; i < n_before; i++) {
        size_t at = i;

        while (at != SIZE_MAX && place[at] == SIZE_MAX)
            at = change->became[at];
        change->became[i] = at; /* of the table before it closed up */
    }
    for (size_t i = 0; i < n_before; i++)
        change->became[i] = change->became[i] == SIZE_MAX ? SIZE_MAX : place[change->became[i]];
    table->n = kept;
    if (kept == 0 || kept > CY_POWER_MEMBERS_MAX || total == 0 || total > CY_POWER_TOTAL_MAX)
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "after the changes %zu members weigh %llu together", kept,
                            (unsigned long long)total);
    table->total = (uint32_t)total;
    return CY_OK;
}

cy_err cy_power_change_apply(struct cy_desk *desk, const struct cy_power_table *before,
                             struct cy_power_change *out)
{
    const size_t most = before->n + desk->n_options + 1;

    *out = (struct cy_power_change){0};
    out->after.names = cy_desk_take(desk, most * sizeof *out->after.names);
    out->after.weights = cy_desk_take(desk, most * sizeof *out->after.weights);
    out->became = cy_desk_take(desk, most * sizeof *out->became);
    if (out->after.names == NULL || out->after.weights == NULL || out->became == NULL)
        return desk->failed;
    memcpy(out->after.names, before->names, before->n * sizeof *before->names);
    memcpy(out->after.weights, before->weights, before->n * sizeof *before->weights);
    out->after.n = before->n;
    for (size_t i = 0; i < most; i++)
        out->became[i] = i;
    for (size_t i = 0; i < desk->n_options; i++)
        CY_TRY(change_one(desk, out, &desk->options[i]));
    return close_up(desk, out, before->n);
}

/* --- whatif --- */

static int32_t points(uint32_t before, uint32_t after)
{
    return (int32_t)((after + 50) / 100) - (int32_t)((before + 50) / 100);
}

static void print_change(FILE *out, const char *name, uint32_t before, uint32_t after,
                         const char *note)
{
    const uint32_t b = (before + 50) / 100;
    const uint32_t a = (after + 50) / 100;
    const int32_t d = points(before, after);

    (void)fprintf(out, "%-24s %6u.%02u %% %6u.%02u %% %s%4d.%02d   %s\n", name, b / 100, b % 100,
                  a / 100, a % 100, d < 0 ? "-" : "+", abs(d) / 100, abs(d) % 100, note);
}

struct both {
    const struct cy_power_table *before;
    const struct cy_power_indices *was;
    const struct cy_power_change *change;
    const struct cy_power_indices *is;
};

/* Each member before, then who joined. */
static int answer(struct cy_desk *desk, const struct both *b)
{
    json_t *list = desk->json ? json_array() : NULL;

    for (size_t i = 0; i < b->before->n + b->change->after.n; i++) {
        const bool old = i < b->before->n;
        const size_t at = old ? b->change->became[i] : i - b->before->n;
        const char *name = old ? b->before->names[i] : b->change->after.names[at];
        const uint32_t was = old ? cy_power_shapley_ppm(b->was, i) : 0;
        const uint32_t is = at == SIZE_MAX ? 0 : cy_power_shapley_ppm(b->is, at);
        const bool merged = old && at != SIZE_MAX && strcmp(b->change->after.names[at], name) != 0;

        if (!old && find(b->before, name, strlen(name)) != SIZE_MAX)
            continue;
        if (list != NULL)
            (void)json_array_append_new(list,
                                        json_pack("{s:s, s:f, s:f, s:s*}", "member", name, "before",
                                                  was / 1e6, "after", is / 1e6, "votes_with",
                                                  merged ? b->change->after.names[at] : NULL));
        else
            print_change(desk->out, name, was, is,
                         !old             ? "joins"
                         : at == SIZE_MAX ? "leaves"
                         : merged         ? b->change->after.names[at]
                                          : "");
    }
    if (list == NULL)
        return CY_DESK_DONE;
    return cy_desk_print(desk, json_pack("{s:I, s:I, s:I, s:I, s:o}", "quota_before",
                                         (json_int_t)b->was->game.quota, "quota_after",
                                         (json_int_t)b->is->game.quota, "total_before",
                                         (json_int_t)b->was->game.total, "total_after",
                                         (json_int_t)b->is->game.total, "members", list));
}

int cy_model_power_whatif(struct cy_desk *desk)
{
    const char *wins = cy_desk_option(desk, "new-quota");
    struct cy_power_indices *was = cy_desk_take(desk, sizeof *was);
    struct cy_power_indices *is = cy_desk_take(desk, sizeof *is);
    struct cy_power_table before;
    struct cy_power_change change;
    struct cy_desk_fault fault = {0};
    uint32_t quota = 0;

    if (was == NULL || is == NULL || !cy_ok(cy_power_table_get(desk, &before, &quota)) ||
        !cy_ok(cy_power_indices_count(desk, before.weights, before.n, quota, was)) ||
        !cy_ok(cy_power_change_apply(desk, &before, &change)))
        return cy_desk_code(desk);
    if (!cy_ok(cy_power_quota_read(wins != NULL ? wins : cy_desk_option(desk, "quota"),
                                   cy_desk_on(desk, "above"), change.after.total, &quota, &fault)))
        return cy_desk_fail(desk, cy_fail(CY_E_MODEL_INPUT, 0), "after the changes: %s", fault.why);
    if (!cy_ok(cy_power_indices_count(desk, change.after.weights, change.after.n, quota, is)))
        return cy_desk_code(desk);
    if (!desk->json)
        (void)fprintf(
            desk->out,
            "Before %u of %u win, after %u of %u. Shapley-Shubik:\n\n%-24s %11s %11s %8s\n",
            was->game.quota, was->game.total, is->game.quota, is->game.total, "member", "before",
            "after", "points");
    return answer(desk, &(struct both){&before, was, &change, is});
}

/* --- suggest --- */

uint32_t cy_power_gap(const struct cy_power_indices *of, size_t *member)
{
    uint32_t most = 0;

    *member = 0;
    for (size_t i = 0; i < of->game.n; i++) {
        const uint32_t power = cy_power_shapley_ppm(of, i);
        const uint32_t share = (uint32_t)((2000000ull * of->game.weights[i] + of->game.total) /
                                          (2ull * of->game.total));
        const uint32_t gap = power > share ? power - share : share - power;

        if (gap > most) {
            most = gap;
            *member = i;
        }
    }
    return most;
}

int cy_model_power_suggest(struct cy_desk *desk)
{
    struct cy_power_indices *of = cy_desk_take(desk, sizeof *of);
    struct cy_power_table table;
    uint32_t quota = 0;
    uint32_t best = 0;
    uint32_t now_gap = 0;
    uint32_t best_gap = UINT32_MAX;
    size_t now_member = 0;
    size_t member = 0;

    if (of == NULL || !cy_ok(cy_power_table_get(desk, &table, &quota)))
        return cy_desk_code(desk);
    if (cy_desk_option(desk, "cap") != NULL)
        return cy_power_cap_say(desk, &table, cy_desk_option(desk, "cap"));
    if (!cy_ok(cy_power_indices_count(desk, table.weights, table.n, quota, of)))
        return cy_desk_code(desk);
    now_gap = cy_power_gap(of, &now_member);
    for (uint32_t i = 0; i < QUOTAS_MAX; i++) { /* from just above one half to all */
        const uint32_t low = table.total / 2 + 1;
        const uint32_t trial =
            low + (uint32_t)((uint64_t)(table.total - low) * i / (QUOTAS_MAX - 1));
        size_t whose = 0;
        uint32_t gap = 0;

        if (trial == best)
            continue;
        cy_desk_progress(desk, "quotas", i + 1, QUOTAS_MAX);
        if (!cy_ok(cy_power_indices_count(desk, table.weights, table.n, trial, of)))
            return cy_desk_code(desk);
        gap = cy_power_gap(of, &whose);
        if (gap < best_gap) {
            best_gap = gap;
            best = trial;
            member = whose;
        }
    }
    if (desk->json)
        return cy_desk_print(desk,
                             json_pack("{s:I, s:f, s:s, s:I, s:f, s:s}", "quota", (json_int_t)quota,
                                       "gap", now_gap / 1e6, "farthest", table.names[now_member],
                                       "suggested_quota", (json_int_t)best, "suggested_gap",
                                       best_gap / 1e6, "suggested_farthest", table.names[member]));
    (void)fprintf(
        desk->out,
        "With the quota %u of %u, %s is farthest: its power differs from its share of weight "
        "by %u.%02u points.\n",
        quota, table.total, table.names[now_member], now_gap / 10000, now_gap / 100 % 100);
    if (best_gap >= now_gap)
        (void)fputs("No quota above one half brings power nearer to weight.\n", desk->out);
    else
        (void)fprintf(
            desk->out,
            "With the quota %u nobody's differs by more than %u.%02u points (%s). It is a "
            "suggestion: only a motion of the members changes a quota.\n",
            best, best_gap / 10000, best_gap / 100 % 100, table.names[member]);
    return CY_DESK_DONE;
}
