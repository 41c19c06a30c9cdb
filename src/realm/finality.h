/* finality: agreed heads, who cosigned them, and the newest that meets the realm's policy.
 *
 *      agreed (size, root) ---> cosignatures of seats and trustees ---> policy met: final
 *                                     (those that come before the head is agreed wait)
 *
 * The policy is the realm's tree of groups as the world keeps it (policy_node): a note of a head
 * whose cosigners meet it is what outsiders trust, and needs nobody else's word. The newest final
 * head makes all smaller ones final.
 *
 * Owns: the heads agreed last and their verified cosignatures. Never: signs, writes a disk. */
#ifndef CY_REALM_FINALITY_H
#define CY_REALM_FINALITY_H

#include "kernel/policy_tree.h"
#include "realm/voters.h"

#define CY_FINALITY_HEADS 64u      /* agreed last */
#define CY_FINALITY_COSIGNERS 64u  /* whom a policy can name here */
#define CY_FINALITY_EARLY 4u       /* cosignatures that wait, of each */
#define CY_FINALITY_LINE_MAX 1024u /* bytes of a note with one cosignature */

struct cy_cosigner {
    struct cy_id key;
    struct cy_name name;
    uint32_t note_id;
};

struct cy_cosigned {
    struct cy_id key;
    uint8_t blob[CY_COSIGNATURE_BYTES];
};

struct cy_agreed {
    uint64_t height;
    uint64_t size; /* 0: this place is free */
    struct cy_id root;
    uint32_t n;
    struct cy_cosigned lines[CY_FINALITY_COSIGNERS];
};

/* Two cosignatures by one key of two heads of one size, both verified: they convict it. */
struct cy_cosigned_twice {
    bool here;
    struct cy_peer_cosignature line[2];
};

struct cy_finality {
    struct cy_name origin;
    uint32_t n; /* whom the policy names */
    struct cy_cosigner cosigners[CY_FINALITY_COSIGNERS];
    struct cy_policy_tree policy;
    struct cy_agreed heads[CY_FINALITY_HEADS]; /* by height */
    uint64_t size;                             /* of the newest */
    struct cy_peer_cosignature early[CY_FINALITY_COSIGNERS][CY_FINALITY_EARLY];
    uint32_t n_early[CY_FINALITY_COSIGNERS]; /* ever; the newest stand modulo CY_FINALITY_EARLY */
    uint64_t final_size;                     /* of the newest final head */
    struct cy_cosigned_twice twice;          /* found and not yet taken */
};

/* cy_finality_roll reads policy, seats and trustees as they stand. */
void cy_finality_roll(struct cy_finality *finality, const struct cy_world *world);

/* cy_finality_agreed brings a new head in. */
void cy_finality_agreed(struct cy_finality *finality, uint64_t height, uint64_t size,
                        const struct cy_id *root);

/* cy_finality_add takes a cosignature in. Fails with UNSEATED (the policy does not name the key),
 * BAD_SIGNATURE, UNASKED (it is here, the head is long gone) or OTHER_HEAD (the agreed head of that
 * size has another root). That of a head which is not agreed here yet is kept until it is, and one
 * of another head is kept too: with that of the agreed head by the same key it convicts. */
CY_MUST_USE cy_err cy_finality_add(struct cy_finality *finality,
                                   const struct cy_peer_cosignature *cosignature);

/* cy_finality_twice takes out the contradiction that was found last; false: there is none.
 * cy_finality_line writes a cosignature, by the key of that name, as a note by itself. */
bool cy_finality_twice(struct cy_finality *finality, struct cy_cosigned_twice *out);
void cy_finality_line(const struct cy_finality *finality, const struct cy_peer_cosignature *line,
                      struct cy_span name, struct cy_text *note);

/* cy_finality_newest is the newest agreed head that meets the policy and is larger than the final
 * one; NULL when there is none. cy_finality_note writes its note with all cosignatures. */
const struct cy_agreed *cy_finality_newest(const struct cy_finality *finality);
void cy_finality_note(const struct cy_finality *finality, const struct cy_agreed *head,
                      struct cy_text *note);

/* cy_finality_last is the head agreed last, NULL before the first; cy_finality_head that of a size.
 */
const struct cy_agreed *cy_finality_last(const struct cy_finality *finality);
const struct cy_agreed *cy_finality_head(const struct cy_finality *finality, uint64_t size);

/* cy_finality_bit is the place of a key in the policy, as a bit; 0 when it is not named.
 * cy_finality_cosigned has the bits of all who cosigned a head. */
uint64_t cy_finality_bit(const struct cy_finality *finality, const struct cy_id *key);
uint64_t cy_finality_cosigned(const struct cy_finality *finality, const struct cy_agreed *head);

/* cy_finality_take takes the cosignatures of a note (what another member holds final) in. Fails
 * with BAD_NOTE, BAD_CHECKPOINT, OTHER_LOG (of another origin), and as cy_finality_add for the
 * first of its lines that is refused for another reason than UNASKED. */
CY_MUST_USE cy_err cy_finality_take(struct cy_finality *finality, struct cy_span note);

#endif
