#include "certify/lp_form.h"

enum { HAS_LOWER = 1, HAS_UPPER = 2, IS_INTEGER = 4 };

static const uint8_t magic_[4] = {'c', 'l', 'p', 1};

struct reader {
    struct cy_span rest;
    struct cy_arena *arena;
    struct cy_lp_form *form;
};

static cy_err read_number(struct reader *r, struct cy_whole *out)
{
    CY_TRY(cy_whole_read(&r->rest, CY_LP_DATUM_MAX, r->arena, out));
    if (out->n > r->form->limbs)
        r->form->limbs = out->n;
    return CY_OK;
}

static cy_err read_positive(struct reader *r, struct cy_whole *out)
{
    CY_TRY(read_number(r, out));
    return cy_whole_sign(*out) > 0 ? CY_OK : cy_fail(CY_E_CERT_FORM, 0);
}

static cy_err read_flags(struct reader *r, uint8_t known, uint8_t *out)
{
    if (r->rest.n == 0 || (r->rest.at[0] & ~known) != 0)
        return cy_fail(CY_E_CERT_FORM, 0);
    *out = r->rest.at[0];
    r->rest = cy_span_of(r->rest.at + 1, r->rest.n - 1);
    return CY_OK;
}

/* Bounds in the right order: upper - lower is not below 0. */
static int compare(struct cy_whole a, struct cy_whole b)
{
    uint64_t halves[2][CY_LP_DATUM_MAX / 8 + 2] = {{0}};
    const uint64_t one = 1;
    struct cy_sum sum = {halves[0], halves[1], CY_LP_DATUM_MAX / 8 + 2};
    const struct cy_whole unit = {&one, 1, false};

    cy_sum_add(&sum, a, unit);
    cy_sum_add(&sum, cy_whole_negated(b), unit);
    return cy_sum_sign(&sum);
}

static cy_err read_range(struct reader *r, uint8_t flags, struct cy_lp_range *out)
{
    out->has_lower = (flags & HAS_LOWER) != 0;
    out->has_upper = (flags & HAS_UPPER) != 0;
    if (out->has_lower)
        CY_TRY(read_number(r, &out->lower));
    if (out->has_upper)
        CY_TRY(read_number(r, &out->upper));
    if (out->has_lower && out->has_upper && compare(out->lower, out->upper) > 0)
        return cy_fail(CY_E_CERT_FORM, 0);
    return CY_OK;
}

static cy_err read_column(struct reader *r, uint32_t *left, struct cy_lp_column *out)
{
    struct cy_lp_entry *entries = NULL;
    uint32_t next = 0;
    uint8_t flags = 0;

    CY_TRY(read_flags(r, HAS_LOWER | HAS_UPPER | IS_INTEGER, &flags));
    out->integer = (flags & IS_INTEGER) != 0;
    CY_TRY(read_range(r, flags, &out->range));
    CY_TRY(read_number(r, &out->cost));
    if (out->cost.n > 0 && !out->integer)
        r->form->integral = false;
    CY_TRY(cy_count_read(&r->rest, r->form->n_rows, &out->n_entries));
    /* an entry takes at least three bytes: no room is taken on a mere promise */
    if (out->n_entries > *left || out->n_entries > r->rest.n / 3)
        return cy_fail(CY_E_CERT_FORM, 0);
    *left -= out->n_entries;
    entries = cy_arena_zero(r->arena, (size_t)out->n_entries * sizeof *entries);
    if (entries == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    out->entries = entries;
    for (uint32_t i = 0; i < out->n_entries; i++) {
        uint32_t gap = 0;

        if (next >= r->form->n_rows)
            return cy_fail(CY_E_CERT_FORM, 0);
        CY_TRY(cy_count_read(&r->rest, r->form->n_rows - next - 1, &gap));
        entries[i].row = next + gap;
        next += gap + 1;
        CY_TRY(read_number(r, &entries[i].coefficient));
        if (entries[i].coefficient.n == 0)
            return cy_fail(CY_E_CERT_FORM, 0);
    }
    return CY_OK;
}

static cy_err read_all(struct reader *r)
{
    struct cy_lp_form *form = r->form;
    uint32_t left = CY_LP_ENTRIES_MAX;

    if (r->rest.n < sizeof magic_ || memcmp(r->rest.at, magic_, sizeof magic_) != 0)
        return cy_fail(CY_E_CERT_FORM, 0);
    r->rest = cy_span_of(r->rest.at + sizeof magic_, r->rest.n - sizeof magic_);
    CY_TRY(cy_count_read(&r->rest, CY_LP_SIDE_MAX, &form->n_rows));
    CY_TRY(cy_count_read(&r->rest, CY_LP_SIDE_MAX, &form->n_columns));
    CY_TRY(read_positive(r, &form->scale));
    CY_TRY(read_number(r, &form->constant));
    CY_TRY(read_positive(r, &form->unit));
    /* a row takes at least one byte, a column three */
    if (form->n_rows > r->rest.n || form->n_columns > r->rest.n / 3)
        return cy_fail(CY_E_CERT_FORM, 0);
    form->rows = cy_arena_zero(r->arena, form->n_rows * sizeof *form->rows);
    form->columns = cy_arena_zero(r->arena, form->n_columns * sizeof *form->columns);
    if (form->rows == NULL || form->columns == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (uint32_t i = 0; i < form->n_rows; i++) {
        uint8_t flags = 0;

        CY_TRY(read_flags(r, HAS_LOWER | HAS_UPPER, &flags));
        CY_TRY(read_range(r, flags, &form->rows[i]));
    }
    for (uint32_t j = 0; j < form->n_columns; j++)
        CY_TRY(read_column(r, &left, &form->columns[j]));
    return r->rest.n == 0 ? CY_OK : cy_fail(CY_E_CERT_FORM, 0);
}

cy_err cy_lp_form_read(struct cy_span bytes, struct cy_arena *arena, struct cy_lp_form *out)
{
    struct reader r = {bytes, arena, out};
    cy_err e;

    *out = (struct cy_lp_form){.limbs = 1, .integral = true};
    e = read_all(&r);
    return e.code == CY_E_CERT_FORM ? cy_fail(CY_E_CERT_FORM, bytes.n - r.rest.n) : e;
}
