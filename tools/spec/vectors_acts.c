/* Acts in each form of signature, and bytes that no realm takes. */
#include "vectors.h"

#include "kernel/act.h"
#include "wire/print.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 8192, EXPIRES = 1767229200 };

static uint8_t payload_[ROOM], protected_[ROOM], act_[ROOM];

struct made {
    struct cy_span payload;
    struct cy_span protected;
    struct cy_span act;
    struct vector_key keys[2];
    struct cy_act_signature signatures[2];
    uint32_t n;
};

static struct cy_claims claims_of(uint64_t nonce)
{
    struct cy_claims claims = {
        .author = vector_id("author"), .realm = vector_id("realm"), .expires = EXPIRES};

    cy_put_u64be(claims.nonce + 8, nonce);
    return claims;
}

/* Puts protected and payload together, signed by the first n keys. */
static void sign(struct made *made)
{
    static uint8_t to_sign[ROOM];
    struct cy_cbor_writer out = cy_cbor_write(act_, sizeof act_);

    for (uint32_t i = 0; i < made->n; i++) {
        struct cy_cbor_writer s = cy_cbor_write(to_sign, sizeof to_sign);
        struct cy_signature signature;

        made->keys[i] = vector_key(i);
        vector_must("to sign", cy_envelope_to_sign(made->protected, made->payload, made->n > 1,
                                                   &made->keys[i].key, &s));
        cy_secret_sign(&made->keys[i].secret, cy_cbor_written(&s), &signature);
        made->signatures[i].key = made->keys[i].key;
        memcpy(made->signatures[i].bytes, signature.b, sizeof signature.b);
    }
    vector_must("envelope", cy_envelope_write(made->protected, made->payload, made->n > 1,
                                              made->signatures, made->n, &out));
    made->act = cy_cbor_written(&out);
}

static void build(struct made *made, const struct cy_claims *claims, const struct cy_schema *schema,
                  const void *message, uint32_t n_keys)
{
    const struct vector_key first = vector_key(0);
    struct cy_cbor_writer p = cy_cbor_write(payload_, sizeof payload_);
    struct cy_cbor_writer h = cy_cbor_write(protected_, sizeof protected_);

    vector_must(schema->name, cy_encode_act(schema, message, &p));
    vector_must("protected", cy_envelope_protected(claims, n_keys == 1 ? &first.key : NULL, &h));
    made->payload = cy_cbor_written(&p);
    made->protected = cy_cbor_written(&h);
    made->n = n_keys;
    sign(made);
}

static void claims_json(FILE *out, const struct cy_claims *claims)
{
    if (!cy_id_none(&claims->author))
        vector_id_hex(out, "iss", &claims->author);
    if (!cy_id_none(&claims->subject))
        vector_id_hex(out, "sub", &claims->subject);
    if (!cy_id_none(&claims->realm))
        vector_id_hex(out, "aud", &claims->realm);
    vector_number(out, "exp", claims->expires);
    vector_hex(out, "cti", cy_span_of(claims->nonce, sizeof claims->nonce));
}

/* Reads the act back and writes everything about it. */
static void write_act(FILE *out, const char *name, const struct made *made)
{
    static uint8_t memory[1 << 16] __attribute__((aligned(16)));
    static uint8_t joined[ROOM];
    char json_bytes[ROOM], say_bytes[ROOM];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct cy_text json = cy_text_on(json_bytes, sizeof json_bytes);
    struct cy_text say = cy_text_on(say_bytes, sizeof say_bytes);
    struct cy_act act;

    vector_must(name, cy_act_open(made->act, &arena, &act));
    cy_print_json(&json, act.any.schema, act.any.message);
    cy_print_say(&say, act.any.schema, act.any.message);
    vector_text(out, "name", name);
    claims_json(out, &act.envelope.claims);
    vector_json(out, "message", cy_text_bytes(&json));
    vector_text(out, "sentence", say_bytes);
    vector_hex(out, "payload", made->payload);
    vector_hex(out, "protected", made->protected);
    for (uint32_t i = 0; i < act.envelope.n_signers; i++) {
        struct cy_span parts[CY_SIGNED_PARTS];
        const size_t n = cy_envelope_signed(&act.envelope, i, parts);
        size_t at = 0;

        for (size_t p = 0; p < n; p++) {
            memcpy(joined + at, parts[p].at, parts[p].n);
            at += parts[p].n;
        }
        vector_id_hex(out, i == 0 ? "seed_0" : "seed_1", &made->keys[i].seed);
        vector_id_hex(out, i == 0 ? "key_0" : "key_1", &act.envelope.signers[i].key);
        vector_hex(out, i == 0 ? "sig_structure_0" : "sig_structure_1", cy_span_of(joined, at));
        vector_hex(out, i == 0 ? "signature_0" : "signature_1",
                   cy_span_of(act.envelope.signers[i].signature, 64));
    }
    vector_id_hex(out, "id", &act.id);
    vector_hex(out, "act", made->act);
}

static struct cy_transfer transfer(void)
{
    return (struct cy_transfer){
        .from = vector_id("account a"), .to = vector_id("account b"), .amount = 250};
}

static void one_key(struct made *made)
{
    const struct cy_claims claims = claims_of(1);
    const struct cy_transfer m = transfer();

    build(made, &claims, &cy_schema_transfer, &m, 1);
}

static void two_keys(struct made *made)
{
    struct cy_claims claims = claims_of(2);
    const struct cy_key_share keys[] = {
        {.key = vector_key(0).key, .clause = 0, .weight = 1},
        {.key = vector_key(1).key, .clause = 1, .weight = 1},
    };
    const struct cy_passport_create m = {.kind = CY_kind_NATION,
                                         .name = vector_name("Atlantis"),
                                         .keys = keys,
                                         .n_keys = 2,
                                         .need_0 = 1,
                                         .need_1 = 1,
                                         .jurisdiction = vector_label("XA")};

    claims.author = (struct cy_id){0}; /* an inception has no author yet */
    build(made, &claims, &cy_schema_passport_create, &m, 2);
}

static void delegate(struct made *made)
{
    struct cy_claims claims = claims_of(3);
    const struct cy_transfer first = transfer();
    const struct cy_account_open second = {.asset = vector_id("asset"), .number = 7};
    const struct cy_any acts[] = {
        {&cy_schema_account_open, &second},
        {&cy_schema_transfer,     &first }
    };
    const struct cy_batch m = {.mode = CY_batch_mode_EACH, .acts = acts, .n_acts = 2};

    claims.subject = vector_id("principal");
    build(made, &claims, &cy_schema_batch, &m, 1);
}

/* The same act with the algorithm -19 (Ed25519): accepted, never made by us. */
static void alg_19(struct made *made)
{
    one_key(made);
    CY_ASSERT(protected_[0] == 0xa4 && protected_[1] == 0x01 && protected_[2] == 0x27);
    protected_[2] = 0x32;
    sign(made);
}

void vectors_acts(FILE *out)
{
    static const struct {
        const char *name;
        void (*make)(struct made *made);
    } rows[] = {
        {"a transfer, one key: COSE_Sign1",                                   one_key },
        {"a new passport, two keys in two clauses, no author yet: COSE_Sign", two_keys},
        {"a batch by a delegate: sub is the principal",                       delegate},
        {"algorithm -19: accepted, never emitted",                            alg_19  },
    };

    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        struct made made;

        rows[i].make(&made);
        vector_begin(out, i == 0);
        write_act(out, rows[i].name, &made);
        vector_end(out);
    }
}

/* --- what is refused --- */

static bool first_;

static void refused(FILE *out, const char *name, struct cy_span bytes)
{
    static uint8_t memory[1 << 16] __attribute__((aligned(16)));
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct cy_act act;
    const cy_err err = cy_act_open(bytes, &arena, &act);

    if (cy_ok(err)) {
        (void)fprintf(stderr, "spec_vectors: %s is accepted\n", name);
        exit(1);
    }
    vector_begin(out, first_);
    first_ = false;
    vector_text(out, "name", name);
    vector_text(out, "refusal", cy_err_info(err.code)->name);
    vector_number(out, "number", err.code);
    vector_hex(out, "act", bytes);
    vector_end(out);
}

/* The first act with another payload, properly signed. */
static void refused_payload(FILE *out, const char *name, const char *hex)
{
    struct made made;
    const size_t n = strlen(hex) / 2;

    one_key(&made);
    vector_must(name, cy_hex_read(cy_span_text(hex), payload_, n));
    made.payload = cy_span_of(payload_, n);
    sign(&made);
    refused(out, name, made.act);
}

/* The first act with byte `at` of the whole changed. */
static void refused_byte(FILE *out, const char *name, size_t at, uint8_t before, uint8_t after)
{
    struct made made;

    one_key(&made);
    CY_ASSERT(act_[at] == before);
    act_[at] = after;
    refused(out, name, made.act);
}

void vectors_refused(FILE *out)
{
    struct made made;

    first_ = true;
    /* payloads: tick {0: 2, 1: now}, param_set {0: 6, 1: name, 2: value}, ... */
    refused_payload(out, "the payload is empty", "a0");
    refused_payload(out, "no act has this number", "a100197fff");
    refused_payload(out, "a field that must be present is missing", "a10002");
    refused_payload(out, "a field that this act does not have", "a3000201010a00");
    refused_payload(out, "a default written out", "a300060161610200");
    refused_payload(out, "keys not in ascending order", "a300060201016161");
    refused_payload(out, "a key twice", "a3000201010102");
    refused_payload(out, "an integer longer than needed", "a20002011801");
    refused_payload(out, "a map of indefinite length", "bf00020101ff");
    refused_payload(out, "a fraction", "a2000201f93c00");
    refused_payload(out, "a text where a number belongs", "a20002016131");
    refused_payload(out, "a text that is not UTF-8", "a200060161ff");
    refused_payload(out, "an amount with a leading zero byte", "a200183c04420001");
    refused_payload(out, "bytes after the message", "a20002010100");
    /* envelopes: d2 84 58 n protected a0 58 n payload 58 40 signature */
    one_key(&made);
    refused_byte(out, "another tag", 0, 0xd2, 0xd1);
    refused_byte(out, "three elements", 1, 0x84, 0x83);
    refused_byte(out, "an algorithm that is not Ed25519", 6, 0x27, 0x26);
    refused_byte(out, "an unprotected header", 4 + made.protected.n, 0xa0, 0xa1);
    one_key(&made);
    refused(out, "the last byte is missing", cy_span_of(made.act.at, made.act.n - 1));
    act_[made.act.n] = 0;
    refused(out, "a byte too many", cy_span_of(made.act.at, made.act.n + 1));
    two_keys(&made);
    made.signatures[1] = made.signatures[0];
    {
        struct cy_cbor_writer w = cy_cbor_write(act_, sizeof act_);

        if (cy_ok(cy_envelope_write(made.protected, made.payload, true, made.signatures, 2, &w)))
            refused(out, "one key signs twice", cy_cbor_written(&w));
    }
}

/* --- the example, head by head --- */

static struct cy_span whole_;

static void row(FILE *out, size_t from, size_t to, unsigned depth, const char *what)
{
    const size_t shown = to - from > 12 ? 12 : to - from;

    (void)fprintf(out, "| %zu | `", from);
    for (size_t i = 0; i < shown; i++)
        (void)fprintf(out, "%02x", whole_.at[from + i]);
    (void)fprintf(out, "%s` | ", to - from > shown ? "..." : "");
    for (unsigned i = 0; i < depth; i++)
        (void)fputs("&nbsp;&nbsp;", out);
    (void)fprintf(out, "%s |\n", what);
}

static void walk(FILE *out, struct cy_cbor_reader *in, size_t base, unsigned depth,
                 const char *const **notes)
{
    const size_t from = in->pos;
    const char *note = *(*notes)++;
    struct cy_cbor_token token;
    char what[256];

    vector_must("example", cy_cbor_next(in, &token));
    switch (token.kind) {
    case CY_CBOR_UINT:
        (void)snprintf(what, sizeof what, "%llu: %s", (unsigned long long)token.n, note);
        break;
    case CY_CBOR_NEGINT:
        (void)snprintf(what, sizeof what, "-%llu: %s", (unsigned long long)token.n + 1, note);
        break;
    case CY_CBOR_BYTES:
        (void)snprintf(what, sizeof what, "%zu bytes: %s", token.bytes.n, note);
        break;
    case CY_CBOR_TEXT:
        (void)snprintf(what, sizeof what, "text of %zu: %s", token.bytes.n, note);
        break;
    case CY_CBOR_ARRAY:
        (void)snprintf(what, sizeof what, "array of %llu: %s", (unsigned long long)token.n, note);
        break;
    case CY_CBOR_MAP:
        (void)snprintf(what, sizeof what, "map of %llu: %s", (unsigned long long)token.n, note);
        break;
    case CY_CBOR_TAG:
        (void)snprintf(what, sizeof what, "tag %llu: %s", (unsigned long long)token.n, note);
        break;
    case CY_CBOR_BOOL:
    case CY_CBOR_NULL:
    case CY_CBOR_OTHER: (void)snprintf(what, sizeof what, "%s", note); break;
    }
    /* a bucket is shown by its head, then by what is in it */
    const bool bucket = token.kind == CY_CBOR_BYTES && strncmp(note, "in it", 5) == 0;
    row(out, base + from, base + in->pos - (bucket ? token.bytes.n : 0), depth, what);
    if (bucket) {
        struct cy_cbor_reader inner = cy_cbor_read(token.bytes);

        walk(out, &inner, base + in->pos - token.bytes.n, depth + 1, notes);
    }
    if (token.kind == CY_CBOR_TAG)
        walk(out, in, base, depth, notes);
    for (uint64_t i = 0; token.kind == CY_CBOR_ARRAY && i < token.n; i++)
        walk(out, in, base, depth + 1, notes);
    for (uint64_t i = 0; token.kind == CY_CBOR_MAP && i < 2 * token.n; i++)
        walk(out, in, base, depth + 1, notes);
}

void vectors_example(FILE *out)
{
    static const char *const notes[] = {
        "COSE_Sign1 (RFC 9052 section 4.2)",
        "protected, unprotected, payload, signature",
        "in it the protected headers",
        "ascending keys",
        "alg (RFC 9052 section 3.1)",
        "EdDSA",
        "content type",
        "`application/vnd.comity.act+cbor`",
        "kid",
        "the public key, in full",
        "CWT claims (RFC 9597)",
        "the claims (RFC 8392)",
        "iss",
        "the author's passport, as hexadecimal digits",
        "aud",
        "the realm",
        "exp",
        "Unix seconds",
        "cti",
        "a nonce",
        "unprotected headers: always empty",
        "in it the payload",
        "the act",
        "what it is",
        "`transfer`",
        "`from`",
        "an account",
        "`to`",
        "an account",
        "`amount`",
        "250, big-endian, shortest",
        "the Ed25519 signature over the Sig_structure",
    };
    const char *const *next = notes;
    struct made made;
    struct cy_cbor_reader in;

    one_key(&made);
    whole_ = made.act;
    in = cy_cbor_read(made.act);
    (void)fputs("| offset | bytes | meaning |\n|---|---|---|\n", out);
    walk(out, &in, 0, 0, &next);
    CY_ASSERT(next == notes + CY_COUNT(notes));
}
