/* journal: the append-only list of records that is the truth; everything else can be rebuilt from
 * it.
 *
 *     sequencer thread                       flush thread (the caller's)
 *     append append append | cut ---batch--> write: one write, one fdatasync
 *     append append append                   ...          (the next batch fills meanwhile)
 *            done(batch) <-------------------
 *
 * On disk: segments `DIR/NNNNNNNNNNNNNNNNNNNN`, named by the number of their first record.
 *     segment  "comityJ1" || u64be first || salt[16] || SHA-256 of these 32 bytes      (64 bytes)
 *     record   "CyRc" || u32be n || u64be number || u64be batch || u32be kind || sum[12]  (40
 * bytes)
 *              || payload[n];  sum = SHA-256(salt || the 28 bytes before sum || payload), cut
 *     batch = the number of the first record of the batch a record was written in
 *
 * A batch is written only after the flush of the one before it. So when a record is bad at open:
 * if no good record of a later batch follows, its batch was never acknowledged, and the tail is cut
 * (and reported); if one follows, or a later segment exists, an acknowledged record is damaged,
 * which is named and never repaired. The salt keeps an author from writing an act that looks like a
 * record.
 *
 * Owns: these files. Threads: cy_journal_write may run in another thread than the rest; the
 * hand-over of the batch there and back is the caller's synchronisation. Never: starts a thread,
 * allocates after open. */
#ifndef CY_LEDGER_JOURNAL_H
#define CY_LEDGER_JOURNAL_H

#include "base/arena.h"
#include "ledger/disk.h"

#define CY_JOURNAL_PAYLOAD_MAX 66560u /* an entry of a tile bundle and 1,025 bytes about it */
#define CY_JOURNAL_RECORD_HEAD 40u
#define CY_JOURNAL_SEGMENT_HEAD 64u
#define CY_JOURNAL_BUFFERS 2u

struct cy_journal_options {
    const char *dir;        /* directory of the segments; made when absent */
    uint64_t segment_bytes; /* a new segment begins when the last one would grow beyond this */
    size_t batch_bytes;     /* of each of the two buffers; at least one largest record */
    uint32_t segments_max;
    uint8_t salt[16]; /* random, for a new journal; an old one keeps its own */
};

struct cy_journal_batch {
    struct cy_journal *journal;
    uint8_t *at;
    size_t n;
    uint64_t first; /* number of its first record */
    uint32_t count;
    bool sealed;
    bool roll;  /* is to begin a new segment */
    bool begun; /* has begun one */
};

/* What open found. */
struct cy_journal_report {
    uint64_t first;   /* the oldest record kept */
    uint64_t next;    /* the number the next append gets */
    uint64_t records; /* handed to replay */
    uint64_t torn;    /* bytes of an unacknowledged tail that were cut; where is in fault */
};

/* Private to journal.c. */
struct cy_journal {
    struct cy_disk disk;
    struct cy_journal_options options;
    struct cy_journal_batch batches[CY_JOURNAL_BUFFERS];
    uint64_t *segments; /* first numbers, ascending */
    uint32_t segment_count;
    uint32_t filling;       /* index of the buffer that takes appends */
    uint64_t next;          /* number of the next record */
    uint64_t durable;       /* numbers below are on disk */
    uint64_t segment_bytes; /* of the last segment, with what is sealed for it */
    bool stopped;
    /* belongs to whoever runs cy_journal_write */
    int file;
    uint64_t offset;
    bool broken;
};

/* cy_journal_bytes is the arena that open takes. */
size_t cy_journal_bytes(const struct cy_journal_options *options);

/* Called for each record from `from` on, in order. An error stops open and is returned. */
typedef cy_err cy_journal_replay(void *user, uint64_t number, uint32_t kind,
                                 struct cy_span payload);

/* cy_journal_open checks every record on disk, replays those numbered `from` and above, cuts a torn
 * tail, and makes the rest durable. A journal without any segment begins at `from`. Numbers begin
 * at 0. Fails with JOURNAL_DAMAGED or JOURNAL_GAP (fault says where; nothing was changed on disk),
 * NO_ROOM (arena, or more segments than segments_max), or trouble. */
CY_MUST_USE cy_err cy_journal_open(struct cy_journal *journal, const struct cy_disk *disk,
                                   const struct cy_journal_options *options, struct cy_arena *arena,
                                   uint64_t from, cy_journal_replay *replay, void *user,
                                   struct cy_journal_report *report, struct cy_disk_fault *fault);

/* cy_journal_close closes the open segment. No batch may be out (asserts). What was appended but
 * not written is dropped. */
CY_MUST_USE cy_err cy_journal_close(struct cy_journal *journal);

/* cy_journal_append adds a record to the buffer and gives its number. It is not durable until
 * cy_journal_durable() is above the number. Fails with TOO_LARGE (payload), NO_ROOM (the buffer is
 * full: cut first) or JOURNAL_STOPPED. */
CY_MUST_USE cy_err cy_journal_append(struct cy_journal *journal, uint32_t kind,
                                     struct cy_span payload, uint64_t *number);

/* cy_journal_cut seals the buffer and gives it out; appends go on in the other one. NULL when there
 * is nothing to write, when the other buffer is still out, or when the journal is stopped. */
struct cy_journal_batch *cy_journal_cut(struct cy_journal *journal);

/* cy_journal_batch_next walks the records of a sealed batch: *at begins at 0; false at the end. The
 * payload borrows from the batch and is gone when it is taken back. */
bool cy_journal_batch_next(const struct cy_journal_batch *batch, size_t *at,
                           struct cy_span *payload);

/* cy_journal_write puts the batch on disk: one write and one sync (two more syncs when a segment
 * begins). May run in another thread; one batch at a time. After soft trouble call it again with
 * the same batch; after hard trouble hand the error to done. */
CY_MUST_USE cy_err cy_journal_write(struct cy_journal_batch *batch);

/* cy_journal_done takes the batch back with the result of its write. After anything but success the
 * journal is stopped: no record of the batch may be acknowledged; reopen to go on. */
void cy_journal_done(struct cy_journal *journal, struct cy_journal_batch *batch, cy_err result);

/* cy_journal_durable: records numbered below are on disk. */
static inline uint64_t cy_journal_durable(const struct cy_journal *journal)
{
    return journal->durable;
}

/* cy_journal_drop removes the segments that hold only records numbered below `number`, oldest
 * first; the last segment always stays. Call it when tiles and snapshots hold them. Not while a
 * batch is out (asserts). */
CY_MUST_USE cy_err cy_journal_drop(struct cy_journal *journal, uint64_t number);

#endif
