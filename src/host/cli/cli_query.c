#include "host/cli/cli_query.h"

#include "host/json/json.h"
#include "institutions/alliance/alliance_charter.h"
#include "wire/tile.h"
#include "wire/tlog_proof.h"

#include <stdlib.h>
#include <time.h>

#define PATH_MAX_BYTES 1024u
#define CELL_MAX 60
#define FOLLOW_MS 1000
#define BUNDLE_MAX ((size_t)64 << 20)

const struct cy_cli_option cy_cli_feed_options[] = {
    {"since",  "INDEX", "from this entry on (0)"                  },
    {"limit",  "N",     "at most so many entries (100)"           },
    {"follow", NULL,    "go on with new entries until interrupted"},
    {NULL,     NULL,    NULL                                      },
};

const struct cy_cli_option cy_cli_proof_options[] = {
    {"out",   "FILE", "write the proof there (standard output)"},
    {"cose",  NULL,   "as a COSE receipt (RFC 9942)"           },
    {"entry", "FILE", "also write the bytes of the entry there"},
    {NULL,    NULL,   NULL                                     },
};

const struct cy_cli_option cy_cli_record_options[] = {
    {"where", "FIELD=VALUE", "only records with this value; ids may be names; repeat"},
    {"after", "N",           "from this place of the table on"                       },
    {"limit", "N",           "at most so many (100)"                                 },
    {NULL,    NULL,          NULL                                                    },
};

const struct cy_cli_option cy_cli_members_options[] = {
    {"as-of",    "YYYY-MM-DD", "who belonged to it on that day (today)"                            },
    {"known-at", "TIME",       "as far as was on record then (RFC 3339; now)"                      },
    {"level",    "LEVEL",      "full, associate or observer"                                       },
    {"expand",   NULL,         "blocs that speak for an alliance are followed by their own members"},
    {"bundle",   "FILE",       "write the answer with its proofs there; `comity verify` checks it" },
    {NULL,       NULL,         NULL                                                                },
};

const struct cy_cli_option cy_cli_clauses_options[] = {
    {"template", "TOPIC", "as the charters of this template have them"},
    {NULL,       NULL,    NULL                                        },
};

const struct cy_cli_option cy_cli_list_options[] = {
    {"owner", "NAME",  "only of this passport"},
    {"topic", "TOPIC", "only of this topic"   },
    {NULL,    NULL,    NULL                   },
};

const struct cy_cli_option cy_cli_charter_options[] = {
    {"from", "N",  "the differences from this version on"},
    {"to",   "N",  "up to this version"                  },
    {NULL,   NULL, NULL                                  },
};

/* --- tables for people --- */

/* A value below "a.b" as text. */
static const char *cell_of(struct cy_cli *run, const json_t *row, const char *path,
                           char room[static 80])
{
    const char *dot = strchr(path, '.');
    char name[64];
    const json_t *value = NULL;
    struct cy_id id;

    (void)snprintf(name, sizeof name, "%.*s", dot == NULL ? 63 : (int)(dot - path), path);
    value = json_object_get(row, name);
    if (dot != NULL)
        return cell_of(run, value, dot + 1, room);
    room[0] = 0;
    if (json_is_string(value) && json_string_length(value) == 64 &&
        cy_ok(cy_hex_read(cy_span_text(json_string_value(value)), id.b, sizeof id.b)))
        return cy_cli_show_id(run, &id, room);
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        (void)snprintf(room, 80, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        (void)snprintf(room, 80, "%s", json_is_true(value) ? "yes" : "no");
    return room;
}

/* Characters, not bytes, so that columns stand under one another. */
static int width_of(const char *text)
{
    int n = 0;

    for (; *text != 0; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* columns: "title:path" texts. */
static void print_rows(struct cy_cli *run, const json_t *rows, const char *const *columns, size_t n)
{
    int widths[16] = {0};
    char room[80];

    for (size_t c = 0; c < n; c++)
        widths[c] = (int)strcspn(columns[c], ":");
    for (size_t r = 0; r < json_array_size(rows); r++) {
        for (size_t c = 0; c < n; c++) {
            const int w =
                width_of(cell_of(run, json_array_get(rows, r), strchr(columns[c], ':') + 1, room));

            widths[c] = w > widths[c] && w < CELL_MAX ? w : w >= CELL_MAX ? CELL_MAX : widths[c];
        }
    }
    for (size_t c = 0; c < n; c++)
        (void)fprintf(run->out, "%-*.*s%s", c + 1 < n ? widths[c] : 0,
                      (int)strcspn(columns[c], ":"), columns[c], c + 1 < n ? "  " : "\n");
    for (size_t r = 0; r < json_array_size(rows); r++) {
        for (size_t c = 0; c < n; c++) {
            const char *text =
                cell_of(run, json_array_get(rows, r), strchr(columns[c], ':') + 1, room);
            const int pad = widths[c] - width_of(text);

            (void)fprintf(run->out, "%s%*s", text, c + 1 < n ? (pad > 0 ? pad : 0) + 2 : 0, "");
        }
        (void)fputc('\n', run->out);
    }
}

static void print_object(struct cy_cli *run, const json_t *object)
{
    const char *key = NULL;
    json_t *value = NULL;
    union {
        const json_t *read;
        json_t *walk; /* jansson walks without changing */
    } at = {object};

    json_object_foreach(at.walk, key, value)
    {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

        (void)fprintf(run->out, "  %-16s %s\n", key,
                      json_is_string(value) ? json_string_value(value) : text);
        free(text);
    }
}

/* Fetches and prints as JSON, or gives the value to the caller (then *code is -1). */
static json_t *fetch(struct cy_cli *run, const char *path, int *code)
{
    json_t *answer = NULL;
    const cy_err err = cy_cli_fetch_json(run, path, &answer);

    *code = -1;
    if (!cy_ok(err)) {
        *code = cy_cli_fail(run, err, NULL);
        return NULL;
    }
    if (!run->json)
        return answer;
    *code = cy_cli_print(run, answer);
    return NULL;
}

/* --- the ledger --- */

static void print_entry(struct cy_cli *run, const json_t *item)
{
    char room[80];
    const char *say = json_string_value(json_object_get(item, "say"));
    const char *who = cell_of(run, item, "author", room);

    (void)fprintf(run->out, "%6lld  %-16s %s\n",
                  (long long)json_integer_value(json_object_get(item, "index")),
                  who[0] == 0 ? "(itself)" : who, say == NULL ? "" : say);
}

static cy_err number_of(struct cy_cli *run, const char *name, uint64_t otherwise, uint64_t *out)
{
    const char *text = cy_cli_arg(&run->args, name);

    *out = otherwise;
    if (text == NULL || cy_ok(cy_u64_read(cy_span_text(text), out)))
        return CY_OK;
    cy_cli_note(run, "--%s is a whole number", name);
    return cy_fail(CY_E_USAGE, 0);
}

/* One page; with --json one line for each entry, so that a stream can be read as it comes. */
static cy_err feed_page(struct cy_cli *run, uint64_t *since, uint64_t most, uint64_t *given)
{
    char path[96];
    json_t *page = NULL;
    const json_t *items = NULL;

    (void)snprintf(path, sizeof path, "/v1/feed?since=%llu&limit=%llu", (unsigned long long)*since,
                   (unsigned long long)(most < 1000 ? most : 1000));
    CY_TRY(cy_cli_fetch_json(run, path, &page));
    items = json_object_get(page, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        if (run->json) {
            (void)json_dumpf(json_array_get(items, i), run->out, JSON_COMPACT);
            (void)fputc('\n', run->out);
        } else {
            print_entry(run, json_array_get(items, i));
        }
    }
    (void)fflush(run->out);
    *given = json_array_size(items);
    *since = (uint64_t)json_integer_value(json_object_get(page, "next"));
    json_decref(page);
    return CY_OK;
}

int cy_cli_feed(struct cy_cli *run)
{
    const struct timespec pause = {FOLLOW_MS / 1000, FOLLOW_MS % 1000 * 1000000L};
    const bool follow = cy_cli_arg_on(&run->args, "follow");
    uint64_t since = 0;
    uint64_t left = 0;
    uint64_t given = 1;
    cy_err err = number_of(run, "since", 0, &since);

    if (cy_ok(err))
        err = number_of(run, "limit", follow ? UINT64_MAX : 100, &left);
    while (cy_ok(err) && left > 0 && (given > 0 || follow)) {
        err = feed_page(run, &since, left, &given);
        left -= given < left ? given : left;
        if (cy_ok(err) && given == 0 && follow)
            (void)nanosleep(&pause, NULL);
    }
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

/* The daemon's proof with the entry as its extra data, where it fits. */
static cy_err with_entry(struct cy_cli *run, struct cy_span text, struct cy_span entry,
                         struct cy_span *out)
{
    const size_t cap = text.n + cy_base64_size(entry.n) + 64;
    struct cy_tlog_proof proof;
    struct cy_text made;
    char *room = NULL;

    *out = text;
    if (entry.n > CY_TLOG_PROOF_EXTRA_MAX)
        return CY_OK;
    CY_TRY(cy_tlog_proof_read(text, &proof));
    room = cy_arena_take(&run->arena, cap);
    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, cap);
    made = cy_text_on(room, cap);
    cy_tlog_proof_write(&made, entry, proof.index, proof.path, proof.n, proof.checkpoint);
    if (made.full)
        return cy_fail(CY_E_NO_ROOM, cap);
    *out = cy_text_bytes(&made);
    return CY_OK;
}

static cy_err get_proof(struct cy_cli *run, uint64_t index)
{
    const char *out = cy_cli_arg(&run->args, "out");
    const char *entry_path = cy_cli_arg(&run->args, "entry");
    const bool cose = cy_cli_arg_on(&run->args, "cose");
    struct cy_client_answer raw = {0};
    struct cy_client_answer text = {0};
    struct cy_span proof;
    char path[96];
    cy_err err = CY_OK;

    (void)snprintf(path, sizeof path, "/v1/acts/%llu/raw", (unsigned long long)index);
    err = cy_cli_fetch(run, path, CY_ENTRY_MAX, &raw);
    if (cy_ok(err)) {
        (void)snprintf(path, sizeof path, cose ? "/v1/receipts/%llu" : "/v1/proofs/%llu",
                       (unsigned long long)index);
        err = cy_cli_fetch(run, path, 1u << 20, &text);
    }
    proof = cy_span_of(text.body, text.n);
    if (cy_ok(err) && !cose)
        err = with_entry(run, proof, cy_span_of(raw.body, raw.n), &proof);
    if (cy_ok(err))
        err = cy_cli_write_file(run, out == NULL ? "-" : out, proof);
    if (cy_ok(err) && entry_path != NULL)
        err = cy_cli_write_file(run, entry_path, cy_span_of(raw.body, raw.n));
    if (cy_ok(err) && entry_path == NULL && cose)
        (void)fprintf(run->err, "comity: a COSE receipt does not hold the entry: comity verify "
                                "needs it too; get it with --entry FILE\n");
    else if (cy_ok(err) && raw.n > CY_TLOG_PROOF_EXTRA_MAX && entry_path == NULL)
        (void)fprintf(run->err,
                      "comity: the entry has %zu bytes, too many for the proof file; get it with "
                      "--entry FILE and give the same to comity verify\n",
                      raw.n);
    cy_client_answer_free(&raw);
    cy_client_answer_free(&text);
    return err;
}

int cy_cli_proof(struct cy_cli *run)
{
    uint64_t index = 0;
    cy_err err = CY_OK;

    if (run->args.n_words != 2 || !cy_ok(cy_u64_read(cy_span_text(run->args.words[1]), &index)))
        return cy_cli_wrong(run, "write: comity proof INDEX");
    err = get_proof(run, index);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

/* --- the realm --- */

int cy_cli_realm_show(struct cy_cli *run)
{
    static const char *const columns[] = {"witness:name", "cosigned:size", "state:state"};
    int code = 0;
    json_t *answer = fetch(run, "/v1/realm", &code);

    if (answer == NULL)
        return code;
    print_object(run, json_object_get(answer, "realm"));
    (void)fprintf(
        run->out, "  %-16s %s\n  %-16s %lld entries, %lld cosignatures\n", "vkey",
        json_string_value(json_object_get(answer, "vkey")), "head",
        (long long)json_integer_value(json_object_get(json_object_get(answer, "head"), "size")),
        (long long)json_integer_value(
            json_object_get(json_object_get(answer, "head"), "cosigned")));
    if (json_array_size(json_object_get(answer, "witnesses")) > 0)
        print_rows(run, json_object_get(answer, "witnesses"), columns, CY_COUNT(columns));
    json_decref(answer);
    return CY_EXIT_OK;
}

/* --- records --- */

static const struct cy_field *field_of(const struct cy_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (cy_cli_same_name(schema->fields[i].name, name))
            return &schema->fields[i];
    }
    return NULL;
}

static cy_err add_where(struct cy_cli *run, const struct cy_schema *schema, const char *word,
                        struct cy_text *path)
{
    const char *equals = strchr(word, '=');
    const struct cy_field *f = NULL;
    char name[64];
    char hex[65];
    struct cy_id id;

    if (equals != NULL && equals - word < 64) {
        (void)snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
        f = field_of(schema, name);
    }
    if (f == NULL) {
        cy_cli_note(run, "--where %s: write FIELD=VALUE with a field of %s", word, schema->name);
        return cy_fail(CY_E_USAGE, 0);
    }
    cy_text_add(path, "&");
    cy_text_add(path, f->name);
    cy_text_add(path, "=");
    if (f->type != CY_T_id) {
        cy_cli_escape(path, equals + 1);
        return CY_OK;
    }
    CY_TRY(cy_cli_id(run, f->name, equals + 1, &id));
    cy_hex(id.b, sizeof id.b, hex);
    cy_text_add(path, hex);
    return CY_OK;
}

static cy_err record_path(struct cy_cli *run, const struct cy_schema *schema, struct cy_text *path)
{
    const char *word = NULL;
    uint64_t after = 0;
    uint64_t limit = 0;
    size_t at = 0;

    CY_TRY(number_of(run, "after", 0, &after));
    CY_TRY(number_of(run, "limit", 100, &limit));
    cy_text_add(path, "/v1/records/");
    cy_text_add(path, schema->name);
    cy_text_add(path, "?after=");
    cy_text_u64(path, after);
    cy_text_add(path, "&limit=");
    cy_text_u64(path, limit);
    while ((word = cy_cli_arg_next(&run->args, "where", &at)) != NULL)
        CY_TRY(add_where(run, schema, word, path));
    return path->full ? cy_fail(CY_E_TOO_LARGE, path->cap) : CY_OK;
}

int cy_cli_record(struct cy_cli *run)
{
    static const char *const columns[] = {"table:record", "records:count", "limit:limit",
                                          "what:doc"};
    const struct cy_schema *schema = NULL;
    char path_bytes[PATH_MAX_BYTES];
    struct cy_text path = cy_text_on(path_bytes, sizeof path_bytes);
    json_t *answer = NULL;
    int code = 0;
    cy_err err = CY_OK;

    if (run->args.n_words == 1) {
        answer = fetch(run, "/v1/records", &code);
        if (answer == NULL)
            return code;
        print_rows(run, json_object_get(answer, "tables"), columns, CY_COUNT(columns));
        json_decref(answer);
        return CY_EXIT_OK;
    }
    schema = cy_schema_named(CY_SCHEMA_RECORD, cy_span_text(run->args.words[1]));
    if (schema == NULL)
        return cy_cli_wrong(run, "there is no table %s; comity record lists them",
                            run->args.words[1]);
    err = record_path(run, schema, &path);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    answer = fetch(run, path_bytes, &code);
    if (answer == NULL)
        return code;
    for (size_t i = 0; i < json_array_size(json_object_get(answer, "items")); i++) {
        print_object(run, json_array_get(json_object_get(answer, "items"), i));
        (void)fputc('\n', run->out);
    }
    if (json_object_get(answer, "next") != NULL)
        (void)fprintf(run->out, "more: --after %lld\n",
                      (long long)json_integer_value(json_object_get(answer, "next")));
    json_decref(answer);
    return CY_EXIT_OK;
}

static int list_table(struct cy_cli *run, const char *path, const char *const *columns, size_t n)
{
    int code = 0;
    json_t *answer = fetch(run, path, &code);

    if (answer == NULL)
        return code;
    print_rows(run, json_object_get(answer, "items"), columns, n);
    json_decref(answer);
    return CY_EXIT_OK;
}

int cy_cli_asset_list(struct cy_cli *run)
{
    static const char *const columns[] = {"code:code",     "name:name",   "issuer:issuer",
                                          "issued:issued", "scale:scale", "id:id"};

    return list_table(run, "/v1/records/asset?limit=1000", columns, CY_COUNT(columns));
}

int cy_cli_quota_list(struct cy_cli *run)
{
    static const char *const columns[] = {"what:what", "unit:unit",   "total:total", "free:free",
                                          "used:used", "until:until", "state:state", "id:id"};

    return list_table(run, "/v1/records/quota?limit=1000", columns, CY_COUNT(columns));
}

int cy_cli_share_list(struct cy_cli *run)
{
    static const char *const columns[] = {"name:name", "asset:asset", "basis:basis", "split:split",
                                          "held:held", "state:state", "id:id"};

    return list_table(run, "/v1/records/share?limit=1000", columns, CY_COUNT(columns));
}

int cy_cli_treaty_list(struct cy_cli *run)
{
    static const char *const columns[] = {
        "name:name",      "state:state", "version:version", "ratified:ratified", "parties:listed",
        "in force:force", "id:id"};

    return list_table(run, "/v1/records/treaty?limit=1000", columns, CY_COUNT(columns));
}

int cy_cli_objective_list(struct cy_cli *run)
{
    static const char *const columns[] = {"name:name", "state:state",      "kind:kind",
                                          "yes:yes",   "of weight:weight", "office:office",
                                          "id:id"};

    return list_table(run, "/v1/records/objective?limit=1000", columns, CY_COUNT(columns));
}

int cy_cli_finding_list(struct cy_cli *run)
{
    static const char *const columns[] = {"proof:proof",           "state:state",   "by:by",
                                          "relied on:stands_from", "office:office", "id:id"};

    return list_table(run, "/v1/records/finding?limit=1000", columns, CY_COUNT(columns));
}

int cy_cli_crisis_list(struct cy_cli *run)
{
    static const char *const columns[] = {"kind:kind",         "area:area",   "calls:calls",
                                          "declared:declared", "until:until", "id:id"};

    return list_table(run, "/v1/records/crisis?limit=1000", columns, CY_COUNT(columns));
}

int cy_cli_stock_list(struct cy_cli *run)
{
    static const char *const columns[] = {
        "good:good",         "owner:owner",     "place:place",     "amount:amount",
        "promised:promised", "pledged:pledged", "expires:expires", "id:id"};

    return list_table(run, "/v1/records/stock?limit=1000", columns, CY_COUNT(columns));
}

int cy_cli_need_list(struct cy_cli *run)
{
    static const char *const columns[] = {
        "good:good",         "owner:owner",       "place:place",       "amount:amount",
        "promised:promised", "received:received", "priority:priority", "id:id"};

    return list_table(run, "/v1/records/need?limit=1000", columns, CY_COUNT(columns));
}

int cy_cli_account_list(struct cy_cli *run)
{
    static const char *const columns[] = {"owner:owner",     "asset:asset", "number:number",
                                          "balance:balance", "held:held",   "id:id"};
    const char *owner = cy_cli_arg(&run->args, "owner");
    char path[160];
    char hex[65] = "";
    struct cy_id id;
    cy_err err = CY_OK;

    if (owner != NULL) {
        err = cy_cli_id(run, NULL, owner, &id);
        if (!cy_ok(err))
            return cy_cli_fail(run, err, NULL);
        cy_hex(id.b, sizeof id.b, hex);
    }
    (void)snprintf(path, sizeof path, "/v1/records/account?limit=1000%s%s",
                   owner == NULL ? "" : "&owner=", hex);
    return list_table(run, path, columns, CY_COUNT(columns));
}

/* --- alliances --- */

/* "/v1/alliances/NAME" and what follows; an alias of the directory becomes its id. */
static cy_err alliance_path(struct cy_cli *run, const char *rest, struct cy_text *path)
{
    const char *name = run->args.n_words > 2 ? run->args.words[2] : NULL;
    const struct cy_alias *alias = NULL;
    char hex[65];

    if (name == NULL) {
        cy_cli_note(run, "name the alliance: its code, name or id");
        return cy_fail(CY_E_USAGE, 0);
    }
    name += name[0] == '@';
    alias = cy_home_alias(&run->home, "alliance", name);
    cy_text_add(path, "/v1/alliances/");
    if (alias != NULL)
        cy_hex(alias->id.b, sizeof alias->id.b, hex);
    cy_cli_escape(path, alias != NULL ? hex : name);
    cy_text_add(path, rest);
    return path->full ? cy_fail(CY_E_TOO_LARGE, path->cap) : CY_OK;
}

int cy_cli_alliance_list(struct cy_cli *run)
{
    static const char *const columns[] = {"code:alliance.code",   "topic:alliance.topic",
                                          "state:alliance.state", "founded:alliance.founded",
                                          "full:counts.n_full",   "name:alliance.name"};
    const char *topic = cy_cli_arg(&run->args, "topic");
    char path_bytes[PATH_MAX_BYTES];
    struct cy_text path = cy_text_on(path_bytes, sizeof path_bytes);
    json_t *answer = NULL;
    int code = 0;

    cy_text_add(&path, "/v1/alliances");
    if (topic != NULL) {
        cy_text_add(&path, "?topic=");
        cy_cli_escape(&path, topic);
    }
    answer = fetch(run, path_bytes, &code);
    if (answer == NULL)
        return code;
    print_rows(run, json_object_get(answer, "alliances"), columns, CY_COUNT(columns));
    json_decref(answer);
    return CY_EXIT_OK;
}

int cy_cli_alliance_show(struct cy_cli *run)
{
    static const char *const columns[] = {"clause:clause", "value:value", "unit:unit",
                                          "meaning:meaning"};
    char path_bytes[PATH_MAX_BYTES];
    struct cy_text path = cy_text_on(path_bytes, sizeof path_bytes);
    json_t *answer = NULL;
    int code = 0;
    const cy_err err = alliance_path(run, "", &path);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    answer = fetch(run, path_bytes, &code);
    if (answer == NULL)
        return code;
    print_object(run, json_object_get(answer, "alliance"));
    print_object(run, json_object_get(answer, "counts"));
    (void)fputs("Charter in force\n", run->out);
    print_rows(run, json_object_get(answer, "charter"), columns, CY_COUNT(columns));
    json_decref(answer);
    return CY_EXIT_OK;
}

static void add_query(struct cy_text *path, char *sign, const char *name, const char *value)
{
    const char one[2] = {*sign, 0};

    if (value == NULL)
        return;
    cy_text_add(path, one);
    cy_text_add(path, name);
    cy_text_add(path, "=");
    cy_cli_escape(path, value);
    *sign = '&';
}

static cy_err members_path(struct cy_cli *run, bool proof, struct cy_text *path)
{
    char sign = '?';

    CY_TRY(alliance_path(run, "/members", path));
    add_query(path, &sign, "as_of", cy_cli_arg(&run->args, "as-of"));
    add_query(path, &sign, "known_at", cy_cli_arg(&run->args, "known-at"));
    add_query(path, &sign, "level", cy_cli_arg(&run->args, "level"));
    add_query(path, &sign, "expand", cy_cli_arg_on(&run->args, "expand") ? "1" : NULL);
    add_query(path, &sign, "proof", proof ? "1" : NULL);
    return path->full ? cy_fail(CY_E_TOO_LARGE, path->cap) : CY_OK;
}

static int members_bundle(struct cy_cli *run, const char *file)
{
    char path_bytes[PATH_MAX_BYTES];
    struct cy_text path = cy_text_on(path_bytes, sizeof path_bytes);
    struct cy_client_answer answer = {0};
    cy_err err = members_path(run, true, &path);

    if (cy_ok(err))
        err = cy_cli_fetch(run, path_bytes, BUNDLE_MAX, &answer);
    if (cy_ok(err))
        err = cy_cli_write_file(run, file, cy_span_of(answer.body, answer.n));
    if (cy_ok(err) && strcmp(file, "-") != 0 && !run->json)
        (void)fprintf(run->out, "%s: %zu bytes; prove it: comity verify %s\n", file, answer.n,
                      file);
    cy_client_answer_free(&answer);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

int cy_cli_alliance_members(struct cy_cli *run)
{
    static const char *const columns[] = {"code:code", "level:level", "since:since", "name:name"};
    const char *bundle = cy_cli_arg(&run->args, "bundle");
    char path_bytes[PATH_MAX_BYTES];
    struct cy_text path = cy_text_on(path_bytes, sizeof path_bytes);
    json_t *answer = NULL;
    size_t n = 0;
    int code = 0;
    cy_err err = CY_OK;

    if (bundle != NULL)
        return members_bundle(run, bundle);
    err = members_path(run, false, &path);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    answer = fetch(run, path_bytes, &code);
    if (answer == NULL)
        return code;
    print_rows(run, json_object_get(answer, "members"), columns, CY_COUNT(columns));
    n = json_array_size(json_object_get(answer, "members"));
    (void)fprintf(run->out, "%zu member%s of %s on %s\n", n, n == 1 ? "" : "s",
                  json_string_value(json_object_get(answer, "name")),
                  json_string_value(json_object_get(answer, "as_of")));
    json_decref(answer);
    return CY_EXIT_OK;
}

static int alliance_rows(struct cy_cli *run, const char *rest, const char *member,
                         const char *const *columns, size_t n)
{
    char path_bytes[PATH_MAX_BYTES];
    struct cy_text path = cy_text_on(path_bytes, sizeof path_bytes);
    json_t *answer = NULL;
    int code = 0;
    const cy_err err = alliance_path(run, rest, &path);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    answer = fetch(run, path_bytes, &code);
    if (answer == NULL)
        return code;
    print_rows(run, json_object_get(answer, member), columns, n);
    json_decref(answer);
    return CY_EXIT_OK;
}

int cy_cli_alliance_history(struct cy_cli *run)
{
    static const char *const columns[] = {"date:event.effective", "event:event.event",
                                          "level:event.level",    "recorded:event.recorded",
                                          "party:name",           "source:event.source"};

    return alliance_rows(run, "/history", "events", columns, CY_COUNT(columns));
}

int cy_cli_alliance_charter(struct cy_cli *run)
{
    static const char *const columns[] = {"clause:clause", "before:before", "after:after"};
    uint64_t from = 0;
    uint64_t to = 0;
    char rest[96] = "/charter/diff";
    cy_err err = number_of(run, "from", 1, &from);

    if (cy_ok(err))
        err = number_of(run, "to", 0, &to);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (to > 0)
        (void)snprintf(rest, sizeof rest, "/charter/diff?from=%llu&to=%llu",
                       (unsigned long long)from, (unsigned long long)to);
    else if (from > 1)
        (void)snprintf(rest, sizeof rest, "/charter/diff?from=%llu", (unsigned long long)from);
    return alliance_rows(run, rest, "changes", columns, CY_COUNT(columns));
}

int cy_cli_alliance_motions(struct cy_cli *run)
{
    static const char *const columns[] = {
        "id:id",   "kind:kind", "subject:subject",   "state:state",
        "yes:yes", "no:no",     "deadline:deadline", "why:reason"};
    char path[160];
    char hex[65];
    struct cy_id id;
    cy_err err = CY_OK;

    if (run->args.n_words < 3)
        return cy_cli_wrong(run, "write: comity alliance motions NAME");
    err = cy_cli_id(run, "alliance", run->args.words[2], &id);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    cy_hex(id.b, sizeof id.b, hex);
    (void)snprintf(path, sizeof path, "/v1/records/motion?limit=1000&alliance=%s", hex);
    return list_table(run, path, columns, CY_COUNT(columns));
}

/* The template's number, 0 without one. */
static cy_err template_of(struct cy_cli *run, uint8_t *out)
{
    const char *word = cy_cli_arg(&run->args, "template");
    const struct cy_field *f = field_of(&cy_schema_alliance_found, "template");

    CY_ASSERT(f != NULL); /* the schema has it */
    *out = 0;
    for (size_t i = 0; word != NULL && i < f->set->n; i++) {
        if (strcmp(f->set->words[i].text, word) == 0)
            *out = f->set->words[i].number;
    }
    if (word == NULL || *out != 0)
        return CY_OK;
    cy_cli_note(run, "there is no template %s; see comity alliance found --help", word);
    return cy_fail(CY_E_USAGE, 0);
}

const struct cy_cli_option cy_cli_figures_options[] = {
    {"from", "YYYY-MM-DD", "from this day on (a year before the last)"},
    {"to",   "YYYY-MM-DD", "until this day (today)"                   },
    {NULL,   NULL,         NULL                                       },
};

int cy_cli_alliance_figures(struct cy_cli *run)
{
    char path_bytes[PATH_MAX_BYTES];
    struct cy_text path = cy_text_on(path_bytes, sizeof path_bytes);
    json_t *answer = NULL;
    char sign = '?';
    int code = 0;
    const cy_err err = alliance_path(run, "/figures", &path);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    add_query(&path, &sign, "from", cy_cli_arg(&run->args, "from"));
    add_query(&path, &sign, "to", cy_cli_arg(&run->args, "to"));
    answer = fetch(run, path_bytes, &code);
    if (answer == NULL)
        return code;
    print_object(run, answer);
    json_decref(answer);
    return CY_EXIT_OK;
}

const struct cy_cli_option cy_cli_officers_options[] = {
    {"about", "NAME", "only what was done about this party"},
    {NULL,    NULL,   NULL                                 },
};

/* Every act of an officer stands in the ledger: `comity proof INDEX` is the member's receipt. */
int cy_cli_alliance_officers(struct cy_cli *run)
{
    static const char *const columns[] = {"entry:index", "when:record.since", "role:record.role",
                                          "by:by_name",  "what:what",         "about:about_name"};
    const char *about = cy_cli_arg(&run->args, "about");
    const struct cy_alias *alias =
        about == NULL ? NULL : cy_home_alias(&run->home, "passport", about);
    char path_bytes[PATH_MAX_BYTES];
    struct cy_text path = cy_text_on(path_bytes, sizeof path_bytes);
    json_t *answer = NULL;
    char hex[65];
    char sign = '?';
    int code = 0;
    const cy_err err = alliance_path(run, "/officers", &path);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (alias != NULL)
        cy_hex(alias->id.b, sizeof alias->id.b, hex);
    add_query(&path, &sign, "about", alias != NULL ? hex : about);
    answer = fetch(run, path_bytes, &code);
    if (answer == NULL)
        return code;
    print_rows(run, json_object_get(answer, "acts"), columns, CY_COUNT(columns));
    json_decref(answer);
    return CY_EXIT_OK;
}

int cy_cli_alliance_clauses(struct cy_cli *run)
{
    json_t *list = json_array();
    uint8_t template = 0;
    const cy_err err = template_of(run, &template);

    for (unsigned i = 0; cy_ok(err) && cy_clause_row(i) != NULL; i++) {
        const struct cy_clause_row *row = cy_clause_row(i);
        const struct cy_clause_band band =
            template != 0 ? cy_clause_band(template, i)
                          : (struct cy_clause_band){row->value, row->least, row->most, false};

        if (run->json)
            (void)json_array_append_new(
                list, json_pack("{s:s,s:I,s:I,s:I,s:b,s:s,s:s,s:s}", "name", row->name, "value",
                                (json_int_t)band.value, "least", (json_int_t)band.least, "most",
                                (json_int_t)band.most, "mandatory", (int)band.mandatory, "unit",
                                row->unit, "meaning", row->meaning, "actuator", row->actuator));
        else
            (void)fprintf(run->out, "%-16s %llu (%llu to %llu%s) %s\n    %s\n", row->name,
                          (unsigned long long)band.value, (unsigned long long)band.least,
                          (unsigned long long)band.most,
                          band.mandatory ? ", set by the template" : "", row->unit, row->meaning);
    }
    if (cy_ok(err) && run->json)
        return cy_cli_print(run, list);
    json_decref(list);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}
