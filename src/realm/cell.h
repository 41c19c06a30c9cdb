/* cell: a realm ordered by its one operator: the kernel and the ledger as one thing, without IO of
 * its own.
 *
 *   sequencer thread                                   flush thread
 *   judge, accept (world changes, journal buffers)
 *   cut  ---- commit ---------------------------------> write    one write, one fdatasync: durable
 *   judge, accept ...                                   publish  tiles, signed head, `checkpoint`
 *   done <--------------------------------------------- (then, and not before, receipts leave)
 *
 * The journal is the truth: entry n of the ledger is record n of the journal until the tiles hold
 * it. Opening reads the newest snapshot, replays the rest through the very same judge, and checks
 * every state root that a tick recorded. The world moves ahead of the disk by the commits under
 * way; what is not durable is never acknowledged, and is gone after a crash as if never sent.
 *
 * A tick may carry the state root of everything before it; the root is then provable under a
 * signed head, and `cell_prove` proves single records under that root.
 *
 * Owns: engine, journal, tree, trie, snapshots of one ledger directory. Threads: the functions of
 * the left column in one thread, those of the right in another; `struct cy_commit` is the
 * hand-over. Never: reads a clock, starts a thread, holds a secret key. */
#ifndef CY_REALM_CELL_H
#define CY_REALM_CELL_H

#include "base/helper.h"
#include "kernel/engine.h"
#include "ledger/checkpoint.h"
#include "ledger/journal.h"
#include "ledger/snapshot.h"
#include "ledger/trie_batch.h"
#include "realm/kept_values.h"
#include "realm/read_ahead.h"

struct cy_cell_options {
    const struct cy_institution *const *roster;
    size_t n_roster;
    const struct cy_limit *limits; /* of tables; may be NULL */
    size_t n_limits;
    uint32_t records_max;           /* records in the state tree */
    size_t batch_bytes;             /* of one group commit */
    uint64_t segment_bytes;         /* of one journal file */
    uint64_t snapshot_every;        /* acts between two snapshots; 0 = only when asked */
    uint8_t salt[16];               /* random bytes, for a new journal */
    const struct cy_helper *helper; /* a second processor, if the host has one; may be NULL */
    size_t try_bytes;               /* to take tried acts back with; 0 = acts are never tried */
    const struct cy_rules *rules;   /* versions that this program knows; NULL = cy_rules_known */
};

/* What a block of a federation (at most 1024 acts, 512 KiB) can need, with room to spare. */
#define CY_CELL_TRY_BYTES ((size_t)64 << 20)

/* Who signs heads: another process. `proof` leads from the last head signed to this one. */
struct cy_head_signer {
    void *self;
    cy_err (*sign)(void *self, struct cy_span checkpoint, const struct cy_id *proof, uint32_t n,
                   uint8_t signature[64]);
};

/* What opening found. */
struct cy_cell_report {
    uint64_t snapshot; /* size the snapshot covered; 0 = none */
    uint64_t replayed; /* acts replayed after it */
    uint64_t torn;     /* bytes of an unacknowledged tail that were cut */
    bool snapshot_bad; /* the newest snapshot was damaged: an older one served, or none */
    struct cy_disk_fault snapshot_fault; /* where */
};

/* A note of a head: the text, and at most 64 lines of a name, 108 characters and 6 more. */
#define CY_HEAD_NOTE_MAX (CY_CHECKPOINT_MAX + 64u * 178u)

/* A head: what was signed last. */
struct cy_head {
    uint64_t size;
    struct cy_id root;
    uint32_t n;                  /* bytes of the note */
    char note[CY_HEAD_NOTE_MAX]; /* text and the operator's signature line; of a federation
                                    all cosignatures */
};

/* Acts handed from the sequencer to the flush thread. */
struct cy_commit {
    struct cy_journal_batch *batch;
    uint64_t first;
    uint64_t count;
};

struct cy_cell {
    struct cy_disk disk;
    struct cy_cell_options options;
    struct cy_engine engine;
    struct cy_journal journal;
    struct cy_trie trie;
    struct cy_trie_batch changes; /* on their way into it */
    uint64_t size;                /* acts accepted: the index of the next one */
    bool federation;              /* its members order it together: no log key, heights for ticks */
    struct cy_frontier frontier;  /* federation: of the acts accepted (or tried) */
    struct cy_frontier frontier_before; /* of a try */
    uint64_t size_before;
    /* the last state root that a tick recorded */
    struct cy_id root;
    uint64_t root_at; /* index of that tick; UINT64_MAX = none yet */
    uint32_t root_version;
    bool has_version;
    struct cy_id root_next; /* computed for the tick to come */
    uint64_t root_next_size;
    uint64_t snapshot_at;
    bool snapshot_asked; /* write one as soon as everything accepted is durable */
    cy_err snapshot_err; /* of the last one tried */
    cy_err trouble;      /* what stopped the cell: a full state tree, or a commit that failed */
    /* flush thread */
    struct cy_tree tree;
    struct cy_head head;
    struct cy_id log_key;
    struct cy_name origin;
    /* memory */
    struct cy_stretch *stretches; /* two */
    struct cy_trie_scratch *proof;
    struct cy_kept_values *kept; /* of the last root */
    uint8_t *entry;
};

/* cy_cell_bytes says how large an arena of fresh pages cy_cell_open needs. */
size_t cy_cell_bytes(const struct cy_cell_options *options);

/* cy_cell_open locks the directory, loads the snapshot, replays, and checks. The ledger may be
 * empty (no genesis yet). Fails with LEDGER_BUSY, LEDGER_NEWER, LEDGER_OLDER, JOURNAL_DAMAGED,
 * TILE_DAMAGED, STATE_ROOT, REPLAY_REFUSED, RULES_UNKNOWN, STATE_FULL, NO_ROOM, CHECKPOINT_DAMAGED
 * and trouble; `fault` names file and offset. After a failure the directory is unlocked and the
 * arena's memory is used up. */
CY_MUST_USE cy_err cy_cell_open(struct cy_cell *cell, const struct cy_disk *disk,
                                const struct cy_cell_options *options, struct cy_arena *fresh,
                                struct cy_cell_report *report, struct cy_disk_fault *fault);
CY_MUST_USE cy_err cy_cell_close(struct cy_cell *cell);

/* --- sequencer --- */

/* cy_cell_judge judges an act whose signatures were verified. After an OK verdict the plan holds
 * its effects until cy_cell_accept or cy_cell_refuse. The state root of a tick or height must be
 * the one computed, the head that a height certifies that of the acts before it (AGREED_HEAD). */
void cy_cell_judge(struct cy_cell *cell, const struct cy_act *act, struct cy_verdict *verdict);

/* cy_cell_accept journals the act and applies its effects; *at is its index in the ledger. Fails
 * with NO_ROOM when the journal's buffer is full (cut first; nothing is changed, the plan still
 * holds). Otherwise, with the plan dropped: STATE_FULL, JOURNAL_STOPPED, or the failure that
 * stopped the cell. */
CY_MUST_USE cy_err cy_cell_accept(struct cy_cell *cell, const struct cy_act *act, uint64_t *at);
void cy_cell_refuse(struct cy_cell *cell);

/* Trying acts, in order, exactly as they would be accepted: the proposer of a block does, and every
 * member that judges one. Between begin and end each accepted act takes effect for those after it;
 * then everything is taken back, whatever it was, and nothing was journaled. No plan may be held
 * when it begins. Needs options.try_bytes (asserts).
 *
 * cy_cell_try judges, and applies what is accepted. A verdict of NO_ROOM may also say that more
 * could not be taken back. A height with a state root is judged only as the first act of a try:
 * STATE_ROOT otherwise. cy_cell_try_crowded says that three quarters of that room are used: whoever
 * makes a block stops there, so that every member can judge it.
 * cy_cell_try_end takes everything back; *to is the frontier that the accepted acts lead to, in a
 * federation; it may be NULL. */
void cy_cell_try_begin(struct cy_cell *cell);
void cy_cell_try(struct cy_cell *cell, const struct cy_act *act, struct cy_verdict *verdict);
bool cy_cell_try_crowded(const struct cy_cell *cell);
void cy_cell_try_end(struct cy_cell *cell, struct cy_frontier *to);

/* cy_cell_state_root computes the root over the world as it stands, for the tick that follows at
 * once. Fails with STATE_FULL (records_max), from then on always. */
CY_MUST_USE cy_err cy_cell_state_root(struct cy_cell *cell, struct cy_id *root);

/* cy_cell_cut hands out what was accepted since the last cut; false when there is nothing or when
 * the commit before is still out. */
bool cy_cell_cut(struct cy_cell *cell, struct cy_commit *commit);

/* cy_cell_done takes a commit back with the result of its write. */
void cy_cell_done(struct cy_cell *cell, const struct cy_commit *commit, cy_err result);

/* cy_cell_prove appends an ICS-23 existence proof of a record under the last recorded root. Fails
 * with ROOT_STALE when the record changed since (tick with a root first), NO_NOUN, NO_ROOM. */
CY_MUST_USE cy_err cy_cell_prove(struct cy_cell *cell, uint32_t record, const void *key,
                                 struct cy_text *proof);

/* cy_cell_prove_then does so for a record that the act with the root changed itself: the realm's
 * own always is one. *value is what it was under the root. Fails with NO_NOUN where it is none. */
CY_MUST_USE cy_err cy_cell_prove_then(struct cy_cell *cell, uint32_t record, const void *key,
                                      struct cy_span *value, struct cy_text *proof);

/* cy_cell_prove_absent appends an ICS-23 proof that under the last recorded root there is no record
 * with this key. The neighbours' values are looked for among all records, one hash each: it is for
 * what is seldom asked (a packet of a bridge that was not received). Fails with EXISTS where there
 * is one, ROOT_STALE when a neighbour changed since (tick with a root first), NO_ROOM. */
CY_MUST_USE cy_err cy_cell_prove_absent(struct cy_cell *cell, uint32_t record, const void *key,
                                        struct cy_text *proof);

/* cy_cell_snapshot writes a snapshot of the world as it stands. No commit may be out and nothing
 * may wait to be cut (asserts). */
CY_MUST_USE cy_err cy_cell_snapshot(struct cy_cell *cell);
bool cy_cell_snapshot_due(const struct cy_cell *cell);

/* cy_cell_load_world reads the snapshot of a ledger size into an empty world, for whoever follows a
 * ledger beside its cell; buffer has CY_SNAPSHOT_CHUNK bytes. Only the file's own sums are checked:
 * there is no state tree here. Fails as cy_snapshot_read, with SNAPSHOT_VERSION where records of
 * this program lie otherwise, NO_ROOM; then the world is worth nothing. */
CY_MUST_USE cy_err cy_cell_load_world(const struct cy_disk *disk, uint64_t size,
                                      struct cy_world *world, uint8_t *buffer,
                                      struct cy_snapshot_head *head, struct cy_disk_fault *fault);

/* cy_cell_settled says that every accepted act is durable. */
bool cy_cell_settled(const struct cy_cell *cell);

/* --- flush --- */

/* cy_cell_write makes the commit durable. */
CY_MUST_USE cy_err cy_cell_write(struct cy_commit *commit);

/* cy_cell_tiles puts the durable commit into tiles, cy_cell_publish publishes a signed head over
 * everything so far. Fail with the signer's error (the next publish covers it), BAD_SIGNATURE (the
 * signer used another key), or trouble; after soft trouble call them again. */
CY_MUST_USE cy_err cy_cell_tiles(struct cy_cell *cell, const struct cy_commit *commit);
CY_MUST_USE cy_err cy_cell_publish(struct cy_cell *cell, const struct cy_head_signer *signer);

#endif
