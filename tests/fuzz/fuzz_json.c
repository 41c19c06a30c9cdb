/* JSON of others: what is read is written and read again as the same value; a refusal says why in
 * text that can be sent on. */
#include "fuzz.h"

#include "base/text.h"
#include "host/json/json.h"

#include <stdlib.h>

static bool sayable(const char *text)
{
    return cy_ok(cy_utf8_check(cy_span_text(text)));
}

static void explained(cy_err e, const struct cy_json_fault *fault, size_t size)
{
    if (cy_ok(e))
        return;
    CY_ASSERT(fault->why[0] != 0);
    CY_ASSERT(sayable(fault->why));
    CY_ASSERT(sayable(fault->path));
    CY_ASSERT(fault->position <= size);
}

static void get_all(const json_t *value)
{
    static const char *const known[] = {"amount", "from", "keys"};
    struct cy_json_fault fault;
    const json_t *member = NULL;
    const char *text = NULL;
    uint8_t bytes[4];
    uint64_t number = 0;
    cy_u128 wide = 0;
    bool flag = false;

    explained(cy_json_only(value, known, CY_COUNT(known), &fault), &fault, SIZE_MAX);
    for (size_t i = 0; i < CY_COUNT(known); i++) {
        const char *key = known[i];

        fault.position = 0;
        explained(cy_json_get_text(value, key, true, 8, &text, &fault), &fault, SIZE_MAX);
        explained(cy_json_get_u64(value, key, true, 1000, &number, &fault), &fault, SIZE_MAX);
        explained(cy_json_get_u128(value, key, true, &wide, &fault), &fault, SIZE_MAX);
        explained(cy_json_get_bool(value, key, true, &flag, &fault), &fault, SIZE_MAX);
        explained(cy_json_get_hex(value, key, true, bytes, sizeof bytes, &fault), &fault, SIZE_MAX);
        explained(cy_json_get_object(value, key, true, &member, &fault), &fault, SIZE_MAX);
        explained(cy_json_get_array(value, key, true, 2, &member, &fault), &fault, SIZE_MAX);
    }
    CY_ASSERT(number <= 1000 && (text == NULL || strlen(text) <= 8));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_json_limits limits = {.size_max = 8192, .depth_max = 8, .reals = false};
    const struct cy_json_limits wider = {.size_max = 1 << 20, .depth_max = 8, .reals = false};
    struct cy_json_fault fault;
    json_t *value = NULL;
    json_t *again = NULL;
    char *text = NULL;
    const cy_err e = cy_json_parse(cy_span_of(data, size), &limits, &value, &fault);

    CY_ASSERT(cy_ok(e) == (value != NULL));
    explained(e, &fault, size);
    if (!cy_ok(e))
        return 0;
    CY_ASSERT(size <= limits.size_max);
    get_all(value);
    text = json_dumps(value, JSON_COMPACT);
    CY_ASSERT(text != NULL);
    CY_ASSERT(cy_ok(cy_json_parse(cy_span_text(text), &wider, &again, &fault)));
    CY_ASSERT(json_equal(value, again));
    json_decref(value);
    json_decref(again);
    free(text);
    return 0;
}
