/* gossip: nobody is told what it has, and whoever lacks something gets it all the same. */
#include "mesh.h"

static struct mesh *mesh_;

/* What went over the network. */
static struct {
    uint64_t frames[CY_PEER_OUTLINE + 1];
    uint64_t votes[CY_SEATS_MAX][CY_SEATS_MAX]; /* vote notes from, to */
    uint64_t bytes;
} sent_;

/* What does not arrive: frames of a kind, from a seat, to a seat; UINT32_MAX: any. */
static struct {
    enum cy_peer_kind kind;
    uint32_t from;
    uint32_t to;
} lost_;

static uint8_t act_[CY_ENTRY_MAX]; /* told last */
static size_t act_n_;

static bool counts(struct mesh *mesh, uint32_t from, uint32_t to, struct cy_span bytes)
{
    struct cy_packet packet;
    struct cy_frame frame;
    bool lost = false;

    (void)mesh;
    assert_ok(cy_packet_read(bytes, &packet));
    sent_.bytes += bytes.n;
    while (cy_frame_next(&packet.frames, &frame)) {
        sent_.frames[frame.kind]++;
        if (frame.kind == CY_PEER_ACT) {
            act_n_ = frame.body.n;
            memcpy(act_, frame.body.at, act_n_);
        }
        sent_.votes[from][to] += frame.kind == CY_PEER_VOTE;
        lost = lost || (frame.kind == lost_.kind && (lost_.from == from || lost_.from > 99) &&
                        (lost_.to == to || lost_.to > 99));
    }
    return !lost;
}

static int start(void **s)
{
    (void)s;
    mesh_ = mesh_new(4, 1);
    mesh_open_all(mesh_);
    memset(&lost_, 0, sizeof lost_);
    mesh_->tap = counts;
    mesh_until(mesh_, 1);
    memset(&sent_, 0, sizeof sent_);
    return 0;
}

static int end(void **s)
{
    (void)s;
    mesh_free(mesh_);
    return 0;
}

static bool stands(uint32_t node, unsigned n)
{
    const struct cy_cell *cell = cy_federation_cell(mesh_->node[node].federation);

    return CY_GET(&cell->engine.world, passport, &mesh_->rig->id[n]) != NULL;
}

/* In calm weather an act goes to each member once, and no block goes as a whole. */
static void an_act_is_told_once(void **s)
{
    (void)s;
    for (unsigned n = 1; n <= 40; n++)
        assert_ok(mesh_passport(mesh_, n % 4, n));
    mesh_run(mesh_, 3000);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(stands(i, 40) && stands(i, 1));
    assert_int_equal(sent_.frames[CY_PEER_ACT], 40 * 3);
    assert_int_equal(sent_.frames[CY_PEER_BLOCK], 0);
    assert_int_equal(sent_.frames[CY_PEER_WANT_ACTS], 0);
    assert_true(sent_.frames[CY_PEER_OUTLINE] > 0);
}

/* Two of four wait for the others: what each has of the other it is not told again. */
static void a_stall_is_quiet(void **s)
{
    (void)s;
    mesh_kill(mesh_, 1);
    mesh_kill(mesh_, 2);
    mesh_run(mesh_, 30000);
    assert_true(sent_.votes[0][3] > 0);
    memset(&sent_, 0, sizeof sent_);
    mesh_run(mesh_, 30000);
    assert_int_equal(sent_.votes[0][3], 0);
    assert_int_equal(sent_.votes[3][0], 0);
    assert_true(sent_.votes[0][1] > 0); /* who is away is called, ever more rarely */
    assert_true(sent_.votes[0][1] < 120);
    assert_true(sent_.bytes < 300000);
    assert_ok(mesh_open(mesh_, 1));
    mesh_until(mesh_, mesh_->agreed + 1);
}

/* Member 2 never hears the acts: the outline says what it lacks, and it asks for that. */
static void lost_acts_are_asked_for(void **s)
{
    (void)s;
    lost_.kind = CY_PEER_ACT;
    lost_.from = 0;
    lost_.to = 2;
    assert_ok(mesh_passport(mesh_, 0, 1));
    lost_.kind = 0;
    for (unsigned n = 2; n <= 6; n++)
        assert_ok(mesh_passport(mesh_, n % 2, n));
    mesh_run(mesh_, 1000);
    assert_true(stands(2, 1));
    assert_true(sent_.frames[CY_PEER_WANT_ACTS] + sent_.frames[CY_PEER_BLOCK] > 0);
}

/* Nobody hears of it at first, and the member that has it does not get to propose: it offers. */
static void a_waiting_act_is_offered(void **s)
{
    (void)s;
    lost_.kind = CY_PEER_ACT;
    lost_.from = 0;
    lost_.to = UINT32_MAX;
    assert_ok(mesh_passport(mesh_, 0, 1));
    lost_.kind = CY_PEER_OUTLINE; /* of its own */
    mesh_run(mesh_, 12 * MESH_BEAT_MS);
    assert_true(sent_.frames[CY_PEER_OFFER] > 0);
    assert_true(sent_.frames[CY_PEER_WANT_ACTS] > 0);
    mesh_run(mesh_, 5000);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(stands(i, 1));
}

/* An outline of acts that are not those of the block: the block itself is asked for. */
static void no_outline_at_all(void **s)
{
    (void)s;
    lost_.kind = CY_PEER_OUTLINE;
    lost_.from = UINT32_MAX;
    lost_.to = 3;
    assert_ok(mesh_passport(mesh_, 0, 1));
    mesh_run(mesh_, 10000);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(stands(i, 1));
    mesh_same(mesh_);
}

/* A member whose cosignatures reach one other only: that one passes them on. */
static void cosignatures_are_passed_on(void **s)
{
    uint64_t final = 0;

    (void)s;
    mesh_kill(mesh_, 3); /* all of the three others are needed */
    lost_.kind = CY_PEER_COSIGNATURE;
    lost_.from = 0;
    lost_.to = 2;
    final = mesh_figures(mesh_, 2).final_size;
    for (unsigned k = 0; k < 20; k++) {
        assert_ok(mesh_passport(mesh_, 1, 1 + k));
        mesh_run(mesh_, 1500);
    }
    assert_true(mesh_figures(mesh_, 2).final_size > final + 10);
}

/* An act that waits, or stands, is known by its id: its signature is not looked at again, not even
 * a false one. */
static void what_is_known_is_not_verified(void **s)
{
    (void)s;
    assert_ok(mesh_passport(mesh_, 0, 1));
    assert_true(act_n_ > 64);
    assert_ok(mesh_send(mesh_, 1, cy_span_of(act_, act_n_))); /* before it came by packet */
    act_[act_n_ - 1] ^= 1;                                    /* of the signature */
    assert_code(mesh_send(mesh_, 2, cy_span_of(act_, act_n_)), BAD_SIGNATURE);
    assert_code(mesh_send(mesh_, 1, cy_span_of(act_, act_n_)), REPLAY);
    mesh_run(mesh_, 2000);
    assert_true(stands(2, 1));
    assert_code(mesh_send(mesh_, 2, cy_span_of(act_, act_n_)), REPLAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_act_is_told_once, start, end),
        cmocka_unit_test_setup_teardown(a_stall_is_quiet, start, end),
        cmocka_unit_test_setup_teardown(lost_acts_are_asked_for, start, end),
        cmocka_unit_test_setup_teardown(a_waiting_act_is_offered, start, end),
        cmocka_unit_test_setup_teardown(no_outline_at_all, start, end),
        cmocka_unit_test_setup_teardown(cosignatures_are_passed_on, start, end),
        cmocka_unit_test_setup_teardown(what_is_known_is_not_verified, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
