#include "host/routes/routes_alliance.h"

#include "host/json/names.h"
#include "host/routes/tenure_book.h"
#include "wire/print.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 << 20)
#define BUNDLE_MAX ((size_t)64 << 20)
#define PAGE_ITEMS 1000u

static bool open_page(const struct cy_http_request *request, struct cy_reply *reply,
                      struct cy_text *page)
{
    *page = cy_page();
    if (page->at != NULL)
        return true;
    cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    return false;
}

static void counts_json(const struct cy_world *world, const struct cy_alliance *alliance,
                        struct cy_text *page)
{
    const struct cy_alliance_roll *roll = CY_GET(world, alliance_roll, &alliance->id);

    cy_text_add(page, ",\"counts\":");
    if (roll == NULL)
        cy_text_add(page, "{}");
    else
        cy_print_json(page, &cy_schema_alliance_roll, roll);
}

static void charter_json(const struct cy_world *world, const struct cy_alliance *alliance,
                         struct cy_text *page)
{
    cy_text_add(page, ",\"charter\":[");
    for (unsigned i = 0; cy_clause_row(i) != NULL; i++) {
        const struct cy_clause_row *row = cy_clause_row(i);

        cy_text_add(page, i > 0 ? ",{\"clause\":\"" : "{\"clause\":\"");
        cy_text_add(page, row->name);
        cy_text_add(page, "\",\"value\":");
        cy_text_u64(page, cy_charter_value_in(world, alliance, (enum cy_clause_number)i));
        cy_text_add(page, ",\"unit\":");
        cy_print_string(page, cy_span_text(row->unit));
        cy_text_add(page, ",\"meaning\":");
        cy_print_string(page, cy_span_text(row->meaning));
        cy_text_add(page, ",\"actuator\":");
        cy_print_string(page, cy_span_text(row->actuator));
        cy_text_add(page, "}");
    }
    cy_text_add(page, "]");
}

static void get_alliances(void *context, const struct cy_http_request *request,
                          struct cy_reply *reply)
{
    struct cy_node *node = context;
    const char *topic = cy_http_query(request, "topic");
    const char *code = cy_http_query(request, "code");
    const struct cy_world *world = NULL;
    struct cy_text page;
    bool first = true;

    if (!open_page(request, reply, &page))
        return;
    cy_text_add(&page, "{\"alliances\":[");
    world = cy_order_read(&node->order);
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_alliance); i++) {
        const struct cy_alliance *a = cy_world_at(world, CY_R_alliance, i);

        if (code != NULL && !cy_span_eq(cy_label_text(&a->code), cy_span_text(code)))
            continue;
        if (topic != NULL &&
            strcmp(topic, cy_word_text(cy_schema_alliance.fields[4].set, a->topic)) != 0)
            continue;
        cy_text_add(&page, first ? "{\"alliance\":" : ",{\"alliance\":");
        first = false;
        cy_print_json(&page, &cy_schema_alliance, a);
        counts_json(world, a, &page);
        cy_text_add(&page, "}");
    }
    cy_order_read_end(&node->order);
    cy_text_add(&page, "]}");
    cy_page_reply(reply, 200, &page);
}

/* The alliance that the path names; the world stays read-locked when it is found. */
static const struct cy_alliance *find(struct cy_node *node, const struct cy_http_request *request,
                                      struct cy_reply *reply, const struct cy_world **world)
{
    const struct cy_alliance *alliance = NULL;
    cy_err err = CY_OK;

    *world = cy_order_read(&node->order);
    err = cy_alliance_find(*world, cy_span_text(cy_http_param(request, "name")), &alliance);
    if (cy_ok(err))
        return alliance;
    cy_order_read_end(&node->order);
    cy_fail_reply(request, reply, err, cy_http_param(request, "name"));
    return NULL;
}

static void get_alliance(void *context, const struct cy_http_request *request,
                         struct cy_reply *reply)
{
    struct cy_node *node = context;
    const struct cy_world *world = NULL;
    const struct cy_alliance *alliance = NULL;
    struct cy_text page;

    if (!open_page(request, reply, &page))
        return;
    alliance = find(node, request, reply, &world);
    if (alliance == NULL) {
        free(page.at);
        return;
    }
    cy_text_add(&page, "{\"alliance\":");
    cy_print_json(&page, &cy_schema_alliance, alliance);
    counts_json(world, alliance, &page);
    charter_json(world, alliance, &page);
    cy_text_add(&page, "}");
    cy_order_read_end(&node->order);
    cy_page_reply(reply, 200, &page);
}

/* --- members --- */

/* as_of is a date, today when absent; known_at a time, everything on record when absent. */
static cy_err read_when(const struct cy_http_request *request, struct cy_members_question *q)
{
    const char *as_of = cy_http_query(request, "as_of");
    const char *known_at = cy_http_query(request, "known_at");

    q->as_of.day = cy_time_date(cy_node_now());
    q->as_of.known_at = UINT64_MAX;
    if (as_of != NULL && as_of[0] != 0)
        CY_TRY(cy_date_read(cy_span_text(as_of), &q->as_of.day));
    if (known_at != NULL && known_at[0] != 0)
        CY_TRY(cy_time_read(cy_span_text(known_at), &q->as_of.known_at));
    return CY_OK;
}

static cy_err read_level(const struct cy_http_request *request, struct cy_members_question *q)
{
    const char *level = cy_http_query(request, "level");

    q->level = 0;
    if (level == NULL || level[0] == 0)
        return CY_OK;
    for (unsigned l = CY_level_FULL; l <= CY_level_OBSERVER; l++) {
        if (strcmp(level, cy_word_text(cy_schema_member.fields[3].set, (uint8_t)l)) == 0) {
            q->level = (uint8_t)l;
            return CY_OK;
        }
    }
    return cy_fail(CY_E_BAD_REQUEST, 0);
}

static void members_plain(struct cy_node *node, const struct cy_http_request *request,
                          const struct cy_members_question *q, struct cy_reply *reply)
{
    void *memory = aligned_alloc(16, ARENA_BYTES);
    const struct cy_world *world = NULL;
    struct cy_listed *list = NULL;
    struct cy_text page;
    size_t n = 0;
    cy_err err = CY_OK;

    if (memory == NULL || !open_page(request, reply, &page)) {
        free(memory);
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    struct cy_arena arena = cy_arena_on(memory, ARENA_BYTES);

    world = cy_order_read(&node->order);
    err = cy_tenure_book_list(node->tenures, world, &q->alliance, &q->as_of, &arena, &list, &n);
    if (cy_ok(err)) {
        const struct cy_namer namer = cy_namer_of(&world);

        cy_members_json(CY_GET(world, alliance, &q->alliance), q, list, n, &namer, &page);
    }
    cy_order_read_end(&node->order);
    free(memory);
    if (cy_ok(err)) {
        cy_page_reply(reply, 200, &page);
    } else {
        free(page.at);
        cy_fail_reply(request, reply, err, NULL);
    }
}

/* Blocs replaced by the members of the alliance for which they speak. */
struct expansion {
    const struct cy_namer *namer;
    struct cy_text *out;
    uint8_t level;
    size_t n;
};

static void add_expanded(void *self, const struct cy_listed *member, const struct cy_id *via)
{
    struct expansion *e = self;

    if (e->level == 0 || member->level == e->level)
        cy_members_row(e->out, e->n++, member, via, e->namer);
}

static void members_expanded(struct cy_node *node, const struct cy_http_request *request,
                             const struct cy_members_question *q, struct cy_reply *reply)
{
    void *memory = aligned_alloc(16, ARENA_BYTES);
    struct cy_text page = cy_page();
    cy_err err = CY_OK;

    if (memory == NULL || page.at == NULL) {
        err = cy_fail(CY_E_NO_MEMORY, 0);
    } else {
        const struct cy_world *world = cy_order_read(&node->order);
        const struct cy_namer namer = cy_namer_of(&world);
        struct cy_arena arena = cy_arena_on(memory, ARENA_BYTES);
        struct expansion e = {.namer = &namer, .out = &page, .level = q->level};

        cy_members_open(&page, CY_GET(world, alliance, &q->alliance), q);
        err = cy_alliance_expand(world, &q->alliance, &q->as_of, &arena, add_expanded, &e);
        cy_members_close(&page, e.n);
        cy_order_read_end(&node->order);
    }
    free(memory);
    cy_page_end(request, reply, &page, err, NULL);
}

struct bundle_request {
    struct cy_node *node;
    struct cy_later *later;
    struct cy_members_question question;
};

/* A bundle waits for a tick, a head and its cosignatures: not on a server thread. */
static void make_bundle(void *arg)
{
    struct bundle_request *r = arg;
    struct cy_reply *reply = cy_reply_new();
    char *memory = malloc(BUNDLE_MAX);
    cy_err err = CY_OK;

    if (reply == NULL || memory == NULL) {
        free(memory);
        cy_reply_free(reply);
        reply = NULL;
    } else {
        struct cy_text out = cy_text_on(memory, BUNDLE_MAX);

        err = cy_bundle_members(r->node, &r->question, &out);
        if (cy_ok(err)) {
            cy_reply_bytes(reply, 200, "application/json", cy_text_bytes(&out));
        } else {
            cy_reply_fail(reply, err, NULL, "/v1/alliances/members");
        }
        free(memory);
    }
    cy_http_answer(r->later, reply);
    free(r);
}

static void members_proven(struct cy_node *node, const struct cy_http_request *request,
                           const struct cy_members_question *q, struct cy_reply *reply)
{
    struct bundle_request *r = malloc(sizeof *r);
    struct cy_reply *busy = NULL;
    cy_err err = CY_OK;

    if (r != NULL)
        *r = (struct bundle_request){node, cy_http_later(request), *q};
    if (r == NULL || r->later == NULL) {
        free(r);
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    err = cy_node_help(node, CY_NODE_PROVES, make_bundle, r);
    if (cy_ok(err))
        return;
    busy = cy_reply_new();
    if (busy != NULL)
        cy_reply_fail(busy, err, NULL, "/v1/alliances/members");
    cy_http_answer(r->later, busy);
    free(r);
}

static void get_members(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    struct cy_node *node = context;
    const char *proof = cy_http_query(request, "proof");
    const char *expands = cy_http_query(request, "expand");
    const bool expand = expands != NULL && strcmp(expands, "0") != 0;
    struct cy_members_question q = {0};
    const struct cy_alliance *alliance = NULL;
    const struct cy_world *world = NULL;
    cy_err err = read_when(request, &q);

    if (cy_ok(err))
        err = read_level(request, &q);
    if (!cy_ok(err)) {
        cy_fail_reply(request, reply, err,
                      "as_of is YYYY-MM-DD, known_at is 2026-01-31T12:00:00Z, level is full, "
                      "associate or observer");
        return;
    }
    alliance = find(node, request, reply, &world);
    if (alliance == NULL)
        return;
    q.alliance = alliance->id;
    cy_order_read_end(&node->order);
    if (proof != NULL && strcmp(proof, "0") != 0 && expand)
        cy_fail_reply(request, reply, cy_fail(CY_E_BAD_REQUEST, 0),
                      "ask for proof of each alliance by itself, without expand");
    else if (proof != NULL && strcmp(proof, "0") != 0)
        members_proven(node, request, &q, reply);
    else if (expand)
        members_expanded(node, request, &q, reply);
    else
        members_plain(node, request, &q, reply);
}

/* --- history and charters --- */

static void get_history(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    struct cy_node *node = context;
    const struct cy_world *world = NULL;
    const struct cy_alliance *alliance = NULL;
    const struct cy_member_event *event = NULL;
    struct cy_text page;
    uint64_t after = 0;
    uint64_t limit = 0;
    uint64_t given = 0;
    cy_err err = cy_http_query_u64(request, "after", 0, UINT32_MAX, &after);

    if (cy_ok(err))
        err = cy_http_query_u64(request, "limit", PAGE_ITEMS, PAGE_ITEMS, &limit);
    if (!cy_ok(err)) {
        cy_fail_reply(request, reply, err, "after and limit are whole numbers, limit at most 1000");
        return;
    }
    if (!open_page(request, reply, &page))
        return;
    alliance = find(node, request, reply, &world);
    if (alliance == NULL) {
        free(page.at);
        return;
    }
    const struct cy_namer namer = cy_namer_of(&world);

    cy_text_add(&page, "{\"alliance\":\"");
    cy_text_hex(&page, cy_span_of(alliance->id.b, 32));
    cy_text_add(&page, "\",\"code\":");
    cy_print_string(&page, cy_label_text(&alliance->code));
    cy_text_add(&page, ",\"events\":[");
    for (; given < limit && page.cap - page.n > 8192; given++) {
        const struct cy_passport *party = NULL;

        event = cy_alliance_event(world, &alliance->id, after + given);
        if (event == NULL)
            break;
        party = namer.passport(namer.self, &event->party);
        cy_text_add(&page, given > 0 ? ",{\"name\":" : "{\"name\":");
        cy_print_string(&page, party == NULL ? cy_span_text("") : cy_name_text(&party->name));
        cy_text_add(&page, ",\"event\":");
        cy_print_json(&page, &cy_schema_member_event, event);
        cy_text_add(&page, "}");
    }
    event = cy_alliance_event(world, &alliance->id, after + given);
    cy_order_read_end(&node->order);
    cy_text_add(&page, "]");
    if (event != NULL) {
        cy_text_add(&page, ",\"next\":");
        cy_text_u64(&page, after + given);
    }
    cy_text_add(&page, "}");
    cy_page_reply(reply, 200, &page);
}

static void get_charter_diff(void *context, const struct cy_http_request *request,
                             struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cy_clause_diff diffs[CY_CLAUSES];
    const struct cy_world *world = NULL;
    const struct cy_alliance *alliance = NULL;
    struct cy_text page;
    uint64_t from = 0;
    uint64_t to = 0;
    size_t n = 0;

    if (!open_page(request, reply, &page))
        return;
    alliance = find(node, request, reply, &world);
    if (alliance == NULL) {
        free(page.at);
        return;
    }
    if (!cy_ok(cy_http_query_u64(request, "from", 1, alliance->version, &from)) ||
        !cy_ok(cy_http_query_u64(request, "to", alliance->version, alliance->version, &to)) ||
        from == 0 || to == 0) {
        cy_order_read_end(&node->order);
        free(page.at);
        cy_fail_reply(request, reply, cy_fail(CY_E_BAD_REQUEST, 0),
                      "from and to are versions of the charter, from 1 on");
        return;
    }
    n = cy_charter_diff(world, alliance, from, to, diffs);
    cy_order_read_end(&node->order);
    cy_text_add(&page, "{\"from\":");
    cy_text_u64(&page, from);
    cy_text_add(&page, ",\"to\":");
    cy_text_u64(&page, to);
    cy_text_add(&page, ",\"changes\":[");
    for (size_t i = 0; i < n; i++) {
        cy_text_add(&page, i > 0 ? ",{\"clause\":\"" : "{\"clause\":\"");
        cy_text_add(&page, cy_clause_row(diffs[i].number)->name);
        cy_text_add(&page, "\",\"before\":");
        cy_text_u64(&page, diffs[i].before);
        cy_text_add(&page, ",\"after\":");
        cy_text_u64(&page, diffs[i].after);
        cy_text_add(&page, "}");
    }
    cy_text_add(&page, "]}");
    cy_page_reply(reply, 200, &page);
}

/* --- passports --- */

static void passport_json(const struct cy_world *world, const struct cy_passport *p,
                          struct cy_text *page)
{
    const struct cy_member_event *event = NULL;
    bool first = true;
    uint32_t at = 0;

    cy_text_add(page, "{\"passport\":");
    cy_print_json(page, &cy_schema_passport, p);
    cy_text_add(page, ",\"codes\":[");
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_attestation); i++) {
        const struct cy_attestation *a = cy_world_at(world, CY_R_attestation, i);

        if (!cy_id_eq(&a->passport, &p->id))
            continue;
        if (!first)
            cy_text_add(page, ",");
        first = false;
        cy_print_json(page, &cy_schema_attestation, a);
    }
    cy_text_add(page, "],\"memberships\":[");
    first = true;
    while (page->cap - page->n > 8192 && (event = cy_party_event(world, &p->id, &at)) != NULL) {
        const struct cy_alliance *alliance = CY_GET(world, alliance, &event->alliance);

        cy_text_add(page, first ? "{\"code\":" : ",{\"code\":");
        first = false;
        cy_print_string(page, alliance == NULL ? cy_span_text("") : cy_label_text(&alliance->code));
        cy_text_add(page, ",\"event\":");
        cy_print_json(page, &cy_schema_member_event, event);
        cy_text_add(page, "}");
    }
    cy_text_add(page, "]}");
}

static void get_passport(void *context, const struct cy_http_request *request,
                         struct cy_reply *reply)
{
    struct cy_node *node = context;
    const struct cy_passport *passport = NULL;
    const struct cy_world *world = NULL;
    struct cy_text page;

    if (!open_page(request, reply, &page))
        return;
    world = cy_order_read(&node->order);
    passport = cy_passport_called(world, cy_http_param(request, "name"));
    if (passport != NULL)
        passport_json(world, passport, &page);
    cy_order_read_end(&node->order);
    cy_page_end(request, reply, &page, passport != NULL ? CY_OK : cy_fail(CY_E_UNKNOWN_PASSPORT, 0),
                cy_http_param(request, "name"));
}

static const struct cy_http_query list_queries[] = {
    {"topic", "text", 0, "environment", "only of this topic" },
    {"code",  "text", 0, "NATO",        "only with this code"},
    {NULL,    NULL,   0, NULL,          NULL                 },
};

static const struct cy_http_query members_queries[] = {
    {"as_of",    "date",                    0, "1960-01-01",           "members on this day; today"                  },
    {"known_at", "time",                    0, "2026-11-20T07:30:00Z", "as far as was on record then; now"           },
    {"level",    "full|associate|observer", 0, "full",                 "only of this level"                          },
    {"expand",   "flag",                    0, "1",                    "blocs are followed by who stands behind them"},
    {"proof",    "flag",                    0, "1",                    "a bundle that anyone can check offline"      },
    {NULL,       NULL,                      0, NULL,                   NULL                                          },
};

static const struct cy_http_query history_queries[] = {
    {"after", "number", 4294967295, "0",   "from this event on"},
    {"limit", "number", 1000,       "100", "at most so many"   },
    {NULL,    NULL,     0,          NULL,  NULL                },
};

static const struct cy_http_query diff_queries[] = {
    {"from", "number", 4294967295, "1",  "this version; the first"     },
    {"to",   "number", 4294967295, "2",  "against this one; the newest"},
    {NULL,   NULL,     0,          NULL, NULL                          },
};

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"GET", "/v1/alliances",                     get_alliances,    0, 0, "alliances",
     list_queries,    NULL, "200 alliances", ""},
    {"GET", "/v1/alliances/{name}",              get_alliance,     0, 0, "one alliance: counts and charter",
     NULL,            NULL, "200 alliance", "NO_ALLIANCE AMBIGUOUS_ALLIANCE"},
    {"GET", "/v1/alliances/{name}/members",      get_members,      0, 0, "members on a day, as known then",
     members_queries, NULL, "200 members|bundle", "BAD_REQUEST BAD_DATE BAD_TEXT NO_ALLIANCE AMBIGUOUS_ALLIANCE QUEUE_FULL TIMED_OUT"},
    {"GET", "/v1/alliances/{name}/history",      get_history,      0, 0, "events of memberships",
     history_queries, NULL, "200 history", "BAD_REQUEST NO_ALLIANCE AMBIGUOUS_ALLIANCE"},
    {"GET", "/v1/alliances/{name}/charter/diff", get_charter_diff, 0, 0, "what changed between two versions",
     diff_queries,    NULL, "200 charter_diff", "BAD_REQUEST NO_ALLIANCE AMBIGUOUS_ALLIANCE"},
    {"GET", "/v1/passports/{name}",              get_passport,     0, 0, "a passport, by id, code or name",
     NULL,            NULL, "200 passport", "UNKNOWN_PASSPORT"},
};
/* clang-format on */

const struct cy_http_route *cy_alliance_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}
