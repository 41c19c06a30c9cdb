/* pool: acts that wait for a block, bounded and fair.
 *
 *      add (opened, verified, judged once) --> waiting --> taken into a block that was decided
 *                                                 \--> expired, or refused by the world as it
 * became
 *
 * Order: an act's turn is the number of acts of its author that wait before it; a block takes all
 * first turns, then all second ones, in order of arrival within a turn. So nobody gets ahead by
 * sending much, and acts of one author keep their order. When more than half of the room is taken
 * an author may hold an eighth of it.
 *
 * Owns: copies of the acts, in one buffer that is moved together when acts leave. Never: judges. */
#ifndef CY_REALM_POOL_H
#define CY_REALM_POOL_H

#include "base/table.h"
#include "kernel/act.h"

struct cy_pool_act {
    struct cy_id id; /* of the act; the key of the table */
    struct cy_id author;
    uint64_t expires; /* Unix seconds */
    size_t at;        /* of its bytes */
    uint32_t n;
    uint32_t turn;
    uint32_t beats; /* that it has waited */
    bool mine;      /* handed in here: its fate is told */
};

struct cy_pool {
    struct cy_pool_act *acts; /* in order of arrival */
    uint32_t n;
    uint32_t most;
    uint8_t *bytes;
    size_t n_bytes;
    size_t most_bytes;
    uint32_t *order;  /* by turn, then arrival; valid until the next change */
    uint32_t *starts; /* scratch of the sort */
    bool sorted;
    struct cy_table ids;     /* id -> place */
    struct cy_table authors; /* author -> how many wait */
};

/* cy_pool_bytes says how large an arena of fresh pages cy_pool_init takes. */
size_t cy_pool_bytes(uint32_t acts, size_t bytes);
CY_MUST_USE cy_err cy_pool_init(struct cy_pool *pool, uint32_t acts, size_t bytes,
                                struct cy_arena *fresh);

/* cy_pool_add keeps a copy. Fails with REPLAY (it waits already) or QUEUE_FULL. */
CY_MUST_USE cy_err cy_pool_add(struct cy_pool *pool, const struct cy_act *act, bool mine);

/* cy_pool_find is the act with this id, NULL when it does not wait. */
struct cy_pool_act *cy_pool_find(struct cy_pool *pool, const struct cy_id *id);

static inline struct cy_span cy_pool_span(const struct cy_pool *pool, const struct cy_pool_act *act)
{
    return cy_span_of(pool->bytes + act->at, act->n);
}

/* cy_pool_nth gives the waiting acts in the order in which a block takes them, i below pool->n. */
struct cy_pool_act *cy_pool_nth(struct cy_pool *pool, uint32_t i);

/* cy_pool_drop marks an act as gone; cy_pool_tidy then moves the others together. Between the two
 * nothing else may be called. */
void cy_pool_drop(struct cy_pool_act *act);
void cy_pool_tidy(struct cy_pool *pool);

#endif
