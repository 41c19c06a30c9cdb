#include "host/cli/cli_peer_test.h"

#include "host/audit/source_disk.h"
#include "host/cli/cli_peer.h"
#include "host/json/json.h"
#include "host/node/witness_ask.h"
#include "host/system/daemon_config.h"
#include "ledger/checkpoint.h"

#include <stdlib.h>
#include <time.h>

#define STEP_MS 10000u
#define SKEW_WARN_MS 5000
#define SKEW_BAD_MS 60000  /* witnesses refuse cosignatures that are further off */
#define HEAD_BAD_MS 180000 /* three idle ticks */
#define DAY_MS 86400000
#define KEY_WARN_DAYS 730
#define DATE_STEP_MS 1000 /* a Date header tells whole seconds */

const struct cy_cli_option cy_cli_peer_test_options[] = {
    {"vkey", "VKEY", "key of its heads, where it is no peer yet"},
    {NULL,   NULL,   NULL                                       },
};

struct test {
    struct cy_cli *run;
    struct cy_findings found;
    struct cy_peer_found peer;
    struct cy_client *client;
    struct cy_note_key log;
    bool has_log;
    int64_t skew_ms; /* its clock - ours */
    struct cy_checkpoint head;
    uint8_t *note;
    size_t n_note;
};

static cy_err get(struct test *t, const char *path, struct cy_client_answer *answer)
{
    char url[CY_CLI_URL_MAX];
    const struct cy_client_request request = {.url = url,
                                              .pin = t->peer.card.pin,
                                              .connect_ms = STEP_MS,
                                              .total_ms = STEP_MS,
                                              .answer_max = CY_NOTE_MAX};
    size_t n = strlen(t->peer.card.url);

    while (n > 0 && t->peer.card.url[n - 1] == '/')
        n--;
    (void)snprintf(url, sizeof url, "%.*s%s", (int)n, t->peer.card.url, path);
    return cy_client_do(t->client, &request, answer);
}

/* --- reaching it --- */

static void step(struct test *t, const char *check, uint64_t took_us, const char *what)
{
    struct cy_check_line f = {.check = check, .took_us = took_us};

    (void)snprintf(f.what, sizeof f.what, "%s", what);
    cy_finding_add(&t->found, &f);
}

/* Which step a failure to reach it belongs to, and what to do about it. */
static void unreached(struct test *t, cy_err err, const struct cy_client_answer *answer)
{
    const struct {
        enum cy_code code;
        const char *check;
        const char *remedy;
    } rows[] = {
        {CY_E_BAD_URL,      "name",    "write its address as https://HOST:PORT"                   },
        {CY_E_PEER_NAME,    "name",    "check the host in its card, and this machine's resolver"  },
        {CY_E_PEER_CONNECT, "connect",
         "is its daemon running, is the port right, does a firewall stand between"                },
        {CY_E_PEER_TIMEOUT, "connect",
         "nothing answers there: a firewall that drops, a wrong address, or a machine that is "
         "down"                                                                                   },
        {CY_E_PEER_TLS,     "tls",     "it must speak TLS 1.3; see what else listens on that port"},
        {CY_E_PEER_PIN,     "pin",
         "its TLS key is not the one in its card: ask its operator by another way (comity tls pin "
         "there); a new key needs a new card, anything else is an attack"                         },
    };
    const char *check = "http";
    const char *remedy = NULL;

    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        if (rows[i].code != err.code)
            continue;
        check = rows[i].check;
        remedy = rows[i].remedy;
    }
    cy_finding_err(&t->found, CY_FOUND_BAD, check, err, remedy, "%s",
                   answer->problem.status != 0 ? answer->problem.detail : answer->why);
}

static bool reach(struct test *t)
{
    struct cy_client_answer answer = {0};
    const cy_err err = get(t, "/healthz", &answer);
    const struct cy_client_times *times = &answer.times;
    const bool tls = strncmp(t->peer.card.url, "https:", 6) == 0;
    char words[200];

    if (times->name_us > 0 && times->address[0] != 0) {
        (void)snprintf(words, sizeof words, "%.100s is at %s", t->peer.card.url, times->address);
        step(t, "name", times->name_us, words);
    }
    if (times->connect_us > times->name_us)
        step(t, "connect", times->connect_us - times->name_us, "connected");
    if (times->tls_us > times->connect_us) {
        step(t, "tls", times->tls_us - times->connect_us, "TLS 1.3");
        if (t->peer.card.pin[0] != 0)
            step(t, "pin", 0, "its key is the one in its card");
        else
            step(t, "pin", 0, "no pin is known; the system's authorities vouch for it");
    } else if (!tls && times->connect_us > 0) {
        step(t, "tls", 0, "none: plain HTTP, on this machine only");
    }
    if (cy_ok(err))
        step(t, "http", times->total_us - (times->tls_us > 0 ? times->tls_us : times->connect_us),
             "it answers");
    else
        unreached(t, err, &answer);
    cy_client_answer_free(&answer);
    return cy_ok(err);
}

/* --- who it is --- */

static void compare(struct test *t, const char *check, const char *have, const char *want,
                    const char *what)
{
    if (want == NULL || want[0] == 0)
        cy_finding_good(&t->found, check, NULL, "%s %s", what, have);
    else if (strcmp(have, want) == 0)
        cy_finding_good(&t->found, check, NULL, "%s %s, as in its card", what, have);
    else
        cy_finding_err(&t->found, CY_FOUND_BAD, check, cy_fail(CY_E_OTHER_LOG, 0),
                       "the card is another cell's, or an old one: ask its operator for a new "
                       "peer.conf by a way you trust",
                       "%s %s; its card says %s", what, have, want);
}

/* Its clock, from the Date header: known to half a second and half the way there and back. */
static void look_at_clock(struct test *t, const char *date, cy_time before, cy_time after)
{
    const int64_t here = (int64_t)(before + after) / 2;
    const int64_t unsure = (int64_t)(after - before) / 2 + DATE_STEP_MS / 2;
    struct tm tm = {.tm_year = 0};
    json_t *figures = NULL;
    int64_t off = 0;

    if (strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &tm) == NULL) {
        cy_finding_err(&t->found, CY_FOUND_UNKNOWN, "clock", cy_fail(CY_E_PEER_ANSWER, 0), NULL,
                       "its answer tells no time");
        return;
    }
    t->skew_ms = (int64_t)timegm(&tm) * 1000 + DATE_STEP_MS / 2 - here;
    off = t->skew_ms < 0 ? -t->skew_ms : t->skew_ms;
    figures = json_pack("{s:I,s:I,s:I}", "skew_ms", (json_int_t)t->skew_ms, "uncertainty_ms",
                        (json_int_t)unsure, "round_trip_ms", (json_int_t)(after - before));
    if (off <= SKEW_WARN_MS + unsure) {
        cy_finding_good(&t->found, "clock", figures,
                        "its clock is %+lld ms from ours, give or take %lld", (long long)t->skew_ms,
                        (long long)unsure);
        return;
    }
    {
        struct cy_check_line f = {.check = "clock",
                                  .state =
                                      off > SKEW_BAD_MS + unsure ? CY_FOUND_BAD : CY_FOUND_WARN,
                                  .side = "peer",
                                  .remedy = "set the clock that is wrong, here or there (NTP); a "
                                            "minute apart, cosignatures are refused",
                                  .figures = figures};

        (void)snprintf(f.what, sizeof f.what, "its clock is %+lld ms from ours, give or take %lld",
                       (long long)t->skew_ms, (long long)unsure);
        (void)snprintf(f.why, sizeof f.why, "one of the two clocks is not set");
        cy_finding_add(&t->found, &f);
    }
}

static void look_at_ticks(struct test *t, const json_t *realm)
{
    const int64_t there = (int64_t)cy_cli_now() + t->skew_ms;
    cy_time now = 0;
    int64_t age = 0;
    json_t *figures = NULL;

    if (!cy_ok(cy_time_read(cy_span_text(cy_json_word(realm, "now")), &now)))
        return;
    age = there - (int64_t)now;
    figures = json_pack("{s:I}", "age_ms", (json_int_t)age);
    if (age <= HEAD_BAD_MS) {
        cy_finding_good(&t->found, "head age", figures, "its last tick is %lld s old",
                        (long long)age / 1000);
        return;
    }
    {
        struct cy_check_line f = {.check = "head age",
                                  .state = CY_FOUND_BAD,
                                  .side = "peer",
                                  .remedy =
                                      "tell its operator: comity doctor there says what stopped",
                                  .figures = figures};

        (void)snprintf(f.what, sizeof f.what, "its last tick is %lld s old", (long long)age / 1000);
        (void)snprintf(f.why, sizeof f.why, "its ledger's clock stands still");
        cy_finding_add(&t->found, &f);
    }
}

/* When its keys became current: the ledger key with genesis, the operator's with its last rotation.
 */
static void look_at_keys(struct test *t, const json_t *realm)
{
    char path[160];
    const struct cy_json_limits limits = {CY_NOTE_MAX, 16, true};
    struct cy_client_answer answer = {0};
    struct cy_json_fault fault;
    json_t *page = NULL;
    const json_t *keys = NULL;
    cy_time began = 0;
    cy_time since = 0;
    cy_time at = 0;
    int64_t log_days = 0;
    int64_t days = 0;
    json_t *figures = NULL;

    if (!cy_ok(cy_time_read(cy_span_text(cy_json_word(realm, "began")), &began)))
        return;
    (void)snprintf(path, sizeof path, "/v1/records/control?limit=1000&passport=%.64s",
                   cy_json_word(realm, "id"));
    if (cy_ok(get(t, path, &answer)) &&
        cy_ok(cy_json_parse(cy_span_of(answer.body, answer.n), &limits, &page, &fault)))
        keys = json_object_get(page, "items");
    for (size_t i = 0; i < json_array_size(keys); i++) {
        if (cy_ok(
                cy_time_read(cy_span_text(cy_json_word(json_array_get(keys, i), "since")), &at)) &&
            at > since)
            since = at;
    }
    json_decref(page);
    cy_client_answer_free(&answer);
    log_days = ((int64_t)cy_cli_now() - (int64_t)began) / DAY_MS;
    days = ((int64_t)cy_cli_now() - (int64_t)(since == 0 ? began : since)) / DAY_MS;
    figures = json_pack("{s:I,s:I}", "ledger_key_days", (json_int_t)log_days, "operator_key_days",
                        (json_int_t)days);
    if (days <= KEY_WARN_DAYS) {
        cy_finding_good(&t->found, "key age", figures,
                        "its ledger key is %lld days old, its operator's key %lld",
                        (long long)log_days, (long long)days);
        return;
    }
    {
        struct cy_check_line f = {.check = "key age",
                                  .state = CY_FOUND_WARN,
                                  .side = "peer",
                                  .remedy = "its operator rotates it: comity passport rotate",
                                  .figures = figures};

        (void)snprintf(f.what, sizeof f.what, "its operator's key is %lld days old",
                       (long long)days);
        (void)snprintf(f.why, sizeof f.why,
                       "a key that was never replaced is a key that nobody "
                       "has tried to replace");
        cy_finding_add(&t->found, &f);
    }
}

static bool look_at_realm(struct test *t)
{
    const struct cy_json_limits limits = {CY_NOTE_MAX, 16, true};
    struct cy_client_answer answer = {0};
    struct cy_json_fault fault;
    const cy_time before = cy_cli_now();
    cy_err err = get(t, "/v1/realm", &answer);
    const cy_time after = cy_cli_now();
    json_t *page = NULL;
    const json_t *realm = NULL;

    if (cy_ok(err))
        err = cy_json_parse(cy_span_of(answer.body, answer.n), &limits, &page, &fault);
    if (!cy_ok(err)) {
        cy_finding_err(&t->found, CY_FOUND_BAD, "realm", err, "is this a Comity cell?",
                       "/v1/realm: %s", answer.why[0] != 0 ? answer.why : answer.problem.detail);
        cy_client_answer_free(&answer);
        return false;
    }
    realm = json_object_get(page, "realm");
    compare(t, "origin", cy_json_word(realm, "name"), t->peer.card.origin, "its ledger is");
    compare(t, "ledger key", cy_json_word(page, "vkey"), t->peer.card.vkey,
            "its heads are signed by");
    if (cy_json_word(page, "witness_vkey")[0] != 0)
        compare(t, "witness key", cy_json_word(page, "witness_vkey"), t->peer.card.witness_vkey,
                "it cosigns with");
    look_at_clock(t, answer.date, before, after);
    look_at_ticks(t, realm);
    look_at_keys(t, realm);
    json_decref(page);
    cy_client_answer_free(&answer);
    return true;
}

/* --- its head --- */

static bool look_at_head(struct test *t)
{
    struct cy_client_answer answer = {0};
    struct cy_note note = {0};
    uint32_t cosigned = 0;
    cy_err err = get(t, "/checkpoint", &answer);

    if (cy_ok(err) && t->has_log)
        err = cy_checkpoint_verify(cy_span_of(answer.body, answer.n), &t->log, NULL, 0, 0, &t->head,
                                   &cosigned);
    if (cy_ok(err))
        err = cy_note_read(cy_span_of(answer.body, answer.n), &note);
    if (cy_ok(err))
        err = cy_checkpoint_read(note.text, &t->head);
    if (!cy_ok(err)) {
        cy_finding_err(&t->found, CY_FOUND_BAD, "head", err, NULL, "its checkpoint");
        cy_client_answer_free(&answer);
        return false;
    }
    cy_finding_good(&t->found, "head", json_pack("{s:I}", "size", (json_int_t)t->head.size),
                    "%llu entries, %s, %u signature lines", (unsigned long long)t->head.size,
                    t->has_log ? "signed by the key in its card" : "not held to any key (--vkey)",
                    (unsigned)note.n);
    t->note = answer.body; /* the head points into it */
    return true;
}

static cy_err seen_witness_key(void *user, const struct cy_signer_key *key)
{
    if (key->purpose == CY_PURPOSE_COSIGNATURE && cy_span_eq(key->label, cy_span_text("witness")))
        *(struct cy_id *)user = key->key;
    return CY_OK;
}

/* What this cell cosigned of that ledger: the signer remembers. */
static cy_err remembered(struct test *t, struct cy_signer_head *out)
{
    struct cy_id own = {{0}};

    *out = (struct cy_signer_head){.size = 0};
    CY_TRY(cy_cli_signer(t->run));
    CY_TRY(cy_signer_keys(t->run->signer, seen_witness_key, &own));
    if (cy_id_none(&own))
        return cy_fail(CY_E_SIGNER_KEY, 0);
    return cy_signer_head(t->run->signer, &own, t->head.origin, out);
}

static void look_at_history(struct test *t)
{
    struct cy_signer_head old;
    struct cy_source_tree *tree = malloc(sizeof *tree);
    struct cy_audit_source *source = NULL;
    cy_err err = remembered(t, &old);

    if (!cy_ok(err) || tree == NULL) {
        cy_finding_err(&t->found, CY_FOUND_UNKNOWN, "history", err, NULL,
                       "the signer here does not say what was cosigned");
    } else if (old.size == 0) {
        cy_finding_good(&t->found, "history", NULL, "no head of it was cosigned here yet");
    } else {
        err = cy_audit_source_open(t->peer.card.url, t->peer.card.pin, &source);
        if (cy_ok(err)) {
            err = cy_source_tree_open(tree, source, t->head.size, &t->head.root);
            if (cy_ok(err))
                err = cy_source_tree_follows(tree, old.size, &old.root);
            cy_source_tree_close(tree);
        }
        if (cy_ok(err))
            cy_finding_good(&t->found, "history",
                            json_pack("{s:I,s:I}", "cosigned", (json_int_t)old.size, "size",
                                      (json_int_t)t->head.size),
                            "its head goes on from the one over %llu that was cosigned here",
                            (unsigned long long)old.size);
        else
            cy_finding_err(&t->found, err.code == CY_E_HEAD_FORK ? CY_FOUND_BAD : CY_FOUND_UNKNOWN,
                           "history", err,
                           err.code == CY_E_HEAD_FORK
                               ? "keep both heads: DIR/data/witness and /checkpoint there; they "
                                 "show two histories to everybody"
                               : NULL,
                           "its head over %llu against the one over %llu that was cosigned here",
                           (unsigned long long)t->head.size, (unsigned long long)old.size);
        cy_audit_source_close(source);
    }
    free(tree);
    t->run->why[0] = 0;
}

/* --- would it cosign ours --- */

static void look_at_cosigning(struct test *t)
{
    struct cy_note_key own;
    struct cy_note_key key;
    struct cy_witness_place place = {.name = t->peer.card.origin,
                                     .url = t->peer.card.url,
                                     .pin = t->peer.card.pin,
                                     .key = &key,
                                     .total_ms = STEP_MS};
    struct cy_witness_known *known = malloc(sizeof *known);
    struct cy_client_answer answer = {0};
    struct cy_checkpoint head;
    uint32_t cosigned = 0;
    cy_err err = known == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                               : cy_note_vkey_read(cy_span_text(t->run->home.settings.vkey), &own);

    if (cy_ok(err))
        err = cy_cli_fetch(t->run, "/checkpoint", CY_NOTE_MAX, &answer);
    if (cy_ok(err))
        err = cy_checkpoint_verify(cy_span_of(answer.body, answer.n), &own, NULL, 0, 0, &head,
                                   &cosigned);
    if (!cy_ok(err)) {
        cy_finding_err(&t->found, CY_FOUND_UNKNOWN, "cosigning", err,
                       "start our own daemon, or give --url", "our own head is not at hand");
    } else {
        if (!cy_ok(cy_note_vkey_read(cy_span_text(t->peer.card.witness_vkey), &key)))
            place.key = NULL;
        err = cy_witness_ask(t->client, &place, &own, cy_span_of(answer.body, answer.n), head.size,
                             known);
        if (cy_ok(err) && known->size <= head.size)
            cy_finding_good(&t->found, "cosigning",
                            json_pack("{s:I,s:I}", "known", (json_int_t)known->size, "size",
                                      (json_int_t)head.size),
                            "it knows our head over %llu, of %llu", (unsigned long long)known->size,
                            (unsigned long long)head.size);
        else if (cy_ok(err))
            cy_finding_err(&t->found, CY_FOUND_BAD, "cosigning",
                           cy_fail(CY_E_HEAD_ROLLBACK, known->size), NULL,
                           "it knows a head of ours over %llu, we have %llu",
                           (unsigned long long)known->size, (unsigned long long)head.size);
        else
            cy_finding_err(&t->found, CY_FOUND_BAD, "cosigning", err,
                           "its operator adds our peer.conf: comity peer add --cosign, and starts "
                           "comityd again",
                           "it does not take our head");
    }
    cy_client_answer_free(&answer);
    free(known);
    t->run->why[0] = 0;
}

/* --- the command --- */

static void test_all(struct test *t)
{
    if (!reach(t) || !look_at_realm(t) || !look_at_head(t))
        return;
    if (t->peer.card.cosign)
        look_at_history(t);
    if (t->peer.card.witness)
        look_at_cosigning(t);
}

int cy_cli_peer_test(struct cy_cli *run)
{
    const char *word = run->args.n_words > 2 ? run->args.words[2] : NULL;
    const char *vkey = cy_cli_arg(&run->args, "vkey");
    struct test *t = cy_arena_zero(&run->arena, sizeof *t);
    cy_err err = CY_OK;
    int code = 0;

    if (t == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    if (word == NULL)
        return cy_cli_wrong(run, "write: comity peer test NAME or URL");
    t->run = run;
    err = cy_peer_find(run, word, &t->peer);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (cy_cli_arg(&run->args, "pin") != NULL)
        t->peer.card.pin = cy_cli_arg(&run->args, "pin");
    if (vkey == NULL && t->peer.card.vkey[0] != 0)
        vkey = t->peer.card.vkey;
    t->has_log = vkey != NULL && cy_ok(cy_note_vkey_read(cy_span_text(vkey), &t->log));
    t->client = cy_client_new();
    cy_findings_begin(&t->found, run);
    if (t->client != NULL)
        test_all(t);
    code = cy_findings_end(&t->found);
    free(t->note);
    cy_client_free(t->client);
    cy_config_free(t->peer.config);
    return code;
}
