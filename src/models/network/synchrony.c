#include "models/network/synchrony.h"

#include "models/desk/svg.h"

#include <math.h>
#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)64 << 20)
#define ROUNDS_MAX 200u
#define TIE_VOTES 10u /* pairs with fewer common votes say nothing */

static int64_t bond(const struct cy_synchrony *s, size_t a, size_t b)
{
    return s->both[a * s->n + b] < TIE_VOTES
               ? 0
               : (int64_t)s->agreement[a * s->n + b] - (int64_t)s->average;
}

int64_t cy_synchrony_gain(const struct cy_synchrony *s)
{
    int64_t sum = 0;

    for (size_t a = 0; a < s->n; a++) {
        for (size_t b = 0; b < a; b++)
            sum += s->group[a] == s->group[b] ? bond(s, a, b) : 0;
    }
    return sum;
}

/* Moves each party where it gains most; whether any moved. */
static bool move_parties(struct cy_synchrony *s, int64_t *sums)
{
    bool moved = false;

    for (size_t a = 0; a < s->n; a++) {
        uint32_t best = s->group[a];

        memset(sums, 0, s->n * sizeof *sums);
        for (size_t b = 0; b < s->n; b++)
            sums[s->group[b]] += a == b ? 0 : bond(s, a, b);
        for (uint32_t g = 0; g < s->n; g++) { /* an empty group has the sum 0 */
            if (sums[g] > sums[best])
                best = g;
        }
        moved = moved || best != s->group[a];
        s->group[a] = best;
    }
    return moved;
}

/* Joins the two groups that gain most together; whether there were such. */
static bool join_groups(struct cy_synchrony *s, int64_t *between)
{
    const size_t n = s->n;
    int64_t best = 0;
    uint32_t from = 0;
    uint32_t to = 0;

    memset(between, 0, n * n * sizeof *between);
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < a; b++) {
            const uint32_t g = s->group[a] < s->group[b] ? s->group[a] : s->group[b];
            const uint32_t h = s->group[a] < s->group[b] ? s->group[b] : s->group[a];

            between[g * n + h] += bond(s, a, b);
        }
    }
    for (uint32_t g = 0; g < n; g++) {
        for (uint32_t h = g + 1; h < n; h++) {
            if (between[g * n + h] > best) {
                best = between[g * n + h];
                to = g;
                from = h;
            }
        }
    }
    for (size_t a = 0; best > 0 && a < n; a++)
        s->group[a] = s->group[a] == from ? to : s->group[a];
    return best > 0;
}

/* Numbers groups by size, larger first, then by their first party. */
static bool number_groups(struct cy_desk *desk, struct cy_synchrony *s)
{
    uint32_t *size = cy_desk_take(desk, s->n * sizeof *size);
    uint32_t *name = cy_desk_take(desk, s->n * sizeof *name);

    if (size == NULL || name == NULL)
        return false;
    for (size_t a = 0; a < s->n; a++)
        size[s->group[a]]++;
    for (;;) {
        uint32_t best = UINT32_MAX;

        for (size_t a = 0; a < s->n; a++) { /* parties in order, so that ties have one */
            const uint32_t g = s->group[a];

            if (size[g] > 0 && (best == UINT32_MAX || size[g] > size[best]))
                best = g;
        }
        if (best == UINT32_MAX)
            break;
        size[best] = 0;
        name[best] = (uint32_t)s->n_groups++;
    }
    for (size_t a = 0; a < s->n; a++)
        s->group[a] = name[s->group[a]];
    return true;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What three parties cost any grouping, taken off the bonds that are left of them: something when
 * two pairs agree more than the average and one less. */
static int64_t take_three(int64_t *left, size_t n, size_t a, size_t b, size_t c)
{
    int64_t *const bonds[] = {&left[b * n + a], &left[c * n + a], &left[c * n + b]};
    int64_t cost = INT64_MAX;
    unsigned against = 0;

    for (size_t i = 0; i < CY_COUNT(bonds); i++) {
        against += *bonds[i] < 0;
        cost = least(cost, *bonds[i] < 0 ? -*bonds[i] : *bonds[i]);
    }
    if (against != 1 || cost == 0)
        return 0;
    for (size_t i = 0; i < CY_COUNT(bonds); i++)
        *bonds[i] += *bonds[i] < 0 ? cost : -cost;
    return cost;
}

static int64_t ceiling(const struct cy_synchrony *s, int64_t *left)
{
    const size_t n = s->n;
    int64_t sum = 0;

    for (size_t b = 0; b < n; b++) {
        for (size_t a = 0; a < b; a++) {
            left[b * n + a] = bond(s, b, a);
            sum += left[b * n + a] > 0 ? left[b * n + a] : 0;
        }
    }
    for (size_t c = 0; c < n; c++) {
        for (size_t b = 0; b < c; b++) {
            for (size_t a = 0; a < b; a++)
                sum -= take_three(left, n, a, b, c);
        }
    }
    return sum;
}

cy_err cy_synchrony_find(struct cy_desk *desk, const struct cy_roll_calls *calls, size_t first,
                         size_t end, struct cy_synchrony *out)
{
    const size_t n = calls->n_parties;
    int64_t *sums = cy_desk_take(desk, n * n * sizeof *sums);
    uint64_t sum = 0;
    uint64_t pairs = 0;

    *out = (struct cy_synchrony){.n = n};
    out->agreement = cy_desk_take(desk, n * n * sizeof *out->agreement);
    out->both = cy_desk_take(desk, n * n * sizeof *out->both);
    out->group = cy_desk_take(desk, n * sizeof *out->group);
    if (!cy_ok(desk->failed))
        return desk->failed;
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b <= a; b++) {
            const struct cy_roll_pair pair = cy_roll_calls_pair(calls, a, b, first, end);
            const uint32_t agreement = cy_roll_agreement(&pair);

            out->agreement[a * n + b] = out->agreement[b * n + a] = agreement;
            out->both[a * n + b] = out->both[b * n + a] = pair.both;
            if (a != b && pair.both >= TIE_VOTES) {
                sum += agreement;
                pairs++;
            }
        }
        out->group[a] = (uint32_t)a;
    }
    out->average = pairs == 0 ? 0 : (uint32_t)(sum / pairs);
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        if (!move_parties(out, sums) && !join_groups(out, sums))
            break;
    }
    out->ceiling = ceiling(out, sums);
    return number_groups(desk, out) ? CY_OK : desk->failed;
}

/* --- one span after the other --- */

/* Close and far pairs of a span; formed and ended against the one before, of pairs known in both.
 */
static void count_ties(const struct cy_synchrony *s, const struct cy_synchrony *before,
                       uint32_t margin, struct cy_synchrony_window *out)
{
    for (size_t a = 0; a < s->n; a++) {
        for (size_t b = 0; b < a; b++) {
            const bool close = bond(s, a, b) >= (int64_t)margin;
            const bool was = before != NULL && bond(before, a, b) >= (int64_t)margin;
            const bool known = before != NULL && s->both[a * s->n + b] >= TIE_VOTES &&
                               before->both[a * s->n + b] >= TIE_VOTES;

            out->close += close;
            out->far += bond(s, a, b) <= -(int64_t)margin;
            out->formed += known && close && !was;
            out->ended += known && was && !close;
        }
    }
}

static void describe(const struct cy_synchrony *s, size_t votes, struct cy_synchrony_window *out)
{
    uint64_t taken = 0;

    for (size_t a = 0; a < s->n; a++)
        taken += s->both[a * s->n + a];
    out->votes = votes;
    out->average = s->average;
    out->takes_part = (uint32_t)(1000000 * taken / (votes * s->n));
    out->n_groups = s->n_groups;
    out->gain = cy_synchrony_gain(s);
    out->ceiling = s->ceiling;
}

cy_err cy_synchrony_windows(struct cy_desk *desk, const struct cy_roll_calls *calls, size_t first,
                            size_t end, unsigned years, uint32_t margin,
                            struct cy_synchrony_window **out, size_t *n)
{
    struct cy_synchrony both[2];
    cy_date from = calls->dates[first];

    *n = 0;
    *out = cy_desk_take(desk, (end - first) * sizeof **out);
    if (*out == NULL)
        return desk->failed;
    while (first < end) {
        struct cy_synchrony_window *one = &(*out)[*n];
        struct cy_synchrony *s = &both[*n % 2];
        size_t last = first;

        one->from = from;
        one->to = cy_date_months(from, 12 * years);
        while (last < end && calls->dates[last] < one->to)
            last++;
        if (last > first) {
            CY_TRY(cy_synchrony_find(desk, calls, first, last, s));
            describe(s, last - first, one);
            count_ties(s, *n > 0 ? &both[(*n + 1) % 2] : NULL, margin, one);
            ++*n;
        }
        first = last;
        from = one->to;
    }
    return CY_OK;
}

/* --- the command --- */

struct view {
    const struct cy_roll_calls *calls;
    const struct cy_synchrony *s;
    size_t votes;
};

/* Agreement of a party with the others of its group, on average; 0 alone. */
static uint32_t with_own(const struct cy_synchrony *s, size_t a)
{
    uint64_t sum = 0;
    uint64_t n = 0;

    for (size_t b = 0; b < s->n; b++) {
        if (a == b || s->group[a] != s->group[b] || s->both[a * s->n + b] < TIE_VOTES)
            continue;
        sum += s->agreement[a * s->n + b];
        n++;
    }
    return n == 0 ? 0 : (uint32_t)(sum / n);
}

/* Percent of the ceiling, rounded down. */
static unsigned quality(int64_t gain, int64_t most)
{
    return most <= 0 ? 100 : (unsigned)(100 * gain / most);
}

static uint32_t takes_part(const struct view *v, size_t a)
{
    return (uint32_t)(1000000ull * v->s->both[a * v->s->n + a] / v->votes);
}

static int print_json(struct cy_desk *desk, const struct view *v)
{
    json_t *groups = json_array();

    for (uint32_t g = 0; g < v->s->n_groups; g++) {
        json_t *members = json_array();

        for (size_t a = 0; a < v->s->n; a++) {
            if (v->s->group[a] == g)
                (void)json_array_append_new(
                    members,
                    json_pack("{s:s, s:f, s:f}", "party", v->calls->parties[a], "takes_part",
                              takes_part(v, a) / 1e6, "with_own_group", with_own(v->s, a) / 1e6));
        }
        (void)json_array_append_new(groups, members);
    }
    return cy_desk_print(desk, json_pack("{s:I, s:f, s:I, s:I, s:o}", "votes", (json_int_t)v->votes,
                                         "average_agreement", v->s->average / 1e6, "gain",
                                         (json_int_t)cy_synchrony_gain(v->s), "gain_of_any_at_most",
                                         (json_int_t)v->s->ceiling, "groups", groups));
}

static int print_people(struct cy_desk *desk, const struct view *v)
{
    (void)fprintf(desk->out,
                  "%zu votes, %zu parties; two of them agree in %u.%02u %% on average.\n", v->votes,
                  v->s->n, v->s->average / 10000, v->s->average / 100 % 100);
    if (cy_synchrony_gain(v->s) == v->s->ceiling)
        (void)fputs("No grouping gains more than these groups (proven).\n", desk->out);
    else
        (void)fprintf(desk->out,
                      "These groups gain at least %u %% of what any grouping could (proven).\n",
                      quality(cy_synchrony_gain(v->s), v->s->ceiling));
    for (uint32_t g = 0; g < v->s->n_groups; g++) {
        uint64_t inside = 0;
        uint64_t n = 0;

        for (size_t a = 0; a < v->s->n; a++) {
            if (v->s->group[a] == g) {
                inside += with_own(v->s, a);
                n++;
            }
        }
        (void)fprintf(desk->out, "\nGroup %u, %llu parties, %llu.%02llu %% within:", g + 1,
                      (unsigned long long)n, (unsigned long long)(inside / n / 10000),
                      (unsigned long long)(inside / n / 100 % 100));
        for (size_t a = 0; a < v->s->n; a++) {
            if (v->s->group[a] == g)
                (void)fprintf(desk->out, " %s", v->calls->parties[a]);
        }
        (void)fputc('\n', desk->out);
    }
    return CY_DESK_DONE;
}

static int print_windows(struct cy_desk *desk, const struct cy_synchrony_window *w, size_t n)
{
    json_t *list = desk->json ? json_array() : NULL;
    char from[16];
    char to[16];

    if (list == NULL)
        (void)fprintf(desk->out, "%-24s %6s %9s %9s %7s %9s %7s %7s %7s %7s\n", "from, to", "votes",
                      "agree", "take part", "groups", "proven", "close", "far", "formed", "ended");
    for (size_t i = 0; i < n; i++) {
        struct cy_text text = cy_text_on(from, sizeof from);

        cy_date_text(&text, w[i].from);
        text = cy_text_on(to, sizeof to);
        cy_date_text(&text, w[i].to);
        if (list != NULL)
            (void)json_array_append_new(
                list,
                json_pack("{s:s, s:s, s:I, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "from",
                          from, "to", to, "votes", (json_int_t)w[i].votes, "average_agreement",
                          w[i].average / 1e6, "takes_part", w[i].takes_part / 1e6, "groups",
                          (json_int_t)w[i].n_groups, "gain", (json_int_t)w[i].gain,
                          "gain_of_any_at_most", (json_int_t)w[i].ceiling, "close",
                          (json_int_t)w[i].close, "far", (json_int_t)w[i].far, "formed",
                          (json_int_t)w[i].formed, "ended", (json_int_t)w[i].ended));
        else
            (void)fprintf(desk->out, "%s, %s %7zu %7u.%u %7u.%u %7zu %7u %% %7zu %7zu %7zu %7zu\n",
                          from, to, w[i].votes, w[i].average / 10000, w[i].average / 1000 % 10,
                          w[i].takes_part / 10000, w[i].takes_part / 1000 % 10, w[i].n_groups,
                          quality(w[i].gain, w[i].ceiling), w[i].close, w[i].far, w[i].formed,
                          w[i].ended);
    }
    return list == NULL ? CY_DESK_DONE : cy_desk_print(desk, list);
}

/* A cell of a table, in quotes. */
static void put_cell(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (; *text != 0; text++) {
        if (*text == '"')
            (void)fputc('"', out);
        (void)fputc(*text, out);
    }
    (void)fputc('"', out);
}

/* The strongest and weakest pairs, as a table for comity network balance. */
static void write_ties(FILE *out, const struct view *v, uint32_t margin)
{
    const struct cy_synchrony *s = v->s;

    (void)fputs("a,b,sign\n", out);
    for (size_t a = 0; a < s->n; a++) {
        for (size_t b = 0; b < a; b++) {
            const int64_t strength = bond(s, a, b);

            if (strength < (int64_t)margin && strength > -(int64_t)margin)
                continue;
            put_cell(out, v->calls->parties[b]);
            (void)fputc(',', out);
            put_cell(out, v->calls->parties[a]);
            (void)fputs(strength > 0 ? ",1\n" : ",-1\n", out);
        }
    }
}

enum { SIZE = 10000, MIDDLE = SIZE / 2, RADIUS = 4100 };

static int draw(struct cy_desk *desk, FILE *out, const struct view *v)
{
    static const char *const classes[] = {"a", "b", "c", "d", "e", "f"};
    struct cy_svg svg;
    size_t place = 0;
    char words[200];

    (void)snprintf(
        words, sizeof words,
        "%zu parties on a circle, group by group, by %zu votes. The larger the dot, the more "
        "the party agrees with its own group.",
        v->s->n, v->votes);
    cy_svg_begin(&svg, out, SIZE, SIZE, "Who votes with whom", words);
    for (uint32_t g = 0; g < v->s->n_groups; g++) {
        for (size_t a = 0; a < v->s->n; a++) {
            const double angle = 2 * M_PI * (double)place / (double)v->s->n;
            const int32_t x = MIDDLE + (int32_t)lround(RADIUS * cos(angle));
            const int32_t y = MIDDLE + (int32_t)lround(RADIUS * sin(angle));
            const uint32_t own = with_own(v->s, a);

            if (v->s->group[a] != g)
                continue;
            place++;
            (void)snprintf(words, sizeof words, "%.40s: group %u, %u.%u %% with it",
                           v->calls->parties[a], g + 1, own / 10000, own / 1000 % 10);
            cy_svg_group(&svg, words);
            cy_svg_circle(&svg, classes[g % 6], x, y, 20 + (int32_t)(own / 12000));
            cy_svg_text(&svg, "fg", MIDDLE + (int32_t)lround(1.06 * RADIUS * cos(angle)),
                        MIDDLE + (int32_t)lround(1.06 * RADIUS * sin(angle)) + 40,
                        cos(angle) < 0 ? CY_SVG_END : CY_SVG_START, v->calls->parties[a]);
            cy_svg_group_end(&svg);
        }
    }
    if (!cy_svg_end(&svg))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    return CY_DESK_DONE;
}

static cy_err date_option(struct cy_desk *desk, const char *name, cy_date *out)
{
    const char *text = cy_desk_option(desk, name);

    if (text == NULL || cy_ok(cy_date_read(cy_span_text(text), out)))
        return CY_OK;
    return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0), "--%s must be YYYY-MM-DD, not '%s'", name,
                        text);
}

/* Only votes of a topic: the table of topics says which those are. */
static cy_err read_votes(struct cy_desk *desk, const char *path, struct cy_roll_calls *out)
{
    const char *topics = cy_desk_option(desk, "topics");
    const char *topic = cy_desk_option(desk, "topic");
    struct cy_desk_fault fault = {0};
    struct cy_csv csv;
    struct cy_csv about;
    cy_err err = CY_OK;

    if ((topics == NULL) != (topic == NULL))
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0), "--topic and --topics belong together");
    if (topic == NULL)
        return cy_roll_calls_get(desk, path, FILE_MAX_BYTES, out);
    CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &csv));
    CY_TRY(cy_desk_csv(desk, topics, FILE_MAX_BYTES, &about));
    err = cy_roll_calls_of_topic(desk, &csv, &about, topic, &fault);
    if (err.code == CY_E_MODEL_INPUT)
        return cy_desk_refuse(desk, topics, &fault);
    CY_TRY(err);
    err = cy_roll_calls_read(desk, &csv, out, &fault);
    return err.code == CY_E_MODEL_INPUT ? cy_desk_refuse(desk, path, &fault) : err;
}

int cy_model_network_synchrony(struct cy_desk *desk)
{
    const char *path = cy_desk_word(desk, 0);
    FILE *ties = cy_desk_output(desk, "ties");
    FILE *svg = cy_desk_output(desk, "svg");
    struct cy_synchrony_window *windows = NULL;
    struct cy_roll_calls calls;
    struct cy_synchrony s;
    struct view v = {&calls, &s, 0};
    cy_date from = 0;
    cy_date to = 0;
    uint64_t margin = 15;
    uint64_t every = 0;
    size_t first = 0;
    size_t end = 0;
    size_t n = 0;

    if (path == NULL || cy_desk_word(desk, 1) != NULL)
        return cy_desk_wrong(desk, "name one table of roll calls");
    if (!cy_ok(date_option(desk, "from", &from)) || !cy_ok(date_option(desk, "to", &to)) ||
        !cy_ok(cy_desk_number(desk, "margin", 1, 100, &margin)) ||
        !cy_ok(cy_desk_number(desk, "every", 1, 100, &every)) ||
        !cy_ok(read_votes(desk, path, &calls)))
        return cy_desk_code(desk);
    cy_roll_calls_range(&calls, from, to, &first, &end);
    v.votes = end - first;
    if (v.votes == 0)
        return cy_desk_fail(desk, cy_fail(CY_E_MODEL_INPUT, 0), "%s: no vote in these dates", path);
    if (every > 0) {
        if (!cy_ok(cy_synchrony_windows(desk, &calls, first, end, (unsigned)every,
                                        (uint32_t)margin * 10000, &windows, &n)))
            return cy_desk_code(desk);
        return print_windows(desk, windows, n);
    }
    if (!cy_ok(cy_synchrony_find(desk, &calls, first, end, &s)))
        return cy_desk_code(desk);
    if (ties != NULL)
        write_ties(ties, &v, (uint32_t)margin * 10000);
    if (svg != NULL && draw(desk, svg, &v) != CY_DESK_DONE)
        return cy_desk_code(desk);
    return desk->json ? print_json(desk, &v) : print_people(desk, &v);
}
