/* ledger_time: how time passes in a realm, and its one record.
 *
 * Time is data: it moves by the operator's tick in a cell, by each height in a federation. Whatever
 * waits for a time (a new version of the rules) begins there, and a bounded share of housekeeping
 * is done.
 *
 * Owns: nothing of its own (the record `realm` is constitution's). */
#ifndef CY_KERNEL_LEDGER_TIME_H
#define CY_KERNEL_LEDGER_TIME_H

#include "kernel/rules.h"
#include "kernel/upload.h"

/* Ledger time stays before the year 9000: whatever the rules add to it still has a civil date. */
#define CY_LEDGER_TIME_MAX 221845392000000u

/* The most records that passing time touches: the realm, the housekeeping, and what a version of
 * the rules sets. */
#define CY_LEDGER_TIME_WRITES 18000u

/* cy_realm_read is the realm's record as the plan has it, NULL before genesis. */
const struct cy_realm *cy_realm_read(struct cy_plan *plan);
struct cy_realm *cy_realm_edit(struct cy_plan *plan);

/* cy_ledger_time_pass plans that it is `now`. Fails with TIME_BACK, WRONG_TIME, and RULES_UNKNOWN
 * where a version of the rules begins that this program does not know. */
CY_MUST_USE cy_err cy_ledger_time_pass(const struct cy_ctx *ctx, struct cy_plan *plan, cy_time now);

/* cy_ledger_time_moves says that an act of this schema moves time. */
bool cy_ledger_time_moves(const struct cy_schema *schema);

#endif
