/* merge: two realms become one by proof (M119).
 *
 *     ending realm                                  realm that continues
 *     merge_close: nothing more but time --proof--> merge_open: taken over, lineage recorded
 *                  |                                merge_bring: passports, keys, assets,
 *                  +------ records by proof ----->               accounts, bonds, one by one
 *                                                   exit_duty:   everything else that binds
 *
 * A realm ends only when nothing is half done: no packet under way, no transfer pending, no unit of
 * its own in a third realm, no voucher of a third realm in its accounts. From then on nothing but
 * its clock moves, so any later state root proves the same records, and anybody may bring them.
 *
 * Units. The first act that brings an asset of the ended realm makes all its units at once, those
 * which this realm did not hold as vouchers already, in an account of the bridge's party, held:
 *
 *     issued there = issued here = units with owners here + units waiting in escrow
 *
 * An account takes its units out of that escrow; what it got is recorded, so nothing comes twice.
 * Vouchers of this realm's own assets take theirs out of the escrow that was here for them all the
 * time. A bond comes as a hold on its owner's account, with the beneficiary it had.
 *
 * Passports and accounts keep their owners' ids: an id is the digest of an act, and cannot be had
 * twice. Owns: merge, merged, merged_asset, merged_units. Never: forgets what was brought. */
#ifndef CY_KERNEL_MERGE_H
#define CY_KERNEL_MERGE_H

#include "kernel/claim.h"
#include "kernel/packet.h"

extern const struct cy_institution cy_merges;

/* cy_merge_admits says that an act may still be judged: always, but in a realm that has ended only
 * what moves time, and evidence against seats. Fails with REALM_MERGED. */
CY_MUST_USE cy_err cy_merge_admits(struct cy_plan *plan, const struct cy_schema *act);

#endif
