#include "host/system/log.h"

#include "base/date.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char *const secret_words[] = {"secret", "private", "passphrase",    "password",
                                           "seed",   "token",   "authorization", "cookie"};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct cy_log_options now = {.level = CY_LOG_WARN, .people = true};
static int json_file = -1;
static uint64_t lost;

cy_err cy_log_level_read(const char *name, enum cy_log_level *out)
{
    for (size_t i = 0; i < CY_COUNT(level_names); i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *out = (enum cy_log_level)i;
            return CY_OK;
        }
    }
    return cy_fail(CY_E_BAD_TEXT, 0);
}

static bool is_secret(const struct cy_log_field *field)
{
    for (size_t i = 0; field->key != NULL && i < CY_COUNT(secret_words); i++) {
        if (strcasestr(field->key, secret_words[i]) != NULL)
            return true;
    }
    return field->kind == CY_LOG_TEXT && strstr(field->at, "PRIVATE KEY-----") != NULL;
}

/* The value as text: UTF-8 as it is, anything else with its odd bytes as \xNN. */
static void value_text(const struct cy_log_field *field, struct cy_text *out)
{
    const char *text = field->at;

    switch (field->kind) {
    case CY_LOG_HEX: cy_text_hex(out, cy_span_of(field->at, field->n)); return;
    case CY_LOG_TEXT:
    case CY_LOG_SAY: break;
    case CY_LOG_END:
    case CY_LOG_NUMBER:
    case CY_LOG_CODE: return;
    }
    if (cy_ok(cy_utf8_check(cy_span_text(text)))) {
        cy_text_add(out, text);
        return;
    }
    for (; *text != 0; text++) {
        const uint8_t c = (uint8_t)*text;

        if (c >= 0x20 && c < 0x7f) {
            cy_text_span(out, cy_span_of(text, 1));
        } else {
            cy_text_add(out, "\\x");
            cy_text_hex(out, cy_span_of(&c, 1));
        }
    }
}

static void add_code(json_t *line, cy_err err)
{
    const struct cy_err_info *info = cy_err_info(err.code);

    (void)json_object_set_new(line, "code", json_string(info->path));
    (void)json_object_set_new(line, "name", json_string(info->name));
    (void)json_object_set_new(line, "why", json_string(info->text));
    (void)json_object_set_new(line, "remedy", json_string(info->remedy));
    (void)json_object_set_new(line, "detail", json_integer((json_int_t)err.detail));
}

static void write_all(int file, const char *at, size_t n)
{
    while (n > 0) {
        const ssize_t put = write(file, at, n);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            lost++;
            return;
        }
        at += put;
        n -= (size_t)put;
    }
}

static void write_json(const char *time, enum cy_log_level level, const char *part,
                       const struct cy_log_field *fields)
{
    char value[1024];
    json_t *line = json_object();
    char *text = NULL;
    size_t n = 0;

    (void)json_object_set_new(line, "time", json_string(time));
    (void)json_object_set_new(line, "level", json_string(level_names[level]));
    (void)json_object_set_new(line, "part", json_string(part));
    for (; fields->kind != CY_LOG_END; fields++) {
        struct cy_text words = cy_text_on(value, sizeof value);
        const char *key = fields->kind == CY_LOG_SAY ? "message" : fields->key;

        if (fields->kind == CY_LOG_CODE) {
            add_code(line, fields->err);
            continue;
        }
        if (is_secret(fields)) {
            (void)json_object_set_new(line, key, json_string("[hidden]"));
            continue;
        }
        if (fields->kind == CY_LOG_NUMBER) {
            (void)json_object_set_new(line, key, json_integer((json_int_t)fields->number));
            continue;
        }
        value_text(fields, &words);
        while (words.full && words.n > 0 && !cy_ok(cy_utf8_check(cy_text_bytes(&words))))
            words.n--; /* a character that was cut in two */
        (void)json_object_set_new(line, key, json_stringn(value, words.n));
    }
    text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    if (text == NULL) {
        lost++;
        return;
    }
    n = strlen(text);
    text[n] = '\n'; /* one write for the whole line: the 0 is not needed any more */
    write_all(json_file, text, n + 1);
    free(text);
}

static void people_value(struct cy_text *out, const struct cy_log_field *field)
{
    char value[1024];
    struct cy_text words = cy_text_on(value, sizeof value);

    value_text(field, &words);
    for (size_t i = 0; i < words.n; i++) {
        if (value[i] == '\n' || value[i] == '\t')
            value[i] = ' ';
    }
    cy_text_span(out, cy_text_bytes(&words));
}

static void people_number(struct cy_text *out, int64_t number)
{
    if (number < 0)
        cy_text_add(out, "-");
    cy_text_u64(out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

static void write_people(const char *time, enum cy_log_level level, const char *part,
                         const struct cy_log_field *fields)
{
    char line[LINE_MAX_BYTES];
    struct cy_text out = cy_text_on(line, sizeof line - 1);

    cy_text_span(&out, cy_span_of(time + 11, 12));
    cy_text_add(&out, " ");
    cy_text_add(&out, level_names[level]);
    cy_text_add(&out, " ");
    cy_text_add(&out, part);
    cy_text_add(&out, ":");
    for (; fields->kind != CY_LOG_END; fields++) {
        cy_text_add(&out, " ");
        if (fields->kind == CY_LOG_CODE) {
            const struct cy_err_info *info = cy_err_info(fields->err.code);

            cy_text_add(&out, info->text);
            cy_text_add(&out, " [");
            cy_text_add(&out, info->path);
            cy_text_add(&out, "; ");
            cy_text_add(&out, info->remedy);
            cy_text_add(&out, "]");
            continue;
        }
        if (fields->kind != CY_LOG_SAY) {
            cy_text_add(&out, fields->key);
            cy_text_add(&out, "=");
        }
        if (is_secret(fields))
            cy_text_add(&out, "[hidden]");
        else if (fields->kind == CY_LOG_NUMBER)
            people_number(&out, fields->number);
        else
            people_value(&out, fields);
    }
    line[out.n] = '\n';
    write_all(STDERR_FILENO, line, out.n + 1);
}

void cy_log_write(enum cy_log_level level, const char *part, const struct cy_log_field *fields)
{
    const int was = errno;
    struct timespec clock;
    char time[32];
    struct cy_text text = cy_text_on(time, sizeof time);

    (void)clock_gettime(CLOCK_REALTIME, &clock);
    cy_time_text(&text, (uint64_t)clock.tv_sec * 1000 + (uint64_t)clock.tv_nsec / 1000000);
    (void)pthread_mutex_lock(&guard);
    if (level <= now.level) {
        if (json_file >= 0)
            write_json(time, level, part, fields);
        if (now.people)
            write_people(time, level, part, fields);
    }
    (void)pthread_mutex_unlock(&guard);
    errno = was;
}

cy_err cy_log_open(const struct cy_log_options *options)
{
    int file = -1;

    if (options->json_path != NULL) {
        file = open(options->json_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
        if (file < 0)
            return cy_fail(CY_E_LOG_OPEN, (uint64_t)errno);
    }
    (void)pthread_mutex_lock(&guard);
    if (json_file >= 0)
        (void)close(json_file);
    json_file = file;
    now = *options;
    now.json_path = NULL; /* the caller's memory is not kept */
    (void)pthread_mutex_unlock(&guard);
    return CY_OK;
}

void cy_log_level_set(enum cy_log_level level)
{
    (void)pthread_mutex_lock(&guard);
    now.level = level;
    (void)pthread_mutex_unlock(&guard);
}

void cy_log_close(void)
{
    (void)cy_log_open(&(struct cy_log_options){.level = CY_LOG_WARN, .people = true}).code;
}

uint64_t cy_log_lost(void)
{
    uint64_t n = 0;

    (void)pthread_mutex_lock(&guard);
    n = lost;
    (void)pthread_mutex_unlock(&guard);
    return n;
}
