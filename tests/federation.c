#include "federation.h"

#include "crypto/note_key.h"
#include "wire/note.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ORIGIN "ocean.example/ledger"

static const char *const seat_names[] = {
    "north.example/cell", "south.example/cell", "east.example/cell", "west.example/cell",
    "isle.example/cell",  "reef.example/cell",  "bay.example/cell",  "cape.example/cell"};
static const char *const trustee_names[] = {"trustee.capital", "trustee.labor", "trustee.commons"};

const struct cy_seat *fed_seat_at(const struct fed *fed, unsigned seat)
{
    return CY_GET(&fed->rig->engine.world, seat, &(uint64_t){seat});
}

const struct cy_agreement *fed_agreement(const struct fed *fed)
{
    return CY_GET(&fed->rig->engine.world, agreement, &(uint64_t){1});
}

const struct cy_realm *fed_realm(const struct fed *fed)
{
    return cy_engine_realm(&fed->rig->engine);
}

/* --- policy and genesis --- */

static void witness(const struct fed *fed, struct cy_text *text, const char *name, unsigned key)
{
    struct cy_note_key note;

    assert_ok(cy_note_key_of(cy_span_text(name), CY_NOTE_COSIGNATURE, &fed->rig->key[key], &note));
    cy_text_add(text, "witness ");
    cy_text_add(text, name);
    cy_text_add(text, " ");
    cy_note_vkey(&note, text);
    cy_text_add(text, "\n");
}

struct cy_span fed_policy(struct fed *fed, unsigned seats, unsigned k)
{
    struct cy_text text = cy_text_on(fed->policy, sizeof fed->policy);

    for (unsigned i = 0; i < fed->n; i++) {
        if (seats >> i & 1)
            witness(fed, &text, seat_names[i], FED_COSIGN + i);
    }
    for (unsigned i = 0; i < fed->trustees; i++)
        witness(fed, &text, trustee_names[i], FED_TRUSTEE + i);
    cy_text_add(&text, "group cells ");
    cy_text_u64(&text, k);
    for (unsigned i = 0; i < fed->n; i++) {
        if (seats >> i & 1) {
            cy_text_add(&text, " ");
            cy_text_add(&text, seat_names[i]);
        }
    }
    cy_text_add(&text, "\n");
    if (fed->trustees == 0) {
        cy_text_add(&text, "quorum cells\n");
        return cy_text_bytes(&text);
    }
    cy_text_add(&text, "group chambers all");
    for (unsigned i = 0; i < fed->trustees; i++) {
        cy_text_add(&text, " ");
        cy_text_add(&text, trustee_names[i]);
    }
    cy_text_add(&text, "\ngroup all-of-us all cells chambers\nquorum all-of-us\n");
    return cy_text_bytes(&text);
}

static void name_seats(struct fed *fed)
{
    for (unsigned i = 0; i < fed->n; i++) {
        char code[16];

        (void)snprintf(code, sizeof code, "op-%u", i);
        fed->vote_key[i] = FED_VOTE + i;
        fed->act_key[i] = FED_ACT + i;
        fed->keys[i] = (struct cy_key_share){.key = fed->rig->key[FED_ACT + i], .weight = 1};
        fed->seats[i] = (struct cy_seat_entry){.name = rig_name(seat_names[i]),
                                               .key = fed->rig->key[FED_ACT + i],
                                               .vote_key = fed->rig->key[FED_VOTE + i],
                                               .cosign_key = fed->rig->key[FED_COSIGN + i],
                                               .peer_key = fed->rig->key[FED_PEER + i],
                                               .log_key = fed->rig->key[FED_LOG + i],
                                               .operator= rig_label(code),
                                               .weight = 1};
    }
    for (unsigned i = 0; i < fed->trustees; i++)
        fed->trustee[i] = (struct cy_trustee_entry){.name = rig_name(trustee_names[i]),
                                                    .chamber = (uint8_t)(CY_chamber_CAPITAL + i),
                                                    .cosign_key = fed->rig->key[FED_TRUSTEE + i],
                                                    .operator= rig_label(trustee_names[i] + 8)};
}

struct fed *fed_bare(unsigned n, unsigned trustees)
{
    struct fed *fed = calloc(1, sizeof *fed);

    fed->rig = rig_bare(NULL, 0);
    fed->n = n;
    fed->trustees = trustees;
    fed->clock = fed->rig->now;
    name_seats(fed);
    fed->genesis = (struct cy_genesis){.name = rig_name(ORIGIN),
                                       .now = fed->rig->now,
                                       .keys = fed->keys,
                                       .n_keys = n,
                                       .need_0 = (uint16_t)(n * 2 / 3 + 1),
                                       .rules = 1,
                                       .policy = fed_policy(fed, (1u << n) - 1, n * 2 / 3 + 1),
                                       .faults = (uint16_t)((n - 1) / 3),
                                       .seats = fed->seats,
                                       .n_seats = n,
                                       .trustees = fed->trustee,
                                       .n_trustees = trustees};
    return fed;
}

cy_err fed_begin(struct fed *fed, unsigned signers)
{
    struct cy_claims claims = rig_claims(fed->rig, 0);
    unsigned keys[CY_SIGNERS_MAX];
    unsigned n = 0;
    cy_err err = CY_OK;

    claims.author = (struct cy_id){{0}};
    claims.realm = (struct cy_id){{0}};
    for (unsigned i = 0; i < fed->n; i++) {
        if (signers >> i & 1)
            keys[n++] = FED_ACT + i;
    }
    err = fed_send(fed, rig_build(fed->rig, &claims, &cy_schema_genesis, &fed->genesis, keys, n));
    if (!cy_ok(err))
        return err;
    fed->rig->realm = fed->rig->last;
    for (unsigned i = 0; i < 16; i++)
        fed->rig->id[FED_ACT + i] = fed->rig->last; /* seats act as the realm */
    return CY_OK;
}

struct fed *fed_new(unsigned n, unsigned trustees)
{
    struct fed *fed = fed_bare(n, trustees);

    assert_ok(fed_begin(fed, FED_ALL));
    return fed;
}

void fed_free(struct fed *fed)
{
    rig_free(fed->rig);
    free(fed);
}

/* --- acts --- */

cy_err fed_send(struct fed *fed, struct cy_span act)
{
    const cy_err err = rig_send(fed->rig, act);

    if (fed->told != NULL)
        fed->told(act, err);
    if (cy_ok(err)) {
        const struct cy_id leaf = cy_hash_leaf(act);

        assert_ok(cy_frontier_append(&fed->tree, &leaf));
        if (fed->sent != NULL)
            fed->sent(fed->user, act);
    }
    return err;
}

cy_err fed_do(struct fed *fed, unsigned key, const struct cy_schema *schema, const void *message)
{
    const struct cy_claims claims = rig_claims(fed->rig, key);

    return fed_send(fed, rig_build(fed->rig, &claims, schema, message, &key, 1));
}

cy_err fed_seat(struct fed *fed, unsigned seat, const struct cy_schema *schema, const void *message)
{
    const struct cy_claims claims = rig_claims(fed->rig, FED_ACT);

    return fed_send(fed, rig_build(fed->rig, &claims, schema, message, &fed->act_key[seat], 1));
}

cy_err fed_all(struct fed *fed, unsigned seats, const struct cy_schema *schema, const void *message)
{
    const struct cy_claims claims = rig_claims(fed->rig, FED_ACT);
    unsigned keys[CY_SIGNERS_MAX];
    unsigned n = 0;

    for (unsigned i = 0; i < 16; i++) {
        if (seats >> i & 1)
            keys[n++] = fed->act_key[i];
    }
    return fed_send(fed, rig_build(fed->rig, &claims, schema, message, keys, n));
}

void fed_party(struct fed *fed, unsigned key, const char *name)
{
    const struct cy_key_share share = {.key = fed->rig->key[key], .weight = 1};
    const struct cy_passport_create m = {
        .kind = CY_kind_COMPANY, .name = rig_name(name), .keys = &share, .n_keys = 1, .need_0 = 1};
    struct cy_claims claims = rig_claims(fed->rig, key);

    claims.author = (struct cy_id){{0}};
    assert_ok(fed_send(fed, rig_build(fed->rig, &claims, &cy_schema_passport_create, &m, &key, 1)));
    fed->rig->id[key] = fed->rig->last;
}

/* --- votes and heights --- */

static void sign(const struct fed *fed, unsigned key, struct cy_span message, uint8_t out[64])
{
    crypto_sign_detached(out, NULL, message.at, message.n, fed->rig->secret[key]);
}

static void vote_text(const struct cy_vote *vote, struct cy_text *text)
{
    cy_vote_write(text, vote);
    assert_false(text->full);
}

void fed_height_of(struct fed *fed, unsigned voters, struct fed_height *out)
{
    const struct cy_id root = cy_id_none(&fed->lie) ? cy_frontier_root(&fed->tree) : fed->lie;
    cy_time times[16];
    unsigned n = 0;

    fed->clock += 1000;
    *out = (struct fed_height){
        .m = {.height = fed->height + 1,
              .now = fed->clock,
              .state_root = fed->state_root,
              .size = fed->tree.size,
              .root = root}
    };
    for (unsigned i = 0; fed->height > 0 && i < 16; i++) {
        char bytes[CY_VOTE_TEXT_MAX];
        struct cy_text text = cy_text_on(bytes, sizeof bytes);
        struct cy_vote vote = {.origin = cy_span_text(ORIGIN),
                               .height = fed->height,
                               .step = CY_VOTE_PRECOMMIT,
                               .after = CY_NO_ROUND};

        if ((voters >> i & 1) == 0)
            continue;
        vote.value = cy_agreement_value(vote.origin, fed->tree.size, &root);
        vote.time = fed->clock + 10 * n; /* clocks differ a little */
        vote_text(&vote, &text);
        sign(fed, fed->vote_key[i], cy_text_bytes(&text), out->signatures[n]);
        times[n] = vote.time;
        out->ballots[n] = (struct cy_ballot_entry){
            .seat = (uint8_t)i, .time = vote.time, .signature = cy_span_of(out->signatures[n], 64)};
        n++;
    }
    out->m.ballots = out->ballots;
    out->m.n_ballots = n;
    if (n > 0)
        out->m.now = times[(n - 1) / 2]; /* weights are 1: the lower median */
    while (out->proposer < 15 && ((voters >> out->proposer & 1) == 0 ||
                                  fed_seat_at(fed, out->proposer)->state != CY_seat_state_ACTIVE))
        out->proposer++; /* who left does not propose */
}

cy_err fed_height_send(struct fed *fed, const struct fed_height *height)
{
    struct cy_height m = height->m;

    m.ballots = height->ballots;
    return fed_seat(fed, height->proposer, &cy_schema_height, &m);
}

void fed_open_final(struct fed *fed, unsigned voters, struct cy_span final)
{
    struct fed_height height;

    fed_height_of(fed, voters, &height);
    height.m.final = final;
    assert_ok(fed_height_send(fed, &height));
    fed->height++;
    fed->rig->now = fed_realm(fed)->now;
    fed->clock = fed->rig->now;
}

void fed_open(struct fed *fed, unsigned voters)
{
    fed_open_final(fed, voters, cy_span_text(""));
}

/* --- notes --- */

static void line(const struct fed *fed, struct cy_text *note, const char *name,
                 enum cy_note_key_type type, unsigned key, struct cy_span blob)
{
    cy_note_line(note, cy_span_text(name),
                 cy_note_key_id(cy_span_text(name), type, &fed->rig->key[key]), blob);
}

static void cosign(const struct fed *fed, struct cy_text *note, struct cy_span text,
                   const char *name, unsigned key)
{
    char bytes[1024];
    struct cy_text message = cy_text_on(bytes, sizeof bytes);
    uint8_t signature[64];
    uint8_t blob[CY_COSIGNATURE_BYTES];
    const uint64_t time_s = fed->clock / 1000;

    cy_cosignature_text(&message, time_s, text);
    sign(fed, key, cy_text_bytes(&message), signature);
    cy_cosignature_blob(time_s, signature, blob);
    line(fed, note, name, CY_NOTE_COSIGNATURE, key, cy_span_of(blob, sizeof blob));
}

struct cy_span fed_note(struct fed *fed, uint64_t size, const struct cy_id *root, unsigned seats,
                        bool trustees)
{
    char bytes[512];
    struct cy_text text = cy_text_on(bytes, sizeof bytes);
    struct cy_text note = cy_text_on(fed->note, sizeof fed->note);

    cy_checkpoint_write(&text, cy_span_text(ORIGIN), size, root);
    cy_note_begin(&note, cy_text_bytes(&text));
    for (unsigned i = 0; i < fed->n; i++) {
        if (seats >> i & 1)
            cosign(fed, &note, cy_text_bytes(&text), seat_names[i], FED_COSIGN + i);
    }
    for (unsigned i = 0; trustees && i < fed->trustees; i++)
        cosign(fed, &note, cy_text_bytes(&text), trustee_names[i], FED_TRUSTEE + i);
    assert_false(note.full);
    return cy_text_bytes(&note);
}

struct cy_span fed_head(struct fed *fed, unsigned key, const char *origin, uint64_t size,
                        const struct cy_id *root, char *at, size_t cap)
{
    char bytes[512];
    struct cy_text text = cy_text_on(bytes, sizeof bytes);
    struct cy_text note = cy_text_on(at, cap);
    uint8_t signature[64];

    cy_checkpoint_write(&text, cy_span_text(origin), size, root);
    cy_note_begin(&note, cy_text_bytes(&text));
    sign(fed, key, cy_text_bytes(&text), signature);
    line(fed, &note, origin, CY_NOTE_ED25519, key, cy_span_of(signature, 64));
    assert_false(note.full);
    return cy_text_bytes(&note);
}

struct cy_span fed_cosigned(struct fed *fed, unsigned key, const char *name, const char *origin,
                            uint64_t size, const struct cy_id *root, char *at, size_t cap)
{
    char bytes[512];
    struct cy_text text = cy_text_on(bytes, sizeof bytes);
    struct cy_text note = cy_text_on(at, cap);

    cy_checkpoint_write(&text, cy_span_text(origin), size, root);
    cy_note_begin(&note, cy_text_bytes(&text));
    cosign(fed, &note, cy_text_bytes(&text), name, key);
    assert_false(note.full);
    return cy_text_bytes(&note);
}

struct cy_span fed_vote(struct fed *fed, unsigned key, const char *name, const struct cy_vote *vote,
                        char *at, size_t cap)
{
    char bytes[CY_VOTE_TEXT_MAX];
    struct cy_text text = cy_text_on(bytes, sizeof bytes);
    struct cy_text note = cy_text_on(at, cap);
    uint8_t signature[64];

    vote_text(vote, &text);
    cy_note_begin(&note, cy_text_bytes(&text));
    sign(fed, key, cy_text_bytes(&text), signature);
    line(fed, &note, name, CY_NOTE_ED25519, key, cy_span_of(signature, 64));
    assert_false(note.full);
    return cy_text_bytes(&note);
}
