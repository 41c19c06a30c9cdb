/* sim_plan: what happens in a simulated federation, as a list that can be kept, cut and replayed.
 *
 *     comity-scenario/v1
 *     seed 17                     the dice of links, clocks and keys
 *     ticks 20000                 ms of simulated time
 *     calm 12000                  from here on nothing is broken any more: now it must go on
 *     members 4
 *     spares 1                    nodes that may be admitted; the line is left out where there are
 * none realms 1                    2, 3: several federations with one party in all of them, and
 * bridges authors 5 at 812 act 3 1 7721         author 3 hands an act, drawn with dice 7721, to
 * node 1 at 1200 power 2 900 5       node 2 loses power and is back after 900 ms at 1500 turn 3 255
 * node 3 is a traitor from now on
 *
 * A plan is drawn from a seed, or read from such a text. A run depends on the plan alone, so that a
 * text replays to the byte. Each line stands for itself: a plan with lines taken out is a plan.
 * Lines are in order of time.
 *
 * Owns: the text. Never: runs it (sim_federation does). */
#ifndef CY_SIM_SIM_PLAN_H
#define CY_SIM_SIM_PLAN_H

#include "base/text.h"
#include "sim/sim_dice.h"

#define CY_SIM_MOVES_MAX 4096u
#define CY_SIM_PLAN_TEXT_MAX ((size_t)CY_SIM_MOVES_MAX * 96)
#define CY_SIM_TICKS_MAX 100000000u
#define CY_SIM_MEMBERS_MAX 16u
#define CY_SIM_AUTHORS_MAX 16u
#define CY_SIM_REALMS_MAX 3u
#define CY_SIM_SPARES_MAX 2u
#define CY_SIM_SEATED_MAX 16u /* members and spares of a realm */

/* CY_SIM_MOVE(NAME, word, number of arguments, what the arguments are). "node" comes first where a
 * move is about one. */
#define CY_SIM_MOVES(X)                                                                            \
    X(ACT, act, 3, "author, node, dice: an act of the author, drawn from the schema")              \
    X(PAY, pay, 3, "author, node, dice: value moves")                                              \
    X(KILL, kill, 2, "node, ms: the process ends; it is started again after ms")                   \
    X(POWER, power, 3, "node, ms, dice: the machine loses power")                                  \
    X(CUT, cut, 4, "node, ms, dice, calls: it loses power at one of its next disk calls")          \
    X(FAIL, fail, 3, "node, ms, calls: one of its next disk calls fails")                          \
    X(FULL, full, 3, "node, ms, bytes: its disk has so much room left, for so long")               \
    X(SLOW, slow, 3, "node, ms, each: its disk needs so many ms for each call")                    \
    X(COPY, copy, 1, "node: a backup of its disk is made")                                         \
    X(RESTORE, restore, 2, "node, ms: its disk is replaced by the backup, if there is one")        \
    X(AHEAD, ahead, 2, "node, ms: its clock jumps forward")                                        \
    X(BACK, back, 2, "node, ms: its clock jumps back")                                             \
    X(PART, part, 2, "ms, sides: nodes whose bits differ do not reach each other")                 \
    X(LOSE, lose, 2, "ms, of 1000: so many packets of every link are lost")                        \
    X(TWICE, twice, 2, "ms, of 1000: so many packets arrive twice")                                \
    X(LAG, lag, 4, "node, ms, delay, jitter: its packets need so much longer")                     \
    X(NARROW, narrow, 3, "node, ms, bytes: its links carry so many bytes in a ms")                 \
    X(TURN, turn, 2, "node, habits: from now on it is a traitor (sim_traitor.h)")                  \
    X(CROSS, cross, 3, "author, node, dice: a packet is sent over a bridge")                       \
    X(SPAN, span, 2, "realm, dice: its operators open, close, freeze or sever a bridge")           \
    X(FERRY, ferry, 3, "relayer, ms, habits: it stops (1), lags (2), lies (4), repeats (8)")       \
    X(ROLL, roll, 2, "realm, dice: its roll, policy, trustees, parameters or rules change")        \
    X(TRUSTEE, trustee, 3, "realm, which, how: a trustee stops (1), lies (2), or does well (0)")   \
    X(RULES, rules, 3, "realm, version, ms: its operators announce a version for so much later")   \
    X(UPDATE, update, 3, "node, ms, version: off for ms, and back as a program that knows it")

enum cy_sim_move_kind {
#define X(NAME, word, n, doc) CY_SIM_##NAME,
    CY_SIM_MOVES(X)
#undef X
        CY_SIM_MOVE_KINDS
};

struct cy_sim_move {
    uint64_t at; /* ms */
    enum cy_sim_move_kind kind;
    uint64_t a[4]; /* arguments; those that it does not have are 0 */
};

struct cy_sim_plan {
    uint64_t seed;
    uint32_t ticks;
    uint32_t calm; /* at most ticks */
    uint32_t members;
    uint32_t spares;
    uint32_t realms;
    uint32_t authors;
    uint32_t n;
    struct cy_sim_move moves[CY_SIM_MOVES_MAX];
};

/* What a plan is drawn for. */
struct cy_sim_wish {
    uint64_t seed;
    uint32_t ticks;
    uint32_t members;  /* 0: drawn, 4 to 7 */
    uint32_t traitors; /* UINT32_MAX: drawn, up to what members bear: less than a third */
    uint32_t realms;   /* 0: drawn, mostly 1 */
    bool still;        /* no bridge is opened, and no roll changes */
    bool rules;        /* a version of the rules begins; members update when they like */
};

/* cy_sim_move_word is the word of a move. cy_sim_move_arguments counts its arguments. */
const char *cy_sim_move_word(enum cy_sim_move_kind kind);
unsigned cy_sim_move_arguments(enum cy_sim_move_kind kind);

/* cy_sim_plan_draw draws a plan; the same wish gives the same plan. */
void cy_sim_plan_draw(const struct cy_sim_wish *wish, struct cy_sim_plan *out);

/* cy_sim_plan_traitors is the set of nodes that turn, as bits; cy_sim_plan_faulty of those that
 * turn, or whose disk goes back in time. */
uint64_t cy_sim_plan_traitors(const struct cy_sim_plan *plan);
uint64_t cy_sim_plan_faulty(const struct cy_sim_plan *plan);

/* cy_sim_plan_has says that a move of that kind stands in it. */
bool cy_sim_plan_has(const struct cy_sim_plan *plan, enum cy_sim_move_kind kind);

/* cy_sim_plan_write adds the text, at most CY_SIM_PLAN_TEXT_MAX bytes. */
void cy_sim_plan_write(struct cy_text *out, const struct cy_sim_plan *plan);

/* cy_sim_plan_read reads exactly what cy_sim_plan_write writes; empty lines and lines that begin
 * with # are skipped. Fails with BAD_SCENARIO; detail: the line, from 1. */
CY_MUST_USE cy_err cy_sim_plan_read(struct cy_span text, struct cy_sim_plan *out);

#endif
