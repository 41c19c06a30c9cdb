/* The file `agreement` of any bytes: damaged, or read and written back to the same bytes. */
#include "fuzz.h"

#include "realm/promise.h"
#include "sim/sim_disk.h"

#include "crypto/hash.h"

static uint8_t room[CY_PROMISE_BYTES];
static uint8_t copy[CY_PROMISE_BYTES];

static void put(const struct cy_disk *disk, struct cy_span bytes)
{
    CY_ASSERT(cy_ok(cy_disk_put(disk, CY_PROMISE_FILE, CY_DISK_FRESH "/agreement", bytes)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_sim_disk *sim = cy_sim_disk_new();
    const struct cy_disk disk = cy_sim_disk_face(sim);
    struct cy_promise promise;
    struct cy_span again;

    CY_ASSERT(cy_ok(cy_disk_make_dirs(&disk, CY_DISK_FRESH)));
    put(&disk, cy_span_of(data, size));
    (void)!cy_ok(cy_promise_load(&disk, &promise, room));
    if (size >= 40 && size <= sizeof copy) { /* the sum is no obstacle to a fuzzer */
        struct cy_id sum = cy_sha256(cy_span_of(data + 40, size - 40));

        memcpy(copy, data, size);
        memcpy(copy, "CYAGREE1", 8);
        memcpy(copy + 8, sum.b, sizeof sum.b);
        put(&disk, cy_span_of(copy, size));
        if (cy_ok(cy_promise_load(&disk, &promise, room))) {
            static uint8_t scratch[CY_PROMISE_BYTES];

            CY_ASSERT(cy_ok(cy_promise_save(&disk, &promise, scratch)));
            CY_ASSERT(cy_sim_disk_bytes(sim, CY_PROMISE_FILE, &again));
            CY_ASSERT(cy_span_eq(again, cy_span_of(copy, size)));
        }
    }
    cy_sim_disk_free(sim);
    return 0;
}
