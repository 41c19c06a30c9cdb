#include "models/allocate/allocate_stage.h"

#include <stdlib.h>

enum { LEVEL_COLUMN = 0, SUPPLY_ROW = 0 };

/* --- phases --- */

static uint32_t parts_of(enum cy_allocate_rule rule)
{
    return rule == CY_ALLOCATE_TALMUD || rule == CY_ALLOCATE_THEN_RISK ||
                   rule == CY_ALLOCATE_MOST_VALUE
               ? 2
               : 1;
}

/* The k-th of the priorities that are there, ascending; 0 when there are not so many. */
static uint32_t class_of(const struct cy_allocate_charter *charter, uint32_t k)
{
    uint32_t last = 0;

    for (uint32_t i = 0; i <= k; i++) {
        uint32_t next = 0;

        for (uint32_t p = 0; p < charter->n_parties; p++) {
            const uint32_t priority = charter->parties[p].priority;

            if (priority > last && (next == 0 || priority < next))
                next = priority;
        }
        if (next == 0)
            return 0;
        last = next;
    }
    return last;
}

void cy_allocate_begin(const struct cy_allocate_charter *charter, struct cy_allocate_state *state)
{
    uint32_t classes = 0;

    *state = (struct cy_allocate_state){.charter = charter, .phase = UINT32_MAX};
    mpq_inits(state->value, state->level, NULL);
    if (charter->has_aim)
        mpq_set(state->value, charter->aim);
    while (class_of(charter, classes) != 0)
        classes++;
    state->n_phases = classes * parts_of(charter->rule);
    state->parties = cy_lp_alloc(charter->n_parties, sizeof *state->parties);
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        struct cy_allocate_standing *at = &state->parties[p];

        mpq_inits(at->low, at->high, at->from, at->per, at->share, at->level, at->least, at->most,
                  NULL);
        mpq_set(at->low, charter->parties[p].floor);
        mpq_set(at->high, charter->parties[p].cap);
        at->settled = true; /* of no phase yet */
    }
}

void cy_allocate_free(struct cy_allocate_state *state)
{
    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        struct cy_allocate_standing *at = &state->parties[p];

        mpq_clears(at->low, at->high, at->from, at->per, at->share, at->level, at->least, at->most,
                   NULL);
    }
    mpq_clears(state->value, state->level, NULL);
    free(state->parties);
}

/* from, per and high of one party in one part of a rule. */
static void aim(const struct cy_allocate_charter *charter, uint32_t part,
                const struct cy_allocate_party *party, struct cy_allocate_standing *at)
{
    mpq_t v;

    mpq_init(v);
    mpq_set_ui(at->from, 0, 1);
    mpq_set(at->per, party->claim);
    mpq_set(at->high, party->cap);
    switch (charter->rule) {
    case CY_ALLOCATE_WEIGHTED: mpq_mul(at->per, party->claim, party->weight); break;
    case CY_ALLOCATE_EQUAL_AWARDS: mpq_set_ui(at->per, 1, 1); break;
    case CY_ALLOCATE_EQUAL_LOSSES:
        mpq_set(at->from, party->claim);
        mpq_set_ui(at->per, 1, 1);
        break;
    case CY_ALLOCATE_NASH: mpq_set(at->per, party->weight); break;
    case CY_ALLOCATE_TALMUD:
        mpq_set_ui(at->per, 1, 1);
        if (part == 1)
            mpq_set(at->from, party->claim);
        else
            mpq_div_2exp(v, party->claim, 1);
        break;
    case CY_ALLOCATE_THEN_RISK:
        if (part == 1) {
            mpq_set(at->from, at->low);
            mpq_mul(at->per, party->claim, party->risk);
        }
        break;
    case CY_ALLOCATE_PROPORTIONAL:
    case CY_ALLOCATE_LEXIMIN:
    case CY_ALLOCATE_MOST_VALUE: break;
    }
    /* the first part goes up to v, but never below the floor */
    if (charter->rule == CY_ALLOCATE_TALMUD && part == 0) {
        if (mpq_cmp(v, at->low) < 0)
            mpq_set(v, at->low);
        if (mpq_cmp(v, at->high) < 0)
            mpq_set(at->high, v);
    }
    mpq_clear(v);
}

static void begin_phase(struct cy_allocate_state *state)
{
    const struct cy_allocate_charter *charter = state->charter;
    const uint32_t parts = parts_of(charter->rule);
    const uint32_t part = state->phase % parts;
    const uint32_t class = class_of(charter, state->phase / parts);

    state->by_value = charter->rule == CY_ALLOCATE_MOST_VALUE && part == 0;
    state->has_value = charter->has_aim || (charter->rule == CY_ALLOCATE_MOST_VALUE && part == 1);
    state->has_limit = charter->rule == CY_ALLOCATE_THEN_RISK && part == 0;
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        struct cy_allocate_standing *at = &state->parties[p];

        at->active = charter->parties[p].priority == class;
        at->settled = !at->active;
        if (!at->active)
            continue;
        aim(charter, part, &charter->parties[p], at);
        if (mpq_sgn(at->per) == 0 && !state->by_value) {
            /* no claim or no weight: nothing above the floor */
            mpq_set(at->share, at->low);
            mpq_set(at->high, at->low);
            at->settled = true;
        }
    }
}

/* What was settled is the floor of what comes; of a last part also the cap. */
static void end_phase(struct cy_allocate_state *state)
{
    const uint32_t parts = parts_of(state->charter->rule);

    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        struct cy_allocate_standing *at = &state->parties[p];

        if (!at->active || state->by_value)
            continue;
        mpq_set(at->least, at->low);
        mpq_set(at->most, at->high);
        mpq_set(at->low, at->share);
        if (state->phase % parts == parts - 1)
            mpq_set(at->high, at->share);
    }
}

/* The sum of the shares of a group, or of all. */
static void sum_of(const struct cy_allocate_state *state, uint32_t group, mpq_ptr out)
{
    mpq_set_ui(out, 0, 1);
    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        if (group == CY_LP_NONE || (state->charter->parties[p].groups >> group & 1) != 0)
            mpq_add(out, out, state->parties[p].share);
    }
}

static enum cy_allocate_why why_of(const struct cy_allocate_state *state, uint32_t p,
                                   uint32_t *share)
{
    const struct cy_allocate_charter *charter = state->charter;
    const struct cy_allocate_party *party = &charter->parties[p];
    enum cy_allocate_why why = CY_ALLOCATE_AT_LEVEL;
    mpq_t sum;

    if (mpq_cmp(state->parties[p].share, party->cap) >= 0)
        return CY_ALLOCATE_AT_CAP;
    if (mpq_cmp(state->parties[p].share, party->floor) <= 0)
        return CY_ALLOCATE_AT_FLOOR;
    mpq_init(sum);
    for (uint32_t s = 0; s < charter->n_shares; s++) {
        if ((party->groups >> charter->shares[s].group & 1) == 0)
            continue;
        sum_of(state, charter->shares[s].group, sum);
        if (!mpq_equal(sum, charter->shares[s].amount))
            continue;
        *share = s;
        why = charter->shares[s].least ? CY_ALLOCATE_AT_PROMISE : CY_ALLOCATE_AT_SHARE;
    }
    mpq_clear(sum);
    if (why == CY_ALLOCATE_AT_LEVEL && charter->rule == CY_ALLOCATE_MOST_VALUE)
        why = CY_ALLOCATE_BY_VALUE;
    return why;
}

static bool open_phase(const struct cy_allocate_state *state)
{
    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        if (!state->parties[p].settled)
            return true;
    }
    return false;
}

/* --- the program --- */

static void unit(struct cy_lp_program *lp, uint32_t row, uint32_t column, mpq_srcptr by)
{
    mpq_t one;

    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    if (!cy_lp_term_add(lp, row, column, by == NULL ? one : by))
        CY_NEVER("every cell of an allocation is written once");
    mpq_clear(one);
}

static void add_columns(struct cy_allocate_state *state, struct cy_lp_program *lp)
{
    const uint32_t level = cy_lp_column_add(lp, " level");

    CY_ASSERT(level == LEVEL_COLUMN);
    cy_lp_bound_drop(&lp->columns[level].lower);
    if (state->by_value) {
        mpq_t zero;

        mpq_init(zero);
        cy_lp_bound_set(&lp->columns[level].lower, zero);
        cy_lp_bound_set(&lp->columns[level].upper, zero);
        mpq_clear(zero);
    } else
        mpq_set_ui(lp->columns[level].cost, 1, 1);
    if (state->has_limit)
        cy_lp_bound_set(&lp->columns[level].upper, state->charter->first);
    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        const struct cy_allocate_standing *at = &state->parties[p];
        const bool held = at->active && at->settled;
        const uint32_t column = cy_lp_column_add(lp, state->charter->parties[p].name);

        CY_ASSERT(column == p + 1);
        cy_lp_bound_set(&lp->columns[column].lower, held ? at->share : at->low);
        cy_lp_bound_set(&lp->columns[column].upper, held ? at->share : at->high);
        if (state->by_value && at->active)
            mpq_set(lp->columns[column].cost, state->charter->parties[p].value);
    }
}

static void add_shares(const struct cy_allocate_charter *charter, struct cy_lp_program *lp)
{
    for (uint32_t s = 0; s < charter->n_shares; s++) {
        const struct cy_allocate_share *share = &charter->shares[s];
        char name[2 * CY_ALLOCATE_NAME];
        uint32_t row = 0;

        (void)snprintf(name, sizeof name, " share %u", s);
        row = cy_lp_row_add(lp, name);
        if (share->least)
            cy_lp_bound_set(&lp->rows[row].lower, share->amount);
        else
            cy_lp_bound_set(&lp->rows[row].upper, share->amount);
        for (uint32_t p = 0; p < charter->n_parties; p++) {
            if ((charter->parties[p].groups >> share->group & 1) != 0)
                unit(lp, row, p + 1, NULL);
        }
    }
}

static void add_levels(struct cy_allocate_state *state, struct cy_lp_program *lp)
{
    mpq_t v;

    mpq_init(v);
    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        struct cy_allocate_standing *at = &state->parties[p];
        char name[2 * CY_ALLOCATE_NAME];

        at->row = CY_LP_NONE;
        if (at->settled || state->by_value)
            continue;
        (void)snprintf(name, sizeof name, " level of %s", state->charter->parties[p].name);
        at->row = cy_lp_row_add(lp, name);
        cy_lp_bound_set(&lp->rows[at->row].lower, at->from);
        unit(lp, at->row, p + 1, NULL);
        mpq_neg(v, at->per);
        unit(lp, at->row, LEVEL_COLUMN, v);
    }
    mpq_clear(v);
}

static void add_value(const struct cy_allocate_state *state, struct cy_lp_program *lp)
{
    uint32_t row = 0;

    if (!state->has_value)
        return;
    row = cy_lp_row_add(lp, " value");
    cy_lp_bound_set(&lp->rows[row].lower, state->value);
    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        if (state->parties[p].active)
            unit(lp, row, p + 1, state->charter->parties[p].value);
    }
}

cy_err cy_allocate_next(struct cy_allocate_state *state, struct cy_lp_program **out)
{
    struct cy_lp_program *lp = NULL;
    const char *place = NULL;
    uint32_t supply = 0;

    *out = NULL;
    while (state->phase == UINT32_MAX || !open_phase(state)) {
        if (state->phase != UINT32_MAX)
            end_phase(state);
        if (++state->phase == state->n_phases) {
            for (uint32_t p = 0; p < state->charter->n_parties; p++)
                state->parties[p].why = why_of(state, p, &state->parties[p].held_by);
            return CY_OK;
        }
        begin_phase(state);
    }
    lp = cy_lp_program_new();
    lp->most = true;
    add_columns(state, lp);
    supply = cy_lp_row_add(lp, " supply");
    CY_ASSERT(supply == SUPPLY_ROW);
    cy_lp_bound_set(&lp->rows[supply].upper, state->charter->supply);
    for (uint32_t p = 0; p < state->charter->n_parties; p++)
        unit(lp, supply, p + 1, NULL);
    add_shares(state->charter, lp);
    add_levels(state, lp);
    add_value(state, lp);
    *out = lp;
    return cy_lp_scale(lp, &place) ? CY_OK : cy_fail(CY_E_MODEL_INPUT, 0);
}

/* --- what a certificate shows --- */

static void settle(struct cy_allocate_state *state, uint32_t p)
{
    struct cy_allocate_standing *at = &state->parties[p];

    mpq_mul(at->share, at->per, state->level);
    mpq_add(at->share, at->share, at->from);
    mpq_set(at->level, state->level);
    at->settled = true;
}

/* The level has reached its end: all stand at it, or at their floor. */
static void settle_rest(struct cy_allocate_state *state)
{
    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        struct cy_allocate_standing *at = &state->parties[p];

        if (at->settled)
            continue;
        mpq_mul(at->share, at->per, state->level);
        if (mpq_cmp(at->share, at->low) < 0)
            mpq_set(at->share, at->low);
        mpq_set(at->level, state->level);
        at->settled = true;
    }
}

cy_err cy_allocate_apply(struct cy_allocate_state *state, const struct cy_lp_program *lp,
                         const struct cy_lp_verdict *verdict)
{
    uint32_t settled = 0;

    if (verdict->kind != CY_LP_OPTIMAL || verdict->multipliers.n != lp->n_rows)
        return cy_fail(CY_E_CERT_WRONG, 0);
    cy_lp_fraction(&verdict->value_above, &verdict->value_below, state->level);
    mpq_neg(state->level, state->level);
    if (state->by_value) {
        mpq_set(state->value, state->level);
        for (uint32_t p = 0; p < state->charter->n_parties; p++)
            state->parties[p].settled = true;
        return CY_OK;
    }
    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        const uint32_t row = state->parties[p].row;

        if (row == CY_LP_NONE || cy_whole_sign(verdict->multipliers.numbers[row]) <= 0)
            continue;
        settle(state, p);
        settled++;
    }
    if (state->has_limit && mpq_equal(state->level, state->charter->first)) {
        settle_rest(state);
        return CY_OK;
    }
    return settled > 0 ? CY_OK : cy_fail(CY_E_CERT_WRONG, 0);
}

/* --- why a charter cannot be kept --- */

static void say_list(FILE *out, const char *const *names, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        (void)fprintf(out, "%s%s", i == 0 ? "" : i + 1 == n ? " and " : ", ", names[i]);
}

/* Floors that are leant on, and what limits them: the excess is that of the combination. */
void cy_allocate_contradiction(const struct cy_allocate_state *state,
                               const struct cy_lp_program *lp, const struct cy_lp_verdict *verdict,
                               FILE *out)
{
    const struct cy_allocate_charter *charter = state->charter;
    const char **floors = cy_lp_alloc(charter->n_parties + charter->n_shares, sizeof *floors);
    const char *against = "its caps";
    char text[CY_LP_DECIMAL_MAX];
    uint32_t n = 0;
    mpq_t sum;

    mpq_init(sum);
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        if (mpq_sgn(charter->parties[p].floor) == 0)
            continue;
        mpq_add(sum, sum, charter->parties[p].floor);
        floors[n++] = charter->parties[p].name;
    }
    mpq_sub(sum, sum, charter->supply);
    if (cy_whole_sign(verdict->multipliers.numbers[SUPPLY_ROW]) < 0 && mpq_sgn(sum) > 0) {
        cy_lp_decimal(sum, 6, true, text);
        (void)fputs(n == 1 ? "The floor of " : "The floors of ", out);
        say_list(out, floors, n);
        (void)fprintf(out, " exceed%s the supply by %s.\n", n == 1 ? "s" : "", text);
    } else {
        for (uint32_t s = 0; s < charter->n_shares; s++) {
            if (verdict->multipliers.numbers[1 + s].n == 0)
                continue;
            cy_lp_decimal(charter->shares[s].amount, 6, true, text);
            (void)fprintf(out,
                          "The share of %s, at %s %s, cannot be kept together with the supply, "
                          "floors and caps.\n",
                          charter->groups[charter->shares[s].group],
                          charter->shares[s].least ? "least" : "most", text);
            against = NULL;
        }
        if (against != NULL)
            (void)fputs("Floors, caps and supply cannot all be kept.\n", out);
    }
    (void)fputs("The proof, bound by bound:\n", out);
    cy_lp_contradiction(out, lp, &verdict->multipliers);
    free(floors);
    mpq_clear(sum);
}

/* --- whole lots --- */

struct rest {
    uint32_t party;
    mpq_t remainder; /* of a lot */
    const mpq_t *claim;
    bool taken; /* it had its lot */
};

static int by_rest(const void *a, const void *b)
{
    const struct rest *x = a;
    const struct rest *y = b;
    int order = mpq_cmp(y->remainder, x->remainder);

    if (order == 0)
        order = mpq_cmp(*y->claim, *x->claim);
    return order != 0 ? order : x->party < y->party ? -1 : x->party > y->party;
}

static void in_units(const struct cy_allocate_charter *charter, mpz_srcptr lots, mpq_ptr out)
{
    mpz_mul_ui(mpq_numref(out), lots, charter->lot);
    mpz_set_ui(mpq_denref(out), 1);
}

static void given_to(const struct cy_allocate_charter *charter, mpz_t *lots, uint32_t group,
                     mpq_ptr out)
{
    mpq_t v;

    mpq_init(v);
    mpq_set_ui(out, 0, 1);
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        if (group != CY_LP_NONE && (charter->parties[p].groups >> group & 1) == 0)
            continue;
        in_units(charter, lots[p], v);
        mpq_add(out, out, v);
    }
    mpq_clear(v);
}

/* Whether the party may have one lot more. */
static bool may_have(const struct cy_allocate_charter *charter, mpz_t *lots, uint32_t p)
{
    const struct cy_allocate_party *party = &charter->parties[p];
    bool good = false;
    mpq_t v;

    mpq_init(v);
    mpz_add_ui(lots[p], lots[p], 1);
    in_units(charter, lots[p], v);
    good = mpq_cmp(v, party->cap) <= 0;
    for (uint32_t s = 0; good && s < charter->n_shares; s++) {
        if (charter->shares[s].least || (party->groups >> charter->shares[s].group & 1) == 0)
            continue;
        given_to(charter, lots, charter->shares[s].group, v);
        good = mpq_cmp(v, charter->shares[s].amount) <= 0;
    }
    if (good) {
        given_to(charter, lots, CY_LP_NONE, v);
        good = mpq_cmp(v, charter->supply) <= 0;
    }
    if (!good)
        mpz_sub_ui(lots[p], lots[p], 1);
    mpq_clear(v);
    return good;
}

static bool floors_kept(const struct cy_allocate_charter *charter, mpz_t *lots,
                        char what[static 160])
{
    bool good = true;
    mpq_t v;

    mpq_init(v);
    for (uint32_t p = 0; good && p < charter->n_parties; p++) {
        in_units(charter, lots[p], v);
        good = mpq_cmp(v, charter->parties[p].floor) >= 0;
        if (!good)
            (void)snprintf(what, 160, "the floor of %s is not kept in whole lots",
                           charter->parties[p].name);
    }
    for (uint32_t s = 0; good && s < charter->n_shares; s++) {
        given_to(charter, lots, charter->shares[s].group, v);
        good = !charter->shares[s].least || mpq_cmp(v, charter->shares[s].amount) >= 0;
        if (!good)
            (void)snprintf(what, 160, "the share of %s is not kept in whole lots",
                           charter->groups[charter->shares[s].group]);
    }
    mpq_clear(v);
    return good;
}

static void take_rest(const struct cy_allocate_charter *charter, mpz_t *lots, struct rest *rest,
                      mpz_ptr left)
{
    if (rest->taken || mpq_sgn(rest->remainder) <= 0 || !may_have(charter, lots, rest->party))
        return;
    rest->taken = true;
    mpz_sub_ui(left, left, 1);
}

/* Lots of remainders to a group until it has what it is promised. */
static void fill_share(const struct cy_allocate_charter *charter, mpz_t *lots, struct rest *rests,
                       const struct cy_allocate_share *share, mpz_ptr left)
{
    mpq_t v;

    mpq_init(v);
    for (uint32_t i = 0; i < charter->n_parties && mpz_sgn(left) > 0; i++) {
        given_to(charter, lots, share->group, v);
        if (mpq_cmp(v, share->amount) >= 0)
            break;
        if ((charter->parties[rests[i].party].groups >> share->group & 1) != 0)
            take_rest(charter, lots, &rests[i], left);
    }
    mpq_clear(v);
}

bool cy_allocate_round(const struct cy_allocate_state *state, mpz_t *lots, mpq_ptr kept,
                       char what[static 160])
{
    const struct cy_allocate_charter *charter = state->charter;
    struct rest *rests = cy_lp_alloc(charter->n_parties, sizeof *rests);
    mpz_t left; /* whole lots in the sum of the shares, not given yet */
    mpq_t sum;
    mpq_t v;
    bool good = false;

    mpz_init(left);
    mpq_inits(sum, v, NULL);
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        rests[p].party = p;
        rests[p].claim = (const mpq_t *)&charter->parties[p].claim;
        mpq_init(rests[p].remainder);
        mpq_add(sum, sum, state->parties[p].share);
        mpq_set_ui(v, charter->lot, 1);
        mpq_div(v, state->parties[p].share, v);
        mpz_fdiv_q(lots[p], mpq_numref(v), mpq_denref(v));
        mpz_add(left, left, lots[p]);
        mpq_set_z(rests[p].remainder, lots[p]);
        mpq_sub(rests[p].remainder, v, rests[p].remainder);
    }
    mpq_set_ui(v, charter->lot, 1);
    mpq_div(v, sum, v);
    mpz_fdiv_q(mpq_numref(v), mpq_numref(v), mpq_denref(v));
    mpz_sub(left, mpq_numref(v), left);
    qsort(rests, charter->n_parties, sizeof *rests, by_rest);
    for (uint32_t s = 0; s < charter->n_shares; s++) {
        if (charter->shares[s].least)
            fill_share(charter, lots, rests, &charter->shares[s], left);
    }
    for (uint32_t i = 0; i < charter->n_parties && mpz_sgn(left) > 0; i++)
        take_rest(charter, lots, &rests[i], left);
    mpq_set_ui(v, 0, 1);
    given_to(charter, lots, CY_LP_NONE, v);
    mpq_sub(kept, charter->supply, v);
    good = floors_kept(charter, lots, what);
    for (uint32_t p = 0; p < charter->n_parties; p++)
        mpq_clear(rests[p].remainder);
    free(rests);
    mpz_clear(left);
    mpq_clears(sum, v, NULL);
    return good;
}
