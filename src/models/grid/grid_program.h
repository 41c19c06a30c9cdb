/* grid_program: a grid, its rules and its hours as one program of columns and rows.
 *
 *      columns of a period                        rows of a period
 *        output of each generator (and pieces)      balance of each bus:  in - out = load
 *        load that is cut at each bus               law of each line: reactance * flow =
 *        flow of each line                                   angle - angle - shift, within a watt
 *        angle of each bus                          level of each store: level <= level before
 *        charge, discharge, level of each store              + efficiency * charge - discharge
 *
 * All in whole units, so that the exact program for the certificate and the one in floating point
 * for the search come from the same numbers. A quadratic cost stands in the exact program as the
 * straight line that touches it at the plan: it lies below everywhere and meets it at the plan, so
 * a bound for the line is a bound for the curve, and the value at the plan is the true one.
 *
 * Owns: its columns. Never: solves. */
#ifndef CY_MODELS_GRID_GRID_PROGRAM_H
#define CY_MODELS_GRID_GRID_PROGRAM_H

#include "models/grid/grid_rules.h"

enum cy_grid_kind {
    CY_GRID_OUTPUT,
    CY_GRID_SHED,
    CY_GRID_FLOW,
    CY_GRID_ANGLE_OF,
    CY_GRID_CHARGE,
    CY_GRID_DISCHARGE,
    CY_GRID_LEVEL,
};

struct cy_grid_term {
    uint32_t row;
    int64_t by; /* over CY_GRID_SCALE */
};

struct cy_grid_column {
    enum cy_grid_kind kind;
    uint32_t period;
    uint32_t item; /* generator, bus, line or store */
    uint32_t part; /* of a cost in pieces: 0 what must run, then the pieces */
    bool open;     /* an angle: without bounds */
    int64_t lower; /* units of power, energy or angle */
    int64_t upper;
    mpq_t cost; /* money for a whole MW, MWh; hours and precedence in it */
    mpq_t quadratic;
    uint32_t first; /* terms */
    uint32_t n;
};

enum cy_grid_row_kind { CY_GRID_BALANCE, CY_GRID_LAW, CY_GRID_STORED };

struct cy_grid_row {
    enum cy_grid_row_kind kind;
    uint32_t period;
    uint32_t item;
    int64_t right;     /* units */
    int64_t tolerance; /* laws: over CY_GRID_SCALE microradians */
};

struct cy_grid_program {
    const struct cy_grid_case *grid;
    const struct cy_grid_rules *rules;
    struct cy_grid_column *columns;
    uint32_t n_columns;
    uint32_t columns_room;
    struct cy_grid_term *terms;
    uint32_t n_terms;
    uint32_t terms_room;
    struct cy_grid_row *rows;
    uint32_t n_rows;
    uint32_t rows_per_period;
    mpq_t constant;      /* money that is paid in any case */
    uint32_t *first;     /* of each period: its first column */
    uint32_t *flow;      /* of each period: the first flow; angles follow */
    uint32_t *tree;      /* buses from the reference outwards */
    uint32_t *tree_line; /* the line by which each bus hangs on the tree; none for the reference */
};

/* cy_grid_program_make builds the program. Free it in any case. */
void cy_grid_program_make(const struct cy_grid_case *grid, const struct cy_grid_rules *rules,
                          struct cy_grid_program *out);
void cy_grid_program_free(struct cy_grid_program *program);

/* Rows of a period. */
static inline uint32_t cy_grid_balance(const struct cy_grid_program *p, uint32_t period,
                                       uint32_t bus)
{
    return period * p->rows_per_period + bus;
}

static inline uint32_t cy_grid_law(const struct cy_grid_program *p, uint32_t period, uint32_t line)
{
    return period * p->rows_per_period + p->grid->n_buses + line;
}

/* cy_grid_program_exact gives the program for the certificate, scaled, for the plan x (units, one
 * for each column). NULL when a number grows too long. */
struct cy_lp_program *cy_grid_program_exact(const struct cy_grid_program *program,
                                            const int64_t *x);

/* What the search in floating point came to. */
struct cy_grid_advice {
    double *x; /* of each column, in MW, MWh, microradians */
    double *y; /* of each row: money for a MW; money for a microradian */
    bool good; /* the search came to an end */
    uint32_t steps;
};

/* cy_grid_program_search looks for the best plan; with `short_of`, for the one that misses the
 * balances by the least sum of megawatts, whatever it costs. Free the advice in any case. */
void cy_grid_program_search(const struct cy_grid_program *program, bool short_of,
                            struct cy_grid_advice *out);
void cy_grid_advice_free(struct cy_grid_advice *advice);

#endif
