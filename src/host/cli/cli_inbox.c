#include "host/cli/cli_inbox.h"

#include "host/cli/cli_rows.h"
#include "host/cli/cli_send.h"
#include "host/json/json.h"
#include "kernel/act.h"

#define ENTRY_MAX 32768u
#define WITHIN_S 3600u

const struct cy_cli_option cy_cli_inbox_post_options[] = {
    {"cell",   "NAME",    "the cell that must answer: the name of its ledger"},
    {"within", "SECONDS", "how long it has (3600)"                           },
    {NULL,     NULL,      NULL                                               },
};

const struct cy_cli_option cy_cli_inbox_list_options[] = {
    {"cell", "NAME", "only what was posted for this cell"},
    {NULL,   NULL,   NULL                                },
};

/* --- post --- */

static cy_err read_line(struct cy_cli *run, struct cy_inbox_post *post)
{
    const char *cell = cy_cli_arg(&run->args, "cell");
    const char *within = cy_cli_arg(&run->args, "within");
    uint64_t seconds = WITHIN_S;

    if (run->args.n_words < 3 || cell == NULL) {
        cy_cli_note(run, "write: comity inbox post FILE --cell NAME");
        return cy_fail(CY_E_USAGE, 0);
    }
    cy_cli_note(run, "--cell %.100s", cell);
    CY_TRY(cy_name_of(cy_span_text(cell), &post->cell));
    if (within != NULL) {
        cy_cli_note(run, "--within: a whole number of seconds");
        CY_TRY(cy_u64_read(cy_span_text(within), &seconds));
        if (seconds > UINT32_MAX)
            return cy_fail(CY_E_RANGE, 0);
    }
    run->why[0] = 0;
    post->until = cy_cli_now() + seconds * 1000;
    return cy_cli_read_file(run, run->args.words[2], ENTRY_MAX, &post->entry);
}

int cy_cli_inbox_post(struct cy_cli *run)
{
    struct cy_inbox_post post = {0};
    struct cy_cli_author author;
    json_t *receipt = NULL;
    cy_err err = read_line(run, &post);

    if (cy_ok(err))
        err = cy_cli_author_of(run, NULL, false, &author);
    if (cy_ok(err))
        err = cy_cli_do(run, &author.by, &cy_schema_inbox_post, &post, &receipt);
    return cy_ok(err) ? cy_cli_receipt_show(run, receipt) : cy_cli_fail(run, err, NULL);
}

/* --- list --- */

/* What became of a post, in a word; "late": its deadline passed without an answer. */
static const char *fate(const json_t *post, cy_time now)
{
    const char *state = cy_json_word(post, "state");
    cy_time until = 0;

    if (strcmp(state, "open") == 0 &&
        cy_ok(cy_time_read(cy_span_text(cy_json_word(post, "until")), &until)) && until < now)
        return "late";
    return state;
}

/* Where it stands in the cell's ledger, or the rule that refused it. */
static void answer_of(const json_t *post, char out[static 64])
{
    const json_t *refused = json_object_get(post, "refused");
    const char *state = cy_json_word(post, "state");

    out[0] = 0;
    if (strcmp(state, "refused") == 0)
        (void)snprintf(out, 64, "%s", cy_err_info((enum cy_code)json_integer_value(refused))->name);
    else if (strcmp(state, "done") == 0)
        (void)snprintf(out, 64, "entry %lld",
                       (long long)json_integer_value(json_object_get(post, "index")));
}

static cy_err print_post(struct cy_rows *rows, const json_t *post, cy_time now)
{
    static const char *const names[] = {"post", "cell", "by", "until", "state", "answer"};
    static const bool numbers[CY_COUNT(names)] = {false};
    char answer[64];
    const char *const texts[] = {cy_json_word(post, "id"), cy_json_word(post, "cell"),
                                 cy_json_word(post, "by"), cy_json_word(post, "until"),
                                 fate(post, now),          answer};

    answer_of(post, answer);
    return cy_rows_row(rows, names, texts, numbers, CY_COUNT(names));
}

/* The federation's clock: the deadline is measured by it. */
static cy_err ledger_now(struct cy_cli *run, cy_time *now)
{
    json_t *page = NULL;
    cy_err err = cy_cli_fetch_json(run, "/v1/records/realm", &page);

    if (cy_ok(err))
        err = cy_time_read(
            cy_span_text(cy_json_word(json_array_get(json_object_get(page, "items"), 0), "now")),
            now);
    json_decref(page);
    return err;
}

int cy_cli_inbox_list(struct cy_cli *run)
{
    const char *cell = cy_cli_arg(&run->args, "cell");
    char path[400] = "/v1/records/inbox?limit=1000";
    struct cy_text to = cy_text_on(path + strlen(path), sizeof path - strlen(path));
    json_t *page = NULL;
    json_t *post = NULL;
    struct cy_rows *rows = NULL;
    cy_time now = 0;
    size_t i = 0;
    cy_err err = CY_OK;

    if (cell != NULL) {
        cy_text_add(&to, "&cell=");
        cy_cli_escape(&to, cell);
    }
    err = ledger_now(run, &now);
    if (cy_ok(err))
        err = cy_cli_fetch_json(run, path, &page);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    rows = cy_rows_new(run->out, run->json ? CY_ROWS_JSON : CY_ROWS_TABLE);
    if (rows == NULL)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    json_array_foreach(json_object_get(page, "items"), i, post)
    {
        if (cy_ok(err))
            err = print_post(rows, post, now);
    }
    if (rows != NULL)
        (void)cy_rows_end(rows, cy_ok(err));
    json_decref(page);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}
