#include "models/network/power_table.h"

#include "base/num.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)

static cy_err take(struct cy_desk *desk, size_t n, struct cy_power_table *out)
{
    *out = (struct cy_power_table){0};
    out->names = cy_desk_take(desk, n * sizeof *out->names);
    out->weights = cy_desk_take(desk, n * sizeof *out->weights);
    return out->names == NULL || out->weights == NULL ? desk->failed : CY_OK;
}

/* One more member; its weight is text. */
static cy_err add(struct cy_power_table *table, const char *name, const char *weight, uint32_t line,
                  struct cy_desk_fault *fault)
{
    uint64_t number = 0;

    if (table->n == CY_POWER_MEMBERS_MAX)
        return cy_desk_at(fault, line, 0, "more than %u members", CY_POWER_MEMBERS_MAX);
    if (!cy_ok(cy_u64_read(cy_span_text(weight), &number)) || number > CY_POWER_TOTAL_MAX)
        return cy_desk_at(fault, line, 0,
                          "the weight '%.40s' must be a whole number from 0 to %u; multiply all "
                          "weights by the same number when they have fractions",
                          weight, CY_POWER_TOTAL_MAX);
    if (number > CY_POWER_TOTAL_MAX - table->total)
        return cy_desk_at(fault, line, 0,
                          "here the weights sum to more than %u; divide all by the same number",
                          CY_POWER_TOTAL_MAX);
    table->names[table->n] = name;
    table->weights[table->n++] = (uint32_t)number;
    table->total += (uint32_t)number;
    return CY_OK;
}

static cy_err not_empty(const struct cy_power_table *table, struct cy_desk_fault *fault)
{
    if (table->n == 0)
        return cy_desk_at(fault, 0, 0, "there is no member");
    if (table->total == 0)
        return cy_desk_at(fault, 0, 0, "all weights are 0, so nobody can win");
    return CY_OK;
}

cy_err cy_power_table_read(struct cy_desk *desk, const struct cy_csv *csv,
                           struct cy_power_table *out, struct cy_desk_fault *fault)
{
    const size_t member = cy_csv_column(csv, "member");
    const size_t weight = cy_csv_column(csv, "weight");

    CY_TRY(take(desk, csv->n_rows + 1, out));
    if (member == SIZE_MAX || weight == SIZE_MAX)
        return cy_desk_at(fault, 1, 0, "the heading needs the column '%s'",
                          member == SIZE_MAX ? "member" : "weight");
    for (size_t row = 0; row < csv->n_rows; row++) {
        const char *name = cy_csv_cell(csv, row, member);

        if (name[0] == 0)
            return cy_desk_at(fault, csv->lines[row], 0, "the member has no name");
        for (size_t i = 0; i < out->n; i++) {
            if (strcmp(out->names[i], name) == 0)
                return cy_desk_at(fault, csv->lines[row], 0,
                                  "'%.60s' stands here again, first in line %u", name,
                                  csv->lines[i]);
        }
        CY_TRY(add(out, name, cy_csv_cell(csv, row, weight), csv->lines[row], fault));
    }
    return not_empty(out, fault);
}

cy_err cy_power_table_list(struct cy_desk *desk, const char *list, struct cy_power_table *out,
                           struct cy_desk_fault *fault)
{
    CY_TRY(take(desk, CY_POWER_MEMBERS_MAX, out));
    for (const char *from = list; from != NULL;) {
        const size_t n = strcspn(from, ",");
        char *name = cy_desk_take(desk, 16);
        char weight[48];

        if (name == NULL)
            return desk->failed;
        (void)snprintf(weight, sizeof weight, "%.*s", n > 40 ? 40 : (int)n, from);
        (void)snprintf(name, 16, "%zu", out->n + 1);
        CY_TRY(add(out, name, weight, 0, fault));
        from = from[n] == ',' ? from + n + 1 : NULL;
    }
    return not_empty(out, fault);
}

/* --- the quota --- */

/* Digits, and up to two behind a point, in hundredths. */
static bool read_hundredths(const char *text, size_t n, uint64_t *out)
{
    const char *point = memchr(text, '.', n);
    const size_t whole = point == NULL ? n : (size_t)(point - text);
    const size_t part = point == NULL ? 0 : n - whole - 1;
    uint64_t digits = 0;

    if (part > 2 || (point != NULL && part == 0) || whole > 9 ||
        !cy_ok(cy_u64_read(cy_span_of(text, whole), out)))
        return false;
    for (size_t i = 0; i < 2; i++) {
        const char c = i < part ? point[1 + i] : '0';

        if (c < '0' || c > '9')
            return false;
        digits = digits * 10 + (uint64_t)(c - '0');
    }
    *out = *out * 100 + digits;
    return true;
}

/* A share: top / bottom. False when the text is none. */
static bool read_share(const char *text, uint64_t *top, uint64_t *bottom)
{
    const size_t n = strlen(text);
    const char *slash = strchr(text, '/');

    *bottom = 10000;
    if (n > 1 && text[n - 1] == '%')
        return read_hundredths(text, n - 1, top);
    return slash != NULL && cy_ok(cy_u64_read(cy_span_of(text, (size_t)(slash - text)), top)) &&
           cy_ok(cy_u64_read(cy_span_text(slash + 1), bottom)) && *bottom > 0 &&
           *bottom <= UINT32_MAX && *top <= UINT32_MAX;
}

cy_err cy_power_quota_read(const char *text, bool above, uint32_t total, uint32_t *out,
                           struct cy_desk_fault *fault)
{
    uint64_t top = 0;
    uint64_t bottom = 0;
    uint64_t quota = 0;

    if (read_share(text, &top, &bottom)) {
        quota = (top * total + bottom - 1) / bottom;
        if (above)
            quota = top * total / bottom + 1;
    } else if (cy_ok(cy_u64_read(cy_span_text(text), &quota))) {
        quota += above ? 1 : 0;
    } else {
        return cy_desk_at(fault, 0, 0,
                          "'%.40s' is neither a number, a share as 2/3, nor a percentage "
                          "with at most two decimals",
                          text);
    }
    if (quota == 0 || quota > total)
        return cy_desk_at(fault, 0, 0, "%.40s asks for %llu, and all members together weigh %u: %s",
                          text, (unsigned long long)quota, total,
                          quota == 0 ? "everything would be decided without anyone"
                                     : "nothing could ever be decided");
    *out = (uint32_t)quota;
    return CY_OK;
}

/* --- from the command line --- */

static cy_err get_table(struct cy_desk *desk, const char *path, const char *list,
                        struct cy_power_table *out)
{
    struct cy_desk_fault fault = {0};
    struct cy_csv csv;
    cy_err err = CY_OK;

    if (list != NULL) {
        path = "--weights";
        err = cy_power_table_list(desk, list, out, &fault);
    } else {
        CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &csv));
        err = cy_power_table_read(desk, &csv, out, &fault);
    }
    return err.code == CY_E_MODEL_INPUT ? cy_desk_refuse(desk, path, &fault) : err;
}

cy_err cy_power_table_get(struct cy_desk *desk, struct cy_power_table *out, uint32_t *quota)
{
    const char *path = cy_desk_word(desk, 0);
    const char *list = cy_desk_option(desk, "weights");
    const char *wins = cy_desk_option(desk, "quota");
    struct cy_desk_fault fault = {0};
    cy_err err = CY_OK;

    if ((path == NULL) == (list == NULL) || cy_desk_word(desk, 1) != NULL)
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                            "name one file of members and weights, or give --weights");
    if (wins == NULL)
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0), "--quota says what wins");
    CY_TRY(get_table(desk, path, list, out));
    err = cy_power_quota_read(wins, cy_desk_on(desk, "above"), out->total, quota, &fault);
    return err.code == CY_E_MODEL_INPUT ? cy_desk_refuse(desk, "--quota", &fault) : err;
}
