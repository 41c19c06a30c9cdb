/* grid_rules: what people agreed on about a shared grid, and the hours it is asked for.
 *
 * The charter is a text that anyone reads and that is signed as it stands:
 *
 *      comity grid charter 1
 *      title   The northern grid
 *      office  Grid council                    answers for what the charter decides
 *      class   hydro 1 4 7                     generators, by their row in the case
 *      merit   hydro wind gas step 200         an earlier class goes first, unless a later one
 * saves more than 200 a MWh for each place in the order group   hospitals 3 9 buses, by their
 * number shed    all 3000 evenly 10              load may be cut at this price a MWh; the price
 * rises shed    hospitals 20000                 by 10 up to the last of it, so that all are cut
 * alike
 *
 * Periods are a table: period, hours, load (a factor), and where wanted bus:N (a factor for this
 * bus in the place of load) and gen:N (which part of its most a generator has). Storage is a table:
 * storage, bus, energy, charge, discharge (MWh, MW), efficiency, start, end.
 *
 * Owns: nothing beyond the desk's memory. Never: decides. */
#ifndef CY_MODELS_GRID_GRID_RULES_H
#define CY_MODELS_GRID_GRID_RULES_H

#include "models/grid/matpower.h"

#define CY_GRID_MONEY 1000000 /* units of a price in the rules */
#define CY_GRID_CLASSES_MAX 32u
#define CY_GRID_PERIODS_MAX 168u
#define CY_GRID_STORES_MAX 1000u
#define CY_GRID_WORD 48u

struct cy_grid_period {
    char name[CY_GRID_WORD];
    int64_t hours; /* over CY_GRID_SCALE */
};

struct cy_grid_store {
    char name[CY_GRID_WORD];
    uint32_t bus;
    int64_t energy; /* all in units of power, or energy */
    int64_t charge;
    int64_t discharge;
    int64_t efficiency; /* of the way in and out together; over CY_GRID_SCALE */
    int64_t start;
    int64_t end; /* at least this much at the end */
};

struct cy_grid_rules {
    char title[128];
    char office[128];
    char classes[CY_GRID_CLASSES_MAX][CY_GRID_WORD];
    uint32_t n_classes;
    uint32_t place[CY_GRID_CLASSES_MAX]; /* in the order of merit, from 0 */
    int64_t step;                        /* in units of money */
    uint8_t *class_of;                   /* of each generator; 255: none */
    int64_t *shed_price;                 /* of each bus; below 0: its load may not be cut */
    int64_t *shed_rise;
    struct cy_grid_period *periods;
    uint32_t n_periods;
    int64_t *loads; /* [period * buses + bus] */
    int64_t *mosts; /* [period * generators + generator] */
    struct cy_grid_store *stores;
    uint32_t n_stores;
};

/* cy_grid_rules_plain is one hour by cost alone: no charter, no storage. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_grid_rules_plain(struct cy_desk *desk, const struct cy_grid_case *grid,
                                       struct cy_grid_rules *out);

/* Each reads one file into rules that were plain. Fails with MODEL_INPUT and the place, NO_MEMORY;
 * not noted. */
CY_MUST_USE cy_err cy_grid_charter_read(const struct cy_grid_case *grid, struct cy_span text,
                                        struct cy_grid_rules *rules, struct cy_desk_fault *fault);
CY_MUST_USE cy_err cy_grid_periods_read(struct cy_desk *desk, const struct cy_grid_case *grid,
                                        const struct cy_csv *csv, struct cy_grid_rules *rules,
                                        struct cy_desk_fault *fault);
CY_MUST_USE cy_err cy_grid_stores_read(struct cy_desk *desk, const struct cy_grid_case *grid,
                                       const struct cy_csv *csv, struct cy_grid_rules *rules,
                                       struct cy_desk_fault *fault);

#endif
