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
    static const struct cy_id key = {
        {0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a,
         0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4,
         0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c}
    }; /* RFC 8032 section 7.1, test
                                                                                                                                          2 */
    static char again[CY_ADD_CHECKPOINT_MAX];
    const struct cy_span body = cy_span_of(data, size);
    struct cy_text out = cy_text_on(again, sizeof again);
    struct cy_witness witness = {
        .n_logs = 1, .store = {NULL, stands, cosign}
    };
    struct cy_witness_answer answer;
    struct cy_add_checkpoint request;
    struct cy_note_key log;

    if (cy_ok(cy_add_checkpoint_read(body, &request)) && size < sizeof again) {
        cy_add_checkpoint_write(&out, request.old, request.proof, request.n, request.note);
        CY_ASSERT(cy_span_eq(cy_text_bytes(&out), body));
    }
    if (!cy_ok(cy_note_key_of(cy_span_text("log.example/cell"), CY_NOTE_ED25519, &key, &log)))
        CY_NEVER("a good name");
    witness.logs = &log;
    cy_witness_add(&witness, body, 1, &answer);
    CY_ASSERT(answer.status >= 400);
    return 0;
}
