/* treaty: texts that bind, with clocks, thresholds and consequences that run by themselves (M015,
 * M016, M034, M047, M059, M099, M125, M128, M147).
 *
 *      negotiated --adopted--> open --thresholds, then days--> in force ..... ended
 *                                     each party: listed, ratified, bound, notice, gone
 *
 * A treaty is a digest of a text, and clauses that the ledger measures: every clause has a bound
 * and an actuator. Whoever holds the text can check it against the digest; whoever holds a receipt
 * of the ledger can check who was bound by it on any day, without asking anybody.
 *
 * The parts, each with its own header, lowest first:
 *      treaty_lint    what is wrong before anybody signs
 *      treaty_book    who is bound on a day, by what
 *      treaty_talk    offer, counter-offer, acceptance
 *      treaty_join    approval at home, bond, ratification, notice, release
 *      treaty_keep    reports, breaches, emergencies, answers to attacks, benefits
 *      treaty_tariff  schedules of concessions
 *
 * Owns: the table of acts and records of treaties. */
#ifndef CY_INSTITUTIONS_TREATY_TREATY_H
#define CY_INSTITUTIONS_TREATY_TREATY_H

#include "kernel/act.h"

extern const struct cy_institution cy_treaties;

#endif
