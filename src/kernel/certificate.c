#include "kernel/certificate.h"

/* --- digests of a program --- */

static void put_count(struct cy_sha256_stream *to, uint32_t v)
{
    uint8_t b[4];

    cy_put_u32be(b, v);
    cy_sha256_more(to, cy_span_of(b, sizeof b));
}

/* Count of limbs, sign, limbs least first. */
static void put_whole(struct cy_sha256_stream *to, struct cy_whole v)
{
    const uint8_t minus = v.n != 0 && v.minus;

    put_count(to, v.n);
    cy_sha256_more(to, cy_span_of(&minus, 1));
    for (uint32_t i = 0; i < v.n; i++) {
        uint8_t b[8];

        cy_put_u64be(b, v.at[i]);
        cy_sha256_more(to, cy_span_of(b, sizeof b));
    }
}

static void put_range(struct cy_sha256_stream *to, const struct cy_lp_range *range)
{
    const uint8_t sides = (uint8_t)((range->has_lower ? 1 : 0) | (range->has_upper ? 2 : 0));

    cy_sha256_more(to, cy_span_of(&sides, 1));
    if (range->has_lower)
        put_whole(to, range->lower);
    if (range->has_upper)
        put_whole(to, range->upper);
}

static struct cy_id frame_of(const struct cy_lp_form *form)
{
    struct cy_sha256_stream out;

    cy_sha256_begin(&out);
    cy_sha256_more(&out, cy_span_text("comity-frame-1"));
    put_count(&out, form->n_rows);
    put_count(&out, form->n_columns);
    put_whole(&out, form->scale);
    put_whole(&out, form->unit);
    for (uint32_t j = 0; j < form->n_columns; j++) {
        const struct cy_lp_column *column = &form->columns[j];

        put_count(&out, column->integer ? 1 : 0);
        put_whole(&out, column->cost);
        put_count(&out, column->n_entries);
        for (uint32_t i = 0; i < column->n_entries; i++) {
            put_count(&out, column->entries[i].row);
            put_whole(&out, column->entries[i].coefficient);
        }
    }
    return cy_sha256_end(&out);
}

static struct cy_id bounds_of(const struct cy_lp_form *form)
{
    struct cy_sha256_stream out;

    cy_sha256_begin(&out);
    cy_sha256_more(&out, cy_span_text("comity-bounds-1"));
    put_whole(&out, form->constant);
    for (uint32_t i = 0; i < form->n_rows; i++)
        put_range(&out, &form->rows[i]);
    for (uint32_t j = 0; j < form->n_columns; j++)
        put_range(&out, &form->columns[j].range);
    return cy_sha256_end(&out);
}

cy_err cy_certificate_digests(struct cy_span program, struct cy_arena *arena, struct cy_id *frame,
                              struct cy_id *bounds)
{
    struct cy_lp_form form;

    CY_TRY(cy_lp_form_read(program, arena, &form));
    *frame = frame_of(&form);
    *bounds = bounds_of(&form);
    return CY_OK;
}

/* --- the answer --- */

struct cy_id cy_certificate_leaf(uint32_t column, uint64_t amount)
{
    uint8_t b[12];

    cy_put_u32be(b, column);
    cy_put_u64be(b + 4, amount);
    return cy_hash_leaf(cy_span_of(b, sizeof b));
}

/* Every value a whole number of 64 bits at most, none below 0. */
static bool all_whole(const struct cy_lp_vector *point)
{
    if (point->divisor.n != 1 || point->divisor.at[0] != 1)
        return false;
    for (uint32_t j = 0; j < point->n; j++) {
        if (point->numbers[j].n > 1 || cy_whole_sign(point->numbers[j]) < 0)
            return false;
    }
    return true;
}

static cy_err answer(const struct cy_lp_vector *point, struct cy_certificate_verdict *out,
                     cy_certificate_amount amount, void *context)
{
    struct cy_frontier tree = {0};

    out->whole = all_whole(point);
    for (uint32_t j = 0; out->whole && j < point->n; j++) {
        struct cy_id leaf;

        if (point->numbers[j].n == 0)
            continue;
        leaf = cy_certificate_leaf(j, point->numbers[j].at[0]);
        CY_TRY(cy_frontier_append(&tree, &leaf));
        if (amount != NULL)
            amount(context, j, point->numbers[j].at[0]);
    }
    out->answers = (uint32_t)tree.size;
    if (tree.size > 0)
        out->answer = cy_frontier_root(&tree);
    return CY_OK;
}

static bool fits(struct cy_whole v, cy_u128 *out)
{
    if (v.n > 2)
        return false;
    *out = v.n == 0 ? 0 : v.at[0];
    if (v.n == 2)
        *out |= (cy_u128)v.at[1] << 64;
    return true;
}

/* --- judging --- */

/* What a check costs at most, in units of CY_CERTIFICATE_WORK_MAX. */
static uint64_t work(const struct cy_lp_form *form, size_t certificate)
{
    uint64_t places = (uint64_t)form->n_rows + form->n_columns;

    for (uint32_t j = 0; j < form->n_columns; j++)
        places += form->columns[j].n_entries;
    return places * (form->limbs + 1) * (uint64_t)certificate / CY_CERTIFICATE_WORK_MAX;
}

cy_err cy_certificate_read(struct cy_span program, struct cy_span certificate,
                           struct cy_arena *arena, struct cy_certificate_verdict *out,
                           cy_certificate_amount amount, void *context)
{
    struct cy_lp_form form;
    struct cy_lp_verdict verdict;

    *out = (struct cy_certificate_verdict){.program = cy_sha256(program),
                                           .certificate = cy_sha256(certificate)};
    CY_TRY(cy_lp_form_read(program, arena, &form));
    out->frame = frame_of(&form);
    out->bounds = bounds_of(&form);
    if (work(&form, certificate.n) > 0)
        return cy_fail(CY_E_FINDING_WORK, work(&form, certificate.n));
    CY_TRY(cy_lp_check(&form, &out->program, certificate, arena, &verdict));
    out->kind = verdict.kind;
    out->infeasible = verdict.infeasible;
    out->best = verdict.kind == CY_LP_OPTIMAL || verdict.kind == CY_LP_TREE;
    if (verdict.infeasible || verdict.kind == CY_LP_UNBOUNDED)
        return CY_OK;
    out->has_value =
        fits(verdict.value_above, &out->above) && fits(verdict.value_below, &out->below);
    out->minus = out->has_value && cy_whole_sign(verdict.value_above) < 0;
    if (!out->has_value)
        out->above = out->below = 0;
    return answer(&verdict.point, out, amount, context);
}

cy_err cy_certificate_judge(struct cy_plan *plan, struct cy_span program,
                            struct cy_span certificate, struct cy_certificate_verdict *out)
{
    void *room = cy_plan_lend(plan, CY_CERTIFICATE_ROOM);
    struct cy_arena arena;

    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, CY_CERTIFICATE_ROOM);
    arena = cy_arena_on(room, CY_CERTIFICATE_ROOM);
    return cy_certificate_read(program, certificate, &arena, out, NULL, NULL);
}
