/* exposure_certificate: why a party is blocked or is not, as a file that anyone checks.
 *
 * Whether a rule blocks a party depends on who holds it, on who holds those, and so on, and on
 * nothing else. The certificate lists these parties, all holdings in each of them, who of them is
 * named, and ranks (certify/exposure_check.h). Who checks it needs no register and trusts no
 * search: given that these are the holdings of that day, the verdict follows. With the register at
 * hand the same command also holds them to it.
 *
 *   {"certificate":"exposure", "regime":"us", "day":"2024-01-01", "party":2, "verdict":"blocked",
 *    "parties":[["delta","Delta Ltd"], ...],        in the order of their ids; numbers name places
 *    "named":[0],
 *    "cases":[{"shares":"exact", "holdings":[[owner, owned, "shares", units, joint], ...],
 *              "sets":[{"holder":null, "ranks":[1,2,3]}]}]}
 *
 * Units are of 9,009,000,000. Where a register gives bands there are two cases, "least" and "most".
 * A rule that does not add up has a set for each named party, its holder. The rule itself is not in
 * the file: it is that of the regime on the day.
 *
 * Owns: memory from the desk. Never: says that a register is true. */
#ifndef CY_MODELS_EXPOSURE_EXPOSURE_CERTIFICATE_H
#define CY_MODELS_EXPOSURE_EXPOSURE_CERTIFICATE_H

#include "models/exposure/exposure_case.h"

enum cy_verdict { CY_VERDICT_FREE, CY_VERDICT_OPEN, CY_VERDICT_BLOCKED, CY_VERDICT_NAMED };

const char *cy_verdict_name(enum cy_verdict verdict);

struct cy_certificate_set {
    uint32_t holder; /* CY_PARTY_NONE: all who are named */
    uint64_t *ranks; /* of each party */
};

struct cy_certificate_case {
    const char *shares; /* exact, least, most; static */
    struct cy_holding *holdings;
    size_t n;
    struct cy_certificate_set *sets;
    size_t n_sets;
};

struct cy_certificate {
    const struct cy_regime_rule *regime;
    cy_date day;
    uint32_t party;
    enum cy_verdict verdict;
    const char **ids; /* ascending */
    const char **names;
    size_t n;
    bool *named;
    struct cy_certificate_case cases[2];
    size_t n_cases;
};

/* cy_certificate_of makes that of a party from a case that is computed. Fails with NO_MEMORY;
 * noted.
 */
CY_MUST_USE cy_err cy_certificate_of(struct cy_desk *desk, const struct cy_case *c, uint32_t target,
                                     struct cy_certificate *out);

json_t *cy_certificate_json(const struct cy_certificate *of);

/* cy_certificate_read reads one and holds it to its form. Fails with MODEL_INPUT (fault filled),
 * REGIME, NO_MEMORY. */
CY_MUST_USE cy_err cy_certificate_read(struct cy_desk *desk, struct cy_desk_text text,
                                       struct cy_certificate *out, struct cy_desk_fault *fault);

/* cy_certificate_check: its verdict follows from its holdings, by the checker alone. Fails with
 * EXPOSURE_PROOF (detail: place of the party that is wrong), NO_MEMORY. */
CY_MUST_USE cy_err cy_certificate_check(struct cy_desk *desk, const struct cy_certificate *of);

/* cy_certificate_differs says where two certificates speak of other facts (parties, who is named,
 * holdings), in words; NULL when they do not. */
const char *cy_certificate_differs(struct cy_desk *desk, const struct cy_certificate *a,
                                   const struct cy_certificate *b);

#endif
