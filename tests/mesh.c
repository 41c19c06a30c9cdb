#include "mesh.h"

#include "crypto/ed25519.h"
#include "crypto/note_key.h"
#include "sim/sim_party.h"

#include <stdlib.h>
#include <sys/mman.h>

#define START 1767225600000u

enum { TIMER_BEAT = 1, TIMER_VOTE };

/* --- the world of a node --- */

static cy_time now(void *self)
{
    const struct mesh_node *node = self;

    return START + 60000 + cy_sim_net_now(node->mesh->net) + (uint64_t)node->skew_ms;
}

static void send_packet(void *self, uint32_t seat, struct cy_span packet)
{
    struct mesh_node *node = self;
    struct mesh *mesh = node->mesh;

    if (seat >= mesh->n || (mesh->tap != NULL && !mesh->tap(mesh, node->number, seat, packet)))
        return;
    cy_sim_net_send(mesh->net, node->number, seat, packet);
}

static void timer(void *self, uint64_t height, const struct cy_agree_timer *timer, uint32_t ms)
{
    struct mesh_node *node = self;

    cy_sim_net_timer(node->mesh->net, node->number, ms,
                     &(struct cy_sim_timer){.life = node->life,
                                            .what = TIMER_VOTE,
                                            .height = height,
                                            .step = timer->step,
                                            .round = timer->round});
}

static cy_err sign_vote(void *self, const struct cy_vote *vote, const struct cy_vote_lock *lock,
                        struct cy_vote *said, uint8_t signature[64])
{
    struct mesh_node *node = self;

    CY_TRY(node->signer_answers);
    return cy_sim_signer_vote(&node->signer, vote, lock, said, signature);
}

static cy_err vote_last(void *self, struct cy_vote_last *out)
{
    struct mesh_node *node = self;

    cy_sim_signer_last(&node->signer, out);
    return CY_OK;
}

static cy_err sign_act(struct mesh_node *node, const struct cy_schema *schema, const void *message,
                       uint8_t *out, size_t cap, size_t *n)
{
    const struct cy_any any = {schema, message};
    const struct cy_secret *secrets[] = {&node->signer.secret[CY_SIM_KEY_ACT]};
    struct cy_claims claims = {.author = node->mesh->founded.id,
                               .realm = node->mesh->founded.id,
                               .expires = now(node) / 1000 + 600};

    CY_TRY(node->signer_answers);
    cy_put_u64be(claims.nonce, ++node->mesh->rig->nonce);
    *n = cy_sim_sign(&claims, &any, secrets, 1, out, cap).n;
    return *n > 0 ? CY_OK : cy_fail(CY_E_NO_ROOM, cap);
}

static cy_err sign_height(void *self, const struct cy_height *height, uint8_t *out, size_t cap,
                          size_t *n)
{
    return sign_act(self, &cy_schema_height, height, out, cap, n);
}

static cy_err sign_equivocate(void *self, const struct cy_equivocate *message, uint8_t *out,
                              size_t cap, size_t *n)
{
    return sign_act(self, &cy_schema_equivocate, message, out, cap, n);
}

static cy_err cosign(void *self, struct cy_span text, uint64_t old_size, const struct cy_id *proof,
                     uint32_t n, uint8_t out[CY_COSIGNATURE_BYTES])
{
    struct mesh_node *node = self;

    (void)old_size;
    CY_TRY(node->signer_answers);
    return cy_sim_signer_cosign(&node->signer, text, now(node) / 1000, proof, n, out);
}

static cy_err sign_packet(void *self, struct cy_span bytes, uint8_t signature[64])
{
    struct mesh_node *node = self;

    cy_sim_signer_raw(&node->signer, CY_SIM_KEY_PEER, bytes, signature);
    return CY_OK;
}

static cy_err cosigned_last(void *self, uint64_t *size)
{
    const struct mesh_node *node = self;

    *size = node->signer.size;
    return CY_OK;
}

static void answered(void *self, const struct cy_id *act, cy_err err, uint64_t at)
{
    struct mesh_node *node = self;

    (void)act;
    node->last_answer = err;
    node->last_at = at;
    if (cy_ok(err))
        node->answered++;
    else
        node->answered_err++;
}

/* No two nodes ever agree on two heads of one height. */
static void headed(void *self, const struct cy_head *head, uint64_t height, bool final)
{
    struct mesh_node *node = self;
    struct mesh *mesh = node->mesh;

    if (final) {
        node->finals++;
        return;
    }
    node->heads++;
    assert_true(height < MESH_HEIGHTS);
    if (mesh->agreed_size[height] == 0) {
        mesh->agreed_size[height] = head->size;
        mesh->agreed_root[height] = head->root;
        if (height > mesh->agreed)
            mesh->agreed = height;
    }
    assert_int_equal(mesh->agreed_size[height], head->size);
    assert_memory_equal(mesh->agreed_root[height].b, head->root.b, 32);
}

static void convicted(void *self, uint32_t seat, const struct cy_agree_evidence *evidence)
{
    struct mesh_node *node = self;

    assert_true(evidence == NULL || cy_vote_conflict(&evidence->votes[0], &evidence->votes[1]));
    if (evidence == NULL)
        node->cosigned_twice[seat]++;
    else
        node->convicted[seat]++;
}

/* --- life --- */

struct mesh *mesh_new(uint32_t seats, uint64_t seed)
{
    struct mesh *mesh = calloc(1, sizeof *mesh);
    const struct cy_sim_signer *signers[MESH_NODES];
    struct cy_sim_founding founding = {.origin = "ocean.example/federation",
                                       .now = START,
                                       .seats = signers,
                                       .n = seats,
                                       .idle_ms = 1000};

    assert_ok(cy_crypto_start());
    mesh->n = MESH_NODES;
    mesh->seats = seats;
    mesh->seed = seed;
    mesh->dice.state = seed;
    mesh->net = cy_sim_net_new(&(struct cy_sim_net_options){
        .seed = seed, .nodes = MESH_NODES, .packets_max = 8192, .bytes_max = (size_t)64 << 20});
    assert_non_null(mesh->net);
    for (uint32_t i = 0; i < MESH_NODES; i++) {
        struct mesh_node *node = &mesh->node[i];

        node->mesh = mesh;
        node->number = i;
        node->disk = cy_sim_disk_new();
        cy_sim_signer_new(&node->signer, &mesh->dice);
        signers[i] = &node->signer;
        mesh->world[i] = (struct cy_federation_world){.self = node,
                                                      .now = now,
                                                      .send = send_packet,
                                                      .timer = timer,
                                                      .sign_vote = sign_vote,
                                                      .vote_last = vote_last,
                                                      .sign_height = sign_height,
                                                      .cosign = cosign,
                                                      .sign_packet = sign_packet,
                                                      .answered = answered,
                                                      .headed = headed,
                                                      .convicted = convicted,
                                                      .cosigned_last = cosigned_last,
                                                      .sign_equivocate = sign_equivocate};
    }
    cy_sim_found(&founding, &mesh->founded);
    mesh->rig = rig_new(NULL, 0);
    mesh->rig->realm = mesh->founded.id;
    mesh->rig->id[0] = mesh->founded.id;
    return mesh;
}

static void forget(struct mesh_node *node)
{
    if (node->memory != NULL)
        munmap(node->memory, node->memory_n);
    node->memory = NULL;
    node->federation = NULL;
    node->life++;
}

void mesh_free(struct mesh *mesh)
{
    for (uint32_t i = 0; i < MESH_NODES; i++) {
        forget(&mesh->node[i]);
        cy_sim_disk_free(mesh->node[i].disk);
    }
    cy_sim_net_free(mesh->net);
    rig_free(mesh->rig);
    free(mesh);
}

cy_err mesh_open(struct mesh *mesh, uint32_t number)
{
    static const struct cy_limit limits[] = {
        {CY_R_seen, 4096}
    };
    struct mesh_node *node = &mesh->node[number];
    const struct cy_disk disk = cy_sim_disk_face(node->disk);
    struct cy_federation_options options = {
        .cell = {.limits = limits,
                 .n_limits = CY_COUNT(limits),
                 .records_max = 8192,
                 .batch_bytes = 1 << 18,
                 .segment_bytes = 1 << 20,
                 .salt = {7, 7, 7},
                 .rules = node->rules},
        .world = &mesh->world[number],
        .peer_key = node->signer.key[CY_SIM_KEY_PEER],
        .session = ++node->session,
        .pool_acts = 256,
        .pool_bytes = 1 << 18,
        .propose_ms = 300,
        .vote_ms = 150,
        .beat_ms = MESH_BEAT_MS
    };
    struct cy_arena fresh;
    cy_err err = CY_OK;

    assert_null(node->federation);
    if (node->mirror)
        options.peer_key = (struct cy_id){{0}};
    node->memory_n = cy_federation_bytes(&options);
    node->memory = mmap(NULL, node->memory_n, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    fresh = cy_arena_on(node->memory, node->memory_n);
    err = cy_federation_open(&disk, &options, cy_span_of(mesh->founded.bytes, mesh->founded.n),
                             &fresh, &node->federation, &node->report, &node->fault);
    if (!cy_ok(err)) {
        forget(node);
        return err;
    }
    cy_sim_net_timer(mesh->net, number, MESH_BEAT_MS,
                     &(struct cy_sim_timer){.life = node->life, .what = TIMER_BEAT});
    cy_federation_start(node->federation);
    return CY_OK;
}

void mesh_open_all(struct mesh *mesh)
{
    for (uint32_t i = 0; i < mesh->seats; i++)
        assert_ok(mesh_open(mesh, i));
}

void mesh_kill(struct mesh *mesh, uint32_t number)
{
    forget(&mesh->node[number]);
    cy_sim_disk_kill(mesh->node[number].disk);
}

void mesh_cut(struct mesh *mesh, uint32_t number, uint64_t seed)
{
    forget(&mesh->node[number]);
    cy_sim_disk_power_cut(mesh->node[number].disk, seed);
}

void mesh_close(struct mesh *mesh, uint32_t number)
{
    assert_ok(cy_federation_close(mesh->node[number].federation));
    forget(&mesh->node[number]);
}

void mesh_lose_disk(struct mesh *mesh, uint32_t number)
{
    forget(&mesh->node[number]);
    cy_sim_disk_free(mesh->node[number].disk);
    mesh->node[number].disk = cy_sim_disk_new();
}

struct copying {
    const struct cy_sim_disk *from;
    struct cy_disk to;
};

static void copy_file(void *user, const char *path)
{
    struct copying *copying = user;
    struct cy_span bytes;
    char parent[CY_PATH_MAX];
    int file = -1;

    assert_true(cy_sim_disk_bytes(copying->from, path, &bytes));
    cy_disk_parent(path, parent);
    assert_ok(cy_disk_make_dirs(&copying->to, parent));
    assert_ok(copying->to.ops->open(copying->to.self, path, CY_DISK_WRITE | CY_DISK_CREATE, &file));
    assert_ok(copying->to.ops->write(copying->to.self, file, 0, bytes));
    assert_ok(copying->to.ops->sync(copying->to.self, file));
    assert_ok(copying->to.ops->close(copying->to.self, file));
    assert_ok(copying->to.ops->sync_dir(copying->to.self, parent));
}

struct cy_sim_disk *mesh_backup(struct mesh *mesh, uint32_t number)
{
    struct cy_sim_disk *copy = cy_sim_disk_new();
    struct copying copying = {mesh->node[number].disk, cy_sim_disk_face(copy)};

    cy_sim_disk_each(copying.from, copy_file, &copying);
    return copy;
}

void mesh_restore(struct mesh *mesh, uint32_t number, struct cy_sim_disk *disk)
{
    forget(&mesh->node[number]);
    cy_sim_disk_free(mesh->node[number].disk);
    mesh->node[number].disk = disk;
}

/* --- time --- */

static void beat(struct mesh_node *node)
{
    cy_sim_net_timer(node->mesh->net, node->number, MESH_BEAT_MS,
                     &(struct cy_sim_timer){.life = node->life, .what = TIMER_BEAT});
    cy_federation_beat(node->federation);
}

static void happen(struct mesh *mesh, const struct cy_sim_event *event)
{
    struct mesh_node *node = &mesh->node[event->node];

    if (node->federation == NULL || (!event->is_packet && event->timer.life != node->life))
        return;
    if (event->is_packet)
        (void)!cy_ok(mesh_give(mesh, event->node, event->packet));
    else if (event->timer.what == TIMER_BEAT)
        beat(node);
    else
        cy_federation_timeout(node->federation, event->timer.height,
                              (enum cy_vote_step)event->timer.step, event->timer.round);
}

void mesh_run(struct mesh *mesh, uint64_t ms)
{
    const uint64_t until = cy_sim_net_now(mesh->net) + ms;
    struct cy_sim_event event;

    while (cy_sim_net_next(mesh->net, until, &event))
        happen(mesh, &event);
}

uint64_t mesh_height(struct mesh *mesh, uint32_t number)
{
    return mesh_figures(mesh, number).height;
}

struct cy_federation_figures mesh_figures(struct mesh *mesh, uint32_t number)
{
    struct cy_federation_figures figures;

    assert_non_null(mesh->node[number].federation);
    cy_federation_figures(mesh->node[number].federation, &figures);
    return figures;
}

static bool all_at(struct mesh *mesh, uint64_t height)
{
    for (uint32_t i = 0; i < mesh->n; i++) {
        if (mesh->node[i].federation != NULL && mesh_height(mesh, i) < height)
            return false;
    }
    return true;
}

void mesh_until(struct mesh *mesh, uint64_t height)
{
    const uint64_t end = cy_sim_net_now(mesh->net) + 60000;

    while (!all_at(mesh, height)) {
        if (cy_sim_net_now(mesh->net) >= end) {
            for (uint32_t i = 0; i < mesh->n; i++) {
                if (mesh->node[i].federation != NULL) {
                    const struct cy_federation_figures f = mesh_figures(mesh, i);

                    print_message(
                        "node %u: height %lu round %u size %lu trouble %s\n", i,
                        (unsigned long)f.height, f.round, (unsigned long)f.size,
                        cy_err_info(cy_federation_trouble(mesh->node[i].federation).code)->name);
                }
            }
            fail_msg("height %lu was not reached (seed %lu)", (unsigned long)height,
                     (unsigned long)mesh->seed);
        }
        mesh_run(mesh, 50);
    }
}

/* --- acts --- */

cy_err mesh_send(struct mesh *mesh, uint32_t number, struct cy_span act)
{
    struct cy_id id;

    return cy_federation_submit(mesh->node[number].federation, act, &id);
}

static void know_time(struct mesh *mesh, uint32_t number)
{
    const struct cy_cell *cell = cy_federation_cell(mesh->node[number].federation);

    mesh->rig->now = cy_engine_realm(&cell->engine)->now;
}

cy_err mesh_seat_act(struct mesh *mesh, uint32_t number, uint32_t n, uint32_t one,
                     const struct cy_schema *schema, const void *message)
{
    static uint8_t bytes[CY_ENTRY_MAX];
    const struct cy_secret *secrets[MESH_NODES];
    const struct cy_any any = {schema, message};
    struct cy_claims claims = {.author = mesh->founded.id, .realm = mesh->founded.id};

    know_time(mesh, number);
    claims.expires = mesh->rig->now / 1000 + 600;
    cy_put_u64be(claims.nonce, ++mesh->rig->nonce);
    for (uint32_t i = 0; i < n; i++)
        secrets[i] = &mesh->node[i].signer.secret[CY_SIM_KEY_ACT];
    secrets[0] = &mesh->node[n == 0 ? one : 0].signer.secret[CY_SIM_KEY_ACT];
    return mesh_send(mesh, number,
                     cy_sim_sign(&claims, &any, secrets, n == 0 ? 1 : n, bytes, sizeof bytes));
}

void mesh_policy(struct mesh *mesh, uint32_t n, struct cy_text *policy)
{
    for (uint32_t i = 0; i < n; i++) {
        char memory[64];
        struct cy_text name = cy_text_on(memory, sizeof memory);
        struct cy_note_key key;

        cy_sim_seat_name(&name, i);
        assert_ok(cy_note_key_of(cy_text_bytes(&name), CY_NOTE_COSIGNATURE,
                                 &mesh->node[i].signer.key[CY_SIM_KEY_COSIGN], &key));
        cy_text_add(policy, "witness ");
        cy_text_span(policy, cy_text_bytes(&name));
        cy_text_add(policy, " ");
        cy_note_vkey(&key, policy);
        cy_text_add(policy, "\n");
    }
    cy_text_add(policy, "group cells ");
    cy_text_u64(policy, n * 2 / 3 + 1);
    for (uint32_t i = 0; i < n; i++) {
        cy_text_add(policy, " ");
        cy_sim_seat_name(policy, i);
    }
    cy_text_add(policy, "\nquorum cells\n");
}

cy_err mesh_do(struct mesh *mesh, uint32_t number, unsigned n, const struct cy_schema *schema,
               const void *message)
{
    struct cy_claims claims;

    know_time(mesh, number);
    claims = rig_claims(mesh->rig, n);
    return mesh_send(mesh, number, rig_build(mesh->rig, &claims, schema, message, &n, 1));
}

cy_err mesh_passport(struct mesh *mesh, uint32_t number, unsigned n)
{
    const struct cy_key_share share = {.key = mesh->rig->key[n], .weight = 1};
    const struct cy_passport_create m = {.kind = CY_kind_PERSON,
                                         .name = rig_name("Somebody"),
                                         .keys = &share,
                                         .n_keys = 1,
                                         .need_0 = 1};
    struct cy_claims claims;
    struct cy_span act;

    know_time(mesh, number);
    claims = rig_claims(mesh->rig, n);
    claims.author = (struct cy_id){{0}};
    act = rig_build(mesh->rig, &claims, &cy_schema_passport_create, &m, &n, 1);
    return cy_federation_submit(mesh->node[number].federation, act, &mesh->rig->id[n]);
}

void mesh_same(struct mesh *mesh)
{
    for (uint32_t i = 0; i < mesh->n; i++) {
        for (uint32_t k = 0; k < i; k++) {
            struct cy_cell *a = NULL;
            struct cy_cell *b = NULL;
            struct cy_id one;
            struct cy_id other;

            if (mesh->node[i].federation == NULL || mesh->node[k].federation == NULL ||
                mesh_height(mesh, i) != mesh_height(mesh, k))
                continue;
            a = cy_federation_cell(mesh->node[i].federation);
            b = cy_federation_cell(mesh->node[k].federation);
            assert_int_equal(a->size, b->size);
            one = cy_frontier_root(&a->frontier);
            other = cy_frontier_root(&b->frontier);
            assert_memory_equal(one.b, other.b, 32);
            assert_ok(cy_cell_state_root(a, &one));
            assert_ok(cy_cell_state_root(b, &other));
            assert_memory_equal(one.b, other.b, 32);
        }
    }
}

/* --- packets by hand --- */

struct cy_span mesh_packet(struct mesh *mesh, uint32_t from, uint64_t session, uint64_t number,
                           enum cy_peer_kind kind, struct cy_span body)
{
    static uint8_t bytes[CY_PEER_PACKET_MAX];
    const struct cy_packet head = {.federation = mesh->founded.id,
                                   .from = mesh->node[from].signer.key[CY_SIM_KEY_PEER],
                                   .session = session,
                                   .number = number};
    struct cy_packet_writer writer;
    uint8_t signature[64];

    cy_packet_begin(&writer, bytes, sizeof bytes, &head);
    assert_ok(cy_packet_frame(&writer, kind, body));
    cy_sim_signer_raw(&mesh->node[from].signer, CY_SIM_KEY_PEER, cy_packet_to_sign(&writer),
                      signature);
    return cy_packet_end(&writer, signature);
}

cy_err mesh_vote(struct mesh *mesh, uint32_t number, uint32_t from, const struct cy_vote *vote,
                 uint64_t packet_number)
{
    char memory[CY_VOTE_TEXT_MAX];
    char name_memory[64];
    char room[CY_PEER_VOTE_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    struct cy_text name = cy_text_on(name_memory, sizeof name_memory);
    struct cy_text note = cy_text_on(room, sizeof room);
    const struct cy_sim_signer *signer = &mesh->node[from].signer;
    struct cy_vote said = *vote;
    uint8_t signature[64];

    if (said.origin.n == 0)
        said.origin = cy_span_text("ocean.example/federation");
    cy_vote_write(&text, &said);
    cy_sim_signer_raw(signer, CY_SIM_KEY_VOTE, cy_text_bytes(&text), signature);
    cy_sim_seat_name(&name, from);
    cy_peer_vote_write(
        &note, &said, cy_text_bytes(&name),
        cy_note_key_id(cy_text_bytes(&name), CY_NOTE_ED25519, &signer->key[CY_SIM_KEY_VOTE]),
        signature);
    return mesh_give(mesh, number,
                     mesh_packet(mesh, from, mesh->node[from].session, packet_number, CY_PEER_VOTE,
                                 cy_text_bytes(&note)));
}

cy_err mesh_give(struct mesh *mesh, uint32_t number, struct cy_span packet)
{
    struct mesh_node *node = &mesh->node[number];
    const cy_err err = cy_federation_packet(node->federation, packet);

    if (!cy_ok(err)) {
        node->last_refusal = err;
        assert_true(err.code < CY_COUNT(node->refused));
        node->refused[err.code]++;
    }
    return err;
}
