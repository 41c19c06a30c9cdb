#include "institutions/treaty/treaty_keep.h"

#include "kernel/param.h"
#include "kernel/restraint.h"

struct receipt_key {
    struct cy_id treaty;
    struct cy_id party;
    uint64_t number;
    uint64_t period;
};

struct call_key {
    struct cy_id treaty;
    struct cy_id about;
    uint64_t number;
    struct cy_id party;
};

/* --- a breach --- */

/* Takes a fine from the bond; what the bond does not cover is owed. */
static cy_err take_fine(struct cy_plan *plan, const struct cy_treaty_term *term,
                        struct cy_treaty_party *party, struct cy_treaty_duty *duty,
                        struct cy_treaty_receipt *receipt)
{
    struct cy_treaty *treaty = CY_EDIT(plan, treaty, &term->treaty);
    const cy_u128 room = term->cap > duty->fined ? term->cap - duty->fined : 0;
    const cy_u128 due = term->cap != 0 && term->fine > room ? room : term->fine;

    receipt->fine = due < party->bond ? due : party->bond;
    receipt->beyond = due - receipt->fine;
    party->bond -= receipt->fine;
    CY_TRY(cy_add(party->owed, receipt->beyond, &party->owed));
    CY_TRY(cy_add(party->fined, receipt->fine, &party->fined));
    CY_TRY(cy_add(duty->fined, due, &duty->fined));
    return cy_add(treaty->pot, receipt->fine, &treaty->pot);
}

static cy_err breach(const struct cy_ctx *ctx, struct cy_plan *plan,
                     const struct cy_treaty_term *term, struct cy_treaty_party *party,
                     struct cy_treaty_duty *duty, struct cy_treaty_receipt *receipt)
{
    const cy_date period = (cy_date)receipt->period;

    party->breaches++;
    duty->breaches++;
    duty->breached = period > duty->breached ? period : duty->breached;
    switch (term->actuator) {
    case CY_treaty_actuator_FINE: return take_fine(plan, term, party, duty, receipt);
    case CY_treaty_actuator_SUSPEND:
        party->suspending += duty->suspends ? 0 : 1;
        duty->suspends = true;
        return CY_OK;
    default: CY_EDIT(plan, treaty, &term->treaty)->reopened = cy_time_date(ctx->now); return CY_OK;
    }
}

/* A later period that complies ends the suspension for this clause. */
static void comply(struct cy_treaty_party *party, struct cy_treaty_duty *duty, cy_date period)
{
    if (!duty->suspends || period <= duty->breached)
        return;
    duty->suspends = false;
    party->suspending--;
}

/* --- reports --- */

static unsigned month_of(cy_date date)
{
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;

    cy_date_civil(date, &year, &month, &day);
    return year * 12 + month;
}

/* A period of the clause that is over, and in whose beginning the party was bound. */
static cy_err period_fits(const struct cy_ctx *ctx, const struct cy_treaty *treaty,
                          const struct cy_treaty_party *party, const struct cy_treaty_term *term,
                          cy_date period)
{
    unsigned months = 0;

    if (period < term->from)
        return cy_fail(CY_E_TREATY_PERIOD, term->from);
    months = month_of(period) - month_of(term->from);
    months -= months % term->months;
    if (cy_date_months(term->from, months) != period)
        return cy_fail(CY_E_TREATY_PERIOD, cy_date_months(term->from, months));
    if (cy_date_months(term->from, months + term->months) > cy_time_date(ctx->now))
        return cy_fail(CY_E_TREATY_PERIOD, cy_date_months(term->from, months + term->months));
    if (term->until != 0 && period > term->until)
        return cy_fail(CY_E_TREATY_PERIOD, term->until);
    return cy_treaty_binds(treaty, party, period) ? CY_OK : cy_fail(CY_E_TREATY_BOUND, period);
}

/* Who reports: the monitor, or the party itself when nobody did before. */
static cy_err may_report(const struct cy_ctx *ctx, const struct cy_treaty *treaty,
                         const struct cy_id *party, const struct cy_treaty_receipt *before)
{
    const bool monitor = cy_id_eq(&ctx->author, &treaty->monitor);

    if (!monitor && !cy_id_eq(&ctx->author, party))
        return cy_fail(CY_E_TREATY_MONITOR, 0);
    if (before != NULL && (!monitor || !before->own || !before->complied))
        return cy_fail(CY_E_TREATY_AGAIN, before->period);
    return CY_OK;
}

cy_err cy_treaty_do_report(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_report *m = message;
    const struct receipt_key key = {m->treaty, m->party, m->number, m->period};
    const struct cy_of_treaty who = {m->treaty, m->party};
    const struct cy_treaty_at at = {m->treaty, m->party, m->number};
    const struct cy_treaty_receipt *before = CY_READ(plan, treaty_receipt, &key);
    const struct cy_treaty *treaty = NULL;
    const struct cy_treaty_party *found = NULL;
    const struct cy_treaty_term *term = NULL;
    const struct cy_evidence *evidence = NULL;
    struct cy_treaty_receipt *receipt = NULL;
    struct cy_treaty_duty *duty = NULL;
    bool first = before == NULL;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(cy_treaty_of(plan, &m->treaty, &m->party, &found));
    CY_TRY(cy_treaty_clause_of(plan, treaty, m->number, &term));
    CY_TRY(may_report(ctx, treaty, &m->party, before));
    CY_TRY(period_fits(ctx, treaty, found, term, m->period));
    if (cy_treaty_exempt(plan, term, &m->party))
        return cy_fail(CY_E_TREATY_RESERVED, m->number);
    CY_TRY(cy_treaty_recorded(plan, &m->evidence, &evidence));
    receipt = CY_EDIT(plan, treaty_receipt, &key);
    receipt->figure = m->figure;
    receipt->threshold = cy_treaty_limit(term, m->period);
    receipt->complied = cy_treaty_keeps(term, receipt->threshold, m->figure);
    receipt->own = cy_id_eq(&ctx->author, &m->party);
    receipt->evidence = m->evidence;
    receipt->by = ctx->author;
    receipt->version = treaty->version;
    receipt->recorded = ctx->now;
    duty = CY_EDIT(plan, treaty_duty, &at);
    duty->reports += first ? 1 : 0;
    if (!receipt->complied)
        return breach(ctx, plan, term, CY_EDIT(plan, treaty_party, &who), duty, receipt);
    comply(CY_EDIT(plan, treaty_party, &who), duty, m->period);
    return CY_OK;
}

/* --- emergencies and answers --- */

static uint32_t seconds(struct cy_plan *plan, const struct cy_treaty *treaty)
{
    const uint32_t asked = cy_treaty_rules_of(plan, &treaty->id)->seconds;

    return asked > 1 ? asked : 1;
}

/* One call of each party. */
static cy_err call(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *treaty,
                   const struct cy_id *about, uint64_t number, const struct cy_id *evidence)
{
    const struct call_key key = {*treaty, *about, number, ctx->author};
    struct cy_treaty_call *made = NULL;

    if (CY_READ(plan, treaty_call, &key) != NULL)
        return cy_fail(CY_E_TREATY_AGAIN, number);
    made = CY_EDIT(plan, treaty_call, &key);
    made->evidence = *evidence;
    made->since = ctx->now;
    return CY_OK;
}

cy_err cy_treaty_do_emergency(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_emergency *m = message;
    const struct cy_id nobody = {{0}};
    const cy_date day = cy_time_date(ctx->now);
    const struct cy_treaty *treaty = NULL;
    const struct cy_treaty_term *found = NULL;
    const struct cy_evidence *evidence = NULL;
    struct cy_treaty_term *term = NULL;
    struct cy_treaty_place place;
    uint64_t days = 0;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(cy_treaty_bound(ctx, plan, treaty));
    CY_TRY(cy_treaty_clause_of(plan, treaty, m->number, &found));
    days = found->emergency_days;
    if (days == 0)
        return cy_fail(CY_E_TREATY_CALL, m->number);
    if (found->emergency_from != 0 && day <= found->emergency_until + days)
        return cy_fail(CY_E_TREATY_RUNNING, found->emergency_until + days);
    CY_TRY(cy_treaty_recorded(plan, &m->evidence, &evidence));
    place = (struct cy_treaty_place){m->treaty, treaty->version, m->number};
    term = CY_EDIT(plan, treaty_term, &place);
    if (term->called == 0 || ctx->now - term->called_at > days * CY_DAY_MS) {
        term->call++; /* the first, or the calls before are too old to count */
        term->called = 0;
        term->called_at = ctx->now;
    }
    CY_TRY(
        call(ctx, plan, &m->treaty, &nobody, (uint64_t)m->number << 32 | term->call, &m->evidence));
    if (++term->called < seconds(plan, treaty))
        return CY_OK;
    term->called = 0;
    term->emergency_from = day;
    term->emergency_until = day + (cy_date)days - 1;
    return CY_OK;
}

/* What the treaty declares is in force with this act, for all whom it binds, as a restraint of its
 * own; it ends with the last day of the answer. Others, and parties by themselves, may restrain
 * more. */
static cy_err strike_back(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_treaty_answer *answer)
{
    static const char why[] = "common answer to an attack";
    const struct cy_treaty_rules *rules = cy_treaty_rules_of(plan, &answer->treaty);
    const cy_time until = cy_treaty_midnight(answer->until + 1);
    const cy_time most = ctx->now + cy_param(plan, CY_P_RESTRAINT_MS);
    struct cy_restraint restraint = {.subject = answer->against,
                                     .source = answer->treaty,
                                     .id = *cy_ctx_id(ctx),
                                     .by = ctx->author,
                                     .exclude = rules->answer_exclude,
                                     .freeze = rules->answer_freeze,
                                     .benefit = rules->answer_benefit,
                                     .evidence = answer->evidence,
                                     .since = ctx->now,
                                     .until = until,
                                     .review_at = until < most ? until : most};

    if (!cy_treaty_acts(rules))
        return CY_OK;
    CY_TRY(cy_line_of(cy_span_of(why, sizeof why - 1), &restraint.reason));
    return cy_restraint_put(ctx, plan, &restraint);
}

cy_err cy_treaty_do_attacked(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_attacked *m = message;
    const struct cy_of_treaty key = {m->treaty, m->against};
    const cy_date day = cy_time_date(ctx->now);
    const struct cy_treaty *treaty = NULL;
    const struct cy_evidence *evidence = NULL;
    struct cy_treaty_answer *answer = NULL;
    uint16_t days = 0;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(cy_treaty_bound(ctx, plan, treaty));
    days = cy_treaty_rules_of(plan, &m->treaty)->answer_days;
    if (days == 0)
        return cy_fail(CY_E_TREATY_CALL, 0);
    if (CY_READ(plan, passport, &m->against) == NULL || cy_id_eq(&m->against, &ctx->author))
        return cy_fail(CY_E_TREATY_CALL, 2);
    CY_TRY(cy_treaty_recorded(plan, &m->evidence, &evidence));
    if (!cy_id_eq(&evidence->about, &m->against))
        return cy_fail(CY_E_TREATY_EVIDENCE, 3);
    if (cy_treaty_answered(plan, &m->treaty, &m->against, day))
        return cy_fail(CY_E_TREATY_RUNNING, 0);
    answer = CY_EDIT(plan, treaty_answer, &key);
    if (answer->called == 0 || answer->from != 0 ||
        ctx->now - answer->since > (uint64_t)days * CY_DAY_MS) {
        answer->call++;
        answer->called = 0;
        answer->from = 0;
        answer->until = 0;
        answer->evidence = m->evidence;
        answer->since = ctx->now;
    }
    CY_TRY(call(ctx, plan, &m->treaty, &m->against, answer->call, &m->evidence));
    if (++answer->called < seconds(plan, treaty))
        return CY_OK;
    answer->from = day;
    answer->until = day + days - 1;
    return strike_back(ctx, plan, answer);
}

cy_err cy_treaty_do_relent(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_relent *m = message;
    const struct cy_of_treaty key = {m->treaty, m->against};
    const cy_date day = cy_time_date(ctx->now);
    const struct cy_treaty *treaty = NULL;
    const struct cy_evidence *evidence = NULL;
    cy_err err = CY_OK;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    if (!cy_id_eq(&ctx->author, &treaty->monitor))
        return cy_fail(CY_E_TREATY_MONITOR, 0);
    if (!cy_treaty_answered(plan, &m->treaty, &m->against, day))
        return cy_fail(CY_E_TREATY_CALL, 2);
    CY_TRY(cy_treaty_recorded(plan, &m->evidence, &evidence));
    if (!cy_id_eq(&evidence->about, &m->against))
        return cy_fail(CY_E_TREATY_EVIDENCE, 3);
    CY_EDIT(plan, treaty_answer, &key)->until = day - 1;
    err = cy_restraint_lift(plan, &m->against, &m->treaty);
    (void)err; /* the treaty declares no measure, or an appeal ended it before */
    return CY_OK;
}

bool cy_treaty_answered(struct cy_plan *plan, const struct cy_id *treaty,
                        const struct cy_id *against, cy_date day)
{
    const struct cy_of_treaty key = {*treaty, *against};
    const struct cy_treaty_answer *answer = CY_READ(plan, treaty_answer, &key);

    return answer != NULL && answer->from != 0 && answer->from <= day && day <= answer->until;
}

/* --- benefits --- */

/* got * 1,000,000 < gave * ppm, without overflow. */
static bool behind(const struct cy_treaty_rules *rules, cy_u128 gave, cy_u128 got)
{
    cy_u128 least = 0;

    return cy_ok(cy_mul_div(gave, rules->balance_ppm, 1000000, &least)) && got < least;
}

static cy_err book(struct cy_plan *plan, const struct cy_treaty *treaty,
                   const struct cy_treaty_benefit *benefit, cy_date period)
{
    const struct cy_of_treaty key = {treaty->id, benefit->party};
    const struct cy_treaty_party *found = NULL;
    struct cy_treaty_party *party = NULL;

    CY_TRY(cy_treaty_of(plan, &treaty->id, &benefit->party, &found));
    if (!cy_treaty_binds(treaty, found, period))
        return cy_fail(CY_E_TREATY_BOUND, period);
    party = CY_EDIT(plan, treaty_party, &key);
    CY_TRY(cy_add(party->gave, benefit->gave, &party->gave));
    CY_TRY(cy_add(party->got, benefit->got, &party->got));
    party->behind = behind(cy_treaty_rules_of(plan, &treaty->id), benefit->gave, benefit->got)
                        ? party->behind + 1
                        : 0;
    return CY_OK;
}

cy_err cy_treaty_do_measure(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_measure *m = message;
    const cy_date day = cy_time_date(ctx->now);
    const struct cy_treaty *treaty = NULL;
    const struct cy_evidence *evidence = NULL;
    const struct cy_treaty_rules *rules = NULL;
    struct cy_treaty *edit = NULL;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    if (!cy_id_eq(&ctx->author, &treaty->monitor))
        return cy_fail(CY_E_TREATY_MONITOR, 0);
    rules = cy_treaty_rules_of(plan, &m->treaty);
    if (rules->balance_ppm == 0 || m->period <= treaty->measured || m->period > day)
        return cy_fail(CY_E_TREATY_MEASURE, treaty->measured);
    CY_TRY(cy_treaty_recorded(plan, &m->evidence, &evidence));
    edit = CY_EDIT(plan, treaty, &m->treaty);
    edit->measured = m->period;
    for (uint32_t i = 0; i < m->n_benefits; i++) {
        const struct cy_of_treaty key = {m->treaty, m->benefits[i].party};

        for (uint32_t j = 0; j < i; j++) {
            if (cy_id_eq(&m->benefits[i].party, &m->benefits[j].party))
                return cy_fail(CY_E_TREATY_PARTY, i);
        }
        CY_TRY(book(plan, treaty, &m->benefits[i], m->period));
        if (CY_READ(plan, treaty_party, &key)->behind >= rules->balance_times)
            edit->reopened = day;
    }
    return CY_OK;
}

/* --- what fines brought in --- */

cy_err cy_treaty_do_award(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_award *m = message;
    const struct cy_treaty *treaty = CY_READ(plan, treaty, &m->treaty);
    const struct cy_account *account = CY_READ(plan, account, &m->account);

    if (treaty == NULL)
        return cy_fail(CY_E_TREATY_UNKNOWN, 0);
    if (!cy_id_eq(&ctx->author, &treaty->arbiter))
        return cy_fail(CY_E_TREATY_MONITOR, 0);
    if (account == NULL || !cy_id_eq(&account->asset, &treaty->asset))
        return cy_fail(CY_E_TREATY_BOND, 2);
    if (m->amount > treaty->pot)
        return cy_fail(CY_E_TREATY_BOND, 3);
    CY_EDIT(plan, treaty, &m->treaty)->pot -= m->amount;
    return cy_treaty_pay(plan, treaty, &m->account, m->amount);
}
