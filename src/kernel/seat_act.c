#include "kernel/seat_act.h"

#define REJOIN_AHEAD 1000u /* heights that a seat may stay away after it came back */

static struct cy_seat *edit(struct cy_plan *plan, uint64_t number)
{
    return CY_EDIT(plan, seat, &number);
}

static cy_err in_federation(struct cy_plan *plan)
{
    return cy_agreement_of(plan) != NULL ? CY_OK : cy_fail(CY_E_NOT_FEDERATION, 0);
}

/* The seat whose key signed; identity has found it. Its voice is noted. */
static struct cy_seat *own_seat(const struct cy_ctx *ctx, struct cy_plan *plan)
{
    const struct cy_seat *seat = cy_seat_signing(plan, ctx->envelope);
    struct cy_seat *own = NULL;

    CY_ASSERT(seat != NULL);
    own = edit(plan, seat->number);
    own->spoke = cy_agreement_of(plan)->height;
    return own;
}

/* The policy that comes with a change of the roll names exactly who cosigns after it. */
static cy_err put_policy(struct cy_plan *plan, const struct cy_policy_offer *offer,
                         const struct cy_trustees *set)
{
    struct cy_cosigners_due due;

    cy_seat_cosigners_due(plan, set, &due);
    CY_TRY(cy_policy_put(plan, offer, &due));
    cy_agreement_edit(plan)->policy_due = false;
    return CY_OK;
}

/* --- coming --- */

/* A place that is free: nobody sits there, and nobody's ballots of this height count for it. */
static cy_err free_place(struct cy_plan *plan, uint64_t *place)
{
    for (*place = 0; *place < CY_ROLL_SEATS_MAX; (*place)++) {
        const struct cy_seat *seat = cy_seat_at(plan, *place);

        if (seat == NULL || (!cy_seat_here(seat) && seat->voting_weight == 0))
            return CY_OK;
    }
    return cy_fail(CY_E_SEATS_FULL, CY_ROLL_SEATS_MAX);
}

cy_err cy_act_seat_admit(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_seat_admit *m = message;
    const struct cy_seat_entry entry = {.name = m->name,
                                        .key = m->act_key,
                                        .vote_key = m->vote_key,
                                        .cosign_key = m->cosign_key,
                                        .peer_key = m->peer_key,
                                        .operator= m->operator,
                                        .weight = m->weight,
                                        .realm = m->realm,
                                        .passport = m->passport,
                                        .log_key = m->log_key};
    const struct cy_passport *passport = NULL;
    uint64_t place = 0;

    CY_TRY(in_federation(plan));
    if (!cy_id_none(&m->passport))
        CY_TRY(cy_identity_active(plan, &m->passport, &passport));
    CY_TRY(free_place(plan, &place));
    CY_TRY(cy_seat_open(ctx, plan, place, &entry, CY_seat_state_PROBATION));
    edit(plan, place)->admitted = cy_agreement_of(plan)->height;
    return CY_OK;
}

/* What a newcomer must have at stake. */
static cy_err bonded(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_seat *seat)
{
    const uint64_t least = cy_param(plan, CY_P_SEAT_BOND);
    const struct cy_bond *bond = CY_READ(plan, bond, &seat->bond);
    const struct cy_asset *asset = bond == NULL ? NULL : CY_READ(plan, asset, &bond->asset);

    if (least == 0)
        return CY_OK;
    if (asset == NULL)
        return cy_fail(CY_E_BOND_MISSING, 1);
    if (!cy_id_eq(&asset->issuer, &ctx->realm))
        return cy_fail(CY_E_BOND_MISSING, 4);
    return bond->amount < least ? cy_fail(CY_E_BOND_MISSING, 5) : CY_OK;
}

cy_err cy_act_seat_confirm(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_seat_confirm *m = message;
    const struct cy_policy_offer policy = {m->policy, m->faults, m->accept_less};
    const struct cy_seat *seat = NULL;

    CY_TRY(in_federation(plan));
    seat = cy_seat_at(plan, m->seat);
    if (seat == NULL || seat->state != CY_seat_state_PROBATION)
        return cy_fail(CY_E_SEAT_STATE, m->seat);
    if (cy_agreement_of(plan)->height - seat->admitted < cy_param(plan, CY_P_PROBATION))
        return cy_fail(CY_E_SEAT_EARLY, seat->admitted + cy_param(plan, CY_P_PROBATION));
    if (seat->spoke == 0)
        return cy_fail(CY_E_SEAT_SILENT, m->seat);
    CY_TRY(bonded(ctx, plan, seat));
    edit(plan, m->seat)->state = CY_seat_state_ACTIVE;
    edit(plan, m->seat)->since = ctx->now;
    CY_TRY(cy_seat_keys_renew(ctx, plan));
    return put_policy(plan, &policy, NULL);
}

/* --- going --- */

cy_err cy_act_seat_leave(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const uint64_t number = own_seat(ctx, plan)->number;

    (void)message;
    return cy_seat_end(ctx, plan, number, CY_seat_state_LEFT, NULL);
}

/* Evidence is about a seat when it names its party, its realm or one of its keys. */
static bool is_about(const struct cy_evidence *evidence, const struct cy_seat *seat)
{
    const struct cy_id *const ids[] = {&seat->passport, &seat->realm,      &seat->key,
                                       &seat->vote_key, &seat->cosign_key, &seat->log_key};

    for (size_t i = 0; i < CY_COUNT(ids); i++) {
        if (!cy_id_none(ids[i]) && cy_id_eq(ids[i], &evidence->about))
            return true;
    }
    return false;
}

cy_err cy_act_seat_exclude(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_seat_exclude *m = message;
    const struct cy_policy_offer policy = {m->policy, m->faults, m->accept_less};
    const struct cy_evidence *evidence = CY_READ(plan, evidence, &m->evidence);
    const struct cy_seat *seat = NULL;

    CY_TRY(in_federation(plan));
    seat = cy_seat_at(plan, m->seat);
    if (seat == NULL || !cy_seat_here(seat))
        return cy_fail(CY_E_SEAT_STATE, m->seat);
    if (evidence == NULL)
        return cy_fail(CY_E_NO_NOUN, 2);
    if (!is_about(evidence, seat))
        return cy_fail(CY_E_OTHER_EVIDENCE, 2);
    CY_TRY(cy_seat_end(ctx, plan, m->seat, CY_seat_state_EXCLUDED, &m->evidence));
    return m->policy.n == 0 ? CY_OK : put_policy(plan, &policy, NULL);
}

/* --- keys and standing of one's own seat --- */

/* Replaces one key, where another is given. */
static cy_err replace(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_seat *seat,
                      struct cy_id *key, const struct cy_id *with, uint8_t purpose, bool *changed)
{
    if (cy_id_none(with))
        return CY_OK;
    CY_TRY(cy_seat_key_put(ctx, plan, seat, with, purpose));
    if (!cy_id_none(key))
        CY_EDIT(plan, seat_key, key)->until = ctx->now;
    *key = *with;
    *changed = true;
    return CY_OK;
}

/* A seat without a party names one, which has to agree by answering with a bond (seat_bond). */
static cy_err name_passport(struct cy_plan *plan, struct cy_seat *seat, const struct cy_id *id,
                            bool *changed)
{
    const struct cy_passport *passport = NULL;

    if (cy_id_none(id))
        return CY_OK;
    if (!cy_id_none(&seat->passport))
        return cy_fail(CY_E_SEAT_STATE, seat->number);
    CY_TRY(cy_identity_active(plan, id, &passport));
    seat->passport = *id;
    *changed = true;
    return CY_OK;
}

cy_err cy_act_seat_rekey(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_seat_rekey *m = message;
    struct cy_seat *seat = own_seat(ctx, plan);
    const bool voted = seat->state == CY_seat_state_ACTIVE;
    bool act = false;
    bool cosign = false;
    bool other = false;

    CY_TRY(replace(ctx, plan, seat, &seat->key, &m->act_key, CY_seat_purpose_ACT, &act));
    CY_TRY(replace(ctx, plan, seat, &seat->vote_key, &m->vote_key, CY_seat_purpose_VOTE, &other));
    CY_TRY(replace(ctx, plan, seat, &seat->cosign_key, &m->cosign_key, CY_seat_purpose_COSIGNATURE,
                   &cosign));
    CY_TRY(replace(ctx, plan, seat, &seat->peer_key, &m->peer_key, CY_seat_purpose_PEER, &other));
    CY_TRY(
        replace(ctx, plan, seat, &seat->log_key, &m->log_key, CY_seat_purpose_CHECKPOINT, &other));
    CY_TRY(name_passport(plan, seat, &m->passport, &other));
    if (!act && !cosign && !other)
        return cy_fail(CY_E_MISSING_FIELD, 1);
    if (cosign && voted)
        cy_agreement_edit(plan)->policy_due = true;
    return act && voted ? cy_seat_keys_renew(ctx, plan) : CY_OK;
}

/* Those who stay must be able to decide alone: seats that come back one after another do not stop
 * everybody. */
static cy_err others_suffice(struct cy_plan *plan, uint64_t self, uint64_t height)
{
    uint32_t whole = 0;
    uint32_t staying = 0;

    for (uint64_t i = 0; i < CY_ROLL_SEATS_MAX; i++) {
        const struct cy_seat *seat = cy_seat_at(plan, i);

        if (seat == NULL || seat->state != CY_seat_state_ACTIVE)
            continue;
        whole += seat->weight;
        staying += i != self && seat->votes_from <= height ? seat->weight : 0;
    }
    return staying * 3 > whole * 2 ? CY_OK : cy_fail(CY_E_SEAT_STATE, self);
}

cy_err cy_act_seat_rejoin(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_seat_rejoin *m = message;
    const uint64_t height = cy_agreement_of(plan)->height;
    struct cy_seat *seat = own_seat(ctx, plan);

    if (m->from <= height || m->from - height > REJOIN_AHEAD)
        return cy_fail(CY_E_RANGE, 1);
    if (m->from > height + 1 && seat->state == CY_seat_state_ACTIVE)
        CY_TRY(others_suffice(plan, seat->number, height + 1));
    seat->votes_from = m->from;
    return CY_OK;
}

cy_err cy_act_seat_bond(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_seat_bond *m = message;
    const struct cy_seat *seat = NULL;

    CY_TRY(in_federation(plan));
    seat = cy_seat_at(plan, m->seat);
    if (seat == NULL || !cy_seat_here(seat))
        return cy_fail(CY_E_SEAT_STATE, m->seat);
    if (!cy_id_eq(&seat->passport, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 1);
    if (cy_id_eq(&seat->bond, &m->bond))
        return cy_fail(CY_E_EXISTS, 2);
    CY_TRY(cy_stake_use(plan, &(struct cy_stake_need){.bond = m->bond,
                                                      .owner = ctx->author,
                                                      .beneficiary = ctx->realm,
                                                      .least = cy_param(plan, CY_P_SEAT_BOND)}));
    cy_stake_unuse(plan, &seat->bond);
    edit(plan, m->seat)->bond = m->bond;
    return CY_OK;
}

/* --- trustees --- */

cy_err cy_act_trustee_set(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_trustee_set *m = message;
    const struct cy_policy_offer policy = {m->policy, m->faults, m->accept_less};
    const struct cy_trustees set = {m->trustees, m->n_trustees};

    CY_TRY(in_federation(plan));
    CY_TRY(cy_seat_trustees_set(ctx, plan, &set));
    return put_policy(plan, &policy, &set);
}
