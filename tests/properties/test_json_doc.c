/* JSON read in place (verify/json_doc) beside jansson: texts made at random, whole and damaged. */
#include "cm.h"
#include "gen.h"
#include "json_twin.h"

#include <stdio.h>

#define TEXT_MAX 4096u

static struct gen gen_;
static char text_[TEXT_MAX];
static size_t n_;

static void add(const char *words)
{
    const size_t n = strlen(words);

    if (n_ + n >= sizeof text_)
        return;
    memcpy(text_ + n_, words, n);
    n_ += n;
}

static void space(void)
{
    static const char *const spaces[] = {"", "", "", " ", "\n", "\t\r ", "  "};

    add(spaces[gen_draw(&gen_, CY_COUNT(spaces))]);
}

static void string(void)
{
    static const char *const pieces[] = {"a",
                                         "b",
                                         "key",
                                         "\\n",
                                         "\\\"",
                                         "\\\\",
                                         "\\/",
                                         "\\u0041",
                                         "\\u00e9",
                                         "\xc3\xa9",
                                         "\\ud83d\\ude00",
                                         "\xe2\x82\xac",
                                         "\x7f",
                                         "\xc2\x85",
                                         "\\b\\f\\t\\r",
                                         " ",
                                         "{",
                                         "]"};

    add("\"");
    for (uint64_t i = gen_draw(&gen_, 6); i > 0; i--)
        add(pieces[gen_draw(&gen_, CY_COUNT(pieces))]);
    add("\"");
}

static void number(void)
{
    static const char *const numbers[] = {"0",
                                          "-0",
                                          "1",
                                          "-17",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "9223372036854775808",
                                          "1.5",
                                          "1e3",
                                          "01",
                                          "-",
                                          "123456789"};

    add(numbers[gen_draw(&gen_, gen_one_in(&gen_, 4) ? CY_COUNT(numbers) : 6)]);
}

static void value(unsigned depth)
{
    static const char *const words[] = {"true", "false", "null"};
    const uint64_t n = gen_draw(&gen_, 5);

    space();
    switch (gen_draw(&gen_, depth > 6 ? 3 : 5)) {
    case 0: add(words[gen_draw(&gen_, 3)]); break;
    case 1: number(); break;
    case 2: string(); break;
    case 3:
        add("[");
        for (uint64_t i = 0; i < n; i++) {
            add(i > 0 ? "," : "");
            value(depth + 1);
        }
        space();
        add("]");
        break;
    default:
        add("{");
        for (uint64_t i = 0; i < n; i++) {
            add(i > 0 ? "," : "");
            space();
            string();
            space();
            add(":");
            value(depth + 1);
        }
        add("}");
    }
    space();
}

static void both_agree(void **s)
{
    unsigned accepted = 0;
    unsigned refused = 0;

    (void)s;
    gen_ = gen_on(4711, NULL);
    for (unsigned i = 0; i < 40000; i++) {
        n_ = 0;
        value(0);
        if (gen_one_in(&gen_, 2))
            gen_mutate(&gen_, (uint8_t *)text_, &n_, sizeof text_);
        if (json_twin(cy_span_of(text_, n_)))
            accepted++;
        else
            refused++;
    }
    print_message("%u accepted, %u refused by both\n", accepted, refused);
    assert_true(accepted > 2000);
    assert_true(refused > 2000);
}

/* The bounds that are ours alone. */
static void bounds(void **s)
{
    char deep[2 * 40 + 1];
    char many[8 * 200];
    struct cy_doc doc;
    size_t n = 0;

    (void)s;
    memset(deep, '[', 40);
    memset(deep + 40, ']', 40);
    assert_ok(cy_doc_read(cy_span_of(deep + 40 - 32, 64), 32, &doc));
    assert_code(cy_doc_read(cy_span_of(deep + 40 - 33, 66), 32, &doc), BAD_JSON);
    assert_code(cy_doc_read(cy_span_of(deep + 40 - 9, 18), 8, &doc), BAD_JSON);
    for (unsigned keys = CY_DOC_KEYS_MAX; keys <= CY_DOC_KEYS_MAX + 1; keys++) {
        n = 0;
        many[n++] = '{';
        for (unsigned i = 0; i < keys; i++)
            n += (size_t)snprintf(many + n, sizeof many - n, "%s\"%03u\":1", i > 0 ? "," : "", i);
        many[n++] = '}';
        assert_int_equal(cy_ok(cy_doc_read(cy_span_of(many, n), 8, &doc)), keys == CY_DOC_KEYS_MAX);
    }
    for (size_t key = CY_DOC_KEY_MAX; key <= CY_DOC_KEY_MAX + 1; key++) {
        memset(many, 'k', sizeof many);
        memcpy(many, "{\"", 2);
        memcpy(many + 2 + key, "\":1}", 4);
        assert_int_equal(cy_ok(cy_doc_read(cy_span_of(many, key + 6), 8, &doc)),
                         key == CY_DOC_KEY_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_agree), cmocka_unit_test(bounds)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
