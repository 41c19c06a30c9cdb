/* sql_shape: the tables, views and indexes of the projection, made from the ledger's own tables.
 *
 *   records of wire/schema.def   one table each: a column for each field, the key as primary key
 *   sql_tables.def               entries, items of batches, postings, how far the projection goes
 *   sql_views.def                answers to common questions
 *
 * A time is stored as <name>_ms and read as <name> too, which the database computes: ISO 8601 text
 * in SQLite, timestamptz in PostgreSQL. So that the two differ in nothing an analyst writes, each
 * statement here is either the same text for both or differs in the names of types only.
 *
 * The table `seen` (acts that must not come twice) is a view over the entries: it would cost two
 * writes for every act and say nothing that they do not.
 *
 * Owns: names and statements; all of them fixed texts of the program and names of the schema.
 * Never: sees a value. */
#ifndef CY_HOST_SQL_SQL_SHAPE_H
#define CY_HOST_SQL_SQL_SHAPE_H

#include "base/text.h"
#include "wire/schema.h"

/* Another number makes every projection to be built anew. */
#define CY_SQL_VERSION 1u

/* What marks an SQLite file as ours ("CoSQ", PRAGMA application_id). */
#define CY_SQL_APPLICATION 0x436f5351

#define CY_SQL_COLUMNS_MAX 40u
#define CY_SQL_TABLES_MAX 192u
#define CY_SQL_SCRIPT_MAX ((size_t)512 << 10)

enum cy_sql_dialect { CY_SQL_SQLITE, CY_SQL_POSTGRESQL };

enum cy_sql_type {
    CY_SQL_T_number, /* below 2^63 */
    CY_SQL_T_big,    /* 64 bits */
    CY_SQL_T_amount, /* 128 bits */
    CY_SQL_T_flag,
    CY_SQL_T_text,
    CY_SQL_T_date,
    CY_SQL_T_time,
    CY_SQL_T_json
};

struct cy_sql_column {
    const char *name; /* of a time: without _ms */
    const char *doc;
    enum cy_sql_type type;
    bool needed; /* never NULL */
};

struct cy_sql_table {
    const char *name;
    const char *doc;
    const struct cy_schema *record; /* NULL: none of the world's */
    uint32_t n_keys;
    uint32_t n;
    struct cy_sql_column columns[CY_SQL_COLUMNS_MAX];
};

/* The tables that are no records, in this order before all others. */
enum cy_sql_own {
    CY_SQL_projection,
    CY_SQL_act,
    CY_SQL_act_item,
    CY_SQL_posting,
    CY_SQL_word,
    CY_SQL_meaning,
    CY_SQL_OWN
};

struct cy_sql_shape {
    uint32_t n;
    uint8_t by_record[CY_RECORDS_MAX]; /* table + 1; 0 = not projected */
    struct cy_sql_table tables[CY_SQL_TABLES_MAX];
};

struct cy_sql_view {
    const char *name;
    const char *doc;
    const char *columns; /* "name: sentence; name: sentence ..." */
    const char *select;
    const char *question; /* that it answers, for documentation */
};

/* cy_sql_shape_new makes it; free() it. NULL without memory. */
struct cy_sql_shape *cy_sql_shape_new(void);

/* cy_sql_views is the list of views; a view uses only tables and views before it. */
const struct cy_sql_view *cy_sql_views(size_t *n);

/* What makes an empty database the projection: tables, and views over them. Indexes are made when
 * the projection has caught up for the first time: filling tables is faster without. `all` has the
 * two that cost as much as everything else together: entries by id, postings by account. Each is a
 * list of statements that end in ";\n". */
void cy_sql_create(const struct cy_sql_shape *shape, enum cy_sql_dialect dialect,
                   struct cy_text *out);
void cy_sql_create_indexes(bool all, struct cy_text *out);

/* cy_sql_digest identifies what the two write. */
struct cy_id cy_sql_digest(const struct cy_sql_shape *shape, enum cy_sql_dialect dialect);

/* One row by its parameters $1.. in the order of columns: put (insert, or replace by key), insert
 * (a row of that key must not be there), remove (parameters: the key). select reads all rows,
 * columns in order, times as milliseconds. */
void cy_sql_put(const struct cy_sql_table *table, struct cy_text *out);
void cy_sql_insert(const struct cy_sql_table *table, struct cy_text *out);
void cy_sql_remove(const struct cy_sql_table *table, struct cy_text *out);
void cy_sql_select(const struct cy_sql_table *table, enum cy_sql_dialect dialect,
                   struct cy_text *out);

/* cy_sql_describe walks what every table, view and column means; item "" is the whole. The texts
 * live until it returns. An error of tell ends it. */
CY_MUST_USE cy_err cy_sql_describe(const struct cy_sql_shape *shape,
                                   cy_err (*tell)(void *user, const char *relation,
                                                  const char *item, const char *says),
                                   void *user);

/* cy_sql_type_name is the type of a column in a dialect. */
const char *cy_sql_type_name(enum cy_sql_type type, enum cy_sql_dialect dialect);

#endif
