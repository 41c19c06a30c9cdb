/* signer_desk: what the signer decides for each request. It believes nothing of the daemon.
 *
 *     act          the payload must decode, the headers must be exactly an act's and name the key;
 *                  the bytes that are signed are built here from the two
 *     checkpoint   exactly three lines; judged against the head signed before (head_memory.h)
 *     cosignature  any checkpoint; judged the same way, and the time is near this machine's clock
 *     receipt      a COSE receipt's signature, over the root of the head signed last and no other
 *     statement    a request to look after a cell (wire/statement.h): decoded, the headers are made
 *                  here; by a passport's key, and no act can be made of it
 *     vote         the seven lines of a vote (wire/vote.h), judged against those given before
 *                  (vote_memory.h): asked twice for one height, round and step, it is the first
 *                  that is signed
 *     packet       bytes to another member: they begin with CYPEER1 and name the key
 *     next keys    sign only an act that lists them among its keys; then they are current
 *     box          the head of a blob, exactly; the answer is the key of that body alone. It leaves
 *                  the signer only over its socket: whoever may connect may open what is sealed to
 *                  the keys here, so a person's box key belongs in that person's own signer
 *
 * A key of another purpose is refused. Each signature leaves one line in the log: purpose, label
 * and the act in one sentence; a conflict is logged with both heads.
 *
 * An answer over a head or a vote is only to be sent after cy_signer_desk_commit. Packets leave no
 * line in the log: there are many a second, and what they carry was signed before.
 * Owns: keystore, memories, scratch (malloc). Never: sockets (signer_server.h). */
#ifndef CY_HOST_SIGNER_SIGNER_DESK_H
#define CY_HOST_SIGNER_SIGNER_DESK_H

#include "host/signer/head_memory.h"
#include "host/signer/keystore.h"
#include "host/signer/vote_memory.h"

struct cy_signer_desk;

struct cy_signer_desk_options {
    uint32_t keys_max;
    uint32_t heads_max;  /* and pairs of vote key and federation */
    uint32_t skew_s_max; /* time of a cosignature against the clock; 0 = not compared */
};

/* cy_signer_desk_open opens keystore and memory of a directory. Fails as cy_keystore_open and
 * cy_head_memory_open; a store without its memory of heads is KEYSTORE_BAD, and so is one that has
 * a key for votes and no memory of votes. */
CY_MUST_USE cy_err cy_signer_desk_open(const struct cy_disk *disk, struct cy_span passphrase,
                                       const struct cy_signer_desk_options *options,
                                       struct cy_signer_desk **out);

/* cy_signer_desk_close: NULL does nothing. */
void cy_signer_desk_close(struct cy_signer_desk *desk);

uint32_t cy_signer_desk_keys(const struct cy_signer_desk *desk);
uint32_t cy_signer_desk_heads(const struct cy_signer_desk *desk);
uint32_t cy_signer_desk_votes(const struct cy_signer_desk *desk);

/* cy_signer_desk_answer judges one request (the map of a frame) at the time now_ms. The answer is
 * always a response, a refusal among them; what it points to is valid until the next call, which
 * wipes an opened key. *held:
 * it must not leave before a commit. */
void cy_signer_desk_answer(struct cy_signer_desk *desk, struct cy_span request, uint64_t now_ms,
                           struct cy_signer_response *out, bool *held);

/* cy_signer_desk_commit makes the heads and votes of all answers so far durable. When it fails, the
 * answers that were held must be replaced by the error. */
CY_MUST_USE cy_err cy_signer_desk_commit(struct cy_signer_desk *desk);

#endif
