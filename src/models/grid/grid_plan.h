/* grid_plan: from the search's advice to a plan in whole milliwatts with a certificate.
 *
 *      advice -> outputs rounded, balanced to the unit -> angles solved again -> flows rounded and
 *      balanced along a tree -> exact check -> multipliers rounded, so that angles cancel exactly
 *      -> certificate of kind "bounded" -> certify/lp
 *
 * Exact angles would need thousands of bits. So every balance holds to the last unit, every limit
 * too, and each line's law to within a watt, which is part of the program that is proved: the bound
 * holds for all plans that keep the law within a watt, and so for those that keep it exactly.
 *
 * Owns: one plan. Never: gives a plan that the checker refuses. */
#ifndef CY_MODELS_GRID_GRID_PLAN_H
#define CY_MODELS_GRID_GRID_PLAN_H

#include "models/grid/grid_program.h"

struct cy_grid_plan {
    int64_t *x;  /* of each column, in units */
    bool found;  /* a plan; else a proof that there is none */
    mpq_t value; /* money, precedence of classes included */
    mpq_t bound; /* no plan costs less */
    mpq_t money; /* money without precedence and without what cut load counts */
    mpq_t *y;    /* of each row, in money for a MW or microradian (no plan: weights) */
    uint32_t n_rows;
    mpq_t missing;        /* no plan: megawatts that are missing at least, all periods together */
    double strain_w;      /* the most by which a line's law is missed, in watts */
    struct cy_id program; /* SHA-256 of the program's bytes */
    size_t program_bytes;
    struct cy_lp_bytes certificate;
    uint32_t steps;
    uint64_t search_ns;
    uint64_t prove_ns;
    uint64_t check_ns;
};

/* cy_grid_plan_find finds a plan and its certificate, or the proof that there is none. Fails with
 * MODEL_STALLED when neither could be proved (numbers too far apart), CERT_* when the checker
 * refuses it (a fault of this side). Free the plan in any case. */
CY_MUST_USE cy_err cy_grid_plan_find(const struct cy_grid_program *program,
                                     struct cy_grid_plan *out);

/* cy_grid_plan_judge takes a certificate about the program that outputs (x of the columns; others
 * may be 0) fix, and fills the plan from it. Fails with CERT_*. Free the plan in any case. */
CY_MUST_USE cy_err cy_grid_plan_judge(const struct cy_grid_program *program, const int64_t *x,
                                      struct cy_span certificate, struct cy_grid_plan *out);
void cy_grid_plan_free(struct cy_grid_plan *plan);

/* cy_grid_cost is a column's money for an output, without precedence: what is paid. */
void cy_grid_cost(const struct cy_grid_program *program, const int64_t *x, mpq_ptr out);

/* cy_grid_pull is how much the objective changes for one more MW of a column (its reduced cost):
 * below 0, more of it would save. */
void cy_grid_pull(const struct cy_grid_program *program, const struct cy_grid_plan *plan,
                  uint32_t column, mpq_ptr out);

#endif
