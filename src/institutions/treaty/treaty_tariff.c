#include "institutions/treaty/treaty_tariff.h"

cy_err cy_treaty_goods(struct cy_span digits, uint64_t *goods)
{
    uint64_t v = 1;

    if (digits.n < 2 || digits.n > 10 || digits.n % 2 != 0)
        return cy_fail(CY_E_TREATY_GOODS, digits.n);
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return cy_fail(CY_E_TREATY_GOODS, i);
        v = v * 10 + (uint64_t)(digits.at[i] - '0');
    }
    *goods = v;
    return CY_OK;
}

uint32_t cy_treaty_duty_of(const struct cy_treaty_tariff *line, cy_date day)
{
    uint32_t cuts = 0;

    while (cuts < line->steps && cy_date_months(line->from, 12 * cuts) <= day)
        cuts++;
    /* the cut is rounded up: no day asks more than its equal share of the way */
    return line->base_ppm -
           (uint32_t)(((uint64_t)(line->base_ppm - line->bound_ppm) * cuts + line->steps - 1) /
                      line->steps);
}

/* A bound line changes only downwards: no day of it asks more than before. */
static bool no_worse(const struct cy_treaty_tariff *old, const struct cy_treaty_line *line)
{
    const struct cy_treaty_tariff now = {.base_ppm = line->base_ppm,
                                         .bound_ppm = line->bound_ppm,
                                         .from = line->from,
                                         .steps = line->steps};

    if (now.base_ppm > old->base_ppm)
        return false;
    for (unsigned i = 0; i < now.steps + 1u; i++) { /* it changes only on these days, */
        const cy_date day = cy_date_months(now.from, 12 * i);

        if (cy_treaty_duty_of(&now, day) > cy_treaty_duty_of(old, day))
            return false;
    }
    for (unsigned i = 0; i < old->steps + 1u; i++) { /* and the old one on those */
        const cy_date day = cy_date_months(old->from, 12 * i);

        if (cy_treaty_duty_of(&now, day) > cy_treaty_duty_of(old, day))
            return false;
    }
    return true;
}

static cy_err put(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_treaty *treaty,
                  const struct cy_treaty_line *line, bool binding)
{
    struct cy_treaty_at key = {treaty->id, ctx->author, 0};
    const struct cy_treaty_tariff *old = NULL;
    struct cy_treaty_tariff *edit = NULL;

    CY_TRY(cy_treaty_goods(cy_label_text(&line->goods), &key.number));
    if (line->bound_ppm > line->base_ppm)
        return cy_fail(CY_E_TREATY_TARIFF, 3);
    old = CY_READ(plan, treaty_tariff, &key);
    if (binding && old != NULL && !no_worse(old, line))
        return cy_fail(CY_E_TREATY_TARIFF, 2);
    edit = CY_EDIT(plan, treaty_tariff, &key);
    edit->base_ppm = line->base_ppm;
    edit->bound_ppm = line->bound_ppm;
    edit->from = line->from;
    edit->steps = line->steps;
    edit->since = ctx->now;
    return CY_OK;
}

cy_err cy_treaty_do_concede(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_treaty_concede *m = message;
    const struct cy_treaty *treaty = NULL;
    const struct cy_treaty_party *party = NULL;
    bool binding = false;

    CY_TRY(cy_treaty_any(plan, &m->treaty, &treaty));
    CY_TRY(cy_treaty_of(plan, &m->treaty, &ctx->author, &party));
    binding = party->standing == CY_treaty_standing_RATIFIED && treaty->reopened == 0;
    for (uint32_t i = 0; i < m->n_lines; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (cy_label_eq(&m->lines[i].goods, &m->lines[j].goods))
                return cy_fail(CY_E_TREATY_GOODS, i);
        }
        CY_TRY(put(ctx, plan, treaty, &m->lines[i], binding));
    }
    return CY_OK;
}
