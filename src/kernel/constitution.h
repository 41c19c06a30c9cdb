/* constitution: how a realm begins, how its time passes and how its rules change.
 *
 *     genesis --> tick, tick, ... (state roots) ; param_set ; rules_set with notice ; policy_set
 *
 * The genesis act is the inception of the operator's passport: the realm's id is that passport.
 * Time is data: it moves only by the operator's tick. A tick may carry the state root of everything
 * before it; whoever keeps the state tree checks that root, here it is only recorded in the ledger.
 *
 * Owns: realm, param. */
#ifndef CY_KERNEL_CONSTITUTION_H
#define CY_KERNEL_CONSTITUTION_H

#include "kernel/roll.h"
#include "kernel/upload.h"

/* The newest version of the rules that this program knows. Old versions stay for replay. */
#define CY_RULES_NEWEST 1u

/* Ledger time stays before the year 9000: whatever the rules add to it still has a civil date. */
#define CY_LEDGER_TIME_MAX 221845392000000u

extern const struct cy_institution cy_constitution;

/* A policy must name quorums any two of which share more operators than may be faulty, or say that
 * it accepts less. cy_policy_check reads it so and gives the least intersection. Fails with the
 * errors of cy_quorum_read and cy_quorum_meet, and QUORUM_WEAK (detail: the least intersection;
 * cy_quorum_explain prints the two quorums). */
CY_MUST_USE cy_err cy_policy_check(struct cy_span policy, uint32_t faults, bool accept_less,
                                   uint32_t *least);

/* cy_realm_read is the realm's record as the plan has it, NULL before genesis. */
const struct cy_realm *cy_realm_read(struct cy_plan *plan);
struct cy_realm *cy_realm_edit(struct cy_plan *plan);

#endif
