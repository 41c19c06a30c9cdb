/* gate: which key speaks for which passport, what offices give and when they end, and the memory of
 * used statements. The rest is tried on a real daemon (tests/e2e/test_admin.c). */
#include "host/admin/gate.h"

#include <sodium.h>

#include "crypto/ed25519.h"
#include "institutions/roster.h"
#include "rig.h"

#define ORIGIN "rig.example/ledger"
#define NOW 1800000000000u

static struct cy_signed_statement by(const struct rig *rig, const struct cy_id *passport,
                                     unsigned key)
{
    return (struct cy_signed_statement){.statement = {.passport = *passport}, .key = rig->key[key]};
}

static cy_err roles(struct rig *rig, const struct cy_id *passport, unsigned key, unsigned *out)
{
    const struct cy_signed_statement s = by(rig, passport, key);
    struct cy_caller caller;
    const cy_err err = cy_gate_caller(&rig->engine.world, &s, &caller);

    *out = caller.roles;
    return err;
}

static void office(struct rig *rig, const char *role, unsigned holder, uint64_t ms)
{
    (void)RIG_DO(rig, 0, mantle_create, .role = rig_label(role), .term_ms_most = 1000000000);
    assert_ok(RIG_DO(rig, 0, mantle_grant, .role = rig_label(role), .holder = rig->id[holder],
                     .until = rig->now + ms));
}

static void offices(void **state)
{
    struct rig *rig = rig_new(cy_roster, cy_roster_count);
    const unsigned all = CY_ROLE_OBSERVER | CY_ROLE_AUDITOR | CY_ROLE_OPERATOR;
    unsigned has = 0;

    (void)state;
    rig_passport(rig, 1, CY_kind_PERSON, "Ada");
    rig_passport(rig, 2, CY_kind_PERSON, "Bo");
    assert_ok(roles(rig, &rig->realm, 0, &has));
    assert_int_equal(has, all); /* the realm's own, from genesis on */
    assert_ok(roles(rig, &rig->id[1], 1, &has));
    assert_int_equal(has, CY_ROLE_OBSERVER);
    office(rig, "auditor", 1, 60000);
    office(rig, "operator", 2, 120000);
    assert_ok(roles(rig, &rig->id[1], 1, &has));
    assert_int_equal(has, CY_ROLE_OBSERVER | CY_ROLE_AUDITOR);
    assert_ok(roles(rig, &rig->id[2], 2, &has));
    assert_int_equal(has, all);
    rig_tick(rig, 60000); /* a term ends by itself, to the millisecond */
    assert_ok(roles(rig, &rig->id[1], 1, &has));
    assert_int_equal(has, CY_ROLE_OBSERVER);
    assert_ok(RIG_DO(rig, 0, mantle_end, .body = rig->realm, .role = rig_label("operator"),
                     .holder = rig->id[2]));
    assert_ok(roles(rig, &rig->id[2], 2, &has));
    assert_int_equal(has, CY_ROLE_OBSERVER);
    /* an office of another body of the same name gives nothing here */
    assert_ok(
        RIG_DO(rig, 1, mantle_create, .role = rig_label("operator"), .term_ms_most = 1000000000));
    assert_ok(RIG_DO(rig, 1, mantle_grant, .role = rig_label("operator"), .holder = rig->id[2],
                     .until = rig->now + 60000));
    assert_ok(roles(rig, &rig->id[2], 2, &has));
    assert_int_equal(has, CY_ROLE_OBSERVER);
    rig_free(rig);
}

static void keys(void **state)
{
    struct rig *rig = rig_new(cy_roster, cy_roster_count);
    const struct cy_key_share next[] = {
        {.key = rig->key[10], .weight = 1}
    };
    const struct cy_key_set set = {
        next, 1, {1, 0, 0}
    };
    const struct cy_key_share first[] = {
        {.key = rig->key[5], .weight = 1}
    };
    const struct cy_key_share pair[] = {
        {.key = rig->key[6], .weight = 1},
        {.key = rig->key[7], .weight = 1}
    };
    const struct cy_passport_create one = {.kind = CY_kind_PERSON,
                                           .name = rig_name("Cy"),
                                           .keys = first,
                                           .n_keys = 1,
                                           .need_0 = 1,
                                           .next = cy_identity_next(&set)};
    const struct cy_passport_create two = {
        .kind = CY_kind_PERSON, .name = rig_name("Di"), .keys = pair, .n_keys = 2, .need_0 = 2};
    const struct cy_passport_rotate rotate = {.keys = next, .n_keys = 1, .need_0 = 1};
    struct cy_claims claims = rig_claims(rig, 5);
    struct cy_id cy = {{0}};
    unsigned has = 0;

    (void)state;
    claims.author = (struct cy_id){{0}};
    assert_ok(rig_send(
        rig, rig_build(rig, &claims, &cy_schema_passport_create, &one, (unsigned[]){5}, 1)));
    cy = rig->last;
    assert_ok(roles(rig, &cy, 5, &has));
    assert_code(roles(rig, &cy, 6, &has), WRONG_KEY);
    assert_code(roles(rig, &rig->realm, 5, &has), WRONG_KEY);
    assert_code(roles(rig, &(struct cy_id){{1}}, 5, &has), UNKNOWN_PASSPORT);
    claims = rig_claims(rig, 5);
    claims.author = cy;
    assert_ok(rig_send(
        rig, rig_build(rig, &claims, &cy_schema_passport_rotate, &rotate, (unsigned[]){10}, 1)));
    assert_code(roles(rig, &cy, 5, &has), RETIRED_KEY); /* a thief of the old key is out */
    assert_ok(roles(rig, &cy, 10, &has));
    claims = rig_claims(rig, 6);
    claims.author = (struct cy_id){{0}};
    assert_ok(rig_send(
        rig, rig_build(rig, &claims, &cy_schema_passport_create, &two, (unsigned[]){6, 7}, 2)));
    assert_code(roles(rig, &rig->last, 6, &has), THRESHOLD); /* one of two is not enough */
    rig_free(rig);
}

static void once(void **state)
{
    struct cy_gate *gate = cy_gate_new(0);
    struct cy_signed_statement s = {.key = {{3}}, .statement = {.time_ms = NOW}};

    (void)state;
    for (unsigned i = 0; i < CY_GATE_USED_MAX; i++) {
        memcpy(s.statement.nonce, &i, sizeof i);
        assert_ok(cy_gate_use(gate, &s, NOW));
    }
    assert_code(cy_gate_use(gate, &s, NOW), STATEMENT_REPLAY);
    s.key.b[0] = 4; /* full: refused, rather than one that was used forgotten */
    assert_code(cy_gate_use(gate, &s, NOW), ADMIN_FULL);
    assert_code(cy_gate_use(gate, &s, NOW + CY_GATE_WINDOW_MS), ADMIN_FULL);
    /* a minute later every one of them is too old to be taken anyway */
    s.statement.time_ms = NOW + CY_GATE_WINDOW_MS + 1;
    assert_ok(cy_gate_use(gate, &s, NOW + CY_GATE_WINDOW_MS + 1));
    assert_code(cy_gate_use(gate, &s, NOW + CY_GATE_WINDOW_MS + 1), STATEMENT_REPLAY);
    cy_gate_free(gate);
}

static void times(void **state)
{
    struct cy_gate *gate = cy_gate_new(NOW - 10000);
    static const struct {
        int64_t made;
        enum cy_code code;
    } cases[] = {
        {0,      CY_E_NONE          },
        {60000,  CY_E_NONE          },
        {60001,  CY_E_STATEMENT_TIME},
        {-9999,  CY_E_NONE          },
        {-10000, CY_E_STATEMENT_TIME}, /* when the daemon started: may have been used before */
        {-60001, CY_E_STATEMENT_TIME},
    };
    uint8_t seed[32] = {1};
    uint8_t secret[64];
    struct cy_id key;

    (void)state;
    crypto_sign_seed_keypair(key.b, secret, seed);
    for (size_t i = 0; i < CY_COUNT(cases); i++) {
        const struct cy_statement s = {.passport = {{1}},
                                       .origin = cy_span_text(ORIGIN),
                                       .method = cy_span_text("GET"),
                                       .target = cy_span_text("/v1/admin/me"),
                                       .body = cy_sha256(cy_span_of(NULL, 0)),
                                       .time_ms = (cy_time)((int64_t)NOW + cases[i].made)};
        uint8_t payload_room[CY_STATEMENT_PAYLOAD_MAX];
        uint8_t bytes[CY_STATEMENT_MAX];
        char text[4096];
        struct cy_text header = cy_text_on(text, sizeof text);
        struct cy_cbor_writer payload = cy_cbor_write(payload_room, sizeof payload_room);
        struct cy_cbor_writer w = cy_cbor_write(bytes, sizeof bytes);
        const struct cy_gate_request request = {
            .header = text, .method = "GET", .target = "/v1/admin/me"};
        struct cy_signed_statement out;
        uint8_t signature[64];

        assert_ok(cy_statement_payload_write(&s, &payload));
        assert_ok(cy_statement_to_sign(&key, cy_cbor_written(&payload), &w));
        crypto_sign_detached(signature, NULL, bytes, w.n, secret);
        w = cy_cbor_write(bytes, sizeof bytes);
        assert_ok(cy_statement_write(&key, cy_cbor_written(&payload), signature, &w));
        cy_text_add(&header, "comity "); /* schemes have no case */
        cy_text_base64(&header, cy_cbor_written(&w));
        assert_err_(cy_gate_statement(gate, ORIGIN, &request, NOW, &out), cases[i].code, __FILE__,
                    (int)i);
    }
    cy_gate_free(gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offices),
        cmocka_unit_test(keys),
        cmocka_unit_test(once),
        cmocka_unit_test(times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
