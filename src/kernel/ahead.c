#include "kernel/ahead.h"

#define STAGE (CY_AHEAD / 4u)

_Static_assert((CY_AHEAD & (CY_AHEAD - 1)) == 0, "ring");

static const struct cy_table *table_of(const struct cy_ahead *ahead, const struct cy_warm *warm)
{
    return &cy_world_table_of(ahead->world, warm->record)->table;
}

static const struct cy_id *id_at(const void *holder, const struct cy_warm *warm)
{
    return (const struct cy_id *)(const void *)((const uint8_t *)holder + warm->at);
}

/* Fetches the index for every id of item j. */
static void index_of(struct cy_ahead *ahead, uint32_t j)
{
    struct cy_ahead_item *item = &ahead->items[j % CY_AHEAD];
    const struct cy_any *any = &ahead->batch->acts[j];
    const struct cy_warm *warm = ahead->warms[any->schema->number];

    item->n = 0;
    item->leads = false;
    for (; warm != NULL && warm->schema == any->schema && item->n < CY_AHEAD_WARMS; warm++) {
        const struct cy_id *id = id_at(any->message, warm);
        const struct cy_table *table = table_of(ahead, warm);
        struct cy_ahead_id *known = &item->ids[item->n];

        if (table->n == 0 || cy_id_none(id))
            continue;
        known->warm = warm;
        known->table = table;
        known->hash = cy_table_hash_id(id);
        cy_table_warm(table, known->hash);
        item->n++;
    }
}

static void records_of(struct cy_ahead *ahead, uint32_t j)
{
    struct cy_ahead_item *item = &ahead->items[j % CY_AHEAD];

    for (uint32_t n = 0; n < item->n; n++) {
        struct cy_ahead_id *id = &item->ids[n];

        id->slot = cy_table_warm_record(id->table, id->hash);
        item->leads = item->leads || (id->warm->onward != NULL && id->slot != CY_TABLE_NONE);
    }
}

/* Calls `fetch` for every record that item j's records lead to. */
static void onward_of(struct cy_ahead *ahead, uint32_t j,
                      void (*fetch)(const struct cy_table *table, uint64_t hash))
{
    const struct cy_ahead_item *item = &ahead->items[j % CY_AHEAD];

    if (!item->leads)
        return;
    for (uint32_t n = 0; n < item->n; n++) {
        const struct cy_ahead_id *id = &item->ids[n];
        const struct cy_warm *onward = id->warm->onward;

        if (onward == NULL || id->slot == CY_TABLE_NONE)
            continue;
        for (uint32_t k = 0; k < CY_AHEAD_ONWARD && onward[k].schema != NULL; k++) {
            const struct cy_table *table = table_of(ahead, &onward[k]);

            if (table->n != 0)
                fetch(table, cy_table_hash_id(id_at(cy_table_at(id->table, id->slot), &onward[k])));
        }
    }
}

static void fetch_record(const struct cy_table *table, uint64_t hash)
{
    (void)cy_table_warm_record(table, hash);
}

/* Item j comes into sight; those before it move on by one stage. Numbers below 0 wrap round and are
 * past the end too. */
static void advance(struct cy_ahead *ahead, uint32_t j)
{
    const uint32_t n = ahead->batch->n_acts;

    if (j < n)
        index_of(ahead, j);
    if (j - STAGE < n)
        records_of(ahead, j - STAGE);
    if (j - 2 * STAGE < n)
        onward_of(ahead, j - 2 * STAGE, cy_table_warm);
    if (j - 3 * STAGE < n)
        onward_of(ahead, j - 3 * STAGE, fetch_record);
}

void cy_ahead_begin(struct cy_ahead *ahead, const struct cy_world *world,
                    const struct cy_warm *const *warms, const struct cy_batch *batch)
{
    ahead->world = world;
    ahead->warms = warms;
    ahead->batch = batch;
    for (uint32_t j = 0; j + 1 < CY_AHEAD; j++)
        advance(ahead, j);
}

/* Tells the plan where what item i reads is found. */
static void tell(const struct cy_ahead *ahead, uint32_t i, struct cy_plan *plan)
{
    const struct cy_ahead_item *item = &ahead->items[i % CY_AHEAD];
    const void *message = ahead->batch->acts[i].message;

    for (uint32_t n = 0; n < item->n; n++) {
        const struct cy_ahead_id *id = &item->ids[n];

        cy_plan_know(plan, id->warm->record, id_at(message, id->warm), id->hash, id->slot);
    }
}

void cy_ahead_step(struct cy_ahead *ahead, uint32_t i, struct cy_plan *plan)
{
    tell(ahead, i, plan);
    advance(ahead, i + CY_AHEAD - 1);
}
