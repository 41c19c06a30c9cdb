/* rights_roll: the records of a quota as its rules read them: the quota, who is on its register,
 * who may act for its alliance, and the trace of every change of a right.
 *
 * An institution does not know what an alliance is. Who may act for one is a question that the
 * kernel answers: an alliance's id is a body with offices (kernel/capability.h), and whoever holds
 * its office of secretary, or one called quotas, issues and revokes in its name. A passport (a
 * company, a city) may be the issuer itself.
 *
 * The books, true after every act:
 *      total = free + revoking + sum of the holders' rights;   used = sum of what holders used
 *      right = allotted + received - given - revoked
 *
 * Owns: quota_move, quota_roll. */
#ifndef CY_INSTITUTIONS_RIGHTS_RIGHTS_ROLL_H
#define CY_INSTITUTIONS_RIGHTS_RIGHTS_ROLL_H

#include "kernel/capability.h"
#include "kernel/evidence.h"

/* Keys of records that belong to a quota. */
struct cy_of_quota {
    struct cy_id quota;
    uint64_t seq;
};

struct cy_quota_party {
    struct cy_id quota;
    struct cy_id party;
};

/* cy_quota_any finds a quota, cy_quota_live one that is open. Fail with QUOTA_UNKNOWN,
 * QUOTA_CLOSED. The pointer holds as long as cy_plan_read's. */
CY_MUST_USE cy_err cy_quota_any(struct cy_plan *plan, const struct cy_id *id,
                                const struct cy_quota **quota);
CY_MUST_USE cy_err cy_quota_live(struct cy_plan *plan, const struct cy_id *id,
                                 const struct cy_quota **quota);

/* cy_quota_counts is what is counted of a quota; asserts that there is one. */
const struct cy_quota_roll *cy_quota_counts(struct cy_plan *plan, const struct cy_id *quota);

/* cy_quota_officer says that the author may act for the body that issues quotas: it is that body,
 * or holds its office. Fails with QUOTA_OFFICER. */
CY_MUST_USE cy_err cy_quota_officer(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const struct cy_id *body);

/* cy_quota_holder_of is what the party holds, NULL when it is not on the register. */
const struct cy_quota_holder *cy_quota_holder_of(struct cy_plan *plan, const struct cy_id *quota,
                                                 const struct cy_id *party);

/* cy_quota_may_receive says that the party is on the register, is not barred, and would hold no
 * more than the quota lets one party hold. Fails with QUOTA_PARTY, QUOTA_CAP. */
CY_MUST_USE cy_err cy_quota_may_receive(struct cy_plan *plan, const struct cy_quota *quota,
                                        const struct cy_id *party, cy_u128 amount);

/* cy_quota_enrol puts an active passport on the register where it does not stand, and lifts a bar.
 * Fails with QUOTA_PARTY (the auditor and the arbiter hold nothing), UNKNOWN_PASSPORT,
 * RETIRED_PASSPORT. Writes 2 records. */
CY_MUST_USE cy_err cy_quota_enrol(struct cy_plan *plan, const struct cy_quota *quota,
                                  const struct cy_id *party);

/* cy_quota_unused is how much of a right is not used. */
cy_u128 cy_quota_unused(const struct cy_quota_holder *holder);

/* cy_quota_note writes a change of rights down. Writes 2 records. */
struct cy_quota_noted {
    uint8_t kind; /* enum quota_change */
    const struct cy_id *from;
    const struct cy_id *to;
    cy_u128 amount;
    cy_u128 price;
};
void cy_quota_note(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *quota,
                   const struct cy_quota_noted *what);

#endif
