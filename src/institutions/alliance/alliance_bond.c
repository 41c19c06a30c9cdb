#include "institutions/alliance/alliance_bond.h"

/* A bond of a membership, by its place. */
struct place {
    struct cy_id alliance;
    struct cy_id party;
    uint64_t position;
};

static bool named_before(const struct cy_bond_named *bonds, uint32_t i)
{
    for (uint32_t j = 0; j < i; j++) {
        if (cy_id_eq(&bonds[j].bond, &bonds[i].bond))
            return true;
    }
    return false;
}

/* Whether the bond is the party's own for this alliance. */
static bool is_own(struct cy_plan *plan, const struct cy_of_party *who, const struct cy_id *id)
{
    const struct cy_bond *bond = CY_READ(plan, bond, id);

    return bond != NULL && cy_id_eq(&bond->owner, &who->party) &&
           cy_id_eq(&bond->beneficiary, &who->alliance);
}

static uint32_t count_of(struct cy_plan *plan, const struct cy_of_party *who)
{
    const struct cy_member *member = CY_READ(plan, member, who);

    return member != NULL ? member->bonds : 0;
}

/* The bond at a place of a membership, none when there was no room to write it. */
static struct cy_id bond_at(struct cy_plan *plan, const struct cy_of_party *who, uint32_t i)
{
    const struct place key = {who->alliance, who->party, i};
    const struct cy_member_bond *held = CY_READ(plan, member_bond, &key);

    return held != NULL ? held->bond : (struct cy_id){0};
}

/* Whether the bond is among the first n of a membership. */
static bool secures(struct cy_plan *plan, const struct cy_of_party *who, uint32_t n,
                    const struct cy_id *bond)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct cy_id held = bond_at(plan, who, i);

        if (cy_id_eq(&held, bond))
            return true;
    }
    return false;
}

cy_err cy_bond_lock(const struct cy_ctx *ctx, struct cy_plan *plan,
                    const struct cy_alliance *alliance, const struct cy_bond_named *bonds,
                    uint32_t n)
{
    const struct cy_of_party who = {alliance->id, ctx->author};
    const uint32_t held = count_of(plan, &who);

    if (held + n > CY_MEMBER_BONDS_MAX)
        return cy_fail(CY_E_FOREIGN_BOND, CY_MEMBER_BONDS_MAX);
    for (uint32_t i = 0; i < n; i++) {
        const struct cy_stake_need need = {.bond = bonds[i].bond,
                                           .owner = ctx->author,
                                           .beneficiary = alliance->id,
                                           .asset = alliance->bond_asset};
        const struct place key = {alliance->id, ctx->author, held + i};

        if (secures(plan, &who, held + i, &need.bond) || !cy_ok(cy_stake_use(plan, &need)))
            return cy_fail(CY_E_FOREIGN_BOND, i);
        CY_EDIT(plan, member_bond, &key)->bond = need.bond;
    }
    if (n > 0)
        CY_EDIT(plan, member, &who)->bonds = held + n;
    return CY_OK;
}

cy_err cy_bond_covers(struct cy_plan *plan, const struct cy_alliance *alliance,
                      const struct cy_id *party, uint8_t level)
{
    const struct cy_of_party who = {alliance->id, *party};
    const uint32_t held = count_of(plan, &who);
    cy_u128 sum = 0;

    if (cy_id_none(&alliance->bond_asset))
        return CY_OK;
    for (uint32_t i = 0; i < held; i++) {
        const struct cy_id id = bond_at(plan, &who, i);
        const struct cy_bond *bond = CY_READ(plan, bond, &id);

        if (bond != NULL)
            CY_TRY(cy_add(sum, bond->amount, &sum));
    }
    return sum >= cy_charter_value(plan, alliance, cy_charter_by_level(CY_CLAUSE_BOND_FULL, level))
               ? CY_OK
               : cy_fail(CY_E_BOND_MISSING, 5);
}

cy_err cy_bond_pledge(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_pledge *m = message;
    const struct cy_member *member = cy_member_read(plan, &m->alliance, &ctx->author);
    const struct cy_alliance *alliance = NULL;

    CY_TRY(cy_alliance_live(plan, &m->alliance, &alliance));
    if (!cy_member_belongs(member, ctx->now))
        return cy_fail(CY_E_NOT_MEMBER, 0);
    if (cy_member_state(member, ctx->now) == CY_member_state_LEAVING)
        return cy_fail(CY_E_LEAVING_ALREADY, 0); /* its bonds are settled; nobody would free more */
    return cy_bond_lock(ctx, plan, alliance, m->bonds, m->n_bonds);
}

/* Lets go of the i-th bond of a membership, and says which one it was. */
static struct cy_id let_go(struct cy_plan *plan, const struct cy_of_party *who, uint32_t i)
{
    const struct place key = {who->alliance, who->party, i};
    const struct cy_id bond = bond_at(plan, who, i);

    cy_stake_unuse(plan, &bond);
    CY_REMOVE(plan, member_bond, &key);
    return bond;
}

void cy_bond_free(struct cy_plan *plan, const struct cy_of_party *who)
{
    const uint32_t n = count_of(plan, who);

    for (uint32_t i = 0; i < n; i++)
        (void)let_go(plan, who, i);
    if (n > 0)
        CY_EDIT(plan, member, who)->bonds = 0;
}

/* Starts a bond's cool-down, or counts it as owed. One that is cooling was counted before. */
static cy_err settle_one(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                         struct cy_alliance_exit *leaving)
{
    const struct cy_bond *bond = CY_READ(plan, bond, id);

    if (bond == NULL || bond->state == CY_bond_state_COOLING)
        return CY_OK;
    if (bond->uses > 0) {
        leaving->bonds_owed++;
        leaving->duties += bond->uses;
        return cy_add(leaving->owed, bond->amount, &leaving->owed);
    }
    CY_TRY(cy_stake_cool(plan, ctx->now, id));
    leaving->bonds_cooling++;
    return cy_add(leaving->cooling, bond->amount, &leaving->cooling);
}

cy_err cy_bond_settle(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_of_party *who,
                      const struct cy_bond_named *bonds, uint32_t n,
                      struct cy_alliance_exit *leaving)
{
    const uint32_t held = count_of(plan, who);
    struct cy_id secured[CY_MEMBER_BONDS_MAX];

    for (uint32_t i = 0; i < n; i++) {
        if (named_before(bonds, i) || !is_own(plan, who, &bonds[i].bond))
            return cy_fail(CY_E_FOREIGN_BOND, i);
    }
    for (uint32_t i = 0; i < held; i++)
        secured[i] = let_go(plan, who, i);
    if (held > 0)
        CY_EDIT(plan, member, who)->bonds = 0;
    for (uint32_t i = 0; i < held; i++)
        CY_TRY(settle_one(ctx, plan, &secured[i], leaving));
    for (uint32_t i = 0; i < n; i++) {
        bool twice = false;

        for (uint32_t j = 0; j < held; j++)
            twice = twice || cy_id_eq(&secured[j], &bonds[i].bond);
        if (!twice)
            CY_TRY(settle_one(ctx, plan, &bonds[i].bond, leaving));
    }
    return CY_OK;
}

/* The members carried a motion against the owner of the bond. */
static bool ratified(struct cy_plan *plan, const struct cy_alliance_slash *m,
                     const struct cy_id *owner)
{
    const struct cy_motion *motion = CY_READ(plan, motion, &m->motion);

    return motion != NULL && cy_id_eq(&motion->alliance, &m->alliance) &&
           (motion->kind == CY_motion_kind_EXPEL || motion->kind == CY_motion_kind_SUSPEND) &&
           motion->state == CY_motion_state_CARRIED && cy_id_eq(&motion->subject, owner);
}

cy_err cy_bond_slash(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_alliance_slash *m = message;
    const struct cy_stake_slashing slashing = {
        .bond = m->bond, .to = m->to, .evidence = m->evidence, .amount = m->amount};
    const struct cy_bond *bond = CY_READ(plan, bond, &m->bond);
    const struct cy_alliance *alliance = NULL;

    CY_TRY(cy_alliance_any(plan, &m->alliance, &alliance));
    CY_TRY(cy_officer_check(ctx, plan, alliance, CY_alliance_role_SECRETARY));
    if (bond == NULL || !cy_id_eq(&bond->beneficiary, &m->alliance))
        return cy_fail(CY_E_FOREIGN_BOND, 2);
    if (cy_charter_value(plan, alliance, CY_CLAUSE_EXPEL_VOTE) != 0 &&
        !ratified(plan, m, &bond->owner))
        return cy_fail(CY_E_NEEDS_MOTION, CY_CLAUSE_EXPEL_VOTE);
    CY_TRY(cy_stake_slash(plan, ctx->now, &slashing));
    cy_officer_note(ctx, plan, &m->alliance, CY_alliance_role_SECRETARY, &bond->owner,
                    &cy_schema_alliance_slash);
    return CY_OK;
}
