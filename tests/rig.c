#include "rig.h"

#include "crypto/hash.h"

#include <sodium.h>
#include <sys/mman.h>

#define FRESH_BYTES ((size_t)2 << 30)

/* The bytes of the fields alone: what stands between them, a compiler fills as it likes. */
static void add_fields(struct cy_sha256_stream *stream, const struct cy_schema *schema,
                       const uint8_t *record)
{
    for (size_t f = 0; f < schema->n_fields; f++) {
        const size_t first = schema->fields[f].at;
        size_t end = first + cy_type_size(schema->fields[f].type);

        for (; f + 1 < schema->n_fields && schema->fields[f + 1].at == end; f++)
            end += cy_type_size(schema->fields[f + 1].type);
        cy_sha256_more(stream, cy_span_of(record + first, end - first));
    }
}

struct cy_id rig_world_bytes(const struct cy_world *world)
{
    struct cy_sha256_stream stream;

    cy_sha256_begin(&stream);
    for (uint32_t t = 0; t < world->n_tables; t++) {
        const struct cy_table *table = &world->tables[t].table;

        cy_sha256_more(&stream, cy_span_of(&table->n, sizeof table->n));
        for (uint32_t i = 0; i < table->n; i++)
            add_fields(&stream, world->tables[t].spec->schema,
                       (const uint8_t *)table->records + (size_t)i * table->size);
        cy_sha256_more(&stream,
                       cy_span_of(world->tables[t].dirty, ((size_t)table->n + 63) / 64 * 8));
    }
    cy_sha256_more(&stream, cy_span_of(&world->n_removed, sizeof world->n_removed));
    return cy_sha256_end(&stream);
}

struct cy_name rig_name(const char *text)
{
    struct cy_name out;

    assert_ok(cy_name_of(cy_span_text(text), &out));
    return out;
}

struct cy_label rig_label(const char *text)
{
    struct cy_label out;

    assert_ok(cy_label_of(cy_span_text(text), &out));
    return out;
}

struct cy_line rig_line(const char *text)
{
    struct cy_line out;

    assert_ok(cy_line_of(cy_span_text(text), &out));
    return out;
}

struct cy_claims rig_claims(struct rig *rig, unsigned n)
{
    struct cy_claims claims = {
        .author = rig->id[n], .realm = rig->realm, .expires = rig->now / 1000 + 600};

    cy_put_u64be(claims.nonce, ++rig->nonce);
    return claims;
}

struct cy_span rig_build(struct rig *rig, const struct cy_claims *claims,
                         const struct cy_schema *schema, const void *message, const unsigned *keys,
                         unsigned n_keys)
{
    static uint8_t payload[65536], protected[1024], signed_bytes[66560];
    struct cy_cbor_writer p = cy_cbor_write(payload, sizeof payload);
    struct cy_cbor_writer h = cy_cbor_write(protected, sizeof protected);
    struct cy_cbor_writer out = cy_cbor_write(rig->bytes, sizeof rig->bytes);
    struct cy_act_signature signatures[CY_SIGNERS_MAX];

    assert_ok(cy_encode_act(schema, message, &p));
    assert_ok(cy_envelope_protected(claims, n_keys == 1 ? &rig->key[keys[0]] : NULL, &h));
    for (unsigned i = 0; i < n_keys; i++) {
        struct cy_cbor_writer s = cy_cbor_write(signed_bytes, sizeof signed_bytes);

        assert_ok(cy_envelope_to_sign(cy_cbor_written(&h), cy_cbor_written(&p), n_keys > 1,
                                      &rig->key[keys[i]], &s));
        signatures[i].key = rig->key[keys[i]];
        crypto_sign_detached(signatures[i].bytes, NULL, s.at, s.n, rig->secret[keys[i]]);
    }
    assert_ok(cy_envelope_write(cy_cbor_written(&h), cy_cbor_written(&p), n_keys > 1, signatures,
                                n_keys, &out));
    rig->act = cy_cbor_written(&out);
    return rig->act;
}

static bool signatures_hold(const struct cy_act *act)
{
    for (uint32_t i = 0; i < act->envelope.n_signers; i++) {
        struct cy_span parts[CY_SIGNED_PARTS];
        uint8_t joined[66560];
        const size_t n = cy_envelope_signed(&act->envelope, i, parts);
        size_t at = 0;

        for (size_t p = 0; p < n; p++) {
            memcpy(joined + at, parts[p].at, parts[p].n);
            at += parts[p].n;
        }
        if (crypto_sign_verify_detached(act->envelope.signers[i].signature, joined, at,
                                        act->envelope.signers[i].key.b) != 0)
            return false;
    }
    return true;
}

cy_err rig_send(struct rig *rig, struct cy_span bytes)
{
    struct cy_act act;

    cy_arena_rewind(&rig->scratch, 0);
    rig->verdict = (struct cy_verdict){.err = cy_act_open(bytes, &rig->scratch, &act)};
    if (!cy_ok(rig->verdict.err))
        return rig->verdict.err;
    if (!signatures_hold(&act))
        return rig->verdict.err = cy_fail(CY_E_BAD_SIGNATURE, 0);
    cy_engine_judge(&rig->engine, &act, rig->at, &rig->verdict);
    if (!cy_ok(rig->verdict.err))
        return rig->verdict.err;
    cy_engine_apply(&rig->engine);
    rig->last = act.id;
    rig->at++;
    return CY_OK;
}

cy_err rig_do(struct rig *rig, unsigned n, const struct cy_schema *schema, const void *message)
{
    const struct cy_claims claims = rig_claims(rig, n);

    return rig_send(rig, rig_build(rig, &claims, schema, message, &n, 1));
}

cy_err rig_for(struct rig *rig, unsigned n, unsigned principal, const struct cy_schema *schema,
               const void *message)
{
    struct cy_claims claims = rig_claims(rig, n);

    claims.subject = rig->id[principal];
    return rig_send(rig, rig_build(rig, &claims, schema, message, &n, 1));
}

void rig_passport(struct rig *rig, unsigned n, unsigned kind, const char *name)
{
    const struct cy_key_share share = {.key = rig->key[n], .weight = 1};
    const struct cy_passport_create m = {
        .kind = (uint8_t)kind, .name = rig_name(name), .keys = &share, .n_keys = 1, .need_0 = 1};
    struct cy_claims claims = rig_claims(rig, n);

    claims.author = (struct cy_id){0};
    assert_ok(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_create, &m, &n, 1)));
    rig->id[n] = rig->last;
}

void rig_tick(struct rig *rig, uint64_t ms)
{
    assert_ok(RIG_DO(rig, 0, tick, .now = rig->now + ms));
    rig->now += ms;
}

/* number: of the set of keys. */
static struct rig *bare(uint8_t number, const struct cy_institution *const *roster, size_t n_roster)
{
    struct rig *rig = calloc(1, sizeof *rig);

    assert_true(sodium_init() >= 0);
    rig->fresh = cy_arena_on(mmap(NULL, FRESH_BYTES, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
                             FRESH_BYTES);
    rig->scratch = cy_arena_on(cy_arena_take(&rig->fresh, 8 << 20), 8 << 20);
    assert_ok(cy_engine_init(&rig->engine, roster, n_roster, NULL, 0, &rig->fresh));
    for (unsigned i = 0; i < RIG_KEYS; i++) {
        uint8_t seed[32] = {(uint8_t)i, number};

        crypto_sign_seed_keypair(rig->key[i].b, rig->secret[i], seed);
    }
    rig->now = 1767225600000u;
    return rig;
}

struct rig *rig_bare(const struct cy_institution *const *roster, size_t n_roster)
{
    return bare(1, roster, n_roster);
}

struct rig *rig_new(const struct cy_institution *const *roster, size_t n_roster)
{
    return rig_named("test.example/ledger", 1, roster, n_roster);
}

struct rig *rig_named(const char *origin, uint8_t number,
                      const struct cy_institution *const *roster, size_t n_roster)
{
    struct rig *rig = bare(number, roster, n_roster);
    const unsigned operator= 0;
    const struct cy_key_share share = {.key = rig->key[0], .weight = 1};
    const struct cy_genesis m = {.name = rig_name(origin),
                                 .now = rig->now,
                                 .keys = &share,
                                 .n_keys = 1,
                                 .need_0 = 1,
                                 .log_key = rig->key[RIG_KEYS - 1],
                                 .rules = 1};
    const struct cy_claims claims = rig_claims(rig, 0);

    assert_ok(rig_send(rig, rig_build(rig, &claims, &cy_schema_genesis, &m, &operator, 1)));
    rig->realm = rig->last;
    rig->id[0] = rig->last;
    return rig;
}

void rig_free(struct rig *rig)
{
    munmap(rig->fresh.at, FRESH_BYTES);
    free(rig);
}
