/* `comity console` from end to end: a real cell and signer, the agent, a person at a terminal. What
 * is described is what is signed, once; whoever is not the console gets nothing. */
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cells.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"

struct console {
    struct cells *cells;
    struct cell *cell;
    struct cy_client *client;
    pid_t pid;
    int terminal; /* our side of it */
    char url[64];
    char token[65];
    char said[1 << 16]; /* all that the terminal showed */
    size_t said_n;
    char nor[65]; /* passports */
    char swe[65];
};

/* --- the terminal --- */

static bool console_hears(struct console *c, const char *words)
{
    struct timeval none = {0, 20000};
    fd_set set;

    FD_ZERO(&set);
    FD_SET(c->terminal, &set);
    if (select(c->terminal + 1, &set, NULL, NULL, &none) == 1) {
        const ssize_t n = read(c->terminal, c->said + c->said_n, sizeof c->said - 1 - c->said_n);

        c->said_n += n > 0 ? (size_t)n : 0;
        c->said[c->said_n] = 0;
    }
    return strstr(c->said, words) != NULL;
}

static void console_forget(struct console *c)
{
    c->said_n = 0;
    c->said[0] = 0;
}

static void console_types(struct console *c, const char *words)
{
    assert_int_equal(write(c->terminal, words, strlen(words)), strlen(words));
}

static void console_start(struct console *c, const char *way, const char *idle)
{
    const char *argv[] = {COMITY, "console", "--dir", c->cell->dir, "--confirm",
                          way,    "--idle",  idle,    NULL};
    char *address = NULL;
    char *token = NULL;

    console_forget(c);
    c->pid = forkpty(&c->terminal, NULL, NULL, NULL);
    if (c->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execv(COMITY, (char *const *)argv);
        _exit(99);
    }
    EVENTUALLY(20, console_hears(c, "Ctrl-C ends it"));
    address = strstr(c->said, "http://127.0.0.1:");
    token = strstr(c->said, "/#agent=");
    assert_non_null(address);
    assert_non_null(token);
    assert_int_equal(strspn(token + 8, "0123456789abcdef"), 64);
    snprintf(c->url, sizeof c->url, "%.*s", (int)(token - address), address);
    snprintf(c->token, sizeof c->token, "%.64s", token + 8);
}

static int console_stop(struct console *c, int signal)
{
    int status = 0;

    if (c->pid <= 0)
        return 0;
    kill(c->pid, signal);
    while (waitpid(c->pid, &status, WNOHANG) == 0)
        (void)console_hears(c, "\001"); /* keep the terminal empty */
    c->pid = 0;
    close(c->terminal);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* --- requests --- */

/* A request as the console would make it, but for the headers given instead (each ends in NULL). */
static struct got request(struct console *c, const char *path, const char *body, bool bare,
                          const char *const *more)
{
    char token[96];
    char url[256];
    const char *headers[12];
    size_t n = 0;
    struct cy_client_answer answer;
    struct got got = {0};
    struct cy_client_request request = {.url = url,
                                        .headers = headers,
                                        .type = "application/json",
                                        .answer_max = 8 << 20,
                                        .body = body == NULL ? cy_span_of(NULL, 0)
                                                             : cy_span_text(body)};

    snprintf(url, sizeof url, "%s%s", c->url, path);
    snprintf(token, sizeof token, "X-Comity-Token: %s", c->token);
    if (!bare)
        headers[n++] = token;
    for (; more != NULL && *more != NULL; more++)
        headers[n++] = *more;
    request.headers_n = n;
    got.err = cy_client_do(c->client, &request, &answer);
    got.status = answer.status;
    snprintf(got.type, sizeof got.type, "%s", answer.type);
    got.body = (char *)answer.body;
    got.n = answer.n;
    got.json = answer.n > 0 ? json_loadb(got.body, got.n, 0, NULL) : NULL;
    return got;
}

#define ASK(c, path, body) request((c), (path), (body), false, NULL)

static const char *deep(const json_t *json, const char *a, const char *b)
{
    return json_string_value(json_object_get(json_object_get(json, a), b));
}

/* Describes; the digest is copied. */
static struct got describe(struct console *c, const char *wish, char digest[static 65])
{
    struct got got = ASK(c, "/agent/v1/describe", wish);

    assert_ok(got.err);
    snprintf(digest, 65, "%s", got_text(&got, "digest"));
    assert_int_equal(strlen(digest), 64);
    return got;
}

static struct got sign(struct console *c, const char *digest)
{
    char body[128];

    snprintf(body, sizeof body, "{\"digest\":\"%s\"}", digest);
    return ASK(c, "/agent/v1/sign", body);
}

static void run(struct console *c, const char *words)
{
    char command[1024];

    snprintf(command, sizeof command, "'%s' %s --dir '%s' >/dev/null 2>>'%s'", COMITY, words,
             c->cell->dir, c->cell->log);
    assert_int_equal(system(command), 0);
}

static const char *id_of(struct console *c, const char *name)
{
    struct got got = ASK(c, "/agent/v1/me", NULL);
    static char id[65];
    size_t i = 0;
    json_t *one = NULL;

    assert_ok(got.err);
    id[0] = 0;
    json_array_foreach(json_object_get(got.json, "identities"), i, one)
    {
        if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0) {
            snprintf(id, sizeof id, "%s", json_string_value(json_object_get(one, "passport")));
            assert_true(json_is_true(json_object_get(one, "here")));
        }
    }
    got_free(&got);
    return id;
}

/* --- the tests, on one cell --- */

static void described_is_signed_once(void **state)
{
    struct console *c = *state;
    const uint64_t before = cell_head(c->cell);
    char wish[512];
    char digest[65];
    uint8_t bytes[4096];
    size_t n = 0;
    struct cy_id sum;
    struct cy_id named;
    struct cy_envelope shown;
    struct cy_envelope entry;
    uint8_t entry_bytes[4096];
    struct got got;
    struct got sent;

    snprintf(wish, sizeof wish,
             "{\"as\":\"%s\",\"act\":{\"act\":\"asset_create\",\"code\":\"TEA\",\"name\":"
             "\"Tea\",\"scale\":2}}",
             c->nor);
    got = describe(c, wish, digest);
    assert_non_null(strstr(got_text(&got, "sentence"), "TEA"));
    assert_string_equal(deep(got.json, "signs", "name"), "NOR");
    assert_string_equal(deep(got.json, "signs", "passport"), c->nor);
    assert_string_equal(deep(got.json, "act", "code"), "TEA");
    assert_true(json_is_true(json_object_get(json_object_get(got.json, "trial"), "accepted")));
    assert_true(json_array_size(json_object_get(json_object_get(got.json, "trial"), "effects")) >
                0);
    /* the digest is that of the bytes shown, and none of them is a signature yet */
    assert_ok(cy_base64_read(cy_span_text(got_text(&got, "bytes")), bytes, sizeof bytes, &n));
    sum = cy_sha256(cy_span_of(bytes, n));
    assert_ok(cy_hex_read(cy_span_text(digest), named.b, 32));
    assert_true(cy_id_eq(&sum, &named));
    assert_ok(cy_envelope_read(cy_span_of(bytes, n), &shown));
    for (unsigned i = 0; i < 64; i++)
        assert_int_equal(shown.signers[0].signature[i], 0);
    assert_true(cell_head(c->cell) <= before + 3); /* ticks at most: nothing was recorded */

    sent = sign(c, digest);
    assert_ok(sent.err);
    assert_string_equal(got_text(&sent, "act"), got_text(&got, "id"));
    assert_ok(cy_base64_read(cy_span_text(got_text(&sent, "entry")), entry_bytes,
                             sizeof entry_bytes, &n));
    assert_ok(cy_envelope_read(cy_span_of(entry_bytes, n), &entry));
    assert_true(cy_span_eq(entry.protected, shown.protected));
    assert_true(cy_span_eq(entry.payload, shown.payload));
    (void)assert_receipt(c->cell, &sent, cy_span_of(entry_bytes, n));
    got_free(&sent);

    sent = sign(c, digest); /* again: there is nothing to sign */
    assert_problem(&sent, APPROVAL_GONE);
    got_free(&sent);
    got_free(&got);
}

static void digests_of_others_sign_nothing(void **state)
{
    struct console *c = *state;
    const uint64_t before = cell_head(c->cell);
    char wish[512];
    char digest[65];
    struct got got;
    struct got sent;

    snprintf(wish, sizeof wish,
             "{\"as\":\"NOR\",\"act\":{\"act\":\"asset_create\",\"code\":\"SALT\",\"name\":"
             "\"Salt\"}}");
    got = describe(c, wish, digest);
    digest[0] = digest[0] == '0' ? '1' : '0'; /* other bytes are another digest */
    sent = sign(c, digest);
    assert_problem(&sent, APPROVAL_GONE);
    got_free(&sent);
    sent = ASK(c, "/agent/v1/sign", "{\"digest\":\"00\"}");
    assert_int_equal(sent.status, 400);
    got_free(&sent);
    sent = ASK(c, "/agent/v1/sign", "{\"digest\":\"\",\"act\":{}}");
    assert_int_equal(sent.status, 400);
    got_free(&sent);
    got_free(&got);
    got = ask(c->cell, NULL, "/v1/records/asset?code=SALT");
    assert_int_equal(json_array_size(json_object_get(got.json, "items")), 0);
    got_free(&got);
    assert_true(cell_head(c->cell) <= before + 3);
}

/* A refusal is told before anybody signs, with its remedy. */
static void refusals_are_told_first(void **state)
{
    struct console *c = *state;
    char digest[65];
    struct got got = describe(
        c,
        "{\"as\":\"NOR\",\"act\":{\"act\":\"passport_retire\",\"reason\":\"x\"},\"for\":\"SWE\"}",
        digest);
    const json_t *trial = json_object_get(got.json, "trial");

    assert_true(json_is_false(json_object_get(trial, "accepted")));
    assert_non_null(deep(trial, "problem", "name"));
    assert_true(strlen(deep(trial, "problem", "remedy")) > 10);
    got_free(&got);
    got = ASK(c, "/agent/v1/describe", "{\"as\":\"NOR\",\"act\":{\"act\":\"no_such\"}}");
    assert_true(got.status >= 400 && got.status < 500);
    got_free(&got);
    got = ASK(c, "/agent/v1/describe", "{\"as\":\"NOR\",\"act\":[1]}");
    assert_true(got.status >= 400 && got.status < 500);
    got_free(&got);
    got =
        ASK(c, "/agent/v1/describe", "{\"as\":\"stranger\",\"act\":{\"act\":\"passport_retire\"}}");
    assert_true(got.status >= 400 && got.status < 500);
    got_free(&got);
    got = ASK(c, "/agent/v1/describe", "{");
    assert_problem(&got, BAD_JSON);
    got_free(&got);
}

static void foreign_pages_get_nothing(void **state)
{
    struct console *c = *state;
    static const char *const evil[] = {"Origin: http://evil.example", NULL};
    static const char *const local[] = {"Origin: http://127.0.0.1:9", NULL};
    static const char *const cross[] = {"Sec-Fetch-Site: cross-site", NULL};
    static const char *const rebound[] = {"Host: evil.example:7400", NULL};
    static const char *const same[] = {"Sec-Fetch-Site: same-origin", NULL};
    static const char *const wrong[] = {
        "X-Comity-Token: 0000000000000000000000000000000000000000000000000000000000000000", NULL};
    const struct {
        const char *const *headers;
        enum cy_code code;
    } tries[] = {
        {evil,    CY_E_BAD_HOST     }, /* refused by the server itself, before the agent */
        {local,   CY_E_AGENT_FOREIGN},
        {cross,   CY_E_AGENT_FOREIGN},
        {rebound, CY_E_BAD_HOST     },
    };
    const char *wish =
        "{\"as\":\"NOR\",\"act\":{\"act\":\"asset_create\",\"code\":\"BAD\",\"name\":\"B\"}}";
    struct got got;

    for (size_t i = 0; i < CY_COUNT(tries); i++) {
        got = request(c, "/agent/v1/describe", wish, false, tries[i].headers);
        assert_problem_(&got, tries[i].code, __FILE__, __LINE__);
        got_free(&got);
    }
    got = request(c, "/agent/v1/me", NULL, false, cross);
    assert_problem(&got, AGENT_FOREIGN);
    got_free(&got);
    got = request(c, "/agent/v1/me", NULL, true, NULL);
    assert_problem(&got, AGENT_TOKEN);
    got_free(&got);
    got = request(c, "/agent/v1/describe", wish, true, wrong);
    assert_problem(&got, AGENT_TOKEN);
    got_free(&got);
    got = request(c, "/agent/v1/describe", wish, true, same); /* a page that guessed no token */
    assert_problem(&got, AGENT_TOKEN);
    got_free(&got);
    got = request(c, "/v1/realm", NULL, true, cross); /* nor are readings theirs */
    assert_problem(&got, AGENT_FOREIGN);
    got_free(&got);
    got = request(c, "/v1/realm", NULL, true, rebound);
    assert_problem(&got, BAD_HOST);
    got_free(&got);
    got = ask(c->cell, NULL, "/v1/records/asset?code=BAD");
    assert_int_equal(json_array_size(json_object_get(got.json, "items")), 0);
    got_free(&got);
}

/* What the daemon answers comes through as it is, streams too. */
struct heard {
    struct console *c; /* with a client of its own */
    bool acted;
    size_t n;
    char text[8192];
};

static void act_once(struct heard *heard)
{
    char digest[65];
    struct got got = describe(
        heard->c,
        "{\"as\":\"NOR\",\"act\":{\"act\":\"asset_create\",\"code\":\"NEWS\",\"name\":\"N\"}}",
        digest);

    got_free(&got);
    got = sign(heard->c, digest);
    assert_ok(got.err);
    got_free(&got);
    heard->acted = true;
}

static bool hear(void *user, struct cy_span bytes)
{
    struct heard *heard = user;
    const size_t part =
        bytes.n < sizeof heard->text - 1 - heard->n ? bytes.n : sizeof heard->text - 1 - heard->n;

    memcpy(heard->text + heard->n, bytes.at, part);
    heard->n += part;
    heard->text[heard->n] = 0;
    if (!heard->acted) /* the stream says hello first: then something happens */
        act_once(heard);
    return strstr(heard->text, "event: head") == NULL;
}

static void readings_come_through(void **state)
{
    struct console *c = *state;
    struct console other = *c;
    struct heard heard = {.c = &other};
    char url[128];
    struct cy_client_answer answer;
    struct got mine = request(c, "/v1/passports/Norway", NULL, true, NULL);
    struct got theirs = ask(c->cell, NULL, "/v1/passports/Norway");

    assert_ok(mine.err);
    assert_true(json_equal(mine.json, theirs.json));
    got_free(&mine);
    got_free(&theirs);
    mine = request(c, "/v1/records/nothing", NULL, true, NULL); /* its refusals too */
    theirs = ask(c->cell, NULL, "/v1/records/nothing");
    assert_int_equal(mine.status, theirs.status);
    assert_true(json_equal(mine.json, theirs.json));
    got_free(&mine);
    got_free(&theirs);
    mine = request(c, "/v1/acts", "{}", true, NULL); /* acting is not handed on */
    assert_int_equal(mine.status, 405);
    got_free(&mine);

    other.client = cy_client_new();
    snprintf(url, sizeof url, "%s/v1/heads", c->url);
    (void)!cy_ok(cy_client_do(
        c->client,
        &(struct cy_client_request){.url = url, .piece = hear, .user = &heard, .total_ms = 15000},
        &answer));
    cy_client_answer_free(&answer);
    cy_client_free(other.client);
    assert_non_null(strstr(heard.text, "retry:"));
    assert_non_null(strstr(heard.text, "event: head"));
}

/* A rotation is tried without waking the standby key, then done; the directory learns the key. */
static void rotation(void **state)
{
    struct console *c = *state;
    char digest[65];
    char again[65];
    struct got got = describe(c, "{\"as\":\"SWE\",\"act\":{\"act\":\"passport_rotate\"}}", digest);
    struct got sent;

    assert_true(json_is_true(json_object_get(json_object_get(got.json, "trial"), "accepted")));
    got_free(&got);
    got = describe(c, "{\"as\":\"SWE\",\"act\":{\"act\":\"passport_rotate\"}}", again);
    assert_string_not_equal(digest, again); /* another nonce, the same keys */
    sent = sign(c, again);
    assert_ok(sent.err);
    got_free(&sent);
    got_free(&got);
    got = describe(c,
                   "{\"as\":\"SWE\",\"act\":{\"act\":\"asset_create\",\"code\":\"IRON\",\"name\":"
                   "\"Iron\"}}",
                   digest);
    sent = sign(c, digest);
    assert_ok(sent.err);
    got_free(&sent);
    got_free(&got);
}

/* --- with a person at the terminal --- */

struct asked {
    struct console console; /* a copy with a client of its own */
    char digest[65];
    struct got got;
};

static void *sign_main(void *user)
{
    struct asked *asked = user;

    asked->got = sign(&asked->console, asked->digest);
    return NULL;
}

static void in_the_terminal(struct console *c, const char *code, const char *answer,
                            enum cy_code expected)
{
    char wish[256];
    char digest[65];
    struct asked *asked = calloc(1, sizeof *asked);
    pthread_t thread;
    struct got got;
    struct got other;

    snprintf(wish, sizeof wish,
             "{\"as\":\"NOR\",\"act\":{\"act\":\"asset_create\",\"code\":\"%s\",\"name\":\"N\"}}",
             code);
    got = describe(c, wish, digest);
    assert_string_equal(got_text(&got, "confirm"), "terminal");
    console_types(c, "y\n"); /* before the question: no answer to it */
    nap(50);
    console_forget(c);
    asked->console = *c;
    asked->console.client = cy_client_new();
    memcpy(asked->digest, digest, sizeof digest);
    assert_int_equal(pthread_create(&thread, NULL, sign_main, asked), 0);
    EVENTUALLY(10, console_hears(c, "Sign and send? [y/N]"));
    assert_non_null(strstr(c->said, code));
    assert_non_null(strstr(c->said, "NOR"));
    digest[8] = 0;
    assert_non_null(strstr(c->said, digest));
    other = ask(c->cell, NULL, "/v1/realm"); /* nothing happens until a person answers */
    got_free(&other);
    console_types(c, answer);
    pthread_join(thread, NULL);
    if (expected == CY_E_NONE)
        assert_ok(asked->got.err);
    else
        assert_problem_(&asked->got, expected, __FILE__, __LINE__);
    got_free(&asked->got);
    cy_client_free(asked->console.client);
    free(asked);
    got_free(&got);
}

static void a_person_is_asked(void **state)
{
    struct console *c = *state;

    (void)console_stop(c, SIGTERM);
    console_start(c, "terminal", "60");
    in_the_terminal(c, "NAY", "n\n", CY_E_APPROVAL_DENIED);
    in_the_terminal(c, "SILENT", "\n", CY_E_APPROVAL_DENIED);
    in_the_terminal(c, "YEAH", "yeah\n", CY_E_APPROVAL_DENIED);
    in_the_terminal(c, "AYE", "y\n", CY_E_NONE);
    assert_int_equal(console_stop(c, SIGINT), 0);
    console_start(c, "browser", "60");
}

/* The token of one run is nothing in the next; the token is in no log. */
static void tokens_end_with_the_run(void **state)
{
    struct console *c = *state;
    char old[65];
    char command[256];
    struct got got;

    memcpy(old, c->token, sizeof old);
    assert_int_equal(console_stop(c, SIGTERM), 0);
    console_start(c, "browser", "60");
    memcpy(c->token, old, sizeof old);
    got = ASK(c, "/agent/v1/me", NULL);
    assert_problem(&got, AGENT_TOKEN);
    got_free(&got);
    snprintf(command, sizeof command, "grep -rqs %s '%s'", old, c->cell->dir);
    assert_int_not_equal(system(command), 0);
}

static void without_a_terminal_it_must_be_said(void **state)
{
    struct console *c = *state;
    char command[512];

    snprintf(command, sizeof command,
             "setsid '%s' console --dir '%s' </dev/null 2>&1 | grep -q -- '--confirm browser'",
             COMITY, c->cell->dir);
    assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
    struct console *c = calloc(1, sizeof *c);

    if (!cy_ok(cy_crypto_start()))
        return 1;
    c->cells = cells_new(1, "tick_ms = 100;");
    c->cell = &c->cells->a;
    c->client = cy_client_new();
    cell_start(c->cell);
    run(c, "passport create --kind nation --name Norway --alias NOR");
    run(c, "passport create --kind nation --name Sweden --alias SWE");
    console_start(c, "browser", "60");
    *state = c;
    snprintf(c->nor, sizeof c->nor, "%s", id_of(c, "NOR"));
    snprintf(c->swe, sizeof c->swe, "%s", id_of(c, "SWE"));
    return 0;
}

static int tear_down(void **state)
{
    struct console *c = *state;

    (void)console_stop(c, SIGTERM);
    cy_client_free(c->client);
    cells_free(c->cells);
    free(c);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(described_is_signed_once),
        cmocka_unit_test(digests_of_others_sign_nothing),
        cmocka_unit_test(refusals_are_told_first),
        cmocka_unit_test(foreign_pages_get_nothing),
        cmocka_unit_test(readings_come_through),
        cmocka_unit_test(rotation),
        cmocka_unit_test(a_person_is_asked),
        cmocka_unit_test(tokens_end_with_the_run),
        cmocka_unit_test(without_a_terminal_it_must_be_said),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
