/* deadline: a time in the future, for waiting on a condition.
 *
 * Never: the wall clock, which may be set. Conditions must be made with CLOCK_MONOTONIC. */
#ifndef CY_HOST_NODE_DEADLINE_H
#define CY_HOST_NODE_DEADLINE_H

#include <time.h>

/* cy_deadline sets *at to so many milliseconds from now, on CLOCK_MONOTONIC. */
void cy_deadline(struct timespec *at, unsigned ms);

#endif
