/* dependence: who needs whom more, from trade; flags of pressure; and how to spread what stands too
 * much on one partner.
 *
 * A party depends on a partner by the share of all its trade (sold and bought) that it has with it
 * (Hirschman 1945; Barbieri 1996). Where one depends much and the other little, the other can do
 * harm at little cost. Flags are rules with figures, each a question for people and no finding:
 *
 *   hold        depends by the threshold or more, ten times as much as the other way round
 *   tightening  a hold that grew by ten points or more since the earlier year
 *   cut supply  a partner that gave it the threshold of what it buys now gives half or less, and
 *               sells to the others no less than nine tenths of before
 *   cut market  a partner that took the threshold of what it sells now takes half or less, and buys
 *               from the others, as the party sells to them, no less than nine tenths of before
 *   one-way     a partner delivers twice as much or more, has ten points or more of what the party
 *               buys besides, and buys less from it
 *
 * A suggestion spreads the trade above the threshold over partners it has already, the largest
 * first, none to more than half the threshold. It is a list of moves; the same command applies them
 * to the figures and shows what would come of it. Nothing carries them out.
 *
 * Whole numbers; shares are millionths, rounded down.
 *
 * Owns: nothing; lists stand in the desk's memory. */
#ifndef CY_MODELS_NETWORK_DEPENDENCE_H
#define CY_MODELS_NETWORK_DEPENDENCE_H

#include "models/network/trade_table.h"

#define CY_DEPENDS 300000u /* the threshold, unless another is given */

enum cy_depend_kind {
    CY_DEPEND_HOLD,
    CY_DEPEND_TIGHTENING,
    CY_DEPEND_CUT_SUPPLY,
    CY_DEPEND_CUT_MARKET,
    CY_DEPEND_ONE_WAY,
    CY_DEPEND_KINDS
};

struct cy_depend_flag {
    enum cy_depend_kind kind;
    uint32_t party;
    uint32_t partner;
    uint32_t now;    /* millionths; of what, says the rule */
    uint32_t before; /* the same, earlier; 0 without an earlier year */
    uint32_t other;  /* hold, tightening: how much the partner depends on the party */
    uint64_t amount; /* of the flow or flows, now and before */
    uint64_t amount_before;
};

/* cy_depends is the share of a's trade that it has with b; cy_depends_supply of what a buys,
 * cy_depends_market of what it sells; 0 of nothing. cy_depends_concentration is the sum of squares
 * of a party's shares (Herfindahl), in millionths. */
uint32_t cy_depends(const struct cy_trade *t, size_t a, size_t b);
uint32_t cy_depends_supply(const struct cy_trade *t, size_t a, size_t b);
uint32_t cy_depends_market(const struct cy_trade *t, size_t a, size_t b);
uint32_t cy_depends_concentration(const struct cy_trade *t, size_t a);

/* cy_depend_flags gives the flags, by kind, then the most dependent first; before is an earlier
 * year with the same names, or NULL; party picks one (SIZE_MAX: all). Fails with NO_MEMORY; noted.
 */
CY_MUST_USE cy_err cy_depend_flags(struct cy_desk *desk, const struct cy_trade *now,
                                   const struct cy_trade *before, uint32_t threshold, size_t party,
                                   struct cy_depend_flag **out, size_t *n);

const char *cy_depend_kind_name(enum cy_depend_kind kind);

/* cy_depend_kind_words is the rule in a sentence; cy_depend_kind_doubt what may explain it. */
const char *cy_depend_kind_words(enum cy_depend_kind kind);
const char *cy_depend_kind_doubt(enum cy_depend_kind kind);

/* An amount of a party's trade with `from` that goes to `to`. */
struct cy_depend_move {
    uint32_t from;
    uint32_t to;
    uint64_t amount;
};

/* cy_depend_suggest gives moves after which no partner has more than the threshold; *left is what
 * found no place. Fails with NO_MEMORY; noted. */
CY_MUST_USE cy_err cy_depend_suggest(struct cy_desk *desk, const struct cy_trade *t, size_t party,
                                     uint32_t threshold, struct cy_depend_move **out, size_t *n,
                                     uint64_t *left);

/* cy_depend_move_apply changes the figures: of what the party sells to and buys from the partner,
 * the larger flow gives first. Fails with RANGE: they do not trade so much. */
CY_MUST_USE cy_err cy_depend_move_apply(struct cy_trade *t, size_t party,
                                        const struct cy_depend_move *move);

#endif
