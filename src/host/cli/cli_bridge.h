/* cli_bridge: bridges to foreign realms: `comity bridge ...`.
 *
 *     open REALM --vkey VKEY | gate | freeze | sever | thaw     the operator
 *     send REALM ... | unwind REALM SEQUENCE OUTCOME            a passport
 *     status                                                     anyone
 *
 * A foreign realm is named by the 64 digits of its id, or by the origin of its ledger once there is
 * a bridge to it. `comity bridge relay` is cli_relay.h.
 *
 * Owns: nothing. Never: decides what is true. */
#ifndef CY_HOST_CLI_CLI_BRIDGE_H
#define CY_HOST_CLI_CLI_BRIDGE_H

#include "host/cli/cli_send.h"

extern const struct cy_cli_option cy_cli_bridge_open_options[];
extern const struct cy_cli_option cy_cli_bridge_gate_options[];
extern const struct cy_cli_option cy_cli_bridge_send_options[];
extern const struct cy_cli_option cy_cli_bridge_turn_options[];

/* The commands; each returns the exit code. */
int cy_cli_bridge_open(struct cy_cli *run);
int cy_cli_bridge_status(struct cy_cli *run);
int cy_cli_bridge_gate(struct cy_cli *run);
int cy_cli_bridge_freeze(struct cy_cli *run);
int cy_cli_bridge_sever(struct cy_cli *run);
int cy_cli_bridge_thaw(struct cy_cli *run);
int cy_cli_bridge_send(struct cy_cli *run);
int cy_cli_bridge_unwind(struct cy_cli *run);

#endif
