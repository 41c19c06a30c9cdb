/* emit_cell DIR: what two real cells that witness each other gave out, as files: what libcomity and
 * other readers are tried on. Also evidence against a ledger of the test's own that showed two
 * histories, because our cells do not.
 *
 *     ledger.vkey witness.vkey      whom to trust
 *     receipt.json                  receipt with the entry in it, as `comity --receipt` writes it
 *     receipt-bare.json             the daemon's own answer, without the entry
 *     act.entry act.tlog-proof act.cose checkpoint
 *     bundle.json bundle.answer     who the members of an alliance were, and the text it proves
 *     forked.vkey two-histories.heads one-history.heads
 *     forked-older forked-newer forked.root forked.path     two histories, of heads of two sizes
 *     state.key state.value state.proof state.root absent.key absent.proof */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cells.h"
#include "crypto/ics23.h"
#include "tree.h"
#include "verify/verify.h"

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

static void put_text(const char *name, const char *text)
{
    put(name, cy_span_text(text));
}

static void put_answer(struct cell *cell, const char *path, const char *name)
{
    struct got got = ask(cell, NULL, path);

    if (got.status != 200)
        print_error("%s: %u %s\n", path, got.status, got.body);
    assert_int_equal(got.status, 200);
    put(name, cy_span_of(got.body, got.n));
    got_free(&got);
}

/* An act is sent until its receipt is witnessed; then its receipt in two forms, and its proofs. */
static void receipts(struct cell *cell, const struct party *party, struct act *act)
{
    char base64[512 * 1024];
    char path[128];
    char *text = NULL;
    struct got got = send_to(cell, NULL, "/v1/acts?wait=witnessed", act_span(act));
    const uint64_t at = assert_receipt(cell, &got, act_span(act));

    (void)party;
    assert_string_equal(got_text(&got, "level"), "witnessed");
    put("receipt-bare.json", cy_span_of(got.body, got.n));
    cy_base64(act->bytes, act->n, base64);
    json_object_set_new(got.json, "entry", json_string(base64));
    text = json_dumps(got.json, JSON_INDENT(2));
    put_text("receipt.json", text);
    free(text);
    put("act.entry", act_span(act));
    snprintf(path, sizeof path, "/v1/proofs/%llu?witnesses=1", (unsigned long long)at);
    put_answer(cell, path, "act.tlog-proof");
    snprintf(path, sizeof path, "/v1/receipts/%llu", (unsigned long long)at);
    put_answer(cell, path, "act.cose");
    got_free(&got);
}

static void alliance(struct cell *cell, const struct party *parties, unsigned n, struct act *act)
{
    const struct cy_charter_clause open[] = {
        {.name = label_of("amend_vote"),      .value = 0                                    },
        {.name = label_of("registrar_until"), .value = ((uint64_t)time(NULL) + 86400) * 1000},
    };
    struct cy_id id;
    struct got got;
    cy_date day = 0;

    assert_ok(cy_date_read(cy_span_text("1949-04-04"), &day));
    PARTY_ACT(cell, &parties[0], alliance_found, act, .code = label_of("NORTH"),
              .name = name_of("North \"<&> and more"), .topic = CY_topic_SECURITY, .founded = day,
              .clauses = open, .n_clauses = 2);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    (void)assert_receipt(cell, &got, act_span(act));
    assert_ok(cy_hex_read(cy_span_text(got_text(&got, "act")), id.b, 32));
    got_free(&got);
    for (unsigned i = 0; i < n; i++) {
        PARTY_ACT(cell, &parties[0], alliance_record, act, .alliance = id, .party = parties[i].id,
                  .event = i == 0 ? CY_membership_FOUND : CY_membership_JOIN,
                  .level = CY_level_FULL, .date = day + 100 * i, .source = line_of("a treaty"));
        got = send_to(cell, NULL, "/v1/acts?wait=witnessed", act_span(act));
        (void)assert_receipt(cell, &got, act_span(act));
        got_free(&got);
    }
}

static void bundle(struct cell *cell)
{
    struct got got = ask(cell, NULL, "/v1/alliances/NORTH/members?as_of=1960-01-01&proof=1");

    assert_int_equal(got.status, 200);
    put("bundle.json", cy_span_of(got.body, got.n));
    put_text("bundle.answer", got_text(&got, "answer"));
    got_free(&got);
}

/* --- a ledger with two histories --- */

static cy_err sign(void *user, struct cy_span message, struct cy_signature *out)
{
    crypto_sign_detached(out->b, NULL, message.at, message.n, user);
    return CY_OK;
}

static struct cy_span head(const struct cy_note_key *key, uint8_t *secret, uint64_t size,
                           const struct cy_id *root)
{
    char *room = malloc(4096);
    struct cy_text note = cy_text_on(room, 4096);

    assert_ok(cy_checkpoint_make(key, size, root, sign, secret, &note));
    return cy_text_bytes(&note);
}

static void evidence(void)
{
    uint8_t seed[32] = {42};
    uint8_t secret[64];
    char room[16384];
    char vkey[CY_NOTE_VKEY_MAX];
    struct cy_text text = cy_text_on(vkey, sizeof vkey);
    const struct cy_id older = tree_root(1, 0, 1000);
    const struct cy_id other = tree_root(2, 0, 1000);
    const struct cy_id newer = tree_root(2, 0, 1500);
    struct cy_id path[CY_CONFLICT_PATH_MAX];
    struct cy_note_key key;
    struct cy_id public;
    size_t n = 0;

    crypto_sign_seed_keypair(public.b, secret, seed);
    assert_ok(
        cy_note_key_of(cy_span_text("forked.example/ledger"), CY_NOTE_ED25519, &public, &key));
    cy_note_vkey(&key, &text);
    put_text("forked.vkey", vkey);
    text = cy_text_on(room, sizeof room);
    cy_heads_write(&text, NULL, 0, head(&key, secret, 1000, &older),
                   head(&key, secret, 1000, &other));
    put("two-histories.heads", cy_text_bytes(&text));
    n = tree_consistency(2, 1000, 1500, path);
    text = cy_text_on(room, sizeof room);
    cy_heads_write(&text, path, (uint32_t)n, head(&key, secret, 1000, &other),
                   head(&key, secret, 1500, &newer));
    put("one-history.heads", cy_text_bytes(&text));
    put("forked-older", head(&key, secret, 1000, &older));
    put("forked-newer", head(&key, secret, 1500, &newer));
    put("forked.root", cy_span_of(other.b, 32));
    put("forked.path", cy_span_of(path, n * 32));
}

/* --- the state --- */

/* A tree of two keys: one proof that a key is there, one that a key is not. */
static void state(void)
{
    const struct cy_span keys[2] = {cy_span_text("11111111111111111111111111111111"),
                                    cy_span_text("33333333333333333333333333333333")};
    const struct cy_span absent = cy_span_text("22222222222222222222222222222222");
    const struct cy_span values[2] = {cy_span_text("one"), cy_span_text("three")};
    const uint8_t node[1] = {1};
    struct cy_ics23_step steps[2];
    struct cy_ics23_exist exist[2];
    struct cy_id leaves[2];
    uint8_t with_left[33] = {1};
    struct cy_id root;
    char room[4096];
    struct cy_text text = cy_text_on(room, sizeof room);

    for (unsigned i = 0; i < 2; i++) {
        const struct cy_id hash = cy_sha256(values[i]);

        leaves[i] = cy_ics23_leaf_hash(keys[i], &hash);
        exist[i] = (struct cy_ics23_exist){.key = keys[i],
                                           .value = values[i],
                                           .leaf = cy_ics23_leaf_tendermint,
                                           .path = &steps[i],
                                           .n = 1};
    }
    memcpy(with_left + 1, leaves[0].b, 32);
    steps[0] = (struct cy_ics23_step){
        .hash = 1, .prefix = cy_span_of(node, 1), .suffix = cy_span_of(leaves[1].b, 32)};
    steps[1] = (struct cy_ics23_step){.hash = 1, .prefix = cy_span_of(with_left, 33)};
    root = cy_hash_node(&leaves[0], &leaves[1]);
    put("state.root", cy_span_of(root.b, 32));
    put("state.key", keys[0]);
    put("state.value", values[0]);
    put("absent.key", absent);
    assert_ok(cy_ics23_encode_exist(&exist[0], &text));
    put("state.proof", cy_text_bytes(&text));
    text = cy_text_on(room, sizeof room);
    assert_ok(cy_ics23_encode_nonexist(
        &(struct cy_ics23_nonexist){.key = absent, .left = &exist[0], .right = &exist[1]}, &text));
    put("absent.proof", cy_text_bytes(&text));
}

static void emit(void **s)
{
    static const char *const names[] = {"Norway", "Sweden", "Denmark"};
    struct cells *cells = cells_new(2, "tick_ms = 200;\nwait: { witnessed_ms = 5000; };\n");
    struct cell *cell = &cells->a;
    struct act *act = malloc(sizeof *act);
    struct party parties[3];

    (void)s;
    cell_start(&cells->a);
    cell_start(&cells->b);
    put_text("ledger.vkey", cell->vkey);
    put_text("witness.vkey", cells->b.witness_vkey);
    for (unsigned i = 0; i < 3; i++)
        party_enter(cell, &parties[i], 20 + i, names[i]);
    alliance(cell, parties, 3, act);
    evidence_act(cell, &parties[0], 7, act);
    receipts(cell, &parties[0], act);
    put_answer(cell, "/checkpoint", "checkpoint");
    bundle(cell);
    evidence();
    state();
    cell_stop(&cells->a);
    cell_stop(&cells->b);
    cells_free(cells);
    free(act);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(emit)};

    if (argc != 2)
        return 2;
    to = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
