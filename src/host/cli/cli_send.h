/* cli_send: acts made, signed, sent; receipts shown.
 *
 *     JSON --names--> ids --schema--> message --signer--> act --POST /v1/acts--> receipt
 *
 * Owns: the form of receipts for people. Never: decides whether an act is allowed (the realm does).
 */
#ifndef CY_HOST_CLI_CLI_SEND_H
#define CY_HOST_CLI_CLI_SEND_H

#include "host/cli/cli_name.h"
#include "host/signer/sign_act.h"

#define CY_CLI_VALID_S 600u /* how long an act may be recorded, unless --valid says more */

/* The options of every command that sends acts. */
extern const struct cy_cli_option cy_cli_send_options[];

/* Who signs. */
struct cy_cli_author {
    struct cy_act_author by;
    struct cy_id keys[CY_SIGNERS_MAX];
};

/* cy_cli_author_of fills who signs from --as, --for, --key and --valid; born: the act creates its
 * author (no author is named; keys must be given by the caller or --key). as NULL: --as. Fails as
 * cy_cli_id, NO_NAME (no key is known). */
CY_MUST_USE cy_err cy_cli_author_of(struct cy_cli *run, const char *as, bool born,
                                    struct cy_cli_author *out);

/* cy_cli_author_named: the same without the line of options: as and principal (NULL: for itself)
 * are names, the passport's own key signs, and the act is valid for valid_s seconds. */
CY_MUST_USE cy_err cy_cli_author_named(struct cy_cli *run, const char *as, const char *principal,
                                       uint32_t valid_s, struct cy_cli_author *out);

/* cy_cli_born says that an act creates its own author. */
bool cy_cli_born(const struct cy_schema *schema);

/* cy_cli_sign signs one message; the act lies in the arena. */
CY_MUST_USE cy_err cy_cli_sign(struct cy_cli *run, const struct cy_act_author *by,
                               const struct cy_schema *schema, const void *message,
                               struct cy_span *act);

/* cy_cli_post sends an act, with --dry-run judging only, and gives the receipt (json_decref), to
 * which the member "entry" (base64 of the act) is added: with it the receipt is verifiable alone.
 * Soft trouble of the daemon is tried again for a few seconds: an act sent twice stands once. */
CY_MUST_USE cy_err cy_cli_post(struct cy_cli *run, struct cy_span act, json_t **receipt);

/* cy_cli_do signs and posts. */
CY_MUST_USE cy_err cy_cli_do(struct cy_cli *run, const struct cy_act_author *by,
                             const struct cy_schema *schema, const void *message, json_t **receipt);

/* cy_cli_receipt_id reads the id of the act, or of what it created, from a receipt. */
bool cy_cli_receipt_id(const json_t *receipt, struct cy_id *id);

/* cy_cli_receipt_show prints a receipt, writes it to --receipt FILE, and releases it. */
int cy_cli_receipt_show(struct cy_cli *run, json_t *receipt);

/* cy_cli_do_show: all of that for one act: signed by whom --as names, sent, its receipt shown. err
 * is that of making the message: unless it is OK, it is shown in place of all this. Returns the
 * exit code. */
int cy_cli_do_show(struct cy_cli *run, cy_err err, const struct cy_schema *schema,
                   const void *message);

/* Progress of many acts. */
typedef void cy_cli_progress(void *user, size_t done, size_t n);

struct cy_cli_many {
    const struct cy_span *acts;
    size_t n;
    cy_err *errors;            /* out: of each */
    struct cy_id *ids;         /* out: id of each act; may be NULL */
    cy_cli_progress *progress; /* may be NULL; called in the posting threads, one at a time */
    void *user;
};

/* cy_cli_post_many sends acts over several connections at once, in no particular order. Fails with
 * trouble only; refusals stand in errors. */
CY_MUST_USE cy_err cy_cli_post_many(struct cy_cli *run, const struct cy_cli_many *many);

#endif
