/* comity-signer as a process: passphrases, purposes, heads, kill -9, many keys, other users. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cm.h"
#include "crypto/ed25519.h"
#include "host/signer/sign_act.h"
#include "host/signer/signer_client.h"
#include "tree.h"
#include "wire/note.h"

#define PASSPHRASE "a passphrase for tests"

struct place {
    char dir[40];
    char keys[64];
    char socket[64];
    char log[64];
    pid_t pid;
    struct cy_signer_client *client;
};

/* --- the process --- */

static void write_file(const char *path, const char *words)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, words, strlen(words)), strlen(words));
    close(fd);
}

static size_t read_file(const char *path, char *out, size_t cap)
{
    const int fd = open(path, O_RDONLY);
    size_t n = 0;
    ssize_t got = 0;

    assert_true(fd >= 0);
    while (n + 1 < cap && (got = read(fd, out + n, cap - 1 - n)) > 0)
        n += (size_t)got;
    close(fd);
    out[n] = 0;
    return n;
}

/* Starts the program with the passphrase in the environment; its stderr goes to the log. */
static pid_t spawn(struct place *p, const char *passphrase, const char *const *argv)
{
    const pid_t pid = fork();

    if (pid == 0) {
        const int fd = open(p->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

        dup2(fd, 1);
        dup2(fd, 2);
        if (passphrase != NULL)
            setenv("COMITY_PASSPHRASE", passphrase, 1);
        else
            unsetenv("COMITY_PASSPHRASE");
        execv(COMITY_SIGNER, (char *const *)argv);
        _exit(99);
    }
    assert_true(pid > 0);
    return pid;
}

static int ended(pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int run(struct place *p, const char *passphrase, const char *const *argv)
{
    return ended(spawn(p, passphrase, argv));
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Starts serving and waits until the socket answers. */
static void serve(struct place *p)
{
    const char *const argv[] = {"comity-signer", "--keys", p->keys, "--socket", p->socket, NULL};

    p->pid = spawn(p, PASSPHRASE, argv);
    for (unsigned i = 0; i < 3000; i++) {
        if (cy_ok(cy_signer_open(p->socket, 20000, &p->client)))
            return;
        assert_int_equal(waitpid(p->pid, NULL, WNOHANG), 0);
        poll(NULL, 0, 10);
    }
    fail();
}

static int halt(struct place *p, int signal)
{
    const pid_t pid = p->pid;

    cy_signer_close(p->client);
    p->client = NULL;
    p->pid = 0;
    assert_int_equal(kill(pid, signal), 0);
    return ended(pid);
}

static int start(void **s)
{
    struct place *p = calloc(1, sizeof *p);
    const char *argv[] = {"comity-signer", "init", "--keys", NULL, NULL};

    strcpy(p->dir, "/tmp/cy_e2e_signer_XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->keys, sizeof p->keys, "%s/keys", p->dir);
    snprintf(p->socket, sizeof p->socket, "%s/socket", p->dir);
    snprintf(p->log, sizeof p->log, "%s/log", p->dir);
    argv[3] = p->keys;
    assert_ok(cy_crypto_start());
    assert_int_equal(run(p, PASSPHRASE, argv), 0);
    serve(p);
    *s = p;
    return 0;
}

static int finish(void **s)
{
    struct place *p = *s;
    char command[96];

    if (p->pid != 0)
        assert_int_equal(halt(p, SIGTERM), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
    assert_int_equal(system(command), 0);
    free(p);
    return 0;
}

static struct cy_id make(struct place *p, enum cy_purpose purpose)
{
    struct cy_id key;

    assert_ok(cy_signer_make(p->client, cy_span_text("Norway"), purpose, &key, NULL));
    return key;
}

/* --- heads --- */

static cy_err sign_head(struct place *p, const struct cy_id *key, const char *origin, uint64_t seed,
                        uint64_t from, uint64_t size)
{
    const struct cy_id root = tree_root(seed, 0, size);
    char room[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(room, sizeof room);
    struct cy_signature signature;
    struct cy_id proof[65];
    const size_t n = tree_consistency(seed, from, size, proof);

    cy_checkpoint_write(&text, cy_span_text(origin), size, &root);
    CY_TRY(cy_signer_sign_checkpoint(p->client, key, cy_text_bytes(&text), proof, n, &signature,
                                     NULL));
    return cy_ed25519_verify_strict(key, cy_text_bytes(&text), &signature);
}

static cy_err cosign(struct place *p, const struct cy_id *key, uint64_t seed, uint64_t size,
                     uint64_t time_s)
{
    const struct cy_id root = tree_root(seed, 0, size);
    char room[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(room, sizeof room);
    struct cy_signature signature;

    cy_checkpoint_write(&text, cy_span_text("example.com/log"), size, &root);
    return cy_signer_cosign(p->client, key, cy_text_bytes(&text), time_s, NULL, 0, &signature,
                            NULL);
}

static void heads_over_restarts(void **s)
{
    struct place *p = *s;
    const struct cy_id key = make(p, CY_PURPOSE_CHECKPOINT);
    const struct cy_id witness = make(p, CY_PURPOSE_COSIGNATURE);
    const uint64_t clock = (uint64_t)time(NULL);

    assert_ok(sign_head(p, &key, "example.com/log", 1, 0, 20));
    assert_ok(cosign(p, &witness, 1, 20, clock));
    for (unsigned i = 0; i < 2; i++) {
        const int how = i == 0 ? SIGTERM : SIGKILL;

        assert_int_equal(halt(p, how), how == SIGTERM ? 0 : -SIGKILL);
        serve(p);
        assert_code(sign_head(p, &key, "example.com/log", 2, 0, 20), HEAD_CONFLICT);
        assert_code(sign_head(p, &key, "example.com/log", 1, 0, 19), HEAD_ROLLBACK);
        assert_code(sign_head(p, &key, "example.com/log", 2, 20, 30), HEAD_UNPROVEN);
        assert_ok(sign_head(p, &key, "example.com/log", 1, 20, 20));
        assert_code(cosign(p, &witness, 2, 20, clock), HEAD_CONFLICT);
        assert_code(cosign(p, &witness, 1, 19, clock), HEAD_ROLLBACK);
        assert_code(cosign(p, &witness, 1, 20, clock - 1), COSIGN_TIME);
    }
    assert_ok(sign_head(p, &key, "example.com/log", 1, 20, 30));
}

/* A child asks for heads as fast as it can and tells which were signed; the signer is killed in the
 * middle. Whatever was signed cannot be contradicted afterwards. */
static void ask_for_heads(struct place *p, const struct cy_id *key, unsigned life, int tell)
{
    assert_ok(cy_signer_open(p->socket, 20000, &p->client));
    for (uint32_t i = 0;; i++) {
        char origin[32];
        char grows[32];

        snprintf(origin, sizeof origin, "log/%u/%u", life, i);
        snprintf(grows, sizeof grows, "long/%u", life);
        if (!cy_ok(sign_head(p, key, origin, 1, 0, 5)) ||
            !cy_ok(sign_head(p, key, grows, 1, i, i + 1)))
            _exit(0);
        if (write(tell, &i, sizeof i) != sizeof i)
            _exit(0);
    }
}

static void killed(void **s)
{
    struct place *p = *s;
    const struct cy_id key = make(p, CY_PURPOSE_CHECKPOINT);
    unsigned signed_heads = 0;

    for (unsigned life = 0; life < 10; life++) {
        int tell[2];
        pid_t child = 0;
        uint32_t i = 0;
        uint32_t n = 0;
        char grows[32];
        cy_err refused = CY_OK;

        assert_int_equal(pipe(tell), 0);
        child = fork();
        if (child == 0) {
            close(tell[0]);
            ask_for_heads(p, &key, life, tell[1]);
        }
        close(tell[1]);
        /* die after a few answers, and then at some moment between two of them */
        while (n < 3 + life && read(tell[0], &i, sizeof i) == sizeof i)
            n = i + 1;
        usleep(life % 2 * (life * 331 % 1000));
        assert_int_equal(halt(p, SIGKILL), -SIGKILL);
        while (read(tell[0], &i, sizeof i) == sizeof i)
            n = i + 1;
        close(tell[0]);
        assert_int_equal(ended(child), 0);
        assert_true(n > 0);
        serve(p);
        for (i = 0; i < n; i++) {
            char origin[32];

            snprintf(origin, sizeof origin, "log/%u/%u", life, i);
            assert_code(sign_head(p, &key, origin, 2, 0, 5), HEAD_CONFLICT);
            assert_code(sign_head(p, &key, origin, 2, 0, 4), HEAD_ROLLBACK);
            assert_ok(sign_head(p, &key, origin, 1, 0, 5));
        }
        snprintf(grows, sizeof grows, "long/%u", life);
        refused = sign_head(p, &key, grows, 2, 0, n); /* n were signed, perhaps one more */
        if (refused.code != CY_E_HEAD_ROLLBACK)
            assert_code(refused, HEAD_CONFLICT);
        signed_heads += n;
    }
    print_message("killed 10 times under %u signed heads, none contradicted\n", signed_heads);
}

/* --- votes --- */

static cy_err vote(struct place *p, const struct cy_id *key, uint64_t height, uint8_t value,
                   struct cy_signer_said *said)
{
    struct cy_vote what = {.origin = cy_span_text("example.com/federation"),
                           .height = height,
                           .step = CY_VOTE_PRECOMMIT,
                           .after = CY_NO_ROUND,
                           .time = 1000 * height};
    struct cy_signature signature;

    memset(what.value.b, value, sizeof what.value.b);
    CY_TRY(cy_signer_vote(p->client, key, &what, NULL, said, &signature));
    return cy_ed25519_verify_strict(key, cy_span_of(said->text, said->n), &signature);
}

/* A child votes as fast as it can and tells up to which height; the signer is killed in the middle.
 * The last vote that left is given again and no other, the ones before are over. */
static void vote_on(struct place *p, const struct cy_id *key, uint64_t from, int tell)
{
    struct cy_signer_said said;

    assert_ok(cy_signer_open(p->socket, 20000, &p->client));
    for (uint64_t height = from;; height++) {
        if (!cy_ok(vote(p, key, height, 1, &said)) ||
            write(tell, &height, sizeof height) != sizeof height)
            _exit(0);
    }
}

static void killed_voting(void **s)
{
    struct place *p = *s;
    const struct cy_id key = make(p, CY_PURPOSE_VOTE);
    uint64_t height = 0;

    for (unsigned life = 0; life < 8; life++) {
        struct cy_signer_said said;
        struct cy_vote_last last;
        int tell[2];
        pid_t child = 0;
        uint64_t seen = 0;

        assert_int_equal(pipe(tell), 0);
        child = fork();
        if (child == 0) {
            close(tell[0]);
            vote_on(p, &key, height + 1, tell[1]);
        }
        close(tell[1]);
        while (seen < height + 3 + life && read(tell[0], &seen, sizeof seen) == sizeof seen)
            ;
        usleep(life % 2 * (life * 331 % 1000));
        assert_int_equal(halt(p, SIGKILL), -SIGKILL);
        while (read(tell[0], &seen, sizeof seen) == sizeof seen)
            ;
        close(tell[0]);
        assert_int_equal(ended(child), 0);
        assert_true(seen > height);
        serve(p);
        assert_ok(
            cy_signer_vote_last(p->client, &key, cy_span_text("example.com/federation"), &last));
        assert_true(last.height == seen || last.height == seen + 1); /* one may not have left */
        assert_int_equal(last.lock.value.b[0], 1);
        assert_ok(vote(p, &key, last.height, 2, &said));
        assert_int_equal(said.vote.value.b[0], 1);
        assert_code(vote(p, &key, last.height - 1, 2, &said), VOTE_BACK);
        height = last.height;
    }
    print_message("killed 8 times under %u votes, none contradicted\n", (unsigned)height);
}

/* How long a vote takes, against one head: both are one flush of this disk. */
static void pace(void **s)
{
    struct place *p = *s;
    const struct cy_id key = make(p, CY_PURPOSE_VOTE);
    const struct cy_id log = make(p, CY_PURPOSE_CHECKPOINT);
    const unsigned n = 200;
    struct cy_signer_said said;
    double from = now();
    double votes = 0;

    for (unsigned i = 1; i <= n; i++)
        assert_ok(vote(p, &key, i, 1, &said));
    votes = now() - from;
    from = now();
    for (unsigned i = 1; i <= n; i++)
        assert_ok(sign_head(p, &log, "example.com/log", 1, i - 1, i));
    print_message("a vote: %.2f ms; a head: %.2f ms\n", votes * 1000 / n,
                  (now() - from) * 1000 / n);
}

/* --- acts --- */

static void purposes(void **s)
{
    struct place *p = *s;
    const struct cy_id act = make(p, CY_PURPOSE_ACT);
    const struct cy_id log = make(p, CY_PURPOSE_CHECKPOINT);
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    struct cy_act_author by = {.realm = {{2}}, .keys = &act, .n_keys = 1, .valid_s = 60};
    uint8_t room[1024];
    struct cy_cbor_writer out = cy_cbor_write(room, sizeof room);
    struct cy_signature signature;
    struct cy_envelope envelope;
    char words[4096];

    assert_ok(cy_sign_act(p->client, &by, &cy_schema_passport_retire, &message, 1, &out));
    assert_ok(cy_envelope_read(cy_cbor_written(&out), &envelope));
    assert_code(cy_signer_sign_act(p->client, &act, envelope.protected, cy_span_text("\xa1\x00"),
                                   false, &signature),
                SHORT);
    assert_code(cy_signer_sign_act(p->client, &act, envelope.protected,
                                   cy_span_of("\xa1\x00\x19\x1f\xff", 5), false, &signature),
                UNKNOWN_MESSAGE);
    by.keys = &log;
    assert_code(cy_sign_act(p->client, &by, &cy_schema_passport_retire, &message, 1, &out),
                SIGNER_PURPOSE);
    assert_code(sign_head(p, &act, "example.com/log", 1, 0, 5), SIGNER_PURPOSE);
    read_file(p->log, words, sizeof words); /* one line for each signature, and no secret */
    assert_non_null(strstr(words, "retires its passport: done"));
    assert_non_null(strstr(words, "Norway"));
    assert_null(strstr(words, PASSPHRASE));
}

static void two_clients(void **s)
{
    struct place *p = *s;
    const struct cy_id key = make(p, CY_PURPOSE_ACT);
    const struct cy_act_author by = {.realm = {{2}}, .keys = &key, .n_keys = 1, .valid_s = 60};
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    enum { N = 2000 };
    pid_t children[2];
    const double from = now();

    for (unsigned i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct cy_act_draft *drafts = calloc(N, sizeof *drafts);
            const size_t size = (size_t)N * 2048;
            struct cy_arena arena = cy_arena_on(malloc(size), size);

            for (unsigned j = 0; j < N; j++)
                drafts[j] = (struct cy_act_draft){
                    .by = &by, .schema = &cy_schema_passport_retire, .message = &message};
            if (!cy_ok(cy_signer_open(p->socket, 20000, &p->client)) ||
                !cy_ok(cy_sign_acts(p->client, drafts, N, 1, &arena)))
                _exit(1);
            _exit(0);
        }
    }
    assert_int_equal(ended(children[0]), 0);
    assert_int_equal(ended(children[1]), 0);
    print_message("2 clients, 2,000 acts each: %.2f s\n", now() - from);
}

/* --- the process itself --- */

static void passphrases(void **s)
{
    struct place *p = *s;
    char file[64];
    char fresh[64];
    const char *const serve_argv[] = {"comity-signer", "--keys", p->keys, NULL};
    const char *const with_file[] = {
        "comity-signer",         "passphrase", "--keys", p->keys, "--passphrase-file", file,
        "--new-passphrase-file", fresh,        NULL};
    const char *const init_again[] = {"comity-signer", "init", "--keys", p->keys, NULL};
    const char *const nonsense[] = {"comity-signer", "--keys", p->keys, "--peer-uid", "x", NULL};
    const char *const elsewhere[] = {"comity-signer", "--keys", p->dir, NULL};
    struct cy_id key = make(p, CY_PURPOSE_ACT);
    char words[8192];

    assert_int_equal(run(p, PASSPHRASE, serve_argv), 1); /* one serves already */
    assert_int_equal(run(p, PASSPHRASE, init_again), 1);
    assert_int_equal(run(p, PASSPHRASE, nonsense), 2);
    assert_int_equal(run(p, PASSPHRASE, elsewhere), 1);
    assert_int_equal(halt(p, SIGTERM), 0);
    assert_int_not_equal(access(p->socket, F_OK), 0);
    assert_int_equal(run(p, "wrong", serve_argv), 1);
    read_file(p->log, words, sizeof words);
    assert_non_null(strstr(words, "operator.key.passphrase"));
    assert_non_null(strstr(words, "operator.signer.busy"));
    snprintf(file, sizeof file, "%s/old", p->dir);
    snprintf(fresh, sizeof fresh, "%s/new", p->dir);
    write_file(file, "wrong\n");
    write_file(fresh, "another one\n");
    assert_int_equal(run(p, NULL, with_file), 1);
    write_file(file, PASSPHRASE "\n");
    assert_int_equal(run(p, NULL, with_file), 0);
    assert_int_equal(run(p, PASSPHRASE, serve_argv), 1);
    write_file(file, "another one\n");
    write_file(fresh, PASSPHRASE "\r\n");
    assert_int_equal(run(p, NULL, with_file), 0);
    serve(p);
    assert_ok(cy_signer_make(p->client, cy_span_text("k"), CY_PURPOSE_ACT, &key, NULL));
}

/* The process keeps its memory to itself, and the passphrase is gone from its environment. */
static void hardening(void **s)
{
    struct place *p = *s;
    static char bytes[1 << 16];
    char path[64];
    size_t n = 0;

    (void)make(p, CY_PURPOSE_ACT); /* it has answered: it is done with starting */
    snprintf(path, sizeof path, "/proc/%d/status", (int)p->pid);
    read_file(path, bytes, sizeof bytes);
#if defined(__x86_64__) || defined(__aarch64__)
    assert_non_null(strstr(bytes, "Seccomp:\t2"));
#endif
    snprintf(path, sizeof path, "/proc/%d/limits", (int)p->pid);
    read_file(path, bytes, sizeof bytes);
    assert_non_null(strstr(bytes, "Max core file size        0                    0 "));
    snprintf(path, sizeof path, "/proc/%d/environ", (int)p->pid);
    if (access(path, R_OK) == 0 && geteuid() == 0) {
        n = read_file(path, bytes, sizeof bytes);
        assert_true(n > 0);
        assert_null(memmem(bytes, n, PASSPHRASE, strlen(PASSPHRASE)));
    } else {
        print_message("not root: the environment of another process is not looked at\n");
    }
}

static bool is_private(const char *path)
{
    struct stat found;

    assert_int_equal(lstat(path, &found), 0);
    return (found.st_mode & 077) == 0;
}

static void files(void **s)
{
    struct place *p = *s;
    const struct cy_id key = make(p, CY_PURPOSE_ACT);
    char hex[65];
    char path[200];
    char words[2048];

    cy_hex(key.b, sizeof key.b, hex);
    assert_true(is_private(p->keys));
    assert_true(is_private(p->socket));
    snprintf(path, sizeof path, "%s/keystore", p->keys);
    assert_true(is_private(path));
    snprintf(path, sizeof path, "%s/heads", p->keys);
    assert_true(is_private(path));
    snprintf(path, sizeof path, "%s/keys/%s.key", p->keys, hex);
    assert_true(is_private(path));
    read_file(path, words, sizeof words);
    assert_non_null(strstr(words, "\nlabel Norway\npurpose act\nstate current\n"));
    /* a purpose changed in the file is found */
    memcpy(strstr(words, "state current"), "state standby", 13);
    assert_int_equal(halt(p, SIGTERM), 0);
    write_file(path, words);
    assert_int_equal(
        run(p, PASSPHRASE, (const char *const[]){"comity-signer", "--keys", p->keys, NULL}), 1);
    read_file(p->log, words, sizeof words);
    assert_non_null(strstr(words, "operator.keystore.damaged"));
}

static cy_err count(void *user, const struct cy_signer_key *key)
{
    (void)key;
    (*(unsigned *)user)++;
    return CY_OK;
}

static void many_keys(void **s)
{
    struct place *p = *s;
    double from = now();
    double made = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < 300; i++)
        (void)make(p, CY_PURPOSE_ACT);
    made = now() - from;
    assert_int_equal(halt(p, SIGTERM), 0);
    from = now();
    serve(p);
    assert_ok(cy_signer_keys(p->client, count, &n));
    assert_int_equal(n, 300);
    print_message("300 keys: made in %.2f s, unlocked in %.2f s\n", made, now() - from);
}

/* Whether user `uid` gets an answer at the socket. */
static bool served(struct place *p, uid_t uid)
{
    const pid_t pid = fork();

    if (pid == 0) {
        struct cy_signer_client *client = NULL;
        unsigned n = 0;

        if (setuid(uid) != 0)
            _exit(2);
        if (!cy_ok(cy_signer_open(p->socket, 5000, &client)))
            _exit(1);
        _exit(cy_ok(cy_signer_keys(client, count, &n)) ? 0 : 1);
    }
    return ended(pid) == 0;
}

static void other_users(void **s)
{
    struct place *p = *s;
    const char *const argv[] = {"comity-signer", "--keys",     p->keys, "--socket",
                                p->socket,       "--peer-uid", "65533", NULL};

    if (geteuid() != 0) {
        print_message("not root: cannot connect as another user\n");
        skip();
    }
    assert_int_equal(chmod(p->dir, 0755), 0);
    assert_true(served(p, 0));
    assert_false(served(p, 65533));
    assert_int_equal(halt(p, SIGTERM), 0);
    p->pid = spawn(p, PASSPHRASE, argv);
    while (!cy_ok(cy_signer_open(p->socket, 5000, &p->client)))
        poll(NULL, 0, 10);
    assert_true(served(p, 0));
    assert_true(served(p, 65533));
    assert_false(served(p, 65534));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(heads_over_restarts), T(killed),        T(purposes),    T(two_clients),
        T(passphrases),         T(killed_voting), T(pace),        T(hardening),
        T(many_keys),           T(files),         T(other_users),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
