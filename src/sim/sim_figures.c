#include "sim/sim_figures.h"

const char *cy_sim_passage_text(enum cy_sim_passage passage)
{
    static const char *const texts[] = {
#define X(NAME, text) text,
        CY_SIM_PASSAGES(X)
#undef X
    };

    CY_ASSERT(passage < CY_SIM_PASSAGE_COUNT);
    return texts[passage];
}

void cy_sim_federation_add(struct cy_sim_federation_figures *sum,
                           const struct cy_sim_federation_figures *one)
{
    const uint64_t longest = sum->live_ms > one->live_ms ? sum->live_ms : one->live_ms;
    uint64_t *to = (uint64_t *)sum;
    const uint64_t *from = (const uint64_t *)one;

    _Static_assert(sizeof *sum % sizeof(uint64_t) == 0, "numbers of 64 bits alone");
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
    sum->live_ms = longest;
}
