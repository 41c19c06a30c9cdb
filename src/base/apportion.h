/* apportion: whole units shared out by weights, with nothing left over and nothing made up.
 *
 *      exact part = total * weight / sum of weights;  everybody gets its whole part at once,
 *      and the units that remain (fewer than there are parties) go one by one
 *
 *      largest remainder   to whoever is nearest to one more (Hamilton, Hare). What a party was
 *                          ahead or behind may be carried from one sharing to the next, so that
 *                          many small sharings come to what one large one would have given.
 *      highest average     to whoever has most weight for each unit it would then hold (Jefferson,
 *                          D'Hondt). It never takes back a unit when the total grows, and a party
 *                          that splits into several gets no more than it did as one.
 *
 * Under largest remainder a party that splits into k may gain at most k units of the smallest kind;
 * no rule has every virtue (Balinski and Young, "Fair Representation", 1982, chapter on paradoxes).
 * Ties go to the heavier, then to the lower id: the order of the list never matters.
 *
 * Pure arithmetic; 128-bit amounts, 64-bit weights, no rounding anywhere else. */
#ifndef CY_BASE_APPORTION_H
#define CY_BASE_APPORTION_H

#include "base/num.h"

#define CY_PORTIONS_MAX 64u

enum cy_apportion_rule { CY_APPORTION_REMAINDER = 1, CY_APPORTION_AVERAGE = 2 };

struct cy_portion {
    struct cy_id who; /* settles ties; each stands once */
    uint64_t weight;
    cy_u128 part; /* out: whole units */
    /* Largest remainder only, in units / (sum of weights): what it is owed from before, or has had
     * too much. At most one of them is not 0. In and out; begin with 0. They mean something only
     * while the weights stay as they are. */
    cy_u128 behind;
    cy_u128 ahead;
    bool rounded; /* out: it got one of the units that remained */
};

/* cy_apportion shares `total` out. The parts sum to it exactly. Fails with RANGE when no weight is
 * above 0 or n is 0 or past CY_PORTIONS_MAX, OVERFLOW when the weights' sum does not fit 64 bits;
 * then nothing is written. */
CY_MUST_USE cy_err cy_apportion(enum cy_apportion_rule rule, cy_u128 total,
                                struct cy_portion *portions, uint32_t n);

#endif
