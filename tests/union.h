/* union: a small federation for tests, made of nothing but keys from fixed seeds: four cells and a
 * trustee for each of three chambers, the policy that names them, heads they cosign, votes, and
 * evidence of those who contradict themselves. */
#ifndef CY_TESTS_UNION_H
#define CY_TESTS_UNION_H

#include <stdio.h>
#include <string.h>

#include "crypto/note_key.h"
#include "crypto/secret.h"
#include "tree.h"
#include "wire/equivocation.h"
#include "wire/note.h"
#include "wire/vote.h"

#define UNION_ORIGIN "union.example/federation"
#define UNION_CELLS 4u
#define UNION_COSIGNERS 7u
#define UNION_TIME 1767225600u

struct union_key {
    char name[40];
    struct cy_secret secret;
    struct cy_id key;
    uint32_t id; /* of its note key */
};

/* The cosigner i (cells first), or with type CY_NOTE_ED25519 the voter of cell i. */
static inline struct union_key union_key(unsigned i, enum cy_note_key_type type)
{
    static const char *const names[UNION_COSIGNERS] = {
        "norway.example/cell", "chile.example/cell", "kenya.example/cell", "nauru.example/cell",
        "capital.example",     "labor.example",      "commons.example"};
    struct union_key out;
    uint8_t seed[32] = {0};

    seed[0] = (uint8_t)(i + 1);
    seed[1] = (uint8_t)type;
    snprintf(out.name, sizeof out.name, "%s", names[i]);
    cy_secret_of(seed, &out.secret, &out.key);
    out.id = cy_note_key_id(cy_span_text(out.name), type, &out.key);
    return out;
}

static inline void union_vkey(const struct union_key *key, enum cy_note_key_type type,
                              struct cy_text *out)
{
    const struct cy_note_key note = {
        .name = cy_span_text(key->name), .type = type, .key = key->key, .id = key->id};

    cy_note_vkey(&note, out);
}

/* Three of four cells, and each of three chambers. */
static inline void union_policy(struct cy_text *out)
{
    for (unsigned i = 0; i < UNION_COSIGNERS; i++) {
        const struct union_key key = union_key(i, CY_NOTE_COSIGNATURE);

        cy_text_add(out, "witness ");
        cy_text_add(out, key.name);
        cy_text_add(out, " ");
        union_vkey(&key, CY_NOTE_COSIGNATURE, out);
        cy_text_add(out, "\n");
    }
    cy_text_add(out, "group cells 3 norway.example/cell chile.example/cell kenya.example/cell "
                     "nauru.example/cell\n"
                     "group chambers all capital.example labor.example commons.example\n"
                     "group federation all cells chambers\n"
                     "quorum federation\n");
}

/* The head of tree `seed` at that size, cosigned by those whose bits are set in `who`. */
static inline void union_head(struct cy_text *out, uint64_t seed, uint64_t size, uint32_t who)
{
    const struct cy_id root = tree_root(seed, 0, size);
    char room[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(room, sizeof room);

    cy_checkpoint_write(&text, cy_span_text(UNION_ORIGIN), size, &root);
    cy_note_begin(out, cy_text_bytes(&text));
    for (unsigned i = 0; i < UNION_COSIGNERS; i++) {
        const struct union_key key = union_key(i, CY_NOTE_COSIGNATURE);
        char signed_room[CY_CHECKPOINT_MAX + 64];
        struct cy_text cosigned = cy_text_on(signed_room, sizeof signed_room);
        uint8_t blob[CY_COSIGNATURE_BYTES];
        struct cy_signature signature;

        if ((who >> i & 1) == 0)
            continue;
        cy_cosignature_text(&cosigned, UNION_TIME + i, cy_text_bytes(&text));
        cy_secret_sign(&key.secret, cy_text_bytes(&cosigned), &signature);
        cy_cosignature_blob(UNION_TIME + i, signature.b, blob);
        cy_note_line(out, cy_span_text(key.name), key.id, cy_span_of(blob, sizeof blob));
    }
}

/* A note of any text, signed as it is by the voter of cell i. */
static inline void union_note(struct cy_text *out, unsigned i, struct cy_span text)
{
    const struct union_key key = union_key(i, CY_NOTE_ED25519);
    struct cy_signature signature;

    cy_secret_sign(&key.secret, text, &signature);
    cy_note_begin(out, text);
    cy_note_line(out, cy_span_text(key.name), key.id, cy_span_of(signature.b, 64));
}

static inline struct cy_vote union_vote(uint64_t height, uint32_t round, enum cy_vote_step step,
                                        uint8_t value)
{
    struct cy_vote vote = {.origin = cy_span_text(UNION_ORIGIN),
                           .height = height,
                           .round = round,
                           .step = step,
                           .after = CY_NO_ROUND,
                           .time = (cy_time)UNION_TIME * 1000};

    memset(vote.value.b, value, sizeof vote.value.b);
    return vote;
}

/* The vote of cell i, as a signed note. */
static inline void union_ballot(struct cy_text *out, unsigned i, const struct cy_vote *vote)
{
    char room[CY_VOTE_TEXT_MAX];
    struct cy_text text = cy_text_on(room, sizeof room);

    cy_vote_write(&text, vote);
    union_note(out, i, cy_text_bytes(&text));
}

/* Evidence, with room for what it points to. */
struct union_evidence {
    struct cy_equivocation what;
    char notes[2][4096];
    struct cy_text texts[2];
};

static inline void union_begin(struct union_evidence *e, uint8_t kind, unsigned who)
{
    const enum cy_note_key_type type =
        kind == CY_statement_COSIGNATURE ? CY_NOTE_COSIGNATURE : CY_NOTE_ED25519;

    memset(e, 0, sizeof *e);
    e->what.kind = kind;
    e->what.key = union_key(who, type).key;
    for (unsigned i = 0; i < 2; i++)
        e->texts[i] = cy_text_on(e->notes[i], sizeof e->notes[i]);
}

static inline void union_end(struct union_evidence *e)
{
    for (unsigned i = 0; i < 2; i++)
        e->what.notes[i] = cy_text_bytes(&e->texts[i]);
}

/* Cell 1 precommits two values in one round. */
static inline void union_two_votes(struct union_evidence *e)
{
    union_begin(e, CY_statement_VOTE, 1);
    for (uint8_t i = 0; i < 2; i++) {
        const struct cy_vote vote = union_vote(7, 1, CY_VOTE_PRECOMMIT, (uint8_t)(i + 1));

        union_ballot(&e->texts[i], 1, &vote);
    }
    union_end(e);
}

/* Cell 2 signs (kind HEAD, with its other key) or cosigns (COSIGNATURE) heads of two trees. */
static inline void union_two_heads(struct union_evidence *e, uint8_t kind, uint64_t size,
                                   uint64_t larger)
{
    const uint64_t sizes[] = {size, larger};

    union_begin(e, kind, 2);
    for (unsigned i = 0; i < 2; i++) {
        const struct cy_id root = tree_root(i, 0, sizes[i]);
        char room[CY_CHECKPOINT_MAX];
        struct cy_text text = cy_text_on(room, sizeof room);

        cy_checkpoint_write(&text, cy_span_text(UNION_ORIGIN), sizes[i], &root);
        if (kind == CY_statement_COSIGNATURE)
            union_head(&e->texts[i], i, sizes[i], 1u << 2);
        else
            union_note(&e->texts[i], 2, cy_text_bytes(&text));
    }
    if (size != larger) {
        e->what.has_prefix = true;
        e->what.prefix = tree_root(1, 0, size);
        e->what.n = (uint32_t)tree_consistency(1, size, larger, e->what.path);
    }
    union_end(e);
}

#endif
