#include "sim/sim_party.h"

#define EXPIRES_S 300u

void cy_sim_party_of(struct cy_sim_party *party, struct cy_sim_dice *dice)
{
    uint8_t seed[32];

    cy_sim_fill(dice, seed, sizeof seed);
    *party = (struct cy_sim_party){0};
    cy_secret_of(seed, &party->secret, &party->author.key);
}

/* What one key signs of the act. */
static bool sign_one(struct cy_span head, struct cy_span payload, bool several,
                     const struct cy_secret *secret, struct cy_act_signature *out)
{
    uint8_t plain[CY_PAYLOAD_MAX + 2048];
    struct cy_cbor_writer w = cy_cbor_write(plain, sizeof plain);
    struct cy_signature signature;

    out->key = cy_secret_key(secret);
    if (!cy_ok(cy_envelope_to_sign(head, payload, several, &out->key, &w)))
        return false;
    cy_secret_sign(secret, cy_cbor_written(&w), &signature);
    memcpy(out->bytes, signature.b, sizeof out->bytes);
    return true;
}

struct cy_span cy_sim_sign(const struct cy_claims *claims, const struct cy_any *act,
                           const struct cy_secret *const *secrets, uint32_t n, uint8_t *out,
                           size_t cap)
{
    uint8_t payload[CY_PAYLOAD_MAX];
    uint8_t head[1024];
    struct cy_cbor_writer p = cy_cbor_write(payload, sizeof payload);
    struct cy_cbor_writer h = cy_cbor_write(head, sizeof head);
    struct cy_cbor_writer o = cy_cbor_write(out, cap);
    struct cy_act_signature signatures[CY_SIGNERS_MAX];
    const struct cy_id key = cy_secret_key(secrets[0]);

    CY_ASSERT(n >= 1 && n <= CY_SIGNERS_MAX);
    if (!cy_ok(cy_encode_act(act->schema, act->message, &p)) ||
        !cy_ok(cy_envelope_protected(claims, n > 1 ? NULL : &key, &h)))
        return (struct cy_span){0};
    for (uint32_t i = 0; i < n; i++) {
        if (!sign_one(cy_cbor_written(&h), cy_cbor_written(&p), n > 1, secrets[i], &signatures[i]))
            return (struct cy_span){0};
    }
    if (!cy_ok(
            cy_envelope_write(cy_cbor_written(&h), cy_cbor_written(&p), n > 1, signatures, n, &o)))
        return (struct cy_span){0};
    return cy_cbor_written(&o);
}

struct cy_span cy_sim_party_sign(const struct cy_sim_party *party, const struct cy_id *realm,
                                 cy_time now, uint64_t nonce, const struct cy_any *act,
                                 uint8_t *out, size_t cap)
{
    const bool inception =
        act->schema == &cy_schema_passport_create || act->schema == &cy_schema_genesis;
    const struct cy_secret *secret = &party->secret;
    struct cy_claims claims = {.realm = *realm, .expires = now / 1000 + EXPIRES_S};

    if (!inception)
        claims.author = party->author.passport;
    cy_put_u64be(claims.nonce, nonce);
    return cy_sim_sign(&claims, act, &secret, 1, out, cap);
}
