/* cage_table: what each process may ask of the system, as a table for people and for the kernel.
 *
 * Groups of calls, each with the reason for it, and limits on arguments. `comityd policy`,
 * `comity-signer --policy`, `comity-audit --policy`, `comity-model --policy` and
 * `comity-solve --policy` print it, and so does SPEC/cage.md.
 *
 *      comityd        serves the network, writes files; starts no program, makes no code
 *      comity-signer  answers one socket that is open already, writes its key directory
 *      comity-audit   reads; writes no file, and speaks to the network only for a URL
 *      comity-model   computes, in threads; reads files, writes what it opened at its start
 *      a solver       what comity-solve runs: one program, files of its directory, no network
 *
 * Owns: the table. Never: closes a door (cage.h does). */
#ifndef CY_HOST_SYSTEM_CAGE_TABLE_H
#define CY_HOST_SYSTEM_CAGE_TABLE_H

#include "base/text.h"

#include <stdio.h>

/* The processes, as bits. */
#define CY_CAGE_DAEMON 1u  /* comityd */
#define CY_CAGE_SIGNER 2u  /* comity-signer, once its socket is open */
#define CY_CAGE_AUDIT 4u   /* comity-audit of a directory */
#define CY_CAGE_MIRROR 8u  /* comity-audit of a URL */
#define CY_CAGE_MODEL 16u  /* comity-model, once its outputs are open */
#define CY_CAGE_SOLVER 32u /* a solver that comity-solve runs */
#define CY_CAGE_PROCESSES 6u

/* One group of calls. */
struct cy_cage_group {
    const char *name;
    unsigned processes; /* bits */
    const char *calls;  /* names, parted by single spaces */
    const char *why;
};

/* One call that is allowed only with certain arguments: (argument & mask) == value. Several rows of
 * a call are alternatives. */
struct cy_cage_limit {
    const char *call;
    unsigned processes;
    unsigned argument; /* from 0 */
    uint64_t mask;
    uint64_t value;
    const char *say; /* the condition, for people */
    const char *why;
};

const struct cy_cage_group *cy_cage_groups(size_t *n);
const struct cy_cage_limit *cy_cage_limits(size_t *n);

/* cy_cage_name is the word for one process (one bit). */
const char *cy_cage_name(unsigned process);

/* cy_cage_print writes the list of one process for people. */
void cy_cage_print(FILE *out, unsigned process);

#endif
