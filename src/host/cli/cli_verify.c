#include "host/cli/cli_verify.h"

#include "crypto/merkle.h"
#include "host/cli/cli_peer.h"
#include "host/json/json.h"
#include "host/routes/bundle.h"
#include "ledger/checkpoint.h"
#include "wire/heads.h"
#include "wire/print.h"
#include "wire/receipt.h"
#include "wire/tlog_proof.h"

#include <stdarg.h>
#include <stdlib.h>

#define FILE_MAX ((size_t)64 << 20)
#define ANSWER_MAX ((size_t)16 << 20)

const struct cy_cli_option cy_cli_trust_options[] = {
    {"vkey",    "VKEY", "verifier key of the ledger (else the directory's)"                 },
    {"witness", "VKEY", "verifier key of a witness; repeat (else those of the directory)"   },
    {"need",    "K",    "how many witnesses must have cosigned (all that are named; else 0)"},
    {NULL,      NULL,   NULL                                                                },
};

const struct cy_cli_option cy_cli_verify_options[] = {
    {"entry", "FILE", "the bytes of the entry, where the proof does not hold them"},
    {NULL,    NULL,   NULL                                                        },
};

cy_err cy_cli_trust_read(struct cy_cli *run, struct cy_cli_trust *trust)
{
    const char *vkey = cy_cli_arg(&run->args, "vkey");
    const char *need = cy_cli_arg(&run->args, "need");
    const char *witness = NULL;
    uint64_t n = 0;
    size_t at = 0;

    *trust = (struct cy_cli_trust){0};
    if (vkey == NULL)
        vkey = run->home.settings.vkey;
    if (vkey != NULL && vkey[0] != 0) {
        cy_cli_note(run, "--vkey %.300s", vkey);
        CY_TRY(cy_note_vkey_read(cy_span_text(vkey), &trust->log));
        if (trust->log.type != CY_NOTE_ED25519)
            return cy_fail(CY_E_BAD_VKEY, 0);
        trust->has_log = true;
    }
    while ((witness = cy_cli_arg_next(&run->args, "witness", &at)) != NULL) {
        cy_cli_note(run, "--witness %.300s", witness);
        if (trust->n_witnesses == CY_CLI_WITNESSES_MAX)
            return cy_fail(CY_E_NO_ROOM, CY_CLI_WITNESSES_MAX);
        CY_TRY(cy_note_vkey_read(cy_span_text(witness), &trust->witnesses[trust->n_witnesses]));
        if (trust->witnesses[trust->n_witnesses++].type != CY_NOTE_COSIGNATURE)
            return cy_fail(CY_E_BAD_VKEY, 0);
    }
    run->why[0] = 0;
    trust->need = trust->n_witnesses;
    if (trust->n_witnesses == 0) /* none named: the cell's own, counted but not demanded */
        CY_TRY(cy_cli_peer_witnesses(run, trust->witnesses, CY_CLI_WITNESSES_MAX,
                                     &trust->n_witnesses));
    if (need == NULL)
        return CY_OK;
    if (!cy_ok(cy_u64_read(cy_span_text(need), &n)) || n > trust->n_witnesses) {
        cy_cli_note(run, "--need is a number, at most the %u witnesses named", trust->n_witnesses);
        return cy_fail(CY_E_USAGE, 0);
    }
    trust->need = (uint32_t)n;
    return CY_OK;
}

/* --- steps --- */

struct check {
    struct cy_cli *run;
    const struct cy_cli_trust *trust;
    const char *kind;
    json_t *steps;
    bool failed;
    cy_err err;
    struct cy_checkpoint head;
    uint32_t cosigned;
    const char *answer; /* what a bundle proves */
};

/* Notes a step; the first that does not hold ends the check. Returns whether it held. */
__attribute__((format(printf, 3, 4))) static bool step(struct check *c, cy_err err,
                                                       const char *format, ...)
{
    char sentence[700];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    cy_utf8_mend(sentence); /* it may be cut inside a character */
    if (c->run->json)
        (void)json_array_append_new(
            c->steps, json_pack("{s:s,s:b,s:s*}", "step", sentence, "holds", cy_ok(err), "code",
                                cy_ok(err) ? NULL : cy_err_info(err.code)->path));
    else
        (void)fprintf(c->run->out, "%s  %s%s%s\n", cy_ok(err) ? "ok     " : "REFUSED", sentence,
                      cy_ok(err) ? "" : ": ", cy_ok(err) ? "" : cy_err_info(err.code)->text);
    if (!cy_ok(err) && !c->failed) {
        c->failed = true;
        c->err = err;
    }
    return cy_ok(err);
}

static bool check_head(struct check *c, struct cy_span note)
{
    const cy_err err =
        cy_checkpoint_verify(note, &c->trust->log, c->trust->witnesses, c->trust->n_witnesses,
                             c->trust->need, &c->head, &c->cosigned);

    if (!cy_ok(err))
        return step(c, err, "the checkpoint is signed by %.*s and cosigned by %u of %u witnesses",
                    (int)c->trust->log.name.n, (const char *)c->trust->log.name.at, c->trust->need,
                    c->trust->n_witnesses);
    return step(c, err,
                "checkpoint of %.*s, %llu entries: signed by the ledger's key, cosigned by "
                "%u of %u witnesses",
                (int)c->head.origin.n, (const char *)c->head.origin.at,
                (unsigned long long)c->head.size, c->cosigned, c->trust->n_witnesses);
}

/* The act in the bytes: its signatures, who and what. */
static bool check_act(struct check *c, struct cy_span bytes, struct cy_act *act)
{
    char sentence[480];
    struct cy_text say = cy_text_on(sentence, sizeof sentence);
    cy_err err = cy_act_open(bytes, &c->run->arena, act);

    if (!step(c, err, "the entry is an act of %zu bytes", bytes.n))
        return false;
    for (uint32_t i = 0; cy_ok(err) && i < act->envelope.n_signers; i++) {
        struct cy_span parts[CY_SIGNED_PARTS];
        const size_t n = cy_envelope_signed(&act->envelope, i, parts);
        struct cy_signature signature;

        memcpy(signature.b, act->envelope.signers[i].signature, sizeof signature.b);
        err = cy_ed25519_verify(&act->envelope.signers[i].key, parts, n, &signature);
    }
    cy_print_say(&say, act->any.schema, act->any.message);
    return step(c, err, "its %u signature%s: \"%s\"", act->envelope.n_signers,
                act->envelope.n_signers == 1 ? " verifies" : "s verify", sentence);
}

/* A proof file; entry has n = 0 when the proof must hold it. */
static void check_proof(struct check *c, struct cy_span text, struct cy_span entry)
{
    struct cy_tlog_proof proof;
    struct cy_id leaf;
    struct cy_act act;
    size_t n = 0;
    cy_err err = cy_tlog_proof_read(text, &proof);

    if (!step(c, err, "the proof is in the form c2sp.org/tlog-proof@v1"))
        return;
    if (entry.n == 0 && proof.has_extra) {
        uint8_t *extra = cy_arena_take(&c->run->arena, CY_TLOG_PROOF_EXTRA_MAX);

        err = extra == NULL ? cy_fail(CY_E_NO_ROOM, 0)
                            : cy_tlog_proof_extra(&proof, extra, CY_TLOG_PROOF_EXTRA_MAX, &n);
        if (!step(c, err, "the proof holds the entry, %zu bytes", n))
            return;
        entry = cy_span_of(extra, n);
    }
    if (entry.n == 0) {
        (void)step(c, cy_fail(CY_E_NO_FILE, 0),
                   "the proof does not hold the entry; give --entry FILE");
        return;
    }
    if (!check_head(c, proof.checkpoint))
        return;
    leaf = cy_hash_leaf(entry);
    err = cy_merkle_inclusion(&leaf, proof.index, c->head.size, proof.path, proof.n, &c->head.root);
    if (!step(c, err, "entry %llu is in the tree under that checkpoint (%u hashes)",
              (unsigned long long)proof.index, proof.n))
        return;
    (void)check_act(c, entry, &act);
}

static cy_err from_base64(struct check *c, const char *text, struct cy_span *out)
{
    const size_t cap = strlen(text) / 4 * 3 + 4;
    uint8_t *room = cy_arena_take(&c->run->arena, cap);
    size_t n = 0;

    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_base64_read(cy_span_text(text), room, cap, &n));
    *out = cy_span_of(room, n);
    return CY_OK;
}

/* A receipt: what it says about the act must be what the entry is. */
static void check_receipt(struct check *c, const json_t *receipt, struct cy_span entry)
{
    const char *proof = json_string_value(json_object_get(receipt, "proof"));
    const char *text = json_string_value(json_object_get(receipt, "entry"));
    const char *id_text = json_string_value(json_object_get(receipt, "act"));
    const json_t *index = json_object_get(receipt, "index");
    struct cy_tlog_proof read;
    struct cy_act act;
    struct cy_id id;
    cy_err err = CY_OK;

    if (entry.n == 0 && text != NULL &&
        !step(c, from_base64(c, text, &entry), "the receipt holds the entry"))
        return;
    check_proof(c, cy_span_text(proof), entry);
    if (c->failed)
        return;
    err = cy_act_open(entry, &c->run->arena, &act);
    if (cy_ok(err))
        err = id_text == NULL ? CY_OK : cy_hex_read(cy_span_text(id_text), id.b, sizeof id.b);
    if (cy_ok(err) && id_text != NULL && !cy_id_eq(&id, &act.id))
        err = cy_fail(CY_E_BAD_MERKLE, 0);
    if (!step(c, err, "the receipt names this act"))
        return;
    err = cy_tlog_proof_read(cy_span_text(proof), &read);
    if (cy_ok(err) && index != NULL && (uint64_t)json_integer_value(index) != read.index)
        err = cy_fail(CY_E_BAD_MERKLE, 1);
    (void)step(c, err, "the receipt names this place in the ledger");
}

/* --- COSE receipts --- */

/* RFC 9162 section 2.1.3.2, with the root as the result. */
static cy_err inclusion_root(const struct cy_receipt *r, struct cy_id *root)
{
    uint64_t fn = r->index;
    uint64_t sn = r->size - 1;

    for (uint32_t i = 0; i < r->n; i++) {
        if (sn == 0)
            return cy_fail(CY_E_BAD_MERKLE, 2);
        if ((fn & 1) != 0 || fn == sn) {
            *root = cy_hash_node(&r->path[i], root);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            *root = cy_hash_node(root, &r->path[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 ? CY_OK : cy_fail(CY_E_BAD_MERKLE, 2);
}

static void check_cose_receipt(struct check *c, const struct cy_receipt *r, struct cy_span entry)
{
    uint8_t bytes[CY_RECEIPT_TO_SIGN_MAX];
    struct cy_cbor_writer to_sign = cy_cbor_write(bytes, sizeof bytes);
    struct cy_signature signature;
    struct cy_span message;
    struct cy_id root;
    struct cy_act act;
    cy_err err = CY_OK;

    if (r->kind != CY_RECEIPT_INCLUSION) {
        (void)step(c, cy_fail(CY_E_BAD_PROOF_TEXT, 0),
                   "a receipt of consistency proves no entry; compare two checkpoints instead");
        return;
    }
    if (entry.n == 0) {
        (void)step(c, cy_fail(CY_E_NO_FILE, 0),
                   "a COSE receipt does not hold the entry; give --entry FILE");
        return;
    }
    err = cy_id_eq(&r->key, &c->trust->log.key) ? CY_OK : cy_fail(CY_E_OTHER_LOG, 0);
    if (!step(c, err, "the receipt names the ledger's key"))
        return;
    root = cy_hash_leaf(entry);
    err = inclusion_root(r, &root);
    if (!step(c, err, "its path leads from entry %llu to a root of %llu entries",
              (unsigned long long)r->index, (unsigned long long)r->size))
        return;
    err = cy_receipt_to_sign(r, &root, &to_sign);
    memcpy(signature.b, r->signature, sizeof signature.b);
    message = cy_cbor_written(&to_sign);
    if (cy_ok(err))
        err = cy_ed25519_verify_strict(&r->key, message, &signature);
    if (step(c, err, "the ledger's key signed that root"))
        (void)check_act(c, entry, &act);
}

/* --- two heads --- */

/* One of the two: the ledger's own signature is asked for, cosignatures are only counted, because a
 * betrayal is one without them. */
static bool check_signed(struct check *c, const char *which, struct cy_span note,
                         struct cy_checkpoint *head)
{
    const cy_err err = cy_checkpoint_verify(note, &c->trust->log, c->trust->witnesses,
                                            c->trust->n_witnesses, 0, head, &c->cosigned);

    if (!cy_ok(err))
        return step(c, err, "the %s head is signed by %.*s", which, (int)c->trust->log.name.n,
                    (const char *)c->trust->log.name.at);
    return step(c, err, "the %s head, of %llu entries, is signed by %.*s and cosigned by %u", which,
                (unsigned long long)head->size, (int)head->origin.n, (const char *)head->origin.at,
                c->cosigned);
}

static void check_heads(struct check *c, struct cy_span bytes)
{
    struct cy_heads heads;
    struct cy_checkpoint head[2];
    unsigned old = 0;

    if (!step(c, cy_heads_read(bytes, &heads), "the file is in the form comity heads@v1") ||
        !check_signed(c, "first", heads.notes[0], &head[0]) ||
        !check_signed(c, "second", heads.notes[1], &head[1]))
        return;
    if (head[0].size == head[1].size) {
        if (cy_id_eq(&head[0].root, &head[1].root))
            (void)step(c, CY_OK, "both heads are of %llu entries under one root: the same history",
                       (unsigned long long)head[0].size);
        else
            (void)step(
                c, CY_OK,
                "two roots are signed for one size, %llu: the ledger has shown two histories",
                (unsigned long long)head[0].size);
        return;
    }
    old = head[0].size < head[1].size ? 0 : 1;
    (void)step(c,
               cy_merkle_consistency(head[old].size, &head[old].root, head[1 - old].size,
                                     &head[1 - old].root, heads.path, heads.n),
               "the head of %llu entries extends that of %llu (%u hashes)",
               (unsigned long long)head[1 - old].size, (unsigned long long)head[old].size, heads.n);
}

/* --- bundles --- */

static void check_bundle(struct check *c, struct cy_span text)
{
    const struct cy_bundle_trust trust = {.log = c->trust->log,
                                          .witnesses = c->trust->witnesses,
                                          .n_witnesses = c->trust->n_witnesses,
                                          .need = c->trust->need};
    struct cy_bundle_report report = {0};
    char *room = cy_arena_take(&c->run->arena, ANSWER_MAX);
    struct cy_text answer;
    char time_bytes[40];
    struct cy_text time = cy_text_on(time_bytes, sizeof time_bytes);
    cy_err err = CY_OK;

    if (room == NULL) {
        (void)step(c, cy_fail(CY_E_NO_ROOM, 0), "memory");
        return;
    }
    answer = cy_text_on(room, ANSWER_MAX);
    err = cy_bundle_verify(text, &trust, &report, &answer);
    if (!cy_ok(err)) {
        (void)step(c, err, "%s", report.failed == NULL ? "the bundle" : report.failed);
        return;
    }
    cy_time_text(&time, report.time);
    (void)step(c, CY_OK, "checkpoint of %llu entries: signed by the ledger's key, cosigned by %u",
               (unsigned long long)report.size, report.cosigned);
    (void)step(c, CY_OK, "entry %llu is a tick of %s that names a state root",
               (unsigned long long)report.index, time_bytes);
    (void)step(c, CY_OK, "%u records are in the state under that root; none is missing",
               report.records);
    (void)step(c, CY_OK, "the answer follows from these records");
    c->answer = room;
}

/* --- what kind of file it is --- */

static bool begins(struct cy_span text, const char *words)
{
    return text.n >= strlen(words) && memcmp(text.at, words, strlen(words)) == 0;
}

static void check_json(struct check *c, struct cy_span text, struct cy_span entry)
{
    static const struct cy_json_limits limits = {FILE_MAX, 32, false};
    struct cy_json_fault fault = {0};
    json_t *value = NULL;
    const cy_err err = cy_json_parse(text, &limits, &value, &fault);
    const char *form = json_string_value(json_object_get(value, "comity"));

    if (!cy_ok(err)) {
        (void)step(c, err, "line %u, column %u: %s", fault.line, fault.column, fault.why);
    } else if (form != NULL && strcmp(form, "bundle@v1") == 0) {
        c->kind = "answer bundle";
        check_bundle(c, text);
    } else if (json_is_string(json_object_get(value, "proof"))) {
        c->kind = "receipt";
        check_receipt(c, value, entry);
    } else {
        (void)step(c, cy_fail(CY_E_BAD_JSON, 0),
                   "the JSON is neither a receipt nor an answer bundle");
    }
    json_decref(value);
}

static void check_file(struct check *c, struct cy_span bytes, struct cy_span entry)
{
    struct cy_receipt receipt;
    struct cy_act act;

    if (begins(bytes, "{")) {
        check_json(c, bytes, entry);
    } else if (begins(bytes, "c2sp.org/tlog-proof@")) {
        c->kind = "tlog-proof";
        check_proof(c, bytes, entry);
    } else if (begins(bytes, "comity heads@")) {
        c->kind = "two heads";
        check_heads(c, bytes);
    } else if (bytes.n > 0 && bytes.at[0] >= 0xc0) { /* a CBOR tag */
        if (cy_ok(cy_receipt_read(bytes, &receipt))) {
            c->kind = "COSE receipt";
            check_cose_receipt(c, &receipt, entry);
        } else {
            c->kind = "act";
            if (check_act(c, bytes, &act))
                (void)step(c, CY_OK, "that it stands in a ledger is not shown by the act alone");
        }
    } else {
        c->kind = "checkpoint";
        (void)check_head(c, bytes);
    }
}

static int finish(struct check *c, const char *path)
{
    struct cy_cli *run = c->run;
    const int code = cy_cli_exit(c->err) == CY_EXIT_OK ? CY_EXIT_OK : CY_EXIT_REFUSED;

    if (run->json) {
        json_t *answer = c->answer == NULL ? NULL : json_loads(c->answer, JSON_DECODE_ANY, NULL);

        (void)cy_cli_print(
            run, json_pack("{s:s,s:s,s:b,s:O,s:s*,s:s*,s:o*}", "file", path, "kind", c->kind,
                           "holds", !c->failed, "steps", c->steps, "code",
                           c->failed ? cy_err_info(c->err.code)->path : NULL, "remedy",
                           c->failed ? cy_err_info(c->err.code)->remedy : NULL, "answer", answer));
        return code;
    }
    if (c->answer != NULL)
        (void)fprintf(run->out, "%s\n", c->answer);
    if (c->failed)
        (void)fprintf(run->out, "%s: this %s does NOT hold (%s)\n  what to do: %s\n", path, c->kind,
                      cy_err_info(c->err.code)->path, cy_err_info(c->err.code)->remedy);
    else
        (void)fprintf(run->out, "%s: this %s holds\n", path, c->kind);
    return code;
}

int cy_cli_verify(struct cy_cli *run)
{
    struct cy_cli_trust *trust = cy_arena_zero(&run->arena, sizeof *trust);
    const char *entry_path = cy_cli_arg(&run->args, "entry");
    struct check check = {.run = run, .trust = trust, .kind = "file"};
    struct cy_span bytes = {NULL, 0};
    struct cy_span entry = {NULL, 0};
    cy_err err = CY_OK;
    int code = 0;

    if (run->args.n_words != 2)
        return cy_cli_wrong(run, "write: comity verify FILE");
    err = trust == NULL ? cy_fail(CY_E_NO_ROOM, 0) : cy_cli_trust_read(run, trust);
    if (cy_ok(err))
        err = cy_cli_read_file(run, run->args.words[1], FILE_MAX, &bytes);
    if (cy_ok(err) && entry_path != NULL)
        err = cy_cli_read_file(run, entry_path, CY_ENTRY_MAX, &entry);
    if (cy_ok(err) && !trust->has_log)
        err = cy_fail(CY_E_NO_VKEY, 0);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    check.steps = json_array();
    check_file(&check, bytes, entry);
    code = finish(&check, run->args.words[1]);
    json_decref(check.steps);
    return code;
}
