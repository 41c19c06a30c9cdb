/* state_pick: records of a ledger's state with their proofs, out of nothing but a copy of it.
 *
 *     copy (directory, URL) --> head --> the newest entry under it that carries a state root
 *                                \--> replayed and held to the head (audit) up to there
 *                                      --> the records wanted, each proven under that root
 *
 * The operator of the ledger is not asked for anything but files that every mirror has. What comes
 * out is proven twice: the history was replayed, and every proof stands for itself.
 *
 * Owns: the memory of what it found, until cy_state_pick_free. Never: writes. */
#ifndef CY_HOST_AUDIT_STATE_PICK_H
#define CY_HOST_AUDIT_STATE_PICK_H

#include "host/audit/audit.h"
#include "host/audit/source_disk.h"
#include "kernel/foreign.h"

/* One record. */
struct cy_state_row {
    const struct cy_schema *schema;
    struct cy_id key;     /* in the state */
    struct cy_span value; /* canonical bytes */
    struct cy_span proof; /* ICS-23 */
};

/* What is wanted: asked of every record in two rounds, so that the second may know what the first
 * has seen. */
struct cy_state_wish {
    bool (*wants)(void *user, unsigned round, const struct cy_schema *schema, const void *record);
    void *user;
};

struct cy_state_pick {
    struct cy_state_row *rows; /* ascending by number of the record, then by key */
    size_t n;
    uint64_t at;                               /* index of the entry that carries the root */
    struct cy_span entry;                      /* that act */
    struct cy_foreign_mark mark;               /* the root, and the time from there on */
    struct cy_span note;                       /* the head with its signatures */
    uint64_t size;                             /* entries under it */
    struct cy_id realm;                        /* of whom the ledger is */
    struct cy_id path[CY_MERKLE_PATH_MAX + 1]; /* from the entry to the head */
    uint32_t n_path;
    struct cy_id consistency[CY_MERKLE_PATH_MAX + 1]; /* from the size that was asked for */
    uint32_t n_consistency;
    char why[512]; /* when it failed: one sentence */
    void *memory;
    size_t memory_n;
};

/* cy_state_pick_run replays the ledger at a place and picks. options: as for an audit (pick is
 * ignored); since: size of an older head from which a consistency path is made; 0 for none. Fails
 * as cy_audit_source_open and cy_audit_run, with ROOT_STALE (no entry carries a root), HEAD_OLD
 * (the ledger is smaller than `since`), NO_ROOM (more than 1 GiB is wanted). */
CY_MUST_USE cy_err cy_state_pick_run(const char *place, const char *pin,
                                     const struct cy_audit_options *options,
                                     const struct cy_state_wish *wish, uint64_t since,
                                     struct cy_state_pick *out);
void cy_state_pick_free(struct cy_state_pick *pick);

#endif
