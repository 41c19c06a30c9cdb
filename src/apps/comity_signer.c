/* comity-signer: the process that holds the secret keys, and signs only what it understands. */
#include "apps/manuals.h"
#include "host/signer/signer_server.h"
#include "host/system/cage.h"
#include "host/system/disk_posix.h"
#include "host/system/log.h"
#include "host/system/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PASSPHRASE_MAX 1024u
#define KEYS_MAX 4096u
#define HEADS_MAX 8192u
#define SKEW_S_MAX 60u

/* RFC 9106 section 4, second choice: 64 MiB, three passes. */
static const struct cy_secret_cost cost_ = {3, CY_SECRET_MEMORY_KIB_MIN};

struct settings {
    const char *keys;
    const char *socket;
    const char *passphrase_file;
    const char *fresh_file;
    const char *log_file;
    int64_t peer_uid;
    uint32_t skew_s_max;
};

static void usage(FILE *to)
{
    cy_manual_usage(to, &cy_manual_signer, CY_VERSION);
}

static int complain(const char *what, cy_err why)
{
    const struct cy_err_info *info = cy_err_info(why.code);

    (void)fprintf(stderr, "comity-signer: %s: %s (%s)\n  %s\n", what, info->text, info->path,
                  info->remedy);
    return 1;
}

/* --- passphrase --- */

/* Reads one line into locked memory of PASSPHRASE_MAX bytes; false: none, or too long. */
static bool read_line(int fd, char *out, size_t *n)
{
    char c = 0;

    *n = 0;
    while (read(fd, &c, 1) == 1 && c != '\n') {
        if (*n == PASSPHRASE_MAX)
            return false;
        out[(*n)++] = c;
    }
    if (*n > 0 && out[*n - 1] == '\r')
        (*n)--;
    c = 0;
    return *n > 0;
}

static bool from_file(const char *path, char *out, size_t *n)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat found;
    bool got = false;

    if (fd < 0) {
        (void)fprintf(stderr, "comity-signer: %s: %s\n", path, strerror(errno));
        return false;
    }
    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 077) != 0)
        CY_LOG(CY_LOG_WARN, "signer", cy_log_say("others may read the file of the passphrase"),
               cy_log_text("path", path));
    got = read_line(fd, out, n);
    (void)close(fd);
    if (!got)
        (void)fprintf(stderr, "comity-signer: %s: the first line must hold 1 to %u bytes\n", path,
                      PASSPHRASE_MAX);
    return got;
}

static bool from_terminal(const char *ask, char *out, size_t *n)
{
    const int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct termios before;
    struct termios quiet;
    bool got = false;

    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        if (fd >= 0)
            (void)close(fd);
        (void)fputs("comity-signer: no passphrase: give --passphrase-file or COMITY_PASSPHRASE\n",
                    stderr);
        return false;
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
    quiet.c_lflag |= ECHONL;
    (void)tcsetattr(fd, TCSAFLUSH, &quiet);
    (void)dprintf(fd, "%s: ", ask);
    got = read_line(fd, out, n);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    (void)close(fd);
    return got;
}

static bool from_terminal_twice(char *out, size_t *n)
{
    char *again = cy_secret_memory(PASSPHRASE_MAX);
    size_t n_again = 0;
    bool same = false;

    if (again == NULL)
        return false;
    if (from_terminal("New passphrase", out, n) && from_terminal("Once more", again, &n_again)) {
        same = *n == n_again && cy_same((uint8_t *)out, (uint8_t *)again, *n);
        if (!same)
            (void)fputs("comity-signer: the two are not the same\n", stderr);
    }
    cy_secret_free(again);
    return same;
}

/* From the file, else the environment (and then removed from it), else the terminal. */
static bool passphrase(const struct settings *settings, bool fresh, char *out, size_t *n)
{
    char *given = getenv("COMITY_PASSPHRASE");

    if (settings->passphrase_file != NULL)
        return from_file(settings->passphrase_file, out, n);
    if (given == NULL || given[0] == 0)
        return fresh ? from_terminal_twice(out, n) : from_terminal("Passphrase", out, n);
    *n = strlen(given);
    if (*n > PASSPHRASE_MAX)
        return false;
    memcpy(out, given, *n);
    cy_wipe(given, *n);
    (void)unsetenv("COMITY_PASSPHRASE");
    return true;
}

/* --- commands --- */

/* What happened to the keys, in an audit log of their own beside them. */
static cy_err log_action(const struct settings *settings, const char *action, cy_err err)
{
    char path[CY_TRAIL_PATH_MAX];
    char from[64];
    struct timespec now;
    const struct cy_trail_line line = {
        .action = action, .outcome = cy_ok(err) ? "done" : "refused", .from = from, .err = err};
    struct cy_trail *trail = NULL;
    cy_err done = cy_fail(CY_E_NO_MEMORY, 0);

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(path, sizeof path, "%.1000s/admin.log", settings->keys);
    (void)snprintf(from, sizeof from, "comity-signer pid %ld uid %ld", (long)getpid(),
                   (long)getuid());
    trail = cy_trail_new(path, (uint64_t)16 << 20);
    if (trail != NULL)
        done = cy_trail_write(trail, &line,
                              (cy_time)now.tv_sec * 1000 + (cy_time)now.tv_nsec / 1000000, NULL);
    cy_trail_free(trail);
    return done;
}

static int init(const struct settings *settings, const struct cy_disk *disk, char *words)
{
    size_t n = 0;
    cy_err done = CY_OK;

    if (!passphrase(settings, true, words, &n))
        return 1;
    done = cy_keystore_make(disk, cy_span_of(words, n), &cost_);
    if (done.code == CY_E_KEYSTORE_BAD) {
        (void)fprintf(stderr, "comity-signer: %s holds a key directory already\n", settings->keys);
        return 1;
    }
    if (!cy_ok(done))
        return complain(settings->keys, done);
    (void)printf("%s is ready. Keep a copy of it together with the passphrase, apart from this "
                 "machine.\n",
                 settings->keys);
    return 0;
}

static int reseal(const struct settings *settings, const struct cy_disk *disk, char *words)
{
    char *fresh = cy_secret_memory(PASSPHRASE_MAX);
    size_t n = 0;
    size_t n_fresh = 0;
    int code = 1;

    if (fresh != NULL && passphrase(settings, false, words, &n) &&
        (settings->fresh_file != NULL ? from_file(settings->fresh_file, fresh, &n_fresh)
                                      : from_terminal_twice(fresh, &n_fresh))) {
        const cy_err done =
            cy_keystore_reseal(disk, cy_span_of(words, n), cy_span_of(fresh, n_fresh), &cost_);

        (void)!cy_ok(log_action(settings, "passphrase", done));
        code = cy_ok(done) ? 0 : complain(settings->keys, done);
    }
    cy_secret_free(fresh);
    return code;
}

static int signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static int serve_desk(const struct settings *settings, struct cy_signer_desk *desk, int stop)
{
    struct cy_signer_server *server = NULL;
    cy_err done = cy_signer_server_open(desk, settings->socket, settings->peer_uid, &server);

    if (!cy_ok(done))
        return complain(settings->socket, done);
    if (!cy_cage_close(CY_CAGE_SIGNER, cy_cage_default()) && cy_cage_possible())
        CY_LOG(CY_LOG_WARN, "signer", cy_log_say("this system cannot fence off system calls"));
    CY_LOG(CY_LOG_INFO, "signer", cy_log_say("listening"), cy_log_text("socket", settings->socket),
           cy_log_number("keys", cy_signer_desk_keys(desk)),
           cy_log_number("heads", cy_signer_desk_heads(desk)),
           cy_log_number("votes", cy_signer_desk_votes(desk)));
    done = cy_signer_server_run(server, stop);
    cy_signer_server_close(server);
    if (!cy_ok(done))
        return complain("serving", done);
    CY_LOG(CY_LOG_INFO, "signer", cy_log_say("stopped"));
    return 0;
}

static int serve(const struct settings *settings, const struct cy_disk *disk, char *words)
{
    const struct cy_signer_desk_options options = {
        .keys_max = KEYS_MAX, .heads_max = HEADS_MAX, .skew_s_max = settings->skew_s_max};
    const int stop = signals();
    struct cy_signer_desk *desk = NULL;
    size_t n = 0;
    int code = 0;
    cy_err done = CY_OK;

    if (stop < 0 || !passphrase(settings, false, words, &n))
        return 1;
    done = cy_signer_desk_open(disk, cy_span_of(words, n), &options, &desk);
    cy_wipe(words, n);
    if (done.code == CY_E_NO_FILE) {
        (void)fprintf(stderr,
                      "comity-signer: %s is not a key directory\n"
                      "  make one: comity-signer init --keys %s\n",
                      settings->keys, settings->keys);
        return 1;
    }
    if (cy_ok(done)) {
        done = log_action(settings, "unlock", done); /* no unlocking goes unlogged */
        if (!cy_ok(done))
            cy_signer_desk_close(desk);
    } else if (done.code != CY_E_LEDGER_BUSY) {
        (void)!cy_ok(log_action(settings, "unlock", done));
    }
    if (!cy_ok(done))
        return complain(settings->keys, done);
    code = serve_desk(settings, desk, stop);
    cy_signer_desk_close(desk);
    (void)!cy_ok(log_action(settings, "lock", CY_OK));
    (void)close(stop);
    return code;
}

static int run(const struct settings *settings, const char *command)
{
    const bool fresh = strcmp(command, "init") == 0;
    struct cy_disk_posix *posix = NULL;
    struct cy_disk disk;
    char *words = NULL;
    int code = 1;
    cy_err done = cy_crypto_start();

    if (!cy_ok(done))
        return complain("start", done);
    done = cy_disk_posix_open(settings->keys, fresh, &posix);
    if (!cy_ok(done)) {
        (void)fprintf(stderr, "comity-signer: %s: %s\n", settings->keys, strerror(errno));
        return 1;
    }
    disk = cy_disk_posix_disk(posix);
    words = cy_secret_memory(PASSPHRASE_MAX);
    if (words == NULL)
        code = complain("start", cy_fail(CY_E_NO_MEMORY, 0));
    else if (fresh)
        code = init(settings, &disk, words);
    else if (strcmp(command, "passphrase") == 0)
        code = reseal(settings, &disk, words);
    else
        code = serve(settings, &disk, words);
    cy_secret_free(words);
    cy_disk_posix_close(posix);
    return code;
}

/* --- arguments --- */

static bool number(const char *text, uint64_t most, uint64_t *out)
{
    return cy_ok(cy_u64_read(cy_span_text(text), out)) && *out <= most;
}

/* 0: go on; else the exit code + 1. */
static int arguments(int argc, char **argv, struct settings *settings)
{
    static const struct option options[] = {
        {"keys",                required_argument, NULL, 'k'},
        {"socket",              required_argument, NULL, 's'},
        {"passphrase-file",     required_argument, NULL, 'p'},
        {"new-passphrase-file", required_argument, NULL, 'n'},
        {"peer-uid",            required_argument, NULL, 'u'},
        {"peer-user",           required_argument, NULL, 'U'},
        {"policy",              no_argument,       NULL, 'P'},
        {"skew",                required_argument, NULL, 'w'},
        {"log",                 required_argument, NULL, 'l'},
        {"help",                no_argument,       NULL, 'h'},
        {"version",             no_argument,       NULL, 'v'},
        {NULL,                  0,                 NULL, 0  }
    };
    const struct passwd *user = NULL;
    uint64_t n = 0;
    int c = 0;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (c) {
        case 'k': settings->keys = optarg; break;
        case 's': settings->socket = optarg; break;
        case 'p': settings->passphrase_file = optarg; break;
        case 'n': settings->fresh_file = optarg; break;
        case 'l': settings->log_file = optarg; break;
        case 'u':
            if (!number(optarg, UINT32_MAX, &n))
                return 3;
            settings->peer_uid = (int64_t)n;
            break;
        case 'U':
            user = getpwnam(optarg);
            if (user == NULL) {
                (void)fprintf(stderr, "comity-signer: there is no user %s\n", optarg);
                return 3;
            }
            settings->peer_uid = (int64_t)user->pw_uid;
            break;
        case 'P': cy_cage_print(stdout, CY_CAGE_SIGNER); return 1;
        case 'w':
            if (!number(optarg, UINT32_MAX, &n))
                return 3;
            settings->skew_s_max = (uint32_t)n;
            break;
        case 'h': usage(stdout); return 1;
        case 'v': (void)puts("comity-signer " CY_VERSION); return 1;
        default: return 3;
        }
    }
    return settings->keys == NULL ? 3 : 0;
}

int main(int argc, char **argv)
{
    struct settings settings = {.peer_uid = -1, .skew_s_max = SKEW_S_MAX};
    struct cy_log_options log = {.level = CY_LOG_INFO, .people = true};
    const int stop = arguments(argc, argv, &settings);
    const char *command = optind < argc ? argv[optind] : "serve";
    char socket[256];
    cy_err done = CY_OK;

    if (stop == 1)
        return 0;
    if (stop != 0 || argc - optind > 1 ||
        (strcmp(command, "serve") != 0 && strcmp(command, "init") != 0 &&
         strcmp(command, "passphrase") != 0)) {
        usage(stderr);
        return 2;
    }
    if (settings.socket == NULL) {
        (void)snprintf(socket, sizeof socket, "%s/signer.socket", settings.keys);
        settings.socket = socket;
    }
    (void)umask(077);
    cy_cage_memory();
    log.json_path = settings.log_file;
    done = cy_log_open(&log);
    return cy_ok(done) ? run(&settings, command) : complain(settings.log_file, done);
}
