/* receipt: COSE receipts, the proofs of one log in the form COSE tools read (RFC 9942).
 *
 *   tag 18 [ << {1: alg, 4: kid, 395: 1} >>,
 *            {396: {-1: [ << [size, index, [hash ...]] >> ]}}          inclusion, or
 *            {396: {-2: [ << [size, newer size, [hash ...]] >> ]}},    consistency
 *            null,                                                     the root is detached
 *            signature ]
 *
 * 395 = 1 says RFC9162_SHA256. The signature is over ["Signature1", protected, h'', root], where
 * root is that of size (inclusion) or of the newer size (consistency): a verifier computes the root
 * from the proof first and cannot forget to compare it. kid is the full Ed25519 public key.
 * Narrower than the standard: exactly one proof in a receipt, no further headers, and the
 * deterministic encoding only. One wider: an empty path where the tree has one leaf, or the two
 * sizes are equal, and so no other path is possible.
 *
 * Owns: the bytes. Never: hashes or verifies (crypto/merkle, crypto/ed25519). */
#ifndef CY_WIRE_RECEIPT_H
#define CY_WIRE_RECEIPT_H

#include "wire/cbor.h"

#define CY_RECEIPT_PATH_MAX 64u
#define CY_RECEIPT_MAX 2400u        /* bytes of the longest receipt */
#define CY_RECEIPT_TO_SIGN_MAX 104u /* bytes of the longest Sig_structure */

enum cy_receipt_kind { CY_RECEIPT_INCLUSION = 1, CY_RECEIPT_CONSISTENCY = 2 };

struct cy_receipt {
    enum cy_receipt_kind kind;
    struct cy_id key; /* kid */
    bool alg_19;      /* the algorithm is -19 (Ed25519); otherwise -8 (EdDSA), which we emit */
    uint64_t size;    /* inclusion: of the tree; consistency: of the older tree */
    uint64_t index;   /* inclusion: of the leaf; consistency: size of the newer tree */
    uint32_t n;       /* hashes of path */
    uint8_t signature[64];
    struct cy_id path[CY_RECEIPT_PATH_MAX]; /* in the order of RFC 9162 */
};

/* cy_receipt_read decodes one receipt. What it accepts has exactly one encoding. Refuses sizes
 * that no proof can be for (index >= size, older size 0 or above the newer). Fails with
 * BAD_PROOF_TEXT (detail: position), BAD_ALG, and the errors of cy_cbor_next and cy_cbor_end. */
CY_MUST_USE cy_err cy_receipt_read(struct cy_span bytes, struct cy_receipt *out);

/* cy_receipt_write encodes one; at most CY_RECEIPT_MAX bytes. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_receipt_write(const struct cy_receipt *receipt, struct cy_cbor_writer *out);

/* cy_receipt_to_sign writes the bytes that the signature of receipt is over, given the root
 * computed from its proof; at most CY_RECEIPT_TO_SIGN_MAX. Uses kind, key and algorithm only, so it
 * serves before the signature exists. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_receipt_to_sign(const struct cy_receipt *receipt, const struct cy_id *root,
                                      struct cy_cbor_writer *out);

#endif
