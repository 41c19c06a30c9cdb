/* fund: agreements to share revenue: paid in by anybody, split by a formula to the last unit
 * (M046).
 *
 *      share_agree --every party: share_accept--> live --share_end (notice)--> ending --> ended
 *                                                  | share_pay_in, share_measure, share_settle,
 *                                                  | share_dispute, share_resolve, share_release
 *
 * The parties agree once on a formula: fixed weights, or in proportion to a measure that a named
 * measurer declares (quota used, visitors counted). Nobody can take money out but by the formula,
 * nobody can change it alone; who wants other terms ends the agreement and proposes a new one. It
 * ends only when everything in it is split and paid.
 *
 * The parts, each with its own header:
 *      fund_book      records and the account that belongs to nobody
 *      fund_dispute   a part held until a day         fund_split   figures and settlements
 *
 * Owns: the table of acts and records of agreements; share, share_party. */
#ifndef CY_INSTITUTIONS_FUND_FUND_H
#define CY_INSTITUTIONS_FUND_FUND_H

#include "kernel/act.h"

extern const struct cy_institution cy_funds;

#endif
