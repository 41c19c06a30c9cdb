#include "institutions/alliance/alliance.h"

#include "crypto/hash.h"

static struct cy_id digest_of(struct cy_span text)
{
    return text.n == 0 ? (struct cy_id){0} : cy_sha256(text);
}

/* --- founding --- */

/* A sub-list hangs below an alliance that its founder leads, and not too deep. */
static cy_err parent_fits(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_id *parent)
{
    const struct cy_alliance *above = NULL;
    unsigned depth = 1;

    if (cy_id_none(parent))
        return CY_OK;
    CY_TRY(cy_alliance_live(plan, parent, &above));
    CY_TRY(cy_officer_check(ctx, plan, above, CY_alliance_role_SECRETARY));
    while (!cy_id_none(&above->parent)) {
        if (++depth > CY_PARENTS_MAX)
            return cy_fail(CY_E_TOO_DEEP, depth);
        CY_TRY(cy_alliance_any(plan, &above->parent, &above));
    }
    return CY_OK;
}

static cy_err bases_fit(struct cy_plan *plan, const struct cy_alliance_found *m)
{
    for (uint32_t i = 0; i < m->n_bases; i++) {
        const struct cy_alliance *base = NULL;

        CY_TRY(cy_alliance_live(plan, &m->bases[i].alliance, &base));
    }
    return CY_OK;
}

static cy_err founded_on(const struct cy_ctx *ctx, const struct cy_alliance_found *m, cy_date *date)
{
    unsigned year = 0, month = 0, day = 0;

    *date = m->founded != 0 ? m->founded : cy_time_date(ctx->now);
    cy_date_civil(*date, &year, &month, &day);
    if (*date > cy_time_date(ctx->now) || (m->precision != CY_precision_DAY && day != 1) ||
        (m->precision == CY_precision_YEAR && month != 1))
        return cy_fail(CY_E_EVENT_DATE, 7);
    return CY_OK;
}

/* The records of a new alliance, but for its charter. */
static void write_new(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_alliance_found *m, cy_date founded)
{
    struct cy_alliance *a = CY_EDIT(plan, alliance, cy_ctx_id(ctx));
    struct cy_alliance_roll *roll = CY_EDIT(plan, alliance_roll, cy_ctx_id(ctx));

    a->founder = ctx->author;
    a->code = m->code;
    a->name = m->name;
    a->topic = m->topic;
    a->template = m->template != 0 ? m->template : m->topic;
    a->state = CY_alliance_state_LIVE;
    a->founded = founded;
    a->precision = m->precision;
    a->parent = m->parent;
    a->since = ctx->now;
    a->bond_asset = m->bond_asset;
    a->purpose = m->purpose;
    roll->lively = ctx->now;
    roll->n_bases = m->n_bases;
    for (uint32_t i = 0; i < m->n_bases; i++) {
        const struct cy_of_alliance key = {*cy_ctx_id(ctx), i};

        CY_EDIT(plan, alliance_base, &key)->base = m->bases[i].alliance;
    }
    if (!cy_id_none(&m->parent)) {
        CY_EDIT(plan, alliance_roll, &m->parent)->n_children++;
        cy_officer_note(ctx, plan, &m->parent, CY_alliance_role_SECRETARY, cy_ctx_id(ctx),
                        &cy_schema_alliance_found);
    }
}

static cy_err found(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_found *m = message;
    const struct {
        struct cy_id founder;
        struct cy_label code;
    } key = {ctx->author, m->code};
    const struct cy_amendment charter = {
        .clauses = m->clauses, .n = m->n_clauses, .text = digest_of(m->text), .by = ctx->author};
    cy_date founded = 0;

    if (CY_READ(plan, alliance_code, &key) != NULL)
        return cy_fail(CY_E_CODE_TAKEN, 1);
    CY_TRY(founded_on(ctx, m, &founded));
    CY_TRY(parent_fits(ctx, plan, &m->parent));
    CY_TRY(bases_fit(plan, m));
    if (!cy_id_none(&m->bond_asset) && CY_READ(plan, asset, &m->bond_asset) == NULL)
        return cy_fail(CY_E_NO_NOUN, 12);
    write_new(ctx, plan, m, founded);
    CY_EDIT(plan, alliance_code, &key)->alliance = *cy_ctx_id(ctx);
    CY_TRY(cy_charter_amend(ctx, plan, cy_ctx_id(ctx), &charter));
    return cy_officer_begin(ctx, plan, cy_ctx_id(ctx));
}

/* --- the charter --- */

static cy_err amend(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_amend *m = message;
    const struct cy_amendment amendment = {
        .clauses = m->clauses, .n = m->n_clauses, .text = digest_of(m->text), .by = ctx->author};
    const struct cy_alliance *alliance = NULL;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    CY_TRY(cy_officer_decides(ctx, plan, alliance, CY_CLAUSE_AMEND_VOTE));
    CY_TRY(cy_charter_amend(ctx, plan, &m->alliance, &amendment));
    cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, NULL,
                    &cy_schema_alliance_amend);
    return CY_OK;
}

static cy_err adopt(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_adopt *m = message;
    struct cy_charter_clause clause = {.name = m->clause, .from = m->from};
    const struct cy_amendment amendment = {.clauses = &clause, .n = 1, .by = ctx->author};
    const struct cy_alliance *alliance = NULL;
    const struct cy_alliance *from = NULL;
    const unsigned number = cy_clause_named(&m->clause);

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    CY_TRY(cy_officer_decides(ctx, plan, alliance, CY_CLAUSE_AMEND_VOTE));
    CY_TRY(cy_alliance_any(plan, &m->from, &from));
    if (number == CY_CLAUSES)
        return cy_fail(CY_E_UNKNOWN_CLAUSE, 2);
    clause.value = cy_charter_value(plan, from, (enum cy_clause_number)number);
    CY_TRY(cy_charter_amend(ctx, plan, &m->alliance, &amendment));
    cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, &m->from,
                    &cy_schema_alliance_adopt);
    return CY_OK;
}

/* --- the table --- */

static const struct cy_act_row acts[] = {
    {&cy_schema_alliance_found,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 128, found},
    {&cy_schema_alliance_amend,    CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 104, amend},
    {&cy_schema_alliance_adopt,    CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 8,   adopt},
    {&cy_schema_alliance_invite,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 4,
     cy_member_invite                                                                                },
    {&cy_schema_alliance_apply,    CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 40,
     cy_member_apply                                                                                 },
    {&cy_schema_alliance_join,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 48,
     cy_member_join                                                                                  },
    {&cy_schema_alliance_admit,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 12,
     cy_member_admit                                                                                 },
    {&cy_schema_alliance_decline,  CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 48,
     cy_member_decline                                                                               },
    {&cy_schema_alliance_level,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 12,
     cy_member_level                                                                                 },
    {&cy_schema_alliance_leave,    CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 128,
     cy_member_leave                                                                                 },
    {&cy_schema_alliance_suspend,  CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 12,
     cy_member_suspend                                                                               },
    {&cy_schema_alliance_resume,   CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 12,
     cy_member_resume                                                                                },
    {&cy_schema_alliance_expel,    CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 56,
     cy_member_expel                                                                                 },
    {&cy_schema_alliance_record,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 48,
     cy_member_record                                                                                },
    {&cy_schema_alliance_dissolve, CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 4,
     cy_tie_dissolve                                                                                 },
    {&cy_schema_alliance_office,   CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 12,
     cy_officer_office                                                                               },
    {&cy_schema_alliance_slash,    CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 8,
     cy_bond_slash                                                                                   },
    {&cy_schema_alliance_pledge,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 40,
     cy_bond_pledge                                                                                  },
    {&cy_schema_alliance_motion,   CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 56,
     cy_vote_motion                                                                                  },
    {&cy_schema_alliance_vote,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 128,
     cy_vote_vote                                                                                    },
    {&cy_schema_alliance_close,    CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 128,
     cy_vote_close                                                                                   },
    {&cy_schema_alliance_mandate,  CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 4,
     cy_bloc_mandate                                                                                 },
    {&cy_schema_alliance_backup,   CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 8,
     cy_tie_backup                                                                                   },
    {&cy_schema_alliance_handover, CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_USUAL,  false, 4,
     cy_tie_handover                                                                                 },
    {&cy_schema_alliance_consent,  CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1,
     cy_tie_consent                                                                                  },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_alliance,        1u << 13, false},
    {&cy_schema_alliance_code,   1u << 13, false},
    {&cy_schema_alliance_roll,   1u << 13, false},
    {&cy_schema_clause,          1u << 16, false},
    {&cy_schema_charter,         1u << 14, false},
    {&cy_schema_clause_change,   1u << 16, false},
    {&cy_schema_member,          1u << 17, false},
    {&cy_schema_member_event,    1u << 17, false},
    {&cy_schema_alliance_exit,   1u << 14, false},
    {&cy_schema_motion,          1u << 14, false},
    {&cy_schema_motion_clause,   1u << 16, false},
    {&cy_schema_ballot,          1u << 17, false},
    {&cy_schema_partner_consent, 1u << 16, false},
    {&cy_schema_bloc,            1u << 12, false},
    {&cy_schema_bloc_seat,       1u << 14, false},
    {&cy_schema_alliance_bloc,   1u << 14, false},
    {&cy_schema_alliance_base,   1u << 12, false},
    {&cy_schema_officer_act,     1u << 17, false},
    {&cy_schema_member_bond,     1u << 16, false},
};

const struct cy_institution cy_alliances = {
    .name = "alliance",
    .purpose = "lists of parties under a charter: members, votes, blocs, exits",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};
