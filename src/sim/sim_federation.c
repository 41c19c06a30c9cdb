#include "sim/sim_federation.h"

#include "sim/sim_founding.h"
#include "sim/sim_oracle.h"
#include "sim/sim_party.h"
#include "sim/sim_weather.h"

#include <stdlib.h>

#define BEGAN 1767225600000u /* 2026-01-01, as sim_node */
#define SKEW_MS 2000u
#define IDLE_MS 500u
#define RETRY_MS 400u /* a node that does not open is tried again after so long */
#define PACKETS_MAX 20000u
#define BYTES_MAX ((size_t)256 << 20)
#define ACT_ARENA ((size_t)1 << 20)
#define MADE 4u
#define JUMP_MS_MAX ((uint64_t)1 << 40)

/* What ends is named by the move that began it; all stops end like a KILL. */
#define DOWN CY_SIM_KILL

struct realm {
    struct cy_sim_ledger ledger;
    struct cy_sim_founded founded;
    char origin[32];
    struct cy_sim_book *book;
    const struct cy_sim_signer *signers[CY_SIM_MEMBERS_MAX];
};

/* A node as the simulation sees it. */
struct seat {
    struct cy_sim_node node;
    struct cy_sim_traitor *traitor;
    struct cy_sim_node *twin; /* of a traitor; NULL: there is none */
    struct realm *realm;
    bool cutting; /* its disk was told to fail: what follows is no promise broken */
    bool full;
    bool news;       /* a head was agreed in this event */
    uint64_t height; /* agreed last, as told */
    uint64_t size;   /* of that head */
    struct cy_id root;
    uint64_t size_kept;               /* what no crash may undo; 0 after a restored backup */
    uint64_t goal;                    /* a height above this one shows that it got on */
    uint64_t got_on_at;               /* ms; 0: not yet */
    uint64_t ends[CY_SIM_MOVE_KINDS]; /* counts orders: the end of an older one does nothing */
};

struct author {
    struct cy_sim_party party;
    struct cy_id made[CY_SIM_REALMS_MAX][MADE]; /* passports that it asked for */
    uint32_t n_made[CY_SIM_REALMS_MAX];
};

struct cy_sim_federation {
    struct cy_sim_federation_options options;
    const struct cy_sim_plan *plan;
    struct cy_sim_net *net;
    struct cy_sim_node_told told;
    struct realm realms[CY_SIM_REALMS_MAX];
    struct seat *seats;
    uint32_t n;
    struct author authors[CY_SIM_AUTHORS_MAX];
    struct cy_sim_federation_figures figures;
    struct cy_sha256_stream trace;
    const char *objection;
    uint64_t objected_at;
    uint32_t next_move;
    bool calm;
    uint64_t nonce;
    struct cy_arena acts;
    uint8_t bytes[CY_ENTRY_MAX];
};

/* --- small things --- */

static void object(struct cy_sim_federation *sim, const char *sentence)
{
    if (sentence == NULL || sim->objection != NULL)
        return;
    sim->objection = sentence;
    sim->objected_at = cy_sim_net_now(sim->net);
}

static void note(struct cy_sim_federation *sim, uint32_t what, uint64_t a, uint64_t b)
{
    uint8_t bytes[28];

    cy_put_u32be(bytes, what);
    cy_put_u64be(bytes + 4, cy_sim_net_now(sim->net));
    cy_put_u64be(bytes + 12, a);
    cy_put_u64be(bytes + 20, b);
    cy_sha256_more(&sim->trace, cy_span_of(bytes, sizeof bytes));
}

static struct seat *seat_of(struct cy_sim_federation *sim, const struct cy_sim_node *node)
{
    return &sim->seats[node->number];
}

static bool honest(const struct seat *seat)
{
    return !seat->node.traitor;
}

static void end_later(struct seat *seat, enum cy_sim_move_kind what, uint64_t ms)
{
    const struct cy_sim_timer timer = {
        .what = CY_SIM_TIMER_OTHER, .step = (uint32_t)what, .height = ++seat->ends[what]};

    cy_sim_net_timer(seat->node.net, seat->node.number, ms, &timer);
}

/* --- what nodes tell --- */

static void told_answered(void *self, struct cy_sim_node *node, const struct cy_id *act, cy_err err,
                          uint64_t at)
{
    struct cy_sim_federation *sim = self;
    struct seat *seat = seat_of(sim, node);

    sim->figures.answered[err.code % CY_SIM_FEDERATION_CODES]++;
    note(sim, 1, node->number, err.code);
    if (cy_ok(err) && honest(seat))
        object(sim, cy_sim_book_acked(seat->realm->book, act, at));
}

static void told_headed(void *self, struct cy_sim_node *node, const struct cy_head *head,
                        uint64_t height, bool final)
{
    struct cy_sim_federation *sim = self;
    struct seat *seat = seat_of(sim, node);

    note(sim, 2, node->number, height * 2 + final);
    cy_sha256_more(&sim->trace, cy_span_of(head->root.b, sizeof head->root.b));
    if (!honest(seat))
        return;
    if (final) {
        object(sim, cy_sim_book_final(seat->realm->book, height, head));
        return;
    }
    if (height > seat->height + 1 && seat->height != 0)
        sim->figures.catch_ups++;
    seat->height = height;
    seat->size = head->size;
    seat->size_kept = head->size;
    seat->news = true;
    object(sim, cy_sim_book_agreed(seat->realm->book, height, head->size, &head->root));
}

static void told_convicted(void *self, struct cy_sim_node *node, uint32_t which,
                           const struct cy_agree_evidence *evidence)
{
    struct cy_sim_federation *sim = self;
    struct seat *seat = seat_of(sim, node);

    sim->figures.convicted++;
    note(sim, 3, node->number, which);
    if (evidence != NULL && !cy_vote_conflict(&evidence->votes[0], &evidence->votes[1]))
        object(sim, "evidence holds two votes that do not contradict each other");
    if (honest(seat))
        object(sim, cy_sim_book_convicted(seat->realm->book, which));
}

static void told_cosigned(void *self, struct cy_sim_node *node, uint64_t size,
                          const struct cy_id *root)
{
    struct cy_sim_federation *sim = self;
    struct seat *seat = seat_of(sim, node);

    if (honest(seat))
        object(sim, cy_sim_book_cosigned(seat->realm->book, size, root));
}

static void told_betrayed(void *self, struct cy_sim_node *node, uint32_t to, struct cy_span packet)
{
    struct cy_sim_federation *sim = self;
    struct seat *seat = seat_of(sim, node);

    cy_sim_traitor_send(seat->traitor, to, packet, node != &seat->node);
}

/* --- start and stop --- */

/* After a start: nothing that was agreed is gone, but from a restored disk. */
static void check_started(struct cy_sim_federation *sim, struct seat *seat)
{
    const struct cy_cell *cell = cy_sim_node_cell(&seat->node);

    if (honest(seat) && cell->size < seat->size_kept)
        object(sim, "a member lost what it had agreed to");
}

static void start(struct cy_sim_federation *sim, struct seat *seat)
{
    cy_err err = CY_OK;

    if (seat->node.federation != NULL)
        return;
    err = cy_sim_node_start(&seat->node);
    note(sim, 4, seat->node.number, err.code);
    if (cy_ok(err)) {
        check_started(sim, seat);
        return;
    }
    if (!seat->cutting && !seat->full && !sim->calm && !cy_sim_disk_dead(seat->node.disk))
        object(sim, cy_err_info(err.code)->text);
    if (sim->calm && !cy_sim_disk_dead(seat->node.disk) && !seat->full && !seat->cutting)
        object(sim, cy_err_info(err.code)->text);
    cy_sim_node_stop(&seat->node, false, 0);
    end_later(seat, DOWN, RETRY_MS);
}

static void drop_twin(struct seat *seat)
{
    struct cy_sim_node *twin = seat->twin;

    seat->twin = NULL;
    if (twin != NULL)
        cy_sim_node_free(twin);
    free(twin);
}

static void stop(struct cy_sim_federation *sim, struct seat *seat, uint64_t ms, bool power,
                 uint64_t dice)
{
    struct cy_sim_federation_figures *figures = &sim->figures;

    if (seat->node.federation != NULL) {
        struct cy_federation_figures own;

        cy_federation_figures(seat->node.federation, &own);
        figures->rounds += own.rounds;
    }
    drop_twin(seat);
    cy_sim_node_stop(&seat->node, power, dice);
    seat->news = false;
    end_later(seat, DOWN, ms);
}

/* One party has a member in both realms, on one machine. */
static struct seat *housemate(struct cy_sim_federation *sim, struct seat *seat)
{
    const uint32_t members = sim->plan->members;

    if (sim->plan->realms < 2 || seat->node.number % members != 0)
        return NULL;
    return &sim->seats[seat->node.number == 0 ? members : 0];
}

static void stop_machine(struct cy_sim_federation *sim, struct seat *seat, uint64_t ms, bool power,
                         uint64_t dice)
{
    struct seat *other = power ? housemate(sim, seat) : NULL;

    stop(sim, seat, ms, power, dice);
    if (other != NULL)
        stop(sim, other, ms, power, dice);
}

/* --- after each event --- */

static void check_world(struct cy_sim_federation *sim, struct seat *seat)
{
    const struct cy_world *world = &cy_sim_node_cell(&seat->node)->engine.world;
    struct cy_id digest;

    object(sim, cy_sim_assets_kept(world));
    digest = cy_sim_world_digest(world);
    cy_sha256_more(&sim->trace, cy_span_of(digest.b, sizeof digest.b));
    object(sim, cy_sim_book_world(seat->realm->book, seat->height, &digest));
}

/* A node that stopped by itself: because of what was ordered, or is it its own fault? */
static void check_trouble(struct cy_sim_federation *sim, struct seat *seat)
{
    const cy_err err = cy_federation_trouble(seat->node.federation);

    if (cy_sim_disk_dead(seat->node.disk)) {
        stop_machine(sim, seat, RETRY_MS, true, cy_sim_disk_calls(seat->node.disk) % 5);
        return;
    }
    if (cy_ok(err))
        return;
    note(sim, 5, seat->node.number, err.code);
    if (!seat->cutting && !seat->full && honest(seat))
        object(sim, cy_err_info(err.code)->text);
    seat->cutting = false;
    stop(sim, seat, RETRY_MS, false, 0);
}

/* Whether it reached, after the calm, what nobody had reached before. */
static void see_progress(struct cy_sim_federation *sim, struct seat *seat)
{
    struct cy_federation_figures figures;
    uint64_t ms = 0;

    if (!sim->calm || seat->got_on_at != 0 || !honest(seat))
        return;
    cy_federation_figures(seat->node.federation, &figures);
    if (figures.height < seat->goal || figures.final_height < seat->goal)
        return;
    seat->got_on_at = cy_sim_net_now(sim->net);
    ms = seat->got_on_at - sim->plan->calm;
    if (ms > sim->figures.live_ms)
        sim->figures.live_ms = ms;
}

static void after(struct cy_sim_federation *sim, struct seat *seat)
{
    if (seat->node.federation == NULL)
        return;
    /* a node that its disk stopped, or keeps waiting, may be in the middle of the next height */
    if (seat->news && honest(seat) && cy_sim_node_cell(&seat->node)->size == seat->size &&
        cy_ok(cy_federation_trouble(seat->node.federation)))
        check_world(sim, seat);
    seat->news = false;
    see_progress(sim, seat);
    check_trouble(sim, seat);
}

/* --- endings --- */

static void end_full(struct seat *seat)
{
    seat->full = false;
    cy_sim_disk_space(seat->node.disk, UINT64_MAX);
}

static void end_fail(struct seat *seat)
{
    seat->cutting = false;
    cy_sim_disk_cut_at_call(seat->node.disk, 0);
    cy_sim_disk_fail_at(seat->node.disk, 0, CY_E_NONE);
}

static void end(struct cy_sim_federation *sim, struct seat *seat, const struct cy_sim_timer *timer)
{
    const enum cy_sim_move_kind what = (enum cy_sim_move_kind)timer->step;

    if (timer->height != seat->ends[what])
        return;
    if (what == DOWN)
        start(sim, seat);
    else if (what == CY_SIM_FULL)
        end_full(seat);
    else if (what == CY_SIM_SLOW)
        seat->node.slow_ms = 0;
    else if (what == CY_SIM_FAIL)
        end_fail(seat);
    else if (cy_sim_weather_is(what))
        cy_sim_weather_end(sim->net, sim->n, what, seat->node.number);
}

/* --- acts --- */

/* The passport that the author has in this world, if any; *wait: one is on its way. */
static struct cy_id passport_of(const struct author *author, uint32_t realm,
                                const struct cy_world *world)
{
    for (uint32_t i = 0; i < MADE && i < author->n_made[realm]; i++) {
        const struct cy_passport *passport = CY_GET(world, passport, &author->made[realm][i]);

        if (passport != NULL && passport->standing == CY_standing_ACTIVE)
            return author->made[realm][i];
    }
    return (struct cy_id){0};
}

/* Acts after which a realm stands still, rightly: nothing more would be learned. */
static bool stops_realm(const struct cy_any *act)
{
    const struct cy_rules_set *rules = act->message;

    return act->schema == &cy_schema_rules_set && rules->version > CY_RULES_NEWEST;
}

static void hand_in(struct cy_sim_federation *sim, const struct cy_sim_move *move)
{
    struct author *author = &sim->authors[move->a[0] % sim->plan->authors];
    struct seat *seat = &sim->seats[move->a[1] % sim->n];
    const uint32_t realm = (uint32_t)(seat->realm - sim->realms);
    struct cy_sim_dice dice = {move->a[2]};
    const struct cy_engine *engine = NULL;
    struct cy_id id = {0};
    struct cy_span bytes;
    struct cy_any act;
    cy_err err = CY_OK;

    if (seat->node.federation == NULL)
        return;
    engine = &cy_sim_node_cell(&seat->node)->engine;
    if (cy_engine_realm(engine) == NULL)
        return;
    cy_arena_rewind(&sim->acts, 0);
    author->party.author.passport = passport_of(author, realm, &engine->world);
    if (!(move->kind == CY_SIM_PAY ? cy_sim_money : cy_sim_act)(
            &dice, engine, &author->party.author, &sim->acts, &act) ||
        stops_realm(&act))
        return;
    bytes = cy_sim_party_sign(&author->party, &seat->realm->ledger.id, cy_engine_realm(engine)->now,
                              ++sim->nonce, &act, sim->bytes, sizeof sim->bytes);
    if (bytes.n == 0)
        return;
    if (cy_sim_one_in(&dice, 60)) /* a bit falls over on its way */
        sim->bytes[cy_sim_draw(&dice, bytes.n)] ^= 4;
    err = cy_sim_node_submit(&seat->node, bytes, &id);
    sim->figures.submitted[err.code % CY_SIM_FEDERATION_CODES]++;
    note(sim, 6, seat->node.number, err.code);
    if (cy_ok(err) && act.schema == &cy_schema_passport_create)
        author->made[realm][author->n_made[realm]++ % MADE] = id;
    if (cy_ok(err) && cy_sim_one_in(&dice, 8)) { /* again, and elsewhere */
        struct seat *other = &sim->seats[cy_sim_draw(&dice, sim->n)];

        if (other->node.federation != NULL && other->realm == seat->realm)
            (void)!cy_ok(cy_sim_node_submit(&other->node, bytes, &id));
        after(sim, other);
    }
    after(sim, seat);
}

/* --- moves --- */

static void turn(struct cy_sim_federation *sim, struct seat *seat, uint64_t habits)
{
    seat->node.traitor = true;
    cy_sim_traitor_turn(seat->traitor, (uint32_t)habits);
    cy_sim_book_traitor(seat->realm->book, seat->node.seat);
    if (cy_sim_traitor_twins(seat->traitor) && seat->node.federation != NULL && seat->twin == NULL)
        seat->twin = cy_sim_node_twin(&seat->node);
    note(sim, 7, seat->node.number, habits);
}

static void restore(struct cy_sim_federation *sim, struct seat *seat, uint64_t ms)
{
    if (seat->node.backup == NULL)
        return;
    stop(sim, seat, ms, false, 0);
    seat->full = false;
    seat->cutting = false;
    seat->size_kept = 0;
    seat->height = 0;
    sim->figures.restored += cy_sim_node_restore(&seat->node);
}

/* What is ordered of a disk; it ends after so long. */
static void order_disk(struct seat *seat, const struct cy_sim_move *move)
{
    struct cy_sim_disk *disk = seat->node.disk;

    if (move->kind == CY_SIM_CUT) {
        seat->cutting = true;
        cy_sim_disk_cut_at_call(disk, move->a[3] % 10000);
        end_later(seat, CY_SIM_FAIL, move->a[1]);
    } else if (move->kind == CY_SIM_FAIL) {
        seat->cutting = true;
        cy_sim_disk_fail_at(disk, move->a[2] % 10000, CY_E_DISK_FAILED);
        end_later(seat, CY_SIM_FAIL, move->a[1]);
    } else if (move->kind == CY_SIM_FULL) {
        seat->full = true;
        cy_sim_disk_space(disk, cy_sim_disk_used(disk) + move->a[2]);
        end_later(seat, CY_SIM_FULL, move->a[1]);
    } else {
        seat->node.slow_ms = (uint32_t)(move->a[2] % 1000);
        end_later(seat, CY_SIM_SLOW, move->a[1]);
    }
}

static void jump(struct cy_sim_federation *sim, struct seat *seat, uint64_t ms, bool back)
{
    const int64_t by = (int64_t)(ms % JUMP_MS_MAX);

    cy_sim_watch_set(&seat->node.watch, BEGAN + cy_sim_net_now(sim->net), back ? -by : by);
}

static void make_move(struct cy_sim_federation *sim, const struct cy_sim_move *move)
{
    struct seat *seat = &sim->seats[cy_sim_weather_of_all(move->kind) ? 0 : move->a[0] % sim->n];
    const uint64_t ms = move->a[1];

    sim->figures.moves[move->kind]++;
    note(sim, 8, move->kind, move->a[0]);
    switch (move->kind) {
    case CY_SIM_ACT:
    case CY_SIM_PAY: hand_in(sim, move); break;
    case CY_SIM_KILL: stop_machine(sim, seat, ms, false, 0); break;
    case CY_SIM_POWER: stop_machine(sim, seat, ms, true, move->a[2]); break;
    case CY_SIM_CUT:
    case CY_SIM_FAIL:
    case CY_SIM_FULL:
    case CY_SIM_SLOW: order_disk(seat, move); break;
    case CY_SIM_COPY: cy_sim_node_copy(&seat->node); break;
    case CY_SIM_RESTORE: restore(sim, seat, ms); break;
    case CY_SIM_AHEAD: jump(sim, seat, ms, false); break;
    case CY_SIM_BACK: jump(sim, seat, ms, true); break;
    case CY_SIM_PART:
    case CY_SIM_LOSE:
    case CY_SIM_TWICE:
        cy_sim_weather_begin(sim->net, sim->n, move);
        end_later(seat, move->kind, move->a[0]);
        break;
    case CY_SIM_LAG:
    case CY_SIM_NARROW:
        cy_sim_weather_begin(sim->net, sim->n, move);
        end_later(seat, move->kind, ms);
        break;
    case CY_SIM_TURN: turn(sim, seat, move->a[1]); break;
    case CY_SIM_MOVE_KINDS: break;
    }
}

/* --- time --- */

static void take(struct cy_sim_federation *sim, const struct cy_sim_event *event)
{
    struct seat *seat = &sim->seats[event->node];
    cy_err code = CY_OK;

    if (!event->is_packet && event->timer.what == CY_SIM_TIMER_OTHER) {
        end(sim, seat, &event->timer);
        return;
    }
    if (event->is_packet && seat->node.federation != NULL && seat->node.traitor)
        cy_sim_traitor_hear(seat->traitor, event->packet);
    if (seat->twin != NULL)
        (void)cy_sim_node_take(seat->twin, event, &code);
    if (!cy_sim_node_take(&seat->node, event, &code))
        return;
    if (event->is_packet) {
        sim->figures.packets[code.code % CY_SIM_FEDERATION_CODES]++;
        note(sim, 9, event->node * 64 + event->from, code.code);
    }
    after(sim, seat);
}

/* Everything is mended, and stays so; traitors stay. */
static void begin_calm(struct cy_sim_federation *sim)
{
    uint64_t goals[CY_SIM_REALMS_MAX] = {0};

    sim->calm = true;
    for (uint32_t i = 0; i < sim->n; i++) {
        struct seat *seat = &sim->seats[i];
        uint64_t *goal = &goals[seat->realm - sim->realms];

        for (unsigned kind = 0; kind < CY_SIM_MOVE_KINDS; kind++) {
            if (cy_sim_weather_is((enum cy_sim_move_kind)kind))
                cy_sim_weather_end(sim->net, sim->n, (enum cy_sim_move_kind)kind, i);
        }
        end_full(seat);
        seat->node.slow_ms = 0;
        if (!cy_sim_disk_dead(seat->node.disk))
            end_fail(seat);
        *goal = cy_sim_book_height(seat->realm->book);
        if (seat->node.federation == NULL)
            end_later(seat, DOWN, 1);
    }
    for (uint32_t i = 0; i < sim->n; i++)
        sim->seats[i].goal = goals[sim->seats[i].realm - sim->realms] + 1;
}

const char *cy_sim_federation_run(struct cy_sim_federation *sim, uint64_t until)
{
    const struct cy_sim_plan *plan = sim->plan;
    struct cy_sim_event event;

    while (sim->objection == NULL) {
        const bool more = sim->next_move < plan->n && plan->moves[sim->next_move].at <= until;
        uint64_t stop_at = more ? plan->moves[sim->next_move].at : until;

        if (!sim->calm && stop_at > plan->calm)
            stop_at = plan->calm;
        while (sim->objection == NULL && cy_sim_net_next(sim->net, stop_at, &event))
            take(sim, &event);
        if (!sim->calm && stop_at == plan->calm)
            begin_calm(sim);
        else if (more)
            make_move(sim, &plan->moves[sim->next_move++]);
        else
            break;
    }
    return sim->objection;
}

/* --- the end --- */

static bool all_got_on(const struct cy_sim_federation *sim)
{
    for (uint32_t i = 0; i < sim->n; i++) {
        if (honest(&sim->seats[i]) && sim->seats[i].got_on_at == 0)
            return false;
    }
    return true;
}

/* Every promise is kept by each ledger; the longest of each realm is counted. */
const char *cy_sim_federation_read(struct cy_sim_federation *sim)
{
    for (uint32_t r = 0; r < sim->plan->realms; r++) {
        struct seat *best = NULL;

        for (uint32_t i = 0; i < sim->n; i++) {
            struct seat *seat = &sim->seats[i];

            if (honest(seat) && seat->realm == &sim->realms[r] &&
                (best == NULL || seat->size > best->size))
                best = seat;
        }
        if (best != NULL && best->node.federation != NULL)
            object(sim, cy_sim_book_read(sim->realms[r].book, cy_sim_node_cell(&best->node),
                                         sim->figures.accepted));
    }
    return sim->objection;
}

struct filing {
    struct cy_sim_federation *sim;
    const struct cy_sim_disk *disk;
};

static void add_file(void *user, const char *path)
{
    const struct filing *filing = user;
    struct cy_span bytes;

    if (strncmp(path, CY_SNAPSHOT_DIR "/", sizeof CY_SNAPSHOT_DIR) == 0)
        return; /* raw records: their padding is the compiler's; the world itself is in the trace */
    if (!cy_sim_disk_bytes(filing->disk, path, &bytes))
        return;
    cy_sha256_more(&filing->sim->trace, cy_span_of(path, strlen(path)));
    cy_sha256_more(&filing->sim->trace, bytes);
}

static void add_files(struct cy_sim_federation *sim)
{
    for (uint32_t i = 0; i < sim->n; i++) {
        struct filing filing = {sim, sim->seats[i].node.disk};

        if (honest(&sim->seats[i]))
            cy_sim_disk_each(filing.disk, add_file, &filing);
    }
}

const char *cy_sim_federation_end(struct cy_sim_federation *sim, struct cy_id *trace)
{
    const uint64_t calm = sim->plan->calm;

    while (sim->objection == NULL && !all_got_on(sim)) {
        const uint64_t now = cy_sim_net_now(sim->net);

        if (now > calm + CY_SIM_LIVE_MS) {
            object(sim, "an honest member does not get on though all is mended");
            break;
        }
        (void)cy_sim_federation_run(sim, now + 250);
    }
    if (sim->objection == NULL)
        (void)cy_sim_federation_read(sim);
    add_files(sim);
    *trace = cy_sha256_end(&sim->trace);
    return sim->objection;
}

const char *cy_sim_federation_live(struct cy_sim_federation *sim, struct cy_id *trace,
                                   uint64_t *broken_at)
{
    if (cy_sim_federation_run(sim, sim->plan->ticks) == NULL)
        (void)cy_sim_federation_end(sim, trace);
    *broken_at = sim->objected_at;
    return sim->objection;
}

/* --- begin --- */

static void found_realm(struct cy_sim_federation *sim, uint32_t r)
{
    struct realm *realm = &sim->realms[r];
    struct cy_text origin = cy_text_on(realm->origin, sizeof realm->origin);
    const uint32_t members = sim->plan->members;
    struct cy_sim_founding founding = {
        .now = BEGAN, .seats = realm->signers, .n = members, .idle_ms = IDLE_MS};

    cy_text_add(&origin, r == 0 ? "ocean" : "forest");
    cy_text_add(&origin, ".example/federation");
    CY_ASSERT(!origin.full);
    founding.origin = realm->origin;
    if ((sim->options.broken & CY_SIM_BREAK_POLICY) != 0)
        founding.need = 2;
    cy_sim_found(&founding, &realm->founded);
    realm->ledger =
        (struct cy_sim_ledger){.roster = sim->options.roster,
                               .n_roster = sim->options.n_roster,
                               .genesis = cy_span_of(realm->founded.bytes, realm->founded.n),
                               .id = realm->founded.id,
                               .first = r * members,
                               .seats = members};
    realm->book = cy_sim_book_new(&(struct cy_sim_book_options){.origin = realm->origin,
                                                                .policy = realm->founded.policy,
                                                                .seats = realm->signers,
                                                                .n_seats = members});
}

static void make_seat(struct cy_sim_federation *sim, uint32_t number, struct cy_sim_dice *dice)
{
    struct seat *seat = &sim->seats[number];
    struct realm *realm = &sim->realms[number / sim->plan->members];

    seat->realm = realm;
    seat->node.net = sim->net;
    seat->node.ledger = &realm->ledger;
    seat->node.told = &sim->told;
    seat->node.number = number;
    seat->node.seat = number % sim->plan->members;
    cy_sim_node_new(&seat->node, dice, SKEW_MS);
    seat->node.signer.forgets = (sim->options.broken & CY_SIM_BREAK_SIGNERS) != 0;
    seat->traitor = cy_sim_traitor_new(&seat->node, realm->origin, cy_sim_bits(dice));
    realm->signers[seat->node.seat] = &seat->node.signer;
}

struct cy_sim_federation *cy_sim_federation_new(const struct cy_sim_federation_options *options)
{
    const struct cy_sim_plan *plan = options->plan;
    struct cy_sim_federation *sim = calloc(1, sizeof *sim);
    struct cy_sim_dice dice = {plan->seed};
    void *acts = calloc(1, ACT_ARENA);

    CY_ASSERT(sim != NULL);
    CY_ASSERT(acts != NULL);
    if (!cy_ok(cy_crypto_start()))
        CY_NEVER("the libraries passed their own tests before");
    sim->options = *options;
    sim->plan = plan;
    sim->n = plan->members * plan->realms;
    sim->acts = cy_arena_on(acts, ACT_ARENA);
    sim->told = (struct cy_sim_node_told){.self = sim,
                                          .answered = told_answered,
                                          .headed = told_headed,
                                          .convicted = told_convicted,
                                          .cosigned = told_cosigned,
                                          .betrayed = told_betrayed};
    sim->net = cy_sim_net_new(&(struct cy_sim_net_options){.seed = cy_sim_bits(&dice),
                                                           .nodes = sim->n,
                                                           .packets_max = PACKETS_MAX,
                                                           .bytes_max = BYTES_MAX});
    sim->seats = calloc(sim->n, sizeof *sim->seats);
    CY_ASSERT(sim->net != NULL);
    CY_ASSERT(sim->seats != NULL);
    cy_sha256_begin(&sim->trace);
    for (uint32_t i = 0; i < sim->n; i++)
        make_seat(sim, i, &dice);
    for (uint32_t i = 0; i < plan->authors; i++)
        cy_sim_party_of(&sim->authors[i].party, &dice);
    for (uint32_t r = 0; r < plan->realms; r++)
        found_realm(sim, r);
    for (uint32_t i = 0; i < sim->n; i++)
        start(sim, &sim->seats[i]);
    return sim;
}

void cy_sim_federation_free(struct cy_sim_federation *sim)
{
    if (sim == NULL)
        return;
    for (uint32_t i = 0; i < sim->n; i++) {
        drop_twin(&sim->seats[i]);
        cy_sim_node_free(&sim->seats[i].node);
        cy_sim_traitor_free(sim->seats[i].traitor);
    }
    for (uint32_t r = 0; r < sim->plan->realms; r++)
        cy_sim_book_free(sim->realms[r].book);
    cy_sim_net_free(sim->net);
    free(sim->seats);
    free(sim->acts.at);
    free(sim);
}

/* --- figures --- */

void cy_sim_federation_figures(const struct cy_sim_federation *sim,
                               struct cy_sim_federation_figures *out)
{
    const struct cy_sim_net_figures *net = cy_sim_net_figures(sim->net);

    *out = sim->figures;
    out->sent = net->sent;
    out->arrived = net->arrived;
    out->lost = net->lost + net->cut + net->full;
    out->overtaken = net->overtaken;
    out->node_ms = cy_sim_net_now(sim->net) * sim->n;
    for (uint32_t r = 0; r < sim->plan->realms; r++) {
        const struct cy_sim_book *book = sim->realms[r].book;

        out->heights += cy_sim_book_height(book);
        out->finals += cy_sim_book_finals(book);
        out->acks += cy_sim_book_acks(book);
        out->slashes += cy_sim_book_slashes(book);
    }
    for (uint32_t i = 0; i < sim->n; i++) {
        const struct seat *seat = &sim->seats[i];
        struct cy_federation_figures own;

        for (unsigned b = 0; b < CY_SIM_HABIT_COUNT; b++)
            out->deeds[b] += cy_sim_traitor_deeds(seat->traitor)[b];
        for (unsigned s = 0; s < CY_COUNT(out->timeouts); s++)
            out->timeouts[s] += seat->node.figures.timeouts[s];
        out->starts += seat->node.figures.starts;
        out->vote_refused += seat->node.figures.vote_refused;
        out->said_again += seat->node.signer.again;
        out->torn += seat->node.torn;
        if (seat->node.federation == NULL)
            continue;
        cy_federation_figures(seat->node.federation, &own);
        out->rounds += own.rounds;
    }
}

void cy_sim_federation_add(struct cy_sim_federation_figures *sum,
                           const struct cy_sim_federation_figures *one)
{
    const uint64_t longest = sum->live_ms > one->live_ms ? sum->live_ms : one->live_ms;
    uint64_t *to = (uint64_t *)sum;
    const uint64_t *from = (const uint64_t *)one;

    _Static_assert(sizeof *sum % sizeof(uint64_t) == 0, "numbers of 64 bits alone");
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
    sum->live_ms = longest;
}
