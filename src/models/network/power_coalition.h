/* power_coalition: `comity power coalition`: what a coalition can do, and whom it lacks.
 *
 * Given some members of a weighted vote that would vote alike: whether they win, or keep all others
 * from winning; who of them can leave without loss; how much is missing; whom to ask. For each
 * outsider, of all cases in which one outsider makes the coalition win, the share in which it is
 * this one: the Banzhaf index of the vote among outsiders whose quota is what is missing. And what
 * voting as one changes: the Shapley-Shubik index of the coalition as one member beside the sum of
 * its members' own.
 *
 * Counts are exact (certify/power). Advice: nothing here forms a coalition.
 *
 * Owns: nothing; all stands in the desk's memory. */
#ifndef CY_MODELS_NETWORK_POWER_COALITION_H
#define CY_MODELS_NETWORK_POWER_COALITION_H

#include "models/network/power_index.h"

struct cy_coalition {
    bool *in; /* of each member of the vote */
    size_t n; /* members in it */
    uint64_t weight;
    bool wins;
    bool blocks;      /* the others together do not win */
    uint32_t missing; /* 0 when it wins */
    bool *needed;     /* without it the coalition no longer wins (or, of a loser, blocks) */
    uint32_t *asked;  /* of each outsider, millionths; 0 when the coalition wins */
    size_t fewest;    /* outsiders that suffice, the heaviest first; 0 when it wins */
    size_t *partners; /* the outsiders, the heaviest first */
    size_t n_partners;
    uint32_t apart; /* millionths: the sum of its members' indices */
    uint32_t as_one;
};

/* cy_coalition_judge fills everything but `in`, which says who is in. Fails with RANGE, NO_MEMORY;
 * noted. */
CY_MUST_USE cy_err cy_coalition_judge(struct cy_desk *desk, const struct cy_power_table *table,
                                      uint32_t quota, struct cy_coalition *of);

int cy_model_power_coalition(struct cy_desk *desk);

#endif
