/* What a database and an operator hand back as text: keys of records, and places of projections. A
 * key that is read is written as the same text, and no URL with a password in it is taken. */
#include "fuzz.h"

#include "host/sql/sql_face.h"

static char text[2048];

static void keys(const struct cy_schema *schema)
{
    for (size_t i = 0; i < schema->n_keys; i++) {
        uint64_t record[512] = {0};
        char room[CY_SQL_ROOM];
        struct cy_sql_value value;

        if (!cy_ok(cy_sql_key_read(&schema->fields[i], text, record)))
            continue;
        value = cy_sql_field(&schema->fields[i], record, true, room);
        if (schema->fields[i].type == CY_T_code || schema->fields[i].type == CY_T_name)
            CY_ASSERT(cy_sql_same(&value, text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct cy_schema *schema = NULL;
    char why[CY_SQL_WHY];
    const char *at = NULL;

    n = n < sizeof text - 1 ? n : sizeof text - 1;
    memcpy(text, data, n);
    text[n] = 0;
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        if (schema->kind == CY_SCHEMA_RECORD)
            keys(schema);
    }
    if (!cy_ok(cy_sql_url_check(text, why))) {
        CY_ASSERT(why[0] != 0);
        return 0;
    }
    if (cy_sql_url_path(text) != NULL)
        return 0;
    CY_ASSERT(strstr(text, "password=") == NULL);
    at = strstr(text, "://") + 3;
    CY_ASSERT(memchr(at, '@', strcspn(at, "/?")) == NULL ||
              memchr(at, ':', strcspn(at, "@/?")) == NULL);
    return 0;
}
