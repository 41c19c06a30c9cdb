#include "models/grid/grid_rules.h"

#include "base/text.h"

#include <stdlib.h>

enum { LINE_MAX_BYTES = 4000, WORDS_MAX = 600, NONE = 255, GROUPS_MAX = 64 };

/* --- plain --- */

cy_err cy_grid_rules_plain(struct cy_desk *desk, const struct cy_grid_case *grid,
                           struct cy_grid_rules *out)
{
    *out = (struct cy_grid_rules){.n_periods = 1};
    out->class_of = cy_desk_take(desk, grid->n_generators + 1);
    out->shed_price = cy_desk_take(desk, grid->n_buses * sizeof *out->shed_price);
    out->shed_rise = cy_desk_take(desk, grid->n_buses * sizeof *out->shed_rise);
    out->periods = cy_desk_take(desk, sizeof *out->periods);
    out->loads = cy_desk_take(desk, grid->n_buses * sizeof *out->loads);
    out->mosts = cy_desk_take(desk, (grid->n_generators + 1) * sizeof *out->mosts);
    if (out->class_of == NULL || out->shed_price == NULL || out->shed_rise == NULL ||
        out->periods == NULL || out->loads == NULL || out->mosts == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    out->periods[0] = (struct cy_grid_period){.name = "1", .hours = CY_GRID_SCALE};
    memset(out->class_of, NONE, grid->n_generators + 1);
    for (uint32_t b = 0; b < grid->n_buses; b++) {
        out->loads[b] = grid->buses[b].load;
        out->shed_price[b] = -1;
    }
    for (uint32_t g = 0; g < grid->n_generators; g++)
        out->mosts[g] = grid->generators[g].most;
    return CY_OK;
}

/* A decimal of 0 or more in whole units. */
static bool fixed(const char *text, int64_t units, int64_t *out)
{
    bool good = false;
    mpq_t v;

    mpq_init(v);
    good = cy_lp_read_number(text, v) && mpq_sgn(v) >= 0 && cy_grid_fixed(v, units, out);
    mpq_clear(v);
    return good;
}

/* --- the charter --- */

/* Buses of a group, one bit a group. */
struct groups {
    char names[GROUPS_MAX][CY_GRID_WORD];
    uint32_t n;
    struct {
        uint32_t group;
        uint32_t bus;
    } members[WORDS_MAX * 4];
    uint32_t n_members;
};

struct reader {
    const struct cy_grid_case *grid;
    struct cy_grid_rules *rules;
    struct cy_desk_fault *fault;
    struct groups *groups;
    char text[LINE_MAX_BYTES];
    char *words[WORDS_MAX];
    size_t n;
    uint32_t line;
    bool merit;
};

static cy_err wrong(const struct reader *r, const char *word, const char *what)
{
    return cy_desk_at(r->fault, r->line, word == NULL ? 0 : (uint32_t)(word - r->text) + 1, "%s",
                      what);
}

static uint32_t class_find(const struct cy_grid_rules *rules, const char *name)
{
    for (uint32_t i = 0; i < rules->n_classes; i++) {
        if (strcmp(rules->classes[i], name) == 0)
            return i;
    }
    return CY_LP_NONE;
}

static bool good_name(const char *name)
{
    return strlen(name) < CY_GRID_WORD && strcmp(name, "all") != 0 && strcmp(name, "step") != 0 &&
           cy_ok(cy_utf8_check(cy_span_text(name)));
}

static bool number_of(const char *word, uint32_t *out)
{
    uint64_t v = 0;

    if (!cy_ok(cy_u64_read(cy_span_text(word), &v)) || v == 0 || v > INT32_MAX)
        return false;
    *out = (uint32_t)v;
    return true;
}

static cy_err read_class(struct reader *r)
{
    struct cy_grid_rules *rules = r->rules;

    if (r->n < 3 || !good_name(r->words[1]) || class_find(rules, r->words[1]) != CY_LP_NONE)
        return wrong(r, r->words[0], "class NAME GENERATOR...: a new name, and rows of mpc.gen");
    if (rules->n_classes == CY_GRID_CLASSES_MAX)
        return wrong(r, r->words[0], "at most 32 classes");
    (void)snprintf(rules->classes[rules->n_classes], CY_GRID_WORD, "%s", r->words[1]);
    rules->place[rules->n_classes] = CY_LP_NONE;
    for (size_t w = 2; w < r->n; w++) {
        uint32_t number = 0;
        uint32_t at = 0;

        if (!number_of(r->words[w], &number))
            return wrong(r, r->words[w], "the row of a generator in mpc.gen, from 1, stands here");
        while (at < r->grid->n_generators && r->grid->generators[at].number != number)
            at++;
        if (at == r->grid->n_generators)
            return wrong(r, r->words[w], "no generator in service has this row");
        if (rules->class_of[at] != NONE)
            return wrong(r, r->words[w], "this generator has a class already");
        rules->class_of[at] = (uint8_t)rules->n_classes;
    }
    rules->n_classes++;
    return CY_OK;
}

static cy_err read_merit(struct reader *r)
{
    uint32_t place = 0;

    if (r->merit || r->n < 4 || strcmp(r->words[r->n - 2], "step") != 0 ||
        !fixed(r->words[r->n - 1], CY_GRID_MONEY, &r->rules->step))
        return wrong(r, r->words[0], "merit CLASS... step MONEY, once");
    r->merit = true;
    for (size_t w = 1; w + 2 < r->n; w++) {
        const uint32_t at = class_find(r->rules, r->words[w]);

        if (at == CY_LP_NONE || r->rules->place[at] != CY_LP_NONE)
            return wrong(r, r->words[w], "a class that was named above, once, stands here");
        r->rules->place[at] = place++;
    }
    return CY_OK;
}

static cy_err read_group(struct reader *r)
{
    struct groups *groups = r->groups;

    if (r->n < 3 || !good_name(r->words[1]) || groups->n == GROUPS_MAX)
        return wrong(r, r->words[0], "group NAME BUS...; at most 64 groups");
    (void)snprintf(groups->names[groups->n], CY_GRID_WORD, "%s", r->words[1]);
    for (size_t w = 2; w < r->n; w++) {
        uint32_t number = 0;
        uint32_t bus = CY_LP_NONE;

        if (number_of(r->words[w], &number))
            bus = cy_grid_bus_find(r->grid, number);
        if (bus == CY_LP_NONE)
            return wrong(r, r->words[w], "no bus in service has this number");
        if (groups->n_members == CY_COUNT(groups->members))
            return wrong(r, r->words[w], "too many members of groups");
        groups->members[groups->n_members].group = groups->n;
        groups->members[groups->n_members++].bus = bus;
    }
    groups->n++;
    return CY_OK;
}

static cy_err read_shed(struct reader *r)
{
    const bool evenly = r->n == 5 && strcmp(r->words[3], "evenly") == 0;
    struct cy_grid_rules *rules = r->rules;
    int64_t price = 0;
    int64_t rise = 0;
    uint32_t group = 0;

    if ((r->n != 3 && !evenly) || !fixed(r->words[2], CY_GRID_MONEY, &price) ||
        (evenly && !fixed(r->words[4], CY_GRID_MONEY, &rise)))
        return wrong(r, r->words[0], "shed GROUP MONEY, or shed GROUP MONEY evenly MONEY");
    while (group < r->groups->n && strcmp(r->groups->names[group], r->words[1]) != 0)
        group++;
    if (strcmp(r->words[1], "all") == 0) {
        for (uint32_t b = 0; b < r->grid->n_buses; b++) {
            rules->shed_price[b] = price;
            rules->shed_rise[b] = rise;
        }
        return CY_OK;
    }
    if (group == r->groups->n)
        return wrong(r, r->words[1], "a group that was named above, or all, stands here");
    for (uint32_t m = 0; m < r->groups->n_members; m++) {
        if (r->groups->members[m].group == group) {
            rules->shed_price[r->groups->members[m].bus] = price;
            rules->shed_rise[r->groups->members[m].bus] = rise;
        }
    }
    return CY_OK;
}

static cy_err read_text(struct reader *r, struct cy_span line, char *out, size_t room)
{
    const size_t from = (size_t)(r->words[1] - r->text);

    if (line.n - from >= room || !cy_ok(cy_utf8_check(line)))
        return wrong(r, r->words[1], "this text is too long, or not UTF-8");
    (void)snprintf(out, room, "%.*s", (int)(line.n - from), (const char *)line.at + from);
    return CY_OK;
}

static cy_err read_line(struct reader *r, struct cy_span line)
{
    static const struct {
        const char *word;
        cy_err (*read)(struct reader *);
    } lines[] = {
        {"class", read_class},
        {"merit", read_merit},
        {"group", read_group},
        {"shed",  read_shed },
    };

    if (strcmp(r->words[0], "title") == 0 && r->n > 1)
        return read_text(r, line, r->rules->title, sizeof r->rules->title);
    if (strcmp(r->words[0], "office") == 0 && r->n > 1)
        return read_text(r, line, r->rules->office, sizeof r->rules->office);
    for (size_t i = 0; i < CY_COUNT(lines); i++) {
        if (strcmp(r->words[0], lines[i].word) == 0)
            return lines[i].read(r);
    }
    return wrong(r, r->words[0], "a line begins with title, office, class, merit, group or shed");
}

/* Takes a line apart into words; a remark and blanks are none. */
static bool cut(struct reader *r, struct cy_span *line)
{
    char *at = r->text;

    while (line->n > 0 && (line->at[line->n - 1] == '\r' || line->at[line->n - 1] == ' '))
        line->n--;
    r->n = 0;
    if (line->n >= sizeof r->text)
        return false;
    memcpy(r->text, line->at, line->n);
    r->text[line->n] = 0;
    while (*at != 0 && *at != '#') {
        at += strspn(at, " \t");
        if (*at == 0 || *at == '#')
            break;
        if (r->n == WORDS_MAX)
            return false;
        r->words[r->n++] = at;
        at += strcspn(at, " \t");
        if (*at != 0)
            *at++ = 0;
    }
    return true;
}

static cy_err read_charter(struct reader *r, struct cy_span text)
{
    struct cy_span line;
    bool headed = false;

    while (cy_line_next(&text, &line)) {
        r->line++;
        if (!cut(r, &line))
            return wrong(r, NULL, "this line is too long");
        if (r->n == 0)
            continue;
        if (!headed) {
            headed = r->n == 4 && strcmp(r->words[0], "comity") == 0 &&
                     strcmp(r->words[1], "grid") == 0 && strcmp(r->words[2], "charter") == 0 &&
                     strcmp(r->words[3], "1") == 0;
            if (!headed)
                return wrong(r, NULL, "a charter begins with: comity grid charter 1");
            continue;
        }
        CY_TRY(read_line(r, line));
    }
    if (!headed)
        return cy_desk_at(r->fault, 1, 0, "a charter begins with: comity grid charter 1");
    return r->rules->office[0] != 0
               ? CY_OK
               : cy_desk_at(r->fault, 0, 0, "no office answers for it: add a line office NAME");
}

cy_err cy_grid_charter_read(const struct cy_grid_case *grid, struct cy_span text,
                            struct cy_grid_rules *rules, struct cy_desk_fault *fault)
{
    struct reader *r = cy_lp_alloc(1, sizeof *r);
    cy_err e;

    r->groups = cy_lp_alloc(1, sizeof *r->groups);
    r->grid = grid;
    r->rules = rules;
    r->fault = fault;
    e = read_charter(r, text);
    free(r->groups);
    free(r);
    return e;
}

/* --- periods --- */

static cy_err bad_cell(const struct cy_csv *csv, size_t row, struct cy_desk_fault *fault,
                       const char *column, const char *what)
{
    return cy_desk_at(fault, csv->lines[row], 0, "%s: %s", column, what);
}

static int64_t times(int64_t amount, int64_t factor)
{
    const cy_grid_wide product = (cy_grid_wide)amount * factor;
    const cy_grid_wide half = CY_GRID_SCALE / 2;

    return (int64_t)((product + (product < 0 ? -half : half)) / CY_GRID_SCALE);
}

struct period_table {
    const struct cy_grid_case *grid;
    const struct cy_csv *csv;
    struct cy_grid_rules *rules;
    struct cy_desk_fault *fault;
    size_t name;
    size_t hours;
    size_t load;
};

/* A factor from 0 to 10. */
static cy_err factor_of(const struct period_table *t, size_t row, size_t column, int64_t *out)
{
    if (!fixed(cy_csv_cell(t->csv, row, column), CY_GRID_SCALE, out) ||
        *out > 10 * (int64_t)CY_GRID_SCALE)
        return bad_cell(t->csv, row, t->fault, t->csv->columns[column],
                        "a factor from 0 to 10 stands here");
    return CY_OK;
}

/* bus:N or gen:N. */
static cy_err single(const struct period_table *t, size_t row, size_t column)
{
    const struct cy_grid_case *grid = t->grid;
    const char *head = t->csv->columns[column];
    uint32_t number = 0;
    uint32_t at = 0;
    int64_t factor = 0;

    CY_TRY(factor_of(t, row, column, &factor));
    if (!number_of(head + 4, &number))
        return bad_cell(t->csv, row, t->fault, head, "bus:N or gen:N is expected in the heading");
    if (head[0] == 'b') {
        at = cy_grid_bus_find(grid, number);
        if (at == CY_LP_NONE)
            return bad_cell(t->csv, row, t->fault, head, "no bus in service has this number");
        t->rules->loads[row * grid->n_buses + at] = times(grid->buses[at].load, factor);
        return CY_OK;
    }
    while (at < grid->n_generators && grid->generators[at].number != number)
        at++;
    if (at == grid->n_generators || factor > CY_GRID_SCALE)
        return bad_cell(t->csv, row, t->fault, head,
                        at == grid->n_generators ? "no generator in service has this row"
                                                 : "a part from 0 to 1 stands here");
    t->rules->mosts[row * grid->n_generators + at] = times(grid->generators[at].most, factor);
    if (t->rules->mosts[row * grid->n_generators + at] < grid->generators[at].least)
        return bad_cell(t->csv, row, t->fault, head, "that is less than the generator's least");
    return CY_OK;
}

static cy_err read_period(const struct period_table *t, size_t row)
{
    const struct cy_grid_case *grid = t->grid;
    struct cy_grid_period *period = &t->rules->periods[row];
    const char *name = cy_csv_cell(t->csv, row, t->name);
    int64_t load = 0;

    if (name[0] == 0 || strlen(name) >= sizeof period->name)
        return bad_cell(t->csv, row, t->fault, "period", "a name of 1 to 47 letters stands here");
    (void)snprintf(period->name, sizeof period->name, "%s", name);
    for (size_t other = 0; other < row; other++) {
        if (strcmp(t->rules->periods[other].name, name) == 0)
            return bad_cell(t->csv, row, t->fault, "period", "this name stands twice");
    }
    if (!fixed(cy_csv_cell(t->csv, row, t->hours), CY_GRID_SCALE, &period->hours) ||
        period->hours == 0 || period->hours > 1000 * (int64_t)CY_GRID_SCALE)
        return bad_cell(t->csv, row, t->fault, "hours", "above 0 and at most 1000");
    CY_TRY(factor_of(t, row, t->load, &load));
    for (uint32_t b = 0; b < grid->n_buses; b++)
        t->rules->loads[row * grid->n_buses + b] = times(grid->buses[b].load, load);
    for (uint32_t g = 0; g < grid->n_generators; g++)
        t->rules->mosts[row * grid->n_generators + g] = grid->generators[g].most;
    for (size_t c = 0; c < t->csv->n_columns; c++) {
        const char *head = t->csv->columns[c];

        if (c == t->name || c == t->hours || c == t->load)
            continue;
        if (strncmp(head, "bus:", 4) != 0 && strncmp(head, "gen:", 4) != 0)
            return bad_cell(t->csv, row, t->fault, head,
                            "columns are period, hours, load, bus:N and gen:N");
        CY_TRY(single(t, row, c));
    }
    return CY_OK;
}

cy_err cy_grid_periods_read(struct cy_desk *desk, const struct cy_grid_case *grid,
                            const struct cy_csv *csv, struct cy_grid_rules *rules,
                            struct cy_desk_fault *fault)
{
    const struct period_table t = {grid,
                                   csv,
                                   rules,
                                   fault,
                                   cy_csv_column(csv, "period"),
                                   cy_csv_column(csv, "hours"),
                                   cy_csv_column(csv, "load")};

    if (t.name == SIZE_MAX || t.hours == SIZE_MAX || t.load == SIZE_MAX)
        return cy_desk_at(fault, 1, 0, "the columns period, hours and load are needed");
    if (csv->n_rows == 0 || csv->n_rows > CY_GRID_PERIODS_MAX)
        return cy_desk_at(fault, 0, 0, "1 to 168 periods");
    rules->n_periods = (uint32_t)csv->n_rows;
    rules->periods = cy_desk_take(desk, csv->n_rows * sizeof *rules->periods);
    rules->loads = cy_desk_take(desk, csv->n_rows * grid->n_buses * sizeof *rules->loads);
    rules->mosts =
        cy_desk_take(desk, csv->n_rows * (grid->n_generators + 1) * sizeof *rules->mosts);
    if (rules->periods == NULL || rules->loads == NULL || rules->mosts == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t row = 0; row < csv->n_rows; row++)
        CY_TRY(read_period(&t, row));
    return CY_OK;
}

/* --- storage --- */

static const char *const store_columns_[] = {"storage",   "bus",        "energy", "charge",
                                             "discharge", "efficiency", "start",  "end"};

static cy_err read_store(const struct cy_grid_case *grid, const struct cy_csv *csv, size_t row,
                         const size_t *at, struct cy_grid_store *out, struct cy_desk_fault *fault)
{
    int64_t *const amounts[] = {&out->energy, &out->charge, &out->discharge,
                                NULL,         &out->start,  &out->end};
    const char *name = cy_csv_cell(csv, row, at[0]);
    uint32_t number = 0;

    if (name[0] == 0 || strlen(name) >= sizeof out->name)
        return bad_cell(csv, row, fault, "storage", "a name of 1 to 47 letters stands here");
    (void)snprintf(out->name, sizeof out->name, "%s", name);
    out->bus = number_of(cy_csv_cell(csv, row, at[1]), &number) ? cy_grid_bus_find(grid, number)
                                                                : CY_LP_NONE;
    if (out->bus == CY_LP_NONE)
        return bad_cell(csv, row, fault, "bus", "no bus in service has this number");
    for (size_t i = 0; i < CY_COUNT(amounts); i++) {
        if (amounts[i] != NULL &&
            (!fixed(cy_csv_cell(csv, row, at[i + 2]), CY_GRID_POWER, amounts[i]) ||
             *amounts[i] > 10000000 * (int64_t)CY_GRID_POWER))
            return bad_cell(csv, row, fault, store_columns_[i + 2],
                            "a number from 0 to 10,000,000 stands here");
    }
    if (!fixed(cy_csv_cell(csv, row, at[5]), 1000000, &out->efficiency) || out->efficiency == 0 ||
        out->efficiency > 1000000)
        return bad_cell(csv, row, fault, "efficiency", "above 0 and at most 1");
    out->efficiency *= CY_GRID_SCALE / 1000000;
    if (out->start > out->energy || out->end > out->energy)
        return bad_cell(csv, row, fault, "start", "start and end are at most energy");
    return CY_OK;
}

cy_err cy_grid_stores_read(struct cy_desk *desk, const struct cy_grid_case *grid,
                           const struct cy_csv *csv, struct cy_grid_rules *rules,
                           struct cy_desk_fault *fault)
{
    size_t at[CY_COUNT(store_columns_)];

    for (size_t i = 0; i < CY_COUNT(store_columns_); i++) {
        at[i] = cy_csv_column(csv, store_columns_[i]);
        if (at[i] == SIZE_MAX)
            return cy_desk_at(fault, 1, 0, "the column %s is missing", store_columns_[i]);
    }
    if (csv->n_rows > CY_GRID_STORES_MAX)
        return cy_desk_at(fault, 0, 0, "at most 1000 stores");
    rules->stores = cy_desk_take(desk, (csv->n_rows + 1) * sizeof *rules->stores);
    if (rules->stores == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t row = 0; row < csv->n_rows; row++) {
        CY_TRY(read_store(grid, csv, row, at, &rules->stores[row], fault));
        rules->n_stores++;
    }
    return CY_OK;
}
