#include "host/cli/cli_init.h"

#include "crypto/note_key.h"
#include "crypto/secret.h"
#include "host/cli/cli_begin.h"
#include "host/cli/cli_make.h"
#include "host/cli/cli_peer.h"
#include "host/sql/sql_face.h"
#include "host/system/disk_posix.h"
#include "host/system/form.h"
#include "host/system/tls.h"
#include "kernel/identity.h"
#include "realm/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const struct cy_cli_option cy_cli_init_options[] = {
    {"name",            "ORIGIN", "name of the ledger, such as a.example/ledger; it never changes"        },
    {"port",            "PORT",   "where the daemon will listen (7301)"                                   },
    {"plain-port",      "PORT",   "also listen there without TLS, on loopback only (0 = no)"              },
    {"tls",             NULL,     "make a TLS key and certificate, and listen with TLS 1.3"               },
    {"host",            "NAME",   "host name of the server; repeat (for the certificate and the daemon)"  },
    {"sql",             "URL",    "SQL projection: sqlite:PATH, postgresql://..., or none (a file in DIR)"},
    {"passphrase-file", "FILE",   "passphrase of the key directory (a random one is written to DIR)"      },
    {"constitution",    "FILE",   "text of the constitution"                                              },
    {"policy",          "FILE",   "witness policy (C2SP form)"                                            },
    {"faults",          "N",      "how many distinct operators of the policy may be faulty at once"       },
    {"waiver-days",     "N",      "days in which the tier ladder asks no waiting time (0)"                },
    {"param",           "NAME=N", "a parameter that differs from its default; repeat"                     },
    {NULL,              NULL,     NULL                                                                    },
};

struct init {
    struct cy_cli *run;
    struct cy_making made;
    const char *name;
    uint64_t port;
    uint64_t plain_port;
    bool tls;
    struct cy_id operator_key;
    struct cy_id next_key;
    struct cy_id log_key;
    struct cy_id witness_key;
    struct cy_id realm;
    struct cy_note_key note_key;
    char vkey[CY_NOTE_VKEY_MAX];
};

/* --- the signer --- */

static cy_err make_keys(struct init *init)
{
    struct cy_signer_client *signer = init->run->signer;

    CY_TRY(cy_signer_make(signer, cy_span_text("operator"), CY_PURPOSE_ACT, &init->operator_key,
                          &init->next_key));
    CY_TRY(
        cy_signer_make(signer, cy_span_text("log"), CY_PURPOSE_CHECKPOINT, &init->log_key, NULL));
    return cy_signer_make(signer, cy_span_text("witness"), CY_PURPOSE_COSIGNATURE,
                          &init->witness_key, NULL);
}

/* --- genesis --- */

struct texts {
    struct cy_span constitution;
    struct cy_span policy;
    uint64_t faults;
    uint64_t waiver_days;
    struct cy_param_value params[64];
    uint32_t n_params;
};

static cy_err read_number(struct init *init, const char *name, uint64_t most, uint64_t *out)
{
    const char *text = cy_cli_arg(&init->run->args, name);

    if (text == NULL || (cy_ok(cy_u64_read(cy_span_text(text), out)) && *out <= most))
        return CY_OK;
    cy_cli_note(init->run, "--%s is a whole number, at most %llu", name, (unsigned long long)most);
    return cy_fail(CY_E_USAGE, 0);
}

static cy_err read_texts(struct init *init, struct texts *texts)
{
    const char *constitution = cy_cli_arg(&init->run->args, "constitution");
    const char *policy = cy_cli_arg(&init->run->args, "policy");

    if (constitution != NULL)
        CY_TRY(cy_cli_read_file(init->run, constitution, 16384, &texts->constitution));
    if (policy != NULL)
        CY_TRY(cy_cli_read_file(init->run, policy, 8192, &texts->policy));
    CY_TRY(read_number(init, "faults", 1000, &texts->faults));
    CY_TRY(read_number(init, "waiver-days", 36500, &texts->waiver_days));
    return cy_making_params(init->run, texts->params, CY_COUNT(texts->params), &texts->n_params);
}

static cy_err sign_genesis(struct init *init, const struct texts *texts, struct cy_span *act)
{
    const struct cy_key_share share = {.key = init->operator_key, .weight = 1};
    const struct cy_key_share next = {.key = init->next_key, .weight = 1};
    const struct cy_key_set next_set = {
        &next, 1, {1, 0, 0}
    };
    const cy_time now = cy_cli_now();
    struct cy_genesis genesis = {.now = now,
                                 .keys = &share,
                                 .n_keys = 1,
                                 .need_0 = 1,
                                 .next = cy_identity_next(&next_set),
                                 .log_key = init->log_key,
                                 .params = texts->params,
                                 .n_params = texts->n_params,
                                 .policy = texts->policy,
                                 .rules = 1,
                                 .constitution = texts->constitution,
                                 .faults = (uint16_t)texts->faults};
    const struct cy_act_author by = {.keys = &init->operator_key, .n_keys = 1, .valid_s = 600};

    if (texts->waiver_days > 0)
        genesis.waiver_until = now + texts->waiver_days * CY_DAY_MS;
    CY_TRY(cy_name_of(cy_span_text(init->name), &genesis.name));
    return cy_cli_sign(init->run, &by, &cy_schema_genesis, &genesis, act);
}

/* --- files --- */

/* A file beside the ledger, unless the user said where. */
static void write_sql(const struct init *init, FILE *file)
{
    const char *url = cy_cli_arg(&init->run->args, "sql");

    if (url == NULL)
        (void)fprintf(file, "sql: { url = \"sqlite:%s/projection.sqlite\"; };\n", init->made.dir);
    else if (strcmp(url, "none") != 0)
        (void)fprintf(file, "sql: { url = \"%s\"; };\n", url);
}

static cy_err write_config(struct init *init)
{
    char path[CY_HOME_DIR_MAX];
    FILE *file = NULL;
    size_t at = 0;
    const char *host = NULL;
    bool first = true;

    (void)snprintf(path, sizeof path, "%.800s/comityd.conf", init->made.dir);
    file = fopen(path, "wxe");
    if (file == NULL)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    (void)fprintf(
        file,
        "# comityd: the daemon of %s. `comityd example` prints every setting.\n"
        "origin = \"%s\";\ndata = \"%s/data\";\nsigner = \"%s\";\n"
        "listen: {\n    address = \"127.0.0.1\";\n    port = %llu;\n    plain_port = %llu;\n"
        "    hosts = [",
        init->name, init->name, init->made.dir, init->made.socket, (unsigned long long)init->port,
        (unsigned long long)init->plain_port);
    while ((host = cy_cli_arg_next(&init->run->args, "host", &at)) != NULL) {
        (void)fprintf(file, "%s \"%s\"", first ? "" : ",", host);
        first = false;
    }
    (void)fputs(" ];\n};\n", file);
    if (init->tls)
        (void)fprintf(file,
                      "tls: {\n    on = true;\n    cert = \"%s/tls.cert.pem\";\n"
                      "    key = \"%s/tls.key.pem\";\n};\n",
                      init->made.dir, init->made.dir);
    write_sql(init, file);
    return fclose(file) == 0 ? CY_OK : cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
}

/* What other cells need to know of this one. */
static cy_err write_card(struct init *init, const char *url)
{
    char path[CY_HOME_DIR_MAX];
    char witness[CY_NOTE_VKEY_MAX];
    struct cy_text text = cy_text_on(witness, sizeof witness);
    struct cy_note_key key;
    const struct cy_peer card = {.origin = init->name,
                                 .url = url,
                                 .pin = init->made.pin,
                                 .vkey = init->vkey,
                                 .witness_vkey = witness,
                                 .since = ""};

    CY_TRY(cy_note_key_of(cy_span_text(init->name), CY_NOTE_COSIGNATURE, &init->witness_key, &key));
    cy_note_vkey(&key, &text);
    (void)snprintf(path, sizeof path, "%.800s/peer.conf", init->made.dir);
    return cy_peer_write(path, &card);
}

static cy_err write_home(struct init *init)
{
    char url[64];
    char realm[65];
    const struct cy_home_settings settings = {.url = url,
                                              .pin = init->made.pin,
                                              .vkey = init->vkey,
                                              .realm = realm,
                                              .signer = init->made.socket,
                                              .as = "operator"};
    struct cy_text vkey = cy_text_on(init->vkey, sizeof init->vkey);
    struct cy_home *home = &init->run->home;
    struct cy_alias alias;

    (void)snprintf(url, sizeof url, "%s://127.0.0.1:%llu", init->tls ? "https" : "http",
                   (unsigned long long)init->port);
    cy_hex(init->realm.b, sizeof init->realm.b, realm);
    CY_TRY(
        cy_note_key_of(cy_span_text(init->name), CY_NOTE_ED25519, &init->log_key, &init->note_key));
    cy_note_vkey(&init->note_key, &vkey);
    CY_TRY(write_config(init));
    CY_TRY(write_card(init, url));
    CY_TRY(cy_home_write(init->made.dir, &settings));
    cy_home_close(home);
    (void)snprintf(home->dir, sizeof home->dir, "%s", init->made.dir);
    CY_TRY(cy_alias_of("passport", "operator", &init->realm, &alias));
    (void)snprintf(alias.label, sizeof alias.label, "operator");
    alias.key = init->operator_key;
    alias.next = init->next_key;
    return cy_home_add(home, &alias, 1);
}

/* --- the command --- */

static cy_err check_line(struct init *init)
{
    init->name = cy_cli_arg(&init->run->args, "name");
    init->tls = cy_cli_arg_on(&init->run->args, "tls");
    init->port = 7301;
    if (cy_cli_arg(&init->run->args, "dir") == NULL || init->name == NULL) {
        cy_cli_note(init->run, "comity init needs --dir DIR and --name ORIGIN");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (!cy_form_origin(init->name) || strlen(init->name) > 63) {
        cy_cli_note(init->run,
                    "--name %s: a ledger is named like a URL without its scheme, at most 63 bytes, "
                    "such as a.example/ledger",
                    init->name);
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(read_number(init, "plain-port", 65535, &init->plain_port));
    return read_number(init, "port", 65535, &init->port);
}

static int report(struct init *init)
{
    struct cy_cli *run = init->run;
    char realm[65];

    cy_hex(init->realm.b, sizeof init->realm.b, realm);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "dir", init->made.dir,
                                           "origin", init->name, "realm", realm, "vkey", init->vkey,
                                           "pin", init->made.pin, "socket", init->made.socket));
    (void)fprintf(run->out,
                  "%s is a realm now.\n"
                  "  realm       %s\n"
                  "  ledger key  %s\n"
                  "  keys        %s (operator with its next key, log, witness)\n"
                  "  passphrase  %s\n"
                  "  settings    %s/comityd.conf (daemon), %s/client.conf (this command)\n"
                  "Keep a copy of the key directory and the passphrase apart from this machine.\n"
                  "\nNext:\n"
                  "  comity-signer --keys %s --socket %s --passphrase-file %s &\n"
                  "  comityd --config %s/comityd.conf &\n"
                  "Then: export COMITY_DIR=%s; comity doctor\n",
                  init->name, realm, init->vkey, init->made.keys, init->made.passphrase,
                  init->made.dir, init->made.dir, init->made.keys, init->made.socket,
                  init->made.passphrase, init->made.dir, init->made.dir);
    return CY_EXIT_OK;
}

static cy_err check_sql(struct init *init)
{
    const char *url = cy_cli_arg(&init->run->args, "sql");
    char why[CY_SQL_WHY];
    cy_err err = CY_OK;

    if (url == NULL || strcmp(url, "none") == 0)
        return CY_OK;
    err = cy_sql_url_check(url, why);
    if (!cy_ok(err))
        cy_cli_note(init->run, "--sql: %s", why);
    return err;
}

static cy_err make(struct init *init)
{
    struct texts *texts = cy_arena_zero(&init->run->arena, sizeof *texts);
    char data[CY_HOME_DIR_MAX];
    struct cy_span act;

    if (texts == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(check_line(init));
    CY_TRY(check_sql(init));
    CY_TRY(read_texts(init, texts));
    CY_TRY(cy_making_dir(&init->made, cy_cli_arg(&init->run->args, "dir")));
    CY_TRY(cy_making_passphrase(&init->made));
    if (init->tls)
        CY_TRY(cy_making_tls(&init->made));
    CY_TRY(cy_making_signer(&init->made));
    CY_TRY(make_keys(init));
    CY_TRY(sign_genesis(init, texts, &act));
    (void)snprintf(data, sizeof data, "%.800s/data", init->made.dir);
    CY_TRY(cy_cli_begin_ledger(init->run, data, act, &init->log_key, &init->realm));
    return write_home(init);
}

int cy_cli_init(struct cy_cli *run)
{
    struct init *init = calloc(1, sizeof *init);
    cy_err err = CY_OK;
    int code = 0;

    if (init == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    init->run = run;
    init->made.run = run;
    err = make(init);
    cy_making_end(&init->made, cy_ok(err));
    if (cy_ok(err)) {
        code = report(init);
    } else {
        if (init->made.dir[0] != 0 && run->why[0] == 0)
            cy_cli_note(run, "%s was begun; remove it before trying again", init->made.dir);
        code = cy_cli_fail(run, err, NULL);
    }
    free(init);
    return code;
}
