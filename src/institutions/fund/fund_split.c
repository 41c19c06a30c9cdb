#include "institutions/fund/fund_split.h"

#include "base/apportion.h"

/* --- figures --- */

static cy_err may_measure(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_share *share, const struct cy_share_measure *m)
{
    if (share->basis != CY_share_basis_MEASURED)
        return cy_fail(CY_E_SHARE_MEASURE, 1);
    if (!cy_id_eq(&share->measurer, &ctx->author))
        return cy_fail(CY_E_SHARE_MEASURE, 2);
    if (share->period.n != 0)
        return cy_fail(CY_E_SHARE_MEASURE, 3);
    return cy_evidence_of(plan, &m->evidence) != NULL ? CY_OK : cy_fail(CY_E_SHARE_EVIDENCE, 4);
}

cy_err cy_fund_measure(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_share_measure *m = message;
    uint64_t figures[CY_SHARE_PARTIES_MAX] = {0};
    bool named[CY_SHARE_PARTIES_MAX] = {false};
    const struct cy_share *share = NULL;
    struct cy_share *edit = NULL;
    uint64_t sum = 0;

    CY_TRY(cy_share_any(plan, &m->share, &share));
    if (share->state != CY_share_state_LIVE && share->state != CY_share_state_ENDING)
        return cy_fail(CY_E_SHARE_STATE, share->state);
    CY_TRY(may_measure(ctx, plan, share, m));
    for (uint32_t i = 0; i < m->n_figures; i++) {
        uint32_t at = 0;

        CY_TRY(cy_share_find(plan, share, &m->figures[i].party, &at));
        if (named[at])
            return cy_fail(CY_E_SHARE_PARTY, 2);
        named[at] = true;
        figures[at] = m->figures[i].figure;
        if (__builtin_add_overflow(sum, figures[at], &sum))
            return cy_fail(CY_E_OVERFLOW, i);
    }
    if (sum == 0)
        return cy_fail(CY_E_SHARE_MEASURE, 4);
    for (uint32_t i = 0; i < share->parties; i++) {
        const struct cy_of_share key = {m->share, i};

        CY_EDIT(plan, share_party, &key)->weight = figures[i];
    }
    edit = CY_EDIT(plan, share, &m->share);
    edit->period = m->period;
    edit->figures = m->evidence;
    return CY_OK;
}

/* --- settlement --- */

/* Whether the parts follow from all that was ever split, so that settling often changes nothing. */
static bool adds_up(const struct cy_share *share)
{
    return share->basis == CY_share_basis_FIXED && share->rounding == CY_rounding_HIGHEST_AVERAGE;
}

/* The parts of `amount`, by the agreement's rule. */
static cy_err divide(struct cy_plan *plan, const struct cy_share *share, cy_u128 amount,
                     struct cy_portion *portions)
{
    const bool average = share->rounding == CY_rounding_HIGHEST_AVERAGE;
    const bool carry = share->basis == CY_share_basis_FIXED && !average;

    for (uint32_t i = 0; i < share->parties; i++) {
        const struct cy_share_party *p = cy_share_party_at(plan, &share->id, i);

        portions[i] = (struct cy_portion){.who = p->party, .weight = p->weight};
        if (carry) {
            portions[i].behind = p->behind;
            portions[i].ahead = p->ahead;
        }
    }
    if (!adds_up(share)) {
        CY_TRY(cy_apportion(average ? CY_APPORTION_AVERAGE : CY_APPORTION_REMAINDER, amount,
                            portions, share->parties));
        for (uint32_t i = 0; !carry && i < share->parties; i++)
            portions[i].behind = portions[i].ahead = 0; /* the next figures are others */
        return CY_OK;
    }
    CY_TRY(cy_add(share->split, amount, &amount));
    CY_TRY(cy_apportion(CY_APPORTION_AVERAGE, amount, portions, share->parties));
    for (uint32_t i = 0; i < share->parties; i++) {
        /* highest averages never take a unit back when the total grows */
        const cy_err err = cy_sub(portions[i].part, cy_share_party_at(plan, &share->id, i)->due,
                                  &portions[i].part);
        CY_ASSERT(cy_ok(err));
    }
    return CY_OK;
}

/* Pays one part, or holds it. Writes 3 records besides the two accounts. */
static cy_err hand_out(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_share *share,
                       uint32_t position, const struct cy_portion *portion, uint64_t seq)
{
    const struct cy_of_share place = {share->id, position};
    const struct {
        struct cy_id share;
        uint64_t seq;
        uint64_t position;
    } key = {share->id, seq, position};
    const struct cy_id account = cy_share_party_at(plan, &share->id, position)->account;
    const bool held = portion->part > 0 && cy_share_disputed(ctx, plan, share, &portion->who);
    struct cy_share_party *party = CY_EDIT(plan, share_party, &place);
    struct cy_share_part *part = CY_EDIT(plan, share_part, &key);

    part->party = portion->who;
    part->weight = portion->weight;
    part->amount = portion->part;
    part->rounded = portion->rounded;
    part->held = held;
    CY_TRY(cy_add(party->due, portion->part, &party->due));
    party->behind = portion->behind;
    party->ahead = portion->ahead;
    if (portion->part == 0)
        return CY_OK;
    if (!held)
        return cy_share_pay(plan, share, &account, portion->part);
    party->held += portion->part; /* at most the balance of the account */
    CY_EDIT(plan, share, &share->id)->held += portion->part;
    return CY_OK;
}

static void write_settlement(const struct cy_ctx *ctx, struct cy_plan *plan,
                             const struct cy_share *share, cy_u128 amount,
                             const struct cy_portion *portions)
{
    const struct cy_of_share key = {share->id, share->settlements};
    struct cy_share_settlement *s = CY_EDIT(plan, share_settlement, &key);

    s->amount = amount;
    s->rounding = share->rounding;
    s->period = share->period;
    s->evidence = share->figures;
    s->by = ctx->author;
    s->recorded = ctx->now;
    s->done = *cy_ctx_id(ctx);
    for (uint32_t i = 0; i < share->parties; i++)
        s->rounded += portions[i].rounded;
}

cy_err cy_fund_settle(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_share_settle *m = message;
    struct cy_portion portions[CY_SHARE_PARTIES_MAX] = {0};
    const struct cy_share *share = NULL;
    struct cy_share *edit = NULL;
    uint32_t position = 0;
    uint64_t seq = 0;
    cy_u128 amount = 0;

    CY_TRY(cy_share_any(plan, &m->share, &share));
    if (share->state != CY_share_state_LIVE && share->state != CY_share_state_ENDING)
        return cy_fail(CY_E_SHARE_STATE, share->state);
    if (!cy_id_eq(&ctx->author, &share->measurer))
        CY_TRY(cy_share_find(plan, share, &ctx->author, &position));
    if (share->basis == CY_share_basis_MEASURED && share->period.n == 0)
        return cy_fail(CY_E_SHARE_MEASURE, 5);
    amount = cy_share_free(plan, share);
    if (amount == 0)
        return cy_fail(CY_E_SHARE_EMPTY, 0);
    CY_TRY(divide(plan, share, amount, portions));
    seq = share->settlements;
    write_settlement(ctx, plan, share, amount, portions);
    for (uint32_t i = 0; i < share->parties; i++)
        CY_TRY(hand_out(ctx, plan, share, i, &portions[i], seq));
    edit = CY_EDIT(plan, share, &m->share);
    edit->settlements++;
    CY_TRY(cy_add(edit->split, amount, &edit->split));
    if (edit->basis == CY_share_basis_MEASURED) {
        edit->period = (struct cy_label){0};
        edit->figures = (struct cy_id){0};
    }
    return CY_OK;
}
