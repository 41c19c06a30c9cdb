/* cli_trail: what the command line changes on this machine, in the audit log of the cell
 * (host/system/trail.h): DIR/comityd.conf says where it is.
 *
 * Owns: nothing. Never: does anything that could not be logged first. */
#ifndef CY_HOST_CLI_CLI_TRAIL_H
#define CY_HOST_CLI_CLI_TRAIL_H

#include "host/cli/cli_run.h"
#include "host/system/trail.h"

/* cy_cli_trail_path is where the audit log stands; without a readable configuration
 * DIR/data.admin.log. */
void cy_cli_trail_path(struct cy_cli *run, char out[static CY_TRAIL_PATH_MAX]);

/* cy_cli_trail_begin writes the line before a change; without a directory there is no log, and
 * nothing to do. Fails with TRAIL_UNWRITTEN: then do nothing. cy_cli_trail_end writes the line
 * after it. */
CY_MUST_USE cy_err cy_cli_trail_begin(struct cy_cli *run, const char *action, const char *what,
                                      uint64_t *seq);
void cy_cli_trail_end(struct cy_cli *run, const char *action, const char *what, uint64_t seq,
                      cy_err err);

#endif
