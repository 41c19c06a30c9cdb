#include "ledger/trie_batch.h"

#include "crypto/hash_many.h"

size_t cy_trie_batch_bytes(void)
{
    return 2 * CY_TRIE_BATCH * (sizeof(struct cy_trie_change) + sizeof(struct cy_trie_order)) +
           3 * 16;
}

cy_err cy_trie_batch_init(struct cy_trie_batch *batch, struct cy_trie *trie,
                          const struct cy_helper *helper, struct cy_arena *arena)
{
    *batch = (struct cy_trie_batch){.trie = trie, .helper = helper};
    batch->changes = cy_arena_take(arena, CY_TRIE_BATCH * sizeof *batch->changes);
    batch->full = cy_arena_take(arena, CY_TRIE_BATCH * sizeof *batch->full);
    batch->order = cy_arena_take(arena, 2 * (size_t)CY_TRIE_BATCH * sizeof *batch->order);
    return batch->changes == NULL || batch->full == NULL || batch->order == NULL
               ? cy_fail(CY_E_NO_ROOM, cy_trie_batch_bytes())
               : CY_OK;
}

/* Sorts by the first eight bytes, one byte a round from the last on; equal ones keep their order.
 * Eight rounds, whatever the keys are. */
static const struct cy_trie_order *sorted(struct cy_trie_batch *batch)
{
    struct cy_trie_order *from = batch->order;
    struct cy_trie_order *to = batch->order + CY_TRIE_BATCH;

    for (uint32_t i = 0; i < batch->n_full; i++)
        from[i] = (struct cy_trie_order){cy_get_u64be(batch->full[i].key.b), i};
    for (unsigned shift = 0; shift < 64; shift += 8) {
        uint32_t begin[257] = {0};
        struct cy_trie_order *swap = from;

        for (uint32_t i = 0; i < batch->n_full; i++)
            begin[(from[i].prefix >> shift & 0xff) + 1]++;
        for (unsigned i = 0; i < 256; i++)
            begin[i + 1] += begin[i];
        for (uint32_t i = 0; i < batch->n_full; i++)
            to[begin[from[i].prefix >> shift & 0xff]++] = from[i];
        from = to;
        to = swap;
    }
    return from;
}

/* The hashes of the leaves of some changes (crypto/ics23.h): 00, and key and value hash, each with
 * its length before it. */
static void hash_leaves(const struct cy_trie_change *const *changes, uint32_t n,
                        struct cy_id *leaves)
{
    static const uint8_t head[2] = {0, sizeof(struct cy_id)};
    struct cy_span parts[CY_TRIE_WARM_MAX][4];
    struct cy_hash_message messages[CY_TRIE_WARM_MAX];

    for (uint32_t i = 0; i < n; i++) {
        parts[i][0] = cy_span_of(head, 2);
        parts[i][1] = cy_span_of(changes[i]->key.b, 32);
        parts[i][2] = cy_span_of(head + 1, 1);
        parts[i][3] = cy_span_of(changes[i]->value.b, 32);
        messages[i] = (struct cy_hash_message){parts[i], 4, leaves[i].b};
    }
    cy_sha256_many(messages, n);
}

/* Brings at most CY_TRIE_WARM_MAX changes into the tree. */
static cy_err put_group(struct cy_trie_batch *batch, struct cy_trie_finger *finger,
                        const struct cy_trie_order *order, uint32_t n)
{
    const struct cy_trie_change *changes[CY_TRIE_WARM_MAX];
    const struct cy_id *keys[CY_TRIE_WARM_MAX];
    struct cy_id leaves[CY_TRIE_WARM_MAX];
    cy_err first = CY_OK;

    for (uint32_t i = 0; i < n; i++) {
        changes[i] = &batch->full[order[i].at];
        keys[i] = &changes[i]->key;
    }
    cy_trie_warm(batch->trie, keys, n);
    hash_leaves(changes, n, leaves);
    for (uint32_t i = 0; i < n; i++) {
        const struct cy_trie_change *change = changes[i];
        bool removed = false;
        cy_err err = CY_OK;

        if (change->removed) {
            err = cy_trie_remove(batch->trie, &change->key, &removed);
            finger->on = false;
        } else {
            err = cy_trie_put_next(batch->trie, finger, &change->key, &change->value, &leaves[i]);
        }
        if (cy_ok(first))
            first = err;
    }
    return first;
}

/* Brings the full batch into the tree: a piece of work for the helper. */
static void put_full(void *with)
{
    struct cy_trie_batch *batch = with;
    const struct cy_trie_order *order = sorted(batch);
    struct cy_trie_finger finger;

    finger.on = false;
    for (uint32_t from = 0; from < batch->n_full; from += CY_TRIE_WARM_MAX) {
        const uint32_t left = batch->n_full - from;
        const cy_err err = put_group(batch, &finger, order + from,
                                     left < CY_TRIE_WARM_MAX ? left : CY_TRIE_WARM_MAX);

        if (cy_ok(batch->first))
            batch->first = err;
    }
}

/* What was gathered becomes the batch that is put; the one before is done then. */
static void turn_over(struct cy_trie_batch *batch)
{
    struct cy_trie_change *gathered = batch->changes;

    if (batch->out)
        batch->helper->join(batch->helper->self);
    batch->out = false;
    batch->changes = batch->full;
    batch->full = gathered;
    batch->n_full = batch->n;
    batch->n = 0;
}

void cy_trie_batch_add(struct cy_trie_batch *batch, const struct cy_trie_change *change)
{
    batch->changes[batch->n++] = *change;
    batch->added++;
    if (batch->n < CY_TRIE_BATCH)
        return;
    turn_over(batch);
    batch->out = batch->helper != NULL;
    if (batch->out)
        batch->helper->begin(batch->helper->self, put_full, batch);
    else
        put_full(batch);
}

cy_err cy_trie_batch_end(struct cy_trie_batch *batch, struct cy_id *root)
{
    cy_err first = CY_OK;

    turn_over(batch);
    put_full(batch);
    first = batch->first;
    /* to wake a helper costs more than hashing a few */
    *root = cy_trie_commit_by(batch->trie, batch->added < CY_TRIE_BATCH ? NULL : batch->helper);
    batch->first = CY_OK;
    batch->added = 0;
    return first;
}
