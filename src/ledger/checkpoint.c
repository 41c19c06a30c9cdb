#include "ledger/checkpoint.h"

#define FRESH CY_DISK_FRESH "/checkpoint"
#define COSIGNED_HEAD 64u /* "cosignature/v1\ntime " and 20 digits and a newline */

static bool by_key(const struct cy_note_signature *line, const struct cy_note_key *key)
{
    return line->key_id == key->id && cy_span_eq(line->name, key->name);
}

/* The bytes a cosigner signs, in the caller's memory. */
static cy_err cosigned_text(struct cy_span checkpoint, uint64_t time_s,
                            char out[static COSIGNED_HEAD + CY_COSIGNED_MAX], struct cy_span *text)
{
    struct cy_text writer = cy_text_on(out, COSIGNED_HEAD + CY_COSIGNED_MAX);

    if (checkpoint.n > CY_COSIGNED_MAX)
        return cy_fail(CY_E_TOO_LARGE, checkpoint.n);
    cy_cosignature_text(&writer, time_s, checkpoint);
    CY_ASSERT(!writer.full);
    *text = cy_text_bytes(&writer);
    return CY_OK;
}

/* One line by a known key. */
static cy_err verify_line(struct cy_span text, const struct cy_note_signature *line,
                          const struct cy_note_key *key, uint64_t *time_s)
{
    char cosigned[COSIGNED_HEAD + CY_COSIGNED_MAX];
    uint8_t blob[CY_COSIGNATURE_BYTES];
    struct cy_signature signature;
    struct cy_span message = text;
    size_t n = 0;

    *time_s = 0;
    if (!cy_ok(cy_note_blob(line, blob, sizeof blob, &n)))
        return cy_fail(CY_E_BAD_SIGNATURE, 0);
    if (key->type == CY_NOTE_COSIGNATURE) {
        if (!cy_ok(cy_cosignature_read(cy_span_of(blob, n), time_s, signature.b)))
            return cy_fail(CY_E_BAD_SIGNATURE, 0);
        CY_TRY(cosigned_text(text, *time_s, cosigned, &message));
    } else {
        if (n != sizeof signature.b)
            return cy_fail(CY_E_BAD_SIGNATURE, 0);
        memcpy(signature.b, blob, n);
    }
    return cy_ed25519_verify_strict(&key->key, message, &signature);
}

cy_err cy_note_verify(const struct cy_note *note, const struct cy_note_key *keys, uint32_t n_keys,
                      struct cy_note_verdict *verdicts)
{
    bool any = false;

    for (uint32_t k = 0; k < n_keys; k++)
        verdicts[k] = (struct cy_note_verdict){0};
    for (uint32_t i = 0; i < note->n; i++) {
        for (uint32_t k = 0; k < n_keys; k++) {
            uint64_t time_s = 0;
            cy_err err = CY_OK;

            if (!by_key(&note->signatures[i], &keys[k]))
                continue;
            err = verify_line(note->text, &note->signatures[i], &keys[k], &time_s);
            if (!cy_ok(err))
                return cy_fail(err.code, err.code == CY_E_BAD_SIGNATURE ? i : err.detail);
            verdicts[k].good = any = true;
            if (time_s > verdicts[k].time_s)
                verdicts[k].time_s = time_s;
        }
    }
    return any ? CY_OK : cy_fail(CY_E_NOT_SIGNED, note->n);
}

cy_err cy_checkpoint_make(const struct cy_note_key *key, uint64_t size, const struct cy_id *root,
                          cy_note_sign *sign, void *user, struct cy_text *note)
{
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    struct cy_signature signature;

    CY_ASSERT(key->type == CY_NOTE_ED25519);
    cy_checkpoint_write(&text, key->name, size, root);
    if (text.full)
        return cy_fail(CY_E_NO_ROOM, sizeof memory);
    CY_TRY(sign(user, cy_text_bytes(&text), &signature));
    CY_TRY(cy_ed25519_verify_strict(&key->key, cy_text_bytes(&text), &signature));
    cy_note_begin(note, cy_text_bytes(&text));
    cy_note_line(note, key->name, key->id, cy_span_of(signature.b, sizeof signature.b));
    return note->full ? cy_fail(CY_E_NO_ROOM, note->cap) : CY_OK;
}

cy_err cy_checkpoint_cosignature(const struct cy_note_key *key, struct cy_span checkpoint,
                                 uint64_t time_s, cy_note_sign *sign, void *user,
                                 struct cy_text *line)
{
    char memory[COSIGNED_HEAD + CY_COSIGNED_MAX];
    uint8_t blob[CY_COSIGNATURE_BYTES];
    struct cy_signature signature;
    struct cy_span message;

    CY_ASSERT(key->type == CY_NOTE_COSIGNATURE);
    CY_TRY(cosigned_text(checkpoint, time_s, memory, &message));
    CY_TRY(sign(user, message, &signature));
    CY_TRY(cy_ed25519_verify_strict(&key->key, message, &signature));
    cy_cosignature_blob(time_s, signature.b, blob);
    cy_note_line(line, key->name, key->id, cy_span_of(blob, sizeof blob));
    return line->full ? cy_fail(CY_E_NO_ROOM, line->cap) : CY_OK;
}

static bool holds(const struct cy_note *note, uint32_t n, const struct cy_note_signature *line)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct cy_note_signature *other = &note->signatures[i];

        if (other->key_id == line->key_id && cy_span_eq(other->name, line->name) &&
            cy_span_eq(other->base64, line->base64))
            return true;
    }
    return false;
}

static void restore(struct cy_text *text, size_t n)
{
    text->n = n;
    text->at[n] = 0;
    text->full = false;
}

cy_err cy_checkpoint_attach(struct cy_text *note, struct cy_span lines,
                            const struct cy_note_key *key)
{
    const size_t before = note->n;
    struct cy_note old;
    struct cy_note both;
    size_t end = before; /* of what is kept */
    bool keep[CY_NOTE_SIGNATURES_MAX];
    bool signed_by_key = false;
    cy_err err = CY_OK;

    CY_TRY(cy_note_read(cy_text_bytes(note), &old));
    cy_text_span(note, lines);
    err = note->full ? cy_fail(CY_E_NO_ROOM, note->cap) : cy_note_read(cy_text_bytes(note), &both);
    /* an empty line among the lines would move the split */
    if (cy_ok(err) && (both.text.n != old.text.n || both.n < old.n))
        err = cy_fail(CY_E_BAD_NOTE, before);
    for (uint32_t i = old.n; cy_ok(err) && i < both.n; i++) {
        const struct cy_note_signature *line = &both.signatures[i];
        uint64_t time_s = 0;

        if (!by_key(line, key))
            continue;
        err = verify_line(both.text, line, key, &time_s);
        signed_by_key = true;
    }
    if (cy_ok(err) && !signed_by_key)
        err = cy_fail(CY_E_NOT_SIGNED, 0);
    if (!cy_ok(err)) {
        restore(note, before);
        return err;
    }
    for (uint32_t i = old.n; i < both.n; i++)
        keep[i] = by_key(&both.signatures[i], key) && !holds(&both, i, &both.signatures[i]);
    for (uint32_t i = old.n; i < both.n; i++) { /* moves the kept lines together, in place */
        const struct cy_note_signature *line = &both.signatures[i];
        const uint8_t *start = line->name.at - 4; /* the dash and its space */
        const size_t n = (size_t)(line->base64.at + line->base64.n + 1 - start);

        if (!keep[i])
            continue;
        memmove(note->at + end, start, n);
        end += n;
    }
    restore(note, end);
    return CY_OK;
}

/* How many different public keys among the witnesses cosigned. */
static uint32_t count_keys(const struct cy_note_key *witnesses, uint32_t n,
                           const struct cy_note_verdict *verdicts)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < n; i++) {
        bool again = false;

        for (uint32_t k = 0; k < i; k++)
            again = again || (verdicts[k].good && cy_id_eq(&witnesses[k].key, &witnesses[i].key));
        if (verdicts[i].good && !again)
            count++;
    }
    return count;
}

cy_err cy_checkpoint_verify(struct cy_span bytes, const struct cy_note_key *log,
                            const struct cy_note_key *witnesses, uint32_t n_witnesses,
                            uint32_t need, struct cy_checkpoint *out, uint32_t *cosigned)
{
    struct cy_note_verdict verdicts[CY_WITNESSES_MAX];
    struct cy_note_verdict own;
    struct cy_note note;
    cy_err err = CY_OK;

    CY_ASSERT(n_witnesses <= CY_WITNESSES_MAX);
    *cosigned = 0;
    CY_TRY(cy_note_read(bytes, &note));
    CY_TRY(cy_checkpoint_read(note.text, out));
    if (!cy_span_eq(out->origin, log->name))
        return cy_fail(CY_E_OTHER_LOG, 0);
    CY_TRY(cy_note_verify(&note, log, 1, &own));
    err = cy_note_verify(&note, witnesses, n_witnesses, verdicts);
    if (!cy_ok(err) && err.code != CY_E_NOT_SIGNED)
        return err;
    *cosigned = count_keys(witnesses, n_witnesses, verdicts);
    return *cosigned >= need ? CY_OK : cy_fail(CY_E_FEW_WITNESSES, *cosigned);
}

cy_err cy_checkpoint_publish(struct cy_tree *tree, struct cy_span note, struct cy_disk_fault *fault)
{
    struct cy_note read;
    struct cy_checkpoint checkpoint;
    struct cy_id root;

    CY_TRY(cy_note_read(note, &read));
    CY_TRY(cy_checkpoint_read(read.text, &checkpoint));
    CY_TRY(cy_tree_root_at(tree, checkpoint.size, &root, fault)); /* RANGE: not flushed */
    if (!cy_id_eq(&root, &checkpoint.root))
        return cy_disk_fault_at(fault, CY_CHECKPOINT_FILE, 0, CY_E_TREE_MISMATCH);
    return cy_disk_replace(&tree->disk, CY_CHECKPOINT_FILE, FRESH, note);
}

cy_err cy_checkpoint_load(const struct cy_disk *disk, const struct cy_note_key *log, uint8_t *note,
                          size_t cap, size_t *n, struct cy_checkpoint *out,
                          struct cy_disk_fault *fault)
{
    struct cy_note_verdict own;
    struct cy_note read;
    cy_err err = cy_disk_read_all(disk, CY_CHECKPOINT_FILE, note, cap, n);

    if (err.code == CY_E_TOO_LARGE)
        return cy_disk_fault_at(fault, CY_CHECKPOINT_FILE, cap, CY_E_CHECKPOINT_DAMAGED);
    CY_TRY(err);
    err = cy_note_read(cy_span_of(note, *n), &read);
    if (!cy_ok(err))
        return cy_disk_fault_at(fault, CY_CHECKPOINT_FILE, err.detail, CY_E_CHECKPOINT_DAMAGED);
    if (!cy_ok(cy_checkpoint_read(read.text, out)))
        return cy_disk_fault_at(fault, CY_CHECKPOINT_FILE, 0, CY_E_CHECKPOINT_DAMAGED);
    if (!cy_ok(cy_note_verify(&read, log, 1, &own))) /* text or signature: nobody can tell */
        return cy_disk_fault_at(fault, CY_CHECKPOINT_FILE, 0, CY_E_CHECKPOINT_DAMAGED);
    if (!cy_span_eq(out->origin, log->name))
        return cy_disk_fault_at(fault, CY_CHECKPOINT_FILE, 0, CY_E_OTHER_LOG);
    return CY_OK;
}
