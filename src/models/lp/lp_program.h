/* lp_program: a linear program in exact fractions, built row by row and column by column.
 *
 *      least (or most) cost . x + constant,   lower <= row . x <= upper,   lower <= x <= upper
 *
 * cy_lp_scale turns it into the one form of whole numbers that certificates speak of
 * (certify/lp_form.h): rows without fractions, one scale for the costs, one unit for the bounds of
 * columns, and always the least value (what is to be most is negated).
 *
 * Owns: names and numbers of one program. Never: solves. */
#ifndef CY_MODELS_LP_LP_PROGRAM_H
#define CY_MODELS_LP_LP_PROGRAM_H

#include "base/bytes.h"

#include <gmp.h>

/* A bound that may be missing. */
struct cy_lp_bound {
    bool has;
    mpq_t at;
};

struct cy_lp_row {
    char *name;
    struct cy_lp_bound lower;
    struct cy_lp_bound upper;
    mpz_t by; /* what cy_lp_scale multiplied the row by */
};

struct cy_lp_term {
    uint32_t row;
    mpq_t by;
};

struct cy_lp_variable {
    char *name;
    struct cy_lp_bound lower;
    struct cy_lp_bound upper;
    bool integer;
    mpq_t cost;
    struct cy_lp_term *terms; /* rows ascending once scaled */
    uint32_t n_terms;
    uint32_t room;
};

struct cy_lp_names {
    uint32_t *slots; /* number + 1; 0 free */
    size_t n_slots;
};

struct cy_lp_program {
    struct cy_lp_row *rows;
    uint32_t n_rows;
    uint32_t rows_room;
    struct cy_lp_variable *columns;
    uint32_t n_columns;
    uint32_t columns_room;
    mpq_t constant;
    mpz_t scale; /* set by cy_lp_scale: costs were multiplied by it */
    mpz_t unit;  /* the same for columns' bounds, which stay as they are */
    bool most;   /* the most is asked, not the least */
    bool scaled;
    struct cy_lp_names row_names;
    struct cy_lp_names column_names;
};

#define CY_LP_NONE UINT32_MAX

struct cy_lp_program *cy_lp_program_new(void);
void cy_lp_program_free(struct cy_lp_program *lp);

/* cy_lp_row_add makes a row without bounds, cy_lp_column_add a column that is 0 or more. Return the
 * number, or CY_LP_NONE when the name stands already. */
uint32_t cy_lp_row_add(struct cy_lp_program *lp, const char *name);
uint32_t cy_lp_column_add(struct cy_lp_program *lp, const char *name);

/* cy_lp_row_find and cy_lp_column_find give the number of a name, or CY_LP_NONE. */
uint32_t cy_lp_row_find(const struct cy_lp_program *lp, const char *name);
uint32_t cy_lp_column_find(const struct cy_lp_program *lp, const char *name);

/* cy_lp_term_add writes by * column into a row; false when the column stands in that row already.
 * 0 is left out. */
CY_MUST_USE bool cy_lp_term_add(struct cy_lp_program *lp, uint32_t row, uint32_t column,
                                mpq_srcptr by);

/* cy_lp_bound_set sets a bound; cy_lp_bound_drop removes it. */
void cy_lp_bound_set(struct cy_lp_bound *bound, mpq_srcptr at);
void cy_lp_bound_drop(struct cy_lp_bound *bound);

/* cy_lp_scale brings the program into whole numbers. Once. Returns false and names the place when
 * a row's or column's bounds stand the wrong way round, or a number takes more than CY_LP_DATUM_MAX
 * bytes. */
CY_MUST_USE bool cy_lp_scale(struct cy_lp_program *lp, const char **place);

/* A growing run of bytes. */
struct cy_lp_bytes {
    uint8_t *at;
    size_t n;
    size_t cap;
};

void cy_lp_put(struct cy_lp_bytes *out, const void *at, size_t n);
void cy_lp_put_count(struct cy_lp_bytes *out, uint64_t v);
void cy_lp_put_whole(struct cy_lp_bytes *out, mpz_srcptr v);

/* cy_lp_encode appends the scaled program's bytes (SPEC/certificates.md). */
void cy_lp_encode(const struct cy_lp_program *lp, struct cy_lp_bytes *out);

/* cy_lp_read_number reads a decimal such as -12.5e-3, a whole number or a fraction 3/7, exactly.
 * False when it is anything else, or has more than 40 digits, or an exponent past 60. */
CY_MUST_USE bool cy_lp_read_number(const char *text, mpq_ptr out);

/* malloc that never fails: the program ends with a plain sentence instead. */
void *cy_lp_alloc(size_t count, size_t size);
void *cy_lp_grow(void *at, size_t count, size_t size);

#endif
