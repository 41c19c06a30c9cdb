/* ics23: proofs that a state tree holds a key with a value, or that it does not (ICS-23).
 *
 *      existence        leaf op, then steps from the leaf up:  root = H(prefix || child || suffix)
 *      absence          existence of the two neighbours of the key, shown to be adjacent leaves
 *                       (or of the left-most or right-most leaf alone)
 *
 * The verifier knows two shapes of tree: Tendermint, which the state tree uses, leaf
 * SHA-256(00 || varint len key || key || 20 || SHA-256(value)), node SHA-256(01 || left || right);
 * and IAVL, because the published vectors hold it. Anything the shape does not pin (other hashes,
 * other prefixes, batch and compressed proofs) is refused. The Tendermint shape here is narrower
 * than the specification's: prefixes are exactly 00 and 01 and a step is exactly two children.
 *
 * Proofs travel as protobuf `CommitmentProof` bytes. The reader takes only the canonical form
 * (ascending fields, no defaults, no unknown fields, shortest integers), so that bytes and proof
 * are one to one.
 *
 * Owns: nothing; decoded spans point into the bytes. Never: builds a tree (ledger/trie). */
#ifndef CY_CRYPTO_ICS23_H
#define CY_CRYPTO_ICS23_H

#include "base/text.h"
#include "crypto/hash.h"

/* The longest path: one step for each bit of a 32-byte key. */
#define CY_ICS23_PATH_MAX 256u

/* The leaf op as proto enumerations: hash and prehash 0 none, 1 SHA-256; length 0 none, 1 varint.
 */
struct cy_ics23_leaf {
    uint32_t hash;
    uint32_t prehash_key;
    uint32_t prehash_value;
    uint32_t length;
    struct cy_span prefix;
};

struct cy_ics23_step {
    uint32_t hash;
    struct cy_span prefix; /* Tendermint: 01, or 01 || left child */
    struct cy_span suffix; /* Tendermint: right child, or nothing */
};

struct cy_ics23_exist {
    struct cy_span key;
    struct cy_span value;
    struct cy_ics23_leaf leaf;
    const struct cy_ics23_step *path; /* from the leaf up */
    size_t n;
};

struct cy_ics23_nonexist {
    struct cy_span key;
    const struct cy_ics23_exist *left;  /* NULL: the key is before every leaf */
    const struct cy_ics23_exist *right; /* NULL: the key is behind every leaf */
};

/* A shape of tree. Two children in their order, SHA-256 everywhere, no empty child. */
struct cy_ics23_spec {
    const char *name;
    struct cy_span leaf_prefix; /* a leaf's prefix begins with this */
    struct cy_span node_prefix; /* a step's prefix begins with this; may be empty */
    uint32_t child_size;        /* bytes of a child inside prefix or suffix */
    uint32_t prefix_min;        /* bytes of a step's prefix without its left child */
    uint32_t prefix_max;
    uint32_t path_max; /* at most CY_ICS23_PATH_MAX */
    bool exact;        /* leaf prefix exactly leaf_prefix, step exactly two children */
    bool iavl;         /* prefixes begin with three varints: height, size, version */
};

extern const struct cy_ics23_spec cy_ics23_tendermint;
extern const struct cy_ics23_spec cy_ics23_iavl;

/* cy_ics23_leaf_tendermint is the leaf op that every proof of our state tree carries. */
extern const struct cy_ics23_leaf cy_ics23_leaf_tendermint;

/* A decoded CommitmentProof. About 21 KB: it holds the steps of both neighbours. */
struct cy_ics23_proof {
    bool absence;
    struct cy_ics23_exist exist;       /* when !absence */
    struct cy_ics23_nonexist nonexist; /* when absence; its left and right point to side[] */
    struct cy_ics23_exist side[2];
    struct cy_ics23_step steps[2][CY_ICS23_PATH_MAX];
};

/* cy_ics23_decode reads CommitmentProof bytes into out, which must not be moved afterwards; spans
 * point into bytes. Fails with BAD_STATE_PROOF (detail CY_ICS23_BYTES or CY_ICS23_DEPTH). */
CY_MUST_USE cy_err cy_ics23_decode(struct cy_span bytes, struct cy_ics23_proof *out);

/* cy_ics23_encode_exist and _nonexist append CommitmentProof bytes to out (used as a byte writer).
 * Fail with NO_ROOM. */
CY_MUST_USE cy_err cy_ics23_encode_exist(const struct cy_ics23_exist *exist, struct cy_text *out);
CY_MUST_USE cy_err cy_ics23_encode_nonexist(const struct cy_ics23_nonexist *nonexist,
                                            struct cy_text *out);

/* cy_ics23_leaf_hash is the hash of a Tendermint leaf. key_n bytes of key, value already hashed. */
struct cy_id cy_ics23_leaf_hash(struct cy_span key, const struct cy_id *value_hash);

/* cy_ics23_root computes the root an existence proof leads to under the shape. Fails with
 * BAD_STATE_PROOF when the proof does not have the shape. */
CY_MUST_USE cy_err cy_ics23_root(const struct cy_ics23_spec *spec,
                                 const struct cy_ics23_exist *exist, struct cy_id *root);

/* cy_ics23_verify_membership checks that the tree of that root holds key with value.
 * cy_ics23_verify_non_membership checks that it does not hold key at all. Both fail with
 * BAD_STATE_PROOF; the detail is one of enum cy_ics23_reason. */
CY_MUST_USE cy_err cy_ics23_verify_membership(const struct cy_ics23_spec *spec,
                                              const struct cy_id *root, struct cy_span proof,
                                              struct cy_span key, struct cy_span value);
CY_MUST_USE cy_err cy_ics23_verify_non_membership(const struct cy_ics23_spec *spec,
                                                  const struct cy_id *root, struct cy_span proof,
                                                  struct cy_span key);

enum cy_ics23_reason {
    CY_ICS23_BYTES = 1, /* not the canonical protobuf */
    CY_ICS23_KIND,      /* existence where absence was asked for, or the reverse */
    CY_ICS23_LEAF,      /* the leaf op is not the shape's */
    CY_ICS23_STEP,      /* a step is not the shape's */
    CY_ICS23_DEPTH,     /* the path is too long */
    CY_ICS23_KEY,       /* the proof is for another key, or a neighbour is on the wrong side */
    CY_ICS23_VALUE,     /* the proof is for another value */
    CY_ICS23_ROOT,      /* the path leads to another root */
    CY_ICS23_NEIGHBOUR  /* the neighbours are not adjacent, or not at the edge */
};

#endif
