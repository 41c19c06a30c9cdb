/* node_figures: the figures of a running node that are read when somebody asks for /metrics: head,
 * witnesses, queue, streams, disk, this process. What happens (acts, answers, flushes) is counted
 * where it happens.
 *
 * Sizes are in acts, ages in seconds by this machine's clock, space in bytes.
 *
 * Owns: nothing. */
#ifndef CY_HOST_ROUTES_NODE_FIGURES_H
#define CY_HOST_ROUTES_NODE_FIGURES_H

#include "host/node/node.h"

/* cy_node_figures sets every gauge of the node to what is now. Quick: it asks no other process. */
void cy_node_figures(struct cy_node *node);

#endif
