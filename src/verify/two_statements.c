#include "verify/two_statements.h"

#include "crypto/merkle.h"
#include "wire/vote.h"

/* A statement, taken apart. */
struct statement {
    struct cy_vote vote; /* VOTE */
    struct cy_checkpoint head;
};

/* --- one statement --- */

/* Whose verifier key a kind is: what is signed, and the type of the key. */
static enum cy_note_key_type type_of(uint8_t kind)
{
    return kind == CY_statement_COSIGNATURE ? CY_NOTE_COSIGNATURE : CY_NOTE_ED25519;
}

/* The bytes that a line of that kind is over, and its signature. */
static bool line_parts(const struct cy_note_signature *line, struct cy_span text, uint8_t kind,
                       struct cy_text *room, struct cy_span *message,
                       struct cy_signature *signature)
{
    uint8_t blob[CY_COSIGNATURE_BYTES];
    uint64_t time_s = 0;
    size_t n = 0;

    if (!cy_ok(cy_note_blob(line, blob, sizeof blob, &n)))
        return false;
    *message = text;
    if (kind != CY_statement_COSIGNATURE) {
        memcpy(signature->b, blob, sizeof signature->b);
        return n == sizeof signature->b;
    }
    if (!cy_ok(cy_cosignature_read(cy_span_of(blob, n), &time_s, signature->b)))
        return false;
    cy_cosignature_text(room, time_s, text);
    *message = cy_text_bytes(room);
    return !room->full;
}

/* The key has signed under whatever name its line bears: one good line is enough. */
static cy_err signed_by(const struct cy_note *note, uint8_t kind, const struct cy_id *key)
{
    cy_err err = cy_fail(CY_E_NOT_SIGNED, note->n);

    for (uint32_t i = 0; i < note->n; i++) {
        const struct cy_note_signature *line = &note->signatures[i];
        char memory[CY_EQUIVOCATION_NOTE_MAX + 64];
        struct cy_text room = cy_text_on(memory, sizeof memory);
        struct cy_signature signature;
        struct cy_span message;

        if (line->key_id != cy_note_key_id(line->name, type_of(kind), key))
            continue;
        if (line_parts(line, note->text, kind, &room, &message, &signature) &&
            cy_ok(cy_ed25519_verify_strict(key, message, &signature)))
            return CY_OK;
        err = cy_fail(CY_E_BAD_SIGNATURE, i);
    }
    return err;
}

static cy_err read_statement(struct cy_span bytes, uint8_t kind, const struct cy_id *key,
                             struct statement *out)
{
    struct cy_note note;

    *out = (struct statement){.vote = {.height = 0}};
    CY_TRY(cy_note_read(bytes, &note));
    if (kind == CY_statement_VOTE)
        CY_TRY(cy_vote_read(note.text, &out->vote));
    else
        CY_TRY(cy_checkpoint_read(note.text, &out->head));
    return signed_by(&note, kind, key);
}

/* --- the two --- */

static cy_err votes_contradict(const struct cy_vote *one, const struct cy_vote *another,
                               struct cy_contradiction *out)
{
    *out = (struct cy_contradiction){one->origin, one->height, one->round};
    return cy_vote_conflict(one, another) ? CY_OK : cy_fail(CY_E_NO_CONFLICT, 0);
}

static cy_err heads_contradict(const struct cy_equivocation *what, const struct cy_checkpoint *one,
                               const struct cy_checkpoint *another, struct cy_contradiction *out)
{
    const struct cy_checkpoint *small = one->size <= another->size ? one : another;
    const struct cy_checkpoint *large = small == one ? another : one;

    *out = (struct cy_contradiction){one->origin, small->size,
                                     small->size == large->size ? 0 : large->size};
    if (!cy_span_eq(one->origin, another->origin))
        return cy_fail(CY_E_NO_CONFLICT, 0);
    if (small->size == large->size)
        return what->has_prefix || cy_id_eq(&one->root, &another->root)
                   ? cy_fail(CY_E_NO_CONFLICT, 1)
                   : CY_OK;
    if (!what->has_prefix || small->size == 0)
        return cy_fail(CY_E_NO_CONFLICT, 2);
    CY_TRY(cy_merkle_consistency(small->size, &what->prefix, large->size, &large->root, what->path,
                                 what->n));
    return cy_id_eq(&small->root, &what->prefix) ? cy_fail(CY_E_NO_CONFLICT, 3) : CY_OK;
}

cy_err cy_statements_contradict(const struct cy_equivocation *what, struct cy_contradiction *out,
                                unsigned *which)
{
    struct statement said[2];

    *out = (struct cy_contradiction){.a = 0};
    for (*which = 0; *which < 2; (*which)++)
        CY_TRY(read_statement(what->notes[*which], what->kind, &what->key, &said[*which]));
    return what->kind == CY_statement_VOTE
               ? votes_contradict(&said[0].vote, &said[1].vote, out)
               : heads_contradict(what, &said[0].head, &said[1].head, out);
}

/* --- the report --- */

/* Who the key is to the reader: 1 the ledger, 2 a cosigner; 0 nobody. */
static uint64_t known_as(const struct cy_trust *trust, const struct cy_id *key)
{
    if (trust->log.name.n > 0 && cy_id_eq(&trust->log.key, key))
        return 1;
    for (uint32_t i = 0; i < trust->n_witnesses; i++) {
        if (cy_id_eq(&trust->witnesses[i].key, key))
            return 2;
    }
    return trust->policy != NULL && cy_quorum_witness(&trust->policy->quorum, key) != CY_QUORUM_NONE
               ? 2
               : 0;
}

bool cy_check_evidence(struct cy_span file, const struct cy_trust *trust,
                       struct comity_report *report)
{
    static const enum comity_step_kind steps[] = {
        COMITY_STEP_FIRST_STATEMENT, COMITY_STEP_SECOND_STATEMENT, COMITY_STEP_CONTRADICT};
    struct cy_equivocation what;
    struct cy_contradiction found;
    unsigned which = 0;
    cy_err err = cy_equivocation_read(file, &what);

    report->kind = COMITY_KIND_EVIDENCE;
    if (!cy_report_step(report, COMITY_STEP_FORM, err, 0, 0))
        return false;
    memcpy(report->key, what.key.b, sizeof report->key);
    err = cy_statements_contradict(&what, &found, &which);
    for (unsigned i = 0; i < which; i++)
        (void)cy_report_step(report, steps[i], CY_OK, what.kind, 0);
    if (which < 2)
        return cy_report_step(report, steps[which], err, what.kind, 0);
    cy_report_text(report->origin, sizeof report->origin, found.origin);
    report->convicts = cy_ok(err) ? 1 : 0;
    (void)cy_report_step(report, COMITY_STEP_CONTRADICT, err, found.a, found.b);
    report->steps[report->n_steps - 1].c = what.kind;
    if (!cy_ok(err) || cy_trust_name(trust).n == 0)
        return cy_ok(err);
    return cy_report_step(report, COMITY_STEP_KEY_KNOWN, CY_OK, known_as(trust, &what.key), 0);
}
