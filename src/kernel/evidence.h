/* evidence: content-addressed bundles, and blobs outside the ledger with who may read them (M117).
 *
 *      blob_hold ----> held ----blob_erase----> erased (its keys are destroyed, the hash stays)
 *      evidence_record: digest, kind, about whom, one public sentence; for good
 *
 * What is large, private or personal stays outside: encrypted to named passports, named here by the
 * hash of the encrypted bytes, erased by destroying its key. A small public bundle may stand in the
 * act itself; it must then hash to the digest. Equivocation must: a proof of betrayal is of use
 * only when everybody has it. What a bundle proves is judged by whoever acts on it, never here.
 *
 * Owns: blob, blob_reader, evidence. Never: holds bytes, judges a bundle's content. */
#ifndef CY_KERNEL_EVIDENCE_H
#define CY_KERNEL_EVIDENCE_H

#include "kernel/stake.h"

extern const struct cy_institution cy_evidences;

/* cy_evidence_of returns recorded evidence, NULL when there is none with this digest. */
const struct cy_evidence *cy_evidence_of(struct cy_plan *plan, const struct cy_id *digest);

/* cy_evidence_may_read says that the blob is held and the passport its owner or a reader. */
bool cy_evidence_may_read(struct cy_plan *plan, const struct cy_id *blob,
                          const struct cy_id *passport);

#endif
