/* Signatures: a batch says what single checks say, and what the strict rule accepts the rule does.
 * The input is a row of key[32] | signature[64] | message[8]. */
#include "fuzz.h"

#include "crypto/ed25519_batch.h"

enum { ITEM = 104, ITEMS = 24 };

static _Alignas(64) uint8_t room_[1 << 20];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cy_ed25519_item item[ITEMS];
    struct cy_span message[ITEMS];
    bool ok[ITEMS];
    struct cy_arena scratch = cy_arena_on(room_, sizeof room_);
    size_t n = size / ITEM < ITEMS ? size / ITEM : ITEMS;
    size_t bad = 0;
    cy_err e;

    for (size_t i = 0; i < n; i++) {
        const uint8_t *at = data + i * ITEM;

        memcpy(item[i].key.b, at, 32);
        memcpy(item[i].signature.b, at + 32, 64);
        message[i] = cy_span_of(at + 96, 8);
        item[i].message = &message[i];
        item[i].n = 1;
    }
    e = cy_ed25519_verify_batch(item, n, NULL, &scratch, ok);
    for (size_t i = 0; i < n; i++) {
        const bool single =
            cy_ok(cy_ed25519_verify(&item[i].key, &message[i], 1, &item[i].signature));

        CY_ASSERT(ok[i] == single);
        bad += !single;
        if (cy_ok(cy_ed25519_verify_strict(&item[i].key, message[i], &item[i].signature)))
            CY_ASSERT(single);
    }
    CY_ASSERT(cy_ok(e) == (bad == 0));
    return 0;
}
