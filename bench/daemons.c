/* A federation of four real daemons with their signers, over TLS between them, from the submission
 * of an act over HTTP to its final receipt; what a stranger then needs to verify that receipt; and
 * the simulator, which lives through many such federations without waiting for anything. */
#include "child.h"
#include "clients.h"
#include "live.h"

#include <comity.h>
#include <jansson.h>
#include <stdlib.h>

#define ORIGIN "ocean.example/ledger"

/* --- submit to final receipt --- */

static void final_rows(struct bench *bench, const struct clients *clients)
{
    struct clients_took took = clients_run(clients);
    struct row row = {.group = "federation", .unit = "ms", .less = true};

    row.limit = bench->bare ? 0 : 1e3 / bench->machine.flush_idle;
    (void)snprintf(row.limit_name, sizeof row.limit_name, "one 4 KB flush, cores idle");
    row.value = bench_quantile(took.ms, took.n, 0.5);
    (void)snprintf(row.what, sizeof row.what,
                   "4 daemons, %u client%s: HTTP submit to final receipt, p50", clients->n,
                   clients->n == 1 ? "" : "s");
    (void)snprintf(row.note, sizeof row.note, "%.1f acts/s; signers and TLS of their own",
                   (double)took.n / took.seconds);
    bench_row(bench, &row);
    row.note[0] = 0;
    row.value = bench_quantile(took.ms, took.n, 0.99);
    (void)snprintf(row.what, sizeof row.what, "4 daemons, %u client%s: p99", clients->n,
                   clients->n == 1 ? "" : "s");
    bench_row(bench, &row);
    free(took.ms);
}

/* --- a stranger verifies it --- */

struct receipt {
    char *text; /* with the act in it */
    size_t n;
    unsigned signatures; /* the act's, and those under the head */
};

static struct receipt final_receipt(const struct clients *clients)
{
    struct cy_client *client = cy_client_new();
    struct built act = clients_passport(&clients->realm);
    char entry[1024];
    struct cy_text base64 = cy_text_on(entry, sizeof entry);
    struct receipt receipt = {.signatures = 1};
    const char *proof = NULL;
    char *answer = NULL;
    json_t *json = NULL;

    bench_must(clients_post(client, clients->urls[0], clients->path, cy_span_of(act.bytes, act.n),
                            &answer),
               "act");
    json = json_loads(answer == NULL ? "" : answer, 0, NULL);
    proof = json_string_value(json_object_get(json, "proof"));
    if (proof == NULL)
        bench_die("no proof in: %s", answer == NULL ? "nothing" : answer);
    for (; (proof = strstr(proof, "\n\xe2\x80\x94 ")) != NULL; proof++)
        receipt.signatures++;
    cy_text_base64(&base64, cy_span_of(act.bytes, act.n));
    (void)json_object_set_new(json, "entry", json_string(entry));
    receipt.text = json_dumps(json, JSON_COMPACT);
    receipt.n = strlen(receipt.text);
    json_decref(json);
    free(answer);
    free(act.bytes);
    cy_client_free(client);
    return receipt;
}

static void read_trust(struct comity_trust *trust)
{
    char path[CY_SANDBOX_PATH];
    char policy[8192];
    size_t n = 0;
    FILE *file = NULL;

    live_path("ocean/policy", path);
    file = fopen(path, "r");
    if (file == NULL)
        bench_die("no policy in %s", path);
    n = fread(policy, 1, sizeof policy, file);
    (void)fclose(file);
    if (comity_trust_policy(trust, ORIGIN, strlen(ORIGIN), policy, n) != 0)
        bench_die("the library does not take the policy");
}

/* The best of several rounds, in microseconds of processor time. */
static double verify_us(const struct receipt *receipt, const struct comity_trust *trust)
{
    static uint8_t scratch[1 << 20];
    struct comity_report report;
    double best = 1e9;

    for (unsigned round = 0; round < 20; round++) {
        const double from = bench_cpu_thread();
        double us = 0;

        for (unsigned i = 0; i < 50; i++) {
            if (comity_verify(receipt->text, receipt->n, NULL, 0, trust, scratch, sizeof scratch,
                              &report) != 0)
                bench_die("a final receipt is refused: %s", comity_error_text(report.error));
        }
        us = (bench_cpu_thread() - from) / 50 * 1e6;
        best = us < best ? us : best;
    }
    return best;
}

static void light_client(struct bench *bench, const struct clients *clients)
{
    struct receipt receipt = final_receipt(clients);
    struct comity_trust trust;
    struct row row = {.group = "federation", .unit = "us", .less = true};

    read_trust(&trust);
    row.value = verify_us(&receipt, &trust);
    if (!bench->bare)
        row.peer = receipt.signatures * 1e6 / bench->machine.libsodium;
    (void)snprintf(row.what, sizeof row.what,
                   "4 daemons: a final receipt verified offline (%zu bytes)", receipt.n);
    (void)snprintf(row.peer_name, sizeof row.peer_name, "libsodium, its %u signatures alone",
                   receipt.signatures);
    bench_row(bench, &row);
    free(receipt.text);
}

void bench_daemons(struct bench *bench)
{
    struct cy_sandbox four = live_pick("ocean");
    char rooms[4][64];
    const char *urls[4];
    struct cy_cli run;
    struct clients clients = {
        .urls = urls, .path = "/v1/acts?wait=final", .level = "final", .n = 1};

    live_start(&four);
    for (; clients.n_urls < four.n && clients.n_urls < 4; clients.n_urls++) {
        live_url(&four.places[clients.n_urls], rooms[clients.n_urls]);
        urls[clients.n_urls] = rooms[clients.n_urls];
    }
    live_open(&four.places[0], NULL, &run);
    bench_must(cy_cli_realm(&run, &clients.realm), "realm");
    cy_cli_end(&run);
    clients.each = 5; /* connections, caches */
    free(clients_run(&clients).ms);
    clients.each = bench_scaled(bench, 150, 10);
    final_rows(bench, &clients);
    clients.n = 32;
    clients.each = bench_scaled(bench, 20, 3);
    final_rows(bench, &clients);
    light_client(bench, &clients);
    live_stop(&four);
}

/* --- the simulator --- */

/* A seed a line, then the sum of all. */
static const char *last_line(char *text)
{
    const size_t n = strlen(text);
    const char *at = NULL;

    if (n > 0 && text[n - 1] == '\n')
        text[n - 1] = 0;
    at = strrchr(text, '\n');
    return at == NULL ? text : at + 1;
}

void bench_simulator(struct bench *bench)
{
    char program[4300];
    char seeds[16];
    const char *const call[] = {program, "--seeds", seeds,  "--realms", "1", "--members",
                                "4",     "--ticks", "1150", "--json",   NULL};
    struct row row = {.group = "federation", .unit = "s/s"};
    struct child child;
    json_t *json = NULL;
    double node_s = 0;

    (void)snprintf(program, sizeof program, "%s/comity-sim", bench->bin);
    (void)snprintf(seeds, sizeof seeds, "%u", bench_scaled(bench, 200, 4));
    child = child_run(call);
    json = json_loads(last_line(child.out), 0, NULL);
    node_s = (double)json_integer_value(json_object_get(json, "node_ms")) / 1e3;
    if (child.code != 0 || node_s <= 0)
        bench_die("comity-sim ended with %d: %.500s", child.code, child.out);
    row.value = node_s / child.seconds;
    row.limit = 4;
    (void)snprintf(row.what, sizeof row.what,
                   "simulated node-seconds a second, federations of 4 with faults, %s seeds",
                   seeds);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "four machines in real time");
    (void)snprintf(row.note, sizeof row.note, "%.0f node-seconds in %.1f s, one core", node_s,
                   child.seconds);
    bench_row(bench, &row);
    json_decref(json);
    free(child.out);
}
