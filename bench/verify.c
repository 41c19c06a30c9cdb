/* Signatures in batches, one core, beside libsodium's single verification on the same core. */
#include "bench.h"
#include "crypto/ed25519_batch.h"

#include <sodium.h>
#include <stdlib.h>

#define MESSAGE 300u

struct signatures {
    struct cy_ed25519_item *items;
    struct cy_span *spans;
    uint8_t (*messages)[MESSAGE];
    bool *ok;
    size_t n;
    struct cy_key_cache cache;
    struct cy_arena memory;
    struct cy_arena scratch;
};

static void make(struct signatures *s, size_t n, unsigned signers)
{
    uint8_t(*secret)[64] = calloc(signers, sizeof *secret);
    struct cy_id *key = calloc(signers, sizeof *key);
    const size_t bytes = cy_key_cache_bytes(4096) + cy_ed25519_batch_bytes(n) + 64;
    const uint8_t salt[16] = {1};

    s->n = n;
    s->items = calloc(n, sizeof *s->items);
    s->spans = calloc(n, sizeof *s->spans);
    s->messages = calloc(n, sizeof *s->messages);
    s->ok = calloc(n, sizeof *s->ok);
    s->memory = cy_arena_on(bench_map(bytes), bytes);
    bench_must(cy_key_cache_on(&s->cache, &s->memory, 4096, salt), "cache");
    s->scratch = cy_arena_on(s->memory.at + s->memory.used, s->memory.cap - s->memory.used);
    for (unsigned i = 0; i < signers; i++)
        crypto_sign_keypair(key[i].b, secret[i]);
    for (size_t i = 0; i < n; i++) {
        memcpy(s->messages[i], &i, sizeof i);
        s->spans[i] = cy_span_of(s->messages[i], MESSAGE);
        s->items[i].key = key[i % signers];
        s->items[i].message = &s->spans[i];
        s->items[i].n = 1;
        crypto_sign_detached(s->items[i].signature.b, NULL, s->messages[i], MESSAGE,
                             secret[i % signers]);
    }
    free(key);
    free(secret);
}

static void unmake(struct signatures *s)
{
    free(s->items);
    free(s->spans);
    free(s->messages);
    free(s->ok);
    bench_unmap(s->memory.at, s->memory.cap);
}

static void measure(struct bench *bench, size_t n, unsigned signers)
{
    struct signatures s = {0};
    struct row row = {.group = "verify",
                      .unit = "/s",
                      .peer_name = "libsodium single",
                      .peer = bench->machine.libsodium};
    double best = 0;

    make(&s, n, signers);
    for (int round = 0; round < 3; round++) {
        const double from = bench_cpu_thread();
        double spent = 0;
        double count = 0;

        do {
            bench_must(cy_ed25519_verify_batch(s.items, n, &s.cache, &s.scratch, s.ok), "verify");
            count += (double)n;
            spent = bench_cpu_thread() - from;
        } while (spent < 0.3);
        best = count / spent > best ? count / spent : best;
    }
    row.value = best;
    (void)snprintf(row.what, sizeof row.what, "batch of %zu by %u signers, one core", n, signers);
    bench_row(bench, &row);
    unmake(&s);
}

/* One bad signature in a batch is named, and no other. */
static void one_bad(struct bench *bench)
{
    struct signatures s = {0};
    struct row row = {.group = "verify",
                      .what = "batch of 1024 with one bad signature: found and named",
                      .unit = "ms",
                      .limit_name = "the batch without it"};
    double from = 0;
    cy_err err = CY_OK;

    make(&s, 1024, 16);
    bench_must(cy_ed25519_verify_batch(s.items, s.n, &s.cache, &s.scratch, s.ok), "verify");
    from = bench_cpu_thread();
    bench_must(cy_ed25519_verify_batch(s.items, s.n, &s.cache, &s.scratch, s.ok), "verify");
    row.limit = (bench_cpu_thread() - from) * 1e3;
    s.items[777].signature.b[40] ^= 1;
    from = bench_cpu_thread();
    err = cy_ed25519_verify_batch(s.items, s.n, &s.cache, &s.scratch, s.ok);
    row.value = (bench_cpu_thread() - from) * 1e3;
    for (size_t i = 0; i < s.n; i++) {
        if (s.ok[i] != (i != 777) || err.code != CY_E_BAD_SIGNATURE || err.detail != 777)
            bench_die("the bad signature was not named rightly");
    }
    bench_row(bench, &row);
    unmake(&s);
}

void bench_verify(struct bench *bench)
{
    measure(bench, 64, 64);
    measure(bench, 1024, 1024);
    measure(bench, 256, 16);
    measure(bench, 1024, 16);
    measure(bench, 4096, 16);
    measure(bench, 16384, 1000);
    one_bad(bench);
}
