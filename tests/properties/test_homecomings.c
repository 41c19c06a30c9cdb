/* homecomings: two cells whose bridge is opened, severed and opened again while units cross,
 * return, end abroad and come home, from seeds (M105, M111). After every step escrow holds exactly
 * what is in flight and abroad, and what is abroad covers the vouchers and what ended but is not
 * home; at the end everything comes home, and nothing is missing. */
#include "ford.h"
#include "gen.h"

#include <stdlib.h>

#define SEEDS 10u
#define STEPS 60u
#define BURNS 64u

struct world {
    struct gen gen;
    struct ford *ford;
    struct cy_id burn[BURNS];
    unsigned n;
    unsigned burnt;
    unsigned home;
    unsigned refused;
};

static unsigned draw(struct world *w, unsigned n)
{
    return (unsigned)gen_draw(&w->gen, n);
}

static void pay(struct world *w)
{
    const unsigned from = draw(w, 2);
    struct ford *ford = w->ford;
    const struct cy_id voucher = cy_voucher_id(&ford->cell[0]->rig->realm, &ford->asset[0]);
    const struct cy_id account =
        cy_account_id(&ford->cell[from]->rig->id[2], from == 0 ? &ford->asset[0] : &voucher, 0);

    (void)ford_pay(ford, from, 1 - from, &account, 1 + draw(w, 500),
                   ford->cell[from]->rig->now + 2000 + draw(w, 60000));
}

/* The bridge of cell 0: severed, or opened on the old terms. */
static void turn(struct world *w)
{
    struct place *a = w->ford->cell[0];
    const struct cy_bridge_open terms = ford_terms(w->ford, 0, 1);

    if (ford_bridge(w->ford, 0, 1)->state == CY_bridge_state_SEVERED)
        assert_ok(place_do(a, 0, &cy_schema_bridge_open, &terms));
    else
        assert_ok(PLACE_DO(a, 0, bridge_turn, .realm = w->ford->cell[1]->rig->realm,
                           .state = CY_bridge_state_SEVERED));
}

static void burn(struct world *w)
{
    struct cy_id id;

    if (w->n == BURNS)
        return;
    if (!cy_ok(ford_burn(w->ford, 1, 0, 1 + draw(w, 300), 3, &id))) {
        w->refused++;
        return;
    }
    w->burn[w->n++] = id;
    w->burnt++;
}

static void home(struct world *w)
{
    if (w->n == 0)
        return;
    if (cy_ok(ford_home(w->ford, 1, 0, &w->burn[draw(w, w->n)])))
        w->home++;
    else
        w->refused++;
}

static void step(struct world *w)
{
    switch (draw(w, 9)) {
    case 0:
    case 1:
    case 2: pay(w); break;
    case 3:
    case 4: {
        const unsigned from = draw(w, 2);

        (void)ford_carry(w->ford, from, 1 - from);
        break;
    }
    case 5: turn(w); break;
    case 6:
    case 7: burn(w); break;
    default: home(w); break;
    }
}

/* Severed for good: what is under way ends by its time, what is abroad comes home. */
static void bring_all_home(struct world *w)
{
    struct ford *ford = w->ford;
    const struct cy_id voucher = cy_voucher_id(&ford->cell[0]->rig->realm, &ford->asset[0]);
    struct cy_id last;

    if (ford_bridge(ford, 0, 1)->state != CY_bridge_state_SEVERED)
        turn(w);
    for (unsigned i = 0; i < 2; i++) {
        struct place *p = ford->cell[i];
        const cy_time now = ford->cell[1 - i]->rig->now;

        while (p->rig->now < now)
            place_tick(p, now - p->rig->now < 600000 ? now - p->rig->now : 600000);
        place_tick(p, 70000);
    }
    ford_settle(ford, 0, 1);
    ford_conserved(ford, 0, 1, true);
    if (ford_units(ford, 1, 2, &voucher) > 0) {
        assert_ok(ford_burn(ford, 1, 0, (uint64_t)ford_units(ford, 1, 2, &voucher), 3, &last));
        assert_ok(ford_home(ford, 1, 0, &last));
    }
    for (unsigned i = 0; i < w->n; i++)
        (void)ford_home(ford, 1, 0, &w->burn[i]);
    ford_conserved(ford, 0, 1, true);
    assert_true(ford_units(ford, 1, 2, &voucher) == 0);
    assert_true(ford_units(ford, 0, 2, &ford->asset[0]) + ford_units(ford, 0, 3, &ford->asset[0]) ==
                1000000);
}

static void what_was_abroad_comes_home_exactly(void **s)
{
    unsigned burnt = 0;
    unsigned at_home = 0;
    unsigned refused = 0;

    (void)s;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct world *w = calloc(1, sizeof *w);

        w->gen = gen_on(seed, NULL);
        w->ford = ford_new(2);
        ford_open(w->ford, 0, 1);
        for (unsigned i = 0; i < STEPS; i++) {
            step(w);
            ford_conserved(w->ford, 0, 1, false);
        }
        bring_all_home(w);
        place_same(w->ford->cell[0]);
        place_same(w->ford->cell[1]);
        burnt += w->burnt;
        at_home += w->home;
        refused += w->refused;
        ford_free(w->ford);
        free(w);
    }
    assert_true(burnt > 20); /* the seeds reach what they are for */
    assert_true(at_home > 10);
    assert_true(refused > 20);
    print_message("ended abroad %u, came home %u, refused %u\n", burnt, at_home, refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_abroad_comes_home_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
