#include "host/routes/openapi.h"

#include "host/http/problem.h"
#include "host/http/uri.h"
#include "host/json/json.h"
#include "host/json/json_schema.h"

#include <stdio.h>
#include <stdlib.h>

#define WORD_MAX 96u
#define WORDS_MAX 32u

/* --- the forms of answers --- */

struct member {
    const char *answer;
    const char *name;
    const char *type;
    const char *doc;
    bool need;
};

static const struct {
    const char *name;
    const char *doc;
} answers_[] = {
#define CY_ANSWER(name, doc) {#name, doc},
#define CY_HAS(answer, member, need, type, doc)
#define CY_ANSWER_END(name)
#include "host/routes/answers.def"
#undef CY_ANSWER
#undef CY_HAS
};

static const struct member members_[] = {
#define CY_ANSWER(name, doc)
#define CY_HAS(answer, member, need, type, doc) {#answer, #member, type, doc, (need) != 0},
#include "host/routes/answers.def"
#undef CY_ANSWER
#undef CY_HAS
#undef CY_ANSWER_END
};

static bool is_answer(const char *name)
{
    for (size_t i = 0; i < CY_COUNT(answers_); i++) {
        if (strcmp(answers_[i].name, name) == 0)
            return true;
    }
    return false;
}

static const struct cy_word_set *set_named(const char *name)
{
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        for (size_t f = 0; f < schema->n_fields; f++) {
            if (schema->fields[f].set != NULL && strcmp(schema->fields[f].set->name, name) == 0)
                return schema->fields[f].set;
        }
    }
    return NULL;
}

/* Splits at one character; returns the number of words, which live in room. */
static size_t split(const char *text, char at, char room[WORDS_MAX][WORD_MAX])
{
    size_t n = 0;

    while (*text != 0 && n < WORDS_MAX) {
        const size_t skip = strspn(text, " ");
        const char *end = strchr(text + skip, at);
        const size_t len = end == NULL ? strlen(text + skip) : (size_t)(end - text) - skip;

        if (len > 0) /* empty words are none */
            (void)snprintf(room[n++], WORD_MAX, "%.*s", (int)len, text + skip);
        if (end == NULL)
            break;
        text = end + 1;
    }
    return n;
}

static json_t *one_of_words(const char *words)
{
    char room[WORDS_MAX][WORD_MAX];
    const size_t n = split(words, '|', room);
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(list, json_string(room[i]));
    return json_pack("{s:s,s:o}", "type", "string", "enum", list);
}

/* The schema of a type's name without [] and ?. NULL: there is no such type. */
static json_t *base_type(const char *type)
{
    const struct cy_word_set *set = NULL;

    if (strcmp(type, "number") == 0)
        return json_pack("{s:s,s:i}", "type", "integer", "minimum", 0);
    if (strcmp(type, "text") == 0)
        return json_pack("{s:s}", "type", "string");
    if (strcmp(type, "flag") == 0)
        return json_pack("{s:s}", "type", "boolean");
    if (strcmp(type, "any") == 0)
        return json_object();
    if (type[0] == '@')
        return is_answer(type + 1) ? cy_json_schema_ref("", type + 1) : NULL;
    if (strncmp(type, "record:", 7) == 0)
        return cy_schema_named(CY_SCHEMA_RECORD, cy_span_text(type + 7)) == NULL
                   ? NULL
                   : cy_json_schema_ref("record_", type + 7);
    if (strncmp(type, "word:", 5) == 0) {
        set = set_named(type + 5);
        return set == NULL ? NULL : cy_json_schema_words(set, 0);
    }
    if (strchr(type, '|') != NULL || strchr(type, '@') != NULL)
        return one_of_words(type);
    for (size_t i = 0; i < 6; i++) {
        static const char *const shared[] = {"time", "date", "id", "hex", "act", "record"};

        if (strcmp(type, shared[i]) == 0)
            return cy_json_schema_ref("", type);
    }
    return NULL;
}

static json_t *typed(const char *type)
{
    char base[200];
    const size_t n = strlen(type);

    (void)snprintf(base, sizeof base, "%s", type);
    if (n > 2 && strcmp(type + n - 2, "[]") == 0) {
        json_t *items = NULL;

        base[n - 2] = 0;
        items = base_type(base);
        return items == NULL ? NULL : json_pack("{s:s,s:o}", "type", "array", "items", items);
    }
    if (n > 1 && type[n - 1] == '?') {
        json_t *value = NULL;

        base[n - 1] = 0;
        value = base_type(base);
        return value == NULL ? NULL : json_pack("{s:[o,{s:s}]}", "anyOf", value, "type", "null");
    }
    return base_type(base);
}

static void put_answers(json_t *components)
{
    for (size_t a = 0; a < CY_COUNT(answers_); a++) {
        json_t *members = json_object();
        json_t *needed = json_array();

        for (size_t i = 0; i < CY_COUNT(members_); i++) {
            const struct member *m = &members_[i];
            json_t *one = NULL;

            if (strcmp(m->answer, answers_[a].name) != 0)
                continue;
            one = typed(m->type);
            (void)json_object_set_new(one, "description", json_string(m->doc));
            (void)json_object_set_new(members, m->name, one);
            if (m->need)
                (void)json_array_append_new(needed, json_string(m->name));
        }
        (void)json_object_set_new(components, answers_[a].name,
                                  json_pack("{s:s,s:s,s:o,s:o,s:b}", "description", answers_[a].doc,
                                            "type", "object", "properties", members, "required",
                                            needed, "additionalProperties", 0));
    }
}

/* --- parameters --- */

static const struct {
    const char *name;
    const char *type;
    const char *sample;
    const char *doc;
} params_[] = {
    {"index",  "number", "0",                                                                "a place in the ledger, from 0"                },
    {"table",  "text",   "passport",                                                         "name of a record"                             },
    {"hash",   "id",     "9b4f1c02d7e6a85c3f10b7d2948e6a1f5c30d9b8e7426f1a0b3c5d7e9f812346",
     "SHA-256 of the ledger's origin"                                                                                                       },
    {"name",   "text",   "NATO",                                                             "an id, a code, a name"                        },
    {"digest", "id",     "9b4f1c02d7e6a85c3f10b7d2948e6a1f5c30d9b8e7426f1a0b3c5d7e9f812346",
     "SHA-256 of the encrypted bytes"                                                                                                       },
    {"realm",  "id",     "9b4f1c02d7e6a85c3f10b7d2948e6a1f5c30d9b8e7426f1a0b3c5d7e9f812346",
     "id of a realm: of its genesis act"                                                                                                    },
    {"origin", "text",   "b.example/ledger",                                                 "name of a ledger; its slashes are not encoded"},
    {"path",   "text",   "0/000",                                                            "the rest of the path; slashes are not encoded"},
};

static json_t *sample_of(const char *type, const char *sample)
{
    uint64_t v = 0;

    if (strcmp(type, "number") == 0 && cy_ok(cy_u64_read(cy_span_text(sample), &v)))
        return json_integer((json_int_t)v);
    if (strcmp(type, "flag") == 0)
        return json_string("1");
    return json_string(sample);
}

static json_t *path_param(const char *name)
{
    for (size_t i = 0; i < CY_COUNT(params_); i++) {
        if (strcmp(params_[i].name, name) == 0)
            return json_pack("{s:s,s:s,s:b,s:s,s:o,s:o}", "name", name, "in", "path", "required", 1,
                             "description", params_[i].doc, "schema", typed(params_[i].type),
                             "example", sample_of(params_[i].type, params_[i].sample));
    }
    return NULL;
}

static json_t *query_schema(const struct cy_http_query *query)
{
    json_t *schema = NULL;

    if (strcmp(query->type, "flag") == 0)
        return json_pack("{s:s,s:[s,s]}", "type", "string", "enum", "0", "1");
    schema = typed(query->type);
    if (strcmp(query->type, "number") == 0 && query->most < INT64_MAX)
        (void)json_object_set_new(schema, "maximum", json_integer((json_int_t)query->most));
    return schema;
}

static json_t *query_param(const struct cy_http_query *query)
{
    if (strcmp(query->name, "*") == 0) /* any further name */
        return json_pack("{s:s,s:s,s:s,s:s,s:b,s:{s:s,s:{s:s}}}", "name", "where", "in", "query",
                         "description", query->doc, "style", "form", "explode", 1, "schema", "type",
                         "object", "additionalProperties", "type", "string");
    return json_pack("{s:s,s:s,s:s,s:o,s:o}", "name", query->name, "in", "query", "description",
                     query->doc, "schema", query_schema(query), "example",
                     sample_of(query->type, query->sample));
}

/* The path as OpenAPI writes it, {path...} as {path}; its parameters are added. */
static void path_of(const char *pattern, char out[static CY_URI_NAME_MAX * 8], json_t *params)
{
    size_t n = 0;

    while (*pattern != 0 && n + 1 < CY_URI_NAME_MAX * 8u) {
        char name[CY_URI_NAME_MAX];
        const size_t len = strcspn(pattern, "}");

        if (*pattern != '{') {
            out[n++] = *pattern++;
            continue;
        }
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(pattern + 1, ".}"), pattern + 1);
        n += (size_t)snprintf(out + n, CY_URI_NAME_MAX * 8u - n, "{%s}", name);
        if (params != NULL)
            (void)json_array_append_new(params, path_param(name));
        pattern += len + 1;
    }
    out[n] = 0;
}

/* --- answers --- */

/* "members|bundle": one of these forms. */
static json_t *form_schema(const char *form)
{
    char room[WORDS_MAX][WORD_MAX];
    const size_t n = split(form, '|', room);
    json_t *any = NULL;

    if (strcmp(form, "any") == 0)
        return json_pack("{s:s}", "type", "object");
    if (n == 1)
        return is_answer(form) ? cy_json_schema_ref("", form) : NULL;
    any = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(any, cy_json_schema_ref("", room[i]));
    return json_pack("{s:o}", "anyOf", any);
}

/* "text/html|text/plain": one of these media types. 3.1: bytes have no schema, text is a string. */
static json_t *media_of(const char *types)
{
    char room[WORDS_MAX][WORD_MAX];
    const size_t n = split(types, '|', room);
    json_t *content = json_object();

    for (size_t i = 0; i < n; i++)
        (void)json_object_set_new(content, room[i],
                                  strncmp(room[i], "text/", 5) == 0
                                      ? json_pack("{s:{s:s}}", "schema", "type", "string")
                                      : json_object());
    return content;
}

static json_t *content_of(const json_t *components, const char *form)
{
    json_t *schema = NULL;

    if (strchr(form, '/') != NULL)
        return media_of(form);
    schema = form_schema(form);
    return json_pack("{s:{s:o,s:o}}", "application/json", "schema", schema, "example",
                     cy_json_schema_sample(components, schema));
}

static void put_answer(const json_t *components, const char *word, json_t *responses)
{
    const char *form = strchr(word, ' ');
    char status[4];
    static const struct {
        const char *status;
        const char *doc;
    } said[] = {
        {"200", "done"                                 },
        {"201", "made"                                 },
        {"202", "accepted, at a lower level than asked"},
        {"204", "done already"                         },
        {"409", "another size is known; the body is it"},
    };

    (void)snprintf(status, sizeof status, "%.3s", word);
    for (size_t i = 0; i < CY_COUNT(said); i++) {
        if (strcmp(said[i].status, status) == 0)
            (void)json_object_set_new(
                responses, status,
                json_pack("{s:s,s:o*}", "description", said[i].doc, "content",
                          form == NULL ? NULL : content_of(components, form + 1)));
    }
}

static const struct cy_err_info *error_named(const char *name)
{
    const struct cy_err_info *info = NULL;

    for (unsigned i = 0; (info = cy_err_at(i)) != NULL; i++) {
        if (strcmp(info->name, name) == 0)
            return info;
    }
    return NULL;
}

/* One response for each status, with every error of that status as an example. */
static void put_refusal(const char *name, const char *path, json_t *responses)
{
    const struct cy_err_info *info = error_named(name);
    struct cy_problem problem;
    char status[8];
    size_t n = 0;
    char *text = NULL;
    json_t *response = NULL;
    json_t *content = NULL;
    json_t *examples = NULL;

    CY_ASSERT(info != NULL); /* routes name errors of err.def */
    cy_problem_of(cy_fail(info->code, 0), NULL, path, &problem);
    (void)snprintf(status, sizeof status, "%u", problem.status);
    text = cy_problem_print(&problem, &n);
    response = json_object_get(responses, status);
    if (response == NULL) {
        response = json_pack("{s:s,s:{}}", "description", "refused", "content");
        (void)json_object_set_new(responses, status, response);
    }
    content = json_object_get(response, "content");
    if (json_object_get(content, CY_PROBLEM_TYPE) == NULL)
        (void)json_object_set_new(
            content, CY_PROBLEM_TYPE,
            json_pack("{s:o,s:{}}", "schema", cy_json_schema_ref("", "problem"), "examples"));
    examples = json_object_get(json_object_get(content, CY_PROBLEM_TYPE), "examples");
    (void)json_object_set_new(examples, name,
                              json_pack("{s:s,s:o}", "summary", info->text, "value",
                                        text == NULL ? json_null() : json_loads(text, 0, NULL)));
    free(text);
}

static json_t *responses_of(const json_t *components, const struct cy_http_route *route)
{
    char room[WORDS_MAX][WORD_MAX];
    json_t *responses = json_object();
    size_t n = split(route->answers, ';', room);

    for (size_t i = 0; i < n; i++)
        put_answer(components, room[i], responses);
    n = split(route->refusals, ' ', room);
    for (size_t i = 0; i < n; i++)
        put_refusal(room[i], route->pattern, responses);
    (void)json_object_set_new(responses, "default",
                              json_pack("{s:s}", "$ref", "#/components/responses/problem"));
    return responses;
}

/* --- operations --- */

static const char *tag_of(const char *pattern)
{
    static const struct {
        const char *start;
        const char *tag;
    } tags[] = {
        {"/v1/admin",     "administration"},
        {"/v1/operator",  "administration"},
        {"/v1/alliances", "alliances"     },
        {"/v1/passports", "passports"     },
        {"/v1/blobs",     "blobs"         },
        {"/v1/records",   "world"         },
        {"/v1/realm",     "world"         },
        {"/v1/params",    "world"         },
        {"/v1/",          "ledger"        },
        {"/checkpoint",   "ledger"        },
        {"/tile",         "ledger"        },
        {"/add-",         "witness"       },
        {"/{hash}",       "witness"       },
        {"/console",      "console"       },
        {"/",             "health"        },
    };

    for (size_t i = 0; i < CY_COUNT(tags); i++) {
        if (strncmp(pattern, tags[i].start, strlen(tags[i].start)) == 0 &&
            (tags[i].start[1] != 0 || pattern[1] != 0))
            return tags[i].tag;
    }
    return "console";
}

/* get_v1_alliances_name_members */
static void id_of(const struct cy_http_route *route, char out[static 128])
{
    size_t n = 0;

    for (const char *c = route->method; *c != 0 && n < 100; c++)
        out[n++] = (char)(*c + 'a' - 'A');
    for (const char *c = route->pattern; *c != 0 && n < 126; c++) {
        const bool letter = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');

        if (letter)
            out[n++] = *c;
        else if (out[n - 1] != '_')
            out[n++] = '_';
    }
    while (n > 0 && out[n - 1] == '_')
        n--;
    out[n] = 0;
}

static json_t *body_of(const json_t *components, const struct cy_http_route *route)
{
    if (route->body == NULL)
        return NULL;
    return json_pack("{s:b,s:s,s:o}", "required", 1, "description",
                     route->body_max > 0 ? "at most as many bytes as x-body-max says"
                                         : "streamed; its length must be announced",
                     "content", content_of(components, route->body));
}

static json_t *operation_of(const json_t *components, const struct cy_http_route *route,
                            char path[static CY_URI_NAME_MAX * 8])
{
    json_t *params = json_array();
    json_t *operation = NULL;
    char id[128];

    path_of(route->pattern, path, params);
    id_of(route, id);
    for (const struct cy_http_query *q = route->queries; q != NULL && q->name != NULL; q++)
        (void)json_array_append_new(params, query_param(q));
    operation = json_pack("{s:s,s:s,s:[s],s:o,s:o*,s:o}", "operationId", id, "summary", route->doc,
                          "tags", tag_of(route->pattern), "parameters", params, "requestBody",
                          body_of(components, route), "responses", responses_of(components, route));
    if (route->body_max > 0)
        (void)json_object_set_new(operation, "x-body-max",
                                  json_integer((json_int_t)route->body_max));
    if (strncmp(route->pattern, "/v1/admin", 9) == 0)
        (void)json_object_set_new(operation, "security", json_pack("[{s:[]}]", "statement"));
    return operation;
}

static json_t *document(const struct cy_http_route *routes, size_t n)
{
    json_t *components = json_object();
    json_t *paths = json_object();

    cy_json_schema_put(components);
    put_answers(components);
    for (size_t i = 0; i < n; i++) {
        char path[CY_URI_NAME_MAX * 8];
        char method[8];
        json_t *operation = NULL;
        json_t *item = NULL;

        if (routes[i].answers == NULL)
            continue;
        operation = operation_of(components, &routes[i], path);
        item = json_object_get(paths, path);
        if (item == NULL) {
            item = json_object();
            (void)json_object_set_new(paths, path, item);
        }
        (void)snprintf(method, sizeof method, "%s", routes[i].method);
        for (char *c = method; *c != 0; c++)
            *c = (char)(*c + 'a' - 'A');
        (void)json_object_set_new(item, method, operation);
    }
    return json_pack(
        "{s:s,s:{s:s,s:s,s:s,s:{s:s,s:s}},s:[{s:s}],s:o,s:{s:o,s:{s:{s:s,s:{s:{s:o}}}},"
        "s:{s:{s:s,s:s,s:s}}}}",
        "openapi", "3.1.0", "info", "title", "Comity", "version", CY_VERSION, "description",
        "The HTTP interface of a cell. Printed from the tables that the daemon runs on.", "license",
        "name", "Apache-2.0", "identifier", "Apache-2.0", "servers", "url", "/", "paths", paths,
        "components", "schemas", components, "responses", "problem", "description",
        "refused, or trouble: GET /problems/{name} explains every name", "content", CY_PROBLEM_TYPE,
        "schema", cy_json_schema_ref("", "problem"), "securitySchemes", "statement", "type", "http",
        "scheme", "comity", "description",
        "Authorization: Comity BASE64, a statement signed by a passport's key (SPEC/admin.md)");
}

/* --- calls --- */

char *cy_openapi(const struct cy_http_route *routes, size_t n_routes, bool pretty, size_t *n)
{
    json_t *whole = NULL;
    char *text = NULL;

    cy_json_begin();
    whole = document(routes, n_routes);
    text = json_dumps(whole, pretty ? JSON_INDENT(1) : JSON_COMPACT);
    json_decref(whole);
    if (cy_json_starved()) {
        free(text);
        text = NULL;
    }
    *n = text == NULL ? 0 : strlen(text);
    return text;
}

static const char *answer_fault(const struct cy_http_route *route)
{
    char room[WORDS_MAX][WORD_MAX];
    const size_t n = split(route->answers, ';', room);

    for (size_t i = 0; i < n; i++) {
        const char *form = strchr(room[i], ' ');
        char forms[WORDS_MAX][WORD_MAX];
        const size_t n_forms = form == NULL ? 0 : split(form + 1, '|', forms);

        for (size_t k = 0; k < n_forms; k++) {
            if (strchr(forms[k], '/') == NULL && strcmp(forms[k], "any") != 0 &&
                !is_answer(forms[k]))
                return "an answer is not in answers.def";
        }
    }
    return n == 0 ? "a route says no answer" : NULL;
}

static const char *route_fault(const struct cy_http_route *route)
{
    char room[WORDS_MAX][WORD_MAX];
    const size_t n = split(route->refusals == NULL ? "" : route->refusals, ' ', room);
    char path[CY_URI_NAME_MAX * 8];
    json_t *params = json_array();
    const char *fault = answer_fault(route);

    path_of(route->pattern, path, params);
    for (const char *c = path; *c != 0; c++)
        fault = *c == '{' && json_array_size(params) == 0 ? "a path parameter has no row" : fault;
    json_decref(params);
    for (size_t i = 0; i < n; i++) {
        if (error_named(room[i]) == NULL)
            fault = "an error is not in err.def";
    }
    if (route->body != NULL && strchr(route->body, '/') == NULL && !is_answer(route->body))
        fault = "a body is not in answers.def";
    return fault;
}

const char *cy_openapi_fault(const struct cy_http_route *routes, size_t n_routes)
{
    for (size_t i = 0; i < CY_COUNT(members_); i++) {
        json_t *type = typed(members_[i].type);

        if (type == NULL)
            return members_[i].type;
        json_decref(type);
    }
    for (size_t i = 0; i < n_routes; i++) {
        const char *fault = routes[i].answers == NULL ? routes[i].pattern : route_fault(&routes[i]);

        if (fault != NULL)
            return fault;
    }
    return NULL;
}
