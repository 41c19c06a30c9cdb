#include "host/system/tls.h"

#include "host/system/form.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_BYTES 65536
#define DAY_S 86400

/* Everything made on the way, released in one place. */
struct making {
    EVP_PKEY *key;
    X509 *cert;
    BIO *key_out;
    BIO *cert_out;
};

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension = NULL;
    bool done = false;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    done = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool add_names(X509 *cert, const char *const *names, size_t n)
{
    char *value = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&value, &size);
    bool done = false;

    if (out == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        (void)fprintf(out, "%s%s:%s", i == 0 ? "" : ",", cy_form_address(names[i]) ? "IP" : "DNS",
                      names[i]);
    done = fclose(out) == 0 && add_extension(cert, NID_subject_alt_name, value);
    free(value);
    return done;
}

static bool add_serial(X509 *cert)
{
    uint8_t bytes[16];
    BIGNUM *number = NULL;
    bool done = false;

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive and not zero (RFC 5280, 4.1.2.2) */
    number = BN_bin2bn(bytes, sizeof bytes, NULL);
    done = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return done;
}

static bool fill_cert(X509 *cert, EVP_PKEY *key, const char *const *names, size_t n, uint64_t now,
                      unsigned days)
{
    X509_NAME *subject = X509_get_subject_name(cert);
    const unsigned char *common = (const unsigned char *)names[0];
    const int common_n = strlen(names[0]) > 64 ? 64 : (int)strlen(names[0]);

    return X509_set_version(cert, X509_VERSION_3) == 1 && add_serial(cert) &&
           ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(now - DAY_S)) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(now + (uint64_t)days * DAY_S)) !=
               NULL &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common, common_n, -1, 0) == 1 &&
           X509_set_issuer_name(cert, subject) == 1 && X509_set_pubkey(cert, key) == 1 &&
           add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(cert, NID_key_usage, "critical,digitalSignature") &&
           add_extension(cert, NID_ext_key_usage, "serverAuth,clientAuth") &&
           add_extension(cert, NID_subject_key_identifier, "hash") && add_names(cert, names, n);
}

static char *bio_text(BIO *bio)
{
    char *at = NULL;
    const long n = BIO_get_mem_data(bio, &at);
    char *text = n < 0 ? NULL : malloc((size_t)n + 1);

    if (text != NULL) {
        memcpy(text, at, (size_t)n);
        text[n] = 0;
    }
    return text;
}

static bool make(struct making *m, enum cy_tls_kind kind, const char *const *names, size_t n,
                 uint64_t now, unsigned days)
{
    const EVP_MD *digest = kind == CY_TLS_P256 ? EVP_sha256() : NULL;

    m->key = kind == CY_TLS_P256 ? EVP_EC_gen("P-256") : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    m->cert = X509_new();
    m->cert_out = BIO_new(BIO_s_mem());
    m->key_out = BIO_new(BIO_s_secmem()); /* its buffer is wiped when it is freed */
    return m->key != NULL && m->cert != NULL && m->cert_out != NULL && m->key_out != NULL &&
           fill_cert(m->cert, m->key, names, n, now, days) &&
           X509_sign(m->cert, m->key, digest) > 0 &&
           PEM_write_bio_X509(m->cert_out, m->cert) == 1 &&
           PEM_write_bio_PKCS8PrivateKey(m->key_out, m->key, NULL, NULL, 0, NULL, NULL) == 1;
}

cy_err cy_tls_make(enum cy_tls_kind kind, const char *const *names, size_t n, uint64_t now,
                   unsigned days, struct cy_tls_pair *out)
{
    struct making m = {0};
    bool made = false;

    *out = (struct cy_tls_pair){0};
    CY_ASSERT(n > 0);
    for (size_t i = 0; i < n; i++) {
        if (!cy_form_host(names[i]))
            return cy_fail(CY_E_BAD_TEXT, i);
    }
    made = make(&m, kind, names, n, now, days);
    if (made) {
        out->cert = bio_text(m.cert_out);
        out->key = bio_text(m.key_out);
    }
    EVP_PKEY_free(m.key);
    X509_free(m.cert);
    (void)BIO_free(m.cert_out);
    (void)BIO_free(m.key_out);
    if (!made)
        return cy_fail(CY_E_TLS_MAKE, 0);
    if (out->cert == NULL || out->key == NULL) {
        cy_tls_free(out);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    return CY_OK;
}

void cy_tls_free(struct cy_tls_pair *pair)
{
    if (pair->key != NULL)
        OPENSSL_cleanse(pair->key, strlen(pair->key));
    free(pair->key);
    free(pair->cert);
    *pair = (struct cy_tls_pair){0};
}

static X509 *read_cert(const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509 *cert = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);

    (void)BIO_free(in);
    return cert;
}

cy_err cy_tls_pin(const char *cert, char pin[static CY_TLS_PIN_SIZE])
{
    X509 *parsed = read_cert(cert);
    unsigned char *spki = NULL;
    unsigned char digest[32];
    const int n = parsed == NULL ? -1 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(parsed), &spki);
    const bool done = n > 0 && EVP_Digest(spki, (size_t)n, digest, NULL, EVP_sha256(), NULL) == 1;

    OPENSSL_free(spki);
    X509_free(parsed);
    pin[0] = 0;
    if (!done)
        return cy_fail(CY_E_TLS_MAKE, 0);
    memcpy(pin, "sha256//", 8);
    cy_base64(digest, sizeof digest, pin + 8);
    return CY_OK;
}

/* An encrypted key would make OpenSSL ask on the terminal: it is refused. */
static int no_passphrase(char *out, int size, int writing, void *user)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

cy_err cy_tls_match(const struct cy_tls_pair *pair)
{
    X509 *cert = read_cert(pair->cert);
    BIO *in = BIO_new_mem_buf(pair->key, -1);
    EVP_PKEY *key = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
    const bool match = cert != NULL && key != NULL && X509_check_private_key(cert, key) == 1;

    (void)BIO_free(in);
    X509_free(cert);
    EVP_PKEY_free(key);
    return match ? CY_OK : cy_fail(CY_E_TLS_MAKE, 0);
}

static cy_err write_file(const char *path, const char *text, mode_t mode)
{
    const size_t n = strlen(text);
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    int reason = 0;

    if (file < 0)
        return cy_fail(CY_E_TLS_FILES, (uint64_t)errno);
    if (fchmod(file, mode) != 0 || write(file, text, n) != (ssize_t)n || fsync(file) != 0)
        reason = errno == 0 ? EIO : errno;
    if (close(file) != 0 && reason == 0)
        reason = errno;
    if (reason == 0)
        return CY_OK;
    (void)unlink(path);
    return cy_fail(CY_E_TLS_FILES, (uint64_t)reason);
}

cy_err cy_tls_write(const struct cy_tls_pair *pair, const char *cert_path, const char *key_path)
{
    cy_err done = CY_OK;

    CY_TRY(write_file(key_path, pair->key, 0600));
    done = write_file(cert_path, pair->cert, 0644);
    if (!cy_ok(done))
        (void)unlink(key_path);
    return done;
}

static cy_err read_file(const char *path, bool secret, char **out)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat stat;
    size_t n = 0;
    ssize_t got = 0;

    *out = NULL;
    if (file < 0)
        return cy_fail(CY_E_TLS_FILES, (uint64_t)errno);
    if (fstat(file, &stat) != 0 || !S_ISREG(stat.st_mode) || stat.st_size > FILE_MAX_BYTES ||
        (secret && (stat.st_mode & 077) != 0)) {
        (void)close(file);
        return cy_fail(CY_E_TLS_FILES, EPERM);
    }
    *out = calloc(1, FILE_MAX_BYTES + 1);
    while (*out != NULL && n < FILE_MAX_BYTES) {
        got = read(file, *out + n, FILE_MAX_BYTES - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    (void)close(file);
    if (*out == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    return got < 0 ? cy_fail(CY_E_TLS_FILES, EIO) : CY_OK;
}

cy_err cy_tls_read(const char *cert_path, const char *key_path, struct cy_tls_pair *out)
{
    cy_err done = CY_OK;

    *out = (struct cy_tls_pair){0};
    done = read_file(cert_path, false, &out->cert);
    if (cy_ok(done))
        done = read_file(key_path, true, &out->key);
    if (cy_ok(done))
        done = cy_tls_match(out);
    if (!cy_ok(done))
        cy_tls_free(out);
    return done;
}
