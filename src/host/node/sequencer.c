#include "host/node/sequencer.h"
#include "host/http/conns.h"

#include "crypto/ed25519_batch.h"
#include "crypto/secret.h"
#include "host/system/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define VERIFIERS_MAX 16u
#define CLAIM_MAX 8192u /* jobs a verifier takes at a time */
#define SIGNATURES_MAX 8192u
#define KEYS_CACHED 4096u
#define TICK_BYTES 2048u
#define SNAPSHOT_RETRY_MS 60000u
#define PAUSE_MS 200u /* between two tries after soft trouble */

enum stage { STAGE_NEW, STAGE_CLAIMED, STAGE_VERIFIED };

struct verifier {
    struct cy_sequencer *sequencer;
    pthread_t thread;
    struct cy_key_cache cache;
    struct cy_arena scratch;
    void *memory;
    struct cy_job *jobs[CLAIM_MAX];
    struct cy_act *acts[CLAIM_MAX];
    struct cy_ed25519_item items[SIGNATURES_MAX];
    struct cy_span parts[SIGNATURES_MAX][CY_SIGNED_PARTS];
    struct cy_job *owner[SIGNATURES_MAX];
    bool ok[SIGNATURES_MAX];
};

struct request {
    void (*work)(void *self, struct cy_cell *cell);
    void *self;
    bool fresh_root;
    bool done;
    cy_err err;
    struct request *next;
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
    struct request *requests;
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
    struct verifier *verifiers[VERIFIERS_MAX];
    pthread_t sequence_thread;
    pthread_t flush_thread;
    struct cy_arena tick_arena;
    uint8_t tick_bytes[TICK_BYTES];
};

static void finish(struct cy_sequencer *s, struct cy_job *job)
{
    pthread_mutex_lock(&s->lock);
    s->waiting--;
    pthread_mutex_unlock(&s->lock);
    job->done(job->context, job);
}

/* --- verifiers --- */

/* Takes unclaimed jobs in order: a fair share when few wait, many when many do. Locked. */
static unsigned claim(struct cy_sequencer *s, struct verifier *v)
{
    unsigned n = 0;
    unsigned there = 0;
    unsigned most = 0;

    for (struct cy_job *job = s->claim; job != NULL && there < CLAIM_MAX * s->n_verifiers;
         job = job->next)
        there++;
    most = there / s->n_verifiers;
    most = most < 16 ? 16 : most > CLAIM_MAX ? CLAIM_MAX : most;
    while (s->claim != NULL && n < most) {
        v->jobs[n++] = s->claim;
        s->claim->stage = STAGE_CLAIMED;
        s->claim = s->claim->next;
    }
    return n;
}

static void verify_items(struct verifier *v, size_t n)
{
    cy_err err = CY_OK;

    if (n == 0)
        return;
    err = cy_ed25519_verify_batch(v->items, n, &v->cache, &v->scratch, v->ok);
    for (size_t i = 0; i < n; i++) {
        if (err.code == CY_E_NO_ROOM)
            v->owner[i]->err = err;
        else if (!v->ok[i] && cy_ok(v->owner[i]->err))
            v->owner[i]->err = cy_fail(CY_E_BAD_SIGNATURE, 0);
    }
}

static void open_jobs(struct verifier *v, unsigned n_jobs)
{
    size_t n = 0;

    for (unsigned j = 0; j < n_jobs; j++) {
        v->jobs[j]->err = cy_job_open(v->jobs[j]);
        if (cy_ok(v->jobs[j]->err))
            v->acts[n++] = &v->jobs[j]->act;
    }
    cy_act_name(v->acts, n);
}

static void verify_jobs(struct verifier *v, unsigned n_jobs)
{
    size_t n = 0;

    open_jobs(v, n_jobs);
    for (unsigned j = 0; j < n_jobs; j++) {
        struct cy_job *job = v->jobs[j];

        if (!cy_ok(job->err))
            continue;
        job->id = job->act.id;
        if (job->dry && job->unsure)
            continue;
        if (n + job->act.envelope.n_signers > SIGNATURES_MAX) {
            verify_items(v, n);
            n = 0;
        }
        for (uint32_t i = 0; i < job->act.envelope.n_signers; i++, n++) {
            v->items[n].key = job->act.envelope.signers[i].key;
            v->items[n].n = cy_envelope_signed(&job->act.envelope, i, v->parts[n]);
            v->items[n].message = v->parts[n];
            memcpy(v->items[n].signature.b, job->act.envelope.signers[i].signature, 64);
            v->owner[n] = job;
        }
    }
    verify_items(v, n);
}

static void *verifier_main(void *arg)
{
    struct verifier *v = arg;
    struct cy_sequencer *s = v->sequencer;

    pthread_mutex_lock(&s->lock);
    for (;;) {
        unsigned n = 0;

        while (s->claim == NULL && !s->stopping)
            pthread_cond_wait(&s->work, &s->lock);
        if (s->claim == NULL)
            break;
        n = claim(s, v);
        pthread_mutex_unlock(&s->lock);
        verify_jobs(v, n);
        pthread_mutex_lock(&s->lock);
        for (unsigned j = 0; j < n; j++)
            v->jobs[j]->stage = STAGE_VERIFIED;
        pthread_cond_signal(&s->turn);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* --- sequencer --- */

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

        finish(s, left);
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
    if (verdict.n_items > 0) {
        job->items = malloc(verdict.n_items * sizeof *job->items);
        if (job->items != NULL) {
            memcpy(job->items, verdict.items, verdict.n_items * sizeof *job->items);
            job->n_items = verdict.n_items;
        } else { /* nobody could be told which acts of the batch were accepted */
            if (cy_ok(job->err))
                cy_cell_refuse(cell);
            job->err = cy_fail(CY_E_NO_MEMORY, 0);
        }
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
    err = s->options.tick(s->options.tick_self, now, &root, s->tick_bytes, TICK_BYTES, &n);
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

    while (s->first != NULL && s->first->stage == STAGE_VERIFIED) {
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
        cy_job_judged(job); /* thousands may wait for the disk */
        if (!cy_ok(job->err) || job->dry ||
            (job->repeated && job->at < __atomic_load_n(&s->head_size, __ATOMIC_ACQUIRE))) {
            finish(s, job);
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

static void serve(struct cy_sequencer *s, struct request *request)
{
    struct cy_cell *cell = s->options.cell;

    pthread_rwlock_wrlock(&s->world);
    /* the tick itself changes only the realm's record, which nobody proves this way */
    request->err = request->fresh_root && (s->dirty || !cell->has_version) ? tick(s) : CY_OK;
    if (cy_ok(request->err))
        request->work(request->self, cell);
    pthread_rwlock_unlock(&s->world);
}

static void deadline_in(struct timespec *at, unsigned ms)
{
    clock_gettime(CLOCK_MONOTONIC, at);
    at->tv_sec += ms / 1000;
    at->tv_nsec += (long)(ms % 1000) * 1000000;
    if (at->tv_nsec >= 1000000000) {
        at->tv_sec++;
        at->tv_nsec -= 1000000000;
    }
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

static void *sequencer_main(void *arg)
{
    struct cy_sequencer *s = arg;

    pthread_mutex_lock(&s->lock);
    for (;;) {
        struct cy_job *run = NULL;
        struct request *requests = NULL;
        struct timespec until;
        struct cy_job *left = cut(s);
        const bool ready = s->first != NULL && s->first->stage == STAGE_VERIFIED;

        if (left != NULL) {
            pthread_mutex_unlock(&s->lock);
            finish_left(s, left);
            pthread_mutex_lock(&s->lock);
            continue;
        }
        if (!ready && s->requests == NULL && !tick_due(s, false)) {
            if (s->stopping && s->first == NULL && s->accepted_first == NULL && !s->commit_out)
                break;
            deadline_in(&until, s->options.tick_ms < 100 ? s->options.tick_ms : 100);
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
            struct request *request = requests;

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

/* --- flusher --- */

static cy_err publish(struct cy_sequencer *s)
{
    cy_err err = CY_OK;

    pthread_mutex_lock(&s->tree);
    err = cy_cell_tiles(s->options.cell, &s->commit);
    if (cy_ok(err))
        err = cy_cell_publish(s->options.cell, s->options.signer);
    if (cy_ok(err))
        __atomic_store_n(&s->head_size, s->options.cell->head.size, __ATOMIC_RELEASE);
    if (cy_ok(err) && s->options.published != NULL)
        s->options.published(s->options.published_self, &s->options.cell->head);
    pthread_mutex_unlock(&s->tree);
    return err;
}

/* Waits a while before the next try. False when the sequencer stops: then nobody waits longer. */
static bool pause_after(struct cy_sequencer *s, cy_err err)
{
    struct timespec until;
    bool go_on = false;

    deadline_in(&until, PAUSE_MS);
    pthread_mutex_lock(&s->lock);
    s->pause = err;
    while (!s->stopping && pthread_cond_timedwait(&s->flush, &s->lock, &until) != ETIMEDOUT)
        ;
    go_on = !s->stopping;
    pthread_mutex_unlock(&s->lock);
    return go_on;
}

/* Journal, tiles and head. Soft trouble (a full disk, a signer that restarts) is tried again:
 * nothing is lost, callers wait. */
static cy_err carry_out(struct cy_sequencer *s)
{
    enum cy_code paused = CY_E_NONE;
    bool written = false;
    cy_err err = CY_OK;

    do {
        if (err.code != paused)
            CY_LOG(CY_LOG_WARN, "sequencer", cy_log_say("acts wait until this is over"),
                   cy_log_code(err));
        paused = err.code;
        err = written ? CY_OK : cy_cell_write(&s->commit);
        written = cy_ok(err);
        if (written)
            err = publish(s);
    } while (cy_err_info(err.code)->kind == CY_ERR_soft && pause_after(s, err));
    pthread_mutex_lock(&s->lock);
    s->pause = CY_OK;
    pthread_mutex_unlock(&s->lock);
    if (!cy_ok(err))
        CY_LOG(CY_LOG_ERROR, "sequencer",
               cy_log_say("no head: nothing more is accepted until comityd starts again"),
               cy_log_code(err));
    else if (paused != CY_E_NONE)
        CY_LOG(CY_LOG_INFO, "sequencer", cy_log_say("acts go on"));
    return err;
}

static void *flusher_main(void *arg)
{
    struct cy_sequencer *s = arg;

    pthread_mutex_lock(&s->lock);
    for (;;) {
        struct cy_job *jobs = NULL;
        uint64_t began = 0;
        cy_err err = CY_OK;

        while (!(s->commit_out && !s->commit_written) && !s->sequencer_ended)
            pthread_cond_wait(&s->flush, &s->lock);
        if (!(s->commit_out && !s->commit_written))
            break;
        jobs = s->commit_jobs;
        s->commit_jobs = NULL;
        pthread_mutex_unlock(&s->lock);
        began = cy_now_us();
        err = carry_out(s);
        cy_metric_time(s->flush_seconds, cy_now_us() - began);
        for (struct cy_job *job = jobs; job != NULL;) {
            struct cy_job *next = job->next;

            if (!cy_ok(err))
                job->err = err;
            finish(s, job);
            job = next;
        }
        pthread_mutex_lock(&s->lock);
        s->commit_err = err;
        s->commit_written = true;
        pthread_cond_signal(&s->turn);
        pthread_cond_broadcast(&s->settled);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* --- outside --- */

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
        job->stage = STAGE_NEW;
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
    struct request request = {.work = work, .self = self, .fresh_root = fresh_root};
    struct request **end = NULL;

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

    deadline_in(&until, timeout_ms);
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

/* --- start and stop --- */

static struct verifier *verifier_new(struct cy_sequencer *s)
{
    const size_t bytes = cy_key_cache_bytes(KEYS_CACHED) + cy_ed25519_batch_bytes(SIGNATURES_MAX);
    struct verifier *v = calloc(1, sizeof *v);
    struct cy_arena memory;
    uint8_t salt[16];

    if (v == NULL)
        return NULL;
    v->sequencer = s;
    v->memory = aligned_alloc(16, (bytes + 15) & ~(size_t)15);
    if (v->memory == NULL) {
        free(v);
        return NULL;
    }
    cy_random(salt, sizeof salt);
    memory = cy_arena_on(v->memory, bytes);
    if (!cy_ok(cy_key_cache_on(&v->cache, &memory, KEYS_CACHED, salt))) {
        free(v->memory);
        free(v);
        return NULL;
    }
    v->scratch = cy_arena_on(memory.at + memory.used, memory.cap - memory.used);
    return v;
}

static cy_err start_threads(struct cy_sequencer *s)
{
    const unsigned n = s->options.verifiers == 0              ? 1
                       : s->options.verifiers > VERIFIERS_MAX ? VERIFIERS_MAX
                                                              : s->options.verifiers;

    for (unsigned i = 0; i < n; i++) {
        s->verifiers[i] = verifier_new(s);
        if (s->verifiers[i] == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
    }
    s->n_verifiers = n; /* before the first of them shares out the work */
    for (; s->verifiers_started < n; s->verifiers_started++) {
        struct verifier *v = s->verifiers[s->verifiers_started];

        if (pthread_create(&v->thread, NULL, verifier_main, v) != 0)
            return cy_fail(CY_E_NO_MEMORY, n);
    }
    if (pthread_create(&s->sequence_thread, NULL, sequencer_main, s) != 0)
        return cy_fail(CY_E_NO_MEMORY, n);
    s->sequencer_started = true;
    if (pthread_create(&s->flush_thread, NULL, flusher_main, s) != 0)
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
    const size_t tick_bytes = cy_act_decoded_max(TICK_BYTES);
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
    for (unsigned i = 0; i < VERIFIERS_MAX && s->verifiers[i] != NULL; i++) {
        if (i < s->verifiers_started)
            pthread_join(s->verifiers[i]->thread, NULL);
        free(s->verifiers[i]->memory);
        free(s->verifiers[i]);
    }
    if (s->sequencer_started)
        pthread_join(s->sequence_thread, NULL);
    if (s->flusher_started)
        pthread_join(s->flush_thread, NULL);
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
