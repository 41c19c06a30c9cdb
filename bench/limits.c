/* What the machine can do at best: the figures of the other programs stand beside these. */
#include "bench.h"
#include "crypto/hash.h"

#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#define SLICE 0.5 /* seconds of one measurement */

/* The best of three slices: what else runs on the machine can only make a figure smaller. */
static double best(double (*slice)(const struct bench *bench), const struct bench *bench)
{
    double most = 0;

    for (int i = 0; i < 3; i++) {
        const double rate = slice(bench);

        most = rate > most ? rate : most;
    }
    return most;
}

static double sha256_of(size_t size)
{
    uint8_t *bytes = calloc(1, size);
    const double from = bench_cpu_thread();
    double spent = 0;
    uint64_t n = 0;

    do {
        for (int i = 0; i < 64; i++, n++) {
            const struct cy_id id = cy_sha256(cy_span_of(bytes, size));

            bytes[0] = id.b[0];
        }
        spent = bench_cpu_thread() - from;
    } while (spent < SLICE);
    free(bytes);
    return (double)n / spent;
}

static double sha256_long(const struct bench *bench)
{
    (void)bench;
    return sha256_of(65536) * 65536;
}

static double sha256_short(const struct bench *bench)
{
    (void)bench;
    return sha256_of(64);
}

static double copy(const struct bench *bench)
{
    const size_t size = 256u << 20;
    uint8_t *a = bench_map(size);
    uint8_t *b = bench_map(size);
    double from = 0;
    double spent = 0;
    double n = 0;

    (void)bench;
    memset(a, 1, size);
    memset(b, 2, size);
    from = bench_cpu_thread();
    do {
        memcpy(b, a, size);
        __asm__ volatile("" ::"r"(b) : "memory");
        n += (double)size;
        spent = bench_cpu_thread() - from;
    } while (spent < SLICE);
    bench_unmap(a, size);
    bench_unmap(b, size);
    return n / spent;
}

/* Reads that each wait for the one before, in a random cycle over 256 MB. Misses a second. */
static double misses(const struct bench *bench)
{
    const size_t n = (256u << 20) / 64;
    uint64_t *lines = bench_map(n * 64);
    uint64_t seed = 7;
    uint64_t at = 0;
    double from = 0;
    double count = 0;
    double spent = 0;

    (void)bench;
    for (size_t i = 0; i < n; i++)
        lines[i * 8] = i;
    for (size_t i = n - 1; i > 0; i--) { /* Sattolo: one cycle through all */
        const size_t j = bench_random(&seed) % i;
        const uint64_t swap = lines[i * 8];

        lines[i * 8] = lines[j * 8];
        lines[j * 8] = swap;
    }
    from = bench_cpu_thread();
    do {
        for (int i = 0; i < 10000; i++)
            at = lines[at * 8];
        count += 10000;
        spent = bench_cpu_thread() - from;
    } while (spent < SLICE || at == UINT64_MAX);
    bench_unmap(lines, n * 64);
    return count / spent;
}

/* --- libsodium --- */

struct verifying {
    double seconds;
    double rate;
    double cpu_rate;
};

static void *verify_alone(void *arg)
{
    struct verifying *v = arg;
    uint8_t key[32], secret[64], signature[64], message[300] = {1};
    const double from = bench_now();
    const double cpu = bench_cpu_thread();
    double spent = 0;
    double n = 0;

    crypto_sign_keypair(key, secret);
    crypto_sign_detached(signature, NULL, message, sizeof message, secret);
    do {
        for (int i = 0; i < 16; i++) {
            if (crypto_sign_verify_detached(signature, message, sizeof message, key) != 0)
                bench_die("libsodium refuses its own signature");
        }
        n += 16;
        spent = bench_now() - from;
    } while (spent < v->seconds);
    v->rate = n / spent;
    v->cpu_rate = n / (bench_cpu_thread() - cpu);
    return NULL;
}

static double libsodium_one(const struct bench *bench)
{
    struct verifying v = {.seconds = SLICE};

    (void)bench;
    (void)verify_alone(&v);
    return v.cpu_rate;
}

static double libsodium_all(const struct bench *bench)
{
    struct verifying v[64];
    pthread_t threads[64];
    double sum = 0;

    for (unsigned i = 0; i < bench->machine.cores; i++) {
        v[i] = (struct verifying){.seconds = SLICE};
        if (pthread_create(&threads[i], NULL, verify_alone, &v[i]) != 0)
            bench_die("no thread");
    }
    for (unsigned i = 0; i < bench->machine.cores; i++) {
        (void)pthread_join(threads[i], NULL);
        sum += v[i].rate;
    }
    return sum;
}

/* --- disk --- */

static int temporary(const struct bench *bench)
{
    char *path = NULL;
    int fd = -1;

    if (asprintf(&path, "%s/limit.XXXXXX", bench->dir) < 0 || (fd = mkstemp(path)) < 0)
        bench_die("no file below %s", bench->dir);
    (void)unlink(path);
    free(path);
    return fd;
}

static double flushes(const struct bench *bench)
{
    const int fd = temporary(bench);
    uint8_t page[4096] = {1};
    const double from = bench_now();
    double spent = 0;
    double n = 0;

    do {
        if (pwrite(fd, page, sizeof page, (off_t)n * 4096) != sizeof page || fdatasync(fd) != 0)
            bench_die("the disk does not take a page");
        n++;
        spent = bench_now() - from;
    } while (spent < SLICE);
    (void)close(fd);
    return n / spent;
}

static int computing = 0;

static void *compute(void *arg)
{
    while (__atomic_load_n(&computing, __ATOMIC_RELAXED) != 0)
        ;
    return arg;
}

static double flushes_busy(const struct bench *bench)
{
    pthread_t threads[64];
    double rate = 0;

    __atomic_store_n(&computing, 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < bench->machine.cores; i++) {
        if (pthread_create(&threads[i], NULL, compute, NULL) != 0)
            bench_die("no thread");
    }
    rate = flushes(bench);
    __atomic_store_n(&computing, 0, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < bench->machine.cores; i++)
        (void)pthread_join(threads[i], NULL);
    return rate;
}

static double write_long(const struct bench *bench)
{
    const size_t piece = 4u << 20;
    const size_t whole = 512u << 20;
    const int fd = temporary(bench);
    uint8_t *bytes = malloc(piece);
    const double from = bench_now();
    double spent = 0;

    memset(bytes, 7, piece);
    for (size_t at = 0; at < whole; at += piece) {
        if (pwrite(fd, bytes, piece, (off_t)at) != (ssize_t)piece)
            bench_die("the disk is full");
    }
    if (fdatasync(fd) != 0)
        bench_die("the disk does not flush");
    spent = bench_now() - from;
    (void)close(fd);
    free(bytes);
    return (double)whole / spent;
}

static void limit(struct bench *bench, const char *what, double value, const char *unit)
{
    struct row row = {.group = "limits", .value = value, .unit = unit};

    (void)snprintf(row.what, sizeof row.what, "%s", what);
    bench_row(bench, &row);
}

void bench_need_limits(struct bench *bench)
{
    struct machine *m = &bench->machine;

    m->cores = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    m->cores = m->cores > 64 ? 64 : m->cores;
    if (m->sha256 != 0 || bench->bare)
        return;
    m->sha256 = best(sha256_long, bench);
    m->sha256_short = best(sha256_short, bench);
    m->libsodium = best(libsodium_one, bench);
    m->libsodium_all = best(libsodium_all, bench);
    m->copy = best(copy, bench);
    m->miss = 1e9 / best(misses, bench);
    m->flush_idle = best(flushes, bench);
    m->flush_busy = best(flushes_busy, bench);
    m->write = best(write_long, bench);
    limit(bench, "SHA-256 of long messages, one core", m->sha256, "B/s");
    limit(bench, "SHA-256 of 64 bytes, one core", m->sha256_short, "/s");
    limit(bench, "libsodium single verification, one core", m->libsodium, "/s");
    limit(bench, "libsodium single verification, all cores at once", m->libsodium_all, "/s");
    limit(bench, "memcpy, one core", m->copy, "B/s");
    limit(bench, "a read that misses all caches", m->miss, "ns");
    limit(bench, "4 KB write and fdatasync, one thread, otherwise idle", m->flush_idle, "/s");
    limit(bench, "the same with every core kept busy", m->flush_busy, "/s");
    limit(bench, "sequential write, one fdatasync at the end", m->write, "B/s");
}

void bench_limits(struct bench *bench)
{
    bench_need_limits(bench);
}
