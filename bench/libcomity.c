/* libcomity: checking one file offline, one core, beside its signatures alone on the same bytes. */
#include "bench.h"
#include "crypto/merkle.h"
#include "crypto/note_key.h"
#include "ledger/checkpoint.h"
#include "wire/codec.h"
#include "wire/envelope.h"
#include "wire/receipt.h"
#include "wire/tlog_proof.h"

#include <comity.h>
#include <sodium.h>
#include <stdlib.h>

#define LOG "bench.example/ledger"
#define LEAVES 1000000u /* a path of 20 hashes */
#define AT 777777u

/* One act of a ledger of a million entries, and every form in which its place is proven. */
struct proven {
    uint8_t log_secret[64];
    uint8_t author_secret[64];
    struct cy_note_key log;
    struct cy_id author;
    uint8_t entry[1024];
    size_t entry_n;
    struct cy_span signed_parts[CY_SIGNED_PARTS];
    size_t n_signed;
    struct cy_envelope envelope;
    struct cy_id root;
    struct cy_id path[CY_MERKLE_PATH_MAX];
    uint32_t n;
    char head[512]; /* the text that the log signed */
    size_t head_n;
    struct cy_signature head_signature;
    char proof[8192];
    size_t proof_n;
    char receipt[32768];
    size_t receipt_n;
    uint8_t cose[CY_RECEIPT_MAX];
    size_t cose_n;
    uint8_t to_sign[CY_RECEIPT_TO_SIGN_MAX];
    size_t to_sign_n;
    struct cy_signature cose_signature;
    struct comity_trust trust;
    void *scratch;
    size_t scratch_n;
};

static void write_act(struct proven *p)
{
    const struct cy_evidence_record message = {
        .digest = {{1}          },
          .kind = CY_evidence_kind_DOCUMENT, .summary = { .n = 5, .s = "bench"}
    };
    const struct cy_claims claims = {
        .author = {{2}}, .realm = {{3}}, .expires = 1800000000, .nonce = {4}};
    uint8_t protected[512];
    uint8_t payload[512];
    uint8_t message_bytes[1200];
    struct cy_cbor_writer head = cy_cbor_write(protected, sizeof protected);
    struct cy_cbor_writer body = cy_cbor_write(payload, sizeof payload);
    struct cy_cbor_writer to_sign = cy_cbor_write(message_bytes, sizeof message_bytes);
    struct cy_cbor_writer out = cy_cbor_write(p->entry, sizeof p->entry);
    struct cy_act_signature signature = {.key = p->author};

    bench_must(cy_envelope_protected(&claims, &p->author, &head), "headers");
    bench_must(cy_encode_act(&cy_schema_evidence_record, &message, &body), "payload");
    bench_must(cy_envelope_to_sign(cy_cbor_written(&head), cy_cbor_written(&body), false,
                                   &p->author, &to_sign),
               "to sign");
    crypto_sign_detached(signature.bytes, NULL, message_bytes, to_sign.n, p->author_secret);
    bench_must(cy_envelope_write(cy_cbor_written(&head), cy_cbor_written(&body), false, &signature,
                                 1, &out),
               "act");
    p->entry_n = out.n;
    bench_must(cy_envelope_read(cy_span_of(p->entry, p->entry_n), &p->envelope), "read");
    p->n_signed = cy_envelope_signed(&p->envelope, 0, p->signed_parts);
}

/* A path of a tree of that shape: any siblings, and the root they lead to. */
static void make_tree(struct proven *p)
{
    const struct cy_id leaf = cy_hash_leaf(cy_span_of(p->entry, p->entry_n));
    uint64_t fn = AT;
    uint64_t sn = LEAVES - 1;

    while (sn > 0) { /* RFC 9162 2.1.3.2: where a step has a sibling */
        if ((fn & 1) != 0 || fn < sn) {
            p->path[p->n] = cy_sha256(cy_span_of(&p->n, sizeof p->n));
            p->n++;
        }
        fn >>= 1;
        sn >>= 1;
    }
    bench_must(cy_merkle_inclusion_root(&leaf, AT, LEAVES, p->path, p->n, &p->root), "path");
}

static cy_err sign(void *user, struct cy_span message, struct cy_signature *out)
{
    crypto_sign_detached(out->b, NULL, message.at, message.n, user);
    return CY_OK;
}

static void make_proof(struct proven *p)
{
    char note_room[1024];
    struct cy_text text = cy_text_on(p->head, sizeof p->head);
    struct cy_text note = cy_text_on(note_room, sizeof note_room);
    struct cy_text proof = cy_text_on(p->proof, sizeof p->proof);
    struct cy_text out = cy_text_on(p->receipt, sizeof p->receipt);

    cy_checkpoint_write(&text, cy_span_text(LOG), LEAVES, &p->root);
    p->head_n = text.n;
    bench_must(sign(p->log_secret, cy_text_bytes(&text), &p->head_signature), "sign");
    bench_must(cy_checkpoint_make(&p->log, LEAVES, &p->root, sign, p->log_secret, &note), "head");
    cy_tlog_proof_write(&proof, cy_span_of(NULL, 0), AT, p->path, p->n, cy_text_bytes(&note));
    p->proof_n = proof.n;
    cy_text_add(&out, "{\"index\":777777,\"level\":\"recorded\",\"entry\":\"");
    cy_text_base64(&out, cy_span_of(p->entry, p->entry_n));
    cy_text_add(&out, "\",\"proof\":\"");
    for (size_t i = 0; i < proof.n; i++)
        cy_text_span(&out, p->proof[i] == '\n' ? cy_span_text("\\n") : cy_span_of(&p->proof[i], 1));
    cy_text_add(&out, "\"}");
    p->receipt_n = out.n;
}

static void make_cose(struct proven *p)
{
    struct cy_receipt receipt = {
        .kind = CY_RECEIPT_INCLUSION, .key = p->log.key, .size = LEAVES, .index = AT, .n = p->n};
    struct cy_cbor_writer to_sign = cy_cbor_write(p->to_sign, sizeof p->to_sign);
    struct cy_cbor_writer out = cy_cbor_write(p->cose, sizeof p->cose);

    memcpy(receipt.path, p->path, sizeof receipt.path);
    bench_must(cy_receipt_to_sign(&receipt, &p->root, &to_sign), "to sign");
    p->to_sign_n = to_sign.n;
    crypto_sign_detached(p->cose_signature.b, NULL, p->to_sign, p->to_sign_n, p->log_secret);
    memcpy(receipt.signature, p->cose_signature.b, sizeof receipt.signature);
    bench_must(cy_receipt_write(&receipt, &out), "receipt");
    p->cose_n = out.n;
}

static struct proven *make(void)
{
    struct proven *p = bench_map(sizeof *p);
    char vkey[CY_NOTE_VKEY_MAX];
    struct cy_text text = cy_text_on(vkey, sizeof vkey);
    struct cy_id key;

    crypto_sign_keypair(key.b, p->log_secret);
    crypto_sign_keypair(p->author.b, p->author_secret);
    bench_must(cy_note_key_of(cy_span_text(LOG), CY_NOTE_ED25519, &key, &p->log), "key");
    cy_note_vkey(&p->log, &text);
    if (comity_trust_ledger(&p->trust, vkey, strlen(vkey)) != 0)
        bench_die("the library does not take the key");
    write_act(p);
    make_tree(p);
    make_proof(p);
    make_cose(p);
    p->scratch_n = 1 << 20;
    p->scratch = bench_map(p->scratch_n);
    return p;
}

/* --- what is measured --- */

static void check(const struct proven *p, const void *file, size_t n, bool entry)
{
    struct comity_report report;

    if (comity_verify(file, n, entry ? p->entry : NULL, entry ? p->entry_n : 0, &p->trust,
                      p->scratch, p->scratch_n, &report) != 0)
        bench_die("refused: %s", comity_error_text(report.error));
}

static void whole_receipt(const struct proven *p)
{
    check(p, p->receipt, p->receipt_n, false);
}

static void whole_proof(const struct proven *p)
{
    check(p, p->proof, p->proof_n, true);
}

static void whole_cose(const struct proven *p)
{
    check(p, p->cose, p->cose_n, true);
}

static void place_alone(const struct proven *p)
{
    struct comity_report report;

    if (comity_verify_cose_receipt(p->cose, p->cose_n, p->entry, p->entry_n, &p->trust, &report))
        bench_die("refused: %s", comity_error_text(report.error));
}

static void bare_act(const struct proven *p)
{
    struct cy_signature signature;

    memcpy(signature.b, p->envelope.signers[0].signature, sizeof signature.b);
    bench_must(cy_ed25519_verify(&p->author, p->signed_parts, p->n_signed, &signature), "act");
}

static void bare_head(const struct proven *p)
{
    bench_must(
        cy_ed25519_verify_strict(&p->log.key, cy_span_of(p->head, p->head_n), &p->head_signature),
        "head");
}

static void bare_both(const struct proven *p)
{
    bare_act(p);
    bare_head(p);
}

static void bare_cose(const struct proven *p)
{
    bench_must(cy_ed25519_verify_strict(&p->log.key, cy_span_of(p->to_sign, p->to_sign_n),
                                        &p->cose_signature),
               "cose");
}

/* Microseconds of processor time of one call, the best of several rounds; two that are to be
 * compared take turns, so that both see the same machine. */
static void compare(const struct proven *p, void (*whole)(const struct proven *),
                    void (*bare)(const struct proven *), double *whole_us, double *bare_us)
{
    *whole_us = *bare_us = 1e9;
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned side = 0; side < 2; side++) {
            const double from = bench_cpu_thread();
            double spent = 0;

            for (unsigned i = 0; i < 100; i++)
                side == 0 ? whole(p) : bare(p);
            spent = (bench_cpu_thread() - from) * 1e4;
            if (side == 0)
                *whole_us = spent < *whole_us ? spent : *whole_us;
            else
                *bare_us = spent < *bare_us ? spent : *bare_us;
        }
    }
}

void bench_libcomity(struct bench *bench)
{
    static const struct {
        const char *what;
        void (*whole)(const struct proven *);
        void (*bare)(const struct proven *);
        const char *beside;
        double signatures;
    } rows[] = {
        {"receipt (JSON): its head, path of 20 and act checked", whole_receipt, bare_both,
         "its two signatures alone",                                                                                   2},
        {"tlog-proof and entry: the same",                       whole_proof,   bare_both, "its two signatures alone", 2},
        {"COSE receipt and entry: the same",                     whole_cose,    bare_both, "two signatures alone",     2},
        {"COSE receipt: the place alone",                        place_alone,   bare_cose, "its one signature alone",  1},
    };
    struct proven *p = make();

    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        struct row row = {.group = "libcomity", .unit = "us", .less = true};
        double ratio = 0;

        compare(p, rows[i].whole, rows[i].bare, &row.value, &row.limit);
        ratio = row.value / row.limit;
        (void)snprintf(row.what, sizeof row.what, "%s", rows[i].what);
        (void)snprintf(row.limit_name, sizeof row.limit_name, "%s", rows[i].beside);
        (void)snprintf(row.note, sizeof row.note, "%.2f times the signatures; the goal is 1.2",
                       ratio);
        row.target = row.limit * 1.2;
        if (bench->machine.libsodium > 0)
            row.peer = rows[i].signatures * 1e6 / bench->machine.libsodium;
        (void)snprintf(row.peer_name, sizeof row.peer_name, "libsodium's %.0f verification%s",
                       rows[i].signatures, rows[i].signatures > 1 ? "s" : "");
        bench_row(bench, &row);
    }
    bench_unmap(p->scratch, p->scratch_n);
    bench_unmap(p, sizeof *p);
}
