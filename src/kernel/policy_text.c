#include "kernel/policy_text.h"

#include "crypto/note_key.h"
#include "kernel/agreement.h"
#include "kernel/quorum.h"

/* A witness, or a group: then without a name of its own. */
struct node {
    const struct cy_policy_node *record;
    struct cy_span name;
    struct cy_span keeper;
};

struct tree {
    struct node nodes[CY_QUORUM_NODES_MAX];
    uint64_t n;
};

/* A key that was laid down stays in the policy until another one is set. Its seat is named as it
 * was then; who ran it is known while the seat is on record, else it counts as run by itself. */
static void name_former(const struct cy_world *world, struct node *node)
{
    const struct cy_seat_key *key = CY_GET(world, seat_key, &node->record->key);
    const struct cy_seat *seat = key == NULL ? NULL : CY_GET(world, seat, &key->seat);

    if (key == NULL)
        return;
    node->name = cy_name_text(&key->name);
    node->keeper = node->name;
    if (seat != NULL && cy_span_eq(cy_name_text(&seat->name), node->name))
        node->keeper = cy_label_text(&seat->operator);
}

static void name_witness(const struct cy_world *world, struct node *node)
{
    const struct cy_trustee *trustee = CY_GET(world, trustee, &node->record->key);

    if (trustee != NULL) {
        node->name = cy_name_text(&trustee->name);
        node->keeper = cy_label_text(&trustee->operator);
        return;
    }
    for (uint64_t i = 0; i < CY_ROLL_SEATS_MAX; i++) {
        const struct cy_seat *seat = CY_GET(world, seat, &i);

        if (seat == NULL || !cy_id_eq(&seat->cosign_key, &node->record->key))
            continue;
        node->name = cy_name_text(&seat->name);
        node->keeper = cy_label_text(&seat->operator);
        return;
    }
    name_former(world, node);
}

static void read_tree(const struct cy_world *world, struct tree *tree)
{
    const struct cy_policy_node *record = NULL;

    tree->n = 0;
    while (tree->n < CY_QUORUM_NODES_MAX &&
           (record = CY_GET(world, policy_node, &tree->n)) != NULL) {
        struct node *node = &tree->nodes[tree->n++];

        *node = (struct node){.record = record};
        if (record->need == 0)
            name_witness(world, node);
    }
}

/* No witness has a plus sign in its name: it ends the name in a verifier key. */
static void add_name(const struct tree *tree, uint64_t i, struct cy_text *out)
{
    if (tree->nodes[i].record->need == 0) {
        cy_text_span(out, tree->nodes[i].name);
        return;
    }
    cy_text_add(out, "group+");
    cy_text_u64(out, i + 1);
}

static void add_witness(const struct node *node, struct cy_text *out)
{
    struct cy_note_key key;

    cy_text_add(out, "witness ");
    cy_text_span(out, node->name);
    cy_text_add(out, " ");
    if (cy_ok(cy_note_key_of(node->name, CY_NOTE_COSIGNATURE, &node->record->key, &key)))
        cy_note_vkey(&key, out);
    cy_text_add(out, "\n");
}

/* All witnesses of one operator on one line, where the first of them stands. */
static void add_operator(const struct tree *tree, uint64_t first, struct cy_text *out)
{
    const struct cy_span keeper = tree->nodes[first].keeper;

    for (uint64_t i = 0; i < first; i++) {
        if (tree->nodes[i].record->need == 0 && cy_span_eq(tree->nodes[i].keeper, keeper))
            return;
    }
    cy_text_add(out, "#operator ");
    cy_text_span(out, keeper);
    for (uint64_t i = first; i < tree->n; i++) {
        if (tree->nodes[i].record->need > 0 || !cy_span_eq(tree->nodes[i].keeper, keeper))
            continue;
        cy_text_add(out, " ");
        add_name(tree, i, out);
    }
    cy_text_add(out, "\n");
}

static void add_group(const struct tree *tree, uint64_t group, struct cy_text *out)
{
    cy_text_add(out, "group ");
    add_name(tree, group, out);
    cy_text_add(out, " ");
    cy_text_u64(out, tree->nodes[group].record->need);
    for (uint64_t i = 0; i < tree->n; i++) {
        if (tree->nodes[i].record->group != group + 1)
            continue;
        cy_text_add(out, " ");
        add_name(tree, i, out);
    }
    cy_text_add(out, "\n");
}

void cy_policy_text(const struct cy_world *world, struct cy_text *out)
{
    struct tree tree;

    read_tree(world, &tree);
    for (uint64_t i = 0; i < tree.n; i++) {
        if (tree.nodes[i].record->need == 0)
            add_witness(&tree.nodes[i], out);
    }
    for (uint64_t i = 0; i < tree.n; i++) {
        if (tree.nodes[i].record->need == 0)
            add_operator(&tree, i, out);
    }
    for (uint64_t i = 0; i < tree.n; i++) {
        if (tree.nodes[i].record->need > 0)
            add_group(&tree, i, out);
    }
    for (uint64_t i = 0; i < tree.n; i++) {
        if (!tree.nodes[i].record->quorum)
            continue;
        cy_text_add(out, "quorum ");
        add_name(&tree, i, out);
        cy_text_add(out, "\n");
    }
}
