/* date: civil dates and ledger times as whole numbers.
 *
 * A date is its rata die: days in the proleptic Gregorian calendar with 0001-01-01 = 1, so that 0
 * can mean "no date". A time is Unix milliseconds; 0 means "no time". Nothing here reads a clock.
 */
#ifndef CY_BASE_DATE_H
#define CY_BASE_DATE_H

#include "base/text.h"

typedef uint32_t cy_date; /* rata die; 0 = none; 3,652,059 = 9999-12-31 */
typedef uint64_t cy_time; /* Unix milliseconds; 0 = none */

#define CY_DATE_MAX 3652059u
#define CY_DAY_MS 86400000u

/* cy_date_of converts a civil date. Fails with BAD_DATE. */
CY_MUST_USE cy_err cy_date_of(unsigned year, unsigned month, unsigned day, cy_date *out);

/* cy_date_civil is the inverse, for 1 <= date <= CY_DATE_MAX. */
void cy_date_civil(cy_date date, unsigned *year, unsigned *month, unsigned *day);

/* cy_date_months is the same day of the month so many months later, or the last day of that month
 * where it has no such day (31 January, 1: 28 or 29 February). Later than CY_DATE_MAX: CY_DATE_MAX.
 */
cy_date cy_date_months(cy_date date, unsigned months);

/* cy_date_read reads YYYY-MM-DD. cy_date_text writes it; 0 writes nothing. */
CY_MUST_USE cy_err cy_date_read(struct cy_span text, cy_date *out);
void cy_date_text(struct cy_text *text, cy_date date);

/* cy_time_date is the UTC date of a time. */
cy_date cy_time_date(cy_time time);

/* cy_time_text writes RFC 3339 with milliseconds, 2026-11-20T07:30:00.000Z; cy_time_read reads that
 * form, with or without the fraction. */
void cy_time_text(struct cy_text *text, cy_time time);
CY_MUST_USE cy_err cy_time_read(struct cy_span text, cy_time *out);

#endif
