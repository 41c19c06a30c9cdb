/* live: the daemons of a sandbox (host/cli/sandbox_*), as figures need them: founded by the
 * commands that an operator types, and only those started that a figure is about.
 *
 * Owns: the directory and every process below it, also when the run gives up. */
#ifndef CY_BENCH_LIVE_H
#define CY_BENCH_LIVE_H

#include "bench.h"
#include "host/cli/sandbox_process.h"

/* live_begin founds a sandbox below the run's directory; signers run then, no daemon does. */
void live_begin(const struct bench *bench);
void live_end(void);

/* live_pick is the nodes of a federation, or with NULL all cells: live_start starts their daemons
 * and waits until they answer; live_stop ends them, and of cells the signers too. */
struct cy_sandbox live_pick(const char *federation);
void live_start(struct cy_sandbox *some);
void live_stop(struct cy_sandbox *some);

const struct cy_sandbox_place *live_place(const char *name);

/* live_open opens the directory of a place as a command would; as may be NULL. cy_cli_end closes
 * it. live_path is DIR/FILE. */
void live_open(const struct cy_sandbox_place *place, const char *as, struct cy_cli *out);
void live_path(const char *file, char out[static CY_SANDBOX_PATH]);

/* live_do runs a command in a place; words end in NULL. */
void live_do(const struct cy_sandbox_place *place, const char *const *words);
#define LIVE_DO(place, ...) live_do((place), (const char *const[]){__VA_ARGS__, NULL})

/* live_url is where a place answers without TLS. */
void live_url(const struct cy_sandbox_place *place, char out[static 64]);

#endif
