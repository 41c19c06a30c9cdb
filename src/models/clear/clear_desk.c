#include "models/clear/clear_desk.h"

#include <stdlib.h>

enum { AMOUNT_TEXT = CY_U128_TEXT + 16 };

#define FILE_MAX_BYTES ((size_t)1 << 30)

/* What one currency came to. */
struct sums {
    cy_u128 owed;
    cy_u128 cleared;
    uint32_t whole; /* obligations that are cleared whole */
};

/* --- judging --- */

/* The party or obligation at which a clearing fails. */
static cy_err say_wrong(struct cy_desk *desk, const struct cy_clear_part *part, cy_err e)
{
    const uint32_t at = e.detail - 1;

    if (e.detail == 0 || at >= part->n + part->n_parties)
        return cy_desk_note(desk, e, "%s", part->currency);
    if (at < part->n)
        return cy_desk_note(desk, e, "%s: what %.60s owes %.60s", part->currency,
                            part->parties[part->arcs[at].debtor],
                            part->parties[part->arcs[at].creditor]);
    return cy_desk_note(desk, e, "%s: the net position of %.60s", part->currency,
                        part->parties[at - part->n]);
}

static cy_err judge(struct cy_desk *desk, const struct cy_clear_part *part, struct sums *out)
{
    cy_u128 *balances = cy_desk_take(desk, part->n_parties * sizeof *balances);
    cy_i128 worth = 0;
    cy_err e;

    *out = (struct sums){0};
    if (balances == NULL)
        return desk->failed;
    e = cy_flow_check(part->arcs, part->n, part->potentials, part->n_parties, balances, &worth);
    if (!cy_ok(e))
        return say_wrong(desk, part, e);
    for (uint32_t i = 0; i < part->n; i++) {
        out->owed += part->arcs[i].amount;
        out->cleared += part->arcs[i].cleared;
        out->whole += part->arcs[i].cleared == part->arcs[i].amount;
    }
    return CY_OK;
}

/* --- telling --- */

static void tell(struct cy_desk *desk, const struct cy_clear_table *table,
                 const struct cy_clear_part *part, const struct sums *sums, json_t *list)
{
    char owed[AMOUNT_TEXT];
    char cleared[AMOUNT_TEXT];
    char left[AMOUNT_TEXT];
    cy_u128 share = 0; /* in hundredths of a percent */

    cy_clear_amount(table, sums->owed, owed);
    cy_clear_amount(table, sums->cleared, cleared);
    cy_clear_amount(table, sums->owed - sums->cleared, left);
    if (sums->owed > 0 && !cy_ok(cy_mul_div(sums->cleared, 10000, (uint64_t)sums->owed, &share)))
        share = 0;
    if (list != NULL) {
        (void)json_array_append_new(
            list, json_pack("{ss sI sI ss ss ss sI}", "currency", part->currency, "parties",
                            (json_int_t)part->n_parties, "obligations", (json_int_t)part->n, "owed",
                            owed, "cleared", cleared, "remains", left, "cleared_whole",
                            (json_int_t)sums->whole));
        return;
    }
    (void)fprintf(desk->out, "%s%s%u parties, %u obligations\n", part->currency,
                  part->currency[0] == 0 ? "" : ": ", part->n_parties, part->n);
    (void)fprintf(desk->out,
                  "  owed     %s\n  cleared  %s (%u.%02u%%), %u of them whole\n"
                  "  remains  %s\n",
                  owed, cleared, (unsigned)(share / 100), (unsigned)(share % 100), sums->whole,
                  left);
}

static int tell_all(struct cy_desk *desk, const struct cy_clear_table *table, const char *last)
{
    json_t *list = desk->json ? json_array() : NULL;

    for (uint32_t p = 0; p < table->n_parts; p++) {
        struct sums sums;

        if (!cy_ok(judge(desk, &table->parts[p], &sums))) {
            json_decref(list);
            return cy_desk_code(desk);
        }
        tell(desk, table, &table->parts[p], &sums, list);
    }
    if (desk->json)
        return cy_desk_print(desk, list);
    (void)fprintf(desk->out, "%s\n", last);
    return CY_DESK_DONE;
}

/* --- files --- */

/* A cell of CSV, in quotes where it needs them. */
static void put_cell(FILE *out, const char *cell)
{
    if (strpbrk(cell, ",\"\r\n") == NULL) {
        (void)fputs(cell, out);
        return;
    }
    (void)fputc('"', out);
    for (; *cell != 0; cell++) {
        if (*cell == '"')
            (void)fputc('"', out);
        (void)fputc(*cell, out);
    }
    (void)fputc('"', out);
}

static void put_cleared(FILE *out, const struct cy_clear_table *table)
{
    char text[AMOUNT_TEXT];

    (void)fputs("currency,debtor,creditor,amount,cleared,remains\n", out);
    for (uint32_t p = 0; p < table->n_parts; p++) {
        const struct cy_clear_part *part = &table->parts[p];

        for (uint32_t i = 0; i < part->n; i++) {
            const struct cy_flow_arc *arc = &part->arcs[i];

            put_cell(out, part->currency);
            (void)fputc(',', out);
            put_cell(out, part->parties[arc->debtor]);
            (void)fputc(',', out);
            put_cell(out, part->parties[arc->creditor]);
            cy_clear_amount(table, arc->amount, text);
            (void)fprintf(out, ",%s", text);
            cy_clear_amount(table, arc->cleared, text);
            (void)fprintf(out, ",%s", text);
            cy_clear_amount(table, arc->amount - arc->cleared, text);
            (void)fprintf(out, ",%s\n", text);
        }
    }
}

static void put_proof(FILE *out, const struct cy_clear_table *table)
{
    (void)fputs("currency,party,potential\n", out);
    for (uint32_t p = 0; p < table->n_parts; p++) {
        const struct cy_clear_part *part = &table->parts[p];

        for (uint32_t i = 0; i < part->n_parties; i++) {
            put_cell(out, part->currency);
            (void)fputc(',', out);
            put_cell(out, part->parties[i]);
            (void)fprintf(out, ",%lld\n", (long long)part->potentials[i]);
        }
    }
}

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
        if (!cy_circulation_find(part->arcs, part->n, part->n_parties, part->potentials))
            return cy_desk_fail(desk, cy_fail(CY_E_NO_MEMORY, 0), "%u obligations", part->n);
    }
    code = tell_all(desk, &table,
                    "Net positions are as they were, to the smallest unit; no more can be cleared "
                    "(checked).");
    if (code != CY_DESK_DONE)
        return code;
    if (cleared != NULL)
        put_cleared(cleared, &table);
    if (proof != NULL)
        put_proof(proof, &table);
    if ((cleared != NULL && ferror(cleared) != 0) || (proof != NULL && ferror(proof) != 0))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "an output was not written");
    return CY_DESK_DONE;
}

/* --- verify --- */

/* One file that run wrote, held word by word against what it would write from these obligations. */
struct lines {
    const char *path;
    struct cy_csv csv;
    size_t next;
};

static cy_err other(struct cy_desk *desk, const struct lines *lines, const char *why)
{
    struct cy_desk_fault fault;
    const uint32_t line = lines->next < lines->csv.n_rows ? lines->csv.lines[lines->next] : 0;

    (void)cy_desk_at(&fault, line, 0, "%s", why);
    return cy_desk_refuse(desk, lines->path, &fault);
}

static cy_err open_lines(struct cy_desk *desk, const char *path, const char *const *columns,
                         size_t n, struct lines *out)
{
    *out = (struct lines){.path = path};
    CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &out->csv));
    for (size_t i = 0; i < n; i++) {
        if (cy_csv_column(&out->csv, columns[i]) != i)
            return other(desk, out, "its columns are not those that `comity clear run` writes");
    }
    return CY_OK;
}

static const char *cell(const struct lines *lines, size_t column)
{
    return cy_csv_cell(&lines->csv, lines->next, column);
}

/* A decimal with exactly the table's digits. */
static bool read_amount(const struct cy_clear_table *table, const char *text, uint64_t *out)
{
    char digits[AMOUNT_TEXT];
    char again[AMOUNT_TEXT];
    size_t n = 0;

    for (const char *at = text; *at != 0 && n + 1 < sizeof digits; at++) {
        if (*at != '.')
            digits[n++] = *at;
    }
    digits[n] = 0;
    for (n = 0; digits[n] == '0' && digits[n + 1] != 0; n++) {
    }
    if (!cy_ok(cy_u64_read(cy_span_text(digits + n), out)))
        return false;
    cy_clear_amount(table, *out, again);
    return strcmp(text, again) == 0;
}

static cy_err read_cleared(struct cy_desk *desk, const struct cy_clear_table *table,
                           const struct cy_clear_part *part, struct lines *lines)
{
    for (uint32_t i = 0; i < part->n; i++, lines->next++) {
        struct cy_flow_arc *arc = &part->arcs[i];
        uint64_t amount = 0;
        uint64_t left = 0;

        if (lines->next >= lines->csv.n_rows)
            return other(desk, lines, "obligations are missing at its end");
        if (strcmp(cell(lines, 0), part->currency) != 0 ||
            strcmp(cell(lines, 1), part->parties[arc->debtor]) != 0 ||
            strcmp(cell(lines, 2), part->parties[arc->creditor]) != 0 ||
            !read_amount(table, cell(lines, 3), &amount) || amount != arc->amount)
            return other(desk, lines, "this is not the obligation that stands here in the table");
        if (!read_amount(table, cell(lines, 4), &arc->cleared) || arc->cleared > amount ||
            !read_amount(table, cell(lines, 5), &left) || left != amount - arc->cleared)
            return other(desk, lines, "cleared and remains are not the amount");
    }
    return CY_OK;
}

static cy_err read_proof(struct cy_desk *desk, const struct cy_clear_part *part,
                         struct lines *lines)
{
    for (uint32_t i = 0; i < part->n_parties; i++, lines->next++) {
        char *end = NULL;

        if (lines->next >= lines->csv.n_rows)
            return other(desk, lines, "parties are missing at its end");
        if (strcmp(cell(lines, 0), part->currency) != 0 ||
            strcmp(cell(lines, 1), part->parties[i]) != 0)
            return other(desk, lines, "this is not the party that stands here");
        part->potentials[i] = strtoll(cell(lines, 2), &end, 10);
        if (end == cell(lines, 2) || *end != 0)
            return other(desk, lines, "a potential is a whole number");
    }
    return CY_OK;
}

static cy_err read_answer(struct cy_desk *desk, const struct cy_clear_table *table)
{
    static const char *const cleared[] = {"currency", "debtor",  "creditor",
                                          "amount",   "cleared", "remains"};
    static const char *const proof[] = {"currency", "party", "potential"};
    struct lines arcs;
    struct lines potentials;

    CY_TRY(open_lines(desk, cy_desk_word(desk, 1), cleared, CY_COUNT(cleared), &arcs));
    CY_TRY(open_lines(desk, cy_desk_word(desk, 2), proof, CY_COUNT(proof), &potentials));
    for (uint32_t p = 0; p < table->n_parts; p++) {
        CY_TRY(read_cleared(desk, table, &table->parts[p], &arcs));
        CY_TRY(read_proof(desk, &table->parts[p], &potentials));
    }
    if (arcs.next != arcs.csv.n_rows)
        return other(desk, &arcs, "it goes on after the last obligation");
    return potentials.next == potentials.csv.n_rows
               ? CY_OK
               : other(desk, &potentials, "it goes on after the last party");
}

int cy_model_clear_verify(struct cy_desk *desk)
{
    struct cy_clear_table table;

    if (desk->n_words != 3)
        return cy_desk_wrong(desk, "comity clear verify takes the obligations, what was cleared, "
                                   "and the proof");
    if (!cy_ok(cy_clear_read(desk, cy_desk_word(desk, 0), &table)) ||
        !cy_ok(read_answer(desk, &table)))
        return cy_desk_code(desk);
    return tell_all(desk, &table,
                    "Verified: net positions are as they were, and no more can be cleared.");
}
