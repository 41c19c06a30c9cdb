/* older_copy: a ledger that is older than what its key has signed must not be gone on with.
 *
 * The signer's memory says so when only the ledger is old. When the keys came from the same old
 * copy (a restored machine image), the witnesses still know: a head that our key signed, larger
 * than ours, is proof. A witness's word alone is not: it could stop a cell by lying.
 *
 * Owns: nothing. Never: decides; node stops at the start, or stops signing. */
#ifndef CY_HOST_NODE_OLDER_COPY_H
#define CY_HOST_NODE_OLDER_COPY_H

#include "host/node/witness_ask.h"

/* The ledger that is asked about, and its newest head here. */
struct cy_older_copy {
    struct cy_span origin;
    const struct cy_id *log_key;
    struct cy_span note;
    uint64_t size;
};

#define CY_OLDER_COPY_ASK_MS 1500u /* patience with one witness, before anything is signed */

/* cy_older_copy_beyond asks one witness; the size of a larger head that our key signed (it is
 * logged), 0: none is shown. */
uint64_t cy_older_copy_beyond(struct cy_client *client, const struct cy_witness_place *place,
                              const struct cy_older_copy *here);

/* cy_older_copy_check asks n witnesses in turn, for a few seconds together; those that do not
 * answer are passed over, since two cells that witness each other start one after the other. Fails
 * with HEAD_ROLLBACK (detail: the size; why: who showed it). */
CY_MUST_USE cy_err cy_older_copy_check(const struct cy_witness_place *places, size_t n,
                                       const struct cy_older_copy *here, struct cy_text *why);

#endif
