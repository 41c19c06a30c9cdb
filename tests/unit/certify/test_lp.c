/* certify/lp: the vectors of SPEC/vectors/certificates.json, and everything that must be refused.
 */
#include "cm.h"

#include "certify/lp.h"
#include "gen.h"

#include <jansson.h>
#include <stdlib.h>

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 wide_size;

enum { ROOM = 4 << 20, BYTES = 1 << 16, CHANGES = 3000 };

struct vector {
    const char *name;
    const char *verdict;
    struct cy_id id;
    uint8_t program[BYTES];
    size_t n_program;
    uint8_t certificate[BYTES];
    size_t n_certificate;
    const json_t *at;
};

static _Alignas(16) uint8_t room_[ROOM];
static json_t *file_;
static struct cy_arena arena_;
static struct cy_lp_form form_;
static struct cy_lp_verdict verdict_;

static size_t unhex(const json_t *at, const char *name, uint8_t *out)
{
    const char *text = json_string_value(json_object_get(at, name));
    const size_t n = strlen(text) / 2;

    assert_true(n <= BYTES);
    assert_ok(cy_hex_read(cy_span_text(text), out, n));
    return n;
}

static const struct vector *vector_at(size_t i)
{
    static struct vector v;

    v.at = json_array_get(json_object_get(file_, "vectors"), i);
    if (v.at == NULL)
        return NULL;
    v.name = json_string_value(json_object_get(v.at, "name"));
    v.verdict = json_string_value(json_object_get(v.at, "verdict"));
    (void)unhex(v.at, "id", v.id.b);
    v.n_program = unhex(v.at, "program", v.program);
    v.n_certificate = unhex(v.at, "certificate", v.certificate);
    return &v;
}

static const struct vector *named(const char *name)
{
    for (size_t i = 0; vector_at(i) != NULL; i++) {
        if (strcmp(vector_at(i)->name, name) == 0)
            return vector_at(i);
    }
    fail_msg("no vector %s", name);
    return NULL;
}

static cy_err judge_in(const struct vector *v, const uint8_t *certificate, size_t n, size_t room)
{
    arena_ = cy_arena_on(room_, room);
    CY_TRY(cy_lp_form_read(cy_span_of(v->program, v->n_program), &arena_, &form_));
    return cy_lp_check(&form_, &v->id, cy_span_of(certificate, n), &arena_, &verdict_);
}

static cy_err judge(const struct vector *v, const uint8_t *certificate, size_t n)
{
    return judge_in(v, certificate, n, ROOM);
}

/* The numbers of vectors are small: they fit 64 bits. */
static long long small(struct cy_whole a)
{
    assert_true(a.n <= 1);
    return a.n == 0 ? 0 : a.minus ? -(long long)a.at[0] : (long long)a.at[0];
}

static void is_fraction(const json_t *text, struct cy_whole above, struct cy_whole below)
{
    long long p = 0;
    long long q = 1;
    char *end = NULL;

    assert_non_null(text);
    p = strtoll(json_string_value(text), &end, 10);
    if (*end == '/')
        q = strtoll(end + 1, &end, 10);
    assert_true(*end == 0);
    assert_true(small(above) * q == p * small(below));
}

static void vectors_prove_what_they_say(void **state)
{
    static const char *const words[] = {"",          "optimal", "infeasible",
                                        "unbounded", "optimal", "bounded"};
    size_t i = 0;

    (void)state;
    for (; vector_at(i) != NULL; i++) {
        const struct vector *v = vector_at(i);

        assert_ok(judge(v, v->certificate, v->n_certificate));
        assert_string_equal(v->verdict, verdict_.infeasible ? "infeasible" : words[verdict_.kind]);
        if (json_object_get(v->at, "value") != NULL)
            is_fraction(json_object_get(v->at, "value"), verdict_.value_above,
                        verdict_.value_below);
        if (json_object_get(v->at, "bound") != NULL)
            is_fraction(json_object_get(v->at, "bound"), verdict_.bound_above,
                        verdict_.bound_below);
    }
    assert_true(i >= 7);
}

/* A changed certificate is refused, or proves the same or something weaker that is true. */
static void changed_certificates_prove_nothing_false(void **state)
{
    struct gen gen = gen_on(11, NULL);
    static uint8_t changed[BYTES];
    unsigned refused = 0;
    unsigned same = 0;

    (void)state;
    for (size_t i = 0; vector_at(i) != NULL; i++) {
        const struct vector *v = vector_at(i);
        const bool optimal = strcmp(v->verdict, "optimal") == 0;

        for (unsigned k = 0; k < CHANGES; k++) {
            size_t n = v->n_certificate;

            memcpy(changed, v->certificate, n);
            gen_mutate(&gen, changed, &n, sizeof changed);
            if (n == v->n_certificate && memcmp(changed, v->certificate, n) == 0)
                continue;
            if (!cy_ok(judge(v, changed, n))) {
                refused++;
                continue;
            }
            same++;
            if (optimal && verdict_.kind != CY_LP_BOUNDED)
                is_fraction(json_object_get(v->at, "value"), verdict_.value_above,
                            verdict_.value_below);
            else
                assert_false(optimal && verdict_.infeasible);
            if (verdict_.kind == CY_LP_BOUNDED)
                assert_true(small(verdict_.bound_above) * small(verdict_.value_below) <=
                            small(verdict_.value_above) * small(verdict_.bound_below));
            else
                assert_true(verdict_.infeasible == (strcmp(v->verdict, "infeasible") == 0));
        }
    }
    assert_true(refused > 15000);
    assert_true(same < refused / 10);
}

/* The diet's certificate by hand: point (56, 76) / 5, multipliers (7, 19, 0) / 25. */
static size_t diet(uint8_t *out, const struct vector *v, const uint8_t x[2], const uint8_t y[3],
                   uint8_t divisor)
{
    size_t n = 37;

    memcpy(out, v->certificate, n);
    out[n++] = 2;
    out[n++] = 5;
    out[n++] = 2;
    for (unsigned i = 0; i < 2; i++) {
        out[n++] = 0;
        out[n++] = 2;
        out[n++] = x[i];
    }
    out[n++] = 2;
    out[n++] = divisor;
    out[n] = 0;
    for (unsigned i = 0; i < 3; i++)
        out[n] = (uint8_t)(out[n] + (y[i] != 0));
    n++;
    for (unsigned i = 0, gap = 0; i < 3; i++, gap++) {
        if (y[i] == 0)
            continue;
        out[n++] = (uint8_t)gap;
        gap = (unsigned)-1;
        out[n++] = 2;
        out[n++] = y[i];
    }
    return n;
}

static void numbers_that_are_off_by_one_are_refused(void **state)
{
    const struct vector *v = named("diet");
    static const uint8_t x[2] = {56, 76};
    static const uint8_t y[3] = {7, 19, 0};
    uint8_t bytes[128];
    size_t n = diet(bytes, v, x, y, 25);

    (void)state;
    assert_ok(judge(v, bytes, n));
    for (unsigned k = 0; k < 12; k++) {
        uint8_t x2[2] = {56, 76};
        uint8_t y2[3] = {7, 19, 0};
        uint8_t divisor = 25;
        uint8_t *at[6] = {&x2[0], &x2[1], &y2[0], &y2[1], &y2[2], &divisor};

        *at[k / 2] = (uint8_t)(*at[k / 2] + (k % 2 == 0 ? 1 : -1));
        if (k == 9)
            continue; /* 0 - 1 is not a byte */
        n = diet(bytes, v, x2, y2, divisor);
        assert_code(judge(v, bytes, n), CERT_WRONG);
    }
}

static void another_programs_certificate_is_refused(void **state)
{
    static struct vector first;

    (void)state;
    first = *named("diet");
    for (size_t i = 0; vector_at(i) != NULL; i++) {
        const struct vector *v = vector_at(i);

        if (memcmp(v->id.b, first.id.b, 32) == 0)
            continue;
        assert_code(judge(&first, v->certificate, v->n_certificate), CERT_OTHER);
    }
}

static void every_cut_and_every_tail_is_refused(void **state)
{
    static uint8_t longer[BYTES + 1];

    (void)state;
    for (size_t i = 0; vector_at(i) != NULL; i++) {
        const struct vector *v = vector_at(i);

        for (size_t n = 0; n < v->n_certificate; n++)
            assert_code(judge(v, v->certificate, n), CERT_FORM);
        memcpy(longer, v->certificate, v->n_certificate);
        longer[v->n_certificate] = 0;
        assert_code(judge(v, longer, v->n_certificate + 1), CERT_FORM);
        for (size_t n = 0; n < v->n_program; n++) {
            arena_ = cy_arena_on(room_, ROOM);
            assert_code(cy_lp_form_read(cy_span_of(v->program, n), &arena_, &form_), CERT_FORM);
        }
    }
}

static void too_little_room_is_said_and_never_overrun(void **state)
{
    const struct vector *v = named("parcels");
    size_t enough = 0;

    (void)state;
    for (size_t room = 0; room < ROOM && enough == 0; room += 64) {
        const cy_err e = judge_in(v, v->certificate, v->n_certificate, room);

        if (cy_ok(e))
            enough = room;
        else
            assert_err_(e, CY_E_NO_ROOM, __FILE__, __LINE__);
    }
    assert_true(enough > 0);
}

/* Sums of products against 128-bit arithmetic. */
static void whole_numbers_add_and_compare(void **state)
{
    static _Alignas(16) uint8_t room[4096];
    struct gen gen = gen_on(5, NULL);

    (void)state;
    for (unsigned k = 0; k < 20000; k++) {
        struct cy_arena arena = cy_arena_on(room, sizeof room);
        struct cy_sum sum;
        wide want = 0;

        assert_true(cy_sum_on(&sum, 4, &arena));
        for (unsigned i = 0; i < 6; i++) {
            const uint64_t a = gen_bits(&gen) >> (1 + gen_draw(&gen, 63));
            const uint64_t b = gen_bits(&gen) >> (4 + gen_draw(&gen, 60));
            const bool minus = gen_one_in(&gen, 2);

            cy_sum_add(&sum, (struct cy_whole){&a, a != 0, minus},
                       (struct cy_whole){&b, b != 0, 0});
            want += minus ? -(wide)a * b : (wide)a * b;
        }
        assert_int_equal(cy_sum_sign(&sum), want < 0 ? -1 : want > 0);
        {
            const struct cy_whole got = cy_sum_value(&sum);
            const wide_size size = want < 0 ? -(wide_size)want : (wide_size)want;

            assert_true(got.n <= 2);
            assert_true((got.n > 0 ? got.at[0] : 0) == (uint64_t)size);
            assert_true((got.n > 1 ? got.at[1] : 0) == (uint64_t)(size >> 64));
        }
    }
}

static int open_file(void **state)
{
    (void)state;
    file_ = json_load_file(CY_SOURCE "/SPEC/vectors/certificates.json", 0, NULL);
    return file_ == NULL;
}

static int close_file(void **state)
{
    (void)state;
    json_decref(file_);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_prove_what_they_say),
        cmocka_unit_test(changed_certificates_prove_nothing_false),
        cmocka_unit_test(numbers_that_are_off_by_one_are_refused),
        cmocka_unit_test(another_programs_certificate_is_refused),
        cmocka_unit_test(every_cut_and_every_tail_is_refused),
        cmocka_unit_test(too_little_room_is_said_and_never_overrun),
        cmocka_unit_test(whole_numbers_add_and_compare),
    };

    return cmocka_run_group_tests(tests, open_file, close_file);
}
