#include "host/cli/cli_send.h"

#include "host/json/json.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define TRIES 40u
#define WAIT_MS 100
#define SENDERS 8u
#define RECEIPT_MAX ((size_t)8 << 20)

const struct cy_cli_option cy_cli_send_options[] = {
    {"for",       "NAME",    "act for this passport, under its delegation"                              },
    {"key",       "LABEL",   "sign with this key of the signer; repeat for several signatures"          },
    {"valid",     "SECONDS", "the act may be recorded within this time (600)"                           },
    {"wait",      "LEVEL",   "recorded, witnessed (enough witnesses cosigned), or in a federation final"},
    {"witnesses", "K",       "wait until so many witnesses cosigned (what the daemon is set to)"        },
    {"receipt",   "FILE",    "also write the receipt there; `comity verify FILE` proves it offline"     },
    {"alias",     "NAME",    "remember what the act creates under this name"                            },
    {NULL,        NULL,      NULL                                                                       },
};

bool cy_cli_born(const struct cy_schema *schema)
{
    return schema == &cy_schema_passport_create || schema == &cy_schema_genesis;
}

/* --- who signs --- */

static cy_err keys_given(struct cy_cli *run, struct cy_cli_author *out)
{
    const char *label = NULL;
    char name[80];
    size_t at = 0;

    while ((label = cy_cli_arg_next(&run->args, "key", &at)) != NULL) {
        if (out->by.n_keys == CY_SIGNERS_MAX)
            return cy_fail(CY_E_RANGE, CY_SIGNERS_MAX);
        (void)snprintf(name, sizeof name, "key:%.64s", label);
        CY_TRY(cy_cli_id(run, NULL, name, &out->keys[out->by.n_keys++]));
    }
    return CY_OK;
}

static cy_err read_valid(struct cy_cli *run, uint32_t *valid_s)
{
    const char *text = cy_cli_arg(&run->args, "valid");
    uint64_t n = CY_CLI_VALID_S;

    if (text != NULL && (!cy_ok(cy_u64_read(cy_span_text(text), &n)) || n == 0 || n > 86400)) {
        cy_cli_note(run, "--valid is a number of seconds, 1 to 86400");
        return cy_fail(CY_E_USAGE, 0);
    }
    *valid_s = (uint32_t)n;
    return CY_OK;
}

/* The ids of both, and the key that is known of the author unless keys are given. */
static cy_err find_author(struct cy_cli *run, const char *as, const char *principal,
                          struct cy_cli_author *out)
{
    const struct cy_alias *alias = NULL;

    if (as[0] == '@')
        as++;
    CY_TRY(cy_cli_id(run, NULL, as, &out->by.author));
    if (principal != NULL)
        CY_TRY(cy_cli_id(run, NULL, principal, &out->by.subject));
    if (out->by.n_keys > 0)
        return CY_OK;
    alias = cy_home_alias_of(&run->home, &out->by.author);
    if (alias == NULL || cy_id_none(&alias->key)) {
        cy_cli_note(run, "no key of %s is known here; name one with --key LABEL", as);
        return cy_fail(CY_E_NO_NAME, 0);
    }
    out->keys[out->by.n_keys++] = alias->key;
    return CY_OK;
}

cy_err cy_cli_author_named(struct cy_cli *run, const char *as, const char *principal,
                           uint32_t valid_s, struct cy_cli_author *out)
{
    *out = (struct cy_cli_author){.by.valid_s = valid_s};
    out->by.keys = out->keys;
    CY_TRY(cy_cli_realm(run, &out->by.realm));
    return find_author(run, as, principal, out);
}

cy_err cy_cli_author_of(struct cy_cli *run, const char *as, bool born, struct cy_cli_author *out)
{
    *out = (struct cy_cli_author){0};
    out->by.keys = out->keys;
    CY_TRY(read_valid(run, &out->by.valid_s));
    CY_TRY(keys_given(run, out));
    CY_TRY(cy_cli_realm(run, &out->by.realm));
    if (born)
        return CY_OK;
    return find_author(run, as == NULL ? run->as : as, cy_cli_arg(&run->args, "for"), out);
}

cy_err cy_cli_sign(struct cy_cli *run, const struct cy_act_author *by,
                   const struct cy_schema *schema, const void *message, struct cy_span *act)
{
    struct cy_act_draft draft = {.by = by, .schema = schema, .message = message};

    CY_TRY(cy_cli_signer(run));
    CY_TRY(cy_sign_acts(run->signer, &draft, 1, cy_cli_now() / 1000, &run->arena));
    *act = draft.envelope;
    return CY_OK;
}

/* --- one act --- */

static void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    (void)nanosleep(&t, NULL);
}

static bool soft(cy_err err)
{
    return cy_err_info(err.code)->kind == CY_ERR_soft && err.code != CY_E_NO_ROOM &&
           err.code != CY_E_PEER_CONNECT;
}

/* Sends once, and again while the daemon is only busy. */
static cy_err send_act(struct cy_client *client, const char *url, const char *pin,
                       struct cy_span act, struct cy_client_answer *answer)
{
    const struct cy_client_request request = {.url = url,
                                              .pin = pin,
                                              .type = "application/cose",
                                              .body = act,
                                              .answer_max = RECEIPT_MAX,
                                              .total_ms = 120000};
    cy_err err = CY_OK;

    for (unsigned i = 0; i < TRIES; i++) {
        *answer = (struct cy_client_answer){0};
        err = cy_client_do(client, &request, answer);
        if (!soft(err) || i + 1 == TRIES)
            break;
        cy_client_answer_free(answer);
        pause_ms(WAIT_MS * (long)(i < 10 ? i + 1 : 10));
    }
    return err;
}

static cy_err act_url(struct cy_cli *run, bool quiet, char out[static CY_CLI_URL_MAX])
{
    const char *wait = cy_cli_arg(&run->args, "wait");
    const char *witnesses = cy_cli_arg(&run->args, "witnesses");
    char path_bytes[160];
    struct cy_text path = cy_text_on(path_bytes, sizeof path_bytes);

    cy_text_add(&path, "/v1/acts?effects=");
    cy_text_add(&path, quiet ? "0" : "1");
    if (run->dry)
        cy_text_add(&path, run->unsure ? "&dry=1&unsigned=1" : "&dry=1");
    if (wait != NULL && !run->dry) {
        cy_text_add(&path, "&wait=");
        cy_cli_escape(&path, wait);
    }
    if (witnesses != NULL && !run->dry) {
        cy_text_add(&path, "&witnesses=");
        cy_cli_escape(&path, witnesses);
    }
    return path.full ? cy_fail(CY_E_USAGE, 0) : cy_cli_url(run, path_bytes, out);
}

static cy_err add_entry(json_t *receipt, struct cy_span act)
{
    char *text = malloc(cy_base64_size(act.n) + 1);
    int bad = 1;

    if (text == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    cy_base64(act.at, act.n, text);
    bad = json_object_set_new(receipt, "entry", json_string(text));
    free(text);
    return bad == 0 ? CY_OK : cy_fail(CY_E_NO_MEMORY, 0);
}

cy_err cy_cli_post(struct cy_cli *run, struct cy_span act, json_t **receipt)
{
    static const struct cy_json_limits limits = {RECEIPT_MAX, 32, false};
    struct cy_client_answer answer = {0};
    struct cy_json_fault fault = {0};
    char url[CY_CLI_URL_MAX];
    cy_err err = CY_OK;

    *receipt = NULL;
    if (run->http == NULL)
        run->http = cy_client_new();
    if (run->http == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(act_url(run, false, url));
    err = send_act(run->http, url, run->pin, act, &answer);
    if (!cy_ok(err))
        cy_cli_note(run, "%s", answer.problem.status != 0 ? answer.problem.detail : answer.why);
    else
        err = cy_json_parse(cy_span_of(answer.body, answer.n), &limits, receipt, &fault);
    cy_client_answer_free(&answer);
    if (cy_ok(err) && !run->dry)
        err = add_entry(*receipt, act);
    return err;
}

cy_err cy_cli_do(struct cy_cli *run, const struct cy_act_author *by, const struct cy_schema *schema,
                 const void *message, json_t **receipt)
{
    struct cy_span act;

    *receipt = NULL;
    CY_TRY(cy_cli_sign(run, by, schema, message, &act));
    return cy_cli_post(run, act, receipt);
}

/* --- receipts --- */

bool cy_cli_receipt_id(const json_t *receipt, struct cy_id *id)
{
    const char *text = json_string_value(json_object_get(receipt, "act"));

    return text != NULL && cy_ok(cy_hex_read(cy_span_text(text), id->b, sizeof id->b));
}

static void show_effects(struct cy_cli *run, const json_t *effects)
{
    for (size_t i = 0; i < json_array_size(effects); i++) {
        const json_t *effect = json_array_get(effects, i);
        const char *record = json_string_value(json_object_get(effect, "record"));
        const char *change = json_string_value(json_object_get(effect, "change"));
        char *value = json_dumps(json_object_get(effect, "value"), JSON_COMPACT);

        if (record != NULL && change != NULL && strcmp(record, "seen") != 0 &&
            strcmp(record, "realm") != 0)
            (void)fprintf(run->out, "  %s %s %.400s\n", change, record, value == NULL ? "" : value);
        free(value);
    }
}

static void show_people(struct cy_cli *run, const json_t *receipt)
{
    const char *say = json_string_value(json_object_get(receipt, "say"));
    const char *id = json_string_value(json_object_get(receipt, "act"));
    const char *time = json_string_value(json_object_get(receipt, "time"));
    const char *level = json_string_value(json_object_get(receipt, "level"));
    const json_t *index = json_object_get(receipt, "index");

    if (say != NULL)
        (void)fprintf(run->out, "%s\n", say);
    if (run->dry) {
        (void)fputs("would be accepted; nothing was recorded. Effects:\n", run->out);
        show_effects(run, json_object_get(receipt, "effects"));
        return;
    }
    (void)fprintf(
        run->out, "%s as entry %lld%s%s%s\nid %s\n", level == NULL ? "recorded" : level,
        (long long)json_integer_value(index), time == NULL ? "" : " at ", time == NULL ? "" : time,
        json_is_true(json_object_get(receipt, "repeated")) ? " (it stood there already)" : "",
        id == NULL ? "" : id);
}

int cy_cli_receipt_show(struct cy_cli *run, json_t *receipt)
{
    const char *path = cy_cli_arg(&run->args, "receipt");
    cy_err err = CY_OK;

    if (path != NULL && !run->dry) {
        char *text = json_dumps(receipt, JSON_INDENT(2));

        err = text == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                           : cy_cli_write_file(run, path, cy_span_text(text));
        free(text);
    }
    if (!cy_ok(err)) {
        json_decref(receipt);
        return cy_cli_fail(run, err, NULL);
    }
    if (run->json)
        return cy_cli_print(run, receipt);
    show_people(run, receipt);
    json_decref(receipt);
    return CY_EXIT_OK;
}

int cy_cli_do_show(struct cy_cli *run, cy_err err, const struct cy_schema *schema,
                   const void *message)
{
    struct cy_cli_author author;
    json_t *receipt = NULL;

    if (cy_ok(err))
        err = cy_cli_author_of(run, NULL, false, &author);
    if (cy_ok(err))
        err = cy_cli_do(run, &author.by, schema, message, &receipt);
    if (!cy_ok(err)) {
        json_decref(receipt);
        return cy_cli_fail(run, err, NULL);
    }
    return cy_cli_receipt_show(run, receipt);
}

/* --- many acts --- */

struct senders {
    const struct cy_cli_many *many;
    const char *url;
    const char *pin;
    pthread_mutex_t lock;
    size_t next;
    size_t done;
    cy_err trouble;
};

static void read_id(const struct cy_client_answer *answer, struct cy_id *id)
{
    const struct cy_json_limits limits = {RECEIPT_MAX, 32, false};
    struct cy_json_fault fault;
    json_t *receipt = NULL;

    if (cy_ok(cy_json_parse(cy_span_of(answer->body, answer->n), &limits, &receipt, &fault)))
        (void)cy_cli_receipt_id(receipt, id);
    json_decref(receipt);
}

static void send_one(struct senders *s, struct cy_client *client, size_t i)
{
    struct cy_client_answer answer = {0};
    const cy_err err = send_act(client, s->url, s->pin, s->many->acts[i], &answer);

    s->many->errors[i] = err;
    if (cy_ok(err) && s->many->ids != NULL)
        read_id(&answer, &s->many->ids[i]);
    cy_client_answer_free(&answer);
    pthread_mutex_lock(&s->lock);
    s->done++;
    if (cy_err_info(err.code)->kind == CY_ERR_soft || cy_err_info(err.code)->kind == CY_ERR_hard)
        s->trouble = err;
    if (s->many->progress != NULL)
        s->many->progress(s->many->user, s->done, s->many->n);
    pthread_mutex_unlock(&s->lock);
}

static void *sender_main(void *arg)
{
    struct senders *s = arg;
    struct cy_client *client = cy_client_new();
    bool more = client != NULL;

    while (more) {
        size_t i = 0;

        pthread_mutex_lock(&s->lock);
        i = s->next;
        more = i < s->many->n && cy_ok(s->trouble);
        if (more)
            s->next++;
        pthread_mutex_unlock(&s->lock);
        if (more)
            send_one(s, client, i);
    }
    cy_client_free(client);
    return NULL;
}

cy_err cy_cli_post_many(struct cy_cli *run, const struct cy_cli_many *many)
{
    struct senders s = {.many = many, .pin = run->pin};
    char url[CY_CLI_URL_MAX];
    pthread_t threads[SENDERS];
    unsigned n = 0;

    if (run->http == NULL) /* the first client is made before threads start */
        run->http = cy_client_new();
    if (run->http == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(act_url(run, true, url));
    s.url = url;
    for (size_t i = 0; i < many->n; i++)
        many->errors[i] = cy_fail(CY_E_STOPPING, 0);
    pthread_mutex_init(&s.lock, NULL);
    while (n < SENDERS && n < many->n && pthread_create(&threads[n], NULL, sender_main, &s) == 0)
        n++;
    for (unsigned i = 0; i < n; i++)
        (void)pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&s.lock);
    if (n == 0 && many->n > 0)
        return cy_fail(CY_E_NO_MEMORY, 0);
    return s.trouble;
}
