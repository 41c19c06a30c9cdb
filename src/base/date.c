#include "base/date.h"

#define UNIX_EPOCH 719163u /* 1970-01-01 as rata die */

static bool leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_days(unsigned year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && leap(year) ? 29 : days[month - 1];
}

static uint32_t days_before_year(unsigned year)
{
    const uint32_t y = year - 1;

    return y * 365 + y / 4 - y / 100 + y / 400;
}

cy_err cy_date_of(unsigned year, unsigned month, unsigned day, cy_date *out)
{
    cy_date d = 0;

    if (year < 1 || year > 9999 || month < 1 || month > 12)
        return cy_fail(CY_E_BAD_DATE, 0);
    if (day < 1 || day > month_days(year, month))
        return cy_fail(CY_E_BAD_DATE, 0);
    d = days_before_year(year) + day;
    for (unsigned m = 1; m < month; m++)
        d += month_days(year, m);
    *out = d;
    return CY_OK;
}

void cy_date_civil(cy_date date, unsigned *year, unsigned *month, unsigned *day)
{
    unsigned y = date / 366 + 1; /* never too late: no year is longer than 366 days */
    unsigned m = 1;
    uint32_t left = 0;

    CY_ASSERT(date >= 1);
    CY_ASSERT(date <= CY_DATE_MAX);
    while (days_before_year(y + 1) < date)
        y++;
    left = date - days_before_year(y);
    while (left > month_days(y, m))
        left -= month_days(y, m++);
    *year = y;
    *month = m;
    *day = left;
}

cy_date cy_date_months(cy_date date, unsigned months)
{
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    cy_date out = CY_DATE_MAX;

    cy_date_civil(date, &year, &month, &day);
    year += (month - 1 + months % 12) / 12 + months / 12;
    month = (month - 1 + months % 12) % 12 + 1;
    if (year > 9999)
        return CY_DATE_MAX;
    day = day < month_days(year, month) ? day : month_days(year, month);
    return cy_ok(cy_date_of(year, month, day, &out)) ? out : CY_DATE_MAX;
}

/* digits reads exactly n decimal digits at pos. */
static bool digits(struct cy_span text, size_t pos, size_t n, unsigned *out)
{
    unsigned v = 0;

    for (size_t i = pos; i < pos + n; i++) {
        if (i >= text.n || text.at[i] < '0' || text.at[i] > '9')
            return false;
        v = v * 10 + (unsigned)(text.at[i] - '0');
    }
    *out = v;
    return true;
}

cy_err cy_date_read(struct cy_span text, cy_date *out)
{
    unsigned y = 0;
    unsigned m = 0;
    unsigned d = 0;

    if (text.n != 10 || text.at[4] != '-' || text.at[7] != '-' || !digits(text, 0, 4, &y) ||
        !digits(text, 5, 2, &m) || !digits(text, 8, 2, &d))
        return cy_fail(CY_E_BAD_DATE, 0);
    return cy_date_of(y, m, d, out);
}

static void two(struct cy_text *text, unsigned v)
{
    cy_text_u64(text, v / 10 % 10);
    cy_text_u64(text, v % 10);
}

void cy_date_text(struct cy_text *text, cy_date date)
{
    unsigned y = 0;
    unsigned m = 0;
    unsigned d = 0;

    if (date == 0)
        return;
    cy_date_civil(date, &y, &m, &d);
    two(text, y / 100);
    two(text, y % 100);
    cy_text_add(text, "-");
    two(text, m);
    cy_text_add(text, "-");
    two(text, d);
}

cy_date cy_time_date(cy_time time)
{
    return (cy_date)(time / CY_DAY_MS) + UNIX_EPOCH;
}

void cy_time_text(struct cy_text *text, cy_time time)
{
    const unsigned ms = (unsigned)(time % CY_DAY_MS);

    cy_date_text(text, cy_time_date(time));
    cy_text_add(text, "T");
    two(text, ms / 3600000);
    cy_text_add(text, ":");
    two(text, ms / 60000 % 60);
    cy_text_add(text, ":");
    two(text, ms / 1000 % 60);
    cy_text_add(text, ".");
    cy_text_u64(text, ms / 100 % 10);
    two(text, ms % 100);
    cy_text_add(text, "Z");
}

cy_err cy_time_read(struct cy_span text, cy_time *out)
{
    unsigned h = 0;
    unsigned m = 0;
    unsigned s = 0;
    unsigned ms = 0;
    cy_date date = 0;

    if (text.n != 20 && text.n != 24)
        return cy_fail(CY_E_BAD_DATE, text.n);
    CY_TRY(cy_date_read(cy_span_of(text.at, 10), &date));
    if (text.at[10] != 'T' || text.at[13] != ':' || text.at[16] != ':' ||
        text.at[text.n - 1] != 'Z' || !digits(text, 11, 2, &h) || !digits(text, 14, 2, &m) ||
        !digits(text, 17, 2, &s))
        return cy_fail(CY_E_BAD_DATE, 10);
    if (text.n == 24 && (text.at[19] != '.' || !digits(text, 20, 3, &ms)))
        return cy_fail(CY_E_BAD_DATE, 19);
    if (h > 23 || m > 59 || s > 59 || date < UNIX_EPOCH)
        return cy_fail(CY_E_BAD_DATE, 11);
    *out = (uint64_t)(date - UNIX_EPOCH) * CY_DAY_MS + h * 3600000u + m * 60000u + s * 1000u + ms;
    return CY_OK;
}
