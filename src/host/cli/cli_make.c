#include "host/cli/cli_make.h"

#include "crypto/secret.h"
#include "host/cli/cli_begin.h"
#include "host/cli/cli_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOCKET_MAX 107u
#define TLS_DAYS 3650u

cy_err cy_making_dir(struct cy_making *making, const char *given)
{
    char real[PATH_MAX];
    const char *slash = NULL;

    if (mkdir(given, 0700) != 0) {
        const int why = errno;

        cy_cli_note(making->run, "%s: %s", given, strerror(why));
        return cy_fail(why == EEXIST ? CY_E_DIR_TAKEN : CY_E_DISK_FAILED, (uint64_t)why);
    }
    slash = realpath(given, real);
    if (slash == NULL || strlen(real) + sizeof "/signer.sock" > SOCKET_MAX) {
        (void)rmdir(given);
        cy_cli_note(making->run,
                    "%s: the path of a socket has room for %u bytes; choose a shorter one", given,
                    SOCKET_MAX);
        return cy_fail(CY_E_TOO_LARGE, SOCKET_MAX);
    }
    (void)snprintf(making->dir, sizeof making->dir, "%.800s", real);
    (void)snprintf(making->keys, sizeof making->keys, "%.800s/keys", real);
    (void)snprintf(making->socket, sizeof making->socket, "%.800s/signer.sock", real);
    return CY_OK;
}

cy_err cy_making_passphrase(struct cy_making *making)
{
    const char *given = cy_cli_arg(&making->run->args, "passphrase-file");
    uint8_t random[24];
    char text[2 * sizeof random + 2];
    int fd = -1;
    bool good = false;

    if (given != NULL) {
        (void)snprintf(making->passphrase, sizeof making->passphrase, "%.1000s", given);
        return CY_OK;
    }
    (void)snprintf(making->passphrase, sizeof making->passphrase, "%.800s/passphrase", making->dir);
    cy_random(random, sizeof random);
    cy_hex(random, sizeof random, text);
    text[2 * sizeof random] = '\n';
    fd = open(making->passphrase, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        good = write(fd, text, 2 * sizeof random + 1) == (ssize_t)(2 * sizeof random + 1) &&
               fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    cy_wipe(random, sizeof random);
    cy_wipe(text, sizeof text);
    return good ? CY_OK : cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
}

cy_err cy_making_tls(struct cy_making *making)
{
    const char *names[16] = {"localhost", "127.0.0.1", "::1"};
    size_t n = 3;
    size_t at = 0;
    char cert[CY_HOME_DIR_MAX];
    char key[CY_HOME_DIR_MAX];
    struct cy_tls_pair pair;
    const char *host = NULL;
    cy_err err = CY_OK;

    while (n < CY_COUNT(names) && (host = cy_cli_arg_next(&making->run->args, "host", &at)) != NULL)
        names[n++] = host;
    (void)snprintf(cert, sizeof cert, "%.800s/tls.cert.pem", making->dir);
    (void)snprintf(key, sizeof key, "%.800s/tls.key.pem", making->dir);
    CY_TRY(cy_tls_make(CY_TLS_P256, names, n, cy_cli_now() / 1000, TLS_DAYS, &pair));
    err = cy_tls_pin(pair.cert, making->pin);
    if (cy_ok(err))
        err = cy_tls_write(&pair, cert, key);
    cy_tls_free(&pair);
    return err;
}

cy_err cy_making_signer(struct cy_making *making)
{
    char log[CY_HOME_DIR_MAX];
    char program[CY_SPAWN_PATH_MAX];
    const char *const make[] = {
        program, "init", "--keys", making->keys, "--passphrase-file", making->passphrase, NULL};
    cy_err err = CY_OK;
    int code = 0;

    if (!cy_spawn_beside("comity-signer", program))
        return cy_fail(CY_E_SIGNER_START, 0);
    (void)snprintf(log, sizeof log, "%.800s/begin.log", making->dir);
    cy_cli_note(making->run, "%s; see %s", program, log);
    CY_TRY(cy_spawn(make, log, &making->child));
    err = cy_spawn_wait(making->child, &code);
    making->child = 0;
    CY_TRY(err);
    if (code != 0)
        return cy_fail(CY_E_SIGNER_START, (uint64_t)code);
    CY_TRY(cy_cli_begin_signer(making->run, making->keys, making->socket, making->passphrase, log,
                               &making->child));
    making->run->why[0] = 0;
    return CY_OK;
}

void cy_making_end(struct cy_making *making, bool good)
{
    char log[CY_HOME_DIR_MAX];

    cy_signer_close(making->run->signer);
    making->run->signer = NULL;
    if (making->child > 0)
        cy_spawn_end(making->child);
    making->child = 0;
    if (!good)
        return;
    (void)snprintf(log, sizeof log, "%.800s/begin.log", making->dir);
    (void)unlink(log);
}

cy_err cy_making_params(struct cy_cli *run, struct cy_param_value *out, uint32_t most, uint32_t *n)
{
    const char *word = NULL;
    size_t at = 0;

    *n = 0;
    while ((word = cy_cli_arg_next(&run->args, "param", &at)) != NULL) {
        const char *equals = strchr(word, '=');

        if (equals == NULL || *n == most ||
            !cy_ok(cy_label_of(cy_span_of(word, (size_t)(equals - word)), &out[*n].name)) ||
            !cy_ok(cy_u64_read(cy_span_text(equals + 1), &out[*n].value))) {
            cy_cli_note(run, "--param %s: write NAME=NUMBER", word);
            return cy_fail(CY_E_USAGE, 0);
        }
        (*n)++;
    }
    return CY_OK;
}
