/* money: what the kernel's tests need to pay with: an asset of the operator, and its conservation.
 *
 * Owns: nothing. */
#ifndef CY_TESTS_MONEY_H
#define CY_TESTS_MONEY_H

#include "rig.h"

/* money_new creates an asset of passport n. */
static inline struct cy_id money_new(struct rig *rig, unsigned n, const char *code)
{
    assert_ok(RIG_DO(rig, n, asset_create, .code = rig_label(code), .name = rig_name(code)));
    return rig->last;
}

/* money_give opens passport n's account 0 in the asset and issues so much to it. */
static inline struct cy_id money_give(struct rig *rig, unsigned issuer, unsigned n,
                                      struct cy_id asset, uint64_t amount)
{
    const struct cy_id account = cy_account_id(&rig->id[n], &asset, 0);

    assert_ok(RIG_DO(rig, n, account_open, .asset = asset));
    if (amount > 0)
        assert_ok(
            RIG_DO(rig, issuer, asset_issue, .asset = asset, .account = account, .amount = amount));
    return account;
}

static inline uint64_t money_free(const struct rig *rig, const struct cy_id *account)
{
    return (uint64_t)CY_GET(&rig->engine.world, account, account)->balance;
}

static inline uint64_t money_held(const struct rig *rig, const struct cy_id *account)
{
    return (uint64_t)CY_GET(&rig->engine.world, account, account)->held;
}

/* money_conserved: of every asset, what is issued lies in its accounts; what is held is what
 * bonds and pending transfers hold, account by account. */
static inline void money_conserved(const struct cy_world *world)
{
    for (uint32_t a = 0; a < cy_world_count(world, CY_R_asset); a++) {
        const struct cy_asset *asset = cy_world_at(world, CY_R_asset, a);
        cy_u128 sum = 0;

        for (uint32_t i = 0; i < cy_world_count(world, CY_R_account); i++) {
            const struct cy_account *account = cy_world_at(world, CY_R_account, i);

            if (cy_id_eq(&account->asset, &asset->id))
                sum += account->balance + account->held;
        }
        assert_true(sum == asset->issued);
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_account); i++) {
        const struct cy_account *account = cy_world_at(world, CY_R_account, i);
        cy_u128 held = 0;

        for (uint32_t p = 0; p < cy_world_count(world, CY_R_pending); p++) {
            const struct cy_pending *pending = cy_world_at(world, CY_R_pending, p);

            held += cy_id_eq(&pending->from, &account->id) ? pending->amount : 0;
        }
        for (uint32_t b = 0; b < cy_world_count(world, CY_R_bond); b++) {
            const struct cy_bond *bond = cy_world_at(world, CY_R_bond, b);

            held += cy_id_eq(&bond->account, &account->id) ? bond->amount : 0;
        }
        assert_true(held == account->held);
    }
}

#endif
