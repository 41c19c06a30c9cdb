/* alliance_tie: partners of one's own choice, backups, and the end of an alliance (M004, M011).
 *
 *      alliance --names--> backup --accepts--> (dissolved, dormant, or decided) --handover--> kept
 *
 * Consent is given by one party to another on a topic and can be withdrawn at once; partners are
 * those who consent to each other. A charter may ask for the consent of its full members before a
 * newcomer joins (clause pair_consent).
 *
 * After a handover the keeper's secretary acts for the alliance as well: its register goes on under
 * other hands, with nothing copied and nothing lost. Anyone may hand over what is dissolved or has
 * been dormant for the time of the clause dormant_ms.
 *
 * Owns: partner_consent; writes alliance (end, backup, keeper). */
#ifndef CY_INSTITUTIONS_ALLIANCE_ALLIANCE_TIE_H
#define CY_INSTITUTIONS_ALLIANCE_ALLIANCE_TIE_H

#include "institutions/alliance/alliance_officer.h"

/* The effects that an act and a motion share; each fails before it writes anything and writes one
 * record. do_dissolve: ALLIANCE_ENDED. do_backup (the alliance's word): NO_ALLIANCE,
 * ALLIANCE_ENDED, BACKUP_SELF. do_handover: NO_BACKUP, HANDED_OVER, ALLIANCE_ENDED (the backup),
 * BACKUP_SELF. */
CY_MUST_USE cy_err cy_tie_do_dissolve(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const struct cy_id *alliance, cy_date ended,
                                      uint8_t precision);
CY_MUST_USE cy_err cy_tie_do_backup(struct cy_plan *plan, const struct cy_id *alliance,
                                    const struct cy_id *backup);
CY_MUST_USE cy_err cy_tie_do_handover(struct cy_plan *plan, const struct cy_id *alliance);

/* The acts. */
CY_MUST_USE cy_err cy_tie_consent(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const void *message);
CY_MUST_USE cy_err cy_tie_backup(const struct cy_ctx *ctx, struct cy_plan *plan,
                                 const void *message);
CY_MUST_USE cy_err cy_tie_handover(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_tie_dissolve(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);

#endif
