#include "sim/sim_signer.h"

void cy_sim_signer_new(struct cy_sim_signer *signer, struct cy_sim_dice *dice)
{
    *signer = (struct cy_sim_signer){.votes = {.lock = {.round = CY_NO_ROUND}}};
    for (unsigned i = 0; i < CY_SIM_SEAT_KEYS; i++) {
        uint8_t seed[32];

        cy_sim_fill(dice, seed, sizeof seed);
        cy_secret_of(seed, &signer->secret[i], &signer->key[i]);
    }
}

void cy_sim_signer_raw(const struct cy_sim_signer *signer, enum cy_sim_seat_key which,
                       struct cy_span bytes, uint8_t signature[64])
{
    struct cy_signature out;

    cy_secret_sign(&signer->secret[which], bytes, &out);
    memcpy(signature, out.b, sizeof out.b);
}

/* --- votes --- */

/* Steps in their order: a proposal comes before the prevote, that before the precommit. */
static unsigned order(enum cy_vote_step step)
{
    return step == CY_VOTE_PROPOSE ? 0 : step == CY_VOTE_PREVOTE ? 1 : 2;
}

static bool said_later_step(const struct cy_sim_votes *votes, enum cy_vote_step step)
{
    for (unsigned s = 0; s < CY_COUNT(votes->has); s++) {
        if (votes->has[s] && order((enum cy_vote_step)s) > order(step))
            return true;
    }
    return false;
}

/* Of two locks that one member may hold one after the other, the later stays. */
static cy_err lock_on(struct cy_sim_votes *votes, const struct cy_vote_lock *lock)
{
    if (lock->round == CY_NO_ROUND)
        return CY_OK;
    if (lock->round > votes->round || cy_id_none(&lock->value) ||
        (lock->round == votes->lock.round && !cy_id_eq(&lock->value, &votes->lock.value)))
        return cy_fail(CY_E_VOTE_CONFLICT, lock->round);
    if (votes->lock.round == CY_NO_ROUND || lock->round > votes->lock.round)
        votes->lock = *lock;
    return CY_OK;
}

/* The vote to sign, the one asked for or the one said before; votes is then what is remembered. */
static cy_err judge(struct cy_sim_votes *votes, const struct cy_vote *vote,
                    const struct cy_vote_lock *lock, struct cy_vote *said)
{
    const struct cy_vote_lock precommitted = {vote->round, vote->value};

    *said = *vote;
    if (vote->height < votes->height ||
        (vote->height == votes->height && vote->round < votes->round))
        return cy_fail(CY_E_VOTE_BACK, votes->height);
    if (vote->height > votes->height || vote->round > votes->round)
        memset(votes->has, 0, sizeof votes->has);
    if (vote->height > votes->height)
        votes->lock = (struct cy_vote_lock){.round = CY_NO_ROUND};
    votes->height = vote->height;
    votes->round = vote->round;
    if (votes->has[vote->step]) {
        *said = votes->said[vote->step];
        said->origin = vote->origin; /* the one remembered points into a life that is over */
        return CY_OK;
    }
    if (said_later_step(votes, vote->step))
        return cy_fail(CY_E_VOTE_BACK, votes->height);
    CY_TRY(lock_on(votes, lock));
    if (vote->step == CY_VOTE_PRECOMMIT && !cy_id_none(&vote->value))
        CY_TRY(lock_on(votes, &precommitted));
    votes->has[vote->step] = true;
    votes->said[vote->step] = *vote;
    return CY_OK;
}

cy_err cy_sim_signer_vote(struct cy_sim_signer *signer, const struct cy_vote *vote,
                          const struct cy_vote_lock *lock, struct cy_vote *said,
                          uint8_t signature[64])
{
    char memory[CY_VOTE_TEXT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    struct cy_sim_votes votes = signer->votes;
    const cy_err err = judge(&votes, vote, lock, said);

    if (signer->forgets) {
        *said = *vote;
    } else {
        CY_TRY(err);
        signer->again += !cy_id_eq(&said->value, &vote->value);
        signer->votes = votes; /* a refusal leaves all as it was */
    }
    cy_vote_write(&text, said);
    cy_sim_signer_raw(signer, CY_SIM_KEY_VOTE, cy_text_bytes(&text), signature);
    return CY_OK;
}

void cy_sim_signer_last(const struct cy_sim_signer *signer, struct cy_vote_last *out)
{
    const struct cy_sim_votes *votes = &signer->votes;

    *out = (struct cy_vote_last){.lock = {.round = CY_NO_ROUND}};
    if (votes->height == 0 || signer->forgets)
        return;
    *out = (struct cy_vote_last){.any = true,
                                 .height = votes->height,
                                 .round = votes->round,
                                 .step = CY_VOTE_PROPOSE,
                                 .lock = votes->lock};
    for (unsigned s = 0; s < CY_COUNT(votes->has); s++) {
        if (votes->has[s] && order((enum cy_vote_step)s) > order(out->step))
            out->step = (enum cy_vote_step)s;
    }
}

/* --- heads --- */

void cy_sim_signer_raw_cosign(const struct cy_sim_signer *signer, struct cy_span text,
                              uint64_t time_s, uint8_t out[CY_COSIGNATURE_BYTES])
{
    char memory[CY_CHECKPOINT_MAX + 64];
    struct cy_text message = cy_text_on(memory, sizeof memory);
    uint8_t signature[64];

    cy_cosignature_text(&message, time_s, text);
    CY_ASSERT(!message.full);
    cy_sim_signer_raw(signer, CY_SIM_KEY_COSIGN, cy_text_bytes(&message), signature);
    cy_cosignature_blob(time_s, signature, out);
}

cy_err cy_sim_signer_cosign(struct cy_sim_signer *signer, struct cy_span text, uint64_t time_s,
                            const struct cy_id *proof, uint32_t n,
                            uint8_t out[CY_COSIGNATURE_BYTES])
{
    struct cy_checkpoint head;

    CY_TRY(cy_checkpoint_read(text, &head));
    if (!signer->forgets) {
        if (head.size < signer->size)
            return cy_fail(CY_E_HEAD_ROLLBACK, signer->size);
        if (head.size == signer->size && !cy_id_eq(&head.root, &signer->root))
            return cy_fail(CY_E_HEAD_CONFLICT, signer->size);
        if (signer->size != 0 && head.size > signer->size &&
            !cy_ok(cy_merkle_consistency(signer->size, &signer->root, head.size, &head.root, proof,
                                         n)))
            return cy_fail(CY_E_HEAD_UNPROVEN, signer->size);
    }
    signer->size = head.size;
    signer->root = head.root;
    cy_sim_signer_raw_cosign(signer, text, time_s, out);
    return CY_OK;
}
