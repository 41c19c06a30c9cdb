/* sanction_target: whom or what a list names: a passport, or a code (M020).
 *
 *      lei        20 letters and digits, the last two check the rest (ISO 17442: mod 97-10)
 *      tax, list  an id of a tax office or of another list, as that writes it
 *      name       a name that screening looks for
 *      isic       a section (a letter), or 2 to 4 digits; reaches every narrower class
 *      hs         2, 4 or 6 digits of the Harmonised System
 *      iso3166    two letters of a country: who is under its law
 *
 * Owns: nothing. */
#ifndef CY_INSTITUTIONS_SANCTION_SANCTION_TARGET_H
#define CY_INSTITUTIONS_SANCTION_SANCTION_TARGET_H

#include "kernel/restraint.h"

/* cy_sanction_code says that the value is one of the scheme. Fails with SANCTION_CODE (detail: 1
 * unknown scheme, 2 malformed, 3 check digits). */
CY_MUST_USE cy_err cy_sanction_code(struct cy_span scheme, struct cy_span value);

/* cy_sanction_target finds the subject of a target: exactly one of passport and code is given.
 * Fails with SANCTION_TARGET, UNKNOWN_PASSPORT, and as cy_sanction_code. */
CY_MUST_USE cy_err cy_sanction_target(struct cy_plan *plan, const struct cy_id *party,
                                      const struct cy_label *scheme, const struct cy_name *value,
                                      struct cy_id *subject);

#endif
