/* log_proof: that an act is signed, and that an entry stands in a ledger under a signed head.
 *
 *      act          signatures of its keys          (crypto/ed25519: the rule)
 *      checkpoint   as the trust asks                             (verify/trust)
 *      tlog-proof   path from the entry to a checkpoint           (crypto/merkle)
 *      receipt      JSON of a daemon around a tlog-proof; or COSE: path and one signature
 *
 * Each function adds steps to the report and returns whether all of them hold. What it is held to
 * is given, never taken from the file.
 *
 * Owns: the order of these checks. Never: trusts a file, does IO, allocates (arenas are the
 * caller's). */
#ifndef CY_VERIFY_LOG_PROOF_H
#define CY_VERIFY_LOG_PROOF_H

#include "kernel/act.h"
#include "verify/json_doc.h"
#include "verify/report.h"
#include "verify/trust.h"
#include "wire/receipt.h"
#include "wire/tlog_proof.h"

/* cy_check_head: a signed head, as cy_trust_head. */
bool cy_check_head(struct cy_span note, const struct cy_trust *trust, struct comity_report *report);

/* cy_check_act: bytes are an act, and its signatures verify. The arena must hold
 * cy_act_decoded_max(bytes.n); *act (decoded, borrowing from both) is valid when it holds. */
bool cy_check_act(struct cy_span bytes, struct cy_arena *arena, struct cy_act *act,
                  struct comity_report *report);

/* cy_place: a tlog-proof that was read leads from the entry to the head that the report holds.
 * Fails as cy_merkle_inclusion. */
CY_MUST_USE cy_err cy_place(const struct cy_tlog_proof *proof, struct cy_span entry,
                            struct comity_report *report);

/* The files. entry has n = 0 when the file must hold it itself; else what is in the file is not
 * looked at. Arenas must hold what cy_log_proof_room says. */
bool cy_check_tlog_proof(struct cy_span text, struct cy_span entry, const struct cy_trust *trust,
                         struct cy_arena *arena, struct comity_report *report);
bool cy_check_receipt(const struct cy_doc *root, struct cy_span entry, const struct cy_trust *trust,
                      struct cy_arena *arena, struct comity_report *report);
/* cy_check_cose: the ledger's signature over the path; the entry's act is not looked at. Witnesses
 * do not sign such a receipt: FEW_WITNESSES when any are needed, or a policy is to be met. */
bool cy_check_cose(const struct cy_receipt *receipt, struct cy_span entry,
                   const struct cy_trust *trust, struct comity_report *report);

/* cy_is_receipt says that a document claims to be one: it holds a proof. */
bool cy_is_receipt(const struct cy_doc *root);

/* cy_log_proof_room bounds the arena that a file of n bytes and an entry of entry_n bytes need. */
size_t cy_log_proof_room(size_t n, size_t entry_n);

/* cy_doc_base64 gives the bytes that a string says in base64, in the arena. Fails with BAD_JSON,
 * BAD_BASE64, NO_ROOM. */
CY_MUST_USE cy_err cy_doc_base64(const struct cy_doc *value, struct cy_arena *arena,
                                 struct cy_span *out);

#endif
