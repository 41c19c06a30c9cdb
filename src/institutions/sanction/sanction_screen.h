/* sanction_screen: what screening found of a party, as one word with its evidence (M018, M023).
 *
 * Matching of names, aliases, scripts and dates never runs inside a world: models/screen does it
 * outside, and its verdict enters by one act. How a screening program hands over a finding:
 *
 *      1. record its report (candidates, scores and their decomposition): evidence_record, kind
 *         audit, about the party; the digest is the evidence
 *      2. for each party and list: sanction_screen {list, party, verdict, subject, score_ppm,
 *         evidence, number}; `subject` is the id of record sanction_entry, `number` the list's
 *         number that was screened against. Up to 4,096 of them stand in one batch.
 *
 *      clear       nothing of that list is this party
 *      possible    a person must look; nothing is restrained, and the word shows it
 *      match       from now on the party bears what the target bears, also when that changes
 *
 * The author holds the list owner's office `screener` (or secretary), or is the owner; of a mirror,
 * the operator. A later word takes the place of an earlier one; one that was screened against an
 * older number of the list does not. A party that was matched appeals as any other
 * (restraint_appeal): the restraint names the list.
 *
 * Owns: screen_word, screen_match. */
#ifndef CY_INSTITUTIONS_SANCTION_SANCTION_SCREEN_H
#define CY_INSTITUTIONS_SANCTION_SANCTION_SCREEN_H

#include "institutions/sanction/sanction_feed.h"

cy_err cy_sanction_screen_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message);

#endif
