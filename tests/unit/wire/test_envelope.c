/* envelope: what is written reads back, for one signer and several; what differs from the one form
 * is refused, each fault with its own error. Acts are made here by hand from a list of knobs, so
 * that every fault stands alone in an otherwise good act. */
#include "wire/envelope.h"

#include "cm.h"

struct knobs {
    uint64_t tag; /* 0: none */
    uint64_t outer;
    bool tagged_twice;
    const char *alg_text;   /* instead of a number */
    uint64_t alg;           /* -1 - alg */
    bool alg_positive;      /* written as an unsigned number */
    const char *type;       /* content type */
    size_t kid;             /* bytes */
    bool kid_first;         /* order of the labels */
    bool extra_header;      /* {..., 16: 0} */
    bool no_kid;            /* one label too few */
    const char *iss;        /* hexadecimal; NULL: left out */
    const char *aud;        /* the same */
    bool no_exp;            /* claims */
    bool claims_descending; /* cti before exp */
    bool iss_twice;
    bool extra_claim; /* 5: nbf */
    size_t cti;
    bool unprotected;  /* {1: 0} */
    bool short_bucket; /* the last byte of the bucket is missing */
    bool long_bucket;  /* a byte more */
    bool payload_text; /* payload as text */
    bool payload_null; /* detached */
    bool long_head;    /* payload length in more bytes than needed */
    size_t signature;  /* bytes */
    size_t payload;    /* bytes */
    size_t trailing;   /* bytes after the end */
    uint32_t signers;  /* 0: COSE_Sign1 */
    bool same_key;     /* the last signer again the first */
    bool signer_extra; /* a header more in the last signer */
    bool signer_loose; /* unprotected header in the last signer */
    uint64_t signer_alg;
};

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define GOOD                                                                                       \
    .tag = 18, .outer = 4, .alg = 7, .type = CY_CONTENT_TYPE, .kid = 32, .iss = A64, .aud = A64,   \
    .cti = 16, .signature = 64, .payload = 5, .signer_alg = 7
#define SEVERAL                                                                                    \
    .tag = 98, .outer = 4, .alg = 7, .type = CY_CONTENT_TYPE, .kid = 32, .iss = A64, .aud = A64,   \
    .cti = 16, .signature = 64, .payload = 5, .signer_alg = 7, .signers = 2

static uint8_t entry[1 << 17];
static const uint8_t filler[1 << 17];

static void put_claims(struct cy_cbor_writer *out, const struct knobs *k)
{
    const unsigned pairs =
        2u + (k->iss != NULL) + (k->aud != NULL) + k->extra_claim + k->iss_twice - k->no_exp;

    cy_cbor_map(out, pairs);
    if (k->claims_descending) {
        cy_cbor_uint(out, 7);
        cy_cbor_bytes(out, cy_span_of(filler, k->cti));
    }
    for (unsigned i = 0; k->iss != NULL && i < 1u + k->iss_twice; i++) {
        cy_cbor_uint(out, 1);
        cy_cbor_text(out, cy_span_text(k->iss));
    }
    if (k->aud != NULL) {
        cy_cbor_uint(out, 3);
        cy_cbor_text(out, cy_span_text(k->aud));
    }
    if (!k->no_exp) {
        cy_cbor_uint(out, 4);
        cy_cbor_uint(out, 1234567);
    }
    if (k->extra_claim) {
        cy_cbor_uint(out, 5);
        cy_cbor_uint(out, 1);
    }
    if (!k->claims_descending) {
        cy_cbor_uint(out, 7);
        cy_cbor_bytes(out, cy_span_of(filler, k->cti));
    }
}

static void put_alg(struct cy_cbor_writer *out, const struct knobs *k, uint64_t alg)
{
    cy_cbor_uint(out, 1);
    if (k->alg_text != NULL)
        cy_cbor_text(out, cy_span_text(k->alg_text));
    else if (k->alg_positive)
        cy_cbor_uint(out, alg);
    else
        cy_cbor_negint(out, alg);
}

static void put_kid(struct cy_cbor_writer *out, const struct knobs *k)
{
    uint8_t key[64];

    memset(key, 0x11, sizeof key);
    cy_cbor_uint(out, 4);
    cy_cbor_bytes(out, cy_span_of(key, k->kid));
}

static struct cy_span bucket_of(const struct knobs *k, uint8_t *at, size_t cap)
{
    struct cy_cbor_writer out = cy_cbor_write(at, cap);
    const bool one = k->signers == 0;

    cy_cbor_map(&out, (one ? 4u : 2u) + k->extra_header - (one && k->no_kid));
    if (one && k->kid_first)
        put_kid(&out, k);
    if (one)
        put_alg(&out, k, k->alg);
    cy_cbor_uint(&out, 3);
    cy_cbor_text(&out, cy_span_text(k->type));
    if (one && !k->kid_first && !k->no_kid)
        put_kid(&out, k);
    cy_cbor_uint(&out, 15);
    put_claims(&out, k);
    if (k->extra_header) {
        cy_cbor_uint(&out, 16);
        cy_cbor_uint(&out, 0);
    }
    if (k->long_bucket)
        cy_cbor_uint(&out, 0);
    assert_false(out.full);
    return cy_span_of(at, out.n - k->short_bucket);
}

static void put_loose(struct cy_cbor_writer *out, bool full)
{
    cy_cbor_map(out, full);
    if (full) {
        cy_cbor_uint(out, 1);
        cy_cbor_uint(out, 0);
    }
}

static void put_signer(struct cy_cbor_writer *out, const struct knobs *k, uint32_t i)
{
    const bool last = i + 1 == k->signers;
    uint8_t headers[128];
    uint8_t key[32];
    struct cy_cbor_writer bucket = cy_cbor_write(headers, sizeof headers);

    memset(key, last && k->same_key ? 0x20 : 0x20 + (int)i, sizeof key);
    cy_cbor_map(&bucket, 2u + (last && k->signer_extra));
    put_alg(&bucket, k, last ? k->signer_alg : 7);
    if (last && k->signer_extra) {
        cy_cbor_uint(&bucket, 3);
        cy_cbor_uint(&bucket, 0);
    }
    cy_cbor_uint(&bucket, 4);
    cy_cbor_bytes(&bucket, cy_span_of(key, sizeof key));
    cy_cbor_array(out, 3);
    cy_cbor_bytes(out, cy_cbor_written(&bucket));
    put_loose(out, last && k->signer_loose);
    cy_cbor_bytes(out, cy_span_of(filler, k->signature));
}

static void put_payload(struct cy_cbor_writer *out, const struct knobs *k)
{
    static const uint8_t null[] = {0xf6};
    static const uint8_t longer[] = {0x58, 5};

    if (k->payload_null) {
        cy_cbor_raw(out, cy_span_of(null, 1));
    } else if (k->payload_text) {
        cy_cbor_text(out, cy_span_text("hello"));
    } else if (k->long_head) {
        cy_cbor_raw(out, cy_span_of(longer, 2));
        cy_cbor_raw(out, cy_span_of(filler, 5));
    } else {
        cy_cbor_bytes(out, cy_span_of(filler, k->payload));
    }
}

static struct cy_span build(const struct knobs *k)
{
    struct cy_cbor_writer out = cy_cbor_write(entry, sizeof entry);
    uint8_t bucket[512];

    if (k->tagged_twice)
        cy_cbor_tag(&out, k->tag);
    if (k->tag != 0)
        cy_cbor_tag(&out, k->tag);
    cy_cbor_array(&out, k->outer);
    cy_cbor_bytes(&out, bucket_of(k, bucket, sizeof bucket));
    put_loose(&out, k->unprotected);
    put_payload(&out, k);
    if (k->tag == 98)
        cy_cbor_array(&out, k->signers);
    for (uint32_t i = 0; i < k->signers; i++)
        put_signer(&out, k, i);
    if (k->tag != 98)
        cy_cbor_bytes(&out, cy_span_of(filler, k->signature));
    for (size_t i = 0; i < k->trailing; i++)
        cy_cbor_uint(&out, 0);
    assert_false(out.full);
    return cy_cbor_written(&out);
}

static void check(const struct knobs *knobs, enum cy_code want, int line)
{
    struct cy_envelope envelope;
    const cy_err e = cy_envelope_read(build(knobs), &envelope);

    if (e.code != want)
        fail_msg("line %d: got %s, wanted %s", line, cy_err_info(e.code)->name,
                 cy_err_info(want)->name);
}

/* A good act with one change. */
#define CHECK(NAME, BASE, change)                                                                  \
    do {                                                                                           \
        struct knobs k = {BASE};                                                                   \
        change;                                                                                    \
        check(&k, CY_E_##NAME, __LINE__);                                                          \
    } while (0)

static void one_fault_each(void **s)
{
    static const char upper[] = "AaAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    static const char none[] = "0000000000000000000000000000000000000000000000000000000000000000";

    (void)s;
    CHECK(NONE, GOOD, (void)k);
    CHECK(NONE, GOOD, k.alg = 18);   /* -19, Ed25519 */
    CHECK(NONE, GOOD, k.iss = NULL); /* an inception */
    CHECK(NONE, GOOD, k.aud = NULL); /* a genesis */
    CHECK(NONE, GOOD, k.payload = 0);
    CHECK(WRONG_TYPE, GOOD, k.tag = 0);     /* sign-pass-03: the tag is needed here */
    CHECK(BAD_ENVELOPE, GOOD, k.tag = 998); /* sign-fail-01 */
    CHECK(BAD_ENVELOPE, GOOD, k.tag = 17);
    CHECK(BAD_ENVELOPE, GOOD, k.tag = 98); /* headers of the other form */
    CHECK(WRONG_TYPE, GOOD, k.tagged_twice = true);
    CHECK(BAD_ENVELOPE, GOOD, k.outer = 3);
    CHECK(BAD_ENVELOPE, GOOD, k.outer = 5);
    CHECK(BAD_ALG, GOOD, k.alg = 998); /* sign-fail-03 */
    CHECK(BAD_ALG, GOOD, k.alg = 6);   /* -7, ES256 */
    CHECK(BAD_ALG, GOOD, k.alg_positive = true);
    CHECK(BAD_ALG, GOOD, k.alg_text = "unknown"); /* sign-fail-04 */
    CHECK(BAD_ENVELOPE, GOOD, k.type = "application/json");
    CHECK(BAD_ENVELOPE, GOOD, k.type = "");
    CHECK(BAD_ENVELOPE, GOOD, k.kid = 31);
    CHECK(BAD_ENVELOPE, GOOD, k.kid = 33);
    CHECK(BAD_ENVELOPE, GOOD, k.kid_first = true);
    CHECK(BAD_ENVELOPE, GOOD, k.extra_header = true); /* sign-fail-06 */
    CHECK(BAD_ENVELOPE, GOOD, k.no_kid = true);       /* sign-fail-07 */
    CHECK(BAD_ENVELOPE, GOOD, k.iss = upper);
    CHECK(BAD_ENVELOPE, GOOD, k.aud = upper);
    CHECK(BAD_ENVELOPE, GOOD, k.iss = none);
    CHECK(BAD_HEX, GOOD, k.iss = "abcd");
    CHECK(BAD_HEX, GOOD, k.aud = A64 "aa");
    CHECK(BAD_ENVELOPE, GOOD, k.no_exp = true);
    CHECK(BAD_ENVELOPE, GOOD, k.claims_descending = true);
    CHECK(BAD_ENVELOPE, GOOD, k.iss_twice = true);
    CHECK(BAD_ENVELOPE, GOOD, k.extra_claim = true);
    CHECK(BAD_ENVELOPE, GOOD, k.cti = 15);
    CHECK(BAD_ENVELOPE, GOOD, k.cti = 17);
    CHECK(BAD_ENVELOPE, GOOD, k.unprotected = true);
    CHECK(BAD_ENVELOPE, GOOD, k.short_bucket = true);
    CHECK(BAD_ENVELOPE, GOOD, k.long_bucket = true);
    CHECK(WRONG_TYPE, GOOD, k.payload_text = true);
    CHECK(WRONG_TYPE, GOOD, k.payload_null = true);
    CHECK(NOT_CANONICAL, GOOD, k.long_head = true);
    CHECK(BAD_ENVELOPE, GOOD, k.signature = 63);
    CHECK(BAD_ENVELOPE, GOOD, k.signature = 65);
    CHECK(TRAILING, GOOD, k.trailing = 1);
    CHECK(TOO_LARGE, GOOD, k.payload = 65535);
    CHECK(NONE, SEVERAL, (void)k);
    CHECK(NONE, SEVERAL, k.signers = CY_SIGNERS_MAX);
    CHECK(NONE, SEVERAL, k.signer_alg = 18);
    CHECK(BAD_ENVELOPE, SEVERAL, k.signers = CY_SIGNERS_MAX + 1);
    CHECK(BAD_ENVELOPE, SEVERAL, k.signers = 1); /* the shorter form exists */
    CHECK(SURPLUS_SIGNATURE, SEVERAL, k.same_key = true);
    CHECK(SURPLUS_SIGNATURE, SEVERAL, k.signers = 7; k.same_key = true);
    CHECK(BAD_ENVELOPE, SEVERAL, k.signer_extra = true);
    CHECK(BAD_ENVELOPE, SEVERAL, k.signer_loose = true);
    CHECK(BAD_ALG, SEVERAL, k.signer_alg = 6);
    CHECK(BAD_ALG, SEVERAL, k.alg_text = "EdDSA");
    CHECK(BAD_ENVELOPE, SEVERAL, k.unprotected = true);
    CHECK(BAD_ENVELOPE, SEVERAL, k.extra_header = true);
    CHECK(BAD_ENVELOPE, SEVERAL, k.signature = 0);
    CHECK(BAD_ENVELOPE, SEVERAL, k.tag = 18);
    CHECK(TRAILING, SEVERAL, k.trailing = 3);
}

/* The limit to the byte, and every prefix of a good act is too short. */
static void sizes(void **s)
{
    struct knobs knobs = {GOOD};
    struct cy_envelope envelope;
    struct cy_span bytes;

    (void)s;
    for (unsigned several = 0; several < 2; several++) {
        knobs = several ? (struct knobs){SEVERAL} : (struct knobs){GOOD};
        bytes = build(&knobs);
        for (size_t n = 0; n < bytes.n; n++)
            assert_code(cy_envelope_read(cy_span_of(bytes.at, n), &envelope), SHORT);
        knobs.payload = 65000;
        knobs.payload += CY_ENTRY_MAX - build(&knobs).n;
        bytes = build(&knobs);
        assert_int_equal(bytes.n, 65535);
        assert_ok(cy_envelope_read(bytes, &envelope));
        assert_int_equal(envelope.payload.n, knobs.payload);
        knobs.payload++;
        assert_code(cy_envelope_read(build(&knobs), &envelope), TOO_LARGE);
    }
}

static void same_claims(const struct cy_claims *a, const struct cy_claims *b)
{
    assert_true(cy_id_eq(&a->author, &b->author));
    assert_true(cy_id_eq(&a->subject, &b->subject));
    assert_true(cy_id_eq(&a->realm, &b->realm));
    assert_true(a->expires == b->expires);
    assert_memory_equal(a->nonce, b->nonce, sizeof a->nonce);
}

static void round_trip_of(const struct cy_claims *claims, struct cy_span payload, uint32_t n)
{
    static uint8_t head[1024];
    static uint8_t act[1 << 17];
    static uint8_t to_sign[1 << 17];
    static uint8_t joined[1 << 17];
    struct cy_act_signature signatures[CY_SIGNERS_MAX];
    struct cy_cbor_writer bucket = cy_cbor_write(head, sizeof head);
    struct cy_cbor_writer out = cy_cbor_write(act, sizeof act);
    const bool several = n > 1;
    struct cy_envelope envelope;
    struct cy_span protected;

    for (uint32_t i = 0; i < n; i++) {
        memset(&signatures[i], 0x30 + (int)i, sizeof signatures[i]);
        signatures[i].bytes[63] ^= 0xff;
    }
    assert_ok(cy_envelope_protected(claims, several ? NULL : &signatures[0].key, &bucket));
    protected = cy_cbor_written(&bucket);
    assert_ok(cy_envelope_write(protected, payload, several, signatures, n, &out));
    assert_ok(cy_envelope_read(cy_cbor_written(&out), &envelope));
    same_claims(claims, &envelope.claims);
    assert_int_equal(envelope.several, several);
    assert_int_equal(envelope.n_signers, n);
    assert_true(cy_span_eq(envelope.payload, payload));
    assert_true(cy_span_eq(envelope.protected, protected));
    for (uint32_t i = 0; i < n; i++) {
        struct cy_cbor_writer sign = cy_cbor_write(to_sign, sizeof to_sign);
        struct cy_span parts[CY_SIGNED_PARTS];
        const size_t count = cy_envelope_signed(&envelope, i, parts);
        size_t at = 0;

        assert_true(cy_id_eq(&envelope.signers[i].key, &signatures[i].key));
        assert_memory_equal(envelope.signers[i].signature, signatures[i].bytes, 64);
        assert_int_equal(count, several ? 5 : 4);
        for (size_t p = 0; p < count; p++) {
            memcpy(joined + at, parts[p].at, parts[p].n);
            at += parts[p].n;
        }
        assert_ok(cy_envelope_to_sign(protected, payload, several, &signatures[i].key, &sign));
        assert_int_equal(at, sign.n);
        assert_memory_equal(joined, to_sign, at);
    }
    for (size_t cap = 0; cap < out.n; cap += 1 + cap / 4) {
        struct cy_cbor_writer tight = cy_cbor_write(act, cap);

        assert_code(cy_envelope_write(protected, payload, several, signatures, n, &tight), NO_ROOM);
    }
}

static void round_trip(void **s)
{
    static const size_t sizes_of_payload[] = {0, 1, 23, 24, 255, 256, 60000};

    (void)s;
    for (unsigned who = 0; who < 8; who++) {
        struct cy_claims claims = {.expires = who * 0x1111111111u};

        memset(claims.nonce, (int)who, sizeof claims.nonce);
        if (who & 1)
            memset(claims.author.b, 0xa1, 32);
        if (who & 2)
            memset(claims.subject.b, 0xb2, 32);
        if (who & 4)
            memset(claims.realm.b, 0xc3, 32);
        for (size_t i = 0; i < CY_COUNT(sizes_of_payload); i++) {
            round_trip_of(&claims, cy_span_of(filler, sizes_of_payload[i]), 1);
            round_trip_of(&claims, cy_span_of(filler, sizes_of_payload[i]), 2);
            round_trip_of(&claims, cy_span_of(filler, sizes_of_payload[i]), CY_SIGNERS_MAX);
        }
    }
}

/* What the reader would refuse for its size is not written. */
static void write_too_large(void **s)
{
    static uint8_t act[1 << 17];
    struct cy_act_signature signatures[CY_SIGNERS_MAX];
    uint32_t fits = 0;

    (void)s;
    for (uint32_t i = 0; i < CY_SIGNERS_MAX; i++)
        memset(&signatures[i], 0x30 + (int)i, sizeof signatures[i]);
    for (uint32_t n = 1; n <= CY_SIGNERS_MAX; n++) {
        const struct cy_claims claims = {.expires = 1};
        uint8_t head[512];
        struct cy_cbor_writer bucket = cy_cbor_write(head, sizeof head);
        struct cy_cbor_writer out = cy_cbor_write(act, sizeof act);
        struct cy_envelope envelope;
        cy_err e;

        assert_ok(cy_envelope_protected(&claims, n > 1 ? NULL : &signatures[0].key, &bucket));
        e = cy_envelope_write(cy_cbor_written(&bucket), cy_span_of(filler, 64900), n > 1,
                              signatures, n, &out);
        assert_int_equal(out.n > CY_ENTRY_MAX, !cy_ok(e));
        if (cy_ok(e)) {
            assert_ok(cy_envelope_read(cy_cbor_written(&out), &envelope));
            fits++;
        } else {
            assert_code(e, TOO_LARGE);
        }
    }
    assert_true(fits > 1 && fits < CY_SIGNERS_MAX);
}

/* The Sig_structure of RFC 9052 section 4.4, byte by byte. */
static void signed_bytes(void **s)
{
    static const uint8_t payload[] = {0xa1, 0x00, 0x01};
    static const uint8_t protected[] = {0xa0};
    static const uint8_t one[] = "\x84\x6aSignature1\x41\xa0\x40\x43\xa1\x00\x01";
    uint8_t room[200];
    struct cy_id key;
    struct cy_cbor_writer out = cy_cbor_write(room, sizeof room);

    (void)s;
    assert_ok(
        cy_envelope_to_sign(cy_span_of(protected, 1), cy_span_of(payload, 3), false, NULL, &out));
    assert_int_equal(out.n, sizeof one - 1);
    assert_memory_equal(room, one, out.n);
    memset(&key, 0x77, sizeof key);
    out = cy_cbor_write(room, sizeof room);
    assert_ok(
        cy_envelope_to_sign(cy_span_of(protected, 1), cy_span_of(payload, 3), true, &key, &out));
    assert_int_equal(out.n, 11 + 2 + 2 + 38 + 1 + 4);
    assert_memory_equal(room, "\x85\x69Signature\x41\xa0\x58\x26\xa2\x01\x27\x04\x58\x20", 21);
    assert_memory_equal(room + 21, &key, 32);
    assert_memory_equal(room + 53, "\x40\x43\xa1\x00\x01", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_fault_each), cmocka_unit_test(sizes),
        cmocka_unit_test(round_trip),     cmocka_unit_test(write_too_large),
        cmocka_unit_test(signed_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
