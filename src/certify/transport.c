#include "certify/transport.h"

static bool in_range(int64_t price)
{
    return price <= CY_TRANSPORT_PRICE_MAX && price >= -CY_TRANSPORT_PRICE_MAX;
}

/* Every leg takes from what is left at both its ends; in the end nothing is left anywhere. */
static cy_err carry(const struct cy_transport *t, const struct cy_transport_leg *legs, uint32_t n,
                    uint64_t *left)
{
    for (uint32_t i = 0; i < t->n_rows; i++)
        left[i] = t->supply[i];
    for (uint32_t j = 0; j < t->n_columns; j++)
        left[t->n_rows + j] = t->demand[j];
    for (uint32_t k = 0; k < n; k++) {
        const struct cy_transport_leg *leg = &legs[k];

        if (leg->row >= t->n_rows || leg->column >= t->n_columns || leg->amount == 0)
            return cy_fail(CY_E_CERT_FORM, (uint64_t)k + 1);
        if (leg->amount > left[leg->row])
            return cy_fail(CY_E_CERT_WRONG, (uint64_t)leg->row + 1);
        if (leg->amount > left[t->n_rows + leg->column])
            return cy_fail(CY_E_CERT_WRONG, (uint64_t)t->n_rows + leg->column + 1);
        left[leg->row] -= leg->amount;
        left[t->n_rows + leg->column] -= leg->amount;
    }
    for (uint64_t i = 0; i < (uint64_t)t->n_rows + t->n_columns; i++) {
        if (left[i] != 0)
            return cy_fail(CY_E_CERT_WRONG, i + 1);
    }
    return CY_OK;
}

/* No price is above what carrying costs. */
static cy_err prices_hold(const struct cy_transport *t, const int64_t *row_price,
                          const int64_t *column_price)
{
    for (uint32_t i = 0; i < t->n_rows; i++) {
        const int32_t *cost = t->cost + (size_t)i * t->n_columns;
        bool good = in_range(row_price[i]);

        if (!good) /* before anything is added to it */
            return cy_fail(CY_E_CERT_WRONG, (uint64_t)i + 1);
        for (uint32_t j = 0; j < t->n_columns; j++) /* no early end: the loop stays straight */
            good &= row_price[i] + column_price[j] <= cost[j];
        if (!good)
            return cy_fail(CY_E_CERT_WRONG, (uint64_t)i + 1);
    }
    return CY_OK;
}

cy_err cy_transport_check(const struct cy_transport *t, const struct cy_transport_leg *legs,
                          uint32_t n, const int64_t *row_price, const int64_t *column_price,
                          uint64_t *left, cy_i128 *total)
{
    *total = 0;
    for (uint32_t j = 0; j < t->n_columns; j++) {
        if (!in_range(column_price[j]))
            return cy_fail(CY_E_CERT_WRONG, (uint64_t)t->n_rows + j + 1);
    }
    CY_TRY(carry(t, legs, n, left));
    CY_TRY(prices_hold(t, row_price, column_price));
    for (uint32_t k = 0; k < n; k++) {
        const struct cy_transport_leg *leg = &legs[k];
        const int32_t cost = t->cost[(size_t)leg->row * t->n_columns + leg->column];

        if (row_price[leg->row] + column_price[leg->column] != cost)
            return cy_fail(CY_E_CERT_WRONG, (uint64_t)t->n_rows + t->n_columns + k + 1);
        *total += (cy_i128)cost * (cy_i128)leg->amount;
    }
    return CY_OK;
}
