#include "kernel/policy_tree.h"

#include "crypto/hash.h"

cy_err cy_policy_check(struct cy_span policy, uint32_t faults, bool accept_less, uint32_t *least)
{
    struct cy_quorum quorum;
    struct cy_quorum_meet meet;

    CY_TRY(cy_quorum_read(policy, &quorum));
    CY_TRY(cy_quorum_meet(&quorum, &meet));
    *least = meet.least;
    if (meet.least <= faults && !accept_less)
        return cy_fail(CY_E_QUORUM_WEAK, meet.least);
    return CY_OK;
}

/* --- whom it names --- */

static const struct cy_cosigner_due *due_of(const struct cy_cosigners_due *due,
                                            const struct cy_quorum_node *witness)
{
    for (uint32_t i = 0; i < due->n; i++) {
        if (cy_id_eq(&due->due[i].key, &witness->key) &&
            cy_span_eq(cy_name_text(&due->due[i].name), witness->name) &&
            cy_span_eq(witness->signs_as, witness->name))
            return &due->due[i];
    }
    return NULL;
}

/* Two witnesses of one operator must count as one. */
static bool operators_agree(const struct cy_quorum *quorum, const struct cy_cosigners_due *due)
{
    for (uint32_t i = 0; i < quorum->n; i++) {
        const struct cy_quorum_node *a = &quorum->nodes[i];

        for (uint32_t j = 0; a->need == 0 && j < i; j++) {
            const struct cy_quorum_node *b = &quorum->nodes[j];

            if (b->need == 0 && a->operator_of != b->operator_of &&
                cy_label_eq(&due_of(due, a)->keeper, &due_of(due, b)->keeper))
                return false;
        }
    }
    return true;
}

/* Keys and names of a policy stand once each, so counting finds those that are missing. */
static cy_err names_exactly(const struct cy_quorum *quorum, const struct cy_cosigners_due *due)
{
    uint32_t named = 0;
    uint32_t others = 0;

    for (uint32_t i = 0; i < quorum->n; i++) {
        if (quorum->nodes[i].need > 0)
            continue;
        named += due_of(due, &quorum->nodes[i]) != NULL;
        others += due_of(due, &quorum->nodes[i]) == NULL;
    }
    if (named != due->n || others > 0 || quorum->root == CY_QUORUM_NONE ||
        !operators_agree(quorum, due))
        return cy_fail(CY_E_POLICY_NAMES, named);
    return CY_OK;
}

/* --- the tree in the world --- */

static void put_node(struct cy_plan *plan, const struct cy_quorum *quorum, uint32_t i)
{
    const uint64_t number = i;
    struct cy_policy_node *node = CY_EDIT(plan, policy_node, &number);

    node->key = quorum->nodes[i].key;
    node->need = (uint16_t)quorum->nodes[i].need;
    node->group = 0; /* its group, which comes later, sets it */
    node->quorum = i == quorum->root;
    for (uint32_t m = quorum->nodes[i].need == 0 ? CY_QUORUM_NONE : quorum->nodes[i].member;
         m != CY_QUORUM_NONE; m = quorum->nodes[m].next) {
        const uint64_t member = m;

        CY_EDIT(plan, policy_node, &member)->group = number + 1;
    }
}

static void put_tree(struct cy_plan *plan, const struct cy_quorum *quorum)
{
    for (uint32_t i = 0; i < quorum->n; i++)
        put_node(plan, quorum, i);
    for (uint64_t i = quorum->n; CY_READ(plan, policy_node, &i) != NULL; i++)
        CY_REMOVE(plan, policy_node, &i);
}

cy_err cy_policy_put(struct cy_plan *plan, const struct cy_policy_offer *offer,
                     const struct cy_cosigners_due *due)
{
    struct cy_quorum quorum;
    struct cy_realm *realm = NULL;
    uint32_t least = 0;

    CY_TRY(cy_policy_check(offer->text, offer->faults, offer->accept_less, &least));
    if (due != NULL) {
        CY_TRY(cy_quorum_read(offer->text, &quorum));
        CY_TRY(names_exactly(&quorum, due));
        put_tree(plan, &quorum);
    }
    realm = cy_realm_edit(plan);
    realm->policy = cy_sha256(offer->text);
    realm->policy_meet = (uint16_t)least; /* there are fewer operators than names */
    realm->policy_faults = offer->faults;
    return CY_OK;
}

void cy_policy_tree_read(struct cy_plan *plan, struct cy_policy_tree *out)
{
    const struct cy_policy_node *node = NULL;
    uint64_t i = 0;

    out->n = 0;
    for (; i < CY_QUORUM_NODES_MAX && (node = CY_READ(plan, policy_node, &i)) != NULL; i++)
        out->node[out->n++] = *node;
}

void cy_policy_tree_get(const struct cy_world *world, struct cy_policy_tree *out)
{
    const struct cy_policy_node *node = NULL;
    uint64_t i = 0;

    out->n = 0;
    for (; i < CY_QUORUM_NODES_MAX && (node = CY_GET(world, policy_node, &i)) != NULL; i++)
        out->node[out->n++] = *node;
}

bool cy_policy_tree_met(const struct cy_policy_tree *tree, const struct cy_quorum_set *signers)
{
    uint32_t have[CY_QUORUM_NODES_MAX + 1] = {0}; /* members that are met, by group */

    for (uint32_t i = 0; i < tree->n; i++) { /* members stand before their group */
        const struct cy_policy_node *node = &tree->node[i];
        const bool met = node->need == 0 ? cy_quorum_in(signers, i) : have[i + 1] >= node->need;

        if (met && node->quorum)
            return true;
        have[node->group] += met;
    }
    return false;
}
