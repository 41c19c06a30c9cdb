#include "institutions/crisis/crisis_pact.h"

#include "kernel/escrow.h"
#include "kernel/identity.h"

struct call_key {
    struct cy_id crisis;
    struct cy_id party;
    uint64_t ending;
};

/* --- reading --- */

cy_err cy_pact_joined(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                      const struct cy_pact **pact)
{
    const struct cy_of_pact key = {*id, ctx->author};
    const struct cy_pact_party *party = CY_READ(plan, pact_party, &key);

    *pact = CY_READ(plan, pact, id);
    if (*pact == NULL)
        return cy_fail(CY_E_PACT_UNKNOWN, 0);
    return party != NULL && party->joined != 0 ? CY_OK : cy_fail(CY_E_PACT_PARTY, 0);
}

cy_err cy_pact_good_of(struct cy_plan *plan, const struct cy_id *pact, const struct cy_label *good,
                       const struct cy_pact_good **found)
{
    const struct cy_good_of key = {*pact, *good};

    *found = CY_READ(plan, pact_good, &key);
    return *found != NULL ? CY_OK : cy_fail(CY_E_PACT_GOOD, 0);
}

cy_err cy_crisis_of(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                    const struct cy_crisis **crisis)
{
    *crisis = CY_READ(plan, crisis, id);
    if (*crisis == NULL)
        return cy_fail(CY_E_CRISIS_UNKNOWN, 0);
    return (*crisis)->declared != 0 && ctx->now < (*crisis)->until
               ? CY_OK
               : cy_fail(CY_E_CRISIS_OVER, (*crisis)->until);
}

bool cy_crisis_lasts(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *pact,
                     struct cy_id *crisis)
{
    const struct cy_pact *of = CY_READ(plan, pact, pact);
    const struct cy_crisis *found = NULL;

    if (of == NULL || cy_id_none(&of->crisis) ||
        !cy_ok(cy_crisis_of(ctx, plan, &of->crisis, &found)))
        return false;
    *crisis = found->id;
    return true;
}

/* --- the pact --- */

static cy_err list_parties(struct cy_plan *plan, struct cy_pact *pact, const struct cy_aid_pact *m)
{
    for (uint32_t i = 0; i < m->n_parties; i++) {
        const struct cy_of_pact key = {pact->id, m->parties[i].party};
        const struct cy_passport *passport = NULL;

        if (cy_id_eq(&key.party, &m->auditor) || CY_READ(plan, pact_party, &key) != NULL ||
            !cy_ok(cy_identity_active(plan, &key.party, &passport)))
            return cy_fail(CY_E_PACT_TERMS, 1);
        CY_EDIT(plan, pact_party, &key)->weight = m->parties[i].weight;
        pact->weight += m->parties[i].weight;
        pact->parties++;
    }
    return CY_OK;
}

static cy_err list_goods(struct cy_plan *plan, const struct cy_pact *pact,
                         const struct cy_aid_pact *m)
{
    for (uint32_t i = 0; i < m->n_goods; i++) {
        const struct cy_good_of key = {pact->id, m->goods[i].good};
        struct cy_pact_good *good = NULL;

        if (CY_READ(plan, pact_good, &key) != NULL)
            return cy_fail(CY_E_PACT_TERMS, 2);
        good = CY_EDIT(plan, pact_good, &key);
        good->unit = m->goods[i].unit;
        good->value = m->goods[i].value;
    }
    return CY_OK;
}

cy_err cy_pact_do_offer(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_aid_pact *m = message;
    const struct cy_label code = {.n = 6, .s = "credit"};
    const struct cy_passport *auditor = NULL;
    struct cy_pact *pact = NULL;

    if (!cy_ok(cy_identity_active(plan, &m->auditor, &auditor)) || m->seconds > m->n_parties)
        return cy_fail(CY_E_PACT_TERMS, 3);
    pact = CY_EDIT(plan, pact, cy_ctx_id(ctx));
    pact->name = m->name;
    pact->text = m->text;
    pact->by = ctx->author;
    pact->auditor = m->auditor;
    pact->seconds = m->seconds;
    pact->days = m->days;
    pact->since = ctx->now;
    cy_escrow_asset(plan, &pact->id, &pact->id, &code, &m->name);
    CY_TRY(list_parties(plan, pact, m));
    return list_goods(plan, pact, m);
}

cy_err cy_pact_do_join(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_aid_join *m = message;
    const struct cy_of_pact key = {m->pact, ctx->author};
    const struct cy_pact_party *party = CY_READ(plan, pact_party, &key);

    if (CY_READ(plan, pact, &m->pact) == NULL)
        return cy_fail(CY_E_PACT_UNKNOWN, 0);
    if (party == NULL)
        return cy_fail(CY_E_PACT_PARTY, 0);
    if (party->joined != 0)
        return cy_fail(CY_E_PACT_AGAIN, 0);
    CY_EDIT(plan, pact_party, &key)->joined = ctx->now;
    CY_EDIT(plan, pact, &m->pact)->joined++;
    return CY_OK;
}

cy_err cy_pact_do_mandate(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_aid_mandate *m = message;
    const struct cy_holding_of key = {m->pact, ctx->author, m->good};
    const struct cy_holding *have = CY_READ(plan, holding, &key);
    const cy_date day = cy_time_date(ctx->now);
    const struct cy_pact *pact = NULL;
    const struct cy_pact_good *good = NULL;
    struct cy_holding *holding = NULL;
    struct cy_id crisis;

    CY_TRY(cy_pact_joined(ctx, plan, &m->pact, &pact));
    CY_TRY(cy_pact_good_of(plan, &m->pact, &m->good, &good));
    if (have != NULL && have->until >= day && cy_crisis_lasts(ctx, plan, &m->pact, &crisis) &&
        (m->ppm < have->ppm || m->most < have->most || m->until < have->until))
        return cy_fail(CY_E_PACT_MANDATE, 0);
    holding = CY_EDIT(plan, holding, &key);
    holding->ppm = m->ppm;
    holding->most = m->most;
    holding->until = m->until;
    return CY_OK;
}

/* --- credit --- */

/* Credit c goes from borrower to lender. The borrower's own units of credit are spent first, the
 * rest it owes; the lender's debt shrinks first, for the rest it has new units. So units and debts
 * stay the same in sum: -spent + (c - paid)  =  (c - spent) - paid. */
cy_err cy_pact_lend(struct cy_plan *plan, const struct cy_id *pact, const struct cy_id *lender,
                    const struct cy_id *borrower, cy_u128 credit)
{
    const struct cy_of_pact from = {*pact, *lender};
    const struct cy_of_pact to = {*pact, *borrower};
    const struct cy_id payer = cy_escrow_seat(plan, borrower, pact);
    const struct cy_id payee = cy_escrow_seat(plan, lender, pact);
    const cy_u128 units = CY_READ(plan, account, &payer)->balance;
    const cy_u128 spent = units < credit ? units : credit;
    struct cy_pact_party *a = CY_EDIT(plan, pact_party, &from);
    struct cy_pact_party *b = CY_EDIT(plan, pact_party, &to);
    const cy_u128 paid = a->owed < credit ? a->owed : credit;

    CY_TRY(cy_add(a->lent, credit, &a->lent));
    CY_TRY(cy_add(b->borrowed, credit, &b->borrowed));
    CY_TRY(cy_add(b->owed, credit - spent, &b->owed));
    a->owed -= paid;
    if (spent > 0)
        CY_TRY(cy_escrow_unmint(plan, &payer, spent));
    return credit > paid ? cy_escrow_mint(plan, &payee, credit - paid) : CY_OK;
}

/* --- crises --- */

static cy_err call(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *crisis,
                   bool ending, const struct cy_id *evidence)
{
    const struct call_key key = {*crisis, ctx->author, ending ? 1 : 0};
    struct cy_crisis_call *made = NULL;

    if (CY_READ(plan, crisis_call, &key) != NULL)
        return cy_fail(CY_E_PACT_AGAIN, 0);
    made = CY_EDIT(plan, crisis_call, &key);
    made->evidence = *evidence;
    made->since = ctx->now;
    return CY_OK;
}

static void run(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_pact *pact,
                struct cy_crisis *crisis)
{
    crisis->declared = ctx->now;
    crisis->until = ctx->now + pact->days * (uint64_t)CY_DAY_MS;
    cy_occasion_open(
        ctx, plan,
        &(struct cy_occasion){
            .id = crisis->id, .kind = crisis->kind, .by = pact->id, .until = crisis->until});
    CY_EDIT(plan, pact, &crisis->pact)->crises++;
}

/* The first call opens it; it seconds one of the same kind that still waits for calls. */
cy_err cy_crisis_do_declare(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_crisis_declare *m = message;
    const struct cy_pact *pact = NULL;
    const struct cy_crisis *waiting = NULL;
    struct cy_crisis *crisis = NULL;

    CY_TRY(cy_pact_joined(ctx, plan, &m->pact, &pact));
    if (cy_evidence_of(plan, &m->evidence) == NULL)
        return cy_fail(CY_E_CRISIS_EVIDENCE, 0);
    if (!cy_id_none(&pact->crisis))
        waiting = CY_READ(plan, crisis, &pact->crisis);
    if (waiting != NULL && ctx->now >= waiting->until)
        waiting = NULL;
    if (waiting != NULL && (waiting->declared != 0 || !cy_label_eq(&waiting->kind, &m->kind)))
        return cy_fail(CY_E_CRISIS_RUNNING, waiting->until);
    crisis = CY_EDIT(plan, crisis, waiting != NULL ? &waiting->id : cy_ctx_id(ctx));
    if (waiting == NULL) {
        crisis->pact = m->pact;
        crisis->kind = m->kind;
        crisis->area = m->area;
        crisis->evidence = m->evidence;
        crisis->since = ctx->now;
        crisis->until = ctx->now + pact->days * (uint64_t)CY_DAY_MS;
        CY_EDIT(plan, pact, &m->pact)->crisis = crisis->id;
    }
    CY_TRY(call(ctx, plan, &crisis->id, false, &m->evidence));
    if (++crisis->calls >= pact->seconds)
        run(ctx, plan, pact, crisis);
    return CY_OK;
}

cy_err cy_crisis_do_end(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_crisis_end *m = message;
    const struct cy_id nothing = {{0}};
    const struct cy_crisis *found = NULL;
    const struct cy_pact *pact = NULL;
    struct cy_crisis *crisis = NULL;

    CY_TRY(cy_crisis_of(ctx, plan, &m->crisis, &found));
    CY_TRY(cy_pact_joined(ctx, plan, &found->pact, &pact));
    CY_TRY(call(ctx, plan, &m->crisis, true, &nothing));
    crisis = CY_EDIT(plan, crisis, &m->crisis);
    if (++crisis->end_calls < pact->seconds)
        return CY_OK;
    crisis->until = ctx->now;
    cy_occasion_end(ctx, plan, &m->crisis);
    return CY_OK;
}
