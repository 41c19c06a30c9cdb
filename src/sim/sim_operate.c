#include "sim/sim_operate.h"

#include "crypto/note_key.h"
#include "kernel/bridge.h"
#include "kernel/param.h"
#include "ledger/checkpoint.h"

#define EXPIRES_S 300u
#define STALE_MS 20000u
#define WINDOW_MS 1000u

/* --- the roll as it stands --- */

struct roll {
    struct cy_sim_scene *scene;
    struct cy_sim_realm *realm;
    struct cy_sim_seat *at; /* where its acts are handed in */
    const struct cy_world *world;
    struct cy_sim_dice *dice;
    const struct cy_seat *seats[CY_SEATS_MAX]; /* active, by place */
    struct cy_sim_seat *nodes[CY_SEATS_MAX];   /* of each; NULL: nobody's here */
    uint32_t n;                                /* active ones */
    uint32_t faulty;                           /* of them */
};

static bool is_faulty(const struct cy_sim_scene *scene, const struct cy_sim_seat *seat)
{
    return seat == NULL || (scene->faulty >> seat->node.number & 1) != 0;
}

static bool read_roll(struct cy_sim_scene *scene, uint32_t realm, struct cy_sim_dice *dice,
                      struct roll *out)
{
    *out = (struct roll){.scene = scene,
                         .realm = &scene->realms[realm],
                         .dice = dice,
                         .at = cy_scene_newest(scene, realm)};
    if (out->at == NULL)
        out->at = cy_scene_any(scene, realm, dice);
    if (out->at == NULL)
        return false;
    out->world = cy_scene_world(out->at);
    for (uint64_t i = 0; i < CY_SEATS_MAX; i++) {
        const struct cy_seat *seat = CY_GET(out->world, seat, &i);

        if (seat == NULL || seat->state != CY_seat_state_ACTIVE)
            continue;
        out->nodes[out->n] = cy_scene_owner(scene, realm, &seat->key);
        out->faulty += is_faulty(scene, out->nodes[out->n]);
        out->seats[out->n++] = seat;
    }
    return out->n > 0;
}

static cy_time now_of(const struct roll *r)
{
    return CY_GET(r->world, realm, &(uint64_t){1})->now;
}

static const struct cy_agreement *agreement_of(const struct roll *r)
{
    return CY_GET(r->world, agreement, &(uint64_t){1});
}

/* --- signing --- */

/* The secret of an act key of that node, the present one or the one it asked for. */
static const struct cy_secret *secret_of(const struct cy_sim_seat *node, const struct cy_id *key)
{
    if (cy_id_eq(&node->node.signer.key[CY_SIM_KEY_ACT], key))
        return &node->node.signer.secret[CY_SIM_KEY_ACT];
    return &node->fresh.secret[CY_SIM_KEY_ACT];
}

static bool submit(const struct roll *r, const struct cy_secret *const *secrets, uint32_t n,
                   const struct cy_any *act)
{
    struct cy_sim_scene *scene = r->scene;
    struct cy_claims claims = {.author = r->realm->ledger.id,
                               .realm = r->realm->ledger.id,
                               .expires = now_of(r) / 1000 + EXPIRES_S};
    struct cy_span bytes;
    struct cy_id id;

    if (n == 0)
        return false;
    cy_put_u64be(claims.nonce, ++scene->nonce);
    bytes = cy_sim_sign(&claims, act, secrets, n, scene->bytes, sizeof scene->bytes);
    return bytes.n > 0 && cy_ok(cy_scene_submit(scene, r->at, bytes, &id));
}

/* An act of the realm: honest members sign, as many as it needs; some acts one too few. */
static bool operate(const struct roll *r, const struct cy_schema *schema, const void *message)
{
    const struct cy_secret *secrets[CY_SEATS_MAX];
    const uint32_t need = r->n * 2 / 3 + 1 - cy_sim_one_in(r->dice, 40);
    const struct cy_any act = {schema, message};
    uint32_t n = 0;

    for (uint32_t i = 0; i < r->n && n < need; i++) {
        if (!is_faulty(r->scene, r->nodes[i]))
            secrets[n++] = secret_of(r->nodes[i], &r->seats[i]->key);
    }
    for (uint32_t i = 0; i < r->n && n < need; i++) { /* who only forgets may sign */
        if (r->nodes[i] != NULL && is_faulty(r->scene, r->nodes[i]) && cy_scene_honest(r->nodes[i]))
            secrets[n++] = secret_of(r->nodes[i], &r->seats[i]->key);
    }
    return submit(r, secrets, n, &act);
}

/* An act of one seat. */
static bool act_of_seat(const struct roll *r, const struct cy_sim_seat *node,
                        const struct cy_seat *seat, const struct cy_schema *schema,
                        const void *message)
{
    const struct cy_secret *secret = secret_of(node, &seat->key);
    const struct cy_any act = {schema, message};

    return submit(r, &secret, 1, &act);
}

/* --- policies --- */

struct named_key {
    struct cy_span name;
    struct cy_id key;
};

struct policy_draft {
    struct named_key cells[CY_SEATS_MAX];
    uint32_t n;
    uint32_t need;
    struct named_key trustees[CY_SIM_TRUSTEES_MAX];
    uint32_t n_trustees;
};

static void add_witness(struct cy_text *text, const struct named_key *who)
{
    struct cy_note_key key;

    if (!cy_ok(cy_note_key_of(who->name, CY_NOTE_COSIGNATURE, &who->key, &key)))
        CY_NEVER("names of seats and trustees are names");
    cy_text_add(text, "witness ");
    cy_text_span(text, who->name);
    cy_text_add(text, " ");
    cy_note_vkey(&key, text);
    cy_text_add(text, "\n");
}

static void add_group(struct cy_text *text, const char *name, uint32_t need,
                      const struct named_key *who, uint32_t n)
{
    cy_text_add(text, "group ");
    cy_text_add(text, name);
    cy_text_add(text, " ");
    cy_text_u64(text, need);
    for (uint32_t i = 0; i < n; i++) {
        cy_text_add(text, " ");
        cy_text_span(text, who[i].name);
    }
    cy_text_add(text, "\n");
}

/* Writes the text and keeps it with its digest: relayers and the book need it. */
static struct cy_span write_policy(struct cy_sim_realm *realm, const struct policy_draft *draft)
{
    struct cy_sim_policy *kept = &realm->policies[realm->n_policies % CY_SIM_POLICIES_MAX];
    struct cy_text text = cy_text_on(kept->text, sizeof kept->text);

    for (uint32_t i = 0; i < draft->n; i++)
        add_witness(&text, &draft->cells[i]);
    for (uint32_t i = 0; i < draft->n_trustees; i++)
        add_witness(&text, &draft->trustees[i]);
    add_group(&text, "cells", draft->need, draft->cells, draft->n);
    if (draft->n_trustees > 0) {
        add_group(&text, "trustees", 1, draft->trustees, draft->n_trustees);
        cy_text_add(&text, "group both 2 cells trustees\n");
    }
    cy_text_add(&text, draft->n_trustees > 0 ? "quorum both\n" : "quorum cells\n");
    CY_ASSERT(!text.full);
    kept->digest = cy_sha256(cy_text_bytes(&text));
    for (uint32_t i = 0; i < realm->n_policies && i < CY_SIM_POLICIES_MAX; i++) {
        if (&realm->policies[i] != kept && cy_id_eq(&realm->policies[i].digest, &kept->digest))
            return cy_span_text(realm->policies[i].text);
    }
    realm->n_policies++;
    cy_sim_book_policy(realm->book, cy_text_bytes(&text));
    return cy_text_bytes(&text);
}

struct cy_span cy_operate_policy_text(const struct cy_sim_scene *scene, uint32_t realm,
                                      const struct cy_id *digest)
{
    const struct cy_sim_realm *at = &scene->realms[realm];

    for (uint32_t i = 0; i < at->n_policies && i < CY_SIM_POLICIES_MAX; i++) {
        if (cy_id_eq(&at->policies[i].digest, digest))
            return cy_span_text(at->policies[i].text);
    }
    return (struct cy_span){0};
}

/* The active seats but one, or with one more; the trustees on record. */
static void draft_of(const struct roll *r, const struct cy_seat *without,
                     const struct cy_seat *with, struct policy_draft *out)
{
    const uint32_t trustees = cy_world_count(r->world, CY_R_trustee);

    *out = (struct policy_draft){0};
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->seats[i] != without)
            out->cells[out->n++] =
                (struct named_key){cy_name_text(&r->seats[i]->name), r->seats[i]->cosign_key};
    }
    if (with != NULL)
        out->cells[out->n++] = (struct named_key){cy_name_text(&with->name), with->cosign_key};
    out->need = out->n * 2 / 3 + 1;
    for (uint32_t i = 0; i < trustees && i < CY_SIM_TRUSTEES_MAX; i++) {
        const struct cy_trustee *trustee = cy_world_at(r->world, CY_R_trustee, i);

        out->trustees[out->n_trustees++] =
            (struct named_key){cy_name_text(&trustee->name), trustee->cosign_key};
    }
}

static uint16_t faults_of(const struct policy_draft *draft)
{
    return (uint16_t)((draft->n - 1) / 3);
}

static void set_policy(const struct roll *r, const struct policy_draft *draft)
{
    const struct cy_policy_set set = {.policy = write_policy(r->realm, draft),
                                      .faults = faults_of(draft)};

    (void)operate(r, &cy_schema_policy_set, &set);
}

/* --- trustees --- */

static struct cy_trustee_entry entry_of(const struct cy_sim_trustee *trustee, uint32_t number)
{
    char memory[32];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    const char operator[3] = {'t', (char)('a' + number), 0};
    struct cy_trustee_entry entry = {.cosign_key = trustee->key,
                                     .chamber = (uint8_t)(CY_chamber_CAPITAL + number % 3)};

    cy_text_add(&text, "trustee-");
    cy_text_u64(&text, number);
    cy_text_add(&text, ".example");
    if (!cy_ok(cy_name_of(cy_text_bytes(&text), &entry.name)) ||
        !cy_ok(cy_label_of(cy_span_text(operator), &entry.operator)))
        CY_NEVER("names of trustees are names");
    return entry;
}

/* The first so many trustees, and a policy that asks for one of them. */
static void set_trustees(const struct roll *r, uint32_t n)
{
    struct cy_trustee_entry entries[CY_SIM_TRUSTEES_MAX];
    struct cy_trustee_set set = {.trustees = entries, .n_trustees = n};
    struct policy_draft draft;

    draft_of(r, NULL, NULL, &draft);
    draft.n_trustees = n;
    for (uint32_t i = 0; i < n; i++) {
        entries[i] = entry_of(&r->realm->trustees[i], i);
        draft.trustees[i] =
            (struct named_key){cy_name_text(&entries[i].name), entries[i].cosign_key};
    }
    set.policy = write_policy(r->realm, &draft);
    set.faults = faults_of(&draft);
    (void)operate(r, &cy_schema_trustee_set, &set);
}

/* What a trustee says of the newest head: the truth, or, if it lies, that and another one. */
static void cosign(const struct roll *r, struct cy_sim_trustee *trustee, bool truth)
{
    const struct cy_cell *cell = cy_sim_node_cell(&r->at->node);
    struct cy_peer_cosignature line = {.key = trustee->key, .size = cell->size};
    struct cy_sim_signer hand = {0};
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    line.root = cy_frontier_root(&cell->frontier);
    if (!truth)
        line.root.b[0] ^= 1;
    cy_checkpoint_write(&text, cy_span_text(r->realm->origin), line.size, &line.root);
    hand.secret[CY_SIM_KEY_COSIGN] = trustee->secret;
    cy_sim_signer_raw_cosign(&hand, cy_text_bytes(&text), now_of(r) / 1000, line.blob);
    (void)!cy_ok(cy_federation_cosigned(r->at->node.federation, &line));
    trustee->size = cell->size;
}

static void cosign_all(struct cy_sim_scene *scene, uint32_t realm)
{
    struct roll r;

    if (!read_roll(scene, realm, &scene->dice, &r) || !cy_scene_whole(r.at) ||
        cy_world_count(r.world, CY_R_trustee) == 0)
        return;
    for (uint32_t i = 0; i < CY_SIM_TRUSTEES_MAX; i++) {
        struct cy_sim_trustee *trustee = &r.realm->trustees[i];

        if (trustee->silent || CY_GET(r.world, trustee, &trustee->key) == NULL ||
            cy_sim_node_cell(&r.at->node)->size <= trustee->size)
            continue;
        if (trustee->lies && cy_sim_one_in(&scene->dice, 2))
            cosign(&r, trustee, false);
        cosign(&r, trustee, true);
    }
}

/* --- seats --- */

/* Whether those who stay bear the faulty ones among them, and can go on without one of them. */
static bool bears(uint32_t faulty, uint32_t n)
{
    return n >= 3 && faulty * 3 < n;
}

/* The seat of a node: on the roll, in that state. */
static const struct cy_seat *seat_of(const struct roll *r, const struct cy_sim_seat *node,
                                     unsigned state)
{
    for (uint64_t i = 0; i < CY_SEATS_MAX; i++) {
        const struct cy_seat *seat = CY_GET(r->world, seat, &i);

        if (seat != NULL && seat->state == state &&
            cy_scene_owner(r->scene, r->realm->number, &seat->key) == node)
            return seat;
    }
    return NULL;
}

static void admit(const struct roll *r)
{
    for (uint32_t i = r->scene->plan->members; i < r->scene->each; i++) {
        struct cy_sim_seat *node = &r->scene->seats[r->realm->ledger.first + i];
        const struct cy_sim_signer *signer = &node->node.signer;
        struct cy_seat_admit m = {.act_key = signer->key[CY_SIM_KEY_ACT],
                                  .vote_key = signer->key[CY_SIM_KEY_VOTE],
                                  .cosign_key = signer->key[CY_SIM_KEY_COSIGN],
                                  .peer_key = signer->key[CY_SIM_KEY_PEER],
                                  .weight = 1};
        const char operator[3] = {'o', (char)('a' + i), 0};
        char memory[64];
        struct cy_text name = cy_text_on(memory, sizeof memory);

        if (node->joined)
            continue;
        cy_sim_seat_name(&name, i);
        if (!cy_ok(cy_name_of(cy_text_bytes(&name), &m.name)) ||
            !cy_ok(cy_label_of(cy_span_text(operator), &m.operator)))
            CY_NEVER("names of seats are names");
        (void)operate(r, &cy_schema_seat_admit, &m);
        return;
    }
}

/* A newcomer shows itself; then it is confirmed. */
static void bring_in(const struct roll *r)
{
    for (uint32_t i = 0; i < r->scene->each; i++) {
        struct cy_sim_seat *node = &r->scene->seats[r->realm->ledger.first + i];
        const struct cy_seat *seat = seat_of(r, node, CY_seat_state_PROBATION);
        const struct cy_seat_rejoin here = {.from = agreement_of(r)->height + 2};
        struct cy_seat_confirm confirm = {0};
        struct policy_draft draft;

        if (seat == NULL)
            continue;
        if (seat->spoke == 0 && !cy_sim_one_in(r->dice, 8)) {
            (void)act_of_seat(r, node, seat, &cy_schema_seat_rejoin, &here);
            return;
        }
        draft_of(r, NULL, seat, &draft);
        confirm.seat = seat->number;
        confirm.policy = write_policy(r->realm, &draft);
        confirm.faults = faults_of(&draft);
        (void)operate(r, &cy_schema_seat_confirm, &confirm);
        return;
    }
}

static void leave(const struct roll *r)
{
    const uint32_t i = (uint32_t)cy_sim_draw(r->dice, r->n);
    const struct cy_seat_leave m = {0};
    struct cy_sim_seat *node = r->nodes[i];

    if (node != NULL && !is_faulty(r->scene, node) && !node->has_fresh &&
        bears(r->faulty, r->n - 1))
        (void)act_of_seat(r, node, r->seats[i], &cy_schema_seat_leave, &m);
}

static const struct cy_evidence *evidence_about(const struct roll *r, const struct cy_id *key)
{
    for (uint32_t i = 0; i < cy_world_count(r->world, CY_R_evidence); i++) {
        const struct cy_evidence *evidence = cy_world_at(r->world, CY_R_evidence, i);

        if (cy_id_eq(&evidence->about, key))
            return evidence;
    }
    return NULL;
}

/* A member that the operators have reason to exclude: a traitor that was not convicted yet, or one
 * that only follows. First the evidence, by somebody with a passport. */
static void exclude(const struct roll *r)
{
    const uint32_t i = (uint32_t)cy_sim_draw(r->dice, r->n);
    const struct cy_seat *seat = r->seats[i];
    struct cy_sim_writer *writer = &r->scene->relays[0];
    const struct cy_evidence *evidence = evidence_about(r, &seat->key);
    struct cy_evidence_record record = {.kind = CY_evidence_kind_INCIDENT, .about = seat->key};
    struct cy_seat_exclude m = {.seat = seat->number};
    struct policy_draft draft;
    struct cy_any act = {&cy_schema_evidence_record, &record};
    struct cy_id id;

    if (r->nodes[i] == NULL || cy_scene_honest(r->nodes[i]) || r->n < 4)
        return;
    if (evidence != NULL) {
        draft_of(r, seat, NULL, &draft);
        m.evidence = evidence->digest;
        if (cy_sim_one_in(r->dice, 2)) {
            m.policy = write_policy(r->realm, &draft);
            m.faults = faults_of(&draft);
        }
        (void)operate(r, &cy_schema_seat_exclude, &m);
        return;
    }
    writer->party.author.passport = cy_scene_passport(writer, r->realm->number, r->world);
    record.digest = cy_sha256(cy_span_of(seat->key.b, sizeof seat->key.b));
    if (!cy_id_none(&writer->party.author.passport) &&
        cy_ok(cy_line_of(cy_span_text("it was seen to withhold"), &record.summary)))
        (void)!cy_ok(cy_scene_write(r->scene, r->at, writer, &act, &id));
}

static void hand_in_keys(const struct roll *r, const struct cy_sim_seat *node,
                         const struct cy_seat *seat)
{
    const struct cy_id *fresh = node->fresh.key;
    const struct cy_id *had = node->node.signer.key;
    struct cy_seat_rekey m = {0};

    if (!cy_id_eq(&fresh[CY_SIM_KEY_ACT], &had[CY_SIM_KEY_ACT]))
        m.act_key = fresh[CY_SIM_KEY_ACT];
    if (!cy_id_eq(&fresh[CY_SIM_KEY_VOTE], &had[CY_SIM_KEY_VOTE]))
        m.vote_key = fresh[CY_SIM_KEY_VOTE];
    if (!cy_id_eq(&fresh[CY_SIM_KEY_COSIGN], &had[CY_SIM_KEY_COSIGN]))
        m.cosign_key = fresh[CY_SIM_KEY_COSIGN];
    if (!cy_id_eq(&fresh[CY_SIM_KEY_PEER], &had[CY_SIM_KEY_PEER]))
        m.peer_key = fresh[CY_SIM_KEY_PEER];
    (void)act_of_seat(r, node, seat, &cy_schema_seat_rekey, &m);
}

static void rekey(const struct roll *r)
{
    const uint32_t i = (uint32_t)cy_sim_draw(r->dice, r->n);
    struct cy_sim_seat *node = r->nodes[i];
    const uint64_t mask = 1 + cy_sim_draw(r->dice, 15);
    struct cy_sim_signer made;

    if (node == NULL || is_faulty(r->scene, node) || node->has_fresh)
        return;
    cy_sim_signer_new(&made, r->dice);
    node->fresh = node->node.signer;
    for (unsigned k = 0; k < CY_SIM_SEAT_KEYS; k++) {
        if ((mask >> k & 1) == 0)
            continue;
        node->fresh.key[k] = made.key[k];
        node->fresh.secret[k] = made.secret[k];
        cy_sim_book_key(r->realm->book, &made.key[k], node->node.seat);
    }
    if ((mask >> CY_SIM_KEY_VOTE & 1) != 0) /* a new key remembers nothing */
        memset(&node->fresh.votes, 0, sizeof node->fresh.votes);
    node->has_fresh = true;
    hand_in_keys(r, node, r->seats[i]);
}

static void rejoin(const struct roll *r)
{
    const uint32_t i = (uint32_t)cy_sim_draw(r->dice, r->n);
    const struct cy_seat_rejoin m = {.from = agreement_of(r)->height + cy_sim_draw(r->dice, 4)};

    if (r->nodes[i] != NULL && m.from > 0 && bears(r->faulty, r->n - 1))
        (void)act_of_seat(r, r->nodes[i], r->seats[i], &cy_schema_seat_rejoin, &m);
}

/* --- policy, parameters, rules --- */

/* More cosignatures than are needed, as many as the good members can give. */
static void draw_policy(const struct roll *r)
{
    struct policy_draft draft;
    uint32_t room = 0;

    draft_of(r, NULL, NULL, &draft);
    if (r->n - r->faulty > draft.need)
        room = r->n - r->faulty - draft.need;
    draft.need += (uint32_t)cy_sim_draw(r->dice, room + 1);
    set_policy(r, &draft);
}

static void draw_param(const struct roll *r)
{
    static const struct {
        const char *name;
        uint64_t least;
        uint64_t span;
    } knobs[] = {
        {"idle_ms",         200, 800 },
        {"probation",       1,   4   },
        {"final_within",    4,   200 },
        {"final_cool_ms",   0,   2000},
        {"sweep_n",         16,  4000},
        {"rules_notice_ms", 0,   1000},
    };
    const size_t i = (size_t)cy_sim_draw(r->dice, CY_COUNT(knobs));
    struct cy_param_set m = {.value = knobs[i].least + cy_sim_draw(r->dice, knobs[i].span)};

    if (cy_ok(cy_label_of(cy_span_text(knobs[i].name), &m.name)))
        (void)operate(r, &cy_schema_param_set, &m);
}

/* A version that no program here knows is announced for a day that the run does not reach, and
 * called off. */
static void draw_rules(const struct roll *r)
{
    const struct cy_realm *realm = CY_GET(r->world, realm, &(uint64_t){1});
    struct cy_rules_set m = {.version = realm->rules + 1,
                             .from = realm->now + ((cy_time)366 * 24 * 3600 * 1000)};

    if (realm->rules_next != 0)
        m.version = realm->rules;
    (void)operate(r, &cy_schema_rules_set, &m);
}

static void announce(struct cy_sim_scene *scene, uint32_t realm, uint64_t version, uint64_t ms)
{
    struct roll r;

    if (!read_roll(scene, realm, &scene->dice, &r))
        return;
    (void)operate(&r, &cy_schema_rules_set,
                  &(struct cy_rules_set){.version = (uint32_t)(version % (cy_sim_rules.newest + 1)),
                                         .from = now_of(&r) + ms});
}

static void draw_roll(struct cy_sim_scene *scene, uint32_t realm, uint64_t bits)
{
    struct cy_sim_dice dice = {bits};
    struct roll r;

    if (!read_roll(scene, realm, &dice, &r) || r.realm->n_policies > CY_SIM_POLICIES_MAX - 64)
        return;
    switch (cy_sim_draw(&dice, 14)) {
    case 0:
    case 1: admit(&r); break;
    case 2:
    case 3:
    case 4: bring_in(&r); break;
    case 5: leave(&r); break;
    case 6:
    case 7: exclude(&r); break;
    case 8:
    case 9: rekey(&r); break;
    case 10: rejoin(&r); break;
    case 11: draw_policy(&r); break;
    case 12: set_trustees(&r, (uint32_t)cy_sim_draw(&dice, CY_SIM_TRUSTEES_MAX + 1)); break;
    default:
        if (cy_sim_one_in(&dice, 2))
            draw_param(&r);
        else
            draw_rules(&r);
    }
}

/* --- bridges --- */

static void open_bridge(const struct roll *r, const struct cy_sim_realm *other, bool drawn)
{
    const struct cy_gate_terms gates[] = {
        {.kind = CY_bridge_kind_SETTLEMENT, .open = true},
        {.kind = CY_bridge_kind_DATA,       .open = true},
        {.kind = CY_bridge_kind_COMPUTE,    .open = true},
    };
    struct cy_bridge_open m = {.realm = other->ledger.id,
                               .policy =
                                   cy_operate_policy_text(r->scene, other->number, &other->policy),
                               .gates = gates,
                               .n_gates = CY_COUNT(gates),
                               .window_ms = WINDOW_MS,
                               .stale_ms = STALE_MS};

    if (drawn && cy_sim_one_in(r->dice, 4))
        m.stale_ms = 1000 + cy_sim_draw(r->dice, 2000);
    if (drawn && cy_sim_one_in(r->dice, 4))
        m.value_most = 1 + cy_sim_draw(r->dice, 2000);
    if (drawn && cy_sim_one_in(r->dice, 6))
        m.n_gates = 1;
    if (cy_ok(cy_name_of(cy_span_text(other->origin), &m.name)))
        (void)operate(r, &cy_schema_bridge_open, &m);
}

static void turn_bridge(const struct roll *r, const struct cy_id *realm, unsigned state)
{
    const struct cy_bridge_turn m = {.realm = *realm, .state = (uint8_t)state};

    (void)operate(r, &cy_schema_bridge_turn, &m);
}

static void set_gate(const struct roll *r, const struct cy_id *realm, unsigned kind, bool open,
                     uint32_t most)
{
    const struct cy_bridge_gate m = {
        .realm = *realm, .kind = (uint8_t)kind, .open = open, .packets_most = most};

    (void)operate(r, &cy_schema_bridge_gate, &m);
}

static void draw_bridge(struct cy_sim_scene *scene, uint32_t realm, uint64_t bits)
{
    struct cy_sim_dice dice = {bits};
    const uint32_t realms = scene->plan->realms;
    const uint32_t by = 1 + (uint32_t)cy_sim_draw(&dice, realms < 2 ? 1 : realms - 1);
    const struct cy_sim_realm *other = &scene->realms[(realm + by) % realms];
    const struct cy_bridge *bridge = NULL;
    struct roll r;
    uint32_t most = 0;
    bool open = false;

    if (realms < 2 || !read_roll(scene, realm, &dice, &r))
        return;
    bridge = CY_GET(r.world, bridge, &other->ledger.id);
    if (bridge == NULL || bridge->state == CY_bridge_state_SEVERED) {
        open_bridge(&r, other, bits != 0);
        return;
    }
    switch (cy_sim_draw(&dice, 8)) {
    case 0: turn_bridge(&r, &other->ledger.id, CY_bridge_state_SEVERED); break;
    case 1: open_bridge(&r, other, true); break; /* refused: there is one */
    case 2:
    case 3:
        most = (uint32_t)cy_sim_draw(&dice, 4);
        open = cy_sim_one_in(&dice, 2);
        set_gate(&r, &other->ledger.id, 1 + (unsigned)cy_sim_draw(&dice, 4), open, most);
        break;
    default:
        turn_bridge(&r, &other->ledger.id,
                    bridge->state == CY_bridge_state_FROZEN ? CY_bridge_state_ACTIVE
                                                            : CY_bridge_state_FROZEN);
    }
}

/* Nobody whom the pinned policy names signs any more: the other realm's members or their keys have
 * changed faster than heads were shown. Only an operator can say whom to trust now. */
static bool out_of_touch(const struct roll *r, const struct cy_bridge *bridge,
                         const struct cy_sim_realm *other)
{
    return !cy_id_eq(&bridge->policy, &other->policy) &&
           cy_bridge_seen(r->world, bridge, now_of(r)) == CY_bridge_state_STALE;
}

/* In the calm every bridge that there ever was stands open again. */
static void mend_bridge(const struct roll *r, const struct cy_sim_realm *other)
{
    const struct cy_id *id = &other->ledger.id;
    const struct cy_bridge *bridge = CY_GET(r->world, bridge, id);

    if (bridge == NULL)
        return;
    if (bridge->state == CY_bridge_state_SEVERED)
        open_bridge(r, other, false);
    if (bridge->state == CY_bridge_state_FROZEN)
        turn_bridge(r, id, CY_bridge_state_ACTIVE);
    if (bridge->state == CY_bridge_state_ACTIVE && out_of_touch(r, bridge, other))
        turn_bridge(r, id, CY_bridge_state_SEVERED);
    for (uint32_t i = 0; i < cy_world_count(r->world, CY_R_bridge_door); i++) {
        const struct cy_bridge_door *door = cy_world_at(r->world, CY_R_bridge_door, i);

        if (cy_id_eq(&door->realm, id) && (!door->open || door->packets_most != 0))
            set_gate(r, id, (unsigned)door->kind, true, 0);
    }
}

/* --- what is due --- */

static void look(struct cy_sim_scene *scene, uint32_t realm)
{
    struct roll r;

    if (!read_roll(scene, realm, &scene->dice, &r))
        return;
    for (uint32_t i = 0; i < r.n; i++) {
        if (r.nodes[i] != NULL && r.nodes[i]->has_fresh)
            hand_in_keys(&r, r.nodes[i], r.seats[i]);
    }
    if (agreement_of(&r)->policy_due) {
        struct policy_draft draft;

        draft_of(&r, NULL, NULL, &draft);
        if (CY_GET(r.world, realm, &(uint64_t){1})->breaker == CY_breaker_NORMAL)
            set_policy(&r, &draft);
        else
            set_trustees(&r, draft.n_trustees);
    }
    for (uint32_t other = 0; scene->calm && other < scene->plan->realms; other++) {
        if (other != realm)
            mend_bridge(&r, &scene->realms[other]);
    }
}

void cy_operate_look(struct cy_sim_scene *scene)
{
    for (uint32_t realm = 0; realm < scene->plan->realms; realm++) {
        look(scene, realm);
        cosign_all(scene, realm);
    }
}

void cy_operate_make(struct cy_sim_scene *scene, const struct cy_sim_move *move)
{
    const uint32_t realm = (uint32_t)(move->a[0] % scene->plan->realms);
    struct cy_sim_trustee *trustee = &scene->realms[realm].trustees[move->a[1] % 3];

    switch ((int)move->kind) {
    case CY_SIM_SPAN: draw_bridge(scene, realm, move->a[1]); break;
    case CY_SIM_ROLL: draw_roll(scene, realm, move->a[1]); break;
    case CY_SIM_RULES: announce(scene, realm, move->a[1], move->a[2]); break;
    case CY_SIM_TRUSTEE:
        trustee->silent = (move->a[2] & 1) != 0 && !scene->calm;
        trustee->lies = (move->a[2] & 2) != 0;
        break;
    default: break;
    }
}
