#include "wire/block.h"

cy_err cy_block_read(struct cy_span bytes, struct cy_block *out)
{
    struct cy_span rest;
    struct cy_span entry;

    if (bytes.n > CY_BLOCK_BYTES_MAX)
        return cy_fail(CY_E_TOO_LARGE, bytes.n);
    if (bytes.n < CY_BLOCK_HEAD)
        return cy_fail(CY_E_BAD_BLOCK, bytes.n);
    *out = (struct cy_block){
        .height = cy_get_u64be(bytes.at), .n = cy_get_u32be(bytes.at + 8), .bytes = bytes};
    if (out->n == 0 || out->n > CY_BLOCK_ACTS_MAX)
        return cy_fail(CY_E_BAD_BLOCK, 8);
    out->entries = cy_span_of(bytes.at + CY_BLOCK_HEAD, bytes.n - CY_BLOCK_HEAD);
    rest = out->entries;
    for (uint32_t i = 0; i < out->n; i++) {
        if (!cy_ok(cy_bundle_next(&rest, &entry)) || entry.n == 0)
            return cy_fail(CY_E_BAD_BLOCK, bytes.n - rest.n);
    }
    return rest.n == 0 ? CY_OK : cy_fail(CY_E_BAD_BLOCK, bytes.n - rest.n);
}

void cy_block_begin(struct cy_block_writer *writer, uint8_t *at, size_t cap, uint64_t height)
{
    CY_ASSERT(cap >= CY_BLOCK_HEAD);
    *writer = (struct cy_block_writer){
        .at = at, .cap = cap < CY_BLOCK_BYTES_MAX ? cap : CY_BLOCK_BYTES_MAX, .n = CY_BLOCK_HEAD};
    cy_put_u64be(at, height);
    cy_put_u32be(at + 8, 0);
}

cy_err cy_block_add(struct cy_block_writer *writer, struct cy_span act)
{
    if (act.n == 0)
        return cy_fail(CY_E_BAD_BLOCK, writer->n);
    if (writer->acts == CY_BLOCK_ACTS_MAX)
        return cy_fail(CY_E_NO_ROOM, writer->acts);
    CY_TRY(cy_bundle_put(act, writer->at, writer->cap, &writer->n));
    cy_put_u32be(writer->at + 8, ++writer->acts);
    return CY_OK;
}
