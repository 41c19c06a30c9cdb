/* members_json: the answer to "who belonged to this alliance on that day, as far as it was known
 * then", as JSON made from records alone.
 *
 * The daemon makes it from its world, the verifier from records that carry state proofs: the same
 * function, so the two texts must be the same byte for byte.
 *
 * Owns: the form of the answer. Never: reads a clock. */
#ifndef CY_INSTITUTIONS_ALLIANCE_MEMBERS_JSON_H
#define CY_INSTITUTIONS_ALLIANCE_MEMBERS_JSON_H

#include "institutions/alliance/alliance_view.h"

struct cy_members_question {
    struct cy_id alliance;
    struct cy_as_of as_of;
    uint8_t level; /* 0 = every level */
};

/* Where names come from; both answers may be NULL when a party has no passport or no code here. */
struct cy_namer {
    void *self;
    const struct cy_passport *(*passport)(void *self, const struct cy_id *id);
    const struct cy_attestation *(*code)(void *self, const struct cy_id *id);
};

/* cy_members_json writes the answer. */
void cy_members_json(const struct cy_alliance *alliance, const struct cy_members_question *question,
                     const struct cy_listed *list, size_t n, const struct cy_namer *namer,
                     struct cy_text *out);

/* The parts of it, for lists that are walked: the beginning, one row (position from 0; via is the
 * bloc through which it belongs, NULL for none), and the end with the count. */
void cy_members_open(struct cy_text *out, const struct cy_alliance *alliance,
                     const struct cy_members_question *question);
void cy_members_row(struct cy_text *out, size_t position, const struct cy_listed *member,
                    const struct cy_id *via, const struct cy_namer *namer);
void cy_members_close(struct cy_text *out, size_t n);

/* cy_namer_of names parties from *world, which the caller keeps; codes are attestations of ISO 3166
 * by three or four letters. */
struct cy_namer cy_namer_of(const struct cy_world **world);

/* cy_is_country_code says whether an attestation is one that the answer shows. */
bool cy_is_country_code(const struct cy_attestation *attestation);

#endif
