/* allocate_range: how far the supply may move before anything but amounts changes, exactly.
 *
 * At the end those whom only the supply holds stand at one level; of each unit more or less they
 * take parts that are known (per over the sum of per). That goes on until one of them meets its cap
 * or floor, somebody who stands at a cap or floor is let go, or a group meets its share. All this
 * stands in the settled state that the certificates proved; nothing is solved again.
 *
 * Owns: the numbers of a range. Never: solves. */
#ifndef CY_MODELS_ALLOCATE_ALLOCATE_RANGE_H
#define CY_MODELS_ALLOCATE_ALLOCATE_RANGE_H

#include "models/allocate/allocate_stage.h"

struct cy_allocate_range {
    bool there;        /* false: nobody is held by the supply alone, or not by a level */
    bool endless;      /* upward */
    uint32_t priority; /* of those at the level */
    mpq_t level;
    mpq_t per_unit; /* the level rises by so much with a unit of supply */
    mpq_t from;     /* supply */
    mpq_t to;
};

/* cy_allocate_range_find reads it off a state in which all is settled. Free it in any case. */
void cy_allocate_range_find(const struct cy_allocate_state *state, struct cy_allocate_range *out);
void cy_allocate_range_free(struct cy_allocate_range *range);

/* cy_allocate_range_part is what of each unit of supply within the range goes to a party. */
void cy_allocate_range_part(const struct cy_allocate_state *state,
                            const struct cy_allocate_range *range, uint32_t p, mpq_ptr out);

#endif
