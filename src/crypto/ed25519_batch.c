#include "crypto/ed25519_batch.h"

#include "crypto/hash_many.h"

#include <decaf.h>
#include <decaf/ed255.h>
#include <sodium.h>

enum {
    ALIGN = 64,
    WAYS = 4,
    Z_BITS = 128,   /* a coefficient */
    S_BITS = 253,   /* a scalar below the group order */
    WIDTH_MIN = 3,  /* bits of a window */
    WIDTH_MAX = 13, /* digits fit 16 bits with room; buckets fit the second cache */
    TABLE_POINTS = 40 /* more points than this are never cheaper by tables */,
    TABLE_WIDTH = 5,
    WINDOWS_MAX = S_BITS / WIDTH_MIN + 1,
    SINGLES = 6 /* a failed group of this size is judged one by one */
};

/* The cache. */
struct line {
    struct decaf_255_point_s at;
    struct cy_id key;
    uint64_t used; /* 0 = empty */
};

static uint32_t sets_for(uint32_t keys)
{
    uint32_t sets = 1;

    while (sets < keys / WAYS + (keys % WAYS != 0) && sets < 1u << 24)
        sets *= 2;
    return sets;
}

size_t cy_key_cache_bytes(uint32_t keys)
{
    return (size_t)sets_for(keys) * WAYS * sizeof(struct line) + ALIGN;
}

static void *aligned(void *at)
{
    return (uint8_t *)at + (ALIGN - (uintptr_t)at % ALIGN) % ALIGN;
}

cy_err cy_key_cache_on(struct cy_key_cache *cache, struct cy_arena *arena, uint32_t keys,
                       const uint8_t salt[static 16])
{
    void *at = cy_arena_zero(arena, cy_key_cache_bytes(keys));

    if (!at)
        return cy_fail(CY_E_NO_ROOM, keys);
    *cache = (struct cy_key_cache){.lines = aligned(at), .sets = sets_for(keys)};
    memcpy(cache->salt, salt, sizeof cache->salt);
    return CY_OK;
}

static uint64_t short_hash(const struct cy_id *key, const uint8_t salt[static 16])
{
    uint64_t out;

    crypto_shorthash_siphash24((uint8_t *)&out, key->b, 32, salt);
    return out;
}

/* The decoded key into out, from the cache or by decoding. False: the rule refuses the key; such
 * keys are not cached, so that junk evicts nobody. */
static bool decode_key(struct cy_key_cache *cache, const struct cy_id *key,
                       struct decaf_255_point_s *out)
{
    struct line *set;
    struct line *oldest;

    if (!cache)
        return decaf_255_point_decode_like_eddsa_and_mul_by_ratio(out, key->b) == DECAF_SUCCESS;
    set = (struct line *)cache->lines + (short_hash(key, cache->salt) & (cache->sets - 1)) * WAYS;
    oldest = set;
    cache->clock++;
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].used != 0 && cy_id_eq(&set[i].key, key)) {
            set[i].used = cache->clock;
            cache->hits++;
            *out = set[i].at;
            return true;
        }
        if (set[i].used < oldest->used)
            oldest = &set[i];
    }
    cache->misses++;
    if (decaf_255_point_decode_like_eddsa_and_mul_by_ratio(out, key->b) != DECAF_SUCCESS)
        return false;
    oldest->used = cache->clock;
    oldest->key = *key;
    oldest->at = *out;
    return true;
}

/* What one batch works on. "live" items passed decoding; they are dense, 0..live-1. */
struct batch {
    size_t live;
    uint32_t *item;              /* live index -> item index */
    uint32_t *signer;            /* live index -> signer */
    struct decaf_255_point_s *r; /* R' of a live item */
    struct decaf_255_scalar_s *zk;
    struct decaf_255_scalar_s *zs;
    uint8_t *z;    /* 16 bytes each */
    uint8_t *k;    /* 64 bytes each: the hashes, while coefficients are derived */
    uint8_t *s;    /* 32 bytes each */
    size_t budget; /* items that may still be summed in search of bad ones */
    size_t signers;
    uint32_t *slots; /* key -> signer + 1, open addressing */
    uint32_t mask;
    struct cy_id *key;
    struct decaf_255_point_s *a;    /* A' of a signer */
    struct decaf_255_scalar_s *zka; /* its summed coefficient within the group under check */
    uint32_t *touched;              /* signers of the group under check */
    uint8_t *marked;
    /* the sum of products under way */
    const struct decaf_255_point_s **term;
    uint8_t *term_scalar; /* 32 bytes each */
    int16_t *digits;
    struct decaf_255_point_s *buckets;
    uint8_t *full;
};

static unsigned windows(unsigned bits, unsigned width)
{
    return bits / width + 1; /* room for the last carry */
}

/* Additions that buckets of that width cost for n points. */
static uint64_t bucket_cost(size_t n, unsigned bits, unsigned width)
{
    return (uint64_t)windows(bits, width) * (n + ((uint64_t)1 << width));
}

static uint64_t table_cost(size_t n, unsigned bits)
{
    return (uint64_t)n * ((1u << (TABLE_WIDTH - 1)) - 1 + windows(bits, TABLE_WIDTH));
}

static unsigned best_width(size_t n, unsigned bits)
{
    unsigned best = WIDTH_MIN;

    for (unsigned width = WIDTH_MIN; width <= WIDTH_MAX; width++)
        if (bucket_cost(n, bits, width) < bucket_cost(n, bits, best))
            best = width;
    return best;
}

/* Signed digits in [-2^(width-1), 2^(width-1)] of a little-endian number, window by window: digit
 * w of number i stands at out[w n + i]. Slices bits; computes nothing modulo anything. */
static void slice(const uint8_t *number, size_t bytes, unsigned bits, unsigned width, size_t n,
                  size_t i, int16_t *out)
{
    int carry = 0;

    for (unsigned w = 0; w < windows(bits, width); w++) {
        const unsigned at = w * width;
        uint32_t v = 0;
        int d;

        for (unsigned b = 0; b < 3 && at / 8 + b < bytes; b++)
            v |= (uint32_t)number[at / 8 + b] << (8 * b);
        d = (int)((v >> (at % 8)) & ((1u << width) - 1)) + carry;
        carry = d > 1 << (width - 1);
        if (carry)
            d -= 1 << width;
        out[w * n + i] = (int16_t)d;
    }
    CY_ASSERT(carry == 0);
}

/* sum += sign * at, where an empty sum is the identity. */
static void add_to(struct decaf_255_point_s *sum, uint8_t *full, const struct decaf_255_point_s *at,
                   bool minus)
{
    if (*full) {
        if (minus)
            decaf_255_point_sub(sum, sum, at);
        else
            decaf_255_point_add(sum, sum, at);
    } else {
        if (minus)
            decaf_255_point_negate(sum, at);
        else
            *sum = *at;
        *full = 1;
    }
}

/* One window: every point into the bucket of its digit, then sum of d * bucket[d] by running
 * sums. */
static void bucket_window(struct batch *b, const int16_t *digit, size_t n, size_t buckets,
                          struct decaf_255_point_s *sum, uint8_t *sum_full)
{
    struct decaf_255_point_s run;
    uint8_t run_full = 0;

    memset(b->full, 0, buckets);
    for (size_t i = 0; i < n; i++) {
        const int d = digit[i];
        const size_t at = (size_t)(d < 0 ? -d : d) - 1;

        if (d != 0)
            add_to(&b->buckets[at], &b->full[at], b->term[i], d < 0);
    }
    for (size_t at = buckets; at-- > 0;) {
        if (b->full[at])
            add_to(&run, &run_full, &b->buckets[at], false);
        if (run_full)
            add_to(sum, sum_full, &run, false);
    }
}

/* One window by tables: buckets[i * half + d - 1] holds d times point i. */
static void table_window(struct batch *b, const int16_t *digit, size_t n,
                         struct decaf_255_point_s *sum, uint8_t *sum_full)
{
    const size_t half = (size_t)1 << (TABLE_WIDTH - 1);

    for (size_t i = 0; i < n; i++) {
        const int d = digit[i];
        const size_t at = i * half + (size_t)(d < 0 ? -d : d) - 1;

        if (d != 0)
            add_to(sum, sum_full, &b->buckets[at], d < 0);
    }
}

static void tables(struct batch *b, size_t n)
{
    const size_t half = (size_t)1 << (TABLE_WIDTH - 1);

    for (size_t i = 0; i < n; i++) {
        struct decaf_255_point_s *row = &b->buckets[i * half];

        row[0] = *b->term[i];
        for (size_t d = 1; d < half; d++)
            decaf_255_point_add(&row[d], &row[d - 1], &row[0]);
    }
}

/* sum += the sum of n terms times their numbers of so many bits. */
static void add_products(struct batch *b, size_t n, unsigned bits, struct decaf_255_point_s *sum,
                         uint8_t *sum_full)
{
    const size_t bytes = bits == Z_BITS ? 16 : 32;
    unsigned width = best_width(n, bits);
    const bool by_tables = n <= TABLE_POINTS && table_cost(n, bits) < bucket_cost(n, bits, width);
    struct decaf_255_point_s part;
    uint8_t part_full = 0;

    if (by_tables) {
        width = TABLE_WIDTH;
        tables(b, n);
    }
    for (size_t i = 0; i < n; i++)
        slice(b->term_scalar + 32 * i, bytes, bits, width, n, i, b->digits);
    for (unsigned w = windows(bits, width); w-- > 0;) {
        const int16_t *digit = b->digits + (size_t)w * n;

        for (unsigned i = 0; part_full && i < width; i++)
            decaf_255_point_double(&part, &part);
        if (by_tables)
            table_window(b, digit, n, &part, &part_full);
        else
            bucket_window(b, digit, n, (size_t)1 << (width - 1), &part, &part_full);
    }
    if (part_full)
        add_to(sum, sum_full, &part, false);
}

/* The equation over live items from..to-1. */
static bool holds(struct batch *b, size_t from, size_t to)
{
    struct decaf_255_scalar_s zs = *decaf_255_scalar_zero;
    struct decaf_255_point_s sum;
    uint8_t full = 0;
    size_t touched = 0;

    for (size_t j = from; j < to; j++) {
        const uint32_t who = b->signer[j];

        if (!b->marked[who]) {
            b->marked[who] = 1;
            b->touched[touched++] = who;
            b->zka[who] = b->zk[j];
        } else {
            decaf_255_scalar_add(&b->zka[who], &b->zka[who], &b->zk[j]);
        }
        decaf_255_scalar_add(&zs, &zs, &b->zs[j]);
        b->term[j - from] = &b->r[j];
        memcpy(b->term_scalar + 32 * (j - from), b->z + 16 * j, 16);
    }
    add_products(b, to - from, Z_BITS, &sum, &full);
    for (size_t i = 0; i < touched; i++) {
        const uint32_t who = b->touched[i];

        b->marked[who] = 0;
        b->term[i] = &b->a[who];
        decaf_255_scalar_encode(b->term_scalar + 32 * i, &b->zka[who]);
    }
    decaf_255_scalar_add(&zs, &zs, &zs); /* decoding multiplied A and R by 2 */
    decaf_255_scalar_sub(&zs, decaf_255_scalar_zero, &zs);
    b->term[touched] = decaf_255_point_base;
    decaf_255_scalar_encode(b->term_scalar + 32 * touched, &zs);
    add_products(b, touched + 1, S_BITS, &sum, &full);
    return !full || decaf_255_point_eq(&sum, decaf_255_point_identity);
}

/* Names the bad ones among live items from..to-1, of which one at least is known to be bad. */
static void settle(struct batch *b, const struct cy_ed25519_item *items, size_t from, size_t to,
                   bool *ok)
{
    while (to - from > SINGLES && b->budget >= to - from) {
        const size_t half = from + (to - from) / 2;

        b->budget -= to - from;
        if (!holds(b, from, half)) {
            if (!holds(b, half, to))
                settle(b, items, half, to, ok);
            to = half;
        } else {
            from = half; /* the sum of both failed, so this half does */
        }
    }
    for (size_t j = from; j < to; j++) {
        const struct cy_ed25519_item *it = &items[b->item[j]];

        ok[b->item[j]] = cy_ok(cy_ed25519_verify(&it->key, it->message, it->n, &it->signature));
    }
}

static size_t slots_for(size_t n)
{
    size_t slots = 4;

    while (slots < 2 * n)
        slots *= 2;
    return slots;
}

/* Points of the bucket memory: buckets of either product, or tables of a few points. */
static size_t points_for(size_t n)
{
    const size_t few = n + 1 < TABLE_POINTS ? n + 1 : TABLE_POINTS;
    const size_t tables_of_few = few << (TABLE_WIDTH - 1);
    const size_t of_z = (size_t)1 << (best_width(n, Z_BITS) - 1);
    const size_t of_s = (size_t)1 << (best_width(n + 1, S_BITS) - 1);
    const size_t most = of_z > of_s ? of_z : of_s;

    return most > tables_of_few ? most : tables_of_few;
}

/* The arrays of a batch: member, count for n items. */
#define ARRAYS(ARRAY)                                                                              \
    ARRAY(item, n)                                                                                 \
    ARRAY(signer, n)                                                                               \
    ARRAY(r, n)                                                                                    \
    ARRAY(zk, n)                                                                                   \
    ARRAY(zs, n)                                                                                   \
    ARRAY(z, 16 * n + 16)                                                                          \
    ARRAY(k, 64 * n)                                                                               \
    ARRAY(s, 32 * n)                                                                               \
    ARRAY(slots, slots_for(n))                                                                     \
    ARRAY(key, n)                                                                                  \
    ARRAY(a, n)                                                                                    \
    ARRAY(zka, n)                                                                                  \
    ARRAY(touched, n)                                                                              \
    ARRAY(marked, n)                                                                               \
    ARRAY(term, n + 1)                                                                             \
    ARRAY(term_scalar, 32 * (n + 1))                                                               \
    ARRAY(digits, (n + 1) * WINDOWS_MAX)                                                           \
    ARRAY(buckets, points_for(n))                                                                  \
    ARRAY(full, points_for(n))

#define ROUND(bytes) (((bytes) + ALIGN - 1) & ~(size_t)(ALIGN - 1))

size_t cy_ed25519_batch_bytes(size_t n)
{
    const struct batch *b = NULL; /* for sizeof only */
    size_t used = ALIGN;

    if (n > CY_ED25519_BATCH_MAX)
        n = CY_ED25519_BATCH_MAX;
#define ADD_SIZE(member, count) used += ROUND((count) * sizeof *b->member);
    ARRAYS(ADD_SIZE)
#undef ADD_SIZE
    return used;
}

/* Lays the arrays for n items out in cy_ed25519_batch_bytes(n) bytes. */
static void lay_out(struct batch *b, uint8_t *at, size_t n)
{
    at = aligned(at);
#define PLACE(member, count)                                                                       \
    b->member = (void *)at;                                                                        \
    at += ROUND((count) * sizeof *b->member);
    ARRAYS(PLACE)
#undef PLACE
    b->mask = (uint32_t)(slots_for(n) - 1);
}

/* Messages that are hashed together. */
struct group {
    struct cy_hash_message message[CY_HASH_GROUP];
    struct cy_span parts[CY_HASH_GROUP][2 + CY_ED25519_PARTS_MAX];
    size_t n;
};

/* R || A || M of an item is to be hashed to out. */
static void group_add(struct group *group, const struct cy_ed25519_item *it, uint8_t *out)
{
    struct cy_span *parts = group->parts[group->n];

    CY_ASSERT(it->n <= CY_ED25519_PARTS_MAX);
    parts[0] = cy_span_of(it->signature.b, 32);
    parts[1] = cy_span_of(it->key.b, 32);
    for (size_t p = 0; p < it->n; p++)
        parts[2 + p] = it->message[p];
    group->message[group->n++] = (struct cy_hash_message){parts, 2 + it->n, out};
}

static void group_hash(struct group *group)
{
    cy_sha512_many(group->message, group->n);
    group->n = 0;
}

/* s and R are read and k is hashed; those that fail are out. */
static void read_signatures(struct batch *b, const struct cy_ed25519_item *items, size_t n,
                            bool *ok)
{
    struct group group;

    group.n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct cy_ed25519_item *it = &items[i];
        const size_t j = b->live;

        ok[i] = false;
        if (decaf_255_scalar_decode(&b->zs[j], it->signature.b + 32) != DECAF_SUCCESS ||
            decaf_255_point_decode_like_eddsa_and_mul_by_ratio(&b->r[j], it->signature.b) !=
                DECAF_SUCCESS)
            continue;
        group_add(&group, it, b->k + 64 * j);
        memcpy(b->s + 32 * j, it->signature.b + 32, 32);
        b->item[j] = (uint32_t)i;
        b->live++;
        if (group.n == CY_HASH_GROUP)
            group_hash(&group);
    }
    group_hash(&group);
}

/* The signer's number, decoding its key when it is new; SIGNER_BAD when the rule refuses it. */
#define SIGNER_BAD UINT32_MAX

static uint32_t signer_of(struct batch *b, struct cy_key_cache *cache, const struct cy_id *key,
                          const uint8_t salt[static 16])
{
    uint32_t at = (uint32_t)short_hash(key, salt) & b->mask;

    for (; b->slots[at] != 0; at = (at + 1) & b->mask)
        if (cy_id_eq(&b->key[b->slots[at] - 1], key))
            return b->slots[at] - 1;
    if (!decode_key(cache, key, &b->a[b->signers]))
        return SIGNER_BAD;
    b->key[b->signers] = *key;
    b->slots[at] = (uint32_t)++b->signers;
    return b->slots[at] - 1;
}

/* Coefficients from all that was read; then keys, and z k and z s of what stays. */
static void weigh(struct batch *b, struct cy_key_cache *cache, const struct cy_ed25519_item *items)
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    const size_t read = b->live;
    const struct cy_span all[] = {cy_span_text("comity ed25519 batch"), cy_span_of(b->k, 64 * read),
                                  cy_span_of(b->s, 32 * read)};
    const struct cy_id seed = cy_sha256_parts(all, CY_COUNT(all));
    const uint8_t *salt = b->z + 16 * read;

    crypto_stream_chacha20(b->z, 16 * read + 16, nonce, seed.b);
    memset(b->slots, 0, ((size_t)b->mask + 1) * sizeof *b->slots);
    b->live = 0;
    for (size_t i = 0; i < read; i++) {
        const size_t j = b->live;
        const uint32_t who = signer_of(b, cache, &items[b->item[i]].key, salt);
        struct decaf_255_scalar_s z;
        struct decaf_255_scalar_s k;

        if (who == SIGNER_BAD)
            continue;
        decaf_255_scalar_decode_long(&z, b->z + 16 * i, 16);
        decaf_255_scalar_decode_long(&k, b->k + 64 * i, 64);
        decaf_255_scalar_mul(&b->zk[j], &z, &k);
        decaf_255_scalar_mul(&b->zs[j], &z, &b->zs[i]);
        if (i != j) {
            memcpy(b->z + 16 * j, b->z + 16 * i, 16);
            b->r[j] = b->r[i];
            b->item[j] = b->item[i];
        }
        b->signer[j] = who;
        b->live++;
    }
    memset(b->marked, 0, b->signers);
}

cy_err cy_ed25519_verify_batch(const struct cy_ed25519_item *items, size_t n,
                               struct cy_key_cache *cache, struct cy_arena *scratch, bool *ok)
{
    const size_t used = scratch->used;
    uint8_t *at = cy_arena_take(scratch, cy_ed25519_batch_bytes(n));
    size_t bad = SIZE_MAX;

    if (!at)
        return cy_fail(CY_E_NO_ROOM, n);
    for (size_t from = 0; from < n; from += CY_ED25519_BATCH_MAX) {
        const size_t left = n - from;
        const size_t count = left < CY_ED25519_BATCH_MAX ? left : CY_ED25519_BATCH_MAX;
        struct batch b;

        memset(&b, 0, sizeof b);
        lay_out(&b, at, count);
        read_signatures(&b, items + from, count, ok + from);
        weigh(&b, cache, items + from);
        for (size_t j = 0; j < b.live; j++)
            ok[from + b.item[j]] = true;
        b.budget = 4 * b.live; /* one bad item takes 2 n; with many, single checks are cheaper */
        if (b.live > 0 && !holds(&b, 0, b.live))
            settle(&b, items + from, 0, b.live, ok + from);
    }
    cy_arena_rewind(scratch, used);
    for (size_t i = n; i-- > 0;)
        if (!ok[i])
            bad = i;
    return bad == SIZE_MAX ? CY_OK : cy_fail(CY_E_BAD_SIGNATURE, bad);
}
