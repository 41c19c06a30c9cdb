#include "kernel/review.h"

#include "kernel/restraint.h"

struct voice_key {
    struct cy_id review;
    struct cy_id reviewer;
};

static const struct cy_label the_office = {.n = 8, .s = "reviewer"};

bool cy_review_open_now(struct cy_plan *plan, const struct cy_id *id, cy_time now)
{
    const struct cy_review *review = CY_READ(plan, review, id);

    return review != NULL && review->state == CY_review_state_OPEN && now < review->until;
}

cy_err cy_review_use(struct cy_plan *plan, const struct cy_id *id)
{
    const struct cy_review *review = CY_READ(plan, review, id);

    if (review == NULL || review->state != CY_review_state_GRANTED)
        return cy_fail(CY_E_REVIEW_CLOSED, 2);
    CY_EDIT(plan, review, id)->state = CY_review_state_USED;
    return CY_OK;
}

bool cy_review_granted(struct cy_plan *plan, const struct cy_id *id, unsigned kind,
                       const struct cy_id *about, const struct cy_id *source)
{
    const struct cy_review *review = CY_READ(plan, review, id);

    return review != NULL && review->state == CY_review_state_GRANTED && review->kind == kind &&
           cy_id_eq(&review->about, about) && cy_id_eq(&review->source, source);
}

cy_err cy_review_open(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_review_question *question)
{
    struct cy_review *review = NULL;

    if (!cy_id_none(&question->evidence) && CY_READ(plan, evidence, &question->evidence) == NULL)
        return cy_fail(CY_E_NO_NOUN, 4);
    review = CY_EDIT(plan, review, cy_ctx_id(ctx));
    review->kind = (uint8_t)question->kind;
    review->about = question->about;
    review->source = question->source;
    review->by = ctx->author;
    review->state = CY_review_state_OPEN;
    review->need = (uint16_t)cy_param(plan, CY_P_REVIEW_QUORUM);
    review->since = ctx->now;
    review->until = ctx->now + cy_param(plan, CY_P_REVIEW_MS);
    review->evidence = question->evidence;
    review->reason = question->reason;
    return CY_OK;
}

cy_err cy_review_decide(struct cy_plan *plan, cy_time now, const struct cy_id *id, bool granted)
{
    if (!cy_review_open_now(plan, id, now))
        return cy_fail(CY_E_REVIEW_CLOSED, 1);
    CY_EDIT(plan, review, id)->state = granted ? CY_review_state_GRANTED : CY_review_state_REFUSED;
    return CY_OK;
}

/* --- acts --- */

/* Ties the review to the quarantine that it is about. */
static cy_err of_quarantine(const struct cy_ctx *ctx, struct cy_plan *plan,
                            const struct cy_id *subject)
{
    const struct cy_restraint *have = cy_restraint_of(plan, subject, &cy_restraint_emergency);

    if (have == NULL)
        return cy_fail(CY_E_NO_RESTRAINT, 0);
    if (cy_review_open_now(plan, &have->appeal, ctx->now))
        return cy_fail(CY_E_APPEAL_OPEN, 0);
    CY_EDIT(plan, restraint, have)->appeal = *cy_ctx_id(ctx);
    return CY_OK;
}

/* Appeals and contests of findings are opened by the acts that bring them. */
static cy_err open_review(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_review_open *m = message;
    const struct cy_passport *passport = NULL;

    if (m->kind == CY_review_kind_APPEAL || m->kind == CY_review_kind_FINDING)
        return cy_fail(CY_E_NOT_ALLOWED, 1);
    CY_TRY(cy_identity_active(plan, &m->about, &passport));
    if (m->kind == CY_review_kind_RELEASE && !cy_id_eq(&m->about, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 2);
    CY_TRY(cy_review_open(
        ctx, plan,
        &(struct cy_review_question){
            .kind = m->kind, .about = m->about, .evidence = m->evidence, .reason = m->reason}));
    return m->kind == CY_review_kind_QUARANTINE ? of_quarantine(ctx, plan, &m->about) : CY_OK;
}

static bool own_cause(struct cy_plan *plan, const struct cy_id *reviewer,
                      const struct cy_review *review)
{
    return cy_restraint_inherits(plan, reviewer, &review->by) ||
           cy_restraint_inherits(plan, reviewer, &review->about) ||
           cy_restraint_inherits(plan, &review->about, reviewer);
}

static cy_err vote(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_review_vote *m = message;
    const struct voice_key key = {m->review, ctx->author};
    const struct cy_review *have = CY_READ(plan, review, &m->review);
    struct cy_review_voice *voice = NULL;
    struct cy_review *review = NULL;

    if (have == NULL)
        return cy_fail(CY_E_NO_NOUN, 1);
    if (!cy_review_open_now(plan, &m->review, ctx->now))
        return cy_fail(CY_E_REVIEW_CLOSED, 1);
    if (!cy_capability_holds(plan, &ctx->realm, &the_office, &ctx->author, ctx->now) ||
        own_cause(plan, &ctx->author, have))
        return cy_fail(CY_E_NOT_REVIEWER, 0);
    if (CY_READ(plan, review_voice, &key) != NULL)
        return cy_fail(CY_E_REVIEW_TWICE, 0);
    voice = CY_EDIT(plan, review_voice, &key);
    voice->allow = m->allow;
    voice->reason = m->reason;
    voice->since = ctx->now;
    review = CY_EDIT(plan, review, &m->review);
    review->yes = (uint16_t)(review->yes + (m->allow ? 1 : 0));
    review->no = (uint16_t)(review->no + (m->allow ? 0 : 1));
    if (review->yes >= review->need)
        review->state = CY_review_state_GRANTED;
    else if (review->no >= review->need)
        review->state = CY_review_state_REFUSED;
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_review_open, CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 2, open_review},
    {&cy_schema_review_vote, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 2, vote       },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_review,       1u << 12, false},
    {&cy_schema_review_voice, 1u << 14, false},
};

const struct cy_institution cy_reviews = {
    .name = "review",
    .purpose = "questions to the reviewers of the realm",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};
