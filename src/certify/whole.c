#include "certify/whole.h"

__extension__ typedef unsigned __int128 two_limbs;

cy_err cy_count_read(struct cy_span *rest, uint32_t most, uint32_t *out)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < 5; i++) {
        uint8_t b = 0;

        if (i >= rest->n)
            return cy_fail(CY_E_CERT_FORM, 0);
        b = rest->at[i];
        v |= (uint64_t)(b & 0x7f) << (7 * i);
        if (b >= 0x80)
            continue;
        if ((b == 0 && i > 0) || v > most)
            return cy_fail(CY_E_CERT_FORM, 0);
        *out = (uint32_t)v;
        *rest = cy_span_of(rest->at + i + 1, rest->n - i - 1);
        return CY_OK;
    }
    return cy_fail(CY_E_CERT_FORM, 0);
}

cy_err cy_whole_read(struct cy_span *rest, uint32_t bytes_max, struct cy_arena *arena,
                     struct cy_whole *out)
{
    uint32_t head = 0;
    uint32_t bytes = 0;
    uint32_t n = 0;
    uint64_t *limbs = NULL;

    CY_ASSERT(bytes_max <= UINT32_MAX / 2);
    *out = (struct cy_whole){0};
    CY_TRY(cy_count_read(rest, 2 * bytes_max + 1, &head));
    bytes = head / 2;
    if (bytes == 0)
        return head == 0 ? CY_OK : cy_fail(CY_E_CERT_FORM, 0);
    if (bytes > rest->n || rest->at[bytes - 1] == 0)
        return cy_fail(CY_E_CERT_FORM, 0);
    n = (bytes + 7) / 8;
    limbs = cy_arena_zero(arena, n * sizeof *limbs);
    if (limbs == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (uint32_t i = 0; i < bytes; i++)
        limbs[i / 8] |= (uint64_t)rest->at[i] << (8 * (i % 8));
    *out = (struct cy_whole){limbs, n, head % 2 != 0};
    *rest = cy_span_of(rest->at + bytes, rest->n - bytes);
    return CY_OK;
}

bool cy_sum_on(struct cy_sum *sum, uint32_t n, struct cy_arena *arena)
{
    uint64_t *at = cy_arena_zero(arena, 2 * (size_t)n * sizeof *at);

    if (at == NULL)
        return false;
    *sum = (struct cy_sum){at, at + n, n};
    return true;
}

void cy_sum_clear(struct cy_sum *sum)
{
    memset(sum->plus, 0, sum->n * sizeof *sum->plus);
    memset(sum->minus, 0, sum->n * sizeof *sum->minus);
}

void cy_sum_copy(struct cy_sum *to, const struct cy_sum *from)
{
    CY_ASSERT(to->n >= from->n);
    cy_sum_clear(to);
    memcpy(to->plus, from->plus, from->n * sizeof *to->plus);
    memcpy(to->minus, from->minus, from->n * sizeof *to->minus);
}

void cy_sum_add(struct cy_sum *sum, struct cy_whole a, struct cy_whole b)
{
    uint64_t *half = a.minus == b.minus ? sum->plus : sum->minus;

    for (uint32_t i = 0; i < a.n && b.n > 0; i++) {
        uint64_t carry = 0;
        uint32_t at = i;

        for (uint32_t j = 0; j < b.n; j++, at++) {
            two_limbs t = 0;

            CY_ASSERT(at < sum->n);
            t = (two_limbs)a.at[i] * b.at[j] + half[at] + carry;
            half[at] = (uint64_t)t;
            carry = (uint64_t)(t >> 64);
        }
        for (; carry != 0; at++) {
            CY_ASSERT(at < sum->n);
            half[at] += carry;
            carry = half[at] < carry;
        }
    }
}

int cy_sum_sign(const struct cy_sum *sum)
{
    for (uint32_t i = sum->n; i-- > 0;) {
        if (sum->plus[i] != sum->minus[i])
            return sum->plus[i] > sum->minus[i] ? 1 : -1;
    }
    return 0;
}

struct cy_whole cy_sum_value(struct cy_sum *sum)
{
    const int sign = cy_sum_sign(sum);
    uint64_t *large = sign < 0 ? sum->minus : sum->plus;
    uint64_t *small = sign < 0 ? sum->plus : sum->minus;
    uint64_t borrow = 0;
    uint32_t n = sum->n;

    for (uint32_t i = 0; i < sum->n; i++) {
        const uint64_t a = large[i];
        const uint64_t b = small[i];

        large[i] = a - b - borrow;
        borrow = a < b || (a == b && borrow != 0);
        small[i] = 0;
    }
    while (n > 0 && large[n - 1] == 0)
        n--;
    return (struct cy_whole){large, n, sign < 0};
}
