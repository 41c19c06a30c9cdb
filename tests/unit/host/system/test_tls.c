/* tls: keys, certificates, pins; judged by the openssl command where it can. */
#include "host/system/tls.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cm.h"

static const char *const names[] = {"a.example", "127.0.0.1", "::1"};

static X509 *parse(const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509 *cert = PEM_read_bio_X509(in, NULL, NULL, NULL);

    BIO_free(in);
    assert_non_null(cert);
    return cert;
}

static void certificate(void **s)
{
    const enum cy_tls_kind kinds[] = {CY_TLS_P256, CY_TLS_ED25519};

    (void)s;
    for (size_t i = 0; i < 2; i++) {
        struct cy_tls_pair pair;
        struct cy_tls_pair other;
        X509 *cert = NULL;
        int day = 0;
        int second = 0;

        assert_ok(cy_tls_make(kinds[i], names, 3, (uint64_t)time(NULL), 3650, &pair));
        assert_ok(cy_tls_match(&pair));
        cert = parse(pair.cert);
        assert_int_equal(X509_check_host(cert, "a.example", 0, 0, NULL), 1);
        assert_int_equal(X509_check_host(cert, "b.example", 0, 0, NULL), 0);
        assert_int_equal(X509_check_ip_asc(cert, "127.0.0.1", 0), 1);
        assert_int_equal(X509_check_ip_asc(cert, "::1", 0), 1);
        assert_int_equal(X509_get_version(cert), X509_VERSION_3);
        assert_int_equal(X509_check_ca(cert), 0);
        assert_int_equal(X509_verify(cert, X509_get0_pubkey(cert)), 1);
        assert_true(X509_cmp_current_time(X509_get0_notBefore(cert)) < 0);
        assert_int_equal(ASN1_TIME_diff(&day, &second, NULL, X509_get0_notAfter(cert)), 1);
        assert_in_range(day, 3649, 3650);
        X509_free(cert);
        assert_ok(cy_tls_make(kinds[i], names, 1, (uint64_t)time(NULL), 1, &other));
        {
            struct cy_tls_pair mixed = {pair.cert, other.key};

            assert_code(cy_tls_match(&mixed), TLS_MAKE);
        }
        cy_tls_free(&other);
        cy_tls_free(&pair);
        assert_null(pair.key);
    }
}

static void bad_names(void **s)
{
    const char *const bad[] = {"a.example", "x,DNS:evil.example"};
    struct cy_tls_pair pair;

    (void)s;
    assert_code(cy_tls_make(CY_TLS_P256, bad, 2, 1700000000, 1, &pair), BAD_TEXT);
}

static void files_and_pin(void **s)
{
    char dir[] = "/tmp/cy_tls_XXXXXX";
    char cert_path[64];
    char key_path[64];
    char command[512];
    char line[128] = "";
    char pin[CY_TLS_PIN_SIZE];
    struct cy_tls_pair pair;
    struct cy_tls_pair back;
    struct stat st;
    FILE *pipe = NULL;

    (void)s;
    assert_non_null(mkdtemp(dir));
    snprintf(cert_path, sizeof cert_path, "%s/cert.pem", dir);
    snprintf(key_path, sizeof key_path, "%s/key.pem", dir);
    assert_ok(cy_tls_make(CY_TLS_P256, names, 3, (uint64_t)time(NULL), 3650, &pair));
    assert_ok(cy_tls_write(&pair, cert_path, key_path));
    assert_code(cy_tls_write(&pair, cert_path, key_path), TLS_FILES); /* never overwritten */
    assert_int_equal(stat(key_path, &st), 0);
    assert_int_equal(st.st_mode & 0777u, 0600);
    assert_ok(cy_tls_read(cert_path, key_path, &back));
    assert_string_equal(back.key, pair.key);
    cy_tls_free(&back);
    assert_ok(cy_tls_pin(pair.cert, pin));
    assert_int_equal(strlen(pin), CY_TLS_PIN_SIZE - 1);
    snprintf(command, sizeof command,
             "openssl x509 -in %s -pubkey -noout | openssl pkey -pubin -outform DER | "
             "openssl dgst -sha256 -binary | openssl base64",
             cert_path);
    pipe = popen(command, "r");
    if (pipe != NULL && fgets(line, sizeof line, pipe) != NULL && line[0] != 0) {
        line[strcspn(line, "\n")] = 0;
        assert_string_equal(pin + 8, line);
    }
    if (pipe != NULL)
        pclose(pipe);
    chmod(key_path, 0644);
    assert_code(cy_tls_read(cert_path, key_path, &back), TLS_FILES);
    assert_code(cy_tls_read(cert_path, cert_path, &back), TLS_FILES);
    unlink(key_path);
    assert_code(cy_tls_write(&pair, cert_path, key_path), TLS_FILES); /* certificate stands */
    assert_int_not_equal(access(key_path, F_OK), 0);                  /* and no key is left */
    assert_code(cy_tls_pin("junk", pin), TLS_MAKE);
    cy_tls_free(&pair);
    unlink(cert_path);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate),
        cmocka_unit_test(bad_names),
        cmocka_unit_test(files_and_pin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
