#include "institutions/alliance/alliance_tie.h"

/* --- partners --- */

cy_err cy_tie_consent(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_consent *m = message;
    const struct {
        struct cy_id from;
        struct cy_id to;
        uint64_t topic;
    } key = {ctx->author, m->to, m->topic};
    const struct cy_partner_consent *have = CY_READ(plan, partner_consent, &key);
    const struct cy_passport *passport = NULL;
    struct cy_partner_consent *consent = NULL;

    if (cy_id_eq(&ctx->author, &m->to))
        return cy_fail(CY_E_CONSENT_SELF, 0);
    if (m->given)
        CY_TRY(cy_identity_active(plan, &m->to, &passport));
    if ((have != NULL && have->given) == m->given)
        return cy_fail(CY_E_CONSENT_SAME, 0);
    consent = CY_EDIT(plan, partner_consent, &key);
    consent->given = m->given;
    consent->since = ctx->now;
    return CY_OK;
}

/* --- the end --- */

cy_err cy_tie_do_dissolve(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_id *alliance, cy_date ended, uint8_t precision)
{
    const struct cy_alliance *have = NULL;
    struct cy_alliance *a = NULL;

    CY_TRY(cy_alliance_live(plan, alliance, &have));
    a = CY_EDIT(plan, alliance, alliance);
    a->state = CY_alliance_state_DISSOLVED;
    a->ended = ended;
    a->ended_precision = precision;
    a->ended_at = ctx->now;
    return CY_OK;
}

cy_err cy_tie_dissolve(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_dissolve *m = message;
    const cy_date today = cy_time_date(ctx->now);
    const cy_date ended = m->ended != 0 ? m->ended : today;
    const struct cy_alliance *alliance = NULL;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    if (ended == today) {
        CY_TRY(cy_officer_decides(ctx, plan, alliance, CY_CLAUSE_DISSOLVE_VOTE));
    } else { /* it ended long ago, elsewhere: history, like alliance_record */
        CY_TRY(cy_officer_check(ctx, plan, alliance, CY_alliance_role_REGISTRAR));
        if (cy_charter_value(plan, alliance, CY_CLAUSE_REGISTRAR_UNTIL) <= ctx->now)
            return cy_fail(CY_E_REGISTRAR_CLOSED, 0);
        if (ended > today || ended < alliance->founded)
            return cy_fail(CY_E_EVENT_DATE, 2);
    }
    CY_TRY(cy_tie_do_dissolve(ctx, plan, &m->alliance, ended, m->precision));
    cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, NULL,
                    &cy_schema_alliance_dissolve);
    return CY_OK;
}

/* --- backups --- */

cy_err cy_tie_do_backup(struct cy_plan *plan, const struct cy_id *alliance,
                        const struct cy_id *backup)
{
    const struct cy_alliance *other = NULL;
    struct cy_alliance *a = NULL;

    CY_TRY(cy_alliance_live(plan, backup, &other));
    if (cy_id_eq(alliance, backup) || cy_id_eq(&other->keeper, alliance))
        return cy_fail(CY_E_BACKUP_SELF, 0);
    a = CY_EDIT(plan, alliance, alliance);
    if (!cy_id_eq(&a->backup, backup))
        a->backup_accepted = false;
    a->backup = *backup;
    a->backup_said = true;
    return CY_OK;
}

/* The alliance names, then the backup accepts; one who leads both does both at once. */
cy_err cy_tie_backup(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_backup *m = message;
    const struct cy_alliance *alliance = NULL;
    const struct cy_alliance *backup = NULL;
    cy_err names = CY_OK;
    cy_err accepts = CY_OK;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    CY_TRY(cy_alliance_live(plan, &m->backup, &backup));
    names = cy_officer_decides(ctx, plan, alliance, CY_CLAUSE_TIE_VOTE);
    accepts = cy_officer_check(ctx, plan, backup, CY_alliance_role_SECRETARY);
    if (!cy_ok(accepts))
        CY_TRY(names);
    if (cy_ok(names)) {
        CY_TRY(cy_tie_do_backup(plan, &m->alliance, &m->backup));
        cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, &m->backup,
                        &cy_schema_alliance_backup);
    }
    if (cy_ok(accepts)) {
        struct cy_alliance *a = CY_EDIT(plan, alliance, &m->alliance);

        if (!cy_id_eq(&a->backup, &m->backup))
            return cy_fail(CY_E_NO_BACKUP, 0);
        a->backup_accepted = true;
        cy_officer_note(ctx, plan, &m->backup, CY_alliance_role_SECRETARY, &m->alliance,
                        &cy_schema_alliance_backup);
    }
    return CY_OK;
}

cy_err cy_tie_do_handover(struct cy_plan *plan, const struct cy_id *alliance)
{
    const struct cy_alliance *have = NULL;
    const struct cy_alliance *backup = NULL;

    CY_TRY(cy_alliance_any(plan, alliance, &have));
    if (!cy_id_none(&have->keeper))
        return cy_fail(CY_E_HANDED_OVER, 0);
    if (!have->backup_said || !have->backup_accepted)
        return cy_fail(CY_E_NO_BACKUP, 0);
    CY_TRY(cy_alliance_live(plan, &have->backup, &backup));
    if (cy_id_eq(&backup->keeper, alliance))
        return cy_fail(CY_E_BACKUP_SELF, 0);
    CY_EDIT(plan, alliance, alliance)->keeper = backup->id;
    return CY_OK;
}

/* Nobody led and nobody voted for as long as the charter says. */
static bool is_dormant(const struct cy_ctx *ctx, struct cy_plan *plan,
                       const struct cy_alliance *alliance)
{
    const struct cy_alliance_roll *roll = cy_alliance_counts(plan, &alliance->id);

    return ctx->now - roll->lively >= cy_charter_value(plan, alliance, CY_CLAUSE_DORMANT_MS);
}

cy_err cy_tie_handover(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_handover *m = message;
    const struct cy_alliance *alliance = NULL;
    cy_err officer = CY_OK;

    CY_TRY(cy_alliance_any(plan, &m->alliance, &alliance));
    officer = cy_officer_decides(ctx, plan, alliance, CY_CLAUSE_TIE_VOTE);
    if (!cy_ok(officer) && alliance->state == CY_alliance_state_LIVE &&
        !is_dormant(ctx, plan, alliance))
        return officer.code == CY_E_NEEDS_MOTION ? officer : cy_fail(CY_E_HANDOVER_EARLY, 0);
    CY_TRY(cy_tie_do_handover(plan, &m->alliance));
    if (cy_ok(officer))
        cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, NULL,
                        &cy_schema_alliance_handover);
    return CY_OK;
}
