/* postgres_rig: a private PostgreSQL server for tests, in a directory of its own, on a Unix socket
 * only. Without an installed server tests are skipped, and say so. */
#ifndef CY_TESTS_POSTGRES_RIG_H
#define CY_TESTS_POSTGRES_RIG_H

#include "cm.h"

#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct postgres_rig {
    char dir[32];
    char bin[256];
    char url[200];
    const struct passwd *user; /* the server refuses to run as root */
    pid_t pid;
};

static inline pid_t postgres_spawn(const struct postgres_rig *rig, const char *const *argv)
{
    const pid_t pid = fork();

    if (pid != 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGINT); /* it ends with the test, however that ends */
    if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL ||
        chdir(rig->dir) != 0)
        _exit(98);
    if (rig->user != NULL && (setgid(rig->user->pw_gid) != 0 || setuid(rig->user->pw_uid) != 0))
        _exit(97);
    (void)prctl(PR_SET_PDEATHSIG, SIGINT);
    (void)execv(argv[0], (char *const *)argv);
    _exit(99);
}

static inline bool postgres_find(struct postgres_rig *rig)
{
    glob_t found = {0};
    const bool there = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0;

    if (there) {
        snprintf(rig->bin, sizeof rig->bin, "%s", found.gl_pathv[found.gl_pathc - 1]);
        *strrchr(rig->bin, '/') = 0;
    }
    globfree(&found);
    return there;
}

/* postgres_start starts the server that postgres_make has prepared. */
static inline void postgres_start(struct postgres_rig *rig)
{
    char program[300];
    char sockets[80];
    char data[60];
    char socket[60];

    snprintf(program, sizeof program, "%s/postgres", rig->bin);
    snprintf(data, sizeof data, "%s/data", rig->dir);
    snprintf(sockets, sizeof sockets, "unix_socket_directories=%s", rig->dir);
    snprintf(socket, sizeof socket, "%s/.s.PGSQL.5432", rig->dir);
    rig->pid = postgres_spawn(rig, (const char *const[]){program, "-D", data, "-c", sockets, "-c",
                                                         "listen_addresses=", "-c", "fsync=off",
                                                         "-c", "max_connections=20", NULL});
    for (int i = 0; i < 400 && access(socket, F_OK) != 0; i++)
        usleep(25000);
}

static inline void postgres_stop(struct postgres_rig *rig, int how)
{
    if (rig->pid > 0) {
        kill(rig->pid, how);
        waitpid(rig->pid, NULL, 0);
    }
    rig->pid = -1;
}

/* postgres_make makes a cluster and starts it; false when there is no server to start. */
static inline bool postgres_make(struct postgres_rig *rig)
{
    char program[300];
    char data[60];
    int status = 0;
    pid_t pid = 0;

    memset(rig, 0, sizeof *rig);
    rig->pid = -1;
    if (!postgres_find(rig))
        return false;
    strcpy(rig->dir, "/tmp/cy_pg_XXXXXX");
    assert_non_null(mkdtemp(rig->dir));
    if (geteuid() == 0) {
        rig->user = getpwnam("postgres");
        assert_non_null(rig->user);
        assert_int_equal(chown(rig->dir, rig->user->pw_uid, rig->user->pw_gid), 0);
    }
    snprintf(program, sizeof program, "%s/initdb", rig->bin);
    snprintf(data, sizeof data, "%s/data", rig->dir);
    pid = postgres_spawn(rig, (const char *const[]){program, "-D", data, "-U", "test", "-A",
                                                    "trust", "-N", "--no-instructions", NULL});
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    snprintf(rig->url, sizeof rig->url, "postgresql://test@%%2Ftmp%%2F%s/postgres", rig->dir + 5);
    postgres_start(rig);
    return true;
}

static inline void postgres_free(struct postgres_rig *rig)
{
    char command[80];

    postgres_stop(rig, SIGINT);
    if (rig->dir[0] == 0)
        return;
    snprintf(command, sizeof command, "rm -rf %s", rig->dir);
    assert_int_equal(system(command), 0);
}

#endif
