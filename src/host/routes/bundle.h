/* bundle: an answer with everything that proves it, made in one JSON file. What it proves, and how
 * it is checked, stands in verify/bundle_proof.h.
 *
 *   {"comity": "bundle@v1", "question": {...}, "answer": "<the JSON text>", "tick": BASE64,
 *    "proof": "<tlog-proof>", "records": [["alliance", BASE64(value), BASE64(proof)], ...]}
 *
 * Owns: making it. Never: checks it. */
#ifndef CY_HOST_ROUTES_BUNDLE_H
#define CY_HOST_ROUTES_BUNDLE_H

#include "host/node/node.h"
#include "institutions/alliance/members_json.h"

/* cy_bundle_members makes the bundle of a members question into out. Needs a running node: a fresh
 * state root goes into the ledger first. Fails with NO_ALLIANCE, NO_ROOM, TIMED_OUT, trouble. */
CY_MUST_USE cy_err cy_bundle_members(struct cy_node *node,
                                     const struct cy_members_question *question,
                                     struct cy_text *out);

#endif
