/* height: how a federation goes on: each height opens with the agreement on the one before.
 *
 *      height h+1:  certificate of h --checked against the voters of h--> its head stands
 *                   its ballots' median time ----------------------------> ledger time
 *                   newest final head ---checked against the policy------> finality
 *                   the roll as it stands now ---------------------------> voters of h+1
 *
 * The head that was voted on is that of the ledger before this act, so each certificate covers
 * every entry so far, and replay checks again all agreement there ever was. Whoever keeps the tree
 * checks that the root is the tree's.
 *
 * Finality: a head whose cosignatures meet the policy makes itself and all before it final. When
 * there was none for `final_within` heights the realm is safe; when finality has been back for
 * `final_cool_ms`, it is normal again.
 *
 * Owns: agreed_head. Never: trusts the proposer's word. */
#ifndef CY_KERNEL_HEIGHT_H
#define CY_KERNEL_HEIGHT_H

#include "kernel/inbox.h"
#include "wire/note.h"

/* Heads that are remembered, so that a final one can be known for one of them. */
#define CY_AGREED_HEADS 1024u

/* cy_height_time is what the next height's time must be: the median of the ballots, or ledger time
 * where that is later; for height 1, which has none, the proposer's clock, at least ledger time and
 * at most act_window_s after it. */
cy_time cy_height_time(struct cy_plan *plan, const struct cy_ballot_entry *ballots, uint32_t n,
                       cy_time clock);

/* cy_final_check says that the note is of a head of this ledger, and that its cosignatures meet the
 * policy in force. Whether the head is the tree's is for the caller to know. Fails with BAD_FINAL
 * (detail 1: no note of this ledger's, 3: the cosignatures). */
CY_MUST_USE cy_err cy_final_check(struct cy_plan *plan, struct cy_span note,
                                  struct cy_checkpoint *head);

CY_MUST_USE cy_err cy_act_height(const struct cy_ctx *ctx, struct cy_plan *plan,
                                 const void *message);

#endif
