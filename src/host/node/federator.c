#include "host/node/federator.h"

#include "host/http/conns.h"
#include "host/node/deadline.h"
#include "host/node/height_timers.h"
#include "host/node/pending_acts.h"
#include "host/system/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define AT_ONCE 32u /* packets and acts between two looks at the clock */
#define SNAPSHOT_RETRY_MS 60000u
#define NO_PEER UINT32_MAX

struct request {
    void (*work)(void *self, struct cy_cell *cell);
    void *self;
    bool fresh_root;
    uint64_t height; /* with fresh_root: the height after which it may run */
    bool done;
    struct request *next;
};

struct cy_federator {
    struct cy_federator_options options;
    struct cy_federation_world table;
    struct cy_federation *federation;
    struct cy_packet_inbox *inbox;
    struct cy_packet_post *post;
    pthread_rwlock_t world;
    pthread_mutex_t tree;
    pthread_mutex_t lock;
    pthread_cond_t turn;    /* the thread: something to do */
    pthread_cond_t settled; /* a head was published, a request is done */
    /* under the lock */
    struct cy_job *first;
    struct cy_job *last;
    size_t waiting; /* jobs that are not answered */
    bool woken;     /* packets or requests came */
    struct request *requests;
    struct cy_federator_status status;
    uint32_t peer_of[CY_SEATS_MAX]; /* written by the thread alone */
    uint64_t agreed_size;
    uint64_t final_size;
    bool stopping;
    bool ended;
    /* of the thread alone */
    struct cy_pending_acts *pending;
    struct cy_job *done; /* answered during the call */
    struct cy_height_timers timers;
    uint64_t beat_us;
    uint64_t snapshot_us; /* not before */
    uint64_t height;      /* agreed last */
    bool headed;          /* the roll may have changed */
    cy_err signer_err;
    cy_err disk_err;
    pthread_t thread;
    bool started;
};

/* --- what the node says --- */

static cy_time world_now(void *self)
{
    return ((struct cy_federator *)self)->options.now();
}

static void world_send(void *self, uint32_t seat, struct cy_span packet)
{
    struct cy_federator *f = self;

    if (seat < CY_SEATS_MAX && f->post != NULL && f->peer_of[seat] != NO_PEER)
        cy_packet_post_send(f->post, f->peer_of[seat], packet);
}

static void world_timer(void *self, uint64_t height, const struct cy_agree_timer *timer,
                        uint32_t ms)
{
    struct cy_federator *f = self;

    cy_height_timers_put(&f->timers, &(struct cy_height_timer){cy_now_us() + (uint64_t)ms * 1000u,
                                                               height, timer->step, timer->round});
}

/* The signer's trouble is said when it begins and when it ends. */
static cy_err signed_(struct cy_federator *f, cy_err err)
{
    if (!cy_ok(err) && err.code != f->signer_err.code)
        CY_LOG(CY_LOG_WARN, "federation", cy_log_say("the signer does not sign"), cy_log_code(err));
    else if (cy_ok(err) && !cy_ok(f->signer_err))
        CY_LOG(CY_LOG_INFO, "federation", cy_log_say("the signer signs again"));
    f->signer_err = err;
    return err;
}

static cy_err world_sign_vote(void *self, const struct cy_vote *vote,
                              const struct cy_vote_lock *lock, struct cy_vote *said,
                              uint8_t signature[64])
{
    struct cy_federator *f = self;

    return signed_(f, cy_seat_sign_vote(f->options.signer, vote, lock, said, signature));
}

static cy_err world_vote_last(void *self, struct cy_vote_last *out)
{
    struct cy_federator *f = self;

    return signed_(f, cy_seat_vote_last(f->options.signer, out));
}

static cy_err world_sign_height(void *self, const struct cy_height *height, uint8_t *out,
                                size_t cap, size_t *n)
{
    struct cy_federator *f = self;

    return signed_(f, cy_seat_sign_height(f->options.signer, height, out, cap, n));
}

static cy_err world_cosign(void *self, struct cy_span text, uint64_t old_size,
                           const struct cy_id *proof, uint32_t n, uint8_t out[CY_COSIGNATURE_BYTES])
{
    struct cy_federator *f = self;

    (void)old_size;
    return signed_(f, cy_seat_cosign(f->options.signer, f->options.now(), text, proof, n, out));
}

static cy_err world_cosigned_last(void *self, uint64_t *size)
{
    struct cy_federator *f = self;

    return signed_(f, cy_seat_cosigned_last(f->options.signer, size));
}

static cy_err world_sign_equivocate(void *self, const struct cy_equivocate *message, uint8_t *out,
                                    size_t cap, size_t *n)
{
    struct cy_federator *f = self;

    return signed_(f, cy_seat_sign_equivocate(f->options.signer, message, out, cap, n));
}

static cy_err world_sign_packet(void *self, struct cy_span bytes, uint8_t signature[64])
{
    struct cy_federator *f = self;

    return signed_(f, cy_seat_sign_packet(f->options.signer, bytes, signature));
}

static void done(void *self, struct cy_job *job)
{
    struct cy_federator *f = self;

    job->next = f->done;
    f->done = job;
}

static void world_answered(void *self, const struct cy_id *act, cy_err err, uint64_t at)
{
    struct cy_federator *f = self;

    cy_pending_acts_answer(f->pending, act, err, at);
}

static void world_batch(void *self, const struct cy_id *act, const struct cy_verdict *verdict)
{
    struct cy_federator *f = self;

    cy_pending_acts_items(f->pending, act, verdict->items, verdict->n_items);
}

static void world_headed(void *self, const struct cy_head *head, uint64_t height, bool final)
{
    struct cy_federator *f = self;

    pthread_mutex_lock(&f->lock);
    if (final && head->size > f->final_size)
        f->final_size = head->size;
    if (!final && head->size > f->agreed_size)
        f->agreed_size = head->size;
    pthread_mutex_unlock(&f->lock);
    if (!final && height > f->height)
        f->height = height;
    f->headed = true;
    if (f->options.published != NULL)
        f->options.published(f->options.published_self, head, final);
}

static void world_convicted(void *self, uint32_t seat, const struct cy_agree_evidence *evidence)
{
    struct cy_federator *f = self;

    pthread_mutex_lock(&f->lock);
    f->status.convicted++;
    pthread_mutex_unlock(&f->lock);
    if (evidence == NULL)
        CY_LOG(CY_LOG_ERROR, "federation", cy_log_say("a member cosigned two heads of one size"),
               cy_log_number("seat", seat));
    else
        CY_LOG(CY_LOG_ERROR, "federation", cy_log_say("a member signed two votes of one step"),
               cy_log_number("seat", seat),
               cy_log_number("height", (int64_t)evidence->votes[0].height),
               cy_log_number("round", evidence->votes[0].round));
}

/* --- calls into the node --- */

/* Whom packets come from and go to, after the roll. */
static void learn_seats(struct cy_federator *f)
{
    const struct cy_world *world = &cy_federation_cell(f->federation)->engine.world;
    const struct cy_realm *realm = cy_engine_realm(&cy_federation_cell(f->federation)->engine);
    const struct cy_seat_keys *keys = cy_seat_signer_keys(f->options.signer);
    struct cy_federator_seat seats[CY_SEATS_MAX] = {{0}};
    struct cy_id senders[CY_SEATS_MAX] = {{{0}}};
    uint32_t peer_of[CY_SEATS_MAX];
    uint64_t self = CY_SEATS_MAX;

    (void)cy_seat_signer_choose(f->options.signer, world, &self);
    for (uint64_t i = 0; i < CY_SEATS_MAX; i++) {
        const struct cy_seat *seat = CY_GET(world, seat, &i);

        peer_of[i] = NO_PEER;
        if (seat == NULL)
            continue;
        seats[i].here = true;
        seats[i].name = seat->name;
        seats[i].self = cy_id_eq(&seat->peer_key, &keys->peer);
        if (seats[i].self)
            continue;
        senders[i] = seat->peer_key;
        for (uint32_t k = 0; k < f->options.n_peers; k++) {
            if (cy_span_eq(cy_name_text(&seat->name), cy_span_text(f->options.peers[k].name)))
                peer_of[i] = k;
        }
        seats[i].peer = peer_of[i] != NO_PEER;
    }
    cy_packet_inbox_seats(f->inbox, realm == NULL ? &(struct cy_id){{0}} : &realm->id, senders);
    pthread_mutex_lock(&f->lock);
    memcpy(f->status.seats, seats, sizeof seats);
    memcpy(f->peer_of, peer_of, sizeof peer_of);
    pthread_mutex_unlock(&f->lock);
    f->headed = false;
}

static void enter(struct cy_federator *f)
{
    pthread_rwlock_wrlock(&f->world);
    pthread_mutex_lock(&f->tree);
}

static void note_trouble(struct cy_federator *f, cy_err trouble)
{
    if (!cy_ok(trouble) && cy_ok(f->status.trouble))
        CY_LOG(CY_LOG_ERROR, "federation",
               cy_log_say("this member takes no part any more until comityd starts again"),
               cy_log_code(trouble));
    f->status.trouble = trouble;
}

/* What is tried again: the signer, or the disk, whose trouble is said when it begins and ends. */
static cy_err held_up_by(struct cy_federator *f)
{
    const cy_err disk = cy_federation_pause(f->federation);

    if (!cy_ok(disk) && disk.code != f->disk_err.code)
        CY_LOG(CY_LOG_WARN, "federation", cy_log_say("the disk holds this member up"),
               cy_log_code(disk));
    else if (cy_ok(disk) && !cy_ok(f->disk_err))
        CY_LOG(CY_LOG_INFO, "federation", cy_log_say("the disk takes everything again"));
    f->disk_err = disk;
    return cy_ok(f->signer_err) ? disk : f->signer_err;
}

/* Ends a call: what the node said in it is passed on. */
static void leave(struct cy_federator *f)
{
    struct cy_job *finished = NULL;
    struct cy_federation_figures figures;
    cy_err pause = CY_OK;

    if (f->headed)
        learn_seats(f);
    cy_federation_figures(f->federation, &figures);
    pause = held_up_by(f);
    pthread_mutex_lock(&f->lock);
    f->status.figures = figures;
    f->status.pause = pause;
    note_trouble(f, cy_federation_trouble(f->federation));
    for (struct cy_job *job = f->done; job != NULL; job = job->next)
        f->waiting--;
    pthread_cond_broadcast(&f->settled);
    pthread_mutex_unlock(&f->lock);
    pthread_mutex_unlock(&f->tree);
    pthread_rwlock_unlock(&f->world);
    while (f->done != NULL) { /* in the order they were answered in */
        struct cy_job *job = f->done;

        f->done = job->next;
        job->next = finished;
        finished = job;
    }
    while (finished != NULL) {
        struct cy_job *job = finished;

        finished = job->next;
        job->next = NULL;
        job->done(job->context, job);
    }
}

/* --- acts --- */

/* Judges against the world as it stands, and takes it back: for dry runs, and to say what the act
 * would change. */
static void look_ahead(struct cy_federator *f, struct cy_job *job)
{
    struct cy_cell *cell = cy_federation_cell(f->federation);
    struct cy_verdict verdict;

    cy_cell_judge(cell, &job->act, &verdict);
    job->err = verdict.err;
    job->item = verdict.item;
    if (!cy_job_items(job, verdict.items, verdict.n_items) && cy_ok(job->err)) {
        cy_cell_refuse(cell);
        job->err = cy_fail(CY_E_NO_MEMORY, 0);
    }
    if (!cy_ok(job->err))
        return;
    if (job->effects)
        cy_job_effects(job, &cell->engine.plan);
    cy_cell_refuse(cell);
}

static bool stands_already(struct cy_federator *f, struct cy_job *job)
{
    const struct cy_world *world = &cy_federation_cell(f->federation)->engine.world;
    const struct cy_seen *seen = CY_GET(world, seen, &job->id);

    if (seen == NULL)
        return false;
    job->repeated = true;
    job->at = seen->at;
    job->err = CY_OK;
    return true;
}

/* Hands the act to the node. False: it is answered already. It waits before it is handed in: a
 * federation of one answers at once. */
static bool hand_in(struct cy_federator *f, struct cy_job *job)
{
    const uint64_t until_us = cy_now_us() + (uint64_t)f->options.answer_ms * 1000u;
    struct cy_id id;
    cy_err err = CY_OK;

    job->err = cy_pending_acts_put(f->pending, job, until_us);
    if (!cy_ok(job->err))
        return false;
    err = cy_federation_submit(f->federation, cy_span_of(job->bytes, job->n), &id);
    if (cy_ok(err) || (err.code == CY_E_REPLAY && !stands_already(f, job)))
        return true; /* or it waits already, and will be answered with the first one */
    if (!cy_pending_acts_take(f->pending, job))
        return true;
    if (!job->repeated)
        job->err = err;
    return false;
}

static bool take_act(struct cy_federator *f, struct cy_job *job)
{
    struct cy_cell *cell = cy_federation_cell(f->federation);
    const struct cy_realm *realm = cy_engine_realm(&cell->engine);
    struct cy_act *act = &job->act;

    job->err = cy_job_open(job);
    if (!cy_ok(job->err))
        return false;
    cy_act_name(&act, 1);
    job->id = job->act.id;
    job->time = realm == NULL ? 0 : realm->now;
    cy_job_describe(job, &cell->engine.world);
    if (job->dry && !job->unsure) /* it looks at the signatures too, unless there are none yet */
        job->err = cy_job_verify(job);
    if (cy_ok(job->err) && (job->dry || job->effects))
        look_ahead(f, job);
    if (job->err.code == CY_E_REPLAY)
        (void)stands_already(f, job);
    if (!cy_ok(job->err) || job->dry || job->repeated)
        return false;
    return hand_in(f, job);
}

static void serve_job(struct cy_federator *f, struct cy_job *job)
{
    enter(f);
    if (!take_act(f, job))
        done(f, job);
    (void)cy_job_judged(job); /* thousands may wait for the others */
    leave(f);
}

/* --- the thread --- */

static struct cy_job *take_job(struct cy_federator *f)
{
    struct cy_job *job = NULL;

    pthread_mutex_lock(&f->lock);
    job = f->first;
    if (job != NULL) {
        f->first = job->next;
        if (f->first == NULL)
            f->last = NULL;
        job->next = NULL;
    }
    pthread_mutex_unlock(&f->lock);
    return job;
}

static bool serve_packet(struct cy_federator *f)
{
    struct cy_inbox_packet *packet = cy_packet_inbox_take(f->inbox);
    cy_err err = CY_OK;

    if (packet == NULL)
        return false;
    enter(f);
    err = cy_federation_packet(f->federation, cy_span_of(packet->bytes, packet->n));
    leave(f);
    if (!cy_ok(err))
        CY_LOG(CY_LOG_DEBUG, "federation", cy_log_say("packet refused"),
               cy_log_number("seat", packet->seat), cy_log_code(err));
    free(packet);
    return true;
}

static bool serve_timer(struct cy_federator *f, uint64_t now_us)
{
    struct cy_height_timer timer;

    if (!cy_height_timers_take(&f->timers, now_us, &timer))
        return false;
    enter(f);
    cy_federation_timeout(f->federation, timer.height, timer.step, timer.round);
    leave(f);
    return true;
}

static void snapshot_if_due(struct cy_federator *f, uint64_t now_us)
{
    struct cy_cell *cell = cy_federation_cell(f->federation);

    if (now_us < f->snapshot_us || !cy_cell_snapshot_due(cell) || !cy_cell_settled(cell))
        return;
    if (!cy_ok(cy_cell_snapshot(cell))) /* a full disk: the journal still holds everything */
        f->snapshot_us = now_us + (uint64_t)SNAPSHOT_RETRY_MS * 1000u;
}

static void beat(struct cy_federator *f, uint64_t now_us)
{
    if (now_us < f->beat_us)
        return;
    f->beat_us = now_us + (uint64_t)f->options.beat_ms * 1000u;
    enter(f);
    cy_federation_beat(f->federation);
    snapshot_if_due(f, now_us);
    cy_pending_acts_overdue(f->pending, now_us, cy_fail(CY_E_TIMED_OUT, f->options.answer_ms));
    leave(f);
}

/* The first request that may run now. With a fresh root it waits for the next height, which records
 * the root of all before it. Locked. */
static struct request *take_request(struct cy_federator *f)
{
    for (struct request **end = &f->requests; *end != NULL; end = &(*end)->next) {
        struct request *request = *end;

        if (request->fresh_root && request->height == 0)
            request->height = f->height + 1;
        if (request->fresh_root && f->height < request->height)
            continue;
        *end = request->next;
        return request;
    }
    return NULL;
}

static void serve_requests(struct cy_federator *f)
{
    for (;;) {
        struct request *request = NULL;

        pthread_mutex_lock(&f->lock);
        request = take_request(f);
        pthread_mutex_unlock(&f->lock);
        if (request == NULL)
            return;
        enter(f);
        request->work(request->self, cy_federation_cell(f->federation));
        leave(f);
        pthread_mutex_lock(&f->lock);
        request->done = true;
        pthread_cond_broadcast(&f->settled);
        pthread_mutex_unlock(&f->lock);
    }
}

/* Sleeps until something comes or the next timer or beat is due. False: it is time to stop. */
static bool wait_for_work(struct cy_federator *f)
{
    const uint64_t due_us = cy_height_timers_next(&f->timers, f->beat_us);
    const uint64_t now_us = cy_now_us();
    struct timespec until;
    bool go_on = false;

    pthread_mutex_lock(&f->lock);
    if (due_us > now_us) {
        cy_deadline(&until, (unsigned)((due_us - now_us + 999) / 1000));
        while (!f->stopping && f->first == NULL && !f->woken &&
               pthread_cond_timedwait(&f->turn, &f->lock, &until) != ETIMEDOUT)
            continue;
    }
    f->woken = false;
    go_on = !f->stopping;
    pthread_mutex_unlock(&f->lock);
    return go_on;
}

static void *federator_main(void *arg)
{
    struct cy_federator *f = arg;
    struct cy_job *job = NULL;

    enter(f);
    cy_federation_start(f->federation);
    leave(f);
    while (wait_for_work(f)) {
        bool more = true;

        for (unsigned n = 0; more && n < AT_ONCE; n++) {
            more = serve_timer(f, cy_now_us());
            more = serve_packet(f) || more;
            job = take_job(f);
            if (job != NULL)
                serve_job(f, job);
            more = more || job != NULL;
        }
        if (more) { /* the clock first, then on */
            pthread_mutex_lock(&f->lock);
            f->woken = true;
            pthread_mutex_unlock(&f->lock);
        }
        beat(f, cy_now_us());
        serve_requests(f);
    }
    enter(f);
    while ((job = take_job(f)) != NULL) {
        job->err = cy_fail(CY_E_STOPPING, 0);
        done(f, job);
    }
    cy_pending_acts_overdue(f->pending, UINT64_MAX, cy_fail(CY_E_STOPPING, 0));
    leave(f);
    pthread_mutex_lock(&f->lock);
    f->ended = true;
    pthread_cond_broadcast(&f->settled);
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

/* --- from outside --- */

cy_err cy_federator_packet(struct cy_federator *f, struct cy_span packet)
{
    uint32_t seat = 0;
    uint32_t peer = NO_PEER;
    const cy_err err = cy_packet_inbox_put(f->inbox, packet, cy_now_us(), &seat);

    pthread_mutex_lock(&f->lock);
    f->status.malformed += err.code == CY_E_BAD_PACKET || err.code == CY_E_TOO_LARGE;
    f->status.foreign += err.code == CY_E_OTHER_FEDERATION;
    f->status.unknown += err.code == CY_E_NOT_SEATED;
    if (cy_ok(err)) {
        f->woken = true;
        peer = f->peer_of[seat];
        pthread_cond_signal(&f->turn);
    }
    pthread_mutex_unlock(&f->lock);
    if (peer != NO_PEER)
        cy_packet_post_heard(f->post, peer);
    return err;
}

static cy_err submit(void *self, struct cy_job *job)
{
    struct cy_federator *f = self;
    cy_err err = CY_OK;

    pthread_mutex_lock(&f->lock);
    if (f->stopping)
        err = cy_fail(CY_E_STOPPING, 0);
    else if (!cy_ok(f->status.trouble))
        err = f->status.trouble;
    else if (f->waiting >= f->options.queue_max)
        err = cy_fail(CY_E_QUEUE_FULL, f->waiting);
    if (cy_ok(err)) {
        job->next = NULL;
        if (f->last == NULL)
            f->first = job;
        else
            f->last->next = job;
        f->last = job;
        f->waiting++;
        pthread_cond_signal(&f->turn);
    }
    pthread_mutex_unlock(&f->lock);
    return err;
}

static cy_err run(void *self, bool fresh_root, void (*work)(void *work_self, struct cy_cell *cell),
                  void *work_self)
{
    struct cy_federator *f = self;
    struct request request = {.work = work, .self = work_self, .fresh_root = fresh_root};
    struct request **end = NULL;
    struct timespec until;
    cy_err err = CY_OK;

    cy_deadline(&until, f->options.answer_ms);
    pthread_mutex_lock(&f->lock);
    for (end = &f->requests; *end != NULL;)
        end = &(*end)->next;
    *end = &request;
    f->woken = true;
    pthread_cond_signal(&f->turn);
    while (!request.done && !f->ended && cy_ok(err)) {
        if (pthread_cond_timedwait(&f->settled, &f->lock, &until) != ETIMEDOUT)
            continue;
        for (end = &f->requests; *end != NULL && *end != &request;)
            end = &(*end)->next;
        if (*end == &request) { /* else it is being served just now */
            *end = request.next;
            err = cy_fail(CY_E_TIMED_OUT, f->options.answer_ms);
        } else {
            cy_deadline(&until, f->options.answer_ms);
        }
    }
    if (cy_ok(err) && !request.done)
        err = cy_fail(CY_E_STOPPING, 0);
    pthread_mutex_unlock(&f->lock);
    return err;
}

static cy_err settle(struct cy_federator *f, const uint64_t *size, uint64_t at, unsigned timeout_ms)
{
    struct timespec until;
    cy_err err = CY_OK;

    cy_deadline(&until, timeout_ms);
    pthread_mutex_lock(&f->lock);
    while (cy_ok(err) && *size <= at) {
        if (f->stopping)
            err = cy_fail(CY_E_STOPPING, 0);
        else if (!cy_ok(f->status.trouble))
            err = f->status.trouble;
        else if (pthread_cond_timedwait(&f->settled, &f->lock, &until) == ETIMEDOUT)
            err = cy_fail(CY_E_TIMED_OUT, timeout_ms);
    }
    pthread_mutex_unlock(&f->lock);
    return err;
}

cy_err cy_federator_settle_final(struct cy_federator *f, uint64_t at, unsigned timeout_ms)
{
    return settle(f, &f->final_size, at, timeout_ms);
}

static cy_err settle_final(void *self, uint64_t at, unsigned timeout_ms)
{
    return cy_federator_settle_final(self, at, timeout_ms);
}

static const struct cy_world *read_world(void *self)
{
    struct cy_federator *f = self;

    pthread_rwlock_rdlock(&f->world);
    return &cy_federation_cell(f->federation)->engine.world;
}

static void read_end(void *self)
{
    pthread_rwlock_unlock(&((struct cy_federator *)self)->world);
}

static struct cy_cell *tree(void *self)
{
    struct cy_federator *f = self;

    pthread_mutex_lock(&f->tree);
    return cy_federation_cell(f->federation);
}

static void tree_end(void *self)
{
    pthread_mutex_unlock(&((struct cy_federator *)self)->tree);
}

static cy_err trouble(void *self)
{
    struct cy_federator *f = self;
    cy_err err = CY_OK;

    pthread_mutex_lock(&f->lock);
    err = f->status.trouble;
    pthread_mutex_unlock(&f->lock);
    return err;
}

static cy_err pause_of(void *self)
{
    struct cy_federator *f = self;
    cy_err err = CY_OK;

    pthread_mutex_lock(&f->lock);
    err = f->status.pause;
    pthread_mutex_unlock(&f->lock);
    return err;
}

static size_t waiting(void *self)
{
    struct cy_federator *f = self;
    size_t n = 0;

    pthread_mutex_lock(&f->lock);
    n = f->waiting;
    pthread_mutex_unlock(&f->lock);
    return n;
}

static void stop(void *self)
{
    struct cy_federator *f = self;

    pthread_mutex_lock(&f->lock);
    f->stopping = true;
    pthread_cond_broadcast(&f->turn);
    pthread_cond_broadcast(&f->settled);
    pthread_mutex_unlock(&f->lock);
    if (f->started)
        pthread_join(f->thread, NULL);
    f->started = false;
    cy_packet_post_stop(f->post);
    f->post = NULL;
}

struct cy_order cy_federator_order(struct cy_federator *f)
{
    static const struct cy_order_ops ops = {
        .submit = submit,
        .run = run,
        .settle = settle_final,
        .read = read_world,
        .read_end = read_end,
        .tree = tree,
        .tree_end = tree_end,
        .trouble = trouble,
        .pause = pause_of,
        .waiting = waiting,
        .stop = stop,
    };

    return (struct cy_order){.ops = &ops, .self = f};
}

void cy_federator_status(struct cy_federator *f, struct cy_federator_status *out)
{
    uint32_t peers[CY_SEATS_MAX];

    pthread_mutex_lock(&f->lock);
    *out = f->status;
    memcpy(peers, f->peer_of, sizeof peers);
    pthread_mutex_unlock(&f->lock);
    for (uint32_t i = 0; i < CY_SEATS_MAX; i++) {
        cy_packet_inbox_figures(f->inbox, i, &out->seats[i].inbox);
        if (peers[i] != NO_PEER)
            cy_packet_post_figures(f->post, peers[i], &out->seats[i].post);
    }
}

/* --- start and end --- */

const struct cy_federation_world *cy_federator_world(struct cy_federator *f)
{
    return &f->table;
}

cy_err cy_federator_new(const struct cy_federator_options *options, struct cy_federator **out)
{
    struct cy_federator *f = calloc(1, sizeof *f);
    pthread_condattr_t monotonic;
    pthread_rwlockattr_t writers_first;

    *out = NULL;
    if (f == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    f->inbox = cy_packet_inbox_new(&(struct cy_inbox_options){0});
    f->pending = cy_pending_acts_new(done, f);
    if (f->inbox == NULL || f->pending == NULL) {
        cy_packet_inbox_free(f->inbox);
        cy_pending_acts_free(f->pending);
        free(f);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    f->options = *options;
    f->table = (struct cy_federation_world){
        .self = f,
        .now = world_now,
        .send = world_send,
        .timer = world_timer,
        .sign_vote = world_sign_vote,
        .vote_last = world_vote_last,
        .sign_height = world_sign_height,
        .cosign = world_cosign,
        .sign_packet = world_sign_packet,
        .answered = world_answered,
        .batch = world_batch,
        .headed = world_headed,
        .convicted = world_convicted,
        .cosigned_last = world_cosigned_last,
        .sign_equivocate = world_sign_equivocate,
    };
    for (unsigned i = 0; i < CY_SEATS_MAX; i++)
        f->peer_of[i] = NO_PEER;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_rwlockattr_init(&writers_first);
    pthread_rwlockattr_setkind_np(&writers_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&f->world, &writers_first);
    pthread_mutex_init(&f->tree, NULL);
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->turn, &monotonic);
    pthread_cond_init(&f->settled, &monotonic);
    pthread_rwlockattr_destroy(&writers_first);
    pthread_condattr_destroy(&monotonic);
    *out = f;
    return CY_OK;
}

cy_err cy_federator_start(struct cy_federator *f, struct cy_federation *federation)
{
    const struct cy_post_options post = {
        .peers = f->options.peers, .n_peers = f->options.n_peers, .metrics = f->options.metrics};
    const struct cy_head *final = cy_federation_final(federation);

    f->federation = federation;
    cy_federation_figures(federation, &f->status.figures);
    f->height = f->status.figures.height;
    f->agreed_size = f->status.figures.size;
    f->final_size = final == NULL ? 0 : final->size;
    cy_seat_signer_cell(f->options.signer, cy_federation_cell(federation));
    CY_TRY(cy_packet_post_start(&post, &f->post));
    learn_seats(f);
    if (pthread_create(&f->thread, NULL, federator_main, f) != 0)
        return cy_fail(CY_E_NO_MEMORY, 0);
    f->started = true;
    return CY_OK;
}

void cy_federator_free(struct cy_federator *f)
{
    if (f == NULL)
        return;
    stop(f);
    cy_packet_inbox_free(f->inbox);
    cy_pending_acts_free(f->pending);
    cy_seat_signer_close(f->options.signer);
    pthread_rwlock_destroy(&f->world);
    pthread_mutex_destroy(&f->tree);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->turn);
    pthread_cond_destroy(&f->settled);
    free(f);
}
