/* intake: packets of other members, frame by frame, and the answers to what they ask.
 *
 *      packet -> whose, budget, order, signature -> frames: votes, blocks, certificates, acts,
 *                                                   cosignatures, evidence, heads; status; wants
 *
 * What is of the next height but one waits, bounded for each seat, until that height begins. A
 * refusal of one frame does not stop the others.
 *
 * Owns: nothing. Never: believes a frame for its packet's signature. */
#ifndef CY_REALM_INTAKE_H
#define CY_REALM_INTAKE_H

#include "realm/rounds.h"

/* cy_intake_packet: see cy_federation_packet. The first refusal is returned, all are counted. */
CY_MUST_USE cy_err cy_intake_packet(struct cy_federation *f, struct cy_span packet);

/* cy_intake_early takes in what waited for the height that has begun. */
void cy_intake_early(struct cy_federation *f);

/* cy_intake_ask asks other members for what is missing here: at a beat, each time another one. */
void cy_intake_ask(struct cy_federation *f);

/* cy_intake_ask_on asks for the blocks that follow, when others are ahead: after some came. */
void cy_intake_ask_on(struct cy_federation *f);

/* cy_intake_blocks adds blocks from a height on, which begins at entry `size`, each with its
 * certificate before it, as many as fit. Fails with UNASKED when that is not where it begins, or
 * nothing of it is here. */
CY_MUST_USE cy_err cy_intake_blocks(struct cy_federation *f, uint64_t height, uint64_t size,
                                    struct cy_packet_writer *packet);

/* cy_intake_act: see cy_federation_submit; mine: handed in here. */
CY_MUST_USE cy_err cy_intake_act(struct cy_federation *f, struct cy_span bytes, bool mine,
                                 struct cy_id *id);

#endif
