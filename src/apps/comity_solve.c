/* comity-solve: the one program that runs others: solvers in floating point, for their advice.
 *
 *      FILE.mps -> exact reading -> rounded MPS -> [solver, fenced in] -> basis -> comity-model
 *
 * It is called as comity-model is, and hands on to it with one thing more: the basis that the
 * solver ended at. comity-model recomputes everything exactly and proves it, so a solver that is
 * wrong, slow, missing or malicious costs time and nothing else. The solver runs in a directory of
 * its own without network, with limits on time, memory and files.
 *
 * Exit codes are those of comity-model. */
#include "apps/manuals.h"
#include "host/cli/cli_spawn.h"
#include "host/system/cage.h"
#include "models/lp/mps.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORDS_MAX = 256, SECONDS_DEFAULT = 60, TROUBLE = 3 };

#define MEMORY_MAX ((rlim_t)8 << 30)
#define FILES_MAX ((rlim_t)1 << 30)
#define INPUT_MAX ((size_t)256 << 20)

/* How each solver is called in its directory: reads p.mps, leaves a basis in b.bas. */
static const struct solver {
    const char *name;
    const char *package;
    const char *argv[8];
} solvers_[] = {
    {"clp",     "coinor-clp", {"clp", "p.mps", "-primalsimplex", "-basisOut", "b.bas"}},
    {"glpsol",  "glpk-utils", {"glpsol", "--freemps", "p.mps", "-w", "b.bas"}         },
    {"cbc",     "coinor-cbc", {"cbc", "p.mps", "-primalS", "-basisOut", "b.bas"}      },
    {"esolver", "qsopt-ex",   {"esolver", "-b", "b.bas", "p.mps"}                     },
};

struct call {
    const char *solver; /* NULL: the first that is installed */
    const char *file;
    const char *timeout;
    bool basis; /* one is given already */
};

/* --- the call --- */

static void read_call(int argc, char **argv, struct call *call)
{
    int words = 0;

    *call = (struct call){0};
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;

        if (strcmp(argv[i], "--solver") == 0 && more)
            call->solver = argv[++i];
        else if (strcmp(argv[i], "--timeout") == 0 && more)
            call->timeout = argv[++i];
        else if (strcmp(argv[i], "--basis") == 0 && more) {
            call->basis = true;
            i++;
        } else if ((strcmp(argv[i], "--certificate") == 0 || strcmp(argv[i], "--program") == 0) &&
                   more)
            i++;
        else if (argv[i][0] != '-' && ++words == 3)
            call->file = argv[i];
    }
}

static const char *find_program(const char *name, char out[static CY_SPAWN_PATH_MAX])
{
    static const char *const folders[] = {"/usr/bin", "/usr/local/bin"};

    for (size_t i = 0; i < CY_COUNT(folders); i++) {
        (void)snprintf(out, CY_SPAWN_PATH_MAX, "%s/%s", folders[i], name);
        if (access(out, X_OK) == 0)
            return out;
    }
    return NULL;
}

/* The solver asked for, or the first that is there; says what is missing. */
static const struct solver *choose(const struct call *call, char path[static CY_SPAWN_PATH_MAX])
{
    for (size_t i = 0; i < CY_COUNT(solvers_); i++) {
        if (call->solver != NULL && strcmp(call->solver, solvers_[i].name) != 0)
            continue;
        if (find_program(solvers_[i].name, path) != NULL)
            return &solvers_[i];
        if (call->solver != NULL) {
            (void)fprintf(stderr,
                          "comity-solve: %s is not installed (Debian package %s); going on without "
                          "advice, which is slower and comes to the same answer\n",
                          solvers_[i].name, solvers_[i].package);
            return NULL;
        }
    }
    if (call->solver != NULL && strcmp(call->solver, "none") != 0)
        (void)fprintf(stderr, "comity-solve: %s is no solver known here; going on without advice\n",
                      call->solver);
    else if (call->solver == NULL)
        (void)fputs("comity-solve: no solver is installed (one of the Debian packages coinor-clp, "
                    "glpk-utils, coinor-cbc, qsopt-ex); going on without advice, which is slower "
                    "and comes to the same answer\n",
                    stderr);
    return NULL;
}

/* --- the program, rounded --- */

/* NULL where it cannot be read: comity-model then says why. */
static struct cy_lp_program *read_program(const char *path)
{
    struct cy_lp_program *lp = NULL;
    struct cy_mps_fault fault;
    const char *place = NULL;
    FILE *in = fopen(path, "re");
    struct stat about;
    char *text = NULL;
    size_t n = 0;

    if (in == NULL)
        return NULL;
    if (fstat(fileno(in), &about) == 0 && S_ISREG(about.st_mode) &&
        (size_t)about.st_size <= INPUT_MAX) {
        text = cy_lp_alloc((size_t)about.st_size + 1, 1);
        n = fread(text, 1, (size_t)about.st_size, in);
        text[n] = 0;
        lp = cy_mps_read(text, n, &fault);
    }
    (void)fclose(in);
    free(text);
    if (lp != NULL && cy_lp_scale(lp, &place))
        return lp;
    cy_lp_program_free(lp);
    return NULL;
}

static bool has_integers(const struct cy_lp_program *lp)
{
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        if (lp->columns[j].integer)
            return true;
    }
    return false;
}

static bool write_rounded(const struct cy_lp_program *lp, int folder)
{
    struct cy_lp_bytes text = {0};
    const int fd = openat(folder, "p.mps", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t done = 0;

    if (fd < 0)
        return false;
    cy_mps_write(lp, &text);
    while (done < text.n) {
        const ssize_t n = write(fd, text.at + done, text.n - done);

        if (n <= 0)
            break;
        done += (size_t)n;
    }
    free(text.at);
    return close(fd) == 0 && done == text.n;
}

/* --- the solver --- */

static bool limit(int what, rlim_t most)
{
    const struct rlimit to = {most, most};

    return setrlimit((__rlimit_resource_t)what, &to) == 0;
}

/* In the child: nothing open, no network, limits; then it is the solver. */
__attribute__((noreturn)) static void become(const struct solver *solver, const char *path,
                                             int folder, unsigned seconds)
{
    char *argv[CY_COUNT(solver->argv) + 1] = {NULL};
    char home[] = "HOME=.";
    char locale[] = "LC_ALL=C";
    char *environment[] = {home, locale, NULL};
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (size_t i = 0; i < CY_COUNT(solver->argv) && solver->argv[i] != NULL; i++)
        argv[i] = strdup(solver->argv[i]);
    if (nothing < 0 || fchdir(folder) != 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 ||
        dup2(nothing, 2) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
        !limit(RLIMIT_CPU, seconds) || !limit(RLIMIT_AS, MEMORY_MAX) ||
        !limit(RLIMIT_FSIZE, FILES_MAX) || !limit(RLIMIT_NOFILE, 64) || !limit(RLIMIT_CORE, 0))
        _exit(127);
    if (!cy_cage_close(CY_CAGE_SOLVER, CY_CAGE_REFUSE) && cy_cage_possible())
        _exit(127); /* without a cage it does not run at all */
    (void)execve(path, argv, environment);
    _exit(127);
}

/* Waits, and ends it when its time is over. */
static void wait_for(pid_t child, unsigned seconds)
{
    const struct timespec nap = {0, 2000000};
    struct timespec start;
    struct timespec now;
    int status = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    while (waitpid(child, &status, WNOHANG) == 0) {
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - start.tv_sec > (time_t)seconds) {
            (void)kill(child, SIGKILL);
            (void)waitpid(child, &status, 0);
            return;
        }
        (void)nanosleep(&nap, NULL);
    }
}

/* Copies the basis into memory that comity-model can open by number; -1 when there is none. */
static int take_basis(int folder)
{
    const int from = openat(folder, "b.bas", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const int to = from < 0 ? -1 : memfd_create("basis", 0);
    char part[65536];
    ssize_t n = 0;

    while (to >= 0 && (n = read(from, part, sizeof part)) > 0) {
        if (write(to, part, (size_t)n) != n)
            n = -1;
        if (n < 0)
            break;
    }
    if (from >= 0)
        (void)close(from);
    return n < 0 ? -1 : to;
}

static void remove_folder(const char *path, int folder)
{
    /* what the solvers may leave besides */
    static const char *const names[] = {"p.mps", "b.bas", "p.sol", "coin_lp.log"};

    for (size_t i = 0; i < CY_COUNT(names); i++)
        (void)unlinkat(folder, names[i], 0);
    (void)close(folder);
    (void)rmdir(path);
}

static int advise(const struct solver *solver, const char *path, const struct cy_lp_program *lp,
                  unsigned seconds)
{
    const char *room = getenv("TMPDIR");
    char name[256];
    int folder = -1;
    int basis = -1;
    pid_t child = 0;

    (void)snprintf(name, sizeof name, "%s/comity-solve-XXXXXX", room == NULL ? "/tmp" : room);
    if (mkdtemp(name) == NULL)
        return -1;
    folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        (void)rmdir(name);
        return -1;
    }
    if (write_rounded(lp, folder)) {
        child = fork();
        if (child == 0)
            become(solver, path, folder, seconds);
        if (child > 0)
            wait_for(child, seconds);
        basis = take_basis(folder);
    }
    remove_folder(name, folder);
    if (basis < 0)
        (void)fprintf(stderr, "comity-solve: %s gave no basis; going on without advice\n",
                      solver->name);
    return basis;
}

/* --- handing on --- */

static int hand_on(int argc, char **argv, int basis)
{
    char program[CY_SPAWN_PATH_MAX];
    char place[64];
    char option[] = "--basis";
    char *words[WORDS_MAX + 4] = {NULL};
    int n = 0;

    if (!cy_spawn_beside("comity-model", program) || argc > WORDS_MAX) {
        (void)fputs("comity-solve: comity-model must stand beside it; install the whole package\n",
                    stderr);
        return TROUBLE;
    }
    words[n++] = program;
    if (basis >= 0)
        (void)snprintf(place, sizeof place, "/proc/self/fd/%d", basis);
    /* behind the words, but before a "--" */
    for (int i = 1; i <= argc; i++) {
        if (basis >= 0 && (i == argc || strcmp(argv[i], "--") == 0)) {
            words[n++] = option;
            words[n++] = place;
            basis = -1;
        }
        if (i < argc)
            words[n++] = argv[i];
    }
    (void)execv(program, words);
    (void)fprintf(stderr, "comity-solve: %s: %s\n", program, strerror(errno));
    return TROUBLE;
}

int main(int argc, char **argv)
{
    struct cy_lp_program *lp = NULL;
    const struct solver *solver = NULL;
    char path[CY_SPAWN_PATH_MAX];
    struct call call;
    uint64_t seconds = SECONDS_DEFAULT;
    int basis = -1;

    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return printf("comity-solve " CY_VERSION "\n") < 0;
    if (argc == 2 && strcmp(argv[1], "--policy") == 0) {
        cy_cage_print(stdout, CY_CAGE_SOLVER);
        return 0;
    }
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        cy_manual_usage(stdout, &cy_manual_solve, CY_VERSION);
        return 0;
    }
    read_call(argc, argv, &call);
    if (call.timeout != NULL)
        (void)!cy_ok(cy_u64_read(cy_span_text(call.timeout), &seconds));
    if (call.file != NULL && !call.basis)
        lp = read_program(call.file);
    /* whole numbers are branched on from the rows' own basis: no advice is asked */
    if (lp != NULL && !has_integers(lp))
        solver = choose(&call, path);
    if (solver != NULL)
        basis = advise(solver, path, lp, seconds == 0 || seconds > 86400 ? 60 : (unsigned)seconds);
    cy_lp_program_free(lp);
    return hand_on(argc, argv, basis);
}
