/* sequencer_flush: the thread that makes commits durable: journal, tiles, signed head; then the
 * jobs of the commit are answered.
 *
 * Owns: tiles and head while the tree is locked. Never: changes the world. */
#ifndef CY_HOST_NODE_SEQUENCER_FLUSH_H
#define CY_HOST_NODE_SEQUENCER_FLUSH_H

#include "host/node/sequencer_parts.h"

/* cy_sequencer_flush is the thread's main; arg is the sequencer. */
void *cy_sequencer_flush(void *arg);

#endif
