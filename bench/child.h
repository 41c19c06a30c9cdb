/* child: another program of the same run: a peer, or one of ours as a stranger starts it.
 *
 * Owns: nothing after it returns but the text that is handed over. Never: goes through a shell. */
#ifndef CY_BENCH_CHILD_H
#define CY_BENCH_CHILD_H

#include "bench.h"

struct child {
    int code;       /* exit code; -1: a signal ended it, or it could not be started */
    double seconds; /* from before its start to after its end */
    char *out;      /* what it wrote to standard output; free it */
};

/* child_run runs argv[0] (a path, or a name in PATH) to its end. What it says to standard error
 * goes nowhere. */
struct child child_run(const char *const *argv);

/* child_there says that a program of that name is installed. */
bool child_there(const char *name);

#endif
