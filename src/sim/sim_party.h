/* sim_party: who acts in the simulator: a key from the dice, and acts signed for real.
 *
 * Owns: the key. Never: leaves the simulator. */
#ifndef CY_SIM_SIM_PARTY_H
#define CY_SIM_SIM_PARTY_H

#include "crypto/secret.h"
#include "sim/sim_act.h"
#include "wire/envelope.h"

struct cy_sim_party {
    struct cy_secret secret;
    struct cy_sim_author author;
};

/* cy_sim_party_of makes the key from 32 bytes of the dice; it has no passport yet. */
void cy_sim_party_of(struct cy_sim_party *party, struct cy_sim_dice *dice);

/* cy_sim_sign writes the act, signed by every key given, to out: one key makes COSE_Sign1, more
 * COSE_Sign. Empty when the act does not fit. */
struct cy_span cy_sim_sign(const struct cy_claims *claims, const struct cy_any *act,
                           const struct cy_secret *const *secrets, uint32_t n, uint8_t *out,
                           size_t cap);

/* cy_sim_party_sign signs an act of the party's own passport for a realm; an inception has neither
 * author nor, when it is a genesis, realm. */
struct cy_span cy_sim_party_sign(const struct cy_sim_party *party, const struct cy_id *realm,
                                 cy_time now, uint64_t nonce, const struct cy_any *act,
                                 uint8_t *out, size_t cap);

#endif
