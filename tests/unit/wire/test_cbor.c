/* cbor: the published examples and malformed strings, and every head that is not the shortest. */
#include "cbor_judge.h"
#include "cm.h"

#include <jansson.h>
#include <unistd.h>

static json_t *load(const char *path)
{
    json_error_t why;
    json_t *root = NULL;

    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is absent\n", path);
        skip();
    }
    /* two of the values have more than 63 bits; only `hex` and `roundtrip` are used */
    root = json_load_file(path, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &why);
    if (root == NULL)
        fail_msg("%s: %s", path, why.text);
    return root;
}

static struct cy_span hex_of(const json_t *row, uint8_t *at, size_t cap)
{
    const char *text = json_string_value(json_object_get(row, "hex"));
    const size_t n = strlen(text) / 2;

    assert_true(n <= cap);
    assert_ok(cy_hex_read(cy_span_text(text), at, n));
    return cy_span_of(at, n);
}

/* Each example is judged by the layout of its heads alone; what is inside reads and rewrites to the
 * same bytes, what is outside gives the error of its class. */
static void appendix_a(void **s)
{
    json_t *root = load(CY_SHARED "/vectors/cbor/appendix_a.json");
    size_t by_class[CBOR_DEEP + 1] = {0};
    const json_t *row = NULL;
    size_t i = 0;

    (void)s;
    assert_int_equal(json_array_size(root), 82);
    json_array_foreach(root, i, row)
    {
        uint8_t bytes[256];
        uint8_t again[256];
        struct cy_cbor_writer out = cy_cbor_write(again, sizeof again);
        const struct cy_span in = hex_of(row, bytes, sizeof bytes);
        const enum cbor_class found = cbor_judge(in);
        const cy_err e = cbor_walk(in, &out);

        by_class[found]++;
        if (e.code != cbor_code(found))
            fail_msg("%s: class %d, got %s", json_string_value(json_object_get(row, "hex")), found,
                     cy_err_info(e.code)->name);
        if (found != CBOR_INSIDE)
            continue;
        assert_true(json_is_true(json_object_get(row, "roundtrip")));
        assert_false(out.full);
        assert_true(cy_span_eq(cy_cbor_written(&out), in));
    }
    json_decref(root);
    assert_int_equal(by_class[CBOR_INSIDE] + by_class[CBOR_FRACTION] + by_class[CBOR_INDEFINITE] +
                         by_class[CBOR_SIMPLE],
                     82);
    print_message("inside %zu, fraction %zu, indefinite %zu, simple %zu\n", by_class[CBOR_INSIDE],
                  by_class[CBOR_FRACTION], by_class[CBOR_INDEFINITE], by_class[CBOR_SIMPLE]);
}

static void malformed(void **s)
{
    json_t *root = load(CY_SHARED "/vectors/cbor/fail.json");
    const json_t *row = NULL;
    size_t i = 0;

    (void)s;
    assert_int_equal(json_array_size(root), 568);
    json_array_foreach(root, i, row)
    {
        uint8_t bytes[256];
        uint8_t again[512];
        struct cy_cbor_writer out = cy_cbor_write(again, sizeof again);
        const struct cy_span in = hex_of(row, bytes, sizeof bytes);
        const cy_err e = cbor_walk(in, &out);

        if (cy_ok(e) || e.code != cbor_code(cbor_judge(in)))
            fail_msg("%s: got %s", json_string_value(json_object_get(row, "hex")),
                     cy_err_info(e.code)->name);
    }
    json_decref(root);
}

/* A head of `more` following bytes (0, 1, 2, 4, 8) for major type and value, then the contents that
 * the value promises where they are few. */
static size_t put_head(uint8_t *at, unsigned major, uint64_t value, unsigned more)
{
    static const uint8_t low[] = {0, 24, 25, 0, 26, 0, 0, 0, 27};
    size_t n = 0;

    at[n++] = (uint8_t)(major << 5 | (more == 0 ? value : low[more]));
    for (unsigned i = more; i > 0; i--)
        at[n++] = (uint8_t)(value >> (8 * (i - 1)));
    return n;
}

static unsigned least_more(uint64_t value)
{
    if (value < 24)
        return 0;
    if (value < 0x100)
        return 1;
    if (value < 0x10000)
        return 2;
    return value < 0x100000000u ? 4 : 8;
}

static void head(unsigned major, uint64_t value, unsigned more)
{
    static uint8_t bytes[0x20000];
    size_t n = put_head(bytes, major, value, more);
    struct cy_cbor_reader in;
    struct cy_cbor_token token;

    if (major == 2 || major == 3) {
        if (value > sizeof bytes - n)
            return;
        memset(bytes + n, 'x', value);
        n += value;
    }
    in = cy_cbor_read(cy_span_of(bytes, n));
    if (more > least_more(value)) {
        assert_code(cy_cbor_next(&in, &token), NOT_CANONICAL);
        assert_int_equal(in.pos, 0);
        return;
    }
    assert_ok(cy_cbor_next(&in, &token));
    assert_true(token.n == value);
    assert_int_equal(token.kind, major == 0   ? CY_CBOR_UINT
                                 : major == 1 ? CY_CBOR_NEGINT
                                 : major == 2 ? CY_CBOR_BYTES
                                 : major == 3 ? CY_CBOR_TEXT
                                 : major == 4 ? CY_CBOR_ARRAY
                                 : major == 5 ? CY_CBOR_MAP
                                              : CY_CBOR_TAG);
    assert_ok(cy_cbor_end(&in));
    for (size_t cut = 0; cut < n && cut < 300; cut++) { /* every prefix is too short */
        in = cy_cbor_read(cy_span_of(bytes, cut));
        assert_code(cy_cbor_next(&in, &token), SHORT);
    }
}

static void shortest_heads(void **s)
{
    static const uint64_t edges[] = {0x100,       0x101,       0xfffe,         0xffff,
                                     0x10000,     0x10001,     0xfffffffe,     0xffffffff,
                                     0x100000000, 0x100000001, UINT64_MAX - 1, UINT64_MAX};
    static const unsigned widths[] = {0, 1, 2, 4, 8};

    (void)s;
    for (unsigned major = 0; major < 7; major++) {
        for (size_t w = 0; w < CY_COUNT(widths); w++) {
            for (uint64_t v = 0; v < 256; v++) {
                if (widths[w] >= least_more(v))
                    head(major, v, widths[w]);
            }
            for (size_t i = 0; i < CY_COUNT(edges); i++) {
                if (widths[w] >= least_more(edges[i]))
                    head(major, edges[i], widths[w]);
            }
        }
    }
}

/* All one- and two-byte inputs, and the four-byte ones that begin with each of the 256 bytes. */
static void every_first_byte(void **s)
{
    static const uint8_t tails[] = {0x00, 0x17, 0x18, 0x20, 0x61, 0x7f, 0x80, 0xf4, 0xff};

    (void)s;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            for (size_t t = 0; t < CY_COUNT(tails); t++) {
                for (size_t n = 1; n <= 4; n++) {
                    const uint8_t bytes[4] = {(uint8_t)first, (uint8_t)second, tails[t], tails[t]};
                    uint8_t again[16];
                    struct cy_cbor_writer out = cy_cbor_write(again, sizeof again);
                    const struct cy_span in = cy_span_of(bytes, n);
                    const cy_err e = cbor_walk(in, &out);

                    if (e.code != cbor_code(cbor_judge(in)))
                        fail_msg("%02x %02x %02x.. (%zu): judged %d, got %s", first, second,
                                 tails[t], n, cbor_judge(in), cy_err_info(e.code)->name);
                    if (cy_ok(e))
                        assert_true(cy_span_eq(cy_cbor_written(&out), in));
                }
            }
        }
    }
}

static void wanted_kind(void **s)
{
    const uint8_t bytes[] = {0x01, 0x41, 0x02};
    struct cy_cbor_reader in = cy_cbor_read(cy_span_of(bytes, sizeof bytes));
    struct cy_cbor_token token;

    (void)s;
    assert_ok(cy_cbor_want(&in, CY_CBOR_UINT, &token));
    assert_code(cy_cbor_end(&in), TRAILING);
    assert_code(cy_cbor_want(&in, CY_CBOR_TEXT, &token), WRONG_TYPE);
    in = cy_cbor_read(cy_span_of(NULL, 0));
    assert_ok(cy_cbor_end(&in));
    assert_code(cy_cbor_next(&in, &token), SHORT);
}

/* What does not fit is not written, and the writer stays full. */
static void full_writer(void **s)
{
    (void)s;
    for (size_t cap = 0; cap < 12; cap++) {
        uint8_t room[13];
        struct cy_cbor_writer out;

        memset(room, 0xee, sizeof room);
        out = cy_cbor_write(room, cap);
        cy_cbor_map(&out, 1);                        /* 1 byte */
        cy_cbor_uint(&out, 1000);                    /* 3 */
        cy_cbor_text(&out, cy_span_text("abcdefg")); /* 8: together 12 */
        assert_true(out.full);
        assert_true(out.n <= cap);
        cy_cbor_bool(&out, true);
        assert_true(out.n <= cap);
        for (size_t i = cap; i < sizeof room; i++)
            assert_int_equal(room[i], 0xee);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appendix_a),     cmocka_unit_test(malformed),
        cmocka_unit_test(shortest_heads), cmocka_unit_test(every_first_byte),
        cmocka_unit_test(wanted_kind),    cmocka_unit_test(full_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
