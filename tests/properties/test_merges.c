/* Merging: whatever was paid, sent and bonded before a realm ends, and in whatever order, however
 * often and by however late a root its records are brought over: at every step each asset has as
 * many units as it had, with owners or waiting, and at the end everybody has what was theirs
 * (M119). */
#include "ford.h"

#include "sim/sim_dice.h"

#define SEEDS 5u

struct story {
    struct ford *ford;
    struct cy_sim_dice dice;
    cy_u128 expected[2]; /* of passports 2 and 3 of the ended realm, with what bonds hold */
    cy_u128 home[2];     /* the same of the other realm's asset */
};

static struct cy_id own(const struct story *s, unsigned cell, unsigned n, const struct cy_id *asset)
{
    return cy_account_id(&s->ford->cell[cell]->rig->id[n], asset, 0);
}

static cy_time later(const struct story *s)
{
    return cy_engine_realm(&s->ford->cell[0]->rig->engine)->now + 3600000;
}

/* Units move between people, over the bridge both ways, and into bonds. What is refused is no harm.
 */
static void live(struct story *s)
{
    struct ford *ford = s->ford;
    struct place *a = ford->cell[0];
    const struct cy_id from = own(s, 0, 2, &ford->asset[0]);
    const struct cy_id there = own(s, 1, 2, &ford->asset[1]);
    const uint64_t amount = 1 + cy_sim_draw(&s->dice, 5000);

    switch (cy_sim_draw(&s->dice, 5)) {
    case 0: (void)ford_pay(ford, 0, 1, &from, amount, later(s)); break;
    case 1: (void)ford_pay(ford, 1, 0, &there, amount, later(s)); break;
    case 2:
        (void)PLACE_DO(a, 2, transfer, .from = from, .to = own(s, 0, 3, &ford->asset[0]),
                       .amount = amount);
        break;
    case 3:
        (void)PLACE_DO(a, 2, bond_post, .account = from, .beneficiary = a->rig->id[3],
                       .amount = amount);
        break;
    default:
        (void)PLACE_DO(a, 3, bond_post, .account = own(s, 0, 3, &ford->asset[0]),
                       .beneficiary = a->rig->id[1], .amount = amount);
    }
}

static cy_u128 of(const struct cy_world *world, const struct cy_id *owner,
                  const struct cy_id *asset)
{
    const struct cy_id id = cy_account_id(owner, asset, 0);
    const struct cy_account *account = CY_GET(world, account, &id);

    return account == NULL ? 0 : account->balance + account->held;
}

static void conserved(const struct story *s)
{
    const struct cy_world *world = &s->ford->cell[1]->cell.engine.world;
    const struct cy_id party = cy_bridge_party(&s->ford->cell[0]->rig->realm);

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

        assert_true(CY_GET(world, asset, &merged->here)->issued == merged->issued);
        assert_true(of(world, &party, &merged->here) == merged->waiting);
    }
}

static bool bring(struct story *s, uint32_t record, const void *key)
{
    struct ford *ford = s->ford;
    struct cy_merge_bring m = {.realm = ford->cell[0]->rig->realm, .record = (uint16_t)record};
    struct ford_proof proof;

    ford_prove(ford, 0, 1, record, key, &proof);
    m.root = proof.root;
    m.value = proof.value;
    m.proof = proof.proof;
    if (record == CY_R_account) {
        const struct cy_id voucher = cy_voucher_id(&ford->cell[1]->rig->realm, &ford->asset[1]);

        if (cy_id_eq(&((const struct cy_account *)key)->asset, &voucher))
            m.home = ford->asset[1];
    }
    return cy_ok(place_do(ford->cell[1], 3, &cy_schema_merge_bring, &m));
}

/* Records in any order, again and again, until two whole rounds bring nothing. */
static void bring_all(struct story *s)
{
    static const uint32_t kinds[] = {CY_R_passport, CY_R_control, CY_R_rotation,
                                     CY_R_asset,    CY_R_account, CY_R_bond};
    const struct cy_world *world = &s->ford->cell[0]->cell.engine.world;

    for (unsigned quiet = 0; quiet < 2;) {
        bool any = false;

        for (unsigned k = 0; k < CY_COUNT(kinds); k++) {
            const uint32_t kind = kinds[cy_sim_draw(&s->dice, CY_COUNT(kinds))];

            for (uint32_t i = 0; i < cy_world_count(world, kind); i++) {
                if (!cy_sim_one_in(&s->dice, 2))
                    continue;
                (void)bring(s, kind, cy_world_at(world, kind, i));
                conserved(s);
            }
        }
        for (unsigned k = 0; k < CY_COUNT(kinds); k++) {
            for (uint32_t i = 0; i < cy_world_count(world, kinds[k]); i++)
                any = bring(s, kinds[k], cy_world_at(world, kinds[k], i)) || any;
        }
        conserved(s);
        quiet = any ? 0 : quiet + 1;
        if (cy_sim_one_in(&s->dice, 2))
            ford_head(s->ford, 0, 1); /* a later root shows the same */
    }
}

static void end_of(struct story *s)
{
    struct ford *ford = s->ford;
    struct ford_proof proof;

    ford_settle(ford, 0, 1);
    for (unsigned i = 0; i < 2; i++) {
        const struct cy_world *world = &ford->cell[0]->cell.engine.world;
        const struct cy_id voucher = cy_voucher_id(&ford->cell[1]->rig->realm, &ford->asset[1]);

        s->expected[i] = of(world, &ford->cell[0]->rig->id[2 + i], &ford->asset[0]);
        s->home[i] = of(world, &ford->cell[0]->rig->id[2 + i], &voucher);
    }
    assert_ok(PLACE_DO(ford->cell[0], 0, merge_close, .into = ford->cell[1]->rig->realm));
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_merge, &(uint64_t){1}, &proof);
    assert_ok(PLACE_DO(ford->cell[1], 0, merge_open, .realm = ford->cell[0]->rig->realm,
                       .root = proof.root, .value = proof.value, .proof = proof.proof));
}

static void all_is_there_and_nothing_twice(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct story s = {.ford = ford_new(2), .dice = {seed}};
        const struct cy_world *world = &s.ford->cell[1]->cell.engine.world;
        struct cy_id here;

        ford_open(s.ford, 0, 1);
        assert_ok(PLACE_DO(s.ford->cell[0], 3, account_open, .asset = s.ford->asset[0]));
        for (unsigned i = 0; i < 40; i++)
            live(&s);
        end_of(&s);
        bring_all(&s);
        here = cy_voucher_id(&s.ford->cell[0]->rig->realm, &s.ford->asset[0]);
        for (unsigned i = 0; i < 2; i++) {
            const struct cy_id *who = &s.ford->cell[0]->rig->id[2 + i];

            assert_true(of(world, who, &here) == s.expected[i]);
            assert_true(of(world, who, &s.ford->asset[1]) == s.home[i]);
        }
        place_same(s.ford->cell[1]);
        ford_free(s.ford);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_is_there_and_nothing_twice)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
