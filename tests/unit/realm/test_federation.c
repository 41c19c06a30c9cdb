/* federation: members agree on blocks whatever happens to some of them, and what they are sent by
 * others harms nobody. */
#include "mesh.h"

#include "realm/promise.h"

static struct mesh *mesh_;

static int four(void **s)
{
    (void)s;
    mesh_ = mesh_new(4, 1);
    mesh_open_all(mesh_);
    return 0;
}

static int end(void **s)
{
    (void)s;
    mesh_free(mesh_);
    return 0;
}

/* --- agreement --- */

static void time_moves_without_acts(void **s)
{
    (void)s;
    mesh_until(mesh_, 5);
    mesh_same(mesh_);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(mesh_->node[i].heads >= 5);
}

static void acts_stand_everywhere(void **s)
{
    (void)s;
    mesh_until(mesh_, 1);
    for (unsigned n = 1; n <= 20; n++)
        assert_ok(mesh_passport(mesh_, n % 4, n));
    mesh_run(mesh_, 3000);
    mesh_same(mesh_);
    for (uint32_t i = 0; i < 4; i++) {
        const struct cy_cell *cell = cy_federation_cell(mesh_->node[i].federation);

        assert_int_equal(mesh_->node[i].answered, 5);
        assert_int_equal(mesh_figures(mesh_, i).pool, 0);
        for (unsigned n = 1; n <= 20; n++)
            assert_non_null(CY_GET(&cell->engine.world, passport, &mesh_->rig->id[n]));
    }
}

static void heads_become_final(void **s)
{
    (void)s;
    mesh_until(mesh_, 3);
    mesh_run(mesh_, 500);
    for (uint32_t i = 0; i < 4; i++) {
        const struct cy_head *final = cy_federation_final(mesh_->node[i].federation);

        assert_true(final->size >= mesh_->agreed_size[3]);
        assert_true(mesh_->node[i].finals > 0);
    }
}

/* --- members that stop --- */

static void three_of_four_go_on(void **s)
{
    (void)s;
    mesh_until(mesh_, 2);
    mesh_kill(mesh_, 2);
    mesh_until(mesh_, 6);
    assert_ok(mesh_open(mesh_, 2));
    mesh_until(mesh_, 9);
    mesh_same(mesh_);
}

static void two_of_four_wait(void **s)
{
    uint64_t height = 0;

    (void)s;
    mesh_until(mesh_, 2);
    mesh_kill(mesh_, 1);
    mesh_kill(mesh_, 2);
    mesh_run(mesh_, 2000);
    height = mesh_height(mesh_, 0);
    mesh_run(mesh_, 20000);
    assert_true(mesh_height(mesh_, 0) == height);
    assert_true(mesh_height(mesh_, 3) <= height + 1);
    assert_ok(mesh_open(mesh_, 1));
    mesh_until(mesh_, height + 3);
    assert_ok(mesh_open(mesh_, 2));
    mesh_until(mesh_, height + 6);
    mesh_same(mesh_);
}

static void all_lose_power_at_once(void **s)
{
    (void)s;
    for (unsigned k = 0; k < 20; k++) {
        mesh_run(mesh_, 137 + 61 * k); /* somewhere in a height */
        for (uint32_t i = 0; i < 4; i++)
            mesh_cut(mesh_, i, (k + i) % 3);
        mesh_open_all(mesh_);
    }
    mesh_until(mesh_, mesh_->agreed + 3);
    mesh_same(mesh_);
}

static void a_newcomer_to_the_talk_catches_up(void **s)
{
    (void)s;
    mesh_close(mesh_, 3);
    mesh_run(mesh_, 1500);
    for (unsigned n = 1; n <= 30; n++)
        assert_ok(mesh_passport(mesh_, n % 3, n));
    mesh_until(mesh_, 20);
    assert_ok(mesh_open(mesh_, 3));
    mesh_run(mesh_, 3000);
    assert_true(mesh_height(mesh_, 3) + 2 >= mesh_->agreed);
    assert_false(mesh_figures(mesh_, 3).catching_up && mesh_height(mesh_, 3) + 2 < mesh_->agreed);
    mesh_until(mesh_, mesh_->agreed + 2);
    mesh_same(mesh_);
}

static void a_lost_disk_is_filled_again(void **s)
{
    (void)s;
    mesh_until(mesh_, 5);
    mesh_kill(mesh_, 1);
    mesh_lose_disk(mesh_, 1);
    assert_ok(mesh_open(mesh_, 1));
    mesh_until(mesh_, mesh_->agreed + 4);
    mesh_same(mesh_);
    assert_int_equal(mesh_->node[1].signer.again, 0);
}

static void a_signer_that_is_away_is_waited_for(void **s)
{
    uint64_t height = 0;

    (void)s;
    mesh_until(mesh_, 2);
    for (uint32_t i = 0; i < 2; i++)
        mesh_->node[i].signer_answers = cy_fail(CY_E_PEER_LOST, 0);
    mesh_run(mesh_, 2000);
    height = mesh_->agreed;
    mesh_run(mesh_, 5000);
    assert_true(mesh_->agreed <= height + 1);
    for (uint32_t i = 0; i < 2; i++)
        mesh_->node[i].signer_answers = CY_OK;
    mesh_until(mesh_, height + 3);
    mesh_same(mesh_);
}

static void a_full_disk_is_waited_for(void **s)
{
    uint64_t height = 0;

    (void)s;
    mesh_until(mesh_, 2);
    cy_sim_disk_space(mesh_->node[0].disk, 0);
    mesh_run(mesh_, 5000);
    height = mesh_height(mesh_, 0);
    assert_true(mesh_->agreed > height + 1); /* the others go on */
    assert_ok(cy_federation_trouble(mesh_->node[0].federation));
    cy_sim_disk_space(mesh_->node[0].disk, UINT64_MAX);
    mesh_until(mesh_, mesh_->agreed + 2);
    mesh_same(mesh_);
}

static void a_failed_disk_stops_its_member_only(void **s)
{
    (void)s;
    mesh_until(mesh_, 2);
    cy_sim_disk_fail_at(mesh_->node[0].disk, 3, CY_E_DISK_FAILED);
    mesh_run(mesh_, 3000);
    assert_code(cy_federation_trouble(mesh_->node[0].federation), DISK_FAILED);
    mesh_kill(mesh_, 0);
    assert_ok(mesh_open(mesh_, 0));
    mesh_until(mesh_, mesh_->agreed + 2);
    mesh_same(mesh_);
}

/* --- networks --- */

static void a_partition_heals(void **s)
{
    uint64_t height = 0;

    (void)s;
    mesh_until(mesh_, 2);
    cy_sim_net_part(mesh_->net, 3); /* two and two: nobody decides */
    mesh_run(mesh_, 1500);
    height = mesh_->agreed;
    mesh_run(mesh_, 10000);
    assert_true(mesh_->agreed <= height + 1);
    cy_sim_net_heal(mesh_->net);
    mesh_until(mesh_, height + 4);
    mesh_same(mesh_);
    cy_sim_net_part(mesh_->net, 8); /* one alone */
    mesh_run(mesh_, 5000);
    assert_true(mesh_height(mesh_, 0) > mesh_height(mesh_, 3) + 2);
    cy_sim_net_heal(mesh_->net);
    mesh_until(mesh_, mesh_->agreed + 2);
    mesh_same(mesh_);
}

/* Loss, doubles, delays that reorder, kills and power cuts, by seed: nobody ever contradicts
 * another (mesh.c looks at every head), and when all is well again all go on. */
static void storms_pass(void **s)
{
    (void)s;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct mesh *mesh = mesh_new(4, seed);

        mesh_open_all(mesh);
        for (uint32_t i = 0; i < 4; i++) {
            for (uint32_t k = 0; k < 4; k++) {
                if (i != k)
                    *cy_sim_net_link(mesh->net, i, k) = (struct cy_sim_link){
                        .delay_ms = 1, .jitter_ms = 120, .loss = 150, .twice = 100};
            }
        }
        for (unsigned step = 0; step < 25; step++) {
            const uint32_t node = (uint32_t)cy_sim_draw(&mesh->dice, 4);

            if (cy_sim_one_in(&mesh->dice, 3)) {
                if (cy_sim_one_in(&mesh->dice, 2))
                    mesh_cut(mesh, node, cy_sim_draw(&mesh->dice, 5));
                else
                    mesh_kill(mesh, node);
                mesh_run(mesh, cy_sim_draw(&mesh->dice, 1500));
                assert_ok(mesh_open(mesh, node));
            }
            if (mesh_height(mesh, node) > 0)
                (void)!cy_ok(mesh_passport(mesh, node, 1 + step));
            mesh_run(mesh, cy_sim_draw(&mesh->dice, 700));
        }
        for (uint32_t i = 0; i < 4; i++) {
            for (uint32_t k = 0; k < 4; k++) {
                if (i != k)
                    *cy_sim_net_link(mesh->net, i, k) = (struct cy_sim_link){.delay_ms = 5};
            }
        }
        mesh_until(mesh, mesh->agreed + 3);
        mesh_same(mesh);
        for (uint32_t i = 0; i < 4; i++) {
            for (uint32_t k = 0; k < 4; k++)
                assert_int_equal(mesh->node[i].convicted[k] + mesh->node[i].cosigned_twice[k], 0);
        }
        mesh_free(mesh);
    }
}

/* --- older copies --- */

static void a_restored_backup_does_not_forget(void **s)
{
    struct cy_sim_disk *backup = NULL;

    (void)s;
    mesh_until(mesh_, 3);
    backup = mesh_backup(mesh_, 2);
    mesh_until(mesh_, 10);
    for (unsigned k = 0; k < 5; k++) {
        mesh_run(mesh_, 100 + 77 * k);
        mesh_restore(mesh_, 2, backup);
        backup = mesh_backup(mesh_, 2);
        assert_ok(mesh_open(mesh_, 2));
        mesh_run(mesh_, 1000);
    }
    cy_sim_disk_free(backup);
    mesh_until(mesh_, mesh_->agreed + 3);
    mesh_same(mesh_);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(mesh_->node[i].convicted[2], 0);
}

static void a_lost_agreement_is_made_good(void **s)
{
    const struct cy_disk disk = cy_sim_disk_face(mesh_->node[2].disk);

    (void)s;
    mesh_until(mesh_, 4);
    mesh_kill(mesh_, 2);
    assert_ok(disk.ops->remove(disk.self, CY_PROMISE_FILE));
    assert_ok(mesh_open(mesh_, 2));
    mesh_until(mesh_, mesh_->agreed + 3);
    mesh_kill(mesh_, 2);
    assert_true(cy_sim_disk_flip(mesh_->node[2].disk, CY_PROMISE_FILE, 50, 1)); /* damaged */
    assert_ok(mesh_open(mesh_, 2));
    mesh_until(mesh_, mesh_->agreed + 3);
    mesh_same(mesh_);
}

/* A member whose disk is full says so, and goes on by itself when there is room. */
static void a_full_disk_is_said_while_it_lasts(void **s)
{
    struct cy_sim_disk *disk = mesh_->node[3].disk;
    uint64_t height = 0;

    (void)s;
    mesh_until(mesh_, 3);
    assert_ok(cy_federation_pause(mesh_->node[3].federation));
    cy_sim_disk_space(disk, cy_sim_disk_used(disk));
    assert_ok(mesh_passport(mesh_, 0, 0));
    mesh_run(mesh_, 3000);
    height = mesh_figures(mesh_, 3).height;
    assert_true(mesh_->agreed >= height + 3); /* the three go on */
    for (unsigned i = 0; i < 8; i++) { /* at every moment, though it is tried again and again */
        mesh_run(mesh_, MESH_BEAT_MS / 2 + 10);
        assert_code(cy_federation_pause(mesh_->node[3].federation), NO_SPACE);
    }
    assert_ok(cy_federation_trouble(mesh_->node[3].federation));
    assert_int_equal(mesh_figures(mesh_, 3).height, height);
    for (uint32_t i = 0; i < 3; i++)
        assert_ok(cy_federation_pause(mesh_->node[i].federation));
    cy_sim_disk_space(disk, UINT64_MAX);
    mesh_run(mesh_, 4 * MESH_BEAT_MS);
    assert_ok(cy_federation_pause(mesh_->node[3].federation));
    mesh_until(mesh_, mesh_->agreed + 3);
    mesh_same(mesh_);
}

/* --- traitors --- */

static void who_votes_twice_is_excluded(void **s)
{
    struct cy_vote vote = {.step = CY_VOTE_PREVOTE, .after = CY_NO_ROUND, .time = 5};
    struct cy_federation_figures f;

    (void)s;
    mesh_until(mesh_, 3);
    f = mesh_figures(mesh_, 0);
    vote.height = f.height + 1;
    vote.round = 1;
    vote.value = (struct cy_id){{1}};
    (void)!cy_ok(mesh_vote(mesh_, 0, 3, &vote, 1u << 20));
    vote.value = (struct cy_id){{2}};
    (void)!cy_ok(mesh_vote(mesh_, 0, 3, &vote, (1u << 20) + 1));
    assert_int_equal(mesh_->node[0].convicted[3], 1);
    mesh_run(mesh_, 5000);
    for (uint32_t i = 0; i < 3; i++) {
        const struct cy_cell *cell = cy_federation_cell(mesh_->node[i].federation);
        const struct cy_seat *seat = CY_GET(&cell->engine.world, seat, &(uint64_t){3});

        assert_int_equal(mesh_->node[i].convicted[3], 1); /* told by the first, or seen */
        assert_int_equal(seat->state, CY_seat_state_EXCLUDED);
        assert_int_equal(mesh_figures(mesh_, i).seats, 3);
    }
    mesh_kill(mesh_, 3);
    mesh_until(mesh_, mesh_->agreed + 3); /* the three go on */
    mesh_same(mesh_);
    assert_code(mesh_vote(mesh_, 0, 3, &vote, (1u << 20) + 2), UNSEATED);
}

static struct cy_peer_cosignature cosigned(uint32_t seat, uint64_t size, const struct cy_id *root)
{
    const struct cy_sim_signer *signer = &mesh_->node[seat].signer;
    struct cy_peer_cosignature line = {
        .size = size, .root = *root, .key = signer->key[CY_SIM_KEY_COSIGN]};
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    cy_checkpoint_write(&text, cy_span_text("ocean.example/federation"), size, root);
    cy_sim_signer_raw_cosign(signer, cy_text_bytes(&text), 1767225700, line.blob);
    return line;
}

/* One node sees it; the ledger of all convicts. */
static void who_cosigns_another_root_is_excluded(void **s)
{
    uint8_t body[CY_PEER_COSIGNATURE_BYTES];
    struct cy_peer_cosignature line;
    struct cy_head head;

    (void)s;
    mesh_until(mesh_, 3);
    mesh_run(mesh_, 500);
    head = *cy_federation_final(mesh_->node[0].federation);
    head.root.b[5] ^= 1;
    line = cosigned(3, head.size, &head.root);
    line.blob[30] ^= 1; /* nobody is convicted by what he did not sign */
    assert_code(mesh_give(mesh_, 0,
                          mesh_packet(mesh_, 1, mesh_->node[1].session, 1u << 20,
                                      CY_PEER_COSIGNATURE, cy_peer_cosignature_write(&line, body))),
                BAD_SIGNATURE);
    assert_int_equal(mesh_->node[0].cosigned_twice[3], 0);
    line.blob[30] ^= 1;
    assert_code(mesh_give(mesh_, 0,
                          mesh_packet(mesh_, 1, mesh_->node[1].session, (1u << 20) + 1,
                                      CY_PEER_COSIGNATURE, cy_peer_cosignature_write(&line, body))),
                OTHER_HEAD);
    assert_int_equal(mesh_->node[0].cosigned_twice[3], 1);
    assert_code(cy_federation_cosigned(mesh_->node[0].federation, &line), OTHER_HEAD);
    assert_int_equal(mesh_->node[0].cosigned_twice[3], 1); /* once */
    mesh_run(mesh_, 5000);
    for (uint32_t i = 0; i < 3; i++) {
        const struct cy_world *world = &cy_federation_cell(mesh_->node[i].federation)->engine.world;
        const struct cy_seat *seat = CY_GET(world, seat, &(uint64_t){3});

        assert_int_equal(seat->state, CY_seat_state_EXCLUDED);
        assert_false(cy_id_none(&CY_GET(world, seat_key, &line.key)->evidence));
        assert_int_equal(mesh_figures(mesh_, i).seats, 3);
    }
    mesh_kill(mesh_, 3);
    mesh_until(mesh_, mesh_->agreed + 3); /* the three go on */
    mesh_same(mesh_);
}

/* A node that cannot sign the act tells the others what it saw. */
static void who_cannot_accuse_passes_it_on(void **s)
{
    struct cy_peer_cosignature line;
    struct cy_head head;

    (void)s;
    mesh_->world[0].sign_equivocate = NULL;
    mesh_until(mesh_, 3);
    mesh_run(mesh_, 500);
    head = *cy_federation_final(mesh_->node[0].federation);
    head.root.b[5] ^= 1;
    line = cosigned(3, head.size, &head.root);
    assert_code(cy_federation_cosigned(mesh_->node[0].federation, &line), OTHER_HEAD);
    mesh_run(mesh_, 5000);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(mesh_->node[i].cosigned_twice[3], 1);
    assert_int_equal(mesh_figures(mesh_, 0).seats, 3);
    mesh_same(mesh_);
}

/* --- packets --- */

static struct cy_span status_body(uint8_t *room)
{
    return cy_peer_status_write(&(struct cy_peer_status){.height = 1, .size = 1, .final_size = 1},
                                room);
}

static void hostile_packets_are_counted(void **s)
{
    uint8_t room[CY_PEER_STATUS_BYTES];
    struct cy_span good;
    uint8_t bytes[4096];
    struct cy_vote vote = {
        .step = CY_VOTE_PREVOTE, .after = CY_NO_ROUND, .value = {{1}}, .time = 5};
    uint64_t number = 1u << 20;
    uint64_t before = 0;
    uint64_t height = 0;

    (void)s;
    mesh_until(mesh_, 3);
    before = mesh_figures(mesh_, 0).refused_by[1];
    height = mesh_height(mesh_, 0);
    good = mesh_packet(mesh_, 1, mesh_->node[1].session, number, CY_PEER_STATUS, status_body(room));
    memcpy(bytes, good.at, good.n);
    /* malformed */
    assert_code(mesh_give(mesh_, 0, cy_span_of(bytes, good.n - 1)), BAD_PACKET);
    assert_code(mesh_give(mesh_, 0, cy_span_text("no packet")), BAD_PACKET);
    assert_code(mesh_give(mesh_, 0, cy_span_of(NULL, 0)), BAD_PACKET);
    /* oversized: the length is looked at first */
    assert_code(mesh_give(mesh_, 0, cy_span_of(bytes, CY_PEER_PACKET_MAX + 1)), TOO_LARGE);
    /* of another federation */
    bytes[8] ^= 1;
    assert_code(mesh_give(mesh_, 0, cy_span_of(bytes, good.n)), OTHER_FEDERATION);
    bytes[8] ^= 1;
    /* by a key without a seat; by ourselves */
    assert_code(mesh_give(mesh_, 0, mesh_packet(mesh_, 5, 1, 1, CY_PEER_STATUS, status_body(room))),
                UNSEATED);
    assert_code(mesh_give(mesh_, 0, mesh_packet(mesh_, 0, 9, 1, CY_PEER_STATUS, status_body(room))),
                UNSEATED);
    /* a changed byte */
    bytes[100] ^= 1;
    assert_code(mesh_give(mesh_, 0, cy_span_of(bytes, good.n)), BAD_SIGNATURE);
    bytes[100] ^= 1;
    assert_ok(mesh_give(mesh_, 0, cy_span_of(bytes, good.n)));
    /* replayed; of an earlier life; long gone by */
    assert_code(mesh_give(mesh_, 0, cy_span_of(bytes, good.n)), PACKET_OLD);
    assert_code(mesh_give(mesh_, 0,
                          mesh_packet(mesh_, 1, 0, number + 9, CY_PEER_STATUS, status_body(room))),
                PACKET_OLD);
    assert_code(mesh_give(mesh_, 0,
                          mesh_packet(mesh_, 1, mesh_->node[1].session, number - 64, CY_PEER_STATUS,
                                      status_body(room))),
                PACKET_OLD);
    /* late, but once */
    assert_ok(mesh_give(mesh_, 0,
                        mesh_packet(mesh_, 1, mesh_->node[1].session, number - 63, CY_PEER_STATUS,
                                    status_body(room))));
    assert_code(mesh_give(mesh_, 0,
                          mesh_packet(mesh_, 1, mesh_->node[1].session, number - 63, CY_PEER_STATUS,
                                      status_body(room))),
                PACKET_OLD);
    /* frames that are wrong in a packet that is right */
    assert_code(mesh_give(mesh_, 0,
                          mesh_packet(mesh_, 1, mesh_->node[1].session, ++number, CY_PEER_STATUS,
                                      cy_span_text("?"))),
                BAD_PACKET);
    assert_code(mesh_give(mesh_, 0,
                          mesh_packet(mesh_, 1, mesh_->node[1].session, ++number, CY_PEER_BLOCK,
                                      cy_span_text("?"))),
                BAD_BLOCK);
    assert_false(cy_ok(mesh_give(
        mesh_, 0,
        mesh_packet(mesh_, 1, mesh_->node[1].session, ++number, CY_PEER_ACT, cy_span_text("?")))));
    assert_false(cy_ok(mesh_give(mesh_, 0,
                                 mesh_packet(mesh_, 1, mesh_->node[1].session, ++number,
                                             CY_PEER_HEAD_NOTE, cy_span_text("?")))));
    /* a vote from the far future, of another ledger, by whom it is not */
    vote.height = height + 100;
    assert_code(mesh_vote(mesh_, 0, 1, &vote, ++number), FAR_AHEAD);
    vote.height = mesh_height(mesh_, 0) + 1;
    vote.origin = cy_span_text("other.example/federation");
    assert_code(mesh_vote(mesh_, 0, 1, &vote, ++number), OTHER_FEDERATION);
    vote.origin = (struct cy_span){0};
    vote.step = CY_VOTE_PROPOSE;
    vote.round = 0;
    for (uint32_t i = 1; i < 4; i++) { /* at most one of them may propose */
        const cy_err err = mesh_vote(mesh_, 0, i, &vote, i == 1 ? ++number : 1u << 21);

        assert_true(cy_ok(err) || err.code == CY_E_NOT_PROPOSER);
    }
    assert_true(mesh_->node[0].refused[CY_E_NOT_PROPOSER] >= 2);
    assert_true(mesh_figures(mesh_, 0).refused_by[1] >= before + 9);
    for (uint32_t i = 1; i < 4; i++) { /* in their place, with numbers that are not used up */
        mesh_kill(mesh_, i);
        assert_ok(mesh_open(mesh_, i));
    }
    /* and life goes on */
    mesh_until(mesh_, mesh_->agreed + 3);
    mesh_same(mesh_);
}

static void a_certificate_of_others_is_refused(void **s)
{
    uint8_t room[CY_PEER_CERTIFICATE_MAX];
    struct cy_certificate c = {.height = 0, .size = 99, .root = {{1}}, .n = 3};
    uint64_t number = 1u << 20;

    (void)s;
    mesh_until(mesh_, 2);
    c.height = mesh_height(mesh_, 0) + 1;
    for (uint32_t i = 0; i < 3; i++)
        c.ballots[i].seat = i;
    assert_code(mesh_give(mesh_, 0,
                          mesh_packet(mesh_, 1, 1, ++number, CY_PEER_CERTIFICATE,
                                      cy_certificate_give(&c, room))),
                BAD_BALLOT);
    c.n = 2; /* no quorum */
    assert_code(mesh_give(mesh_, 0,
                          mesh_packet(mesh_, 1, 1, ++number, CY_PEER_CERTIFICATE,
                                      cy_certificate_give(&c, room))),
                BAD_CERTIFICATE);
    c.n = 3;
    c.ballots[2].seat = 9; /* nobody */
    assert_code(mesh_give(mesh_, 0,
                          mesh_packet(mesh_, 1, 1, ++number, CY_PEER_CERTIFICATE,
                                      cy_certificate_give(&c, room))),
                BAD_BALLOT);
    mesh_until(mesh_, mesh_->agreed + 2);
}

static void a_flood_is_throttled(void **s)
{
    static uint8_t act[60000];
    unsigned refused = 0;
    uint64_t number = 1u << 20;

    (void)s;
    mesh_until(mesh_, 2);
    for (unsigned i = 0; i < 600; i++) {
        const cy_err err = mesh_give(
            mesh_, 0, mesh_packet(mesh_, 1, 1, ++number, CY_PEER_ACT, cy_span_of(act, sizeof act)));

        refused += err.code == CY_E_THROTTLED;
    }
    assert_true(refused > 200);
    assert_int_equal(mesh_figures(mesh_, 0).throttled[1], refused);
    assert_int_equal(mesh_figures(mesh_, 0).throttled[2], 0);
    mesh_run(mesh_, 2000); /* the bucket fills again */
    mesh_until(mesh_, mesh_->agreed + 2);
    assert_int_equal(mesh_figures(mesh_, 0).throttled[1], refused);
}

/* --- the roll --- */

static struct cy_name seat_name(uint32_t seat)
{
    char memory[64];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    cy_sim_seat_name(&text, seat);
    return rig_name(memory);
}

/* Three of the four admit node 4. */
static void admit(void)
{
    const struct cy_sim_signer *signer = &mesh_->node[4].signer;
    const struct cy_seat_admit message = {.name = seat_name(4),
                                          .act_key = signer->key[CY_SIM_KEY_ACT],
                                          .vote_key = signer->key[CY_SIM_KEY_VOTE],
                                          .cosign_key = signer->key[CY_SIM_KEY_COSIGN],
                                          .peer_key = signer->key[CY_SIM_KEY_PEER],
                                          .operator= rig_label("new"),
                                          .weight = 1};

    assert_ok(mesh_seat_act(mesh_, 0, 3, 0, &cy_schema_seat_admit, &message));
}

/* After its probation it votes, from the next height on: without it three of five are not enough.
 */
static void a_newcomer_is_confirmed(void **s)
{
    char memory[4096];
    struct cy_text policy = cy_text_on(memory, sizeof memory);
    struct cy_seat_rejoin here = {0};
    struct cy_seat_confirm confirm = {.seat = 4, .faults = 1};
    uint64_t height = 0;

    (void)s;
    mesh_until(mesh_, 2);
    admit();
    mesh_run(mesh_, 2500);
    assert_ok(mesh_open(mesh_, 4));
    mesh_until(mesh_, mesh_->agreed + 33);
    here.from = mesh_->agreed + 2;
    assert_ok(mesh_seat_act(mesh_, 4, 0, 4, &cy_schema_seat_rejoin, &here)); /* it shows itself */
    mesh_run(mesh_, 2500);
    mesh_policy(mesh_, 5, &policy);
    confirm.policy = cy_text_bytes(&policy);
    assert_ok(mesh_seat_act(mesh_, 1, 3, 0, &cy_schema_seat_confirm, &confirm));
    mesh_run(mesh_, 3000);
    assert_true(mesh_->node[4].signer.votes.height > 0);
    assert_true(mesh_->node[4].signer.size > 0); /* and cosigns */
    mesh_kill(mesh_, 2);
    mesh_until(mesh_, mesh_->agreed + 3);
    mesh_kill(mesh_, 3);
    mesh_run(mesh_, 3000);
    height = mesh_->agreed;
    mesh_run(mesh_, 5000);
    assert_int_equal(mesh_->agreed, height);
    assert_ok(mesh_open(mesh_, 3));
    mesh_until(mesh_, height + 3);
    mesh_same(mesh_);
    assert_true(cy_federation_final(mesh_->node[4].federation)->size >= mesh_->agreed_size[height]);
}

static void a_newcomer_follows_on_probation(void **s)
{
    const struct cy_seat_leave leave = {.reason = rig_line("tired")};

    (void)s;
    mesh_until(mesh_, 2);
    admit();
    mesh_run(mesh_, 2500);
    assert_int_equal(mesh_figures(mesh_, 1).seats, 5);
    assert_ok(mesh_open(mesh_, 4));
    mesh_until(mesh_, mesh_->agreed + 3);
    assert_int_equal(mesh_figures(mesh_, 4).self, 4);
    assert_int_equal(mesh_->node[4].signer.votes.height, 0); /* it never voted */
    assert_ok(mesh_passport(mesh_, 4, 1));                   /* but hands acts in */
    mesh_run(mesh_, 2500);
    assert_int_equal(mesh_->node[4].answered, 1);
    mesh_same(mesh_);
    /* and another leaves: the three that stay are enough */
    assert_ok(mesh_seat_act(mesh_, 2, 0, 2, &cy_schema_seat_leave, &leave));
    mesh_run(mesh_, 2500);
    assert_int_equal(mesh_figures(mesh_, 0).seats, 4);
    mesh_kill(mesh_, 2);
    mesh_until(mesh_, mesh_->agreed + 3);
    mesh_same(mesh_);
}

/* What a trustee, or a member whose packets are lost, has cosigned: handed in beside the packets.
 */
static bool no_cosignatures(struct mesh *mesh, uint32_t from, uint32_t to, struct cy_span packet)
{
    struct cy_packet read;
    struct cy_frame frame;

    (void)mesh;
    (void)from;
    (void)to;
    assert_ok(cy_packet_read(packet, &read));
    while (cy_frame_next(&read.frames, &frame)) {
        if (frame.kind == CY_PEER_COSIGNATURE)
            return false; /* with all that is in the packet */
    }
    return true;
}

static void cosignatures_come_by_other_ways(void **s)
{
    const struct cy_cell *cell = cy_federation_cell(mesh_->node[0].federation);
    struct cy_peer_cosignature line = {0};
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    uint64_t size = 0;

    (void)s;
    mesh_until(mesh_, 2);
    mesh_->tap = no_cosignatures;
    mesh_run(mesh_, 3000);
    size = cy_federation_final(mesh_->node[0].federation)->size;
    assert_true(cell->size > size);
    line.size = cell->size;
    line.root = cy_frontier_root(&cell->frontier);
    cy_checkpoint_write(&text, cy_span_text("ocean.example/federation"), line.size, &line.root);
    for (uint32_t i = 1; i < 3; i++) {
        line.key = mesh_->node[i].signer.key[CY_SIM_KEY_COSIGN];
        cy_sim_signer_raw_cosign(&mesh_->node[i].signer, cy_text_bytes(&text), 1767225700,
                                 line.blob);
        assert_ok(cy_federation_cosigned(mesh_->node[0].federation, &line));
    }
    assert_true(cy_federation_final(mesh_->node[0].federation)->size == line.size);
    assert_code(cy_federation_cosigned(mesh_->node[0].federation, &line), UNASKED);
    line.key.b[0] ^= 1;
    assert_code(cy_federation_cosigned(mesh_->node[0].federation, &line), UNSEATED);
}

/* A seat changes its keys: the old ones are heard no more, the new ones are. */
static void retired_keys_are_not_heard(void **s)
{
    uint8_t room[CY_PEER_STATUS_BYTES];
    struct cy_sim_signer fresh;
    struct cy_seat_rekey rekey = {0};
    struct cy_span old;
    uint8_t bytes[1024];

    (void)s;
    mesh_until(mesh_, 2);
    old =
        mesh_packet(mesh_, 3, mesh_->node[3].session, 1u << 20, CY_PEER_STATUS, status_body(room));
    memcpy(bytes, old.at, old.n);
    cy_sim_signer_new(&fresh, &mesh_->dice);
    rekey.vote_key = fresh.key[CY_SIM_KEY_VOTE];
    rekey.peer_key = fresh.key[CY_SIM_KEY_PEER];
    assert_ok(mesh_seat_act(mesh_, 3, 0, 3, &cy_schema_seat_rekey, &rekey));
    mesh_run(mesh_, 2500);
    assert_code(mesh_give(mesh_, 0, cy_span_of(bytes, old.n)), UNSEATED);
    mesh_kill(mesh_, 3);
    for (unsigned k = CY_SIM_KEY_VOTE; k <= CY_SIM_KEY_PEER;
         k += CY_SIM_KEY_PEER - CY_SIM_KEY_VOTE) {
        mesh_->node[3].signer.key[k] = fresh.key[k];
        mesh_->node[3].signer.secret[k] = fresh.secret[k];
    }
    mesh_->node[3].signer.votes = fresh.votes; /* a new key remembers nothing */
    assert_ok(mesh_open(mesh_, 3));
    mesh_kill(mesh_, 0); /* its vote is needed now */
    mesh_until(mesh_, mesh_->agreed + 4);
    mesh_same(mesh_);
}

/* --- mirrors --- */

static void a_mirror_follows_by_what_it_fetches(void **s)
{
    static uint8_t bytes[CY_PEER_PACKET_MAX];
    struct cy_federation_figures f;
    struct cy_span packet;

    (void)s;
    for (unsigned n = 1; n <= 12; n++) {
        mesh_run(mesh_, 400);
        (void)!cy_ok(mesh_passport(mesh_, n % 4, n));
    }
    mesh_->node[6].mirror = true;
    assert_ok(mesh_open(mesh_, 6));
    assert_int_equal(mesh_figures(mesh_, 6).self, CY_SEATS_MAX);
    for (unsigned k = 0; k < 3; k++) {
        f = mesh_figures(mesh_, 6);
        assert_ok(cy_federation_serve(mesh_->node[1].federation, f.height + 1, f.size, bytes,
                                      sizeof bytes, &packet));
        assert_ok(mesh_give(mesh_, 6, packet));
        assert_int_equal(mesh_height(mesh_, 6), mesh_height(mesh_, 1));
        mesh_same(mesh_);
        mesh_run(mesh_, 2500);
    }
    assert_code(cy_federation_serve(mesh_->node[1].federation, 2, 1, bytes, sizeof bytes, &packet),
                UNASKED);
    assert_int_equal(mesh_->node[6].signer.votes.height, 0);
}

static void another_genesis_does_not_open(void **s)
{
    struct mesh *other = mesh_new(4, 77);

    (void)s;
    mesh_until(mesh_, 1);
    mesh_kill(mesh_, 0);
    memcpy(mesh_->founded.bytes, other->founded.bytes, sizeof other->founded.bytes);
    mesh_->founded.n = other->founded.n;
    assert_code(mesh_open(mesh_, 0), OTHER_FEDERATION);
    mesh_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(time_moves_without_acts, four, end),
        cmocka_unit_test_setup_teardown(acts_stand_everywhere, four, end),
        cmocka_unit_test_setup_teardown(heads_become_final, four, end),
        cmocka_unit_test_setup_teardown(three_of_four_go_on, four, end),
        cmocka_unit_test_setup_teardown(two_of_four_wait, four, end),
        cmocka_unit_test_setup_teardown(all_lose_power_at_once, four, end),
        cmocka_unit_test_setup_teardown(a_newcomer_to_the_talk_catches_up, four, end),
        cmocka_unit_test_setup_teardown(a_lost_disk_is_filled_again, four, end),
        cmocka_unit_test_setup_teardown(a_signer_that_is_away_is_waited_for, four, end),
        cmocka_unit_test_setup_teardown(a_full_disk_is_waited_for, four, end),
        cmocka_unit_test_setup_teardown(a_failed_disk_stops_its_member_only, four, end),
        cmocka_unit_test_setup_teardown(a_partition_heals, four, end),
        cmocka_unit_test(storms_pass),
        cmocka_unit_test_setup_teardown(a_restored_backup_does_not_forget, four, end),
        cmocka_unit_test_setup_teardown(a_lost_agreement_is_made_good, four, end),
        cmocka_unit_test_setup_teardown(a_full_disk_is_said_while_it_lasts, four, end),
        cmocka_unit_test_setup_teardown(who_votes_twice_is_excluded, four, end),
        cmocka_unit_test_setup_teardown(who_cosigns_another_root_is_excluded, four, end),
        cmocka_unit_test_setup_teardown(who_cannot_accuse_passes_it_on, four, end),
        cmocka_unit_test_setup_teardown(hostile_packets_are_counted, four, end),
        cmocka_unit_test_setup_teardown(a_certificate_of_others_is_refused, four, end),
        cmocka_unit_test_setup_teardown(a_flood_is_throttled, four, end),
        cmocka_unit_test_setup_teardown(a_newcomer_is_confirmed, four, end),
        cmocka_unit_test_setup_teardown(cosignatures_come_by_other_ways, four, end),
        cmocka_unit_test_setup_teardown(a_newcomer_follows_on_probation, four, end),
        cmocka_unit_test_setup_teardown(retired_keys_are_not_heard, four, end),
        cmocka_unit_test_setup_teardown(a_mirror_follows_by_what_it_fetches, four, end),
        cmocka_unit_test_setup_teardown(another_genesis_does_not_open, four, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
