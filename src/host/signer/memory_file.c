#include "host/signer/memory_file.h"

#include "base/table.h"
#include "crypto/hash.h"

#include <stdlib.h>

#define CHECK_HEX 32u
#define COMPACT_LEAST (1u << 20) /* a smaller file is not rewritten */

struct cy_memory_file {
    const struct cy_memory_kind *kind;
    struct cy_disk disk;
    char path[CY_PATH_MAX];
    void *room; /* of the table */
    struct cy_table table;
    uint32_t *dirty; /* slots that are put, not yet durable */
    bool *is_dirty;  /* by slot */
    uint32_t n_dirty;
    void *spare; /* a record being read */
    int file;
    uint64_t end;   /* of the file */
    uint64_t batch; /* number of the last one */
    bool broken;    /* a flush failed: what is on the disk is not known */
};

/* --- records --- */

const void *cy_memory_file_find(const struct cy_memory_file *memory, const struct cy_id *slot)
{
    return cy_table_get(&memory->table, slot);
}

/* *slot: where the record stands now. */
static cy_err remember(struct cy_memory_file *memory, const void *record, uint32_t *slot)
{
    if (cy_table_find(&memory->table, record) == CY_TABLE_NONE &&
        memory->table.n >= memory->table.limit)
        return cy_fail(CY_E_NO_ROOM, memory->table.limit);
    *slot = cy_table_put(&memory->table, record);
    return CY_OK;
}

cy_err cy_memory_file_put(struct cy_memory_file *memory, const void *record)
{
    uint32_t slot = 0;

    if (memory->broken)
        return cy_fail(CY_E_DISK_FAILED, 0);
    CY_TRY(remember(memory, record, &slot));
    if (!memory->is_dirty[slot])
        memory->dirty[memory->n_dirty++] = slot;
    memory->is_dirty[slot] = true;
    return CY_OK;
}

bool cy_memory_file_works(const struct cy_memory_file *memory)
{
    return !memory->broken;
}

const void *cy_memory_file_at(const struct cy_memory_file *memory, uint32_t i)
{
    return cy_table_at(&memory->table, i);
}

uint32_t cy_memory_file_count(const struct cy_memory_file *memory)
{
    return memory->table.n;
}

/* --- text --- */

static void check_of(struct cy_span batch, char out[static CHECK_HEX + 1])
{
    const struct cy_id digest = cy_sha256(batch);

    cy_hex(digest.b, CHECK_HEX / 2, out);
}

static size_t batch_room(const struct cy_memory_kind *kind, uint32_t records)
{
    return 2 * ((size_t)records * kind->line_max + 128);
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

struct cy_span cy_memory_word(struct cy_span *rest, char end)
{
    const uint8_t *at = rest->n == 0 ? NULL : memchr(rest->at, end, rest->n);
    const size_t n = at == NULL ? rest->n : (size_t)(at - rest->at);
    const struct cy_span got = cy_span_of(rest->at, n);
    const size_t skip = at == NULL ? n : n + 1;

    *rest = cy_span_of(rest->at + skip, rest->n - skip);
    return got;
}

cy_err cy_memory_id(struct cy_span word, struct cy_id *out)
{
    return word.n == 64 ? cy_hex_read(word, out->b, 32) : cy_fail(CY_E_BAD_HEX, 0);
}

/* --- reading the file --- */

/* Finds a whole batch at the front of `bytes`: its number, its lines, its length. */
static bool batch_at(struct cy_span bytes, uint64_t *number, struct cy_span *lines, size_t *n)
{
    struct cy_span rest = bytes;
    struct cy_span line = cy_memory_word(&rest, '\n');
    char check[CHECK_HEX + 1];
    const uint8_t *from = rest.at;

    if (!cy_span_eq(cy_memory_word(&line, ' '), cy_span_text("batch")) ||
        !cy_ok(cy_u64_read(line, number)))
        return false;
    while (rest.n > 0) {
        const uint8_t *at = rest.at;

        line = cy_memory_word(&rest, '\n');
        if (line.n < 4 || memcmp(line.at, "end ", 4) != 0)
            continue;
        *lines = cy_span_of(from, (size_t)(at - from));
        *n = (size_t)(rest.at - bytes.at);
        check_of(cy_span_of(bytes.at, (size_t)(at - bytes.at)), check);
        return rest.at[-1] == '\n' &&
               cy_span_eq(cy_span_of(line.at + 4, line.n - 4), cy_span_text(check));
    }
    return false;
}

static cy_err apply(struct cy_memory_file *memory, uint64_t number, struct cy_span lines)
{
    while (lines.n > 0) {
        const void *old = NULL;
        uint32_t slot = 0;

        if (!cy_ok(memory->kind->read(cy_memory_word(&lines, '\n'), memory->spare)))
            return cy_fail(CY_E_KEYSTORE_BAD, number);
        old = cy_table_get(&memory->table, memory->spare);
        if (old != NULL && !memory->kind->follows(old, memory->spare))
            return cy_fail(CY_E_KEYSTORE_BAD, number);
        CY_TRY(remember(memory, memory->spare, &slot));
    }
    return CY_OK;
}

/* *torn: something was there that is no batch. */
static cy_err load(struct cy_memory_file *memory, struct cy_span bytes, bool *torn)
{
    *torn = false;
    while (bytes.n > 0) {
        struct cy_span lines;
        uint64_t number = 0;
        size_t n = 0;

        if (!batch_at(bytes, &number, &lines, &n)) {
            *torn = cy_memory_word(&bytes, '\n').n > 0 || *torn;
            continue;
        }
        if (number == memory->batch + 1) {
            CY_TRY(apply(memory, number, lines));
            memory->batch = number;
        } else if (number != memory->batch) {
            return cy_fail(CY_E_KEYSTORE_BAD, memory->batch + 1);
        }
        bytes = cy_span_of(bytes.at + n, bytes.n - n);
    }
    return memory->batch == 0 ? cy_fail(CY_E_KEYSTORE_BAD, 1) : CY_OK;
}

cy_err cy_memory_file_peek(struct cy_span bytes, const struct cy_memory_kind *kind, void *record,
                           void (*seen)(void *user, const void *record), void *user)
{
    bool whole = false;

    while (bytes.n > 0) {
        struct cy_span lines;
        uint64_t number = 0;
        size_t n = 0;

        if (!batch_at(bytes, &number, &lines, &n)) {
            (void)cy_memory_word(&bytes, '\n');
            continue;
        }
        whole = true;
        bytes = cy_span_of(bytes.at + n, bytes.n - n);
        while (lines.n > 0) {
            if (!cy_ok(kind->read(cy_memory_word(&lines, '\n'), record)))
                return cy_fail(CY_E_KEYSTORE_BAD, number);
            seen(user, record);
        }
    }
    return whole ? CY_OK : cy_fail(CY_E_KEYSTORE_BAD, 1);
}

/* --- writing the file --- */

static cy_err open_end(struct cy_memory_file *memory)
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

/* Rewrites the file with the records that count. */
static cy_err compact(struct cy_memory_file *memory)
{
    const size_t cap = batch_room(memory->kind, memory->table.n);
    char *room = malloc(cap);
    struct cy_text text;
    cy_err done = CY_OK;

    if (room == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    text = cy_text_on(room, cap);
    batch_begin(&text, 1);
    for (uint32_t i = 0; i < memory->table.n; i++)
        memory->kind->write(cy_table_at(&memory->table, i), &text);
    batch_end(&text);
    done = replace(&memory->disk, memory->path, cy_text_bytes(&text));
    free(room);
    CY_TRY(done);
    memory->batch = 1;
    return open_end(memory);
}

/* The write of a batch failed: nothing of it may stay, or the next one would follow a torn one. */
static cy_err undo_append(struct cy_memory_file *memory, cy_err why)
{
    const struct cy_disk_ops *ops = memory->disk.ops;

    if (!cy_ok(ops->truncate(memory->disk.self, memory->file, memory->end)) ||
        cy_err_info(why.code)->kind != CY_ERR_soft)
        memory->broken = true;
    return why;
}

static cy_err append(struct cy_memory_file *memory, struct cy_span bytes)
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

static void clean(struct cy_memory_file *memory)
{
    for (uint32_t i = 0; i < memory->n_dirty; i++)
        memory->is_dirty[memory->dirty[i]] = false;
    memory->n_dirty = 0;
}

static cy_err append_dirty(struct cy_memory_file *memory)
{
    const size_t cap = batch_room(memory->kind, memory->n_dirty);
    char *room = malloc(cap);
    struct cy_text text;
    cy_err done = CY_OK;

    if (room == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    text = cy_text_on(room, cap);
    batch_begin(&text, memory->batch + 1);
    for (uint32_t i = 0; i < memory->n_dirty; i++)
        memory->kind->write(cy_table_at(&memory->table, memory->dirty[i]), &text);
    batch_end(&text);
    done = append(memory, cy_text_bytes(&text));
    free(room);
    return done;
}

cy_err cy_memory_file_commit(struct cy_memory_file *memory)
{
    cy_err done = CY_OK;

    if (memory->broken)
        return cy_fail(CY_E_DISK_FAILED, 0);
    if (memory->n_dirty == 0)
        return CY_OK;
    if (memory->end > COMPACT_LEAST &&
        memory->end > 8 * batch_room(memory->kind, memory->table.n)) {
        done = compact(memory);
        memory->broken =
            !cy_ok(done) && (cy_err_info(done.code)->kind != CY_ERR_soft || memory->file < 0);
    } else {
        done = append_dirty(memory);
    }
    if (cy_ok(done))
        clean(memory);
    return done;
}

/* --- life --- */

cy_err cy_memory_file_make(const struct cy_disk *disk, const char *path)
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

static cy_err read_file(struct cy_memory_file *memory, bool *torn)
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

static cy_err start(struct cy_memory_file *memory, uint32_t limit)
{
    const uint32_t size = memory->kind->size;
    const size_t cap = cy_table_bytes(size, limit);
    struct cy_arena arena;
    bool torn = false;

    memory->room = calloc(1, cap + 16);
    memory->dirty = calloc(limit, sizeof *memory->dirty);
    memory->is_dirty = calloc(limit, sizeof *memory->is_dirty);
    memory->spare = calloc(1, size);
    if (memory->room == NULL || memory->dirty == NULL || memory->is_dirty == NULL ||
        memory->spare == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    arena = cy_arena_on(memory->room, cap);
    CY_TRY(cy_table_init(&memory->table, &arena, size, sizeof(struct cy_id), limit));
    CY_TRY(read_file(memory, &torn));
    return torn ? compact(memory) : CY_OK;
}

cy_err cy_memory_file_open(const struct cy_disk *disk, const char *path,
                           const struct cy_memory_kind *kind, uint32_t limit,
                           struct cy_memory_file **out)
{
    struct cy_memory_file *memory = calloc(1, sizeof *memory);
    struct cy_text name;
    cy_err done = CY_OK;

    *out = NULL;
    if (memory == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    memory->kind = kind;
    memory->disk = *disk;
    memory->file = -1;
    name = cy_text_on(memory->path, sizeof memory->path);
    cy_text_add(&name, path);
    CY_ASSERT(!name.full);
    done = start(memory, limit);
    if (!cy_ok(done)) {
        cy_memory_file_close(memory);
        return done;
    }
    *out = memory;
    return CY_OK;
}

void cy_memory_file_close(struct cy_memory_file *memory)
{
    if (memory == NULL)
        return;
    if (memory->file >= 0)
        (void)memory->disk.ops->close(memory->disk.self, memory->file);
    free(memory->room);
    free(memory->dirty);
    free(memory->is_dirty);
    free(memory->spare);
    free(memory);
}
