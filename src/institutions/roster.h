/* roster: the institutions of this program, in their order. The kernel names none of them; an app
 * hands this list to the engine. Adding an institution is a line here and a line in CMakeLists. */
#ifndef CY_INSTITUTIONS_ROSTER_H
#define CY_INSTITUTIONS_ROSTER_H

#include "institutions/alliance/alliance.h"
#include "institutions/crisis/crisis.h"
#include "institutions/finding/finding.h"
#include "institutions/fund/fund.h"
#include "institutions/rights/rights.h"
#include "institutions/sanction/sanction.h"
#include "institutions/treaty/treaty.h"

extern const struct cy_institution *const cy_roster[];
extern const size_t cy_roster_count;

#endif
