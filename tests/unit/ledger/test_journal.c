/* journal: what was flushed comes back, torn tails are cut, damage is named. */
#include "ledger/journal.h"

#include "sim/sim_disk.h"

#include "cm.h"

#include <pthread.h>
#include <stdio.h>

#define BATCH (CY_JOURNAL_RECORD_HEAD + CY_JOURNAL_PAYLOAD_MAX)

static _Alignas(16) uint8_t memory_[4 * BATCH];
static struct cy_sim_disk *sim_;
static struct cy_disk disk_;
static struct cy_journal journal_;
static struct cy_journal_report report_;
static struct cy_disk_fault fault_;
static struct cy_journal_options options_;

static int start(void **s)
{
    (void)s;
    sim_ = cy_sim_disk_new();
    disk_ = cy_sim_disk_face(sim_);
    options_ = (struct cy_journal_options){
        .dir = "journal", .segment_bytes = 1 << 20, .batch_bytes = BATCH, .segments_max = 8};
    memset(options_.salt, 7, sizeof options_.salt);
    return sim_ == NULL;
}

static int stop(void **s)
{
    (void)s;
    cy_sim_disk_free(sim_);
    return 0;
}

/* Record i carries i in its first bytes, a length that depends on i, and i as kind. */
static struct cy_span payload_of(uint64_t i)
{
    static uint8_t bytes[4096];
    const size_t n = 8 + (size_t)(i * 37 % 300);

    memset(bytes, (int)(i & 255), n);
    cy_put_u64be(bytes, i);
    return cy_span_of(bytes, n);
}

static uint64_t seen_;

static cy_err replay(void *user, uint64_t number, uint32_t kind, struct cy_span payload)
{
    (void)user;
    assert_true(number == seen_);
    assert_int_equal(kind, (uint32_t)number);
    assert_true(cy_span_eq(payload, payload_of(number)));
    seen_++;
    return CY_OK;
}

static cy_err reopen(uint64_t from)
{
    struct cy_arena arena = cy_arena_on(memory_, sizeof memory_);

    seen_ = from;
    return cy_journal_open(&journal_, &disk_, &options_, &arena, from, replay, NULL, &report_,
                           &fault_);
}

static void append(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t want = journal_.next;
        uint64_t number = 0;

        assert_ok(cy_journal_append(&journal_, (uint32_t)want, payload_of(want), &number));
        assert_true(number == want);
    }
}

static void flush(void)
{
    struct cy_journal_batch *batch = cy_journal_cut(&journal_);
    cy_err err = CY_OK;

    assert_non_null(batch);
    err = cy_journal_write(batch);
    cy_journal_done(&journal_, batch, err);
    assert_ok(err);
}

static void comes_back(void **s)
{
    (void)s;
    assert_ok(reopen(0));
    assert_int_equal(report_.next, 0);
    assert_null(cy_journal_cut(&journal_));
    append(10);
    assert_int_equal(cy_journal_durable(&journal_), 0);
    flush();
    assert_int_equal(cy_journal_durable(&journal_), 10);
    append(5);
    flush();
    append(3); /* never flushed */
    assert_ok(cy_journal_close(&journal_));
    cy_sim_disk_power_cut(sim_, 0);
    assert_ok(reopen(0));
    assert_int_equal(seen_, 15);
    assert_int_equal(report_.records, 15);
    assert_int_equal(report_.torn, 0);
    assert_int_equal(report_.next, 15);
    append(1);
    flush();
    assert_ok(cy_journal_close(&journal_));
    assert_ok(reopen(12));
    assert_int_equal(seen_, 16);
    assert_int_equal(report_.records, 4);
    assert_ok(cy_journal_close(&journal_));
}

/* The next batch fills while the other one is out; a third cannot be cut. */
static void overlaps(void **s)
{
    struct cy_journal_batch *first = NULL;

    (void)s;
    assert_ok(reopen(0));
    append(2);
    first = cy_journal_cut(&journal_);
    assert_non_null(first);
    append(3);
    assert_null(cy_journal_cut(&journal_));
    assert_ok(cy_journal_write(first));
    assert_int_equal(cy_journal_durable(&journal_), 0);
    cy_journal_done(&journal_, first, CY_OK);
    assert_int_equal(cy_journal_durable(&journal_), 2);
    flush();
    assert_int_equal(cy_journal_durable(&journal_), 5);
    assert_ok(cy_journal_close(&journal_));
    assert_ok(reopen(0));
    assert_int_equal(seen_, 5);
    assert_ok(cy_journal_close(&journal_));
}

static void bounds(void **s)
{
    static uint8_t big[CY_JOURNAL_PAYLOAD_MAX + 1];
    uint64_t number = 77;

    (void)s;
    assert_ok(reopen(0));
    assert_code(cy_journal_append(&journal_, 0, cy_span_of(big, sizeof big), &number), TOO_LARGE);
    assert_ok(cy_journal_append(&journal_, 0, cy_span_of(big, CY_JOURNAL_PAYLOAD_MAX), &number));
    assert_code(cy_journal_append(&journal_, 0, cy_span_of(big, 0), &number), NO_ROOM);
    assert_int_equal(number, 0);
    flush();
    assert_ok(cy_journal_close(&journal_));
    {
        struct cy_arena small = cy_arena_on(memory_, BATCH);

        assert_code(cy_journal_open(&journal_, &disk_, &options_, &small, 0, replay, NULL, &report_,
                                    &fault_),
                    NO_ROOM);
    }
}

static void segments(void **s)
{
    (void)s;
    options_.segment_bytes = 2000;
    assert_ok(reopen(0));
    for (unsigned i = 0; i < 12; i++) {
        append(4);
        flush();
    }
    assert_true(journal_.segment_count > 3);
    assert_true(journal_.segment_count <= options_.segments_max);
    assert_ok(cy_journal_close(&journal_));
    assert_ok(reopen(0));
    assert_int_equal(seen_, 48);
    assert_ok(cy_journal_drop(&journal_, 20));
    assert_true(journal_.segments[0] <= 20);
    assert_true(journal_.segments[1] > 20);
    assert_ok(cy_journal_close(&journal_));
    cy_sim_disk_power_cut(sim_, 0);
    assert_ok(reopen(20));
    assert_int_equal(seen_, 48);
    assert_true(report_.first <= 20);
    assert_true(report_.first > 0);
    append(4);
    flush();
    assert_ok(cy_journal_drop(&journal_, UINT64_MAX));
    assert_int_equal(journal_.segment_count, 1);
    assert_ok(cy_journal_close(&journal_));
    assert_code(reopen(3), JOURNAL_GAP);  /* older than what is left */
    assert_code(reopen(99), JOURNAL_GAP); /* newer than what is there */
}

static void missing_segment(void **s)
{
    char path[CY_PATH_MAX];

    (void)s;
    options_.segment_bytes = 500;
    assert_ok(reopen(0));
    for (unsigned i = 0; i < 5; i++) {
        append(4);
        flush();
    }
    snprintf(path, sizeof path, "journal/%020u", (unsigned)journal_.segments[2]);
    assert_ok(cy_journal_close(&journal_));
    assert_ok(disk_.ops->remove(disk_.self, path));
    assert_code(reopen(0), JOURNAL_GAP);
    assert_true(strncmp(fault_.path, "journal/", 8) == 0);
}

/* Every bit flip in an acknowledged record that is not of the last batch is named; in the last
 * batch, which no flush after it vouches for, the tail is cut and reported. */
static void damage_is_named(void **s)
{
    const char *path = "journal/00000000000000000000";
    struct cy_span bytes;
    uint64_t last = 0;

    (void)s;
    assert_ok(reopen(0));
    append(3);
    flush();
    last = journal_.offset;
    append(3);
    flush();
    assert_ok(cy_journal_close(&journal_));
    assert_true(cy_sim_disk_bytes(sim_, path, &bytes));
    for (uint64_t at = 0; at < last; at++) {
        assert_true(cy_sim_disk_flip(sim_, path, at, (uint8_t)(1u << at % 8)));
        assert_code(reopen(0), JOURNAL_DAMAGED);
        assert_string_equal(fault_.path, path);
        assert_true(fault_.offset <= at);
        assert_true(at < CY_JOURNAL_SEGMENT_HEAD || fault_.offset >= CY_JOURNAL_SEGMENT_HEAD);
        assert_true(cy_sim_disk_bytes(sim_, path, &bytes)); /* nothing was repaired */
        assert_true(cy_sim_disk_flip(sim_, path, at, (uint8_t)(1u << at % 8)));
    }
    assert_true(cy_sim_disk_flip(sim_, path, last + 50, 1));
    assert_code(reopen(4), JOURNAL_DAMAGED); /* somebody saw record 3 flushed */
    assert_true(fault_.offset == last);
    assert_ok(reopen(0));
    assert_int_equal(seen_, 3);
    assert_true(report_.torn > 0);
    assert_true(fault_.offset == last);
    assert_ok(cy_journal_close(&journal_));
}

/* An act that carries the bytes of a later record does not look like one. */
static void no_forged_records(void **s)
{
    static uint8_t forged[2000];
    const char *path = "journal/00000000000000000000";
    struct cy_span bytes;
    uint64_t number = 0;
    size_t n = 0;

    (void)s;
    memset(options_.salt, 1, sizeof options_.salt);
    assert_ok(reopen(0)); /* the author's own journal, with another salt */
    append(3);
    flush();
    append(1);
    flush();
    assert_ok(cy_journal_close(&journal_));
    assert_true(cy_sim_disk_bytes(sim_, path, &bytes));
    n = bytes.n - CY_JOURNAL_SEGMENT_HEAD;
    memcpy(forged, bytes.at + CY_JOURNAL_SEGMENT_HEAD, n);
    (void)stop(s);
    (void)start(s);
    assert_ok(reopen(0));
    assert_ok(cy_journal_append(&journal_, 0, cy_span_of(forged, n), &number));
    flush();
    assert_ok(cy_journal_close(&journal_));
    assert_true(cy_sim_disk_flip(sim_, path, CY_JOURNAL_SEGMENT_HEAD + 2, 1));
    assert_ok(reopen(0)); /* a torn tail, not "damage followed by a later batch" */
    assert_int_equal(seen_, 0);
    assert_true(report_.torn > 0);
    assert_ok(cy_journal_close(&journal_));
}

static void soft_trouble_is_retried(void **s)
{
    struct cy_journal_batch *batch = NULL;

    (void)s;
    assert_ok(reopen(0));
    append(4);
    batch = cy_journal_cut(&journal_);
    cy_sim_disk_space(sim_, 100);
    assert_code(cy_journal_write(batch), NO_SPACE);
    assert_code(cy_journal_write(batch), NO_SPACE);
    cy_sim_disk_space(sim_, UINT64_MAX);
    assert_ok(cy_journal_write(batch));
    cy_journal_done(&journal_, batch, CY_OK);
    assert_ok(cy_journal_close(&journal_));
    cy_sim_disk_power_cut(sim_, 0);
    assert_ok(reopen(0));
    assert_int_equal(seen_, 4);
    assert_int_equal(report_.torn, 0);
    assert_ok(cy_journal_close(&journal_));
}

/* Four records durable, four more whose flush fails. The batch that failed is returned. */
static struct cy_journal_batch *fail_a_flush(void)
{
    struct cy_journal_batch *batch = NULL;

    append(4);
    flush();
    append(4);
    batch = cy_journal_cut(&journal_);
    cy_sim_disk_fail_at(sim_, 2, CY_E_DISK_FAILED);
    assert_code(cy_journal_write(batch), DISK_FAILED);
    return batch;
}

/* A failed flush is never tried again: what the kernel dropped would be called durable. */
static void hard_trouble_stops(void **s)
{
    struct cy_journal_batch *batch = NULL;
    uint64_t number = 0;

    (void)s;
    assert_ok(reopen(0));
    batch = fail_a_flush();
    assert_code(cy_journal_write(batch), JOURNAL_STOPPED);
    cy_journal_done(&journal_, batch, cy_fail(CY_E_DISK_FAILED, 0));
    assert_int_equal(cy_journal_durable(&journal_), 4);
    assert_code(cy_journal_append(&journal_, 0, cy_span_text("x"), &number), JOURNAL_STOPPED);
    assert_null(cy_journal_cut(&journal_));
    assert_ok(cy_journal_close(&journal_));
    cy_sim_disk_power_cut(sim_, 0);
    assert_ok(reopen(0));
    assert_int_equal(seen_, 4);
    assert_ok(cy_journal_close(&journal_));
}

/* After a failed flush and a restart of the process alone, the cache still shows what the disk
 * never got. What is replayed must be on the disk from then on. */
static void replayed_is_durable(void **s)
{
    struct cy_journal_batch *batch = NULL;
    uint64_t shown = 0;

    (void)s;
    assert_ok(reopen(0));
    batch = fail_a_flush();
    cy_journal_done(&journal_, batch, cy_fail(CY_E_DISK_FAILED, 0));
    assert_ok(cy_journal_close(&journal_));
    cy_sim_disk_kill(sim_);
    assert_ok(reopen(0));
    shown = seen_;
    assert_true(shown >= 4);
    assert_ok(cy_journal_close(&journal_));
    cy_sim_disk_power_cut(sim_, 0);
    assert_ok(reopen(0));
    assert_true(seen_ == shown);
    assert_ok(cy_journal_close(&journal_));
}

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct cy_journal_batch *waiting;
    bool finished;
    bool done;
    cy_err result;
} hand_ = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void *flusher(void *user)
{
    pthread_mutex_lock(&hand_.mutex);
    for (;;) {
        struct cy_journal_batch *batch = NULL;
        cy_err result;

        while (hand_.waiting == NULL && !hand_.finished)
            pthread_cond_wait(&hand_.changed, &hand_.mutex);
        if (hand_.waiting == NULL)
            break;
        batch = hand_.waiting;
        pthread_mutex_unlock(&hand_.mutex);
        result = cy_journal_write(batch);
        pthread_mutex_lock(&hand_.mutex);
        hand_.waiting = NULL;
        hand_.result = result;
        hand_.done = true;
        pthread_cond_signal(&hand_.changed);
    }
    pthread_mutex_unlock(&hand_.mutex);
    return user;
}

/* The intended use, with a real second thread (the tsan preset watches). */
static void two_threads(void **s)
{
    struct cy_journal_batch *out = NULL;
    pthread_t thread;

    (void)s;
    options_.segment_bytes = 20000;
    options_.segments_max = 100;
    assert_ok(reopen(0));
    assert_int_equal(pthread_create(&thread, NULL, flusher, NULL), 0);
    while (cy_journal_durable(&journal_) < 2000) {
        if (journal_.next < 2000)
            append(1 + journal_.next % 7);
        pthread_mutex_lock(&hand_.mutex);
        while (out != NULL && !hand_.done && journal_.next >= 2000)
            pthread_cond_wait(&hand_.changed, &hand_.mutex);
        if (out != NULL && hand_.done) {
            hand_.done = false;
            cy_journal_done(&journal_, out, hand_.result);
            out = NULL;
        }
        if (out == NULL) {
            out = cy_journal_cut(&journal_);
            hand_.waiting = out;
            pthread_cond_broadcast(&hand_.changed);
        }
        pthread_mutex_unlock(&hand_.mutex);
        if (journal_.batches[journal_.filling].n > BATCH / 2) {
            pthread_mutex_lock(&hand_.mutex);
            while (!hand_.done)
                pthread_cond_wait(&hand_.changed, &hand_.mutex);
            pthread_mutex_unlock(&hand_.mutex);
        }
    }
    pthread_mutex_lock(&hand_.mutex);
    hand_.finished = true;
    pthread_cond_broadcast(&hand_.changed);
    pthread_mutex_unlock(&hand_.mutex);
    pthread_join(thread, NULL);
    assert_true(journal_.segment_count > 3);
    assert_ok(cy_journal_close(&journal_));
    cy_sim_disk_power_cut(sim_, 0);
    assert_ok(reopen(0));
    assert_true(seen_ >= 2000);
    assert_ok(cy_journal_close(&journal_));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        T(comes_back),
        T(overlaps),
        T(bounds),
        T(segments),
        T(missing_segment),
        T(damage_is_named),
        T(no_forged_records),
        T(soft_trouble_is_retried),
        T(hard_trouble_stops),
        T(replayed_is_durable),
        T(two_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
