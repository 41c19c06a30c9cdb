#include "models/lp/lp_factor.h"

#include <stdlib.h>

/* A row while it is eliminated, and as it stays in the upper triangle. */
struct line {
    struct cy_lp_term *cells; /* .row is the column's number here */
    uint32_t n;
    uint32_t room;
};

/* One elimination step, or one replaced column. */
struct step {
    uint32_t row;
    uint32_t column;
    mpq_t pivot;
    struct line others; /* steps: multipliers of the rows below; replacements: the column's rest */
};

struct cy_lp_factor {
    uint32_t n;
    struct step *steps;
    uint32_t n_steps;
    struct line *rows;
    struct step *swaps;
    uint32_t n_swaps;
    uint32_t swaps_room;
    mpq_t *copy; /* n numbers */
    mpq_t term;
};

/* What elimination needs besides. */
struct work {
    struct cy_lp_factor *f;
    uint32_t **holders; /* of each column: rows that hold it, some no longer */
    uint32_t *n_holders;
    uint32_t *holders_room;
    uint32_t *count; /* of each column: rows still to do that hold it */
    bool *row_done;
    bool *column_done;
    uint32_t *queue; /* columns and rows (n + row) that were seen with one cell */
    uint32_t queue_n;
    uint32_t queue_room;
};

static void line_add(struct line *line, uint32_t at, mpq_srcptr v)
{
    if (line->n == line->room) {
        line->room = 2 * line->room + 4;
        line->cells = cy_lp_grow(line->cells, line->room, sizeof *line->cells);
    }
    line->cells[line->n].row = at;
    mpq_init(line->cells[line->n].by);
    mpq_set(line->cells[line->n].by, v);
    line->n++;
}

static void line_free(struct line *line)
{
    for (uint32_t i = 0; i < line->n; i++)
        mpq_clear(line->cells[i].by);
    free(line->cells);
    *line = (struct line){0};
}

static void line_remove(struct line *line, uint32_t i)
{
    line->n--;
    if (i != line->n) {
        mpq_swap(line->cells[i].by, line->cells[line->n].by);
        line->cells[i].row = line->cells[line->n].row;
    }
    mpq_clear(line->cells[line->n].by);
}

static uint32_t line_find(const struct line *line, uint32_t at)
{
    for (uint32_t i = 0; i < line->n; i++) {
        if (line->cells[i].row == at)
            return i;
    }
    return CY_LP_NONE;
}

/* --- the order of elimination --- */

static void notice(struct work *w, uint32_t what)
{
    if (w->queue_n == w->queue_room) {
        w->queue_room = 2 * w->queue_room + 64;
        w->queue = cy_lp_grow(w->queue, w->queue_room, sizeof *w->queue);
    }
    w->queue[w->queue_n++] = what;
}

static void hold(struct work *w, uint32_t column, uint32_t row)
{
    if (w->n_holders[column] == w->holders_room[column]) {
        w->holders_room[column] = 2 * w->holders_room[column] + 4;
        w->holders[column] =
            cy_lp_grow(w->holders[column], w->holders_room[column], sizeof *w->holders[column]);
    }
    w->holders[column][w->n_holders[column]++] = row;
    w->count[column]++;
}

static void let_go(struct work *w, uint32_t column)
{
    if (--w->count[column] == 1)
        notice(w, column);
}

static bool singleton(struct work *w, uint32_t *row, uint32_t *column)
{
    while (w->queue_n > 0) {
        const uint32_t what = w->queue[--w->queue_n];

        if (what >= w->f->n) {
            *row = what - w->f->n;
            if (w->row_done[*row] || w->f->rows[*row].n != 1)
                continue;
            *column = w->f->rows[*row].cells[0].row;
            return true;
        }
        *column = what;
        if (w->column_done[what] || w->count[what] != 1)
            continue;
        for (uint32_t h = 0; h < w->n_holders[what]; h++) {
            *row = w->holders[what][h];
            if (!w->row_done[*row] && line_find(&w->f->rows[*row], what) != CY_LP_NONE)
                return true;
        }
    }
    return false;
}

/* The cell of least (row cells - 1) * (column cells - 1), sought in the shortest rows. */
static bool cheapest(const struct work *w, uint32_t *row, uint32_t *column)
{
    uint64_t best = UINT64_MAX;

    for (uint32_t i = 0; i < w->f->n; i++) {
        const struct line *line = &w->f->rows[i];

        if (w->row_done[i] ||
            (best != UINT64_MAX && (uint64_t)(line->n - 1) * (line->n - 1) >= best))
            continue;
        for (uint32_t c = 0; c < line->n; c++) {
            const uint64_t fill = (uint64_t)(line->n - 1) * (w->count[line->cells[c].row] - 1);

            if (fill < best) {
                best = fill;
                *row = i;
                *column = line->cells[c].row;
            }
        }
    }
    return best != UINT64_MAX;
}

/* --- elimination --- */

/* row -= by * pivot row, both without the pivot's column. places: column -> cell of the row. */
static void take_away(struct work *w, uint32_t row, const struct line *pivot, uint32_t column,
                      mpq_srcptr by, uint32_t *places)
{
    struct line *line = &w->f->rows[row];
    mpq_t v;

    mpq_init(v);
    for (uint32_t c = 0; c < line->n; c++)
        places[line->cells[c].row] = c + 1;
    for (uint32_t c = 0; c < pivot->n; c++) {
        const uint32_t at = pivot->cells[c].row;

        if (at == column)
            continue;
        mpq_mul(v, by, pivot->cells[c].by);
        if (places[at] != 0) {
            mpq_sub(line->cells[places[at] - 1].by, line->cells[places[at] - 1].by, v);
            continue;
        }
        mpq_neg(v, v);
        line_add(line, at, v);
        hold(w, at, row);
    }
    for (uint32_t c = 0; c < line->n; c++)
        places[line->cells[c].row] = 0;
    for (uint32_t c = line->n; c-- > 0;) {
        if (mpq_sgn(line->cells[c].by) == 0) {
            let_go(w, line->cells[c].row);
            line_remove(line, c);
        }
    }
    mpq_clear(v);
}

static void eliminate(struct work *w, uint32_t row, uint32_t column, uint32_t *places)
{
    struct cy_lp_factor *f = w->f;
    struct step *step = &f->steps[f->n_steps++];
    struct line *pivot = &f->rows[row];
    mpq_t by;

    mpq_init(by);
    *step = (struct step){.row = row, .column = column};
    mpq_init(step->pivot);
    mpq_set(step->pivot, pivot->cells[line_find(pivot, column)].by);
    w->row_done[row] = true;
    w->column_done[column] = true;
    for (uint32_t c = 0; c < pivot->n; c++)
        let_go(w, pivot->cells[c].row);
    for (uint32_t h = 0; h < w->n_holders[column]; h++) {
        const uint32_t below = w->holders[column][h];
        uint32_t cell = CY_LP_NONE;

        if (w->row_done[below])
            continue;
        cell = line_find(&f->rows[below], column);
        if (cell == CY_LP_NONE)
            continue; /* cancelled out, or seen already */
        mpq_div(by, f->rows[below].cells[cell].by, step->pivot);
        line_remove(&f->rows[below], cell);
        line_add(&step->others, below, by);
        take_away(w, below, pivot, column, by, places);
        if (f->rows[below].n == 1)
            notice(w, f->n + below);
    }
    line_remove(pivot, line_find(pivot, column));
    mpq_clear(by);
}

static void work_free(struct work *w)
{
    for (uint32_t c = 0; c < w->f->n; c++)
        free(w->holders[c]);
    free(w->holders);
    free(w->n_holders);
    free(w->holders_room);
    free(w->count);
    free(w->row_done);
    free(w->column_done);
    free(w->queue);
}

static void begin(struct work *w, const struct cy_lp_sparse *columns)
{
    const uint32_t n = w->f->n;

    w->holders = cy_lp_alloc(n, sizeof *w->holders);
    w->n_holders = cy_lp_alloc(n, sizeof *w->n_holders);
    w->holders_room = cy_lp_alloc(n, sizeof *w->holders_room);
    w->count = cy_lp_alloc(n, sizeof *w->count);
    w->row_done = cy_lp_alloc(n, sizeof *w->row_done);
    w->column_done = cy_lp_alloc(n, sizeof *w->column_done);
    for (uint32_t c = 0; c < n; c++) {
        for (uint32_t t = 0; t < columns[c].n; t++) {
            line_add(&w->f->rows[columns[c].terms[t].row], c, columns[c].terms[t].by);
            hold(w, c, columns[c].terms[t].row);
        }
    }
    for (uint32_t c = 0; c < n; c++) {
        if (w->f->rows[c].n == 1)
            notice(w, n + c);
        if (w->count[c] == 1)
            notice(w, c);
    }
}

struct cy_lp_factor *cy_lp_factor_new(const struct cy_lp_sparse *columns, uint32_t n,
                                      uint32_t *bad_column, uint32_t *bad_row)
{
    struct cy_lp_factor *f = cy_lp_alloc(1, sizeof *f);
    struct work w = {.f = f};
    uint32_t *places = cy_lp_alloc(n, sizeof *places);
    uint32_t row = 0;
    uint32_t column = 0;
    bool whole = false;

    f->n = n;
    f->steps = cy_lp_alloc(n, sizeof *f->steps);
    f->rows = cy_lp_alloc(n, sizeof *f->rows);
    f->copy = cy_lp_alloc(n, sizeof *f->copy);
    for (uint32_t i = 0; i < n; i++)
        mpq_init(f->copy[i]);
    mpq_init(f->term);
    begin(&w, columns);
    while (f->n_steps < n && (singleton(&w, &row, &column) || cheapest(&w, &row, &column)))
        eliminate(&w, row, column, places);
    whole = f->n_steps == n;
    for (uint32_t i = 0; i < n && !whole; i++) {
        if (!w.row_done[i])
            *bad_row = i;
        if (!w.column_done[i])
            *bad_column = i;
    }
    free(places);
    work_free(&w);
    if (whole)
        return f;
    cy_lp_factor_free(f);
    return NULL;
}

void cy_lp_factor_free(struct cy_lp_factor *f)
{
    if (f == NULL)
        return;
    for (uint32_t i = 0; i < f->n; i++) {
        line_free(&f->rows[i]);
        mpq_clear(f->copy[i]);
    }
    for (uint32_t i = 0; i < f->n_steps; i++) {
        mpq_clear(f->steps[i].pivot);
        line_free(&f->steps[i].others);
    }
    for (uint32_t i = 0; i < f->n_swaps; i++) {
        mpq_clear(f->swaps[i].pivot);
        line_free(&f->swaps[i].others);
    }
    mpq_clear(f->term);
    free(f->steps);
    free(f->swaps);
    free(f->rows);
    free(f->copy);
    free(f);
}

/* --- solving --- */

static void minus_product(struct cy_lp_factor *f, mpq_ptr to, mpq_srcptr a, mpq_srcptr b)
{
    if (mpq_sgn(a) == 0 || mpq_sgn(b) == 0)
        return;
    mpq_mul(f->term, a, b);
    mpq_sub(to, to, f->term);
}

void cy_lp_factor_columns(struct cy_lp_factor *f, mpq_t *b)
{
    for (uint32_t k = 0; k < f->n; k++) {
        const struct step *step = &f->steps[k];

        if (mpq_sgn(b[step->row]) == 0)
            continue;
        for (uint32_t i = 0; i < step->others.n; i++)
            minus_product(f, b[step->others.cells[i].row], step->others.cells[i].by, b[step->row]);
    }
    for (uint32_t k = f->n; k-- > 0;) {
        const struct step *step = &f->steps[k];
        const struct line *row = &f->rows[step->row];

        for (uint32_t i = 0; i < row->n; i++)
            minus_product(f, b[step->row], row->cells[i].by, f->copy[row->cells[i].row]);
        if (mpq_sgn(b[step->row]) == 0)
            mpq_set_ui(f->copy[step->column], 0, 1);
        else
            mpq_div(f->copy[step->column], b[step->row], step->pivot);
    }
    for (uint32_t i = 0; i < f->n; i++)
        mpq_swap(b[i], f->copy[i]);
    for (uint32_t k = 0; k < f->n_swaps; k++) {
        const struct step *swap = &f->swaps[k];

        if (mpq_sgn(b[swap->row]) == 0)
            continue;
        mpq_div(b[swap->row], b[swap->row], swap->pivot);
        for (uint32_t i = 0; i < swap->others.n; i++)
            minus_product(f, b[swap->others.cells[i].row], swap->others.cells[i].by, b[swap->row]);
    }
}

void cy_lp_factor_rows(struct cy_lp_factor *f, mpq_t *c)
{
    for (uint32_t k = f->n_swaps; k-- > 0;) {
        const struct step *swap = &f->swaps[k];

        for (uint32_t i = 0; i < swap->others.n; i++)
            minus_product(f, c[swap->row], swap->others.cells[i].by, c[swap->others.cells[i].row]);
        if (mpq_sgn(c[swap->row]) != 0)
            mpq_div(c[swap->row], c[swap->row], swap->pivot);
    }
    for (uint32_t k = 0; k < f->n; k++) {
        const struct step *step = &f->steps[k];
        const struct line *row = &f->rows[step->row];

        if (mpq_sgn(c[step->column]) == 0) {
            mpq_set_ui(f->copy[step->row], 0, 1);
            continue;
        }
        mpq_div(f->copy[step->row], c[step->column], step->pivot);
        for (uint32_t i = 0; i < row->n; i++)
            minus_product(f, c[row->cells[i].row], row->cells[i].by, f->copy[step->row]);
    }
    for (uint32_t k = f->n; k-- > 0;) {
        const struct step *step = &f->steps[k];

        for (uint32_t i = 0; i < step->others.n; i++)
            minus_product(f, f->copy[step->row], step->others.cells[i].by,
                          f->copy[step->others.cells[i].row]);
    }
    for (uint32_t i = 0; i < f->n; i++)
        mpq_swap(c[i], f->copy[i]);
}

uint32_t cy_lp_factor_replace(struct cy_lp_factor *f, uint32_t at, mpq_t *image)
{
    struct step *swap = NULL;

    CY_ASSERT(mpq_sgn(image[at]) != 0);
    if (f->n_swaps == f->swaps_room) {
        f->swaps_room = 2 * f->swaps_room + 16;
        f->swaps = cy_lp_grow(f->swaps, f->swaps_room, sizeof *f->swaps);
    }
    swap = &f->swaps[f->n_swaps++];
    *swap = (struct step){.row = at};
    mpq_init(swap->pivot);
    mpq_set(swap->pivot, image[at]);
    for (uint32_t i = 0; i < f->n; i++) {
        if (i != at && mpq_sgn(image[i]) != 0)
            line_add(&swap->others, i, image[i]);
    }
    return f->n_swaps;
}
