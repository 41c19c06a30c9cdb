/* identity: passports, the keys that control them, and who signed an act (M072, M079, M080).
 *
 *     inception ----> active ----rotate (pre-committed keys)----> active ----> retired
 *
 * A passport's id is the id of the act that created it: self-certifying. Its keys count with
 * weights in up to three clauses, all of which must be met ("two of five officers AND the
 * treasurer"). Rotation reveals keys whose digest was declared before, and is signed by them, so a
 * thief of the present keys cannot take the passport over. Old keys stay on record with their
 * times: who held them when an act was signed is liable for it.
 *
 * Whoever is named as the controller of a new passport (an agent's company) must sign its creation:
 * nobody answers for what it did not agree to. Where the parameter open_passports is 0 every new
 * passport needs such a signature: of its controller, which has a passport here, or of the
 * operator.
 *
 * Owns: passport, control, rotation, attestation. */
#ifndef CY_KERNEL_IDENTITY_H
#define CY_KERNEL_IDENTITY_H

#include "kernel/param.h"

extern const struct cy_institution cy_identity;

/* cy_identity_check says that the signatures' keys satisfy the row for this author: current keys of
 * the author's passport, or the keys that the message declares (inception, rotation). It sets
 * ctx->author, ctx->actor and ctx->holder from the claims. The signatures themselves were checked
 * before (they need no world). A seat of a federation acts as the realm, with its act key alone
 * (SEAT, ANYBODY). Fails with NOT_FEDERATION, NOT_SEATED, UNKNOWN_PASSPORT, RETIRED_PASSPORT,
 * WRONG_KEY, RETIRED_KEY, THRESHOLD, SURPLUS_SIGNATURE, NOT_OPERATOR. */
CY_MUST_USE cy_err cy_identity_check(struct cy_ctx *ctx, struct cy_plan *plan,
                                     const struct cy_act *act, enum cy_who who);

/* cy_identity_open plans a new passport with the given id and keys; genesis uses it too. */
struct cy_key_set {
    const struct cy_key_share *keys;
    uint32_t n;
    uint16_t need[3];
};
CY_MUST_USE cy_err cy_identity_open(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const struct cy_passport *passport,
                                    const struct cy_key_set *keys);

/* cy_identity_renew plans that from here on the passport has exactly this set, of which keys may
 * have been its before: how a federation's keys follow its seats. A key that stood in an earlier
 * set and in no later one may come back too. Touches a record for each key, and two. */
CY_MUST_USE cy_err cy_identity_renew(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const struct cy_id *id, const struct cy_key_set *set);

/* cy_identity_signed says that exactly the needed keys of the set signed the envelope. */
CY_MUST_USE cy_err cy_identity_signed(const struct cy_envelope *envelope,
                                      const struct cy_key_set *keys);

/* cy_identity_holds says that exactly the needed present keys of the passport signed the envelope.
 * Fails with WRONG_KEY, RETIRED_KEY, THRESHOLD, SURPLUS_SIGNATURE. */
CY_MUST_USE cy_err cy_identity_holds(struct cy_plan *plan, const struct cy_envelope *envelope,
                                     const struct cy_passport *passport);

/* cy_identity_next is the digest that commits to a key set: SHA-256 of the passport_rotate act that
 * would reveal it, its own `next` left out. */
struct cy_id cy_identity_next(const struct cy_key_set *set);

/* cy_identity_active returns the passport when it exists and is active. Fails with
 * UNKNOWN_PASSPORT or RETIRED_PASSPORT. */
CY_MUST_USE cy_err cy_identity_active(struct cy_plan *plan, const struct cy_id *id,
                                      const struct cy_passport **passport);

#endif
