/* vote: the text that members sign, and what is no such text. */
#include "cm.h"

#include "wire/vote.h"

#include <stdio.h>
#include <string.h>

static struct cy_vote sample(enum cy_vote_step step)
{
    struct cy_vote vote = {.origin = cy_span_text("ocean.example/federation"),
                           .height = 7,
                           .round = 3,
                           .step = step,
                           .after = CY_NO_ROUND,
                           .time = 1767225600000};

    memset(vote.value.b, 0xab, 32);
    return vote;
}

static const char text_[] = "comity-vote/v1\n"
                            "ocean.example/federation\n"
                            "height 7\n"
                            "round 3\n"
                            "prevote\n"
                            "value q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n"
                            "time 1767225600000\n";

static void the_text_is_pinned(void **s)
{
    char room[CY_VOTE_TEXT_MAX];
    struct cy_text out = cy_text_on(room, sizeof room);
    const struct cy_vote vote = sample(CY_VOTE_PREVOTE);

    (void)s;
    cy_vote_write(&out, &vote);
    assert_string_equal(room, text_);
}

static void same(const struct cy_vote *vote)
{
    char room[CY_VOTE_TEXT_MAX];
    struct cy_text out = cy_text_on(room, sizeof room);
    struct cy_vote back;

    cy_vote_write(&out, vote);
    assert_false(out.full);
    assert_ok(cy_vote_read(cy_text_bytes(&out), &back));
    assert_true(cy_span_eq(back.origin, vote->origin));
    assert_int_equal(back.height, vote->height);
    assert_int_equal(back.round, vote->round);
    assert_int_equal(back.step, vote->step);
    assert_int_equal(back.after, vote->after);
    assert_memory_equal(&back.value, &vote->value, 32);
    assert_int_equal(back.time, vote->time);
}

static void every_form_comes_back(void **s)
{
    struct cy_vote vote = sample(CY_VOTE_PRECOMMIT);

    (void)s;
    same(&vote);
    memset(&vote.value, 0, 32); /* nil */
    same(&vote);
    vote = sample(CY_VOTE_PROPOSE);
    same(&vote);
    vote.after = 2;
    same(&vote);
    vote.height = UINT64_MAX;
    vote.time = UINT64_MAX;
    vote.round = CY_NO_ROUND - 1;
    same(&vote);
}

/* One byte less, more or other is another text or none: never the same vote. */
static void nothing_else_is_read(void **s)
{
    static const struct {
        const char *was;
        const char *is;
        unsigned line;
    } wrong[] = {
        {"comity-vote/v1",                                     "comity-vote/v2",              1},
        {"ocean.example/federation",                           "",                            2},
        {"height 7",                                           "height 07",                   3},
        {"height 7",                                           "height -7",                   3},
        {"height 7",                                           "height 18446744073709551616", 3},
        {"round 3",                                            "round 4294967295",            4},
        {"round 3",                                            "Round 3",                     4},
        {"prevote",                                            "prevote ",                    5},
        {"prevote",                                            "vote",                        5},
        {"prevote",                                            "propose after 3",             5},
        {"prevote",                                            "propose after ",              5},
        {"value q",                                            "value  q",                    6},
        {"6s=",                                                "6s",                          6},
        {"6s=",                                                "6t=",                         6},
        {"value q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
         "value AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",                                6},
        {"value q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=", "value Nil",                   6},
        {"time 1767225600000",                                 "time x",                      7},
        {"time 1767225600000\n",                               "time 1767225600000",          7},
        {"time 1767225600000\n",                               "time 1767225600000\n\n",      8},
    };

    (void)s;
    for (size_t i = 0; i < CY_COUNT(wrong); i++) {
        const char *at = strstr(text_, wrong[i].was);
        char room[CY_VOTE_TEXT_MAX];
        struct cy_vote vote;
        cy_err err;

        assert_non_null(at);
        snprintf(room, sizeof room, "%.*s%s%s", (int)(at - text_), text_, wrong[i].is,
                 at + strlen(wrong[i].was));
        err = cy_vote_read(cy_span_text(room), &vote);
        if (err.code != CY_E_BAD_VOTE || err.detail != wrong[i].line)
            fail_msg("row %zu: code %d, line %u", i, (int)err.code, (unsigned)err.detail);
    }
}

/* A proposal of nothing does not exist. */
static void no_nil_proposal(void **s)
{
    struct cy_vote vote = sample(CY_VOTE_PROPOSE);
    char room[CY_VOTE_TEXT_MAX];
    struct cy_text out = cy_text_on(room, sizeof room);

    (void)s;
    memset(&vote.value, 0, 32);
    cy_vote_write(&out, &vote);
    assert_code(cy_vote_read(cy_text_bytes(&out), &vote), BAD_VOTE);
}

static void what_conflicts(void **s)
{
    const struct cy_vote vote = sample(CY_VOTE_PRECOMMIT);
    struct cy_vote other = vote;

    (void)s;
    assert_false(cy_vote_conflict(&vote, &other));
    other.time++;
    assert_false(cy_vote_conflict(&vote, &other)); /* said twice */
    other.value.b[31] ^= 1;
    assert_true(cy_vote_conflict(&vote, &other));
    memset(&other.value, 0, 32);
    assert_true(cy_vote_conflict(&vote, &other)); /* nil is a vote too */
    other.round++;
    assert_false(cy_vote_conflict(&vote, &other));
    other = vote;
    other.value.b[0] ^= 1;
    other.step = CY_VOTE_PREVOTE;
    assert_false(cy_vote_conflict(&vote, &other));
    other.step = vote.step;
    other.height++;
    assert_false(cy_vote_conflict(&vote, &other));
    other.height--;
    other.origin = cy_span_text("other.example/federation");
    assert_false(cy_vote_conflict(&vote, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_pinned),   cmocka_unit_test(every_form_comes_back),
        cmocka_unit_test(nothing_else_is_read), cmocka_unit_test(no_nil_proposal),
        cmocka_unit_test(what_conflicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
