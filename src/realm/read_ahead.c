#include "realm/read_ahead.h"

size_t cy_stretch_bytes(void)
{
    return CY_STRETCH_ROOM + CY_STRETCH_ARENA + 2 * 16;
}

cy_err cy_stretch_init(struct cy_stretch *stretch, struct cy_arena *fresh)
{
    uint8_t *arena = cy_arena_take(fresh, CY_STRETCH_ARENA);

    stretch->room = cy_arena_take(fresh, CY_STRETCH_ROOM);
    if (arena == NULL || stretch->room == NULL)
        return cy_fail(CY_E_NO_ROOM, cy_stretch_bytes());
    stretch->arena = cy_arena_on(arena, CY_STRETCH_ARENA);
    return CY_OK;
}

/* Decodes entries up to the first that fails; *left counts those for which there is no room beside
 * the ones before them. */
static cy_err open_acts(struct cy_stretch *stretch, const struct cy_span *entries, uint32_t n,
                        uint32_t *left)
{
    struct cy_act *acts[CY_TILE_WIDTH];
    cy_err err = CY_OK;

    *left = 0;
    for (stretch->n = 0; stretch->n < n; stretch->n++) {
        acts[stretch->n] = &stretch->acts[stretch->n];
        err = cy_act_read(entries[stretch->n], &stretch->arena, acts[stretch->n]);
        if (!cy_ok(err))
            break;
    }
    cy_act_name(acts, stretch->n);
    if (err.code != CY_E_NO_ROOM || stretch->n == 0)
        return err;
    *left = n - stretch->n;
    return CY_OK;
}

void cy_stretch_fill(void *with)
{
    struct cy_stretch *stretch = with;
    struct cy_span entries[CY_TILE_WIDTH];
    uint32_t left = 0;
    uint32_t n = 0;
    cy_err err = CY_OK;

    cy_arena_rewind(&stretch->arena, 0);
    stretch->err = cy_tree_walk_read(stretch->walk, stretch->room, CY_STRETCH_ROOM, entries, &n,
                                     &stretch->fault);
    err = open_acts(stretch, entries, n, &left);
    if (!cy_ok(err) || left > 0) /* it comes before what could not be read */
        stretch->err = err;
    if (left > 0)
        cy_tree_walk_back(stretch->walk, &entries[n - left], left);
}
