#include "crypto/ics23.h"

#define SPAN(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

const struct cy_ics23_spec cy_ics23_tendermint = {
    .name = "tendermint",
    .leaf_prefix = SPAN("\x00"),
    .node_prefix = SPAN("\x01"),
    .child_size = 32,
    .prefix_min = 1,
    .prefix_max = 1,
    .path_max = CY_ICS23_PATH_MAX,
    .exact = true,
};

const struct cy_ics23_spec cy_ics23_iavl = {
    .name = "iavl",
    .leaf_prefix = SPAN("\x00"),
    .node_prefix = SPAN(""),
    .child_size = 33,
    .prefix_min = 4,
    .prefix_max = 12,
    .path_max = CY_ICS23_PATH_MAX,
    .iavl = true,
};

const struct cy_ics23_leaf cy_ics23_leaf_tendermint = {
    .hash = 1,
    .prehash_value = 1,
    .length = 1,
    .prefix = SPAN("\x00"),
};

/* Reading. A reader that failed stays failed; its spans are then empty. */
struct reader {
    const uint8_t *at;
    size_t left;
    uint32_t field; /* the last field seen: numbers must not fall */
    bool bad;
};

static struct reader reader_on(struct cy_span bytes)
{
    return (struct reader){.at = bytes.at, .left = bytes.n};
}

/* Shortest base-128 integers up to 32 bits: no length or enumeration needs more. */
static uint32_t read_varint(struct reader *r)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < 5 && r->left > 0; i++) {
        const uint8_t b = *r->at++;

        r->left--;
        v |= (uint64_t)(b & 0x7f) << (7 * i);
        if (b & 0x80)
            continue;
        if ((b == 0 && i > 0) || v > UINT32_MAX)
            break;
        return (uint32_t)v;
    }
    r->bad = true;
    r->left = 0;
    return 0;
}

/* The next field's number, 0 at the end. Falling numbers are refused; equal ones pass only for
 * the repeated field. */
static uint32_t read_field(struct reader *r, uint32_t repeated, uint32_t *type)
{
    uint32_t tag = 0;

    if (r->left == 0)
        return 0;
    tag = read_varint(r);
    *type = tag & 7;
    tag >>= 3;
    if (tag < r->field || (tag == r->field && tag != repeated) || tag == 0) {
        r->bad = true;
        return 0;
    }
    r->field = tag;
    return tag;
}

static struct cy_span read_bytes(struct reader *r, uint32_t type)
{
    struct cy_span out = {r->at, 0};
    uint32_t n = 0;

    if (type == 2)
        n = read_varint(r);
    if (r->bad || type != 2 || n > r->left) {
        r->bad = true;
        return out;
    }
    out = cy_span_of(r->at, n);
    r->at += n;
    r->left -= n;
    return out;
}

/* Bytes that are not a message: an empty one is a default and must not be written. */
static struct cy_span read_value(struct reader *r, uint32_t type)
{
    const struct cy_span out = read_bytes(r, type);

    r->bad |= out.n == 0;
    return out;
}

static uint32_t read_enum(struct reader *r, uint32_t type)
{
    const uint32_t v = type == 0 ? read_varint(r) : 0;

    r->bad |= v == 0;
    return v;
}

static bool read_leaf(struct cy_span bytes, struct cy_ics23_leaf *out)
{
    struct reader r = reader_on(bytes);
    uint32_t type = 0;
    uint32_t field;

    while (!r.bad && (field = read_field(&r, 0, &type)) != 0) {
        switch (field) {
        case 1: out->hash = read_enum(&r, type); break;
        case 2: out->prehash_key = read_enum(&r, type); break;
        case 3: out->prehash_value = read_enum(&r, type); break;
        case 4: out->length = read_enum(&r, type); break;
        case 5: out->prefix = read_value(&r, type); break;
        default: r.bad = true;
        }
    }
    return !r.bad;
}

static bool read_step(struct cy_span bytes, struct cy_ics23_step *out)
{
    struct reader r = reader_on(bytes);
    uint32_t type = 0;
    uint32_t field;

    while (!r.bad && (field = read_field(&r, 0, &type)) != 0) {
        switch (field) {
        case 1: out->hash = read_enum(&r, type); break;
        case 2: out->prefix = read_value(&r, type); break;
        case 3: out->suffix = read_value(&r, type); break;
        default: r.bad = true;
        }
    }
    return !r.bad;
}

static cy_err read_exist(struct cy_span bytes, struct cy_ics23_exist *out,
                         struct cy_ics23_step *steps)
{
    struct reader r = reader_on(bytes);
    uint32_t type = 0;
    uint32_t field;
    bool leaf = false;

    memset(out, 0, sizeof *out);
    out->path = steps;
    while (!r.bad && (field = read_field(&r, 4, &type)) != 0) {
        switch (field) {
        case 1: out->key = read_value(&r, type); break;
        case 2: out->value = read_value(&r, type); break;
        case 3:
            leaf = true;
            r.bad |= !read_leaf(read_bytes(&r, type), &out->leaf);
            break;
        case 4:
            if (out->n == CY_ICS23_PATH_MAX)
                return cy_fail(CY_E_BAD_STATE_PROOF, CY_ICS23_DEPTH);
            memset(&steps[out->n], 0, sizeof *steps);
            r.bad |= !read_step(read_bytes(&r, type), &steps[out->n++]);
            break;
        default: r.bad = true;
        }
    }
    /* A missing leaf op would be written back as an empty one. */
    return r.bad || !leaf ? cy_fail(CY_E_BAD_STATE_PROOF, CY_ICS23_BYTES) : CY_OK;
}

static cy_err read_nonexist(struct cy_span bytes, struct cy_ics23_proof *out)
{
    struct reader r = reader_on(bytes);
    uint32_t type = 0;
    uint32_t field;

    while (!r.bad && (field = read_field(&r, 0, &type)) != 0) {
        struct cy_span side;

        if (field == 1) {
            out->nonexist.key = read_value(&r, type);
            continue;
        }
        if (field > 3)
            return cy_fail(CY_E_BAD_STATE_PROOF, CY_ICS23_BYTES);
        side = read_bytes(&r, type);
        if (r.bad)
            break;
        CY_TRY(read_exist(side, &out->side[field - 2], out->steps[field - 2]));
        if (field == 2)
            out->nonexist.left = &out->side[0];
        else
            out->nonexist.right = &out->side[1];
    }
    return r.bad ? cy_fail(CY_E_BAD_STATE_PROOF, CY_ICS23_BYTES) : CY_OK;
}

cy_err cy_ics23_decode(struct cy_span bytes, struct cy_ics23_proof *out)
{
    struct reader r = reader_on(bytes);
    uint32_t type = 0;
    const uint32_t field = read_field(&r, 0, &type);
    const struct cy_span body = read_bytes(&r, type);

    memset(&out->exist, 0, sizeof out->exist);
    memset(&out->nonexist, 0, sizeof out->nonexist);
    out->absence = field == 2;
    if (r.bad || r.left != 0 || field == 0 || field > 2)
        return cy_fail(CY_E_BAD_STATE_PROOF, CY_ICS23_BYTES);
    if (out->absence)
        return read_nonexist(body, out);
    return read_exist(body, &out->exist, out->steps[0]);
}

/* Writing: sizes first, then bytes. */
static size_t varint_size(uint64_t v)
{
    size_t n = 1;

    for (; v >= 0x80; v >>= 7)
        n++;
    return n;
}

static size_t put_varint(uint64_t v, uint8_t out[static 10])
{
    size_t n = 0;

    for (; v >= 0x80; v >>= 7)
        out[n++] = (uint8_t)(v | 0x80);
    out[n++] = (uint8_t)v;
    return n;
}

static void write_varint(struct cy_text *out, uint64_t v)
{
    uint8_t bytes[10];

    cy_text_span(out, cy_span_of(bytes, put_varint(v, bytes)));
}

/* Every field number here is below 16: its tag is one byte. */
static void write_head(struct cy_text *out, uint32_t field, size_t n)
{
    write_varint(out, field << 3 | 2);
    write_varint(out, n);
}

static void write_value(struct cy_text *out, uint32_t field, struct cy_span bytes)
{
    if (bytes.n == 0)
        return;
    write_head(out, field, bytes.n);
    cy_text_span(out, bytes);
}

static void write_enum(struct cy_text *out, uint32_t field, uint32_t v)
{
    if (v == 0)
        return;
    write_varint(out, field << 3);
    write_varint(out, v);
}

static size_t message_size(size_t n)
{
    return 1 + varint_size(n) + n;
}

static size_t value_size(struct cy_span bytes)
{
    return bytes.n == 0 ? 0 : message_size(bytes.n);
}

static size_t enum_size(uint32_t v)
{
    return v == 0 ? 0 : 1 + varint_size(v);
}

static size_t leaf_size(const struct cy_ics23_leaf *leaf)
{
    return enum_size(leaf->hash) + enum_size(leaf->prehash_key) + enum_size(leaf->prehash_value) +
           enum_size(leaf->length) + value_size(leaf->prefix);
}

static size_t step_size(const struct cy_ics23_step *step)
{
    return enum_size(step->hash) + value_size(step->prefix) + value_size(step->suffix);
}

static size_t exist_size(const struct cy_ics23_exist *exist)
{
    size_t n =
        value_size(exist->key) + value_size(exist->value) + message_size(leaf_size(&exist->leaf));

    for (size_t i = 0; i < exist->n; i++)
        n += message_size(step_size(&exist->path[i]));
    return n;
}

static void write_exist(struct cy_text *out, const struct cy_ics23_exist *exist)
{
    const struct cy_ics23_leaf *leaf = &exist->leaf;

    write_value(out, 1, exist->key);
    write_value(out, 2, exist->value);
    write_head(out, 3, leaf_size(leaf));
    write_enum(out, 1, leaf->hash);
    write_enum(out, 2, leaf->prehash_key);
    write_enum(out, 3, leaf->prehash_value);
    write_enum(out, 4, leaf->length);
    write_value(out, 5, leaf->prefix);
    for (size_t i = 0; i < exist->n; i++) {
        write_head(out, 4, step_size(&exist->path[i]));
        write_enum(out, 1, exist->path[i].hash);
        write_value(out, 2, exist->path[i].prefix);
        write_value(out, 3, exist->path[i].suffix);
    }
}

cy_err cy_ics23_encode_exist(const struct cy_ics23_exist *exist, struct cy_text *out)
{
    CY_ASSERT(exist->n <= CY_ICS23_PATH_MAX);
    write_head(out, 1, exist_size(exist));
    write_exist(out, exist);
    return out->full ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;
}

cy_err cy_ics23_encode_nonexist(const struct cy_ics23_nonexist *nonexist, struct cy_text *out)
{
    const struct cy_ics23_exist *side[2] = {nonexist->left, nonexist->right};
    size_t n = value_size(nonexist->key);

    for (uint32_t i = 0; i < 2; i++)
        n += side[i] ? message_size(exist_size(side[i])) : 0;
    write_head(out, 2, n);
    write_value(out, 1, nonexist->key);
    for (uint32_t i = 0; i < 2; i++) {
        if (!side[i])
            continue;
        CY_ASSERT(side[i]->n <= CY_ICS23_PATH_MAX);
        write_head(out, i + 2, exist_size(side[i]));
        write_exist(out, side[i]);
    }
    return out->full ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;
}

/* Verifying. */
static cy_err refuse(enum cy_ics23_reason reason)
{
    return cy_fail(CY_E_BAD_STATE_PROOF, reason);
}

static bool begins_with(struct cy_span bytes, struct cy_span head)
{
    return bytes.n >= head.n && (head.n == 0 || memcmp(bytes.at, head.at, head.n) == 0);
}

/* A signed zigzag varint (Go's encoding/binary) that must not be negative. */
static bool iavl_number(struct cy_span *rest, uint64_t *out)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < 10 && rest->n > 0; i++) {
        const uint8_t b = *rest->at++;

        rest->n--;
        if (i == 9 && b > 1)
            return false;
        v |= (uint64_t)(b & 0x7f) << (7 * i);
        if (b & 0x80)
            continue;
        *out = v >> 1;
        return (v & 1) == 0;
    }
    return false;
}

/* cosmos/ics23 validateIavlOps: height, size and version, then nothing for a leaf, and for a step
 * the length byte of its child, or a whole left child before it. */
static bool iavl_prefix(struct cy_span prefix, size_t layer)
{
    uint64_t number[3] = {0};
    struct cy_span rest = prefix;

    for (unsigned i = 0; i < 3; i++)
        if (!iavl_number(&rest, &number[i]))
            return false;
    if (number[0] < layer)
        return false;
    return layer == 0 ? rest.n == 0 : rest.n == 1 || rest.n == 34;
}

static bool leaf_fits(const struct cy_ics23_spec *spec, const struct cy_ics23_leaf *leaf)
{
    if (leaf->hash != 1 || leaf->prehash_key != 0 || leaf->prehash_value != 1 || leaf->length != 1)
        return false;
    if (spec->exact && leaf->prefix.n != spec->leaf_prefix.n)
        return false;
    if (spec->iavl && !iavl_prefix(leaf->prefix, 0))
        return false;
    return begins_with(leaf->prefix, spec->leaf_prefix);
}

/* Which child a step passes through: 0 left, 1 right, -1 neither shape (cosmos/ics23
 * orderFromPadding). */
static int step_side(const struct cy_ics23_spec *spec, const struct cy_ics23_step *step)
{
    for (uint32_t side = 0; side < 2; side++) {
        const size_t before = side * spec->child_size;
        const size_t behind = (1 - side) * spec->child_size;

        if (step->prefix.n >= before + spec->prefix_min &&
            step->prefix.n <= before + spec->prefix_max && step->suffix.n == behind)
            return (int)side;
    }
    return -1;
}

/* layer counts from 1 at the step above the leaf. */
static bool step_fits(const struct cy_ics23_spec *spec, const struct cy_ics23_step *step,
                      size_t layer)
{
    if (step->hash != 1 || begins_with(step->prefix, spec->leaf_prefix))
        return false;
    if (!begins_with(step->prefix, spec->node_prefix))
        return false;
    if (step->prefix.n < spec->prefix_min || step->prefix.n > spec->prefix_max + spec->child_size)
        return false;
    if (step->suffix.n % spec->child_size != 0)
        return false;
    if (spec->exact && step_side(spec, step) < 0)
        return false;
    return !spec->iavl || iavl_prefix(step->prefix, layer);
}

struct cy_id cy_ics23_leaf_hash(struct cy_span key, const struct cy_id *value_hash)
{
    uint8_t head[11] = {0};
    const size_t n = 1 + put_varint(key.n, head + 1);
    const struct cy_span parts[] = {cy_span_of(head, n), key, SPAN("\x20"),
                                    cy_span_of(value_hash->b, 32)};

    return cy_sha256_parts(parts, CY_COUNT(parts));
}

cy_err cy_ics23_root(const struct cy_ics23_spec *spec, const struct cy_ics23_exist *exist,
                     struct cy_id *root)
{
    uint8_t key_size[10];
    struct cy_id value = cy_sha256(exist->value);
    const struct cy_span leaf[] = {exist->leaf.prefix,
                                   cy_span_of(key_size, put_varint(exist->key.n, key_size)),
                                   exist->key, SPAN("\x20"), cy_span_of(value.b, 32)};
    struct cy_id hash;

    if (exist->n > spec->path_max)
        return refuse(CY_ICS23_DEPTH);
    if (exist->key.n == 0)
        return refuse(CY_ICS23_KEY);
    if (exist->value.n == 0)
        return refuse(CY_ICS23_VALUE);
    if (!leaf_fits(spec, &exist->leaf))
        return refuse(CY_ICS23_LEAF);
    hash = cy_sha256_parts(leaf, CY_COUNT(leaf));
    for (size_t i = 0; i < exist->n; i++) {
        const struct cy_ics23_step *step = &exist->path[i];
        const struct cy_span parts[] = {step->prefix, cy_span_of(hash.b, 32), step->suffix};

        if (!step_fits(spec, step, i + 1))
            return refuse(CY_ICS23_STEP);
        hash = cy_sha256_parts(parts, CY_COUNT(parts));
    }
    *root = hash;
    return CY_OK;
}

static cy_err check_root(const struct cy_ics23_spec *spec, const struct cy_ics23_exist *exist,
                         const struct cy_id *root)
{
    struct cy_id found;

    CY_TRY(cy_ics23_root(spec, exist, &found));
    return cy_id_eq(&found, root) ? CY_OK : refuse(CY_ICS23_ROOT);
}

cy_err cy_ics23_verify_membership(const struct cy_ics23_spec *spec, const struct cy_id *root,
                                  struct cy_span proof, struct cy_span key, struct cy_span value)
{
    struct cy_ics23_proof decoded;

    CY_TRY(cy_ics23_decode(proof, &decoded));
    if (decoded.absence)
        return refuse(CY_ICS23_KIND);
    if (!cy_span_eq(decoded.exist.key, key))
        return refuse(CY_ICS23_KEY);
    if (!cy_span_eq(decoded.exist.value, value))
        return refuse(CY_ICS23_VALUE);
    return check_root(spec, &decoded.exist, root);
}

static bool key_before(struct cy_span a, struct cy_span b)
{
    const size_t n = a.n < b.n ? a.n : b.n;
    const int order = n == 0 ? 0 : memcmp(a.at, b.at, n);

    return order < 0 || (order == 0 && a.n < b.n);
}

/* True when every one of the n steps passes through that side. */
static bool all_on(const struct cy_ics23_spec *spec, const struct cy_ics23_step *path, size_t n,
                   int side)
{
    for (size_t i = 0; i < n; i++)
        if (step_side(spec, &path[i]) != side)
            return false;
    return true;
}

/* Adjacent leaves share their upper steps; where they part, left goes left and right goes right;
 * below, left is the right-most of its subtree and right the left-most of its own. */
static bool adjacent(const struct cy_ics23_spec *spec, const struct cy_ics23_exist *left,
                     const struct cy_ics23_exist *right)
{
    size_t a = left->n;
    size_t b = right->n;

    while (a > 0 && b > 0 && cy_span_eq(left->path[a - 1].prefix, right->path[b - 1].prefix) &&
           cy_span_eq(left->path[a - 1].suffix, right->path[b - 1].suffix)) {
        a--;
        b--;
    }
    if (a == 0 || b == 0)
        return false;
    a--;
    b--;
    return step_side(spec, &left->path[a]) == 0 && step_side(spec, &right->path[b]) == 1 &&
           all_on(spec, left->path, a, 1) && all_on(spec, right->path, b, 0);
}

cy_err cy_ics23_verify_non_membership(const struct cy_ics23_spec *spec, const struct cy_id *root,
                                      struct cy_span proof, struct cy_span key)
{
    struct cy_ics23_proof decoded;
    const struct cy_ics23_exist *left;
    const struct cy_ics23_exist *right;
    bool edge;

    CY_TRY(cy_ics23_decode(proof, &decoded));
    if (!decoded.absence)
        return refuse(CY_ICS23_KIND);
    left = decoded.nonexist.left;
    right = decoded.nonexist.right;
    if (!cy_span_eq(decoded.nonexist.key, key))
        return refuse(CY_ICS23_KEY);
    if (left) {
        CY_TRY(check_root(spec, left, root));
        if (!key_before(left->key, key))
            return refuse(CY_ICS23_KEY);
    }
    if (right) {
        CY_TRY(check_root(spec, right, root));
        if (!key_before(key, right->key))
            return refuse(CY_ICS23_KEY);
    }
    if (left && right)
        edge = adjacent(spec, left, right);
    else if (left)
        edge = all_on(spec, left->path, left->n, 1);
    else
        edge = right && all_on(spec, right->path, right->n, 0);
    return edge ? CY_OK : refuse(CY_ICS23_NEIGHBOUR);
}
