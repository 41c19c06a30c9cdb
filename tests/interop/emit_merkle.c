/* Inclusion and consistency proofs at random sizes, whole and damaged. */
#include "emit.h"

#include "crypto/merkle.h"

enum { LEAVES = 3000, SAMPLES = 1500 };

static uint8_t entries[LEAVES][40];
static struct cy_id leaves[LEAVES];

struct path {
    struct cy_id hash[CY_MERKLE_PATH_MAX + 1];
    size_t n;
};

static struct cy_id root_of(size_t from, size_t to)
{
    return cy_merkle_root(leaves + from, to - from);
}

/* The largest power of two below n. */
static size_t half_of(size_t n)
{
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    return k;
}

/* PATH of RFC 6962 section 2.1.1, as the RFC defines it. */
static void inclusion(size_t from, size_t to, size_t index, struct path *path)
{
    if (to - from == 1)
        return;
    const size_t middle = from + half_of(to - from);
    if (index < middle) {
        inclusion(from, middle, index, path);
        path->hash[path->n++] = root_of(middle, to);
    } else {
        inclusion(middle, to, index, path);
        path->hash[path->n++] = root_of(from, middle);
    }
}

/* SUBPROOF of RFC 6962 section 2.1.2; old is an index like from and to. */
static void consistency(size_t from, size_t to, size_t old, bool whole, struct path *path)
{
    if (old == to) {
        if (!whole)
            path->hash[path->n++] = root_of(from, to);
        return;
    }
    const size_t middle = from + half_of(to - from);
    if (old <= middle) {
        consistency(from, middle, old, whole, path);
        path->hash[path->n++] = root_of(middle, to);
    } else {
        consistency(middle, to, old, false, path);
        path->hash[path->n++] = root_of(from, middle);
    }
}

static void write_path(FILE *out, const struct path *path)
{
    fputs(",\"proof\":[", out);
    for (size_t i = 0; i < path->n; i++) {
        char hex[65];
        cy_hex(path->hash[i].b, 32, hex);
        fprintf(out, "%s\"%s\"", i > 0 ? "," : "", hex);
    }
    fputc(']', out);
}

/* Damages the proof, or a root, so that it must be refused. */
static void damage(struct path *path, struct cy_id *root)
{
    const uint64_t how = emit_random(path->n > 0 ? 4 : 1);
    switch (how) {
    case 0: root->b[emit_random(32)] ^= (uint8_t)(1u << emit_random(8)); break;
    case 1: path->hash[emit_random(path->n)].b[emit_random(32)] ^= 0x80; break;
    case 2: path->n--; break;
    default: path->hash[path->n] = path->hash[path->n - 1]; path->n++;
    }
}

static size_t random_size(void)
{
    return 1 + (size_t)emit_random(emit_random(2) > 0 ? LEAVES : 40);
}

static void one_inclusion(FILE *out, bool good)
{
    const size_t size = random_size();
    const size_t index = (size_t)emit_random(size);
    struct cy_id root = root_of(0, size);
    struct path path = {.n = 0};

    inclusion(0, size, index, &path);
    if (!good)
        damage(&path, &root);
    emit_judged("inclusion", good,
                cy_merkle_inclusion(&leaves[index], index, size, path.hash, path.n, &root));
    emit_begin(out, good);
    emit_number(out, "size", size);
    emit_number(out, "index", index);
    emit_hex(out, "entry", cy_span_of(entries[index], sizeof entries[index]));
    emit_hex(out, "root", cy_span_of(root.b, 32));
    write_path(out, &path);
    emit_end(out);
}

static void one_consistency(FILE *out, bool good)
{
    const size_t to = random_size();
    const size_t from = 1 + (size_t)emit_random(to);
    const struct cy_id old = root_of(0, from);
    struct cy_id root = root_of(0, to);
    struct path path = {.n = 0};

    consistency(0, to, from, true, &path);
    if (!good)
        damage(&path, &root);
    emit_judged("consistency", good,
                cy_merkle_consistency(from, &old, to, &root, path.hash, path.n));
    emit_begin(out, good);
    emit_number(out, "from", from);
    emit_number(out, "to", to);
    emit_hex(out, "from_root", cy_span_of(old.b, 32));
    emit_hex(out, "root", cy_span_of(root.b, 32));
    write_path(out, &path);
    emit_end(out);
}

void emit_merkle(void)
{
    for (size_t i = 0; i < LEAVES; i++) {
        emit_random_bytes(entries[i], sizeof entries[i]);
        leaves[i] = cy_hash_leaf(cy_span_of(entries[i], sizeof entries[i]));
    }
    FILE *out = emit_file("inclusion.jsonl");
    for (size_t i = 0; i < SAMPLES; i++)
        one_inclusion(out, i % 2 == 0);
    (void)fclose(out);
    out = emit_file("consistency.jsonl");
    for (size_t i = 0; i < SAMPLES; i++)
        one_consistency(out, i % 2 == 0);
    (void)fclose(out);
}
