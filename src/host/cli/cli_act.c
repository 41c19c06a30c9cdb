#include "host/cli/cli_act.h"

#include "host/json/act_json.h"
#include "host/json/json.h"

#include <stdlib.h>

#define ACTS_MAX 4096u

const struct cy_cli_option cy_cli_act_options[] = {
    {"file", "FILE", "JSON of one act, or of an array of acts; - reads standard input"},
    {NULL,   NULL,   NULL                                                             },
};

/* --- from flags --- */

size_t cy_cli_act_fields(const struct cy_cli *run, const char *names[static CY_CLI_OPTIONS_MAX],
                         const char *values[static CY_CLI_OPTIONS_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < run->args.n; i++) {
        if (!run->args.field[i])
            continue;
        names[n] = run->args.names[i];
        values[n++] = run->args.values[i];
    }
    return n;
}

static const struct cy_field *field_named(const struct cy_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (cy_cli_same_name(schema->fields[i].name, name))
            return &schema->fields[i];
    }
    return NULL;
}

/* Keeps a text of jansson in the arena. */
static const char *keep(struct cy_cli *run, const char *text)
{
    char *copy = text == NULL ? NULL : cy_arena_take(&run->arena, strlen(text) + 1);

    if (copy != NULL)
        memcpy(copy, text, strlen(text) + 1);
    return copy;
}

/* A list as JSON with names replaced. What is no JSON is left: the reader says what is wrong. */
static cy_err name_list(struct cy_cli *run, const struct cy_field *f, const char **value)
{
    static const struct cy_json_limits limits = {CY_ACT_JSON_MAX, 8, false};
    struct cy_json_fault fault;
    json_t *list = NULL;
    char *text = NULL;
    cy_err err = CY_OK;

    if (!cy_ok(cy_json_parse(cy_span_text(*value), &limits, &list, &fault)))
        return CY_OK;
    for (size_t i = 0; cy_ok(err) && i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);

        err = f->type == CY_T_acts ? cy_cli_name_act(run, item)
                                   : cy_cli_name_struct(run, f->item, item);
    }
    if (cy_ok(err)) {
        text = json_dumps(list, JSON_COMPACT);
        *value = keep(run, text);
        free(text);
        err = *value == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;
    }
    json_decref(list);
    return err;
}

static cy_err name_flag(struct cy_cli *run, const struct cy_field *f, const char **value)
{
    char hex[65];
    struct cy_id id;

    if (*value == NULL || (*value)[0] == 0)
        return CY_OK;
    if (f->type == CY_T_list || f->type == CY_T_acts)
        return name_list(run, f, value);
    if (f->type != CY_T_id)
        return CY_OK;
    CY_TRY(cy_cli_id(run, f->name, *value, &id));
    cy_hex(id.b, sizeof id.b, hex);
    *value = keep(run, hex);
    return *value == NULL ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;
}

/* A refusal about what stands on the line is the line's fault: exit code 2. */
static cy_err as_usage(cy_err err)
{
    const bool ours = err.code == CY_E_NO_ROOM || err.code == CY_E_NO_MEMORY;

    return cy_ok(err) || ours ? err : cy_fail(CY_E_USAGE, err.code);
}

cy_err cy_cli_act_read(struct cy_cli *run, const struct cy_schema *schema,
                       const char *const names[], const char *const values[], size_t n,
                       void *message)
{
    const char *named[CY_CLI_OPTIONS_MAX];
    struct cy_text why;

    CY_ASSERT(n <= CY_CLI_OPTIONS_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct cy_field *f = field_named(schema, names[i]);

        named[i] = values[i];
        if (f != NULL)
            CY_TRY(name_flag(run, f, &named[i]));
    }
    why = cy_text_on(run->why, sizeof run->why);
    return as_usage(cy_act_from_flags(schema, names, named, n, &run->arena, message, &why));
}

/* --- what an act created --- */

static const char *kind_created(const struct cy_schema *schema)
{
    if (schema == &cy_schema_asset_create)
        return "asset";
    if (schema == &cy_schema_alliance_found)
        return "alliance";
    return schema == &cy_schema_passport_create ? "passport" : "act";
}

static struct cy_label code_of(const struct cy_schema *schema, const void *message)
{
    if (schema == &cy_schema_asset_create)
        return ((const struct cy_asset_create *)message)->code;
    if (schema == &cy_schema_alliance_found)
        return ((const struct cy_alliance_found *)message)->code;
    return (struct cy_label){0};
}

cy_err cy_cli_act_remember(struct cy_cli *run, const struct cy_schema *schema, const void *message,
                           const json_t *receipt)
{
    const struct cy_label code = code_of(schema, message);
    const char *name = cy_cli_arg(&run->args, "alias");
    char text[sizeof code.s + 1];
    struct cy_alias alias;
    struct cy_id id;

    (void)snprintf(text, sizeof text, "%.*s", (int)code.n, code.s);
    if (name == NULL && !cy_ok(cy_alias_name_check(text)))
        return CY_OK; /* nothing to call it */
    if (run->dry || !cy_cli_receipt_id(receipt, &id))
        return CY_OK;
    CY_TRY(cy_alias_of(kind_created(schema), name != NULL ? name : text, &id, &alias));
    return cy_home_add(&run->home, &alias, 1);
}

static cy_err send(struct cy_cli *run, const struct cy_schema *schema, const void *message,
                   json_t **receipt)
{
    struct cy_cli_author *author = cy_arena_take(&run->arena, sizeof *author);

    *receipt = NULL;
    if (author == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_cli_author_of(run, NULL, cy_cli_born(schema), author));
    if (author->by.n_keys == 0) {
        cy_cli_note(run,
                    "an act that creates its author is signed by the keys it names: --key LABEL");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (schema == &cy_schema_genesis)
        author->by.realm = (struct cy_id){0};
    CY_TRY(cy_cli_do(run, &author->by, schema, message, receipt));
    return cy_cli_act_remember(run, schema, message, *receipt);
}

int cy_cli_act(struct cy_cli *run, const struct cy_schema *schema)
{
    const char *names[CY_CLI_OPTIONS_MAX];
    const char *values[CY_CLI_OPTIONS_MAX];
    const size_t n = cy_cli_act_fields(run, names, values);
    void *message = cy_arena_zero(&run->arena, schema->size);
    json_t *receipt = NULL;
    cy_err err = message == NULL ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;

    if (cy_ok(err))
        err = cy_cli_act_read(run, schema, names, values, n, message);
    if (cy_ok(err))
        err = send(run, schema, message, &receipt);
    if (cy_ok(err))
        return cy_cli_receipt_show(run, receipt);
    json_decref(receipt);
    return cy_cli_fail(run, err, NULL);
}

/* --- from JSON --- */

static int send_value(struct cy_cli *run, json_t *value)
{
    struct cy_text why;
    struct cy_any any;
    json_t *receipt = NULL;
    cy_err err = cy_cli_name_act(run, value);

    if (cy_ok(err)) {
        why = cy_text_on(run->why, sizeof run->why);
        err = as_usage(cy_act_from_value(value, &run->arena, &any, &why));
    }
    if (cy_ok(err))
        err = send(run, any.schema, any.message, &receipt);
    if (cy_ok(err))
        return cy_cli_receipt_show(run, receipt);
    json_decref(receipt);
    return cy_cli_fail(run, err, NULL);
}

int cy_cli_act_file(struct cy_cli *run, const char *path)
{
    static const struct cy_json_limits limits = {ACTS_MAX * (size_t)CY_ACT_JSON_MAX / 64, 10,
                                                 false};
    struct cy_json_fault fault = {0};
    struct cy_span text;
    json_t *value = NULL;
    int code = CY_EXIT_OK;
    cy_err err = cy_cli_read_file(run, path, limits.size_max, &text);

    if (cy_ok(err)) {
        err = cy_json_parse(text, &limits, &value, &fault);
        if (!cy_ok(err)) {
            cy_cli_note(run, "%s:%u:%u: %s", path, fault.line, fault.column, fault.why);
            err = as_usage(err);
        }
    }
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (!json_is_array(value))
        code = send_value(run, value);
    for (size_t i = 0; code == CY_EXIT_OK && i < json_array_size(value); i++) {
        const size_t mark = run->arena.used;

        code = send_value(run, json_array_get(value, i));
        cy_arena_rewind(&run->arena, mark);
        if (code != CY_EXIT_OK && !run->json)
            (void)fprintf(run->err, "comity: %s: act %zu of %zu; those before it stand\n", path,
                          i + 1, json_array_size(value));
    }
    json_decref(value);
    return code;
}
