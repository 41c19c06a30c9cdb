#include "wire/codec.h"

#define NESTING_MAX 3 /* act, its items or embedded acts, their items */

/* --- decode --- */

struct decoder {
    struct cy_cbor_reader in;
    struct cy_arena *arena;
};

static cy_err decode_fields(struct decoder *d, const struct cy_schema *schema, uint64_t pairs,
                            unsigned depth, void *out);
static cy_err decode_act(struct decoder *d, unsigned depth, struct cy_any *out);

static const struct cy_field *find_field(const struct cy_schema *schema, uint64_t key)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (schema->fields[i].key == key)
            return &schema->fields[i];
    }
    return NULL;
}

static cy_err decode_number(struct decoder *d, const struct cy_field *f, void *at)
{
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(&d->in, CY_CBOR_UINT, &token));
    if (token.n == 0)
        return cy_fail(CY_E_NOT_CANONICAL, f->key);
    if (token.n < f->least || token.n > f->most)
        return cy_fail(CY_E_RANGE, f->key);
    switch (cy_type_size(f->type)) {
    case 1: *(uint8_t *)at = (uint8_t)token.n; break;
    case 2: *(uint16_t *)at = (uint16_t)token.n; break;
    case 4: *(uint32_t *)at = (uint32_t)token.n; break;
    default: *(uint64_t *)at = token.n; break;
    }
    return CY_OK;
}

static bool is_word(const struct cy_word_set *set, uint64_t number)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->words[i].number == number)
            return true;
    }
    return false;
}

static cy_err decode_word(struct decoder *d, const struct cy_field *f, uint8_t *at)
{
    CY_TRY(decode_number(d, f, at));
    return is_word(f->set, *at) ? CY_OK : cy_fail(CY_E_RANGE, f->key);
}

static cy_err decode_string(struct decoder *d, const struct cy_field *f, void *at)
{
    const bool bytes = f->type == CY_T_bytes || f->type == CY_T_id || f->type == CY_T_amount;
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(&d->in, bytes ? CY_CBOR_BYTES : CY_CBOR_TEXT, &token));
    if (token.n == 0)
        return cy_fail(CY_E_NOT_CANONICAL, f->key);
    if (f->type == CY_T_amount) {
        CY_TRY(cy_u128_from(token.bytes, at));
        return CY_OK;
    }
    if (f->type == CY_T_id) {
        if (token.n != sizeof(struct cy_id))
            return cy_fail(CY_E_RANGE, f->key);
        memcpy(at, token.bytes.at, sizeof(struct cy_id));
        return cy_id_none(at) ? cy_fail(CY_E_NOT_CANONICAL, f->key) : CY_OK;
    }
    if (token.n < f->least || token.n > f->most)
        return cy_fail(CY_E_RANGE, f->key);
    if (f->type == CY_T_code)
        return cy_label_of(token.bytes, at);
    if (f->type == CY_T_name)
        return cy_name_of(token.bytes, at);
    if (f->type == CY_T_line)
        return cy_line_of(token.bytes, at);
    *(struct cy_span *)at = token.bytes;
    return CY_OK;
}

static cy_err decode_list(struct decoder *d, const struct cy_field *f, unsigned depth, void *at,
                          uint32_t *n)
{
    const size_t size = f->type == CY_T_acts ? sizeof(struct cy_any) : f->item->size;
    struct cy_cbor_token token;
    uint8_t *elements = NULL;

    if (depth >= NESTING_MAX)
        return cy_fail(CY_E_WRONG_TYPE, f->key);
    CY_TRY(cy_cbor_want(&d->in, CY_CBOR_ARRAY, &token));
    if (token.n == 0)
        return cy_fail(CY_E_NOT_CANONICAL, f->key);
    if (token.n < f->least || token.n > f->most)
        return cy_fail(CY_E_RANGE, f->key);
    elements = cy_arena_zero(d->arena, token.n * size);
    if (elements == NULL)
        return cy_fail(CY_E_NO_ROOM, f->key);
    for (uint64_t i = 0; i < token.n; i++) {
        struct cy_cbor_token map;

        if (f->type == CY_T_acts) {
            CY_TRY(decode_act(d, depth, (struct cy_any *)(void *)(elements + i * size)));
            continue;
        }
        CY_TRY(cy_cbor_want(&d->in, CY_CBOR_MAP, &map));
        CY_TRY(decode_fields(d, f->item, map.n, depth, elements + i * size));
    }
    memcpy(at, &elements, sizeof(void *));
    *n = (uint32_t)token.n;
    return CY_OK;
}

static cy_err decode_field(struct decoder *d, const struct cy_field *f, unsigned depth,
                           uint8_t *out)
{
    struct cy_cbor_token token;
    void *at = out + f->at;

    switch (f->type) {
    case CY_T_bool:
        CY_TRY(cy_cbor_want(&d->in, CY_CBOR_BOOL, &token));
        *(bool *)at = token.n == 1;
        return token.n == 1 ? CY_OK : cy_fail(CY_E_NOT_CANONICAL, f->key);
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64:
    case CY_T_date:
    case CY_T_time: return decode_number(d, f, at);
    case CY_T_enum: return decode_word(d, f, at);
    case CY_T_amount:
    case CY_T_id:
    case CY_T_code:
    case CY_T_name:
    case CY_T_line:
    case CY_T_text:
    case CY_T_bytes: return decode_string(d, f, at);
    case CY_T_list:
    case CY_T_acts: return decode_list(d, f, depth + 1, at, (uint32_t *)(void *)(out + f->n_at));
    }
    CY_NEVER("type");
}

static cy_err decode_fields(struct decoder *d, const struct cy_schema *schema, uint64_t pairs,
                            unsigned depth, void *out)
{
    uint32_t seen = 0;
    uint64_t last = 0;

    for (uint64_t i = 0; i < pairs; i++) {
        const struct cy_field *f = NULL;
        struct cy_cbor_token key;

        CY_TRY(cy_cbor_want(&d->in, CY_CBOR_UINT, &key));
        f = find_field(schema, key.n);
        if (f == NULL)
            return cy_fail(CY_E_UNKNOWN_FIELD, key.n);
        if (key.n <= last)
            return cy_fail(CY_E_NOT_CANONICAL, key.n);
        last = key.n;
        seen |= 1u << key.n;
        CY_TRY(decode_field(d, f, depth, out));
    }
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (schema->fields[i].least > 0 && (seen >> schema->fields[i].key & 1) == 0)
            return cy_fail(CY_E_MISSING_FIELD, schema->fields[i].key);
    }
    return CY_OK;
}

static cy_err decode_act(struct decoder *d, unsigned depth, struct cy_any *out)
{
    struct cy_cbor_token map;
    struct cy_cbor_token token;
    void *message = NULL;

    CY_TRY(cy_cbor_want(&d->in, CY_CBOR_MAP, &map));
    if (map.n == 0)
        return cy_fail(CY_E_MISSING_FIELD, 0);
    CY_TRY(cy_cbor_want(&d->in, CY_CBOR_UINT, &token));
    if (token.n != 0)
        return cy_fail(CY_E_MISSING_FIELD, 0);
    CY_TRY(cy_cbor_want(&d->in, CY_CBOR_UINT, &token));
    out->schema = cy_schema_act(token.n);
    if (out->schema == NULL)
        return cy_fail(CY_E_UNKNOWN_MESSAGE, token.n);
    message = cy_arena_zero(d->arena, out->schema->size);
    if (message == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    out->message = message;
    return decode_fields(d, out->schema, map.n - 1, depth, message);
}

cy_err cy_decode_act(struct cy_span payload, struct cy_arena *arena, struct cy_any *out)
{
    struct decoder d = {.in = cy_cbor_read(payload), .arena = arena};

    if (payload.n > CY_PAYLOAD_MAX)
        return cy_fail(CY_E_TOO_LARGE, CY_PAYLOAD_MAX);
    CY_TRY(decode_act(&d, 0, out));
    return cy_cbor_end(&d.in);
}

cy_err cy_decode(const struct cy_schema *schema, struct cy_span bytes, struct cy_arena *arena,
                 void *out)
{
    struct decoder d = {.in = cy_cbor_read(bytes), .arena = arena};
    struct cy_cbor_token map;

    memset(out, 0, schema->size);
    CY_TRY(cy_cbor_want(&d.in, CY_CBOR_MAP, &map));
    CY_TRY(decode_fields(&d, schema, map.n, 0, out));
    return cy_cbor_end(&d.in);
}

/* --- encode --- */

static uint64_t load_number(const struct cy_field *f, const void *at)
{
    switch (cy_type_size(f->type)) {
    case 1: return *(const uint8_t *)at;
    case 2: return *(const uint16_t *)at;
    case 4: return *(const uint32_t *)at;
    default: return *(const uint64_t *)at;
    }
}

static struct cy_span load_string(const struct cy_field *f, const void *at)
{
    if (f->type == CY_T_code)
        return cy_label_text(at);
    if (f->type == CY_T_name)
        return cy_name_text(at);
    if (f->type == CY_T_line)
        return cy_line_text(at);
    if (f->type == CY_T_id)
        return cy_span_of(at, cy_id_none(at) ? 0 : sizeof(struct cy_id));
    return *(const struct cy_span *)at;
}

/* How much the field holds, for the default rule and the bounds: a value, a length or a count. */
static uint64_t measure(const struct cy_field *f, const uint8_t *value)
{
    const void *at = value + f->at;

    switch (f->type) {
    case CY_T_bool:
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64:
    case CY_T_date:
    case CY_T_time:
    case CY_T_enum: return load_number(f, at);
    case CY_T_amount: return *(const cy_u128 *)at != 0;
    case CY_T_id: return !cy_id_none(at);
    case CY_T_code:
    case CY_T_name:
    case CY_T_line:
    case CY_T_text:
    case CY_T_bytes: return load_string(f, at).n;
    case CY_T_list:
    case CY_T_acts: return *(const uint32_t *)(const void *)(value + f->n_at);
    }
    CY_NEVER("type");
}

static cy_err encode_fields(const struct cy_schema *schema, const uint8_t *value, uint64_t extra,
                            unsigned depth, struct cy_cbor_writer *out);

static cy_err encode_list(const struct cy_field *f, const uint8_t *value, uint64_t n,
                          unsigned depth, struct cy_cbor_writer *out)
{
    const uint8_t *elements = NULL;

    if (depth >= NESTING_MAX)
        return cy_fail(CY_E_RANGE, f->key);
    memcpy(&elements, value + f->at, sizeof(void *));
    cy_cbor_array(out, n);
    for (uint64_t i = 0; i < n; i++) {
        if (f->type == CY_T_acts) {
            const struct cy_any *act = (const struct cy_any *)(const void *)elements + i;

            CY_TRY(encode_fields(act->schema, act->message, 1, depth, out));
        } else {
            CY_TRY(encode_fields(f->item, elements + i * f->item->size, 0, depth, out));
        }
    }
    return CY_OK;
}

static cy_err encode_field(const struct cy_field *f, const uint8_t *value, uint64_t n,
                           unsigned depth, struct cy_cbor_writer *out)
{
    uint8_t amount[16];

    switch (f->type) {
    case CY_T_bool: cy_cbor_bool(out, true); return CY_OK;
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64:
    case CY_T_date:
    case CY_T_time: cy_cbor_uint(out, n); return CY_OK;
    case CY_T_enum:
        if (!is_word(f->set, n))
            return cy_fail(CY_E_RANGE, f->key);
        cy_cbor_uint(out, n);
        return CY_OK;
    case CY_T_amount:
        cy_cbor_bytes(
            out, cy_span_of(amount, cy_u128_bytes(*(const cy_u128 *)(const void *)(value + f->at),
                                                  amount)));
        return CY_OK;
    case CY_T_id:
    case CY_T_bytes: cy_cbor_bytes(out, load_string(f, value + f->at)); return CY_OK;
    case CY_T_code:
    case CY_T_name:
    case CY_T_line:
    case CY_T_text: {
        const struct cy_span text = load_string(f, value + f->at);

        CY_TRY(cy_utf8_check(text));
        cy_cbor_text(out, text);
        return CY_OK;
    }
    case CY_T_list:
    case CY_T_acts: return encode_list(f, value, n, depth + 1, out);
    }
    CY_NEVER("type");
}

static cy_err encode_fields(const struct cy_schema *schema, const uint8_t *value, uint64_t extra,
                            unsigned depth, struct cy_cbor_writer *out)
{
    uint64_t pairs = extra;

    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *f = &schema->fields[i];
        const uint64_t n = measure(f, value);

        if (n < f->least || n > f->most)
            return cy_fail(n == 0 ? CY_E_MISSING_FIELD : CY_E_RANGE, f->key);
        pairs += n != 0;
    }
    cy_cbor_map(out, pairs);
    if (extra > 0) {
        cy_cbor_uint(out, 0);
        cy_cbor_uint(out, schema->number);
    }
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *f = &schema->fields[i];
        const uint64_t n = measure(f, value);

        if (n == 0)
            continue;
        cy_cbor_uint(out, f->key);
        CY_TRY(encode_field(f, value, n, depth, out));
    }
    return out->full ? cy_fail(CY_E_NO_ROOM, out->cap) : CY_OK;
}

cy_err cy_encode_act(const struct cy_schema *schema, const void *message,
                     struct cy_cbor_writer *out)
{
    const size_t from = out->n;

    CY_ASSERT(schema->kind == CY_SCHEMA_ACT);
    CY_TRY(encode_fields(schema, message, 1, 0, out));
    return out->n - from > CY_PAYLOAD_MAX ? cy_fail(CY_E_TOO_LARGE, CY_PAYLOAD_MAX) : CY_OK;
}

cy_err cy_encode(const struct cy_schema *schema, const void *value, struct cy_cbor_writer *out)
{
    return encode_fields(schema, value, 0, 0, out);
}
