/* foreign: claims about another realm, checked under what is pinned here and nothing else.
 *
 *     trust     the realm's log key, a policy, or both; a federation's trust is its policy alone
 *       |
 *     head      its checkpoint, signed as the trust asks
 *       | inclusion path (RFC 6962)
 *     entry     a tick, or a height of a federation: it carries the state root of everything before
 *       |       it, and the time from there on
 *       | ICS-23
 *     record    stands in that state, or does not
 *
 * An entry that stands under a signed head was accepted by that realm, so its signatures are not
 * looked at again. A root's time is that of the act which carries it: whatever comes after the
 * proven state comes at that time or later. That is what makes absence final.
 *
 * Every function is pure and bounded: no world, no allocation, at most CY_NOTE_SIGNATURES_MAX
 * signatures. Owns: nothing. Never: decides what to believe; the trust is the caller's. */
#ifndef CY_KERNEL_FOREIGN_H
#define CY_KERNEL_FOREIGN_H

#include "kernel/quorum.h"
#include "wire/bridge_packet.h"
#include "wire/envelope.h"
#include "wire/note.h"

/* What is pinned of a foreign realm. */
struct cy_foreign_trust {
    struct cy_span origin; /* name of its ledger */
    struct cy_id log_key;  /* none: no key of its own signs its heads */
    struct cy_span policy; /* text; empty: no cosignatures are asked for. One of both is needed. */
};

/* What an entry says that carries a state root. */
struct cy_foreign_mark {
    struct cy_id state_root;
    cy_time at; /* ledger time from there on */
};

/* cy_foreign_head reads a checkpoint note and holds it to the trust: origin, the log's own
 * signature, cosignatures that meet the policy. Lines by unknown keys are ignored; one bad line by
 * a known key refuses the note. Every signature is held to the strict rule. *out points into the
 * note. Fails with BAD_NOTE, BAD_CHECKPOINT, TOO_LARGE, OTHER_LOG, NOT_SIGNED, BAD_SIGNATURE
 * (detail: the line), FEW_WITNESSES (detail: how many), the errors of cy_quorum_read, and NO_VKEY
 * where the trust is empty. */
CY_MUST_USE cy_err cy_foreign_head(struct cy_span note, const struct cy_foreign_trust *trust,
                                   struct cy_checkpoint *out);

/* cy_foreign_path reads a path given as the bytes of its hashes, at most `most` of them. Fails with
 * RANGE. */
CY_MUST_USE cy_err cy_foreign_path(struct cy_span bytes, struct cy_id *path, uint32_t most,
                                   uint32_t *n);

/* cy_foreign_entry says that the entry stands at that index under the head. Fails with BAD_MERKLE,
 * RANGE. */
CY_MUST_USE cy_err cy_foreign_entry(const struct cy_checkpoint *head, struct cy_span entry,
                                    uint64_t index, struct cy_span path);

/* cy_foreign_mark_read reads state root and time out of an entry. Fails with HEAD_ENTRY. */
CY_MUST_USE cy_err cy_foreign_mark_read(struct cy_span entry, struct cy_foreign_mark *out);

/* A claim to a passport, as its holder signed it for some realm (exit_claim). */
struct cy_foreign_signed_claim {
    struct cy_envelope envelope;
    struct cy_id id;       /* of the act */
    struct cy_id realm;    /* the realm that the passport comes from */
    struct cy_id passport; /* there */
};

/* cy_foreign_claim_read reads the bytes of an act exit_claim and verifies every signature on it; it
 * says nothing about whose keys they are. *out borrows the bytes. Fails with HEAD_ENTRY (it is no
 * claim), BAD_SIGNATURE (detail: the signer), and as cy_envelope_read. */
CY_MUST_USE cy_err cy_foreign_claim_read(struct cy_span act, struct cy_foreign_signed_claim *out);

/* cy_foreign_record says that the state of that root holds this very record; cy_foreign_absent that
 * it holds none with this key (the record's leading key fields). Fail with BAD_STATE_PROOF. */
CY_MUST_USE cy_err cy_foreign_record(const struct cy_id *state_root, const struct cy_schema *schema,
                                     const void *record, struct cy_span proof);
CY_MUST_USE cy_err cy_foreign_absent(const struct cy_id *state_root, const struct cy_schema *schema,
                                     const void *key, struct cy_span proof);

/* cy_packet_digest is what a realm commits of a packet (wire/bridge_packet.h). */
struct cy_id cy_packet_digest(const struct cy_bridge_packet *packet);

#endif
