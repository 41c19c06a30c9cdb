#include "realm/trial.h"

#include "crypto/merkle.h"

#define ITEMS_MAX 512u /* signatures verified together */
#define KEYS_CACHED 4096u

size_t cy_trial_bytes(void)
{
    return cy_act_decoded_max(CY_ENTRY_MAX) + cy_ed25519_batch_bytes(ITEMS_MAX) +
           cy_key_cache_bytes(KEYS_CACHED) +
           ITEMS_MAX * (sizeof(struct cy_ed25519_item) + CY_SIGNED_PARTS * sizeof(struct cy_span) +
                        sizeof(bool)) +
           1024;
}

cy_err cy_trial_init(struct cy_trial *trial, struct cy_cell *cell, struct cy_arena *fresh)
{
    static const uint8_t salt[16];
    const size_t acts = cy_act_decoded_max(CY_ENTRY_MAX);
    const size_t scratch = cy_ed25519_batch_bytes(ITEMS_MAX);
    uint8_t *acts_at = cy_arena_take(fresh, acts);
    uint8_t *scratch_at = cy_arena_take(fresh, scratch);

    *trial = (struct cy_trial){.cell = cell};
    trial->items = cy_arena_take(fresh, ITEMS_MAX * sizeof *trial->items);
    trial->parts = cy_arena_take(fresh, ITEMS_MAX * sizeof *trial->parts);
    trial->ok = cy_arena_take(fresh, ITEMS_MAX * sizeof *trial->ok);
    if (acts_at == NULL || scratch_at == NULL || trial->items == NULL || trial->parts == NULL ||
        trial->ok == NULL)
        return cy_fail(CY_E_NO_ROOM, cy_trial_bytes());
    trial->acts = cy_arena_on(acts_at, acts);
    trial->scratch = cy_arena_on(scratch_at, scratch);
    return cy_key_cache_on(&trial->keys, fresh, KEYS_CACHED, salt);
}

struct cy_trial_head cy_trial_head(const struct cy_trial *trial, const struct cy_block *block)
{
    struct cy_frontier frontier = trial->cell->frontier;
    struct cy_span rest = block->entries;
    struct cy_span entry;

    while (cy_ok(cy_bundle_next(&rest, &entry))) {
        const struct cy_id leaf = cy_hash_leaf(entry);
        const cy_err err = cy_frontier_append(&frontier, &leaf);

        CY_ASSERT(cy_ok(err)); /* no ledger has 2^63 entries */
    }
    return (struct cy_trial_head){frontier.size, cy_frontier_root(&frontier)};
}

/* --- one act --- */

static cy_err refused(uint32_t at)
{
    return cy_fail(CY_E_BLOCK_REFUSED, at);
}

static cy_err open_act(struct cy_trial *trial, struct cy_span bytes, struct cy_act *act)
{
    cy_arena_rewind(&trial->acts, 0);
    return cy_act_open(bytes, &trial->acts, act);
}

/* Verifies what was gathered. */
static cy_err verify(struct cy_trial *trial)
{
    const uint32_t n = trial->n_items;

    trial->n_items = 0;
    return n == 0
               ? CY_OK
               : cy_ed25519_verify_batch(trial->items, n, &trial->keys, &trial->scratch, trial->ok);
}

/* What the refusal of an act makes of its block: bad, or beyond what this program can judge. */
static cy_err judged(cy_err err, uint32_t at)
{
    return err.code == CY_E_RULES_UNKNOWN ? err : refused(at);
}

/* Gathers the signatures of an act. */
static cy_err gather(struct cy_trial *trial, const struct cy_envelope *envelope)
{
    if (trial->n_items + envelope->n_signers > ITEMS_MAX)
        CY_TRY(verify(trial));
    for (uint32_t i = 0; i < envelope->n_signers; i++) {
        const uint32_t at = trial->n_items++;

        trial->items[at].key = envelope->signers[i].key;
        trial->items[at].n = cy_envelope_signed(envelope, i, trial->parts[at]);
        trial->items[at].message = trial->parts[at];
        memcpy(trial->items[at].signature.b, envelope->signers[i].signature, 64);
    }
    return CY_OK;
}

/* Acts that move time on, which only a block's beginning may. */
static bool opens_height(const struct cy_act *act)
{
    return act->any.schema == &cy_schema_height;
}

cy_err cy_trial_act(struct cy_trial *trial, struct cy_span bytes, struct cy_act *act)
{
    struct cy_verdict verdict;

    CY_TRY(open_act(trial, bytes, act));
    if (opens_height(act))
        return refused(0);
    CY_TRY(gather(trial, &act->envelope));
    CY_TRY(verify(trial));
    cy_cell_judge(trial->cell, act, &verdict);
    CY_TRY(verdict.err);
    cy_cell_refuse(trial->cell);
    return CY_OK;
}

cy_err cy_trial_again(struct cy_trial *trial, struct cy_span bytes)
{
    struct cy_verdict verdict;
    struct cy_act act;

    CY_TRY(open_act(trial, bytes, &act));
    cy_cell_judge(trial->cell, &act, &verdict);
    CY_TRY(verdict.err);
    cy_cell_refuse(trial->cell);
    return CY_OK;
}

/* --- blocks --- */

static bool was_verified(struct cy_pool *pool, const struct cy_envelope *envelope,
                         struct cy_span bytes)
{
    const struct cy_id id =
        cy_sha256_parts((const struct cy_span[]){envelope->protected, envelope->payload}, 2);
    const struct cy_pool_act *act = cy_pool_find(pool, &id);

    return act != NULL && cy_span_eq(cy_pool_span(pool, act), bytes);
}

cy_err cy_trial_signatures(struct cy_trial *trial, const struct cy_block *block,
                           struct cy_pool *pool)
{
    struct cy_span rest = block->entries;
    struct cy_span entry;

    trial->n_items = 0;
    for (uint32_t i = 0; cy_ok(cy_bundle_next(&rest, &entry)); i++) {
        struct cy_envelope envelope;

        if (!cy_ok(cy_envelope_read(entry, &envelope)))
            return refused(i);
        if (!was_verified(pool, &envelope, entry) && !cy_ok(gather(trial, &envelope)))
            return refused(i);
    }
    return cy_ok(verify(trial)) ? CY_OK : refused(block->n);
}

/* Judges act number i of a block upon those before it, and applies it; what is applied is taken
 * back by the mark. */
static cy_err try_act(struct cy_trial *trial, struct cy_span bytes, uint32_t i)
{
    struct cy_verdict verdict;
    struct cy_act act;

    CY_TRY(open_act(trial, bytes, &act));
    if (opens_height(&act) != (i == 0))
        return refused(i);
    cy_cell_try(trial->cell, &act, &verdict);
    return verdict.err;
}

cy_err cy_trial_judge(struct cy_trial *trial, const struct cy_block *block)
{
    struct cy_span rest = block->entries;
    struct cy_span entry;
    cy_err err = CY_OK;

    cy_cell_try_begin(trial->cell);
    for (uint32_t i = 0; cy_ok(err) && cy_ok(cy_bundle_next(&rest, &entry)); i++) {
        err = try_act(trial, entry, i);
        if (!cy_ok(err))
            err = judged(err, i);
    }
    cy_cell_try_end(trial->cell, NULL);
    return err;
}

cy_err cy_trial_build(struct cy_trial *trial, struct cy_pool *pool, struct cy_span height,
                      struct cy_block_writer *block)
{
    cy_err err = CY_OK;

    cy_cell_try_begin(trial->cell);
    err = try_act(trial, height, 0);
    if (cy_ok(err))
        err = cy_block_add(block, height);
    for (uint32_t i = 0; cy_ok(err) && i < pool->n; i++) {
        struct cy_pool_act *act = cy_pool_nth(pool, i);
        const struct cy_span bytes = cy_pool_span(pool, act);

        if (block->n + 2 + bytes.n > block->cap)
            continue; /* a smaller one may fit */
        if (block->acts == CY_BLOCK_ACTS_MAX || cy_cell_try_crowded(trial->cell))
            break;
        if (!cy_ok(try_act(trial, bytes, block->acts)))
            continue; /* it may be good in a later one; whether it ever will be is looked at then */
        err = cy_block_add(block, bytes);
    }
    cy_cell_try_end(trial->cell, NULL);
    return err;
}

cy_err cy_trial_keep(struct cy_trial *trial, const struct cy_block *block, uint32_t from,
                     void (*told)(void *self, const struct cy_id *act,
                                  const struct cy_verdict *verdict),
                     void *self)
{
    struct cy_span rest = block->entries;
    struct cy_span entry;

    for (uint32_t i = 0; cy_ok(cy_bundle_next(&rest, &entry)); i++) {
        struct cy_verdict verdict;
        struct cy_act act;
        uint64_t at = 0;

        if (i < from)
            continue;
        if (!cy_ok(open_act(trial, entry, &act)))
            return refused(i);
        cy_cell_judge(trial->cell, &act, &verdict);
        if (!cy_ok(verdict.err))
            return judged(verdict.err, i);
        if (verdict.n_items > 0 && told != NULL)
            told(self, &act.id, &verdict);
        CY_TRY(cy_cell_accept(trial->cell, &act, &at));
    }
    return CY_OK;
}
