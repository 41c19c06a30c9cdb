/* finding: models advise, proofs decide, and people have said before what is wanted (M132, M133,
 * M134, M145).
 *
 * The parts, each with its own header, lowest first:
 *      finding_objective   what was voted in peacetime, and when it is in force
 *      finding_model       which models there are, and who answers for each
 *      finding_answer      findings whose certificate is judged at once; the way to the reviewers
 *      finding_sheet       findings too large for that: a window in which anyone may refute them
 *
 * Owns: the table of acts and records of findings. */
#ifndef CY_INSTITUTIONS_FINDING_FINDING_H
#define CY_INSTITUTIONS_FINDING_FINDING_H

#include "kernel/act.h"

extern const struct cy_institution cy_findings;

#endif
