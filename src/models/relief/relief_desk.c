#include "models/relief/relief_desk.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES ((size_t)64 << 20)
#define LINES_MAX 4096u /* what one batch sends */

/* --- alerts in --- */

static const char *or_dash(const char *text)
{
    return text == NULL ? "-" : text;
}

static void print_alert(struct cy_desk *desk, const struct cy_cap *cap)
{
    (void)fprintf(desk->out, "%s from %s, sent %s: %s %s, %s\n", cap->identifier, cap->sender,
                  cap->sent, cap->status, cap->kind, cap->scope);
    for (size_t i = 0; i < cap->n_infos; i++) {
        const struct cy_cap_info *info = &cap->infos[i];

        (void)fprintf(desk->out, "%s (%s): %s, %s, %s; from %s until %s\n", info->event,
                      info->categories[0], info->urgency, info->severity, info->certainty,
                      or_dash(info->onset), or_dash(info->expires));
        if (info->headline != NULL)
            (void)fprintf(desk->out, "  %s\n", info->headline);
        for (size_t k = 0; k < info->n_areas; k++)
            (void)fprintf(desk->out, "  area: %s\n", info->areas[k].desc);
    }
}

static json_t *area_json(const struct cy_cap_area *area)
{
    json_t *codes = json_array();
    json_t *shapes = json_array();

    for (size_t i = 0; i < area->n_geocodes; i++)
        (void)json_array_append_new(
            codes, json_pack("{s:s,s:s}", "name", area->names[i], "value", area->values[i]));
    for (size_t i = 0; i < area->n_polygons; i++)
        (void)json_array_append_new(shapes, json_pack("{s:s}", "polygon", area->polygons[i]));
    for (size_t i = 0; i < area->n_circles; i++)
        (void)json_array_append_new(shapes, json_pack("{s:s}", "circle", area->circles[i]));
    return json_pack("{s:s,s:o,s:o}", "area", area->desc, "codes", codes, "shapes", shapes);
}

static json_t *alert_json(const struct cy_cap *cap)
{
    json_t *infos = json_array();

    for (size_t i = 0; i < cap->n_infos; i++) {
        const struct cy_cap_info *info = &cap->infos[i];
        json_t *areas = json_array();

        for (size_t k = 0; k < info->n_areas; k++)
            (void)json_array_append_new(areas, area_json(&info->areas[k]));
        (void)json_array_append_new(
            infos, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s?,s:s?,s:s?,s:o}", "event", info->event,
                             "category", info->categories[0], "urgency", info->urgency, "severity",
                             info->severity, "certainty", info->certainty, "onset", info->onset,
                             "expires", info->expires, "headline", info->headline, "areas", areas));
    }
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "identifier", cap->identifier, "sender",
                     cap->sender, "sent", cap->sent, "status", cap->status, "type", cap->kind,
                     "scope", cap->scope, "infos", infos);
}

/* An act that declares what the alert says; people look at it before they send it. */
static cy_err draft(struct cy_desk *desk, const struct cy_cap *cap, const char *path, FILE *out)
{
    const char *pact = cy_desk_option(desk, "pact");
    const char *kind = cy_desk_option(desk, "kind");
    char area[256] = "";
    struct cy_text text = cy_text_on(area, sizeof area);
    char evidence[600];
    json_t *act = NULL;
    int failed = 0;

    if (pact == NULL || kind == NULL)
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                            "--declare needs the --pact and the --kind of crisis");
    if (strcmp(cap->status, "Actual") != 0 || cap->n_infos == 0 ||
        (strcmp(cap->kind, "Alert") != 0 && strcmp(cap->kind, "Update") != 0))
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "the alert is %s, %s: only an actual alert with information declares "
                            "anything",
                            cap->status, cap->kind);
    for (size_t k = 0; k < cap->infos[0].n_areas; k++) {
        if (text.n + strlen(cap->infos[0].areas[k].desc) + 3 > sizeof area)
            break;
        cy_text_add(&text, k == 0 ? "" : "; ");
        cy_text_add(&text, cap->infos[0].areas[k].desc);
    }
    (void)snprintf(evidence, sizeof evidence, "file:%s", path);
    act = json_pack("{s:s,s:s,s:s,s:s,s:s}", "act", "crisis_declare", "pact", pact, "kind", kind,
                    "area", area[0] == 0 ? cap->infos[0].event : area, "evidence", evidence);
    failed = json_dumpf(act, out, JSON_INDENT(2));
    json_decref(act);
    return failed == 0 && fputc('\n', out) != EOF
               ? CY_OK
               : cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, 0), "the draft");
}

int cy_model_relief_alert(struct cy_desk *desk)
{
    const char *path = cy_desk_word(desk, 0);
    FILE *declare = cy_desk_output(desk, "declare");
    FILE *again = cy_desk_output(desk, "cap");
    struct cy_desk_fault fault = {0};
    struct cy_desk_text text;
    struct cy_cap cap;
    cy_err err = CY_OK;

    if (path == NULL)
        return cy_desk_wrong(desk, "comity relief alert needs a FILE: an alert as CAP 1.2");
    if (!cy_ok(cy_desk_read(desk, path, CY_CAP_FILE_MAX, &text)))
        return cy_desk_code(desk);
    err = cy_cap_read(desk, cy_span_of(text.at, text.n), &cap, &fault);
    if (!cy_ok(err)) {
        (void)cy_desk_refuse(desk, path, &fault);
        return cy_desk_code(desk);
    }
    if (declare != NULL && !cy_ok(draft(desk, &cap, path, declare)))
        return cy_desk_code(desk);
    if (again != NULL && !cy_cap_write(&cap, again))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the alert");
    if (desk->json)
        return cy_desk_print(desk, alert_json(&cap));
    print_alert(desk, &cap);
    return CY_DESK_DONE;
}

/* --- alerts out --- */

/* Milliseconds of a record as the standard writes a time. */
static const char *cap_time(struct cy_desk *desk, const json_t *value)
{
    char *out = cy_desk_take(desk, 32);
    uint64_t ms = 0;
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;

    if (out == NULL)
        return NULL;
    if (json_is_string(value)) {
        if (cy_ok(cy_time_read(cy_span_text(json_string_value(value)), &ms)) ||
            cy_ok(cy_u64_read(cy_span_text(json_string_value(value)), &ms)))
            value = NULL;
    } else if (json_is_integer(value) && json_integer_value(value) > 0) {
        ms = (uint64_t)json_integer_value(value);
        value = NULL;
    }
    if (value != NULL || ms == 0)
        return NULL;
    cy_date_civil(cy_time_date(ms), &year, &month, &day);
    (void)snprintf(out, 32, "%04u-%02u-%02uT%02u:%02u:%02u+00:00", year % 10000, month, day,
                   (unsigned)(ms / 3600000 % 24), (unsigned)(ms / 60000 % 60),
                   (unsigned)(ms / 1000 % 60));
    return out;
}

static const json_t *record_of(const json_t *all, const char *id)
{
    const json_t *items = json_is_array(all) ? all : json_object_get(all, "items");

    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *own = json_string_value(json_object_get(item, "id"));

        if (own != NULL && (id == NULL || strcmp(id, own) == 0))
            return item;
    }
    return NULL;
}

static const char *option_or(const struct cy_desk *desk, const char *name, const char *usual)
{
    const char *value = cy_desk_option(desk, name);

    return value == NULL ? usual : value;
}

static cy_err fill_alert(struct cy_desk *desk, const json_t *record, struct cy_cap *cap)
{
    struct cy_cap_info *info = &cap->infos[0];
    const char *wrong = NULL;

    *cap = (struct cy_cap){.identifier = json_string_value(json_object_get(record, "id")),
                           .sender = cy_desk_option(desk, "sender"),
                           .sent = cap_time(desk, json_object_get(record, "declared")),
                           .status = option_or(desk, "status", "Actual"),
                           .kind = "Alert",
                           .scope = "Public",
                           .n_infos = 1};
    if (cap->sent == NULL)
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "the crisis is called for and not declared yet");
    *info = (struct cy_cap_info){.language = option_or(desk, "language", "en"),
                                 .categories = {option_or(desk, "category", "Other")},
                                 .n_categories = 1,
                                 .event = json_string_value(json_object_get(record, "kind")),
                                 .urgency = option_or(desk, "urgency", "Immediate"),
                                 .severity = option_or(desk, "severity", "Unknown"),
                                 .certainty = option_or(desk, "certainty", "Observed"),
                                 .onset = cap->sent,
                                 .expires = cap_time(desk, json_object_get(record, "until")),
                                 .headline = cy_desk_option(desk, "headline"),
                                 .n_areas = 1};
    info->areas[0].desc = json_string_value(json_object_get(record, "area"));
    wrong = cy_cap_wrong(cap);
    return wrong == NULL ? CY_OK
                         : cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                                        "%s is missing, or not as CAP 1.2 writes it", wrong);
}

int cy_model_relief_publish(struct cy_desk *desk)
{
    const char *path = cy_desk_word(desk, 0);
    FILE *out = cy_desk_output(desk, "cap");
    struct cy_desk_text text;
    json_error_t error;
    json_t *all = NULL;
    const json_t *record = NULL;
    struct cy_cap cap;

    if (path == NULL || cy_desk_option(desk, "sender") == NULL)
        return cy_desk_wrong(desk, "comity relief publish needs a FILE (comity record crisis "
                                   "--json) and the --sender");
    if (!cy_ok(cy_desk_read(desk, path, FILE_MAX_BYTES, &text)))
        return cy_desk_code(desk);
    all = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, &error);
    record = record_of(all, cy_desk_option(desk, "crisis"));
    if (record == NULL)
        (void)cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0), "%s holds no such crisis", path);
    else if (cy_ok(fill_alert(desk, record, &cap))) {
        if (!cy_cap_write(&cap, out == NULL ? desk->out : out))
            (void)cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, 0), "the alert");
        else if (out != NULL)
            (void)fprintf(desk->out, "an alert of %s: %s, %s\n", cap.sender, cap.infos[0].event,
                          cap.infos[0].areas[0].desc);
    }
    json_decref(all);
    return cy_desk_code(desk);
}

/* --- needs --- */

static cy_err write_acts(struct cy_desk *desk, const struct cy_need_table *table, FILE *out)
{
    const char *crisis = cy_desk_option(desk, "crisis");
    json_t *acts = json_array();
    json_t *batch = NULL;
    int failed = 0;

    if (crisis == NULL || table->n == 0 || table->n > LINES_MAX) {
        json_decref(acts);
        return cy_desk_note(desk, cy_fail(crisis == NULL ? CY_E_USAGE : CY_E_MODEL_INPUT, 0),
                            crisis == NULL ? "--acts needs the --crisis"
                                           : "a batch has 1 to 4096 needs");
    }
    for (size_t i = 0; i < table->n; i++) {
        const struct cy_need_row *row = &table->rows[i];
        char day[24] = "";
        struct cy_text text = cy_text_on(day, sizeof day);
        json_t *act = json_pack("{s:s,s:s,s:s,s:I,s:i,s:s,s:I,s:I}", "act", "need_post", "crisis",
                                crisis, "good", row->good, "amount", (json_int_t)row->amount,
                                "priority", (int)row->priority, "place", row->place, "north",
                                (json_int_t)row->north, "east", (json_int_t)row->east);

        if (row->until != 0) {
            cy_date_text(&text, row->until);
            (void)json_object_set_new(act, "by", json_string(day));
        }
        (void)json_array_append_new(acts, act);
    }
    batch = json_pack("{s:s,s:s,s:o}", "act", "batch", "mode", "atomic", "acts", acts);
    failed = json_dumpf(batch, out, JSON_INDENT(1));
    json_decref(batch);
    return failed == 0 && fputc('\n', out) != EOF
               ? CY_OK
               : cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, 0), "the acts");
}

static cy_err read_needs(struct cy_desk *desk, const char *path, struct cy_need_table *out)
{
    const struct cy_need_columns columns = {.place = cy_desk_option(desk, "place"),
                                            .good = cy_desk_option(desk, "good"),
                                            .amount = cy_desk_option(desk, "amount"),
                                            .priority = cy_desk_option(desk, "priority"),
                                            .north = cy_desk_option(desk, "latitude"),
                                            .east = cy_desk_option(desk, "longitude"),
                                            .by = cy_desk_option(desk, "by"),
                                            .where = cy_desk_option(desk, "where")};
    struct cy_desk_fault fault = {0};
    struct cy_desk_text text;
    cy_err err = CY_OK;

    CY_TRY(cy_desk_read(desk, path, FILE_MAX_BYTES, &text));
    err = text.n > 0 && (text.at[0] == '{' || text.at[0] == '[')
              ? cy_need_table_json(desk, text, false, out, &fault)
              : cy_need_table_hxl(desk, text, &columns, out, &fault);
    if (!cy_ok(err) && cy_ok(desk->failed))
        return cy_desk_refuse(desk, path, &fault);
    return err;
}

int cy_model_relief_needs(struct cy_desk *desk)
{
    const char *path = cy_desk_word(desk, 0);
    FILE *acts = cy_desk_output(desk, "acts");
    FILE *hxl = cy_desk_output(desk, "hxl");
    struct cy_need_table table;
    cy_u128 sum = 0;
    char text[CY_U128_TEXT];

    if (path == NULL)
        return cy_desk_wrong(desk, "comity relief needs needs a FILE: a table with hashtags, or "
                                   "what comity record need --json prints");
    if (!cy_ok(read_needs(desk, path, &table)))
        return cy_desk_code(desk);
    if (acts != NULL && !cy_ok(write_acts(desk, &table, acts)))
        return cy_desk_code(desk);
    if (hxl != NULL && !cy_need_table_write(&table, hxl))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the table");
    for (size_t i = 0; i < table.n; i++)
        sum += table.rows[i].amount;
    cy_u128_text(sum, text);
    if (desk->json)
        return cy_desk_print(desk,
                             json_pack("{s:I,s:s}", "needs", (json_int_t)table.n, "units", text));
    for (size_t i = 0; i < table.n && i < 20; i++)
        (void)fprintf(desk->out, "%-15s %-32s %16llu  priority %u\n", table.rows[i].good,
                      table.rows[i].place, (unsigned long long)table.rows[i].amount,
                      table.rows[i].priority);
    (void)fprintf(desk->out, "%zu needs, %s units in all\n", table.n, text);
    return CY_DESK_DONE;
}

/* --- a plan --- */

struct line {
    size_t stock;
    size_t need;
    int64_t cost;
};

struct plan {
    struct cy_need_table stocks;
    struct cy_need_table needs;
    struct line *lines;
    size_t n_lines;
    json_t *holdings; /* NULL: mandates are not looked at */
};

static int by_id(const void *a, const void *b)
{
    const struct cy_need_row *x = a;
    const struct cy_need_row *y = b;

    return strcmp(x->id, y->id);
}

/* How far two places are from one another: thousandths of a degree along both, the shorter way
 * round. It orders ways, and pretends to no more. */
static int64_t distance(const struct cy_need_row *a, const struct cy_need_row *b)
{
    const int64_t north = (int64_t)a->north - (int64_t)b->north;
    int64_t east = (int64_t)a->east - (int64_t)b->east;

    if (east < 0)
        east = -east;
    if (east > 180000000)
        east = 360000000 - east;
    return ((north < 0 ? -north : north) + east) / 1000;
}

static bool suits(const struct cy_need_row *stock, const struct cy_need_row *need, cy_date day)
{
    return strcmp(stock->good, need->good) == 0 && strcmp(stock->owner, need->owner) != 0 &&
           (stock->until == 0 || day < stock->until) && (need->until == 0 || day <= need->until);
}

static cy_err draw_lines(struct cy_desk *desk, struct plan *plan, cy_date day)
{
    plan->lines = cy_desk_take(desk, LINES_MAX * sizeof *plan->lines);
    if (plan->lines == NULL)
        return desk->failed;
    for (size_t s = 0; s < plan->stocks.n; s++) {
        for (size_t n = 0; n < plan->needs.n; n++) {
            const struct cy_need_row *stock = &plan->stocks.rows[s];
            const struct cy_need_row *need = &plan->needs.rows[n];

            if (!suits(stock, need, day))
                continue;
            if (plan->n_lines == LINES_MAX)
                return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                                    "more than %u lines: plan for one good, or one crisis, at a "
                                    "time (--good, --crisis)",
                                    LINES_MAX);
            plan->lines[plan->n_lines++] = (struct line){
                s, n, distance(stock, need) - INT64_C(1000000) * (10 - (int64_t)need->priority)};
        }
    }
    return plan->n_lines > 0
               ? CY_OK
               : cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0), "no stock suits any need");
}

static uint64_t field_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    uint64_t out = 0;

    if (json_is_string(value))
        return cy_ok(cy_u64_read(cy_span_text(json_string_value(value)), &out)) ? out : 0;
    return json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
}

static bool same_text(const json_t *object, const char *name, const char *text)
{
    const char *own = json_string_value(json_object_get(object, name));

    return own != NULL && strcmp(own, text) == 0;
}

/* What the owner's mandate still allows; how the ledger counts it stands in SPEC/crisis.md. */
static uint64_t allowance(const struct plan *plan, const char *crisis, const char *owner,
                          const char *good, cy_date day)
{
    const json_t *items =
        json_is_array(plan->holdings) ? plan->holdings : json_object_get(plan->holdings, "items");

    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *h = json_array_get(items, i);
        const char *until = json_string_value(json_object_get(h, "until"));
        const bool turned = same_text(h, "crisis", crisis);
        const uint64_t base = field_of(h, turned ? "base" : "held");
        const uint64_t sent = turned ? field_of(h, "sent") : 0;
        cy_u128 most = (cy_u128)base * field_of(h, "ppm") / 1000000u;
        cy_date last = 0;

        if (!same_text(h, "party", owner) || !same_text(h, "good", good))
            continue;
        if (until == NULL || !cy_ok(cy_date_read(cy_span_text(until), &last)) || last < day)
            return 0;
        if (most > field_of(h, "most"))
            most = field_of(h, "most");
        return most > sent ? (uint64_t)most - sent : 0;
    }
    return 0;
}

/* The first stock of the same owner and good: it stands for the row of their mandate. */
static size_t mandate_row(const struct plan *plan, size_t stock)
{
    for (size_t s = 0; s < stock; s++) {
        if (strcmp(plan->stocks.rows[s].owner, plan->stocks.rows[stock].owner) == 0 &&
            strcmp(plan->stocks.rows[s].good, plan->stocks.rows[stock].good) == 0)
            return s;
    }
    return stock;
}

static void write_mps(const struct plan *plan, cy_date day, FILE *out)
{
    const bool mandates = plan->holdings != NULL;

    (void)fputs("NAME RELIEF\nROWS\n N COST\n", out);
    for (size_t s = 0; s < plan->stocks.n; s++)
        (void)fprintf(out, " L S%zu\n", s);
    for (size_t n = 0; n < plan->needs.n; n++)
        (void)fprintf(out, " L N%zu\n", n);
    for (size_t s = 0; mandates && s < plan->stocks.n; s++) {
        if (mandate_row(plan, s) == s)
            (void)fprintf(out, " L M%zu\n", s);
    }
    (void)fputs("COLUMNS\n", out);
    for (size_t i = 0; i < plan->n_lines; i++) {
        const struct line *line = &plan->lines[i];

        (void)fprintf(out, " X%04zu COST %lld S%zu 1\n", i, (long long)line->cost, line->stock);
        if (mandates)
            (void)fprintf(out, " X%04zu N%zu 1 M%zu 1\n", i, line->need,
                          mandate_row(plan, line->stock));
        else
            (void)fprintf(out, " X%04zu N%zu 1\n", i, line->need);
    }
    (void)fputs("RHS\n", out);
    for (size_t s = 0; s < plan->stocks.n; s++)
        (void)fprintf(out, " R S%zu %llu\n", s, (unsigned long long)plan->stocks.rows[s].amount);
    for (size_t n = 0; n < plan->needs.n; n++)
        (void)fprintf(out, " R N%zu %llu\n", n, (unsigned long long)plan->needs.rows[n].amount);
    for (size_t s = 0; mandates && s < plan->stocks.n; s++) {
        if (mandate_row(plan, s) == s)
            (void)fprintf(out, " R M%zu %llu\n", s,
                          (unsigned long long)allowance(plan, plan->needs.rows[0].crisis,
                                                        plan->stocks.rows[s].owner,
                                                        plan->stocks.rows[s].good, day));
    }
    (void)fputs("ENDATA\n", out);
}

static void write_lines(const struct plan *plan, FILE *out)
{
    (void)fputs("column,stock,need,good,place\r\n", out);
    for (size_t i = 0; i < plan->n_lines; i++) {
        const struct line *line = &plan->lines[i];

        (void)fprintf(out, "%zu,%s,%s,", i, plan->stocks.rows[line->stock].id,
                      plan->needs.rows[line->need].id);
        cy_hxl_field(out, plan->stocks.rows[line->stock].good, ',');
        cy_hxl_field(out, plan->needs.rows[line->need].place, '\r');
        (void)fputc('\n', out);
    }
}

/* Keeps rows of the good and the crisis asked for, in the order of their ids. */
static void choose(struct cy_need_table *table, const char *good, const char *crisis)
{
    size_t kept = 0;

    for (size_t i = 0; i < table->n; i++) {
        const struct cy_need_row *row = &table->rows[i];

        if ((good == NULL || strcmp(good, row->good) == 0) &&
            (crisis == NULL || strcmp(crisis, row->crisis) == 0))
            table->rows[kept++] = *row;
    }
    table->n = kept;
    if (kept > 1)
        qsort(table->rows, kept, sizeof *table->rows, by_id);
}

static cy_err read_records(struct cy_desk *desk, const char *path, bool stocks,
                           struct cy_need_table *out)
{
    struct cy_desk_fault fault = {0};
    struct cy_desk_text text;
    cy_err err = CY_OK;

    CY_TRY(cy_desk_read(desk, path, FILE_MAX_BYTES, &text));
    err = cy_need_table_json(desk, text, stocks, out, &fault);
    if (!cy_ok(err) && cy_ok(desk->failed))
        return cy_desk_refuse(desk, path, &fault);
    return err;
}

static cy_err read_plan(struct cy_desk *desk, struct plan *plan)
{
    const char *good = cy_desk_option(desk, "good");
    const char *holdings = cy_desk_option(desk, "holdings");
    struct cy_desk_text text;
    json_error_t error;

    CY_TRY(read_records(desk, cy_desk_word(desk, 0), true, &plan->stocks));
    CY_TRY(read_records(desk, cy_desk_word(desk, 1), false, &plan->needs));
    choose(&plan->stocks, good, NULL);
    choose(&plan->needs, good, cy_desk_option(desk, "crisis"));
    for (size_t i = 1; i < plan->needs.n; i++) {
        if (strcmp(plan->needs.rows[i].crisis, plan->needs.rows[0].crisis) != 0)
            return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                                "the needs are of several crises: say which with --crisis");
    }
    if (holdings == NULL)
        return CY_OK;
    CY_TRY(cy_desk_read(desk, holdings, FILE_MAX_BYTES, &text));
    plan->holdings = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, &error);
    return plan->holdings != NULL
               ? CY_OK
               : cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0), "%s is no JSON", holdings);
}

int cy_model_relief_plan(struct cy_desk *desk)
{
    const char *as_of = cy_desk_option(desk, "day");
    FILE *mps = cy_desk_output(desk, "mps");
    FILE *lines = cy_desk_output(desk, "lines");
    struct plan plan = {0};
    cy_date day = 0;

    if (cy_desk_word(desk, 1) == NULL || mps == NULL || lines == NULL || as_of == NULL ||
        !cy_ok(cy_date_read(cy_span_text(as_of), &day)))
        return cy_desk_wrong(desk, "comity relief plan needs STOCKS, NEEDS, --mps, --lines and "
                                   "--day YYYY-MM-DD");
    if (!cy_ok(read_plan(desk, &plan)) || !cy_ok(draw_lines(desk, &plan, day))) {
        json_decref(plan.holdings);
        return cy_desk_code(desk);
    }
    write_mps(&plan, day, mps);
    write_lines(&plan, lines);
    json_decref(plan.holdings);
    if (ferror(mps) != 0 || ferror(lines) != 0)
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the plan");
    if (desk->json)
        return cy_desk_print(desk, json_pack("{s:I,s:I,s:I}", "stocks", (json_int_t)plan.stocks.n,
                                             "needs", (json_int_t)plan.needs.n, "lines",
                                             (json_int_t)plan.n_lines));
    (void)fprintf(desk->out, "%zu stocks, %zu needs, %zu lines between them\n", plan.stocks.n,
                  plan.needs.n, plan.n_lines);
    return CY_DESK_DONE;
}
