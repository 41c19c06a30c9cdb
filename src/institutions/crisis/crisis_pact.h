/* crisis_pact: pacts of mutual aid, made in peacetime, and the crises that they declare (M036).
 *
 *      aid_pact --aid_join by each party--> parties
 *      aid_mandate: up to so much of what I hold may be sent without asking me
 *      crisis_declare by enough parties --> the crisis lasts --days over, or enough call its end-->
 *
 * A mandate signed beforehand is what makes help come in time: while a crisis lasts it can be
 * widened, and neither narrowed nor ended. A declared crisis is an occasion of the kernel
 * (certified.h), on which objectives are activated.
 *
 * The pact issues an asset of its own id: credit for what was lent. Units of credit and debts are
 * always the same in sum.
 *
 * Owns: pact, pact_party, pact_good, crisis, crisis_call; of holding the mandate. */
#ifndef CY_INSTITUTIONS_CRISIS_CRISIS_PACT_H
#define CY_INSTITUTIONS_CRISIS_CRISIS_PACT_H

#include "kernel/certified.h"
#include "kernel/evidence.h"

struct cy_of_pact {
    struct cy_id pact;
    struct cy_id party;
};

struct cy_good_of {
    struct cy_id pact;
    struct cy_label good;
};

struct cy_holding_of {
    struct cy_id pact;
    struct cy_id party;
    struct cy_label good;
};

/* cy_pact_joined finds a pact that the author has joined. Fails with PACT_UNKNOWN, PACT_PARTY. */
CY_MUST_USE cy_err cy_pact_joined(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const struct cy_id *id, const struct cy_pact **pact);

/* cy_pact_good_of finds a good of the pact. Fails with PACT_GOOD. */
CY_MUST_USE cy_err cy_pact_good_of(struct cy_plan *plan, const struct cy_id *pact,
                                   const struct cy_label *good, const struct cy_pact_good **found);

/* cy_crisis_lasts says whether a crisis of the pact lasts now, and which. */
bool cy_crisis_lasts(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *pact,
                     struct cy_id *crisis);

/* cy_crisis_of finds a crisis that lasts. Fails with CRISIS_UNKNOWN, CRISIS_OVER. */
CY_MUST_USE cy_err cy_crisis_of(const struct cy_ctx *ctx, struct cy_plan *plan,
                                const struct cy_id *id, const struct cy_crisis **crisis);

/* cy_pact_lend books credit for goods that went from one party to another: debts are set off first,
 * then credit is spent, what is left is owed. Touches six records. */
CY_MUST_USE cy_err cy_pact_lend(struct cy_plan *plan, const struct cy_id *pact,
                                const struct cy_id *lender, const struct cy_id *borrower,
                                cy_u128 credit);

/* aid_pact: PACT_TERMS; aid_join: PACT_UNKNOWN, PACT_PARTY, PACT_AGAIN; aid_mandate: those of
 * joined, PACT_GOOD, PACT_MANDATE; crisis_declare: those of joined, CRISIS_EVIDENCE,
 * CRISIS_RUNNING, PACT_AGAIN; crisis_end: those of joined and of cy_crisis_of, PACT_AGAIN. */
CY_MUST_USE cy_err cy_pact_do_offer(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);
CY_MUST_USE cy_err cy_pact_do_join(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_pact_do_mandate(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);
CY_MUST_USE cy_err cy_crisis_do_declare(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);
CY_MUST_USE cy_err cy_crisis_do_end(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);

#endif
