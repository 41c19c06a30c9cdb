#include "host/audit/audit.h"

#include "crypto/ed25519_batch.h"
#include "crypto/secret.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LEVELS 8u
#define BUNDLE_MAX ((size_t)CY_TILE_WIDTH * (CY_ENTRY_MAX + 2u))
#define SIGNATURES_MAX (CY_TILE_WIDTH * CY_SIGNERS_MAX)
#define DECODED_MAX ((size_t)1280 << 20) /* address space for the acts of one bundle */
#define KEYS_CACHED 8192u
#define RECORDS_LEAST (1u << 22)
#define RECORDS_PER_ENTRY 64u /* a batch makes many */
#define RECORDS_MOST (1u << 26)

/* One level of the tree of hashes as it is rebuilt. */
struct level {
    struct cy_id hash[CY_TILE_WIDTH];
    uint32_t n;
    uint64_t index; /* of the tile that fills */
};

struct audit {
    struct cy_audit_source *source;
    const struct cy_audit_options *options;
    struct cy_audit_report *report;
    struct cy_engine engine;
    struct cy_trie trie;
    struct cy_arena fresh;
    struct cy_arena scratch;
    struct cy_arena decoded;
    struct cy_key_cache cache;
    struct cy_frontier frontier;
    struct cy_frontier agreed; /* federation: of the acts that were replayed */
    bool federation;
    struct level levels[LEVELS];
    cy_err trie_err;
    struct cy_span note;
    uint8_t note_bytes[CY_NOTE_MAX];
    struct cy_checkpoint head;
    uint8_t *bundle;
    uint8_t tile[CY_TILE_BYTES];
    struct cy_span entries[CY_TILE_WIDTH];
    struct cy_act acts[CY_TILE_WIDTH];
    struct cy_ed25519_item items[SIGNATURES_MAX];
    struct cy_span parts[SIGNATURES_MAX][CY_SIGNED_PARTS];
    uint32_t owner[SIGNATURES_MAX];
    bool ok[SIGNATURES_MAX];
};

/* --- saying what is wrong --- */

__attribute__((format(printf, 4, 5))) static cy_err bad_entry(struct audit *a, uint64_t at,
                                                              cy_err err, const char *format, ...)
{
    va_list list;

    a->report->bad = at;
    va_start(list, format);
    (void)vsnprintf(a->report->why, sizeof a->report->why, format, list);
    va_end(list);
    return err;
}

static cy_err bad_file(struct audit *a, const char *path, cy_err err)
{
    (void)snprintf(a->report->file, sizeof a->report->file, "%s", path);
    (void)snprintf(a->report->why, sizeof a->report->why, "%s: %s", path,
                   cy_audit_source_why(a->source)[0] != 0 ? cy_audit_source_why(a->source)
                                                          : cy_err_info(err.code)->text);
    return err;
}

/* --- hashes and tiles --- */

/* The first `count` hashes of the rebuilt tile against the stored one, which has a width. */
static cy_err compare_tile(struct audit *a, uint32_t level, uint32_t width, uint32_t count)
{
    const struct level *l = &a->levels[level];
    const struct cy_tile tile = {.index = l->index, .level = level, .width = width};
    char path[CY_TILE_PATH_MAX];
    size_t n = 0;
    const cy_err err = cy_audit_source_tile(a->source, &tile, path, a->tile, sizeof a->tile, &n);

    if (!cy_ok(err))
        return bad_file(a, path, err);
    if (n < width * sizeof(struct cy_id) || n % sizeof(struct cy_id) != 0)
        return bad_file(a, path, cy_fail(CY_E_TILE_DAMAGED, level));
    for (uint32_t i = 0; i < count; i++) {
        if (memcmp(a->tile + i * sizeof(struct cy_id), l->hash[i].b, sizeof l->hash[i].b) == 0)
            continue;
        (void)snprintf(a->report->file, sizeof a->report->file, "%s", path);
        if (level == 0)
            return bad_entry(a, l->index * CY_TILE_WIDTH + i, cy_fail(CY_E_AUDIT_LEAF, i),
                             "entry %" PRIu64 " does not hash to what %s says",
                             l->index * CY_TILE_WIDTH + i, path);
        return bad_file(a, path, cy_fail(CY_E_TILE_DAMAGED, level));
    }
    a->report->tiles++;
    return CY_OK;
}

static cy_err push_hash(struct audit *a, uint32_t level, const struct cy_id *hash)
{
    struct level *l = &a->levels[level];
    struct cy_id root;

    CY_ASSERT(level < LEVELS);
    l->hash[l->n++] = *hash;
    if (l->n < CY_TILE_WIDTH)
        return CY_OK;
    CY_TRY(compare_tile(a, level, CY_TILE_WIDTH, CY_TILE_WIDTH));
    root = cy_merkle_root(l->hash, CY_TILE_WIDTH);
    l->n = 0;
    l->index++;
    return push_hash(a, level + 1, &root);
}

/* The partial tiles of the right edge, and the root. */
static cy_err finish_tree(struct audit *a)
{
    struct cy_id root;

    for (uint32_t level = 1; level < LEVELS; level++) { /* level 0 was compared with its entries */
        if (a->levels[level].n > 0)
            CY_TRY(compare_tile(a, level, a->levels[level].n, a->levels[level].n));
    }
    root = cy_frontier_root(&a->frontier);
    if (!cy_id_eq(&root, &a->head.root)) {
        (void)snprintf(a->report->why, sizeof a->report->why,
                       "the %llu entries have another root than the head signs",
                       (unsigned long long)a->head.size);
        return cy_fail(CY_E_AUDIT_TREE, 0);
    }
    return CY_OK;
}

/* --- acts --- */

static void take_change(void *self, const struct cy_state_change *change)
{
    struct audit *a = self;
    bool removed = false;
    const cy_err err = change->removed ? cy_trie_remove(&a->trie, &change->key, &removed)
                                       : cy_trie_put(&a->trie, &change->key, &change->value);

    if (!cy_ok(err) && cy_ok(a->trie_err))
        a->trie_err = err;
}

static cy_err state_root(struct audit *a, struct cy_id *root)
{
    cy_world_drain(&a->engine.world, take_change, a);
    CY_TRY(a->trie_err);
    *root = cy_trie_commit(&a->trie);
    return CY_OK;
}

/* Whoever asked for the state under this root is given it. */
static cy_err picked(struct audit *a, const struct cy_act *act, uint64_t at)
{
    const struct cy_audit_pick *pick = a->options->pick;
    const struct cy_audit_state state = {&a->engine.world, &a->trie, act->bytes};

    return pick == NULL || pick->at != at ? CY_OK : pick->take(pick->user, &state);
}

/* The state root that a tick or a height claims is that of the world before it. */
static cy_err check_state(struct audit *a, const struct cy_act *act, const struct cy_id *claimed,
                          uint64_t at)
{
    struct cy_id root;

    if (cy_id_none(claimed))
        return CY_OK;
    CY_TRY(state_root(a, &root));
    if (!cy_id_eq(&root, claimed))
        return bad_entry(a, at, cy_fail(CY_E_STATE_ROOT, at),
                         "the %s at entry %llu names another state root than its world has",
                         act->any.schema->name, (unsigned long long)at);
    a->report->state_roots++;
    return picked(a, act, at);
}

/* What a federation's members agreed on is the tree of the entries before the height. That they did
 * was judged: the rules verify every ballot. */
static cy_err check_agreed(struct audit *a, const struct cy_height *height, uint64_t at)
{
    const struct cy_id root = cy_frontier_root(&a->agreed);

    if (!cy_id_eq(&root, &height->root))
        return bad_entry(a, at, cy_fail(CY_E_AGREED_HEAD, at),
                         "the height at entry %llu certifies another head than its entries have",
                         (unsigned long long)at);
    a->report->heights++;
    return CY_OK;
}

static cy_err check_time(struct audit *a, const struct cy_act *act, uint64_t at)
{
    const struct cy_height *height = act->any.message;

    if (act->any.schema == &cy_schema_tick)
        return check_state(a, act, &((const struct cy_tick *)act->any.message)->state_root, at);
    if (act->any.schema != &cy_schema_height)
        return CY_OK;
    CY_TRY(check_state(a, act, &height->state_root, at));
    return check_agreed(a, height, at);
}

/* In a federation each entry leads to the head that the next height certifies. */
static cy_err follow(struct audit *a, const struct cy_act *act)
{
    struct cy_id leaf;

    if (act->any.schema == &cy_schema_genesis)
        a->federation = cy_id_none(&cy_engine_realm(&a->engine)->log_key);
    if (!a->federation)
        return CY_OK;
    leaf = cy_hash_leaf(act->bytes);
    return cy_frontier_append(&a->agreed, &leaf);
}

/* A federation's head carries no key of its own: its cosignatures meet the policy in force. */
static cy_err check_final(struct audit *a)
{
    struct cy_checkpoint again;
    cy_err err = CY_OK;

    if (!a->federation)
        return CY_OK;
    err = cy_final_check(&a->engine.plan, a->note, &again);
    cy_engine_discard(&a->engine);
    if (!cy_ok(err))
        (void)snprintf(a->report->why, sizeof a->report->why, "checkpoint: %s",
                       cy_err_info(err.code)->text);
    return err;
}

/* The head must be signed by the key that genesis names, and by the key that is trusted. */
static cy_err check_head(struct audit *a)
{
    const struct cy_realm *realm = cy_engine_realm(&a->engine);
    const struct cy_note_key *trusted = a->options->log;
    struct cy_note_key named;
    struct cy_checkpoint again;
    uint32_t cosigned = 0;
    cy_err err = CY_OK;

    a->report->realm = realm->id;
    a->report->log_key = realm->log_key;
    if (a->federation && trusted == NULL)
        return CY_OK; /* judged at the end, by the policy that holds there */
    CY_TRY(cy_note_key_of(cy_name_text(&realm->name), CY_NOTE_ED25519, &realm->log_key, &named));
    if (trusted != NULL &&
        (!cy_id_eq(&trusted->key, &named.key) || !cy_span_eq(trusted->name, named.name))) {
        (void)snprintf(a->report->why, sizeof a->report->why,
                       "genesis names another ledger key than the one that is trusted");
        return cy_fail(CY_E_OTHER_LOG, 0);
    }
    err = cy_checkpoint_verify(a->note, &named, a->options->witnesses, a->options->n_witnesses,
                               a->options->need, &again, &cosigned);
    if (a->options->policy == NULL)
        a->report->cosigned = cosigned;
    if (!cy_ok(err))
        (void)snprintf(a->report->why, sizeof a->report->why, "checkpoint: %s",
                       cy_err_info(err.code)->text);
    return err;
}

static cy_err replay(struct audit *a, const struct cy_act *act, uint64_t at)
{
    struct cy_verdict verdict;
    struct cy_id root;
    cy_err err = CY_OK;

    cy_engine_judge(&a->engine, act, at, &verdict);
    if (verdict.err.code == CY_E_NO_ROOM || verdict.err.code == CY_E_RULES_UNKNOWN)
        return bad_entry(a, at, verdict.err, "entry %llu (%s): %s", (unsigned long long)at,
                         act->any.schema->name, cy_err_info(verdict.err.code)->text);
    if (!cy_ok(verdict.err))
        return bad_entry(a, at, cy_fail(CY_E_AUDIT_ACT, verdict.err.code),
                         "entry %llu (%s) is refused: %s (%s)", (unsigned long long)at,
                         act->any.schema->name, cy_err_info(verdict.err.code)->text,
                         cy_err_info(verdict.err.code)->path);
    err = check_time(a, act, at);
    if (!cy_ok(err)) {
        cy_engine_discard(&a->engine);
        return err;
    }
    a->report->acts += verdict.n_items > 0 ? verdict.n_items - verdict.n_refused : 1;
    cy_engine_apply(&a->engine);
    a->report->entries++;
    CY_TRY(follow(a, act));
    if (cy_world_crowded(&a->engine.world))
        CY_TRY(state_root(a, &root));
    return at == 0 ? check_head(a) : CY_OK;
}

/* --- bundles --- */

/* Splits a bundle into entries and holds each to its hash in the tree. */
static cy_err split_bundle(struct audit *a, struct cy_span rest, uint64_t first, uint32_t width,
                           const char *path)
{
    for (uint32_t i = 0; i < width; i++) {
        struct cy_id leaf;
        const cy_err err = cy_bundle_next(&rest, &a->entries[i]);

        if (!cy_ok(err)) {
            CY_TRY(compare_tile(a, 0, width, i)); /* an entry before it may be the bad one */
            (void)snprintf(a->report->file, sizeof a->report->file, "%s", path);
            return bad_entry(a, first + i, err, "%s ends inside entry %" PRIu64, path, first + i);
        }
        leaf = cy_hash_leaf(a->entries[i]);
        CY_TRY(cy_frontier_append(&a->frontier, &leaf));
        CY_TRY(push_hash(a, 0, &leaf));
    }
    return width < CY_TILE_WIDTH ? compare_tile(a, 0, width, width) : CY_OK;
}

/* Opens the entries; *n_items signatures are left to be verified. */
static cy_err open_entries(struct audit *a, uint64_t first, uint32_t width, size_t *n_items)
{
    *n_items = 0;
    cy_arena_rewind(&a->decoded, 0);
    for (uint32_t i = 0; i < width; i++) {
        struct cy_act *act = &a->acts[i];
        const cy_err err = cy_act_open(a->entries[i], &a->decoded, act);

        if (!cy_ok(err))
            return bad_entry(a, first + i, cy_fail(CY_E_AUDIT_ACT, err.code),
                             "entry %" PRIu64 " is no act: %s", first + i,
                             cy_err_info(err.code)->text);
        for (uint32_t s = 0; s < act->envelope.n_signers; s++, (*n_items)++) {
            struct cy_ed25519_item *item = &a->items[*n_items];

            item->key = act->envelope.signers[s].key;
            item->n = cy_envelope_signed(&act->envelope, s, a->parts[*n_items]);
            item->message = a->parts[*n_items];
            memcpy(item->signature.b, act->envelope.signers[s].signature, 64);
            a->owner[*n_items] = i;
        }
    }
    return CY_OK;
}

static cy_err verify_signatures(struct audit *a, size_t n, uint64_t first)
{
    const cy_err err = cy_ed25519_verify_batch(a->items, n, &a->cache, &a->scratch, a->ok);

    a->report->signatures += n;
    if (err.code == CY_E_BAD_SIGNATURE) {
        const uint64_t at = first + a->owner[err.detail];

        return bad_entry(a, at, err, "a signature of entry %llu does not verify",
                         (unsigned long long)at);
    }
    return err;
}

static cy_err replay_bundle(struct audit *a, uint64_t index, uint32_t width)
{
    const struct cy_tile tile = {.index = index, .level = CY_TILE_ENTRIES, .width = width};
    const uint64_t first = index * CY_TILE_WIDTH;
    char path[CY_TILE_PATH_MAX];
    size_t n = 0;
    size_t n_items = 0;
    cy_err err = cy_audit_source_tile(a->source, &tile, path, a->bundle, BUNDLE_MAX, &n);

    if (!cy_ok(err))
        return bad_file(a, path, err);
    CY_TRY(split_bundle(a, cy_span_of(a->bundle, n), first, width, path));
    CY_TRY(open_entries(a, first, width, &n_items));
    CY_TRY(verify_signatures(a, n_items, first));
    for (uint32_t i = 0; i < width; i++)
        CY_TRY(replay(a, &a->acts[i], first + i));
    return CY_OK;
}

/* --- the whole --- */

static cy_err read_head(struct audit *a)
{
    struct cy_note note;
    size_t n = 0;
    cy_err err = cy_audit_source_read(a->source, CY_CHECKPOINT_FILE, a->note_bytes,
                                      sizeof a->note_bytes, &n);

    if (!cy_ok(err))
        return bad_file(a, CY_CHECKPOINT_FILE, err);
    a->note = cy_span_of(a->note_bytes, n);
    err = cy_note_read(a->note, &note);
    if (cy_ok(err))
        err = cy_checkpoint_read(note.text, &a->head);
    if (!cy_ok(err))
        return bad_file(a, CY_CHECKPOINT_FILE, err);
    a->report->size = a->head.size;
    a->report->root = a->head.root;
    (void)snprintf(a->report->origin, sizeof a->report->origin, "%.*s",
                   (int)(a->head.origin.n > 63 ? 63 : a->head.origin.n),
                   (const char *)a->head.origin.at);
    if (a->head.size == 0)
        return bad_file(a, CY_CHECKPOINT_FILE, cy_fail(CY_E_NO_GENESIS, 0));
    return CY_OK;
}

/* The head meets the policy that the auditor trusts, before anything of the ledger is believed. */
static cy_err check_trusted(struct audit *a)
{
    const struct cy_trust trust = {.policy = a->options->policy};
    struct cy_checkpoint again;
    cy_err err = CY_OK;

    if (trust.policy == NULL)
        return CY_OK;
    err = cy_trust_head(a->note, &trust, &again, &a->report->cosigned);
    if (!cy_ok(err))
        (void)snprintf(a->report->why, sizeof a->report->why,
                       "checkpoint, held to the policy that is trusted: %s",
                       cy_err_info(err.code)->text);
    return err;
}

static void *reserve(size_t n)
{
    void *at =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return at == MAP_FAILED ? NULL : at;
}

/* Room for every table: address space only, pages are taken as records come. */
static cy_err make_world(struct audit *a)
{
    struct cy_limit limits[CY_TABLES_MAX];
    const struct cy_schema *schema = NULL;
    uint64_t most =
        a->options->records_max != 0 ? a->options->records_max : RECORDS_PER_ENTRY * a->head.size;
    struct cy_trie_options trie = {.kept_max = 1};
    uint8_t salt[16];
    size_t n_limits = 0;
    size_t engine = 0;
    size_t n = 0;

    most = most < RECORDS_LEAST ? RECORDS_LEAST : most > RECORDS_MOST ? RECORDS_MOST : most;
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        if (schema->kind == CY_SCHEMA_RECORD && schema != &cy_schema_realm &&
            schema != &cy_schema_param && n_limits < CY_COUNT(limits))
            limits[n_limits++] = (struct cy_limit){schema->number, (uint32_t)most};
    }
    trie.leaves_max = (uint32_t)(8 * most < (1u << 30) ? 8 * most : (1u << 30));
    trie.nodes_max = trie.leaves_max;
    engine = cy_engine_bytes(a->options->roster, a->options->n_roster, limits, n_limits);
    n = engine + cy_trie_bytes(&trie) + cy_key_cache_bytes(KEYS_CACHED) + (1u << 16);
    a->fresh = cy_arena_on(reserve(n), n);
    a->decoded = cy_arena_on(reserve(DECODED_MAX), DECODED_MAX);
    n = cy_ed25519_batch_bytes(SIGNATURES_MAX) + 4096;
    a->scratch = cy_arena_on(reserve(n), n);
    a->bundle = reserve(BUNDLE_MAX);
    if (a->fresh.at == NULL || a->decoded.at == NULL || a->scratch.at == NULL || a->bundle == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    cy_random(salt, sizeof salt);
    CY_TRY(cy_engine_init(&a->engine, a->options->roster, a->options->n_roster, limits, n_limits,
                          &a->fresh));
    CY_TRY(cy_key_cache_on(&a->cache, &a->fresh, KEYS_CACHED, salt));
    return cy_trie_init(&a->trie, &trie, &a->fresh);
}

static void release(const struct cy_arena *arena)
{
    if (arena->at != NULL)
        (void)munmap(arena->at, arena->cap);
}

static cy_err run(struct audit *a)
{
    const uint64_t size = a->head.size;

    for (uint64_t index = 0; index * CY_TILE_WIDTH < size; index++) {
        const uint64_t left = size - index * CY_TILE_WIDTH;
        const uint32_t width = left < CY_TILE_WIDTH ? (uint32_t)left : CY_TILE_WIDTH;

        CY_TRY(replay_bundle(a, index, width));
        if (a->options->progress != NULL)
            a->options->progress(a->options->user, index * CY_TILE_WIDTH + width, size);
    }
    CY_TRY(finish_tree(a));
    CY_TRY(check_final(a));
    a->report->time = cy_engine_realm(&a->engine)->now;
    if (a->options->pick != NULL)
        cy_text_span(a->options->pick->note, a->note);
    return state_root(a, &a->report->state_root);
}

cy_err cy_audit_run(struct cy_audit_source *source, const struct cy_audit_options *options,
                    struct cy_audit_report *report)
{
    struct audit *a = calloc(1, sizeof *a);
    cy_err err = a == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : cy_crypto_start();

    *report = (struct cy_audit_report){.bad = UINT64_MAX};
    if (cy_ok(err)) {
        a->source = source;
        a->options = options;
        a->report = report;
        err = read_head(a);
    }
    if (cy_ok(err))
        err = check_trusted(a);
    if (cy_ok(err))
        err = make_world(a);
    if (cy_ok(err))
        err = run(a);
    if (!cy_ok(err) && report->why[0] == 0)
        (void)snprintf(report->why, sizeof report->why, "%s", cy_err_info(err.code)->text);
    if (a != NULL) {
        release(&a->fresh);
        release(&a->decoded);
        release(&a->scratch);
        if (a->bundle != NULL)
            (void)munmap(a->bundle, BUNDLE_MAX);
    }
    free(a);
    return err;
}
