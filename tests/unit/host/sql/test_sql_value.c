/* Fields as values of SQL: exact, sortable, and nothing that reads as SQL. */
#include "cm.h"

#include "host/sql/sql_shape.h"
#include "host/sql/sql_value.h"

#include <stdio.h>
#include <stdlib.h>

static struct cy_sql_value number(uint64_t v)
{
    static char room[CY_SQL_ROOM];

    return cy_sql_number(v, room);
}

static void numbers(void **s)
{
    char a[CY_SQL_ROOM];
    char b[CY_SQL_ROOM];
    const cy_u128 least = (cy_u128)INT64_MAX + 1;
    struct cy_sql_value x = number(INT64_MAX);
    struct cy_sql_value y;

    (void)s;
    assert_int_equal(x.kind, CY_SQL_NUMBER);
    assert_true(x.number == INT64_MAX);
    x = cy_sql_number((uint64_t)INT64_MAX + 1, a);
    assert_int_equal(x.kind, CY_SQL_BIG);
    assert_string_equal(x.text, "09223372036854775808");
    x = cy_sql_number(UINT64_MAX, a);
    assert_string_equal(x.text, "18446744073709551615");
    x = cy_sql_amount(least, a);
    y = cy_sql_amount(~(cy_u128)0, b);
    assert_string_equal(x.text, "000000000000000000009223372036854775808");
    assert_string_equal(y.text, "340282366920938463463374607431768211455");
    assert_true(strcmp(x.text, y.text) < 0); /* sorts as its number does */
    assert_true(cy_sql_same(&x, "9223372036854775808"));
    assert_true(cy_sql_same(&x, "000000000000000000009223372036854775808"));
    assert_false(cy_sql_same(&x, "9223372036854775809"));
    x = cy_sql_amount(7, a);
    assert_int_equal(x.kind, CY_SQL_NUMBER);
    assert_true(cy_sql_same(&x, "7"));
    assert_false(cy_sql_same(&x, "07"));
    assert_false(cy_sql_same(&x, NULL));
}

/* A text of digits is no number: leading zeros are part of it. */
static void texts(void **s)
{
    struct cy_sql_value x = cy_sql_text("00000000000000000012", 20);
    struct cy_passport passport = {.kind = CY_kind_NATION};
    const struct cy_schema *schema = &cy_schema_passport;
    char room[CY_SQL_ROOM];

    (void)s;
    assert_false(cy_sql_same(&x, "12"));
    assert_true(cy_sql_same(&x, "00000000000000000012"));
    assert_ok(cy_name_of(cy_span_text("'); DROP TABLE act; --"), &passport.name));
    for (size_t i = 0; i < schema->n_fields; i++) {
        x = cy_sql_field(&schema->fields[i], &passport, i < schema->n_keys, room);
        if (strcmp(schema->fields[i].name, "name") == 0)
            assert_string_equal(x.text, "'); DROP TABLE act; --");
        if (strcmp(schema->fields[i].name, "kind") == 0)
            assert_string_equal(x.text, "nation");
        if (strcmp(schema->fields[i].name, "id") == 0)
            assert_string_equal(x.text, ""); /* a key is never NULL */
        if (strcmp(schema->fields[i].name, "controller") == 0)
            assert_int_equal(x.kind, CY_SQL_NULL); /* elsewhere none is NULL */
        if (strcmp(schema->fields[i].name, "generation") == 0)
            assert_true(x.kind == CY_SQL_NUMBER && x.number == 0);
    }
}

/* Every key of every record comes back from its texts. */
static void keys(void **s)
{
    const struct cy_schema *schema = NULL;

    (void)s;
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        uint64_t record[512];
        uint64_t again[512] = {0};
        const size_t n = schema->kind == CY_SCHEMA_RECORD ? cy_schema_key_size(schema) : 0;

        if (schema->kind != CY_SCHEMA_RECORD)
            continue;
        assert_true(schema->size <= sizeof record);
        memset(record, 0, sizeof record);
        for (size_t f = 0; f < schema->n_keys; f++) {
            uint8_t *at = (uint8_t *)record + schema->fields[f].at;

            if (schema->fields[f].type == CY_T_code)
                assert_ok(cy_label_of(cy_span_text("it's \"x\""), (struct cy_label *)(void *)at));
            else if (schema->fields[f].type == CY_T_name)
                assert_ok(cy_name_of(cy_span_text("Åland"), (struct cy_name *)(void *)at));
            else
                memset(at, 0xf3, cy_type_size(schema->fields[f].type));
        }
        for (size_t f = 0; f < schema->n_keys; f++) {
            char room[CY_SQL_ROOM];
            char digits[40];
            const struct cy_sql_value v = cy_sql_field(&schema->fields[f], record, true, room);

            snprintf(digits, sizeof digits, "%lld", (long long)v.number);
            assert_ok(cy_sql_key_read(&schema->fields[f], v.kind == CY_SQL_NUMBER ? digits : v.text,
                                      again));
        }
        assert_memory_equal(record, again, n);
    }
}

static cy_err has_sentence(void *user, const char *relation, const char *item, const char *says)
{
    (void)item;
    (*(size_t *)user)++;
    assert_true(strlen(says) > 2);
    assert_true(strlen(relation) > 2);
    return CY_OK;
}

/* Both dialects know every record, every column has a sentence, and no name needs escaping. */
static void shapes(void **s)
{
    struct cy_sql_shape *shape = cy_sql_shape_new();
    char *room = malloc(CY_SQL_SCRIPT_MAX);
    struct cy_text script = cy_text_on(room, CY_SQL_SCRIPT_MAX);
    const struct cy_schema *schema = NULL;
    size_t n = 0;

    (void)s;
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        if (schema->kind == CY_SCHEMA_RECORD)
            assert_true((shape->by_record[schema->number] != 0) == (schema != &cy_schema_seen));
    }
    for (uint32_t t = 0; t < shape->n; t++) {
        for (uint32_t c = 0; c < shape->tables[t].n; c++) {
            const char *name = shape->tables[t].columns[c].name;

            assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
        }
    }
    assert_ok(cy_sql_describe(shape, has_sentence, &n));
    assert_true(n > 400);
    cy_sql_create(shape, CY_SQL_POSTGRESQL, &script);
    assert_false(script.full);
    assert_non_null(strstr(room, "numeric(39)"));
    free(room);
    free(shape);
}

static bool is_taken(const struct cy_sql_shape *shape, const char *name)
{
    for (uint32_t t = 0; t < shape->n; t++) {
        if (strcmp(shape->tables[t].name, name) == 0)
            return true;
    }
    return false;
}

/* Whoever adds a record learns here that a view has its name already. */
static void names_once(void **s)
{
    struct cy_sql_shape *shape = cy_sql_shape_new();
    size_t n = 0;
    const struct cy_sql_view *views = cy_sql_views(&n);

    (void)s;
    assert_non_null(shape);
    for (size_t i = 0; i < n; i++) {
        if (is_taken(shape, views[i].name))
            fail_msg("the view %s has the name of a table", views[i].name);
    }
    for (uint32_t t = 1; t < shape->n; t++) {
        for (uint32_t u = 0; u < t; u++)
            assert_string_not_equal(shape->tables[t].name, shape->tables[u].name);
    }
    free(shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers), cmocka_unit_test(texts),      cmocka_unit_test(keys),
        cmocka_unit_test(shapes),  cmocka_unit_test(names_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
