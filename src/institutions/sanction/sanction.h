/* sanction: lists of sanctions: decided by an alliance, in force at the next settlement of everyone
 * who follows, proven to everyone else (M017 to M020, M024, M026 to M028, M098).
 *
 *      sanction_open --> sanction_add ... sanction_ease / sanction_comply ... --> sanction_close
 *                            |
 *                            +--> restraint (target, list) --> binds who follows the list
 *
 * An alliance (or any party) keeps a list. Its officers put targets on it: passports, or codes of
 * outside entities, sectors, goods and countries, with measures, evidence, reason, dates, and who
 * may prove compliance. Each party chooses per list: mirror, review, ignore; the realm's own choice
 * binds all in it. Nothing is copied to followers: the settlement reads the list itself
 * (kernel/restraint), so a decision is in force everywhere in the realm with the act that makes it.
 *
 * The parts, each with its own header:
 *      sanction_target   passports and codes          sanction_mirror   lists of foreign realms
 *      sanction_feed     changes, what they put       sanction_screen   verdicts of screening
 *                        in force, ways back          sanction_money    fines, compensation
 *
 * A list that says of a target that it must not be restrained (protect) restrains nothing: it shows
 * a conflict between lists, to be read by whoever follows both.
 *
 * Owns: the table of acts and records of sanctions. Never: matches names. */
#ifndef CY_INSTITUTIONS_SANCTION_SANCTION_H
#define CY_INSTITUTIONS_SANCTION_SANCTION_H

#include "kernel/act.h"

extern const struct cy_institution cy_sanctions;

#endif
