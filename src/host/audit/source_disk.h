/* source_disk: somebody else's ledger, as the ledger's own reader sees a disk (ledger/disk.h).
 *
 * So the tree (ledger/tree.h) reads a mirror or a peer over HTTP as it reads a directory: a few
 * tiles, each checked against its parent up to a signed root. A partial tile that is gone, because
 * that ledger has grown, is cut from the full one.
 *
 * Owns: the bytes of the files that are open. Never: writes; making directories and flushing do
 * nothing and succeed, everything else that would change something fails. */
#ifndef CY_HOST_AUDIT_SOURCE_DISK_H
#define CY_HOST_AUDIT_SOURCE_DISK_H

#include "host/audit/audit_source.h"
#include "ledger/tree.h"

#define CY_SOURCE_FILES 8u /* open at one time */

struct cy_source_disk {
    struct cy_audit_source *source;
    cy_err err; /* of the last read that failed for another reason than an absent file */
    struct {
        uint8_t *bytes; /* NULL: free */
        size_t n;
    } files[CY_SOURCE_FILES];
};

/* cy_source_disk is the face for the ledger; disk must be zero but for its source. */
struct cy_disk cy_source_disk(struct cy_source_disk *disk);

/* A foreign tree of a signed size and root, opened through a source. */
struct cy_source_tree {
    struct cy_source_disk disk;
    struct cy_tree tree;
    void *memory;
    size_t memory_n;
};

/* cy_source_tree_open reads the right edge and checks it against the root. Fails as cy_tree_open,
 * or as the source. cy_source_tree_close gives the memory back; call it in either case. */
CY_MUST_USE cy_err cy_source_tree_open(struct cy_source_tree *tree, struct cy_audit_source *source,
                                       uint64_t size, const struct cy_id *root);
void cy_source_tree_close(struct cy_source_tree *tree);

/* cy_source_tree_follows says whether the tree goes on from a head: its first `size` leaves have
 * that root. Fails with HEAD_FORK (it does not, or is smaller), TILE_DAMAGED, or as the source. */
CY_MUST_USE cy_err cy_source_tree_follows(struct cy_source_tree *tree, uint64_t size,
                                          const struct cy_id *root);

#endif
