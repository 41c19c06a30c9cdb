/* snapshot: what was written comes back; two are kept; every damaged byte is found and named. */
#include "ledger/snapshot.h"

#include "sim/sim_disk.h"

#include "cm.h"

static struct cy_sim_disk *sim_;
static struct cy_disk disk_;
static struct cy_disk_fault fault_;
static uint8_t buffer_[CY_SNAPSHOT_CHUNK];
static uint8_t records_[300000];

static int start(void **s)
{
    (void)s;
    sim_ = cy_sim_disk_new();
    disk_ = cy_sim_disk_face(sim_);
    for (size_t i = 0; i < sizeof records_; i++)
        records_[i] = (uint8_t)(i * 31 + i / 251);
    return sim_ == NULL;
}

static int stop(void **s)
{
    (void)s;
    cy_sim_disk_free(sim_);
    return 0;
}

static struct cy_snapshot_head head_of(uint64_t size)
{
    struct cy_snapshot_head head = {.size = size, .number = size + 3, .rules = 2};

    memset(head.tree_root.b, 0x11, 32);
    memset(head.state_root.b, (int)(size & 255), 32);
    return head;
}

/* Three tables: one of many records, an empty one, one of a single large record. */
static cy_err write_one(uint64_t size, uint64_t count)
{
    const struct cy_snapshot_head head = head_of(size);
    struct cy_snapshot_writer writer;
    cy_err err = cy_snapshot_begin(&writer, &disk_, &head);

    if (cy_ok(err))
        err = cy_snapshot_section(&writer, 7, 24, count);
    if (cy_ok(err) && count > 3) /* in two pieces, of which the second is split again */
        err = cy_snapshot_chunk(&writer, cy_span_of(records_, 24 * 3));
    if (cy_ok(err) && count > 3)
        err = cy_snapshot_chunk(&writer, cy_span_of(records_ + 24 * 3, 24 * (count - 3)));
    if (cy_ok(err) && count <= 3)
        err = cy_snapshot_chunk(&writer, cy_span_of(records_, 24 * count));
    if (cy_ok(err))
        err = cy_snapshot_section(&writer, 8, 100, 0);
    if (cy_ok(err))
        err = cy_snapshot_section(&writer, 9, 300, 1);
    if (cy_ok(err))
        err = cy_snapshot_chunk(&writer, cy_span_of(records_, 300));
    if (cy_ok(err))
        err = cy_snapshot_end(&writer);
    cy_snapshot_abandon(&writer);
    return err;
}

static struct {
    uint32_t sections;
    uint32_t table;
    uint64_t count;
    uint64_t n;
} seen_;

static cy_err on_section(void *user, uint32_t table, uint32_t record_size, uint64_t count)
{
    (void)user;
    assert_int_equal(table, 7 + seen_.sections);
    assert_int_equal(record_size, table == 7 ? 24 : table == 8 ? 100 : 300);
    seen_.sections++;
    seen_.table = table;
    seen_.n = 0;
    if (table == 7)
        seen_.count = count;
    return CY_OK;
}

static cy_err on_chunk(void *user, uint32_t table, struct cy_span records)
{
    (void)user;
    assert_int_equal(table, seen_.table);
    assert_memory_equal(records.at, records_ + seen_.n, records.n);
    seen_.n += records.n;
    return CY_OK;
}

static cy_err read_one(uint64_t size, struct cy_snapshot_head *head)
{
    const struct cy_snapshot_reader reader = {on_section, on_chunk, NULL};

    memset(&seen_, 0, sizeof seen_);
    memset(&fault_, 0, sizeof fault_);
    return cy_snapshot_read(&disk_, size, &reader, buffer_, head, &fault_);
}

static void comes_back(void **s)
{
    const uint64_t counts[] = {0, 1, 3, 4, 12000};

    (void)s;
    for (unsigned i = 0; i < CY_COUNT(counts); i++) {
        const struct cy_snapshot_head want = head_of(i);
        struct cy_snapshot_head head;

        assert_ok(write_one(i, counts[i]));
        cy_sim_disk_power_cut(sim_, 0);
        assert_ok(read_one(i, &head));
        assert_true(head.size == want.size);
        assert_true(head.number == want.number);
        assert_int_equal(head.rules, want.rules);
        assert_memory_equal(&head.tree_root, &want.tree_root, 32);
        assert_memory_equal(&head.state_root, &want.state_root, 32);
        assert_int_equal(seen_.sections, 3);
        assert_true(seen_.count == counts[i]);
        assert_true(seen_.n == 300);
    }
}

static void two_are_kept(void **s)
{
    uint64_t sizes[CY_SNAPSHOT_LIST_MAX];
    struct cy_snapshot_head head;
    bool usable = true;
    uint32_t n = 9;

    (void)s;
    assert_ok(cy_snapshot_list(&disk_, sizes, &n));
    assert_int_equal(n, 0);
    assert_code(cy_snapshot_choose(&disk_, buffer_, &head, &usable, &fault_), NO_SNAPSHOT);
    assert_false(usable);
    for (uint64_t size = 10; size <= 100; size += 30)
        assert_ok(write_one(size, 5));
    assert_ok(cy_snapshot_list(&disk_, sizes, &n));
    assert_int_equal(n, 2);
    assert_true(sizes[0] == 100);
    assert_true(sizes[1] == 70);
    assert_ok(cy_snapshot_choose(&disk_, buffer_, &head, &usable, &fault_));
    assert_true(usable);
    assert_true(head.size == 100);
    assert_code(read_one(10, &head), NO_SNAPSHOT);
}

static void damage_is_named(void **s)
{
    const char *path = "snapshots/00000000000000000090";
    struct cy_snapshot_head head;
    struct cy_span bytes;
    bool usable = false;
    int file = -1;

    (void)s;
    assert_ok(write_one(50, 5));
    assert_ok(write_one(90, 5));
    assert_true(cy_sim_disk_bytes(sim_, path, &bytes));
    for (uint64_t at = 0; at < bytes.n; at++) {
        assert_true(cy_sim_disk_flip(sim_, path, at, (uint8_t)(1u << at % 8)));
        assert_code(cy_snapshot_choose(&disk_, buffer_, &head, &usable, &fault_), SNAPSHOT_DAMAGED);
        assert_string_equal(fault_.path, path);
        assert_true(fault_.offset <= at);
        assert_true(at - fault_.offset < CY_SNAPSHOT_HEAD + 300);
        assert_true(usable);
        assert_true(head.size == 50);
        assert_true(cy_sim_disk_flip(sim_, path, at, (uint8_t)(1u << at % 8)));
    }
    assert_ok(disk_.ops->open(disk_.self, path, CY_DISK_WRITE, &file));
    for (uint64_t size = bytes.n - 1; size > 0; size -= size > 7 ? 7 : 1) { /* cut short */
        assert_ok(disk_.ops->truncate(disk_.self, file, size));
        assert_code(read_one(90, &head), SNAPSHOT_DAMAGED);
    }
    assert_ok(disk_.ops->close(disk_.self, file));
    assert_true(cy_sim_disk_flip(sim_, "snapshots/00000000000000000050", 200, 1));
    assert_code(cy_snapshot_choose(&disk_, buffer_, &head, &usable, &fault_), SNAPSHOT_DAMAGED);
    assert_string_equal(fault_.path, path); /* the newest one is named */
    assert_false(usable);
}

static void more_bytes_and_other_names(void **s)
{
    struct cy_snapshot_head head;
    struct cy_span bytes;
    int file = -1;

    (void)s;
    assert_ok(write_one(5, 2));
    assert_ok(disk_.ops->rename(disk_.self, "snapshots/00000000000000000005",
                                "snapshots/00000000000000000006"));
    assert_code(read_one(6, &head), SNAPSHOT_DAMAGED);
    assert_ok(write_one(7, 2));
    assert_true(cy_sim_disk_bytes(sim_, "snapshots/00000000000000000007", &bytes));
    assert_ok(disk_.ops->open(disk_.self, "snapshots/00000000000000000007", CY_DISK_WRITE, &file));
    assert_ok(disk_.ops->write(disk_.self, file, bytes.n, cy_span_text("x")));
    assert_ok(disk_.ops->close(disk_.self, file));
    assert_code(read_one(7, &head), SNAPSHOT_DAMAGED);
}

/* A snapshot that fails at any call leaves the ones before it, and the next attempt succeeds. */
static void failing_calls(void **s)
{
    struct cy_snapshot_head head;
    unsigned failures = 0;
    bool usable = false;

    (void)s;
    assert_ok(write_one(1, 5));
    for (uint64_t call = 1;; call++) {
        cy_err err = CY_OK;

        cy_sim_disk_fail_at(sim_, call, call % 2 ? CY_E_NO_SPACE : CY_E_DISK_FAILED);
        err = write_one(2, 50);
        cy_sim_disk_fail_at(sim_, 0, CY_E_NO_SPACE);
        assert_ok(cy_snapshot_choose(&disk_, buffer_, &head, &usable, &fault_));
        if (cy_ok(err))
            break;
        assert_true(err.code == CY_E_NO_SPACE || err.code == CY_E_DISK_FAILED);
        failures++;
        if (head.size == 2) /* only the clean-up after the rename failed */
            continue;
        assert_true(head.size == 1);
    }
    assert_true(failures > 10);
    assert_true(head.size == 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        T(comes_back),    T(two_are_kept), T(damage_is_named), T(more_bytes_and_other_names),
        T(failing_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
