/* allocate_lots: whole lots by a program with whole numbers, where counting remainders is not
 * enough.
 *
 * Largest remainders keep floors and shares of groups in most charters. Where they do not, or where
 * a party has a minimum (so much at least, or nothing at all), the lots are those that
 *
 *      give as many as the shares together come to, and, of all these,
 *      lie nearest to the shares, in the sum of differences,
 *
 * with floors, caps, shares of groups, minimums and the supply kept. The program's certificate is a
 * tree whose every leaf is proved (certify/lp); without minimums it mostly has one leaf.
 *
 *      lots = whole + extra + up - down       whole: those that fit into the share
 *      extra 0 to 1, at 1 - 2 x remainder; up, down at 1 each; a lot given counts for more than all
 *
 * Owns: nothing. Never: solves. */
#ifndef CY_MODELS_ALLOCATE_ALLOCATE_LOTS_H
#define CY_MODELS_ALLOCATE_ALLOCATE_LOTS_H

#include "models/allocate/allocate_stage.h"

/* cy_allocate_minimums says whether some party has a minimum. */
bool cy_allocate_minimums(const struct cy_allocate_charter *charter);

/* cy_allocate_lots_program makes the program, scaled, for shares that are settled. Fails with
 * MODEL_INPUT when a number grows beyond what a program holds. */
CY_MUST_USE cy_err cy_allocate_lots_program(const struct cy_allocate_state *state,
                                            struct cy_lp_program **out);

/* cy_allocate_lots_take reads the lots and what is kept back from a certificate that was judged.
 * Fails with CERT_WRONG when it is not a tree with a point. */
CY_MUST_USE cy_err cy_allocate_lots_take(const struct cy_allocate_state *state,
                                         const struct cy_lp_verdict *verdict, mpz_t *lots,
                                         mpq_ptr kept);

#endif
