/* recognition: foreign passports as they are proven, at the tier that this realm gives them (M082).
 *
 *     tier_map: kind of passport there -> tier here           the operator, for each pair of realms
 *     recognise: the passport's own record, by ICS-23 proof   anybody
 *         again: a later proof follows its rotations, its retirement, its move
 *     recognise_end: no more, whatever is proven              the operator
 *
 * Nothing crosses but a proof: the foreign realm need not do anything, and cannot push anything in.
 * An older proof never undoes a newer one. News that ends a recognition is taken in every state of
 * the bridge; a new recognition passes its gate.
 *
 * Owns: tier_row, recognition. Never: gives power; whoever asks for a tier decides what it is
 * worth. */
#ifndef CY_KERNEL_RECOGNITION_H
#define CY_KERNEL_RECOGNITION_H

#include "kernel/bridge.h"

extern const struct cy_institution cy_recognitions;

/* cy_recognition_tier is the tier here of a foreign passport: 0 when it is not recognised, retired,
 * moved or ended, or its kind has no tier any more. */
uint8_t cy_recognition_tier(struct cy_plan *plan, const struct cy_id *realm,
                            const struct cy_id *passport);

/* cy_recognition_proven reads a record of a foreign realm out of its canonical bytes and holds it
 * to the root of that number. *out is of the schema's size; a record holds no lists. Fails with
 * NO_BRIDGE, ROOT_UNKNOWN, BAD_STATE_PROOF, and as cy_decode. */
CY_MUST_USE cy_err cy_recognition_proven(struct cy_plan *plan, const struct cy_id *realm,
                                         uint64_t root, const struct cy_schema *schema,
                                         struct cy_span value, struct cy_span proof, void *out);

#endif
