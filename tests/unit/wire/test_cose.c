/* envelope against the COSE working group's examples (../shared/vectors/cose).
 *
 * Compared: the bytes to be signed. For each pristine example (no failure injected, no external
 * data) our Sig_structure over its parts equals its ToBeSign_hex, whatever the algorithm; where the
 * example was tampered with or has external data, it does not. The Ed25519 and Ed448 examples are
 * all pristine. Refused: every example as a whole, because its key id stands in the unprotected
 * bucket and it carries no claims; those with a structural fault say that fault first. */
#include "wire/envelope.h"

#include "cbor_judge.h"
#include "cm.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct example {
    const char *file;
    json_t *root;
    bool several;
    bool fails;
    bool external;
    json_t *failures; /* of the message, or of its only signer */
    uint8_t bytes[1024];
    size_t n;
    uint8_t to_sign[1024];
    size_t n_to_sign;
};

static size_t hex_member(const json_t *object, const char *name, uint8_t *out, size_t cap)
{
    const char *text = json_string_value(json_object_get(object, name));

    if (text == NULL || strlen(text) / 2 > cap)
        fail_msg("no %s", name);
    assert_ok(cy_hex_read(cy_span_text(text), out, strlen(text) / 2));
    return strlen(text) / 2;
}

static void load(const char *folder, const char *file, struct example *out)
{
    char path[1024];
    json_t *input = NULL;
    json_t *signer = NULL;
    json_t *middle = NULL;
    json_error_t why;

    *out = (struct example){.file = file};
    snprintf(path, sizeof path, "%s/%s", folder, file);
    out->root = json_load_file(path, 0, &why);
    if (out->root == NULL)
        fail_msg("%s: %s", path, why.text);
    input = json_object_get(out->root, "input");
    out->several = json_object_get(input, "sign") != NULL;
    signer = out->several
                 ? json_array_get(json_object_get(json_object_get(input, "sign"), "signers"), 0)
                 : json_object_get(input, "sign0");
    assert_non_null(signer);
    out->fails = json_is_true(json_object_get(out->root, "fail"));
    out->external = json_object_get(signer, "external") != NULL;
    out->failures = json_object_get(input, "failures");
    if (out->failures == NULL)
        out->failures = json_object_get(json_object_get(input, "sign"), "failures");
    if (out->failures == NULL)
        out->failures = json_object_get(signer, "failures");
    out->n =
        hex_member(json_object_get(out->root, "output"), "cbor", out->bytes, sizeof out->bytes);
    middle = json_object_get(out->root, "intermediates");
    if (out->several)
        middle = json_array_get(json_object_get(middle, "signers"), 0);
    out->n_to_sign = hex_member(middle, "ToBeSign_hex", out->to_sign, sizeof out->to_sign);
}

/* Reads a byte string with and without its head. */
static void bstr(struct cy_cbor_reader *in, struct cy_span *contents, struct cy_span *encoded)
{
    const size_t from = in->pos;
    struct cy_cbor_token token;

    assert_ok(cy_cbor_want(in, CY_CBOR_BYTES, &token));
    *contents = token.bytes;
    *encoded = cy_span_of(in->in.at + from, in->pos - from);
}

static void skip_item(struct cy_cbor_reader *in)
{
    uint8_t room[1024];
    struct cy_cbor_writer out = cy_cbor_write(room, sizeof room);

    assert_ok(cbor_walk_item(in, &out, 0));
}

/* Takes a foreign message apart, whatever its headers hold. */
static void take_apart(const struct example *example, struct cy_envelope *out)
{
    struct cy_cbor_reader in = cy_cbor_read(cy_span_of(example->bytes, example->n));
    struct cy_cbor_token token;
    struct cy_span unused;

    *out = (struct cy_envelope){.several = example->several, .n_signers = 1};
    assert_ok(cy_cbor_next(&in, &token));
    if (token.kind == CY_CBOR_TAG)
        assert_ok(cy_cbor_next(&in, &token));
    assert_int_equal(token.kind, CY_CBOR_ARRAY);
    assert_int_equal(token.n, 4);
    bstr(&in, &out->protected, &out->protected_bstr);
    skip_item(&in);
    bstr(&in, &out->payload, &out->payload_bstr);
    if (!example->several)
        return;
    assert_ok(cy_cbor_want(&in, CY_CBOR_ARRAY, &token));
    assert_ok(cy_cbor_want(&in, CY_CBOR_ARRAY, &token));
    bstr(&in, &unused, &out->signers[0].header);
}

static size_t join(const struct cy_envelope *envelope, uint8_t *at, size_t cap)
{
    struct cy_span parts[CY_SIGNED_PARTS];
    const size_t count = cy_envelope_signed(envelope, 0, parts);
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        assert_true(parts[i].n <= cap - n);
        memcpy(at + n, parts[i].at, parts[i].n);
        n += parts[i].n;
    }
    return n;
}

/* The faults that lie in the signed bytes, and those that lie in the tag. */
static bool same_bytes(const struct example *example)
{
    return !example->fails && !example->external &&
           json_object_get(example->failures, "ChangeProtected") == NULL;
}

static void check(const struct example *example)
{
    struct cy_envelope foreign;
    struct cy_envelope ours;
    uint8_t joined[1024];
    size_t n = 0;
    cy_err e;

    take_apart(example, &foreign);
    n = join(&foreign, joined, sizeof joined);
    if (same_bytes(example)) {
        assert_int_equal(n, example->n_to_sign);
        assert_memory_equal(joined, example->to_sign, n);
    } else if (example->external || json_object_get(example->failures, "ChangeProtected")) {
        assert_false(n == example->n_to_sign && memcmp(joined, example->to_sign, n) == 0);
    }
    if (same_bytes(example) && !example->several) {
        struct cy_cbor_writer out = cy_cbor_write(joined, sizeof joined);

        assert_ok(cy_envelope_to_sign(foreign.protected, foreign.payload, false, NULL, &out));
        assert_int_equal(out.n, example->n_to_sign);
        assert_memory_equal(joined, example->to_sign, out.n);
    }
    e = cy_envelope_read(cy_span_of(example->bytes, example->n), &ours);
    if (json_object_get(example->failures, "RemoveCBORTag") != NULL) {
        assert_code(e, WRONG_TYPE);
        assert_int_equal(e.detail, 0);
    } else if (json_object_get(example->failures, "ChangeCBORTag") != NULL) {
        assert_code(e, BAD_ENVELOPE);
        assert_int_equal(e.detail, 3); /* right after the tag 998 */
    } else {
        assert_code(e, BAD_ENVELOPE);
    }
}

static int folder(const char *name, size_t want)
{
    char path[512];
    struct dirent **names = NULL;
    int count = 0;
    size_t seen = 0;
    size_t same = 0;

    snprintf(path, sizeof path, CY_SHARED "/vectors/cose/%s", name);
    count = scandir(path, &names, NULL, alphasort);
    if (count < 0) {
        print_message("skipped: %s is absent\n", path);
        skip();
    }
    for (int i = 0; i < count; i++) {
        struct example example;

        if (strstr(names[i]->d_name, ".json") != NULL) {
            load(path, names[i]->d_name, &example);
            check(&example);
            seen++;
            same += same_bytes(&example);
            json_decref(example.root);
        }
        free(names[i]);
    }
    free(names);
    assert_int_equal(seen, want);
    return (int)same;
}

static void eddsa(void **s)
{
    (void)s;
    assert_int_equal(folder("eddsa-examples", 4), 4);
}

static void sign1(void **s)
{
    (void)s;
    assert_int_equal(folder("sign1-tests", 9), 1);
}

static void sign(void **s)
{
    (void)s;
    assert_int_equal(folder("sign-tests", 10), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eddsa),
        cmocka_unit_test(sign1),
        cmocka_unit_test(sign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
