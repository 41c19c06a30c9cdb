/* Proofs of presence and absence from state tries of many sizes, whole and damaged. */
#include "emit.h"

#include "crypto/ics23.h"
#include "ledger/trie.h"

#include <stdlib.h>

enum { TRIES = 40, PROOFS = 80, KEYS_MAX = 2000, VALUE_MAX = 60, PROOF_MAX = 65536 };

static struct row {
    struct cy_id key;
    uint8_t value[VALUE_MAX];
    size_t value_n;
} rows[KEYS_MAX];
static size_t n_rows;

static struct cy_trie trie;
static struct cy_trie_scratch scratch;
static struct cy_id root;

/* One claim: value NULL says that the key is absent. */
struct claim {
    struct cy_id root;
    struct cy_id key;
    const struct row *row;
    struct cy_span proof;
};

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct cy_id));
}

static struct cy_span value_of(const struct row *row)
{
    return cy_span_of(row->value, row->value_n);
}

static void random_key(struct cy_id *key)
{
    emit_random_bytes(key->b, 32);
    if (emit_random(3) == 0) /* long common prefixes make deep paths */
        memcpy(key->b, "the same long beginning of ", 27);
}

static void build(void)
{
    static uint8_t *memory;
    const struct cy_trie_options options = {KEYS_MAX, KEYS_MAX, 1};
    const size_t bytes = cy_trie_bytes(&options);

    memory = memory != NULL ? memory : aligned_alloc(16, (bytes + 15) / 16 * 16);
    CY_ASSERT(memory != NULL);
    struct cy_arena arena = cy_arena_on(memory, bytes);
    emit_judged("trie", true, cy_trie_init(&trie, &options, &arena));
    n_rows = 1 + (size_t)emit_random(emit_random(2) == 0 ? 8 : KEYS_MAX - 1);
    for (size_t i = 0; i < n_rows; i++) {
        random_key(&rows[i].key);
        rows[i].value_n = 1 + (size_t)emit_random(VALUE_MAX);
        emit_random_bytes(rows[i].value, rows[i].value_n);
        const struct cy_id hash = cy_sha256(value_of(&rows[i]));
        emit_judged("put", true, cy_trie_put(&trie, &rows[i].key, &hash));
    }
    qsort(rows, n_rows, sizeof rows[0], compare);
    root = cy_trie_commit(&trie);
}

static struct cy_span prove_presence(const struct row *row, char *out)
{
    struct cy_text text = cy_text_on(out, PROOF_MAX);

    emit_judged(
        "presence", true,
        cy_trie_prove_existence(&trie, CY_TRIE_PRESENT, &row->key, value_of(row), &scratch, &text));
    return cy_text_bytes(&text);
}

/* The row of a leaf that seek found. */
static struct cy_span value_at(bool there, const struct cy_trie_leaf *leaf)
{
    const struct row *row =
        there ? bsearch(&leaf->key, rows, n_rows, sizeof rows[0], compare) : NULL;
    return row != NULL ? value_of(row) : cy_span_of(NULL, 0);
}

static struct cy_span prove_absence(const struct cy_id *key, char *out)
{
    struct cy_text text = cy_text_on(out, PROOF_MAX);
    struct cy_trie_place place;

    emit_judged("seek", true, cy_trie_seek(&trie, CY_TRIE_PRESENT, key, &place));
    CY_ASSERT(!place.found);
    emit_judged("absence", true,
                cy_trie_prove_absence(&trie, CY_TRIE_PRESENT, key,
                                      value_at(place.has_left, &place.left),
                                      value_at(place.has_right, &place.right), &scratch, &text));
    return cy_text_bytes(&text);
}

/* Proves a present key absent, by two leaves that are not neighbours. */
static struct cy_span lie_of_absence(size_t i, char *out)
{
    static struct cy_ics23_proof left;
    static struct cy_ics23_proof right;
    static char left_room[PROOF_MAX];
    static char right_room[PROOF_MAX];
    struct cy_text text = cy_text_on(out, PROOF_MAX);
    struct cy_ics23_nonexist lie = {.key = cy_span_of(rows[i].key.b, 32)};

    if (i > 0) {
        emit_judged("left", true, cy_ics23_decode(prove_presence(&rows[i - 1], left_room), &left));
        lie.left = &left.exist;
    }
    if (i + 1 < n_rows) {
        emit_judged("right", true,
                    cy_ics23_decode(prove_presence(&rows[i + 1], right_room), &right));
        lie.right = &right.exist;
    }
    emit_judged("lie", true, cy_ics23_encode_nonexist(&lie, &text));
    return cy_text_bytes(&text);
}

static void flip(struct cy_span bytes)
{
    if (bytes.n > 0)
        ((uint8_t *)bytes.at)[emit_random(bytes.n)] ^= (uint8_t)(1u << emit_random(8));
}

/* Changes one step, or the number of steps, of an existence proof; spans point into `proof`. */
static void damage_path(struct cy_ics23_exist *exist, struct cy_ics23_step *steps)
{
    static const struct cy_ics23_step extra = {
        .hash = 1,
        .prefix = {(const uint8_t *)"\1",                               1 },
        .suffix = {(const uint8_t *)"0123456789abcdef0123456789abcdef", 32}
    };
    const size_t at = exist->n > 0 ? (size_t)emit_random(exist->n) : 0;

    switch (exist->n > 0 ? emit_random(4) : 3) {
    case 0: flip(steps[at].prefix); break;
    case 1: flip(steps[at].suffix.n > 0 ? steps[at].suffix : steps[at].prefix); break;
    case 2: exist->n--; break;
    default: steps[exist->n++] = extra; exist->path = steps;
    }
}

static void damage_proof(struct claim *claim, char *out)
{
    static struct cy_ics23_proof proof;
    static char copy[PROOF_MAX];
    struct cy_text text = cy_text_on(out, PROOF_MAX);

    memcpy(copy, claim->proof.at, claim->proof.n);
    emit_judged("decode", true, cy_ics23_decode(cy_span_of(copy, claim->proof.n), &proof));
    if (!proof.absence) {
        damage_path(&proof.exist, proof.steps[0]);
        emit_judged("encode", true, cy_ics23_encode_exist(&proof.exist, &text));
    } else {
        const unsigned side =
            proof.nonexist.left == NULL || (proof.nonexist.right != NULL && emit_random(2) == 0);
        if (emit_random(3) == 0 && proof.nonexist.left != NULL && proof.nonexist.right != NULL) {
            if (side == 0) /* one neighbour left out */
                proof.nonexist.left = NULL;
            else
                proof.nonexist.right = NULL;
        } else {
            damage_path(&proof.side[side], proof.steps[side]);
        }
        emit_judged("encode", true, cy_ics23_encode_nonexist(&proof.nonexist, &text));
    }
    claim->proof = cy_text_bytes(&text);
}

/* A whole claim in a, b is room for the damaged one. */
static struct claim whole_claim(char *a)
{
    struct claim claim = {.root = root};

    if (emit_random(2) == 0) {
        claim.row = &rows[emit_random(n_rows)];
        claim.key = claim.row->key;
        claim.proof = prove_presence(claim.row, a);
    } else {
        random_key(&claim.key);
        claim.proof = prove_absence(&claim.key, a);
    }
    return claim;
}

static cy_err judge(const struct claim *claim, struct cy_span value)
{
    const struct cy_span key = cy_span_of(claim->key.b, 32);

    return claim->row != NULL ? cy_ics23_verify_membership(&cy_ics23_tendermint, &claim->root,
                                                           claim->proof, key, value)
                              : cy_ics23_verify_non_membership(&cy_ics23_tendermint, &claim->root,
                                                               claim->proof, key);
}

static void write_claim(FILE *out, const struct claim *claim, struct cy_span value, bool good)
{
    emit_judged("state proof", good, judge(claim, value));
    emit_begin(out, good);
    emit_hex(out, "root", cy_span_of(claim->root.b, 32));
    emit_hex(out, "key", cy_span_of(claim->key.b, 32));
    if (claim->row != NULL)
        emit_hex(out, "value", value);
    else
        fputs(",\"value\":null", out);
    emit_hex(out, "proof", claim->proof);
    emit_end(out);
}

static void one_claim(FILE *out, bool good)
{
    static char a[PROOF_MAX];
    static char b[PROOF_MAX];
    struct claim claim = whole_claim(a);
    struct row other;

    if (good) {
        write_claim(out, &claim, claim.row != NULL ? value_of(claim.row) : cy_span_of(NULL, 0),
                    true);
        return;
    }
    if (claim.row != NULL) {
        other = *claim.row;
        claim.row = &other;
    }
    switch (emit_random(5)) {
    case 0: claim.root.b[emit_random(32)] ^= 4; break;
    case 1: /* another value; for absence, a key that is there */
        if (claim.row != NULL) {
            other.value[emit_random(other.value_n)] ^= 1;
        } else {
            const size_t i = (size_t)emit_random(n_rows);
            claim.key = rows[i].key;
            if (n_rows > 1)
                claim.proof = lie_of_absence(i, b);
        }
        break;
    case 2: /* presence claimed for another key */
        if (claim.row != NULL) {
            claim.key.b[31] ^= 1;
            break;
        }
        damage_proof(&claim, b);
        break;
    default: damage_proof(&claim, b);
    }
    write_claim(out, &claim, claim.row != NULL ? value_of(claim.row) : cy_span_of(NULL, 0), false);
}

void emit_state(void)
{
    FILE *out = emit_file("state.jsonl");

    for (unsigned i = 0; i < TRIES; i++) {
        build();
        for (unsigned p = 0; p < PROOFS; p++)
            one_claim(out, p % 2 == 0);
    }
    (void)fclose(out);
}
