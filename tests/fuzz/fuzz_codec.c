/* Payloads and records: what is accepted encodes to the same bytes, and can be printed. The first
 * byte chooses the schema: ff an act, else the n-th item or record of schema.def. */
#include "fuzz.h"

#include "wire/codec.h"
#include "wire/print.h"

enum { ARENA = 64 << 20 };

static _Alignas(16) uint8_t room[ARENA];
static uint8_t again[1 << 17];
static char text[1 << 16];

static void one_encoding(const struct cy_any *value, struct cy_span bytes)
{
    const struct cy_schema *schema = value->schema;
    struct cy_cbor_writer out = cy_cbor_write(again, sizeof again);
    struct cy_text json = cy_text_on(text, sizeof text);

    if (schema->kind == CY_SCHEMA_ACT)
        CY_ASSERT(cy_ok(cy_encode_act(schema, value->message, &out)));
    else
        CY_ASSERT(cy_ok(cy_encode(schema, value->message, &out)));
    CY_ASSERT(cy_span_eq(cy_cbor_written(&out), bytes));
    cy_print_json(&json, schema, value->message);
    if (schema->kind == CY_SCHEMA_ACT)
        cy_print_say(&json, schema, value->message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct cy_any value = {NULL, NULL};
    struct cy_span bytes;

    if (size == 0)
        return 0;
    bytes = cy_span_of(data + 1, size - 1);
    if (data[0] == 0xff) {
        const cy_err e = cy_decode_act(bytes, &arena, &value);

        CY_ASSERT(e.code != CY_E_NO_ROOM); /* the arena is enough for any payload */
        if (cy_ok(e))
            one_encoding(&value, bytes);
        return 0;
    }
    value.schema = cy_schema_at(data[0]);
    if (value.schema == NULL || value.schema->kind == CY_SCHEMA_ACT)
        return 0;
    value.message = cy_arena_take(&arena, value.schema->size);
    if (cy_ok(cy_decode(value.schema, bytes, &arena, (void *)(uintptr_t)value.message)))
        one_encoding(&value, bytes);
    return 0;
}
