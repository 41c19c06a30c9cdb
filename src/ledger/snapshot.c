#include "ledger/snapshot.h"

#include "crypto/hash.h"

#define FRESH CY_DISK_FRESH "/snapshot"
#define SUM_BYTES 16u
#define SUM_AT 32u
#define HEAD_SUMMED 104u

static const uint8_t magic[8] = {'c', 'o', 'm', 'i', 't', 'y', 'S', '1'};
static const char section_tag[] = "CySe";
static const char chunk_tag[] = "CyCh";
static const char end_tag[] = "CyEn";

/* --- bytes --- */

struct block {
    char tag[4];
    uint32_t table;
    uint32_t record_size;
    uint32_t n;
    uint64_t count;
    uint64_t ordinal;
};

static void block_sum(const struct cy_id *head_sum, const uint8_t *at, struct cy_span bytes,
                      uint8_t out[static SUM_BYTES])
{
    const struct cy_span parts[3] = {cy_span_of(head_sum->b, 32), cy_span_of(at, SUM_AT), bytes};
    const struct cy_id sum = cy_sha256_parts(parts, 3);

    memcpy(out, sum.b, SUM_BYTES);
}

static void block_write(const struct block *block, const struct cy_id *head_sum,
                        struct cy_span bytes, uint8_t out[static CY_SNAPSHOT_BLOCK])
{
    memcpy(out, block->tag, 4);
    cy_put_u32be(out + 4, block->table);
    cy_put_u32be(out + 8, block->record_size);
    cy_put_u32be(out + 12, block->n);
    cy_put_u64be(out + 16, block->count);
    cy_put_u64be(out + 24, block->ordinal);
    block_sum(head_sum, out, bytes, out + SUM_AT);
}

static void block_read(const uint8_t *at, struct block *out)
{
    memcpy(out->tag, at, 4);
    out->table = cy_get_u32be(at + 4);
    out->record_size = cy_get_u32be(at + 8);
    out->n = cy_get_u32be(at + 12);
    out->count = cy_get_u64be(at + 16);
    out->ordinal = cy_get_u64be(at + 24);
}

static void own_order(uint8_t out[static 4])
{
    const uint32_t number = 0x01020304;

    memcpy(out, &number, 4);
}

static void head_write(const struct cy_snapshot_head *head, uint8_t out[static CY_SNAPSHOT_HEAD],
                       struct cy_id *sum)
{
    memset(out, 0, CY_SNAPSHOT_HEAD);
    memcpy(out, magic, 8);
    cy_put_u32be(out + 8, CY_SNAPSHOT_VERSION);
    own_order(out + 12);
    cy_put_u32be(out + 16, head->rules);
    cy_put_u64be(out + 24, head->size);
    cy_put_u64be(out + 32, head->number);
    memcpy(out + 40, head->tree_root.b, 32);
    memcpy(out + 72, head->state_root.b, 32);
    *sum = cy_sha256(cy_span_of(out, HEAD_SUMMED));
    memcpy(out + HEAD_SUMMED, sum->b, 32);
}

static cy_err head_read(const uint8_t *at, struct cy_snapshot_head *head, struct cy_id *sum)
{
    uint8_t order[4];

    *sum = cy_sha256(cy_span_of(at, HEAD_SUMMED));
    if (memcmp(at, magic, 8) != 0 || memcmp(at + HEAD_SUMMED, sum->b, 32) != 0)
        return cy_fail(CY_E_SNAPSHOT_DAMAGED, 0);
    own_order(order);
    if (cy_get_u32be(at + 8) != CY_SNAPSHOT_VERSION || memcmp(at + 12, order, 4) != 0 ||
        cy_get_u32be(at + 20) != 0)
        return cy_fail(CY_E_SNAPSHOT_VERSION, cy_get_u32be(at + 8));
    head->rules = cy_get_u32be(at + 16);
    head->size = cy_get_u64be(at + 24);
    head->number = cy_get_u64be(at + 32);
    memcpy(head->tree_root.b, at + 40, 32);
    memcpy(head->state_root.b, at + 72, 32);
    return CY_OK;
}

static void snapshot_path(uint64_t size, char out[static CY_PATH_MAX])
{
    struct cy_text text = cy_text_on(out, CY_PATH_MAX);

    cy_text_add(&text, CY_SNAPSHOT_DIR "/");
    for (uint64_t unit = 10000000000000000000u; unit > size && unit > 1; unit /= 10)
        cy_text_add(&text, "0");
    cy_text_u64(&text, size);
}

/* --- writing --- */

static cy_err put(struct cy_snapshot_writer *writer, struct cy_span bytes)
{
    CY_TRY(writer->disk.ops->write(writer->disk.self, writer->file, writer->offset, bytes));
    writer->offset += bytes.n;
    return CY_OK;
}

static cy_err put_block(struct cy_snapshot_writer *writer, const char *tag, uint64_t count,
                        struct cy_span bytes)
{
    struct block block = {.table = writer->table,
                          .record_size = writer->record_size,
                          .n = (uint32_t)bytes.n,
                          .count = count,
                          .ordinal = writer->ordinal};
    uint8_t head[CY_SNAPSHOT_BLOCK];

    memcpy(block.tag, tag, sizeof block.tag);
    block_write(&block, &writer->sum, bytes, head);
    writer->ordinal++;
    CY_TRY(put(writer, cy_span_of(head, sizeof head)));
    return bytes.n == 0 ? CY_OK : put(writer, bytes);
}

cy_err cy_snapshot_begin(struct cy_snapshot_writer *writer, const struct cy_disk *disk,
                         const struct cy_snapshot_head *head)
{
    uint8_t bytes[CY_SNAPSHOT_HEAD];

    *writer = (struct cy_snapshot_writer){.disk = *disk, .head = *head, .file = -1};
    head_write(head, bytes, &writer->sum);
    CY_TRY(cy_disk_make_dirs(disk, CY_SNAPSHOT_DIR));
    CY_TRY(cy_disk_make_dirs(disk, CY_DISK_FRESH));
    CY_TRY(disk->ops->open(disk->self, FRESH, CY_DISK_WRITE | CY_DISK_CREATE | CY_DISK_EMPTY,
                           &writer->file));
    return put(writer, cy_span_of(bytes, sizeof bytes));
}

cy_err cy_snapshot_section(struct cy_snapshot_writer *writer, uint32_t table, uint32_t record_size,
                           uint64_t count)
{
    CY_ASSERT(writer->left == 0);
    CY_ASSERT(record_size >= 1);
    CY_ASSERT(record_size <= CY_SNAPSHOT_CHUNK);
    CY_ASSERT(count <= UINT64_MAX / record_size);
    writer->table = table;
    writer->record_size = record_size;
    writer->left = count * record_size;
    writer->sections++;
    return put_block(writer, section_tag, count, cy_span_of(NULL, 0));
}

cy_err cy_snapshot_chunk(struct cy_snapshot_writer *writer, struct cy_span records)
{
    const size_t most = CY_SNAPSHOT_CHUNK / writer->record_size * writer->record_size;

    CY_ASSERT(records.n <= writer->left);
    CY_ASSERT(records.n % writer->record_size == 0);
    writer->left -= records.n;
    for (size_t at = 0; at < records.n; at += most) {
        const size_t n = records.n - at < most ? records.n - at : most;

        CY_TRY(
            put_block(writer, chunk_tag, n / writer->record_size, cy_span_of(records.at + at, n)));
    }
    return CY_OK;
}

static cy_err remove_old(const struct cy_disk *disk)
{
    uint64_t sizes[CY_SNAPSHOT_LIST_MAX];
    uint32_t n = 0;

    CY_TRY(cy_snapshot_list(disk, sizes, &n));
    for (uint32_t i = CY_SNAPSHOT_KEEP; i < n; i++) {
        char path[CY_PATH_MAX];

        snapshot_path(sizes[i], path);
        CY_TRY(disk->ops->remove(disk->self, path));
    }
    return CY_OK;
}

cy_err cy_snapshot_end(struct cy_snapshot_writer *writer)
{
    const struct cy_disk *disk = &writer->disk;
    const int file = writer->file;
    char path[CY_PATH_MAX];

    CY_ASSERT(writer->left == 0);
    writer->table = 0;
    writer->record_size = 0;
    CY_TRY(put_block(writer, end_tag, writer->sections, cy_span_of(NULL, 0)));
    CY_TRY(disk->ops->sync(disk->self, file));
    writer->file = -1;
    CY_TRY(disk->ops->close(disk->self, file));
    snapshot_path(writer->head.size, path);
    CY_TRY(disk->ops->rename(disk->self, FRESH, path));
    CY_TRY(disk->ops->sync_dir(disk->self, CY_SNAPSHOT_DIR));
    return remove_old(disk);
}

void cy_snapshot_abandon(struct cy_snapshot_writer *writer)
{
    if (writer->file >= 0)
        (void)writer->disk.ops->close(writer->disk.self, writer->file);
    writer->file = -1;
}

/* --- reading --- */

struct reading {
    const struct cy_disk *disk;
    const struct cy_snapshot_reader *reader;
    uint8_t *buffer;
    struct cy_disk_fault *fault;
    const char *path;
    struct cy_id sum;
    uint64_t offset;
    uint64_t ordinal;
    uint64_t left;
    uint32_t table;
    uint32_t record_size;
    uint32_t sections;
    int file;
};

static cy_err damaged(const struct reading *r)
{
    return cy_disk_fault_at(r->fault, r->path, r->offset, CY_E_SNAPSHOT_DAMAGED);
}

static cy_err take(const struct reading *r, uint64_t offset, uint8_t *out, size_t n)
{
    size_t got = 0;

    CY_TRY(r->disk->ops->read(r->disk->self, r->file, offset, out, n, &got));
    return got == n ? CY_OK : damaged(r);
}

/* Reads one block and checks it by itself. */
static cy_err take_block(const struct reading *r, struct block *block)
{
    uint8_t head[CY_SNAPSHOT_BLOCK];
    uint8_t sum[SUM_BYTES];

    CY_TRY(take(r, r->offset, head, sizeof head));
    block_read(head, block);
    if (block->n > CY_SNAPSHOT_CHUNK || block->ordinal != r->ordinal)
        return damaged(r);
    CY_TRY(take(r, r->offset + CY_SNAPSHOT_BLOCK, r->buffer, block->n));
    block_sum(&r->sum, head, cy_span_of(r->buffer, block->n), sum);
    return memcmp(sum, head + SUM_AT, SUM_BYTES) == 0 ? CY_OK : damaged(r);
}

static cy_err on_section(struct reading *r, const struct block *block)
{
    if (r->left != 0 || block->n != 0 || block->record_size == 0 ||
        block->record_size > CY_SNAPSHOT_CHUNK || block->count > UINT64_MAX / block->record_size)
        return damaged(r);
    r->table = block->table;
    r->record_size = block->record_size;
    r->left = block->count * block->record_size;
    r->sections++;
    if (r->reader->section == NULL)
        return CY_OK;
    return r->reader->section(r->reader->user, block->table, block->record_size, block->count);
}

static cy_err on_chunk(struct reading *r, const struct block *block)
{
    if (block->n == 0 || block->n > r->left || r->record_size == 0 ||
        block->n % r->record_size != 0 || block->table != r->table ||
        block->record_size != r->record_size)
        return damaged(r);
    r->left -= block->n;
    if (r->reader->chunk == NULL)
        return CY_OK;
    return r->reader->chunk(r->reader->user, r->table, cy_span_of(r->buffer, block->n));
}

static cy_err read_blocks(struct reading *r)
{
    uint64_t size = 0;

    CY_TRY(r->disk->ops->size(r->disk->self, r->file, &size));
    for (;;) {
        struct block block;

        CY_TRY(take_block(r, &block));
        if (memcmp(block.tag, section_tag, 4) == 0)
            CY_TRY(on_section(r, &block));
        else if (memcmp(block.tag, chunk_tag, 4) == 0)
            CY_TRY(on_chunk(r, &block));
        else if (memcmp(block.tag, end_tag, 4) != 0 || block.n != 0 || r->left != 0 ||
                 block.count != r->sections)
            return damaged(r);
        r->offset += CY_SNAPSHOT_BLOCK + block.n;
        r->ordinal++;
        if (memcmp(block.tag, end_tag, 4) == 0)
            break;
    }
    return r->offset == size ? CY_OK : damaged(r);
}

static cy_err read_file(struct reading *r, uint64_t size, struct cy_snapshot_head *head)
{
    uint8_t bytes[CY_SNAPSHOT_HEAD];
    cy_err err = CY_OK;

    CY_TRY(take(r, 0, bytes, sizeof bytes));
    err = head_read(bytes, head, &r->sum);
    if (!cy_ok(err)) {
        (void)cy_disk_fault_at(r->fault, r->path, 0, err.code);
        return err;
    }
    if (head->size != size) /* a file under another one's name */
        return damaged(r);
    r->offset = CY_SNAPSHOT_HEAD;
    return read_blocks(r);
}

cy_err cy_snapshot_read(const struct cy_disk *disk, uint64_t size,
                        const struct cy_snapshot_reader *reader, uint8_t *buffer,
                        struct cy_snapshot_head *head, struct cy_disk_fault *fault)
{
    char path[CY_PATH_MAX];
    struct reading r = {
        .disk = disk, .reader = reader, .buffer = buffer, .fault = fault, .path = path};
    cy_err err = CY_OK;

    snapshot_path(size, path);
    err = disk->ops->open(disk->self, path, 0, &r.file);
    if (err.code == CY_E_NO_FILE)
        return cy_fail(CY_E_NO_SNAPSHOT, size);
    CY_TRY(err);
    err = read_file(&r, size, head);
    if (!cy_ok(err)) {
        (void)disk->ops->close(disk->self, r.file);
        return err;
    }
    return disk->ops->close(disk->self, r.file);
}

struct listing {
    uint64_t *sizes;
    uint32_t n;
};

static cy_err listed(void *user, const char *name)
{
    struct listing *list = user;
    uint64_t size = 0;
    uint32_t i = 0;

    if (strlen(name) != 20)
        return CY_OK;
    for (; *name != 0; name++) {
        if (*name < '0' || *name > '9' || __builtin_mul_overflow(size, (uint64_t)10, &size) ||
            __builtin_add_overflow(size, (uint64_t)(*name - '0'), &size))
            return CY_OK; /* not ours */
    }
    if (list->n == CY_SNAPSHOT_LIST_MAX && size <= list->sizes[list->n - 1])
        return CY_OK;
    if (list->n < CY_SNAPSHOT_LIST_MAX)
        list->n++;
    for (i = list->n - 1; i > 0 && list->sizes[i - 1] < size; i--)
        list->sizes[i] = list->sizes[i - 1];
    list->sizes[i] = size;
    return CY_OK;
}

cy_err cy_snapshot_list(const struct cy_disk *disk, uint64_t *sizes, uint32_t *n)
{
    struct listing list = {sizes, 0};
    const cy_err err = disk->ops->list(disk->self, CY_SNAPSHOT_DIR, listed, &list);

    *n = list.n;
    return err.code == CY_E_NO_FILE ? CY_OK : err;
}

cy_err cy_snapshot_choose(const struct cy_disk *disk, uint8_t *buffer,
                          struct cy_snapshot_head *head, bool *usable, struct cy_disk_fault *fault)
{
    const struct cy_snapshot_reader nobody = {0};
    uint64_t sizes[CY_SNAPSHOT_LIST_MAX];
    struct cy_disk_fault other;
    cy_err first = CY_OK;
    uint32_t n = 0;

    *usable = false;
    CY_TRY(cy_snapshot_list(disk, sizes, &n));
    if (n == 0)
        return cy_fail(CY_E_NO_SNAPSHOT, 0);
    for (uint32_t i = 0; i < n && !*usable; i++) {
        const cy_err err =
            cy_snapshot_read(disk, sizes[i], &nobody, buffer, head, i == 0 ? fault : &other);

        if (i == 0)
            first = err;
        if (!cy_ok(err) && err.code != CY_E_SNAPSHOT_DAMAGED)
            return err;
        *usable = cy_ok(err);
    }
    return first;
}
