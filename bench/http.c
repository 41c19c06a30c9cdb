/* An act over HTTP to a real comityd with a real comity-signer, from the first byte sent to the
 * receipt that says it is durable and under a signed head. */
#include "host/http/client.h"
#include "host/signer/sign_act.h"
#include "town.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ORIGIN "bench.example/http"
#define CLIENTS_MAX 128u

struct daemon {
    char *dir;
    char keys[4200];
    char socket[108];
    char config[4200];
    char log[4200];
    char base[64]; /* http://127.0.0.1:port */
    pid_t signer;
    pid_t comityd;
    struct cy_signer_client *client;
    struct cy_id operator_key;
    struct cy_id log_key;
    struct cy_id realm;
};

static uint64_t unix_s(void)
{
    return (uint64_t)time(NULL);
}

static pid_t spawn(const struct bench *bench, const char *name, const char *const *args)
{
    char path[4300];
    const pid_t pid = fork();

    if (pid != 0)
        return pid;
    (void)snprintf(path, sizeof path, "%s/%s", bench->bin, name);
    (void)setenv("COMITY_PASSPHRASE", "a passphrase for figures", 1);
    if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL)
        _exit(98);
    (void)execv(path, (char *const *)(uintptr_t)args);
    _exit(99);
}

static void start_signer(const struct bench *bench, struct daemon *d)
{
    const char *const init[] = {"comity-signer", "init", "--keys", d->keys, NULL};
    const char *const serve[] = {"comity-signer", "--keys", d->keys, "--socket", d->socket, NULL};
    int status = 0;

    if (waitpid(spawn(bench, "comity-signer", init), &status, 0) < 0 || status != 0)
        bench_die("comity-signer init ended with %d", status);
    d->signer = spawn(bench, "comity-signer", serve);
    for (int i = 0; i < 2000 && !cy_ok(cy_signer_open(d->socket, 20000, &d->client)); i++)
        (void)usleep(10000);
    if (d->client == NULL)
        bench_die("comity-signer does not answer");
    bench_must(
        cy_signer_make(d->client, cy_span_text("operator"), CY_PURPOSE_ACT, &d->operator_key, NULL),
        "operator key");
    bench_must(
        cy_signer_make(d->client, cy_span_text("log"), CY_PURPOSE_CHECKPOINT, &d->log_key, NULL),
        "log key");
}

static void write_config(const struct daemon *d)
{
    FILE *file = fopen(d->config, "w");

    if (file == NULL)
        bench_die("no configuration");
    (void)fprintf(file,
                  "origin = \"" ORIGIN "\";\ndata = \"%s/data\";\nsigner = \"%s\";\n"
                  "listen: { address = \"127.0.0.1\"; port = 0; };\n"
                  "http: { connections_per_address = 1024; };\n"
                  "log: { file = \"%s\"; };\n",
                  d->dir, d->socket, d->log);
    (void)fclose(file);
}

/* The port that the system chose stands in the log. */
static bool learn_port(struct daemon *d)
{
    FILE *file = fopen(d->log, "r");
    char line[4096];
    unsigned port = 0;

    while (file != NULL && port == 0 && fgets(line, sizeof line, file) != NULL) {
        const char *at = strstr(line, "\"port\":");

        if (at != NULL)
            port = (unsigned)strtoul(at + 7, NULL, 10);
    }
    if (file != NULL)
        (void)fclose(file);
    (void)snprintf(d->base, sizeof d->base, "http://127.0.0.1:%u", port);
    return port != 0;
}

static void start_comityd(const struct bench *bench, struct daemon *d)
{
    const char *const args[] = {"comityd", "--config", d->config, NULL};

    write_config(d);
    d->comityd = spawn(bench, "comityd", args);
    for (int i = 0; i < 3000 && !learn_port(d); i++)
        (void)usleep(10000);
    if (!learn_port(d))
        bench_die("comityd did not say its port");
}

/* --- acts --- */

static cy_err post(struct cy_client *client, const struct daemon *d, struct cy_span act)
{
    char url[128];
    struct cy_client_answer answer;
    struct cy_client_request request = {.url = url, .body = act};
    cy_err err = CY_OK;

    (void)snprintf(url, sizeof url, "%s/v1/acts", d->base);
    err = cy_client_do(client, &request, &answer);
    if (!cy_ok(err))
        bench_say("%s", answer.why[0] != 0 ? answer.why : cy_err_info(err.code)->text);
    cy_client_answer_free(&answer);
    return err;
}

static void send_genesis(struct daemon *d, struct cy_client *client)
{
    static uint8_t bytes[8192];
    struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);
    const struct cy_key_share share = {.key = d->operator_key, .weight = 1};
    const struct cy_act_author by = {.keys = &d->operator_key, .n_keys = 1, .valid_s = 600};
    struct cy_genesis m = {.now = unix_s() * 1000,
                           .keys = &share,
                           .n_keys = 1,
                           .need_0 = 1,
                           .log_key = d->log_key,
                           .rules = 1};
    struct cy_envelope envelope;

    bench_must(cy_name_of(cy_span_text(ORIGIN), &m.name), "name");
    bench_must(cy_sign_act(d->client, &by, &cy_schema_genesis, &m, unix_s(), &out), "genesis");
    bench_must(cy_envelope_read(cy_cbor_written(&out), &envelope), "genesis");
    d->realm = cy_sha256_parts((const struct cy_span[]){envelope.protected, envelope.payload}, 2);
    bench_must(post(client, d, cy_cbor_written(&out)), "genesis");
}

/* A passport with a key of its own: an act that anyone may send once. */
static struct built passport(const struct daemon *d, uint64_t nonce)
{
    struct cy_claims claims = {.realm = d->realm, .expires = unix_s() + 3000};
    struct cy_key_share share = {.weight = 1};
    struct cy_passport_create m = {.kind = CY_kind_AGENT, .keys = &share, .n_keys = 1, .need_0 = 1};
    uint8_t secret[64];

    bench_must(cy_name_of(cy_span_text("Client"), &m.name), "name");
    crypto_sign_keypair(share.key.b, secret);
    cy_put_u64be(claims.nonce, nonce);
    return town_sign(&claims, &share.key, secret, &cy_schema_passport_create, &m);
}

struct worker {
    const struct daemon *daemon;
    struct cy_client *client;
    struct built *acts;
    double *took;
    uint32_t n;
    pthread_t thread;
};

static void *worker_main(void *arg)
{
    struct worker *w = arg;

    for (uint32_t i = 0; i < w->n; i++) {
        const double from = bench_now();

        bench_must(post(w->client, w->daemon, cy_span_of(w->acts[i].bytes, w->acts[i].n)), "act");
        w->took[i] = (bench_now() - from) * 1e3;
    }
    return NULL;
}

static void rows(struct bench *bench, unsigned clients, const double *took, size_t n,
                 double seconds, double bare_ms)
{
    struct row row = {
        .group = "http", .unit = "ms", .limit = bare_ms, .limit_name = "GET /healthz, one client"};

    row.value = bench_quantile(took, n, 0.5);
    (void)snprintf(row.what, sizeof row.what, "%u clients: act to durable receipt, p50", clients);
    (void)snprintf(row.note, sizeof row.note, "%.0f acts/s, real signer process",
                   (double)n / seconds);
    bench_row(bench, &row);
    row.note[0] = 0;
    row.value = bench_quantile(took, n, 0.99);
    (void)snprintf(row.what, sizeof row.what, "%u clients: p99", clients);
    row.limit = bench->bare ? 0 : 1e3 / bench->machine.flush_idle;
    (void)snprintf(row.limit_name, sizeof row.limit_name, "one 4 KB flush, cores idle");
    bench_row(bench, &row);
}

static void load(struct bench *bench, struct daemon *d, unsigned clients, uint32_t each,
                 double bare_ms)
{
    static uint64_t nonce;
    struct worker *workers = calloc(clients, sizeof *workers);
    double *took = calloc((size_t)clients * each, sizeof *took);
    double from = 0;
    double seconds = 0;

    for (unsigned c = 0; c < clients; c++) {
        struct worker *w = &workers[c];

        *w = (struct worker){.daemon = d, .n = each, .took = took + (size_t)c * each};
        w->client = cy_client_new();
        w->acts = calloc(each, sizeof *w->acts);
        for (uint32_t i = 0; i < each; i++)
            w->acts[i] = passport(d, ++nonce);
    }
    from = bench_now();
    for (unsigned c = 0; c < clients; c++) {
        if (pthread_create(&workers[c].thread, NULL, worker_main, &workers[c]) != 0)
            bench_die("no thread");
    }
    for (unsigned c = 0; c < clients; c++)
        (void)pthread_join(workers[c].thread, NULL);
    seconds = bench_now() - from;
    for (unsigned c = 0; c < clients; c++) {
        cy_client_free(workers[c].client);
        town_built_free(workers[c].acts, each);
    }
    bench_sort(took, (size_t)clients * each);
    rows(bench, clients, took, (size_t)clients * each, seconds, bare_ms);
    free(took);
    free(workers);
}

/* What HTTP alone costs. */
static double bare(struct cy_client *client, const struct daemon *d)
{
    double took[500];
    char url[128];

    (void)snprintf(url, sizeof url, "%s/healthz", d->base);
    for (size_t i = 0; i < CY_COUNT(took); i++) {
        struct cy_client_answer answer;
        const double from = bench_now();

        bench_must(cy_client_get(client, url, NULL, &answer), "healthz");
        took[i] = (bench_now() - from) * 1e3;
        cy_client_answer_free(&answer);
    }
    bench_sort(took, CY_COUNT(took));
    return bench_quantile(took, CY_COUNT(took), 0.5);
}

static void stop(pid_t pid)
{
    if (pid > 0 && kill(pid, SIGTERM) == 0)
        (void)waitpid(pid, NULL, 0);
}

void bench_http(struct bench *bench)
{
    struct daemon d = {.dir = bench_dir(bench, "http")};
    struct cy_client *client = cy_client_new();
    double bare_ms = 0;

    (void)snprintf(d.keys, sizeof d.keys, "%s/keys", d.dir);
    if (snprintf(d.socket, sizeof d.socket, "%s/s", d.dir) >= (int)sizeof d.socket)
        bench_die("%s is too long a path for a socket; give a shorter --dir", d.dir);
    (void)snprintf(d.config, sizeof d.config, "%s/comityd.conf", d.dir);
    (void)snprintf(d.log, sizeof d.log, "%s/log", d.dir);
    start_signer(bench, &d);
    start_comityd(bench, &d);
    send_genesis(&d, client);
    bare_ms = bare(client, &d);
    load(bench, &d, 1, bench_scaled(bench, 400, 50), bare_ms);
    load(bench, &d, 16, bench_scaled(bench, 200, 20), bare_ms);
    load(bench, &d, CLIENTS_MAX, bench_scaled(bench, 100, 10), bare_ms);
    cy_client_free(client);
    cy_signer_close(d.client);
    stop(d.comityd);
    stop(d.signer);
    bench_dir_remove(d.dir);
}
