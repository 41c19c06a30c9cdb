/* config, daemon_config: errors with their line, where values come from, the example file. */
#include "host/system/daemon_config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cm.h"

static char path[64];
static char words[4096];
static struct cy_daemon_config values;
static struct cy_config *config;

static int start(void **s)
{
    (void)s;
    strcpy(path, "/tmp/cy_config_XXXXXX");
    close(mkstemp(path));
    return 0;
}

static int finish(void **s)
{
    (void)s;
    cy_config_free(config);
    config = NULL;
    unlink(path);
    return 0;
}

static cy_err load(const char *text)
{
    struct cy_text why = cy_text_on(words, sizeof words);
    FILE *file = fopen(path, "w");

    fputs(text, file);
    fclose(file);
    cy_config_free(config);
    return cy_daemon_config_load(path, &values, &config, &why);
}

static void said(unsigned line, const char *sentence)
{
    char want[256];

    if (line > 0)
        snprintf(want, sizeof want, "%s:%u: %s", path, line, sentence);
    else
        snprintf(want, sizeof want, "%s", sentence);
    if (strstr(words, want) == NULL)
        fail_msg("wanted: %s\ngot: %s", want, words);
}

#define KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

static void federation(void **s)
{
    (void)s;
    assert_ok(
        load("origin = \"sea.example/federation\";\n"
             "federation: { genesis = \"genesis.act\"; seat = \"a.example/ledger\";\n"
             "  label_vote = \"vote-sea\";\n"
             "  peers = ( { seat = \"b.example/ledger\"; url = \"https://b.example\"; } ); };\n"));
    assert_true(cy_daemon_federation(&values));
    assert_int_equal(values.federation_peers.n, 1);
    assert_string_equal(values.federation_peers.at[0].cells[CY_FEDERATION_PEER_SEAT],
                        "b.example/ledger");
    assert_string_equal(values.federation_label_vote, "vote-sea");
    assert_string_equal(values.federation_label_peer, "peer");
    assert_code(load("origin = \"a/b\";\nfederation: { seat = \"c/d\"; };\n"), BAD_CONFIG);
    said(0, "default: federation.genesis must be set too");
    assert_code(load("origin = \"a/b\";\nfederation: { genesis = \"g\"; };\n"), BAD_CONFIG);
    said(0, "default: federation.seat must be set too");
    assert_code(load("origin = \"a/b\";\nfederation: { genesis = \"g\"; seat = \"c/d\"; };\n"
                     "witnesses = ( { name = \"b\"; url = \"https://b.example\"; vkey = \"" KEY
                     "\"; } );\n"),
                BAD_CONFIG);
    said(3, "witnesses have no place in a federation");
    assert_ok(load("origin = \"a/b\";\n"));
    assert_false(cy_daemon_federation(&values));
}

static void good(void **s)
{
    (void)s;
    assert_ok(load("origin = \"a.example/ledger\";\n"
                   "listen: { port = 0; hosts = [ \"a.example\", \"b.example\" ]; };\n"
                   "witnesses = ( { name = \"b\"; url = \"https://b.example\";\n"
                   "  vkey = \"" KEY "\"; } );\n"
                   "tick_ms = 250; log: { level = \"debug\"; };\n"));
    assert_string_equal(values.origin, "a.example/ledger");
    assert_int_equal(values.listen_port, 0);
    assert_int_equal(values.listen_hosts.n, 2);
    assert_string_equal(values.listen_hosts.at[1], "b.example");
    assert_int_equal(values.witnesses.n, 1);
    assert_string_equal(values.witnesses.at[0].cells[CY_WITNESS_URL], "https://b.example");
    assert_string_equal(values.witnesses.at[0].cells[CY_WITNESS_PIN], "");
    assert_string_equal(values.log_level, "debug");
    assert_int_equal(values.body_max, 69632);
    assert_string_equal(cy_config_from(config, "data"), "default");
    snprintf(words, sizeof words, "%s:5", path);
    assert_string_equal(cy_config_from(config, "tick_ms"), words);
    assert_null(cy_config_from(config, "tick"));
}

static void errors_have_lines(void **s)
{
    (void)s;
    assert_code(load("origin = \"a.example/ledger\";\nlisten: { prot = 1; };\n"), BAD_CONFIG);
    said(2, "listen.prot is not a setting; did you mean listen.port?");
    assert_code(load("orgin = \"x\";\nzzzzzzzz = 1;\n"), BAD_CONFIG);
    said(1, "orgin is not a setting; did you mean origin?");
    said(2, "zzzzzzzz is not a setting; remove it");
    said(0, "origin must be set: ");
    assert_code(load("origin = \"a.example/ledger\";\n\nlisten: {\n port = \"7301\"; };\n"),
                BAD_CONFIG);
    said(4, "listen.port must be a whole number");
    assert_code(load("origin = \"a.example/ledger\";\nlisten: { port = 70000; };\n"), BAD_CONFIG);
    said(2, "listen.port is 70000; write a number from 0 to 65535 (default 7301)");
    assert_code(load("origin = \"a.example/ledger\";\ntick_ms = 1.5;\n"), BAD_CONFIG);
    said(2, "tick_ms must be a whole number");
    assert_code(load("origin = \"http://x\";\nlisten = 7;\nlog: { level = \"loud\"; };\n"),
                BAD_CONFIG);
    said(1, "origin is \"http://x\"; write a ledger name such as a.example/ledger");
    said(2, "listen must be a group: listen: { ... };");
    said(3, "log.level is \"loud\"; write one of error|warn|info|debug");
    assert_code(load("origin = \"a.example/ledger\"\ntick_ms = ;\n"), BAD_CONFIG);
    said(2, "syntax error");
    assert_code(load("origin = \"a/b\";\ntick_ms = 100;\ntick_ms = 200;\n"), BAD_CONFIG);
    said(3, "duplicate setting name");
    assert_code(load("origin = \"\";\n"), BAD_CONFIG);
    said(1, "origin has 0 bytes; write 1 to 100 bytes");
    assert_code(load("origin = \"a\\x1b/b\";\n"), BAD_CONFIG);
    said(1, "origin holds control characters");
}

static void lists(void **s)
{
    (void)s;
    assert_code(load("origin = \"a/b\";\nwitnesses = (\n"
                     " { name = \"b\"; ulr = \"https://b.example\"; vkey = \"" KEY "\"; },\n"
                     " { name = \"c\"; url = \"http://c.example\"; vkey = \"key\"; },\n"
                     " \"d\",\n"
                     " { name = 5; url = \"https://c.example\"; vkey = \"" KEY "\";\n"
                     "   tls_pin = \"sha1//x\"; } );\n"),
                BAD_CONFIG);
    said(3, "witnesses has no \"ulr\"; did you mean url?");
    said(3, "witnesses: \"url\" must be given (where it answers)");
    said(4, "url is \"http://c.example\"; write an https:// URL (http:// only on loopback)");
    said(4, "vkey is \"key\"; write a verifier key NAME+hash+base64");
    said(5, "witnesses must hold groups: ( { name = \"...\"; } )");
    said(6, "witnesses: name must be a text in quotes");
    said(7, "tls_pin is \"sha1//x\"; write a key pin");
    assert_code(load("origin = \"a/b\";\nlisten: { hosts = [ 1, 2 ]; };\n"), BAD_CONFIG);
    said(2, "listen.hosts must hold texts in quotes");
}

static void rules_that_join_settings(void **s)
{
    (void)s;
    assert_code(load("origin = \"a/b\";\ntls: { on = true; key = \"k\"; };\n"), BAD_CONFIG);
    said(0, "tls.cert must be set when tls.on is true");
    assert_code(load("origin = \"a/b\";\nlisten: { address = \"0.0.0.0\"; };\n"), BAD_CONFIG);
    said(2, "listen.address is reachable from other machines");
    assert_ok(load("origin = \"a/b\";\nlisten: { address = \"0.0.0.0\"; };\n"
                   "tls: { on = true; cert = \"c\"; key = \"k\"; };\n"));
}

static void unreadable(void **s)
{
    struct cy_text why = cy_text_on(words, sizeof words);

    (void)s;
    assert_code(cy_daemon_config_load("/nonexistent.cfg", &values, &config, &why), CONFIG_READ);
    said(0, "/nonexistent.cfg: No such file");
    assert_code(cy_daemon_config_load("/tmp", &values, &config, &why), CONFIG_READ);
    said(0, "/tmp: not a regular file");
}

static void command_line(void **s)
{
    struct cy_text why = cy_text_on(words, sizeof words);

    (void)s;
    assert_ok(load("origin = \"a/b\";\n"));
    assert_ok(cy_config_set(config, "listen.port", "0", "--set", &why));
    assert_int_equal(values.listen_port, 0);
    assert_string_equal(cy_config_from(config, "listen.port"), "--set");
    assert_ok(cy_config_set(config, "tls.on", "false", "--set", &why));
    assert_code(cy_config_set(config, "listen.port", "7x", "--set", &why), BAD_CONFIG);
    said(0, "--set: listen.port is \"7x\"; write a whole number");
    assert_code(cy_config_set(config, "tls.on", "yes", "--set", &why), BAD_CONFIG);
    assert_code(cy_config_set(config, "tick", "1", "--set", &why), BAD_CONFIG);
    said(0, "did you mean tick_ms?");
}

static void explain(void **s)
{
    size_t n = 0;
    char *text = NULL;
    json_t *json = NULL;
    const json_t *row = NULL;
    size_t count = 0;

    (void)s;
    assert_ok(
        load("origin = \"a/b\";\nwitness_for = ( { origin = \"c/d\"; vkey = \"" KEY "\"; } );\n"));
    text = cy_config_explain(config, false, &n);
    assert_non_null(strstr(text, "listen.port = 7301\n    from default; a number from 0 to 65535; "
                                 "default 7301\n    TCP port of the main listener"));
    snprintf(words, sizeof words, "origin = \"a/b\"\n    from %s:1; a ledger name", path);
    assert_non_null(strstr(text, words));
    free(text);
    text = cy_config_explain(config, true, &n);
    json = json_loads(text, 0, NULL);
    free(text);
    assert_non_null(json);
    (void)cy_daemon_settings(&count);
    assert_int_equal(json_array_size(json), count);
    row = json_array_get(json, 0);
    assert_string_equal(json_string_value(json_object_get(row, "value")), "a/b");
    for (size_t i = 0; i < count; i++) {
        row = json_array_get(json, i);
        assert_true(json_string_length(json_object_get(row, "doc")) > 10);
        if (strcmp(json_string_value(json_object_get(row, "name")), "witness_for") == 0)
            assert_string_equal(json_string_value(json_object_get(
                                    json_array_get(json_object_get(row, "value"), 0), "origin")),
                                "c/d");
    }
    json_decref(json);
}

/* The example loads, and means exactly the defaults. */
static void example(void **s)
{
    static struct cy_daemon_config plain;
    struct cy_config *defaults = NULL;
    struct cy_text why = cy_text_on(words, sizeof words);
    size_t count = 0;
    size_t n = 0;
    const struct cy_setting *settings = cy_daemon_settings(&count);
    char *text = cy_config_example(settings, count, "comityd", &n);
    char *whole = NULL;
    char *a = NULL;
    char *b = NULL;

    (void)s;
    assert_int_equal(asprintf(&whole, "origin = \"a/b\";%s", text) > 0, 1);
    assert_code(load(text), BAD_CONFIG);
    said(0, "origin must be set");
    assert_ok(load(whole));
    assert_ok(cy_daemon_config_load(NULL, &plain, &defaults, &why));
    assert_ok(cy_config_set(defaults, "origin", "a/b", "x", &why));
    for (size_t i = 0; i < count; i++) {
        if (settings[i].type != CY_SETTING_NAMES && settings[i].type != CY_SETTING_LIST &&
            strcmp(settings[i].name, "origin") != 0)
            assert_string_not_equal(cy_config_from(config, settings[i].name), "default");
    }
    values.listen_hosts.at = plain.listen_hosts.at;
    values.witnesses.at = plain.witnesses.at;
    values.witness_for.at = plain.witness_for.at;
    assert_string_equal(values.data, plain.data);
    assert_int_equal(values.commit_bytes, plain.commit_bytes);
    assert_int_equal(values.snapshot_acts, plain.snapshot_acts);
    assert_int_equal(values.listen_hosts.n, 0);
    a = cy_config_explain(config, true, &n);
    b = cy_config_explain(defaults, true, &n);
    assert_non_null(a);
    assert_non_null(b);
    {
        json_t *one = json_loads(a, 0, NULL);
        json_t *two = json_loads(b, 0, NULL);

        for (size_t i = 0; i < count; i++)
            assert_true(json_equal(json_object_get(json_array_get(one, i), "value"),
                                   json_object_get(json_array_get(two, i), "value")));
        json_decref(one);
        json_decref(two);
    }
    free(a);
    free(b);
    free(text);
    free(whole);
    cy_config_free(defaults);
}

/* etc/comityd.cfg.example is what the table prints. After a change of the table:
 * CY_WRITE_EXAMPLE=1 build/debug/bin/test_config */
static void example_file(void **s)
{
    static char text[65536];
    size_t count = 0;
    size_t n = 0;
    const struct cy_setting *settings = cy_daemon_settings(&count);
    char *want = cy_config_example(settings, count, "comityd: the daemon of one realm.", &n);
    const char *file_path = CY_SOURCE "/etc/comityd.cfg.example";
    FILE *file = NULL;

    (void)s;
    if (getenv("CY_WRITE_EXAMPLE") != NULL) {
        file = fopen(file_path, "w");
        assert_non_null(file);
        fputs(want, file);
        fclose(file);
    }
    file = fopen(file_path, "r");
    assert_non_null(file);
    n = fread(text, 1, sizeof text - 1, file);
    text[n] = 0;
    fclose(file);
    assert_string_equal(text, want);
    free(want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(federation, start, finish),
        cmocka_unit_test_setup_teardown(good, start, finish),
        cmocka_unit_test_setup_teardown(errors_have_lines, start, finish),
        cmocka_unit_test_setup_teardown(lists, start, finish),
        cmocka_unit_test_setup_teardown(rules_that_join_settings, start, finish),
        cmocka_unit_test_setup_teardown(unreadable, start, finish),
        cmocka_unit_test_setup_teardown(command_line, start, finish),
        cmocka_unit_test_setup_teardown(explain, start, finish),
        cmocka_unit_test_setup_teardown(example, start, finish),
        cmocka_unit_test(example_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
