#include "models/network/power_index.h"

#include "certify/power_check.h"
#include "models/desk/svg.h"

#include <gmp.h>
#include <stdlib.h>

/* --- counting --- */

static void *words_of(struct cy_desk *desk, size_t n)
{
    return cy_desk_take(desk, (n + 1) * sizeof(uint64_t));
}

cy_err cy_power_indices_count(struct cy_desk *desk, const uint32_t *weights, size_t n,
                              uint32_t quota, struct cy_power_indices *out)
{
    const cy_err err = cy_power_begin(weights, n, quota, &out->game);
    const struct cy_power_game *game = &out->game;
    uint64_t *room = NULL;

    if (!cy_ok(err))
        return cy_desk_note(desk, err, "weights and quota of a vote of %zu members", n);
    out->swings = words_of(desk, n * game->words);
    out->all = words_of(desk, game->words + 1);
    out->orders = words_of(desk, n * game->order_words);
    out->factorial = words_of(desk, game->order_words);
    room = malloc((game->shapley_room + game->banzhaf_room) * sizeof *room);
    if (room == NULL)
        (void)cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "the table of this vote takes %zu MB",
                           game->shapley_room >> 17);
    if (!cy_ok(desk->failed)) {
        free(room);
        return desk->failed;
    }
    cy_power_banzhaf(game, room, out->swings);
    cy_power_shapley(game, room, out->orders);
    free(room);
    for (size_t i = 0; i < n; i++)
        (void)mpn_add(out->all, out->all, (mp_size_t)game->words + 1, out->swings + i * game->words,
                      (mp_size_t)game->words);
    cy_power_factorial(n, game->order_words, out->factorial);
    return CY_OK;
}

cy_err cy_power_indices_check(struct cy_desk *desk, const struct cy_power_indices *of)
{
    const struct cy_power_game *game = &of->game;
    const struct cy_power_claim claim = {
        .weights = game->weights,
        .n = game->n,
        .quota = game->quota,
        .swings = of->swings,
        .swing_words = game->words,
        .orders = of->orders,
        .order_words = game->order_words,
    };
    uint64_t *room = words_of(desk, cy_power_check_room(game->n, game->quota));
    size_t member = 0;

    if (room == NULL)
        return desk->failed;
    if (cy_power_check(&claim, room, &member))
        return CY_OK;
    return cy_desk_note(desk, cy_fail(CY_E_MODEL_DIFFERS, member), "counts of member %zu", member);
}

/* --- fractions --- */

/* part / whole reduced, as text in the desk's memory. */
static const char *fraction(struct cy_desk *desk, const uint64_t *part, size_t part_words,
                            const uint64_t *whole, size_t whole_words)
{
    mpz_t top;
    mpz_t bottom;
    mpq_t value;
    char *text = NULL;

    mpq_init(value);
    mpq_set_num(value, mpz_roinit_n(top, part, (mp_size_t)part_words));
    mpq_set_den(value, mpz_roinit_n(bottom, whole, (mp_size_t)whole_words));
    mpq_canonicalize(value);
    text = cy_desk_take(desk, mpz_sizeinbase(mpq_numref(value), 10) +
                                  mpz_sizeinbase(mpq_denref(value), 10) + 3);
    if (text != NULL)
        (void)mpq_get_str(text, 10, value);
    mpq_clear(value);
    return text;
}

static const char *decimal(struct cy_desk *desk, const uint64_t *number, size_t words)
{
    static const uint64_t one = 1;

    return fraction(desk, number, words, &one, 1);
}

/* part / whole in millionths. */
static uint32_t ppm(const uint64_t *part, size_t part_words, const uint64_t *whole,
                    size_t whole_words)
{
    mpz_t top;
    mpz_t bottom;
    mpz_t value;
    uint32_t out = 0;

    mpz_init(value);
    mpz_mul_ui(value, mpz_roinit_n(top, part, (mp_size_t)part_words), 2000000);
    (void)mpz_roinit_n(bottom, whole, (mp_size_t)whole_words);
    mpz_add(value, value, bottom);
    mpz_tdiv_q(value, value, bottom);
    out = (uint32_t)(mpz_get_ui(value) / 2);
    mpz_clear(value);
    return out;
}

uint32_t cy_power_banzhaf_ppm(const struct cy_power_indices *of, size_t member)
{
    const size_t words = of->game.words;

    return ppm(of->swings + member * words, words, of->all, words + 1);
}

uint32_t cy_power_shapley_ppm(const struct cy_power_indices *of, size_t member)
{
    const size_t words = of->game.order_words;

    return ppm(of->orders + member * words, words, of->factorial, words);
}

static uint32_t share_ppm(const struct cy_power_game *game, size_t member)
{
    return (uint32_t)((2000000ull * game->weights[member] + game->total) / (2ull * game->total));
}

/* --- answering --- */

static json_t *index_json(const char *fraction_text, uint32_t millionths)
{
    return json_pack("{s:s, s:f}", "fraction", fraction_text, "value", millionths / 1e6);
}

static int print_json(struct cy_desk *desk, const struct cy_power_table *table,
                      const struct cy_power_indices *of, bool checked)
{
    const struct cy_power_game *game = &of->game;
    json_t *members = json_array();

    for (size_t i = 0; i < game->n; i++) {
        const uint64_t *swings = of->swings + i * game->words;
        const uint64_t *orders = of->orders + i * game->order_words;

        (void)json_array_append_new(
            members,
            json_pack("{s:s, s:I, s:f, s:s, s:o, s:o}", "member", table->names[i], "weight",
                      (json_int_t)game->weights[i], "share", share_ppm(game, i) / 1e6, "swings",
                      decimal(desk, swings, game->words), "banzhaf",
                      index_json(fraction(desk, swings, game->words, of->all, game->words + 1),
                                 cy_power_banzhaf_ppm(of, i)),
                      "shapley_shubik",
                      index_json(fraction(desk, orders, game->order_words, of->factorial,
                                          game->order_words),
                                 cy_power_shapley_ppm(of, i))));
    }
    return cy_desk_print(desk, json_pack("{s:I, s:I, s:s, s:b, s:o}", "quota",
                                         (json_int_t)game->quota, "total", (json_int_t)game->total,
                                         "total_swings", decimal(desk, of->all, game->words + 1),
                                         "checked", (int)checked, "members", members));
}

/* Millionths as percent with two decimals, in 7 columns. */
static const char *percent(uint32_t millionths, char out[static 16])
{
    const uint32_t hundredths = (millionths + 50) / 100;

    (void)snprintf(out, 16, "%u.%02u %%", hundredths / 100, hundredths % 100);
    return out;
}

static int print_people(struct cy_desk *desk, const struct cy_power_table *table,
                        const struct cy_power_indices *of, bool checked)
{
    const struct cy_power_game *game = &of->game;
    char a[16];
    char b[16];
    char c[16];

    (void)fprintf(desk->out, "%zu members weigh %u together; %u wins.\n", game->n, game->total,
                  game->quota);
    if ((uint64_t)game->quota * 2 <= game->total)
        (void)fputs("Note: two coalitions without a common member could both win.\n", desk->out);
    (void)fprintf(desk->out, "\n%-24s %10s %10s %10s %15s\n", "member", "weight", "share",
                  "Banzhaf", "Shapley-Shubik");
    for (size_t i = 0; i < game->n; i++)
        (void)fprintf(desk->out, "%-24s %10u %10s %10s %15s\n", table->names[i], game->weights[i],
                      percent(share_ppm(game, i), a), percent(cy_power_banzhaf_ppm(of, i), b),
                      percent(cy_power_shapley_ppm(of, i), c));
    if (checked)
        (void)fputs("\nA recount by another method agrees.\n", desk->out);
    return CY_DESK_DONE;
}

/* --- the drawing --- */

enum { ROW = 340, BAR = 80, LEFT = 2200, WIDE = 5200, TOP = 700 };

static void draw_member(struct cy_svg *svg, const struct cy_power_table *table,
                        const struct cy_power_indices *of, size_t i, uint32_t scale)
{
    const uint32_t values[] = {share_ppm(&of->game, i), cy_power_banzhaf_ppm(of, i),
                               cy_power_shapley_ppm(of, i)};
    static const char *const classes[] = {"f", "a", "b"};
    const int32_t y = TOP + (int32_t)i * ROW;
    char words[256];
    char a[16];
    char b[16];
    char c[16];

    (void)snprintf(words, sizeof words, "%.120s: weight %s, Banzhaf %s, Shapley-Shubik %s",
                   table->names[i], percent(values[0], a), percent(values[1], b),
                   percent(values[2], c));
    cy_svg_group(svg, words);
    (void)snprintf(words, sizeof words, "%.28s", table->names[i]);
    cy_utf8_mend(words);
    cy_svg_text(svg, "fg", LEFT - 80, y + 170, CY_SVG_END, words);
    for (int32_t k = 0; k < 3; k++)
        cy_svg_rect(svg, classes[k], LEFT, y + 20 + k * (BAR + 10),
                    (int32_t)((uint64_t)values[k] * WIDE / scale), BAR);
    cy_svg_text(svg, "dim", LEFT + WIDE + 80, y + 170, CY_SVG_START, c);
    cy_svg_group_end(svg);
}

static int draw(struct cy_desk *desk, FILE *out, const struct cy_power_table *table,
                const struct cy_power_indices *of)
{
    static const char *const keys[] = {"share of weight", "Banzhaf", "Shapley-Shubik"};
    static const char *const classes[] = {"f", "a", "b"};
    struct cy_svg svg;
    uint32_t scale = 1;
    char words[160];

    for (size_t i = 0; i < of->game.n; i++) {
        const uint32_t values[] = {share_ppm(&of->game, i), cy_power_banzhaf_ppm(of, i),
                                   cy_power_shapley_ppm(of, i)};

        for (size_t k = 0; k < 3; k++)
            scale = values[k] > scale ? values[k] : scale;
    }
    (void)snprintf(words, sizeof words,
                   "For each of %zu members three bars: its share of weight, and how often it "
                   "decides by Banzhaf and by Shapley-Shubik; %u of %u wins.",
                   of->game.n, of->game.quota, of->game.total);
    cy_svg_begin(&svg, out, LEFT + WIDE + 1000, TOP + (int32_t)of->game.n * ROW + 200,
                 "Power of the members of a weighted vote", words);
    for (int32_t k = 0; k < 3; k++) {
        cy_svg_rect(&svg, classes[k], LEFT + k * 1700, 200, 120, 120);
        cy_svg_text(&svg, "fg", LEFT + k * 1700 + 180, 310, CY_SVG_START, keys[k]);
    }
    for (size_t i = 0; i < of->game.n; i++)
        draw_member(&svg, table, of, i, scale);
    if (!cy_svg_end(&svg))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    return CY_DESK_DONE;
}

int cy_model_power_index(struct cy_desk *desk)
{
    const bool check = cy_desk_on(desk, "check");
    FILE *svg = cy_desk_output(desk, "svg");
    struct cy_power_table table;
    struct cy_power_indices *of = cy_desk_take(desk, sizeof *of);
    uint32_t quota = 0;

    if (of == NULL || !cy_ok(cy_power_table_get(desk, &table, &quota)) ||
        !cy_ok(cy_power_indices_count(desk, table.weights, table.n, quota, of)))
        return cy_desk_code(desk);
    if (check && !cy_ok(cy_power_indices_check(desk, of)))
        return cy_desk_code(desk);
    if (svg != NULL && draw(desk, svg, &table, of) != CY_DESK_DONE)
        return cy_desk_code(desk);
    return desk->json ? print_json(desk, &table, of, check) : print_people(desk, &table, of, check);
}
