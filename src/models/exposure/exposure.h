/* exposure: which parties an ownership rule blocks, kept up to date edge by edge.
 *
 * The least set that holds the named and is closed under the rule, found by a work list: whoever is
 * blocked adds its holdings to the sums of what it owns; a sum that reaches the threshold blocks.
 * Each blocked party has a rank, higher than those that blocked it: the ranks are the certificate
 * (certify/exposure_check.h).
 *
 *      a holding more     its company's sum grows; what passes is blocked, and so on
 *      a holding less     a company that no longer passes by owners of smaller rank is given up,
 * with what rests on it; of those, who passes all the same is blocked again, with a new rank
 * (delete and derive again: Gupta, Mumick, Subrahmanian 1993)
 *
 * So only what depends on the change is looked at. A rule that does not add up is a set for each
 * named person (a holder); a change recomputes those holders only whose set has its owner.
 *
 * Owns: a copy of the holdings of one day, sums and ranks. Never: changes the register. */
#ifndef CY_MODELS_EXPOSURE_EXPOSURE_H
#define CY_MODELS_EXPOSURE_EXPOSURE_H

#include "models/exposure/ownership.h"

struct cy_exposure;

/* cy_exposure_open computes everything. parties is their number; named are those blocked by name.
 * Fails with NO_MEMORY, RANGE (a party that is not there). */
CY_MUST_USE cy_err cy_exposure_open(const struct cy_ownership_rule *rule, size_t parties,
                                    const struct cy_holding *holdings, size_t n_holdings,
                                    const uint32_t *named, size_t n_named,
                                    struct cy_exposure **out);
void cy_exposure_close(struct cy_exposure *x);

/* cy_exposure_again forgets what is blocked and computes it anew: for measuring, and for tests. */
CY_MUST_USE cy_err cy_exposure_again(struct cy_exposure *x);

/* cy_exposure_add puts a holding, *id names it; cy_exposure_drop takes it away; cy_exposure_rename
 * names or unnames a party. They fail with NO_MEMORY or RANGE. *touched, unless NULL, is how many
 * parties were blocked, given up or looked at. */
CY_MUST_USE cy_err cy_exposure_add(struct cy_exposure *x, const struct cy_holding *holding,
                                   uint32_t *id, size_t *touched);
CY_MUST_USE cy_err cy_exposure_drop(struct cy_exposure *x, uint32_t id, size_t *touched);
CY_MUST_USE cy_err cy_exposure_rename(struct cy_exposure *x, uint32_t party, bool named,
                                      size_t *touched);

bool cy_exposure_blocked(const struct cy_exposure *x, uint32_t party);
bool cy_exposure_named(const struct cy_exposure *x, uint32_t party);
size_t cy_exposure_count(const struct cy_exposure *x);

/* cy_exposure_sums are what blocked owners hold of a party now: all of them (a rule that adds up),
 * or the holder that holds most. */
void cy_exposure_sums(struct cy_exposure *x, uint32_t party, uint64_t *shares, uint64_t *votes,
                      bool *control);

/* cy_exposure_holders is how many sets there are: 1 of a rule that adds up, else one for each named
 * party; cy_exposure_holder is the named party of the i-th (CY_PARTY_NONE: all).
 * cy_exposure_ranks writes the ranks of a set, for cy_exposure_check. */
size_t cy_exposure_holders(const struct cy_exposure *x);
uint32_t cy_exposure_holder(const struct cy_exposure *x, size_t i);
void cy_exposure_ranks(struct cy_exposure *x, size_t i, uint64_t *ranks);

/* cy_exposure_proof writes holdings that block the party, by the fewest and largest owners of
 * smaller rank, those of one company together, in the order in which they are shown; *holder is the
 * holder they belong to. *out is from malloc; 0 holdings for a party that is named or not blocked.
 * Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_exposure_proof(struct cy_exposure *x, uint32_t party, struct cy_holding **out,
                                     size_t *n, uint32_t *holder);

#endif
