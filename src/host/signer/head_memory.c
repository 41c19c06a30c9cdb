#include "host/signer/head_memory.h"

#include "base/table.h"
#include "crypto/merkle.h"

#include <stdlib.h>

#define CHECK_HEX 32u
#define LINE_MAX 512u            /* one head as text */
#define COMPACT_LEAST (1u << 20) /* a smaller file is not rewritten */

struct entry {
    struct cy_id slot; /* digest of purpose, key and origin */
    struct cy_head head;
    bool dirty; /* taken, not yet durable */
};

struct cy_head_memory {
    struct cy_disk disk;
    char path[CY_PATH_MAX];
    void *room; /* of the table */
    struct cy_table table;
    uint32_t *dirty; /* slots */
    uint32_t n_dirty;
    int file;
    uint64_t end;   /* of the file */
    uint64_t batch; /* number of the last one */
    bool broken;    /* a flush failed: what is on the disk is not known */
};

static struct cy_id slot_of(uint8_t purpose, const struct cy_id *key, struct cy_span origin)
{
    const struct cy_span parts[] = {cy_span_of(&purpose, 1), cy_span_of(key->b, sizeof key->b),
                                    origin};

    return cy_sha256_parts(parts, CY_COUNT(parts));
}

static struct cy_span origin_of(const struct cy_head *head)
{
    return cy_span_of(head->origin, head->n_origin);
}

/* --- judging --- */

/* Whether `head` may follow `old` as far as order and roots say; proofs are the caller's. */
static cy_err follows(const struct cy_head *old, const struct cy_head *head)
{
    if (head->size < old->size)
        return cy_fail(CY_E_HEAD_ROLLBACK, old->size);
    if (head->size == old->size && !cy_id_eq(&head->root, &old->root))
        return cy_fail(CY_E_HEAD_CONFLICT, old->size);
    if (head->time_s < old->time_s)
        return cy_fail(CY_E_COSIGN_TIME, 0);
    return CY_OK;
}

static cy_err proven(const struct cy_head *old, const struct cy_head *head,
                     const struct cy_id *proof, size_t n_proof)
{
    cy_err verdict = CY_OK;

    if (old->size == 0 || head->size == old->size)
        return CY_OK;
    if (n_proof == 0)
        return cy_fail(CY_E_HEAD_UNPROVEN, 0);
    verdict = cy_merkle_consistency(old->size, &old->root, head->size, &head->root, proof, n_proof);
    return cy_ok(verdict) ? CY_OK : cy_fail(CY_E_HEAD_UNPROVEN, verdict.detail);
}

static cy_err remember(struct cy_head_memory *memory, const struct cy_head *head, bool dirty)
{
    struct entry entry = {.slot = slot_of(head->purpose, &head->key, origin_of(head))};
    uint32_t slot = cy_table_find(&memory->table, &entry.slot);
    struct entry *at = NULL;

    if (slot == CY_TABLE_NONE) {
        if (memory->table.n >= memory->table.limit)
            return cy_fail(CY_E_NO_ROOM, memory->table.limit);
        slot = cy_table_put(&memory->table, &entry);
    }
    at = cy_table_at(&memory->table, slot);
    at->head = *head;
    if (dirty && !at->dirty) {
        memory->dirty[memory->n_dirty++] = slot;
        at->dirty = true;
    }
    return CY_OK;
}

cy_err cy_head_memory_take(struct cy_head_memory *memory, const struct cy_head *head,
                           const struct cy_id *proof, size_t n_proof)
{
    const struct cy_id slot = slot_of(head->purpose, &head->key, origin_of(head));
    const struct cy_id empty = cy_hash_empty();
    const struct entry *old = cy_table_get(&memory->table, &slot);

    if (memory->broken)
        return cy_fail(CY_E_DISK_FAILED, 0);
    if (head->n_origin == 0 || memchr(head->origin, '\n', head->n_origin) != NULL)
        return cy_fail(CY_E_BAD_CHECKPOINT, 1);
    if (head->size == 0 && !cy_id_eq(&head->root, &empty))
        return cy_fail(CY_E_BAD_CHECKPOINT, 3);
    if (old != NULL) {
        CY_TRY(follows(&old->head, head));
        CY_TRY(proven(&old->head, head, proof, n_proof));
        if (head->size == old->head.size && head->time_s == old->head.time_s)
            return CY_OK; /* known; when it is not durable yet it is in the list already */
    }
    return remember(memory, head, true);
}

cy_err cy_head_memory_raise(struct cy_head_memory *memory, const struct cy_head *head)
{
    const struct cy_id slot = slot_of(head->purpose, &head->key, origin_of(head));
    const struct entry *old = cy_table_get(&memory->table, &slot);
    struct cy_head raised = *head;

    if (memory->broken)
        return cy_fail(CY_E_DISK_FAILED, 0);
    if (head->n_origin == 0 || memchr(head->origin, '\n', head->n_origin) != NULL)
        return cy_fail(CY_E_BAD_CHECKPOINT, 1);
    if (old != NULL) {
        if (head->size == old->head.size && !cy_id_eq(&head->root, &old->head.root))
            return cy_fail(CY_E_HEAD_CONFLICT, head->size);
        if (head->size <= old->head.size && head->time_s <= old->head.time_s)
            return CY_OK;
        if (head->size < old->head.size) { /* a later cosignature of an earlier head */
            raised.size = old->head.size;
            raised.root = old->head.root;
        }
        if (raised.time_s < old->head.time_s)
            raised.time_s = old->head.time_s;
    }
    return remember(memory, &raised, true);
}

const struct cy_head *cy_head_memory_at(const struct cy_head_memory *memory, uint32_t i)
{
    return &((const struct entry *)cy_table_at(&memory->table, i))->head;
}

bool cy_head_memory_find(const struct cy_head_memory *memory, uint8_t purpose,
                         const struct cy_id *key, struct cy_span origin, struct cy_head *out)
{
    const struct cy_id slot = slot_of(purpose, key, origin);
    const struct entry *entry = cy_table_get(&memory->table, &slot);

    if (entry != NULL)
        *out = entry->head;
    return entry != NULL;
}

uint32_t cy_head_memory_count(const struct cy_head_memory *memory)
{
    return memory->table.n;
}

/* --- text --- */

static void write_head(struct cy_text *text, const struct cy_head *head)
{
    cy_text_add(text, "head ");
    cy_text_u64(text, head->purpose);
    cy_text_add(text, " ");
    cy_text_hex(text, cy_span_of(head->key.b, sizeof head->key.b));
    cy_text_add(text, " ");
    cy_text_u64(text, head->size);
    cy_text_add(text, " ");
    cy_text_hex(text, cy_span_of(head->root.b, sizeof head->root.b));
    cy_text_add(text, " ");
    cy_text_u64(text, head->time_s);
    cy_text_add(text, " ");
    cy_text_span(text, origin_of(head));
    cy_text_add(text, "\n");
}

static void check_of(struct cy_span batch, char out[static CHECK_HEX + 1])
{
    const struct cy_id digest = cy_sha256(batch);

    cy_hex(digest.b, CHECK_HEX / 2, out);
}

static size_t batch_room(uint32_t heads)
{
    return 2 * ((size_t)heads * LINE_MAX + 128);
}

static void batch_begin(struct cy_text *text, uint64_t number)
{
    cy_text_add(text, "batch ");
    cy_text_u64(text, number);
    cy_text_add(text, "\n");
}

/* Closes the batch that fills `text`, and writes its second copy. */
static void batch_end(struct cy_text *text)
{
    char check[CHECK_HEX + 1];

    check_of(cy_text_bytes(text), check);
    cy_text_add(text, "end ");
    cy_text_add(text, check);
    cy_text_add(text, "\n\n"); /* one wrong byte cannot join two copies */
    cy_text_span(text, cy_span_of(text->at, text->n));
    CY_ASSERT(!text->full);
}

/* The next word up to `end`, taken off the front of *rest. */
static struct cy_span word(struct cy_span *rest, char end)
{
    const uint8_t *at = rest->n == 0 ? NULL : memchr(rest->at, end, rest->n);
    const size_t n = at == NULL ? rest->n : (size_t)(at - rest->at);
    const struct cy_span got = cy_span_of(rest->at, n);
    const size_t skip = at == NULL ? n : n + 1;

    *rest = cy_span_of(rest->at + skip, rest->n - skip);
    return got;
}

static cy_err read_id(struct cy_span text, struct cy_id *out)
{
    return text.n == 64 ? cy_hex_read(text, out->b, 32) : cy_fail(CY_E_BAD_HEX, 0);
}

static cy_err read_head(struct cy_span line, struct cy_head *out)
{
    uint64_t purpose = 0;

    *out = (struct cy_head){0};
    if (!cy_span_eq(word(&line, ' '), cy_span_text("head")))
        return cy_fail(CY_E_BAD_TEXT, 0);
    CY_TRY(cy_u64_read(word(&line, ' '), &purpose));
    CY_TRY(read_id(word(&line, ' '), &out->key));
    CY_TRY(cy_u64_read(word(&line, ' '), &out->size));
    CY_TRY(read_id(word(&line, ' '), &out->root));
    CY_TRY(cy_u64_read(word(&line, ' '), &out->time_s));
    if (purpose > UINT8_MAX || line.n == 0 || line.n > CY_HEAD_ORIGIN_MAX)
        return cy_fail(CY_E_BAD_TEXT, 0);
    out->purpose = (uint8_t)purpose;
    out->n_origin = (uint8_t)line.n;
    memcpy(out->origin, line.at, line.n);
    return CY_OK;
}

/* --- reading the file --- */

/* Finds a whole batch at the front of `bytes`: its number, its head lines, its length. */
static bool batch_at(struct cy_span bytes, uint64_t *number, struct cy_span *heads, size_t *n)
{
    struct cy_span rest = bytes;
    struct cy_span line = word(&rest, '\n');
    char check[CHECK_HEX + 1];
    const uint8_t *from = rest.at;

    if (!cy_span_eq(word(&line, ' '), cy_span_text("batch")) || !cy_ok(cy_u64_read(line, number)))
        return false;
    while (rest.n > 0) {
        const uint8_t *at = rest.at;

        line = word(&rest, '\n');
        if (line.n < 4 || memcmp(line.at, "end ", 4) != 0)
            continue;
        *heads = cy_span_of(from, (size_t)(at - from));
        *n = (size_t)(rest.at - bytes.at);
        check_of(cy_span_of(bytes.at, (size_t)(at - bytes.at)), check);
        return rest.at[-1] == '\n' &&
               cy_span_eq(cy_span_of(line.at + 4, line.n - 4), cy_span_text(check));
    }
    return false;
}

static cy_err apply(struct cy_head_memory *memory, uint64_t number, struct cy_span heads)
{
    while (heads.n > 0) {
        struct cy_head head;
        struct cy_head old;

        if (!cy_ok(read_head(word(&heads, '\n'), &head)))
            return cy_fail(CY_E_KEYSTORE_BAD, number);
        if (cy_head_memory_find(memory, head.purpose, &head.key, origin_of(&head), &old) &&
            !cy_ok(follows(&old, &head)))
            return cy_fail(CY_E_KEYSTORE_BAD, number);
        CY_TRY(remember(memory, &head, false));
    }
    return CY_OK;
}

/* *torn: something was there that is no batch. */
static cy_err load(struct cy_head_memory *memory, struct cy_span bytes, bool *torn)
{
    *torn = false;
    while (bytes.n > 0) {
        struct cy_span heads;
        uint64_t number = 0;
        size_t n = 0;

        if (!batch_at(bytes, &number, &heads, &n)) {
            *torn = word(&bytes, '\n').n > 0 || *torn;
            continue;
        }
        if (number == memory->batch + 1) {
            CY_TRY(apply(memory, number, heads));
            memory->batch = number;
        } else if (number != memory->batch) {
            return cy_fail(CY_E_KEYSTORE_BAD, memory->batch + 1);
        }
        bytes = cy_span_of(bytes.at + n, bytes.n - n);
    }
    return memory->batch == 0 ? cy_fail(CY_E_KEYSTORE_BAD, 1) : CY_OK;
}

cy_err cy_head_memory_peek(struct cy_span bytes, uint8_t purpose, const struct cy_id *key,
                           struct cy_span origin, struct cy_head *out)
{
    bool whole = false;

    *out = (struct cy_head){.size = 0};
    while (bytes.n > 0) {
        struct cy_span heads;
        struct cy_head head;
        uint64_t number = 0;
        size_t n = 0;

        if (!batch_at(bytes, &number, &heads, &n)) {
            (void)word(&bytes, '\n');
            continue;
        }
        whole = true;
        bytes = cy_span_of(bytes.at + n, bytes.n - n);
        while (heads.n > 0) {
            if (!cy_ok(read_head(word(&heads, '\n'), &head)))
                return cy_fail(CY_E_KEYSTORE_BAD, number);
            if (head.purpose == purpose && cy_id_eq(&head.key, key) &&
                cy_span_eq(origin_of(&head), origin) && head.size >= out->size)
                *out = head;
        }
    }
    return whole ? CY_OK : cy_fail(CY_E_KEYSTORE_BAD, 1);
}

/* --- writing the file --- */

static cy_err open_end(struct cy_head_memory *memory)
{
    const struct cy_disk_ops *ops = memory->disk.ops;

    if (memory->file >= 0)
        (void)ops->close(memory->disk.self, memory->file);
    memory->file = -1;
    CY_TRY(ops->open(memory->disk.self, memory->path, CY_DISK_WRITE, &memory->file));
    return ops->size(memory->disk.self, memory->file, &memory->end);
}

static cy_err replace(const struct cy_disk *disk, const char *path, struct cy_span bytes)
{
    char fresh[CY_PATH_MAX];
    struct cy_text name = cy_text_on(fresh, sizeof fresh);

    cy_text_add(&name, path);
    cy_text_add(&name, ".new");
    CY_ASSERT(!name.full);
    return cy_disk_replace(disk, path, fresh, bytes);
}

/* Rewrites the file with the heads that count. */
static cy_err compact(struct cy_head_memory *memory)
{
    const size_t cap = batch_room(memory->table.n);
    char *room = malloc(cap);
    struct cy_text text;
    cy_err done = CY_OK;

    if (room == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    text = cy_text_on(room, cap);
    batch_begin(&text, 1);
    for (uint32_t i = 0; i < memory->table.n; i++)
        write_head(&text, &((struct entry *)cy_table_at(&memory->table, i))->head);
    batch_end(&text);
    done = replace(&memory->disk, memory->path, cy_text_bytes(&text));
    free(room);
    CY_TRY(done);
    memory->batch = 1;
    return open_end(memory);
}

/* The write of a batch failed: nothing of it may stay, or the next one would follow a torn one. */
static cy_err undo_append(struct cy_head_memory *memory, cy_err why)
{
    const struct cy_disk_ops *ops = memory->disk.ops;

    if (!cy_ok(ops->truncate(memory->disk.self, memory->file, memory->end)) ||
        cy_err_info(why.code)->kind != CY_ERR_soft)
        memory->broken = true;
    return why;
}

static cy_err append(struct cy_head_memory *memory, struct cy_span bytes)
{
    const struct cy_disk_ops *ops = memory->disk.ops;
    cy_err done = ops->write(memory->disk.self, memory->file, memory->end, bytes);

    if (!cy_ok(done))
        return undo_append(memory, done);
    done = ops->sync(memory->disk.self, memory->file);
    if (!cy_ok(done)) {
        memory->broken = true;
        return done;
    }
    memory->end += bytes.n;
    memory->batch++;
    return CY_OK;
}

static void clean(struct cy_head_memory *memory)
{
    for (uint32_t i = 0; i < memory->n_dirty; i++)
        ((struct entry *)cy_table_at(&memory->table, memory->dirty[i]))->dirty = false;
    memory->n_dirty = 0;
}

cy_err cy_head_memory_commit(struct cy_head_memory *memory)
{
    const size_t cap = batch_room(memory->n_dirty);
    char *room = NULL;
    struct cy_text text;
    cy_err done = CY_OK;

    if (memory->broken)
        return cy_fail(CY_E_DISK_FAILED, 0);
    if (memory->n_dirty == 0)
        return CY_OK;
    if (memory->end > COMPACT_LEAST && memory->end > 8 * batch_room(memory->table.n)) {
        done = compact(memory);
        memory->broken =
            !cy_ok(done) && (cy_err_info(done.code)->kind != CY_ERR_soft || memory->file < 0);
        if (cy_ok(done))
            clean(memory);
        return done;
    }
    room = malloc(cap);
    if (room == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    text = cy_text_on(room, cap);
    batch_begin(&text, memory->batch + 1);
    for (uint32_t i = 0; i < memory->n_dirty; i++)
        write_head(&text, &((struct entry *)cy_table_at(&memory->table, memory->dirty[i]))->head);
    batch_end(&text);
    done = append(memory, cy_text_bytes(&text));
    free(room);
    if (cy_ok(done))
        clean(memory);
    return done;
}

/* --- life --- */

cy_err cy_head_memory_make(const struct cy_disk *disk, const char *path)
{
    char room[256];
    struct cy_text text = cy_text_on(room, sizeof room);
    int file = -1;
    const cy_err there = disk->ops->open(disk->self, path, 0, &file);

    if (cy_ok(there)) {
        (void)disk->ops->close(disk->self, file);
        return cy_fail(CY_E_KEYSTORE_BAD, 0);
    }
    if (there.code != CY_E_NO_FILE)
        return there;
    batch_begin(&text, 1);
    batch_end(&text);
    return replace(disk, path, cy_text_bytes(&text));
}

static cy_err read_file(struct cy_head_memory *memory, bool *torn)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    cy_err done = CY_OK;

    CY_TRY(open_end(memory));
    if (memory->end > SIZE_MAX / 2)
        return cy_fail(CY_E_KEYSTORE_BAD, 0);
    bytes = malloc((size_t)memory->end + 1);
    if (bytes == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    done = cy_disk_read_all(&memory->disk, memory->path, bytes, (size_t)memory->end, &n);
    if (cy_ok(done))
        done = load(memory, cy_span_of(bytes, n), torn);
    free(bytes);
    return done;
}

static cy_err start(struct cy_head_memory *memory, uint32_t limit)
{
    const uint32_t size = (uint32_t)sizeof(struct entry);
    const size_t cap = cy_table_bytes(size, limit);
    struct cy_arena arena;
    bool torn = false;

    memory->room = calloc(1, cap + 16);
    memory->dirty = calloc(limit, sizeof *memory->dirty);
    if (memory->room == NULL || memory->dirty == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    arena = cy_arena_on(memory->room, cap);
    CY_TRY(cy_table_init(&memory->table, &arena, size, sizeof(struct cy_id), limit));
    CY_TRY(read_file(memory, &torn));
    return torn ? compact(memory) : CY_OK;
}

cy_err cy_head_memory_open(const struct cy_disk *disk, const char *path, uint32_t limit,
                           struct cy_head_memory **out)
{
    struct cy_head_memory *memory = calloc(1, sizeof *memory);
    struct cy_text name;
    cy_err done = CY_OK;

    *out = NULL;
    if (memory == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    memory->disk = *disk;
    memory->file = -1;
    name = cy_text_on(memory->path, sizeof memory->path);
    cy_text_add(&name, path);
    CY_ASSERT(!name.full);
    done = start(memory, limit);
    if (!cy_ok(done)) {
        cy_head_memory_close(memory);
        return done;
    }
    *out = memory;
    return CY_OK;
}

void cy_head_memory_close(struct cy_head_memory *memory)
{
    if (memory == NULL)
        return;
    if (memory->file >= 0)
        (void)memory->disk.ops->close(memory->disk.self, memory->file);
    free(memory->room);
    free(memory->dirty);
    free(memory);
}
