/* lp_answer: from a program to an answer with its certificate, which is checked before it is given.
 *
 *      program -> (basis advised by a solver) -> exact simplex -> certificate -> certify/lp
 *
 * A certificate that the checker refuses is never given out: that would be a fault of this side,
 * and is told as such.
 *
 * Owns: the bytes and numbers of one answer. Never: runs a program. */
#ifndef CY_MODELS_LP_LP_ANSWER_H
#define CY_MODELS_LP_LP_ANSWER_H

#include "models/lp/lp_advice.h"
#include "models/lp/lp_branch.h"

#include "certify/lp.h"

struct cy_lp_answer {
    enum cy_lp_outcome outcome;
    struct cy_lp_bytes program; /* what the certificate is about */
    struct cy_id program_id;    /* its SHA-256 */
    struct cy_lp_bytes certificate;
    mpq_t value; /* the objective as it was asked (most or least, in its own unit); CY_LP_FOUND */
    mpq_t *x;    /* of each column */
    mpq_t *y;    /* of each row, in the unit of the row and objective as they were asked */
    uint32_t n_columns;
    uint32_t n_rows;
    bool settled;   /* the point is the one that order and program name, whoever advised */
    bool advised;   /* a basis was taken from a solver */
    uint64_t steps; /* exact steps */
    uint32_t leaves;
    uint64_t solve_ns;
    uint64_t check_ns;
};

struct cy_lp_wish {
    const enum cy_lp_place *advice; /* NULL: none; columns, then rows */
    const uint32_t *order;          /* settle ties so; NULL: by the columns' names */
    bool any;                       /* any best point will do: ties are not settled */
    uint64_t limit_ns;              /* 0: no limit */
};

/* cy_lp_answer_find solves a scaled program and checks its own answer. Fails with CERT_WRONG or
 * CERT_FORM when the checker refuses it (a fault of this program). Free the answer in any case. */
CY_MUST_USE cy_err cy_lp_answer_find(const struct cy_lp_program *lp, const struct cy_lp_wish *wish,
                                     struct cy_lp_answer *out);
void cy_lp_answer_free(struct cy_lp_answer *answer);

/* A certificate as judged, on memory of its own. */
struct cy_lp_judged {
    void *room;
    struct cy_lp_form form;
    struct cy_lp_verdict verdict;
};

/* cy_lp_judge reads and checks program and certificate with as much memory as it takes, up to
 * 4 GiB. Fails as certify/lp does. Free the judged in any case. */
CY_MUST_USE cy_err cy_lp_judge(struct cy_span program, struct cy_span certificate,
                               struct cy_lp_judged *out);
void cy_lp_judged_free(struct cy_lp_judged *judged);

/* cy_lp_fraction makes above / below a fraction. */
void cy_lp_fraction(const struct cy_whole *above, const struct cy_whole *below, mpq_ptr out);

#endif
