/* bundle_proof: an answer held to everything that proves it (bundle@v1, SPEC/proofs.md).
 *
 *   question, answer
 *      ^ recomputed from
 *   records: alliance, its roll, every event, the parties' passports and codes
 *      ^ each proven by ICS-23 under
 *   the state root in a tick act
 *      ^ which stands in the ledger by a tlog-proof under
 *   a signed and cosigned checkpoint
 *
 * Completeness: the roll says how many events there are, and every one of them is in the bundle,
 * and so is every listed party's passport. So a server can neither invent nor leave out a member or
 * its name; it can leave out a party's country code. What a bundle does not show: that no newer
 * head exists (compare heads with a witness).
 *
 * The document is read where it stands; records go into arrays in the caller's arena, of the sizes
 * that a first walk counts.
 *
 * Owns: the order of these checks. Never: trusts the server that made it (host/routes/bundle
 * makes). */
#ifndef CY_VERIFY_BUNDLE_PROOF_H
#define CY_VERIFY_BUNDLE_PROOF_H

#include "verify/log_proof.h"

#define CY_BUNDLE_NAME "bundle@v1"
#define CY_BUNDLE_DEPTH 8u /* of its JSON */

/* cy_is_bundle says that a document claims to be one. */
bool cy_is_bundle(const struct cy_doc *root);

/* cy_bundle_room bounds the arena that cy_check_bundle takes for this document. */
size_t cy_bundle_room(const struct cy_doc *root);

/* cy_check_bundle checks a bundle and leaves the answer it proves in report->answer. Fails with the
 * error of the step that failed; NO_ROOM only when the arena is smaller than cy_bundle_room says.
 */
bool cy_check_bundle(struct cy_span json, const struct cy_trust *trust, struct cy_arena *arena,
                     struct comity_report *report);

#endif
