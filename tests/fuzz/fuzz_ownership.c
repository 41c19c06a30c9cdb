/* Registers of owners, as tables and as BODS, and certificates of exposure: refused, or holdings of
 * parties that are there, never more than all of a company on one day. */
#include "fuzz.h"

#include "models/exposure/exposure.h"
#include "models/exposure/exposure_certificate.h"
#include "models/exposure/ownership_bods.h"
#include "models/exposure/ownership_csv.h"
#include "models/exposure/ownership_day.h"

#include <stdlib.h>

static cy_err read_csv(struct cy_desk *desk, const uint8_t *data, size_t size,
                       struct cy_ownership *o, struct cy_desk_fault *fault)
{
    struct cy_csv csv;
    char *text = cy_desk_take(desk, size + 1);

    CY_ASSERT(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    CY_TRY(cy_desk_csv_text(desk, (struct cy_desk_text){text, size}, &csv, fault));
    return cy_ownership_csv(&csv, o, fault);
}

/* A certificate that is read is the same when it was written and read again; checking ends. */
static void certificate(struct cy_desk *desk, const uint8_t *data, size_t size)
{
    struct cy_desk_fault fault = {0};
    struct cy_desk_text text = {cy_desk_take(desk, size + 1), size};
    struct cy_certificate of;
    struct cy_certificate again;
    json_t *value = NULL;

    CY_ASSERT(text.at != NULL);
    memcpy(text.at, data, size);
    if (!cy_ok(cy_certificate_read(desk, text, &of, &fault)))
        return;
    value = cy_certificate_json(&of);
    CY_ASSERT(value != NULL);
    text.at = json_dumps(value, 0);
    CY_ASSERT(text.at != NULL);
    text.n = strlen(text.at);
    CY_ASSERT(cy_ok(cy_certificate_read(desk, text, &again, &fault)));
    CY_ASSERT(cy_certificate_differs(desk, &of, &again) == NULL);
    CY_ASSERT(cy_ok(cy_certificate_check(desk, &of)) == cy_ok(cy_certificate_check(desk, &again)));
    free(text.at);
    json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const bool json = size > 0 && (data[0] == '[' || data[0] == '{');
    static struct cy_desk desk;
    struct cy_desk_fault fault = {0};
    struct cy_ownership o = {0};
    struct cy_holding *day = NULL;
    size_t left_out = 0;
    size_t n = 0;
    cy_err err = json ? cy_ownership_bods(cy_span_of(data, size), &o, &left_out, &fault)
                      : read_csv(&desk, data, size, &o, &fault);

    if (json && data[0] == '{')
        certificate(&desk, data, size);
    if (cy_ok(err))
        err = cy_ownership_check(&o, &fault);
    if (cy_ok(err) && o.n_parties > 0 && cy_ok(cy_ownership_on(&o, 737000, false, &day, &n))) {
        const struct cy_ownership_rule rule = {.threshold = CY_SHARE_WHOLE / 2, .aggregate = true};
        const uint32_t named[] = {0};
        struct cy_exposure *x = NULL;
        uint64_t sum = 0;

        for (size_t i = 0; i < n; i++) {
            CY_ASSERT(day[i].owner < o.n_parties && day[i].owned < o.n_parties);
            if (i == 0 || day[i].owned != day[i - 1].owned)
                sum = 0;
            if (day[i].interest == CY_INTEREST_SHARES)
                sum += day[i].share;
            CY_ASSERT(sum <= CY_SHARE_WHOLE);
        }
        CY_ASSERT(cy_ok(cy_exposure_open(&rule, o.n_parties, day, n, named, 1, &x)));
        CY_ASSERT(cy_exposure_count(x) >= 1);
        cy_exposure_close(x);
        free(day);
    }
    cy_ownership_free(&o);
    cy_desk_end(&desk);
    return 0;
}
