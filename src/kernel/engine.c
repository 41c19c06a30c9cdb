#include "kernel/engine.h"

#include "crypto/hash.h"
#include "kernel/certified.h"
#include "kernel/consent.h"
#include "kernel/enforce.h"
#include "kernel/homecoming.h"
#include "kernel/lineage.h"
#include "kernel/merge.h"
#include "kernel/registry.h"

static const struct cy_act_row batch_row = {
    &cy_schema_batch, CY_WHO_PASSPORT, CY_RISK_LOW, CY_GATE_ALWAYS, true, 0, NULL};

static const struct cy_table_spec own_tables[] = {
    {&cy_schema_seen, 1u << 20, true},
};

static const struct cy_institution engine_itself = {
    .name = "engine",
    .purpose = "batches, and the memory of act ids",
    .acts = &batch_row,
    .n_acts = 1,
    .tables = own_tables,
    .n_tables = CY_COUNT(own_tables),
};

/* The kernel's own rules, in their order. */
static const struct cy_institution *const kernel_roster[] = {
    &engine_itself,    &cy_constitution, &cy_identity, &cy_constraints,  &cy_escrow,
    &cy_stake,         &cy_evidences,    &cy_uploads,  &cy_roll,         &cy_capability,
    &cy_bridges,       &cy_vouchers,     &cy_packets,  &cy_recognitions, &cy_exits,
    &cy_claims_abroad, &cy_merges,       &cy_registry, &cy_homecomings,  &cy_reviews,
    &cy_lineages,      &cy_enforcement,  &cy_consents, &cy_reputations,  &cy_certifieds,
};

#define LISTS_MAX 64

static size_t table_lists(const struct cy_institution *const *roster, size_t n_roster,
                          struct cy_table_list lists[static LISTS_MAX])
{
    size_t n = 0;

    CY_ASSERT(CY_COUNT(kernel_roster) + n_roster <= LISTS_MAX);
    for (size_t i = 0; i < CY_COUNT(kernel_roster); i++)
        lists[n++] = (struct cy_table_list){kernel_roster[i]->tables, kernel_roster[i]->n_tables};
    for (size_t i = 0; i < n_roster; i++)
        lists[n++] = (struct cy_table_list){roster[i]->tables, roster[i]->n_tables};
    return n;
}

size_t cy_engine_bytes(const struct cy_institution *const *roster, size_t n_roster,
                       const struct cy_limit *limits, size_t n_limits)
{
    struct cy_table_list lists[LISTS_MAX];
    const size_t n = table_lists(roster, n_roster, lists);

    return cy_world_bytes(lists, n, limits, n_limits) + cy_plan_bytes();
}

uint64_t cy_engine_records(const struct cy_institution *const *roster, size_t n_roster,
                           const struct cy_limit *limits, size_t n_limits)
{
    struct cy_table_list lists[LISTS_MAX];
    const size_t n = table_lists(roster, n_roster, lists);

    return cy_world_records(lists, n, limits, n_limits);
}

static void enrol(struct cy_engine *engine, const struct cy_institution *institution)
{
    for (size_t i = 0; i < institution->n_acts; i++) {
        const uint32_t number = institution->acts[i].schema->number;

        CY_ASSERT(engine->rows[number] == NULL);
        engine->rows[number] = &institution->acts[i];
    }
    for (const struct cy_warm *warm = institution->warms; warm != NULL && warm->schema != NULL;
         warm++) {
        if (engine->warms[warm->schema->number] == NULL)
            engine->warms[warm->schema->number] = warm;
    }
}

cy_err cy_engine_init(struct cy_engine *engine, const struct cy_institution *const *roster,
                      size_t n_roster, const struct cy_limit *limits, size_t n_limits,
                      struct cy_arena *fresh)
{
    struct cy_table_list lists[LISTS_MAX];
    const size_t n = table_lists(roster, n_roster, lists);

    memset(engine, 0, sizeof *engine);
    engine->rules = &cy_rules_known;
    for (size_t i = 0; i < CY_COUNT(kernel_roster); i++)
        enrol(engine, kernel_roster[i]);
    for (size_t i = 0; i < n_roster; i++)
        enrol(engine, roster[i]);
    CY_TRY(cy_world_init(&engine->world, lists, n, limits, n_limits, fresh));
    return cy_plan_init(&engine->plan, &engine->world, fresh);
}

const struct cy_realm *cy_engine_realm(const struct cy_engine *engine)
{
    return CY_GET(&engine->world, realm, &(uint64_t){1});
}

const struct cy_act_row *cy_engine_row(const struct cy_engine *engine, uint32_t number)
{
    return number < CY_MESSAGES_MAX ? engine->rows[number] : NULL;
}

/* --- the steps --- */

/* Addressed to this realm, not expired, not seen before. */
static cy_err admit(struct cy_engine *engine, const struct cy_act *act,
                    const struct cy_realm *realm)
{
    const struct cy_claims *claims = &act->envelope.claims;
    const uint64_t now_s = realm->now / 1000;

    if (!cy_id_eq(&claims->realm, &realm->id))
        return cy_fail(CY_E_WRONG_REALM, 0);
    if (claims->expires <= now_s)
        return cy_fail(CY_E_EXPIRED, 0);
    if (claims->expires - now_s > cy_param(&engine->plan, CY_P_ACT_WINDOW_S))
        return cy_fail(CY_E_TOO_FAR, 0);
    if (CY_GET(&engine->world, seen, &act->id) != NULL)
        return cy_fail(CY_E_REPLAY, 0);
    return CY_OK;
}

static cy_err gate(const struct cy_act_row *row, const struct cy_realm *realm)
{
    return row->gate[realm->breaker] == 'a' ? CY_OK : cy_fail(CY_E_GATE_CLOSED, realm->breaker);
}

/* Counts the act in the author's present minute. The operator's own acts keep time: not limited. */
static cy_err rate(struct cy_engine *engine, const struct cy_ctx *ctx)
{
    const uint64_t most = cy_param(&engine->plan, CY_P_RATE_PER_MIN);
    struct cy_passport *p = NULL;

    if (most == 0 || ctx->holder == NULL || cy_id_eq(&ctx->actor, &ctx->realm))
        return CY_OK;
    p = CY_EDIT(&engine->plan, passport, &ctx->actor);
    if (ctx->now - p->rate_since >= 60000) {
        p->rate_since = ctx->now;
        p->rate_used = 0;
    }
    if (p->rate_used >= most)
        return cy_fail(CY_E_RATE_LIMIT, 0);
    p->rate_used++;
    return CY_OK;
}

/* One act or one item of a batch, from authority to plan. */
static cy_err judge_one(struct cy_engine *engine, const struct cy_ctx *ctx,
                        const struct cy_realm *realm, const struct cy_act_row *row,
                        const struct cy_any *any)
{
    cy_err err = CY_OK;

    if (row->who == CY_WHO_OPERATOR && !cy_id_eq(&ctx->author, &ctx->realm))
        return cy_fail(CY_E_NOT_OPERATOR, 0);
    CY_TRY(cy_capability_check(ctx, &engine->plan, any));
    CY_TRY(cy_constraint_forbids(ctx, &engine->plan, any->schema->number));
    if (cy_restraint_any(&engine->plan))
        CY_TRY(cy_restraint_author(ctx, &engine->plan, any->schema->number));
    if (realm != NULL)
        CY_TRY(gate(row, realm));
    err = row->validate(ctx, &engine->plan, any->message);
    if (engine->plan.full)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_ASSERT(cy_plan_touched(&engine->plan) <= row->writes);
    return err;
}

static cy_err judge_batch(struct cy_engine *engine, struct cy_ctx *ctx,
                          const struct cy_realm *realm, const struct cy_act *act,
                          struct cy_verdict *verdict)
{
    const struct cy_batch *batch = act->any.message;
    uint32_t writes = 0;
    cy_err last = CY_OK;

    CY_ASSERT(batch->n_acts <= CY_BATCH_MAX);
    if (batch->mode == CY_batch_mode_ATOMIC)
        cy_plan_whole(&engine->plan);
    cy_ahead_begin(&engine->ahead, &engine->world, engine->warms, batch);
    for (uint32_t i = 0; i < batch->n_acts; i++) {
        const struct cy_act_row *row = cy_engine_row(engine, batch->acts[i].schema->number);
        cy_err err = CY_OK;

        *ctx->name = (struct cy_item_name){.act = act->id, .item = i};
        cy_plan_begin(&engine->plan, i + 1);
        cy_ahead_step(&engine->ahead, i, &engine->plan);
        if (i == 0 || writes != cy_plan_writes(&engine->plan, CY_R_passport))
            ctx->holder = CY_READ(&engine->plan, passport, &ctx->author); /* as the items before
                                                                             left it */
        writes = cy_plan_writes(&engine->plan, CY_R_passport);
        if (row == NULL)
            err = cy_fail(CY_E_UNKNOWN_MESSAGE, batch->acts[i].schema->number);
        else if (row->alone)
            err = cy_fail(CY_E_NESTED, i);
        else
            err = judge_one(engine, ctx, realm, row, &batch->acts[i]);
        engine->items[i] = (uint16_t)err.code;
        if (cy_ok(err))
            continue;
        last = err;
        verdict->item = i;
        verdict->n_refused++;
        if (batch->mode == CY_batch_mode_ATOMIC)
            return err;
        cy_plan_undo(&engine->plan);
    }
    verdict->n_items = batch->n_acts;
    verdict->items = engine->items;
    if (verdict->n_refused == batch->n_acts)
        return batch->n_acts == 1 ? last : cy_fail(CY_E_ALL_REFUSED, last.code);
    return CY_OK;
}

/* Forgets expired acts among the next n that are remembered. */
static void forget(struct cy_engine *engine, struct cy_realm *realm, uint64_t n)
{
    const uint32_t count = cy_world_count(&engine->world, CY_R_seen);

    for (uint32_t i = 0; i < n && i < count; i++) {
        const struct cy_seen *old = NULL;

        if (realm->sweep_seen >= count)
            realm->sweep_seen = 0;
        old = cy_world_at(&engine->world, CY_R_seen, realm->sweep_seen++);
        if (old->expires <= realm->now / 1000)
            CY_REMOVE(&engine->plan, seen, &old->act);
    }
}

/* Counts and remembers the act, and forgets a few that have expired, so that the table stays
 * bounded: two at each act, a share of its housekeeping when time moves. The last part of the
 * memory is for that: if time could not move on, nothing would ever expire. */
static cy_err remember(struct cy_engine *engine, const struct cy_act *act, uint64_t at)
{
    const struct cy_table *table = &cy_world_table_of(&engine->world, CY_R_seen)->table;
    const bool tick = cy_ledger_time_moves(act->any.schema);
    struct cy_realm *realm = cy_realm_edit(&engine->plan);
    struct cy_seen *seen = NULL;

    if (!tick && table->n >= table->limit - table->limit / 16)
        return cy_fail(CY_E_NO_ROOM, table->limit);
    realm->acts++;
    forget(engine, realm, tick ? cy_param(&engine->plan, CY_P_SWEEP_N) / 4 : 2);
    seen = CY_EDIT(&engine->plan, seen, &act->id);
    seen->expires = act->envelope.claims.expires;
    seen->at = at;
    /* what is not remembered could be done twice */
    return engine->plan.full ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;
}

static cy_err judge(struct cy_engine *engine, const struct cy_act *act, uint64_t at,
                    struct cy_verdict *verdict)
{
    const struct cy_realm *realm = cy_engine_realm(engine);
    const struct cy_act_row *row = cy_engine_row(engine, act->any.schema->number);
    struct cy_item_name name = {.id = act->id, .made = true};
    struct cy_ctx ctx = {
        .name = &name, .at = at, .envelope = &act->envelope, .rules = engine->rules};

    if (row == NULL)
        return cy_fail(CY_E_UNKNOWN_MESSAGE, act->any.schema->number);
    if (realm == NULL && act->any.schema != &cy_schema_genesis)
        return cy_fail(CY_E_NO_GENESIS, 0);
    if (realm != NULL && act->any.schema == &cy_schema_genesis)
        return cy_fail(CY_E_GENESIS_TWICE, 0);
    if (realm != NULL) {
        ctx.now = realm->now;
        ctx.realm = realm->id;
        if (realm->rules > engine->rules->newest)
            return cy_fail(CY_E_RULES_UNKNOWN, realm->rules);
        CY_TRY(cy_merge_admits(&engine->plan, act->any.schema));
        CY_TRY(admit(engine, act, realm));
    }
    cy_plan_begin(&engine->plan, 0);
    CY_TRY(cy_identity_check(&ctx, &engine->plan, act, row->who));
    if (realm != NULL) {
        CY_TRY(rate(engine, &ctx));
        CY_TRY(remember(engine, act, at));
    }
    cy_plan_begin(&engine->plan, 1);
    if (row == &batch_row)
        CY_TRY(judge_batch(engine, &ctx, realm, act, verdict));
    else
        CY_TRY(judge_one(engine, &ctx, realm, row, &act->any));
    return engine->plan.full || !cy_plan_fits(&engine->plan) ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;
}

void cy_engine_judge(struct cy_engine *engine, const struct cy_act *act, uint64_t at,
                     struct cy_verdict *verdict)
{
    *verdict = (struct cy_verdict){0};
    cy_plan_clear(&engine->plan);
    verdict->err = judge(engine, act, at, verdict);
    if (!cy_ok(verdict->err))
        cy_plan_clear(&engine->plan);
}

void cy_engine_apply(struct cy_engine *engine)
{
    cy_plan_apply(&engine->plan);
}

void cy_engine_discard(struct cy_engine *engine)
{
    cy_plan_clear(&engine->plan);
}
