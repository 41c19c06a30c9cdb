/* audit: a ledger replayed by somebody who trusts nobody.
 *
 *     checkpoint -> signatures of the operator and of witnesses, or the policy that is trusted
 *     entries    -> leaf hashes = level 0 tiles -> every tile above -> the signed root
 *                -> acts: signatures by the one rule, in batches
 *                -> the kernel judges every act, in order, from an empty world
 *                -> at every tick that names one, the state root of a tree of our own
 *
 * The kernel is the one the daemon has, for it is the rules; nothing else of the daemon is used:
 * neither its journal nor its cell, snapshots, threads or HTTP. So what the auditor accepts is a
 * history that follows from its genesis, and what it refuses is named: the first bad entry, or the
 * damaged file.
 *
 * Owns: its world, its state tree and its buffers (mmap). Never: writes. */
#ifndef CY_HOST_AUDIT_AUDIT_H
#define CY_HOST_AUDIT_AUDIT_H

#include "host/audit/audit_source.h"
#include "kernel/engine.h"
#include "ledger/trie.h"
#include "verify/trust.h"

typedef void cy_audit_progress(void *user, uint64_t done, uint64_t size);

/* The state under one root: as it stood before the act that carries the root. */
struct cy_audit_state {
    const struct cy_world *world;
    struct cy_trie *trie; /* its present version has that root */
    struct cy_span entry; /* the act */
};

/* What somebody takes out of a history while it is replayed. */
struct cy_audit_pick {
    uint64_t at; /* index of the tick or height whose state root is wanted */
    cy_err (*take)(void *user, const struct cy_audit_state *state);
    void *user;
    struct cy_text *note; /* out: the head that everything was held to */
};

struct cy_audit_options {
    const struct cy_institution *const *roster;
    size_t n_roster;
    const struct cy_note_key *log; /* what the head is held to; NULL: the key that genesis names */
    const struct cy_note_key *witnesses;
    uint32_t n_witnesses;
    uint32_t need;                        /* cosignatures */
    const struct cy_policy_trust *policy; /* what the head must meet as well, of a cell or of a
                                             federation; NULL: only what its own ledger asks */
    uint32_t records_max;                 /* in each table; 0: by the size of the ledger */
    const struct cy_audit_pick *pick;     /* may be NULL */
    cy_audit_progress *progress;          /* may be NULL */
    void *user;
};

struct cy_audit_report {
    char origin[64];
    uint64_t size;        /* of the signed head */
    struct cy_id root;    /* that it signs */
    struct cy_id realm;   /* id of genesis */
    struct cy_id log_key; /* named by genesis */
    cy_time time;         /* the ledger's clock at the end */
    uint64_t entries;     /* replayed */
    uint64_t acts;        /* with the items of batches */
    uint64_t signatures;
    uint64_t state_roots; /* ticks whose root was checked */
    uint64_t heights;     /* of a federation, whose certificate was checked */
    uint64_t tiles;       /* hash tiles compared */
    uint32_t cosigned;    /* witnesses, or cosigners of the policy given, that cosigned the head */
    struct cy_id state_root; /* of the world at the end */
    /* when it failed */
    uint64_t bad;                /* index of the first bad entry; UINT64_MAX: not about one entry */
    char file[CY_TILE_PATH_MAX]; /* damaged; may be empty */
    char why[512];               /* one sentence */
};

/* cy_audit_run replays a whole ledger. Fails with AUDIT_LEAF, AUDIT_TREE, AUDIT_ACT, STATE_ROOT,
 * BAD_SIGNATURE, BAD_BUNDLE, TILE_DAMAGED, the errors of cy_checkpoint_verify (a head not signed as
 * asked), RULES_UNKNOWN (a newer program is needed), NO_ROOM, and trouble of the source. The report
 * is filled in every case. */
CY_MUST_USE cy_err cy_audit_run(struct cy_audit_source *source,
                                const struct cy_audit_options *options,
                                struct cy_audit_report *report);

#endif
