/* blob_store: only declared bytes, whole or not at all, gone when erased (M117: bounded disclosure
 * rests on it). */
#include "host/node/blob_store.h"

#include <stdlib.h>

#include "cm.h"
#include "crypto/hash.h"
#include "crypto/seal.h"
#include "sim/sim_disk.h"

#define SIZE 3000u

struct place {
    struct cy_sim_disk *sim;
    struct cy_disk disk;
    struct cy_blob_limits limits;
    struct cy_blob_store *store;
    uint8_t bytes[SIZE];
    struct cy_blob blob; /* of those bytes, as the world declares it */
};

static cy_err reopen(struct place *p)
{
    cy_blob_store_close(p->store);
    p->store = NULL;
    return cy_blob_store_open(&p->disk, &p->limits, &p->store);
}

static void fill(struct place *p, uint8_t seed)
{
    for (unsigned i = 0; i < SIZE; i++)
        p->bytes[i] = (uint8_t)(i * 7 + seed);
    p->blob = (struct cy_blob){.bytes = SIZE, .state = CY_blob_state_HELD};
    p->blob.digest = cy_sha256(cy_span_of(p->bytes, SIZE));
}

static int start(void **s)
{
    struct place *p = calloc(1, sizeof *p);

    p->sim = cy_sim_disk_new();
    p->disk = cy_sim_disk_face(p->sim);
    p->limits = (struct cy_blob_limits){.bytes_max = 4000, .total = 7000, .count_max = 8};
    assert_ok(reopen(p));
    fill(p, 0);
    *s = p;
    return 0;
}

static int finish(void **s)
{
    struct place *p = *s;

    cy_blob_store_close(p->store);
    cy_sim_disk_free(p->sim);
    free(p);
    return 0;
}

/* Sends n bytes in pieces of 1000. */
static cy_err put(struct place *p, const struct cy_blob *declared, size_t n)
{
    struct cy_blob_put *upload = NULL;
    cy_err done = cy_blob_put_begin(p->store, declared, &upload);

    if (!cy_ok(done))
        return done;
    for (size_t at = 0; cy_ok(done) && at < n; at += 1000)
        done = cy_blob_put_more(upload, cy_span_of(p->bytes + at, n - at < 1000 ? n - at : 1000));
    if (cy_ok(done))
        return cy_blob_put_end(upload);
    cy_blob_put_drop(upload);
    return done;
}

static void count_file(void *user, const char *path)
{
    unsigned *n = user;

    *n += strncmp(path, CY_BLOB_DIR "/", sizeof CY_BLOB_DIR) == 0;
}

static unsigned files(struct place *p)
{
    unsigned n = 0;

    cy_sim_disk_each(p->sim, count_file, &n);
    return n;
}

static void assert_usage(struct place *p, uint32_t count, uint64_t bytes)
{
    uint32_t n = 0;
    uint64_t b = 0;

    cy_blob_store_usage(p->store, &n, &b);
    assert_int_equal(n, count);
    assert_int_equal(b, bytes);
}

static bool whole(struct place *p)
{
    char path[CY_PATH_MAX];
    struct cy_span got;

    cy_blob_path(&p->blob.digest, path);
    return cy_sim_disk_bytes(p->sim, path, &got) && cy_span_eq(got, cy_span_of(p->bytes, SIZE));
}

static void life(void **s)
{
    struct place *p = *s;
    struct cy_id list[4];

    assert_false(cy_blob_store_has(p->store, &p->blob.digest));
    assert_ok(put(p, &p->blob, SIZE));
    assert_true(whole(p));
    assert_usage(p, 1, SIZE);
    assert_ok(put(p, &p->blob, SIZE)); /* again: nothing changes */
    assert_usage(p, 1, SIZE);
    assert_int_equal(files(p), 1);
    assert_int_equal(cy_blob_store_list(p->store, 0, list, 4), 1);
    assert_true(cy_id_eq(&list[0], &p->blob.digest));
    assert_int_equal(cy_blob_store_list(p->store, 1, list, 4), 0);
    assert_ok(reopen(p));
    assert_usage(p, 1, SIZE);
    assert_ok(cy_blob_store_erase(p->store, &p->blob.digest));
    assert_ok(cy_blob_store_erase(p->store, &p->blob.digest));
    assert_usage(p, 0, 0);
    assert_int_equal(files(p), 0);
    cy_sim_disk_power_cut(p->sim, 0);
    assert_ok(reopen(p));
    assert_usage(p, 0, 0);
}

/* What no act declares, or declares otherwise, leaves nothing behind. */
static void refused(void **s)
{
    struct place *p = *s;
    struct cy_blob other = p->blob;

    assert_code(put(p, NULL, SIZE), BLOB_UNDECLARED);
    other.state = CY_blob_state_ERASED;
    assert_code(put(p, &other, SIZE), BLOB_ERASED);
    assert_code(put(p, &p->blob, SIZE - 1), BLOB_LENGTH);
    other = p->blob;
    other.bytes = SIZE - 1;
    assert_code(put(p, &other, SIZE), BLOB_LENGTH);
    assert_code(put(p, &other, SIZE - 1), BLOB_DIGEST);
    other.bytes = 4001;
    assert_code(put(p, &other, SIZE), BODY_TOO_LARGE);
    p->bytes[1234] ^= 1;
    assert_code(put(p, &p->blob, SIZE), BLOB_DIGEST);
    p->bytes[1234] ^= 1;
    assert_int_equal(files(p), 0);
    assert_usage(p, 0, 0);
    assert_ok(put(p, &p->blob, SIZE));
    p->bytes[1234] ^= 1;
    assert_code(put(p, &p->blob, SIZE), BLOB_DIGEST); /* also when it is here already */
    p->bytes[1234] ^= 1;
    assert_true(whole(p));
}

/* A file that rotted is found when the blob is sent again, and replaced by the next upload. */
static void damaged(void **s)
{
    struct place *p = *s;
    char path[CY_PATH_MAX];

    cy_blob_path(&p->blob.digest, path);
    assert_ok(put(p, &p->blob, SIZE));
    assert_true(cy_sim_disk_flip(p->sim, path, 2000, 4));
    assert_code(put(p, &p->blob, SIZE), BLOB_ABSENT);
    assert_false(cy_blob_store_has(p->store, &p->blob.digest));
    assert_ok(put(p, &p->blob, SIZE));
    assert_true(whole(p));
    assert_ok(p->disk.ops->remove(p->disk.self, path));
    assert_code(put(p, &p->blob, SIZE), BLOB_ABSENT);
    assert_ok(put(p, &p->blob, SIZE));
    assert_usage(p, 1, SIZE);
    assert_true(whole(p));
}

/* Limits count what is under way; what is given up is given back. */
static void limits(void **s)
{
    struct place *p = *s;
    struct cy_blob_put *uploads[CY_BLOB_PUTS_MAX + 1];
    struct cy_blob blobs[3];

    for (uint8_t i = 0; i < 3; i++) {
        fill(p, i);
        blobs[i] = p->blob;
    }
    assert_ok(cy_blob_put_begin(p->store, &blobs[0], &uploads[0]));
    assert_ok(cy_blob_put_begin(p->store, &blobs[1], &uploads[1]));
    assert_code(cy_blob_put_begin(p->store, &blobs[2], &uploads[2]), BLOB_FULL);
    cy_blob_put_drop(uploads[1]);
    assert_ok(cy_blob_put_begin(p->store, &blobs[2], &uploads[2]));
    cy_blob_put_drop(uploads[2]);
    cy_blob_put_drop(uploads[0]);
    cy_blob_put_drop(NULL);
    assert_int_equal(files(p), 0);
    p->limits.total = UINT64_MAX;
    p->limits.count_max = 64;
    assert_ok(reopen(p));
    for (unsigned i = 0; i < CY_BLOB_PUTS_MAX; i++)
        assert_ok(cy_blob_put_begin(p->store, &blobs[0], &uploads[i]));
    assert_code(cy_blob_put_begin(p->store, &blobs[0], &uploads[CY_BLOB_PUTS_MAX]), BUSY);
    for (unsigned i = 2; i < CY_BLOB_PUTS_MAX; i++)
        cy_blob_put_drop(uploads[i]);
    fill(p, 0);
    /* two at once of the same blob: both succeed, one file */
    for (unsigned i = 0; i < 2; i++)
        assert_ok(cy_blob_put_more(uploads[i], cy_span_of(p->bytes, SIZE)));
    assert_ok(cy_blob_put_end(uploads[0]));
    assert_ok(cy_blob_put_end(uploads[1]));
    assert_usage(p, 1, SIZE);
    assert_int_equal(files(p), 1);
    assert_true(whole(p));
    p->limits.count_max = 1;
    assert_ok(reopen(p));
    assert_code(cy_blob_put_begin(p->store, &blobs[1], &uploads[0]), BLOB_FULL);
    fill(p, 1);
    p->limits.count_max = 2;
    assert_ok(reopen(p));
    assert_ok(put(p, &p->blob, SIZE));
    p->limits.count_max = 1;
    assert_code(reopen(p), NO_ROOM);
}

/* Names that are not a digest are neither listed nor touched; parts of cut-off uploads go. */
static void strangers(void **s)
{
    struct place *p = *s;
    static const char *const names[] = {CY_BLOB_DIR "/README", CY_BLOB_DIR "/0.part",
                                        CY_BLOB_DIR "/17.part"};
    struct cy_span got;
    int file = -1;

    for (size_t i = 0; i < CY_COUNT(names); i++) {
        assert_ok(p->disk.ops->open(p->disk.self, names[i], CY_DISK_WRITE | CY_DISK_CREATE, &file));
        assert_ok(p->disk.ops->write(p->disk.self, file, 0, cy_span_text("part")));
        assert_ok(p->disk.ops->close(p->disk.self, file));
    }
    assert_ok(reopen(p));
    assert_usage(p, 0, 0);
    assert_true(cy_sim_disk_bytes(p->sim, names[0], &got));
    assert_int_equal(files(p), 1);
}

/* The n-th call of the disk fails: the upload says so or is whole, and nothing else is left. */
static void failing_disk(void **s)
{
    struct place *p = *s;
    static const enum cy_code codes[] = {CY_E_DISK_FAILED, CY_E_NO_SPACE};
    unsigned failed = 0;

    for (unsigned k = 0; k < CY_COUNT(codes); k++) {
        for (uint64_t n = 1; n < 12; n++) {
            cy_err done = CY_OK;

            cy_sim_disk_fail_at(p->sim, n, codes[k]);
            done = put(p, &p->blob, SIZE);
            cy_sim_disk_fail_at(p->sim, 0, codes[k]);
            failed += !cy_ok(done);
            assert_true(!cy_ok(done) || whole(p));
            if (cy_blob_store_has(p->store, &p->blob.digest))
                assert_true(whole(p));
            cy_sim_disk_power_cut(p->sim, n);
            assert_ok(reopen(p));
            assert_true(!cy_ok(done) || cy_blob_store_has(p->store, &p->blob.digest));
            assert_true(!cy_blob_store_has(p->store, &p->blob.digest) || whole(p));
            assert_ok(put(p, &p->blob, SIZE)); /* a retry works */
            assert_true(whole(p));
            assert_int_equal(files(p), 1);
            assert_usage(p, 1, SIZE);
            assert_ok(cy_blob_store_erase(p->store, &p->blob.digest));
            assert_int_equal(files(p), 0);
        }
    }
    assert_true(failed >= 12); /* open, three writes, sync, close, rename, sync_dir */
}

/* A power cut at every call of an upload: what was acknowledged is there, whole. */
static void power_cuts(void **s)
{
    struct place *p = *s;

    for (uint64_t n = 1; n < 12; n++) {
        for (uint64_t seed = 0; seed < 4; seed++) {
            cy_err done = CY_OK;

            cy_sim_disk_cut_at_call(p->sim, n);
            done = put(p, &p->blob, SIZE);
            cy_sim_disk_power_cut(p->sim, seed);
            assert_ok(reopen(p));
            assert_true(!cy_ok(done) || cy_blob_store_has(p->store, &p->blob.digest));
            assert_true(!cy_blob_store_has(p->store, &p->blob.digest) || whole(p));
            assert_ok(cy_blob_store_erase(p->store, &p->blob.digest));
            assert_int_equal(files(p), 0);
        }
    }
}

static void full_disk(void **s)
{
    struct place *p = *s;

    cy_sim_disk_space(p->sim, 2500);
    assert_code(put(p, &p->blob, SIZE), NO_SPACE);
    assert_int_equal(files(p), 0);
    assert_usage(p, 0, 0);
    cy_sim_disk_space(p->sim, UINT64_MAX);
    assert_ok(put(p, &p->blob, SIZE));
}

/* Erasing destroys the sealed content keys in place before the name goes: whoever finds the sectors
 * of the file again finds no key. A disk that fails on the way is tried again. */
static void erasing(void **s)
{
    struct place *p = *s;
    char path[CY_PATH_MAX];
    struct cy_span got;

    cy_blob_path(&p->blob.digest, path);
    for (uint64_t n = 1; n < 8; n++) {
        cy_err done = CY_OK;

        assert_ok(put(p, &p->blob, SIZE));
        cy_sim_disk_fail_at(p->sim, n, CY_E_DISK_FAILED);
        done = cy_blob_store_erase(p->store, &p->blob.digest);
        cy_sim_disk_fail_at(p->sim, 0, CY_E_DISK_FAILED);
        assert_int_equal(cy_ok(done), !cy_blob_store_has(p->store, &p->blob.digest));
        assert_ok(cy_blob_store_erase(p->store, &p->blob.digest));
        assert_false(cy_sim_disk_bytes(p->sim, path, &got));
        assert_usage(p, 0, 0);
    }
    /* the fifth call is the removal: until then the file is there, without its keys */
    assert_ok(put(p, &p->blob, SIZE));
    cy_sim_disk_fail_at(p->sim, 5, CY_E_DISK_FAILED);
    assert_code(cy_blob_store_erase(p->store, &p->blob.digest), DISK_FAILED);
    assert_true(cy_sim_disk_bytes(p->sim, path, &got));
    for (size_t i = 0; i < cy_seal_head_size(20); i++)
        assert_int_equal(got.at[i], 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(life),         T(refused),    T(damaged),   T(limits),  T(strangers),
        T(failing_disk), T(power_cuts), T(full_disk), T(erasing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
