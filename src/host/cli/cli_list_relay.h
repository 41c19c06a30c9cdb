/* cli_list_relay: changes of lists of sanctions, carried over a bridge: `comity sanction relay
 * --with DIR`, run at the one who follows.
 *
 *     other's lists --(which is ahead?)--> proofs of its head and next changes, under one root
 *         ^                                   --> here: bridge_head, sanction_mirror, import,
 * import ... |                                         --> lag: now - when the last one was decided
 *         +--- its events: a change wakes the carrier at once, else it looks every so often
 *
 * Which lists: those named with --list (a mirror of each is begun), and those of that realm that
 * are mirrored already. The carrier is trusted with nothing: each change is proven, and in order.
 * Several may run; they only race.
 *
 * Owns: the second realm's run. Never: decides who follows a list, or how. */
#ifndef CY_HOST_CLI_CLI_LIST_RELAY_H
#define CY_HOST_CLI_CLI_LIST_RELAY_H

#include "host/cli/cli_end.h"

#define CY_LISTS_MOST 32u /* carried between two realms by one carrier */

extern const struct cy_cli_option cy_cli_list_relay_options[];

/* A list that is carried, as it stood after a round. */
struct cy_carried_list {
    struct cy_id there;
    struct cy_id here; /* none: not mirrored yet */
    char code[16];
    uint64_t number_there;
    uint64_t number_here;
    uint64_t behind;  /* changes that are missing here */
    uint64_t carried; /* changes brought in this round */
    uint64_t lag_ms;  /* from the decision of the last of them until its receipt */
};

struct cy_carried_lists {
    struct cy_carried_list list[CY_LISTS_MOST];
    unsigned n;
    uint64_t size; /* of the other's ledger when it was looked at */
};

/* cy_cli_list_round brings everything that the other's lists are ahead. named: codes or ids of
 * lists that are to be mirrored, n_named of them. Fails as the requests and acts do; what was
 * refused because another carrier was quicker is no failure. */
CY_MUST_USE cy_err cy_cli_list_round(struct cy_end *here, struct cy_end *other,
                                     const char *const *named, size_t n_named,
                                     struct cy_carried_lists *out);

/* cy_cli_list_relay is the command; the exit code. */
int cy_cli_list_relay(struct cy_cli *run);

#endif
