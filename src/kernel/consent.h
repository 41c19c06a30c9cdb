/* consent: deeds that need the consent of whom they are done to, and what follows without
 * (M075).
 *
 *      consent_give --> stands until its time, or consent_end
 *      deed_record by who did it ----consent stands----> on record
 *                    \---none----------------------> violation: bond slashed, shut out, at once
 *      deed_claim by whom it was done to --reviewers grant it--> deed_settle: the same
 *
 * To replicate a passport's model, to rewrite its goals, to shut it down beyond an emergency, to
 * export its memory: each needs a consent that names who may do it, and may name by a digest what
 * exactly. Liability is strict: no intent is asked. What was done under a consent stays lawful when
 * the consent is taken back.
 *
 * Owns: consent, deed. */
#ifndef CY_KERNEL_CONSENT_H
#define CY_KERNEL_CONSENT_H

#include "kernel/enforce.h"

extern const struct cy_institution cy_consents;

/* cy_consent_stands says that `to` may do this to the passport now; a consent that names exactly
 * what is none to anything else. */
bool cy_consent_stands(struct cy_plan *plan, const struct cy_id *passport, const struct cy_id *to,
                       unsigned deed, const struct cy_id *what, cy_time now);

#endif
