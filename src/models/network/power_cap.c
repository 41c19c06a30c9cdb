#include "models/network/power_cap.h"

#include <stdlib.h>

#define ALL 1000000u
#define ROUNDS_MAX 256u

/* One try: weights, and the quota words that go with their total. */
struct trial {
    struct cy_desk *desk;
    struct cy_power_capped *of;
    const char *quota;
    bool above;
};

static cy_err count(struct trial *t)
{
    struct cy_power_table *table = &t->of->after;
    struct cy_desk_fault fault = {0};

    table->total = 0;
    for (size_t i = 0; i < table->n; i++)
        table->total += table->weights[i];
    if (!cy_ok(cy_power_quota_read(t->quota, t->above, table->total, &t->of->quota, &fault)))
        return cy_desk_note(t->desk, cy_fail(CY_E_MODEL_INPUT, 0), "with lower weights: %s",
                            fault.why);
    return cy_power_indices_count(t->desk, table->weights, table->n, t->of->quota, t->of->indices);
}

static size_t most_powerful(const struct cy_power_indices *of)
{
    size_t best = 0;

    for (size_t i = 1; i < of->game.n; i++) {
        if (cy_power_shapley_ppm(of, i) > cy_power_shapley_ppm(of, best))
            best = i;
    }
    return best;
}

/* The largest weight with which that member is no more powerful than the cap; at least 1 is tried.
 */
static cy_err lower(struct trial *t, size_t member, uint32_t cap_ppm)
{
    uint32_t *weight = &t->of->after.weights[member];
    uint32_t low = 0;
    uint32_t high = *weight;

    while (low + 1 < high) {
        *weight = low + (high - low) / 2;
        CY_TRY(count(t));
        if (cy_power_shapley_ppm(t->of->indices, member) <= cap_ppm)
            low = *weight;
        else
            high = *weight;
    }
    *weight = low;
    return CY_OK;
}

cy_err cy_power_cap(struct cy_desk *desk, const struct cy_power_table *table, const char *quota,
                    bool above, uint32_t cap_ppm, struct cy_power_capped *out)
{
    struct trial t = {desk, out, quota, above};

    *out = (struct cy_power_capped){.after = *table};
    if ((uint64_t)cap_ppm * table->n < ALL)
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "of %zu members one has at least %u.%02u %%: the cap is below that",
                            table->n, 100 / (unsigned)table->n, 10000 / (unsigned)table->n % 100);
    out->after.weights = cy_desk_take(desk, table->n * sizeof *out->after.weights);
    out->indices = cy_desk_take(desk, sizeof *out->indices);
    if (out->after.weights == NULL || out->indices == NULL)
        return desk->failed;
    memcpy(out->after.weights, table->weights, table->n * sizeof *table->weights);
    for (unsigned round = 0; round < ROUNDS_MAX && !out->found; round++) {
        size_t member = 0;

        CY_TRY(count(&t));
        member = most_powerful(out->indices);
        out->found = cy_power_shapley_ppm(out->indices, member) <= cap_ppm;
        if (!out->found)
            CY_TRY(lower(&t, member, cap_ppm));
    }
    return CY_OK;
}

/* --- saying it --- */

static int say_json(struct cy_desk *desk, const struct cy_power_table *table,
                    const struct cy_power_capped *of)
{
    json_t *weights = json_array();

    for (size_t i = 0; of->found && i < table->n; i++)
        (void)json_array_append_new(weights,
                                    json_pack("{s:s, s:I, s:I, s:f}", "member", table->names[i],
                                              "weight", (json_int_t)table->weights[i], "suggested",
                                              (json_int_t)of->after.weights[i], "power",
                                              cy_power_shapley_ppm(of->indices, i) / 1e6));
    return cy_desk_print(desk, json_pack("{s:b, s:I, s:I, s:o}", "found", (int)of->found, "quota",
                                         (json_int_t)of->quota, "total",
                                         (json_int_t)of->after.total, "members", weights));
}

int cy_power_cap_say(struct cy_desk *desk, const struct cy_power_table *table, const char *cap)
{
    const char *quota = cy_desk_option(desk, "quota");
    struct cy_power_capped of;
    uint64_t percent = 0;

    if (!cy_ok(cy_desk_number(desk, "cap", 1, 100, &percent)) ||
        !cy_ok(cy_power_cap(desk, table, quota, cy_desk_on(desk, "above"),
                            (uint32_t)percent * 10000, &of)))
        return cy_desk_code(desk);
    if (desk->json)
        return say_json(desk, table, &of);
    if (!of.found) {
        (void)fprintf(desk->out, "No weights were found with which nobody passes %s %%.\n", cap);
        return CY_DESK_DONE;
    }
    (void)fprintf(desk->out,
                  "So that nobody decides more often than %s %%, as a suggestion (%u of %u "
                  "win):\n",
                  cap, of.quota, of.after.total);
    for (size_t i = 0; i < table->n; i++) {
        const uint32_t power = cy_power_shapley_ppm(of.indices, i);

        (void)fprintf(desk->out, "%-24s %10u -> %-10u %3u.%02u %%\n", table->names[i],
                      table->weights[i], of.after.weights[i], power / 10000, power / 100 % 100);
    }
    (void)fprintf(desk->out,
                  "Only a motion of the members changes weights. To count it again: comity "
                  "power whatif %s --quota %s%s",
                  cy_desk_word(desk, 0) == NULL ? "--weights ..." : cy_desk_word(desk, 0), quota,
                  cy_desk_on(desk, "above") ? " --above" : "");
    for (size_t i = 0; i < table->n; i++) {
        if (of.after.weights[i] != table->weights[i])
            (void)fprintf(desk->out, " --weight '%s=%u'", table->names[i], of.after.weights[i]);
    }
    (void)fputc('\n', desk->out);
    return CY_DESK_DONE;
}
