#include "base/bytes.h"

static const char hex_digits[] = "0123456789abcdef";
static const char b64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void cy_hex(const uint8_t *at, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = hex_digits[at[i] >> 4];
        out[2 * i + 1] = hex_digits[at[i] & 15];
    }
    out[2 * n] = 0;
}

int cy_hex_digit(uint8_t c)
{
    /* the value and 1; 0 = no digit */
    static const uint8_t values[256] = {
        ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
        ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
        ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
        ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16};

    return values[c] - 1;
}

cy_err cy_hex_read(struct cy_span text, uint8_t *out, size_t n)
{
    if (text.n != 2 * n)
        return cy_fail(CY_E_BAD_HEX, text.n);
    for (size_t i = 0; i < text.n; i++) {
        const int v = cy_hex_digit(text.at[i]);

        if (v < 0)
            return cy_fail(CY_E_BAD_HEX, i);
        if (i % 2 == 0)
            out[i / 2] = (uint8_t)(v << 4);
        else
            out[i / 2] = (uint8_t)(out[i / 2] | v);
    }
    return CY_OK;
}

void cy_base64(const uint8_t *at, size_t n, char *out)
{
    size_t o = 0;

    for (size_t i = 0; i < n; i += 3) {
        const size_t left = n - i;
        const uint32_t v = (uint32_t)at[i] << 16 | (left > 1 ? (uint32_t)at[i + 1] << 8 : 0) |
                           (left > 2 ? (uint32_t)at[i + 2] : 0);

        out[o++] = b64_digits[v >> 18 & 63];
        out[o++] = b64_digits[v >> 12 & 63];
        out[o++] = left > 1 ? b64_digits[v >> 6 & 63] : '=';
        out[o++] = left > 2 ? b64_digits[v & 63] : '=';
    }
    out[o] = 0;
}

static int b64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

cy_err cy_base64_read(struct cy_span text, uint8_t *out, size_t cap, size_t *n)
{
    size_t pad = 0;
    size_t o = 0;

    *n = 0;
    if (text.n % 4 != 0)
        return cy_fail(CY_E_BAD_BASE64, text.n);
    while (pad < 2 && pad < text.n && text.at[text.n - 1 - pad] == '=')
        pad++;
    if (text.n / 4 * 3 - pad > cap)
        return cy_fail(CY_E_NO_ROOM, cap);
    for (size_t i = 0; i < text.n; i += 4) {
        const size_t digits = i + 4 == text.n ? 4 - pad : 4;
        uint32_t v = 0;

        for (size_t d = 0; d < 4; d++) {
            const int x = d < digits ? b64_value(text.at[i + d]) : 0;

            if (x < 0)
                return cy_fail(CY_E_BAD_BASE64, i + d);
            v = v << 6 | (uint32_t)x;
        }
        if ((digits == 3 && (v & 0xff) != 0) || (digits == 2 && (v & 0xffff) != 0))
            return cy_fail(CY_E_BAD_BASE64, i + digits - 1);
        out[o++] = (uint8_t)(v >> 16);
        if (digits > 2)
            out[o++] = (uint8_t)(v >> 8);
        if (digits > 3)
            out[o++] = (uint8_t)v;
    }
    *n = o;
    return CY_OK;
}
