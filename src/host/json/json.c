#include "host/json/json.h"

#include "base/text.h"
#include "host/json/nearest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define KNOWN_MAX 128

/* jansson ignores that some of its own calls had no memory: a text loses a part, a member is left
 * out. So it allocates through here, and whoever parses or builds asks afterwards. */
static _Thread_local bool starved;

static void *allocate(size_t n)
{
    void *at = malloc(n);

    if (at == NULL)
        starved = true;
    return at;
}

/* Before any thread uses jansson; its memory is given back by free, as before. */
__attribute__((constructor)) static void set_allocator(void)
{
    json_set_alloc_funcs(allocate, free);
}

void cy_json_begin(void)
{
    starved = false;
}

bool cy_json_starved(void)
{
    return starved;
}

__attribute__((format(printf, 3, 4))) static void say(struct cy_json_fault *fault, const char *path,
                                                      const char *format, ...)
{
    va_list list;

    if (fault == NULL)
        return;
    (void)snprintf(fault->path, sizeof fault->path, "%s", path);
    va_start(list, format);
    (void)vsnprintf(fault->why, sizeof fault->why, format, list);
    va_end(list);
    cy_utf8_mend(fault->path); /* keys are another's words, and may be cut here */
    cy_utf8_mend(fault->why);
}

static void mark(struct cy_json_fault *fault, struct cy_span text, size_t position)
{
    if (fault == NULL)
        return;
    fault->position = position;
    fault->line = 1;
    fault->column = 1;
    for (size_t i = 0; i < position && i < text.n; i++) {
        fault->column++;
        if (text.at[i] == '\n') {
            fault->line++;
            fault->column = 1;
        }
    }
}

/* Depth is measured before parsing: jansson's own bound (2,048) is deeper than a stack likes. */
static bool deeper_than(struct cy_span text, unsigned depth_max, size_t *position)
{
    unsigned depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.at[i];

        if (quoted) {
            if (c == '\\')
                i++;
            quoted = c != '"';
            continue;
        }
        quoted = c == '"';
        if ((c == '{' || c == '[') && ++depth > depth_max) {
            *position = i;
            return true;
        }
        if ((c == '}' || c == ']') && depth > 0)
            depth--;
    }
    return false;
}

static bool has_real(const json_t *value)
{
    const json_t *member = NULL;
    size_t i = 0;

    if (json_is_real(value))
        return true;
    if (json_is_array(value)) {
        json_array_foreach(value, i, member)
        {
            if (has_real(member))
                return true;
        }
        return false;
    }
    for (void *at = json_object_iter((json_t *)(uintptr_t)value); at != NULL;
         at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
        if (has_real(json_object_iter_value(at)))
            return true;
    }
    return false;
}

cy_err cy_json_parse(struct cy_span text, const struct cy_json_limits *limits, json_t **out,
                     struct cy_json_fault *fault)
{
    json_error_t error;
    size_t position = 0;

    *out = NULL;
    if (fault != NULL)
        *fault = (struct cy_json_fault){0};
    if (text.n > limits->size_max) {
        say(fault, "", "the text has %zu bytes, the limit is %zu", text.n, limits->size_max);
        return cy_fail(CY_E_TOO_LARGE, limits->size_max);
    }
    if (deeper_than(text, limits->depth_max, &position)) {
        mark(fault, text, position);
        say(fault, "", "more than %u arrays and objects inside one another", limits->depth_max);
        return cy_fail(CY_E_BAD_JSON, position);
    }
    cy_json_begin();
    *out = json_loadb(text.n == 0 ? "" : (const char *)text.at, text.n, JSON_REJECT_DUPLICATES,
                      &error);
    if (cy_json_starved()) {
        json_decref(*out);
        *out = NULL;
        say(fault, "", "there is no memory to read it");
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    if (*out == NULL) {
        position = error.position > 0 ? (size_t)error.position : 0;
        mark(fault, text, position);
        say(fault, "", "%s", error.text);
        return cy_fail(CY_E_BAD_JSON, position);
    }
    if (!limits->reals && has_real(*out)) {
        json_decref(*out);
        *out = NULL;
        say(fault, "", "a number has a fraction or an exponent; only whole numbers are read");
        return cy_fail(CY_E_BAD_JSON, 0);
    }
    return CY_OK;
}

const char *cy_json_word(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

cy_err cy_json_only(const json_t *object, const char *const *known, size_t n,
                    struct cy_json_fault *fault)
{
    CY_ASSERT(n <= KNOWN_MAX);
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); at != NULL;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *key = json_object_iter_key(at);
        const char *near = NULL;
        bool found = false;

        for (size_t i = 0; i < n && !found; i++)
            found = strcmp(known[i], key) == 0;
        if (found)
            continue;
        near = cy_nearest(key, known, n);
        if (near != NULL)
            say(fault, key, "the key \"%.40s\" is not known here; did you mean \"%s\"?", key, near);
        else
            say(fault, key, "the key \"%.40s\" is not known here", key);
        return cy_fail(CY_E_BAD_JSON, 0);
    }
    return CY_OK;
}

/* Finds a member. *value is NULL when it is absent and need not be there. JSON null is absence. */
static cy_err member_of(const json_t *object, const char *key, bool need, const json_t **value,
                        struct cy_json_fault *fault)
{
    *value = json_object_get(object, key);
    if (*value != NULL && json_is_null(*value))
        *value = NULL;
    if (*value == NULL && need) {
        say(fault, key, "\"%s\" must be given", key);
        return cy_fail(CY_E_MISSING_FIELD, 0);
    }
    return CY_OK;
}

static cy_err wrong(struct cy_json_fault *fault, const char *key, const char *what)
{
    say(fault, key, "\"%s\" must be %s", key, what);
    return cy_fail(CY_E_BAD_JSON, 0);
}

cy_err cy_json_get_text(const json_t *object, const char *key, bool need, size_t n_max,
                        const char **out, struct cy_json_fault *fault)
{
    const json_t *value = NULL;

    CY_TRY(member_of(object, key, need, &value, fault));
    if (value == NULL)
        return CY_OK;
    if (!json_is_string(value))
        return wrong(fault, key, "a text");
    if (json_string_length(value) > n_max) {
        say(fault, key, "\"%s\" has %zu bytes, the limit is %zu", key, json_string_length(value),
            n_max);
        return cy_fail(CY_E_BAD_JSON, 0);
    }
    *out = json_string_value(value);
    return CY_OK;
}

cy_err cy_json_u128_value(const json_t *value, cy_u128 *out)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = (cy_u128)json_integer_value(value);
        return CY_OK;
    }
    if (json_is_string(value) &&
        cy_ok(cy_u128_read(cy_span_of(json_string_value(value), json_string_length(value)), out)))
        return CY_OK;
    return cy_fail(CY_E_BAD_JSON, 0);
}

cy_err cy_json_u64_value(const json_t *value, uint64_t *out)
{
    cy_u128 wide = 0;

    CY_TRY(cy_json_u128_value(value, &wide));
    if (wide > UINT64_MAX)
        return cy_fail(CY_E_BAD_JSON, 0);
    *out = (uint64_t)wide;
    return CY_OK;
}

cy_err cy_json_get_u64(const json_t *object, const char *key, bool need, uint64_t max,
                       uint64_t *out, struct cy_json_fault *fault)
{
    const json_t *value = NULL;
    uint64_t read = 0;

    CY_TRY(member_of(object, key, need, &value, fault));
    if (value == NULL)
        return CY_OK;
    if (!cy_ok(cy_json_u64_value(value, &read)) || read > max) {
        say(fault, key, "\"%s\" must be a whole number from 0 to %llu", key,
            (unsigned long long)max);
        return cy_fail(CY_E_BAD_JSON, 0);
    }
    *out = read;
    return CY_OK;
}

cy_err cy_json_get_u128(const json_t *object, const char *key, bool need, cy_u128 *out,
                        struct cy_json_fault *fault)
{
    const json_t *value = NULL;

    CY_TRY(member_of(object, key, need, &value, fault));
    if (value == NULL)
        return CY_OK;
    if (!cy_ok(cy_json_u128_value(value, out)))
        return wrong(fault, key, "a whole number below 2^128, as an integer or a decimal string");
    return CY_OK;
}

cy_err cy_json_get_bool(const json_t *object, const char *key, bool need, bool *out,
                        struct cy_json_fault *fault)
{
    const json_t *value = NULL;

    CY_TRY(member_of(object, key, need, &value, fault));
    if (value == NULL)
        return CY_OK;
    if (!json_is_boolean(value))
        return wrong(fault, key, "true or false");
    *out = json_is_true(value);
    return CY_OK;
}

cy_err cy_json_get_hex(const json_t *object, const char *key, bool need, uint8_t *out, size_t n,
                       struct cy_json_fault *fault)
{
    const json_t *value = NULL;

    CY_TRY(member_of(object, key, need, &value, fault));
    if (value == NULL)
        return CY_OK;
    if (!json_is_string(value) || json_string_length(value) != 2 * n ||
        !cy_ok(cy_hex_read(cy_span_of(json_string_value(value), 2 * n), out, n))) {
        say(fault, key, "\"%s\" must be %zu hexadecimal digits", key, 2 * n);
        return cy_fail(CY_E_BAD_JSON, 0);
    }
    return CY_OK;
}

cy_err cy_json_get_object(const json_t *object, const char *key, bool need, const json_t **out,
                          struct cy_json_fault *fault)
{
    const json_t *value = NULL;

    CY_TRY(member_of(object, key, need, &value, fault));
    if (value == NULL)
        return CY_OK;
    if (!json_is_object(value))
        return wrong(fault, key, "an object");
    *out = value;
    return CY_OK;
}

cy_err cy_json_get_array(const json_t *object, const char *key, bool need, size_t n_max,
                         const json_t **out, struct cy_json_fault *fault)
{
    const json_t *value = NULL;

    CY_TRY(member_of(object, key, need, &value, fault));
    if (value == NULL)
        return CY_OK;
    if (!json_is_array(value) || json_array_size(value) > n_max) {
        say(fault, key, "\"%s\" must be an array of at most %zu values", key, n_max);
        return cy_fail(CY_E_BAD_JSON, 0);
    }
    *out = value;
    return CY_OK;
}
