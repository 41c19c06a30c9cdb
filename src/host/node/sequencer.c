#include "host/node/sequencer.h"

#include "host/node/deadline.h"
#include "host/node/sequencer_flush.h"
#include "host/node/sequencer_judge.h"
#include "host/node/sequencer_verify.h"

#include <errno.h>
#include <stdlib.h>

cy_err cy_sequencer_submit(struct cy_sequencer *s, struct cy_job *job)
{
    cy_err err = CY_OK;

    pthread_mutex_lock(&s->lock);
    if (s->stopping)
        err = cy_fail(CY_E_STOPPING, 0);
    else if (!cy_ok(s->trouble))
        err = s->trouble;
    else if (s->waiting >= s->options.queue_max)
        err = cy_fail(CY_E_QUEUE_FULL, s->waiting);
    if (cy_ok(err)) {
        job->stage = CY_STAGE_NEW;
        job->next = NULL;
        if (s->last == NULL)
            s->first = job;
        else
            s->last->next = job;
        s->last = job;
        if (s->claim == NULL)
            s->claim = job;
        s->waiting++;
        pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&s->lock);
    return err;
}

cy_err cy_sequencer_run(struct cy_sequencer *s, bool fresh_root,
                        void (*work)(void *self, struct cy_cell *cell), void *self)
{
    struct cy_sequencer_request request = {.work = work, .self = self, .fresh_root = fresh_root};
    struct cy_sequencer_request **end = NULL;

    pthread_mutex_lock(&s->lock);
    for (end = &s->requests; *end != NULL;)
        end = &(*end)->next;
    *end = &request;
    pthread_cond_signal(&s->turn);
    while (!request.done && !s->sequencer_ended)
        pthread_cond_wait(&s->settled, &s->lock);
    if (!request.done)
        request.err = cy_fail(CY_E_STOPPING, 0);
    pthread_mutex_unlock(&s->lock);
    return request.err;
}

cy_err cy_sequencer_settle(struct cy_sequencer *s, uint64_t at, unsigned timeout_ms)
{
    struct timespec until;
    cy_err err = CY_OK;

    cy_deadline(&until, timeout_ms);
    pthread_mutex_lock(&s->lock);
    while (cy_ok(err) && __atomic_load_n(&s->head_size, __ATOMIC_ACQUIRE) <= at) {
        if (s->sequencer_ended)
            err = cy_fail(CY_E_STOPPING, 0);
        else if (!cy_ok(s->trouble))
            err = s->trouble;
        else if (pthread_cond_timedwait(&s->settled, &s->lock, &until) == ETIMEDOUT)
            err = cy_fail(CY_E_TIMED_OUT, timeout_ms);
    }
    pthread_mutex_unlock(&s->lock);
    return err;
}

const struct cy_world *cy_sequencer_read(struct cy_sequencer *s)
{
    pthread_rwlock_rdlock(&s->world);
    return &s->options.cell->engine.world;
}

void cy_sequencer_read_end(struct cy_sequencer *s)
{
    pthread_rwlock_unlock(&s->world);
}

struct cy_cell *cy_sequencer_tree(struct cy_sequencer *s)
{
    pthread_mutex_lock(&s->tree);
    return s->options.cell;
}

void cy_sequencer_tree_end(struct cy_sequencer *s)
{
    pthread_mutex_unlock(&s->tree);
}

cy_err cy_sequencer_trouble(struct cy_sequencer *s)
{
    cy_err err = CY_OK;

    pthread_mutex_lock(&s->lock);
    err = s->trouble;
    pthread_mutex_unlock(&s->lock);
    return err;
}

cy_err cy_sequencer_pause(struct cy_sequencer *s)
{
    cy_err err = CY_OK;

    pthread_mutex_lock(&s->lock);
    err = s->pause;
    pthread_mutex_unlock(&s->lock);
    return err;
}

size_t cy_sequencer_waiting(struct cy_sequencer *s)
{
    size_t n = 0;

    pthread_mutex_lock(&s->lock);
    n = s->waiting;
    pthread_mutex_unlock(&s->lock);
    return n;
}

static cy_err start_threads(struct cy_sequencer *s)
{
    const unsigned n = s->options.verifiers == 0 ? 1
                       : s->options.verifiers > CY_SEQUENCER_VERIFIERS_MAX
                           ? CY_SEQUENCER_VERIFIERS_MAX
                           : s->options.verifiers;

    for (unsigned i = 0; i < n; i++) {
        s->verifiers[i] = cy_verifier_new(s);
        if (s->verifiers[i] == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
    }
    s->n_verifiers = n; /* before the first of them shares out the work */
    for (; s->verifiers_started < n; s->verifiers_started++)
        CY_TRY(cy_verifier_start(s->verifiers[s->verifiers_started]));
    if (pthread_create(&s->sequence_thread, NULL, cy_sequencer_judge, s) != 0)
        return cy_fail(CY_E_NO_MEMORY, n);
    s->sequencer_started = true;
    if (pthread_create(&s->flush_thread, NULL, cy_sequencer_flush, s) != 0)
        return cy_fail(CY_E_NO_MEMORY, n);
    s->flusher_started = true;
    return CY_OK;
}

static void conditions_init(struct cy_sequencer *s)
{
    pthread_condattr_t monotonic;
    pthread_rwlockattr_t writers_first;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_rwlockattr_init(&writers_first);
    pthread_rwlockattr_setkind_np(&writers_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->tree, NULL);
    pthread_cond_init(&s->work, &monotonic);
    pthread_cond_init(&s->turn, &monotonic);
    pthread_cond_init(&s->flush, &monotonic);
    pthread_cond_init(&s->settled, &monotonic);
    pthread_rwlock_init(&s->world, &writers_first);
    pthread_condattr_destroy(&monotonic);
    pthread_rwlockattr_destroy(&writers_first);
}

cy_err cy_sequencer_start(const struct cy_sequencer_options *options, struct cy_sequencer **out)
{
    const size_t tick_bytes = cy_act_decoded_max(CY_SEQUENCER_TICK_BYTES);
    struct cy_sequencer *s = calloc(1, sizeof *s);
    void *memory = aligned_alloc(16, tick_bytes);
    cy_err err = CY_OK;

    if (s == NULL || memory == NULL) {
        free(s);
        free(memory);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    s->flush_seconds = cy_metrics_histogram(
        options->metrics, "comity_flush_seconds", "",
        "From a commit to its signed head: journal, tiles, signature, waiting for trouble to end.",
        cy_metrics_flush, CY_METRICS_FLUSH_N);
    s->options = *options;
    s->tick_arena = cy_arena_on(memory, tick_bytes);
    s->head_size = options->cell->head.size;
    s->dirty = true; /* whatever was replayed gets a root */
    conditions_init(s);
    err = start_threads(s);
    if (!cy_ok(err))
        cy_sequencer_stop(s);
    *out = cy_ok(err) ? s : NULL;
    return err;
}

void cy_sequencer_stop(struct cy_sequencer *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->work);
    pthread_cond_broadcast(&s->turn);
    pthread_cond_broadcast(&s->flush);
    pthread_mutex_unlock(&s->lock);
    for (unsigned i = 0; i < s->verifiers_started; i++)
        cy_verifier_end(s->verifiers[i]);
    if (s->sequencer_started)
        pthread_join(s->sequence_thread, NULL);
    if (s->flusher_started)
        pthread_join(s->flush_thread, NULL);
    for (unsigned i = 0; i < CY_SEQUENCER_VERIFIERS_MAX && s->verifiers[i] != NULL; i++)
        cy_verifier_free(s->verifiers[i]); /* jobs stood in their rooms until now */
    pthread_cond_destroy(&s->work);
    pthread_cond_destroy(&s->turn);
    pthread_cond_destroy(&s->flush);
    pthread_cond_destroy(&s->settled);
    pthread_rwlock_destroy(&s->world);
    pthread_mutex_destroy(&s->tree);
    pthread_mutex_destroy(&s->lock);
    free(s->tick_arena.at);
    free(s);
}

/* --- as the one who orders --- */

static cy_err order_submit(void *self, struct cy_job *job)
{
    return cy_sequencer_submit(self, job);
}

static cy_err order_run(void *self, bool fresh_root,
                        void (*work)(void *work_self, struct cy_cell *cell), void *work_self)
{
    return cy_sequencer_run(self, fresh_root, work, work_self);
}

static cy_err order_settle(void *self, uint64_t at, unsigned timeout_ms)
{
    return cy_sequencer_settle(self, at, timeout_ms);
}

static const struct cy_world *order_read(void *self)
{
    return cy_sequencer_read(self);
}

static void order_read_end(void *self)
{
    cy_sequencer_read_end(self);
}

static struct cy_cell *order_tree(void *self)
{
    return cy_sequencer_tree(self);
}

static void order_tree_end(void *self)
{
    cy_sequencer_tree_end(self);
}

static cy_err order_trouble(void *self)
{
    return cy_sequencer_trouble(self);
}

static cy_err order_pause(void *self)
{
    return cy_sequencer_pause(self);
}

static size_t order_waiting(void *self)
{
    return cy_sequencer_waiting(self);
}

static void order_stop(void *self)
{
    cy_sequencer_stop(self);
}

struct cy_order cy_sequencer_order(struct cy_sequencer *s)
{
    static const struct cy_order_ops ops = {
        .submit = order_submit,
        .run = order_run,
        .settle = order_settle,
        .read = order_read,
        .read_end = order_read_end,
        .tree = order_tree,
        .tree_end = order_tree_end,
        .trouble = order_trouble,
        .pause = order_pause,
        .waiting = order_waiting,
        .stop = order_stop,
    };

    return (struct cy_order){.ops = &ops, .self = s};
}
