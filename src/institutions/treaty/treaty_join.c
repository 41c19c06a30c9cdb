#include "institutions/treaty/treaty_join.h"

#include "kernel/restraint.h"

#define APPROVERS_MAX 32u
#define RIGHTS_MONTHS 12u /* a guarantee of rights stands so long */

/* An approver's place in a party's rule. */
struct approver_key {
    struct cy_id party;
    uint64_t position;
};

/* --- approval at home --- */

cy_err cy_treaty_do_rule(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_rule *m = message;
    const struct cy_passport *passport = NULL;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < m->n_approvers; i++) {
        CY_TRY(cy_identity_active(plan, &m->approvers[i].approver, &passport));
        for (uint32_t j = 0; j < i; j++) {
            if (cy_id_eq(&m->approvers[i].approver, &m->approvers[j].approver))
                return cy_fail(CY_E_TREATY_RULE, 2);
        }
        sum += m->approvers[i].weight;
    }
    if (m->need > sum || (m->need == 0 && m->n_approvers > 0))
        return cy_fail(CY_E_TREATY_RULE, 1); /* nobody could ever meet it, or nobody need */
    for (uint32_t i = 0; i < APPROVERS_MAX; i++) {
        const struct approver_key key = {ctx->author, i};
        struct cy_treaty_consent *consent = NULL;

        if (i >= m->n_approvers && i > 0) {
            CY_REMOVE(plan, treaty_consent, &key);
            continue;
        }
        consent = CY_EDIT(plan, treaty_consent, &key);
        *consent = (struct cy_treaty_consent){.party = ctx->author, .position = i};
        consent->need = i == 0 ? m->need : 0;
        if (i < m->n_approvers) {
            consent->approver = m->approvers[i].approver;
            consent->weight = m->approvers[i].weight;
        }
    }
    return CY_OK;
}

/* Weight of the approvals of a version that the party's present rule counts, and the weight it
 * needs. */
static void approvals(struct cy_plan *plan, const struct cy_treaty *treaty,
                      const struct cy_id *party, uint64_t *has, uint64_t *need)
{
    *has = 0;
    *need = 0;
    for (uint32_t i = 0; i < APPROVERS_MAX; i++) {
        const struct approver_key key = {*party, i};
        const struct cy_treaty_consent *consent = CY_READ(plan, treaty_consent, &key);
        struct {
            struct cy_of_treaty of;
            struct cy_id approver;
        } by;
        const struct cy_treaty_approval *approval = NULL;

        if (consent == NULL)
            return;
        *need += consent->need;
        by.of = (struct cy_of_treaty){treaty->id, *party};
        by.approver = consent->approver;
        approval = CY_READ(plan, treaty_approval, &by);
        if (approval != NULL && approval->version == treaty->version)
            *has += consent->weight;
    }
}

static bool approves(struct cy_plan *plan, const struct cy_id *party, const struct cy_id *approver)
{
    for (uint32_t i = 0; i < APPROVERS_MAX; i++) {
        const struct approver_key key = {*party, i};
        const struct cy_treaty_consent *consent = CY_READ(plan, treaty_consent, &key);

        if (consent == NULL)
            return false;
        if (cy_id_eq(&consent->approver, approver))
            return true;
    }
    return false;
}

cy_err cy_treaty_do_approve(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_approve *m = message;
    const struct {
        struct cy_of_treaty of;
        struct cy_id approver;
    } key = {
        {m->treaty, m->party},
        ctx->author
    };
    const struct cy_treaty *treaty = NULL;
    const struct cy_treaty_party *party = NULL;
    const struct cy_treaty_approval *before = NULL;
    struct cy_treaty_approval *approval = NULL;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(cy_treaty_of(plan, &m->treaty, &m->party, &party));
    if (m->version != treaty->version)
        return cy_fail(CY_E_TREATY_VERSION, treaty->version);
    if (!approves(plan, &m->party, &ctx->author))
        return cy_fail(CY_E_TREATY_RULE, 2);
    before = CY_READ(plan, treaty_approval, &key);
    if (before != NULL && before->version == m->version)
        return cy_fail(CY_E_TREATY_AGAIN, m->version);
    approval = CY_EDIT(plan, treaty_approval, &key);
    approval->version = m->version;
    approval->since = ctx->now;
    return CY_OK;
}

/* --- the bond --- */

cy_err cy_treaty_do_bond(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_bond *m = message;
    const struct cy_of_treaty key = {m->treaty, ctx->author};
    const struct cy_treaty *treaty = NULL;
    const struct cy_treaty_party *found = NULL;
    const struct cy_account *account = CY_READ(plan, account, &m->account);
    struct cy_treaty_party *party = NULL;
    struct cy_id to;
    cy_u128 debt = 0;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(cy_treaty_of(plan, &m->treaty, &ctx->author, &found));
    if (cy_id_none(&treaty->asset) || account == NULL || !cy_id_eq(&account->asset, &treaty->asset))
        return cy_fail(CY_E_TREATY_BOND, 2);
    CY_TRY(cy_escrow_promise(ctx, plan, &m->account, m->amount));
    to = cy_treaty_account(treaty);
    CY_TRY(cy_escrow_pay(plan, &m->account, &to, m->amount));
    party = CY_EDIT(plan, treaty_party, &key);
    debt = m->amount < party->owed ? m->amount : party->owed;
    party->owed -= debt;
    CY_TRY(cy_add(party->bond, m->amount - debt, &party->bond));
    if (debt == 0)
        return CY_OK;
    return cy_add(treaty->pot, debt, &CY_EDIT(plan, treaty, &m->treaty)->pot);
}

/* --- ratification and entry into force --- */

/* Enough parties, and enough weight: one part in a million is the unit. */
static bool reached(const struct cy_treaty *treaty, const struct cy_treaty_rules *rules)
{
    const cy_u128 has = (cy_u128)treaty->ratified_weight * 1000000u;
    const cy_u128 needs = (cy_u128)treaty->weight * rules->force_ppm;

    return treaty->ratified >= rules->force_need && has >= needs;
}

/* From when the treaty binds it the party mirrors what it answers attacks with; an answer can be
 * called for by bound parties only, so that before the treaty is in force nothing is mirrored. */
static cy_err stand_by(struct cy_plan *plan, const struct cy_id *treaty,
                       const struct cy_treaty_party *party, cy_date day, cy_time until)
{
    const cy_date from = party->bound_from != 0 ? party->bound_from : day;

    if (!cy_treaty_acts(cy_treaty_rules_of(plan, treaty)))
        return CY_OK;
    return cy_restraint_bind(plan, &party->party, treaty, cy_treaty_midnight(from), until);
}

static cy_err join(struct cy_plan *plan, const struct cy_id *id, struct cy_treaty_party *party,
                   cy_date day)
{
    const struct cy_treaty_rules *rules = cy_treaty_rules_of(plan, id);
    struct cy_treaty *treaty = CY_EDIT(plan, treaty, id);

    party->standing = CY_treaty_standing_RATIFIED;
    party->ratified = day;
    party->notice = 0;
    party->leaves = 0;
    party->bound_from = treaty->reached != 0 ? day + rules->force_days : 0;
    treaty->event = day;
    treaty->ratified++;
    treaty->ratified_weight += party->weight;
    if (treaty->reached == 0 && reached(treaty, rules)) {
        treaty->reached = day;
        treaty->force = day + rules->force_days;
    }
    return stand_by(plan, id, party, day, 0);
}

/* A party may join: the version is the one adopted, and it has not joined. */
static cy_err may_join(struct cy_plan *plan, const struct cy_id *id, const struct cy_id *who,
                       uint32_t version, const struct cy_treaty **treaty)
{
    const struct cy_treaty_party *party = NULL;

    CY_TRY(cy_treaty_any(plan, id, treaty));
    CY_TRY(cy_treaty_of(plan, id, who, &party));
    if ((*treaty)->state != CY_treaty_state_OPEN)
        return cy_fail(CY_E_TREATY_STATE, (*treaty)->state);
    if (version != (*treaty)->version)
        return cy_fail(CY_E_TREATY_VERSION, (*treaty)->version);
    if (party->standing == CY_treaty_standing_RATIFIED)
        return cy_fail(CY_E_TREATY_AGAIN, version);
    return CY_OK;
}

static cy_err reserve(struct cy_plan *plan, const struct cy_treaty *treaty,
                      const struct cy_id *party, uint64_t number, cy_date day)
{
    const struct cy_treaty_at key = {treaty->id, *party, number};
    const struct cy_treaty_term *term = NULL;

    CY_TRY(cy_treaty_clause_of(plan, treaty, number, &term));
    if (!term->reservable)
        return cy_fail(CY_E_TREATY_RESERVED, number);
    CY_EDIT(plan, treaty_reserve, &key)->since = day;
    return CY_OK;
}

cy_err cy_treaty_do_ratify(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_ratify *m = message;
    const struct cy_of_treaty key = {m->treaty, ctx->author};
    const cy_date day = cy_time_date(ctx->now);
    const struct cy_treaty *treaty = NULL;
    struct cy_treaty_party *party = NULL;
    uint64_t has = 0;
    uint64_t need = 0;

    CY_TRY(may_join(plan, &m->treaty, &ctx->author, m->version, &treaty));
    approvals(plan, treaty, &ctx->author, &has, &need);
    if (has < need)
        return cy_fail(CY_E_TREATY_MANDATE, need - has);
    if (!cy_id_eq(&m->rights, &treaty->rights))
        return cy_fail(CY_E_TREATY_RIGHTS, 0);
    party = CY_EDIT(plan, treaty_party, &key);
    if (party->owed > 0 || party->bond < treaty->bond)
        return cy_fail(CY_E_TREATY_BOND, 3);
    for (uint32_t i = 0; i < m->n_reservations; i++)
        CY_TRY(reserve(plan, treaty, &ctx->author, m->reservations[i].number, day));
    party->gives = m->gives;
    party->gains = m->gains;
    party->rights_until = cy_id_none(&treaty->rights) ? 0 : cy_date_months(day, RIGHTS_MONTHS);
    return join(plan, &m->treaty, party, day);
}

cy_err cy_treaty_do_renew(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_renew *m = message;
    const struct cy_of_treaty key = {m->treaty, ctx->author};
    const struct cy_treaty *treaty = NULL;
    const struct cy_treaty_party *party = NULL;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(cy_treaty_of(plan, &m->treaty, &ctx->author, &party));
    if (party->standing != CY_treaty_standing_RATIFIED)
        return cy_fail(CY_E_TREATY_BOUND, 0);
    if (!cy_id_eq(&m->rights, &treaty->rights))
        return cy_fail(CY_E_TREATY_RIGHTS, 0);
    CY_EDIT(plan, treaty_party, &key)->rights_until =
        cy_date_months(cy_time_date(ctx->now), RIGHTS_MONTHS);
    return CY_OK;
}

/* --- notice --- */

/* A bound party may give notice: the lock is over, or the treaty is reopened. */
static cy_err may_leave(struct cy_plan *plan, const struct cy_treaty *treaty,
                        const struct cy_treaty_party *party, cy_date day)
{
    cy_date first = 0;

    if (!cy_treaty_binds(treaty, party, day))
        return cy_fail(CY_E_TREATY_BOUND, 0);
    if (party->notice != 0)
        return cy_fail(CY_E_TREATY_AGAIN, party->leaves);
    first = cy_date_months(cy_treaty_start(treaty, party),
                           cy_treaty_rules_of(plan, &treaty->id)->lock_months);
    return treaty->reopened == 0 && day < first ? cy_fail(CY_E_TREATY_LOCKED, first) : CY_OK;
}

static cy_err give_notice(struct cy_plan *plan, struct cy_treaty_party *party, cy_date day)
{
    party->notice = day;
    party->leaves = cy_date_months(day, cy_treaty_rules_of(plan, &party->treaty)->notice_months);
    return stand_by(plan, &party->treaty, party, party->ratified,
                    cy_treaty_midnight(party->leaves));
}

cy_err cy_treaty_do_leave(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_leave *m = message;
    const struct cy_of_treaty key = {m->treaty, ctx->author};
    const cy_date day = cy_time_date(ctx->now);
    const struct cy_treaty *treaty = NULL;
    const struct cy_treaty_party *party = NULL;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(cy_treaty_of(plan, &m->treaty, &ctx->author, &party));
    CY_TRY(may_leave(plan, treaty, party, day));
    return give_notice(plan, CY_EDIT(plan, treaty_party, &key), day);
}

cy_err cy_treaty_do_stay(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_stay *m = message;
    const struct cy_of_treaty key = {m->treaty, ctx->author};
    const struct cy_treaty *treaty = NULL;
    const struct cy_treaty_party *party = NULL;
    struct cy_treaty_party *edit = NULL;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(cy_treaty_of(plan, &m->treaty, &ctx->author, &party));
    if (party->notice == 0 || cy_time_date(ctx->now) >= party->leaves)
        return cy_fail(CY_E_TREATY_NOTICE, party->leaves);
    edit = CY_EDIT(plan, treaty_party, &key);
    edit->notice = 0;
    edit->leaves = 0;
    return stand_by(plan, &m->treaty, edit, edit->ratified, 0);
}

/* --- what happened before --- */

cy_err cy_treaty_do_record(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_record *m = message;
    const struct cy_of_treaty key = {m->treaty, m->party};
    const struct cy_treaty *treaty = NULL;
    const struct cy_treaty_party *party = NULL;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    if (!cy_id_eq(&ctx->author, &treaty->by))
        return cy_fail(CY_E_TREATY_DEPOSITARY, 0);
    if (m->date > cy_time_date(treaty->since) || m->date < treaty->event)
        return cy_fail(CY_E_TREATY_DATE, treaty->event);
    if (m->event == CY_treaty_event_RATIFIED) {
        CY_TRY(may_join(plan, &m->treaty, &m->party, treaty->version, &treaty));
        return join(plan, &m->treaty, CY_EDIT(plan, treaty_party, &key), m->date);
    }
    CY_TRY(cy_treaty_of(plan, &m->treaty, &m->party, &party));
    CY_TRY(may_leave(plan, treaty, party, m->date));
    CY_EDIT(plan, treaty, &m->treaty)->event = m->date;
    return give_notice(plan, CY_EDIT(plan, treaty_party, &key), m->date);
}

/* --- release --- */

/* The party no longer counts; the treaty ends when too few are left. */
static void strike(struct cy_plan *plan, const struct cy_id *id, struct cy_treaty_party *party,
                   cy_date day)
{
    struct cy_treaty *treaty = CY_EDIT(plan, treaty, id);
    const struct cy_treaty_place newest = {*id, treaty->offered, 0};

    cy_restraint_unbind(plan, &party->party, id);
    party->standing = CY_treaty_standing_GONE;
    treaty->ratified--;
    treaty->ratified_weight -= party->weight;
    if (treaty->offered != treaty->version && party->accepted == treaty->offered)
        CY_EDIT(plan, treaty_version, &newest)->accepted--;
    if (treaty->state == CY_treaty_state_OPEN && treaty->reached != 0 &&
        treaty->ratified < cy_treaty_rules_of(plan, id)->least_parties) {
        treaty->state = CY_treaty_state_ENDED;
        treaty->ended = day;
    }
}

/* By anybody: a party whose notice is over, or any when the treaty has ended. Only by itself: one
 * that is not bound and takes its bond back. */
static bool may_release(const struct cy_ctx *ctx, const struct cy_treaty *treaty,
                        const struct cy_treaty_party *party)
{
    const bool ended = treaty->state == CY_treaty_state_ENDED;

    if (party->standing == CY_treaty_standing_RATIFIED)
        return ended || (party->leaves != 0 && cy_time_date(ctx->now) >= party->leaves);
    return party->bond != 0 && (ended || cy_id_eq(&ctx->author, &party->party));
}

cy_err cy_treaty_do_release(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_release *m = message;
    const struct cy_of_treaty key = {m->treaty, m->party};
    const struct cy_treaty *treaty = CY_READ(plan, treaty, &m->treaty);
    const cy_date day = cy_time_date(ctx->now);
    const struct cy_treaty_party *found = NULL;
    struct cy_treaty_party *party = NULL;
    struct cy_id seat;
    cy_u128 bond = 0;

    if (treaty == NULL)
        return cy_fail(CY_E_TREATY_UNKNOWN, 0);
    CY_TRY(cy_treaty_of(plan, &m->treaty, &m->party, &found));
    if (!may_release(ctx, treaty, found))
        return cy_fail(CY_E_TREATY_NOTICE, found->leaves);
    party = CY_EDIT(plan, treaty_party, &key);
    if (party->standing == CY_treaty_standing_RATIFIED)
        strike(plan, &m->treaty, party, day);
    bond = party->bond;
    party->bond = 0;
    if (bond == 0)
        return CY_OK;
    seat = cy_escrow_seat(plan, &m->party, &treaty->asset);
    return cy_treaty_pay(plan, treaty, &seat, bond);
}
