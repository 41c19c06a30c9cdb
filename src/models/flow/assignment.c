#include "models/flow/assignment.h"

#include <stdlib.h>
#include <string.h>

#define NOBODY UINT32_MAX

struct work {
    const int32_t *cost;
    uint32_t n;
    uint32_t *column_of;
    uint32_t *row_of;
    int64_t *price; /* of columns */
    uint32_t *free_rows;
    uint32_t n_free;
    int64_t *far;    /* least way to each column */
    uint32_t *from;  /* the row before it */
    uint32_t *order; /* columns: looked at, at the least distance, the others */
};

static const int32_t *row_at(const struct work *w, uint32_t i)
{
    return w->cost + (size_t)i * w->n;
}

/* Every column offers itself to the row where it costs least. */
static void reduce_columns(struct work *w)
{
    uint32_t *least = w->from;

    for (uint32_t j = 0; j < w->n; j++) {
        w->price[j] = w->cost[j];
        least[j] = 0;
        w->row_of[j] = w->column_of[j] = NOBODY;
    }
    for (uint32_t i = 1; i < w->n; i++) {
        const int32_t *cost = row_at(w, i);

        for (uint32_t j = 0; j < w->n; j++) {
            if (cost[j] < w->price[j]) {
                w->price[j] = cost[j];
                least[j] = i;
            }
        }
    }
    for (uint32_t j = 0; j < w->n; j++) {
        if (w->column_of[least[j]] != NOBODY)
            continue;
        w->column_of[least[j]] = j;
        w->row_of[j] = least[j];
    }
    w->n_free = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        if (w->column_of[i] == NOBODY)
            w->free_rows[w->n_free++] = i;
    }
}

struct best {
    uint32_t first;
    uint32_t second;
    int64_t least;
    int64_t next;
};

static struct best best_of(const struct work *w, uint32_t i)
{
    const int32_t *cost = row_at(w, i);
    struct best b = {0, NOBODY, cost[0] - w->price[0], INT64_MAX};

    for (uint32_t j = 1; j < w->n; j++) {
        const int64_t at = cost[j] - w->price[j];

        if (at >= b.next)
            continue;
        if (at >= b.least) {
            b.next = at;
            b.second = j;
            continue;
        }
        b.next = b.least;
        b.second = b.first;
        b.least = at;
        b.first = j;
    }
    return b;
}

/* One round of bids: a row takes its best column, at a price that makes the second best as good. */
static void bid(struct work *w)
{
    const uint32_t all = w->n_free;
    uint32_t kept = 0;

    for (uint32_t k = 0; k < all;) {
        const uint32_t i = w->free_rows[k++];
        const struct best b = best_of(w, i);
        uint32_t column = b.first;
        uint32_t before = w->row_of[column];

        if (b.second == NOBODY || b.least < b.next)
            w->price[column] -= b.second == NOBODY ? 0 : b.next - b.least;
        else if (before != NOBODY) {
            column = b.second;
            before = w->row_of[column];
        }
        w->column_of[i] = column;
        w->row_of[column] = i;
        if (before == NOBODY)
            continue;
        w->column_of[before] = NOBODY;
        if (b.least < b.next)
            w->free_rows[--k] = before; /* it bids at once */
        else
            w->free_rows[kept++] = before;
    }
    w->n_free = kept;
}

/* --- paths --- */

struct path {
    uint32_t done; /* order[0 .. done): looked at */
    uint32_t edge; /* order[done .. edge): at the least distance */
    int64_t least;
};

/* The columns at the least distance come first among those not looked at; a free one, or NOBODY. */
static uint32_t gather(struct work *w, struct path *p)
{
    p->least = w->far[w->order[p->edge]];
    for (uint32_t k = p->edge; k < w->n; k++) {
        const uint32_t j = w->order[k];

        if (w->far[j] > p->least)
            continue;
        if (w->far[j] < p->least) {
            p->edge = p->done;
            p->least = w->far[j];
        }
        w->order[k] = w->order[p->edge];
        w->order[p->edge++] = j;
    }
    for (uint32_t k = p->done; k < p->edge; k++) {
        if (w->row_of[w->order[k]] == NOBODY)
            return w->order[k];
    }
    return NOBODY;
}

/* Ways on through the row of one column; a free column at the least distance, or NOBODY. */
static uint32_t look(struct work *w, struct path *p)
{
    const uint32_t at = w->order[p->done++];
    const uint32_t i = w->row_of[at];
    const int32_t *cost = row_at(w, i);
    const int64_t shift = cost[at] - w->price[at] - p->least;

    for (uint32_t k = p->edge; k < w->n; k++) {
        const uint32_t j = w->order[k];
        const int64_t far = cost[j] - w->price[j] - shift;

        if (far >= w->far[j])
            continue;
        w->far[j] = far;
        w->from[j] = i;
        if (far > p->least)
            continue;
        if (w->row_of[j] == NOBODY)
            return j;
        w->order[k] = w->order[p->edge];
        w->order[p->edge++] = j;
    }
    return NOBODY;
}

/* The shortest way from a free row to a free column; lowers the prices along it, and turns it. */
static void place(struct work *w, uint32_t row)
{
    const int32_t *cost = row_at(w, row);
    struct path p = {0, 0, 0};
    uint32_t settled = 0; /* columns nearer than the least */
    uint32_t end = NOBODY;

    for (uint32_t j = 0; j < w->n; j++) {
        w->far[j] = cost[j] - w->price[j];
        w->from[j] = row;
        w->order[j] = j;
    }
    while (end == NOBODY) {
        if (p.done == p.edge) {
            settled = p.done;
            end = gather(w, &p);
        } else
            end = look(w, &p);
    }
    for (uint32_t k = 0; k < settled; k++)
        w->price[w->order[k]] += w->far[w->order[k]] - p.least;
    for (uint32_t i = NOBODY; i != row;) {
        uint32_t next = 0;

        i = w->from[end];
        w->row_of[end] = i;
        next = w->column_of[i];
        w->column_of[i] = end;
        end = next;
    }
}

bool cy_assignment_find(const int32_t *cost, uint32_t n, uint32_t *column_of, int64_t *row_price,
                        int64_t *column_price)
{
    struct work w = {.cost = cost, .n = n, .column_of = column_of, .price = column_price};
    bool good = false;

    w.row_of = malloc(((size_t)n + 1) * sizeof *w.row_of);
    w.free_rows = malloc(((size_t)n + 1) * sizeof *w.free_rows);
    w.far = malloc(((size_t)n + 1) * sizeof *w.far);
    w.from = malloc(((size_t)n + 1) * sizeof *w.from);
    w.order = malloc(((size_t)n + 1) * sizeof *w.order);
    good = w.row_of != NULL && w.free_rows != NULL && w.far != NULL && w.from != NULL &&
           w.order != NULL;
    if (good && n > 0) {
        reduce_columns(&w);
        bid(&w);
        bid(&w);
        for (uint32_t k = 0; k < w.n_free; k++)
            place(&w, w.free_rows[k]);
        for (uint32_t i = 0; i < n; i++)
            row_price[i] = row_at(&w, i)[column_of[i]] - column_price[column_of[i]];
    }
    free(w.row_of);
    free(w.free_rows);
    free(w.far);
    free(w.from);
    free(w.order);
    return good;
}
