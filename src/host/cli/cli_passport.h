/* cli_passport: passports and the keys that control them: `comity passport ...`, `comity key ...`.
 *
 * A passport's key is made in the signer, labelled with its alias, together with a standby key
 * whose digest is published at once (pre-rotation), and a box key NAME/box, to which blobs are
 * sealed. The codes of a passport are attested by the
 * operator of the realm.
 *
 * Owns: the aliases of passports. Never: sees a secret. */
#ifndef CY_HOST_CLI_CLI_PASSPORT_H
#define CY_HOST_CLI_CLI_PASSPORT_H

#include "host/cli/cli_act.h"

extern const struct cy_cli_option cy_cli_passport_options[];
extern const struct cy_cli_option cy_cli_key_options[];

/* The commands; each returns the exit code. */
int cy_cli_passport_create(struct cy_cli *run);
int cy_cli_passport_show(struct cy_cli *run);
int cy_cli_passport_list(struct cy_cli *run);
int cy_cli_passport_rotate(struct cy_cli *run);
int cy_cli_key_list(struct cy_cli *run);
int cy_cli_key_make(struct cy_cli *run);

/* An act that replaces the key of a passport by its standby key. */
struct cy_cli_rotation {
    struct cy_cli_author author;
    struct cy_key_share share;
    struct cy_passport_rotate message;
    struct cy_alias alias; /* to be remembered once the act stands in the ledger */
};

/* cy_cli_rotation makes one for the passport; after (none: one is made in the signer) is the key
 * that becomes standby, and is left there. Fails as cy_cli_author_named, NO_NEXT, and as the
 * signer. */
CY_MUST_USE cy_err cy_cli_rotation(struct cy_cli *run, const struct cy_id *passport,
                                   struct cy_id *after, struct cy_cli_rotation *out);

/* cy_cli_next_digest is what a passport publishes of one standby key. */
struct cy_id cy_cli_next_digest(const struct cy_id *next);

#endif
