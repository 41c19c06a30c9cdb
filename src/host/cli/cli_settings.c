#include "host/cli/cli_settings.h"

#include "host/system/daemon_config.h"
#include "host/system/tls.h"

#include <stdlib.h>

#define TLS_DAYS 3650u
#define CERT_MAX 65536u

const struct cy_cli_option cy_cli_config_options[] = {
    {"config", "FILE", "the daemon's configuration (DIR/comityd.conf)"},
    {NULL,     NULL,   NULL                                           },
};

const struct cy_cli_option cy_cli_tls_options[] = {
    {"host", "NAME", "host name or address of the server; repeat"},
    {"cert", "FILE", "the certificate (DIR/tls.cert.pem)"        },
    {"key",  "FILE", "the key (DIR/tls.key.pem)"                 },
    {NULL,   NULL,   NULL                                        },
};

/* The file given with an option, else NAME in the directory; NULL with a note when there is none.
 */
static const char *file_for(struct cy_cli *run, const char *option, const char *name,
                            char room[static CY_HOME_DIR_MAX])
{
    const char *given = cy_cli_arg(&run->args, option);

    if (given != NULL)
        return given;
    if (run->home.dir[0] != 0 && cy_home_path(&run->home, name, room))
        return room;
    cy_cli_note(run, "--%s FILE, or --dir DIR, says where %s is", option, name);
    return NULL;
}

int cy_cli_config_explain(struct cy_cli *run)
{
    char room[CY_HOME_DIR_MAX];
    const char *path = file_for(run, "config", "comityd.conf", room);
    struct cy_text why = cy_text_on(run->why, sizeof run->why);
    struct cy_daemon_config values;
    struct cy_config *config = NULL;
    cy_err err = CY_OK;
    char *text = NULL;
    size_t n = 0;

    if (path == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_USAGE, 0), NULL);
    err = cy_daemon_config_load(path, &values, &config, &why);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    text = cy_config_explain(config, run->json, &n);
    cy_config_free(config);
    if (text == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    (void)fwrite(text, 1, n, run->out);
    free(text);
    return CY_EXIT_OK;
}

int cy_cli_param_list(struct cy_cli *run)
{
    json_t *root = NULL;
    json_t *param = NULL;
    size_t i = 0;
    const cy_err err = cy_cli_fetch_json(run, "/v1/params", &root);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, root);
    json_array_foreach(json_object_get(root, "params"), i, param)
    {
        const json_int_t value = json_integer_value(json_object_get(param, "value"));
        const json_int_t usual = json_integer_value(json_object_get(param, "default"));

        (void)fprintf(run->out, "%-16s %12lld %-8s %s%s\n",
                      json_string_value(json_object_get(param, "name")), (long long)value,
                      json_string_value(json_object_get(param, "unit")),
                      json_string_value(json_object_get(param, "meaning")),
                      value == usual ? "" : " (set here)");
    }
    json_decref(root);
    return CY_EXIT_OK;
}

int cy_cli_tls_new(struct cy_cli *run)
{
    const char *names[16] = {"localhost", "127.0.0.1", "::1"};
    char cert_room[CY_HOME_DIR_MAX];
    char key_room[CY_HOME_DIR_MAX];
    const char *cert = file_for(run, "cert", "tls.cert.pem", cert_room);
    const char *key = file_for(run, "key", "tls.key.pem", key_room);
    char pin[CY_TLS_PIN_SIZE];
    struct cy_tls_pair pair;
    const char *host = NULL;
    size_t at = 0;
    size_t n = 3;
    cy_err err = CY_OK;

    if (cert == NULL || key == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_USAGE, 0), NULL);
    while (n < CY_COUNT(names) && (host = cy_cli_arg_next(&run->args, "host", &at)) != NULL)
        names[n++] = host;
    err = cy_tls_make(CY_TLS_P256, names, n, cy_cli_now() / 1000, TLS_DAYS, &pair);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    err = cy_tls_pin(pair.cert, pin);
    if (cy_ok(err))
        err = cy_tls_write(&pair, cert, key);
    cy_tls_free(&pair);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:s,s:s}", "cert", cert, "key", key, "pin", pin));
    (void)fprintf(run->out,
                  "certificate  %s\nkey          %s\npin          %s\n"
                  "Peers write the pin into their settings; comityd reads the files at start.\n",
                  cert, key, pin);
    return CY_EXIT_OK;
}

int cy_cli_tls_pin(struct cy_cli *run)
{
    char room[CY_HOME_DIR_MAX];
    const char *path = file_for(run, "cert", "tls.cert.pem", room);
    char pin[CY_TLS_PIN_SIZE];
    struct cy_span cert;
    cy_err err = CY_OK;

    if (path == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_USAGE, 0), NULL);
    err = cy_cli_read_file(run, path, CERT_MAX, &cert);
    if (cy_ok(err))
        err = cy_tls_pin((const char *)cert.at, pin);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, path);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s}", "pin", pin));
    (void)fprintf(run->out, "%s\n", pin);
    return CY_EXIT_OK;
}
