/* sequencer: the threads that carry an act from arrival to durable receipt.
 *
 *   submit --> intake --> verifiers (one a core: decode, batch signature check)
 *                            \--> sequencer (one: judge, accept, in order of arrival; ticks)
 *                                    \--> flusher (one: journal, tiles, signed head)
 *                                            \--> done callback of every job
 *
 * The flusher writes one commit while the sequencer fills the next, so throughput does not depend
 * on how fast one flush is. Order of acceptance is order of arrival. Time enters here: before acts
 * are judged the ledger's clock is moved on by a tick act, which the operator's key signs.
 *
 * Owns: the threads, the queue and the locks around one cell. Never: knows HTTP. */
#ifndef CY_HOST_NODE_SEQUENCER_H
#define CY_HOST_NODE_SEQUENCER_H

#include "host/node/order.h"
#include "host/system/metrics.h"

struct cy_sequencer;

struct cy_sequencer_options {
    struct cy_cell *cell;
    const struct cy_head_signer *signer;
    /* makes a signed tick act; called in the sequencer thread. Writes at most cap bytes. */
    cy_err (*tick)(void *self, cy_time now, const struct cy_id *state_root, uint8_t *out,
                   size_t cap, size_t *n);
    void *tick_self;
    cy_time (*now)(void);       /* wall clock, Unix ms */
    unsigned verifiers;         /* threads */
    unsigned tick_ms;           /* how old ledger time may be when an act is judged */
    unsigned idle_ms;           /* a tick after so long without any */
    size_t queue_max;           /* jobs that may wait */
    struct cy_metrics *metrics; /* may be NULL */
    /* told after each new head, in the flusher's thread, while the tree is locked by it */
    void (*published)(void *self, const struct cy_head *head);
    void *published_self;
};

/* cy_sequencer_start begins the threads. Fails with NO_MEMORY; *out is then NULL. */
CY_MUST_USE cy_err cy_sequencer_start(const struct cy_sequencer_options *options,
                                      struct cy_sequencer **out);

/* cy_sequencer_order gives the sequencer as the one who orders the realm. */
struct cy_order cy_sequencer_order(struct cy_sequencer *sequencer);

/* cy_sequencer_stop takes no more jobs, judges those that wait, lets what was accepted become
 * durable, answers every job, and ends the threads. Soft trouble is not waited out: its jobs are
 * answered with it. */
void cy_sequencer_stop(struct cy_sequencer *sequencer);

/* cy_sequencer_submit hands over a job. Fails with QUEUE_FULL, STOPPING or the trouble that stopped
 * the writer; then the job is still the caller's. */
CY_MUST_USE cy_err cy_sequencer_submit(struct cy_sequencer *sequencer, struct cy_job *job);

/* cy_sequencer_run calls `work` in the sequencer's thread between two acts, with a fresh state root
 * when asked (a tick is put into the ledger first if anything changed since the last), and returns
 * when it is done. With fresh_root, every record is provable by cy_cell_prove inside work. Fails
 * with STOPPING, or why no tick could be made. */
CY_MUST_USE cy_err cy_sequencer_run(struct cy_sequencer *sequencer, bool fresh_root,
                                    void (*work)(void *self, struct cy_cell *cell), void *self);

/* cy_sequencer_settle waits until a signed head covers index `at`. Fails with STOPPING or
 * TIMED_OUT.
 */
CY_MUST_USE cy_err cy_sequencer_settle(struct cy_sequencer *sequencer, uint64_t at,
                                       unsigned timeout_ms);

/* While read-locked, the world does not change: for queries. Keep it short. */
const struct cy_world *cy_sequencer_read(struct cy_sequencer *sequencer);
void cy_sequencer_read_end(struct cy_sequencer *sequencer);

/* While held, the tree and the head do not change: for proofs and entries. */
struct cy_cell *cy_sequencer_tree(struct cy_sequencer *sequencer);
void cy_sequencer_tree_end(struct cy_sequencer *sequencer);

/* cy_sequencer_trouble is the first failure that stopped the writer; OK while it runs. */
cy_err cy_sequencer_trouble(struct cy_sequencer *sequencer);

/* cy_sequencer_pause is the soft trouble (a full disk, a signer that restarts) that holds the next
 * head up and is tried again; OK when there is none. */
cy_err cy_sequencer_pause(struct cy_sequencer *sequencer);

/* cy_sequencer_waiting counts jobs that were submitted and not answered. */
size_t cy_sequencer_waiting(struct cy_sequencer *sequencer);

#endif
