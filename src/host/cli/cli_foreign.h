/* cli_foreign: what commands need of another realm: a copy of its ledger, and this realm's bridge
 * to it.
 *
 *     --from DIR|URL --> replayed, records proven under the newest root (state_pick)
 *                          --> bridge_head, unless the bridge knows that root
 *                                --> the number under which proofs are given here
 *
 * Nobody in the other realm is asked: any mirror of its ledger will do.
 *
 * Owns: nothing. */
#ifndef CY_HOST_CLI_CLI_FOREIGN_H
#define CY_HOST_CLI_CLI_FOREIGN_H

#include "host/audit/state_pick.h"
#include "host/cli/cli_send.h"

/* This realm's bridge to another, as the daemon says. */
struct cy_cli_abroad {
    struct cy_id realm;
    bool policy; /* it pins a policy, whose text must be shown with each head */
    uint64_t size;
    uint64_t roots;
    uint64_t position;
};

/* cy_cli_abroad_of reads the bridge to a realm, given by 64 digits or the name of its ledger. Fails
 * with NO_BRIDGE (run->why says more) and trouble of the daemon. */
CY_MUST_USE cy_err cy_cli_abroad_of(struct cy_cli *run, const char *word,
                                    struct cy_cli_abroad *out);

/* cy_cli_pick takes records out of the copy at --from (else `from`; NULL: none). since: as
 * cy_state_pick_run. Call cy_state_pick_free in every case. Fails with USAGE (no place), and as
 * cy_state_pick_run. */
CY_MUST_USE cy_err cy_cli_pick(struct cy_cli *run, const char *from,
                               const struct cy_state_wish *wish, uint64_t since,
                               struct cy_state_pick *out);

/* cy_cli_abroad_show shows what was picked to the bridge, unless it knows it, and leaves the number
 * of its root in abroad->roots. Fails with OTHER_LOG (a copy of another ledger), HEAD_OLD (the
 * bridge has heard more than the copy holds), and as the act. */
CY_MUST_USE cy_err cy_cli_abroad_show(struct cy_cli *run, const struct cy_act_author *by,
                                      const struct cy_state_pick *pick,
                                      struct cy_cli_abroad *abroad);

/* cy_cli_head_show: the same from the parts of a head act that are filled in but for the policy. */
CY_MUST_USE cy_err cy_cli_head_show(struct cy_cli *run, const struct cy_act_author *by,
                                    struct cy_bridge_head *head, struct cy_cli_abroad *abroad);

/* cy_cli_row finds a picked record by its number and key; NULL when it is not there. */
const struct cy_state_row *cy_cli_row(const struct cy_state_pick *pick,
                                      const struct cy_schema *schema, const void *key);

/* cy_cli_each sends many acts of one kind in batches of mode `each`, as large as acts may be.
 * *done: how many were accepted; *err_last: why the last refused one was. Fails with trouble only.
 */
CY_MUST_USE cy_err cy_cli_each(struct cy_cli *run, const struct cy_act_author *by,
                               const struct cy_any *acts, size_t n, size_t *done,
                               const char **last);

#endif
