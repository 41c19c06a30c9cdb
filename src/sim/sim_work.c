#include "sim/sim_work.h"

#include "crypto/note_key.h"
#include "kernel/packet.h"
#include "wire/peer.h"

#define TIMEOUT_MS 4000u /* most that a packet is given, about */

/* --- packets over bridges --- */

struct sending {
    struct cy_sim_scene *scene;
    struct cy_sim_dice *dice;
    const struct cy_world *world;
    uint32_t realm;
    uint32_t other; /* the next realm */
    struct cy_id author;
    struct cy_packet_send *out;
};

/* A passport that somebody asked for in that realm, whatever became of it. */
static struct cy_id receiver_in(struct sending *s, uint32_t realm)
{
    const uint32_t authors = s->scene->plan->authors;
    const uint32_t from = (uint32_t)cy_sim_draw(s->dice, authors);
    struct cy_id nobody = {0};

    for (uint32_t i = 0; i < authors; i++) {
        const struct cy_sim_writer *writer = &s->scene->authors[(from + i) % authors];

        if (writer->n_made[realm] > 0)
            return writer->made[realm][(writer->n_made[realm] - 1) % CY_SIM_MADE];
    }
    cy_sim_fill(s->dice, nobody.b, sizeof nobody.b);
    return nobody;
}

static bool settle(struct sending *s)
{
    const uint32_t n = cy_world_count(s->world, CY_R_account);
    const uint32_t from = n == 0 ? 0 : (uint32_t)cy_sim_draw(s->dice, n);

    for (uint32_t i = 0; i < n; i++) {
        const struct cy_account *account = cy_world_at(s->world, CY_R_account, (from + i) % n);

        if (!cy_id_eq(&account->owner, &s->author) || account->balance == 0)
            continue;
        s->out->kind = CY_bridge_kind_SETTLEMENT;
        s->out->account = account->id;
        s->out->amount = 1 + (account->balance - 1) / 4;
        return true;
    }
    return false;
}

static bool share(struct sending *s)
{
    const uint32_t n = cy_world_count(s->world, CY_R_blob);

    for (uint32_t i = 0; i < n; i++) {
        const struct cy_blob *blob = cy_world_at(s->world, CY_R_blob, i);

        if (!cy_id_eq(&blob->owner, &s->author) || blob->state != CY_blob_state_HELD)
            continue;
        s->out->kind = cy_sim_one_in(s->dice, 2) ? CY_bridge_kind_DATA : CY_bridge_kind_COMPUTE;
        s->out->blob = blob->digest;
        return true;
    }
    return false;
}

/* How long it is given, by what is known here of the other realm's time. */
static cy_time timeout_of(struct sending *s, const struct cy_bridge_line *line)
{
    if (cy_sim_one_in(s->dice, 30))
        return cy_sim_draw(s->dice, 3); /* never, or over already */
    return (line == NULL ? 0 : line->heard) + 200 + cy_sim_draw(s->dice, TIMEOUT_MS);
}

/* A packet to one of the other realms, some over a third one. */
static bool draw_packet(struct sending *s, struct cy_arena *arena)
{
    const uint32_t realms = s->scene->plan->realms;
    const struct cy_id *next = NULL;
    uint32_t last = 0;

    if (realms < 2)
        return false;
    s->other = (s->realm + 1 + (uint32_t)cy_sim_draw(s->dice, realms - 1)) % realms;
    last = s->other;
    next = &s->scene->realms[s->other].ledger.id;
    s->out->realm = *next;
    s->out->timeout = timeout_of(s, CY_GET(s->world, bridge_line, next));
    s->out->reference = cy_sim_draw(s->dice, 1000);
    if ((cy_sim_one_in(s->dice, 6) && share(s)) || !settle(s)) {
        s->out->receiver = receiver_in(s, last);
        return s->out->kind != 0;
    }
    if (realms > 2 && cy_sim_one_in(s->dice, 3)) {
        struct cy_hop *hop = cy_arena_zero(arena, sizeof *hop);

        last = cy_sim_one_in(s->dice, 6) ? s->realm : 3 - s->realm - s->other;
        if (hop == NULL)
            return false;
        hop->realm = s->scene->realms[last].ledger.id;
        s->out->hops = hop;
        s->out->n_hops = 1;
    }
    s->out->receiver = receiver_in(s, last);
    return true;
}

static bool draw_send(struct cy_sim_scene *scene, struct cy_sim_dice *dice,
                      struct cy_sim_seat *seat, const struct cy_id *author, struct cy_any *out)
{
    struct sending s = {.scene = scene,
                        .dice = dice,
                        .world = cy_scene_world(seat),
                        .realm = seat->realm->number,
                        .author = *author,
                        .out = cy_arena_zero(&scene->acts, sizeof *s.out)};

    if (s.out == NULL || cy_id_none(author) || !draw_packet(&s, &scene->acts))
        return false;
    *out = (struct cy_any){&cy_schema_packet_send, s.out};
    return true;
}

/* --- what is missing before anything can cross --- */

static const struct cy_asset *own_asset(const struct cy_world *world, const struct cy_id *author)
{
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_asset); i++) {
        const struct cy_asset *asset = cy_world_at(world, CY_R_asset, i);

        if (cy_id_eq(&asset->issuer, author) && asset->most == 0)
            return asset;
    }
    return NULL;
}

/* A passport of its own key alone. */
static bool draw_passport(struct cy_sim_scene *scene, const struct cy_id *key, struct cy_any *out)
{
    struct cy_passport_create *create = cy_arena_zero(&scene->acts, sizeof *create);
    struct cy_key_share *share = cy_arena_zero(&scene->acts, sizeof *share);

    if (create == NULL || share == NULL || !cy_ok(cy_name_of(cy_span_text("Ada"), &create->name)))
        return false;
    *share = (struct cy_key_share){.key = *key, .weight = 1};
    create->kind = CY_kind_PERSON;
    create->keys = share;
    create->n_keys = 1;
    create->need_0 = 1;
    *out = (struct cy_any){&cy_schema_passport_create, create};
    return true;
}

/* An asset of the author's, an account in it, units in that. */
static bool draw_funds(struct cy_sim_scene *scene, struct cy_sim_dice *dice,
                       const struct cy_world *world, const struct cy_id *author, struct cy_any *out)
{
    const struct cy_asset *asset = own_asset(world, author);
    const struct cy_account *account = NULL;
    struct cy_id place;

    if (asset == NULL) {
        struct cy_asset_create *create = cy_arena_zero(&scene->acts, sizeof *create);

        if (create == NULL || !cy_ok(cy_label_of(cy_span_text("OAT"), &create->code)) ||
            !cy_ok(cy_name_of(cy_span_text("Oats"), &create->name)))
            return false;
        *out = (struct cy_any){&cy_schema_asset_create, create};
        return true;
    }
    place = cy_account_id(author, &asset->id, 0);
    account = CY_GET(world, account, &place);
    if (account == NULL) {
        struct cy_account_open *open = cy_arena_zero(&scene->acts, sizeof *open);

        if (open == NULL)
            return false;
        open->asset = asset->id;
        *out = (struct cy_any){&cy_schema_account_open, open};
    } else {
        struct cy_asset_issue *issue = cy_arena_zero(&scene->acts, sizeof *issue);

        if (issue == NULL)
            return false;
        issue->asset = asset->id;
        issue->account = account->id;
        issue->amount = 1 + cy_sim_draw(dice, 10000);
        *out = (struct cy_any){&cy_schema_asset_issue, issue};
    }
    return true;
}

/* --- slander --- */

/* One vote that a member never signed, as a note. */
static struct cy_span forged_vote(struct cy_sim_dice *dice, const struct cy_seat *seat,
                                  struct cy_span origin, struct cy_arena *arena)
{
    struct cy_vote vote = {
        .origin = origin, .height = 1, .step = CY_VOTE_PREVOTE, .after = CY_NO_ROUND, .time = 1};
    const uint32_t key_id =
        cy_note_key_id(cy_name_text(&seat->name), CY_NOTE_ED25519, &seat->vote_key);
    char *memory = cy_arena_take(arena, CY_PEER_VOTE_MAX);
    struct cy_text text = cy_text_on(memory, CY_PEER_VOTE_MAX);
    uint8_t signature[64];

    CY_ASSERT(memory != NULL);
    cy_sim_fill(dice, vote.value.b, sizeof vote.value.b);
    cy_sim_fill(dice, signature, sizeof signature);
    cy_peer_vote_write(&text, &vote, cy_name_text(&seat->name), key_id, signature);
    return cy_text_bytes(&text);
}

/* Somebody accuses a member by votes that nobody signed. */
static bool draw_slander(struct cy_sim_scene *scene, struct cy_sim_dice *dice,
                         const struct cy_sim_seat *at, const struct cy_world *world,
                         struct cy_any *out)
{
    const uint64_t place = cy_sim_draw(dice, scene->each);
    const struct cy_seat *seat = CY_GET(world, seat, &place);
    struct cy_equivocate *act = cy_arena_zero(&scene->acts, sizeof *act);
    const struct cy_span origin = cy_span_text(at->realm->origin);

    if (seat == NULL || act == NULL)
        return false;
    act->kind = CY_statement_VOTE;
    act->of_key = seat->vote_key;
    act->one = forged_vote(dice, seat, origin, &scene->acts);
    act->another = forged_vote(dice, seat, origin, &scene->acts);
    *out = (struct cy_any){&cy_schema_equivocate, act};
    return true;
}

/* --- acts --- */

/* Acts after which a realm stands still, rightly: nothing more would be learned. */
static bool stops_realm(const struct cy_any *act)
{
    const struct cy_rules_set *rules = act->message;

    return act->schema == &cy_schema_rules_set && rules->version > cy_rules_known.newest;
}

static bool draw_act(struct cy_sim_scene *scene, const struct cy_sim_move *move,
                     struct cy_sim_dice *dice, struct cy_sim_seat *seat,
                     const struct cy_sim_author *author, struct cy_any *act)
{
    const struct cy_engine *engine = &cy_sim_node_cell(&seat->node)->engine;

    if (move->kind == CY_SIM_CROSS && cy_id_none(&author->passport))
        return draw_passport(scene, &author->key, act);
    if (move->kind == CY_SIM_CROSS)
        return draw_send(scene, dice, seat, &author->passport, act) ||
               draw_funds(scene, dice, &engine->world, &author->passport, act);
    if (move->kind == CY_SIM_ACT && cy_sim_one_in(dice, 25) &&
        draw_slander(scene, dice, seat, &engine->world, act))
        return true;
    if (move->kind == CY_SIM_ACT)
        return cy_sim_act(dice, engine, author, &scene->acts, act) && !stops_realm(act);
    return cy_sim_money(dice, engine, author, &scene->acts, act);
}

static void made(struct cy_sim_writer *writer, uint32_t realm, const struct cy_id *id)
{
    writer->made[realm][writer->n_made[realm]++ % CY_SIM_MADE] = *id;
}

struct cy_work_done cy_work_make(struct cy_sim_scene *scene, const struct cy_sim_move *move)
{
    struct cy_sim_writer *author = &scene->authors[move->a[0] % scene->plan->authors];
    struct cy_sim_seat *seat = &scene->seats[move->a[1] % scene->n];
    struct cy_work_done done = {
        {NULL, NULL}
    };
    struct cy_sim_dice dice = {move->a[2]};
    const struct cy_engine *engine = NULL;
    struct cy_sim_seat *other = NULL;
    struct cy_id id = {0};
    struct cy_span bytes;
    struct cy_any act;
    cy_err err = CY_OK;

    if (!cy_scene_runs(seat))
        return done;
    engine = &cy_sim_node_cell(&seat->node)->engine;
    if (cy_engine_realm(engine) == NULL)
        return done;
    cy_arena_rewind(&scene->acts, 0);
    author->party.author.passport = cy_scene_passport(author, seat->realm->number, &engine->world);
    if (!draw_act(scene, move, &dice, seat, &author->party.author, &act))
        return done;
    bytes = cy_sim_party_sign(&author->party, &seat->realm->ledger.id, cy_engine_realm(engine)->now,
                              ++scene->nonce, &act, scene->bytes, sizeof scene->bytes);
    if (bytes.n == 0)
        return done;
    if (cy_sim_one_in(&dice, 60)) /* a bit falls over on its way */
        scene->bytes[cy_sim_draw(&dice, bytes.n)] ^= 4;
    err = cy_scene_submit(scene, seat, bytes, &id);
    done.at[0] = seat;
    if (cy_ok(err) && act.schema == &cy_schema_passport_create)
        made(author, seat->realm->number, &id);
    if (!cy_ok(err) || !cy_sim_one_in(&dice, 8))
        return done;
    other = &scene->seats[cy_sim_draw(&dice, scene->n)]; /* again, and elsewhere */
    if (cy_scene_runs(other) && other->realm == seat->realm)
        (void)!cy_ok(cy_sim_node_submit(&other->node, bytes, &id));
    done.at[1] = other;
    return done;
}

void cy_work_incept(struct cy_sim_scene *scene, struct cy_sim_seat *seat,
                    struct cy_sim_writer *writer)
{
    static const struct cy_id nobody;
    struct cy_any act;
    struct cy_id id;

    cy_arena_rewind(&scene->acts, 0);
    writer->party.author.passport = nobody;
    if (draw_passport(scene, &writer->party.author.key, &act) &&
        cy_ok(cy_scene_write(scene, seat, writer, &act, &id)))
        made(writer, seat->realm->number, &id);
}
