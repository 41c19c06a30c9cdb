/* Policies: whatever is read has two quorums that meet in exactly the least number of operators,
 * and a set that meets the policy still does with more signers. */
#include "fuzz.h"

#include "kernel/quorum.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cy_quorum quorum;
    struct cy_quorum_meet meet;
    struct cy_quorum_set both;
    char words[512];
    struct cy_text out = cy_text_on(words, sizeof words);

    if (!cy_ok(cy_quorum_read(cy_span_of(data, size), &quorum)))
        return 0;
    CY_ASSERT(quorum.n <= CY_QUORUM_NODES_MAX);
    if (!cy_ok(cy_quorum_meet(&quorum, &meet)))
        return 0;
    CY_ASSERT(cy_quorum_met(&quorum, &meet.a));
    CY_ASSERT(cy_quorum_met(&quorum, &meet.b));
    for (size_t i = 0; i < CY_COUNT(both.bits); i++)
        both.bits[i] = meet.a.bits[i] & meet.b.bits[i];
    CY_ASSERT(cy_quorum_diversity(&quorum, &both) == meet.least);
    for (uint32_t i = 0; i < quorum.n; i++) {
        cy_quorum_put(&meet.a, i);
        CY_ASSERT(cy_quorum_met(&quorum, &meet.a));
    }
    cy_quorum_explain(&quorum, &meet, &out);
    return 0;
}
