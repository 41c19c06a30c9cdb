#include "models/clear/clear_answer.h"

#include <stdlib.h>

enum { AMOUNT_TEXT = CY_CLEAR_AMOUNT_TEXT };

#define FILE_MAX_BYTES ((size_t)1 << 30)

/* --- writing --- */

/* A cell of CSV, in quotes where it needs them. */
void cy_clear_put_cell(FILE *out, const char *cell)
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

static void put_line(FILE *out, const struct cy_clear_table *table, const char *const names[3],
                     uint64_t amount, uint64_t cleared)
{
    char text[AMOUNT_TEXT];

    for (unsigned i = 0; i < 3; i++) {
        cy_clear_put_cell(out, names[i]);
        (void)fputc(',', out);
    }
    cy_clear_amount(table, amount, text);
    (void)fprintf(out, "%s,", text);
    cy_clear_amount(table, cleared, text);
    (void)fprintf(out, "%s,", text);
    cy_clear_amount(table, amount - cleared, text);
    (void)fputs(text, out);
}

/* With rates a last column tells the value that is cleared. */
static void end_line(FILE *out, const struct cy_clear_table *table, uint64_t value)
{
    char text[AMOUNT_TEXT];

    cy_clear_amount(table, value, text);
    (void)fprintf(out, table->terms.base == NULL ? "\n" : ",%s\n", text);
}

/* Obligations, and then what is paid in (no debtor) and paid out (no creditor). */
void cy_clear_put_cleared(FILE *out, const struct cy_clear_table *table)
{
    (void)fprintf(out, "currency,debtor,creditor,amount,cleared,remains%s\n",
                  table->terms.base == NULL ? "" : ",value");
    for (uint32_t p = 0; p < table->n_parts; p++) {
        const struct cy_clear_part *part = &table->parts[p];

        for (uint32_t i = 0; i < part->n_arcs; i++) {
            const struct cy_flow_arc *arc = &part->arcs[i];
            const struct cy_clear_row *row = i < part->n ? &table->rows[part->first + i] : NULL;
            const char *const names[] = {row == NULL ? part->currency : row->currency,
                                         part->parties[arc->debtor], part->parties[arc->creditor]};

            if (row == NULL && arc->cleared == 0)
                continue;
            put_line(out, table, names, row == NULL ? arc->amount : row->amount,
                     row == NULL ? arc->cleared : cy_clear_own(table, part, i));
            end_line(out, table, arc->cleared);
        }
    }
}

void cy_clear_put_proof(FILE *out, const struct cy_clear_table *table)
{
    (void)fputs("currency,party,potential\n", out);
    for (uint32_t p = 0; p < table->n_parts; p++) {
        const struct cy_clear_part *part = &table->parts[p];

        for (uint32_t i = 0; i < part->n_parties; i++) {
            cy_clear_put_cell(out, part->currency);
            (void)fputc(',', out);
            cy_clear_put_cell(out, part->parties[i]);
            (void)fprintf(out, ",%lld\n", (long long)part->potentials[i]);
        }
    }
}

/* --- reading --- */

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

static bool is_line(const struct lines *lines, const char *const names[3])
{
    for (unsigned i = 0; i < 3; i++) {
        if (lines->next >= lines->csv.n_rows || strcmp(cell(lines, i), names[i]) != 0)
            return false;
    }
    return true;
}

/* What is cleared by a line; in an obligation's own currency it must be what its value comes to. */
static cy_err read_line(struct cy_desk *desk, const struct cy_clear_table *table,
                        const struct cy_clear_part *part, struct lines *lines, uint32_t i)
{
    const struct cy_clear_row *row = i < part->n ? &table->rows[part->first + i] : NULL;
    struct cy_flow_arc *arc = &part->arcs[i];
    const uint64_t whole = row == NULL ? arc->amount : row->amount;
    uint64_t amount = 0;
    uint64_t cleared = 0;
    uint64_t left = 0;

    if (!read_amount(table, cell(lines, 3), &amount) || amount != whole)
        return other(desk, lines, "this is not the obligation that stands here in the table");
    if (!read_amount(table, cell(lines, 4), &cleared) || cleared > amount ||
        !read_amount(table, cell(lines, 5), &left) || left != amount - cleared)
        return other(desk, lines, "cleared and remains are not the amount");
    arc->cleared = cleared;
    if (table->terms.base != NULL && !read_amount(table, cell(lines, 6), &arc->cleared))
        return other(desk, lines, "the value that is cleared is no amount");
    if (row != NULL && (arc->cleared > arc->amount || cy_clear_own(table, part, i) != cleared))
        return other(desk, lines,
                     row->barred ? "the two are barred from dealings"
                                 : "what is cleared is not what its value comes to");
    lines->next++;
    return CY_OK;
}

static cy_err read_cleared(struct cy_desk *desk, const struct cy_clear_table *table,
                           const struct cy_clear_part *part, struct lines *lines)
{
    for (uint32_t i = 0; i < part->n_arcs; i++) {
        const struct cy_flow_arc *arc = &part->arcs[i];
        const char *const names[] = {i < part->n ? table->rows[part->first + i].currency
                                                 : part->currency,
                                     part->parties[arc->debtor], part->parties[arc->creditor]};

        if (is_line(lines, names))
            CY_TRY(read_line(desk, table, part, lines, i));
        else if (i < part->n)
            return other(desk, lines, "this is not the obligation that stands here in the table");
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

cy_err cy_clear_read_answer(struct cy_desk *desk, const struct cy_clear_table *table,
                            const char *cleared_path, const char *proof_path)
{
    static const char *const cleared[] = {"currency", "debtor",  "creditor", "amount",
                                          "cleared",  "remains", "value"};
    static const char *const proof[] = {"currency", "party", "potential"};
    struct lines arcs;
    struct lines potentials;

    CY_TRY(open_lines(desk, cleared_path, cleared, CY_COUNT(cleared) - (table->terms.base == NULL),
                      &arcs));
    CY_TRY(open_lines(desk, proof_path, proof, CY_COUNT(proof), &potentials));
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
