#include "host/system/daemon_config.h"

#include "host/system/form.h"

#include <stdio.h>

static const struct cy_config_column witness_columns[] = {
    {"name",    true,  CY_FORM_ANY,  "b",                      "what people call it"},
    {"url",     true,  CY_FORM_URL,  "https://b.example:7301", "where it answers"   },
    {"vkey",    true,  CY_FORM_VKEY, "b.example/witness+...",  "its cosignature key"},
    {"tls_pin", false, CY_FORM_PIN,  "sha256//...",
     "its TLS key; without it the system's CAs judge"                               },
    {"since",   false, CY_FORM_TIME, "2026-11-20T12:00:00Z",
     "when its key was taken up here (RFC 3339, UTC)"                               },
    {NULL,      false, CY_FORM_ANY,  NULL,                     NULL                 },
};

static const struct cy_config_column witness_for_columns[] = {
    {"origin", true,  CY_FORM_ORIGIN, "c.example/ledger",     "the ledger's name"                 },
    {"vkey",   true,  CY_FORM_VKEY,   "c.example/ledger+...", "the key that signs its checkpoints"},
    {NULL,     false, CY_FORM_ANY,    NULL,                   NULL                                },
};

static const struct cy_config_column federation_peer_columns[] = {
    {"seat",    true,  CY_FORM_ORIGIN, "b.example/ledger",       "the name of its seat"},
    {"url",     true,  CY_FORM_URL,    "https://b.example:7401", "where it answers"    },
    {"tls_pin", false, CY_FORM_PIN,    "sha256//...",
     "its TLS key; without it the system's CAs judge"                                  },
    {NULL,      false, CY_FORM_ANY,    NULL,                     NULL                  },
};

#define AT(field) offsetof(struct cy_daemon_config, field)

static const struct cy_setting settings[] = {
#define CY_CONFIG_TEXT(field, name, value, low, high, form, doc)                                   \
    {name, CY_SETTING_TEXT, AT(field), value, low, high, form, NULL, NULL, doc},
#define CY_CONFIG_NUMBER(field, name, value, low, high, doc)                                       \
    {name, CY_SETTING_NUMBER, AT(field), value, low, high, CY_FORM_ANY, NULL, NULL, doc},
#define CY_CONFIG_BOOL(field, name, value, doc)                                                    \
    {name, CY_SETTING_BOOL, AT(field), value, 0, 1, CY_FORM_ANY, NULL, NULL, doc},
#define CY_CONFIG_CHOICE(field, name, value, choices, doc)                                         \
    {name, CY_SETTING_CHOICE, AT(field), value, 0, 0, CY_FORM_ANY, choices, NULL, doc},
#define CY_CONFIG_NAMES(field, name, high, form, doc)                                              \
    {name, CY_SETTING_NAMES, AT(field), "", 0, high, form, NULL, NULL, doc},
#define CY_CONFIG_LIST(field, name, high, columns, doc)                                            \
    {name, CY_SETTING_LIST, AT(field), "", 0, high, CY_FORM_ANY, NULL, columns, doc},
#include "host/system/daemon_config.def"
};

const struct cy_setting *cy_daemon_settings(size_t *n)
{
    *n = CY_COUNT(settings);
    return settings;
}

static void say(struct cy_text *why, const struct cy_config *config, const char *name,
                const char *sentence)
{
    cy_text_add(why, cy_config_from(config, name));
    cy_text_add(why, ": ");
    cy_text_add(why, name);
    cy_text_add(why, " ");
    cy_text_add(why, sentence);
    cy_text_add(why, "\n");
}

cy_err cy_daemon_config_check(const struct cy_daemon_config *values, const struct cy_config *config,
                              struct cy_text *why)
{
    bool good = true;

    if (values->tls_on && values->tls_cert[0] == 0) {
        say(why, config, "tls.cert", "must be set when tls.on is true; `comity tls new` makes one");
        good = false;
    }
    if (values->tls_on && values->tls_key[0] == 0) {
        say(why, config, "tls.key", "must be set when tls.on is true; `comity tls new` makes one");
        good = false;
    }
    if (!values->tls_on && !cy_form_loopback(values->listen_address)) {
        say(why, config, "listen.address",
            "is reachable from other machines; set tls.on to true, or listen on 127.0.0.1");
        good = false;
    }
    if (values->listen_plain_port != 0 && values->listen_plain_port == values->listen_port) {
        say(why, config, "listen.plain_port", "is the main listener's port; choose another");
        good = false;
    }
    if (values->witnesses_need > (int64_t)values->witnesses.n) {
        say(why, config, "wait.witnesses",
            "is more than there are witnesses; name more, or lower it");
        good = false;
    }
    if ((values->federation_genesis[0] == 0) != (values->federation_seat[0] == 0)) {
        say(why, config, values->federation_seat[0] == 0 ? "federation.seat" : "federation.genesis",
            "must be set too: a member's node has a seat and the federation's first act");
        good = false;
    }
    if (values->federation_genesis[0] != 0 && values->witnesses.n > 0) {
        say(why, config, "witnesses",
            "have no place in a federation: its heads are cosigned by its seats and trustees");
        good = false;
    }
    if (values->connections_per_address > values->connections) {
        say(why, config, "http.connections_per_address",
            "is larger than http.connections; lower it");
        good = false;
    }
    return good ? CY_OK : cy_fail(CY_E_BAD_CONFIG, 0);
}

cy_err cy_daemon_config_load(const char *path, struct cy_daemon_config *values,
                             struct cy_config **out, struct cy_text *why)
{
    cy_err done = CY_OK;

    CY_TRY(cy_config_load(settings, CY_COUNT(settings), path, values, out, why));
    done = cy_daemon_config_check(values, *out, why);
    if (!cy_ok(done)) {
        cy_config_free(*out);
        *out = NULL;
    }
    return done;
}

void cy_daemon_trail_path(const struct cy_daemon_config *values, char *out, size_t cap)
{
    if (values->admin_log[0] != 0)
        (void)snprintf(out, cap, "%s", values->admin_log);
    else
        (void)snprintf(out, cap, "%s.admin.log", values->data);
}
