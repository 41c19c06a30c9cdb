/* skew: a wall clock that is CY_SKEW_S seconds ahead, put before a program by LD_PRELOAD. Clocks
 * that only go forward are left alone. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *out)
{
    const char *seconds = getenv("CY_SKEW_S");
    const long done = syscall(SYS_clock_gettime, clock, out);

    if (done == 0 && seconds != NULL && clock == CLOCK_REALTIME)
        out->tv_sec += atol(seconds);
    return (int)done;
}
