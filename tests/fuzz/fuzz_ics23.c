/* ICS-23 proofs: what decodes encodes to the same bytes, and neither verifier accepts a proof for a
 * root that the bytes do not lead to. */
#include "fuzz.h"

#include "crypto/ics23.h"

static struct cy_ics23_proof proof_;
static char again_[1 << 17];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cy_ics23_spec *specs[] = {&cy_ics23_tendermint, &cy_ics23_iavl};
    const struct cy_span bytes = cy_span_of(data, size);
    struct cy_text text = cy_text_on(again_, sizeof again_);
    const struct cy_id wrong = {{1}};

    if (size >= sizeof again_ || !cy_ok(cy_ics23_decode(bytes, &proof_)))
        return 0;
    if (proof_.absence)
        CY_ASSERT(cy_ok(cy_ics23_encode_nonexist(&proof_.nonexist, &text)));
    else
        CY_ASSERT(cy_ok(cy_ics23_encode_exist(&proof_.exist, &text)));
    CY_ASSERT(cy_span_eq(cy_text_bytes(&text), bytes));
    for (size_t i = 0; i < CY_COUNT(specs); i++) {
        const struct cy_ics23_exist *e = &proof_.exist;
        struct cy_id root;

        if (proof_.absence) {
            CY_ASSERT(!cy_ok(
                cy_ics23_verify_non_membership(specs[i], &wrong, bytes, proof_.nonexist.key)));
            continue;
        }
        CY_ASSERT(!cy_ok(cy_ics23_verify_membership(specs[i], &wrong, bytes, e->key, e->value)));
        if (cy_ok(cy_ics23_root(specs[i], e, &root)))
            CY_ASSERT(cy_ok(cy_ics23_verify_membership(specs[i], &root, bytes, e->key, e->value)));
    }
    return 0;
}
