/* cli_query: questions to the daemon: what stands in the world, in the ledger, and in alliances.
 *
 * Answers are the daemon's words. What must be believed is proven: `comity proof`, and
 * `comity alliance members --bundle FILE`, for `comity verify`.
 *
 * Owns: the form of tables for people. */
#ifndef CY_HOST_CLI_CLI_QUERY_H
#define CY_HOST_CLI_CLI_QUERY_H

#include "host/cli/cli_name.h"

extern const struct cy_cli_option cy_cli_feed_options[];
extern const struct cy_cli_option cy_cli_proof_options[];
extern const struct cy_cli_option cy_cli_record_options[];
extern const struct cy_cli_option cy_cli_members_options[];
extern const struct cy_cli_option cy_cli_list_options[];
extern const struct cy_cli_option cy_cli_clauses_options[];
extern const struct cy_cli_option cy_cli_charter_options[];
extern const struct cy_cli_option cy_cli_figures_options[];
extern const struct cy_cli_option cy_cli_officers_options[];

/* The commands; each returns the exit code. */
int cy_cli_feed(struct cy_cli *run);
int cy_cli_proof(struct cy_cli *run);
int cy_cli_realm_show(struct cy_cli *run);
int cy_cli_record(struct cy_cli *run);
int cy_cli_asset_list(struct cy_cli *run);
int cy_cli_quota_list(struct cy_cli *run);
int cy_cli_share_list(struct cy_cli *run);
int cy_cli_treaty_list(struct cy_cli *run);
int cy_cli_objective_list(struct cy_cli *run);
int cy_cli_finding_list(struct cy_cli *run);
int cy_cli_crisis_list(struct cy_cli *run);
int cy_cli_stock_list(struct cy_cli *run);
int cy_cli_need_list(struct cy_cli *run);
int cy_cli_account_list(struct cy_cli *run);
int cy_cli_alliance_list(struct cy_cli *run);
int cy_cli_alliance_show(struct cy_cli *run);
int cy_cli_alliance_members(struct cy_cli *run);
int cy_cli_alliance_history(struct cy_cli *run);
int cy_cli_alliance_charter(struct cy_cli *run);
int cy_cli_alliance_motions(struct cy_cli *run);
int cy_cli_alliance_clauses(struct cy_cli *run);
int cy_cli_alliance_figures(struct cy_cli *run);
int cy_cli_alliance_officers(struct cy_cli *run);

#endif
