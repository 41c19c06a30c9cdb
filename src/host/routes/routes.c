#include "host/routes/routes.h"
#include "host/routes/node_figures.h"

#include "host/http/health.h"
#include "host/json/entry_json.h"
#include "kernel/param.h"
#include "kernel/policy_text.h"
#include "kernel/quorum.h"
#include "wire/print.h"

#include <stdio.h>
#include <stdlib.h>

#define JSON "application/json"
#define PAGE_ITEMS 1000u
#define PAGE_LOOKS 65536u /* records that one request looks at: the world waits meanwhile */

struct cy_text cy_page(void)
{
    char *at = malloc(CY_PAGE_MAX);

    return at == NULL ? (struct cy_text){0} : cy_text_on(at, CY_PAGE_MAX);
}

void cy_page_reply(struct cy_reply *reply, unsigned status, struct cy_text *page)
{
    if (page->full) {
        free(page->at);
        cy_reply_fail(reply, cy_fail(CY_E_TOO_LARGE, CY_PAGE_MAX), "ask for fewer at a time", NULL);
        return;
    }
    cy_reply_take(reply, status, JSON, page->at, page->n);
}

void cy_fail_reply(const struct cy_http_request *request, struct cy_reply *reply, cy_err err,
                   const char *detail)
{
    cy_reply_fail(reply, err, detail, cy_http_path(request));
}

void cy_page_end(const struct cy_http_request *request, struct cy_reply *reply,
                 struct cy_text *page, cy_err err, const char *detail)
{
    if (cy_ok(err)) {
        cy_page_reply(reply, 200, page);
        return;
    }
    free(page->at);
    cy_fail_reply(request, reply, err, detail);
}

struct helping {
    struct cy_node *node;
    struct cy_later *later;
    cy_helper *work;
    struct cy_helped asked;
};

static void help(void *arg)
{
    struct helping *h = arg;
    struct cy_reply *reply = cy_reply_new();

    if (reply != NULL)
        h->work(h->node, &h->asked, reply);
    cy_http_answer(h->later, reply);
    free(h);
}

void cy_help_reply(struct cy_node *node, const struct cy_http_request *request,
                   struct cy_reply *reply, uint64_t number, cy_helper *work)
{
    struct helping *h = malloc(sizeof *h);
    struct cy_reply *busy = NULL;
    cy_err err = CY_OK;

    if (h != NULL) {
        *h = (struct helping){node, cy_http_later(request), work, {.number = number}};
        (void)snprintf(h->asked.path, sizeof h->asked.path, "%s", cy_http_path(request));
    }
    if (h == NULL || h->later == NULL) {
        free(h);
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    err = cy_node_help(node, CY_NODE_LOOKS, help, h);
    if (cy_ok(err))
        return;
    busy = cy_reply_new();
    if (busy != NULL)
        cy_reply_fail(busy, err, NULL, h->asked.path);
    cy_http_answer(h->later, busy);
    free(h);
}

/* --- records --- */

/* Every query that names a field must match it; "after" and "limit" are ours. */
struct filter {
    const struct cy_schema *schema;
    const struct cy_field *fields[32]; /* keys of a map are below 24 */
    const char *wants[32];
    size_t n;
};

static struct filter filter_of(const struct cy_http_request *request,
                               const struct cy_schema *schema)
{
    struct filter filter = {.schema = schema};

    for (size_t i = 0; i < schema->n_fields && filter.n < CY_COUNT(filter.fields); i++) {
        filter.fields[filter.n] = &schema->fields[i];
        filter.wants[filter.n] = cy_http_query(request, schema->fields[i].name);
        filter.n += filter.wants[filter.n] != NULL;
    }
    return filter;
}

static bool matches(const struct filter *filter, const void *record)
{
    for (size_t i = 0; i < filter->n; i++) {
        char value_bytes[520];
        struct cy_text value = cy_text_on(value_bytes, sizeof value_bytes);

        cy_print_field(&value, filter->fields[i], record);
        if (strcmp(value_bytes, filter->wants[i]) != 0)
            return false;
    }
    return true;
}

/* Where to begin and end: everywhere, or at the one record whose id is asked for. */
static void narrow(const struct cy_world *world, const struct filter *filter, uint64_t *from,
                   uint32_t *to)
{
    const struct cy_schema *schema = filter->schema;
    struct cy_id id;
    uint32_t slot = 0;

    if (filter->n == 0 || schema->n_keys != 1 || schema->fields[0].type != CY_T_id ||
        filter->fields[0] != &schema->fields[0] ||
        !cy_ok(cy_hex_read(cy_span_text(filter->wants[0]), id.b, sizeof id.b)))
        return;
    slot = cy_table_find(&cy_world_table_of(world, schema->number)->table, &id);
    *to = slot == CY_TABLE_NONE || slot < *from ? 0 : slot + 1;
    *from = slot == CY_TABLE_NONE || slot < *from ? 0 : slot;
}

static void records_page(const struct cy_world *world, const struct cy_http_request *request,
                         const struct cy_schema *schema, uint64_t after, uint64_t limit,
                         struct cy_text *page)
{
    const struct filter filter = filter_of(request, schema);
    uint32_t count = cy_world_count(world, schema->number);
    uint64_t given = 0;
    uint64_t i = 0;

    cy_text_add(page, "{\"record\":\"");
    cy_text_add(page, schema->name);
    cy_text_add(page, "\",\"count\":");
    cy_text_u64(page, count);
    cy_text_add(page, ",\"items\":[");
    narrow(world, &filter, &after, &count);
    i = after;
    for (; i < count && i - after < PAGE_LOOKS && given < limit && page->cap - page->n > 8192;
         i++) {
        const void *record = cy_world_at(world, schema->number, (uint32_t)i);

        if (!matches(&filter, record))
            continue;
        if (given++ > 0)
            cy_text_add(page, ",");
        cy_print_json(page, schema, record);
    }
    cy_text_add(page, "]");
    if (i < count) {
        cy_text_add(page, ",\"next\":");
        cy_text_u64(page, i);
    }
    cy_text_add(page, "}");
}

static void get_records(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    struct cy_node *node = context;
    const struct cy_schema *schema =
        cy_schema_named(CY_SCHEMA_RECORD, cy_span_text(cy_http_param(request, "table")));
    const struct cy_world *world = NULL;
    struct cy_text page;
    uint64_t after = 0;
    uint64_t limit = 0;
    bool kept = false;
    cy_err err = CY_OK;

    if (schema == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NOT_FOUND, 0), "no such table; see /v1/records");
        return;
    }
    err = cy_http_query_u64(request, "after", 0, UINT32_MAX, &after);
    if (cy_ok(err))
        err = cy_http_query_u64(request, "limit", 100, PAGE_ITEMS, &limit);
    if (!cy_ok(err)) {
        cy_fail_reply(request, reply, err, "after and limit are whole numbers, limit at most 1000");
        return;
    }
    page = cy_page();
    if (page.at == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    world = cy_order_read(&node->order);
    kept = schema->number < CY_RECORDS_MAX && world->by_record[schema->number] != 0;
    if (kept)
        records_page(world, request, schema, after, limit, &page);
    cy_order_read_end(&node->order);
    if (kept) {
        cy_page_reply(reply, 200, &page);
    } else {
        free(page.at);
        cy_fail_reply(request, reply, cy_fail(CY_E_NOT_FOUND, 0),
                      "this realm keeps no such table; see /v1/records");
    }
}

static void get_tables(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cy_text page = cy_page();
    const struct cy_world *world = NULL;

    (void)request;
    if (page.at == NULL) {
        cy_reply_fail(reply, cy_fail(CY_E_NO_MEMORY, 0), NULL, NULL);
        return;
    }
    cy_text_add(&page, "{\"tables\":[");
    world = cy_order_read(&node->order);
    for (uint32_t i = 0; i < world->n_tables; i++) {
        const struct cy_world_table *t = &world->tables[i];

        cy_text_add(&page, i > 0 ? ",{\"record\":\"" : "{\"record\":\"");
        cy_text_add(&page, t->spec->schema->name);
        cy_text_add(&page, "\",\"count\":");
        cy_text_u64(&page, t->table.n);
        cy_text_add(&page, ",\"limit\":");
        cy_text_u64(&page, t->table.limit);
        cy_text_add(&page, ",\"doc\":");
        cy_print_string(&page, cy_span_text(t->spec->schema->doc));
        cy_text_add(&page, "}");
    }
    cy_order_read_end(&node->order);
    cy_text_add(&page, "]}");
    cy_page_reply(reply, 200, &page);
}

/* --- the realm --- */

static void witnesses_json(struct cy_node *node, struct cy_text *page)
{
    cy_text_add(page, ",\"witnesses\":[");
    pthread_mutex_lock(&node->lock);
    for (uint32_t i = 0; i < node->n_witnesses; i++) {
        const struct cy_node_witness *w = &node->witnesses[i];

        cy_text_add(page, i > 0 ? ",{\"name\":" : "{\"name\":");
        cy_print_string(page, cy_span_text(w->name));
        cy_text_add(page, ",\"vkey\":\"");
        cy_note_vkey(&w->key, page);
        cy_text_add(page, "\",\"size\":");
        cy_text_u64(page, w->known);
        cy_text_add(page, ",\"state\":");
        cy_print_string(page, cy_span_text(cy_err_info(w->err.code)->path));
        cy_text_add(page, "}");
    }
    pthread_mutex_unlock(&node->lock);
    cy_text_add(page, "]");
}

static void vkey_json(struct cy_text *page, const char *name, const struct cy_name *origin,
                      enum cy_note_key_type type, const struct cy_id *key)
{
    struct cy_note_key note_key;

    if (!cy_ok(cy_note_key_of(cy_name_text(origin), type, key, &note_key)))
        return;
    cy_text_add(page, ",\"");
    cy_text_add(page, name);
    cy_text_add(page, "\":\"");
    cy_note_vkey(&note_key, page);
    cy_text_add(page, "\"");
}

/* Whom to believe: in a cell the key of its heads; a federation's heads carry none of their own. */
static void trust_json(const struct cy_node *node, const struct cy_world *world,
                       const struct cy_realm *realm, struct cy_text *page)
{
    char policy[CY_QUORUM_TEXT_MAX];
    struct cy_text text = cy_text_on(policy, sizeof policy);

    if (node->federator == NULL) {
        vkey_json(page, "vkey", &realm->name, CY_NOTE_ED25519, &realm->log_key);
        return;
    }
    cy_policy_text(world, &text);
    if (text.full)
        return;
    cy_json_field(page, "policy");
    cy_print_string(page, cy_text_bytes(&text));
}

static void get_realm(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cy_text page = cy_page();
    const struct cy_world *world = NULL;
    const struct cy_realm *realm = NULL;

    if (page.at == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    world = cy_order_read(&node->order);
    realm = CY_GET(world, realm, &(uint64_t){1});
    if (realm != NULL) {
        cy_text_add(&page, "{\"realm\":");
        cy_print_json(&page, &cy_schema_realm, realm);
        trust_json(node, world, realm, &page);
        if (node->has_witness_key)
            vkey_json(&page, "witness_vkey", &realm->name, CY_NOTE_COSIGNATURE, &node->witness_key);
    }
    cy_order_read_end(&node->order);
    if (realm == NULL) {
        free(page.at);
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_GENESIS, 0), NULL);
        return;
    }
    pthread_mutex_lock(&node->lock);
    cy_text_add(&page, ",\"head\":{\"size\":");
    cy_text_u64(&page, node->head.size);
    cy_text_add(&page, ",\"root\":\"");
    cy_text_hex(&page, cy_span_of(node->head.root.b, 32));
    cy_text_add(&page, "\",\"cosigned\":");
    cy_text_u64(&page, node->head.cosigned);
    cy_text_add(&page, "},\"witnessed_size\":");
    cy_text_u64(&page, node->n_witnesses == 0 ? 0 : node->counted[node->need - 1].size);
    cy_text_add(&page, ",\"witnesses_need\":");
    cy_text_u64(&page, node->need);
    pthread_mutex_unlock(&node->lock);
    witnesses_json(node, &page);
    cy_text_add(&page, ",\"blob_bytes_max\":");
    cy_text_u64(&page, (uint64_t)node->config->blob_bytes_max);
    cy_text_add(&page, "}");
    cy_page_reply(reply, 200, &page);
}

static void get_params(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cy_text page = cy_page();
    const struct cy_world *world = NULL;

    if (page.at == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    cy_text_add(&page, "{\"params\":[");
    world = cy_order_read(&node->order);
    for (unsigned i = 0; cy_param_row(i) != NULL; i++) {
        const struct cy_param_row *row = cy_param_row(i);
        const struct cy_param *set = NULL;
        struct cy_label name;

        if (cy_ok(cy_label_of(cy_span_text(row->name), &name)))
            set = CY_GET(world, param, &name);
        cy_text_add(&page, i > 0 ? ",{\"name\":\"" : "{\"name\":\"");
        cy_text_add(&page, row->name);
        cy_text_add(&page, "\",\"value\":");
        cy_text_u64(&page, set == NULL ? row->value : set->value);
        cy_text_add(&page, ",\"default\":");
        cy_text_u64(&page, row->value);
        cy_text_add(&page, ",\"unit\":\"");
        cy_text_add(&page, row->unit);
        cy_text_add(&page, "\",\"meaning\":");
        cy_print_string(&page, cy_span_text(row->meaning));
        cy_text_add(&page, "}");
    }
    cy_order_read_end(&node->order);
    cy_text_add(&page, "]}");
    cy_page_reply(reply, 200, &page);
}

/* --- as a witness --- */

static void add_checkpoint(void *context, const struct cy_http_request *request,
                           struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cy_witness_answer answer;

    cy_node_witness(node, cy_http_body(request), &answer);
    if (answer.status == 200 || answer.status == 409) {
        cy_reply_bytes(reply, answer.status, answer.type, cy_span_of(answer.body, answer.n));
        return;
    }
    cy_fail_reply(request, reply, answer.err, NULL);
    reply->status = answer.status; /* the statuses of C2SP tlog-witness, exactly */
}

static void get_witnessed(void *context, const struct cy_http_request *request,
                          struct cy_reply *reply)
{
    struct cy_node *node = context;
    char path[CY_PATH_MAX];
    struct cy_text text = cy_text_on(path, sizeof path);
    struct cy_id hash;
    cy_err err = cy_hex_read(cy_span_text(cy_http_param(request, "hash")), hash.b, sizeof hash.b);

    cy_text_add(&text, "witness/");
    cy_text_add(&text, cy_http_param(request, "hash"));
    if (cy_ok(err))
        err = cy_reply_file(reply, cy_disk_posix_root(node->posix), path,
                            "text/plain; charset=utf-8", CY_CACHE_ASK);
    if (!cy_ok(err))
        cy_fail_reply(request, reply, cy_fail(CY_E_NOT_FOUND, 0), NULL);
}

static void get_healthz(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    (void)context;
    (void)request;
    cy_health_alive(reply);
}

static void get_readyz(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    const uint64_t beyond = __atomic_load_n(&node->beyond, __ATOMIC_ACQUIRE);
    cy_err trouble = cy_order_trouble(&node->order);

    (void)request;
    if (beyond > 0) /* a later head of ours was shown: nothing is signed any more */
        trouble = cy_fail(CY_E_HEAD_ROLLBACK, beyond);
    cy_health_ready(reply, cy_ok(trouble) ? NULL : cy_err_info(trouble.code)->text);
}

static void get_metrics(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    struct cy_node *node = context;

    (void)request;
    cy_node_figures(node);
    cy_health_metrics(reply, node->metrics);
}

static void get_problem(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    const struct cy_err_info *info = NULL;

    (void)context;
    for (unsigned i = 0; (info = cy_err_at(i)) != NULL; i++) {
        if (strcmp(info->name, cy_http_param(request, "name")) == 0)
            break;
    }
    if (info == NULL)
        cy_fail_reply(request, reply, cy_fail(CY_E_NOT_FOUND, 0), NULL);
    else
        cy_reply_json(reply, 200,
                      json_pack("{s:s,s:i,s:s,s:s,s:s}", "name", info->name, "number",
                                (int)info->code, "code", info->path, "title", info->text, "remedy",
                                info->remedy));
}

static const struct cy_http_query record_queries[] = {
    {"after", "number", 4294967295, "0",   "from this place of the table on"                     },
    {"limit", "number", 1000,       "100", "at most so many"                                     },
    {"*",     "text",   0,          "",    "FIELD=VALUE: only records whose field has this value"},
    {NULL,    NULL,     0,          NULL,  NULL                                                  },
};

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"GET",  "/v1/records",         get_tables,     0,                0, "the tables of the world",
     NULL,           NULL, "200 tables", ""},
    {"GET",  "/v1/records/{table}", get_records,    0,                0, "records of a table, in pages",
     record_queries, NULL, "200 records", "BAD_REQUEST NOT_FOUND"},
    {"GET",  "/v1/realm",           get_realm,      0,                0, "the realm: name, keys, time, head, witnesses",
     NULL,           NULL, "200 realm", "NO_GENESIS"},
    {"GET",  "/v1/params",          get_params,     0,                0, "the parameters in force",
     NULL,           NULL, "200 params", ""},
    {"POST", "/add-checkpoint",     add_checkpoint, 0,                CY_ADD_CHECKPOINT_MAX, "cosign a head",
     NULL,           "text/plain", "200 text/plain; 409 text/x.tlog.size", "BAD_CHECKPOINT OTHER_LOG BAD_SIGNATURE BAD_MERKLE PEER_CONNECT"},
    {"GET",  "/{hash}/checkpoint",  get_witnessed,  0,                0, "the head cosigned last, by origin hash",
     NULL,           NULL, "200 text/plain", "NOT_FOUND"},
    {"GET",  "/healthz",            get_healthz,    CY_HTTP_ANY_HOST, 0, "the process is alive",
     NULL,           NULL, "200 text/plain", ""},
    {"GET",  "/readyz",             get_readyz,     CY_HTTP_ANY_HOST, 0, "the cell takes acts",
     NULL,           NULL, "200 text/plain", "BUSY"},
    {"GET",  "/metrics",            get_metrics,    CY_HTTP_ANY_HOST, 0, "figures for Prometheus",
     NULL,           NULL, "200 text/plain", ""},
    {"GET",  "/problems/{name}",    get_problem,    0,                0, "what an error means and what to do",
     NULL,           NULL, "200 error", "NOT_FOUND"},
};
/* clang-format on */

const struct cy_http_route *cy_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}
