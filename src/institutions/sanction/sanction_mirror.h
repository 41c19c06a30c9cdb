/* sanction_mirror: lists of foreign realms, followed by proof (M018, M098).
 *
 *      there: change n ----ICS-23 proof under a head of the bridge----> here: sanction_import
 *
 * The head comes first (sanction_mirror: the record of the list), then its changes one by one, in
 * their order, each continuing the chain of digests: none is left out, none comes twice, and no
 * older head is taken after a newer one. Nothing is taken that the other realm's own state does not
 * prove, and nothing of a list that its realm has let grow stale. What binds here is decided here,
 * by who heeds the mirror.
 *
 * A mirror names the realms that it came through; one that came through this realm is refused, so
 * lists that mirror one another cannot run in a circle. Measures in assets of another realm (caps,
 * levies) do not cross; exclusions, freezes and denied services do.
 *
 * Owns: sanction_twin; mirrors among sanction_list. */
#ifndef CY_INSTITUTIONS_SANCTION_SANCTION_MIRROR_H
#define CY_INSTITUTIONS_SANCTION_SANCTION_MIRROR_H

#include "institutions/sanction/sanction_feed.h"
#include "kernel/recognition.h"

cy_err cy_sanction_mirror_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message);
cy_err cy_sanction_import_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message);

#endif
