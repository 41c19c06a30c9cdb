#include "base/apportion.h"

/* A product of 128 and 64 bits, so that averages can be compared without dividing. */
struct wide {
    cy_u128 high; /* times 2^64 */
    uint64_t low;
};

static struct wide product(cy_u128 a, uint64_t b)
{
    const cy_u128 low = (cy_u128)(uint64_t)a * b;

    return (struct wide){.high = (a >> 64) * b + (low >> 64), .low = (uint64_t)low};
}

static bool larger(const struct wide *a, const struct wide *b)
{
    return a->high > b->high || (a->high == b->high && a->low > b->low);
}

/* What settles a tie: the heavier, then the lower id. */
static bool first(const struct cy_portion *a, const struct cy_portion *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    return memcmp(a->who.b, b->who.b, sizeof a->who.b) < 0;
}

/* a is nearer to one more unit than b: by what is behind minus what is ahead. */
static bool nearer(const struct cy_portion *a, const struct cy_portion *b)
{
    const cy_u128 left = a->behind + b->ahead;
    const cy_u128 right = b->behind + a->ahead;

    return left != right ? left > right : first(a, b);
}

/* a has more weight than b for the unit that each would get next: a.w / (a.s + 1) > b.w / (b.s +
 * 1). */
static bool needier(const struct cy_portion *a, const struct cy_portion *b)
{
    const struct wide left = product(b->part + 1, a->weight);
    const struct wide right = product(a->part + 1, b->weight);

    if (larger(&left, &right))
        return true;
    return !larger(&right, &left) && first(a, b);
}

static void settle(struct cy_portion *p)
{
    const cy_u128 both = p->behind < p->ahead ? p->behind : p->ahead;

    p->behind -= both;
    p->ahead -= both;
}

/* Everybody's whole part; returns what remains. Total weight is W. */
static cy_u128 whole_parts(cy_u128 total, struct cy_portion *portions, uint32_t n, uint64_t weight,
                           bool carry)
{
    cy_u128 left = total;

    for (uint32_t i = 0; i < n; i++) {
        struct cy_portion *p = &portions[i];
        const cy_err err = cy_mul_div(total, p->weight, weight, &p->part);

        CY_ASSERT(cy_ok(err)); /* a weight is at most the sum of them */
        left -= p->part;
        p->rounded = false;
        if (!carry)
            continue;
        /* total * w mod W, exact in arithmetic mod 2^128: it is below W */
        p->behind += total * p->weight - p->part * weight;
        settle(p);
    }
    return left;
}

static void give(enum cy_apportion_rule rule, struct cy_portion *portions, uint32_t n,
                 uint64_t weight)
{
    struct cy_portion *best = NULL;

    for (uint32_t i = 0; i < n; i++) {
        struct cy_portion *p = &portions[i];

        if (p->weight == 0)
            continue;
        if (rule == CY_APPORTION_REMAINDER && p->rounded)
            continue; /* one each: fewer units remain than there are parties with a remainder */
        if (best == NULL || (rule == CY_APPORTION_REMAINDER ? nearer(p, best) : needier(p, best)))
            best = p;
    }
    CY_ASSERT(best != NULL);
    best->part++;
    best->rounded = true;
    if (rule == CY_APPORTION_REMAINDER) {
        best->ahead += weight;
        settle(best);
    }
}

cy_err cy_apportion(enum cy_apportion_rule rule, cy_u128 total, struct cy_portion *portions,
                    uint32_t n)
{
    uint64_t weight = 0;
    cy_u128 left = 0;

    if (n == 0 || n > CY_PORTIONS_MAX)
        return cy_fail(CY_E_RANGE, n);
    for (uint32_t i = 0; i < n; i++) {
        if (__builtin_add_overflow(weight, portions[i].weight, &weight))
            return cy_fail(CY_E_OVERFLOW, i);
    }
    if (weight == 0)
        return cy_fail(CY_E_RANGE, 0);
    left = whole_parts(total, portions, n, weight, rule == CY_APPORTION_REMAINDER);
    CY_ASSERT(left < n);
    for (; left > 0; left--)
        give(rule, portions, n, weight);
    return CY_OK;
}
