/* matpower: reads a power grid from a MATPOWER case file, version 2 (MATPOWER manual, appendix B).
 *
 *      function mpc = pglib_opf_case5_pjm
 *      mpc.version = '2';
 *      mpc.baseMVA = 100.0;
 *      mpc.bus = [ ... ];  mpc.gen = [ ... ];  mpc.branch = [ ... ];  mpc.gencost = [ ... ];
 *
 * Such a file is a program of another language; only assignments of numbers, texts and tables are
 * read, nothing is executed. Each number is read exactly and rounded once, here: power to the
 * milliwatt (1e-9 MW), angles to 1e-15 rad, a line's reactance to 1e-12 microradians per MW. Costs
 * stay as they are. What is switched off (status 0, bus type 4) is left out.
 *
 * Owns: the numbers of costs. Never: executes, guesses, believes a number that is not finite. */
#ifndef CY_MODELS_GRID_MATPOWER_H
#define CY_MODELS_GRID_MATPOWER_H

#include "base/num.h"
#include "models/desk/desk.h"
#include "models/lp/lp_words.h"

#define CY_GRID_POWER INT64_C(1000000000) /* units of power in a megawatt, of energy in a MWh */
#define CY_GRID_ANGLE INT64_C(1000000000) /* units of angle in a microradian */
#define CY_GRID_SCALE                                                                              \
    INT64_C(1000000000000)        /* coefficients of a program are whole numbers over this */
#define CY_GRID_ITEMS_MAX 200000u /* buses, generators, lines */
#define CY_GRID_SEGMENTS_MAX 64u  /* pieces of a generator's cost */

__extension__ typedef __int128 cy_grid_wide;

struct cy_grid_bus {
    uint32_t number; /* as in the file */
    int64_t load;    /* and what a shunt takes at nominal voltage */
    bool reference;
};

/* One piece of a generator's cost: linear up to its width, from one corner to the next. */
struct cy_grid_segment {
    int64_t width;
    mpq_t slope; /* money per MWh */
};

struct cy_grid_generator {
    uint32_t number; /* row of the file, from 1 */
    uint32_t bus;
    int64_t least;
    int64_t most;
    mpq_t quadratic;                  /* money per MW^2 h; 0 or more */
    mpq_t linear;                     /* money per MWh */
    mpq_t constant;                   /* money per hour while it stands ready */
    struct cy_grid_segment *segments; /* in the place of linear and quadratic; from `least` on */
    uint32_t n_segments;
};

struct cy_grid_line {
    uint32_t number; /* row of the file, from 1 */
    uint32_t from;
    uint32_t to;
    int64_t reactance; /* 1e-12 microradians per MW; below 0 for a series capacitor */
    int64_t shift;     /* units of angle */
    int64_t least;     /* flow, by rating and angle limits */
    int64_t most;
    bool rated; /* some limit is written in the file */
};

struct cy_grid_case {
    char name[64];
    struct cy_grid_bus *buses;
    uint32_t n_buses;
    struct cy_grid_generator *generators;
    uint32_t n_generators;
    struct cy_grid_line *lines;
    uint32_t n_lines;
    uint32_t reference; /* bus whose angle is 0 */
};

/* Which of the two usual approximations turns a line into a reactance. */
enum cy_grid_physics {
    CY_GRID_SUSCEPTANCE, /* x / (r^2 + x^2), ratios and shifts of transformers left out: the one of
                            the published DC figures (PowerModels' DCPPowerModel) */
    CY_GRID_TAPS,        /* 1 / (x * ratio), with shifts: MATPOWER's own (manual, chapter 3.7) */
};

/* cy_matpower_read reads a case. Memory is the desk's, but for numbers, which cy_grid_case_free
 * releases (in any case). Fails with MODEL_INPUT and the place; not noted. */
CY_MUST_USE cy_err cy_matpower_read(struct cy_desk *desk, struct cy_span text,
                                    enum cy_grid_physics physics, struct cy_grid_case *out,
                                    struct cy_desk_fault *fault);
void cy_grid_case_free(struct cy_grid_case *grid);

/* cy_grid_fixed rounds a number times `units` to a whole one, halves away from 0. False past
 * 2^62. */
CY_MUST_USE bool cy_grid_fixed(mpq_srcptr v, int64_t units, int64_t *out);

/* cy_grid_bus_find is the place of a bus number, CY_LP_NONE when there is none. */
uint32_t cy_grid_bus_find(const struct cy_grid_case *grid, uint32_t number);

#endif
