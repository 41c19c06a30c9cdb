#include "models/grid/grid_desk.h"

#include "crypto/hash.h"
#include "models/grid/grid_words.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)256 << 20)
#define COLUMNS_MAX 2000000u

/* A command's inputs, read. */
struct input {
    struct cy_grid_case grid;
    struct cy_grid_rules rules;
    struct cy_grid_program program;
    struct cy_grid_inputs ids;
    bool made;
};

/* --- reading --- */

static void name_of(struct cy_desk_text text, char out[static 65])
{
    const struct cy_id id = cy_sha256(cy_span_of(text.at, text.n));

    cy_hex(id.b, 32, out);
}

static cy_err read_case(struct cy_desk *desk, struct input *in)
{
    const char *path = cy_desk_word(desk, 0);
    struct cy_desk_text text;
    struct cy_desk_fault fault = {0};
    cy_err e;

    in->ids.taps = cy_desk_on(desk, "taps");
    CY_TRY(cy_desk_read(desk, path, FILE_MAX_BYTES, &text));
    name_of(text, in->ids.grid);
    e = cy_matpower_read(desk, cy_span_of(text.at, text.n),
                         in->ids.taps ? CY_GRID_TAPS : CY_GRID_SUSCEPTANCE, &in->grid, &fault);
    if (!cy_ok(e))
        return cy_ok(desk->failed) ? cy_desk_refuse(desk, path, &fault) : desk->failed;
    e = cy_grid_rules_plain(desk, &in->grid, &in->rules);
    return cy_ok(e) ? CY_OK : desk->failed;
}

static cy_err read_charter(struct cy_desk *desk, struct input *in)
{
    const char *path = cy_desk_option(desk, "charter");
    struct cy_desk_text text;
    struct cy_desk_fault fault = {0};

    if (path == NULL)
        return CY_OK;
    CY_TRY(cy_desk_read(desk, path, FILE_MAX_BYTES, &text));
    name_of(text, in->ids.charter);
    if (!cy_ok(cy_grid_charter_read(&in->grid, cy_span_of(text.at, text.n), &in->rules, &fault)))
        return cy_desk_refuse(desk, path, &fault);
    return CY_OK;
}

static cy_err read_table(struct cy_desk *desk, struct input *in, const char *option,
                         char id[static 65],
                         cy_err (*read)(struct cy_desk *, const struct cy_grid_case *,
                                        const struct cy_csv *, struct cy_grid_rules *,
                                        struct cy_desk_fault *))
{
    const char *path = cy_desk_option(desk, option);
    struct cy_desk_text text;
    struct cy_desk_fault fault = {0};
    struct cy_csv csv;
    cy_err e;

    if (path == NULL)
        return CY_OK;
    CY_TRY(cy_desk_read(desk, path, FILE_MAX_BYTES, &text));
    name_of(text, id);
    e = cy_desk_csv_text(desk, text, &csv, &fault);
    if (cy_ok(e))
        e = read(desk, &in->grid, &csv, &in->rules, &fault);
    if (!cy_ok(e))
        return cy_ok(desk->failed) ? cy_desk_refuse(desk, path, &fault) : desk->failed;
    return CY_OK;
}

static cy_err read_all(struct cy_desk *desk, struct input *in)
{
    uint64_t columns = 0;

    *in = (struct input){0};
    CY_TRY(read_case(desk, in));
    CY_TRY(read_charter(desk, in));
    CY_TRY(read_table(desk, in, "periods", in->ids.periods, cy_grid_periods_read));
    CY_TRY(read_table(desk, in, "storage", in->ids.storage, cy_grid_stores_read));
    columns = (uint64_t)in->rules.n_periods *
              (in->grid.n_generators + 2 * (uint64_t)in->grid.n_buses + in->grid.n_lines);
    if (columns > COLUMNS_MAX)
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "periods times buses, generators and lines are more than 2,000,000");
    cy_grid_program_make(&in->grid, &in->rules, &in->program);
    in->made = true;
    return CY_OK;
}

static void release(struct input *in)
{
    if (in->made)
        cy_grid_program_free(&in->program);
    cy_grid_case_free(&in->grid);
}

/* --- dispatch and prices --- */

static cy_err write_plan(struct cy_desk *desk, json_t *json)
{
    FILE *out = cy_desk_output(desk, "plan");

    if (out != NULL && (json_dumpf(json, out, JSON_INDENT(1)) != 0 || fputc('\n', out) == EOF))
        return cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, 0), "the plan was not written");
    return CY_OK;
}

static void tell_times(struct cy_desk *desk, const struct cy_grid_plan *plan)
{
    (void)fprintf(desk->out,
                  "\nSearched in %.3f ms (%u steps), rounded and written in %.3f ms, checked in "
                  "%.3f ms.\nProgram %zu bytes, certificate %zu bytes; lines keep their law within "
                  "%.6f W.\n",
                  (double)plan->search_ns / 1e6, plan->steps, (double)plan->prove_ns / 1e6,
                  (double)plan->check_ns / 1e6, plan->program_bytes, plan->certificate.n,
                  plan->strain_w);
}

static json_t *times_json(const struct cy_grid_plan *plan)
{
    return json_pack("{sI sI sI sI sI sI sf}", "search_us", (json_int_t)(plan->search_ns / 1000),
                     "prove_us", (json_int_t)(plan->prove_ns / 1000), "check_us",
                     (json_int_t)(plan->check_ns / 1000), "steps", (json_int_t)plan->steps,
                     "program_bytes", (json_int_t)plan->program_bytes, "certificate_bytes",
                     (json_int_t)plan->certificate.n, "strain_w", plan->strain_w);
}

static int impossible(struct cy_desk *desk, const struct input *in, const struct cy_grid_plan *plan)
{
    char words[300];

    cy_grid_tell_impossible(desk->json ? NULL : desk->out, &in->program, plan, words);
    return cy_desk_fail(desk, cy_fail(CY_E_GRID_IMPOSSIBLE, 0), "%s", words);
}

static int answer(struct cy_desk *desk, const struct input *in, const struct cy_grid_plan *plan,
                  bool prices)
{
    FILE *svg = cy_desk_output(desk, "svg");
    json_t *json = cy_grid_plan_json(&in->program, plan, &in->ids);

    if (json == NULL)
        return cy_desk_fail(desk, cy_fail(CY_E_NO_MEMORY, 0), "no memory for the answer");
    if (!cy_ok(write_plan(desk, json))) {
        json_decref(json);
        return cy_desk_code(desk);
    }
    if (plan->found && svg != NULL && !cy_grid_draw(svg, &in->program, plan)) {
        json_decref(json);
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    }
    if (desk->json && plan->found) {
        if (cy_desk_on(desk, "times"))
            (void)json_object_set_new(json, "times", times_json(plan));
        return cy_desk_print(desk, json);
    }
    json_decref(json);
    if (!plan->found)
        return impossible(desk, in, plan);
    if (prices)
        cy_grid_tell_prices(desk->out, &in->program, plan);
    else
        cy_grid_tell(desk->out, &in->program, plan, cy_desk_on(desk, "explain"));
    if (cy_desk_on(desk, "times"))
        tell_times(desk, plan);
    return CY_DESK_DONE;
}

static int run(struct cy_desk *desk, bool prices)
{
    struct input in;
    struct cy_grid_plan plan;
    int code = 0;
    cy_err e;

    if (desk->n_words != 1)
        return cy_desk_wrong(desk, "comity grid %s takes one MATPOWER case file",
                             prices ? "prices" : "dispatch");
    if (!cy_ok(read_all(desk, &in))) {
        release(&in);
        return cy_desk_code(desk);
    }
    cy_desk_progress(desk, "planning", 0, 1);
    e = cy_grid_plan_find(&in.program, &plan);
    cy_desk_progress(desk, "planning", 1, 1);
    code = cy_ok(e) ? answer(desk, &in, &plan, prices)
                    : cy_desk_fail(desk, e, "%s",
                                   e.code == CY_E_MODEL_STALLED
                                       ? "neither a plan nor a proof that there is none"
                                       : "the checker refuses our own certificate: that is a fault "
                                         "of this program; nothing was written");
    cy_grid_plan_free(&plan);
    release(&in);
    return code;
}

int cy_model_grid_dispatch(struct cy_desk *desk)
{
    return run(desk, false);
}

int cy_model_grid_prices(struct cy_desk *desk)
{
    return run(desk, true);
}

/* --- verify --- */

static bool read_mw(const json_t *one, int64_t *out)
{
    const char *text = json_string_value(json_object_get(one, "mw"));
    bool good = false;
    mpq_t v;

    mpq_init(v);
    good = text != NULL && cy_lp_read_number(text, v) && cy_grid_fixed(v, CY_GRID_POWER, out);
    mpq_clear(v);
    return good;
}

/* Outputs and cuts of a plan, which quadratic costs need to build the program again. */
static bool read_outputs(const struct cy_grid_program *p, const json_t *plan, int64_t *x)
{
    const json_t *periods = json_object_get(plan, "periods");

    for (uint32_t t = 0; t < p->rules->n_periods; t++) {
        const json_t *outputs = json_object_get(json_array_get(periods, t), "outputs");

        for (uint32_t j = p->first[t]; j < p->flow[t]; j++) {
            if (!read_mw(json_array_get(outputs, j - p->first[t]), &x[j]))
                return false;
        }
    }
    return true;
}

static cy_err differs(struct cy_desk *desk, const char *what)
{
    return cy_desk_note(desk, cy_fail(CY_E_GRID_DIFFERS, 0), "%s", what);
}

/* The plan's words and numbers are those that its certificate and the inputs lead to. */
static cy_err compare(struct cy_desk *desk, const json_t *given, const json_t *again)
{
    json_t *inputs = json_object_get(given, "inputs");
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach(json_object_get(again, "inputs"), name, value)
    {
        if (!json_equal(json_object_get(inputs, name), value))
            return cy_desk_note(desk, cy_fail(CY_E_GRID_DIFFERS, 0),
                                "it was made from another %s, or with other options", name);
    }
    json_object_foreach((json_t *)(uintptr_t)again, name, value)
    {
        if (!json_equal(json_object_get(given, name), value))
            return cy_desk_note(desk, cy_fail(CY_E_GRID_DIFFERS, 0),
                                "its %s is not what its certificate proves", name);
    }
    return json_object_size(given) == json_object_size(again)
               ? CY_OK
               : differs(desk, "it says more than its certificate proves");
}

static cy_err judge_plan(struct cy_desk *desk, const struct input *in, const json_t *given,
                         struct cy_grid_plan *plan)
{
    const char *text = json_string_value(json_object_get(given, "certificate"));
    const char *status = json_string_value(json_object_get(given, "status"));
    int64_t *x = cy_lp_alloc(in->program.n_columns, sizeof *x);
    uint8_t *bytes = cy_lp_alloc(text == NULL ? 1 : strlen(text) + 4, 1);
    size_t n = 0;
    cy_err e = CY_OK;

    if (text == NULL || status == NULL ||
        !cy_ok(cy_base64_read(cy_span_text(text), bytes, strlen(text) + 4, &n)) ||
        (strcmp(status, "planned") == 0 && !read_outputs(&in->program, given, x)))
        e = differs(desk, "its certificate, status or outputs are missing or malformed");
    else {
        e = cy_grid_plan_judge(&in->program, x, cy_span_of(bytes, n), plan);
        if (!cy_ok(e))
            (void)cy_desk_note(desk, e, "the certificate of the plan");
    }
    free(bytes);
    free(x);
    return e;
}

static int verify(struct cy_desk *desk, const struct input *in, const json_t *given)
{
    struct cy_grid_plan plan = {0};
    json_t *again = NULL;
    int code = 0;

    mpq_inits(plan.value, plan.bound, plan.money, plan.missing, NULL);
    if (cy_ok(judge_plan(desk, in, given, &plan))) {
        again = cy_grid_plan_json(&in->program, &plan, &in->ids);
        (void)compare(desk, given, again);
    }
    code = cy_desk_code(desk);
    if (cy_ok(desk->failed) && desk->json)
        code = cy_desk_print(desk,
                             json_pack("{ss sO}", "verified", plan.found ? "planned" : "impossible",
                                       "program", json_object_get(again, "program")));
    else if (cy_ok(desk->failed)) {
        if (plan.found)
            (void)fputs("Verified: every balance and limit is kept, and no plan is better than the "
                        "bound.\n",
                        desk->out);
        else
            (void)fputs("Verified: no plan keeps all limits.\n", desk->out);
        code = CY_DESK_DONE;
    }
    json_decref(again);
    cy_grid_plan_free(&plan);
    return code;
}

int cy_model_grid_verify(struct cy_desk *desk)
{
    struct input in;
    struct cy_desk_text text;
    json_t *given = NULL;
    int code = 0;

    if (desk->n_words != 2)
        return cy_desk_wrong(desk, "comity grid verify takes a case and a plan");
    if (cy_ok(read_all(desk, &in)) &&
        cy_ok(cy_desk_read(desk, cy_desk_word(desk, 1), FILE_MAX_BYTES, &text)))
        given = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, NULL);
    if (!cy_ok(desk->failed))
        code = cy_desk_code(desk);
    else if (!json_is_object(given))
        code =
            cy_desk_fail(desk, cy_fail(CY_E_GRID_DIFFERS, 0), "the plan is not JSON of its form");
    else
        code = verify(desk, &in, given);
    json_decref(given);
    release(&in);
    return code;
}
