/* ownership_bods: registers of beneficial owners in the Beneficial Ownership Data Standard.
 *
 * Statements of versions 0.2, 0.3 (statementType personStatement, entityStatement,
 * ownershipOrControlStatement) and 0.4 (person, entity, relationship), as one JSON list or one
 * statement a line. A statement that another replaces does not count. Where a company has direct
 * holders, holdings said to be indirect are left out: the rule follows the chain itself. A band of
 * shares keeps both its ends. An interest of an unknown code is refused.
 * Source: https://standard.openownership.org.
 *
 * Owns: nothing. Never: takes a part of a broken file. */
#ifndef CY_MODELS_EXPOSURE_OWNERSHIP_BODS_H
#define CY_MODELS_EXPOSURE_OWNERSHIP_BODS_H

#include "models/exposure/ownership.h"

/* cy_ownership_bods adds to *o; *left_out counts indirect holdings that do not count. Fails with
 * MODEL_INPUT or NO_MEMORY; what was added stays, the caller frees. */
CY_MUST_USE cy_err cy_ownership_bods(struct cy_span text, struct cy_ownership *o, size_t *left_out,
                                     struct cy_desk_fault *fault);

#endif
