/* codec: each fault of a payload has its error and names the field; the encoder writes nothing that
 * the decoder would refuse. (That all valid values pass is tests/properties/test_codec.c.) */
#include "wire/codec.h"

#include "cm.h"

static _Alignas(16) uint8_t room[1 << 20];
static uint8_t bytes[1 << 17];

static cy_err decode(struct cy_span payload)
{
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct cy_any act;

    return cy_decode_act(payload, &arena, &act);
}

/* hex with spaces, decoded as an act; checks code and detail */
static void refused(const char *hex, enum cy_code code, uint32_t detail, int line)
{
    char plain[512];
    size_t n = 0;
    cy_err e;

    for (const char *c = hex; *c != 0; c++) {
        if (*c != ' ')
            plain[n++] = *c;
    }
    assert_ok(cy_hex_read(cy_span_of(plain, n), bytes, n / 2));
    e = decode(cy_span_of(bytes, n / 2));
    if (e.code != code || e.detail != detail)
        fail_msg("line %d, %s: got %s %u, wanted %s %u", line, hex, cy_err_info(e.code)->name,
                 e.detail, cy_err_info(code)->name, detail);
}

#define REFUSED(hex, NAME, detail) refused(hex, CY_E_##NAME, detail, __LINE__)
#define ID "5820 1111111111111111111111111111111111111111111111111111111111111111"
#define ID_ZERO "5820 0000000000000000000000000000000000000000000000000000000000000000"

static void decode_refusals(void **s)
{
    (void)s;
    /* tick {1: time, 2: id} */
    REFUSED("a2 00 02 01 01", NONE, 0);
    REFUSED("a3 00 02 01 01 02 " ID, NONE, 0);
    REFUSED("", SHORT, 0);
    REFUSED("80", WRONG_TYPE, 0);
    REFUSED("a0", MISSING_FIELD, 0);       /* no act number */
    REFUSED("a1 01 01", MISSING_FIELD, 0); /* the first key is not 0 */
    REFUSED("a1 00 61 74", WRONG_TYPE, 2); /* number as text */
    REFUSED("a1 00 19 7ffe", UNKNOWN_MESSAGE, 0x7ffe);
    REFUSED("a1 00 00", UNKNOWN_MESSAGE, 0);
    REFUSED("a1 00 02", MISSING_FIELD, 1);
    REFUSED("a2 00 02 01 00", NOT_CANONICAL, 1); /* default written out */
    REFUSED("a2 00 02 01 20", WRONG_TYPE, 4);
    REFUSED("a2 00 02 01 18 17", NOT_CANONICAL, 4); /* long head */
    REFUSED("a2 00 02 03 01", UNKNOWN_FIELD, 3);
    REFUSED("a2 00 02 18 18 01", UNKNOWN_FIELD, 24);
    REFUSED("a2 00 02 1b 0000000100000001 01", UNKNOWN_FIELD, UINT32_MAX); /* not key 1 */
    REFUSED("a2 00 02 00 02", UNKNOWN_FIELD, 0);                           /* the number twice */
    REFUSED("a3 00 02 01 01 01 01", NOT_CANONICAL, 1);
    REFUSED("a3 00 02 02 " ID "01 01", NOT_CANONICAL, 1); /* descending */
    REFUSED("a3 00 02 01 01 02 " ID_ZERO, NOT_CANONICAL, 2);
    REFUSED("a3 00 02 01 01 02 40", NOT_CANONICAL, 2);
    REFUSED("a3 00 02 01 01 02 41 11", RANGE, 2);
    REFUSED("a3 00 02 01 01 02 61 11", BAD_UTF8, 0);
    REFUSED("a3 00 02 01 01 02 61 78", WRONG_TYPE, 6);
    REFUSED("a2 00 02 01 01 00", TRAILING, 5);
    REFUSED("a3 00 02 01 01", SHORT, 5);
    REFUSED("bf 00 02 01 01 ff", WRONG_TYPE, 0);
    /* policy_set {1: text, 2: u16 up to 1000, 3: bool} */
    REFUSED("a4 00 08 01 61 78 02 19 03e8 03 f5", NONE, 0);
    REFUSED("a4 00 08 01 61 78 02 19 03e9 03 f5", RANGE, 2);
    REFUSED("a4 00 08 01 61 78 02 01 03 f4", NOT_CANONICAL, 3);
    REFUSED("a4 00 08 01 61 78 02 01 03 f6", WRONG_TYPE, 9);
    REFUSED("a4 00 08 01 61 78 02 01 03 01", WRONG_TYPE, 9);
    REFUSED("a2 00 08 01 60", NOT_CANONICAL, 1);
    REFUSED("a2 00 08 01 61 07", BAD_UTF8, 0);
    REFUSED("a2 00 08 01 62 c3 28", BAD_UTF8, 0);
    /* transfer {1: phase 0..3, 4: amount} */
    REFUSED("a2 00 18 3c 01 03", NONE, 0);
    REFUSED("a2 00 18 3c 01 04", RANGE, 1);
    REFUSED("a2 00 18 3c 01 19 0101", RANGE, 1); /* 257 is not 1 */
    REFUSED("a2 00 18 3c 04 41 01", NONE, 0);
    REFUSED("a2 00 18 3c 04 40", NOT_CANONICAL, 4);
    REFUSED("a2 00 18 3c 04 42 0001", NOT_CANONICAL, 0);
    REFUSED("a2 00 18 3c 04 51 0100000000000000000000000000000000", RANGE, 17);
    REFUSED("a2 00 18 3c 04 01", WRONG_TYPE, 5);
    /* param_set {1: code of 1..15} */
    REFUSED("a2 00 06 01 6f 616263646566676869616263646566", NONE, 0);
    REFUSED("a2 00 06 01 70 61626364656667686961626364656667", RANGE, 1);
    /* batch {1: mode, 2: acts}: nesting */
    REFUSED("a2 00 03 02 81 a2 00 02 01 01", NONE, 0);
    REFUSED("a2 00 03 02 80", NOT_CANONICAL, 2);
    REFUSED("a2 00 03 02 81 80", WRONG_TYPE, 5);
    REFUSED("a2 00 03 02 81 a0", MISSING_FIELD, 0);
    REFUSED("a2 00 03 02 82 a2 00 02 01 01", SHORT, 10);
    REFUSED("a2 00 03 02 81 a2 00 03 02 81 a2 00 02 01 01", NONE, 0);
    REFUSED("a2 00 03 02 81 a2 00 03 02 81 a2 00 03 02 81 a2 00 02 01 01", WRONG_TYPE, 2);
    REFUSED("a2 00 03 02 99 1001", RANGE, 2);
    REFUSED("a2 00 03 02 9b ffffffffffffffff", RANGE, 2);
}

static void too_large(void **s)
{
    (void)s;
    memset(bytes, 0, sizeof bytes);
    assert_code(decode(cy_span_of(bytes, CY_PAYLOAD_MAX + 1)), TOO_LARGE);
    assert_code(decode(cy_span_of(bytes, CY_PAYLOAD_MAX)), WRONG_TYPE);
}

/* Every size of arena either decodes or says NO_ROOM. */
static void small_arena(void **s)
{
    static const uint8_t payload[] = {0xa2, 0, 3, 2, 0x82, 0xa2, 0, 2, 1, 1, 0xa2, 0, 2, 1, 2};
    unsigned decoded = 0;

    (void)s;
    for (size_t cap = 0; cap <= 512; cap += 16) {
        struct cy_arena arena = cy_arena_on(room, cap);
        struct cy_any act;
        const cy_err e = cy_decode_act(cy_span_of(payload, sizeof payload), &arena, &act);

        if (cy_ok(e))
            decoded++;
        else
            assert_code(e, NO_ROOM);
        assert_true(decoded > 0 || !cy_ok(e));
    }
    assert_true(decoded > 0 && decoded < 32);
}

static cy_err encode(const struct cy_schema *schema, const void *value, size_t cap)
{
    struct cy_cbor_writer out = cy_cbor_write(bytes, cap);

    return cy_encode_act(schema, value, &out);
}

static void encode_refusals(void **s)
{
    struct cy_policy_set policy = {.policy = cy_span_text("x"), .faults = 1000};
    struct cy_transfer transfer = {.phase = CY_phase_VOID};
    struct cy_tick tick = {.now = 1};
    struct cy_param_set set = {.name = {.n = 16}};

    (void)s;
    assert_ok(encode(&cy_schema_policy_set, &policy, 100));
    policy.faults = 1001;
    assert_code(encode(&cy_schema_policy_set, &policy, 100), RANGE);
    policy.faults = 0;
    policy.policy.n = 0;
    assert_code(encode(&cy_schema_policy_set, &policy, 100), MISSING_FIELD);
    policy.policy = cy_span_text("\x07");
    assert_code(encode(&cy_schema_policy_set, &policy, 100), BAD_UTF8);
    assert_ok(encode(&cy_schema_transfer, &transfer, 100));
    transfer.phase = CY_phase_VOID + 1; /* no word has this number */
    assert_code(encode(&cy_schema_transfer, &transfer, 100), RANGE);
    assert_code(encode(&cy_schema_param_set, &set, 100), RANGE);
    for (size_t cap = 0; cap < 5; cap++)
        assert_code(encode(&cy_schema_tick, &tick, cap), NO_ROOM);
    assert_ok(encode(&cy_schema_tick, &tick, 5));
}

/* Three batches in one another cannot be decoded, so they are not encoded. */
static void encode_nesting(void **s)
{
    const struct cy_tick tick = {.now = 1};
    const struct cy_any leaf = {&cy_schema_tick, &tick};
    const struct cy_batch one = {.acts = &leaf, .n_acts = 1};
    const struct cy_any first = {&cy_schema_batch, &one};
    const struct cy_batch two = {.acts = &first, .n_acts = 1};
    const struct cy_any second = {&cy_schema_batch, &two};
    const struct cy_batch three = {.acts = &second, .n_acts = 1};

    (void)s;
    assert_ok(encode(&cy_schema_batch, &two, 100));
    assert_code(encode(&cy_schema_batch, &three, 100), RANGE);
}

static void encode_too_large(void **s)
{
    static uint8_t body[60000];
    const struct cy_part first = {
        .upload = {{1}         },
          .body = { body, sizeof body}
    };
    struct cy_part last = {.upload = {{1}}};
    const struct cy_any acts[2] = {
        {&cy_schema_part, &first},
        {&cy_schema_part, &last }
    };
    const struct cy_batch batch = {.acts = acts, .n_acts = 2};
    size_t n = 0;

    (void)s;
    for (size_t size = 4800; size < 5200; size++) {
        struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);
        cy_err e;

        last.body = cy_span_of(body, size);
        e = cy_encode_act(&cy_schema_batch, &batch, &out);
        if (!cy_ok(e)) {
            assert_code(e, TOO_LARGE);
            break;
        }
        n = out.n;
        assert_ok(decode(cy_cbor_written(&out)));
    }
    assert_int_equal(n, CY_PAYLOAD_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_refusals), cmocka_unit_test(too_large),
        cmocka_unit_test(small_arena),     cmocka_unit_test(encode_refusals),
        cmocka_unit_test(encode_nesting),  cmocka_unit_test(encode_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
