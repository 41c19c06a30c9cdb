/* The roll: whatever acts come, the realm's keys are the active seats', every key is on record as
 * what it is, the policy names who cosigns or is due, and who votes can always go on. And the
 * kernel's judgement of certificates is that of the nodes that make them. */
#include "federation.h"

#include "crypto/note_key.h"
#include "realm/agree.h"
#include "sim/sim_dice.h"

struct story {
    struct fed *fed;
    struct cy_sim_dice dice;
    unsigned spare; /* keys not used yet */
    unsigned counts[16];
};

static unsigned draw(struct story *s, unsigned below)
{
    return (unsigned)cy_sim_draw(&s->dice, below);
}

/* The number of a key in the rig. */
static unsigned number_of(const struct fed *fed, const struct cy_id *key)
{
    unsigned i = 0;

    while (i < RIG_KEYS && !cy_id_eq(&fed->rig->key[i], key))
        i++;
    assert_true(i < RIG_KEYS);
    return i;
}

static unsigned set_of(const struct fed *fed, bool (*in)(const struct cy_seat *seat))
{
    unsigned set = 0;

    for (unsigned i = 0; i < 16; i++)
        set |= fed_seat_at(fed, i) != NULL && in(fed_seat_at(fed, i)) ? 1u << i : 0;
    return set;
}

static bool is_active(const struct cy_seat *seat)
{
    return seat->state == CY_seat_state_ACTIVE;
}

static bool votes_now(const struct cy_seat *seat)
{
    return seat->voting_weight > 0;
}

static bool is_new(const struct cy_seat *seat)
{
    return seat->state == CY_seat_state_PROBATION;
}

static unsigned size_of(unsigned set)
{
    return (unsigned)__builtin_popcount(set);
}

/* A random subset of n members. */
static unsigned some(struct story *s, unsigned set, unsigned n)
{
    unsigned out = 0;

    while (size_of(out) < n) {
        const unsigned bit = 1u << draw(s, 16);

        out |= set & bit;
    }
    return out;
}

/* Exactly as many active seats as an act of the realm needs (weights are 1). */
static unsigned quorum(struct story *s)
{
    const unsigned active = set_of(s->fed, is_active);

    return some(s, active, size_of(active) * 2 / 3 + 1);
}

static void learn_keys(struct fed *fed)
{
    for (unsigned i = 0; i < 16; i++) {
        const struct cy_seat *seat = fed_seat_at(fed, i);

        if (seat == NULL)
            continue;
        fed->act_key[i] = number_of(fed, &seat->key);
        fed->vote_key[i] =
            number_of(fed, seat->voting_weight > 0 ? &seat->voting_key : &seat->vote_key);
    }
}

/* --- steps --- */

static cy_err open_height(struct story *s)
{
    const unsigned voters = set_of(s->fed, votes_now);
    const unsigned active = set_of(s->fed, is_active);
    struct fed_height height;
    cy_err err = CY_OK;

    learn_keys(s->fed);
    fed_height_of(s->fed, s->fed->height == 0 ? active : voters, &height);
    height.proposer = (unsigned)__builtin_ctz(some(s, active, 1));
    err = fed_height_send(s->fed, &height);
    assert_ok(err); /* those who vote can always go on */
    s->fed->height++;
    s->fed->rig->now = fed_realm(s->fed)->now;
    s->fed->clock = s->fed->rig->now;
    return err;
}

static cy_err admit(struct story *s)
{
    const struct fed *fed = s->fed;
    struct cy_seat_admit m = {
        .name = rig_name("new-0.example/cell"), .operator= rig_label("op-new"), .weight = 1};

    if (s->spare + 4 > RIG_KEYS)
        return cy_fail(CY_E_NO_ROOM, 0);
    m.name.s[4] = (char)('0' + s->spare % 10);
    m.act_key = fed->rig->key[s->spare++];
    m.vote_key = fed->rig->key[s->spare++];
    m.cosign_key = fed->rig->key[s->spare++];
    m.peer_key = fed->rig->key[s->spare++];
    return fed_all(s->fed, quorum(s), &cy_schema_seat_admit, &m);
}

static struct cy_span policy_for(struct story *s, unsigned with, char *text, size_t cap);

static cy_err confirm(struct story *s)
{
    const unsigned fresh = set_of(s->fed, is_new);
    char text[4096];
    unsigned seat = 0;

    if (fresh == 0)
        return cy_fail(CY_E_SEAT_STATE, 0);
    seat = (unsigned)__builtin_ctz(some(s, fresh, 1));
    return FED_ALL_DO(s->fed, quorum(s), seat_confirm, .seat = seat,
                      .policy = policy_for(s, 1u << seat, text, sizeof text), .faults = 0,
                      .accept_less = true);
}

static cy_err speak(struct story *s)
{
    const unsigned here = set_of(s->fed, is_active) | set_of(s->fed, is_new);

    return FED_SEAT(s->fed, (unsigned)__builtin_ctz(some(s, here, 1)), seat_rejoin,
                    .from = s->fed->height + 1 + draw(s, 3));
}

static cy_err leave(struct story *s)
{
    const unsigned here = set_of(s->fed, is_active) | set_of(s->fed, is_new);

    return FED_SEAT(s->fed, (unsigned)__builtin_ctz(some(s, here, 1)), seat_leave,
                    .reason = rig_line("away"));
}

static cy_err rekey(struct story *s)
{
    const unsigned here = set_of(s->fed, is_active) | set_of(s->fed, is_new);
    const unsigned seat = (unsigned)__builtin_ctz(some(s, here, 1));
    struct cy_seat_rekey m = {.act_key = {{0}}};
    struct cy_id *const fields[] = {&m.act_key, &m.vote_key, &m.cosign_key, &m.peer_key};

    if (s->spare + 1 > RIG_KEYS)
        return cy_fail(CY_E_NO_ROOM, 0);
    *fields[draw(s, 4)] = s->fed->rig->key[s->spare++];
    return fed_seat(s->fed, seat, &cy_schema_seat_rekey, &m);
}

static cy_err convict(struct story *s)
{
    const unsigned here = set_of(s->fed, is_active);
    const unsigned seat = (unsigned)__builtin_ctz(some(s, here, 1));
    const unsigned by = (unsigned)__builtin_ctz(some(s, here, 1));
    const unsigned key = number_of(s->fed, &fed_seat_at(s->fed, seat)->vote_key);
    struct cy_vote vote = {.origin = cy_span_text("ocean.example/ledger"),
                           .height = 1,
                           .step = CY_VOTE_PRECOMMIT,
                           .after = CY_NO_ROUND,
                           .value = {{1}}};
    char a[1024];
    char b[1024];
    struct cy_equivocate m = {.kind = CY_statement_VOTE, .of_key = s->fed->rig->key[key]};

    m.one = fed_vote(s->fed, key, "a", &vote, a, sizeof a);
    vote.value.b[0] = 2;
    m.another = fed_vote(s->fed, key, "a", &vote, b, sizeof b);
    return fed_seat(s->fed, by, &cy_schema_equivocate, &m);
}

static cy_err new_policy(struct story *s)
{
    char text[4096];

    return FED_ALL_DO(s->fed, quorum(s), policy_set, .policy = policy_for(s, 0, text, sizeof text),
                      .accept_less = true);
}

static cy_err (*const steps[])(struct story *) = {open_height, admit, confirm, speak,
                                                  leave,       rekey, convict, new_policy};

/* --- a policy of the seats as they stand --- */

static struct cy_span policy_for(struct story *s, unsigned with, char *at, size_t cap)
{
    const unsigned set = set_of(s->fed, is_active) | with;
    struct cy_text text = cy_text_on(at, cap);

    for (unsigned i = 0; i < 16; i++) {
        const struct cy_seat *seat = fed_seat_at(s->fed, i);
        struct cy_note_key key;

        if ((set >> i & 1) == 0)
            continue;
        assert_ok(cy_note_key_of(cy_name_text(&seat->name), CY_NOTE_COSIGNATURE, &seat->cosign_key,
                                 &key));
        cy_text_add(&text, "witness ");
        cy_text_span(&text, cy_name_text(&seat->name));
        cy_text_add(&text, " ");
        cy_note_vkey(&key, &text);
        cy_text_add(&text, "\n");
    }
    cy_text_add(&text, "#operator op-new");
    for (unsigned i = 0; i < 16; i++) {
        if ((set >> i & 1) != 0 &&
            cy_span_eq(cy_label_text(&fed_seat_at(s->fed, i)->operator), cy_span_text("op-new"))) {
            cy_text_add(&text, " ");
            cy_text_span(&text, cy_name_text(&fed_seat_at(s->fed, i)->name));
        }
    }
    cy_text_add(&text, "\ngroup all-of-us any");
    for (unsigned i = 0; i < 16; i++) {
        if ((set >> i & 1) != 0) {
            cy_text_add(&text, " ");
            cy_text_span(&text, cy_name_text(&fed_seat_at(s->fed, i)->name));
        }
    }
    cy_text_add(&text, "\nquorum all-of-us\n");
    assert_false(text.full);
    return cy_text_bytes(&text);
}

/* --- the laws --- */

static void keys_are_the_seats(const struct fed *fed)
{
    const struct cy_world *world = &fed->rig->engine.world;
    const struct cy_passport *realm = CY_GET(world, passport, &fed->rig->realm);
    const unsigned active = set_of(fed, is_active);
    unsigned current = 0;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_control); i++) {
        const struct cy_control *control = cy_world_at(world, CY_R_control, i);

        current +=
            cy_id_eq(&control->passport, &realm->id) && control->generation == realm->generation;
    }
    assert_int_equal(current, size_of(active));
    assert_int_equal(realm->need_0, size_of(active) * 2 / 3 + 1);
    assert_true(active != 0);
    for (unsigned i = 0; i < 16; i++) {
        struct {
            struct cy_id passport;
            struct cy_id key;
        } key = {realm->id, {{0}}};

        if ((active >> i & 1) == 0)
            continue;
        key.key = fed_seat_at(fed, i)->key;
        assert_int_equal(CY_GET(world, control, &key)->generation, realm->generation);
        assert_int_equal(CY_GET(world, control, &key)->weight, 1);
    }
}

static void keys_are_on_record(const struct fed *fed)
{
    const struct cy_world *world = &fed->rig->engine.world;
    unsigned in_use = 0;
    unsigned due = 0;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_seat_key); i++)
        in_use += ((const struct cy_seat_key *)cy_world_at(world, CY_R_seat_key, i))->until == 0;
    for (unsigned i = 0; i < 16; i++) {
        const struct cy_seat *seat = fed_seat_at(fed, i);
        const struct cy_id *keys[5] = {NULL};

        if (seat == NULL || !cy_seat_here(seat))
            continue;
        keys[0] = &seat->key;
        keys[1] = &seat->vote_key;
        keys[2] = &seat->cosign_key;
        keys[3] = &seat->peer_key;
        keys[4] = &seat->log_key;
        for (unsigned k = 0; k < 5; k++) {
            const struct cy_seat_key *record = CY_GET(world, seat_key, keys[k]);

            if (cy_id_none(keys[k]))
                continue;
            due++;
            assert_int_equal(record->seat, i);
            assert_int_equal(record->purpose, CY_seat_purpose_ACT + k);
            assert_true(record->until == 0);
        }
    }
    assert_int_equal(in_use, due);
}

static void the_policy_is_right_or_due(const struct fed *fed)
{
    const struct cy_world *world = &fed->rig->engine.world;
    unsigned named = 0;

    if (fed_agreement(fed)->policy_due)
        return;
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_policy_node); i++) {
        const struct cy_policy_node *node =
            CY_GET(world, policy_node, &(uint64_t){i}); /* no gaps */

        if (node->need > 0)
            continue;
        named++;
        assert_non_null(CY_GET(world, seat_key, &node->key));
        assert_true(CY_GET(world, seat_key, &node->key)->until == 0);
    }
    assert_int_equal(named, size_of(set_of(fed, is_active)));
}

static void whatever_comes_the_roll_holds(void **state)
{
    unsigned counts[CY_COUNT(steps)] = {0};

    (void)state;
    for (unsigned seed = 1; seed <= 24; seed++) {
        struct story s = {.fed = fed_new(4, 0), .dice = {seed}, .spare = FED_TRUSTEE};

        (void)open_height(&s);
        assert_ok(FED_ALL_DO(s.fed, 0x7, param_set, .name = rig_label("probation"), .value = 1));
        for (unsigned i = 0; i < 60; i++) {
            const unsigned step = draw(&s, CY_COUNT(steps) + 2) % CY_COUNT(steps);

            learn_keys(s.fed);
            counts[step] += cy_ok(steps[step](&s));
            keys_are_the_seats(s.fed);
            keys_are_on_record(s.fed);
            the_policy_is_right_or_due(s.fed);
        }
        (void)open_height(&s);
        (void)open_height(&s);
        fed_free(s.fed);
    }
    for (unsigned i = 0; i < CY_COUNT(steps); i++)
        assert_true(counts[i] >= 10); /* each of them happened, often */
}

/* --- certificates --- */

/* The median by its definition: each time as often as it weighs, in order, the lower middle. */
static cy_time middle(const struct cy_agreement_voters *voters,
                      const struct cy_ballot_entry *ballots, uint32_t n)
{
    uint64_t all = 0;
    uint64_t before = 0;
    cy_time time = 0;

    for (uint32_t i = 0; i < n; i++)
        all += voters->voter[ballots[i].seat].weight;
    for (; all > 0; time++) {
        for (uint32_t i = 0; i < n; i++) {
            if (ballots[i].time == time)
                before += voters->voter[ballots[i].seat].weight;
        }
        if (before > (all - 1) / 2)
            return time;
    }
    return 0;
}

static void the_kernel_judges_as_the_nodes_do(void **state)
{
    struct cy_sim_dice dice = {5};

    (void)state;
    for (unsigned round = 0; round < 4000; round++) {
        struct cy_agree_member members[CY_ROLL_SEATS_MAX] = {0};
        struct cy_agreement_voters voters = {.n = 1 + (uint32_t)cy_sim_draw(&dice, 16)};
        struct cy_ballot_entry ballots[CY_ROLL_SEATS_MAX] = {0};
        static struct cy_agree agree;
        uint32_t n = 0;
        uint64_t weight = 0;

        for (uint32_t i = 0; i < voters.n; i++) {
            members[i].weight = 1 + cy_sim_draw(&dice, round % 3 == 0 ? 1 : 9);
            voters.voter[i].seat = i;
            voters.voter[i].weight = (uint32_t)members[i].weight;
            if (!cy_sim_one_in(&dice, 3)) {
                const cy_time time = 1000 + cy_sim_draw(&dice, 8);

                ballots[n].seat = (uint8_t)i;
                ballots[n++].time = time;
                weight += members[i].weight;
            }
        }
        cy_agree_begin(&agree, members, voters.n, 0, 1);
        assert_true(cy_agreement_quorum(&voters, weight) == cy_agree_quorum(&agree, weight));
        assert_true(cy_agreement_median(&voters, ballots, n) == middle(&voters, ballots, n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_the_roll_holds),
        cmocka_unit_test(the_kernel_judges_as_the_nodes_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
