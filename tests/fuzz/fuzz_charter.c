/* Charters: any bytes are refused with a reason, or are a charter in the order of its parties'
 * names whose floors are not above its caps. */
#include "fuzz.h"

#include "models/allocate/allocate_charter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_desk desk = {.out = stdout, .err = stderr};
    struct cy_allocate_charter charter;
    struct cy_desk_fault fault;

    if (size > 1 << 16)
        return 0;
    if (cy_ok(cy_allocate_charter_read(&desk, cy_span_of(data, size), NULL, &charter, &fault))) {
        CY_ASSERT(charter.n_parties > 0 && charter.lot > 0 && charter.office[0] != 0);
        for (uint32_t p = 0; p < charter.n_parties; p++) {
            CY_ASSERT(mpq_cmp(charter.parties[p].floor, charter.parties[p].cap) <= 0);
            CY_ASSERT(mpq_cmp(charter.parties[p].cap, charter.parties[p].claim) <= 0);
            CY_ASSERT(p == 0 || strcmp(charter.parties[p - 1].name, charter.parties[p].name) < 0);
        }
    } else
        CY_ASSERT(fault.why[0] != 0);
    cy_allocate_charter_free(&charter);
    cy_desk_end(&desk);
    return 0;
}
