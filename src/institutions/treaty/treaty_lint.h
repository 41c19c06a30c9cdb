/* treaty_lint: what is wrong with a treaty's clauses and thresholds before anybody signs (M099).
 *
 * Every clause names an actuator, thresholds can be reached, dates fit, no clause contradicts
 * another. The kernel refuses an offer with a fault; `comity treaty lint` shows all of them from
 * the same tables, offline.
 *
 * Pure: it reads the message alone. Owns: the words of the faults. */
#ifndef CY_INSTITUTIONS_TREATY_TREATY_LINT_H
#define CY_INSTITUTIONS_TREATY_TREATY_LINT_H

#include "wire/schema.h"

enum cy_treaty_fault {
#define CY_FAULT(NAME, number, what, remedy) CY_TREATY_FAULT_##NAME = (number),
#include "institutions/treaty/treaty_fault.def"
#undef CY_FAULT
};

/* A fault; number: the clause, 0 for the treaty as a whole; other: the clause that it contradicts.
 */
struct cy_treaty_finding {
    enum cy_treaty_fault fault;
    uint16_t number;
    uint16_t other;
};

struct cy_treaty_fault_words {
    enum cy_treaty_fault fault;
    const char *what;
    const char *remedy;
};

/* cy_treaty_fault_text gives the words of a fault, NULL for an unknown number. */
const struct cy_treaty_fault_words *cy_treaty_fault_text(unsigned fault);

#define CY_TREATY_FINDINGS_MAX 64u

/* cy_treaty_lint_clauses judges clauses; fines are held against the bond, where there is one (bond
 * 0: any fine is a fault). It writes at most CY_TREATY_FINDINGS_MAX findings and returns how many
 * there are in all. */
size_t cy_treaty_lint_clauses(const struct cy_treaty_clause *clauses, uint32_t n, cy_u128 bond,
                              struct cy_treaty_finding out[static CY_TREATY_FINDINGS_MAX]);

/* cy_treaty_lint_offer judges a whole offer. Thresholds that more parties could still meet
 * (treaty_enlist) are faults only when `complete`. */
size_t cy_treaty_lint_offer(const struct cy_treaty_offer *offer, bool complete,
                            struct cy_treaty_finding out[static CY_TREATY_FINDINGS_MAX]);

#endif
