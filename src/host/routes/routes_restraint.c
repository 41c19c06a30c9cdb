#include "host/routes/routes_restraint.h"

#include "host/json/names.h"
#include "kernel/registry.h"
#include "kernel/restraint.h"
#include "wire/print.h"

#define ROOM_LEFT 8192u /* what the longest record and the end of the page need */

struct listing {
    struct cy_text *page;
    bool first;
};

static void id_json(struct cy_text *page, const struct cy_id *id)
{
    char hex[65];

    cy_hex(id->b, sizeof id->b, hex);
    cy_text_add(page, "\"");
    cy_text_add(page, hex);
    cy_text_add(page, "\"");
}

static bool list(void *self, const struct cy_restraint_hit *hit)
{
    struct listing *l = self;

    cy_text_add(l->page, l->first ? "{\"follower\":" : ",{\"follower\":");
    l->first = false;
    id_json(l->page, &hit->follower);
    cy_text_add(l->page, ",\"restraint\":");
    cy_print_json(l->page, &cy_schema_restraint, hit->restraint);
    cy_text_add(l->page, "}");
    return l->page->cap - l->page->n < ROOM_LEFT; /* so many that no page holds them */
}

/* Lists that say the contrary, and words of screening. */
static void records_about(const struct cy_world *world, const struct cy_id *party, uint32_t record,
                          size_t id_at, bool (*wanted)(const void *record), struct cy_text *page)
{
    bool first = true;

    for (uint32_t i = 0; world->by_record[record] != 0 && i < cy_world_count(world, record); i++) {
        const uint8_t *at = cy_world_at(world, record, i);

        if (memcmp(at + id_at, party->b, sizeof party->b) != 0 || !wanted(at) ||
            page->cap - page->n < ROOM_LEFT)
            continue;
        if (!first)
            cy_text_add(page, ",");
        first = false;
        cy_print_json(page, cy_schema_record(record), at);
    }
}

static bool protects(const void *record)
{
    const struct cy_sanction_entry *entry = record;

    return entry->protect && !entry->eased;
}

static bool any(const void *record)
{
    (void)record;
    return true;
}

static void restraints_json(const struct cy_world *world, const struct cy_passport *party,
                            const struct cy_passport *with, struct cy_text *page)
{
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});
    const struct cy_seeker seeker = {.passport = party->id};
    struct cy_restraint_ask ask = {.realm = realm->id, .party = party->id, .now = realm->now};
    struct listing listing = {page, true};
    struct cy_plan_look look;
    struct cy_plan *plan = cy_plan_look_at(&look, world);
    char tier[2] = {(char)('0' + cy_registry_tier(plan, &seeker, realm->now)), 0};

    if (with != NULL)
        ask.followers[0] = with->id;
    cy_text_add(page, "{\"party\":");
    id_json(page, &party->id);
    cy_text_add(page, ",\"tier\":");
    cy_text_add(page, tier);
    cy_text_add(page, ",\"restraints\":[");
    (void)cy_restraint_binds(plan, &ask, list, &listing);
    cy_text_add(page, "],\"protected\":[");
    records_about(world, &party->id, CY_R_sanction_entry,
                  offsetof(struct cy_sanction_entry, subject), protects, page);
    cy_text_add(page, "],\"words\":[");
    records_about(world, &party->id, CY_R_screen_word, offsetof(struct cy_screen_word, party), any,
                  page);
    cy_text_add(page, "]}");
}

static void get_restraints(void *context, const struct cy_http_request *request,
                           struct cy_reply *reply)
{
    struct cy_node *node = context;
    const char *name = cy_http_param(request, "name");
    const char *other = cy_http_query(request, "with");
    struct cy_text page = cy_page();
    const struct cy_passport *party = NULL;
    const struct cy_passport *with = NULL;
    const struct cy_world *world = NULL;
    bool known = false;

    if (page.at == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    world = cy_order_read(&node->order);
    party = cy_passport_called(world, name);
    with = other == NULL ? NULL : cy_passport_called(world, other);
    known = party != NULL && (other == NULL || with != NULL);
    if (known)
        restraints_json(world, party, with, &page);
    cy_order_read_end(&node->order);
    cy_page_end(request, reply, &page, known ? CY_OK : cy_fail(CY_E_UNKNOWN_PASSPORT, 0),
                party == NULL ? name : other);
}

static const struct cy_http_query queries[] = {
    {"with", "text", 0, "NOR", "in dealings with this party; what everybody in the realm goes by"},
    {NULL,   NULL,   0, NULL,  NULL                                                              },
};

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"GET", "/v1/passports/{name}/restraints", get_restraints, 0, 0, "what is in force against a party, as settlement asks it",
     queries, NULL, "200 restraints", "UNKNOWN_PASSPORT"},
};
/* clang-format on */

const struct cy_http_route *cy_restraint_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}
