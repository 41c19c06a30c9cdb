/* ford: several cells on simulated disks, joined by bridges, and a relayer between any two.
 *
 * Cell i is operated by key 0 of its own rig; passport 1 is its relayer, passports 2 and 3 are
 * people. Nothing crosses but what the relayer carries, as acts that are really signed. */
#ifndef CY_TESTS_FORD_H
#define CY_TESTS_FORD_H

#include "place.h"

#include "kernel/exit.h"

#include "realm/bridge_relay.h"

#define FORD_CELLS 3u

/* One direction of one round, kept so that a test may lose, repeat or change it. */
struct ford_load {
    struct cy_arena arena;
    struct cy_relay_status status[2]; /* of the cell it is for, of the other */
    struct cy_relay_offer offer;      /* by the other */
    struct cy_relay_offer own;
    struct cy_relay_acts acts; /* for the cell */
};

struct ford {
    unsigned n;
    struct place *cell[FORD_CELLS];
    struct cy_id asset[FORD_CELLS]; /* of passport 2 of each cell, 1,000,000 issued to it */
    struct ford_load load;
};

/* ford_new makes n cells with their passports and assets; no bridges. */
struct ford *ford_new(unsigned n);
struct ford *ford_with(unsigned n, const struct cy_institution *const *roster, size_t n_roster);
void ford_free(struct ford *ford);

/* ford_terms are usual terms for a bridge in cell i to cell j: settlement and data, no throttles,
 * stale after an hour. Valid until the next call. */
struct cy_bridge_open ford_terms(struct ford *ford, unsigned i, unsigned j);

/* ford_open opens bridges in both directions on usual terms. */
void ford_open(struct ford *ford, unsigned i, unsigned j);

/* ford_load makes the load for cell `to` out of what cell `from` offers now. Both tick and publish
 * first: every cell's clock moves on by ms. */
void ford_look(struct ford *ford, unsigned from, unsigned to, uint64_t ms);

/* ford_bring submits the load as one batch. Returns how many of its acts were accepted. */
unsigned ford_bring(struct ford *ford, unsigned to);

/* ford_carry is both: one direction of one round. */
unsigned ford_carry(struct ford *ford, unsigned from, unsigned to);

/* ford_settle carries both ways until nothing moves. */
void ford_settle(struct ford *ford, unsigned i, unsigned j);

/* ford_pay sends units of an account of passport 2 of cell i to passport 2 of cell j. */
cy_err ford_pay(struct ford *ford, unsigned i, unsigned j, const struct cy_id *account,
                uint64_t amount, cy_time timeout);

/* ford_show proves the records that were wanted in cell `from`, and shows its head in cell `to`.
 * They stand in load.offer (cy_relay_found); their root is the newest that `to` knows. */
cy_err ford_show(struct ford *ford, unsigned from, unsigned to, const struct cy_relay_ask *wants);

/* ford_burn: passport 2 of cell j ends vouchers of cell i's asset for passport n of cell i.
 * ford_home proves a burning in cell i, as often as it is called; by its act's id. */
cy_err ford_burn(struct ford *ford, unsigned j, unsigned i, uint64_t amount, unsigned n,
                 struct cy_id *burn);
cy_err ford_home(struct ford *ford, unsigned j, unsigned i, const struct cy_id *burn);

/* ford_units are the free units of passport n of cell i in an asset. */
cy_u128 ford_units(struct ford *ford, unsigned i, unsigned n, const struct cy_id *asset);

/* ford_conserved asserts, for every asset at home in i on its bridge to j, that escrow holds what
 * is in flight and abroad, and that the vouchers in j are no more than that; exact says that
 * nothing is under way, and then they are equal. Of every asset of every cell, what was issued is
 * in its accounts. */
void ford_conserved(struct ford *ford, unsigned i, unsigned j, bool exact);

/* ford_open_packets counts what is under way from i to j. */
uint64_t ford_open_packets(struct ford *ford, unsigned i, unsigned j);

/* A record of one cell with its proof, under a root that another was shown. */
struct ford_proof {
    uint64_t root;
    struct cy_span value;
    struct cy_span proof;
    uint8_t value_bytes[CY_STATE_VALUE_MAX];
    char proof_bytes[32768];
};

/* ford_head shows a head of `from` to `to`, whether it is due or not. ford_prove proves a record of
 * `from` under the head that was just shown to `to`. */
void ford_head(struct ford *ford, unsigned from, unsigned to);
void ford_prove(struct ford *ford, unsigned from, unsigned to, uint32_t record, const void *key,
                struct ford_proof *out);

const struct cy_bridge *ford_bridge(struct ford *ford, unsigned i, unsigned j);
const struct cy_bridge_line *ford_line(struct ford *ford, unsigned i, unsigned j);

#endif
