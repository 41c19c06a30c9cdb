/* conviction: two statements that contradict each other, and nothing less, cost the seat. */
#include "federation.h"

#define FOUR 0xfu
#define THREE 0x7u
#define ORIGIN "ocean.example/ledger"
#define NORTH "north.example/cell"

struct two {
    char a[1024];
    char b[1024];
    struct cy_equivocate m;
};

static struct cy_vote a_vote(uint8_t value)
{
    return (struct cy_vote){.origin = cy_span_text(ORIGIN),
                            .height = 7,
                            .round = 1,
                            .step = CY_VOTE_PREVOTE,
                            .after = CY_NO_ROUND,
                            .value = {{value}},
                            .time = 5};
}

static void votes(struct fed *fed, unsigned key, const struct cy_vote *a, const struct cy_vote *b,
                  struct two *out)
{
    out->m = (struct cy_equivocate){.kind = CY_statement_VOTE,
                                    .of_key = fed->rig->key[key],
                                    .one = fed_vote(fed, key, NORTH, a, out->a, sizeof out->a),
                                    .another = fed_vote(fed, key, NORTH, b, out->b, sizeof out->b)};
}

static cy_err convict(struct fed *fed, const struct cy_equivocate *m)
{
    return fed_do(fed, FED_PARTY, &cy_schema_equivocate, m);
}

static struct fed *begin(void)
{
    struct fed *fed = fed_new(4, 3);

    fed_open(fed, FOUR);
    fed_party(fed, FED_PARTY, "Ada");
    fed_party(fed, FED_PARTY + 1, "North Inc");
    return fed;
}

static const struct cy_evidence *evidence_of(const struct fed *fed, const struct cy_equivocate *m)
{
    const struct cy_two_statements s = {m->kind, m->of_key, m->one, m->another, m->prefix, m->path};
    const struct cy_id digest = cy_convict_digest(&s);

    return CY_GET(&fed->rig->engine.world, evidence, &digest);
}

static void two_votes_convict(void **state)
{
    struct fed *fed = begin();
    const struct cy_vote a = a_vote(1);
    const struct cy_vote b = a_vote(2);
    struct two two;

    (void)state;
    votes(fed, FED_VOTE + 1, &a, &b, &two);
    assert_ok(convict(fed, &two.m));
    assert_int_equal(fed_seat_at(fed, 1)->state, CY_seat_state_EXCLUDED);
    assert_true(fed_agreement(fed)->policy_due);
    assert_non_null(evidence_of(fed, &two.m));
    assert_int_equal(evidence_of(fed, &two.m)->kind, CY_evidence_kind_EQUIVOCATION);
    assert_code(convict(fed, &two.m), CONVICTED);
    two.m = (struct cy_equivocate){.kind = two.m.kind,
                                   .of_key = two.m.of_key,
                                   .one = two.m.another,
                                   .another = two.m.one}; /* the other way round */
    assert_code(convict(fed, &two.m), CONVICTED);
    fed_open(fed, 0xd);
    fed_open(fed, 0xd);
    fed_free(fed);
}

/* A seat may bring it with its own key, also in the worst state. */
static void anybody_may_bring_it_always(void **state)
{
    struct fed *fed = begin();
    const struct cy_vote a = a_vote(1);
    const struct cy_vote b = a_vote(2);
    struct two two;

    (void)state;
    for (unsigned breaker = CY_breaker_ELEVATED; breaker <= CY_breaker_RECOVERY; breaker++) {
        struct fed *f = begin();
        struct cy_realm *realm = (struct cy_realm *)fed_realm(f);

        realm->breaker = (uint8_t)breaker;
        votes(f, FED_VOTE + 2, &a, &b, &two);
        assert_ok(fed_seat(f, 0, &cy_schema_equivocate, &two.m));
        assert_int_equal(fed_seat_at(f, 2)->state, CY_seat_state_EXCLUDED);
        fed_free(f);
    }
    votes(fed, FED_VOTE + 2, &a, &b, &two);
    assert_code(FED_ALL_DO(fed, 3, equivocate, .kind = CY_statement_VOTE, .of_key = two.m.of_key,
                           .one = two.m.one, .another = two.m.another),
                THRESHOLD); /* neither a seat nor the realm */
    fed_free(fed);
}

static void what_is_no_contradiction(void **state)
{
    struct fed *fed = begin();
    const struct cy_vote base = a_vote(1);
    struct cy_vote other;
    struct two two;
    struct cy_equivocate m;

    (void)state;
#define NOT(change)                                                                                \
    do {                                                                                           \
        other = a_vote(2);                                                                         \
        change;                                                                                    \
        votes(fed, FED_VOTE, &base, &other, &two);                                                 \
        assert_code(convict(fed, &two.m), NOT_EQUIVOCATION);                                       \
    } while (0)
    NOT(other.height++);
    NOT(other.round++);
    NOT(other.step = CY_VOTE_PRECOMMIT);
    NOT((other = base, other.time = 99)); /* the same vote at another time */
    NOT(other.origin = cy_span_text("other.example/ledger"));
    other = a_vote(2);
    votes(fed, FED_VOTE, &base, &other, &two);
    m = two.m;
    m.of_key = fed->rig->key[FED_VOTE + 1]; /* somebody else's key */
    assert_code(convict(fed, &m), NOT_EQUIVOCATION);
    m = two.m;
    m.kind = CY_statement_HEAD;
    assert_code(convict(fed, &m), NOT_EQUIVOCATION);
    m = two.m;
    m.another = m.one;
    assert_code(convict(fed, &m), NOT_EQUIVOCATION);
    m = two.m;
    m.one = cy_span_text("x\n");
    assert_code(convict(fed, &m), NOT_EQUIVOCATION);
    m = two.m;
    m.prefix.b[0] = 1;
    assert_code(convict(fed, &m), NOT_EQUIVOCATION);
    for (size_t i = 0; two.b[i] != 0; i++) { /* not one byte may be another */
        two.b[i] ^= 1;
        assert_true(!cy_ok(convict(fed, &two.m)));
        two.b[i] ^= 1;
    }
    assert_int_equal(fed_seat_at(fed, 0)->state, CY_seat_state_ACTIVE);
    assert_ok(convict(fed, &two.m));
    fed_free(fed);
}

/* Votes about another ledger are that ledger's affair, and so are strangers' keys. */
static void other_ledgers_and_strangers(void **state)
{
    struct fed *fed = begin();
    struct cy_vote a = a_vote(1);
    struct cy_vote b = a_vote(2);
    struct two two;

    (void)state;
    a.origin = b.origin = cy_span_text("other.example/ledger");
    votes(fed, FED_VOTE, &a, &b, &two);
    assert_code(convict(fed, &two.m), OTHER_EVIDENCE);
    a.origin = b.origin = cy_span_text(ORIGIN);
    votes(fed, FED_SPARE, &a, &b, &two);
    assert_code(convict(fed, &two.m), UNKNOWN_SEAT_KEY);
    votes(fed, FED_PEER, &a, &b, &two); /* known, but it votes on nothing */
    assert_code(convict(fed, &two.m), UNKNOWN_SEAT_KEY);
    fed_free(fed);
}

/* What an old key signed is held against the seat, and against who left. */
static void a_key_is_answered_for_after_it_was_replaced(void **state)
{
    struct fed *fed = begin();
    const struct cy_vote a = a_vote(1);
    const struct cy_vote b = a_vote(2);
    struct two two;

    (void)state;
    assert_ok(FED_SEAT(fed, 1, seat_rekey, .vote_key = fed->rig->key[FED_SPARE]));
    votes(fed, FED_VOTE + 1, &a, &b, &two);
    assert_ok(convict(fed, &two.m));
    assert_int_equal(fed_seat_at(fed, 1)->state, CY_seat_state_EXCLUDED);
    assert_ok(FED_SEAT(fed, 3, seat_leave, .reason = rig_line("")));
    votes(fed, FED_VOTE + 3, &a, &b, &two);
    assert_ok(convict(fed, &two.m));
    assert_int_equal(fed_seat_at(fed, 3)->state, CY_seat_state_LEFT);
    assert_true(!cy_id_none(
        &CY_GET(&fed->rig->engine.world, seat_key, &fed->rig->key[FED_VOTE + 3])->evidence));
    fed_free(fed);
}

/* --- heads and cosignatures --- */

static void two_heads_of_a_members_cell_convict(void **state)
{
    struct fed *fed = begin();
    const struct cy_id r1 = {{1}};
    const struct cy_id r2 = {{2}};
    struct two two;

    (void)state;
    two.m = (struct cy_equivocate){
        .kind = CY_statement_HEAD,
        .of_key = fed->rig->key[FED_LOG],
        .one = fed_head(fed, FED_LOG, NORTH, 9, &r1, two.a, sizeof two.a),
        .another = fed_head(fed, FED_LOG, NORTH, 9, &r2, two.b, sizeof two.b)};
    assert_ok(convict(fed, &two.m));
    assert_int_equal(fed_seat_at(fed, 0)->state, CY_seat_state_EXCLUDED);
    fed_free(fed);
}

/* Heads of different sizes contradict each other when a path shows that one is no beginning of the
 * other. */
static void heads_of_two_histories_convict(void **state)
{
    struct fed *fed = begin();
    struct cy_id leaf[3] = {{{1}}, {{2}}, {{3}}};
    const struct cy_id lie = {{9}};
    const struct cy_id prefix = cy_merkle_root(leaf, 2);
    const struct cy_id whole = cy_merkle_root(leaf, 3);
    struct cy_id path[1] = {leaf[2]};
    struct two two;

    (void)state;
    two.m = (struct cy_equivocate){
        .kind = CY_statement_HEAD,
        .of_key = fed->rig->key[FED_LOG + 1],
        .one = fed_head(fed, FED_LOG + 1, "south.example/cell", 2, &prefix, two.a, sizeof two.a),
        .another = fed_head(fed, FED_LOG + 1, "south.example/cell", 3, &whole, two.b, sizeof two.b),
        .prefix = prefix,
        .path = cy_span_of(path, sizeof path)};
    assert_code(convict(fed, &two.m), NOT_EQUIVOCATION); /* one history */
    two.m.one = fed_head(fed, FED_LOG + 1, "south.example/cell", 2, &lie, two.a, sizeof two.a);
    two.m.path.n = 31;
    assert_code(convict(fed, &two.m), NOT_EQUIVOCATION);
    two.m.path.n = 0;
    assert_code(convict(fed, &two.m), NOT_EQUIVOCATION);
    two.m.path.n = sizeof path;
    two.m.prefix.b[0] ^= 1;
    assert_code(convict(fed, &two.m), NOT_EQUIVOCATION);
    two.m.prefix.b[0] ^= 1;
    assert_ok(convict(fed, &two.m));
    assert_int_equal(fed_seat_at(fed, 1)->state, CY_seat_state_EXCLUDED);
    fed_free(fed);
}

static void two_cosignatures_convict_seat_and_trustee(void **state)
{
    struct fed *fed = begin();
    const struct cy_id r1 = {{1}};
    const struct cy_id r2 = {{2}};
    struct two two;

    (void)state;
    two.m = (struct cy_equivocate){
        .kind = CY_statement_COSIGNATURE,
        .of_key = fed->rig->key[FED_COSIGN],
        .one = fed_cosigned(fed, FED_COSIGN, NORTH, ORIGIN, 9, &r1, two.a, sizeof two.a),
        .another = fed_cosigned(fed, FED_COSIGN, NORTH, ORIGIN, 9, &r2, two.b, sizeof two.b)};
    assert_ok(convict(fed, &two.m));
    assert_int_equal(fed_seat_at(fed, 0)->state, CY_seat_state_EXCLUDED);
    two.m.of_key = fed->rig->key[FED_TRUSTEE + 1];
    two.m.one =
        fed_cosigned(fed, FED_TRUSTEE + 1, "trustee.labor", ORIGIN, 9, &r1, two.a, sizeof two.a);
    two.m.another =
        fed_cosigned(fed, FED_TRUSTEE + 1, "trustee.labor", ORIGIN, 9, &r2, two.b, sizeof two.b);
    assert_ok(convict(fed, &two.m));
    assert_int_equal(cy_world_count(&fed->rig->engine.world, CY_R_trustee), 2);
    assert_code(convict(fed, &two.m), CONVICTED);
    assert_code(FED_ALL_DO(fed, 0xe, trustee_set, .trustees = fed->trustee, .n_trustees = 3,
                           .policy = fed_policy(fed, 0xe, 2)),
                KEY_REUSED); /* it does not come back */
    fed_free(fed);
}

/* --- what it costs --- */

/* An account and a bond to the realm of 500 OAT, an asset of the realm. */
static struct cy_id post_bond(struct fed *fed, unsigned party, unsigned seats)
{
    struct rig *rig = fed->rig;
    struct cy_id asset;
    struct cy_id account;

    assert_ok(
        FED_ALL_DO(fed, seats, asset_create, .code = rig_label("OAT"), .name = rig_name("Oats")));
    asset = rig->last;
    assert_ok(FED_DO(fed, party, account_open, .asset = asset));
    account = cy_account_id(&rig->id[party], &asset, 0);
    assert_ok(
        FED_ALL_DO(fed, seats, asset_issue, .asset = asset, .account = account, .amount = 1000));
    assert_ok(FED_DO(fed, party, bond_post, .account = account, .beneficiary = rig->realm,
                     .amount = 500, .cool_ms = 10));
    return rig->last;
}

static void the_bond_is_slashed(void **state)
{
    struct fed *fed = begin();
    struct rig *rig = fed->rig;
    const struct cy_vote a = a_vote(1);
    const struct cy_vote b = a_vote(2);
    const unsigned party = FED_PARTY + 1;
    struct cy_id bond;
    struct cy_id realm_account;
    struct two two;

    (void)state;
    bond = post_bond(fed, party, THREE);
    assert_code(FED_DO(fed, party, seat_bond, .seat = 0, .bond = bond), NOT_OWNER);
    assert_ok(FED_SEAT(fed, 0, seat_rekey, .passport = rig->id[party]));
    assert_code(FED_SEAT(fed, 0, seat_rekey, .passport = rig->id[FED_PARTY]), SEAT_STATE);
    assert_code(FED_DO(fed, party, seat_bond, .seat = 9, .bond = bond), SEAT_STATE);
    assert_code(FED_DO(fed, party, seat_bond, .seat = 0, .bond = rig->realm), BOND_MISSING);
    assert_ok(FED_DO(fed, party, seat_bond, .seat = 0, .bond = bond));
    assert_code(FED_DO(fed, party, seat_bond, .seat = 0, .bond = bond), EXISTS);
    assert_code(FED_DO(fed, party, bond_cool, .bond = bond), IN_USE);
    votes(fed, FED_VOTE, &a, &b, &two);
    assert_ok(convict(fed, &two.m));
    assert_true(CY_GET(&rig->engine.world, bond, &bond)->amount == 0);
    realm_account = cy_account_id(&rig->realm, &CY_GET(&rig->engine.world, bond, &bond)->asset, 0);
    assert_true(CY_GET(&rig->engine.world, account, &realm_account)->balance == 500);
    assert_memory_equal(&evidence_of(fed, &two.m)->about, &rig->id[party], 32);
    assert_ok(FED_DO(fed, party, bond_cool, .bond = bond)); /* what is left may go */
    fed_free(fed);
}

/* The last seat stays: somebody has to open the next height. It is convicted all the same. */
static void the_last_seat_stays_convicted(void **state)
{
    struct fed *fed = fed_new(1, 0);
    const struct cy_vote a = a_vote(1);
    const struct cy_vote b = a_vote(2);
    struct two two;

    (void)state;
    fed_open(fed, 1);
    fed_party(fed, FED_PARTY, "Ada");
    votes(fed, FED_VOTE, &a, &b, &two);
    assert_ok(convict(fed, &two.m));
    assert_int_equal(fed_seat_at(fed, 0)->state, CY_seat_state_ACTIVE);
    assert_non_null(evidence_of(fed, &two.m));
    fed_open(fed, 1);
    fed_free(fed);
}

static void a_cell_convicts_nobody(void **state)
{
    struct rig *rig = rig_new(NULL, 0);

    (void)state;
    assert_code(RIG_DO(rig, 0, equivocate, .kind = CY_statement_VOTE, .of_key = rig->key[1],
                       .one = cy_span_text("a"), .another = cy_span_text("b")),
                NOT_FEDERATION);
    assert_code(RIG_DO(rig, 0, seat_bond, .seat = 0, .bond = rig->key[1]), NOT_FEDERATION);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_votes_convict),
        cmocka_unit_test(anybody_may_bring_it_always),
        cmocka_unit_test(what_is_no_contradiction),
        cmocka_unit_test(other_ledgers_and_strangers),
        cmocka_unit_test(a_key_is_answered_for_after_it_was_replaced),
        cmocka_unit_test(two_heads_of_a_members_cell_convict),
        cmocka_unit_test(heads_of_two_histories_convict),
        cmocka_unit_test(two_cosignatures_convict_seat_and_trustee),
        cmocka_unit_test(the_bond_is_slashed),
        cmocka_unit_test(the_last_seat_stays_convicted),
        cmocka_unit_test(a_cell_convicts_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
