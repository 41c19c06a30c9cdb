/* report: what was checked, step by step, and what it proved.
 *
 *      begin --> step --> step --> ... --> the first that does not hold ends it
 *
 * A step is a number with two figures; its sentence is made here, once, for the command, the
 * library and every language that calls it. The struct is the one of the public header: nothing is
 * translated on the way out.
 *
 * Owns: kinds, steps and their sentences. Never: judges. */
#ifndef CY_VERIFY_REPORT_H
#define CY_VERIFY_REPORT_H

#include "base/text.h"

#include <comity.h>

/* cy_report_begin clears a report; its kind is to be known later. */
void cy_report_begin(struct comity_report *report);

/* cy_report_step adds a step and returns whether it holds. After one that does not, and when all
 * COMITY_STEPS_MAX are used, there must be no other (asserts). */
bool cy_report_step(struct comity_report *report, enum comity_step_kind kind, cy_err err,
                    uint64_t a, uint64_t b);

/* cy_report_unless adds a step only when it does not hold: what goes without saying. */
bool cy_report_unless(struct comity_report *report, enum comity_step_kind kind, cy_err err);

/* cy_report_text copies a text into one of the report's, cut at a whole character where too long.
 */
void cy_report_text(char *out, size_t cap, struct cy_span text);

/* cy_step_say writes the sentence of step i. */
void cy_step_say(const struct comity_report *report, uint32_t i, struct cy_text *out);

/* cy_report_json writes all of it but the answer as one JSON object. */
void cy_report_json(const struct comity_report *report, struct cy_text *out);

/* cy_kind_text names a kind, for people. */
const char *cy_kind_text(uint32_t kind);

#endif
