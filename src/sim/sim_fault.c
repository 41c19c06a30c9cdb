#include "sim/sim_fault.h"

#include <stdlib.h>

#define BEGAN 1767225600000u /* 2026-01-01, as sim_node */
#define RETRY_MS 400u        /* a node that does not open is tried again after so long */
#define JUMP_MS_MAX ((uint64_t)1 << 40)

/* What ends is named by the move that began it; all stops end like a KILL. */
#define DOWN CY_SIM_KILL

/* --- start and stop --- */

/* After a start: nothing that was agreed is gone, but from a restored disk. */
static void check_started(struct cy_sim_scene *scene, struct cy_sim_seat *seat)
{
    const struct cy_cell *cell = cy_sim_node_cell(&seat->node);

    if (cy_scene_honest(seat) && cell->size < seat->size_kept)
        cy_scene_object(scene, "a member lost what it had agreed to");
}

void cy_fault_start(struct cy_sim_scene *scene, struct cy_sim_seat *seat)
{
    cy_err err = CY_OK;

    if (cy_scene_runs(seat) || !seat->joined)
        return;
    err = cy_sim_node_start(&seat->node);
    cy_scene_note(scene, 4, seat->node.number, err.code);
    if (cy_ok(err)) {
        check_started(scene, seat);
        return;
    }
    if (!seat->cutting && !seat->full && !cy_sim_disk_dead(seat->node.disk))
        cy_scene_object(scene, cy_err_info(err.code)->text);
    cy_sim_node_stop(&seat->node, false, 0);
    cy_scene_later(seat, DOWN, RETRY_MS);
}

void cy_fault_drop_twin(struct cy_sim_seat *seat)
{
    struct cy_sim_node *twin = seat->twin;

    seat->twin = NULL;
    if (twin != NULL)
        cy_sim_node_free(twin);
    free(twin);
}

void cy_fault_stop(struct cy_sim_scene *scene, struct cy_sim_seat *seat, uint64_t ms, bool power,
                   uint64_t dice)
{
    struct cy_sim_federation_figures *figures = &scene->figures;

    if (cy_scene_runs(seat)) {
        struct cy_federation_figures own;

        cy_federation_figures(seat->node.federation, &own);
        figures->rounds += own.rounds;
    }
    cy_fault_drop_twin(seat);
    seat->too_old = false;
    cy_sim_node_stop(&seat->node, power, dice);
    seat->news = false;
    cy_scene_later(seat, DOWN, ms);
}

/* One party has a member in each realm, on one machine. */
static void stop_machine(struct cy_sim_scene *scene, struct cy_sim_seat *seat, uint64_t ms,
                         bool power, uint64_t dice)
{
    const bool shared = power && seat->node.number % scene->each == 0;

    if (!shared) {
        cy_fault_stop(scene, seat, ms, power, dice);
        return;
    }
    for (uint32_t r = 0; r < scene->plan->realms; r++)
        cy_fault_stop(scene, &scene->seats[r * scene->each], ms, power, dice);
}

void cy_fault_update(struct cy_sim_scene *scene, struct cy_sim_seat *seat, uint64_t ms,
                     uint64_t version)
{
    if (version <= seat->node.rules.newest || version > cy_sim_rules.newest)
        return;
    cy_fault_stop(scene, seat, ms, false, 0);
    seat->node.rules.newest = (uint32_t)version;
}

static uint64_t votes_of(const struct cy_sim_seat *seat)
{
    uint64_t n = 0;

    for (unsigned v = 0; v < CY_SIM_VOTES; v++)
        n += seat->node.figures.votes[v];
    return n;
}

/* The next act of its realm begins a version that its program does not know. It stops there, and
 * signs no vote any more. */
static bool too_old(struct cy_sim_scene *scene, struct cy_sim_seat *seat, cy_err err)
{
    const struct cy_realm *realm = cy_engine_realm(&cy_sim_node_cell(&seat->node)->engine);

    if (realm != NULL && realm->rules > seat->node.rules.newest)
        cy_scene_object(scene, "a member took in what its program does not know the rules of");
    if (seat->too_old && votes_of(seat) != seat->votes)
        cy_scene_object(scene, "a member voted on a height whose rules it does not know");
    if (err.code != CY_E_RULES_UNKNOWN || err.detail <= seat->node.rules.newest)
        return false;
    if (realm == NULL || realm->rules_next != err.detail)
        cy_scene_object(scene, "a member stopped for rules that nobody announced");
    if (!seat->too_old)
        scene->figures.passages[CY_SIM_PASSAGE_RULES_TOO_OLD]++;
    seat->too_old = true;
    seat->votes = votes_of(seat);
    return true;
}

void cy_fault_trouble(struct cy_sim_scene *scene, struct cy_sim_seat *seat)
{
    const cy_err err = cy_federation_trouble(seat->node.federation);

    if (cy_sim_disk_dead(seat->node.disk)) {
        stop_machine(scene, seat, RETRY_MS, true, cy_sim_disk_calls(seat->node.disk) % 5);
        return;
    }
    if (too_old(scene, seat, err) || cy_ok(err))
        return;
    cy_scene_note(scene, 5, seat->node.number, err.code);
    if (!seat->cutting && !seat->full && cy_scene_honest(seat))
        cy_scene_object(scene, cy_err_info(err.code)->text);
    seat->cutting = false;
    cy_fault_stop(scene, seat, RETRY_MS, false, 0);
}

/* --- endings --- */

static void end_full(struct cy_sim_seat *seat)
{
    seat->full = false;
    cy_sim_disk_space(seat->node.disk, UINT64_MAX);
}

static void end_fail(struct cy_sim_seat *seat)
{
    seat->cutting = false;
    cy_sim_disk_cut_at_call(seat->node.disk, 0);
    cy_sim_disk_fail_at(seat->node.disk, 0, CY_E_NONE);
}

void cy_fault_end(struct cy_sim_scene *scene, struct cy_sim_seat *seat,
                  const struct cy_sim_timer *timer)
{
    const enum cy_sim_move_kind what = (enum cy_sim_move_kind)timer->step;

    if (timer->height != seat->ends[what])
        return;
    if (what == DOWN)
        cy_fault_start(scene, seat);
    else if (what == CY_SIM_FULL)
        end_full(seat);
    else if (what == CY_SIM_SLOW)
        seat->node.slow_ms = 0;
    else if (what == CY_SIM_FAIL)
        end_fail(seat);
}

void cy_fault_mend(struct cy_sim_seat *seat)
{
    end_full(seat);
    seat->node.slow_ms = 0;
    if (!cy_sim_disk_dead(seat->node.disk))
        end_fail(seat);
    if (!cy_scene_runs(seat))
        cy_scene_later(seat, DOWN, 1);
}

/* --- orders --- */

static void turn(struct cy_sim_scene *scene, struct cy_sim_seat *seat, uint64_t habits)
{
    seat->node.traitor = true;
    cy_sim_traitor_turn(seat->traitor, (uint32_t)habits);
    cy_sim_book_traitor(seat->realm->book, seat->node.number - seat->realm->ledger.first);
    if (cy_sim_traitor_twins(seat->traitor) && cy_scene_runs(seat) && seat->twin == NULL)
        seat->twin = cy_sim_node_twin(&seat->node);
    cy_scene_note(scene, 7, seat->node.number, habits);
}

static void restore(struct cy_sim_scene *scene, struct cy_sim_seat *seat, uint64_t ms)
{
    if (seat->node.backup == NULL)
        return;
    cy_fault_stop(scene, seat, ms, false, 0);
    seat->full = false;
    seat->cutting = false;
    seat->size_kept = 0;
    seat->height = 0;
    scene->figures.restored += cy_sim_node_restore(&seat->node);
}

/* What is ordered of a disk; it ends after so long. */
static void order_disk(struct cy_sim_seat *seat, const struct cy_sim_move *move)
{
    struct cy_sim_disk *disk = seat->node.disk;

    if (move->kind == CY_SIM_CUT) {
        seat->cutting = true;
        cy_sim_disk_cut_at_call(disk, move->a[3] % 10000);
        cy_scene_later(seat, CY_SIM_FAIL, move->a[1]);
    } else if (move->kind == CY_SIM_FAIL) {
        seat->cutting = true;
        cy_sim_disk_fail_at(disk, move->a[2] % 10000, CY_E_DISK_FAILED);
        cy_scene_later(seat, CY_SIM_FAIL, move->a[1]);
    } else if (move->kind == CY_SIM_FULL) {
        seat->full = true;
        cy_sim_disk_space(disk, cy_sim_disk_used(disk) + move->a[2]);
        cy_scene_later(seat, CY_SIM_FULL, move->a[1]);
    } else {
        seat->node.slow_ms = (uint32_t)(move->a[2] % 1000);
        cy_scene_later(seat, CY_SIM_SLOW, move->a[1]);
    }
}

static void jump(struct cy_sim_scene *scene, struct cy_sim_seat *seat, uint64_t ms, bool back)
{
    const int64_t by = (int64_t)(ms % JUMP_MS_MAX);

    cy_sim_watch_set(&seat->node.watch, BEGAN + cy_sim_net_now(scene->net), back ? -by : by);
}

void cy_fault_make(struct cy_sim_scene *scene, const struct cy_sim_move *move)
{
    struct cy_sim_seat *seat = &scene->seats[move->a[0] % scene->n];
    const uint64_t ms = move->a[1];

    switch ((int)move->kind) {
    case CY_SIM_KILL: stop_machine(scene, seat, ms, false, 0); break;
    case CY_SIM_POWER: stop_machine(scene, seat, ms, true, move->a[2]); break;
    case CY_SIM_CUT:
    case CY_SIM_FAIL:
    case CY_SIM_FULL:
    case CY_SIM_SLOW: order_disk(seat, move); break;
    case CY_SIM_COPY: cy_sim_node_copy(&seat->node); break;
    case CY_SIM_RESTORE: restore(scene, seat, ms); break;
    case CY_SIM_AHEAD: jump(scene, seat, ms, false); break;
    case CY_SIM_BACK: jump(scene, seat, ms, true); break;
    case CY_SIM_UPDATE: cy_fault_update(scene, seat, ms, move->a[2]); break;
    case CY_SIM_TURN: turn(scene, seat, move->a[1]); break;
    default: break;
    }
}
