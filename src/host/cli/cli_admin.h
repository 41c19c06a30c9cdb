/* cli_admin: `comity admin`: looking after a daemon, here or far away, by signed statements (SPEC,
 * "Administration"). The passport of --as asks, with the key that is known of it here; the key
 * stays in comity-signer.
 *
 *     comity admin VERB         every action of host/admin/admin_action.def, by its name
 *     comity admin grant NAME --role ROLE --days N     an office of the realm, by acts
 *     comity admin revoke NAME --role ROLE
 *
 * Owns: these commands. Never: decides who may (the daemon does). */
#ifndef CY_HOST_CLI_CLI_ADMIN_H
#define CY_HOST_CLI_CLI_ADMIN_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_admin_options[];
extern const struct cy_cli_option cy_cli_admin_role_options[];

int cy_cli_admin(struct cy_cli *run);
int cy_cli_admin_status(struct cy_cli *run);
int cy_cli_admin_grant(struct cy_cli *run);
int cy_cli_admin_revoke(struct cy_cli *run);

#endif
