/* story_aggression: an attack, and how everybody answers: `comity story aggression` (M153).
 *
 *     193 states, each with keys of its own      Belmaria is attacked by Ardovia; Corvia helps it
 *       vote of each in a recorded roll call --> what a list is to it: mirror, review, nothing
 *     coalition --> decision --> the next payment, here and over a bridge --> ways round, flagged
 *       --> pledges --> compliance --> easing
 *
 * It is told in a running sandbox, by real acts: every one is signed by the key of its author,
 * judged by the daemon of the place north (and carried to south by proof). What is counted is read
 * from verdicts and records. The states of the roll call are real and do here what they voted;
 * who attacks, who is attacked, who helps, and all companies are invented.
 *
 * Owns: DIR/aggression. Never: decides what a ledger accepts. */
#ifndef CY_HOST_CLI_STORY_AGGRESSION_H
#define CY_HOST_CLI_STORY_AGGRESSION_H

#include "host/cli/cli_list_relay.h"
#include "host/cli/sandbox_process.h"

extern const struct cy_cli_option cy_cli_aggression_options[];

/* cy_cli_aggression tells it; the exit code. */
int cy_cli_aggression(struct cy_cli *run);

#endif
