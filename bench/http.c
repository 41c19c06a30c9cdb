/* An act over HTTP to a real comityd with a real comity-signer, from the first byte sent to the
 * receipt that says it is durable and under a signed head. */
#include "clients.h"
#include "host/signer/sign_act.h"

#include <fcntl.h>
#include <signal.h>
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
    bench_must(clients_post(client, d->base, "/v1/acts", cy_cbor_written(&out), NULL), "genesis");
}

static void rows(struct bench *bench, unsigned clients, const struct clients_took *took,
                 double bare_ms)
{
    struct row row = {
        .group = "http", .unit = "ms", .limit = bare_ms, .limit_name = "GET /healthz, one client"};

    row.value = bench_quantile(took->ms, took->n, 0.5);
    (void)snprintf(row.what, sizeof row.what, "%u clients: act to durable receipt, p50", clients);
    (void)snprintf(row.note, sizeof row.note, "%.0f acts/s, real signer process",
                   (double)took->n / took->seconds);
    bench_row(bench, &row);
    row.note[0] = 0;
    row.value = bench_quantile(took->ms, took->n, 0.99);
    (void)snprintf(row.what, sizeof row.what, "%u clients: p99", clients);
    row.limit = bench->bare ? 0 : 1e3 / bench->machine.flush_idle;
    (void)snprintf(row.limit_name, sizeof row.limit_name, "one 4 KB flush, cores idle");
    bench_row(bench, &row);
}

static void load(struct bench *bench, const struct daemon *d, unsigned clients, uint32_t each,
                 double bare_ms)
{
    const char *const url = d->base;
    const struct clients what = {.urls = &url,
                                 .n_urls = 1,
                                 .path = "/v1/acts",
                                 .realm = d->realm,
                                 .n = clients,
                                 .each = each};
    struct clients_took took = clients_run(&what);

    rows(bench, clients, &took, bare_ms);
    free(took.ms);
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
    bare_ms = clients_bare(client, d.base);
    load(bench, &d, 1, bench_scaled(bench, 400, 50), bare_ms);
    load(bench, &d, 16, bench_scaled(bench, 200, 20), bare_ms);
    load(bench, &d, CLIENTS_MAX, bench_scaled(bench, 100, 10), bare_ms);
    cy_client_free(client);
    cy_signer_close(d.client);
    stop(d.comityd);
    stop(d.signer);
    bench_dir_remove(d.dir);
}
