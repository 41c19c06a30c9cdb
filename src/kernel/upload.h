/* upload: inputs larger than an act, sent in parts and checked on arrival.
 *
 *      part_open --> part 0 --> part 1 --> ... --> last part --> input (whole, under its digest)
 *          |            each in order, hashed into the chain        |
 *          +-- upload_ms over: given up --------------------+       +-- upload_ms later: forgotten
 *
 * The digest of an input is the head of a hash chain: h = 0; for each part h = SHA-256(h ||
 * SHA-256(part)). So every act carries a part, the world carries one hash, and nobody needs the
 * whole to check a part. The parts themselves stand in the ledger, between two indexes that the
 * record of the whole input names.
 *
 * An upload is secured by a bond to the realm, in an asset that the realm issues; the bond cannot
 * cool meanwhile. Expiry is judged by comparing times; a tick tidies up at most a few at a time.
 *
 * Owns: upload, input. */
#ifndef CY_KERNEL_UPLOAD_H
#define CY_KERNEL_UPLOAD_H

#include "kernel/quorum.h"

extern const struct cy_institution cy_uploads;

/* cy_upload_whole returns the whole input with this digest that an act may build on now; NULL when
 * there is none, or its time is over. */
const struct cy_input *cy_upload_whole(struct cy_plan *plan, const struct cy_id *digest,
                                       cy_time now);

/* cy_upload_chain is the next head of the chain: SHA-256(head || SHA-256(part)). */
struct cy_id cy_upload_chain(const struct cy_id *head, struct cy_span part);

/* cy_upload_sweep gives up uploads, and cy_upload_forget whole inputs, whose time is over, looking
 * at n records from `from` on; they return where to go on. Housekeeping of a tick: at most two
 * records are touched for each looked at. */
uint32_t cy_upload_sweep(struct cy_plan *plan, cy_time now, uint32_t from, uint32_t n);
uint32_t cy_upload_forget(struct cy_plan *plan, cy_time now, uint32_t from, uint32_t n);

#endif
