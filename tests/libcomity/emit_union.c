/* emit_union DIR: what a federation gives out, as files, made with the keys of tests/union.h, which
 * are no secret: the policy that is its trust root, a head that meets it and one that does not, and
 * evidence of members who contradict themselves.
 *
 *     union.policy  union.head  union-few.head
 *     votes.evidence heads.evidence histories.evidence cosignatures.evidence honest.evidence */
#include <stdlib.h>

#include "cm.h"
#include "union.h"

static const char *to;

static void put(const char *name, struct cy_span bytes)
{
    char path[512];
    FILE *file = NULL;

    snprintf(path, sizeof path, "%s/%s", to, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.n, file), bytes.n);
    assert_int_equal(fclose(file), 0);
}

static void put_head(const char *name, uint32_t who)
{
    char room[8192];
    struct cy_text note = cy_text_on(room, sizeof room);

    union_head(&note, 1, 33, who);
    put(name, cy_text_bytes(&note));
}

static void put_evidence(const char *name, const struct union_evidence *e)
{
    static char room[CY_EQUIVOCATION_FILE_MAX];
    struct cy_text text = cy_text_on(room, sizeof room);

    cy_equivocation_write(&text, &e->what);
    assert_false(text.full);
    put(name, cy_text_bytes(&text));
}

int main(int argc, char **argv)
{
    static char policy[CY_EQUIVOCATION_FILE_MAX];
    struct cy_text text = cy_text_on(policy, sizeof policy);
    struct union_evidence e;
    struct cy_vote vote;

    assert_int_equal(argc, 2);
    to = argv[1];
    assert_ok(cy_crypto_start());
    union_policy(&text);
    put("union.policy", cy_text_bytes(&text));
    put_head("union.head", 0x77);
    put_head("union-few.head", 0x73);
    union_two_votes(&e);
    put_evidence("votes.evidence", &e);
    e.texts[1] = cy_text_on(e.notes[1], sizeof e.notes[1]);
    vote = union_vote(7, 2, CY_VOTE_PRECOMMIT, 2); /* another round: an honest change of mind */
    union_ballot(&e.texts[1], 1, &vote);
    union_end(&e);
    put_evidence("honest.evidence", &e);
    union_two_heads(&e, CY_statement_HEAD, 9, 9);
    put_evidence("heads.evidence", &e);
    union_two_heads(&e, CY_statement_HEAD, 5, 21);
    put_evidence("histories.evidence", &e);
    union_two_heads(&e, CY_statement_COSIGNATURE, 5, 21);
    put_evidence("cosignatures.evidence", &e);
    return 0;
}
