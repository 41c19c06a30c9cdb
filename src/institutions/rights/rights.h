/* rights: quotas: a limited amount of something for a season, held as tradable, revocable rights
 * (M045).
 *
 *      quota_open --> open: allot, bid, transfer, report, audit, revoke ... --quota_close--> closed
 *
 * An alliance issues so many units (tonnes of a species, visitors to a bay) for a season. What is
 * free is always allotted whole: by amounts that sum to it, or in proportion to weights, exact to
 * the last unit. Holders use their right and report each use with evidence; they sell what they do
 * not use to others that the alliance has admitted. The auditor and the arbiter are named when the
 * quota is issued and hold none of it.
 *
 * The parts, each with its own header:
 *      rights_roll     who is on the register, who may act, the trace      rights_use      reports,
 *      rights_market   bids and transfers                                                  audits
 *      rights_revoke   revocations and appeals
 *
 * Owns: the table of acts and records of quotas; quota, quota_holder. Never: judges evidence. */
#ifndef CY_INSTITUTIONS_RIGHTS_RIGHTS_H
#define CY_INSTITUTIONS_RIGHTS_RIGHTS_H

#include "kernel/act.h"

extern const struct cy_institution cy_quotas;

#endif
