#include "kernel/way.h"

/* One side lets so much pass. */
static bool lets(const struct cy_way_side *side, cy_u128 amount)
{
    return side->open && (!side->limited || side->left >= amount);
}

/* Both sides of a hop let it pass. */
static bool passes(const struct cy_way_side *sides, size_t n, size_t i, cy_u128 amount)
{
    if (!lets(&sides[i], amount))
        return false;
    for (size_t j = 0; j < n; j++) {
        if (cy_id_eq(&sides[j].realm, &sides[i].other) &&
            cy_id_eq(&sides[j].other, &sides[i].realm) && lets(&sides[j], amount))
            return true;
    }
    return false;
}

static bool less(const struct cy_id *one, const struct cy_id *other)
{
    return memcmp(one->b, other->b, sizeof one->b) < 0;
}

/* The distance of side i's own realm from the end: one more than the least of its neighbours'. */
static void spread(const struct cy_way_side *sides, size_t n, const uint8_t *hop,
                   const struct cy_id *to, uint8_t *far)
{
    for (uint8_t round = 1; round < CY_WAY_MAX; round++) {
        for (size_t i = 0; i < n; i++) {
            bool near = cy_id_eq(&sides[i].other, to) && round == 1;

            if (hop[i] == 0)
                continue;
            for (size_t j = 0; !near && round > 1 && j < n; j++)
                near = far[j] == round - 1 && cy_id_eq(&sides[j].realm, &sides[i].other);
            for (size_t j = 0; near && j < n; j++) {
                if (far[j] == 0 && cy_id_eq(&sides[j].realm, &sides[i].realm))
                    far[j] = round;
            }
        }
    }
}

/* How far a realm is from the end; 0: unknown. */
static uint8_t distance(const struct cy_way_side *sides, size_t n, const uint8_t *far,
                        const struct cy_id *realm)
{
    for (size_t i = 0; i < n; i++) {
        if (cy_id_eq(&sides[i].realm, realm))
            return far[i];
    }
    return 0;
}

/* The neighbour of least id that is nearer to the end. */
static bool step(const struct cy_way_side *sides, size_t n, const uint8_t *hop, const uint8_t *far,
                 const struct cy_id *at, const struct cy_id *to, struct cy_id *next)
{
    const uint8_t left = distance(sides, n, far, at);
    bool found = false;

    for (size_t i = 0; i < n; i++) {
        const struct cy_id *other = &sides[i].other;

        if (hop[i] == 0 || !cy_id_eq(&sides[i].realm, at))
            continue;
        if (left == 1 ? !cy_id_eq(other, to) : distance(sides, n, far, other) != left - 1)
            continue;
        if (!found || less(other, next))
            *next = *other;
        found = true;
    }
    return found;
}

cy_err cy_way_find(const struct cy_way_side *sides, size_t n, const struct cy_id *from,
                   const struct cy_id *to, cy_u128 amount, struct cy_id way[static CY_WAY_MAX],
                   uint32_t *n_way)
{
    uint8_t hop[CY_WAY_SIDES_MAX];
    uint8_t far[CY_WAY_SIDES_MAX];

    *n_way = 0;
    if (n > CY_WAY_SIDES_MAX)
        return cy_fail(CY_E_RANGE, n);
    if (cy_id_eq(from, to))
        return cy_fail(CY_E_EXISTS, 0);
    memset(far, 0, sizeof far);
    for (size_t i = 0; i < n; i++)
        hop[i] = passes(sides, n, i, amount) && !cy_id_eq(&sides[i].realm, to);
    spread(sides, n, hop, to, far);
    if (distance(sides, n, far, from) == 0)
        return cy_fail(CY_E_NO_ROUTE, 0);
    way[(*n_way)++] = *from;
    while (*n_way < CY_WAY_MAX && !cy_id_eq(&way[*n_way - 1], to)) {
        if (!step(sides, n, hop, far, &way[*n_way - 1], to, &way[*n_way]))
            return cy_fail(CY_E_NO_ROUTE, *n_way); /* never: distances lead to the end */
        ++*n_way;
    }
    return CY_OK;
}
