/* Merkle proofs: sizes and paths of any bytes; what verifies does so for one root only, and no
 * proof is longer than 65 hashes. */
#include "fuzz.h"

#include "crypto/merkle.h"

enum { HEAD = 8 + 8 + 64, PATH_MAX_ = 80 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_id path[PATH_MAX_];
    struct cy_id a;
    struct cy_id b;
    struct cy_id other;
    uint64_t x;
    uint64_t y;
    size_t n;

    if (size < HEAD || (size - HEAD) % 32 != 0 || (size - HEAD) / 32 > PATH_MAX_)
        return 0;
    n = (size - HEAD) / 32;
    x = cy_get_u64be(data);
    y = cy_get_u64be(data + 8);
    memcpy(a.b, data + 16, 32);
    memcpy(b.b, data + 48, 32);
    memcpy(path, data + HEAD, 32 * n);
    other = b;
    other.b[0] ^= 1;
    if (cy_ok(cy_merkle_inclusion(&a, x, y, path, n, &b))) {
        CY_ASSERT(n <= CY_MERKLE_PATH_MAX);
        CY_ASSERT(!cy_ok(cy_merkle_inclusion(&a, x, y, path, n, &other)));
    }
    if (cy_ok(cy_merkle_consistency(x, &a, y, &b, path, n))) {
        CY_ASSERT(n <= CY_MERKLE_PATH_MAX + 1);
        CY_ASSERT(!cy_ok(cy_merkle_consistency(x, &a, y, &other, path, n)));
        other = a;
        other.b[0] ^= 1;
        CY_ASSERT(!cy_ok(cy_merkle_consistency(x, &other, y, &b, path, n)));
    }
    return 0;
}
