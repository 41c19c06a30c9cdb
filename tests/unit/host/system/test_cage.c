/* What a process gave up is really gone: real children, the real kernel. */
#include "host/system/cage.h"

#include "cm.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir_[] = "/tmp/cy-cage-XXXXXX";
static char file_[64];

/* --- what is tried in a child; each returns errno, 0 when it went well --- */

static int said(long result)
{
    return result < 0 ? errno : 0;
}

static int try_exec(void)
{
    char program[] = "/bin/true";
    char *argv[] = {program, NULL};

    return said(execv(argv[0], argv));
}

static int try_fork(void)
{
    const pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

    if (pid == 0)
        _exit(0);
    return said(pid);
}

static void *nothing(void *user)
{
    return user;
}

static int try_thread(void)
{
    pthread_t thread;
    const int failed = pthread_create(&thread, NULL, nothing, NULL);

    if (failed == 0)
        pthread_join(thread, NULL);
    return failed;
}

static int try_inet(void)
{
    return said(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_unix(void)
{
    return said(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int try_packet(void)
{
    return said(socket(AF_PACKET, SOCK_RAW, 0));
}

static int try_read(void)
{
    return said(open(file_, O_RDONLY));
}

static int try_write(void)
{
    return said(open(file_, O_WRONLY));
}

static int try_create(void)
{
    return said(open(dir_, O_RDWR | O_TMPFILE, 0600));
}

static int try_remove(void)
{
    return said(unlink(file_));
}

static int try_rename(void)
{
    return said(rename(file_, file_));
}

static int try_ptrace(void)
{
    return said(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int try_look_inside(void)
{
    char byte = 0;
    const struct iovec here = {&byte, 1};

    return said(syscall(SYS_process_vm_readv, getpid(), &here, 1, &here, 1, 0));
}

static int try_code(void)
{
    void *at =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return at == MAP_FAILED ? errno : 0;
}

static int try_data_to_code(void)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return at == MAP_FAILED ? 1 : said(mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

static int try_memory(void)
{
    void *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return at == MAP_FAILED ? errno : said(munmap(at, 1 << 20));
}

static int try_io_uring(void)
{
    return said(syscall(SYS_io_uring_setup, 1, NULL));
}

static int try_setuid(void)
{
    return said(setuid(getuid()));
}

static int try_mount(void)
{
    return said(syscall(SYS_mount, "none", dir_, "tmpfs", 0, NULL));
}

static int try_kill_other(void)
{
    return said(kill(getppid(), 0));
}

static int try_raise(void)
{
    (void)signal(SIGUSR1, SIG_IGN);
    return said(raise(SIGUSR1));
}

static int try_limit(void)
{
    struct rlimit now;

    (void)syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &now); /* to look is allowed */
    return said(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &now, NULL));
}

#define D CY_CAGE_DAEMON
#define S CY_CAGE_SIGNER
#define A CY_CAGE_AUDIT
#define M CY_CAGE_MIRROR
#define C CY_CAGE_MODEL
#define V CY_CAGE_SOLVER
#define ALL (D | S | A | M | C | V)

/* What each may do; whoever is not named is refused. */
static const struct {
    const char *what;
    int (*try)(void);
    unsigned may;
} tries[] = {
    {"start a program",                   try_exec,         V            },
    {"start a process",                   try_fork,         0            },
    {"start a thread",                    try_thread,       D | M | C | V},
    {"open a socket to the network",      try_inet,         D | M        },
    {"open a local socket",               try_unix,         D | M        },
    {"open a raw socket",                 try_packet,       0            },
    {"read a file",                       try_read,         ALL          },
    {"write a file",                      try_write,        D | S | V    },
    {"make a file",                       try_create,       D | S | V    },
    {"rename a file",                     try_rename,       D | S | V    },
    {"be debugged",                       try_ptrace,       0            },
    {"look into processes",               try_look_inside,  0            },
    {"have memory that is code and data", try_code,         0            },
    {"turn data into code",               try_data_to_code, 0            },
    {"have memory",                       try_memory,       ALL          },
    {"use io_uring",                      try_io_uring,     0            },
    {"change user",                       try_setuid,       0            },
    {"mount",                             try_mount,        0            },
    {"signal others",                     try_kill_other,   0            },
    {"signal itself",                     try_raise,        ALL          },
    {"set its limits",                    try_limit,        0            },
    {"remove a file",                     try_remove,       D | S | V    }, /* last: the file is gone */
};

/* Runs one try in a child behind the door; its errno, or the code it died with. */
static int in_child(unsigned process, enum cy_cage_breach breach, int (*try)(void))
{
    const pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        (void)close(2);
        if (!cy_cage_close(process, breach))
            _exit(250);
        _exit(try());
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void make_file(void)
{
    const int fd = open(file_, O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    close(fd);
}

static void each_may_what_the_table_says(void **state)
{
    (void)state;
    if (!cy_cage_possible())
        skip();
    for (unsigned p = 0; p < CY_CAGE_PROCESSES; p++) {
        for (size_t i = 0; i < CY_COUNT(tries); i++) {
            int code = 0;

            make_file();
            code = in_child(1u << p, CY_CAGE_REFUSE, tries[i].try);
            if (code == ((tries[i].may & 1u << p) != 0 ? 0 : EPERM))
                continue;
            print_error("%s: %s: %s\n", cy_cage_name(1u << p), tries[i].what, strerror(code));
            fail();
        }
    }
}

/* Outside a cage the forbidden things are possible here, so the refusals above are the cage's. */
static void without_the_door_it_goes(void **state)
{
    (void)state;
    assert_int_equal(try_fork(), 0);
    assert_int_equal(try_inet(), 0);
    assert_int_equal(try_code(), 0);
    assert_int_equal(try_data_to_code(), 0);
    assert_int_equal(try_kill_other(), 0);
    assert_int_equal(try_setuid(), 0);
    assert_int_equal(try_limit(), 0);
}

static void checked_builds_die_of_a_breach(void **state)
{
    (void)state;
    if (!cy_cage_possible())
        skip();
    for (unsigned p = 0; p < CY_CAGE_PROCESSES; p++) {
        assert_int_equal(in_child(1u << p, CY_CAGE_DIE, try_ptrace), CY_CAGE_CODE);
        assert_int_equal(in_child(1u << p, CY_CAGE_DIE, try_memory), 0);
    }
}

static void *waiting(void *user)
{
    int *pipes = user;
    char byte = 0;

    (void)!read(pipes[0], &byte, 1);
    _exit(try_fork());
}

static int try_in_old_thread(void)
{
    static int pipes[2];
    pthread_t thread;

    if (pipe(pipes) != 0 || pthread_create(&thread, NULL, waiting, pipes) != 0)
        return 251;
    if (!cy_cage_close(D, CY_CAGE_REFUSE))
        return 250;
    (void)!write(pipes[1], "x", 1);
    pthread_join(thread, NULL);
    return 252;
}

/* Threads that ran before the door closed are inside as well. */
static void all_threads_are_inside(void **state)
{
    const pid_t pid = fork();
    int status = 0;

    (void)state;
    if (pid == 0)
        _exit(cy_cage_possible() ? try_in_old_thread() : EPERM);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), EPERM);
}

/* The table is well formed: names in use, no call twice for one process, a reason for each. */
static void the_table_is_sound(void **state)
{
    size_t n_groups = 0;
    size_t n_limits = 0;
    const struct cy_cage_group *groups = cy_cage_groups(&n_groups);
    const struct cy_cage_limit *limits = cy_cage_limits(&n_limits);

    (void)state;
    for (size_t i = 0; i < n_groups; i++) {
        assert_true(groups[i].processes != 0 && groups[i].processes <= ALL);
        assert_true(strlen(groups[i].why) > 5);
        assert_null(strstr(groups[i].calls, "  "));
        for (size_t k = 0; k < n_limits; k++) { /* a limit beside a free pass would be none */
            char word[64];
            char list[1024];

            if ((groups[i].processes & limits[k].processes) == 0)
                continue;
            snprintf(word, sizeof word, " %s ", limits[k].call);
            snprintf(list, sizeof list, " %s ", groups[i].calls);
            assert_null(strstr(list, word));
        }
    }
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(dir_) == NULL)
        return 1;
    snprintf(file_, sizeof file_, "%s/file", dir_);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(file_);
    return rmdir(dir_);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(without_the_door_it_goes),
        cmocka_unit_test(each_may_what_the_table_says),
        cmocka_unit_test(checked_builds_die_of_a_breach),
        cmocka_unit_test(all_threads_are_inside),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
