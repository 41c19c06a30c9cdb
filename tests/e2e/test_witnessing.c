/* Two cells witness each other over TLS 1.3, through stops, kill -9 and false histories. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cells.h"
#include "host/signer/signer_client.h"
#include "host/system/tls.h"
#include "realm/witness.h"
#include "tree.h"

static int start(void **s)
{
    struct cells *cells = cells_new(2, "wait: { witnessed_ms = 4000; };\n");

    cell_start(&cells->a);
    cell_start(&cells->b);
    *s = cells;
    return 0;
}

static int finish(void **s)
{
    cells_free(*s);
    return 0;
}

/* Sends one act with wait=witnessed; the answer is checked and its index given. */
static uint64_t enter(struct cell *cell, unsigned number, unsigned status, const char *level)
{
    static struct act act;
    struct party party;
    struct cy_key_share share;
    uint64_t at = 0;
    struct got got;

    party_make(&party, number);
    share = (struct cy_key_share){.key = party.key, .weight = 1};
    PARTY_ACT(cell, &party, passport_create, &act, .kind = CY_kind_NATION,
              .name = name_of("Norway"), .keys = &share, .n_keys = 1, .need_0 = 1);
    got = send_to(cell, NULL, "/v1/acts?wait=witnessed", act_span(&act));
    at = assert_receipt(cell, &got, act_span(&act));
    assert_int_equal(got.status, status);
    assert_string_equal(got_text(&got, "level"), level);
    got_free(&got);
    return at;
}

static unsigned enter_with(struct cell *cell, unsigned number, const char *query, char level[16])
{
    static struct act act;
    struct party party;
    struct cy_key_share share;
    unsigned status = 0;
    char path[80];
    struct got got;

    party_make(&party, number);
    share = (struct cy_key_share){.key = party.key, .weight = 1};
    PARTY_ACT(cell, &party, passport_create, &act, .kind = CY_kind_NATION,
              .name = name_of("Sweden"), .keys = &share, .n_keys = 1, .need_0 = 1);
    snprintf(path, sizeof path, "/v1/acts?%s", query);
    got = send_to(cell, NULL, path, act_span(&act));
    status = got.status;
    level[0] = 0;
    if (status < 300) {
        (void)assert_receipt(cell, &got, act_span(&act));
        snprintf(level, 16, "%s", got_text(&got, "level"));
    } else {
        assert_problem(&got, BAD_REQUEST);
    }
    got_free(&got);
    return status;
}

/* Of two witnesses one never answers: one is enough where the operator, or the caller, says so. */
static void one_of_two(void **s)
{
    struct cells *cells = cells_new(2, "wait: { witnessed_ms = 1500; witnesses = 1; };\n");
    struct cell *a = &cells->a;
    char level[16];
    double began = 0;
    struct got got;

    *s = cells;
    cell_add_dead_witness(a);
    cell_start(a);
    cell_start(&cells->b);
    assert_int_equal(enter_with(a, 1, "wait=witnessed", level), 200);
    assert_string_equal(level, "witnessed");
    assert_int_equal(enter_with(a, 2, "wait=witnessed&witnesses=2", level), 202);
    assert_string_equal(level, "recorded");
    assert_int_equal(enter_with(a, 3, "wait=witnessed&witnesses=3", level), 400);
    /* the one that is away holds nobody up */
    began = seconds();
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(enter_with(a, 10 + i, "wait=witnessed", level), 200);
    assert_true(seconds() - began < 5.0);

    got = ask(a, NULL, "/v1/operator");
    assert_int_equal(got.status, 200);
    assert_int_equal(got_u64(&got, "acts_waiting"), 0);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(got.json, "witnessed"), "need")), 1);
    assert_int_equal(json_array_size(json_object_get(got.json, "peers")), 2);
    for (unsigned i = 0; i < 2; i++) {
        const json_t *peer = json_array_get(json_object_get(got.json, "peers"), i);
        const bool away =
            strcmp(json_string_value(json_object_get(peer, "name")), "away.example/ledger") == 0;

        assert_true(json_is_null(json_object_get(peer, "last_error")) == !away);
        assert_true(json_is_null(json_object_get(peer, "checkpoint_age_ms")) == away);
        assert_true(json_is_integer(json_object_get(peer, "key_age_ms")));
    }
    /* operator with its next key, log, witness: ages, and nothing that is secret */
    assert_int_equal(json_array_size(json_object_get(got.json, "keys")), 4);
    assert_true(json_is_true(json_object_get(json_object_get(got.json, "signer"), "answers")));
    assert_null(strstr(got.body, cells->dir)); /* no path of this machine */
    got_free(&got);
    assert_int_equal(cell_end(&a->signer, SIGTERM), 0);
    EVENTUALLY(8, (got = ask(a, NULL, "/v1/operator"),
                   got.status == 200 && json_is_false(json_object_get(
                                            json_object_get(got.json, "signer"), "answers"))
                       ? (got_free(&got), true)
                       : (got_free(&got), false)));
}

/* The head that a cell serves, verified with our own code: who signed it. */
static uint32_t served_head(struct cell *cell, uint64_t *size)
{
    const struct cell *other = cell == &cell->home->a ? &cell->home->b : &cell->home->a;
    struct got got = ask(cell, NULL, "/checkpoint");
    struct cy_checkpoint head;
    uint32_t cosigned = 0;

    assert_int_equal(got.status, 200);
    assert_ok(cy_checkpoint_verify(cy_span_of(got.body, got.n), &cell->log_key, &other->witness_key,
                                   1, 0, &head, &cosigned));
    *size = head.size;
    got_free(&got);
    return cosigned;
}

static bool both_signed(struct cell *cell)
{
    uint64_t size = 0;

    return served_head(cell, &size) == 1 && size == cell_head(cell);
}

/* --- openssl as a stranger who verifies --- */

static void put_file(const char *path, struct cy_span bytes)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.n, file), bytes.n);
    fclose(file);
}

static bool openssl_says(const struct cells *cells, const struct cy_id *key, struct cy_span message,
                         const uint8_t signature[64])
{
    static const uint8_t head[12] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                     0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    uint8_t der[44];
    char path[80];
    char command[400];

    memcpy(der, head, 12);
    memcpy(der + 12, key->b, 32);
    snprintf(path, sizeof path, "%s/key.der", cells->dir);
    put_file(path, cy_span_of(der, sizeof der));
    snprintf(path, sizeof path, "%s/message", cells->dir);
    put_file(path, message);
    snprintf(path, sizeof path, "%s/signature", cells->dir);
    put_file(path, cy_span_of(signature, 64));
    snprintf(command, sizeof command,
             "cd '%s' && openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin "
             "-in message -sigfile signature >openssl.txt 2>&1",
             cells->dir);
    return system(command) == 0;
}

/* Both lines of the head of a, the cosignature with the text it stands for. */
static void openssl_verifies(struct cells *cells)
{
    struct got got = ask(&cells->a, NULL, "/checkpoint");
    struct cy_note note;
    unsigned logs = 0;
    unsigned witnesses = 0;

    assert_ok(cy_note_read(cy_span_of(got.body, got.n), &note));
    for (uint32_t i = 0; i < note.n; i++) {
        const bool by_log = note.signatures[i].key_id == cells->a.log_key.id;
        char text_bytes[1024];
        struct cy_text text = cy_text_on(text_bytes, sizeof text_bytes);
        uint8_t blob[128];
        uint8_t signature[64];
        uint64_t time_s = 0;
        size_t n = 0;

        assert_ok(cy_note_blob(&note.signatures[i], blob, sizeof blob, &n));
        if (by_log) {
            assert_int_equal(n, 64);
            memcpy(signature, blob, 64);
            cy_text_span(&text, note.text);
            logs++;
        } else {
            assert_int_equal(note.signatures[i].key_id, cells->b.witness_key.id);
            assert_ok(cy_cosignature_read(cy_span_of(blob, n), &time_s, signature));
            assert_true(time_s > 1700000000 && time_s < 4000000000u);
            cy_cosignature_text(&text, time_s, note.text);
            witnesses++;
        }
        assert_true(openssl_says(cells, by_log ? &cells->a.log_key.key : &cells->b.witness_key.key,
                                 cy_text_bytes(&text), signature));
        text_bytes[text.n - 3] ^= 1;
        assert_false(openssl_says(cells, by_log ? &cells->a.log_key.key : &cells->b.witness_key.key,
                                  cy_text_bytes(&text), signature));
    }
    assert_int_equal(logs, 1);
    assert_int_equal(witnesses, 1);
    got_free(&got);
}

/* What b cosigned for a, as b gives it back. */
static struct got read_back(struct cell *witness, const char *origin)
{
    const struct cy_id name = cy_sha256(cy_span_text(origin));
    char path[100];
    char hex[65];

    cy_hex(name.b, sizeof name.b, hex);
    snprintf(path, sizeof path, "/%s/checkpoint", hex);
    return ask(witness, NULL, path);
}

static bool reads_back(struct cells *cells)
{
    struct got got = read_back(&cells->b, cells->a.origin);
    struct cy_checkpoint head;
    uint32_t cosigned = 0;
    bool same = false;

    if (got.status == 200) {
        assert_ok(cy_checkpoint_verify(cy_span_of(got.body, got.n), &cells->a.log_key,
                                       &cells->b.witness_key, 1, 1, &head, &cosigned));
        same = head.size == cell_head(&cells->a);
    }
    got_free(&got);
    return same;
}

/* Heads carry both signatures within seconds, through the stop of either side. */
static void two_cells(void **s)
{
    struct cells *cells = *s;
    struct got got;
    uint64_t at = 0;
    uint64_t before = 0;
    long mark = 0;
    double from = seconds();

    EVENTUALLY(10, both_signed(&cells->a) && both_signed(&cells->b));
    print_message("both heads cosigned after %.1f s\n", seconds() - from);
    from = seconds();
    at = enter(&cells->a, 1, 200, "witnessed");
    (void)enter(&cells->b, 2, 200, "witnessed");
    print_message("two witnessed receipts in %.2f s\n", seconds() - from);
    EVENTUALLY(10, both_signed(&cells->a) && both_signed(&cells->b));
    openssl_verifies(cells);
    EVENTUALLY(5, reads_back(cells));
    got = read_back(&cells->b, "nobody.example/ledger");
    assert_problem(&got, NOT_FOUND);
    got_free(&got);

    /* the witness is away: the act stands, and the receipt says how far it got */
    cell_stop(&cells->b);
    mark = cell_mark(&cells->a);
    (void)enter(&cells->a, 3, 202, "recorded");
    EVENTUALLY(5, cell_said(&cells->a, mark, "no cosignature"));
    before = cell_witnessed(&cells->a);
    cell_start(&cells->b);
    EVENTUALLY(10, cell_witnessed(&cells->a) > before);
    assert_true(cell_said(&cells->a, mark, "cosigns again"));
    (void)enter(&cells->a, 4, 200, "witnessed");

    /* the log restarts; what was proven stays provable, its head is cosigned again */
    cell_stop(&cells->a);
    cell_start(&cells->a);
    EVENTUALLY(10, both_signed(&cells->a) && both_signed(&cells->b));
    (void)enter(&cells->a, 5, 200, "witnessed");
    {
        char path[40];

        snprintf(path, sizeof path, "/v1/acts/%llu", (unsigned long long)at);
        got = ask(&cells->a, NULL, path);
        assert_non_null(strstr(got.body, "Norway (nation) gets a passport"));
        got_free(&got);
    }
    cell_stop(&cells->a);
    cell_stop(&cells->b);
}

/* --- the end of a daemon on which clients wait --- */

struct waiter {
    struct cell *cell;
    const struct act *act;
    bool proof; /* asks for a bundle instead */
    unsigned status;
    cy_err err;
};

static void *wait_for_it(void *arg)
{
    struct waiter *w = arg;
    struct cy_client *client = cy_client_new();
    struct got got = w->proof
                         ? ask(w->cell, client, "/v1/alliances/NORTH/members?proof=1")
                         : send_to(w->cell, client, "/v1/acts?wait=witnessed", act_span(w->act));

    w->status = got.status;
    w->err = got.err;
    got_free(&got);
    cy_client_free(client);
    return NULL;
}

/* Clients wait for a cosignature that does not come; the daemon ends in good order all the same. */
static void stopped_while_waiting(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    struct waiter waiters[16];
    pthread_t threads[16];
    struct act *acts = malloc(17 * sizeof *acts);
    struct party party;
    double from = 0;

    EVENTUALLY(10, both_signed(cell));
    party_enter(cell, &party, 9, "Norway");
    PARTY_ACT(cell, &party, alliance_found, &acts[16], .code = label_of("NORTH"),
              .name = name_of("North"), .topic = CY_topic_SECURITY);
    {
        struct got got = send_to(cell, NULL, "/v1/acts", act_span(&acts[16]));

        (void)assert_receipt(cell, &got, act_span(&acts[16]));
        got_free(&got);
    }
    cell_stop(&cells->b);
    for (unsigned i = 0; i < 16; i++) {
        evidence_act(cell, &party, i, &acts[i]);
        waiters[i] = (struct waiter){.cell = cell, .act = &acts[i], .proof = i % 4 == 3};
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_it, &waiters[i]), 0);
    }
    nap(700);
    from = seconds();
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    assert_true(seconds() - from < 8);
    for (unsigned i = 0; i < 16; i++) {
        pthread_join(threads[i], NULL);
        /* told at which level it stands, or that the server stops; or cut off */
        assert_true(waiters[i].status == 202 || waiters[i].status == 503 ||
                    waiters[i].status == 200 || waiters[i].status == 0);
    }
    /* what was answered or not: every act stands */
    cell_start_daemon(cell);
    for (unsigned i = 0; i < 16; i++) {
        if (waiters[i].proof)
            continue;
        struct got got = send_to(cell, NULL, "/v1/acts", act_span(&acts[i]));

        (void)assert_receipt(cell, &got, act_span(&acts[i]));
        assert_true(json_is_true(json_object_get(got.json, "repeated")));
        got_free(&got);
    }
    free(acts);
    cell_stop(cell);
}

/* --- TLS --- */

static void pinned(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    char pins[2][CY_TLS_PIN_SIZE];
    char path[80];
    char url[80];
    char command[300];
    struct cy_client_answer answer;

    for (unsigned i = 0; i < 2; i++) {
        char *cert = NULL;

        snprintf(path, sizeof path, "%s/tls.cert.pem", i == 0 ? cells->a.dir : cells->b.dir);
        cert = file_read(path, NULL);
        assert_ok(cy_tls_pin(cert, pins[i]));
        free(cert);
    }
    snprintf(url, sizeof url, "https://127.0.0.1:%u/healthz", cell->port);
    assert_ok(cy_client_get(cells->client, url, pins[0], &answer));
    cy_client_answer_free(&answer);
    assert_code(cy_client_get(cells->client, url, pins[1], &answer), PEER_PIN);
    cy_client_answer_free(&answer);
    assert_code(cy_client_get(cells->client, url, NULL, &answer), PEER_TLS);
    cy_client_answer_free(&answer);
    for (unsigned i = 0; i < 2; i++) {
        snprintf(command, sizeof command,
                 "echo | openssl s_client -connect 127.0.0.1:%u %s >/dev/null 2>&1", cell->port,
                 i == 0 ? "-tls1_3" : "-no_tls1_3");
        assert_int_equal(system(command) == 0, i == 0);
    }
}

/* --- a ledger that the test pretends to be --- */

#define RACES 8u

struct pretender {
    char origin[40];
    struct party keys;
    struct cy_note_key key;
};

static struct pretender pretenders[RACES + 2];

static void pretend(struct cell *witness, struct pretender *p, unsigned number)
{
    snprintf(p->origin, sizeof p->origin, "stranger%u.example/log", number);
    party_make(&p->keys, 1000 + number);
    assert_ok(cy_note_key_of(cy_span_text(p->origin), CY_NOTE_ED25519, &p->keys.key, &p->key));
    cell_cosign_for(witness, p->origin, &p->keys.key);
}

static int start_witness(void **s)
{
    struct cells *cells = cells_new(1, NULL);

    for (unsigned i = 0; i < CY_COUNT(pretenders); i++)
        pretend(&cells->a, &pretenders[i], i);
    cell_start(&cells->a);
    *s = cells;
    return 0;
}

static cy_err sign(void *user, struct cy_span message, struct cy_signature *out)
{
    const struct pretender *p = user;

    crypto_sign_detached(out->b, NULL, message.at, message.n, p->keys.secret);
    return CY_OK;
}

/* A history that is tree 1 up to `fork` (a power of two, or 0), and another tree's leaves after. */
struct history {
    uint64_t seed;
    uint64_t fork;
};

static struct cy_id history_root(const struct history *h, uint64_t size)
{
    struct cy_id left;
    struct cy_id right;

    if (h->fork == 0 || size <= h->fork)
        return tree_root(h->fork == 0 ? h->seed : 1, 0, size);
    assert_true(size <= 2 * h->fork);
    left = tree_root(1, 0, h->fork);
    right = tree_root(h->seed, h->fork, size - h->fork);
    return cy_hash_node(&left, &right);
}

static size_t history_proof(const struct history *h, uint64_t old, uint64_t size, struct cy_id *out)
{
    if (old == 0 || old == size)
        return 0;
    if (h->fork == 0 || size <= h->fork)
        return tree_consistency(h->fork == 0 ? h->seed : 1, old, size, out);
    if (old == h->fork) {
        out[0] = tree_root(h->seed, h->fork, size - h->fork);
        return 1;
    }
    assert_true(old > h->fork);
    {
        const size_t n = tree_subproof(h->seed, h->fork, old - h->fork, size - h->fork, 0, out);

        out[n] = tree_root(1, 0, h->fork);
        return n + 1;
    }
}

struct body {
    size_t n;
    char at[16384];
};

/* The body of an add-checkpoint request. */
static void body_make(struct pretender *p, uint64_t old, const struct cy_id *proof, size_t n,
                      uint64_t size, const struct cy_id *root, struct body *body)
{
    struct cy_text text = cy_text_on(body->at, sizeof body->at);
    char note_bytes[2048];
    struct cy_text note = cy_text_on(note_bytes, sizeof note_bytes);

    assert_ok(cy_checkpoint_make(&p->key, size, root, sign, p, &note));
    cy_add_checkpoint_write(&text, old, proof, (uint32_t)n, cy_text_bytes(&note));
    body->n = text.n;
}

static void body_of(struct pretender *p, const struct history *h, uint64_t old, uint64_t size,
                    struct body *body)
{
    const struct cy_id root = history_root(h, size);
    struct cy_id proof[65];
    const size_t n = history_proof(h, old, size, proof);

    body_make(p, old, proof, n, size, &root, body);
}

static struct got post(struct cell *witness, struct cy_client *client, const struct body *body)
{
    return send_to(witness, client, "/add-checkpoint", cy_span_of(body->at, body->n));
}

/* The witness's line verifies over this head. */
static bool cosigns(struct cell *witness, const struct got *got, struct pretender *p,
                    const struct history *h, uint64_t size)
{
    const struct cy_id root = history_root(h, size);
    char note_bytes[4096];
    struct cy_text note = cy_text_on(note_bytes, sizeof note_bytes);

    assert_ok(cy_checkpoint_make(&p->key, size, &root, sign, p, &note));
    return cy_ok(cy_checkpoint_attach(&note, cy_span_of(got->body, got->n), &witness->witness_key));
}

static void expect(struct cell *witness, const struct body *body, unsigned status)
{
    struct got got = post(witness, NULL, body);

    if (got.status != status)
        print_error("wanted %u, got %u %s\n", status, got.status, got.body);
    assert_int_equal(got.status, status);
    if (status != 409)
        assert_non_null(strstr(got.type, CY_PROBLEM_TYPE));
    got_free(&got);
}

static void expect_size(struct cell *witness, const struct body *body, const char *size)
{
    struct got got = post(witness, NULL, body);

    assert_int_equal(got.status, 409);
    assert_string_equal(got.type, "text/x.tlog.size");
    assert_string_equal(got.body, size);
    got_free(&got);
}

/* C2SP tlog-witness v1.0.0, every status. */
static void statuses(void **s)
{
    struct cells *cells = *s;
    struct cell *witness = &cells->a;
    struct pretender *p = &pretenders[0];
    struct pretender unknown = pretenders[1];
    const struct history h = {.seed = 1};
    struct cy_id root = history_root(&h, 8);
    struct cy_id proof[65];
    struct body body;
    struct got got;

    /* 400: not a request */
    body.n = (size_t)snprintf(body.at, sizeof body.at, "old x\n\nwhat\n");
    expect(witness, &body, 400);
    body_of(p, &h, 0, 8, &body);
    body.at[body.n - 2] = '!'; /* the signature is not base64 any more */
    expect(witness, &body, 400);
    /* 404: nobody's ledger; 403: a known name, another key */
    strcpy(unknown.origin, "unknown.example/log");
    assert_ok(cy_note_key_of(cy_span_text(unknown.origin), CY_NOTE_ED25519, &unknown.keys.key,
                             &unknown.key));
    body_of(&unknown, &h, 0, 8, &body);
    expect(witness, &body, 404);
    unknown = pretenders[1];
    assert_ok(
        cy_note_key_of(cy_span_text(p->origin), CY_NOTE_ED25519, &unknown.keys.key, &unknown.key));
    body_of(&unknown, &h, 0, 8, &body);
    expect(witness, &body, 403);
    /* 422: a proof where nothing is to be proven; size 0 with a wrong root */
    proof[0] = root;
    body_make(p, 0, proof, 1, 8, &root, &body);
    expect(witness, &body, 422);
    body_make(p, 0, NULL, 0, 0, &root, &body);
    expect(witness, &body, 422);
    /* 400: from more to less; 409: another size than is known */
    body_make(p, 9, NULL, 0, 8, &root, &body);
    expect(witness, &body, 400);
    body_make(p, 3, NULL, 0, 8, &root, &body);
    expect_size(witness, &body, "0\n");
    /* 200 */
    body_of(p, &h, 0, 8, &body);
    got = post(witness, NULL, &body);
    assert_int_equal(got.status, 200);
    assert_true(cosigns(witness, &got, p, &h, 8));
    assert_false(cosigns(witness, &got, p, &h, 7));
    got_free(&got);
    expect_size(witness, &body, "8\n"); /* old 0 again */
    /* 422: a bad proof, none, too much, the same size with another root */
    body_of(p, &h, 8, 13, &body);
    root = tree_root(2, 0, 13);
    (void)tree_consistency(1, 8, 13, proof);
    body_make(p, 8, proof, tree_consistency(1, 8, 13, proof), 13, &root, &body);
    expect(witness, &body, 422);
    root = history_root(&h, 13);
    body_make(p, 8, NULL, 0, 13, &root, &body);
    expect(witness, &body, 422);
    root = tree_root(2, 0, 8);
    body_make(p, 8, NULL, 0, 8, &root, &body);
    expect(witness, &body, 422);
    /* 200 onwards, and the same again */
    for (unsigned i = 0; i < 2; i++) {
        body_of(p, &h, i == 0 ? 8 : 13, 13, &body);
        got = post(witness, NULL, &body);
        assert_int_equal(got.status, 200);
        assert_true(cosigns(witness, &got, p, &h, 13));
        got_free(&got);
    }
    /* a rollback */
    body_of(p, &h, 8, 9, &body);
    expect_size(witness, &body, "13\n");
    got = read_back(witness, p->origin);
    assert_int_equal(got.status, 200);
    assert_non_null(strstr(got.body, "\n13\n"));
    got_free(&got);
}

/* --- two copies of a ledger that went apart --- */

struct racer {
    struct cell *witness;
    struct pretender *p;
    struct history history;
    pthread_barrier_t *gate;
    unsigned cosigned; /* heads after the fork */
    unsigned odd;      /* answers that no client should see */
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct cy_client *client = cy_client_new();
    uint64_t old = r->history.fork;

    pthread_barrier_wait(r->gate);
    for (uint64_t size = r->history.fork + 1; size <= 8; size++) {
        struct body body;
        struct got got;

        body_of(r->p, &r->history, old, size, &body);
        got = post(r->witness, client, &body);
        if (got.status == 200 && cosigns(r->witness, &got, r->p, &r->history, size)) {
            r->cosigned++;
            old = size;
        } else if (got.status == 409) {
            uint64_t known = 0;

            assert_ok(cy_u64_read(cy_span_of(got.body, got.n - 1), &known));
            old = known >= r->history.fork && known <= size ? known : old;
        } else if (got.status != 422) {
            r->odd++;
        }
        got_free(&got);
    }
    cy_client_free(client);
    return NULL;
}

static void one_race(struct cell *witness, struct pretender *p, uint64_t fork, unsigned won[2])
{
    struct racer racers[4];
    pthread_t threads[4];
    pthread_barrier_t gate;
    unsigned cosigned[2] = {0, 0};

    if (fork > 0) {
        struct body body;

        body_of(p, &(struct history){1, 0}, 0, fork, &body);
        struct got got = post(witness, NULL, &body);
        assert_int_equal(got.status, 200);
        got_free(&got);
    }
    pthread_barrier_init(&gate, NULL, 4);
    for (unsigned i = 0; i < 4; i++) {
        racers[i] = (struct racer){
            .witness = witness, .p = p, .history = {10 + i % 2, fork},
                    .gate = &gate
        };
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        cosigned[i % 2] += racers[i].cosigned;
        assert_int_equal(racers[i].odd, 0);
    }
    pthread_barrier_destroy(&gate);
    assert_true(cosigned[0] == 0 || cosigned[1] == 0); /* never both */
    assert_true(cosigned[0] + cosigned[1] > 0);
    won[cosigned[1] > 0]++;
}

static void rollback_race(void **s)
{
    struct cells *cells = *s;
    unsigned won[2] = {0, 0};

    for (unsigned i = 0; i < RACES; i++)
        one_race(&cells->a, &pretenders[i], i % 2 == 0 ? 4 : 0, won);
    print_message("%u races between two histories: %u and %u won, never both\n", RACES, won[0],
                  won[1]);
}

/* kill -9 of the daemon or of the signer at any moment: between remembering and answering too. */
static void *keep_asking(void *arg)
{
    return race(arg);
}

static void killed(void **s)
{
    struct cells *cells = *s;
    struct cell *witness = &cells->a;
    unsigned won[2] = {0, 0};
    unsigned lost = 0;

    for (unsigned round = 0; round < CY_COUNT(pretenders); round++) {
        struct pretender *p = &pretenders[round];
        struct racer racers[2];
        pthread_t threads[2];
        pthread_barrier_t gate;
        unsigned cosigned[2];

        pthread_barrier_init(&gate, NULL, 3);
        for (unsigned i = 0; i < 2; i++) {
            racers[i] = (struct racer){
                .witness = witness, .p = p, .history = {20 + i, 0},
                        .gate = &gate
            };
            assert_int_equal(pthread_create(&threads[i], NULL, keep_asking, &racers[i]), 0);
        }
        pthread_barrier_wait(&gate);
        nap(round * 2);
        cell_end(round % 2 == 0 ? &witness->daemon : &witness->signer, SIGKILL);
        for (unsigned i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        pthread_barrier_destroy(&gate);
        lost += racers[0].odd + racers[1].odd;
        cosigned[0] = racers[0].cosigned;
        cosigned[1] = racers[1].cosigned;
        assert_true(cosigned[0] == 0 || cosigned[1] == 0);
        if (round % 2 == 0)
            cell_start_daemon(witness);
        else
            cell_start_signer(witness);
        /* both go on; only one may, and one does, from wherever the witness stands */
        for (unsigned i = 0; i < 2; i++) {
            struct body body;
            struct got got = {0};
            uint64_t old = 0;
            unsigned tries = 0;

            do {
                got_free(&got);
                body_of(p, &racers[i].history, old, 8, &body);
                got = post(witness, NULL, &body);
                if (got.status == 409)
                    assert_ok(cy_u64_read(cy_span_of(got.body, got.n - 1), &old));
                if (got.status == 503)
                    nap(50); /* the signer is not there yet */
            } while ((got.status == 409 || got.status == 503) && tries++ < 100);
            if (got.status == 200) {
                assert_true(cosigns(witness, &got, p, &racers[i].history, 8));
                cosigned[i]++;
            } else {
                assert_int_equal(got.status, 422);
            }
            got_free(&got);
        }
        assert_true((cosigned[0] == 0) != (cosigned[1] == 0));
        won[cosigned[1] > 0]++;
    }
    print_message("%u kills, %u requests lost; %u and %u went on, never both\n",
                  (unsigned)CY_COUNT(pretenders), lost, won[0], won[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_cells, start, finish),
        cmocka_unit_test_teardown(one_of_two, finish),
        cmocka_unit_test_setup_teardown(stopped_while_waiting, start, finish),
        cmocka_unit_test_setup_teardown(pinned, start, finish),
        cmocka_unit_test_setup_teardown(statuses, start_witness, finish),
        cmocka_unit_test_setup_teardown(rollback_race, start_witness, finish),
        cmocka_unit_test_setup_teardown(killed, start_witness, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
