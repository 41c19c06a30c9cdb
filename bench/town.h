/* town: a cell on a real directory, with signers and accounts, and acts built ahead of time.
 *
 * Everything the daemon does is done: journal and tiles on disk, heads, ticks with a state root.
 * Only the signer process is missing: heads and ticks are signed in this process by a callback
 * (http.c measures with the real one). Account i belongs to signer i % n_signers.
 *
 * Owns: the cell, its memory and directory, the secret keys. */
#ifndef CY_BENCH_TOWN_H
#define CY_BENCH_TOWN_H

#include "bench.h"
#include "host/node/sequencer.h"
#include "host/system/disk_posix.h"
#include "host/system/helper_thread.h"

struct town {
    char *dir;
    struct cy_disk_posix *posix;
    struct cy_disk disk;
    struct cy_cell_options options;
    struct cy_helper_thread *helper;
    struct cy_limit limits[4];
    struct cy_cell *cell;
    void *memory;
    size_t memory_n;
    struct cy_sequencer *sequencer;
    struct cy_head_signer signer;
    uint8_t operator_secret[64];
    uint8_t log_secret[64];
    struct cy_id operator_key;
    struct cy_id realm;
    struct cy_id asset;
    uint32_t n_signers;
    uint8_t (*secret)[64];
    struct cy_id *key;
    struct cy_id *passport;
    uint32_t n_accounts;
    struct cy_id *account;
    uint64_t nonce;
    uint64_t random;
};

/* An act built ahead. */
struct built {
    uint8_t *bytes;
    size_t n;
    struct cy_id id;
    uint32_t items;
};

/* How a run went. */
struct run {
    double seconds; /* from the first submit to the last receipt */
    double cpu;     /* processor seconds of the process meanwhile */
    uint64_t acts;
    uint64_t items;
    uint64_t refused;
    double p50_ms; /* latency of a receipt */
    double p99_ms;
    uint64_t written; /* bytes of acts */
};

/* town_new makes a realm with signers, accounts with units, and closes nothing. */
struct town *town_new(const struct bench *bench, uint32_t signers, uint32_t accounts,
                      size_t batch_bytes);
void town_free(struct town *town);

/* town_close closes the cell and its memory; town_open opens it again and says what it found. */
void town_close(struct town *town);
struct cy_cell_report town_open(struct town *town);

/* town_sign signs a message with one key. Free the bytes. */
struct built town_sign(const struct cy_claims *claims, const struct cy_id *key,
                       const uint8_t *secret, const struct cy_schema *schema, const void *message);

/* town_build signs a message by a signer (UINT32_MAX: the operator). Free the bytes. */
struct built town_build(struct town *town, uint32_t signer, const struct cy_schema *schema,
                        const void *message);

/* town_transfer builds one transfer by that signer. */
struct built town_transfer(struct town *town, uint32_t signer);

/* town_stream builds acts full of transfers for all signers until they hold at least `items`: of
 * every four items two are single, one begins a two-phase transfer and one posts one that an
 * earlier act of the same signer began. */
struct built *town_stream(struct town *town, uint64_t items, size_t *n);
void town_built_free(struct built *built, size_t n);

/* town_start and town_stop run the sequencer's threads; town_run submits acts, at most `window` of
 * them unanswered, and waits for every receipt. tick_ms apart, a tick with the state root. */
void town_start(struct town *town, unsigned tick_ms);
void town_stop(struct town *town);
void town_run(struct town *town, const struct built *built, size_t n, size_t window,
              struct run *out);

/* town_put judges and accepts acts in this thread, without signatures or disk in between. */
void town_put(struct town *town, const struct built *built);
void town_commit(struct town *town);

#endif
