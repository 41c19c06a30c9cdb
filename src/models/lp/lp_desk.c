#include "models/lp/lp_desk.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)256 << 20)
#define SECOND_NS 1000000000u

cy_err cy_lp_read_file(struct cy_desk *desk, const char *path, struct cy_lp_program **out)
{
    struct cy_desk_text text;
    struct cy_mps_fault fault;
    const char *place = NULL;

    CY_TRY(cy_desk_read(desk, path, FILE_MAX_BYTES, &text));
    *out = cy_mps_read(text.at, text.n, &fault);
    if (*out == NULL) {
        struct cy_desk_fault at;

        (void)cy_desk_at(&at, fault.line, fault.column, "%s", fault.what);
        return cy_desk_refuse(desk, path, &at);
    }
    if (cy_lp_scale(*out, &place))
        return CY_OK;
    (void)cy_desk_note(
        desk, cy_fail(CY_E_MODEL_INPUT, 0),
        "%s: %.80s: its bounds stand the wrong way round, or a number of it is longer "
        "than 512 bits when fractions are multiplied out",
        path, place);
    cy_lp_program_free(*out);
    *out = NULL;
    return desk->failed;
}

/* --- solving --- */

static const char *word_of(enum cy_lp_outcome outcome)
{
    static const char *const words[] = {"optimal", "infeasible", "unbounded", "stopped"};

    return words[outcome];
}

/* The advised basis, or NULL. */
static enum cy_lp_place *read_advice(struct cy_desk *desk, const struct cy_lp_program *lp)
{
    const char *path = cy_desk_option(desk, "basis");
    struct cy_desk_text text;
    enum cy_lp_place *places = NULL;

    if (path == NULL || !cy_ok(cy_desk_read(desk, path, FILE_MAX_BYTES, &text)))
        return NULL;
    places = cy_lp_alloc((size_t)lp->n_columns + lp->n_rows, sizeof *places);
    if (cy_lp_advice_read(cy_span_of(text.at, text.n), lp->n_columns, lp->n_rows, places) > 0)
        return places;
    free(places);
    return NULL;
}

static json_t *exact_json(mpq_srcptr v)
{
    char *text = cy_lp_exact(v);
    char decimal[CY_LP_DECIMAL_MAX];
    json_t *out = NULL;

    cy_lp_decimal(v, 10, false, decimal);
    out = json_pack("{ss ss}", "exact", text, "decimal", decimal);
    free(text);
    return out;
}

static json_t *columns_json(const struct cy_lp_program *lp, const struct cy_lp_answer *answer)
{
    json_t *out = json_object();

    for (uint32_t j = 0; j < lp->n_columns; j++) {
        if (mpq_sgn(answer->x[j]) != 0)
            (void)json_object_set_new(out, lp->columns[j].name, exact_json(answer->x[j]));
    }
    return out;
}

static int print_json(struct cy_desk *desk, const struct cy_lp_program *lp,
                      const struct cy_lp_answer *answer)
{
    char id[65];
    json_t *out = NULL;

    cy_hex(answer->program_id.b, 32, id);
    out = json_pack("{ss ss sb sI sI sI}", "status", word_of(answer->outcome), "program", id,
                    "unique_point", answer->settled, "rows", (json_int_t)lp->n_rows, "columns",
                    (json_int_t)lp->n_columns, "certificate_bytes",
                    (json_int_t)answer->certificate.n);
    if (answer->outcome == CY_LP_FOUND) {
        (void)json_object_set_new(out, "value", exact_json(answer->value));
        (void)json_object_set_new(out, "values", columns_json(lp, answer));
    }
    if (cy_desk_on(desk, "times"))
        (void)json_object_set_new(
            out, "times",
            json_pack("{sI sI sI sI}", "solve_us", (json_int_t)(answer->solve_ns / 1000),
                      "check_us", (json_int_t)(answer->check_ns / 1000), "steps",
                      (json_int_t)answer->steps, "leaves", (json_int_t)answer->leaves));
    return cy_desk_print(desk, out);
}

static void print_found(struct cy_desk *desk, const struct cy_lp_program *lp,
                        const struct cy_lp_answer *answer)
{
    char text[CY_LP_DECIMAL_MAX];
    char *exact = cy_lp_exact(answer->value);

    cy_lp_decimal(answer->value, 10, true, text);
    (void)fprintf(desk->out, "The %s value is %s.\n", lp->most ? "greatest" : "least", text);
    if (strchr(exact, '/') != NULL)
        (void)fprintf(desk->out, "Exactly: %s\n", exact);
    free(exact);
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        if (mpq_sgn(answer->x[j]) == 0)
            continue;
        cy_lp_decimal(answer->x[j], 10, true, text);
        (void)fprintf(desk->out, "  %s = %s\n", lp->columns[j].name, text);
    }
    (void)fputs(
        answer->settled
            ? "Of several points of this value it is the one that is least column by column, "
              "in the order of names, or the only one.\n"
            : "Other points may have the same value.\n",
        desk->out);
}

static void print_none(struct cy_desk *desk, const struct cy_lp_program *lp,
                       const struct cy_lp_answer *answer)
{
    struct cy_lp_judged judged;

    (void)fputs("No point keeps all bounds.\n", desk->out);
    if (cy_ok(cy_lp_judge(cy_span_of(answer->program.at, answer->program.n),
                          cy_span_of(answer->certificate.at, answer->certificate.n), &judged)) &&
        judged.verdict.kind == CY_LP_INFEASIBLE)
        cy_lp_contradiction(desk->out, lp, &judged.verdict.multipliers);
    cy_lp_judged_free(&judged);
}

static int print_people(struct cy_desk *desk, const struct cy_lp_program *lp,
                        const struct cy_lp_answer *answer)
{
    char id[65];

    switch (answer->outcome) {
    case CY_LP_FOUND: print_found(desk, lp, answer); break;
    case CY_LP_NO_POINT: print_none(desk, lp, answer); break;
    case CY_LP_NO_LIMIT:
        (void)fprintf(desk->out, "There is no %s value: it goes on without end.\n",
                      lp->most ? "greatest" : "least");
        break;
    case CY_LP_STOPPED:
        (void)fputs("Time was over before there was an answer; nothing is claimed.\n", desk->out);
        return CY_DESK_TROUBLE;
    }
    cy_hex(answer->program_id.b, 32, id);
    (void)fprintf(desk->out, "Proved: a certificate of %zu bytes about program %s was checked.\n",
                  answer->certificate.n, id);
    if (cy_desk_on(desk, "times"))
        (void)fprintf(desk->out,
                      "Solved in %.3f ms (%llu exact steps, %u leaves), checked in %.3f ms.\n",
                      (double)answer->solve_ns / 1e6, (unsigned long long)answer->steps,
                      answer->leaves, (double)answer->check_ns / 1e6);
    return answer->outcome == CY_LP_FOUND ? CY_DESK_DONE : CY_DESK_NEGATIVE;
}

static bool write_out(struct cy_desk *desk, const char *option, const struct cy_lp_bytes *bytes)
{
    FILE *out = cy_desk_output(desk, option);

    if (out == NULL || fwrite(bytes->at, 1, bytes->n, out) == bytes->n)
        return true;
    (void)cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, 0), "--%s was not written", option);
    return false;
}

static int answer_with(struct cy_desk *desk, const struct cy_lp_program *lp,
                       const struct cy_lp_answer *answer)
{
    int code = 0;

    if (!write_out(desk, "certificate", &answer->certificate) ||
        !write_out(desk, "program", &answer->program))
        return cy_desk_code(desk);
    if (!desk->json)
        return print_people(desk, lp, answer);
    code = print_json(desk, lp, answer);
    if (code != CY_DESK_DONE || answer->outcome == CY_LP_FOUND)
        return code;
    return answer->outcome == CY_LP_STOPPED ? CY_DESK_TROUBLE : CY_DESK_NEGATIVE;
}

int cy_model_lp_solve(struct cy_desk *desk)
{
    struct cy_lp_wish wish = {.any = cy_desk_on(desk, "any")};
    struct cy_lp_program *lp = NULL;
    struct cy_lp_answer answer;
    enum cy_lp_place *advice = NULL;
    uint64_t seconds = 0;
    int code = 0;
    cy_err e;

    if (desk->n_words != 1)
        return cy_desk_wrong(desk, "comity lp solve takes one file in MPS form");
    if (!cy_ok(cy_desk_number(desk, "timeout", 1, 86400, &seconds)) ||
        !cy_ok(cy_lp_read_file(desk, cy_desk_word(desk, 0), &lp)) || lp == NULL)
        return cy_desk_code(desk);
    advice = read_advice(desk, lp);
    wish.advice = advice;
    wish.limit_ns = seconds * SECOND_NS;
    if (cy_ok(desk->failed)) {
        e = cy_lp_answer_find(lp, &wish, &answer);
        code = cy_ok(e) ? answer_with(desk, lp, &answer)
                        : cy_desk_fail(desk, e,
                                       "the checker refuses our own certificate: that is a "
                                       "fault of this program; nothing was written");
        cy_lp_answer_free(&answer);
    } else
        code = cy_desk_code(desk);
    free(advice);
    cy_lp_program_free(lp);
    return code;
}

/* --- checking --- */

/* The bytes of a program: as they are, or of an MPS file. *lp is NULL in the first case. */
static cy_err read_program(struct cy_desk *desk, const char *path, struct cy_lp_program **lp,
                           struct cy_lp_bytes *out)
{
    struct cy_desk_text text;

    *lp = NULL;
    CY_TRY(cy_desk_read(desk, path, FILE_MAX_BYTES, &text));
    if (text.n >= 4 && memcmp(text.at, "clp\1", 4) == 0) {
        cy_lp_put(out, text.at, text.n);
        return CY_OK;
    }
    CY_TRY(cy_lp_read_file(desk, path, lp));
    cy_lp_encode(*lp, out);
    return CY_OK;
}

static int say_refused(struct cy_desk *desk, const struct cy_lp_program *lp, cy_err e)
{
    const uint32_t rows = lp == NULL ? 0 : lp->n_rows;

    if (e.code == CY_E_CERT_FORM)
        return cy_desk_fail(desk, e, "at byte %u", e.detail);
    if (e.code != CY_E_CERT_WRONG || e.detail == 0)
        return cy_desk_fail(desk, e, "%s",
                            e.code == CY_E_CERT_WRONG ? "what it adds up to is not enough" : "");
    if (lp == NULL)
        return cy_desk_fail(desk, e, "at number %u of rows and columns", e.detail);
    return cy_desk_fail(desk, e, "at %s %.80s", e.detail <= rows ? "row" : "column",
                        e.detail <= rows ? lp->rows[e.detail - 1].name
                                         : lp->columns[e.detail - rows - 1].name);
}

static int say_proved(struct cy_desk *desk, const struct cy_lp_program *lp,
                      const struct cy_lp_verdict *verdict)
{
    static const char *const words[] = {"",          "optimal", "infeasible",
                                        "unbounded", "optimal", "bounded"};
    const char *word = verdict->infeasible ? "infeasible" : words[verdict->kind];
    const bool valued = strcmp(word, "optimal") == 0 || verdict->kind == CY_LP_BOUNDED;
    json_t *out = json_pack("{ss}", "proved", word);
    char text[2][CY_LP_DECIMAL_MAX] = {"", ""};
    mpq_t v[2];

    mpq_inits(v[0], v[1], NULL);
    if (valued) {
        cy_lp_fraction(&verdict->value_above, &verdict->value_below, v[0]);
        cy_lp_fraction(&verdict->bound_above, &verdict->bound_below, v[1]);
        for (unsigned i = 0; i < 2; i++) {
            if (lp != NULL && lp->most)
                mpq_neg(v[i], v[i]);
            cy_lp_decimal(v[i], 10, true, text[i]);
            (void)json_object_set_new(out, i == 0 ? "value" : "bound", exact_json(v[i]));
        }
    }
    mpq_clears(v[0], v[1], NULL);
    if (desk->json)
        return cy_desk_print(desk, out);
    json_decref(out);
    (void)fprintf(desk->out, "Proved: %s.\n", word);
    if (valued)
        (void)fprintf(desk->out, "Value %s; no point is better than %s.\n", text[0], text[1]);
    if (verdict->kind == CY_LP_INFEASIBLE && lp != NULL)
        cy_lp_contradiction(desk->out, lp, &verdict->multipliers);
    return CY_DESK_DONE;
}

int cy_model_lp_check(struct cy_desk *desk)
{
    struct cy_lp_program *lp = NULL;
    struct cy_lp_bytes program = {0};
    struct cy_lp_judged judged = {0};
    struct cy_desk_text certificate;
    int code = 0;

    if (desk->n_words != 2)
        return cy_desk_wrong(desk, "comity lp check takes a program (MPS, or bytes of SPEC/"
                                   "certificates.md) and a certificate");
    if (cy_ok(read_program(desk, cy_desk_word(desk, 0), &lp, &program)) &&
        cy_ok(cy_desk_read(desk, cy_desk_word(desk, 1), FILE_MAX_BYTES, &certificate))) {
        const cy_err e = cy_lp_judge(cy_span_of(program.at, program.n),
                                     cy_span_of(certificate.at, certificate.n), &judged);

        code = cy_ok(e) ? say_proved(desk, lp, &judged.verdict) : say_refused(desk, lp, e);
    } else
        code = cy_desk_code(desk);
    cy_lp_judged_free(&judged);
    cy_lp_program_free(lp);
    free(program.at);
    return code;
}
