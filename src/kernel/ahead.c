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

static uint64_t hash_id(const struct cy_id *id)
{
    return cy_table_hash(id, sizeof *id);
}

/* Fetches the index for every id of item j. */
static void index_of(struct cy_ahead *ahead, uint32_t j)
{
    struct cy_ahead_id *ids = ahead->ids[j % CY_AHEAD];
    const struct cy_any *any = &ahead->batch->acts[j];
    const struct cy_warm *warm = ahead->warms[any->schema->number];
    uint32_t n = 0;

    for (; n < CY_AHEAD_WARMS && warm != NULL && warm->schema == any->schema; warm++) {
        const struct cy_id *id = id_at(any->message, warm);

        if (cy_id_none(id))
            continue;
        ids[n] = (struct cy_ahead_id){.warm = warm, .hash = hash_id(id), .slot = CY_TABLE_NONE};
        cy_table_warm(table_of(ahead, warm), ids[n].hash);
        n++;
    }
    for (; n < CY_AHEAD_WARMS; n++)
        ids[n].warm = NULL;
}

static void records_of(struct cy_ahead *ahead, uint32_t j)
{
    struct cy_ahead_id *ids = ahead->ids[j % CY_AHEAD];

    for (uint32_t n = 0; n < CY_AHEAD_WARMS && ids[n].warm != NULL; n++)
        ids[n].slot = cy_table_warm_record(table_of(ahead, ids[n].warm), ids[n].hash);
}

static void onward_index_of(struct cy_ahead *ahead, uint32_t j)
{
    struct cy_ahead_id *ids = ahead->ids[j % CY_AHEAD];

    for (uint32_t n = 0; n < CY_AHEAD_WARMS && ids[n].warm != NULL; n++) {
        const struct cy_warm *onward = ids[n].warm->onward;
        const void *record = NULL;

        if (onward == NULL || ids[n].slot == CY_TABLE_NONE)
            continue;
        record = cy_table_at(table_of(ahead, ids[n].warm), ids[n].slot);
        for (uint32_t k = 0; k < CY_AHEAD_ONWARD && onward[k].schema != NULL; k++) {
            ids[n].onward[k] = hash_id(id_at(record, &onward[k]));
            cy_table_warm(table_of(ahead, &onward[k]), ids[n].onward[k]);
        }
    }
}

static void onward_records_of(struct cy_ahead *ahead, uint32_t j)
{
    struct cy_ahead_id *ids = ahead->ids[j % CY_AHEAD];

    for (uint32_t n = 0; n < CY_AHEAD_WARMS && ids[n].warm != NULL; n++) {
        const struct cy_warm *onward = ids[n].warm->onward;

        if (onward == NULL || ids[n].slot == CY_TABLE_NONE)
            continue;
        for (uint32_t k = 0; k < CY_AHEAD_ONWARD && onward[k].schema != NULL; k++)
            (void)cy_table_warm_record(table_of(ahead, &onward[k]), ids[n].onward[k]);
    }
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
        onward_index_of(ahead, j - 2 * STAGE);
    if (j - 3 * STAGE < n)
        onward_records_of(ahead, j - 3 * STAGE);
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

void cy_ahead_step(struct cy_ahead *ahead, uint32_t i)
{
    advance(ahead, i + CY_AHEAD - 1);
}
