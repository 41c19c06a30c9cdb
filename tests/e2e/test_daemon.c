/* HTTP of the real daemon: strangers, crowds, retries, refusals, pages, events, tiles. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cells.h"
#include "host/system/cage.h"
#include "wire/tile.h"

static struct party norway;
static struct party sweden;

static int start(void **s)
{
    struct cells *cells =
        cells_new(1, "http: { request_s = 2; connections_per_address = 300; };\n");

    cell_start(&cells->a);
    party_enter(&cells->a, &norway, 1, "Norway");
    party_enter(&cells->a, &sweden, 2, "Sweden");
    *s = cells;
    return 0;
}

static int finish(void **s)
{
    struct cells *cells = *s;

    cell_stop(&cells->a);
    cells_free(cells);
    return 0;
}

/* --- bytes that no library would send --- */

static int connect_to(const struct cell *cell)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)cell->plain_port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* Reads until the peer closes or nothing comes for 5 s; returns the status, 0 for none. */
static unsigned answer_of(int fd, char *out, size_t cap)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    size_t n = 0;
    ssize_t got = 0;
    unsigned status = 0;

    while (n + 1 < cap && poll(&wait, 1, 5000) == 1 && (got = read(fd, out + n, cap - 1 - n)) > 0)
        n += (size_t)got;
    out[n] = 0;
    if (sscanf(out, "HTTP/1.%*c %u", &status) != 1)
        status = 0;
    return status;
}

static unsigned raw(const struct cell *cell, const char *bytes, size_t n)
{
    static char out[65536];
    const int fd = connect_to(cell);
    unsigned status = 0;
    size_t at = 0;

    while (at < n) {
        const ssize_t sent = send(fd, bytes + at, n - at, MSG_NOSIGNAL);

        if (sent <= 0)
            break;
        at += (size_t)sent;
    }
    shutdown(fd, SHUT_WR);
    status = answer_of(fd, out, sizeof out);
    close(fd);
    return status;
}

static unsigned raw_text(const struct cell *cell, const char *text)
{
    return raw(cell, text, strlen(text));
}

/* The value of a line of /proc/PID/status. */
static long status_of(pid_t pid, const char *key)
{
    char path[64];
    char *words = NULL;
    char *at = NULL;
    long value = -1;

    snprintf(path, sizeof path, "cat /proc/%d/status", (int)pid);
    FILE *file = popen(path, "r");
    words = calloc(1, 8192);
    assert_true(fread(words, 1, 8191, file) > 0);
    pclose(file);
    at = strstr(words, key);
    if (at != NULL)
        value = strtol(at + strlen(key), NULL, 10);
    free(words);
    return value;
}

/* Both processes serve behind closed doors (seccomp filter mode), and gain no privileges. */
static void caged(void **s)
{
    struct cells *cells = *s;
    const pid_t pids[] = {cells->a.daemon, cells->a.signer};

    if (!cy_cage_possible())
        skip();
    for (size_t i = 0; i < CY_COUNT(pids); i++) {
        assert_int_equal(status_of(pids[i], "\nSeccomp:"), 2);
        assert_int_equal(status_of(pids[i], "\nNoNewPrivs:"), 1);
    }
}

static void malformed(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    char *large = malloc(200000);
    size_t n = 0;
    struct got got;

#define END " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert_int_equal(raw_text(cell, "GET /healthz" END), 200);
    assert_int_equal(raw_text(cell, "GET /v1/realm HTTP/1.1\r\n\r\n"), 400); /* no Host */
    assert_int_equal(raw_text(cell, "GET /v1/realm HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 421);
    assert_int_equal(raw_text(cell, "GET /../etc/passwd" END), 400);
    assert_int_equal(raw_text(cell, "GET /tile/..%2f..%2fpassphrase" END), 400);
    assert_int_equal(raw_text(cell, "GET /tile/%2e%2e/%2e%2e/passphrase" END), 400);
    assert_int_equal(raw_text(cell, "GET /nothing" END), 404);
    assert_int_equal(raw_text(cell, "DELETE /v1/acts" END), 405);
    (void)raw_text(cell, "\r\n\r\n\r\n");
    (void)raw_text(cell, "GARBAGE");
    (void)raw(cell, "\0\0\0\0\377\377\377", 7);
    n = (size_t)sprintf(large, "GET /");
    memset(large + n, 'a', 20000);
    strcpy(large + n + 20000, END);
    assert_int_equal(raw_text(cell, large), 414);
    n = (size_t)sprintf(large, "GET /v1/realm HTTP/1.1\r\nHost: localhost\r\nX: ");
    memset(large + n, 'a', 60000);
    strcpy(large + n + 60000, "\r\n\r\n");
    assert_int_equal(raw_text(cell, large), 431);
    /* a body that is announced and does not come; one that is no number */
    assert_int_equal(
        raw_text(cell, "POST /v1/acts HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"),
        400);

    /* 65,536 bytes are no act: refused before they are looked at */
    memset(large, 0, 65536);
    got = send_to(cell, NULL, "/v1/acts", cy_span_of(large, 65536));
    assert_problem(&got, BODY_TOO_LARGE);
    assert_int_equal(got.status, 413);
    got_free(&got);
    got = send_to(cell, NULL, "/v1/acts", cy_span_of(large, 65535));
    assert_int_equal(got.status, 400);
    assert_non_null(strstr(got.type, CY_PROBLEM_TYPE));
    got_free(&got);
    got = send_to(cell, NULL, "/v1/acts", cy_span_text(""));
    assert_problem(&got, SHORT);
    got_free(&got);
    got = ask(cell, NULL, "/v1/acts/99999999");
    assert_problem(&got, NO_NOUN);
    got_free(&got);
    got = ask(cell, NULL, "/v1/acts/x");
    assert_problem(&got, BAD_REQUEST);
    got_free(&got);
    got = ask(cell, NULL, "/v1/feed?limit=1001");
    assert_problem(&got, BAD_REQUEST);
    got_free(&got);
    got = ask(cell, NULL, "/v1/records/nothing");
    assert_problem(&got, NOT_FOUND);
    got_free(&got);
    free(large);
}

/* A client that stops in the middle is dropped in time, and nobody else waits for it. */
static void slow_client(void **s)
{
    struct cells *cells = *s;
    static const char half[] =
        "POST /v1/acts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nab";
    static char out[65536];
    int fds[40];
    const double from = seconds();
    unsigned status = 0;

    for (unsigned i = 0; i < CY_COUNT(fds); i++) {
        fds[i] = connect_to(&cells->a);
        assert_true(send(fds[i], half, strlen(half), MSG_NOSIGNAL) > 0);
    }
    assert_true(cell_head(&cells->a) > 0);
    assert_true(seconds() - from < 1.5);
    for (unsigned i = 0; i < CY_COUNT(fds); i++) {
        status = answer_of(fds[i], out, sizeof out);
        assert_true(status == 0 || status == 408);
        close(fds[i]);
    }
    assert_true(seconds() - from < 6);
}

/* --- a crowd --- */

#define CROWD 128u
#define EACH 4u

struct one {
    struct cell *cell;
    unsigned number;
    unsigned good;
};

static void *post_some(void *arg)
{
    struct one *one = arg;
    struct cy_client *client = cy_client_new();
    struct act *act = malloc(sizeof *act);

    for (unsigned i = 0; i < EACH; i++) {
        struct got got;

        evidence_act(one->cell, one->number % 2 == 0 ? &norway : &sweden,
                     1000 + one->number * EACH + i, act);
        got = send_to(one->cell, client, "/v1/acts", act_span(act));
        if (got.status == 200 &&
            cy_ok(proof_check(one->cell, got_text(&got, "proof"), act_span(act), NULL)))
            one->good++;
        else
            print_error("%u %s %.300s\n", got.status, cy_err_info(got.err.code)->name,
                        got.body == NULL ? "" : got.body);
        got_free(&got);
    }
    free(act);
    cy_client_free(client);
    return NULL;
}

static void crowd(void **s)
{
    struct cells *cells = *s;
    static struct one ones[CROWD];
    pthread_t threads[CROWD];
    const double from = seconds();
    unsigned good = 0;

    for (unsigned i = 0; i < CROWD; i++) {
        ones[i] = (struct one){.cell = &cells->a, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, post_some, &ones[i]), 0);
    }
    for (unsigned i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        good += ones[i].good;
    }
    assert_int_equal(good, CROWD * EACH);
    print_message("%u clients at once, %u acts, every proof holds: %.2f s\n", CROWD, good,
                  seconds() - from);
}

/* --- what is answered to one act --- */

static uint64_t count_of(struct cell *cell, const char *table)
{
    char path[64];
    struct got got;
    uint64_t n = 0;

    snprintf(path, sizeof path, "/v1/records/%s?limit=1", table);
    got = ask(cell, NULL, path);
    n = got_u64(&got, "count");
    got_free(&got);
    return n;
}

static void retries_and_dry_runs(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    struct act *act = malloc(sizeof *act);
    struct got got;
    uint64_t at = 0;
    uint64_t evidence = count_of(cell, "evidence");

    evidence_act(cell, &norway, 1, act);
    got = send_to(cell, NULL, "/v1/acts?dry=1", act_span(act));
    assert_int_equal(got.status, 200);
    assert_true(json_is_true(json_object_get(got.json, "dry_run")));
    assert_true(json_array_size(json_object_get(got.json, "effects")) > 0);
    assert_null(json_object_get(got.json, "index"));
    got_free(&got);
    nap(1300); /* the clock of the realm goes on all the same */
    assert_int_equal(count_of(cell, "evidence"), evidence);
    got = send_to(cell, NULL, "/v1/acts?effects=1", act_span(act));
    at = assert_receipt(cell, &got, act_span(act));
    assert_true(json_array_size(json_object_get(got.json, "effects")) > 0);
    assert_null(json_object_get(got.json, "repeated"));
    got_free(&got);
    for (unsigned i = 0; i < 3; i++) {
        got = send_to(cell, NULL, "/v1/acts", act_span(act));
        assert_int_equal(assert_receipt(cell, &got, act_span(act)), at);
        assert_true(json_is_true(json_object_get(got.json, "repeated")));
        got_free(&got);
    }
    assert_int_equal(count_of(cell, "evidence"), evidence + 1);
    /* witnesses were asked for, and there are none */
    got = send_to(cell, NULL, "/v1/acts?wait=witnessed", act_span(act));
    assert_problem(&got, NO_WITNESSES);
    got_free(&got);
    got = send_to(cell, NULL, "/v1/acts?wait=forever", act_span(act));
    assert_problem(&got, BAD_REQUEST);
    got_free(&got);
    free(act);
}

static void evidence_any(struct cy_evidence_record *m, struct cy_any *any, unsigned number)
{
    uint8_t bytes[8];

    cy_put_u64be(bytes, number);
    *m = (struct cy_evidence_record){.kind = 1,
                                     .summary = line_of("in a batch"),
                                     .digest = cy_sha256(cy_span_of(bytes, sizeof bytes))};
    *any = (struct cy_any){.schema = &cy_schema_evidence_record, .message = m};
}

static void batches(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    struct act *act = malloc(sizeof *act);
    struct cy_evidence_record messages[3];
    struct cy_any acts[3];
    const uint64_t evidence = count_of(cell, "evidence");
    const json_t *verdicts = NULL;
    struct got got;

    evidence_any(&messages[0], &acts[0], 10);
    evidence_any(&messages[1], &acts[1], 10); /* the same again: refused */
    evidence_any(&messages[2], &acts[2], 11);
    PARTY_ACT(cell, &norway, batch, act, .mode = CY_batch_mode_ATOMIC, .acts = acts, .n_acts = 3);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    assert_problem(&got, EXISTS);
    assert_non_null(strstr(got_text(&got, "detail"), "act 1 of the batch"));
    got_free(&got);
    assert_int_equal(count_of(cell, "evidence"), evidence);
    PARTY_ACT(cell, &norway, batch, act, .mode = CY_batch_mode_EACH, .acts = acts, .n_acts = 3);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    (void)assert_receipt(cell, &got, act_span(act));
    verdicts = json_object_get(got.json, "verdicts");
    assert_int_equal(json_array_size(verdicts), 3);
    assert_string_equal(json_string_value(json_array_get(verdicts, 0)), "NONE");
    assert_string_equal(json_string_value(json_array_get(verdicts, 1)), "EXISTS");
    assert_string_equal(json_string_value(json_array_get(verdicts, 2)), "NONE");
    got_free(&got);
    assert_int_equal(count_of(cell, "evidence"), evidence + 2);
    PARTY_ACT(cell, &norway, batch, act, .mode = CY_batch_mode_EACH, .acts = acts, .n_acts = 2);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    assert_problem(&got, ALL_REFUSED);
    got_free(&got);
    free(act);
}

/* One act with one thing wrong. */
static struct got send_claims(struct cell *cell, const struct cy_claims *claims,
                              const struct party *const *parties, unsigned n)
{
    struct act *act = malloc(sizeof *act);
    struct cy_evidence_record m;
    struct cy_any any;
    struct got got;

    evidence_any(&m, &any, 77);
    act_sign(claims, any.schema, any.message, parties, n, act);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    free(act);
    return got;
}

/* A passport with two keys, of which one is enough. */
static void two_keys(struct cell *cell, struct cy_claims *claims, const struct party *by[2])
{
    static struct party keys[2];
    const struct party *by_all[] = {&keys[0], &keys[1]};
    struct act *act = malloc(sizeof *act);
    struct cy_key_share shares[2];
    struct got got;

    for (unsigned i = 0; i < 2; i++) {
        party_make(&keys[i], 40 + i);
        shares[i] = (struct cy_key_share){.key = keys[i].key, .weight = 1};
        by[i] = &keys[i];
    }
    if (memcmp(shares[0].key.b, shares[1].key.b, 32) > 0) {
        const struct cy_key_share first = shares[0];

        shares[0] = shares[1];
        shares[1] = first;
    }
    *claims = party_claims(cell, &keys[0]);
    act_sign(
        claims, &cy_schema_passport_create,
        &(struct cy_passport_create){
            .kind = CY_kind_TEAM, .name = name_of("Two"), .keys = shares, .n_keys = 2, .need_0 = 1},
        by_all, 2, act);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    if (got.status != 200) { /* one signature is enough here as well */
        got_free(&got);
        act_sign(claims, &cy_schema_passport_create,
                 &(struct cy_passport_create){.kind = CY_kind_TEAM,
                                              .name = name_of("Two"),
                                              .keys = shares,
                                              .n_keys = 2,
                                              .need_0 = 1},
                 by_all, 1, act);
        got = send_to(cell, NULL, "/v1/acts", act_span(act));
    }
    (void)assert_receipt(cell, &got, act_span(act));
    *claims = party_claims(cell, &keys[0]);
    assert_ok(cy_hex_read(cy_span_text(got_text(&got, "act")), claims->author.b, 32));
    got_free(&got);
    free(act);
}

static void refusals(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    const uint64_t before = count_of(cell, "evidence");
    const struct party *const by_norway[] = {&norway};
    const struct party *const by_sweden[] = {&sweden};
    const struct party *const by_both[] = {&norway, &sweden};
    const struct party *by_two[2];
    struct cy_claims claims = party_claims(cell, &norway);
    struct act *act = malloc(sizeof *act);
    struct got got;

    claims.author.b[0] ^= 1;
    got = send_claims(cell, &claims, by_norway, 1);
    assert_problem(&got, UNKNOWN_PASSPORT);
    got_free(&got);
    claims = party_claims(cell, &norway);
    got = send_claims(cell, &claims, by_sweden, 1);
    assert_problem(&got, WRONG_KEY);
    got_free(&got);
    claims.expires = (uint64_t)time(NULL) - 10;
    got = send_claims(cell, &claims, by_norway, 1);
    assert_problem(&got, EXPIRED);
    got_free(&got);
    claims.expires = (uint64_t)time(NULL) + 90000;
    got = send_claims(cell, &claims, by_norway, 1);
    assert_problem(&got, TOO_FAR);
    got_free(&got);
    claims = party_claims(cell, &norway);
    claims.realm.b[5] ^= 1;
    got = send_claims(cell, &claims, by_norway, 1);
    assert_problem(&got, WRONG_REALM);
    got_free(&got);
    claims = party_claims(cell, &norway);
    got = send_claims(cell, &claims, by_both, 2);
    assert_problem(&got, WRONG_KEY);
    got_free(&got);
    two_keys(cell, &claims, by_two);
    got = send_claims(cell, &claims, by_two, 2);
    assert_problem(&got, SURPLUS_SIGNATURE);
    got_free(&got);
    claims = party_claims(cell, &norway);
    claims.subject = sweden.id;
    got = send_claims(cell, &claims, by_norway, 1);
    assert_problem(&got, NO_DELEGATION);
    got_free(&got);
    PARTY_ACT(cell, &norway, param_set, act, .name = label_of("sweep_n"), .value = 100);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    assert_problem(&got, NOT_OPERATOR);
    got_free(&got);
    PARTY_ACT(cell, &norway, tick, act, .now = 1);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    assert_problem(&got, NOT_OPERATOR);
    got_free(&got);
    act->bytes[act->n - 1] ^= 1;
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    assert_problem(&got, BAD_SIGNATURE);
    assert_int_equal(got.status, 403);
    got_free(&got);
    act->bytes[act->n] = 0;
    got = send_to(cell, NULL, "/v1/acts", cy_span_of(act->bytes, act->n + 1));
    assert_int_equal(got.status, 400);
    got_free(&got);
    assert_int_equal(count_of(cell, "evidence"), before);
    free(act);
}

/* --- reading --- */

static void pages(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    const uint64_t size = cell_head(cell);
    struct act *act = malloc(sizeof *act);
    char path[64];
    uint64_t seen = 0;
    uint64_t next = 0;
    struct got got;

    for (unsigned i = 0; i < 25; i++) {
        evidence_act(cell, &norway, 500 + i, act);
        got = send_to(cell, NULL, "/v1/acts", act_span(act));
        (void)assert_receipt(cell, &got, act_span(act));
        got_free(&got);
    }
    while (next < size + 25) {
        const json_t *items = NULL;
        size_t i = 0;
        const json_t *item = NULL;

        snprintf(path, sizeof path, "/v1/feed?since=%llu&limit=7", (unsigned long long)next);
        got = ask(cell, NULL, path);
        items = json_object_get(got.json, "items");
        assert_in_range(json_array_size(items), 1, 7);
        json_array_foreach(items, i, item)
            assert_int_equal(json_integer_value(json_object_get(item, "index")), seen++);
        next = got_u64(&got, "next");
        assert_int_equal(next, seen);
        got_free(&got);
    }
    snprintf(path, sizeof path, "/v1/feed?since=%llu", (unsigned long long)size + 1000);
    got = ask(cell, NULL, path);
    assert_int_equal(json_array_size(json_object_get(got.json, "items")), 0);
    got_free(&got);

    next = 0;
    seen = 0;
    for (;;) {
        snprintf(path, sizeof path, "/v1/records/evidence?after=%llu&limit=10",
                 (unsigned long long)next);
        got = ask(cell, NULL, path);
        assert_int_equal(got.status, 200);
        seen += json_array_size(json_object_get(got.json, "items"));
        if (json_object_get(got.json, "next") == NULL)
            break;
        assert_int_equal(got_u64(&got, "next"), next + 10);
        next += 10;
        got_free(&got);
    }
    assert_int_equal(seen, got_u64(&got, "count"));
    got_free(&got);
    got = ask(cell, NULL, "/v1/records/passport?name=Sweden");
    assert_int_equal(json_array_size(json_object_get(got.json, "items")), 1);
    got_free(&got);
    free(act);
}

/* --- events --- */

struct stream {
    size_t n;
    char text[1 << 16];
    unsigned want; /* events, then the stream is left */
};

static unsigned events_in(const char *text)
{
    unsigned n = 0;

    for (const char *at = text; (at = strstr(at, "\nid:")) != NULL; at++)
        n++;
    return n + (strncmp(text, "id:", 3) == 0);
}

static bool take(void *user, struct cy_span bytes)
{
    struct stream *stream = user;

    if (stream->n + bytes.n + 1 >= sizeof stream->text)
        return false;
    memcpy(stream->text + stream->n, bytes.at, bytes.n);
    stream->n += bytes.n;
    stream->text[stream->n] = 0;
    return events_in(stream->text) < stream->want || stream->text[stream->n - 1] != '\n' ||
           stream->text[stream->n - 2] != '\n';
}

struct listener {
    struct cell *cell;
    const char *path;
    const char *header; /* Last-Event-ID, or NULL */
    struct stream stream;
};

static void *listen_to(void *arg)
{
    struct listener *l = arg;
    struct cy_client *client = cy_client_new();
    struct cy_client_answer answer;
    char url[160];

    snprintf(url, sizeof url, "%s%s", l->cell->url, l->path);
    (void)!cy_ok(cy_client_do(client,
                              &(struct cy_client_request){.url = url,
                                                          .headers = &l->header,
                                                          .headers_n = l->header != NULL,
                                                          .total_ms = 15000,
                                                          .piece = take,
                                                          .user = &l->stream},
                              &answer));
    cy_client_answer_free(&answer);
    cy_client_free(client);
    return NULL;
}

/* The ids of the events, in order. */
static unsigned ids_of(const char *text, uint64_t *out, unsigned most)
{
    unsigned n = 0;

    for (const char *at = text; at != NULL && n < most; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, "id:", 3) == 0)
            out[n++] = strtoull(at + 3, NULL, 10);
        if (*at == 0)
            break;
    }
    return n;
}

static void events(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    static struct listener first;
    static struct listener second;
    struct act *act = malloc(sizeof *act);
    uint64_t ids[64];
    uint64_t again[64];
    char header[64];
    pthread_t thread;

    first = (struct listener){.cell = cell, .path = "/v1/heads", .stream.want = 5};
    assert_int_equal(pthread_create(&thread, NULL, listen_to, &first), 0);
    nap(300);
    for (unsigned i = 0; i < 8; i++) {
        struct got got;

        evidence_act(cell, &norway, 900 + i, act);
        got = send_to(cell, NULL, "/v1/acts", act_span(act));
        (void)assert_receipt(cell, &got, act_span(act));
        got_free(&got);
        nap(30);
    }
    pthread_join(thread, NULL);
    assert_non_null(strstr(first.stream.text, "event: head"));
    assert_non_null(strstr(first.stream.text, "\"root\":\""));
    assert_in_range(ids_of(first.stream.text, ids, 64), 5, 64);
    for (unsigned i = 1; i < 5; i++)
        assert_true(ids[i] > ids[i - 1]);
    /* from the second on: the third and what came after it */
    snprintf(header, sizeof header, "Last-Event-ID: %llu", (unsigned long long)ids[1]);
    second =
        (struct listener){.cell = cell, .path = "/v1/heads", .header = header, .stream.want = 3};
    listen_to(&second);
    assert_in_range(ids_of(second.stream.text, again, 64), 3, 64);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(again[i], ids[i + 2]);
    free(act);
}

/* --- a mirror made by HTTP alone --- */

static void tiles(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    struct act *act = malloc(sizeof *act);
    struct cy_frontier frontier = {0};
    struct cy_checkpoint head;
    struct got checkpoint;
    uint32_t cosigned = 0;
    struct cy_id root;

    for (unsigned i = 0; i < 300; i++) { /* past the first full tile */
        struct got got;

        evidence_act(cell, &norway, 100000 + i, act);
        got = send_to(cell, NULL, "/v1/acts", act_span(act));
        assert_int_equal(got.status, 200);
        got_free(&got);
    }
    checkpoint = ask(cell, NULL, "/checkpoint");
    assert_ok(cy_checkpoint_verify(cy_span_of(checkpoint.body, checkpoint.n), &cell->log_key, NULL,
                                   0, 0, &head, &cosigned));
    assert_true(head.size > 300);
    for (uint64_t n = 0; n * 256 < head.size; n++) {
        const uint64_t left = head.size - n * 256;
        struct cy_tile tile = {
            .index = n, .level = CY_TILE_ENTRIES, .width = left < 256 ? (uint32_t)left : 256};
        char path[CY_TILE_PATH_MAX + 1] = "/";
        struct got bundle;
        struct got hashes;
        struct cy_span rest;
        struct cy_span entry;

        cy_tile_path(&tile, path + 1);
        bundle = ask(cell, NULL, path);
        assert_int_equal(bundle.status, 200);
        tile.level = 0;
        cy_tile_path(&tile, path + 1);
        hashes = ask(cell, NULL, path);
        assert_int_equal(hashes.status, 200);
        assert_int_equal(hashes.n, tile.width * 32u);
        rest = cy_span_of(bundle.body, bundle.n);
        for (uint32_t i = 0; i < tile.width; i++) {
            struct cy_id leaf;

            assert_ok(cy_bundle_next(&rest, &entry));
            leaf = cy_hash_leaf(entry);
            assert_memory_equal(leaf.b, hashes.body + (size_t)i * 32, 32);
            assert_ok(cy_frontier_append(&frontier, &leaf));
        }
        assert_int_equal(rest.n, 0);
        got_free(&bundle);
        got_free(&hashes);
    }
    root = cy_frontier_root(&frontier);
    assert_memory_equal(root.b, head.root.b, 32);
    got_free(&checkpoint);
    checkpoint = ask(cell, NULL, "/tile/9/000");
    assert_int_equal(checkpoint.status, 404);
    got_free(&checkpoint);
    free(act);
}

/* --- memory --- */

static uint64_t resident_kb(const struct cell *cell)
{
    char path[40];
    char line[200];
    unsigned long long kb = 0;
    FILE *file = NULL;

    snprintf(path, sizeof path, "/proc/%d/status", (int)cell->daemon);
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        (void)sscanf(line, "VmRSS: %llu", &kb);
    fclose(file);
    assert_true(kb > 0);
    return kb;
}

#define HANDS 8u
#define STEP 5000u /* acts */

struct hand {
    struct cell *cell;
    unsigned from;
    unsigned n;
    bool read;
    unsigned good;
};

static void *work(void *arg)
{
    static const char *const paths[] = {"/v1/proofs/5", "/v1/acts/7", "/v1/feed?limit=50",
                                        "/v1/records/evidence?limit=50", "/checkpoint"};
    struct hand *hand = arg;
    struct cy_client *client = cy_client_new();
    struct act *act = malloc(sizeof *act);

    for (unsigned i = 0; i < hand->n; i++) {
        struct got got;

        if (hand->read) {
            got = ask(hand->cell, client, paths[i % CY_COUNT(paths)]);
        } else {
            evidence_act(hand->cell, &sweden, hand->from + i, act);
            got = send_to(hand->cell, client, "/v1/acts", act_span(act));
        }
        hand->good += got.status == 200;
        got_free(&got);
    }
    free(act);
    cy_client_free(client);
    return NULL;
}

static void hands_on(struct cell *cell, unsigned from, unsigned n, bool read)
{
    struct hand hands[HANDS];
    pthread_t threads[HANDS];

    for (unsigned i = 0; i < HANDS; i++) {
        hands[i] = (struct hand){
            .cell = cell, .from = from + i * (n / HANDS), .n = n / HANDS, .read = read};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &hands[i]), 0);
    }
    for (unsigned i = 0; i < HANDS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(hands[i].good, n / HANDS);
    }
}

/* What an act leaves behind in memory is its records; reading leaves nothing. */
static void memory(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    uint64_t kb[4];

    hands_on(cell, 2000000, 1000, false);
    hands_on(cell, 0, 1000, true);
    kb[0] = resident_kb(cell);
    hands_on(cell, 3000000, STEP, false);
    kb[1] = resident_kb(cell);
    hands_on(cell, 4000000, STEP, false);
    kb[2] = resident_kb(cell);
    hands_on(cell, 0, STEP, true);
    kb[3] = resident_kb(cell);
    print_message("resident: %llu KB, after 5,000 acts %llu, after 10,000 %llu, after 5,000 "
                  "requests %llu\n",
                  (unsigned long long)kb[0], (unsigned long long)kb[1], (unsigned long long)kb[2],
                  (unsigned long long)kb[3]);
#ifndef __SANITIZE_ADDRESS__                /* a sanitizer keeps what was freed */
    assert_true(kb[1] < kb[0] + STEP * 8u); /* 8 KB an act: records, tree, memory of act ids */
    assert_true(kb[2] < kb[1] + STEP * 8u);
    assert_true(kb[3] < kb[2] + 8192u);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caged),
        cmocka_unit_test(malformed),
        cmocka_unit_test(slow_client),
        cmocka_unit_test(crowd),
        cmocka_unit_test(retries_and_dry_runs),
        cmocka_unit_test(batches),
        cmocka_unit_test(refusals),
        cmocka_unit_test(pages),
        cmocka_unit_test(events),
        cmocka_unit_test(tiles),
        cmocka_unit_test(memory),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
