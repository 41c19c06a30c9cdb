/* bench: what the measuring programs share: a clock, rows of figures, a place on disk.
 *
 * A row is one figure beside its physical limit and beside a peer that was measured in the same
 * run, both as ratios. Rows come out as text, as JSON lines, or as the table of
 * docs/performance.md. This is a tool for people: it gives up with a message when anything fails.
 *
 * Owns: the rows and the directory of the run. Never: judges a figure (that is no test). */
#ifndef CY_BENCH_BENCH_H
#define CY_BENCH_BENCH_H

#include "base/bytes.h"
#include "base/num.h"

#include <stdio.h>

/* The limits of this machine, measured once in each run (limits.c); 0 = not measured yet. */
struct machine {
    unsigned cores;
    double sha256;        /* bytes a second, one core, long messages */
    double sha256_short;  /* digests of 64 bytes a second, one core */
    double libsodium;     /* single verifications a second, one core */
    double libsodium_all; /* the same on all cores at once */
    double copy;          /* bytes a second by memcpy, one core */
    double miss;          /* ns of one read of memory that no cache holds */
    double flush_idle;    /* write + fdatasync of 4 KB a second, the processor asleep meanwhile */
    double flush_busy;    /* the same while another thread computes */
    double write;         /* bytes a second, sequential, with one fdatasync at the end */
};

struct bench {
    struct machine machine;
    const char *dir; /* where ledgers are written */
    const char *bin; /* where comityd and comity-signer stand */
    double scale;    /* 1 = the full sizes */
    bool json;
    bool bare;  /* no limits, no peers */
    bool quiet; /* no table on stdout */
    const char *markdown;
    struct row *rows;
    size_t n_rows;
};

struct row {
    const char *group;
    char what[160];
    double value;
    const char *unit;
    char limit_name[80];
    double limit; /* 0 = none */
    char peer_name[80];
    double peer;   /* 0 = none */
    double target; /* of this project; 0 = none */
    bool less;     /* smaller is better */
    char note[200];
};

/* bench_row records and prints a row. */
void bench_row(struct bench *bench, const struct row *row);

/* bench_say prints progress to stderr. */
void bench_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* bench_must gives up when err is not OK; bench_die always. */
void bench_must(cy_err err, const char *what);
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* seconds on the monotonic clock; processor seconds of this process; of this thread. */
double bench_now(void);
double bench_cpu(void);
double bench_cpu_thread(void);

/* bench_map gives fresh zero pages; bench_unmap takes them back. */
void *bench_map(size_t bytes);
void bench_unmap(void *at, size_t bytes);

/* bench_dir makes an empty directory below the run's and returns its path (free it);
 * bench_dir_remove removes it with everything in it. */
char *bench_dir(const struct bench *bench, const char *name);
void bench_dir_remove(char *path);

/* bench_random: a fixed stream of numbers (splitmix64). */
uint64_t bench_random(uint64_t *state);

/* bench_sort sorts and bench_quantile reads the q-th quantile of sorted values. */
void bench_sort(double *values, size_t n);
double bench_quantile(const double *sorted, size_t n, double q);

/* bench_scaled is n times the run's scale, at least least. */
uint32_t bench_scaled(const struct bench *bench, uint32_t n, uint32_t least);

void bench_finish(const struct bench *bench);

/* The subcommands. */
void bench_limits(struct bench *bench);
void bench_verify(struct bench *bench);
void bench_libcomity(struct bench *bench);
void bench_acts(struct bench *bench);
void bench_transfers(struct bench *bench);
void bench_steps(struct bench *bench);
void bench_replay(struct bench *bench);
void bench_coldstart(struct bench *bench);
void bench_trie(struct bench *bench);
void bench_http(struct bench *bench);
void bench_memory(struct bench *bench);
void bench_members(struct bench *bench);
void bench_sql(struct bench *bench);
void bench_federation(struct bench *bench);
/* Parts of the group federation. The daemons' are between live_begin and live_end (live.h). */
void bench_daemons(struct bench *bench);
void bench_crossing(struct bench *bench);
void bench_simulator(struct bench *bench);

void bench_restraints(struct bench *bench);
void bench_lp(struct bench *bench);
void bench_clear(struct bench *bench);
void bench_grid(struct bench *bench);
void bench_match(struct bench *bench);

/* bench_need measures the limits when this run has not. */
void bench_need_limits(struct bench *bench);

/* bench_postgres does `n` double entries in PostgreSQL over `accounts` accounts, batches of `batch`
 * (1 = a transaction each), and returns entries a second; 0 with a message when there is none. */
double bench_postgres(const struct bench *bench, uint32_t accounts, uint32_t batch, double seconds);

/* bench_postgres_begin starts a private server and writes its URL; false with a message when there
 * is none. bench_postgres_end ends it. */
bool bench_postgres_begin(const struct bench *bench, char *url, size_t cap);
void bench_postgres_end(void);

#endif
