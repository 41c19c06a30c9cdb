/* finding_model: which models decide, who answers for each, and who may stop one (M145).
 *
 *      registered <--veto, veto lifted: its inspector--> vetoed
 *
 * A model is a version: the digest of a program or its sources, what it is for, and where it is
 * wrong. Whoever registers it answers for it. Nobody changes an entry; a new version is a new one.
 *
 * Owns: model. */
#ifndef CY_INSTITUTIONS_FINDING_FINDING_MODEL_H
#define CY_INSTITUTIONS_FINDING_FINDING_MODEL_H

#include "kernel/evidence.h"

/* cy_model_usable says that the model is registered and not vetoed. Fails with MODEL_UNKNOWN. */
CY_MUST_USE cy_err cy_model_usable(struct cy_plan *plan, const struct cy_id *id);

/* model_register: UNKNOWN_PASSPORT (the inspector); model_judge: MODEL_UNKNOWN, MODEL_INSPECTOR. */
CY_MUST_USE cy_err cy_model_do_register(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);
CY_MUST_USE cy_err cy_model_do_judge(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);

#endif
