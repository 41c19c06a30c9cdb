/* early_warning: which pairs may drift apart next year, and how far such warnings can be believed.
 *
 * Of every pair and year: its agreement above or below the average of all pairs (roll_call.h). The
 * event: that falls by `drop` or more within the next year. A warning is a frequency among cases
 * like it before: pairs are sorted by how much the agreement changed in the last year, and by how
 * far it stands above its mean of the three years before, each into ten parts with as many cases;
 * the risk of a cell is
 *
 *      (events in it + 20 x the rate of all cases) / (cases in it + 20)
 *
 * so that a cell with few cases says little. Nothing is told without its calibration: for each of
 * the last years, a warning made from what was known at its beginning is held to what came
 * (rolling origin). The Brier score is the mean square of risk - outcome; beside it two warnings
 * that need no model: the rate of all cases, and the last year's change alone. What is no better
 * than those is said to be of no use.
 *
 * Pairs of one year move together, so the number of years in which it did better counts, not the
 * number of pairs. Whole numbers (millionths): the same table gives the same warnings everywhere.
 *
 * Owns: nothing; all stands in the desk's memory. Never: says why. */
#ifndef CY_MODELS_NETWORK_EARLY_WARNING_H
#define CY_MODELS_NETWORK_EARLY_WARNING_H

#include "models/network/roll_call.h"

#define CY_WARNING_PARTS 10u
#define CY_WARNING_BINS 10u
#define CY_WARNING_YEARS_MAX 256u
#define CY_WARNING_VOTES 20u /* a pair with fewer common votes in a year is not judged */

/* The agreement of all pairs, year by year. */
struct cy_warning_years {
    size_t n_parties;
    size_t n;
    unsigned first;                       /* the calendar year of the first */
    int32_t *above[CY_WARNING_YEARS_MAX]; /* n_parties^2, millionths; INT32_MIN unknown */
};

/* A warning, and the cases it rests on. */
struct cy_warning {
    uint32_t a;
    uint32_t b;
    int32_t above;  /* agreement above the average of that year */
    int32_t change; /* since the year before */
    int32_t lift;   /* above its mean of the three years before */
    uint32_t risk;  /* millionths */
    uint32_t cases; /* like it before, and how many of them drifted apart */
    uint32_t events;
};

/* Sums of squares of (risk - outcome) in millionths, and what they are of. */
struct cy_warning_score {
    uint64_t cases;
    uint64_t events;
    uint64_t squares;        /* of the warnings: cases x 10^12 at most */
    uint64_t squares_rate;   /* of the rate of all cases */
    uint64_t squares_change; /* of the last year's change alone */
};

struct cy_warning_bin {
    uint64_t cases;
    uint64_t risks; /* sum, millionths */
    uint64_t events;
};

struct cy_warning_report {
    struct cy_warning_score all;
    struct cy_warning_score years[CY_WARNING_YEARS_MAX]; /* by the year that came */
    size_t n_years;
    unsigned first; /* the calendar year of the first of them */
    size_t better;  /* years in which warnings did better than both without a model */
    struct cy_warning_bin bins[CY_WARNING_BINS];
    uint64_t rate; /* of all cases, for the warnings that are told; millionths */
    uint64_t cases;
};

/* cy_warning_years_make computes agreements. Fails with MODEL_INPUT (fewer than four years, more
 * than the most, a year without votes), NO_MEMORY; noted. */
CY_MUST_USE cy_err cy_warning_years_make(struct cy_desk *desk, const struct cy_roll_calls *calls,
                                         struct cy_warning_years *out);

/* cy_warning_report_make holds warnings to the last `held_out` years. Fails with MODEL_INPUT (too
 * few years before them), NO_MEMORY; noted. */
CY_MUST_USE cy_err cy_warning_report_make(struct cy_desk *desk, const struct cy_warning_years *y,
                                          uint32_t drop, size_t held_out,
                                          struct cy_warning_report *out);

/* cy_warnings_make gives the warnings for the year after the last, the highest risk first (then
 * what stands highest above its mean), at most cap; *n is how many. Fails with NO_MEMORY; noted. */
CY_MUST_USE cy_err cy_warnings_make(struct cy_desk *desk, const struct cy_warning_years *y,
                                    uint32_t drop, struct cy_warning *out, size_t cap, size_t *n,
                                    struct cy_warning_report *report);

#endif
