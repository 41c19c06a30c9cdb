/* hxl: tables of needs with hashtags (Humanitarian Exchange Language 1.1), in and out.
 *
 *      Country,Place,Item,People in need         a heading for people, or none
 *      #country+code,#loc+name,#item,#inneed     the row of hashtags, among the first 25
 *      CAF,Bangui,vaccine,1200
 *
 * A column is found by a pattern: its hashtag, and attributes it must have at least; or, where the
 * table has no hashtags, by its name. Hashtags are compared in small letters without blanks.
 *
 * Owns: nothing; texts lie on the desk. Never: guesses a number. */
#ifndef CY_MODELS_RELIEF_HXL_H
#define CY_MODELS_RELIEF_HXL_H

#include "models/desk/desk.h"

#define CY_HXL_TAG_ROWS 25u

struct cy_hxl {
    struct cy_csv csv;
    const char **tags; /* of each column, normalised, "" for none; NULL: the table has none */
    size_t first;      /* row of the table where data begin */
};

/* cy_hxl_read reads a table, with or without hashtags. Fails as cy_desk_csv_text, and with
 * MODEL_INPUT for a hashtag that is none. */
CY_MUST_USE cy_err cy_hxl_read(struct cy_desk *desk, struct cy_desk_text text, struct cy_hxl *out,
                               struct cy_desk_fault *fault);

/* cy_hxl_column is the first column that a pattern (#tag+attribute...) or a name means; SIZE_MAX
 * when there is none. */
size_t cy_hxl_column(const struct cy_hxl *hxl, const char *pattern);

/* cy_hxl_field writes a cell as RFC 4180 wants it, with `end` behind. */
void cy_hxl_field(FILE *out, const char *text, char end);

#endif
