/* statement: a request to look after a cell, signed by one key of a passport.
 *
 *   tag 18 [ << {1: -8, 3: "application/vnd.comity.admin+cbor", 4: kid} >>, {},
 *            << {1: passport, 2: origin, 3: method, 4: target, 5: body, 6: time, 7: nonce} >>,
 *            signature ]
 *
 * It says who asks (passport), whom (origin: the name of the ledger), for what (method, target: the
 * path and query as sent, body: SHA-256 of the body), when (Unix milliseconds) and a nonce of 16
 * bytes. The signature is over ["Signature1", protected, h'', payload]. The content type is another
 * one than an act's (envelope.h): neither can be passed off as the other, and a signer builds the
 * headers itself. kid is the full Ed25519 public key.
 *
 * Owns: the bytes; there is exactly one encoding. Never: verifies, judges time or authority. */
#ifndef CY_WIRE_STATEMENT_H
#define CY_WIRE_STATEMENT_H

#include "wire/cbor.h"
#include "wire/ident.h"

#define CY_STATEMENT_TYPE "application/vnd.comity.admin+cbor"
#define CY_STATEMENT_ORIGIN_MAX 100u
#define CY_STATEMENT_TARGET_MAX 1024u
#define CY_STATEMENT_PAYLOAD_MAX 1400u
#define CY_STATEMENT_MAX 1600u

struct cy_statement {
    struct cy_id passport;
    struct cy_span origin;
    struct cy_span method; /* GET, POST, PUT, DELETE */
    struct cy_span target;
    struct cy_id body; /* SHA-256 of the body; of nothing when there is none */
    uint64_t time_ms;
    uint8_t nonce[16];
};

/* A whole one; spans point into the bytes that were read. */
struct cy_signed_statement {
    struct cy_statement statement;
    struct cy_id key;
    struct cy_span payload;
    uint8_t signature[64];
};

/* cy_statement_payload_write encodes the statement; what is out of bounds cannot be read again.
 * cy_statement_payload_read accepts nothing else. They fail with NO_ROOM, and with BAD_STATEMENT
 * (detail: number of the field, 0: the form) and the errors of cy_cbor_next. */
CY_MUST_USE cy_err cy_statement_payload_write(const struct cy_statement *statement,
                                              struct cy_cbor_writer *out);
CY_MUST_USE cy_err cy_statement_payload_read(struct cy_span bytes, struct cy_statement *out);

/* cy_statement_to_sign writes the Sig_structure of key and payload. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_statement_to_sign(const struct cy_id *key, struct cy_span payload,
                                        struct cy_cbor_writer *out);

/* cy_statement_write puts one together, cy_statement_read takes one apart. They fail as above. */
CY_MUST_USE cy_err cy_statement_write(const struct cy_id *key, struct cy_span payload,
                                      const uint8_t signature[static 64],
                                      struct cy_cbor_writer *out);
CY_MUST_USE cy_err cy_statement_read(struct cy_span bytes, struct cy_signed_statement *out);

#endif
