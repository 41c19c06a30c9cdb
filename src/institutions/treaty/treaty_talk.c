#include "institutions/treaty/treaty_talk.h"

#include "institutions/treaty/treaty_lint.h"

/* The detail of a refusal: fault << 32 | clause. */
static cy_err refuse(const struct cy_treaty_finding *finding)
{
    return cy_fail(CY_E_TREATY_FAULT, (uint64_t)finding->fault << 32 | finding->number);
}

/* --- versions --- */

static void write_clause(struct cy_plan *plan, const struct cy_treaty_place *key,
                         const struct cy_treaty_clause *c)
{
    struct cy_treaty_term *term = CY_EDIT(plan, treaty_term, key);

    term->measure = c->measure;
    term->bound = c->bound;
    term->threshold = c->threshold;
    term->from = c->from;
    term->until = c->until;
    term->months = c->months;
    term->actuator = c->actuator;
    term->fine = c->fine;
    term->cap = c->cap;
    term->emergency = c->emergency;
    term->emergency_days = c->emergency_days;
    term->reservable = c->reservable;
    term->words = c->words;
}

static void write_version(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_id *treaty, uint32_t number, const struct cy_id *text,
                          const struct cy_treaty_clause *clauses, uint32_t n)
{
    const struct cy_treaty_place key = {*treaty, number, 0};
    struct cy_treaty_version *version = CY_EDIT(plan, treaty_version, &key);

    version->text = *text;
    version->by = ctx->author;
    version->clauses = n;
    version->since = ctx->now;
    for (uint32_t i = 0; i < n; i++) {
        const struct cy_treaty_place place = {*treaty, number, clauses[i].number};

        write_clause(plan, &place, &clauses[i]);
    }
}

/* --- parties --- */

/* Lists parties that are passports, not listed yet, and neither monitor nor arbiter. */
static cy_err list(struct cy_plan *plan, struct cy_treaty *treaty,
                   const struct cy_treaty_weight *parties, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct cy_of_treaty key = {treaty->id, parties[i].party};
        const struct cy_passport *passport = NULL;
        struct cy_treaty_party *party = NULL;

        CY_TRY(cy_identity_active(plan, &parties[i].party, &passport));
        if (cy_id_eq(&parties[i].party, &treaty->monitor) ||
            cy_id_eq(&parties[i].party, &treaty->arbiter) ||
            CY_READ(plan, treaty_party, &key) != NULL)
            return cy_fail(CY_E_TREATY_PARTY, i);
        party = CY_EDIT(plan, treaty_party, &key);
        party->weight = parties[i].weight;
        party->standing = CY_treaty_standing_LISTED;
        treaty->listed++;
        treaty->weight += parties[i].weight;
    }
    return CY_OK;
}

/* --- offer --- */

static void write_rules(struct cy_treaty_rules *rules, const struct cy_treaty_offer *m)
{
    rules->adopt_need = m->adopt_need;
    rules->force_need = m->force_need;
    rules->force_ppm = m->force_ppm;
    rules->force_days = m->force_days;
    rules->lock_months = m->lock_months;
    rules->notice_months = m->notice_months;
    rules->least_parties = m->least_parties;
    rules->seconds = m->seconds;
    rules->answer_days = m->answer_days;
    rules->answer_exclude = m->answer_exclude;
    rules->answer_freeze = m->answer_freeze;
    rules->answer_benefit = m->answer_benefit;
    rules->balance_ppm = m->balance_ppm;
    rules->balance_times = m->balance_times;
}

static void write_treaty(const struct cy_ctx *ctx, struct cy_treaty *treaty,
                         const struct cy_treaty_offer *m)
{
    treaty->name = m->name;
    treaty->state = CY_treaty_state_NEGOTIATED;
    treaty->by = ctx->author;
    treaty->monitor = m->monitor;
    treaty->arbiter = m->arbiter;
    treaty->offered = 1;
    treaty->asset = m->asset;
    treaty->bond = m->bond;
    treaty->rights = m->rights;
    treaty->since = ctx->now;
}

cy_err cy_treaty_do_offer(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_offer *m = message;
    struct cy_treaty_finding findings[CY_TREATY_FINDINGS_MAX];
    const struct cy_passport *passport = NULL;
    struct cy_treaty *treaty = NULL;
    struct cy_id account;

    if (cy_treaty_lint_offer(m, false, findings) > 0)
        return refuse(&findings[0]);
    CY_TRY(cy_identity_active(plan, &m->monitor, &passport));
    CY_TRY(cy_identity_active(plan, &m->arbiter, &passport));
    treaty = CY_EDIT(plan, treaty, cy_ctx_id(ctx));
    write_treaty(ctx, treaty, m);
    write_rules(CY_EDIT(plan, treaty_rules, cy_ctx_id(ctx)), m);
    CY_TRY(list(plan, treaty, m->parties, m->n_parties));
    write_version(ctx, plan, cy_ctx_id(ctx), 1, &m->text, m->clauses, m->n_clauses);
    if (cy_id_none(&m->asset))
        return CY_OK;
    if (CY_READ(plan, asset, &m->asset) == NULL)
        return cy_fail(CY_E_NO_NOUN, 14);
    return cy_escrow_open(plan, cy_ctx_id(ctx), &m->asset, 0, &account);
}

cy_err cy_treaty_do_enlist(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_enlist *m = message;
    const struct cy_treaty *treaty = NULL;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    if (treaty->state != CY_treaty_state_NEGOTIATED)
        return cy_fail(CY_E_TREATY_STATE, treaty->state);
    if (!cy_id_eq(&ctx->author, &treaty->by))
        return cy_fail(CY_E_TREATY_DEPOSITARY, 0);
    return list(plan, CY_EDIT(plan, treaty, &m->treaty), m->parties, m->n_parties);
}

/* --- counter-offer --- */

/* Who may propose: while it is negotiated whoever is listed, afterwards who ratified. */
static cy_err may_propose(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_treaty *treaty)
{
    const struct cy_treaty_party *party = NULL;

    CY_TRY(cy_treaty_of(plan, &treaty->id, &ctx->author, &party));
    return treaty->state == CY_treaty_state_NEGOTIATED ||
                   party->standing == CY_treaty_standing_RATIFIED
               ? CY_OK
               : cy_fail(CY_E_TREATY_BOUND, 0);
}

cy_err cy_treaty_do_counter(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_counter *m = message;
    struct cy_treaty_finding findings[CY_TREATY_FINDINGS_MAX];
    const struct cy_treaty *treaty = NULL;
    struct cy_treaty *edit = NULL;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(may_propose(ctx, plan, treaty));
    if (cy_treaty_lint_clauses(m->clauses, m->n_clauses, treaty->bond, findings) > 0)
        return refuse(&findings[0]);
    edit = CY_EDIT(plan, treaty, &m->treaty);
    edit->offered++;
    write_version(ctx, plan, &m->treaty, edit->offered, &m->text, m->clauses, m->n_clauses);
    return CY_OK;
}

/* --- acceptance --- */

/* Nobody adopts what can never enter into force. */
static cy_err in_reach(const struct cy_treaty *treaty, const struct cy_treaty_rules *rules)
{
    if (rules->force_need > treaty->listed)
        return cy_fail(CY_E_TREATY_FAULT, (uint64_t)CY_TREATY_FAULT_FORCE_NEED << 32);
    if (rules->force_ppm != 0 && treaty->weight == 0)
        return cy_fail(CY_E_TREATY_FAULT, (uint64_t)CY_TREATY_FAULT_FORCE_WEIGHT << 32);
    return CY_OK;
}

static void adopt(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                  struct cy_treaty_version *version)
{
    struct cy_treaty *treaty = CY_EDIT(plan, treaty, id);

    version->adopted = cy_time_date(ctx->now);
    treaty->version = treaty->offered;
    treaty->state = CY_treaty_state_OPEN;
    treaty->reopened = 0;
}

cy_err cy_treaty_do_accept(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_accept *m = message;
    const struct cy_of_treaty key = {m->treaty, ctx->author};
    const struct cy_treaty_place place = {m->treaty, m->version, 0};
    const struct cy_treaty *treaty = NULL;
    const struct cy_treaty_party *party = NULL;
    const struct cy_treaty_rules *rules = NULL;
    struct cy_treaty_version *version = NULL;
    uint32_t need = 0;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(may_propose(ctx, plan, treaty));
    CY_TRY(cy_treaty_of(plan, &m->treaty, &ctx->author, &party));
    if (m->version != treaty->offered || m->version == treaty->version)
        return cy_fail(CY_E_TREATY_VERSION, treaty->offered);
    if (party->accepted == m->version)
        return cy_fail(CY_E_TREATY_AGAIN, m->version);
    CY_EDIT(plan, treaty_party, &key)->accepted = m->version;
    version = CY_EDIT(plan, treaty_version, &place);
    version->accepted++;
    rules = cy_treaty_rules_of(plan, &m->treaty);
    need = treaty->state == CY_treaty_state_NEGOTIATED ? rules->adopt_need : treaty->ratified;
    if (version->accepted < need)
        return CY_OK;
    CY_TRY(in_reach(treaty, rules));
    adopt(ctx, plan, &m->treaty, version);
    return CY_OK;
}
