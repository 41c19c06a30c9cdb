#include "base/num.h"

cy_err cy_add(cy_u128 a, cy_u128 b, cy_u128 *out)
{
    cy_u128 sum = 0;

    if (__builtin_add_overflow(a, b, &sum))
        return cy_fail(CY_E_OVERFLOW, 0);
    *out = sum;
    return CY_OK;
}

cy_err cy_sub(cy_u128 a, cy_u128 b, cy_u128 *out)
{
    if (b > a)
        return cy_fail(CY_E_OVERFLOW, 0);
    *out = a - b;
    return CY_OK;
}

cy_err cy_mul_div(cy_u128 a, uint64_t b, uint64_t c, cy_u128 *out)
{
    /* a = whole * c + rest, so a * b / c = whole * b + rest * b / c, and rest * b < 2^128. */
    cy_u128 whole = 0;

    CY_ASSERT(c > 0);
    if (__builtin_mul_overflow(a / c, (cy_u128)b, &whole))
        return cy_fail(CY_E_OVERFLOW, 0);
    return cy_add(whole, a % c * b / c, out);
}

void cy_u128_text(cy_u128 v, char out[static CY_U128_TEXT])
{
    char reversed[CY_U128_TEXT];
    size_t n = 0;

    do {
        reversed[n++] = (char)('0' + (int)(v % 10));
        v /= 10;
    } while (v > 0);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = 0;
}

cy_err cy_u128_read(struct cy_span text, cy_u128 *out)
{
    cy_u128 v = 0;

    if (text.n == 0 || (text.n > 1 && text.at[0] == '0'))
        return cy_fail(CY_E_BAD_TEXT, 0);
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return cy_fail(CY_E_BAD_TEXT, i);
        if (__builtin_mul_overflow(v, (cy_u128)10, &v) ||
            __builtin_add_overflow(v, (cy_u128)(text.at[i] - '0'), &v))
            return cy_fail(CY_E_OVERFLOW, i);
    }
    *out = v;
    return CY_OK;
}

cy_err cy_u64_read(struct cy_span text, uint64_t *out)
{
    cy_u128 v = 0;

    CY_TRY(cy_u128_read(text, &v));
    if (v > UINT64_MAX)
        return cy_fail(CY_E_OVERFLOW, 0);
    *out = (uint64_t)v;
    return CY_OK;
}

size_t cy_u128_bytes(cy_u128 v, uint8_t out[static 16])
{
    size_t n = 0;

    for (cy_u128 rest = v; rest > 0; rest >>= 8)
        n++;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(v >> 8 * (n - 1 - i));
    return n;
}

cy_err cy_u128_from(struct cy_span bytes, cy_u128 *out)
{
    cy_u128 v = 0;

    if (bytes.n > 16)
        return cy_fail(CY_E_RANGE, bytes.n);
    if (bytes.n > 0 && bytes.at[0] == 0)
        return cy_fail(CY_E_NOT_CANONICAL, 0);
    for (size_t i = 0; i < bytes.n; i++)
        v = v << 8 | bytes.at[i];
    *out = v;
    return CY_OK;
}
