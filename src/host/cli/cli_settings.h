/* cli_settings: `comity config`, `comity param` and `comity tls`: what a cell is set to.
 *
 * Owns: nothing. Never: changes a running daemon; it reads its settings when it starts. */
#ifndef CY_HOST_CLI_CLI_SETTINGS_H
#define CY_HOST_CLI_CLI_SETTINGS_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_config_options[];
extern const struct cy_cli_option cy_cli_tls_options[];

/* comity config explain: every setting of DIR/comityd.conf (or --config FILE), its value and where
 * it came from. */
int cy_cli_config_explain(struct cy_cli *run);

/* comity param list: the realm's parameters in force, asked of the daemon. */
int cy_cli_param_list(struct cy_cli *run);

/* comity tls new: a new key and certificate in DIR (none may exist). comity tls pin: the pin of a
 * certificate, as peers write it into their settings. */
int cy_cli_tls_new(struct cy_cli *run);
int cy_cli_tls_pin(struct cy_cli *run);

#endif
