/* trust: whom a reader trusts about one ledger, and heads held to it.
 *
 *      log key     the ledger's own signature           a cell's head
 *      witnesses   k of n of them must have cosigned
 *      policy      nested groups of cosigners           a federation's head: no key of its own, its
 *                  (kernel/quorum.h) must be met        trust root is the policy's text
 *
 * What is given is asked for, all of it. With a policy, the cosigners are those it names: each line
 * of theirs must verify, lines of others mean nothing.
 *
 * Owns: nothing; everything borrows. Never: takes a key out of the file that is judged. */
#ifndef CY_VERIFY_TRUST_H
#define CY_VERIFY_TRUST_H

#include "kernel/quorum.h"
#include "ledger/checkpoint.h"

/* A policy, and the ledger that it is about. */
struct cy_policy_trust {
    struct cy_span origin;
    struct cy_quorum quorum;
    uint32_t n;
    struct cy_note_key keys[CY_QUORUM_NODES_MAX]; /* of the cosigners it names */
    uint32_t nodes[CY_QUORUM_NODES_MAX];          /* their nodes in the quorum */
};

/* Whom to trust. log.name.n = 0: no key of the ledger's own; then there must be a policy. */
struct cy_trust {
    struct cy_note_key log;
    const struct cy_note_key *witnesses;
    uint32_t n_witnesses; /* at most CY_WITNESSES_MAX; none with a policy */
    uint32_t need;
    const struct cy_policy_trust *policy; /* or NULL */
};

/* cy_policy_trust_read reads a policy as what is trusted about the ledger `origin`. Both texts are
 * borrowed. Fails as cy_quorum_read, with NO_VKEY for "quorum none" (nobody would be trusted), or
 * BAD_TEXT where the origin is no ledger's name. */
CY_MUST_USE cy_err cy_policy_trust_read(struct cy_span origin, struct cy_span text,
                                        struct cy_policy_trust *out);

/* cy_trust_name is the ledger's name; empty where nobody said whom to trust. */
struct cy_span cy_trust_name(const struct cy_trust *trust);

/* cy_trust_cosigners counts those of whom cosignatures count. */
uint32_t cy_trust_cosigners(const struct cy_trust *trust);

/* cy_trust_head reads a checkpoint note and holds it to the trust. *cosigned: how many of those
 * trusted have cosigned, by different keys. out points into the note. Fails with NO_VKEY, BAD_NOTE,
 * BAD_CHECKPOINT, OTHER_LOG, NOT_SIGNED, BAD_SIGNATURE (detail: the line), TOO_LARGE, FEW_WITNESSES
 * (detail: how many). cy_trust_own_head asks for the ledger's own signature alone, where it has a
 * key: a betrayal is one without cosignatures. */
CY_MUST_USE cy_err cy_trust_head(struct cy_span note, const struct cy_trust *trust,
                                 struct cy_checkpoint *out, uint32_t *cosigned);
CY_MUST_USE cy_err cy_trust_own_head(struct cy_span note, const struct cy_trust *trust,
                                     struct cy_checkpoint *out, uint32_t *cosigned);

#endif
