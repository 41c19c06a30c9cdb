/* policy_tree: the policy that makes heads final: checked, and in a federation kept in the world.
 *
 *      text --read--> tree of groups --checked--> policy_node records     (federation)
 *                                \--------------> its digest in `realm`   (cell and federation)
 *
 * Any two quorums must share more operators than may be faulty, or the act says that less is
 * accepted. In a federation the policy names exactly the active seats and the trustees, each under
 * its own name with its cosigning key, and those whom one operator runs count as one operator. So
 * the world itself can say which heads are final, by the same rule as anybody who has the text.
 *
 * Owns: policy_node. Never: says who is on the roll (the caller does). */
#ifndef CY_KERNEL_POLICY_TREE_H
#define CY_KERNEL_POLICY_TREE_H

#include "kernel/agreement.h"
#include "kernel/ledger_time.h"
#include "kernel/quorum.h"

#define CY_TRUSTEES_MAX 48u
#define CY_COSIGNERS_MAX (CY_ROLL_SEATS_MAX + CY_TRUSTEES_MAX)

/* Whom a policy has to name. */
struct cy_cosigner_due {
    struct cy_name name;
    struct cy_id key;
    struct cy_label keeper; /* its operator */
};

struct cy_cosigners_due {
    uint32_t n;
    struct cy_cosigner_due due[CY_COSIGNERS_MAX];
};

/* A policy as an act brings it. */
struct cy_policy_offer {
    struct cy_span text;
    uint16_t faults;
    bool accept_less;
};

/* A policy must name quorums any two of which share more operators than may be faulty, or say that
 * it accepts less. cy_policy_check reads it so and gives the least intersection. Fails with the
 * errors of cy_quorum_read and cy_quorum_meet, and QUORUM_WEAK (detail: the least intersection;
 * cy_quorum_explain prints the two quorums). */
CY_MUST_USE cy_err cy_policy_check(struct cy_span policy, uint32_t faults, bool accept_less,
                                   uint32_t *least);

/* cy_policy_put checks a policy and plans it as the realm's. due: whom it must name, no more and no
 * less; NULL in a cell. Fails as cy_policy_check, or with POLICY_NAMES (detail: how many of those
 * due it does name rightly). Touches the realm and CY_QUORUM_NODES_MAX records at most. */
CY_MUST_USE cy_err cy_policy_put(struct cy_plan *plan, const struct cy_policy_offer *offer,
                                 const struct cy_cosigners_due *due);

/* cy_policy_tree is the policy in force, in a federation: nodes in their order. cy_policy_tree_read
 * sees it as a plan would leave it, cy_policy_tree_get as the world stands. */
struct cy_policy_tree {
    uint32_t n;
    struct cy_policy_node node[CY_QUORUM_NODES_MAX];
};
void cy_policy_tree_read(struct cy_plan *plan, struct cy_policy_tree *out);
void cy_policy_tree_get(const struct cy_world *world, struct cy_policy_tree *out);

/* cy_policy_tree_met says that the witnesses whose places are set meet it. */
bool cy_policy_tree_met(const struct cy_policy_tree *tree, const struct cy_quorum_set *signers);

#endif
