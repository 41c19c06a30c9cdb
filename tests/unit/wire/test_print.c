/* print: escapes of JSON strings, the form of every type, lists and embedded acts, sentences. That
 * all values read back is tests/properties/test_act_json.c. */
#include "wire/print.h"

#include "cm.h"

static char room[1 << 16];

#define TEXT(string) cy_span_of(string, sizeof(string) - 1)
#define H32 "1111111111111111111111111111111111111111111111111111111111111111"

static const char *json_of(const struct cy_schema *schema, const void *value)
{
    struct cy_text out = cy_text_on(room, sizeof room);

    cy_print_json(&out, schema, value);
    assert_false(out.full);
    return room;
}

static const char *say_of(const struct cy_schema *schema, const void *value)
{
    struct cy_text out = cy_text_on(room, sizeof room);

    cy_print_say(&out, schema, value);
    return room;
}

static const char *string_of(struct cy_span text)
{
    struct cy_text out = cy_text_on(room, sizeof room);

    cy_print_string(&out, text);
    return room;
}

static struct cy_id id_of(int byte)
{
    struct cy_id id;

    memset(id.b, byte, sizeof id.b);
    return id;
}

static void strings(void **s)
{
    (void)s;
    assert_string_equal(string_of(TEXT("")), "\"\"");
    assert_string_equal(string_of(TEXT("plain / text's")), "\"plain / text's\"");
    assert_string_equal(string_of(TEXT("a\"b\\c")), "\"a\\\"b\\\\c\"");
    assert_string_equal(string_of(TEXT("1\n2\t3")), "\"1\\n2\\t3\"");
    assert_string_equal(string_of(TEXT("<b>&</b>")), "\"\\u003cb\\u003e\\u0026\\u003c/b\\u003e\"");
    assert_string_equal(string_of(TEXT("\x00\x01\x08\x0c\r\x1f\x7f")),
                        "\"\\u0000\\u0001\\u0008\\u000c\\u000d\\u001f\\u007f\"");
    assert_string_equal(string_of(TEXT("\xc3\xbc \xe6\xb0\xb4 \xf0\x90\x85\x91")),
                        "\"\xc3\xbc \xe6\xb0\xb4 \xf0\x90\x85\x91\"");
    /* line and paragraph separators end a string in old JavaScript */
    assert_string_equal(string_of(TEXT("a\xe2\x80\xa8z\xe2\x80\xa9\xe2\x80\xaa")),
                        "\"a\\u2028z\\u2029\xe2\x80\xaa\"");
    assert_string_equal(string_of(TEXT("\xe2\x80")), "\"\xe2\x80\""); /* cut: left as it is */
}

static void every_control_character(void **s)
{
    (void)s;
    for (unsigned c = 0; c < 0x80; c++) {
        const uint8_t byte = (uint8_t)c;
        const char *got = string_of(cy_span_of(&byte, 1));

        for (const char *at = got; *at != 0; at++)
            assert_true((uint8_t)*at >= 0x20 && *at != 0x7f && !strchr("<>&", *at));
    }
}

static void types(void **s)
{
    struct cy_genesis genesis = {.now = 1795160000123, .rules = 7, .need_0 = 1};
    struct cy_policy_set policy = {.policy = TEXT("a\nb"), .faults = 2, .accept_less = true};
    struct cy_transfer transfer = {.amount = ((cy_u128)1 << 127) + 5,
                                   .phase = CY_phase_POST,
                                   .pending = id_of(0x11),
                                   .reference = 9007199254740991u};
    struct cy_part part = {.body = TEXT("\x00\xff"), .position = 3};
    struct cy_control control = {.clause = 2};

    (void)s;
    assert_ok(cy_name_of(TEXT("x.example/log"), &genesis.name));
    assert_string_equal(json_of(&cy_schema_genesis, &genesis),
                        "{\"act\":\"genesis\",\"name\":\"x.example/log\","
                        "\"now\":\"2026-11-20T07:33:20.123Z\",\"need_0\":1,\"rules\":7}");
    assert_string_equal(json_of(&cy_schema_policy_set, &policy),
                        "{\"act\":\"policy_set\",\"policy\":\"a\\nb\",\"faults\":2,"
                        "\"accept_less\":true}");
    assert_string_equal(json_of(&cy_schema_transfer, &transfer),
                        "{\"act\":\"transfer\",\"phase\":\"post\","
                        "\"amount\":\"170141183460469231731687303715884105733\","
                        "\"pending\":\"" H32 "\",\"reference\":9007199254740991}");
    transfer = (struct cy_transfer){.reference = 9007199254740992u, .expires = UINT64_MAX};
    assert_string_equal(json_of(&cy_schema_transfer, &transfer),
                        "{\"act\":\"transfer\",\"expires\":\"18446744073709551615\","
                        "\"reference\":\"9007199254740992\"}");
    assert_string_equal(json_of(&cy_schema_part, &part),
                        "{\"act\":\"part\",\"position\":3,\"body\":\"00ff\"}");
    assert_string_equal(json_of(&cy_schema_control, &control), "{\"clause\":2}");
    control.clause = 0;
    assert_string_equal(json_of(&cy_schema_control, &control), "{}");
}

/* The last millisecond that has a civil form, and the first that has none. */
static void end_of_dates(void **s)
{
    struct cy_tick tick = {.now = 253402300799999u};

    (void)s;
    assert_string_equal(json_of(&cy_schema_tick, &tick),
                        "{\"act\":\"tick\",\"now\":\"9999-12-31T23:59:59.999Z\"}");
    tick.now++;
    assert_string_equal(json_of(&cy_schema_tick, &tick),
                        "{\"act\":\"tick\",\"now\":\"253402300800000\"}");
    tick.now = 1;
    assert_string_equal(json_of(&cy_schema_tick, &tick),
                        "{\"act\":\"tick\",\"now\":\"1970-01-01T00:00:00.001Z\"}");
}

static void nested(void **s)
{
    const struct cy_key_share shares[2] = {
        {.key = id_of(0x11), .weight = 1},
        { .key = id_of(0x11),       .weight = 2, .clause = 1}
    };
    const struct cy_passport_rotate rotate = {.keys = shares, .n_keys = 2};
    const struct cy_tick tick = {.now = 1};
    const struct cy_any acts[2] = {
        {&cy_schema_tick,            &tick  },
        {&cy_schema_passport_rotate, &rotate}
    };
    const struct cy_batch batch = {.mode = CY_batch_mode_EACH, .acts = acts, .n_acts = 2};

    (void)s;
    assert_string_equal(json_of(&cy_schema_batch, &batch),
                        "{\"act\":\"batch\",\"mode\":\"each\",\"acts\":["
                        "{\"act\":\"tick\",\"now\":\"1970-01-01T00:00:00.001Z\"},"
                        "{\"act\":\"passport_rotate\",\"keys\":["
                        "{\"key\":\"" H32 "\",\"weight\":1},"
                        "{\"key\":\"" H32 "\",\"clause\":1,\"weight\":2}]}]}");
    assert_string_equal(say_of(&cy_schema_batch, &batch), "2 acts");
}

static void sentences(void **s)
{
    struct cy_transfer transfer = {.from = id_of(0x11), .to = id_of(0x11), .amount = 250};
    struct cy_passport_create create = {.kind = CY_kind_COMMUNITY};
    struct cy_tick tick = {.now = 1795160000000};

    (void)s;
    assert_string_equal(say_of(&cy_schema_transfer, &transfer),
                        "transfers 250 from " H32 " to " H32 " (single)");
    assert_ok(cy_name_of(TEXT("Ghent <{kind}>"), &create.name));
    assert_string_equal(
        say_of(&cy_schema_passport_create, &create),
        "Ghent <{kind}> (community) gets a passport"); /* arguments are not templates */
    assert_string_equal(say_of(&cy_schema_tick, &tick), "it is 2026-11-20T07:33:20.000Z");
    assert_string_equal(say_of(&cy_schema_passport_rotate, &(struct cy_passport_rotate){0}),
                        "replaces its keys");
}

/* A text too long for its room is cut and says so; nothing is written behind it. */
static void little_room(void **s)
{
    const struct cy_tick tick = {.now = 1};

    (void)s;
    for (size_t cap = 1; cap < 48; cap++) {
        char small[64];
        struct cy_text out;

        memset(small, 'e', sizeof small);
        out = cy_text_on(small, cap);
        cy_print_json(&out, &cy_schema_tick, &tick);
        assert_int_equal(out.full, cap <= strlen(json_of(&cy_schema_tick, &tick)));
        assert_int_equal(small[cap], 'e');
        assert_int_equal(small[out.n], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings),     cmocka_unit_test(every_control_character),
        cmocka_unit_test(types),       cmocka_unit_test(end_of_dates),
        cmocka_unit_test(nested),      cmocka_unit_test(sentences),
        cmocka_unit_test(little_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
