/* two_heads: two signed heads of one ledger: one history, or two (equivocation).
 *
 *      sizes equal       same root: one history;  other roots: the ledger's key convicts itself
 *      sizes m < n       a consistency path joins them: one history
 *                        a path leads from another root of size m to the second head: it convicts
 *
 * That no path was given, or a wrong one, convicts nobody: there may be another. Two heads of
 * different sizes are convicted by a path that leads elsewhere: it proves that the tree of the
 * newer head began, at the older one's size, with another root than the older one signed. Whoever
 * has the newer ledger's tiles can make it.
 *
 * Both heads are held to the strict rule (crypto/ed25519.h): what convicts an operator here
 * convicts it in every stock tool. Cosignatures are counted, none is asked for: a betrayal is one
 * without them. A federation's heads have nothing else: each must meet the policy, and two
 * histories convict its quorum.
 *
 * Owns: nothing; wire/heads has the file. Never: says which history is true. */
#ifndef CY_VERIFY_TWO_HEADS_H
#define CY_VERIFY_TWO_HEADS_H

#include "crypto/merkle.h"
#include "verify/log_proof.h"
#include "wire/heads.h"

#define CY_CONFLICT_PATH_MAX (CY_MERKLE_PATH_MAX + 1)

/* cy_check_heads checks a file of two heads. It holds for one history and for two; report->convicts
 * says which. Fails with BAD_PROOF_TEXT, BAD_MERKLE, and as cy_checkpoint_verify. */
bool cy_check_heads(struct cy_span file, const struct cy_trust *trust,
                    struct comity_report *report);

/* Evidence of two histories; prefix is NULL for heads of one size. */
struct cy_conflict {
    struct cy_span first; /* signed notes; the older first */
    struct cy_span second;
    const struct cy_id *prefix; /* the root of the second head's tree at the first one's size */
    const struct cy_id *path;   /* from there to the second head */
    size_t n;
};

/* cy_check_conflict holds only when the heads convict the key. Fails with NO_CONFLICT, BAD_MERKLE,
 * and as cy_checkpoint_verify. */
bool cy_check_conflict(const struct cy_conflict *conflict, const struct cy_trust *trust,
                       struct comity_report *report);

#endif
