/* allocate_desk: `comity allocate run` and `verify`.
 *
 * run decides by a charter and writes a finding: the shares, and the certificate of each stage.
 * verify needs charter and finding alone: it builds the stages' programs again, judges their
 * certificates, and counts the lots again; it solves nothing.
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

/* cy_allocate_read reads the charter of the first word, and the table of --claims. Free the charter
 * in any case. Fails as cy_desk_read and cy_allocate_charter_read; noted. */
CY_MUST_USE cy_err cy_allocate_read(struct cy_desk *desk, struct cy_allocate_charter *charter);

/* The word of why a party has not more, and the part of a claim in percent. */
const char *cy_allocate_why_word(const struct cy_allocate_standing *at);
void cy_allocate_percent(mpq_srcptr part, mpq_srcptr whole, char out[static CY_LP_DECIMAL_MAX]);

/* A party's standing as JSON. */
json_t *cy_allocate_party_json(const struct cy_allocate_charter *charter,
                               const struct cy_allocate_answer *answer, uint32_t p);

/* cy_allocate_finding is the finding as verify reads it. */
json_t *cy_allocate_finding(const struct cy_allocate_charter *charter,
                            const struct cy_allocate_answer *answer);

/* The commands. */
int cy_model_allocate_run(struct cy_desk *desk);
int cy_model_allocate_verify(struct cy_desk *desk);

#endif
