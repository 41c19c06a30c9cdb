#include "models/network/roll_call.h"

#include <stdlib.h>

static uint64_t *bits_of(const struct cy_roll_calls *calls, size_t party, size_t vote)
{
    return calls->bits + (party * 3 + vote) * calls->words;
}

/* A line of the table, and when it was voted. */
struct when {
    cy_date date;
    size_t row;
};

static int by_date(const void *a, const void *b)
{
    const struct when *x = a;
    const struct when *y = b;

    return x->date != y->date ? (x->date > y->date) - (x->date < y->date)
                              : (x->row > y->row) - (x->row < y->row);
}

static cy_err read_dates(const struct cy_csv *csv, struct when *out, struct cy_desk_fault *fault)
{
    for (size_t row = 0; row < csv->n_rows; row++) {
        const char *date = cy_csv_cell(csv, row, 1);

        out[row].row = row;
        if (!cy_ok(cy_date_read(cy_span_text(date), &out[row].date)))
            return cy_desk_at(fault, csv->lines[row], 0, "'%.20s' is no date; write YYYY-MM-DD",
                              date);
    }
    qsort(out, csv->n_rows, sizeof *out, by_date);
    return CY_OK;
}

static cy_err read_row(struct cy_roll_calls *out, const struct cy_csv *csv, size_t row, size_t at,
                       struct cy_desk_fault *fault)
{
    for (size_t p = 0; p < out->n_parties; p++) {
        const char *vote = cy_csv_cell(csv, row, p + 2);

        if (vote[0] == 0)
            continue;
        if (vote[0] < '1' || vote[0] > '3' || vote[1] != 0)
            return cy_desk_at(fault, csv->lines[row], 0,
                              "the vote of %.40s is '%.20s'; 1 yes, 2 abstain, 3 no, empty absent",
                              out->parties[p], vote);
        bits_of(out, p, (size_t)(vote[0] - '1'))[at / 64] |= UINT64_C(1) << (at % 64);
    }
    return CY_OK;
}

cy_err cy_roll_calls_read(struct cy_desk *desk, const struct cy_csv *csv, struct cy_roll_calls *out,
                          struct cy_desk_fault *fault)
{
    struct when *order = NULL;

    *out = (struct cy_roll_calls){.n_votes = csv->n_rows, .words = csv->n_rows / 64 + 1};
    if (csv->n_columns < 4 || csv->n_columns - 2 > CY_ROLL_PARTIES_MAX || csv->n_rows == 0)
        return cy_desk_at(fault, 1, 0,
                          "the table needs a number, a date, and from 2 to %u parties, and a vote",
                          CY_ROLL_PARTIES_MAX);
    out->n_parties = csv->n_columns - 2;
    out->parties = cy_desk_take(desk, out->n_parties * sizeof *out->parties);
    out->dates = cy_desk_take(desk, out->n_votes * sizeof *out->dates);
    out->bits = cy_desk_take(desk, out->n_parties * 3 * out->words * sizeof *out->bits);
    order = cy_desk_take(desk, out->n_votes * sizeof *order);
    if (out->parties == NULL || out->dates == NULL || out->bits == NULL || order == NULL)
        return desk->failed;
    for (size_t p = 0; p < out->n_parties; p++) {
        out->parties[p] = csv->columns[p + 2];
        for (size_t k = 0; k < p; k++) {
            if (out->parties[p][0] == 0 || strcmp(out->parties[p], out->parties[k]) == 0)
                return cy_desk_at(fault, 1, 0, "the party '%.40s' has no name or stands twice",
                                  out->parties[p]);
        }
    }
    CY_TRY(read_dates(csv, order, fault));
    for (size_t at = 0; at < csv->n_rows; at++) {
        out->dates[at] = order[at].date;
        CY_TRY(read_row(out, csv, order[at].row, at, fault));
    }
    return CY_OK;
}

cy_err cy_roll_calls_get(struct cy_desk *desk, const char *path, size_t most,
                         struct cy_roll_calls *out)
{
    struct cy_desk_fault fault = {0};
    struct cy_csv csv;
    cy_err err = CY_OK;

    CY_TRY(cy_desk_csv(desk, path, most, &csv));
    err = cy_roll_calls_read(desk, &csv, out, &fault);
    return err.code == CY_E_MODEL_INPUT ? cy_desk_refuse(desk, path, &fault) : err;
}

static bool has_issue(const char *issues, const char *topic)
{
    const size_t n = strlen(topic);

    for (;;) {
        const size_t length = strcspn(issues, ";");

        if (n > 0 && length == n && memcmp(issues, topic, n) == 0)
            return true;
        if (issues[length] == 0)
            return false;
        issues += length + 1;
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

cy_err cy_roll_calls_of_topic(struct cy_desk *desk, struct cy_csv *csv, const struct cy_csv *topics,
                              const char *topic, struct cy_desk_fault *fault)
{
    const size_t id = cy_csv_column(topics, "rcid");
    const size_t issues = cy_csv_column(topics, "issues");
    const char **wanted = cy_desk_take(desk, (topics->n_rows + 1) * sizeof *wanted);
    size_t n = 0;
    size_t kept = 0;

    if (wanted == NULL)
        return desk->failed;
    if (id == SIZE_MAX || issues == SIZE_MAX)
        return cy_desk_at(fault, 1, 0, "the heading needs the columns rcid and issues");
    for (size_t row = 0; row < topics->n_rows; row++) {
        if (has_issue(cy_csv_cell(topics, row, issues), topic))
            wanted[n++] = cy_csv_cell(topics, row, id);
    }
    if (n > 1)
        qsort(wanted, n, sizeof *wanted, by_text);
    for (size_t row = 0; row < csv->n_rows; row++) {
        const char *number = cy_csv_cell(csv, row, 0);

        if (n == 0 || bsearch(&number, wanted, n, sizeof *wanted, by_text) == NULL)
            continue;
        memmove(csv->cells + kept * csv->n_columns, csv->cells + row * csv->n_columns,
                csv->n_columns * sizeof *csv->cells);
        csv->lines[kept++] = csv->lines[row];
    }
    csv->n_rows = kept;
    return kept > 0 ? CY_OK : cy_desk_at(fault, 0, 0, "no vote has the issue '%.40s'", topic);
}

void cy_roll_calls_range(const struct cy_roll_calls *calls, cy_date from, cy_date to, size_t *first,
                         size_t *end)
{
    *first = 0;
    while (*first < calls->n_votes && calls->dates[*first] < from)
        (*first)++;
    *end = *first;
    while (*end < calls->n_votes && (to == 0 || calls->dates[*end] < to))
        (*end)++;
}

/* The bits of a word that lie in the range. */
static uint64_t mask(size_t word, size_t first, size_t end)
{
    uint64_t out = UINT64_MAX;

    if (word * 64 < first)
        out &= UINT64_MAX << (first - word * 64);
    if (end < (word + 1) * 64)
        out &= end == word * 64 ? 0 : UINT64_MAX >> ((word + 1) * 64 - end);
    return out;
}

struct cy_roll_pair cy_roll_calls_pair(const struct cy_roll_calls *calls, size_t a, size_t b,
                                       size_t first, size_t end)
{
    struct cy_roll_pair out = {0};

    for (size_t w = first / 64; w * 64 < end; w++) {
        const uint64_t in = mask(w, first, end);
        const uint64_t ay = bits_of(calls, a, 0)[w] & in;
        const uint64_t aa = bits_of(calls, a, 1)[w] & in;
        const uint64_t an = bits_of(calls, a, 2)[w] & in;
        const uint64_t by = bits_of(calls, b, 0)[w];
        const uint64_t ba = bits_of(calls, b, 1)[w];
        const uint64_t bn = bits_of(calls, b, 2)[w];

        out.both += (uint32_t)__builtin_popcountll((ay | aa | an) & (by | ba | bn));
        out.alike += (uint32_t)__builtin_popcountll((ay & by) | (aa & ba) | (an & bn));
        out.half += (uint32_t)__builtin_popcountll((aa & (by | bn)) | (ba & (ay | an)));
    }
    return out;
}

uint32_t cy_roll_agreement(const struct cy_roll_pair *pair)
{
    if (pair->both == 0)
        return 0;
    return (uint32_t)((1000000ull * (2ull * pair->alike + pair->half) + pair->both) /
                      (2ull * pair->both));
}
