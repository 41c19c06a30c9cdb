#include "host/cli/cli_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

bool cy_spawn_beside(const char *program, char out[static CY_SPAWN_PATH_MAX])
{
    char self[CY_SPAWN_PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = NULL;
    int made = 0;

    if (n <= 0)
        return false;
    self[n] = 0;
    slash = strrchr(self, '/');
    if (slash == NULL)
        return false;
    *slash = 0;
    made = snprintf(out, CY_SPAWN_PATH_MAX, "%s/%s", self, program);
    return made > 0 && (size_t)made < CY_SPAWN_PATH_MAX;
}

/* In the child: only async-signal-safe calls between fork and exec. */
static void become(const char *const argv[], int log, bool apart)
{
    union {
        const char *const *given;
        char *const *wanted; /* execv's type is older than const */
    } vector = {argv};
    sigset_t none;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (apart) {
        const int nothing = open("/dev/null", O_RDONLY);

        if (setsid() < 0 || nothing < 0 || dup2(nothing, 0) < 0)
            _exit(126);
    }
    if (log >= 0 && (dup2(log, 1) < 0 || dup2(log, 2) < 0))
        _exit(126);
    (void)execv(argv[0], vector.wanted);
    _exit(127);
}

static cy_err start(const char *const argv[], const char *log_path, bool apart, pid_t *child)
{
    int log = -1;

    if (access(argv[0], X_OK) != 0)
        return cy_fail(CY_E_SIGNER_START, (uint64_t)errno);
    if (log_path != NULL) {
        log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (log < 0)
            return cy_fail(CY_E_SIGNER_START, (uint64_t)errno);
    }
    *child = fork();
    if (*child == 0)
        become(argv, log, apart);
    if (log >= 0)
        (void)close(log);
    return *child < 0 ? cy_fail(CY_E_SIGNER_START, (uint64_t)errno) : CY_OK;
}

cy_err cy_spawn(const char *const argv[], const char *log_path, pid_t *child)
{
    return start(argv, log_path, false, child);
}

cy_err cy_spawn_apart(const char *const argv[], const char *log_path, pid_t *child)
{
    return start(argv, log_path, true, child);
}

static int code_of(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

cy_err cy_spawn_wait(pid_t child, int *code)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return cy_fail(CY_E_SIGNER_START, (uint64_t)errno);
    }
    *code = code_of(status);
    return CY_OK;
}

bool cy_spawn_ended(pid_t child)
{
    int status = 0;

    return waitpid(child, &status, WNOHANG) != 0;
}

void cy_spawn_end(pid_t child)
{
    int code = 0;

    (void)kill(child, SIGTERM);
    (void)!cy_ok(cy_spawn_wait(child, &code));
}
