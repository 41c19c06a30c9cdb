#include "ledger/trie.h"

#define LEAF 0x80000000u /* a reference with this bit is to a leaf */
#define NONE 0u          /* slot 0 of the nodes is never used */
#define FREE UINT32_MAX

struct cy_trie_node {
    struct cy_id hash;
    uint32_t child[2]; /* free: child[0] chains */
    uint32_t refs;
    uint16_t bit;
    uint16_t dirty;
};

struct cy_trie_record {
    struct cy_id key;
    struct cy_id value;
    struct cy_id hash;
    uint32_t refs;  /* free: 0 */
    uint32_t dirty; /* free: chains */
};

static bool is_leaf(uint32_t ref)
{
    return (ref & LEAF) != 0;
}

static struct cy_trie_node *node_of(const struct cy_trie *trie, uint32_t ref)
{
    return &trie->nodes[ref];
}

static struct cy_trie_record *leaf_of(const struct cy_trie *trie, uint32_t ref)
{
    return &trie->leaves[ref & ~LEAF];
}

static unsigned key_bit(const struct cy_id *key, unsigned bit)
{
    return (unsigned)key->b[bit / 8] >> (7 - bit % 8) & 1u;
}

/* The first bit in which two different keys differ; 256 when they are equal. */
static unsigned first_difference(const struct cy_id *a, const struct cy_id *b)
{
    for (unsigned i = 0; i < 32; i += 8) {
        const uint64_t x = cy_get_u64be(a->b + i) ^ cy_get_u64be(b->b + i);

        if (x != 0)
            return i * 8 + (unsigned)__builtin_clzll(x);
    }
    return 256;
}

/* --- slots --- */

static uint32_t nodes_left(const struct cy_trie *trie)
{
    return trie->options.nodes_max - trie->nodes_used + trie->nodes_free;
}

static uint32_t leaves_left(const struct cy_trie *trie)
{
    return trie->options.leaves_max - trie->leaves_used + trie->leaves_free;
}

static uint32_t node_take(struct cy_trie *trie)
{
    uint32_t ref = 0;

    if (trie->nodes_free > 0) {
        ref = trie->nodes_first;
        trie->nodes_first = trie->nodes[ref].child[0];
        trie->nodes_free--;
    } else {
        CY_ASSERT(trie->nodes_used < trie->options.nodes_max);
        ref = ++trie->nodes_used;
    }
    trie->nodes[ref].refs = 1;
    trie->nodes[ref].dirty = 1;
    return ref;
}

static uint32_t leaf_take(struct cy_trie *trie, const struct cy_id *key, const struct cy_id *value)
{
    uint32_t slot = 0;

    if (trie->leaves_free > 0) {
        slot = trie->leaves_first;
        trie->leaves_first = trie->leaves[slot].dirty;
        trie->leaves_free--;
    } else {
        CY_ASSERT(trie->leaves_used < trie->options.leaves_max);
        slot = trie->leaves_used++;
    }
    trie->leaves[slot].key = *key;
    trie->leaves[slot].value = *value;
    trie->leaves[slot].refs = 1;
    trie->leaves[slot].dirty = 1;
    return slot | LEAF;
}

static void hold(struct cy_trie *trie, uint32_t ref)
{
    if (is_leaf(ref))
        leaf_of(trie, ref)->refs++;
    else if (ref != NONE)
        node_of(trie, ref)->refs++;
}

/* Takes one reference away. Depth of recursion: at most one frame for each bit of a key. */
static void drop(struct cy_trie *trie, uint32_t ref)
{
    while (ref != NONE) {
        if (is_leaf(ref)) {
            struct cy_trie_record *leaf = leaf_of(trie, ref);

            if (--leaf->refs == 0) {
                leaf->dirty = trie->leaves_first;
                trie->leaves_first = ref & ~LEAF;
                trie->leaves_free++;
            }
            return;
        }
        struct cy_trie_node *node = node_of(trie, ref);
        const uint32_t right = node->child[1];

        if (--node->refs > 0)
            return;
        drop(trie, node->child[0]);
        node->child[0] = trie->nodes_first;
        trie->nodes_first = ref;
        trie->nodes_free++;
        ref = right;
    }
}

/* Makes the node in *slot the present version's own, and marks it as changed. The slot itself is
 * already its own. */
static struct cy_trie_node *own(struct cy_trie *trie, uint32_t *slot)
{
    struct cy_trie_node *node = node_of(trie, *slot);

    if (node->refs > 1) {
        const uint32_t copy = node_take(trie);
        struct cy_trie_node *fresh = node_of(trie, copy);

        fresh->bit = node->bit;
        for (unsigned side = 0; side < 2; side++) {
            fresh->child[side] = node->child[side];
            hold(trie, node->child[side]);
        }
        node->refs--;
        *slot = copy;
        node = fresh;
    }
    node->dirty = 1;
    return node;
}

/* --- finding --- */

/* What lies on the way to a leaf. */
struct way {
    uint32_t depth;  /* inner nodes */
    uint32_t copies; /* how many of them a change must copy: the first shared one and all below */
    bool leaf_copy;  /* and the leaf */
};

/* The leaf that the bits of key lead to, below ref != NONE. */
static uint32_t nearest(const struct cy_trie *trie, uint32_t ref, const struct cy_id *key,
                        struct way *way)
{
    *way = (struct way){0};
    while (!is_leaf(ref)) {
        const struct cy_trie_node *node = node_of(trie, ref);

        way->depth++;
        if (node->refs > 1 || way->copies > 0)
            way->copies++;
        ref = node->child[key_bit(key, node->bit)];
    }
    way->leaf_copy = way->copies > 0 || leaf_of(trie, ref)->refs > 1;
    return ref;
}

static uint32_t outermost(const struct cy_trie *trie, uint32_t ref, unsigned side)
{
    while (!is_leaf(ref))
        ref = node_of(trie, ref)->child[side];
    return ref;
}

static struct cy_trie_leaf show(const struct cy_trie *trie, uint32_t ref)
{
    const struct cy_trie_record *leaf = leaf_of(trie, ref);

    return (struct cy_trie_leaf){leaf->key, leaf->value};
}

static cy_err root_of(struct cy_trie *trie, uint32_t version, uint32_t *ref)
{
    if (version == CY_TRIE_PRESENT) {
        (void)cy_trie_commit(trie);
        *ref = trie->root;
        return CY_OK;
    }
    if (version > trie->options.kept_max || trie->kept[version - 1] == FREE)
        return cy_fail(CY_E_ROOT_GONE, version);
    *ref = trie->kept[version - 1];
    return CY_OK;
}

cy_err cy_trie_seek(struct cy_trie *trie, uint32_t version, const struct cy_id *key,
                    struct cy_trie_place *place)
{
    uint32_t turn[2] = {NONE, NONE}; /* the other side at the last turn to the right, to the left */
    struct way way;
    uint32_t ref = NONE;
    uint32_t leaf = NONE;
    unsigned bit = 0;

    *place = (struct cy_trie_place){0};
    CY_TRY(root_of(trie, version, &ref));
    if (ref == NONE)
        return CY_OK;
    leaf = nearest(trie, ref, key, &way);
    bit = first_difference(key, &leaf_of(trie, leaf)->key);
    if (bit == 256) {
        place->found = true;
        place->at = show(trie, leaf);
        return CY_OK;
    }
    while (!is_leaf(ref) && node_of(trie, ref)->bit < bit) {
        const struct cy_trie_node *node = node_of(trie, ref);
        const unsigned side = key_bit(key, node->bit);

        turn[1 - side] = node->child[1 - side];
        ref = node->child[side];
    }
    /* All leaves below ref are on one side of key. turn[0]: smaller ones, turn[1]: greater ones. */
    turn[1 - key_bit(key, bit)] = ref;
    place->has_left = turn[0] != NONE;
    place->has_right = turn[1] != NONE;
    if (place->has_left)
        place->left = show(trie, outermost(trie, turn[0], 1));
    if (place->has_right)
        place->right = show(trie, outermost(trie, turn[1], 0));
    return CY_OK;
}

/* --- changing --- */

/* Sets the value of a leaf that is the present version's own. */
static void leaf_set(struct cy_trie_record *leaf, const struct cy_id *value,
                     const struct cy_id *hash)
{
    leaf->value = *value;
    leaf->dirty = hash == NULL;
    if (hash != NULL)
        leaf->hash = *hash;
}

/* A new leaf below `slot`, which the present version owns: it differs from what is there at `bit`.
 */
static void put_new(struct cy_trie *trie, uint32_t *slot, const struct cy_id *key,
                    const struct cy_id *value, const struct cy_id *hash, unsigned bit)
{
    const unsigned side = key_bit(key, bit);
    uint32_t fresh = NONE;
    uint32_t leaf = NONE;

    while (!is_leaf(*slot) && node_of(trie, *slot)->bit < bit) {
        struct cy_trie_node *node = own(trie, slot);

        slot = &node->child[key_bit(key, node->bit)];
    }
    fresh = node_take(trie);
    leaf = leaf_take(trie, key, value);
    leaf_set(leaf_of(trie, leaf), value, hash);
    node_of(trie, fresh)->bit = (uint16_t)bit;
    node_of(trie, fresh)->child[side] = leaf;
    node_of(trie, fresh)->child[1 - side] = *slot;
    *slot = fresh;
    trie->count++;
}

/* The value of a key that is there, below the finger's last slot; the way goes into the finger. */
static void put_old(struct cy_trie *trie, struct cy_trie_finger *finger, const struct cy_id *key,
                    const struct cy_id *value, const struct cy_id *hash)
{
    uint32_t *slot = finger->slots[finger->n];

    while (!is_leaf(*slot)) {
        struct cy_trie_node *node = own(trie, slot);

        slot = &node->child[key_bit(key, node->bit)];
        finger->bits[finger->n++] = node->bit;
        finger->slots[finger->n] = slot;
    }
    if (leaf_of(trie, *slot)->refs > 1) {
        const uint32_t copy = leaf_take(trie, key, value);

        leaf_of(trie, *slot)->refs--;
        *slot = copy;
    }
    leaf_set(leaf_of(trie, *slot), value, hash);
}

/* Moves the finger up to where the way to this key leaves that to the key before. */
static void finger_to(struct cy_trie *trie, struct cy_trie_finger *finger, const struct cy_id *key)
{
    const unsigned shared = finger->on ? first_difference(&finger->key, key) : 0;

    if (!finger->on) {
        finger->n = 0;
        finger->slots[0] = &trie->root;
        finger->on = true;
    }
    while (finger->n > 0 && finger->bits[finger->n - 1] >= shared)
        finger->n--;
    finger->key = *key;
}

cy_err cy_trie_put_next(struct cy_trie *trie, struct cy_trie_finger *finger,
                        const struct cy_id *key, const struct cy_id *value_hash,
                        const struct cy_id *leaf_hash)
{
    uint32_t ref = NONE;
    struct way way = {0};
    unsigned bit = 0;

    finger_to(trie, finger, key);
    if (trie->root != NONE) {
        ref = nearest(trie, *finger->slots[finger->n], key, &way);
        bit = first_difference(key, &leaf_of(trie, ref)->key);
        if (bit == 256 && cy_id_eq(&leaf_of(trie, ref)->value, value_hash))
            return CY_OK;
    }
    if ((bit < 256 || way.leaf_copy) && leaves_left(trie) == 0)
        return cy_fail(CY_E_NO_ROOM, trie->options.leaves_max);
    if (nodes_left(trie) < way.copies + (ref != NONE && bit < 256 ? 1 : 0))
        return cy_fail(CY_E_NO_ROOM, trie->options.nodes_max);
    if (ref == NONE) {
        trie->root = leaf_take(trie, key, value_hash);
        leaf_set(leaf_of(trie, trie->root), value_hash, leaf_hash);
        trie->count++;
    } else if (bit < 256) {
        put_new(trie, finger->slots[finger->n], key, value_hash, leaf_hash, bit);
    } else {
        put_old(trie, finger, key, value_hash, leaf_hash);
    }
    return CY_OK;
}

cy_err cy_trie_put(struct cy_trie *trie, const struct cy_id *key, const struct cy_id *value_hash)
{
    struct cy_trie_finger finger;

    finger.on = false;
    return cy_trie_put_next(trie, &finger, key, value_hash, NULL);
}

cy_err cy_trie_remove(struct cy_trie *trie, const struct cy_id *key, bool *removed)
{
    uint32_t *slot = &trie->root;
    struct way way;
    uint32_t ref = NONE;
    uint32_t parent = NONE;

    *removed = false;
    if (trie->root == NONE)
        return CY_OK;
    ref = nearest(trie, trie->root, key, &way);
    if (!cy_id_eq(&leaf_of(trie, ref)->key, key))
        return CY_OK;
    if (nodes_left(trie) < way.copies)
        return cy_fail(CY_E_NO_ROOM, trie->options.nodes_max);
    *removed = true;
    trie->count--;
    if (way.depth == 0) {
        drop(trie, trie->root);
        trie->root = NONE;
        return CY_OK;
    }
    for (uint32_t i = 1; i < way.depth; i++) {
        struct cy_trie_node *node = own(trie, slot);

        slot = &node->child[key_bit(key, node->bit)];
    }
    parent = *slot; /* its other side takes its place */
    *slot = node_of(trie, parent)->child[1 - key_bit(key, node_of(trie, parent)->bit)];
    hold(trie, *slot);
    drop(trie, parent);
    return CY_OK;
}

/* Fetches a node or leaf from memory, without waiting. */
static void warm_one(const struct cy_trie *trie, uint32_t ref)
{
    if (is_leaf(ref)) {
        __builtin_prefetch(leaf_of(trie, ref));
        __builtin_prefetch((const uint8_t *)leaf_of(trie, ref) + 64);
    } else {
        __builtin_prefetch(node_of(trie, ref));
    }
}

void cy_trie_warm(const struct cy_trie *trie, const struct cy_id *const *keys, size_t n)
{
    uint32_t at[CY_TRIE_WARM_MAX];
    bool on = trie->root != NONE;

    CY_ASSERT(n <= CY_TRIE_WARM_MAX);
    for (size_t i = 0; i < n; i++)
        at[i] = trie->root;
    while (on) {
        on = false;
        for (size_t i = 0; i < n; i++) {
            if (is_leaf(at[i]))
                continue;
            at[i] = node_of(trie, at[i])->child[key_bit(keys[i], node_of(trie, at[i])->bit)];
            on = true;
            warm_one(trie, at[i]);
        }
    }
}

/* Depth of recursion: at most one frame for each bit of a key. */
static const struct cy_id *hash_of(struct cy_trie *trie, uint32_t ref)
{
    if (is_leaf(ref)) {
        struct cy_trie_record *leaf = leaf_of(trie, ref);

        if (leaf->dirty != 0) {
            leaf->hash = cy_ics23_leaf_hash(cy_span_of(leaf->key.b, 32), &leaf->value);
            leaf->dirty = 0;
        }
        return &leaf->hash;
    }
    struct cy_trie_node *node = node_of(trie, ref);

    if (node->dirty != 0) {
        warm_one(trie, node->child[0]);
        warm_one(trie, node->child[1]);
        const struct cy_id *left = hash_of(trie, node->child[0]);
        const struct cy_id *right = hash_of(trie, node->child[1]);

        node->hash = cy_hash_node(left, right);
        node->dirty = 0;
    }
    return &node->hash;
}

struct cy_id cy_trie_commit(struct cy_trie *trie)
{
    return cy_trie_commit_by(trie, NULL);
}

/* What changed below one side of the root: a piece of work for cy_both. A node that changed is the
 * present version's own and has one way to it, so the two sides have none in common. */
struct half {
    struct cy_trie *trie;
    uint32_t ref;
};

static void hash_half(void *with)
{
    const struct half *half = with;

    (void)hash_of(half->trie, half->ref);
}

struct cy_id cy_trie_commit_by(struct cy_trie *trie, const struct cy_helper *helper)
{
    if (trie->root == NONE)
        return cy_hash_empty();
    if (helper != NULL && !is_leaf(trie->root)) {
        const struct cy_trie_node *root = node_of(trie, trie->root);
        struct half left = {trie, root->child[0]};
        struct half right = {trie, root->child[1]};

        cy_both(helper, hash_half, &left, hash_half, &right);
    }
    return *hash_of(trie, trie->root);
}

cy_err cy_trie_keep(struct cy_trie *trie, uint32_t *version)
{
    (void)cy_trie_commit(trie);
    for (uint32_t i = 0; i < trie->options.kept_max; i++) {
        if (trie->kept[i] != FREE)
            continue;
        trie->kept[i] = trie->root;
        hold(trie, trie->root);
        *version = i + 1;
        return CY_OK;
    }
    return cy_fail(CY_E_NO_ROOM, trie->options.kept_max);
}

void cy_trie_release(struct cy_trie *trie, uint32_t version)
{
    CY_ASSERT(version >= 1);
    CY_ASSERT(version <= trie->options.kept_max);
    CY_ASSERT(trie->kept[version - 1] != FREE);
    drop(trie, trie->kept[version - 1]);
    trie->kept[version - 1] = FREE;
}

cy_err cy_trie_root(struct cy_trie *trie, uint32_t version, struct cy_id *root)
{
    uint32_t ref = NONE;

    CY_TRY(root_of(trie, version, &ref));
    *root = ref == NONE ? cy_hash_empty() : *hash_of(trie, ref);
    return CY_OK;
}

/* --- proving --- */

/* Describes the path from the root to the leaf of key; the key is there. */
static void describe(struct cy_trie *trie, uint32_t root, const struct cy_id *key,
                     struct cy_span value, struct cy_trie_scratch *scratch, unsigned which)
{
    struct cy_ics23_exist *exist = &scratch->exist[which];
    struct way way;
    const uint32_t leaf = nearest(trie, root, key, &way);
    uint32_t ref = root;

    CY_ASSERT(way.depth <= CY_ICS23_PATH_MAX);
    for (uint32_t i = way.depth; i-- > 0;) {
        const struct cy_trie_node *node = node_of(trie, ref);
        const unsigned side = key_bit(key, node->bit);
        const struct cy_id *other = hash_of(trie, node->child[1 - side]);
        uint8_t *prefix = scratch->prefix[which][i];
        struct cy_ics23_step *step = &scratch->steps[which][i];

        prefix[0] = 1;
        memcpy(prefix + 1, other->b, 32);
        step->hash = 1;
        step->prefix = cy_span_of(prefix, side == 1 ? 33 : 1);
        step->suffix = cy_span_of(prefix + 1, side == 1 ? 0 : 32);
        ref = node->child[side];
    }
    exist->key = cy_span_of(leaf_of(trie, leaf)->key.b, 32);
    exist->value = value;
    exist->leaf = cy_ics23_leaf_tendermint;
    exist->path = scratch->steps[which];
    exist->n = way.depth;
}

static cy_err check_value(const struct cy_trie_leaf *leaf, struct cy_span value)
{
    const struct cy_id hash = cy_sha256(value);

    return cy_id_eq(&hash, &leaf->value_hash) ? CY_OK
                                              : cy_fail(CY_E_BAD_STATE_PROOF, CY_ICS23_VALUE);
}

cy_err cy_trie_prove_existence(struct cy_trie *trie, uint32_t version, const struct cy_id *key,
                               struct cy_span value, struct cy_trie_scratch *scratch,
                               struct cy_text *out)
{
    struct cy_trie_place place;
    uint32_t root = NONE;

    CY_TRY(cy_trie_seek(trie, version, key, &place));
    if (!place.found)
        return cy_fail(CY_E_BAD_STATE_PROOF, CY_ICS23_KEY);
    CY_TRY(check_value(&place.at, value));
    CY_TRY(root_of(trie, version, &root));
    describe(trie, root, key, value, scratch, 0);
    return cy_ics23_encode_exist(&scratch->exist[0], out);
}

cy_err cy_trie_prove_absence(struct cy_trie *trie, uint32_t version, const struct cy_id *key,
                             struct cy_span left_value, struct cy_span right_value,
                             struct cy_trie_scratch *scratch, struct cy_text *out)
{
    struct cy_ics23_nonexist nonexist = {.key = cy_span_of(key->b, 32)};
    struct cy_trie_place place;
    uint32_t root = NONE;

    CY_TRY(cy_trie_seek(trie, version, key, &place));
    if (place.found || (!place.has_left && !place.has_right))
        return cy_fail(CY_E_BAD_STATE_PROOF, CY_ICS23_KEY);
    CY_TRY(root_of(trie, version, &root));
    if (place.has_left) {
        CY_TRY(check_value(&place.left, left_value));
        describe(trie, root, &place.left.key, left_value, scratch, 0);
        nonexist.left = &scratch->exist[0];
    }
    if (place.has_right) {
        CY_TRY(check_value(&place.right, right_value));
        describe(trie, root, &place.right.key, right_value, scratch, 1);
        nonexist.right = &scratch->exist[1];
    }
    return cy_ics23_encode_nonexist(&nonexist, out);
}

/* --- start, and the check of everything --- */

size_t cy_trie_bytes(const struct cy_trie_options *options)
{
    return ((size_t)options->nodes_max + 1) * sizeof(struct cy_trie_node) +
           (size_t)options->leaves_max * sizeof(struct cy_trie_record) +
           (size_t)options->kept_max * sizeof(uint32_t) + 3 * 16;
}

cy_err cy_trie_init(struct cy_trie *trie, const struct cy_trie_options *options,
                    struct cy_arena *arena)
{
    CY_ASSERT(options->leaves_max < LEAF);
    CY_ASSERT(options->nodes_max < LEAF);
    *trie = (struct cy_trie){.options = *options};
    trie->nodes =
        cy_arena_take(arena, ((size_t)options->nodes_max + 1) * sizeof(struct cy_trie_node));
    trie->leaves = cy_arena_take(arena, options->leaves_max * sizeof(struct cy_trie_record));
    trie->kept = cy_arena_take(arena, options->kept_max * sizeof(uint32_t));
    if (trie->nodes == NULL || trie->leaves == NULL || trie->kept == NULL)
        return cy_fail(CY_E_NO_ROOM, cy_trie_bytes(options));
    for (uint32_t i = 0; i < options->kept_max; i++)
        trie->kept[i] = FREE;
    return CY_OK;
}

/* Counts the references below ref and checks bits, sides and hashes. Each node once. */
static bool walk(const struct cy_trie *trie, uint32_t ref, int above, const struct cy_id **some_key,
                 uint32_t *nodes, uint32_t *leaves)
{
    const struct cy_id *keys[2] = {NULL, NULL};

    if (is_leaf(ref)) {
        const struct cy_trie_record *leaf = leaf_of(trie, ref);
        const struct cy_id hash = cy_ics23_leaf_hash(cy_span_of(leaf->key.b, 32), &leaf->value);

        *some_key = &leaf->key;
        return leaves[ref & ~LEAF]++ > 0 || (leaf->dirty == 0 && cy_id_eq(&hash, &leaf->hash));
    }
    const struct cy_trie_node *node = node_of(trie, ref);

    if (above >= (int)node->bit)
        return false;
    if (nodes[ref]++ > 0) { /* its inside was walked before */
        *some_key = &leaf_of(trie, outermost(trie, ref, 0))->key;
        return true;
    }
    for (unsigned side = 0; side < 2; side++) {
        if (!walk(trie, node->child[side], node->bit, &keys[side], nodes, leaves) ||
            key_bit(keys[side], node->bit) != side)
            return false;
    }
    *some_key = keys[0];
    if (first_difference(keys[0], keys[1]) != node->bit || node->dirty != 0)
        return false;
    const struct cy_id *left = is_leaf(node->child[0]) ? &leaf_of(trie, node->child[0])->hash
                                                       : &node_of(trie, node->child[0])->hash;
    const struct cy_id *right = is_leaf(node->child[1]) ? &leaf_of(trie, node->child[1])->hash
                                                        : &node_of(trie, node->child[1])->hash;
    const struct cy_id hash = cy_hash_node(left, right);

    return cy_id_eq(&hash, &node->hash);
}

bool cy_trie_verify(const struct cy_trie *trie, struct cy_arena *scratch)
{
    uint32_t *nodes = cy_arena_zero(scratch, (trie->nodes_used + 1) * sizeof *nodes);
    uint32_t *leaves = cy_arena_zero(scratch, (trie->leaves_used + 1) * sizeof *leaves);
    const struct cy_id *key = NULL;
    uint32_t live_nodes = 0;
    uint32_t live_leaves = 0;

    CY_ASSERT(nodes != NULL);
    CY_ASSERT(leaves != NULL);
    if (trie->root != NONE && !walk(trie, trie->root, -1, &key, nodes, leaves))
        return false;
    for (uint32_t i = 0; i < trie->options.kept_max; i++) {
        if (trie->kept[i] != FREE && trie->kept[i] != NONE &&
            !walk(trie, trie->kept[i], -1, &key, nodes, leaves))
            return false;
    }
    for (uint32_t i = 1; i <= trie->nodes_used; i++) {
        live_nodes += nodes[i] > 0;
        if (nodes[i] > 0 && nodes[i] != trie->nodes[i].refs)
            return false;
    }
    for (uint32_t i = 0; i < trie->leaves_used; i++) {
        live_leaves += leaves[i] > 0;
        if (leaves[i] != trie->leaves[i].refs)
            return false;
    }
    return live_nodes + trie->nodes_free == trie->nodes_used &&
           live_leaves + trie->leaves_free == trie->leaves_used;
}
