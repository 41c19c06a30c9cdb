/* packet: what crosses a bridge, from escrow to receipt, acknowledged or timed out (M105, M030).
 *
 *     source                                          destination
 *     packet_send: escrow, commitment ---proof---->   packet_receive: receipt (done or refused)
 *     packet_ack: closed            <----proof----        |
 *     packet_timeout: returned      <---absence---    (no receipt at a root past the timeout)
 *     (nothing left)                ----absence--->   packet_forget: the receipt has served
 *
 * The destination judges the timeout by its own ledger time: from then on it receives nothing. So a
 * state root recorded at that time or later, without the receipt, shows that it will never be
 * there, and what the packet holds returns. A packet closes once: by the receipt, by its absence,
 * or by the guardians where the bridge stands still. Closing removes the commitment, so that it can
 * be neither received nor closed again.
 *
 * What can never be carried out here (nobody of that name, an unknown asset) is received as
 * refused: its units go back at once. What cannot be carried out now (a gate, a throttle) is not
 * received, and may be brought again until its time is over.
 *
 * Settlement may go on over further realms: a packet that names hops is received by the bridge
 * itself and sent on in the same act. When a later hop fails, the units go back the same way.
 *
 * Owns: packet_sent, packet_out, packet_way, packet_receipt, shared, unwind. */
#ifndef CY_KERNEL_PACKET_H
#define CY_KERNEL_PACKET_H

#include "kernel/voucher.h"

extern const struct cy_institution cy_packets;

/* cy_packet_of rebuilds the packet that a record of what is under way stands for, source being this
 * realm; way is NULL where it has none. What was committed is cy_packet_digest of it. */
void cy_packet_of(const struct cy_id *source, const struct cy_packet_out *out,
                  const struct cy_packet_way *way, struct cy_bridge_packet *packet);

#endif
