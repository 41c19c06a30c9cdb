#include "models/exposure/ownership_day.h"

#include "models/exposure/class_code.h"
#include "models/exposure/ownership_csv.h"

#include <stdlib.h>

int cy_holding_order(const void *a, const void *b)
{
    const struct cy_holding *left = a;
    const struct cy_holding *right = b;

    if (left->owned != right->owned)
        return left->owned < right->owned ? -1 : 1;
    if (left->owner != right->owner)
        return left->owner < right->owner ? -1 : 1;
    if (left->interest != right->interest)
        return left->interest < right->interest ? -1 : 1;
    return left->joint < right->joint ? -1 : left->joint > right->joint;
}

cy_err cy_ownership_on(const struct cy_ownership *o, cy_date day, bool most,
                       struct cy_holding **out, size_t *n)
{
    struct cy_holding *all = malloc((o->n_holdings + 1) * sizeof *all);
    size_t count = 0;
    size_t made = 0;

    if (all == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < o->n_holdings; i++) {
        if (!cy_owned_on(&o->holdings[i], day))
            continue;
        all[count] = o->holdings[i].holding;
        if (most)
            all[count].share = o->holdings[i].share_most;
        count++;
    }
    if (count > 1)
        qsort(all, count, sizeof *all, cy_holding_order);
    for (size_t i = 0; i < count; i++) {
        if (made > 0 && cy_holding_order(&all[made - 1], &all[i]) == 0) {
            all[made - 1].share += all[i].share;
            if (all[made - 1].share > CY_SHARE_WHOLE) /* only of bands: nobody holds more */
                all[made - 1].share = CY_SHARE_WHOLE;
        } else {
            all[made++] = all[i];
        }
    }
    *out = all;
    *n = made;
    return CY_OK;
}

/* --- supply --- */

enum supply_column { SUPPLIER, CUSTOMER, GOODS, FROM, UNTIL, SUPPLY_COLUMNS };

cy_err cy_supply_csv(const struct cy_csv *csv, struct cy_ownership *o, const char *only,
                     struct cy_supplies *out, struct cy_desk_fault *fault)
{
    static const char *const names[] = {"supplier", "customer", "goods", "from", "until"};
    size_t at[SUPPLY_COLUMNS];

    CY_TRY(cy_columns_known(csv, names, SUPPLY_COLUMNS, 2, at, fault));
    for (size_t row = 0; row < csv->n_rows; row++) {
        struct cy_supply supply = {.line = csv->lines[row]};
        const struct cy_span supplier = cy_span_text(cy_csv_cell(csv, row, at[SUPPLIER]));
        const struct cy_span customer = cy_span_text(cy_csv_cell(csv, row, at[CUSTOMER]));
        const char *goods = cy_row_text(csv, row, at[GOODS]);

        if (supplier.n == 0 || customer.n == 0)
            return cy_desk_at(fault, supply.line, 1, "supplier and customer are both named");
        CY_TRY(cy_ownership_party(o, supplier, supply.line, &supply.supplier));
        CY_TRY(cy_ownership_party(o, customer, supply.line, &supply.customer));
        CY_TRY(cy_row_date(csv, row, at[FROM], &supply.from, fault));
        CY_TRY(cy_row_date(csv, row, at[UNTIL], &supply.until, fault));
        if (supply.until != 0 && supply.until <= supply.from)
            return cy_desk_at(fault, supply.line, 0, "the supply ends before it begins");
        if (only != NULL && !cy_hs_code(goods))
            return cy_desk_at(fault, supply.line, 0,
                              "the goods '%.40s' are no code of the Harmonised System", goods);
        if (only != NULL && !cy_hs_within(goods, only))
            continue;
        supply.goods = cy_chunks_text(&o->chunks, goods, strlen(goods));
        if (supply.goods == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        CY_TRY(cy_grow((void **)&out->at, &out->cap, out->n + 1, sizeof supply));
        out->at[out->n++] = supply;
    }
    return CY_OK;
}

static bool flows(const struct cy_supply *supply, cy_date day)
{
    return (supply->from == 0 || supply->from <= day) &&
           (supply->until == 0 || day < supply->until);
}

cy_err cy_supply_reach(const struct cy_supplies *supplies, cy_date day, const bool *from, size_t n,
                       uint32_t tiers_max, uint32_t *tier, uint32_t *via)
{
    uint32_t *starts = calloc(n + 2, sizeof *starts);
    uint32_t *order = malloc((supplies->n + 1) * sizeof *order);
    uint32_t *queue = malloc((n + 1) * sizeof *queue);
    const bool room = starts != NULL && order != NULL && queue != NULL;
    size_t end = 0;

    for (size_t i = 0; i < supplies->n && room; i++)
        starts[supplies->at[i].supplier + 2]++;
    for (size_t i = 0; i < n && room; i++)
        starts[i + 2] += starts[i + 1];
    for (size_t i = 0; i < supplies->n && room; i++)
        order[starts[supplies->at[i].supplier + 1]++] = (uint32_t)i;
    for (uint32_t i = 0; i < n && room; i++) {
        tier[i] = from[i] ? 0 : UINT32_MAX;
        via[i] = UINT32_MAX;
        if (from[i])
            queue[end++] = i;
    }
    for (size_t at = 0; room && at < end; at++) {
        const uint32_t supplier = queue[at];

        for (uint32_t i = starts[supplier]; i < starts[supplier + 1]; i++) {
            const struct cy_supply *supply = &supplies->at[order[i]];

            if (!flows(supply, day) || tier[supply->customer] != UINT32_MAX ||
                tier[supplier] >= tiers_max)
                continue;
            tier[supply->customer] = tier[supplier] + 1;
            via[supply->customer] = order[i];
            queue[end++] = supply->customer;
        }
    }
    free(starts);
    free(order);
    free(queue);
    return room ? CY_OK : cy_fail(CY_E_NO_MEMORY, 0);
}
