/* cli_founding: how founders make a federation together without trusting one of them.
 *
 *      each    comity federation seat ...             its node's directory, keys and card
 *      one     comity federation draft --seat CARD... the genesis that names all seats, unsigned
 *      each    comity federation sign genesis.draft   what all have read
 *      one     comity federation seal COPY...         all signatures together: the genesis
 *      each    comity federation join --genesis ...   settings of its node; then start it
 *
 * Whoever writes the draft decides nothing: everybody signs the bytes that it shows, the genesis
 * needs the signature of each founder, and the id of the realm is its digest. The policy is derived
 * from the seats (more than two thirds of them) and the trustees (more than half of each chamber),
 * unless one is given.
 *
 * Owns: the genesis, the settings of a member's node. Never: a key. */
#ifndef CY_HOST_CLI_CLI_FOUNDING_H
#define CY_HOST_CLI_CLI_FOUNDING_H

#include "host/cli/cli_run.h"
#include "kernel/quorum.h"

extern const struct cy_cli_option cy_cli_founding_options[];
extern const struct cy_cli_option cy_cli_join_options[];

/* cy_founding_policy derives the policy of these seats and trustees (names, operators, cosign keys,
 * chambers), with --need of the line. Fails with USAGE, TOO_LARGE. */
CY_MUST_USE cy_err cy_founding_policy(struct cy_cli *run, const struct cy_seat_entry *seats,
                                      uint32_t n, const struct cy_trustee_entry *trustees,
                                      uint32_t n_trustees, char text[static CY_QUORUM_TEXT_MAX],
                                      struct cy_span *out);

/* cy_founding_chamber finds the number of a chamber by its word. */
bool cy_founding_chamber(struct cy_span word, uint8_t *out);

int cy_cli_founding_draft(struct cy_cli *run);
int cy_cli_founding_join(struct cy_cli *run);

#endif
