#include "host/signer/head_memory.h"

#include "crypto/merkle.h"

#include <stdlib.h>

struct entry {
    struct cy_id slot; /* digest of purpose, key and origin */
    struct cy_head head;
};

struct cy_head_memory {
    struct cy_memory_file *file;
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

static struct entry entry_of(const struct cy_head *head)
{
    struct entry entry = {.head = *head};

    entry.slot = slot_of(head->purpose, &head->key, origin_of(head));
    return entry;
}

static cy_err well_formed(const struct cy_head *head)
{
    return head->n_origin == 0 || memchr(head->origin, '\n', head->n_origin) != NULL
               ? cy_fail(CY_E_BAD_CHECKPOINT, 1)
               : CY_OK;
}

static const struct cy_head *find(const struct cy_head_memory *memory, uint8_t purpose,
                                  const struct cy_id *key, struct cy_span origin)
{
    const struct cy_id slot = slot_of(purpose, key, origin);
    const struct entry *entry = cy_memory_file_find(memory->file, &slot);

    return entry == NULL ? NULL : &entry->head;
}

static cy_err remember(struct cy_head_memory *memory, const struct cy_head *head)
{
    const struct entry entry = entry_of(head);

    return cy_memory_file_put(memory->file, &entry);
}

cy_err cy_head_memory_take(struct cy_head_memory *memory, const struct cy_head *head,
                           const struct cy_id *proof, size_t n_proof)
{
    const struct cy_id empty = cy_hash_empty();
    const struct cy_head *old = find(memory, head->purpose, &head->key, origin_of(head));

    if (!cy_memory_file_works(memory->file))
        return cy_fail(CY_E_DISK_FAILED, 0);
    CY_TRY(well_formed(head));
    if (head->size == 0 && !cy_id_eq(&head->root, &empty))
        return cy_fail(CY_E_BAD_CHECKPOINT, 3);
    if (old != NULL) {
        CY_TRY(follows(old, head));
        CY_TRY(proven(old, head, proof, n_proof));
        if (head->size == old->size && head->time_s == old->time_s)
            return CY_OK; /* known; when it is not durable yet it waits for the commit already */
    }
    return remember(memory, head);
}

cy_err cy_head_memory_raise(struct cy_head_memory *memory, const struct cy_head *head)
{
    const struct cy_head *old = find(memory, head->purpose, &head->key, origin_of(head));
    struct cy_head raised = *head;

    if (!cy_memory_file_works(memory->file))
        return cy_fail(CY_E_DISK_FAILED, 0);
    CY_TRY(well_formed(head));
    if (old != NULL) {
        if (head->size == old->size && !cy_id_eq(&head->root, &old->root))
            return cy_fail(CY_E_HEAD_CONFLICT, head->size);
        if (head->size <= old->size && head->time_s <= old->time_s)
            return CY_OK;
        if (head->size < old->size) { /* a later cosignature of an earlier head */
            raised.size = old->size;
            raised.root = old->root;
        }
        if (raised.time_s < old->time_s)
            raised.time_s = old->time_s;
    }
    return remember(memory, &raised);
}

const struct cy_head *cy_head_memory_at(const struct cy_head_memory *memory, uint32_t i)
{
    return &((const struct entry *)cy_memory_file_at(memory->file, i))->head;
}

bool cy_head_memory_find(const struct cy_head_memory *memory, uint8_t purpose,
                         const struct cy_id *key, struct cy_span origin, struct cy_head *out)
{
    const struct cy_head *head = find(memory, purpose, key, origin);

    if (head != NULL)
        *out = *head;
    return head != NULL;
}

uint32_t cy_head_memory_count(const struct cy_head_memory *memory)
{
    return cy_memory_file_count(memory->file);
}

cy_err cy_head_memory_commit(struct cy_head_memory *memory)
{
    return cy_memory_file_commit(memory->file);
}

/* --- text --- */

static void write_head(const void *record, struct cy_text *text)
{
    const struct cy_head *head = &((const struct entry *)record)->head;

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

static cy_err read_head(struct cy_span line, void *record)
{
    struct cy_head head = {.size = 0};
    uint64_t purpose = 0;

    if (!cy_span_eq(cy_memory_word(&line, ' '), cy_span_text("head")))
        return cy_fail(CY_E_BAD_TEXT, 0);
    CY_TRY(cy_u64_read(cy_memory_word(&line, ' '), &purpose));
    CY_TRY(cy_memory_id(cy_memory_word(&line, ' '), &head.key));
    CY_TRY(cy_u64_read(cy_memory_word(&line, ' '), &head.size));
    CY_TRY(cy_memory_id(cy_memory_word(&line, ' '), &head.root));
    CY_TRY(cy_u64_read(cy_memory_word(&line, ' '), &head.time_s));
    if (purpose > UINT8_MAX || line.n == 0 || line.n > CY_HEAD_ORIGIN_MAX)
        return cy_fail(CY_E_BAD_TEXT, 0);
    head.purpose = (uint8_t)purpose;
    head.n_origin = (uint8_t)line.n;
    memcpy(head.origin, line.at, line.n);
    *(struct entry *)record = entry_of(&head);
    return CY_OK;
}

static bool may_follow(const void *old, const void *record)
{
    return cy_ok(
        follows(&((const struct entry *)old)->head, &((const struct entry *)record)->head));
}

static const struct cy_memory_kind kind_ = {
    .size = sizeof(struct entry),
    .line_max = 512,
    .write = write_head,
    .read = read_head,
    .follows = may_follow,
};

/* --- a copy of the file --- */

struct wanted {
    struct cy_id slot;
    struct cy_head *out;
};

static void seen_head(void *user, const void *record)
{
    const struct wanted *wanted = user;
    const struct entry *entry = record;

    if (cy_id_eq(&entry->slot, &wanted->slot) && entry->head.size >= wanted->out->size)
        *wanted->out = entry->head;
}

cy_err cy_head_memory_peek(struct cy_span bytes, uint8_t purpose, const struct cy_id *key,
                           struct cy_span origin, struct cy_head *out)
{
    struct wanted wanted = {.slot = slot_of(purpose, key, origin), .out = out};
    struct entry entry;

    *out = (struct cy_head){.size = 0};
    return cy_memory_file_peek(bytes, &kind_, &entry, seen_head, &wanted);
}

/* --- life --- */

cy_err cy_head_memory_make(const struct cy_disk *disk, const char *path)
{
    return cy_memory_file_make(disk, path);
}

cy_err cy_head_memory_open(const struct cy_disk *disk, const char *path, uint32_t limit,
                           struct cy_head_memory **out)
{
    struct cy_head_memory *memory = calloc(1, sizeof *memory);
    cy_err done = CY_OK;

    *out = NULL;
    if (memory == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    done = cy_memory_file_open(disk, path, &kind_, limit, &memory->file);
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
    cy_memory_file_close(memory->file);
    free(memory);
}
