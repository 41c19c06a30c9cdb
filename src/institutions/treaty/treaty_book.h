/* treaty_book: the records of a treaty as its rules read them: who is bound on a day, by what, and
 * the account that belongs to nobody (M015, M125, M128).
 *
 *      listed --ratify--> ratified ..bound from the day it is in force for the party..
 *                            | leave: notice, months, then free; release strikes it: gone
 *
 * Nothing here waits for a timer: force, notice, emergencies, answers and guarantees are days that
 * are compared with the day asked about. A date of 0 is "never".
 *
 * The books, true after every act:
 *      balance of the account = sum of the parties' bonds + pot;   nothing of it is held
 *
 * Owns: nothing; its neighbours write the records. */
#ifndef CY_INSTITUTIONS_TREATY_TREATY_BOOK_H
#define CY_INSTITUTIONS_TREATY_TREATY_BOOK_H

#include "kernel/act.h"
#include "kernel/escrow.h"
#include "kernel/evidence.h"

/* Keys of records that belong to a treaty. */
struct cy_of_treaty {
    struct cy_id treaty;
    struct cy_id party;
};

struct cy_treaty_at {
    struct cy_id treaty;
    struct cy_id party;
    uint64_t number;
};

struct cy_treaty_place {
    struct cy_id treaty;
    uint64_t version;
    uint64_t number;
};

/* cy_treaty_any finds a treaty that has not ended, cy_treaty_party a party that is listed at least.
 * Fail with TREATY_UNKNOWN, TREATY_STATE, TREATY_PARTY. */
CY_MUST_USE cy_err cy_treaty_any(struct cy_plan *plan, const struct cy_id *id,
                                 const struct cy_treaty **treaty);
CY_MUST_USE cy_err cy_treaty_of(struct cy_plan *plan, const struct cy_id *treaty,
                                const struct cy_id *party, const struct cy_treaty_party **found);

/* cy_treaty_rules_of are the thresholds and times of a treaty; asserts that there are some. */
const struct cy_treaty_rules *cy_treaty_rules_of(struct cy_plan *plan, const struct cy_id *treaty);

/* cy_treaty_account is the account that belongs to the treaty. */
struct cy_id cy_treaty_account(const struct cy_treaty *treaty);

/* cy_treaty_clause_of finds a clause of the version adopted. Fails with TREATY_NUMBER. */
CY_MUST_USE cy_err cy_treaty_clause_of(struct cy_plan *plan, const struct cy_treaty *treaty,
                                       uint64_t number, const struct cy_treaty_term **term);

/* cy_treaty_start is the first day that a party which ratified is bound, 0 while that is open. */
cy_date cy_treaty_start(const struct cy_treaty *treaty, const struct cy_treaty_party *party);

/* cy_treaty_binds says that the treaty binds the party on that day. cy_treaty_bound: today, for the
 * author of an act; fails with TREATY_PARTY, TREATY_BOUND. */
bool cy_treaty_binds(const struct cy_treaty *treaty, const struct cy_treaty_party *party,
                     cy_date day);
CY_MUST_USE cy_err cy_treaty_bound(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const struct cy_treaty *treaty);

/* cy_treaty_suspended says that the party has no benefits of the treaty on that day: a breach
 * suspends it, or its guarantee of rights has run out. */
bool cy_treaty_suspended(const struct cy_treaty *treaty, const struct cy_treaty_party *party,
                         cy_date day);

/* cy_treaty_limit is the bound of a clause for a period that begins on a day: that of the emergency
 * where one falls into the period. */
uint64_t cy_treaty_limit(const struct cy_treaty_term *term, cy_date period);

/* cy_treaty_keeps says whether a figure keeps a bound. */
bool cy_treaty_keeps(const struct cy_treaty_term *term, uint64_t limit, uint64_t figure);

/* cy_treaty_acts says that the treaty declares what answers an attack: then its parties mirror it
 * as a source of restraints, from when it binds them until it no longer does. cy_treaty_midnight is
 * the time at which a day begins. */
bool cy_treaty_acts(const struct cy_treaty_rules *rules);
cy_time cy_treaty_midnight(cy_date day);

/* cy_treaty_exempt says that the party reserved the clause away, and the clause allows it. */
bool cy_treaty_exempt(struct cy_plan *plan, const struct cy_treaty_term *term,
                      const struct cy_id *party);

/* cy_treaty_recorded: evidence that is recorded. Fails with TREATY_EVIDENCE. */
CY_MUST_USE cy_err cy_treaty_recorded(struct cy_plan *plan, const struct cy_id *digest,
                                      const struct cy_evidence **evidence);

/* cy_treaty_pay pays units from the treaty's account. Fails with the errors of cy_escrow_hold and
 * cy_escrow_pay. Writes two records. */
CY_MUST_USE cy_err cy_treaty_pay(struct cy_plan *plan, const struct cy_treaty *treaty,
                                 const struct cy_id *to, cy_u128 amount);

#endif
