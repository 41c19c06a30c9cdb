/* sequencer_verify: the threads that open jobs and check their signatures, in batches.
 *
 * Owns: the memory of one verifier: its cache of keys, its arrays, the rooms in which its acts
 * stand decoded until they are judged. Never: looks at the world. */
#ifndef CY_HOST_NODE_SEQUENCER_VERIFY_H
#define CY_HOST_NODE_SEQUENCER_VERIFY_H

#include "host/node/sequencer_parts.h"

/* cy_verifier_new takes the memory of a verifier; NULL without. */
struct cy_verifier *cy_verifier_new(struct cy_sequencer *sequencer);
void cy_verifier_free(struct cy_verifier *verifier);

/* cy_verifier_start begins its thread, which ends when the sequencer stops. Fails with NO_MEMORY.
 */
CY_MUST_USE cy_err cy_verifier_start(struct cy_verifier *verifier);

/* cy_verifier_end waits for the thread's end. */
void cy_verifier_end(struct cy_verifier *verifier);

#endif
