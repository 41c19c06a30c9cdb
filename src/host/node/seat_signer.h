/* seat_signer: the keys of a seat, as the signer holds them, in the form that a member's node asks
 * for (realm/federation.h).
 *
 *      act key      signs `height` acts            label `seat`, unless the settings say otherwise
 *      vote key     signs votes                          `vote`
 *      cosign key   cosigns agreed heads                 `cosign`
 *      peer key     signs packets to other members       `peer`
 *
 * Of several keys with one label (a seat may replace its keys) those count that the roll names. The
 * signer refuses by itself to vote twice in one round or to cosign two histories: this file only
 * asks.
 *
 * Owns: one connection to the signer; for one thread. Never: a secret. */
#ifndef CY_HOST_NODE_SEAT_SIGNER_H
#define CY_HOST_NODE_SEAT_SIGNER_H

#include "host/signer/signer_client.h"
#include "realm/federation.h"

struct cy_seat_labels {
    const char *act;
    const char *vote;
    const char *cosign;
    const char *peer;
};

struct cy_seat_keys {
    struct cy_id act;
    struct cy_id vote;
    struct cy_id cosign;
    struct cy_id peer;
};

struct cy_seat_signer;

/* cy_seat_signer_open connects to the signer. origin: of the federation's ledger. Fails as
 * cy_signer_open, with NO_MEMORY, or with SIGNER_KEY when a label has no key. */
CY_MUST_USE cy_err cy_seat_signer_open(const char *socket, const struct cy_seat_labels *labels,
                                       const char *origin, struct cy_seat_signer **out);
void cy_seat_signer_close(struct cy_seat_signer *signer);

/* cy_seat_signer_choose looks for the seat whose keys the signer holds: for each purpose the key
 * that the roll names. False: the roll names none of them (keys are the newest of each label then).
 * On a running node it is called again after each head, for keys may have been replaced. */
bool cy_seat_signer_choose(struct cy_seat_signer *signer, const struct cy_world *world,
                           uint64_t *seat);

/* cy_seat_signer_keys is what is signed with at present. */
const struct cy_seat_keys *cy_seat_signer_keys(const struct cy_seat_signer *signer);

/* cy_seat_signer_cell tells where the ledger's tree is, to prove from the head that the cosign key
 * remembers, and the realm whose acts are signed. */
void cy_seat_signer_cell(struct cy_seat_signer *signer, struct cy_cell *cell);

/* cy_seat_sign_act signs a message by the seat in the realm's name; now: the ledger's time, from
 * which the expiry is measured. Writes the whole act. Fails as cy_sign_act. */
CY_MUST_USE cy_err cy_seat_sign_act(struct cy_seat_signer *signer, const struct cy_id *realm,
                                    const struct cy_schema *schema, const void *message,
                                    cy_time now, uint8_t *out, size_t cap, size_t *n);

/* The functions of struct cy_federation_world; self is the signer. */
cy_err cy_seat_sign_vote(void *self, const struct cy_vote *vote, const struct cy_vote_lock *lock,
                         struct cy_vote *said, uint8_t signature[64]);
cy_err cy_seat_vote_last(void *self, struct cy_vote_last *out);
cy_err cy_seat_sign_height(void *self, const struct cy_height *height, uint8_t *out, size_t cap,
                           size_t *n);
cy_err cy_seat_sign_equivocate(void *self, const struct cy_equivocate *message, uint8_t *out,
                               size_t cap, size_t *n);
cy_err cy_seat_cosigned_last(void *self, uint64_t *size);
cy_err cy_seat_cosign(void *self, cy_time now, struct cy_span text, const struct cy_id *proof,
                      uint32_t n, uint8_t out[CY_COSIGNATURE_BYTES]);
cy_err cy_seat_sign_packet(void *self, struct cy_span bytes, uint8_t signature[64]);

#endif
