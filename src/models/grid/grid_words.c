#include "models/grid/grid_words.h"

#include "base/text.h"
#include "models/desk/svg.h"

#include <math.h>
#include <stdlib.h>

enum { TELL_MAX = 60, PRICE_DIGITS = 6, MONEY_DIGITS = 4 };

#define BINDS 1e-5 /* money for a MW; less is not told as a limit that costs */

/* --- numbers --- */

/* Units of power as a decimal of MW, exact. */
static void megawatts(int64_t units, char out[static CY_LP_DECIMAL_MAX])
{
    mpq_t v;

    mpq_init(v);
    mpz_set_si(mpq_numref(v), units);
    mpz_set_si(mpq_denref(v), CY_GRID_POWER);
    mpq_canonicalize(v);
    cy_lp_decimal(v, 9, false, out);
    mpq_clear(v);
}

static double near_mw(int64_t units)
{
    return (double)units / (double)CY_GRID_POWER;
}

static double hours_of(const struct cy_grid_program *p, uint32_t period)
{
    return (double)p->rules->periods[period].hours / (double)CY_GRID_SCALE;
}

/* v / hours. */
static void by_hours(const struct cy_grid_program *p, uint32_t period, mpq_ptr v)
{
    mpq_t hours;

    mpq_init(hours);
    mpz_set_si(mpq_numref(hours), p->rules->periods[period].hours);
    mpz_set_si(mpq_denref(hours), CY_GRID_SCALE);
    mpq_canonicalize(hours);
    mpq_div(v, v, hours);
    mpq_clear(hours);
}

/* What one more MWh costs at a bus. */
static void price_of(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                     uint32_t period, uint32_t bus, mpq_ptr out)
{
    mpq_set(out, plan->y[cy_grid_balance(p, period, bus)]);
    by_hours(p, period, out);
}

/* What one more MW of a line would save each hour. */
static void worth_of(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                     uint32_t period, uint32_t line, mpq_ptr out)
{
    cy_grid_pull(p, plan, p->flow[period] + line, out);
    mpq_abs(out, out);
    by_hours(p, period, out);
}

static int64_t output_of(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                         uint32_t period, uint32_t generator)
{
    int64_t sum = 0;

    for (uint32_t j = p->first[period]; j < p->flow[period]; j++) {
        if (p->columns[j].kind == CY_GRID_OUTPUT && p->columns[j].item == generator)
            sum += plan->x[j];
    }
    return sum;
}

/* All outputs of a period in one pass. */
static int64_t *outputs_of(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                           uint32_t period)
{
    int64_t *out = cy_lp_alloc(p->grid->n_generators, sizeof *out);

    for (uint32_t j = p->first[period]; j < p->flow[period]; j++) {
        if (p->columns[j].kind == CY_GRID_OUTPUT)
            out[p->columns[j].item] += plan->x[j];
    }
    return out;
}

static const char *class_of(const struct cy_grid_program *p, uint32_t generator)
{
    const uint8_t class = p->rules->class_of[generator];

    return class < p->rules->n_classes ? p->rules->classes[class] : "";
}

/* --- JSON --- */

static json_t *mw_json(int64_t units)
{
    char text[CY_LP_DECIMAL_MAX];

    megawatts(units, text);
    return json_string(text);
}

static json_t *money_json(mpq_srcptr v, unsigned digits)
{
    char text[CY_LP_DECIMAL_MAX];

    cy_lp_decimal(v, digits, false, text);
    return json_string(text);
}

static json_t *outputs_json(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                            uint32_t period)
{
    json_t *list = json_array();

    for (uint32_t j = p->first[period]; j < p->flow[period]; j++) {
        const struct cy_grid_column *column = &p->columns[j];
        json_t *one = NULL;

        if (column->kind == CY_GRID_OUTPUT) {
            const struct cy_grid_generator *g = &p->grid->generators[column->item];

            one = json_pack("{sI sI so}", "generator", (json_int_t)g->number, "bus",
                            (json_int_t)p->grid->buses[g->bus].number, "mw", mw_json(plan->x[j]));
            if (column->part > 0)
                (void)json_object_set_new(one, "piece", json_integer(column->part));
            if (class_of(p, column->item)[0] != 0)
                (void)json_object_set_new(one, "class", json_string(class_of(p, column->item)));
        } else
            one = json_pack("{ss sI so}", "cut", "load", "bus",
                            (json_int_t)p->grid->buses[column->item].number, "mw",
                            mw_json(plan->x[j]));
        (void)json_array_append_new(list, one);
    }
    return list;
}

static json_t *lines_json(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                          uint32_t period)
{
    json_t *list = json_array();
    mpq_t v;

    mpq_init(v);
    for (uint32_t l = 0; l < p->grid->n_lines; l++) {
        const struct cy_grid_line *line = &p->grid->lines[l];
        json_t *one = json_pack("{sI sI sI so}", "line", (json_int_t)line->number, "from",
                                (json_int_t)p->grid->buses[line->from].number, "to",
                                (json_int_t)p->grid->buses[line->to].number, "mw",
                                mw_json(plan->x[p->flow[period] + l]));

        worth_of(p, plan, period, l, v);
        if (mpq_get_d(v) > BINDS)
            (void)json_object_set_new(one, "worth", money_json(v, PRICE_DIGITS));
        (void)json_array_append_new(list, one);
    }
    mpq_clear(v);
    return list;
}

static json_t *prices_json(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                           uint32_t period)
{
    json_t *out = json_array();
    mpq_t v;

    mpq_init(v);
    for (uint32_t b = 0; b < p->grid->n_buses; b++) {
        price_of(p, plan, period, b, v);
        (void)json_array_append_new(out, json_pack("{sI so}", "bus",
                                                   (json_int_t)p->grid->buses[b].number, "price",
                                                   money_json(v, PRICE_DIGITS)));
    }
    mpq_clear(v);
    return out;
}

static json_t *stores_json(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                           uint32_t period)
{
    json_t *list = json_array();
    const uint32_t at = p->flow[period] + p->grid->n_lines + p->grid->n_buses;

    for (uint32_t s = 0; s < p->rules->n_stores; s++)
        (void)json_array_append_new(list,
                                    json_pack("{ss so so so}", "storage", p->rules->stores[s].name,
                                              "charge", mw_json(plan->x[at + 3 * s]), "discharge",
                                              mw_json(plan->x[at + 3 * s + 1]), "level",
                                              mw_json(plan->x[at + 3 * s + 2])));
    return list;
}

static json_t *period_json(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                           uint32_t period)
{
    return json_pack("{ss so so so so}", "period", p->rules->periods[period].name, "outputs",
                     outputs_json(p, plan, period), "lines", lines_json(p, plan, period), "prices",
                     prices_json(p, plan, period), "storage", stores_json(p, plan, period));
}

json_t *cy_grid_plan_json(const struct cy_grid_program *program, const struct cy_grid_plan *plan,
                          const struct cy_grid_inputs *inputs)
{
    json_t *periods = json_array();
    char *text = cy_lp_alloc(cy_base64_size(plan->certificate.n) + 1, 1);
    char *value = cy_lp_exact(plan->value);
    char *bound = cy_lp_exact(plan->bound);
    char id[65];
    json_t *out = NULL;
    json_t *from = json_pack("{ss ss ss ss ss}", "case", inputs->grid, "charter", inputs->charter,
                             "periods", inputs->periods, "storage", inputs->storage, "lines",
                             inputs->taps ? "1 / (x * ratio)" : "x / (r^2 + x^2)");

    for (uint32_t t = 0; plan->found && t < program->rules->n_periods; t++)
        (void)json_array_append_new(periods, period_json(program, plan, t));
    cy_hex(plan->program.b, 32, id);
    cy_base64(plan->certificate.at, plan->certificate.n, text);
    out = json_pack("{si ss ss ss so ss so ss}", "comity_grid_plan", 1, "name", program->grid->name,
                    "title", program->rules->title, "office", program->rules->office, "inputs",
                    from, "status", plan->found ? "planned" : "impossible", "periods", periods,
                    "program", id);
    if (plan->found) {
        mpq_t gap;

        mpq_init(gap);
        mpq_sub(gap, plan->value, plan->bound);
        (void)json_object_set_new(out, "cost", money_json(plan->money, MONEY_DIGITS));
        (void)json_object_set_new(out, "value", json_string(value));
        (void)json_object_set_new(out, "bound", json_string(bound));
        (void)json_object_set_new(out, "value_decimal", money_json(plan->value, MONEY_DIGITS));
        (void)json_object_set_new(out, "gap", money_json(gap, 9));
        mpq_clear(gap);
    } else
        (void)json_object_set_new(out, "missing_mw", money_json(plan->missing, 6));
    (void)json_object_set_new(out, "certificate", json_string(text));
    free(text);
    free(value);
    free(bound);
    return out;
}

/* --- words --- */

/* Sums of a period, in MW. */
struct sums {
    double load;
    double output;
    double cut;
    double unused; /* cheap output that stood ready and was not asked for: of what costs nothing */
    double in;
    double out;
};

static struct sums sums_of(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                           uint32_t period)
{
    struct sums s = {0};

    for (uint32_t b = 0; b < p->grid->n_buses; b++)
        s.load += near_mw(p->rules->loads[period * p->grid->n_buses + b]);
    for (uint32_t j = p->first[period]; j < p->first[period + 1]; j++) {
        const struct cy_grid_column *column = &p->columns[j];
        const double mw = near_mw(plan->x[j]);

        s.output += column->kind == CY_GRID_OUTPUT ? mw : 0;
        s.cut += column->kind == CY_GRID_SHED ? mw : 0;
        s.in += column->kind == CY_GRID_CHARGE ? mw : 0;
        s.out += column->kind == CY_GRID_DISCHARGE ? mw : 0;
        if (column->kind == CY_GRID_OUTPUT &&
            mpq_sgn(p->grid->generators[column->item].linear) <= 0 &&
            mpq_sgn(p->grid->generators[column->item].quadratic) == 0)
            s.unused += near_mw(column->upper - plan->x[j]);
    }
    return s;
}

static void tell_period(FILE *out, const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                        uint32_t period)
{
    int64_t *outputs = outputs_of(p, plan, period);
    const struct sums s = sums_of(p, plan, period);
    mpq_t v;

    mpq_init(v);
    (void)fprintf(out, "\nPeriod %s (%g h): load %.3f MW", p->rules->periods[period].name,
                  hours_of(p, period), s.load);
    if (s.in > 0.0005 || s.out > 0.0005)
        (void)fprintf(out, "; %.3f MW into storage, %.3f MW out of it", s.in, s.out);
    if (s.unused > 0.0005)
        (void)fprintf(out, "; %.3f MW that cost nothing stay unused", s.unused);
    (void)fprintf(out, "\n  %-10s %-8s %-12s %14s %14s %14s\n", "generator", "bus", "class", "MW",
                  "of", "price there");
    for (uint32_t g = 0; g < p->grid->n_generators; g++) {
        if (g == TELL_MAX) {
            (void)fprintf(out, "  and %u more: see --json\n", p->grid->n_generators - g);
            break;
        }
        price_of(p, plan, period, p->grid->generators[g].bus, v);
        (void)fprintf(
            out, "  %-10u %-8u %-12s %14.3f %14.3f %14.4f\n", p->grid->generators[g].number,
            p->grid->buses[p->grid->generators[g].bus].number, class_of(p, g), near_mw(outputs[g]),
            near_mw(p->rules->mosts[period * p->grid->n_generators + g]), mpq_get_d(v));
    }
    for (uint32_t j = p->first[period]; j < p->flow[period]; j++) {
        if (p->columns[j].kind == CY_GRID_SHED && near_mw(plan->x[j]) > 0.0005)
            (void)fprintf(out, "  load cut at bus %u: %.3f of %.3f MW\n",
                          p->grid->buses[p->columns[j].item].number, near_mw(plan->x[j]),
                          near_mw(p->columns[j].upper));
    }
    mpq_clear(v);
    free(outputs);
}

/* Why an output is what it is. */
static void tell_output(FILE *out, const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                        uint32_t j)
{
    const struct cy_grid_column *column = &p->columns[j];
    const uint32_t number = p->grid->generators[column->item].number;
    double pull = 0;
    mpq_t v;

    mpq_init(v);
    cy_grid_pull(p, plan, j, v);
    by_hours(p, column->period, v);
    pull = mpq_get_d(v);
    mpq_clear(v);
    if (column->upper == column->lower)
        return;
    if (pull < -BINDS)
        (void)fprintf(out,
                      "  generator %u%s gives all it has: one more MW would save %.4f an hour\n",
                      number, column->part > 0 ? ", one piece," : "", -pull);
    else if (pull > BINDS)
        (void)fprintf(out, "  generator %u%s gives its least: a MW of it would cost %.4f more\n",
                      number, column->part > 0 ? ", one piece," : "", pull);
    else
        (void)fprintf(out, "  generator %u sets the price: it could give a little more or less\n",
                      number);
}

static void tell_why(FILE *out, const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                     uint32_t period)
{
    uint32_t told = 0;
    mpq_t v;

    mpq_init(v);
    (void)fprintf(out, "\nWhy, in period %s:\n", p->rules->periods[period].name);
    for (uint32_t j = p->first[period]; j < p->flow[period] && told < TELL_MAX; j++) {
        if (p->columns[j].kind == CY_GRID_OUTPUT) {
            tell_output(out, p, plan, j);
            told++;
        }
    }
    told = 0;
    for (uint32_t l = 0; l < p->grid->n_lines; l++) {
        const struct cy_grid_line *line = &p->grid->lines[l];

        worth_of(p, plan, period, l, v);
        if (mpq_get_d(v) <= BINDS)
            continue;
        told++;
        (void)fprintf(out,
                      "  line %u from bus %u to bus %u is full at %.3f MW: one more MW on it would "
                      "save %.4f an hour\n",
                      line->number, p->grid->buses[line->from].number,
                      p->grid->buses[line->to].number, near_mw(plan->x[p->flow[period] + l]),
                      mpq_get_d(v));
    }
    if (told == 0)
        (void)fputs("  no line is full in a way that costs anything: one price everywhere\n", out);
    mpq_clear(v);
}

static void tell_rule(FILE *out, const struct cy_grid_rules *rules)
{
    uint32_t places = 0;

    for (uint32_t c = 0; c < rules->n_classes; c++)
        places += rules->place[c] != CY_LP_NONE;
    if (places == 0)
        return;
    (void)fputs("Order of merit:", out);
    for (uint32_t k = 0; k < places; k++) {
        for (uint32_t c = 0; c < rules->n_classes; c++) {
            if (rules->place[c] == k)
                (void)fprintf(out, "%s %s", k == 0 ? "" : ", then", rules->classes[c]);
        }
    }
    (void)fprintf(out,
                  "; a later class comes first only where that saves more than %g a MWh for "
                  "each place.\n",
                  (double)rules->step / CY_GRID_MONEY);
}

void cy_grid_tell(FILE *out, const struct cy_grid_program *program, const struct cy_grid_plan *plan,
                  bool why)
{
    char cost[CY_LP_DECIMAL_MAX];
    char gap[CY_LP_DECIMAL_MAX];
    mpq_t v;

    mpq_init(v);
    mpq_sub(v, plan->value, plan->bound);
    cy_lp_decimal(plan->money, MONEY_DIGITS, false, cost);
    cy_lp_decimal(v, 6, false, gap);
    (void)fprintf(out, "%s: %u buses, %u generators, %u lines.\n",
                  program->rules->title[0] != 0 ? program->rules->title : program->grid->name,
                  program->grid->n_buses, program->grid->n_generators, program->grid->n_lines);
    tell_rule(out, program->rules);
    (void)fprintf(out, "The plan costs %s.", cost);
    if (mpq_cmp(plan->money, plan->value) != 0) {
        cy_lp_decimal(plan->value, MONEY_DIGITS, false, cost);
        (void)fprintf(out, " With what the rule adds for precedence and for load that is cut: %s.",
                      cost);
    }
    (void)fprintf(out, " No plan is better by more than %s (proved).\n", gap);
    for (uint32_t t = 0; t < program->rules->n_periods; t++) {
        tell_period(out, program, plan, t);
        if (why)
            tell_why(out, program, plan, t);
    }
    if (program->rules->office[0] != 0)
        (void)fprintf(out, "\n%s answers for this.\n", program->rules->office);
    mpq_clear(v);
}

void cy_grid_tell_prices(FILE *out, const struct cy_grid_program *program,
                         const struct cy_grid_plan *plan)
{
    mpq_t here;
    mpq_t there;

    mpq_inits(here, there, NULL);
    for (uint32_t t = 0; t < program->rules->n_periods; t++) {
        price_of(program, plan, t, program->grid->reference, there);
        (void)fprintf(out, "%sPeriod %s: what one more MWh costs\n  %-10s %14s %14s %14s\n",
                      t == 0 ? "" : "\n", program->rules->periods[t].name, "bus", "price", "energy",
                      "lines");
        for (uint32_t b = 0; b < program->grid->n_buses; b++) {
            price_of(program, plan, t, b, here);
            (void)fprintf(out, "  %-10u %14.6f %14.6f %14.6f\n", program->grid->buses[b].number,
                          mpq_get_d(here), mpq_get_d(there), mpq_get_d(here) - mpq_get_d(there));
        }
    }
    mpq_clears(here, there, NULL);
}

/* --- no plan --- */

struct region {
    uint32_t buses;
    double load;
    double most;
    double least;
    double lines;
};

/* The buses that weigh more than half, and what can reach them. sign: 1 lacking, -1 too much. */
static struct region region_of(const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                               uint32_t period, int sign)
{
    const struct cy_grid_case *grid = p->grid;
    bool *in = cy_lp_alloc(grid->n_buses, sizeof *in);
    struct region r = {0};

    for (uint32_t b = 0; b < grid->n_buses; b++) {
        in[b] = sign * mpq_get_d(plan->y[cy_grid_balance(p, period, b)]) > 0.5;
        r.buses += in[b];
        r.load += in[b] ? near_mw(p->rules->loads[period * grid->n_buses + b]) : 0;
    }
    for (uint32_t g = 0; g < grid->n_generators; g++) {
        if (in[grid->generators[g].bus]) {
            r.most += near_mw(p->rules->mosts[period * grid->n_generators + g]);
            r.least += near_mw(grid->generators[g].least);
        }
    }
    for (uint32_t j = p->first[period]; j < p->flow[period]; j++) {
        if (p->columns[j].kind == CY_GRID_SHED && in[p->columns[j].item])
            r.most += near_mw(p->columns[j].upper);
    }
    for (uint32_t s = 0; s < p->rules->n_stores; s++)
        r.most += in[p->rules->stores[s].bus] ? near_mw(p->rules->stores[s].discharge) : 0;
    for (uint32_t l = 0; l < grid->n_lines; l++) {
        if (in[grid->lines[l].from] && !in[grid->lines[l].to])
            r.lines += near_mw(sign > 0 ? -grid->lines[l].least : grid->lines[l].most);
        if (!in[grid->lines[l].from] && in[grid->lines[l].to])
            r.lines += near_mw(sign > 0 ? grid->lines[l].most : -grid->lines[l].least);
    }
    free(in);
    return r;
}

static void name_buses(FILE *out, const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                       uint32_t period, int sign)
{
    uint32_t n = 0;

    for (uint32_t b = 0; b < p->grid->n_buses; b++) {
        if (sign * mpq_get_d(plan->y[cy_grid_balance(p, period, b)]) <= 0.5)
            continue;
        if (n++ < 12)
            (void)fprintf(out, "%s%u", n == 1 ? "" : ", ", p->grid->buses[b].number);
    }
    if (n > 12)
        (void)fprintf(out, " and %u more", n - 12);
}

static void tell_region(FILE *out, const struct cy_grid_program *p, const struct cy_grid_plan *plan,
                        uint32_t period, int sign)
{
    const struct region r = region_of(p, plan, period, sign);
    double lack = 0;

    if (r.buses == 0)
        return;
    lack = sign > 0 ? r.load - r.most - r.lines : r.least - r.load - r.lines;
    (void)fprintf(out, "Period %s, buses ", p->rules->periods[period].name);
    name_buses(out, p, plan, period, sign);
    if (sign > 0)
        (void)fprintf(out,
                      ": the load is %.3f MW; what stands there gives at most %.3f MW, and the "
                      "lines to them bring at most %.3f MW.",
                      r.load, r.most, r.lines);
    else
        (void)fprintf(out,
                      ": generators there give at least %.3f MW; the load takes %.3f MW, and the "
                      "lines take away at most %.3f MW.",
                      r.least, r.load, r.lines);
    if (lack > 0.0005)
        (void)fprintf(out, " That is %.3f MW too %s.\n", lack, sign > 0 ? "little" : "much");
    else
        (void)fputs(" That would do; but power divides among lines by their reactance, and with "
                    "their limits it does not get there.\n",
                    out);
}

void cy_grid_tell_impossible(FILE *out, const struct cy_grid_program *program,
                             const struct cy_grid_plan *plan, char short_words[static 300])
{
    char missing[CY_LP_DECIMAL_MAX];

    cy_lp_decimal(plan->missing, 3, false, missing);
    (void)snprintf(short_words, 300,
                   "whatever is done, balances miss at least %.60s MW over %u period%s (proved)",
                   missing, program->rules->n_periods, program->rules->n_periods == 1 ? "" : "s");
    for (uint32_t t = 0; out != NULL && t < program->rules->n_periods; t++) {
        tell_region(out, program, plan, t, 1);
        tell_region(out, program, plan, t, -1);
    }
}

/* --- the drawing --- */

enum { ROW = 300, LEFT = 2000, WIDE = 5000, TOP = 900, BAR = 160, ROWS_MAX = 60 };

static int32_t long_of(double v, double most)
{
    return most > 0 && v > 0 ? (int32_t)lround(v / most * WIDE) : 0;
}

static void draw_generators(struct cy_svg *svg, const struct cy_grid_program *p,
                            const struct cy_grid_plan *plan, uint32_t n)
{
    double most = 0;
    char words[160];

    for (uint32_t g = 0; g < n; g++)
        most = fmax(most, near_mw(p->rules->mosts[g]));
    for (uint32_t g = 0; g < n; g++) {
        const int32_t y = TOP + (int32_t)g * ROW;
        const double mw = near_mw(output_of(p, plan, 0, g));
        const double of = near_mw(p->rules->mosts[g]);

        (void)snprintf(words, sizeof words, "generator %u: %.3f of %.3f MW",
                       p->grid->generators[g].number, mw, of);
        cy_svg_group(svg, words);
        (void)snprintf(words, sizeof words, "%u %.20s", p->grid->generators[g].number,
                       class_of(p, g));
        cy_svg_text(svg, "fg", LEFT - 80, y + 150, CY_SVG_END, words);
        cy_svg_rect(svg, "f", LEFT, y + 20, long_of(of, most), BAR);
        cy_svg_rect(svg, "a", LEFT, y + 60, long_of(mw, most), BAR - 80);
        (void)snprintf(words, sizeof words, "%.1f", mw);
        cy_svg_text(svg, "dim", LEFT + WIDE + 80, y + 150, CY_SVG_START, words);
        cy_svg_group_end(svg);
    }
}

/* One column for each period: load against its greatest, and what was cut of it. */
static void draw_periods(struct cy_svg *svg, const struct cy_grid_program *p,
                         const struct cy_grid_plan *plan)
{
    const uint32_t n = p->rules->n_periods;
    const int32_t step = WIDE / (int32_t)n;
    double most = 0;
    char words[160];

    for (uint32_t t = 0; t < n; t++)
        most = fmax(most, sums_of(p, plan, t).load + sums_of(p, plan, t).in);
    for (uint32_t t = 0; t < n; t++) {
        const struct sums s = sums_of(p, plan, t);
        const int32_t x = LEFT + (int32_t)t * step;
        const int32_t load = long_of(s.load, most) / 2;
        const int32_t output = long_of(s.output, most) / 2;

        (void)snprintf(words, sizeof words,
                       "period %.40s: load %.1f MW, output %.1f MW, cut %.1f MW",
                       p->rules->periods[t].name, s.load, s.output, s.cut);
        cy_svg_group(svg, words);
        cy_svg_rect(svg, "f", x, TOP + WIDE / 2 - load, step * 2 / 5, load);
        cy_svg_rect(svg, "a", x + step * 2 / 5, TOP + WIDE / 2 - output, step * 2 / 5, output);
        cy_svg_text(svg, "dim", x, TOP + WIDE / 2 + 200, CY_SVG_START, p->rules->periods[t].name);
        cy_svg_group_end(svg);
    }
}

bool cy_grid_draw(FILE *out, const struct cy_grid_program *program, const struct cy_grid_plan *plan)
{
    const bool many = program->rules->n_periods > 1;
    const uint32_t n =
        program->grid->n_generators < ROWS_MAX ? program->grid->n_generators : ROWS_MAX;
    const char *title = program->rules->title[0] != 0 ? program->rules->title : program->grid->name;
    struct cy_svg svg;
    char words[200];

    (void)snprintf(words, sizeof words,
                   many ? "For each of %u periods two columns: the load, and what generators give."
                        : "For each of %u generators what it could give and what it gives.",
                   many ? program->rules->n_periods : n);
    cy_svg_begin(&svg, out, LEFT + WIDE + 1400, TOP + (many ? WIDE / 2 : (int32_t)n * ROW) + 400,
                 title, words);
    cy_svg_text(&svg, "fg", LEFT, 330, CY_SVG_START, title);
    cy_svg_rect(&svg, "f", LEFT, 480, 120, 120);
    cy_svg_text(&svg, "fg", LEFT + 180, 590, CY_SVG_START, many ? "load, MW" : "could give, MW");
    cy_svg_rect(&svg, "a", LEFT + 2000, 480, 120, 120);
    cy_svg_text(&svg, "fg", LEFT + 2180, 590, CY_SVG_START, "gives, MW");
    if (many)
        draw_periods(&svg, program, plan);
    else
        draw_generators(&svg, program, plan, n);
    return cy_svg_end(&svg);
}
