/* sim_disk: it gives what the contract of ledger/disk.h says, and nothing more. */
#include "sim/sim_disk.h"

#include "cm.h"

static struct cy_sim_disk *sim_;
static struct cy_disk disk_;

static int start(void **s)
{
    (void)s;
    sim_ = cy_sim_disk_new();
    disk_ = cy_sim_disk_face(sim_);
    return sim_ == NULL;
}

static int stop(void **s)
{
    (void)s;
    cy_sim_disk_free(sim_);
    return 0;
}

static int file_open(const char *path)
{
    int file = -1;

    assert_ok(disk_.ops->open(disk_.self, path, CY_DISK_WRITE | CY_DISK_CREATE, &file));
    return file;
}

static void file_write(int file, uint64_t offset, const char *words)
{
    assert_ok(disk_.ops->write(disk_.self, file, offset, cy_span_text(words)));
}

static void file_is(const char *path, const char *words)
{
    struct cy_span bytes;

    if (words == NULL) {
        assert_false(cy_sim_disk_bytes(sim_, path, &bytes));
        return;
    }
    assert_true(cy_sim_disk_bytes(sim_, path, &bytes));
    assert_true(cy_span_eq(bytes, cy_span_text(words)));
}

static void synced_bytes_stay(void **s)
{
    const int file = file_open("a");

    (void)s;
    file_write(file, 0, "hello");
    assert_ok(disk_.ops->sync_dir(disk_.self, ""));
    assert_ok(disk_.ops->sync(disk_.self, file));
    file_write(file, 3, "ping!");
    file_is("a", "helping!");
    cy_sim_disk_power_cut(sim_, 0);
    file_is("a", "hello");
}

static void unsynced_names_go(void **s)
{
    const int file = file_open("a");

    (void)s;
    file_write(file, 0, "hello");
    assert_ok(disk_.ops->sync(disk_.self, file));
    cy_sim_disk_power_cut(sim_, 0);
    file_is("a", NULL);
}

/* Over many seeds an unsynced write is seen absent, whole, as a prefix and in sectors. */
static void every_fate_of_a_write(void **s)
{
    unsigned absent = 0;
    unsigned whole = 0;
    unsigned prefix = 0;
    unsigned sectors = 0;

    (void)s;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        static char words[2049];
        struct cy_span bytes;
        size_t same = 0;
        int file = -1;

        memset(words, 'x', 2048);
        cy_sim_disk_free(sim_);
        (void)start(s);
        file = file_open("a");
        assert_ok(disk_.ops->sync_dir(disk_.self, ""));
        file_write(file, 0, words);
        cy_sim_disk_power_cut(sim_, seed);
        assert_true(cy_sim_disk_bytes(sim_, "a", &bytes));
        while (same < bytes.n && bytes.at[same] == 'x')
            same++;
        absent += bytes.n == 0;
        whole += same == 2048;
        prefix += same == bytes.n && same > 0 && same < 2048 && same % 512 != 0;
        sectors += same < bytes.n;
    }
    assert_true(absent > 0);
    assert_true(whole > 0);
    assert_true(prefix > 0);
    assert_true(sectors > 0);
}

static void renames_are_atomic(void **s)
{
    unsigned old = 0;
    unsigned fresh = 0;

    (void)s;
    for (uint64_t seed = 0; seed <= 50; seed++) {
        struct cy_span bytes;

        cy_sim_disk_free(sim_);
        (void)start(s);
        assert_ok(cy_disk_replace(&disk_, "a", "a.new", cy_span_text("old")));
        assert_ok(cy_disk_put(&disk_, "a", "a.new", cy_span_text("fresh")));
        cy_sim_disk_power_cut(sim_, seed);
        assert_true(cy_sim_disk_bytes(sim_, "a", &bytes));
        if (cy_span_eq(bytes, cy_span_text("fresh"))) {
            fresh++;
            file_is("a.new", NULL);
        } else {
            assert_true(cy_span_eq(bytes, cy_span_text("old")));
            old++;
        }
        assert_true(cy_ok(cy_disk_replace(&disk_, "a", "a.new", cy_span_text("again"))));
        cy_sim_disk_power_cut(sim_, seed);
        file_is("a", "again");
    }
    assert_true(old > 0);
    assert_true(fresh > 0);
}

static void directories(void **s)
{
    int file = -1;

    (void)s;
    assert_code(disk_.ops->open(disk_.self, "d/a", CY_DISK_WRITE | CY_DISK_CREATE, &file), NO_FILE);
    assert_code(disk_.ops->make_dir(disk_.self, "d/e"), NO_FILE);
    assert_ok(disk_.ops->make_dir(disk_.self, "d"));
    assert_ok(cy_disk_replace(&disk_, "d/a", "d/b", cy_span_text("x")));
    cy_sim_disk_power_cut(sim_, 0); /* the directory's own name was never synced */
    file_is("d/a", NULL);
    assert_ok(cy_disk_make_dirs(&disk_, "d/e/f"));
    assert_ok(cy_disk_replace(&disk_, "d/e/f/a", "d/b", cy_span_text("x")));
    cy_sim_disk_power_cut(sim_, 0);
    file_is("d/e/f/a", "x");
    assert_code(disk_.ops->remove(disk_.self, "d/e/f"), DISK_FAILED);
    assert_ok(disk_.ops->remove(disk_.self, "d/e/f/a"));
    assert_ok(disk_.ops->remove(disk_.self, "d/e/f"));
    assert_code(disk_.ops->remove(disk_.self, "d/e/f"), NO_FILE);
}

static void planned_trouble(void **s)
{
    const int file = file_open("a");
    struct cy_span bytes;

    (void)s;
    cy_sim_disk_fail_at(sim_, 1, CY_E_NO_SPACE);
    assert_code(disk_.ops->write(disk_.self, file, 0, cy_span_text("1234")), NO_SPACE);
    file_is("a", "12");
    file_write(file, 0, "1234");
    assert_ok(disk_.ops->sync_dir(disk_.self, ""));
    cy_sim_disk_fail_at(sim_, 1, CY_E_NO_SPACE);
    assert_code(disk_.ops->sync(disk_.self, file), DISK_FAILED);
    assert_ok(disk_.ops->sync(disk_.self, file)); /* too late: what was dropped stays dropped */
    file_is("a", "1234");
    cy_sim_disk_power_cut(sim_, 0);
    file_is("a", "");
    cy_sim_disk_space(sim_, 6);
    {
        const int again = file_open("a");

        assert_code(disk_.ops->write(disk_.self, again, 0, cy_span_text("12345678")), NO_SPACE);
        file_is("a", "123456");
        cy_sim_disk_space(sim_, 8);
        file_write(again, 0, "12345678");
        assert_ok(disk_.ops->sync(disk_.self, again));
    }
    assert_true(cy_sim_disk_flip(sim_, "a", 7, 1));
    assert_false(cy_sim_disk_flip(sim_, "a", 8, 1));
    assert_true(cy_sim_disk_bytes(sim_, "a", &bytes));
    assert_int_equal(bytes.at[7], '9');
}

static void power_goes_in_the_middle(void **s)
{
    const int file = file_open("a");

    (void)s;
    assert_ok(disk_.ops->sync_dir(disk_.self, ""));
    cy_sim_disk_cut_at_byte(sim_, 3);
    file_write(file, 0, "12");
    assert_code(disk_.ops->write(disk_.self, file, 2, cy_span_text("345")), DISK_FAILED);
    file_is("a", "123");
    assert_true(cy_sim_disk_dead(sim_));
    assert_code(disk_.ops->sync(disk_.self, file), DISK_FAILED);
    cy_sim_disk_power_cut(sim_, 0);
    file_is("a", "");
    cy_sim_disk_cut_at_call(sim_, 2);
    {
        const int again = file_open("a");

        assert_code(disk_.ops->write(disk_.self, again, 0, cy_span_text("1")), DISK_FAILED);
    }
}

static void one_writer(void **s)
{
    (void)s;
    assert_ok(disk_.ops->lock(disk_.self));
    assert_code(disk_.ops->lock(disk_.self), LEDGER_BUSY);
    disk_.ops->unlock(disk_.self);
    assert_ok(disk_.ops->lock(disk_.self));
    cy_sim_disk_kill(sim_);
    assert_ok(disk_.ops->lock(disk_.self));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        T(synced_bytes_stay),        T(unsynced_names_go), T(every_fate_of_a_write),
        T(renames_are_atomic),       T(directories),       T(planned_trouble),
        T(power_goes_in_the_middle), T(one_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
