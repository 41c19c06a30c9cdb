#include "models/allocate/allocate_lots.h"

#include <stdlib.h>

enum { EXTRA, UP, DOWN, NOTHING, PARTS };

bool cy_allocate_minimums(const struct cy_allocate_charter *charter)
{
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        if (mpq_sgn(charter->parties[p].minimum) > 0)
            return true;
    }
    return false;
}

/* How many lots an amount is, rounded down or up. */
static void lots_of(const struct cy_allocate_charter *charter, mpq_srcptr amount, bool up,
                    mpz_ptr out)
{
    mpq_t v;

    mpq_init(v);
    mpq_set_ui(v, charter->lot, 1);
    mpq_div(v, amount, v);
    if (up)
        mpz_cdiv_q(out, mpq_numref(v), mpq_denref(v));
    else
        mpz_fdiv_q(out, mpq_numref(v), mpq_denref(v));
    mpq_clear(v);
}

static void term(struct cy_lp_program *lp, uint32_t row, uint32_t column, mpq_srcptr by, int sign)
{
    mpq_t v;

    mpq_init(v);
    if (by == NULL)
        mpq_set_si(v, sign, 1);
    else if (sign < 0)
        mpq_neg(v, by);
    else
        mpq_set(v, by);
    if (!cy_lp_term_add(lp, row, column, v))
        CY_NEVER("every cell of a program of lots is written once");
    mpq_clear(v);
}

/* The lots of a party beyond those that fit, into a row. */
static void lots_into(struct cy_lp_program *lp, uint32_t row, uint32_t p)
{
    term(lp, row, PARTS * p + EXTRA, NULL, 1);
    term(lp, row, PARTS * p + UP, NULL, 1);
    term(lp, row, PARTS * p + DOWN, NULL, -1);
}

struct making {
    const struct cy_allocate_state *state;
    struct cy_lp_program *lp;
    mpz_t *whole; /* lots that fit into each share */
    mpq_t reward; /* of a lot */
};

static uint32_t column(struct making *m, const char *what, const char *party)
{
    char name[2 * CY_ALLOCATE_NAME];
    uint32_t out = 0;

    (void)snprintf(name, sizeof name, "%s %s", party, what);
    out = cy_lp_column_add(m->lp, name);
    CY_ASSERT(out != CY_LP_NONE);
    m->lp->columns[out].integer = true;
    return out;
}

static void add_columns(struct making *m, uint32_t p)
{
    const char *name = m->state->charter->parties[p].name;
    const uint32_t extra = column(m, "extra", name);
    const uint32_t up = column(m, "up", name);
    const uint32_t down = column(m, "down", name);
    const uint32_t nothing = column(m, "nothing", name);
    mpq_t one;
    mpq_t v;

    mpq_inits(one, v, NULL);
    mpq_set_ui(one, 1, 1);
    cy_lp_bound_set(&m->lp->columns[extra].upper, one);
    cy_lp_bound_set(&m->lp->columns[nothing].upper, one);
    mpq_set_z(v, m->whole[p]);
    cy_lp_bound_set(&m->lp->columns[down].upper, v);
    /* the remainder, in lots */
    mpq_set_ui(v, m->state->charter->lot, 1);
    mpq_div(v, m->state->parties[p].share, v);
    mpz_submul(mpq_numref(v), m->whole[p], mpq_denref(v));
    mpq_canonicalize(v);
    mpq_add(v, v, v);
    mpq_sub(v, one, v);
    mpq_sub(m->lp->columns[extra].cost, v, m->reward);
    mpq_sub(m->lp->columns[up].cost, one, m->reward);
    mpq_add(m->lp->columns[down].cost, one, m->reward);
    mpq_clears(one, v, NULL);
}

/* A row whose value is lots beyond those that fit; bounds in lots altogether. */
static void bound_row(struct making *m, uint32_t row, mpz_srcptr whole, bool least, mpz_srcptr at)
{
    mpq_t v;

    mpq_init(v);
    mpz_sub(mpq_numref(v), at, whole);
    cy_lp_bound_set(least ? &m->lp->rows[row].lower : &m->lp->rows[row].upper, v);
    mpq_clear(v);
}

/* lots >= at, or lots <= at; where a minimum lets the party have nothing, at times 1 - nothing. */
static void add_row(struct making *m, uint32_t p, const char *what, bool least, mpz_srcptr at,
                    bool or_nothing)
{
    char name[2 * CY_ALLOCATE_NAME];
    uint32_t row = 0;
    mpq_t v;

    mpq_init(v);
    (void)snprintf(name, sizeof name, "%s %s", m->state->charter->parties[p].name, what);
    row = cy_lp_row_add(m->lp, name);
    CY_ASSERT(row != CY_LP_NONE);
    lots_into(m->lp, row, p);
    mpq_set_z(v, at);
    if (or_nothing && mpz_sgn(at) > 0)
        term(m->lp, row, PARTS * p + NOTHING, v, 1);
    bound_row(m, row, m->whole[p], least, at);
    mpq_clear(v);
}

static void add_party(struct making *m, uint32_t p)
{
    const struct cy_allocate_party *party = &m->state->charter->parties[p];
    const bool minimum = mpq_sgn(party->minimum) > 0;
    mpz_t at;

    mpz_init(at);
    lots_of(m->state->charter, party->floor, true, at);
    add_row(m, p, "floor", true, at, false);
    lots_of(m->state->charter, party->cap, false, at);
    add_row(m, p, "cap", false, at, minimum);
    lots_of(m->state->charter, party->minimum, true, at);
    if (minimum)
        add_row(m, p, "minimum", true, at, true);
    mpz_clear(at);
}

/* Lots of a group, or of all. */
static void add_group(struct making *m, uint32_t group, const char *name, bool least, mpz_srcptr at)
{
    const uint32_t row = cy_lp_row_add(m->lp, name);
    mpz_t whole;

    CY_ASSERT(row != CY_LP_NONE);
    mpz_init(whole);
    for (uint32_t p = 0; p < m->state->charter->n_parties; p++) {
        if (group != CY_LP_NONE && (m->state->charter->parties[p].groups >> group & 1) == 0)
            continue;
        lots_into(m->lp, row, p);
        mpz_add(whole, whole, m->whole[p]);
    }
    bound_row(m, row, whole, least, at);
    mpz_clear(whole);
}

/* How many lots all shares together come to. */
static void all_lots(const struct cy_allocate_state *state, mpz_ptr out)
{
    mpq_t sum;

    mpq_init(sum);
    for (uint32_t p = 0; p < state->charter->n_parties; p++)
        mpq_add(sum, sum, state->parties[p].share);
    lots_of(state->charter, sum, false, out);
    mpq_clear(sum);
}

static void make(struct making *m)
{
    const struct cy_allocate_charter *charter = m->state->charter;
    mpz_t at;

    mpz_init(at);
    all_lots(m->state, at);
    /* a lot outweighs every difference there can be */
    mpz_add_ui(mpq_numref(m->reward), at, charter->n_parties + 1);
    mpz_mul_ui(mpq_numref(m->reward), mpq_numref(m->reward), 4);
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        lots_of(charter, m->state->parties[p].share, false, m->whole[p]);
        add_columns(m, p);
    }
    add_group(m, CY_LP_NONE, " all", false, at);
    for (uint32_t s = 0; s < charter->n_shares; s++) {
        char name[32];

        (void)snprintf(name, sizeof name, " share %u", s);
        lots_of(charter, charter->shares[s].amount, charter->shares[s].least, at);
        add_group(m, charter->shares[s].group, name, charter->shares[s].least, at);
    }
    for (uint32_t p = 0; p < charter->n_parties; p++)
        add_party(m, p);
    mpz_clear(at);
}

cy_err cy_allocate_lots_program(const struct cy_allocate_state *state, struct cy_lp_program **out)
{
    const uint32_t n = state->charter->n_parties;
    struct making m = {.state = state, .lp = cy_lp_program_new()};
    const char *place = NULL;

    m.whole = cy_lp_alloc(n, sizeof *m.whole);
    mpq_init(m.reward);
    for (uint32_t p = 0; p < n; p++)
        mpz_init(m.whole[p]);
    make(&m);
    for (uint32_t p = 0; p < n; p++)
        mpz_clear(m.whole[p]);
    free(m.whole);
    mpq_clear(m.reward);
    *out = m.lp;
    return cy_lp_scale(m.lp, &place) ? CY_OK : cy_fail(CY_E_MODEL_INPUT, 0);
}

cy_err cy_allocate_lots_take(const struct cy_allocate_state *state,
                             const struct cy_lp_verdict *verdict, mpz_t *lots, mpq_ptr kept)
{
    static const int signs[] = {1, 1, -1};
    const uint32_t n = state->charter->n_parties;
    mpz_t sum;
    mpz_t v;

    if (verdict->kind != CY_LP_TREE || verdict->infeasible || verdict->point.n != PARTS * n)
        return cy_fail(CY_E_CERT_WRONG, 0);
    mpz_inits(sum, v, NULL);
    for (uint32_t p = 0; p < n; p++) {
        lots_of(state->charter, state->parties[p].share, false, lots[p]);
        for (uint32_t part = EXTRA; part <= DOWN; part++) {
            const struct cy_whole *at = &verdict->point.numbers[PARTS * p + part];

            mpz_import(v, at->n, -1, sizeof(uint64_t), 0, 0, at->at);
            if (at->minus != (signs[part] < 0))
                mpz_sub(lots[p], lots[p], v);
            else
                mpz_add(lots[p], lots[p], v);
        }
        mpz_add(sum, sum, lots[p]);
    }
    mpz_mul_ui(mpq_numref(kept), sum, state->charter->lot);
    mpz_set_ui(mpq_denref(kept), 1);
    mpq_sub(kept, state->charter->supply, kept);
    mpz_clears(sum, v, NULL);
    return CY_OK;
}
