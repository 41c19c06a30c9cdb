/* seat: who orders a federation: the members' seats, their keys, and how both change.
 *
 *      seat_admit --> probation --seat_confirm--> active --seat_leave--> left
 *      genesis ------------------------------------^  \--seat_exclude, equivocate--> excluded
 *
 * The realm's passport has as keys exactly the active seats' act keys with their weights, and needs
 * more than two thirds of the weight; each change of the roll computes both anew, at once. Who
 * votes on a height is settled when the one before is complete: the roll's changes in a height hold
 * for the votes of the next (voting_key, voting_weight are those of the height under way).
 *
 * A key is on record for good, with whose it was and when: what a key signed can be held against
 * its seat after it was replaced.
 *
 * Owns: seat, seat_key, trustee, agreement. */
#ifndef CY_KERNEL_SEAT_H
#define CY_KERNEL_SEAT_H

#include "kernel/policy_tree.h"

/* --- reading --- */

/* cy_agreement_of is the realm's agreement, NULL in a cell. */
const struct cy_agreement *cy_agreement_of(struct cy_plan *plan);
struct cy_agreement *cy_agreement_edit(struct cy_plan *plan);

/* cy_seat_at is the seat at that place, whatever its state; NULL when there never was one. */
const struct cy_seat *cy_seat_at(struct cy_plan *plan, uint64_t number);

/* cy_seat_here says that the seat is on the roll: active or on probation. */
bool cy_seat_here(const struct cy_seat *seat);

/* cy_seat_named is the seat on the roll with that name, cy_seat_signing the one whose act key
 * signed alone; NULL when there is none. */
const struct cy_seat *cy_seat_named(struct cy_plan *plan, const struct cy_name *name);
const struct cy_seat *cy_seat_signing(struct cy_plan *plan, const struct cy_envelope *envelope);

/* cy_seat_voters are those whose ballots of the height under way count. */
void cy_seat_voters(struct cy_plan *plan, struct cy_agreement_voters *out);

/* cy_seat_cosigners_due are the active seats as the plan has them, and the trustees: those that
 * this act sets, or where it sets none (NULL) those on record. */
struct cy_trustees {
    const struct cy_trustee_entry *entries;
    uint32_t n;
};
void cy_seat_cosigners_due(struct cy_plan *plan, const struct cy_trustees *set,
                           struct cy_cosigners_due *out);

/* --- changing --- */

/* What a new seat says of itself; the same in a genesis and in seat_admit. */
CY_MUST_USE cy_err cy_seat_open(const struct cy_ctx *ctx, struct cy_plan *plan, uint64_t number,
                                const struct cy_seat_entry *entry, uint8_t state);

/* cy_seat_key_put puts a key on record. Fails with KEY_REUSED when it stands there, or as a
 * trustee's; BAD_KEY. */
CY_MUST_USE cy_err cy_seat_key_put(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const struct cy_seat *seat, const struct cy_id *key,
                                   uint8_t purpose);

/* cy_seat_keys_renew computes the realm's keys and need from the active seats. Touches 34 records.
 */
CY_MUST_USE cy_err cy_seat_keys_renew(const struct cy_ctx *ctx, struct cy_plan *plan);

/* cy_seat_end takes a seat off the roll: LEFT or EXCLUDED. Without another one that votes on the
 * next height it stays (LAST_SEAT): nobody could ever go on. */
CY_MUST_USE cy_err cy_seat_end(const struct cy_ctx *ctx, struct cy_plan *plan, uint64_t number,
                               uint8_t state, const struct cy_id *evidence);

/* cy_seat_trustees_set makes the list all there are. Fails with KEY_REUSED, BAD_KEY, EXISTS. */
CY_MUST_USE cy_err cy_seat_trustees_set(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const struct cy_trustees *set);

/* cy_seat_turn begins a height: from here on the roll as it stands votes. */
void cy_seat_turn(struct cy_plan *plan, uint64_t height);

/* cy_seat_need is the least weight above two thirds of a whole. */
static inline uint16_t cy_seat_need(uint32_t whole)
{
    return (uint16_t)(whole * 2 / 3 + 1);
}

#endif
