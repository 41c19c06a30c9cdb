/* cli_spawn: starting the programs that stand beside this one.
 *
 * Owns: the child until cy_spawn_end. Never: a shell. */
#ifndef CY_HOST_CLI_CLI_SPAWN_H
#define CY_HOST_CLI_CLI_SPAWN_H

#include "base/text.h"

#include <sys/types.h>

#define CY_SPAWN_PATH_MAX 1024u

/* cy_spawn_beside writes the path of a program in the directory of this one. */
bool cy_spawn_beside(const char *program, char out[static CY_SPAWN_PATH_MAX]);

/* cy_spawn starts a program; argv ends in NULL, argv[0] is its path. What it prints goes to
 * log_path (appended), or where this program's goes when NULL. Fails with SIGNER_START (detail:
 * errno). */
CY_MUST_USE cy_err cy_spawn(const char *const argv[], const char *log_path, pid_t *child);

/* cy_spawn_apart: the same for a program that goes on after this one: a session of its own, nothing
 * on standard input. */
CY_MUST_USE cy_err cy_spawn_apart(const char *const argv[], const char *log_path, pid_t *child);

/* cy_spawn_wait waits for its end; *code is the exit code (128 + signal when it was killed). */
CY_MUST_USE cy_err cy_spawn_wait(pid_t child, int *code);

/* cy_spawn_ended says whether it has ended by itself (and then takes it in). */
bool cy_spawn_ended(pid_t child);

/* cy_spawn_end asks it to stop (SIGTERM) and waits. */
void cy_spawn_end(pid_t child);

#endif
