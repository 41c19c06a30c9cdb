/* crisis: help that was agreed on before it is needed (M035, M036, M140).
 *
 *      peacetime   pact, mandates, stocks, pledges to the stockpile
 *      crisis      declared by enough parties; it activates the objectives of its kind
 *      plan        needs and stocks -> a finding, certified -> dispatches, by mandate
 *      after       credit for what was lent
 *
 * The parts, each with its own header, lowest first:
 *      crisis_pact       pacts, mandates, credit, crises
 *      crisis_stock      stocks, the shared stockpile, counts
 *      crisis_dispatch   needs, dispatches by plan, draws by claim, arrival
 *
 * Owns: the table of acts and records of crises. */
#ifndef CY_INSTITUTIONS_CRISIS_CRISIS_H
#define CY_INSTITUTIONS_CRISIS_CRISIS_H

#include "kernel/act.h"

extern const struct cy_institution cy_crises;

#endif
