#include "host/cli/cli_sanction.h"

#include "host/json/json.h"

#include <inttypes.h>
#include <stdlib.h>

#define PATH_BYTES 320
#define ROWS 1000

const struct cy_cli_option cy_cli_sanction_diff_options[] = {
    {"since", "N",  "changes after this number (0: all)"},
    {"until", "N",  "up to this number: as of then"     },
    {NULL,    NULL, NULL                                },
};

const struct cy_cli_option cy_cli_sanction_check_options[] = {
    {"with", "NAME", "in dealings with this party (what everybody in the realm goes by)"},
    {NULL,   NULL,   NULL                                                               },
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

static bool flag_of(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

/* Big numbers come as strings. */
uint64_t cy_cli_sanction_number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value) ? strtoull(json_string_value(value), NULL, 10)
                                 : (uint64_t)json_integer_value(value);
}

/* --- lists --- */

static cy_err lists(struct cy_cli *run, json_t **answer)
{
    return cy_cli_fetch_json(run, "/v1/records/sanction_list?limit=1000", answer);
}

cy_err cy_cli_sanction_named(struct cy_cli *run, const char *word, char hex[static 65])
{
    json_t *answer = NULL;
    json_t *item = NULL;
    struct cy_id id;
    size_t found = 0;
    size_t i = 0;

    (void)snprintf(hex, 65, "%s", word);
    if (cy_ok(cy_hex_read(cy_span_text(word), id.b, sizeof id.b)))
        return CY_OK;
    CY_TRY(lists(run, &answer));
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        if (strcmp(text_of(item, "code"), word) == 0) {
            (void)snprintf(hex, 65, "%s", text_of(item, "id"));
            found++;
        }
    }
    json_decref(answer);
    if (found == 1)
        return CY_OK;
    cy_cli_note(run,
                found == 0 ? "%s is no list: see comity sanction list"
                           : "several lists have the code %s: give the id",
                word);
    return cy_fail(found == 0 ? CY_E_NO_NAME : CY_E_NAME_AMBIGUOUS, 0);
}

/* The list that the third word means. */
static cy_err list_word(struct cy_cli *run, char hex[static 65])
{
    return cy_cli_sanction_named(run, run->args.n_words < 3 ? "" : run->args.words[2], hex);
}

int cy_cli_sanction_list(struct cy_cli *run)
{
    json_t *answer = NULL;
    json_t *item = NULL;
    size_t i = 0;
    const cy_err err = lists(run, &answer);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, answer);
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        (void)fprintf(
            run->out, "%-15s  %s\n    %" PRIu64 " targets, change %" PRIu64 ", %s%s\n    %s\n",
            text_of(item, "code"), text_of(item, "name"), cy_cli_sanction_number(item, "entries"),
            cy_cli_sanction_number(item, "number"),
            cy_cli_sanction_number(item, "passed") > 0 ? "a mirror" : "at home here",
            flag_of(item, "closed") ? ", closed" : "", text_of(item, "id"));
    }
    if (i == 0)
        (void)fprintf(run->out, "no lists yet (comity sanction open --help)\n");
    json_decref(answer);
    return CY_EXIT_OK;
}

/* --- entries and changes --- */

static void target(struct cy_cli *run, const json_t *item)
{
    const char *scheme = text_of(item, "scheme");
    char room[72];
    struct cy_id id;

    if (scheme[0] != 0)
        (void)fprintf(run->out, "%s (%s %s)", text_of(item, "label"), scheme,
                      text_of(item, "value"));
    else if (cy_ok(cy_hex_read(cy_span_text(text_of(item, "subject")), id.b, sizeof id.b)))
        (void)fprintf(run->out, "%s (%s)", text_of(item, "label"), cy_cli_show_id(run, &id, room));
}

int cy_cli_sanction_show(struct cy_cli *run)
{
    json_t *answer = NULL;
    json_t *item = NULL;
    char path[PATH_BYTES];
    char hex[65];
    size_t i = 0;
    cy_err err = list_word(run, hex);

    (void)snprintf(path, sizeof path, "/v1/records/sanction_entry?limit=%d&list=%s", ROWS, hex);
    if (cy_ok(err))
        err = cy_cli_fetch_json(run, path, &answer);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, answer);
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        if (flag_of(item, "eased"))
            continue;
        target(run, item);
        (void)fprintf(run->out, "%s, change %" PRIu64 "\n",
                      flag_of(item, "protect") ? ": must not be restrained" : "",
                      cy_cli_sanction_number(item, "number"));
    }
    json_decref(answer);
    return CY_EXIT_OK;
}

static void change(struct cy_cli *run, const json_t *item)
{
    static const char *const measures[] = {"exclude", "freeze", "protect"};

    (void)fprintf(run->out, "%6" PRIu64 "  %-6s  ", cy_cli_sanction_number(item, "number"),
                  text_of(item, "change"));
    target(run, item);
    for (size_t i = 0; i < CY_COUNT(measures); i++) {
        if (flag_of(item, measures[i]))
            (void)fprintf(run->out, ", %s", measures[i]);
    }
    if (text_of(item, "benefit")[0] != 0)
        (void)fprintf(run->out, ", no %s", text_of(item, "benefit"));
    (void)fprintf(run->out, ": %s\n", text_of(item, "reason"));
}

int cy_cli_sanction_diff(struct cy_cli *run)
{
    const char *since = cy_cli_arg(&run->args, "since");
    const char *until = cy_cli_arg(&run->args, "until");
    const uint64_t from = since == NULL ? 0 : strtoull(since, NULL, 10);
    const uint64_t to = until == NULL ? UINT64_MAX : strtoull(until, NULL, 10);
    json_t *answer = NULL;
    json_t *items = NULL;
    char path[PATH_BYTES];
    char hex[65];
    cy_err err = list_word(run, hex);

    (void)snprintf(path, sizeof path, "/v1/records/sanction_delta?limit=%d&list=%s", ROWS, hex);
    if (cy_ok(err))
        err = cy_cli_fetch_json(run, path, &answer);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    items = json_object_get(answer, "items");
    for (size_t i = json_array_size(items); i-- > 0;) {
        const uint64_t number = cy_cli_sanction_number(json_array_get(items, i), "number");

        if (number <= from || number > to)
            (void)json_array_remove(items, i);
    }
    if (run->json)
        return cy_cli_print(run, answer);
    for (size_t i = 0; i < json_array_size(items); i++)
        change(run, json_array_get(items, i));
    json_decref(answer);
    return CY_EXIT_OK;
}

/* --- what a party may expect --- */

static void explain(struct cy_cli *run, const json_t *hit)
{
    const json_t *r = json_object_get(hit, "restraint");

    (void)fprintf(run->out,
                  "%s%s%s\n    why    %s\n    since  %s\n    until  %s%s\n    by     %s\n",
                  flag_of(r, "exclude") ? "no dealings" : "",
                  flag_of(r, "freeze") ? (flag_of(r, "exclude") ? ", frozen" : "frozen") : "",
                  flag_of(r, "emergency") ? " (quarantine)" : "", text_of(r, "reason"),
                  text_of(r, "since"), text_of(r, "until")[0] == 0 ? "" : text_of(r, "until"),
                  text_of(r, "until")[0] == 0 ? text_of(r, "review_at") : "", text_of(r, "source"));
    (void)fprintf(run->out, "    reached through %s, heeded by %s\n", text_of(r, "subject"),
                  text_of(hit, "follower"));
    (void)fprintf(run->out, "    appeal  comity act restraint_appeal --source %s --subject %s\n",
                  text_of(r, "source"), text_of(r, "subject"));
}

static cy_err ask(struct cy_cli *run, json_t **answer)
{
    const char *with = cy_cli_arg(&run->args, "with");
    char party_hex[65];
    char with_hex[65] = "";
    char path[PATH_BYTES];
    struct cy_id id;

    if (run->args.n_words < 3) {
        cy_cli_note(run, "name the party behind the verb");
        return cy_fail(CY_E_BAD_TEXT, 0);
    }
    CY_TRY(cy_cli_id(run, NULL, run->args.words[2], &id));
    cy_hex(id.b, sizeof id.b, party_hex);
    if (with != NULL) {
        CY_TRY(cy_cli_id(run, NULL, with, &id));
        cy_hex(id.b, sizeof id.b, with_hex);
    }
    (void)snprintf(path, sizeof path, "/v1/passports/%s/restraints%s%s", party_hex,
                   with == NULL ? "" : "?with=", with_hex);
    return cy_cli_fetch_json(run, path, answer);
}

static int check(struct cy_cli *run, bool all)
{
    json_t *answer = NULL;
    json_t *item = NULL;
    size_t hits = 0;
    size_t stops = 0;
    size_t i = 0;
    const cy_err err = ask(run, &answer);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    json_array_foreach(json_object_get(answer, "restraints"), i, item)
    {
        const json_t *r = json_object_get(item, "restraint");

        hits++;
        stops += flag_of(r, "exclude") || flag_of(r, "freeze");
        if (all && !run->json)
            explain(run, item);
    }
    if (run->json) {
        (void)cy_cli_print(run, answer);
        return stops > 0 ? CY_EXIT_REFUSED : CY_EXIT_OK;
    }
    if (hits == 0)
        (void)fprintf(run->out, "nothing is in force against it\n");
    else if (!all)
        (void)fprintf(run->out,
                      "%zu in force, %zu of them stop payments: see comity sanction explain\n",
                      hits, stops);
    if (hits > 0 && json_array_size(json_object_get(answer, "protected")) > 0)
        (void)fprintf(run->out, "conflict: %zu list(s) say that it must not be restrained\n",
                      json_array_size(json_object_get(answer, "protected")));
    json_array_foreach(json_object_get(answer, "words"), i, item)
    {
        (void)fprintf(run->out, "screening against %s: %s\n", text_of(item, "list"),
                      text_of(item, "verdict"));
    }
    json_decref(answer);
    return stops > 0 ? CY_EXIT_REFUSED : CY_EXIT_OK;
}

int cy_cli_sanction_check(struct cy_cli *run)
{
    return check(run, false);
}

int cy_cli_sanction_explain(struct cy_cli *run)
{
    return check(run, true);
}
