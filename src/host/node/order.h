/* order: who orders the acts of a realm, as the rest of the daemon sees it.
 *
 *      routes, admin, sql, blobs --> order --> sequencer    a cell: one operator orders alone
 *                                        \--> federator    a federation: its members agree
 *
 * Whoever serves requests hands in acts, reads the world, proves from the tree and asks for
 * trouble, and need not know which of the two is behind. Acts are answered through their job
 * (job.h) when they are durable in a head that this realm stands for: signed by the cell's log key,
 * or agreed by the members.
 *
 * Owns: the table of functions. Never: state. */
#ifndef CY_HOST_NODE_ORDER_H
#define CY_HOST_NODE_ORDER_H

#include "host/node/job.h"
#include "realm/cell.h"

struct cy_order_ops {
    cy_err (*submit)(void *self, struct cy_job *job);
    cy_err (*run)(void *self, bool fresh_root, void (*work)(void *work_self, struct cy_cell *cell),
                  void *work_self);
    cy_err (*settle)(void *self, uint64_t at, unsigned timeout_ms);
    const struct cy_world *(*read)(void *self);
    void (*read_end)(void *self);
    struct cy_cell *(*tree)(void *self);
    void (*tree_end)(void *self);
    cy_err (*trouble)(void *self);
    cy_err (*pause)(void *self);
    size_t (*waiting)(void *self);
    void (*stop)(void *self);
};

struct cy_order {
    const struct cy_order_ops *ops;
    void *self;
};

/* cy_order_submit hands over a job. Fails with QUEUE_FULL, STOPPING or the trouble that stopped the
 * writer; then the job is still the caller's. */
CY_MUST_USE static inline cy_err cy_order_submit(const struct cy_order *order, struct cy_job *job)
{
    return order->ops->submit(order->self, job);
}

/* cy_order_run calls `work` in the thread that changes the world, between two acts, and returns
 * when it is done. With fresh_root, a state root that covers everything before is in the ledger
 * first, and every record can be proven by cy_cell_prove inside work. Fails with STOPPING, or why
 * there is no fresh root. */
CY_MUST_USE static inline cy_err cy_order_run(const struct cy_order *order, bool fresh_root,
                                              void (*work)(void *self, struct cy_cell *cell),
                                              void *self)
{
    return order->ops->run(order->self, fresh_root, work, self);
}

/* cy_order_settle waits until the published head covers index `at`. Fails with STOPPING, TIMED_OUT
 * or trouble. */
CY_MUST_USE static inline cy_err cy_order_settle(const struct cy_order *order, uint64_t at,
                                                 unsigned timeout_ms)
{
    return order->ops->settle(order->self, at, timeout_ms);
}

/* While read-locked, the world does not change: for queries. Keep it short. */
static inline const struct cy_world *cy_order_read(const struct cy_order *order)
{
    return order->ops->read(order->self);
}

static inline void cy_order_read_end(const struct cy_order *order)
{
    order->ops->read_end(order->self);
}

/* While held, the tree and the head do not change: for proofs and entries. */
static inline struct cy_cell *cy_order_tree(const struct cy_order *order)
{
    return order->ops->tree(order->self);
}

static inline void cy_order_tree_end(const struct cy_order *order)
{
    order->ops->tree_end(order->self);
}

/* cy_order_trouble is the first failure that stopped the writer; OK while it runs. */
static inline cy_err cy_order_trouble(const struct cy_order *order)
{
    return order->ops->trouble(order->self);
}

/* cy_order_pause is the soft trouble that holds the next head up and is tried again (a full disk, a
 * signer that restarts, members that do not answer); OK when there is none. */
static inline cy_err cy_order_pause(const struct cy_order *order)
{
    return order->ops->pause(order->self);
}

/* cy_order_waiting counts jobs that were submitted and not answered. */
static inline size_t cy_order_waiting(const struct cy_order *order)
{
    return order->ops->waiting(order->self);
}

/* cy_order_stop takes no more jobs, answers every job, and ends the threads; nothing for an order
 * that was never begun. */
static inline void cy_order_stop(struct cy_order *order)
{
    if (order->ops != NULL)
        order->ops->stop(order->self);
    order->ops = NULL;
}

#endif
