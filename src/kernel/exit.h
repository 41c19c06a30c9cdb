/* exit: leaving a realm for another with one's identity, and arriving there (M081).
 *
 *     old realm                                    new realm
 *     exit_leave: says where to                    passport_create: with the keys held there
 *          ---passport, controls, departure--->    exit_admit: it is the same holder
 *     exit_done: moved <---admission------------
 *
 * What is shown are the old realm's own records under its own state root, so that the old operator
 * is not asked: a mirror's proofs will do. Who arrives signs with keys that together control the
 * old passport, as many as its thresholds ask. The departure names one realm, for good: nobody
 * arrives twice. Where the old operator records no departure, kernel/claim is the way.
 *
 * Units go before or after by packets, in escrow until they arrive. What the passport is bound by
 * there follows it as duties (kernel/claim); it can do nothing more there once it has moved.
 *
 * Owns: departure, admission. Never: moves units, ends an obligation. */
#ifndef CY_KERNEL_EXIT_H
#define CY_KERNEL_EXIT_H

#include "kernel/recognition.h"

extern const struct cy_institution cy_exits;

/* cy_exit_held says that the keys which signed are those proven, n of them, and that they meet the
 * thresholds of the foreign passport as both stood under that root. Fails with NOT_HELD, and as
 * cy_recognition_proven. */
struct cy_exit_proven {
    const struct cy_id *realm;
    uint64_t root;
    const struct cy_passport *passport; /* proven under that root */
};
CY_MUST_USE cy_err cy_exit_held(const struct cy_ctx *ctx, struct cy_plan *plan,
                                const struct cy_exit_proven *proven, const struct cy_exit_key *keys,
                                uint32_t n);

/* cy_exit_passport reads a foreign passport that is active out of its proof under the newest root:
 * an older one may show keys that were replaced. Fails with PROOF_OLDER, RETIRED_PASSPORT, and as
 * cy_recognition_proven. */
CY_MUST_USE cy_err cy_exit_passport(struct cy_plan *plan, const struct cy_id *realm, uint64_t root,
                                    struct cy_span value, struct cy_span proof,
                                    struct cy_passport *out);

#endif
