#include "models/exposure/exposure_case.h"

#include "models/exposure/ownership_bods.h"
#include "models/exposure/ownership_csv.h"

#include <stdlib.h>
#include <time.h>

typedef cy_err read_rows(const struct cy_csv *csv, struct cy_ownership *o,
                         struct cy_desk_fault *fault);

static cy_err read_tables(struct cy_desk *desk, struct cy_case *c, const char *option,
                          read_rows *read)
{
    const char *path = NULL;
    size_t at = 0;

    while ((path = cy_desk_next(desk, option, &at)) != NULL) {
        struct cy_desk_fault fault = {0};
        struct cy_csv csv;
        cy_err err = cy_desk_csv(desk, path, CY_OWNERSHIP_BYTES_MAX, &csv);

        CY_TRY(err);
        err = read(&csv, &c->o, &fault);
        if (err.code == CY_E_MODEL_INPUT)
            return cy_desk_refuse(desk, path, &fault);
        if (!cy_ok(err))
            return cy_desk_note(desk, err, "%s", path);
    }
    return CY_OK;
}

static cy_err read_bods(struct cy_desk *desk, struct cy_case *c)
{
    const char *path = NULL;
    size_t at = 0;

    while ((path = cy_desk_next(desk, "bods", &at)) != NULL) {
        struct cy_desk_fault fault = {0};
        struct cy_desk_text text = {0};
        size_t left_out = 0;
        cy_err err = cy_desk_read(desk, path, CY_OWNERSHIP_BYTES_MAX, &text);

        CY_TRY(err);
        err = cy_ownership_bods(cy_span_of(text.at, text.n), &c->o, &left_out, &fault);
        c->left_out += left_out;
        if (err.code == CY_E_MODEL_INPUT)
            return cy_desk_refuse(desk, path, &fault);
        if (!cy_ok(err))
            return cy_desk_note(desk, err, "%s", path);
    }
    return CY_OK;
}

cy_err cy_case_party(struct cy_desk *desk, const struct cy_case *c, const char *name,
                     uint32_t *party)
{
    size_t others = 0;

    *party = cy_ownership_named(&c->o, name, &others);
    if (*party != CY_PARTY_NONE)
        return CY_OK;
    return others > 1 ? cy_desk_note(desk, cy_fail(CY_E_PARTY_AMBIGUOUS, others),
                                     "%zu parties are called '%s'", others, name)
                      : cy_desk_note(desk, cy_fail(CY_E_PARTY_UNKNOWN, 0), "'%s'", name);
}

static cy_err name_party(struct cy_case *c, uint32_t party, cy_date since)
{
    for (size_t i = 0; i < c->n_named; i++) {
        if (c->named[i].party == party)
            return CY_OK;
    }
    CY_TRY(cy_grow((void **)&c->named, &c->named_cap, c->n_named + 1, sizeof *c->named));
    c->named[c->n_named++] = (struct cy_named){party, since};
    return CY_OK;
}

/* A table of who is blocked: id, and if there are such columns since and until. */
static cy_err read_blocked(struct cy_desk *desk, struct cy_case *c, const char *path)
{
    static const char *const names[] = {"id", "since", "until"};
    struct cy_desk_fault fault = {0};
    struct cy_csv csv;
    size_t at[3];

    CY_TRY(cy_desk_csv(desk, path, CY_OWNERSHIP_BYTES_MAX, &csv));
    if (!cy_ok(cy_columns_known(&csv, names, 3, 1, at, &fault)))
        return cy_desk_refuse(desk, path, &fault);
    for (size_t row = 0; row < csv.n_rows; row++) {
        cy_date since = 0;
        cy_date until = 0;
        uint32_t party = 0;

        if (!cy_ok(cy_row_date(&csv, row, at[1], &since, &fault)) ||
            !cy_ok(cy_row_date(&csv, row, at[2], &until, &fault)))
            return cy_desk_refuse(desk, path, &fault);
        if (until != 0 && until <= since) {
            (void)cy_desk_at(&fault, csv.lines[row], 0, "the block ends before it begins");
            return cy_desk_refuse(desk, path, &fault);
        }
        CY_TRY(cy_case_party(desk, c, cy_csv_cell(&csv, row, at[0]), &party));
        if (since <= c->day && (until == 0 || c->day < until))
            CY_TRY(name_party(c, party, since));
    }
    return CY_OK;
}

static cy_err read_named(struct cy_desk *desk, struct cy_case *c)
{
    const char *text = NULL;
    size_t at = 0;

    while ((text = cy_desk_next(desk, "blocked", &at)) != NULL) {
        uint32_t party = 0;

        CY_TRY(cy_case_party(desk, c, text, &party));
        if (!cy_ok(name_party(c, party, 0)))
            return cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "--blocked");
    }
    at = 0;
    while ((text = cy_desk_next(desk, "blocked-file", &at)) != NULL)
        CY_TRY(read_blocked(desk, c, text));
    return CY_OK;
}

cy_err cy_case_day(struct cy_desk *desk, const char *name, cy_date *day)
{
    const char *text = cy_desk_option(desk, name);

    if (text == NULL || cy_ok(cy_date_read(cy_span_text(text), day)))
        return CY_OK;
    return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0), "--%s is a day: YYYY-MM-DD", name);
}

cy_err cy_case_read(struct cy_desk *desk, struct cy_case *c)
{
    const char *regime = cy_desk_option(desk, "regime");
    cy_err err = CY_OK;

    memset(c, 0, sizeof *c);
    c->day = cy_time_date((cy_time)time(NULL) * 1000);
    CY_TRY(cy_case_day(desk, "as-of", &c->day));
    err = cy_regime_rule(regime == NULL ? "us" : regime, c->day, &c->regime);
    if (!cy_ok(err))
        return cy_desk_note(desk, err, "'%s'", regime == NULL ? "" : regime);
    return cy_case_register(desk, c);
}

cy_err cy_case_register(struct cy_desk *desk, struct cy_case *c)
{
    struct cy_desk_fault fault = {0};
    cy_err err = CY_OK;

    if (!cy_desk_on(desk, "owners") && !cy_desk_on(desk, "bods"))
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                            "--owners FILE.csv or --bods FILE.json names a register");
    CY_TRY(read_tables(desk, c, "owners", cy_ownership_csv));
    CY_TRY(read_bods(desk, c));
    CY_TRY(read_tables(desk, c, "parties", cy_parties_csv));
    err = cy_ownership_check(&c->o, &fault);
    if (err.code == CY_E_MODEL_INPUT)
        return cy_desk_refuse(desk, "the register", &fault);
    if (!cy_ok(err))
        return cy_desk_note(desk, err, "the register");
    return read_named(desk, c);
}

cy_err cy_case_check(struct cy_desk *desk, const struct cy_ownership_rule *rule,
                     struct cy_exposure *x, size_t parties, const struct cy_holding *holdings,
                     size_t n)
{
    uint64_t *ranks = calloc(parties + 1, sizeof *ranks);
    bool *named = calloc(parties + 1, sizeof *named);
    cy_err err = ranks == NULL || named == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;

    for (size_t i = 0; cy_ok(err) && i < cy_exposure_holders(x); i++) {
        const uint32_t holder = cy_exposure_holder(x, i);

        for (uint32_t k = 0; k < parties; k++)
            named[k] = holder == CY_PARTY_NONE ? cy_exposure_named(x, k) : k == holder;
        cy_exposure_ranks(x, i, ranks);
        err = cy_exposure_check(rule, holdings, n, named, ranks, parties);
    }
    free(ranks);
    free(named);
    return cy_ok(err) ? CY_OK : cy_desk_note(desk, err, "party %u", err.detail);
}

static cy_err one_set(struct cy_desk *desk, struct cy_case *c, bool most, struct cy_exposure **out)
{
    uint32_t *named = malloc((c->n_named + 1) * sizeof *named);
    struct cy_holding *holdings = NULL;
    size_t n = 0;
    cy_err err = named == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                               : cy_ownership_on(&c->o, c->day, most, &holdings, &n);

    for (size_t i = 0; cy_ok(err) && i < c->n_named; i++)
        named[i] = c->named[i].party;
    if (cy_ok(err))
        err =
            cy_exposure_open(&c->regime->rule, c->o.n_parties, holdings, n, named, c->n_named, out);
    if (!cy_ok(err))
        err = cy_desk_note(desk, err, "computing what is blocked");
    else
        err = cy_case_check(desk, &c->regime->rule, *out, c->o.n_parties, holdings, n);
    free(named);
    if (most) {
        free(holdings);
    } else {
        c->holdings = holdings;
        c->n_holdings = n;
    }
    return err;
}

cy_err cy_case_compute(struct cy_desk *desk, struct cy_case *c)
{
    CY_TRY(one_set(desk, c, false, &c->sure));
    return one_set(desk, c, true, &c->possible);
}

void cy_case_end(struct cy_case *c)
{
    cy_exposure_close(c->sure);
    cy_exposure_close(c->possible);
    free(c->holdings);
    free(c->named);
    cy_ownership_free(&c->o);
    memset(c, 0, sizeof *c);
}
