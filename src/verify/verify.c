#include "verify/verify.h"

static bool begins(struct cy_span file, const char *words)
{
    return file.n >= strlen(words) && memcmp(file.at, words, strlen(words)) == 0;
}

/* The kind that the first bytes claim; of JSON, a receipt. */
static enum comity_kind kind_of(struct cy_span file)
{
    struct cy_receipt receipt;

    if (begins(file, "{"))
        return COMITY_KIND_RECEIPT;
    if (begins(file, "c2sp.org/tlog-proof@"))
        return COMITY_KIND_PROOF;
    if (begins(file, "comity heads@"))
        return COMITY_KIND_HEADS;
    if (begins(file, "comity evidence@"))
        return COMITY_KIND_EVIDENCE;
    if (file.n > 0 && file.at[0] >= 0xc0) /* a CBOR tag */
        return cy_ok(cy_receipt_read(file, &receipt)) ? COMITY_KIND_COSE_RECEIPT : COMITY_KIND_ACT;
    return COMITY_KIND_CHECKPOINT;
}

static cy_err read_json(struct cy_span file, struct cy_doc *root)
{
    if (file.n > CY_VERIFY_JSON_MAX)
        return cy_fail(CY_E_TOO_LARGE, CY_VERIFY_JSON_MAX);
    return cy_doc_read(file, CY_DOC_DEPTH_MAX, root);
}

size_t cy_verify_room(struct cy_span file, size_t entry_n)
{
    const enum comity_kind kind = kind_of(file);
    struct cy_doc root;

    if (kind == COMITY_KIND_CHECKPOINT || kind == COMITY_KIND_HEADS || kind == COMITY_KIND_EVIDENCE)
        return 0;
    if (kind == COMITY_KIND_RECEIPT && !cy_ok(read_json(file, &root)))
        return 0;
    if (kind == COMITY_KIND_RECEIPT && cy_is_bundle(&root))
        return cy_bundle_room(&root);
    if (kind == COMITY_KIND_RECEIPT && cy_is_exit_file(&root))
        return cy_exit_file_room(&root);
    return cy_log_proof_room(file.n, entry_n);
}

/* The place of a fault in a text, for people. */
static void place_of(struct cy_span text, size_t position, uint64_t *line, uint64_t *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < text.n && i < position; i++) {
        *column = text.at[i] == '\n' ? 1 : *column + 1;
        *line += text.at[i] == '\n' ? 1 : 0;
    }
}

static bool check_json(struct cy_span file, struct cy_span entry, const struct cy_trust *trust,
                       struct cy_arena *arena, struct comity_report *report)
{
    struct cy_doc root;
    uint64_t line = 0;
    uint64_t column = 0;
    const cy_err err = read_json(file, &root);

    if (err.code == CY_E_TOO_LARGE)
        return cy_report_step(report, COMITY_STEP_FORM, err, 0, 0);
    if (!cy_ok(err)) {
        place_of(file, err.detail, &line, &column);
        return cy_report_step(report, COMITY_STEP_FORM, err, line, column);
    }
    if (cy_is_bundle(&root))
        return cy_check_bundle(file, trust, arena, report);
    if (cy_is_exit_file(&root))
        return cy_check_exit_file(&root, trust, arena, report);
    if (cy_is_receipt(&root))
        return cy_check_receipt(&root, entry, trust, arena, report);
    return cy_report_step(report, COMITY_STEP_FORM, cy_fail(CY_E_BAD_JSON, 0), 0, 0);
}

/* A COSE receipt, and the act that the entry is. */
static bool check_cose(struct cy_span file, struct cy_span entry, const struct cy_trust *trust,
                       struct cy_arena *arena, struct comity_report *report)
{
    struct cy_receipt receipt;
    struct cy_act act;

    CY_ASSERT(cy_ok(cy_receipt_read(file, &receipt))); /* kind_of has read it */
    return cy_check_cose(&receipt, entry, trust, report) &&
           cy_check_act(entry, arena, &act, report);
}

static bool check_act(struct cy_span file, struct cy_arena *arena, struct comity_report *report)
{
    struct cy_act act;

    report->kind = COMITY_KIND_ACT;
    report->entry = file.at;
    report->entry_n = file.n;
    return cy_check_act(file, arena, &act, report) &&
           cy_report_step(report, COMITY_STEP_ALONE, CY_OK, 0, 0);
}

bool cy_verify(struct cy_span file, struct cy_span entry, const struct cy_trust *trust,
               struct cy_arena *arena, struct comity_report *report)
{
    cy_report_begin(report);
    switch (kind_of(file)) {
    case COMITY_KIND_RECEIPT: return check_json(file, entry, trust, arena, report);
    case COMITY_KIND_PROOF: return cy_check_tlog_proof(file, entry, trust, arena, report);
    case COMITY_KIND_HEADS: return cy_check_heads(file, trust, report);
    case COMITY_KIND_EVIDENCE: return cy_check_evidence(file, trust, report);
    case COMITY_KIND_COSE_RECEIPT: return check_cose(file, entry, trust, arena, report);
    case COMITY_KIND_ACT: return check_act(file, arena, report);
    case COMITY_KIND_CHECKPOINT:
        report->kind = COMITY_KIND_CHECKPOINT;
        return cy_check_head(file, trust, report);
    case COMITY_KIND_BUNDLE: /* found by check_json */
    case COMITY_KIND_NONE: break;
    }
    CY_NEVER("kind");
}
