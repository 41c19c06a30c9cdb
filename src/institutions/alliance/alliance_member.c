#include "institutions/alliance/alliance_member.h"

/* --- the one writer of events --- */

struct happening {
    struct cy_of_party who;
    uint8_t event;
    uint8_t level;
    uint8_t precision;
    bool past; /* recorded, not done now */
    cy_date effective;
    cy_time leaves_at; /* exit: end of the notice */
    const struct cy_line *source;
};

static uint8_t state_after(const struct happening *h, uint8_t state, cy_time now)
{
    switch (h->event) {
    case CY_membership_FOUND:
    case CY_membership_JOIN:
    case CY_membership_RESUME: return CY_member_state_ACTIVE;
    case CY_membership_SUSPEND: return CY_member_state_SUSPENDED;
    case CY_membership_EXIT:
        return h->leaves_at > now ? CY_member_state_LEAVING : CY_member_state_LEFT;
    case CY_membership_EXPEL: return CY_member_state_LEFT;
    case CY_membership_LEVEL: return state;
    default: CY_NEVER("the codec admits only the words of the set");
    }
}

static void write_event(const struct cy_ctx *ctx, struct cy_plan *plan, const struct happening *h,
                        uint64_t seq, uint32_t ordinal)
{
    const struct cy_of_alliance key = {h->who.alliance, seq};
    struct cy_member_event *event = CY_EDIT(plan, member_event, &key);

    event->party = h->who.party;
    event->ordinal = ordinal;
    event->event = h->event;
    event->level = h->level;
    event->precision = h->precision;
    event->effective = h->effective;
    event->recorded = ctx->now;
    event->act = *cy_ctx_id(ctx);
    event->by = ctx->author;
    if (h->source != NULL)
        event->source = *h->source;
}

/* Writes the event, and how the party stands after it unless a later event stands on record. */
static void happen(const struct cy_ctx *ctx, struct cy_plan *plan, const struct happening *h)
{
    struct cy_member *m = NULL;
    struct cy_alliance_roll *roll = NULL;

    m = CY_EDIT(plan, member, &h->who);
    if (m->ordinal == 0)
        cy_bloc_sit(plan, &h->who.alliance, &h->who.party);
    roll = CY_EDIT(plan, alliance_roll, &h->who.alliance);
    if (m->ordinal == 0)
        m->ordinal = ++roll->n_parties;
    write_event(ctx, plan, h, roll->n_events++, m->ordinal);
    if (h->past && h->effective < m->effective)
        return;
    if (m->state == CY_member_state_ACTIVE)
        (*cy_roll_count(roll, m->level))--;
    m->suspended = m->state == CY_member_state_SUSPENDED && h->event == CY_membership_EXIT &&
                   h->leaves_at > ctx->now;
    m->state = state_after(h, m->state, ctx->now);
    m->level = h->level;
    m->effective = h->effective > m->effective ? h->effective : m->effective;
    m->events = roll->n_events;
    m->leaves_at = h->leaves_at;
    m->until = 0;
    if (h->event == CY_membership_FOUND || h->event == CY_membership_JOIN) {
        m->since = h->effective;
        m->precision = h->precision;
    }
    if (m->state == CY_member_state_ACTIVE)
        (*cy_roll_count(roll, m->level))++;
}

static void happen_now(const struct cy_ctx *ctx, struct cy_plan *plan,
                       const struct cy_of_party *who, uint8_t event, uint8_t level,
                       const struct cy_line *source)
{
    happen(ctx, plan,
           &(struct happening){.who = *who,
                               .event = event,
                               .level = level,
                               .effective = cy_time_date(ctx->now),
                               .source = source});
}

/* --- the door --- */

static cy_err level_exists(struct cy_plan *plan, const struct cy_alliance *alliance, uint8_t level)
{
    const uint64_t levels = cy_charter_value(plan, alliance, CY_CLAUSE_LEVELS);

    return (levels >> (level - CY_level_FULL) & 1) != 0 ? CY_OK
                                                        : cy_fail(CY_E_LEVEL_MISSING, level);
}

/* Whatever keeps any newcomer out, however it comes. */
static cy_err may_enter(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_alliance *alliance, const struct cy_id *party,
                        uint8_t level, const struct cy_id *through)
{
    const struct cy_member *member = cy_member_read(plan, &alliance->id, party);
    const struct cy_alliance_roll *roll = cy_alliance_counts(plan, &alliance->id);

    if (cy_member_state(member, ctx->now) == CY_member_state_LEAVING)
        return cy_fail(CY_E_LEAVING_ALREADY, 0);
    if (cy_member_belongs(member, ctx->now))
        return cy_fail(CY_E_ALREADY_MEMBER, 0);
    if (member != NULL && member->effective > cy_time_date(ctx->now))
        return cy_fail(CY_E_LEAVING_ALREADY, 0); /* expelled while its notice ran */
    CY_TRY(level_exists(plan, alliance, level));
    if (cy_roll_active(roll) >= cy_charter_value(plan, alliance, CY_CLAUSE_MEMBERS_MOST))
        return cy_fail(CY_E_MEMBERS_FULL, cy_roll_active(roll));
    CY_TRY(cy_bloc_bases(ctx, plan, &alliance->id, party, through));
    return cy_bloc_may_sit(ctx, plan, &alliance->id, party, false);
}

/* What a newcomer brings along: bonds and the consent of partners. */
struct pledge {
    const struct cy_bond_named *bonds;
    uint32_t n_bonds;
    const struct cy_sponsor *sponsors;
    uint32_t n_sponsors;
};

/* The sponsors named, each once, are full members and stand by their consent. */
static cy_err consents_suffice(const struct cy_ctx *ctx, struct cy_plan *plan,
                               const struct cy_alliance *alliance, const struct pledge *pledge)
{
    const uint64_t share = cy_charter_value(plan, alliance, CY_CLAUSE_PAIR_CONSENT);
    const uint64_t need =
        (cy_alliance_counts(plan, &alliance->id)->n_full * share + 999999) / 1000000;

    for (uint32_t i = 0; i < pledge->n_sponsors; i++) {
        const struct cy_id *from = &pledge->sponsors[i].party;
        const struct {
            struct cy_id from;
            struct cy_id to;
            uint64_t topic;
        } key = {*from, ctx->author, alliance->topic};
        const struct cy_member *member = cy_member_read(plan, &alliance->id, from);
        const struct cy_partner_consent *consent = CY_READ(plan, partner_consent, &key);

        for (uint32_t j = 0; j < i; j++) {
            if (cy_id_eq(&pledge->sponsors[j].party, from))
                return cy_fail(CY_E_CONSENT_MISSING, need);
        }
        if (cy_member_state(member, ctx->now) != CY_member_state_ACTIVE ||
            member->level != CY_level_FULL || consent == NULL || !consent->given)
            return cy_fail(CY_E_CONSENT_MISSING, need);
    }
    return pledge->n_sponsors >= need ? CY_OK : cy_fail(CY_E_CONSENT_MISSING, need);
}

static cy_err enter(const struct cy_ctx *ctx, struct cy_plan *plan,
                    const struct cy_alliance *alliance, uint8_t level, const struct cy_id *through,
                    const struct pledge *pledge)
{
    CY_TRY(may_enter(ctx, plan, alliance, &ctx->author, level, through));
    CY_TRY(consents_suffice(ctx, plan, alliance, pledge));
    CY_TRY(cy_bond_lock(ctx, plan, alliance, pledge->bonds, pledge->n_bonds));
    return cy_bond_covers(plan, alliance, &ctx->author, level);
}

/* --- coming in --- */

cy_err cy_member_invite(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_invite *m = message;
    const struct cy_of_party who = {m->alliance, m->party};
    const struct cy_alliance *alliance = NULL;
    const struct cy_passport *passport = NULL;
    const struct cy_member *have = cy_member_read(plan, &m->alliance, &m->party);
    struct cy_member *member = NULL;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    CY_TRY(cy_officer_check(ctx, plan, alliance, CY_alliance_role_SECRETARY));
    CY_TRY(cy_identity_active(plan, &m->party, &passport));
    if (cy_charter_value(plan, alliance, CY_CLAUSE_ADMISSION) == 3 &&
        cy_alliance_voices(plan, alliance) > 0)
        return cy_fail(CY_E_ADMISSION_CLOSED, 3); /* the members' vote is not to be walked around */
    if (m->until != 0 && m->until <= ctx->now)
        return cy_fail(CY_E_WRONG_TIME, 4);
    if (cy_member_state(have, ctx->now) == CY_member_state_INVITED ||
        cy_member_state(have, ctx->now) == CY_member_state_APPLIED)
        return cy_fail(CY_E_ASKED_ALREADY, 0);
    if (cy_member_belongs(have, ctx->now))
        return cy_fail(CY_E_ALREADY_MEMBER, 0);
    CY_TRY(level_exists(plan, alliance, m->level));
    member = CY_EDIT(plan, member, &who);
    member->state = CY_member_state_INVITED;
    member->level = m->level;
    member->until = m->until;
    cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, &m->party,
                    &cy_schema_alliance_invite);
    return CY_OK;
}

cy_err cy_member_apply(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_apply *m = message;
    const struct cy_of_party who = {m->alliance, ctx->author};
    const struct pledge pledge = {m->bonds, m->n_bonds, m->sponsors, m->n_sponsors};
    const struct cy_alliance *alliance = NULL;
    struct cy_member *member = NULL;
    uint8_t state = 0;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    if (cy_charter_value(plan, alliance, CY_CLAUSE_ADMISSION) < 2)
        return cy_fail(CY_E_ADMISSION_CLOSED, 2);
    state = cy_member_state(cy_member_read(plan, &m->alliance, &ctx->author), ctx->now);
    if (state == CY_member_state_INVITED || state == CY_member_state_APPLIED)
        return cy_fail(CY_E_ASKED_ALREADY, 0);
    CY_TRY(enter(ctx, plan, alliance, m->level, &m->through, &pledge));
    member = CY_EDIT(plan, member, &who);
    member->state = CY_member_state_APPLIED;
    member->level = m->level;
    member->through = m->through;
    return CY_OK;
}

cy_err cy_member_join(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_join *m = message;
    const struct cy_of_party who = {m->alliance, ctx->author};
    const struct pledge pledge = {m->bonds, m->n_bonds, m->sponsors, m->n_sponsors};
    const struct cy_member *have = cy_member_read(plan, &m->alliance, &ctx->author);
    const struct cy_alliance *alliance = NULL;
    uint8_t state = 0;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    state = cy_member_state(have, ctx->now);
    if (state == CY_member_state_APPLIED)
        return cy_fail(CY_E_ASKED_ALREADY, 0);
    if (state == CY_member_state_INVITED) {
        if (have->level != m->level)
            return cy_fail(CY_E_NOT_INVITED, have->level);
    } else if (!cy_member_belongs(have, ctx->now)) {
        const uint64_t admission = cy_charter_value(plan, alliance, CY_CLAUSE_ADMISSION);

        if (admission == 1)
            return cy_fail(CY_E_NOT_INVITED, 0);
        if (admission != 0)
            return cy_fail(CY_E_ADMISSION_CLOSED, admission);
    }
    CY_TRY(enter(ctx, plan, alliance, m->level, &m->through, &pledge));
    CY_EDIT(plan, member, &who)->through = m->through;
    happen_now(ctx, plan, &who, CY_membership_JOIN, m->level, NULL);
    return CY_OK;
}

cy_err cy_member_do_admit(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_id *alliance, const struct cy_id *party)
{
    const struct cy_of_party who = {*alliance, *party};
    const struct cy_member *have = cy_member_read(plan, alliance, party);
    const struct cy_alliance *a = NULL;
    const struct cy_passport *passport = NULL;

    CY_TRY(cy_alliance_live(plan, alliance, &a));
    if (cy_member_state(have, ctx->now) != CY_member_state_APPLIED)
        return cy_fail(CY_E_NOT_APPLIED, 0);
    CY_TRY(cy_identity_active(plan, party, &passport));
    CY_TRY(may_enter(ctx, plan, a, party, have->level, &have->through));
    happen_now(ctx, plan, &who, CY_membership_JOIN, have->level, NULL);
    return CY_OK;
}

cy_err cy_member_admit(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_admit *m = message;
    const struct cy_alliance *alliance = NULL;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    CY_TRY(cy_officer_check(ctx, plan, alliance, CY_alliance_role_SECRETARY));
    if (cy_charter_value(plan, alliance, CY_CLAUSE_ADMISSION) == 3 &&
        cy_alliance_voices(plan, alliance) > 0)
        return cy_fail(CY_E_NEEDS_MOTION, CY_CLAUSE_ADMISSION);
    CY_TRY(cy_member_do_admit(ctx, plan, &m->alliance, &m->party));
    cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, &m->party,
                    &cy_schema_alliance_admit);
    return CY_OK;
}

cy_err cy_member_decline(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_decline *m = message;
    const struct cy_of_party who = {m->alliance, m->party};
    const struct cy_member *have = cy_member_read(plan, &m->alliance, &m->party);
    const struct cy_alliance *alliance = NULL;
    const uint8_t state = cy_member_state(have, ctx->now);

    CY_TRY(cy_alliance_any(plan, &m->alliance, &alliance));
    if (state != CY_member_state_INVITED && state != CY_member_state_APPLIED)
        return cy_fail(CY_E_NOT_APPLIED, 0);
    if (!cy_id_eq(&ctx->author, &m->party)) {
        CY_TRY(cy_officer_check(ctx, plan, alliance, CY_alliance_role_SECRETARY));
        cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, &m->party,
                        &cy_schema_alliance_decline);
    }
    cy_bond_free(plan, &who);
    if (have->ordinal == 0) {
        CY_REMOVE(plan, member, &who);
    } else {
        CY_EDIT(plan, member, &who)->state = CY_member_state_LEFT;
    }
    return CY_OK;
}

/* --- inside --- */

/* The member that somebody wants to change: it belongs, and has not given notice. */
static cy_err find_member(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_of_party *who, const struct cy_member **member)
{
    *member = cy_member_read(plan, &who->alliance, &who->party);
    if (!cy_member_belongs(*member, ctx->now))
        return cy_fail(CY_E_NOT_MEMBER, 0);
    if (cy_member_state(*member, ctx->now) == CY_member_state_LEAVING)
        return cy_fail(CY_E_LEAVING_ALREADY, 0);
    return CY_OK;
}

cy_err cy_member_do_level(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_of_party *who, uint8_t level, const struct cy_line *why)
{
    const struct cy_alliance *alliance = NULL;
    const struct cy_member *member = NULL;

    CY_TRY(cy_alliance_live(plan, &who->alliance, &alliance));
    CY_TRY(find_member(ctx, plan, who, &member));
    if (member->level == level)
        return cy_fail(CY_E_LEVEL_SAME, level);
    CY_TRY(level_exists(plan, alliance, level));
    CY_TRY(cy_bond_covers(plan, alliance, &who->party, level));
    happen_now(ctx, plan, who, CY_membership_LEVEL, level, why);
    return CY_OK;
}

cy_err cy_member_do_suspend(const struct cy_ctx *ctx, struct cy_plan *plan,
                            const struct cy_of_party *who, const struct cy_line *why)
{
    const struct cy_member *member = NULL;

    CY_TRY(find_member(ctx, plan, who, &member));
    if (member->state == CY_member_state_SUSPENDED)
        return cy_fail(CY_E_SUSPENDED_ALREADY, 0);
    happen_now(ctx, plan, who, CY_membership_SUSPEND, member->level, why);
    return CY_OK;
}

cy_err cy_member_do_resume(const struct cy_ctx *ctx, struct cy_plan *plan,
                           const struct cy_of_party *who, const struct cy_line *why)
{
    const struct cy_member *member = NULL;

    CY_TRY(find_member(ctx, plan, who, &member));
    if (member->state != CY_member_state_SUSPENDED)
        return cy_fail(CY_E_NOT_SUSPENDED, 0);
    happen_now(ctx, plan, who, CY_membership_RESUME, member->level, why);
    return CY_OK;
}

cy_err cy_member_do_expel(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_of_party *who, const struct cy_line *why)
{
    const struct cy_member *member = cy_member_read(plan, &who->alliance, &who->party);

    if (!cy_member_belongs(member, ctx->now))
        return cy_fail(CY_E_NOT_MEMBER, 0);
    happen_now(ctx, plan, who, CY_membership_EXPEL, member->level, why);
    cy_bond_free(plan, who);
    (void)cy_officer_release(plan, &who->alliance, &who->party);
    return CY_OK;
}

/* What the four acts of a secretary about a member have in common. */
static cy_err decide(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_of_party *who,
                     enum cy_clause_number vote, const struct cy_schema *act)
{
    const struct cy_alliance *alliance = NULL;

    CY_TRY(cy_alliance_live(plan, &who->alliance, &alliance));
    CY_TRY(cy_officer_decides(ctx, plan, alliance, vote));
    cy_officer_note(ctx, plan, &who->alliance, CY_alliance_role_SECRETARY, &who->party, act);
    return CY_OK;
}

cy_err cy_member_level(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_level *m = message;
    const struct cy_of_party who = {m->alliance, m->party};

    CY_TRY(decide(ctx, plan, &who, CY_CLAUSE_LEVEL_VOTE, &cy_schema_alliance_level));
    return cy_member_do_level(ctx, plan, &who, m->level, &m->reason);
}

cy_err cy_member_suspend(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_suspend *m = message;
    const struct cy_of_party who = {m->alliance, m->party};

    CY_TRY(decide(ctx, plan, &who, CY_CLAUSE_EXPEL_VOTE, &cy_schema_alliance_suspend));
    return cy_member_do_suspend(ctx, plan, &who, &m->reason);
}

cy_err cy_member_resume(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_resume *m = message;
    const struct cy_of_party who = {m->alliance, m->party};

    CY_TRY(decide(ctx, plan, &who, CY_CLAUSE_EXPEL_VOTE, &cy_schema_alliance_resume));
    return cy_member_do_resume(ctx, plan, &who, &m->reason);
}

cy_err cy_member_expel(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_expel *m = message;
    const struct cy_of_party who = {m->alliance, m->party};

    CY_TRY(decide(ctx, plan, &who, CY_CLAUSE_EXPEL_VOTE, &cy_schema_alliance_expel));
    return cy_member_do_expel(ctx, plan, &who, &m->reason);
}

/* --- going --- */

/* When a notice given now is over: a whole day at least as late as the charter says, so that the
 * day of the exit is the same for whoever asks by date and by time. What is dissolved asks no
 * notice. */
static cy_time leaves_at(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_alliance *alliance, uint8_t level)
{
    const uint64_t notice =
        cy_charter_value(plan, alliance, cy_charter_by_level(CY_CLAUSE_LEAVE_FULL, level));

    if (notice == 0 || alliance->state != CY_alliance_state_LIVE)
        return ctx->now;
    return (ctx->now + notice + CY_DAY_MS - 1) / CY_DAY_MS * CY_DAY_MS;
}

cy_err cy_member_leave(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_leave *m = message;
    const struct cy_of_party who = {m->alliance, ctx->author};
    const struct cy_alliance *alliance = NULL;
    const struct cy_member *member = NULL;
    struct cy_of_alliance key = {.alliance = m->alliance};
    struct cy_alliance_exit *leaving = NULL;
    struct happening h = {.who = who, .event = CY_membership_EXIT, .source = &m->reason};

    CY_TRY(cy_alliance_any(plan, &m->alliance, &alliance));
    CY_TRY(find_member(ctx, plan, &who, &member));
    h.level = member->level;
    h.leaves_at = leaves_at(ctx, plan, alliance, h.level);
    h.effective = cy_time_date(h.leaves_at);
    key.n = cy_alliance_counts(plan, &m->alliance)->n_events;
    leaving = CY_EDIT(plan, alliance_exit, &key);
    leaving->party = ctx->author;
    leaving->asked = ctx->now;
    leaving->leaves_at = h.leaves_at;
    leaving->reason = m->reason;
    leaving->offices = cy_officer_release(plan, &m->alliance, &ctx->author);
    CY_TRY(cy_bond_settle(ctx, plan, &who, m->bonds, m->n_bonds, leaving));
    happen(ctx, plan, &h);
    return CY_OK;
}

/* --- the past --- */

static cy_err date_fits(const struct cy_ctx *ctx, const struct cy_alliance *alliance,
                        const struct cy_alliance_record *m)
{
    unsigned year = 0, month = 0, day = 0;

    cy_date_civil(m->date, &year, &month, &day);
    if (m->precision != CY_precision_DAY && day != 1)
        return cy_fail(CY_E_EVENT_DATE, 6);
    if (m->precision == CY_precision_YEAR && month != 1)
        return cy_fail(CY_E_EVENT_DATE, 6);
    if (m->date > cy_time_date(ctx->now) || m->date < alliance->founded)
        return cy_fail(CY_E_EVENT_DATE, 5);
    if (alliance->ended != 0 && m->date > alliance->ended)
        return cy_fail(CY_E_EVENT_DATE, 5);
    return CY_OK;
}

/* The event follows from how the party stood, unless it is a correction of what lies further back.
 */
static cy_err follows(const struct cy_alliance_record *m, const struct cy_member *member)
{
    const bool known = member != NULL && member->ordinal != 0;
    const uint8_t state = known ? member->state : 0;
    const bool in = state == CY_member_state_ACTIVE || state == CY_member_state_SUSPENDED;
    const bool held = in && member->level == m->level;
    bool fits = false;

    if (known && m->date < member->effective)
        return CY_OK;
    switch (m->event) {
    case CY_membership_FOUND: fits = !known; break;
    case CY_membership_JOIN: fits = !in; break;
    case CY_membership_LEVEL: fits = in && !held; break;
    case CY_membership_SUSPEND: fits = held && state == CY_member_state_ACTIVE; break;
    case CY_membership_RESUME: fits = held && state == CY_member_state_SUSPENDED; break;
    case CY_membership_EXIT:
    case CY_membership_EXPEL: fits = held; break;
    default: CY_NEVER("the codec admits only the words of the set");
    }
    return fits ? CY_OK : cy_fail(CY_E_EVENT_ORDER, m->event);
}

cy_err cy_member_record(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_record *m = message;
    const struct happening h = {
        .who = {m->alliance, m->party},
        .event = m->event,
        .level = m->level,
        .precision = m->precision,
        .past = true,
        .effective = m->date,
        .source = &m->source
    };
    const struct cy_alliance *alliance = NULL;

    CY_TRY(cy_alliance_any(plan, &m->alliance, &alliance));
    CY_TRY(cy_officer_check(ctx, plan, alliance, CY_alliance_role_REGISTRAR));
    if (cy_charter_value(plan, alliance, CY_CLAUSE_REGISTRAR_UNTIL) <= ctx->now)
        return cy_fail(CY_E_REGISTRAR_CLOSED, 0);
    if (CY_READ(plan, passport, &m->party) == NULL)
        return cy_fail(CY_E_UNKNOWN_PASSPORT, 0);
    CY_TRY(date_fits(ctx, alliance, m));
    CY_TRY(follows(m, cy_member_read(plan, &m->alliance, &m->party)));
    CY_TRY(cy_bloc_may_sit(ctx, plan, &m->alliance, &m->party, true));
    if (m->event == CY_membership_FOUND || m->event == CY_membership_JOIN)
        CY_TRY(cy_bloc_bases(ctx, plan, &m->alliance, &m->party, &m->through));
    happen(ctx, plan, &h);
    if (!cy_member_belongs(cy_member_read(plan, &m->alliance, &m->party), ctx->now))
        cy_bond_free(plan, &h.who); /* who is out by the register owes nothing by it */
    cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_REGISTRAR, &m->party,
                    &cy_schema_alliance_record);
    return CY_OK;
}
