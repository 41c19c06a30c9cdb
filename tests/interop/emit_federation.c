/* What a federation gives out: heads with all their cosignatures, votes, and evidence of two
 * statements, whole and damaged; made with the keys of tests/union.h. */
#include "emit.h"
#include "union.h"

#include "verify/two_statements.h"

enum { HEADS = 120, VOTES = 200, EVIDENCE = 600 };

static char room[CY_EQUIVOCATION_FILE_MAX];

/* Another base64 digit, letter or figure in one place. */
static void damage(struct cy_text *text)
{
    char *at = &text->at[emit_random(text->n)];

    *at = *at == 'A' ? 'B' : 'A';
}

static struct cy_policy_trust policy;
static char policy_room[CY_QUORUM_TEXT_MAX];

static void read_policy(void)
{
    struct cy_text text = cy_text_on(policy_room, sizeof policy_room);
    FILE *out = emit_file("union.policy");

    union_policy(&text);
    fputs(policy_room, out);
    (void)fclose(out);
    CY_ASSERT(
        cy_ok(cy_policy_trust_read(cy_span_text(UNION_ORIGIN), cy_text_bytes(&text), &policy)));
}

/* Good means: it opens with all seven verifiers, and as many signed as `signers` says. */
static void heads(void)
{
    const struct cy_trust trust = {.policy = &policy};
    FILE *out = emit_file("federation.jsonl");

    for (unsigned i = 0; i < HEADS; i++) {
        const uint32_t who = 1 + (uint32_t)emit_random(127);
        struct cy_text note = cy_text_on(room, sizeof room);
        struct cy_checkpoint head;
        uint32_t cosigned = 0;
        bool good = true;
        cy_err err = CY_OK;

        union_head(&note, i, 1 + emit_random(60), who);
        if (i % 2 == 1)
            damage(&note);
        err = cy_trust_head(cy_text_bytes(&note), &trust, &head, &cosigned);
        good = cy_ok(err) || err.code == CY_E_FEW_WITNESSES;
        if (good && cosigned == 0)
            good = false; /* what is left is by nobody known */
        emit_begin(out, good);
        emit_number(out, "signers", cosigned);
        emit_number(out, "met", cy_ok(err) ? 1 : 0);
        emit_hex(out, "note", cy_text_bytes(&note));
        emit_end(out);
    }
    (void)fclose(out);
}

static void votes(void)
{
    FILE *out = emit_file("votes.jsonl");

    for (unsigned i = 0; i < VOTES; i++) {
        struct cy_vote vote =
            union_vote(1 + emit_random(1000), (uint32_t)emit_random(5),
                       (enum cy_vote_step)emit_random(3), (uint8_t)(1 + emit_random(9)));
        const struct union_key key = union_key(i % 4, CY_NOTE_ED25519);
        char text_room[CY_VOTE_TEXT_MAX];
        char vkey_room[CY_NOTE_VKEY_MAX];
        struct cy_text text = cy_text_on(text_room, sizeof text_room);
        struct cy_text vkey = cy_text_on(vkey_room, sizeof vkey_room);
        struct cy_text note = cy_text_on(room, sizeof room);

        cy_vote_write(&text, &vote);
        union_vkey(&key, CY_NOTE_ED25519, &vkey);
        union_ballot(&note, i % 4, &vote);
        if (i % 2 == 1)
            damage(&note);
        emit_begin(out, i % 2 == 0);
        fprintf(out, ",\"vkey\":\"%s\"", vkey_room);
        emit_hex(out, "text", cy_text_bytes(&text));
        emit_hex(out, "note", cy_text_bytes(&note));
        emit_end(out);
    }
    (void)fclose(out);
}

static void draw(struct union_evidence *e)
{
    const uint64_t small = 1 + emit_random(9);
    const uint64_t large = emit_random(3) == 0 ? small : small + emit_random(30);

    if (emit_random(3) > 0) {
        union_two_heads(e, emit_random(2) ? CY_statement_HEAD : CY_statement_COSIGNATURE, small,
                        large);
        return;
    }
    union_begin(e, CY_statement_VOTE, 1);
    for (unsigned i = 0; i < 2; i++) {
        const struct cy_vote vote =
            union_vote(7, 1, (enum cy_vote_step)emit_random(2), (uint8_t)emit_random(3));

        union_ballot(&e->texts[i], 1, &vote);
    }
    union_end(e);
}

/* Good means: it convicts the key, by our own verdict. */
static void evidence(void)
{
    FILE *out = emit_file("evidence.jsonl");

    for (unsigned i = 0; i < EVIDENCE; i++) {
        static struct union_evidence e;
        struct cy_text file = cy_text_on(room, sizeof room);
        struct cy_equivocation read;
        struct cy_contradiction found;
        unsigned which = 0;
        cy_err err = CY_OK;

        draw(&e);
        cy_equivocation_write(&file, &e.what);
        if (i % 3 == 0)
            damage(&file);
        err = cy_equivocation_read(cy_text_bytes(&file), &read);
        if (cy_ok(err))
            err = cy_statements_contradict(&read, &found, &which);
        emit_begin(out, cy_ok(err));
        emit_hex(out, "note", cy_text_bytes(&file));
        emit_end(out);
    }
    (void)fclose(out);
}

void emit_federation(void)
{
    CY_ASSERT(cy_ok(cy_crypto_start()));
    read_policy();
    heads();
    votes();
    evidence();
}
