/* exposure_case: what a command about ownership is given: a register, who is blocked by name, a
 * regime, a day; and the sets that follow, with least and with most shares, each checked.
 *
 * Owns: the register and the sets, until cy_case_end. Never: prints results. */
#ifndef CY_MODELS_EXPOSURE_EXPOSURE_CASE_H
#define CY_MODELS_EXPOSURE_EXPOSURE_CASE_H

#include "models/exposure/evasion.h"
#include "models/exposure/exposure.h"
#include "models/exposure/ownership_day.h"

struct cy_case {
    struct cy_ownership o;
    struct cy_named *named;
    size_t n_named;
    size_t named_cap;
    size_t left_out; /* indirect holdings of BODS */
    cy_date day;
    const struct cy_regime_rule *regime;
    struct cy_holding *holdings; /* of the day, least shares */
    size_t n_holdings;
    struct cy_exposure *sure;     /* with the least shares */
    struct cy_exposure *possible; /* with the most */
};

/* cy_case_read reads the files and options that every command has; cy_case_register only the files,
 * for a day and a regime that stand in *c already. cy_case_compute then computes
 * both sets and checks their ranks (certify/exposure). Failures are noted on the desk. */
CY_MUST_USE cy_err cy_case_read(struct cy_desk *desk, struct cy_case *c);
CY_MUST_USE cy_err cy_case_register(struct cy_desk *desk, struct cy_case *c);
CY_MUST_USE cy_err cy_case_compute(struct cy_desk *desk, struct cy_case *c);
void cy_case_end(struct cy_case *c);

/* cy_case_party finds a party by id or name; unknown and ambiguous ones are noted. */
CY_MUST_USE cy_err cy_case_party(struct cy_desk *desk, const struct cy_case *c, const char *name,
                                 uint32_t *party);

/* cy_case_day reads an option that is a day; *day stays without it. A failure is noted. */
CY_MUST_USE cy_err cy_case_day(struct cy_desk *desk, const char *name, cy_date *day);

/* cy_case_check compares the ranks of a set with the holdings by the independent checker. Fails
 * with EXPOSURE_PROOF, noted. */
CY_MUST_USE cy_err cy_case_check(struct cy_desk *desk, const struct cy_ownership_rule *rule,
                                 struct cy_exposure *x, size_t parties,
                                 const struct cy_holding *holdings, size_t n);

#endif
