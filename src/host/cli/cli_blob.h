/* cli_blob: encrypted blobs: `comity blob ...`.
 *
 *     hold    file --seal to the readers' box keys--> encrypted bytes --blob_hold--> ledger
 *                                                                     \--PUT------> daemon
 *     open    GET --digest--> head --signer--> key of this blob --> plaintext
 *     erase   blob_erase --> ledger; the daemon overwrites the sealed keys and removes the bytes
 *
 * The author can read what it holds when its passport has a box key. Encrypting draws a fresh key
 * each time, so encrypted bytes that were declared but could not be sent are kept in a file, for
 * `blob send`. Plaintext is written only when every byte of it was authenticated, mode 0600.
 *
 * Owns: nothing. Never: sees a box key's secret. */
#ifndef CY_HOST_CLI_CLI_BLOB_H
#define CY_HOST_CLI_CLI_BLOB_H

#include "host/cli/cli_act.h"

#define CY_CLI_BLOB_MAX ((size_t)256 << 20) /* bytes of a file; it is held in memory */

extern const struct cy_cli_option cy_cli_blob_hold_options[];
extern const struct cy_cli_option cy_cli_blob_open_options[];
extern const struct cy_cli_option cy_cli_blob_list_options[];

/* cy_cli_box_key gives the box key of a passport: what is sealed to it, only its holder opens.
 * Fails as cy_cli_id, with UNKNOWN_PASSPORT, NO_BOX_KEY; run->why says of whom. */
CY_MUST_USE cy_err cy_cli_box_key(struct cy_cli *run, const char *name, struct cy_id *key);

/* The commands; each returns the exit code. */
int cy_cli_blob_hold(struct cy_cli *run);
int cy_cli_blob_send(struct cy_cli *run);
int cy_cli_blob_open(struct cy_cli *run);
int cy_cli_blob_erase(struct cy_cli *run);
int cy_cli_blob_list(struct cy_cli *run);

#endif
