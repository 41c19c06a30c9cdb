/* blob_keeper: a node's blobs: what the world declares joined with what the disk holds.
 *
 *      PUT --begin--> world: declared? --> store --end--> keeper's thread: flush, name, look again
 *      blob_erase in a signed head --------------------> keeper's thread: overwrite, remove
 *
 * One thread ends uploads, because flushing is slow, and erases: after each new head it looks
 * whether the world says that a blob held here is erased, waits until a signed head covers that,
 * and only then removes it - an act that was lost with the power must not have had effects. A blob
 * erased while it arrived goes as soon as it is there. What is erased in the world is not given out
 * from that moment on, whether its file is gone yet or not.
 *
 * A file that no act declares (its act was lost, the upload was not) is kept, and not given out.
 *
 * Owns: the store and its thread. Never: knows HTTP. */
#ifndef CY_HOST_NODE_BLOB_KEEPER_H
#define CY_HOST_NODE_BLOB_KEEPER_H

#include "host/node/blob_store.h"
#include "host/node/node.h"

struct cy_blob_keeper;

/* cy_blob_keeper_start opens the store in the node's ledger directory, as the configuration limits
 * it. Fails as cy_blob_store_open. */
CY_MUST_USE cy_err cy_blob_keeper_start(struct cy_node *node, struct cy_blob_keeper **out);

/* cy_blob_keeper_stop ends the uploads whose bytes are all here, and the thread. It must come after
 * the server has stopped and before the node does. NULL does nothing. */
void cy_blob_keeper_stop(struct cy_blob_keeper *keeper);

/* cy_blob_keeper_begin starts an upload of `length` bytes. Fails as cy_blob_put_begin, and with
 * BLOB_LENGTH. */
CY_MUST_USE cy_err cy_blob_keeper_begin(struct cy_blob_keeper *keeper, const struct cy_id *digest,
                                        uint64_t length, struct cy_blob_put **out);

/* An upload whose bytes have arrived. */
struct cy_blob_end {
    struct cy_blob_end *next; /* the keeper's */
    struct cy_blob_put *put;
    struct cy_id digest;
    /* told once, in the keeper's thread: OK after the blob is durable */
    void (*done)(struct cy_blob_end *end, cy_err verdict);
};

/* cy_blob_keeper_end hands over; `end` must live until done was called. */
void cy_blob_keeper_end(struct cy_blob_keeper *keeper, struct cy_blob_end *end);

/* cy_blob_keeper_find says whether the blob may be given out. Fails with BLOB_UNDECLARED,
 * BLOB_ERASED, BLOB_ABSENT. */
CY_MUST_USE cy_err cy_blob_keeper_find(struct cy_blob_keeper *keeper, const struct cy_id *digest);

#endif
