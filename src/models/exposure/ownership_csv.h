/* ownership_csv: registers of owners as tables.
 *
 * Holdings: owner, owned, share (or share_min and share_max), and if there are such columns
 * interest (shares, votes, control), from, until, joint. Parties: id, and if there are such columns
 * name, kind (person, company, state), country, founded, isic
 * (class_code.h). Any other column is refused: a misspelt
 * one would be a rule that does not apply.
 *
 * Owns: nothing. Never: takes a part of a broken table. */
#ifndef CY_MODELS_EXPOSURE_OWNERSHIP_CSV_H
#define CY_MODELS_EXPOSURE_OWNERSHIP_CSV_H

#include "models/exposure/ownership.h"

/* They add to *o. Fail with MODEL_INPUT or NO_MEMORY; what was added stays, the caller frees. */
CY_MUST_USE cy_err cy_ownership_csv(const struct cy_csv *csv, struct cy_ownership *o,
                                    struct cy_desk_fault *fault);
CY_MUST_USE cy_err cy_parties_csv(const struct cy_csv *csv, struct cy_ownership *o,
                                  struct cy_desk_fault *fault);

/* cy_columns_known refuses a column that is none of the n names, and one of the first `need` that
 * is not there. at receives the position of each, SIZE_MAX for none. */
CY_MUST_USE cy_err cy_columns_known(const struct cy_csv *csv, const char *const *names, size_t n,
                                    size_t need, size_t *at, struct cy_desk_fault *fault);

/* cy_row_text is the cell of a row, "" where the column is not there. cy_row_date reads it as a
 * date, 0 when empty. */
static inline const char *cy_row_text(const struct cy_csv *csv, size_t row, size_t column)
{
    return column == SIZE_MAX ? "" : cy_csv_cell(csv, row, column);
}
CY_MUST_USE cy_err cy_row_date(const struct cy_csv *csv, size_t row, size_t column, cy_date *out,
                               struct cy_desk_fault *fault);

#endif
