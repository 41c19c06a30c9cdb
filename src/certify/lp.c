#include "certify/lp.h"

static const uint8_t magic_[4] = {'c', 'l', 'c', 1};

/* Where a value stands between two bounds. */
enum { MEETS_LOWER = 1, MEETS_UPPER = 2 };

struct judge {
    const struct cy_lp_form *form;
    struct cy_span rest; /* of the certificate */
    struct cy_arena *arena;
    struct cy_lp_verdict *out;
    uint8_t *row_meets; /* of the point */
    uint8_t *column_meets;
    struct cy_whole objective;  /* cost . point, times the point's divisor */
    struct cy_lp_range *ranges; /* of the columns; a tree's branches change them */
};

/* One branch that is open in a tree. */
struct branch {
    uint32_t column;
    bool right;            /* the left side is done */
    struct cy_whole value; /* x <= value on the left, x >= value + 1 on the right */
    struct cy_lp_range before;
    size_t arena_used;
};

static const uint64_t one_limb_ = 1;
static const struct cy_whole one_ = {&one_limb_, 1, false};

static cy_err form_wrong(void)
{
    return cy_fail(CY_E_CERT_FORM, 0);
}

static cy_err row_wrong(uint32_t i)
{
    return cy_fail(CY_E_CERT_WRONG, (uint64_t)i + 1);
}

static cy_err column_wrong(const struct judge *j, uint32_t column)
{
    return cy_fail(CY_E_CERT_WRONG, (uint64_t)j->form->n_rows + column + 1);
}

static cy_err sum_on(struct judge *j, uint32_t limbs, struct cy_sum *out)
{
    return cy_sum_on(out, limbs, j->arena) ? CY_OK : cy_fail(CY_E_NO_ROOM, 0);
}

/* product = a * b, in a sum of its own. */
static cy_err multiply(struct judge *j, struct cy_whole a, struct cy_whole b, struct cy_whole *out)
{
    struct cy_sum sum;

    CY_TRY(sum_on(j, a.n + b.n + 1, &sum));
    cy_sum_add(&sum, a, b);
    *out = cy_sum_value(&sum);
    return CY_OK;
}

/* --- reading --- */

static cy_err read_byte(struct judge *j, uint8_t *out)
{
    if (j->rest.n == 0)
        return form_wrong();
    *out = j->rest.at[0];
    j->rest = cy_span_of(j->rest.at + 1, j->rest.n - 1);
    return CY_OK;
}

/* A vector: the divisor, how many numbers are not 0, and each with its distance from the last. */
static cy_err read_vector(struct judge *j, uint32_t n, struct cy_lp_vector *out)
{
    uint32_t count = 0;
    uint32_t next = 0;

    *out = (struct cy_lp_vector){.n = n, .limbs = 1};
    CY_TRY(cy_whole_read(&j->rest, CY_LP_NUMBER_MAX, j->arena, &out->divisor));
    if (cy_whole_sign(out->divisor) <= 0)
        return form_wrong();
    out->limbs = out->divisor.n;
    out->numbers = cy_arena_zero(j->arena, n * sizeof *out->numbers);
    if (out->numbers == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_count_read(&j->rest, n, &count));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t gap = 0;

        if (next >= n)
            return form_wrong();
        CY_TRY(cy_count_read(&j->rest, n - next - 1, &gap));
        next += gap;
        CY_TRY(cy_whole_read(&j->rest, CY_LP_NUMBER_MAX, j->arena, &out->numbers[next]));
        if (out->numbers[next].n == 0)
            return form_wrong();
        if (out->numbers[next].n > out->limbs)
            out->limbs = out->numbers[next].n;
        next++;
    }
    return CY_OK;
}

/* --- the point --- */

/* Judges total (in units of 1 / divisor) against a range; false when it is outside. */
static bool keeps(const struct cy_sum *total, const struct cy_lp_range *range,
                  struct cy_whole divisor, struct cy_sum *scratch, uint8_t *meets)
{
    *meets = 0;
    if (range->has_lower) {
        int sign = 0;

        cy_sum_copy(scratch, total);
        cy_sum_add(scratch, cy_whole_negated(range->lower), divisor);
        sign = cy_sum_sign(scratch);
        if (sign < 0)
            return false;
        *meets |= sign == 0 ? MEETS_LOWER : 0;
    }
    if (range->has_upper) {
        int sign = 0;

        cy_sum_copy(scratch, total);
        cy_sum_add(scratch, cy_whole_negated(range->upper), divisor);
        sign = cy_sum_sign(scratch);
        if (sign > 0)
            return false;
        *meets |= sign == 0 ? MEETS_UPPER : 0;
    }
    return true;
}

/* rows[i] = row[i] . x; returns sums that live in the arena. */
static cy_err activities(struct judge *j, const struct cy_lp_vector *x, struct cy_sum **out)
{
    const struct cy_lp_form *form = j->form;
    struct cy_sum *rows = cy_arena_zero(j->arena, form->n_rows * sizeof *rows);

    if (rows == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (uint32_t i = 0; i < form->n_rows; i++)
        CY_TRY(sum_on(j, x->limbs + form->limbs + 2, &rows[i]));
    for (uint32_t c = 0; c < form->n_columns; c++) {
        const struct cy_lp_column *column = &form->columns[c];

        for (uint32_t e = 0; e < column->n_entries && x->numbers[c].n > 0; e++)
            cy_sum_add(&rows[column->entries[e].row], column->entries[e].coefficient,
                       x->numbers[c]);
    }
    *out = rows;
    return CY_OK;
}

static cy_err judge_objective(struct judge *j, const struct cy_lp_vector *x)
{
    const struct cy_lp_form *form = j->form;
    struct cy_sum sum;
    struct cy_sum value;

    CY_TRY(sum_on(j, x->limbs + form->limbs + 2, &sum));
    for (uint32_t c = 0; c < form->n_columns; c++)
        cy_sum_add(&sum, form->columns[c].cost, x->numbers[c]);
    j->objective = cy_sum_value(&sum);
    CY_TRY(sum_on(j, x->limbs + form->limbs + 3, &value));
    cy_sum_add(&value, j->objective, one_);
    cy_sum_add(&value, form->constant, x->divisor);
    j->out->value_above = cy_sum_value(&value);
    return multiply(j, x->divisor, form->scale, &j->out->value_below);
}

/* The point keeps every bound; what it meets is written down. */
static cy_err judge_point(struct judge *j)
{
    const struct cy_lp_form *form = j->form;
    const struct cy_lp_vector *x = &j->out->point;
    struct cy_sum *rows = NULL;
    struct cy_sum total;
    struct cy_sum scratch;
    size_t mark = 0;

    CY_TRY(judge_objective(j, x));
    j->row_meets = cy_arena_zero(j->arena, form->n_rows);
    j->column_meets = cy_arena_zero(j->arena, form->n_columns);
    if (j->row_meets == NULL || j->column_meets == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    mark = j->arena->used;
    CY_TRY(activities(j, x, &rows));
    CY_TRY(sum_on(j, x->limbs + form->limbs + 2, &total));
    CY_TRY(sum_on(j, x->limbs + form->limbs + 2, &scratch));
    for (uint32_t i = 0; i < form->n_rows; i++) {
        if (!keeps(&rows[i], &form->rows[i], x->divisor, &scratch, &j->row_meets[i]))
            return row_wrong(i);
    }
    for (uint32_t c = 0; c < form->n_columns; c++) {
        cy_sum_clear(&total);
        cy_sum_add(&total, form->unit, x->numbers[c]);
        if (!keeps(&total, &form->columns[c].range, x->divisor, &scratch, &j->column_meets[c]))
            return column_wrong(j, c);
    }
    cy_arena_rewind(j->arena, mark);
    return CY_OK;
}

/* Numbers of integer columns are whole: they stand undivided. */
static cy_err read_point(struct judge *j)
{
    struct cy_lp_vector *x = &j->out->point;

    CY_TRY(read_vector(j, j->form->n_columns, x));
    for (uint32_t c = 0; c < x->n; c++) {
        if (!j->form->columns[c].integer || x->numbers[c].n == 0)
            continue;
        CY_TRY(multiply(j, x->numbers[c], x->divisor, &x->numbers[c]));
        if (x->numbers[c].n > x->limbs)
            x->limbs = x->numbers[c].n;
    }
    return judge_point(j);
}

/* --- multipliers --- */

/* The bound that a multiplier of this sign leans on; false when there is none. */
static bool leans(int sign, const struct cy_lp_range *range, uint8_t meets, bool must_meet,
                  struct cy_whole *out)
{
    if (sign > 0 ? !range->has_lower : !range->has_upper)
        return false;
    if (must_meet && (meets & (sign > 0 ? MEETS_LOWER : MEETS_UPPER)) == 0)
        return false;
    *out = sign > 0 ? range->lower : range->upper;
    return true;
}

static void reduced_cost(const struct cy_lp_column *column, const struct cy_lp_vector *y,
                         bool priced, struct cy_sum *out)
{
    cy_sum_clear(out);
    if (priced)
        cy_sum_add(out, column->cost, y->divisor);
    for (uint32_t e = 0; e < column->n_entries; e++)
        cy_sum_add(out, cy_whole_negated(column->entries[e].coefficient),
                   y->numbers[column->entries[e].row]);
}

/* The part of the rows and of the columns in what the multipliers prove: *total, in units of
 * 1 / (unit * divisor), is at most cost . x (priced) or 0 (not priced) for every feasible x. With
 * must_meet every bound leant on must be met by the point, and there is no total. */
static cy_err combine(struct judge *j, const struct cy_lp_vector *y, bool priced, bool must_meet,
                      struct cy_sum *total)
{
    const struct cy_lp_form *form = j->form;
    const size_t mark = j->arena->used;
    struct cy_sum sum;
    struct cy_whole bound = {0};

    CY_TRY(sum_on(j, y->limbs + form->limbs + 2, &sum));
    for (uint32_t i = 0; i < form->n_rows; i++) {
        const int sign = cy_whole_sign(y->numbers[i]);

        if (sign == 0)
            continue;
        if (!leans(sign, &form->rows[i], must_meet ? j->row_meets[i] : 0, must_meet, &bound))
            return row_wrong(i);
        cy_sum_add(&sum, y->numbers[i], bound);
    }
    if (!must_meet)
        cy_sum_add(total, cy_sum_value(&sum), form->unit);
    for (uint32_t c = 0; c < form->n_columns; c++) {
        struct cy_whole price = {0};

        reduced_cost(&form->columns[c], y, priced, &sum);
        price = cy_sum_value(&sum);
        if (price.n == 0)
            continue;
        if (!leans(cy_whole_sign(price), &j->ranges[c], must_meet ? j->column_meets[c] : 0,
                   must_meet, &bound))
            return column_wrong(j, c);
        if (!must_meet)
            cy_sum_add(total, price, bound);
    }
    cy_arena_rewind(j->arena, mark);
    return CY_OK;
}

/* Limbs that a total of combine() may need; a tree's bounds are longer than the program's. */
static uint32_t total_limbs(const struct judge *j, const struct cy_lp_vector *y)
{
    return y->limbs + 3 * j->form->limbs + CY_LP_DATUM_MAX / 8 + 6;
}

/* Nothing feasible: what is at most 0 would have to be above 0. */
static cy_err judge_nothing(struct judge *j, const struct cy_lp_vector *y)
{
    struct cy_sum total;

    CY_TRY(sum_on(j, total_limbs(j, y), &total));
    CY_TRY(combine(j, y, false, false, &total));
    return cy_sum_sign(&total) > 0 ? CY_OK : cy_fail(CY_E_CERT_WRONG, 0);
}

/* --- the kinds --- */

static cy_err judge_optimal(struct judge *j)
{
    CY_TRY(read_point(j));
    CY_TRY(read_vector(j, j->form->n_rows, &j->out->multipliers));
    CY_TRY(combine(j, &j->out->multipliers, true, true, NULL));
    j->out->bound_above = j->out->value_above;
    j->out->bound_below = j->out->value_below;
    return CY_OK;
}

static cy_err judge_bounded(struct judge *j)
{
    struct cy_lp_vector *y = &j->out->multipliers;
    const struct cy_lp_form *form = j->form;
    struct cy_whole below = {0};
    struct cy_sum total;

    CY_TRY(read_point(j));
    CY_TRY(read_vector(j, form->n_rows, y));
    CY_TRY(sum_on(j, total_limbs(j, y), &total));
    CY_TRY(combine(j, y, true, false, &total));
    CY_TRY(multiply(j, form->unit, y->divisor, &below));
    cy_sum_add(&total, form->constant, below);
    j->out->bound_above = cy_sum_value(&total);
    return multiply(j, below, form->scale, &j->out->bound_below);
}

static cy_err judge_infeasible(struct judge *j)
{
    j->out->infeasible = true;
    CY_TRY(read_vector(j, j->form->n_rows, &j->out->multipliers));
    return judge_nothing(j, &j->out->multipliers);
}

static bool direction_keeps(int sign, const struct cy_lp_range *range)
{
    return sign == 0 || (sign > 0 ? !range->has_upper : !range->has_lower);
}

static cy_err judge_unbounded(struct judge *j)
{
    const struct cy_lp_form *form = j->form;
    struct cy_lp_vector ray;
    struct cy_sum *rows = NULL;
    struct cy_sum gain;

    CY_TRY(read_point(j));
    CY_TRY(read_vector(j, form->n_columns, &ray));
    CY_TRY(activities(j, &ray, &rows));
    CY_TRY(sum_on(j, ray.limbs + form->limbs + 2, &gain));
    for (uint32_t i = 0; i < form->n_rows; i++) {
        if (!direction_keeps(cy_sum_sign(&rows[i]), &form->rows[i]))
            return row_wrong(i);
    }
    for (uint32_t c = 0; c < form->n_columns; c++) {
        if (!direction_keeps(cy_whole_sign(ray.numbers[c]), &form->columns[c].range))
            return column_wrong(j, c);
        cy_sum_add(&gain, form->columns[c].cost, ray.numbers[c]);
    }
    return cy_sum_sign(&gain) < 0 ? CY_OK : cy_fail(CY_E_CERT_WRONG, 0);
}

/* --- the tree --- */

/* No better point under this leaf: its bound is not below the point's value, or, where every
 * objective is a whole number, not below it by 1 or more. */
static cy_err judge_leaf_bound(struct judge *j, const struct cy_lp_vector *y)
{
    const struct cy_lp_vector *x = &j->out->point;
    struct cy_whole below = {0};
    struct cy_whole aim = j->objective;
    struct cy_sum total;
    struct cy_sum judged;

    if (j->out->infeasible)
        return cy_fail(CY_E_CERT_WRONG, 0); /* without a point there is no value to reach */
    CY_TRY(sum_on(j, total_limbs(j, y), &total));
    CY_TRY(combine(j, y, true, false, &total));
    CY_TRY(multiply(j, j->form->unit, y->divisor, &below));
    if (j->form->integral) {
        struct cy_sum less;

        CY_TRY(sum_on(j, x->limbs + j->form->limbs + 4, &less));
        cy_sum_add(&less, j->objective, one_);
        cy_sum_add(&less, cy_whole_negated(x->divisor), one_);
        aim = cy_sum_value(&less);
    }
    CY_TRY(sum_on(j, total.n + x->limbs + below.n + aim.n + 4, &judged));
    cy_sum_add(&judged, cy_sum_value(&total), x->divisor);
    cy_sum_add(&judged, cy_whole_negated(aim), below);
    if (cy_sum_sign(&judged) > 0 || (cy_sum_sign(&judged) == 0 && !j->form->integral))
        return CY_OK;
    return cy_fail(CY_E_CERT_WRONG, 0);
}

static cy_err judge_leaf(struct judge *j, bool nothing)
{
    const size_t mark = j->arena->used;
    struct cy_lp_vector y;

    CY_TRY(read_vector(j, j->form->n_rows, &y));
    CY_TRY(nothing ? judge_nothing(j, &y) : judge_leaf_bound(j, &y));
    cy_arena_rewind(j->arena, mark);
    j->out->leaves++;
    return CY_OK;
}

/* Sets one side of a branch: x <= value, or x >= value + 1, in the unit of the bounds. */
static cy_err take_side(struct judge *j, const struct branch *b)
{
    struct cy_lp_range *range = &j->ranges[b->column];
    struct cy_sum sum;

    CY_TRY(sum_on(j, b->value.n + j->form->unit.n + 2, &sum));
    cy_sum_add(&sum, b->value, j->form->unit);
    *range = b->before;
    if (b->right) {
        cy_sum_add(&sum, one_, j->form->unit);
        range->lower = cy_sum_value(&sum);
        range->has_lower = true;
    } else {
        range->upper = cy_sum_value(&sum);
        range->has_upper = true;
    }
    return CY_OK;
}

static cy_err open_branch(struct judge *j, struct branch *b)
{
    *b = (struct branch){.arena_used = j->arena->used};
    if (j->form->n_columns == 0)
        return form_wrong();
    CY_TRY(cy_count_read(&j->rest, j->form->n_columns - 1, &b->column));
    if (!j->form->columns[b->column].integer)
        return form_wrong();
    CY_TRY(cy_whole_read(&j->rest, CY_LP_DATUM_MAX, j->arena, &b->value));
    b->before = j->ranges[b->column];
    return take_side(j, b);
}

/* After a leaf: the innermost branch whose right side is still to do, if any. */
static cy_err go_on(struct judge *j, struct branch *stack, uint32_t *depth)
{
    while (*depth > 0) {
        struct branch *b = &stack[*depth - 1];

        if (!b->right) {
            b->right = true;
            return take_side(j, b);
        }
        j->ranges[b->column] = b->before;
        cy_arena_rewind(j->arena, b->arena_used);
        --*depth;
    }
    return CY_OK;
}

enum { NODE_BRANCH = 0, NODE_BOUND = 1, NODE_NOTHING = 2 };

static cy_err judge_nodes(struct judge *j)
{
    struct branch *stack = cy_arena_zero(j->arena, CY_LP_DEPTH_MAX * sizeof *stack);
    uint32_t depth = 0;

    if (stack == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    do {
        uint8_t node = 0;

        CY_TRY(read_byte(j, &node));
        if (node > NODE_NOTHING || (node == NODE_BRANCH && depth == CY_LP_DEPTH_MAX))
            return form_wrong();
        if (node == NODE_BRANCH) {
            CY_TRY(open_branch(j, &stack[depth++]));
            continue;
        }
        CY_TRY(judge_leaf(j, node == NODE_NOTHING));
        CY_TRY(go_on(j, stack, &depth));
    } while (depth > 0);
    return CY_OK;
}

static cy_err judge_tree(struct judge *j)
{
    uint8_t has_point = 0;
    struct cy_lp_range *ranges = cy_arena_zero(j->arena, j->form->n_columns * sizeof *ranges);

    if (ranges == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    memcpy(ranges, j->ranges, j->form->n_columns * sizeof *ranges);
    j->ranges = ranges;
    CY_TRY(read_byte(j, &has_point));
    if (has_point > 1)
        return form_wrong();
    j->out->infeasible = has_point == 0;
    if (has_point == 1)
        CY_TRY(read_point(j));
    CY_TRY(judge_nodes(j));
    j->out->bound_above = j->out->value_above;
    j->out->bound_below = j->out->value_below;
    return CY_OK;
}

static cy_err judge(struct judge *j, const struct cy_id *program)
{
    cy_err (*const kinds[])(struct judge *) = {
        [CY_LP_OPTIMAL] = judge_optimal,     [CY_LP_INFEASIBLE] = judge_infeasible,
        [CY_LP_UNBOUNDED] = judge_unbounded, [CY_LP_TREE] = judge_tree,
        [CY_LP_BOUNDED] = judge_bounded,
    };
    uint8_t kind = 0;

    if (j->rest.n < sizeof magic_ || memcmp(j->rest.at, magic_, sizeof magic_) != 0)
        return form_wrong();
    j->rest = cy_span_of(j->rest.at + sizeof magic_, j->rest.n - sizeof magic_);
    CY_TRY(read_byte(j, &kind));
    if (kind == 0 || kind >= CY_COUNT(kinds) || j->rest.n < sizeof program->b)
        return form_wrong();
    if (memcmp(j->rest.at, program->b, sizeof program->b) != 0)
        return cy_fail(CY_E_CERT_OTHER, 0);
    j->rest = cy_span_of(j->rest.at + sizeof program->b, j->rest.n - sizeof program->b);
    j->out->kind = (enum cy_lp_kind)kind;
    CY_TRY(kinds[kind](j));
    return j->rest.n == 0 ? CY_OK : form_wrong();
}

cy_err cy_lp_check(const struct cy_lp_form *form, const struct cy_id *program,
                   struct cy_span certificate, struct cy_arena *arena, struct cy_lp_verdict *out)
{
    struct judge j = {.form = form, .rest = certificate, .arena = arena, .out = out};
    cy_err e;

    *out = (struct cy_lp_verdict){0};
    j.ranges = cy_arena_zero(arena, form->n_columns * sizeof *j.ranges);
    if (j.ranges == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (uint32_t c = 0; c < form->n_columns; c++)
        j.ranges[c] = form->columns[c].range;
    e = judge(&j, program);
    return e.code == CY_E_CERT_FORM ? cy_fail(CY_E_CERT_FORM, certificate.n - j.rest.n) : e;
}
