/* read_ahead: the acts of a ledger, read from its tiles, checked and decoded, a stretch at a time.
 *
 *      stretch A   read, check, decode  | judged            | read ...
 *      stretch B                        | read, check ...   | judged
 *
 * Reading needs no world and judging no disk: while one stretch is judged the next is read, by a
 * second processor where the host lends one (base/helper.h).
 *
 * Owns: the memory of one stretch. Never: judges. */
#ifndef CY_REALM_READ_AHEAD_H
#define CY_REALM_READ_AHEAD_H

#include "kernel/act.h"
#include "ledger/tree_walk.h"

#define CY_STRETCH_ROOM                                                                            \
    ((size_t)1 << 18) /* of the acts' bytes: some, still in the cache when judged */
#define CY_STRETCH_ARENA ((size_t)8 << 20) /* of what is decoded: more than any one act takes */

struct cy_stretch {
    struct cy_tree_walk *walk; /* one for all stretches */
    uint8_t *room;
    struct cy_arena arena;
    struct cy_act acts[CY_TILE_WIDTH];
    uint32_t n;
    cy_err err; /* what ended the stretch; its acts come before that */
    struct cy_disk_fault fault;
};

/* cy_stretch_init takes memory from the arena: cy_stretch_bytes() of it. Fails with NO_ROOM. */
size_t cy_stretch_bytes(void);
CY_MUST_USE cy_err cy_stretch_init(struct cy_stretch *stretch, struct cy_arena *fresh);

/* cy_stretch_fill reads the walk's next acts; n is 0 at the end. The acts borrow from the stretch.
 * A piece of work for cy_both: `with` is a struct cy_stretch. */
void cy_stretch_fill(void *with);

#endif
