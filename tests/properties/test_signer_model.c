/* sim_signer: what the simulator takes for a signer says to every vote what the signer's own memory
 * says (host/signer/vote_memory): random votes, locks and restarts, the same answers. */
#include "host/signer/vote_memory.h"
#include "sim/sim_disk.h"
#include "sim/sim_signer.h"

#include "cm.h"
#include "gen.h"

#define FILE_NAME "votes"
#define ROUNDS 4000

static struct cy_id a_value(struct gen *gen)
{
    struct cy_id value = {0};

    value.b[0] = (uint8_t)gen_draw(gen, 4); /* 0: nil */
    return value;
}

static struct cy_vote a_vote(struct gen *gen, const struct cy_sim_votes *last)
{
    struct cy_vote vote = {.origin = cy_span_text("sim.example/federation"),
                           .height = last->height + gen_draw(gen, 2),
                           .round = last->round + (uint32_t)gen_draw(gen, 2),
                           .step = (enum cy_vote_step)gen_draw(gen, 3),
                           .after = CY_NO_ROUND,
                           .value = a_value(gen),
                           .time = 1 + gen_draw(gen, 1000)};

    if (vote.height == 0 || gen_one_in(gen, 20))
        vote.height = 1 + gen_draw(gen, last->height + 2);
    if (vote.height > last->height || gen_one_in(gen, 6))
        vote.round = (uint32_t)gen_draw(gen, 3);
    if (vote.step == CY_VOTE_PROPOSE && cy_id_none(&vote.value))
        vote.value.b[0] = 1;
    return vote;
}

static struct cy_vote_lock a_lock(struct gen *gen, const struct cy_sim_votes *last)
{
    struct cy_vote_lock lock = {.round = CY_NO_ROUND};

    if (gen_one_in(gen, 2))
        return lock;
    if (gen_one_in(gen, 2))
        return last->lock;
    lock.round = (uint32_t)gen_draw(gen, last->round + 2);
    lock.value = a_value(gen);
    return lock;
}

static void the_model_answers_as_the_signer(void **s)
{
    unsigned codes[3] = {0}; /* signed, VOTE_BACK, VOTE_CONFLICT */
    unsigned again = 0;

    (void)s;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct gen gen = gen_on(seed, NULL);
        struct cy_sim_dice dice = {seed};
        struct cy_sim_disk *disk = cy_sim_disk_new();
        struct cy_disk face = cy_sim_disk_face(disk);
        struct cy_vote_memory *memory = NULL;
        static struct cy_sim_signer signer;
        const struct cy_id key = {.b = {7}};

        cy_sim_signer_new(&signer, &dice);
        assert_ok(cy_vote_memory_make(&face, FILE_NAME));
        assert_ok(cy_vote_memory_open(&face, FILE_NAME, 4, &memory));
        for (unsigned i = 0; i < ROUNDS / 20; i++) {
            const struct cy_vote vote = a_vote(&gen, &signer.votes);
            const struct cy_vote_lock lock = a_lock(&gen, &signer.votes);
            struct cy_vote_last last;
            struct cy_vote_lock real_lock;
            struct cy_vote real_last;
            struct cy_vote said[2];
            uint8_t signature[64];
            const cy_err model = cy_sim_signer_vote(&signer, &vote, &lock, &said[0], signature);
            const cy_err real = cy_vote_memory_take(memory, &key, &vote, &lock, &said[1]);

            assert_int_equal(model.code, real.code);
            codes[cy_ok(model) ? 0 : model.code == CY_E_VOTE_BACK ? 1 : 2]++;
            if (cy_ok(model)) {
                assert_ok(cy_vote_memory_commit(memory));
                assert_memory_equal(said[0].value.b, said[1].value.b, 32);
                assert_int_equal(said[0].time, said[1].time);
                assert_int_equal(said[0].round, said[1].round);
                again += !cy_id_eq(&said[0].value, &vote.value);
            }
            cy_sim_signer_last(&signer, &last);
            assert_int_equal(
                last.any, cy_vote_memory_last(memory, &key, vote.origin, &real_last, &real_lock));
            if (last.any) {
                assert_int_equal(last.height, real_last.height);
                assert_int_equal(last.round, real_last.round);
                assert_int_equal(last.step, real_last.step);
                assert_int_equal(last.lock.round, real_lock.round);
                assert_memory_equal(last.lock.value.b, real_lock.value.b, 32);
            }
            if (gen_one_in(&gen, 50)) { /* a power cut: what was committed is there */
                cy_vote_memory_close(memory);
                cy_sim_disk_power_cut(disk, gen_draw(&gen, 5));
                assert_ok(cy_vote_memory_open(&face, FILE_NAME, 4, &memory));
            }
        }
        cy_vote_memory_close(memory);
        cy_sim_disk_free(disk);
    }
    for (unsigned i = 0; i < 3; i++)
        assert_true(codes[i] > 100);
    assert_true(again > 50);
}

static void heads_go_on(void **s)
{
    static struct cy_sim_signer signer;
    struct cy_sim_dice dice = {3};
    uint8_t blob[CY_COSIGNATURE_BYTES];
    struct cy_id roots[3] = {{{1}}, {{2}}, {{3}}};
    char memory[CY_CHECKPOINT_MAX];
    const struct {
        uint64_t size;
        unsigned root;
        enum cy_code code;
    } cases[] = {
        {5, 0, CY_E_NONE         },
        {5, 0, CY_E_NONE         },
        {5, 1, CY_E_HEAD_CONFLICT},
        {4, 1, CY_E_HEAD_ROLLBACK},
        {6, 2, CY_E_HEAD_UNPROVEN},
        {5, 0, CY_E_NONE         },
    };

    (void)s;
    cy_sim_signer_new(&signer, &dice);
    for (unsigned i = 0; i < CY_COUNT(cases); i++) {
        struct cy_text text = cy_text_on(memory, sizeof memory);

        cy_checkpoint_write(&text, cy_span_text("sim.example/federation"), cases[i].size,
                            &roots[cases[i].root]);
        assert_int_equal(
            cy_sim_signer_cosign(&signer, cy_text_bytes(&text), 1767225600, NULL, 0, blob).code,
            cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_model_answers_as_the_signer),
        cmocka_unit_test(heads_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
