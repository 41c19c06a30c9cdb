#include "host/cli/cli_elsewhere.h"

#include "host/cli/cli_name.h"
#include "host/cli/duty_view.h"
#include "host/json/json.h"
#include "kernel/voucher.h"
#include "kernel/way.h"

#define PLACES_MAX 32u

const struct cy_cli_option cy_cli_route_options[] = {
    {"with",   "URL", "a daemon of a realm on the way; repeat it"        },
    {"amount", "N",   "units that are to cross (the throttles are asked)"},
    {NULL,     NULL,  NULL                                               },
};

const struct cy_cli_option cy_cli_duties_options[] = {
    {"with", "URL",          "another daemon; repeat it"                                     },
    {"also", "PASSPORT@URL", "the party's passport there, where it is another one; repeat it"},
    {NULL,   NULL,           NULL                                                            },
};

/* --- asking several daemons --- */

struct place {
    const char *url;
    struct cy_id realm;
    char name[64];
};

struct places {
    struct place at[PLACES_MAX];
    size_t n;
};

/* Asks one place, which is not this run's. */
static cy_err fetch_at(struct cy_cli *run, const char *url, const char *path, json_t **out)
{
    const char *own = run->url;
    cy_err err = CY_OK;

    run->url = url;
    err = cy_cli_fetch_json(run, path, out);
    run->url = own;
    return err;
}

static cy_err add_place(struct cy_cli *run, struct places *places, const char *url)
{
    struct place *place = &places->at[places->n];
    json_t *answer = NULL;
    const json_t *realm = NULL;
    const char *id = NULL;
    const char *name = NULL;
    bool known = false;

    if (places->n == PLACES_MAX)
        return cy_fail(CY_E_RANGE, PLACES_MAX);
    place->url = url;
    CY_TRY(fetch_at(run, url, "/v1/realm", &answer));
    realm = json_object_get(answer, "realm");
    id = json_string_value(json_object_get(realm, "id"));
    name = json_string_value(json_object_get(realm, "name"));
    (void)snprintf(place->name, sizeof place->name, "%.63s", name == NULL ? "" : name);
    known = id != NULL && cy_ok(cy_hex_read(cy_span_text(id), place->realm.b, 32));
    json_decref(answer);
    if (!known) {
        cy_cli_note(run, "%.200s does not say which realm it is", url);
        return cy_fail(CY_E_PEER_ANSWER, 0);
    }
    places->n++;
    return CY_OK;
}

/* This run's daemon, and those of --with. */
static cy_err places_of(struct cy_cli *run, struct places *places)
{
    size_t at = 0;

    if (run->url != NULL && run->url[0] != 0)
        CY_TRY(add_place(run, places, run->url));
    for (const char *url; (url = cy_cli_arg_next(&run->args, "with", &at)) != NULL;)
        CY_TRY(add_place(run, places, url));
    return places->n > 0 ? CY_OK : cy_fail(CY_E_NO_HOME, 0);
}

static cy_u128 amount_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    cy_u128 n = 0;

    if (json_is_integer(value))
        return (cy_u128)json_integer_value(value);
    return json_is_string(value) && cy_ok(cy_u128_read(cy_span_text(json_string_value(value)), &n))
               ? n
               : 0;
}

/* --- routes --- */

struct map {
    struct cy_way_side sides[CY_WAY_SIDES_MAX];
    size_t n;
};

/* Whether a realm's gate for settlement towards another is open. */
static bool gate_open(const json_t *doors, const char *realm)
{
    json_t *item = NULL;
    size_t i = 0;

    json_array_foreach(doors, i, item)
    {
        const json_t *door = item;
        const json_t *kind = json_object_get(door, "kind");
        const bool settles = json_is_string(kind)
                                 ? strcmp(json_string_value(kind), "settlement") == 0
                                 : json_integer_value(kind) == CY_bridge_kind_SETTLEMENT;

        if (settles && strcmp(cy_json_word(door, "realm"), realm) == 0)
            return json_is_true(json_object_get(door, "open"));
    }
    return false;
}

static void add_sides(const struct place *place, const json_t *bridges, const json_t *doors,
                      struct map *map)
{
    json_t *item = NULL;
    size_t i = 0;

    json_array_foreach(bridges, i, item)
    {
        const json_t *bridge = json_object_get(item, "bridge");
        struct cy_way_side *side = &map->sides[map->n];
        const char *other = cy_json_word(bridge, "realm");

        if (map->n == CY_WAY_SIDES_MAX ||
            !cy_ok(cy_hex_read(cy_span_text(other), side->other.b, sizeof side->other.b)))
            continue;
        side->realm = place->realm;
        side->open = strcmp(cy_json_word(item, "state"), "active") == 0 && gate_open(doors, other);
        side->left = amount_of(bridge, "value_most");
        side->limited = side->left != 0;
        map->n++;
    }
}

static cy_err read_map(struct cy_cli *run, const struct places *places, struct map *map)
{
    for (size_t i = 0; i < places->n; i++) {
        json_t *bridges = NULL;
        json_t *doors = NULL;
        cy_err err = fetch_at(run, places->at[i].url, "/v1/bridges", &bridges);

        if (cy_ok(err))
            err = fetch_at(run, places->at[i].url, "/v1/records/bridge_door?limit=1000", &doors);
        if (cy_ok(err))
            add_sides(&places->at[i], json_object_get(bridges, "bridges"),
                      json_object_get(doors, "items"), map);
        json_decref(bridges);
        json_decref(doors);
        CY_TRY(err);
    }
    return CY_OK;
}

/* A realm by its digits, or by the name of one that was asked. */
static cy_err realm_word(struct cy_cli *run, const struct places *places, const char *word,
                         struct cy_id *out)
{
    if (cy_ok(cy_hex_read(cy_span_text(word), out->b, sizeof out->b)))
        return CY_OK;
    for (size_t i = 0; i < places->n; i++) {
        if (strcmp(places->at[i].name, word) == 0) {
            *out = places->at[i].realm;
            return CY_OK;
        }
    }
    cy_cli_note(run, "%.80s is no realm that was asked; give its 64 digits", word);
    return cy_fail(CY_E_NO_NAME, 0);
}

static const char *name_of(const struct places *places, const struct cy_id *realm)
{
    for (size_t i = 0; i < places->n; i++) {
        if (cy_id_eq(&places->at[i].realm, realm))
            return places->at[i].name;
    }
    return "";
}

/* What stands for the asset in each realm of the way: itself, its voucher, that one's voucher. */
static int show_way(struct cy_cli *run, const struct places *places, const struct cy_id *way,
                    uint32_t n, const struct cy_id *asset)
{
    json_t *list = json_array();
    struct cy_id here = *asset;

    for (uint32_t i = 0; i < n; i++) {
        char realm[65];
        char as[65] = "";

        cy_hex(way[i].b, sizeof way[i].b, realm);
        if (i > 0 && !cy_id_none(asset))
            here = cy_voucher_id(&way[i - 1], &here);
        if (!cy_id_none(asset))
            cy_hex(here.b, sizeof here.b, as);
        if (!run->json)
            (void)fprintf(run->out, "%u  %-32s %s%s%s\n", i, name_of(places, &way[i]), realm,
                          as[0] != 0 ? "\n   as asset " : "", as);
        (void)json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "realm", realm, "name",
                                                    name_of(places, &way[i]), "asset", as));
    }
    if (run->json)
        return cy_cli_print(run, json_pack("{s:o}", "way", list));
    (void)fprintf(run->out, "send: comity bridge send ");
    for (uint32_t i = 1; i < n; i++) {
        char realm[65];

        cy_hex(way[i].b, sizeof way[i].b, realm);
        (void)fprintf(run->out, "%s%s", i > 1 ? " --via " : "", realm);
    }
    (void)fprintf(run->out, " --receiver ID --account OWNER/ASSET --amount N\n");
    json_decref(list);
    return CY_EXIT_OK;
}

int cy_cli_bridge_route(struct cy_cli *run)
{
    struct places *places = cy_arena_zero(&run->arena, sizeof *places);
    struct map *map = cy_arena_zero(&run->arena, sizeof *map);
    const char *amount = cy_cli_arg(&run->args, "amount");
    struct cy_id way[CY_WAY_MAX];
    struct cy_id from = {{0}};
    struct cy_id to = {{0}};
    struct cy_id asset = {{0}};
    cy_u128 units = 0;
    uint32_t n = 0;
    cy_err err = CY_OK;

    if (run->args.n_words < 4 || run->args.n_words > 5)
        return cy_cli_wrong(run, "write: comity bridge route FROM TO [ASSET] --with URL ...");
    if (amount != NULL && !cy_ok(cy_u128_read(cy_span_text(amount), &units)))
        return cy_cli_wrong(run, "--amount must be a whole number of the smallest unit");
    err = places == NULL || map == NULL ? cy_fail(CY_E_NO_ROOM, 0) : places_of(run, places);
    if (cy_ok(err))
        err = realm_word(run, places, run->args.words[2], &from);
    if (cy_ok(err))
        err = realm_word(run, places, run->args.words[3], &to);
    if (cy_ok(err) && run->args.n_words == 5)
        err = cy_cli_id(run, "asset", run->args.words[4], &asset);
    if (cy_ok(err))
        err = read_map(run, places, map);
    if (cy_ok(err)) {
        cy_cli_note(run, "no way over bridges that all realms asked have open on both sides");
        err = cy_way_find(map->sides, map->n, &from, &to, units, way, &n);
    }
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    return show_way(run, places, way, n, &asset);
}

/* --- duties --- */

struct asked {
    struct cy_cli *run;
    const struct place *place;
    json_t *view;
    cy_err err;
};

static json_t *fetch_rows(void *user, const char *table, const char *field, const char *value)
{
    struct asked *asked = user;
    char path[256];
    json_t *answer = NULL;
    json_t *items = NULL;

    (void)snprintf(path, sizeof path, "/v1/records/%s?%s=%s&limit=1000", table, field, value);
    asked->err = fetch_at(asked->run, asked->place->url, path, &answer);
    if (asked->err.code == CY_E_NOT_FOUND) { /* this realm keeps no such table */
        asked->err = CY_OK;
        return NULL;
    }
    items = json_incref(json_object_get(answer, "items"));
    json_decref(answer);
    return items;
}

/* The party's passport at a place: --also PASSPORT@URL, else the same everywhere. */
static cy_err passport_at(struct cy_cli *run, const char *url, const struct cy_id *usual,
                          struct cy_id *out)
{
    size_t at = 0;

    *out = *usual;
    for (const char *word; (word = cy_cli_arg_next(&run->args, "also", &at)) != NULL;) {
        const char *sign = strchr(word, '@');

        if (sign == NULL || strcmp(sign + 1, url) != 0)
            continue;
        if (sign - word == 64 && cy_ok(cy_hex_read(cy_span_of(word, 64), out->b, sizeof out->b)))
            return CY_OK;
        cy_cli_note(run, "--also %.120s: write the 64 digits of the passport, @, and a URL", word);
        return cy_fail(CY_E_USAGE, 0);
    }
    return CY_OK;
}

static cy_err read_duties(struct cy_cli *run, const struct places *places,
                          const struct cy_id *usual, json_t *duties)
{
    for (size_t i = 0; i < places->n; i++) {
        struct asked asked = {.run = run, .place = &places->at[i]};
        struct cy_duty_source source = {fetch_rows, &asked, places->at[i].name};
        struct cy_id passport;
        char hex[65];

        CY_TRY(passport_at(run, places->at[i].url, usual, &passport));
        cy_hex(passport.b, sizeof passport.b, hex);
        cy_duty_view_read(&source, hex, duties);
        CY_TRY(asked.err);
    }
    return CY_OK;
}

static void print_list(struct cy_cli *run, const char *head, const json_t *list)
{
    json_t *item = NULL;
    size_t i = 0;

    (void)fprintf(run->out, "%s: %zu\n", head, json_array_size(list));
    json_array_foreach(list, i, item)
    {
        (void)fprintf(run->out, "  %-12s %-24s %s\n", cy_json_word(item, "kind"),
                      cy_json_word(item, "realm"), cy_json_word(item, "what"));
    }
}

int cy_cli_passport_duties(struct cy_cli *run)
{
    struct places *places = cy_arena_zero(&run->arena, sizeof *places);
    const char *word = run->args.n_words > 2 ? run->args.words[2] : run->as;
    json_t *duties = json_array();
    json_t *conflicts = json_array();
    struct cy_id passport;
    bool clash = false;
    cy_err err = places == NULL ? cy_fail(CY_E_NO_ROOM, 0) : places_of(run, places);

    if (cy_ok(err))
        err = cy_cli_id(run, NULL, word, &passport);
    if (cy_ok(err))
        err = read_duties(run, places, &passport, duties);
    if (cy_ok(err))
        cy_duty_view_conflicts(duties, conflicts);
    clash = json_array_size(conflicts) > 0;
    if (!cy_ok(err)) {
        json_decref(duties);
        json_decref(conflicts);
        return cy_cli_fail(run, err, NULL);
    }
    if (run->json) {
        (void)cy_cli_print(run, json_pack("{s:o,s:o}", "duties", duties, "conflicts", conflicts));
    } else {
        print_list(run, "duties", duties);
        print_list(run, "conflicts", conflicts);
        json_decref(duties);
        json_decref(conflicts);
    }
    return clash ? CY_EXIT_REFUSED : CY_EXIT_OK;
}
