/* bundle: an answer with everything that proves it, in one JSON file.
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
 *   {"comity": "bundle@v1", "question": {...}, "answer": "<the JSON text>", "tick": BASE64,
 *    "proof": "<tlog-proof>", "records": [["alliance", BASE64(value), BASE64(proof)], ...]}
 *
 * Owns: this form, made and verified. Never: trusts the server that made it. */
#ifndef CY_HOST_ROUTES_BUNDLE_H
#define CY_HOST_ROUTES_BUNDLE_H

#include "host/node/node.h"
#include "institutions/alliance/members_json.h"

/* cy_bundle_members makes the bundle of a members question into out. Needs a running node: a fresh
 * state root goes into the ledger first. Fails with NO_ALLIANCE, NO_ROOM, TIMED_OUT, trouble. */
CY_MUST_USE cy_err cy_bundle_members(struct cy_node *node,
                                     const struct cy_members_question *question,
                                     struct cy_text *out);

/* What a verifier trusts: the log's key, and witnesses of whom `need` must have cosigned. */
struct cy_bundle_trust {
    struct cy_note_key log;
    const struct cy_note_key *witnesses;
    uint32_t n_witnesses;
    uint32_t need;
};

/* What was verified, step by step, for people; texts are static. */
struct cy_bundle_report {
    uint64_t size;     /* of the checkpoint */
    uint64_t index;    /* of the tick */
    uint32_t cosigned; /* witnesses that did */
    uint32_t records;  /* proven */
    cy_time time;      /* the tick's */
    struct cy_id state_root;
    const char *failed; /* the step that failed, NULL when all held */
};

/* cy_bundle_verify checks a bundle offline and writes the answer it proves. Fails with the error of
 * the step that failed; report says which. */
CY_MUST_USE cy_err cy_bundle_verify(struct cy_span json, const struct cy_bundle_trust *trust,
                                    struct cy_bundle_report *report, struct cy_text *answer);

#endif
