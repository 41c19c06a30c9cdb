#include "models/allocate/allocate_range.h"

struct ends {
    bool has_low;
    bool has_high;
    mpq_t low; /* levels */
    mpq_t high;
};

static void at_least(struct ends *e, mpq_srcptr level)
{
    if (!e->has_low || mpq_cmp(level, e->low) > 0)
        mpq_set(e->low, level);
    e->has_low = true;
}

static void at_most(struct ends *e, mpq_srcptr level)
{
    if (!e->has_high || mpq_cmp(level, e->high) < 0)
        mpq_set(e->high, level);
    e->has_high = true;
}

/* The level at which a party has an amount. */
static void level_of(const struct cy_allocate_standing *at, mpq_srcptr amount, mpq_ptr out)
{
    mpq_sub(out, amount, at->from);
    mpq_div(out, out, at->per);
}

static bool held(const struct cy_allocate_standing *at)
{
    return at->why == CY_ALLOCATE_AT_LEVEL && mpq_sgn(at->per) > 0;
}

/* The one level at which all stand that the supply holds; false when there is no such. */
static bool common_level(const struct cy_allocate_state *state, uint32_t *priority, mpq_ptr sum,
                         mpq_ptr level)
{
    bool any = false;

    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        const struct cy_allocate_standing *at = &state->parties[p];

        if (at->why == CY_ALLOCATE_BY_VALUE)
            return false;
        if (!held(at))
            continue;
        if (any && !mpq_equal(at->level, level))
            return false;
        mpq_set(level, at->level);
        mpq_add(sum, sum, at->per);
        *priority = state->charter->parties[p].priority;
        any = true;
    }
    return any && !state->charter->has_aim;
}

/* What a party that is, or is not, held by the supply allows. */
static void ends_of_party(const struct cy_allocate_standing *at, mpq_srcptr level, struct ends *e)
{
    mpq_t v;

    if (mpq_sgn(at->per) == 0)
        return;
    mpq_init(v);
    if (held(at)) {
        level_of(at, at->most, v);
        at_most(e, v);
        level_of(at, at->least, v);
        at_least(e, v);
    } else if (at->why == CY_ALLOCATE_AT_CAP) {
        level_of(at, at->share, v);
        at_least(e, mpq_cmp(v, level) < 0 ? v : level);
    } else if (at->why == CY_ALLOCATE_AT_FLOOR) {
        level_of(at, at->share, v);
        at_most(e, mpq_cmp(v, level) > 0 ? v : level);
    } else if (mpq_cmp(at->level, level) <= 0)
        at_least(e, at->level);
    else
        at_most(e, at->level);
    mpq_clear(v);
}

/* A group's share is met when the held ones of it have taken up what is between; a share that is a
 * part of the supply moves with it. False: it is met, and moves. */
static bool ends_of_share(const struct cy_allocate_state *state,
                          const struct cy_allocate_share *share, mpq_srcptr all, mpq_srcptr level,
                          struct ends *e)
{
    bool good = true;
    mpq_t gap;
    mpq_t per;
    mpq_t v;

    mpq_inits(gap, per, v, NULL);
    mpq_set(gap, share->amount);
    for (uint32_t p = 0; p < state->charter->n_parties; p++) {
        if ((state->charter->parties[p].groups >> share->group & 1) == 0)
            continue;
        mpq_sub(gap, gap, state->parties[p].share);
        if (held(&state->parties[p]))
            mpq_add(per, per, state->parties[p].per);
    }
    good = mpq_sgn(gap) != 0 || mpq_sgn(share->part) == 0;
    mpq_mul(v, share->part, all);
    mpq_sub(per, per, v); /* by how much the group gains on its share, with the level */
    if (mpq_sgn(per) != 0) {
        mpq_div(v, gap, per);
        mpq_add(v, v, level);
        if (share->least == (mpq_sgn(per) > 0))
            at_least(e, v);
        else
            at_most(e, v);
    }
    mpq_clears(gap, per, v, NULL);
    return good;
}

/* The supply at a level near the present one. */
static void supply_at(const struct cy_allocate_state *state, mpq_srcptr now, mpq_srcptr then,
                      mpq_srcptr sum, mpq_ptr out)
{
    mpq_sub(out, then, now);
    mpq_mul(out, out, sum);
    mpq_add(out, out, state->charter->supply);
}

void cy_allocate_range_find(const struct cy_allocate_state *state, struct cy_allocate_range *out)
{
    const struct cy_allocate_charter *charter = state->charter;
    struct ends e = {.has_low = false};
    mpq_t sum;

    *out = (struct cy_allocate_range){.there = false};
    mpq_inits(out->level, out->per_unit, out->from, out->to, e.low, e.high, sum, NULL);
    out->there = common_level(state, &out->priority, sum, out->level);
    for (uint32_t p = 0; p < charter->n_parties && out->there; p++) {
        if (charter->parties[p].priority == out->priority)
            ends_of_party(&state->parties[p], out->level, &e);
    }
    for (uint32_t s = 0; s < charter->n_shares && out->there; s++)
        out->there = ends_of_share(state, &charter->shares[s], sum, out->level, &e);
    if (out->there) {
        mpq_inv(out->per_unit, sum);
        out->endless = !e.has_high;
        if (e.has_low)
            supply_at(state, out->level, e.low, sum, out->from);
        if (e.has_high)
            supply_at(state, out->level, e.high, sum, out->to);
    }
    mpq_clears(e.low, e.high, sum, NULL);
}

void cy_allocate_range_free(struct cy_allocate_range *range)
{
    mpq_clears(range->level, range->per_unit, range->from, range->to, NULL);
}

void cy_allocate_range_part(const struct cy_allocate_state *state,
                            const struct cy_allocate_range *range, uint32_t p, mpq_ptr out)
{
    mpq_set_ui(out, 0, 1);
    if (range->there && held(&state->parties[p]))
        mpq_mul(out, state->parties[p].per, range->per_unit);
}
