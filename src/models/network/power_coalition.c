#include "models/network/power_coalition.h"

#include <stdlib.h>

static cy_err take_lists(struct cy_desk *desk, size_t n, struct cy_coalition *of)
{
    of->needed = cy_desk_take(desk, n * sizeof *of->needed);
    of->asked = cy_desk_take(desk, n * sizeof *of->asked);
    of->partners = cy_desk_take(desk, n * sizeof *of->partners);
    return desk->failed;
}

/* Outsiders, the heaviest first, equal ones in the order of the table. */
static void order_partners(const struct cy_power_table *table, struct cy_coalition *of)
{
    for (size_t i = 0; i < table->n; i++) {
        size_t at = of->n_partners;

        if (of->in[i])
            continue;
        for (; at > 0 && table->weights[of->partners[at - 1]] < table->weights[i]; at--)
            of->partners[at] = of->partners[at - 1];
        of->partners[at] = i;
        of->n_partners++;
    }
}

/* Who of the outsiders turns the coalition into a winner, and how often. */
static cy_err ask_outsiders(struct cy_desk *desk, const struct cy_power_table *table,
                            struct cy_coalition *of)
{
    struct cy_power_indices *counts = cy_desk_take(desk, sizeof *counts);
    uint32_t *weights = cy_desk_take(desk, (of->n_partners + 1) * sizeof *weights);
    uint64_t sum = 0;

    if (counts == NULL || weights == NULL)
        return desk->failed;
    for (size_t k = 0; k < of->n_partners; k++) {
        weights[k] = table->weights[of->partners[k]];
        if (sum < of->missing)
            of->fewest++;
        sum += weights[k];
    }
    CY_TRY(cy_power_indices_count(desk, weights, of->n_partners, of->missing, counts));
    for (size_t k = 0; k < of->n_partners; k++)
        of->asked[of->partners[k]] = cy_power_banzhaf_ppm(counts, k);
    return CY_OK;
}

/* The vote with the coalition as one member, which stands first. */
static cy_err weigh_as_one(struct cy_desk *desk, const struct cy_power_table *table, uint32_t quota,
                           struct cy_coalition *of)
{
    struct cy_power_indices *apart = cy_desk_take(desk, sizeof *apart);
    struct cy_power_indices *as_one = cy_desk_take(desk, sizeof *as_one);
    uint32_t *weights = cy_desk_take(desk, (of->n_partners + 1) * sizeof *weights);

    if (apart == NULL || as_one == NULL || weights == NULL)
        return desk->failed;
    weights[0] = (uint32_t)of->weight;
    for (size_t k = 0; k < of->n_partners; k++)
        weights[k + 1] = table->weights[of->partners[k]];
    CY_TRY(cy_power_indices_count(desk, table->weights, table->n, quota, apart));
    CY_TRY(cy_power_indices_count(desk, weights, of->n_partners + 1, quota, as_one));
    for (size_t i = 0; i < table->n; i++)
        of->apart += of->in[i] ? cy_power_shapley_ppm(apart, i) : 0;
    of->as_one = cy_power_shapley_ppm(as_one, 0);
    return CY_OK;
}

cy_err cy_coalition_judge(struct cy_desk *desk, const struct cy_power_table *table, uint32_t quota,
                          struct cy_coalition *of)
{
    CY_TRY(take_lists(desk, table->n, of));
    for (size_t i = 0; i < table->n; i++) {
        of->n += of->in[i];
        of->weight += of->in[i] ? table->weights[i] : 0;
    }
    of->wins = of->weight >= quota;
    of->blocks = table->total - of->weight < quota;
    of->missing = of->wins ? 0 : quota - (uint32_t)of->weight;
    for (size_t i = 0; i < table->n; i++) {
        const uint64_t rest = of->weight - (of->in[i] ? table->weights[i] : 0);

        of->needed[i] =
            of->in[i] && (of->wins ? rest < quota : of->blocks && table->total - rest >= quota);
    }
    order_partners(table, of);
    if (!of->wins)
        CY_TRY(ask_outsiders(desk, table, of));
    return weigh_as_one(desk, table, quota, of);
}

/* --- the command --- */

static cy_err read_members(struct cy_desk *desk, const struct cy_power_table *table,
                           struct cy_coalition *of)
{
    const char *name = NULL;
    size_t at = 0;

    of->in = cy_desk_take(desk, table->n * sizeof *of->in);
    if (of->in == NULL)
        return desk->failed;
    while ((name = cy_desk_next(desk, "with", &at)) != NULL) {
        size_t i = 0;

        while (i < table->n && strcmp(table->names[i], name) != 0)
            i++;
        if (i == table->n)
            return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                                "--with %s: there is no such member", name);
        if (of->in[i])
            return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0), "--with %s: named twice", name);
        of->in[i] = true;
    }
    return at > 0 ? CY_OK
                  : cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                                 "--with NAME says who votes together; repeat it");
}

static int print_json(struct cy_desk *desk, const struct cy_power_table *table, uint32_t quota,
                      const struct cy_coalition *of)
{
    json_t *members = json_array();
    json_t *partners = json_array();

    for (size_t i = 0; i < table->n; i++) {
        if (of->in[i])
            (void)json_array_append_new(
                members, json_pack("{s:s, s:I, s:b}", "member", table->names[i], "weight",
                                   (json_int_t)table->weights[i], "needed", (int)of->needed[i]));
    }
    for (size_t k = 0; k < of->n_partners; k++) {
        const size_t i = of->partners[k];

        (void)json_array_append_new(
            partners, json_pack("{s:s, s:I, s:b, s:f}", "member", table->names[i], "weight",
                                (json_int_t)table->weights[i], "alone_suffices",
                                (int)(!of->wins && table->weights[i] >= of->missing), "decides",
                                of->asked[i] / 1e6));
    }
    return cy_desk_print(
        desk, json_pack("{s:I, s:I, s:I, s:b, s:b, s:I, s:I, s:f, s:f, s:o, s:o}", "quota",
                        (json_int_t)quota, "total", (json_int_t)table->total, "weight",
                        (json_int_t)of->weight, "wins", (int)of->wins, "blocks", (int)of->blocks,
                        "missing", (json_int_t)of->missing, "fewest_more", (json_int_t)of->fewest,
                        "power_apart", of->apart / 1e6, "power_as_one", of->as_one / 1e6, "members",
                        members, "outsiders", partners));
}

static void print_outsiders(FILE *out, const struct cy_power_table *table,
                            const struct cy_coalition *of)
{
    (void)fprintf(out, "It lacks %u: at least %zu more, the heaviest first:", of->missing,
                  of->fewest);
    for (size_t k = 0; k < of->fewest; k++)
        (void)fprintf(out, "%s %s", k > 0 ? "," : "", table->names[of->partners[k]]);
    (void)fprintf(out, "\n\nWhom to ask: how often each outsider is the one that makes it win\n");
    for (size_t k = 0; k < of->n_partners; k++) {
        const size_t i = of->partners[k];

        (void)fprintf(out, "%-24s %10u %6u.%02u %%%s\n", table->names[i], table->weights[i],
                      of->asked[i] / 10000, of->asked[i] / 100 % 100,
                      table->weights[i] >= of->missing ? "   alone suffices" : "");
    }
}

static int print_people(struct cy_desk *desk, const struct cy_power_table *table, uint32_t quota,
                        const struct cy_coalition *of)
{
    FILE *out = desk->out;
    bool any = false;

    (void)fprintf(out, "%zu members weigh %llu of %u; %u wins: it %s%s.\n", of->n,
                  (unsigned long long)of->weight, table->total, quota,
                  of->wins     ? "wins"
                  : of->blocks ? "does not win, but without it nobody does"
                               : "neither wins nor blocks",
                  of->wins && !of->blocks ? ", and the others without it could win too" : "");
    (void)fprintf(
        out, "Voting as one it has %u.%02u %% of the power; apart they have %u.%02u %%.\n",
        of->as_one / 10000, of->as_one / 100 % 100, of->apart / 10000, of->apart / 100 % 100);
    for (size_t i = 0; i < table->n; i++) {
        if (!of->needed[i])
            continue;
        (void)fprintf(out, "%s %s", any ? "," : "It cannot spare", table->names[i]);
        any = true;
    }
    if (any)
        (void)fputc('\n', out);
    else if (of->wins || of->blocks)
        (void)fputs("It can spare any one of its members.\n", out);
    if (!of->wins)
        print_outsiders(out, table, of);
    return CY_DESK_DONE;
}

int cy_model_power_coalition(struct cy_desk *desk)
{
    struct cy_power_table table;
    struct cy_coalition of = {.n = 0};
    uint32_t quota = 0;

    if (!cy_ok(cy_power_table_get(desk, &table, &quota)) ||
        !cy_ok(read_members(desk, &table, &of)) ||
        !cy_ok(cy_coalition_judge(desk, &table, quota, &of)))
        return cy_desk_code(desk);
    return desk->json ? print_json(desk, &table, quota, &of)
                      : print_people(desk, &table, quota, &of);
}
