#include "certify/power_check.h"

#include "base/num.h"

#include <string.h>

/* --- the field --- */

#define PRIME ((UINT64_C(1) << 61) - 1)

static uint64_t fold(cy_u128 v)
{
    uint64_t sum = (uint64_t)(v & PRIME) + (uint64_t)(v >> 61);

    sum = (sum & PRIME) + (sum >> 61);
    return sum >= PRIME ? sum - PRIME : sum;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    const uint64_t sum = a + b;

    return sum >= PRIME ? sum - PRIME : sum;
}

static uint64_t sub(uint64_t a, uint64_t b)
{
    return a >= b ? a - b : a + PRIME - b;
}

static uint64_t mul(uint64_t a, uint64_t b)
{
    return fold((cy_u128)a * b);
}

static uint64_t power(uint64_t base, uint64_t exponent)
{
    uint64_t out = 1;

    for (; exponent > 0; exponent >>= 1) {
        if ((exponent & 1) != 0)
            out = mul(out, base);
        base = mul(base, base);
    }
    return out;
}

static uint64_t inverse(uint64_t a)
{
    return power(a, PRIME - 2); /* Fermat */
}

/* A long number modulo the prime: 2^64 = 8. */
static uint64_t reduce(const uint64_t *words, size_t n)
{
    uint64_t out = 0;

    while (n-- > 0)
        out = add(mul(out, 8), fold(words[n]));
    return out;
}

/* --- the chance to be decisive, at one point --- */

/* The weight of those who join, as a distribution below the quota, without member `but`. */
static void spread(const struct cy_power_claim *claim, uint64_t x, uint64_t *chance)
{
    const uint64_t stay = sub(1, x);

    memset(chance, 0, claim->quota * sizeof *chance);
    chance[0] = 1;
    for (size_t i = 0; i < claim->n; i++) {
        const uint32_t own = claim->weights[i];

        for (uint32_t w = claim->quota; w-- > 0;) {
            const cy_u128 stays = (cy_u128)chance[w] * stay;

            chance[w] = fold(w >= own ? stays + (cy_u128)chance[w - own] * x : stays);
        }
    }
}

/* The chance that the others weigh quota - own .. quota - 1: the member is divided out of the
 * distribution, from below. */
static uint64_t decisive(const struct cy_power_claim *claim, size_t member, uint64_t x,
                         uint64_t unstay, const uint64_t *chance, uint64_t *others)
{
    const uint32_t own = claim->weights[member];
    uint64_t sum = 0;

    if (own == 0)
        return 0;
    for (uint32_t w = 0; w < claim->quota; w++) {
        const uint64_t with = w >= own ? mul(others[w - own], x) : 0;

        others[w] = mul(sub(chance[w], with), unstay);
        if (w + own >= claim->quota)
            sum = add(sum, others[w]);
    }
    return sum;
}

/* Adds share x the chance at point x to every member's sum. */
static void add_point(const struct cy_power_claim *claim, uint64_t x, uint64_t share,
                      uint64_t *room, uint64_t *sums)
{
    uint64_t *chance = room;
    uint64_t *others = room + claim->quota;
    const uint64_t unstay = inverse(sub(1, x));

    spread(claim, x, chance);
    for (size_t i = 0; i < claim->n; i++) {
        size_t same = 0;

        while (claim->weights[same] != claim->weights[i])
            same++;
        if (same < i)
            sums[i] = sums[same];
        else
            sums[i] = add(sums[i], mul(share, decisive(claim, i, x, unstay, chance, others)));
    }
}

/* --- the integral from 0 to 1 of the polynomial through points 2 .. n + 1 --- */

/* master: the n + 1 coefficients of the product of all (x - point), lowest first. */
static void multiply_out(size_t n, uint64_t *master)
{
    memset(master, 0, (n + 1) * sizeof *master);
    master[0] = 1;
    for (size_t j = 0; j < n; j++) {
        for (size_t m = j + 1; m > 0; m--)
            master[m] = sub(master[m - 1], mul(master[m], j + 2));
        master[0] = sub(0, mul(master[0], j + 2));
    }
}

/* The integral of the polynomial that is 1 at this point and 0 at the others. */
static uint64_t share_of(size_t n, const uint64_t *master, uint64_t point)
{
    uint64_t coefficient = master[n]; /* of the quotient, from the highest down */
    uint64_t integral = 0;
    uint64_t value = 0; /* of the quotient at the point */

    for (size_t m = n; m-- > 0;) {
        integral = add(integral, mul(coefficient, inverse(m + 1)));
        value = add(mul(value, point), coefficient);
        coefficient = add(master[m], mul(coefficient, point));
    }
    return mul(integral, inverse(value));
}

/* --- the claim --- */

size_t cy_power_check_room(size_t n, uint32_t quota)
{
    return 2 * (size_t)quota + 2 * n + 2;
}

static bool check_swings(const struct cy_power_claim *claim, uint64_t *room, uint64_t *sums,
                         size_t *member)
{
    const uint64_t half = inverse(2);

    memset(sums, 0, claim->n * sizeof *sums);
    add_point(claim, half, power(2, claim->n - 1), room, sums);
    for (*member = 0; *member < claim->n; (*member)++) {
        if (reduce(claim->swings + *member * claim->swing_words, claim->swing_words) !=
            sums[*member])
            return false;
    }
    return true;
}

/* The orders sum to n!, in exact numbers: sum and n! word by word in the room. */
static bool sums_to_factorial(const struct cy_power_claim *claim)
{
    const size_t words = claim->order_words;
    uint64_t carry = 0; /* below n: fits */
    cy_u128 sum = 0;
    uint64_t product[128] = {1};

    if (words == 0 || words > 128)
        return false;
    for (size_t m = 2; m <= claim->n; m++) {
        cy_u128 over = 0;

        for (size_t w = 0; w < words; w++) {
            over += (cy_u128)product[w] * m;
            product[w] = (uint64_t)over;
            over >>= 64;
        }
        if (over != 0)
            return false;
    }
    for (size_t w = 0; w < words; w++) {
        sum = carry;
        for (size_t i = 0; i < claim->n; i++)
            sum += claim->orders[i * words + w];
        if ((uint64_t)sum != product[w])
            return false;
        carry = (uint64_t)(sum >> 64);
    }
    return carry == 0;
}

static bool check_orders(const struct cy_power_claim *claim, uint64_t *room, uint64_t *sums,
                         uint64_t *master, size_t *member)
{
    uint64_t factorial = 1;

    for (size_t m = 2; m <= claim->n; m++)
        factorial = mul(factorial, m);
    memset(sums, 0, claim->n * sizeof *sums);
    multiply_out(claim->n, master);
    for (size_t j = 0; j < claim->n; j++)
        add_point(claim, j + 2, mul(factorial, share_of(claim->n, master, j + 2)), room, sums);
    for (*member = 0; *member < claim->n; (*member)++) {
        if (reduce(claim->orders + *member * claim->order_words, claim->order_words) !=
            sums[*member])
            return false;
    }
    return sums_to_factorial(claim);
}

bool cy_power_check(const struct cy_power_claim *claim, uint64_t *room, size_t *member)
{
    uint64_t *sums = room + 2 * (size_t)claim->quota;
    uint64_t *master = sums + claim->n;

    *member = claim->n;
    if (claim->swings != NULL && !check_swings(claim, room, sums, member))
        return false;
    return claim->orders == NULL || check_orders(claim, room, sums, master, member);
}
