/* Acts of every kind with random contents, signed by one key or several, whole and damaged; and
 * their payloads, with damaged ones that are no longer the one canonical encoding. */
#include "emit.h"
#include "emit_sign.h"

#include "wire/codec.h"
#include "wire/envelope.h"

#include <stdlib.h>

enum { ROUNDS = 12, ARENA = 1 << 20, LIST_MAX = 3, TEXT_MAX = 200 };

static uint8_t room[ARENA] __attribute__((aligned(16)));
static struct cy_arena arena;

static void *take(size_t n)
{
    void *at = cy_arena_zero(&arena, n);

    CY_ASSERT(at != NULL);
    return at;
}

/* A random number in a range, often one of its ends. */
static uint64_t between(uint64_t least, uint64_t most)
{
    switch (emit_random(4)) {
    case 0: return least;
    case 1: return most;
    default: {
        const uint64_t width = most - least;
        const uint64_t bits = emit_random(65);
        const uint64_t mask = bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
        const uint64_t far = (emit_random(UINT64_MAX) & mask);

        return width == UINT64_MAX ? far : least + far % (width + 1);
    }
    }
}

static struct cy_span words(uint64_t least, uint64_t most)
{
    static const char *const pieces[] = {"a", "Z", "0",  "-",    " ",  "\n",
                                         "é", "ß", "東", "🏙", "\"", "\\"};
    uint64_t n = least + emit_random((most < TEXT_MAX ? most : TEXT_MAX) - least + 1);
    uint8_t *at = take((size_t)n + 1);
    size_t used = 0;

    while (used < n) {
        const char *piece = pieces[emit_random(CY_COUNT(pieces))];
        const size_t size = strlen(piece);

        if (used + size > n)
            piece = "x";
        memcpy(at + used, piece, strlen(piece));
        used += strlen(piece);
    }
    return cy_span_of(at, used);
}

static void fill(const struct cy_schema *schema, uint8_t *value, unsigned depth);

/* A random act: schema and filled struct. */
static struct cy_any random_act(unsigned depth)
{
    for (;;) {
        size_t count = 0;
        while (cy_schema_at(count) != NULL)
            count++;
        const struct cy_schema *schema = cy_schema_at((size_t)emit_random(count));

        if (schema->kind != CY_SCHEMA_ACT || (depth > 0 && schema == &cy_schema_batch))
            continue;
        uint8_t *value = take(schema->size);
        fill(schema, value, depth);
        return (struct cy_any){schema, value};
    }
}

static void fill_number(const struct cy_field *f, void *at, uint64_t v)
{
    switch (cy_type_size(f->type)) {
    case 1: *(uint8_t *)at = (uint8_t)v; break;
    case 2: *(uint16_t *)at = (uint16_t)v; break;
    case 4: *(uint32_t *)at = (uint32_t)v; break;
    default: *(uint64_t *)at = v;
    }
}

static void fill_list(const struct cy_field *f, uint8_t *value, unsigned depth)
{
    const uint64_t most = f->most < LIST_MAX ? f->most : LIST_MAX;
    const uint32_t n =
        (uint32_t)(f->least + emit_random((f->least < most ? most - f->least : 0) + 1));
    void *elements = NULL;

    if (f->type == CY_T_acts) {
        struct cy_any *acts = elements = take(n * sizeof *acts);
        for (uint32_t i = 0; i < n; i++)
            acts[i] = random_act(depth + 1);
    } else {
        uint8_t *items = elements = take(n * f->item->size);
        for (uint32_t i = 0; i < n; i++)
            fill(f->item, items + i * f->item->size, depth + 1);
    }
    if (n > 0)
        memcpy(value + f->at, &elements, sizeof elements);
    *(uint32_t *)(void *)(value + f->n_at) = n;
}

static void fill_field(const struct cy_field *f, uint8_t *value, unsigned depth)
{
    void *at = value + f->at;
    const bool skip = f->least == 0 && emit_random(3) == 0;
    static const uint64_t tops[] = {
        [1] = UINT8_MAX, [2] = UINT16_MAX, [4] = UINT32_MAX, [8] = UINT64_MAX};

    if (skip)
        return;
    switch (f->type) {
    case CY_T_bool: *(bool *)at = true; break;
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64:
    case CY_T_date:
    case CY_T_time: {
        const uint64_t top = tops[cy_type_size(f->type)];
        fill_number(f, at, between(f->least, f->most < top ? f->most : top));
        break;
    }
    case CY_T_enum: fill_number(f, at, f->set->words[emit_random(f->set->n)].number); break;
    case CY_T_amount:
        *(cy_u128 *)at = ((cy_u128)between(0, UINT64_MAX) << emit_random(64)) + 1;
        break;
    case CY_T_id: emit_random_bytes(at, 32); break;
    case CY_T_code: emit_judged("code", true, cy_label_of(words(f->least, f->most), at)); break;
    case CY_T_name: emit_judged("name", true, cy_name_of(words(f->least, f->most), at)); break;
    case CY_T_line: emit_judged("line", true, cy_line_of(words(f->least, f->most), at)); break;
    case CY_T_text:
    case CY_T_bytes: *(struct cy_span *)at = words(f->least, f->most); break;
    case CY_T_list:
    case CY_T_acts: fill_list(f, value, depth); break;
    }
}

static void fill(const struct cy_schema *schema, uint8_t *value, unsigned depth)
{
    for (size_t i = 0; i < schema->n_fields; i++)
        fill_field(&schema->fields[i], value, depth);
}

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
    uint8_t *at = (uint8_t *)act.at;
    at[emit_random(2) == 0 ? act.n - 1 - emit_random(60) : act.n / 2] ^=
        (uint8_t)(1u << emit_random(8));
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
    FILE *single = emit_file("acts.jsonl");
    FILE *joint = emit_file("joint_acts.jsonl");
    FILE *payloads = emit_file("payloads.jsonl");

    for (unsigned round = 0; round < ROUNDS; round++) {
        const struct cy_schema *schema = NULL;
        for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
            if (schema->kind != CY_SCHEMA_ACT)
                continue;
            arena = cy_arena_on(room, sizeof room);
            struct cy_any any = {schema, take(schema->size)};
            fill(schema, (uint8_t *)any.message, 0);
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
