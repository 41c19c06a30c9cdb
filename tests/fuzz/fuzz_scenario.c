/* scenarios: what is read is written again to a text that reads to the same plan. */
#include "fuzz.h"

#include "sim/sim_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char memory[2][CY_SIM_PLAN_TEXT_MAX];
    static struct cy_sim_plan plan;
    struct cy_text first = cy_text_on(memory[0], sizeof memory[0]);
    struct cy_text second = cy_text_on(memory[1], sizeof memory[1]);

    if (!cy_ok(cy_sim_plan_read(cy_span_of(data, size), &plan)))
        return 0;
    cy_sim_plan_write(&first, &plan);
    CY_ASSERT(!first.full);
    CY_ASSERT(cy_ok(cy_sim_plan_read(cy_text_bytes(&first), &plan)));
    cy_sim_plan_write(&second, &plan);
    CY_ASSERT(cy_span_eq(cy_text_bytes(&first), cy_text_bytes(&second)));
    return 0;
}
