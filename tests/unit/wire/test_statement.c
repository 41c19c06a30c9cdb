/* statement: one encoding, no confusion with an act, every bound. */
#include "wire/statement.h"

#include <stdio.h>
#include <stdlib.h>

#include "cm.h"
#include "wire/envelope.h"

static struct cy_statement good(void)
{
    return (struct cy_statement){.passport = {{1, 2, 3}},
                                 .origin = cy_span_text("a.example/ledger"),
                                 .method = cy_span_text("POST"),
                                 .target = cy_span_text("/v1/admin/peers?x=1"),
                                 .body = {{9}},
                                 .time_ms = 1800000000000u,
                                 .nonce = {7}};
}

static uint8_t room[4096];
static uint8_t payload_room[4096];

static struct cy_span whole(const struct cy_statement *s)
{
    static const uint8_t signature[64] = {5};
    const struct cy_id key = {
        {8, 8}
    };
    struct cy_cbor_writer inner = cy_cbor_write(payload_room, sizeof payload_room);
    struct cy_cbor_writer out = cy_cbor_write(room, sizeof room);

    assert_ok(cy_statement_payload_write(s, &inner));
    assert_ok(cy_statement_write(&key, cy_cbor_written(&inner), signature, &out));
    return cy_cbor_written(&out);
}

static void there_and_back(void **state)
{
    const struct cy_statement s = good();
    const struct cy_span bytes = whole(&s);
    struct cy_signed_statement got;
    const char *seed = getenv("CY_WRITE_CORPUS");

    (void)state;
    assert_ok(cy_statement_read(bytes, &got));
    assert_int_equal(got.key.b[0], 8);
    assert_true(cy_span_eq(got.statement.target, s.target));
    assert_true(cy_span_eq(got.statement.origin, s.origin));
    assert_int_equal(got.statement.time_ms, s.time_ms);
    assert_memory_equal(got.statement.nonce, s.nonce, 16);
    if (seed != NULL) {
        FILE *file = fopen(seed, "w");

        fwrite(bytes.at, 1, bytes.n, file);
        fclose(file);
    }
}

/* Every byte that is changed outside the values is refused, and so is every cut. */
static void cuts(void **state)
{
    const struct cy_statement s = good();
    const struct cy_span bytes = whole(&s);
    struct cy_signed_statement got;

    (void)state;
    for (size_t n = 0; n < bytes.n; n++)
        assert_false(cy_ok(cy_statement_read(cy_span_of(bytes.at, n), &got)));
    room[bytes.n] = 0;
    assert_code(cy_statement_read(cy_span_of(bytes.at, bytes.n + 1), &got), TRAILING);
}

/* An act's envelope is no statement, and a statement is no act. */
static void no_confusion(void **state)
{
    const struct cy_statement s = good();
    const struct cy_claims claims = {.realm = {{7}}, .expires = 5, .nonce = {1}};
    const struct cy_id key = {
        {8, 8}
    };
    struct cy_act_signature signature = {.key = key};
    uint8_t protected[512];
    uint8_t act[1024];
    struct cy_cbor_writer head = cy_cbor_write(protected, sizeof protected);
    struct cy_cbor_writer out = cy_cbor_write(act, sizeof act);
    struct cy_signed_statement got;
    struct cy_envelope envelope;
    struct cy_span bytes = whole(&s);

    (void)state;
    assert_false(cy_ok(cy_envelope_read(bytes, &envelope)));
    assert_ok(cy_statement_read(bytes, &got));
    assert_ok(cy_envelope_protected(&claims, &key, &head));
    assert_ok(cy_envelope_write(cy_cbor_written(&head), got.payload, false, &signature, 1, &out));
    assert_ok(cy_envelope_read(cy_cbor_written(&out), &envelope));
    assert_code(cy_statement_read(cy_cbor_written(&out), &got), BAD_STATEMENT);
}

static void bounds(void **state)
{
    static char longer[CY_STATEMENT_TARGET_MAX + 2];
    struct cy_signed_statement got;

    (void)state;
    memset(longer, 'a', sizeof longer - 1);
    longer[0] = '/';
#define REFUSED(member, value, field)                                                              \
    do {                                                                                           \
        struct cy_statement s = good();                                                            \
        cy_err err = CY_OK;                                                                        \
                                                                                                   \
        s.member = cy_span_text(value);                                                            \
        err = cy_statement_read(whole(&s), &got);                                                  \
        assert_err_(err, CY_E_BAD_STATEMENT, __FILE__, __LINE__);                                  \
        assert_int_equal(err.detail, field);                                                       \
    } while (0)
    REFUSED(origin, "", 2);
    REFUSED(origin, "a b", 2);
    REFUSED(method, "PATCH", 3);
    REFUSED(method, "get", 3);
    REFUSED(target, "v1/admin", 4);
    REFUSED(target, "/v1 /admin", 4);
    REFUSED(target, longer, 4);
    longer[CY_STATEMENT_TARGET_MAX] = 0;
    {
        struct cy_statement s = good();

        s.target = cy_span_text(longer);
        assert_ok(cy_statement_read(whole(&s), &got));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(cuts),
        cmocka_unit_test(no_confusion),
        cmocka_unit_test(bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
