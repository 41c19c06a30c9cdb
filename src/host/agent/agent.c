#include "host/agent/agent.h"

#include "host/agent/relay.h"
#include "host/console/console.h"
#include "host/json/json.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define READERS 4u /* threads that read from the daemon */
#define ACTORS 2u  /* one may wait for a person while the other describes */
#define WAITING_MAX 64u
#define WISH_MAX ((size_t)1 << 20)
#define SIGN_MAX 256u

/* One request put aside for a thread. */
struct task {
    struct task *next;
    struct cy_later *later;
    void (*work)(struct cy_agent *agent, struct cy_client *client, struct task *task,
                 struct cy_reply *reply);
    char *text; /* target or body; malloc */
    size_t n;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t bell;
    struct task *first;
    struct task *last;
    unsigned n;
    bool stopping;
};

struct thread {
    pthread_t id;
    struct cy_agent *agent;
    struct queue *queue;
};

struct cy_agent {
    const struct cy_agent_desk *desk;
    struct cy_agent_guard guard;
    struct cy_http *server;
    struct cy_relay *relay;
    struct cy_http_route routes[CY_AGENT_ROUTES_MAX];
    size_t routes_n;
    pthread_mutex_t desk_lock;
    pthread_mutex_t approvals_lock;
    struct cy_approvals approvals;
    struct queue reads;
    struct queue acts;
    struct thread threads[READERS + ACTORS];
    size_t threads_n;
    atomic_ullong used_ms;
};

static uint64_t now_ms(void)
{
    return cy_now_us() / 1000;
}

/* ---- who asks ---- */

static struct cy_agent_asked asked_of(const struct cy_http_request *request)
{
    return (struct cy_agent_asked){.host = cy_http_header(request, "Host"),
                                   .origin = cy_http_header(request, "Origin"),
                                   .site = cy_http_header(request, "Sec-Fetch-Site"),
                                   .token = cy_http_header(request, CY_AGENT_TOKEN_HEADER),
                                   .type = cy_http_header(request, "Content-Type"),
                                   .body = cy_http_body(request).n > 0};
}

/* True when the request may go on; else reply says why not. */
static bool may_read(struct cy_agent *agent, const struct cy_http_request *request,
                     struct cy_reply *reply)
{
    const struct cy_agent_asked asked = asked_of(request);
    const cy_err err = cy_agent_guard_page(&agent->guard, &asked, false);

    if (!cy_ok(err))
        cy_reply_fail(reply, err, NULL, cy_http_path(request));
    return cy_ok(err);
}

static bool may_act(struct cy_agent *agent, const struct cy_http_request *request,
                    struct cy_reply *reply)
{
    const struct cy_agent_asked asked = asked_of(request);
    const cy_err err = cy_agent_guard_act(&agent->guard, &asked);

    if (cy_ok(err))
        atomic_store(&agent->used_ms, now_ms());
    else
        cy_reply_fail(reply, err, NULL, cy_http_path(request));
    return cy_ok(err);
}

/* ---- threads ---- */

static void task_free(struct task *task)
{
    free(task->text);
    free(task);
}

static struct task *take(struct queue *queue)
{
    struct task *task = NULL;

    (void)pthread_mutex_lock(&queue->lock);
    while (queue->first == NULL && !queue->stopping)
        (void)pthread_cond_wait(&queue->bell, &queue->lock);
    task = queue->first;
    if (task != NULL) {
        queue->first = task->next;
        queue->n--;
    }
    if (queue->first == NULL)
        queue->last = NULL;
    (void)pthread_mutex_unlock(&queue->lock);
    return task;
}

static void *thread_main(void *user)
{
    struct thread *thread = user;
    struct cy_client *client = cy_client_new();
    struct task *task = NULL;

    while ((task = take(thread->queue)) != NULL) {
        struct cy_reply *reply = cy_reply_new();

        if (reply != NULL && client != NULL)
            task->work(thread->agent, client, task, reply);
        else if (reply != NULL)
            cy_reply_fail(reply, cy_fail(CY_E_NO_MEMORY, 0), NULL, NULL);
        cy_http_answer(task->later, reply);
        task_free(task);
    }
    cy_client_free(client);
    return NULL;
}

/* Puts the request aside for a thread of the queue. */
static void hand(struct queue *queue, const struct cy_http_request *request, struct cy_span text,
                 void (*work)(struct cy_agent *, struct cy_client *, struct task *,
                              struct cy_reply *),
                 struct cy_reply *reply)
{
    struct task *task = calloc(1, sizeof *task);
    cy_err err = CY_OK;

    if (task != NULL)
        task->text = malloc(text.n + 1);
    if (task == NULL || task->text == NULL) {
        free(task);
        cy_reply_fail(reply, cy_fail(CY_E_NO_MEMORY, 0), NULL, cy_http_path(request));
        return;
    }
    memcpy(task->text, text.at == NULL ? (const uint8_t *)"" : text.at, text.n);
    task->text[text.n] = 0;
    task->n = text.n;
    task->work = work;
    (void)pthread_mutex_lock(&queue->lock);
    if (queue->n >= WAITING_MAX || queue->stopping)
        err = cy_fail(CY_E_BUSY, WAITING_MAX);
    else if ((task->later = cy_http_later(request)) == NULL)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    if (cy_ok(err)) {
        if (queue->last == NULL)
            queue->first = task;
        else
            queue->last->next = task;
        queue->last = task;
        queue->n++;
        (void)pthread_cond_signal(&queue->bell);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    if (cy_ok(err))
        return; // cppcheck-suppress memleak ; the queue has it
    task_free(task);
    cy_reply_fail(reply, err, NULL, cy_http_path(request));
}

/* ---- reading ---- */

static void read_work(struct cy_agent *agent, struct cy_client *client, struct task *task,
                      struct cy_reply *reply)
{
    cy_relay_get(agent->relay, client, task->text, reply);
}

static void handle_read(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    struct cy_agent *agent = context;

    if (may_read(agent, request, reply))
        hand(&agent->reads, request, cy_span_text(cy_http_target(request)), read_work, reply);
}

static void handle_stream(void *context, const struct cy_http_request *request,
                          struct cy_reply *reply)
{
    struct cy_agent *agent = context;

    if (may_read(agent, request, reply))
        cy_relay_stream(agent->relay, request, reply);
}

/* The console's own pages and files: a link from elsewhere may open a page, nothing more. */
static void handle_page(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    const struct cy_agent *agent = context;
    const struct cy_agent_asked asked = asked_of(request);
    const char *mode = cy_http_header(request, "Sec-Fetch-Mode");
    const cy_err err =
        cy_agent_guard_page(&agent->guard, &asked, mode != NULL && strcmp(mode, "navigate") == 0);

    if (cy_ok(err))
        cy_console_answer(cy_http_path(request), cy_http_header(request, "Accept-Encoding"), reply);
    else
        cy_reply_fail(reply, err, NULL, cy_http_path(request));
}

/* ---- acting ---- */

static void me_work(struct cy_agent *agent, struct cy_client *client, struct task *task,
                    struct cy_reply *reply)
{
    char why[CY_AGENT_WHY] = "";
    json_t *me = NULL;
    cy_err err = CY_OK;

    (void)client;
    (void)task;
    (void)pthread_mutex_lock(&agent->desk_lock);
    err = agent->desk->me(agent->desk->self, &me, why);
    (void)pthread_mutex_unlock(&agent->desk_lock);
    if (cy_ok(err))
        cy_reply_json(reply, 200, me);
    else
        cy_reply_fail(reply, err, why, "/agent/v1/me");
}

/* Keeps what was described under its digest and adds that to what is shown. */
static cy_err keep(struct cy_agent *agent, struct cy_agent_ready *ready)
{
    char hex[65];
    struct cy_id digest;
    cy_err err = CY_OK;

    (void)pthread_mutex_lock(&agent->approvals_lock);
    err = cy_approvals_add(&agent->approvals, ready->bytes, ready->say, now_ms(), &digest);
    (void)pthread_mutex_unlock(&agent->approvals_lock);
    CY_TRY(err);
    cy_hex(digest.b, sizeof digest.b, hex);
    if (json_object_set_new(ready->shown, "digest", json_string(hex)) != 0 ||
        json_object_set_new(ready->shown, "waits_ms", json_integer(CY_APPROVAL_MS)) != 0)
        return cy_fail(CY_E_NO_MEMORY, 0);
    return CY_OK;
}

static void describe_work(struct cy_agent *agent, struct cy_client *client, struct task *task,
                          struct cy_reply *reply)
{
    static const struct cy_json_limits limits = {WISH_MAX, 12, false};
    struct cy_agent_ready *ready = calloc(1, sizeof *ready);
    struct cy_json_fault fault = {0};
    char why[CY_AGENT_WHY] = "";
    json_t *wish = NULL;
    cy_err err = ready == NULL
                     ? cy_fail(CY_E_NO_MEMORY, 0)
                     : cy_json_parse(cy_span_of(task->text, task->n), &limits, &wish, &fault);

    (void)client;
    if (err.code == CY_E_BAD_JSON)
        (void)snprintf(why, sizeof why, "%s", fault.why);
    if (cy_ok(err)) {
        (void)pthread_mutex_lock(&agent->desk_lock);
        err = agent->desk->describe(agent->desk->self, wish, ready, why);
        if (cy_ok(err))
            err = keep(agent, ready);
        (void)pthread_mutex_unlock(&agent->desk_lock);
    }
    json_decref(wish);
    if (cy_ok(err)) {
        cy_reply_json(reply, 200, json_incref(ready->shown));
    } else {
        cy_reply_fail(reply, err, why, "/agent/v1/describe");
    }
    if (ready != NULL)
        json_decref(ready->shown);
    free(ready);
}

static cy_err read_digest(const struct task *task, struct cy_id *digest,
                          char why[static CY_AGENT_WHY])
{
    static const struct cy_json_limits limits = {SIGN_MAX, 2, false};
    static const char *const known[] = {"digest"};
    struct cy_json_fault fault = {0};
    json_t *wish = NULL;
    cy_err err = cy_json_parse(cy_span_of(task->text, task->n), &limits, &wish, &fault);

    if (cy_ok(err))
        err = cy_json_only(wish, known, CY_COUNT(known), &fault);
    if (cy_ok(err))
        err = cy_json_get_hex(wish, "digest", true, digest->b, sizeof digest->b, &fault);
    json_decref(wish);
    if (!cy_ok(err))
        (void)snprintf(why, CY_AGENT_WHY, "%s", fault.why);
    return err;
}

static void sign_work(struct cy_agent *agent, struct cy_client *client, struct task *task,
                      struct cy_reply *reply)
{
    struct cy_approval approval = {0};
    char why[CY_AGENT_WHY] = "";
    json_t *receipt = NULL;
    struct cy_id digest;
    cy_err err = read_digest(task, &digest, why);

    (void)client;
    if (cy_ok(err)) {
        (void)pthread_mutex_lock(&agent->approvals_lock);
        err = cy_approvals_take(&agent->approvals, &digest, now_ms(), &approval);
        (void)pthread_mutex_unlock(&agent->approvals_lock);
    }
    if (cy_ok(err))
        err = agent->desk->ask(agent->desk->self, approval.say, &digest);
    if (cy_ok(err)) {
        (void)pthread_mutex_lock(&agent->desk_lock);
        err = agent->desk->send(agent->desk->self, cy_span_of(approval.bytes, approval.n), &receipt,
                                why);
        (void)pthread_mutex_unlock(&agent->desk_lock);
    }
    cy_approval_free(&approval);
    if (cy_ok(err))
        cy_reply_json(reply, 200, receipt);
    else
        cy_reply_fail(reply, err, why[0] == 0 ? NULL : why, "/agent/v1/sign");
}

static void handle_act(struct cy_agent *agent, const struct cy_http_request *request,
                       void (*work)(struct cy_agent *, struct cy_client *, struct task *,
                                    struct cy_reply *),
                       struct cy_reply *reply)
{
    if (may_act(agent, request, reply))
        hand(&agent->acts, request, cy_http_body(request), work, reply);
}

static void handle_me(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    handle_act(context, request, me_work, reply);
}

static void handle_describe(void *context, const struct cy_http_request *request,
                            struct cy_reply *reply)
{
    handle_act(context, request, describe_work, reply);
}

static void handle_sign(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    handle_act(context, request, sign_work, reply);
}

static const struct cy_http_route own_[] = {
    {"GET",  "/agent/v1/me",       handle_me,       0, 0,        "who may act here",                     CY_HTTP_UNTOLD},
    {"POST", "/agent/v1/describe", handle_describe, 0, WISH_MAX,
     "an act in one sentence, not signed",                                                               CY_HTTP_UNTOLD},
    {"POST", "/agent/v1/sign",     handle_sign,     0, SIGN_MAX, "sign what was described, and send it",
     CY_HTTP_UNTOLD                                                                                                    },
    {"GET",  "/v1/events",         handle_stream,   0, 0,        "the daemon's events",                  CY_HTTP_UNTOLD},
    {"GET",  "/v1/heads",          handle_stream,   0, 0,        "the daemon's heads",                   CY_HTTP_UNTOLD},
    {"GET",  "/v1/{path...}",      handle_read,     0, 0,        "what the daemon answers",              CY_HTTP_UNTOLD},
    {"GET",  "/tile/{path...}",    handle_read,     0, 0,        "the daemon's tiles",                   CY_HTTP_UNTOLD},
    {"GET",  "/problems/{name}",   handle_read,     0, 0,        "what an error means",                  CY_HTTP_UNTOLD},
    {"GET",  "/checkpoint",        handle_read,     0, 0,        "the daemon's newest head",             CY_HTTP_UNTOLD},
    {"GET",  "/healthz",           handle_read,     0, 0,        "the daemon is alive",                  CY_HTTP_UNTOLD},
    {"GET",  "/readyz",            handle_read,     0, 0,        "the daemon takes acts",                CY_HTTP_UNTOLD},
    {"GET",  "/metrics",           handle_read,     0, 0,        "the daemon's figures",                 CY_HTTP_UNTOLD},
    {"GET",  "/openapi.json",      handle_read,     0, 0,        "the daemon's interface",               CY_HTTP_UNTOLD},
};

/* ---- starting and stopping ---- */

static void queue_make(struct queue *queue)
{
    (void)pthread_mutex_init(&queue->lock, NULL);
    (void)pthread_cond_init(&queue->bell, NULL);
}

/* What waits is still answered by the threads. */
static void queue_stop(struct queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->stopping = true;
    (void)pthread_cond_broadcast(&queue->bell);
    (void)pthread_mutex_unlock(&queue->lock);
}

static bool threads_start(struct cy_agent *agent)
{
    for (unsigned i = 0; i < READERS + ACTORS; i++) {
        struct thread *thread = &agent->threads[i];

        thread->agent = agent;
        thread->queue = i < READERS ? &agent->reads : &agent->acts;
        if (pthread_create(&thread->id, NULL, thread_main, thread) != 0)
            return false;
        agent->threads_n++;
    }
    return true;
}

static void add_routes(struct cy_agent *agent, const struct cy_http_route *routes, size_t n)
{
    CY_ASSERT(agent->routes_n + n <= CY_AGENT_ROUTES_MAX);
    for (size_t i = 0; i < n; i++)
        agent->routes[agent->routes_n++] = routes[i];
}

static cy_err start(struct cy_agent *agent, const struct cy_agent_options *options)
{
    struct cy_http_options http = cy_http_defaults();
    const struct cy_http_route *pages = NULL;
    size_t pages_n = 0;

    agent->relay = cy_relay_new(options->url, options->pin);
    if (agent->relay == NULL || !threads_start(agent))
        return cy_fail(CY_E_NO_MEMORY, 0);
    add_routes(agent, own_, CY_COUNT(own_));
    pages = cy_console_routes(&pages_n);
    add_routes(agent, pages, pages_n);
    for (size_t i = agent->routes_n - pages_n; i < agent->routes_n; i++)
        agent->routes[i].handle = handle_page;
    http.port = options->port;
    http.routes = agent->routes;
    http.routes_n = agent->routes_n;
    http.context = agent;
    CY_TRY(cy_http_start(&http, &agent->server));
    agent->guard.port = cy_http_port(agent->server);
    return CY_OK;
}

cy_err cy_agent_start(const struct cy_agent_options *options, struct cy_agent **out)
{
    struct cy_agent *agent = calloc(1, sizeof *agent);
    cy_err err = CY_OK;

    *out = NULL;
    if (agent == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    agent->desk = options->desk;
    (void)pthread_mutex_init(&agent->desk_lock, NULL);
    (void)pthread_mutex_init(&agent->approvals_lock, NULL);
    queue_make(&agent->reads);
    queue_make(&agent->acts);
    cy_agent_guard_make(&agent->guard);
    atomic_store(&agent->used_ms, now_ms());
    err = start(agent, options);
    if (cy_ok(err))
        *out = agent;
    else
        cy_agent_stop(agent);
    return err;
}

void cy_agent_stop(struct cy_agent *agent)
{
    if (agent == NULL)
        return;
    queue_stop(&agent->reads);
    queue_stop(&agent->acts);
    for (size_t i = 0; i < agent->threads_n; i++)
        (void)pthread_join(agent->threads[i].id, NULL);
    cy_http_stop(agent->server);
    cy_relay_free(agent->relay);
    cy_approvals_clear(&agent->approvals);
    free(agent);
}

void cy_agent_address(const struct cy_agent *agent, char out[static 128])
{
    (void)snprintf(out, 128, "http://127.0.0.1:%u/#agent=%s", agent->guard.port,
                   agent->guard.token);
}

uint64_t cy_agent_idle_ms(const struct cy_agent *agent)
{
    return now_ms() - atomic_load(&((struct cy_agent *)(uintptr_t)agent)->used_ms);
}
