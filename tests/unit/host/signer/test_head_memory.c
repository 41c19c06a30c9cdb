/* head_memory: which heads may be signed, and that nothing makes it forget. */
#include "host/signer/head_memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "cm.h"
#include "sim/sim_disk.h"
#include "tree.h"

#define FILE_NAME "heads"
#define HEADS 64
#define LOG "example.com/log"

struct place {
    struct cy_sim_disk *sim;
    struct cy_disk disk;
    struct cy_head_memory *memory;
};

static int start(void **s)
{
    struct place *p = calloc(1, sizeof *p);

    p->sim = cy_sim_disk_new();
    p->disk = cy_sim_disk_face(p->sim);
    assert_ok(cy_head_memory_make(&p->disk, FILE_NAME));
    assert_ok(cy_head_memory_open(&p->disk, FILE_NAME, HEADS, &p->memory));
    *s = p;
    return 0;
}

static int finish(void **s)
{
    struct place *p = *s;

    cy_head_memory_close(p->memory);
    cy_sim_disk_free(p->sim);
    free(p);
    return 0;
}

static cy_err again(struct place *p)
{
    cy_head_memory_close(p->memory);
    p->memory = NULL;
    return cy_head_memory_open(&p->disk, FILE_NAME, HEADS, &p->memory);
}

/* The head of tree `seed` at that size, under key k. */
static struct cy_head head_of(uint8_t k, const char *origin, uint64_t seed, uint64_t size)
{
    struct cy_head head = {.purpose = 2, .size = size, .root = tree_root(seed, 0, size)};

    memset(head.key.b, k, sizeof head.key.b);
    head.n_origin = (uint8_t)strlen(origin);
    memcpy(head.origin, origin, head.n_origin);
    return head;
}

static cy_err take(struct place *p, uint64_t seed, uint64_t from, uint64_t size)
{
    const struct cy_head head = head_of(1, "example.com/log", seed, size);
    struct cy_id proof[65];
    const size_t n = tree_consistency(seed, from, size, proof);

    return cy_head_memory_take(p->memory, &head, proof, n);
}

static cy_err take_now(struct place *p, uint64_t seed, uint64_t from, uint64_t size)
{
    CY_TRY(take(p, seed, from, size));
    return cy_head_memory_commit(p->memory);
}

/* A conflicting head of that size is refused; a later head may be remembered that was not signed.
 */
static void holds(struct place *p, uint64_t size)
{
    const cy_err refused = take(p, 2, size, size);

    if (size > 0 && refused.code != CY_E_HEAD_ROLLBACK)
        assert_code(refused, HEAD_CONFLICT);
}

static void order(void **s)
{
    struct place *p = *s;

    assert_ok(take_now(p, 1, 0, 5));
    assert_ok(take_now(p, 1, 5, 5));
    assert_code(take(p, 2, 5, 5), HEAD_CONFLICT);
    assert_code(take(p, 1, 0, 4), HEAD_ROLLBACK);
    assert_code(take(p, 1, 0, 0), HEAD_ROLLBACK);
    assert_code(take(p, 1, 0, 9), HEAD_UNPROVEN); /* no proof */
    assert_code(take(p, 1, 4, 9), HEAD_UNPROVEN); /* from another size */
    assert_code(take(p, 2, 5, 9), HEAD_UNPROVEN); /* of another tree */
    assert_ok(take_now(p, 1, 5, 9));
    assert_code(take(p, 1, 5, 5), HEAD_ROLLBACK);
    /* a refusal is for ever, over a restart too */
    assert_ok(again(p));
    assert_code(take(p, 2, 9, 9), HEAD_CONFLICT);
    assert_code(take(p, 1, 5, 5), HEAD_ROLLBACK);
    assert_ok(take_now(p, 1, 9, 200));
}

/* Every pair of sizes up to 33: the true proof is accepted, that of another tree is not. */
static void proofs(void **s)
{
    struct place *p = *s;

    for (uint64_t m = 1; m < 33; m++) {
        for (uint64_t n = m + 1; n <= 33; n++) {
            char origin[24];
            struct cy_head head;
            struct cy_id proof[65];
            size_t count = 0;

            snprintf(origin, sizeof origin, "o%u", (unsigned)((m * 33 + n) % 8));
            head = head_of((uint8_t)m, origin, 7, m);
            cy_head_memory_close(p->memory);
            cy_sim_disk_free(p->sim);
            p->sim = cy_sim_disk_new();
            p->disk = cy_sim_disk_face(p->sim);
            assert_ok(cy_head_memory_make(&p->disk, FILE_NAME));
            assert_ok(cy_head_memory_open(&p->disk, FILE_NAME, HEADS, &p->memory));
            assert_ok(cy_head_memory_take(p->memory, &head, NULL, 0));
            head = head_of((uint8_t)m, origin, 8, n);
            count = tree_consistency(8, m, n, proof);
            assert_code(cy_head_memory_take(p->memory, &head, proof, count), HEAD_UNPROVEN);
            head = head_of((uint8_t)m, origin, 7, n);
            count = tree_consistency(7, m, n, proof);
            assert_code(cy_head_memory_take(p->memory, &head, proof, count - 1), HEAD_UNPROVEN);
            assert_ok(cy_head_memory_take(p->memory, &head, proof, count));
        }
    }
}

static void apart(void **s)
{
    struct place *p = *s;
    struct cy_head head = head_of(1, "a", 1, 3);
    struct cy_head found;

    assert_ok(cy_head_memory_take(p->memory, &head, NULL, 0));
    head = head_of(1, "b", 2, 3); /* another origin */
    assert_ok(cy_head_memory_take(p->memory, &head, NULL, 0));
    head = head_of(2, "a", 2, 3); /* another key */
    assert_ok(cy_head_memory_take(p->memory, &head, NULL, 0));
    head = head_of(1, "a", 2, 3); /* another purpose */
    head.purpose = 3;
    assert_ok(cy_head_memory_take(p->memory, &head, NULL, 0));
    assert_int_equal(cy_head_memory_count(p->memory), 4);
    assert_false(cy_head_memory_find(p->memory, 4, &head.key, cy_span_text("a"), &found));
    assert_true(cy_head_memory_find(p->memory, 3, &head.key, cy_span_text("a"), &found));
    assert_memory_equal(&found, &head, sizeof head);
}

static void times(void **s)
{
    struct place *p = *s;
    struct cy_head head = head_of(1, "a", 1, 3);

    head.time_s = 100;
    assert_ok(cy_head_memory_take(p->memory, &head, NULL, 0));
    head.time_s = 99;
    assert_code(cy_head_memory_take(p->memory, &head, NULL, 0), COSIGN_TIME);
    head.time_s = 101;
    assert_ok(cy_head_memory_take(p->memory, &head, NULL, 0));
    assert_ok(cy_head_memory_commit(p->memory));
    assert_ok(again(p));
    head.time_s = 100;
    assert_code(cy_head_memory_take(p->memory, &head, NULL, 0), COSIGN_TIME);
}

static void malformed(void **s)
{
    struct place *p = *s;
    struct cy_head head = head_of(1, "a", 1, 3);

    head.size = 0; /* an empty tree has one root */
    assert_code(cy_head_memory_take(p->memory, &head, NULL, 0), BAD_CHECKPOINT);
    head = head_of(1, "a\nb", 1, 3);
    assert_code(cy_head_memory_take(p->memory, &head, NULL, 0), BAD_CHECKPOINT);
    head = head_of(1, "", 1, 3);
    assert_code(cy_head_memory_take(p->memory, &head, NULL, 0), BAD_CHECKPOINT);
    for (unsigned i = 0; i < HEADS; i++) {
        char origin[16];

        snprintf(origin, sizeof origin, "o%u", i);
        head = head_of(1, origin, 1, 3);
        assert_ok(cy_head_memory_take(p->memory, &head, NULL, 0));
    }
    head = head_of(1, "one more", 1, 3);
    assert_code(cy_head_memory_take(p->memory, &head, NULL, 0), NO_ROOM);
    assert_ok(cy_head_memory_commit(p->memory));
    assert_ok(again(p));
    assert_int_equal(cy_head_memory_count(p->memory), HEADS);
}

/* The power goes at every byte of several commits, and what is left is read back: every head whose
 * commit said done is remembered, and the memory opens. */
static void power_cuts(void **s)
{
    struct place *p = *s;

    for (uint64_t seed = 0; seed < 4; seed++) {
        for (uint64_t cut = 1; cut < 1400; cut += seed == 1 ? 1 : 7) {
            uint64_t durable = 0;

            cy_head_memory_close(p->memory);
            cy_sim_disk_free(p->sim);
            p->sim = cy_sim_disk_new();
            p->disk = cy_sim_disk_face(p->sim);
            assert_ok(cy_head_memory_make(&p->disk, FILE_NAME));
            assert_ok(cy_head_memory_open(&p->disk, FILE_NAME, HEADS, &p->memory));
            cy_sim_disk_cut_at_byte(p->sim, cut);
            for (uint64_t size = 1; size <= 4; size++) {
                if (!cy_ok(take_now(p, 1, size - 1, size)))
                    break;
                durable = size;
            }
            cy_head_memory_close(p->memory);
            p->memory = NULL;
            cy_sim_disk_power_cut(p->sim, seed);
            assert_ok(cy_head_memory_open(&p->disk, FILE_NAME, HEADS, &p->memory));
            holds(p, durable);
        }
    }
}

/* The same at every call of the disk, with a failing disk in place of a power cut. */
static void failing_disk(void **s)
{
    struct place *p = *s;

    for (uint64_t call = 1; call < 12; call++) {
        uint64_t durable = 0;

        cy_head_memory_close(p->memory);
        cy_sim_disk_free(p->sim);
        p->sim = cy_sim_disk_new();
        p->disk = cy_sim_disk_face(p->sim);
        assert_ok(cy_head_memory_make(&p->disk, FILE_NAME));
        assert_ok(cy_head_memory_open(&p->disk, FILE_NAME, HEADS, &p->memory));
        cy_sim_disk_fail_at(p->sim, call, CY_E_DISK_FAILED);
        for (uint64_t size = 1; size <= 6; size++) {
            if (!cy_ok(take_now(p, 1, size - 1, size))) {
                /* after a failed flush nothing is signed any more */
                assert_code(take(p, 1, size - 1, size), DISK_FAILED);
                assert_code(cy_head_memory_commit(p->memory), DISK_FAILED);
                break;
            }
            durable = size;
        }
        assert_ok(again(p));
        holds(p, durable);
    }
}

/* A full disk: refused, then goes on; what was taken in between is not lost and not half there. */
static void full_disk(void **s)
{
    struct place *p = *s;
    struct cy_head found;
    const struct cy_head head = head_of(1, "example.com/log", 1, 2);

    assert_ok(take_now(p, 1, 0, 1));
    cy_sim_disk_space(p->sim, cy_sim_disk_written(p->sim) + 40);
    assert_ok(take(p, 1, 1, 2));
    assert_code(cy_head_memory_commit(p->memory), NO_SPACE);
    /* the same head again is not "known": it is not durable yet */
    assert_ok(take(p, 1, 2, 2));
    assert_code(cy_head_memory_commit(p->memory), NO_SPACE);
    cy_sim_disk_space(p->sim, UINT64_MAX);
    assert_ok(cy_head_memory_commit(p->memory));
    assert_ok(again(p));
    assert_true(
        cy_head_memory_find(p->memory, 2, &head.key, cy_span_text("example.com/log"), &found));
    assert_int_equal(found.size, 2);
}

/* One flipped bit anywhere is survived or refused, and never makes it forget. */
static void rot(void **s)
{
    struct place *p = *s;
    struct cy_span bytes;
    size_t n = 0;

    assert_ok(take_now(p, 1, 0, 1));
    assert_ok(take_now(p, 1, 1, 2));
    assert_ok(take_now(p, 1, 2, 3));
    assert_true(cy_sim_disk_bytes(p->sim, FILE_NAME, &bytes));
    n = bytes.n;
    for (size_t i = 0; i < n; i++) {
        char copy[4096];
        cy_err opened = CY_OK;
        int file = -1;

        assert_true(cy_sim_disk_bytes(p->sim, FILE_NAME, &bytes));
        assert_true(bytes.n == n && n < sizeof copy);
        memcpy(copy, bytes.at, n);
        assert_true(cy_sim_disk_flip(p->sim, FILE_NAME, i, 0x04));
        opened = again(p);
        assert_ok(opened); /* every batch stands there twice */
        assert_code(take(p, 2, 3, 3), HEAD_CONFLICT);
        cy_head_memory_close(p->memory);
        p->memory = NULL;
        assert_ok(p->disk.ops->open(p->disk.self, FILE_NAME, CY_DISK_WRITE | CY_DISK_EMPTY, &file));
        assert_ok(p->disk.ops->write(p->disk.self, file, 0, cy_span_of(copy, n)));
        assert_ok(p->disk.ops->close(p->disk.self, file));
    }
}

/* Damage of both copies of a batch that has a later one, or of the first, is refused. */
static void damage(void **s)
{
    struct place *p = *s;
    struct cy_span bytes;
    size_t at[8];
    unsigned n = 0;

    assert_ok(take_now(p, 1, 0, 1));
    assert_ok(take_now(p, 1, 1, 2));
    assert_true(cy_sim_disk_bytes(p->sim, FILE_NAME, &bytes));
    for (size_t i = 0; i + 6 < bytes.n; i++) {
        if (memcmp(bytes.at + i, "batch ", 6) == 0 && n < 8)
            at[n++] = i;
    }
    assert_int_equal(n, 6);
    for (unsigned pair = 0; pair < 6; pair += 2) {
        const bool last = pair == 4;

        for (unsigned i = 0; i < 2; i++)
            assert_true(cy_sim_disk_flip(p->sim, FILE_NAME, at[pair + i] + 8, 0x04));
        if (last)
            break; /* looks like a torn write, whose signature never left */
        assert_code(again(p), KEYSTORE_BAD);
        for (unsigned i = 0; i < 2; i++)
            assert_true(cy_sim_disk_flip(p->sim, FILE_NAME, at[pair + i] + 8, 0x04));
    }
    assert_ok(again(p));
    assert_code(take(p, 2, 1, 1), HEAD_CONFLICT);
    assert_code(cy_head_memory_make(&p->disk, FILE_NAME), KEYSTORE_BAD);
    cy_head_memory_close(p->memory);
    p->memory = NULL;
    assert_ok(p->disk.ops->remove(p->disk.self, FILE_NAME));
    assert_code(cy_head_memory_open(&p->disk, FILE_NAME, HEADS, &p->memory), NO_FILE);
}

/* After many commits the file is rewritten, and the memory is the same. */
static void long_life(void **s)
{
    struct place *p = *s;
    struct cy_span bytes;
    struct cy_head found;
    struct cy_head head = head_of(1, "example.com/log", 1, 1);
    size_t largest = 0;

    for (uint64_t i = 1; i <= 6000; i++) {
        head.time_s = i;
        assert_ok(cy_head_memory_take(p->memory, &head, NULL, 0));
        assert_ok(cy_head_memory_commit(p->memory));
        assert_true(cy_sim_disk_bytes(p->sim, FILE_NAME, &bytes));
        largest = bytes.n > largest ? bytes.n : largest;
    }
    assert_true(largest > 1u << 20);
    assert_true(bytes.n < largest);
    assert_true(largest < (1u << 20) + 4096);
    assert_ok(again(p));
    assert_true(
        cy_head_memory_find(p->memory, 2, &head.key, cy_span_text("example.com/log"), &found));
    assert_int_equal(found.time_s, 6000);
}

/* What a restore does: heads that were signed elsewhere are remembered without a proof. */
static void raised(void **s)
{
    struct place *p = *s;
    struct cy_head seen = head_of(1, LOG, 5, 40);
    struct cy_head unknown = head_of(1, LOG, 5, 60);
    struct cy_head found;

    assert_ok(take(p, 5, 0, 20));
    assert_ok(cy_head_memory_raise(p->memory, &seen));
    assert_ok(cy_head_memory_commit(p->memory));
    assert_ok(again(p));
    assert_true(cy_head_memory_find(p->memory, 2, &seen.key, cy_span_text(LOG), &found));
    assert_int_equal(found.size, 40);
    assert_code(take(p, 5, 20, 30), HEAD_ROLLBACK);
    assert_code(take(p, 6, 40, 40), HEAD_CONFLICT);
    assert_code(take(p, 6, 40, 50), HEAD_UNPROVEN);
    assert_ok(take(p, 5, 40, 50)); /* what goes on from it is signed */
    seen = head_of(1, LOG, 5, 30);
    assert_ok(cy_head_memory_raise(p->memory, &seen)); /* smaller: nothing changes */
    assert_true(cy_head_memory_find(p->memory, 2, &seen.key, cy_span_text(LOG), &found));
    assert_int_equal(found.size, 50);
    seen = head_of(1, LOG, 6, 50);
    assert_code(cy_head_memory_raise(p->memory, &seen), HEAD_CONFLICT);
    unknown.root = (struct cy_id){{0}}; /* a witness told its size only: nothing follows */
    assert_ok(cy_head_memory_raise(p->memory, &unknown));
    assert_code(take(p, 5, 50, 55), HEAD_ROLLBACK);
    assert_code(take(p, 5, 60, 60), HEAD_CONFLICT);
    assert_code(take(p, 5, 60, 70), HEAD_UNPROVEN);
}

/* A time no cosignature reaches is a fence, also for an origin that was never seen. */
static void fenced(void **s)
{
    struct place *p = *s;
    struct cy_head fence = head_of(3, "b", 5, 0);

    fence.root = cy_hash_empty();
    fence.time_s = INT64_MAX;
    assert_ok(cy_head_memory_raise(p->memory, &fence));
    assert_ok(cy_head_memory_commit(p->memory));
    assert_ok(again(p));
    fence = head_of(3, "b", 5, 9);
    fence.time_s = 2000000000;
    assert_code(cy_head_memory_take(p->memory, &fence, NULL, 0), COSIGN_TIME);
}

/* A copy of the file is read without the signer, torn or not. */
static void peeked(void **s)
{
    struct place *p = *s;
    static uint8_t bytes[65536];
    const struct cy_head want = head_of(1, LOG, 5, 0);
    const struct cy_span origin = cy_span_text(LOG);
    struct cy_head found;
    size_t n = 0;

    assert_ok(take_now(p, 5, 0, 20));
    assert_ok(take_now(p, 5, 20, 33));
    assert_ok(cy_disk_read_all(&p->disk, FILE_NAME, bytes, sizeof bytes, &n));
    assert_ok(cy_head_memory_peek(cy_span_of(bytes, n), 2, &want.key, origin, &found));
    assert_int_equal(found.size, 33);
    assert_ok(cy_head_memory_peek(cy_span_of(bytes, n), 3, &want.key, origin, &found));
    assert_int_equal(found.size, 0);
    for (size_t left = 0; left < n; left++) { /* never what was not signed */
        const cy_err err =
            cy_head_memory_peek(cy_span_of(bytes, left), 2, &want.key, origin, &found);

        assert_true(found.size == 0 || found.size == 20 || found.size == 33);
        if (!cy_ok(err))
            assert_code(err, KEYSTORE_BAD);
    }
    assert_code(cy_head_memory_peek(cy_span_of("", 0), 2, &want.key, origin, &found), KEYSTORE_BAD);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(order),      T(proofs),       T(apart),     T(times),  T(malformed),
        T(power_cuts), T(failing_disk), T(full_disk), T(rot),    T(damage),
        T(long_life),  T(raised),       T(fenced),    T(peeked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
