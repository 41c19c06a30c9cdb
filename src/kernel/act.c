#include "kernel/act.h"

#include "crypto/hash.h"

struct cy_id cy_item_id(const struct cy_id *act, uint32_t item)
{
    uint8_t bytes[4];

    cy_put_u32be(bytes, item);
    return cy_sha256_parts((const struct cy_span[]){cy_span_of(act->b, 32), cy_span_of(bytes, 4)},
                           2);
}

const struct cy_id *cy_ctx_id(const struct cy_ctx *ctx)
{
    struct cy_item_name *name = ctx->name;

    if (!name->made)
        name->id = cy_item_id(&name->act, name->item);
    name->made = true;
    return &name->id;
}

size_t cy_act_decoded_max(size_t n)
{
    return 4096 + n * 64;
}

cy_err cy_act_open(struct cy_span bytes, struct cy_arena *arena, struct cy_act *act)
{
    act->bytes = bytes;
    CY_TRY(cy_envelope_read(bytes, &act->envelope));
    CY_TRY(cy_decode_act(act->envelope.payload, arena, &act->any));
    act->id = cy_sha256_parts(
        (const struct cy_span[]){act->envelope.protected, act->envelope.payload}, 2);
    return CY_OK;
}
