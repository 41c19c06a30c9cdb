/* A ledger directory as the ledger writes it: tiles, entry bundles, checkpoint; and proofs that the
 * ledger makes from its own tiles. */
#include "emit.h"
#include "emit_sign.h"

#include "host/system/disk_posix.h"
#include "ledger/checkpoint.h"

#include <stdlib.h>

enum { ENTRIES = 66000, FLUSH = 22001, PROOFS = 200, ENTRY_MOST = 90 };

static struct cy_tree tree;
static struct cy_disk_fault fault;

static cy_err sign(void *user, struct cy_span message, struct cy_signature *out)
{
    (void)user;
    emit_sign(0, message, out->b);
    return CY_OK;
}

static void write_hashes(FILE *out, const struct cy_id *path, uint32_t n)
{
    fputs(",\"proof\":[", out);
    for (uint32_t i = 0; i < n; i++) {
        char hex[65];
        cy_hex(path[i].b, 32, hex);
        fprintf(out, "%s\"%s\"", i > 0 ? "," : "", hex);
    }
    fputc(']', out);
}

static struct cy_id root_at(uint64_t size)
{
    struct cy_id root;

    emit_judged("root", true, cy_tree_root_at(&tree, size, &root, &fault));
    return root;
}

static void one_inclusion(FILE *out, bool good)
{
    static uint8_t entry[CY_ENTRY_MAX];
    const uint64_t size = 1 + emit_random(ENTRIES);
    const uint64_t index = emit_random(size);
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    uint32_t n = 0;
    size_t entry_n = 0;
    struct cy_id root = root_at(size);

    emit_judged("inclusion", true, cy_tree_inclusion(&tree, index, size, path, &n, &fault));
    emit_judged("entry", true, cy_tree_entry(&tree, index, entry, sizeof entry, &entry_n, &fault));
    if (!good)
        root.b[emit_random(32)] ^= 1;
    const struct cy_id leaf = cy_hash_leaf(cy_span_of(entry, entry_n));
    emit_judged("inclusion", good, cy_merkle_inclusion(&leaf, index, size, path, n, &root));
    emit_begin(out, good);
    emit_number(out, "size", size);
    emit_number(out, "index", index);
    emit_hex(out, "entry", cy_span_of(entry, entry_n));
    emit_hex(out, "root", cy_span_of(root.b, 32));
    write_hashes(out, path, n);
    emit_end(out);
}

static void one_consistency(FILE *out, bool good)
{
    const uint64_t to = 1 + emit_random(ENTRIES);
    const uint64_t from = 1 + emit_random(to);
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    uint32_t n = 0;
    const struct cy_id old = root_at(from);
    struct cy_id root = root_at(to);

    emit_judged("consistency", true, cy_tree_consistency(&tree, from, to, path, &n, &fault));
    if (!good)
        root.b[emit_random(32)] ^= 1;
    emit_judged("consistency", good, cy_merkle_consistency(from, &old, to, &root, path, n));
    emit_begin(out, good);
    emit_number(out, "from", from);
    emit_number(out, "to", to);
    emit_hex(out, "from_root", cy_span_of(old.b, 32));
    emit_hex(out, "root", cy_span_of(root.b, 32));
    write_hashes(out, path, n);
    emit_end(out);
}

static void fill(void)
{
    uint8_t entry[ENTRY_MOST];

    for (unsigned i = 1; i <= ENTRIES; i++) {
        const size_t n = (size_t)emit_random(ENTRY_MOST + 1);
        emit_random_bytes(entry, n);
        emit_judged("append", true, cy_tree_append(&tree, cy_span_of(entry, n)));
        if (i % FLUSH == 0)
            emit_judged("flush", true, cy_tree_flush(&tree));
    }
    emit_judged("flush", true, cy_tree_flush(&tree));
}

static void publish(void)
{
    static char note_room[CY_NOTE_MAX];
    char vkey_room[CY_NOTE_VKEY_MAX];
    struct cy_text note = cy_text_on(note_room, sizeof note_room);
    struct cy_text vkey = cy_text_on(vkey_room, sizeof vkey_room);
    struct cy_note_key key;
    const struct cy_id root = cy_tree_root(&tree);

    emit_judged(
        "key", true,
        cy_note_key_of(cy_span_text("example.org/cell"), CY_NOTE_ED25519, emit_key(0), &key));
    emit_judged("checkpoint", true,
                cy_checkpoint_make(&key, cy_tree_size(&tree), &root, sign, NULL, &note));
    emit_judged("publish", true, cy_checkpoint_publish(&tree, cy_text_bytes(&note), &fault));
    cy_note_vkey(&key, &vkey);
    FILE *out = emit_file("log.json");
    fprintf(out, "{\"vkey\":\"%s\",\"size\":%u}\n", vkey_room, (unsigned)ENTRIES);
    (void)fclose(out);
}

void emit_log(void)
{
    const size_t stage = CY_TREE_STAGE_MIN;
    const size_t bytes = cy_tree_bytes(stage);
    struct cy_arena arena = cy_arena_on(aligned_alloc(16, (bytes + 15) / 16 * 16), bytes);
    struct cy_disk_posix *posix = NULL;
    char path[4096];
    const struct cy_id empty = cy_hash_empty();

    CY_ASSERT(arena.at != NULL);
    (void)snprintf(path, sizeof path, "%s/log", emit_folder());
    emit_judged("disk", true, cy_disk_posix_open(path, true, &posix));
    const struct cy_disk disk = cy_disk_posix_disk(posix);
    emit_judged("tree", true, cy_tree_open(&tree, &disk, stage, &arena, 0, &empty, &fault));
    fill();
    publish();
    FILE *out = emit_file("log_inclusion.jsonl");
    for (unsigned i = 0; i < PROOFS; i++)
        one_inclusion(out, i % 2 == 0);
    (void)fclose(out);
    out = emit_file("log_consistency.jsonl");
    for (unsigned i = 0; i < PROOFS; i++)
        one_consistency(out, i % 2 == 0);
    (void)fclose(out);
    cy_disk_posix_close(posix);
    free(arena.at);
}
