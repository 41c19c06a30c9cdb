/* cage: what a process gives up once it has what it needs.
 *
 * Every process has a list of the calls of the system that it may make; what is not on the list is
 * refused by the kernel (seccomp, through libseccomp). The list stands in cage_table.c.
 *
 * A refused call fails with EPERM. Checked builds stop with the call's name instead, so that a call
 * that a change needs is seen by its test.
 *
 * Owns: nothing. Never: undone; only the end of the process lifts it. */
#ifndef CY_HOST_SYSTEM_CAGE_H
#define CY_HOST_SYSTEM_CAGE_H

#include "host/system/cage_table.h"

/* What happens to a call that is not on the list. */
enum cy_cage_breach {
    CY_CAGE_REFUSE, /* it fails with EPERM */
    CY_CAGE_DIE,    /* a line on standard error, and the end with code CY_CAGE_CODE */
};

#define CY_CAGE_CODE 159 /* 128 + SIGSYS */

/* cy_cage_memory keeps this process's memory to itself: no core files, no debugger of the same
 * user, pages not swapped where the system allows that many to be locked (best effort). Call it
 * before the first secret is read. Builds with a sanitizer leave the debugger's door open, since
 * the leak check comes through it. */
void cy_cage_memory(void);

/* cy_cage_close closes the door behind this process: from now on, in all its threads, only what the
 * table allows it. False where the system has no such filter, and in builds with a sanitizer, which
 * need calls of their own. */
CY_MUST_USE bool cy_cage_close(unsigned process, enum cy_cage_breach breach);

/* cy_cage_possible: false in builds with a sanitizer. */
bool cy_cage_possible(void);

/* cy_cage_default is what this build does with a breach: DIE in checked builds. */
enum cy_cage_breach cy_cage_default(void);

#endif
