/* Records of the state tree: key, value, leaf; and the tree over all of them with proofs. */
#include "vectors.h"

#include "crypto/ics23.h"
#include "kernel/world.h"
#include "ledger/trie.h"
#include "wire/print.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 9, ROOM = 65536 };

static struct {
    struct cy_id key;
    struct cy_span value;
    uint8_t bytes[CY_STATE_VALUE_MAX];
} rows_[ROWS];
static size_t n_rows_;

/* u16be record number || key fields: written here a second time, from the specification. */
static size_t preimage(const struct cy_schema *schema, const uint8_t *record, uint8_t *out)
{
    size_t n = 2;

    cy_put_u16be(out, (uint16_t)schema->number);
    for (size_t k = 0; k < schema->n_keys; k++) {
        const struct cy_field *field = &schema->fields[k];
        const uint8_t *at = record + field->at;
        uint64_t v64 = 0;
        uint32_t v32 = 0;

        if (field->type == CY_T_id) {
            memcpy(out + n, at, 32);
            n += 32;
        } else if (field->type == CY_T_code) { /* length byte, text, zeros: 16 bytes */
            memcpy(out + n, at, 16);
            n += 16;
        } else if (cy_type_size(field->type) == 8) {
            memcpy(&v64, at, 8);
            cy_put_u64be(out + n, v64);
            n += 8;
        } else {
            memcpy(&v32, at, 4);
            cy_put_u32be(out + n, v32);
            n += 4;
        }
    }
    return n;
}

static void record(FILE *out, const struct cy_schema *schema, const void *value)
{
    uint8_t key_bytes[256];
    char json_bytes[8192];
    struct cy_text json = cy_text_on(json_bytes, sizeof json_bytes);
    const size_t key_n = preimage(schema, value, key_bytes);
    const struct cy_id computed = cy_sha256(cy_span_of(key_bytes, key_n));
    const struct cy_id key = cy_state_key(schema, value);
    const struct cy_span bytes = cy_state_value(schema, value, rows_[n_rows_].bytes);
    const struct cy_id hash = cy_sha256(bytes);
    const struct cy_id leaf = cy_ics23_leaf_hash(cy_span_of(key.b, 32), &hash);

    if (!cy_id_eq(&key, &computed)) {
        (void)fprintf(stderr, "spec_vectors: the key of %s is not what SPEC/state.md says\n",
                      schema->name);
        exit(1);
    }
    rows_[n_rows_].key = key;
    rows_[n_rows_].value = bytes;
    cy_print_json(&json, schema, value);
    vector_begin(out, n_rows_ == 0);
    n_rows_++;
    vector_text(out, "record", schema->name);
    vector_number(out, "number", schema->number);
    vector_json(out, "fields", cy_text_bytes(&json));
    vector_hex(out, "key_preimage", cy_span_of(key_bytes, key_n));
    vector_id_hex(out, "key", &key);
    vector_hex(out, "value", bytes);
    vector_id_hex(out, "value_hash", &hash);
    vector_id_hex(out, "leaf", &leaf);
    vector_end(out);
}

#define RECORD(out, name, ...) record((out), &cy_schema_##name, &(struct cy_##name){__VA_ARGS__})

static void records(FILE *out)
{
    const cy_time now = 1767225600000u;

    RECORD(out, param, .name = vector_label("act_window_s"), .value = 600, .since = now);
    RECORD(out, account, .id = vector_id("account a"), .owner = vector_id("author"),
           .asset = vector_id("asset"), .balance = (cy_u128)1 << 100, .held = 250);
    RECORD(out, control, .passport = vector_id("author"), .key = vector_key(0).key, .generation = 1,
           .weight = 1, .since = now);
    RECORD(out, attestation, .scheme = vector_label("iso3166-1"), .value = vector_label("XA"),
           .passport = vector_id("author"), .by = vector_id("realm"), .since = now);
    RECORD(out, delegation, .from = vector_id("principal"), .to = vector_id("author"),
           .act = 0x003c, .amount_most = 1000, .until = now + 86400000, .depth = 1);
    RECORD(out, constraint, .passport = vector_id("author"), .asset = vector_id("asset"),
           .kind = CY_constraint_kind_SPEND_WINDOW, .most = 5000, .window_ms = 86400000);
    RECORD(out, alliance_code, .founder = vector_id("author"), .code = vector_label("fish"),
           .alliance = vector_id("alliance"));
    RECORD(out, member_event, .alliance = vector_id("alliance"), .seq = 258,
           .party = vector_id("author"), .ordinal = 3, .event = CY_membership_JOIN,
           .level = CY_level_FULL, .precision = CY_precision_YEAR, .effective = 711858,
           .recorded = now, .act = vector_id("act"), .by = vector_id("principal"));
    RECORD(out, partner_consent, .from = vector_id("author"), .to = vector_id("principal"),
           .topic = CY_topic_HEALTH, .given = true, .since = now);
    CY_ASSERT(n_rows_ == ROWS);
}

static struct cy_span value_of(const struct cy_id *key)
{
    for (size_t i = 0; i < n_rows_; i++) {
        if (cy_id_eq(&rows_[i].key, key))
            return rows_[i].value;
    }
    return (struct cy_span){0};
}

static void proofs(FILE *out)
{
    const struct cy_trie_options options = {.leaves_max = 64, .nodes_max = 64, .kept_max = 2};
    static char bytes[ROOM];
    static struct cy_trie_scratch scratch;
    const struct cy_id absent = vector_id("absent");
    void *memory = aligned_alloc(16, (cy_trie_bytes(&options) + 15) / 16 * 16);
    struct cy_arena arena = cy_arena_on(memory, cy_trie_bytes(&options));
    struct cy_text proof = cy_text_on(bytes, sizeof bytes);
    struct cy_trie trie;
    struct cy_trie_place place;
    struct cy_id root;

    vector_must("trie", cy_trie_init(&trie, &options, &arena));
    for (size_t i = 0; i < n_rows_; i++) {
        const struct cy_id hash = cy_sha256(rows_[i].value);

        vector_must("put", cy_trie_put(&trie, &rows_[i].key, &hash));
    }
    root = cy_trie_commit(&trie);
    vector_begin(out, false);
    vector_text(out, "tree", "all records above");
    vector_id_hex(out, "root", &root);
    vector_end(out);

    vector_must("existence", cy_trie_prove_existence(&trie, CY_TRIE_PRESENT, &rows_[0].key,
                                                     rows_[0].value, &scratch, &proof));
    vector_must("membership",
                cy_ics23_verify_membership(&cy_ics23_tendermint, &root, cy_text_bytes(&proof),
                                           cy_span_of(rows_[0].key.b, 32), rows_[0].value));
    vector_begin(out, false);
    vector_text(out, "proof", "the first record exists");
    vector_id_hex(out, "key", &rows_[0].key);
    vector_hex(out, "value", rows_[0].value);
    vector_hex(out, "ics23", cy_text_bytes(&proof));
    vector_end(out);

    proof = cy_text_on(bytes, sizeof bytes);
    vector_must("seek", cy_trie_seek(&trie, CY_TRIE_PRESENT, &absent, &place));
    vector_must("absence", cy_trie_prove_absence(
                               &trie, CY_TRIE_PRESENT, &absent,
                               place.has_left ? value_of(&place.left.key) : (struct cy_span){0},
                               place.has_right ? value_of(&place.right.key) : (struct cy_span){0},
                               &scratch, &proof));
    vector_must("non-membership",
                cy_ics23_verify_non_membership(&cy_ics23_tendermint, &root, cy_text_bytes(&proof),
                                               cy_span_of(absent.b, 32)));
    vector_begin(out, false);
    vector_text(out, "proof", "a key is absent");
    vector_id_hex(out, "key", &absent);
    vector_hex(out, "ics23", cy_text_bytes(&proof));
    vector_end(out);
    free(memory);
}

void vectors_state(FILE *out)
{
    n_rows_ = 0;
    records(out);
    proofs(out);
}
