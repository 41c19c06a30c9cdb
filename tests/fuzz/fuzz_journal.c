/* The journal on a directory whose only segment is any bytes: opening either refuses and leaves the
 * file alone, or replays contiguous numbers; opening again then gives the same records. */
#include "fuzz.h"

#include "ledger/journal.h"
#include "sim/sim_disk.h"

#define PATH "journal/00000000000000000000"

static _Alignas(16) uint8_t memory_[3 * (CY_JOURNAL_RECORD_HEAD + CY_JOURNAL_PAYLOAD_MAX + 64)];

struct seen {
    uint64_t n;
    uint64_t bytes;
};

static cy_err replay(void *user, uint64_t number, uint32_t kind, struct cy_span payload)
{
    struct seen *seen = user;

    (void)kind;
    CY_ASSERT(number == seen->n);
    CY_ASSERT(payload.n <= CY_JOURNAL_PAYLOAD_MAX);
    seen->n++;
    seen->bytes += payload.n;
    return CY_OK;
}

static cy_err open_journal(const struct cy_disk *disk, struct cy_journal *journal,
                           struct seen *seen)
{
    const struct cy_journal_options options = {.dir = "journal",
                                               .segment_bytes = 1 << 20,
                                               .batch_bytes =
                                                   CY_JOURNAL_RECORD_HEAD + CY_JOURNAL_PAYLOAD_MAX,
                                               .segments_max = 4};
    struct cy_arena arena = cy_arena_on(memory_, sizeof memory_);
    struct cy_journal_report report;
    struct cy_disk_fault fault;

    *seen = (struct seen){0};
    return cy_journal_open(journal, disk, &options, &arena, 0, replay, seen, &report, &fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_sim_disk *sim = cy_sim_disk_new();
    const struct cy_disk disk = cy_sim_disk_face(sim);
    static struct cy_journal journal;
    struct seen first;
    struct seen again;
    cy_err err = CY_OK;

    CY_ASSERT(cy_ok(cy_disk_make_dirs(&disk, "journal")));
    CY_ASSERT(cy_ok(cy_disk_replace(&disk, PATH, "journal/fresh", cy_span_of(data, size))));
    err = open_journal(&disk, &journal, &first);
    if (cy_ok(err)) {
        CY_ASSERT(first.bytes <= size);
        CY_ASSERT(cy_ok(cy_journal_close(&journal)));
        cy_sim_disk_power_cut(sim, 0);
        CY_ASSERT(cy_ok(open_journal(&disk, &journal, &again)));
        CY_ASSERT(again.n == first.n);
        CY_ASSERT(again.bytes == first.bytes);
        CY_ASSERT(cy_ok(cy_journal_close(&journal)));
    } else {
        struct cy_span bytes;

        CY_ASSERT(err.code == CY_E_JOURNAL_DAMAGED || err.code == CY_E_JOURNAL_GAP);
        CY_ASSERT(cy_sim_disk_bytes(sim, PATH, &bytes));
        CY_ASSERT(cy_span_eq(bytes, cy_span_of(data, size)));
    }
    cy_sim_disk_free(sim);
    return 0;
}
