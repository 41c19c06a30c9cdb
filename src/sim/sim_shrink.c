#include "sim/sim_shrink.h"

struct shrinking {
    struct cy_sim_plan *plan;
    struct cy_sim_plan *spare;
    uint32_t tries;
    uint32_t tries_max;
    cy_sim_fails *fails;
    void *user;
};

static void copy_plan(struct cy_sim_plan *to, const struct cy_sim_plan *from)
{
    memcpy(to, from, offsetof(struct cy_sim_plan, moves) + from->n * sizeof from->moves[0]);
}

/* Keeps what stands in spare when it fails, too. */
static bool try_spare(struct shrinking *s)
{
    if (s->tries == s->tries_max)
        return false;
    s->tries++;
    if (!s->fails(s->user, s->spare))
        return false;
    copy_plan(s->plan, s->spare);
    return true;
}

static bool try_without(struct shrinking *s, uint32_t first, uint32_t n)
{
    copy_plan(s->spare, s->plan);
    memmove(&s->spare->moves[first], &s->spare->moves[first + n],
            (s->spare->n - first - n) * sizeof s->spare->moves[0]);
    s->spare->n -= n;
    return try_spare(s);
}

/* One pass over the plan in runs of that length; whether something went. */
static bool pass(struct shrinking *s, uint32_t run)
{
    bool less = false;

    for (uint32_t first = 0; first < s->plan->n && s->tries < s->tries_max;) {
        const uint32_t left = s->plan->n - first;
        const uint32_t n = run < left ? run : left;

        if (try_without(s, first, n))
            less = true;
        else
            first += n;
    }
    return less;
}

static void cut_time(struct shrinking *s)
{
    for (uint32_t part = 2; part <= 16; part *= 2) {
        const uint32_t ticks = s->plan->ticks - s->plan->ticks / part;

        copy_plan(s->spare, s->plan);
        s->spare->ticks = ticks;
        if (s->spare->calm > ticks)
            s->spare->calm = ticks;
        while (s->spare->n > 0 && s->spare->moves[s->spare->n - 1].at > ticks)
            s->spare->n--;
        if (ticks > 0 && try_spare(s))
            part = 1; /* and again from half */
    }
}

uint32_t cy_sim_shrink(struct cy_sim_plan *plan, struct cy_sim_plan *spare, uint32_t tries_max,
                       cy_sim_fails *fails, void *user)
{
    struct shrinking s = {plan, spare, 0, tries_max, fails, user};

    cut_time(&s);
    for (uint32_t run = plan->n / 2; run > 1; run /= 2)
        (void)pass(&s, run);
    while (pass(&s, 1) && s.tries < tries_max)
        continue;
    return s.tries;
}
