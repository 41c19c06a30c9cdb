#include "certify/sheet.h"

__extension__ typedef __int128 wide;

enum { ROWS = 1, COLUMNS = 2, LOWER = 1, UPPER = 2 };

struct head {
    uint8_t kind;
    uint32_t rows;
    uint32_t columns;
    int64_t divisor;
    uint32_t first;
    uint16_t records;
    uint64_t before;       /* columns: answers before */
    struct cy_span hashes; /* columns: their frontier */
};

struct entry {
    uint32_t where;
    int64_t a;
    int64_t value; /* row: x; column: y */
};

struct record {
    uint8_t flags;
    int64_t lower;
    int64_t upper;
    int64_t own;  /* row: y; column: x */
    int64_t cost; /* column */
    uint16_t n;
    struct cy_span entries;
};

/* --- reading --- */

static bool take(struct cy_span *rest, size_t n, const uint8_t **at)
{
    if (rest->n < n)
        return false;
    *at = rest->at;
    *rest = cy_span_of(rest->at + n, rest->n - n);
    return true;
}

static uint64_t number(const uint8_t *at, unsigned n)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < n; i++)
        v = v << 8 | at[i];
    return v;
}

static int64_t sign(uint64_t v)
{
    return v >> 63 == 0 ? (int64_t)v : -(int64_t)(~v) - 1;
}

static unsigned ones(uint64_t v)
{
    return (unsigned)__builtin_popcountll(v);
}

static bool read_head(struct cy_span *rest, struct head *out)
{
    const uint8_t *at = NULL;

    if (!take(rest, 27, &at) || memcmp(at, "cys\1", 4) != 0)
        return false;
    *out = (struct head){.kind = at[4],
                         .rows = (uint32_t)number(at + 5, 4),
                         .columns = (uint32_t)number(at + 9, 4),
                         .divisor = sign(number(at + 13, 8)),
                         .first = (uint32_t)number(at + 21, 4),
                         .records = (uint16_t)number(at + 25, 2)};
    if (out->kind == ROWS)
        return out->divisor > 0;
    if (out->kind != COLUMNS || out->divisor <= 0 || !take(rest, 8, &at))
        return false;
    out->before = number(at, 8);
    out->hashes.n = (size_t)ones(out->before) * 32;
    return take(rest, out->hashes.n, &out->hashes.at);
}

static bool read_record(struct cy_span *rest, uint8_t kind, struct record *out)
{
    const size_t n = kind == ROWS ? 27 : 35;
    const uint8_t *at = NULL;

    if (!take(rest, n, &at))
        return false;
    *out = (struct record){.flags = at[0],
                           .lower = sign(number(at + 1, 8)),
                           .upper = sign(number(at + 9, 8)),
                           .own = sign(number(at + n - 10, 8)),
                           .cost = kind == ROWS ? 0 : sign(number(at + 17, 8)),
                           .n = (uint16_t)number(at + n - 2, 2)};
    out->entries.n = (size_t)out->n * 20;
    return out->flags <= (LOWER | UPPER) && take(rest, out->entries.n, &out->entries.at);
}

static struct entry entry_of(const struct record *record, uint16_t i)
{
    const uint8_t *at = record->entries.at + (size_t)i * 20;

    return (struct entry){(uint32_t)number(at, 4), sign(number(at + 4, 8)),
                          sign(number(at + 12, 8))};
}

/* --- one row, one column --- */

/* sum += a * b, in 127 bits. */
static bool add(wide *sum, int64_t a, int64_t b)
{
    return !__builtin_add_overflow(*sum, (wide)a * b, sum);
}

/* The sum of the products of a record's entries; places ascend and stay below n. */
static bool product(const struct record *record, uint32_t n, wide *sum)
{
    uint64_t next = 0;

    *sum = 0;
    for (uint16_t i = 0; i < record->n; i++) {
        const struct entry e = entry_of(record, i);

        if (e.where < next || e.where >= n || e.a == 0 || !add(sum, e.a, e.value))
            return false;
        next = (uint64_t)e.where + 1;
    }
    return true;
}

/* A value between bounds; a lean above 0 stands on the lower one, below 0 on the upper one. */
static bool keeps(const struct record *record, wide value, wide lean)
{
    if ((record->flags & LOWER) != 0 && value < record->lower)
        return false;
    if ((record->flags & UPPER) != 0 && value > record->upper)
        return false;
    if (lean > 0)
        return (record->flags & LOWER) != 0 && value == record->lower;
    return lean == 0 || ((record->flags & UPPER) != 0 && value == record->upper);
}

static enum cy_sheet_fault judge_row(const struct head *head, const struct record *record)
{
    wide sum = 0;

    return product(record, head->columns, &sum) && keeps(record, sum, record->own) ? CY_SHEET_HOLDS
                                                                                   : CY_SHEET_ROW;
}

static enum cy_sheet_fault judge_column(const struct head *head, const struct record *record)
{
    const wide cost = (wide)record->cost * head->divisor;
    wide sum = 0;
    wide reduced = 0;

    if (record->own < 0 || !product(record, head->rows, &sum) ||
        __builtin_sub_overflow(cost, sum, &reduced))
        return CY_SHEET_COLUMN;
    return keeps(record, record->own, reduced) ? CY_SHEET_HOLDS : CY_SHEET_COLUMN;
}

/* --- one part --- */

/* Where the part may stand in the sheet: rows first, then columns, from 0 to the last. */
static bool in_place(const struct head *head, uint32_t at, uint32_t n)
{
    const uint64_t end = (uint64_t)head->first + head->records;
    const uint32_t most = head->kind == ROWS ? head->rows : head->columns;

    if (head->records == 0 || end > most || head->columns == 0)
        return false;
    if (at == 0 && (head->first != 0 || (head->kind == COLUMNS) != (head->rows == 0)))
        return false;
    if (head->kind == COLUMNS && head->first == 0 && head->before != 0)
        return false;
    return at + 1 < n || (head->kind == COLUMNS && end == most);
}

static enum cy_sheet_fault walk(struct cy_span rest, const struct head *head,
                                const struct cy_sheet_tree *tree, bool judge)
{
    for (uint16_t i = 0; i < head->records; i++) {
        struct record record;
        enum cy_sheet_fault fault = CY_SHEET_HOLDS;

        if (!read_record(&rest, head->kind, &record))
            return CY_SHEET_FORM;
        if (judge)
            fault = head->kind == ROWS ? judge_row(head, &record) : judge_column(head, &record);
        if (fault != CY_SHEET_HOLDS)
            return fault;
        if (head->kind == COLUMNS && record.own > 0)
            tree->add(tree->context, head->first + i, (uint64_t)record.own);
    }
    return rest.n == 0 ? CY_SHEET_HOLDS : CY_SHEET_FORM;
}

enum cy_sheet_fault cy_sheet_part(struct cy_span part, uint32_t at, uint32_t n,
                                  const struct cy_sheet_tree *tree)
{
    struct head head;
    enum cy_sheet_fault fault = CY_SHEET_HOLDS;

    if (part.n > CY_SHEET_PART_MAX)
        return CY_SHEET_LONG;
    if (!read_head(&part, &head) || !in_place(&head, at, n))
        return CY_SHEET_FORM;
    if (head.kind == COLUMNS && !tree->begin(tree->context, head.before, head.hashes))
        return CY_SHEET_FORM;
    fault = walk(part, &head, tree, true);
    if (fault != CY_SHEET_HOLDS || at + 1 < n)
        return fault;
    return tree->ends(tree->context) ? CY_SHEET_HOLDS : CY_SHEET_ANSWER;
}

/* --- two parts --- */

static enum cy_sheet_fault join(struct cy_span rest, const struct head *a, const struct head *b,
                                const struct cy_sheet_tree *tree)
{
    const uint64_t end = (uint64_t)a->first + a->records;

    if (a->kind == COLUMNS) {
        if (b->kind != COLUMNS || b->first != end ||
            !tree->begin(tree->context, a->before, a->hashes) ||
            walk(rest, a, tree, false) != CY_SHEET_HOLDS)
            return CY_SHEET_NEXT;
        return tree->meets(tree->context, b->before, b->hashes) ? CY_SHEET_HOLDS : CY_SHEET_NEXT;
    }
    if (b->kind == ROWS)
        return b->first == end ? CY_SHEET_HOLDS : CY_SHEET_NEXT;
    return b->first == 0 && end == a->rows ? CY_SHEET_HOLDS : CY_SHEET_NEXT;
}

/* The entry of a record at a place; a == 0 where there is none. */
static struct entry look(const struct record *record, uint32_t where)
{
    for (uint16_t i = 0; i < record->n; i++) {
        const struct entry e = entry_of(record, i);

        if (e.where == where)
            return e;
    }
    return (struct entry){.where = where};
}

/* A row and a column say the same of what they share. */
static bool agree(uint32_t row, const struct record *of_row, uint32_t column,
                  const struct record *of_column)
{
    const struct entry x = look(of_row, column);
    const struct entry y = look(of_column, row);

    if (x.a == 0 && y.a == 0)
        return true;
    return x.a == y.a && x.value == of_column->own && y.value == of_row->own;
}

static enum cy_sheet_fault cross(struct cy_span rows, const struct head *a, struct cy_span columns,
                                 const struct head *b)
{
    for (uint16_t i = 0; i < a->records; i++) {
        struct cy_span rest = columns;
        struct record row;
        struct record column;

        if (!read_record(&rows, ROWS, &row))
            return CY_SHEET_FORM;
        for (uint16_t j = 0; j < b->records; j++) {
            if (!read_record(&rest, COLUMNS, &column))
                return CY_SHEET_FORM;
            if (!agree(a->first + i, &row, b->first + j, &column))
                return CY_SHEET_DIFFERS;
        }
    }
    return CY_SHEET_HOLDS;
}

enum cy_sheet_fault cy_sheet_pair(struct cy_span part_a, uint32_t a, struct cy_span part_b,
                                  uint32_t b, const struct cy_sheet_tree *tree)
{
    struct head head_a;
    struct head head_b;

    if (!read_head(&part_a, &head_a) || !read_head(&part_b, &head_b))
        return CY_SHEET_FORM;
    if (head_a.rows != head_b.rows || head_a.columns != head_b.columns ||
        head_a.divisor != head_b.divisor)
        return CY_SHEET_DIFFERS;
    if (b == a + 1 && join(part_a, &head_a, &head_b, tree) != CY_SHEET_HOLDS)
        return CY_SHEET_NEXT;
    return head_a.kind == ROWS && head_b.kind == COLUMNS ? cross(part_a, &head_a, part_b, &head_b)
                                                         : CY_SHEET_HOLDS;
}
