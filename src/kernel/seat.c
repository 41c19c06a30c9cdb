#include "kernel/seat.h"

#include "crypto/ed25519.h"
#include "wire/note.h"

static const uint64_t the_agreement = 1;

/* --- reading --- */

const struct cy_agreement *cy_agreement_of(struct cy_plan *plan)
{
    return CY_READ(plan, agreement, &the_agreement);
}

struct cy_agreement *cy_agreement_edit(struct cy_plan *plan)
{
    return CY_EDIT(plan, agreement, &the_agreement);
}

const struct cy_seat *cy_seat_at(struct cy_plan *plan, uint64_t number)
{
    return CY_READ(plan, seat, &number);
}

static struct cy_seat *edit(struct cy_plan *plan, uint64_t number)
{
    return CY_EDIT(plan, seat, &number);
}

bool cy_seat_here(const struct cy_seat *seat)
{
    return seat->state == CY_seat_state_ACTIVE || seat->state == CY_seat_state_PROBATION;
}

static bool active(const struct cy_seat *seat)
{
    return seat != NULL && seat->state == CY_seat_state_ACTIVE;
}

const struct cy_seat *cy_seat_named(struct cy_plan *plan, const struct cy_name *name)
{
    for (uint64_t i = 0; i < CY_ROLL_SEATS_MAX; i++) {
        const struct cy_seat *seat = cy_seat_at(plan, i);

        if (seat != NULL && cy_seat_here(seat) &&
            cy_span_eq(cy_name_text(&seat->name), cy_name_text(name)))
            return seat;
    }
    return NULL;
}

const struct cy_seat *cy_seat_signing(struct cy_plan *plan, const struct cy_envelope *envelope)
{
    const struct cy_seat_key *key = NULL;
    const struct cy_seat *seat = NULL;

    if (envelope->n_signers != 1)
        return NULL;
    key = CY_READ(plan, seat_key, &envelope->signers[0].key);
    if (key == NULL || key->purpose != CY_seat_purpose_ACT || key->until != 0)
        return NULL;
    seat = cy_seat_at(plan, key->seat);
    CY_ASSERT(seat != NULL); /* its key is in use */
    return seat;
}

void cy_seat_voters(struct cy_plan *plan, struct cy_agreement_voters *out)
{
    out->n = 0;
    for (uint64_t i = 0; i < CY_ROLL_SEATS_MAX; i++) {
        const struct cy_seat *seat = cy_seat_at(plan, i);

        if (seat != NULL && seat->voting_weight > 0)
            out->voter[out->n++] =
                (struct cy_agreement_voter){(uint32_t)i, seat->voting_weight, seat->voting_key};
    }
}

static void add_due(struct cy_cosigners_due *out, const struct cy_name *name,
                    const struct cy_id *key, const struct cy_label *keeper)
{
    CY_ASSERT(out->n < CY_COSIGNERS_MAX);
    out->due[out->n++] = (struct cy_cosigner_due){*name, *key, *keeper};
}

void cy_seat_cosigners_due(struct cy_plan *plan, const struct cy_trustees *set,
                           struct cy_cosigners_due *out)
{
    const uint32_t had = set == NULL ? cy_world_count(plan->world, CY_R_trustee) : 0;

    out->n = 0;
    for (uint64_t i = 0; i < CY_ROLL_SEATS_MAX; i++) {
        const struct cy_seat *seat = cy_seat_at(plan, i);

        if (active(seat))
            add_due(out, &seat->name, &seat->cosign_key, &seat->operator);
    }
    for (uint32_t i = 0; set != NULL && i < set->n; i++)
        add_due(out, &set->entries[i].name, &set->entries[i].cosign_key, &set->entries[i].operator);
    for (uint32_t i = 0; i < had; i++) {
        const struct cy_trustee *was = cy_world_at(plan->world, CY_R_trustee, i);
        const struct cy_trustee *trustee = CY_READ(plan, trustee, &was->cosign_key);

        if (trustee != NULL)
            add_due(out, &trustee->name, &trustee->cosign_key, &trustee->operator);
    }
}

/* --- keys on record --- */

cy_err cy_seat_key_put(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_seat *seat,
                       const struct cy_id *key, uint8_t purpose)
{
    struct cy_seat_key *record = NULL;

    if (CY_READ(plan, seat_key, key) != NULL || CY_READ(plan, trustee, key) != NULL)
        return cy_fail(CY_E_KEY_REUSED, purpose);
    CY_TRY(cy_ed25519_admit(key));
    record = CY_EDIT(plan, seat_key, key);
    record->name = seat->name;
    record->seat = seat->number;
    record->purpose = purpose;
    record->since = ctx->now;
    return CY_OK;
}

/* The key is in use no more; it stays on record. */
static void lay_down(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *key)
{
    if (!cy_id_none(key))
        CY_EDIT(plan, seat_key, key)->until = ctx->now;
}

cy_err cy_seat_keys_renew(const struct cy_ctx *ctx, struct cy_plan *plan)
{
    struct cy_key_share shares[CY_ROLL_SEATS_MAX];
    struct cy_key_set set = {.keys = shares};
    uint32_t whole = 0;

    for (uint64_t i = 0; i < CY_ROLL_SEATS_MAX; i++) {
        const struct cy_seat *seat = cy_seat_at(plan, i);

        if (!active(seat))
            continue;
        shares[set.n++] = (struct cy_key_share){.key = seat->key, .weight = seat->weight};
        whole += seat->weight;
    }
    set.need[0] = cy_seat_need(whole);
    return cy_identity_renew(ctx, plan, &ctx->realm, &set);
}

/* --- opening and ending --- */

static cy_err put_keys(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_seat *seat)
{
    CY_TRY(cy_seat_key_put(ctx, plan, seat, &seat->key, CY_seat_purpose_ACT));
    CY_TRY(cy_seat_key_put(ctx, plan, seat, &seat->vote_key, CY_seat_purpose_VOTE));
    CY_TRY(cy_seat_key_put(ctx, plan, seat, &seat->cosign_key, CY_seat_purpose_COSIGNATURE));
    CY_TRY(cy_seat_key_put(ctx, plan, seat, &seat->peer_key, CY_seat_purpose_PEER));
    if (cy_id_none(&seat->log_key))
        return CY_OK;
    return cy_seat_key_put(ctx, plan, seat, &seat->log_key, CY_seat_purpose_CHECKPOINT);
}

/* Names stand in notes and in the policy: among seats and trustees each stands once. */
static cy_err free_name(struct cy_plan *plan, const struct cy_name *name)
{
    struct cy_cosigners_due due;

    if (!cy_ok(cy_key_name_check(cy_name_text(name))))
        return cy_fail(CY_E_RANGE, 1);
    if (cy_seat_named(plan, name) != NULL)
        return cy_fail(CY_E_EXISTS, 1);
    cy_seat_cosigners_due(plan, NULL, &due);
    for (uint32_t i = 0; i < due.n; i++) {
        if (cy_span_eq(cy_name_text(&due.due[i].name), cy_name_text(name)))
            return cy_fail(CY_E_EXISTS, 1);
    }
    return CY_OK;
}

cy_err cy_seat_open(const struct cy_ctx *ctx, struct cy_plan *plan, uint64_t number,
                    const struct cy_seat_entry *entry, uint8_t state)
{
    struct cy_seat *seat = NULL;

    CY_TRY(free_name(plan, &entry->name));
    seat = edit(plan, number);
    *seat = (struct cy_seat){.number = number,
                             .name = entry->name,
                             .key = entry->key,
                             .vote_key = entry->vote_key,
                             .cosign_key = entry->cosign_key,
                             .peer_key = entry->peer_key,
                             .log_key = entry->log_key,
                             .operator= entry->operator,
                             .weight = entry->weight,
                             .state = state,
                             .realm = entry->realm,
                             .passport = entry->passport,
                             .since = ctx->now};
    return put_keys(ctx, plan, seat);
}

/* Whether somebody but this seat votes on the next height. */
static bool others_vote(struct cy_plan *plan, uint64_t number)
{
    const uint64_t next = cy_agreement_of(plan)->height + 1;

    for (uint64_t i = 0; i < CY_ROLL_SEATS_MAX; i++) {
        const struct cy_seat *seat = cy_seat_at(plan, i);

        if (i != number && active(seat) && seat->votes_from <= next)
            return true;
    }
    return false;
}

cy_err cy_seat_end(const struct cy_ctx *ctx, struct cy_plan *plan, uint64_t number, uint8_t state,
                   const struct cy_id *evidence)
{
    struct cy_seat *seat = edit(plan, number);
    const bool voted = active(seat);

    if (voted && !others_vote(plan, number))
        return cy_fail(CY_E_LAST_SEAT, number);
    seat->state = state;
    seat->since = ctx->now;
    seat->evidence = evidence == NULL ? (struct cy_id){0} : *evidence;
    lay_down(ctx, plan, &seat->key);
    lay_down(ctx, plan, &seat->vote_key);
    lay_down(ctx, plan, &seat->cosign_key);
    lay_down(ctx, plan, &seat->peer_key);
    lay_down(ctx, plan, &seat->log_key);
    cy_stake_unuse(plan, &seat->bond);
    if (!voted)
        return CY_OK;
    cy_agreement_edit(plan)->policy_due = true;
    return cy_seat_keys_renew(ctx, plan);
}

void cy_seat_turn(struct cy_plan *plan, uint64_t height)
{
    for (uint64_t i = 0; i < CY_ROLL_SEATS_MAX; i++) {
        const struct cy_seat *seat = cy_seat_at(plan, i);
        const bool votes = active(seat) && seat->votes_from <= height;
        const uint16_t weight = votes ? seat->weight : 0;
        const struct cy_id key = votes ? seat->vote_key : (struct cy_id){0};

        if (seat == NULL || (seat->voting_weight == weight && cy_id_eq(&seat->voting_key, &key)))
            continue;
        edit(plan, i)->voting_weight = weight;
        edit(plan, i)->voting_key = key;
    }
}

/* --- trustees --- */

static cy_err add_trustee(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_trustee_entry *entry)
{
    struct cy_trustee *trustee = NULL;

    if (CY_READ(plan, seat_key, &entry->cosign_key) != NULL ||
        CY_READ(plan, trustee, &entry->cosign_key) != NULL)
        return cy_fail(CY_E_KEY_REUSED, 3);
    CY_TRY(cy_ed25519_admit(&entry->cosign_key));
    if (!cy_ok(cy_key_name_check(cy_name_text(&entry->name))))
        return cy_fail(CY_E_RANGE, 1);
    if (cy_seat_named(plan, &entry->name) != NULL)
        return cy_fail(CY_E_EXISTS, 1);
    trustee = CY_EDIT(plan, trustee, &entry->cosign_key);
    trustee->name = entry->name;
    trustee->chamber = entry->chamber;
    trustee->operator= entry->operator;
    trustee->since = ctx->now;
    return CY_OK;
}

cy_err cy_seat_trustees_set(const struct cy_ctx *ctx, struct cy_plan *plan,
                            const struct cy_trustees *set)
{
    const uint32_t had = cy_world_count(plan->world, CY_R_trustee);

    for (uint32_t i = 0; i < had; i++) {
        const struct cy_trustee *was = cy_world_at(plan->world, CY_R_trustee, i);

        CY_REMOVE(plan, trustee, &was->cosign_key);
    }
    for (uint32_t i = 0; i < set->n; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (cy_span_eq(cy_name_text(&set->entries[i].name),
                           cy_name_text(&set->entries[j].name)))
                return cy_fail(CY_E_EXISTS, i);
        }
        CY_TRY(add_trustee(ctx, plan, &set->entries[i]));
    }
    return CY_OK;
}
