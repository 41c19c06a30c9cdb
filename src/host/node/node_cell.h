/* node_cell: the ledger directory of a node, opened as large as its settings say.
 *
 * Owns: how settings become limits. Never: starts what uses the cell. */
#ifndef CY_HOST_NODE_NODE_CELL_H
#define CY_HOST_NODE_NODE_CELL_H

#include "host/node/node_parts.h"

#define CY_NODE_LIMITS_MAX 128u /* tables whose room is set */

struct cy_node_room {
    struct cy_limit limits[CY_NODE_LIMITS_MAX];
    struct cy_cell_options options; /* its limits are those above: do not copy */
};

/* cy_node_explain leaves the operator a sentence about what failed, unless there is one already;
 * returns err itself. */
cy_err cy_node_explain(struct cy_text *why, const char *what, cy_err err);

/* cy_node_room fills the options of a cell from the settings, and starts its second thread.
 * cy_node_place opens the directory and takes that much fresh memory. Both explain why they fail;
 * what they took belongs to the node. */
CY_MUST_USE cy_err cy_node_room(struct cy_node *node, const struct cy_institution *const *roster,
                                size_t n_roster, struct cy_node_room *room, struct cy_text *why);
CY_MUST_USE cy_err cy_node_place(struct cy_node *node, size_t bytes, struct cy_arena *fresh,
                                 struct cy_text *why);

/* cy_node_unopened explains why a ledger could not be opened, and where; returns err itself. */
cy_err cy_node_unopened(struct cy_node *node, cy_err err, const struct cy_disk_fault *fault,
                        struct cy_text *why);

/* cy_node_cell opens the cell of a realm with one operator. */
CY_MUST_USE cy_err cy_node_cell(struct cy_node *node, const struct cy_institution *const *roster,
                                size_t n_roster, struct cy_text *why);

#endif
