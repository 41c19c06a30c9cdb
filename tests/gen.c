#include "gen.h"

#define LISTS_MAX 2   /* lists inside one another that the codec accepts */
#define ACT_ROOM 1500 /* encoded bytes kept free for each act of a list */

uint64_t gen_bits(struct gen *gen)
{
    uint64_t z = gen->state += 0x9e3779b97f4a7c15u; /* splitmix64 */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t gen_draw(struct gen *gen, uint64_t below)
{
    CY_ASSERT(below > 0);
    return gen_bits(gen) % below;
}

bool gen_one_in(struct gen *gen, uint64_t n)
{
    return gen_draw(gen, n) == 0;
}

/* Between least and most: an edge, or a number of random width. */
static uint64_t between(struct gen *gen, uint64_t least, uint64_t most)
{
    const uint64_t narrow = gen_draw(gen, 64);
    const uint64_t wide = gen_bits(gen) >> narrow;

    CY_ASSERT(least <= most);
    switch (gen_draw(gen, 8)) {
    case 0: return least;
    case 1: return most;
    case 2: return most - least > 0 ? least + 1 : least;
    default: break;
    }
    return most - least == UINT64_MAX ? wide : least + wide % (most - least + 1);
}

static uint64_t number(struct gen *gen, const struct cy_field *f)
{
    const uint64_t bits = 8 * cy_type_size(f->type);
    const uint64_t fits = f->type == CY_T_date ? CY_DATE_MAX : UINT64_MAX >> (64 - bits);
    const uint64_t most = f->most < fits ? f->most : fits;

    if (f->least > 1)
        return between(gen, f->least, most);
    if (f->least == 0 && gen_one_in(gen, 4))
        return 0;
    return between(gen, f->least, most);
}

static uint8_t word(struct gen *gen, const struct cy_field *f)
{
    uint8_t found = 0;

    if (f->least == 0 && gen_one_in(gen, 3))
        return 0;
    do {
        found = f->set->words[gen_draw(gen, f->set->n)].number;
    } while (found < f->least);
    return found;
}

static cy_u128 amount(struct gen *gen, const struct cy_field *f)
{
    const cy_u128 bits = (cy_u128)gen_bits(gen) << 64 | gen_bits(gen);
    const cy_u128 v = bits >> gen_draw(gen, 128);

    if (f->least == 0 && gen_one_in(gen, 4))
        return 0;
    if (gen_one_in(gen, 8))
        return ~(cy_u128)0;
    return v == 0 ? 1 : v;
}

/* Bytes of one character that fits in `left`. */
static size_t character(struct gen *gen, size_t left, uint8_t out[static 4])
{
    static const char apt[] = "\"\\/<>&\n\t '{}[]%+=:,\x7e";
    const unsigned kind = (unsigned)gen_draw(gen, 8);
    uint32_t v = 0;

    if (kind == 0 && left >= 2) {
        v = 0xa0 + (uint32_t)gen_draw(gen, 0x800 - 0xa0);
        out[0] = (uint8_t)(0xc0 | v >> 6);
        out[1] = (uint8_t)(0x80 | (v & 0x3f));
        return 2;
    }
    if (kind == 1 && left >= 3) {
        v = 0x800 + (uint32_t)gen_draw(gen, 0xd800 - 0x800);
        if (gen_one_in(gen, 3))
            v = 0xe000 + (uint32_t)gen_draw(gen, 0x2000);
        out[0] = (uint8_t)(0xe0 | v >> 12);
        out[1] = (uint8_t)(0x80 | (v >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (v & 0x3f));
        return 3;
    }
    if (kind == 2 && left >= 4) {
        v = 0x10000 + (uint32_t)gen_draw(gen, 0x100000);
        out[0] = (uint8_t)(0xf0 | v >> 18);
        out[1] = (uint8_t)(0x80 | (v >> 12 & 0x3f));
        out[2] = (uint8_t)(0x80 | (v >> 6 & 0x3f));
        out[3] = (uint8_t)(0x80 | (v & 0x3f));
        return 4;
    }
    out[0] = kind == 3 ? (uint8_t)apt[gen_draw(gen, sizeof apt - 1)]
                       : (uint8_t)(0x20 + gen_draw(gen, 0x5f));
    return 1;
}

struct cy_span gen_text(struct gen *gen, size_t n)
{
    uint8_t *at = cy_arena_take(gen->arena, n + 4);

    CY_ASSERT(at != NULL);
    for (size_t i = 0; i < n;)
        i += character(gen, n - i, at + i);
    return cy_span_of(at, n);
}

/* Encoded bytes that a value needs at least, and a little more. Whoever begins a value takes this
 * from the room first, so that no field can use up what another must have. */
static size_t least_room(const struct cy_schema *schema)
{
    size_t n = 8;

    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *f = &schema->fields[i];

        if (f->type == CY_T_acts)
            n += 6 + f->least * ACT_ROOM;
        else if (f->type == CY_T_list)
            n += 6 + f->least * least_room(f->item);
        else if (f->type >= CY_T_code && f->type <= CY_T_bytes)
            n += 6 + f->least;
        else
            n += 4 + sizeof(struct cy_id);
    }
    return n;
}

/* A length or count: mostly short, at times the longest that there is room for. */
static size_t length(struct gen *gen, const struct cy_field *f, size_t room, size_t usual)
{
    const uint64_t most = f->most < f->least + room ? f->most : f->least + room;
    const uint64_t few = f->least + usual < most ? f->least + usual : most;

    if (f->least == 0 && gen_one_in(gen, 3))
        return 0;
    if (gen_one_in(gen, 64))
        return most;
    return (size_t)between(gen, f->least, few);
}

static void take_room(struct gen *gen, size_t n)
{
    CY_ASSERT(n <= gen->room);
    gen->room -= n;
}

static void string(struct gen *gen, const struct cy_field *f, void *at)
{
    const size_t n = length(gen, f, gen->room, 24);
    struct cy_span text;

    if (n == 0)
        return;
    take_room(gen, n - f->least);
    if (f->type == CY_T_bytes) {
        uint8_t *bytes = cy_arena_take(gen->arena, n);

        CY_ASSERT(bytes != NULL);
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)gen_bits(gen);
        *(struct cy_span *)at = cy_span_of(bytes, n);
        return;
    }
    text = gen_text(gen, n);
    if (f->type == CY_T_code)
        CY_ASSERT(cy_ok(cy_label_of(text, at)));
    else if (f->type == CY_T_name)
        CY_ASSERT(cy_ok(cy_name_of(text, at)));
    else if (f->type == CY_T_line)
        CY_ASSERT(cy_ok(cy_line_of(text, at)));
    else
        *(struct cy_span *)at = text;
}

static void fields(struct gen *gen, const struct cy_schema *schema, unsigned lists, uint8_t *out);

static bool needs_list(const struct cy_schema *schema)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *f = &schema->fields[i];

        if ((f->type == CY_T_list || f->type == CY_T_acts) && f->least > 0)
            return true;
    }
    return false;
}

static struct cy_any act(struct gen *gen, const struct cy_schema *schema, unsigned lists)
{
    void *message = NULL;

    while (schema == NULL) {
        schema = cy_schema_act(gen_draw(gen, CY_MESSAGES_MAX));
        if (schema != NULL &&
            ((lists >= LISTS_MAX && needs_list(schema)) || least_room(schema) > gen->room))
            schema = NULL;
    }
    message = cy_arena_zero(gen->arena, schema->size);
    CY_ASSERT(message != NULL);
    fields(gen, schema, lists, message);
    return (struct cy_any){.schema = schema, .message = message};
}

static void list(struct gen *gen, const struct cy_field *f, unsigned lists, uint8_t *out)
{
    const size_t size = f->type == CY_T_acts ? sizeof(struct cy_any) : f->item->size;
    const size_t each = f->type == CY_T_acts ? ACT_ROOM : least_room(f->item);
    const size_t n = lists >= LISTS_MAX ? 0 : length(gen, f, gen->room / each, 3);
    uint8_t *at = cy_arena_zero(gen->arena, n * size);
    const uint32_t count = (uint32_t)n;

    CY_ASSERT(at != NULL);
    if (n == 0)
        return;
    take_room(gen, (n - f->least) * each);
    for (size_t i = 0; i < n; i++) {
        gen->room += each;
        if (f->type == CY_T_acts) {
            const struct cy_any one = act(gen, NULL, lists + 1);

            memcpy(at + i * size, &one, size);
        } else {
            fields(gen, f->item, lists + 1, at + i * size);
        }
    }
    memcpy(out + f->at, &at, sizeof(void *));
    memcpy(out + f->n_at, &count, sizeof count);
}

static void field(struct gen *gen, const struct cy_field *f, unsigned lists, uint8_t *out)
{
    uint8_t *at = out + f->at;

    switch (f->type) {
    case CY_T_bool: *(bool *)at = f->least > 0 || gen_one_in(gen, 2); return;
    case CY_T_u8: *at = (uint8_t)number(gen, f); return;
    case CY_T_enum: *at = word(gen, f); return;
    case CY_T_u16: *(uint16_t *)(void *)at = (uint16_t)number(gen, f); return;
    case CY_T_u32:
    case CY_T_date: *(uint32_t *)(void *)at = (uint32_t)number(gen, f); return;
    case CY_T_u64:
    case CY_T_time: *(uint64_t *)(void *)at = number(gen, f); return;
    case CY_T_amount: *(cy_u128 *)(void *)at = amount(gen, f); return;
    case CY_T_id:
        if (f->least == 0 && gen_one_in(gen, 3))
            return;
        for (size_t i = 0; i < sizeof(struct cy_id); i++)
            at[i] = (uint8_t)gen_bits(gen);
        at[31] |= 1;
        return;
    case CY_T_code:
    case CY_T_name:
    case CY_T_line:
    case CY_T_text:
    case CY_T_bytes: string(gen, f, at); return;
    case CY_T_list:
    case CY_T_acts: list(gen, f, lists, out); return;
    }
}

static void fields(struct gen *gen, const struct cy_schema *schema, unsigned lists, uint8_t *out)
{
    take_room(gen, least_room(schema));
    for (size_t i = 0; i < schema->n_fields; i++)
        field(gen, &schema->fields[i], lists, out);
}

void gen_value(struct gen *gen, const struct cy_schema *schema, void *out)
{
    gen->room = CY_PAYLOAD_MAX;
    memset(out, 0, schema->size);
    fields(gen, schema, 0, out);
}

struct cy_any gen_act(struct gen *gen, const struct cy_schema *schema)
{
    gen->room = CY_PAYLOAD_MAX;
    return act(gen, schema, 0);
}

static bool same_list(const struct cy_field *f, const uint8_t *a, const uint8_t *b)
{
    const uint32_t n = *(const uint32_t *)(const void *)(a + f->n_at);
    const uint8_t *left = NULL;
    const uint8_t *right = NULL;

    if (n != *(const uint32_t *)(const void *)(b + f->n_at))
        return false;
    memcpy(&left, a + f->at, sizeof(void *));
    memcpy(&right, b + f->at, sizeof(void *));
    for (uint32_t i = 0; i < n; i++) {
        if (f->type == CY_T_acts) {
            const struct cy_any *x = (const struct cy_any *)(const void *)left + i;
            const struct cy_any *y = (const struct cy_any *)(const void *)right + i;

            if (x->schema != y->schema || !gen_same(x->schema, x->message, y->message))
                return false;
        } else if (!gen_same(f->item, left + i * f->item->size, right + i * f->item->size)) {
            return false;
        }
    }
    return true;
}

bool gen_same(const struct cy_schema *schema, const void *a, const void *b)
{
    const uint8_t *left = a;
    const uint8_t *right = b;

    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *f = &schema->fields[i];
        bool same = false;

        if (f->type == CY_T_list || f->type == CY_T_acts)
            same = same_list(f, left, right);
        else if (f->type == CY_T_text || f->type == CY_T_bytes)
            same = cy_span_eq(*(const struct cy_span *)(const void *)(left + f->at),
                              *(const struct cy_span *)(const void *)(right + f->at));
        else
            same = memcmp(left + f->at, right + f->at, cy_type_size(f->type)) == 0;
        if (!same)
            return false;
    }
    return true;
}

void gen_mutate(struct gen *gen, uint8_t *at, size_t *n, size_t cap)
{
    static const uint8_t edges[] = {0x00, 0x01, 0x02, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x20, 0x40,
                                    0x41, 0x58, 0x5f, 0x60, 0x61, 0x78, 0x7f, 0x80, 0x81, 0x9f,
                                    0xa0, 0xa1, 0xbf, 0xc0, 0xd2, 0xf4, 0xf5, 0xf6, 0xfb, 0xff};
    const size_t pos = (size_t)gen_draw(gen, *n + 1);
    const size_t left = *n - pos;
    size_t size = 1 + (size_t)gen_draw(gen, 8);

    switch (gen_draw(gen, 7)) {
    case 0:
        if (left > 0)
            at[pos] ^= (uint8_t)(1u << gen_draw(gen, 8));
        return;
    case 1:
        if (left > 0)
            at[pos] = edges[gen_draw(gen, sizeof edges)];
        return;
    case 2:
        if (left > 0)
            at[pos] = (uint8_t)(gen_one_in(gen, 2) ? at[pos] + 1 : at[pos] - 1);
        return;
    case 3:
        if (*n < cap) {
            memmove(at + pos + 1, at + pos, left);
            at[pos] = edges[gen_draw(gen, sizeof edges)];
            ++*n;
        }
        return;
    case 4:
        size = size < left ? size : left;
        memmove(at + pos, at + pos + size, left - size);
        *n -= size;
        return;
    case 5: *n = pos; return;
    default:
        size = size < left ? size : left;
        if (*n + size <= cap) {
            memmove(at + pos + size, at + pos, left);
            *n += size;
        }
        return;
    }
}
