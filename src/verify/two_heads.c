#include "verify/two_heads.h"

static bool check_signed(struct cy_span note, const struct cy_trust *trust,
                         enum comity_step_kind step, struct cy_checkpoint *head,
                         struct comity_report *report)
{
    uint32_t cosigned = 0;
    cy_err err = CY_OK;

    *head = (struct cy_checkpoint){.size = 0};
    err = cy_trust_own_head(note, trust, head, &cosigned);
    return cy_report_step(report, step, err, head->size, cosigned);
}

static bool check_both(struct cy_span first, struct cy_span second, const struct cy_trust *trust,
                       struct cy_checkpoint head[static 2], struct comity_report *report)
{
    report->kind = COMITY_KIND_HEADS;
    cy_report_text(report->origin, sizeof report->origin, cy_trust_name(trust));
    return check_signed(first, trust, COMITY_STEP_FIRST_HEAD, &head[0], report) &&
           check_signed(second, trust, COMITY_STEP_SECOND_HEAD, &head[1], report);
}

/* newer is 0 for heads of one size. */
static bool convict(struct comity_report *report, cy_err err, uint64_t size, uint64_t newer)
{
    report->convicts = cy_ok(err) ? 1 : 0;
    return cy_report_step(report, COMITY_STEP_TWO_HISTORIES, err, size, newer);
}

static bool check_extends(const struct cy_checkpoint *older, const struct cy_checkpoint *newer,
                          const struct cy_heads *heads, struct comity_report *report)
{
    const cy_err err = cy_merkle_consistency(older->size, &older->root, newer->size, &newer->root,
                                             heads->path, heads->n);
    const bool holds = cy_report_step(report, COMITY_STEP_EXTENDS, err, older->size, newer->size);

    report->steps[report->n_steps - 1].c = heads->n;
    return holds;
}

bool cy_check_heads(struct cy_span file, const struct cy_trust *trust, struct comity_report *report)
{
    struct cy_checkpoint head[2];
    struct cy_heads heads;

    report->kind = COMITY_KIND_HEADS;
    if (!cy_report_step(report, COMITY_STEP_FORM, cy_heads_read(file, &heads), 0, 0) ||
        !check_both(heads.notes[0], heads.notes[1], trust, head, report))
        return false;
    if (head[0].size < head[1].size)
        return check_extends(&head[0], &head[1], &heads, report);
    if (head[0].size > head[1].size)
        return check_extends(&head[1], &head[0], &heads, report);
    if (cy_id_eq(&head[0].root, &head[1].root))
        return cy_report_step(report, COMITY_STEP_ONE_HISTORY, CY_OK, head[0].size, 0);
    return convict(report, CY_OK, head[0].size, 0);
}

static cy_err conflict_of(const struct cy_conflict *c, const struct cy_checkpoint *older,
                          const struct cy_checkpoint *newer)
{
    if (older->size == newer->size)
        return c->prefix != NULL || cy_id_eq(&older->root, &newer->root)
                   ? cy_fail(CY_E_NO_CONFLICT, 1)
                   : CY_OK;
    if (c->prefix == NULL || older->size == 0 || older->size > newer->size)
        return cy_fail(CY_E_NO_CONFLICT, 2);
    CY_TRY(cy_merkle_consistency(older->size, c->prefix, newer->size, &newer->root, c->path, c->n));
    return cy_id_eq(&older->root, c->prefix) ? cy_fail(CY_E_NO_CONFLICT, 3) : CY_OK;
}

bool cy_check_conflict(const struct cy_conflict *conflict, const struct cy_trust *trust,
                       struct comity_report *report)
{
    struct cy_checkpoint head[2];

    if (!check_both(conflict->first, conflict->second, trust, head, report))
        return false;
    return convict(report, conflict_of(conflict, &head[0], &head[1]), head[0].size,
                   head[0].size == head[1].size ? 0 : head[1].size);
}
