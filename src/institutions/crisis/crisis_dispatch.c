#include "institutions/crisis/crisis_dispatch.h"

#include "kernel/certificate.h"

struct column_key {
    struct cy_id finding;
    uint64_t column;
};

/* From where to where, and how much. */
struct way {
    const struct cy_crisis *crisis;
    const struct cy_stock *stock;
    const struct cy_need *need;
    uint64_t amount;
};

/* --- needs --- */

cy_err cy_need_do_post(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_need_post *m = message;
    const struct cy_crisis *crisis = NULL;
    const struct cy_pact *pact = NULL;
    const struct cy_pact_good *good = NULL;
    struct cy_need *need = NULL;

    CY_TRY(cy_crisis_of(ctx, plan, &m->crisis, &crisis));
    CY_TRY(cy_pact_joined(ctx, plan, &crisis->pact, &pact));
    CY_TRY(cy_pact_good_of(plan, &crisis->pact, &m->good, &good));
    if (m->by != 0 && m->by < cy_time_date(ctx->now))
        return cy_fail(CY_E_NEED_CLOSED, m->by);
    need = CY_EDIT(plan, need, cy_ctx_id(ctx));
    need->crisis = m->crisis;
    need->owner = ctx->author;
    need->good = m->good;
    need->amount = m->amount;
    need->priority = m->priority;
    need->by = m->by;
    need->place = m->place;
    need->north = m->north;
    need->east = m->east;
    need->since = ctx->now;
    return CY_OK;
}

cy_err cy_need_do_close(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_need_close *m = message;
    const struct cy_need *need = CY_READ(plan, need, &m->need);

    if (need == NULL || !cy_id_eq(&need->owner, &ctx->author))
        return cy_fail(CY_E_NEED_UNKNOWN, need == NULL ? 1 : 2);
    if (need->closed)
        return cy_fail(CY_E_NEED_CLOSED, 0);
    CY_EDIT(plan, need, &m->need)->closed = true;
    return CY_OK;
}

/* --- what every way needs --- */

/* Finds stock and need: of one pact, one good, a crisis that lasts, two parties. */
static cy_err find_way(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *stock,
                       const struct cy_id *need, uint64_t amount, struct way *out)
{
    const struct cy_pact *pact = NULL;

    *out = (struct way){
        .stock = CY_READ(plan, stock, stock), .need = CY_READ(plan, need, need), .amount = amount};
    if (out->stock == NULL)
        return cy_fail(CY_E_STOCK_UNKNOWN, 1);
    if (out->need == NULL)
        return cy_fail(CY_E_NEED_UNKNOWN, 1);
    CY_TRY(cy_crisis_of(ctx, plan, &out->need->crisis, &out->crisis));
    CY_TRY(cy_pact_joined(ctx, plan, &out->crisis->pact, &pact));
    if (!cy_id_eq(&out->stock->pact, &out->crisis->pact) ||
        !cy_label_eq(&out->stock->good, &out->need->good))
        return cy_fail(CY_E_DISPATCH_LINE, 1);
    if (cy_id_eq(&out->stock->owner, &out->need->owner))
        return cy_fail(CY_E_DISPATCH_SELF, 0);
    return CY_OK;
}

/* The stock is good, and the need still open for so much. */
static cy_err still_fits(const struct cy_ctx *ctx, const struct way *way)
{
    const struct cy_need *need = way->need;
    const cy_date day = cy_time_date(ctx->now);
    const uint64_t met = need->promised + need->received;
    const uint64_t open = met < need->amount ? need->amount - met : 0;

    CY_TRY(cy_stock_good_on(way->stock, day));
    if (need->closed || (need->by != 0 && need->by < day))
        return cy_fail(CY_E_NEED_CLOSED, need->by);
    return way->amount <= open ? CY_OK : cy_fail(CY_E_NEED_MET, open);
}

/* A party's holding, its fields about a crisis turned to this one. */
static struct cy_holding *holding_in(struct cy_plan *plan, const struct cy_id *party,
                                     const struct way *way)
{
    const struct cy_holding_of key = {way->crisis->pact, *party, way->stock->good};
    struct cy_holding *holding = CY_EDIT(plan, holding, &key);

    if (!cy_id_eq(&holding->crisis, &way->crisis->id)) {
        holding->crisis = way->crisis->id;
        holding->base = holding->held;
        holding->sent = 0;
        holding->drawn = 0;
    }
    return holding;
}

static struct cy_pact_good *good_in(struct cy_plan *plan, const struct way *way)
{
    const struct cy_good_of key = {way->crisis->pact, way->stock->good};
    struct cy_pact_good *good = CY_EDIT(plan, pact_good, &key);

    if (!cy_id_eq(&good->drawn_in, &way->crisis->id)) {
        good->drawn_in = way->crisis->id;
        good->drawn = 0;
    }
    return good;
}

static struct cy_dispatch *set_out(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const struct way *way)
{
    struct cy_dispatch *dispatch = CY_EDIT(plan, dispatch, cy_ctx_id(ctx));

    dispatch->crisis = way->crisis->id;
    dispatch->stock = way->stock->id;
    dispatch->need = way->need->id;
    dispatch->amount = way->amount;
    dispatch->state = CY_dispatch_state_SENT;
    dispatch->since = ctx->now;
    CY_EDIT(plan, stock, &dispatch->stock)->promised += way->amount;
    CY_EDIT(plan, need, &dispatch->need)->promised += way->amount;
    return dispatch;
}

/* --- by a certified plan --- */

static cy_err in_tree(const struct cy_id *leaf, uint64_t at, uint64_t n, struct cy_span path,
                      const struct cy_id *root, unsigned code)
{
    const struct cy_id *hashes = (const struct cy_id *)path.at;

    if (path.n % sizeof *hashes != 0 ||
        !cy_ok(cy_merkle_inclusion(leaf, at, n, hashes, path.n / sizeof *hashes, root)))
        return cy_fail(code, 0);
    return CY_OK;
}

/* The amount is in the answer, and the column stands for this stock and this need. */
static cy_err as_planned(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_dispatch_send *m, const struct way *way)
{
    const struct cy_certified *answer = NULL;
    uint8_t ends[64];
    struct cy_id leaf;

    CY_TRY(cy_certified_stands(plan, &m->finding, ctx->now, &answer));
    if (!answer->best || !answer->whole || !cy_id_eq(&answer->occasion, &way->crisis->id))
        return cy_fail(CY_E_FINDING_FALLEN, 4);
    leaf = cy_certificate_leaf(m->column, m->amount);
    CY_TRY(in_tree(&leaf, m->position, answer->answers, m->path, &answer->answer,
                   CY_E_FINDING_ANSWER));
    memcpy(ends, m->stock.b, 32);
    memcpy(ends + 32, m->need.b, 32);
    leaf = cy_hash_leaf(cy_span_of(ends, sizeof ends));
    return in_tree(&leaf, m->column, answer->n_lines, m->line, &answer->lines, CY_E_DISPATCH_LINE);
}

/* The owner sends it, or has signed for so much. */
static cy_err by_mandate(const struct cy_ctx *ctx, struct cy_plan *plan, const struct way *way,
                         bool *mandated)
{
    struct cy_holding *holding = NULL;
    cy_u128 allowed = 0;

    *mandated = !cy_id_eq(&ctx->author, &way->stock->owner);
    if (!*mandated)
        return CY_OK;
    holding = holding_in(plan, &way->stock->owner, way);
    if (holding->until < cy_time_date(ctx->now))
        return cy_fail(CY_E_DISPATCH_MANDATE, 0);
    allowed = (cy_u128)holding->base * holding->ppm / 1000000u;
    if (allowed > holding->most)
        allowed = holding->most;
    if ((cy_u128)holding->sent + way->amount > allowed)
        return cy_fail(CY_E_DISPATCH_MANDATE,
                       allowed > holding->sent ? (uint64_t)allowed - holding->sent : 0);
    holding->sent += way->amount;
    return CY_OK;
}

cy_err cy_dispatch_do_send(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_dispatch_send *m = message;
    const struct column_key key = {m->finding, m->column};
    struct cy_dispatch *dispatch = NULL;
    struct way way;
    bool mandated = false;

    CY_TRY(find_way(ctx, plan, &m->stock, &m->need, m->amount, &way));
    CY_TRY(as_planned(ctx, plan, m, &way));
    if (CY_READ(plan, dispatched, &key) != NULL)
        return cy_fail(CY_E_DISPATCH_AGAIN, m->column);
    CY_TRY(still_fits(ctx, &way));
    if (m->amount > cy_stock_free(way.stock))
        return cy_fail(CY_E_STOCK_AMOUNT, cy_stock_free(way.stock));
    CY_TRY(by_mandate(ctx, plan, &way, &mandated));
    dispatch = set_out(ctx, plan, &way);
    dispatch->finding = m->finding;
    dispatch->column = m->column;
    dispatch->mandated = mandated;
    CY_EDIT(plan, dispatched, &key)->dispatch = dispatch->id;
    return CY_OK;
}

/* --- by a claim on the stockpile --- */

/* What the party may still draw of all that was pledged. */
static uint64_t claim_left(struct cy_plan *plan, const struct way *way,
                           const struct cy_pact_good *good, const struct cy_holding *holding)
{
    const struct cy_of_pact key = {way->crisis->pact, holding->party};
    const cy_u128 all = (cy_u128)good->pledged + good->drawn;
    const uint32_t weight = CY_READ(plan, pact_party, &key)->weight;
    const uint64_t whole = CY_READ(plan, pact, &way->crisis->pact)->weight;
    const cy_u128 claim = all * weight / whole;

    return claim > holding->drawn ? (uint64_t)(claim - holding->drawn) : 0;
}

cy_err cy_stock_do_draw(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_stock_draw *m = message;
    struct cy_pact_good *good = NULL;
    struct cy_holding *holding = NULL;
    struct way way;

    CY_TRY(find_way(ctx, plan, &m->stock, &m->need, m->amount, &way));
    if (!cy_id_eq(&way.need->owner, &ctx->author))
        return cy_fail(CY_E_NEED_UNKNOWN, 2);
    CY_TRY(still_fits(ctx, &way));
    if (m->amount > way.stock->pledged)
        return cy_fail(CY_E_STOCK_AMOUNT, way.stock->pledged);
    good = good_in(plan, &way);
    holding = holding_in(plan, &ctx->author, &way);
    if (m->amount > claim_left(plan, &way, good, holding))
        return cy_fail(CY_E_STOCK_CLAIM, claim_left(plan, &way, good, holding));
    (void)set_out(ctx, plan, &way);
    CY_EDIT(plan, stock, &m->stock)->pledged -= m->amount;
    good->pledged -= m->amount;
    good->drawn += m->amount;
    holding->drawn += m->amount;
    return CY_OK;
}

/* --- arrival --- */

static cy_err on_its_way(struct cy_plan *plan, const struct cy_id *id, struct way *way)
{
    const struct cy_dispatch *dispatch = CY_READ(plan, dispatch, id);

    if (dispatch == NULL || dispatch->state != CY_dispatch_state_SENT)
        return cy_fail(CY_E_DISPATCH_UNKNOWN, dispatch == NULL ? 1 : 2);
    *way = (struct way){.crisis = CY_READ(plan, crisis, &dispatch->crisis),
                        .stock = CY_READ(plan, stock, &dispatch->stock),
                        .need = CY_READ(plan, need, &dispatch->need),
                        .amount = dispatch->amount};
    return CY_OK;
}

cy_err cy_dispatch_do_receive(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_dispatch_receive *m = message;
    struct cy_dispatch *dispatch = NULL;
    struct cy_stock *stock = NULL;
    struct cy_need *need = NULL;
    const struct cy_pact_good *good = NULL;
    struct way way;

    CY_TRY(on_its_way(plan, &m->dispatch, &way));
    if (!cy_id_eq(&way.need->owner, &ctx->author))
        return cy_fail(CY_E_DISPATCH_UNKNOWN, 3);
    if (m->received > way.amount)
        return cy_fail(CY_E_RANGE, 2);
    CY_TRY(cy_pact_good_of(plan, &way.crisis->pact, &way.stock->good, &good));
    dispatch = CY_EDIT(plan, dispatch, &m->dispatch);
    dispatch->state = CY_dispatch_state_RECEIVED;
    dispatch->received = m->received;
    dispatch->credit = (cy_u128)good->value * m->received;
    stock = CY_EDIT(plan, stock, &dispatch->stock);
    stock->promised -= way.amount;
    stock->missing += way.amount - m->received; /* lost on the way: the lender's */
    cy_stock_less(plan, stock, way.amount);
    need = CY_EDIT(plan, need, &dispatch->need);
    need->promised -= way.amount;
    need->received += m->received;
    if (dispatch->credit == 0)
        return CY_OK;
    return cy_pact_lend(plan, &way.crisis->pact, &stock->owner, &need->owner, dispatch->credit);
}

/* --- calling off --- */

/* Who receives may at any time; who sends only what it chose to send, while the crisis lasts. */
static bool may_cancel(const struct cy_ctx *ctx, const struct cy_dispatch *dispatch,
                       const struct way *way)
{
    if (cy_id_eq(&ctx->author, &way->need->owner))
        return true;
    if (!cy_id_eq(&ctx->author, &way->stock->owner))
        return false;
    return ctx->now >= way->crisis->until ||
           (!dispatch->mandated && !cy_id_none(&dispatch->finding));
}

/* What was drawn goes back to the stockpile, and the claim is whole again. */
static void undraw(struct cy_plan *plan, const struct way *way)
{
    const struct cy_good_of key = {way->crisis->pact, way->stock->good};
    const struct cy_holding_of who = {way->crisis->pact, way->need->owner, way->stock->good};
    struct cy_pact_good *good = CY_EDIT(plan, pact_good, &key);
    struct cy_holding *holding = CY_EDIT(plan, holding, &who);

    CY_EDIT(plan, stock, &way->stock->id)->pledged += way->amount;
    good->pledged += way->amount;
    if (cy_id_eq(&good->drawn_in, &way->crisis->id))
        good->drawn -= way->amount;
    if (cy_id_eq(&holding->crisis, &way->crisis->id))
        holding->drawn -= way->amount;
}

static void unsend(struct cy_plan *plan, const struct cy_dispatch *dispatch, const struct way *way)
{
    const struct column_key key = {dispatch->finding, dispatch->column};
    const struct cy_holding_of who = {way->crisis->pact, way->stock->owner, way->stock->good};
    struct cy_holding *holding = NULL;

    CY_REMOVE(plan, dispatched, &key);
    if (!dispatch->mandated)
        return;
    holding = CY_EDIT(plan, holding, &who);
    if (cy_id_eq(&holding->crisis, &way->crisis->id))
        holding->sent -= way->amount;
}

cy_err cy_dispatch_do_cancel(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_dispatch_cancel *m = message;
    struct cy_dispatch *dispatch = NULL;
    struct way way;

    CY_TRY(on_its_way(plan, &m->dispatch, &way));
    if (!may_cancel(ctx, CY_READ(plan, dispatch, &m->dispatch), &way))
        return cy_fail(CY_E_DISPATCH_UNKNOWN, 3);
    dispatch = CY_EDIT(plan, dispatch, &m->dispatch);
    dispatch->state = CY_dispatch_state_CANCELLED;
    CY_EDIT(plan, stock, &dispatch->stock)->promised -= way.amount;
    CY_EDIT(plan, need, &dispatch->need)->promised -= way.amount;
    if (cy_id_none(&dispatch->finding))
        undraw(plan, &way);
    else
        unsend(plan, dispatch, &way);
    return CY_OK;
}
