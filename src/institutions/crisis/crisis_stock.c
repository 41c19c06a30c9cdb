#include "institutions/crisis/crisis_stock.h"

cy_err cy_stock_good_on(const struct cy_stock *stock, cy_date day)
{
    return stock->expires == 0 || day < stock->expires
               ? CY_OK
               : cy_fail(CY_E_STOCK_EXPIRED, stock->expires);
}

static struct cy_holding *holding_edit(struct cy_plan *plan, const struct cy_stock *stock)
{
    const struct cy_holding_of key = {stock->pact, stock->owner, stock->good};

    return CY_EDIT(plan, holding, &key);
}

static struct cy_pact_good *good_edit(struct cy_plan *plan, const struct cy_stock *stock)
{
    const struct cy_good_of key = {stock->pact, stock->good};

    return CY_EDIT(plan, pact_good, &key);
}

void cy_stock_less(struct cy_plan *plan, struct cy_stock *stock, uint64_t amount)
{
    CY_ASSERT(amount <= stock->amount);
    stock->amount -= amount;
    holding_edit(plan, stock)->held -= amount;
}

static cy_err own(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                  const struct cy_stock **stock)
{
    *stock = CY_READ(plan, stock, id);
    return *stock != NULL && cy_id_eq(&(*stock)->owner, &ctx->author)
               ? CY_OK
               : cy_fail(CY_E_STOCK_UNKNOWN, *stock == NULL ? 1 : 2);
}

cy_err cy_stock_do_offer(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_stock_offer *m = message;
    const struct cy_pact *pact = NULL;
    const struct cy_pact_good *good = NULL;
    struct cy_stock *stock = NULL;

    CY_TRY(cy_pact_joined(ctx, plan, &m->pact, &pact));
    CY_TRY(cy_pact_good_of(plan, &m->pact, &m->good, &good));
    stock = CY_EDIT(plan, stock, cy_ctx_id(ctx));
    stock->pact = m->pact;
    stock->owner = ctx->author;
    stock->good = m->good;
    stock->amount = m->amount;
    stock->expires = m->expires;
    stock->place = m->place;
    stock->north = m->north;
    stock->east = m->east;
    stock->since = ctx->now;
    holding_edit(plan, stock)->held += m->amount;
    return cy_stock_good_on(stock, cy_time_date(ctx->now));
}

cy_err cy_stock_do_change(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_stock_change *m = message;
    const struct cy_stock *found = NULL;
    struct cy_stock *stock = NULL;
    struct cy_holding *holding = NULL;

    CY_TRY(own(ctx, plan, &m->stock, &found));
    if (m->amount < found->promised + found->pledged)
        return cy_fail(CY_E_STOCK_AMOUNT, cy_stock_free(found));
    stock = CY_EDIT(plan, stock, &m->stock);
    holding = holding_edit(plan, stock);
    holding->held = holding->held - stock->amount + m->amount;
    stock->amount = m->amount;
    return CY_OK;
}

/* --- the stockpile --- */

static void pledge(struct cy_plan *plan, struct cy_stock *stock, uint64_t amount)
{
    struct cy_pact_good *good = good_edit(plan, stock);

    good->pledged = good->pledged - stock->pledged + amount;
    stock->pledged = amount;
}

cy_err cy_stock_do_pledge(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_stock_pledge *m = message;
    const struct cy_stock *found = NULL;
    struct cy_id crisis;

    CY_TRY(own(ctx, plan, &m->stock, &found));
    CY_TRY(cy_stock_good_on(found, cy_time_date(ctx->now)));
    if (m->amount > found->amount - found->promised)
        return cy_fail(CY_E_STOCK_AMOUNT, cy_stock_free(found));
    if (m->amount < found->pledged && cy_crisis_lasts(ctx, plan, &found->pact, &crisis))
        return cy_fail(CY_E_STOCK_PLEDGED, found->pledged);
    pledge(plan, CY_EDIT(plan, stock, &m->stock), m->amount);
    return CY_OK;
}

static bool keeps_longer(const struct cy_stock *a, const struct cy_stock *b)
{
    return a->expires != 0 && (b->expires == 0 || b->expires > a->expires);
}

cy_err cy_stock_do_rotate(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_stock_rotate *m = message;
    const struct cy_stock *from = NULL;
    const struct cy_stock *to = NULL;
    uint64_t amount = 0;

    CY_TRY(own(ctx, plan, &m->from, &from));
    CY_TRY(own(ctx, plan, &m->to, &to));
    amount = from->pledged;
    if (amount == 0 || !cy_id_eq(&from->pact, &to->pact) || !cy_label_eq(&from->good, &to->good) ||
        !keeps_longer(from, to) || cy_stock_free(to) < amount)
        return cy_fail(CY_E_STOCK_ROTATE, 0);
    pledge(plan, CY_EDIT(plan, stock, &m->from), 0);
    pledge(plan, CY_EDIT(plan, stock, &m->to), to->pledged + amount);
    return CY_OK;
}

/* --- counting --- */

cy_err cy_stock_do_count(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_stock_count *m = message;
    const struct cy_stock *found = CY_READ(plan, stock, &m->stock);
    struct cy_stock *stock = NULL;
    struct cy_holding *holding = NULL;
    uint64_t kept = 0;

    if (found == NULL)
        return cy_fail(CY_E_STOCK_UNKNOWN, 1);
    if (!cy_id_eq(&CY_READ(plan, pact, &found->pact)->auditor, &ctx->author))
        return cy_fail(CY_E_PACT_AUDITOR, 1);
    if (cy_evidence_of(plan, &m->evidence) == NULL)
        return cy_fail(CY_E_PACT_AUDITOR, 2);
    stock = CY_EDIT(plan, stock, &m->stock);
    stock->counted = cy_time_date(ctx->now);
    if (m->counted < stock->amount)
        stock->missing += stock->amount - m->counted;
    /* what is promised stays in the book until it has arrived */
    kept = m->counted > stock->promised ? m->counted - stock->promised : 0;
    if (stock->pledged > kept)
        pledge(plan, stock, kept);
    holding = holding_edit(plan, stock);
    holding->held = holding->held - stock->amount + stock->promised + kept;
    stock->amount = stock->promised + kept;
    return CY_OK;
}
