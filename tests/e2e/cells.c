#include "cells.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "wire/tlog_proof.h"

/* --- small things --- */

double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void nap(unsigned ms)
{
    poll(NULL, 0, (int)ms);
}

struct cy_name name_of(const char *text)
{
    struct cy_name out;

    assert_ok(cy_name_of(cy_span_text(text), &out));
    return out;
}

struct cy_label label_of(const char *text)
{
    struct cy_label out;

    assert_ok(cy_label_of(cy_span_text(text), &out));
    return out;
}

struct cy_line line_of(const char *text)
{
    struct cy_line out;

    assert_ok(cy_line_of(cy_span_text(text), &out));
    return out;
}

char *file_read(const char *path, size_t *n)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat found;
    char *bytes = NULL;
    size_t at = 0;
    ssize_t got = 0;

    if (fd < 0)
        return NULL;
    assert_int_equal(fstat(fd, &found), 0);
    bytes = malloc((size_t)found.st_size + 1);
    assert_non_null(bytes);
    while (at < (size_t)found.st_size &&
           (got = read(fd, bytes + at, (size_t)found.st_size - at)) > 0)
        at += (size_t)got;
    close(fd);
    bytes[at] = 0;
    if (n != NULL)
        *n = at;
    return bytes;
}

/* --- processes --- */

static pid_t spawn(const char *program, const char *log, const char *const *argv)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();

    if (pid == 0) {
        const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

        prctl(PR_SET_PDEATHSIG, SIGKILL); /* of the thread that forked: the test's main thread */
        if (getppid() != parent)
            _exit(98);
        dup2(fd, 1);
        dup2(fd, 2);
        unsetenv("COMITY_DIR");
        unsetenv("COMITY_URL");
        execv(program, (char *const *)argv);
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

static void show_log(const struct cell *cell)
{
    size_t n = 0;
    char *words = file_read(cell->log, &n);

    if (words != NULL)
        print_error("%s says:\n%s\n", cell->origin, n > 4000 ? words + n - 4000 : words);
    free(words);
}

void cell_comity(const struct cell *cell, const char *const *argv)
{
    if (ended(spawn(COMITY, cell->log, argv)) == 0)
        return;
    show_log(cell);
    fail();
}

int cell_end(pid_t *pid, int signal)
{
    const pid_t it = *pid;

    *pid = 0;
    if (it == 0)
        return 0;
    assert_int_equal(kill(it, signal), 0);
    return ended(it);
}

int cell_wait(pid_t *pid)
{
    const pid_t it = *pid;

    *pid = 0;
    return ended(it);
}

void cell_start_signer(struct cell *cell)
{
    char keys[80];
    char socket[80];
    char passphrase[80];
    const char *const argv[] = {"comity-signer",     "--keys",   keys, "--socket", socket,
                                "--passphrase-file", passphrase, NULL};

    snprintf(keys, sizeof keys, "%s/keys", cell->dir);
    snprintf(socket, sizeof socket, "%s/signer.sock", cell->dir);
    snprintf(passphrase, sizeof passphrase, "%s/passphrase", cell->dir);
    assert_int_equal(cell->signer, 0);
    cell->signer = spawn(COMITY_SIGNER, cell->log, argv);
}

static pid_t daemon_spawn(struct cell *cell)
{
    const char *const argv[] = {"comityd", "--config", cell->conf, NULL};

    return spawn(COMITYD, cell->log, argv);
}

void cell_spawn_daemon(struct cell *cell)
{
    assert_int_equal(cell->daemon, 0);
    cell->daemon = daemon_spawn(cell);
}

int cell_run_daemon(struct cell *cell)
{
    pid_t pid = daemon_spawn(cell);
    int status = 0;

    for (unsigned i = 0; i < 1000; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
        nap(20);
    }
    print_error("the daemon went on running\n");
    cell_end(&pid, SIGKILL);
    fail();
    return -1;
}

void cell_start_daemon(struct cell *cell)
{
    struct got got;
    struct got realm;

    cell_spawn_daemon(cell);
    for (unsigned i = 0;; i++) {
        got = ask(cell, NULL, "/readyz");
        got_free(&got);
        if (got.status == 200)
            break;
        if (i == 3000 || waitpid(cell->daemon, NULL, WNOHANG) != 0) {
            show_log(cell);
            fail();
        }
        nap(10);
    }
    realm = ask(cell, NULL, "/v1/realm");
    assert_int_equal(realm.status, 200);
    assert_ok(cy_hex_read(cy_span_text(json_string_value(
                              json_object_get(json_object_get(realm.json, "realm"), "id"))),
                          cell->realm.b, 32));
    got_free(&realm);
}

void cell_start(struct cell *cell)
{
    cell_start_signer(cell);
    cell_start_daemon(cell);
}

void cell_stop(struct cell *cell)
{
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    assert_int_equal(cell_end(&cell->signer, SIGTERM), 0);
}

long cell_mark(const struct cell *cell)
{
    struct stat found;

    return stat(cell->log, &found) == 0 ? (long)found.st_size : 0;
}

bool cell_said(const struct cell *cell, long mark, const char *words)
{
    size_t n = 0;
    char *text = file_read(cell->log, &n);
    const bool there = text != NULL && (size_t)mark <= n && strstr(text + mark, words) != NULL;

    free(text);
    return there;
}

/* --- making cells --- */

/* A port that nobody listens on now; below the range of outgoing connections. */
unsigned cell_free_port(void)
{
    static unsigned next;
    const struct sockaddr_in any = {.sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    if (next == 0)
        next = (unsigned)getpid() * 37u;
    for (unsigned i = 0; i < 5000; i++) {
        struct sockaddr_in at = any;
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int done = -1;

        at.sin_port = htons((uint16_t)(18000u + next++ % 12000u));
        done = bind(fd, (const struct sockaddr *)&at, sizeof at);
        close(fd);
        if (done == 0)
            return ntohs(at.sin_port);
    }
    fail();
    return 0;
}

/* The value of a setting in a peer card. */
static void card_value(const struct cell *cell, const char *name, char *out, size_t cap)
{
    char path[80];
    char want[40];
    char *text = NULL;
    const char *at = NULL;

    snprintf(path, sizeof path, "%s/peer.conf", cell->dir);
    snprintf(want, sizeof want, "\n%s = \"", name);
    text = file_read(path, NULL);
    assert_non_null(text);
    at = strstr(text, want);
    assert_non_null(at);
    at += strlen(want);
    snprintf(out, cap, "%.*s", (int)strcspn(at, "\""), at);
    free(text);
}

static void cell_make(struct cells *cells, struct cell *cell, const char *letter,
                      const char *origin, const char *settings)
{
    char port[8];
    char plain[8];
    const char *const init[] = {"comity", "init",  "--dir",  cell->dir, "--name",
                                origin,   "--tls", "--port", port,      "--plain-port",
                                plain,    "--sql", "none",   NULL};

    cell->home = cells;
    cell->origin = origin;
    snprintf(cell->dir, sizeof cell->dir, "%s/%s", cells->dir, letter);
    snprintf(cell->data, sizeof cell->data, "%s/data", cell->dir);
    snprintf(cell->conf, sizeof cell->conf, "%s/comityd.conf", cell->dir);
    snprintf(cell->log, sizeof cell->log, "%s/%s.log", cells->dir, letter);
    cell->port = cell_free_port();
    cell->plain_port = cell_free_port();
    snprintf(port, sizeof port, "%u", cell->port);
    snprintf(plain, sizeof plain, "%u", cell->plain_port);
    snprintf(cell->url, sizeof cell->url, "http://127.0.0.1:%u", cell->plain_port);
    cell_comity(cell, init);
    if (settings != NULL) {
        FILE *conf = fopen(cell->conf, "a");

        assert_non_null(conf);
        fputs(settings, conf);
        fclose(conf);
    }
    card_value(cell, "vkey", cell->vkey, sizeof cell->vkey);
    card_value(cell, "witness_vkey", cell->witness_vkey, sizeof cell->witness_vkey);
    assert_ok(cy_note_vkey_read(cy_span_text(cell->vkey), &cell->log_key));
    assert_ok(cy_note_vkey_read(cy_span_text(cell->witness_vkey), &cell->witness_key));
}

static void introduce(const struct cell *cell, const struct cell *other)
{
    const char *const argv[] = {"comity", "peer",     "add",       "--dir",    cell->dir,
                                "--peer", other->dir, "--witness", "--cosign", NULL};

    cell_comity(cell, argv);
}

/* Introduces a ledger that the test pretends to be; nobody listens at its address. */
static void add_stranger(struct cell *cell, const char *origin, const struct cy_id *key,
                         const char *as)
{
    static unsigned count;
    char path[80];
    char log[CY_NOTE_VKEY_MAX];
    char witness[CY_NOTE_VKEY_MAX];
    struct cy_text log_text = cy_text_on(log, sizeof log);
    struct cy_text witness_text = cy_text_on(witness, sizeof witness);
    struct cy_note_key note_key;
    const char *const argv[] = {"comity", "peer", "add", "--dir", cell->dir,
                                "--peer", path,   as,    NULL};
    FILE *card = NULL;

    snprintf(path, sizeof path, "%s/stranger%u.conf", cell->home->dir, count++);
    assert_ok(cy_note_key_of(cy_span_text(origin), CY_NOTE_ED25519, key, &note_key));
    cy_note_vkey(&note_key, &log_text);
    assert_ok(cy_note_key_of(cy_span_text(origin), CY_NOTE_COSIGNATURE, key, &note_key));
    cy_note_vkey(&note_key, &witness_text);
    card = fopen(path, "w");
    assert_non_null(card);
    fprintf(card,
            "origin = \"%s\";\nurl = \"http://127.0.0.1:1\";\npin = \"\";\nvkey = \"%s\";\n"
            "witness_vkey = \"%s\";\n",
            origin, log, witness);
    fclose(card);
    cell_comity(cell, argv);
}

void cell_cosign_for(struct cell *cell, const char *origin, const struct cy_id *key)
{
    add_stranger(cell, origin, key, "--cosign");
}

void cell_add_dead_witness(struct cell *cell)
{
    struct party party;

    party_make(&party, 4242);
    add_stranger(cell, "away.example/ledger", &party.key, "--witness");
}

/* Directories of this process that are still there: of a test whose set-up failed. */
static struct {
    pid_t owner;
    char dir[16][48];
} left;

static void remove_dir(const char *dir)
{
    char command[80];

    if (getenv("CY_E2E_KEEP") != NULL) {
        print_message("kept %s\n", dir);
        return;
    }
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    if (system(command) != 0)
        print_error("%s is left\n", dir);
}

static void remove_left(void)
{
    if (left.owner != getpid())
        return;
    for (unsigned i = 0; i < CY_COUNT(left.dir); i++) {
        if (left.dir[i][0] != 0)
            remove_dir(left.dir[i]);
    }
}

static void remember(const char *dir)
{
    if (left.owner == 0)
        assert_int_equal(atexit(remove_left), 0);
    left.owner = getpid();
    for (unsigned i = 0; i < CY_COUNT(left.dir); i++) {
        if (left.dir[i][0] == 0) {
            snprintf(left.dir[i], sizeof left.dir[i], "%s", dir);
            return;
        }
    }
}

static void forget(const char *dir)
{
    for (unsigned i = 0; i < CY_COUNT(left.dir); i++) {
        if (strcmp(left.dir[i], dir) == 0)
            left.dir[i][0] = 0;
    }
}

struct cells *cells_new(unsigned n, const char *settings)
{
    struct cells *cells = calloc(1, sizeof *cells);

    assert_non_null(cells);
    signal(SIGPIPE, SIG_IGN);
    assert_true(sodium_init() >= 0);
    assert_ok(cy_crypto_start());
    /* in memory where possible: kill -9 loses nothing of a file system, and flushes cost nothing */
    strcpy(cells->dir, access("/dev/shm", W_OK) == 0 ? "/dev/shm/cy_e2e_cells_XXXXXX"
                                                     : "/tmp/cy_e2e_cells_XXXXXX");
    assert_non_null(mkdtemp(cells->dir));
    remember(cells->dir);
    cells->n = n;
    cells->client = cy_client_new();
    assert_non_null(cells->client);
    if (n > 0)
        cell_make(cells, &cells->a, "a", "a.example/ledger", settings);
    if (n == 2) {
        cell_make(cells, &cells->b, "b", "b.example/ledger", settings);
        introduce(&cells->a, &cells->b);
        introduce(&cells->b, &cells->a);
    }
    return cells;
}

void cells_free(struct cells *cells)
{
    cell_end(&cells->a.daemon, SIGKILL);
    cell_end(&cells->b.daemon, SIGKILL);
    cell_end(&cells->a.signer, SIGKILL);
    cell_end(&cells->b.signer, SIGKILL);
    cy_client_free(cells->client);
    remove_dir(cells->dir);
    forget(cells->dir);
    free(cells);
}

/* --- requests --- */

static struct got request(struct cell *cell, struct cy_client *client, const char *path,
                          struct cy_span body)
{
    char url[512];
    struct cy_client_answer answer;
    struct got got = {0};

    snprintf(url, sizeof url, "%s%s", cell->url, path);
    got.err = cy_client_do(
        client == NULL ? cell->home->client : client,
        &(struct cy_client_request){
            .url = url, .body = body, .total_ms = 60000, .answer_max = (size_t)64 << 20},
        &answer);
    got.status = answer.status;
    memcpy(got.type, answer.type, sizeof got.type);
    got.body = (char *)answer.body;
    got.n = answer.n;
    if (got.body != NULL && strstr(got.type, "json") != NULL)
        got.json = json_loadb(got.body, got.n, 0, NULL);
    return got;
}

struct got ask(struct cell *cell, struct cy_client *client, const char *path)
{
    return request(cell, client, path, (struct cy_span){0});
}

struct got send_to(struct cell *cell, struct cy_client *client, const char *path,
                   struct cy_span body)
{
    return request(cell, client, path, body);
}

void got_free(struct got *got)
{
    json_decref(got->json);
    free(got->body);
    got->json = NULL;
    got->body = NULL;
}

uint64_t got_u64(const struct got *got, const char *key)
{
    const json_t *value = json_object_get(got->json, key);

    if (!json_is_integer(value)) {
        print_error("%u: no number \"%s\" in %.1000s\n", got->status, key,
                    got->body == NULL ? "" : got->body);
        fail();
    }
    return (uint64_t)json_integer_value(value);
}

const char *got_text(const struct got *got, const char *key)
{
    const char *text = json_string_value(json_object_get(got->json, key));

    return text == NULL ? "" : text;
}

void assert_problem_(const struct got *got, enum cy_code code, const char *file, int line)
{
    const struct cy_err_info *want = cy_err_info(code);

    if (strncmp(got->type, CY_PROBLEM_TYPE, strlen(CY_PROBLEM_TYPE)) == 0 && got->json != NULL &&
        strcmp(got_text(got, "name"), want->name) == 0 &&
        strcmp(got_text(got, "code"), want->path) == 0 &&
        strcmp(got_text(got, "remedy"), want->remedy) == 0 && got_u64(got, "number") == code &&
        got_u64(got, "status") == got->status && got->status >= 400)
        return;
    print_error("wanted the problem %s, got %u %s\n%.1000s\n", want->name, got->status, got->type,
                got->body == NULL ? "" : got->body);
    _fail(file, line);
}

static uint64_t realm_number(struct cell *cell, bool head)
{
    struct got got = ask(cell, NULL, "/v1/realm");
    const json_t *value = head ? json_object_get(json_object_get(got.json, "head"), "size")
                               : json_object_get(got.json, "witnessed_size");
    const uint64_t size = (uint64_t)json_integer_value(value);

    got_free(&got);
    return size;
}

uint64_t cell_head(struct cell *cell)
{
    return realm_number(cell, true);
}

uint64_t cell_witnessed(struct cell *cell)
{
    return realm_number(cell, false);
}

/* --- acts --- */

void party_make(struct party *party, unsigned number)
{
    uint8_t seed[32] = {(uint8_t)number, (uint8_t)(number >> 8), 7};

    *party = (struct party){0};
    crypto_sign_seed_keypair(party->key.b, party->secret, seed);
}

struct cy_claims party_claims(const struct cell *cell, const struct party *party)
{
    struct cy_claims claims = {
        .author = party->id, .realm = cell->realm, .expires = (uint64_t)time(NULL) + 600};

    randombytes_buf(claims.nonce, sizeof claims.nonce);
    return claims;
}

void act_sign(const struct cy_claims *claims, const struct cy_schema *schema, const void *message,
              const struct party *const *parties, unsigned n, struct act *act)
{
    uint8_t *room = malloc(3 * 66000);
    struct cy_cbor_writer payload = cy_cbor_write(room, 66000);
    struct cy_cbor_writer protected = cy_cbor_write(room + 66000, 66000);
    struct cy_cbor_writer out = cy_cbor_write(act->bytes, sizeof act->bytes);
    struct cy_act_signature signatures[CY_SIGNERS_MAX];

    assert_non_null(room);
    assert_ok(cy_encode_act(schema, message, &payload));
    assert_ok(cy_envelope_protected(claims, n == 1 ? &parties[0]->key : NULL, &protected));
    for (unsigned i = 0; i < n; i++) {
        struct cy_cbor_writer s = cy_cbor_write(room + 2 * 66000, 66000);

        assert_ok(cy_envelope_to_sign(cy_cbor_written(&protected), cy_cbor_written(&payload), n > 1,
                                      &parties[i]->key, &s));
        signatures[i].key = parties[i]->key;
        crypto_sign_detached(signatures[i].bytes, NULL, s.at, s.n, parties[i]->secret);
    }
    assert_ok(cy_envelope_write(cy_cbor_written(&protected), cy_cbor_written(&payload), n > 1,
                                signatures, n, &out));
    act->n = out.n;
    free(room);
}

void party_act(const struct cell *cell, const struct party *party, const struct cy_schema *schema,
               const void *message, struct act *act)
{
    const struct cy_claims claims = party_claims(cell, party);

    act_sign(&claims, schema, message, &party, 1, act);
}

void party_enter(struct cell *cell, struct party *party, unsigned number, const char *name)
{
    struct act *act = malloc(sizeof *act);
    struct cy_key_share share;
    struct got got;

    party_make(party, number);
    share = (struct cy_key_share){.key = party->key, .weight = 1};
    PARTY_ACT(cell, party, passport_create, act, .kind = CY_kind_NATION, .name = name_of(name),
              .keys = &share, .n_keys = 1, .need_0 = 1);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    assert_receipt(cell, &got, act_span(act));
    assert_ok(cy_hex_read(cy_span_text(got_text(&got, "act")), party->id.b, 32));
    got_free(&got);
    free(act);
}

void evidence_act(const struct cell *cell, const struct party *party, unsigned number,
                  struct act *act)
{
    char summary[32];
    uint8_t bytes[8];

    snprintf(summary, sizeof summary, "load %u", number);
    cy_put_u64be(bytes, number);
    PARTY_ACT(cell, party, evidence_record, act, .kind = 1, .summary = line_of(summary),
              .digest = cy_sha256(cy_span_of(bytes, sizeof bytes)));
}

cy_err proof_check(struct cell *cell, const char *text, struct cy_span act, uint32_t *cosigned)
{
    const struct cell *other = cell == &cell->home->a ? &cell->home->b : &cell->home->a;
    const struct cy_id leaf = cy_hash_leaf(act);
    struct cy_tlog_proof proof;
    struct cy_checkpoint head;
    uint32_t n = 0;

    CY_TRY(cy_tlog_proof_read(cy_span_text(text), &proof));
    CY_TRY(cy_checkpoint_verify(proof.checkpoint, &cell->log_key, &other->witness_key,
                                cell->home->n == 2, 0, &head, &n));
    if (cosigned != NULL)
        *cosigned = n;
    return cy_merkle_inclusion(&leaf, proof.index, head.size, proof.path, proof.n, &head.root);
}

uint64_t assert_receipt_(struct cell *cell, const struct got *got, struct cy_span act,
                         const char *file, int line)
{
    const char *level = got_text(got, "level");
    struct cy_tlog_proof proof;
    uint32_t cosigned = 0;
    cy_err err = CY_OK;

    if (got->status == 200 || got->status == 202) {
        err = proof_check(cell, got_text(got, "proof"), act, &cosigned);
        if (cy_ok(err))
            err = cy_tlog_proof_read(cy_span_text(got_text(got, "proof")), &proof);
        if (cy_ok(err) && proof.index == got_u64(got, "index") &&
            (strcmp(level, "recorded") == 0 || (strcmp(level, "witnessed") == 0 && cosigned == 1)))
            return proof.index;
    }
    print_error("no receipt that holds (%s): %u %.2000s\n", cy_err_info(err.code)->name,
                got->status, got->body == NULL ? "" : got->body);
    _fail(file, line);
    return 0;
}
