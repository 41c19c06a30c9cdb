/* sequencer_judge: the thread that judges and accepts acts in order of arrival, moves the ledger's
 * clock by ticks, serves requests between two acts, and writes snapshots.
 *
 * Owns: the world while it is write-locked. Never: writes the journal or signs heads. */
#ifndef CY_HOST_NODE_SEQUENCER_JUDGE_H
#define CY_HOST_NODE_SEQUENCER_JUDGE_H

#include "host/node/sequencer_parts.h"

/* cy_sequencer_judge is the thread's main; arg is the sequencer. */
void *cy_sequencer_judge(void *arg);

#endif
