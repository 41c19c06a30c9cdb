/* Ids that anyone can compute, frames of the signer's socket, and a journal of two acts. */
#include "vectors.h"

#include "crypto/note_key.h"
#include "kernel/engine.h"
#include "kernel/escrow.h"
#include "kernel/upload.h"
#include "ledger/journal.h"
#include "sim/sim_disk.h"
#include "wire/signer_message.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 8192 };

/* --- ids --- */

static void id(FILE *out, const char *name, const char *rule, struct cy_span input,
               const struct cy_id *result, bool first)
{
    const struct cy_id again = cy_sha256(input);

    if (!cy_id_eq(&again, result)) {
        (void)fprintf(stderr, "spec_vectors: %s is not SHA-256 of what the rule says\n", name);
        exit(1);
    }
    vector_begin(out, first);
    vector_text(out, "name", name);
    vector_text(out, "rule", rule);
    vector_hex(out, "input", input);
    vector_id_hex(out, "id", result);
    vector_end(out);
}

static size_t join(uint8_t *to, const struct cy_span *parts, size_t n)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        memcpy(to + at, parts[i].at, parts[i].n);
        at += parts[i].n;
    }
    return at;
}

static void next_keys(FILE *out)
{
    const struct cy_key_share keys[] = {
        {.key = vector_key(2).key, .weight = 1},
        {.key = vector_key(3).key, .weight = 2}
    };
    const struct cy_key_set set = {
        .keys = keys, .n = 2, .need = {2, 0, 0}
    };
    const struct cy_passport_rotate m = {.keys = keys, .n_keys = 2, .need_0 = 2};
    const struct cy_id digest = cy_identity_next(&set);
    uint8_t bytes[ROOM];
    struct cy_cbor_writer w = cy_cbor_write(bytes, sizeof bytes);

    vector_must("rotate", cy_encode_act(&cy_schema_passport_rotate, &m, &w));
    id(out, "next keys (pre-rotation)",
       "SHA-256(payload of the passport_rotate act that reveals them, its own next left out)",
       cy_cbor_written(&w), &digest, false);
}

static void note_keys(FILE *out)
{
    static const struct {
        const char *what;
        const char *name;
        enum cy_note_key_type type;
        unsigned key;
    } rows[] = {
        {"verifier key of a ledger",  "a.example/ledger",  CY_NOTE_ED25519,     4},
        {"verifier key of a witness", "b.example/witness", CY_NOTE_COSIGNATURE, 5}
    };

    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        const struct vector_key pair = vector_key(rows[i].key);
        char bytes[CY_NOTE_VKEY_MAX];
        struct cy_text vkey = cy_text_on(bytes, sizeof bytes);
        struct cy_note_key key;

        vector_must("note key",
                    cy_note_key_of(cy_span_text(rows[i].name), rows[i].type, &pair.key, &key));
        cy_note_vkey(&key, &vkey);
        vector_begin(out, false);
        vector_text(out, "name", rows[i].what);
        vector_text(out, "rule", "NAME+hex8(key id)+base64(type || public key), C2SP signed-note");
        vector_id_hex(out, "key", &pair.key);
        vector_text(out, "vkey", bytes);
        vector_end(out);
    }
}

void vectors_ids(FILE *out)
{
    const struct cy_id owner = vector_id("author"), asset = vector_id("asset");
    const struct cy_id account = cy_account_id(&owner, &asset, 7);
    const struct cy_id act = vector_id("act"), item = cy_item_id(&act, 2);
    const struct cy_id none = {0};
    const struct cy_span part_0 = cy_span_text("first part"), part_1 = cy_span_text("second part");
    const struct cy_id head_0 = cy_upload_chain(&none, part_0);
    const struct cy_id head_1 = cy_upload_chain(&head_0, part_1);
    const struct cy_id hash_0 = cy_sha256(part_0), hash_1 = cy_sha256(part_1);
    const struct cy_id origin = cy_sha256(cy_span_text("a.example/ledger"));
    const uint8_t seven[] = {0, 0, 0, 7}, two[] = {0, 0, 0, 2};
    uint8_t bytes[256];
    size_t n =
        join(bytes,
             (const struct cy_span[]){cy_span_text("comity-account"), cy_span_of(owner.b, 32),
                                      cy_span_of(asset.b, 32), cy_span_of(seven, 4)},
             4);

    id(out, "account 7 of an owner in an asset",
       "SHA-256(\"comity-account\" || owner || asset || u32be number)", cy_span_of(bytes, n),
       &account, true);
    n = join(bytes, (const struct cy_span[]){cy_span_of(act.b, 32), cy_span_of(two, 4)}, 2);
    id(out, "what item 2 of a batch creates", "SHA-256(act id || u32be item)", cy_span_of(bytes, n),
       &item, false);
    n = join(bytes, (const struct cy_span[]){cy_span_of(none.b, 32), cy_span_of(hash_0.b, 32)}, 2);
    id(out, "upload chain after \"first part\"", "SHA-256(32 zero bytes || SHA-256(part 0))",
       cy_span_of(bytes, n), &head_0, false);
    n = join(bytes, (const struct cy_span[]){cy_span_of(head_0.b, 32), cy_span_of(hash_1.b, 32)},
             2);
    id(out, "upload chain after \"second part\", the digest of the whole",
       "SHA-256(head || SHA-256(part 1))", cy_span_of(bytes, n), &head_1, false);
    id(out, "path under which a witness serves a ledger's head", "SHA-256(origin)",
       cy_span_text("a.example/ledger"), &origin, false);
    next_keys(out);
    note_keys(out);
}

/* --- frames of the signer --- */

static void frame(FILE *out, const char *name, const struct cy_cbor_writer *map, bool first)
{
    uint8_t bytes[ROOM];

    if (map->full)
        vector_must(name, cy_fail(CY_E_NO_ROOM, 0));
    cy_put_u32be(bytes, (uint32_t)map->n);
    memcpy(bytes + CY_SIGNER_FRAME_HEAD, map->at, map->n);
    vector_begin(out, first);
    vector_text(out, "name", name);
    vector_hex(out, "frame", cy_span_of(bytes, map->n + CY_SIGNER_FRAME_HEAD));
    vector_end(out);
}

static void request(FILE *out, const char *name, const struct cy_signer_request *m)
{
    uint8_t bytes[ROOM];
    struct cy_cbor_writer w = cy_cbor_write(bytes, sizeof bytes);
    struct cy_signer_request back;

    cy_signer_request_write(m, &w);
    vector_must(name, cy_signer_request_read(cy_cbor_written(&w), &back));
    frame(out, name, &w, m->id == 1);
}

static void response(FILE *out, const char *name, const struct cy_signer_response *m)
{
    uint8_t bytes[ROOM];
    struct cy_cbor_writer w = cy_cbor_write(bytes, sizeof bytes);
    struct cy_signer_response back;

    cy_signer_response_write(m, &w);
    vector_must(name, cy_signer_response_read(cy_cbor_written(&w), &back));
    frame(out, name, &w, false);
}

void vectors_signer(FILE *out)
{
    const struct vector_key pair = vector_key(4);
    const struct cy_id key = pair.key, proof[] = {vector_id("node")};
    const struct cy_id root = vector_id("root");
    struct cy_signature signature;
    const char *checkpoint = "a.example/ledger\n2\n"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

    static const char vote[] = "comity-vote/v1\na.example/federation\nheight 7\nround 2\nprevote\n"
                               "value nil\ntime 1767225600000\n";
    uint8_t locked[CY_SIGNER_LOCKED_BYTES] = {0, 0, 0, 1};
    uint8_t packet[88] = "CYPEER1\n";

    memcpy(locked + 4, root.b, sizeof root.b);
    memcpy(packet + 40, key.b, sizeof key.b);
    cy_secret_sign(&pair.secret, cy_span_text(checkpoint), &signature);
    request(out, "list the keys from the first on",
            &(struct cy_signer_request){.id = 1, .op = CY_SIGNER_LIST});
    request(out, "make a key for acts and its next key",
            &(struct cy_signer_request){.id = 2,
                                        .op = CY_SIGNER_MAKE,
                                        .label = cy_span_text("operator"),
                                        .purpose = CY_PURPOSE_ACT,
                                        .with_next = true});
    request(out, "sign an act (the two parts are placeholders)",
            &(struct cy_signer_request){.id = 3,
                                        .op = CY_SIGNER_ACT,
                                        .key = key,
                                        .protected = cy_span_text("protected"),
                                        .payload = cy_span_text("payload")});
    request(out, "sign a checkpoint, with a consistency proof of one hash",
            &(struct cy_signer_request){.id = 4,
                                        .op = CY_SIGNER_CHECKPOINT,
                                        .key = key,
                                        .text = cy_span_text(checkpoint),
                                        .proof = proof,
                                        .n_proof = 1});
    request(out, "cosign a checkpoint",
            &(struct cy_signer_request){.id = 5,
                                        .op = CY_SIGNER_COSIGN,
                                        .key = key,
                                        .time_s = 1767225600,
                                        .text = cy_span_text(checkpoint)});
    request(out, "say an act in one sentence",
            &(struct cy_signer_request){
                .id = 6, .op = CY_SIGNER_DESCRIBE, .payload = cy_span_text("payload")});
    request(
        out, "which head was signed last",
        &(struct cy_signer_request){
            .id = 7, .op = CY_SIGNER_HEAD, .key = key, .origin = cy_span_text("a.example/ledger")});
    request(out, "sign a vote, locked on a value since round 1",
            &(struct cy_signer_request){.id = 8,
                                        .op = CY_SIGNER_VOTE,
                                        .key = key,
                                        .text = cy_span_text(vote),
                                        .locked = cy_span_of(locked, sizeof locked)});
    request(out, "how a key voted last",
            &(struct cy_signer_request){.id = 9,
                                        .op = CY_SIGNER_VOTE_LAST,
                                        .key = key,
                                        .origin = cy_span_text("a.example/federation")});
    request(out, "sign a packet to another member (no frames in it)",
            &(struct cy_signer_request){.id = 10,
                                        .op = CY_SIGNER_PEER,
                                        .key = key,
                                        .packet = cy_span_of(packet, sizeof packet)});
    response(out, "answer: a signature",
             &(struct cy_signer_response){
                 .id = 4, .signature = cy_span_of(signature.b, sizeof signature.b)});
    response(
        out, "answer: a head that conflicts, with the one that stands",
        &(struct cy_signer_response){.id = 4, .code = CY_E_HEAD_CONFLICT, .size = 2, .root = root});
    response(out, "answer: how a key voted last: the height, the vote, the lock",
             &(struct cy_signer_response){.id = 9,
                                          .size = 7,
                                          .said = cy_span_text(vote),
                                          .locked = cy_span_of(locked, sizeof locked)});
}

/* --- the journal --- */

void vectors_journal(FILE *out)
{
    static uint8_t memory[1 << 19] __attribute__((aligned(16)));
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct cy_sim_disk *sim = cy_sim_disk_new();
    const struct cy_disk disk = cy_sim_disk_face(sim);
    struct cy_journal_options options = {.dir = "journal",
                                         .segment_bytes = 1 << 20,
                                         .batch_bytes =
                                             CY_JOURNAL_RECORD_HEAD + CY_JOURNAL_PAYLOAD_MAX,
                                         .segments_max = 8};
    struct cy_journal_report report;
    struct cy_disk_fault fault;
    struct cy_journal journal;
    struct cy_span bytes;
    uint64_t at = 0;

    memset(options.salt, 0x5a, sizeof options.salt);
    vector_must("journal",
                cy_journal_open(&journal, &disk, &options, &arena, 0, NULL, NULL, &report, &fault));
    vector_must("append", cy_journal_append(&journal, 1, cy_span_text("first"), &at));
    vector_must("append", cy_journal_append(&journal, 1, cy_span_text("second"), &at));
    {
        struct cy_journal_batch *batch = cy_journal_cut(&journal);

        vector_must("write", cy_journal_write(batch));
        cy_journal_done(&journal, batch, CY_OK);
    }
    if (!cy_sim_disk_bytes(sim, "journal/00000000000000000000", &bytes))
        vector_must("segment", cy_fail(CY_E_NO_FILE, 0));
    vector_begin(out, true);
    vector_text(out, "name",
                "a segment of two records of kind 1, \"first\" and \"second\", in one "
                "batch");
    vector_hex(out, "salt", cy_span_of(options.salt, sizeof options.salt));
    vector_text(out, "path", "journal/00000000000000000000");
    vector_hex(out, "file", bytes);
    vector_end(out);
    vector_must("close", cy_journal_close(&journal));
    cy_sim_disk_free(sim);
}
