#include "models/lp/lp_program.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIGITS_MAX = 40, EXPONENT_MAX = 60, BYTES_MAX = 64 };

void *cy_lp_grow(void *at, size_t count, size_t size)
{
    void *out = reallocarray(at, count == 0 ? 1 : count, size);

    if (out == NULL) {
        (void)fputs("comity: there is not enough memory for this program\n", stderr);
        exit(3);
    }
    return out;
}

void *cy_lp_alloc(size_t count, size_t size)
{
    void *out = cy_lp_grow(NULL, count, size);

    memset(out, 0, (count == 0 ? 1 : count) * size);
    return out;
}

/* --- names --- */

static uint64_t hash_of(const char *name)
{
    uint64_t h = 1469598103934665603u; /* FNV-1a */

    for (; *name != 0; name++)
        h = (h ^ (uint8_t)*name) * 1099511628211u;
    return h ^ (h >> 29);
}

static const char *name_at(const struct cy_lp_program *lp, bool row, uint32_t i)
{
    return row ? lp->rows[i].name : lp->columns[i].name;
}

static uint32_t find(const struct cy_lp_program *lp, bool row, const char *name)
{
    const struct cy_lp_names *names = row ? &lp->row_names : &lp->column_names;

    if (names->n_slots == 0)
        return CY_LP_NONE;
    for (size_t at = hash_of(name) & (names->n_slots - 1); names->slots[at] != 0;
         at = (at + 1) & (names->n_slots - 1)) {
        if (strcmp(name_at(lp, row, names->slots[at] - 1), name) == 0)
            return names->slots[at] - 1;
    }
    return CY_LP_NONE;
}

static void enter(const struct cy_lp_program *lp, bool row, uint32_t i)
{
    const struct cy_lp_names *names = row ? &lp->row_names : &lp->column_names;
    size_t at = hash_of(name_at(lp, row, i)) & (names->n_slots - 1);

    while (names->slots[at] != 0)
        at = (at + 1) & (names->n_slots - 1);
    names->slots[at] = i + 1;
}

/* Room for one more name: at most half of the slots are taken. */
static void widen(struct cy_lp_program *lp, bool row, uint32_t n)
{
    struct cy_lp_names *names = row ? &lp->row_names : &lp->column_names;

    if (2 * ((size_t)n + 1) < names->n_slots)
        return;
    names->n_slots = names->n_slots == 0 ? 64 : 2 * names->n_slots;
    free(names->slots);
    names->slots = cy_lp_alloc(names->n_slots, sizeof *names->slots);
    for (uint32_t i = 0; i < n; i++)
        enter(lp, row, i);
}

uint32_t cy_lp_row_find(const struct cy_lp_program *lp, const char *name)
{
    return find(lp, true, name);
}

uint32_t cy_lp_column_find(const struct cy_lp_program *lp, const char *name)
{
    return find(lp, false, name);
}

/* --- building --- */

static char *copy_name(const char *name)
{
    const size_t n = strlen(name) + 1;

    return memcpy(cy_lp_alloc(n, 1), name, n);
}

struct cy_lp_program *cy_lp_program_new(void)
{
    struct cy_lp_program *lp = cy_lp_alloc(1, sizeof *lp);

    mpq_init(lp->constant);
    mpz_init_set_ui(lp->scale, 1);
    mpz_init_set_ui(lp->unit, 1);
    return lp;
}

void cy_lp_program_free(struct cy_lp_program *lp)
{
    if (lp == NULL)
        return;
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        free(lp->rows[i].name);
        mpq_clears(lp->rows[i].lower.at, lp->rows[i].upper.at, NULL);
        mpz_clear(lp->rows[i].by);
    }
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        struct cy_lp_variable *column = &lp->columns[j];

        free(column->name);
        mpq_clears(column->lower.at, column->upper.at, column->cost, NULL);
        for (uint32_t t = 0; t < column->n_terms; t++)
            mpq_clear(column->terms[t].by);
        free(column->terms);
    }
    mpq_clear(lp->constant);
    mpz_clears(lp->scale, lp->unit, NULL);
    free(lp->row_names.slots);
    free(lp->column_names.slots);
    free(lp->rows);
    free(lp->columns);
    free(lp);
}

uint32_t cy_lp_row_add(struct cy_lp_program *lp, const char *name)
{
    struct cy_lp_row *row = NULL;

    CY_ASSERT(!lp->scaled);
    if (cy_lp_row_find(lp, name) != CY_LP_NONE)
        return CY_LP_NONE;
    if (lp->n_rows == lp->rows_room) {
        lp->rows_room = 2 * lp->rows_room + 16;
        lp->rows = cy_lp_grow(lp->rows, lp->rows_room, sizeof *lp->rows);
    }
    widen(lp, true, lp->n_rows);
    row = &lp->rows[lp->n_rows];
    *row = (struct cy_lp_row){.name = copy_name(name)};
    mpq_inits(row->lower.at, row->upper.at, NULL);
    mpz_init_set_ui(row->by, 1);
    enter(lp, true, lp->n_rows);
    return lp->n_rows++;
}

uint32_t cy_lp_column_add(struct cy_lp_program *lp, const char *name)
{
    struct cy_lp_variable *column = NULL;

    CY_ASSERT(!lp->scaled);
    if (cy_lp_column_find(lp, name) != CY_LP_NONE)
        return CY_LP_NONE;
    if (lp->n_columns == lp->columns_room) {
        lp->columns_room = 2 * lp->columns_room + 16;
        lp->columns = cy_lp_grow(lp->columns, lp->columns_room, sizeof *lp->columns);
    }
    widen(lp, false, lp->n_columns);
    column = &lp->columns[lp->n_columns];
    *column = (struct cy_lp_variable){.name = copy_name(name), .lower.has = true};
    mpq_inits(column->lower.at, column->upper.at, column->cost, NULL);
    enter(lp, false, lp->n_columns);
    return lp->n_columns++;
}

bool cy_lp_term_add(struct cy_lp_program *lp, uint32_t row, uint32_t column, mpq_srcptr by)
{
    struct cy_lp_variable *to = &lp->columns[column];

    CY_ASSERT(!lp->scaled);
    CY_ASSERT(row < lp->n_rows);
    for (uint32_t t = to->n_terms; t-- > 0;) {
        if (to->terms[t].row == row)
            return false;
    }
    if (mpq_sgn(by) == 0)
        return true;
    if (to->n_terms == to->room) {
        to->room = 2 * to->room + 4;
        to->terms = cy_lp_grow(to->terms, to->room, sizeof *to->terms);
    }
    to->terms[to->n_terms].row = row;
    mpq_init(to->terms[to->n_terms].by);
    mpq_set(to->terms[to->n_terms].by, by);
    to->n_terms++;
    return true;
}

void cy_lp_bound_set(struct cy_lp_bound *bound, mpq_srcptr at)
{
    bound->has = true;
    mpq_set(bound->at, at);
}

void cy_lp_bound_drop(struct cy_lp_bound *bound)
{
    bound->has = false;
    mpq_set_ui(bound->at, 0, 1);
}

/* --- scaling --- */

static int by_row(const void *a, const void *b)
{
    const uint32_t x = ((const struct cy_lp_term *)a)->row;
    const uint32_t y = ((const struct cy_lp_term *)b)->row;

    return x < y ? -1 : x > y;
}

static void times(mpq_ptr number, mpz_srcptr by)
{
    mpz_t left;

    mpz_init(left);
    mpz_divexact(left, by, mpq_denref(number));
    mpz_mul(mpq_numref(number), mpq_numref(number), left);
    mpz_set_ui(mpq_denref(number), 1);
    mpz_clear(left);
}

static void least_common(mpz_ptr by, mpq_srcptr number)
{
    mpz_lcm(by, by, mpq_denref(number));
}

static void find_scales(struct cy_lp_program *lp)
{
    least_common(lp->scale, lp->constant);
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        least_common(lp->rows[i].by, lp->rows[i].lower.at);
        least_common(lp->rows[i].by, lp->rows[i].upper.at);
    }
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        const struct cy_lp_variable *column = &lp->columns[j];

        least_common(lp->scale, column->cost);
        least_common(lp->unit, column->lower.at);
        least_common(lp->unit, column->upper.at);
        for (uint32_t t = 0; t < column->n_terms; t++)
            least_common(lp->rows[column->terms[t].row].by, column->terms[t].by);
    }
}

static void apply_scales(struct cy_lp_program *lp)
{
    times(lp->constant, lp->scale);
    if (lp->most)
        mpq_neg(lp->constant, lp->constant);
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        times(lp->rows[i].lower.at, lp->rows[i].by);
        times(lp->rows[i].upper.at, lp->rows[i].by);
    }
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        struct cy_lp_variable *column = &lp->columns[j];

        times(column->cost, lp->scale);
        if (lp->most)
            mpq_neg(column->cost, column->cost);
        if (column->n_terms > 1)
            qsort(column->terms, column->n_terms, sizeof *column->terms, by_row);
        for (uint32_t t = 0; t < column->n_terms; t++)
            times(column->terms[t].by, lp->rows[column->terms[t].row].by);
    }
}

static bool fits(mpz_srcptr number)
{
    return mpz_sizeinbase(number, 2) <= 8 * BYTES_MAX;
}

static bool bound_fits(const struct cy_lp_bound *bound, mpz_srcptr unit)
{
    mpz_t whole;
    bool good = false;

    mpz_init(whole);
    mpz_mul(whole, mpq_numref(bound->at), unit);
    good = fits(whole);
    mpz_clear(whole);
    return good;
}

static bool ordered(const struct cy_lp_bound *lower, const struct cy_lp_bound *upper)
{
    return !lower->has || !upper->has || mpq_cmp(lower->at, upper->at) <= 0;
}

static bool sound(const struct cy_lp_program *lp, const char **place)
{
    *place = "the whole";
    if (!fits(lp->scale) || !fits(lp->unit) || !fits(mpq_numref(lp->constant)))
        return false;
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        const struct cy_lp_row *row = &lp->rows[i];

        *place = row->name;
        if (!ordered(&row->lower, &row->upper) || !fits(mpq_numref(row->lower.at)) ||
            !fits(mpq_numref(row->upper.at)))
            return false;
    }
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        const struct cy_lp_variable *column = &lp->columns[j];

        *place = column->name;
        if (!ordered(&column->lower, &column->upper) || !fits(mpq_numref(column->cost)) ||
            !bound_fits(&column->lower, lp->unit) || !bound_fits(&column->upper, lp->unit))
            return false;
        for (uint32_t t = 0; t < column->n_terms; t++) {
            if (!fits(mpq_numref(column->terms[t].by)))
                return false;
        }
    }
    return true;
}

bool cy_lp_scale(struct cy_lp_program *lp, const char **place)
{
    CY_ASSERT(!lp->scaled);
    find_scales(lp);
    apply_scales(lp);
    lp->scaled = true;
    return sound(lp, place);
}

/* --- bytes --- */

void cy_lp_put(struct cy_lp_bytes *out, const void *at, size_t n)
{
    if (n > out->cap - out->n) {
        out->cap = 2 * out->cap + n + 256;
        out->at = cy_lp_grow(out->at, out->cap, 1);
    }
    if (n > 0)
        memcpy(out->at + out->n, at, n);
    out->n += n;
}

static void put_byte(struct cy_lp_bytes *out, unsigned byte)
{
    const uint8_t b = (uint8_t)byte;

    cy_lp_put(out, &b, 1);
}

void cy_lp_put_count(struct cy_lp_bytes *out, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        put_byte(out, (unsigned)(v & 0x7f) | 0x80u);
    put_byte(out, (unsigned)v);
}

void cy_lp_put_whole(struct cy_lp_bytes *out, mpz_srcptr v)
{
    const size_t bytes = mpz_sgn(v) == 0 ? 0 : (mpz_sizeinbase(v, 2) + 7) / 8;
    uint8_t *at = cy_lp_alloc(bytes, 1);
    size_t n = 0;

    mpz_export(at, &n, -1, 1, 0, 0, v);
    CY_ASSERT(n == bytes);
    cy_lp_put_count(out, 2 * bytes + (mpz_sgn(v) < 0 ? 1 : 0));
    cy_lp_put(out, at, bytes);
    free(at);
}

static void put_bound(struct cy_lp_bytes *out, const struct cy_lp_bound *bound, mpz_srcptr unit)
{
    mpz_t whole;

    if (!bound->has)
        return;
    mpz_init(whole);
    mpz_divexact(whole, unit, mpq_denref(bound->at));
    mpz_mul(whole, whole, mpq_numref(bound->at));
    cy_lp_put_whole(out, whole);
    mpz_clear(whole);
}

static unsigned flags_of(const struct cy_lp_bound *lower, const struct cy_lp_bound *upper)
{
    return (lower->has ? 1u : 0u) | (upper->has ? 2u : 0u);
}

void cy_lp_encode(const struct cy_lp_program *lp, struct cy_lp_bytes *out)
{
    mpz_t one;

    CY_ASSERT(lp->scaled);
    mpz_init_set_ui(one, 1);
    cy_lp_put(out, "clp\1", 4);
    cy_lp_put_count(out, lp->n_rows);
    cy_lp_put_count(out, lp->n_columns);
    cy_lp_put_whole(out, lp->scale);
    cy_lp_put_whole(out, mpq_numref(lp->constant));
    cy_lp_put_whole(out, lp->unit);
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        put_byte(out, flags_of(&lp->rows[i].lower, &lp->rows[i].upper));
        put_bound(out, &lp->rows[i].lower, one);
        put_bound(out, &lp->rows[i].upper, one);
    }
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        const struct cy_lp_variable *column = &lp->columns[j];
        uint32_t next = 0;

        put_byte(out, flags_of(&column->lower, &column->upper) | (column->integer ? 4u : 0u));
        put_bound(out, &column->lower, lp->unit);
        put_bound(out, &column->upper, lp->unit);
        cy_lp_put_whole(out, mpq_numref(column->cost));
        cy_lp_put_count(out, column->n_terms);
        for (uint32_t t = 0; t < column->n_terms; t++) {
            cy_lp_put_count(out, column->terms[t].row - next);
            cy_lp_put_whole(out, mpq_numref(column->terms[t].by));
            next = column->terms[t].row + 1;
        }
    }
    mpz_clear(one);
}

/* --- numbers --- */

/* Digits, and of them those after the point; NULL where there is none. */
static const char *read_digits(const char *at, char *digits, size_t *n, long *after)
{
    bool point = false;
    bool any = false;

    for (; isdigit((unsigned char)*at) || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        any = true;
        *after += point ? 1 : 0;
        if (*n == 0 && *at == '0')
            continue;
        if (*n == DIGITS_MAX)
            return NULL;
        digits[(*n)++] = *at;
    }
    digits[*n] = 0;
    return any ? at : NULL;
}

static const char *read_exponent(const char *at, long *out)
{
    bool minus = false;
    long e = 0;

    at++;
    if (*at == '+' || *at == '-')
        minus = *at++ == '-';
    if (!isdigit((unsigned char)*at))
        return NULL;
    for (; isdigit((unsigned char)*at); at++) {
        e = 10 * e + (*at - '0');
        if (e > EXPONENT_MAX)
            return NULL;
    }
    *out = minus ? -e : e;
    return at;
}

static bool read_fraction(const char *at, mpq_ptr out)
{
    char digits[DIGITS_MAX + 1];
    long after = 0;
    size_t n = 0;

    at = read_digits(at, digits, &n, &after);
    if (at == NULL || *at != 0 || n == 0 || after > 0 ||
        mpz_set_str(mpq_denref(out), digits, 10) != 0)
        return false;
    mpq_canonicalize(out);
    return true;
}

bool cy_lp_read_number(const char *text, mpq_ptr out)
{
    char digits[DIGITS_MAX + 1];
    const char *at = text;
    bool minus = false;
    long exponent = 0;
    long after = 0;
    size_t n = 0;
    mpz_t power;

    if (*at == '+' || *at == '-')
        minus = *at++ == '-';
    at = read_digits(at, digits, &n, &after);
    if (at == NULL || after > EXPONENT_MAX)
        return false;
    mpq_set_ui(out, 0, 1);
    if (n > 0 && mpz_set_str(mpq_numref(out), digits, 10) != 0)
        return false;
    if (minus)
        mpz_neg(mpq_numref(out), mpq_numref(out));
    if (*at == '/')
        return after == 0 && text[strcspn(text, ".")] == 0 && read_fraction(at + 1, out);
    if (*at == 'e' || *at == 'E' || *at == 'd' || *at == 'D')
        at = read_exponent(at, &exponent);
    if (at == NULL || *at != 0)
        return false;
    exponent -= after;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned long)labs(exponent));
    if (exponent >= 0)
        mpz_mul(mpq_numref(out), mpq_numref(out), power);
    else
        mpz_set(mpq_denref(out), power);
    mpq_canonicalize(out);
    mpz_clear(power);
    return true;
}
