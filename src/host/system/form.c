#include "host/system/form.h"

#include "base/date.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <strings.h>

bool cy_form_address(const char *text)
{
    uint8_t out[16];

    return inet_pton(AF_INET, text, out) == 1 || inet_pton(AF_INET6, text, out) == 1;
}

bool cy_form_loopback(const char *text)
{
    static const uint8_t six[16] = {[15] = 1};
    const size_t n = strlen(text);
    uint8_t out[16];

    if (inet_pton(AF_INET, text, out) == 1)
        return out[0] == 127;
    if (inet_pton(AF_INET6, text, out) == 1)
        return memcmp(out, six, sizeof six) == 0;
    return strcasecmp(text, "localhost") == 0 ||
           (n > 10 && strcasecmp(text + n - 10, ".localhost") == 0 && cy_form_host(text));
}

bool cy_form_host(const char *text)
{
    size_t label = 0;
    size_t n = 0;
    bool letters = false;

    if (cy_form_address(text))
        return true;
    for (; text[n] != 0; n++) {
        const unsigned char c = (unsigned char)text[n];

        if (c == '.') {
            if (label == 0 || text[n - 1] == '-')
                return false;
            label = 0;
            continue;
        }
        if (!(isalnum(c) && c < 128) && !(c == '-' && label > 0))
            return false;
        letters = letters || isalpha(c);
        if (++label > 63)
            return false;
    }
    /* "300.1.1.1" is a mistyped address, not a name */
    return n > 0 && n <= 253 && label > 0 && text[n - 1] != '-' && letters;
}

static bool read_port(struct cy_span text, unsigned *port)
{
    uint64_t v = 0;

    if (!cy_ok(cy_u64_read(text, &v)) || v == 0 || v > 65535)
        return false;
    *port = (unsigned)v;
    return true;
}

bool cy_form_host_port(struct cy_span text, char *host, size_t cap, unsigned *port)
{
    const char *at = (const char *)text.at;
    size_t from = 0;
    size_t end = 0;
    size_t rest = 0;

    *port = 0;
    if (text.n > 0 && at[0] == '[') {
        const char *shut = memchr(at, ']', text.n);

        if (shut == NULL)
            return false;
        from = 1;
        end = (size_t)(shut - at);
        rest = end + 1;
    } else {
        const char *colon = text.n == 0 ? NULL : memchr(at, ':', text.n);

        end = colon == NULL ? text.n : (size_t)(colon - at);
        rest = end;
        if (end > 0 && at[end - 1] == '.')
            end--;
    }
    if (end <= from || end - from >= cap)
        return false;
    for (size_t i = from; i < end; i++)
        host[i - from] = (char)tolower((unsigned char)at[i]);
    host[end - from] = 0;
    if (rest < text.n &&
        (at[rest] != ':' || !read_port(cy_span_of(text.at + rest + 1, text.n - rest - 1), port)))
        return false;
    return from == 1 ? cy_form_address(host) && strchr(host, ':') != NULL : cy_form_host(host);
}

bool cy_form_url(const char *text)
{
    const bool tls = strncmp(text, "https://", 8) == 0;
    const char *at = text + (tls ? 8 : 7);
    char host[256];
    unsigned port = 0;

    if (!tls && strncmp(text, "http://", 7) != 0)
        return false;
    for (const char *c = text; *c != 0; c++) {
        if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f ||
            strchr("#@\\\"<>", *c) != NULL)
            return false;
    }
    if (!cy_form_host_port(cy_span_of(at, strcspn(at, "/?")), host, sizeof host, &port))
        return false;
    return tls || cy_form_loopback(host);
}

bool cy_form_origin(const char *text)
{
    const size_t n = strlen(text);

    if (n == 0 || n > 100 || strstr(text, "//") != NULL || text[0] == '/' || text[n - 1] == '/')
        return false;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (!isalnum(c) && strchr("./-_:", c) == NULL)
            return false;
    }
    return true;
}

bool cy_form_vkey(const char *text)
{
    const char *plus = strchr(text, '+');
    uint8_t id[4];
    uint8_t key[256];
    size_t n = 0;

    if (plus == NULL || plus == text || strlen(plus) < 11 || plus[9] != '+' ||
        strcspn(text, " \t\r\n") != strlen(text))
        return false;
    return cy_ok(cy_hex_read(cy_span_of(plus + 1, 8), id, 4)) &&
           cy_ok(cy_base64_read(cy_span_text(plus + 10), key, sizeof key, &n)) && n >= 33;
}

bool cy_form_pin(const char *text)
{
    uint8_t digest[33];
    size_t n = 0;

    return strncmp(text, "sha256//", 8) == 0 &&
           cy_ok(cy_base64_read(cy_span_text(text + 8), digest, sizeof digest, &n)) && n == 32;
}

bool cy_form_path(const char *text)
{
    for (const char *c = text; *c != 0; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return false;
    }
    return text[0] != 0;
}

bool cy_form_time(const char *text)
{
    cy_time time = 0;

    return cy_ok(cy_time_read(cy_span_text(text), &time));
}
