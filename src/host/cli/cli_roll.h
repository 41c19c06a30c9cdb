/* cli_roll: changes of a federation's roll, written as drafts that several seats sign.
 *
 *     comity federation admit CARD      the newcomer of this card, on probation
 *     comity federation confirm NAME    ends its probation, with the policy that names it
 *     comity federation policy          the policy of the present roll (policy_set), when it is due
 *     comity federation meet CARD...    puts a member's place into this node's settings (then
 * restart it)
 *
 * The policy is derived as in the founding (more than two thirds of the seats, more than half of
 * the trustees of each chamber), or given with --policy.
 *
 * Owns: these drafts, the list of peers in comityd.conf after the founding. Never: a key. */
#ifndef CY_HOST_CLI_CLI_ROLL_H
#define CY_HOST_CLI_CLI_ROLL_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_roll_options[];

int cy_cli_roll_admit(struct cy_cli *run);
int cy_cli_roll_confirm(struct cy_cli *run);
int cy_cli_roll_policy(struct cy_cli *run);
int cy_cli_roll_meet(struct cy_cli *run);

#endif
