#include "kernel/agreement.h"

#include "crypto/ed25519.h"
#include "wire/note.h"
#include "wire/vote.h"

struct cy_id cy_agreement_value(struct cy_span origin, uint64_t size, const struct cy_id *root)
{
    char bytes[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(bytes, sizeof bytes);

    cy_checkpoint_write(&text, origin, size, root);
    CY_ASSERT(!text.full); /* an origin is a name of at most 255 bytes */
    return cy_sha256(cy_text_bytes(&text));
}

static const struct cy_agreement_voter *voter_of(const struct cy_agreement_voters *voters,
                                                 uint32_t seat)
{
    for (uint32_t i = 0; i < voters->n; i++) {
        if (voters->voter[i].seat == seat)
            return &voters->voter[i];
    }
    return NULL;
}

static uint64_t whole(const struct cy_agreement_voters *voters)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < voters->n; i++)
        sum += voters->voter[i].weight;
    return sum;
}

bool cy_agreement_quorum(const struct cy_agreement_voters *voters, uint64_t weight)
{
    return weight * 3 > whole(voters) * 2;
}

/* The weight of the ballots up to a time. */
static uint64_t weight_until(const struct cy_agreement_voters *voters,
                             const struct cy_ballot_entry *ballots, uint32_t n, cy_time time)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct cy_agreement_voter *voter = voter_of(voters, ballots[i].seat);

        sum += voter != NULL && ballots[i].time <= time ? voter->weight : 0;
    }
    return sum;
}

cy_time cy_agreement_median(const struct cy_agreement_voters *voters,
                            const struct cy_ballot_entry *ballots, uint32_t n)
{
    const uint64_t all = weight_until(voters, ballots, n, UINT64_MAX);
    cy_time least = UINT64_MAX;

    /* the least time up to which at least half of the weight stands */
    for (uint32_t i = 0; i < n; i++) {
        if (ballots[i].time < least && weight_until(voters, ballots, n, ballots[i].time) * 2 >= all)
            least = ballots[i].time;
    }
    return n == 0 ? 0 : least;
}

static bool ballot_holds(const struct cy_agreement_head *head, const struct cy_id *value,
                         const struct cy_ballot_entry *ballot, const struct cy_id *key)
{
    const struct cy_vote vote = {.origin = head->origin,
                                 .height = head->height,
                                 .round = head->round,
                                 .step = CY_VOTE_PRECOMMIT,
                                 .after = CY_NO_ROUND,
                                 .value = *value,
                                 .time = ballot->time};
    char bytes[CY_VOTE_TEXT_MAX];
    struct cy_text text = cy_text_on(bytes, sizeof bytes);
    struct cy_signature signature;

    if (ballot->signature.n != sizeof signature.b)
        return false;
    cy_vote_write(&text, &vote);
    CY_ASSERT(!text.full);
    memcpy(signature.b, ballot->signature.at, sizeof signature.b);
    return cy_ok(cy_ed25519_verify_strict(key, cy_text_bytes(&text), &signature));
}

cy_err cy_agreement_check(const struct cy_agreement_voters *voters,
                          const struct cy_agreement_head *head,
                          const struct cy_ballot_entry *ballots, uint32_t n, cy_time *time)
{
    const struct cy_id value = cy_agreement_value(head->origin, head->size, &head->root);
    uint64_t weight = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct cy_agreement_voter *voter = voter_of(voters, ballots[i].seat);

        if (voter == NULL || (i > 0 && ballots[i].seat <= ballots[i - 1].seat))
            return cy_fail(CY_E_BAD_BALLOT, i);
        weight += voter->weight;
    }
    if (!cy_agreement_quorum(voters, weight))
        return cy_fail(CY_E_BAD_CERTIFICATE, n);
    for (uint32_t i = 0; i < n; i++) { /* after what costs little */
        if (!ballot_holds(head, &value, &ballots[i], &voter_of(voters, ballots[i].seat)->key))
            return cy_fail(CY_E_BAD_BALLOT, i);
    }
    *time = cy_agreement_median(voters, ballots, n);
    return CY_OK;
}
