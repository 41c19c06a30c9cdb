/* The parts of a member's node alone: what waits, what is promised, who may speak, what is final.
 */
#include "cm.h"

#include "realm/finality.h"
#include "realm/pool.h"
#include "realm/promise.h"
#include "realm/session.h"
#include "sim/sim_disk.h"
#include "sim/sim_signer.h"

#include "crypto/note_key.h"

#include <stdlib.h>
#include <string.h>

/* --- pool --- */

static struct cy_pool pool_;
static void *pool_memory_;

static int pool_begin(void **s)
{
    const size_t n = cy_pool_bytes(16, 1000);
    struct cy_arena fresh;

    (void)s;
    pool_memory_ = aligned_alloc(16, (n + 15) & ~(size_t)15);
    memset(pool_memory_, 0, n);
    fresh = cy_arena_on(pool_memory_, n);
    assert_ok(cy_pool_init(&pool_, 16, 1000, &fresh));
    return 0;
}

static int pool_end(void **s)
{
    (void)s;
    free(pool_memory_);
    return 0;
}

static cy_err add(unsigned author, unsigned id, size_t n, bool mine)
{
    static uint8_t bytes[2000];
    struct cy_act act = {.id = {{(uint8_t)id, 1}}, .bytes = cy_span_of(bytes, n)};

    memset(bytes, (int)id, sizeof bytes);
    act.envelope.claims.author = (struct cy_id){
        {(uint8_t)author, 2}
    };
    act.envelope.claims.expires = id;
    return cy_pool_add(&pool_, &act, mine);
}

static void turns_are_fair(void **s)
{
    /* author 1 sends five, then 2 two, then 3 one: first turns first, then second ones ... */
    static const unsigned wanted[] = {1, 6, 8, 2, 7, 3, 4, 5};

    (void)s;
    for (unsigned id = 1; id <= 5; id++)
        assert_ok(add(1, id, 10, false));
    assert_ok(add(2, 6, 10, false));
    assert_ok(add(2, 7, 10, false));
    assert_ok(add(3, 8, 10, false));
    for (uint32_t i = 0; i < pool_.n; i++) {
        const struct cy_pool_act *act = cy_pool_nth(&pool_, i);

        assert_int_equal(act->id.b[0], wanted[i]);
        assert_int_equal(cy_pool_span(&pool_, act).at[9], wanted[i]);
    }
}

static void the_pool_is_bounded(void **s)
{
    (void)s;
    assert_ok(add(1, 1, 10, false));
    assert_code(add(1, 1, 10, true), REPLAY);
    assert_true(cy_pool_find(&pool_,
                             &(struct cy_id){
                                 {1, 1}
    })
                    ->mine);                        /* it is ours by now, too */
    assert_code(add(1, 2, 991, false), QUEUE_FULL); /* bytes */
    for (unsigned id = 2; id <= 8; id++)
        assert_ok(add(1, id, 10, false));           /* while there is room anybody may take it */
    assert_code(add(1, 10, 10, false), QUEUE_FULL); /* then nobody takes more than an eighth */
    assert_ok(add(2, 11, 10, false));
    assert_ok(add(2, 12, 10, false));
    assert_code(add(2, 13, 10, false), QUEUE_FULL);
    for (unsigned id = 20; id < 26; id++)
        assert_ok(add(id, id, 10, false));
    assert_int_equal(pool_.n, 16);
    assert_code(add(99, 99, 10, false), QUEUE_FULL);
}

static void what_leaves_makes_room(void **s)
{
    (void)s;
    for (unsigned id = 1; id <= 5; id++)
        assert_ok(add(1, id, 100 + id, false));
    cy_pool_drop(cy_pool_find(&pool_, &(struct cy_id){
                                          {1, 1}
    }));
    cy_pool_drop(cy_pool_find(&pool_, &(struct cy_id){
                                          {3, 1}
    }));
    cy_pool_tidy(&pool_);
    assert_int_equal(pool_.n, 3);
    assert_int_equal(pool_.n_bytes, 102 + 104 + 105);
    assert_null(cy_pool_find(&pool_, &(struct cy_id){
                                         {3, 1}
    }));
    for (uint32_t i = 0; i < 3; i++) {
        static const uint8_t left[] = {2, 4, 5};
        const struct cy_pool_act *act = cy_pool_nth(&pool_, i);

        assert_int_equal(act->id.b[0], left[i]);
        assert_int_equal(act->turn, i);
        assert_int_equal(cy_pool_span(&pool_, act).n, 100u + left[i]);
        assert_int_equal(cy_pool_span(&pool_, act).at[0], left[i]);
    }
    assert_ok(add(1, 1, 10, false)); /* and may come again */
}

/* --- promises --- */

static uint8_t scratch_[CY_PROMISE_BYTES];
static uint8_t other_[CY_PROMISE_BYTES];

static struct cy_promise promise(void)
{
    static uint8_t block[3000];
    struct cy_promise out = {
        .decided = {.height = 6, .round = 1, .size = 77, .root = {{7}}, .n = 3},
        .cosigned = 70,
        .height = 7,
        .locked_round = 2,
        .locked = {{8}},
        .n = 3,
        .block = cy_span_of(block, sizeof block)
    };

    memset(block, 0x5b, sizeof block);
    for (uint32_t i = 0; i < 3; i++) {
        out.decided.ballots[i].seat = i;
        out.decided.ballots[i].time = 100 + i;
        out.decided.ballots[i].signature[63] = (uint8_t)i;
        out.prevotes[i].seat = 15 - i;
        out.prevotes[i].time = 200 + i;
        out.prevotes[i].signature[0] = (uint8_t)(10 + i);
    }
    return out;
}

static void a_promise_is_kept(void **s)
{
    struct cy_sim_disk *sim = cy_sim_disk_new();
    const struct cy_disk disk = cy_sim_disk_face(sim);
    const struct cy_promise said = promise();
    struct cy_promise got;

    (void)s;
    assert_ok(cy_promise_load(&disk, &got, scratch_)); /* no file: nothing */
    assert_int_equal(got.height, 0);
    assert_int_equal(got.locked_round, CY_NO_ROUND);
    assert_ok(cy_disk_make_dirs(&disk, CY_DISK_FRESH));
    assert_ok(cy_promise_save(&disk, &said, scratch_));
    cy_sim_disk_power_cut(sim, 0);
    assert_ok(cy_promise_load(&disk, &got, other_));
    assert_int_equal(got.decided.height, 6);
    assert_int_equal(got.decided.size, 77);
    assert_int_equal(got.decided.n, 3);
    assert_int_equal(got.decided.ballots[2].signature[63], 2);
    assert_int_equal(got.cosigned, 70);
    assert_int_equal(got.height, 7);
    assert_int_equal(got.locked_round, 2);
    assert_int_equal(got.locked.b[0], 8);
    assert_int_equal(got.n, 3);
    assert_int_equal(got.prevotes[1].seat, 14);
    assert_int_equal(got.prevotes[1].time, 201);
    assert_int_equal(got.prevotes[2].signature[0], 12);
    assert_true(cy_span_eq(got.block, said.block));
    cy_sim_disk_free(sim);
}

static void a_damaged_promise_is_none(void **s)
{
    const struct cy_promise said = promise();
    struct cy_promise got;

    (void)s;
    for (uint64_t at = 0; at < 3600; at += 13) {
        struct cy_sim_disk *sim = cy_sim_disk_new();
        const struct cy_disk disk = cy_sim_disk_face(sim);

        assert_ok(cy_disk_make_dirs(&disk, CY_DISK_FRESH));
        assert_ok(cy_promise_save(&disk, &said, scratch_));
        if (cy_sim_disk_flip(sim, CY_PROMISE_FILE, at, 1)) {
            assert_code(cy_promise_load(&disk, &got, other_), AGREEMENT_DAMAGED);
            assert_int_equal(got.height, 0);
            assert_int_equal(got.decided.height, 0);
            assert_int_equal(got.block.n, 0);
        }
        cy_sim_disk_free(sim);
    }
}

/* --- sessions --- */

static cy_err admit(struct cy_peer *peer, uint64_t session, uint64_t number, size_t bytes)
{
    const struct cy_packet packet = {.session = session, .number = number};

    CY_TRY(cy_peer_admit(peer, &packet, bytes));
    cy_peer_seen(peer, &packet);
    return CY_OK;
}

static void numbers_ascend(void **s)
{
    struct cy_peer peer = {0};

    (void)s;
    cy_peer_fill(&peer, 10000);
    assert_ok(admit(&peer, 5, 100, 1));
    assert_code(admit(&peer, 5, 100, 1), PACKET_OLD);
    assert_ok(admit(&peer, 5, 99, 1)); /* late */
    assert_code(admit(&peer, 5, 99, 1), PACKET_OLD);
    assert_ok(admit(&peer, 5, 163, 1));
    assert_code(admit(&peer, 5, 99, 1), PACKET_OLD);
    assert_code(admit(&peer, 5, 100, 1), PACKET_OLD);
    assert_ok(admit(&peer, 5, 101, 1));
    assert_code(admit(&peer, 4, 999, 1), PACKET_OLD); /* an earlier life */
    assert_ok(admit(&peer, 6, 1, 1));
    assert_code(admit(&peer, 5, 999, 1), PACKET_OLD);
    assert_ok(admit(&peer, 6, UINT64_MAX, 1));
    assert_code(admit(&peer, 6, 1, 1), PACKET_OLD);
}

static void a_budget_fills_with_time(void **s)
{
    struct cy_peer peer = {0};
    uint64_t number = 0;

    (void)s;
    assert_code(admit(&peer, 1, ++number, 1), THROTTLED); /* nothing yet */
    cy_peer_fill(&peer, 10000);
    assert_ok(admit(&peer, 1, ++number, 2 * CY_PEER_BYTES_S)); /* never more than two seconds' */
    assert_code(admit(&peer, 1, ++number, 1), THROTTLED);
    cy_peer_fill(&peer, 9000); /* a clock that goes back */
    assert_code(admit(&peer, 1, ++number, 1), THROTTLED);
    cy_peer_fill(&peer, 9500);
    assert_ok(admit(&peer, 1, ++number, CY_PEER_BYTES_S / 2));
    assert_code(admit(&peer, 1, ++number, 1), THROTTLED);
    assert_int_equal(peer.throttled, 4);
    for (unsigned i = 0; i < 32 + 128; i++)
        (void)!cy_ok(cy_peer_works(&peer));
    assert_code(cy_peer_works(&peer), THROTTLED);
}

/* --- finality --- */

#define ORIGIN "ocean.example/federation"

static struct cy_finality finality_;
static struct cy_sim_signer signers_[5];

/* Three of the four cells and the one trustee. */
static int finality_begin(void **s)
{
    struct cy_sim_dice dice = {.state = 5};

    (void)s;
    memset(&finality_, 0, sizeof finality_);
    assert_ok(cy_name_of(cy_span_text(ORIGIN), &finality_.origin));
    for (uint32_t i = 0; i < 5; i++) {
        struct cy_cosigner *cosigner = &finality_.cosigners[i];
        const char name[2] = {(char)('a' + i), 0};

        cy_sim_signer_new(&signers_[i], &dice);
        cosigner->key = signers_[i].key[CY_SIM_KEY_COSIGN];
        assert_ok(cy_name_of(cy_span_text(name), &cosigner->name));
        cosigner->note_id = cy_note_key_id(cy_span_text(name), CY_NOTE_COSIGNATURE, &cosigner->key);
        finality_.policy.node[i] =
            (struct cy_policy_node){.number = i, .key = cosigner->key, .group = i < 4 ? 6 : 7};
    }
    finality_.policy.node[5] = (struct cy_policy_node){.number = 5, .need = 3, .group = 7};
    finality_.policy.node[6] = (struct cy_policy_node){.number = 6, .need = 2, .quorum = true};
    finality_.n = 5;
    finality_.policy.n = 7;
    return 0;
}

static struct cy_peer_cosignature cosign(uint32_t who, uint64_t size, const struct cy_id *root)
{
    struct cy_peer_cosignature out = {
        .size = size, .root = *root, .key = signers_[who].key[CY_SIM_KEY_COSIGN]};
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    cy_checkpoint_write(&text, cy_span_text(ORIGIN), size, root);
    cy_sim_signer_raw_cosign(&signers_[who], cy_text_bytes(&text), 1767225600, out.blob);
    return out;
}

static cy_err take(uint32_t who, uint64_t size, struct cy_id root)
{
    const struct cy_peer_cosignature line = cosign(who, size, &root);

    return cy_finality_add(&finality_, &line);
}

static void a_head_is_final_when_its_policy_is_met(void **s)
{
    const struct cy_id root = {{1}};

    (void)s;
    cy_finality_agreed(&finality_, 3, 30, &root);
    for (uint32_t i = 0; i < 3; i++) {
        assert_null(cy_finality_newest(&finality_));
        assert_ok(take(i, 30, root));
    }
    assert_null(cy_finality_newest(&finality_)); /* the trustee is missing */
    assert_code(take(2, 30, root), UNASKED);
    assert_ok(take(4, 30, root));
    assert_int_equal(cy_finality_newest(&finality_)->size, 30);
    finality_.final_size = 30;
    assert_null(cy_finality_newest(&finality_));
    assert_ok(take(3, 30, root)); /* late: kept, for what it may contradict */
    assert_code(take(3, 30, root), UNASKED);
}

static void trustees_and_one_cell_are_not_enough(void **s)
{
    const struct cy_id root = {{1}};

    (void)s;
    cy_finality_agreed(&finality_, 3, 30, &root);
    assert_ok(take(4, 30, root));
    assert_ok(take(0, 30, root));
    assert_ok(take(1, 30, root));
    assert_null(cy_finality_newest(&finality_));
}

static void cosignatures_wait_for_their_head(void **s)
{
    const struct cy_id root = {{1}};

    (void)s;
    for (uint32_t i = 0; i < 5; i++)
        assert_ok(take(i, 30, root));
    assert_null(cy_finality_newest(&finality_));
    cy_finality_agreed(&finality_, 3, 30, &root);
    assert_int_equal(cy_finality_newest(&finality_)->n, 5);
}

static void what_is_wrong_is_refused(void **s)
{
    const struct cy_id root = {{1}};
    struct cy_peer_cosignature line;

    (void)s;
    cy_finality_agreed(&finality_, 3, 30, &root);
    assert_code(take(0, 30, (struct cy_id){{2}}), OTHER_HEAD);
    assert_code(take(0, 29, root), UNASKED); /* no agreed head of that size */
    line = cosign(0, 30, &root);
    line.blob[20] ^= 1;
    assert_code(cy_finality_add(&finality_, &line), BAD_SIGNATURE);
    line = cosign(0, 30, &root);
    line.key.b[0] ^= 1;
    assert_code(cy_finality_add(&finality_, &line), UNSEATED);
    line = cosign(0, 30, &root);
    line.key = signers_[1].key[CY_SIM_KEY_COSIGN]; /* another's name under it */
    assert_code(cy_finality_add(&finality_, &line), BAD_SIGNATURE);
    assert_null(cy_finality_newest(&finality_));
}

/* Whichever comes first, and before or after the head is agreed. */
static void two_heads_of_one_size_are_found(void **s)
{
    const struct cy_id root = {{1}};
    const struct cy_id other = {{2}};
    struct cy_cosigned_twice twice;

    (void)s;
    cy_finality_agreed(&finality_, 3, 30, &root);
    assert_ok(take(0, 30, root));
    assert_code(take(1, 30, other), OTHER_HEAD);
    assert_false(cy_finality_twice(&finality_, &twice)); /* two keys */
    assert_code(take(0, 30, other), OTHER_HEAD);
    assert_true(cy_finality_twice(&finality_, &twice));
    assert_true(cy_id_eq(&twice.line[0].root, &root) && cy_id_eq(&twice.line[1].root, &other));
    assert_true(cy_id_eq(&twice.line[0].key, &twice.line[1].key));
    assert_false(cy_finality_twice(&finality_, &twice)); /* taken */
    assert_ok(take(1, 30, root));
    assert_true(cy_finality_twice(&finality_, &twice));
    assert_ok(take(2, 40, other));
    assert_ok(take(2, 41, root)); /* another size: no contradiction by itself */
    assert_false(cy_finality_twice(&finality_, &twice));
    assert_ok(take(2, 40, root)); /* neither is agreed yet */
    assert_true(cy_finality_twice(&finality_, &twice));
    finality_.final_size = 30;
    assert_ok(take(3, 30, root));
    assert_code(take(3, 30, other), OTHER_HEAD); /* final meanwhile */
    assert_true(cy_finality_twice(&finality_, &twice));
}

static void a_note_carries_it_to_others(void **s)
{
    static char memory[16384];
    static struct cy_finality there;
    struct cy_text note = cy_text_on(memory, sizeof memory);
    const struct cy_id root = {{1}};

    (void)s;
    cy_finality_agreed(&finality_, 3, 30, &root);
    there = finality_; /* another member, who has heard no cosignature */
    for (uint32_t i = 1; i < 5; i++)
        assert_ok(take(i, 30, root));
    cy_finality_note(&finality_, cy_finality_newest(&finality_), &note);
    assert_ok(cy_finality_take(&there, cy_text_bytes(&note)));
    assert_int_equal(cy_finality_newest(&there)->size, 30);
    assert_ok(cy_finality_take(&there, cy_text_bytes(&note))); /* again: nothing new */
    assert_code(cy_finality_take(&there, cy_span_text("no note")), BAD_NOTE);
    memory[3] ^= 1; /* another ledger's */
    assert_code(cy_finality_take(&there, cy_text_bytes(&note)), OTHER_LOG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(turns_are_fair, pool_begin, pool_end),
        cmocka_unit_test_setup_teardown(the_pool_is_bounded, pool_begin, pool_end),
        cmocka_unit_test_setup_teardown(what_leaves_makes_room, pool_begin, pool_end),
        cmocka_unit_test(a_promise_is_kept),
        cmocka_unit_test(a_damaged_promise_is_none),
        cmocka_unit_test(numbers_ascend),
        cmocka_unit_test(a_budget_fills_with_time),
        cmocka_unit_test_setup(a_head_is_final_when_its_policy_is_met, finality_begin),
        cmocka_unit_test_setup(trustees_and_one_cell_are_not_enough, finality_begin),
        cmocka_unit_test_setup(cosignatures_wait_for_their_head, finality_begin),
        cmocka_unit_test_setup(what_is_wrong_is_refused, finality_begin),
        cmocka_unit_test_setup(two_heads_of_one_size_are_found, finality_begin),
        cmocka_unit_test_setup(a_note_carries_it_to_others, finality_begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
