/* receipt_json: what the server says about one act, as JSON: its place in the ledger, what it did,
 * and the proof anyone can check.
 *
 * Owns: these forms. Never: decides. */
#ifndef CY_HOST_ROUTES_RECEIPT_JSON_H
#define CY_HOST_ROUTES_RECEIPT_JSON_H

#include "host/json/entry_json.h"
#include "host/node/node.h"

/* The levels of a receipt (DESIGN 3). In a federation an act is recorded when it is agreed on, and
 * final under a head whose cosignatures meet the policy; there are no witnesses. */
enum cy_level { CY_LEVEL_NONE, CY_LEVEL_RECORDED, CY_LEVEL_WITNESSED, CY_LEVEL_FINAL };

const char *cy_level_text(enum cy_level level);

/* cy_proof_text writes the tlog-proof of entry `at` under the newest head that at least `need`
 * witnesses cosigned and that covers it, else under the newest. need 0: what is configured
 * (wait.witnesses). In a federation: under the newest final head that covers it, else under the
 * newest agreed one. Fails with NO_NOUN (not in the ledger yet), NO_ROOM, trouble. Sets *level to
 * what the head amounts to. */
CY_MUST_USE cy_err cy_proof_text(struct cy_node *node, uint64_t at, uint32_t need,
                                 struct cy_text *out, enum cy_level *level);

/* cy_receipt_json writes the receipt of a finished, accepted job; need as above. */
CY_MUST_USE cy_err cy_receipt_json(struct cy_node *node, const struct cy_job *job, uint32_t need,
                                   struct cy_text *out, enum cy_level *level);

#endif
