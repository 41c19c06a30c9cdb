#include "host/cli/cli_admin.h"

#include "crypto/note_key.h"
#include "crypto/secret.h"
#include "host/admin/admin.h"
#include "host/cli/cli_name.h"
#include "host/cli/cli_peer.h"
#include "host/cli/cli_send.h"
#include "host/cli/cli_trail.h"
#include "host/json/json.h"

#include <stdlib.h>

#define ANSWER_MAX ((size_t)8 << 20)
#define TARGET_MAX 512u

const struct cy_cli_option cy_cli_admin_options[] = {
    {"peer",    "FILE",   "peer.add: the other cell's peer.conf, or its directory"            },
    {"witness", NULL,     "peer.add: it cosigns our heads"                                    },
    {"cosign",  NULL,     "peer.add: we cosign its heads"                                     },
    {"origin",  "ORIGIN", "peer.remove: which cell"                                           },
    {"level",   "LEVEL",  "log-level: error, warn, info or debug"                             },
    {"since",   "N",      "log: from the line with this number on (1)"                        },
    {"limit",   "N",      "log: at most so many lines (100)"                                  },
    {"file",    "FILE",   "log: read this file, without a daemon, and check its chain"        },
    {"local",   NULL,     "log: read the file of --dir, without a daemon, and check its chain"},
    {NULL,      NULL,     NULL                                                                },
};

const struct cy_cli_option cy_cli_admin_role_options[] = {
    {"role", "ROLE", "operator or auditor"},
    {"days", "N",    "for so long (365)"  },
    {NULL,   NULL,   NULL                 },
};

/* --- a signed request --- */

/* The ledger's name: as the verifier key has it, so that no other server can put itself between. */
static cy_err origin_of(struct cy_cli *run, struct cy_span *out)
{
    const char *vkey = run->home.settings.vkey;
    struct cy_note_key key;
    json_t *realm = NULL;
    const char *name = NULL;
    char *keep = NULL;

    if (vkey != NULL && vkey[0] != 0 && cy_ok(cy_note_vkey_read(cy_span_text(vkey), &key))) {
        *out = key.name;
        return CY_OK;
    }
    CY_TRY(cy_cli_fetch_json(run, "/v1/realm", &realm));
    name = json_string_value(json_object_get(json_object_get(realm, "realm"), "name"));
    keep = name == NULL ? NULL : cy_arena_take(&run->arena, strlen(name) + 1);
    if (keep != NULL)
        memcpy(keep, name, strlen(name) + 1);
    json_decref(realm);
    if (keep == NULL)
        return cy_fail(CY_E_PEER_ANSWER, 0);
    *out = cy_span_text(keep);
    return CY_OK;
}

/* "Authorization: Comity ..." */
static cy_err sign_header(struct cy_cli *run, const char *method, const char *target,
                          struct cy_span body, struct cy_text *header)
{
    struct cy_statement statement = {.method = cy_span_text(method),
                                     .target = cy_span_text(target),
                                     .body = cy_sha256(body),
                                     .time_ms = cy_cli_now()};
    uint8_t payload_room[CY_STATEMENT_PAYLOAD_MAX];
    uint8_t room[CY_STATEMENT_MAX];
    struct cy_cbor_writer payload = cy_cbor_write(payload_room, sizeof payload_room);
    struct cy_cbor_writer out = cy_cbor_write(room, sizeof room);
    struct cy_cli_author author;
    struct cy_signature signature;

    CY_TRY(cy_cli_author_named(run, run->as, NULL, 60, &author));
    CY_TRY(origin_of(run, &statement.origin));
    statement.passport = author.by.author;
    cy_random(statement.nonce, sizeof statement.nonce);
    CY_TRY(cy_statement_payload_write(&statement, &payload));
    CY_TRY(cy_cli_signer(run));
    CY_TRY(
        cy_signer_statement(run->signer, &author.keys[0], cy_cbor_written(&payload), &signature));
    CY_TRY(cy_statement_write(&author.keys[0], cy_cbor_written(&payload), signature.b, &out));
    cy_text_add(header, "Authorization: Comity ");
    cy_text_base64(header, cy_cbor_written(&out));
    return header->full ? cy_fail(CY_E_TOO_LARGE, header->cap) : CY_OK;
}

static cy_err ask(struct cy_cli *run, const struct cy_action *action, const char *target,
                  struct cy_span body, json_t **out)
{
    static const struct cy_json_limits limits = {ANSWER_MAX, 16, true};
    char header_bytes[CY_STATEMENT_MAX * 2];
    struct cy_text header = cy_text_on(header_bytes, sizeof header_bytes);
    const char *const headers[] = {header_bytes};
    char url[CY_CLI_URL_MAX];
    const struct cy_client_request request = {.method = action->method,
                                              .url = url,
                                              .pin = run->pin,
                                              .type = body.n > 0 ? "application/json" : NULL,
                                              .body = body,
                                              .headers = headers,
                                              .headers_n = 1,
                                              .answer_max = ANSWER_MAX};
    struct cy_client_answer answer = {0};
    struct cy_json_fault fault = {0};
    cy_err err = sign_header(run, action->method, target, body, &header);

    *out = NULL;
    CY_TRY(err);
    if (run->http == NULL)
        run->http = cy_client_new();
    if (run->http == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(cy_cli_url(run, target, url));
    err = cy_client_do(run->http, &request, &answer);
    if (!cy_ok(err))
        cy_cli_note(run, "%s", answer.problem.detail[0] != 0 ? answer.problem.detail : answer.why);
    else
        err = cy_json_parse(cy_span_of(answer.body, answer.n), &limits, out, &fault);
    cy_client_answer_free(&answer);
    return err;
}

/* --- what is sent --- */

static cy_err print_body(struct cy_cli *run, json_t *value, struct cy_span *out)
{
    char *text = json_dumps(value, JSON_COMPACT);
    const size_t n = text == NULL ? 0 : strlen(text);
    char *keep = text == NULL ? NULL : cy_arena_take(&run->arena, n);

    json_decref(value);
    if (keep != NULL)
        memcpy(keep, text, n);
    free(text);
    if (keep == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    *out = cy_span_of(keep, n);
    return CY_OK;
}

static cy_err peer_body(struct cy_cli *run, struct cy_span *out)
{
    struct cy_config *config = NULL;
    struct cy_peer peer;
    json_t *body = NULL;

    CY_TRY(cy_cli_peer_given(run, &peer, &config));
    body = json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:b}", "origin", peer.origin, "url", peer.url, "pin",
                     peer.pin, "vkey", peer.vkey, "witness_vkey", peer.witness_vkey, "witness",
                     peer.witness ? 1 : 0, "cosign", peer.cosign ? 1 : 0);
    cy_config_free(config);
    return print_body(run, body, out);
}

static cy_err need(struct cy_cli *run, const char *option, const char **out)
{
    *out = cy_cli_arg(&run->args, option);
    if (*out != NULL)
        return CY_OK;
    cy_cli_note(run, "give --%s", option);
    return cy_fail(CY_E_USAGE, 0);
}

static cy_err prepare(struct cy_cli *run, unsigned number, struct cy_text *target,
                      struct cy_span *body)
{
    const char *since = cy_cli_arg(&run->args, "since");
    const char *limit = cy_cli_arg(&run->args, "limit");
    const char *word = NULL;

    cy_text_add(target, cy_action_at(number)->pattern);
    switch ((enum cy_action_number)number) {
    case CY_ACTION_PEER_ADD: return peer_body(run, body);
    case CY_ACTION_PEER_REMOVE:
        CY_TRY(need(run, "origin", &word));
        *target = cy_text_on(target->at, target->cap);
        cy_text_add(target, "/v1/admin/peers/");
        cy_text_add(target, word);
        return target->full ? cy_fail(CY_E_USAGE, 0) : CY_OK;
    case CY_ACTION_LOG_LEVEL:
        CY_TRY(need(run, "level", &word));
        return print_body(run, json_pack("{s:s}", "level", word), body);
    case CY_ACTION_LOG:
        cy_text_add(target, "?since=");
        cy_cli_escape(target, since == NULL ? "1" : since);
        cy_text_add(target, "&limit=");
        cy_cli_escape(target, limit == NULL ? "100" : limit);
        return target->full ? cy_fail(CY_E_USAGE, 0) : CY_OK;
    case CY_ACTION_ME:
    case CY_ACTION_CONFIG:
    case CY_ACTION_PEERS:
    case CY_ACTION_KEYS:
    case CY_ACTION_SNAPSHOT:
    case CY_ACTION_STOP:
    case CY_ACTIONS: break;
    }
    return CY_OK;
}

/* --- what is shown --- */

static void show_line(struct cy_cli *run, const json_t *line)
{
    const char *what = cy_json_word(line, "what");
    const char *code = cy_json_word(line, "code");

    (void)fprintf(run->out, "%5lld  %s  %-12s %-8s %s%s%s%s from %s%s%s%s%s\n",
                  (long long)json_integer_value(json_object_get(line, "seq")),
                  cy_json_word(line, "time"), cy_json_word(line, "action"),
                  cy_json_word(line, "outcome"), cy_json_word(line, "name"),
                  cy_json_word(line, "role")[0] != 0 ? " (" : "", cy_json_word(line, "role"),
                  cy_json_word(line, "role")[0] != 0 ? ")" : "", cy_json_word(line, "from"),
                  what[0] != 0 ? ": " : "", what, code[0] != 0 ? ": " : "", code);
}

static int broken(struct cy_cli *run, long long at)
{
    return cy_cli_fail(run, cy_fail(CY_E_TRAIL_BROKEN, (uint64_t)at), NULL);
}

static int show_log(struct cy_cli *run, const json_t *answer)
{
    const json_t *lines = json_object_get(answer, "lines");

    for (size_t i = 0; i < json_array_size(lines); i++)
        show_line(run, json_array_get(lines, i));
    if (json_is_true(json_object_get(answer, "whole")))
        return CY_EXIT_OK;
    return broken(run, (long long)json_integer_value(json_object_get(answer, "broken_at")));
}

static int show(struct cy_cli *run, unsigned number, json_t *answer)
{
    int code = CY_EXIT_OK;

    if (run->json)
        return cy_cli_print(run, answer);
    if (number == CY_ACTION_LOG) {
        code = show_log(run, answer);
    } else if (json_is_true(json_object_get(answer, "done"))) {
        (void)fprintf(run->out, "done%s\n",
                      json_is_true(json_object_get(answer, "restart_needed"))
                          ? "; it holds from the daemon's next start on (comity admin stop, where "
                            "a supervisor starts it again)"
                          : "");
    } else {
        (void)json_dumpf(answer, run->out, JSON_INDENT(2));
        (void)fputc('\n', run->out);
    }
    json_decref(answer);
    return code;
}

/* --- the log without a daemon --- */

struct reading {
    struct cy_cli *run;
    uint64_t left;
};

static bool read_line(void *user, uint64_t seq, struct cy_span line)
{
    struct reading *reading = user;
    json_t *object = NULL;

    (void)seq;
    if (reading->left == 0)
        return true; /* the chain is looked at to its end */
    reading->left--;
    if (reading->run->json) {
        (void)fwrite(line.at, 1, line.n, reading->run->out);
        (void)fputc('\n', reading->run->out);
        return true;
    }
    object = json_loadb((const char *)line.at, line.n, 0, NULL);
    show_line(reading->run, object);
    json_decref(object);
    return true;
}

static int read_log(struct cy_cli *run, const char *file)
{
    const char *since = cy_cli_arg(&run->args, "since");
    const char *limit = cy_cli_arg(&run->args, "limit");
    struct reading reading = {run, UINT64_MAX};
    char path[CY_TRAIL_PATH_MAX];
    uint64_t from = 1;
    cy_err err = CY_OK;

    if ((since != NULL && !cy_ok(cy_u64_read(cy_span_text(since), &from))) ||
        (limit != NULL && !cy_ok(cy_u64_read(cy_span_text(limit), &reading.left))))
        return cy_cli_wrong(run, "--since and --limit are whole numbers");
    if (file == NULL && run->home.dir[0] == 0)
        return cy_cli_wrong(run, "--local needs the directory of a cell: --dir DIR");
    if (file == NULL)
        cy_cli_trail_path(run, path);
    else
        (void)snprintf(path, sizeof path, "%.1100s", file);
    err = cy_trail_walk(path, from, read_line, &reading);
    if (err.code == CY_E_TRAIL_BROKEN)
        cy_cli_note(run, "%s: line %u", path, err.detail);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

/* --- commands --- */

int cy_cli_admin(struct cy_cli *run)
{
    const char *verb = run->args.n_words > 1 ? run->args.words[1] : "";
    const char *file = cy_cli_arg(&run->args, "file");
    char target_bytes[TARGET_MAX];
    struct cy_text target = cy_text_on(target_bytes, sizeof target_bytes);
    struct cy_span body = {NULL, 0};
    json_t *answer = NULL;
    unsigned number = 0;
    cy_err err = CY_OK;

    while (cy_action_at(number) != NULL && strcmp(cy_action_at(number)->name, verb) != 0)
        number++;
    if (cy_action_at(number) == NULL)
        return cy_cli_wrong(run, "there is no action \"%s\": see comity help admin", verb);
    if (number == CY_ACTION_LOG && (file != NULL || cy_cli_arg_on(&run->args, "local")))
        return read_log(run, file);
    err = prepare(run, number, &target, &body);
    if (cy_ok(err))
        err = ask(run, cy_action_at(number), target_bytes, body, &answer);
    return cy_ok(err) ? show(run, number, answer) : cy_cli_fail(run, err, NULL);
}

int cy_cli_admin_status(struct cy_cli *run)
{
    json_t *answer = NULL;
    const cy_err err = cy_cli_fetch_json(run, "/v1/operator", &answer);

    return cy_ok(err) ? show(run, CY_ACTIONS, answer) : cy_cli_fail(run, err, NULL);
}

/* --- offices --- */

static cy_err read_office(struct cy_cli *run, struct cy_id *holder, struct cy_label *role)
{
    const char *word = NULL;

    if (run->args.n_words < 3) {
        cy_cli_note(run, "say whom: comity admin %s NAME --role ROLE", run->args.words[1]);
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(need(run, "role", &word));
    if (strcmp(word, "operator") != 0 && strcmp(word, "auditor") != 0) {
        cy_cli_note(run, "--role is operator or auditor; every passport is an observer");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(cy_cli_id(run, "passport", run->args.words[2], holder));
    return cy_label_of(cy_span_text(word), role);
}

int cy_cli_admin_grant(struct cy_cli *run)
{
    const char *days_text = cy_cli_arg(&run->args, "days");
    struct cy_mantle_create create = {.term_ms_most = (uint64_t)36500 * CY_DAY_MS};
    struct cy_mantle_grant grant = {0};
    struct cy_cli_author author;
    uint64_t days = 365;
    json_t *receipt = NULL;
    cy_err err = read_office(run, &grant.holder, &grant.role);

    if (days_text != NULL &&
        (!cy_ok(cy_u64_read(cy_span_text(days_text), &days)) || days == 0 || days > 36500))
        return cy_cli_wrong(run, "--days is 1 to 36500");
    if (cy_ok(err))
        err = cy_cli_author_named(run, run->as, NULL, 600, &author);
    if (cy_ok(err)) {
        create.role = grant.role;
        (void)cy_line_of(cy_span_text("looks after the cell: SPEC, Administration"), &create.duties)
            .code;
        err = cy_cli_do(run, &author.by, &cy_schema_mantle_create, &create, &receipt);
        json_decref(receipt);
        receipt = NULL;
        err = err.code == CY_E_EXISTS ? CY_OK : err; /* the office is there */
    }
    if (cy_ok(err)) {
        run->why[0] = 0;
        grant.until = cy_cli_now() + days * CY_DAY_MS;
        err = cy_cli_do(run, &author.by, &cy_schema_mantle_grant, &grant, &receipt);
    }
    return cy_ok(err) ? cy_cli_receipt_show(run, receipt) : cy_cli_fail(run, err, NULL);
}

int cy_cli_admin_revoke(struct cy_cli *run)
{
    struct cy_mantle_end end = {.reason = {0}};
    struct cy_cli_author author;
    json_t *receipt = NULL;
    cy_err err = read_office(run, &end.holder, &end.role);

    if (cy_ok(err))
        err = cy_cli_author_named(run, run->as, NULL, 600, &author);
    if (cy_ok(err)) {
        end.body = author.by.realm;
        err = cy_cli_do(run, &author.by, &cy_schema_mantle_end, &end, &receipt);
    }
    return cy_ok(err) ? cy_cli_receipt_show(run, receipt) : cy_cli_fail(run, err, NULL);
}
