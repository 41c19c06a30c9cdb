#include "host/cli/cli_verdict.h"

#include "base/csv.h"
#include "crypto/hash.h"
#include "host/json/json.h"

#define REPORT_MAX ((size_t)64 << 20)
#define TABLE_MAX ((size_t)8 << 20)
#define PATH_BYTES 1024
#define PPM_OF_SCORE 1000 /* scores are in parts per thousand */
#define SURE_PPM 1000000  /* of what follows from a rule and not from likeness */
#define MATCH_SCORE 1000u

const struct cy_cli_option cy_cli_verdict_options[] = {
    {"list",    "LIST",     "the list of this realm that the words are about: its code or id"},
    {"parties", "FILE.csv",
     "which passport an asked name is: columns name, party (else the name itself)"           },
    {"match",   "N",        "a name is a match from this score, in parts per thousand (1000)"},
    {"out",     "FILE",     "where the acts go (screen.acts.json)"                           },
    {NULL,      NULL,       NULL                                                             },
};

struct draft {
    struct cy_cli *run;
    json_t *acts;
    char list[65];
    char evidence[65];
    uint64_t number; /* of the list: what was screened against */
    uint64_t match;
    struct cy_csv parties;
    size_t name_at;
    size_t party_at;
    unsigned words[3]; /* clear, possible, match */
};

enum word { CLEAR, POSSIBLE, MATCH };
static const char *const words[] = {"clear", "possible", "match"};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

/* --- who and what --- */

/* The passport that an asked name is. */
static cy_err party_of(struct draft *d, const char *name, char hex[static 65])
{
    const char *word = name;
    struct cy_id id;

    for (size_t i = 0; i < d->parties.n_rows; i++) {
        if (strcmp(cy_csv_cell(&d->parties, i, d->name_at), name) == 0)
            word = cy_csv_cell(&d->parties, i, d->party_at);
    }
    CY_TRY(cy_cli_id(d->run, NULL, word, &id));
    cy_hex(id.b, sizeof id.b, hex);
    return CY_OK;
}

/* The target that stands on the list with this text in a field; *found counts them. */
static cy_err entry_by(struct draft *d, const char *field, const char *text, char hex[static 65],
                       unsigned *found)
{
    char at[PATH_BYTES];
    struct cy_text path = cy_text_on(at, sizeof at);
    json_t *answer = NULL;
    const json_t *item = NULL;
    size_t i = 0;

    if (text[0] == 0 || *found > 0)
        return CY_OK;
    cy_text_add(&path, "/v1/records/sanction_entry?limit=10&list=");
    cy_text_add(&path, d->list);
    cy_text_add(&path, "&");
    cy_text_add(&path, field);
    cy_text_add(&path, "=");
    cy_cli_escape(&path, text);
    if (path.full)
        return cy_fail(CY_E_TOO_LARGE, sizeof at);
    CY_TRY(cy_cli_fetch_json(d->run, at, &answer));
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        if (json_is_true(json_object_get(item, "eased")) ||
            json_is_true(json_object_get(item, "protect")))
            continue;
        (void)snprintf(hex, 65, "%s", text_of(item, "subject"));
        ++*found;
    }
    json_decref(answer);
    return CY_OK;
}

/* The target on this realm's list that a hit of a published list, or a named owner, is: by its code
 * there, with or without the publisher before it, else by its name. */
static cy_err target_of(struct draft *d, const char *publisher, const char *code, const char *name,
                        char hex[static 65])
{
    char full[256];
    unsigned found = 0;

    (void)snprintf(full, sizeof full, "%s %s", publisher, code);
    CY_TRY(entry_by(d, "value", full, hex, &found));
    CY_TRY(entry_by(d, "value", code, hex, &found));
    CY_TRY(entry_by(d, "label", name, hex, &found));
    if (found == 1)
        return CY_OK;
    cy_cli_note(d->run,
                found == 0 ? "%s (%s) does not stand on this list: put it there first "
                             "(comity sanction add --scheme list --value ...)"
                           : "%s (%s) stands on this list more than once: say by hand which one "
                             "it is (comity act sanction_screen)",
                name, code);
    return cy_fail(found == 0 ? CY_E_SANCTION_NO_ENTRY : CY_E_NAME_AMBIGUOUS, found);
}

/* --- acts --- */

static cy_err say(struct draft *d, const char *party, enum word word, const char *target,
                  json_int_t ppm)
{
    json_t *act = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I}", "act", "sanction_screen", "list", d->list,
                            "party", party, "verdict", words[word], "evidence", d->evidence,
                            "number", (json_int_t)d->number);

    if (act != NULL && word != CLEAR)
        (void)json_object_set_new(act, "subject", json_string(target));
    if (act != NULL && ppm > 0)
        (void)json_object_set_new(act, "score_ppm", json_integer(ppm));
    if (json_array_append_new(d->acts, act) != 0)
        return cy_fail(CY_E_NO_MEMORY, 0);
    d->words[word]++;
    return CY_OK;
}

/* The record of the report itself comes first; once it is in the ledger it need not come again. */
static cy_err cite(struct draft *d, const char *path)
{
    char at[PATH_BYTES];
    const char *name = strrchr(path, '/');
    json_t *answer = NULL;
    bool known = false;

    (void)snprintf(at, sizeof at, "/v1/records/evidence?limit=1&digest=%s", d->evidence);
    CY_TRY(cy_cli_fetch_json(d->run, at, &answer));
    known = json_array_size(json_object_get(answer, "items")) > 0;
    json_decref(answer);
    if (known)
        return CY_OK;
    (void)snprintf(at, sizeof at, "report of a screening: %.200s", name == NULL ? path : name + 1);
    return json_array_append_new(d->acts,
                                 json_pack("{s:s,s:s,s:s,s:s}", "act", "evidence_record", "digest",
                                           d->evidence, "kind", "audit", "summary", at)) == 0
               ? CY_OK
               : cy_fail(CY_E_NO_MEMORY, 0);
}

/* --- reports --- */

/* Hits come best first. */
static cy_err of_name(struct draft *d, const json_t *asked)
{
    const json_t *hits = json_object_get(asked, "hits");
    const json_t *best = json_array_get(hits, 0);
    const json_int_t score = json_integer_value(json_object_get(best, "score"));
    const json_t *next = json_array_get(hits, 1);
    const bool alone = next == NULL || json_integer_value(json_object_get(next, "score")) < score;
    char party[65];
    char target[65];

    CY_TRY(party_of(d, text_of(asked, "name"), party));
    if (best == NULL)
        return say(d, party, CLEAR, NULL, 0);
    CY_TRY(target_of(d, text_of(best, "publisher"), text_of(best, "id"), text_of(best, "name"),
                     target));
    return say(d, party, alone && score >= (json_int_t)d->match ? MATCH : POSSIBLE, target,
               score * PPM_OF_SCORE);
}

/* The named owner that the proof begins at: the first that stands on the list. */
static cy_err owner_of(struct draft *d, const json_t *report, char hex[static 65])
{
    const json_t *holding = NULL;
    size_t i = 0;
    cy_err err = cy_fail(CY_E_SANCTION_NO_ENTRY, 0);

    cy_cli_note(d->run, "the report names no owner who is on a list");
    json_array_foreach(json_object_get(report, "proof"), i, holding)
    {
        const char *owner = text_of(holding, "owner");

        if (!json_is_true(json_object_get(holding, "owner_is_named")))
            continue;
        err = target_of(d, "", owner, owner, hex);
        if (err.code != CY_E_SANCTION_NO_ENTRY)
            return err;
    }
    return err;
}

static cy_err of_ownership(struct draft *d, const json_t *report)
{
    const char *verdict = text_of(report, "verdict");
    const char *id = text_of(report, "party");
    char party[65];
    char target[65];

    CY_TRY(party_of(d, id, party));
    if (strcmp(verdict, "not blocked") == 0)
        return say(d, party, CLEAR, NULL, 0);
    if (strcmp(verdict, "named") == 0)
        CY_TRY(target_of(d, "", id, text_of(report, "name"), target));
    else
        CY_TRY(owner_of(d, report, target));
    return strcmp(verdict, "not to be excluded") == 0 ? say(d, party, POSSIBLE, target, 0)
                                                      : say(d, party, MATCH, target, SURE_PPM);
}

static cy_err of_report(struct draft *d, const json_t *report)
{
    const json_t *asked = json_object_get(report, "asked");
    const json_t *item = NULL;
    size_t i = 0;

    if (json_is_string(json_object_get(report, "verdict")) &&
        json_is_array(json_object_get(report, "proof")))
        return of_ownership(d, report);
    if (json_is_array(json_object_get(report, "hits")))
        return of_name(d, report);
    if (json_is_array(asked)) {
        json_array_foreach(asked, i, item)
        {
            CY_TRY(of_name(d, item));
        }
        return CY_OK;
    }
    cy_cli_note(d->run, "this is no report of comity screen name, comity screen file or comity "
                        "exposure PARTY, made with --json");
    return cy_fail(CY_E_USAGE, 0);
}

/* --- the run --- */

static cy_err read_report(struct draft *d, const char *path, json_t **report)
{
    static const struct cy_json_limits limits = {REPORT_MAX, 10, false};
    struct cy_json_fault fault = {0};
    struct cy_span text;
    struct cy_id digest;
    cy_err err = CY_OK;

    CY_TRY(cy_cli_read_file(d->run, path, REPORT_MAX, &text));
    digest = cy_sha256(text);
    cy_hex(digest.b, sizeof digest.b, d->evidence);
    err = cy_json_parse(text, &limits, report, &fault);
    if (!cy_ok(err))
        cy_cli_note(d->run, "%s:%u:%u: %s", path, fault.line, fault.column, fault.why);
    return err;
}

static cy_err read_parties(struct draft *d)
{
    const char *path = cy_cli_arg(&d->run->args, "parties");
    struct cy_span text;
    char *copy = NULL;

    if (path == NULL)
        return CY_OK;
    CY_TRY(cy_cli_read_file(d->run, path, TABLE_MAX, &text));
    copy = cy_arena_take(&d->run->arena, text.n + 1);
    if (copy == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    memcpy(copy, text.at, text.n);
    copy[text.n] = 0;
    cy_cli_note(d->run, "%s: a table with the columns name and party is expected", path);
    CY_TRY(cy_csv_read(copy, text.n, &d->run->arena, &d->parties));
    d->name_at = cy_csv_column(&d->parties, "name");
    d->party_at = cy_csv_column(&d->parties, "party");
    return d->name_at == SIZE_MAX || d->party_at == SIZE_MAX ? cy_fail(CY_E_BAD_TEXT, 1) : CY_OK;
}

static cy_err read_list(struct draft *d)
{
    const char *word = cy_cli_arg(&d->run->args, "list");
    const char *match = cy_cli_arg(&d->run->args, "match");
    json_t *answer = NULL;
    char at[PATH_BYTES];

    if (match != NULL && !cy_ok(cy_u64_read(cy_span_text(match), &d->match))) {
        cy_cli_note(d->run, "--match must be a score in parts per thousand");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(cy_cli_sanction_named(d->run, word == NULL ? "" : word, d->list));
    (void)snprintf(at, sizeof at, "/v1/records/sanction_list?limit=1&id=%s", d->list);
    CY_TRY(cy_cli_fetch_json(d->run, at, &answer));
    d->number =
        cy_cli_sanction_number(json_array_get(json_object_get(answer, "items"), 0), "number");
    json_decref(answer);
    return CY_OK;
}

static cy_err write_acts(struct draft *d)
{
    const char *out = cy_cli_arg(&d->run->args, "out");
    char *text = json_dumps(d->acts, JSON_INDENT(1));
    cy_err err = cy_fail(CY_E_NO_MEMORY, 0);

    if (out == NULL)
        out = "screen.acts.json";
    if (text != NULL)
        err = cy_cli_write_file(d->run, out, cy_span_text(text));
    free(text);
    if (!cy_ok(err) || d->run->json)
        return err;
    (void)fprintf(d->run->out,
                  "%u clear, %u possible, %u match; evidence %s\n"
                  "drafted, not signed: read %s, then comity act --file %s --as SCREENER\n",
                  d->words[CLEAR], d->words[POSSIBLE], d->words[MATCH], d->evidence, out, out);
    return CY_OK;
}

static cy_err apply(struct draft *d, const char *path)
{
    json_t *report = NULL;
    cy_err err = read_list(d);

    if (cy_ok(err))
        err = read_parties(d);
    if (cy_ok(err))
        err = read_report(d, path, &report);
    if (cy_ok(err))
        err = cite(d, path);
    if (cy_ok(err))
        err = of_report(d, report);
    json_decref(report);
    return cy_ok(err) ? write_acts(d) : err;
}

int cy_cli_sanction_apply(struct cy_cli *run)
{
    struct draft *d = cy_arena_zero(&run->arena, sizeof *d);
    cy_err err = CY_OK;

    if (d == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    if (run->args.n_words != 3 || cy_cli_arg(&run->args, "list") == NULL)
        return cy_cli_wrong(run, "write: comity sanction apply REPORT.json --list LIST");
    *d = (struct draft){.run = run, .match = MATCH_SCORE, .acts = json_array()};
    err = apply(d, run->args.words[2]);
    if (cy_ok(err) && run->json)
        (void)cy_cli_print(run, json_incref(d->acts));
    json_decref(d->acts);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}
