#include "institutions/treaty/treaty_book.h"

cy_err cy_treaty_any(struct cy_plan *plan, const struct cy_id *id, const struct cy_treaty **treaty)
{
    *treaty = CY_READ(plan, treaty, id);
    if (*treaty == NULL)
        return cy_fail(CY_E_TREATY_UNKNOWN, 0);
    return (*treaty)->state == CY_treaty_state_ENDED
               ? cy_fail(CY_E_TREATY_STATE, CY_treaty_state_ENDED)
               : CY_OK;
}

cy_err cy_treaty_of(struct cy_plan *plan, const struct cy_id *treaty, const struct cy_id *party,
                    const struct cy_treaty_party **found)
{
    const struct cy_of_treaty key = {*treaty, *party};

    *found = CY_READ(plan, treaty_party, &key);
    return *found != NULL ? CY_OK : cy_fail(CY_E_TREATY_PARTY, 0);
}

const struct cy_treaty_rules *cy_treaty_rules_of(struct cy_plan *plan, const struct cy_id *treaty)
{
    const struct cy_treaty_rules *rules = CY_READ(plan, treaty_rules, treaty);

    CY_ASSERT(rules != NULL);
    return rules;
}

struct cy_id cy_treaty_account(const struct cy_treaty *treaty)
{
    return cy_account_id(&treaty->id, &treaty->asset, 0);
}

cy_err cy_treaty_clause_of(struct cy_plan *plan, const struct cy_treaty *treaty, uint64_t number,
                           const struct cy_treaty_term **term)
{
    const struct cy_treaty_place key = {treaty->id, treaty->version, number};

    *term = CY_READ(plan, treaty_term, &key);
    return *term != NULL ? CY_OK : cy_fail(CY_E_TREATY_NUMBER, number);
}

cy_date cy_treaty_start(const struct cy_treaty *treaty, const struct cy_treaty_party *party)
{
    if (party->standing != CY_treaty_standing_RATIFIED)
        return 0;
    return party->bound_from != 0 ? party->bound_from : treaty->force;
}

bool cy_treaty_binds(const struct cy_treaty *treaty, const struct cy_treaty_party *party,
                     cy_date day)
{
    const cy_date start = cy_treaty_start(treaty, party);

    return start != 0 && start <= day && (party->leaves == 0 || day < party->leaves) &&
           (treaty->ended == 0 || day < treaty->ended);
}

cy_err cy_treaty_bound(const struct cy_ctx *ctx, struct cy_plan *plan,
                       const struct cy_treaty *treaty)
{
    const struct cy_treaty_party *party = NULL;

    CY_TRY(cy_treaty_of(plan, &treaty->id, &ctx->author, &party));
    return cy_treaty_binds(treaty, party, cy_time_date(ctx->now)) ? CY_OK
                                                                  : cy_fail(CY_E_TREATY_BOUND, 0);
}

bool cy_treaty_suspended(const struct cy_treaty *treaty, const struct cy_treaty_party *party,
                         cy_date day)
{
    return party->suspending > 0 || (!cy_id_none(&treaty->rights) && party->rights_until < day);
}

uint64_t cy_treaty_limit(const struct cy_treaty_term *term, cy_date period)
{
    const bool emergency = term->emergency_from != 0 && period <= term->emergency_until &&
                           term->emergency_from < cy_date_months(period, term->months);

    return emergency ? term->emergency : term->threshold;
}

bool cy_treaty_keeps(const struct cy_treaty_term *term, uint64_t limit, uint64_t figure)
{
    return term->bound == CY_treaty_bound_AT_MOST ? figure <= limit : figure >= limit;
}

bool cy_treaty_acts(const struct cy_treaty_rules *rules)
{
    return rules->answer_exclude || rules->answer_freeze || rules->answer_benefit.n > 0;
}

cy_time cy_treaty_midnight(cy_date day)
{
    const cy_date epoch = cy_time_date(0);

    return day <= epoch ? 0 : (cy_time)(day - epoch) * CY_DAY_MS;
}

bool cy_treaty_exempt(struct cy_plan *plan, const struct cy_treaty_term *term,
                      const struct cy_id *party)
{
    const struct cy_treaty_at key = {term->treaty, *party, term->number};

    return term->reservable && CY_READ(plan, treaty_reserve, &key) != NULL;
}

cy_err cy_treaty_recorded(struct cy_plan *plan, const struct cy_id *digest,
                          const struct cy_evidence **evidence)
{
    *evidence = cy_evidence_of(plan, digest);
    return *evidence != NULL ? CY_OK : cy_fail(CY_E_TREATY_EVIDENCE, 0);
}

cy_err cy_treaty_pay(struct cy_plan *plan, const struct cy_treaty *treaty, const struct cy_id *to,
                     cy_u128 amount)
{
    const struct cy_id from = cy_treaty_account(treaty);

    if (amount == 0)
        return CY_OK;
    CY_TRY(cy_escrow_hold(plan, &from, amount));
    return cy_escrow_pay(plan, &from, to, amount);
}
