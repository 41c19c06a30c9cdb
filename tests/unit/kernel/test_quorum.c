/* quorum: the policy form, who meets it, and the least intersection, exact against brute force
 * (M102). */
#include "rig.h"

#include "crypto/note_key.h"

#include <stdio.h>

struct policy {
    char at[CY_QUORUM_TEXT_MAX + 4096];
    struct cy_text text;
    struct cy_quorum quorum;
};

static struct policy p;
static struct cy_id keys[40];

static void begin(void)
{
    p.text = cy_text_on(p.at, sizeof p.at);
}

static void add(const char *words)
{
    cy_text_add(&p.text, words);
}

static void witness(const char *name, unsigned key)
{
    struct cy_note_key vkey;

    assert_ok(cy_note_key_of(cy_span_text("w.example/1"), CY_NOTE_COSIGNATURE, &keys[key], &vkey));
    add("witness ");
    add(name);
    add(" ");
    cy_note_vkey(&vkey, &p.text);
    add("\n");
}

static cy_err parse(void)
{
    return cy_quorum_read(cy_text_bytes(&p.text), &p.quorum);
}

/* n witnesses c0, c1, ... with keys from `from` on */
static void witnesses(const char *prefix, unsigned n, unsigned from)
{
    for (unsigned i = 0; i < n; i++) {
        char name[16];

        snprintf(name, sizeof name, "%s%u", prefix, i);
        witness(name, from + i);
    }
}

static int setup(void **state)
{
    struct rig *rig = rig_new(NULL, 0);

    (void)state;
    for (unsigned i = 0; i < 40; i++)
        keys[i] = rig->key[i];
    rig_free(rig);
    return 0;
}

static void refused(const char *words, uint32_t line)
{
    cy_err err;

    begin();
    witnesses("w", 3, 0); /* lines 1 to 3 */
    add(words);
    err = parse();
    assert_code(err, BAD_POLICY);
    if (err.detail != line)
        fail_msg("%s: line %u, wanted %u", words, err.detail, line);
}

static void the_form(void **state)
{
    (void)state;
    begin();
    add("# whose log\nlog ");
    struct cy_note_key log;

    assert_ok(cy_note_key_of(cy_span_text("log.example/1"), CY_NOTE_ED25519, &keys[9], &log));
    cy_note_vkey(&log, &p.text);
    add(" https://log.example\n\n");
    witnesses("w", 3, 0);
    add("  group\tg  2 w0 w1\t w2 \nquorum g");
    assert_ok(parse());
    assert_int_equal(p.quorum.n, 4);
    assert_int_equal(p.quorum.n_operators, 3);
    assert_int_equal(p.quorum.root, 3);
    assert_int_equal(cy_quorum_witness(&p.quorum, &keys[1]), 1);
    assert_int_equal(cy_quorum_witness(&p.quorum, &keys[5]), CY_QUORUM_NONE);
    begin();
    add("quorum none\n");
    assert_ok(parse());
    assert_true(cy_quorum_met(&p.quorum, &(struct cy_quorum_set){{0}}));
    refused("", 0);
    refused("quorum g\n", 4);
    refused("quorum w0\nquorum w0\n", 5);
    refused("quorum w0 w1\n", 4);
    refused("quorum\n", 4);
    refused("group g 2 w0 w1\ngroup h 1 w1 w2\nquorum h\n", 5); /* w1 in two groups */
    refused("group g 2 w0 h\ngroup h 1 w1 w2\nquorum g\n", 4);  /* forward */
    refused("group g 1 g\nquorum g\n", 4);
    refused("group g 2 w0 w0\nquorum g\n", 4);
    refused("group g 3 w0 w1\nquorum g\n", 4);
    refused("group g 0 w0 w1\nquorum g\n", 4);
    refused("group g -1 w0 w1\nquorum g\n", 4);
    refused("group g some w0 w1\nquorum g\n", 4);
    refused("group g 1\nquorum g\n", 4);
    refused("group g all\nquorum g\n", 4);
    refused("group w1 1 w0\nquorum w0\n", 4); /* a name twice */
    refused("group none 1 w0\nquorum none\n", 4);
    refused("group any any w0\nquorum w0\n", 4);
    refused("witness w9 nonsense\nquorum w0\n", 4);
    refused("witness w9\nquorum w0\n", 4);
    refused("policy 1\nquorum w0\n", 4);
    refused("#operator\nquorum w0\n", 4);
    refused("#operator x\nquorum w0\n", 4);
    refused("#operator x w7\nquorum w0\n", 4);
    refused("#operator x w0\n#operator y w0\nquorum w0\n", 5);
    refused("group g all w0\n#operator y g\nquorum w0\n", 5);
    refused("log nonsense\nquorum w0\n", 4);
    /* one key counts once; a key of another kind does not cosign; a key that can be forged */
    begin();
    witness("a", 0);
    witness("b", 0);
    add("quorum a\n");
    assert_code(parse(), BAD_POLICY);
    begin();
    add("witness a ");
    cy_note_vkey(&log, &p.text);
    add("\nquorum a\n");
    assert_code(parse(), BAD_POLICY);
    begin();
    const struct cy_id good = keys[0];

    keys[0] = (struct cy_id){{1}}; /* the identity */
    witness("a", 0);
    keys[0] = good;
    add("quorum a\n");
    assert_code(parse(), BAD_KEY);
    begin();
    while (p.text.n <= CY_QUORUM_TEXT_MAX)
        add("# many words\n");
    assert_code(parse(), TOO_LARGE);
    begin();
    witness("a", 0);
    for (unsigned i = 0; i < CY_QUORUM_NODES_MAX; i++) {
        char line[64];

        snprintf(line, sizeof line, "group g%u 1 ", i);
        add(line);
        snprintf(line, sizeof line, i == 0 ? "a\n" : "g%u\n", i - 1);
        add(line);
    }
    add("quorum a\n");
    assert_code(parse(), QUORUM_COMPLEX);
}

static void sign(struct cy_quorum_set *set, unsigned from, unsigned n)
{
    for (unsigned i = from; i < from + n; i++)
        cy_quorum_put(set, cy_quorum_witness(&p.quorum, &keys[i]));
}

/* FORMATS: cells 5 of 7; capital, labor, commons 2 of 3 each; all chambers; both. */
static void federation(void)
{
    begin();
    witnesses("cell", 7, 0);
    witnesses("capital", 3, 7);
    witnesses("labor", 3, 10);
    witnesses("commons", 3, 13);
    add("group cells 5 cell0 cell1 cell2 cell3 cell4 cell5 cell6\n"
        "group capital 2 capital0 capital1 capital2\n"
        "group labor 2 labor0 labor1 labor2\n"
        "group commons 2 commons0 commons1 commons2\n"
        "group chambers all capital labor commons\n"
        "group federation all cells chambers\n"
        "quorum federation\n");
}

static void quorum_of_quorums(void **state)
{
    struct cy_quorum_set set = {{0}};
    struct cy_quorum_meet meet;

    (void)state;
    federation();
    assert_ok(parse());
    sign(&set, 0, 5);
    sign(&set, 7, 2);
    sign(&set, 11, 2);
    assert_false(cy_quorum_met(&p.quorum, &set));
    sign(&set, 13, 1);
    assert_false(cy_quorum_met(&p.quorum, &set));
    sign(&set, 15, 1);
    assert_true(cy_quorum_met(&p.quorum, &set));
    assert_int_equal(cy_quorum_diversity(&p.quorum, &set), 11);
    set.bits[0] &= ~(uint64_t)1;
    assert_false(cy_quorum_met(&p.quorum, &set));
    /* marking a group in a set of signers helps nobody */
    cy_quorum_put(&set, p.quorum.root);
    assert_false(cy_quorum_met(&p.quorum, &set));
    assert_ok(cy_quorum_meet(&p.quorum, &meet));
    assert_int_equal(meet.least, 3 + 1 + 1 + 1);
    assert_true(cy_quorum_met(&p.quorum, &meet.a));
    assert_true(cy_quorum_met(&p.quorum, &meet.b));
    /* the trustees are run by operators of cells: the same people count once */
    federation();
    add("#operator o0 cell0 capital0 labor0 commons0\n#operator o1 cell1 capital1 labor1 commons1\n"
        "#operator o2 cell2 capital2 labor2 commons2\n");
    assert_ok(parse());
    assert_int_equal(p.quorum.n_operators, 7);
    assert_ok(cy_quorum_meet(&p.quorum, &meet));
    assert_int_equal(meet.least, 3);
}

static void seven_of_fifteen(void **state)
{
    char words[512];
    struct cy_text out = cy_text_on(words, sizeof words);
    struct cy_quorum_meet meet;

    (void)state;
    begin();
    witnesses("w", 15, 0);
    add("group g 7 w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14\nquorum g\n");
    assert_ok(parse());
    assert_ok(cy_quorum_meet(&p.quorum, &meet));
    assert_int_equal(meet.least, 0);
    cy_quorum_explain(&p.quorum, &meet, &out);
    assert_string_equal(words, "least intersection: 0\n"
                               "one quorum: w0 w1 w2 w3 w4 w5 w6\n"
                               "another: w7 w8 w9 w10 w11 w12 w13\n"
                               "operators in both:\n");
    /* the realm's acts */
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_span text = cy_text_bytes(&p.text);

    assert_code(RIG_DO(rig, 0, policy_set, .policy = text), QUORUM_WEAK);
    assert_code(RIG_DO(rig, 0, policy_set, .policy = cy_span_text("quorum g\n")), BAD_POLICY);
    assert_ok(RIG_DO(rig, 0, policy_set, .policy = text, .accept_less = true));
    assert_int_equal(cy_engine_realm(&rig->engine)->policy_meet, 0);
    federation();
    assert_code(RIG_DO(rig, 0, policy_set, .policy = cy_text_bytes(&p.text), .faults = 6),
                QUORUM_WEAK);
    assert_ok(RIG_DO(rig, 0, policy_set, .policy = cy_text_bytes(&p.text), .faults = 5));
    assert_int_equal(cy_engine_realm(&rig->engine)->policy_meet, 6);
    assert_int_equal(cy_engine_realm(&rig->engine)->policy_faults, 5);
    rig_passport(rig, 1, CY_kind_PERSON, "Ada");
    assert_code(RIG_DO(rig, 1, policy_set, .policy = cy_text_bytes(&p.text)), NOT_OPERATOR);
    rig_free(rig);
}

static void too_many_to_count(void **state)
{
    struct cy_quorum_meet meet;

    (void)state;
    begin();
    witnesses("w", 34, 0);
    add("group g 20");
    for (unsigned i = 0; i < 34; i++) {
        char word[16];

        snprintf(word, sizeof word, " w%u", i);
        add(word);
    }
    add("\nquorum g\n");
    for (unsigned i = 0; i < 17; i++) {
        char line[64];

        snprintf(line, sizeof line, "#operator o%u w%u w%u\n", i, 2 * i, 2 * i + 1);
        add(line);
    }
    assert_ok(parse());
    assert_code(cy_quorum_meet(&p.quorum, &meet), QUORUM_COMPLEX);
}

/* --- against brute force --- */

static uint64_t state_of;

static unsigned draw(unsigned n)
{
    state_of = state_of * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((state_of >> 33) % n);
}

/* A random tree over n witnesses with operators of a few names. */
static void random_policy(unsigned n)
{
    char line[256];
    char open[16][16];
    unsigned n_open = n;
    unsigned groups = 0;

    begin();
    witnesses("w", n, 0);
    for (unsigned i = 0; i < n; i++) {
        snprintf(open[i], sizeof open[i], "w%u", i);
        if (draw(2) == 0) {
            snprintf(line, sizeof line, "#operator o%u w%u\n", draw(3), i);
            add(line);
        }
    }
    while (n_open > 1) {
        const unsigned take = 2 + draw(n_open - 1);
        size_t at = (size_t)snprintf(line, sizeof line, "group g%u %u", groups, 1 + draw(take));

        for (unsigned i = 0; i < take; i++) {
            const unsigned which = draw(n_open);

            at += (size_t)snprintf(line + at, sizeof line - at, " %s", open[which]);
            memcpy(open[which], open[--n_open], sizeof open[0]);
        }
        add(line);
        add("\n");
        snprintf(open[n_open++], sizeof open[0], "g%u", groups++);
    }
    snprintf(line, sizeof line, "quorum %s\n", open[0]);
    add(line);
}

static void exact(void **state)
{
    unsigned positive = 0;

    (void)state;
    for (unsigned seed = 0; seed < 300; seed++) {
        const unsigned n = 2 + seed % 7;
        struct cy_quorum_meet meet;
        uint32_t least = UINT32_MAX;

        state_of = seed;
        random_policy(n);
        assert_ok(parse());
        assert_ok(cy_quorum_meet(&p.quorum, &meet));
        for (uint64_t a = 0; a < 1u << n; a++) {
            const struct cy_quorum_set left = {{a}};

            if (!cy_quorum_met(&p.quorum, &left))
                continue;
            for (uint64_t b = a; b < 1u << n; b++) {
                const struct cy_quorum_set right = {{b}};
                const struct cy_quorum_set both = {{a & b}};

                if (!cy_quorum_met(&p.quorum, &right))
                    continue;
                if (cy_quorum_diversity(&p.quorum, &both) < least)
                    least = cy_quorum_diversity(&p.quorum, &both);
            }
        }
        if (meet.least != least)
            fail_msg("seed %u: least %u, by brute force %u\n%s", seed, meet.least, least, p.at);
        positive += least > 0;
        /* the two sets are quorums and meet in that many */
        assert_true(cy_quorum_met(&p.quorum, &meet.a));
        assert_true(cy_quorum_met(&p.quorum, &meet.b));
        const struct cy_quorum_set both = {{meet.a.bits[0] & meet.b.bits[0]}};

        assert_int_equal(cy_quorum_diversity(&p.quorum, &both), least);
    }
    assert_in_range(positive, 50, 250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form),
        cmocka_unit_test(quorum_of_quorums),
        cmocka_unit_test(seven_of_fifteen),
        cmocka_unit_test(too_many_to_count),
        cmocka_unit_test(exact),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
