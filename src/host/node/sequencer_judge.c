#include "host/node/sequencer_judge.h"

#include "host/node/deadline.h"
#include "host/system/log.h"

#include <stdlib.h>

#define SNAPSHOT_RETRY_MS 60000u

/* Waits for the commit that is out, and takes it back. Locked on entry and exit. */
static void wait_for_commit(struct cy_sequencer *s)
{
    while (s->commit_out && !s->commit_written)
        pthread_cond_wait(&s->turn, &s->lock);
    if (s->commit_out) {
        cy_cell_done(s->options.cell, &s->commit, s->commit_err);
        s->commit_out = false;
        if (!cy_ok(s->commit_err) && cy_ok(s->trouble))
            s->trouble = s->commit_err;
    }
}

/* Takes the jobs that no commit will answer: repeated acts that a head covers by now, or everything
 * after a failure. Locked. */
static struct cy_job *take_left(struct cy_sequencer *s)
{
    const uint64_t covered = __atomic_load_n(&s->head_size, __ATOMIC_ACQUIRE);
    struct cy_job *left = NULL;
    struct cy_job **end = &s->accepted_first;

    s->accepted_last = NULL;
    while (*end != NULL) {
        struct cy_job *job = *end;

        if (cy_ok(s->trouble) && job->at >= covered) {
            s->accepted_last = job;
            end = &job->next;
            continue;
        }
        *end = job->next;
        job->next = left;
        left = job;
        job->err = job->at < covered ? CY_OK : s->trouble;
    }
    return left;
}

/* Hands what was accepted to the flusher when it is free. Locked. Returns jobs to finish. */
static struct cy_job *cut(struct cy_sequencer *s)
{
    if (s->commit_out && s->commit_written)
        wait_for_commit(s);
    if (s->commit_out)
        return NULL;
    if (!cy_cell_cut(s->options.cell, &s->commit))
        return take_left(s);
    s->commit_out = true;
    s->commit_written = false;
    s->commit_jobs = s->accepted_first;
    s->accepted_first = NULL;
    s->accepted_last = NULL;
    pthread_cond_signal(&s->flush);
    return NULL;
}

static void finish_left(struct cy_sequencer *s, struct cy_job *left)
{
    while (left != NULL) {
        struct cy_job *next = left->next;

        cy_sequencer_finish(s, left);
        left = next;
    }
}

/* Nothing is accepted any more; what is out still becomes durable if it can. */
static void note_trouble(struct cy_sequencer *s, cy_err err)
{
    pthread_mutex_lock(&s->lock);
    if (cy_ok(s->trouble))
        s->trouble = err;
    pthread_mutex_unlock(&s->lock);
}

/* Accepts a judged act, waiting for the journal when its buffer is full. The world is write-locked;
 * while the disk or the signer is waited for it may be read: nothing changes it meanwhile. */
static cy_err accept_act(struct cy_sequencer *s, const struct cy_act *act, uint64_t *at)
{
    for (;;) {
        const cy_err err = cy_cell_accept(s->options.cell, act, at);
        struct cy_job *left = NULL;

        if (!cy_ok(err) && cy_err_info(err.code)->kind == CY_ERR_hard)
            note_trouble(s, err);
        if (err.code != CY_E_NO_ROOM)
            return err;
        pthread_rwlock_unlock(&s->world);
        pthread_mutex_lock(&s->lock);
        wait_for_commit(s);
        left = cut(s);
        pthread_mutex_unlock(&s->lock);
        finish_left(s, left);
        pthread_rwlock_wrlock(&s->world);
    }
}

/* An accepted act that comes again gets the receipt it had: retries are harmless. */
static void look_up_repeat(struct cy_cell *cell, struct cy_job *job)
{
    const struct cy_seen *seen = CY_GET(&cell->engine.world, seen, &job->id);

    if (seen == NULL)
        return;
    job->repeated = true;
    job->at = seen->at;
    job->err = CY_OK;
}

static void judge(struct cy_sequencer *s, struct cy_job *job)
{
    struct cy_cell *cell = s->options.cell;
    const struct cy_realm *realm = cy_engine_realm(&cell->engine);
    struct cy_verdict verdict;

    if (!cy_ok(job->err))
        return;
    job->time = realm == NULL ? 0 : realm->now;
    cy_job_describe(job, &cell->engine.world);
    cy_cell_judge(cell, &job->act, &verdict);
    job->err = verdict.err;
    job->item = verdict.item;
    if (!cy_job_items(job, verdict.items, verdict.n_items)) {
        /* nobody could be told which acts of the batch were accepted */
        if (cy_ok(job->err))
            cy_cell_refuse(cell);
        job->err = cy_fail(CY_E_NO_MEMORY, 0);
    }
    if (job->err.code == CY_E_REPLAY)
        look_up_repeat(cell, job);
    if (!cy_ok(job->err) || job->repeated)
        return;
    if (job->effects)
        cy_job_effects(job, &cell->engine.plan);
    if (job->dry)
        cy_cell_refuse(cell);
    else
        job->err = accept_act(s, &job->act, &job->at);
}

/* Puts a tick with the present state root into the ledger. The world is write-locked. */
static cy_err tick(struct cy_sequencer *s)
{
    struct cy_cell *cell = s->options.cell;
    const struct cy_realm *realm = cy_engine_realm(&cell->engine);
    cy_time now = s->options.now();
    struct cy_verdict verdict;
    struct cy_act act;
    struct cy_id root;
    uint64_t at = 0;
    size_t n = 0;
    cy_err err = CY_OK;

    if (realm == NULL)
        return CY_OK;
    now = now > realm->now ? now : realm->now;
    CY_TRY(cy_cell_state_root(cell, &root));
    pthread_rwlock_unlock(&s->world); /* the signer may be slow: whoever reads goes on */
    err = s->options.tick(s->options.tick_self, now, &root, s->tick_bytes, CY_SEQUENCER_TICK_BYTES,
                          &n);
    pthread_rwlock_wrlock(&s->world);
    CY_TRY(err);
    cy_arena_rewind(&s->tick_arena, 0);
    CY_TRY(cy_act_open(cy_span_of(s->tick_bytes, n), &s->tick_arena, &act));
    cy_cell_judge(cell, &act, &verdict);
    CY_TRY(verdict.err);
    CY_TRY(accept_act(s, &act, &at));
    s->ticked = s->options.now();
    s->dirty = false;
    return CY_OK;
}

static bool tick_due(const struct cy_sequencer *s, bool acts_wait)
{
    const cy_time age = s->options.now() - s->ticked;

    if (!cy_ok(s->trouble) || cy_engine_realm(&s->options.cell->engine) == NULL)
        return false;
    return age >= s->options.idle_ms || ((acts_wait || s->dirty) && age >= s->options.tick_ms);
}

/* Takes the verified jobs at the front of the queue. Locked. */
static struct cy_job *take_ready(struct cy_sequencer *s)
{
    struct cy_job *first = s->first;
    struct cy_job *last = NULL;

    while (s->first != NULL && s->first->stage == CY_STAGE_VERIFIED) {
        last = s->first;
        s->first = last->next;
    }
    if (last == NULL)
        return NULL;
    last->next = NULL;
    if (s->first == NULL)
        s->last = NULL;
    return first;
}

/* Judges a run of jobs; those that wait for a head are queued behind the commit, the others are
 * answered at once. */
static void sequence(struct cy_sequencer *s, struct cy_job *run)
{
    while (run != NULL) {
        struct cy_job *job = run;

        run = run->next;
        job->next = NULL;
        pthread_rwlock_wrlock(&s->world);
        judge(s, job);
        pthread_rwlock_unlock(&s->world);
        if (cy_job_judged(job)) { /* thousands may wait for the disk */
            pthread_mutex_lock(&s->lock);
            pthread_cond_broadcast(&s->work);
            pthread_mutex_unlock(&s->lock);
        }
        if (!cy_ok(job->err) || job->dry ||
            (job->repeated && job->at < __atomic_load_n(&s->head_size, __ATOMIC_ACQUIRE))) {
            cy_sequencer_finish(s, job);
            continue;
        }
        s->dirty = true;
        pthread_mutex_lock(&s->lock);
        if (s->accepted_last == NULL)
            s->accepted_first = job;
        else
            s->accepted_last->next = job;
        s->accepted_last = job;
        pthread_mutex_unlock(&s->lock);
    }
}

static void serve(struct cy_sequencer *s, struct cy_sequencer_request *request)
{
    struct cy_cell *cell = s->options.cell;

    pthread_rwlock_wrlock(&s->world);
    /* the tick itself changes only the realm's record, which nobody proves this way */
    request->err = request->fresh_root && (s->dirty || !cell->has_version) ? tick(s) : CY_OK;
    if (cy_ok(request->err))
        request->work(request->self, cell);
    pthread_rwlock_unlock(&s->world);
}

/* A snapshot wants everything on disk first. Locked on entry and exit. */
static void snapshot_if_due(struct cy_sequencer *s)
{
    struct cy_cell *cell = s->options.cell;
    cy_err err = CY_OK;

    if (!cy_ok(s->trouble) || !cy_cell_snapshot_due(cell) || s->options.now() < s->snapshot_after)
        return;
    while (s->commit_out || !cy_cell_settled(cell)) {
        struct cy_job *left = NULL;

        wait_for_commit(s);
        if (!cy_ok(s->trouble))
            return;
        left = cut(s);
        pthread_mutex_unlock(&s->lock);
        finish_left(s, left);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    err = cy_cell_snapshot(cell);
    if (!cy_ok(err)) /* a full disk: the journal still holds everything */
        s->snapshot_after = s->options.now() + SNAPSHOT_RETRY_MS;
    pthread_mutex_lock(&s->lock);
    if (cy_err_info(err.code)->kind == CY_ERR_hard && cy_ok(s->trouble))
        s->trouble = err;
}

void *cy_sequencer_judge(void *arg)
{
    struct cy_sequencer *s = arg;

    pthread_mutex_lock(&s->lock);
    for (;;) {
        struct cy_job *run = NULL;
        struct cy_sequencer_request *requests = NULL;
        struct timespec until;
        struct cy_job *left = cut(s);
        const bool ready = s->first != NULL && s->first->stage == CY_STAGE_VERIFIED;

        if (left != NULL) {
            pthread_mutex_unlock(&s->lock);
            finish_left(s, left);
            pthread_mutex_lock(&s->lock);
            continue;
        }
        if (!ready && s->requests == NULL && !tick_due(s, false)) {
            if (s->stopping && s->first == NULL && s->accepted_first == NULL && !s->commit_out)
                break;
            cy_deadline(&until, s->options.tick_ms < 100 ? s->options.tick_ms : 100);
            pthread_cond_timedwait(&s->turn, &s->lock, &until);
            continue;
        }
        run = take_ready(s);
        requests = s->requests;
        s->requests = NULL;
        pthread_mutex_unlock(&s->lock);
        if (tick_due(s, run != NULL)) {
            pthread_rwlock_wrlock(&s->world);
            const cy_err err = tick(s);

            pthread_rwlock_unlock(&s->world);
            if (!cy_ok(err)) {
                CY_LOG(CY_LOG_ERROR, "sequencer", cy_log_say("no tick: ledger time stands still"),
                       cy_log_code(err));
                s->ticked = s->options.now(); /* try again in a while */
                note_trouble(s, cy_err_info(err.code)->kind == CY_ERR_hard ? err : CY_OK);
            }
        }
        sequence(s, run);
        while (requests != NULL) {
            struct cy_sequencer_request *request = requests;

            requests = request->next;
            serve(s, request);
            pthread_mutex_lock(&s->lock);
            request->done = true;
            pthread_cond_broadcast(&s->settled);
            pthread_mutex_unlock(&s->lock);
        }
        pthread_mutex_lock(&s->lock);
        snapshot_if_due(s);
    }
    s->sequencer_ended = true;
    pthread_cond_broadcast(&s->flush);
    pthread_cond_broadcast(&s->settled);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}
