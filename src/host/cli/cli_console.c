#include "host/cli/cli_console.h"

#include "host/agent/agent.h"
#include "host/cli/cli_spawn.h"
#include "host/json/act_json.h"
#include "host/json/json.h"
#include "wire/print.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define ROTATIONS_MAX 8u
#define IDLE_MINUTES 60u
#define PATIENCE_MS 110000u /* for an answer in the terminal; shorter than an act's ten minutes */
#define TURN_MS 200
#define NAMES_MAX 64u

const struct cy_cli_option cy_cli_console_options[] = {
    {"open",    NULL,      "open the browser (xdg-open)"                                      },
    {"port",    "PORT",    "of 127.0.0.1 (any free one)"                                      },
    {"confirm", "WAY",
     "how an act is approved: terminal (asks here, y or n) or browser (its button alone)"     },
    {"idle",    "MINUTES", "end after so long without a request of the console (60; 0: never)"},
    {NULL,      NULL,      NULL                                                               },
};

struct console {
    struct cy_cli *run;
    int terminal; /* -1: the browser's button is enough */
    pthread_mutex_t terminal_lock;
    atomic_bool ending;
    size_t mark;                                     /* of the arena: what each call may use */
    struct cy_cli_rotation rotations[ROTATIONS_MAX]; /* described, perhaps not sent */
    size_t n_rotations;
};

/* Every call begins with an empty arena and leaves what run knows about a failure. */
static void begin(struct console *c)
{
    cy_arena_rewind(&c->run->arena, c->mark);
    c->run->why[0] = 0;
    c->run->dry = false;
    c->run->unsure = false;
}

static cy_err done(const struct console *c, cy_err err, char why[static CY_AGENT_WHY])
{
    if (!cy_ok(err))
        (void)snprintf(why, CY_AGENT_WHY, "%s", c->run->why);
    return err;
}

/* --- who may act --- */

static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    char hex[65];

    cy_hex(key->key.b, sizeof key->key.b, hex);
    return json_object_set_new(user, hex, json_true()) == 0 ? CY_OK : cy_fail(CY_E_NO_MEMORY, 0);
}

static json_t *identity(const struct cy_alias *alias, const json_t *held)
{
    char id[65];
    char key[65];

    cy_hex(alias->id.b, sizeof alias->id.b, id);
    cy_hex(alias->key.b, sizeof alias->key.b, key);
    return json_pack("{s:s,s:s,s:s,s:s,s:b,s:b}", "name", alias->name, "passport", id, "key", key,
                     "label", alias->label, "standby", (int)!cy_id_none(&alias->next), "here",
                     (int)(json_object_get(held, key) != NULL));
}

static json_t *identities(const struct cy_home *home, const json_t *held)
{
    json_t *list = json_array();

    for (size_t i = 0; i < home->n; i++) {
        const struct cy_alias *alias = &home->aliases[i];

        if (strcmp(alias->kind, "passport") == 0 && !cy_id_none(&alias->key) &&
            cy_home_alias(home, alias->kind, alias->name) == alias)
            (void)json_array_append_new(list, identity(alias, held));
    }
    return list;
}

static cy_err me(void *self, json_t **out, char why[static CY_AGENT_WHY])
{
    struct console *c = self;
    json_t *held = json_object();
    const char *trouble = NULL;
    cy_err err = CY_OK;

    begin(c);
    err = cy_cli_signer(c->run);
    if (cy_ok(err))
        err = cy_signer_keys(c->run->signer, seen_key, held);
    if (!cy_ok(err)) /* who could act if the signer ran is still worth showing */
        trouble = cy_err_info(err.code)->text;
    *out = json_pack("{s:o,s:s,s:s*,s:s*,s:s}", "identities", identities(&c->run->home, held),
                     "confirm", c->terminal < 0 ? "browser" : "terminal", "signer_trouble", trouble,
                     "daemon", c->run->url, "as", c->run->as);
    json_decref(held);
    return done(c, *out == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK, why);
}

/* --- from a wish to bytes --- */

struct wish {
    json_t *act;
    const char *as;
    const char *principal;
    uint64_t valid_s;
};

static cy_err read_wish(struct cy_cli *run, json_t *value, struct wish *wish)
{
    static const char *const known[] = {"act", "as", "for", "valid_s"};
    struct cy_json_fault fault = {0};
    const json_t *act = NULL;
    cy_err err = cy_json_only(value, known, CY_COUNT(known), &fault);

    *wish = (struct wish){.valid_s = CY_CLI_VALID_S};
    if (cy_ok(err))
        err = cy_json_get_object(value, "act", true, &act, &fault);
    if (cy_ok(err))
        err = cy_json_get_text(value, "as", true, 64, &wish->as, &fault);
    if (cy_ok(err))
        err = cy_json_get_text(value, "for", false, 64, &wish->principal, &fault);
    if (cy_ok(err))
        err = cy_json_get_u64(value, "valid_s", false, 86400, &wish->valid_s, &fault);
    wish->act = json_object_get(value, "act"); /* the same, to be changed */
    if (!cy_ok(err))
        cy_cli_note(run, "%s%s%s", fault.path, fault.path[0] != 0 ? ": " : "", fault.why);
    return err;
}

/* A rotation's keys are the signer's to make: the wish names none. */
static bool wants_rotation(const struct wish *wish)
{
    const char *name = json_string_value(json_object_get(wish->act, "act"));

    return name != NULL && strcmp(name, cy_schema_passport_rotate.name) == 0 &&
           json_object_size(wish->act) == 1;
}

/* The place of this passport's rotation; what was described before keeps its standby key. */
static struct cy_cli_rotation *rotation_place(struct console *c, const struct cy_id *passport)
{
    for (size_t i = 0; i < c->n_rotations; i++) {
        if (cy_id_eq(&c->rotations[i].alias.id, passport))
            return &c->rotations[i];
    }
    return &c->rotations[c->n_rotations < ROTATIONS_MAX ? c->n_rotations++ : 0];
}

static cy_err make_rotation(struct console *c, const struct wish *wish, struct cy_span *bytes)
{
    const struct cy_alias *known = NULL;
    struct cy_cli_rotation *rotation = NULL;
    struct cy_id after = {0};
    struct cy_id id;

    CY_TRY(cy_cli_id(c->run, NULL, wish->as, &id));
    known = cy_home_alias_of(&c->run->home, &id);
    rotation = rotation_place(c, &id);
    if (known != NULL && cy_id_eq(&rotation->alias.id, &id) &&
        cy_id_eq(&rotation->alias.key, &known->next))
        after = rotation->alias.next;
    CY_TRY(cy_cli_rotation(c->run, &id, &after, rotation));
    return cy_act_unsigned(&rotation->author.by, &cy_schema_passport_rotate, &rotation->message,
                           cy_cli_now() / 1000, &c->run->arena, bytes);
}

static cy_err make_act(struct console *c, const struct wish *wish, struct cy_span *bytes)
{
    struct cy_cli_author *author = cy_arena_zero(&c->run->arena, sizeof *author);
    struct cy_text why = cy_text_on(c->run->why, sizeof c->run->why);
    struct cy_any any;

    if (author == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_cli_name_act(c->run, wish->act));
    CY_TRY(cy_act_from_value(wish->act, &c->run->arena, &any, &why));
    if (cy_cli_born(any.schema)) {
        cy_cli_note(c->run, "an act that creates its author is made on the command line");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(cy_cli_author_named(c->run, wish->as, wish->principal, (uint32_t)wish->valid_s, author));
    return cy_act_unsigned(&author->by, any.schema, any.message, cy_cli_now() / 1000,
                           &c->run->arena, bytes);
}

/* --- what is shown: all of it from the bytes --- */

static json_t *hex_json(const struct cy_id *id)
{
    char hex[65];

    cy_hex(id->b, sizeof id->b, hex);
    return cy_id_none(id) ? json_null() : json_string(hex);
}

static json_t *base64_json(struct cy_span bytes)
{
    char *text = malloc(cy_base64_size(bytes.n) + 1);
    json_t *value = NULL;

    if (text == NULL)
        return NULL;
    cy_base64(bytes.at, bytes.n, text);
    value = json_string(text);
    free(text);
    return value;
}

/* What the directory calls the ids of a sentence: {id: name}. The daemon is not asked, so it cannot
 * give a stranger a friend's name. */
static json_t *local_names(const struct cy_home *home, const char *sentence)
{
    json_t *names = json_object();
    size_t run = 0;

    for (const char *at = sentence;; at++) {
        const bool digit = (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f');
        const struct cy_alias *alias = NULL;
        struct cy_id id;

        if (digit) {
            run++;
            continue;
        }
        if (run == 64 && json_object_size(names) < NAMES_MAX &&
            cy_ok(cy_hex_read(cy_span_of(at - 64, 64), id.b, sizeof id.b)))
            alias = cy_home_alias_of(home, &id);
        if (alias != NULL) {
            char hex[65];

            cy_hex(id.b, sizeof id.b, hex);
            (void)json_object_set_new(names, hex, json_string(alias->name));
        }
        run = 0;
        if (*at == 0)
            return names;
    }
}

static json_t *signers_json(const struct cy_act *act)
{
    json_t *keys = json_array();

    for (uint32_t i = 0; i < act->envelope.n_signers; i++)
        (void)json_array_append_new(keys, hex_json(&act->envelope.signers[i].key));
    return keys;
}

/* The act as JSON: what the browser sent is not shown again, but what the bytes say. */
static json_t *act_json(struct cy_cli *run, const struct cy_act *act)
{
    const size_t room = CY_ACT_JSON_MAX;
    char *text = cy_arena_take(&run->arena, room);
    struct cy_text out;

    if (text == NULL)
        return NULL;
    out = cy_text_on(text, room);
    cy_print_json(&out, act->any.schema, act->any.message);
    return out.full ? NULL : json_loads(text, 0, NULL);
}

/* What the daemon says would happen. A refusal is an answer; trouble is shown as such. */
static json_t *trial(struct cy_cli *run, struct cy_span bytes)
{
    struct cy_problem problem;
    json_t *receipt = NULL;
    json_t *value = NULL;
    char *text = NULL;
    size_t n = 0;
    cy_err err = CY_OK;

    run->dry = true;
    run->unsure = true;
    err = cy_cli_post(run, bytes, &receipt);
    run->dry = false;
    run->unsure = false;
    if (cy_ok(err)) {
        value =
            json_pack("{s:b,s:O*,s:O*,s:O*}", "accepted", 1, "effects",
                      json_object_get(receipt, "effects"), "verdicts",
                      json_object_get(receipt, "verdicts"), "say", json_object_get(receipt, "say"));
        json_decref(receipt);
        return value;
    }
    json_decref(receipt);
    cy_problem_of(err, run->why, NULL, &problem);
    text = cy_problem_print(&problem, &n);
    if (text != NULL)
        value = json_pack("{s:b,s:o}", "accepted", 0, "problem", json_loads(text, 0, NULL));
    free(text);
    return value;
}

static const char *name_of(const struct cy_home *home, const struct cy_id *id)
{
    const struct cy_alias *alias = cy_home_alias_of(home, id);

    return alias == NULL ? "" : alias->name;
}

/* The question for the terminal: the signer's sentence, with the directory's names for ids. */
static void say_to_terminal(struct cy_cli *run, const struct cy_act *act, const char *sentence,
                            json_t *names, char out[static 4096])
{
    const struct cy_claims *claims = &act->envelope.claims;
    struct cy_text say = cy_text_on(out, 4096);
    char hex[65];
    const char *id = NULL;
    json_t *name = NULL;

    cy_text_add(&say, "  ");
    cy_text_add(&say, sentence);
    cy_text_add(&say, "\n");
    json_object_foreach(names, id, name)
    {
        cy_text_add(&say, "    ");
        cy_text_add(&say, id);
        cy_text_add(&say, " is ");
        cy_text_add(&say, json_string_value(name));
        cy_text_add(&say, "\n");
    }
    cy_hex(claims->author.b, sizeof claims->author.b, hex);
    cy_text_add(&say, "  signed by ");
    cy_text_add(&say, name_of(&run->home, &claims->author));
    cy_text_add(&say, " (passport ");
    hex[16] = 0;
    cy_text_add(&say, hex);
    cy_text_add(&say, ")");
    if (!cy_id_none(&claims->subject)) {
        cy_hex(claims->subject.b, sizeof claims->subject.b, hex);
        cy_text_add(&say, " in the name of ");
        cy_text_add(&say, name_of(&run->home, &claims->subject));
        cy_text_add(&say, " (passport ");
        hex[16] = 0;
        cy_text_add(&say, hex);
        cy_text_add(&say, ")");
    }
    cy_text_add(&say, "\n");
}

static cy_err show(struct console *c, struct cy_agent_ready *out)
{
    struct cy_cli *run = c->run;
    char sentence_room[2048];
    struct cy_text sentence = cy_text_on(sentence_room, sizeof sentence_room);
    const struct cy_claims *claims = NULL;
    json_t *names = NULL;
    struct cy_act act;

    CY_TRY(cy_act_open(out->bytes, &run->arena, &act));
    CY_TRY(cy_cli_signer(run));
    CY_TRY(cy_signer_describe(run->signer, act.envelope.payload, &sentence));
    claims = &act.envelope.claims;
    names = local_names(&run->home, sentence_room);
    say_to_terminal(run, &act, sentence_room, names, out->say);
    out->shown = json_pack(
        "{s:s,s:o,s:o,s:o,s:{s:o,s:s,s:o,s:o},s:I,s:o,s:o*,s:s}", "sentence", sentence_room, "act",
        act_json(run, &act), "id", hex_json(&act.id), "bytes", base64_json(out->bytes), "signs",
        "passport", hex_json(&claims->author), "name", name_of(&run->home, &claims->author), "for",
        hex_json(&claims->subject), "keys", signers_json(&act), "expires_s",
        (json_int_t)claims->expires, "names", names, "trial", trial(run, out->bytes), "confirm",
        c->terminal < 0 ? "browser" : "terminal");
    return out->shown == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;
}

static cy_err describe(void *self, json_t *value, struct cy_agent_ready *out,
                       char why[static CY_AGENT_WHY])
{
    struct console *c = self;
    struct wish wish;
    cy_err err = CY_OK;

    begin(c);
    err = read_wish(c->run, value, &wish);
    if (cy_ok(err))
        err = wants_rotation(&wish) ? make_rotation(c, &wish, &out->bytes)
                                    : make_act(c, &wish, &out->bytes);
    if (cy_ok(err))
        err = show(c, out);
    return done(c, err, why);
}

/* --- sending --- */

static cy_err remember(struct console *c, const struct cy_act *act, const json_t *receipt)
{
    for (size_t i = 0; i < c->n_rotations; i++) {
        const struct cy_alias *alias = &c->rotations[i].alias;

        if (act->any.schema == &cy_schema_passport_rotate &&
            cy_id_eq(&alias->id, &act->envelope.claims.author) &&
            cy_id_eq(&alias->key, &act->envelope.signers[0].key))
            return cy_home_add(&c->run->home, alias, 1);
    }
    return cy_cli_act_remember(c->run, act->any.schema, act->any.message, receipt);
}

static cy_err sign_and_send(void *self, struct cy_span bytes, json_t **receipt,
                            char why[static CY_AGENT_WHY])
{
    struct console *c = self;
    struct cy_act act;
    struct cy_span whole;
    cy_err err = CY_OK;

    begin(c);
    err = cy_cli_signer(c->run);
    if (cy_ok(err))
        err = cy_act_sign(c->run->signer, bytes, &c->run->arena, &whole);
    if (cy_ok(err))
        err = cy_cli_post(c->run, whole, receipt);
    if (cy_ok(err) && cy_ok(cy_act_open(whole, &c->run->arena, &act)))
        err = remember(c, &act, *receipt);
    if (!cy_ok(err)) {
        json_decref(*receipt);
        *receipt = NULL;
    }
    return done(c, err, why);
}

/* --- asking --- */

/* Reads a line; 0: nobody answered in time, or we end. */
static size_t read_answer(struct console *c, char *out, size_t cap)
{
    struct pollfd ready = {.fd = c->terminal, .events = POLLIN};
    ssize_t n = 0;

    for (unsigned waited = 0; waited < PATIENCE_MS && !atomic_load(&c->ending); waited += TURN_MS) {
        if (poll(&ready, 1, TURN_MS) <= 0)
            continue;
        n = read(c->terminal, out, cap);
        return n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static cy_err ask(void *self, const char *say, const struct cy_id *digest)
{
    struct console *c = self;
    char answer[64];
    char hex[65];
    size_t n = 0;

    if (c->terminal < 0)
        return CY_OK;
    if (pthread_mutex_trylock(&c->terminal_lock) != 0)
        return cy_fail(CY_E_APPROVAL_BUSY, 0);
    cy_hex(digest->b, sizeof digest->b, hex);
    (void)tcflush(c->terminal, TCIFLUSH); /* what was typed before the question is no answer */
    (void)dprintf(c->terminal, "\nThe console asks to sign (%.8s):\n%sSign and send? [y/N] ", hex,
                  say);
    n = read_answer(c, answer, sizeof answer - 1);
    answer[n] = 0;
    answer[strcspn(answer, "\r\n")] = 0;
    if (n == 0)
        (void)dprintf(c->terminal, "\nnot answered: not signed\n");
    (void)pthread_mutex_unlock(&c->terminal_lock);
    return strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0
               ? CY_OK
               : cy_fail(CY_E_APPROVAL_DENIED, 0);
}

/* --- the command --- */

static cy_err read_number(struct cy_cli *run, const char *name, uint64_t most, uint64_t *out)
{
    const char *text = cy_cli_arg(&run->args, name);

    if (text == NULL || (cy_ok(cy_u64_read(cy_span_text(text), out)) && *out <= most))
        return CY_OK;
    cy_cli_note(run, "--%s is a number, at most %llu", name, (unsigned long long)most);
    return cy_fail(CY_E_USAGE, 0);
}

static cy_err open_terminal(struct console *c)
{
    const char *way = cy_cli_arg(&c->run->args, "confirm");

    c->terminal = -1;
    if (way != NULL && strcmp(way, "browser") == 0)
        return CY_OK;
    if (way != NULL && strcmp(way, "terminal") != 0) {
        cy_cli_note(c->run, "--confirm %s: terminal or browser", way);
        return cy_fail(CY_E_USAGE, 0);
    }
    c->terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (c->terminal >= 0)
        return CY_OK;
    cy_cli_note(c->run, "there is no terminal to ask in; --confirm browser lets the console's "
                        "button alone approve an act");
    return cy_fail(CY_E_USAGE, 0);
}

/* The address holds the token, and arguments of a program can be seen by other users: the browser
 * is given a file instead, which only this user can read. */
static bool write_door(struct cy_cli *run, const char *address, char path[static CY_HOME_DIR_MAX])
{
    int fd = -1;
    bool good = false;

    if (run->home.dir[0] == 0 || !cy_home_path(&run->home, "console.html", path))
        return false;
    (void)unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    good = dprintf(fd,
                   "<!doctype html><meta charset=utf-8><title>Comity</title>"
                   "<meta http-equiv=refresh content=\"0;url=%s\"><a href=\"%s\">Comity</a>\n",
                   address, address) > 0;
    return close(fd) == 0 && good;
}

static bool find_program(const char *name, char out[static CY_SPAWN_PATH_MAX])
{
    const char *at = getenv("PATH");

    while (at != NULL && *at != 0) {
        const size_t n = strcspn(at, ":");

        if (n > 0 && snprintf(out, CY_SPAWN_PATH_MAX, "%.*s/%s", (int)n, at, name) > 0 &&
            access(out, X_OK) == 0)
            return true;
        at += n + (at[n] == ':' ? 1 : 0);
    }
    return false;
}

static void open_browser(struct cy_cli *run, const char *address, char door[static CY_HOME_DIR_MAX])
{
    char program[CY_SPAWN_PATH_MAX];
    const char *const argv[] = {program, door, NULL};
    pid_t child = 0;
    int code = 1;

    if (find_program("xdg-open", program) && write_door(run, address, door) &&
        cy_ok(cy_spawn(argv, "/dev/null", &child)))
        (void)!cy_ok(cy_spawn_wait(child, &code));
    if (code != 0)
        (void)fprintf(run->err, "comity: no browser could be opened; open the address yourself\n");
}

static void wait_for_end(const struct cy_agent *agent, const sigset_t *signals, uint64_t idle_ms)
{
    struct pollfd end = {.fd = signalfd(-1, signals, SFD_CLOEXEC), .events = POLLIN};
    struct signalfd_siginfo info;
    uint64_t idle = 0;

    while (end.fd >= 0 && (idle_ms == 0 || idle < idle_ms)) {
        const uint64_t left = idle_ms == 0 ? 3600000 : idle_ms - idle;

        if (poll(&end, 1, (int)(left < 3600000 ? left : 3600000)) > 0 &&
            read(end.fd, &info, sizeof info) > 0) /* taken, so that it does not come again */
            break;
        idle = cy_agent_idle_ms(agent);
    }
    if (end.fd >= 0)
        (void)close(end.fd);
}

static cy_err serve(struct console *c, const struct cy_agent_options *options, uint64_t idle_ms)
{
    struct cy_agent *agent = NULL;
    char door[CY_HOME_DIR_MAX] = "";
    char address[128];
    sigset_t signals;
    sigset_t before;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &signals, &before);
    CY_TRY(cy_agent_start(options, &agent));
    cy_agent_address(agent, address);
    (void)fprintf(c->run->out,
                  "%s\nOpen this address in a browser on this machine. Who has it can ask to act "
                  "for you: keep it.\n%s Ctrl-C ends it.\n",
                  address,
                  c->terminal < 0 ? "The button in the browser alone signs."
                                  : "Each act is asked about here before it is signed.");
    (void)fflush(c->run->out);
    if (cy_cli_arg_on(&c->run->args, "open"))
        open_browser(c->run, address, door);
    wait_for_end(agent, &signals, idle_ms);
    atomic_store(&c->ending, true);
    cy_agent_stop(agent);
    if (door[0] != 0)
        (void)unlink(door);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return CY_OK;
}

int cy_cli_console(struct cy_cli *run)
{
    struct console *c = calloc(1, sizeof *c);
    const struct cy_agent_desk desk = {
        .self = c, .me = me, .describe = describe, .ask = ask, .send = sign_and_send};
    struct cy_agent_options options = {.desk = &desk, .url = run->url, .pin = run->pin};
    char url[CY_CLI_URL_MAX];
    uint64_t port = 0;
    uint64_t idle = IDLE_MINUTES;
    cy_err err = c == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;

    if (cy_ok(err)) {
        c->run = run;
        c->mark = run->arena.used;
        c->terminal = -1;
        (void)pthread_mutex_init(&c->terminal_lock, NULL);
        err = cy_cli_url(run, "", url);
    }
    if (cy_ok(err))
        err = read_number(run, "port", 65535, &port);
    if (cy_ok(err))
        err = read_number(run, "idle", 100000, &idle);
    if (cy_ok(err))
        err = open_terminal(c);
    options.port = (unsigned)port;
    if (cy_ok(err))
        err = serve(c, &options, idle * 60000);
    if (c != NULL && c->terminal >= 0)
        (void)close(c->terminal);
    free(c);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}
