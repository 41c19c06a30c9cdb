#include "host/node/sequencer_verify.h"

#include "crypto/ed25519_batch.h"
#include "crypto/secret.h"

#include <stdlib.h>

#define CLAIM_MAX 8192u /* jobs a verifier takes at a time */
#define SIGNATURES_MAX 8192u
#define KEYS_CACHED 4096u

/* Decoded acts stand in a few rooms that are used over and over, so that the memory stays in the
 * caches, and however many acts arrive, those that are decoded are bounded. A decoded act takes a
 * few times its length; one that takes more has memory of its own. */
#define ROOMS 3u
#define ROOM_BYTES ((size_t)8 << 20)
#define ROOM_OF(n) (512 + 4 * (n)) /* for an act of n bytes */

struct cy_verifier {
    struct cy_sequencer *sequencer;
    pthread_t thread;
    struct cy_key_cache cache;
    struct cy_arena scratch;
    void *memory;
    struct cy_job_room rooms[ROOMS];
    void *rooms_memory;
    struct cy_job *jobs[CLAIM_MAX];
    struct cy_act *acts[CLAIM_MAX];
    struct cy_ed25519_item items[SIGNATURES_MAX];
    struct cy_span parts[SIGNATURES_MAX][CY_SIGNED_PARTS];
    struct cy_job *owner[SIGNATURES_MAX];
    bool ok[SIGNATURES_MAX];
};

/* Takes unclaimed jobs in order: a fair share when few wait, as many as a room holds when many do.
 * Locked. */
static unsigned claim(struct cy_sequencer *s, struct cy_verifier *v)
{
    size_t bytes = 0;
    unsigned n = 0;
    unsigned there = 0;
    unsigned most = 0;

    for (struct cy_job *job = s->claim; job != NULL && there < CLAIM_MAX * s->n_verifiers;
         job = job->next)
        there++;
    most = there / s->n_verifiers;
    most = most < 16 ? 16 : most > CLAIM_MAX ? CLAIM_MAX : most;
    while (s->claim != NULL && n < most && bytes < ROOM_BYTES) {
        bytes += ROOM_OF(s->claim->n);
        v->jobs[n++] = s->claim;
        s->claim->stage = CY_STAGE_CLAIMED;
        s->claim = s->claim->next;
    }
    return n;
}

/* A room that nothing is left in, the first one if possible: it is the warmest. NULL: none. */
static struct cy_job_room *free_room(struct cy_verifier *v)
{
    for (unsigned i = 0; i < ROOMS; i++) {
        if (__atomic_load_n(&v->rooms[i].held, __ATOMIC_ACQUIRE) == 0)
            return &v->rooms[i];
    }
    return NULL;
}

static void verify_items(struct cy_verifier *v, size_t n)
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

static void open_jobs(struct cy_verifier *v, struct cy_job_room *room, unsigned n_jobs)
{
    size_t n = 0;

    for (unsigned j = 0; j < n_jobs; j++) {
        v->jobs[j]->err = cy_job_open_in(v->jobs[j], room);
        if (cy_ok(v->jobs[j]->err))
            v->acts[n++] = &v->jobs[j]->act;
    }
    cy_act_name(v->acts, n);
}

static void verify_jobs(struct cy_verifier *v, struct cy_job_room *room, unsigned n_jobs)
{
    size_t n = 0;

    open_jobs(v, room, n_jobs);
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
    struct cy_verifier *v = arg;
    struct cy_sequencer *s = v->sequencer;

    pthread_mutex_lock(&s->lock);
    for (;;) {
        struct cy_job_room *room = free_room(v);
        unsigned n = 0;

        /* acts in the rooms are verified, or will be: they are judged and leave, also at the end */
        while (s->claim == NULL ? !s->stopping : room == NULL) {
            pthread_cond_wait(&s->work, &s->lock);
            room = free_room(v);
        }
        if (s->claim == NULL)
            break;
        n = claim(s, v);
        pthread_mutex_unlock(&s->lock);
        cy_arena_rewind(&room->arena, 0);
        __atomic_store_n(&room->held, 1, __ATOMIC_RELAXED);
        verify_jobs(v, room, n);
        (void)cy_job_leave(room);
        pthread_mutex_lock(&s->lock);
        for (unsigned j = 0; j < n; j++)
            v->jobs[j]->stage = CY_STAGE_VERIFIED;
        pthread_cond_signal(&s->turn);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

struct cy_verifier *cy_verifier_new(struct cy_sequencer *s)
{
    const size_t bytes = cy_key_cache_bytes(KEYS_CACHED) + cy_ed25519_batch_bytes(SIGNATURES_MAX);
    struct cy_verifier *v = calloc(1, sizeof *v);
    struct cy_arena memory;
    uint8_t salt[16];

    if (v == NULL)
        return NULL;
    v->sequencer = s;
    v->memory = aligned_alloc(16, (bytes + 15) & ~(size_t)15);
    v->rooms_memory = aligned_alloc(16, ROOMS * ROOM_BYTES);
    if (v->memory == NULL || v->rooms_memory == NULL) {
        cy_verifier_free(v);
        return NULL;
    }
    for (unsigned i = 0; i < ROOMS; i++)
        v->rooms[i].arena = cy_arena_on((uint8_t *)v->rooms_memory + i * ROOM_BYTES, ROOM_BYTES);
    cy_random(salt, sizeof salt);
    memory = cy_arena_on(v->memory, bytes);
    if (!cy_ok(cy_key_cache_on(&v->cache, &memory, KEYS_CACHED, salt))) {
        cy_verifier_free(v);
        return NULL;
    }
    v->scratch = cy_arena_on(memory.at + memory.used, memory.cap - memory.used);
    return v;
}

void cy_verifier_free(struct cy_verifier *v)
{
    free(v->rooms_memory);
    free(v->memory);
    free(v);
}

cy_err cy_verifier_start(struct cy_verifier *v)
{
    return pthread_create(&v->thread, NULL, verifier_main, v) == 0 ? CY_OK
                                                                   : cy_fail(CY_E_NO_MEMORY, 0);
}

void cy_verifier_end(struct cy_verifier *v)
{
    pthread_join(v->thread, NULL);
}
