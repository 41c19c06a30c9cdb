/* two_statements: two signed statements of one key that nobody honest signs both: it is convicted.
 *
 *      votes          one ledger, height, round and step: two values
 *      heads          one ledger: two roots for one size; or two sizes, and a path that leads to
 * the cosignatures   larger head from another root than the one signed for the smaller size
 *
 * A statement is a signed note. Of its lines those count whose key id is this key's; one of them
 * must verify by the strict rule (crypto/ed25519.h), so that what convicts here does so in every
 * stock tool. The text of a head is a checkpoint, signed as it is by a log, or under its time by a
 * cosigner (tlog-cosignature).
 *
 * Nobody is trusted and no trust is needed: the key is part of the evidence. Whose key it is, the
 * roll of the federation says, or the reader's own trust.
 *
 * The kernel holds the act `equivocate` to the same rule (kernel/convict.h), which says only
 * whether; a differential test keeps the two verdicts equal.
 *
 * Owns: nothing; wire/equivocation has the file. Never: says which of the two is true. */
#ifndef CY_VERIFY_TWO_STATEMENTS_H
#define CY_VERIFY_TWO_STATEMENTS_H

#include "verify/report.h"
#include "verify/trust.h"
#include "wire/equivocation.h"

/* What two statements convict of, for people. */
struct cy_contradiction {
    struct cy_span origin; /* of the ledger they are about */
    uint64_t a;            /* height, or the smaller size */
    uint64_t b;            /* round, or the larger size (0: one size) */
};

/* cy_statements_contradict is the pure check. Fails with BAD_NOTE, BAD_VOTE, BAD_CHECKPOINT,
 * NOT_SIGNED (no line of the key), BAD_SIGNATURE (none verifies; detail: the last), BAD_MERKLE, and
 * NO_CONFLICT when one honest key may sign both. *which: the statement it fails at, from 0; 2 when
 * each of them stands by itself. */
CY_MUST_USE cy_err cy_statements_contradict(const struct cy_equivocation *what,
                                            struct cy_contradiction *out, unsigned *which);

/* cy_check_evidence checks a file of two statements. trust may name nobody; where it names the key,
 * the report says who it is. */
bool cy_check_evidence(struct cy_span file, const struct cy_trust *trust,
                       struct comity_report *report);

#endif
