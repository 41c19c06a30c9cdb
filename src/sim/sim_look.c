#include "sim/sim_look.h"

#include "sim/sim_fault.h"
#include "sim/sim_operate.h"

#include <stdlib.h>

#define NEW_KEYS_MS 5u /* a node is down while its keys are replaced */

struct cy_sim_look {
    struct cy_sim_scene *scene;
    struct cy_sim_realm *realm;
    bool any;
    struct cy_seat seats[CY_SEATS_MAX];
    bool had[CY_SEATS_MAX];
    struct cy_id trustees;
    struct cy_agreement agreement;
    uint32_t rules;
    uint32_t rules_next;
    uint8_t breaker;
};

struct cy_sim_look *cy_sim_look_new(struct cy_sim_scene *scene, uint32_t realm)
{
    struct cy_sim_look *look = calloc(1, sizeof *look);

    CY_ASSERT(look != NULL);
    look->scene = scene;
    look->realm = &scene->realms[realm];
    return look;
}

void cy_sim_look_free(struct cy_sim_look *look)
{
    free(look);
}

static void count(struct cy_sim_look *look, enum cy_sim_passage passage)
{
    look->scene->figures.passages[passage]++;
}

/* --- seats --- */

static bool same_keys(const struct cy_seat *a, const struct cy_seat *b)
{
    return cy_id_eq(&a->key, &b->key) && cy_id_eq(&a->vote_key, &b->vote_key) &&
           cy_id_eq(&a->cosign_key, &b->cosign_key) && cy_id_eq(&a->peer_key, &b->peer_key);
}

static void count_end(struct cy_sim_look *look, unsigned from, unsigned to)
{
    if (from == CY_seat_state_PROBATION)
        count(look, CY_SIM_PASSAGE_SEAT_DROPPED);
    else if (from == CY_seat_state_ACTIVE)
        count(look,
              to == CY_seat_state_LEFT ? CY_SIM_PASSAGE_SEAT_LEFT : CY_SIM_PASSAGE_SEAT_EXCLUDED);
}

static void count_seat(struct cy_sim_look *look, uint64_t place, const struct cy_seat *seat)
{
    const struct cy_seat *was = &look->seats[place];

    if (!look->had[place] || seat->admitted != was->admitted) {
        count(look, CY_SIM_PASSAGE_SEAT_ADMITTED);
        return;
    }
    if (seat->state != was->state && seat->state == CY_seat_state_ACTIVE)
        count(look, CY_SIM_PASSAGE_SEAT_CONFIRMED);
    else if (seat->state != was->state)
        count_end(look, was->state, seat->state);
    if (!same_keys(seat, was))
        count(look, CY_SIM_PASSAGE_SEAT_REKEYED);
    if (seat->votes_from > was->votes_from)
        count(look, CY_SIM_PASSAGE_SEAT_REJOINED);
}

static void seat_node(struct cy_sim_look *look, uint64_t place, const struct cy_seat *seat)
{
    struct cy_sim_seat *node = cy_scene_owner(look->scene, look->realm->number, &seat->peer_key);
    const bool here = seat->state == CY_seat_state_ACTIVE || seat->state == CY_seat_state_PROBATION;

    look->realm->ledger.node_of[place] = UINT32_MAX;
    if (node == NULL || !here)
        return;
    look->realm->ledger.node_of[place] = node->node.number;
    node->on_roll = true;
    if (!node->joined) {
        node->joined = true;
        cy_scene_later(node, CY_SIM_KILL, 1);
    }
}

static void look_seats(struct cy_sim_look *look, const struct cy_world *world)
{
    for (uint32_t i = 0; i < look->scene->each; i++)
        look->scene->seats[look->realm->ledger.first + i].on_roll = false;
    for (uint64_t i = 0; i < CY_SEATS_MAX; i++) {
        const struct cy_seat *seat = CY_GET(world, seat, &i);

        if (seat == NULL)
            continue;
        if (look->any)
            count_seat(look, i, seat);
        seat_node(look, i, seat);
        look->seats[i] = *seat;
        look->had[i] = true;
    }
}

/* --- policy, trustees, rules --- */

static const char *look_policy(struct cy_sim_look *look, const struct cy_world *world)
{
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});
    struct cy_span text;

    if (cy_id_eq(&realm->policy, &look->realm->policy))
        return NULL;
    text = cy_operate_policy_text(look->scene, look->realm->number, &realm->policy);
    look->realm->policy = realm->policy;
    if (text.n == 0)
        return "a policy is in force that nobody offered";
    if (look->any)
        count(look, CY_SIM_PASSAGE_POLICY_SET);
    return NULL;
}

static struct cy_id digest_of_trustees(const struct cy_world *world)
{
    struct cy_sha256_stream stream;

    cy_sha256_begin(&stream);
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_trustee); i++) {
        const struct cy_trustee *trustee = cy_world_at(world, CY_R_trustee, i);

        cy_sha256_more(&stream, cy_span_of(trustee->cosign_key.b, sizeof trustee->cosign_key.b));
    }
    return cy_sha256_end(&stream);
}

static void look_rest(struct cy_sim_look *look, const struct cy_world *world)
{
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});
    const struct cy_agreement *agreement = CY_GET(world, agreement, &(uint64_t){1});
    const struct cy_id trustees = digest_of_trustees(world);

    if (look->any && !cy_id_eq(&trustees, &look->trustees))
        count(look, CY_SIM_PASSAGE_TRUSTEES_SET);
    if (agreement->policy_due && !look->agreement.policy_due)
        count(look, CY_SIM_PASSAGE_POLICY_DUE);
    if (realm->rules_next != 0 && look->rules_next == 0)
        count(look, CY_SIM_PASSAGE_RULES_ANNOUNCED);
    if (look->any && realm->rules != look->rules)
        count(look, CY_SIM_PASSAGE_RULES_BEGAN);
    else if (realm->rules_next == 0 && look->rules_next != 0)
        count(look, CY_SIM_PASSAGE_RULES_CALLED_OFF);
    if (realm->breaker == CY_breaker_SAFE && look->breaker != CY_breaker_SAFE)
        count(look, CY_SIM_PASSAGE_SAFE);
    if (realm->breaker != CY_breaker_SAFE && look->breaker == CY_breaker_SAFE)
        count(look, CY_SIM_PASSAGE_SAFE_AGAIN);
    count(look, agreement->round > 0 ? CY_SIM_PASSAGE_ROUND_LATER : CY_SIM_PASSAGE_ROUND_NONE);
    look->trustees = trustees;
    look->agreement = *agreement;
    look->rules = realm->rules;
    look->rules_next = realm->rules_next;
    look->breaker = realm->breaker;
}

const char *cy_sim_look_at(struct cy_sim_look *look, const struct cy_world *world)
{
    const char *wrong = look_policy(look, world);

    look_rest(look, world);
    look_seats(look, world); /* last: it may stop a node, and with it the world */
    look->any = true;
    return wrong;
}

/* --- new keys --- */

/* Whether the roll in a member's copy has the keys that a node asked for. */
static bool keys_hold(struct cy_sim_seat *member, const struct cy_id *fresh)
{
    for (uint64_t i = 0; i < CY_SEATS_MAX; i++) {
        const struct cy_seat *seat = CY_GET(cy_scene_world(member), seat, &i);

        if (seat != NULL && cy_id_eq(&seat->key, &fresh[CY_SIM_KEY_ACT]) &&
            cy_id_eq(&seat->vote_key, &fresh[CY_SIM_KEY_VOTE]) &&
            cy_id_eq(&seat->cosign_key, &fresh[CY_SIM_KEY_COSIGN]) &&
            cy_id_eq(&seat->peer_key, &fresh[CY_SIM_KEY_PEER]))
            return true;
    }
    return false;
}

/* The running honest member of a node's realm that has agreed to most; NULL: none runs. */
static struct cy_sim_seat *furthest(struct cy_sim_scene *scene, const struct cy_sim_seat *node)
{
    struct cy_sim_seat *best = NULL;

    for (uint32_t i = 0; i < scene->n; i++) {
        struct cy_sim_seat *member = &scene->seats[i];

        if (member->node.ledger == node->node.ledger && cy_scene_honest(member) &&
            cy_scene_runs(member) && (best == NULL || member->height > best->height))
            best = member;
    }
    return best;
}

/* Whether a node has a seat on the roll in a member's copy. */
static bool seated(struct cy_sim_seat *member, const struct cy_sim_seat *node)
{
    const struct cy_id *had = &node->node.signer.key[CY_SIM_KEY_ACT];
    const struct cy_id *next = node->has_fresh ? &node->fresh.key[CY_SIM_KEY_ACT] : had;

    for (uint64_t i = 0; i < CY_SEATS_MAX; i++) {
        const struct cy_seat *seat = CY_GET(cy_scene_world(member), seat, &i);

        if (seat != NULL &&
            (seat->state == CY_seat_state_ACTIVE || seat->state == CY_seat_state_PROBATION) &&
            (cy_id_eq(&seat->key, had) || cy_id_eq(&seat->key, next)))
            return true;
    }
    return false;
}

/* Whether all others on the roll have them. Who has them hears the old packet key no more; who has
 * them not does not hear the new one, and may lack just the height that brings it. */
static bool keys_hold_elsewhere(struct cy_sim_scene *scene, const struct cy_sim_seat *node)
{
    struct cy_sim_seat *best = furthest(scene, node);

    if (best == NULL)
        return false;
    for (uint32_t i = 0; i < scene->n; i++) {
        struct cy_sim_seat *member = &scene->seats[i];

        if (member != node && member->node.ledger == node->node.ledger && cy_scene_honest(member) &&
            seated(best, member) && (!cy_scene_runs(member) || !keys_hold(member, node->fresh.key)))
            return false;
    }
    return true;
}

static void take_key(struct cy_sim_seat *node, unsigned k)
{
    struct cy_sim_signer *signer = &node->node.signer;

    if (k == CY_SIM_KEY_VOTE)
        memset(&signer->votes, 0, sizeof signer->votes); /* a new key remembers nothing */
    signer->key[k] = node->fresh.key[k];
    signer->secret[k] = node->fresh.secret[k];
}

void cy_sim_look_keys(struct cy_sim_scene *scene, struct cy_sim_seat *node)
{
    const bool here = cy_scene_runs(node) && keys_hold(node, node->fresh.key);
    const bool elsewhere = keys_hold_elsewhere(scene, node);
    bool taken = false;

    for (unsigned k = 0; k < CY_SIM_SEAT_KEYS; k++) {
        if (cy_id_eq(&node->node.signer.key[k], &node->fresh.key[k]) ||
            !(k == CY_SIM_KEY_PEER ? elsewhere : here))
            continue;
        take_key(node, k);
        taken = true;
    }
    node->has_fresh = !here || !elsewhere;
    if (taken && cy_scene_runs(node))
        cy_fault_stop(scene, node, NEW_KEYS_MS, false, 0);
}
