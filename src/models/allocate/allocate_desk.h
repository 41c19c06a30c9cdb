/* allocate_desk: `comity allocate run`, `verify` and `explain`.
 *
 * run decides by a charter and writes a finding: the shares, and the certificate of each stage.
 * verify needs charter and finding alone: it builds the stages' programs again, judges their
 * certificates, and counts the lots again; it solves nothing. explain says for each party why it
 * has what it has, and what it would have with more to share out.
 *
 * Owns: nothing. Never: changes what the charter says. */
#ifndef CY_MODELS_ALLOCATE_ALLOCATE_DESK_H
#define CY_MODELS_ALLOCATE_ALLOCATE_DESK_H

#include "models/allocate/allocate_stage.h"

/* What a charter came to. Numbers are freed by cy_allocate_answer_free. */
struct cy_allocate_answer {
    struct cy_allocate_state state;
    mpz_t *lots;
    mpq_t kept;
    json_t *stages; /* program and certificate of each */
    uint32_t n_stages;
};

/* cy_allocate_decide finds the shares, or, given the stages of a finding, replays them. The charter
 * stays the caller's. Fails, noted: ALLOCATE_IMPOSSIBLE when the charter cannot be kept, CERT_*
 * when a certificate does not hold. */
CY_MUST_USE cy_err cy_allocate_decide(struct cy_desk *desk,
                                      const struct cy_allocate_charter *charter,
                                      const json_t *stages, struct cy_allocate_answer *out);
void cy_allocate_answer_free(struct cy_allocate_answer *answer);

/* The commands. */
int cy_model_allocate_run(struct cy_desk *desk);
int cy_model_allocate_verify(struct cy_desk *desk);
int cy_model_allocate_explain(struct cy_desk *desk);

#endif
