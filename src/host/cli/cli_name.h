/* cli_name: names that people use, in place of ids.
 *
 *     64 hexadecimal digits      the id itself
 *     NOR  @NOR                  an alias of the directory; else an attested code, the code of an
 *                                alliance or asset, or a passport's name, asked of the daemon
 *     OWNER/ASSET[/N]            the account of OWNER in ASSET (computed; N is its number)
 *     key:LABEL                  public key of that label in the signer
 *     file:PATH                  SHA-256 of a file
 *
 * Which kind is tried first follows from the field: `asset` looks among assets first, `alliance`
 * among alliances, others among passports. A name with two meanings of the same kind is refused.
 *
 * Owns: nothing. */
#ifndef CY_HOST_CLI_CLI_NAME_H
#define CY_HOST_CLI_CLI_NAME_H

#include "host/cli/cli_run.h"

/* cy_cli_kind_of_field is the kind of alias an id field most likely means. */
const char *cy_cli_kind_of_field(const char *field);

/* cy_cli_id finds what a name means in a field (NULL: a passport). Fails with NO_NAME,
 * NAME_AMBIGUOUS, BAD_HEX, trouble of daemon or signer; run->why says more. */
CY_MUST_USE cy_err cy_cli_id(struct cy_cli *run, const char *field, const char *name,
                             struct cy_id *out);

/* cy_cli_name_act replaces the names in every id field of an act in JSON (the member "act" names
 * it), also in lists and embedded acts. cy_cli_name_struct: the same for one schema. What cannot be
 * an id is left for the reader of JSON to refuse. Fails as cy_cli_id. */
CY_MUST_USE cy_err cy_cli_name_act(struct cy_cli *run, json_t *act);
CY_MUST_USE cy_err cy_cli_name_struct(struct cy_cli *run, const struct cy_schema *schema,
                                      json_t *object);

/* cy_cli_show_id writes an id for people: its alias, or the first digits. */
const char *cy_cli_show_id(struct cy_cli *run, const struct cy_id *id, char out[static 72]);

#endif
