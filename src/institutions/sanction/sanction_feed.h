/* sanction_feed: a list, its numbered changes, and what they put in force (M017, M019).
 *
 *      change 1 --> change 2 --> ... --> change n        digest(n) = SHA-256("comity-list" ||
 *         |            |                    |             digest(n-1) || bytes of change n)
 *         +------------+--------------------+--> restraints of source = the list
 *
 * A change is decided, written and in force in one act: the next settlement of whoever follows the
 * list is judged by it. Changes are never removed, so the feed can be read as of any number or
 * time, and two readings differ by exactly the changes between them. They stand in the state tree:
 * any one of them is proven to anybody, and to a foreign realm, by one ICS-23 proof.
 *
 * Parties that screening found to be a target bear what the target bears (screen_match).
 *
 * Owns: sanction_list, sanction_entry, sanction_delta. */
#ifndef CY_INSTITUTIONS_SANCTION_SANCTION_FEED_H
#define CY_INSTITUTIONS_SANCTION_SANCTION_FEED_H

#include "institutions/sanction/sanction_target.h"
#include "kernel/enforce.h"

#define CY_SANCTION_MATCHES 16u

struct cy_sanction_named { /* key of an entry */
    struct cy_id list;
    struct cy_id subject;
};

struct cy_sanction_matched { /* key of a match */
    struct cy_id list;
    struct cy_id subject;
    uint64_t number;
};

/* cy_sanction_live finds a list that is not closed. Fails with SANCTION_UNKNOWN, SANCTION_CLOSED.
 */
CY_MUST_USE cy_err cy_sanction_live(struct cy_plan *plan, const struct cy_id *id,
                                    const struct cy_sanction_list **list);

/* cy_sanction_officer says that the author speaks for the list: its owner, or who holds the
 * owner's office secretary or one that is named. Fails with SANCTION_OFFICER. */
CY_MUST_USE cy_err cy_sanction_officer(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const struct cy_sanction_list *list, const char *office);

/* cy_sanction_fresh says that the list was published lately enough. Fails with SANCTION_STALE. */
CY_MUST_USE cy_err cy_sanction_fresh(const struct cy_sanction_list *list, cy_time now);

/* cy_sanction_digest is the digest of a change, after the one before it. */
struct cy_id cy_sanction_digest(const struct cy_id *before, const struct cy_sanction_delta *delta);

/* cy_sanction_change writes the next change of a list and puts it in force. The delta says
 * everything but list, number and digest. Fails as cy_restraint_put. Touches CHANGE_WRITES records.
 */
#define CY_SANCTION_CHANGE_WRITES (8u + 3u * CY_SANCTION_MATCHES)
CY_MUST_USE cy_err cy_sanction_change(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const struct cy_id *list,
                                      const struct cy_sanction_delta *delta);

/* cy_sanction_bear puts on a party what a target bears, cy_sanction_unbear takes it off. Touch
 * three records. */
CY_MUST_USE cy_err cy_sanction_bear(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const struct cy_id *list, const struct cy_id *subject,
                                    const struct cy_id *party);
void cy_sanction_unbear(struct cy_plan *plan, const struct cy_id *list, const struct cy_id *party);

/* The acts. */
cy_err cy_sanction_add_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message);
cy_err cy_sanction_ease_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message);
cy_err cy_sanction_comply_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message);

#endif
