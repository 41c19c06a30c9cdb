/* height_timers: the timeouts of agreement that run, a bounded number of them.
 *
 * When all places are taken the timer of the lowest height gives way: it does nothing any more, or
 * soon.
 *
 * Owns: the places. For one thread. Never: looks at a clock. */
#ifndef CY_HOST_NODE_HEIGHT_TIMERS_H
#define CY_HOST_NODE_HEIGHT_TIMERS_H

#include "wire/vote.h"

#define CY_HEIGHT_TIMERS_MAX 64u

struct cy_height_timer {
    uint64_t due_us; /* on a clock that only goes forward */
    uint64_t height;
    enum cy_vote_step step;
    uint32_t round;
};

struct cy_height_timers {
    struct cy_height_timer at[CY_HEIGHT_TIMERS_MAX];
    uint32_t n;
};

void cy_height_timers_put(struct cy_height_timers *timers, const struct cy_height_timer *timer);

/* cy_height_timers_take takes one out that is due; false: none is. */
bool cy_height_timers_take(struct cy_height_timers *timers, uint64_t now_us,
                           struct cy_height_timer *out);

/* cy_height_timers_next is when the next one is due; `latest_us` when none is before that. */
uint64_t cy_height_timers_next(const struct cy_height_timers *timers, uint64_t latest_us);

#endif
