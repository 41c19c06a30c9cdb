/* signer_client: asking the key process for signatures, from the daemon and the command line.
 *
 * Calls block until the answer or the timeout. A refusal comes back as the signer's own error (its
 * code and detail), trouble of the connection as PEER_CONNECT, PEER_TIMEOUT, PEER_LOST or
 * PEER_ANSWER. After trouble the next call connects anew; a signature that was lost may be asked
 * for again, it is the same.
 *
 * Owns: one connection and its buffers (malloc). One client serves one thread at a time. Never:
 * sees a secret of a key; the keys of single blobs pass through, and are wiped from its buffers. */
#ifndef CY_HOST_SIGNER_SIGNER_CLIENT_H
#define CY_HOST_SIGNER_SIGNER_CLIENT_H

#include "crypto/seal.h"
#include "wire/signer_message.h"
#include "wire/vote.h"

struct cy_signer_client;

/* cy_signer_open connects to the signer's socket; timeout_ms bounds each wait for progress. Fails
 * with PEER_CONNECT (detail: errno), RANGE (path too long) or NO_MEMORY. */
CY_MUST_USE cy_err cy_signer_open(const char *path, uint32_t timeout_ms,
                                  struct cy_signer_client **out);

/* cy_signer_close: NULL does nothing. */
void cy_signer_close(struct cy_signer_client *client);

/* cy_signer_keys calls seen for every key, oldest first; the key is valid during the call. An error
 * of seen ends the listing and is returned. */
CY_MUST_USE cy_err cy_signer_keys(struct cy_signer_client *client,
                                  cy_err (*seen)(void *user, const struct cy_signer_key *key),
                                  void *user);

/* cy_signer_make makes a key. next_key, unless NULL: also a standby key for pre-rotation (acts
 * only), which signs nothing but the act that lists it among its keys. */
CY_MUST_USE cy_err cy_signer_make(struct cy_signer_client *client, struct cy_span label,
                                  enum cy_purpose purpose, struct cy_id *key,
                                  struct cy_id *next_key);

/* cy_signer_sign_act signs an act: the signer builds the Sig_structure from the two parts. several:
 * this is one of several keys (COSE_Sign). */
CY_MUST_USE cy_err cy_signer_sign_act(struct cy_signer_client *client, const struct cy_id *key,
                                      struct cy_span protected, struct cy_span payload,
                                      bool several, struct cy_signature *signature);

/* One of many acts to be signed. */
struct cy_signer_job {
    struct cy_id key;
    struct cy_span protected;
    struct cy_span payload;
    bool several;
    cy_err verdict; /* out */
    struct cy_signature signature;
};

/* cy_signer_sign_acts signs many acts without waiting for each. Each job gets its own verdict; the
 * call itself fails only with trouble of the connection, and then jobs without an answer hold that
 * error. */
CY_MUST_USE cy_err cy_signer_sign_acts(struct cy_signer_client *client, struct cy_signer_job *jobs,
                                       size_t n);

/* A head that the signer remembers; size 0: none. */
struct cy_signer_head {
    uint64_t size;
    struct cy_id root;
    uint64_t time_s; /* of the last cosignature */
};

/* cy_signer_head asks for the head remembered for key and origin: the next one needs a consistency
 * proof from there. */
CY_MUST_USE cy_err cy_signer_head(struct cy_signer_client *client, const struct cy_id *key,
                                  struct cy_span origin, struct cy_signer_head *out);

/* cy_signer_sign_checkpoint signs the three lines of an own checkpoint. proof: n consistency hashes
 * from the head remembered; none when it is the first, or the same. seen, unless NULL: on
 * HEAD_CONFLICT, HEAD_ROLLBACK, HEAD_UNPROVEN the head that stands. */
CY_MUST_USE cy_err cy_signer_sign_checkpoint(struct cy_signer_client *client,
                                             const struct cy_id *key, struct cy_span text,
                                             const struct cy_id *proof, size_t n,
                                             struct cy_signature *signature,
                                             struct cy_signer_head *seen);

/* cy_signer_receipt signs a COSE receipt (wire/receipt.h) over the head remembered for key and
 * origin; seen says which. Fails with NO_NOUN when there is none. */
CY_MUST_USE cy_err cy_signer_receipt(struct cy_signer_client *client, const struct cy_id *key,
                                     struct cy_span origin, struct cy_signature *signature,
                                     struct cy_signer_head *seen);

/* cy_signer_statement signs the payload of a request of administration (wire/statement.h) with a
 * passport's key. */
CY_MUST_USE cy_err cy_signer_statement(struct cy_signer_client *client, const struct cy_id *key,
                                       struct cy_span payload, struct cy_signature *signature);

/* cy_signer_cosign signs somebody else's checkpoint at time_s (cosignature/v1); else the same. */
CY_MUST_USE cy_err cy_signer_cosign(struct cy_signer_client *client, const struct cy_id *key,
                                    struct cy_span text, uint64_t time_s, const struct cy_id *proof,
                                    size_t n, struct cy_signature *signature,
                                    struct cy_signer_head *seen);

/* A vote as it was signed; its origin points into the text. */
struct cy_signer_said {
    struct cy_vote vote;
    size_t n;
    char text[CY_VOTE_TEXT_MAX];
};

/* cy_signer_vote signs a vote. lock: what the member is locked on (NULL: on nothing), for the
 * signer to remember. said is the vote that the signature is of: this one, or the one that was
 * given before at the same height, round and step. It is not to be copied: vote points into it.
 * Fails with VOTE_BACK (a later vote was given), VOTE_CONFLICT, BAD_VOTE, SIGNER_KEY,
 * SIGNER_PURPOSE. */
CY_MUST_USE cy_err cy_signer_vote(struct cy_signer_client *client, const struct cy_id *key,
                                  const struct cy_vote *vote, const struct cy_vote_lock *lock,
                                  struct cy_signer_said *said, struct cy_signature *signature);

/* cy_signer_vote_last asks what the key voted last for the origin, and the lock of that height. */
CY_MUST_USE cy_err cy_signer_vote_last(struct cy_signer_client *client, const struct cy_id *key,
                                       struct cy_span origin, struct cy_vote_last *out);

/* cy_signer_packet signs a packet to another member with a peer key: all its bytes but the
 * signature, at most CY_SIGNER_PACKET_MAX. Fails with SIGNER_REQUEST (it does not begin as one,
 * or names another key), SIGNER_KEY, SIGNER_PURPOSE. */
CY_MUST_USE cy_err cy_signer_packet(struct cy_signer_client *client, const struct cy_id *key,
                                    struct cy_span packet, struct cy_signature *signature);

/* cy_signer_describe writes an act's payload as one sentence, as the signer understands it. */
CY_MUST_USE cy_err cy_signer_describe(struct cy_signer_client *client, struct cy_span payload,
                                      struct cy_text *out);

/* cy_signer_unseal has the signer open the blob whose bytes begin with a whole head; key: a box key
 * among its readers. out is what cy_seal_get needs: wipe it. Fails with BAD_SEALED, NOT_READER,
 * SIGNER_KEY, SIGNER_PURPOSE. */
CY_MUST_USE cy_err cy_signer_unseal(struct cy_signer_client *client, const struct cy_id *key,
                                    struct cy_span blob, struct cy_seal *out);

#endif
