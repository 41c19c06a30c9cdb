/* vote_memory: which votes may be signed, and that nothing makes it forget. */
#include "host/signer/vote_memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "cm.h"
#include "gen.h"
#include "sim/sim_disk.h"

#define FILE_NAME "votes"
#define LIMIT 16
#define LOG "example.com/federation"

struct place {
    struct cy_sim_disk *sim;
    struct cy_disk disk;
    struct cy_vote_memory *memory;
    struct cy_id key;
    struct cy_vote said;
};

static const struct cy_vote_lock no_lock = {.round = CY_NO_ROUND};

static void fresh(struct place *p)
{
    cy_vote_memory_close(p->memory);
    cy_sim_disk_free(p->sim);
    p->sim = cy_sim_disk_new();
    p->disk = cy_sim_disk_face(p->sim);
    p->memory = NULL;
    assert_ok(cy_vote_memory_make(&p->disk, FILE_NAME));
    assert_ok(cy_vote_memory_open(&p->disk, FILE_NAME, LIMIT, &p->memory));
}

static int start(void **s)
{
    struct place *p = calloc(1, sizeof *p);

    memset(p->key.b, 7, sizeof p->key.b);
    fresh(p);
    *s = p;
    return 0;
}

static int finish(void **s)
{
    struct place *p = *s;

    cy_vote_memory_close(p->memory);
    cy_sim_disk_free(p->sim);
    free(p);
    return 0;
}

static cy_err again(struct place *p)
{
    cy_vote_memory_close(p->memory);
    p->memory = NULL;
    return cy_vote_memory_open(&p->disk, FILE_NAME, LIMIT, &p->memory);
}

/* value 0: nil. */
static struct cy_vote vote_of(uint64_t height, uint32_t round, enum cy_vote_step step,
                              uint8_t value)
{
    struct cy_vote vote = {.origin = cy_span_text(LOG),
                           .height = height,
                           .round = round,
                           .step = step,
                           .after = CY_NO_ROUND,
                           .time = 1000 * height + round};

    memset(vote.value.b, value, sizeof vote.value.b);
    return vote;
}

static cy_err take(struct place *p, uint64_t height, uint32_t round, enum cy_vote_step step,
                   uint8_t value)
{
    const struct cy_vote vote = vote_of(height, round, step, value);

    return cy_vote_memory_take(p->memory, &p->key, &vote, &no_lock, &p->said);
}

static cy_err take_now(struct place *p, uint64_t height, uint32_t round, enum cy_vote_step step,
                       uint8_t value)
{
    CY_TRY(take(p, height, round, step, value));
    return cy_vote_memory_commit(p->memory);
}

#define PROPOSE CY_VOTE_PROPOSE
#define PREVOTE CY_VOTE_PREVOTE
#define PRECOMMIT CY_VOTE_PRECOMMIT

static void order(void **s)
{
    struct place *p = *s;

    assert_ok(take_now(p, 4, 1, PROPOSE, 1));
    assert_ok(take_now(p, 4, 1, PREVOTE, 1));
    assert_int_equal(p->said.value.b[0], 1);
    for (unsigned life = 0; life < 2; life++) {
        /* of the same step: the first one, whatever is asked for */
        assert_ok(take(p, 4, 1, PREVOTE, 2));
        assert_int_equal(p->said.value.b[0], 1);
        assert_int_equal(p->said.time, 4001);
        assert_ok(take(p, 4, 1, PROPOSE, 9)); /* the round's proposal too */
        assert_int_equal(p->said.value.b[0], 1);
        assert_int_equal(p->said.step, PROPOSE);
        /* earlier rounds and heights are over */
        assert_code(take(p, 4, 0, PREVOTE, 1), VOTE_BACK);
        assert_code(take(p, 4, 0, PRECOMMIT, 1), VOTE_BACK);
        assert_code(take(p, 3, 7, PRECOMMIT, 1), VOTE_BACK);
        assert_int_equal(take(p, 3, 7, PRECOMMIT, 1).detail, 4);
        assert_ok(again(p));
    }
    assert_ok(take_now(p, 4, 2, PRECOMMIT, 0)); /* nil is a vote like others */
    assert_ok(take(p, 4, 2, PRECOMMIT, 5));
    assert_true(cy_id_none(&p->said.value));
    assert_code(take(p, 4, 2, PREVOTE, 5), VOTE_BACK); /* an earlier step that was left out */
    assert_code(take(p, 4, 2, PROPOSE, 5), VOTE_BACK);
    assert_code(take(p, 4, 1, PREVOTE, 1), VOTE_BACK); /* the same again, but of an earlier round */
    assert_ok(take_now(p, 5, 0, PREVOTE, 1));
}

/* Keys and federations do not know of each other. */
static void apart(void **s)
{
    struct place *p = *s;
    struct cy_vote vote = vote_of(9, 0, PREVOTE, 1);
    struct cy_vote said;
    struct cy_id other = p->key;

    assert_ok(take_now(p, 9, 0, PREVOTE, 2));
    vote.height = 1;
    vote.origin = cy_span_text("other.example/federation");
    assert_ok(cy_vote_memory_take(p->memory, &p->key, &vote, &no_lock, &said));
    vote.origin = cy_span_text(LOG);
    other.b[0] ^= 1;
    assert_ok(cy_vote_memory_take(p->memory, &other, &vote, &no_lock, &said));
    assert_code(cy_vote_memory_take(p->memory, &p->key, &vote, &no_lock, &said), VOTE_BACK);
    assert_int_equal(cy_vote_memory_count(p->memory), 3);
    vote.origin = cy_span_text("a\nb");
    assert_code(cy_vote_memory_take(p->memory, &p->key, &vote, &no_lock, &said), BAD_VOTE);
    vote.origin = cy_span_text("");
    assert_code(cy_vote_memory_take(p->memory, &p->key, &vote, &no_lock, &said), BAD_VOTE);
    for (unsigned i = 3; i <= LIMIT; i++) {
        other.b[0] = (uint8_t)(100 + i);
        vote.origin = cy_span_text(LOG);
        if (i < LIMIT)
            assert_ok(cy_vote_memory_take(p->memory, &other, &vote, &no_lock, &said));
        else
            assert_code(cy_vote_memory_take(p->memory, &other, &vote, &no_lock, &said), NO_ROOM);
    }
}

static void locks(void **s)
{
    struct place *p = *s;
    struct cy_vote vote = vote_of(4, 2, PREVOTE, 1);
    struct cy_vote_lock lock = {.round = 1};
    struct cy_vote last;

    assert_false(cy_vote_memory_last(p->memory, &p->key, vote.origin, &last, &lock));
    /* told */
    lock = (struct cy_vote_lock){.round = 1};
    memset(lock.value.b, 3, sizeof lock.value.b);
    assert_ok(cy_vote_memory_take(p->memory, &p->key, &vote, &lock, &p->said));
    assert_ok(cy_vote_memory_commit(p->memory));
    assert_ok(again(p));
    assert_true(cy_vote_memory_last(p->memory, &p->key, vote.origin, &last, &lock));
    assert_int_equal(lock.round, 1);
    assert_int_equal(lock.value.b[0], 3);
    assert_int_equal(last.height, 4);
    assert_int_equal(last.round, 2);
    assert_int_equal(last.step, PREVOTE);
    /* contradicted, or of a round that is still to come */
    vote = vote_of(4, 3, PREVOTE, 1);
    lock.value.b[0] ^= 1;
    assert_code(cy_vote_memory_take(p->memory, &p->key, &vote, &lock, &p->said), VOTE_CONFLICT);
    lock.round = 4;
    assert_code(cy_vote_memory_take(p->memory, &p->key, &vote, &lock, &p->said), VOTE_CONFLICT);
    /* seen: a value is locked by precommitting it; nil locks nothing; an older one told is nothing
     */
    assert_ok(take_now(p, 4, 3, PRECOMMIT, 5));
    assert_ok(take_now(p, 4, 4, PRECOMMIT, 0));
    vote = vote_of(4, 5, PREVOTE, 5);
    lock.round = 0;
    assert_ok(cy_vote_memory_take(p->memory, &p->key, &vote, &lock, &p->said));
    assert_ok(cy_vote_memory_commit(p->memory));
    assert_ok(again(p));
    assert_true(cy_vote_memory_last(p->memory, &p->key, vote.origin, &last, &lock));
    assert_int_equal(lock.round, 3);
    assert_int_equal(lock.value.b[0], 5);
    /* the next height begins without */
    assert_ok(take_now(p, 5, 0, PREVOTE, 1));
    assert_true(cy_vote_memory_last(p->memory, &p->key, vote.origin, &last, &lock));
    assert_int_equal(lock.round, CY_NO_ROUND);
}

/* What must hold however the disk fails: the votes that were durable are given again, and no other
 * of their step. */
static void holds(struct place *p, uint64_t height, uint32_t round)
{
    if (height == 0)
        return;
    if (cy_ok(take(p, height, round, PREVOTE, 99)))
        assert_int_equal(p->said.value.b[0], 1 + round);
    assert_false(cy_ok(take(p, height - 1, round, PREVOTE, 99)) && p->said.value.b[0] == 99);
}

/* Votes of rounds and heights, each durable before the next; the last one that was. */
static void vote_on(struct place *p, uint64_t *height, uint32_t *round)
{
    *height = 0;
    *round = 0;
    for (uint64_t h = 1; h <= 2; h++) {
        for (uint32_t r = 0; r < 3; r++) {
            if (!cy_ok(take_now(p, h, r, PREVOTE, (uint8_t)(1 + r))))
                return;
            *height = h;
            *round = r;
        }
    }
}

/* The power goes at every byte of several commits, and what is left is read back. */
static void power_cuts(void **s)
{
    struct place *p = *s;

    for (uint64_t seed = 0; seed < 4; seed++) {
        for (uint64_t cut = 1; cut < 5200; cut += seed == 1 ? 3 : 17) {
            uint64_t height = 0;
            uint32_t round = 0;

            fresh(p);
            cy_sim_disk_cut_at_byte(p->sim, cut);
            vote_on(p, &height, &round);
            cy_vote_memory_close(p->memory);
            p->memory = NULL;
            cy_sim_disk_power_cut(p->sim, seed);
            assert_ok(cy_vote_memory_open(&p->disk, FILE_NAME, LIMIT, &p->memory));
            holds(p, height, round);
        }
    }
}

/* The disk fails at every call: nothing is signed any more until a restart, which knows all. */
static void failing_disk(void **s)
{
    struct place *p = *s;

    for (uint64_t call = 1; call < 14; call++) {
        uint64_t height = 0;
        uint32_t round = 0;

        fresh(p);
        cy_sim_disk_fail_at(p->sim, call, CY_E_DISK_FAILED);
        vote_on(p, &height, &round);
        if (height < 2 || round < 2) {
            assert_code(take(p, 9, 0, PREVOTE, 1), DISK_FAILED);
            assert_code(cy_vote_memory_commit(p->memory), DISK_FAILED);
        }
        assert_ok(again(p));
        holds(p, height, round);
    }
}

/* A full disk: refused, then goes on; a vote asked for again in between is the same one. */
static void full_disk(void **s)
{
    struct place *p = *s;

    assert_ok(take_now(p, 1, 0, PREVOTE, 1));
    cy_sim_disk_space(p->sim, cy_sim_disk_written(p->sim) + 40);
    assert_ok(take(p, 1, 0, PRECOMMIT, 1));
    assert_code(cy_vote_memory_commit(p->memory), NO_SPACE);
    assert_ok(take(p, 1, 0, PRECOMMIT, 2));
    assert_int_equal(p->said.value.b[0], 1);
    assert_code(cy_vote_memory_commit(p->memory), NO_SPACE);
    cy_sim_disk_space(p->sim, UINT64_MAX);
    assert_ok(cy_vote_memory_commit(p->memory));
    assert_ok(again(p));
    assert_ok(take(p, 1, 0, PRECOMMIT, 2));
    assert_int_equal(p->said.value.b[0], 1);
}

/* Damage of both copies of a batch that has a later one, or of the first, is refused; a file that
 * says two things about one step is, too. */
static void damage(void **s)
{
    struct place *p = *s;
    struct cy_span bytes;
    size_t at[8];
    unsigned n = 0;

    assert_ok(take_now(p, 1, 0, PREVOTE, 1));
    assert_ok(take_now(p, 1, 0, PRECOMMIT, 1));
    assert_true(cy_sim_disk_bytes(p->sim, FILE_NAME, &bytes));
    for (size_t i = 0; i + 6 < bytes.n; i++) {
        if (memcmp(bytes.at + i, "batch ", 6) == 0 && n < 8)
            at[n++] = i;
    }
    assert_int_equal(n, 6);
    for (unsigned pair = 0; pair < 4; pair += 2) {
        for (unsigned i = 0; i < 2; i++)
            assert_true(cy_sim_disk_flip(p->sim, FILE_NAME, at[pair + i] + 8, 0x04));
        assert_code(again(p), KEYSTORE_BAD);
        for (unsigned i = 0; i < 2; i++)
            assert_true(cy_sim_disk_flip(p->sim, FILE_NAME, at[pair + i] + 8, 0x04));
    }
    assert_ok(again(p));
    assert_ok(take(p, 1, 0, PREVOTE, 2));
    assert_int_equal(p->said.value.b[0], 1);
    assert_code(cy_vote_memory_make(&p->disk, FILE_NAME), KEYSTORE_BAD);
}

/* A member's life, by seed: whatever is asked, in whatever order, over restarts, no two votes that
 * were signed conflict, and what is refused was overtaken. */
static void never_twice(void **s)
{
    struct place *p = *s;
    static struct cy_vote given[4096];

    for (uint64_t seed = 0; seed < 20; seed++) {
        struct gen gen = gen_on(seed, NULL);
        size_t n = 0;

        fresh(p);
        for (unsigned i = 0; i < 400; i++) {
            struct cy_vote vote =
                vote_of(1 + i / 80 + gen_draw(&gen, 2), (uint32_t)gen_draw(&gen, 4),
                        (enum cy_vote_step)gen_draw(&gen, 3), (uint8_t)(1 + gen_draw(&gen, 3)));
            cy_err taken = CY_OK;

            if (vote.step == PROPOSE && vote.round > 0 && gen_one_in(&gen, 2))
                vote.after = vote.round - 1;
            taken = cy_vote_memory_take(p->memory, &p->key, &vote, &no_lock, &p->said);
            if (!cy_ok(taken)) {
                assert_code(taken, VOTE_BACK);
            } else {
                for (size_t j = 0; j < n; j++)
                    assert_false(cy_vote_conflict(&given[j], &p->said));
                if (n < CY_COUNT(given))
                    given[n++] = p->said;
            }
            assert_ok(cy_vote_memory_commit(p->memory));
            if (gen_one_in(&gen, 10))
                assert_ok(again(p));
        }
        assert_true(n > 20);
    }
}

static unsigned flushes;
static cy_err (*real_sync)(void *self, int file);

static cy_err count_sync(void *self, int file)
{
    flushes++;
    return real_sync(self, file);
}

/* A vote costs one flush of the disk, one that was given before none. */
static void one_flush(void **s)
{
    struct place *p = *s;
    struct cy_disk_ops counted = *p->disk.ops;

    real_sync = counted.sync;
    counted.sync = count_sync;
    p->disk.ops = &counted;
    assert_ok(again(p));
    flushes = 0;
    for (uint64_t h = 1; h <= 100; h++)
        assert_ok(take_now(p, h, 0, PREVOTE, 1));
    assert_int_equal(flushes, 100);
    for (unsigned i = 0; i < 10; i++)
        assert_ok(take_now(p, 100, 0, PREVOTE, 2));
    assert_int_equal(flushes, 100);
    cy_vote_memory_close(p->memory);
    p->memory = NULL;
}

/* After many commits the file is rewritten, and the memory is the same. */
static void long_life(void **s)
{
    struct place *p = *s;
    struct cy_span bytes;
    size_t largest = 0;

    for (uint64_t h = 1; h <= 2600; h++) {
        assert_ok(take_now(p, h, 0, PRECOMMIT, 1));
        assert_true(cy_sim_disk_bytes(p->sim, FILE_NAME, &bytes));
        largest = bytes.n > largest ? bytes.n : largest;
    }
    assert_true(largest > 1u << 20);
    assert_true(bytes.n < largest && largest < (1u << 20) + 4096);
    assert_ok(again(p));
    assert_ok(take(p, 2600, 0, PRECOMMIT, 2));
    assert_int_equal(p->said.value.b[0], 1);
}

/* A copy of the file is read without the signer, torn or not. */
static void peeked(void **s)
{
    struct place *p = *s;
    static uint8_t bytes[65536];
    const struct cy_span origin = cy_span_text(LOG);
    uint64_t height = 0;
    size_t n = 0;

    assert_ok(take_now(p, 3, 0, PREVOTE, 1));
    assert_ok(take_now(p, 8, 0, PREVOTE, 1));
    assert_ok(cy_disk_read_all(&p->disk, FILE_NAME, bytes, sizeof bytes, &n));
    assert_ok(cy_vote_memory_peek(cy_span_of(bytes, n), &p->key, origin, &height));
    assert_int_equal(height, 8);
    assert_ok(cy_vote_memory_peek(cy_span_of(bytes, n), &p->key, cy_span_text("x"), &height));
    assert_int_equal(height, 0);
    for (size_t left = 0; left < n; left++) {
        const cy_err err = cy_vote_memory_peek(cy_span_of(bytes, left), &p->key, origin, &height);

        assert_true(height == 0 || height == 3 || height == 8);
        if (!cy_ok(err))
            assert_code(err, KEYSTORE_BAD);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(order),  T(apart),       T(locks),     T(power_cuts), T(failing_disk), T(full_disk),
        T(damage), T(never_twice), T(long_life), T(peeked),     T(one_flush),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
