/* trial: what a block would do: its acts verified, judged upon each other, and taken back.
 *
 *      bytes --leaves only--> head (size, root): which value is this?     no rule is asked
 *      bytes --signatures, mark, judge and apply ..., rollback--> valid, or which act is not
 *      pool  --the same, leaving out what is refused--> a block to propose
 *      bytes --judge and accept ...--> journal: for good, once it was decided
 *
 * A block opens with the `height` act of its height, and has no other. It stands upon the world and
 * the tree as they are: everything before it was decided and is durable.
 *
 * Owns: scratch memory. Never: decides; after all but cy_trial_keep the world is as it was. */
#ifndef CY_REALM_TRIAL_H
#define CY_REALM_TRIAL_H

#include "crypto/ed25519_batch.h"
#include "realm/cell.h"
#include "realm/pool.h"
#include "wire/block.h"

struct cy_trial {
    struct cy_cell *cell; /* borrowed */
    struct cy_arena acts; /* of one decoded act */
    struct cy_arena scratch;
    struct cy_key_cache keys;
    struct cy_ed25519_item *items;
    struct cy_span (*parts)[CY_SIGNED_PARTS];
    bool *ok;
    uint32_t n_items;
};

/* cy_trial_bytes says how large an arena of fresh pages cy_trial_init takes. */
size_t cy_trial_bytes(void);
CY_MUST_USE cy_err cy_trial_init(struct cy_trial *trial, struct cy_cell *cell,
                                 struct cy_arena *fresh);

/* The head that a block leads to. */
struct cy_trial_head {
    uint64_t size;
    struct cy_id root;
};

/* cy_trial_head hashes the leaves on top of the present tree. */
struct cy_trial_head cy_trial_head(const struct cy_trial *trial, const struct cy_block *block);

/* cy_trial_act opens one act, verifies its signatures and judges it alone upon the present world.
 * It borrows from the bytes and the trial, until the next call. Fails as cy_act_open and the rules
 * do, with BAD_SIGNATURE, and with BLOCK_REFUSED for an act that only a proposer makes. */
CY_MUST_USE cy_err cy_trial_act(struct cy_trial *trial, struct cy_span bytes, struct cy_act *act);

/* cy_trial_again judges one act that was verified before. Fails as the rules do. */
CY_MUST_USE cy_err cy_trial_again(struct cy_trial *trial, struct cy_span bytes);

/* cy_trial_signatures verifies all of a block; what waits in the pool, byte for byte, was verified
 * when it came. Fails with BLOCK_REFUSED (detail: the act). */
CY_MUST_USE cy_err cy_trial_signatures(struct cy_trial *trial, const struct cy_block *block,
                                       struct cy_pool *pool);

/* cy_trial_judge says whether the rules accept every act, in order. Signatures are not looked at.
 * Fails with BLOCK_REFUSED (detail: the act), RULES_UNKNOWN (with it a version begins that this
 * program does not know: nobody can say here whether it is good), or with what the state tree fails
 * with. */
CY_MUST_USE cy_err cy_trial_judge(struct cy_trial *trial, const struct cy_block *block);

/* cy_trial_build adds the height act, and then what the pool has and the rules accept, to a block
 * that was begun. Fails when the height act itself is refused, or too large. */
CY_MUST_USE cy_err cy_trial_build(struct cy_trial *trial, struct cy_pool *pool,
                                  struct cy_span height, struct cy_block_writer *block);

/* cy_trial_keep journals and applies the acts of a decided block from number `from` on (those
 * before stand in the ledger already). Fails with BLOCK_REFUSED: this program's rules are not the
 * others'; RULES_UNKNOWN: it is too old for them; or as cy_cell_accept. told: of each batch with a
 * verdict for each of its acts, before it is accepted; again when it is tried again; may be NULL.
 */
CY_MUST_USE cy_err cy_trial_keep(struct cy_trial *trial, const struct cy_block *block,
                                 uint32_t from,
                                 void (*told)(void *self, const struct cy_id *act,
                                              const struct cy_verdict *verdict),
                                 void *self);

#endif
