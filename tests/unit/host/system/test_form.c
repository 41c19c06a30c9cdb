/* form: spelling of addresses, names, URLs, origins, keys and pins. */
#include "host/system/form.h"

#include "cm.h"

static void hosts(void **s)
{
    char host[64];
    unsigned port = 0;

    (void)s;
    assert_true(cy_form_host("a.example"));
    assert_true(cy_form_host("x-1.y2"));
    assert_true(cy_form_host("::1"));
    assert_false(cy_form_host("-a"));
    assert_false(cy_form_host("a-"));
    assert_false(cy_form_host("a..b"));
    assert_false(cy_form_host("a_b"));
    assert_false(cy_form_host("300.1.1.1"));
    assert_false(cy_form_host(""));
    assert_true(cy_form_loopback("127.9.9.9"));
    assert_true(cy_form_loopback("::1"));
    assert_true(cy_form_loopback("LocalHost"));
    assert_true(cy_form_loopback("a.localhost"));
    assert_false(cy_form_loopback("localhost.evil.example"));
    assert_false(cy_form_loopback("10.0.0.1"));
    assert_true(cy_form_host_port(cy_span_text("A.Example.:80"), host, sizeof host, &port));
    assert_string_equal(host, "a.example");
    assert_int_equal(port, 80);
    assert_true(cy_form_host_port(cy_span_text("[::1]:7301"), host, sizeof host, &port));
    assert_string_equal(host, "::1");
    assert_int_equal(port, 7301);
    assert_false(cy_form_host_port(cy_span_text("::1"), host, sizeof host, &port));
    assert_false(cy_form_host_port(cy_span_text("[a.example]"), host, sizeof host, &port));
    assert_false(cy_form_host_port(cy_span_text("a:0"), host, sizeof host, &port));
    assert_false(cy_form_host_port(cy_span_text("a:65536"), host, sizeof host, &port));
    assert_false(cy_form_host_port(cy_span_text("a:"), host, sizeof host, &port));
    assert_false(cy_form_host_port(cy_span_text("a@b"), host, sizeof host, &port));
    assert_false(cy_form_host_port(cy_span_text(""), host, sizeof host, &port));
}

static void urls_and_keys(void **s)
{
    (void)s;
    assert_true(cy_form_url("https://a.example:7301/x?y=1"));
    assert_true(cy_form_url("http://127.0.0.1:7302"));
    assert_true(cy_form_url("http://[::1]:7302/"));
    assert_false(cy_form_url("http://a.example/"));
    assert_false(cy_form_url("https://user@a.example/"));
    assert_false(cy_form_url("https://a.example/#f"));
    assert_false(cy_form_url("https://a.example/a b"));
    assert_false(cy_form_url("ftp://a.example/"));
    assert_false(cy_form_url("https://"));
    assert_true(cy_form_origin("a.example/ledger"));
    assert_false(cy_form_origin("https://a.example/ledger"));
    assert_false(cy_form_origin("a b"));
    assert_false(cy_form_origin("a+b"));
    /* the key of the signed-note example in C2SP */
    assert_true(cy_form_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
    assert_false(cy_form_vkey("PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
    assert_false(cy_form_vkey("Peter+c74f20a3+ARpc"));
    assert_false(cy_form_vkey("Peter"));
    assert_true(cy_form_pin("sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
    assert_false(cy_form_pin("sha256//47DEQpj8HBSa"));
    assert_false(cy_form_pin("sha1//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts),
        cmocka_unit_test(urls_and_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
