#include "host/sql/sql_keeper.h"

#include "host/system/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 100u
#define RETRY_MS_FIRST 500u
#define RETRY_MS_MOST 30000u
#define NICE 5

struct cy_sql_keeper {
    struct cy_sql_project *project;
    pthread_t thread;
    pthread_mutex_t lock; /* of progress and the condition */
    pthread_cond_t changed;
    atomic_bool stop;
    struct cy_sql_progress progress;
};

/* Waits, or returns at once when it is time to stop. */
static void rest(struct cy_sql_keeper *keeper, unsigned ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000u);
    until.tv_nsec += (long)(ms % 1000u) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&keeper->lock);
    while (!atomic_load(&keeper->stop) &&
           pthread_cond_timedwait(&keeper->changed, &keeper->lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&keeper->lock);
}

static void publish(struct cy_sql_keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    cy_sql_project_progress(keeper->project, &keeper->progress);
    pthread_mutex_unlock(&keeper->lock);
}

/* Each kind of trouble is told once, and that it is over. What makes it to be made anew is told
 * there. */
static void tell(const struct cy_sql_progress *progress, cy_err err, enum cy_code *told)
{
    if (err.code == *told || err.code == CY_E_STOPPING ||
        (!cy_ok(err) && strcmp(progress->why, progress->anew) == 0))
        return;
    if (cy_ok(err))
        CY_LOG(CY_LOG_INFO, "sql", cy_log_say("projection goes on"),
               cy_log_number("entries", (int64_t)progress->projected));
    else
        CY_LOG(CY_LOG_WARN, "sql", cy_log_say("projection waits; the ledger goes on without it"),
               cy_log_text("why", progress->why),
               cy_log_number("entries", (int64_t)progress->projected), cy_log_code(err));
    *told = err.code;
}

static void *keeper_main(void *arg)
{
    struct cy_sql_keeper *keeper = arg;
    enum cy_code told = CY_E_NONE;
    unsigned retry_ms = RETRY_MS_FIRST;

    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE); /* of this thread, on Linux */
    while (!atomic_load(&keeper->stop)) {
        bool more = false;
        const cy_err err = cy_sql_project_step(keeper->project, &keeper->stop, &more);

        publish(keeper);
        tell(&keeper->progress, err, &told);
        if (cy_ok(err)) {
            retry_ms = RETRY_MS_FIRST;
            if (!more)
                rest(keeper, LOOK_MS);
            continue;
        }
        rest(keeper, retry_ms);
        retry_ms = retry_ms * 2 > RETRY_MS_MOST ? RETRY_MS_MOST : retry_ms * 2;
    }
    return NULL;
}

cy_err cy_sql_keeper_start(const struct cy_sql_project_options *options, struct cy_sql_keeper **out)
{
    struct cy_sql_keeper *keeper = calloc(1, sizeof *keeper);
    pthread_condattr_t monotonic;

    *out = NULL;
    if (keeper == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    keeper->project = cy_sql_project_new(options);
    if (keeper->project == NULL) {
        free(keeper);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_cond_init(&keeper->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&keeper->thread, NULL, keeper_main, keeper) == 0) {
        *out = keeper;
        return CY_OK;
    }
    pthread_cond_destroy(&keeper->changed);
    pthread_mutex_destroy(&keeper->lock);
    cy_sql_project_free(keeper->project);
    free(keeper);
    return cy_fail(CY_E_NO_MEMORY, 0);
}

void cy_sql_keeper_stop(struct cy_sql_keeper *keeper)
{
    if (keeper == NULL)
        return;
    pthread_mutex_lock(&keeper->lock);
    atomic_store(&keeper->stop, true);
    pthread_cond_broadcast(&keeper->changed);
    pthread_mutex_unlock(&keeper->lock);
    (void)pthread_join(keeper->thread, NULL);
    pthread_cond_destroy(&keeper->changed);
    pthread_mutex_destroy(&keeper->lock);
    cy_sql_project_free(keeper->project);
    free(keeper);
}

void cy_sql_keeper_progress(struct cy_sql_keeper *keeper, struct cy_sql_progress *out)
{
    pthread_mutex_lock(&keeper->lock);
    *out = keeper->progress;
    pthread_mutex_unlock(&keeper->lock);
}

uint64_t cy_sql_lag(const struct cy_sql_progress *progress, uint64_t head)
{
    return head > progress->projected ? head - progress->projected : 0;
}

void cy_sql_keeper_gauge(struct cy_sql_keeper *keeper, struct cy_metrics *metrics, uint64_t head)
{
    struct cy_sql_progress progress;

    if (keeper == NULL)
        return;
    cy_sql_keeper_progress(keeper, &progress);
    cy_metric_set(cy_metrics_gauge(metrics, "comity_sql_lag_acts", "",
                                   "Acts under the newest signed head that the SQL projection does "
                                   "not hold yet."),
                  (int64_t)cy_sql_lag(&progress, head));
}
