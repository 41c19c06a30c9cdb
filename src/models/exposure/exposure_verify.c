#include "models/exposure/exposure_verify.h"

#include "crypto/hash.h"

#define CERTIFICATE_MAX ((size_t)256 << 20)

/* The register of the command line, on the certificate's day and under its rule, says the same. */
static cy_err hold_to_register(struct cy_desk *desk, const struct cy_certificate *of)
{
    struct cy_certificate own;
    struct cy_case c = {.day = of->day, .regime = of->regime};
    uint32_t target = 0;
    const char *why = NULL;
    cy_err err = cy_case_register(desk, &c);

    if (cy_ok(err))
        err = cy_case_party(desk, &c, of->ids[of->party], &target);
    if (cy_ok(err))
        err = cy_case_compute(desk, &c);
    if (cy_ok(err))
        err = cy_certificate_of(desk, &c, target, &own);
    if (cy_ok(err)) {
        why = cy_certificate_differs(desk, of, &own);
        if (why != NULL)
            err = cy_desk_note(desk, cy_fail(CY_E_MODEL_CERTIFICATE, 0),
                               "it and the register differ: %s", why);
    }
    cy_case_end(&c);
    return err;
}

static int say(struct cy_desk *desk, const struct cy_certificate *of, const char *hash, bool held)
{
    char day[16];
    struct cy_text text = cy_text_on(day, sizeof day);

    cy_date_text(&text, of->day);
    if (desk->json)
        return cy_desk_print(
            desk, json_pack("{s:b, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:b, s:s}", "holds", 1,
                            "party", of->ids[of->party], "name", of->names[of->party], "verdict",
                            cy_verdict_name(of->verdict), "regime", of->regime->regime, "day", day,
                            "parties", (json_int_t)of->n, "holdings", (json_int_t)of->cases[0].n,
                            "agrees_with_register", (int)held, "sha256", hash));
    (void)fprintf(desk->out,
                  "The certificate holds: %s (%s) is %s under %s on %s\n  rule: %s (%s)\n"
                  "  rests on %zu holdings among %zu parties: ",
                  of->names[of->party], of->ids[of->party], cy_verdict_name(of->verdict),
                  of->regime->regime, day, of->regime->words, of->regime->source, of->cases[0].n,
                  of->n);
    (void)fprintf(desk->out, "%s\n  sha256 %s\n",
                  held ? "the register has the same"
                       : "that they are all there are, is for a register (--owners) to show",
                  hash);
    return CY_DESK_DONE;
}

int cy_model_exposure_verify(struct cy_desk *desk)
{
    const char *path = cy_desk_word(desk, 0);
    const bool held = cy_desk_on(desk, "owners") || cy_desk_on(desk, "bods");
    struct cy_desk_fault fault = {0};
    struct cy_certificate of;
    struct cy_desk_text text;
    struct cy_id id;
    char hash[2 * sizeof id + 1];
    cy_err err = CY_OK;

    if (path == NULL || cy_desk_word(desk, 1) != NULL)
        return cy_desk_wrong(desk, "name one certificate");
    if (!cy_ok(cy_desk_read(desk, path, CERTIFICATE_MAX, &text)))
        return cy_desk_code(desk);
    id = cy_sha256(cy_span_of(text.at, text.n));
    cy_hex(id.b, sizeof id.b, hash);
    err = cy_certificate_read(desk, text, &of, &fault);
    if (err.code == CY_E_MODEL_INPUT)
        (void)cy_desk_refuse(desk, path, &fault);
    else if (!cy_ok(err))
        (void)cy_desk_note(desk, err, "%s", path);
    if (!cy_ok(err))
        return cy_desk_code(desk);
    err = cy_certificate_check(desk, &of);
    if (!cy_ok(err)) {
        if (err.code == CY_E_EXPOSURE_PROOF && err.detail < of.n)
            (void)cy_desk_note(desk, err, "%s, at the party %s", path, of.ids[err.detail]);
        else
            (void)cy_desk_note(desk, err, "%s", path);
        return cy_desk_code(desk);
    }
    if (held && !cy_ok(hold_to_register(desk, &of)))
        return cy_desk_code(desk);
    return say(desk, &of, hash, held);
}
