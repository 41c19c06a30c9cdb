/* conflict_search: two signed heads of different sizes that nobody honest signs both, and what
 * shows it to anybody.
 *
 *      larger head ---root---> its tree's tiles ---> the tree's root at the smaller size   (prefix)
 *                                               ---> the path from there to the larger head
 *      smaller head: another root than the prefix?   then both in one file convict the key
 *
 * That a consistency path is missing convicts nobody: there may be one. So the tiles of the larger
 * head's tree are asked, from a directory, a mirror or a daemon; they are checked against the
 * signed root, so that whoever serves them can refuse to help and cannot mislead.
 *
 * Owns: nothing. Never: verifies signatures (verify/two_statements does, of what comes out). */
#ifndef CY_HOST_AUDIT_CONFLICT_SEARCH_H
#define CY_HOST_AUDIT_CONFLICT_SEARCH_H

#include "host/audit/source_disk.h"
#include "wire/equivocation.h"

/* cy_conflict_search fills in prefix and path of two heads or cosigned heads (what->notes); heads
 * of one size need none. Fails with NO_CONFLICT (detail 3: the larger head goes on from the
 * smaller; else they are not two heads of one ledger), TREE_MISMATCH (the tiles are not of the
 * larger head's tree), as cy_note_read and cy_checkpoint_read, and as the source. */
CY_MUST_USE cy_err cy_conflict_search(struct cy_audit_source *source, struct cy_equivocation *what);

#endif
