#include "crypto/hash_many.h"

#include "crypto/hash.h"

/* --- a message, block by block --- */

enum { BLOCK_MAX = 128 };

struct lane {
    const struct cy_span *parts;
    size_t n;
    size_t at;      /* bytes of parts[0] that were read */
    uint64_t bytes; /* of the whole message */
    bool ended;     /* its last block was given */
    bool marked;    /* the bit after its end was written */
    uint8_t *out;
    uint8_t block[BLOCK_MAX];
};

static void lane_begin(struct lane *lane, const struct cy_hash_message *message)
{
    lane->parts = message->parts;
    lane->n = message->n;
    lane->out = message->out;
    lane->at = 0;
    lane->bytes = 0;
    lane->ended = false;
    lane->marked = false;
    for (size_t i = 0; i < message->n; i++)
        lane->bytes += message->parts[i].n;
}

/* Blocks that can be read where they stand; *at is the first. */
static size_t lane_whole(const struct lane *lane, size_t size, const uint8_t **at)
{
    if (lane->n == 0)
        return 0;
    *at = lane->parts[0].at + lane->at;
    return (lane->parts[0].n - lane->at) / size;
}

/* Puts a block together from pieces, with the padding where the message ends. */
static const uint8_t *lane_patch(struct lane *lane, size_t size)
{
    size_t have = 0;

    while (have < size && lane->n > 0) {
        const size_t left = lane->parts[0].n - lane->at;
        const size_t take = left < size - have ? left : size - have;

        if (take > 0)
            memcpy(lane->block + have, lane->parts[0].at + lane->at, take);
        have += take;
        lane->at += take;
        if (lane->at == lane->parts[0].n) {
            lane->parts++;
            lane->n--;
            lane->at = 0;
        }
    }
    if (have == size)
        return lane->block;
    memset(lane->block + have, 0, size - have);
    if (!lane->marked)
        lane->block[have++] = 0x80;
    lane->marked = true;
    if (have <= size - size / 8) { /* room for the length: 8 bytes, of SHA-512 16 */
        cy_put_u64be(lane->block + size - 8, lane->bytes * 8);
        lane->ended = true;
    }
    return lane->block;
}

/* The next block, and only that. */
static const uint8_t *lane_next(struct lane *lane, size_t size)
{
    const uint8_t *at = NULL;

    if (lane_whole(lane, size, &at) == 0)
        return lane_patch(lane, size);
    lane->at += size;
    return at;
}

/* --- one after the other --- */

static void each_sha256(const struct cy_hash_message *messages, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct cy_id digest = cy_sha256_parts(messages[i].parts, messages[i].n);

        memcpy(messages[i].out, digest.b, sizeof digest.b);
    }
}

static void each_sha512(const struct cy_hash_message *messages, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cy_sha512_parts(messages[i].parts, messages[i].n, messages[i].out);
}

/* The length stands at the end of the padding. */
static void each_blocks(const uint8_t *padded, size_t blocks, size_t n, uint8_t *out)
{
    for (; n > 0; n--, padded += 64 * blocks, out += 32) {
        const size_t length = cy_get_u64be(padded + 64 * blocks - 8) / 8;
        const struct cy_id digest = cy_sha256(cy_span_of(padded, length));

        memcpy(out, digest.b, sizeof digest.b);
    }
}

void cy_sha256_pad(uint8_t *message, size_t n, size_t blocks)
{
    CY_ASSERT(blocks * 64 >= n + 9);
    memset(message + n, 0, blocks * 64 - n);
    message[n] = 0x80;
    cy_put_u64be(message + blocks * 64 - 8, (uint64_t)n * 8);
}

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

/* What this processor can; asked once (a virtual machine asks its host each time). */
enum { ASKED = 1, HAS_SHA = 2, HAS_AVX512 = 4 };
static unsigned can_;

static unsigned can(void)
{
    unsigned found = __atomic_load_n(&can_, __ATOMIC_RELAXED);
    unsigned a = 0, b = 0, c = 0, d = 0;

    if (found != 0)
        return found;
    found = ASKED;
    if (__builtin_cpu_supports("sse4.1") && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
        (b >> 29 & 1) != 0)
        found |= HAS_SHA;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
        found |= HAS_AVX512;
    __atomic_store_n(&can_, found, __ATOMIC_RELAXED);
    return found;
}

/* --- SHA-256, two lanes --- */

static const uint32_t start256[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static const uint32_t rounds256[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define SHA __attribute__((target("sha,sse4.1")))

/* A state as the instructions want it: words ABEF and CDGH. */
struct words256 {
    __m128i abef;
    __m128i cdgh;
};

SHA static inline struct words256 load256(const uint32_t state[static 8])
{
    const __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state),
                                           0xb1); /* now BADC */
    const __m128i efgh =
        _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1b);

    return (struct words256){_mm_alignr_epi8(abcd, efgh, 8), _mm_blend_epi16(efgh, abcd, 0xf0)};
}

SHA static inline void store256(const struct words256 *words, uint32_t state[static 8])
{
    const __m128i feba = _mm_shuffle_epi32(words->abef, 0x1b);
    const __m128i dchg = _mm_shuffle_epi32(words->cdgh, 0xb1);

    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

SHA static inline void message256(const uint8_t *at, __m128i w[static 4])
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

    for (unsigned i = 0; i < 4; i++)
        w[i] =
            _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(at + 16 * i)), swap);
}

/* Four rounds with the message words w[i % 4], which then become those of four groups later. */
SHA static inline void four256(struct words256 *s, __m128i w[static 4], unsigned i)
{
    __m128i *now = &w[i % 4];
    const __m128i k = _mm_loadu_si128((const __m128i *)(const void *)(rounds256 + 4 * i));
    const __m128i sum = _mm_add_epi32(*now, k);

    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, sum);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(sum, 0x0e));
    if (i < 12) {
        const __m128i after = w[(i + 1) % 4];
        const __m128i last = w[(i + 3) % 4];
        const __m128i shifted = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);

        *now =
            _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(*now, after), shifted), last);
    }
}

SHA static inline void add256(struct words256 *s, const struct words256 *before)
{
    s->abef = _mm_add_epi32(s->abef, before->abef);
    s->cdgh = _mm_add_epi32(s->cdgh, before->cdgh);
}

SHA static void two256(uint32_t a[static 8], uint32_t b[static 8], const uint8_t *at_a,
                       const uint8_t *at_b, size_t blocks)
{
    struct words256 s = load256(a);
    struct words256 t = load256(b);

    for (; blocks > 0; blocks--, at_a += 64, at_b += 64) {
        const struct words256 s0 = s;
        const struct words256 t0 = t;
        __m128i v[4], w[4];

        message256(at_a, v);
        message256(at_b, w);
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; i++) {
            four256(&s, v, i);
            four256(&t, w, i);
        }
        add256(&s, &s0);
        add256(&t, &t0);
    }
    store256(&s, a);
    store256(&t, b);
}

SHA static void one256(uint32_t a[static 8], const uint8_t *at, size_t blocks)
{
    struct words256 s = load256(a);

    for (; blocks > 0; blocks--, at += 64) {
        const struct words256 s0 = s;
        __m128i v[4];

        message256(at, v);
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; i++)
            four256(&s, v, i);
        add256(&s, &s0);
    }
    store256(&s, a);
}

static void digest256(const uint32_t state[static 8], uint8_t *out)
{
    for (unsigned i = 0; i < 8; i++)
        cy_put_u32be(out + 4 * i, state[i]);
}

/* A lane under way, and the blocks of it that stand in a row in memory. */
struct stream256 {
    struct lane lane;
    uint32_t state[8];
    const uint8_t *at;
    size_t run;
    bool patched; /* put together: the lane has moved on already */
};

static void stream_next(struct stream256 *s)
{
    s->run = lane_whole(&s->lane, 64, &s->at);
    s->patched = s->run == 0;
    if (!s->patched)
        return;
    s->at = lane_patch(&s->lane, 64);
    s->run = 1;
}

static void stream_begin(struct stream256 *s, const struct cy_hash_message *message)
{
    lane_begin(&s->lane, message);
    memcpy(s->state, start256, sizeof s->state);
    stream_next(s);
}

/* So many blocks were hashed. True at the end of the message. */
static bool stream_used(struct stream256 *s, size_t blocks)
{
    s->run -= blocks;
    s->at += 64 * blocks;
    if (!s->patched)
        s->lane.at += 64 * blocks;
    if (s->run > 0)
        return false;
    if (s->lane.ended) {
        digest256(s->state, s->lane.out);
        return true;
    }
    stream_next(s);
    return false;
}

static void many_sha256(const struct cy_hash_message *messages, size_t n)
{
    struct stream256 s[2];
    bool on[2] = {false, false};
    size_t next = 0;

    for (;;) {
        for (unsigned i = 0; i < 2; i++) {
            if (on[i] || next == n)
                continue;
            stream_begin(&s[i], &messages[next++]);
            on[i] = true;
        }
        if (on[0] && on[1]) {
            const size_t run = s[0].run < s[1].run ? s[0].run : s[1].run;

            two256(s[0].state, s[1].state, s[0].at, s[1].at, run);
            on[0] = !stream_used(&s[0], run);
            on[1] = !stream_used(&s[1], run);
        } else if (on[0] || on[1]) {
            struct stream256 *last = on[0] ? &s[0] : &s[1];
            const size_t run = last->run;

            one256(last->state, last->at, run);
            on[on[0] ? 0 : 1] = !stream_used(last, run);
        } else {
            return;
        }
    }
}

static void blocks_by_two(const uint8_t *padded, size_t blocks, size_t n, uint8_t *out)
{
    uint32_t a[8], b[8];

    for (; n >= 2; n -= 2, padded += 128 * blocks, out += 64) {
        memcpy(a, start256, sizeof a);
        memcpy(b, start256, sizeof b);
        two256(a, b, padded, padded + 64 * blocks, blocks);
        digest256(a, out);
        digest256(b, out + 32);
    }
    if (n == 1) {
        memcpy(a, start256, sizeof a);
        one256(a, padded, blocks);
        digest256(a, out);
    }
}

/* --- SHA-512, eight lanes --- */

typedef uint64_t eight __attribute__((vector_size(64)));

static const uint64_t start512[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                     0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                     0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

static const uint64_t rounds512[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

#define WIDE __attribute__((target("avx512f,avx512bw")))
#define LANES_LEAST 3u /* fewer messages go faster one after the other */
#define ROTATE(x, n) ((x) >> (n) | (x) << (64 - (n)))

/* Words i .. i + 7 of the block of each lane: eight rows turned into eight columns. */
WIDE static inline void turn512(const uint8_t *const at[static 8], size_t i, eight w[static 8])
{
    const __m512i swap = _mm512_set4_epi64(0x08090a0b0c0d0e0f, 0x0001020304050607,
                                           0x08090a0b0c0d0e0f, 0x0001020304050607);
    __m512i r[8], t[8];

    for (unsigned l = 0; l < 8; l++)
        r[l] = _mm512_shuffle_epi8(_mm512_loadu_si512(at[l] + 8 * i), swap);
    for (unsigned l = 0; l < 8; l += 2) {
        t[l] = _mm512_unpacklo_epi64(r[l], r[l + 1]);
        t[l + 1] = _mm512_unpackhi_epi64(r[l], r[l + 1]);
    }
    for (unsigned l = 0; l < 2; l++) {
        for (unsigned half = 0; half < 2; half++) {
            const __m512i a = t[4 * half + l], b = t[4 * half + 2 + l];

            r[4 * half + l] = _mm512_shuffle_i64x2(a, b, 0x88);
            r[4 * half + 2 + l] = _mm512_shuffle_i64x2(a, b, 0xdd);
        }
    }
    for (unsigned l = 0; l < 4; l++) {
        const unsigned column = (l & 1) + 2 * (l >> 1);

        w[column] = (eight)_mm512_shuffle_i64x2(r[l], r[4 + l], 0x88);
        w[column + 4] = (eight)_mm512_shuffle_i64x2(r[l], r[4 + l], 0xdd);
    }
}

/* One block of each lane (FIPS 180-4, 6.4.2). */
WIDE static void eight512(eight state[static 8], const uint8_t *const at[static 8])
{
    eight s[8], w[16];

    memcpy(s, state, sizeof s);
    turn512(at, 0, w);
    turn512(at, 8, w + 8);
    for (unsigned round = 0; round < 80; round += 16) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; i++) {
            /* the words turn round by their numbers instead of moving: a is s[-i], b s[1 - i] ...
             */
            eight *const h = &s[(7 - i) & 7];
            const eight a = s[(0 - i) & 7], b = s[(1 - i) & 7], c = s[(2 - i) & 7];
            const eight e = s[(4 - i) & 7], f = s[(5 - i) & 7], g = s[(6 - i) & 7];
            const eight t = *h + (ROTATE(e, 14) ^ ROTATE(e, 18) ^ ROTATE(e, 41)) +
                            (g ^ (e & (f ^ g))) + rounds512[round + i] + w[i];
            const eight w1 = w[(i + 1) & 15], w14 = w[(i + 14) & 15];

            s[(3 - i) & 7] += t;
            *h = t + (ROTATE(a, 28) ^ ROTATE(a, 34) ^ ROTATE(a, 39)) + ((a & b) | (c & (a | b)));
            w[i] += (ROTATE(w1, 1) ^ ROTATE(w1, 8) ^ (w1 >> 7)) + w[(i + 9) & 15] +
                    (ROTATE(w14, 19) ^ ROTATE(w14, 61) ^ (w14 >> 6));
        }
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] += s[i];
}

/* Each lane takes the next message when its own has ended; one without any hashes zeros. */
WIDE static void many_sha512(const struct cy_hash_message *messages, size_t n)
{
    static const uint8_t zeros[128];
    struct lane lanes[8];
    bool on[8] = {false};
    eight state[8];
    size_t next = 0;

    memset(state, 0, sizeof state);
    for (;;) {
        const uint8_t *at[8];
        bool any = false;

        for (unsigned i = 0; i < 8; i++) {
            if (!on[i] && next < n) {
                lane_begin(&lanes[i], &messages[next++]);
                for (unsigned word = 0; word < 8; word++)
                    state[word][i] = start512[word];
                on[i] = true;
            }
            at[i] = on[i] ? lane_next(&lanes[i], 128) : zeros;
            any = any || on[i];
        }
        if (!any)
            return;
        eight512(state, at);
        for (unsigned i = 0; i < 8; i++) {
            if (!on[i] || !lanes[i].ended)
                continue;
            for (unsigned word = 0; word < 8; word++)
                cy_put_u64be(lanes[i].out + 8 * word, state[word][i]);
            on[i] = false;
        }
    }
}

void cy_sha256_blocks(const uint8_t *padded, size_t blocks, size_t n, uint8_t *out)
{
    if ((can() & HAS_SHA) != 0)
        blocks_by_two(padded, blocks, n, out);
    else
        each_blocks(padded, blocks, n, out);
}

void cy_sha256_many(const struct cy_hash_message *messages, size_t n)
{
    if ((can() & HAS_SHA) != 0)
        many_sha256(messages, n);
    else
        each_sha256(messages, n);
}

void cy_sha512_many(const struct cy_hash_message *messages, size_t n)
{
    if (n >= LANES_LEAST && (can() & HAS_AVX512) != 0)
        many_sha512(messages, n);
    else
        each_sha512(messages, n);
}
#else
void cy_sha256_many(const struct cy_hash_message *messages, size_t n)
{
    each_sha256(messages, n);
}

void cy_sha512_many(const struct cy_hash_message *messages, size_t n)
{
    each_sha512(messages, n);
}

void cy_sha256_blocks(const uint8_t *padded, size_t blocks, size_t n, uint8_t *out)
{
    each_blocks(padded, blocks, n, out);
}
#endif

void cy_hash_leaves(const struct cy_span *entries, size_t n, struct cy_id *leaves)
{
    struct cy_hash_message messages[CY_HASH_GROUP];
    struct cy_span parts[CY_HASH_GROUP][2];

    for (size_t from = 0; from < n; from += CY_HASH_GROUP) {
        const size_t count = n - from < CY_HASH_GROUP ? n - from : CY_HASH_GROUP;

        for (size_t i = 0; i < count; i++) {
            parts[i][0] = cy_span_of("\0", 1);
            parts[i][1] = entries[from + i];
            messages[i] = (struct cy_hash_message){parts[i], 2, leaves[from + i].b};
        }
        cy_sha256_many(messages, count);
    }
}
