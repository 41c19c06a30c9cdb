#include "institutions/sanction/sanction_feed.h"

#include "crypto/hash.h"

struct of_number {
    struct cy_id list;
    uint64_t number;
};

cy_err cy_sanction_live(struct cy_plan *plan, const struct cy_id *id,
                        const struct cy_sanction_list **list)
{
    *list = CY_READ(plan, sanction_list, id);
    if (*list == NULL)
        return cy_fail(CY_E_SANCTION_UNKNOWN, 1);
    return (*list)->closed ? cy_fail(CY_E_SANCTION_CLOSED, 1) : CY_OK;
}

static bool holds(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *owner,
                  const char *office)
{
    struct cy_label label;
    const cy_err err = cy_label_of(cy_span_text(office), &label);

    CY_ASSERT(cy_ok(err));
    return cy_capability_holds(plan, owner, &label, &ctx->author, ctx->now);
}

cy_err cy_sanction_officer(const struct cy_ctx *ctx, struct cy_plan *plan,
                           const struct cy_sanction_list *list, const char *office)
{
    if (cy_id_none(&list->owner))
        return cy_fail(CY_E_SANCTION_OFFICER, 1); /* a mirror says what the other list says */
    if (cy_id_eq(&ctx->author, &list->owner) || holds(ctx, plan, &list->owner, "secretary") ||
        holds(ctx, plan, &list->owner, office))
        return CY_OK;
    return cy_fail(CY_E_SANCTION_OFFICER, 0);
}

cy_err cy_sanction_fresh(const struct cy_sanction_list *list, cy_time now)
{
    return now > list->published && now - list->published > list->stale_ms
               ? cy_fail(CY_E_SANCTION_STALE, 0)
               : CY_OK;
}

struct cy_id cy_sanction_digest(const struct cy_id *before, const struct cy_sanction_delta *delta)
{
    static const char domain[] = "comity-list";
    uint8_t bytes[CY_STATE_VALUE_MAX];
    struct cy_sanction_delta bare = *delta;

    bare.digest = (struct cy_id){{0}};
    return cy_sha256_parts(
        (const struct cy_span[]){cy_span_of(domain, sizeof domain - 1), cy_span_of(before->b, 32),
                                 cy_state_value(&cy_schema_sanction_delta, &bare, bytes)},
        3);
}

/* --- what a change puts in force --- */

static bool measures(const struct cy_sanction_delta *d)
{
    return d->exclude || d->freeze || !cy_id_none(&d->asset) || d->levy_ppm != 0 ||
           d->benefit.n > 0;
}

static struct cy_restraint restraint_of(const struct cy_ctx *ctx, const struct cy_id *list,
                                        const struct cy_sanction_delta *d)
{
    return (struct cy_restraint){.subject = d->subject,
                                 .source = *list,
                                 .id = *cy_ctx_id(ctx),
                                 .by = ctx->author,
                                 .exclude = d->exclude,
                                 .freeze = d->freeze,
                                 .asset = d->asset,
                                 .most = d->most,
                                 .window_ms = d->window_ms,
                                 .levy_ppm = d->levy_ppm,
                                 .levy_to = d->levy_to,
                                 .benefit = d->benefit,
                                 .evidence = d->evidence,
                                 .reason = d->reason,
                                 .since = ctx->now,
                                 .until = d->until,
                                 .review_at = d->review_at};
}

void cy_sanction_unbear(struct cy_plan *plan, const struct cy_id *list, const struct cy_id *party)
{
    const cy_err err = cy_restraint_lift(plan, party, list);

    (void)err; /* an appeal may have ended it before */
}

cy_err cy_sanction_bear(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *list,
                        const struct cy_id *subject, const struct cy_id *party)
{
    const struct cy_restraint *target = cy_restraint_of(plan, subject, list);
    struct cy_restraint own;

    if (target == NULL || !cy_restraint_in_force(target, ctx->now))
        return CY_OK;
    own = *target;
    own.subject = *party;
    own.id = *cy_ctx_id(ctx);
    own.appeal = (struct cy_id){{0}};
    own.since = ctx->now;
    return cy_restraint_put(ctx, plan, &own);
}

static cy_err put_in_force(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *list,
                           const struct cy_sanction_delta *d, uint64_t matches)
{
    const bool listed = d->change == CY_sanction_change_LISTED && measures(d);
    const struct cy_restraint restraint = restraint_of(ctx, list, d);

    if (listed)
        CY_TRY(cy_restraint_put(ctx, plan, &restraint));
    else
        cy_sanction_unbear(plan, list, &d->subject);
    for (uint64_t i = 0; i < matches; i++) {
        const struct cy_sanction_matched key = {*list, d->subject, i};
        const struct cy_screen_match *match = CY_READ(plan, screen_match, &key);

        CY_ASSERT(match != NULL);
        if (listed)
            CY_TRY(cy_sanction_bear(ctx, plan, list, &d->subject, &match->party));
        else
            cy_sanction_unbear(plan, list, &match->party);
    }
    return CY_OK;
}

cy_err cy_sanction_change(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                          const struct cy_sanction_delta *delta)
{
    const struct cy_sanction_named name = {*id, delta->subject};
    const bool listed = delta->change == CY_sanction_change_LISTED;
    struct cy_sanction_list *list = CY_EDIT(plan, sanction_list, id);
    const struct cy_sanction_entry *old = CY_READ(plan, sanction_entry, &name);
    const bool stood = old != NULL && !old->eased;
    struct cy_sanction_entry *entry = NULL;
    struct cy_sanction_delta *written = NULL;

    list->number++;
    list->entries += listed && !stood ? 1u : 0u;
    list->entries -= !listed && stood ? 1u : 0u;
    written = CY_EDIT(plan, sanction_delta, (&(const struct of_number){*id, list->number}));
    *written = *delta;
    written->list = *id;
    written->number = list->number;
    written->digest = cy_sanction_digest(&list->digest, written);
    list->digest = written->digest;
    entry = CY_EDIT(plan, sanction_entry, &name);
    entry->eased = !listed;
    entry->number = list->number;
    if (listed) {
        entry->scheme = delta->scheme;
        entry->value = delta->value;
        entry->label = delta->label;
        entry->protect = delta->protect;
        entry->since = stood ? entry->since : ctx->now;
    }
    return put_in_force(ctx, plan, id, delta, entry->matches);
}

/* --- acts --- */

/* Dates in their order: now, review, end. */
static cy_err dates(const struct cy_ctx *ctx, const struct cy_sanction_add *m)
{
    if (m->until != 0 && m->until <= ctx->now)
        return cy_fail(CY_E_SANCTION_DATES, 17);
    if (m->review_at <= ctx->now || (m->until != 0 && m->review_at > m->until))
        return cy_fail(CY_E_SANCTION_DATES, 18);
    return CY_OK;
}

cy_err cy_sanction_add_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_add *m = message;
    const struct cy_sanction_list *list = NULL;
    struct cy_sanction_delta delta = {.change = CY_sanction_change_LISTED};
    struct cy_sanction_entry *entry = NULL;

    CY_TRY(cy_sanction_live(plan, &m->list, &list));
    CY_TRY(cy_sanction_officer(ctx, plan, list, "sanctions"));
    CY_TRY(cy_sanction_fresh(list, ctx->now));
    CY_TRY(cy_sanction_target(plan, &m->party, &m->scheme, &m->value, &delta.subject));
    CY_TRY(dates(ctx, m));
    delta.scheme = m->scheme;
    delta.value = m->value;
    delta.label = m->label;
    delta.exclude = m->exclude;
    delta.freeze = m->freeze;
    delta.asset = m->asset;
    delta.most = m->most;
    delta.window_ms = m->window_ms;
    delta.levy_ppm = m->levy_ppm;
    delta.levy_to = m->levy_to;
    delta.benefit = m->benefit;
    delta.protect = m->protect;
    delta.evidence = m->evidence;
    delta.reason = m->reason;
    delta.until = m->until;
    delta.review_at = m->review_at;
    delta.at = ctx->now;
    if (m->protect == measures(&delta))
        return cy_fail(CY_E_SANCTION_MEASURES, 14);
    if (CY_READ(plan, evidence, &m->evidence) == NULL)
        return cy_fail(CY_E_NO_NOUN, 15);
    CY_TRY(cy_sanction_change(ctx, plan, &m->list, &delta));
    entry =
        CY_EDIT(plan, sanction_entry, (&(const struct cy_sanction_named){m->list, delta.subject}));
    entry->verifier = m->verifier;
    entry->terms = m->terms;
    CY_EDIT(plan, sanction_list, &m->list)->published = ctx->now;
    return CY_OK;
}

static cy_err take_off(const struct cy_ctx *ctx, struct cy_plan *plan,
                       const struct cy_sanction_entry *entry, const struct cy_id *evidence,
                       const struct cy_line *reason)
{
    const struct of_number last = {entry->list, entry->number};

    if (entry->eased)
        return cy_fail(CY_E_SANCTION_EASED, 2);
    return cy_sanction_change(ctx, plan, &entry->list,
                              &(struct cy_sanction_delta){
                                  .change = CY_sanction_change_EASED,
                                  .subject = entry->subject,
                                  .scheme = entry->scheme,
                                  .value = entry->value,
                                  .label = entry->label,
                                  .evidence = evidence != NULL
                                                  ? *evidence
                                                  : CY_READ(plan, sanction_delta, &last)->evidence,
                                  .reason = *reason,
                                  .at = ctx->now});
}

static cy_err entry_of(struct cy_plan *plan, const struct cy_id *list, const struct cy_id *subject,
                       const struct cy_sanction_entry **entry)
{
    *entry = CY_READ(plan, sanction_entry, (&(const struct cy_sanction_named){*list, *subject}));
    return *entry == NULL ? cy_fail(CY_E_SANCTION_NO_ENTRY, 2) : CY_OK;
}

cy_err cy_sanction_ease_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_ease *m = message;
    const struct cy_sanction_list *list = NULL;
    const struct cy_sanction_entry *entry = NULL;

    CY_TRY(cy_sanction_live(plan, &m->list, &list));
    CY_TRY(cy_sanction_officer(ctx, plan, list, "sanctions"));
    CY_TRY(entry_of(plan, &m->list, &m->subject, &entry));
    CY_TRY(take_off(ctx, plan, entry, NULL, &m->reason));
    CY_EDIT(plan, sanction_list, &m->list)->published = ctx->now;
    return CY_OK;
}

cy_err cy_sanction_comply_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    static const char why[] = "proof of compliance";
    const struct cy_sanction_comply *m = message;
    const struct cy_evidence *evidence = CY_READ(plan, evidence, &m->evidence);
    const struct cy_sanction_list *list = NULL;
    const struct cy_sanction_entry *entry = NULL;
    struct cy_line reason;

    CY_TRY(cy_sanction_live(plan, &m->list, &list));
    CY_TRY(entry_of(plan, &m->list, &m->subject, &entry));
    if (cy_id_none(&entry->verifier) || !cy_id_eq(&entry->verifier, &ctx->author))
        return cy_fail(CY_E_SANCTION_VERIFIER, 0);
    if (evidence == NULL)
        return cy_fail(CY_E_NO_NOUN, 3);
    if (!cy_id_eq(&evidence->about, &m->subject))
        return cy_fail(CY_E_OTHER_EVIDENCE, 3);
    CY_TRY(cy_line_of(cy_span_of(why, sizeof why - 1), &reason));
    return take_off(ctx, plan, entry, &m->evidence, &reason);
}
