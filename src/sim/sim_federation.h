/* sim_federation: whole federations on simulated machines, run by a plan until a promise is broken.
 *
 *     plan: acts, crashes, power cuts, full and slow disks, restored backups, clocks, partitions,
 *           traitors                                                  (sim_plan.h)
 *        |
 *     nodes in a network of virtual time                              (sim_node.h, sim_net.h)
 *        |
 *     after each event: what honest members agreed, cosigned, called final, acknowledged; their
 *     records; the assets                                             (sim_book.h, sim_oracle.h)
 *
 * Up to `calm` the plan breaks things. Then all is mended, traitors stay traitors, and every honest
 * member must get on: to a height and a final head that nobody had reached before, within
 * CY_SIM_LIVE_MS. At the end the whole ledger is read again. The same plan gives the same bytes:
 * the trace digest covers every event, every world and every file of honest members.
 *
 * With two realms, node 0 of each is one party's: one machine fails for both.
 *
 * Owns: all of it (malloc). Never: uses a real clock, disk, socket or random source. */
#ifndef CY_SIM_SIM_FEDERATION_H
#define CY_SIM_SIM_FEDERATION_H

#include "sim/sim_book.h"
#include "sim/sim_node.h"
#include "sim/sim_plan.h"
#include "sim/sim_traitor.h"

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

#define CY_SIM_FEDERATION_CODES 2048u

/* What happened; figures of many runs can be added (all are numbers of 64 bits). */
struct cy_sim_federation_figures {
    uint64_t moves[CY_SIM_MOVE_KINDS];
    uint64_t accepted[CY_MESSAGES_MAX];          /* in ledgers, by number of the act */
    uint64_t submitted[CY_SIM_FEDERATION_CODES]; /* acts handed in, by code; 0: taken */
    uint64_t answered[CY_SIM_FEDERATION_CODES];  /* acts taken, by the code of their end */
    uint64_t packets[CY_SIM_FEDERATION_CODES];   /* packets, by code; 0: fine */
    uint64_t deeds[CY_SIM_HABIT_COUNT];          /* of traitors */
    uint64_t heights;
    uint64_t finals;
    uint64_t acks;
    uint64_t rounds;      /* beyond the first */
    uint64_t timeouts[3]; /* by step: prevote, precommit, propose */
    uint64_t catch_ups;   /* times that a member took several heights at once */
    uint64_t convicted;   /* times that a member was seen to contradict itself */
    uint64_t slashes;     /* convictions in ledgers */
    uint64_t starts;
    uint64_t torn;       /* starts that cut a tail */
    uint64_t restored;   /* starts from a backup */
    uint64_t said_again; /* votes that a signer gave again instead of another */
    uint64_t vote_refused;
    uint64_t sent;
    uint64_t arrived;
    uint64_t lost;
    uint64_t overtaken;
    uint64_t live_ms; /* longest time after the calm until all got on */
    uint64_t node_ms; /* simulated time, summed over nodes */
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

/* cy_sim_federation_add adds figures to a sum. */
void cy_sim_federation_add(struct cy_sim_federation_figures *sum,
                           const struct cy_sim_federation_figures *one);

#endif
