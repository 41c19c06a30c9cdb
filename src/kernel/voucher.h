/* voucher: units on their way over a bridge, and the vouchers that stand for them (M111, M105).
 *
 *     at home                                    abroad
 *     account --depart--> escrow, in flight
 *                         acknowledged: abroad   arrive: vouchers are issued
 *                                                depart: vouchers end, in flight
 *     account <--arrive-- escrow, abroad         acknowledged
 *
 *     refused or timed out: the units return to where they came from, by the way they went
 *
 * Escrow is an account of the bridge's party, all of it held. At every moment, for every own asset
 * on every bridge
 *
 *     held in escrow = in flight + abroad
 *
 * and a foreign realm can never draw more than `abroad`: what it was sent and has acknowledged.
 * Vouchers are an asset that the bridge's party issues; their id is SHA-256("comity-voucher" ||
 * home realm || asset). Sent on to a third realm, a voucher is an asset like any other.
 *
 * Owns: bridge_asset. Never: judges a proof or a gate. */
#ifndef CY_KERNEL_VOUCHER_H
#define CY_KERNEL_VOUCHER_H

#include "kernel/bridge.h"

extern const struct cy_institution cy_vouchers;

/* cy_voucher_id is the asset that stands here for that asset of that realm. */
struct cy_id cy_voucher_id(const struct cy_id *home, const struct cy_id *asset);

/* cy_voucher_depart takes free units of an account (who may spend them is the caller's to know)
 * towards a realm, into escrow or, for its own vouchers, out of existence. It fills home, asset,
 * code, scale and amount of the packet. Fails with NO_NOUN, INSUFFICIENT, BRIDGE_THROTTLE,
 * OVERFLOW. Touches four records. */
CY_MUST_USE cy_err cy_voucher_depart(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const struct cy_id *realm, const struct cy_id *account,
                                     cy_u128 amount, struct cy_bridge_packet *packet);

/* cy_voucher_fits says that a packet's units could be put down here, now or later: its asset is at
 * home in the source, or here and known. Fails with PACKET_FIELDS, NO_NOUN. */
CY_MUST_USE cy_err cy_voucher_fits(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const struct cy_bridge_packet *packet);

/* cy_voucher_arrive puts the packet's units, which fit, into the owner's account and gives its id:
 * vouchers are issued, or escrow is released. Fails with BRIDGE_FUNDS, BRIDGE_THROTTLE, OVERFLOW.
 * Touches four records. */
CY_MUST_USE cy_err cy_voucher_arrive(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const struct cy_bridge_packet *packet,
                                     const struct cy_id *owner, struct cy_id *account);

/* cy_voucher_landed: the packet was carried out. cy_voucher_return: it was not, and its units go
 * back to the account they came from. They cannot fail but by a full table or an overflow of the
 * asset; they touch two and four records. */
CY_MUST_USE cy_err cy_voucher_landed(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const struct cy_packet_out *out);
CY_MUST_USE cy_err cy_voucher_return(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const struct cy_packet_out *out);

/* cy_voucher_end ends vouchers of that realm's own asset in an account, and says which asset it is
 * at home. Fails with NOT_VOUCHER, INSUFFICIENT, FROZEN as cy_escrow_unmint. Two records. */
CY_MUST_USE cy_err cy_voucher_end(struct cy_plan *plan, const struct cy_id *realm,
                                  const struct cy_id *account, cy_u128 amount, struct cy_id *asset);

/* cy_voucher_redeem pays units of an own asset that are abroad in that realm to an owner here,
 * within the bridge's throttle. Fails with BRIDGE_FUNDS, BRIDGE_THROTTLE, OVERFLOW. Four records.
 */
CY_MUST_USE cy_err cy_voucher_redeem(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const struct cy_id *realm, const struct cy_id *asset,
                                     cy_u128 amount, const struct cy_id *owner);

/* cy_voucher_forfeit pays all that is abroad of an own asset to who issued it. Four records. */
CY_MUST_USE cy_err cy_voucher_forfeit(struct cy_plan *plan, const struct cy_id *realm,
                                      const struct cy_id *asset);

#endif
