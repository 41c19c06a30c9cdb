/* finding_answer: what a model concluded, judged exactly before it is recorded (M132, M145).
 *
 *      finding_record --the certificate holds--> stands
 *           |  contest: before the reviewers --granted--> annulled
 *           |                                \--refused or never decided--> stands again
 *           \--it does not: refused, nothing recorded
 *
 * A finding names the objective and its text, the data, the program, the model, and the office that
 * answers. It is refused for other data than the office named, for coefficients other than were
 * voted, or for bounds other than those of the data.
 *
 * Owns: finding. */
#ifndef CY_INSTITUTIONS_FINDING_FINDING_ANSWER_H
#define CY_INSTITUTIONS_FINDING_FINDING_ANSWER_H

#include "institutions/finding/finding_model.h"
#include "institutions/finding/finding_objective.h"

/* cy_finding_begin writes the record that every finding begins with, after checking objective,
 * model and data. Fails as cy_objective_in_force and cy_model_usable, and with FINDING_DATA. */
struct cy_finding_terms {
    struct cy_id objective;
    struct cy_id model;
    uint64_t data;
};
CY_MUST_USE cy_err cy_finding_begin(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const struct cy_finding_terms *terms,
                                    struct cy_finding **finding);

/* cy_finding_publish says the answer of a finding to other institutions, as it is now. */
void cy_finding_publish(struct cy_plan *plan, const struct cy_finding *finding, bool best,
                        bool whole);

/* finding_record: those of begin, of cy_certificate_judge, FINDING_FRAME, FINDING_NOTHING;
 * finding_contest: FINDING_UNKNOWN, FINDING_STATE, FINDING_REVIEW; finding_settle:
 * FINDING_UNKNOWN, FINDING_STATE, FINDING_REVIEW, FINDING_WINDOW. */
CY_MUST_USE cy_err cy_finding_do_record(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);
CY_MUST_USE cy_err cy_finding_do_contest(const struct cy_ctx *ctx, struct cy_plan *plan,
                                         const void *message);
CY_MUST_USE cy_err cy_finding_do_settle(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);

#endif
