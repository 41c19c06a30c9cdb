#include "models/lp/lp_words.h"

#include <stdlib.h>

enum { DIGITS_MAX = 20, LONG = 60 };

char *cy_lp_exact(mpq_srcptr v)
{
    char *out = mpq_get_str(NULL, 10, v);

    CY_ASSERT(out != NULL);
    return out;
}

/* v * 10^digits, rounded to the nearest, halves away from 0; true when nothing was lost. */
static bool scaled(mpq_srcptr v, unsigned digits, mpz_ptr out)
{
    mpz_t power;
    mpz_t rest;
    bool exact = false;

    mpz_inits(power, rest, NULL);
    mpz_ui_pow_ui(power, 10, digits);
    mpz_mul(out, mpq_numref(v), power);
    mpz_abs(out, out);
    mpz_tdiv_qr(out, rest, out, mpq_denref(v));
    exact = mpz_sgn(rest) == 0;
    mpz_mul_2exp(rest, rest, 1);
    if (mpz_cmp(rest, mpq_denref(v)) >= 0)
        mpz_add_ui(out, out, 1);
    mpz_clears(power, rest, NULL);
    return exact;
}

void cy_lp_decimal(mpq_srcptr v, unsigned digits, bool about, char out[static CY_LP_DECIMAL_MAX])
{
    char text[CY_LP_DECIMAL_MAX - 16];
    size_t n = 0;
    bool exact = false;
    mpz_t whole;

    CY_ASSERT(digits <= DIGITS_MAX);
    mpz_init(whole);
    exact = scaled(v, digits, whole);
    if (mpz_sizeinbase(whole, 10) > LONG) {
        (void)snprintf(out, CY_LP_DECIMAL_MAX, "about %.6e", mpq_get_d(v));
        mpz_clear(whole);
        return;
    }
    (void)mpz_get_str(text, 10, whole);
    n = strlen(text);
    if (n <= digits) { /* a digit before the point */
        memmove(text + (digits + 1 - n), text, n + 1);
        memset(text, '0', digits + 1 - n);
        n = digits + 1;
    }
    memmove(text + n - digits + 1, text + n - digits, digits + 1);
    text[n - digits] = '.';
    n++;
    while (text[n - 1] == '0')
        text[--n] = 0;
    if (text[n - 1] == '.')
        text[--n] = 0;
    (void)snprintf(out, CY_LP_DECIMAL_MAX, "%s%s%s", about && !exact ? "about " : "",
                   mpq_sgn(v) < 0 && strcmp(text, "0") != 0 ? "-" : "", text);
    mpz_clear(whole);
}

/* --- a contradiction --- */

/* One bound that is taken `by` times; adds to the excess. */
static void take_bound(FILE *out, const char *what, const char *name, mpq_srcptr by,
                       const struct cy_lp_bound *lower, const struct cy_lp_bound *upper,
                       mpq_ptr excess)
{
    const bool low = mpq_sgn(by) > 0;
    char times[CY_LP_DECIMAL_MAX];
    char bound[CY_LP_DECIMAL_MAX];
    mpq_t v;

    mpq_init(v);
    mpq_abs(v, by);
    cy_lp_decimal(v, 6, true, times);
    cy_lp_decimal(low ? lower->at : upper->at, 6, true, bound);
    (void)fprintf(out, "  %s %s is at %s %s", what, name, low ? "least" : "most", bound);
    if (strcmp(times, "1") != 0)
        (void)fprintf(out, " (taken %s times)", times);
    (void)fputc('\n', out);
    mpq_mul(v, by, low ? lower->at : upper->at);
    mpq_add(excess, excess, v);
    mpq_clear(v);
}

static void row_multipliers(const struct cy_lp_program *lp, const struct cy_lp_vector *from,
                            mpq_t *y)
{
    mpq_t least;
    mpq_t size;

    mpq_inits(least, size, NULL);
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        mpq_init(y[i]);
        if (from->numbers[i].n == 0)
            continue;
        cy_lp_fraction(&from->numbers[i], &from->divisor, y[i]);
        mpq_abs(size, y[i]);
        /* in the row's own unit the least one becomes 1 */
        mpz_mul(mpq_numref(size), mpq_numref(size), lp->rows[i].by);
        mpq_canonicalize(size);
        if (mpq_sgn(least) == 0 || mpq_cmp(size, least) < 0)
            mpq_set(least, size);
    }
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        if (mpq_sgn(y[i]) != 0)
            mpq_div(y[i], y[i], least);
    }
    mpq_clears(least, size, NULL);
}

void cy_lp_contradiction(FILE *out, const struct cy_lp_program *lp,
                         const struct cy_lp_vector *multipliers)
{
    mpq_t *y = cy_lp_alloc(lp->n_rows, sizeof *y);
    char text[CY_LP_DECIMAL_MAX];
    mpq_t excess;
    mpq_t z;
    mpq_t v;

    mpq_inits(excess, z, v, NULL);
    row_multipliers(lp, multipliers, y);
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        const struct cy_lp_row *row = &lp->rows[i];
        struct cy_lp_bound lower = {.has = row->lower.has};
        struct cy_lp_bound upper = {.has = row->upper.has};

        if (mpq_sgn(y[i]) == 0)
            continue;
        mpq_inits(lower.at, upper.at, NULL);
        mpq_set_z(v, row->by);
        mpq_div(lower.at, row->lower.at, v);
        mpq_div(upper.at, row->upper.at, v);
        mpq_mul(v, v, y[i]);
        take_bound(out, "row", row->name, v, &lower, &upper, excess);
        mpq_clears(lower.at, upper.at, NULL);
    }
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        const struct cy_lp_variable *column = &lp->columns[j];
        const bool quiet = column->lower.has && mpq_sgn(column->lower.at) == 0;

        mpq_set_ui(z, 0, 1);
        for (uint32_t t = 0; t < column->n_terms; t++) {
            mpq_mul(v, column->terms[t].by, y[column->terms[t].row]);
            mpq_sub(z, z, v);
        }
        if (mpq_sgn(z) != 0 && !(quiet && mpq_sgn(z) > 0))
            take_bound(out, "column", column->name, z, &column->lower, &column->upper, excess);
    }
    cy_lp_decimal(excess, 6, true, text);
    (void)fprintf(out, "  Together they ask for %s more than they leave.\n", text);
    for (uint32_t i = 0; i < lp->n_rows; i++)
        mpq_clear(y[i]);
    free(y);
    mpq_clears(excess, z, v, NULL);
}
