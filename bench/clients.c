#include "clients.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

cy_err clients_post(struct cy_client *client, const char *url, const char *path, struct cy_span act,
                    char **out)
{
    char whole[256];
    struct cy_client_answer answer;
    const struct cy_client_request request = {.url = whole, .body = act, .total_ms = 60000};
    cy_err err = CY_OK;

    (void)snprintf(whole, sizeof whole, "%s%s", url, path);
    err = cy_client_do(client, &request, &answer);
    if (!cy_ok(err))
        bench_say("%s", answer.why[0] != 0 ? answer.why : cy_err_info(err.code)->text);
    if (cy_ok(err) && out != NULL) {
        *out = (char *)answer.body;
        answer.body = NULL;
    }
    cy_client_answer_free(&answer);
    return err;
}

struct built clients_passport(const struct cy_id *realm)
{
    static uint64_t nonce;
    struct cy_claims claims = {.realm = *realm, .expires = (uint64_t)time(NULL) + 3000};
    struct cy_key_share share = {.weight = 1};
    struct cy_passport_create m = {.kind = CY_kind_AGENT, .keys = &share, .n_keys = 1, .need_0 = 1};
    uint8_t secret[64];

    bench_must(cy_name_of(cy_span_text("Client"), &m.name), "name");
    crypto_sign_keypair(share.key.b, secret);
    cy_put_u64be(claims.nonce, ++nonce);
    return town_sign(&claims, &share.key, secret, &cy_schema_passport_create, &m);
}

/* --- many --- */

struct worker {
    const struct clients *clients;
    const char *url;
    struct cy_client *client;
    struct built *acts;
    double *ms;
    pthread_t thread;
};

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    char want[64] = "";

    if (w->clients->level != NULL)
        (void)snprintf(want, sizeof want, "\"%s\"", w->clients->level);
    for (uint32_t i = 0; i < w->clients->each; i++) {
        const double from = bench_now();
        char *answer = NULL;

        bench_must(clients_post(w->client, w->url, w->clients->path,
                                cy_span_of(w->acts[i].bytes, w->acts[i].n), &answer),
                   "act");
        w->ms[i] = (bench_now() - from) * 1e3;
        if (answer == NULL || strstr(answer, want) == NULL)
            bench_die("no %s receipt: %s", want, answer == NULL ? "nothing" : answer);
        free(answer);
    }
    return NULL;
}

static void prepare(struct worker *w, const struct clients *clients, unsigned number, double *ms)
{
    *w = (struct worker){.clients = clients,
                         .url = clients->urls[number % clients->n_urls],
                         .client = cy_client_new(),
                         .acts = calloc(clients->each, sizeof *w->acts),
                         .ms = ms + (size_t)number * clients->each};
    if (w->client == NULL || w->acts == NULL)
        bench_die("no memory");
    for (uint32_t i = 0; i < clients->each; i++)
        w->acts[i] = clients_passport(&clients->realm);
}

struct clients_took clients_run(const struct clients *clients)
{
    struct worker *workers = calloc(clients->n, sizeof *workers);
    struct clients_took took = {.n = (size_t)clients->n * clients->each};

    took.ms = calloc(took.n, sizeof *took.ms);
    if (workers == NULL || took.ms == NULL)
        bench_die("no memory");
    for (unsigned c = 0; c < clients->n; c++)
        prepare(&workers[c], clients, c, took.ms);
    took.seconds = bench_now();
    for (unsigned c = 0; c < clients->n; c++) {
        if (pthread_create(&workers[c].thread, NULL, worker_main, &workers[c]) != 0)
            bench_die("no thread");
    }
    for (unsigned c = 0; c < clients->n; c++)
        (void)pthread_join(workers[c].thread, NULL);
    took.seconds = bench_now() - took.seconds;
    for (unsigned c = 0; c < clients->n; c++) {
        cy_client_free(workers[c].client);
        town_built_free(workers[c].acts, clients->each);
    }
    free(workers);
    bench_sort(took.ms, took.n);
    return took;
}

double clients_bare(struct cy_client *client, const char *url)
{
    double ms[500];
    char whole[256];

    (void)snprintf(whole, sizeof whole, "%s/healthz", url);
    for (size_t i = 0; i < CY_COUNT(ms); i++) {
        struct cy_client_answer answer;
        const double from = bench_now();

        bench_must(cy_client_get(client, whole, NULL, &answer), "healthz");
        ms[i] = (bench_now() - from) * 1e3;
        cy_client_answer_free(&answer);
    }
    bench_sort(ms, CY_COUNT(ms));
    return bench_quantile(ms, CY_COUNT(ms), 0.5);
}
