#include "host/cli/cli_history.h"

#include <stdlib.h>

#define ORGS_MAX 512u
#define BATCH_MOST 300u    /* events in one act */
#define BATCH_BYTES 56000u /* of sources and ids, so that the act fits */
#define EVENT_BYTES 110u   /* of one event without its source */
#define DAY_MS 86400000ull

const struct cy_cli_option cy_cli_history_options[] = {
    {"table",          "NAME", "what the file holds: alliances"                                      },
    {"organisations",  "FILE", "the organisations (organisations.csv beside the file)"               },
    {"home",           "LIST", "only organisations of these homes, such as a"                        },
    {"only",           "LIST", "only these organisations, with commas between"                       },
    {"registrar-days", "N",    "how long past events may be recorded (30)"                           },
    {"no-mandate",     NULL,   "do not let secretariats speak for their alliances in other alliances"},
    {NULL,             NULL,   NULL                                                                  },
};

struct org {
    const char *code;
    const char *name;
    size_t row;
    bool here;     /* its history is to be recorded */
    bool is_party; /* of another organisation */
    uint64_t done; /* events that the realm has */
    size_t first;  /* of its rows in alliances.csv */
    size_t n;
    const struct cy_alias *passport;
    struct cy_id alliance;
    struct cy_act_author author;
    struct cy_id key;
};

struct history {
    struct cy_cli *run;
    struct cy_csv orgs_csv;
    struct cy_csv events_csv;
    struct org orgs[ORGS_MAX];
    size_t n;
    struct cy_id realm;
    uint64_t registrar_days;
    /* columns */
    size_t o_code, o_name, o_topic, o_template, o_founded, o_precision, o_dissolved, o_home,
        o_source;
    size_t e_org, e_party, e_event, e_level, e_date, e_precision, e_source;
    /* counts */
    struct cy_import_count passports;
    size_t founded;
    size_t recorded;
    size_t there;
    size_t dissolved;
    size_t refused;
};

/* --- reading --- */

static cy_err wrong_file(struct history *h, const char *what, const char *file, uint64_t line,
                         const char *value)
{
    cy_cli_note(h->run, "%s:%llu: %s%s%.80s", file, (unsigned long long)line, what,
                value == NULL ? "" : ": ", value == NULL ? "" : value);
    return cy_fail(CY_E_BAD_TEXT, line);
}

static cy_err read_table(struct history *h, const char *path, struct cy_csv *out)
{
    struct cy_span bytes;
    union {
        const uint8_t *read;
        char *text; /* the arena's own bytes */
    } at;
    cy_err err = CY_OK;

    CY_TRY(cy_cli_read_file(h->run, path, (size_t)64 << 20, &bytes));
    at.read = bytes.at;
    err = cy_csv_read(at.text, bytes.n, &h->run->arena, out);
    if (err.code == CY_E_BAD_TEXT)
        return wrong_file(h, "not a row with as many fields as the first line", path, err.detail,
                          NULL);
    if (!cy_ok(err))
        cy_cli_note(h->run, "%s", path);
    return err;
}

static cy_err column(struct history *h, const struct cy_csv *csv, const char *file,
                     const char *name, size_t *out)
{
    *out = cy_csv_column(csv, name);
    return *out != SIZE_MAX ? CY_OK : wrong_file(h, "there is no column", file, 1, name);
}

static cy_err find_columns(struct history *h, const char *orgs, const char *events)
{
    const struct cy_csv *o = &h->orgs_csv;
    const struct cy_csv *e = &h->events_csv;

    CY_TRY(column(h, o, orgs, "code", &h->o_code));
    CY_TRY(column(h, o, orgs, "name", &h->o_name));
    CY_TRY(column(h, o, orgs, "topic", &h->o_topic));
    CY_TRY(column(h, o, orgs, "template", &h->o_template));
    CY_TRY(column(h, o, orgs, "founded", &h->o_founded));
    CY_TRY(column(h, o, orgs, "precision", &h->o_precision));
    CY_TRY(column(h, o, orgs, "dissolved", &h->o_dissolved));
    CY_TRY(column(h, o, orgs, "home", &h->o_home));
    CY_TRY(column(h, o, orgs, "source", &h->o_source));
    CY_TRY(column(h, e, events, "organisation", &h->e_org));
    CY_TRY(column(h, e, events, "party", &h->e_party));
    CY_TRY(column(h, e, events, "event", &h->e_event));
    CY_TRY(column(h, e, events, "level", &h->e_level));
    CY_TRY(column(h, e, events, "date", &h->e_date));
    CY_TRY(column(h, e, events, "precision", &h->e_precision));
    return column(h, e, events, "source", &h->e_source);
}

static struct org *org_of(struct history *h, const char *code)
{
    for (size_t i = 0; i < h->n; i++) {
        if (strcmp(h->orgs[i].code, code) == 0)
            return &h->orgs[i];
    }
    return NULL;
}

static bool listed(const char *list, const char *word)
{
    const size_t n = strlen(word);

    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, n) == 0 && (at[n] == ',' || at[n] == 0))
            return true;
    }
    return list == NULL;
}

/* The organisations, and where the rows of each stand: they must stand together. */
static cy_err index_rows(struct history *h, const char *orgs, const char *events)
{
    const char *home = cy_cli_arg(&h->run->args, "home");
    const char *only = cy_cli_arg(&h->run->args, "only");

    if (h->orgs_csv.n_rows > ORGS_MAX)
        return wrong_file(h, "too many organisations", orgs, ORGS_MAX, NULL);
    for (size_t i = 0; i < h->orgs_csv.n_rows; i++) {
        struct org *o = &h->orgs[i];

        *o = (struct org){.code = cy_csv_cell(&h->orgs_csv, i, h->o_code),
                          .name = cy_csv_cell(&h->orgs_csv, i, h->o_name),
                          .row = i};
        if (org_of(h, o->code) != NULL)
            return wrong_file(h, "stands twice", orgs, h->orgs_csv.lines[i], o->code);
        o->here = listed(home, cy_csv_cell(&h->orgs_csv, i, h->o_home)) && listed(only, o->code);
        h->n++;
    }
    for (size_t i = 0; i < h->events_csv.n_rows; i++) {
        struct org *o = org_of(h, cy_csv_cell(&h->events_csv, i, h->e_org));
        struct org *party = org_of(h, cy_csv_cell(&h->events_csv, i, h->e_party));

        if (o == NULL)
            return wrong_file(h, "no such organisation", events, h->events_csv.lines[i],
                              cy_csv_cell(&h->events_csv, i, h->e_org));
        if (o->n > 0 && o->first + o->n != i)
            return wrong_file(h, "the rows of an organisation must stand together", events,
                              h->events_csv.lines[i], o->code);
        if (o->n == 0)
            o->first = i;
        o->n++;
        if (party != NULL && o->here)
            party->is_party = true;
    }
    return CY_OK;
}

/* --- passports --- */

static cy_err make_secretariats(struct history *h)
{
    struct cy_newcomer *who = cy_arena_zero(&h->run->arena, (h->n + 1) * sizeof *who);
    size_t n = 0;

    if (who == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (size_t i = 0; i < h->n; i++) {
        if (!h->orgs[i].here && !h->orgs[i].is_party)
            continue;
        who[n] = (struct cy_newcomer){
            .kind = CY_kind_BLOC, .name = h->orgs[i].name, .alias = h->orgs[i].code, .n_codes = 1};
        who[n].codes[0].scheme = "organisation";
        who[n++].codes[0].value = h->orgs[i].code;
    }
    return cy_cli_newcomers(h->run, who, n, &h->passports);
}

/* --- words --- */

static uint8_t word_of(const struct cy_schema *schema, const char *field, const char *word)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *f = &schema->fields[i];

        for (size_t k = 0; strcmp(f->name, field) == 0 && k < f->set->n; k++) {
            if (strcmp(f->set->words[k].text, word) == 0)
                return f->set->words[k].number;
        }
    }
    return UINT8_MAX;
}

/* --- founding --- */

struct founding {
    struct cy_alliance_found messages[ORGS_MAX];
    struct cy_charter_clause clause;
    struct cy_act_draft drafts[ORGS_MAX];
    struct cy_span acts[ORGS_MAX];
    const char *names[ORGS_MAX];
    cy_err errors[ORGS_MAX];
    struct cy_id ids[ORGS_MAX];
    struct org *orgs[ORGS_MAX];
    size_t n;
};

static cy_err read_org(struct history *h, const struct org *o, struct cy_alliance_found *m)
{
    const struct cy_csv *csv = &h->orgs_csv;
    const uint32_t line = csv->lines[o->row];
    const char *source = cy_csv_cell(csv, o->row, h->o_source);
    size_t n = strlen(source);

    *m = (struct cy_alliance_found){
        .topic = word_of(&cy_schema_alliance_found, "topic", cy_csv_cell(csv, o->row, h->o_topic)),
        .template =
            word_of(&cy_schema_alliance_found, "template", cy_csv_cell(csv, o->row, h->o_template)),
        .precision = word_of(&cy_schema_alliance_found, "precision",
                             cy_csv_cell(csv, o->row, h->o_precision))};
    while (n > 255 || (n > 0 && ((unsigned char)source[n] & 0xc0) == 0x80))
        n--;
    if (m->topic == UINT8_MAX || m->template == UINT8_MAX || m->precision == UINT8_MAX)
        return wrong_file(h, "topic, template or precision is no known word", "organisations", line,
                          o->code);
    if (!cy_ok(cy_label_of(cy_span_text(o->code), &m->code)) ||
        !cy_ok(cy_name_of(cy_span_text(o->name), &m->name)) ||
        !cy_ok(cy_line_of(cy_span_of(source, n), &m->purpose)) ||
        !cy_ok(cy_date_read(cy_span_text(cy_csv_cell(csv, o->row, h->o_founded)), &m->founded)))
        return wrong_file(h, "code, name or date does not fit", "organisations", line, o->code);
    return CY_OK;
}

static cy_err set_author(struct history *h, struct org *o)
{
    o->passport = cy_home_alias(&h->run->home, "passport", o->code);
    if (o->passport == NULL || cy_id_none(&o->passport->key)) {
        cy_cli_note(h->run, "the key of the secretariat of %s is not here", o->code);
        return cy_fail(CY_E_NO_NAME, 0);
    }
    o->key = o->passport->key;
    o->author = (struct cy_act_author){
        .author = o->passport->id, .realm = h->realm, .keys = &o->key, .n_keys = 1, .valid_s = 600};
    return CY_OK;
}

static cy_err remember_founded(struct history *h, struct founding *f)
{
    struct cy_alias *aliases = cy_arena_zero(&h->run->arena, (f->n + 1) * sizeof *aliases);
    size_t n = 0;

    if (aliases == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (size_t i = 0; i < f->n; i++) {
        if (!cy_ok(f->errors[i]) || cy_id_none(&f->ids[i]))
            continue;
        CY_TRY(cy_alias_of("alliance", f->orgs[i]->code, &f->ids[i], &aliases[n++]));
        f->orgs[i]->alliance = f->ids[i];
    }
    h->founded += n;
    return n > 0 ? cy_home_add(&h->run->home, aliases, n) : CY_OK;
}

static cy_err found_all(struct history *h)
{
    struct founding *f = cy_arena_zero(&h->run->arena, sizeof *f);
    cy_err err = CY_OK;
    cy_err stored = CY_OK;

    if (f == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_label_of(cy_span_text("registrar_until"), &f->clause.name));
    f->clause.value = cy_cli_now() + h->registrar_days * DAY_MS;
    for (size_t i = 0; i < h->n; i++) {
        struct org *o = &h->orgs[i];
        const struct cy_alias *alias = cy_home_alias(&h->run->home, "alliance", o->code);

        if (!o->here)
            continue;
        CY_TRY(set_author(h, o));
        if (alias != NULL) {
            o->alliance = alias->id;
            continue;
        }
        CY_TRY(read_org(h, o, &f->messages[f->n]));
        f->messages[f->n].clauses = &f->clause;
        f->messages[f->n].n_clauses = 1;
        f->drafts[f->n] = (struct cy_act_draft){
            .by = &o->author, .schema = &cy_schema_alliance_found, .message = &f->messages[f->n]};
        f->names[f->n] = o->code;
        f->orgs[f->n++] = o;
    }
    CY_TRY(cy_sign_acts(h->run->signer, f->drafts, f->n, cy_cli_now() / 1000, &h->run->arena));
    for (size_t i = 0; i < f->n; i++)
        f->acts[i] = f->drafts[i].envelope;
    err = cy_cli_send_all(h->run, "alliances", f->acts, f->names, f->n, f->errors, f->ids,
                          &h->refused);
    stored = remember_founded(h, f);
    return cy_ok(err) ? stored : err;
}

/* --- events --- */

static cy_err read_event(struct history *h, const struct org *o, size_t row,
                         struct cy_alliance_record *m)
{
    const struct cy_csv *csv = &h->events_csv;
    const struct cy_schema *schema = &cy_schema_alliance_record;
    const char *party = cy_csv_cell(csv, row, h->e_party);
    const char *source = cy_csv_cell(csv, row, h->e_source);
    const uint32_t line = csv->lines[row];
    size_t n = strlen(source);

    *m = (struct cy_alliance_record){
        .alliance = o->alliance,
        .event = word_of(schema, "event", cy_csv_cell(csv, row, h->e_event)),
        .level = word_of(schema, "level", cy_csv_cell(csv, row, h->e_level)),
        .precision = word_of(schema, "precision", cy_csv_cell(csv, row, h->e_precision))};
    while (n > 255 || (n > 0 && ((unsigned char)source[n] & 0xc0) == 0x80))
        n--;
    if (m->event == UINT8_MAX || m->level == UINT8_MAX || m->precision == UINT8_MAX)
        return wrong_file(h, "event, level or precision is no known word", "alliances", line,
                          party);
    if (!cy_ok(cy_date_read(cy_span_text(cy_csv_cell(csv, row, h->e_date)), &m->date)) ||
        !cy_ok(cy_line_of(cy_span_of(source, n), &m->source)))
        return wrong_file(h, "date or source does not fit", "alliances", line, party);
    return cy_cli_id(h->run, NULL, party, &m->party);
}

static cy_err ask_done(struct history *h, struct org *o)
{
    char path[160];
    char hex[65];
    json_t *page = NULL;

    cy_hex(o->alliance.b, sizeof o->alliance.b, hex);
    (void)snprintf(path, sizeof path, "/v1/records/alliance_roll?limit=1&alliance=%s", hex);
    CY_TRY(cy_cli_fetch_json(h->run, path, &page));
    o->done = (uint64_t)json_integer_value(
        json_object_get(json_array_get(json_object_get(page, "items"), 0), "n_events"));
    json_decref(page);
    return CY_OK;
}

struct recording {
    struct cy_batch batches[ORGS_MAX];
    struct cy_act_draft drafts[ORGS_MAX];
    struct cy_span acts[ORGS_MAX];
    const char *names[ORGS_MAX];
    cy_err errors[ORGS_MAX];
    struct org *orgs[ORGS_MAX];
    size_t n;
};

/* The next batch of an organisation: as many events as fit in one act. */
static cy_err next_batch(struct history *h, struct org *o, struct recording *r)
{
    struct cy_alliance_record *records =
        cy_arena_take(&h->run->arena, BATCH_MOST * sizeof *records);
    struct cy_any *any = cy_arena_take(&h->run->arena, BATCH_MOST * sizeof *any);
    struct cy_batch *batch = &r->batches[r->n];
    uint32_t n = 0;
    size_t bytes = 0;

    if (records == NULL || any == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    while (n < BATCH_MOST && o->done + n < o->n && bytes < BATCH_BYTES) {
        CY_TRY(read_event(h, o, o->first + o->done + n, &records[n]));
        bytes += EVENT_BYTES + records[n].source.n;
        any[n] = (struct cy_any){&cy_schema_alliance_record, &records[n]};
        n++;
    }
    *batch = (struct cy_batch){.mode = CY_batch_mode_ATOMIC, .acts = any, .n_acts = n};
    r->drafts[r->n] =
        (struct cy_act_draft){.by = &o->author, .schema = &cy_schema_batch, .message = batch};
    r->names[r->n] = o->code;
    r->orgs[r->n++] = o;
    return CY_OK;
}

/* One batch of every organisation that has events left. */
static cy_err record_round(struct history *h, bool *more)
{
    const size_t mark = h->run->arena.used;
    struct recording *r = cy_arena_zero(&h->run->arena, sizeof *r);
    cy_err err = CY_OK;

    *more = false;
    if (r == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (size_t i = 0; i < h->n; i++) {
        struct org *o = &h->orgs[i];

        if (o->here && !cy_id_none(&o->alliance) && o->done < o->n)
            CY_TRY(next_batch(h, o, r));
    }
    if (r->n == 0)
        return CY_OK;
    CY_TRY(cy_sign_acts(h->run->signer, r->drafts, r->n, cy_cli_now() / 1000, &h->run->arena));
    for (size_t i = 0; i < r->n; i++)
        r->acts[i] = r->drafts[i].envelope;
    err =
        cy_cli_send_all(h->run, "histories", r->acts, r->names, r->n, r->errors, NULL, &h->refused);
    for (size_t i = 0; i < r->n; i++) {
        struct org *o = r->orgs[i];

        if (cy_ok(r->errors[i])) {
            h->recorded += r->batches[i].n_acts;
            o->done += r->batches[i].n_acts;
            *more = true;
        } else {
            o->here = false; /* what follows would not fit either */
        }
    }
    cy_arena_rewind(&h->run->arena, mark);
    return err;
}

/* --- ties and ends --- */

struct ending {
    struct cy_alliance_mandate mandates[ORGS_MAX];
    struct cy_alliance_dissolve messages[ORGS_MAX];
    struct cy_act_draft drafts[ORGS_MAX];
    struct cy_span acts[ORGS_MAX];
    const char *names[ORGS_MAX];
    cy_err errors[ORGS_MAX];
    size_t n;
};

static cy_err send_ending(struct history *h, struct ending *e, const char *what, size_t *good)
{
    cy_err err = cy_sign_acts(h->run->signer, e->drafts, e->n, cy_cli_now() / 1000, &h->run->arena);

    for (size_t i = 0; i < e->n; i++)
        e->acts[i] = e->drafts[i].envelope;
    if (cy_ok(err))
        err = cy_cli_send_all(h->run, what, e->acts, e->names, e->n, e->errors, NULL, &h->refused);
    for (size_t i = 0; i < e->n; i++)
        *good += cy_ok(e->errors[i]) ? 1u : 0u;
    return err;
}

static cy_err already(struct history *h, const char *table, const char *by, const struct cy_id *id,
                      const char *field, const char *value, bool *is)
{
    char path[200];
    char hex[65];
    json_t *page = NULL;
    const json_t *found = NULL;

    cy_hex(id->b, sizeof id->b, hex);
    (void)snprintf(path, sizeof path, "/v1/records/%s?limit=1&%s=%s", table, by, hex);
    CY_TRY(cy_cli_fetch_json(h->run, path, &page));
    found = json_object_get(json_array_get(json_object_get(page, "items"), 0), field);
    *is = value == NULL ? json_is_true(found)
                        : json_is_string(found) && strcmp(json_string_value(found), value) == 0;
    json_decref(page);
    return CY_OK;
}

/* Secretariats that sit in other alliances speak for their own. */
static cy_err mandate_all(struct history *h)
{
    struct ending *e = cy_arena_zero(&h->run->arena, sizeof *e);
    size_t good = 0;

    if (e == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (size_t i = 0; i < h->n; i++) {
        struct org *o = &h->orgs[i];
        bool bound = false;

        if (!o->here || !o->is_party || cy_id_none(&o->alliance) ||
            cy_csv_cell(&h->orgs_csv, o->row, h->o_dissolved)[0] != 0)
            continue;
        CY_TRY(already(h, "bloc", "bloc", &o->passport->id, "accepted", NULL, &bound));
        if (bound)
            continue;
        e->mandates[e->n] =
            (struct cy_alliance_mandate){.alliance = o->alliance, .bloc = o->passport->id};
        e->drafts[e->n] = (struct cy_act_draft){
            .by = &o->author, .schema = &cy_schema_alliance_mandate, .message = &e->mandates[e->n]};
        e->names[e->n++] = o->code;
    }
    return send_ending(h, e, "mandates", &good);
}

static cy_err dissolve_all(struct history *h)
{
    struct ending *e = cy_arena_zero(&h->run->arena, sizeof *e);

    if (e == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (size_t i = 0; i < h->n; i++) {
        struct org *o = &h->orgs[i];
        const char *day = cy_csv_cell(&h->orgs_csv, o->row, h->o_dissolved);
        struct cy_alliance_dissolve *m = &e->messages[e->n];
        bool ended = false;

        if (!o->here || day[0] == 0 || cy_id_none(&o->alliance) || o->done < o->n)
            continue;
        CY_TRY(already(h, "alliance", "id", &o->alliance, "state", "dissolved", &ended));
        if (ended)
            continue;
        m->alliance = o->alliance;
        if (!cy_ok(cy_date_read(cy_span_text(day), &m->ended)))
            return wrong_file(h, "dissolved is no date", "organisations", h->orgs_csv.lines[o->row],
                              day);
        e->drafts[e->n] = (struct cy_act_draft){
            .by = &o->author, .schema = &cy_schema_alliance_dissolve, .message = m};
        e->names[e->n++] = o->code;
    }
    return send_ending(h, e, "endings", &h->dissolved);
}

/* --- the command --- */

static void count_dry(struct history *h)
{
    for (size_t i = 0; i < h->n; i++) {
        const struct org *o = &h->orgs[i];

        if (!o->here)
            continue;
        h->founded += cy_home_alias(&h->run->home, "alliance", o->code) == NULL;
        h->recorded += o->n;
        h->dissolved += cy_csv_cell(&h->orgs_csv, o->row, h->o_dissolved)[0] != 0;
    }
}

static cy_err write_history(struct history *h)
{
    bool more = true;

    CY_TRY(make_secretariats(h));
    if (h->run->dry) {
        count_dry(h);
        return CY_OK;
    }
    CY_TRY(cy_cli_realm(h->run, &h->realm));
    CY_TRY(cy_cli_signer(h->run));
    CY_TRY(found_all(h));
    if (!cy_cli_arg_on(&h->run->args, "no-mandate"))
        CY_TRY(mandate_all(h));
    for (size_t i = 0; i < h->n; i++) {
        if (h->orgs[i].here && !cy_id_none(&h->orgs[i].alliance)) {
            CY_TRY(ask_done(h, &h->orgs[i]));
            h->there += h->orgs[i].done;
        }
    }
    while (more)
        CY_TRY(record_round(h, &more));
    return dissolve_all(h);
}

static cy_err import(struct history *h, const char *file)
{
    const char *orgs = cy_cli_arg(&h->run->args, "organisations");
    const char *days = cy_cli_arg(&h->run->args, "registrar-days");
    const char *slash = strrchr(file, '/');
    char beside[CY_HOME_DIR_MAX];

    h->registrar_days = 30;
    if (days != NULL && (!cy_ok(cy_u64_read(cy_span_text(days), &h->registrar_days)) ||
                         h->registrar_days > 36500)) {
        cy_cli_note(h->run, "--registrar-days is a number of days");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (orgs == NULL) {
        (void)snprintf(beside, sizeof beside, "%.*sorganisations.csv",
                       slash == NULL ? 0 : (int)(slash + 1 - file), file);
        orgs = beside;
    }
    CY_TRY(read_table(h, orgs, &h->orgs_csv));
    CY_TRY(read_table(h, file, &h->events_csv));
    CY_TRY(find_columns(h, orgs, file));
    CY_TRY(index_rows(h, orgs, file));
    return write_history(h);
}

int cy_cli_import_csv(struct cy_cli *run)
{
    const char *table = cy_cli_arg(&run->args, "table");
    struct history *h = cy_arena_zero(&run->arena, sizeof *h);
    cy_err err = CY_OK;

    if (h == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    if (table == NULL || strcmp(table, "alliances") != 0 || run->args.n_words != 3)
        return cy_cli_wrong(run, "write: comity import csv --table alliances FILE");
    h->run = run;
    err = import(h, run->args.words[2]);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        (void)cy_cli_print(run, json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:b}", "secretariats",
                                          (json_int_t)h->passports.made, "founded",
                                          (json_int_t)h->founded, "recorded",
                                          (json_int_t)h->recorded, "there", (json_int_t)h->there,
                                          "dissolved", (json_int_t)h->dissolved, "refused",
                                          (json_int_t)h->refused + (json_int_t)h->passports.refused,
                                          "dry_run", (int)run->dry));
    else
        (void)fprintf(run->out,
                      "%s%zu secretariats, %zu alliances founded, %zu events recorded (%zu were "
                      "there), %zu dissolved, %zu refused\n",
                      run->dry ? "would be: " : "", h->passports.made, h->founded, h->recorded,
                      h->there, h->dissolved, h->refused + h->passports.refused);
    return h->refused + h->passports.refused > 0 ? CY_EXIT_REFUSED : CY_EXIT_OK;
}
