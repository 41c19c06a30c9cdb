/* vote_memory: how keys have voted, so that no key ever signs two votes that conflict.
 *
 * For each (key, origin) the last height and round is remembered, with the votes given in it (in
 * their order: proposal, prevote, precommit) and the lock of that height. A further vote
 *     of the same height, round and step   is answered with the earlier one, whatever it says
 *     of an earlier step, round or height  is refused                    VOTE_BACK, for ever
 *     of a later one                       is remembered
 *
 * The lock is the last value precommitted in the height, or what the member said it is locked on,
 * whichever is of the later round: a member that restarts can ask for it. Whether a prevote against
 * the lock is justified takes the prevotes of others, which are not here: that is the member's to
 * judge (realm/agree.h).
 *
 * In the file (memory_file.h) what stands for a key and origin is the line
 *     vote KEY HEIGHT ROUND LOCK PROPOSAL PREVOTE PRECOMMIT ORIGIN
 * with LOCK = ROUND/VALUE, a vote = VALUE/TIME, a proposal = VALUE/TIME/AFTER, - for none.
 *
 * Owns: the rules, and the line. Never: forgets. */
#ifndef CY_HOST_SIGNER_VOTE_MEMORY_H
#define CY_HOST_SIGNER_VOTE_MEMORY_H

#include "host/signer/memory_file.h"
#include "wire/vote.h"

#define CY_VOTE_ORIGIN_MAX 255u

struct cy_vote_memory;

/* cy_vote_memory_make, _open, _close: as cy_memory_file_make, _open and _close. */
CY_MUST_USE cy_err cy_vote_memory_make(const struct cy_disk *disk, const char *path);
CY_MUST_USE cy_err cy_vote_memory_open(const struct cy_disk *disk, const char *path, uint32_t limit,
                                       struct cy_vote_memory **out);
void cy_vote_memory_close(struct cy_vote_memory *memory);

/* cy_vote_memory_take judges a vote against those given before and remembers it. lock: what the
 * member says it is locked on. *said is the vote to sign: this one, or the one given before at the
 * same height, round and step. Its origin is the asked vote's span. Fails with VOTE_BACK (detail:
 * the height of the last vote), VOTE_CONFLICT (the lock contradicts the one remembered of its
 * round, or is of a later round than the vote), BAD_VOTE (origin), NO_ROOM, DISK_FAILED (an earlier
 * flush failed: start again). */
CY_MUST_USE cy_err cy_vote_memory_take(struct cy_vote_memory *memory, const struct cy_id *key,
                                       const struct cy_vote *vote, const struct cy_vote_lock *lock,
                                       struct cy_vote *said);

/* cy_vote_memory_last gives the last vote and the lock of its height; false: none was given. Where
 * what was given in that height is not known, the vote has the round CY_NO_ROUND. */
bool cy_vote_memory_last(const struct cy_vote_memory *memory, const struct cy_id *key,
                         struct cy_span origin, struct cy_vote *last, struct cy_vote_lock *lock);

/* cy_vote_memory_commit makes all that was taken durable. Until it succeeds no signature over a
 * vote taken since may leave the process. After NO_SPACE it may be called again. */
CY_MUST_USE cy_err cy_vote_memory_commit(struct cy_vote_memory *memory);

/* cy_vote_memory_count is the number of (key, origin) remembered. */
uint32_t cy_vote_memory_count(const struct cy_vote_memory *memory);

/* cy_vote_memory_peek finds the last height of (key, origin) in the bytes of such a file, as a copy
 * of one; *height 0: none. Fails with KEYSTORE_BAD when no batch of it is whole. */
CY_MUST_USE cy_err cy_vote_memory_peek(struct cy_span bytes, const struct cy_id *key,
                                       struct cy_span origin, uint64_t *height);

#endif
