#include "sim/sim_plan.h"

#define FIRST_LINE "comity-scenario/v1"

static const struct {
    const char *word;
    unsigned arguments;
} kinds[] = {
#define X(NAME, word, n, doc) {#word, n},
    CY_SIM_MOVES(X)
#undef X
};

const char *cy_sim_move_word(enum cy_sim_move_kind kind)
{
    CY_ASSERT(kind < CY_SIM_MOVE_KINDS);
    return kinds[kind].word;
}

unsigned cy_sim_move_arguments(enum cy_sim_move_kind kind)
{
    CY_ASSERT(kind < CY_SIM_MOVE_KINDS);
    return kinds[kind].arguments;
}

/* The nodes that moves of a kind are about. */
static uint64_t nodes_of(const struct cy_sim_plan *plan, enum cy_sim_move_kind kind)
{
    const uint32_t nodes = (plan->members + plan->spares) * plan->realms;
    uint64_t bits = 0;

    for (uint32_t i = 0; i < plan->n; i++) {
        if (plan->moves[i].kind == kind)
            bits |= (uint64_t)1 << plan->moves[i].a[0] % nodes;
    }
    return bits;
}

uint64_t cy_sim_plan_traitors(const struct cy_sim_plan *plan)
{
    return nodes_of(plan, CY_SIM_TURN);
}

uint64_t cy_sim_plan_faulty(const struct cy_sim_plan *plan)
{
    return nodes_of(plan, CY_SIM_TURN) | nodes_of(plan, CY_SIM_RESTORE);
}

bool cy_sim_plan_has(const struct cy_sim_plan *plan, enum cy_sim_move_kind kind)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        if (plan->moves[i].kind == kind)
            return true;
    }
    return false;
}

/* --- the text --- */

/* Its head: one word and number a line, in this order. */
struct head {
    const char *word;
    uint64_t least;
    uint64_t most;
    bool optional; /* 0 where it is left out */
};

enum { SEED, TICKS, CALM, MEMBERS, SPARES, REALMS, AUTHORS, HEADS };

static const struct head heads[HEADS] = {
    [SEED] = {"seed ",    0, UINT64_MAX,         false},
    [TICKS] = {"ticks ",   1, CY_SIM_TICKS_MAX,   false},
    [CALM] = {"calm ",    0, CY_SIM_TICKS_MAX,   false},
    [MEMBERS] = {"members ", 1, CY_SIM_MEMBERS_MAX, false},
    [SPARES] = {"spares ",  1, CY_SIM_SPARES_MAX,  true },
    [REALMS] = {"realms ",  1, CY_SIM_REALMS_MAX,  false},
    [AUTHORS] = {"authors ", 1, CY_SIM_AUTHORS_MAX, false},
};

void cy_sim_plan_write(struct cy_text *out, const struct cy_sim_plan *plan)
{
    const uint64_t numbers[HEADS] = {
        [SEED] = plan->seed,       [TICKS] = plan->ticks,   [CALM] = plan->calm,
        [MEMBERS] = plan->members, [SPARES] = plan->spares, [REALMS] = plan->realms,
        [AUTHORS] = plan->authors};

    cy_text_add(out, FIRST_LINE "\n");
    for (unsigned i = 0; i < HEADS; i++) {
        if (heads[i].optional && numbers[i] == 0)
            continue;
        cy_text_add(out, heads[i].word);
        cy_text_u64(out, numbers[i]);
        cy_text_add(out, "\n");
    }
    for (uint32_t i = 0; i < plan->n; i++) {
        const struct cy_sim_move *move = &plan->moves[i];

        cy_text_add(out, "at ");
        cy_text_u64(out, move->at);
        cy_text_add(out, " ");
        cy_text_add(out, kinds[move->kind].word);
        for (unsigned a = 0; a < kinds[move->kind].arguments; a++) {
            cy_text_add(out, " ");
            cy_text_u64(out, move->a[a]);
        }
        cy_text_add(out, "\n");
    }
}

/* The next word of a line, up to a space or its end; false when nothing is left. */
static bool word_next(struct cy_span *rest, struct cy_span *word)
{
    size_t n = 0;

    if (rest->n == 0)
        return false;
    while (n < rest->n && rest->at[n] != ' ')
        n++;
    *word = cy_span_of(rest->at, n);
    n += n < rest->n ? 1 : 0;
    *rest = cy_span_of(rest->at + n, rest->n - n);
    return true;
}

static bool number_next(struct cy_span *rest, uint64_t *out)
{
    struct cy_span word;

    return word_next(rest, &word) && cy_ok(cy_u64_read(word, out));
}

static bool read_kind(struct cy_span word, enum cy_sim_move_kind *out)
{
    for (unsigned kind = 0; kind < CY_SIM_MOVE_KINDS; kind++) {
        if (cy_span_eq(word, cy_span_text(kinds[kind].word))) {
            *out = (enum cy_sim_move_kind)kind;
            return true;
        }
    }
    return false;
}

static bool read_move(struct cy_span line, struct cy_sim_move *move)
{
    struct cy_span word;

    *move = (struct cy_sim_move){0};
    if (!cy_line_after(line, "at ", &line) || (line.n > 0 && line.at[line.n - 1] == ' ') ||
        !number_next(&line, &move->at) || !word_next(&line, &word) || !read_kind(word, &move->kind))
        return false;
    for (unsigned a = 0; a < kinds[move->kind].arguments; a++) {
        if (!number_next(&line, &move->a[a]))
            return false;
    }
    return line.n == 0;
}

/* The next line that says something; *number counts all. */
static bool telling_line(struct cy_span *rest, struct cy_span *line, uint32_t *number)
{
    do {
        ++*number;
        if (!cy_line_next(rest, line))
            return false;
    } while (line->n == 0 || line->at[0] == '#');
    return true;
}

static bool read_head(struct cy_span line, const struct head *head, uint64_t *out)
{
    struct cy_span number;

    return cy_line_after(line, head->word, &number) && cy_ok(cy_u64_read(number, out)) &&
           *out >= head->least && *out <= head->most;
}

/* All lines of the head; the errors of cy_sim_plan_read. */
static cy_err read_heads(struct cy_span *text, uint32_t *at, uint64_t numbers[static HEADS])
{
    struct cy_span line;
    bool have = false;

    for (unsigned i = 0; i < HEADS; i++) {
        if (!have && !telling_line(text, &line, at))
            return cy_fail(CY_E_BAD_SCENARIO, *at);
        have = !read_head(line, &heads[i], &numbers[i]);
        if (have && !heads[i].optional)
            return cy_fail(CY_E_BAD_SCENARIO, *at);
        if (have)
            numbers[i] = 0;
    }
    return numbers[MEMBERS] + numbers[SPARES] <= CY_SIM_SEATED_MAX
               ? CY_OK
               : cy_fail(CY_E_BAD_SCENARIO, *at);
}

cy_err cy_sim_plan_read(struct cy_span text, struct cy_sim_plan *out)
{
    uint64_t numbers[HEADS];
    struct cy_span line;
    uint32_t at = 0;

    if (!telling_line(&text, &line, &at) || !cy_span_eq(line, cy_span_text(FIRST_LINE)))
        return cy_fail(CY_E_BAD_SCENARIO, at);
    CY_TRY(read_heads(&text, &at, numbers));
    out->seed = numbers[SEED];
    out->ticks = (uint32_t)numbers[TICKS];
    out->calm = (uint32_t)numbers[CALM];
    out->members = (uint32_t)numbers[MEMBERS];
    out->spares = (uint32_t)numbers[SPARES];
    out->realms = (uint32_t)numbers[REALMS];
    out->authors = (uint32_t)numbers[AUTHORS];
    out->n = 0;
    if (out->calm > out->ticks)
        return cy_fail(CY_E_BAD_SCENARIO, at);
    while (telling_line(&text, &line, &at)) {
        struct cy_sim_move *move = &out->moves[out->n];

        if (out->n == CY_SIM_MOVES_MAX || !read_move(line, move) || move->at > out->ticks ||
            (out->n > 0 && move->at < move[-1].at))
            return cy_fail(CY_E_BAD_SCENARIO, at);
        out->n++;
    }
    return text.n == 0 ? CY_OK : cy_fail(CY_E_BAD_SCENARIO, at);
}

/* --- drawing --- */

struct drawing {
    struct cy_sim_dice dice;
    struct cy_sim_plan *plan;
    uint64_t restorable; /* nodes whose disk may be replaced by an old one */
    bool bridges;
};

static void add(struct drawing *d, uint64_t at, enum cy_sim_move_kind kind, uint64_t a, uint64_t b,
                uint64_t c, uint64_t e)
{
    struct cy_sim_plan *plan = d->plan;
    uint32_t i = plan->n;

    if (plan->n == CY_SIM_MOVES_MAX)
        return;
    plan->n++;
    for (; i > 0 && plan->moves[i - 1].at > at; i--)
        plan->moves[i] = plan->moves[i - 1];
    plan->moves[i] = (struct cy_sim_move){
        at, kind, {a, b, c, e}
    };
}

/* Acts come all the time, also when it is calm: then they must be taken in. */
static void draw_acts(struct drawing *d)
{
    struct cy_sim_plan *plan = d->plan;
    const uint32_t nodes = (plan->members + plan->spares) * plan->realms;
    /* ms between two, about; in a long plan more, or the faults would have no place */
    const uint64_t gap = (d->bridges ? 15 : 40) + cy_sim_draw(&d->dice, d->bridges ? 45 : 200) +
                         plan->ticks / (CY_SIM_MOVES_MAX / 2);

    for (uint64_t at = cy_sim_draw(&d->dice, gap); at < plan->ticks;
         at += 1 + cy_sim_draw(&d->dice, 2 * gap)) {
        const bool pay = cy_sim_one_in(&d->dice, 3);
        const bool cross = d->bridges && !cy_sim_one_in(&d->dice, 3);
        const uint64_t bits = cy_sim_bits(&d->dice) >> 32;
        const uint64_t node = cy_sim_draw(&d->dice, nodes);
        const uint64_t author = cy_sim_draw(&d->dice, plan->authors);

        add(d, at, cross ? CY_SIM_CROSS : pay ? CY_SIM_PAY : CY_SIM_ACT, author, node, bits, 0);
    }
}

/* A copy is made of the disk of a node that may be restored, or put in its place. */
static void draw_backup(struct drawing *d, uint64_t at, enum cy_sim_move_kind kind, uint64_t ms)
{
    const uint32_t nodes = (d->plan->members + d->plan->spares) * d->plan->realms;
    const uint32_t from = (uint32_t)cy_sim_draw(&d->dice, nodes);

    for (uint32_t i = 0; i < nodes; i++) {
        const uint32_t node = (from + i) % nodes;

        if ((d->restorable >> node & 1) != 0) {
            add(d, at, kind, node, ms, 0, 0);
            return;
        }
    }
}

static void draw_fault(struct drawing *d, uint64_t at)
{
    struct cy_sim_plan *plan = d->plan;
    struct cy_sim_dice *dice = &d->dice;
    const uint64_t left = plan->calm - at;
    const uint64_t ms = 1 + cy_sim_draw(dice, left < 4000 ? left : 4000);
    const uint64_t node =
        cy_sim_draw(dice, (uint64_t)(plan->members + plan->spares) * plan->realms);
    uint64_t n = 0;

    switch (cy_sim_draw(dice, 15)) {
    case 0: add(d, at, CY_SIM_KILL, node, ms, 0, 0); break;
    case 1: add(d, at, CY_SIM_POWER, node, ms, cy_sim_draw(dice, 5), 0); break;
    case 2:
        n = 1 + cy_sim_draw(dice, 60);
        add(d, at, CY_SIM_CUT, node, ms, cy_sim_draw(dice, 5), n);
        break;
    case 3: add(d, at, CY_SIM_FAIL, node, ms, 1 + cy_sim_draw(dice, 60), 0); break;
    case 4: add(d, at, CY_SIM_FULL, node, ms, cy_sim_draw(dice, 60000), 0); break;
    case 5: add(d, at, CY_SIM_SLOW, node, ms, 1 + cy_sim_draw(dice, 12), 0); break;
    case 6: draw_backup(d, at, CY_SIM_COPY, 0); break;
    case 7: draw_backup(d, at, CY_SIM_RESTORE, ms); break;
    case 8: add(d, at, CY_SIM_AHEAD, node, cy_sim_draw(dice, 60000), 0, 0); break;
    case 9: add(d, at, CY_SIM_BACK, node, cy_sim_draw(dice, 60000), 0, 0); break;
    case 10: add(d, at, CY_SIM_LOSE, ms, cy_sim_draw(dice, 500), 0, 0); break;
    case 11: add(d, at, CY_SIM_TWICE, ms, cy_sim_draw(dice, 500), 0, 0); break;
    case 12:
        n = cy_sim_draw(dice, 800);
        add(d, at, CY_SIM_LAG, node, ms, cy_sim_draw(dice, 400), n);
        break;
    case 13: add(d, at, CY_SIM_NARROW, node, ms, 1 + cy_sim_draw(dice, 60), 0); break;
    default: add(d, at, CY_SIM_PART, ms, cy_sim_bits(dice) >> 24, 0, 0); break;
    }
}

static void draw_faults(struct drawing *d)
{
    struct cy_sim_plan *plan = d->plan;
    const uint64_t gap = 200 + cy_sim_draw(&d->dice, 3000) + plan->ticks / (CY_SIM_MOVES_MAX / 4);

    for (uint64_t at = cy_sim_draw(&d->dice, gap); at < plan->calm;
         at += 1 + cy_sim_draw(&d->dice, 2 * gap))
        draw_fault(d, at);
}

/* Traitors, fewer than a third in each realm. Seats of two realms stand one after the other. Where
 * there are fewer than the realm bears, the disks of others may go back in time: if all did, what
 * they had agreed would be gone. */
static void draw_traitors(struct drawing *d, uint32_t wanted)
{
    struct cy_sim_plan *plan = d->plan;
    const uint32_t most = (plan->members - 1) / 3;

    for (uint32_t realm = 0; realm < plan->realms; realm++) {
        const uint32_t founders = realm * (plan->members + plan->spares);
        const uint32_t n =
            wanted == UINT32_MAX ? (uint32_t)cy_sim_draw(&d->dice, (uint64_t)most + 1) : wanted;
        const uint32_t first = (uint32_t)cy_sim_draw(&d->dice, plan->members);

        for (uint32_t i = 0; i < n && i < plan->members; i++) {
            const uint64_t bits = cy_sim_bits(&d->dice) >> 48;

            add(d, cy_sim_draw(&d->dice, plan->calm / 2 + 1), CY_SIM_TURN,
                (uint64_t)founders + (first + i) % plan->members, bits, 0, 0);
        }
        for (uint32_t i = n; i < most; i++) {
            const uint32_t node = founders + (first + i) % plan->members;

            d->restorable |= (uint64_t)1 << node;
            add(d, cy_sim_draw(&d->dice, plan->calm / 2 + 1), CY_SIM_COPY, node, 0, 0, 0);
        }
    }
}

/* Operators open the bridges soon, and then change their minds now and then; relayers are what
 * people are. */
static void draw_bridges(struct drawing *d)
{
    struct cy_sim_plan *plan = d->plan;
    const uint64_t gap = 300 + cy_sim_draw(&d->dice, 2000) + plan->ticks / (CY_SIM_MOVES_MAX / 8);

    for (uint32_t realm = 0; realm < plan->realms; realm++) {
        for (uint32_t other = 1; other < plan->realms; other++)
            add(d, 20 + cy_sim_draw(&d->dice, 100), CY_SIM_SPAN, realm, 0, 0, 0);
    }
    for (uint64_t at = 400 + cy_sim_draw(&d->dice, gap); at < plan->calm;
         at += 1 + cy_sim_draw(&d->dice, 2 * gap)) {
        const uint64_t ms = 1 + cy_sim_draw(&d->dice, plan->calm - at);
        const bool span = cy_sim_one_in(&d->dice, 2);
        const uint64_t n = span ? cy_sim_bits(&d->dice) >> 32 : 1 + cy_sim_draw(&d->dice, 15);

        if (span)
            add(d, at, CY_SIM_SPAN, cy_sim_draw(&d->dice, plan->realms), n, 0, 0);
        else
            add(d, at, CY_SIM_FERRY, cy_sim_draw(&d->dice, 2), ms, n, 0);
    }
}

static void draw_rolls(struct drawing *d)
{
    struct cy_sim_plan *plan = d->plan;
    const uint64_t gap = 100 + cy_sim_draw(&d->dice, 900) + plan->ticks / (CY_SIM_MOVES_MAX / 8);

    for (uint64_t at = cy_sim_draw(&d->dice, gap); at < plan->ticks;
         at += 1 + cy_sim_draw(&d->dice, 2 * gap)) {
        const uint64_t realm = cy_sim_draw(&d->dice, plan->realms);

        if (cy_sim_one_in(&d->dice, 6) && at < plan->calm) {
            const uint64_t mood = cy_sim_draw(&d->dice, 4);

            add(d, at, CY_SIM_TRUSTEE, realm, cy_sim_draw(&d->dice, 3), mood, 0);
        } else {
            add(d, at, CY_SIM_ROLL, realm, cy_sim_bits(&d->dice) >> 32, 0, 0);
        }
    }
}

/* Version 2 is announced and begins somewhere before the calm; each node is updated some time
 * before the end of it, or only then. The dice are others, so that the rest of the plan is that of
 * its seed. */
static void draw_rules(struct drawing *d)
{
    struct cy_sim_plan *plan = d->plan;
    const uint32_t nodes = (plan->members + plan->spares) * plan->realms;
    struct cy_sim_dice dice = {~plan->seed};

    for (uint32_t realm = 0; realm < plan->realms; realm++) {
        const uint64_t from = plan->calm / 6 + cy_sim_draw(&dice, plan->calm / 3 + 1);

        add(d, cy_sim_draw(&dice, plan->calm / 3 + 1), CY_SIM_RULES, realm, 2, from, 0);
    }
    for (uint32_t node = 0; node < nodes; node++) {
        const uint64_t at = cy_sim_draw(&dice, plan->calm + plan->calm / 2 + 1);

        if (at < plan->calm)
            add(d, at, CY_SIM_UPDATE, node, 1 + cy_sim_draw(&dice, 400), 2, 0);
    }
}

/* How many nodes there are beside the founders, for a roll that changes. */
static uint32_t draw_spares(struct drawing *d)
{
    const uint32_t room = CY_SIM_SEATED_MAX - d->plan->members;
    const uint32_t n = cy_sim_one_in(&d->dice, 2) ? 1 : (uint32_t)cy_sim_draw(&d->dice, 3);

    return n < room ? n : room;
}

void cy_sim_plan_draw(const struct cy_sim_wish *wish, struct cy_sim_plan *out)
{
    struct drawing d = {.dice = {wish->seed}, .plan = out};
    bool rolls = false;

    out->seed = wish->seed;
    out->n = 0;
    out->ticks = wish->ticks;
    out->calm = (uint32_t)((uint64_t)wish->ticks * 6 / 10);
    out->realms = wish->realms != 0            ? wish->realms
                  : cy_sim_one_in(&d.dice, 6)  ? 2
                  : cy_sim_one_in(&d.dice, 30) ? 3
                                               : 1;
    out->members = wish->members != 0          ? wish->members
                   : cy_sim_one_in(&d.dice, 4) ? 5 + (uint32_t)cy_sim_draw(&d.dice, 3)
                                               : 4;
    out->authors = 3 + (uint32_t)cy_sim_draw(&d.dice, 4);
    rolls = !wish->still && cy_sim_one_in(&d.dice, 3);
    out->spares = rolls ? draw_spares(&d) : 0;
    d.bridges = !wish->still && out->realms > 1;
    draw_traitors(&d, wish->traitors);
    draw_acts(&d);
    draw_faults(&d);
    if (d.bridges)
        draw_bridges(&d);
    if (rolls)
        draw_rolls(&d);
    if (wish->rules)
        draw_rules(&d);
}
