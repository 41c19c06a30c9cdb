#include "kernel/enforce.h"

struct of_three {
    struct cy_id party;
    struct cy_id one;
    struct cy_id other;
};

struct numbered {
    struct cy_id id;
    uint64_t number;
};

static const struct cy_label sentinels = {.n = 8, .s = "sentinel"};

void cy_enforce_violation(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_id *passport, unsigned kind, const struct cy_id *about,
                          const struct cy_id *evidence)
{
    struct cy_violation *violation = CY_EDIT(plan, violation, cy_ctx_id(ctx));
    struct cy_repute *repute = NULL;

    violation->passport = *passport;
    violation->kind = (uint8_t)kind;
    violation->about = *about;
    violation->evidence = *evidence;
    violation->since = ctx->now;
    repute = CY_EDIT(plan, repute, passport);
    repute->violations++;
    repute->violated = ctx->now;
}

/* --- heeding --- */

static cy_err heed(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_heed *m = message;

    return cy_restraint_heed(plan, ctx->now, &ctx->author, &m->source, m->mode);
}

static cy_err confirm(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_heed_confirm *m = message;
    const struct of_three key = {ctx->author, m->source, m->subject};
    const struct cy_restraint *restraint = cy_restraint_of(plan, &m->subject, &m->source);

    if (m->drop) {
        if (CY_READ(plan, heed_mark, &key) == NULL)
            return cy_fail(CY_E_NO_NOUN, 2);
        CY_REMOVE(plan, heed_mark, &key);
        return CY_OK;
    }
    if (cy_restraint_mode(plan, &ctx->author, &m->source, ctx->now) != CY_heed_mode_REVIEW)
        return cy_fail(CY_E_NOT_REVIEWING, 1);
    if (restraint == NULL)
        return cy_fail(CY_E_NO_RESTRAINT, 0);
    CY_EDIT(plan, heed_mark, &key)->confirmed = restraint->id;
    return CY_OK;
}

/* --- restraining --- */

static cy_err quarantine(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quarantine *m = message;
    const struct cy_passport *passport = NULL;

    if (!cy_id_eq(&ctx->author, &ctx->realm) &&
        !cy_capability_holds(plan, &ctx->realm, &sentinels, &ctx->author, ctx->now))
        return cy_fail(CY_E_NOT_SENTINEL, 0);
    CY_TRY(cy_identity_active(plan, &m->subject, &passport));
    if (m->until <= ctx->now || m->until - ctx->now > cy_param(plan, CY_P_QUARANTINE_MS))
        return cy_fail(CY_E_WRONG_TIME, 2);
    if (cy_restraint_of(plan, &m->subject, &cy_restraint_emergency) != NULL)
        return cy_fail(CY_E_QUARANTINE_AGAIN, 0);
    return cy_restraint_put(ctx, plan,
                            &(struct cy_restraint){.subject = m->subject,
                                                   .source = cy_restraint_emergency,
                                                   .id = *cy_ctx_id(ctx),
                                                   .by = ctx->author,
                                                   .exclude = true,
                                                   .freeze = true,
                                                   .emergency = true,
                                                   .evidence = m->evidence,
                                                   .reason = m->reason,
                                                   .since = ctx->now,
                                                   .until = m->until,
                                                   .review_at = m->until});
}

static cy_err restrain(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_restrain *m = message;

    return cy_restraint_put(ctx, plan,
                            &(struct cy_restraint){.subject = m->subject,
                                                   .source = ctx->author,
                                                   .id = *cy_ctx_id(ctx),
                                                   .by = ctx->actor,
                                                   .exclude = m->exclude,
                                                   .freeze = m->freeze,
                                                   .asset = m->asset,
                                                   .most = m->most,
                                                   .window_ms = m->window_ms,
                                                   .levy_ppm = m->levy_ppm,
                                                   .levy_to = m->levy_to,
                                                   .benefit = m->benefit,
                                                   .evidence = m->evidence,
                                                   .reason = m->reason,
                                                   .since = ctx->now,
                                                   .until = m->until,
                                                   .review_at = m->review_at});
}

static cy_err end(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_restraint_end *m = message;

    return cy_restraint_lift(plan, &m->subject, &ctx->author);
}

/* --- ways back --- */

cy_err cy_enforce_appeal(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_restraint_appeal *appeal)
{
    const struct cy_restraint *have = cy_restraint_of(plan, &appeal->subject, &appeal->source);
    struct cy_restraint *restraint = NULL;

    if (have == NULL)
        return cy_fail(CY_E_NO_RESTRAINT, 0);
    if (!cy_restraint_inherits(plan, &ctx->author, &appeal->subject))
        return cy_fail(CY_E_NOT_REACHED, 2);
    if (cy_review_open_now(plan, &have->appeal, ctx->now))
        return cy_fail(CY_E_APPEAL_OPEN, 0);
    CY_TRY(cy_review_open(ctx, plan,
                          &(struct cy_review_question){.kind = CY_review_kind_APPEAL,
                                                       .about = appeal->subject,
                                                       .source = appeal->source,
                                                       .evidence = appeal->evidence,
                                                       .reason = appeal->reason}));
    restraint = CY_EDIT(plan, restraint, have);
    restraint->appeal = *cy_ctx_id(ctx);
    return CY_OK;
}

static cy_err appeal(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    return cy_enforce_appeal(ctx, plan, message);
}

/* A quarantine was looked at when a review of it, or of an appeal against it, was decided. */
static bool looked_at(struct cy_plan *plan, const struct cy_restraint *restraint)
{
    const struct cy_review *review = CY_READ(plan, review, &restraint->appeal);

    return review != NULL && review->state != CY_review_state_OPEN;
}

/* The reviewers said that it must end: they granted the appeal, or refused the quarantine. */
static bool overruled(struct cy_plan *plan, const struct cy_restraint *restraint)
{
    const struct cy_review *review = CY_READ(plan, review, &restraint->appeal);

    if (review == NULL)
        return false;
    return review->kind == CY_review_kind_APPEAL ? review->state == CY_review_state_GRANTED
                                                 : review->state == CY_review_state_REFUSED;
}

static cy_err settle(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_restraint_settle *m = message;
    const struct cy_restraint *restraint = cy_restraint_of(plan, &m->subject, &m->source);
    const bool lapsed = restraint != NULL && !cy_restraint_in_force(restraint, ctx->now);

    if (restraint == NULL)
        return cy_fail(CY_E_NO_RESTRAINT, 0);
    if (restraint->emergency && lapsed && !looked_at(plan, restraint))
        cy_enforce_violation(ctx, plan, &restraint->by, CY_violation_kind_UNREVIEWED, &m->subject,
                             &restraint->evidence);
    else if (!lapsed && !overruled(plan, restraint))
        return cy_fail(CY_E_NOT_SETTLED, 0);
    return cy_restraint_lift(plan, &m->subject, &m->source);
}

/* --- classes --- */

static cy_err declare(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_class_declare *m = message;
    const struct cy_passport *passport = NULL;
    struct cy_party_class *to = NULL;
    uint64_t n = 0;
    uint64_t at = CY_CLASSES_MOST;

    (void)ctx;
    CY_TRY(cy_identity_active(plan, &m->passport, &passport));
    for (; n < CY_CLASSES_MOST; n++) {
        const struct cy_party_class *class =
            CY_READ(plan, party_class, (&(const struct numbered){m->passport, n}));

        if (class == NULL)
            break;
        if (cy_label_eq(&class->scheme, &m->scheme) && cy_label_eq(&class->value, &m->value))
            at = n;
    }
    if (!m->drop) {
        if (at < n)
            return cy_fail(CY_E_EXISTS, 0);
        if (n == CY_CLASSES_MOST)
            return cy_fail(CY_E_CLASSES_MOST, CY_CLASSES_MOST);
        to = CY_EDIT(plan, party_class, (&(const struct numbered){m->passport, n}));
        to->scheme = m->scheme;
        to->value = m->value;
        return CY_OK;
    }
    if (at >= n)
        return cy_fail(CY_E_NO_NOUN, 0);
    if (at != n - 1) { /* the last one takes its number */
        const struct cy_party_class last =
            *CY_READ(plan, party_class, (&(const struct numbered){m->passport, n - 1}));

        to = CY_EDIT(plan, party_class, (&(const struct numbered){m->passport, at}));
        to->scheme = last.scheme;
        to->value = last.value;
    }
    CY_REMOVE(plan, party_class, (&(const struct numbered){m->passport, n - 1}));
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_heed,             CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 3, heed      },
    {&cy_schema_heed_confirm,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 1, confirm   },
    {&cy_schema_quarantine,       CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 3, quarantine},
    {&cy_schema_restrain,         CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_USUAL,  false, 3, restrain  },
    {&cy_schema_restraint_end,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 3, end       },
    {&cy_schema_restraint_appeal, CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 2, appeal    },
    {&cy_schema_restraint_settle, CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 5, settle    },
    {&cy_schema_class_declare,    CY_WHO_OPERATOR, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 2, declare   },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_restrained,       1u << 16, false},
    {&cy_schema_restraint,        1u << 16, false},
    {&cy_schema_cap_used,         1u << 14, false},
    {&cy_schema_heeder,           1u << 13, false},
    {&cy_schema_heeded,           1u << 15, false},
    {&cy_schema_heed_mark,        1u << 15, false},
    {&cy_schema_party_class,      1u << 14, false},
    {&cy_schema_restrained_class, 1u << 12, false},
    {&cy_schema_violation,        1u << 14, false},
};

const struct cy_institution cy_enforcement = {
    .name = "enforce",
    .purpose = "restraints, who heeds them, and the ways back",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};
