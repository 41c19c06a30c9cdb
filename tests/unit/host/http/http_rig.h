/* http_rig: a real server on loopback with a handler of every sort, and a client of raw sockets. */
#ifndef CY_TESTS_HTTP_RIG_H
#define CY_TESTS_HTTP_RIG_H

#include "host/http/http.h"

#include <pthread.h>

#include "cm.h"

#define BODY_MAX 1000

struct place {
    struct cy_http *server;
    struct cy_metrics *metrics;
    char dir[64];
    int dir_file;
    pthread_mutex_t guard;
    struct cy_later *laters[80];
    size_t laters_n;
    unsigned sunk;    /* bytes given to the sink */
    unsigned dropped; /* states that no handler took */
};

extern struct place here;

/* with_routes adds the routes of the rig. */
void with_routes(struct cy_http_options *options);

/* start_with starts the server with these options and the routes of the rig; start with ordinary
 * ones. */
int start_with(struct cy_http_options options);
int start(void **s);
int finish(void **s);

/* dial connects to it; say sends; hear reads until the other side closes, or (whole) until one
 * answer with Content-Length is complete, and returns the bytes read. */
int dial(void);
void say(int file, const char *text);
size_t hear(int file, char *out, size_t cap, bool whole);

/* ask makes one request, raw sends bytes as they are; both return the status and leave the answer
 * in `answer`. Host is added by ask, "\r\n" when head is a line. has asserts words of it. */
extern char answer[200000];
int ask(const char *head, const char *rest);
int raw(const char *text);
void has(const char *words);

#endif
