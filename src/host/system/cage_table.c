#include "host/system/cage_table.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define D CY_CAGE_DAEMON
#define S CY_CAGE_SIGNER
#define A CY_CAGE_AUDIT
#define M CY_CAGE_MIRROR
#define C CY_CAGE_MODEL
#define V CY_CAGE_SOLVER
#define ALL (D | S | A | M | C | V)
#define NET (D | M)

/* clang-format off */
static const struct cy_cage_group groups_[] = {
    {"memory", ALL, "brk munmap mremap madvise",
     "get memory and give it back"},
    {"locked memory", ALL, "mlock mlock2 munlock mlockall",
     "keep secrets out of the swap"},
    {"ending", ALL, "exit exit_group restart_syscall",
     "end, and go on after a signal"},
    {"signals", ALL, "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait rt_sigpending sigaltstack signalfd4",
     "hear when to stop"},
    {"threads", ALL, "futex set_robust_list get_robust_list rseq sched_yield sched_getaffinity set_tid_address membarrier",
     "locks and threads of this process"},
    {"priority", D, "setpriority getpriority",
     "the SQL projection and other helpers stand back behind the acts"},
    {"time", ALL, "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time",
     "read clocks, wait"},
    {"self", ALL, "getpid gettid getppid getuid geteuid getgid getegid uname sysinfo getrandom getrusage umask getcwd getcpu",
     "know oneself; random numbers"},
    {"read and write", ALL, "read readv write writev close lseek pread64 preadv pwrite64 pwritev dup fcntl poll ppoll select pselect6",
     "use what is open"},
    {"look at files", ALL, "fstat newfstatat stat lstat statx access faccessat faccessat2 readlink readlinkat getdents64 statfs fstatfs fadvise64 flock",
     "find files; one process at a time (locks)"},
    {"open files", D | S | V, "openat open",
     "open files; new ones too"},
    {"make lasting", D | S | C | V, "ftruncate fsync fdatasync",
     "what was written stands on the disk; a model's store of lists is opened before its cage closes"},
    {"change files", D | S | V, "fallocate sync_file_range rename renameat renameat2 unlink unlinkat rmdir mkdir mkdirat fchmod chmod fchmodat",
     "the ledger, snapshots, blobs; the key directory"},
    {"become a solver", V, "execve arch_prctl",
     "the cage is closed before the solver begins"},
    {"owners of files", D, "fchown utimensat link linkat",
     "SQLite and backups give side files the owner and the date of the main one"},
    {"answer on sockets", D | S, "accept4 accept recvfrom recvmsg sendto sendmsg getsockopt getsockname getpeername shutdown",
     "serve connections"},
    {"events", D | M, "epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2 pipe2 timerfd_create timerfd_settime",
     "many connections in few threads"},
    {"reach others", NET, "connect bind setsockopt getsockopt getsockname getpeername recvfrom recvmsg recvmmsg sendto sendmsg sendmmsg shutdown socketpair",
     "witnesses, mirrors, names; the signer's socket"},
    {"listen", D, "listen sendfile accept4 accept",
     "the listeners of HTTP"},
};

static const struct cy_cage_limit limits_[] = {
    {"mmap", S | A | C, 2, PROT_EXEC, 0, "not executable", "no code besides the program's own"},
    {"mmap", NET, 2, PROT_EXEC, 0, "not executable", "memory and files"},
    {"mmap", NET, 2, PROT_WRITE | PROT_EXEC, PROT_EXEC, "executable, never writable", "libc loads its resolver of names when first used"},
    {"mmap", V, 2, PROT_EXEC, 0, "not executable", "memory and files"},
    {"mmap", V, 2, PROT_WRITE | PROT_EXEC, PROT_EXEC, "executable, never writable", "a solver's libraries"},
    {"mprotect", ALL, 2, PROT_EXEC, 0, "not executable", "what was data never becomes code"},
    {"openat", A | M | C, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY, "for reading only", "an auditor changes nothing, nor does a model"},
    {"open", A | M | C, 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY, "for reading only", "an auditor changes nothing, nor does a model"},
    {"socket", NET, 0, UINT64_MAX, AF_UNIX, "AF_UNIX", "the signer; libc's name service"},
    {"socket", NET, 0, UINT64_MAX, AF_INET, "AF_INET", "HTTP"},
    {"socket", NET, 0, UINT64_MAX, AF_INET6, "AF_INET6", "HTTP"},
    {"socket", NET, 0, UINT64_MAX, AF_NETLINK, "AF_NETLINK", "libc asks which addresses this machine has"},
    {"clone", NET | C | V, 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM, "threads only", "no further processes"},
    {"ioctl", ALL, 1, UINT32_MAX, TCGETS, "TCGETS", "stdio asks whether it writes to a terminal"},
    {"ioctl", NET, 1, UINT32_MAX, FIONBIO, "FIONBIO", "sockets that do not wait"},
    {"ioctl", NET, 1, UINT32_MAX, FIONREAD, "FIONREAD", "libc's resolver asks how long an answer is"},
    {"prctl", ALL, 0, UINT32_MAX, PR_SET_NAME, "PR_SET_NAME", "threads have names"},
    {"prlimit64", ALL, 2, UINT64_MAX, 0, "to read only", "how large a stack is, how many files"},
};
/* clang-format on */

static const char *const names_[CY_CAGE_PROCESSES] = {
    "comityd", "comity-signer", "comity-audit DIR", "comity-audit URL", "comity-model", "a solver"};

const struct cy_cage_group *cy_cage_groups(size_t *n)
{
    *n = CY_COUNT(groups_);
    return groups_;
}

const struct cy_cage_limit *cy_cage_limits(size_t *n)
{
    *n = CY_COUNT(limits_);
    return limits_;
}

const char *cy_cage_name(unsigned process)
{
    for (unsigned i = 0; i < CY_CAGE_PROCESSES; i++) {
        if (process == 1u << i)
            return names_[i];
    }
    return "";
}

void cy_cage_print(FILE *out, unsigned process)
{
    (void)fprintf(out,
                  "What %s may ask of the system. Every other call is refused (EPERM), in all its "
                  "threads,\nuntil it ends.\n\n",
                  cy_cage_name(process));
    for (size_t i = 0; i < CY_COUNT(groups_); i++) {
        if ((groups_[i].processes & process) != 0)
            (void)fprintf(out, "%s: %s\n    %s\n", groups_[i].name, groups_[i].why,
                          groups_[i].calls);
    }
    (void)fputs("\nOnly so:\n", out);
    for (size_t i = 0; i < CY_COUNT(limits_); i++) {
        if ((limits_[i].processes & process) != 0)
            (void)fprintf(out, "    %-10s  %-28s %s\n", limits_[i].call, limits_[i].say,
                          limits_[i].why);
    }
    (void)fputs("    tgkill      to itself only               an assertion that fails ends the "
                "process\n",
                out);
}
