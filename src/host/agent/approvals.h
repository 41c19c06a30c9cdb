/* approvals: acts that were shown to a person and wait for the word to sign them.
 *
 *      describe -> [digest | bytes | what was shown] --take(digest)--> signed, once
 *                         \-- two minutes later --> forgotten
 *
 * An approval is named by the SHA-256 of the very bytes that were described, so the word "sign"
 * cannot be made to mean other bytes: whoever changes them names something that is not here.
 *
 * Owns: the bytes that wait (malloc), at most CY_APPROVALS_MAX; the oldest makes room. Never: reads
 * a clock, signs. One thread at a time. */
#ifndef CY_HOST_AGENT_APPROVALS_H
#define CY_HOST_AGENT_APPROVALS_H

#include "base/err.h"
#include "base/text.h"

#define CY_APPROVALS_MAX 32u
#define CY_APPROVAL_MS 120000u /* how long it waits */

struct cy_approval {
    struct cy_id digest;
    uint8_t *bytes; /* the act, its signatures zeros; malloc */
    size_t n;
    char *say; /* what is asked in the terminal; malloc */
    uint64_t until_ms;
};

struct cy_approvals {
    struct cy_approval at[CY_APPROVALS_MAX]; /* oldest first */
    size_t n;
};

/* cy_approvals_add copies what was shown; *digest names it. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_approvals_add(struct cy_approvals *approvals, struct cy_span bytes,
                                    const char *say, uint64_t now_ms, struct cy_id *digest);

/* cy_approvals_take gives it out and forgets it. Fails with APPROVAL_GONE: never described, taken
 * before, or too long ago. cy_approval_free releases what was taken. */
CY_MUST_USE cy_err cy_approvals_take(struct cy_approvals *approvals, const struct cy_id *digest,
                                     uint64_t now_ms, struct cy_approval *out);
void cy_approval_free(struct cy_approval *approval);

/* cy_approvals_clear forgets all. */
void cy_approvals_clear(struct cy_approvals *approvals);

#endif
