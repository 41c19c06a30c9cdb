/* cli_sql: the SQL projection on the command line.
 *
 *   comity sql                         opens it in sqlite3 or psql, for reading
 *   comity sql "SELECT ..."            prints the answer: a table, --json, --csv
 *   comity sql schema [TABLE]          what tables, views and columns mean
 *   comity sql rebuild [DIR|URL]       makes it anew from a ledger or a mirror of one
 *   comity sql check [DIR|URL]         compares every row with the ledger
 *
 * Which one: --db URL, else sql.url of the directory's comityd.conf.
 *
 * Owns: these commands. Never: writes to a projection but by rebuild. */
#ifndef CY_HOST_CLI_CLI_SQL_H
#define CY_HOST_CLI_CLI_SQL_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_sql_options[];
extern const struct cy_cli_option cy_cli_sql_ask_options[];
extern const struct cy_cli_option cy_cli_sql_schema_options[];

int cy_cli_sql(struct cy_cli *run);
int cy_cli_sql_schema(struct cy_cli *run);
int cy_cli_sql_rebuild(struct cy_cli *run);
int cy_cli_sql_check(struct cy_cli *run);

#endif
