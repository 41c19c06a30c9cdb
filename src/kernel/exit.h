/* exit: leaving a realm for another with one's identity, and arriving there (M081).
 *
 *     old realm                                     new realm
 *     exit_leave: says where to                     passport_create: with the key that it holds
 * there
 *                      ---passport, control--->     exit_admit: it is the same holder
 *     exit_done: moved <---admission-----------
 *
 * What is shown are the old realm's own records under its own state root, so that the old operator
 * is not asked and cannot refuse: a mirror's proofs will do. Who arrives signs with a key that
 * alone controls the old passport. Units go before or after by packets, in escrow until they
 * arrive; bonds, offices and debts stay with the old passport, which can do nothing more once it
 * has moved.
 *
 * Owns: departure, admission. Never: moves units, ends an obligation. */
#ifndef CY_KERNEL_EXIT_H
#define CY_KERNEL_EXIT_H

#include "kernel/recognition.h"

extern const struct cy_institution cy_exits;

#endif
