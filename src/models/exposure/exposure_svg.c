#include "models/exposure/exposure_svg.h"

#include <stdlib.h>

enum { LEFT = 300, TOP = 700, COLUMN = 3200, ROW = 900, BOX = 2200, HIGH = 500 };

/* A party of the drawing: its column is one more than that of its latest owner. */
struct box {
    uint32_t party;
    int32_t column;
    int32_t row;
};

struct plan {
    struct box *boxes;
    size_t n;
    int32_t columns;
    int32_t rows;
};

static struct box *box_of(struct plan *plan, uint32_t party)
{
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->boxes[i].party == party)
            return &plan->boxes[i];
    }
    plan->boxes[plan->n] = (struct box){party, 0, 0};
    return &plan->boxes[plan->n++];
}

/* A proof is in order, so an owner has its column before what it owns needs it. */
static void place(struct plan *plan, const struct cy_holding *proof, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t owner = box_of(plan, proof[i].owner)->column;
        struct box *owned = box_of(plan, proof[i].owned);

        owned->column = owned->column > owner ? owned->column : owner + 1;
    }
    for (size_t i = 0; i < plan->n; i++) {
        for (size_t k = 0; k < i; k++)
            plan->boxes[i].row += plan->boxes[k].column == plan->boxes[i].column;
        plan->columns =
            plan->columns > plan->boxes[i].column ? plan->columns : plan->boxes[i].column;
        plan->rows = plan->rows > plan->boxes[i].row ? plan->rows : plan->boxes[i].row;
    }
}

static void draw_line(struct cy_svg *svg, struct plan *plan, const struct cy_holding *holding)
{
    const struct box *from = box_of(plan, holding->owner);
    const struct box *to = box_of(plan, holding->owned);
    const int32_t x1 = LEFT + from->column * COLUMN + BOX;
    const int32_t y1 = TOP + from->row * ROW + HIGH / 2;
    const int32_t x2 = LEFT + to->column * COLUMN;
    const int32_t y2 = TOP + to->row * ROW + HIGH / 2;
    char words[64];
    struct cy_text text = cy_text_on(words, sizeof words);

    if (holding->interest != CY_INTEREST_CONTROL)
        cy_share_text(&text, holding->share);
    if (holding->interest != CY_INTEREST_SHARES) {
        cy_text_add(&text, text.n > 0 ? " " : "");
        cy_text_add(&text, cy_interest_name((enum cy_interest)holding->interest));
    }
    cy_svg_line(svg, "minus", x1, y1, x2, y2);
    cy_svg_text(svg, "fg", x1 + (x2 - x1) / 3, y1 + (y2 - y1) / 3 - 60, CY_SVG_START, words);
}

static void draw_box(struct cy_svg *svg, const struct cy_ownership *o, const struct box *box,
                     uint32_t target)
{
    const int32_t x = LEFT + box->column * COLUMN;
    const int32_t y = TOP + box->row * ROW;
    char words[40];

    (void)snprintf(words, sizeof words, "%.26s", o->parties[box->party].name);
    cy_utf8_mend(words);
    cy_svg_group(svg, o->parties[box->party].id);
    cy_svg_rect(svg, box->party == target ? "a" : box->column == 0 ? "b" : "f", x, y, BOX, 60);
    cy_svg_text(svg, "fg", x, y + 300, CY_SVG_START, words);
    cy_svg_group_end(svg);
}

bool cy_exposure_svg(FILE *out, const struct cy_ownership *o, const struct cy_holding *proof,
                     size_t n, uint32_t target, const char *title)
{
    struct plan plan = {.boxes = calloc(2 * n + 2, sizeof *plan.boxes)};
    struct cy_svg svg;
    char words[128];
    bool good = plan.boxes != NULL;

    if (!good)
        return false;
    (void)box_of(&plan, n > 0 ? proof[0].owner : target);
    place(&plan, proof, n);
    (void)snprintf(words, sizeof words, "%zu parties and the %zu holdings that block the last one.",
                   plan.n, n);
    cy_svg_begin(&svg, out, 2 * LEFT + plan.columns * COLUMN + BOX,
                 TOP + (plan.rows + 1) * ROW + 200, title, words);
    cy_svg_text(&svg, "fg", LEFT, 350, CY_SVG_START, title);
    for (size_t i = 0; i < n; i++)
        draw_line(&svg, &plan, &proof[i]);
    for (size_t i = 0; i < plan.n; i++)
        draw_box(&svg, o, &plan.boxes[i], target);
    good = cy_svg_end(&svg);
    free(plan.boxes);
    return good;
}
