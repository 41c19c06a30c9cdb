/* Certificates of linear programs: [2: length of the program][program][certificate]. Any bytes are
 * refused or judged within the room given; the same bytes twice are judged the same. */
#include "fuzz.h"

#include "certify/lp.h"

enum { ROOM = 8 << 20 };

static _Alignas(16) uint8_t room[ROOM];

static cy_err judge(struct cy_span program, struct cy_span certificate, const struct cy_id *id,
                    struct cy_lp_verdict *out)
{
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct cy_lp_form form;

    CY_TRY(cy_lp_form_read(program, &arena, &form));
    return cy_lp_check(&form, id, certificate, &arena, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_lp_verdict first;
    struct cy_lp_verdict second;
    struct cy_span program;
    struct cy_span certificate;
    struct cy_id id = {{0}};
    cy_err e;

    if (size < 2 || size - 2 < (size_t)(data[0] << 8 | data[1]))
        return 0;
    program = cy_span_of(data + 2, (size_t)(data[0] << 8 | data[1]));
    certificate = cy_span_of(program.at + program.n, size - 2 - program.n);
    /* whose program it is, is not the matter here */
    if (certificate.n >= 37)
        memcpy(id.b, certificate.at + 5, sizeof id.b);
    e = judge(program, certificate, &id, &first);
    CY_ASSERT(e.code == judge(program, certificate, &id, &second).code);
    if (!cy_ok(e)) {
        CY_ASSERT(e.code == CY_E_CERT_FORM || e.code == CY_E_CERT_OTHER ||
                  e.code == CY_E_CERT_WRONG || e.code == CY_E_NO_ROOM);
        return 0;
    }
    CY_ASSERT(first.kind == second.kind && first.leaves == second.leaves);
    CY_ASSERT(first.infeasible || cy_whole_sign(first.value_below) >= 0);
    return 0;
}
