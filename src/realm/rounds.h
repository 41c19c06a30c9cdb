/* rounds: one height of a member's node, from its beginning to a decided block.
 *
 *      idle --acts wait, or others began, or time passed--> START
 *           --> our turn: build a block, propose it
 *           --> a proposal came: fetch, judge: prevote ... precommit ... decided
 *      certified: others show what was decided: no votes are needed
 *
 * Votes are signed in the order in which the algorithm says them; before a precommit of a value its
 * lock is on disk. What cannot be signed or written now is tried again at the next beat.
 *
 * Owns: the steps. Never: takes packets apart (intake), writes acts (member). */
#ifndef CY_REALM_ROUNDS_H
#define CY_REALM_ROUNDS_H

#include "realm/gossip.h"

/* cy_rounds_begin reads the roll and prepares the height that follows the ledger; what the disk and
 * the key remember of it is restored. */
void cy_rounds_begin(struct cy_federation *f);

/* cy_rounds_wake gives START when it is due: acts wait, the idle time is over, or `now`. */
void cy_rounds_wake(struct cy_federation *f, bool now);

/* cy_rounds_vote takes a vote in, whose signature was verified. Fails as cy_agree_step. */
CY_MUST_USE cy_err cy_rounds_vote(struct cy_federation *f, const struct cy_vote *vote,
                                  uint32_t member, const uint8_t signature[static 64]);

/* cy_rounds_counted says that this vote of a member's was verified and counted before. */
bool cy_rounds_counted(const struct cy_federation *f, const struct cy_vote *vote, uint32_t member,
                       const uint8_t signature[static 64]);

/* cy_rounds_block takes the bytes of a block in: it is judged when its value was proposed, asked
 * for or certified. Fails with UNASKED, BLOCK_REFUSED, BAD_BLOCK. */
CY_MUST_USE cy_err cy_rounds_block(struct cy_federation *f, struct cy_span bytes);

/* cy_rounds_certificate takes in what others decided: for this height, or for the one before when
 * its proof is missing here. Fails as cy_certificate_check, with UNASKED or OTHER_HEIGHT. */
CY_MUST_USE cy_err cy_rounds_certificate(struct cy_federation *f,
                                         const struct cy_certificate *certificate);

void cy_rounds_timeout(struct cy_federation *f, enum cy_vote_step step, uint32_t round);

/* cy_rounds_settle does what is due: signs, proposes, makes durable. True: a height was finished
 * and the next one has begun; call it again. */
bool cy_rounds_settle(struct cy_federation *f);

/* cy_rounds_cosigned_twice does so with two cosignatures of one seat that contradict each other,
 * when finality has found them. */
void cy_rounds_cosigned_twice(struct cy_federation *f);

/* cy_rounds_convict puts evidence into the pool, and tells everybody, once for each seat. */
void cy_rounds_convict(struct cy_federation *f, uint32_t seat,
                       const struct cy_agree_evidence *evidence);

#endif
