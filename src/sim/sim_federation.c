#include "sim/sim_federation.h"

#include "sim/sim_cross.h"
#include "sim/sim_fault.h"
#include "sim/sim_ferry.h"
#include "sim/sim_look.h"
#include "sim/sim_operate.h"
#include "sim/sim_oracle.h"
#include "sim/sim_weather.h"
#include "sim/sim_work.h"

#include <stdlib.h>

#define BEGAN 1767225600000u /* 2026-01-01, as sim_node */
#define SKEW_MS 2000u
#define IDLE_MS 500u
#define IDLE_BRIDGED_MS 120u /* what crosses a bridge takes many heights */
#define PACKETS_MAX 20000u
#define BYTES_MAX ((size_t)256 << 20)
#define ACT_ARENA ((size_t)1 << 20)

/* Timers that are no node's: of whom. */
enum { FERRY = 1, OPERATORS };

struct cy_sim_federation {
    struct cy_sim_federation_options options;
    struct cy_sim_scene scene;
    struct cy_sim_node_told told;
    struct cy_sim_ferry *ferry; /* NULL: there is nothing to carry */
    struct cy_sim_cross *cross;
    struct cy_sim_look *looks[CY_SIM_REALMS_MAX];
    uint32_t next_move;
};

/* --- what nodes tell --- */

static void told_answered(void *self, struct cy_sim_node *node, const struct cy_id *act, cy_err err,
                          uint64_t at)
{
    struct cy_sim_scene *scene = self;
    struct cy_sim_seat *seat = cy_scene_seat(scene, node);

    scene->figures.answered[err.code % CY_SIM_FEDERATION_CODES]++;
    cy_scene_note(scene, 1, node->number, err.code);
    if (cy_ok(err) && cy_scene_honest(seat))
        cy_scene_object(scene, cy_sim_book_acked(seat->realm->book, act, at));
}

/* By the policy that holds in its copy: as it stood whole last, for the next height may have begun
 * while its disk kept it waiting, or as it stands now. */
static const char *final_by(struct cy_sim_seat *seat, const struct cy_head *head, uint64_t height)
{
    struct cy_sim_book *book = seat->realm->book;
    const struct cy_realm *now = cy_engine_realm(&cy_sim_node_cell(&seat->node)->engine);
    const char *wrong = cy_sim_book_final(book, height, head, &seat->policy);

    return wrong == NULL ? NULL : cy_sim_book_final(book, height, head, &now->policy);
}

static void told_headed(void *self, struct cy_sim_node *node, const struct cy_head *head,
                        uint64_t height, bool final)
{
    struct cy_sim_scene *scene = self;
    struct cy_sim_seat *seat = cy_scene_seat(scene, node);

    cy_scene_note(scene, 2, node->number, height * 2 + final);
    cy_sha256_more(&scene->trace, cy_span_of(head->root.b, sizeof head->root.b));
    if (!cy_scene_honest(seat))
        return;
    if (final) {
        cy_scene_object(scene, final_by(seat, head, height));
        return;
    }
    if (height > seat->height + 1 && seat->height != 0)
        scene->figures.catch_ups++;
    seat->height = height;
    seat->size = head->size;
    seat->size_kept = head->size;
    seat->news = true;
    cy_scene_object(scene, cy_sim_book_agreed(seat->realm->book, height, head->size, &head->root));
}

static void told_convicted(void *self, struct cy_sim_node *node, uint32_t which,
                           const struct cy_agree_evidence *evidence)
{
    struct cy_sim_scene *scene = self;
    struct cy_sim_seat *seat = cy_scene_seat(scene, node);
    const uint32_t who = cy_sim_ledger_node(node->ledger, which);

    scene->figures.convicted++;
    cy_scene_note(scene, 3, node->number, which);
    if (evidence != NULL && !cy_vote_conflict(&evidence->votes[0], &evidence->votes[1]))
        cy_scene_object(scene, "evidence holds two votes that do not contradict each other");
    if (cy_scene_honest(seat) && who != UINT32_MAX)
        cy_scene_object(scene, cy_sim_book_convicted(seat->realm->book, who - node->ledger->first));
}

static void told_cosigned(void *self, struct cy_sim_node *node, uint64_t size,
                          const struct cy_id *root)
{
    struct cy_sim_scene *scene = self;
    struct cy_sim_seat *seat = cy_scene_seat(scene, node);

    if (cy_scene_honest(seat))
        cy_scene_object(scene, cy_sim_book_cosigned(seat->realm->book, size, root));
}

static void told_betrayed(void *self, struct cy_sim_node *node, uint32_t to, struct cy_span packet)
{
    struct cy_sim_scene *scene = self;
    struct cy_sim_seat *seat = cy_scene_seat(scene, node);

    cy_sim_traitor_send(seat->traitor, to, packet, node != &seat->node);
}

/* --- after each event --- */

/* The newest world of the realm, which nobody had looked at. */
static void look(struct cy_sim_federation *sim, struct cy_sim_seat *seat)
{
    struct cy_sim_scene *scene = &sim->scene;
    struct cy_sim_realm *realm = seat->realm;
    const struct cy_world *world = cy_scene_world(seat);

    if (seat->height <= realm->seen || seat->height != cy_sim_book_height(realm->book))
        return;
    realm->seen = seat->height;
    cy_scene_object(scene, cy_sim_cross_look(sim->cross, realm->number, world));
    cy_scene_object(scene, cy_sim_look_at(sim->looks[realm->number], world));
}

static void check_world(struct cy_sim_federation *sim, struct cy_sim_seat *seat)
{
    struct cy_sim_scene *scene = &sim->scene;
    struct cy_id digest;

    cy_scene_object(scene, cy_sim_assets_kept(cy_scene_world(seat)));
    digest = cy_sim_world_digest(cy_scene_world(seat));
    cy_sha256_more(&scene->trace, cy_span_of(digest.b, sizeof digest.b));
    cy_scene_object(scene, cy_sim_book_world(seat->realm->book, seat->height, &digest));
}

/* Whether it reached, after the calm, what nobody had reached before. */
static void see_progress(struct cy_sim_federation *sim, struct cy_sim_seat *seat)
{
    struct cy_sim_scene *scene = &sim->scene;
    struct cy_federation_figures figures;
    uint64_t ms = 0;

    if (!scene->calm || seat->got_on_at != 0 || !cy_scene_honest(seat))
        return;
    cy_federation_figures(seat->node.federation, &figures);
    if (figures.height < seat->goal || figures.final_height < seat->goal)
        return;
    seat->got_on_at = cy_sim_net_now(scene->net);
    ms = seat->got_on_at - scene->plan->calm;
    if (ms > scene->figures.live_ms)
        scene->figures.live_ms = ms;
}

static void after(struct cy_sim_federation *sim, struct cy_sim_seat *seat)
{
    bool whole = false;
    bool news = false;

    if (!cy_scene_runs(seat))
        return;
    /* a node that its disk stopped, or keeps waiting, may be in the middle of the next height */
    whole = cy_scene_honest(seat) && cy_scene_whole(seat);
    news = whole && seat->news;
    seat->news = false;
    if (whole)
        cy_scene_object(&sim->scene,
                        cy_sim_book_stands(seat->realm->book, cy_sim_node_cell(&seat->node)));
    else
        cy_sim_book_unseen(seat->realm->book);
    if (whole)
        seat->policy = cy_engine_realm(&cy_sim_node_cell(&seat->node)->engine)->policy;
    if (news)
        check_world(sim, seat);
    see_progress(sim, seat);
    if (news)
        look(sim, seat);
    for (uint32_t i = 0; news && i < sim->scene.n; i++) {
        if (sim->scene.seats[i].has_fresh)
            cy_sim_look_keys(&sim->scene, &sim->scene.seats[i]);
    }
    if (cy_scene_runs(seat))
        cy_fault_trouble(&sim->scene, seat);
}

/* --- moves --- */

static void work(struct cy_sim_federation *sim, const struct cy_sim_move *move)
{
    const struct cy_work_done done = cy_work_make(&sim->scene, move);

    for (size_t i = 0; i < CY_COUNT(done.at); i++) {
        if (done.at[i] != NULL)
            after(sim, done.at[i]);
    }
}

/* People may have handed something in at any node. */
static void after_all(struct cy_sim_federation *sim)
{
    for (uint32_t i = 0; i < sim->scene.n; i++)
        after(sim, &sim->scene.seats[i]);
}

static void weather(struct cy_sim_federation *sim, const struct cy_sim_move *move)
{
    struct cy_sim_scene *scene = &sim->scene;
    const bool of_all = cy_sim_weather_of_all(move->kind);

    cy_sim_weather_begin(scene->net, scene->n, move);
    cy_scene_later(&scene->seats[of_all ? 0 : move->a[0] % scene->n], move->kind,
                   move->a[of_all ? 0 : 1]);
}

static void make_move(struct cy_sim_federation *sim, const struct cy_sim_move *move)
{
    struct cy_sim_scene *scene = &sim->scene;

    scene->figures.moves[move->kind]++;
    cy_scene_note(scene, 8, move->kind, move->a[0]);
    switch ((int)move->kind) {
    case CY_SIM_ACT:
    case CY_SIM_PAY:
    case CY_SIM_CROSS: work(sim, move); break;
    case CY_SIM_PART:
    case CY_SIM_LOSE:
    case CY_SIM_TWICE:
    case CY_SIM_LAG:
    case CY_SIM_NARROW: weather(sim, move); break;
    case CY_SIM_SPAN:
    case CY_SIM_ROLL:
    case CY_SIM_RULES:
    case CY_SIM_TRUSTEE:
        cy_operate_make(scene, move);
        after_all(sim);
        break;
    case CY_SIM_FERRY:
        if (sim->ferry != NULL)
            cy_sim_ferry_make(sim->ferry, move);
        break;
    default: cy_fault_make(scene, move);
    }
}

/* --- time --- */

/* Sets the timer of people who look now and then. */
static void look_later(struct cy_sim_federation *sim, uint32_t who)
{
    cy_sim_net_timer(sim->scene.net, sim->scene.n,
                     who == FERRY ? CY_SIM_FERRY_MS : CY_SIM_OPERATE_MS,
                     &(struct cy_sim_timer){.what = CY_SIM_TIMER_OTHER, .step = who});
}

static void people(struct cy_sim_federation *sim, uint32_t who)
{
    if (who == FERRY && sim->ferry != NULL)
        cy_sim_ferry_look(sim->ferry);
    if (who == OPERATORS)
        cy_operate_look(&sim->scene);
    after_all(sim);
    look_later(sim, who);
}

static void take(struct cy_sim_federation *sim, const struct cy_sim_event *event)
{
    struct cy_sim_scene *scene = &sim->scene;
    struct cy_sim_seat *seat = &scene->seats[event->node];
    cy_err code = CY_OK;

    if (event->node == scene->n) {
        people(sim, event->timer.step);
        return;
    }
    if (!event->is_packet && event->timer.what == CY_SIM_TIMER_OTHER) {
        const enum cy_sim_move_kind what = (enum cy_sim_move_kind)event->timer.step;

        if (!cy_sim_weather_is(what))
            cy_fault_end(scene, seat, &event->timer);
        else if (event->timer.height == seat->ends[what])
            cy_sim_weather_end(scene->net, scene->n, what, seat->node.number);
        return;
    }
    if (event->is_packet && cy_scene_runs(seat) && seat->node.traitor)
        cy_sim_traitor_hear(seat->traitor, event->packet);
    if (seat->twin != NULL)
        (void)cy_sim_node_take(seat->twin, event, &code);
    if (!cy_sim_node_take(&seat->node, event, &code))
        return;
    if (event->is_packet) {
        scene->figures.packets[code.code % CY_SIM_FEDERATION_CODES]++;
        cy_scene_note(scene, 9, event->node * 64 + event->from, code.code);
    }
    after(sim, seat);
}

/* Everything is mended, and stays so; traitors stay. */
static void begin_calm(struct cy_sim_federation *sim)
{
    struct cy_sim_scene *scene = &sim->scene;

    scene->calm = true;
    for (uint32_t i = 0; i < scene->n; i++) {
        for (unsigned kind = 0; kind < CY_SIM_MOVE_KINDS; kind++) {
            if (cy_sim_weather_is((enum cy_sim_move_kind)kind))
                cy_sim_weather_end(scene->net, scene->n, (enum cy_sim_move_kind)kind, i);
        }
        cy_fault_mend(&scene->seats[i]);
        if (cy_sim_plan_has(scene->plan, CY_SIM_RULES))
            cy_fault_update(scene, &scene->seats[i], 1, cy_sim_rules.newest);
        scene->seats[i].goal = cy_sim_book_height(scene->seats[i].realm->book) + 1;
    }
    for (uint32_t r = 0; r < scene->plan->realms; r++) {
        for (unsigned i = 0; i < CY_SIM_TRUSTEES_MAX; i++)
            scene->realms[r].trustees[i].silent = false;
    }
    cy_sim_cross_calm(sim->cross);
}

const char *cy_sim_federation_run(struct cy_sim_federation *sim, uint64_t until)
{
    struct cy_sim_scene *scene = &sim->scene;
    const struct cy_sim_plan *plan = scene->plan;
    struct cy_sim_event event;

    while (scene->objection == NULL) {
        const bool more = sim->next_move < plan->n && plan->moves[sim->next_move].at <= until;
        uint64_t stop_at = more ? plan->moves[sim->next_move].at : until;

        if (!scene->calm && stop_at > plan->calm)
            stop_at = plan->calm;
        while (scene->objection == NULL && cy_sim_net_next(scene->net, stop_at, &event))
            take(sim, &event);
        if (!scene->calm && stop_at == plan->calm)
            begin_calm(sim);
        else if (more)
            make_move(sim, &plan->moves[sim->next_move++]);
        else
            break;
    }
    return scene->objection;
}

/* --- the end --- */

static bool all_got_on(const struct cy_sim_federation *sim)
{
    for (uint32_t i = 0; i < sim->scene.n; i++) {
        const struct cy_sim_seat *seat = &sim->scene.seats[i];

        if (cy_scene_honest(seat) && seat->on_roll && seat->got_on_at == 0)
            return false;
    }
    return true;
}

/* Every promise is kept by each ledger; the longest of each realm is counted. */
const char *cy_sim_federation_read(struct cy_sim_federation *sim)
{
    struct cy_sim_scene *scene = &sim->scene;

    for (uint32_t r = 0; r < scene->plan->realms; r++) {
        struct cy_sim_seat *best = NULL;

        for (uint32_t i = 0; i < scene->n; i++) {
            struct cy_sim_seat *seat = &scene->seats[i];

            if (cy_scene_honest(seat) && seat->realm == &scene->realms[r] &&
                (best == NULL || seat->size > best->size))
                best = seat;
        }
        if (best != NULL && cy_scene_runs(best))
            cy_scene_object(scene,
                            cy_sim_book_read(scene->realms[r].book, cy_sim_node_cell(&best->node),
                                             scene->figures.accepted));
    }
    return scene->objection;
}

struct filing {
    struct cy_sim_scene *scene;
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
    cy_sha256_more(&filing->scene->trace, cy_span_of(path, strlen(path)));
    cy_sha256_more(&filing->scene->trace, bytes);
}

static void add_files(struct cy_sim_scene *scene)
{
    for (uint32_t i = 0; i < scene->n; i++) {
        struct filing filing = {scene, scene->seats[i].node.disk};

        if (cy_scene_honest(&scene->seats[i]))
            cy_sim_disk_each(filing.disk, add_file, &filing);
    }
}

const char *cy_sim_federation_end(struct cy_sim_federation *sim, struct cy_id *trace)
{
    struct cy_sim_scene *scene = &sim->scene;
    const uint64_t calm = scene->plan->calm;

    while (scene->objection == NULL && !(all_got_on(sim) && cy_sim_cross_ended(sim->cross))) {
        const uint64_t now = cy_sim_net_now(scene->net);

        if (now > calm + CY_SIM_LIVE_MS) {
            cy_scene_object(scene, all_got_on(sim)
                                       ? "a packet does not end though all is mended"
                                       : "an honest member does not get on though all is mended");
            break;
        }
        (void)cy_sim_federation_run(sim, now + 250);
    }
    if (scene->objection == NULL)
        (void)cy_sim_federation_read(sim);
    add_files(scene);
    *trace = cy_sha256_end(&scene->trace);
    return scene->objection;
}

const char *cy_sim_federation_live(struct cy_sim_federation *sim, struct cy_id *trace,
                                   uint64_t *broken_at)
{
    if (cy_sim_federation_run(sim, sim->scene.plan->ticks) == NULL)
        (void)cy_sim_federation_end(sim, trace);
    *broken_at = sim->scene.objected_at;
    return sim->scene.objection;
}

/* --- begin --- */

static void make_trustees(struct cy_sim_scene *scene, struct cy_sim_realm *realm)
{
    for (unsigned i = 0; i < CY_SIM_TRUSTEES_MAX; i++) {
        struct cy_sim_party party;

        cy_sim_party_of(&party, &scene->dice);
        realm->trustees[i].secret = party.secret;
        realm->trustees[i].key = party.author.key;
    }
}

static void found_realm(struct cy_sim_federation *sim, uint32_t r)
{
    static const char *const names[CY_SIM_REALMS_MAX] = {"ocean", "forest", "desert"};
    struct cy_sim_scene *scene = &sim->scene;
    struct cy_sim_realm *realm = &scene->realms[r];
    struct cy_text origin = cy_text_on(realm->origin, sizeof realm->origin);
    const uint32_t members = scene->plan->members;
    struct cy_sim_founding founding = {.now = BEGAN,
                                       .seats = realm->signers,
                                       .n = members,
                                       .rules_soon = cy_sim_plan_has(scene->plan, CY_SIM_RULES),
                                       .idle_ms =
                                           scene->plan->realms > 1 ? IDLE_BRIDGED_MS : IDLE_MS};

    cy_text_add(&origin, names[r]);
    cy_text_add(&origin, ".example/federation");
    CY_ASSERT(!origin.full);
    founding.origin = realm->origin;
    if ((sim->options.broken & CY_SIM_BREAK_POLICY) != 0)
        founding.need = 2;
    cy_sim_found(&founding, &realm->founded);
    realm->number = r;
    realm->ledger =
        (struct cy_sim_ledger){.roster = sim->options.roster,
                               .n_roster = sim->options.n_roster,
                               .genesis = cy_span_of(realm->founded.bytes, realm->founded.n),
                               .id = realm->founded.id,
                               .first = r * scene->each,
                               .seats = scene->each};
    for (uint32_t i = 0; i < CY_SEATS_MAX; i++)
        realm->ledger.node_of[i] = i < members ? realm->ledger.first + i : UINT32_MAX;
    realm->policies[realm->n_policies++].digest = cy_sha256(cy_span_text(realm->founded.policy));
    memcpy(realm->policies[0].text, realm->founded.policy, sizeof realm->policies[0].text);
    realm->policy = realm->policies[0].digest;
    realm->book = cy_sim_book_new(&(struct cy_sim_book_options){.origin = realm->origin,
                                                                .policy = realm->founded.policy,
                                                                .seats = realm->signers,
                                                                .n_seats = members});
    make_trustees(scene, realm);
    sim->looks[r] = cy_sim_look_new(scene, r);
}

static void make_seat(struct cy_sim_federation *sim, uint32_t number, struct cy_sim_dice *dice)
{
    struct cy_sim_scene *scene = &sim->scene;
    struct cy_sim_seat *seat = &scene->seats[number];
    struct cy_sim_realm *realm = &scene->realms[number / scene->each];

    seat->realm = realm;
    seat->node.net = scene->net;
    seat->node.ledger = &realm->ledger;
    seat->node.told = &sim->told;
    seat->node.number = number;
    seat->node.seat = number % scene->each;
    seat->joined = seat->on_roll = seat->node.seat < scene->plan->members;
    cy_sim_node_new(&seat->node, dice, SKEW_MS);
    seat->node.signer.forgets = (sim->options.broken & CY_SIM_BREAK_SIGNERS) != 0;
    seat->traitor = cy_sim_traitor_new(&seat->node, realm->origin, cy_sim_bits(dice));
    if (seat->joined)
        realm->signers[seat->node.seat] = &seat->node.signer;
}

/* Keys of spares are known from the beginning; they may be convicted as others. */
static void book_spares(struct cy_sim_scene *scene)
{
    for (uint32_t i = 0; i < scene->n; i++) {
        struct cy_sim_seat *seat = &scene->seats[i];

        for (unsigned k = 0; k < CY_SIM_SEAT_KEYS && !seat->joined; k++)
            cy_sim_book_key(seat->realm->book, &seat->node.signer.key[k], seat->node.seat);
    }
}

/* What the plan asks of people. */
static void begin_people(struct cy_sim_federation *sim)
{
    struct cy_sim_scene *scene = &sim->scene;

    for (unsigned i = 0; i < CY_SIM_RELAYS; i++)
        cy_sim_party_of(&scene->relays[i].party, &scene->dice);
    sim->cross = cy_sim_cross_new(scene);
    if (scene->plan->realms > 1) {
        sim->ferry = cy_sim_ferry_new(scene);
        look_later(sim, FERRY);
    }
    look_later(sim, OPERATORS);
}

struct cy_sim_federation *cy_sim_federation_new(const struct cy_sim_federation_options *options)
{
    const struct cy_sim_plan *plan = options->plan;
    struct cy_sim_federation *sim = calloc(1, sizeof *sim);
    struct cy_sim_scene *scene = NULL;
    struct cy_sim_dice dice = {plan->seed};
    void *acts = calloc(1, ACT_ARENA);

    CY_ASSERT(sim != NULL);
    CY_ASSERT(acts != NULL);
    if (!cy_ok(cy_crypto_start()))
        CY_NEVER("the libraries passed their own tests before");
    scene = &sim->scene;
    sim->options = *options;
    scene->plan = plan;
    scene->each = plan->members + plan->spares;
    scene->n = scene->each * plan->realms;
    scene->faulty = cy_sim_plan_faulty(plan);
    scene->acts = cy_arena_on(acts, ACT_ARENA);
    sim->told = (struct cy_sim_node_told){.self = scene,
                                          .answered = told_answered,
                                          .headed = told_headed,
                                          .convicted = told_convicted,
                                          .cosigned = told_cosigned,
                                          .betrayed = told_betrayed};
    scene->net = cy_sim_net_new(&(struct cy_sim_net_options){.seed = cy_sim_bits(&dice),
                                                             .nodes = scene->n + 1,
                                                             .packets_max = PACKETS_MAX,
                                                             .bytes_max = BYTES_MAX});
    scene->seats = calloc(scene->n, sizeof *scene->seats);
    CY_ASSERT(scene->net != NULL);
    CY_ASSERT(scene->seats != NULL);
    cy_sha256_begin(&scene->trace);
    for (uint32_t i = 0; i < scene->n; i++)
        make_seat(sim, i, &dice);
    for (uint32_t i = 0; i < plan->authors; i++)
        cy_sim_party_of(&scene->authors[i].party, &dice);
    scene->dice = (struct cy_sim_dice){cy_sim_bits(&dice)};
    for (uint32_t r = 0; r < plan->realms; r++)
        found_realm(sim, r);
    book_spares(scene);
    begin_people(sim);
    for (uint32_t i = 0; i < scene->n; i++)
        cy_fault_start(scene, &scene->seats[i]);
    return sim;
}

void cy_sim_federation_free(struct cy_sim_federation *sim)
{
    struct cy_sim_scene *scene = NULL;

    if (sim == NULL)
        return;
    scene = &sim->scene;
    for (uint32_t i = 0; i < scene->n; i++) {
        cy_fault_drop_twin(&scene->seats[i]);
        cy_sim_node_free(&scene->seats[i].node);
        cy_sim_traitor_free(scene->seats[i].traitor);
    }
    for (uint32_t r = 0; r < scene->plan->realms; r++) {
        cy_sim_book_free(scene->realms[r].book);
        cy_sim_look_free(sim->looks[r]);
    }
    cy_sim_ferry_free(sim->ferry);
    cy_sim_cross_free(sim->cross);
    cy_sim_net_free(scene->net);
    free(scene->seats);
    free(scene->acts.at);
    free(sim);
}

/* --- figures --- */

static void add_seat(const struct cy_sim_seat *seat, struct cy_sim_federation_figures *out)
{
    struct cy_federation_figures own;

    for (unsigned b = 0; b < CY_SIM_HABIT_COUNT; b++)
        out->deeds[b] += cy_sim_traitor_deeds(seat->traitor)[b];
    for (unsigned s = 0; s < CY_COUNT(out->timeouts); s++)
        out->timeouts[s] += seat->node.figures.timeouts[s];
    for (unsigned v = 0; v < CY_SIM_VOTES && cy_scene_honest(seat); v++)
        out->votes[v] += seat->node.figures.votes[v];
    out->starts += seat->node.figures.starts;
    out->vote_refused += seat->node.figures.vote_refused;
    out->said_again += seat->node.signer.again;
    out->torn += seat->node.torn;
    if (!cy_scene_runs(seat))
        return;
    cy_federation_figures(seat->node.federation, &own);
    out->rounds += own.rounds;
}

void cy_sim_federation_figures(const struct cy_sim_federation *sim,
                               struct cy_sim_federation_figures *out)
{
    const struct cy_sim_scene *scene = &sim->scene;
    const struct cy_sim_net_figures *net = cy_sim_net_figures(scene->net);

    *out = scene->figures;
    out->sent = net->sent;
    out->arrived = net->arrived;
    out->lost = net->lost + net->cut + net->full;
    out->overtaken = net->overtaken;
    out->node_ms = cy_sim_net_now(scene->net) * scene->n;
    for (uint32_t r = 0; r < scene->plan->realms; r++) {
        const struct cy_sim_book *book = scene->realms[r].book;

        out->heights += cy_sim_book_height(book);
        out->finals += cy_sim_book_finals(book);
        out->acks += cy_sim_book_acks(book);
        out->slashes += cy_sim_book_slashes(book);
    }
    for (uint32_t i = 0; i < scene->n; i++)
        add_seat(&scene->seats[i], out);
}
