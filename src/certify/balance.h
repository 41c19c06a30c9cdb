/* balance: how far a network of friends and foes is from two camps, and the proof of it.
 *
 * Nodes take one of two sides. An edge is frustrated when a positive one joins two sides, or a
 * negative one stands within a side; the frustration of a network is the least weight of frustrated
 * edges over all ways to take sides (Harary 1959). That it is no more than U is shown by sides.
 * That it is no less is shown by rings: a set of edges in which every node has an even number and
 * the signs multiply to minus holds at least one frustrated edge, whatever the sides. So rings that
 * share no edge, or share it in parts that sum to no more than its weight, are a lower bound.
 *
 * Where rings alone do not reach U, the proof branches on two nodes: in one branch they stand on
 * the same side, in the other on opposite ones. That is an edge that cannot be frustrated, and
 * rings of the branch use it freely. A proof is a tree of branches in one row of numbers:
 *
 *     BRANCH u v                two proofs follow: u and v on the same side, then on opposite ones
 *     LEAF parts n ring...      n rings; a ring: times, number of edges, edges; it counts
 *                               times/parts. Edge m + i is the i-th branch from the root.
 *
 * All arithmetic is in integers; the checker neither searches nor trusts the search.
 *
 * Owns: nothing; the room is the caller's. */
#ifndef CY_CERTIFY_BALANCE_H
#define CY_CERTIFY_BALANCE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define CY_BALANCE_DEPTH_MAX 256u

enum { CY_BALANCE_LEAF = 0, CY_BALANCE_BRANCH = 1 };

struct cy_balance_edge {
    uint32_t a;
    uint32_t b;
    int32_t weight; /* its sign is the relation's, never 0 */
};

struct cy_balance_graph {
    size_t n; /* nodes */
    size_t m; /* edges; several may join the same nodes, none a node with itself */
    const struct cy_balance_edge *edges;
};

struct cy_balance_claim {
    const uint8_t *sides;  /* n: 0 or 1 */
    const uint32_t *proof; /* n_proof numbers; NULL: only the sides are claimed */
    size_t n_proof;
};

/* cy_balance_frustrated says whether an edge is; cy_balance_cost is the weight of all that are. */
static inline bool cy_balance_frustrated(const struct cy_balance_edge *edge, const uint8_t *sides)
{
    return (sides[edge->a] == sides[edge->b]) != (edge->weight > 0);
}
uint64_t cy_balance_cost(const struct cy_balance_graph *graph, const uint8_t *sides);

/* cy_balance_room is how many words of room the check needs. */
size_t cy_balance_room(const struct cy_balance_graph *graph);

/* cy_balance_check says whether the sides cost exactly what no other sides can be below; *cost is
 * what they cost. When it does not hold, *at is the place in the proof. */
bool cy_balance_check(const struct cy_balance_graph *graph, const struct cy_balance_claim *claim,
                      uint64_t *room, uint64_t *cost, size_t *at);

#endif
