/* gossip: what a member tells whom, so that nobody is told what it has already.
 *
 * An act is told once, when it is handed in; then its id is offered, ever more rarely, and who
 * lacks it asks. A block is told as an outline, its height act and the ids of acts that all were
 * told before: who lacks some asks for those, and for the whole block when that fails. Votes are
 * told once; then, when nothing moves, to each member what its own status says it lacks.
 * Cosignatures likewise: ours by us, those of others by one member at a time.
 *
 * A status is believed for nothing else: who lies in it is told too little or too much itself.
 *
 * Owns: what is kept of an outline until the acts that it names are here. Never: judges. */
#ifndef CY_REALM_GOSSIP_H
#define CY_REALM_GOSSIP_H

#include "realm/member.h"

/* cy_gossip_have says what of a round is here. */
struct cy_peer_have cy_gossip_have(const struct cy_federation *f, uint32_t number);

/* cy_gossip_outline writes the outline of a block; it borrows from the scratch memory, until that
 * is used again. */
struct cy_span cy_gossip_outline(struct cy_federation *f, const struct cy_kept_block *kept);

/* cy_gossip_rebuild makes the block of an outline from the acts that wait here, in the scratch
 * memory. False: some are missing; their ids are in f->missing then. */
bool cy_gossip_rebuild(struct cy_federation *f, const struct cy_peer_outline *outline,
                       struct cy_span *block);

/* cy_gossip_stand writes our status; the same twice: nothing moved meanwhile. */
void cy_gossip_stand(const struct cy_federation *f, uint8_t out[static CY_PEER_STATUS_BYTES]);

/* cy_gossip_status tells all where we stand when that has changed, or now and then. */
void cy_gossip_status(struct cy_federation *f);

/* cy_gossip_offer offers the acts that were handed in here and wait for long. */
void cy_gossip_offer(struct cy_federation *f);

/* cy_gossip_offered asks a seat for those of its acts that are neither waiting here nor in the
 * ledger; cy_gossip_asked gives a seat the acts that it asks for. Fail as the body is read. */
CY_MUST_USE cy_err cy_gossip_offered(struct cy_federation *f, uint32_t seat, struct cy_span body);
CY_MUST_USE cy_err cy_gossip_asked(struct cy_federation *f, uint32_t seat, struct cy_span body);

/* cy_gossip_votes adds the votes of a round that are here and not among those a member has. */
void cy_gossip_votes(struct cy_federation *f, uint32_t number, const struct cy_peer_have *had,
                     struct cy_packet_writer *packet);

/* cy_gossip_due says whether to tell again, or ask, after so many beats without a move: the first,
 * 2nd, 4th, and every 4th. A crowded machine, or network, is not crowded more. */
bool cy_gossip_due(uint32_t beats);

/* cy_gossip_again tells each member what its status says it lacks: of the votes of our round
 * (votes), and of the cosignatures of the newest head (heads). */
void cy_gossip_again(struct cy_federation *f, bool votes, bool heads);

#endif
