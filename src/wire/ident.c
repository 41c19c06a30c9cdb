#include "wire/ident.h"

/* The three types share their shape: a length byte, then the characters. */
static cy_err fill(struct cy_span text, size_t cap, uint8_t *n, char *s)
{
    if (text.n > cap)
        return cy_fail(CY_E_RANGE, text.n);
    memset(s, 0, cap);
    if (text.n > 0)
        memcpy(s, text.at, text.n);
    *n = (uint8_t)text.n;
    return CY_OK;
}

cy_err cy_label_of(struct cy_span text, struct cy_label *out)
{
    return fill(text, sizeof out->s, &out->n, out->s);
}

cy_err cy_name_of(struct cy_span text, struct cy_name *out)
{
    return fill(text, sizeof out->s, &out->n, out->s);
}

cy_err cy_line_of(struct cy_span text, struct cy_line *out)
{
    return fill(text, sizeof out->s, &out->n, out->s);
}
