/* log: JSON lines, levels, no secrets, no raw control characters. */
#include "host/system/log.h"

#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cm.h"

static char path[64];

static size_t read_file(char *out, size_t cap)
{
    FILE *file = fopen(path, "r");
    size_t n = 0;

    assert_non_null(file);
    n = fread(out, 1, cap - 1, file);
    out[n] = 0;
    fclose(file);
    return n;
}

static int start(void **s)
{
    (void)s;
    strcpy(path, "/tmp/cy_log_XXXXXX");
    close(mkstemp(path));
    assert_ok(cy_log_open(&(struct cy_log_options){.level = CY_LOG_INFO, .json_path = path}));
    return 0;
}

static int finish(void **s)
{
    (void)s;
    cy_log_close();
    unlink(path);
    return 0;
}

static void lines(void **s)
{
    char text[4096];
    json_error_t error;
    json_t *line = NULL;

    (void)s;
    CY_LOG(CY_LOG_DEBUG, "http", cy_log_say("dropped"));
    CY_LOG(CY_LOG_INFO, "http", cy_log_say("listening"),
           cy_log_text("address", "a\"\n\x1b[31m\xff"), cy_log_number("port", -7301),
           cy_log_hex("id", "\x00\xff", 2), cy_log_code(cy_fail(CY_E_NO_ROOM, 5)));
    read_file(text, sizeof text);
    line = json_loads(text, 0, &error);
    assert_non_null(line);
    assert_string_equal(json_string_value(json_object_get(line, "level")), "info");
    assert_string_equal(json_string_value(json_object_get(line, "message")), "listening");
    assert_string_equal(json_string_value(json_object_get(line, "address")),
                        "a\"\\x0a\\x1b[31m\\xff");
    assert_int_equal(json_integer_value(json_object_get(line, "port")), -7301);
    assert_string_equal(json_string_value(json_object_get(line, "id")), "00ff");
    assert_string_equal(json_string_value(json_object_get(line, "code")), "operator.limit.full");
    assert_int_equal(json_integer_value(json_object_get(line, "detail")), 5);
    json_decref(line);
}

static void no_secrets(void **s)
{
    char text[4096];

    (void)s;
    CY_LOG(CY_LOG_WARN, "key", cy_log_say("made"), cy_log_text("passphrase", "hunter2"),
           cy_log_hex("signing_seed", "hunter2", 7), cy_log_text("Authorization", "hunter2"),
           cy_log_number("api_token", 987654321),
           cy_log_text("file", "-----BEGIN PRIVATE KEY-----\nhunter2"));
    read_file(text, sizeof text);
    assert_null(strstr(text, "hunter2"));
    assert_null(strstr(text, "68756e746572"));
    assert_null(strstr(text, "987654321"));
    assert_non_null(strstr(text, "[hidden]"));
}

static void long_values_are_cut_whole(void **s)
{
    static char big[3000];
    static char text[4096];
    json_t *line = NULL;

    (void)s;
    for (size_t i = 0; i + 2 < sizeof big; i += 2)
        memcpy(big + i, "\xc3\xa9", 2);
    CY_LOG(CY_LOG_WARN, "x", cy_log_say("long"), cy_log_text("a", big));
    read_file(text, sizeof text);
    line = json_loads(text, 0, NULL);
    assert_non_null(line);
    assert_true(json_string_length(json_object_get(line, "a")) > 900);
    json_decref(line);
}

static void people_read_standard_error(void **s)
{
    const int kept = dup(STDERR_FILENO);
    const int file = open(path, O_WRONLY | O_TRUNC);
    char text[512];

    (void)s;
    dup2(file, STDERR_FILENO);
    assert_ok(cy_log_open(&(struct cy_log_options){.level = CY_LOG_INFO, .people = true}));
    CY_LOG(CY_LOG_ERROR, "disk", cy_log_say("stopped"), cy_log_text("path", "a\nb"),
           cy_log_number("n", INT64_MIN));
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(file);
    read_file(text, sizeof text);
    assert_string_equal(text + 12, " error disk: stopped path=a b n=-9223372036854775808\n");
}

static void *many(void *at)
{
    for (int i = 0; i < 200; i++)
        CY_LOG(CY_LOG_INFO, "t", cy_log_say("line"), cy_log_text("who", at), cy_log_number("i", i));
    return NULL;
}

static void one_writer(void **s)
{
    static char text[400000];
    pthread_t threads[4];
    unsigned n = 0;

    (void)s;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, many, path);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    read_file(text, sizeof text);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), n++) {
        json_t *json = json_loads(line, 0, NULL);

        assert_non_null(json);
        json_decref(json);
    }
    assert_int_equal(n, 800);
    assert_int_equal(cy_log_lost(), 0);
}

static void opening(void **s)
{
    enum cy_log_level level = CY_LOG_ERROR;

    (void)s;
    assert_code(cy_log_open(&(struct cy_log_options){.json_path = "/nonexistent/log"}), LOG_OPEN);
    assert_ok(cy_log_level_read("debug", &level));
    assert_int_equal(level, CY_LOG_DEBUG);
    assert_code(cy_log_level_read("loud", &level), BAD_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines, start, finish),
        cmocka_unit_test_setup_teardown(no_secrets, start, finish),
        cmocka_unit_test_setup_teardown(long_values_are_cut_whole, start, finish),
        cmocka_unit_test_setup_teardown(people_read_standard_error, start, finish),
        cmocka_unit_test_setup_teardown(one_writer, start, finish),
        cmocka_unit_test_setup_teardown(opening, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
