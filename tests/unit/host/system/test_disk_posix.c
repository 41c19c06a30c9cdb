/* disk_posix: the ledger's disk on a real directory. */
#include "base/table.h"
#include "host/system/disk_posix.h"
#include "sim/sim_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cm.h"

struct place {
    char dir[64];
    struct cy_disk_posix *posix;
    struct cy_disk disk;
};

static int start(void **s)
{
    struct place *p = calloc(1, sizeof *p);

    strcpy(p->dir, "/tmp/cy_disk_XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    assert_ok(cy_disk_posix_open(p->dir, false, &p->posix));
    p->disk = cy_disk_posix_disk(p->posix);
    *s = p;
    return 0;
}

static int finish(void **s)
{
    struct place *p = *s;
    char command[96];

    cy_disk_posix_close(p->posix);
    snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
    assert_int_equal(system(command), 0);
    free(p);
    return 0;
}

static void files(void **s)
{
    struct place *p = *s;
    const struct cy_disk *d = &p->disk;
    uint8_t out[64];
    uint64_t size = 0;
    size_t n = 0;
    int file = -1;

    assert_code(d->ops->open(d->self, "absent", 0, &file), NO_FILE);
    assert_code(d->ops->open(d->self, "a/b", CY_DISK_WRITE | CY_DISK_CREATE, &file), NO_FILE);
    assert_ok(cy_disk_make_dirs(d, "tile/0/x001"));
    assert_ok(d->ops->make_dir(d->self, "tile"));
    assert_ok(d->ops->open(d->self, "tile/0/x001/000", CY_DISK_WRITE | CY_DISK_CREATE, &file));
    assert_ok(d->ops->write(d->self, file, 4, cy_span_text("after a gap")));
    assert_ok(d->ops->size(d->self, file, &size));
    assert_int_equal(size, 15);
    assert_ok(d->ops->read(d->self, file, 0, out, sizeof out, &n));
    assert_int_equal(n, 15);
    assert_memory_equal(out, "\0\0\0\0after a gap", 15);
    assert_ok(d->ops->read(d->self, file, 99, out, sizeof out, &n));
    assert_int_equal(n, 0);
    assert_ok(d->ops->truncate(d->self, file, 6));
    assert_ok(d->ops->sync(d->self, file));
    assert_ok(d->ops->close(d->self, file));
    assert_ok(d->ops->sync_dir(d->self, "tile/0/x001"));
    assert_ok(d->ops->sync_dir(d->self, ""));
    assert_ok(cy_disk_read_all(d, "tile/0/x001/000", out, sizeof out, &n));
    assert_int_equal(n, 6);
    assert_ok(d->ops->rename(d->self, "tile/0/x001/000", "checkpoint"));
    assert_code(d->ops->rename(d->self, "tile/0/x001/000", "checkpoint"), NO_FILE);
    assert_ok(cy_disk_replace(d, "checkpoint", "checkpoint.new", cy_span_text("second")));
    assert_ok(cy_disk_read_all(d, "checkpoint", out, sizeof out, &n));
    assert_memory_equal(out, "second", 6);
    assert_code(cy_disk_read_all(d, "checkpoint", out, 5, &n), TOO_LARGE);
    assert_ok(d->ops->remove(d->self, "checkpoint"));
    assert_code(d->ops->remove(d->self, "checkpoint"), NO_FILE);
}

/* Long writes go past the cache of pages in the middle: whatever the place and length, and wherever
 * a short write stood before, the file reads back as a plain copy of it in memory. */
static void long_writes(void **s)
{
    enum { CAP = 12 << 20 };
    struct place *p = *s;
    const struct cy_disk *d = &p->disk;
    uint8_t *want = calloc(1, CAP);
    uint8_t *have = malloc(CAP);
    uint64_t seed = 5;
    size_t end = 0;
    size_t n = 0;
    int file = -1;

    assert_ok(d->ops->open(d->self, "long", CY_DISK_WRITE | CY_DISK_CREATE, &file));
    for (unsigned i = 0; i < 12; i++) {
        const bool is_short = i % 3 == 1;
        const size_t length = is_short ? 1 + i * 700 : ((size_t)1 << 20) + i * 436907u;
        size_t at = 0;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        at = i % 4 == 0 ? end : (size_t)(seed >> 33) % (end + 5000);
        at = at + length > CAP ? CAP - length : at;
        for (size_t k = 0; k < length; k++)
            want[at + k] = (uint8_t)(k * 31 + i + (k >> 12));
        assert_ok(d->ops->write(d->self, file, at, cy_span_of(want + at, length)));
        end = at + length > end ? at + length : end;
        if (i % 2 == 0)
            assert_ok(d->ops->sync(d->self, file));
        assert_ok(d->ops->read(d->self, file, 0, have, CAP, &n));
        assert_int_equal(n, end);
        assert_memory_equal(have, want, end);
    }
    assert_ok(d->ops->close(d->self, file));
    free(have);
    free(want);
}

static void paths_stay_below(void **s)
{
    static const char *const bad[] = {"/etc/passwd", "../x", "a/../../x", "",
                                      ".",           "a//b", "a/",        "./a"};
    struct place *p = *s;
    char path[128];
    int file = -1;

    for (size_t i = 0; i < CY_COUNT(bad); i++)
        assert_code(p->disk.ops->open(p->disk.self, bad[i], 0, &file), NO_FILE);
    snprintf(path, sizeof path, "%s/link", p->dir);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_code(p->disk.ops->open(p->disk.self, "link", 0, &file), DISK_FAILED);
}

static cy_err count(void *user, const char *name)
{
    unsigned *n = user;

    assert_true(name[0] != '.');
    (*n)++;
    return *n == 3 ? cy_fail(CY_E_NO_ROOM, 3) : CY_OK;
}

static void listing(void **s)
{
    struct place *p = *s;
    unsigned n = 0;

    assert_ok(p->disk.ops->lock(p->disk.self));
    assert_ok(cy_disk_make_dirs(&p->disk, "a"));
    assert_ok(cy_disk_put(&p->disk, "b", "b.new", cy_span_text("b")));
    assert_ok(p->disk.ops->list(p->disk.self, "", count, &n));
    assert_int_equal(n, 2);
    n = 0;
    assert_ok(cy_disk_make_dirs(&p->disk, "c"));
    assert_code(p->disk.ops->list(p->disk.self, "", count, &n), NO_ROOM);
    assert_code(p->disk.ops->list(p->disk.self, "none", count, &n), NO_FILE);
}

static void one_writer(void **s)
{
    struct place *p = *s;
    struct cy_disk_posix *other = NULL;
    struct cy_disk second;
    char words[256];
    char want[64];
    struct cy_text text = cy_text_on(words, sizeof words);
    int status = 0;
    pid_t child = 0;

    assert_ok(p->disk.ops->lock(p->disk.self));
    assert_ok(p->disk.ops->lock(p->disk.self));
    assert_ok(cy_disk_posix_open(p->dir, false, &other));
    second = cy_disk_posix_disk(other);
    assert_code(second.ops->lock(second.self), LEDGER_BUSY);
    cy_disk_posix_message(other, &text);
    snprintf(want, sizeof want, "process %ld", (long)getpid());
    assert_non_null(strstr(words, want));
    p->disk.ops->unlock(p->disk.self);
    assert_ok(second.ops->lock(second.self));
    second.ops->unlock(second.self);
    child = fork(); /* the lock ends with its process, whatever way it ends */
    if (child == 0) {
        (void)!second.ops->lock(second.self).code;
        _exit(7);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_ok(p->disk.ops->lock(p->disk.self));
    cy_disk_posix_close(other);
}

static void full_disk_is_soft(void **s)
{
    struct cy_disk_posix *dev = NULL;
    struct cy_disk disk;
    char words[256];
    struct cy_text text = cy_text_on(words, sizeof words);
    int file = -1;

    (void)s;
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_ok(cy_disk_posix_open("/dev", false, &dev));
    disk = cy_disk_posix_disk(dev);
    assert_ok(disk.ops->open(disk.self, "full", CY_DISK_WRITE, &file));
    assert_code(disk.ops->write(disk.self, file, 0, cy_span_text("x")), NO_SPACE);
    cy_disk_posix_message(dev, &text);
    assert_string_equal(words, "write /dev/full: No space left on device");
    /* a device that cannot flush: any failed flush is hard */
    assert_code(disk.ops->sync(disk.self, file), DISK_FAILED);
    assert_ok(disk.ops->close(disk.self, file));
    assert_code(disk.ops->close(disk.self, file), DISK_FAILED);
    cy_disk_posix_close(dev);
}

static void opening(void **s)
{
    struct cy_disk_posix *posix = NULL;
    struct place *p = *s;
    char path[128];
    struct stat stat_;

    assert_code(cy_disk_posix_open("/nonexistent/x", true, &posix), NO_FILE);
    snprintf(path, sizeof path, "%s/fresh", p->dir);
    assert_code(cy_disk_posix_open(path, false, &posix), NO_FILE);
    assert_ok(cy_disk_posix_open(path, true, &posix));
    cy_disk_posix_close(posix);
    assert_int_equal(stat(path, &stat_), 0);
    assert_int_equal(stat_.st_mode & 027u, 0);
}

/* The simulated disk and the real one give the same answers to the same calls. */

static uint64_t dice_state;

static unsigned dice(unsigned n)
{
    dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(dice_state >> 33) % n;
}

static cy_err add_name(void *user, const char *name)
{
    uint64_t *sum = user;

    *sum += cy_table_hash(name, strlen(name)); /* the order is not defined: a sum */
    return CY_OK;
}

/* One call on one disk; `seen` collects all that it gave back. */
static enum cy_code step(const struct cy_disk *d, const unsigned at[6], int files[4],
                         bool writable[4], uint64_t *seen)
{
    static const char *const names[] = {"a", "b", "d/a", "d/b", "e/f/a", "e/a"};
    static const char *const dirs[] = {"d", "e", "e/f", "g", ""};
    uint8_t bytes[300];
    uint64_t size = 0;
    size_t n = 0;
    cy_err e = CY_OK;
    int *file = &files[at[1] % 4];

    *seen = 0;
    memset(bytes, (int)at[5] & 255, sizeof bytes);
    switch (at[0] % 12) {
    case 0:
    case 1:
        if (*file >= 0)
            return CY_E_NONE;
        e = d->ops->open(d->self, names[at[2] % 6],
                         at[3] % 8 == 0 ? 0
                                        : CY_DISK_WRITE | CY_DISK_CREATE |
                                              (at[3] % 8 == 1 ? CY_DISK_EMPTY : 0),
                         file);
        if (!cy_ok(e))
            *file = -1;
        writable[at[1] % 4] = at[3] % 8 != 0;
        return e.code;
    case 2:
        if (*file >= 0)
            e = d->ops->close(d->self, *file);
        *file = -1;
        return e.code;
    case 3:
    case 4:
        if (*file >= 0 && writable[at[1] % 4])
            e = d->ops->write(d->self, *file, at[4] % 2000, cy_span_of(bytes, at[3] % 300));
        return e.code;
    case 5:
        if (*file >= 0)
            e = d->ops->read(d->self, *file, at[4] % 2000, bytes, at[3] % 300, &n);
        *seen = n == 0 ? 0 : n + cy_table_hash(bytes, n);
        return e.code;
    case 6:
        if (*file >= 0)
            e = d->ops->size(d->self, *file, &size);
        *seen = size;
        return e.code;
    case 7: return d->ops->make_dir(d->self, dirs[at[2] % 4]).code;
    case 8: /* a flush takes its time: now and then */
        return at[3] % 16 == 0 ? d->ops->sync_dir(d->self, dirs[at[2] % 5]).code : CY_E_NONE;
    case 9: return d->ops->list(d->self, dirs[at[2] % 5], add_name, seen).code;
    case 10: return d->ops->rename(d->self, names[at[2] % 6], names[at[3] % 6]).code;
    default: return d->ops->remove(d->self, names[at[2] % 6]).code;
    }
}

static void same_as_the_simulated_disk(void **s)
{
    struct place *p = *s;
    struct cy_sim_disk *sim = cy_sim_disk_new();
    const struct cy_disk other = cy_sim_disk_face(sim);
    int real_files[4] = {-1, -1, -1, -1};
    int sim_files[4] = {-1, -1, -1, -1};
    bool writable[4] = {false};
    unsigned refused = 0;

    dice_state = 7;
    for (unsigned i = 0; i < 8000; i++) {
        const unsigned at[6] = {dice(12), dice(4), dice(60), dice(3000), dice(5000), i};
        uint64_t real_seen = 0;
        uint64_t sim_seen = 0;
        const enum cy_code real = step(&p->disk, at, real_files, writable, &real_seen);
        const enum cy_code want = step(&other, at, sim_files, writable, &sim_seen);

        if (real != want || real_seen != sim_seen)
            fail_msg("step %u, call %u: real %s %llu, simulated %s %llu", i, at[0],
                     cy_err_info(real)->name, (unsigned long long)real_seen,
                     cy_err_info(want)->name, (unsigned long long)sim_seen);
        refused += real != CY_E_NONE;
    }
    assert_in_range(refused, 200, 6000);
    for (unsigned i = 0; i < 4; i++) {
        if (real_files[i] >= 0)
            assert_ok(p->disk.ops->close(p->disk.self, real_files[i]));
        if (sim_files[i] >= 0)
            assert_ok(other.ops->close(other.self, sim_files[i]));
    }
    cy_sim_disk_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files, start, finish),
        cmocka_unit_test_setup_teardown(long_writes, start, finish),
        cmocka_unit_test_setup_teardown(paths_stay_below, start, finish),
        cmocka_unit_test_setup_teardown(listing, start, finish),
        cmocka_unit_test_setup_teardown(one_writer, start, finish),
        cmocka_unit_test_setup_teardown(same_as_the_simulated_disk, start, finish),
        cmocka_unit_test(full_disk_is_soft),
        cmocka_unit_test_setup_teardown(opening, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
