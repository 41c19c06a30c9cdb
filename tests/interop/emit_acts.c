/* Acts of every kind with random contents, signed by one key or several, whole and damaged; and
 * their payloads, with damaged ones that are no longer the one canonical encoding. */
#include "emit.h"
#include "emit_sign.h"
#include "gen.h"

#include "wire/envelope.h"

enum { ROUNDS = 12, ARENA = 1 << 22 };

/* Our own verdict on an act: envelope, every signature, payload. */
static cy_err judge(struct cy_span act)
{
    static struct cy_envelope envelope;
    static uint8_t scratch[ARENA] __attribute__((aligned(16)));
    struct cy_arena memory = cy_arena_on(scratch, sizeof scratch);
    struct cy_span parts[CY_SIGNED_PARTS];
    struct cy_any any;

    CY_TRY(cy_envelope_read(act, &envelope));
    for (uint32_t i = 0; i < envelope.n_signers; i++) {
        const size_t n = cy_envelope_signed(&envelope, i, parts);
        CY_TRY(emit_verify(&envelope.signers[i].key, parts, n, envelope.signers[i].signature));
    }
    return cy_decode_act(envelope.payload, &memory, &any);
}

static struct cy_span sign(struct cy_span payload, uint32_t n_keys)
{
    static uint8_t protected_room[1024];
    static uint8_t signed_room[70000];
    static uint8_t act_room[70000];
    const bool several = n_keys > 1;
    struct cy_act_signature signatures[CY_SIGNERS_MAX];
    struct cy_claims claims = {.expires = 1 + emit_random(1u << 31)};

    emit_random_bytes(claims.author.b, 32);
    emit_random_bytes(claims.realm.b, 32);
    if (emit_random(2) == 0)
        emit_random_bytes(claims.subject.b, 32);
    emit_random_bytes(claims.nonce, sizeof claims.nonce);
    for (uint32_t i = 0; i < n_keys; i++)
        signatures[i].key = *emit_key(i);
    struct cy_cbor_writer head = cy_cbor_write(protected_room, sizeof protected_room);
    emit_judged("protected", true,
                cy_envelope_protected(&claims, several ? NULL : &signatures[0].key, &head));
    for (uint32_t i = 0; i < n_keys; i++) {
        struct cy_cbor_writer out = cy_cbor_write(signed_room, sizeof signed_room);
        emit_judged("to sign", true,
                    cy_envelope_to_sign(cy_cbor_written(&head), payload, several,
                                        &signatures[i].key, &out));
        emit_sign(i, cy_cbor_written(&out), signatures[i].bytes);
    }
    struct cy_cbor_writer act = cy_cbor_write(act_room, sizeof act_room);
    emit_judged(
        "envelope", true,
        cy_envelope_write(cy_cbor_written(&head), payload, several, signatures, n_keys, &act));
    return cy_cbor_written(&act);
}

/* Damages a signed byte: in the payload, or in the last signature. */
static void damage(struct cy_span act)
{
    struct cy_envelope envelope;
    uint8_t *at = (uint8_t *)act.at + act.n - 1;

    emit_judged("envelope", true, cy_envelope_read(act, &envelope));
    if (emit_random(2) == 0)
        at -= emit_random(60);
    else
        at = (uint8_t *)(uintptr_t)envelope.payload.at + envelope.payload.n / 2;
    *at ^= (uint8_t)(1u << emit_random(8));
}

static void write_keys(FILE *out, uint32_t n)
{
    fputs(",\"keys\":[", out);
    for (uint32_t i = 0; i < n; i++) {
        char hex[65];
        cy_hex(emit_key(i)->b, 32, hex);
        fprintf(out, "%s\"%s\"", i > 0 ? "," : "", hex);
    }
    fputc(']', out);
}

static struct cy_span encode(const struct cy_any *any)
{
    static uint8_t payload[CY_PAYLOAD_MAX];
    struct cy_cbor_writer out = cy_cbor_write(payload, sizeof payload);

    emit_judged(any->schema->name, true, cy_encode_act(any->schema, any->message, &out));
    return cy_cbor_written(&out);
}

static void write_payload(FILE *out, struct cy_span payload, bool good)
{
    static uint8_t scratch[ARENA] __attribute__((aligned(16)));
    struct cy_arena memory = cy_arena_on(scratch, sizeof scratch);
    struct cy_any any;

    emit_judged("payload", good, cy_decode_act(payload, &memory, &any));
    emit_begin(out, good);
    emit_hex(out, "payload", payload);
    emit_end(out);
}

/* The same value in longer bytes: the number of a key, or of the map, in one byte more. */
static struct cy_span longer(struct cy_span payload)
{
    static uint8_t bytes[CY_PAYLOAD_MAX + 1];
    const size_t at = emit_random(2) > 0 && payload.n > 1 ? 1 : 0;

    memcpy(bytes, payload.at, at);
    bytes[at] = (uint8_t)((payload.at[at] & 0xe0) | 24);
    bytes[at + 1] = payload.at[at] & 0x1f;
    memcpy(bytes + at + 2, payload.at + at + 1, payload.n - at - 1);
    return cy_span_of(bytes, payload.n + 1);
}

static void one_act(FILE *out, struct cy_span payload, uint32_t n_keys, bool good)
{
    struct cy_span act = sign(payload, n_keys);

    if (!good)
        damage(act);
    emit_judged("act", good, judge(act));
    emit_begin(out, good);
    if (n_keys > 1)
        write_keys(out, n_keys);
    else
        emit_hex(out, "key", cy_span_of(emit_key(0)->b, 32));
    emit_hex(out, "cose", act);
    emit_end(out);
}

void emit_acts(void)
{
    static uint8_t room[ARENA] __attribute__((aligned(16)));
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct gen gen = gen_on(20261120, &arena);
    FILE *single = emit_file("acts.jsonl");
    FILE *joint = emit_file("joint_acts.jsonl");
    FILE *payloads = emit_file("payloads.jsonl");

    for (unsigned round = 0; round < ROUNDS; round++) {
        const struct cy_schema *schema = NULL;
        for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
            if (schema->kind != CY_SCHEMA_ACT)
                continue;
            cy_arena_rewind(&arena, 0);
            const struct cy_any any = gen_act(&gen, schema);
            const struct cy_span payload = encode(&any);
            const bool good = (round + i) % 2 == 0;

            write_payload(payloads, payload, true);
            if (!good)
                write_payload(payloads, longer(payload), false);
            one_act(single, payload, 1, good);
            if (round < 3)
                one_act(joint, payload, 2 + (uint32_t)emit_random(3), good);
        }
    }
    (void)fclose(single);
    (void)fclose(joint);
    (void)fclose(payloads);
}
