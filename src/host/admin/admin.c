#include "host/admin/admin.h"

#include "host/json/json.h"
#include "host/system/log.h"
#include "host/system/peers.h"
#include "wire/print.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define STRANGERS_MOST 30u /* lines about refused strangers in a minute */
#define MINUTE_MS 60000u
#define SIGNER_MS 5000u
#define SNAPSHOT_TRIES 1500u /* of 20 ms */
#define LOG_LINES_MAX 1000u
#define JSON_TYPE "application/json"

static const struct cy_action actions_[CY_ACTIONS] = {
#define CY_ACTION(NAME, name, method, pattern, role, changes, body, queries, answers, refusals,    \
                  doc)                                                                             \
    [CY_ACTION_##                                                                                  \
        NAME] = {name, method, pattern, CY_ROLE_##role, changes, body, answers, refusals, doc},
#include "host/admin/admin_action.def"
#undef CY_ACTION
};

struct cy_admin {
    struct cy_node *node;
    struct cy_gate *gate;
    struct cy_trail *trail;
    char conf[CY_TRAIL_PATH_MAX];
    char dir[CY_TRAIL_PATH_MAX];
    char trail_path[CY_TRAIL_PATH_MAX];
    int stop;             /* eventfd: somebody asked for the end */
    pthread_mutex_t lock; /* of the counts below */
    cy_time minute;
    unsigned strangers; /* in this minute */
    uint64_t unwritten; /* refused strangers that no line tells of yet */
};

const struct cy_action *cy_action_at(unsigned number)
{
    return number < CY_ACTIONS ? &actions_[number] : NULL;
}

/* --- life --- */

struct cy_admin *cy_admin_new(struct cy_node *node, const char *conf)
{
    struct cy_admin *admin = calloc(1, sizeof *admin);
    char copy[CY_TRAIL_PATH_MAX];

    if (admin == NULL)
        return NULL;
    admin->node = node;
    (void)snprintf(admin->conf, sizeof admin->conf, "%s", conf);
    (void)snprintf(copy, sizeof copy, "%s", conf);
    (void)snprintf(admin->dir, sizeof admin->dir, "%s", dirname(copy));
    cy_daemon_trail_path(node->config, admin->trail_path, sizeof admin->trail_path);
    pthread_mutex_init(&admin->lock, NULL);
    admin->stop = eventfd(0, EFD_CLOEXEC);
    admin->gate = cy_gate_new(node->started);
    admin->trail = cy_trail_new(admin->trail_path, (uint64_t)node->config->admin_log_bytes);
    if (admin->gate != NULL && admin->trail != NULL && admin->stop >= 0)
        return admin;
    cy_admin_free(admin);
    return NULL;
}

void cy_admin_free(struct cy_admin *admin)
{
    if (admin == NULL)
        return;
    cy_gate_free(admin->gate);
    cy_trail_free(admin->trail);
    if (admin->stop >= 0)
        (void)close(admin->stop);
    pthread_mutex_destroy(&admin->lock);
    free(admin);
}

void cy_admin_trail_end(struct cy_admin *admin, uint64_t *seq, struct cy_id *hash)
{
    cy_trail_end(admin->trail, seq, hash);
}

/* --- the audit log --- */

static cy_err write_line(struct cy_admin *admin, const struct cy_trail_line *line, uint64_t *seq)
{
    const cy_err err = cy_trail_write(admin->trail, line, cy_node_now(), seq);

    if (!cy_ok(err))
        CY_LOG(CY_LOG_ERROR, "admin", cy_log_say("the audit log cannot be written"),
               cy_log_text("file", admin->trail_path), cy_log_code(err));
    return err;
}

void cy_admin_local(struct cy_admin *admin, const char *action, const char *what, cy_err err)
{
    char from[64];
    const struct cy_trail_line line = {.action = action,
                                       .outcome = cy_ok(err) ? "done" : "failed",
                                       .from = from,
                                       .what = what,
                                       .err = err};

    (void)snprintf(from, sizeof from, "comityd pid %ld uid %ld", (long)getpid(), (long)getuid());
    (void)!cy_ok(write_line(admin, &line, NULL));
}

/* The highest role that somebody asks in. */
static const char *role_of(const struct cy_caller *caller)
{
    if ((caller->roles & CY_ROLE_OPERATOR) != 0)
        return cy_role_text(CY_ROLE_OPERATOR);
    if ((caller->roles & CY_ROLE_AUDITOR) != 0)
        return cy_role_text(CY_ROLE_AUDITOR);
    return caller->roles != 0 ? cy_role_text(CY_ROLE_OBSERVER) : NULL;
}

static struct cy_trail_line line_of(const struct cy_admin_call *call, const char *outcome)
{
    return (struct cy_trail_line){.action = actions_[call->action].name,
                                  .outcome = outcome,
                                  .role = role_of(&call->caller),
                                  .name = call->caller.name,
                                  .from = call->from,
                                  .what = call->subject,
                                  .who = call->caller.passport,
                                  .key = call->caller.key};
}

/* Refusals of whom no valid statement vouches for are many or few as a stranger likes. */
static bool write_stranger(struct cy_admin *admin, char what[static 80])
{
    const cy_time minute = cy_node_now() / MINUTE_MS;
    bool write = false;

    pthread_mutex_lock(&admin->lock);
    if (admin->minute != minute) {
        admin->minute = minute;
        admin->strangers = 0;
    }
    write = admin->strangers < STRANGERS_MOST;
    admin->strangers += write;
    if (!write)
        admin->unwritten++;
    what[0] = 0;
    if (write && admin->unwritten > 0) {
        (void)snprintf(what, 80, "and %llu more refused before",
                       (unsigned long long)admin->unwritten);
        admin->unwritten = 0;
    }
    pthread_mutex_unlock(&admin->lock);
    return write;
}

static void write_refusal(struct cy_admin *admin, const struct cy_admin_call *call, cy_err err,
                          bool stranger)
{
    struct cy_trail_line line = line_of(call, "refused");
    char what[80] = "";

    if (stranger && !write_stranger(admin, what))
        return;
    line.err = err;
    if (what[0] != 0)
        line.what = what;
    (void)!cy_ok(write_line(admin, &line, NULL));
}

/* --- who may --- */

static cy_err authenticate(struct cy_admin *admin, struct cy_admin_call *call,
                           struct cy_signed_statement *statement, bool *stranger)
{
    struct cy_node *node = admin->node;
    const cy_time now = cy_node_now();
    cy_err err = CY_OK;

    *stranger = true;
    CY_TRY(cy_gate_statement(admin->gate, node->config->origin, &call->asks, now, statement));
    err = cy_gate_caller(cy_order_read(&node->order), statement, &call->caller);
    cy_order_read_end(&node->order);
    CY_TRY(err);
    *stranger = false;
    return cy_gate_use(admin->gate, statement, now);
}

static cy_err check_type(const struct cy_admin_call *call)
{
    const size_t n = strlen(JSON_TYPE);

    if (actions_[call->action].body == NULL)
        return call->asks.body.n == 0 ? CY_OK : cy_fail(CY_E_BODY_TOO_LARGE, 0);
    if (call->type == NULL || strncasecmp(call->type, JSON_TYPE, n) != 0 ||
        (call->type[n] != 0 && call->type[n] != ';' && call->type[n] != ' '))
        return cy_fail(CY_E_BODY_TYPE, 0);
    return CY_OK;
}

cy_err cy_admin_enter(struct cy_admin *admin, struct cy_admin_call *call)
{
    struct cy_signed_statement statement;
    bool stranger = true;
    cy_err err = CY_OK;

    call->caller = (struct cy_caller){.name = ""};
    err = authenticate(admin, call, &statement, &stranger);
    if (cy_ok(err))
        err = check_type(call);
    if (cy_ok(err) && (call->caller.roles & actions_[call->action].role) == 0)
        err = cy_fail(CY_E_NO_ROLE, 0);
    if (!cy_ok(err))
        write_refusal(admin, call, err, stranger);
    return err;
}

/* --- what the actions do --- */

static cy_err print(struct cy_text *out, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);

    json_decref(value);
    if (text == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    cy_text_add(out, text);
    free(text);
    return out->full ? cy_fail(CY_E_NO_ROOM, out->cap) : CY_OK;
}

static cy_err done(struct cy_text *out, bool restart)
{
    return print(out, json_pack("{s:b,s:b}", "done", 1, "restart_needed", restart ? 1 : 0));
}

static cy_err do_me(const struct cy_admin_call *call, struct cy_text *out)
{
    const struct cy_caller *caller = &call->caller;
    json_t *roles = json_array();
    char passport[65];
    char key[65];

    for (unsigned role = CY_ROLE_OBSERVER; role <= CY_ROLE_OPERATOR; role *= 2) {
        if ((caller->roles & role) != 0)
            (void)json_array_append_new(roles, json_string(cy_role_text((enum cy_role)role)));
    }
    cy_hex(caller->passport.b, sizeof caller->passport.b, passport);
    cy_hex(caller->key.b, sizeof caller->key.b, key);
    return print(out, json_pack("{s:s,s:s,s:s,s:o}", "passport", passport, "name", caller->name,
                                "key", key, "roles", roles));
}

/* Where files of this machine stand, and texts of no form (the projection's address may hold a
 * password), is for operators. */
static void hide_paths(json_t *settings)
{
    size_t n = 0;
    const struct cy_setting *rows = cy_daemon_settings(&n);

    for (size_t i = 0; i < json_array_size(settings); i++) {
        json_t *row = json_array_get(settings, i);
        const char *name = json_string_value(json_object_get(row, "name"));

        for (size_t k = 0; k < n; k++) {
            if (name != NULL && strcmp(rows[k].name, name) == 0 &&
                rows[k].type == CY_SETTING_TEXT &&
                (rows[k].form == CY_FORM_PATH || rows[k].form == CY_FORM_ANY))
                (void)json_object_set_new(row, "value", json_null());
        }
        (void)json_object_del(row, "from");
    }
}

static cy_err do_config(struct cy_admin *admin, const struct cy_admin_call *call,
                        struct cy_text *out, struct cy_text *why)
{
    struct cy_daemon_config values;
    struct cy_config *config = NULL;
    json_t *settings = NULL;
    char *text = NULL;
    size_t n = 0;

    CY_TRY(cy_daemon_config_load(admin->conf, &values, &config, why));
    text = cy_config_explain(config, true, &n);
    cy_config_free(config);
    settings = text == NULL ? NULL : json_loadb(text, n, 0, NULL);
    free(text);
    if (settings == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    if ((call->caller.roles & CY_ROLE_OPERATOR) == 0)
        hide_paths(settings);
    return print(out, json_pack("{s:o}", "settings", settings));
}

static cy_err do_peers(struct cy_admin *admin, struct cy_text *out, struct cy_text *why)
{
    struct cy_peers *peers = NULL;
    json_t *list = NULL;

    CY_TRY(cy_peers_read(admin->dir, &peers, why));
    list = json_array();
    for (size_t i = 0; i < peers->n; i++) {
        const struct cy_peer *p = &peers->at[i];

        (void)json_array_append_new(
            list,
            json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:b}", "origin", p->origin, "url", p->url,
                      "pin", p->pin, "vkey", p->vkey, "witness_vkey", p->witness_vkey, "since",
                      p->since, "witness", p->witness ? 1 : 0, "cosign", p->cosign ? 1 : 0));
    }
    cy_peers_free(peers);
    return print(out, json_pack("{s:o}", "peers", list));
}

static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    char hex[65];
    char made[40];
    struct cy_text time = cy_text_on(made, sizeof made);
    const char *purpose = cy_purpose_text(key->purpose);

    cy_hex(key->key.b, sizeof key->key.b, hex);
    cy_time_text(&time, key->created_s * 1000);
    (void)json_array_append_new(user, json_pack("{s:s%,s:s,s:s,s:b,s:s}", "label", key->label.at,
                                                key->label.n, "purpose",
                                                purpose == NULL ? "?" : purpose, "key", hex,
                                                "standby", key->standby ? 1 : 0, "made", made));
    return CY_OK;
}

static cy_err do_keys(struct cy_admin *admin, struct cy_text *out)
{
    struct cy_signer_client *signer = NULL;
    json_t *list = json_array();
    cy_err err = cy_signer_open(admin->node->config->signer, SIGNER_MS, &signer);

    if (cy_ok(err))
        err = cy_signer_keys(signer, seen_key, list);
    cy_signer_close(signer);
    if (cy_ok(err))
        return print(out, json_pack("{s:o}", "keys", list));
    json_decref(list);
    return err;
}

static cy_err read_body(const struct cy_admin_call *call, const char *const *known, size_t n,
                        json_t **out, struct cy_text *why)
{
    static const struct cy_json_limits limits = {CY_ADMIN_BODY_MAX, 4, false};
    struct cy_json_fault fault = {0};
    cy_err err = cy_json_parse(call->asks.body, &limits, out, &fault);

    if (cy_ok(err)) {
        err =
            json_is_object(*out) ? cy_json_only(*out, known, n, &fault) : cy_fail(CY_E_BAD_JSON, 0);
        if (!cy_ok(err)) {
            json_decref(*out);
            *out = NULL;
        }
    }
    if (!cy_ok(err))
        cy_text_add(why, fault.why);
    return err;
}

static cy_err read_peer(const json_t *body, cy_time now, char since[static 40],
                        struct cy_peer *peer, struct cy_text *why)
{
    struct cy_json_fault fault = {0};
    struct cy_text time = cy_text_on(since, 40);
    cy_err err = CY_OK;

    *peer = (struct cy_peer){.pin = "", .since = since};
    cy_time_text(&time, now);
    err = cy_json_get_text(body, "origin", true, 63, &peer->origin, &fault);
    if (cy_ok(err))
        err = cy_json_get_text(body, "url", true, 1024, &peer->url, &fault);
    if (cy_ok(err))
        err = cy_json_get_text(body, "pin", false, 64, &peer->pin, &fault);
    if (cy_ok(err))
        err = cy_json_get_text(body, "vkey", true, 400, &peer->vkey, &fault);
    if (cy_ok(err))
        err = cy_json_get_text(body, "witness_vkey", true, 400, &peer->witness_vkey, &fault);
    if (cy_ok(err))
        err = cy_json_get_bool(body, "witness", false, &peer->witness, &fault);
    if (cy_ok(err))
        err = cy_json_get_bool(body, "cosign", false, &peer->cosign, &fault);
    if (!cy_ok(err))
        cy_text_add(why, fault.why);
    if (cy_ok(err) && !peer->witness && !peer->cosign) {
        cy_text_add(why, "say witness, or cosign, or both");
        err = cy_fail(CY_E_BAD_JSON, 0);
    }
    return err;
}

static cy_err do_peer_add(struct cy_admin *admin, const struct cy_admin_call *call,
                          struct cy_text *out, struct cy_text *why)
{
    static const char *const known[] = {"origin",       "url",     "pin",   "vkey",
                                        "witness_vkey", "witness", "cosign"};
    struct cy_peer peer;
    char since[40];
    json_t *body = NULL;
    cy_err err = CY_OK;

    CY_TRY(read_body(call, known, CY_COUNT(known), &body, why));
    err = read_peer(body, cy_node_now(), since, &peer, why);
    if (cy_ok(err))
        err = cy_peers_put(admin->dir, admin->conf, &peer, why);
    json_decref(body);
    return cy_ok(err) ? done(out, true) : err;
}

struct snapshot {
    bool ask;
    bool waits;
    cy_err err;
};

/* In the sequencer's thread, between two acts. */
static void look_at_snapshot(void *self, struct cy_cell *cell)
{
    struct snapshot *snapshot = self;

    if (snapshot->ask)
        cell->snapshot_asked = true;
    snapshot->waits = cell->snapshot_asked;
    snapshot->err = cell->snapshot_err;
}

static cy_err do_snapshot(struct cy_admin *admin, struct cy_text *out)
{
    const struct timespec pause = {0, 20000000};
    struct snapshot snapshot = {.ask = true, .waits = true};

    for (unsigned i = 0; i < SNAPSHOT_TRIES && snapshot.waits; i++) {
        CY_TRY(cy_order_run(&admin->node->order, false, look_at_snapshot, &snapshot));
        snapshot.ask = false;
        if (snapshot.waits)
            (void)nanosleep(&pause, NULL);
    }
    if (snapshot.waits) /* after a full disk the next one is tried a little later */
        return cy_fail(CY_E_TIMED_OUT, 0);
    return cy_ok(snapshot.err) ? done(out, false) : snapshot.err;
}

static cy_err do_log_level(const struct cy_admin_call *call, struct cy_text *out,
                           struct cy_text *why)
{
    static const char *const known[] = {"level"};
    struct cy_json_fault fault = {0};
    enum cy_log_level level = CY_LOG_INFO;
    const char *word = NULL;
    json_t *body = NULL;
    cy_err err = CY_OK;

    CY_TRY(read_body(call, known, CY_COUNT(known), &body, why));
    err = cy_json_get_text(body, "level", true, 16, &word, &fault);
    if (cy_ok(err) && !cy_ok(cy_log_level_read(word, &level)))
        err = cy_fail(CY_E_BAD_JSON, 0);
    if (cy_ok(err))
        cy_log_level_set(level);
    else
        cy_text_add(why, "level is error, warn, info or debug");
    json_decref(body);
    return cy_ok(err) ? done(out, false) : err;
}

struct page {
    struct cy_text *out;
    uint64_t left;
    uint64_t next;
    bool any;
};

static bool add_log_line(void *user, uint64_t seq, struct cy_span line)
{
    struct page *page = user;

    if (page->left == 0 || page->out->cap - page->out->n < CY_TRAIL_LINE_MAX + 256) {
        page->left = 0;
        return true; /* the rest is walked for its chain */
    }
    cy_text_add(page->out, page->any ? "," : "");
    cy_text_span(page->out, line);
    page->any = true;
    page->left--;
    page->next = seq + 1;
    return true;
}

static cy_err do_log(struct cy_admin *admin, const struct cy_admin_call *call, struct cy_text *out)
{
    struct page page = {.out = out, .left = call->limit, .next = call->since};
    cy_err err = CY_OK;

    cy_text_add(out, "{\"lines\":[");
    err = cy_trail_walk(admin->trail_path, call->since, add_log_line, &page);
    cy_text_add(out, "],\"next\":");
    cy_text_u64(out, page.next);
    cy_text_add(out, ",\"whole\":");
    cy_text_add(out, cy_ok(err) ? "true" : "false");
    if (err.code == CY_E_TRAIL_BROKEN) {
        cy_text_add(out, ",\"broken_at\":");
        cy_text_u64(out, err.detail);
    }
    cy_text_add(out, "}");
    return err.code == CY_E_TRAIL_BROKEN ? CY_OK : err;
}

static cy_err act(struct cy_admin *admin, const struct cy_admin_call *call, struct cy_text *out,
                  struct cy_text *why)
{
    cy_err err = CY_OK;

    switch ((enum cy_action_number)call->action) {
    case CY_ACTION_ME: return do_me(call, out);
    case CY_ACTION_CONFIG: return do_config(admin, call, out, why);
    case CY_ACTION_PEERS: return do_peers(admin, out, why);
    case CY_ACTION_LOG: return do_log(admin, call, out);
    case CY_ACTION_KEYS: return do_keys(admin, out);
    case CY_ACTION_PEER_ADD: return do_peer_add(admin, call, out, why);
    case CY_ACTION_PEER_REMOVE:
        err = cy_peers_drop(admin->dir, admin->conf, call->subject, why);
        return cy_ok(err) ? done(out, true) : err;
    case CY_ACTION_SNAPSHOT: return do_snapshot(admin, out);
    case CY_ACTION_LOG_LEVEL: return do_log_level(call, out, why);
    case CY_ACTION_STOP: return done(out, false); /* cy_admin_after */
    case CY_ACTIONS: break;
    }
    CY_NEVER("action");
}

static const char *outcome_of(cy_err err)
{
    if (cy_ok(err))
        return "done";
    return cy_err_info(err.code)->kind == CY_ERR_refusal ? "refused" : "failed";
}

/* What an action is about, for the log: the path's, or the body's origin. */
static const char *subject_of(const struct cy_admin_call *call, json_t **body)
{
    const char *names[] = {"origin", "level"};

    *body = NULL;
    if (call->subject != NULL || call->asks.body.n == 0)
        return call->subject;
    *body = json_loadb((const char *)call->asks.body.at, call->asks.body.n, 0, NULL);
    for (size_t i = 0; i < CY_COUNT(names); i++) {
        const char *text = json_string_value(json_object_get(*body, names[i]));

        if (text != NULL)
            return text;
    }
    return NULL;
}

/* The first line before anything happens; whatever happens, a second one. */
static cy_err change(struct cy_admin *admin, const struct cy_admin_call *call, struct cy_text *out,
                     struct cy_text *why)
{
    struct cy_trail_line line = line_of(call, "begun");
    json_t *body = NULL;
    uint64_t seq = 0;
    cy_err err = CY_OK;

    line.what = subject_of(call, &body);
    err = write_line(admin, &line, &seq);
    if (cy_ok(err)) {
        err = act(admin, call, out, why);
        line.outcome = outcome_of(err);
        line.err = err;
        line.of = seq;
        (void)!cy_ok(write_line(admin, &line, NULL)); /* the first line stands without an end */
    }
    json_decref(body);
    return err;
}

void cy_admin_after(struct cy_admin *admin, const struct cy_admin_call *call)
{
    if (call->action == CY_ACTION_STOP)
        (void)!eventfd_write(admin->stop, 1);
}

int cy_admin_stop_fd(const struct cy_admin *admin)
{
    return admin->stop;
}

cy_err cy_admin_do(struct cy_admin *admin, const struct cy_admin_call *call, struct cy_text *out,
                   struct cy_text *why)
{
    struct cy_trail_line line;
    cy_err err = CY_OK;

    if (actions_[call->action].changes) {
        static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

        pthread_mutex_lock(&one); /* one change at a time */
        err = change(admin, call, out, why);
        pthread_mutex_unlock(&one);
        return err;
    }
    err = act(admin, call, out, why);
    line = line_of(call, outcome_of(err));
    line.err = err;
    CY_TRY(write_line(admin, &line, NULL)); /* then nothing is shown */
    return err;
}
