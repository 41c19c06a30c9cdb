#include "models/clear/clear_desk.h"

#include <stdlib.h>

enum { AMOUNT_TEXT = CY_CLEAR_AMOUNT_TEXT };

/* What one part came to. */
struct sums {
    cy_u128 owed;
    cy_u128 cleared;
    cy_u128 barred;
    cy_u128 cash;      /* paid in */
    cy_u128 funds;     /* that could be */
    uint32_t whole;    /* obligations that are cleared whole */
    uint32_t n_barred; /* obligations */
};

/* --- judging --- */

/* The party or obligation at which a clearing fails. */
static cy_err say_wrong(struct cy_desk *desk, const struct cy_clear_part *part, cy_err e)
{
    const uint64_t at = e.detail - 1;

    if (e.detail == 0 || at >= (uint64_t)part->n_arcs + part->n_parties)
        return cy_desk_note(desk, e, "%s", part->currency);
    if (at < part->n_arcs)
        return cy_desk_note(desk, e, "%s: what %.60s owes %.60s", part->currency,
                            part->parties[part->arcs[at].debtor],
                            part->parties[part->arcs[at].creditor]);
    return cy_desk_note(desk, e, "%s: the net position of %.60s", part->currency,
                        part->parties[at - part->n_arcs]);
}

static void sum_up(const struct cy_clear_table *table, const struct cy_clear_part *part,
                   struct sums *out)
{
    *out = (struct sums){0};
    for (uint32_t i = 0; i < part->n; i++) {
        const struct cy_clear_row *row = &table->rows[part->first + i];

        out->owed += row->value;
        out->cleared += part->arcs[i].cleared;
        out->whole += !row->barred && part->arcs[i].cleared == row->value;
        out->barred += row->barred ? row->value : 0;
        out->n_barred += row->barred;
    }
    for (uint32_t i = part->n; i < part->n_arcs; i++) {
        if (part->arcs[i].debtor != 0)
            continue;
        out->cash += part->arcs[i].cleared;
        out->funds += part->arcs[i].amount;
    }
}

static cy_err judge(struct cy_desk *desk, const struct cy_clear_table *table,
                    const struct cy_clear_part *part, struct sums *out)
{
    cy_u128 *balances = cy_desk_take(desk, part->n_parties * sizeof *balances);
    cy_i128 worth = 0;
    cy_err e;

    if (balances == NULL)
        return desk->failed;
    e = cy_flow_check(part->arcs, part->n_arcs, part->potentials, NULL, part->n_parties, balances,
                      &worth);
    if (!cy_ok(e))
        return say_wrong(desk, part, e);
    sum_up(table, part, out);
    return CY_OK;
}

/* --- telling --- */

static void amount_into(json_t *object, const char *name, const struct cy_clear_table *table,
                        cy_u128 v)
{
    char text[AMOUNT_TEXT];

    cy_clear_amount(table, v, text);
    (void)json_object_set_new(object, name, json_string(text));
}

static json_t *sums_json(const struct cy_clear_table *table, const struct cy_clear_part *part,
                         const struct sums *sums)
{
    json_t *out = json_pack("{ss sI sI sI}", "currency", part->currency, "parties",
                            (json_int_t)part->n_parties - (part->n_arcs > part->n), "obligations",
                            (json_int_t)part->n, "cleared_whole", (json_int_t)sums->whole);

    amount_into(out, "owed", table, sums->owed);
    amount_into(out, "cleared", table, sums->cleared);
    amount_into(out, "remains", table, sums->owed - sums->cleared);
    if (table->terms.n_bars > 0) {
        (void)json_object_set_new(out, "barred_obligations", json_integer(sums->n_barred));
        amount_into(out, "barred", table, sums->barred);
    }
    if (part->n_arcs > part->n) {
        amount_into(out, "funds", table, sums->funds);
        amount_into(out, "paid_in", table, sums->cash);
    }
    return out;
}

static void tell(struct cy_desk *desk, const struct cy_clear_table *table,
                 const struct cy_clear_part *part, const struct sums *sums)
{
    char one[AMOUNT_TEXT];
    char other[AMOUNT_TEXT];
    cy_u128 share = 0; /* in hundredths of a percent */

    if (sums->owed > 0 && !cy_ok(cy_mul_div(sums->cleared, 10000, (uint64_t)sums->owed, &share)))
        share = 0;
    (void)fprintf(desk->out, "%s%s%u parties, %u obligations\n", part->currency,
                  part->currency[0] == 0 ? "" : ": ", part->n_parties - (part->n_arcs > part->n),
                  part->n);
    cy_clear_amount(table, sums->owed, one);
    (void)fprintf(desk->out, "  owed     %s%s\n", one,
                  table->terms.base == NULL ? "" : " by the agreed rates");
    cy_clear_amount(table, sums->cleared, one);
    cy_clear_amount(table, sums->owed - sums->cleared, other);
    (void)fprintf(desk->out,
                  "  cleared  %s (%u.%02u%%), %u of them whole\n"
                  "  remains  %s\n",
                  one, (unsigned)(share / 100), (unsigned)(share % 100), sums->whole, other);
    if (sums->n_barred > 0) {
        cy_clear_amount(table, sums->barred, one);
        (void)fprintf(desk->out, "  barred   %s in %u obligations, left as they are\n", one,
                      sums->n_barred);
    }
    if (part->n_arcs > part->n) {
        cy_clear_amount(table, sums->cash, one);
        cy_clear_amount(table, sums->funds, other);
        (void)fprintf(desk->out, "  cash     %s of %s is paid in, and paid out again\n", one,
                      other);
    }
}

static int tell_all(struct cy_desk *desk, const struct cy_clear_table *table, const char *last)
{
    json_t *list = desk->json ? json_array() : NULL;

    for (uint32_t p = 0; p < table->n_parts; p++) {
        struct sums sums;

        if (!cy_ok(judge(desk, table, &table->parts[p], &sums))) {
            json_decref(list);
            return cy_desk_code(desk);
        }
        if (desk->json)
            (void)json_array_append_new(list, sums_json(table, &table->parts[p], &sums));
        else
            tell(desk, table, &table->parts[p], &sums);
    }
    if (desk->json)
        return cy_desk_print(desk, list);
    (void)fprintf(desk->out, "%s\n", last);
    return CY_DESK_DONE;
}

/* --- commands --- */

int cy_model_clear_run(struct cy_desk *desk)
{
    FILE *cleared = cy_desk_output(desk, "cleared");
    FILE *proof = cy_desk_output(desk, "proof");
    struct cy_clear_table table;
    int code = 0;

    if (desk->n_words != 1)
        return cy_desk_wrong(desk, "comity clear run takes one table of obligations");
    if (!cy_ok(cy_clear_read(desk, cy_desk_word(desk, 0), &table)))
        return cy_desk_code(desk);
    for (uint32_t p = 0; p < table.n_parts; p++) {
        struct cy_clear_part *part = &table.parts[p];

        cy_desk_progress(desk, "clearing", p, table.n_parts);
        if (!cy_circulation_find(part->arcs, part->n_arcs, part->n_parties, part->potentials))
            return cy_desk_fail(desk, cy_fail(CY_E_NO_MEMORY, 0), "%u obligations", part->n);
    }
    code = tell_all(desk, &table,
                    "Net positions are as they were, to the smallest unit; no more can be cleared "
                    "(checked).");
    if (code != CY_DESK_DONE)
        return code;
    if (cleared != NULL)
        cy_clear_put_cleared(cleared, &table);
    if (proof != NULL)
        cy_clear_put_proof(proof, &table);
    if ((cleared != NULL && ferror(cleared) != 0) || (proof != NULL && ferror(proof) != 0))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "an output was not written");
    return CY_DESK_DONE;
}

int cy_model_clear_verify(struct cy_desk *desk)
{
    struct cy_clear_table table;

    if (desk->n_words != 3)
        return cy_desk_wrong(desk, "comity clear verify takes the obligations, what was cleared, "
                                   "and the proof");
    if (!cy_ok(cy_clear_read(desk, cy_desk_word(desk, 0), &table)) ||
        !cy_ok(cy_clear_read_answer(desk, &table, cy_desk_word(desk, 1), cy_desk_word(desk, 2))))
        return cy_desk_code(desk);
    return tell_all(desk, &table,
                    "Verified: net positions are as they were, and no more can be cleared.");
}

/* --- settle --- */

int cy_model_clear_settle(struct cy_desk *desk)
{
    FILE *acts = cy_desk_output(desk, "acts");
    struct cy_clear_table table;
    struct sums sums;
    uint32_t n = 0;

    if (desk->n_words != 3)
        return cy_desk_wrong(desk, "comity clear settle takes the obligations, what was cleared, "
                                   "and the proof");
    if (!cy_ok(cy_clear_read(desk, cy_desk_word(desk, 0), &table)) ||
        !cy_ok(cy_clear_read_answer(desk, &table, cy_desk_word(desk, 1), cy_desk_word(desk, 2))))
        return cy_desk_code(desk);
    for (uint32_t p = 0; p < table.n_parts; p++) { /* what was not judged is not drafted */
        if (!cy_ok(judge(desk, &table, &table.parts[p], &sums)))
            return cy_desk_code(desk);
    }
    if (!cy_ok(cy_clear_draft(desk, &table, acts == NULL ? desk->out : acts, &n)))
        return cy_desk_code(desk);
    if (acts == NULL)
        return CY_DESK_DONE;
    if (desk->json)
        return cy_desk_print(desk, json_pack("{sI}", "transfers", (json_int_t)n));
    (void)fprintf(desk->out,
                  "%u transfers in one atomic batch: all of them, or none. Nothing is signed or "
                  "sent; the custodian does that: comity act --as NAME --file FILE\n",
                  n);
    return CY_DESK_DONE;
}

/* --- queue --- */

/* The payments of one table, in the order of its lines, and who pays and is paid. */
struct running {
    const struct cy_clear_table *table;
    struct cy_clear_payment *payments;
    int64_t *balances;
    uint32_t resolved;
};

static int by_line(const void *a, const void *b)
{
    const struct cy_clear_row *x = a;
    const struct cy_clear_row *y = b;

    return x->line < y->line ? -1 : x->line > y->line;
}

static cy_err run_queue(struct cy_desk *desk, struct cy_clear_table *table, struct running *out)
{
    const struct cy_clear_part *part = &table->parts[0];

    if (table->n_parts != 1)
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "a queue is in one currency: take one with --where");
    out->table = table;
    out->payments = cy_desk_take(desk, part->n * sizeof *out->payments);
    out->balances = cy_desk_take(desk, part->n_parties * sizeof *out->balances);
    if (out->payments == NULL || out->balances == NULL)
        return desk->failed;
    for (uint32_t i = part->n; i < part->n_arcs; i++) {
        if (part->arcs[i].debtor == 0)
            out->balances[part->arcs[i].creditor] = (int64_t)part->arcs[i].amount;
    }
    qsort(table->rows, table->n_rows, sizeof *table->rows, by_line);
    for (uint32_t i = 0; i < part->n; i++) {
        const struct cy_clear_row *row = &table->rows[i];

        out->payments[i] =
            (struct cy_clear_payment){.payer = cy_clear_party_at(part, row->debtor),
                                      .payee = cy_clear_party_at(part, row->creditor),
                                      .amount = row->amount,
                                      .barred = row->barred};
    }
    return cy_clear_queue_run(out->payments, part->n, out->balances, part->n_parties,
                              &out->resolved)
               ? CY_OK
               : cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "%u payments", part->n);
}

static const char *const ways_[] = {
    [CY_CLEAR_WAITING] = "waits",
    [CY_CLEAR_AT_ONCE] = "at once",
    [CY_CLEAR_LATER] = "later",
    [CY_CLEAR_TOGETHER] = "together",
};

static bool put_queue(FILE *out, const struct running *q)
{
    char text[AMOUNT_TEXT];

    (void)fputs("line,debtor,creditor,amount,settled,at_payment\n", out);
    for (uint32_t i = 0; i < q->table->n_rows; i++) {
        const struct cy_clear_row *row = &q->table->rows[i];

        (void)fprintf(out, "%u,", row->line);
        cy_clear_put_cell(out, row->debtor);
        (void)fputc(',', out);
        cy_clear_put_cell(out, row->creditor);
        cy_clear_amount(q->table, row->amount, text);
        (void)fprintf(out, ",%s,%s,", text, row->barred ? "barred" : ways_[q->payments[i].way]);
        if (q->payments[i].step != CY_CLEAR_WAITS)
            (void)fprintf(out, "%u", q->payments[i].step);
        (void)fputc('\n', out);
    }
    return ferror(out) == 0;
}

static int tell_queue(struct cy_desk *desk, const struct running *q)
{
    cy_u128 sums[CY_COUNT(ways_)] = {0};
    uint32_t counts[CY_COUNT(ways_)] = {0};
    char text[AMOUNT_TEXT];
    json_t *json = json_object();

    for (uint32_t i = 0; i < q->table->n_rows; i++) {
        sums[q->payments[i].way] += q->payments[i].amount;
        counts[q->payments[i].way]++;
    }
    for (size_t w = 0; w < CY_COUNT(ways_); w++) {
        cy_clear_amount(q->table, sums[w], text);
        if (desk->json)
            (void)json_object_set_new(
                json, ways_[w],
                json_pack("{sI ss}", "payments", (json_int_t)counts[w], "amount", text));
        else
            (void)fprintf(desk->out, "%-9s %8u payments  %s\n", ways_[w], counts[w], text);
    }
    if (desk->json) {
        (void)json_object_set_new(json, "gridlocks", json_integer(q->resolved));
        return cy_desk_print(desk, json);
    }
    json_decref(json);
    (void)fprintf(desk->out, "%u times payments went together that none could make alone.\n",
                  q->resolved);
    return CY_DESK_DONE;
}

int cy_model_clear_queue(struct cy_desk *desk)
{
    FILE *settled = cy_desk_output(desk, "settled");
    struct cy_clear_table table;
    struct running q = {0};

    if (desk->n_words != 1)
        return cy_desk_wrong(desk, "comity clear queue takes one table of payments");
    if (!cy_ok(cy_clear_read(desk, cy_desk_word(desk, 0), &table)) ||
        !cy_ok(run_queue(desk, &table, &q)))
        return cy_desk_code(desk);
    if (settled != NULL && !put_queue(settled, &q))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "an output was not written");
    return tell_queue(desk, &q);
}
