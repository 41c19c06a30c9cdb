#include "models/network/dependence_desk.h"

#include "base/num.h"
#include "crypto/hash.h"
#include "models/desk/svg.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)256 << 20)
#define WITHOUT_MAX 64u
#define PARTNERS_SHOWN 12u

/* What the command was given, and what follows. */
struct answer {
    struct cy_trade now;
    struct cy_trade before;
    bool has_before;
    const char *year;
    const char *year_before;
    uint32_t threshold;
    size_t party; /* SIZE_MAX: all */
    struct cy_depend_flag *flags;
    size_t n_flags;
    struct cy_depend_move *moves; /* suggested */
    size_t n_moves;
    uint64_t left;
    size_t applied; /* moves of the command line */
    char hash[2 * sizeof(struct cy_id) + 1];
};

static const char *percent(uint32_t millionths, char out[static 16])
{
    (void)snprintf(out, 16, "%u.%u %%", millionths / 10000, millionths / 1000 % 10);
    return out;
}

/* --- reading --- */

static cy_err read_table(struct cy_desk *desk, const char *path, struct cy_csv *csv,
                         struct answer *a)
{
    struct cy_desk_fault fault = {0};
    struct cy_desk_text text;
    struct cy_id id;

    CY_TRY(cy_desk_read(desk, path, FILE_MAX_BYTES, &text));
    id = cy_sha256(cy_span_of(text.at, text.n));
    cy_hex(id.b, sizeof id.b, a->hash);
    if (!cy_ok(cy_desk_csv_text(desk, text, csv, &fault)))
        return cy_desk_refuse(desk, path, &fault);
    return CY_OK;
}

static cy_err read_years(struct cy_desk *desk, const char *path, struct answer *a)
{
    const char *without[WITHOUT_MAX + 1] = {NULL};
    struct cy_trade_cut cut = {.value = cy_desk_option(desk, "value"), .without = without};
    struct cy_graph_names *names = cy_desk_take(desk, sizeof *names);
    struct cy_desk_fault fault = {0};
    struct cy_csv csv;
    size_t at = 0;
    cy_err err = CY_OK;

    if (names == NULL)
        return desk->failed;
    for (size_t i = 0; i < WITHOUT_MAX; i++) {
        without[i] = cy_desk_next(desk, "without", &at);
        if (without[i] == NULL)
            break;
    }
    if (without[WITHOUT_MAX - 1] != NULL && cy_desk_next(desk, "without", &at) != NULL)
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0), "--without: at most %u parties",
                            WITHOUT_MAX);
    cut.value = cut.value == NULL ? "value" : cut.value;
    cut.year = a->year;
    CY_TRY(read_table(desk, path, &csv, a));
    err = cy_trade_names(desk, &csv, &cut, names, &fault);
    if (cy_ok(err))
        err = cy_trade_read(desk, &csv, &cut, names, &a->now, &fault);
    cut.year = a->year_before;
    if (cy_ok(err) && a->has_before)
        err = cy_trade_read(desk, &csv, &cut, names, &a->before, &fault);
    return err.code == CY_E_MODEL_INPUT ? cy_desk_refuse(desk, path, &fault) : err;
}

static cy_err find_party(struct cy_desk *desk, const struct cy_trade *t, const char *name, size_t n,
                         size_t *out)
{
    for (size_t i = 0; i < t->n; i++) {
        if (strlen(t->names[i]) == n && memcmp(t->names[i], name, n) == 0) {
            *out = i;
            return CY_OK;
        }
    }
    return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0), "the table has no party '%.*s'", (int)n,
                        name);
}

/* FROM:TO:AMOUNT, applied to the figures. */
static cy_err move_one(struct cy_desk *desk, struct answer *a, const char *words)
{
    const char *to = strchr(words, ':');
    const char *amount = strrchr(words, ':');
    struct cy_depend_move move = {0};
    size_t at[2] = {0, 0};

    if (to == NULL || amount == to || !cy_trade_amount_read(amount + 1, &move.amount))
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0), "--move takes FROM:TO:AMOUNT, not '%s'",
                            words);
    CY_TRY(find_party(desk, &a->now, words, (size_t)(to - words), &at[0]));
    CY_TRY(find_party(desk, &a->now, to + 1, (size_t)(amount - to - 1), &at[1]));
    move.from = (uint32_t)at[0];
    move.to = (uint32_t)at[1];
    if (at[0] == at[1] || at[0] == a->party || at[1] == a->party ||
        !cy_ok(cy_depend_move_apply(&a->now, a->party, &move)))
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "--move %s: %s does not trade so much with it", words,
                            a->now.names[a->party]);
    a->applied++;
    return CY_OK;
}

static cy_err read_moves(struct cy_desk *desk, struct answer *a)
{
    const char *words = NULL;
    size_t at = 0;

    while ((words = cy_desk_next(desk, "move", &at)) != NULL) {
        if (a->party == SIZE_MAX)
            return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                                "--move is of a party: name it behind the table");
        CY_TRY(move_one(desk, a, words));
    }
    return CY_OK;
}

/* --- as JSON --- */

static json_t *flag_json(const struct answer *a, const struct cy_depend_flag *f)
{
    char amount[32];
    json_t *out = json_pack(
        "{s:s, s:s, s:s, s:f, s:f, s:s, s:s, s:s}", "flag", cy_depend_kind_name(f->kind), "party",
        a->now.names[f->party], "partner", a->now.names[f->partner], "share", f->now / 1e6,
        "partner_depends", f->other / 1e6, "amount", cy_trade_amount_text(f->amount, amount),
        "rule", cy_depend_kind_words(f->kind), "doubt", cy_depend_kind_doubt(f->kind));

    if (out != NULL && a->has_before) {
        (void)json_object_set_new(out, "share_before", json_real(f->before / 1e6));
        (void)json_object_set_new(out, "amount_before",
                                  json_string(cy_trade_amount_text(f->amount_before, amount)));
    }
    return out;
}

static json_t *partners_json(const struct answer *a)
{
    json_t *out = json_array();

    for (size_t b = 0; b < a->now.n; b++) {
        if (cy_depends(&a->now, a->party, b) > 0)
            (void)json_array_append_new(
                out, json_pack("{s:s, s:f, s:f, s:f, s:f}", "partner", a->now.names[b], "depends",
                               cy_depends(&a->now, a->party, b) / 1e6, "supply",
                               cy_depends_supply(&a->now, a->party, b) / 1e6, "market",
                               cy_depends_market(&a->now, a->party, b) / 1e6, "partner_depends",
                               cy_depends(&a->now, b, a->party) / 1e6));
    }
    return out;
}

static json_t *moves_json(const struct answer *a)
{
    json_t *out = json_array();
    char amount[32];

    for (size_t i = 0; i < a->n_moves; i++)
        (void)json_array_append_new(
            out, json_pack("{s:s, s:s, s:s}", "from", a->now.names[a->moves[i].from], "to",
                           a->now.names[a->moves[i].to], "amount",
                           cy_trade_amount_text(a->moves[i].amount, amount)));
    return out;
}

static int print_json(struct cy_desk *desk, const struct answer *a)
{
    json_t *flags = json_array();
    json_t *out = NULL;
    char amount[32];

    for (size_t i = 0; i < a->n_flags; i++)
        (void)json_array_append_new(flags, flag_json(a, &a->flags[i]));
    out = json_pack("{s:s, s:I, s:f, s:I, s:o}", "table_sha256", a->hash, "parties",
                    (json_int_t)a->now.n, "threshold", a->threshold / 1e6, "moves_applied",
                    (json_int_t)a->applied, "flags", flags);
    if (out != NULL && a->party != SIZE_MAX) {
        (void)json_object_set_new(out, "party", json_string(a->now.names[a->party]));
        (void)json_object_set_new(out, "concentration",
                                  json_real(cy_depends_concentration(&a->now, a->party) / 1e6));
        (void)json_object_set_new(out, "partners", partners_json(a));
        if (cy_desk_on(desk, "suggest")) {
            (void)json_object_set_new(out, "suggested_moves", moves_json(a));
            (void)json_object_set_new(out, "without_place",
                                      json_string(cy_trade_amount_text(a->left, amount)));
        }
    }
    return cy_desk_print(desk, out);
}

/* --- for people --- */

/* The partners of a party, the one it needs most first; at most cap. */
static size_t order_partners(const struct answer *a, size_t *out, size_t cap)
{
    size_t n = 0;

    for (size_t b = 0; b < a->now.n; b++) {
        const uint32_t own = cy_depends(&a->now, a->party, b);
        size_t at = n;

        if (own == 0 || (n == cap && own <= cy_depends(&a->now, a->party, out[n - 1])))
            continue;
        for (at = n < cap ? n++ : n - 1; at > 0 && cy_depends(&a->now, a->party, out[at - 1]) < own;
             at--)
            out[at] = out[at - 1];
        out[at] = b;
    }
    return n;
}

static void say_party(FILE *out, const struct answer *a)
{
    size_t partners[PARTNERS_SHOWN];
    const size_t n = order_partners(a, partners, PARTNERS_SHOWN);
    const uint32_t concentration = cy_depends_concentration(&a->now, a->party);
    char words[4][16];

    (void)fprintf(out, "%s: concentration %u.%03u (1: all with one partner)%s\n",
                  a->now.names[a->party], concentration / 1000000, concentration / 1000 % 1000,
                  a->applied > 0 ? ", with the moves applied" : "");
    (void)fprintf(out, "%-12s %12s %10s %10s %18s\n", "partner", "of its trade", "buys", "sells",
                  "partner's, with it");
    for (size_t i = 0; i < n; i++) {
        const size_t b = partners[i];

        (void)fprintf(out, "%-12s %12s %10s %10s %18s\n", a->now.names[b],
                      percent(cy_depends(&a->now, a->party, b), words[0]),
                      percent(cy_depends_supply(&a->now, a->party, b), words[1]),
                      percent(cy_depends_market(&a->now, a->party, b), words[2]),
                      percent(cy_depends(&a->now, b, a->party), words[3]));
    }
    (void)fputc('\n', out);
}

static void say_flag(FILE *out, const struct answer *a, const struct cy_depend_flag *f)
{
    char words[3][16];
    char amount[2][32];

    (void)fprintf(out, "  %-10s %s %s of %s", a->now.names[f->party], percent(f->now, words[0]),
                  f->kind == CY_DEPEND_CUT_MARKET ? "of sales"
                  : f->kind == CY_DEPEND_CUT_SUPPLY || f->kind == CY_DEPEND_ONE_WAY
                      ? "of purchases"
                      : "of its trade",
                  a->now.names[f->partner]);
    if (f->kind == CY_DEPEND_HOLD || f->kind == CY_DEPEND_TIGHTENING)
        (void)fprintf(out, ", which has %s with it", percent(f->other, words[1]));
    if (a->has_before)
        (void)fprintf(out, "; before %s", percent(f->before, words[2]));
    if (a->has_before && f->kind >= CY_DEPEND_CUT_SUPPLY)
        (void)fprintf(out, "; %s, before %s", cy_trade_amount_text(f->amount, amount[0]),
                      cy_trade_amount_text(f->amount_before, amount[1]));
    (void)fputc('\n', out);
}

static void say_flags(FILE *out, const struct answer *a, bool explain)
{
    for (size_t i = 0; i < a->n_flags; i++) {
        const enum cy_depend_kind kind = a->flags[i].kind;

        if (i == 0 || kind != a->flags[i - 1].kind) {
            (void)fprintf(out, "%s: %s\n", cy_depend_kind_name(kind), cy_depend_kind_words(kind));
            if (explain)
                (void)fprintf(out, "  (a question, no finding: %s)\n", cy_depend_kind_doubt(kind));
        }
        say_flag(out, a, &a->flags[i]);
    }
    (void)fprintf(out, "%zu flags. The table: sha256 %s\n", a->n_flags, a->hash);
}

/* The moves, and the command that shows what would come of them. */
static void say_moves(struct cy_desk *desk, const struct answer *a)
{
    FILE *out = desk->out;
    char amount[32];
    char words[16];

    if (a->n_moves == 0 && a->left == 0) {
        (void)fprintf(out, "\nNo partner has more than %s of its trade: nothing to spread.\n",
                      percent(a->threshold, words));
        return;
    }
    (void)fprintf(out, "\nTo bring every partner to %s or less, as a suggestion:\n",
                  percent(a->threshold, words));
    for (size_t i = 0; i < a->n_moves; i++)
        (void)fprintf(out, "  %s of the trade with %s to %s\n",
                      cy_trade_amount_text(a->moves[i].amount, amount),
                      a->now.names[a->moves[i].from], a->now.names[a->moves[i].to]);
    if (a->left > 0)
        (void)fprintf(out, "  %s finds no partner with room: new ones are needed\n",
                      cy_trade_amount_text(a->left, amount));
    (void)fprintf(out, "What would come of it: comity network dependence %s %s",
                  cy_desk_word(desk, 0), a->now.names[a->party]);
    if (a->year != NULL)
        (void)fprintf(out, " --year %s", a->year);
    if (cy_desk_option(desk, "value") != NULL)
        (void)fprintf(out, " --value %s", cy_desk_option(desk, "value"));
    for (size_t i = 0; i < a->n_moves; i++)
        (void)fprintf(out, " --move %s:%s:%s", a->now.names[a->moves[i].from],
                      a->now.names[a->moves[i].to],
                      cy_trade_amount_text(a->moves[i].amount, amount));
    (void)fputc('\n', out);
}

/* --- the drawing: each hold a bar both ways --- */

enum { ROW = 300, LEFT = 2600, WIDE = 5000, TOP = 900, ROWS_MAX = 60 };

static void draw_row(struct cy_svg *svg, int32_t row, const char *label, uint32_t own,
                     uint32_t other)
{
    const int32_t y = TOP + row * ROW;
    char words[200];
    char text[2][16];

    (void)snprintf(words, sizeof words, "%.80s: %s; the other way round %s", label,
                   percent(own, text[0]), percent(other, text[1]));
    cy_utf8_mend(words);
    cy_svg_group(svg, words);
    cy_svg_text(svg, "fg", LEFT - 80, y + 170, CY_SVG_END, label);
    cy_svg_rect(svg, "a", LEFT, y + 30, (int32_t)((uint64_t)own * WIDE / 1000000u), 100);
    cy_svg_rect(svg, "b", LEFT, y + 140, (int32_t)((uint64_t)other * WIDE / 1000000u), 100);
    cy_svg_text(svg, "dim", LEFT + WIDE + 80, y + 170, CY_SVG_START, text[0]);
    cy_svg_group_end(svg);
}

static int draw(struct cy_desk *desk, FILE *out, const struct answer *a)
{
    size_t partners[ROWS_MAX];
    const size_t n = a->party == SIZE_MAX ? 0 : order_partners(a, partners, ROWS_MAX);
    const size_t flags = a->n_flags < ROWS_MAX ? a->n_flags : ROWS_MAX;
    const size_t rows = a->party == SIZE_MAX ? flags : n;
    struct cy_svg svg;
    char label[100];
    int32_t row = 0;

    cy_svg_begin(&svg, out, LEFT + WIDE + 1000, TOP + (int32_t)rows * ROW + 200,
                 a->party == SIZE_MAX ? "Who depends on whom" : "Partners of a party",
                 "For each pair two bars: the share of a party's trade that it has with the "
                 "partner, and the share of the partner's trade that it has with the party.");
    cy_svg_rect(&svg, "a", LEFT, 250, 120, 120);
    cy_svg_text(&svg, "fg", LEFT + 180, 360, CY_SVG_START, "share of its trade");
    cy_svg_rect(&svg, "b", LEFT, 500, 120, 120);
    cy_svg_text(&svg, "fg", LEFT + 180, 610, CY_SVG_START, "the other way round");
    for (size_t i = 0; i < flags && a->party == SIZE_MAX; i++) {
        const struct cy_depend_flag *f = &a->flags[i];

        if (f->kind != CY_DEPEND_HOLD)
            continue;
        (void)snprintf(label, sizeof label, "%.40s on %.40s", a->now.names[f->party],
                       a->now.names[f->partner]);
        cy_utf8_mend(label);
        draw_row(&svg, row++, label, f->now, f->other);
    }
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(label, sizeof label, "%.80s", a->now.names[partners[i]]);
        cy_utf8_mend(label);
        draw_row(&svg, row++, label, cy_depends(&a->now, a->party, partners[i]),
                 cy_depends(&a->now, partners[i], a->party));
    }
    if (!cy_svg_end(&svg))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    return CY_DESK_DONE;
}

/* --- the command --- */

static int say(struct cy_desk *desk, const struct answer *a)
{
    if (a->party != SIZE_MAX)
        say_party(desk->out, a);
    say_flags(desk->out, a, cy_desk_on(desk, "explain"));
    if (cy_desk_on(desk, "suggest"))
        say_moves(desk, a);
    return CY_DESK_DONE;
}

int cy_model_network_dependence(struct cy_desk *desk)
{
    const char *path = cy_desk_word(desk, 0);
    const char *party = cy_desk_word(desk, 1);
    FILE *svg = cy_desk_output(desk, "svg");
    struct answer *a = cy_desk_take(desk, sizeof *a);
    uint64_t threshold = CY_DEPENDS / 10000;
    int code = CY_DESK_DONE;

    if (path == NULL || cy_desk_word(desk, 2) != NULL)
        return cy_desk_wrong(desk,
                             "name one table of flows, and behind it a party if one is meant");
    if (a == NULL || !cy_ok(cy_desk_number(desk, "depends", 1, 100, &threshold)))
        return cy_desk_code(desk);
    a->threshold = (uint32_t)threshold * 10000;
    a->party = SIZE_MAX;
    a->year = cy_desk_option(desk, "year");
    a->year_before = cy_desk_option(desk, "before");
    a->has_before = a->year_before != NULL;
    if (cy_desk_on(desk, "suggest") && party == NULL)
        return cy_desk_wrong(desk, "--suggest is for a party: name it behind the table");
    if (!cy_ok(read_years(desk, path, a)) ||
        (party != NULL && !cy_ok(find_party(desk, &a->now, party, strlen(party), &a->party))) ||
        !cy_ok(read_moves(desk, a)) ||
        !cy_ok(cy_depend_flags(desk, &a->now, a->has_before ? &a->before : NULL, a->threshold,
                               a->party, &a->flags, &a->n_flags)))
        return cy_desk_code(desk);
    if (cy_desk_on(desk, "suggest") &&
        !cy_ok(cy_depend_suggest(desk, &a->now, a->party, a->threshold, &a->moves, &a->n_moves,
                                 &a->left)))
        return cy_desk_code(desk);
    if (svg != NULL && draw(desk, svg, a) != CY_DESK_DONE)
        return cy_desk_code(desk);
    code = desk->json ? print_json(desk, a) : say(desk, a);
    return code == CY_DESK_DONE && a->n_flags > 0 ? CY_DESK_NEGATIVE : code;
}
