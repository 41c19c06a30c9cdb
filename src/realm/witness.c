#include "realm/witness.h"

#include "crypto/merkle.h"

/* --- the request --- */

cy_err cy_add_checkpoint_read(struct cy_span body, struct cy_add_checkpoint *out)
{
    struct cy_span line;
    uint32_t number = 1;

    out->n = 0;
    if (!cy_line_next(&body, &line) || line.n < 5 || memcmp(line.at, "old ", 4) != 0 ||
        !cy_ok(cy_u64_read(cy_span_of(line.at + 4, line.n - 4), &out->old)))
        return cy_fail(CY_E_BAD_PROOF_TEXT, number);
    for (;;) {
        size_t n = 0;

        number++;
        if (!cy_line_next(&body, &line))
            return cy_fail(CY_E_BAD_PROOF_TEXT, number);
        if (line.n == 0)
            break;
        if (out->n == CY_WITNESS_PROOF_MAX)
            return cy_fail(CY_E_BAD_PROOF_TEXT, number);
        if (!cy_ok(cy_base64_read(line, out->proof[out->n].b, 32, &n)) || n != 32)
            return cy_fail(CY_E_BAD_PROOF_TEXT, number);
        out->n++;
    }
    out->note = body;
    return body.n > 0 ? CY_OK : cy_fail(CY_E_BAD_PROOF_TEXT, number);
}

void cy_add_checkpoint_write(struct cy_text *body, uint64_t old, const struct cy_id *proof,
                             uint32_t n, struct cy_span note)
{
    cy_text_add(body, "old ");
    cy_text_u64(body, old);
    cy_text_add(body, "\n");
    for (uint32_t i = 0; i < n; i++) {
        cy_text_base64(body, cy_span_of(proof[i].b, sizeof proof[i].b));
        cy_text_add(body, "\n");
    }
    cy_text_add(body, "\n");
    cy_text_span(body, note);
}

cy_err cy_add_checkpoint_size(struct cy_span body, uint64_t *size)
{
    if (body.n > 0 && body.at[body.n - 1] == '\n')
        body.n--;
    return cy_u64_read(body, size);
}

/* --- the answer --- */

static void refuse(struct cy_witness_answer *answer, unsigned status, cy_err err)
{
    answer->status = status;
    answer->err = err;
}

static void conflict(struct cy_witness_answer *answer, uint64_t size)
{
    struct cy_text text = cy_text_on(answer->body, sizeof answer->body);

    answer->status = 409;
    answer->type = "text/x.tlog.size";
    cy_text_u64(&text, size);
    cy_text_add(&text, "\n");
    answer->n = (uint32_t)text.n;
}

static const struct cy_note_key *find_log(const struct cy_witness *witness, struct cy_span origin)
{
    for (uint32_t i = 0; i < witness->n_logs; i++) {
        if (cy_span_eq(witness->logs[i].name, origin))
            return &witness->logs[i];
    }
    return NULL;
}

/* The head follows what stands: the same one again, or a longer one with its proof. From nothing,
 * nothing needs proving. */
static cy_err follows(const struct cy_witnessed *stands, const struct cy_checkpoint *head,
                      const struct cy_add_checkpoint *request)
{
    const struct cy_id empty = cy_hash_empty();

    if (head->size == 0 && !cy_id_eq(&head->root, &empty))
        return cy_fail(CY_E_BAD_MERKLE, 0);
    if (stands->size == 0)
        return request->n == 0 ? CY_OK : cy_fail(CY_E_BAD_MERKLE, request->n);
    return cy_merkle_consistency(stands->size, &stands->root, head->size, &head->root,
                                 request->proof, request->n);
}

static bool is_head_refusal(cy_err err)
{
    return err.code == CY_E_HEAD_CONFLICT || err.code == CY_E_HEAD_ROLLBACK ||
           err.code == CY_E_HEAD_UNPROVEN;
}

/* Everything is in order: the store checks once more, persists and signs. */
static void cosign(const struct cy_witness *witness, const struct cy_note *note, uint64_t time_s,
                   const struct cy_add_checkpoint *request, struct cy_witness_answer *answer)
{
    struct cy_text text = cy_text_on(answer->body, sizeof answer->body);
    struct cy_witnessed seen = {0};
    struct cy_signature signature;
    uint8_t blob[CY_COSIGNATURE_BYTES];
    char message_bytes[64 + CY_COSIGNED_MAX];
    struct cy_text message = cy_text_on(message_bytes, sizeof message_bytes);
    cy_err err = witness->store.cosign(witness->store.self, note->text, time_s, request->proof,
                                       request->n, &signature, &seen);

    if (is_head_refusal(err)) {
        conflict(answer, seen.size); /* another request was faster */
        return;
    }
    if (cy_ok(err)) {
        cy_cosignature_text(&message, time_s, note->text);
        err = cy_ed25519_verify_strict(&witness->key.key, cy_text_bytes(&message), &signature);
    }
    if (!cy_ok(err)) {
        refuse(answer, 503, err);
        return;
    }
    cy_cosignature_blob(time_s, signature.b, blob);
    cy_note_line(&text, witness->key.name, witness->key.id, cy_span_of(blob, sizeof blob));
    CY_ASSERT(!text.full);
    answer->status = 200;
    answer->type = "text/plain; charset=utf-8";
    answer->n = (uint32_t)text.n;
}

void cy_witness_add(const struct cy_witness *witness, struct cy_span body, uint64_t time_s,
                    struct cy_witness_answer *answer)
{
    struct cy_add_checkpoint request;
    struct cy_note_verdict verdict;
    const struct cy_note_key *log = NULL;
    struct cy_witnessed stands = {0};
    struct cy_checkpoint head;
    struct cy_note note;
    cy_err err = cy_add_checkpoint_read(body, &request);

    *answer = (struct cy_witness_answer){.type = "text/plain; charset=utf-8"};
    if (cy_ok(err))
        err = cy_note_read(request.note, &note);
    if (cy_ok(err))
        err = cy_checkpoint_read(note.text, &head);
    if (cy_ok(err) && note.text.n > CY_COSIGNED_MAX)
        err = cy_fail(CY_E_TOO_LARGE, note.text.n);
    if (!cy_ok(err)) {
        refuse(answer, 400, err);
        return;
    }
    answer->origin = head.origin;
    answer->note = request.note;
    log = find_log(witness, head.origin);
    if (log == NULL) {
        refuse(answer, 404, cy_fail(CY_E_OTHER_LOG, 0));
        return;
    }
    err = cy_note_verify(&note, log, 1, &verdict);
    if (!cy_ok(err)) {
        refuse(answer, 403, err);
        return;
    }
    if (request.old > head.size) {
        refuse(answer, 400, cy_fail(CY_E_RANGE, request.old));
        return;
    }
    err = witness->store.head(witness->store.self, head.origin, &stands);
    if (!cy_ok(err)) {
        refuse(answer, 503, err);
        return;
    }
    if (request.old != stands.size) {
        conflict(answer, stands.size);
        return;
    }
    err = follows(&stands, &head, &request);
    if (!cy_ok(err)) {
        refuse(answer, 422, err);
        return;
    }
    cosign(witness, &note, time_s, &request, answer);
}
