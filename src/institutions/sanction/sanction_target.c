#include "institutions/sanction/sanction_target.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

static bool digits(struct cy_span text, size_t least, size_t most)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!is_digit(text.at[i]))
            return false;
    }
    return text.n >= least && text.n <= most;
}

/* ISO 7064 mod 97-10: letters count as two digits, A is 10; what remains is 1. */
static cy_err lei(struct cy_span text)
{
    uint32_t rest = 0;

    if (text.n != 20)
        return cy_fail(CY_E_SANCTION_CODE, 2);
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.at[i];

        if (is_digit(c))
            rest = (rest * 10 + (uint32_t)(c - '0')) % 97;
        else if (is_upper(c) && i < 18)
            rest = (rest * 100 + (uint32_t)(c - 'A') + 10) % 97;
        else
            return cy_fail(CY_E_SANCTION_CODE, 2);
    }
    return rest == 1 ? CY_OK : cy_fail(CY_E_SANCTION_CODE, 3);
}

static bool is(struct cy_span scheme, const char *name)
{
    return cy_span_eq(scheme, cy_span_text(name));
}

cy_err cy_sanction_code(struct cy_span scheme, struct cy_span value)
{
    bool fits = false;

    if (is(scheme, "lei"))
        return lei(value);
    if (is(scheme, "tax") || is(scheme, "list") || is(scheme, "name"))
        fits = value.n > 0;
    else if (is(scheme, "isic"))
        fits = digits(value, 2, 4) || (value.n == 1 && value.at[0] >= 'A' && value.at[0] <= 'U');
    else if (is(scheme, "hs"))
        fits = digits(value, 2, 6) && value.n % 2 == 0;
    else if (is(scheme, "iso3166"))
        fits = value.n == 2 && is_upper(value.at[0]) && is_upper(value.at[1]);
    else
        return cy_fail(CY_E_SANCTION_CODE, 1);
    return fits ? CY_OK : cy_fail(CY_E_SANCTION_CODE, 2);
}

cy_err cy_sanction_target(struct cy_plan *plan, const struct cy_id *party,
                          const struct cy_label *scheme, const struct cy_name *value,
                          struct cy_id *subject)
{
    const bool code = scheme->n > 0 && value->n > 0;

    if (cy_id_none(party) != code || (scheme->n > 0) != (value->n > 0))
        return cy_fail(CY_E_SANCTION_TARGET, cy_id_none(party) ? 3 : 2);
    if (code) {
        CY_TRY(cy_sanction_code(cy_label_text(scheme), cy_name_text(value)));
        *subject = cy_restraint_subject(cy_label_text(scheme), cy_name_text(value));
        return CY_OK;
    }
    if (CY_READ(plan, passport, party) == NULL)
        return cy_fail(CY_E_UNKNOWN_PASSPORT, 2);
    *subject = *party;
    return CY_OK;
}
