#include "host/http/client.h"

#include "host/system/form.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#define CONTINUE_MIN 131072u
#define ANSWER_MAX 1048576

struct cy_client {
    CURL *curl;
};

/* What one transfer needs while it runs. */
struct transfer {
    const struct cy_client_request *request;
    struct cy_client_answer *answer;
    CURL *curl;
    size_t cap;
    size_t max;
    bool too_large;
    bool starved;
    bool ended; /* by the caller's own wish */
};

struct cy_client *cy_client_new(void)
{
    struct cy_client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        client->curl = curl_easy_init();
    if (client->curl == NULL) {
        free(client);
        return NULL;
    }
    return client;
}

void cy_client_free(struct cy_client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->curl);
    free(client);
}

void cy_client_answer_free(struct cy_client_answer *answer)
{
    free(answer->body);
    answer->body = NULL;
    answer->n = 0;
}

static bool grow(struct transfer *t, size_t n)
{
    size_t cap = t->cap == 0 ? 4096 : t->cap;
    uint8_t *grown = NULL;

    while (cap < n)
        cap *= 2;
    if (cap == t->cap)
        return true;
    grown = realloc(t->answer->body, cap);
    if (grown == NULL) {
        t->starved = true;
        return false;
    }
    t->answer->body = grown;
    t->cap = cap;
    return true;
}

static size_t on_piece(char *at, size_t size, size_t count, void *user)
{
    struct transfer *t = user;
    const size_t n = size * count;
    long status = 0;

    if (t->request->piece != NULL &&
        curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200) {
        t->ended = !t->request->piece(t->request->user, cy_span_of(at, n));
        return t->ended ? 0 : n;
    }
    if (n > t->max - t->answer->n) {
        t->too_large = true;
        return 0;
    }
    if (!grow(t, t->answer->n + n + 1))
        return 0;
    memcpy(t->answer->body + t->answer->n, at, n);
    t->answer->n += n;
    t->answer->body[t->answer->n] = 0;
    return n;
}

/* Copies the value of a header of this name, without blanks around it. */
static void keep_header(const char *at, size_t n, const char *name, char *out, size_t cap)
{
    const size_t n_name = strlen(name);
    const char *from = at + n_name;
    size_t left = n - n_name;

    if (n <= n_name || strncasecmp(at, name, n_name) != 0)
        return;
    while (left > 0 && *from == ' ') {
        from++;
        left--;
    }
    while (left > 0 && (from[left - 1] == '\r' || from[left - 1] == '\n'))
        left--;
    (void)snprintf(out, cap, "%.*s", left < cap ? (int)left : (int)cap - 1, from);
}

static size_t on_header(char *at, size_t size, size_t count, void *user)
{
    struct transfer *t = user;
    const size_t n = size * count;

    keep_header(at, n, "ETag:", t->answer->etag, sizeof t->answer->etag);
    keep_header(at, n, "Date:", t->answer->date, sizeof t->answer->date);
    return n;
}

static int on_progress(void *user, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                       curl_off_t up)
{
    struct transfer *t = user;

    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    t->ended = t->ended || !t->request->wanted(t->request->user);
    return t->ended ? 1 : 0;
}

static void set_peer(CURL *curl, const struct cy_client_request *request)
{
    const bool tls = strncmp(request->url, "https:", 6) == 0;

    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, tls ? "https" : "http");
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, request->proxy == NULL ? "" : request->proxy);
    (void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    if (request->pin != NULL && request->pin[0] != 0) {
        /* The pin is the peer's identity: a certificate only carries the key. */
        (void)curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, request->pin);
        (void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        (void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static CURLcode set_up(CURL *curl, const struct cy_client_request *request, struct transfer *t,
                       char *error, struct curl_slist *headers)
{
    CURLcode done = CURLE_OK;

    curl_easy_reset(curl);
    set_peer(curl, request);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    (void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "comity");
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                           request->connect_ms == 0 ? 5000L : (long)request->connect_ms);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                           request->total_ms == 0 ? 30000L : (long)request->total_ms);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_piece);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (request->wanted != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        (void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        (void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    }
    if (request->body.at != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)request->body.at);
    }
    if (request->method != NULL && strcmp(request->method, "HEAD") == 0)
        (void)curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else if (request->method != NULL)
        done = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    return done != CURLE_OK ? done : curl_easy_setopt(curl, CURLOPT_URL, request->url);
}

static struct curl_slist *make_headers(const struct cy_client_request *request)
{
    char type[128];
    struct curl_slist *all = NULL;
    struct curl_slist *more = NULL;

    (void)snprintf(type, sizeof type, "Content-Type: %s",
                   request->type == NULL ? "application/octet-stream" : request->type);
    if (request->body.at != NULL)
        all = curl_slist_append(NULL, type);
    /* acts are small: no waiting for 100 Continue; a blob waits, so that a refusal is heard */
    more =
        curl_slist_append(all, request->body.n > CONTINUE_MIN ? "Expect: 100-continue" : "Expect:");
    for (size_t i = 0; more != NULL && i < request->headers_n; i++) {
        all = more;
        more = curl_slist_append(all, request->headers[i]);
    }
    if (more == NULL)
        curl_slist_free_all(all);
    return more;
}

static enum cy_code code_of(CURLcode code, const struct transfer *t)
{
    if (t->too_large)
        return CY_E_PEER_LARGE;
    if (t->starved)
        return CY_E_NO_MEMORY;
    /* libcurl has many more; what is not named here is a connection that broke. */
    if (code == CURLE_URL_MALFORMAT)
        return CY_E_BAD_URL;
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
        return CY_E_PEER_NAME;
    if (code == CURLE_COULDNT_CONNECT)
        return CY_E_PEER_CONNECT;
    if (code == CURLE_OPERATION_TIMEDOUT)
        return CY_E_PEER_TIMEOUT;
    if (code == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
        return CY_E_PEER_PIN;
    if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
        code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CIPHER)
        return CY_E_PEER_TLS;
    if (code == CURLE_OUT_OF_MEMORY)
        return CY_E_NO_MEMORY;
    if (code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_HTTP2 ||
        code == CURLE_UNSUPPORTED_PROTOCOL)
        return CY_E_PEER_ANSWER;
    return CY_E_PEER_LOST;
}

static uint64_t time_of(CURL *curl, CURLINFO what)
{
    curl_off_t us = 0;

    return curl_easy_getinfo(curl, what, &us) == CURLE_OK && us > 0 ? (uint64_t)us : 0;
}

static void keep_times(CURL *curl, struct cy_client_times *out)
{
    const char *address = NULL;

    out->name_us = time_of(curl, CURLINFO_NAMELOOKUP_TIME_T);
    out->connect_us = time_of(curl, CURLINFO_CONNECT_TIME_T);
    out->tls_us = time_of(curl, CURLINFO_APPCONNECT_TIME_T);
    out->first_us = time_of(curl, CURLINFO_STARTTRANSFER_TIME_T);
    out->total_us = time_of(curl, CURLINFO_TOTAL_TIME_T);
    (void)curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &address);
    (void)snprintf(out->address, sizeof out->address, "%s", address == NULL ? "" : address);
}

/* Turns a finished transfer into the caller's answer. */
static cy_err judge(struct transfer *t, CURLcode code, const char *error)
{
    struct cy_client_answer *answer = t->answer;
    const char *type = NULL;
    long status = 0;

    (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(t->curl, CURLINFO_CONTENT_TYPE, &type);
    answer->status = status > 0 ? (unsigned)status : 0;
    (void)snprintf(answer->type, sizeof answer->type, "%s", type == NULL ? "" : type);
    keep_times(t->curl, &answer->times);
    if (code != CURLE_OK && !t->ended) {
        (void)snprintf(answer->why, sizeof answer->why, "%s: %s", t->request->url,
                       error[0] != 0 ? error : curl_easy_strerror(code));
        return cy_fail(code_of(code, t), t->too_large ? t->max : 0);
    }
    if (status >= 200 && (status < 300 || status == 304))
        return CY_OK;
    (void)snprintf(answer->why, sizeof answer->why, "%s answered %ld", t->request->url, status);
    if (status < 400)
        return cy_fail(CY_E_PEER_ANSWER, (uint64_t)status);
    if (strncmp(answer->type, CY_PROBLEM_TYPE, strlen(CY_PROBLEM_TYPE)) == 0 &&
        cy_ok(cy_problem_read(cy_span_of(answer->body, answer->n), &answer->problem)))
        return answer->problem.err;
    return cy_fail(CY_E_PEER_REFUSED, (uint64_t)status);
}

/* TLS over a connection that the peer has closed raises SIGPIPE, and libcurl leaves that to its
 * caller. It is held back in this thread only, and taken away when it came from here. */
static CURLcode perform(CURL *curl)
{
    const struct timespec no_time = {0, 0};
    sigset_t pipe_only;
    sigset_t before;
    sigset_t pending;
    CURLcode done = CURLE_OK;
    bool was_pending = false;

    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    (void)sigpending(&pending);
    was_pending = sigismember(&pending, SIGPIPE) == 1;
    (void)pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    done = curl_easy_perform(curl);
    if (!was_pending)
        (void)sigtimedwait(&pipe_only, NULL, &no_time);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return done;
}

cy_err cy_client_do(struct cy_client *client, const struct cy_client_request *request,
                    struct cy_client_answer *answer)
{
    char error[CURL_ERROR_SIZE] = "";
    struct transfer t = {.request = request, .answer = answer, .curl = client->curl};
    struct curl_slist *headers = NULL;
    cy_err done = CY_OK;

    *answer = (struct cy_client_answer){0};
    t.max = request->answer_max == 0 ? ANSWER_MAX : request->answer_max;
    if (!cy_form_url(request->url) ||
        (request->pin != NULL && request->pin[0] != 0 && !cy_form_pin(request->pin))) {
        (void)snprintf(answer->why, sizeof answer->why, "%.200s", request->url);
        return cy_fail(CY_E_BAD_URL, 0);
    }
    headers = make_headers(request);
    if (headers == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    if (set_up(client->curl, request, &t, error, headers) != CURLE_OK)
        done = cy_fail(CY_E_BAD_URL, 0);
    else
        done = judge(&t, perform(client->curl), error);
    curl_easy_reset(client->curl); /* it must not keep pointers into this call */
    curl_slist_free_all(headers);
    return done;
}

cy_err cy_client_get(struct cy_client *client, const char *url, const char *pin,
                     struct cy_client_answer *answer)
{
    return cy_client_do(client, &(struct cy_client_request){.url = url, .pin = pin}, answer);
}

cy_err cy_client_post(struct cy_client *client, const char *url, const char *pin, const char *type,
                      struct cy_span body, struct cy_client_answer *answer)
{
    return cy_client_do(
        client, &(struct cy_client_request){.url = url, .pin = pin, .type = type, .body = body},
        answer);
}
