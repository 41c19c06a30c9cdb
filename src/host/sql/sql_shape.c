#include "host/sql/sql_shape.h"

#include "crypto/hash.h"

#include <stdlib.h>

static const struct cy_sql_view views[] = {
#define CY_SQL_VIEW(name, doc, columns, select, question) {#name, doc, columns, select, question},
#include "host/sql/sql_views.def"
#undef CY_SQL_VIEW
};

const struct cy_sql_view *cy_sql_views(size_t *n)
{
    *n = CY_COUNT(views);
    return views;
}

/* Columns that questions look rows up by and that are no beginning of a primary key. */
static const struct {
    const char *name, *table, *columns;
    bool dear; /* a row of the ledger each, in no order: as dear as the row */
} indexes[] = {
    {"act_by_id",             "act",             "\"id\"",               true },
    {"posting_by_account",    "posting",         "\"account\", \"row\"", true },
    {"attestation_by_holder", "attestation",     "\"passport\"",         false},
    {"account_by_owner",      "account",         "\"owner\"",            false},
    {"member_by_party",       "member",          "\"party\"",            false},
    {"member_event_by_party", "member_event",    "\"party\"",            false},
    {"consent_by_receiver",   "partner_consent", "\"to\"",               false},
    {"motion_by_alliance",    "motion",          "\"alliance\"",         false},
};

/* --- tables --- */

static void own_tables(struct cy_sql_shape *shape)
{
    struct cy_sql_table *t = NULL;

#define CY_SQL_TABLE(name_, keys_, doc_)                                                           \
    t = &shape->tables[shape->n++];                                                                \
    t->name = #name_;                                                                              \
    t->doc = doc_;                                                                                 \
    t->n_keys = keys_;
#define CY_SQL_COLUMN(table, name_, type_, needed_, doc_)                                          \
    t->columns[t->n++] = (struct cy_sql_column){#name_, doc_, CY_SQL_T_##type_, needed_};
#define CY_SQL_TABLE_END
#include "host/sql/sql_tables.def"
#undef CY_SQL_TABLE
#undef CY_SQL_COLUMN
#undef CY_SQL_TABLE_END
    CY_ASSERT(shape->n == CY_SQL_OWN);
}

static enum cy_sql_type type_of(enum cy_type type)
{
    switch (type) {
    case CY_T_bool: return CY_SQL_T_flag;
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32: return CY_SQL_T_number;
    case CY_T_u64: return CY_SQL_T_big;
    case CY_T_amount: return CY_SQL_T_amount;
    case CY_T_date: return CY_SQL_T_date;
    case CY_T_time: return CY_SQL_T_time;
    case CY_T_id:
    case CY_T_code:
    case CY_T_name:
    case CY_T_line:
    case CY_T_text:
    case CY_T_bytes:
    case CY_T_enum:
    case CY_T_list:
    case CY_T_acts: return CY_SQL_T_text;
    }
    CY_NEVER("type");
}

static bool is_number(enum cy_sql_type type)
{
    return type == CY_SQL_T_number || type == CY_SQL_T_big || type == CY_SQL_T_amount ||
           type == CY_SQL_T_flag;
}

/* What is needed in a record is never NULL here; numbers never are, since 0 is one. */
static void record_table(struct cy_sql_shape *shape, const struct cy_schema *record)
{
    struct cy_sql_table *t = &shape->tables[shape->n];

    CY_ASSERT(record->n_fields <= CY_SQL_COLUMNS_MAX);
    t->name = record->name;
    t->doc = record->doc;
    t->record = record;
    t->n_keys = (uint32_t)record->n_keys;
    for (size_t i = 0; i < record->n_fields; i++) {
        const struct cy_field *f = &record->fields[i];
        const enum cy_sql_type type = type_of(f->type);

        t->columns[t->n++] = (struct cy_sql_column){
            f->name, f->doc, type, i < record->n_keys || f->least > 0 || is_number(type)};
    }
    shape->by_record[record->number] = (uint8_t)++shape->n;
}

struct cy_sql_shape *cy_sql_shape_new(void)
{
    struct cy_sql_shape *shape = calloc(1, sizeof *shape);
    const struct cy_schema *schema = NULL;

    if (shape == NULL)
        return NULL;
    own_tables(shape);
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        if (schema->kind != CY_SCHEMA_RECORD || schema == &cy_schema_seen)
            continue;
        CY_ASSERT(shape->n < CY_SQL_TABLES_MAX);
        record_table(shape, schema);
    }
    return shape;
}

/* --- statements --- */

const char *cy_sql_type_name(enum cy_sql_type type, enum cy_sql_dialect dialect)
{
    static const char *const names[][2] = {
        [CY_SQL_T_number] = {"INTEGER", "bigint"     },
          [CY_SQL_T_big] = {"ANY",     "numeric(20)"},
        [CY_SQL_T_amount] = {"ANY",     "numeric(39)"},
          [CY_SQL_T_flag] = {"INTEGER", "boolean"    },
        [CY_SQL_T_text] = {"TEXT",    "text"       },
          [CY_SQL_T_date] = {"TEXT",    "date"       },
        [CY_SQL_T_time] = {"TEXT",    "timestamptz"},
          [CY_SQL_T_json] = {"TEXT",    "json"       },
    };

    return names[type][dialect];
}

static void quote(struct cy_text *out, const char *name, const char *suffix)
{
    cy_text_add(out, "\"");
    cy_text_add(out, name);
    cy_text_add(out, suffix);
    cy_text_add(out, "\"");
}

/* The column as it is stored. */
static void stored(struct cy_text *out, const struct cy_sql_column *c)
{
    quote(out, c->name, c->type == CY_SQL_T_time ? "_ms" : "");
}

/* From 1970 to 9999 a time has a civil form. */
static void civil_form(struct cy_text *out, const struct cy_sql_column *c,
                       enum cy_sql_dialect dialect)
{
    cy_text_add(out, ",\n  ");
    quote(out, c->name, "");
    cy_text_add(out, " ");
    cy_text_add(out, cy_sql_type_name(CY_SQL_T_time, dialect));
    cy_text_add(out, " GENERATED ALWAYS AS (CASE WHEN ");
    stored(out, c);
    cy_text_add(out, " BETWEEN 1 AND 253402300799999 THEN ");
    if (dialect == CY_SQL_SQLITE) {
        cy_text_add(out, "strftime('%Y-%m-%dT%H:%M:%fZ', ");
        stored(out, c);
        cy_text_add(out, " / 1000.0, 'unixepoch') END) VIRTUAL");
    } else {
        cy_text_add(out, "to_timestamp((");
        stored(out, c);
        cy_text_add(out, " / 1000.0)::double precision) END) STORED");
    }
}

static void column(struct cy_text *out, const struct cy_sql_column *c, enum cy_sql_dialect dialect)
{
    cy_text_add(out, "\n  ");
    stored(out, c);
    cy_text_add(out, " ");
    cy_text_add(out, cy_sql_type_name(c->type == CY_SQL_T_time ? CY_SQL_T_big : c->type, dialect));
    if (c->needed)
        cy_text_add(out, " NOT NULL");
    if (c->type == CY_SQL_T_time)
        civil_form(out, c, dialect);
    cy_text_add(out, ",");
}

static void key(struct cy_text *out, const struct cy_sql_table *t)
{
    for (uint32_t i = 0; i < t->n_keys; i++) {
        cy_text_add(out, i > 0 ? ", " : "");
        stored(out, &t->columns[i]);
    }
}

/* Rows of the ledger come in order: a table by row number takes them faster than one by key. */
static bool by_row(const struct cy_sql_table *t)
{
    return t->record == NULL && t->n_keys == 1 && t->columns[0].type == CY_SQL_T_number;
}

static void create_table(struct cy_text *out, const struct cy_sql_table *t,
                         enum cy_sql_dialect dialect)
{
    cy_text_add(out, "CREATE TABLE ");
    quote(out, t->name, "");
    cy_text_add(out, " (");
    for (uint32_t i = 0; i < t->n; i++)
        column(out, &t->columns[i], dialect);
    cy_text_add(out, "\n  PRIMARY KEY (");
    key(out, t);
    cy_text_add(out, "))");
    if (dialect == CY_SQL_SQLITE)
        cy_text_add(out, by_row(t) ? " STRICT" : " STRICT, WITHOUT ROWID");
    cy_text_add(out, ";\n");
}

void cy_sql_create(const struct cy_sql_shape *shape, enum cy_sql_dialect dialect,
                   struct cy_text *out)
{
    for (uint32_t i = 0; i < shape->n; i++)
        create_table(out, &shape->tables[i], dialect);
    for (size_t i = 0; i < CY_COUNT(views); i++) {
        cy_text_add(out, "CREATE VIEW ");
        quote(out, views[i].name, "");
        cy_text_add(out, " AS ");
        cy_text_add(out, views[i].select);
        cy_text_add(out, ";\n");
    }
}

void cy_sql_create_indexes(bool all, struct cy_text *out)
{
    for (size_t i = 0; i < CY_COUNT(indexes); i++) {
        if (indexes[i].dear && !all) { /* it may have been made under another setting */
            cy_text_add(out, "DROP INDEX IF EXISTS ");
            quote(out, indexes[i].name, "");
            cy_text_add(out, ";\n");
            continue;
        }
        cy_text_add(out, "CREATE INDEX IF NOT EXISTS ");
        quote(out, indexes[i].name, "");
        cy_text_add(out, " ON ");
        quote(out, indexes[i].table, "");
        cy_text_add(out, " (");
        cy_text_add(out, indexes[i].columns);
        cy_text_add(out, ");\n");
    }
}

struct cy_id cy_sql_digest(const struct cy_sql_shape *shape, enum cy_sql_dialect dialect)
{
    char *room = malloc(CY_SQL_SCRIPT_MAX);
    struct cy_text script = cy_text_on(room, CY_SQL_SCRIPT_MAX);
    struct cy_id digest = {{0}};

    if (room == NULL)
        return digest;
    cy_sql_create(shape, dialect, &script);
    cy_sql_create_indexes(true, &script);
    CY_ASSERT(!script.full);
    digest = cy_sha256(cy_text_bytes(&script));
    free(room);
    return digest;
}

static void parameter(struct cy_text *out, uint32_t i)
{
    cy_text_add(out, i > 0 ? ", $" : "$");
    cy_text_u64(out, i + 1);
}

void cy_sql_insert(const struct cy_sql_table *t, struct cy_text *out)
{
    cy_text_add(out, "INSERT INTO ");
    quote(out, t->name, "");
    cy_text_add(out, " (");
    for (uint32_t i = 0; i < t->n; i++) {
        cy_text_add(out, i > 0 ? ", " : "");
        stored(out, &t->columns[i]);
    }
    cy_text_add(out, ") VALUES (");
    for (uint32_t i = 0; i < t->n; i++)
        parameter(out, i);
    cy_text_add(out, ")");
}

void cy_sql_put(const struct cy_sql_table *t, struct cy_text *out)
{
    cy_sql_insert(t, out);
    cy_text_add(out, " ON CONFLICT (");
    key(out, t);
    cy_text_add(out, t->n > t->n_keys ? ") DO UPDATE SET " : ") DO NOTHING");
    for (uint32_t i = t->n_keys; i < t->n; i++) {
        cy_text_add(out, i > t->n_keys ? ", " : "");
        stored(out, &t->columns[i]);
        cy_text_add(out, " = excluded.");
        stored(out, &t->columns[i]);
    }
}

void cy_sql_remove(const struct cy_sql_table *t, struct cy_text *out)
{
    cy_text_add(out, "DELETE FROM ");
    quote(out, t->name, "");
    for (uint32_t i = 0; i < t->n_keys; i++) {
        cy_text_add(out, i > 0 ? " AND " : " WHERE ");
        stored(out, &t->columns[i]);
        cy_text_add(out, " = $");
        cy_text_u64(out, i + 1);
    }
}

void cy_sql_select(const struct cy_sql_table *t, enum cy_sql_dialect dialect, struct cy_text *out)
{
    cy_text_add(out, "SELECT ");
    for (uint32_t i = 0; i < t->n; i++) {
        cy_text_add(out, i > 0 ? ", " : "");
        stored(out, &t->columns[i]);
        if (dialect == CY_SQL_POSTGRESQL && t->columns[i].type == CY_SQL_T_flag)
            cy_text_add(out, "::int");
    }
    cy_text_add(out, " FROM ");
    quote(out, t->name, "");
}

/* --- what it all means --- */

/* The civil form of a time has the sentence, its milliseconds say what they are. */
static cy_err describe_column(const struct cy_sql_table *t, const struct cy_sql_column *c,
                              cy_err (*tell)(void *, const char *, const char *, const char *),
                              void *user)
{
    char name_bytes[80];
    char says_bytes[600];
    struct cy_text name = cy_text_on(name_bytes, sizeof name_bytes);
    struct cy_text says = cy_text_on(says_bytes, sizeof says_bytes);

    CY_TRY(tell(user, t->name, c->name, c->doc));
    if (c->type != CY_SQL_T_time)
        return CY_OK;
    cy_text_add(&name, c->name);
    cy_text_add(&name, "_ms");
    cy_text_add(&says, c->doc);
    cy_text_add(&says, "; Unix milliseconds");
    CY_ASSERT(!name.full);
    CY_ASSERT(!says.full);
    return tell(user, t->name, name_bytes, says_bytes);
}

/* "name: sentence; name: sentence" */
static cy_err describe_view(const struct cy_sql_view *view,
                            cy_err (*tell)(void *, const char *, const char *, const char *),
                            void *user)
{
    const char *at = view->columns;

    CY_TRY(tell(user, view->name, "", view->doc));
    while (*at != 0) {
        char parts[700];
        const size_t n = strcspn(at, ";");
        char *colon = NULL;

        CY_ASSERT(n < sizeof parts);
        memcpy(parts, at, n);
        parts[n] = 0;
        colon = strstr(parts, ": ");
        CY_ASSERT(colon != NULL);
        *colon = 0;
        CY_TRY(tell(user, view->name, parts, colon + 2));
        at += n;
        at += strspn(at, "; ");
    }
    return CY_OK;
}

cy_err cy_sql_describe(const struct cy_sql_shape *shape,
                       cy_err (*tell)(void *user, const char *relation, const char *item,
                                      const char *says),
                       void *user)
{
    for (uint32_t i = 0; i < shape->n; i++) {
        const struct cy_sql_table *t = &shape->tables[i];

        CY_TRY(tell(user, t->name, "", t->doc));
        for (uint32_t c = 0; c < t->n; c++)
            CY_TRY(describe_column(t, &t->columns[c], tell, user));
    }
    for (size_t i = 0; i < CY_COUNT(views); i++)
        CY_TRY(describe_view(&views[i], tell, user));
    return CY_OK;
}
