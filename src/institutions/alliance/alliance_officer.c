#include "institutions/alliance/alliance_officer.h"

/* --- offices in the kernel --- */

static struct cy_label label_of(uint8_t role)
{
    static const char *const names[] = {
        [CY_alliance_role_SECRETARY] = "secretary", [CY_alliance_role_REGISTRAR] = "registrar"};
    struct cy_label label;
    const cy_err err = cy_label_of(cy_span_text(names[role]), &label);

    CY_ASSERT(cy_ok(err));
    return label;
}

static bool holds(const struct cy_ctx *ctx, struct cy_plan *plan,
                  const struct cy_alliance *alliance, uint8_t role, const struct cy_id *party)
{
    const struct cy_label label = label_of(role);

    return cy_capability_holds(plan, &alliance->id, &label, party, ctx->now);
}

static bool end_term(struct cy_plan *plan, const struct cy_id *alliance, uint8_t role,
                     const struct cy_id *party)
{
    const struct cy_label label = label_of(role);

    return cy_ok(cy_mantle_end(plan, alliance, &label, party));
}

cy_err cy_officer_begin(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_id *alliance)
{
    const struct cy_alliance *a = CY_READ(plan, alliance, alliance);

    if (a == NULL)
        return cy_fail(CY_E_NO_ROOM, 0); /* it could not be written */
    for (unsigned role = CY_alliance_role_SECRETARY; role <= CY_alliance_role_REGISTRAR; role++) {
        const struct cy_mantle_create terms = {
            .role = label_of((uint8_t)role),
            .term_ms_most = cy_clause_row(CY_CLAUSE_TERM_MS)->most}; /* the charter asks for less */

        CY_TRY(cy_mantle_create(plan, alliance, &terms));
    }
    return cy_officer_put(ctx, plan, a, CY_alliance_role_SECRETARY, &ctx->author,
                          ctx->now + cy_charter_value(plan, a, CY_CLAUSE_TERM_MS));
}

/* --- who may --- */

/* Secretary in term, or the founder while nobody is. */
static bool leads(const struct cy_ctx *ctx, struct cy_plan *plan,
                  const struct cy_alliance *alliance)
{
    if (holds(ctx, plan, alliance, CY_alliance_role_SECRETARY, &ctx->author))
        return true;
    return cy_id_eq(&alliance->founder, &ctx->author) &&
           !holds(ctx, plan, alliance, CY_alliance_role_SECRETARY, &alliance->secretary);
}

cy_err cy_officer_check(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_alliance *alliance, uint8_t role)
{
    if (leads(ctx, plan, alliance) || holds(ctx, plan, alliance, role, &ctx->author))
        return CY_OK;
    if (!cy_id_none(&alliance->keeper)) {
        const struct cy_alliance *keeper = NULL;

        CY_TRY(cy_alliance_any(plan, &alliance->keeper, &keeper));
        if (leads(ctx, plan, keeper))
            return CY_OK;
    }
    return cy_fail(CY_E_NOT_OFFICER, role);
}

cy_err cy_officer_decides(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_alliance *alliance, enum cy_clause_number clause)
{
    CY_TRY(cy_officer_check(ctx, plan, alliance, CY_alliance_role_SECRETARY));
    if (cy_charter_value(plan, alliance, clause) == 0)
        return CY_OK;
    return cy_alliance_voices(plan, alliance) == 0 ? CY_OK : cy_fail(CY_E_NEEDS_MOTION, clause);
}

void cy_officer_note(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *alliance,
                     uint8_t role, const struct cy_id *about, const struct cy_schema *act)
{
    struct cy_alliance_roll *roll = CY_EDIT(plan, alliance_roll, alliance);
    const struct cy_of_alliance key = {*alliance, roll->n_officer_acts++};
    struct cy_officer_act *trace = CY_EDIT(plan, officer_act, &key);

    roll->lively = ctx->now;
    trace->role = role;
    trace->by = ctx->author;
    if (about != NULL)
        trace->about = *about;
    trace->number = (uint16_t)act->number;
    trace->act = *cy_ctx_id(ctx);
    trace->ledger_at = ctx->at;
    trace->since = ctx->now;
}

/* --- in and out of office --- */

cy_err cy_officer_put(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_alliance *alliance, uint8_t role, const struct cy_id *holder,
                      cy_time until)
{
    const struct cy_mantle_grant terms = {
        .role = label_of((uint8_t)role), .holder = *holder, .until = until};
    const struct cy_id id = alliance->id;
    const struct cy_passport *passport = NULL;

    if (until == 0) {
        if (!holds(ctx, plan, alliance, role, holder))
            return cy_fail(CY_E_NOT_HOLDER, role);
        (void)end_term(plan, &id, role, holder);
        if (role == CY_alliance_role_SECRETARY)
            CY_EDIT(plan, alliance, &id)->secretary = (struct cy_id){0};
        return CY_OK;
    }
    CY_TRY(cy_identity_active(plan, holder, &passport));
    if (until <= ctx->now || until - ctx->now > cy_charter_value(plan, alliance, CY_CLAUSE_TERM_MS))
        return cy_fail(CY_E_TERM_LENGTH, role);
    (void)end_term(plan, &id, role, holder); /* a second term follows the first */
    if (role == CY_alliance_role_SECRETARY) {
        (void)end_term(plan, &id, role, &alliance->secretary);
        CY_EDIT(plan, alliance, &id)->secretary = *holder;
    }
    return cy_mantle_grant(plan, ctx, &id, &terms);
}

uint32_t cy_officer_release(struct cy_plan *plan, const struct cy_id *alliance,
                            const struct cy_id *party)
{
    uint32_t n = 0;

    if (end_term(plan, alliance, CY_alliance_role_SECRETARY, party)) {
        CY_EDIT(plan, alliance, alliance)->secretary = (struct cy_id){0};
        n++;
    }
    n += end_term(plan, alliance, CY_alliance_role_REGISTRAR, party);
    return n;
}

cy_err cy_officer_office(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_office *m = message;
    const struct cy_alliance *alliance = NULL;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    if (!(m->until == 0 && cy_id_eq(&m->holder, &ctx->author))) /* anyone may resign */
        CY_TRY(cy_officer_decides(ctx, plan, alliance, CY_CLAUSE_OFFICE_VOTE));
    CY_TRY(cy_officer_put(ctx, plan, alliance, m->role, &m->holder, m->until));
    cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, &m->holder,
                    &cy_schema_alliance_office);
    return CY_OK;
}
