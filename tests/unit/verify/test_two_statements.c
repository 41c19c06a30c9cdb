/* two_statements: what convicts a key, and what does not. */
#include "verify/verify.h"

#include "cm.h"
#include "union.h"

static struct cy_contradiction found;
static unsigned which;

static cy_err judge(const struct union_evidence *e)
{
    return cy_statements_contradict(&e->what, &found, &which);
}

static bool check(const struct union_evidence *e, const struct cy_trust *trust,
                  struct comity_report *report)
{
    static char room[CY_EQUIVOCATION_FILE_MAX];
    struct cy_text text = cy_text_on(room, sizeof room);
    struct cy_arena none = cy_arena_on(NULL, 0);

    cy_equivocation_write(&text, &e->what);
    return cy_verify(cy_text_bytes(&text), cy_span_of(NULL, 0), trust, &none, report);
}

static void votes(void **s)
{
    struct union_evidence e;
    struct cy_vote same = union_vote(7, 1, CY_VOTE_PRECOMMIT, 1);
    const struct cy_vote others[] = {
        union_vote(8, 1, CY_VOTE_PRECOMMIT, 2),
        union_vote(7, 2, CY_VOTE_PRECOMMIT, 2),
        union_vote(7, 1, CY_VOTE_PREVOTE, 2),
        union_vote(7, 1, CY_VOTE_PRECOMMIT, 1),
    };

    (void)s;
    union_two_votes(&e);
    assert_ok(judge(&e));
    assert_true(cy_span_eq(found.origin, cy_span_text(UNION_ORIGIN)));
    assert_int_equal(found.a, 7);
    assert_int_equal(found.b, 1);
    for (size_t i = 0; i < CY_COUNT(others); i++) {
        union_begin(&e, CY_statement_VOTE, 1);
        union_ballot(&e.texts[0], 1, &same);
        union_ballot(&e.texts[1], 1, &others[i]);
        union_end(&e);
        assert_code(judge(&e), NO_CONFLICT);
    }
    /* who lost an answer signs the same again, at another time */
    union_begin(&e, CY_statement_VOTE, 1);
    union_ballot(&e.texts[0], 1, &same);
    same.time++;
    union_ballot(&e.texts[1], 1, &same);
    union_end(&e);
    assert_code(judge(&e), NO_CONFLICT);
    /* of another federation */
    union_begin(&e, CY_statement_VOTE, 1);
    union_ballot(&e.texts[0], 1, &same);
    same.origin = cy_span_text("other.example/federation");
    same.value.b[0] ^= 1;
    union_ballot(&e.texts[1], 1, &same);
    union_end(&e);
    assert_code(judge(&e), NO_CONFLICT);
    /* nil against a value does */
    union_begin(&e, CY_statement_VOTE, 1);
    union_ballot(&e.texts[0], 1, &others[1]);
    same = union_vote(7, 2, CY_VOTE_PRECOMMIT, 0);
    union_ballot(&e.texts[1], 1, &same);
    union_end(&e);
    assert_ok(judge(&e));
}

static void proposals(void **s)
{
    struct union_evidence e;
    struct cy_vote vote = union_vote(7, 3, CY_VOTE_PROPOSE, 1);

    (void)s;
    union_begin(&e, CY_statement_VOTE, 0);
    union_ballot(&e.texts[0], 0, &vote);
    vote.after = 2; /* the same value, resting on another round */
    union_ballot(&e.texts[1], 0, &vote);
    union_end(&e);
    assert_ok(judge(&e));
}

static void signers(void **s)
{
    struct union_evidence e;
    const struct cy_vote two = union_vote(7, 1, CY_VOTE_PRECOMMIT, 2);

    (void)s;
    /* two members that differ convict nobody */
    union_two_votes(&e);
    e.texts[1] = cy_text_on(e.notes[1], sizeof e.notes[1]);
    union_ballot(&e.texts[1], 2, &two);
    union_end(&e);
    assert_code(judge(&e), NOT_SIGNED);
    assert_int_equal(which, 1);
    /* a signature that does not verify */
    union_two_votes(&e);
    e.notes[0][15] ^= 1; /* in the text */
    e.notes[0][e.texts[0].n - 6] ^= 4;
    assert_false(cy_ok(judge(&e)));
    assert_int_equal(which, 0);
    /* lines of others mean nothing */
    union_two_votes(&e);
    {
        const struct union_key key = union_key(1, CY_NOTE_ED25519);
        const struct union_key other = union_key(3, CY_NOTE_ED25519);
        uint8_t junk[64] = {1};
        char *at = NULL;

        cy_note_line(&e.texts[1], cy_span_text(other.name), other.id, cy_span_of(junk, 64));
        union_end(&e);
        assert_ok(judge(&e));
        cy_note_line(&e.texts[1], cy_span_text(key.name), key.id, cy_span_of(junk, 64));
        union_end(&e);
        assert_ok(judge(&e)); /* one good line is enough: who adds a bad one saves nobody */
        at = strchr(e.notes[1], '\xe2') + 40; /* in the signature of the first line */
        *at = *at == 'A' ? 'B' : 'A';
        assert_code(judge(&e), BAD_SIGNATURE);
        assert_int_equal(judge(&e).detail, 2);
    }
    /* a head is no vote, a vote no head */
    union_two_votes(&e);
    e.what.kind = CY_statement_HEAD;
    assert_code(judge(&e), BAD_CHECKPOINT);
    union_two_heads(&e, CY_statement_HEAD, 9, 9);
    e.what.kind = CY_statement_VOTE;
    assert_code(judge(&e), BAD_VOTE);
    /* a cosignature is no signature of a log */
    union_two_heads(&e, CY_statement_COSIGNATURE, 9, 9);
    e.what.kind = CY_statement_HEAD;
    assert_code(judge(&e), NOT_SIGNED);
}

static void heads(void **s)
{
    static const uint8_t kinds[] = {CY_statement_HEAD, CY_statement_COSIGNATURE};
    struct union_evidence e;

    (void)s;
    for (size_t k = 0; k < CY_COUNT(kinds); k++) {
        union_two_heads(&e, kinds[k], 9, 9);
        assert_ok(judge(&e));
        assert_int_equal(found.a, 9);
        assert_int_equal(found.b, 0);
        e.what.has_prefix = true; /* no path joins heads of one size */
        assert_code(judge(&e), NO_CONFLICT);
        for (uint64_t small = 1; small < 9; small++) {
            struct cy_span swap;

            union_two_heads(&e, kinds[k], small, 21);
            assert_ok(judge(&e));
            assert_int_equal(found.a, small);
            assert_int_equal(found.b, 21);
            swap = e.what.notes[0]; /* in either order */
            e.what.notes[0] = e.what.notes[1];
            e.what.notes[1] = swap;
            assert_ok(judge(&e));
            e.what.prefix.b[3] ^= 1;
            assert_code(judge(&e), BAD_MERKLE);
            e.what.prefix = tree_root(0, 0, small); /* what the small head signed */
            assert_false(cy_ok(judge(&e)));
            e.what.has_prefix = false;
            assert_code(judge(&e), NO_CONFLICT);
        }
    }
    /* one history: a path from the very root that was signed */
    union_two_heads(&e, CY_statement_HEAD, 5, 21);
    e.texts[0] = cy_text_on(e.notes[0], sizeof e.notes[0]);
    {
        char room[CY_CHECKPOINT_MAX];
        struct cy_text text = cy_text_on(room, sizeof room);

        cy_checkpoint_write(&text, cy_span_text(UNION_ORIGIN), 5, &e.what.prefix);
        union_note(&e.texts[0], 2, cy_text_bytes(&text));
    }
    union_end(&e);
    assert_code(judge(&e), NO_CONFLICT);
}

/* Through the one door, and what it says. */
static void reports(void **s)
{
    struct union_evidence e;
    struct comity_report report;
    struct cy_trust nobody = {.need = 0};
    static struct cy_policy_trust policy;
    static char policy_room[CY_QUORUM_TEXT_MAX];
    struct cy_text policy_text = cy_text_on(policy_room, sizeof policy_room);
    char words[512];
    struct cy_text say = cy_text_on(words, sizeof words);

    (void)s;
    union_two_votes(&e);
    assert_true(check(&e, &nobody, &report));
    assert_int_equal(report.kind, COMITY_KIND_EVIDENCE);
    assert_int_equal(report.convicts, 1);
    assert_int_equal(report.n_steps, 4);
    assert_memory_equal(report.key, e.what.key.b, 32);
    assert_string_equal(report.origin, UNION_ORIGIN);
    cy_step_say(&report, 3, &say);
    assert_string_equal(words, "two votes at height 7, round 1 of " UNION_ORIGIN
                               " differ: the key has voted twice");
    e.what.notes[1] = e.what.notes[0];
    assert_false(check(&e, &nobody, &report));
    assert_int_equal(report.error, COMITY_NO_CONFLICT);
    assert_int_equal(report.convicts, 0);
    /* a policy that names the key says who it is; it is not asked whether it is met */
    union_policy(&policy_text);
    assert_ok(
        cy_policy_trust_read(cy_span_text(UNION_ORIGIN), cy_text_bytes(&policy_text), &policy));
    nobody.policy = &policy;
    union_two_heads(&e, CY_statement_COSIGNATURE, 9, 9);
    assert_true(check(&e, &nobody, &report));
    assert_int_equal(report.n_steps, 5);
    assert_int_equal(report.steps[4].a, 2);
    union_two_votes(&e); /* the key of votes is none of the cosigners */
    assert_true(check(&e, &nobody, &report));
    assert_int_equal(report.steps[4].a, 0);
}

static int start(void **s)
{
    (void)s;
    assert_ok(cy_crypto_start());
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(votes), cmocka_unit_test(proposals), cmocka_unit_test(signers),
        cmocka_unit_test(heads), cmocka_unit_test(reports),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
