#include "host/cli/cli_treaty.h"

#include "crypto/hash.h"
#include "host/cli/cli_name.h"
#include "host/json/act_json.h"
#include "host/json/json.h"
#include "institutions/treaty/treaty_book.h"
#include "institutions/treaty/treaty_lint.h"

#include <stdlib.h>
#include <time.h>

#define PATH_BYTES 256u
#define PARTIES_MAX 1000 /* rows of one answer of the daemon */

const struct cy_cli_option cy_cli_treaty_show_options[] = {
    {"as-of", "YYYY-MM-DD", "who is bound on that day (today)"           },
    {"text",  "FILE",       "hold this text against the version in force"},
    {NULL,    NULL,         NULL                                         },
};

/* --- words --- */

static const char *word(const struct cy_word_set *set, uint8_t number)
{
    for (size_t i = 0; set != NULL && i < set->n; i++) {
        if (set->words[i].number == number)
            return set->words[i].text;
    }
    return "?";
}

static const struct cy_word_set *set_of(const struct cy_schema *schema, const char *field)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (strcmp(schema->fields[i].name, field) == 0)
            return schema->fields[i].set;
    }
    return NULL;
}

static const char *day_text(cy_date day, char room[static 16])
{
    struct cy_text text = cy_text_on(room, 16);

    if (day == 0)
        return "-";
    cy_date_text(&text, day);
    return room;
}

/* --- lint --- */

/* Offline there is nobody to ask for names: each stands for itself, so that two of the same are
 * still seen as the same. A "file:" is read by whoever sends the offer. */
static void name_value(json_t *object, const char *field)
{
    const char *text = json_string_value(json_object_get(object, field));
    char hex[65];
    struct cy_id id;

    if (text == NULL || (strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64))
        return;
    id = cy_sha256(cy_span_text(text));
    cy_hex(id.b, sizeof id.b, hex);
    (void)json_object_set_new(object, field, json_string(hex));
}

static void name_all(json_t *offer)
{
    static const char *const fields[] = {"text", "monitor", "arbiter", "asset", "rights"};
    json_t *parties = json_object_get(offer, "parties");

    for (size_t i = 0; i < CY_COUNT(fields); i++)
        name_value(offer, fields[i]);
    for (size_t i = 0; i < json_array_size(parties); i++)
        name_value(json_array_get(parties, i), "party");
}

static cy_err read_offer(struct cy_cli *run, const char *path, struct cy_treaty_offer *offer)
{
    static const struct cy_json_limits limits = {CY_ACT_JSON_MAX, 10, false};
    struct cy_json_fault fault = {0};
    struct cy_text why = cy_text_on(run->why, sizeof run->why);
    struct cy_span text;
    json_t *value = NULL;
    char *plain = NULL;
    cy_err err = cy_cli_read_file(run, path, limits.size_max, &text);

    CY_TRY(err);
    err = cy_json_parse(text, &limits, &value, &fault);
    if (!cy_ok(err)) {
        cy_cli_note(run, "%s:%u:%u: %s", path, fault.line, fault.column, fault.why);
        return err;
    }
    name_all(value);
    plain = json_dumps(value, JSON_COMPACT);
    json_decref(value);
    if (plain == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    err =
        cy_struct_from_json(&cy_schema_treaty_offer, cy_span_text(plain), &run->arena, offer, &why);
    free(plain);
    return err;
}

static void print_finding(struct cy_cli *run, const struct cy_treaty_finding *f, json_t *list)
{
    const struct cy_treaty_fault_words *words = cy_treaty_fault_text((unsigned)f->fault);

    if (run->json) {
        (void)json_array_append_new(list, json_pack("{s:i,s:i,s:i,s:s,s:s}", "fault", (int)f->fault,
                                                    "clause", f->number, "other", f->other, "what",
                                                    words->what, "remedy", words->remedy));
        return;
    }
    if (f->number == 0)
        (void)fprintf(run->out, "the treaty: %s\n", words->what);
    else if (f->other == 0)
        (void)fprintf(run->out, "clause %u: %s\n", f->number, words->what);
    else
        (void)fprintf(run->out, "clause %u (and clause %u): %s\n", f->number, f->other,
                      words->what);
    (void)fprintf(run->out, "  what to do: %s\n", words->remedy);
}

int cy_cli_treaty_lint(struct cy_cli *run)
{
    struct cy_treaty_finding findings[CY_TREATY_FINDINGS_MAX];
    struct cy_treaty_offer offer;
    json_t *list = NULL;
    size_t n = 0;
    cy_err err = CY_OK;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "comity treaty lint needs a FILE: the offer as JSON (begin with "
                                 "comity treaty template)");
    err = read_offer(run, run->args.words[2], &offer);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    n = cy_treaty_lint_offer(&offer, true, findings);
    list = json_array();
    for (size_t i = 0; i < n && i < CY_TREATY_FINDINGS_MAX; i++)
        print_finding(run, &findings[i], list);
    if (run->json)
        (void)cy_cli_print(run, list);
    else {
        json_decref(list);
        (void)fprintf(run->out, "%u clauses, %u parties: %s\n", offer.n_clauses, offer.n_parties,
                      n == 0 ? "nothing to object to" : "not fit to be signed");
    }
    return n == 0 ? CY_EXIT_OK : CY_EXIT_REFUSED;
}

/* --- templates --- */

struct term {
    const char *of;
    unsigned number;
    const char *measure;
    uint8_t bound;
    unsigned limit;
    unsigned months;
    uint8_t actuator;
    unsigned fine;
    unsigned emergency_days;
    unsigned emergency;
    const char *words;
};

static const struct term terms_[] = {
#define CY_TEMPLATE(name, what, lock, notice, ppm, answer, balance)
#define CY_TERM(of, number, measure, bound, limit, months, actuator, fine, days, emergency, words) \
    {#of,                                                                                          \
     number,                                                                                       \
     measure,                                                                                      \
     CY_treaty_bound_##bound,                                                                      \
     limit,                                                                                        \
     months,                                                                                       \
     CY_treaty_actuator_##actuator,                                                                \
     fine,                                                                                         \
     days,                                                                                         \
     emergency,                                                                                    \
     words},
#include "institutions/treaty/treaty_template.def"
#undef CY_TEMPLATE
#undef CY_TERM
};

static const struct template
{
    const char *name;
    const char *what;
    unsigned lock;
    unsigned notice;
    unsigned ppm;
    unsigned answer;
    unsigned balance;
}
templates_[] = {
#define CY_TEMPLATE(name, what, lock, notice, ppm, answer, balance)                                \
    {#name, what, lock, notice, ppm, answer, balance},
#define CY_TERM(of, number, measure, bound, limit, months, actuator, fine, days, emergency, words)
#include "institutions/treaty/treaty_template.def"
#undef CY_TEMPLATE
#undef CY_TERM
};

static json_t *term_json(const struct term *t, const char *from)
{
    json_t *out =
        json_pack("{s:i,s:s,s:s,s:I,s:s,s:i,s:s}", "number", (int)t->number, "measure", t->measure,
                  "bound", word(set_of(&cy_schema_treaty_clause, "bound"), t->bound), "threshold",
                  (json_int_t)t->limit, "from", from, "months", (int)t->months, "actuator",
                  word(set_of(&cy_schema_treaty_clause, "actuator"), t->actuator));

    if (t->fine > 0) {
        (void)json_object_set_new(out, "fine", json_integer(t->fine));
        (void)json_object_set_new(out, "cap", json_integer((json_int_t)t->fine * 3));
    }
    if (t->emergency_days > 0) {
        (void)json_object_set_new(out, "emergency", json_integer(t->emergency));
        (void)json_object_set_new(out, "emergency_days", json_integer(t->emergency_days));
    }
    (void)json_object_set_new(out, "words", json_string(t->words));
    return out;
}

static json_t *template_json(const struct template *t)
{
    char from[16];
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    json_t *clauses = json_array();
    json_t *out = NULL;
    bool fines = false;

    cy_date_civil(cy_time_date((cy_time)time(NULL) * 1000), &year, &month, &day);
    (void)snprintf(from, sizeof from, "%04u-01-01", year + 1);
    for (size_t i = 0; i < CY_COUNT(terms_); i++) {
        if (strcmp(terms_[i].of, t->name) != 0)
            continue;
        (void)json_array_append_new(clauses, term_json(&terms_[i], from));
        fines = fines || terms_[i].fine > 0;
    }
    out = json_pack("{s:s,s:s,s:s,s:o,s:[{s:s,s:i},{s:s,s:i}],s:s,s:s,s:i,s:i,s:i,s:i,s:i,s:i}",
                    "act", "treaty_offer", "name", t->name, "text", "file:treaty.txt", "clauses",
                    clauses, "parties", "party", "FIRST", "weight", 1, "party", "SECOND", "weight",
                    1, "monitor", "MONITOR", "arbiter", "ARBITER", "adopt_need", 2, "force_need", 2,
                    "force_ppm", (int)t->ppm, "force_days", 30, "lock_months", (int)t->lock,
                    "notice_months", (int)t->notice);
    if (fines) {
        (void)json_object_set_new(out, "asset", json_string("EUR"));
        (void)json_object_set_new(out, "bond", json_integer(5000));
    }
    if (t->answer > 0) {
        (void)json_object_set_new(out, "answer_days", json_integer(t->answer));
        (void)json_object_set_new(out, "answer_exclude", json_true());
        (void)json_object_set_new(out, "seconds", json_integer(2));
    }
    if (t->balance > 0) {
        (void)json_object_set_new(out, "balance_ppm", json_integer(t->balance));
        (void)json_object_set_new(out, "balance_times", json_integer(4));
    }
    return out;
}

int cy_cli_treaty_template(struct cy_cli *run)
{
    if (run->args.n_words < 3) {
        for (size_t i = 0; i < CY_COUNT(templates_); i++)
            (void)fprintf(run->out, "%-10s %s\n", templates_[i].name, templates_[i].what);
        return CY_EXIT_OK;
    }
    for (size_t i = 0; i < CY_COUNT(templates_); i++) {
        json_t *value = NULL;

        if (strcmp(templates_[i].name, run->args.words[2]) != 0)
            continue;
        value = template_json(&templates_[i]);
        (void)json_dumpf(value, run->out, JSON_INDENT(2));
        (void)fputc('\n', run->out);
        json_decref(value);
        return CY_EXIT_OK;
    }
    return cy_cli_wrong(run, "there is no template %s; comity treaty template lists them",
                        run->args.words[2]);
}

/* --- a treaty as it stands --- */

static cy_err fetch_rows(struct cy_cli *run, const char *table, const struct cy_id *treaty,
                         json_t **out)
{
    char path[PATH_BYTES];
    char hex[65] = "";

    cy_hex(treaty->b, sizeof treaty->b, hex);
    (void)snprintf(path, sizeof path, "/v1/records/%s?limit=%d&%s=%s", table, PARTIES_MAX,
                   strcmp(table, "treaty") == 0 ? "id" : "treaty", hex);
    return cy_cli_fetch_json(run, path, out);
}

/* Row i of an answer as a record. */
static cy_err read_row(struct cy_cli *run, const struct cy_schema *schema, const json_t *answer,
                       size_t i, void *out)
{
    struct cy_text why = cy_text_on(run->why, sizeof run->why);
    char *plain = json_dumps(json_array_get(json_object_get(answer, "items"), i), JSON_COMPACT);
    cy_err err = cy_fail(CY_E_NO_MEMORY, 0);

    if (plain != NULL)
        err = cy_struct_from_json(schema, cy_span_text(plain), &run->arena, out, &why);
    free(plain);
    return err;
}

/* The treaty of a name or id. Fails with NO_NAME. */
static cy_err find(struct cy_cli *run, const char *name, struct cy_treaty *treaty)
{
    json_t *answer = NULL;
    struct cy_id id;
    size_t found = 0;
    cy_err err = CY_OK;

    if (strlen(name) == 64 && cy_ok(cy_hex_read(cy_span_text(name), id.b, sizeof id.b))) {
        err = fetch_rows(run, "treaty", &id, &answer);
        if (cy_ok(err) && json_array_size(json_object_get(answer, "items")) == 1)
            err = read_row(run, &cy_schema_treaty, answer, 0, treaty);
        else if (cy_ok(err))
            err = cy_fail(CY_E_TREATY_UNKNOWN, 0);
        json_decref(answer);
        return err;
    }
    CY_TRY(cy_cli_fetch_json(run, "/v1/records/treaty?limit=1000", &answer));
    for (size_t i = 0; cy_ok(err) && i < json_array_size(json_object_get(answer, "items")); i++) {
        struct cy_treaty row;

        err = read_row(run, &cy_schema_treaty, answer, i, &row);
        if (cy_ok(err) && cy_span_eq(cy_name_text(&row.name), cy_span_text(name))) {
            *treaty = row;
            found++;
        }
    }
    json_decref(answer);
    if (cy_ok(err) && found != 1) {
        cy_cli_note(run,
                    found == 0 ? "no treaty is called %s (comity treaty list)"
                               : "several treaties are called %s: use the id",
                    name);
        return cy_fail(found == 0 ? CY_E_NO_NAME : CY_E_NAME_AMBIGUOUS, 0);
    }
    return err;
}

static void print_head(struct cy_cli *run, const struct cy_treaty *t,
                       const struct cy_treaty_rules *rules, cy_date day)
{
    char a[16] = "";
    const char *state = word(set_of(&cy_schema_treaty, "state"), t->state);

    (void)fprintf(run->out, "%.*s: %s, version %u", (int)t->name.n, (const char *)t->name.s, state,
                  t->version);
    if (t->force != 0)
        (void)fprintf(run->out, ", %s %s", t->force <= day ? "in force since" : "in force from",
                      day_text(t->force, a));
    if (t->ended != 0)
        (void)fprintf(run->out, ", ended %s", day_text(t->ended, a));
    if (t->reopened != 0)
        (void)fprintf(run->out, ", reopened %s", day_text(t->reopened, a));
    (void)fprintf(run->out, "\n%u of %u parties ratified (needed %u)", t->ratified, t->listed,
                  rules->force_need);
    if (rules->force_ppm != 0 && t->weight != 0)
        (void)fprintf(run->out, ", %.2f %% of the weight (needed %.2f %%)",
                      100.0 * (double)t->ratified_weight / (double)t->weight,
                      (double)rules->force_ppm / 10000.0);
    (void)fprintf(run->out, "; notice after %u months, %u months long\n\n", rules->lock_months,
                  rules->notice_months);
}

static cy_err print_parties(struct cy_cli *run, const struct cy_treaty *t, cy_date day)
{
    json_t *answer = NULL;
    cy_err err = fetch_rows(run, "treaty_party", &t->id, &answer);

    if (cy_ok(err))
        (void)fprintf(run->out, "%-24s  %-9s  %-10s  %-10s  %-10s  %-9s  %8s  %s\n", "party",
                      "standing", "ratified", "bound from", "leaves", "bound?", "breaches", "bond");
    for (size_t i = 0; cy_ok(err) && i < json_array_size(json_object_get(answer, "items")); i++) {
        struct cy_treaty_party p;
        char id[72];
        char a[16];
        char b[16];
        char c[16];
        char bond[CY_U128_TEXT];
        const char *bound = "no";

        err = read_row(run, &cy_schema_treaty_party, answer, i, &p);
        if (!cy_ok(err))
            break;
        if (cy_treaty_binds(t, &p, day))
            bound = cy_treaty_suspended(t, &p, day) ? "suspended" : "yes";
        cy_u128_text(p.bond, bond);
        (void)fprintf(run->out, "%-24s  %-9s  %-10s  %-10s  %-10s  %-9s  %8u  %s\n",
                      cy_cli_show_id(run, &p.party, id),
                      word(set_of(&cy_schema_treaty_party, "standing"), p.standing),
                      day_text(p.ratified, a), day_text(cy_treaty_start(t, &p), b),
                      day_text(p.leaves, c), bound, p.breaches, bond);
    }
    json_decref(answer);
    return err;
}

static cy_err print_clauses(struct cy_cli *run, const struct cy_treaty *t, cy_date day)
{
    json_t *answer = NULL;
    cy_err err = fetch_rows(run, "treaty_term", &t->id, &answer);

    for (size_t i = 0; cy_ok(err) && i < json_array_size(json_object_get(answer, "items")); i++) {
        struct cy_treaty_term c;
        char a[16];

        err = read_row(run, &cy_schema_treaty_term, answer, i, &c);
        if (!cy_ok(err) || c.version != (t->version != 0 ? t->version : t->offered))
            continue;
        (void)fprintf(run->out, "\n%llu. %.*s\n   %.*s %s %llu every %u months from %s; breach: %s",
                      (unsigned long long)c.number, (int)c.words.n, (const char *)c.words.s,
                      (int)c.measure.n, (const char *)c.measure.s,
                      word(set_of(&cy_schema_treaty_term, "bound"), c.bound),
                      (unsigned long long)c.threshold, c.months, day_text(c.from, a),
                      word(set_of(&cy_schema_treaty_term, "actuator"), c.actuator));
        if (c.emergency_from != 0 && day <= c.emergency_until)
            (void)fprintf(run->out, "; EMERGENCY until %s: %llu", day_text(c.emergency_until, a),
                          (unsigned long long)c.emergency);
        (void)fputc('\n', run->out);
    }
    json_decref(answer);
    return err;
}

static cy_err read_rules(struct cy_cli *run, const struct cy_id *treaty,
                         struct cy_treaty_rules *rules)
{
    json_t *answer = NULL;
    cy_err err = fetch_rows(run, "treaty_rules", treaty, &answer);

    if (cy_ok(err))
        err = read_row(run, &cy_schema_treaty_rules, answer, 0, rules);
    json_decref(answer);
    return err;
}

/* The digest of a file against that of the version in force, or proposed. */
static cy_err print_text(struct cy_cli *run, const struct cy_treaty *t, const char *path,
                         bool *same)
{
    const uint64_t version = t->version != 0 ? t->version : t->offered;
    struct cy_span text;
    json_t *answer = NULL;
    cy_err err = cy_cli_read_file(run, path, (size_t)64 << 20, &text);

    *same = false;
    CY_TRY(err);
    err = fetch_rows(run, "treaty_version", &t->id, &answer);
    for (size_t i = 0; cy_ok(err) && i < json_array_size(json_object_get(answer, "items")); i++) {
        const struct cy_id digest = cy_sha256(text);
        struct cy_treaty_version v;

        err = read_row(run, &cy_schema_treaty_version, answer, i, &v);
        *same = *same || (cy_ok(err) && v.version == version && cy_id_eq(&v.text, &digest));
    }
    json_decref(answer);
    if (cy_ok(err))
        (void)fprintf(run->out, "\n%s %s version %llu of the treaty\n", path,
                      *same ? "is the text of" : "is NOT the text of", (unsigned long long)version);
    return err;
}

int cy_cli_treaty_show(struct cy_cli *run)
{
    const char *as_of = cy_cli_arg(&run->args, "as-of");
    const char *text = cy_cli_arg(&run->args, "text");
    cy_date day = cy_time_date((cy_time)time(NULL) * 1000);
    struct cy_treaty treaty;
    struct cy_treaty_rules rules;
    bool same = true;
    cy_err err = CY_OK;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "comity treaty show needs the name or id of a treaty");
    if (as_of != NULL)
        err = cy_date_read(cy_span_text(as_of), &day);
    if (cy_ok(err))
        err = find(run, run->args.words[2], &treaty);
    if (cy_ok(err) && run->json) {
        json_t *answer = NULL;

        err = fetch_rows(run, "treaty_party", &treaty.id, &answer);
        if (cy_ok(err))
            return cy_cli_print(run, answer);
        json_decref(answer);
    }
    if (cy_ok(err)) {
        err = read_rules(run, &treaty.id, &rules);
        if (cy_ok(err))
            print_head(run, &treaty, &rules, day);
    }
    if (cy_ok(err))
        err = print_parties(run, &treaty, day);
    if (cy_ok(err))
        err = print_clauses(run, &treaty, day);
    if (cy_ok(err) && text != NULL)
        err = print_text(run, &treaty, text, &same);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    return same ? CY_EXIT_OK : CY_EXIT_REFUSED;
}
