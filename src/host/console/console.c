#include "host/console/console.h"

#include <stdio.h>
#include <strings.h>

#define PAGE "/"
#define ASSETS "/console/assets/"

/* connect-src: what the page asks is this daemon and nobody else. comity-worker: the one policy of
 * trusted types, which gives the address of one program (web/src/rooms/evidence_bench.ts). */
static const char policy[] =
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types comity-worker";

static const char no_console[] =
    "This daemon was built without the console.\n\n"
    "The ledger is served all the same: see /v1/realm, /v1/alliances and /v1/feed, or use the "
    "program comity.\n"
    "To have the console, install nodejs and npm, run web/build.sh and build again.\n";

/* ---- which coding ---- */

/* "q=0", "q=0.", "q=0.00": not wanted (RFC 9110, 12.4.2). */
static bool unwanted(const char *parameters, size_t n)
{
    size_t i = 0;

    while (i < n && (parameters[i] == ' ' || parameters[i] == '\t' || parameters[i] == ';'))
        i++;
    if (n - i < 3 || strncasecmp(parameters + i, "q=0", 3) != 0)
        return false;
    for (i += 3; i < n && parameters[i] != ' ' && parameters[i] != '\t'; i++) {
        if (parameters[i] != '.' && parameters[i] != '0')
            return false;
    }
    return true;
}

/* Whether a list of codings wants this one: 1 yes, 0 no, -1 it is not named. */
static int wants(const char *accept, const char *coding)
{
    const size_t coding_n = strlen(coding);
    const char *at = accept;

    while (*at != 0) {
        const size_t gap = strspn(at, " \t,");
        const size_t n = strcspn(at + gap, ",");
        const size_t name_n = strcspn(at + gap, " \t;,");

        at += gap;
        if (name_n == coding_n && strncasecmp(at, coding, coding_n) == 0)
            return unwanted(at + name_n, n - name_n) ? 0 : 1;
        at += n;
    }
    return -1;
}

enum cy_console_coding cy_console_coding(const char *accept)
{
    static const char *const names[] = {[CY_CONSOLE_BROTLI] = "br", [CY_CONSOLE_GZIP] = "gzip"};

    if (accept == NULL)
        return CY_CONSOLE_PLAIN;
    for (size_t i = 0; i < CY_COUNT(names); i++) {
        const int named = wants(accept, names[i]);

        if (named == 1 || (named == -1 && wants(accept, "*") == 1))
            return (enum cy_console_coding)i;
    }
    return CY_CONSOLE_PLAIN;
}

/* ---- answers ---- */

static const struct cy_console_file *find(const char *path)
{
    for (size_t i = 0; i < cy_console_files_n; i++) {
        if (strcmp(cy_console_files[i].path, path) == 0)
            return &cy_console_files[i];
    }
    /* any other path is a room: the page finds it */
    if (strcmp(path, PAGE) != 0 && strncmp(path, ASSETS, strlen(ASSETS)) != 0)
        return find(PAGE);
    return NULL;
}

static void send_file(const struct cy_console_file *file, enum cy_console_coding coding,
                      struct cy_reply *reply)
{
    static const char *const names[] = {"br", "gzip", "plain"};
    const struct cy_console_bytes *bytes = &file->as[coding];
    char tag[80];

    (void)snprintf(tag, sizeof tag, "%s-%s", file->hash, names[coding]);
    cy_reply_bytes(reply, 200, file->type,
                   cy_span_of(bytes->from, (size_t)(bytes->to - bytes->from)));
    if (coding != CY_CONSOLE_PLAIN)
        cy_reply_header(reply, "Content-Encoding", names[coding]);
    cy_reply_header(reply, "Vary", "Accept-Encoding");
    cy_reply_header(reply, "Content-Security-Policy", policy);
    cy_reply_header(reply, "Cross-Origin-Opener-Policy", "same-origin");
    cy_reply_header(reply, "Cross-Origin-Embedder-Policy", "require-corp");
    cy_reply_header(reply, "Permissions-Policy", "camera=(), geolocation=(), microphone=()");
    cy_reply_cache(reply, file->forever ? CY_CACHE_FOREVER : CY_CACHE_ASK);
    cy_reply_etag(reply, tag);
}

void cy_console_answer(const char *path, const char *accept, struct cy_reply *reply)
{
    const struct cy_console_file *file = find(path);

    if (file != NULL)
        send_file(file, cy_console_coding(accept), reply);
    else if (cy_console_files_n == 0 && strcmp(path, PAGE) == 0)
        cy_reply_text(reply, 200, no_console);
    else
        cy_reply_fail(reply, cy_fail(CY_E_NOT_FOUND, 0),
                      cy_console_files_n == 0 ? "this daemon was built without the console" : NULL,
                      path);
}

static void get_console(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    (void)context;
    cy_console_answer(cy_http_path(request), cy_http_header(request, "Accept-Encoding"), reply);
}

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"GET", "/",                  get_console, 0, 0, "the console, for a browser",
     NULL, NULL, "200 text/html|text/plain|text/javascript|text/css", "NOT_FOUND"},
    {"GET", "/console",           get_console, 0, 0, "the same",
     NULL, NULL, "200 text/html|text/plain|text/javascript|text/css", "NOT_FOUND"},
    {"GET", "/console/{path...}", get_console, 0, 0, "its rooms, and what it needs",
     NULL, NULL, "200 text/html|text/plain|text/javascript|text/css", "NOT_FOUND"},
};
/* clang-format on */

const struct cy_http_route *cy_console_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}
