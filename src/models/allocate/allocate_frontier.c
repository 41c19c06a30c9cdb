#include "models/allocate/allocate_frontier.h"

#include "models/desk/svg.h"

#include <stdlib.h>

enum { POINTS_LEAST = 2, POINTS_MOST = 50, WIDE = 6000, HIGH = 4000, LEFT = 900, TOP = 700 };

struct point {
    mpq_t value;
    mpq_t least;    /* part of a claim */
    uint32_t worst; /* a party that gets it */
    uint32_t n_stages;
};

struct frontier {
    struct cy_allocate_charter *charter;
    struct point points[POINTS_MOST + 1];
    uint32_t n;
};

/* --- deciding --- */

static void measure(const struct cy_allocate_charter *charter,
                    const struct cy_allocate_answer *answer, struct point *out)
{
    bool any = false;
    mpq_t v;

    mpq_init(v);
    mpq_set_ui(out->value, 0, 1);
    out->n_stages = answer->n_stages;
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        const struct cy_allocate_party *party = &charter->parties[p];

        mpq_mul(v, party->value, answer->state.parties[p].share);
        mpq_add(out->value, out->value, v);
        if (mpq_sgn(party->claim) == 0)
            continue;
        mpq_div(v, answer->state.parties[p].share, party->claim);
        if (any && mpq_cmp(v, out->least) >= 0)
            continue;
        mpq_set(out->least, v);
        out->worst = p;
        any = true;
    }
    mpq_clear(v);
}

static cy_err decide(struct cy_desk *desk, struct cy_allocate_charter *charter,
                     enum cy_allocate_rule rule, mpq_srcptr aim, struct point *out)
{
    const enum cy_allocate_rule before = charter->rule;
    struct cy_allocate_answer answer;
    cy_err e;

    charter->rule = rule;
    charter->has_aim = aim != NULL;
    if (aim != NULL)
        mpq_set(charter->aim, aim);
    e = cy_allocate_decide(desk, charter, NULL, &answer);
    if (cy_ok(e))
        measure(charter, &answer, out);
    cy_allocate_answer_free(&answer);
    charter->rule = before;
    charter->has_aim = false;
    return e;
}

/* The ends first, then the steps between. */
static cy_err walk(struct cy_desk *desk, struct frontier *f)
{
    struct point *first = &f->points[0];
    struct point *last = &f->points[f->n - 1];
    mpq_t step;
    mpq_t aim;
    cy_err e = decide(desk, f->charter, CY_ALLOCATE_LEXIMIN, NULL, first);

    if (cy_ok(e))
        e = decide(desk, f->charter, CY_ALLOCATE_MOST_VALUE, NULL, last);
    mpq_inits(step, aim, NULL);
    mpq_sub(step, last->value, first->value);
    mpz_mul_ui(mpq_denref(step), mpq_denref(step), f->n - 1);
    mpq_canonicalize(step);
    mpq_set(aim, first->value);
    for (uint32_t k = 1; k + 1 < f->n && cy_ok(e); k++) {
        cy_desk_progress(desk, "deciding", k, f->n);
        mpq_add(aim, aim, step);
        e = decide(desk, f->charter, CY_ALLOCATE_LEXIMIN, aim, &f->points[k]);
    }
    mpq_clears(step, aim, NULL);
    return e;
}

/* --- telling --- */

static int tell(struct cy_desk *desk, const struct frontier *f)
{
    json_t *list = json_array();

    if (!desk->json)
        (void)fprintf(desk->out, "%-16s %10s %12s  %s\n", "value", "of most", "least part",
                      "who gets the least part");
    for (uint32_t k = 0; k < f->n; k++) {
        const struct point *point = &f->points[k];
        const char *worst = f->charter->parties[point->worst].name;
        char value[CY_LP_DECIMAL_MAX];
        char part[CY_LP_DECIMAL_MAX];
        char least[CY_LP_DECIMAL_MAX];
        mpq_t one;

        if (desk->json) {
            char *v = cy_lp_exact(point->value);
            char *l = cy_lp_exact(point->least);

            (void)json_array_append_new(
                list, json_pack("{ss ss ss}", "value", v, "least_part", l, "party", worst));
            free(v);
            free(l);
            continue;
        }
        mpq_init(one);
        mpq_set_ui(one, 1, 1);
        cy_lp_decimal(point->value, 2, false, value);
        cy_allocate_percent(point->value, f->points[f->n - 1].value, part);
        cy_allocate_percent(point->least, one, least);
        mpq_clear(one);
        (void)fprintf(desk->out, "%-16s %10s %12s  %s\n", value, part, least, worst);
    }
    if (desk->json)
        return cy_desk_print(desk, list);
    json_decref(list);
    (void)fputs("Each line is decided and certified; which one is right is for people to vote.\n",
                desk->out);
    return CY_DESK_DONE;
}

/* Where a number lies between two, in tenths of a pixel. */
static int32_t between(mpq_srcptr v, mpq_srcptr low, mpq_srcptr high, int32_t size)
{
    const double span = mpq_get_d(high) - mpq_get_d(low);

    return span <= 0 ? 0 : (int32_t)((mpq_get_d(v) - mpq_get_d(low)) / span * size);
}

static bool draw(FILE *out, const struct frontier *f)
{
    const struct point *last = &f->points[f->n - 1];
    struct cy_svg svg;
    int32_t before[2] = {0, 0};
    char words[300];
    mpq_t zero;

    mpq_init(zero);
    cy_svg_begin(&svg, out, LEFT + WIDE + 600, TOP + HIGH + 900, "Efficiency against equity",
                 "Points from the most equal way to the one that is worth most: to the right more "
                 "value, upward a larger least part of a claim.");
    cy_svg_line(&svg, "dim", LEFT, TOP + HIGH, LEFT + WIDE, TOP + HIGH);
    cy_svg_line(&svg, "dim", LEFT, TOP, LEFT, TOP + HIGH);
    cy_svg_text(&svg, "fg", LEFT + WIDE, TOP + HIGH + 300, CY_SVG_END, "value");
    cy_svg_text(&svg, "fg", LEFT, TOP - 150, CY_SVG_START, "least part of a claim");
    for (uint32_t k = 0; k < f->n; k++) {
        const struct point *point = &f->points[k];
        const int32_t x = LEFT + between(point->value, f->points[0].value, last->value, WIDE);
        const int32_t y = TOP + HIGH - between(point->least, zero, f->points[0].least, HIGH);
        char value[CY_LP_DECIMAL_MAX];
        char least[CY_LP_DECIMAL_MAX];

        cy_lp_decimal(point->value, 2, false, value);
        cy_lp_decimal(point->least, 4, false, least);
        (void)snprintf(words, sizeof words, "value %.60s, least part %.60s (%.60s)", value, least,
                       f->charter->parties[point->worst].name);
        if (k > 0)
            cy_svg_line(&svg, "a", before[0], before[1], x, y);
        cy_svg_group(&svg, words);
        cy_svg_circle(&svg, "a", x, y, 60);
        cy_svg_group_end(&svg);
        if (k == 0 || k + 1 == f->n)
            cy_svg_text(&svg, "dim", x, TOP + HIGH + (k == 0 ? 300 : 550),
                        k == 0 ? CY_SVG_START : CY_SVG_END, value);
        before[0] = x;
        before[1] = y;
    }
    mpq_clear(zero);
    return cy_svg_end(&svg);
}

/* --- the command --- */

static int show(struct cy_desk *desk, struct frontier *f)
{
    FILE *svg = cy_desk_output(desk, "svg");

    if (!cy_ok(walk(desk, f)))
        return cy_desk_code(desk);
    if (svg != NULL && !draw(svg, f))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    return tell(desk, f);
}

static bool one_priority(const struct cy_allocate_charter *charter)
{
    for (uint32_t p = 1; p < charter->n_parties; p++) {
        if (charter->parties[p].priority != charter->parties[0].priority)
            return false;
    }
    return true;
}

int cy_model_allocate_frontier(struct cy_desk *desk)
{
    struct cy_allocate_charter charter;
    struct frontier f = {.charter = &charter};
    uint64_t points = 11;
    int code = 0;

    if (desk->n_words != 1)
        return cy_desk_wrong(desk, "comity allocate frontier takes one charter");
    if (!cy_ok(cy_desk_number(desk, "points", POINTS_LEAST, POINTS_MOST, &points)))
        return cy_desk_code(desk);
    f.n = (uint32_t)points;
    for (uint32_t k = 0; k < f.n; k++)
        mpq_inits(f.points[k].value, f.points[k].least, NULL);
    if (!cy_ok(cy_allocate_read(desk, &charter)))
        code = cy_desk_code(desk);
    else if (!one_priority(&charter))
        code = cy_desk_fail(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "a frontier is of one priority: leave the lines of priority out");
    else
        code = show(desk, &f);
    for (uint32_t k = 0; k < f.n; k++)
        mpq_clears(f.points[k].value, f.points[k].least, NULL);
    cy_allocate_charter_free(&charter);
    return code;
}
