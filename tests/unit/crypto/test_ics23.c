/* ics23: the published proofs, their mutations, and absence shown with the wrong neighbours. */
#include "crypto/ics23.h"

#include "vectors.h"

#define FOLDER CY_SHARED "/vectors/ics23/"

struct sample {
    struct cy_id root;
    uint8_t proof[4096], key[64], value[64];
    struct cy_span proof_s, key_s, value_s;
};

static const struct cy_ics23_spec *specs_[] = {&cy_ics23_tendermint, &cy_ics23_iavl};
static const char *names_[] = {"exist_left",    "exist_middle",    "exist_right",
                               "nonexist_left", "nonexist_middle", "nonexist_right"};

static void load(const char *spec, const char *name, struct sample *out)
{
    char path[512];
    json_t *v;

    snprintf(path, sizeof path, FOLDER "%s/%s.json", spec, name);
    v = vector_load(path);
    assert_int_equal(vector_hex(v, "root", out->root.b, 32), 32);
    out->proof_s = cy_span_of(out->proof, vector_hex(v, "proof", out->proof, sizeof out->proof));
    out->key_s = cy_span_of(out->key, vector_hex(v, "key", out->key, sizeof out->key));
    out->value_s = cy_span_of(out->value, vector_hex(v, "value", out->value, sizeof out->value));
    json_decref(v);
}

static cy_err verify(const struct cy_ics23_spec *spec, const struct sample *v)
{
    if (v->value_s.n > 0)
        return cy_ics23_verify_membership(spec, &v->root, v->proof_s, v->key_s, v->value_s);
    return cy_ics23_verify_non_membership(spec, &v->root, v->proof_s, v->key_s);
}

static void published(void **s)
{
    (void)s;
    vector_needed(FOLDER);
    for (size_t i = 0; i < CY_COUNT(specs_) * CY_COUNT(names_); i++) {
        const struct cy_ics23_spec *spec = specs_[i / CY_COUNT(names_)];
        struct sample v;
        struct cy_ics23_proof decoded;
        char bytes[4096];
        struct cy_text out = cy_text_on(bytes, sizeof bytes);

        load(spec->name, names_[i % CY_COUNT(names_)], &v);
        assert_ok(verify(spec, &v));
        assert_code(verify(specs_[1 - i / CY_COUNT(names_)], &v), BAD_STATE_PROOF);
        assert_ok(cy_ics23_decode(v.proof_s, &decoded));
        if (decoded.absence)
            assert_ok(cy_ics23_encode_nonexist(&decoded.nonexist, &out));
        else
            assert_ok(cy_ics23_encode_exist(&decoded.exist, &out));
        assert_true(cy_span_eq(cy_text_bytes(&out), v.proof_s)); /* the same bytes as Go's */
        assert_code(
            cy_ics23_verify_membership(spec, &v.root, v.proof_s, v.key_s, cy_span_text("other")),
            BAD_STATE_PROOF);
        assert_code(cy_ics23_verify_non_membership(spec, &v.root, v.proof_s, cy_span_text("a")),
                    BAD_STATE_PROOF);
        v.root.b[31] ^= 1;
        assert_code(verify(spec, &v), BAD_STATE_PROOF);
    }
}

/* Every byte of every proof matters, and no prefix of one passes. */
static void mutations(void **s)
{
    (void)s;
    vector_needed(FOLDER);
    for (size_t i = 0; i < CY_COUNT(specs_) * CY_COUNT(names_); i++) {
        const struct cy_ics23_spec *spec = specs_[i / CY_COUNT(names_)];
        struct sample v;

        load(spec->name, names_[i % CY_COUNT(names_)], &v);
        for (size_t at = 0; at < v.proof_s.n; at++) {
            const struct cy_span whole = v.proof_s;

            for (unsigned bit = 0; bit < 8; bit++) {
                v.proof[at] ^= (uint8_t)(1u << bit);
                assert_code(verify(spec, &v), BAD_STATE_PROOF);
                v.proof[at] ^= (uint8_t)(1u << bit);
            }
            v.proof_s.n = at;
            assert_code(verify(spec, &v), BAD_STATE_PROOF);
            v.proof_s = whole;
        }
    }
}

/* A tree of four leaves a, c, e, g built by hand. */
struct small {
    struct cy_id hash[4], node[2], root;
    uint8_t left[2][33], top_left[33];
    struct cy_ics23_step steps[4][2];
    struct cy_ics23_exist leaf[4];
};

static void small_tree(struct small *t)
{
    static const char keys[] = "aceg";

    for (unsigned i = 0; i < 4; i++) {
        const struct cy_id value = cy_sha256(cy_span_text("v"));

        t->hash[i] = cy_ics23_leaf_hash(cy_span_of(keys + i, 1), &value);
    }
    for (unsigned i = 0; i < 2; i++) {
        t->node[i] = cy_hash_node(&t->hash[2 * i], &t->hash[2 * i + 1]);
        t->left[i][0] = 1;
        memcpy(t->left[i] + 1, t->hash[2 * i].b, 32);
    }
    t->top_left[0] = 1;
    memcpy(t->top_left + 1, t->node[0].b, 32);
    t->root = cy_hash_node(&t->node[0], &t->node[1]);
    for (unsigned i = 0; i < 4; i++) {
        struct cy_ics23_step *step = t->steps[i];

        step[0] = step[1] = (struct cy_ics23_step){.hash = 1, .prefix = cy_span_of("\1", 1)};
        if (i % 2)
            step[0].prefix = cy_span_of(t->left[i / 2], 33);
        else
            step[0].suffix = cy_span_of(t->hash[i + 1].b, 32);
        if (i / 2)
            step[1].prefix = cy_span_of(t->top_left, 33);
        else
            step[1].suffix = cy_span_of(t->node[1].b, 32);
        t->leaf[i] = (struct cy_ics23_exist){.key = cy_span_of(keys + i, 1),
                                             .value = cy_span_text("v"),
                                             .leaf = cy_ics23_leaf_tendermint,
                                             .path = step,
                                             .n = 2};
    }
}

static cy_err absent(const struct small *t, char key, int left, int right)
{
    char bytes[2048];
    struct cy_text out = cy_text_on(bytes, sizeof bytes);
    const struct cy_ics23_nonexist proof = {.key = cy_span_of(&key, 1),
                                            .left = left < 0 ? NULL : &t->leaf[left],
                                            .right = right < 0 ? NULL : &t->leaf[right]};

    assert_ok(cy_ics23_encode_nonexist(&proof, &out));
    return cy_ics23_verify_non_membership(&cy_ics23_tendermint, &t->root, cy_text_bytes(&out),
                                          cy_span_of(&key, 1));
}

static void every_pair_of_neighbours(void **s)
{
    static struct small t;
    static const char keys[] = "0abcdefgz";

    (void)s;
    small_tree(&t);
    for (unsigned i = 0; i < 4; i++) {
        struct cy_id root;

        assert_ok(cy_ics23_root(&cy_ics23_tendermint, &t.leaf[i], &root));
        assert_true(cy_id_eq(&root, &t.root));
    }
    for (size_t k = 0; keys[k]; k++)
        for (int left = -1; left < 4; left++)
            for (int right = -1; right < 4; right++) {
                const bool real = right == (left == 3 ? -1 : left + 1) &&
                                  (left < 0 || "aceg"[left] < keys[k]) &&
                                  (right < 0 || keys[k] < "aceg"[right]);

                if (real)
                    assert_ok(absent(&t, keys[k], left, right));
                else
                    assert_code(absent(&t, keys[k], left, right), BAD_STATE_PROOF);
            }
}

/* The narrow shape: what the wide specification would let through is refused. */
static void pinned_shape(void **s)
{
    static struct small t;
    struct cy_id root;
    uint8_t two[64];

    (void)s;
    small_tree(&t);
    t.steps[0][0].prefix = cy_span_of("\2", 1);
    assert_code(cy_ics23_root(&cy_ics23_tendermint, &t.leaf[0], &root), BAD_STATE_PROOF);
    small_tree(&t);
    memcpy(two, t.steps[0][0].suffix.at, 32);
    memcpy(two + 32, t.steps[0][0].suffix.at, 32);
    t.steps[0][0].suffix = cy_span_of(two, 64);
    assert_code(cy_ics23_root(&cy_ics23_tendermint, &t.leaf[0], &root), BAD_STATE_PROOF);
    t.steps[0][0].suffix = cy_span_of(two, 0);
    assert_code(cy_ics23_root(&cy_ics23_tendermint, &t.leaf[0], &root), BAD_STATE_PROOF);
    small_tree(&t);
    t.leaf[0].leaf.prefix = cy_span_of("\0\0", 2);
    assert_code(cy_ics23_root(&cy_ics23_tendermint, &t.leaf[0], &root), BAD_STATE_PROOF);
    small_tree(&t);
    t.leaf[0].leaf.prehash_key = 1;
    assert_code(cy_ics23_root(&cy_ics23_tendermint, &t.leaf[0], &root), BAD_STATE_PROOF);
    small_tree(&t);
    t.leaf[0].value = cy_span_of("", 0);
    assert_code(cy_ics23_root(&cy_ics23_tendermint, &t.leaf[0], &root), BAD_STATE_PROOF);
}

static void depth(void **s)
{
    static struct cy_ics23_step steps[CY_ICS23_PATH_MAX + 1];
    static char bytes[32768];
    struct cy_text out = cy_text_on(bytes, sizeof bytes);
    struct cy_ics23_exist deep = {.key = cy_span_text("k"),
                                  .value = cy_span_text("v"),
                                  .leaf = cy_ics23_leaf_tendermint,
                                  .path = steps,
                                  .n = CY_ICS23_PATH_MAX};
    struct cy_ics23_proof decoded;
    struct cy_ics23_spec shallow = cy_ics23_tendermint;
    static const uint8_t child[32] = {7};
    struct cy_id root;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(steps); i++)
        steps[i] = (struct cy_ics23_step){
            .hash = 1, .prefix = cy_span_of("\1", 1), .suffix = cy_span_of(child, 32)};
    assert_ok(cy_ics23_root(&cy_ics23_tendermint, &deep, &root));
    shallow.path_max = 255;
    assert_code(cy_ics23_root(&shallow, &deep, &root), BAD_STATE_PROOF);
    assert_ok(cy_ics23_encode_exist(&deep, &out));
    assert_ok(cy_ics23_decode(cy_text_bytes(&out), &decoded));
    assert_int_equal(decoded.exist.n, CY_ICS23_PATH_MAX);
    /* One step more: lengthen the body by hand. Body length is a two-byte varint at 1. */
    {
        const size_t step_n = 41;
        const size_t body = (out.n - 3 > 0x3fff) ? 0 : out.n - 3 + step_n;

        assert_true(body > 0);
        bytes[1] = (char)(body | 0x80);
        bytes[2] = (char)(body >> 7);
        memcpy(bytes + out.n, bytes + out.n - step_n, step_n);
        assert_code(cy_ics23_decode(cy_span_of(bytes, out.n + step_n), &decoded), BAD_STATE_PROOF);
    }
    out = cy_text_on(bytes, 100);
    assert_code(cy_ics23_encode_exist(&deep, &out), NO_ROOM);
}

/* Found by fuzzing: a proof without a leaf op was read, and written back with an empty one. */
static void no_leaf(void **s)
{
    struct cy_ics23_proof decoded;

    (void)s;
    assert_code(cy_ics23_decode(cy_span_of("\x0a\x06\x0a\x01k\x12\x01v", 8), &decoded),
                BAD_STATE_PROOF);
    assert_ok(cy_ics23_decode(cy_span_of("\x0a\x08\x0a\x01k\x12\x01v\x1a\x00", 10), &decoded));
    assert_int_equal(decoded.exist.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published),
        cmocka_unit_test(mutations),
        cmocka_unit_test(every_pair_of_neighbours),
        cmocka_unit_test(pinned_shape),
        cmocka_unit_test(depth),
        cmocka_unit_test(no_leaf),
    };

    return cmocka_run_group_tests_name("ics23", tests, NULL, NULL);
}
