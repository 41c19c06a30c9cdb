/* cage: what a process that holds secrets gives up once it has what it needs.
 *
 * Owns: nothing. Never: undone; only the end of the process lifts it. */
#ifndef CY_HOST_SYSTEM_CAGE_H
#define CY_HOST_SYSTEM_CAGE_H

#include "base/bytes.h"

/* cy_cage_memory keeps this process's memory to itself: no core files, no debugger of the same
 * user, pages not swapped where the system allows that many to be locked (best effort). Call it
 * before the first secret is read. Builds with a sanitizer leave the debugger's door open, since
 * the leak check comes through it. */
void cy_cage_memory(void);

/* cy_cage_calls forbids, from now on, new sockets and connections, new programs and processes, and
 * looking into other processes (seccomp; EPERM). False where the system has no such filter. */
CY_MUST_USE bool cy_cage_calls(void);

#endif
