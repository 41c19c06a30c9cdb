/* vectors: the published JSON vectors of ../shared/vectors, for the tests of crypto. Every reader
 * fails the test on a malformed vector. */
#ifndef CY_TESTS_CRYPTO_VECTORS_H
#define CY_TESTS_CRYPTO_VECTORS_H

#include "cm.h"

#include "base/num.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* vector_absent skips the test, with a message, when the folder is not there. */
static inline void vector_needed(const char *path)
{
    if (access(path, R_OK) == 0)
        return;
    print_message("skipped: %s is absent\n", path);
    skip();
}

/* vector_load reads a file. jansson has no unsigned 64-bit integers: longer runs of digits that
 * stand as a value become text, which vector_u64 reads as well. */
static inline json_t *vector_load(const char *path)
{
    static char raw[600000];
    static char text[600000];
    FILE *file = fopen(path, "rb");
    size_t n;
    size_t out = 0;
    json_error_t why;
    json_t *root;

    assert_non_null(file);
    n = fread(raw, 1, sizeof raw, file);
    fclose(file);
    assert_true(n < sizeof raw - 64);
    for (size_t i = 0; i < n;) {
        const size_t digits = strspn(raw + i, "0123456789");
        const bool large = digits >= 19 && i > 0 && raw[i - 1] == ' ';

        if (large)
            text[out++] = '"';
        memcpy(text + out, raw + i, digits + 1);
        out += digits;
        i += digits;
        if (large)
            text[out++] = '"';
        if (i < n)
            text[out++] = raw[i++];
    }
    root = json_loadb(text, out, 0, &why);
    if (!root)
        fail_msg("%s: %s", path, why.text);
    return root;
}

static inline uint64_t vector_u64(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    uint64_t v = (uint64_t)json_integer_value(value);

    if (json_is_string(value))
        assert_ok(cy_u64_read(cy_span_text(json_string_value(value)), &v));
    else
        assert_true(json_is_integer(value));
    return v;
}

static inline const char *vector_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    if (!text)
        fail_msg("no text %s", name);
    return text;
}

/* vector_hex reads an even number of digits into out and returns the count of bytes. */
static inline size_t vector_hex(const json_t *object, const char *name, uint8_t *out, size_t cap)
{
    const char *text = vector_text(object, name);
    const size_t n = strlen(text) / 2;

    assert_true(n <= cap);
    assert_ok(cy_hex_read(cy_span_text(text), out, n));
    return n;
}

#endif
