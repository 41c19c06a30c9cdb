#include "kernel/act.h"

#include "crypto/hash.h"
#include "crypto/hash_many.h"

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
    return 4096 + n * 96;
}

cy_err cy_act_read(struct cy_span bytes, struct cy_arena *arena, struct cy_act *act)
{
    act->bytes = bytes;
    CY_TRY(cy_envelope_read(bytes, &act->envelope));
    return cy_decode_act(act->envelope.payload, arena, &act->any);
}

void cy_act_name(struct cy_act *const *acts, size_t n)
{
    struct cy_hash_message messages[CY_HASH_GROUP];
    struct cy_span parts[CY_HASH_GROUP][2];

    for (size_t from = 0; from < n; from += CY_HASH_GROUP) {
        const size_t count = n - from < CY_HASH_GROUP ? n - from : CY_HASH_GROUP;

        for (size_t i = 0; i < count; i++) {
            struct cy_act *act = acts[from + i];

            parts[i][0] = act->envelope.protected;
            parts[i][1] = act->envelope.payload;
            messages[i] = (struct cy_hash_message){parts[i], 2, act->id.b};
        }
        cy_sha256_many(messages, count);
    }
}

cy_err cy_act_open(struct cy_span bytes, struct cy_arena *arena, struct cy_act *act)
{
    CY_TRY(cy_act_read(bytes, arena, act));
    act->id = cy_sha256_parts(
        (const struct cy_span[]){act->envelope.protected, act->envelope.payload}, 2);
    return CY_OK;
}
