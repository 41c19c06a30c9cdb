/* sim_book, sim_oracle: every promise that can be broken is noticed when it is broken. */
#include "sim/sim_book.h"
#include "sim/sim_founding.h"

#include "cm.h"

#include "crypto/note_key.h"

#include <stdlib.h>

#define ORIGIN "ocean.example/federation"
#define SEATS 4u

struct hall {
    struct cy_sim_signer signers[SEATS];
    const struct cy_sim_signer *seats[SEATS];
    struct cy_sim_founded founded;
    struct cy_sim_book *book;
    struct cy_id policy;
};

static const struct cy_id one = {{1}};
static const struct cy_id two = {{2}};
static const struct cy_id three = {{3}};

static int start(void **s)
{
    struct hall *h = calloc(1, sizeof *h);
    struct cy_sim_dice dice = {5};
    struct cy_sim_founding founding = {
        .origin = ORIGIN, .now = 1767225600000u, .seats = h->seats, .n = SEATS, .idle_ms = 500};

    for (unsigned i = 0; i < SEATS; i++) {
        cy_sim_signer_new(&h->signers[i], &dice);
        h->seats[i] = &h->signers[i];
    }
    cy_sim_found(&founding, &h->founded);
    h->policy = cy_sha256(cy_span_text(h->founded.policy));
    h->book = cy_sim_book_new(&(struct cy_sim_book_options){.origin = ORIGIN,
                                                            .policy = h->founded.policy,
                                                            .seats = h->seats,
                                                            .n_seats = SEATS,
                                                            .traitors = 8});
    *s = h;
    return 0;
}

static int finish(void **s)
{
    struct hall *h = *s;

    cy_sim_book_free(h->book);
    free(h);
    return 0;
}

static void one_head_a_height(void **s)
{
    struct hall *h = *s;

    assert_null(cy_sim_book_agreed(h->book, 1, 3, &one));
    assert_null(cy_sim_book_agreed(h->book, 1, 3, &one));
    assert_null(cy_sim_book_agreed(h->book, 700, 9, &two));
    assert_string_equal(cy_sim_book_agreed(h->book, 1, 3, &two),
                        "two honest members agreed on two heads of one height");
    assert_non_null(cy_sim_book_agreed(h->book, 1, 4, &one));
    assert_int_equal(cy_sim_book_height(h->book), 700);
}

static void one_world_a_height(void **s)
{
    struct hall *h = *s;

    assert_null(cy_sim_book_world(h->book, 2, &one));
    assert_null(cy_sim_book_world(h->book, 2, &one));
    assert_null(cy_sim_book_world(h->book, 3, &two));
    assert_non_null(cy_sim_book_world(h->book, 2, &two));
}

static void one_cosigned_head_a_size(void **s)
{
    struct hall *h = *s;

    assert_null(cy_sim_book_cosigned(h->book, 9, &one));
    assert_null(cy_sim_book_cosigned(h->book, 3, &two));
    assert_null(cy_sim_book_cosigned(h->book, 5, &three));
    assert_null(cy_sim_book_cosigned(h->book, 3, &two));
    assert_non_null(cy_sim_book_cosigned(h->book, 3, &three));
    assert_non_null(cy_sim_book_cosigned(h->book, 9, &two));
}

static void one_place_an_act(void **s)
{
    struct hall *h = *s;

    assert_null(cy_sim_book_acked(h->book, &one, 7));
    assert_null(cy_sim_book_acked(h->book, &one, 7));
    assert_non_null(cy_sim_book_acked(h->book, &one, 8));
    assert_non_null(cy_sim_book_acked(h->book, &two, 7));
    assert_null(cy_sim_book_acked(h->book, &two, 8));
    assert_int_equal(cy_sim_book_acks(h->book), 2);
}

static void only_traitors_are_convicted(void **s)
{
    struct hall *h = *s;

    assert_null(cy_sim_book_convicted(h->book, 3));
    assert_non_null(cy_sim_book_convicted(h->book, 2));
    cy_sim_book_traitor(h->book, 2);
    assert_null(cy_sim_book_convicted(h->book, 2));
}

/* A head with the cosignatures of some seats; bad: one of them does not verify. */
static struct cy_head head_of(const struct hall *h, uint64_t size, const struct cy_id *root,
                              unsigned signers, bool bad)
{
    struct cy_head head = {.size = size, .root = *root};
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    struct cy_text note = cy_text_on(head.note, sizeof head.note);

    cy_checkpoint_write(&text, cy_span_text(ORIGIN), size, root);
    cy_note_begin(&note, cy_text_bytes(&text));
    for (unsigned i = 0; i < SEATS; i++) {
        const struct cy_id *key = &h->signers[i].key[CY_SIM_KEY_COSIGN];
        uint8_t blob[CY_COSIGNATURE_BYTES];
        char name_memory[64];
        struct cy_text name = cy_text_on(name_memory, sizeof name_memory);

        if ((signers >> i & 1) == 0)
            continue;
        cy_sim_seat_name(&name, i);
        cy_sim_signer_raw_cosign(&h->signers[i], cy_text_bytes(&text), 1767225600, blob);
        blob[40] ^= bad ? 1 : 0;
        cy_note_line(&note, cy_text_bytes(&name),
                     cy_note_key_id(cy_text_bytes(&name), CY_NOTE_COSIGNATURE, key),
                     cy_span_of(blob, sizeof blob));
    }
    assert_false(note.full);
    head.n = (uint32_t)note.n;
    return head;
}

static void what_is_final_meets_the_policy(void **s)
{
    struct hall *h = *s;
    struct cy_head head = head_of(h, 3, &one, 7, false);

    assert_string_equal(cy_sim_book_final(h->book, 1, &head, &h->policy),
                        "a head is final that was not agreed");
    assert_null(cy_sim_book_agreed(h->book, 1, 3, &one));
    assert_null(cy_sim_book_final(h->book, 1, &head, &h->policy));
    assert_null(cy_sim_book_final(h->book, 1, &head, &h->policy));
    assert_int_equal(cy_sim_book_finals(h->book), 1);
    head = head_of(h, 3, &two, 7, false);
    assert_non_null(cy_sim_book_final(h->book, 1, &head, &h->policy)); /* not what was agreed */
    head = head_of(h, 3, &one, 3, false);
    assert_string_equal(cy_sim_book_final(h->book, 1, &head, &h->policy),
                        "a head is called final that does not meet the policy");
    head = head_of(h, 3, &one, 15, true);
    assert_string_equal(cy_sim_book_final(h->book, 1, &head, &h->policy),
                        "a final head carries a bad cosignature");
    head = head_of(h, 3, &one, 15, false);
    head.size = 4;
    assert_string_equal(cy_sim_book_final(h->book, 1, &head, &h->policy),
                        "a final head is not the note of its checkpoint");
    assert_string_equal(cy_sim_book_final(h->book, 1, &head, &two),
                        "a final head is not the note of its checkpoint");
    head = head_of(h, 3, &one, 7, false);
    assert_string_equal(cy_sim_book_final(h->book, 1, &head, &two),
                        "a policy is in force that nobody offered");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_head_a_height, start, finish),
        cmocka_unit_test_setup_teardown(one_world_a_height, start, finish),
        cmocka_unit_test_setup_teardown(one_cosigned_head_a_size, start, finish),
        cmocka_unit_test_setup_teardown(one_place_an_act, start, finish),
        cmocka_unit_test_setup_teardown(only_traitors_are_convicted, start, finish),
        cmocka_unit_test_setup_teardown(what_is_final_meets_the_policy, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
