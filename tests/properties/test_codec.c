/* codec: every value has one encoding, and whatever the decoder accepts is that encoding.
 *
 * For each schema and seed: encode, decode, compare, encode again; then mutate the bytes: they are
 * refused, or they encode again to exactly the mutated bytes. */
#include "gen.h"

#include "cm.h"

enum { ROOM = 16 << 20, CASES = 600, MUTATIONS = 6 };

static _Alignas(16) uint8_t made[ROOM];
static _Alignas(16) uint8_t read[ROOM];
static uint8_t bytes[CY_PAYLOAD_MAX + 64];
static uint8_t again[CY_PAYLOAD_MAX + 64];

static uint64_t seed_of(const struct cy_schema *schema, unsigned i)
{
    uint64_t seed = i;

    for (const char *c = schema->name; *c != 0; c++)
        seed = seed * 31 + (uint8_t)*c;
    return seed << 8 | schema->kind;
}

static cy_err encode(const struct cy_schema *schema, const void *value, uint8_t *at, size_t *n)
{
    struct cy_cbor_writer out = cy_cbor_write(at, CY_PAYLOAD_MAX + 64);

    if (schema->kind == CY_SCHEMA_ACT)
        CY_TRY(cy_encode_act(schema, value, &out));
    else
        CY_TRY(cy_encode(schema, value, &out));
    *n = out.n;
    return CY_OK;
}

static cy_err decode(const struct cy_schema *schema, struct cy_span in, struct cy_any *out)
{
    struct cy_arena arena = cy_arena_on(read, sizeof read);
    void *value = NULL;

    if (schema->kind == CY_SCHEMA_ACT)
        return cy_decode_act(in, &arena, out);
    value = cy_arena_take(&arena, schema->size);
    *out = (struct cy_any){schema, value};
    return cy_decode(schema, in, &arena, value);
}

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

/* What is decoded owns every byte of its struct: two decodings of one record are equal as memory,
 * and so are a generated and a decoded record (records are compared and hashed as they lie). */
static bool plain(const struct cy_schema *schema)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (schema->fields[i].type >= CY_T_text && schema->fields[i].type != CY_T_enum)
            return false;
    }
    return true;
}

static void round_trip(void **s)
{
    struct cy_arena arena = cy_arena_on(made, sizeof made);
    size_t cases = 0;

    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        const struct cy_schema *schema = cy_schema_at(k);

        for (unsigned i = 0; i < CASES; i++) {
            struct gen gen = gen_on(seed_of(schema, i), &arena);
            const struct cy_any value = make(&gen, schema);
            struct cy_any back = {NULL, NULL};
            cy_err e = CY_OK;
            size_t n = 0;
            size_t n_again = 0;

            e = encode(schema, value.message, bytes, &n);
            if (cy_ok(e))
                e = decode(schema, cy_span_of(bytes, n), &back);
            if (!cy_ok(e))
                fail_msg("%s seed %u: %s, detail %u", schema->name, i, cy_err_info(e.code)->name,
                         e.detail);
            assert_ptr_equal(back.schema, schema);
            if (!gen_same(schema, value.message, back.message))
                fail_msg("%s seed %u: decoded another value", schema->name, i);
            if (plain(schema))
                assert_memory_equal(value.message, back.message, schema->size);
            assert_ok(encode(schema, back.message, again, &n_again));
            assert_int_equal(n, n_again);
            assert_memory_equal(bytes, again, n);
            cases++;
        }
    }
    print_message("%zu values\n", cases);
}

static void one_encoding(void **s)
{
    struct cy_arena arena = cy_arena_on(made, sizeof made);
    size_t cases = 0;
    size_t accepted = 0;

    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        const struct cy_schema *schema = cy_schema_at(k);

        for (unsigned i = 0; i < CASES; i++) {
            struct gen gen = gen_on(~seed_of(schema, i), &arena);
            const struct cy_any value = make(&gen, schema);
            size_t n = 0;

            assert_ok(encode(schema, value.message, bytes, &n));
            for (unsigned m = 0; m < MUTATIONS; m++) {
                struct cy_any back = {NULL, NULL};
                size_t n_again = 0;

                gen_mutate(&gen, bytes, &n, sizeof bytes);
                cases++;
                if (!cy_ok(decode(schema, cy_span_of(bytes, n), &back)))
                    continue;
                accepted++;
                if (!cy_ok(encode(back.schema, back.message, again, &n_again)) || n != n_again ||
                    memcmp(bytes, again, n) != 0)
                    fail_msg("%s seed %u mutation %u: accepted bytes that encode otherwise",
                             schema->name, i, m);
            }
        }
    }
    print_message("%zu inputs, %zu accepted\n", cases, accepted);
    assert_true(accepted > cases / 50); /* the law was tested on both sides */
}

/* Every schema reaches its edges: each optional field is seen absent and present. */
static void generator_reaches(void **s)
{
    struct cy_arena arena = cy_arena_on(made, sizeof made);

    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        const struct cy_schema *schema = cy_schema_at(k);
        uint32_t seen = 0;
        uint32_t lacked = 0;

        for (unsigned i = 0; i < CASES; i++) {
            struct gen gen = gen_on(seed_of(schema, i), &arena);
            const struct cy_any value = make(&gen, schema);
            uint32_t here = 0;

            for (size_t f = 0; f < schema->n_fields; f++) {
                const struct cy_field *field = &schema->fields[f];
                const bool counted = field->type == CY_T_list || field->type == CY_T_acts;
                const uint8_t *at = value.message;
                const uint8_t zero[256] = {0};

                at += counted ? field->n_at : field->at;
                if (memcmp(at, zero, counted ? 4 : cy_type_size(field->type)) != 0)
                    here |= 1u << field->key;
            }
            seen |= here;
            lacked |= ~here;
        }
        for (size_t f = 0; f < schema->n_fields; f++) {
            const struct cy_field *field = &schema->fields[f];

            if ((seen >> field->key & 1) == 0)
                fail_msg("%s.%s is never given", schema->name, field->name);
            if (field->least == 0 && (lacked >> field->key & 1) == 0)
                fail_msg("%s.%s is never left out", schema->name, field->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(one_encoding),
        cmocka_unit_test(generator_reaches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
