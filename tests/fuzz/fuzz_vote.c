/* votes: what is read is written back to the same bytes. */
#include "fuzz.h"

#include "wire/vote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char memory[CY_VOTE_TEXT_MAX];
    struct cy_text again = cy_text_on(memory, sizeof memory);
    struct cy_vote vote;

    if (!cy_ok(cy_vote_read(cy_span_of(data, size), &vote)))
        return 0;
    CY_ASSERT(vote.step != CY_VOTE_PROPOSE || !cy_id_none(&vote.value));
    CY_ASSERT(!cy_vote_conflict(&vote, &vote));
    cy_vote_write(&again, &vote);
    CY_ASSERT(!again.full);
    CY_ASSERT(cy_span_eq(cy_text_bytes(&again), cy_span_of(data, size)));
    return 0;
}
