/* snapshot: the world on disk at one ledger size, so that replay does not begin at the first act.
 *
 *     begin(head) section chunk chunk ... section chunk ... end      (written beside, then renamed)
 *     choose -> read(section, chunk, ... callbacks)
 *
 * File `snapshots/NNNNNNNNNNNNNNNNNNNN`, named by the ledger size. All integers big-endian:
 *     head   "comityS1" || u32 version || order[4] || u32 rules || u32 0 || u64 size || u64 number
 *            || tree root[32] || state root[32] || SHA-256 of these 104 bytes          (136 bytes)
 *     block  tag[4] || u32 table || u32 record size || u32 n || u64 count || u64 ordinal || sum[16]
 *            || bytes[n];  sum = SHA-256(the head's || the 32 bytes before sum || bytes), cut
 *     tags   "CySe" begins a section of count records; "CyCh" holds n bytes of its records;
 *            "CyEn" ends the file, count = sections. Ordinals count blocks from 0.
 * Records are raw memory: `order` is how this machine stores 01020304, and another order is
 * refused.
 *
 * The last two snapshots are kept. A damaged one is named with its offset; the caller decides to go
 * on from the one before, and says so.
 *
 * Owns: the directory snapshots and fresh/snapshot. Never: judges records; the caller compares the
 * state root after loading. */
#ifndef CY_LEDGER_SNAPSHOT_H
#define CY_LEDGER_SNAPSHOT_H

#include "ledger/disk.h"

#define CY_SNAPSHOT_DIR "snapshots"
#define CY_SNAPSHOT_VERSION 1u
#define CY_SNAPSHOT_HEAD 136u
#define CY_SNAPSHOT_BLOCK 48u
#define CY_SNAPSHOT_CHUNK 65536u /* most bytes of a chunk, and of a record */
#define CY_SNAPSHOT_KEEP 2u
#define CY_SNAPSHOT_LIST_MAX 64u /* files looked at */

struct cy_snapshot_head {
    uint64_t size;   /* entries in the ledger */
    uint64_t number; /* the first journal record to replay on top */
    struct cy_id tree_root;
    struct cy_id state_root;
    uint32_t rules; /* rules version */
};

/* Private to snapshot.c. */
struct cy_snapshot_writer {
    struct cy_disk disk;
    struct cy_snapshot_head head;
    struct cy_id sum; /* of the head */
    uint64_t offset;
    uint64_t ordinal;
    uint64_t left; /* bytes missing in the section */
    uint32_t table;
    uint32_t record_size;
    uint32_t sections;
    int file;
};

/* cy_snapshot_begin opens fresh/snapshot. After any failure of these four, call
 * cy_snapshot_abandon; the snapshots that were there still are. */
CY_MUST_USE cy_err cy_snapshot_begin(struct cy_snapshot_writer *writer, const struct cy_disk *disk,
                                     const struct cy_snapshot_head *head);

/* cy_snapshot_section begins the records of a table; the section before must be complete (asserts).
 * record_size is 1 to CY_SNAPSHOT_CHUNK. */
CY_MUST_USE cy_err cy_snapshot_section(struct cy_snapshot_writer *writer, uint32_t table,
                                       uint32_t record_size, uint64_t count);

/* cy_snapshot_chunk adds whole records (any number of them, as bytes). */
CY_MUST_USE cy_err cy_snapshot_chunk(struct cy_snapshot_writer *writer, struct cy_span records);

/* cy_snapshot_end completes the file, makes it durable under its name, and removes all but the
 * newest CY_SNAPSHOT_KEEP. */
CY_MUST_USE cy_err cy_snapshot_end(struct cy_snapshot_writer *writer);

void cy_snapshot_abandon(struct cy_snapshot_writer *writer);

/* What a reader is told. Either may be NULL. An error ends the reading and is returned. */
struct cy_snapshot_reader {
    cy_err (*section)(void *user, uint32_t table, uint32_t record_size, uint64_t count);
    cy_err (*chunk)(void *user, uint32_t table, struct cy_span records); /* whole records */
    void *user;
};

/* cy_snapshot_read reads the snapshot of a ledger size; buffer has CY_SNAPSHOT_CHUNK bytes. What
 * the callbacks were told before a failure must be thrown away. Fails with NO_SNAPSHOT (no such
 * file), SNAPSHOT_DAMAGED (fault: file and offset of the bad block), SNAPSHOT_VERSION, or trouble.
 */
CY_MUST_USE cy_err cy_snapshot_read(const struct cy_disk *disk, uint64_t size,
                                    const struct cy_snapshot_reader *reader, uint8_t *buffer,
                                    struct cy_snapshot_head *head, struct cy_disk_fault *fault);

/* cy_snapshot_list writes the sizes of the snapshots there are, newest first, at most
 * CY_SNAPSHOT_LIST_MAX. */
CY_MUST_USE cy_err cy_snapshot_list(const struct cy_disk *disk, uint64_t *sizes, uint32_t *n);

/* cy_snapshot_choose reads the newest snapshot to its end and gives its head. Fails with
 * NO_SNAPSHOT, or with SNAPSHOT_DAMAGED (fault says where): then *usable says whether an older one
 * is whole, and head is that one's: starting from it is right, because the journal replays the
 * rest, but it is the caller's to report. */
CY_MUST_USE cy_err cy_snapshot_choose(const struct cy_disk *disk, uint8_t *buffer,
                                      struct cy_snapshot_head *head, bool *usable,
                                      struct cy_disk_fault *fault);

#endif
