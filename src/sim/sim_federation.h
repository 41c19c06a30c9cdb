/* sim_federation: whole federations on simulated machines, run by a plan until a promise is broken.
 *
 *     plan: acts, crashes, power cuts, full and slow disks, restored backups, clocks, partitions,
 *           traitors                                                  (sim_plan.h)
 *        |
 *     nodes in a network of virtual time        (sim_node.h, sim_net.h, sim_fault.h)
 *     authors, operators, trustees, relayers    (sim_work.h, sim_operate.h, sim_ferry.h)
 *        |
 *     after each event: what honest members agreed, cosigned, called final, acknowledged; their
 *     records; the assets; the roll; bridges    (sim_book.h, sim_oracle.h, sim_look.h, sim_cross.h)
 *
 * Up to `calm` the plan breaks things. Then all is mended, traitors stay traitors, and every honest
 * member on the roll must get on: to a height and a final head that nobody had reached before, and
 * every packet that was under way must end, within CY_SIM_LIVE_MS. At the end the whole ledger is
 * read again. The same plan gives the same bytes: the trace digest covers every event, every world
 * and every file of honest members.
 *
 * With two realms or more, node 0 of each is one party's: one machine fails for all of them.
 *
 * Owns: all of it (malloc). Never: uses a real clock, disk, socket or random source. */
#ifndef CY_SIM_SIM_FEDERATION_H
#define CY_SIM_SIM_FEDERATION_H

#include "sim/sim_figures.h"
#include "sim/sim_plan.h"

#define CY_SIM_LIVE_MS 60000u /* within which all must get on after the calm */

/* What is broken on purpose: for the tests of the oracles. */
enum {
    CY_SIM_BREAK_NOTHING = 0,
    CY_SIM_BREAK_SIGNERS = 1, /* no signer remembers */
    CY_SIM_BREAK_POLICY = 2,  /* two cosignatures make a head final */
};

struct cy_sim_federation_options {
    const struct cy_sim_plan *plan; /* borrowed */
    const struct cy_institution *const *roster;
    size_t n_roster;
    uint32_t broken;
};

struct cy_sim_federation;

struct cy_sim_federation *cy_sim_federation_new(const struct cy_sim_federation_options *options);
void cy_sim_federation_free(struct cy_sim_federation *sim);

/* cy_sim_federation_run goes on to a time, in ms; NULL, or the sentence of the promise that was
 * broken. */
const char *cy_sim_federation_run(struct cy_sim_federation *sim, uint64_t until);

/* cy_sim_federation_read reads the ledgers as they stand. */
const char *cy_sim_federation_read(struct cy_sim_federation *sim);

/* cy_sim_federation_end waits until all got on, reads the ledgers, and gives the trace digest. */
const char *cy_sim_federation_end(struct cy_sim_federation *sim, struct cy_id *trace);

/* cy_sim_federation_live is all of it; *broken_at is when the promise was broken, in ms. */
const char *cy_sim_federation_live(struct cy_sim_federation *sim, struct cy_id *trace,
                                   uint64_t *broken_at);

/* cy_sim_federation_figures gathers what happened so far. */
void cy_sim_federation_figures(const struct cy_sim_federation *sim,
                               struct cy_sim_federation_figures *out);

#endif
