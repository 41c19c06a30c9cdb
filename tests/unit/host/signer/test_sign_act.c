/* sign_act: whole acts, by one key and by several. */
#include "host/signer/sign_act.h"

#include "crypto/ed25519.h"
#include "signer_rig.h"

#define NOW 1800000000u

static struct cy_id make(struct signer_rig *rig)
{
    struct cy_id key;

    assert_ok(cy_signer_make(rig->client, cy_span_text("k"), CY_PURPOSE_ACT, &key, NULL));
    return key;
}

/* Every signature of an act holds over the bytes that a stranger would check. */
static void assert_act(struct cy_span bytes, const struct cy_act_author *by)
{
    struct cy_envelope envelope;

    assert_ok(cy_envelope_read(bytes, &envelope));
    assert_int_equal(envelope.several, by->n_keys > 1);
    assert_int_equal(envelope.n_signers, by->n_keys);
    assert_true(cy_id_eq(&envelope.claims.author, &by->author));
    assert_true(cy_id_eq(&envelope.claims.subject, &by->subject));
    assert_true(cy_id_eq(&envelope.claims.realm, &by->realm));
    assert_int_equal(envelope.claims.expires, NOW + by->valid_s);
    for (uint32_t i = 0; i < envelope.n_signers; i++) {
        struct cy_span parts[CY_SIGNED_PARTS];
        const size_t n = cy_envelope_signed(&envelope, i, parts);
        struct cy_signature signature;

        assert_true(cy_id_eq(&envelope.signers[i].key, &by->keys[i]));
        memcpy(signature.b, envelope.signers[i].signature, 64);
        assert_ok(cy_ed25519_verify(&by->keys[i], parts, n, &signature));
    }
}

static void one_and_several(void **s)
{
    struct signer_rig *rig = *s;
    const struct cy_id keys[3] = {make(rig), make(rig), make(rig)};
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    struct cy_act_author by = {.author = {{1}}, .realm = {{2}}, .keys = keys, .valid_s = 90};
    static uint8_t room[2][CY_ENTRY_MAX];

    for (by.n_keys = 1; by.n_keys <= 3; by.n_keys++) {
        struct cy_cbor_writer first = cy_cbor_write(room[0], sizeof room[0]);
        struct cy_cbor_writer second = cy_cbor_write(room[1], sizeof room[1]);

        assert_ok(cy_sign_act(rig->client, &by, &cy_schema_passport_retire, &message, NOW, &first));
        assert_act(cy_cbor_written(&first), &by);
        assert_ok(
            cy_sign_act(rig->client, &by, &cy_schema_passport_retire, &message, NOW, &second));
        assert_false(cy_span_eq(cy_cbor_written(&first), cy_cbor_written(&second))); /* nonce */
        by.subject.b[0] = 9;
    }
}

static void refused(void **s)
{
    struct signer_rig *rig = *s;
    const struct cy_id good = make(rig);
    const struct cy_id strange = {{5}};
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    const struct cy_passport_attest unfit = {
        .scheme = {.n = 1, .s = "a"}
    }; /* no passport */
    const struct cy_act_author fine = {.realm = {{2}}, .keys = &good, .n_keys = 1, .valid_s = 9};
    const struct cy_act_author wrong = {.realm = {{2}}, .keys = &strange, .n_keys = 1};
    const struct cy_act_author none = {.keys = &good, .n_keys = 0};
    struct cy_act_draft drafts[4] = {
        {.by = &fine,  .schema = &cy_schema_passport_retire, .message = &message},
        {.by = &wrong, .schema = &cy_schema_passport_retire, .message = &message},
        {.by = &fine,  .schema = &cy_schema_passport_attest, .message = &unfit  },
        {.by = &fine,  .schema = &cy_schema_passport_retire, .message = &message},
    };
    static _Alignas(16) uint8_t room[1 << 18];
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct cy_cbor_writer out = cy_cbor_write(room, 10);

    assert_code(cy_sign_acts(rig->client, drafts, 4, NOW, &arena), SIGNER_KEY);
    assert_ok(drafts[0].verdict);
    assert_code(drafts[1].verdict, SIGNER_KEY);
    assert_false(cy_ok(drafts[2].verdict));
    assert_ok(drafts[3].verdict);
    assert_act(drafts[0].envelope, &fine);
    assert_act(drafts[3].envelope, &fine);
    assert_int_equal(drafts[1].envelope.n, 0);
    assert_int_equal(drafts[2].envelope.n, 0);
    assert_code(cy_sign_act(rig->client, &none, &cy_schema_passport_retire, &message, NOW, &out),
                RANGE);
    assert_code(cy_sign_act(rig->client, &fine, &cy_schema_passport_retire, &message, NOW, &out),
                NO_ROOM);
}

/* Acts of every size up to the largest, and an arena that ends at any place. */
static void sizes(void **s)
{
    struct signer_rig *rig = *s;
    const struct cy_id key = make(rig);
    const struct cy_act_author by = {.realm = {{2}}, .keys = &key, .n_keys = 1, .valid_s = 9};
    static uint8_t body[60000];
    struct cy_part message = {
        .upload = {{1}         },
          .body = { body, sizeof body}
    };
    struct cy_act_draft draft = {.by = &by, .schema = &cy_schema_part, .message = &message};
    static _Alignas(16) uint8_t room[CY_ACT_DRAFT_ROOM(1)];
    struct cy_arena arena = cy_arena_on(room, sizeof room);

    assert_ok(cy_sign_acts(rig->client, &draft, 1, NOW, &arena));
    assert_act(draft.envelope, &by);
    for (size_t cap = 0, used = arena.used; cap < used; cap += 4096) {
        arena = cy_arena_on(room, cap);
        assert_code(cy_sign_acts(rig->client, &draft, 1, NOW, &arena), NO_ROOM);
    }
    message.body.n = 1;
    arena = cy_arena_on(room, 4096);
    assert_ok(cy_sign_acts(rig->client, &draft, 1, NOW, &arena));
    assert_act(draft.envelope, &by);
}

/* What was made first is what is signed later: only the zeros change. */
static void made_first_signed_later(void **s)
{
    struct signer_rig *rig = *s;
    const struct cy_id keys[3] = {make(rig), make(rig), make(rig)};
    const struct cy_id strange = {{5}};
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    struct cy_act_author by = {.author = {{1}}, .realm = {{2}}, .keys = keys, .valid_s = 90};
    static _Alignas(16) uint8_t room[CY_ACT_DRAFT_ROOM(3)];
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct cy_span shown;
    struct cy_span signed_act;

    for (by.n_keys = 1; by.n_keys <= 3; by.n_keys++) {
        struct cy_envelope before;
        struct cy_envelope after;

        assert_ok(cy_act_unsigned(&by, &cy_schema_passport_retire, &message, NOW, &arena, &shown));
        assert_ok(cy_act_sign(rig->client, shown, &arena, &signed_act));
        assert_act(signed_act, &by);
        assert_int_equal(shown.n, signed_act.n);
        assert_ok(cy_envelope_read(shown, &before));
        assert_ok(cy_envelope_read(signed_act, &after));
        assert_true(cy_span_eq(before.protected, after.protected));
        assert_true(cy_span_eq(before.payload, after.payload));
        for (uint32_t i = 0; i < by.n_keys; i++) {
            for (unsigned b = 0; b < 64; b++)
                assert_int_equal(before.signers[i].signature[b], 0);
        }
    }
    by.keys = &strange;
    by.n_keys = 1;
    assert_ok(cy_act_unsigned(&by, &cy_schema_passport_retire, &message, NOW, &arena, &shown));
    assert_code(cy_act_sign(rig->client, shown, &arena, &signed_act), SIGNER_KEY);
    assert_code(cy_act_sign(rig->client, cy_span_of(shown.at, shown.n - 1), &arena, &signed_act),
                SHORT);
    by.n_keys = 0;
    assert_code(cy_act_unsigned(&by, &cy_schema_passport_retire, &message, NOW, &arena, &shown),
                RANGE);
}

static void many(void **s)
{
    struct signer_rig *rig = *s;
    enum { N = 2000, KEYS = 20 };
    struct cy_id keys[KEYS];
    struct cy_act_author by[KEYS];
    struct cy_act_draft *drafts = calloc(N, sizeof *drafts);
    struct cy_passport_retire *messages = calloc(N, sizeof *messages);
    const size_t size = (size_t)N * 2048;
    void *room = malloc(size);
    struct cy_arena arena = cy_arena_on(room, size);

    for (unsigned i = 0; i < KEYS; i++) {
        keys[i] = make(rig);
        by[i] = (struct cy_act_author){
            .author = {{1}}, .realm = {{2}}, .keys = &keys[i], .n_keys = 1, .valid_s = 60};
    }
    for (unsigned i = 0; i < N; i++) {
        messages[i].reason.n = (uint8_t)snprintf(messages[i].reason.s, 255, "number %u", i);
        drafts[i] = (struct cy_act_draft){
            .by = &by[i % KEYS], .schema = &cy_schema_passport_retire, .message = &messages[i]};
    }
    assert_ok(cy_sign_acts(rig->client, drafts, N, NOW, &arena));
    for (unsigned i = 0; i < N; i++) {
        assert_ok(drafts[i].verdict);
        assert_act(drafts[i].envelope, &by[i % KEYS]);
    }
    free(room);
    free(messages);
    free(drafts);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, signer_rig_start, signer_rig_finish)
    const struct CMUnitTest tests[] = {T(one_and_several), T(refused), T(sizes),
                                       T(made_first_signed_later), T(many)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
