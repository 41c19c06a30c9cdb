#include "host/sql/sql_replay.h"

#include "crypto/note_key.h"
#include "kernel/height.h"
#include "ledger/checkpoint.h"
#include "ledger/snapshot.h"
#include "realm/cell.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define BUNDLE_MAX ((size_t)CY_TILE_WIDTH * (CY_ENTRY_MAX + 2u))
#define DECODED_MAX ((size_t)64 << 20) /* address space for one act, decoded */
#define RECORDS_LEAST (1u << 22)
#define RECORDS_PER_ENTRY 64u /* a batch makes many */
#define RECORDS_MOST (1u << 26)
#define LEVELS 8u

struct cy_sql_replay {
    struct cy_sql_replay_options options;
    struct cy_audit_source *source;
    struct cy_engine engine;
    struct cy_arena fresh;
    struct cy_arena decoded;
    struct cy_frontier frontier;
    struct cy_checkpoint head;
    uint8_t note[CY_NOTE_MAX];
    size_t n_note;
    char origin[64];
    uint8_t *bundle;
    bool checked; /* the head against the key that genesis names, or a federation's policy */
    char why[CY_SQL_REPLAY_WHY];
};

__attribute__((format(printf, 3, 4))) static cy_err say(struct cy_sql_replay *r, cy_err err,
                                                        const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(r->why, sizeof r->why, format, list);
    va_end(list);
    return err;
}

/* --- the head --- */

/* A federation's head carries no key of its own: its cosignatures meet the policy that is in force
 * where it ends, so nobody knows before everything under it was read. */
static cy_err check_final(struct cy_sql_replay *r)
{
    struct cy_checkpoint again;
    cy_err err = CY_OK;

    r->checked = false;
    if (r->frontier.size != r->head.size)
        return CY_OK;
    err = cy_final_check(&r->engine.plan, cy_span_of(r->note, r->n_note), &again);
    cy_engine_discard(&r->engine);
    r->checked = cy_ok(err);
    return cy_ok(err) ? CY_OK : say(r, err, "checkpoint: %s", cy_err_info(err.code)->text);
}

/* The head is signed by the key that genesis names; nobody knows it before that was read. */
static cy_err check_head(struct cy_sql_replay *r)
{
    const struct cy_realm *realm = r->fresh.at == NULL ? NULL : cy_engine_realm(&r->engine);
    struct cy_note_key key;
    struct cy_checkpoint again;
    uint32_t cosigned = 0;
    cy_err err = CY_OK;

    if (realm == NULL)
        return CY_OK;
    if (cy_id_none(&realm->log_key))
        return check_final(r);
    err = cy_note_key_of(cy_name_text(&realm->name), CY_NOTE_ED25519, &realm->log_key, &key);
    if (cy_ok(err))
        err = cy_checkpoint_verify(cy_span_of(r->note, r->n_note), &key, NULL, 0, 0, &again,
                                   &cosigned);
    r->checked = cy_ok(err);
    return cy_ok(err) ? CY_OK : say(r, err, "checkpoint: %s", cy_err_info(err.code)->text);
}

static cy_err read_head(struct cy_sql_replay *r)
{
    struct cy_note note;
    cy_err err =
        cy_audit_source_read(r->source, CY_CHECKPOINT_FILE, r->note, sizeof r->note, &r->n_note);

    if (!cy_ok(err))
        return say(r, err, "checkpoint: %s", cy_audit_source_why(r->source));
    err = cy_note_read(cy_span_of(r->note, r->n_note), &note);
    if (cy_ok(err))
        err = cy_checkpoint_read(note.text, &r->head);
    if (!cy_ok(err))
        return say(r, err, "checkpoint: %s", cy_err_info(err.code)->text);
    if (r->head.size == 0)
        return say(r, cy_fail(CY_E_NO_GENESIS, 0), "the ledger is empty");
    if (r->head.size < r->frontier.size)
        return say(r, cy_fail(CY_E_AUDIT_TREE, 0),
                   "the head went back from %" PRIu64 " to %" PRIu64, r->frontier.size,
                   r->head.size);
    (void)snprintf(r->origin, sizeof r->origin, "%.*s",
                   (int)(r->head.origin.n > 63 ? 63 : r->head.origin.n),
                   (const char *)r->head.origin.at);
    return check_head(r);
}

cy_err cy_sql_replay_look(struct cy_sql_replay *r, uint64_t *head)
{
    CY_TRY(read_head(r));
    *head = r->head.size;
    return CY_OK;
}

/* --- open --- */

static void *reserve(size_t n)
{
    void *at =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return at == MAP_FAILED ? NULL : at;
}

/* Address space only: pages are taken as records come. */
static size_t limits_of(const struct cy_sql_replay *r, struct cy_limit limits[CY_TABLES_MAX])
{
    const uint64_t many = RECORDS_PER_ENTRY * r->head.size;
    const uint64_t most = many < RECORDS_LEAST  ? RECORDS_LEAST
                          : many > RECORDS_MOST ? RECORDS_MOST
                                                : many;
    const struct cy_schema *schema = NULL;
    size_t n = 0;

    if (r->options.limits != NULL) {
        CY_ASSERT(r->options.n_limits <= CY_TABLES_MAX);
        memcpy(limits, r->options.limits, r->options.n_limits * sizeof *limits);
        return r->options.n_limits;
    }
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL && n < CY_TABLES_MAX; i++) {
        if (schema->kind == CY_SCHEMA_RECORD && schema != &cy_schema_realm &&
            schema != &cy_schema_param)
            limits[n++] = (struct cy_limit){schema->number, (uint32_t)most};
    }
    return n;
}

static cy_err make_world(struct cy_sql_replay *r)
{
    struct cy_limit limits[CY_TABLES_MAX];
    const size_t n_limits = limits_of(r, limits);
    const size_t n =
        cy_engine_bytes(r->options.roster, r->options.n_roster, limits, n_limits) + (1u << 16);

    r->fresh = cy_arena_on(reserve(n), n);
    r->decoded = cy_arena_on(reserve(DECODED_MAX), DECODED_MAX);
    r->bundle = reserve(BUNDLE_MAX);
    if (r->fresh.at == NULL || r->decoded.at == NULL || r->bundle == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    return cy_engine_init(&r->engine, r->options.roster, r->options.n_roster, limits, n_limits,
                          &r->fresh);
}

cy_err cy_sql_replay_open(const struct cy_sql_replay_options *options, struct cy_sql_replay **out,
                          char *why)
{
    struct cy_sql_replay *r = calloc(1, sizeof *r);
    cy_err err = r == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : cy_crypto_start();

    *out = NULL;
    why[0] = 0;
    if (cy_ok(err)) {
        r->options = *options;
        err = cy_audit_source_open(options->place, options->pin, &r->source);
        if (!cy_ok(err) && r->source != NULL)
            (void)say(r, err, "%s", cy_audit_source_why(r->source));
    }
    if (cy_ok(err))
        err = read_head(r);
    if (cy_ok(err))
        err = make_world(r);
    if (cy_ok(err)) {
        *out = r;
        return CY_OK;
    }
    if (r != NULL)
        (void)snprintf(why, CY_SQL_REPLAY_WHY, "%s", r->why);
    cy_sql_replay_close(r);
    return err;
}

static void release(void *at, size_t n)
{
    if (at != NULL)
        (void)munmap(at, n);
}

void cy_sql_replay_close(struct cy_sql_replay *r)
{
    if (r == NULL)
        return;
    cy_audit_source_close(r->source);
    release(r->fresh.at, r->fresh.cap);
    release(r->decoded.at, r->decoded.cap);
    release(r->bundle, BUNDLE_MAX);
    free(r);
}

/* --- snapshots --- */

/* The hashes at the right edge of a tree of that size, from its tiles: of each level those that no
 * full tile of the level above covers, and of them the full subtrees, largest first. */
static cy_err read_frontier(struct cy_sql_replay *r, uint64_t size)
{
    struct cy_frontier frontier = {.size = size};
    unsigned n = 0;

    for (uint32_t level = LEVELS; level-- > 0;) {
        const uint64_t nodes = size >> (8 * level);
        const uint32_t width = (uint32_t)(nodes % CY_TILE_WIDTH);
        const struct cy_tile tile = {nodes / CY_TILE_WIDTH, level, width};
        struct cy_id hash[CY_TILE_WIDTH];
        char path[CY_TILE_PATH_MAX];
        uint32_t done = 0;
        size_t got = 0;

        if (width == 0)
            continue;
        CY_TRY(cy_audit_source_tile(r->source, &tile, path, hash[0].b, sizeof hash, &got));
        if (got < width * sizeof(struct cy_id))
            return cy_fail(CY_E_TILE_DAMAGED, level);
        for (uint32_t bit = CY_TILE_WIDTH / 2; bit > 0; bit /= 2) {
            if ((width & bit) == 0)
                continue;
            frontier.hash[n++] = cy_merkle_root(hash + done, bit);
            done += bit;
        }
    }
    r->frontier = frontier;
    return CY_OK;
}

static cy_err load(struct cy_sql_replay *r, uint64_t size)
{
    uint8_t *buffer = r->bundle;
    struct cy_snapshot_head head;
    struct cy_disk_fault fault;
    struct cy_id root;

    CY_TRY(cy_cell_load_world(r->options.snapshots, size, &r->engine.world, buffer, &head, &fault));
    CY_TRY(read_frontier(r, size));
    root = cy_frontier_root(&r->frontier);
    return cy_id_eq(&root, &head.tree_root) ? check_head(r) : cy_fail(CY_E_AUDIT_TREE, 0);
}

/* An empty world once more: what a bad snapshot left in it is gone. */
static cy_err start_over(struct cy_sql_replay *r)
{
    release(r->fresh.at, r->fresh.cap);
    release(r->decoded.at, r->decoded.cap);
    release(r->bundle, BUNDLE_MAX);
    r->bundle = NULL;
    r->fresh = r->decoded = cy_arena_on(NULL, 0);
    memset(&r->engine, 0, sizeof r->engine);
    memset(&r->frontier, 0, sizeof r->frontier);
    return make_world(r);
}

cy_err cy_sql_replay_skip(struct cy_sql_replay *r, uint64_t to)
{
    uint64_t sizes[CY_SNAPSHOT_LIST_MAX];
    uint32_t n = 0;

    CY_ASSERT(r->frontier.size == 0);
    if (r->options.snapshots == NULL || !cy_ok(cy_snapshot_list(r->options.snapshots, sizes, &n)))
        return CY_OK;
    for (uint32_t i = 0; i < n; i++) {
        if (sizes[i] > to || sizes[i] > r->head.size)
            continue;
        if (cy_ok(load(r, sizes[i])))
            return CY_OK;
        CY_TRY(start_over(r)); /* it is damaged, or was just removed: try an older one */
    }
    return CY_OK;
}

/* --- reading on --- */

static cy_err replay_entry(struct cy_sql_replay *r, struct cy_span bytes,
                           const struct cy_sql_visitor *visitor)
{
    const uint64_t at = r->frontier.size;
    const struct cy_id leaf = cy_hash_leaf(bytes);
    struct cy_verdict verdict;
    struct cy_act act;
    cy_err err = CY_OK;

    cy_arena_rewind(&r->decoded, 0);
    err = cy_act_open(bytes, &r->decoded, &act);
    if (!cy_ok(err))
        return say(r, cy_fail(CY_E_AUDIT_ACT, err.code), "entry %" PRIu64 " is no act: %s", at,
                   cy_err_info(err.code)->text);
    cy_engine_judge(&r->engine, &act, at, &verdict);
    if (verdict.err.code == CY_E_NO_ROOM || verdict.err.code == CY_E_RULES_UNKNOWN)
        return say(r, verdict.err, "entry %" PRIu64 " (%s): %s", at, act.any.schema->name,
                   cy_err_info(verdict.err.code)->text);
    if (!cy_ok(verdict.err))
        return say(r, cy_fail(CY_E_AUDIT_ACT, verdict.err.code),
                   "entry %" PRIu64 " (%s) is refused: %s", at, act.any.schema->name,
                   cy_err_info(verdict.err.code)->text);
    if (visitor != NULL)
        err = visitor->take(visitor->self, &(struct cy_sql_entry){at, &act, &verdict, &r->engine});
    if (!cy_ok(err)) {
        cy_engine_discard(&r->engine);
        return err;
    }
    cy_engine_apply(&r->engine);
    CY_TRY(cy_frontier_append(&r->frontier, &leaf));
    return r->checked ? CY_OK : check_head(r);
}

static cy_err check_root(struct cy_sql_replay *r)
{
    const struct cy_id root = cy_frontier_root(&r->frontier);

    if (r->frontier.size != r->head.size || cy_id_eq(&root, &r->head.root))
        return CY_OK;
    return say(r, cy_fail(CY_E_AUDIT_TREE, 0),
               "the %" PRIu64 " entries have another root than the head signs", r->head.size);
}

cy_err cy_sql_replay_step(struct cy_sql_replay *r, uint64_t to,
                          const struct cy_sql_visitor *visitor)
{
    const uint64_t end = to < r->head.size ? to : r->head.size;
    const uint64_t index = r->frontier.size / CY_TILE_WIDTH;
    const uint64_t left = r->head.size - index * CY_TILE_WIDTH;
    const struct cy_tile tile = {index, CY_TILE_ENTRIES,
                                 left < CY_TILE_WIDTH ? (uint32_t)left : CY_TILE_WIDTH};
    uint64_t at = index * CY_TILE_WIDTH;
    char path[CY_TILE_PATH_MAX];
    struct cy_span rest;
    struct cy_span entry;
    size_t n = 0;
    cy_err err = CY_OK;

    if (r->frontier.size >= end)
        return CY_OK;
    err = cy_audit_source_tile(r->source, &tile, path, r->bundle, BUNDLE_MAX, &n);
    if (!cy_ok(err))
        return say(r, err, "%s: %s", path, cy_audit_source_why(r->source));
    rest = cy_span_of(r->bundle, n);
    for (; at < end && at < (index + 1) * CY_TILE_WIDTH; at++) {
        err = cy_bundle_next(&rest, &entry);
        if (!cy_ok(err))
            return say(r, err, "%s ends inside entry %" PRIu64, path, at);
        if (at < r->frontier.size)
            continue;
        CY_TRY(replay_entry(r, entry, visitor));
        if (visitor != NULL && visitor->full(visitor->self))
            break;
    }
    return check_root(r);
}

/* --- what it knows --- */

uint64_t cy_sql_replay_at(const struct cy_sql_replay *r)
{
    return r->frontier.size;
}

struct cy_id cy_sql_replay_root(const struct cy_sql_replay *r)
{
    return cy_frontier_root(&r->frontier);
}

const char *cy_sql_replay_origin(const struct cy_sql_replay *r)
{
    return r->origin;
}

const struct cy_engine *cy_sql_replay_engine(const struct cy_sql_replay *r)
{
    return &r->engine;
}

const char *cy_sql_replay_why(const struct cy_sql_replay *r)
{
    return r->why;
}

size_t cy_sql_replay_limits(const struct cy_world *world, struct cy_limit out[CY_TABLES_MAX])
{
    for (uint32_t i = 0; i < world->n_tables; i++)
        out[i] =
            (struct cy_limit){world->tables[i].spec->schema->number, world->tables[i].table.limit};
    return world->n_tables;
}
