/* Two readers of the same evidence, written apart: the kernel, which judges the act `equivocate`
 * (kernel/convict), and verify/, which judges the file. Of true evidence, of honest pairs, and of
 * thousands of changed ones they say the same, and where they convict they convict the same key. */
#include "kernel/convict.h"
#include "verify/two_statements.h"

#include <stdlib.h>

#include "cm.h"
#include "gen.h"
#include "union.h"

#define ROUNDS 6000u

static struct tally {
    unsigned convicted;
    unsigned refused;
    unsigned unread;
} tally;

/* The kernel's verdict of what a file says. */
static cy_err theirs(const struct cy_equivocation *what)
{
    struct cy_two_statements s = {.kind = what->kind,
                                  .key = what->key,
                                  .one = what->notes[0],
                                  .another = what->notes[1],
                                  .prefix = what->prefix,
                                  .path = cy_span_of(what->path, sizeof what->path[0] * what->n)};
    struct cy_span origin;

    return cy_convict_check(&s, &origin);
}

static void compare(struct cy_span file)
{
    struct cy_equivocation what;
    struct cy_contradiction found;
    unsigned which = 0;
    cy_err ours = CY_OK;
    cy_err kernel = CY_OK;

    if (!cy_ok(cy_equivocation_read(file, &what))) {
        tally.unread++;
        return;
    }
    ours = cy_statements_contradict(&what, &found, &which);
    kernel = theirs(&what);
    if (cy_ok(ours) != cy_ok(kernel))
        fail_msg("verify: %s, kernel: %s %u, of:\n%.*s", cy_err_info(ours.code)->name,
                 cy_err_info(kernel.code)->name, kernel.detail, (int)file.n, (const char *)file.at);
    if (!cy_ok(ours)) {
        assert_code(kernel, NOT_EQUIVOCATION);
        assert_int_equal(kernel.detail == 3, which == 2);
    }
    tally.convicted += cy_ok(ours);
    tally.refused += !cy_ok(ours);
}

/* A pair of statements of any kind by any member, often in contradiction, sometimes honest, now and
 * then with a part of another pair. */
static void draw(struct gen *gen, struct union_evidence *e)
{
    const uint64_t small = 1 + gen_draw(gen, 9);
    const uint64_t large = gen_one_in(gen, 3) ? small : small + gen_draw(gen, 30);

    if (gen_one_in(gen, 3)) {
        union_two_heads(e, gen_one_in(gen, 2) ? CY_statement_HEAD : CY_statement_COSIGNATURE, small,
                        large);
    } else {
        union_begin(e, CY_statement_VOTE, 1);
        for (unsigned i = 0; i < 2; i++) {
            struct cy_vote vote =
                union_vote(7, 1, (enum cy_vote_step)gen_draw(gen, 2), (uint8_t)gen_draw(gen, 3));

            if (gen_one_in(gen, 4)) {
                vote.step = CY_VOTE_PROPOSE;
                vote.value.b[5] = 9;
                vote.after = gen_one_in(gen, 2) ? 0 : CY_NO_ROUND;
            }
            union_ballot(&e->texts[i], gen_one_in(gen, 12) ? 2 : 1, &vote);
        }
        union_end(e);
    }
    if (gen_one_in(gen, 10))
        e->what.kind = (uint8_t)(1 + gen_draw(gen, 3));
    if (e->what.kind == CY_statement_VOTE)
        e->what.n = e->what.has_prefix = 0;
    if (gen_one_in(gen, 10) && e->what.has_prefix)
        e->what.prefix = tree_root(0, 0, small);
    if (gen_one_in(gen, 10))
        e->what.notes[1] = e->what.notes[0];
}

/* Changes that stay near the form: lines doubled, moved, swapped; digits; whole lines of others. */
static void touch(struct gen *gen, uint8_t *at, size_t *n, size_t cap)
{
    const size_t i = *n == 0 ? 0 : (size_t)gen_draw(gen, *n);

    if (*n == 0)
        return;
    switch (gen_draw(gen, 4)) {
    case 0:
        if (at[i] >= '0' && at[i] <= '9')
            at[i] = (uint8_t)('0' + gen_draw(gen, 10));
        return;
    case 1:
        if ((at[i] | 0x20) >= 'a' && (at[i] | 0x20) <= 'z')
            at[i] ^= 0x20;
        return;
    default: gen_mutate(gen, at, n, cap); return;
    }
}

static void drawn(void **s)
{
    static uint8_t room[2 * CY_EQUIVOCATION_FILE_MAX];

    (void)s;
    memset(&tally, 0, sizeof tally);
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        struct gen gen = gen_on(seed, NULL);
        static struct union_evidence e;
        struct cy_text text = cy_text_on((char *)room, CY_EQUIVOCATION_FILE_MAX);
        size_t n = 0;

        draw(&gen, &e);
        cy_equivocation_write(&text, &e.what);
        n = text.n;
        for (uint64_t i = gen_draw(&gen, 3); i > 0; i--)
            touch(&gen, room, &n, sizeof room);
        compare(cy_span_of(room, n));
    }
    print_message("%u convicted, %u refused by both, %u not of the form\n", tally.convicted,
                  tally.refused, tally.unread);
    assert_true(tally.convicted > ROUNDS / 10);
    assert_true(tally.refused > ROUNDS / 10);
}

/* Every byte of each kind of true evidence, changed in two ways. */
static void every_byte(void **s)
{
    static uint8_t room[CY_EQUIVOCATION_FILE_MAX];
    static struct union_evidence made[4];
    unsigned held = 0;

    (void)s;
    union_two_votes(&made[0]);
    union_two_heads(&made[1], CY_statement_HEAD, 9, 9);
    union_two_heads(&made[2], CY_statement_HEAD, 5, 21);
    union_two_heads(&made[3], CY_statement_COSIGNATURE, 5, 21);
    for (size_t k = 0; k < CY_COUNT(made); k++) {
        struct cy_text text = cy_text_on((char *)room, sizeof room);

        cy_equivocation_write(&text, &made[k].what);
        tally.convicted = 0;
        compare(cy_text_bytes(&text));
        assert_int_equal(tally.convicted, 1);
        for (size_t i = 0; i < text.n; i++) {
            for (unsigned how = 0; how < 2; how++) {
                const uint8_t old = room[i];

                room[i] ^= how == 0 ? 1 : 0x20;
                compare(cy_text_bytes(&text));
                room[i] = old;
            }
        }
        held += tally.convicted - 1;
    }
    assert_int_equal(held, 0); /* no change leaves a conviction */
}

/* The largest notes that either takes, and one byte more. */
static void sizes(void **s)
{
    static char room[2 * CY_EQUIVOCATION_FILE_MAX];
    static struct union_evidence e;

    (void)s;
    for (size_t pad = 3000; pad < CY_EQUIVOCATION_NOTE_MAX; pad += 700) {
        struct cy_text text = cy_text_on(room, sizeof room);
        static char notes[2][CY_EQUIVOCATION_NOTE_MAX + 2048];

        union_begin(&e, CY_statement_HEAD, 2);
        for (unsigned i = 0; i < 2; i++) {
            const struct cy_id root = tree_root(i, 0, 9);
            static char words[CY_EQUIVOCATION_NOTE_MAX + 1024];
            struct cy_text head = cy_text_on(words, sizeof words);

            cy_checkpoint_write(&head, cy_span_text(UNION_ORIGIN), 9, &root);
            for (size_t n = 0; n < pad; n += 50) /* extension lines */
                cy_text_add(&head, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
            e.texts[i] = cy_text_on(notes[i], sizeof notes[i]);
            union_note(&e.texts[i], 2, cy_text_bytes(&head));
        }
        union_end(&e);
        tally.convicted = 0;
        cy_equivocation_write(&text, &e.what);
        compare(cy_text_bytes(&text));
        assert_int_equal(tally.convicted, e.what.notes[0].n <= CY_EQUIVOCATION_NOTE_MAX);
    }
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
        cmocka_unit_test(drawn),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(sizes),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
