/* exposure_check: exact checks of what an ownership rule blocks.
 *
 * A rule blocks whoever is owned, to a threshold, by blocked owners: the least set that holds those
 * who are named and is closed under the rule. It is no product of percentages: an owner counts in
 * full or not at all. Two certificates:
 *
 *   ranks    one number for each party, 0 for who is not blocked. Sound: the owners of smaller rank
 *            alone pass the rule. Complete: nobody of rank 0 passes with all owners that have one.
 *            Ranks rise along every ground, so that a circle cannot hold itself up.
 *   a proof  the edges that block one party, in an order in which every owner is named or has been
 *            shown blocked before; for somebody who has no register at hand.
 *
 * Shares are whole units, of which 9,009,000,000 are all: every percentage of four decimals and
 * every fraction of a denominator up to 15 is exact. A rule that does not add up the holdings of
 * different blocked persons is checked for each person by itself; owners who act jointly with that
 * person count with it (joint).
 *
 * Owns: nothing; integers only, no memory. Never: reads a register. */
#ifndef CY_CERTIFY_EXPOSURE_CHECK_H
#define CY_CERTIFY_EXPOSURE_CHECK_H

#include "base/bytes.h"

#define CY_SHARE_WHOLE UINT64_C(9009000000)

enum cy_interest { CY_INTEREST_SHARES, CY_INTEREST_VOTES, CY_INTEREST_CONTROL };

struct cy_holding {
    uint32_t owner;
    uint32_t owned;
    uint64_t share; /* units; 0 for control */
    uint32_t joint; /* holdings of one kind in one company that are exercised together; 0: alone */
    uint8_t interest; /* enum cy_interest */
};

/* What blocks: shares, votes (each by itself), or control. */
struct cy_ownership_rule {
    uint64_t threshold; /* units */
    bool more;          /* more than the threshold; otherwise that much or more */
    bool votes;         /* votes count, beside shares */
    bool control;       /* control alone is enough */
    bool aggregate;     /* holdings of different blocked persons are added up */
};

/* cy_rule_passes judges sums of one kind. */
static inline bool cy_rule_passes(const struct cy_ownership_rule *rule, uint64_t shares,
                                  uint64_t votes, bool control)
{
    const uint64_t most = rule->votes && votes > shares ? votes : shares;

    return (rule->more ? most > rule->threshold : most >= rule->threshold) ||
           (rule->control && control);
}

/* cy_exposure_check checks ranks over all holdings, sorted by owned. named[i] says that party i is
 * blocked by name (its rank must not be 0). Fails with EXPOSURE_PROOF (detail: the party that is
 * wrong, the least one), RANGE (holdings not sorted, a party out of n). */
CY_MUST_USE cy_err cy_exposure_check(const struct cy_ownership_rule *rule,
                                     const struct cy_holding *holdings, size_t n_holdings,
                                     const bool *named, const uint64_t *ranks, size_t n);

/* cy_exposure_replay checks a proof that target is blocked: holdings of one company stand together.
 * shown has n values, true for who is named; it is changed. Fails as above; a holding named twice
 * in a company is EXPOSURE_PROOF. */
CY_MUST_USE cy_err cy_exposure_replay(const struct cy_ownership_rule *rule,
                                      const struct cy_holding *proof, size_t n_proof, bool *shown,
                                      size_t n, uint32_t target);

#endif
