/* sandbox_process: the programs of a sandbox: started apart, found again by pid file, ended; and
 * the commands that are run in it.
 *
 * A pid alone proves nothing: numbers are used again. A process counts as the sandbox's only while
 * its command line names the directory of its place; nothing else is ever signalled.
 *
 * Owns: DIR/PLACE/signer.pid, comityd.pid and the logs. */
#ifndef CY_HOST_CLI_SANDBOX_PROCESS_H
#define CY_HOST_CLI_SANDBOX_PROCESS_H

#include "host/cli/sandbox_place.h"

#include <sys/types.h>

enum cy_sandbox_part { CY_SANDBOX_SIGNER, CY_SANDBOX_DAEMON };

/* cy_sandbox_pid is the process of a part of a place; 0 when it does not run. */
pid_t cy_sandbox_pid(const struct cy_sandbox *sandbox, const struct cy_sandbox_place *place,
                     enum cy_sandbox_part part);

/* cy_sandbox_start starts that part of every place where it does not run, all at once, and waits
 * until they answer (a signer's socket, a daemon's /readyz). Fails with SANDBOX_PART; run->why says
 * which place. */
CY_MUST_USE cy_err cy_sandbox_start(struct cy_sandbox *sandbox, enum cy_sandbox_part part);

/* cy_sandbox_stop ends every process of the sandbox, daemons first: asks, waits up to 10 s, then
 * kills. The number of processes that ran. */
unsigned cy_sandbox_stop(struct cy_sandbox *sandbox);

/* cy_sandbox_ready says that the daemon of a place answers. */
bool cy_sandbox_ready(struct cy_sandbox *sandbox, const struct cy_sandbox_place *place);

/* cy_sandbox_head reads origin and size of the head that the place shows; false: none yet. */
bool cy_sandbox_head(struct cy_sandbox *sandbox, const struct cy_sandbox_place *place,
                     uint64_t *size);

/* One command of this very program, run in a place of the sandbox. */
struct cy_sandbox_task {
    const struct cy_sandbox_place *place; /* NULL: without --dir */
    const char *words[48];                /* ends in NULL */
    const char *log;                      /* name of a file in DIR, appended to */
    pid_t child;
};

/* cy_sandbox_begin starts a command, cy_sandbox_finish waits for it. The errors: SANDBOX_STEP when
 * it did not end well (detail: its exit code), SIGNER_START. */
CY_MUST_USE cy_err cy_sandbox_begin(struct cy_sandbox *sandbox, struct cy_sandbox_task *task);
CY_MUST_USE cy_err cy_sandbox_finish(struct cy_sandbox *sandbox, struct cy_sandbox_task *task);

/* cy_sandbox_all runs n commands at once; the first error, when all have ended. */
CY_MUST_USE cy_err cy_sandbox_all(struct cy_sandbox *sandbox, struct cy_sandbox_task *tasks,
                                  size_t n);

#endif
