#include "models/match/match_desk.h"

#include <stdlib.h>

struct sums {
    uint64_t offered;
    uint64_t needed;
    uint64_t served;
    uint64_t missing;
    uint64_t cost;
};

/* --- judging --- */

static cy_err say_wrong(struct cy_desk *desk, const struct cy_match_kind *k, cy_err e)
{
    const uint64_t at = e.detail - 1;

    if (e.detail > 0 && at < k->n_offers)
        return cy_desk_note(desk, e, "%.60s: offer %.60s", k->kind, k->offers[at].id);
    if (e.detail > 0 && at > k->n_offers && at - k->n_offers - 1 < k->n_needs)
        return cy_desk_note(desk, e, "%.60s: need %.60s", k->kind,
                            k->needs[at - k->n_offers - 1].id);
    return cy_desk_note(desk, e, "%.60s", k->kind);
}

static cy_err judge(struct cy_desk *desk, const struct cy_match_kind *k, struct sums *out)
{
    const size_t rows = (size_t)k->n_offers + 1;
    const size_t columns = (size_t)k->n_needs + 1;
    struct cy_transport_leg *legs = NULL;
    uint64_t *left = cy_desk_take(desk, (rows + columns) * sizeof *left);
    cy_i128 total = 0;
    uint32_t n = 0;
    cy_err e;

    *out = (struct sums){0};
    for (size_t at = 0; at < rows * columns; at++)
        n += k->plan.carried[at] > 0;
    legs = cy_desk_take(desk, ((size_t)n + 1) * sizeof *legs);
    if (legs == NULL || left == NULL)
        return desk->failed;
    n = 0;
    for (size_t at = 0; at < rows * columns; at++) {
        if (k->plan.carried[at] > 0)
            legs[n++] = (struct cy_transport_leg){(uint32_t)(at % rows), (uint32_t)(at / rows),
                                                  k->plan.carried[at]};
    }
    e = cy_transport_check(&k->transport, legs, n, k->plan.row_price, k->plan.column_price, left,
                           &total);
    if (!cy_ok(e))
        return say_wrong(desk, k, e);
    for (uint32_t i = 0; i < n; i++) {
        const bool to_need = legs[i].column < k->n_needs;

        if (legs[i].row == k->n_offers)
            out->missing += to_need ? legs[i].amount : 0;
        else
            out->offered += legs[i].amount;
        if (legs[i].row == k->n_offers || !to_need)
            continue;
        out->served += legs[i].amount;
        out->cost += legs[i].amount *
                     (uint64_t)k->transport.cost[(size_t)legs[i].row * columns + legs[i].column];
    }
    out->needed = out->served + out->missing;
    return CY_OK;
}

/* --- telling --- */

static const char *unit_of(struct cy_desk *desk)
{
    return cy_desk_option(desk, "costs") != NULL ? "cost" : "unit-km";
}

/* What is missing, and what one unit more at a need would cost. */
static void tell_needs(struct cy_desk *desk, const struct cy_match_kind *k)
{
    const int64_t stays = k->plan.column_price[k->n_needs];

    for (uint32_t j = 0; j < k->n_needs; j++) {
        const uint64_t missing = k->plan.carried[(size_t)j * (k->n_offers + 1) + k->n_offers];
        const int64_t price = k->plan.column_price[j] - stays;

        if (missing > 0)
            (void)fprintf(desk->out, "    %s: %llu of %llu are missing (weight %u)\n",
                          k->needs[j].id, (unsigned long long)missing,
                          (unsigned long long)k->needs[j].amount, k->needs[j].weight);
        else if (cy_desk_on(desk, "explain"))
            (void)fprintf(desk->out,
                          "    %s: whole; by the prices one more unit here costs %lld%s\n",
                          k->needs[j].id, (long long)price,
                          price >= CY_MATCH_MISSING ? ", for it is taken from another need" : "");
    }
}

static void tell(struct cy_desk *desk, const struct cy_match_kind *k, const struct sums *sums)
{
    (void)fprintf(desk->out, "%s: %u offers, %u needs\n", k->kind, k->n_offers, k->n_needs);
    (void)fprintf(desk->out, "  offered  %llu\n  needed   %llu\n  served   %llu at %llu %s\n",
                  (unsigned long long)sums->offered, (unsigned long long)sums->needed,
                  (unsigned long long)sums->served, (unsigned long long)sums->cost, unit_of(desk));
    if (sums->missing > 0)
        (void)fprintf(desk->out, "  missing  %llu\n", (unsigned long long)sums->missing);
    tell_needs(desk, k);
}

static int tell_all(struct cy_desk *desk, const struct cy_match_table *table, const char *last)
{
    json_t *list = json_array();

    for (uint32_t p = 0; p < table->n_kinds; p++) {
        struct sums sums;

        if (!cy_ok(judge(desk, &table->kinds[p], &sums))) {
            json_decref(list);
            return cy_desk_code(desk);
        }
        if (desk->json)
            (void)json_array_append_new(
                list, json_pack("{ss sI sI sI sI sI}", "kind", table->kinds[p].kind, "offered",
                                (json_int_t)sums.offered, "needed", (json_int_t)sums.needed,
                                "served", (json_int_t)sums.served, "missing",
                                (json_int_t)sums.missing, "cost", (json_int_t)sums.cost));
        else
            tell(desk, &table->kinds[p], &sums);
    }
    if (desk->json)
        return cy_desk_print(desk, list);
    json_decref(list);
    (void)fprintf(desk->out, "%s\n", last);
    return CY_DESK_DONE;
}

/* --- commands --- */

int cy_model_match_run(struct cy_desk *desk)
{
    const char *before = cy_desk_option(desk, "before");
    const char *before_proof = cy_desk_option(desk, "before-proof");
    FILE *plan = cy_desk_output(desk, "plan");
    FILE *proof = cy_desk_output(desk, "proof");
    struct cy_match_table table;

    if (desk->n_words != 2)
        return cy_desk_wrong(desk, "comity match run takes offers and needs");
    if ((before == NULL) != (before_proof == NULL))
        return cy_desk_wrong(desk, "--before and --before-proof go together");
    if (!cy_ok(cy_match_read(desk, cy_desk_word(desk, 0), cy_desk_word(desk, 1), &table)) ||
        (before != NULL && !cy_ok(cy_match_read_plan(desk, &table, before, before_proof, false))))
        return cy_desk_code(desk);
    for (uint32_t p = 0; p < table.n_kinds; p++) {
        cy_desk_progress(desk, "matching", p, table.n_kinds);
        if (!cy_transport_find(&table.kinds[p].transport, &table.kinds[p].plan))
            return cy_desk_fail(desk, cy_fail(CY_E_NO_MEMORY, 0), "%s", table.kinds[p].kind);
    }
    if (plan != NULL)
        cy_match_put_plan(plan, &table);
    if (proof != NULL)
        cy_match_put_proof(proof, &table);
    if ((plan != NULL && ferror(plan) != 0) || (proof != NULL && ferror(proof) != 0))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "an output was not written");
    return tell_all(
        desk, &table,
        "No plan costs less, where a missing unit counts 100000 times its weight (checked).");
}

int cy_model_match_verify(struct cy_desk *desk)
{
    struct cy_match_table table;

    if (desk->n_words != 4)
        return cy_desk_wrong(desk, "comity match verify takes offers, needs, plan and proof");
    if (!cy_ok(cy_match_read(desk, cy_desk_word(desk, 0), cy_desk_word(desk, 1), &table)) ||
        !cy_ok(
            cy_match_read_plan(desk, &table, cy_desk_word(desk, 2), cy_desk_word(desk, 3), true)))
        return cy_desk_code(desk);
    return tell_all(
        desk, &table,
        "Verified: no plan costs less, where a missing unit counts 100000 times its weight.");
}
