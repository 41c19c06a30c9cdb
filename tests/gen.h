/* gen: random valid values for any schema, from a seed.
 *
 * The same seed gives the same values on every machine: no clock, no outside randomness. Values
 * lie within the bounds of schema.def and keep to the edges more often than chance would; an act
 * never encodes to more than CY_PAYLOAD_MAX bytes. Texts hold quotes, escapes, markup and
 * characters of every UTF-8 length.
 *
 * Owns: the tests' randomness. Memory comes from the arena given; too little of it asserts. */
#ifndef CY_TESTS_GEN_H
#define CY_TESTS_GEN_H

#include "wire/codec.h"

struct gen {
    uint64_t state;
    struct cy_arena *arena; /* lists and texts of the values made */
    size_t room;            /* encoded bytes that the value in progress may still take */
};

static inline struct gen gen_on(uint64_t seed, struct cy_arena *arena)
{
    return (struct gen){.state = seed, .arena = arena};
}

/* gen_bits draws 64 random bits; gen_draw a number below `below` (>= 1); gen_one_in is true once in
 * n times. */
uint64_t gen_bits(struct gen *gen);
uint64_t gen_draw(struct gen *gen, uint64_t below);
bool gen_one_in(struct gen *gen, uint64_t n);

/* gen_value fills *out (schema->size bytes) with a value that cy_encode accepts. */
void gen_value(struct gen *gen, const struct cy_schema *schema, void *out);

/* gen_act makes an act of the schema given, or of any when it is NULL. */
struct cy_any gen_act(struct gen *gen, const struct cy_schema *schema);

/* gen_text makes valid UTF-8 text of exactly n bytes in the arena. */
struct cy_span gen_text(struct gen *gen, size_t n);

/* gen_same compares two values of one schema, lists and texts by content. */
bool gen_same(const struct cy_schema *schema, const void *a, const void *b);

/* gen_mutate changes *n bytes in place once: a bit, an edge byte, an insertion, a cut, a repeat. */
void gen_mutate(struct gen *gen, uint8_t *at, size_t *n, size_t cap);

#endif
