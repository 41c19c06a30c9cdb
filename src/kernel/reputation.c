#include "kernel/reputation.h"

#include "kernel/restraint.h"

#define THOUSANDTHS 1000u

/* What each tier asks for, in multiples of the parameters tier_points and tier_ms. */
static const struct step {
    uint64_t points;
    uint64_t age;
} ladder[] = {
    {0,  0 },
    {0,  0 },
    {1,  1 },
    {4,  6 },
    {10, 12},
};

struct mark_key {
    struct cy_id passport;
    struct cy_id evidence;
};

static const struct cy_label auditors = {.n = 7, .s = "auditor"};

uint64_t cy_reputation_decay(uint64_t points, uint64_t elapsed_ms, uint64_t half_ms)
{
    const uint64_t halves = elapsed_ms / half_ms;
    const uint64_t rest = elapsed_ms % half_ms;
    const uint64_t whole = halves < 64 ? points >> halves : 0;

    return whole - (uint64_t)((cy_u128)whole * rest / ((cy_u128)half_ms * 2));
}

static uint64_t left_of(struct cy_plan *plan, const struct cy_repute *repute, cy_time now)
{
    return cy_reputation_decay(repute->points, now - repute->at, cy_param(plan, CY_P_REPUTE_HALF));
}

uint64_t cy_reputation_points(struct cy_plan *plan, const struct cy_id *passport, cy_time now)
{
    const struct cy_repute *repute = CY_READ(plan, repute, passport);

    return repute == NULL ? 0 : left_of(plan, repute, now);
}

static uint64_t points_for(struct cy_plan *plan, unsigned tier)
{
    return cy_param(plan, CY_P_TIER_POINTS) * ladder[tier].points * THOUSANDTHS;
}

static bool shut_out(struct cy_plan *plan, const struct cy_id *passport, cy_time now)
{
    const struct cy_realm *realm = CY_READ(plan, realm, &(uint64_t){1});
    struct cy_restraint_ask ask = {.party = *passport, .now = now};

    if (realm == NULL)
        return false;
    ask.realm = realm->id;
    return !cy_ok(cy_restraint_barred(plan, &ask));
}

uint8_t cy_reputation_tier(struct cy_plan *plan, const struct cy_id *id, cy_time now)
{
    const struct cy_repute *repute = CY_READ(plan, repute, id);
    const struct cy_passport *passport = NULL;
    uint64_t points = 0;
    uint8_t tier = 0;

    if (repute == NULL || repute->tier == 0 || !cy_ok(cy_identity_active(plan, id, &passport)) ||
        shut_out(plan, id, now))
        return 0;
    points = left_of(plan, repute, now);
    for (tier = repute->tier; tier > 1 && points < points_for(plan, tier);)
        tier--;
    return tier > 1 && cy_lineage_probation(plan, id, now) ? 1 : tier;
}

cy_err cy_reputation_lacks(struct cy_plan *plan, const struct cy_id *id, unsigned tier, cy_time now)
{
    const struct cy_realm *realm = CY_READ(plan, realm, &(uint64_t){1});
    const struct cy_repute *repute = CY_READ(plan, repute, id);
    const struct cy_passport *passport = NULL;

    CY_TRY(cy_identity_active(plan, id, &passport));
    if (cy_reputation_points(plan, id, now) < points_for(plan, tier))
        return cy_fail(CY_E_TIER_STEP, 1);
    if (now >= realm->waiver_until &&
        now - passport->since < cy_param(plan, CY_P_TIER_MS) * ladder[tier].age)
        return cy_fail(CY_E_TIER_STEP, 2);
    if (repute != NULL && repute->violations > 0 &&
        now - repute->violated < cy_param(plan, CY_P_CLEAN_MS))
        return cy_fail(CY_E_TIER_STEP, 3);
    if (tier > 1 && cy_lineage_probation(plan, id, now))
        return cy_fail(CY_E_TIER_STEP, 4);
    return shut_out(plan, id, now) ? cy_fail(CY_E_TIER_STEP, 5) : CY_OK;
}

uint8_t cy_reputation_foreign(struct cy_plan *plan, const struct cy_id *realm,
                              const struct cy_id *passport)
{
    const struct {
        struct cy_id realm;
        struct cy_id passport;
    } key = {*realm, *passport};
    const struct cy_repute_shown *shown = CY_READ(plan, repute_shown, &key);
    const uint8_t tier = cy_recognition_tier(plan, realm, passport);

    return shown != NULL && shown->tier < tier ? shown->tier : tier;
}

/* --- acts --- */

static cy_err attest(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_repute_attest *m = message;
    const struct mark_key key = {m->passport, m->evidence};
    const struct cy_evidence *evidence = CY_READ(plan, evidence, &m->evidence);
    const uint64_t most = cy_param(plan, CY_P_REPUTE_DAY);
    const struct cy_passport *passport = NULL;
    struct cy_repute_mark *mark = NULL;
    struct cy_repute *repute = NULL;

    if (!cy_capability_holds(plan, &ctx->realm, &auditors, &ctx->author, ctx->now) ||
        cy_restraint_inherits(plan, &ctx->author, &m->passport) ||
        cy_restraint_inherits(plan, &m->passport, &ctx->author))
        return cy_fail(CY_E_NOT_AUDITOR, 0);
    CY_TRY(cy_identity_active(plan, &m->passport, &passport));
    if (evidence == NULL)
        return cy_fail(CY_E_NO_NOUN, 3);
    if (!cy_id_eq(&evidence->about, &m->passport))
        return cy_fail(CY_E_OTHER_EVIDENCE, 3);
    if (CY_READ(plan, repute_mark, &key) != NULL)
        return cy_fail(CY_E_REPUTE_COUNTED, 3);
    repute = CY_EDIT(plan, repute, &m->passport);
    if (ctx->now - repute->day_since >= CY_DAY_MS) {
        repute->day_since = ctx->now;
        repute->today = 0;
    }
    if (m->points > most || repute->today > most - m->points)
        return cy_fail(CY_E_REPUTE_DAY,
                       (uint32_t)(most < repute->today ? 0 : most - repute->today));
    repute->points = left_of(plan, repute, ctx->now) + (uint64_t)m->points * THOUSANDTHS;
    repute->at = ctx->now;
    repute->today += m->points;
    repute->earned += m->points;
    mark = CY_EDIT(plan, repute_mark, &key);
    mark->points = m->points;
    mark->by = ctx->author;
    mark->reason = m->reason;
    mark->since = ctx->now;
    return CY_OK;
}

static cy_err climb(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_tier_claim *m = message;
    const struct cy_repute *have = CY_READ(plan, repute, &ctx->author);
    const unsigned present = have == NULL ? 0 : have->tier;
    struct cy_repute *repute = NULL;

    if (m->tier > present + 1 || m->tier < present)
        return cy_fail(CY_E_TIER_STEP, 6);
    CY_TRY(cy_reputation_lacks(plan, &ctx->author, m->tier, ctx->now));
    if (have != NULL && !cy_id_none(&have->bond))
        cy_stake_unuse(plan, &have->bond);
    CY_TRY(cy_stake_secure(ctx, plan, &m->bond, (cy_u128)cy_param(plan, CY_P_TIER_BOND) * m->tier));
    repute = CY_EDIT(plan, repute, &ctx->author);
    repute->tier = m->tier;
    repute->bond = m->bond;
    return CY_OK;
}

static cy_err show(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_repute_show *m = message;
    const struct cy_repute_shown *old = NULL;
    struct cy_repute_shown *shown = NULL;
    struct cy_repute there;
    struct {
        struct cy_id realm;
        struct cy_id passport;
    } key = {.realm = m->realm};

    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_repute, m->value, m->proof,
                                 &there));
    key.passport = there.passport;
    if (cy_recognition_tier(plan, &m->realm, &there.passport) == 0)
        return cy_fail(CY_E_NO_TIER, 0);
    old = CY_READ(plan, repute_shown, &key);
    if (old != NULL && m->root <= old->root)
        return cy_fail(CY_E_PROOF_OLDER, 2);
    shown = CY_EDIT(plan, repute_shown, &key);
    shown->root = m->root;
    shown->points = there.points;
    shown->violations = there.violations;
    shown->tier = there.tier;
    shown->seen = ctx->now;
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_repute_attest, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL, false, 2, attest},
    {&cy_schema_tier_claim,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER, false, 3, climb },
    {&cy_schema_repute_show,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL, false, 1, show  },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_repute,       1u << 15, false},
    {&cy_schema_repute_mark,  1u << 15, false},
    {&cy_schema_repute_shown, 1u << 13, false},
};

const struct cy_institution cy_reputations = {
    .name = "reputation",
    .purpose = "points, tiers, and what of them is shown elsewhere",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};
