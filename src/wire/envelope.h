/* envelope: the COSE message around an act (RFC 9052; claims in the header by RFC 9597).
 *
 *   COSE_Sign1, tag 18:  [ protected, {}, payload, signature ]              one key
 *   COSE_Sign,  tag 98:  [ protected, {}, payload, [ [sprot, {}, sig] ... ]] several keys
 *
 *   protected  Sign1: {1: -8, 3: content type, 4: kid, 15: claims}
 *              Sign:  {3: content type, 15: claims}, each signer's {1: -8, 4: kid}
 *   claims     {1: iss, 2: sub, 3: aud, 4: exp, 7: cti}
 *
 * iss is the author's passport, sub the passport it acts for (delegation), aud the realm, all as 64
 * hexadecimal digits; exp in Unix seconds; cti 16 bytes. iss is absent in the act that creates the
 * passport, aud in a genesis. kid is the full Ed25519 public key, so that checking a signature
 * needs nothing but the bytes. Algorithm -8 is emitted; -8 and -19 are accepted.
 *
 * Owns: the bytes. Never: hashes or verifies (that is crypto's), judges whether a key is current.
 */
#ifndef CY_WIRE_ENVELOPE_H
#define CY_WIRE_ENVELOPE_H

#include "wire/cbor.h"
#include "wire/tile.h" /* CY_ENTRY_MAX: an act is an entry of the log */

#define CY_SIGNERS_MAX 16
#define CY_CONTENT_TYPE "application/vnd.comity.act+cbor"

struct cy_claims {
    struct cy_id author;  /* iss; none in an inception */
    struct cy_id subject; /* sub; none unless acting for another */
    struct cy_id realm;   /* aud; none in a genesis */
    uint64_t expires;     /* exp, Unix seconds */
    uint8_t nonce[16];    /* cti */
};

struct cy_signer {
    struct cy_id key;
    struct cy_span header;    /* COSE_Sign: the signer's protected bucket, as an encoded bstr */
    const uint8_t *signature; /* 64 bytes, borrowed */
};

struct cy_envelope {
    struct cy_claims claims;
    struct cy_span protected;      /* contents of the protected bucket */
    struct cy_span protected_bstr; /* the same with its CBOR head */
    struct cy_span payload;
    struct cy_span payload_bstr;
    bool several; /* COSE_Sign */
    uint32_t n_signers;
    struct cy_signer signers[CY_SIGNERS_MAX];
};

/* cy_envelope_read parses one act. Everything borrows from `bytes`. Fails with BAD_ENVELOPE,
 * BAD_ALG, SURPLUS_SIGNATURE (a key twice), TOO_LARGE and the errors of cy_cbor_next. What it
 * accepts has exactly one encoding. */
CY_MUST_USE cy_err cy_envelope_read(struct cy_span bytes, struct cy_envelope *out);

/* cy_envelope_protected_read parses the contents of a protected bucket: a key for COSE_Sign1,
 * NULL for COSE_Sign. Fails with BAD_ENVELOPE, BAD_ALG and the errors of cy_cbor_next. */
CY_MUST_USE cy_err cy_envelope_protected_read(struct cy_span protected, struct cy_claims *claims,
                                              struct cy_id *key);

/* The bytes that signer i signed, as up to 5 spans to be hashed one after another: the
 * Sig_structure ["Signature1", protected, h'', payload] or ["Signature", protected, sprot, h'',
 * payload]. Returns the number of spans. */
#define CY_SIGNED_PARTS 5
size_t cy_envelope_signed(const struct cy_envelope *envelope, uint32_t signer,
                          struct cy_span parts[static CY_SIGNED_PARTS]);

/* --- writing: first the headers, then each key signs, then the parts are put together --- */

/* cy_envelope_protected writes the contents of the protected bucket; key == NULL for COSE_Sign. */
CY_MUST_USE cy_err cy_envelope_protected(const struct cy_claims *claims, const struct cy_id *key,
                                         struct cy_cbor_writer *out);

/* cy_envelope_to_sign writes the Sig_structure that `key` signs (several: COSE_Sign). */
CY_MUST_USE cy_err cy_envelope_to_sign(struct cy_span protected, struct cy_span payload,
                                       bool several, const struct cy_id *key,
                                       struct cy_cbor_writer *out);

struct cy_act_signature {
    struct cy_id key;
    uint8_t bytes[64];
};

/* cy_envelope_write puts an act together: one signature makes COSE_Sign1, more make COSE_Sign (and
 * `protected` must have been written for that form). Fails with NO_ROOM, and with TOO_LARGE over
 * CY_ENTRY_MAX bytes: many signatures leave less room than CY_PAYLOAD_MAX. */
CY_MUST_USE cy_err cy_envelope_write(struct cy_span protected, struct cy_span payload, bool several,
                                     const struct cy_act_signature *signatures, uint32_t n,
                                     struct cy_cbor_writer *out);

#endif
