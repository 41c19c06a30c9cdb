/* witness: this cell as a witness of other ledgers (C2SP tlog-witness v1.0.0), without IO.
 *
 *   add-checkpoint:  old N \n  proof hashes \n ...  empty line  signed checkpoint
 *
 *   parse --> known origin? --> log's signature? --> old = what we cosigned last? --> proof -->
 * cosign 400          404               403                     409                      422 200
 *
 * What was cosigned last has one keeper, the store behind `head` and `cosign` (in a daemon: the
 * signer). It checks again, persists and only then signs, in one step: two requests that race, or a
 * crash between any two steps, cannot make it sign two histories. When it knows a later head than
 * `head` told, the answer is 409 with that size, and the client asks again.
 *
 * Owns: the protocol, both sides. Never: holds a key, keeps a state of its own. */
#ifndef CY_REALM_WITNESS_H
#define CY_REALM_WITNESS_H

#include "ledger/checkpoint.h"

#define CY_WITNESS_PROOF_MAX 63u /* hashes in a request */
#define CY_ADD_CHECKPOINT_MAX (CY_NOTE_MAX + 64u * 48u)

/* The keeper of what was cosigned. */
struct cy_witnessed {
    uint64_t size; /* 0: nothing yet */
    struct cy_id root;
};

struct cy_witness_store {
    void *self;
    /* head: what was cosigned last for this origin. */
    cy_err (*head)(void *self, struct cy_span origin, struct cy_witnessed *out);
    /* cosign: check that text follows what was cosigned last (proof), persist it, sign. When it
     * does not follow, *seen says what stands and the error is a refusal. */
    cy_err (*cosign)(void *self, struct cy_span text, uint64_t time_s, const struct cy_id *proof,
                     uint32_t n, struct cy_signature *out, struct cy_witnessed *seen);
};

/* A witness: its own key, and the ledgers it cosigns. */
struct cy_witness {
    struct cy_note_key key; /* of type CY_NOTE_COSIGNATURE */
    const struct cy_note_key *logs;
    uint32_t n_logs;
    struct cy_witness_store store;
};

struct cy_witness_answer {
    unsigned status;  /* of HTTP */
    const char *type; /* content type */
    cy_err err;       /* why, unless 200 and 409 */
    char body[512];   /* cosignature line, or the size for 409 */
    uint32_t n;
    struct cy_span origin; /* of the request, when it could be read */
    struct cy_span note;   /* the signed checkpoint in the request */
};

/* cy_witness_add answers one add-checkpoint request. time_s is Unix seconds now. */
void cy_witness_add(const struct cy_witness *witness, struct cy_span body, uint64_t time_s,
                    struct cy_witness_answer *answer);

/* cy_add_checkpoint_write writes the body that a log sends: what the witness knows, the proof from
 * there, the signed checkpoint. */
void cy_add_checkpoint_write(struct cy_text *body, uint64_t old, const struct cy_id *proof,
                             uint32_t n, struct cy_span note);

/* cy_add_checkpoint_size reads the body of a 409: the size the witness knows. */
CY_MUST_USE cy_err cy_add_checkpoint_size(struct cy_span body, uint64_t *size);

/* cy_add_checkpoint_read takes a request apart; what it gives points into the bytes. Fails with
 * BAD_PROOF_TEXT (detail: line from 1). */
struct cy_add_checkpoint {
    uint64_t old;
    struct cy_id proof[CY_WITNESS_PROOF_MAX];
    uint32_t n;
    struct cy_span note;
};
CY_MUST_USE cy_err cy_add_checkpoint_read(struct cy_span body, struct cy_add_checkpoint *out);

#endif
