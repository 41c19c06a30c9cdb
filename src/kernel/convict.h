/* convict: two signed statements that nobody honest makes both. Pure: whoever holds the two notes
 * and the key checks it alone, and so does the act `equivocate`.
 *
 *      vote         the same ledger, height, round and step; another value
 *      head         the same ledger and size, another root; or sizes m < n, and a path that shows
 *      cosignature  what the larger tree's first m leaves hash to: something else
 *
 * Both signatures are verified by the strict rule: what convicts here convicts in every stock tool.
 *
 * Owns: nothing. Never: says who the key belongs to. */
#ifndef CY_KERNEL_CONVICT_H
#define CY_KERNEL_CONVICT_H

#include "kernel/agreement.h"

struct cy_two_statements {
    uint8_t kind;       /* CY_statement_VOTE, _HEAD, _COSIGNATURE */
    struct cy_id key;   /* who signed both */
    struct cy_span one; /* signed notes */
    struct cy_span another;
    struct cy_id prefix; /* heads of different sizes */
    struct cy_span path; /* hashes of 32 bytes, one after another */
};

/* cy_convict_check says that the key signed both and that they contradict each other; *origin is
 * the ledger they are about. Fails with NOT_EQUIVOCATION (detail: 1 or 2 a statement that is
 * malformed or not signed by the key; 3 there is no contradiction). */
CY_MUST_USE cy_err cy_convict_check(const struct cy_two_statements *statements,
                                    struct cy_span *origin);

/* cy_convict_digest names the two together, whichever comes first: SHA-256 of the lesser's digest
 * and the greater's. */
struct cy_id cy_convict_digest(const struct cy_two_statements *statements);

#endif
