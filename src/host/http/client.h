/* client: HTTP requests to other servers, on libcurl.
 *
 * TLS 1.3 only. A peer is known by its pinned public key where a pin is given (no certificate
 * authority is asked then), else by the system's authorities. Redirects are not followed: a peer's
 * address stands in its passport. Plain http goes to loopback addresses only. Proxies of the
 * environment are not used unless one is named.
 *
 * An error says which side failed. A problem document of the other side is read, so that its code
 * and remedy reach the caller.
 *
 * Owns: one connection cache; a client serves one thread at a time. Never: retries. */
#ifndef CY_HOST_HTTP_CLIENT_H
#define CY_HOST_HTTP_CLIENT_H

#include "host/http/problem.h"

struct cy_client;

struct cy_client_request {
    const char *method; /* NULL: GET without a body, POST with one */
    const char *url;
    const char *pin;  /* sha256//..., NULL: the system's authorities judge */
    const char *type; /* of the body, NULL: application/octet-stream */
    struct cy_span body;
    const char *const *headers; /* "Name: value" */
    size_t headers_n;
    unsigned connect_ms; /* 0: 5,000 */
    unsigned total_ms;   /* 0: 30,000 */
    size_t answer_max;   /* bytes of the answer; 0: 1 MiB */
    const char *proxy;   /* URL, NULL: none */
    /* when set, answers of status 200 are given to it piece by piece; false ends the transfer */
    bool (*piece)(void *user, struct cy_span bytes);
    /* when set, asked about once a second while nothing comes; false ends the transfer */
    bool (*wanted)(void *user);
    void *user;
};

/* When what was done, in microseconds from the beginning; 0: not, or known from before. */
struct cy_client_times {
    uint64_t name_us;    /* the name was resolved */
    uint64_t connect_us; /* connected */
    uint64_t tls_us;     /* TLS and pin are good */
    uint64_t first_us;   /* the first byte of the answer came */
    uint64_t total_us;
    char address[64]; /* where it went */
};

struct cy_client_answer {
    unsigned status;
    char type[96]; /* Content-Type as sent */
    char etag[96];
    uint8_t *body; /* malloc, with a 0 after it; NULL when there was none */
    size_t n;
    char date[40]; /* Date header as sent (RFC 9110 section 5.6.7) */
    struct cy_client_times times;
    struct cy_problem problem; /* when the call failed with an answer */
    char why[256];             /* when it failed without: what, about whom */
};

/* cy_client_new: NULL without memory. Call the first one before other threads start. */
struct cy_client *cy_client_new(void);
void cy_client_free(struct cy_client *client);

/* cy_client_do sends a request and waits for the answer; release it with cy_client_answer_free in
 * every case. Any status of 400 and above is a failure: with the code of the other side's problem
 * document, or PEER_REFUSED (detail: status). 2xx, 304 are not; other 3xx are PEER_ANSWER. Fails
 * also with BAD_URL, PEER_NAME, PEER_CONNECT, PEER_TIMEOUT, PEER_TLS, PEER_PIN, PEER_LARGE,
 * PEER_LOST, NO_MEMORY. */
CY_MUST_USE cy_err cy_client_do(struct cy_client *client, const struct cy_client_request *request,
                                struct cy_client_answer *answer);

void cy_client_answer_free(struct cy_client_answer *answer);

/* cy_client_get and cy_client_post: the same with defaults. */
CY_MUST_USE cy_err cy_client_get(struct cy_client *client, const char *url, const char *pin,
                                 struct cy_client_answer *answer);
CY_MUST_USE cy_err cy_client_post(struct cy_client *client, const char *url, const char *pin,
                                  const char *type, struct cy_span body,
                                  struct cy_client_answer *answer);

#endif
