#include "models/relief/need_table.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

/* --- cells --- */

/* Degrees with at most six digits behind the point, as millionths above -limit. */
static bool read_degrees(const char *text, uint32_t limit, uint32_t *out)
{
    const bool minus = *text == '-';
    uint64_t whole = 0;
    uint64_t part = 0;
    uint64_t unit = 100000;
    uint64_t all = 0;

    text += *text == '-' || *text == '+';
    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9' && whole < 1000; text++)
        whole = whole * 10 + (uint64_t)(*text - '0');
    if (*text == '.') {
        for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
            part += unit * (uint64_t)(*text - '0'); /* digits past the sixth count nothing */
    }
    all = whole * 1000000 + part;
    if (*text != 0 || all > (uint64_t)limit * 1000000)
        return false;
    *out = (uint32_t)(minus ? (uint64_t)limit * 1000000 - all : (uint64_t)limit * 1000000 + all);
    return true;
}

static size_t pick(const struct cy_hxl *hxl, const char *asked, const char *const *usual)
{
    if (asked != NULL)
        return cy_hxl_column(hxl, asked);
    for (; *usual != NULL; usual++) {
        const size_t column = cy_hxl_column(hxl, *usual);

        if (column != SIZE_MAX)
            return column;
    }
    return SIZE_MAX;
}

static const char *cell(const struct cy_hxl *hxl, size_t row, size_t column)
{
    return column == SIZE_MAX ? "" : cy_csv_cell(&hxl->csv, row, column);
}

struct columns {
    size_t place;
    size_t good;
    size_t amount;
    size_t priority;
    size_t north;
    size_t east;
    size_t by;
    size_t where;
    const char *value;
};

static cy_err find_columns(struct cy_desk *desk, const struct cy_hxl *hxl,
                           const struct cy_need_columns *asked, struct columns *out,
                           struct cy_desk_fault *fault)
{
    static const char *const place[] = {"#loc+name", "#adm3",    "#adm2", "#adm1",
                                        "#loc",      "#country", NULL};
    static const char *const good[] = {"#item+code", "#item", "#sector+code", "#sector", NULL};
    static const char *const amount[] = {"#item+num", "#inneed", "#targeted", "#affected", NULL};
    static const char *const priority[] = {"#severity", NULL};
    static const char *const north[] = {"#geo+lat", NULL};
    static const char *const east[] = {"#geo+lon", NULL};
    static const char *const by[] = {"#date+end", "#date", NULL};
    const char *equals = asked->where == NULL ? NULL : strchr(asked->where, '=');

    *out = (struct columns){.place = pick(hxl, asked->place, place),
                            .good = pick(hxl, asked->good, good),
                            .amount = pick(hxl, asked->amount, amount),
                            .priority = pick(hxl, asked->priority, priority),
                            .north = pick(hxl, asked->north, north),
                            .east = pick(hxl, asked->east, east),
                            .by = pick(hxl, asked->by, by),
                            .where = SIZE_MAX};
    if (out->place == SIZE_MAX || out->good == SIZE_MAX || out->amount == SIZE_MAX)
        return cy_desk_at(
            fault, 1, 1, "there is no column of %s: name it with --%s, as a hashtag or by its name",
            out->place == SIZE_MAX  ? "places"
            : out->good == SIZE_MAX ? "goods"
                                    : "amounts",
            out->place == SIZE_MAX  ? "place"
            : out->good == SIZE_MAX ? "good"
                                    : "amount");
    if (asked->where == NULL)
        return CY_OK;
    if (equals != NULL) {
        char *name = cy_desk_take(desk, (size_t)(equals - asked->where) + 1);

        if (name == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        memcpy(name, asked->where, (size_t)(equals - asked->where));
        out->where = cy_hxl_column(hxl, name);
        out->value = equals + 1;
    }
    return out->where != SIZE_MAX
               ? CY_OK
               : cy_desk_at(fault, 1, 1, "--where needs COLUMN=VALUE of a column that is there");
}

static cy_err read_row(const struct cy_hxl *hxl, size_t i, const struct columns *c,
                       struct cy_need_row *row, struct cy_desk_fault *fault)
{
    const uint32_t line = hxl->csv.lines[i];
    const char *amount = cell(hxl, i, c->amount);
    const char *priority = cell(hxl, i, c->priority);
    const char *by = cell(hxl, i, c->by);

    *row = (struct cy_need_row){.id = "",
                                .owner = "",
                                .crisis = "",
                                .good = cell(hxl, i, c->good),
                                .place = cell(hxl, i, c->place),
                                .priority = 5,
                                .line = line};
    if (amount[0] == 0)
        return CY_OK;
    if (!cy_ok(cy_u64_read(cy_span_text(amount), &row->amount)) || row->amount > CY_NEED_AMOUNT_MAX)
        return cy_desk_at(fault, line, 0, "%.40s is no amount: write a whole number", amount);
    if (row->amount == 0)
        return CY_OK;
    if (strlen(row->good) == 0 || strlen(row->good) > 15)
        return cy_desk_at(fault, line, 0, "a good is a word of 1 to 15 bytes");
    if (strlen(row->place) == 0 || strlen(row->place) > 255)
        return cy_desk_at(fault, line, 0, "a place is a text of 1 to 255 bytes");
    if (priority[0] != 0) {
        if (priority[0] < '1' || priority[0] > '9' || priority[1] != 0)
            return cy_desk_at(fault, line, 0, "a priority is 1 (most urgent) to 9");
        row->priority = (uint8_t)(priority[0] - '0');
    }
    if (by[0] != 0 && !cy_ok(cy_date_read(cy_span_text(by), &row->until)))
        return cy_desk_at(fault, line, 0, "%.20s is no day: write 2026-11-20", by);
    row->placed = cell(hxl, i, c->north)[0] != 0 || cell(hxl, i, c->east)[0] != 0;
    if (row->placed && (!read_degrees(cell(hxl, i, c->north), 90, &row->north) ||
                        !read_degrees(cell(hxl, i, c->east), 180, &row->east)))
        return cy_desk_at(fault, line, 0, "latitude and longitude are degrees: -12.5, 30.25");
    return CY_OK;
}

cy_err cy_need_table_hxl(struct cy_desk *desk, struct cy_desk_text text,
                         const struct cy_need_columns *asked, struct cy_need_table *out,
                         struct cy_desk_fault *fault)
{
    struct cy_hxl hxl;
    struct columns columns;

    *out = (struct cy_need_table){0};
    CY_TRY(cy_hxl_read(desk, text, &hxl, fault));
    CY_TRY(find_columns(desk, &hxl, asked, &columns, fault));
    if (hxl.csv.n_rows > CY_NEED_ROWS_MAX)
        return cy_desk_at(fault, 1, 1, "more than %u rows", CY_NEED_ROWS_MAX);
    out->rows = cy_desk_take(desk, (hxl.csv.n_rows + 1) * sizeof *out->rows);
    if (out->rows == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = hxl.first; i < hxl.csv.n_rows; i++) {
        if (columns.where != SIZE_MAX && strcmp(cell(&hxl, i, columns.where), columns.value) != 0)
            continue;
        CY_TRY(read_row(&hxl, i, &columns, &out->rows[out->n], fault));
        out->n += out->rows[out->n].amount > 0;
    }
    return CY_OK;
}

/* --- records --- */

static const char *text_in(struct cy_desk *desk, const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    char *kept = NULL;

    if (text == NULL)
        return "";
    kept = cy_desk_take(desk, strlen(text) + 1);
    if (kept == NULL)
        return "";
    memcpy(kept, text, strlen(text));
    return kept;
}

/* Big numbers stand as texts. */
static uint64_t number_in(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    uint64_t out = 0;

    if (json_is_string(value) && cy_ok(cy_u64_read(cy_span_text(json_string_value(value)), &out)))
        return out;
    return json_is_integer(value) && json_integer_value(value) > 0
               ? (uint64_t)json_integer_value(value)
               : 0;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static bool record_row(struct cy_desk *desk, const json_t *object, bool stocks,
                       struct cy_need_row *row)
{
    const char *day = json_string_value(json_object_get(object, stocks ? "expires" : "by"));
    const uint64_t amount = number_in(object, "amount");

    *row = (struct cy_need_row){.id = text_in(desk, object, "id"),
                                .owner = text_in(desk, object, "owner"),
                                .crisis = text_in(desk, object, "crisis"),
                                .good = text_in(desk, object, "good"),
                                .place = text_in(desk, object, "place"),
                                .north = (uint32_t)number_in(object, "north"),
                                .east = (uint32_t)number_in(object, "east"),
                                .placed = true,
                                .priority = (uint8_t)number_in(object, "priority")};
    row->amount = less(less(amount, number_in(object, "promised")),
                       number_in(object, stocks ? "pledged" : "received"));
    if (day != NULL && !cy_ok(cy_date_read(cy_span_text(day), &row->until)))
        return false;
    if (strlen(row->id) != 64 || row->good[0] == 0 || row->amount > CY_NEED_AMOUNT_MAX ||
        row->north > 180000000 || row->east > 360000000)
        return false;
    if (!stocks && (row->priority < 1 || row->priority > 9))
        return false;
    if (json_is_true(json_object_get(object, "closed")))
        row->amount = 0;
    return true;
}

cy_err cy_need_table_json(struct cy_desk *desk, struct cy_desk_text text, bool stocks,
                          struct cy_need_table *out, struct cy_desk_fault *fault)
{
    json_error_t error;
    json_t *all = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, &error);
    const json_t *items = json_is_array(all) ? all : json_object_get(all, "items");
    cy_err err = CY_OK;

    *out = (struct cy_need_table){0};
    if (!json_is_array(items))
        err = cy_desk_at(fault, all == NULL ? (uint32_t)error.line : 1, 0,
                         "no list of records: write what comity record %s --json prints",
                         stocks ? "stock" : "need");
    if (cy_ok(err) && json_array_size(items) > CY_NEED_ROWS_MAX)
        err = cy_desk_at(fault, 1, 1, "more than %u rows", CY_NEED_ROWS_MAX);
    if (cy_ok(err)) {
        out->rows = cy_desk_take(desk, (json_array_size(items) + 1) * sizeof *out->rows);
        err = out->rows == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;
    }
    for (size_t i = 0; cy_ok(err) && i < json_array_size(items); i++) {
        if (!record_row(desk, json_array_get(items, i), stocks, &out->rows[out->n]))
            err = cy_desk_at(fault, 0, 0, "record %zu is none of a %s", i + 1,
                             stocks ? "stock" : "need");
        else
            out->n += out->rows[out->n].amount > 0;
    }
    json_decref(all);
    return err;
}

/* --- out --- */

static void put_degrees(FILE *out, uint32_t value, uint32_t limit, char end)
{
    const int64_t v = (int64_t)value - (int64_t)limit * 1000000;
    const uint64_t size = (uint64_t)(v < 0 ? -v : v);

    (void)fprintf(out, "%s%u.%06u%c", v < 0 ? "-" : "", (unsigned)(size / 1000000),
                  (unsigned)(size % 1000000), end);
}

bool cy_need_table_write(const struct cy_need_table *table, FILE *out)
{
    (void)fputs("Place,Good,Amount,Priority,Latitude,Longitude,Needed by\r\n"
                "#loc+name,#item,#item+num,#severity,#geo+lat,#geo+lon,#date+end\r\n",
                out);
    for (size_t i = 0; i < table->n; i++) {
        const struct cy_need_row *row = &table->rows[i];
        char day[24] = "";
        struct cy_text text = cy_text_on(day, sizeof day);

        cy_hxl_field(out, row->place, ',');
        cy_hxl_field(out, row->good, ',');
        (void)fprintf(out, "%llu,%u,", (unsigned long long)row->amount, row->priority);
        if (row->placed) {
            put_degrees(out, row->north, 90, ',');
            put_degrees(out, row->east, 180, ',');
        } else
            (void)fputs(",,", out);
        if (row->until != 0)
            cy_date_text(&text, row->until);
        (void)fprintf(out, "%s\r\n", day);
    }
    return ferror(out) == 0;
}
