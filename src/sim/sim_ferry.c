#include "sim/sim_ferry.h"

#include "realm/relay_wire.h"
#include "sim/sim_operate.h"
#include "sim/sim_work.h"

#include <stdlib.h>

#define PAIRS 3u /* of three realms */
#define ARENA ((size_t)1 << 20)
#define ROUND_MS 5000u /* a round that takes longer is given up */
#define PAUSE_MS 60u
#define LAG_MS 2500u
#define OLD 24u /* acts that a relayer keeps to bring them again */
#define OLD_BYTES 16384u
#define PROOF_MAX 32768u

/* One side of a bridge in a round: what it said, and what it offers to the other. */
struct end {
    uint32_t realm;
    struct cy_relay_status status;
    struct cy_relay_ask ask; /* on behalf of the other */
    struct cy_relay_offer offer;
    struct cy_span record; /* its record `realm` under the root, and the proof; may be empty */
    struct cy_span proof;
    bool headed;
    struct cy_arena arena;
};

struct pair {
    struct end end[2];
    bool proven;
    uint64_t since; /* ms */
    uint64_t next;  /* not before */
};

struct old_act {
    uint32_t realm; /* whom it was for */
    size_t n;
    uint8_t bytes[OLD_BYTES];
};

struct relayer {
    struct cy_sim_writer *writer;
    uint32_t habits;
    uint64_t until; /* ms: then it does well again, unless the plan says otherwise */
    struct pair pairs[PAIRS];
    struct old_act old[OLD];
    uint32_t n_old;
};

struct cy_sim_ferry {
    struct cy_sim_scene *scene;
    struct relayer relayers[CY_SIM_RELAYS];
    uint32_t n_pairs;
    uint8_t *wire;
    uint8_t *payload;
};

/* --- begin --- */

static struct cy_arena fresh_arena(void)
{
    void *at = malloc(ARENA);

    CY_ASSERT(at != NULL);
    return cy_arena_on(at, ARENA);
}

struct cy_sim_ferry *cy_sim_ferry_new(struct cy_sim_scene *scene)
{
    struct cy_sim_ferry *ferry = calloc(1, sizeof *ferry);

    CY_ASSERT(ferry != NULL);
    ferry->scene = scene;
    ferry->wire = malloc(CY_RELAY_WIRE_MAX);
    ferry->payload = malloc(CY_PAYLOAD_MAX);
    CY_ASSERT(ferry->wire != NULL);
    CY_ASSERT(ferry->payload != NULL);
    for (uint32_t a = 0; a < scene->plan->realms; a++) {
        for (uint32_t b = a + 1; b < scene->plan->realms; b++) {
            for (unsigned i = 0; i < CY_SIM_RELAYS; i++) {
                struct pair *pair = &ferry->relayers[i].pairs[ferry->n_pairs];

                pair->end[0].realm = a;
                pair->end[1].realm = b;
                pair->end[0].arena = fresh_arena();
                pair->end[1].arena = fresh_arena();
            }
            ferry->n_pairs++;
        }
    }
    for (unsigned i = 0; i < CY_SIM_RELAYS; i++)
        ferry->relayers[i].writer = &scene->relays[i];
    return ferry;
}

void cy_sim_ferry_free(struct cy_sim_ferry *ferry)
{
    if (ferry == NULL)
        return;
    for (unsigned i = 0; i < CY_SIM_RELAYS; i++) {
        for (uint32_t p = 0; p < ferry->n_pairs; p++) {
            free(ferry->relayers[i].pairs[p].end[0].arena.at);
            free(ferry->relayers[i].pairs[p].end[1].arena.at);
        }
    }
    free(ferry->wire);
    free(ferry->payload);
    free(ferry);
}

void cy_sim_ferry_make(struct cy_sim_ferry *ferry, const struct cy_sim_move *move)
{
    struct relayer *relayer = &ferry->relayers[move->a[0] % CY_SIM_RELAYS];

    relayer->habits = (uint32_t)(move->a[2] & 15);
    relayer->until = cy_sim_net_now(ferry->scene->net) + move->a[1];
}

static bool does(struct cy_sim_ferry *ferry, struct relayer *relayer, unsigned bit, uint32_t one_in)
{
    if ((relayer->habits >> bit & 1) == 0 || !cy_sim_one_in(&ferry->scene->dice, one_in))
        return false;
    ferry->scene->figures.ferried[bit]++;
    return true;
}

/* --- asking: everything goes over the wire --- */

static bool ask_status(struct cy_sim_ferry *ferry, struct cy_sim_seat *seat, uint32_t other,
                       struct end *end)
{
    struct cy_cbor_writer out = cy_cbor_write(ferry->wire, CY_RELAY_WIRE_MAX);
    struct cy_relay_status status;

    cy_relay_look(cy_scene_world(seat), &ferry->scene->realms[other].ledger.id, &status);
    return cy_ok(cy_relay_status_write(&status, &out)) &&
           cy_ok(cy_relay_status_read(cy_cbor_written(&out), &end->arena, &end->status));
}

static bool ask_of(struct cy_sim_ferry *ferry, struct end *end, const struct end *other)
{
    struct cy_cbor_writer out = cy_cbor_write(ferry->wire, CY_RELAY_QUERY_MAX);
    struct cy_relay_ask ask;

    cy_relay_asks(&other->status, &ask);
    return cy_ok(cy_relay_ask_write(&ask, &out)) &&
           cy_ok(cy_relay_ask_read(cy_cbor_written(&out), &other->status.realm, &end->arena,
                                   &end->ask));
}

/* Its own record under the root: by it the other side follows a change of policy. */
static void prove_realm(struct cy_cell *cell, struct end *end)
{
    const uint64_t one = 1;
    char *memory = cy_arena_take(&end->arena, PROOF_MAX);
    struct cy_span value;
    struct cy_text proof;
    uint8_t *copy = NULL;

    end->proof = (struct cy_span){0};
    if (memory == NULL)
        return;
    proof = cy_text_on(memory, PROOF_MAX);
    if (!cy_ok(cy_cell_prove_then(cell, CY_R_realm, &one, &value, &proof)) ||
        (copy = cy_arena_take(&end->arena, value.n + 1)) == NULL)
        return;
    memcpy(copy, value.at, value.n);
    end->record = cy_span_of(copy, value.n);
    end->proof = cy_text_bytes(&proof);
}

static bool nothing_to_do(const struct pair *pair)
{
    bool idle = true;

    for (unsigned i = 0; i < 2; i++) {
        const struct cy_relay_status *status = &pair->end[i].status;

        idle = idle && status->n_out == 0 && status->n_receipts == 0 &&
               (status->state == 0 ||
                (status->roots > 0 && status->now < status->heard_here + status->stale_ms / 3));
    }
    return idle || (pair->end[0].status.state == 0 && pair->end[1].status.state == 0);
}

static bool prove(struct cy_sim_ferry *ferry, struct pair *pair)
{
    struct cy_sim_scene *scene = ferry->scene;
    struct cy_sim_seat *seats[2];

    for (unsigned i = 0; i < 2; i++) {
        struct end *end = &pair->end[i];

        cy_arena_rewind(&end->arena, 0);
        end->headed = false;
        seats[i] = cy_scene_any(scene, end->realm, &scene->dice);
        if (seats[i] == NULL || !cy_scene_whole(seats[i]) ||
            !ask_status(ferry, seats[i], pair->end[1 - i].realm, end))
            return false;
    }
    if (nothing_to_do(pair))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        struct end *end = &pair->end[i];
        struct cy_cell *cell = cy_sim_node_cell(&seats[i]->node);

        if (!ask_of(ferry, end, &pair->end[1 - i]) ||
            !cy_ok(cy_relay_prove(cell, &end->ask, &end->arena, &end->offer)))
            return false;
        prove_realm(cell, end);
    }
    return true;
}

/* A final head over what was proven, when there is one: then the offer crosses the wire. */
static void head(struct cy_sim_ferry *ferry, struct end *end)
{
    struct cy_sim_scene *scene = ferry->scene;
    struct cy_sim_seat *seat = cy_scene_any(scene, end->realm, &scene->dice);
    struct cy_cbor_writer out = cy_cbor_write(ferry->wire, CY_RELAY_WIRE_MAX);
    const struct cy_head *final = NULL;
    struct cy_relay_offer offer = end->offer;
    struct cy_disk_fault fault;
    const size_t used = end->arena.used;
    uint8_t *copy = NULL;
    struct cy_span bytes;

    if (end->headed || seat == NULL || !cy_scene_whole(seat))
        return;
    final = cy_federation_final(seat->node.federation);
    if (final->size == 0 ||
        !cy_ok(cy_relay_head(cy_sim_node_cell(&seat->node), &end->ask,
                             cy_span_of(final->note, final->n), &end->arena, &offer, &fault)) ||
        !cy_ok(cy_relay_offer_write(&offer, &out))) {
        cy_arena_rewind(&end->arena, used);
        return;
    }
    bytes = cy_cbor_written(&out);
    copy = cy_arena_take(&end->arena, bytes.n);
    if (copy == NULL)
        return;
    memcpy(copy, bytes.at, bytes.n);
    end->headed = cy_ok(cy_relay_offer_read(cy_span_of(copy, bytes.n), &end->arena, &end->offer));
}

/* --- lying --- */

static void mar_number(struct cy_sim_dice *dice, const struct cy_field *field, uint8_t *at)
{
    if (cy_type_size(field->type) == 1) {
        *at = (uint8_t)(*at ^ (1u + (uint8_t)cy_sim_draw(dice, 3)));
        return;
    }
    *at = (uint8_t)(*at + (cy_sim_one_in(dice, 2) ? 1 : 255));
}

static void mar_bytes(struct cy_sim_dice *dice, struct cy_arena *arena, uint8_t *at)
{
    struct cy_span bytes;
    uint8_t *copy = NULL;
    uint8_t bit = 0;

    memcpy(&bytes, at, sizeof bytes);
    copy = bytes.n == 0 ? NULL : cy_arena_take(arena, bytes.n);
    if (copy == NULL)
        return;
    memcpy(copy, bytes.at, bytes.n);
    bit = (uint8_t)(1u << cy_sim_draw(dice, 8));
    copy[cy_sim_draw(dice, bytes.n)] ^= bit;
    bytes.at = copy;
    memcpy(at, &bytes, sizeof bytes);
}

/* The act with one of its fields changed. */
static void mar(struct cy_sim_dice *dice, struct cy_arena *arena, struct cy_any *act)
{
    const struct cy_field *field = &act->schema->fields[cy_sim_draw(dice, act->schema->n_fields)];
    uint8_t *message = cy_arena_take(arena, act->schema->size);

    if (message == NULL)
        return;
    memcpy(message, act->message, act->schema->size);
    act->message = message;
    if (field->type == CY_T_id)
        message[field->at + cy_sim_draw(dice, 32)] ^= 1;
    else if (field->type == CY_T_bytes || field->type == CY_T_text)
        mar_bytes(dice, arena, message + field->at);
    else if (field->type != CY_T_list)
        mar_number(dice, field, message + field->at);
}

static void keep_old(struct cy_sim_ferry *ferry, struct relayer *relayer, uint32_t realm,
                     const struct cy_any *act)
{
    struct cy_cbor_writer out = cy_cbor_write(ferry->payload, CY_PAYLOAD_MAX);
    struct old_act *old = &relayer->old[relayer->n_old % OLD];
    struct cy_span bytes;

    if (!cy_ok(cy_encode_act(act->schema, act->message, &out)))
        return;
    bytes = cy_cbor_written(&out);
    if (bytes.n > OLD_BYTES)
        return;
    memcpy(old->bytes, bytes.at, bytes.n);
    old->n = bytes.n;
    old->realm = realm;
    relayer->n_old++;
}

/* --- bringing --- */

static void submit(struct cy_sim_ferry *ferry, struct relayer *relayer, uint32_t realm,
                   const struct cy_any *act)
{
    struct cy_sim_scene *scene = ferry->scene;
    struct cy_sim_seat *seat = cy_scene_any(scene, realm, &scene->dice);
    struct cy_id id;
    cy_err err = CY_OK;

    if (seat == NULL)
        return;
    relayer->writer->party.author.passport =
        cy_scene_passport(relayer->writer, realm, cy_scene_world(seat));
    err = cy_scene_write(scene, seat, relayer->writer, act, &id);
    scene->figures.carried[err.code % CY_SIM_FEDERATION_CODES]++;
}

static void bring_again(struct cy_sim_ferry *ferry, struct relayer *relayer)
{
    const uint32_t n = relayer->n_old < OLD ? relayer->n_old : OLD;
    const struct old_act *old = n == 0 ? NULL : &relayer->old[cy_sim_draw(&ferry->scene->dice, n)];
    struct cy_any act;

    cy_arena_rewind(&ferry->scene->acts, 0);
    if (old != NULL &&
        cy_ok(cy_decode_act(cy_span_of(old->bytes, old->n), &ferry->scene->acts, &act)))
        submit(ferry, relayer, old->realm, &act);
}

/* The policy that `to` pins of the other, and whether that one has another now. */
static struct cy_span pinned(struct cy_sim_ferry *ferry, const struct end *to,
                             const struct end *from, bool *moved)
{
    struct cy_sim_scene *scene = ferry->scene;
    struct cy_sim_seat *seat = cy_scene_any(scene, to->realm, &scene->dice);
    const struct cy_bridge *bridge = NULL;

    *moved = false;
    if (seat != NULL)
        bridge = CY_GET(cy_scene_world(seat), bridge, &scene->realms[from->realm].ledger.id);
    if (bridge == NULL)
        return (struct cy_span){0};
    *moved = !cy_id_eq(&bridge->policy, &scene->realms[from->realm].policy);
    return cy_operate_policy_text(scene, from->realm, &bridge->policy);
}

static void add_follow(const struct end *to, const struct end *from, struct cy_arena *arena,
                       struct cy_relay_acts *acts)
{
    struct cy_bridge_follow *follow = cy_arena_zero(arena, sizeof *follow);

    if (follow == NULL || from->proof.n == 0 || acts->n == 0 || acts->n > CY_RELAY_ITEMS)
        return;
    follow->realm = from->status.realm;
    follow->root = to->status.roots + 1;
    follow->value = from->record;
    follow->proof = from->proof;
    acts->acts[acts->n++] = (struct cy_any){&cy_schema_bridge_follow, follow};
}

/* What a liar brings: acts one by one, some of them changed. */
static void bring_lies(struct cy_sim_ferry *ferry, struct relayer *relayer, uint32_t realm,
                       struct cy_relay_acts *acts)
{
    for (uint32_t i = 0; i < acts->n; i++) {
        if (does(ferry, relayer, 2, 2))
            mar(&ferry->scene->dice, &ferry->scene->acts, &acts->acts[i]);
        submit(ferry, relayer, realm, &acts->acts[i]);
    }
}

static void bring(struct cy_sim_ferry *ferry, struct relayer *relayer, struct end *to,
                  const struct end *from)
{
    struct cy_relay_status status = to->status;
    struct cy_relay_acts acts;
    struct cy_batch batch = {.mode = CY_batch_mode_EACH, .acts = acts.acts};
    const struct cy_any act = {&cy_schema_batch, &batch};
    bool moved = false;
    const struct cy_span policy = pinned(ferry, to, from, &moved);

    if (policy.n == 0)
        return;
    if (moved) /* a head is due, to follow by */
        status.stale_ms = status.heard = 0;
    cy_arena_rewind(&ferry->scene->acts, 0);
    if (!cy_ok(cy_relay_plan(&status, &from->status, &from->offer, &to->offer, policy,
                             &ferry->scene->acts, &acts)))
        return;
    if (moved)
        add_follow(to, from, &ferry->scene->acts, &acts);
    if (acts.n == 0)
        return;
    for (uint32_t i = 0; i < acts.n; i++)
        keep_old(ferry, relayer, to->realm, &acts.acts[i]);
    if ((relayer->habits & CY_SIM_FERRY_HABIT_LIE) != 0 && cy_sim_one_in(&ferry->scene->dice, 2)) {
        bring_lies(ferry, relayer, to->realm, &acts);
        return;
    }
    batch.n_acts = acts.n;
    submit(ferry, relayer, to->realm, &act);
}

/* --- rounds --- */

/* It has a passport in both realms, or asks for them. */
static bool passports(struct cy_sim_ferry *ferry, const struct relayer *relayer,
                      const struct pair *pair)
{
    struct cy_sim_scene *scene = ferry->scene;
    bool have = true;

    for (unsigned i = 0; i < 2; i++) {
        const uint32_t realm = pair->end[i].realm;
        struct cy_sim_seat *seat = cy_scene_any(scene, realm, &scene->dice);
        struct cy_id passport;

        if (seat == NULL)
            return false;
        passport = cy_scene_passport(relayer->writer, realm, cy_scene_world(seat));
        if (!cy_id_none(&passport))
            continue;
        have = false;
        if (cy_sim_one_in(&scene->dice, 4))
            cy_work_incept(scene, seat, relayer->writer);
    }
    return have;
}

static void next_round(struct cy_sim_ferry *ferry, struct relayer *relayer, struct pair *pair,
                       uint64_t ms)
{
    pair->proven = false;
    if (does(ferry, relayer, 1, 2))
        ms += cy_sim_draw(&ferry->scene->dice, LAG_MS);
    pair->next = cy_sim_net_now(ferry->scene->net) + ms;
}

static void carry(struct cy_sim_ferry *ferry, struct relayer *relayer, struct pair *pair)
{
    const uint64_t now = cy_sim_net_now(ferry->scene->net);

    if (now < pair->next || !passports(ferry, relayer, pair))
        return;
    if (!pair->proven) {
        pair->proven = prove(ferry, pair);
        pair->since = now;
        if (!pair->proven)
            next_round(ferry, relayer, pair, PAUSE_MS);
        return;
    }
    head(ferry, &pair->end[0]);
    head(ferry, &pair->end[1]);
    if (pair->end[0].headed && pair->end[1].headed) {
        if (does(ferry, relayer, 1, 2)) { /* it has everything, and takes its time */
            pair->next = now + cy_sim_draw(&ferry->scene->dice, LAG_MS);
            return;
        }
        bring(ferry, relayer, &pair->end[1], &pair->end[0]);
        bring(ferry, relayer, &pair->end[0], &pair->end[1]);
        next_round(ferry, relayer, pair, PAUSE_MS);
    } else if (now - pair->since > ROUND_MS) {
        next_round(ferry, relayer, pair, PAUSE_MS);
    }
}

void cy_sim_ferry_look(struct cy_sim_ferry *ferry)
{
    const uint64_t now = cy_sim_net_now(ferry->scene->net);

    for (unsigned i = 0; i < CY_SIM_RELAYS; i++) {
        struct relayer *relayer = &ferry->relayers[i];

        if (ferry->scene->calm ? i == 0 : now >= relayer->until)
            relayer->habits = 0;
        if ((relayer->habits & CY_SIM_FERRY_HABIT_STOP) != 0) {
            ferry->scene->figures.ferried[0]++;
            continue;
        }
        if (does(ferry, relayer, 3, 3))
            bring_again(ferry, relayer);
        for (uint32_t p = 0; p < ferry->n_pairs; p++)
            carry(ferry, relayer, &relayer->pairs[p]);
    }
}
