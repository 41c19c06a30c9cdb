#include "host/node/sequencer_flush.h"

#include "host/http/conns.h"
#include "host/node/deadline.h"
#include "host/system/log.h"

#include <errno.h>

#define PAUSE_MS 200u /* between two tries after soft trouble */

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

    cy_deadline(&until, PAUSE_MS);
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

void *cy_sequencer_flush(void *arg)
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
            cy_sequencer_finish(s, job);
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
