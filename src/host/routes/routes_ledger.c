#include "host/routes/routes_ledger.h"

#include "host/node/node_heads.h"
#include "host/node/receipts.h"
#include "host/system/log.h"

#include <stdlib.h>

#define PAGE_ITEMS 1000u
#define ARENA_BYTES ((size_t)8 << 20)

static bool flag(const struct cy_http_request *request, const char *name)
{
    const char *value = cy_http_query(request, name);

    return value != NULL && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

/* --- acts --- */

struct act_request {
    struct cy_node *node;
    struct cy_later *later;
    enum cy_level want;
    uint32_t need; /* cosignatures; 0 = what is configured */
    cy_time began;
};

/* What waits for cosignatures. */
struct waiting {
    struct cy_node *node;
    struct cy_later *later;
    struct cy_job *job;
    enum cy_level want;
    uint32_t need;
};

static struct cy_reply *receipt_reply(struct cy_node *node, struct cy_job *job, enum cy_level want,
                                      uint32_t need)
{
    struct cy_reply *reply = cy_reply_new();
    struct cy_text page = cy_page();
    enum cy_level level = CY_LEVEL_NONE;
    cy_err err = CY_OK;

    if (reply == NULL || page.at == NULL) {
        free(page.at);
        cy_reply_free(reply);
        return NULL;
    }
    err = job->err;
    if (cy_ok(err))
        err = cy_receipt_json(node, job, need, &page, &level);
    if (!cy_ok(err)) {
        char detail[400];
        struct cy_text text = cy_text_on(detail, sizeof detail);

        if (job->description != NULL)
            cy_text_add(&text, job->description);
        if (job->n_items > 0 || job->item > 0) {
            cy_text_add(&text, " (act ");
            cy_text_u64(&text, job->item);
            cy_text_add(&text, " of the batch)");
        }
        free(page.at);
        cy_reply_fail(reply, err, detail, "/v1/acts");
        return reply;
    }
    /* 202: it stands in the ledger, but not yet at the level that was asked for */
    cy_page_reply(reply, level >= want || job->dry ? 200 : 202, &page);
    return reply;
}

static void await_witnesses(void *arg)
{
    struct waiting *w = arg;
    struct cy_reply *reply = NULL;
    const unsigned most_ms = (unsigned)w->node->config->wait_witnessed_ms;

    /* on a timeout the receipt is given at the level that was reached */
    if (w->want == CY_LEVEL_FINAL)
        (void)!cy_ok(cy_federator_settle_final(w->node->federator, w->job->at, most_ms));
    else
        (void)!cy_ok(cy_node_wait_witnessed(w->node, w->job->at, w->need, most_ms));
    reply = receipt_reply(w->node, w->job, w->want, w->need);
    cy_http_answer(w->later, reply);
    cy_job_free(w->job);
    free(w);
}

static void count_act(struct cy_node *node, const struct cy_job *job, cy_time began)
{
    static const uint64_t bounds[] = {500,   1000,   2500,   5000,   10000,   25000,
                                      50000, 100000, 250000, 500000, 1000000, 5000000};
    char label[80];
    struct cy_text text = cy_text_on(label, sizeof label);

    if (job->dry) /* nothing happened */
        return;
    cy_text_add(&text, "verdict=\"");
    cy_text_add(&text, cy_ok(job->err) ? "accepted" : cy_err_info(job->err.code)->name);
    cy_text_add(&text, "\"");
    cy_metric_add(
        cy_metrics_counter(node->metrics, "comity_acts_total", label, "Acts judged, by verdict."),
        1);
    cy_metric_time(cy_metrics_histogram(node->metrics, "comity_act_seconds", "",
                                        "From arrival of an act to its durable receipt.", bounds,
                                        CY_COUNT(bounds)),
                   (cy_node_now() - began) * 1000);
}

static void act_done(void *context, struct cy_job *job)
{
    struct act_request *r = context;
    struct waiting *w = NULL;

    count_act(r->node, job, r->began);
    if (!cy_ok(job->err)) /* refusals stand in no ledger: the log keeps them */
        CY_LOG(CY_LOG_INFO, "acts", cy_log_say("refused"), cy_log_code(job->err),
               cy_log_hex("act", job->id.b, sizeof job->id.b),
               cy_log_hex("author", job->act.envelope.claims.author.b, 32));
    if (cy_ok(job->err) && !job->dry && r->want > CY_LEVEL_RECORDED) {
        w = malloc(sizeof *w);
        if (w != NULL) {
            *w = (struct waiting){r->node, r->later, job, r->want, r->need};
            if (cy_ok(cy_node_help(r->node, CY_NODE_WAITS, await_witnesses, w))) {
                free(r);
                return;
            }
            free(w); /* too many wait: this one learns at once what level it has */
        }
    }
    cy_http_answer(r->later, receipt_reply(r->node, job, r->want, r->need));
    cy_job_free(job);
    free(r);
}

/* ?witnesses=K: how many cosignatures are asked for; absent: 0, what is configured. */
static bool witnesses_param(const struct cy_node *node, const struct cy_http_request *request,
                            struct cy_reply *reply, uint64_t *need)
{
    if (cy_ok(cy_http_query_u64(request, "witnesses", 0, node->n_witnesses, need)))
        return true;
    cy_fail_reply(request, reply, cy_fail(CY_E_BAD_REQUEST, 0),
                  "witnesses is a number, at most those that GET /v1/realm lists");
    return false;
}

static void post_act(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    const char *wait = cy_http_query(request, "wait");
    enum cy_level want = CY_LEVEL_RECORDED;
    uint64_t need = 0;
    struct act_request *r = NULL;
    struct cy_job *job = NULL;
    cy_err err = CY_OK;

    if (wait != NULL && strcmp(wait, "witnessed") == 0)
        want = CY_LEVEL_WITNESSED;
    else if (wait != NULL && strcmp(wait, "final") == 0)
        want = CY_LEVEL_FINAL;
    else if (wait != NULL && strcmp(wait, "recorded") != 0) {
        cy_fail_reply(request, reply, cy_fail(CY_E_BAD_REQUEST, 0),
                      "wait is recorded, witnessed or final");
        return;
    }
    if (want == CY_LEVEL_FINAL && node->federator == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_BAD_REQUEST, 0),
                      "a cell has no final heads; ask for wait=witnessed");
        return;
    }
    if (want == CY_LEVEL_WITNESSED && node->n_witnesses == 0) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_WITNESSES, 0), NULL);
        return;
    }
    if (!witnesses_param(node, request, reply, &need))
        return;
    r = malloc(sizeof *r);
    job = cy_job_new(cy_http_body(request));
    if (r != NULL && job != NULL) {
        *r = (struct act_request){.node = node,
                                  .later = cy_http_later(request),
                                  .want = want,
                                  .need = (uint32_t)need,
                                  .began = cy_node_now()};
        job->dry = flag(request, "dry");
        job->unsure = job->dry && flag(request, "unsigned");
        job->effects = flag(request, "effects") || job->dry;
        job->done = act_done;
        job->context = r;
    }
    if (r == NULL || job == NULL || r->later == NULL) {
        free(r);
        cy_job_free(job);
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    err = cy_order_submit(&node->order, job);
    if (cy_ok(err))
        return;
    job->err = err;
    cy_http_answer(r->later, receipt_reply(node, job, want, (uint32_t)need));
    cy_job_free(job);
    free(r);
}

/* --- entries --- */

static cy_err read_entry(struct cy_node *node, uint64_t at, uint8_t *out, size_t *n)
{
    struct cy_cell *cell = cy_order_tree(&node->order);
    struct cy_disk_fault fault = {.path = ""};
    cy_err err = CY_OK;

    if (at >= cell->head.size)
        err = cy_fail(CY_E_NO_NOUN, at);
    else
        err = cy_node_damage(cy_tree_entry(&cell->tree, at, out, CY_ENTRY_MAX, n, &fault), &fault);
    cy_order_tree_end(&node->order);
    return err;
}

/* Prints an entry with names from the world as it is. */
static cy_err named_entry(struct cy_node *node, uint64_t at, struct cy_span entry,
                          struct cy_arena *arena, struct cy_text *page)
{
    const cy_err err = cy_entry_json(cy_order_read(&node->order), at, entry, arena, page);

    cy_order_read_end(&node->order);
    return err;
}

static bool index_param(const struct cy_http_request *request, struct cy_reply *reply, uint64_t *at)
{
    if (cy_ok(cy_u64_read(cy_span_text(cy_http_param(request, "index")), at)))
        return true;
    cy_fail_reply(request, reply, cy_fail(CY_E_BAD_REQUEST, 0), "the index is a whole number");
    return false;
}

static void get_entry(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    void *memory = malloc(ARENA_BYTES);
    struct cy_text page = cy_page();
    uint8_t *entry = malloc(CY_ENTRY_MAX);
    uint64_t at = 0;
    size_t n = 0;

    if (memory == NULL || page.at == NULL || entry == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    } else if (index_param(request, reply, &at)) {
        struct cy_arena arena = cy_arena_on(memory, ARENA_BYTES);
        cy_err err = read_entry(context, at, entry, &n);

        if (cy_ok(err))
            err = named_entry(context, at, cy_span_of(entry, n), &arena, &page);
        if (cy_ok(err)) {
            cy_page_reply(reply, 200, &page);
            page.at = NULL;
        } else {
            cy_fail_reply(request, reply, err, NULL);
        }
    }
    free(entry);
    free(page.at);
    free(memory);
}

static void get_raw(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    uint8_t *entry = malloc(CY_ENTRY_MAX);
    uint64_t at = 0;
    size_t n = 0;
    cy_err err = CY_OK;

    if (entry == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    if (!index_param(request, reply, &at)) {
        free(entry);
        return;
    }
    err = read_entry(context, at, entry, &n);
    if (!cy_ok(err)) {
        free(entry);
        cy_fail_reply(request, reply, err, NULL);
        return;
    }
    cy_reply_take(reply, 200, "application/cose", entry, n);
    cy_reply_cache(reply, CY_CACHE_FOREVER);
}

static void get_proof(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    char text_bytes[CY_NODE_NOTE_MAX + 64 * 48];
    struct cy_text text = cy_text_on(text_bytes, sizeof text_bytes);
    enum cy_level level = CY_LEVEL_NONE;
    uint64_t at = 0;
    uint64_t need = 0;
    cy_err err = CY_OK;

    if (!index_param(request, reply, &at) || !witnesses_param(context, request, reply, &need))
        return;
    err = cy_proof_text(context, at, (uint32_t)need, &text, &level);
    if (cy_ok(err))
        cy_reply_text(reply, 200, text_bytes);
    else
        cy_fail_reply(request, reply, err, NULL);
}

static void tell_receipt(struct cy_node *node, const struct cy_helped *asked,
                         struct cy_reply *reply)
{
    uint8_t bytes[CY_RECEIPT_MAX];
    struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);
    struct cy_receipt receipt;
    cy_err err = cy_receipts_make(node->receipts, node, asked->number, &receipt);

    if (cy_ok(err))
        err = cy_receipt_write(&receipt, &out);
    if (cy_ok(err))
        cy_reply_bytes(reply, 200, "application/cose", cy_cbor_written(&out));
    else
        cy_reply_fail(reply, err, NULL, asked->path);
}

static void get_receipt(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    const struct cy_node *node = context;
    uint64_t at = 0;

    if (!index_param(request, reply, &at))
        return;
    if (node->federator != NULL)
        cy_fail_reply(request, reply, cy_fail(CY_E_NOT_FOUND, 0),
                      "a COSE receipt is signed by one log key, and a federation has none: "
                      "/v1/proofs/{index} proves the entry under a final head, with its "
                      "cosignatures");
    else
        cy_help_reply(context, request, reply, at, tell_receipt);
}

/* Entries [since, ...) until the page is full, the limit is reached or the ledger ends. */
static cy_err feed_page(struct cy_node *node, uint64_t since, uint64_t limit, uint8_t *entry,
                        struct cy_arena *arena, struct cy_text *page)
{
    uint64_t at = since;
    cy_err err = CY_OK;
    size_t n = 0;

    cy_text_add(page, "{\"items\":[");
    for (; at - since < limit; at++) {
        const size_t mark = page->n;

        err = read_entry(node, at, entry, &n);
        if (err.code == CY_E_NO_NOUN)
            break;
        CY_TRY(err);
        if (at > since)
            cy_text_add(page, ",");
        err = named_entry(node, at, cy_span_of(entry, n), arena, page);
        if (err.code == CY_E_TOO_LARGE || page->cap - page->n < 256) {
            page->n = mark;
            page->at[mark] = 0;
            break;
        }
        CY_TRY(err);
    }
    cy_text_add(page, "],\"next\":");
    cy_text_u64(page, at);
    cy_text_add(page, "}");
    return CY_OK;
}

static void get_feed(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    void *memory = malloc(ARENA_BYTES);
    uint8_t *entry = malloc(CY_ENTRY_MAX);
    struct cy_text page = cy_page();
    uint64_t since = 0;
    uint64_t limit = 0;
    cy_err err = CY_OK;

    if (memory == NULL || entry == NULL || page.at == NULL) {
        err = cy_fail(CY_E_NO_MEMORY, 0);
    } else {
        struct cy_arena arena = cy_arena_on(memory, ARENA_BYTES);

        err = cy_http_query_u64(request, "since", 0, UINT64_MAX / 2, &since);
        if (cy_ok(err))
            err = cy_http_query_u64(request, "limit", 100, PAGE_ITEMS, &limit);
        if (cy_ok(err))
            err = feed_page(context, since, limit, entry, &arena, &page);
    }
    if (cy_ok(err)) {
        cy_page_reply(reply, 200, &page);
        page.at = NULL;
    } else {
        cy_fail_reply(request, reply, err, "since and limit are whole numbers, limit at most 1000");
    }
    free(page.at);
    free(entry);
    free(memory);
}

/* NULL before the feed has begun, and when the server stops. */
static struct cy_feed *feed_of(struct cy_node *node, const struct cy_http_request *request,
                               struct cy_reply *reply)
{
    struct cy_feed *feed = NULL;

    pthread_mutex_lock(&node->lock);
    feed = node->feed;
    pthread_mutex_unlock(&node->lock);
    if (feed == NULL)
        cy_fail_reply(request, reply, cy_fail(CY_E_STOPPING, 0), NULL);
    return feed;
}

static void get_heads(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_feed *feed = feed_of(context, request, reply);

    if (feed != NULL)
        cy_sse_serve(cy_feed_heads(feed), request, UINT64_MAX, reply);
}

static void get_events(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_feed *feed = feed_of(context, request, reply);

    if (feed != NULL)
        cy_sse_serve(cy_feed_acts(feed), request, UINT64_MAX, reply);
}

/* --- files --- */

static void get_checkpoint(void *context, const struct cy_http_request *request,
                           struct cy_reply *reply)
{
    struct cy_node *node = context;
    const cy_err err = cy_reply_file(reply, cy_disk_posix_root(node->posix), "checkpoint",
                                     "text/plain; charset=utf-8", CY_CACHE_ASK);

    if (!cy_ok(err))
        cy_fail_reply(request, reply, err, NULL);
}

static void get_tile(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    const char *path = cy_http_param(request, "path");
    char full[CY_PATH_MAX];
    struct cy_text text = cy_text_on(full, sizeof full);
    cy_err err = CY_OK;

    cy_text_add(&text, "tile/");
    cy_text_add(&text, path);
    if (text.full)
        err = cy_fail(CY_E_NOT_FOUND, 0);
    else /* a tile never changes under its name, partial ones included */
        err = cy_reply_file(reply, cy_disk_posix_root(node->posix), full,
                            "application/octet-stream", CY_CACHE_FOREVER);
    if (!cy_ok(err))
        cy_fail_reply(request, reply, err, NULL);
}

static const struct cy_http_query act_queries[] = {
    {"wait",      "recorded|witnessed|final", 0,  "witnessed",
     "the level to wait for; 202 when the act stands in the ledger at a lower one"                                        },
    {"witnesses", "number",                   16, "1",
     "how many cosignatures make it witnessed; what the operator set otherwise"                                           },
    {"effects",   "flag",                     0,  "1",         "tell every record that changed"                           },
    {"dry",       "flag",                     0,  "1",         "judge only: nothing is recorded"                          },
    {"unsigned",  "flag",                     0,  "1",         "with dry: judge an act whose signatures are not there yet"},
    {NULL,        NULL,                       0,  NULL,        NULL                                                       },
};

static const struct cy_http_query proof_queries[] = {
    {"witnesses", "number", 16, "1",
     "under the newest head that so many cosigned, where one covers the entry"},
    {NULL,        NULL,     0,  NULL, NULL                                    },
};

static const struct cy_http_query feed_queries[] = {
    {"since", "number", UINT64_MAX, "0",   "from this entry on"},
    {"limit", "number", 1000,       "100", "at most so many"   },
    {NULL,    NULL,     0,          NULL,  NULL                },
};

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"POST", "/v1/acts",             post_act,       0, CY_ENTRY_MAX, "submit a signed act, get its receipt",
     act_queries,   "application/cose", "200 receipt; 202 receipt", "BAD_REQUEST BAD_ENVELOPE BAD_SIGNATURE EXPIRED WRONG_REALM UNKNOWN_PASSPORT NO_WITNESSES QUEUE_FULL STOPPING"},
    {"GET",  "/v1/acts/{index}",     get_entry,      0, 0, "one entry of the ledger, decoded",
     NULL,          NULL, "200 entry", "BAD_REQUEST NO_NOUN"},
    {"GET",  "/v1/acts/{index}/raw", get_raw,        0, 0, "one entry of the ledger, its bytes",
     NULL,          NULL, "200 application/cose", "BAD_REQUEST NO_NOUN"},
    {"GET",  "/v1/proofs/{index}",   get_proof,      0, 0, "proof that an entry is in the ledger",
     proof_queries, NULL, "200 text/plain", "BAD_REQUEST NO_NOUN"},
    {"GET",  "/v1/receipts/{index}", get_receipt,    0, 0, "the same as a COSE receipt (RFC 9942); in a cell",
     NULL,          NULL, "200 application/cose", "BAD_REQUEST NO_NOUN BUSY PEER_CONNECT NOT_FOUND"},
    {"GET",  "/v1/feed",             get_feed,       0, 0, "entries of the ledger in order, in pages",
     feed_queries,  NULL, "200 feed", "BAD_REQUEST"},
    {"GET",  "/v1/events",           get_events,     0, 0, "acts as they become durable, as server-sent events",
     NULL,          NULL, "200 text/event-stream", "STOPPING"},
    {"GET",  "/v1/heads",            get_heads,      0, 0, "new heads, as server-sent events",
     NULL,          NULL, "200 text/event-stream", "STOPPING"},
    {"GET",  "/checkpoint",          get_checkpoint, 0, 0, "the newest signed head",
     NULL,          NULL, "200 text/plain", "NOT_FOUND"},
    {"GET",  "/tile/{path...}",      get_tile,       0, 0, "tiles and entry bundles",
     NULL,          NULL, "200 application/octet-stream", "NOT_FOUND"},
};
/* clang-format on */

const struct cy_http_route *cy_ledger_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}
