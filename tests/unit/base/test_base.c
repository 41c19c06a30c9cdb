/* base: spans, numbers, text, dates, tables. */
#include "base/date.h"
#include "base/table.h"

#include "cm.h"

static void hex_and_base64(void **s)
{
    const char *b64[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    const char *plain = "foobar";
    uint8_t back[8];
    size_t n = 0;
    char out[16];

    (void)s;
    for (size_t i = 0; i <= 6; i++) { /* RFC 4648, section 10 */
        cy_base64((const uint8_t *)plain, i, out);
        assert_string_equal(out, b64[i]);
        assert_ok(cy_base64_read(cy_span_text(b64[i]), back, sizeof back, &n));
        assert_int_equal(n, i);
        assert_memory_equal(back, plain, i);
    }
    assert_code(cy_base64_read(cy_span_text("Zh=="), back, sizeof back, &n), BAD_BASE64);
    assert_code(cy_base64_read(cy_span_text("Zg="), back, sizeof back, &n), BAD_BASE64);
    assert_code(cy_base64_read(cy_span_text("Z=g="), back, sizeof back, &n), BAD_BASE64);
    assert_code(cy_base64_read(cy_span_text("===="), back, sizeof back, &n), BAD_BASE64);
    assert_ok(cy_hex_read(cy_span_text("00fFa0"), back, 3));
    assert_memory_equal(back, "\x00\xff\xa0", 3);
    assert_code(cy_hex_read(cy_span_text("0g"), back, 1), BAD_HEX);
}

static void amounts(void **s)
{
    const cy_u128 max = ~(cy_u128)0;
    char text[CY_U128_TEXT];
    uint8_t b[16];
    cy_u128 v = 0;

    (void)s;
    cy_u128_text(max, text);
    assert_string_equal(text, "340282366920938463463374607431768211455");
    assert_ok(cy_u128_read(cy_span_text(text), &v));
    assert_true(v == max);
    assert_code(cy_u128_read(cy_span_text("340282366920938463463374607431768211456"), &v),
                OVERFLOW);
    assert_code(cy_u128_read(cy_span_text("01"), &v), BAD_TEXT);
    assert_code(cy_u128_read(cy_span_text(""), &v), BAD_TEXT);
    assert_code(cy_add(max, 1, &v), OVERFLOW);
    assert_code(cy_sub(1, 2, &v), OVERFLOW);
    assert_ok(cy_mul_div(max, 7, 7, &v));
    assert_true(v == max);
    assert_code(cy_mul_div(max, 8, 7, &v), OVERFLOW);
    for (unsigned shift = 0; shift < 128; shift++) {
        const cy_u128 x = (cy_u128)1 << shift;
        const size_t n = cy_u128_bytes(x, b);

        assert_int_equal(n, shift / 8 + 1);
        assert_ok(cy_u128_from(cy_span_of(b, n), &v));
        assert_true(v == x);
    }
    assert_code(cy_u128_from(cy_span_of("\x00\x01", 2), &v), NOT_CANONICAL);
}

static void dates(void **s)
{
    char out[40];
    struct cy_text t = cy_text_on(out, sizeof out);
    cy_date d = 0;
    cy_time ms = 0;

    (void)s;
    assert_ok(cy_date_read(cy_span_text("1949-04-04"), &d));
    assert_int_equal(d, 711586);
    assert_ok(cy_date_read(cy_span_text("9999-12-31"), &d));
    assert_int_equal(d, CY_DATE_MAX);
    assert_ok(cy_date_of(2024, 1, 31, &d));
    assert_int_equal(cy_date_months(d, 0), d);
    assert_int_equal(cy_date_months(d, 1), d + 29); /* 29 February */
    assert_int_equal(cy_date_months(d, 13), d + 366 + 28);
    assert_int_equal(cy_date_months(d, 12), d + 366);
    assert_int_equal(cy_date_months(d, 12 * 9000), CY_DATE_MAX);
    assert_code(cy_date_read(cy_span_text("1900-02-29"), &d), BAD_DATE);
    assert_code(cy_date_read(cy_span_text("1900-2-28"), &d), BAD_DATE);
    for (cy_date i = 1; i <= CY_DATE_MAX; i += 97) {
        unsigned y = 0, m = 0, day = 0;

        cy_date_civil(i, &y, &m, &day);
        assert_ok(cy_date_of(y, m, day, &d));
        assert_int_equal(d, i);
    }
    assert_ok(cy_time_read(cy_span_text("2026-11-20T07:30:01.045Z"), &ms));
    assert_int_equal(ms, 1795159801045u);
    cy_time_text(&t, ms);
    assert_string_equal(out, "2026-11-20T07:30:01.045Z");
}

static void utf8(void **s)
{
    (void)s;
    assert_ok(cy_utf8_check(cy_span_text("C\xc3\xb4te d\xe2\x80\x99Ivoire \xf0\x9f\x8c\x8d")));
    assert_code(cy_utf8_check(cy_span_of("\xc0\x80", 2)), BAD_UTF8);
    assert_code(cy_utf8_check(cy_span_of("\xed\xa0\x80", 3)), BAD_UTF8);
    assert_code(cy_utf8_check(cy_span_of("a\xe2\x82", 3)), BAD_UTF8);
    assert_code(cy_utf8_check(cy_span_of("\x1b", 1)), BAD_UTF8);
    assert_code(cy_utf8_check(cy_span_of("\xf4\x90\x80\x80", 4)), BAD_UTF8);
}

static void utf8_mended(void **s)
{
    char good[] = "C\xc3\xb4te\n";
    char cut[] = "C\xc3\xb4t\xc3";
    char bad[] = "\x1b[2J\xff\xc3\xa9\xe2\x82";

    (void)s;
    cy_utf8_mend(good);
    assert_string_equal(good, "C\xc3\xb4te\n");
    cy_utf8_mend(cut);
    assert_string_equal(cut, "C\xc3\xb4t?");
    cy_utf8_mend(bad);
    assert_string_equal(bad, "?[2J?\xc3\xa9??");
}

/* A table against a plain array, with keys crowded so that probe runs wrap and close. */
static void table_model(void **s)
{
    static _Alignas(16) uint8_t mem[1 << 16];
    struct rec {
        uint64_t key;
        uint64_t value;
    } model[200];
    struct cy_arena arena = cy_arena_on(mem, sizeof mem);
    struct cy_table table;
    uint64_t seed = 1;
    bool have[200] = {0};

    (void)s;
    assert_ok(cy_table_init(&table, &arena, sizeof(struct rec), 8, 200));
    for (unsigned step = 0; step < 20000; step++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const uint64_t k = (seed >> 33) % 200;

        if ((seed >> 60) < 9) {
            model[k] = (struct rec){k, step};
            have[k] = true;
            cy_table_put(&table, &model[k]);
        } else if (have[k]) {
            cy_table_remove(&table, cy_table_find(&table, &k));
            have[k] = false;
        }
        const uint64_t probe = (seed >> 40) % 200;
        const struct rec *r = cy_table_get(&table, &probe);

        assert_int_equal(r != NULL, have[probe]);
        assert_int_equal(cy_table_seek(&table, &probe, cy_table_hash(&probe, 8)),
                         cy_table_find(&table, &probe));
        cy_table_warm(&table, cy_table_hash(&probe, 8));
        assert_int_equal(cy_table_warm_record(&table, cy_table_hash(&probe, 8)),
                         cy_table_find(&table, &probe)); /* whether it is there or not */
        if (r != NULL)
            assert_int_equal(r->value, model[probe].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_and_base64), cmocka_unit_test(amounts),
        cmocka_unit_test(dates),          cmocka_unit_test(utf8),
        cmocka_unit_test(utf8_mended),    cmocka_unit_test(table_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
