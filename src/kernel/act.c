#include "kernel/act.h"

#include "crypto/hash.h"

cy_err cy_act_open(struct cy_span bytes, struct cy_arena *arena, struct cy_act *act)
{
    act->bytes = bytes;
    CY_TRY(cy_envelope_read(bytes, &act->envelope));
    CY_TRY(cy_decode_act(act->envelope.payload, arena, &act->any));
    act->id = cy_sha256_parts(
        (const struct cy_span[]){act->envelope.protected, act->envelope.payload}, 2);
    return CY_OK;
}
