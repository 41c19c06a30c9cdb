#include "child.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pid_t start(const char *const *argv, int out)
{
    posix_spawn_file_actions_t files;
    pid_t pid = 0;

    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    (void)posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (posix_spawnp(&pid, argv[0], &files, NULL, (char *const *)(uintptr_t)argv, environ) != 0)
        pid = -1;
    (void)posix_spawn_file_actions_destroy(&files);
    return pid;
}

/* All that comes, ended by a 0. */
static char *drain(int from)
{
    size_t cap = 1 << 16;
    char *text = malloc(cap);
    size_t n = 0;
    ssize_t got = 0;

    while (text != NULL && (got = read(from, text + n, cap - n - 1)) > 0) {
        n += (size_t)got;
        if (cap - n < 2)
            text = realloc(text, cap *= 2);
    }
    if (text == NULL)
        bench_die("no memory");
    text[n] = 0;
    return text;
}

struct child child_run(const char *const *argv)
{
    struct child child = {.code = -1};
    const double from = bench_now();
    int ends[2];
    int status = 0;
    pid_t pid = 0;

    if (pipe2(ends, O_CLOEXEC) != 0)
        bench_die("no pipe");
    pid = start(argv, ends[1]);
    (void)close(ends[1]);
    child.out = drain(ends[0]);
    (void)close(ends[0]);
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
        child.code = WEXITSTATUS(status);
    child.seconds = bench_now() - from;
    return child;
}

bool child_there(const char *name)
{
    const char *const path = getenv("PATH");

    for (const char *at = path; at != NULL && *at != 0;) {
        const size_t n = strcspn(at, ":");
        char file[4200];

        (void)snprintf(file, sizeof file, "%.*s/%s", (int)n, at, name);
        if (access(file, X_OK) == 0)
            return true;
        at += n + (at[n] == ':');
    }
    return false;
}
