/* MPS: any bytes are refused at a place inside of the text, or are a program whose bytes the exact
 * reader of certificates takes; and basis files of any bytes give places. */
#include "fuzz.h"

#include "certify/lp_form.h"
#include "models/lp/lp_advice.h"
#include "models/lp/mps.h"

#include <stdlib.h>

enum { ROOM = 16 << 20 };

static _Alignas(16) uint8_t room[ROOM];

static void look(struct cy_lp_program *lp, const uint8_t *data, size_t size)
{
    enum cy_lp_place *places = cy_lp_alloc((size_t)lp->n_columns + lp->n_rows, sizeof *places);
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct cy_lp_bytes bytes = {0};
    struct cy_lp_bytes text = {0};
    struct cy_lp_form form;
    const char *place = NULL;

    (void)cy_lp_advice_read(cy_span_of(data, size), lp->n_columns, lp->n_rows, places);
    if (cy_lp_scale(lp, &place)) {
        cy_lp_encode(lp, &bytes);
        CY_ASSERT(cy_ok(cy_lp_form_read(cy_span_of(bytes.at, bytes.n), &arena, &form)));
        CY_ASSERT(form.n_rows == lp->n_rows && form.n_columns == lp->n_columns);
        cy_mps_write(lp, &text);
    }
    free(bytes.at);
    free(text.at);
    free(places);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_mps_fault fault;
    char *text = malloc(size + 1);
    struct cy_lp_program *lp = NULL;

    CY_ASSERT(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = 0;
    lp = cy_mps_read(text, size, &fault);
    free(text);
    if (lp == NULL) {
        CY_ASSERT(fault.line >= 1 && fault.column >= 1 && fault.what != NULL);
        CY_ASSERT(fault.column <= size + 1);
        return 0;
    }
    look(lp, data, size);
    cy_lp_program_free(lp);
    return 0;
}
