/* cli_end: one end of a bridge, as a command sees it: a realm's directory, its daemon, a passport
 * that acts there, and what was asked of it.
 *
 *     here  <-- offer (head, proofs) -- other
 *
 * What one end offers is asked for on behalf of the other: the proofs stand under one state root,
 * and the head that shows it is brought by the same batch as the acts that need it.
 *
 * Owns: the connection's words. Never: decides what is true. */
#ifndef CY_HOST_CLI_CLI_END_H
#define CY_HOST_CLI_CLI_END_H

#include "host/cli/cli_send.h"
#include "realm/relay_wire.h"

struct cy_end {
    struct cy_cli *run;
    struct cy_id realm;
    struct cy_cli_author author;
    struct cy_span policy; /* that it pins of the other */
    struct cy_relay_status status;
    struct cy_relay_offer offer;
    unsigned carried;
    unsigned refused;
};

/* cy_end_other begins a run on the other realm's directory (--with, --with-as). */
CY_MUST_USE cy_err cy_end_other(const struct cy_cli *run, struct cy_cli *other);

/* cy_end_of fills an end; policy: a file, or NULL. */
CY_MUST_USE cy_err cy_end_of(struct cy_cli *run, const char *policy, struct cy_end *end);

/* cy_end_standing asks how this end stands towards the other. */
CY_MUST_USE cy_err cy_end_standing(struct cy_end *end, const struct cy_end *other);

/* cy_end_offer asks this end what it offers to the other, with the records in wants (may be NULL);
 * other->status is known. */
CY_MUST_USE cy_err cy_end_offer(struct cy_end *end, const struct cy_end *other,
                                const struct cy_relay_ask *wants);

#endif
