#include "institutions/roster.h"

const struct cy_institution *const cy_roster[] = {
    &cy_alliances, &cy_quotas, &cy_funds, &cy_treaties, &cy_sanctions, &cy_findings, &cy_crises,
};

const size_t cy_roster_count = CY_COUNT(cy_roster);
