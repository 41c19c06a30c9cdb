#include "host/cli/cli_name.h"

#include "kernel/escrow.h"

#define FILE_MAX ((size_t)256 << 20)

const char *cy_cli_kind_of_field(const char *field)
{
    static const struct {
        const char *field;
        const char *kind;
    } rows[] = {
        {"asset",      "asset"   },
        {"bond_asset", "asset"   },
        {"alliance",   "alliance"},
        {"parent",     "alliance"},
        {"base",       "alliance"},
        {"backup",     "alliance"},
        {"from",       "account" },
        {"account",    "account" },
        {"list",       "list"    },
        {"treaty",     "treaty"  },
    };

    for (size_t i = 0; field != NULL && i < CY_COUNT(rows); i++) {
        if (strcmp(rows[i].field, field) == 0)
            return rows[i].kind;
    }
    return "passport";
}

/* --- asked of the daemon --- */

struct place {
    const char *kind;
    const char *table;
    const char *by; /* the field that holds the name */
    const char *id; /* the field that holds the id */
};

static const struct place places[] = {
    {"passport", "attestation",   "value", "passport"},
    {"alliance", "alliance",      "code",  "id"      },
    {"asset",    "asset",         "code",  "id"      },
    {"passport", "passport",      "name",  "id"      },
    {"alliance", "alliance",      "name",  "id"      },
    {"list",     "sanction_list", "code",  "id"      },
    {"treaty",   "treaty",        "name",  "id"      },
};

/* Ids among the items that differ from *found; 0, 1 or 2. */
static unsigned take_items(const json_t *items, const char *field, struct cy_id *found)
{
    unsigned n = 0;

    for (size_t i = 0; i < json_array_size(items); i++) {
        const char *text = json_string_value(json_object_get(json_array_get(items, i), field));
        struct cy_id id;

        if (text == NULL || !cy_ok(cy_hex_read(cy_span_text(text), id.b, sizeof id.b)))
            continue;
        if (n == 0 || !cy_id_eq(&id, found))
            n++;
        *found = id;
    }
    return n;
}

static cy_err ask(struct cy_cli *run, const struct place *place, const char *name,
                  struct cy_id *out, unsigned *n)
{
    char path_bytes[512];
    struct cy_text path = cy_text_on(path_bytes, sizeof path_bytes);
    json_t *answer = NULL;
    cy_err err = CY_OK;

    *n = 0;
    cy_text_add(&path, "/v1/records/");
    cy_text_add(&path, place->table);
    cy_text_add(&path, "?limit=3&");
    cy_text_add(&path, place->by);
    cy_text_add(&path, "=");
    cy_cli_escape(&path, name);
    if (path.full)
        return CY_OK; /* no name is so long */
    err = cy_cli_fetch_json(run, path_bytes, &answer);
    if (err.code == CY_E_NOT_FOUND)
        return CY_OK; /* a realm without this table */
    CY_TRY(err);
    *n = take_items(json_object_get(answer, "items"), place->id, out);
    json_decref(answer);
    return CY_OK;
}

static cy_err ask_kind(struct cy_cli *run, const char *kind, const char *name, bool same,
                       struct cy_id *out, bool *found)
{
    for (size_t i = 0; i < CY_COUNT(places) && !*found; i++) {
        unsigned n = 0;

        if ((strcmp(places[i].kind, kind) == 0) != same)
            continue;
        CY_TRY(ask(run, &places[i], name, out, &n));
        if (n > 1) {
            cy_cli_note(run, "%s: several records of %s have this %s", name, places[i].table,
                        places[i].by);
            return cy_fail(CY_E_NAME_AMBIGUOUS, n);
        }
        *found = n == 1;
    }
    return CY_OK;
}

static cy_err find(struct cy_cli *run, const char *kind, const char *name, struct cy_id *out)
{
    const struct cy_alias *alias = cy_home_alias(&run->home, kind, name);
    bool found = false;

    if (alias == NULL)
        alias = cy_home_alias(&run->home, NULL, name);
    if (alias != NULL) {
        *out = alias->id;
        return CY_OK;
    }
    CY_TRY(ask_kind(run, kind, name, true, out, &found));
    if (!found)
        CY_TRY(ask_kind(run, kind, name, false, out, &found));
    if (found)
        return CY_OK;
    cy_cli_note(run, "%s", name);
    return cy_fail(CY_E_NO_NAME, 0);
}

/* --- forms --- */

struct wanted {
    const char *label;
    struct cy_id *out;
    bool found;
};

static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    struct wanted *wanted = user;

    if (!key->standby && cy_span_eq(key->label, cy_span_text(wanted->label))) {
        *wanted->out = key->key;
        wanted->found = true;
    }
    return CY_OK;
}

static cy_err key_of(struct cy_cli *run, const char *label, struct cy_id *out)
{
    struct wanted wanted = {.label = label, .out = out};

    CY_TRY(cy_cli_signer(run));
    CY_TRY(cy_signer_keys(run->signer, seen_key, &wanted));
    if (wanted.found)
        return CY_OK;
    cy_cli_note(run, "the signer has no key labelled %s; see `comity key list`", label);
    return cy_fail(CY_E_NO_NAME, 0);
}

static cy_err digest_of(struct cy_cli *run, const char *path, struct cy_id *out)
{
    const size_t mark = run->arena.used;
    struct cy_span bytes;

    CY_TRY(cy_cli_read_file(run, path, FILE_MAX, &bytes));
    *out = cy_sha256(bytes);
    cy_arena_rewind(&run->arena, mark);
    return CY_OK;
}

static cy_err account_of(struct cy_cli *run, const char *name, struct cy_id *out)
{
    char parts[200];
    char *rest = parts;
    const char *owner_name = NULL;
    const char *asset_name = NULL;
    struct cy_id owner;
    struct cy_id asset;
    uint64_t number = 0;

    if (strlen(name) >= sizeof parts)
        return cy_fail(CY_E_NO_NAME, 0);
    (void)snprintf(parts, sizeof parts, "%s", name);
    owner_name = strsep(&rest, "/");
    asset_name = strsep(&rest, "/");
    if (rest != NULL && (!cy_ok(cy_u64_read(cy_span_text(rest), &number)) || number > UINT32_MAX)) {
        cy_cli_note(run, "%s: the third part is the number of the account", name);
        return cy_fail(CY_E_NO_NAME, 0);
    }
    CY_TRY(cy_cli_id(run, NULL, owner_name, &owner));
    CY_TRY(cy_cli_id(run, "asset", asset_name, &asset));
    *out = cy_account_id(&owner, &asset, (uint32_t)number);
    return CY_OK;
}

cy_err cy_cli_id(struct cy_cli *run, const char *field, const char *name, struct cy_id *out)
{
    if (strlen(name) == 64 && cy_ok(cy_hex_read(cy_span_text(name), out->b, sizeof out->b)))
        return CY_OK;
    if (name[0] == '@')
        name++;
    if (strncmp(name, "key:", 4) == 0)
        return key_of(run, name + 4, out);
    if (strncmp(name, "file:", 5) == 0)
        return digest_of(run, name + 5, out);
    if (strchr(name, '/') != NULL)
        return account_of(run, name, out);
    return find(run, cy_cli_kind_of_field(field), name, out);
}

/* --- JSON --- */

static cy_err name_value(struct cy_cli *run, const struct cy_field *f, json_t *object,
                         const char *key, json_t *value)
{
    char hex[65];
    struct cy_id id;

    if (f->type == CY_T_id && json_is_string(value) && json_string_length(value) > 0) {
        CY_TRY(cy_cli_id(run, f->name, json_string_value(value), &id));
        cy_hex(id.b, sizeof id.b, hex);
        if (json_object_set_new(object, key, json_string(hex)) != 0)
            return cy_fail(CY_E_NO_MEMORY, 0);
    }
    for (size_t i = 0; f->type == CY_T_list && i < json_array_size(value); i++)
        CY_TRY(cy_cli_name_struct(run, f->item, json_array_get(value, i)));
    for (size_t i = 0; f->type == CY_T_acts && i < json_array_size(value); i++)
        CY_TRY(cy_cli_name_act(run, json_array_get(value, i)));
    return CY_OK;
}

cy_err cy_cli_name_struct(struct cy_cli *run, const struct cy_schema *schema, json_t *object)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        json_t *value = json_object_get(object, schema->fields[i].name);

        if (value != NULL)
            CY_TRY(name_value(run, &schema->fields[i], object, schema->fields[i].name, value));
    }
    return CY_OK;
}

cy_err cy_cli_name_act(struct cy_cli *run, json_t *act)
{
    const char *name = json_string_value(json_object_get(act, "act"));
    const struct cy_schema *schema =
        name == NULL ? NULL : cy_schema_named(CY_SCHEMA_ACT, cy_span_text(name));

    return schema == NULL ? CY_OK : cy_cli_name_struct(run, schema, act);
}

const char *cy_cli_show_id(struct cy_cli *run, const struct cy_id *id, char out[static 72])
{
    const struct cy_alias *alias = cy_home_alias_of(&run->home, id);
    char hex[65];

    cy_hex(id->b, sizeof id->b, hex);
    if (alias != NULL)
        (void)snprintf(out, 72, "%s", alias->name);
    else
        (void)snprintf(out, 72, "%.12s…", hex);
    return out;
}
