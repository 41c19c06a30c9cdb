/* alliance: lists of parties under one charter, each with its founder as root (M001 .. M009, M011,
 * M029 .. M031, M154).
 *
 *      found --> live --(amend, invite, join, vote, leave ...)--> live --dissolve--> dissolved
 *                  \-- backup, handover: another alliance keeps its register --/
 *
 * Any passport may found an alliance, whatever its kind: a community's list is the equal of a
 * state's. Nothing is global: codes are unique only among one founder's alliances, and an alliance
 * belongs to the realm in which it was founded. A sub-list is an alliance with a parent: its own
 * charter, its own exit terms, and every decision that no ancestor has reserved.
 *
 * The parts, each with its own header:
 *      alliance_charter   clauses, templates, versions     alliance_member   in, within, out
 *      alliance_roll      who stands how, voices           alliance_tie      consent, backup, end
 *      alliance_officer   who may act for an alliance      alliance_vote     motions, ballots
 *      alliance_bond      bonds of members                 alliance_view     as-of answers
 *      alliance_bloc      blocs, joint groups, reach
 *
 * Owns: the table of acts and records of alliances; alliance, alliance_code, alliance_roll. */
#ifndef CY_INSTITUTIONS_ALLIANCE_ALLIANCE_H
#define CY_INSTITUTIONS_ALLIANCE_ALLIANCE_H

#include "institutions/alliance/alliance_vote.h"

extern const struct cy_institution cy_alliances;

#endif
