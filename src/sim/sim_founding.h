/* sim_founding: the genesis of a federation whose members have just made their keys.
 *
 * Owns: nothing. */
#ifndef CY_SIM_SIM_FOUNDING_H
#define CY_SIM_SIM_FOUNDING_H

#include "sim/sim_signer.h"
#include "wire/tile.h"

struct cy_sim_founding {
    const char *origin;
    cy_time now;
    const struct cy_sim_signer *const *seats;
    uint32_t n;
    uint32_t need; /* cosignatures that make a head final; 0: more than two thirds of the seats */
    uint32_t idle_ms;
    bool rules_soon; /* a version of the rules needs no notice */
};

/* What came of it. */
struct cy_sim_founded {
    struct cy_id id;
    char policy[4096];
    uint8_t bytes[CY_ENTRY_MAX]; /* the act */
    size_t n;
};

/* Versions of the rules that programs in a simulation may know: the first, and one of tomorrow that
 * sets inbox_most to 32 as it begins. */
extern const struct cy_rules cy_sim_rules;

/* cy_sim_found writes genesis and policy; seat i is named "member-i.example/ledger" and run by an
 * operator of its own. */
void cy_sim_found(const struct cy_sim_founding *founding, struct cy_sim_founded *out);

/* cy_sim_seat_name writes the name of a seat. */
void cy_sim_seat_name(struct cy_text *text, uint32_t seat);

#endif
