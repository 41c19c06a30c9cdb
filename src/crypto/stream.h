/* stream: a long text encrypted piece by piece, so that it can be written and read without being
 * held in memory (libsodium's secretstream: XChaCha20-Poly1305, each piece bound to those before).
 *
 *     start(key) -> head[24]    put piece piece ... last       open(key, head) -> get get ... last
 *
 * A piece that was changed, left out, repeated or put elsewhere does not open; a text that was cut
 * has no last piece. What was opened before the damage was found is what was written.
 *
 * Owns: nothing. Never: files, or where the key comes from (secret.h, seal.h). */
#ifndef CY_CRYPTO_STREAM_H
#define CY_CRYPTO_STREAM_H

#include "crypto/secret.h"

#define CY_STREAM_HEAD 24u
#define CY_STREAM_OVERHEAD 17u /* bytes of a piece beyond its text */

/* Secret: wipe it. Its content belongs to stream.c. */
struct cy_stream {
    uint64_t room[7];
};

/* cy_stream_start begins a text under a key that serves this text only. */
void cy_stream_start(struct cy_stream *stream, const uint8_t key[static 32],
                     uint8_t head[static CY_STREAM_HEAD]);

/* cy_stream_put writes one piece into out, plain.n + CY_STREAM_OVERHEAD bytes. `beside` is
 * authenticated with it and must be given again to read it. */
void cy_stream_put(struct cy_stream *stream, struct cy_span plain, struct cy_span beside, bool last,
                   uint8_t *out);

/* cy_stream_open begins reading. Fails with BAD_SEALED (no such head). */
CY_MUST_USE cy_err cy_stream_open(struct cy_stream *stream, const uint8_t key[static 32],
                                  const uint8_t head[static CY_STREAM_HEAD]);

/* cy_stream_get reads the next piece: piece.n - CY_STREAM_OVERHEAD bytes to out. Fails with
 * BAD_SEALED, and then nothing further can be read. */
CY_MUST_USE cy_err cy_stream_get(struct cy_stream *stream, struct cy_span piece,
                                 struct cy_span beside, uint8_t *out, bool *last);

#endif
