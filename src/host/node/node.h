/* node: one running cell with everything around it: signer, sequencer, witnesses, metrics.
 *
 *      comityd --> node --> sequencer --> cell --> disk
 *                   |  \--> signer (a process that holds the keys)
 *                   \-----> cosigner thread --> other cells, as witnesses
 *
 * The node's keys are found in the signer by label: `operator` signs ticks, `log` signs heads,
 * `witness` cosigns others' heads. A signed head is published at once; cosignatures are added to it
 * as witnesses answer.
 *
 * With a section `federation` in the settings the node is a member's: the realm is ordered by its
 * members together (federator.h, in place of sequencer and cosigner), and heads carry cosignatures
 * only.
 *
 * Owns: the parts and their order of starting and stopping. Never: knows HTTP paths. */
#ifndef CY_HOST_NODE_NODE_H
#define CY_HOST_NODE_NODE_H

#include "host/node/node_parts.h"

/* cy_node_start opens everything. why gets a sentence for the operator on failure: which file,
 * which offset, which side. Fails with what the parts fail with. */
CY_MUST_USE cy_err cy_node_start(const struct cy_daemon_config *config,
                                 const struct cy_institution *const *roster, size_t n_roster,
                                 struct cy_node **out, struct cy_text *why);
void cy_node_stop(struct cy_node *node);

/* cy_node_help runs `work` in a thread of its own, which cy_node_stop waits for: it must end soon
 * when waiting fails with STOPPING. Fails with STOPPING, QUEUE_FULL (enough of that kind) or
 * NO_MEMORY; then nothing was begun. */
CY_MUST_USE cy_err cy_node_help(struct cy_node *node, enum cy_node_helper kind,
                                void (*work)(void *arg), void *arg);

/* cy_node_witness answers an add-checkpoint request of another ledger. */
void cy_node_witness(struct cy_node *node, struct cy_span body, struct cy_witness_answer *answer);

#endif
