#include "realm/pool.h"

/* Records of the two tables: the key stands first. */
struct place {
    struct cy_id id;
    uint64_t at;
};

struct author {
    struct cy_id id;
    uint64_t n;
};

size_t cy_pool_bytes(uint32_t acts, size_t bytes)
{
    return acts * (sizeof(struct cy_pool_act) + 2 * sizeof(uint32_t)) + sizeof(uint32_t) + bytes +
           cy_table_bytes(sizeof(struct place), acts) +
           cy_table_bytes(sizeof(struct author), acts) + 256;
}

cy_err cy_pool_init(struct cy_pool *pool, uint32_t acts, size_t bytes, struct cy_arena *fresh)
{
    *pool = (struct cy_pool){.most = acts, .most_bytes = bytes};
    pool->acts = cy_arena_take(fresh, acts * sizeof *pool->acts);
    pool->order = cy_arena_take(fresh, acts * sizeof *pool->order);
    pool->starts = cy_arena_take(fresh, (acts + 1) * sizeof *pool->starts);
    pool->bytes = cy_arena_take(fresh, bytes);
    if (pool->acts == NULL || pool->order == NULL || pool->starts == NULL || pool->bytes == NULL)
        return cy_fail(CY_E_NO_ROOM, bytes);
    CY_TRY(cy_table_init(&pool->ids, fresh, sizeof(struct place), 32, acts));
    return cy_table_init(&pool->authors, fresh, sizeof(struct author), 32, acts);
}

struct cy_pool_act *cy_pool_find(struct cy_pool *pool, const struct cy_id *id)
{
    const struct place *place = cy_table_get(&pool->ids, id);

    return place == NULL ? NULL : &pool->acts[place->at];
}

/* Enters the act that stands at `at` into both tables. */
static void enter(struct cy_pool *pool, uint32_t at)
{
    struct cy_pool_act *act = &pool->acts[at];
    struct author *author = cy_table_get(&pool->authors, &act->author);

    (void)cy_table_put(&pool->ids, &(struct place){act->id, at});
    if (author == NULL) {
        act->turn = 0;
        (void)cy_table_put(&pool->authors, &(struct author){act->author, 1});
    } else {
        act->turn = (uint32_t)author->n++;
    }
}

cy_err cy_pool_add(struct cy_pool *pool, const struct cy_act *act, bool mine)
{
    const struct cy_claims *claims = &act->envelope.claims;
    struct cy_pool_act *had = cy_pool_find(pool, &act->id);
    const struct author *author = cy_table_get(&pool->authors, &claims->author);

    if (had != NULL) {
        had->mine = had->mine || mine;
        return cy_fail(CY_E_REPLAY, 0);
    }
    if (pool->n == pool->most || act->bytes.n > pool->most_bytes - pool->n_bytes)
        return cy_fail(CY_E_QUEUE_FULL, pool->n);
    if (pool->n >= pool->most / 2 && author != NULL && author->n >= pool->most / 8)
        return cy_fail(CY_E_QUEUE_FULL, (uint32_t)author->n);
    pool->acts[pool->n] = (struct cy_pool_act){.id = act->id,
                                               .author = claims->author,
                                               .expires = claims->expires,
                                               .at = pool->n_bytes,
                                               .n = (uint32_t)act->bytes.n,
                                               .mine = mine};
    memcpy(pool->bytes + pool->n_bytes, act->bytes.at, act->bytes.n);
    pool->n_bytes += act->bytes.n;
    enter(pool, pool->n++);
    pool->sorted = false;
    return CY_OK;
}

/* Counting sort by turn; it keeps the order of arrival. */
static void sort(struct cy_pool *pool)
{
    uint32_t at = 0;

    memset(pool->starts, 0, (pool->n + 1) * sizeof *pool->starts);
    for (uint32_t i = 0; i < pool->n; i++)
        pool->starts[pool->acts[i].turn]++;
    for (uint32_t turn = 0; turn <= pool->n; turn++) {
        const uint32_t count = pool->starts[turn];

        pool->starts[turn] = at;
        at += count;
    }
    for (uint32_t i = 0; i < pool->n; i++)
        pool->order[pool->starts[pool->acts[i].turn]++] = i;
    pool->sorted = true;
}

struct cy_pool_act *cy_pool_nth(struct cy_pool *pool, uint32_t i)
{
    CY_ASSERT(i < pool->n);
    if (!pool->sorted)
        sort(pool);
    return &pool->acts[pool->order[i]];
}

void cy_pool_drop(struct cy_pool_act *act)
{
    act->n = 0;
}

static void empty(struct cy_table *table)
{
    while (table->n > 0)
        cy_table_remove(table, table->n - 1);
}

void cy_pool_tidy(struct cy_pool *pool)
{
    const uint32_t n = pool->n;

    empty(&pool->ids);
    empty(&pool->authors);
    pool->n = 0;
    pool->n_bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct cy_pool_act act = pool->acts[i];

        if (act.n == 0)
            continue;
        memmove(pool->bytes + pool->n_bytes, pool->bytes + act.at, act.n);
        act.at = pool->n_bytes;
        pool->n_bytes += act.n;
        pool->acts[pool->n] = act;
        enter(pool, pool->n++);
    }
    pool->sorted = false;
}
