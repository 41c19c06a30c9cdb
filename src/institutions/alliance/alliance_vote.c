#include "institutions/alliance/alliance_vote.h"

#include "crypto/hash.h"

/* --- what each kind of motion needs --- */

#define SUBJECT 1u
#define LEVEL 2u
#define CHANGES 4u
#define UNTIL 8u

static const struct {
    uint8_t fields;
    uint8_t carry; /* the clause that says which share carries it */
} kinds[] = {
    [CY_motion_kind_ADMIT] = {SUBJECT,         CY_CLAUSE_ADMIT_PPM   },
    [CY_motion_kind_EXPEL] = {SUBJECT,         CY_CLAUSE_EXPEL_PPM   },
    [CY_motion_kind_AMEND] = {CHANGES,         CY_CLAUSE_AMEND_PPM   },
    [CY_motion_kind_LEVEL] = {SUBJECT | LEVEL, CY_CLAUSE_CARRY_PPM   },
    [CY_motion_kind_DISSOLVE] = {0,               CY_CLAUSE_DISSOLVE_PPM},
    [CY_motion_kind_BACKUP] = {SUBJECT,         CY_CLAUSE_CARRY_PPM   },
    [CY_motion_kind_SUSPEND] = {SUBJECT,         CY_CLAUSE_EXPEL_PPM   },
    [CY_motion_kind_RESUME] = {SUBJECT,         CY_CLAUSE_CARRY_PPM   },
    [CY_motion_kind_SECRETARY] = {SUBJECT | UNTIL, CY_CLAUSE_CARRY_PPM   },
    [CY_motion_kind_HANDOVER] = {0,               CY_CLAUSE_DISSOLVE_PPM},
    [CY_motion_kind_MANDATE] = {SUBJECT,         CY_CLAUSE_CARRY_PPM   },
};

static cy_err fields_fit(const struct cy_alliance_motion *m)
{
    const unsigned fields = kinds[m->kind].fields;

    if (cy_id_none(&m->subject) == ((fields & SUBJECT) != 0))
        return cy_fail(CY_E_MOTION_FIELDS, 3);
    if ((m->level == 0) == ((fields & LEVEL) != 0))
        return cy_fail(CY_E_MOTION_FIELDS, 4);
    if ((m->n_clauses > 0 || m->text.n > 0) != ((fields & CHANGES) != 0))
        return cy_fail(CY_E_MOTION_FIELDS, 5);
    if ((m->until == 0) == ((fields & UNTIL) != 0))
        return cy_fail(CY_E_MOTION_FIELDS, 7);
    return CY_OK;
}

static struct cy_amendment amendment_of(const struct cy_alliance_motion *m,
                                        const struct cy_ctx *ctx)
{
    struct cy_amendment amendment = {.clauses = m->clauses, .n = m->n_clauses, .by = ctx->author};

    if (m->text.n > 0)
        amendment.text = cy_sha256(m->text);
    return amendment;
}

/* Nobody is called to vote on what cannot be. */
static cy_err makes_sense(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_alliance *alliance, const struct cy_alliance_motion *m)
{
    const struct cy_member *member = cy_member_read(plan, &m->alliance, &m->subject);
    const struct cy_amendment amendment = amendment_of(m, ctx);

    switch (m->kind) {
    case CY_motion_kind_ADMIT:
        return cy_member_state(member, ctx->now) == CY_member_state_APPLIED
                   ? CY_OK
                   : cy_fail(CY_E_NOT_APPLIED, 0);
    case CY_motion_kind_EXPEL:
    case CY_motion_kind_SUSPEND:
    case CY_motion_kind_RESUME:
    case CY_motion_kind_LEVEL:
        return cy_member_belongs(member, ctx->now) ? CY_OK : cy_fail(CY_E_NOT_MEMBER, 0);
    case CY_motion_kind_AMEND: return cy_charter_check(plan, alliance, &amendment);
    default: return CY_OK; /* judged when it is carried */
    }
}

/* --- moving --- */

/* The author's weight among those who could vote when the alliance had so many events. */
static uint64_t weight_of(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_alliance *alliance, uint64_t events)
{
    const struct cy_member *member = cy_member_read(plan, &alliance->id, &ctx->author);

    if (cy_member_state(member, ctx->now) != CY_member_state_ACTIVE || member->events > events)
        return 0;
    return cy_alliance_voice(plan, alliance, member->level);
}

static void write_motion(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_alliance *alliance, const struct cy_alliance_motion *m)
{
    struct cy_motion *motion = CY_EDIT(plan, motion, cy_ctx_id(ctx));

    motion->alliance = m->alliance;
    motion->by = ctx->author;
    motion->subject = m->subject;
    motion->kind = m->kind;
    motion->state = CY_motion_state_OPEN;
    motion->level = m->level;
    motion->opened = ctx->now;
    motion->deadline = ctx->now + cy_charter_value(plan, alliance, CY_CLAUSE_VOTING_MS);
    motion->events = cy_alliance_counts(plan, &m->alliance)->n_events;
    motion->weight = cy_alliance_voices(plan, alliance);
    motion->carry_ppm =
        cy_charter_value(plan, alliance, (enum cy_clause_number)kinds[m->kind].carry);
    motion->quorum_ppm = cy_charter_value(plan, alliance, CY_CLAUSE_QUORUM_PPM);
    motion->clauses = m->n_clauses;
    motion->text = amendment_of(m, ctx).text;
    motion->until = m->until;
    motion->reason = m->reason;
    for (uint32_t i = 0; i < m->n_clauses; i++) {
        const struct cy_of_alliance key = {*cy_ctx_id(ctx), i};
        struct cy_motion_clause *clause = CY_EDIT(plan, motion_clause, &key);

        clause->name = m->clauses[i].name;
        clause->value = m->clauses[i].value;
        clause->reserve = m->clauses[i].reserve;
        clause->from = m->clauses[i].from;
    }
}

cy_err cy_vote_motion(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_motion *m = message;
    const struct cy_alliance *alliance = NULL;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    if (weight_of(ctx, plan, alliance, UINT64_MAX) == 0) {
        CY_TRY(cy_officer_check(ctx, plan, alliance, CY_alliance_role_SECRETARY));
        cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, &m->subject,
                        &cy_schema_alliance_motion);
    }
    if (cy_alliance_voices(plan, alliance) == 0)
        return cy_fail(CY_E_NO_VOICE, 0);
    CY_TRY(fields_fit(m));
    CY_TRY(makes_sense(ctx, plan, alliance, m));
    write_motion(ctx, plan, alliance, m);
    CY_EDIT(plan, alliance_roll, &m->alliance)->n_motions++;
    return CY_OK;
}

/* --- deciding --- */

/* Whether yes has its share of so much weight. */
static bool has_share(uint64_t yes, uint64_t of, uint64_t ppm)
{
    return yes > 0 && (cy_u128)yes * 1000000 >= (cy_u128)ppm * of;
}

uint8_t cy_vote_outcome(const struct cy_motion *m, cy_time now)
{
    const uint64_t cast = m->yes + m->no + m->abstain;
    const uint64_t rest = m->weight - cast;
    const bool quorum = (cy_u128)cast * 1000000 >= (cy_u128)m->quorum_ppm * m->weight;

    if (quorum && has_share(m->yes, m->yes + m->no + rest, m->carry_ppm))
        return CY_motion_state_CARRIED; /* even if all the rest say no */
    if (!has_share(m->yes + rest, m->yes + rest + m->no, m->carry_ppm))
        return CY_motion_state_FAILED; /* even if all the rest say yes */
    if (m->deadline > now)
        return CY_motion_state_OPEN;
    return quorum && has_share(m->yes, m->yes + m->no, m->carry_ppm) ? CY_motion_state_CARRIED
                                                                     : CY_motion_state_FAILED;
}

static cy_err do_amend(const struct cy_ctx *ctx, struct cy_plan *plan,
                       const struct cy_motion *motion)
{
    struct cy_charter_clause clauses[48];
    const struct cy_amendment amendment = {.clauses = clauses,
                                           .n = motion->clauses,
                                           .text = motion->text,
                                           .by = motion->by,
                                           .motion = motion->id};

    CY_ASSERT(motion->clauses <= CY_COUNT(clauses));
    for (uint32_t i = 0; i < motion->clauses; i++) {
        const struct cy_of_alliance key = {motion->id, i};
        const struct cy_motion_clause *c = CY_READ(plan, motion_clause, &key);

        CY_ASSERT(c != NULL);
        clauses[i] = (struct cy_charter_clause){
            .name = c->name, .value = c->value, .reserve = c->reserve, .from = c->from};
    }
    return cy_charter_amend(ctx, plan, &motion->alliance, &amendment);
}

static cy_err effect(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_motion *m)
{
    const struct cy_of_party who = {m->alliance, m->subject};
    const struct cy_alliance *alliance = NULL;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    switch (m->kind) {
    case CY_motion_kind_ADMIT: return cy_member_do_admit(ctx, plan, &m->alliance, &m->subject);
    case CY_motion_kind_EXPEL: return cy_member_do_expel(ctx, plan, &who, &m->reason);
    case CY_motion_kind_AMEND: return do_amend(ctx, plan, m);
    case CY_motion_kind_LEVEL: return cy_member_do_level(ctx, plan, &who, m->level, &m->reason);
    case CY_motion_kind_DISSOLVE:
        return cy_tie_do_dissolve(ctx, plan, &m->alliance, cy_time_date(ctx->now),
                                  CY_precision_DAY);
    case CY_motion_kind_BACKUP: return cy_tie_do_backup(plan, &m->alliance, &m->subject);
    case CY_motion_kind_SUSPEND: return cy_member_do_suspend(ctx, plan, &who, &m->reason);
    case CY_motion_kind_RESUME: return cy_member_do_resume(ctx, plan, &who, &m->reason);
    case CY_motion_kind_SECRETARY:
        return cy_officer_put(ctx, plan, alliance, CY_alliance_role_SECRETARY, &m->subject,
                              m->until);
    case CY_motion_kind_HANDOVER: return cy_tie_do_handover(plan, &m->alliance);
    case CY_motion_kind_MANDATE: return cy_bloc_mandate_do(ctx, plan, &m->alliance, &m->subject);
    default: CY_NEVER("the codec admits only the words of the set");
    }
}

/* Ends a motion whose outcome is known, and lets it take effect in the name of who moved it. */
static void decide(const struct cy_ctx *ctx, struct cy_plan *plan, struct cy_motion *motion,
                   uint8_t outcome)
{
    struct cy_ctx mover = *ctx;
    cy_err err = CY_OK;

    mover.author = motion->by;
    motion->state = outcome;
    motion->decided = ctx->now;
    if (outcome == CY_motion_state_CARRIED) {
        CY_EDIT(plan, alliance_roll, &motion->alliance)->lively = ctx->now;
        err = effect(&mover, plan, motion);
    }
    if (!cy_ok(err)) {
        motion->state = CY_motion_state_MOOT;
        motion->refusal = (uint32_t)err.code;
    }
}

static cy_err find_open(struct cy_plan *plan, const struct cy_id *id,
                        const struct cy_motion **motion)
{
    *motion = CY_READ(plan, motion, id);
    if (*motion == NULL)
        return cy_fail(CY_E_NO_MOTION, 0);
    return (*motion)->state == CY_motion_state_OPEN ? CY_OK : cy_fail(CY_E_MOTION_CLOSED, 0);
}

cy_err cy_vote_vote(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_vote *m = message;
    const struct cy_of_party key = {m->motion, ctx->author};
    const struct cy_motion *have = NULL;
    const struct cy_alliance *alliance = NULL;
    struct cy_motion *motion = NULL;
    struct cy_ballot *ballot = NULL;
    uint64_t weight = 0, left = 0;
    uint8_t outcome = 0;

    CY_TRY(find_open(plan, &m->motion, &have));
    if (have->deadline <= ctx->now)
        return cy_fail(CY_E_MOTION_CLOSED, 0);
    CY_TRY(cy_alliance_live(plan, &have->alliance, &alliance));
    weight = weight_of(ctx, plan, alliance, have->events);
    if (weight == 0)
        return cy_fail(CY_E_NO_VOICE, 0);
    if (CY_READ(plan, ballot, &key) != NULL)
        return cy_fail(CY_E_VOTED_ALREADY, 0);
    motion = CY_EDIT(plan, motion, &m->motion);
    /* a change of the charter's weights while this motion runs does not make the electorate larger
     */
    left = motion->weight - (motion->yes + motion->no + motion->abstain);
    weight = weight < left ? weight : left;
    if (weight == 0)
        return cy_fail(CY_E_NO_VOICE, 0);
    ballot = CY_EDIT(plan, ballot, &key);
    ballot->choice = m->choice;
    ballot->weight = weight;
    ballot->since = ctx->now;
    motion->ballots++;
    motion->yes += m->choice == CY_choice_YES ? weight : 0;
    motion->no += m->choice == CY_choice_NO ? weight : 0;
    motion->abstain += m->choice == CY_choice_ABSTAIN ? weight : 0;
    outcome = cy_vote_outcome(motion, ctx->now);
    if (outcome != CY_motion_state_OPEN)
        decide(ctx, plan, motion, outcome);
    return CY_OK;
}

cy_err cy_vote_close(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_close *m = message;
    const struct cy_motion *have = NULL;
    uint8_t outcome = 0;

    CY_TRY(find_open(plan, &m->motion, &have));
    outcome = cy_vote_outcome(have, ctx->now);
    if (outcome == CY_motion_state_OPEN)
        return cy_fail(CY_E_MOTION_RUNNING, 0);
    decide(ctx, plan, CY_EDIT(plan, motion, &m->motion), outcome);
    return CY_OK;
}
