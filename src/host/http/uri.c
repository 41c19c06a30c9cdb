#include "host/http/uri.h"

/* Decodes raw into *to, ends it with 0 and moves *to behind. Returns false on what no text holds.
 */
static bool decode(const char *raw, size_t n, bool plus, char **to)
{
    char *out = *to;
    const char *from = out;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)raw[i];

        if (c == '%') {
            const int high = i + 2 < n ? cy_hex_digit((uint8_t)raw[i + 1]) : -1;
            const int low = high < 0 ? -1 : cy_hex_digit((uint8_t)raw[i + 2]);

            if (low < 0)
                return false;
            c = (unsigned char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c < 0x20 || c == 0x7f)
            return false;
        *out++ = (char)c;
    }
    *out = 0;
    *to = out + 1;
    return cy_ok(cy_utf8_check(cy_span_of(from, (size_t)(out - from))));
}

static bool part_ok(const char *part)
{
    return part[0] != 0 && strcmp(part, ".") != 0 && strcmp(part, "..") != 0 &&
           strpbrk(part, "/\\") == NULL;
}

static cy_err parse_path(struct cy_uri *uri, const char *target, size_t n, char **to)
{
    size_t from = 1;

    if (n == 1)
        return CY_OK;
    while (from <= n) {
        const char *slash = memchr(target + from, '/', n - from);
        const size_t end = slash == NULL ? n : (size_t)(slash - target);
        const char *part = *to;

        if (uri->parts_n == CY_URI_PARTS || !decode(target + from, end - from, false, to) ||
            !part_ok(part))
            return cy_fail(CY_E_BAD_REQUEST, from);
        uri->parts[uri->parts_n++] = part;
        from = end + 1;
    }
    return CY_OK;
}

static cy_err parse_query(struct cy_uri *uri, const char *target, size_t from, char **to)
{
    while (target[from] != 0) {
        const size_t n = strcspn(target + from, "&");
        const char *equals = memchr(target + from, '=', n);
        const size_t name_n = equals == NULL ? n : (size_t)(equals - (target + from));
        struct cy_uri_pair pair = {*to, NULL};

        if (n > 0) {
            if (uri->query_n == CY_URI_QUERIES || name_n == 0 ||
                !decode(target + from, name_n, true, to) || cy_uri_query(uri, pair.name) != NULL)
                return cy_fail(CY_E_BAD_REQUEST, from);
            pair.value = *to - 1; /* the empty text */
            if (equals != NULL) {
                pair.value = *to;
                if (!decode(equals + 1, n - name_n - 1, true, to))
                    return cy_fail(CY_E_BAD_REQUEST, from + name_n);
            }
            uri->query[uri->query_n++] = pair;
        }
        from += n;
        from += target[from] == '&' ? 1 : 0;
    }
    return CY_OK;
}

cy_err cy_uri_parse(struct cy_uri *uri, const char *target)
{
    const size_t n = strcspn(target, "?");
    char *to = uri->store;

    uri->parts_n = 0;
    uri->query_n = 0;
    if (strlen(target) > CY_URI_MAX)
        return cy_fail(CY_E_URI_TOO_LONG, CY_URI_MAX);
    if (target[0] != '/')
        return cy_fail(CY_E_BAD_REQUEST, 0);
    CY_TRY(parse_path(uri, target, n, &to));
    return target[n] == 0 ? CY_OK : parse_query(uri, target, n + 1, &to);
}

const char *cy_uri_query(const struct cy_uri *uri, const char *name)
{
    for (size_t i = 0; i < uri->query_n; i++) {
        if (strcmp(uri->query[i].name, name) == 0)
            return uri->query[i].value;
    }
    return NULL;
}

static void take(struct cy_uri_params *params, const char *name, size_t name_n, const char *value)
{
    if (params == NULL)
        return;
    CY_ASSERT(params->n < CY_URI_PARAMS);
    CY_ASSERT(name_n < CY_URI_NAME_MAX);
    memcpy(params->at[params->n].name, name, name_n);
    params->at[params->n].name[name_n] = 0;
    params->at[params->n++].value = value;
}

static void take_rest(struct cy_uri_params *params, const char *name, size_t name_n,
                      const struct cy_uri *uri, size_t from)
{
    struct cy_text text;

    if (params == NULL)
        return;
    text = cy_text_on(params->rest, sizeof params->rest);
    for (size_t i = from; i < uri->parts_n; i++) {
        cy_text_add(&text, i == from ? "" : "/");
        cy_text_add(&text, uri->parts[i]);
    }
    take(params, name, name_n, params->rest);
}

uint64_t cy_uri_match(const char *pattern, const struct cy_uri *uri, struct cy_uri_params *params)
{
    uint64_t score = 1;
    size_t i = 0;

    CY_ASSERT(pattern[0] == '/');
    if (params != NULL)
        params->n = 0;
    pattern++;
    for (; *pattern != 0; i++) {
        const size_t n = strcspn(pattern, "/");
        uint64_t kind = 3;

        if (i == uri->parts_n)
            return 0;
        if (pattern[0] == '{' && n > 5 && memcmp(pattern + n - 4, "...}", 4) == 0) {
            CY_ASSERT(pattern[n] == 0); /* nothing may follow */
            take_rest(params, pattern + 1, n - 5, uri, i);
            return score | UINT64_C(1) << (62 - 2 * i);
        }
        if (pattern[0] == '{') {
            kind = 2;
            take(params, pattern + 1, n - 2, uri->parts[i]);
        } else if (strlen(uri->parts[i]) != n || memcmp(uri->parts[i], pattern, n) != 0) {
            return 0;
        }
        score |= kind << (62 - 2 * i);
        pattern += n + (pattern[n] == '/' ? 1 : 0);
    }
    return i == uri->parts_n ? score : 0;
}

const char *cy_uri_param(const struct cy_uri_params *params, const char *name)
{
    for (size_t i = 0; i < params->n; i++) {
        if (strcmp(params->at[i].name, name) == 0)
            return params->at[i].value;
    }
    return NULL;
}
