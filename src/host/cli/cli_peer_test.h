/* cli_peer_test: `comity peer test NAME|URL`: would this cell and that one get on?
 *
 *     name -> TLS -> pin -> HTTP -> who it is -> clock -> keys -> head -> head against the one that
 *     we cosigned -> would it cosign ours
 *
 * It connects as the daemon does, one line a step, with times; a step that cannot be reached
 * because an earlier one failed is not shown.
 *
 * Owns: nothing. Never: changes anything here; there, at most that our signed head is cosigned. */
#ifndef CY_HOST_CLI_CLI_PEER_TEST_H
#define CY_HOST_CLI_CLI_PEER_TEST_H

#include "host/cli/cli_finding.h"

extern const struct cy_cli_option cy_cli_peer_test_options[];

int cy_cli_peer_test(struct cy_cli *run);

#endif
