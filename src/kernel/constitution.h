/* constitution: how a realm begins, how its time passes and how its rules change.
 *
 *     genesis --> tick, tick, ... (state roots) ; param_set ; rules_set with notice ; policy_set
 *
 * The genesis act is the inception of the operator's passport: the realm's id is that passport. It
 * names the log key of a cell, or the seats of a federation (roll.h).
 * Time is data: it moves only by the operator's tick, in a federation by each height. Both may
 * carry the state root of everything before; whoever keeps the state tree checks that root, here it
 * is only recorded in the ledger.
 *
 * Owns: realm, param. */
#ifndef CY_KERNEL_CONSTITUTION_H
#define CY_KERNEL_CONSTITUTION_H

#include "kernel/roll.h"

extern const struct cy_institution cy_constitution;

#endif
