#include "models/lp/lp_answer.h"

#include "crypto/hash.h"

#include <stdlib.h>
#include <time.h>

enum { LEAVES_MAX = 200000 };

#define ROOM_FIRST ((size_t)8 << 20)
#define ROOM_LAST ((size_t)4 << 30)

static uint64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- judging --- */

void cy_lp_fraction(const struct cy_whole *above, const struct cy_whole *below, mpq_ptr out)
{
    mpz_import(mpq_numref(out), above->n, -1, sizeof(uint64_t), 0, 0, above->at);
    mpz_import(mpq_denref(out), below->n, -1, sizeof(uint64_t), 0, 0, below->at);
    if (above->minus)
        mpz_neg(mpq_numref(out), mpq_numref(out));
    mpq_canonicalize(out);
}

static cy_err judge_in(struct cy_span program, struct cy_span certificate, struct cy_arena *arena,
                       struct cy_lp_judged *out)
{
    const struct cy_id id = cy_sha256(program);

    CY_TRY(cy_lp_form_read(program, arena, &out->form));
    return cy_lp_check(&out->form, &id, certificate, arena, &out->verdict);
}

cy_err cy_lp_judge(struct cy_span program, struct cy_span certificate, struct cy_lp_judged *out)
{
    cy_err e = cy_fail(CY_E_NO_ROOM, 0);

    *out = (struct cy_lp_judged){0};
    for (size_t room = ROOM_FIRST; room <= ROOM_LAST && e.code == CY_E_NO_ROOM; room *= 4) {
        struct cy_arena arena;

        free(out->room);
        out->room = cy_lp_grow(NULL, room, 1);
        arena = cy_arena_on(out->room, room);
        e = judge_in(program, certificate, &arena, out);
    }
    return e;
}

void cy_lp_judged_free(struct cy_lp_judged *judged)
{
    free(judged->room);
    judged->room = NULL;
}

/* --- finding --- */

static const struct cy_lp_program *sorting_; /* qsort has no argument of its own */

static int by_name(const void *a, const void *b)
{
    return strcmp(sorting_->columns[*(const uint32_t *)a].name,
                  sorting_->columns[*(const uint32_t *)b].name);
}

static uint32_t *order_of(const struct cy_lp_program *lp)
{
    uint32_t *order = cy_lp_alloc(lp->n_columns, sizeof *order);

    for (uint32_t j = 0; j < lp->n_columns; j++)
        order[j] = j;
    sorting_ = lp;
    qsort(order, lp->n_columns, sizeof *order, by_name);
    sorting_ = NULL;
    return order;
}

/* y as the one who asked means it: by how much the objective changes for one more of a row. */
static void take_multipliers(const struct cy_lp_simplex *s, struct cy_lp_answer *out)
{
    const struct cy_lp_program *lp = s->lp;
    mpq_t by;

    mpq_init(by);
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        mpz_set(mpq_numref(by), lp->rows[i].by);
        mpz_set(mpq_denref(by), lp->scale);
        mpq_canonicalize(by);
        mpq_mul(out->y[i], s->y[i], by);
        if (lp->most)
            mpq_neg(out->y[i], out->y[i]);
    }
    mpq_clear(by);
}

static void take_point(const struct cy_lp_simplex *s, struct cy_lp_answer *out)
{
    const struct cy_lp_program *lp = s->lp;
    mpq_t v;

    mpq_init(v);
    mpq_set(out->value, lp->constant);
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        mpq_set(out->x[j], s->variables[j].x);
        mpq_mul(v, lp->columns[j].cost, out->x[j]);
        mpq_add(out->value, out->value, v);
    }
    mpq_set_z(v, lp->scale);
    mpq_div(out->value, out->value, v);
    if (lp->most)
        mpq_neg(out->value, out->value);
    mpq_clear(v);
}

static void solve_fractions(struct cy_lp_simplex *s, const struct cy_lp_wish *wish,
                            struct cy_lp_answer *out)
{
    struct cy_lp_bytes *certificate = &out->certificate;
    struct cy_lp_bytes multipliers = {0};
    uint32_t *order = NULL;

    out->outcome = cy_lp_simplex_run(s);
    cy_lp_witness_vector(&multipliers, s->y, s->n_rows);
    take_multipliers(s, out);
    switch (out->outcome) {
    case CY_LP_FOUND:
        order = wish->order == NULL && !wish->any ? order_of(s->lp) : NULL;
        out->settled = !wish->any && cy_lp_simplex_settle(s, order != NULL ? order : wish->order,
                                                          s->lp->n_columns);
        free(order);
        cy_lp_witness_head(certificate, CY_LP_WITNESS_OPTIMAL, &out->program_id);
        cy_lp_witness_point(certificate, s);
        cy_lp_put(certificate, multipliers.at, multipliers.n);
        break;
    case CY_LP_NO_POINT:
        cy_lp_witness_head(certificate, CY_LP_WITNESS_NOTHING, &out->program_id);
        cy_lp_put(certificate, multipliers.at, multipliers.n);
        break;
    case CY_LP_NO_LIMIT:
        cy_lp_witness_head(certificate, CY_LP_WITNESS_RAY, &out->program_id);
        cy_lp_witness_point(certificate, s);
        cy_lp_witness_ray(certificate, s);
        break;
    case CY_LP_STOPPED: break;
    }
    free(multipliers.at);
}

/* The tree's point and leaves are found from the rows' own basis, so that they do not depend on any
 * advice. */
static void solve_whole(struct cy_lp_simplex *s, struct cy_lp_answer *out)
{
    struct cy_lp_bytes *certificate = &out->certificate;
    struct cy_lp_bytes nodes = {0};
    uint8_t has_point = 0;

    out->outcome = cy_lp_branch(s, LEAVES_MAX, &nodes);
    has_point = out->outcome == CY_LP_FOUND;
    if (has_point || out->outcome == CY_LP_NO_POINT) {
        cy_lp_witness_head(certificate, CY_LP_WITNESS_TREE, &out->program_id);
        cy_lp_put(certificate, &has_point, 1);
        if (has_point)
            cy_lp_witness_point(certificate, s);
        cy_lp_put(certificate, nodes.at, nodes.n);
    }
    free(nodes.at);
}

static void begin(const struct cy_lp_program *lp, struct cy_lp_answer *out)
{
    *out = (struct cy_lp_answer){.n_columns = lp->n_columns, .n_rows = lp->n_rows};
    mpq_init(out->value);
    out->x = cy_lp_alloc(lp->n_columns, sizeof *out->x);
    out->y = cy_lp_alloc(lp->n_rows, sizeof *out->y);
    for (uint32_t j = 0; j < lp->n_columns; j++)
        mpq_init(out->x[j]);
    for (uint32_t i = 0; i < lp->n_rows; i++)
        mpq_init(out->y[i]);
    cy_lp_encode(lp, &out->program);
    out->program_id = cy_sha256(cy_span_of(out->program.at, out->program.n));
}

cy_err cy_lp_answer_find(const struct cy_lp_program *lp, const struct cy_lp_wish *wish,
                         struct cy_lp_answer *out)
{
    const bool whole = cy_lp_has_integers(lp);
    const uint64_t start = now_ns();
    struct cy_lp_simplex *s = NULL;
    struct cy_lp_judged judged;
    cy_err e = CY_OK;

    begin(lp, out);
    s = cy_lp_simplex_new(lp);
    if (wish->limit_ns > 0)
        s->deadline = start + wish->limit_ns;
    if (wish->advice != NULL && !whole) {
        cy_lp_simplex_begin(s, wish->advice);
        out->advised = true;
    }
    if (whole)
        solve_whole(s, out);
    else
        solve_fractions(s, wish, out);
    if (out->outcome == CY_LP_FOUND)
        take_point(s, out);
    out->steps = s->steps;
    cy_lp_simplex_free(s);
    out->solve_ns = now_ns() - start;
    if (out->certificate.n == 0)
        return CY_OK;
    e = cy_lp_judge(cy_span_of(out->program.at, out->program.n),
                    cy_span_of(out->certificate.at, out->certificate.n), &judged);
    out->check_ns = now_ns() - start - out->solve_ns;
    out->leaves = judged.verdict.leaves;
    cy_lp_judged_free(&judged);
    return e;
}

void cy_lp_answer_free(struct cy_lp_answer *answer)
{
    for (uint32_t j = 0; j < answer->n_columns; j++)
        mpq_clear(answer->x[j]);
    for (uint32_t i = 0; i < answer->n_rows; i++)
        mpq_clear(answer->y[i]);
    mpq_clear(answer->value);
    free(answer->x);
    free(answer->y);
    free(answer->program.at);
    free(answer->certificate.at);
}
