/* sign_act: from a message to the bytes of a signed act.
 *
 *     message --schema--> payload     claims (fresh nonce, expiry) --> protected
 *     payload + protected --signer, once for each key--> signatures --> envelope
 *
 * One key makes COSE_Sign1, several make COSE_Sign (envelope.h). An act may also be made first and
 * signed later (cy_act_unsigned, cy_act_sign), so that what is signed is what somebody has read.
 * Owns: nothing. Never: a secret; keys are named, the signer holds them. */
#ifndef CY_HOST_SIGNER_SIGN_ACT_H
#define CY_HOST_SIGNER_SIGN_ACT_H

#include "base/arena.h"
#include "host/signer/signer_client.h"
#include "wire/codec.h"
#include "wire/envelope.h"

/* In whose name acts are signed. */
struct cy_act_author {
    struct cy_id author;  /* passport; none in the act that creates it */
    struct cy_id subject; /* none unless acting for another */
    struct cy_id realm;   /* none in a genesis */
    const struct cy_id *keys;
    uint32_t n_keys;  /* 1 to CY_SIGNERS_MAX */
    uint32_t valid_s; /* the act expires this many seconds after now */
};

/* One act to be made. */
struct cy_act_draft {
    const struct cy_act_author *by;
    const struct cy_schema *schema;
    const void *message;
    cy_err verdict;          /* out */
    struct cy_span envelope; /* out: the signed act, in the arena; empty after a refusal */
};

/* Arena bytes that one draft of the largest size takes, with so many keys. */
#define CY_ACT_DRAFT_ROOM(n_keys) (2u * CY_ENTRY_MAX + 4096u + 256u * (n_keys))

/* cy_sign_acts makes n acts in few round trips; now_s is Unix seconds. Each draft gets its own
 * verdict: RANGE, TOO_LARGE (more than CY_ENTRY_MAX bytes), NO_ROOM (arena) or what the signer
 * refused. The call fails with the first of them, or with trouble of the connection. */
CY_MUST_USE cy_err cy_sign_acts(struct cy_signer_client *client, struct cy_act_draft *drafts,
                                size_t n, uint64_t now_s, struct cy_arena *arena);

/* cy_sign_act makes one act into out. Fails as above. */
CY_MUST_USE cy_err cy_sign_act(struct cy_signer_client *client, const struct cy_act_author *by,
                               const struct cy_schema *schema, const void *message, uint64_t now_s,
                               struct cy_cbor_writer *out);

/* cy_act_unsigned makes one act whose signatures are zeros: the bytes a person is asked about. What
 * it says, by whom, until when and its nonce are final. Lies in the arena. Fails as above. */
CY_MUST_USE cy_err cy_act_unsigned(const struct cy_act_author *by, const struct cy_schema *schema,
                                   const void *message, uint64_t now_s, struct cy_arena *arena,
                                   struct cy_span *out);

/* cy_act_sign has the signer sign exactly such bytes, with the keys they name; all but the
 * signatures stays as it is. Fails as cy_envelope_read and cy_sign_acts. */
CY_MUST_USE cy_err cy_act_sign(struct cy_signer_client *client, struct cy_span unsigned_act,
                               struct cy_arena *arena, struct cy_span *out);

#endif
