#include "crypto/stream.h"

#include <sodium.h>

typedef crypto_secretstream_xchacha20poly1305_state state;

_Static_assert(sizeof(state) <= sizeof(struct cy_stream), "room of a stream");
_Static_assert(crypto_secretstream_xchacha20poly1305_HEADERBYTES == CY_STREAM_HEAD, "head");
_Static_assert(crypto_secretstream_xchacha20poly1305_ABYTES == CY_STREAM_OVERHEAD, "overhead");
_Static_assert(crypto_secretstream_xchacha20poly1305_KEYBYTES == 32, "key");

static state *state_of(struct cy_stream *stream)
{
    return (state *)(void *)stream->room;
}

void cy_stream_start(struct cy_stream *stream, const uint8_t key[static 32],
                     uint8_t head[static CY_STREAM_HEAD])
{
    const int done = crypto_secretstream_xchacha20poly1305_init_push(state_of(stream), head, key);

    CY_ASSERT(done == 0);
}

void cy_stream_put(struct cy_stream *stream, struct cy_span plain, struct cy_span beside, bool last,
                   uint8_t *out)
{
    const uint8_t tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0;
    const int done = crypto_secretstream_xchacha20poly1305_push(
        state_of(stream), out, NULL, plain.at, plain.n, beside.at, beside.n, tag);

    CY_ASSERT(done == 0);
}

cy_err cy_stream_open(struct cy_stream *stream, const uint8_t key[static 32],
                      const uint8_t head[static CY_STREAM_HEAD])
{
    return crypto_secretstream_xchacha20poly1305_init_pull(state_of(stream), head, key) == 0
               ? CY_OK
               : cy_fail(CY_E_BAD_SEALED, 0);
}

cy_err cy_stream_get(struct cy_stream *stream, struct cy_span piece, struct cy_span beside,
                     uint8_t *out, bool *last)
{
    uint8_t tag = 0;

    *last = false;
    if (piece.n < CY_STREAM_OVERHEAD ||
        crypto_secretstream_xchacha20poly1305_pull(state_of(stream), out, NULL, &tag, piece.at,
                                                   piece.n, beside.at, beside.n) != 0)
        return cy_fail(CY_E_BAD_SEALED, 0);
    *last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return CY_OK;
}
