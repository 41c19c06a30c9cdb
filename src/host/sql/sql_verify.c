#include "host/sql/sql_verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define RECORD_MAX 4096u
#define STATEMENT_MAX 4096u

__attribute__((format(printf, 2, 3))) static cy_err differs(struct cy_sql_db *db,
                                                            const char *format, ...)
{
    char words[CY_SQL_WHY];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(words, sizeof words, format, list);
    va_end(list);
    return cy_sql_say(db, cy_fail(CY_E_SQL_EDITED, 0), "not what the ledger says", words);
}

/* A statement that does not fit our tables finds other ones. */
static cy_err ask(struct cy_sql_db *db, const char *sql, cy_sql_row *row, void *user)
{
    const cy_err err = db->ops->ask(db, sql, 0, row, user);

    return err.code == CY_E_SQL_STATEMENT ? cy_fail(CY_E_SQL_EDITED, 0) : err;
}

/* --- records --- */

struct records {
    struct cy_sql_db *db;
    const struct cy_sql_table *table;
    const struct cy_world *world;
    uint64_t n;
};

static cy_err see_record(void *user, const char *const *names, const char *const *texts,
                         const bool *is_number, size_t n)
{
    struct records *records = user;
    const struct cy_sql_table *t = records->table;
    uint64_t record[RECORD_MAX / sizeof(uint64_t)] = {0};
    const void *ours = NULL;
    char room[CY_SQL_ROOM];

    (void)is_number;
    CY_ASSERT(n == t->n);
    CY_ASSERT(t->record->size <= sizeof record);
    for (uint32_t i = 0; i < t->n_keys; i++) {
        if (texts[i] == NULL || !cy_ok(cy_sql_key_read(&t->record->fields[i], texts[i], record)))
            return differs(records->db, "table %s has a key that no record has", t->name);
    }
    ours = cy_world_get(records->world, t->record->number, record);
    if (ours == NULL)
        return differs(records->db, "table %s has a row too many: %s %.80s", t->name, names[0],
                       texts[0]);
    for (uint32_t i = 0; i < t->n; i++) {
        const struct cy_sql_value value =
            cy_sql_field(&t->record->fields[i], ours, i < t->n_keys, room);

        if (!cy_sql_same(&value, texts[i]))
            return differs(records->db, "table %s, column %s of %s %.80s is %.60s", t->name,
                           names[i], names[0], texts[0], texts[i] == NULL ? "NULL" : texts[i]);
    }
    records->n++;
    return CY_OK;
}

static cy_err verify_table(struct cy_sql_db *db, const struct cy_sql_table *t,
                           const struct cy_world *world)
{
    struct records records = {db, t, world, 0};
    const bool known = world->by_record[t->record->number] != 0;
    char room[STATEMENT_MAX];
    struct cy_text sql = cy_text_on(room, sizeof room);
    cy_err err = CY_OK;

    cy_sql_select(t, db->dialect, &sql);
    CY_ASSERT(!sql.full);
    if (!known)
        return CY_OK; /* a table of an institution that this realm has not */
    err = ask(db, sql.at, see_record, &records);
    if (cy_ok(err) && records.n != cy_world_count(world, t->record->number))
        return differs(db, "table %s has %" PRIu64 " rows instead of %" PRIu32, t->name, records.n,
                       cy_world_count(world, t->record->number));
    return err;
}

cy_err cy_sql_verify_world(struct cy_sql_db *db, const struct cy_sql_shape *shape,
                           const struct cy_world *world)
{
    for (uint32_t i = CY_SQL_OWN; i < shape->n; i++)
        CY_TRY(verify_table(db, &shape->tables[i], world));
    return CY_OK;
}

/* --- rows of the ledger --- */

struct rows {
    struct cy_sql_db *db;
    const struct cy_sql_chunk *chunk;
    const struct cy_sql_table *table;
    unsigned statement;
    size_t at;
};

/* The next row of the table in the chunk. */
static bool next_row(struct rows *rows, struct cy_sql_value values[CY_SQL_COLUMNS_MAX])
{
    unsigned statement = 0;
    size_t n = 0;

    while (cy_sql_chunk_next(rows->chunk, &rows->at, &statement, values, &n)) {
        if (statement == rows->statement)
            return true;
    }
    return false;
}

static cy_err see_row(void *user, const char *const *names, const char *const *texts,
                      const bool *is_number, size_t n)
{
    struct rows *rows = user;
    struct cy_sql_value values[CY_SQL_COLUMNS_MAX];

    (void)is_number;
    if (!next_row(rows, values))
        return differs(rows->db, "table %s has a row too many: %s %.24s", rows->table->name,
                       names[0], texts[0] == NULL ? "NULL" : texts[0]);
    for (size_t i = 0; i < n; i++) {
        if (!cy_sql_same(&values[i], texts[i]))
            return differs(rows->db, "table %s, column %s of %s %.24s is %.80s", rows->table->name,
                           names[i], names[0], texts[0] == NULL ? "NULL" : texts[0],
                           texts[i] == NULL ? "NULL" : texts[i]);
    }
    return CY_OK;
}

/* Rows of the chunk's entries by primary key, in order. */
static void range(struct cy_text *sql, uint32_t table, const struct cy_sql_chunk *chunk)
{
    const uint64_t each = table == CY_SQL_act ? 1 : CY_SQL_PARTS;
    const char *key = table == CY_SQL_act ? "\"entry\"" : "\"row\"";

    cy_text_add(sql, " WHERE ");
    cy_text_add(sql, key);
    cy_text_add(sql, " >= ");
    cy_text_u64(sql, each * chunk->first);
    cy_text_add(sql, " AND ");
    cy_text_add(sql, key);
    cy_text_add(sql, " < ");
    cy_text_u64(sql, each * chunk->next);
    cy_text_add(sql, " ORDER BY 1");
}

cy_err cy_sql_verify_chunk(struct cy_sql_db *db, const struct cy_sql_shape *shape,
                           const struct cy_sql_chunk *chunk)
{
    static const uint32_t tables[] = {CY_SQL_act, CY_SQL_act_item, CY_SQL_posting};

    for (size_t i = 0; i < CY_COUNT(tables); i++) {
        const struct cy_sql_table *t = &shape->tables[tables[i]];
        struct rows rows = {db, chunk, t, cy_sql_statement(tables[i], CY_SQL_DOES_INSERT), 0};
        struct cy_sql_value values[CY_SQL_COLUMNS_MAX];
        char room[STATEMENT_MAX];
        struct cy_text sql = cy_text_on(room, sizeof room);

        cy_sql_select(t, db->dialect, &sql);
        range(&sql, tables[i], chunk);
        CY_ASSERT(!sql.full);
        CY_TRY(ask(db, sql.at, see_row, &rows));
        if (next_row(&rows, values))
            return differs(db, "table %s lacks a row of entry %lld", t->name,
                           (long long)values[i == 0 ? 0 : 1].number);
    }
    return CY_OK;
}

struct count {
    struct cy_sql_db *db;
    const char *table;
    uint64_t next;
    bool whole; /* every entry has a row */
};

static cy_err see_count(void *user, const char *const *names, const char *const *texts,
                        const bool *is_number, size_t n)
{
    const struct count *count = user;
    char last[24];

    (void)names;
    (void)is_number;
    (void)n;
    (void)snprintf(last, sizeof last, "%" PRIu64, count->next - 1);
    if (texts[0] == NULL)
        return count->whole && count->next > 0
                   ? differs(count->db, "table %s is empty", count->table)
                   : CY_OK;
    if (strcmp(texts[0], last) == 0)
        return CY_OK;
    if (!count->whole && strlen(texts[0]) <= strlen(last) &&
        (strlen(texts[0]) < strlen(last) || strcmp(texts[0], last) < 0))
        return CY_OK;
    return differs(count->db, "table %s ends at entry %.24s instead of %s", count->table, texts[0],
                   last);
}

cy_err cy_sql_verify_count(struct cy_sql_db *db, uint64_t next)
{
    static const char *const tables[] = {"act", "act_item", "posting"};

    for (size_t i = 0; i < CY_COUNT(tables); i++) {
        struct count count = {db, tables[i], next, i == 0};
        char sql[80];

        (void)snprintf(sql, sizeof sql,
                       i == 0 ? "SELECT max(entry) FROM %s" : "SELECT max(row) / 65536 FROM %s",
                       tables[i]);
        CY_TRY(ask(db, sql, see_count, &count));
    }
    return CY_OK;
}
