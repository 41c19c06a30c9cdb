#include "crypto/hash_many.h"

#include "crypto/hash.h"

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

#ifdef CY_IPSEC_MB

/* --- side by side --- */

#include <intel-ipsec-mb.h>

/* How the library hashes with one algorithm here. */
struct way {
    IMB_HASH_ALG alg;
    size_t digest;
    size_t few; /* fewer messages, or shorter ones, cost more by the library's turn than it saves */
    size_t short_;
    bool pairs; /* by the manager that prefers SHA instructions */
    void (*each)(const struct cy_hash_message *, size_t);
};

static const struct way by_sha256 = {IMB_AUTH_SHA_256, 32, 2, 256, true, each_sha256};
static const struct way by_sha512 = {IMB_AUTH_SHA_512, 64, 3, 1, false, each_sha512};

/* Messages of one turn: sixteen of the longest acts, which is how many lanes the widest unit has,
 * or CY_HASH_GROUP short ones. */
#define ROOM ((size_t)1028 << 10)

#define MANAGER_BYTES ((size_t)208 << 10)

/* A manager of the library's widest vectors; and one that knows 128 bits and the SHA instructions:
 * two streams of those are as fast as sixteen lanes, and sixteen are seldom there. */
struct lanes {
    _Alignas(64) uint8_t memory[2][MANAGER_BYTES]; /* of the library */
    _Alignas(64) uint8_t room[ROOM];
    IMB_MGR *wide;
    IMB_MGR *pairs; /* the wide one where the processor has no SHA instructions */
    bool ready;
    bool none; /* the library asks for more than we have: never used then */
};

static _Thread_local struct lanes lanes_;

static bool prepare(struct lanes *lanes)
{
    IMB_ARCH arch = IMB_ARCH_NONE;

    if (imb_get_mb_mgr_size() > MANAGER_BYTES)
        return false;
    lanes->wide = imb_set_pointers_mb_mgr(lanes->memory[0], 0, 1);
    if (lanes->wide == NULL)
        return false;
    init_mb_mgr_auto(lanes->wide, &arch);
    if (arch == IMB_ARCH_NONE || imb_get_errno(lanes->wide) != 0)
        return false;
    lanes->pairs = lanes->wide;
    if ((lanes->wide->features & IMB_FEATURE_SHANI) == 0)
        return true;
    lanes->pairs = imb_set_pointers_mb_mgr(lanes->memory[1], 0, 1);
    if (lanes->pairs == NULL)
        return false;
    init_mb_mgr_sse(lanes->pairs);
    return imb_get_errno(lanes->pairs) == 0;
}

static IMB_MGR *manager(const struct way *way)
{
    if (!lanes_.ready && !lanes_.none) {
        lanes_.ready = prepare(&lanes_);
        lanes_.none = !lanes_.ready;
    }
    if (lanes_.none)
        return NULL;
    return way->pairs ? lanes_.pairs : lanes_.wide;
}

static size_t length(const struct cy_hash_message *message)
{
    size_t n = 0;

    for (size_t i = 0; i < message->n; i++)
        n += message->parts[i].n;
    return n;
}

static void gather(const struct cy_hash_message *message, uint8_t *to)
{
    for (size_t i = 0; i < message->n; i++) {
        if (message->parts[i].n > 0)
            memcpy(to, message->parts[i].at, message->parts[i].n);
        to += message->parts[i].n;
    }
}

/* Takes messages as long as there is room and hashes them; returns how many. A message that has no
 * room at all is not taken. */
static size_t turn(IMB_MGR *mgr, const struct cy_hash_message *messages, size_t n,
                   const struct way *way)
{
    size_t used = 0;
    size_t taken = 0;

    for (; taken < n && taken < CY_HASH_GROUP; taken++) {
        const size_t bytes = length(&messages[taken]);
        IMB_JOB *job = NULL;

        if (bytes < way->short_) {
            way->each(&messages[taken], 1);
            continue;
        }
        if (bytes > ROOM - used)
            break;
        gather(&messages[taken], lanes_.room + used);
        job = IMB_GET_NEXT_JOB(mgr);
        job->cipher_mode = IMB_CIPHER_NULL;
        job->cipher_direction = IMB_DIR_ENCRYPT;
        job->chain_order = IMB_ORDER_HASH_CIPHER;
        job->hash_alg = way->alg;
        job->src = lanes_.room + used;
        job->hash_start_src_offset_in_bytes = 0;
        job->msg_len_to_hash_in_bytes = bytes;
        job->auth_tag_output = messages[taken].out;
        job->auth_tag_output_len_in_bytes = way->digest;
        (void)IMB_SUBMIT_JOB_NOCHECK(mgr);
        while (IMB_GET_COMPLETED_JOB(mgr) != NULL)
            continue;
        used += bytes;
    }
    while (IMB_FLUSH_JOB(mgr) != NULL)
        continue;
    return taken;
}

static void many(const struct cy_hash_message *messages, size_t n, const struct way *way)
{
    IMB_MGR *mgr = n < way->few ? NULL : manager(way);

    while (n > 0) {
        size_t taken = mgr == NULL ? 0 : turn(mgr, messages, n, way);

        if (taken == 0) {
            taken = mgr == NULL ? n : 1;
            way->each(messages, taken);
        }
        messages += taken;
        n -= taken;
    }
}

void cy_sha256_many(const struct cy_hash_message *messages, size_t n)
{
    many(messages, n, &by_sha256);
}

void cy_sha512_many(const struct cy_hash_message *messages, size_t n)
{
    many(messages, n, &by_sha512);
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

#endif

void cy_hash_leaves(const struct cy_span *entries, size_t n, struct cy_id *leaves)
{
    static const uint8_t zero = 0;
    struct cy_span parts[CY_HASH_GROUP][2];
    struct cy_hash_message messages[CY_HASH_GROUP];

    for (size_t from = 0; from < n; from += CY_HASH_GROUP) {
        const size_t count = n - from < CY_HASH_GROUP ? n - from : CY_HASH_GROUP;

        for (size_t i = 0; i < count; i++) {
            parts[i][0] = cy_span_of(&zero, 1);
            parts[i][1] = entries[from + i];
            messages[i] = (struct cy_hash_message){parts[i], 2, leaves[from + i].b};
        }
        cy_sha256_many(messages, count);
    }
}
