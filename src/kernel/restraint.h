/* restraint: what is in force against a party, and for whom; what every settlement asks
 * (M017, M020, M024, M073, M076).
 *
 *     restraint (subject, source)    a source says: no dealings, freeze, cap, levy, no service
 *     heeded (party, source)         who mirrors the source, or reviews each of its restraints
 *
 * A restraint binds the dealings of those who heed its source; what the realm heeds binds everybody
 * in it, and what the realm itself restrains needs no heeding. So one record decides for all who
 * follow a list, at the tick that it is written, and nobody else's list can bind anyone. It is in
 * force until its end, or the review that it names, whichever comes first: both by comparing times.
 *
 * It reaches a party when its subject is
 *     the party itself, or one of those it inherits of (lineage)
 *     who answers for it (its controller), at most four up
 *     a class that it belongs to, or a wider one: the text "isic:0610" is reached by "isic:06"
 *     its jurisdiction: "iso3166:XX"
 *
 * A subject that is no passport is a name of at most 32 bytes, "scheme:value", or SHA-256 of a
 * longer one (cy_restraint_subject). Nothing is looked up while nothing is restrained at all; while
 * something is, one record in a small table for each party, one more where lineages exist, one more
 * where controllers do.
 *
 * Owns: restrained, restrained_class, restraint, cap_used, heeder, heeded, heed_mark, party_class,
 * controlled; reads lineage, ancestor. Never: decides who may restrain (enforce does, and
 * institutions). */
#ifndef CY_KERNEL_RESTRAINT_H
#define CY_KERNEL_RESTRAINT_H

#include "kernel/identity.h"

#define CY_HEEDED_MOST 32u
#define CY_CLASSES_MOST 8u
#define CY_ANCESTORS_MOST 64u

/* The source of quarantines: everybody in the realm heeds it. */
extern const struct cy_id cy_restraint_emergency;

/* One restraint that binds, and what it was reached through. */
struct cy_restraint_hit {
    const struct cy_restraint *restraint;
    struct cy_id party;    /* whom it was looked up for */
    struct cy_id follower; /* who heeds its source: the realm, or one of the parties */
};

/* cy_restraint_subject is the subject of a code: "lei:5493...", "isic:0610". */
struct cy_id cy_restraint_subject(struct cy_span scheme, struct cy_span value);

/* cy_restraint_in_force says that it stands at that time. */
bool cy_restraint_in_force(const struct cy_restraint *restraint, cy_time now);

/* cy_restraint_any says that anything is restrained at all. */
bool cy_restraint_any(const struct cy_plan *plan);

/* cy_restraint_binds calls `each` with every restraint in force that reaches the party and that the
 * realm or one of the followers heeds, until it returns true; true when one did. Followers of none
 * are passed over. */
struct cy_restraint_ask {
    struct cy_id realm;
    struct cy_id party;
    struct cy_id followers[2];
    cy_time now;
    bool again; /* it will be asked about this party again soon */
};
bool cy_restraint_binds(struct cy_plan *plan, const struct cy_restraint_ask *ask,
                        bool (*each)(void *self, const struct cy_restraint_hit *hit), void *self);

/* cy_restraint_settle judges a payment between two parties. OK with *frozen set: it must wait in
 * escrow. *levies: what the payer pays on top, at most CY_LEVIES_MOST of them. Fails with EXCLUDED
 * (detail: 1 payer, 2 payee), CAPPED. Touches a record for each cap that it counts. */
#define CY_LEVIES_MOST 2u
#define CY_CAPS_MOST 4u
struct cy_levy {
    struct cy_id to;
    uint32_t ppm;
};
struct cy_restraint_verdict {
    struct cy_restraint_hit frozen; /* restraint NULL: not */
    struct cy_levy levies[CY_LEVIES_MOST];
    uint32_t n_levies;
};
struct cy_payment {
    struct cy_id payer;
    struct cy_id payee;
    struct cy_id asset;
    cy_u128 amount;
};
CY_MUST_USE cy_err cy_restraint_settle(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const struct cy_payment *payment,
                                       struct cy_restraint_verdict *verdict);

/* cy_restraint_holds says that units of the party may not leave otherwise than by a payment that
 * is judged: it is frozen or shut out by what the realm heeds. Fails with FROZEN, EXCLUDED. */
CY_MUST_USE cy_err cy_restraint_holds(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const struct cy_id *party);

/* cy_restraint_author says that the author may do this act at all: who is shut out of the realm
 * keeps the rights of every passport (SPEC/enforce.md). Fails with EXCLUDED (detail: 3). */
CY_MUST_USE cy_err cy_restraint_author(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       uint32_t act);

/* cy_restraint_barred says that nobody in the realm may deal with the party, or, with a follower,
 * that follower may not. Fails with EXCLUDED. cy_restraint_denied: that the party is denied this
 * service. Fails with SERVICE_DENIED. */
CY_MUST_USE cy_err cy_restraint_barred(struct cy_plan *plan, const struct cy_restraint_ask *ask);
CY_MUST_USE cy_err cy_restraint_denied(struct cy_plan *plan, const struct cy_restraint_ask *ask,
                                       const struct cy_label *service);

/* cy_restraint_put writes what a source restrains, in place of what it said of the subject before.
 * Who calls has judged authority. It holds the actuator to the rights of every passport: recorded
 * evidence, an end or a review within the parameters, never the realm itself. Fails with NO_NOUN
 * (evidence), RESTRAINT_TERMS, WRONG_TIME. Touches three records. cy_restraint_lift ends one; fails
 * with NO_RESTRAINT; touches three. */
CY_MUST_USE cy_err cy_restraint_put(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const struct cy_restraint *restraint);
CY_MUST_USE cy_err cy_restraint_lift(struct cy_plan *plan, const struct cy_id *subject,
                                     const struct cy_id *source);

const struct cy_restraint *cy_restraint_of(struct cy_plan *plan, const struct cy_id *subject,
                                           const struct cy_id *source);

/* cy_restraint_heed sets how a party heeds a source. Fails with HEED_MOST, HEED_SELF, HEED_BOUND.
 * Touches three records. */
CY_MUST_USE cy_err cy_restraint_heed(struct cy_plan *plan, cy_time now, const struct cy_id *party,
                                     const struct cy_id *source, unsigned mode);

/* cy_restraint_bind has a party mirror a source from a time until another (0: for good), because it
 * is bound to: no act of its own changes that before cy_restraint_unbind. Fails with HEED_MOST,
 * HEED_SELF; both touch three records. Unbinding what is not bound changes nothing. */
CY_MUST_USE cy_err cy_restraint_bind(struct cy_plan *plan, const struct cy_id *party,
                                     const struct cy_id *source, cy_time since, cy_time until);
void cy_restraint_unbind(struct cy_plan *plan, const struct cy_id *party,
                         const struct cy_id *source);

/* cy_restraint_mode is how the party heeds the source at a time: IGNORE when it says nothing. */
unsigned cy_restraint_mode(struct cy_plan *plan, const struct cy_id *party,
                           const struct cy_id *source, cy_time now);

/* cy_restraint_inherits says that the heir inherits of that passport, or is the same. */
bool cy_restraint_inherits(struct cy_plan *plan, const struct cy_id *heir, const struct cy_id *of);

#endif
