/* The readers of base: whatever is accepted is written back the same. */
#include "fuzz.h"

#include "base/date.h"

static void numbers(struct cy_span text)
{
    cy_u128 v = 0;
    char digits[CY_U128_TEXT];
    uint8_t bytes[16];

    if (cy_ok(cy_u128_read(text, &v))) {
        cy_u128_text(v, digits);
        CY_ASSERT(cy_span_eq(cy_span_text(digits), text));
    }
    if (cy_ok(cy_u128_from(text, &v))) {
        const size_t n = cy_u128_bytes(v, bytes);
        CY_ASSERT(cy_span_eq(cy_span_of(bytes, n), text));
    }
}

static void codes(struct cy_span text)
{
    static uint8_t bytes[1 << 17];
    static char out[(1 << 18) + 8];
    size_t n = 0;

    if (cy_ok(cy_base64_read(text, bytes, sizeof bytes, &n))) {
        cy_base64(bytes, n, out);
        CY_ASSERT(cy_span_eq(cy_span_text(out), text));
    }
    if (text.n % 2 == 0 && cy_ok(cy_hex_read(text, bytes, text.n / 2))) {
        cy_hex(bytes, text.n / 2, out);
        for (size_t i = 0; i < text.n; i++)
            CY_ASSERT((text.at[i] | 0x20) == (out[i] | 0x20));
    }
    (void)cy_ok(cy_utf8_check(text));
}

static void dates(struct cy_span words)
{
    char room[64];
    struct cy_text text = cy_text_on(room, sizeof room);
    cy_date date = 0;
    cy_time time = 0;
    cy_time again = 0;

    if (cy_ok(cy_date_read(words, &date)) && date != 0) {
        cy_date_text(&text, date);
        CY_ASSERT(cy_span_eq(cy_text_bytes(&text), words));
    }
    if (cy_ok(cy_time_read(words, &time)) && time != 0) {
        text = cy_text_on(room, sizeof room);
        cy_time_text(&text, time);
        CY_ASSERT(cy_ok(cy_time_read(cy_text_bytes(&text), &again)));
        CY_ASSERT(again == time);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span text = cy_span_of(data, size);
    numbers(text);
    codes(text);
    dates(text);
    return 0;
}
