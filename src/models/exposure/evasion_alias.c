#include "models/exposure/evasion_alias.h"

#include "models/exposure/ownership_csv.h"

#include <stdlib.h>

struct borne {
    const char *id;
    const char *name;
    cy_date from;
    uint32_t line;
};

static int by_id(const void *a, const void *b)
{
    const struct borne *left = a;
    const struct borne *right = b;
    const int order = strcmp(left->id, right->id);

    if (order != 0)
        return order;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    return left->line < right->line ? -1 : left->line > right->line;
}

static int score_of(struct cy_screen *screen, const struct cy_screen_index *index, const char *name,
                    const struct cy_listed **listed)
{
    const struct cy_screen_query query = {
        .name = name, .n = strlen(name), .threshold = 300, .any_kind = true};
    struct cy_screen_result best;

    if (cy_screen_ask(screen, &query, NULL, &best, 1) == 0)
        return 0;
    *listed = index->entries[best.entry].listed;
    return best.score;
}

static cy_err read_all(const struct cy_csv *csv, struct borne *out, struct cy_desk_fault *fault)
{
    static const char *const names[] = {"id", "name", "from"};
    size_t at[3];

    CY_TRY(cy_columns_known(csv, names, 3, 3, at, fault));
    for (size_t row = 0; row < csv->n_rows; row++) {
        out[row] = (struct borne){cy_csv_cell(csv, row, at[0]), cy_csv_cell(csv, row, at[1]), 0,
                                  csv->lines[row]};
        CY_TRY(cy_row_date(csv, row, at[2], &out[row].from, fault));
        if (*out[row].id == 0 || *out[row].name == 0)
            return cy_desk_at(fault, csv->lines[row], 1, "id and name are both given");
    }
    if (csv->n_rows > 1)
        qsort(out, csv->n_rows, sizeof *out, by_id);
    return CY_OK;
}

/* The names of one party, oldest first. */
static cy_err judge(const struct borne *names, size_t n, struct cy_screen *screen,
                    const struct cy_screen_index *index, int threshold, struct cy_alias_flags *out)
{
    const struct cy_listed *listed = NULL;
    const struct borne *newest = &names[n - 1];
    const int is = score_of(screen, index, newest->name, &listed);

    for (size_t i = n - 1; i > 0 && is < threshold; i--) {
        const struct borne *old = &names[i - 1];
        const int was = score_of(screen, index, old->name, &listed);

        if (was < threshold)
            continue;
        CY_TRY(cy_grow((void **)&out->at, &out->cap, out->n + 1, sizeof *out->at));
        out->at[out->n++] =
            (struct cy_alias_flag){old->id,      old->name, newest->name, newest->from, old->line,
                                   newest->line, was,       is,           listed};
        return CY_OK;
    }
    return CY_OK;
}

cy_err cy_alias_flags_find(const struct cy_csv *csv, struct cy_screen *screen,
                           const struct cy_screen_index *index, unsigned threshold,
                           struct cy_alias_flags *out, struct cy_desk_fault *fault)
{
    struct borne *names = malloc((csv->n_rows + 1) * sizeof *names);
    cy_err err = names == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : read_all(csv, names, fault);
    size_t at = 0;

    while (cy_ok(err) && at < csv->n_rows) {
        const size_t first = at;

        while (at < csv->n_rows && strcmp(names[at].id, names[first].id) == 0)
            at++;
        err = judge(names + first, at - first, screen, index, (int)threshold, out);
    }
    free(names);
    return err;
}
