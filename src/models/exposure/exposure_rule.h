/* exposure_rule: the ownership rules of the regimes, by date.
 *
 *   us   50 per cent or more, holdings of all blocked persons added up; control does not block
 *        (OFAC, guidance of 13 August 2014; FAQ 398 to 402)
 *   eu   until 2 July 2024 more than 50 per cent of one listed person; from 3 July 2024 50 per cent
 *        or more, added up (Council, best practices, 11623/24); control blocks
 *   uk   more than 50 per cent of shares or votes of one designated person, not added up unless
 *        they act jointly; control blocks (OFSI, guidance on ownership and control)
 *
 * The rules are data: a row for each time in which a rule holds. They are what the publishers wrote
 * in general; a case may need a lawyer, and the answer says which row was used.
 *
 * Owns: the table. Never: decides a case. */
#ifndef CY_MODELS_EXPOSURE_EXPOSURE_RULE_H
#define CY_MODELS_EXPOSURE_EXPOSURE_RULE_H

#include "base/date.h"
#include "certify/exposure_check.h"

struct cy_regime_rule {
    const char *regime; /* us, eu, uk */
    unsigned year;      /* the first day on which it holds; 0: always */
    unsigned month;
    unsigned day;
    struct cy_ownership_rule rule;
    const char *words; /* a sentence for people */
    const char *source;
};

/* cy_regime_rule is the row of a regime on a day. Fails with REGIME. */
CY_MUST_USE cy_err cy_regime_rule(const char *regime, cy_date day,
                                  const struct cy_regime_rule **out);

/* cy_regime_at is the i-th row of the table, NULL past its end. */
const struct cy_regime_rule *cy_regime_at(size_t i);

#endif
