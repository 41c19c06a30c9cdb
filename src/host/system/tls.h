/* tls: the key and self-signed certificate of a server, and the pin others know it by.
 *
 * Peers pin public keys (they stand in passports), so no certificate authority is needed: the
 * certificate only carries the key. ECDSA P-256 is what every client takes; Ed25519 is offered for
 * peers that know it (browsers do not).
 *
 * Owns: nothing; all texts belong to the caller. Never: keeps a key in memory after returning. */
#ifndef CY_HOST_SYSTEM_TLS_H
#define CY_HOST_SYSTEM_TLS_H

#include "base/text.h"

enum cy_tls_kind { CY_TLS_P256, CY_TLS_ED25519 };

/* "sha256//" and 44 characters of base64, and a 0. */
#define CY_TLS_PIN_SIZE 53

struct cy_tls_pair {
    char *cert; /* PEM */
    char *key;  /* PEM, PKCS #8 */
};

/* cy_tls_make makes a key and an X.509 v3 certificate for n >= 1 host names or addresses (they
 * become its subjectAltName, the first one its common name), valid from a day before `now` (Unix
 * seconds) for `days`. Fails with BAD_TEXT (detail: which name), TLS_MAKE, NO_MEMORY. */
CY_MUST_USE cy_err cy_tls_make(enum cy_tls_kind kind, const char *const *names, size_t n,
                               uint64_t now, unsigned days, struct cy_tls_pair *out);

/* cy_tls_free wipes the key and releases both. */
void cy_tls_free(struct cy_tls_pair *pair);

/* cy_tls_pin computes the pin of a PEM certificate: SHA-256 of its SubjectPublicKeyInfo, as
 * CURLOPT_PINNEDPUBLICKEY takes it. Fails with TLS_MAKE. */
CY_MUST_USE cy_err cy_tls_pin(const char *cert, char pin[static CY_TLS_PIN_SIZE]);

/* cy_tls_match: TLS_MAKE when the key does not belong to the certificate. */
CY_MUST_USE cy_err cy_tls_match(const struct cy_tls_pair *pair);

/* cy_tls_write writes both files, which must not exist (the key is never overwritten): key mode
 * 0600, certificate 0644, both synced. Fails with TLS_FILES (detail: errno), and then neither is
 * left. */
CY_MUST_USE cy_err cy_tls_write(const struct cy_tls_pair *pair, const char *cert_path,
                                const char *key_path);

/* cy_tls_read reads both files and checks that they belong together. A key file that others may
 * read is refused. Fails with TLS_FILES (detail: errno, EPERM for the mode) or TLS_MAKE. */
CY_MUST_USE cy_err cy_tls_read(const char *cert_path, const char *key_path,
                               struct cy_tls_pair *out);

#endif
