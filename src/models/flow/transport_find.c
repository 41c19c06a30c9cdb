#include "models/flow/transport_find.h"

#include <stdlib.h>
#include <string.h>

#define NOBODY UINT32_MAX

struct search {
    const struct cy_transport *t;
    struct cy_transport_plan *plan;
    uint64_t *has;   /* left at each row */
    uint64_t *wants; /* left at each column */
    int64_t *far;    /* least way to each column */
    uint32_t *from;  /* the row before it */
    uint32_t *order; /* columns: looked at, then the others */
    int64_t *near;   /* of rows that were reached, the way to them */
    uint32_t *via;   /* and the column before; NOBODY: the first row */
    uint32_t *rows;  /* that were reached */
    uint32_t n_rows;
    uint8_t *seen;
};

static const int32_t *costs_of(const struct cy_transport *t, uint32_t row)
{
    return t->cost + (size_t)row * t->n_columns;
}

static uint64_t *carried_to(const struct cy_transport *t, const struct cy_transport_plan *plan,
                            uint32_t column)
{
    return plan->carried + (size_t)column * t->n_rows;
}

/* The highest price of a row that its costs allow. */
static int64_t price_of(const struct cy_transport *t, const struct cy_transport_plan *plan,
                        uint32_t row)
{
    const int32_t *cost = costs_of(t, row);
    int64_t least = INT64_MAX;

    for (uint32_t j = 0; j < t->n_columns; j++) {
        const int64_t at = cost[j] - plan->column_price[j];

        least = at < least ? at : least;
    }
    return least;
}

void cy_transport_begin(const struct cy_transport *t, struct cy_transport_plan *plan)
{
    memset(plan->carried, 0, (size_t)t->n_rows * t->n_columns * sizeof *plan->carried);
    for (uint32_t j = 0; j < t->n_columns; j++)
        plan->column_price[j] = INT32_MAX;
    for (uint32_t i = 0; i < t->n_rows; i++) {
        for (uint32_t j = 0; j < t->n_columns; j++) {
            if (costs_of(t, i)[j] < plan->column_price[j])
                plan->column_price[j] = costs_of(t, i)[j];
        }
    }
    for (uint32_t i = 0; i < t->n_rows; i++)
        plan->row_price[i] = price_of(t, plan, i);
}

/* Takes back what the prices no longer prove, or what is more than there is. */
static void take_back(struct search *s)
{
    const struct cy_transport *t = s->t;
    struct cy_transport_plan *plan = s->plan;

    memcpy(s->has, t->supply, t->n_rows * sizeof *s->has);
    memcpy(s->wants, t->demand, t->n_columns * sizeof *s->wants);
    for (uint32_t i = 0; i < t->n_rows; i++)
        plan->row_price[i] = price_of(t, plan, i);
    for (uint32_t j = 0; j < t->n_columns; j++) {
        uint64_t *carried = carried_to(t, plan, j);

        for (uint32_t i = 0; i < t->n_rows; i++) {
            if (carried[i] == 0)
                continue;
            if (plan->row_price[i] + plan->column_price[j] != costs_of(t, i)[j])
                carried[i] = 0;
            carried[i] = carried[i] < s->has[i] ? carried[i] : s->has[i];
            carried[i] = carried[i] < s->wants[j] ? carried[i] : s->wants[j];
            s->has[i] -= carried[i];
            s->wants[j] -= carried[i];
        }
    }
}

/* --- one way --- */

/* Columns in order: looked at, at the least distance, the others. */
struct way {
    uint32_t done;
    uint32_t edge;
    int64_t least;
    uint32_t end; /* a column that wants, at the least distance; NOBODY */
};

/* A column at the least distance joins the others there. */
static void join(struct search *s, struct way *way, uint32_t k)
{
    const uint32_t j = s->order[k];

    s->order[k] = s->order[way->edge];
    s->order[way->edge++] = j;
    if (s->wants[j] > 0)
        way->end = j;
}

/* A row is reached: ways from it to all columns further away. */
static void leave_row(struct search *s, struct way *way, uint32_t row, uint32_t via)
{
    const int32_t *cost = costs_of(s->t, row);
    const int64_t *price = s->plan->column_price;
    const int64_t shift = way->least - s->plan->row_price[row];

    s->seen[row] = 1;
    s->near[row] = way->least;
    s->via[row] = via;
    s->rows[s->n_rows++] = row;
    for (uint32_t k = way->edge; k < s->t->n_columns; k++) {
        const uint32_t j = s->order[k];
        const int64_t far = cost[j] - price[j] + shift;

        if (far >= s->far[j])
            continue;
        s->far[j] = far;
        s->from[j] = row;
        if (far == way->least)
            join(s, way, k);
    }
}

/* All columns that are nearest now. */
static void gather(struct search *s, struct way *way)
{
    way->least = INT64_MAX;
    for (uint32_t k = way->done; k < s->t->n_columns; k++)
        way->least = s->far[s->order[k]] < way->least ? s->far[s->order[k]] : way->least;
    CY_ASSERT(way->least != INT64_MAX);
    for (uint32_t k = way->done; k < s->t->n_columns; k++) {
        if (s->far[s->order[k]] == way->least)
            join(s, way, k);
    }
}

/* Prices after a search that ended at a distance. */
static void reprice(struct search *s, uint32_t done, int64_t least)
{
    for (uint32_t k = 0; k < s->n_rows; k++) {
        const uint32_t i = s->rows[k];

        s->plan->row_price[i] += least - s->near[i];
        s->seen[i] = 0;
    }
    for (uint32_t k = 0; k < done; k++) {
        const uint32_t j = s->order[k];

        s->plan->column_price[j] -= least - s->far[j];
    }
}

/* As much as can go along the way to a column. */
static void carry_to(struct search *s, uint32_t first, uint32_t end)
{
    uint64_t amount = s->has[first] < s->wants[end] ? s->has[first] : s->wants[end];

    for (uint32_t i = s->from[end]; i != first; i = s->from[s->via[i]]) {
        const uint64_t there = carried_to(s->t, s->plan, s->via[i])[i];

        amount = there < amount ? there : amount;
    }
    for (uint32_t i = s->from[end], j = end;; j = s->via[i], i = s->from[j]) {
        carried_to(s->t, s->plan, j)[i] += amount;
        if (i == first)
            break;
        carried_to(s->t, s->plan, s->via[i])[i] -= amount;
    }
    s->has[first] -= amount;
    s->wants[end] -= amount;
}

/* One search from a row; it always ends, for what is left at rows is left at columns. */
static void send(struct search *s, uint32_t row)
{
    struct way way = {.end = NOBODY};

    s->n_rows = 0;
    for (uint32_t j = 0; j < s->t->n_columns; j++) {
        s->order[j] = j;
        s->far[j] = INT64_MAX;
    }
    leave_row(s, &way, row, NOBODY);
    while (way.end == NOBODY) {
        const uint32_t j = way.done < way.edge ? s->order[way.done++] : NOBODY;

        if (j == NOBODY) {
            gather(s, &way);
            continue;
        }
        for (uint32_t i = 0; i < s->t->n_rows && way.end == NOBODY; i++) {
            if (carried_to(s->t, s->plan, j)[i] > 0 && s->seen[i] == 0)
                leave_row(s, &way, i, j);
        }
    }
    reprice(s, way.done, way.least);
    carry_to(s, row, way.end);
}

static bool take(struct search *s)
{
    const size_t rows = (size_t)s->t->n_rows + 1;
    const size_t columns = (size_t)s->t->n_columns + 1;

    s->has = malloc(rows * sizeof *s->has);
    s->wants = malloc(columns * sizeof *s->wants);
    s->far = malloc(columns * sizeof *s->far);
    s->from = malloc(columns * sizeof *s->from);
    s->order = malloc(columns * sizeof *s->order);
    s->near = malloc(rows * sizeof *s->near);
    s->via = malloc(rows * sizeof *s->via);
    s->rows = malloc(rows * sizeof *s->rows);
    s->seen = calloc(rows, 1);
    return s->has != NULL && s->wants != NULL && s->far != NULL && s->from != NULL &&
           s->order != NULL && s->near != NULL && s->via != NULL && s->rows != NULL &&
           s->seen != NULL;
}

bool cy_transport_find(const struct cy_transport *t, struct cy_transport_plan *plan)
{
    struct search s = {.t = t, .plan = plan};
    const bool good = take(&s);

    if (good) {
        take_back(&s);
        for (uint32_t i = 0; i < t->n_rows; i++) {
            while (s.has[i] > 0)
                send(&s, i);
        }
    }
    free(s.has);
    free(s.wants);
    free(s.far);
    free(s.from);
    free(s.order);
    free(s.near);
    free(s.via);
    free(s.rows);
    free(s.seen);
    return good;
}
