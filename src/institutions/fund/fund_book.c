#include "institutions/fund/fund_book.h"

cy_err cy_share_any(struct cy_plan *plan, const struct cy_id *id, const struct cy_share **share)
{
    *share = CY_READ(plan, share, id);
    return *share != NULL ? CY_OK : cy_fail(CY_E_SHARE_UNKNOWN, 0);
}

cy_err cy_share_running(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                        const struct cy_share **share)
{
    CY_TRY(cy_share_any(plan, id, share));
    if ((*share)->state == CY_share_state_LIVE ||
        ((*share)->state == CY_share_state_ENDING && ctx->now < (*share)->ends_at))
        return CY_OK;
    return cy_fail(CY_E_SHARE_STATE, (*share)->state);
}

const struct cy_share_party *cy_share_party_at(struct cy_plan *plan, const struct cy_id *share,
                                               uint32_t position)
{
    const struct cy_of_share key = {*share, position};
    const struct cy_share_party *party = CY_READ(plan, share_party, &key);

    CY_ASSERT(party != NULL);
    return party;
}

cy_err cy_share_find(struct cy_plan *plan, const struct cy_share *share, const struct cy_id *party,
                     uint32_t *position)
{
    for (uint32_t i = 0; i < share->parties; i++) {
        if (cy_id_eq(&cy_share_party_at(plan, &share->id, i)->party, party)) {
            *position = i;
            return CY_OK;
        }
    }
    return cy_fail(CY_E_SHARE_PARTY, 1);
}

cy_u128 cy_share_free(struct cy_plan *plan, const struct cy_share *share)
{
    const struct cy_account *account = CY_READ(plan, account, &share->account);

    CY_ASSERT(account != NULL && account->balance >= share->held);
    return account->balance - share->held;
}

cy_err cy_share_pay(struct cy_plan *plan, const struct cy_share *share, const struct cy_id *to,
                    cy_u128 amount)
{
    CY_TRY(cy_escrow_hold(plan, &share->account, amount));
    return cy_escrow_pay(plan, &share->account, to, amount);
}
