/* restraints: who may pay whom, found by the project and by a slow search over all records that
 * shares no code with it, in random worlds of lists, followers, forks, mergers and controllers
 * (M017, M073).
 *
 *   both always agree; one more restraint never sets anybody free; what is put and lifted again
 *   leaves the world as it was; the order in which restraints came does not matter. */
#include "gen.h"
#include "rig.h"

#include "kernel/lineage.h"
#include "kernel/restraint.h"

enum { PARTIES = 14, SEEDS = 12, STEPS = 60 };

#define DAY ((uint64_t)CY_DAY_MS)

struct story {
    struct gen gen;
    struct rig *rig;
};

static unsigned some(struct story *s)
{
    return 1 + (unsigned)gen_draw(&s->gen, PARTIES);
}

/* --- the slow search: reads tables from end to end --- */

static bool in_force(const struct cy_restraint *r, cy_time now)
{
    return !(r->until != 0 && now >= r->until) && now < r->review_at;
}

/* Whether `who` takes restraints of that source, and this one where it reviews. */
static bool takes(const struct cy_world *w, const struct cy_id *who, const struct cy_restraint *r)
{
    if (cy_id_eq(who, &r->source))
        return true;
    for (uint32_t i = 0; i < cy_world_count(w, CY_R_heeded); i++) {
        const struct cy_heeded *h = cy_world_at(w, CY_R_heeded, i);

        if (!cy_id_eq(&h->party, who) || !cy_id_eq(&h->source, &r->source))
            continue;
        if (h->mode == CY_heed_mode_MIRROR)
            return true;
        for (uint32_t j = 0; j < cy_world_count(w, CY_R_heed_mark); j++) {
            const struct cy_heed_mark *m = cy_world_at(w, CY_R_heed_mark, j);

            if (cy_id_eq(&m->party, who) && cy_id_eq(&m->source, &r->source) &&
                cy_id_eq(&m->subject, &r->subject) && cy_id_eq(&m->confirmed, &r->id))
                return true;
        }
    }
    return false;
}

/* By the passports and ancestors that stand on record, and the controllers in the passports. */
static bool reaches(const struct cy_world *w, const struct cy_id *party,
                    const struct cy_id *subject)
{
    struct cy_id at = *party;

    for (int up = 0; up <= 4 && !cy_id_none(&at); up++) {
        if (cy_id_eq(&at, subject))
            return true;
        for (uint32_t i = 0; i < cy_world_count(w, CY_R_ancestor); i++) {
            const struct cy_ancestor *a = cy_world_at(w, CY_R_ancestor, i);

            if (cy_id_eq(&a->passport, &at) && cy_id_eq(&a->from, subject))
                return true;
        }
        at = CY_GET(w, passport, &at)->controller;
    }
    return false;
}

static bool slow(const struct story *s, const struct cy_id *party, const struct cy_id *other)
{
    const struct cy_world *w = &s->rig->engine.world;

    for (uint32_t i = 0; i < cy_world_count(w, CY_R_restraint); i++) {
        const struct cy_restraint *r = cy_world_at(w, CY_R_restraint, i);

        if (r->exclude && in_force(r, s->rig->now) && reaches(w, party, &r->subject) &&
            (takes(w, &s->rig->realm, r) || takes(w, other, r)))
            return true;
    }
    return false;
}

static bool fast(struct story *s, const struct cy_id *party, const struct cy_id *other)
{
    const struct cy_restraint_ask ask = {
        .realm = s->rig->realm, .party = *party, .followers = {*other}, .now = s->rig->now};
    struct cy_plan_look look;

    return !cy_ok(cy_restraint_barred(cy_plan_look_at(&look, &s->rig->engine.world), &ask));
}

/* Which pairs are shut out; true where fast and slow differ in none. */
static void survey(struct story *s, bool out[PARTIES][PARTIES])
{
    for (unsigned a = 0; a < PARTIES; a++) {
        for (unsigned b = 0; b < PARTIES; b++) {
            const struct cy_id *one = &s->rig->id[a + 1];
            const struct cy_id *two = &s->rig->id[b + 1];

            out[a][b] = fast(s, one, two);
            assert_true(out[a][b] == slow(s, one, two));
        }
    }
}

/* --- the story --- */

static void people(struct story *s)
{
    for (unsigned n = 1; n <= PARTIES; n++) {
        const struct cy_key_share key = {.key = s->rig->key[n], .weight = 1};
        struct cy_passport_create m = {.kind = CY_kind_AGENT,
                                       .name = rig_name("Party"),
                                       .keys = &key,
                                       .n_keys = 1,
                                       .need_0 = 1};
        const unsigned above =
            n > 1 && gen_one_in(&s->gen, 3) ? 1 + (unsigned)gen_draw(&s->gen, n - 1) : 0;
        struct cy_claims claims = rig_claims(s->rig, n);

        claims.author = (struct cy_id){{0}};
        m.controller = above == 0 ? (struct cy_id){{0}} : s->rig->id[above];
        assert_ok(rig_send(s->rig, rig_build(s->rig, &claims, &cy_schema_passport_create, &m,
                                             (const unsigned[]){n, above}, above == 0 ? 1 : 2)));
        s->rig->id[n] = s->rig->last;
    }
    assert_ok(RIG_DO(s->rig, 1, evidence_record, .digest = {{1}}, .kind = CY_evidence_kind_INCIDENT,
                     .summary = rig_line("seen")));
}

static cy_err shut_out(struct story *s, unsigned by, unsigned whom, uint64_t ms)
{
    return RIG_DO(s->rig, by, restrain, .subject = s->rig->id[whom], .exclude = true,
                  .evidence = {{1}}, .reason = rig_line("x"), .review_at = s->rig->now + ms);
}

static void step(struct story *s)
{
    const unsigned by = some(s);
    const unsigned whom = some(s);
    struct rig *rig = s->rig;
    cy_err err = CY_OK; /* refusals are part of the story */

    switch (gen_draw(&s->gen, 8)) {
    case 0:
    case 1:
        err = shut_out(s, gen_one_in(&s->gen, 4) ? 0 : by, whom,
                       gen_one_in(&s->gen, 2) ? 5000 : 20 * DAY);
        break;
    case 2: err = RIG_DO(rig, by, restraint_end, .subject = rig->id[whom]); break;
    case 3:
        err = RIG_DO(rig, gen_one_in(&s->gen, 6) ? 0 : by, heed, .source = rig->id[whom],
                     .mode = (uint8_t)(1 + gen_draw(&s->gen, 3)));
        break;
    case 4:
        err = RIG_DO(rig, by, heed_confirm, .source = rig->id[some(s)], .subject = rig->id[whom]);
        break;
    case 5:
        err = RIG_DO(rig, by, fork, .child = rig->id[whom], .kind = CY_fork_kind_HEIR);
        if (cy_ok(err))
            err = RIG_DO(rig, whom, fork_take, .parent = rig->id[by]);
        break;
    case 6:
        err = RIG_DO(rig, by, absorb_offer, .into = rig->id[whom]);
        if (cy_ok(err))
            err = RIG_DO(rig, whom, absorb, .from = rig->id[by]);
        break;
    default: rig_tick(rig, gen_draw(&s->gen, 4000)); break;
    }
    (void)err;
}

/* No passport is its own ancestor, over any number of steps. */
static void no_circles(const struct cy_world *w)
{
    for (uint32_t i = 0; i < cy_world_count(w, CY_R_ancestor); i++) {
        const struct cy_ancestor *a = cy_world_at(w, CY_R_ancestor, i);

        assert_false(cy_id_eq(&a->passport, &a->from));
        for (uint32_t j = 0; j < cy_world_count(w, CY_R_ancestor); j++) {
            const struct cy_ancestor *b = cy_world_at(w, CY_R_ancestor, j);

            assert_false(cy_id_eq(&a->passport, &b->from) && cy_id_eq(&a->from, &b->passport));
        }
    }
}

/* One more restraint frees nobody; lifted again it leaves every pair as it was. */
static void one_more_and_back(struct story *s, bool before[PARTIES][PARTIES])
{
    const struct cy_world *w = &s->rig->engine.world;
    const unsigned whom = some(s);
    const struct {
        struct cy_id subject, source;
    } key = {s->rig->id[whom], s->rig->realm};
    bool after[PARTIES][PARTIES];

    if (CY_GET(w, restraint, &key) != NULL)
        return;
    assert_ok(shut_out(s, 0, whom, DAY));
    survey(s, after);
    for (unsigned a = 0; a < PARTIES; a++) {
        for (unsigned b = 0; b < PARTIES; b++)
            assert_true(after[a][b] || !before[a][b]);
    }
    assert_true(after[whom - 1][0]);
    assert_ok(RIG_DO(s->rig, 0, restraint_end, .subject = s->rig->id[whom]));
    survey(s, after);
    assert_memory_equal(after, before, sizeof after);
}

static void fast_and_slow_agree(void **state)
{
    unsigned shut = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct story s = {.gen = gen_on(seed, NULL), .rig = rig_new(NULL, 0)};
        bool out[PARTIES][PARTIES];

        people(&s);
        for (unsigned i = 0; i < STEPS; i++) {
            step(&s);
            if (i % 6 != 0)
                continue;
            survey(&s, out);
            for (unsigned a = 0; a < PARTIES; a++)
                shut += out[a][(a + 1) % PARTIES];
            one_more_and_back(&s, out);
        }
        no_circles(&s.rig->engine.world);
        rig_free(s.rig);
    }
    assert_true(shut > 200); /* the stories are about something */
}

/* The same restraints in another order: the same verdicts. */
static void order_does_not_matter(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct story s[2];
        bool out[2][PARTIES][PARTIES];
        unsigned by[10], whom[10];

        for (unsigned i = 0; i < 2; i++) {
            s[i] = (struct story){.gen = gen_on(seed, NULL), .rig = rig_new(NULL, 0)};
            people(&s[i]);
        }
        for (unsigned i = 0; i < 10; i++) {
            by[i] = i % 3;
            whom[i] = 4 + i;
        }
        for (unsigned i = 0; i < 10; i++) {
            assert_ok(shut_out(&s[0], by[i], whom[i], DAY));
            assert_ok(shut_out(&s[1], by[9 - i], whom[9 - i], DAY));
        }
        for (unsigned i = 0; i < 2; i++) {
            assert_ok(
                RIG_DO(s[i].rig, 3, heed, .source = s[i].rig->id[1], .mode = CY_heed_mode_MIRROR));
            survey(&s[i], out[i]);
        }
        assert_memory_equal(out[0], out[1], sizeof out[0]);
        rig_free(s[0].rig);
        rig_free(s[1].rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_and_slow_agree),
        cmocka_unit_test(order_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
