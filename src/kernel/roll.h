/* roll: a federation as one institution: its genesis, its acts and its tables.
 *
 * A federation is a realm whose genesis names seats instead of a log key: one for each member realm
 * that helps to order it. What an operator does in a cell, more than two thirds of the seats do
 * here together: the realm's passport has their keys. The parts stand in files of their own:
 *
 *      agreement, convict     what proves agreement, and betrayal: pure, for everybody
 *      policy_tree            who makes heads final
 *      seat, seat_act         who is on the roll, with which keys
 *      inbox                  members' own cells, and what is posted against censorship
 *      height                 agreement, time, finality: how it goes on
 *      conviction             what betrayal costs
 *
 * Owns: the tables of those parts. */
#ifndef CY_KERNEL_ROLL_H
#define CY_KERNEL_ROLL_H

#include "kernel/conviction.h"
#include "kernel/height.h"
#include "kernel/inbox.h"
#include "kernel/seat_act.h"

extern const struct cy_institution cy_roll;

/* cy_roll_begin plans the roll that a genesis names. ctx: time and realm as the genesis sets them,
 * whose realm record is planned already. The realm's keys must be the seats', and every seat must
 * have signed: nobody is made a member unasked. Fails with BAD_ROLL (detail: number of the field),
 * KEY_REUSED, BAD_KEY, EXISTS and as cy_policy_put. */
CY_MUST_USE cy_err cy_roll_begin(const struct cy_ctx *ctx, struct cy_plan *plan,
                                 const struct cy_genesis *genesis);

#endif
