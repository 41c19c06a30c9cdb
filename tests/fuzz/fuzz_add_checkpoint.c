/* add-checkpoint requests: what is read is written back the same; a witness answers any body. */
#include "fuzz.h"

#include "realm/witness.h"

static cy_err stands(void *self, struct cy_span origin, struct cy_witnessed *out)
{
    (void)self;
    *out = (struct cy_witnessed){.size = origin.n % 3};
    return CY_OK;
}

static cy_err cosign(void *self, struct cy_span text, uint64_t time_s, const struct cy_id *proof,
                     uint32_t n, struct cy_signature *out, struct cy_witnessed *seen)
{
    (void)self;
    (void)text;
    (void)time_s;
    (void)proof;
    (void)n;
    (void)out;
    (void)seen;
    CY_NEVER("nobody can sign for the log");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char key_hex[] = /* RFC 8032 section 7.1, test 2 */
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    static char again[CY_ADD_CHECKPOINT_MAX];
    const struct cy_span body = cy_span_of(data, size);
    struct cy_text out = cy_text_on(again, sizeof again);
    struct cy_witness witness = {
        .n_logs = 1, .store = {NULL, stands, cosign}
    };
    struct cy_witness_answer answer;
    struct cy_add_checkpoint request;
    struct cy_note_key log;
    struct cy_id key;

    if (cy_ok(cy_add_checkpoint_read(body, &request)) && size < sizeof again) {
        cy_add_checkpoint_write(&out, request.old, request.proof, request.n, request.note);
        CY_ASSERT(cy_span_eq(cy_text_bytes(&out), body));
    }
    CY_ASSERT(cy_ok(cy_hex_read(cy_span_text(key_hex), key.b, sizeof key.b)));
    if (!cy_ok(cy_note_key_of(cy_span_text("log.example/cell"), CY_NOTE_ED25519, &key, &log)))
        CY_NEVER("a good name");
    witness.logs = &log;
    cy_witness_add(&witness, body, 1, &answer);
    CY_ASSERT(answer.status >= 400);
    return 0;
}
