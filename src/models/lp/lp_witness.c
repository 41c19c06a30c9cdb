#include "models/lp/lp_witness.h"

#include <stdlib.h>

void cy_lp_witness_head(struct cy_lp_bytes *out, unsigned kind, const struct cy_id *program)
{
    const uint8_t k = (uint8_t)kind;

    cy_lp_put(out, "clc\1", 4);
    cy_lp_put(out, &k, 1);
    cy_lp_put(out, program->b, sizeof program->b);
}

/* whole[i]: the number stands undivided; NULL: none does. */
static void put_vector(struct cy_lp_bytes *out, mpq_t *v, const bool *whole, uint32_t n)
{
    uint32_t count = 0;
    uint32_t next = 0;
    mpz_t divisor;
    mpz_t number;

    mpz_init_set_ui(divisor, 1);
    mpz_init(number);
    for (uint32_t i = 0; i < n; i++) {
        count += mpq_sgn(v[i]) != 0;
        mpz_lcm(divisor, divisor, mpq_denref(v[i]));
    }
    cy_lp_put_whole(out, divisor);
    cy_lp_put_count(out, count);
    for (uint32_t i = 0; i < n; i++) {
        if (mpq_sgn(v[i]) == 0)
            continue;
        mpz_divexact(number, divisor, mpq_denref(v[i]));
        mpz_mul(number, number, mpq_numref(v[i]));
        cy_lp_put_count(out, i - next);
        cy_lp_put_whole(out, whole != NULL && whole[i] ? mpq_numref(v[i]) : number);
        next = i + 1;
    }
    mpz_clears(divisor, number, NULL);
}

void cy_lp_witness_vector(struct cy_lp_bytes *out, mpq_t *v, uint32_t n)
{
    put_vector(out, v, NULL, n);
}

static mpq_t *numbers(uint32_t n)
{
    mpq_t *v = cy_lp_alloc(n, sizeof *v);

    for (uint32_t i = 0; i < n; i++)
        mpq_init(v[i]);
    return v;
}

static void drop(mpq_t *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        mpq_clear(v[i]);
    free(v);
}

void cy_lp_witness_point(struct cy_lp_bytes *out, const struct cy_lp_simplex *s)
{
    const uint32_t n = s->lp->n_columns;
    mpq_t *x = numbers(n);
    bool *whole = cy_lp_alloc(n, sizeof *whole);

    for (uint32_t j = 0; j < n; j++) {
        mpq_set(x[j], s->variables[j].x);
        whole[j] = s->lp->columns[j].integer;
    }
    put_vector(out, x, whole, n);
    free(whole);
    drop(x, n);
}

void cy_lp_witness_ray(struct cy_lp_bytes *out, const struct cy_lp_simplex *s)
{
    const uint32_t n = s->lp->n_columns;
    mpq_t *ray = numbers(n);

    if (s->entering < n)
        mpq_set_si(ray[s->entering], s->rising ? 1 : -1, 1);
    for (uint32_t i = 0; i < s->n_rows; i++) {
        if (s->basis[i] >= n)
            continue;
        mpq_set(ray[s->basis[i]], s->image[i]);
        if (s->rising)
            mpq_neg(ray[s->basis[i]], ray[s->basis[i]]);
    }
    cy_lp_witness_vector(out, ray, n);
    drop(ray, n);
}
