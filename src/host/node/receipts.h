/* receipts: COSE receipts (wire/receipt.h) of entries, for COSE tools that read no signed notes.
 *
 *     entry --RFC 9162 path--> root of a head --Sig_structure--> signature of the ledger's key
 *
 * The signer signs a receipt only over the root of the head that it signed last, so a receipt never
 * says more than the checkpoint does. One signature serves every entry under its head; a new one is
 * asked for when an entry is newer than that.
 *
 * Owns: a connection to the signer, the last signature. Never: counts cosignatures (a receipt is
 * the operator's word: level recorded). */
#ifndef CY_HOST_NODE_RECEIPTS_H
#define CY_HOST_NODE_RECEIPTS_H

#include "host/node/node.h"
#include "wire/receipt.h"

struct cy_receipts;

/* cy_receipts_new: NULL without memory. cy_receipts_free: NULL does nothing. */
struct cy_receipts *cy_receipts_new(void);
void cy_receipts_free(struct cy_receipts *receipts);

/* cy_receipts_make fills the receipt of entry `at`. It may wait for the signer, up to its timeout:
 * not in a thread of the server. Fails with NO_NOUN (not under a signed head yet), BUSY, and as the
 * signer and the tree do. */
CY_MUST_USE cy_err cy_receipts_make(struct cy_receipts *receipts, struct cy_node *node, uint64_t at,
                                    struct cy_receipt *out);

#endif
