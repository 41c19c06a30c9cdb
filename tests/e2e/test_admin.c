/* Administration of the real daemon: who is let in, what is refused, what the audit log says. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cells.h"
#include "crypto/secret.h"
#include "host/signer/signer_client.h"
#include "host/system/trail.h"
#include "wire/statement.h"

#define EMPTY cy_span_of(NULL, 0)

static struct party norway;
static struct cy_id operator_key;
static struct cy_signer_client *signer;

static cy_err seen(void *user, const struct cy_signer_key *key)
{
    (void)user;
    if (cy_span_eq(key->label, cy_span_text("operator")) && !key->standby)
        operator_key = key->key;
    return CY_OK;
}

static void meet(struct cell *cell)
{
    char path[80];

    cell_start(cell);
    party_enter(cell, &norway, 1, "Norway");
    snprintf(path, sizeof path, "%s/signer.sock", cell->dir);
    assert_ok(cy_signer_open(path, 5000, &signer));
    assert_ok(cy_signer_keys(signer, seen, NULL));
}

static int start(void **s)
{
    struct cells *cells = cells_new(1, NULL);

    meet(&cells->a);
    *s = cells;
    return 0;
}

static int start_full(void **s)
{
    struct cells *cells = cells_new(1, "admin: { log = \"/dev/full\"; };\n");

    meet(&cells->a);
    *s = cells;
    return 0;
}

static int finish(void **s)
{
    cy_signer_close(signer);
    signer = NULL;
    cells_free(*s);
    return 0;
}

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A statement about a request that is right in all; the tests then spoil it. */
static struct cy_statement statement(const struct cell *cell, const struct cy_id *passport,
                                     const char *method, const char *target, struct cy_span body)
{
    struct cy_statement s = {.passport = *passport,
                             .origin = cy_span_text(cell->origin),
                             .method = cy_span_text(method),
                             .target = cy_span_text(target),
                             .body = cy_sha256(body),
                             .time_ms = now_ms()};

    cy_random(s.nonce, sizeof s.nonce);
    return s;
}

static const char *header(const struct cy_statement *s, const struct party *party)
{
    static char text[4096];
    struct cy_text out = cy_text_on(text, sizeof text);
    uint8_t payload_room[CY_STATEMENT_PAYLOAD_MAX];
    uint8_t bytes[CY_STATEMENT_MAX];
    struct cy_cbor_writer payload = cy_cbor_write(payload_room, sizeof payload_room);
    struct cy_cbor_writer w = cy_cbor_write(bytes, sizeof bytes);
    const struct cy_id *key = party == NULL ? &operator_key : &party->key;
    struct cy_signature signature;

    assert_ok(cy_statement_payload_write(s, &payload));
    if (party == NULL) {
        assert_ok(cy_signer_statement(signer, key, cy_cbor_written(&payload), &signature));
    } else {
        assert_ok(cy_statement_to_sign(key, cy_cbor_written(&payload), &w));
        crypto_sign_detached(signature.b, NULL, bytes, w.n, party->secret);
        w = cy_cbor_write(bytes, sizeof bytes);
    }
    assert_ok(cy_statement_write(key, cy_cbor_written(&payload), signature.b, &w));
    cy_text_add(&out, "Authorization: Comity ");
    cy_text_base64(&out, cy_cbor_written(&w));
    return text;
}

/* One request with up to three headers. */
static struct got request(struct cell *cell, const char *method, const char *target,
                          struct cy_span body, const char *type, const char *first,
                          const char *second)
{
    const char *headers[2] = {first, second};
    char url[1300];
    const struct cy_client_request r = {.method = method,
                                        .url = url,
                                        .body = body,
                                        .type = type,
                                        .headers = headers,
                                        .headers_n = (first != NULL) + (second != NULL)};
    struct cy_client_answer answer;
    struct got got = {0};

    snprintf(url, sizeof url, "%s%s", cell->url, target);
    got.err = cy_client_do(cell->home->client, &r, &answer);
    got.status = answer.status;
    snprintf(got.type, sizeof got.type, "%s", answer.type);
    got.n = answer.n;
    got.body = calloc(1, answer.n + 1);
    if (answer.n > 0)
        memcpy(got.body, answer.body, answer.n);
    got.json = json_loads(got.body, 0, NULL);
    cy_client_answer_free(&answer);
    return got;
}

static struct got by(struct cell *cell, const struct party *party, const char *method,
                     const char *target, const char *body)
{
    const struct cy_span bytes = body == NULL ? EMPTY : cy_span_text(body);
    const struct cy_statement s =
        statement(cell, party == NULL ? &cell->realm : &party->id, method, target, bytes);

    return request(cell, method, target, bytes, body == NULL ? NULL : "application/json",
                   header(&s, party), NULL);
}

#define REFUSED(got_, status_, NAME)                                                               \
    do {                                                                                           \
        struct got g_ = (got_);                                                                    \
                                                                                                   \
        assert_int_equal(g_.status, status_);                                                      \
        assert_problem(&g_, NAME);                                                                 \
        got_free(&g_);                                                                             \
    } while (0)

/* --- statements --- */

static void who_is_let_in(void **state)
{
    struct cells *cells = *state;
    struct cell *cell = &cells->a;
    struct cy_statement s = statement(cell, &cell->realm, "GET", "/v1/admin/me", EMPTY);
    struct party stranger;
    struct party thief = norway;
    struct got got = {0};
    char once[4096];

    REFUSED(ask(cell, NULL, "/v1/admin/me"), 401, NO_STATEMENT);
    REFUSED(
        request(cell, "GET", "/v1/admin/me", EMPTY, NULL, "Authorization: Basic b3A6cHc=", NULL),
        401, NO_STATEMENT);
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, "Authorization: Comity !!!", NULL),
            400, BAD_STATEMENT);
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, "Authorization: Comity AAAA", NULL),
            400, BAD_STATEMENT);
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, "Cookie: Comity=x", NULL), 401,
            NO_STATEMENT);

    snprintf(once, sizeof once, "%s", header(&s, NULL));
    got = request(cell, "GET", "/v1/admin/me", EMPTY, NULL, once, NULL);
    assert_int_equal(got.status, 200);
    assert_int_equal(json_array_size(json_object_get(got.json, "roles")), 3);
    got_free(&got);
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, once, NULL), 401, STATEMENT_REPLAY);

    /* about another request */
    s = statement(cell, &cell->realm, "GET", "/v1/admin/me", EMPTY);
    s.origin = cy_span_text("other.example/ledger");
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, header(&s, NULL), NULL), 401,
            STATEMENT_OTHER);
    s = statement(cell, &cell->realm, "POST", "/v1/admin/me", EMPTY);
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, header(&s, NULL), NULL), 401,
            STATEMENT_OTHER);
    s = statement(cell, &cell->realm, "GET", "/v1/admin/config", EMPTY);
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, header(&s, NULL), NULL), 401,
            STATEMENT_OTHER);
    s = statement(cell, &cell->realm, "GET", "/v1/admin/log?since=1", EMPTY);
    REFUSED(request(cell, "GET", "/v1/admin/log?since=2", EMPTY, NULL, header(&s, NULL), NULL), 401,
            STATEMENT_OTHER);
    s = statement(cell, &cell->realm, "PUT", "/v1/admin/log-level",
                  cy_span_text("{\"level\":\"info\"}"));
    REFUSED(request(cell, "PUT", "/v1/admin/log-level", cy_span_text("{\"level\":\"debug\"}"),
                    "application/json", header(&s, NULL), NULL),
            401, STATEMENT_OTHER);

    /* at another time */
    s = statement(cell, &cell->realm, "GET", "/v1/admin/me", EMPTY);
    s.time_ms -= 62000;
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, header(&s, NULL), NULL), 401,
            STATEMENT_TIME);
    s.time_ms += 124000;
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, header(&s, NULL), NULL), 401,
            STATEMENT_TIME);

    /* by another */
    s = statement(cell, &cell->realm, "GET", "/v1/admin/me", EMPTY);
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, header(&s, &norway), NULL), 400,
            WRONG_KEY); /* a good signature, of a key that is not the realm's */
    thief.secret[5] ^= 1;
    s = statement(cell, &norway.id, "GET", "/v1/admin/me", EMPTY);
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, header(&s, &thief), NULL), 403,
            BAD_SIGNATURE);
    party_make(&stranger, 77);
    stranger.id = (struct cy_id){{9}};
    s = statement(cell, &stranger.id, "GET", "/v1/admin/me", EMPTY);
    REFUSED(request(cell, "GET", "/v1/admin/me", EMPTY, NULL, header(&s, &stranger), NULL), 400,
            UNKNOWN_PASSPORT);
}

/* What a page of another site can have a browser send is of no use. */
static void browsers(void **state)
{
    struct cells *cells = *state;
    struct cell *cell = &cells->a;
    const char *body = "{\"level\":\"info\"}";
    struct cy_statement s;
    char *large = calloc(1, 20001);

    REFUSED(request(cell, "POST", "/v1/admin/stop", EMPTY, "application/x-www-form-urlencoded",
                    NULL, NULL),
            401, NO_STATEMENT);
    for (unsigned i = 0; i < 4; i++) { /* even with a good statement */
        static const char *const types[] = {"application/x-www-form-urlencoded", "text/plain",
                                            "multipart/form-data; boundary=x", "application/jsonx"};

        s = statement(cell, &cell->realm, "PUT", "/v1/admin/log-level", cy_span_text(body));
        REFUSED(request(cell, "PUT", "/v1/admin/log-level", cy_span_text(body), types[i],
                        header(&s, NULL), NULL),
                415, BODY_TYPE);
    }
    s = statement(cell, &cell->realm, "POST", "/v1/admin/snapshot", EMPTY);
    REFUSED(request(cell, "POST", "/v1/admin/snapshot", EMPTY, NULL, header(&s, NULL),
                    "Origin: https://evil.example"),
            421, BAD_HOST);
    s = statement(cell, &cell->realm, "GET", "/v1/admin/me", EMPTY);
    REFUSED(
        request(cell, "GET", "/v1/admin/me", EMPTY, NULL, header(&s, NULL), "Host: evil.example"),
        421, BAD_HOST);
    memset(large, ' ', 20000);
    s = statement(cell, &cell->realm, "PUT", "/v1/admin/log-level", cy_span_of(large, 20000));
    REFUSED(request(cell, "PUT", "/v1/admin/log-level", cy_span_of(large, 20000),
                    "application/json", header(&s, NULL), NULL),
            413, BODY_TOO_LARGE);
    REFUSED(by(cell, NULL, "PUT", "/v1/admin/log-level", "{\"level\":\"loud\"}"), 400, BAD_JSON);
    REFUSED(by(cell, NULL, "PUT", "/v1/admin/log-level", "{\"level\":\"info\",\"x\":1}"), 400,
            BAD_JSON);
    REFUSED(by(cell, NULL, "PUT", "/v1/admin/log-level", "[]"), 400, BAD_JSON);
    free(large);
}

/* --- roles --- */

static void observers_look(void **state)
{
    struct cells *cells = *state;
    struct cell *cell = &cells->a;
    struct got got = by(cell, &norway, "GET", "/v1/admin/me", NULL);
    struct act act;

    assert_int_equal(got.status, 200);
    assert_int_equal(json_array_size(json_object_get(got.json, "roles")), 1);
    assert_string_equal(got_text(&got, "name"), "Norway");
    got_free(&got);
    got = by(cell, &norway, "GET", "/v1/admin/config", NULL);
    assert_int_equal(got.status, 200);
    assert_null(strstr(got.body, cell->dir)); /* where files stand is for operators */
    assert_null(strstr(got.body, "passphrase"));
    got_free(&got);
    got = by(cell, NULL, "GET", "/v1/admin/config", NULL);
    assert_non_null(strstr(got.body, cell->dir));
    got_free(&got);
    got = by(cell, &norway, "GET", "/v1/admin/peers", NULL);
    assert_int_equal(got.status, 200);
    got_free(&got);
    REFUSED(by(cell, &norway, "GET", "/v1/admin/log", NULL), 403, NO_ROLE);
    REFUSED(by(cell, &norway, "GET", "/v1/admin/keys", NULL), 403, NO_ROLE);
    REFUSED(by(cell, &norway, "POST", "/v1/admin/snapshot", NULL), 403, NO_ROLE);
    REFUSED(by(cell, &norway, "POST", "/v1/admin/stop", NULL), 403, NO_ROLE);
    REFUSED(by(cell, &norway, "PUT", "/v1/admin/log-level", "{\"level\":\"error\"}"), 403, NO_ROLE);
    /* who gave its passport up looks no more */
    PARTY_ACT(cell, &norway, passport_retire, &act, .reason = line_of("done"));
    got = send_to(cell, NULL, "/v1/acts", act_span(&act));
    assert_int_equal(got.status, 200);
    got_free(&got);
    REFUSED(by(cell, &norway, "GET", "/v1/admin/me", NULL), 400, RETIRED_PASSPORT);
}

#define CARD(extra)                                                                                \
    "{\"origin\":\"b.example/ledger\",\"url\":\"https://b.example" extra                           \
    "\",\"vkey\":\"f.example/ledger+2f6d5002+AaunwS6Lu410+BcYAXkaifkS/uB13Yuo0X+mM4dwIqWK\","      \
    "\"witness_vkey\":"                                                                            \
    "\"f.example/ledger+87be67a0+BMTme7WWkwPzZs0tz2sKzyXGmS0T+4YTBduHpbsoq7Cz\",\"witness\":true}"

static void operators_act(void **state)
{
    struct cells *cells = *state;
    struct cell *cell = &cells->a;
    struct got got = by(cell, NULL, "POST", "/v1/admin/snapshot", NULL);
    char path[120];

    assert_int_equal(got.status, 200);
    got_free(&got);
    nap(3100); /* /v1/operator looks at the disk every three seconds */
    got = ask(cell, NULL, "/v1/operator");
    assert_true(json_integer_value(json_object_get(json_object_get(got.json, "snapshot"), "size")) >
                0);
    got_free(&got);
    got = by(cell, NULL, "PUT", "/v1/admin/log-level", "{\"level\":\"error\"}");
    assert_int_equal(got.status, 200);
    got_free(&got);
    got = by(cell, NULL, "GET", "/v1/admin/keys", NULL);
    assert_int_equal(json_array_size(json_object_get(got.json, "keys")), 4);
    got_free(&got);

    REFUSED(by(cell, NULL, "POST", "/v1/admin/peers", CARD("\\\"; data = \\\"/tmp")), 400,
            BAD_CONFIG);
    REFUSED(by(cell, NULL, "POST", "/v1/admin/peers", "{\"origin\":\"x\"}"), 400, MISSING_FIELD);
    got = by(cell, NULL, "POST", "/v1/admin/peers", CARD(""));
    assert_int_equal(got.status, 200);
    assert_true(json_is_true(json_object_get(got.json, "restart_needed")));
    got_free(&got);
    got = by(cell, NULL, "GET", "/v1/admin/peers", NULL);
    assert_int_equal(json_array_size(json_object_get(got.json, "peers")), 1);
    got_free(&got);
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    cell_start_daemon(cell); /* and the settings are good */
    got = ask(cell, NULL, "/v1/realm");
    assert_int_equal(json_array_size(json_object_get(got.json, "witnesses")), 1);
    got_free(&got);
    REFUSED(by(cell, NULL, "DELETE", "/v1/admin/peers/c.example/ledger", NULL), 404, UNKNOWN_PEER);
    got = by(cell, NULL, "DELETE", "/v1/admin/peers/b.example/ledger", NULL);
    assert_int_equal(got.status, 200);
    got_free(&got);
    snprintf(path, sizeof path, "%s/peers/b.example_ledger.conf", cell->dir);
    assert_int_not_equal(access(path, F_OK), 0);
    got = by(cell, NULL, "POST", "/v1/admin/stop", NULL);
    assert_int_equal(got.status, 200);
    got_free(&got);
    assert_int_equal(cell_wait(&cell->daemon), 0);
    cell_start_daemon(cell);
}

/* --- the audit log --- */

static bool count(void *user, uint64_t seq, struct cy_span line)
{
    unsigned *n = user;

    (void)seq;
    n[0]++;
    n[1] += memmem(line.at, line.n, "caller.statement.missing", 24) != NULL;
    return true;
}

static void everything_is_logged(void **state)
{
    struct cells *cells = *state;
    struct cell *cell = &cells->a;
    char path[100];
    unsigned n[2] = {0, 0};
    struct got got;
    const json_t *lines = NULL;
    const json_t *last = NULL;
    const json_t *before = NULL;

    REFUSED(by(cell, &norway, "POST", "/v1/admin/snapshot", NULL), 403, NO_ROLE);
    got = by(cell, NULL, "POST", "/v1/admin/snapshot", NULL);
    assert_int_equal(got.status, 200);
    got_free(&got);
    got = by(cell, NULL, "GET", "/v1/admin/log", NULL);
    assert_int_equal(got.status, 200);
    assert_true(json_is_true(json_object_get(got.json, "whole")));
    lines = json_object_get(got.json, "lines");
    assert_int_equal(json_array_size(lines), 4); /* start, refused, begun, done */
    assert_string_equal(json_string_value(json_object_get(json_array_get(lines, 0), "action")),
                        "start");
    before = json_array_get(lines, 1);
    assert_string_equal(json_string_value(json_object_get(before, "outcome")), "refused");
    assert_string_equal(json_string_value(json_object_get(before, "code")), "caller.role.missing");
    assert_string_equal(json_string_value(json_object_get(before, "name")), "Norway");
    assert_string_equal(json_string_value(json_object_get(before, "from")), "127.0.0.1");
    before = json_array_get(lines, 2);
    last = json_array_get(lines, 3);
    assert_string_equal(json_string_value(json_object_get(before, "outcome")), "begun");
    assert_string_equal(json_string_value(json_object_get(last, "outcome")), "done");
    assert_string_equal(json_string_value(json_object_get(last, "role")), "operator");
    assert_int_equal(json_integer_value(json_object_get(last, "of")),
                     json_integer_value(json_object_get(before, "seq")));
    got_free(&got);

    /* strangers do not fill the disk */
    for (unsigned i = 0; i < 150; i++) {
        got = ask(cell, NULL, "/v1/admin/me");
        got_free(&got);
    }
    snprintf(path, sizeof path, "%s.admin.log", cell->data);
    assert_ok(cy_trail_walk(path, 1, count, n));
    assert_true(n[1] >= 30 && n[1] <= 61); /* of one minute, or of two */

    /* the signer's own */
    n[0] = 0;
    snprintf(path, sizeof path, "%s/keys/admin.log", cell->dir);
    assert_ok(cy_trail_walk(path, 1, count, n));
    assert_true(n[0] >= 1);
}

/* The audit log cannot be written: nothing is done, nothing is shown; the cell itself goes on. */
static void no_log_no_action(void **state)
{
    struct cells *cells = *state;
    struct cell *cell = &cells->a;
    char path[100];
    struct stat found;
    struct got got;
    time_t before = 0;

    snprintf(path, sizeof path, "%s", cell->conf);
    assert_int_equal(stat(path, &found), 0);
    before = found.st_mtime;
    REFUSED(by(cell, NULL, "POST", "/v1/admin/peers", CARD("")), 503, TRAIL_UNWRITTEN);
    REFUSED(by(cell, NULL, "POST", "/v1/admin/stop", NULL), 503, TRAIL_UNWRITTEN);
    REFUSED(by(cell, NULL, "GET", "/v1/admin/me", NULL), 503, TRAIL_UNWRITTEN);
    REFUSED(by(cell, NULL, "GET", "/v1/admin/keys", NULL), 503, TRAIL_UNWRITTEN);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mtime, before);
    snprintf(path, sizeof path, "%s/peers", cell->dir);
    assert_int_not_equal(access(path, F_OK), 0);
    got = ask(cell, NULL, "/readyz");
    assert_int_equal(got.status, 200);
    got_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_let_in, start, finish),
        cmocka_unit_test_setup_teardown(browsers, start, finish),
        cmocka_unit_test_setup_teardown(observers_look, start, finish),
        cmocka_unit_test_setup_teardown(operators_act, start, finish),
        cmocka_unit_test_setup_teardown(everything_is_logged, start, finish),
        cmocka_unit_test_setup_teardown(no_log_no_action, start_full, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
