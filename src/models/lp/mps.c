#include "models/lp/mps.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIELDS_MAX = 6 };

enum section { BEFORE, SENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS, END };

enum { LEAST = 'N', EQUAL = 'E', AT_MOST = 'L', AT_LEAST = 'G' };

struct reader {
    struct cy_lp_program *lp;
    struct cy_mps_fault *fault;
    char *line; /* where the line begins */
    char *fields[FIELDS_MAX];
    size_t n_fields;
    enum section section;
    char *objective;                 /* name of the row; freed at the end */
    struct cy_lp_program *free_rows; /* further N rows: only their names */
    char *kinds;                     /* of each row: its letter */
    uint32_t kinds_room;
    bool *ranged;
    bool *lower_told; /* of each column */
    uint32_t lower_room;
    bool integer;
    char *current; /* name of the column in progress */
};

static bool fault(struct reader *r, const char *at, const char *what)
{
    r->fault->column = at == NULL ? 1 : (uint32_t)(at - r->line) + 1;
    r->fault->what = what;
    return false;
}

/* Cuts the line into fields. */
static bool cut(struct reader *r)
{
    char *at = r->line;

    r->n_fields = 0;
    for (;;) {
        at += strspn(at, " \t\r");
        if (*at == 0)
            return true;
        if (r->n_fields == FIELDS_MAX)
            return fault(r, at, "too many fields in the line");
        r->fields[r->n_fields++] = at;
        at += strcspn(at, " \t\r");
        if (*at != 0)
            *at++ = 0;
    }
}

static bool read_number(struct reader *r, size_t field, mpq_ptr out)
{
    return cy_lp_read_number(r->fields[field], out) ||
           fault(r, r->fields[field], "not a decimal number of at most 40 digits and exponent 60");
}

static bool is_objective(const struct reader *r, const char *name)
{
    return r->objective != NULL && strcmp(r->objective, name) == 0;
}

/* --- rows --- */

static bool read_row(struct reader *r)
{
    mpq_t zero;
    const char kind = r->fields[0][0];
    uint32_t row = 0;

    if (r->n_fields != 2 || r->fields[0][1] != 0)
        return fault(r, r->fields[0], "a row is a letter N, E, L or G and a name");
    if (kind == LEAST) {
        if (is_objective(r, r->fields[1]) || cy_lp_row_find(r->lp, r->fields[1]) != CY_LP_NONE)
            return fault(r, r->fields[1], "this row stands already");
        if (r->objective == NULL)
            return (r->objective = strdup(r->fields[1])) != NULL;
        return cy_lp_row_add(r->free_rows, r->fields[1]) != CY_LP_NONE ||
               fault(r, r->fields[1], "this row stands already");
    }
    if (kind != EQUAL && kind != AT_MOST && kind != AT_LEAST)
        return fault(r, r->fields[0], "the letter of a row is N, E, L or G");
    if (is_objective(r, r->fields[1]) || cy_lp_row_find(r->free_rows, r->fields[1]) != CY_LP_NONE)
        return fault(r, r->fields[1], "this row stands already");
    row = cy_lp_row_add(r->lp, r->fields[1]);
    if (row == CY_LP_NONE)
        return fault(r, r->fields[1], "this row stands already");
    if (row >= r->kinds_room) {
        r->kinds_room = 2 * r->kinds_room + 64;
        r->kinds = cy_lp_grow(r->kinds, r->kinds_room, 1);
        r->ranged = cy_lp_grow(r->ranged, r->kinds_room, sizeof *r->ranged);
    }
    r->kinds[row] = kind;
    r->ranged[row] = false;
    mpq_init(zero);
    if (kind != AT_MOST)
        cy_lp_bound_set(&r->lp->rows[row].lower, zero);
    if (kind != AT_LEAST)
        cy_lp_bound_set(&r->lp->rows[row].upper, zero);
    mpq_clear(zero);
    return true;
}

/* --- columns --- */

static bool marker(struct reader *r)
{
    if (strcmp(r->fields[2], "'INTORG'") == 0)
        r->integer = true;
    else if (strcmp(r->fields[2], "'INTEND'") == 0)
        r->integer = false;
    else
        return fault(r, r->fields[2], "a marker is 'INTORG' or 'INTEND'");
    return true;
}

static bool put_term(struct reader *r, uint32_t column, size_t field)
{
    const char *name = r->fields[field];
    const uint32_t row = cy_lp_row_find(r->lp, name);
    bool good = false;
    mpq_t by;

    mpq_init(by);
    if (!read_number(r, field + 1, by))
        good = false;
    else if (is_objective(r, name)) {
        good = mpq_sgn(r->lp->columns[column].cost) == 0 ||
               fault(r, name, "the column stands in this row already");
        if (good)
            mpq_set(r->lp->columns[column].cost, by);
    } else if (row == CY_LP_NONE)
        good = cy_lp_row_find(r->free_rows, name) != CY_LP_NONE ||
               fault(r, name, "no row has this name");
    else
        good = cy_lp_term_add(r->lp, row, column, by) ||
               fault(r, name, "the column stands in this row already");
    mpq_clear(by);
    return good;
}

static bool begin_column(struct reader *r, uint32_t *out)
{
    if (r->current != NULL && strcmp(r->current, r->fields[0]) == 0) {
        *out = r->lp->n_columns - 1;
        return true;
    }
    *out = cy_lp_column_add(r->lp, r->fields[0]);
    if (*out == CY_LP_NONE)
        return fault(r, r->fields[0], "this column stood above already; its lines stand together");
    free(r->current);
    r->current = strdup(r->fields[0]);
    if (*out >= r->lower_room) {
        r->lower_room = 2 * r->lower_room + 64;
        r->lower_told = cy_lp_grow(r->lower_told, r->lower_room, sizeof *r->lower_told);
    }
    r->lower_told[*out] = false;
    r->lp->columns[*out].integer = r->integer;
    return r->current != NULL;
}

static bool read_column(struct reader *r)
{
    uint32_t column = 0;

    if (r->n_fields == 3 && strcmp(r->fields[1], "'MARKER'") == 0)
        return marker(r);
    if (r->n_fields != 3 && r->n_fields != 5)
        return fault(r, r->fields[0],
                     "a column's line is its name, a row and a number, and at "
                     "most one more row and number");
    return begin_column(r, &column) && put_term(r, column, 1) &&
           (r->n_fields == 3 || put_term(r, column, 3));
}

/* --- right-hand sides and ranges --- */

static bool put_side(struct reader *r, size_t field)
{
    const char *name = r->fields[field];
    const uint32_t row = cy_lp_row_find(r->lp, name);
    bool good = true;
    mpq_t v;

    mpq_init(v);
    if (!read_number(r, field + 1, v))
        good = false;
    else if (is_objective(r, name))
        mpq_neg(r->lp->constant, v);
    else if (row == CY_LP_NONE)
        good = cy_lp_row_find(r->free_rows, name) != CY_LP_NONE ||
               fault(r, name, "no row has this name");
    else {
        if (r->lp->rows[row].lower.has)
            cy_lp_bound_set(&r->lp->rows[row].lower, v);
        if (r->lp->rows[row].upper.has)
            cy_lp_bound_set(&r->lp->rows[row].upper, v);
    }
    mpq_clear(v);
    return good;
}

/* L: from rhs - |R|; G: to rhs + |R|; E: towards the sign of R. */
static bool put_range(struct reader *r, size_t field)
{
    const uint32_t row = cy_lp_row_find(r->lp, r->fields[field]);
    struct cy_lp_row *at = NULL;
    bool good = false;
    mpq_t v;

    if (row == CY_LP_NONE)
        return fault(r, r->fields[field], "no row with a bound has this name");
    if (r->ranged[row])
        return fault(r, r->fields[field], "the row has a range already");
    at = &r->lp->rows[row];
    mpq_init(v);
    good = read_number(r, field + 1, v);
    if (good) {
        const int sign = mpq_sgn(v);

        r->ranged[row] = true;
        if (r->kinds[row] == AT_LEAST || (r->kinds[row] == EQUAL && sign > 0)) {
            mpq_abs(v, v);
            mpq_add(v, v, at->lower.at);
            cy_lp_bound_set(&at->upper, v);
        } else {
            mpq_abs(v, v);
            mpq_sub(v, at->upper.at, v);
            cy_lp_bound_set(&at->lower, v);
        }
    }
    mpq_clear(v);
    return good;
}

static bool read_pairs(struct reader *r, bool (*put)(struct reader *, size_t))
{
    const size_t from = r->n_fields % 2; /* the set's name may be missing */

    if (r->n_fields < 2 || r->n_fields > 5)
        return fault(r, r->fields[0],
                     "a line is the set's name, a row and a number, and at most "
                     "one more row and number");
    for (size_t field = from; field + 1 < r->n_fields; field += 2) {
        if (!put(r, field))
            return false;
    }
    return true;
}

/* --- bounds --- */

static bool put_upper(struct reader *r, uint32_t column, size_t field, mpq_srcptr v)
{
    struct cy_lp_variable *to = &r->lp->columns[column];

    if (mpq_sgn(v) < 0 && !r->lower_told[column])
        return fault(r, r->fields[field],
                     "an upper bound below 0 needs a lower bound before it "
                     "(LO or MI): readers differ on what it means without");
    cy_lp_bound_set(&to->upper, v);
    return true;
}

static bool put_bound(struct reader *r, uint32_t column, size_t field, const char *kind)
{
    struct cy_lp_variable *to = &r->lp->columns[column];
    const bool lower = strcmp(kind, "LO") == 0 || strcmp(kind, "LI") == 0;
    const bool upper = strcmp(kind, "UP") == 0 || strcmp(kind, "UI") == 0;
    bool good = true;
    mpq_t v;

    if (!lower && !upper && strcmp(kind, "FX") != 0)
        return fault(r, kind, "a bound is LO, UP, FX, FR, MI, PL, BV, LI or UI");
    if (field + 1 >= r->n_fields)
        return fault(r, kind, "this bound needs a number");
    mpq_init(v);
    good = read_number(r, field + 1, v);
    if (good && (kind[1] == 'I'))
        to->integer = true;
    if (good && !upper) {
        cy_lp_bound_set(&to->lower, v);
        r->lower_told[column] = true;
    }
    if (good && !lower)
        good = put_upper(r, column, field + 1, v);
    mpq_clear(v);
    return good;
}

static bool read_bound(struct reader *r)
{
    const char *kind = r->fields[0];
    const bool bare = strcmp(kind, "FR") == 0 || strcmp(kind, "MI") == 0 ||
                      strcmp(kind, "PL") == 0 || strcmp(kind, "BV") == 0;
    const size_t least = bare ? 2 : 3;
    size_t field = 1;
    uint32_t column = 0;
    struct cy_lp_variable *to = NULL;

    if (r->n_fields < least || r->n_fields > 4)
        return fault(r, kind, "a bound's line is its kind, the set's name, a column and a number");
    if (r->n_fields > least && cy_lp_column_find(r->lp, r->fields[2]) != CY_LP_NONE)
        field = 2;
    column = cy_lp_column_find(r->lp, r->fields[field]);
    if (column == CY_LP_NONE)
        return fault(r, r->fields[r->n_fields > least ? 2 : 1], "no column has this name");
    to = &r->lp->columns[column];
    if (!bare)
        return put_bound(r, column, field, kind);
    if (kind[0] == 'F' || kind[0] == 'M') {
        cy_lp_bound_drop(&to->lower);
        r->lower_told[column] = true;
    }
    if (kind[0] == 'F' || kind[0] == 'P')
        cy_lp_bound_drop(&to->upper);
    if (kind[0] == 'B') {
        mpq_t one;

        mpq_init(one);
        mpq_set_ui(one, 1, 1);
        to->integer = true;
        cy_lp_bound_set(&to->upper, one);
        mpq_clear(one);
    }
    return true;
}

/* --- the whole --- */

static bool read_sense(struct reader *r, const char *word)
{
    if (strcmp(word, "MAX") == 0 || strcmp(word, "MAXIMIZE") == 0)
        r->lp->most = true;
    else if (strcmp(word, "MIN") != 0 && strcmp(word, "MINIMIZE") != 0)
        return fault(r, word, "OBJSENSE is MIN or MAX");
    return true;
}

static bool enter_section(struct reader *r)
{
    static const struct {
        const char *word;
        enum section section;
    } sections[] = {
        {"ROWS",    ROWS   },
        {"COLUMNS", COLUMNS},
        {"RHS",     RHS    },
        {"RANGES",  RANGES },
        {"BOUNDS",  BOUNDS },
        {"ENDATA",  END    },
    };
    const char *word = r->fields[0];

    if (strcmp(word, "NAME") == 0)
        return r->section == BEFORE || fault(r, word, "NAME stands first");
    if (strcmp(word, "OBJSENSE") == 0) {
        r->section = SENSE;
        return r->n_fields == 1 || read_sense(r, r->fields[1]);
    }
    for (size_t i = 0; i < CY_COUNT(sections); i++) {
        if (strcmp(word, sections[i].word) != 0)
            continue;
        if (sections[i].section <= r->section)
            return fault(r, word, "this section stands twice, or too late");
        if (sections[i].section > ROWS && r->objective == NULL)
            return fault(r, word, "there is no objective: the first N row of ROWS");
        r->section = sections[i].section;
        return true;
    }
    return fault(r, word, "no such section");
}

static bool read_line(struct reader *r)
{
    switch (r->section) {
    case SENSE: return read_sense(r, r->fields[0]);
    case ROWS: return read_row(r);
    case COLUMNS: return read_column(r);
    case RHS: return read_pairs(r, put_side);
    case RANGES: return read_pairs(r, put_range);
    case BOUNDS: return read_bound(r);
    case BEFORE:
    case END: break;
    }
    return fault(r, r->fields[0], "a line outside of every section");
}

static bool fault_at_zero(struct reader *r, char *text)
{
    r->fault->line = 1;
    r->line = text;
    for (char *at = text; *at != 0; at++) {
        if (*at == '\n') {
            r->line = at + 1;
            r->fault->line++;
        }
    }
    return fault(r, text + strlen(text), "the file holds a byte 0: it is not a text");
}

static bool read_all(struct reader *r, char *text, size_t n)
{
    char *next = text;

    if (strlen(text) < n)
        return fault_at_zero(r, text);
    while (r->section != END) {
        bool head = false;

        r->line = next;
        r->fault->line++;
        if (*next == 0)
            return fault(r, next, "the file ends without ENDATA");
        next += strcspn(next, "\n");
        if (*next != 0)
            *next++ = 0;
        if (r->line[0] == '*')
            continue;
        head = r->line[0] != ' ' && r->line[0] != '\t';
        if (head && strncmp(r->line, "NAME", 4) == 0)
            r->line[4] = 0; /* a name may be any text */
        if (!cut(r))
            return false;
        if (r->n_fields > 0 && !(head ? enter_section(r) : read_line(r)))
            return false;
    }
    return r->lp->n_columns > 0 || fault(r, r->line, "there are no columns");
}

struct cy_lp_program *cy_mps_read(char *text, size_t n, struct cy_mps_fault *fault_out)
{
    struct reader r = {
        .lp = cy_lp_program_new(), .fault = fault_out, .free_rows = cy_lp_program_new()};
    bool good = false;

    *fault_out = (struct cy_mps_fault){0};
    good = read_all(&r, text, n);
    free(r.objective);
    free(r.current);
    free(r.kinds);
    free(r.ranged);
    free(r.lower_told);
    cy_lp_program_free(r.free_rows);
    if (good)
        return r.lp;
    cy_lp_program_free(r.lp);
    return NULL;
}

/* --- writing --- */

__attribute__((format(printf, 2, 3))) static void say(struct cy_lp_bytes *out, const char *form,
                                                      ...)
{
    char line[256];
    va_list list;
    int n = 0;

    va_start(list, form);
    n = vsnprintf(line, sizeof line, form, list);
    va_end(list);
    CY_ASSERT(n >= 0 && (size_t)n < sizeof line);
    cy_lp_put(out, line, (size_t)n);
}

static void write_rows(const struct cy_lp_program *lp, struct cy_lp_bytes *out)
{
    say(out, "NAME P\nROWS\n N Z\n");
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        const struct cy_lp_row *row = &lp->rows[i];
        const bool both = row->lower.has && row->upper.has;
        const char kind = both && mpq_equal(row->lower.at, row->upper.at) ? EQUAL
                          : row->lower.has                                ? AT_LEAST
                          : row->upper.has                                ? AT_MOST
                                                                          : LEAST;

        say(out, " %c R%u\n", kind, i + 1);
    }
}

static void write_sides(const struct cy_lp_program *lp, struct cy_lp_bytes *out)
{
    bool headed = false;

    say(out, "RHS\n");
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        const struct cy_lp_row *row = &lp->rows[i];

        if (row->lower.has || row->upper.has)
            say(out, " B R%u %.17g\n", i + 1,
                mpq_get_d(row->lower.has ? row->lower.at : row->upper.at));
    }
    for (uint32_t i = 0; i < lp->n_rows; i++) {
        const struct cy_lp_row *row = &lp->rows[i];

        if (!row->lower.has || !row->upper.has || mpq_equal(row->lower.at, row->upper.at))
            continue;
        if (!headed) /* some readers stumble over an empty section */
            say(out, "RANGES\n");
        headed = true;
        say(out, " B R%u %.17g\n", i + 1, mpq_get_d(row->upper.at) - mpq_get_d(row->lower.at));
    }
}

static void write_bounds(const struct cy_lp_program *lp, struct cy_lp_bytes *out)
{
    say(out, "BOUNDS\n");
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        const struct cy_lp_variable *column = &lp->columns[j];

        if (!column->lower.has && !column->upper.has)
            say(out, " FR B C%u\n", j + 1);
        else if (!column->lower.has)
            say(out, " MI B C%u\n", j + 1);
        else if (mpq_sgn(column->lower.at) != 0 || column->upper.has)
            say(out, " LO B C%u %.17g\n", j + 1, mpq_get_d(column->lower.at));
        if (column->upper.has)
            say(out, " UP B C%u %.17g\n", j + 1, mpq_get_d(column->upper.at));
        else if (column->integer)
            say(out, " PL B C%u\n", j + 1);
    }
    say(out, "ENDATA\n");
}

void cy_mps_write(const struct cy_lp_program *lp, struct cy_lp_bytes *out)
{
    bool integer = false;

    CY_ASSERT(lp->scaled);
    write_rows(lp, out);
    say(out, "COLUMNS\n");
    for (uint32_t j = 0; j < lp->n_columns; j++) {
        const struct cy_lp_variable *column = &lp->columns[j];

        if (column->integer != integer)
            say(out, " M%u 'MARKER' '%s'\n", j, column->integer ? "INTORG" : "INTEND");
        integer = column->integer;
        if (mpq_sgn(column->cost) != 0 || column->n_terms == 0)
            say(out, " C%u Z %.17g\n", j + 1, mpq_get_d(column->cost));
        for (uint32_t t = 0; t < column->n_terms; t++)
            say(out, " C%u R%u %.17g\n", j + 1, column->terms[t].row + 1,
                mpq_get_d(column->terms[t].by));
    }
    if (integer)
        say(out, " M 'MARKER' 'INTEND'\n");
    write_sides(lp, out);
    write_bounds(lp, out);
}
