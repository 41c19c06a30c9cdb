/* trie_batch: the same tree as by single calls, whatever the keys, their order and what is kept. */
#include "ledger/trie_batch.h"

#include "cm.h"
#include "odd_helper.h"

#include "crypto/hash.h"

#include <stdlib.h>

enum { KEYS = 3000, ROUNDS = 60, MEMORY = 32 << 20 };

static uint64_t seed = 3;

static uint32_t draw(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

/* Digests, and keys that share long beginnings, which nobody's digest would. */
static struct cy_id key_of(uint32_t i)
{
    struct cy_id key = {{0}};

    if (i % 3 != 0)
        return cy_sha256(cy_span_of(&i, sizeof i));
    key.b[7] = (uint8_t)(i % 2);
    key.b[8 + i % 24] = (uint8_t)(1 + i / 24);
    return key;
}

static struct cy_trie_change change_of(void)
{
    const uint32_t value = draw(40);

    return (struct cy_trie_change){.key = key_of(draw(KEYS)),
                                   .value = cy_sha256(cy_span_of(&value, sizeof value)),
                                   .removed = draw(5) == 0};
}

struct pair {
    struct cy_trie one; /* by single calls */
    struct cy_trie many;
    struct cy_trie_batch batch;
    uint32_t kept[2];
    bool has_kept;
};

static void put_one(struct cy_trie *trie, const struct cy_trie_change *change)
{
    bool removed = false;

    if (change->removed)
        assert_ok(cy_trie_remove(trie, &change->key, &removed));
    else
        assert_ok(cy_trie_put(trie, &change->key, &change->value));
}

static void keep_another(struct pair *pair)
{
    if (pair->has_kept) {
        cy_trie_release(&pair->one, pair->kept[0]);
        cy_trie_release(&pair->many, pair->kept[1]);
    }
    assert_ok(cy_trie_keep(&pair->one, &pair->kept[0]));
    assert_ok(cy_trie_keep(&pair->many, &pair->kept[1]));
    pair->has_kept = true;
}

static void same_tree(const struct cy_helper *helper)
{
    static const struct cy_trie_options options = {
        .leaves_max = 2 * KEYS, .nodes_max = 2 * KEYS, .kept_max = 2};
    struct cy_arena memory = cy_arena_on(aligned_alloc(16, MEMORY), MEMORY);
    struct pair pair = {.has_kept = false};
    struct cy_id one, many;

    assert_ok(cy_trie_init(&pair.one, &options, &memory));
    assert_ok(cy_trie_init(&pair.many, &options, &memory));
    assert_ok(cy_trie_batch_init(&pair.batch, &pair.many, helper, &memory));
    assert_ok(cy_trie_batch_end(&pair.batch, &many)); /* nothing */
    for (unsigned round = 0; round < ROUNDS; round++) {
        const size_t used = memory.used;

        for (uint32_t n = draw(round % 2 == 0 ? 40 : 3000); n > 0; n--) {
            const struct cy_trie_change change = change_of();

            put_one(&pair.one, &change);
            cy_trie_batch_add(&pair.batch, &change);
        }
        assert_ok(cy_trie_batch_end(&pair.batch, &many));
        assert_int_equal(pair.many.count, pair.one.count);
        one = cy_trie_commit(&pair.one);
        assert_memory_equal(&one, &many, 32);
        assert_true(cy_trie_verify(&pair.many, &memory));
        cy_arena_rewind(&memory, used);
        if (draw(3) == 0)
            keep_another(&pair);
    }
    free(memory.at);
}

static void the_same_tree(void **s)
{
    (void)s;
    same_tree(NULL);
}

/* More changes than a batch holds, put while the next are gathered: the same root with any helper,
 * and over again on what is kept. */
static void a_helper_changes_nothing(void **s)
{
    static const struct cy_trie_options options = {
        .leaves_max = 4 * CY_TRIE_BATCH, .nodes_max = 4 * CY_TRIE_BATCH, .kept_max = 1};
    struct odd_helper odd = {.late = true};
    const struct cy_helper helpers[] = {
        {&odd, odd_begin, odd_join}
    };
    const size_t bytes = 4 * (size_t)MEMORY;
    struct cy_id roots[3][2];

    (void)s;
    for (unsigned way = 0; way < 3; way++) {
        struct cy_arena memory = cy_arena_on(aligned_alloc(16, bytes), bytes);
        struct cy_trie_batch batch;
        struct cy_trie trie;
        uint32_t kept = 0;

        odd.late = way == 1;
        assert_ok(cy_trie_init(&trie, &options, &memory));
        assert_ok(cy_trie_batch_init(&batch, &trie, way == 0 ? NULL : helpers, &memory));
        for (uint32_t round = 0; round < 2; round++) {
            for (uint32_t i = 0; i < 2 * CY_TRIE_BATCH - 7; i++) {
                struct cy_trie_change change = {.key = cy_sha256(cy_span_of(&i, sizeof i)),
                                                .removed = round == 1 && i % 5 == 0};

                change.value.b[0] = (uint8_t)(round + i);
                cy_trie_batch_add(&batch, &change);
            }
            assert_ok(cy_trie_batch_end(&batch, &roots[way][round]));
            assert_memory_equal(&roots[way][round], &roots[0][round], 32);
            if (round == 0)
                assert_ok(cy_trie_keep(&trie, &kept));
        }
        assert_true(cy_trie_verify(&trie, &memory));
        free(memory.at);
    }
    assert_int_equal(odd.n, 2 * 2 * 2); /* a batch and half the hashing, twice, two ways */
}

/* What has no room is left out and said; the rest goes in. */
static void no_room(void **s)
{
    static const struct cy_trie_options options = {
        .leaves_max = 50, .nodes_max = 60, .kept_max = 1};
    struct cy_arena memory = cy_arena_on(aligned_alloc(16, MEMORY), MEMORY);
    struct cy_trie_batch batch;
    struct cy_trie trie;
    struct cy_id root;

    (void)s;
    assert_ok(cy_trie_init(&trie, &options, &memory));
    assert_ok(cy_trie_batch_init(&batch, &trie, NULL, &memory));
    for (uint32_t i = 0; i < 70; i++)
        cy_trie_batch_add(&batch,
                          &(struct cy_trie_change){.key = cy_sha256(cy_span_of(&i, sizeof i))});
    assert_code(cy_trie_batch_end(&batch, &root), NO_ROOM);
    assert_int_equal(trie.count, 50);
    assert_true(cy_trie_verify(&trie, &memory));
    assert_ok(cy_trie_batch_end(&batch, &root));
    free(memory.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_tree),
        cmocka_unit_test(a_helper_changes_nothing),
        cmocka_unit_test(no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
