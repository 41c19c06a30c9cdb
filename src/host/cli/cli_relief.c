#include "host/cli/cli_relief.h"

#include "base/csv.h"
#include "crypto/hash.h"
#include "host/json/act_json.h"
#include "host/json/json.h"
#include "kernel/certificate.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)16 << 20)
#define PATH_BYTES 200u
#define INPUTS_MAX 16u
#define LINES_MAX 4096u
#define BATCH 48u /* lines with their paths, that fit into one act */

const struct cy_cli_option cy_cli_objective_name_options[] = {
    {"input",   "FILE", "a file of data; repeat"                                       },
    {"program", "FILE", "findings must have the bounds of this program"                },
    {"lines",   "FILE", "what each column moves (comity relief plan --lines)"          },
    {"what",    "TEXT", "what the data are, and where they come from (the file's name)"},
    {NULL,      NULL,   NULL                                                           },
};

const struct cy_cli_option cy_cli_finding_submit_options[] = {
    {"model",       "ID",   "the registered model that solved it"            },
    {"program",     "FILE", "the program (comity lp solve --program)"        },
    {"certificate", "FILE", "its certificate (comity lp solve --certificate)"},
    {"data",        "N",    "number of the data (the newest)"                },
    {NULL,          NULL,   NULL                                             },
};

const struct cy_cli_option cy_cli_crisis_dispatch_options[] = {
    {"program",     "FILE", "the program of the finding"                    },
    {"certificate", "FILE", "its certificate"                               },
    {"lines",       "FILE", "what each column moves, as the office named it"},
    {NULL,          NULL,   NULL                                            },
};

static cy_err read_option(struct cy_cli *run, const char *name, struct cy_span *out)
{
    const char *path = cy_cli_arg(&run->args, name);

    if (path == NULL) {
        cy_cli_note(run, "give --%s FILE", name);
        return cy_fail(CY_E_USAGE, 0);
    }
    return cy_cli_read_file(run, path, FILE_MAX_BYTES, out);
}

/* --- digests --- */

int cy_cli_finding_digest(struct cy_cli *run)
{
    char frame_text[65];
    char bounds_text[65];
    struct cy_id frame;
    struct cy_id bounds;
    struct cy_span program;
    cy_err err = CY_OK;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "comity finding digest needs a FILE: a program (comity lp solve "
                                 "--program)");
    err = cy_cli_read_file(run, run->args.words[2], FILE_MAX_BYTES, &program);
    if (cy_ok(err))
        err = cy_certificate_digests(program, &run->arena, &frame, &bounds);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    cy_hex(frame.b, sizeof frame.b, frame_text);
    cy_hex(bounds.b, sizeof bounds.b, bounds_text);
    if (run->json)
        return cy_cli_print(run,
                            json_pack("{s:s,s:s}", "frame", frame_text, "bounds", bounds_text));
    (void)fprintf(run->out, "frame   %s\nbounds  %s\n", frame_text, bounds_text);
    return CY_EXIT_OK;
}

/* --- lines of a plan --- */

struct lines {
    struct cy_id stock[LINES_MAX];
    struct cy_id need[LINES_MAX];
    struct cy_id leaf[LINES_MAX];
    uint32_t n;
};

static cy_err wrong_line(struct cy_cli *run, uint32_t line, const char *why)
{
    cy_cli_note(run, "lines, line %u: %s", line, why);
    return cy_fail(CY_E_BAD_TEXT, line);
}

static bool id_cell(const struct cy_csv *csv, size_t row, size_t column, struct cy_id *out)
{
    return cy_ok(cy_hex_read(cy_span_text(cy_csv_cell(csv, row, column)), out->b, sizeof out->b));
}

static cy_err read_lines(struct cy_cli *run, struct lines **out)
{
    struct lines *lines = cy_arena_zero(&run->arena, sizeof *lines);
    struct cy_span text;
    struct cy_csv csv;
    size_t stock = 0;
    size_t need = 0;
    char *copy = NULL;

    *out = lines;
    CY_TRY(read_option(run, "lines", &text));
    copy = cy_arena_take(&run->arena, text.n + 1);
    if (lines == NULL || copy == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    memcpy(copy, text.at, text.n);
    copy[text.n] = 0;
    CY_TRY(cy_csv_read(copy, text.n, &run->arena, &csv));
    stock = cy_csv_column(&csv, "stock");
    need = cy_csv_column(&csv, "need");
    if (stock == SIZE_MAX || need == SIZE_MAX || csv.n_rows == 0 || csv.n_rows > LINES_MAX)
        return wrong_line(run, 1, "the columns stock and need, and 1 to 4096 rows are expected");
    for (size_t i = 0; i < csv.n_rows; i++) {
        uint8_t ends[64];

        if (!id_cell(&csv, i, stock, &lines->stock[i]) || !id_cell(&csv, i, need, &lines->need[i]))
            return wrong_line(run, csv.lines[i], "stock and need are 64 hexadecimal digits");
        memcpy(ends, lines->stock[i].b, 32);
        memcpy(ends + 32, lines->need[i].b, 32);
        lines->leaf[i] = cy_hash_leaf(cy_span_of(ends, sizeof ends));
    }
    lines->n = (uint32_t)csv.n_rows;
    return CY_OK;
}

/* --- naming data --- */

static cy_err name_inputs(struct cy_cli *run, struct cy_objective_data *m,
                          struct cy_finding_input inputs[static INPUTS_MAX])
{
    const char *what = cy_cli_arg(&run->args, "what");

    m->inputs = inputs;
    for (size_t i = 0; i < run->args.n; i++) {
        const char *path = run->args.values[i];
        struct cy_span bytes;

        if (strcmp(run->args.names[i], "input") != 0 || path == NULL)
            continue;
        if (m->n_inputs == INPUTS_MAX) {
            cy_cli_note(run, "at most %u files", INPUTS_MAX);
            return cy_fail(CY_E_USAGE, 0);
        }
        CY_TRY(cy_cli_read_file(run, path, FILE_MAX_BYTES, &bytes));
        inputs[m->n_inputs].digest = cy_sha256(bytes);
        CY_TRY(cy_line_of(cy_span_text(what == NULL ? path : what), &inputs[m->n_inputs].what));
        m->n_inputs++;
    }
    if (m->n_inputs > 0)
        return CY_OK;
    cy_cli_note(run, "give --input FILE, once for each file");
    return cy_fail(CY_E_USAGE, 0);
}

int cy_cli_objective_name(struct cy_cli *run)
{
    struct cy_finding_input inputs[INPUTS_MAX] = {0};
    struct cy_objective_data m = {0};
    struct lines *lines = NULL;
    struct cy_span program;
    struct cy_id frame;
    cy_err err = CY_OK;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "comity objective name needs the id of the objective");
    err = cy_cli_id(run, "objective", run->args.words[2], &m.objective);
    if (cy_ok(err))
        err = name_inputs(run, &m, inputs);
    if (cy_ok(err) && cy_cli_arg(&run->args, "program") != NULL) {
        err = read_option(run, "program", &program);
        if (cy_ok(err))
            err = cy_certificate_digests(program, &run->arena, &frame, &m.bounds);
    }
    if (cy_ok(err) && cy_cli_arg(&run->args, "lines") != NULL) {
        err = read_lines(run, &lines);
        if (cy_ok(err)) {
            m.lines = cy_merkle_root(lines->leaf, lines->n);
            m.n_lines = lines->n;
        }
    }
    return cy_cli_do_show(run, err, &cy_schema_objective_data, &m);
}

/* --- findings --- */

static cy_err fetch_one(struct cy_cli *run, const char *table, const char *key,
                        const struct cy_id *id, json_t **answer, const json_t **record)
{
    char path[PATH_BYTES];
    char hex[65];

    *record = NULL;
    cy_hex(id->b, sizeof id->b, hex);
    (void)snprintf(path, sizeof path, "/v1/records/%s?limit=1&%s=%s", table, key, hex);
    CY_TRY(cy_cli_fetch_json(run, path, answer));
    *record = json_array_get(json_object_get(*answer, "items"), 0);
    return CY_OK;
}

static uint64_t number_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value) ? strtoull(json_string_value(value), NULL, 10)
                                 : (uint64_t)json_integer_value(value);
}

static cy_err newest_data(struct cy_cli *run, const struct cy_id *objective, uint64_t *data)
{
    const char *asked = cy_cli_arg(&run->args, "data");
    const json_t *record = NULL;
    json_t *answer = NULL;
    cy_err err = CY_OK;

    if (asked != NULL)
        return cy_u64_read(cy_span_text(asked), data);
    err = fetch_one(run, "objective_basis", "objective", objective, &answer, &record);
    if (cy_ok(err) && record == NULL) {
        cy_cli_note(run, "the office has named no data yet (comity objective name)");
        err = cy_fail(CY_E_FINDING_DATA, 0);
    }
    if (cy_ok(err))
        *data = number_of(record, "data");
    json_decref(answer);
    return err;
}

static cy_err judge_here(struct cy_cli *run, struct cy_span program, struct cy_span certificate)
{
    struct cy_certificate_verdict verdict;
    const size_t used = run->arena.used;
    const cy_err err = cy_certificate_read(program, certificate, &run->arena, &verdict, NULL, NULL);

    cy_arena_rewind(&run->arena, used);
    return err;
}

int cy_cli_finding_submit(struct cy_cli *run)
{
    const char *model = cy_cli_arg(&run->args, "model");
    struct cy_finding_record m = {0};
    cy_err err = CY_OK;

    if (run->args.n_words != 3 || model == NULL)
        return cy_cli_wrong(run, "comity finding submit needs the id of the objective, --model, "
                                 "--program and --certificate");
    err = cy_cli_id(run, "objective", run->args.words[2], &m.objective);
    if (cy_ok(err))
        err = cy_cli_id(run, "model", model, &m.model);
    if (cy_ok(err))
        err = read_option(run, "program", &m.program);
    if (cy_ok(err))
        err = read_option(run, "certificate", &m.certificate);
    if (cy_ok(err))
        err = judge_here(run, m.program, m.certificate);
    if (cy_ok(err))
        err = newest_data(run, &m.objective, &m.data);
    return cy_cli_do_show(run, err, &cy_schema_finding_record, &m);
}

static const char *shown(struct cy_cli *run, const json_t *record, const char *field,
                         char room[static 72])
{
    const char *text = json_string_value(json_object_get(record, field));
    struct cy_id id;

    if (text == NULL)
        return "-";
    return strlen(text) == 64 && cy_ok(cy_hex_read(cy_span_text(text), id.b, sizeof id.b))
               ? cy_cli_show_id(run, &id, room)
               : text;
}

int cy_cli_finding_show(struct cy_cli *run)
{
    const json_t *record = NULL;
    const json_t *answer_of = NULL;
    json_t *answer = NULL;
    json_t *certified = NULL;
    struct cy_id id;
    char a[72];
    bool fallen = false;
    cy_err err = CY_OK;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "comity finding show needs the id of a finding");
    err = cy_cli_id(run, "finding", run->args.words[2], &id);
    if (cy_ok(err))
        err = fetch_one(run, "finding", "id", &id, &answer, &record);
    if (cy_ok(err) && record == NULL)
        err = cy_fail(CY_E_FINDING_UNKNOWN, 0);
    if (cy_ok(err))
        err = fetch_one(run, "certified", "finding", &id, &certified, &answer_of);
    if (cy_ok(err) && run->json) {
        json_decref(certified);
        return cy_cli_print(run, answer);
    }
    if (cy_ok(err)) {
        fallen = json_is_true(json_object_get(answer_of, "fallen"));
        (void)fprintf(run->out, "%s, %s; from %s on it %s be relied on\n",
                      cy_json_word(record, "proof"), cy_json_word(record, "state"),
                      cy_json_word(record, "stands_from"), fallen ? "may NOT" : "may");
        (void)fprintf(run->out, "answers for it  %s\n", shown(run, record, "office", a));
        (void)fprintf(run->out, "brought by      %s\n", shown(run, record, "by", a));
        (void)fprintf(run->out, "objective       %s\n", cy_json_word(record, "objective"));
        (void)fprintf(run->out, "its text        %s\n", cy_json_word(record, "text"));
        (void)fprintf(run->out, "data            number %llu, %s\n",
                      (unsigned long long)number_of(answer_of, "data"),
                      cy_json_word(record, "inputs"));
        (void)fprintf(run->out, "model           %s\n", cy_json_word(record, "model"));
        (void)fprintf(run->out, "program         %s\n", cy_json_word(record, "program"));
        (void)fprintf(run->out, "answer          %llu amounts, %s\n",
                      (unsigned long long)number_of(record, "answers"),
                      cy_json_word(record, "answer"));
    }
    json_decref(answer);
    json_decref(certified);
    return cy_ok(err) ? fallen ? CY_EXIT_REFUSED : CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

/* --- dispatch --- */

struct amounts {
    uint32_t column[LINES_MAX];
    uint64_t amount[LINES_MAX];
    struct cy_id leaf[LINES_MAX];
    uint32_t n;
    bool many;
};

static void take_amount(void *context, uint32_t column, uint64_t amount)
{
    struct amounts *all = context;

    if (all->n == LINES_MAX) {
        all->many = true;
        return;
    }
    all->column[all->n] = column;
    all->amount[all->n] = amount;
    all->leaf[all->n++] = cy_certificate_leaf(column, amount);
}

/* The path from leaf `at` of n up (RFC 6962, section 2.1.1), in the arena. */
static struct cy_span path_of(struct cy_cli *run, const struct cy_id *leaves, uint32_t n,
                              uint32_t at)
{
    struct cy_id down[32];
    struct cy_id *up = NULL;
    size_t depth = 0;

    while (n > 1) {
        uint32_t half = 1;

        while (half * 2 < n)
            half *= 2;
        if (at < half) {
            down[depth++] = cy_merkle_root(leaves + half, n - half);
            n = half;
            continue;
        }
        down[depth++] = cy_merkle_root(leaves, half);
        leaves += half;
        at -= half;
        n -= half;
    }
    up = cy_arena_take(&run->arena, (depth + 1) * sizeof *up);
    for (size_t i = 0; up != NULL && i < depth; i++)
        up[i] = down[depth - 1 - i];
    return cy_span_of(up, up == NULL ? 0 : depth * sizeof *up);
}

static bool sent_before(struct cy_cli *run, const struct cy_id *finding, uint32_t column)
{
    char path[PATH_BYTES];
    char hex[65];
    json_t *answer = NULL;
    bool sent = false;

    cy_hex(finding->b, sizeof finding->b, hex);
    (void)snprintf(path, sizeof path, "/v1/records/dispatched?limit=1&finding=%s&column=%u", hex,
                   column);
    if (cy_ok(cy_cli_fetch_json(run, path, &answer)))
        sent = json_array_size(json_object_get(answer, "items")) > 0;
    json_decref(answer);
    return sent;
}

struct dispatching {
    struct cy_id finding;
    const struct lines *lines;
    const struct amounts *amounts;
    struct cy_dispatch_send sends[BATCH];
    struct cy_any acts[BATCH];
    uint32_t n;
    uint32_t sent;
};

static cy_err send_batch(struct cy_cli *run, struct dispatching *d)
{
    const struct cy_batch batch = {.mode = CY_batch_mode_ATOMIC, .acts = d->acts, .n_acts = d->n};
    struct cy_cli_author author;
    json_t *receipt = NULL;

    if (d->n == 0)
        return CY_OK;
    CY_TRY(cy_cli_author_of(run, NULL, false, &author));
    CY_TRY(cy_cli_do(run, &author.by, &cy_schema_batch, &batch, &receipt));
    json_decref(receipt);
    d->sent += d->n;
    d->n = 0;
    return CY_OK;
}

static cy_err send_all(struct cy_cli *run, struct dispatching *d)
{
    for (uint32_t i = 0; i < d->amounts->n; i++) {
        const uint32_t column = d->amounts->column[i];

        if (column >= d->lines->n) {
            cy_cli_note(run, "the plan has a column %u, and the lines end before it", column);
            return cy_fail(CY_E_DISPATCH_LINE, column);
        }
        if (sent_before(run, &d->finding, column))
            continue;
        d->sends[d->n] =
            (struct cy_dispatch_send){.finding = d->finding,
                                      .column = column,
                                      .stock = d->lines->stock[column],
                                      .need = d->lines->need[column],
                                      .amount = d->amounts->amount[i],
                                      .position = i,
                                      .path = path_of(run, d->amounts->leaf, d->amounts->n, i),
                                      .line = path_of(run, d->lines->leaf, d->lines->n, column)};
        d->acts[d->n] = (struct cy_any){&cy_schema_dispatch_send, &d->sends[d->n]};
        if (++d->n == BATCH)
            CY_TRY(send_batch(run, d));
    }
    return send_batch(run, d);
}

int cy_cli_crisis_dispatch(struct cy_cli *run)
{
    struct dispatching d = {0};
    struct cy_certificate_verdict verdict;
    struct amounts *amounts = cy_arena_zero(&run->arena, sizeof *amounts);
    struct lines *lines = NULL;
    struct cy_span program;
    struct cy_span certificate;
    cy_err err = amounts == NULL ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "comity crisis dispatch needs the id of the finding, --program, "
                                 "--certificate and --lines");
    if (cy_ok(err))
        err = cy_cli_id(run, "finding", run->args.words[2], &d.finding);
    if (cy_ok(err))
        err = read_option(run, "program", &program);
    if (cy_ok(err))
        err = read_option(run, "certificate", &certificate);
    if (cy_ok(err))
        err = read_lines(run, &lines);
    if (cy_ok(err))
        err =
            cy_certificate_read(program, certificate, &run->arena, &verdict, take_amount, amounts);
    if (cy_ok(err) && amounts->many)
        err = cy_fail(CY_E_TOO_LARGE, LINES_MAX);
    d.lines = lines;
    d.amounts = amounts;
    if (cy_ok(err))
        err = send_all(run, &d);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run,
                            json_pack("{s:i,s:i}", "lines", (int)amounts->n, "sent", (int)d.sent));
    (void)fprintf(run->out, "%u of %u lines sent now\n", d.sent, amounts->n);
    return CY_EXIT_OK;
}
