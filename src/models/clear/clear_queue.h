/* clear_queue: a queue of payments that runs, and gridlocks in it resolved.
 *
 * Payments arrive in the order of the file. Each party pays in the order in which its payments came
 * (first in, first out), whole payments only, and never beyond what it has. When nobody can go on
 * alone, some may still go on together: what they pay one another covers it. The largest such set
 * is found by striking out, as long as some party would end below nothing, the last payment of that
 * party (Bech and Soramaki 2001). Every payment struck out must be, so the set is the largest, and
 * the only one: the order of striking cannot matter.
 *
 *      arrives -> pays at once                     nothing of its payer waits, and there is enough
 *              -> waits -> pays when money came    its payer's first, and there is enough
 *                       -> pays with others        in the largest set that can go together
 *
 * Settled at once, in one step, or not at all; balances in sum never change.
 *
 * Owns: its own memory. Never: splits a payment, or lets a later one of the same party pass. */
#ifndef CY_MODELS_CLEAR_CLEAR_QUEUE_H
#define CY_MODELS_CLEAR_CLEAR_QUEUE_H

#include "base/num.h"

#define CY_CLEAR_WAITS UINT32_MAX

enum cy_clear_way { CY_CLEAR_WAITING, CY_CLEAR_AT_ONCE, CY_CLEAR_LATER, CY_CLEAR_TOGETHER };

struct cy_clear_payment {
    uint32_t payer;
    uint32_t payee;
    uint64_t amount; /* sums below 2^62 */
    bool barred;     /* never pays, and holds nobody up */
    enum cy_clear_way way;
    uint32_t step; /* number of the arrival at which it was settled; CY_CLEAR_WAITS */
};

/* cy_clear_queue_run settles n payments among n_parties whose balances are 0 or more and are
 * changed; *resolved counts the sets that went together. False without memory. */
CY_MUST_USE bool cy_clear_queue_run(struct cy_clear_payment *payments, uint32_t n,
                                    int64_t *balances, uint32_t n_parties, uint32_t *resolved);

#endif
