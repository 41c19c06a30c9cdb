/* signatures: the 914 + 151 published Ed25519 cases as one array, and the rule derived from what
 * the cases say of themselves. */
#ifndef CY_TESTS_CRYPTO_SIGNATURES_H
#define CY_TESTS_CRYPTO_SIGNATURES_H

#include "vectors.h"

#include "crypto/ed25519.h"

#define CCTV CY_SHARED "/vectors/ed25519/cctv_ed25519vectors.json"
#define WYCHEPROOF CY_SHARED "/vectors/ed25519/wycheproof_ed25519_test.json"

enum { CCTV_N = 914, WYCHEPROOF_N = 151 };

struct published {
    struct cy_id key;
    struct cy_signature signature;
    bool fits; /* the signature has 64 bytes */
    uint8_t text[1024];
    struct cy_span message;
    bool want; /* by the rule, from the flags */
};

static struct published published_[CCTV_N + WYCHEPROOF_N];

/* x = 0 means y = 1 or y = -1; the encodings that are not canonical have a flag of their own. */
static inline bool x_is_zero(const uint8_t *encoded)
{
    struct cy_id y;
    struct cy_id one = {{1}};
    struct cy_id minus_one;

    memcpy(y.b, encoded, 32);
    y.b[31] &= 0x7f;
    memset(minus_one.b, 0xff, 32);
    minus_one.b[0] = 0xec;
    minus_one.b[31] = 0x7f;
    return cy_id_eq(&y, &one) || cy_id_eq(&y, &minus_one);
}

static inline bool has_flag(const json_t *v, const char *flag)
{
    size_t i;
    const json_t *each;

    json_array_foreach(json_object_get(v, "flags"), i,
                       each) if (strcmp(json_string_value(each), flag) == 0) return true;
    return false;
}

/* Fills published_: first CCTV, then Wycheproof. */
static inline void signatures_load(void)
{
    json_t *root = vector_load(CCTV);
    struct published *p = published_;
    const json_t *groups;
    const json_t *v;
    const json_t *group;
    size_t i;
    size_t g;

    memset(published_, 0, sizeof published_);
    json_array_foreach(root, i, v)
    {
        assert_true(p < published_ + CCTV_N);
        vector_hex(v, "key", p->key.b, 32);
        p->fits = vector_hex(v, "sig", p->signature.b, 64) == 64;
        p->message =
            cy_span_text(memcpy(p->text, vector_text(v, "msg"), strlen(vector_text(v, "msg")) + 1));
        /* Every case of the set satisfies the cofactored equation and has s < L. */
        p->want = !has_flag(v, "non_canonical_A") && !has_flag(v, "non_canonical_R") &&
                  !x_is_zero(p->key.b) && !x_is_zero(p->signature.b);
        p++;
    }
    assert_int_equal(p - published_, CCTV_N);
    json_decref(root);
    root = vector_load(WYCHEPROOF);
    groups = json_object_get(root, "testGroups");
    json_array_foreach(groups, g, group)
    {
        json_array_foreach(json_object_get(group, "tests"), i, v)
        {
            uint8_t raw[128];
            const size_t n = vector_hex(v, "sig", raw, sizeof raw);

            assert_true(p < published_ + CCTV_N + WYCHEPROOF_N);
            vector_hex(json_object_get(group, "publicKey"), "pk", p->key.b, 32);
            memcpy(p->signature.b, raw, n < 64 ? n : 64);
            p->fits = n == 64;
            p->message = cy_span_of(p->text, vector_hex(v, "msg", p->text, sizeof p->text));
            p->want = strcmp(vector_text(v, "result"), "valid") == 0;
            p++;
        }
    }
    assert_int_equal(p - published_, CCTV_N + WYCHEPROOF_N);
    json_decref(root);
}

#endif
