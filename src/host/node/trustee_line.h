/* trustee_line: cosignatures of trustees, who have no seat and send no packets.
 *
 *      note: agreed head + lines of trustees --> one cosignature a line --> federation, all members
 *
 * Owns: which lines are a trustee's. Never: verifies one (realm/federation.h does). */
#ifndef CY_HOST_NODE_TRUSTEE_LINE_H
#define CY_HOST_NODE_TRUSTEE_LINE_H

#include "host/node/node.h"
#include "kernel/policy_tree.h"
#include "wire/peer.h"

struct cy_trustee_lines {
    struct cy_peer_cosignature at[CY_TRUSTEES_MAX];
    uint32_t n;
};

/* cy_trustee_lines_read finds the lines of this ledger's trustees in a note; others are left out.
 * Fails with BAD_NOTE, TOO_LARGE, BAD_CHECKPOINT, OTHER_LOG (the head of another ledger), UNSEATED
 * (no line is a trustee's). Any thread. */
CY_MUST_USE cy_err cy_trustee_lines_read(struct cy_node *node, struct cy_span note,
                                         struct cy_trustee_lines *out);

/* cy_trustee_lines_add hands them to the federation; waits for its thread. Fails at the first that
 * is refused, as cy_federation_cosigned, or as cy_order_run. */
CY_MUST_USE cy_err cy_trustee_lines_add(struct cy_node *node, const struct cy_trustee_lines *lines);

#endif
