/* duty_view: what binds a party in several realms, and which of it contradicts (M081).
 *
 *     records of each realm --> duties: memberships, bonds, bounds, shares, quotas, offices,
 *                               departures, claims, what is owed elsewhere
 *                           --> conflicts among them
 *
 * Conflicts are facts of the records, never opinions:
 *
 *     venue     disputes are bound to different venues in two places
 *     pledge    one bond secures two memberships, or stands in two realms
 *     forbids   a bound forbids the act that a duty in the same realm needs
 *     twice     the party is claimed, admitted or departing in two realms at once
 *     leaving   it has said that it leaves a realm, and is bound there by a membership
 *
 * Owns: nothing. Pure but for the source that is asked. */
#ifndef CY_HOST_CLI_DUTY_VIEW_H
#define CY_HOST_CLI_DUTY_VIEW_H

#include <jansson.h>

/* Where records come from: rows of a table in which a field has a value, as the daemon gives them;
 * NULL where there are none or the realm keeps no such table. The caller releases them. */
struct cy_duty_source {
    json_t *(*fetch)(void *user, const char *table, const char *field, const char *value);
    void *user;
    const char *realm; /* its name */
};

/* cy_duty_view_read appends the duties of a passport (64 digits) in one realm: objects of realm,
 * kind, what, and what they are about (key, more). */
void cy_duty_view_read(const struct cy_duty_source *source, const char *passport, json_t *duties);

/* cy_duty_view_conflicts appends what contradicts among duties of one party: objects of kind,
 * realm (where, or both), what. */
void cy_duty_view_conflicts(const json_t *duties, json_t *conflicts);

#endif
