/* evasion_alias: parties that were called like somebody listed, and no longer are.
 *
 * A history of names (id, name, from) is screened name by name: when an older name reaches the
 * threshold and the newest one does not, the change is flagged with both lines.
 *
 * Owns: nothing. Never: says that the two are one. */
#ifndef CY_MODELS_EXPOSURE_EVASION_ALIAS_H
#define CY_MODELS_EXPOSURE_EVASION_ALIAS_H

#include "models/exposure/evasion.h"
#include "models/screen/screen.h"

/* A flag about a name: the party by its id in the history. */
struct cy_alias_flag {
    const char *id;
    const char *was;
    const char *is;
    cy_date day; /* since when the new name is borne */
    uint32_t was_line;
    uint32_t is_line;
    int was_score; /* parts per thousand */
    int is_score;
    const struct cy_listed *listed;
};

struct cy_alias_flags {
    struct cy_alias_flag *at; /* from malloc */
    size_t n;
    size_t cap;
};

/* cy_alias_flags_find screens a history. Fails with MODEL_INPUT or NO_MEMORY. Texts borrow the
 * table and the lists. */
CY_MUST_USE cy_err cy_alias_flags_find(const struct cy_csv *csv, struct cy_screen *screen,
                                       const struct cy_screen_index *index, unsigned threshold,
                                       struct cy_alias_flags *out, struct cy_desk_fault *fault);

#endif
