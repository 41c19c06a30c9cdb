/* Acts as JSON: whatever is read can be encoded (unless it is too large for an act), and what print
 * writes of it reads back as the same bytes. */
#include "fuzz.h"

#include "host/json/act_json.h"
#include "wire/codec.h"
#include "wire/print.h"

enum { ROOM = 64 << 20 };

static _Alignas(16) uint8_t room[ROOM];
static uint8_t first[1 << 20];
static uint8_t second[1 << 20];
static char text[CY_ACT_JSON_MAX + 1];
static char said[512];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct cy_text why = cy_text_on(said, sizeof said);
    struct cy_text json = cy_text_on(text, sizeof text);
    struct cy_cbor_writer one = cy_cbor_write(first, sizeof first);
    struct cy_cbor_writer two = cy_cbor_write(second, sizeof second);
    struct cy_any act;
    cy_err e = cy_act_from_json(cy_span_of(data, size), &arena, &act, &why);

    CY_ASSERT(cy_ok(e) == (why.n == 0));
    if (!cy_ok(e))
        return 0;
    e = cy_encode_act(act.schema, act.message, &one);
    if (!cy_ok(e)) {
        CY_ASSERT(e.code == CY_E_TOO_LARGE);
        return 0;
    }
    cy_print_json(&json, act.schema, act.message);
    CY_ASSERT(!json.full);
    CY_ASSERT(cy_ok(cy_act_from_json(cy_text_bytes(&json), &arena, &act, &why)));
    CY_ASSERT(cy_ok(cy_encode_act(act.schema, act.message, &two)));
    CY_ASSERT(cy_span_eq(cy_cbor_written(&one), cy_cbor_written(&two)));
    return 0;
}
