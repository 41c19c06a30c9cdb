/* sim_cell: one cell on a simulated disk and clock, driven from one seed until an oracle objects.
 *
 *     step: an act of some party | a tick | a commit | a head | a snapshot
 *           | the disk runs full, or has room again | power is cut | the process is killed
 *           | the clock jumps
 *
 * After every step the oracles look:
 *     - of every asset, what was issued is in its accounts, free or held
 *     - after a restart every acknowledged act is there, nothing is half applied: the world is the
 *       one that stood after exactly that many acts, byte for byte
 *     - no two heads of one size differ, heads never go back, each continues the one before, and
 *       none names tiles that are not there
 *     - nothing but the failures ordered here stops the cell
 * The same seed gives the same bytes: the trace digest covers every verdict, every world and, at
 * the end, every file.
 *
 * Owns: the disk, the cell, its memory (malloc). Never: reads a real clock, disk or random source.
 */
#ifndef CY_SIM_SIM_CELL_H
#define CY_SIM_SIM_CELL_H

#include "realm/cell.h"

#define CY_SIM_CODES 2048u /* error codes counted */

struct cy_sim_options {
    uint64_t seed;
    const struct cy_institution *const *roster;
    size_t n_roster;
    uint32_t steps_max; /* steps that will be made at most */
};

/* What happened so far. */
struct cy_sim_coverage {
    uint64_t accepted[CY_MESSAGES_MAX]; /* by number of the act */
    uint64_t verdicts[CY_SIM_CODES];    /* by code; 0 = accepted */
    uint64_t commits;
    uint64_t heads;
    uint64_t snapshots;
    uint64_t restarts;
    uint64_t torn; /* restarts that cut a tail */
    uint64_t lost; /* acts that were never acknowledged and are gone */
    uint64_t full; /* commits that waited for room */
};

struct cy_sim_cell;

/* cy_sim_cell_new begins a realm; NULL without memory. */
struct cy_sim_cell *cy_sim_cell_new(const struct cy_sim_options *options);
void cy_sim_cell_free(struct cy_sim_cell *sim);

/* cy_sim_cell_step makes one step; NULL, or the sentence of the oracle that objected. */
const char *cy_sim_cell_step(struct cy_sim_cell *sim);

/* cy_sim_cell_end restarts once more, checks everything, and gives the trace digest. */
const char *cy_sim_cell_end(struct cy_sim_cell *sim, struct cy_id *out);

const struct cy_sim_coverage *cy_sim_cell_coverage(const struct cy_sim_cell *sim);

/* cy_sim_coverage_add adds one life to a sum over many. */
void cy_sim_coverage_add(struct cy_sim_coverage *sum, const struct cy_sim_coverage *one);

/* cy_sim_cell_size counts the acts in the ledger. */
uint64_t cy_sim_cell_size(const struct cy_sim_cell *sim);

#endif
