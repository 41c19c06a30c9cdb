#include "models/lp/lp_branch.h"

#include <stdlib.h>

enum { NODE_BRANCH = 0, NODE_BOUND = 1, NODE_NOTHING = 2, DEPTH_MAX = 512 };

struct search {
    struct cy_lp_simplex *s;
    struct cy_lp_bytes *nodes;
    mpq_t *best; /* of each column */
    mpq_t best_value;
    bool has_best;
    bool integral; /* every value is a whole number */
    uint32_t leaves;
    uint32_t leaves_max;
};

bool cy_lp_has_integers(const struct cy_lp_program *lp)
{
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        if (lp->columns[j].integer)
            return true;
    }
    return false;
}

static void value_of(const struct cy_lp_simplex *s, mpq_ptr out)
{
    mpq_t v;

    mpq_init(v);
    mpq_set_ui(out, 0, 1);
    for (uint32_t j = 0; j < s->lp->n_columns; j++) {
        mpq_mul(v, s->lp->columns[j].cost, s->variables[j].x);
        mpq_add(out, out, v);
    }
    mpq_clear(v);
}

static void put_leaf(struct search *at, uint8_t kind)
{
    cy_lp_put(at->nodes, &kind, 1);
    cy_lp_witness_vector(at->nodes, at->s->y, at->s->n_rows);
    at->leaves++;
}

/* The column furthest from a whole number; the first of several. */
static uint32_t most_broken(const struct cy_lp_simplex *s)
{
    uint32_t found = CY_LP_NONE;
    mpq_t best;
    mpq_t half;
    mpq_t v;
    mpz_t low;

    mpq_inits(best, half, v, NULL);
    mpz_init(low);
    mpq_set_ui(half, 1, 2);
    for (uint32_t j = 0; j < s->lp->n_columns; j++) {
        if (!s->lp->columns[j].integer || mpz_cmp_ui(mpq_denref(s->variables[j].x), 1) == 0)
            continue;
        mpz_fdiv_q(low, mpq_numref(s->variables[j].x), mpq_denref(s->variables[j].x));
        mpq_set_z(v, low);
        mpq_sub(v, s->variables[j].x, v);
        mpq_sub(v, v, half);
        mpq_abs(v, v);
        if (found != CY_LP_NONE && mpq_cmp(v, best) >= 0)
            continue;
        mpq_set(best, v);
        found = j;
    }
    mpq_clears(best, half, v, NULL);
    mpz_clear(low);
    return found;
}

/* Nothing under a node of this value can be better than the best. */
static bool hopeless(const struct search *at, mpq_srcptr value)
{
    bool out = false;
    mpq_t gap;

    if (!at->has_best)
        return false;
    mpq_init(gap);
    mpq_sub(gap, at->best_value, value);
    out = at->integral ? mpq_cmp_ui(gap, 1, 1) < 0 : mpq_sgn(gap) <= 0;
    mpq_clear(gap);
    return out;
}

static void take_best(struct search *at, mpq_srcptr value)
{
    at->has_best = true;
    mpq_set(at->best_value, value);
    for (uint32_t j = 0; j < at->s->lp->n_columns; j++)
        mpq_set(at->best[j], at->s->variables[j].x);
}

static enum cy_lp_outcome node(struct search *at, uint32_t depth);

/* Both sides of a branch at floor(x). */
static enum cy_lp_outcome both_sides(struct search *at, uint32_t column, uint32_t depth)
{
    struct cy_lp_variable_state *v = &at->s->variables[column];
    enum cy_lp_outcome outcome = CY_LP_FOUND;
    const uint8_t kind = NODE_BRANCH;
    const bool has_lower = v->lower.has;
    const bool has_upper = v->upper.has;
    mpq_t lower;
    mpq_t upper;
    mpq_t side;

    mpq_inits(lower, upper, side, NULL);
    mpq_set(lower, v->lower.at);
    mpq_set(upper, v->upper.at);
    mpz_fdiv_q(mpq_numref(side), mpq_numref(v->x), mpq_denref(v->x));
    cy_lp_put(at->nodes, &kind, 1);
    cy_lp_put_count(at->nodes, column);
    cy_lp_put_whole(at->nodes, mpq_numref(side));
    cy_lp_simplex_bounds(at->s, column, has_lower ? lower : NULL, side);
    outcome = node(at, depth + 1);
    if (outcome == CY_LP_FOUND) {
        mpz_add_ui(mpq_numref(side), mpq_numref(side), 1);
        cy_lp_simplex_bounds(at->s, column, side, has_upper ? upper : NULL);
        outcome = node(at, depth + 1);
    }
    cy_lp_simplex_bounds(at->s, column, has_lower ? lower : NULL, has_upper ? upper : NULL);
    mpq_clears(lower, upper, side, NULL);
    return outcome;
}

/* CY_LP_FOUND: the node is done. */
static enum cy_lp_outcome node(struct search *at, uint32_t depth)
{
    const enum cy_lp_outcome outcome = cy_lp_simplex_run(at->s);
    uint32_t broken = CY_LP_NONE;
    bool leaf = false;
    mpq_t value;

    if (outcome == CY_LP_NO_POINT) {
        put_leaf(at, NODE_NOTHING);
        return CY_LP_FOUND;
    }
    if (outcome != CY_LP_FOUND)
        return outcome;
    if (depth == DEPTH_MAX || at->leaves >= at->leaves_max)
        return CY_LP_STOPPED;
    mpq_init(value);
    value_of(at->s, value);
    leaf = hopeless(at, value);
    broken = leaf ? CY_LP_NONE : most_broken(at->s);
    if (!leaf && broken == CY_LP_NONE)
        take_best(at, value);
    mpq_clear(value);
    if (broken != CY_LP_NONE)
        return both_sides(at, broken, depth);
    put_leaf(at, NODE_BOUND);
    return CY_LP_FOUND;
}

enum cy_lp_outcome cy_lp_branch(struct cy_lp_simplex *s, uint32_t leaves_max,
                                struct cy_lp_bytes *nodes)
{
    struct search at = {.s = s, .nodes = nodes, .integral = true, .leaves_max = leaves_max};
    enum cy_lp_outcome outcome = CY_LP_FOUND;

    at.best = cy_lp_alloc(s->lp->n_columns, sizeof *at.best);
    mpq_init(at.best_value);
    for (uint32_t j = 0; j < s->lp->n_columns; j++) {
        mpq_init(at.best[j]);
        if (mpq_sgn(s->lp->columns[j].cost) != 0 && !s->lp->columns[j].integer)
            at.integral = false;
    }
    outcome = node(&at, 0);
    if (outcome == CY_LP_FOUND && !at.has_best)
        outcome = CY_LP_NO_POINT;
    for (uint32_t j = 0; j < s->lp->n_columns; j++) {
        if (outcome == CY_LP_FOUND)
            mpq_set(s->variables[j].x, at.best[j]);
        mpq_clear(at.best[j]);
    }
    mpq_clear(at.best_value);
    free(at.best);
    return outcome;
}
