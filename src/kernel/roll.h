/* roll: who orders a federation: seats on the roll, the heights they agree on, their keys.
 *
 *      genesis ---> active <--seat_confirm-- probation <--seat_admit
 *                     |
 *                     +--seat_leave--> left        seat_exclude, equivocate --> excluded
 *
 * A federation is a realm whose genesis names seats instead of a log key. Its passport's keys are
 * the active seats' act keys with their weights, and need more than two thirds of the weight: what
 * an operator does in a cell, so many seats do here together. Each change of the roll computes keys
 * and need anew.
 *
 * Owns: seat, trustee, agreement, seat_key, policy_node, agreed_head. */
#ifndef CY_KERNEL_ROLL_H
#define CY_KERNEL_ROLL_H

#include "kernel/evidence.h"

extern const struct cy_institution cy_roll;

#endif
