/* A snapshot file of any bytes: refused, or read as sections of whole records; what is read and
 * written again is the same file. */
#include "fuzz.h"

#include "ledger/snapshot.h"
#include "sim/sim_disk.h"

#define PATH "snapshots/00000000000000000042"

struct copy {
    struct cy_snapshot_writer writer;
    uint64_t left;
    uint32_t record_size;
};

static cy_err on_section(void *user, uint32_t table, uint32_t record_size, uint64_t count)
{
    struct copy *copy = user;

    CY_ASSERT(copy->left == 0);
    copy->left = record_size * count;
    copy->record_size = record_size;
    return cy_snapshot_section(&copy->writer, table, record_size, count);
}

static cy_err on_chunk(void *user, uint32_t table, struct cy_span records)
{
    struct copy *copy = user;

    (void)table;
    CY_ASSERT(records.n > 0);
    CY_ASSERT(records.n <= copy->left);
    CY_ASSERT(records.n % copy->record_size == 0);
    copy->left -= records.n;
    return cy_snapshot_chunk(&copy->writer, records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t buffer[CY_SNAPSHOT_CHUNK];
    struct cy_sim_disk *sim = cy_sim_disk_new();
    struct cy_sim_disk *other_sim = cy_sim_disk_new();
    const struct cy_disk disk = cy_sim_disk_face(sim);
    const struct cy_disk other = cy_sim_disk_face(other_sim);
    const struct cy_snapshot_reader nobody = {0};
    static struct copy copy;
    const struct cy_snapshot_reader reader = {on_section, on_chunk, &copy};
    struct cy_snapshot_head head;
    struct cy_disk_fault fault;
    cy_err err = CY_OK;

    CY_ASSERT(cy_ok(cy_disk_make_dirs(&disk, "snapshots")));
    CY_ASSERT(cy_ok(cy_disk_replace(&disk, PATH, "snapshots/x", cy_span_of(data, size))));
    err = cy_snapshot_read(&disk, 42, &nobody, buffer, &head, &fault);
    if (cy_ok(err)) {
        struct cy_span bytes;

        memset(&copy, 0, sizeof copy);
        CY_ASSERT(cy_ok(cy_snapshot_begin(&copy.writer, &other, &head)));
        CY_ASSERT(cy_ok(cy_snapshot_read(&disk, 42, &reader, buffer, &head, &fault)));
        CY_ASSERT(copy.left == 0);
        CY_ASSERT(cy_ok(cy_snapshot_end(&copy.writer)));
        CY_ASSERT(cy_sim_disk_bytes(other_sim, PATH, &bytes));
        /* chunks may have been cut differently, never the records: at least the head is the same */
        CY_ASSERT(memcmp(bytes.at, data, CY_SNAPSHOT_HEAD) == 0);
    } else {
        CY_ASSERT(err.code == CY_E_SNAPSHOT_DAMAGED || err.code == CY_E_SNAPSHOT_VERSION);
        CY_ASSERT(fault.offset <= size);
    }
    cy_sim_disk_free(sim);
    cy_sim_disk_free(other_sim);
    return 0;
}
