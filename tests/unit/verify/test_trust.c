/* trust: heads under a policy, alone and beside a ledger's key. */
#include "verify/verify.h"

#include "cm.h"
#include "union.h"

#define ALL 0x7fu

static char policy_room[CY_QUORUM_TEXT_MAX];
static struct cy_policy_trust policy;
static struct cy_trust trust;

static int start(void **s)
{
    struct cy_text text = cy_text_on(policy_room, sizeof policy_room);

    (void)s;
    assert_ok(cy_crypto_start());
    union_policy(&text);
    assert_ok(cy_policy_trust_read(cy_span_text(UNION_ORIGIN), cy_text_bytes(&text), &policy));
    trust = (struct cy_trust){.policy = &policy};
    return 0;
}

static cy_err head_by(uint32_t who, uint32_t *cosigned)
{
    char room[4096];
    struct cy_text note = cy_text_on(room, sizeof room);
    struct cy_checkpoint head;

    union_head(&note, 1, 33, who);
    return cy_trust_head(cy_text_bytes(&note), &trust, &head, cosigned);
}

/* Every set of cosigners: three of the four cells, and all three chambers; counted in the test. */
static void every_set(void **s)
{
    (void)s;
    for (uint32_t who = 1; who <= ALL; who++) {
        const unsigned cells = (unsigned)__builtin_popcount(who & 15);
        const bool met = cells >= 3 && who >> 4 == 7;
        uint32_t cosigned = 0;
        const cy_err err = head_by(who, &cosigned);

        assert_int_equal(cosigned, __builtin_popcount(who));
        if (met)
            assert_ok(err);
        else
            assert_code(err, FEW_WITNESSES);
    }
}

static void refused(void **s)
{
    char room[4096];
    struct cy_text note = cy_text_on(room, sizeof room);
    const struct cy_trust nobody = {.need = 0};
    struct cy_policy_trust other = policy;
    const struct cy_trust elsewhere = {.policy = &other};
    struct cy_checkpoint head;
    uint32_t cosigned = 0;
    uint8_t junk[CY_COSIGNATURE_BYTES] = {1};
    const struct union_key key = union_key(0, CY_NOTE_COSIGNATURE);

    (void)s;
    union_head(&note, 1, 33, ALL);
    assert_code(cy_trust_head(cy_text_bytes(&note), &nobody, &head, &cosigned), NO_VKEY);
    other.origin = cy_span_text("other.example/federation");
    assert_code(cy_trust_head(cy_text_bytes(&note), &elsewhere, &head, &cosigned), OTHER_LOG);
    /* a line by a stranger means nothing, a bad one by a known key refuses the note */
    cy_note_line(&note, cy_span_text("stranger.example"), 7, cy_span_of(junk, sizeof junk));
    assert_ok(cy_trust_head(cy_text_bytes(&note), &trust, &head, &cosigned));
    cy_note_line(&note, cy_span_text(key.name), key.id, cy_span_of(junk, sizeof junk));
    assert_code(cy_trust_head(cy_text_bytes(&note), &trust, &head, &cosigned), BAD_SIGNATURE);
    /* every byte changed: nothing else is accepted */
    for (size_t i = 0;; i++) {
        struct cy_text again = cy_text_on(room, sizeof room);

        union_head(&again, 1, 33, 0x77); /* just met */
        if (i == again.n)
            break;
        again.at[i] ^= 1;
        assert_false(cy_ok(cy_trust_head(cy_text_bytes(&again), &trust, &head, &cosigned)));
    }
}

/* A ledger with a key of its own, whose heads the federation's members cosign: both are asked for;
 * for a betrayal the key alone. */
static void beside_a_key(void **s)
{
    const struct union_key log = union_key(3, CY_NOTE_ED25519);
    struct cy_trust both = {.policy = &policy};
    char room[4096];
    struct cy_text note = cy_text_on(room, sizeof room);
    struct cy_checkpoint head;
    struct cy_signature signature;
    uint32_t cosigned = 0;
    size_t text_n = 0;

    (void)s;
    assert_ok(cy_note_key_of(cy_span_text(UNION_ORIGIN), CY_NOTE_ED25519, &log.key, &both.log));
    union_head(&note, 1, 33, 0x77);
    assert_code(cy_trust_head(cy_text_bytes(&note), &both, &head, &cosigned), NOT_SIGNED);
    text_n = (size_t)(strstr(room, "\n\n") - room) + 1;
    cy_secret_sign(&log.secret, cy_span_of(room, text_n), &signature);
    cy_note_line(&note, both.log.name, both.log.id, cy_span_of(signature.b, 64));
    assert_ok(cy_trust_head(cy_text_bytes(&note), &both, &head, &cosigned));
    assert_int_equal(cosigned, 6);
    assert_int_equal(head.size, 33);
    note = cy_text_on(room, sizeof room);
    union_head(&note, 1, 33, 1);
    cy_note_line(&note, both.log.name, both.log.id, cy_span_of(signature.b, 64));
    assert_code(cy_trust_head(cy_text_bytes(&note), &both, &head, &cosigned), FEW_WITNESSES);
    assert_ok(cy_trust_own_head(cy_text_bytes(&note), &both, &head, &cosigned));
}

static void texts(void **s)
{
    struct cy_policy_trust read;
    const struct cy_span origin = cy_span_text(UNION_ORIGIN);

    (void)s;
    assert_code(cy_policy_trust_read(origin, cy_span_text("quorum none\n"), &read), NO_VKEY);
    assert_code(cy_policy_trust_read(origin, cy_span_text("quorum x\n"), &read), BAD_POLICY);
    assert_code(cy_policy_trust_read(origin, cy_span_text(""), &read), BAD_POLICY);
    assert_code(cy_policy_trust_read(cy_span_text("a b"), cy_span_text(policy_room), &read),
                BAD_TEXT);
    assert_code(cy_policy_trust_read(cy_span_text(""), cy_span_text(policy_room), &read), BAD_TEXT);
}

/* The step of a report. */
static void reports(void **s)
{
    char room[4096];
    char words[512];
    struct cy_text note = cy_text_on(room, sizeof room);
    struct cy_text say = cy_text_on(words, sizeof words);
    struct cy_arena none = cy_arena_on(NULL, 0);
    struct comity_report report;

    (void)s;
    union_head(&note, 1, 33, ALL);
    assert_true(cy_verify(cy_text_bytes(&note), cy_span_of(NULL, 0), &trust, &none, &report));
    assert_int_equal(report.size, 33);
    assert_int_equal(report.cosigned, 7);
    assert_int_equal(report.witnesses, 7);
    cy_step_say(&report, 0, &say);
    assert_string_equal(words, "checkpoint of " UNION_ORIGIN ", 33 entries: cosigned by 7 of the 7 "
                               "whom the policy names, which meets it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set), cmocka_unit_test(refused), cmocka_unit_test(beside_a_key),
        cmocka_unit_test(texts),     cmocka_unit_test(reports),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
