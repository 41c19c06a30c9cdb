#include "kernel/conviction.h"

#include "crypto/hash.h"

/* --- whose key --- */

static uint8_t purpose_of(uint8_t kind)
{
    switch (kind) {
    case CY_statement_VOTE: return CY_seat_purpose_VOTE;
    case CY_statement_HEAD: return CY_seat_purpose_CHECKPOINT;
    default: return CY_seat_purpose_COSIGNATURE;
    }
}

/* The seat that the key's holder has now, NULL when it is off the roll. */
static const struct cy_seat *seat_of(struct cy_plan *plan, const struct cy_seat_key *key)
{
    const struct cy_seat *seat = cy_seat_at(plan, key->seat);

    return seat != NULL && cy_span_eq(cy_name_text(&seat->name), cy_name_text(&key->name)) ? seat
                                                                                           : NULL;
}

/* --- what follows --- */

static cy_err record(const struct cy_ctx *ctx, struct cy_plan *plan,
                     const struct cy_two_statements *statements, const struct cy_id *about)
{
    static const char *const words[] = {"", "two votes that contradict each other, by one key",
                                        "two heads that no history joins, by one key",
                                        "cosignatures of two heads that no history joins"};
    const struct cy_id digest = cy_convict_digest(statements);
    struct cy_evidence *evidence = NULL;

    if (CY_READ(plan, evidence, &digest) != NULL)
        return cy_fail(CY_E_CONVICTED, 0);
    evidence = CY_EDIT(plan, evidence, &digest);
    evidence->kind = CY_evidence_kind_EQUIVOCATION;
    evidence->by = ctx->author;
    evidence->about = *about;
    CY_TRY(cy_line_of(cy_span_text(words[statements->kind]), &evidence->summary));
    evidence->since = ctx->now;
    evidence->ledger_at = ctx->at;
    return CY_OK;
}

/* The realm's own account in that asset, opened where there is none: no penalty fails for want of a
 * place to pay it to. */
static struct cy_id realm_account(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const struct cy_id *asset)
{
    const struct cy_id id = cy_account_id(&ctx->realm, asset, 0);
    struct cy_account *account = NULL;

    if (CY_READ(plan, account, &id) == NULL) {
        account = CY_EDIT(plan, account, &id);
        account->owner = ctx->realm;
        account->asset = *asset;
    }
    return id;
}

/* Takes of the seat's bond what one slash may take. */
static cy_err slash(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                    const struct cy_id *evidence)
{
    const struct cy_bond *bond = CY_READ(plan, bond, id);
    cy_u128 amount = 0;

    if (bond == NULL || bond->amount == 0)
        return CY_OK;
    CY_TRY(cy_mul_div(bond->posted, cy_param(plan, CY_P_SLASH_PPM), 1000000, &amount));
    amount = amount < bond->amount ? amount : bond->amount;
    if (amount == 0)
        return CY_OK;
    return cy_stake_slash(plan, ctx->now,
                          &(struct cy_stake_slashing){.bond = *id,
                                                      .to = realm_account(ctx, plan, &bond->asset),
                                                      .evidence = *evidence,
                                                      .amount = amount});
}

/* Off the roll, though it were the last that could decide anything: then it stays, convicted. */
static cy_err exclude(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_seat *seat,
                      const struct cy_id *evidence)
{
    const cy_err err = cy_seat_end(ctx, plan, seat->number, CY_seat_state_EXCLUDED, evidence);

    return err.code == CY_E_LAST_SEAT ? CY_OK : err;
}

static cy_err convict_seat(const struct cy_ctx *ctx, struct cy_plan *plan,
                           const struct cy_two_statements *statements,
                           const struct cy_seat_key *key)
{
    const struct cy_seat *seat = seat_of(plan, key);
    const struct cy_id digest = cy_convict_digest(statements);
    const bool named = seat != NULL && !cy_id_none(&seat->passport);

    if (key->purpose != purpose_of(statements->kind))
        return cy_fail(CY_E_UNKNOWN_SEAT_KEY, key->purpose);
    if (!cy_id_none(&key->evidence))
        return cy_fail(CY_E_CONVICTED, 0);
    CY_TRY(record(ctx, plan, statements, named ? &seat->passport : &statements->key));
    CY_EDIT(plan, seat_key, &statements->key)->evidence = digest;
    if (seat == NULL)
        return CY_OK;
    CY_TRY(slash(ctx, plan, &seat->bond, &digest));
    return cy_seat_here(seat) ? exclude(ctx, plan, seat, &digest) : CY_OK;
}

/* Off the list; the key stays on record so that it cannot come back. */
static cy_err convict_trustee(const struct cy_ctx *ctx, struct cy_plan *plan,
                              const struct cy_two_statements *statements,
                              const struct cy_trustee *trustee)
{
    const struct cy_name name = trustee->name;
    const cy_time since = trustee->since;
    struct cy_seat_key *key = NULL;

    if (statements->kind != CY_statement_COSIGNATURE)
        return cy_fail(CY_E_UNKNOWN_SEAT_KEY, statements->kind);
    CY_TRY(record(ctx, plan, statements, &statements->key));
    key = CY_EDIT(plan, seat_key, &statements->key);
    key->name = name;
    key->purpose = CY_seat_purpose_COSIGNATURE;
    key->since = since;
    key->until = ctx->now;
    key->evidence = cy_convict_digest(statements);
    CY_REMOVE(plan, trustee, &statements->key);
    cy_agreement_edit(plan)->policy_due = true;
    return CY_OK;
}

/* --- the act --- */

cy_err cy_act_equivocate(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_equivocate *m = message;
    const struct cy_two_statements statements = {m->kind,    m->of_key, m->one,
                                                 m->another, m->prefix, m->path};
    const struct cy_seat_key *key = CY_READ(plan, seat_key, &m->of_key);
    const struct cy_trustee *trustee = CY_READ(plan, trustee, &m->of_key);
    struct cy_span origin;

    if (cy_agreement_of(plan) == NULL)
        return cy_fail(CY_E_NOT_FEDERATION, 0);
    if (key == NULL && trustee == NULL)
        return cy_fail(CY_E_UNKNOWN_SEAT_KEY, 0);
    CY_TRY(cy_convict_check(&statements, &origin));
    if (m->kind == CY_statement_VOTE &&
        !cy_span_eq(origin, cy_name_text(&cy_realm_read(plan)->name)))
        return cy_fail(CY_E_OTHER_EVIDENCE, 3);
    return key != NULL ? convict_seat(ctx, plan, &statements, key)
                       : convict_trustee(ctx, plan, &statements, trustee);
}
