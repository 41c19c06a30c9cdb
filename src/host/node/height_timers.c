#include "host/node/height_timers.h"

void cy_height_timers_put(struct cy_height_timers *timers, const struct cy_height_timer *timer)
{
    uint32_t at = 0;

    if (timers->n < CY_HEIGHT_TIMERS_MAX) {
        at = timers->n++;
    } else {
        for (uint32_t i = 1; i < CY_HEIGHT_TIMERS_MAX; i++) {
            if (timers->at[i].height < timers->at[at].height)
                at = i;
        }
    }
    timers->at[at] = *timer;
}

bool cy_height_timers_take(struct cy_height_timers *timers, uint64_t now_us,
                           struct cy_height_timer *out)
{
    for (uint32_t i = 0; i < timers->n; i++) {
        if (timers->at[i].due_us > now_us)
            continue;
        *out = timers->at[i];
        timers->at[i] = timers->at[--timers->n];
        return true;
    }
    return false;
}

uint64_t cy_height_timers_next(const struct cy_height_timers *timers, uint64_t latest_us)
{
    for (uint32_t i = 0; i < timers->n; i++)
        latest_us = timers->at[i].due_us < latest_us ? timers->at[i].due_us : latest_us;
    return latest_us;
}
