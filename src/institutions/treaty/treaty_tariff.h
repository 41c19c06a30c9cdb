/* treaty_tariff: schedules of concessions as checked data (M047, M034).
 *
 *      duty |‾‾‾|__ base
 *           |      |___ equal yearly cuts
 *           |          |________ bound, from then on
 *
 * Each party puts lines into its own schedule: goods by HS code, the duty before, the duty that is
 * bound, the day of the first cut and how many cuts. Before it ratifies it may change a line as it
 * likes; afterwards only downwards, until the treaty is reopened. The duty of a day follows from
 * the line alone.
 *
 * Owns: treaty_tariff. */
#ifndef CY_INSTITUTIONS_TREATY_TREATY_TARIFF_H
#define CY_INSTITUTIONS_TREATY_TREATY_TARIFF_H

#include "institutions/treaty/treaty_book.h"

/* treaty_concede: TREATY_UNKNOWN, TREATY_STATE, TREATY_PARTY, TREATY_GOODS, TREATY_TARIFF. */
CY_MUST_USE cy_err cy_treaty_do_concede(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);

/* cy_treaty_goods reads an HS code of 2, 4, 6, 8 or 10 digits as a number with a 1 before it, so
 * that 01 and 0101 differ. Fails with TREATY_GOODS. */
CY_MUST_USE cy_err cy_treaty_goods(struct cy_span digits, uint64_t *goods);

/* cy_treaty_duty_of is the duty of a line on a day, ppm of value, rounded in favour of trade. */
uint32_t cy_treaty_duty_of(const struct cy_treaty_tariff *line, cy_date day);

#endif
