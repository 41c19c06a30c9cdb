/* ownership_day: what a register says of one day, and what goods flow from whom to whom.
 *
 * The holdings of a day are those that have begun and not ended, lots of one owner added up, sorted
 * by company and owner: what exposure.h computes on and certify/exposure_check.h checks.
 *
 * Supply edges lead from a supplier to a customer; the reach of the blocked over tiers is a breadth
 * first search with the tier and the supplier through which a party is reached first.
 *
 * Owns: nothing of the results, which are from malloc. Never: decides. */
#ifndef CY_MODELS_EXPOSURE_OWNERSHIP_DAY_H
#define CY_MODELS_EXPOSURE_OWNERSHIP_DAY_H

#include "models/exposure/ownership.h"

/* cy_ownership_on gives the holdings of a day, with their least shares, or their most. Fails with
 * NO_MEMORY. */
CY_MUST_USE cy_err cy_ownership_on(const struct cy_ownership *o, cy_date day, bool most,
                                   struct cy_holding **out, size_t *n);

/* cy_holding_order is the order of those holdings: by company, owner, interest, joint group (for
 * qsort). */
int cy_holding_order(const void *a, const void *b);

struct cy_supply {
    uint32_t supplier;
    uint32_t customer;
    const char *goods; /* "" unsaid */
    cy_date from;
    cy_date until;
    uint32_t line;
};

struct cy_supplies {
    struct cy_supply *at;
    size_t n;
    size_t cap;
};

/* cy_supply_csv reads supplier, customer, and if there are such columns goods, from, until. Parties
 * are those of the register; new ones are added. only, unless NULL, is a code of goods
 * (class_code.h): then goods are such codes, and those within it are kept. Fails with MODEL_INPUT
 * or NO_MEMORY. */
CY_MUST_USE cy_err cy_supply_csv(const struct cy_csv *csv, struct cy_ownership *o, const char *only,
                                 struct cy_supplies *out, struct cy_desk_fault *fault);

/* cy_supply_reach writes for each of n parties the tier at which goods of a party with `from` true
 * reach it (0: its own, UINT32_MAX: never, or beyond tiers_max), and in via the place of the supply
 * by which they first do (UINT32_MAX: none). Suppliers of one tier are asked in the order of the
 * file. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_supply_reach(const struct cy_supplies *supplies, cy_date day,
                                   const bool *from, size_t n, uint32_t tiers_max, uint32_t *tier,
                                   uint32_t *via);

#endif
