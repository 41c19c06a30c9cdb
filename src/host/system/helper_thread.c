#include "host/system/helper_thread.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct cy_helper_thread {
    struct cy_helper helper;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change; /* work came, or was done */
    void (*work)(void *);  /* NULL: nothing to do */
    void *with;
    bool stopping;
};

static void begin(void *self, void (*work)(void *), void *with)
{
    struct cy_helper_thread *t = self;

    pthread_mutex_lock(&t->lock);
    CY_ASSERT(t->work == NULL);
    t->work = work;
    t->with = with;
    pthread_cond_broadcast(&t->change);
    pthread_mutex_unlock(&t->lock);
}

static void join(void *self)
{
    struct cy_helper_thread *t = self;

    pthread_mutex_lock(&t->lock);
    while (t->work != NULL)
        pthread_cond_wait(&t->change, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

static void *helper_main(void *arg)
{
    struct cy_helper_thread *t = arg;

    pthread_mutex_lock(&t->lock);
    for (;;) {
        while (t->work == NULL && !t->stopping)
            pthread_cond_wait(&t->change, &t->lock);
        if (t->work == NULL)
            break;
        pthread_mutex_unlock(&t->lock);
        t->work(t->with);
        pthread_mutex_lock(&t->lock);
        t->work = NULL;
        pthread_cond_broadcast(&t->change);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

cy_err cy_helper_thread_start(struct cy_helper_thread **out)
{
    struct cy_helper_thread *t = NULL;

    *out = NULL;
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
        return CY_OK;
    t = calloc(1, sizeof *t);
    if (t == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    t->helper = (struct cy_helper){.self = t, .begin = begin, .join = join};
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->change, NULL);
    if (pthread_create(&t->thread, NULL, helper_main, t) != 0) {
        pthread_cond_destroy(&t->change);
        pthread_mutex_destroy(&t->lock);
        free(t);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    *out = t;
    return CY_OK;
}

const struct cy_helper *cy_helper_thread_lend(struct cy_helper_thread *thread)
{
    return thread == NULL ? NULL : &thread->helper;
}

void cy_helper_thread_stop(struct cy_helper_thread *t)
{
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_broadcast(&t->change);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->change);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
