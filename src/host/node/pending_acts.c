#include "host/node/pending_acts.h"

#include <stdlib.h>

#define BUCKETS 4096u

struct pending {
    struct cy_job *job;
    uint64_t until_us;
    struct pending *next;
};

struct cy_pending_acts {
    void (*done)(void *self, struct cy_job *job);
    void *self;
    size_t n;
    struct pending *buckets[BUCKETS];
};

struct cy_pending_acts *cy_pending_acts_new(void (*done)(void *self, struct cy_job *job),
                                            void *self)
{
    struct cy_pending_acts *acts = calloc(1, sizeof *acts);

    if (acts == NULL)
        return NULL;
    acts->done = done;
    acts->self = self;
    return acts;
}

void cy_pending_acts_free(struct cy_pending_acts *acts)
{
    CY_ASSERT(acts == NULL || acts->n == 0);
    free(acts);
}

static struct pending **bucket_of(struct cy_pending_acts *acts, const struct cy_id *act)
{
    return &acts->buckets[cy_get_u64be(act->b) % BUCKETS];
}

/* Takes the first of a list out of it. */
static struct cy_job *unlink_first(struct cy_pending_acts *acts, struct pending **at)
{
    struct pending *p = *at;
    struct cy_job *job = p->job;

    *at = p->next;
    acts->n--;
    free(p);
    return job;
}

cy_err cy_pending_acts_put(struct cy_pending_acts *acts, struct cy_job *job, uint64_t until_us)
{
    struct pending *p = malloc(sizeof *p);
    struct pending **bucket = bucket_of(acts, &job->id);

    if (p == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    *p = (struct pending){job, until_us, *bucket};
    *bucket = p;
    acts->n++;
    return CY_OK;
}

bool cy_pending_acts_take(struct cy_pending_acts *acts, const struct cy_job *job)
{
    for (struct pending **at = bucket_of(acts, &job->id); *at != NULL; at = &(*at)->next) {
        if ((*at)->job != job)
            continue;
        (void)unlink_first(acts, at);
        return true;
    }
    return false;
}

void cy_pending_acts_items(struct cy_pending_acts *acts, const struct cy_id *act,
                           const uint16_t *items, uint32_t n)
{
    for (struct pending *p = *bucket_of(acts, act); p != NULL; p = p->next) {
        if (cy_id_eq(&p->job->id, act))
            (void)!cy_job_items(p->job, items, n);
    }
}

void cy_pending_acts_answer(struct cy_pending_acts *acts, const struct cy_id *act, cy_err err,
                            uint64_t at)
{
    struct pending **next = bucket_of(acts, act);

    while (*next != NULL) {
        struct cy_job *job = NULL;

        if (!cy_id_eq(&(*next)->job->id, act)) {
            next = &(*next)->next;
            continue;
        }
        job = unlink_first(acts, next);
        job->err = err;
        job->at = at;
        acts->done(acts->self, job);
    }
}

void cy_pending_acts_overdue(struct cy_pending_acts *acts, uint64_t now_us, cy_err why)
{
    for (unsigned i = 0; acts->n > 0 && i < BUCKETS; i++) {
        struct pending **next = &acts->buckets[i];

        while (*next != NULL) {
            struct cy_job *job = NULL;

            if ((*next)->until_us > now_us) {
                next = &(*next)->next;
                continue;
            }
            job = unlink_first(acts, next);
            job->err = why;
            acts->done(acts->self, job);
        }
    }
}
