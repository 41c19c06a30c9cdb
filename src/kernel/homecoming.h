/* homecoming: units that were abroad when their bridge was severed (M105, M111).
 *
 *     abroad                                          at home, the bridge severed
 *     vouchers --voucher_burn--> burnt ---proof-----> voucher_home: escrow pays, once
 *                  ^
 *                  `--- proof that home severed, and that the receiver has a passport there
 *
 *                                     window over --> voucher_release, k of n guardians:
 *                                                     what is left goes to the asset's issuer
 *
 * Packets need both bridges; this way needs none but the heads, which pass in every state. Ending
 * vouchers cannot be taken back, so it is refused until the home realm itself is proven to have
 * severed, and to know the receiver: then nothing but time can stand against the payment. What is
 * paid never exceeds `abroad`, and the throttle of units holds: a foreign realm that invents
 * burnings draws no more, and no faster, than by packets.
 *
 * The window (parameter bridge_home_ms, from the severing) bounds no right to come home: it says
 * from when the guardians may release what is left. With no guardians nothing is ever released.
 *
 * Owns: burnt, homecoming, release_say. Never: pays what is in flight. */
#ifndef CY_KERNEL_HOMECOMING_H
#define CY_KERNEL_HOMECOMING_H

#include "kernel/recognition.h"
#include "kernel/voucher.h"

extern const struct cy_institution cy_homecomings;

#endif
