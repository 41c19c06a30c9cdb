#include "sim/sim_scene.h"

void cy_scene_object(struct cy_sim_scene *scene, const char *sentence)
{
    if (sentence == NULL || scene->objection != NULL)
        return;
    scene->objection = sentence;
    scene->objected_at = cy_sim_net_now(scene->net);
}

void cy_scene_note(struct cy_sim_scene *scene, uint32_t what, uint64_t a, uint64_t b)
{
    uint8_t bytes[28];

    cy_put_u32be(bytes, what);
    cy_put_u64be(bytes + 4, cy_sim_net_now(scene->net));
    cy_put_u64be(bytes + 12, a);
    cy_put_u64be(bytes + 20, b);
    cy_sha256_more(&scene->trace, cy_span_of(bytes, sizeof bytes));
}

struct cy_sim_seat *cy_scene_seat(struct cy_sim_scene *scene, const struct cy_sim_node *node)
{
    return &scene->seats[node->number];
}

void cy_scene_later(struct cy_sim_seat *seat, enum cy_sim_move_kind what, uint64_t ms)
{
    const struct cy_sim_timer timer = {
        .what = CY_SIM_TIMER_OTHER, .step = (uint32_t)what, .height = ++seat->ends[what]};

    cy_sim_net_timer(seat->node.net, seat->node.number, ms, &timer);
}

bool cy_scene_whole(struct cy_sim_seat *seat)
{
    return cy_scene_runs(seat) && cy_sim_node_cell(&seat->node)->size == seat->size &&
           cy_ok(cy_federation_trouble(seat->node.federation));
}

const struct cy_world *cy_scene_world(struct cy_sim_seat *seat)
{
    return &cy_sim_node_cell(&seat->node)->engine.world;
}

struct cy_sim_seat *cy_scene_newest(struct cy_sim_scene *scene, uint32_t realm)
{
    const uint64_t height = cy_sim_book_height(scene->realms[realm].book);

    for (uint32_t i = 0; i < scene->each; i++) {
        struct cy_sim_seat *seat = &scene->seats[realm * scene->each + i];

        if (cy_scene_honest(seat) && seat->height == height && height != 0 && cy_scene_whole(seat))
            return seat;
    }
    return NULL;
}

struct cy_sim_seat *cy_scene_any(struct cy_sim_scene *scene, uint32_t realm,
                                 struct cy_sim_dice *dice)
{
    const uint32_t from = (uint32_t)cy_sim_draw(dice, scene->each);

    for (uint32_t i = 0; i < scene->each; i++) {
        struct cy_sim_seat *seat = &scene->seats[realm * scene->each + (from + i) % scene->each];

        if (seat->joined && cy_scene_honest(seat) && cy_scene_runs(seat) &&
            cy_ok(cy_federation_trouble(seat->node.federation)) &&
            cy_engine_realm(&cy_sim_node_cell(&seat->node)->engine) != NULL)
            return seat;
    }
    return NULL;
}

struct cy_id cy_scene_passport(const struct cy_sim_writer *writer, uint32_t realm,
                               const struct cy_world *world)
{
    for (uint32_t i = 0; i < CY_SIM_MADE && i < writer->n_made[realm]; i++) {
        const struct cy_passport *passport = CY_GET(world, passport, &writer->made[realm][i]);

        if (passport != NULL && passport->standing == CY_standing_ACTIVE)
            return writer->made[realm][i];
    }
    return (struct cy_id){0};
}

struct cy_sim_seat *cy_scene_owner(struct cy_sim_scene *scene, uint32_t realm,
                                   const struct cy_id *key)
{
    for (uint32_t i = 0; i < scene->each; i++) {
        struct cy_sim_seat *seat = &scene->seats[realm * scene->each + i];

        for (unsigned k = 0; k < CY_SIM_SEAT_KEYS; k++) {
            if (cy_id_eq(&seat->node.signer.key[k], key) ||
                (seat->has_fresh && cy_id_eq(&seat->fresh.key[k], key)))
                return seat;
        }
    }
    return NULL;
}

cy_err cy_scene_submit(struct cy_sim_scene *scene, struct cy_sim_seat *seat, struct cy_span bytes,
                       struct cy_id *id)
{
    const cy_err err = cy_sim_node_submit(&seat->node, bytes, id);

    scene->figures.submitted[err.code % CY_SIM_FEDERATION_CODES]++;
    cy_scene_note(scene, 6, seat->node.number, err.code);
    return err;
}

cy_err cy_scene_write(struct cy_sim_scene *scene, struct cy_sim_seat *seat,
                      const struct cy_sim_writer *writer, const struct cy_any *act,
                      struct cy_id *id)
{
    const struct cy_engine *engine = &cy_sim_node_cell(&seat->node)->engine;
    const struct cy_span bytes =
        cy_sim_party_sign(&writer->party, &seat->realm->ledger.id, cy_engine_realm(engine)->now,
                          ++scene->nonce, act, scene->bytes, sizeof scene->bytes);

    return bytes.n == 0 ? cy_fail(CY_E_NO_ROOM, 0) : cy_scene_submit(scene, seat, bytes, id);
}
