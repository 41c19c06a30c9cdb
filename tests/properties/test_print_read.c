/* print and act_json are inverses: the JSON that print writes of any value, and the flags made of
 * its fields, read back as the same value and the same bytes. Whatever mutated JSON is accepted can
 * be encoded, and survives the same circle. */
#include "host/json/act_json.h"
#include "wire/codec.h"
#include "wire/print.h"

#include "cm.h"
#include "gen.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 16 << 20, TEXT = 1 << 20, CASES = 120, MUTATIONS = 12 };

static _Alignas(16) uint8_t made[ROOM];
static _Alignas(16) uint8_t read[ROOM];
static char text[TEXT];
static char said[512];
static uint8_t bytes[2][1 << 20];

static struct cy_any make(struct gen *gen, const struct cy_schema *schema)
{
    void *value = NULL;

    gen->arena->used = 0;
    if (schema->kind == CY_SCHEMA_ACT)
        return gen_act(gen, schema);
    value = cy_arena_take(gen->arena, schema->size);
    gen_value(gen, schema, value);
    return (struct cy_any){schema, value};
}

static cy_err encode(const struct cy_any *value, unsigned which, size_t *n)
{
    struct cy_cbor_writer out = cy_cbor_write(bytes[which], sizeof bytes[which]);
    const cy_err e = value->schema->kind == CY_SCHEMA_ACT
                         ? cy_encode_act(value->schema, value->message, &out)
                         : cy_encode(value->schema, value->message, &out);

    *n = out.n;
    return e;
}

static size_t print(const struct cy_any *value)
{
    struct cy_text out = cy_text_on(text, sizeof text);

    cy_print_json(&out, value->schema, value->message);
    assert_false(out.full);
    return out.n;
}

static cy_err read_json(const struct cy_schema *schema, struct cy_span json, struct cy_any *out)
{
    struct cy_arena arena = cy_arena_on(read, sizeof read);
    struct cy_text why = cy_text_on(said, sizeof said);
    void *value = NULL;
    cy_err e = CY_OK;

    if (schema->kind == CY_SCHEMA_ACT) {
        e = cy_act_from_json(json, &arena, out, &why);
    } else {
        value = cy_arena_take(&arena, schema->size);
        *out = (struct cy_any){schema, value};
        e = cy_struct_from_json(schema, json, &arena, value, &why);
    }
    assert_true(cy_ok(e) == (why.n == 0)); /* every refusal says why */
    return e;
}

static void same(const struct cy_any *a, const struct cy_any *b, const char *how, unsigned i)
{
    size_t n[2] = {0, 0};

    assert_ptr_equal(a->schema, b->schema);
    if (!gen_same(a->schema, a->message, b->message))
        fail_msg("%s seed %u: another value by %s", a->schema->name, i, how);
    assert_ok(encode(a, 0, &n[0]));
    assert_ok(encode(b, 1, &n[1]));
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
}

static void json_circle(void **s)
{
    struct cy_arena arena = cy_arena_on(made, sizeof made);
    size_t cases = 0;

    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        for (unsigned i = 0; i < CASES; i++, cases++) {
            struct gen gen = gen_on(k << 16 | i, &arena);
            const struct cy_any value = make(&gen, cy_schema_at(k));
            struct cy_any back = {NULL, NULL};
            const size_t n = print(&value);
            const cy_err e = read_json(value.schema, cy_span_of(text, n), &back);

            if (!cy_ok(e))
                fail_msg("%s seed %u: %s in %.300s", value.schema->name, i, said, text);
            same(&value, &back, "JSON", i);
        }
    }
    print_message("%zu values\n", cases);
}

/* The flags of a value: lists as the JSON array that print wrote, the rest as plain text. */
static size_t flags_of(const struct cy_any *value, const json_t *json, const char *names[],
                       char *values[])
{
    size_t n = 0;

    for (size_t i = 0; i < value->schema->n_fields; i++) {
        const struct cy_field *f = &value->schema->fields[i];
        const json_t *member = json_object_get(json, f->name);
        struct cy_text out = cy_text_on(text, sizeof text);

        if (member == NULL)
            continue; /* the default */
        names[n] = f->name;
        cy_print_field(&out, f, value->message);
        values[n++] = json_is_array(member) ? json_dumps(member, JSON_COMPACT) : strdup(text);
    }
    return n;
}

static void flag_circle(void **s)
{
    struct cy_arena arena = cy_arena_on(made, sizeof made);

    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        for (unsigned i = 0; i < CASES; i++) {
            struct gen gen = gen_on(k << 16 | i | 0x8000, &arena);
            const struct cy_any value = make(&gen, cy_schema_at(k));
            struct cy_arena room = cy_arena_on(read, sizeof read);
            struct cy_text why = cy_text_on(said, sizeof said);
            json_t *json = json_loadb(text, print(&value), 0, NULL);
            void *out = cy_arena_take(&room, value.schema->size);
            const struct cy_any back = {value.schema, out};
            const char *names[32];
            char *values[32];
            const size_t n = flags_of(&value, json, names, values);

            if (!cy_ok(cy_act_from_flags(value.schema, names, (const char *const *)values, n, &room,
                                         out, &why)))
                fail_msg("%s seed %u: %s", value.schema->name, i, said);
            same(&value, &back, "flags", i);
            for (size_t j = 0; j < n; j++)
                free(values[j]);
            json_decref(json);
        }
    }
}

static void mutated_json(void **s)
{
    struct cy_arena arena = cy_arena_on(made, sizeof made);
    size_t cases = 0;
    size_t accepted = 0;

    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        for (unsigned i = 0; i < CASES; i++) {
            struct gen gen = gen_on(~(k << 16 | i), &arena);
            const struct cy_any value = make(&gen, cy_schema_at(k));
            size_t n = print(&value);

            for (unsigned m = 0; m < MUTATIONS && n < 4096; m++, cases++) {
                struct cy_any back = {NULL, NULL};
                struct cy_any again = {NULL, NULL};
                size_t n_bytes = 0;
                static char kept[8192];
                const size_t n_kept = n;
                size_t at = gen_draw(&gen, n);

                memcpy(kept, text, n);
                if (gen_one_in(&gen, 2)) /* stay within the characters of the form */
                    text[at] = "0123456789abcdefz\"-:T {}[],"[gen_draw(&gen, 27)];
                else
                    gen_mutate(&gen, (uint8_t *)text, &n, sizeof text);
                if (!cy_ok(read_json(value.schema, cy_span_of(text, n), &back))) {
                    memcpy(text, kept, n = n_kept); /* go on from what was accepted */
                    continue;
                }
                accepted++;
                assert_ok(encode(&back, 0, &n_bytes));
                /* `back` lies in read[]: move its bytes out of the way by printing it */
                n = print(&back);
                assert_ok(read_json(value.schema, cy_span_of(text, n), &again));
                memcpy(bytes[1], bytes[0], n_bytes);
                assert_ok(encode(&again, 0, &n));
                assert_int_equal(n, n_bytes);
                assert_memory_equal(bytes[0], bytes[1], n);
                n = print(&again);
            }
        }
    }
    print_message("%zu texts, %zu accepted\n", cases, accepted);
    assert_true(accepted > cases / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_circle),
        cmocka_unit_test(flag_circle),
        cmocka_unit_test(mutated_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
