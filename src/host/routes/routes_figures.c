#include "host/routes/routes_figures.h"

#include "host/json/entry_json.h"
#include "host/json/names.h"
#include "wire/print.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 << 20)
#define YEAR_DAYS 365u

static void number(struct cy_text *out, const char *name, uint64_t value)
{
    cy_json_field(out, name);
    cy_text_u64(out, value);
}

static void name_field(const struct cy_world *world, struct cy_text *out, const char *field,
                       const struct cy_id *id)
{
    char bytes[160];
    struct cy_text name = cy_text_on(bytes, sizeof bytes);

    if (!cy_name_write(world, id, &name))
        return;
    cy_json_field(out, field);
    cy_print_string(out, cy_text_bytes(&name));
}

static cy_err read_day(const struct cy_http_request *request, const char *name, cy_date *day)
{
    const char *text = cy_http_query(request, name);

    return text == NULL || text[0] == 0 ? CY_OK : cy_date_read(cy_span_text(text), day);
}

static void figures_json(const struct cy_alliance *alliance, cy_date from, cy_date to,
                         const struct cy_figures *f, struct cy_text *out)
{
    cy_text_add(out, "{\"code\":");
    cy_print_string(out, cy_label_text(&alliance->code));
    cy_json_field(out, "from");
    cy_text_add(out, "\"");
    cy_date_text(out, from);
    cy_text_add(out, "\"");
    cy_json_field(out, "to");
    cy_text_add(out, "\"");
    cy_date_text(out, to);
    cy_text_add(out, "\"");
    number(out, "age_days", f->age_days);
    number(out, "full", f->full);
    number(out, "associate", f->associate);
    number(out, "observer", f->observer);
    number(out, "joined", f->joined);
    number(out, "left", f->left);
    number(out, "expelled", f->expelled);
    number(out, "suspended", f->suspended);
    number(out, "motions", f->motions);
    number(out, "carried", f->carried);
    number(out, "failed", f->failed);
    number(out, "turnout_ppm", f->turnout_ppm);
    number(out, "decision_ms_median", f->decision_ms_median);
    number(out, "officer_acts", f->officer_acts);
    number(out, "charter_versions", f->versions);
    cy_text_add(out, f->cap_sleeps ? ",\"cap_sleeps\":true}" : "}");
}

static void get_figures(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    struct cy_node *node = context;
    void *memory = aligned_alloc(16, ARENA_BYTES);
    struct cy_text page = cy_page();
    cy_date to = cy_time_date(cy_node_now());
    cy_date from = to - YEAR_DAYS;
    cy_err err = CY_OK;

    if (memory == NULL || page.at == NULL)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    if (cy_ok(err))
        err = read_day(request, "from", &from);
    if (cy_ok(err))
        err = read_day(request, "to", &to);
    if (cy_ok(err)) {
        const struct cy_world *world = cy_order_read(&node->order);
        struct cy_arena arena = cy_arena_on(memory, ARENA_BYTES);
        const struct cy_alliance *alliance = NULL;
        struct cy_figures figures;

        err = cy_alliance_find(world, cy_span_text(cy_http_param(request, "name")), &alliance);
        if (cy_ok(err))
            err = cy_alliance_figures(world, &alliance->id, from, to, &arena, &figures);
        if (cy_ok(err))
            figures_json(alliance, from, to, &figures, &page);
        cy_order_read_end(&node->order);
    }
    free(memory);
    cy_page_end(request, reply, &page, err, "from and to are dates, YYYY-MM-DD");
}

static void officer_json(const struct cy_world *world, const struct cy_officer_act *act,
                         struct cy_text *out)
{
    const struct cy_schema *schema = cy_schema_act(act->number);

    cy_text_add(out, "{\"index\":");
    cy_text_u64(out, act->ledger_at);
    name_field(world, out, "by_name", &act->by);
    name_field(world, out, "about_name", &act->about);
    cy_json_field(out, "what");
    cy_print_string(out, cy_span_text(schema == NULL ? "" : schema->name));
    cy_json_field(out, "record");
    cy_print_json(out, &cy_schema_officer_act, act);
    cy_text_add(out, "}");
}

static void get_officers(void *context, const struct cy_http_request *request,
                         struct cy_reply *reply)
{
    struct cy_node *node = context;
    const char *about = cy_http_query(request, "about");
    const struct cy_passport *party = NULL;
    const struct cy_alliance *alliance = NULL;
    const struct cy_officer_act *act = NULL;
    const struct cy_world *world = NULL;
    struct cy_text page = cy_page();
    uint64_t seq = 0;
    bool first = true;
    cy_err err = CY_OK;

    if (page.at == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    world = cy_order_read(&node->order);
    err = cy_alliance_find(world, cy_span_text(cy_http_param(request, "name")), &alliance);
    if (cy_ok(err) && about != NULL) {
        party = cy_passport_called(world, about);
        err = party == NULL ? cy_fail(CY_E_UNKNOWN_PASSPORT, 0) : CY_OK;
    }
    cy_text_add(&page, "{\"acts\":[");
    while (cy_ok(err) && page.cap - page.n > 4096 &&
           (act = cy_officer_trace(world, &alliance->id, party == NULL ? NULL : &party->id,
                                   &seq)) != NULL) {
        if (!first)
            cy_text_add(&page, ",");
        first = false;
        officer_json(world, act, &page);
    }
    cy_order_read_end(&node->order);
    cy_text_add(&page, "]}");
    cy_page_end(request, reply, &page, err, NULL);
}

/* The number of a topic's word, 0 when there is none. */
static uint8_t topic_named(const char *word)
{
    for (unsigned n = 1; word != NULL && n < 32; n++) {
        if (strcmp(word, cy_word_text(cy_schema_alliance.fields[4].set, (uint8_t)n)) == 0)
            return (uint8_t)n;
    }
    return 0;
}

static void get_partners(void *context, const struct cy_http_request *request,
                         struct cy_reply *reply)
{
    struct cy_node *node = context;
    const uint8_t topic = topic_named(cy_http_query(request, "topic"));
    const struct cy_passport *party = NULL;
    const struct cy_world *world = NULL;
    const struct cy_id *partner = NULL;
    struct cy_text page = cy_page();
    uint32_t i = 0;
    bool first = true;

    if (page.at == NULL || topic == 0) {
        free(page.at);
        if (topic == 0)
            cy_fail_reply(request, reply, cy_fail(CY_E_BAD_REQUEST, 0),
                          "topic is one of the twelve");
        else
            cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    world = cy_order_read(&node->order);
    party = cy_passport_called(world, cy_http_param(request, "name"));
    cy_text_add(&page, "{\"partners\":[");
    while (party != NULL && page.cap - page.n > 4096 &&
           (partner = cy_alliance_partner(world, &party->id, topic, &i)) != NULL) {
        cy_text_add(&page, first ? "{" : ",{");
        first = false;
        cy_json_field_id(&page, "party", partner);
        name_field(world, &page, "name", partner);
        cy_text_add(&page, "}");
    }
    cy_order_read_end(&node->order);
    cy_text_add(&page, "]}");
    cy_page_end(request, reply, &page, party != NULL ? CY_OK : cy_fail(CY_E_UNKNOWN_PASSPORT, 0),
                cy_http_param(request, "name"));
}

static const struct cy_http_query figures_queries[] = {
    {"from", "date", 0, "2025-01-01", "from this day; a year ago"},
    {"to",   "date", 0, "2026-01-01", "to this one; today"       },
    {NULL,   NULL,   0, NULL,         NULL                       },
};

static const struct cy_http_query officers_queries[] = {
    {"about", "text", 0, "NOR", "only about this party"},
    {NULL,    NULL,   0, NULL,  NULL                   },
};

static const struct cy_http_query partners_queries[] = {
    {"topic",
     "environment|trade|security|technology|health|education|human-rights|regional-economy|energy|"
     "culture|agriculture|peacebuilding", 0, "trade", "the topic; needed"},
    {NULL,    NULL,                       0, NULL,    NULL               },
};

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"GET", "/v1/alliances/{name}/figures",  get_figures,  0, 0, "figures to compare alliances by",
     figures_queries,  NULL, "200 figures", "BAD_DATE NO_ALLIANCE AMBIGUOUS_ALLIANCE"},
    {"GET", "/v1/alliances/{name}/officers", get_officers, 0, 0, "what its officers did",
     officers_queries, NULL, "200 officers", "NO_ALLIANCE AMBIGUOUS_ALLIANCE UNKNOWN_PASSPORT"},
    {"GET", "/v1/passports/{name}/partners", get_partners, 0, 0, "mutual consent on a topic",
     partners_queries, NULL, "200 partners", "BAD_REQUEST UNKNOWN_PASSPORT"},
};
/* clang-format on */

const struct cy_http_route *cy_figures_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}
