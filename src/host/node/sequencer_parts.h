/* sequencer_parts: what the sequencer's three kinds of threads share.
 *
 *      sequencer_verify   opens jobs and checks their signatures, many threads
 *      sequencer_judge    judges and accepts, one thread; the only one that changes the world
 *      sequencer_flush    journal, tiles, signed head, one thread
 *
 * Locks: `lock` for the queue and for what passes between the threads; `world` is write-locked by
 * the judging thread while it changes the world; `tree` is held by the flusher while it changes
 * tiles and head. Nobody waits for a disk or the signer with `lock` held.
 *
 * Owns: the layout of struct cy_sequencer. Never: included outside these files. */
#ifndef CY_HOST_NODE_SEQUENCER_PARTS_H
#define CY_HOST_NODE_SEQUENCER_PARTS_H

#include "host/node/sequencer.h"

#include <pthread.h>
#include <time.h>

#define CY_SEQUENCER_VERIFIERS_MAX 16u
#define CY_SEQUENCER_TICK_BYTES 2048u

enum cy_sequencer_stage { CY_STAGE_NEW, CY_STAGE_CLAIMED, CY_STAGE_VERIFIED };

struct cy_verifier;

/* Work that somebody wants done between two acts. */
struct cy_sequencer_request {
    void (*work)(void *self, struct cy_cell *cell);
    void *self;
    bool fresh_root;
    bool done;
    cy_err err;
    struct cy_sequencer_request *next;
};

struct cy_sequencer {
    struct cy_sequencer_options options;
    struct cy_metric *flush_seconds;
    pthread_mutex_t lock;
    pthread_cond_t work;    /* verifiers: something to claim */
    pthread_cond_t turn;    /* sequencer: something to do */
    pthread_cond_t flush;   /* flusher: a commit is out */
    pthread_cond_t settled; /* a head was published, a request is done */
    pthread_rwlock_t world;
    pthread_mutex_t tree;
    /* the queue: first .. last in order of arrival; claim = first that is not claimed */
    struct cy_job *first;
    struct cy_job *last;
    struct cy_job *claim;
    size_t waiting;
    struct cy_sequencer_request *requests;
    /* accepted since the last cut */
    struct cy_job *accepted_first;
    struct cy_job *accepted_last;
    /* the commit that is out */
    struct cy_commit commit;
    struct cy_job *commit_jobs;
    bool commit_out;
    bool commit_written;
    cy_err commit_err;
    uint64_t head_size;
    bool stopping;
    bool sequencer_ended;
    cy_err trouble;         /* written by the sequencer thread alone, locked */
    cy_err pause;           /* soft trouble that the flusher tries again */
    cy_time snapshot_after; /* not before, after one had no room */
    cy_time ticked;         /* wall time of the last tick */
    bool dirty;             /* acts since the last tick */
    unsigned n_verifiers;
    unsigned verifiers_started;
    bool sequencer_started;
    bool flusher_started;
    struct cy_verifier *verifiers[CY_SEQUENCER_VERIFIERS_MAX];
    pthread_t sequence_thread;
    pthread_t flush_thread;
    struct cy_arena tick_arena;
    uint8_t tick_bytes[CY_SEQUENCER_TICK_BYTES];
};

/* cy_sequencer_finish answers a job; it is its owner's from then on. */
void cy_sequencer_finish(struct cy_sequencer *s, struct cy_job *job);

#endif
