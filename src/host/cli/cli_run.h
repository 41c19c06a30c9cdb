/* cli_run: one run of the command: its settings, its connections, and how it speaks.
 *
 * To people: results on standard output, errors on standard error as one sentence, which side
 * failed (the code), and what to do. With --json: one JSON value on standard output, for an error
 * the problem document (RFC 9457).
 *
 * Owns: connections to daemon and signer, opened when first needed; scratch memory. Never: prompts.
 */
#ifndef CY_HOST_CLI_CLI_RUN_H
#define CY_HOST_CLI_CLI_RUN_H

#include "base/arena.h"
#include "host/cli/cli_args.h"
#include "host/cli/cli_home.h"
#include "host/http/client.h"
#include "host/signer/signer_client.h"
#include "kernel/act.h"

#include <jansson.h>
#include <stdio.h>

/* Exit codes of the command; documented in help. */
enum cy_exit { CY_EXIT_OK, CY_EXIT_REFUSED, CY_EXIT_USAGE, CY_EXIT_TROUBLE };

#define CY_CLI_ARENA ((size_t)512 << 20) /* address space; pages are taken when used */
#define CY_CLI_URL_MAX 2048u

struct cy_cli {
    const struct cy_institution *const *roster;
    size_t n_roster;
    const char *version; /* of this program */
    FILE *out;
    FILE *err;
    bool json;
    bool dry;
    bool unsure; /* with dry: the act is not signed yet */
    struct cy_cli_args args;
    struct cy_home home;
    const char *url;
    const char *pin;
    const char *signer_path;
    const char *as;
    struct cy_client *http;
    struct cy_signer_client *signer;
    struct cy_arena arena;
    char why[1024]; /* about the last failure; may be empty */
    cy_err failed;  /* what was shown last as the failure; OK while there was none */
};

/* The options every command has. */
extern const struct cy_cli_option cy_cli_common[];

/* cy_cli_begin opens memory, and unless alone the directory, after args were read. Fails as
 * cy_home_open; *why is in
 * run->why. */
CY_MUST_USE cy_err cy_cli_begin(struct cy_cli *run, bool alone);
void cy_cli_end(struct cy_cli *run);

/* cy_cli_exit is the exit code of an error. */
int cy_cli_exit(cy_err err);

/* cy_cli_fail prints an error and returns its exit code; detail (may be NULL) is about this
 * occurrence, else run->why is used. cy_cli_wrong: the command line is wrong. */
int cy_cli_fail(struct cy_cli *run, cy_err err, const char *detail);
int cy_cli_problem(struct cy_cli *run, const struct cy_problem *problem);
__attribute__((format(printf, 2, 3))) int cy_cli_wrong(struct cy_cli *run, const char *format, ...);

/* cy_cli_print writes a JSON value and a newline to standard output, and releases it. */
int cy_cli_print(struct cy_cli *run, json_t *value);

/* cy_cli_note leaves a sentence for the next cy_cli_fail. */
__attribute__((format(printf, 2, 3))) void cy_cli_note(struct cy_cli *run, const char *format, ...);

/* cy_cli_signer connects to the signer when not yet done. Fails as cy_signer_open. */
CY_MUST_USE cy_err cy_cli_signer(struct cy_cli *run);

/* cy_cli_url writes the daemon's URL and a path. Fails with NO_HOME (no URL is known). */
CY_MUST_USE cy_err cy_cli_url(struct cy_cli *run, const char *path,
                              char out[static CY_CLI_URL_MAX]);

/* cy_cli_fetch gets a path of the daemon into *answer (release it in every case). cy_cli_fetch_json
 * also parses it. Fail as cy_client_do, NO_HOME, BAD_JSON. */
CY_MUST_USE cy_err cy_cli_fetch(struct cy_cli *run, const char *path, size_t most,
                                struct cy_client_answer *answer);
CY_MUST_USE cy_err cy_cli_fetch_json(struct cy_cli *run, const char *path, json_t **out);

/* cy_cli_escape percent-encodes text for a query or a path part (RFC 3986 unreserved stays). */
void cy_cli_escape(struct cy_text *out, const char *text);

/* cy_cli_realm is the realm's id, from client.conf, else asked of the daemon. */
CY_MUST_USE cy_err cy_cli_realm(struct cy_cli *run, struct cy_id *realm);

/* cy_cli_now is the wall clock in Unix milliseconds. */
cy_time cy_cli_now(void);

/* cy_cli_read_file reads a file ("-": standard input) of at most `most` bytes into the arena, with
 * a 0 after it. Fails with NO_FILE, TOO_LARGE, NO_ROOM, DISK_FAILED. */
CY_MUST_USE cy_err cy_cli_read_file(struct cy_cli *run, const char *path, size_t most,
                                    struct cy_span *out);

/* cy_cli_write_file writes a file anew; fails with DISK_FAILED. */
CY_MUST_USE cy_err cy_cli_write_file(struct cy_cli *run, const char *path, struct cy_span bytes);

#endif
