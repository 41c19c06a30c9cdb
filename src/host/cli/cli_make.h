/* cli_make: a directory made anew for a daemon and its signer, step by step.
 *
 *     dir --> passphrase --> TLS key and certificate --> key directory and signer (for the time of
 *     it) --> end
 *
 * Shared by `comity init` (a realm of one operator) and `comity federation seat` (a member's node).
 *
 * Owns: the signer that it started, until the end. Never: overwrites. */
#ifndef CY_HOST_CLI_CLI_MAKE_H
#define CY_HOST_CLI_CLI_MAKE_H

#include "host/cli/cli_run.h"
#include "host/system/tls.h"
#include "wire/codec.h"

#include <sys/types.h>

struct cy_making {
    struct cy_cli *run;
    char dir[CY_HOME_DIR_MAX]; /* absolute; empty: not made yet */
    char keys[CY_HOME_DIR_MAX];
    char socket[CY_HOME_DIR_MAX];
    char passphrase[CY_HOME_DIR_MAX];
    char pin[CY_TLS_PIN_SIZE]; /* empty without TLS */
    pid_t child;
};

/* cy_making_dir makes the directory. Fails with DIR_TAKEN, TOO_LARGE (the path of the signer's
 * socket would be too long), DISK_FAILED. */
CY_MUST_USE cy_err cy_making_dir(struct cy_making *making, const char *given);

/* cy_making_passphrase takes --passphrase-file, or writes a random one into the directory. */
CY_MUST_USE cy_err cy_making_passphrase(struct cy_making *making);

/* cy_making_tls makes a key and a certificate for --host and loopback names. */
CY_MUST_USE cy_err cy_making_tls(struct cy_making *making);

/* cy_making_signer makes the key directory and starts a signer on it, to which run->signer is
 * connected. Fails with SIGNER_START, PEER_CONNECT. */
CY_MUST_USE cy_err cy_making_signer(struct cy_making *making);

/* cy_making_end ends the signer, and removes its log when all went well. */
void cy_making_end(struct cy_making *making, bool good);

/* cy_making_params reads every --param NAME=N. Fails with USAGE. */
CY_MUST_USE cy_err cy_making_params(struct cy_cli *run, struct cy_param_value *out, uint32_t most,
                                    uint32_t *n);

#endif
