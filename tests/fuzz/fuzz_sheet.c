/* Parts of a sheet: any bytes get a verdict, the same each time. */
#include "fuzz.h"

#include "certify/sheet.h"

static bool begin(void *context, uint64_t before, struct cy_span hashes)
{
    uint64_t *sum = context;

    CY_ASSERT(hashes.n == (size_t)__builtin_popcountll(before) * 32);
    *sum = before;
    return true;
}

static void add(void *context, uint32_t column, uint64_t amount)
{
    uint64_t *sum = context;

    CY_ASSERT(amount > 0);
    *sum += column + amount;
}

static bool meets(void *context, uint64_t before, struct cy_span hashes)
{
    const uint64_t *sum = context;

    return *sum == before + hashes.n;
}

static bool ends(void *context)
{
    const uint64_t *sum = context;

    return *sum % 2 == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t half = size / 2;
    uint64_t sum = 0;
    const struct cy_sheet_tree tree = {&sum, begin, add, meets, ends};

    for (uint32_t at = 0; at < 2; at++) {
        const enum cy_sheet_fault first = cy_sheet_part(cy_span_of(data, size), at, 2, &tree);

        CY_ASSERT(first == cy_sheet_part(cy_span_of(data, size), at, 2, &tree));
    }
    (void)cy_sheet_pair(cy_span_of(data, half), 0, cy_span_of(data + half, size - half), 1, &tree);
    (void)cy_sheet_pair(cy_span_of(data, size), 0, cy_span_of(data, size), 2, &tree);
    return 0;
}
