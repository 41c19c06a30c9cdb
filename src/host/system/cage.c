#include "host/system/cage.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#define CALL_NAME_MAX 32u

void cy_cage_memory(void)
{
    const struct rlimit none = {0, 0};
    struct rlimit locked = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
#ifndef SANITIZED
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    /* With a limit, locking everything would make later allocations fail; the secrets themselves
     * lie in memory that is locked page by page. */
    if (getrlimit(RLIMIT_MEMLOCK, &locked) == 0 && locked.rlim_cur == RLIM_INFINITY)
        (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

enum cy_cage_breach cy_cage_default(void)
{
#ifdef CY_CHECKED
    return CY_CAGE_DIE;
#else
    return CY_CAGE_REFUSE;
#endif
}

bool cy_cage_possible(void)
{
#ifdef SANITIZED
    return false;
#else
    return true;
#endif
}

#ifdef SANITIZED
bool cy_cage_close(unsigned process, enum cy_cage_breach breach)
{
    (void)process;
    (void)breach;
    return false;
}
#else
/* --- a breach in checked builds: the name of the call, and the end --- */

static void put(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

static void on_breach(int signal, siginfo_t *info, void *context)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    unsigned call = (unsigned)info->si_syscall;

    (void)signal;
    (void)context;
    digits[at] = 0;
    do {
        digits[--at] = (char)('0' + call % 10);
        call /= 10;
    } while (call > 0);
    put("cage: system call ");
    put(digits + at);
    put(" is not in the table of this process (src/host/system/cage_table.c; `ausyscall NUMBER` "
        "or <asm/unistd.h> names it)\n");
    _exit(CY_CAGE_CODE);
}

static void watch_breaches(void)
{
    struct sigaction action = {.sa_sigaction = on_breach, .sa_flags = SA_SIGINFO};

    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGSYS, &action, NULL);
}

/* --- from the table to a filter --- */

/* Names that this architecture does not have are no error: it has another for the same. */
static bool allow(scmp_filter_ctx filter, const char *name, unsigned n,
                  const struct scmp_arg_cmp *arguments)
{
    const int call = seccomp_syscall_resolve_name(name);

    return call < 0 || seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, n, arguments) == 0;
}

static bool allow_group(scmp_filter_ctx filter, const struct cy_cage_group *group)
{
    const char *from = group->calls;

    while (*from != 0) {
        const size_t n = strcspn(from, " ");
        char name[CALL_NAME_MAX];

        CY_ASSERT(n > 0 && n < sizeof name);
        memcpy(name, from, n);
        name[n] = 0;
        if (!allow(filter, name, 0, NULL))
            return false;
        from += n + (from[n] == ' ' ? 1 : 0);
    }
    return true;
}

static bool allow_limit(scmp_filter_ctx filter, const struct cy_cage_limit *limit)
{
    const struct scmp_arg_cmp argument = {.arg = limit->argument,
                                          .op = SCMP_CMP_MASKED_EQ,
                                          .datum_a = limit->mask,
                                          .datum_b = limit->value};

    return allow(filter, limit->call, 1, &argument);
}

/* clone3 hides its flags in memory, where a filter cannot look: libc takes clone when there is
 * none. An assertion that fails signals its own process. */
static bool allow_self(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp self = {
        .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid()};
    const int clone3 = seccomp_syscall_resolve_name("clone3");

    return allow(filter, "tgkill", 1, &self) &&
           (clone3 < 0 || seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), clone3, 0) == 0);
}

static bool fill(scmp_filter_ctx filter, unsigned process)
{
    size_t n = 0;
    const struct cy_cage_group *groups = cy_cage_groups(&n);

    for (size_t i = 0; i < n; i++) {
        if ((groups[i].processes & process) != 0 && !allow_group(filter, &groups[i]))
            return false;
    }
    const struct cy_cage_limit *limits = cy_cage_limits(&n);

    for (size_t i = 0; i < n; i++) {
        if ((limits[i].processes & process) != 0 && !allow_limit(filter, &limits[i]))
            return false;
    }
    return allow_self(filter);
}

bool cy_cage_close(unsigned process, enum cy_cage_breach breach)
{
    scmp_filter_ctx filter =
        seccomp_init(breach == CY_CAGE_DIE ? SCMP_ACT_TRAP : SCMP_ACT_ERRNO(EPERM));
    bool good = false;

    if (filter == NULL)
        return false;
    if (breach == CY_CAGE_DIE)
        watch_breaches();
    good = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
           seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
           seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 && fill(filter, process) &&
           seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}
#endif
