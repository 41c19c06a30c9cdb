/* allocate_stage: a rule as a row of linear programs, each with a certificate.
 *
 * Every rule raises a level t as far as it will go for everybody whose share still can grow,
 *
 *      most t   such that   share[p] >= from[p] + per[p] * t,   floors, caps, shares, supply
 *
 * holds those whom the certificate shows to be stuck (a multiplier above 0: they stand at the level
 * in every best point), and goes on with the others. That is the leximin solution (after Ogryczak,
 * Pioro and Tomaszewski 2005); it is the only one, so order and solver cannot matter. The rules
 * differ in from and per:
 *
 *      proportional   0, claim           equal awards   0, 1
 *      weighted       0, claim * weight  equal losses   claim, 1
 *      nash           0, weight          talmud         equal awards to half a claim, then losses
 *
 * Whoever verifies builds the same programs from charter and certificates, and solves nothing.
 *
 * Owns: the numbers of a state. Never: solves. */
#ifndef CY_MODELS_ALLOCATE_ALLOCATE_STAGE_H
#define CY_MODELS_ALLOCATE_ALLOCATE_STAGE_H

#include "models/allocate/allocate_charter.h"

/* Why a party's share is not more. */
enum cy_allocate_why {
    CY_ALLOCATE_OPEN,       /* not settled yet */
    CY_ALLOCATE_AT_CAP,     /* it has all that it may get */
    CY_ALLOCATE_AT_FLOOR,   /* it has its floor */
    CY_ALLOCATE_AT_SHARE,   /* its group has all that the group may get */
    CY_ALLOCATE_AT_PROMISE, /* its group has what it is promised, which is more than by the rule */
    CY_ALLOCATE_AT_LEVEL,   /* the supply is used up at this level */
    CY_ALLOCATE_BY_VALUE,   /* the same, where value was asked for first */
};

struct cy_allocate_standing {
    mpq_t low; /* bounds of the share in this phase */
    mpq_t high;
    mpq_t from;
    mpq_t per;
    mpq_t share; /* once settled in this phase */
    mpq_t level; /* of the stage that settled it */
    mpq_t least; /* low and high, as they were in its last phase */
    mpq_t most;
    bool active; /* takes part in this phase */
    bool settled;
    enum cy_allocate_why why;
    uint32_t row;     /* of its level in the program; CY_LP_NONE */
    uint32_t held_by; /* AT_SHARE, AT_PROMISE: number of the share */
};

struct cy_allocate_state {
    const struct cy_allocate_charter *charter;
    struct cy_allocate_standing *parties;
    uint32_t phase;
    uint32_t n_phases;
    bool by_value; /* this phase asks for the greatest value, not for a level */
    bool has_value;
    bool has_limit; /* the level goes up to the first part of the charter */
    mpq_t value;    /* the greatest value */
    mpq_t level;    /* of the last stage */
};

/* cy_allocate_begin stands before the first phase. Free the state in any case. */
void cy_allocate_begin(const struct cy_allocate_charter *charter, struct cy_allocate_state *state);
void cy_allocate_free(struct cy_allocate_state *state);

/* cy_allocate_next gives the next stage's program, scaled, or NULL when all is settled. Fails with
 * MODEL_INPUT when a number grows beyond what a program holds. */
CY_MUST_USE cy_err cy_allocate_next(struct cy_allocate_state *state, struct cy_lp_program **out);

/* cy_allocate_apply settles what the certificate of that program shows. Fails with CERT_WRONG when
 * it shows nothing of use. */
CY_MUST_USE cy_err cy_allocate_apply(struct cy_allocate_state *state,
                                     const struct cy_lp_program *lp,
                                     const struct cy_lp_verdict *verdict);

/* cy_allocate_contradiction says in words why the charter cannot be kept, from the certificate. */
void cy_allocate_contradiction(const struct cy_allocate_state *state,
                               const struct cy_lp_program *lp, const struct cy_lp_verdict *verdict,
                               FILE *out);

/* cy_allocate_round gives whole lots: each the lots that fit into its share, the rest one by one to
 * the largest remainder (then the larger claim, then the name), within caps and at-most shares,
 * groups that are promised a share first.
 * lots[p] for each party, *kept what is less than a lot, or could not be given. False when a floor
 * or an at-least share is not kept in whole lots; *what says which. */
CY_MUST_USE bool cy_allocate_round(const struct cy_allocate_state *state, mpz_t *lots, mpq_ptr kept,
                                   char what[static 160]);

#endif
