/* review: a question to the reviewers of the realm, and what they said (M074, M076).
 *
 *      review_open --> open --votes for reach the quorum-----> granted --> used, where it is once
 *                       |  \--votes against reach it--------> refused
 *                       \---its time is over: never granted
 *
 * Who forks clean, who is quarantined, who appeals: all ask the same body. The reviewers hold the
 * realm's office `reviewer` (capability.h), and the parameter review_quorum says how many must
 * agree. Nobody votes in a cause of their own: who asked, whom it is about, an heir of either. An
 * institution of courts opens and decides reviews in the same records, by cy_review_open and
 * cy_review_decide, where a charter gives it that power.
 *
 * A review decides nothing by itself: whoever needs it names it and reads it here.
 *
 * Owns: review, review_voice. */
#ifndef CY_KERNEL_REVIEW_H
#define CY_KERNEL_REVIEW_H

#include "kernel/capability.h"

extern const struct cy_institution cy_reviews;

struct cy_review_question {
    unsigned kind; /* review_kind */
    struct cy_id about;
    struct cy_id source; /* appeal: who restrains */
    struct cy_id evidence;
    struct cy_line reason;
};

/* cy_review_open asks; the review has the id of the act. Fails with NO_NOUN (evidence). Touches one
 * record. */
CY_MUST_USE cy_err cy_review_open(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const struct cy_review_question *question);

/* cy_review_decide ends an open review; the authority is the caller's. Fails with REVIEW_CLOSED. */
CY_MUST_USE cy_err cy_review_decide(struct cy_plan *plan, cy_time now, const struct cy_id *review,
                                    bool granted);

/* cy_review_granted says that this review granted this of that noun. */
bool cy_review_granted(struct cy_plan *plan, const struct cy_id *review, unsigned kind,
                       const struct cy_id *about, const struct cy_id *source);

/* cy_review_use makes use of what was granted, once. Fails with REVIEW_CLOSED. Touches one record.
 */
CY_MUST_USE cy_err cy_review_use(struct cy_plan *plan, const struct cy_id *review);

/* cy_review_open_now says that the review is open and its time not over. */
bool cy_review_open_now(struct cy_plan *plan, const struct cy_id *review, cy_time now);

#endif
