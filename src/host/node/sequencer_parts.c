#include "host/node/sequencer_parts.h"

void cy_sequencer_finish(struct cy_sequencer *s, struct cy_job *job)
{
    pthread_mutex_lock(&s->lock);
    s->waiting--;
    pthread_mutex_unlock(&s->lock);
    job->done(job->context, job);
}
