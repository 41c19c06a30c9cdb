#include "models/epidemic/epidemic_desk.h"

#include "models/desk/svg.h"

#include <math.h>
#include <stdlib.h>

#define MILLION 1e6

enum rule { NOBODY, HOARD, CHARTER };

static const char *const rule_words_[] = {"none", "hoard", "charter"};

/* --- sharing --- */

/* The charter of a month: the agreed text, the supply so far, and the parties. */
static char *charter_of(const struct cy_epidemic_scenario *scenario, uint32_t month, size_t *n)
{
    const struct cy_epidemic_world *world = &scenario->world;
    char *text = NULL;
    double supply = 0;
    FILE *out = open_memstream(&text, n);

    if (out == NULL)
        return NULL;
    for (uint32_t m = 0; m <= month; m++)
        supply += world->supply[m];
    (void)fwrite(scenario->charter.at, 1, scenario->charter.n, out);
    (void)fprintf(out, "\n# month %u: all doses that have arrived so far\nsupply  %.0f\n",
                  month + 1, supply);
    for (uint32_t c = 0; c < world->n_countries; c++)
        (void)fprintf(out, "party   %s claim %.0f risk %.3f\n", world->countries[c].code,
                      cy_epidemic_claim(world, c), 100 * world->countries[c].over65);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static cy_err write_finding(struct cy_desk *desk, const struct cy_allocate_charter *charter,
                            const struct cy_allocate_answer *answer, FILE *out)
{
    json_t *json = cy_allocate_finding(charter, answer);
    const bool good =
        json != NULL && json_dumpf(json, out, JSON_INDENT(1)) == 0 && fputc('\n', out) != EOF;

    json_decref(json);
    return good ? CY_OK
                : cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, 0), "the finding was not written");
}

/* so_far[country]: doses up to this month by the rule. Parties stand by name, countries as read. */
static void take_shares(const struct cy_epidemic_world *world,
                        const struct cy_allocate_charter *charter,
                        const struct cy_allocate_answer *answer, double *so_far)
{
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        for (uint32_t c = 0; c < world->n_countries; c++) {
            if (strcmp(world->countries[c].code, charter->parties[p].name) == 0)
                so_far[c] = mpz_get_d(answer->lots[p]) * (double)charter->lot;
        }
    }
}

static cy_err decide(struct cy_desk *desk, const struct cy_epidemic_world *world, const char *text,
                     size_t n, FILE *finding, double *so_far, uint32_t *n_stages)
{
    struct cy_allocate_charter charter = {0};
    struct cy_allocate_answer answer;
    struct cy_desk_fault fault = {0};
    cy_err e = cy_allocate_charter_read(desk, cy_span_of(text, n), NULL, &charter, &fault);

    if (!cy_ok(e)) {
        if (cy_ok(desk->failed))
            (void)cy_desk_refuse(desk, "vaccines.charter", &fault);
        cy_allocate_charter_free(&charter);
        return desk->failed;
    }
    e = cy_allocate_decide(desk, &charter, NULL, &answer);
    if (cy_ok(e)) {
        take_shares(world, &charter, &answer, so_far);
        *n_stages += answer.n_stages;
        if (finding != NULL)
            e = write_finding(desk, &charter, &answer, finding);
    }
    cy_allocate_answer_free(&answer);
    cy_allocate_charter_free(&charter);
    return e;
}

cy_err cy_epidemic_share(struct cy_desk *desk, const struct cy_epidemic_scenario *scenario,
                         uint32_t month, FILE *charter_out, FILE *finding_out,
                         struct cy_epidemic_doses *out, uint32_t *n_stages)
{
    double given[CY_EPIDEMIC_COUNTRIES_MAX] = {0};

    memset(out, 0, sizeof *out);
    *n_stages = 0;
    for (uint32_t m = 0; m < scenario->world.n_months; m++) {
        double so_far[CY_EPIDEMIC_COUNTRIES_MAX] = {0};
        size_t n = 0;
        char *text = charter_of(scenario, m, &n);
        cy_err e = cy_fail(CY_E_NO_MEMORY, 0);

        cy_desk_progress(desk, "sharing", m, scenario->world.n_months);
        if (text == NULL)
            return cy_desk_note(desk, e, "no memory for a charter");
        e = decide(desk, &scenario->world, text, n, m + 1 == month ? finding_out : NULL, so_far,
                   n_stages);
        if (cy_ok(e) && m + 1 == month && charter_out != NULL &&
            fwrite(text, 1, n, charter_out) != n)
            e = cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, 0), "the charter was not written");
        free(text);
        CY_TRY(e);
        for (uint32_t c = 0; c < scenario->world.n_countries; c++) {
            out->of[m][c] = so_far[c] > given[c] ? so_far[c] - given[c] : 0;
            given[c] += out->of[m][c];
        }
    }
    cy_desk_progress(desk, "sharing", 1, 1);
    return CY_OK;
}

/* --- words --- */

static double sum(const double *v, uint32_t n)
{
    double all = 0;

    for (uint32_t i = 0; i < n; i++)
        all += v[i];
    return all;
}

/* 1234567 as 1,234,567. */
static const char *people(double v, char out[static 40])
{
    char digits[32];
    size_t n = 0;
    size_t at = 0;

    (void)snprintf(digits, sizeof digits, "%.0f", v < 0 ? -v : v);
    n = strlen(digits);
    if (v < -0.5)
        out[at++] = '-';
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = 0;
    return out;
}

static json_t *course_json(const struct cy_epidemic_world *world,
                           const struct cy_epidemic_course *course)
{
    json_t *countries = json_array();
    json_t *months = json_array();

    for (uint32_t c = 0; c < world->n_countries; c++)
        (void)json_array_append_new(
            countries, json_pack("{ss sI sI sI sI}", "country", world->countries[c].code, "deaths",
                                 (json_int_t)llround(course->deaths[c]), "infections",
                                 (json_int_t)llround(course->infections[c]), "vaccinated",
                                 (json_int_t)llround(course->vaccinated[c]), "doses_unused",
                                 (json_int_t)llround(course->unused[c])));
    for (uint32_t m = 0; m < world->n_months; m++)
        (void)json_array_append_new(
            months, json_pack("{sI sI sI}", "month", (json_int_t)m + 1, "deaths",
                              (json_int_t)llround(course->month_deaths[m]), "infections",
                              (json_int_t)llround(course->month_infections[m])));
    return json_pack("{sI sI sI so so}", "deaths",
                     (json_int_t)llround(sum(course->deaths, world->n_countries)), "variants",
                     (json_int_t)course->variants, "hard_months", (json_int_t)course->hard_months,
                     "countries", countries, "by_month", months);
}

/* --- drawing --- */

enum { LEFT = 900, WIDE = 6400, HIGH = 3000, TOP = 1000 };

static void draw_line(struct cy_svg *svg, const char *class, const double *v, uint32_t n,
                      double most)
{
    for (uint32_t m = 1; m < n; m++)
        cy_svg_line(svg, class, LEFT + (int32_t)((m - 1) * WIDE / n),
                    TOP + HIGH - (int32_t)lround(v[m - 1] / most * HIGH),
                    LEFT + (int32_t)(m * WIDE / n),
                    TOP + HIGH - (int32_t)lround(v[m] / most * HIGH));
}

/* Deaths by month: one course, or two. */
static bool draw(FILE *out, const struct cy_epidemic_world *world, const char *title,
                 const struct cy_epidemic_course *one, const char *one_name,
                 const struct cy_epidemic_course *two, const char *two_name)
{
    struct cy_svg svg;
    char words[300];
    char a[40];
    char b[40];
    double most = 1;

    for (uint32_t m = 0; m < world->n_months; m++) {
        most = fmax(most, one->month_deaths[m]);
        most = two == NULL ? most : fmax(most, two->month_deaths[m]);
    }
    (void)snprintf(words, sizeof words, "Deaths by month. %s: %s in all%s%s%s%s.", one_name,
                   people(sum(one->deaths, world->n_countries), a), two == NULL ? "" : "; ",
                   two == NULL ? "" : two_name, two == NULL ? "" : ": ",
                   two == NULL ? "" : people(sum(two->deaths, world->n_countries), b));
    cy_svg_begin(&svg, out, LEFT + WIDE + 600, TOP + HIGH + 700, title, words);
    cy_svg_text(&svg, "fg", LEFT, 330, CY_SVG_START, title);
    cy_svg_rect(&svg, "a", LEFT, 480, 240, 60);
    cy_svg_text(&svg, "fg", LEFT + 320, 560, CY_SVG_START, one_name);
    if (two != NULL) {
        cy_svg_rect(&svg, "b", LEFT + 2400, 480, 240, 60);
        cy_svg_text(&svg, "fg", LEFT + 2720, 560, CY_SVG_START, two_name);
    }
    cy_svg_line(&svg, "dim", LEFT, TOP + HIGH, LEFT + WIDE, TOP + HIGH);
    cy_svg_line(&svg, "dim", LEFT, TOP, LEFT + WIDE, TOP);
    cy_svg_text(&svg, "dim", LEFT - 60, TOP + 60, CY_SVG_END, people(most, a));
    cy_svg_text(&svg, "dim", LEFT - 60, TOP + HIGH, CY_SVG_END, "0");
    for (uint32_t m = 0; m < world->n_months; m += 3) {
        (void)snprintf(words, sizeof words, "%u", m + 1);
        cy_svg_text(&svg, "dim", LEFT + (int32_t)(m * WIDE / world->n_months), TOP + HIGH + 220,
                    CY_SVG_MIDDLE, words);
    }
    cy_svg_text(&svg, "fg", LEFT + WIDE / 2, TOP + HIGH + 500, CY_SVG_MIDDLE, "month");
    draw_line(&svg, "a", one->month_deaths, world->n_months, most);
    if (two != NULL)
        draw_line(&svg, "b", two->month_deaths, world->n_months, most);
    return cy_svg_end(&svg);
}

/* --- run --- */

static void tell_run(FILE *out, const struct cy_epidemic_world *world, enum rule rule,
                     const struct cy_epidemic_course *course)
{
    static const char *const sentences[] = {
        "Nobody is vaccinated", "Doses go to who pays most, first", "Doses go by the charter"};
    char a[40];
    char b[40];
    char c[40];

    (void)fprintf(out, "%s, %u countries, %u months of 30 days.\n\n%-8s %16s %14s %14s %12s\n",
                  sentences[rule], world->n_countries, world->n_months, "country", "infected",
                  "dead", "vaccinated", "per million");
    for (uint32_t i = 0; i < world->n_countries; i++)
        (void)fprintf(out, "%-8s %16s %14s %14s %12.0f\n", world->countries[i].code,
                      people(course->infections[i], a), people(course->deaths[i], b),
                      people(course->vaccinated[i], c),
                      course->deaths[i] / world->countries[i].population * MILLION);
    (void)fprintf(out,
                  "\nDead in all: %s. Variants: %u. Months with more than %.0f deaths per "
                  "million people: %u.\n",
                  people(sum(course->deaths, world->n_countries), a), course->variants,
                  CY_EPIDEMIC_HARD, course->hard_months);
}

static cy_err doses_of(struct cy_desk *desk, const struct cy_epidemic_scenario *scenario,
                       enum rule rule, struct cy_epidemic_doses *out)
{
    uint32_t stages = 0;

    memset(out, 0, sizeof *out);
    if (rule == CHARTER)
        return cy_epidemic_share(desk, scenario, 0, NULL, NULL, out, &stages);
    if (rule == HOARD)
        cy_epidemic_hoard(&scenario->world, out);
    return CY_OK;
}

int cy_model_epidemic_run(struct cy_desk *desk)
{
    const char *word = cy_desk_option(desk, "rule");
    FILE *svg = cy_desk_output(desk, "svg");
    static struct cy_epidemic_scenario scenario;
    static struct cy_epidemic_doses doses;
    struct cy_epidemic_course course;
    unsigned rule = word == NULL ? CHARTER : NOBODY;

    while (word != NULL && rule < CY_COUNT(rule_words_) && strcmp(rule_words_[rule], word) != 0)
        rule++;
    if (desk->n_words != 1 || rule == CY_COUNT(rule_words_))
        return cy_desk_wrong(desk, "comity epidemic run takes the directory of a scenario, and "
                                   "--rule none, hoard or charter");
    if (!cy_ok(cy_epidemic_read(desk, cy_desk_word(desk, 0), &scenario)) ||
        !cy_ok(doses_of(desk, &scenario, (enum rule)rule, &doses)))
        return cy_desk_code(desk);
    cy_epidemic_run(&scenario.world, &doses, &course);
    if (svg != NULL &&
        !draw(svg, &scenario.world, "An outbreak", &course, rule_words_[rule], NULL, NULL))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    if (desk->json)
        return cy_desk_print(desk, course_json(&scenario.world, &course));
    tell_run(desk->out, &scenario.world, (enum rule)rule, &course);
    return CY_DESK_DONE;
}

/* --- the story --- */

static void tell_countries(FILE *out, const struct cy_epidemic_world *world,
                           const struct cy_epidemic_course *hoarded,
                           const struct cy_epidemic_course *shared)
{
    char a[40];
    char b[40];
    char c[40];

    (void)fprintf(out, "%-8s %16s %16s %16s\n", "country", "dead, hoarded", "dead, shared",
                  "fewer");
    for (uint32_t i = 0; i < world->n_countries; i++)
        (void)fprintf(out, "%-8s %16s %16s %16s\n", world->countries[i].code,
                      people(hoarded->deaths[i], a), people(shared->deaths[i], b),
                      people(hoarded->deaths[i] - shared->deaths[i], c));
    (void)fprintf(
        out, "%-8s %16s %16s %16s\n", "all", people(sum(hoarded->deaths, world->n_countries), a),
        people(sum(shared->deaths, world->n_countries), b),
        people(sum(hoarded->deaths, world->n_countries) - sum(shared->deaths, world->n_countries),
               c));
}

static void tell_worse(FILE *out, const struct cy_epidemic_world *world,
                       const struct cy_epidemic_course *hoarded,
                       const struct cy_epidemic_course *shared)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < world->n_countries; i++) {
        if (shared->deaths[i] > hoarded->deaths[i] + 0.5)
            (void)fprintf(out, "%s%s", n++ == 0 ? "Sharing costs lives in: " : ", ",
                          world->countries[i].code);
    }
    (void)fputs(n == 0 ? "No country loses by sharing.\n"
                       : ". That is what such a rule asks of them; it is told, not hidden.\n",
                out);
}

static void tell_story(struct cy_desk *desk, const struct cy_epidemic_world *world,
                       const struct cy_epidemic_course *hoarded,
                       const struct cy_epidemic_course *shared, uint32_t stages)
{
    FILE *out = desk->out;
    char a[40];
    char b[40];

    (void)fprintf(out,
                  "The same pandemic twice: %u countries, %u months, the same doses each month.\n\n"
                  "First, whoever pays most is served first, and takes %.0f%% of the need. Then, "
                  "the rule agreed before\nthere was a vaccine: the same part of everybody's need "
                  "first, what is left by risk.\n\n",
                  world->n_countries, world->n_months, 100 * world->parameters.hoard);
    tell_countries(out, world, hoarded, shared);
    (void)fprintf(out,
                  "\nVariants: %u when hoarded, %u when shared.\n"
                  "Months with more than %.0f deaths per million people: %u, and %u.\n"
                  "Doses that nobody was there to take at the end: %s, and %s.\n",
                  hoarded->variants, shared->variants, CY_EPIDEMIC_HARD, hoarded->hard_months,
                  shared->hard_months, people(sum(hoarded->unused, world->n_countries), a),
                  people(sum(shared->unused, world->n_countries), b));
    tell_worse(out, world, hoarded, shared);
    (void)fprintf(out,
                  "\nThat the rule was followed is proved: %u findings, one a month, %u "
                  "certificates, each checked.\n",
                  world->n_months, stages);
    if (cy_desk_output(desk, "charter") != NULL && cy_desk_output(desk, "finding") != NULL)
        (void)fprintf(out, "Check one yourself:\n  comity allocate verify %s %s\n",
                      cy_desk_option(desk, "charter"), cy_desk_option(desk, "finding"));
    else
        (void)fputs("To check one yourself, write it out: --charter FILE --finding FILE.\n", out);
    (void)fputs("It is a small model: it shows what sharing changes, and forecasts nothing "
                "(docs/epidemic.md).\n",
                out);
}

int cy_model_story_pandemic(struct cy_desk *desk)
{
    FILE *svg = cy_desk_output(desk, "svg");
    static struct cy_epidemic_scenario scenario;
    static struct cy_epidemic_doses doses;
    struct cy_epidemic_course hoarded;
    struct cy_epidemic_course shared;
    uint64_t month = 1;
    uint32_t stages = 0;

    if (desk->n_words != 1)
        return cy_desk_wrong(desk, "comity story pandemic takes the directory of a scenario");
    if (!cy_ok(cy_desk_number(desk, "month", 1, CY_EPIDEMIC_MONTHS_MAX, &month)) ||
        !cy_ok(cy_epidemic_read(desk, cy_desk_word(desk, 0), &scenario)))
        return cy_desk_code(desk);
    if (month > scenario.world.n_months)
        return cy_desk_wrong(desk, "the scenario has %u months", scenario.world.n_months);
    cy_epidemic_hoard(&scenario.world, &doses);
    cy_epidemic_run(&scenario.world, &doses, &hoarded);
    if (!cy_ok(cy_epidemic_share(desk, &scenario, (uint32_t)month, cy_desk_output(desk, "charter"),
                                 cy_desk_output(desk, "finding"), &doses, &stages)))
        return cy_desk_code(desk);
    cy_epidemic_run(&scenario.world, &doses, &shared);
    if (svg != NULL && !draw(svg, &scenario.world, "The same pandemic twice", &hoarded, "hoarded",
                             &shared, "shared by the rule"))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    if (desk->json)
        return cy_desk_print(desk, json_pack("{so so sI sI}", "hoarded",
                                             course_json(&scenario.world, &hoarded), "shared",
                                             course_json(&scenario.world, &shared), "findings",
                                             (json_int_t)scenario.world.n_months, "certificates",
                                             (json_int_t)stages));
    tell_story(desk, &scenario.world, &hoarded, &shared, stages);
    return CY_DESK_DONE;
}
