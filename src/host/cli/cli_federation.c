#include "host/cli/cli_federation.h"

#include "host/cli/cli_draft.h"
#include "host/cli/cli_name.h"
#include "host/cli/cli_send.h"
#include "host/json/act_json.h"
#include "host/json/json.h"
#include "host/system/disk_posix.h"

#define ACT_FILE_MAX ((size_t)1 << 20)
#define VALID_S 3000u /* signatures of several take time; a realm remembers acts for an hour */

const struct cy_cli_option cy_cli_federation_act_options[] = {
    {"out",   "FILE",    "where to write the draft"                                       },
    {"valid", "SECONDS",
     "the act may be recorded within this time (3000; at most the parameter act_window_s)"},
    {NULL,    NULL,      NULL                                                             },
};

static long long number_of(const json_t *object, const char *name)
{
    return (long long)json_integer_value(json_object_get(object, name));
}

/* --- how it stands --- */

/* In a sentence for people: what somebody should do about it, if anything. */
static const char *about(const char *state)
{
    static const struct {
        const char *state;
        const char *sentence;
    } words[] = {
        {"agrees",  "this member agrees with the others"                                    },
        {"held up", "this member waits for others, or for its signer or disk (`pause`, log)"},
        {"behind",  "this member fetches what the others have agreed on"                    },
        {"follows", "this node has no seat and only follows"                                },
        {"stopped", "this member takes no part any more; see its log, then start it again"  },
    };

    for (size_t i = 0; i < CY_COUNT(words); i++) {
        if (strcmp(words[i].state, state) == 0)
            return words[i].sentence;
    }
    return state;
}

static void show_seat(struct cy_cli *run, const json_t *seat)
{
    const bool self = json_is_true(json_object_get(seat, "self"));
    const char *reached = cy_json_word(seat, "reached");

    (void)fprintf(run->out, "  %2lld  %-32s %-10s %6lld  %8lld", number_of(seat, "number"),
                  cy_json_word(seat, "name"), cy_json_word(seat, "state"),
                  number_of(seat, "weight"), number_of(seat, "height"));
    if (self)
        (void)fputs("  this member\n", run->out);
    else if (number_of(seat, "behind") > 1)
        (void)fprintf(run->out, "  %lld behind%s%s\n", number_of(seat, "behind"),
                      strcmp(reached, "none") == 0 ? "" : ", ",
                      strcmp(reached, "none") == 0 ? "" : reached);
    else
        (void)fprintf(run->out, "  %s\n", strcmp(reached, "none") == 0 ? "well" : reached);
}

static void show_seats(struct cy_cli *run, const json_t *seats)
{
    (void)fprintf(run->out, "   #  %-32s %-10s %6s  %8s\n", "seat", "state", "weight", "height");
    for (size_t i = 0; i < json_array_size(seats); i++)
        show_seat(run, json_array_get(seats, i));
}

static int fetched(struct cy_cli *run, json_t **out)
{
    const cy_err err = cy_cli_fetch_json(run, "/v1/federation", out);

    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

/* What was announced, and whether this program will go along. */
static void show_rules(struct cy_cli *run, const json_t *all)
{
    const long long next = number_of(all, "rules_next");
    const long long known = number_of(all, "rules_known");

    if (next == 0)
        return;
    (void)fprintf(run->out, "  rules    version %lld begins %s\n", next,
                  cy_json_word(all, "rules_from"));
    if (next > known)
        (void)fprintf(run->out,
                      "           this member's program knows up to %lld: it stops there\n"
                      "           what to do: install the newer program before, and start again\n",
                      known);
}

int cy_cli_federation_status(struct cy_cli *run)
{
    json_t *all = NULL;
    const int code = fetched(run, &all);
    const char *lost = NULL;

    if (code != CY_EXIT_OK)
        return code;
    if (run->json)
        return cy_cli_print(run, all);
    lost = cy_json_word(all, "finality_lost");
    (void)fprintf(run->out,
                  "%s, as %s sees it: %s\n"
                  "  agreed   height %lld, %lld entries\n  final    height %lld, %lld entries\n"
                  "  waiting  %lld acts\n",
                  cy_json_word(all, "origin"), cy_json_word(all, "seat"),
                  about(cy_json_word(all, "state")), number_of(all, "height"),
                  number_of(all, "size"), number_of(all, "final_height"),
                  number_of(all, "final_size"), number_of(all, "pool"));
    if (strcmp(cy_json_word(all, "pause"), "none") != 0)
        (void)fprintf(run->out, "  pause    %s\n", cy_json_word(all, "pause"));
    if (strcmp(cy_json_word(all, "trouble"), "none") != 0)
        (void)fprintf(run->out, "  trouble  %s\n", cy_json_word(all, "trouble"));
    if (cy_json_word(all, "says")[0] != 0)
        (void)fprintf(run->out, "           %s\n           what to do: %s\n",
                      cy_json_word(all, "says"), cy_json_word(all, "remedy"));
    if (number_of(all, "flush_ms") >= CY_FLUSH_SLOW_MS)
        (void)fprintf(run->out,
                      "  disk     slow: a flush takes %lld ms, so this member says its word late\n"
                      "           what to do: see what else uses this disk, or use a faster one\n",
                      number_of(all, "flush_ms"));
    if (lost[0] != 0)
        (void)fprintf(run->out, "  finality lost since %s: no value moves\n", lost);
    if (json_is_true(json_object_get(all, "policy_due")))
        (void)fputs("  the policy does not name the present seats: a policy_set is due\n",
                    run->out);
    show_rules(run, all);
    show_seats(run, json_object_get(all, "seats"));
    json_decref(all);
    return CY_EXIT_OK;
}

int cy_cli_federation_seats(struct cy_cli *run)
{
    json_t *all = NULL;
    const int code = fetched(run, &all);
    json_t *seats = NULL;

    if (code != CY_EXIT_OK)
        return code;
    seats = json_object_get(all, "seats");
    if (run->json) {
        const int printed = cy_cli_print(run, json_incref(seats));

        json_decref(all);
        return printed;
    }
    show_seats(run, seats);
    json_decref(all);
    return CY_EXIT_OK;
}

/* Why seats were excluded: the records, which name the entries that hold both statements. */
int cy_cli_federation_evidence(struct cy_cli *run)
{
    json_t *all = NULL;
    json_t *list = json_array();
    int code = fetched(run, &all);
    size_t n = 0;

    for (size_t i = 0; code == CY_EXIT_OK && i < json_array_size(json_object_get(all, "seats"));
         i++) {
        const json_t *seat = json_array_get(json_object_get(all, "seats"), i);
        const char *id = cy_json_word(seat, "evidence");
        char path[128];
        json_t *page = NULL;
        cy_err err = CY_OK;

        if (id[0] == 0)
            continue;
        (void)snprintf(path, sizeof path, "/v1/records/evidence?id=%.64s", id);
        err = cy_cli_fetch_json(run, path, &page);
        if (!cy_ok(err)) {
            code = cy_cli_fail(run, err, NULL);
            break;
        }
        n++;
        if (!run->json)
            (void)fprintf(
                run->out, "%s: excluded for %s\n  %s\n", cy_json_word(seat, "name"), id,
                cy_json_word(json_array_get(json_object_get(page, "items"), 0), "summary"));
        (void)json_array_append_new(
            list, json_pack("{s:s,s:O?}", "seat", cy_json_word(seat, "name"), "evidence",
                            json_array_get(json_object_get(page, "items"), 0)));
        json_decref(page);
    }
    json_decref(all);
    if (code != CY_EXIT_OK) {
        json_decref(list);
        return code;
    }
    if (run->json)
        return cy_cli_print(run, list);
    json_decref(list);
    if (n == 0)
        (void)fputs("no seat was excluded for what it signed\n", run->out);
    return CY_EXIT_OK;
}

/* --- acts that several seats sign --- */

/* The act keys of the active seats. */
static cy_err seat_keys(struct cy_cli *run, struct cy_id keys[static CY_SIGNERS_MAX], uint32_t *n)
{
    json_t *page = NULL;
    const json_t *items = NULL;
    cy_err err = cy_cli_fetch_json(run, "/v1/records/seat", &page);

    *n = 0;
    items = cy_ok(err) ? json_object_get(page, "items") : NULL;
    for (size_t i = 0; cy_ok(err) && i < json_array_size(items); i++) {
        const json_t *seat = json_array_get(items, i);

        if (strcmp(cy_json_word(seat, "state"), "active") != 0 || *n == CY_SIGNERS_MAX)
            continue;
        err = cy_hex_read(cy_span_text(cy_json_word(seat, "key")), keys[*n].b, sizeof keys[*n].b);
        (*n)++;
    }
    json_decref(page);
    if (cy_ok(err) && *n == 0)
        err = cy_fail(CY_E_NOT_SEATED, 0);
    return err;
}

static cy_err read_act(struct cy_cli *run, const char *path, struct cy_any *any)
{
    static const struct cy_json_limits limits = {ACT_FILE_MAX, 10, false};
    struct cy_text why = cy_text_on(run->why, sizeof run->why);
    struct cy_json_fault fault = {0};
    struct cy_span text;
    json_t *value = NULL;
    cy_err err = CY_OK;

    CY_TRY(cy_cli_read_file(run, path, ACT_FILE_MAX, &text));
    err = cy_json_parse(text, &limits, &value, &fault);
    if (!cy_ok(err)) {
        cy_cli_note(run, "%s:%u:%u: %s", path, fault.line, fault.column, fault.why);
        return err;
    }
    err = cy_cli_name_act(run, value);
    if (cy_ok(err))
        err = cy_act_from_value(value, &run->arena, any, &why);
    json_decref(value);
    return err;
}

static cy_err valid_for(struct cy_cli *run, uint64_t *seconds)
{
    const char *text = cy_cli_arg(&run->args, "valid");

    *seconds = VALID_S;
    if (text == NULL ||
        (cy_ok(cy_u64_read(cy_span_text(text), seconds)) && *seconds > 0 && *seconds <= UINT32_MAX))
        return CY_OK;
    cy_cli_note(run, "--valid is a number of seconds");
    return cy_fail(CY_E_USAGE, 0);
}

static cy_err draft_act(struct cy_cli *run, const struct cy_schema *schema, const void *message,
                        uint32_t *n)
{
    struct cy_id keys[CY_SIGNERS_MAX];
    struct cy_act_author by = {.keys = keys};
    char path[80];
    struct cy_span bytes;
    uint64_t valid_s = 0;

    (void)snprintf(path, sizeof path, "%.60s.draft", schema->name);
    CY_TRY(valid_for(run, &valid_s));
    CY_TRY(cy_cli_realm(run, &by.realm));
    CY_TRY(seat_keys(run, keys, n));
    by.author = by.realm;
    by.n_keys = *n;
    by.valid_s = (uint32_t)valid_s;
    CY_TRY(cy_act_unsigned(&by, schema, message, cy_cli_now() / 1000, &run->arena, &bytes));
    return cy_cli_draft_write(run, path, bytes, "draft");
}

int cy_federation_draft(struct cy_cli *run, const struct cy_schema *schema, const void *message)
{
    uint32_t n = 0;
    const cy_err err = draft_act(run, schema, message, &n);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:i}", "act", schema->name, "signers", (int)n));
    (void)fprintf(
        run->out,
        "more than two thirds of the weight of %u seats must sign it:\n"
        "  comity --dir DIR federation sign FILE --out SEAT.signed\n"
        "then one seals the copies and sends the act:\n"
        "  comity federation seal *.signed --out act; comity --dir DIR federation send act\n",
        n);
    return CY_EXIT_OK;
}

int cy_cli_federation_act(struct cy_cli *run)
{
    struct cy_any any;
    cy_err err = CY_OK;

    if (run->args.n_words < 3)
        return cy_cli_wrong(run, "comity federation act needs a file with the act in JSON, as "
                                 "`comity act --file` takes it");
    err = read_act(run, run->args.words[2], &any);
    return cy_ok(err) ? cy_federation_draft(run, any.schema, any.message)
                      : cy_cli_fail(run, err, NULL);
}

int cy_cli_federation_send(struct cy_cli *run)
{
    struct cy_span bytes;
    json_t *receipt = NULL;
    cy_err err = CY_OK;

    if (run->args.n_words < 3)
        return cy_cli_wrong(run, "comity federation send needs the file of a sealed act");
    err = cy_cli_read_file(run, run->args.words[2], CY_ENTRY_MAX, &bytes);
    if (cy_ok(err))
        err = cy_cli_post(run, bytes, &receipt);
    if (cy_ok(err))
        return cy_cli_receipt_show(run, receipt);
    json_decref(receipt);
    return cy_cli_fail(run, err, NULL);
}
