#include "models/network/warning_desk.h"

#include "models/desk/svg.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)64 << 20)
#define SHOWN_MAX 100000u

struct answer {
    struct cy_roll_calls calls;
    struct cy_warning_years years;
    struct cy_warning_report report;
    struct cy_warning *warnings;
    size_t n;
    uint32_t drop; /* millionths */
};

/* The mean square of risk - outcome, in millionths. */
static uint32_t brier(uint64_t squares, uint64_t cases)
{
    return cases == 0 ? 0 : (uint32_t)(squares / cases / 1000000);
}

/* How much smaller than the other, in millionths; below 0: larger. */
static int32_t skill(uint64_t squares, uint64_t other)
{
    return other == 0 ? 0 : (int32_t)(1000000 - (int64_t)(squares / (other / 1000000 + 1)));
}

static const char *signed_percent(int32_t millionths, char out[static 16])
{
    (void)snprintf(out, 16, "%s%d.%d %%", millionths < 0 ? "-" : "+", abs(millionths) / 10000,
                   abs(millionths) / 1000 % 10);
    return out;
}

/* Warnings are of use where they did better than both without a model, in most years and in all. */
static bool of_use(const struct cy_warning_report *r)
{
    return r->all.squares < r->all.squares_rate && r->all.squares < r->all.squares_change &&
           2 * r->better > r->n_years;
}

/* --- as JSON --- */

static json_t *bins_json(const struct cy_warning_report *r)
{
    json_t *out = json_array();

    for (size_t i = 0; i < CY_WARNING_BINS; i++) {
        const struct cy_warning_bin *bin = &r->bins[i];

        if (bin->cases > 0)
            (void)json_array_append_new(
                out,
                json_pack("{s:f, s:f, s:I, s:f, s:f}", "from", (double)i / CY_WARNING_BINS, "to",
                          (double)(i + 1) / CY_WARNING_BINS, "cases", (json_int_t)bin->cases,
                          "told", (double)bin->risks / (double)bin->cases / 1e6, "came",
                          (double)bin->events / (double)bin->cases));
    }
    return out;
}

static json_t *score_json(const struct cy_warning_score *s)
{
    return json_pack("{s:I, s:I, s:f, s:f, s:f}", "cases", (json_int_t)s->cases, "events",
                     (json_int_t)s->events, "brier", brier(s->squares, s->cases) / 1e6,
                     "brier_rate_alone", brier(s->squares_rate, s->cases) / 1e6,
                     "brier_change_alone", brier(s->squares_change, s->cases) / 1e6);
}

static json_t *years_json(const struct cy_warning_report *r)
{
    json_t *out = json_array();

    for (size_t i = 0; i < r->n_years; i++) {
        json_t *one = score_json(&r->years[i]);

        (void)json_object_set_new(one, "year", json_integer((json_int_t)r->first + (json_int_t)i));
        (void)json_array_append_new(out, one);
    }
    return out;
}

static int print_json(struct cy_desk *desk, const struct answer *a)
{
    json_t *warnings = json_array();

    for (size_t i = 0; i < a->n; i++) {
        const struct cy_warning *w = &a->warnings[i];

        (void)json_array_append_new(
            warnings, json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:I, s:I}", "a",
                                a->calls.parties[w->a], "b", a->calls.parties[w->b], "risk",
                                w->risk / 1e6, "above_average", w->above / 1e6, "change",
                                w->change / 1e6, "above_its_mean", w->lift / 1e6, "cases_like_it",
                                (json_int_t)w->cases, "that_drifted", (json_int_t)w->events));
    }
    return cy_desk_print(
        desk, json_pack("{s:I, s:f, s:b, s:I, s:o, s:o, s:o, s:f, s:o}", "year",
                        (json_int_t)a->years.first + (json_int_t)a->years.n, "drop", a->drop / 1e6,
                        "of_use", (int)of_use(&a->report), "years_better",
                        (json_int_t)a->report.better, "held_out", score_json(&a->report.all),
                        "by_year", years_json(&a->report), "calibration", bins_json(&a->report),
                        "rate", (double)a->report.rate / 1e6, "warnings", warnings));
}

/* --- for people --- */

static void say_calibration(FILE *out, const struct answer *a)
{
    const struct cy_warning_report *r = &a->report;
    char words[2][16];

    (void)fprintf(out,
                  "How far to believe it: %zu years held out (%u to %u), %llu pairs, %llu of them "
                  "drifted apart by %u points.\n",
                  r->n_years, r->first, r->first + (unsigned)r->n_years - 1,
                  (unsigned long long)r->all.cases, (unsigned long long)r->all.events,
                  a->drop / 10000);
    (void)fprintf(out,
                  "  Brier score 0.%06u; by the rate alone 0.%06u (%s); by the last change alone "
                  "0.%06u (%s).\n",
                  brier(r->all.squares, r->all.cases), brier(r->all.squares_rate, r->all.cases),
                  signed_percent(skill(r->all.squares, r->all.squares_rate), words[0]),
                  brier(r->all.squares_change, r->all.cases),
                  signed_percent(skill(r->all.squares, r->all.squares_change), words[1]));
    (void)fprintf(out, "  Better than both in %zu of %zu years. %s\n", r->better, r->n_years,
                  of_use(r) ? "A weak sign, better than none."
                            : "It is no better than a rule without a model: do not act on it.");
    (void)fprintf(out, "\n  %-12s %10s %10s %10s\n", "told", "pairs", "told", "came");
    for (size_t i = 0; i < CY_WARNING_BINS; i++) {
        const struct cy_warning_bin *bin = &r->bins[i];
        const uint64_t n = bin->cases == 0 ? 1 : bin->cases;

        if (bin->cases > 0)
            (void)fprintf(out, "  %2zu to %3zu %%  %10llu %8llu.%llu %8llu.%llu\n", i * 10,
                          i * 10 + 10, (unsigned long long)bin->cases,
                          (unsigned long long)(bin->risks / n / 10000),
                          (unsigned long long)(bin->risks / n / 1000 % 10),
                          (unsigned long long)(1000000 * bin->events / n / 10000),
                          (unsigned long long)(1000000 * bin->events / n / 1000 % 10));
    }
}

static void say_warning(FILE *out, const struct answer *a, const struct cy_warning *w, bool explain)
{
    char words[3][16];

    (void)fprintf(out, "  %2u.%u %%  %s and %s\n", w->risk / 10000, w->risk / 1000 % 10,
                  a->calls.parties[w->a], a->calls.parties[w->b]);
    if (explain)
        (void)fprintf(
            out,
            "          agreement %s against the average, %s in a year, %s against its mean "
            "of three years; of %u pairs like it %u drifted apart\n",
            signed_percent(w->above, words[0]), signed_percent(w->change, words[1]),
            signed_percent(w->lift, words[2]), w->cases, w->events);
}

static int print_people(struct cy_desk *desk, const struct answer *a)
{
    say_calibration(desk->out, a);
    (void)fprintf(desk->out, "\nPairs most likely to drift apart in %u (of all %llu.%llu %% do):\n",
                  a->years.first + (unsigned)a->years.n,
                  (unsigned long long)(a->report.rate / 10000),
                  (unsigned long long)(a->report.rate / 1000 % 10));
    for (size_t i = 0; i < a->n; i++)
        say_warning(desk->out, a, &a->warnings[i], cy_desk_on(desk, "explain"));
    return CY_DESK_DONE;
}

/* --- the drawing: told against came --- */

enum { SIZE = 6000, LEFT = 900, SIDE = 4500, BOTTOM = LEFT + SIDE };

static int draw(struct cy_desk *desk, FILE *out, const struct cy_warning_report *r)
{
    struct cy_svg svg;
    char words[160];

    (void)snprintf(words, sizeof words,
                   "Each dot is a group of warnings: to the right the risk that was told, up the "
                   "share that came. On the line both agree. Larger dots have more pairs.");
    cy_svg_begin(&svg, out, SIZE, SIZE + 400, "Warnings against what came", words);
    cy_svg_line(&svg, "dim", LEFT, BOTTOM, BOTTOM, LEFT);
    cy_svg_line(&svg, "fg", LEFT, BOTTOM, BOTTOM, BOTTOM);
    cy_svg_line(&svg, "fg", LEFT, BOTTOM, LEFT, LEFT);
    cy_svg_text(&svg, "fg", LEFT + SIDE / 2, BOTTOM + 400, CY_SVG_MIDDLE, "risk told, 0 to 100 %");
    cy_svg_text(&svg, "fg", LEFT, LEFT - 200, CY_SVG_MIDDLE, "came, 0 to 100 %");
    for (size_t i = 0; i < CY_WARNING_BINS; i++) {
        const struct cy_warning_bin *bin = &r->bins[i];
        int32_t radius = 40;

        if (bin->cases == 0)
            continue;
        for (uint64_t n = bin->cases; n > 10; n /= 4)
            radius += 15;
        (void)snprintf(words, sizeof words, "%llu pairs: told %llu %%, came %llu %%",
                       (unsigned long long)bin->cases,
                       (unsigned long long)(bin->risks / bin->cases / 10000),
                       (unsigned long long)(100 * bin->events / bin->cases));
        cy_svg_group(&svg, words);
        cy_svg_circle(&svg, "a", LEFT + (int32_t)(bin->risks / bin->cases * SIDE / 1000000),
                      BOTTOM - (int32_t)(bin->events * SIDE / bin->cases), radius);
        cy_svg_group_end(&svg);
    }
    if (!cy_svg_end(&svg))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    return CY_DESK_DONE;
}

int cy_model_network_warning(struct cy_desk *desk)
{
    const char *path = cy_desk_word(desk, 0);
    FILE *svg = cy_desk_output(desk, "svg");
    struct answer *a = cy_desk_take(desk, sizeof *a);
    uint64_t drop = 5;
    uint64_t held_out = 0;
    uint64_t shown = 10;

    if (path == NULL || cy_desk_word(desk, 1) != NULL)
        return cy_desk_wrong(desk, "name one table of roll calls");
    if (a == NULL || !cy_ok(cy_desk_number(desk, "drop", 1, 100, &drop)) ||
        !cy_ok(cy_desk_number(desk, "held-out", 1, CY_WARNING_YEARS_MAX, &held_out)) ||
        !cy_ok(cy_desk_number(desk, "most", 0, SHOWN_MAX, &shown)) ||
        !cy_ok(cy_roll_calls_get(desk, path, FILE_MAX_BYTES, &a->calls)) ||
        !cy_ok(cy_warning_years_make(desk, &a->calls, &a->years)))
        return cy_desk_code(desk);
    a->drop = (uint32_t)drop * 10000;
    a->warnings = cy_desk_take(desk, (shown + 1) * sizeof *a->warnings);
    if (a->warnings == NULL ||
        !cy_ok(cy_warning_report_make(desk, &a->years, a->drop,
                                      held_out == 0 ? a->years.n / 2 : held_out, &a->report)) ||
        !cy_ok(cy_warnings_make(desk, &a->years, a->drop, a->warnings, shown, &a->n, &a->report)))
        return cy_desk_code(desk);
    if (svg != NULL && draw(desk, svg, &a->report) != CY_DESK_DONE)
        return cy_desk_code(desk);
    return desk->json ? print_json(desk, a) : print_people(desk, a);
}
