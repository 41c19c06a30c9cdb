/* act_json: every refusal has its code, its path, what was expected and the nearest name; the
 * liberties of the form. (That print and read are inverses: tests/properties/test_print_read.c.) */
#include "host/json/act_json.h"
#include "wire/codec.h"

#include "cm.h"

#include <stdio.h>

static _Alignas(16) uint8_t room[1 << 20];
static char said[600];

#define H32 "1111111111111111111111111111111111111111111111111111111111111111"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

static cy_err read_sized(const char *json, size_t cap, struct cy_any *out)
{
    struct cy_arena arena = cy_arena_on(room, cap);
    struct cy_text why = cy_text_on(said, sizeof said);

    return cy_act_from_json(cy_span_text(json), &arena, out, &why);
}

static const void *good(const char *json)
{
    struct cy_any act = {NULL, NULL};
    const cy_err e = read_sized(json, sizeof room, &act);

    if (!cy_ok(e))
        fail_msg("%s: %s", json, said);
    assert_string_equal(said, "");
    return act.message;
}

static void refused(const char *json, enum cy_code code, const char *words, int line)
{
    struct cy_any act;
    const cy_err e = read_sized(json, sizeof room, &act);

    if (e.code != code || strcmp(said, words) != 0)
        fail_msg("line %d: got %s, \"%s\"\n wanted %s, \"%s\"", line, cy_err_info(e.code)->name,
                 said, cy_err_info(code)->name, words);
}

#define REFUSED(json, NAME, words) refused(json, CY_E_##NAME, words, __LINE__)

static void liberties(void **s)
{
    const struct cy_transfer *t = NULL;
    const struct cy_tick *tick = NULL;
    const struct cy_batch *batch = NULL;

    (void)s;
    t = good(" { \"amount\" : 12, \"act\" : \"transfer\", \"to\": null, \"phase\": \"single\","
             "\"reference\": \"18446744073709551615\", \"from\": \"" ZERO "\", \"expires\": 0 } ");
    assert_true(t->amount == 12);
    assert_true(t->reference == UINT64_MAX);
    assert_true(t->expires == 0);
    assert_true(cy_id_none(&t->from));
    t = good("{\"act\":\"transfer\",\"amount\":\"340282366920938463463374607431768211455\","
             "\"from\":\"AAaa"
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}");
    assert_true(t->amount == ~(cy_u128)0);
    assert_int_equal(t->from.b[0], 0xaa);
    tick = good("{\"act\":\"tick\",\"now\":\"2026-11-20T07:33:20Z\"}");
    assert_true(tick->now == 1795160000000);
    tick = good("{\"act\":\"tick\",\"now\":1795160000000}");
    assert_true(tick->now == 1795160000000);
    tick = good("{\"act\":\"tick\",\"now\":\"1795160000000\"}");
    assert_true(tick->now == 1795160000000);
    batch = good("{\"act\":\"batch\",\"mode\":\"\",\"acts\":[{\"act\":\"tick\",\"now\":5,"
                 "\"state_root\":\"\"}]}");
    assert_int_equal(batch->mode, CY_batch_mode_ATOMIC);
    assert_ptr_equal(batch->acts[0].schema, &cy_schema_tick);
}

static void names(void **s)
{
    (void)s;
    REFUSED("{\"now\":1}", MISSING_FIELD, "the member \"act\" must be the name of the act");
    REFUSED("{\"act\":7}", BAD_JSON, "the member \"act\" must be the name of the act");
    REFUSED("[]", BAD_JSON, "must be an act: an object with the member \"act\"");
    REFUSED("{\"act\":\"tranfser\"}", UNKNOWN_MESSAGE,
            "there is no act \"tranfser\"; did you mean \"transfer\"?");
    REFUSED("{\"act\":\"qqqqqqqqqqqqqqq\"}", UNKNOWN_MESSAGE,
            "there is no act \"qqqqqqqqqqqqqqq\"");
    REFUSED("{\"act\":\"key_share\"}", UNKNOWN_MESSAGE, "there is no act \"key_share\""); /* item */
    REFUSED("{\"act\":\"transfer\",\"amuont\":1}", UNKNOWN_FIELD,
            "amuont: transfer has no field of this name; did you mean \"amount\"?");
    REFUSED("{\"act\":\"transfer\",\"zzz\":1}", UNKNOWN_FIELD,
            "zzz: transfer has no field of this name");
    REFUSED("{\"act\":\"transfer\",\"phase\":\"pendign\"}", RANGE,
            "phase: must be one of: single, pending, post, void; did you mean \"pending\"?");
    REFUSED("{\"act\":\"transfer\",\"phase\":2}", BAD_JSON, "phase: must be a word");
    REFUSED("{\"act\":\"tick\"}", MISSING_FIELD, "now: must be given: ledger time from here on");
    REFUSED("{\"act\":\"tick\",\"now\":null}", MISSING_FIELD,
            "now: must be given: ledger time from here on");
}

static void places(void **s)
{
    (void)s;
    REFUSED("{\"act\":\"batch\",\"acts\":[{\"act\":\"tick\",\"now\":1},{\"act\":"
            "\"passport_rotate\",\"need_0\":1,\"keys\":[{\"key\":\"" H32 "\",\"weight\":1001}]}]}",
            RANGE, "acts[1].keys[0].weight: must be a whole number from 1 to 1000");
    REFUSED("{\"act\":\"batch\",\"acts\":[{\"act\":\"tick\",\"now\":1},{\"now\":1}]}",
            MISSING_FIELD, "acts[1]: the member \"act\" must be the name of the act");
    REFUSED("{\"act\":\"batch\",\"acts\":[{\"act\":\"tik\"}]}", UNKNOWN_MESSAGE,
            "acts[0]: there is no act \"tik\"; did you mean \"tick\"?");
    REFUSED("{\"act\":\"batch\",\"acts\":[{\"act\":\"tick\"}]}", MISSING_FIELD,
            "acts[0].now: must be given: ledger time from here on");
    REFUSED("{\"act\":\"batch\",\"acts\":[3]}", BAD_JSON,
            "acts[0]: must be an act: an object with the member \"act\"");
    REFUSED("{\"act\":\"batch\",\"acts\":{}}", BAD_JSON,
            "acts: must be an array of 1 to 4096 acts");
    REFUSED("{\"act\":\"batch\",\"acts\":[]}", RANGE, "acts: must be an array of 1 to 4096 acts");
    REFUSED("{\"act\":\"passport_rotate\",\"need_0\":1,\"keys\":[[]]}", BAD_JSON,
            "keys[0]: must be an object with the fields of key_share");
    REFUSED("{\"act\":\"batch\",\"acts\":[{\"act\":\"batch\",\"acts\":[{\"act\":\"batch\","
            "\"acts\":[{\"act\":\"tick\",\"now\":1}]}]}]}",
            RANGE, "acts[0].acts[0].acts: lists stand too deep inside one another");
    REFUSED("{\"act\":\"tick\",\n\"now\":1,\n  \"now\":2}", BAD_JSON,
            "line 3, column 8: duplicate object key near '\"now\"'");
}

static void values(void **s)
{
#define TRANSFER(member) "{\"act\":\"transfer\"," member "}"
#define AMOUNT "amount: must be a whole number from 0 to 2^128 - 1"
#define REFERENCE "reference: must be a whole number from 0 to 18446744073709551615"
#define EXPIRES "expires: must be a time such as 2026-11-20T07:30:00Z, or Unix milliseconds"
#define FROM "from: must be 64 hexadecimal digits, not all zero"
    (void)s;
    REFUSED(TRANSFER("\"amount\":-1"), RANGE, AMOUNT);
    REFUSED(TRANSFER("\"amount\":\"-1\""), BAD_TEXT, AMOUNT);
    REFUSED(TRANSFER("\"amount\":\"1.5\""), BAD_TEXT, AMOUNT);
    REFUSED(TRANSFER("\"amount\":\"\""), BAD_TEXT, AMOUNT);
    REFUSED(TRANSFER("\"amount\":\"007\""), BAD_TEXT, AMOUNT);
    REFUSED(TRANSFER("\"amount\":\"340282366920938463463374607431768211456\""), OVERFLOW, AMOUNT);
    REFUSED(TRANSFER("\"amount\":true"), BAD_JSON, AMOUNT);
    REFUSED(TRANSFER("\"reference\":\"18446744073709551616\""), RANGE, REFERENCE);
    REFUSED(TRANSFER("\"reference\":[]"), BAD_JSON, REFERENCE);
    REFUSED(TRANSFER("\"expires\":\"tomorrow\""), BAD_DATE, EXPIRES);
    REFUSED(TRANSFER("\"expires\":\"2026-13-20T07:30:00Z\""), BAD_DATE, EXPIRES);
    REFUSED(TRANSFER("\"expires\":\"2026-11-20\""), BAD_DATE, EXPIRES);
    REFUSED(TRANSFER("\"from\":\"11\""), BAD_HEX, FROM);
    REFUSED(TRANSFER("\"from\":\"" H32 "11\""), BAD_HEX, FROM);
    REFUSED(TRANSFER("\"from\":17"), BAD_JSON, FROM);
    REFUSED("{\"act\":\"asset_retire\",\"account\":\"" H32 "\",\"amount\":0}", RANGE,
            "amount: must be a whole number from 1 to 2^128 - 1");
    REFUSED("{\"act\":\"asset_retire\",\"account\":\"" H32 "\",\"amount\":\"0\"}", RANGE,
            "amount: must be a whole number from 1 to 2^128 - 1");
    REFUSED("{\"act\":\"bond_cool\",\"bond\":\"" ZERO "\"}", RANGE,
            "bond: must be 64 hexadecimal digits, not all zero");
    REFUSED("{\"act\":\"policy_set\",\"policy\":\"\"}", RANGE,
            "policy: must be a text of 1 to 8192 bytes");
    REFUSED("{\"act\":\"policy_set\",\"policy\":7}", BAD_JSON,
            "policy: must be a text of 1 to 8192 bytes");
    REFUSED("{\"act\":\"policy_set\",\"policy\":\"a\\u0007\"}", BAD_UTF8,
            "policy: must be a text of 1 to 8192 bytes, in UTF-8 and without control characters");
    REFUSED("{\"act\":\"policy_set\",\"policy\":\"x\",\"accept_less\":\"true\"}", BAD_JSON,
            "accept_less: must be true or false");
    REFUSED("{\"act\":\"policy_set\",\"policy\":\"x\",\"accept_less\":1}", BAD_JSON,
            "accept_less: must be true or false");
    REFUSED("{\"act\":\"param_set\",\"name\":\"abcdefghijklmnop\",\"value\":1}", RANGE,
            "name: must be a text of 1 to 15 bytes");
    REFUSED("{\"act\":\"part\",\"upload\":\"" H32 "\",\"body\":\"0\"}", BAD_HEX,
            "body: must be hexadecimal digits, for 1 to 60000 bytes");
    REFUSED("{\"act\":\"part\",\"upload\":\"" H32 "\",\"body\":\"0g\"}", BAD_HEX,
            "body: must be hexadecimal digits, for 1 to 60000 bytes");
    REFUSED("{\"act\":\"part\",\"upload\":\"" H32 "\",\"body\":\"\"}", RANGE,
            "body: must be hexadecimal digits, for 1 to 60000 bytes");
    REFUSED("{\"act\":\"tick\",\"now\":1.5}", BAD_JSON,
            "a number has a fraction or an exponent; only whole numbers are read");
}

static void memory(void **s)
{
    static const char json[] = "{\"act\":\"batch\",\"acts\":[{\"act\":\"policy_set\",\"policy\":"
                               "\"0123456789012345678901234567890123456789\"}]}";
    struct cy_any act;
    bool fits = false;

    (void)s;
    for (size_t cap = 0; cap <= 512; cap += 16) {
        const cy_err e = read_sized(json, cap, &act);

        if (!cy_ok(e)) {
            assert_false(fits);
            assert_code(e, NO_ROOM);
            assert_non_null(strstr(said, "no room"));
        }
        fits = cy_ok(e);
    }
    assert_true(fits);
    assert_code(cy_act_from_json(cy_span_text("{"), NULL, &act, NULL),
                BAD_JSON); /* no text wanted */
}

static void one_schema(void **s)
{
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct cy_text why = cy_text_on(said, sizeof said);
    struct cy_bond bond;
    struct cy_tick tick;

    (void)s;
    assert_ok(
        cy_struct_from_json(&cy_schema_tick, cy_span_text("{\"now\":4}"), &arena, &tick, &why));
    assert_ok(cy_struct_from_json(&cy_schema_tick, cy_span_text("{\"act\":\"tick\",\"now\":4}"),
                                  &arena, &tick, &why));
    assert_true(tick.now == 4);
    assert_code(cy_struct_from_json(&cy_schema_tick, cy_span_text("{\"act\":\"tock\",\"now\":4}"),
                                    &arena, &tick, &why),
                UNKNOWN_MESSAGE);
    assert_string_equal(said, "the act must be \"tick\", not \"tock\"");
    why = cy_text_on(said, sizeof said);
    assert_code(cy_struct_from_json(&cy_schema_bond, cy_span_text("{\"act\":\"bond\"}"), &arena,
                                    &bond, &why),
                UNKNOWN_FIELD);
}

static cy_err flags(const struct cy_schema *schema, const char *const *pairs, void *out)
{
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct cy_text why = cy_text_on(said, sizeof said);
    const char *flag[8];
    const char *value[8];
    size_t n = 0;

    for (; pairs[2 * n] != NULL; n++) {
        flag[n] = pairs[2 * n];
        value[n] = pairs[2 * n + 1];
    }
    return cy_act_from_flags(schema, flag, value, n, &arena, out, &why);
}

#define FLAGS(schema, out, ...)                                                                    \
    flags(&cy_schema_##schema, (const char *const[]){__VA_ARGS__, NULL, NULL}, out)

static void command_line(void **s)
{
    struct cy_transfer t;
    struct cy_policy_set policy;
    struct cy_passport_rotate rotate;

    (void)s;
    assert_ok(FLAGS(transfer, &t, "amount", "250", "from", H32, "phase", "pending", "expires",
                    "2026-11-20T07:33:20Z"));
    assert_true(t.amount == 250 && t.phase == CY_phase_PENDING && t.expires == 1795160000000);
    assert_ok(FLAGS(policy_set, &policy, "policy", "quorum none\n", "accept-less", NULL));
    assert_true(policy.accept_less);
    assert_ok(FLAGS(policy_set, &policy, "policy", "x", "accept_less", "false"));
    assert_false(policy.accept_less);
    assert_ok(FLAGS(passport_rotate, &rotate, "need-0", "1", "keys",
                    "[{\"key\":\"" H32 "\",\"weight\":1}]"));
    assert_int_equal(rotate.n_keys, 1);
    assert_int_equal(rotate.keys[0].weight, 1);

    assert_code(FLAGS(policy_set, &policy, "policy", "x", "accept-less", "yes"), BAD_TEXT);
    assert_string_equal(said, "accept_less: must be true or false");
    assert_code(FLAGS(transfer, &t, "amount", NULL), BAD_TEXT);
    assert_string_equal(said, "amount: needs a value: how much; 0 in a post = all that is pending");
    assert_code(FLAGS(transfer, &t, "amount", "1", "amount", "1"), BAD_TEXT);
    assert_string_equal(said, "amount: is given twice");
    assert_code(FLAGS(transfer, &t, "ammount", "1"), UNKNOWN_FIELD);
    assert_string_equal(said,
                        "ammount: transfer has no field of this name; did you mean \"amount\"?");
    assert_code(FLAGS(policy_set, &policy, "faults", "1"), MISSING_FIELD);
    assert_string_equal(said, "policy: must be given: policy text (C2SP form)");
    assert_code(FLAGS(policy_set, &policy, "policy", "\xff"), BAD_UTF8);
    assert_code(FLAGS(passport_rotate, &rotate, "keys", "[{]"), BAD_JSON);
    assert_code(FLAGS(passport_rotate, &rotate, "keys", "{}"), BAD_JSON);
    assert_code(FLAGS(passport_rotate, &rotate, "keys", "[{\"kye\":1}]"), UNKNOWN_FIELD);
    assert_string_equal(said,
                        "keys[0].kye: key_share has no field of this name; did you mean \"key\"?");
}

/* Paths and names longer than their room are cut, never written past it. */
static void long_names(void **s)
{
    static char json[4000];
    static char name[1500];
    struct cy_any act;

    (void)s;
    memset(name, 'n', sizeof name - 1);
    snprintf(json, sizeof json, "{\"act\":\"batch\",\"acts\":[{\"act\":\"tick\",\"%s\":1}]}", name);
    assert_code(read_sized(json, sizeof room, &act), UNKNOWN_FIELD);
    assert_non_null(strstr(said, "acts[0].nnnn"));
    snprintf(json, sizeof json, "{\"act\":\"%s\"}", name);
    assert_code(read_sized(json, sizeof room, &act), UNKNOWN_MESSAGE);
    assert_true(strlen(said) < 200);
    assert_code(FLAGS(tick, room, name, "1"), UNKNOWN_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(liberties),    cmocka_unit_test(names),      cmocka_unit_test(places),
        cmocka_unit_test(values),       cmocka_unit_test(memory),     cmocka_unit_test(one_schema),
        cmocka_unit_test(command_line), cmocka_unit_test(long_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
