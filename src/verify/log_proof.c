#include "verify/log_proof.h"

#include "crypto/merkle.h"
#include "wire/print.h"

#define SLACK ((size_t)CY_TLOG_PROOF_EXTRA_MAX + 4096) /* extra data, and what alignment takes */
#define SAY_MAX 480u                                   /* bytes of a sentence, with the 0 */

size_t cy_log_proof_room(size_t n, size_t entry_n)
{
    const size_t entry = entry_n > 0 ? entry_n : n < CY_ENTRY_MAX ? n : CY_ENTRY_MAX;

    /* the proof and the entry written out, the act decoded */
    return n + entry + cy_act_decoded_max(entry) + SLACK;
}

cy_err cy_doc_base64(const struct cy_doc *value, struct cy_arena *arena, struct cy_span *out)
{
    struct cy_span text;
    uint8_t *bytes = NULL;
    size_t cap = 0;
    size_t n = 0;

    CY_TRY(cy_doc_string(value, arena, &text));
    cap = text.n / 4 * 3;
    bytes = cy_arena_take(arena, cap);
    if (bytes == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_base64_read(text, bytes, cap, &n));
    *out = cy_span_of(bytes, n);
    return CY_OK;
}

bool cy_check_head(struct cy_span note, const struct cy_trust *trust, struct comity_report *report)
{
    const bool policy = trust->policy != NULL;
    struct cy_checkpoint head = {.size = 0};
    const cy_err err = cy_trust_head(note, trust, &head, &report->cosigned);
    bool holds = false;

    report->witnesses = cy_trust_cosigners(trust);
    report->need = trust->need;
    cy_report_text(report->origin, sizeof report->origin, cy_trust_name(trust));
    if (cy_ok(err)) {
        report->size = head.size;
        memcpy(report->root, head.root.b, sizeof report->root);
    }
    holds = cy_report_step(report, policy ? COMITY_STEP_POLICY_HEAD : COMITY_STEP_HEAD, err,
                           report->size, report->cosigned);
    report->steps[report->n_steps - 1].c = policy && trust->log.name.n > 0 ? 1 : 0;
    return holds;
}

static cy_err check_signatures(const struct cy_envelope *envelope)
{
    for (uint32_t i = 0; i < envelope->n_signers; i++) {
        struct cy_span parts[CY_SIGNED_PARTS];
        const size_t n = cy_envelope_signed(envelope, i, parts);
        struct cy_signature signature;

        memcpy(signature.b, envelope->signers[i].signature, sizeof signature.b);
        CY_TRY(cy_ed25519_verify(&envelope->signers[i].key, parts, n, &signature));
    }
    return CY_OK;
}

bool cy_check_act(struct cy_span bytes, struct cy_arena *arena, struct cy_act *act,
                  struct comity_report *report)
{
    char sentence[SAY_MAX];
    struct cy_text say = cy_text_on(sentence, sizeof sentence);
    cy_err err = cy_act_open(bytes, arena, act);

    if (!cy_report_step(report, COMITY_STEP_ENTRY, err, bytes.n, 0))
        return false;
    cy_print_say(&say, act->any.schema, act->any.message);
    cy_utf8_mend(sentence); /* it may be cut inside a character */
    cy_report_text(report->say, sizeof report->say, cy_span_text(sentence));
    report->signers = act->envelope.n_signers;
    memcpy(report->act, act->id.b, sizeof report->act);
    err = check_signatures(&act->envelope);
    return cy_report_step(report, COMITY_STEP_SIGNATURES, err, report->signers, 0);
}

cy_err cy_place(const struct cy_tlog_proof *proof, struct cy_span entry,
                struct comity_report *report)
{
    const struct cy_id leaf = cy_hash_leaf(entry);
    struct cy_id root;

    memcpy(root.b, report->root, sizeof root.b);
    report->index = proof->index;
    return cy_merkle_inclusion(&leaf, proof->index, report->size, proof->path, proof->n, &root);
}

/* A proof as text: its form, the entry that it is about, its place, and the act in it. */
static bool check_proof(struct cy_span text, struct cy_span entry, const struct cy_trust *trust,
                        struct cy_arena *arena, struct cy_tlog_proof *proof, struct cy_act *act,
                        struct comity_report *report)
{
    if (!cy_report_step(report, COMITY_STEP_FORM, cy_tlog_proof_read(text, proof), 0, 0))
        return false;
    if (entry.n == 0 && proof->has_extra) {
        uint8_t *extra = cy_arena_take(arena, CY_TLOG_PROOF_EXTRA_MAX);
        size_t n = 0;
        const cy_err err = extra == NULL
                               ? cy_fail(CY_E_NO_ROOM, 0)
                               : cy_tlog_proof_extra(proof, extra, CY_TLOG_PROOF_EXTRA_MAX, &n);

        if (!cy_report_step(report, COMITY_STEP_HOLDS_ENTRY, err, n, 0))
            return false;
        entry = cy_span_of(extra, n);
    }
    if (entry.n == 0)
        return cy_report_step(report, COMITY_STEP_HOLDS_ENTRY, cy_fail(CY_E_NO_FILE, 0), 0, 0);
    report->entry = entry.at;
    report->entry_n = entry.n;
    return cy_check_head(proof->checkpoint, trust, report) &&
           cy_report_step(report, COMITY_STEP_PLACE, cy_place(proof, entry, report), proof->index,
                          proof->n) &&
           cy_check_act(entry, arena, act, report);
}

bool cy_check_tlog_proof(struct cy_span text, struct cy_span entry, const struct cy_trust *trust,
                         struct cy_arena *arena, struct comity_report *report)
{
    struct cy_tlog_proof proof;
    struct cy_act act;

    report->kind = COMITY_KIND_PROOF;
    return check_proof(text, entry, trust, arena, &proof, &act, report);
}

/* --- receipts --- */

/* What a receipt says, taken from its JSON. */
struct said {
    struct cy_doc proof;
    struct cy_doc entry;
    struct cy_doc act;
    struct cy_doc index;
};

static struct said said_in(const struct cy_doc *root)
{
    struct cy_doc_walk walk = cy_doc_inside(root);
    struct said said = {.index = {.kind = CY_DOC_NONE}};
    struct cy_doc key;
    struct cy_doc value;

    while (cy_doc_next(&walk, &key, &value)) {
        if (cy_doc_is(&key, "proof"))
            said.proof = value;
        else if (cy_doc_is(&key, "entry"))
            said.entry = value;
        else if (cy_doc_is(&key, "act"))
            said.act = value;
        else if (cy_doc_is(&key, "index"))
            said.index = value;
    }
    return said;
}

bool cy_is_receipt(const struct cy_doc *root)
{
    return cy_doc_member(root, "proof").kind == CY_DOC_STRING;
}

static cy_err names_act(const struct cy_doc *said, const struct cy_id *is, struct cy_arena *arena)
{
    struct cy_span text;
    struct cy_id id;

    if (said->kind != CY_DOC_STRING)
        return CY_OK;
    CY_TRY(cy_doc_string(said, arena, &text));
    CY_TRY(cy_hex_read(text, id.b, sizeof id.b));
    return cy_id_eq(&id, is) ? CY_OK : cy_fail(CY_E_BAD_MERKLE, 0);
}

static cy_err names_place(const struct cy_doc *said, uint64_t is)
{
    uint64_t index = 0;

    if (said->kind == CY_DOC_NONE)
        return CY_OK;
    return said->kind == CY_DOC_INTEGER && cy_ok(cy_doc_u64(said, &index)) && index == is
               ? CY_OK
               : cy_fail(CY_E_BAD_MERKLE, 1);
}

bool cy_check_receipt(const struct cy_doc *root, struct cy_span entry, const struct cy_trust *trust,
                      struct cy_arena *arena, struct comity_report *report)
{
    const struct said said = said_in(root);
    struct cy_tlog_proof proof;
    struct cy_span text;
    struct cy_act act;

    report->kind = COMITY_KIND_RECEIPT;
    if (entry.n == 0 && said.entry.kind == CY_DOC_STRING &&
        !cy_report_step(report, COMITY_STEP_HOLDS_ENTRY, cy_doc_base64(&said.entry, arena, &entry),
                        0, 0))
        return false;
    return cy_report_unless(report, COMITY_STEP_FORM, cy_doc_string(&said.proof, arena, &text)) &&
           check_proof(text, entry, trust, arena, &proof, &act, report) &&
           cy_report_step(report, COMITY_STEP_NAMES_ACT, names_act(&said.act, &act.id, arena), 0,
                          0) &&
           cy_report_step(report, COMITY_STEP_NAMES_PLACE, names_place(&said.index, proof.index), 0,
                          0);
}

/* --- COSE receipts --- */

static cy_err check_root(const struct cy_receipt *receipt, const struct cy_id *root)
{
    uint8_t bytes[CY_RECEIPT_TO_SIGN_MAX];
    struct cy_cbor_writer to_sign = cy_cbor_write(bytes, sizeof bytes);
    struct cy_signature signature;

    CY_TRY(cy_receipt_to_sign(receipt, root, &to_sign));
    memcpy(signature.b, receipt->signature, sizeof signature.b);
    return cy_ed25519_verify_strict(&receipt->key, cy_cbor_written(&to_sign), &signature);
}

static cy_err names_key(const struct cy_receipt *receipt, const struct cy_trust *trust)
{
    if (trust->log.name.n == 0) /* a federation has no key that signs receipts */
        return cy_fail(trust->policy == NULL ? CY_E_NO_VKEY : CY_E_OTHER_LOG, 0);
    return cy_id_eq(&receipt->key, &trust->log.key) ? CY_OK : cy_fail(CY_E_OTHER_LOG, 0);
}

/* All that must be so before the path is looked at. */
static bool check_asked(const struct cy_receipt *receipt, struct cy_span entry,
                        const struct cy_trust *trust, struct comity_report *report)
{
    return cy_report_unless(
               report, COMITY_STEP_FORM,
               receipt->kind == CY_RECEIPT_INCLUSION ? CY_OK : cy_fail(CY_E_BAD_PROOF_TEXT, 0)) &&
           cy_report_unless(report, COMITY_STEP_HOLDS_ENTRY,
                            entry.n > 0 ? CY_OK : cy_fail(CY_E_NO_FILE, 0)) &&
           cy_report_step(report, COMITY_STEP_COSE_KEY, names_key(receipt, trust), 0, 0) &&
           cy_report_unless(
               report, COMITY_STEP_COSE_WITNESSES,
               trust->need == 0 && trust->policy == NULL ? CY_OK : cy_fail(CY_E_FEW_WITNESSES, 0));
}

bool cy_check_cose(const struct cy_receipt *receipt, struct cy_span entry,
                   const struct cy_trust *trust, struct comity_report *report)
{
    const struct cy_id leaf = cy_hash_leaf(entry);
    struct cy_id root;
    cy_err err = CY_OK;

    report->kind = COMITY_KIND_COSE_RECEIPT;
    report->witnesses = cy_trust_cosigners(trust);
    report->need = trust->need;
    cy_report_text(report->origin, sizeof report->origin, cy_trust_name(trust));
    if (!check_asked(receipt, entry, trust, report))
        return false;
    err = cy_merkle_inclusion_root(&leaf, receipt->index, receipt->size, receipt->path, receipt->n,
                                   &root);
    if (!cy_report_step(report, COMITY_STEP_COSE_PATH, err, receipt->index, receipt->size))
        return false;
    err = check_root(receipt, &root);
    if (cy_ok(err)) {
        report->index = receipt->index;
        report->size = receipt->size;
        memcpy(report->root, root.b, sizeof report->root);
        report->entry = entry.at;
        report->entry_n = entry.n;
    }
    return cy_report_step(report, COMITY_STEP_COSE_SIGNATURE, err, 0, 0);
}
