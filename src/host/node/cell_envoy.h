/* cell_envoy: speaks for a member's own cell in the federation.
 *
 *      own cell --head, breaker, rules--> `epoch` act --> federation        every epoch_ms
 *
 *      federation's inbox --an act posted for the cell--> own cell
 *                <-- `inbox_done`: proof that it stands there, or the rule by which it was refused
 *
 * An act that the cell refuses by its rules is answered with that rule, in public. When the cell
 * does not answer, or turns the act away without a rule of the protocol, nothing is said: the
 * deadline passes, and from then on the federation takes no epoch record of this cell, until the
 * act stands in it. What an operator hides is so seen by all.
 *
 * A post that gives only a digest is answered by who posted it, or by anybody who finds the entry:
 * nothing can be carried.
 *
 * Owns: a thread, its connections to the cell and to the signer. Never: holds a key, changes the
 * cell but by handing acts in. */
#ifndef CY_HOST_NODE_CELL_ENVOY_H
#define CY_HOST_NODE_CELL_ENVOY_H

#include "host/http/client.h"
#include "host/node/order.h"
#include "host/node/seat_signer.h"

struct cy_cell_envoy;

struct cy_cell_envoy_options {
    const char *url;  /* of the own cell */
    const char *pin;  /* empty: the system's authorities judge */
    const char *seat; /* name of the seat, which is the cell's origin */
    unsigned epoch_ms;
    struct cy_seat_signer *signer;    /* a connection of its own; taken over */
    const struct cy_order *order;     /* of the federation; borrowed */
    struct cy_federation *federation; /* touched inside cy_order_run alone; borrowed */
    cy_time (*now)(void);             /* wall clock, Unix ms */
};

struct cy_cell_envoy_status {
    bool here;         /* the settings name a cell */
    uint64_t epochs;   /* records that were taken, since this start */
    uint64_t answered; /* posts answered with a proof */
    uint64_t refused;  /* posts answered with a rule */
    uint32_t open;     /* posts that wait */
    uint32_t late;     /* of them past their deadline */
    cy_err cell;       /* why the last thing asked of the cell failed; OK */
    cy_err epoch;      /* why the last record was not taken; OK */
};

/* cy_cell_envoy_start begins. Fails with NO_MEMORY; then the signer is still the caller's. */
CY_MUST_USE cy_err cy_cell_envoy_start(const struct cy_cell_envoy_options *options,
                                       struct cy_cell_envoy **out);

/* cy_cell_envoy_stop ends the thread and closes its connections; NULL is fine. Before the order is
 * stopped. */
void cy_cell_envoy_stop(struct cy_cell_envoy *envoy);

/* cy_cell_envoy_status copies how it stands; all zero for NULL. Any thread. */
void cy_cell_envoy_status(struct cy_cell_envoy *envoy, struct cy_cell_envoy_status *out);

#endif
