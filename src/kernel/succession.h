/* succession: a realm that begins because a part of another's ledger is lost.
 *
 *     predecessor  0 ---------- kept ######## lost ######## seen
 *     successor    genesis {who, kept head, largest head known, that head as it was seen}
 *
 * An operator whose ledger is behind what its key has signed may not go on: it would sign a second
 * history. It may begin another ledger, under another name, which says in its first act what is
 * lost. The statement names heads of the predecessor by their own signed notes, and the successor
 * keeps the predecessor's ledger key: so everybody who knew that key can check them. What the state
 * was is read from the predecessor's entries, which stay as they are; nothing of it is taken over
 * by itself.
 *
 * Owns: the rule. Never: reads the world; it is the first act of one. */
#ifndef CY_KERNEL_SUCCESSION_H
#define CY_KERNEL_SUCCESSION_H

#include "wire/note.h"
#include "wire/schema.h"

/* What the statement of a genesis says; spans point into it. */
struct cy_succession {
    struct cy_checkpoint kept;
    struct cy_checkpoint seen; /* size 0: nobody has shown the largest head */
    uint64_t lost;             /* entries that are known to be lost */
};

/* cy_succession_read judges the statement of a genesis; *any is false when it makes none. Fails
 * with BAD_SUCCESSION (detail: number of the field that does not hold). */
CY_MUST_USE cy_err cy_succession_read(const struct cy_genesis *genesis, struct cy_succession *out,
                                      bool *any);

#endif
