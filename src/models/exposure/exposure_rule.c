#include "models/exposure/exposure_rule.h"

#define HALF (CY_SHARE_WHOLE / 2)

/* Of one regime the newest first. */
static const struct cy_regime_rule rows[] = {
    {"us",
     0,    0,
     0, {.threshold = HALF, .aggregate = true},
     "50 per cent or more, held by all blocked persons together, directly or through blocked "
     "parties",                                                              "OFAC, guidance of 13 August 2014; FAQ 398 to 402"                },
    {"eu",
     2024, 7,
     3, {.threshold = HALF, .control = true, .aggregate = true},
     "50 per cent or more, held by all listed persons together, or control", "Council of the European Union, best practices, document 11623/24"},
    {"eu",
     0,    0,
     0, {.threshold = HALF, .more = true, .control = true},
     "more than 50 per cent, held by one listed person, or control",         "Council of the European Union, best practices, document 8519/18" },
    {"uk",
     0,    0,
     0, {.threshold = HALF, .more = true, .votes = true, .control = true},
     "more than 50 per cent of shares or of votes, held by one designated person or jointly with "
     "it, "
     "or control",                                                           "OFSI, UK financial sanctions guidance, ownership and control"    },
};

cy_err cy_regime_rule(const char *regime, cy_date day, const struct cy_regime_rule **out)
{
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        cy_date from = 0;

        if (rows[i].year != 0)
            CY_TRY(cy_date_of(rows[i].year, rows[i].month, rows[i].day, &from));
        if (strcmp(rows[i].regime, regime) == 0 && day >= from) {
            *out = &rows[i];
            return CY_OK;
        }
    }
    return cy_fail(CY_E_REGIME, 0);
}

const struct cy_regime_rule *cy_regime_at(size_t i)
{
    return i < CY_COUNT(rows) ? &rows[i] : NULL;
}
