#include "host/system/config.h"

#include "host/json/json.h"
#include "host/json/nearest.h"
#include "host/system/form.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SETTINGS_MAX 128
#define ERRORS_MAX 20

struct block { /* one piece of memory that lives as long as the configuration */
    struct block *next;
    max_align_t bytes[];
};

struct cy_config {
    const struct cy_setting *settings;
    size_t n;
    uint8_t *values;
    const char **from;
    struct block *blocks;
    bool starved; /* memory ran out */
    /* while loading: */
    struct cy_text *why;
    unsigned errors;
    unsigned first_line;
};

/* Where a value stands, for messages. */
struct place {
    const char *file;
    unsigned line;
};

static void *keep(struct cy_config *config, size_t n)
{
    struct block *block = calloc(1, sizeof *block + (n == 0 ? 1 : n));

    if (block == NULL) {
        config->starved = true;
        return NULL;
    }
    block->next = config->blocks;
    config->blocks = block;
    return block->bytes;
}

static const char *keep_text(struct cy_config *config, const char *text)
{
    const size_t n = strlen(text) + 1;
    char *copy = keep(config, n);

    return copy == NULL ? NULL : memcpy(copy, text, n);
}

__attribute__((format(printf, 3, 4))) static void say(struct cy_config *config, struct place place,
                                                      const char *format, ...)
{
    char line[640];
    char where[24] = "";
    va_list list;

    config->errors++;
    if (config->first_line == 0)
        config->first_line = place.line;
    if (config->errors > ERRORS_MAX)
        return;
    if (place.line > 0)
        (void)snprintf(where, sizeof where, ":%u", place.line);
    va_start(list, format);
    (void)vsnprintf(line, sizeof line, format, list);
    va_end(list);
    cy_utf8_mend(line); /* values are shown as they stand in the file, and cut */
    cy_text_add(config->why, place.file);
    cy_text_add(config->why, where);
    cy_text_add(config->why, ": ");
    cy_text_add(config->why, line);
    cy_text_add(config->why, "\n");
}

static const struct form {
    bool (*ok)(const char *text);
    const char *what;
} forms[] = {
    [CY_FORM_ANY] = {NULL,            ""                                                       },
    [CY_FORM_ORIGIN] = {cy_form_origin,  "a ledger name such as a.example/ledger"                 },
    [CY_FORM_ADDRESS] = {cy_form_address, "an IPv4 or IPv6 address such as 127.0.0.1"              },
    [CY_FORM_HOST] = {cy_form_host,    "a host name or address without a port"                  },
    [CY_FORM_URL] = {cy_form_url,     "an https:// URL (http:// only on loopback)"             },
    [CY_FORM_VKEY] = {cy_form_vkey,    "a verifier key NAME+hash+base64"                        },
    [CY_FORM_PIN] = {cy_form_pin,     "a key pin sha256//base64, as `comity tls pin` prints it"},
    [CY_FORM_PATH] = {cy_form_path,    "a path"                                                 },
    [CY_FORM_TIME] = {cy_form_time,    "a time in UTC such as 2026-11-20T12:00:00Z"             },
};

static bool form_ok(struct cy_config *config, struct place place, const char *name,
                    enum cy_form form, const char *text)
{
    if (!cy_ok(cy_utf8_check(cy_span_text(text)))) {
        say(config, place, "%s holds control characters or is not UTF-8; write plain text", name);
        return false;
    }
    if (text[0] == 0 || form == CY_FORM_ANY || forms[form].ok(text))
        return true;
    say(config, place, "%s is \"%.80s\"; write %s", name, text, forms[form].what);
    return false;
}

static bool is_choice(const char *choices, const char *text)
{
    const size_t n = strlen(text);

    while (choices != NULL && *choices != 0) {
        const size_t word = strcspn(choices, "|");

        if (word == n && strncmp(choices, text, n) == 0)
            return true;
        choices += word + (choices[word] == '|' ? 1 : 0);
    }
    return false;
}

static void *field_of(const struct cy_config *config, const struct cy_setting *setting)
{
    return config->values + setting->offset;
}

static void store_number(struct cy_config *config, const struct cy_setting *setting,
                         struct place place, int64_t value)
{
    if (value < setting->low || value > setting->high) {
        say(config, place,
            "%s is %" PRId64 "; write a number from %" PRId64 " to %" PRId64 " (default %s)",
            setting->name, value, setting->low, setting->high,
            setting->value == NULL ? "none" : setting->value);
        return;
    }
    *(int64_t *)field_of(config, setting) = value;
}

static void store_text(struct cy_config *config, const struct cy_setting *setting,
                       struct place place, const char *text)
{
    const size_t n = strlen(text);

    if (setting->type == CY_SETTING_CHOICE) {
        if (!is_choice(setting->choices, text)) {
            say(config, place, "%s is \"%.80s\"; write one of %s", setting->name, text,
                setting->choices);
            return;
        }
    } else if (n < (size_t)setting->low || n > (size_t)setting->high) {
        say(config, place, "%s has %zu bytes; write %" PRId64 " to %" PRId64 " bytes",
            setting->name, n, setting->low, setting->high);
        return;
    }
    if (form_ok(config, place, setting->name, setting->form, text))
        *(const char **)field_of(config, setting) = keep_text(config, text);
}

/* A value as it stands on a command line or in the table of defaults. */
static void store_words(struct cy_config *config, const struct cy_setting *setting,
                        struct place place, const char *words)
{
    char *end = NULL;
    long long number = 0;

    switch (setting->type) {
    case CY_SETTING_BOOL:
        if (strcmp(words, "true") == 0 || strcmp(words, "false") == 0)
            *(bool *)field_of(config, setting) = words[0] == 't';
        else
            say(config, place, "%s is \"%.80s\"; write true or false", setting->name, words);
        return;
    case CY_SETTING_NUMBER:
        errno = 0;
        number = strtoll(words, &end, 10);
        if (words[0] == 0 || *end != 0 || errno != 0)
            say(config, place, "%s is \"%.80s\"; write a whole number", setting->name, words);
        else
            store_number(config, setting, place, number);
        return;
    case CY_SETTING_TEXT:
    case CY_SETTING_CHOICE: store_text(config, setting, place, words); return;
    case CY_SETTING_NAMES:
    case CY_SETTING_LIST:
        if (words[0] != 0)
            say(config, place, "%s is a list; set it in the file", setting->name);
        return;
    }
}

static struct place place_of(const struct cy_config *config, const config_setting_t *node,
                             const char *path)
{
    const char *file = config_setting_source_file(node);

    (void)config;
    return (struct place){file != NULL ? file : path, config_setting_source_line(node)};
}

static void store_names(struct cy_config *config, const struct cy_setting *setting,
                        const config_setting_t *node, const char *path)
{
    const struct place place = place_of(config, node, path);
    struct cy_config_names *names = field_of(config, setting);
    const int n = config_setting_length(node);
    const char **at = keep(config, (size_t)n * sizeof *at);

    if (n > setting->high) {
        say(config, place, "%s has %d entries; at most %" PRId64, setting->name, n, setting->high);
        return;
    }
    for (int i = 0; i < n && at != NULL; i++) {
        const config_setting_t *item = config_setting_get_elem(node, (unsigned)i);
        const struct place here = place_of(config, item, path);

        if (config_setting_type(item) != CONFIG_TYPE_STRING) {
            say(config, here, "%s must hold texts in quotes", setting->name);
            continue;
        }
        at[i] = keep_text(config, config_setting_get_string(item));
        if (at[i] != NULL)
            (void)form_ok(config, here, setting->name, setting->form, at[i]);
    }
    *names = (struct cy_config_names){at, (size_t)n};
}

/* One group of a list: every member must be a known column and a text. */
static void store_row(struct cy_config *config, const struct cy_setting *setting,
                      const config_setting_t *item, const char *path, struct cy_config_row *row)
{
    const char *known[CY_CONFIG_COLUMNS];
    size_t known_n = 0;

    for (; known_n < CY_CONFIG_COLUMNS && setting->columns[known_n].name != NULL; known_n++)
        known[known_n] = setting->columns[known_n].name;
    for (size_t i = 0; i < CY_CONFIG_COLUMNS; i++)
        row->cells[i] = "";
    for (int i = 0; i < config_setting_length(item); i++) {
        const config_setting_t *cell = config_setting_get_elem(item, (unsigned)i);
        const struct place here = place_of(config, cell, path);
        const char *name = config_setting_name(cell);
        const char *near = cy_nearest(name, known, known_n);
        size_t column = 0;

        while (column < known_n && strcmp(known[column], name) != 0)
            column++;
        if (column == known_n) {
            say(config, here, "%s has no \"%.60s\"%s%s%s", setting->name, name,
                near != NULL ? "; did you mean " : "", near != NULL ? near : "",
                near != NULL ? "?" : "");
            continue;
        }
        if (config_setting_type(cell) != CONFIG_TYPE_STRING) {
            say(config, here, "%s: %s must be a text in quotes", setting->name, name);
            continue;
        }
        row->cells[column] = keep_text(config, config_setting_get_string(cell));
        if (row->cells[column] == NULL)
            row->cells[column] = "";
        (void)form_ok(config, here, name, setting->columns[column].form, row->cells[column]);
    }
    for (size_t i = 0; i < known_n; i++) {
        if (setting->columns[i].need && row->cells[i][0] == 0)
            say(config, place_of(config, item, path), "%s: \"%s\" must be given (%s)",
                setting->name, known[i], setting->columns[i].doc);
    }
}

static void store_list(struct cy_config *config, const struct cy_setting *setting,
                       const config_setting_t *node, const char *path)
{
    struct cy_config_list *list = field_of(config, setting);
    const int n = config_setting_length(node);
    struct cy_config_row *at = keep(config, (size_t)n * sizeof *at);

    if (n > setting->high) {
        say(config, place_of(config, node, path), "%s has %d entries; at most %" PRId64,
            setting->name, n, setting->high);
        return;
    }
    for (int i = 0; i < n && at != NULL; i++) {
        const config_setting_t *item = config_setting_get_elem(node, (unsigned)i);

        if (config_setting_type(item) != CONFIG_TYPE_GROUP)
            say(config, place_of(config, item, path), "%s must hold groups: ( { %s = \"...\"; } )",
                setting->name, setting->columns[0].name);
        else
            store_row(config, setting, item, path, &at[i]);
    }
    *list = (struct cy_config_list){at, (size_t)n};
}

static const char *type_words(enum cy_setting_type type)
{
    static const char *const words[] = {
        [CY_SETTING_BOOL] = "true or false",
        [CY_SETTING_NUMBER] = "a whole number",
        [CY_SETTING_TEXT] = "a text in quotes",
        [CY_SETTING_CHOICE] = "a text in quotes",
        [CY_SETTING_NAMES] = "a list of texts: [ \"a\", \"b\" ]",
        [CY_SETTING_LIST] = "a list of groups: ( { ... }, { ... } )",
    };

    return words[type];
}

static bool type_fits(enum cy_setting_type type, const config_setting_t *node)
{
    const int is = config_setting_type(node);

    switch (type) {
    case CY_SETTING_BOOL: return is == CONFIG_TYPE_BOOL;
    case CY_SETTING_NUMBER: return is == CONFIG_TYPE_INT || is == CONFIG_TYPE_INT64;
    case CY_SETTING_TEXT:
    case CY_SETTING_CHOICE: return is == CONFIG_TYPE_STRING;
    case CY_SETTING_NAMES: return is == CONFIG_TYPE_ARRAY || is == CONFIG_TYPE_LIST;
    case CY_SETTING_LIST: return is == CONFIG_TYPE_LIST;
    }
    return false;
}

static void store_node(struct cy_config *config, size_t i, const config_setting_t *node,
                       const char *path)
{
    const struct cy_setting *setting = &config->settings[i];
    const struct place place = place_of(config, node, path);
    char from[512];

    (void)snprintf(from, sizeof from, "%s:%u", place.file, place.line);
    config->from[i] = keep_text(config, from);
    if (!type_fits(setting->type, node)) {
        say(config, place, "%s must be %s", setting->name, type_words(setting->type));
        return;
    }
    switch (setting->type) {
    case CY_SETTING_BOOL:
        *(bool *)field_of(config, setting) = config_setting_get_bool(node) != 0;
        return;
    case CY_SETTING_NUMBER:
        store_number(config, setting, place, config_setting_get_int64(node));
        return;
    case CY_SETTING_TEXT:
    case CY_SETTING_CHOICE:
        store_text(config, setting, place, config_setting_get_string(node));
        return;
    case CY_SETTING_NAMES: store_names(config, setting, node, path); return;
    case CY_SETTING_LIST: store_list(config, setting, node, path); return;
    }
}

static void unknown(struct cy_config *config, const config_setting_t *node, const char *name,
                    const char *path)
{
    const char *names[SETTINGS_MAX];
    const char *near = NULL;

    for (size_t i = 0; i < config->n; i++)
        names[i] = config->settings[i].name;
    near = cy_nearest(name, names, config->n);
    say(config, place_of(config, node, path), "%s is not a setting%s%s%s", name,
        near != NULL ? "; did you mean " : "; remove it, or see `comity config explain`",
        near != NULL ? near : "", near != NULL ? "?" : "");
}

/* Walks a group of the file; prefix is its dotted name with the dot. Groups nest twice at most. */
static void walk(struct cy_config *config, const config_setting_t *group, const char *prefix,
                 const char *path)
{
    for (int k = 0; k < config_setting_length(group); k++) {
        const config_setting_t *node = config_setting_get_elem(group, (unsigned)k);
        char name[160];
        bool done = false;
        bool inner = false;
        int n = snprintf(name, sizeof name, "%s%s", prefix, config_setting_name(node));

        n = n < (int)sizeof name ? n : (int)sizeof name - 1;
        for (size_t i = 0; i < config->n && !done; i++) {
            const char *known = config->settings[i].name;

            inner = inner || (strncmp(known, name, (size_t)n) == 0 && known[n] == '.');
            if (strcmp(known, name) == 0) {
                store_node(config, i, node, path);
                done = true;
            }
        }
        if (done)
            continue;
        if (inner && config_setting_type(node) == CONFIG_TYPE_GROUP && n + 1 < (int)sizeof name) {
            name[n] = '.';
            name[n + 1] = 0;
            walk(config, node, name, path);
        } else if (inner) {
            say(config, place_of(config, node, path), "%s must be a group: %s: { ... };", name,
                name);
        } else {
            unknown(config, node, name, path);
        }
    }
}

static cy_err read_file(struct cy_config *config, const char *path)
{
    struct place place = {path, 0};
    struct stat stat_;
    config_t file;
    FILE *probe = fopen(path, "re");

    if (probe == NULL || fstat(fileno(probe), &stat_) != 0 || !S_ISREG(stat_.st_mode)) {
        say(config, place, "%s", probe == NULL ? strerror(errno) : "not a regular file");
        if (probe != NULL)
            (void)fclose(probe);
        return cy_fail(CY_E_CONFIG_READ, 0);
    }
    (void)fclose(probe);
    config_init(&file);
    if (config_read_file(&file, path) == CONFIG_FALSE) {
        const int line = config_error_line(&file);

        if (config_error_file(&file) != NULL)
            place.file = config_error_file(&file);
        place.line = line > 0 ? (unsigned)line : 0;
        say(config, place, "%s; a setting is `name = value;`, texts stand in double quotes",
            config_error_text(&file));
        config_destroy(&file);
        return cy_fail(CY_E_BAD_CONFIG, place.line);
    }
    walk(config, config_root_setting(&file), "", path);
    for (size_t i = 0; i < config->n; i++) {
        if (config->settings[i].value == NULL && config->from[i] == NULL)
            say(config, place, "%s must be set: %s", config->settings[i].name,
                config->settings[i].doc);
    }
    config_destroy(&file);
    return CY_OK;
}

static cy_err load(struct cy_config *config, const char *path)
{
    const struct place table = {"default", 0};

    for (size_t i = 0; i < config->n; i++) {
        const struct cy_setting *setting = &config->settings[i];

        if (setting->type == CY_SETTING_TEXT || setting->type == CY_SETTING_CHOICE)
            *(const char **)field_of(config, setting) = "";
        if (setting->type == CY_SETTING_NAMES)
            *(struct cy_config_names *)field_of(config, setting) = (struct cy_config_names){0};
        if (setting->type == CY_SETTING_LIST)
            *(struct cy_config_list *)field_of(config, setting) = (struct cy_config_list){0};
        if (setting->value != NULL)
            store_words(config, setting, table, setting->value);
        CY_ASSERT(config->errors == 0); /* a default that breaks its own bounds */
    }
    if (path != NULL)
        CY_TRY(read_file(config, path));
    if (config->starved)
        return cy_fail(CY_E_NO_MEMORY, 0);
    return config->errors == 0 ? CY_OK : cy_fail(CY_E_BAD_CONFIG, config->first_line);
}

cy_err cy_config_load(const struct cy_setting *settings, size_t n, const char *path, void *values,
                      struct cy_config **out, struct cy_text *why)
{
    struct cy_config *config = calloc(1, sizeof *config);
    cy_err done = CY_OK;

    CY_ASSERT(n <= SETTINGS_MAX);
    *out = NULL;
    if (config == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    config->settings = settings;
    config->n = n;
    config->values = values;
    config->why = why;
    config->from = keep(config, n * sizeof *config->from);
    done = config->from == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : load(config, path);
    config->why = NULL;
    if (!cy_ok(done)) {
        cy_config_free(config);
        return done;
    }
    *out = config;
    return CY_OK;
}

void cy_config_free(struct cy_config *config)
{
    struct block *block = config == NULL ? NULL : config->blocks;

    while (block != NULL) {
        struct block *next = block->next;

        free(block);
        block = next;
    }
    free(config);
}

cy_err cy_config_set(struct cy_config *config, const char *name, const char *value,
                     const char *from, struct cy_text *why)
{
    const char *names[SETTINGS_MAX];
    const char *near = NULL;
    const struct place place = {from, 0};

    config->why = why;
    config->errors = 0;
    for (size_t i = 0; i < config->n; i++) {
        names[i] = config->settings[i].name;
        if (strcmp(names[i], name) != 0)
            continue;
        store_words(config, &config->settings[i], place, value);
        if (config->errors > 0)
            return cy_fail(CY_E_BAD_CONFIG, 0);
        config->from[i] = keep_text(config, from);
        return config->starved ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;
    }
    near = cy_nearest(name, names, config->n);
    say(config, place, "%s is not a setting%s%s%s", name, near != NULL ? "; did you mean " : "",
        near != NULL ? near : "", near != NULL ? "?" : "");
    return cy_fail(CY_E_BAD_CONFIG, 0);
}

const char *cy_config_from(const struct cy_config *config, const char *name)
{
    for (size_t i = 0; i < config->n; i++) {
        if (strcmp(config->settings[i].name, name) == 0)
            return config->from[i] != NULL ? config->from[i] : "default";
    }
    return NULL;
}

static json_t *value_json(const struct cy_config *config, const struct cy_setting *setting)
{
    const void *field = field_of(config, setting);
    const struct cy_config_names *names = field;
    const struct cy_config_list *list = field;
    json_t *array = NULL;

    switch (setting->type) {
    case CY_SETTING_BOOL: return json_boolean(*(const bool *)field);
    case CY_SETTING_NUMBER: return json_integer(*(const int64_t *)field);
    case CY_SETTING_TEXT:
    case CY_SETTING_CHOICE: return json_string(*(const char *const *)field);
    case CY_SETTING_NAMES:
        array = json_array();
        for (size_t i = 0; i < names->n; i++)
            (void)json_array_append_new(array, json_string(names->at[i]));
        return array;
    case CY_SETTING_LIST: break;
    }
    array = json_array();
    for (size_t i = 0; i < list->n; i++) {
        json_t *row = json_object();

        for (size_t k = 0; k < CY_CONFIG_COLUMNS && setting->columns[k].name != NULL; k++)
            (void)json_object_set_new(row, setting->columns[k].name,
                                      json_string(list->at[i].cells[k]));
        (void)json_array_append_new(array, row);
    }
    return array;
}

/* "a number from 1 to 65535", "at most 16 groups of name, url, vkey, tls_pin", ... */
static void bounds_words(const struct cy_setting *setting, char *out, size_t cap)
{
    struct cy_text text = cy_text_on(out, cap);
    char words[96];

    switch (setting->type) {
    case CY_SETTING_BOOL: cy_text_add(&text, "true or false"); return;
    case CY_SETTING_NUMBER:
        (void)snprintf(words, sizeof words, "a number from %" PRId64 " to %" PRId64, setting->low,
                       setting->high);
        cy_text_add(&text, words);
        return;
    case CY_SETTING_TEXT:
        cy_text_add(&text, setting->form == CY_FORM_ANY ? "a text" : forms[setting->form].what);
        return;
    case CY_SETTING_CHOICE:
        cy_text_add(&text, "one of ");
        cy_text_add(&text, setting->choices);
        return;
    case CY_SETTING_NAMES:
        (void)snprintf(words, sizeof words, "at most %" PRId64 " texts", setting->high);
        cy_text_add(&text, words);
        return;
    case CY_SETTING_LIST: break;
    }
    (void)snprintf(words, sizeof words, "at most %" PRId64 " groups of ", setting->high);
    cy_text_add(&text, words);
    for (size_t k = 0; k < CY_CONFIG_COLUMNS && setting->columns[k].name != NULL; k++) {
        cy_text_add(&text, k == 0 ? "" : ", ");
        cy_text_add(&text, setting->columns[k].name);
    }
}

static char *explain_json(const struct cy_config *config)
{
    json_t *all = NULL;
    char *text = NULL;

    cy_json_begin();
    all = json_array();
    for (size_t i = 0; i < config->n; i++) {
        const struct cy_setting *setting = &config->settings[i];
        json_t *row = json_object();
        char words[256];

        bounds_words(setting, words, sizeof words);
        (void)json_object_set_new(row, "name", json_string(setting->name));
        (void)json_object_set_new(row, "value", value_json(config, setting));
        (void)json_object_set_new(row, "from", json_string(cy_config_from(config, setting->name)));
        (void)json_object_set_new(
            row, "default", setting->value == NULL ? json_null() : json_string(setting->value));
        (void)json_object_set_new(row, "bounds", json_string(words));
        (void)json_object_set_new(row, "doc", json_string(setting->doc));
        (void)json_array_append_new(all, row);
    }
    text = json_dumps(all, JSON_INDENT(2));
    json_decref(all);
    if (cy_json_starved()) {
        free(text);
        return NULL;
    }
    return text;
}

char *cy_config_explain(const struct cy_config *config, bool json, size_t *n)
{
    char *text = NULL;
    FILE *out = NULL;

    *n = 0;
    if (json) {
        text = explain_json(config);
        *n = text == NULL ? 0 : strlen(text);
        return text;
    }
    out = open_memstream(&text, n);
    cy_json_begin();
    for (size_t i = 0; out != NULL && i < config->n; i++) {
        const struct cy_setting *setting = &config->settings[i];
        json_t *value = value_json(config, setting);
        char *written = json_dumps(value, JSON_ENCODE_ANY);
        char words[256];

        bounds_words(setting, words, sizeof words);
        (void)fprintf(out, "%s = %s\n    from %s; %s", setting->name,
                      written == NULL ? "?" : written, cy_config_from(config, setting->name),
                      words);
        if (setting->value == NULL)
            (void)fprintf(out, "; must be set");
        else if (setting->type != CY_SETTING_NAMES && setting->type != CY_SETTING_LIST)
            (void)fprintf(out, "; default %s", setting->value[0] == 0 ? "\"\"" : setting->value);
        (void)fprintf(out, "\n    %s\n", setting->doc);
        free(written);
        json_decref(value);
    }
    if (out != NULL && (fclose(out) != 0 || cy_json_starved())) {
        free(text);
        *n = 0;
        return NULL;
    }
    return text;
}

static void example_value(FILE *out, const struct cy_setting *setting, const char *name,
                          const char *indent)
{
    const char *quote = "\"";
    const char *value = setting->value;

    if (setting->type == CY_SETTING_NAMES) {
        (void)fprintf(out, "%s%s = [ ];\n", indent, name);
        return;
    }
    if (setting->type == CY_SETTING_LIST) {
        (void)fprintf(out, "%s%s = ( );\n%s# %s = ( {", indent, name, indent, name);
        for (size_t k = 0; k < CY_CONFIG_COLUMNS && setting->columns[k].name != NULL; k++)
            (void)fprintf(out, " %s = \"%s\";", setting->columns[k].name,
                          setting->columns[k].example);
        (void)fprintf(out, " } );\n");
        return;
    }
    if (setting->type == CY_SETTING_BOOL || setting->type == CY_SETTING_NUMBER)
        quote = "";
    (void)fprintf(out, "%s%s%s = %s%s%s%s;\n", value == NULL ? "# " : "", indent, name, quote,
                  value == NULL ? "" : value, quote,
                  setting->type == CY_SETTING_NUMBER && setting->high > INT32_MAX ? "L" : "");
}

char *cy_config_example(const struct cy_setting *settings, size_t n, const char *title,
                        size_t *bytes)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);
    size_t open = 0; /* characters of the open group's name */
    const char *group = "";

    if (out == NULL)
        return NULL;
    (void)fprintf(out, "# %s\n# Every setting with its default. Lines with no value must be set.\n",
                  title);
    for (size_t i = 0; i < n; i++) {
        const char *dot = strchr(settings[i].name, '.');
        const size_t head = dot == NULL ? 0 : (size_t)(dot - settings[i].name);
        const char *indent = head > 0 ? "    " : "";
        char words[256];

        if (open > 0 && (head != open || strncmp(group, settings[i].name, open) != 0)) {
            (void)fprintf(out, "};\n");
            open = 0;
        }
        (void)fprintf(out, "\n");
        if (head > 0 && open == 0) {
            (void)fprintf(out, "%.*s: {\n", (int)head, settings[i].name);
            group = settings[i].name;
            open = head;
        }
        bounds_words(&settings[i], words, sizeof words);
        (void)fprintf(out, "%s# %s\n%s# %s\n", indent, settings[i].doc, indent, words);
        example_value(out, &settings[i], dot == NULL ? settings[i].name : dot + 1, indent);
    }
    (void)fprintf(out, "%s", open > 0 ? "};\n" : "");
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
