/* merge: a realm ends when nothing is half done, accepts nothing more, and goes on in another by
 * proof: no unit twice, none lost, everything accounted for at every step (M119). */
#include "ford.h"

static int start(void **s)
{
    struct ford *ford = ford_new(2);

    ford_open(ford, 0, 1);
    *s = ford;
    return 0;
}

static int finish(void **s)
{
    ford_free(*s);
    return 0;
}

static cy_time later(struct ford *ford)
{
    return cy_engine_realm(&ford->cell[0]->rig->engine)->now + 3600000;
}

static cy_err close_a(struct ford *ford)
{
    return PLACE_DO(ford->cell[0], 0, merge_close, .into = ford->cell[1]->rig->realm,
                    .reason = rig_line("one town"));
}

static cy_err open_b(struct ford *ford)
{
    struct ford_proof proof;

    ford_prove(ford, 0, 1, CY_R_merge, &(uint64_t){1}, &proof);
    return PLACE_DO(ford->cell[1], 0, merge_open, .realm = ford->cell[0]->rig->realm,
                    .root = proof.root, .value = proof.value, .proof = proof.proof);
}

static cy_err bring(struct ford *ford, unsigned record, const void *key, const struct cy_id *home)
{
    struct ford_proof proof;
    struct cy_merge_bring m = {.realm = ford->cell[0]->rig->realm, .record = (uint16_t)record};

    ford_prove(ford, 0, 1, record, key, &proof);
    m.root = proof.root;
    m.value = proof.value;
    m.proof = proof.proof;
    if (home != NULL)
        m.home = *home;
    return place_do(ford->cell[1], 3, &cy_schema_merge_bring, &m);
}

/* Everything of a kind that the ended realm has; returns how many were taken. */
static unsigned bring_all(struct ford *ford, unsigned record)
{
    const struct cy_world *world = &ford->cell[0]->cell.engine.world;
    unsigned n = 0;

    for (uint32_t i = 0; i < cy_world_count(world, record); i++)
        n += cy_ok(bring(ford, record, cy_world_at(world, record, i), NULL));
    return n;
}

/* Of every asset in the realm that continues, what was issued is in its accounts; of every asset
 * that came, all its units are here: with owners, or waiting. */
static void conserved(struct ford *ford)
{
    const struct cy_world *world = &ford->cell[1]->cell.engine.world;
    const struct cy_id party = cy_bridge_party(&ford->cell[0]->rig->realm);

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_asset); i++) {
        const struct cy_asset *asset = cy_world_at(world, CY_R_asset, i);
        cy_u128 sum = 0;

        for (uint32_t j = 0; j < cy_world_count(world, CY_R_account); j++) {
            const struct cy_account *account = cy_world_at(world, CY_R_account, j);

            if (cy_id_eq(&account->asset, &asset->id))
                sum += account->balance + account->held;
        }
        assert_true(sum == asset->issued);
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_merged_asset); i++) {
        const struct cy_merged_asset *merged = cy_world_at(world, CY_R_merged_asset, i);
        const struct cy_id escrow = cy_account_id(&party, &merged->here, 0);

        assert_true(CY_GET(world, asset, &merged->here)->issued == merged->issued);
        assert_true(CY_GET(world, account, &escrow)->held == merged->waiting);
        assert_true(CY_GET(world, account, &escrow)->balance == 0);
    }
}

static struct cy_id account(struct ford *ford, unsigned i, unsigned n, const struct cy_id *asset)
{
    return cy_account_id(&ford->cell[i]->rig->id[n], asset, 0);
}

static void a_realm_ends_only_when_nothing_is_half_done(void **s)
{
    struct ford *ford = *s;
    struct place *a = ford->cell[0];
    const struct cy_id from = account(ford, 0, 2, &ford->asset[0]);
    const struct cy_id nowhere = {{9}};
    struct cy_id pending;

    assert_code(PLACE_DO(a, 2, merge_close, .into = ford->cell[1]->rig->realm), NOT_OPERATOR);
    assert_code(PLACE_DO(a, 0, merge_close, .into = nowhere), NO_BRIDGE);
    assert_ok(PLACE_DO(a, 3, account_open, .asset = ford->asset[0]));
    assert_ok(PLACE_DO(a, 2, transfer, .phase = CY_phase_PENDING, .from = from,
                       .to = account(ford, 0, 3, &ford->asset[0]), .amount = 5));
    pending = a->rig->last;
    assert_code(close_a(ford), MERGE_OPEN);
    assert_ok(PLACE_DO(a, 2, transfer, .phase = CY_phase_VOID, .pending = pending));
    assert_ok(ford_pay(ford, 0, 1, &from, 100, later(ford)));
    assert_code(close_a(ford), MERGE_OPEN);
    ford_settle(ford, 0, 1);
    assert_ok(close_a(ford));
    /* from here on only time */
    assert_code(close_a(ford), REALM_MERGED);
    assert_code(PLACE_DO(a, 2, account_open, .asset = ford->asset[0], .number = 4), REALM_MERGED);
    assert_code(PLACE_DO(a, 0, param_set, .name = rig_label("sweep_n"), .value = 64), REALM_MERGED);
    assert_code(PLACE_DO(a, 2, exit_leave, .realm = ford->cell[1]->rig->realm), REALM_MERGED);
    place_tick(a, 1000);
    place_same(a);
}

static void units_in_a_third_realm_come_home_first(void **s)
{
    struct ford *ford = ford_new(3);
    const struct cy_id from = account(ford, 0, 2, &ford->asset[0]);
    struct cy_id voucher;

    (void)s;
    ford_open(ford, 0, 1);
    ford_open(ford, 0, 2);
    assert_ok(ford_pay(ford, 0, 2, &from, 100, later(ford)));
    ford_settle(ford, 0, 2);
    assert_code(close_a(ford), MERGE_OPEN); /* units abroad */
    voucher = cy_voucher_id(&ford->cell[0]->rig->realm, &ford->asset[0]);
    {
        const struct cy_id back = account(ford, 2, 2, &voucher);

        assert_ok(ford_pay(ford, 2, 0, &back, 100, later(ford)));
    }
    ford_settle(ford, 0, 2);
    {
        const struct cy_id third = account(ford, 2, 2, &ford->asset[2]);

        assert_ok(ford_pay(ford, 2, 0, &third, 7, later(ford)));
    }
    ford_settle(ford, 0, 2);
    assert_code(close_a(ford), MERGE_OPEN); /* vouchers of the third realm */
    ford_free(ford);
}

static void an_end_is_proven_and_taken_over_once(void **s)
{
    struct ford *ford = *s;
    struct place *b = ford->cell[1];
    const struct cy_bridge_open again = ford_terms(ford, 1, 0);
    const struct cy_id own = account(ford, 1, 2, &ford->asset[1]);
    const struct cy_merged *merged = NULL;
    struct ford_proof early;

    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &ford->cell[0]->rig->id[2], &early);
    assert_ok(close_a(ford));
    ford_head(ford, 0, 1);
    assert_code(bring(ford, CY_R_passport, &ford->cell[0]->rig->id[2], NULL), NOT_MERGED);
    {
        struct ford_proof proof;

        ford_prove(ford, 0, 1, CY_R_merge, &(uint64_t){1}, &proof);
        assert_code(PLACE_DO(b, 2, merge_open, .realm = ford->cell[0]->rig->realm,
                             .root = proof.root, .value = proof.value, .proof = proof.proof),
                    NOT_OPERATOR);
    }
    assert_ok(open_b(ford));
    assert_code(open_b(ford), EXISTS);
    merged = CY_GET(&b->cell.engine.world, merged, &ford->cell[0]->rig->realm);
    assert_true(merged->size > merged->at); /* the lineage: which head its history ended under */
    assert_false(cy_id_none(&merged->head));
    /* what was proven before the end is not final, the bridge never opens again */
    assert_code(PLACE_DO(b, 3, merge_bring, .realm = ford->cell[0]->rig->realm, .root = early.root,
                         .record = CY_R_passport, .value = early.value, .proof = early.proof),
                NOT_MERGED);
    assert_code(place_do(b, 0, &cy_schema_bridge_open, &again), REALM_MERGED);
    assert_code(ford_pay(ford, 1, 0, &own, 1, later(ford)), BRIDGE_STILL);
}

static void people_units_and_bonds_go_on_in_the_other_realm(void **s)
{
    struct ford *ford = *s;
    struct place *a = ford->cell[0];
    struct place *b = ford->cell[1];
    const struct cy_id own = account(ford, 0, 2, &ford->asset[0]);
    const struct cy_id bs = account(ford, 1, 2, &ford->asset[1]);
    const struct cy_id here = cy_voucher_id(&a->rig->realm, &ford->asset[0]);
    const struct cy_id voucher = cy_voucher_id(&b->rig->realm, &ford->asset[1]);
    const struct cy_id ada = a->rig->id[2];
    struct cy_id bond;
    struct cy_id foreign;

    /* vouchers on both sides, and a bond */
    assert_ok(ford_pay(ford, 0, 1, &own, 1000, later(ford)));
    assert_ok(ford_pay(ford, 1, 0, &bs, 300, later(ford)));
    ford_settle(ford, 0, 1);
    assert_ok(PLACE_DO(a, 2, bond_post, .account = own, .beneficiary = a->rig->id[3], .amount = 400,
                       .cool_ms = 1000));
    bond = a->rig->last;
    assert_ok(close_a(ford));
    ford_head(ford, 0, 1);
    assert_ok(open_b(ford));
    conserved(ford);
    assert_code(bring(ford, CY_R_asset, &ford->asset[0], NULL), MERGE_ORDER);
    assert_code(bring(ford, CY_R_merge, &(uint64_t){1}, NULL), NOT_BROUGHT);
    assert_int_equal(bring_all(ford, CY_R_passport), 4); /* and the realm's own */
    assert_int_equal(bring_all(ford, CY_R_passport), 0);
    assert_int_equal(bring_all(ford, CY_R_control), 4);
    assert_int_equal(bring_all(ford, CY_R_rotation), 4);
    assert_code(bring(ford, CY_R_account, &own, NULL), MERGE_ORDER);
    assert_ok(bring(ford, CY_R_asset, &ford->asset[0], NULL));
    conserved(ford);
    assert_code(bring(ford, CY_R_asset, &ford->asset[0], NULL), EXISTS);
    assert_ok(bring(ford, CY_R_account, &own, NULL));
    conserved(ford);
    assert_code(bring(ford, CY_R_account, &own, NULL), EXISTS); /* no unit twice */
    {
        const struct cy_id at = cy_account_id(&ada, &here, 0);

        assert_true(CY_GET(&b->cell.engine.world, account, &at)->balance == 998600);
        assert_true(CY_GET(&b->cell.engine.world, account, &at)->held == 0);
        assert_ok(bring(ford, CY_R_bond, &bond, NULL));
        assert_code(bring(ford, CY_R_bond, &bond, NULL), EXISTS);
        assert_true(CY_GET(&b->cell.engine.world, account, &at)->held == 400);
        assert_true(CY_GET(&b->cell.engine.world, account, &at)->balance == 998600);
    }
    conserved(ford);
    /* vouchers of this realm's asset come home out of its own escrow */
    foreign = cy_account_id(&ada, &voucher, 0);
    assert_code(bring(ford, CY_R_account, &foreign, &ford->asset[0]), MERGE_ORDER);
    assert_code(bring(ford, CY_R_account, &foreign, NULL), MERGE_ORDER);
    assert_ok(bring(ford, CY_R_account, &foreign, &ford->asset[1]));
    assert_code(bring(ford, CY_R_account, &foreign, &ford->asset[1]), EXISTS);
    {
        const struct cy_id at = cy_account_id(&ada, &ford->asset[1], 0);

        assert_true(CY_GET(&b->cell.engine.world, account, &at)->balance == 300);
    }
    conserved(ford);
    /* Ada acts in the other realm with the key that she always had, and issues her asset there */
    b->rig->key[12] = a->rig->key[2];
    memcpy(b->rig->secret[12], a->rig->secret[2], 64);
    b->rig->id[12] = ada;
    assert_ok(PLACE_DO(b, 12, transfer, .from = cy_account_id(&ada, &here, 0),
                       .to = account(ford, 1, 2, &here), .amount = 10));
    assert_ok(PLACE_DO(b, 12, bond_cool, .bond = bond));
    assert_ok(PLACE_DO(b, 12, asset_issue, .asset = here, .account = cy_account_id(&ada, &here, 0),
                       .amount = 5));
    place_same(b);
}

static void who_arrived_before_gets_what_was_left_behind(void **s)
{
    struct ford *ford = *s;
    struct place *a = ford->cell[0];
    struct place *b = ford->cell[1];
    const struct cy_id own = account(ford, 0, 2, &ford->asset[0]);
    const struct cy_id here = cy_voucher_id(&a->rig->realm, &ford->asset[0]);
    const struct {
        struct cy_id passport;
        struct cy_id key;
    } held = {a->rig->id[2], a->rig->key[2]};
    struct ford_proof proof[3];
    struct cy_id at;

    assert_ok(PLACE_DO(a, 2, exit_leave, .realm = b->rig->realm));
    b->rig->key[9] = a->rig->key[2];
    memcpy(b->rig->secret[9], a->rig->secret[2], 64);
    place_passport(b, 9, "Ada of Oak");
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &a->rig->id[2], &proof[0]);
    ford_prove(ford, 0, 1, CY_R_control, &held, &proof[1]);
    ford_prove(ford, 0, 1, CY_R_departure, &a->rig->id[2], &proof[2]);
    assert_ok(PLACE_DO(b, 9, exit_admit, .realm = a->rig->realm, .root = proof[0].root,
                       .value = proof[0].value, .proof = proof[0].proof, .control = proof[1].value,
                       .control_proof = proof[1].proof, .departure = proof[2].value,
                       .departure_proof = proof[2].proof));
    assert_ok(close_a(ford));
    ford_head(ford, 0, 1);
    assert_ok(open_b(ford));
    assert_code(bring(ford, CY_R_passport, &a->rig->id[2], NULL), EXISTS);
    assert_ok(bring(ford, CY_R_asset, &ford->asset[0], NULL));
    assert_true(cy_id_eq(&CY_GET(&b->cell.engine.world, asset, &here)->issuer, &b->rig->id[9]));
    assert_ok(bring(ford, CY_R_account, &own, NULL));
    at = cy_account_id(&b->rig->id[9], &here, 0);
    assert_true(CY_GET(&b->cell.engine.world, account, &at)->balance == 1000000);
    conserved(ford);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(a_realm_ends_only_when_nothing_is_half_done),
        cmocka_unit_test(units_in_a_third_realm_come_home_first),
        TEST(an_end_is_proven_and_taken_over_once),
        TEST(people_units_and_bonds_go_on_in_the_other_realm),
        TEST(who_arrived_before_gets_what_was_left_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
