/* ed25519: the one rule by which everybody verifies signatures (SPEC, "Signatures").
 *
 * Libraries disagree on 914 published edge cases; a federation whose members verify by different
 * rules can be split by one malicious signer. The rule: s < L; A and R canonically encoded;
 * neither A nor R with x = 0; and the cofactored equation 8 s B = 8 R + 8 k A with
 * k = SHA-512(R || A || M). It holds singly and in batches alike (ed25519_batch.h).
 *
 * It runs on libdecaf's public API. libdecaf decodes an Ed25519 point to (2 times) its class in a
 * group of prime order: that forgets the part of low order, which is what the cofactor means, and
 * multiplies by 2, so that the equation becomes 2 s B = R' + k A'.
 *
 * libdecaf sees public data only. Signing and every other secret is libsodium's (secret.h).
 * Owns: the rule, and the start-up test of the libraries. Never: holds a secret key. */
#ifndef CY_CRYPTO_ED25519_H
#define CY_CRYPTO_ED25519_H

#include "crypto/hash.h"

struct cy_signature {
    uint8_t b[64]; /* R || s */
};

/* The most spans a message may be split into. */
#define CY_ED25519_PARTS_MAX 14u

/* cy_crypto_start readies the libraries and tests them; call it once before anything else of
 * crypto/, any number of times from any thread. It checks that hashes match published values,
 * that libsodium refuses a key with a part of order 2 (CVE-2025-69277), and that libdecaf and
 * libsodium give fixed verdicts on a table of edge signatures. Fails with CRYPTO_SELFTEST, detail:
 * 2 libsodium's start, 3 hashes, 4 the key of order 2 L, 5 a good key refused, 16 + i row i of the
 * table. */
CY_MUST_USE cy_err cy_crypto_start(void);

/* cy_crypto_check is the test alone. It starts nothing and keeps nothing: hashing and verifying
 * need no start, only secrets do. */
CY_MUST_USE cy_err cy_crypto_check(void);

/* cy_ed25519_verify applies the rule to one message, given as n <= CY_ED25519_PARTS_MAX spans that
 * are read as one string. Fails with BAD_SIGNATURE. */
CY_MUST_USE cy_err cy_ed25519_verify(const struct cy_id *key, const struct cy_span *message,
                                     size_t n, const struct cy_signature *signature);

/* cy_ed25519_verify_strict: the rule, and libsodium's own verification as well (no cofactor, no
 * key of low order). For notes, cosignatures, votes, heads and all that may stand in evidence, so
 * that what convicts a traitor convicts it in every stock tool. Fails with BAD_SIGNATURE. */
CY_MUST_USE cy_err cy_ed25519_verify_strict(const struct cy_id *key, struct cy_span message,
                                            const struct cy_signature *signature);

/* cy_ed25519_admit judges a key once, when a passport brings it in: a canonical point of prime
 * order, not the identity (libsodium is_valid_point). Fails with BAD_KEY. */
CY_MUST_USE cy_err cy_ed25519_admit(const struct cy_id *key);

#endif
