/* Published vectors through libcomity's header: signatures (C2SP CCTV, Wycheproof), proofs of trees
 * (transparency-dev/merkle), state proofs (ICS-23), a published log's checkpoints (C2SP). */
#include "sample.h"

#include <ftw.h>
#include <jansson.h>
#include <unistd.h>

#define VECTORS CY_SHARED "/vectors/"

static void needed(const char *path)
{
    if (access(path, R_OK) == 0)
        return;
    print_message("skipped: %s is absent\n", path);
    skip();
}

static json_t *load(const char *path)
{
    json_error_t why;
    json_t *value = json_load_file(path, 0, &why);

    if (value == NULL)
        fail_msg("%s: %s", path, why.text);
    return value;
}

static size_t hex(const json_t *object, const char *name, uint8_t *out, size_t cap)
{
    const char *text = json_string_value(json_object_get(object, name));
    const size_t n = text == NULL ? 0 : strlen(text) / 2;

    assert_true(n <= cap);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sscanf(text + 2 * i, "%2hhx", &out[i]), 1);
    return n;
}

static size_t base64(const json_t *value, uint8_t *out, size_t cap)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *text = json_string_value(value);
    uint32_t bits = 0;
    size_t n = 0;

    for (size_t i = 0; text != NULL && text[i] != 0 && text[i] != '='; i++) {
        bits = bits << 6 | (uint32_t)(strchr(digits, text[i]) - digits);
        if (i % 4 != 0 && n < cap)
            out[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    return n;
}

/* --- signatures --- */

/* As tests/unit/crypto says of the same files: 334 of 914 by the rule. */
static void cctv(void **s)
{
    json_t *all = NULL;
    const json_t *v = NULL;
    unsigned rule = 0;
    unsigned strict = 0;
    size_t i = 0;

    (void)s;
    needed(VECTORS "ed25519/cctv_ed25519vectors.json");
    all = load(VECTORS "ed25519/cctv_ed25519vectors.json");
    json_array_foreach(all, i, v)
    {
        const char *message = json_string_value(json_object_get(v, "msg"));
        uint8_t key[64];
        uint8_t signature[128];
        bool by_rule = false;
        bool by_both = false;

        if (hex(v, "key", key, sizeof key) != 32 ||
            hex(v, "sig", signature, sizeof signature) != 64)
            continue;
        by_rule = comity_verify_signature(key, message, strlen(message), signature) == 0;
        by_both = comity_verify_signature_strict(key, message, strlen(message), signature) == 0;
        assert_true(by_rule || !by_both); /* the strict rule accepts nothing more */
        rule += by_rule;
        strict += by_both;
    }
    assert_int_equal(json_array_size(all), 914);
    assert_int_equal(rule, 334);
    assert_true(strict > 0 && strict < rule);
    json_decref(all);
}

static void wycheproof(void **s)
{
    const json_t *group = NULL;
    const json_t *test = NULL;
    json_t *all = NULL;
    unsigned rule = 0;
    unsigned tests = 0;
    size_t i = 0;
    size_t k = 0;

    (void)s;
    needed(VECTORS "ed25519/wycheproof_ed25519_test.json");
    all = load(VECTORS "ed25519/wycheproof_ed25519_test.json");
    json_array_foreach(json_object_get(all, "testGroups"), i, group)
    {
        const json_t *named = json_object_get(group, "publicKey");
        uint8_t key[64];
        const size_t key_n =
            hex(named == NULL ? json_object_get(group, "key") : named, "pk", key, sizeof key);

        json_array_foreach(json_object_get(group, "tests"), k, test)
        {
            static uint8_t message[1 << 16];
            uint8_t signature[1024];
            const size_t n = hex(test, "msg", message, sizeof message);
            const size_t signature_n = hex(test, "sig", signature, sizeof signature);
            const bool accepted = key_n == 32 && signature_n == 64 &&
                                  comity_verify_signature(key, message, n, signature) == 0;

            assert_int_equal(
                accepted, strcmp(json_string_value(json_object_get(test, "result")), "valid") == 0);
            tests++;
            rule += accepted;
        }
    }
    assert_int_equal(tests, 151);
    assert_int_equal(rule, 88);
    json_decref(all);
}

/* --- trees --- */

static struct {
    unsigned cases;
    unsigned wrong;
} tally_;
static bool consistency_;

static uint64_t number(const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);

    return json_is_real(v) ? UINT64_MAX : (uint64_t)json_integer_value(v);
}

/* A hash that is not 32 bytes cannot enter: that is a refusal by itself. */
static bool verdict(const json_t *v)
{
    static uint8_t path[128 * 32];
    const json_t *proof = json_object_get(v, "proof");
    const json_t *step = NULL;
    uint8_t a[256] = {0};
    uint8_t b[256] = {0};
    size_t least = consistency_ ? 1 : 32;
    size_t i = 0;

    json_array_foreach(proof, i, step)
    {
        uint8_t hash[256];

        if (i >= 128 || base64(step, hash, sizeof hash) != 32)
            return false;
        memcpy(path + 32 * i, hash, 32);
    }
    if (base64(json_object_get(v, consistency_ ? "root1" : "leafHash"), a, sizeof a) < least ||
        base64(json_object_get(v, consistency_ ? "root2" : "root"), b, sizeof b) < least)
        return false;
    if (consistency_)
        return comity_verify_consistency(number(v, "size1"), a, number(v, "size2"), b, path,
                                         json_array_size(proof)) == 0;
    return comity_verify_inclusion(a, number(v, "leafIdx"), number(v, "treeSize"), path,
                                   json_array_size(proof), b) == 0;
}

static int one_file(const char *path, const struct stat *st, int type)
{
    json_t *v = NULL;

    (void)st;
    if (type != FTW_F || strstr(path, ".json") == NULL)
        return 0;
    v = json_load_file(path, 0, NULL);
    if (v == NULL) /* numbers above 63 bits: no tree is so large */
        return 0;
    tally_.cases++;
    if (verdict(v) == json_is_true(json_object_get(v, "wantErr"))) {
        print_error("%s\n", path);
        tally_.wrong++;
    }
    json_decref(v);
    return 0;
}

static void trees(void **s)
{
    (void)s;
    needed(VECTORS "merkle");
    for (int kind = 0; kind < 2; kind++) {
        memset(&tally_, 0, sizeof tally_);
        consistency_ = kind == 1;
        assert_int_equal(
            ftw(kind == 1 ? VECTORS "merkle/consistency" : VECTORS "merkle/inclusion", one_file, 8),
            0);
        print_message("%u cases\n", tally_.cases);
        assert_true(tally_.cases >= 90);
        assert_int_equal(tally_.wrong, 0);
    }
}

/* --- state --- */

static void state(void **s)
{
    static const char *const names[] = {"exist_left",    "exist_middle",    "exist_right",
                                        "nonexist_left", "nonexist_middle", "nonexist_right"};

    (void)s;
    needed(VECTORS "ics23/tendermint");
    for (size_t i = 0; i < COUNT(names); i++) {
        char path[512];
        uint8_t root[32];
        uint8_t key[64];
        uint8_t value[64];
        uint8_t proof[4096];
        json_t *v = NULL;
        size_t key_n = 0;
        size_t value_n = 0;
        size_t proof_n = 0;

        snprintf(path, sizeof path, VECTORS "ics23/tendermint/%s.json", names[i]);
        v = load(path);
        assert_int_equal(hex(v, "root", root, sizeof root), 32);
        key_n = hex(v, "key", key, sizeof key);
        value_n = hex(v, "value", value, sizeof value);
        proof_n = hex(v, "proof", proof, sizeof proof);
        for (size_t at = 0; at <= proof_n; at++) {
            const bool whole = at == proof_n;

            if (!whole)
                proof[at] ^= 1;
            assert_int_equal(value_n > 0 ? comity_verify_existence(root, key, key_n, value, value_n,
                                                                   proof, proof_n)
                                         : comity_verify_absence(root, key, key_n, proof, proof_n),
                             whole ? 0 : COMITY_BAD_STATE_PROOF);
            if (!whole)
                proof[at] ^= 1;
        }
        json_decref(v);
    }
}

/* --- checkpoints --- */

static void published_log(void **s)
{
    static const char vkey[] =
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
    struct comity_trust trust;
    struct comity_report report;

    (void)s;
    needed(VECTORS "tlog/log");
    assert_int_equal(comity_trust_ledger(&trust, vkey, strlen(vkey)), 0);
    for (unsigned size = 0; size <= 15; size++) {
        char path[512];
        struct sample note;

        snprintf(path, sizeof path, VECTORS "tlog/log/checkpoint.%u", size);
        note = sample_load(path);
        assert_int_equal(comity_verify_checkpoint(note.at, note.n, &trust, &report), 0);
        assert_int_equal(report.size, size);
        for (size_t at = 0; at < note.n; at++) {
            note.at[at] ^= 1;
            assert_true(comity_verify_checkpoint(note.at, note.n, &trust, &report) != 0);
            note.at[at] ^= 1;
        }
        sample_free(&note);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cctv),  cmocka_unit_test(wycheproof),    cmocka_unit_test(trees),
        cmocka_unit_test(state), cmocka_unit_test(published_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
