#include "institutions/finding/finding_answer.h"

#include "kernel/certificate.h"
#include "kernel/escrow.h"
#include "kernel/review.h"

cy_err cy_finding_begin(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_finding_terms *terms, struct cy_finding **finding)
{
    const struct cy_objective_basis *basis = CY_READ(plan, objective_basis, &terms->objective);
    const struct cy_objective *objective = NULL;

    CY_TRY(cy_objective_in_force(ctx, plan, &terms->objective, &objective));
    CY_TRY(cy_model_usable(plan, &terms->model));
    if (basis == NULL || terms->data != basis->data)
        return cy_fail(CY_E_FINDING_DATA, basis == NULL ? 0 : basis->data);
    *finding = CY_EDIT(plan, finding, cy_ctx_id(ctx));
    (*finding)->objective = terms->objective;
    (*finding)->text = objective->text;
    (*finding)->occasion = objective->occasion;
    if (objective->kind.n == 0)
        (*finding)->occasion = (struct cy_id){{0}};
    (*finding)->model = terms->model;
    (*finding)->office = objective->office;
    (*finding)->by = ctx->author;
    (*finding)->inputs = basis->inputs;
    (*finding)->state = CY_finding_state_STANDS;
    (*finding)->stands_from = ctx->now;
    (*finding)->since = ctx->now;
    CY_EDIT(plan, objective, &terms->objective)->findings++;
    return CY_OK;
}

void cy_finding_publish(struct cy_plan *plan, const struct cy_finding *finding, bool best,
                        bool whole)
{
    const struct cy_certified *before = CY_READ(plan, certified, &finding->id);
    const struct cy_objective_basis *basis = CY_READ(plan, objective_basis, &finding->objective);
    struct cy_certified *out = CY_EDIT(plan, certified, &finding->id);

    if (before == NULL) { /* no newer data were named yet */
        out->data = basis->data;
        out->lines = basis->lines;
        out->n_lines = basis->n_lines;
    }
    out->objective = finding->objective;
    out->occasion = finding->occasion;
    out->program = finding->program;
    out->answer = finding->answer;
    out->answers = finding->answers;
    out->best = best;
    out->whole = whole;
    out->stands_from = finding->stands_from;
    out->fallen = finding->state != CY_finding_state_STANDS || !cy_id_none(&finding->review);
}

/* --- recording --- */

static cy_err fits(struct cy_plan *plan, const struct cy_id *id,
                   const struct cy_certificate_verdict *verdict)
{
    const struct cy_objective *objective = CY_READ(plan, objective, id);
    const struct cy_objective_basis *basis = CY_READ(plan, objective_basis, id);

    CY_ASSERT(objective != NULL && basis != NULL); /* the finding was begun under them */
    if (!cy_id_none(&objective->frame) && !cy_id_eq(&objective->frame, &verdict->frame))
        return cy_fail(CY_E_FINDING_FRAME, 1);
    if (!cy_id_none(&basis->bounds) && !cy_id_eq(&basis->bounds, &verdict->bounds))
        return cy_fail(CY_E_FINDING_FRAME, 2);
    return verdict->kind != CY_LP_UNBOUNDED ? CY_OK : cy_fail(CY_E_FINDING_NOTHING, 0);
}

static uint8_t proof_of(enum cy_lp_kind kind)
{
    if (kind == CY_LP_INFEASIBLE)
        return CY_finding_proof_INFEASIBLE;
    if (kind == CY_LP_TREE)
        return CY_finding_proof_TREE;
    return kind == CY_LP_BOUNDED ? CY_finding_proof_BOUNDED : CY_finding_proof_OPTIMAL;
}

cy_err cy_finding_do_record(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_finding_record *m = message;
    struct cy_certificate_verdict verdict;
    struct cy_finding *finding = NULL;

    CY_TRY(cy_finding_begin(ctx, plan, &(struct cy_finding_terms){m->objective, m->model, m->data},
                            &finding));
    CY_ASSERT(finding != NULL);
    CY_TRY(cy_certificate_judge(plan, m->program, m->certificate, &verdict));
    CY_TRY(fits(plan, &m->objective, &verdict));
    finding->program = verdict.program;
    finding->certificate = verdict.certificate;
    finding->proof = proof_of(verdict.kind);
    finding->answer = verdict.answer;
    finding->answers = verdict.answers;
    finding->minus = verdict.minus;
    finding->above = verdict.above;
    finding->below = verdict.below;
    cy_finding_publish(plan, finding, verdict.best, verdict.whole);
    return CY_OK;
}

/* --- before the reviewers --- */

static void publish_again(struct cy_plan *plan, const struct cy_finding *finding)
{
    const struct cy_certified *before = CY_READ(plan, certified, &finding->id);

    CY_ASSERT(before != NULL);
    cy_finding_publish(plan, finding, before->best, before->whole);
}

cy_err cy_finding_do_contest(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_finding_contest *m = message;
    const struct cy_finding *found = CY_READ(plan, finding, &m->finding);
    struct cy_finding *finding = NULL;

    if (found == NULL)
        return cy_fail(CY_E_FINDING_UNKNOWN, 0);
    if (found->state != CY_finding_state_STANDS)
        return cy_fail(CY_E_FINDING_STATE, found->state);
    if (!cy_id_none(&found->review))
        return cy_fail(CY_E_FINDING_REVIEW, 1);
    if (cy_evidence_of(plan, &m->evidence) == NULL)
        return cy_fail(CY_E_FINDING_REVIEW, 2);
    CY_TRY(cy_review_open(ctx, plan,
                          &(struct cy_review_question){.kind = CY_review_kind_FINDING,
                                                       .about = found->office,
                                                       .source = m->finding,
                                                       .evidence = m->evidence,
                                                       .reason = m->reason}));
    finding = CY_EDIT(plan, finding, &m->finding);
    finding->review = *cy_ctx_id(ctx);
    publish_again(plan, finding);
    return CY_OK;
}

/* --- settling --- */

static cy_err settle_review(const struct cy_ctx *ctx, struct cy_plan *plan,
                            struct cy_finding *finding)
{
    if (cy_review_open_now(plan, &finding->review, ctx->now))
        return cy_fail(CY_E_FINDING_REVIEW, 3);
    if (cy_review_granted(plan, &finding->review, CY_review_kind_FINDING, &finding->office,
                          &finding->id)) {
        CY_TRY(cy_review_use(plan, &finding->review));
        finding->state = CY_finding_state_ANNULLED;
    }
    finding->review = (struct cy_id){{0}};
    publish_again(plan, finding);
    return CY_OK;
}

cy_err cy_finding_do_settle(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_finding_settle *m = message;
    const struct cy_finding *found = CY_READ(plan, finding, &m->finding);
    struct cy_finding *finding = NULL;

    if (found == NULL)
        return cy_fail(CY_E_FINDING_UNKNOWN, 0);
    if (cy_id_none(&found->review) && cy_id_none(&found->account))
        return cy_fail(CY_E_FINDING_STATE, found->state);
    finding = CY_EDIT(plan, finding, &m->finding);
    if (!cy_id_none(&found->review))
        return settle_review(ctx, plan, finding);
    if (ctx->now < found->stands_from)
        return cy_fail(CY_E_FINDING_WINDOW, found->stands_from);
    CY_TRY(cy_escrow_release(plan, &found->account, found->bond)); /* nobody has refuted it */
    finding->account = (struct cy_id){{0}};
    finding->bond = 0;
    return CY_OK;
}
