/* sim_book: what one simulated federation has promised so far, and whether it keeps it.
 *
 *     agreed     each height leads to one head, at whatever honest member
 *     world      at equal height every honest member has the same records
 *     cosigned   no two honest seats cosign two heads of one size
 *     final      the cosignatures meet the policy that holds in the world of who says so (which is
 *                everybody's), and it is the agreed head of its height
 *     acked      an act that a member said stands at an index stands there, for good
 *     convicted  only who turned traitor
 *     read       the whole ledger read again: the acknowledged acts; no act twice; and every
 *                conviction, judged anew by the verifier (src/verify), is of a traitor
 *
 * Each function gives NULL, or the sentence of the promise that was broken. What is said here of
 * honest members is only asked about them. Members are numbered as the nodes of their realm.
 *
 * Owns: its lists (malloc). Never: believes what a node says about itself. */
#ifndef CY_SIM_SIM_BOOK_H
#define CY_SIM_SIM_BOOK_H

#include "kernel/quorum.h"
#include "realm/cell.h"
#include "sim/sim_signer.h"

struct cy_sim_book_options {
    const char *origin;
    const char *policy;                       /* of the genesis */
    const struct cy_sim_signer *const *seats; /* the founders, members 0 and up */
    uint32_t n_seats;
    uint64_t traitors; /* bits of members: these may be convicted */
};

struct cy_sim_book;

struct cy_sim_book *cy_sim_book_new(const struct cy_sim_book_options *options);
void cy_sim_book_free(struct cy_sim_book *book);

/* cy_sim_book_traitor adds a traitor: a member that turned. cy_sim_book_key says whose key it is,
 * beside those of the founders. cy_sim_book_policy says that a policy is offered.
 */
void cy_sim_book_traitor(struct cy_sim_book *book, uint32_t member);
void cy_sim_book_key(struct cy_sim_book *book, const struct cy_id *key, uint32_t member);
void cy_sim_book_policy(struct cy_sim_book *book, struct cy_span text);

const char *cy_sim_book_agreed(struct cy_sim_book *book, uint64_t height, uint64_t size,
                               const struct cy_id *root);
const char *cy_sim_book_world(struct cy_sim_book *book, uint64_t height,
                              const struct cy_id *digest);
const char *cy_sim_book_cosigned(struct cy_sim_book *book, uint64_t size, const struct cy_id *root);
const char *cy_sim_book_final(struct cy_sim_book *book, uint64_t height, const struct cy_head *head,
                              const struct cy_id *policy);
const char *cy_sim_book_acked(struct cy_sim_book *book, const struct cy_id *act, uint64_t at);
const char *cy_sim_book_convicted(struct cy_sim_book *book, uint32_t member);

/* cy_sim_book_read reads the ledger of a member whole. accepted counts acts by number, batches'
 * items not counted apart; CY_MESSAGES_MAX entries. */
const char *cy_sim_book_read(struct cy_sim_book *book, struct cy_cell *cell, uint64_t *accepted);

/* cy_sim_book_stands looks whether what was acknowledged since the last call stands where it was
 * said to stand, in the ledger of who said so. cy_sim_book_unseen leaves that to the end. */
const char *cy_sim_book_stands(struct cy_sim_book *book, struct cy_cell *cell);
void cy_sim_book_unseen(struct cy_sim_book *book);

/* Figures. */
uint64_t cy_sim_book_height(const struct cy_sim_book *book); /* highest that was agreed */
uint64_t cy_sim_book_acks(const struct cy_sim_book *book);
uint64_t cy_sim_book_finals(const struct cy_sim_book *book);
uint64_t cy_sim_book_slashes(const struct cy_sim_book *book); /* in the ledger that was read */

#endif
