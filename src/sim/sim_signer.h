/* sim_signer: the keys of one seat, and what they remember, as comity-signer does.
 *
 *     vote      of the same height, round and step as before    that one again, whatever is asked
 *               earlier                                          VOTE_BACK
 *               its lock contradicts the one remembered          VOTE_CONFLICT
 *     head      that does not continue the one cosigned last     a refusal
 *
 * It outlives restarts of its node, power cuts and restored backups: what it remembers is durable
 * before a signature leaves. How it may be broken on purpose is for the tests of the oracles.
 *
 * Owns: the keys of the seat. Never: forgets, unless it is told to be broken. */
#ifndef CY_SIM_SIM_SIGNER_H
#define CY_SIM_SIM_SIGNER_H

#include "crypto/merkle.h"
#include "crypto/secret.h"
#include "realm/federation.h"
#include "sim/sim_dice.h"

enum cy_sim_seat_key { CY_SIM_KEY_ACT, CY_SIM_KEY_VOTE, CY_SIM_KEY_COSIGN, CY_SIM_KEY_PEER };
#define CY_SIM_SEAT_KEYS 4u

/* Votes of the last height and round, by step, and the lock of that height. */
struct cy_sim_votes {
    uint64_t height;
    uint32_t round;
    struct cy_vote said[3];
    bool has[3];
    struct cy_vote_lock lock;
};

struct cy_sim_signer {
    struct cy_secret secret[CY_SIM_SEAT_KEYS];
    struct cy_id key[CY_SIM_SEAT_KEYS];
    struct cy_sim_votes votes;
    /* the head cosigned last */
    uint64_t size;
    struct cy_id root;
    uint64_t again; /* times that an earlier vote was given again */
    bool forgets;   /* broken: signs whatever it is asked to */
};

/* cy_sim_signer_new makes the keys. */
void cy_sim_signer_new(struct cy_sim_signer *signer, struct cy_sim_dice *dice);

/* cy_sim_signer_vote signs a vote, or gives the one again that it signed instead. Fails with
 * VOTE_BACK, VOTE_CONFLICT. */
CY_MUST_USE cy_err cy_sim_signer_vote(struct cy_sim_signer *signer, const struct cy_vote *vote,
                                      const struct cy_vote_lock *lock, struct cy_vote *said,
                                      uint8_t signature[64]);

/* cy_sim_signer_last is what it remembers of its votes. */
void cy_sim_signer_last(const struct cy_sim_signer *signer, struct cy_vote_last *out);

/* cy_sim_signer_cosign cosigns a checkpoint text at a time. Fails with BAD_CHECKPOINT,
 * HEAD_ROLLBACK, HEAD_CONFLICT, HEAD_UNPROVEN (detail: the size cosigned last). */
CY_MUST_USE cy_err cy_sim_signer_cosign(struct cy_sim_signer *signer, struct cy_span text,
                                        uint64_t time_s, const struct cy_id *proof, uint32_t n,
                                        uint8_t out[CY_COSIGNATURE_BYTES]);

/* cy_sim_signer_raw signs without asking what was signed before: a traitor's own hand. */
void cy_sim_signer_raw(const struct cy_sim_signer *signer, enum cy_sim_seat_key which,
                       struct cy_span bytes, uint8_t signature[64]);

/* cy_sim_signer_raw_cosign writes a cosignature/v1 of a text by a key, likewise. */
void cy_sim_signer_raw_cosign(const struct cy_sim_signer *signer, struct cy_span text,
                              uint64_t time_s, uint8_t out[CY_COSIGNATURE_BYTES]);

#endif
