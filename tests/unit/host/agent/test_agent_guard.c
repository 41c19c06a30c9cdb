/* Who may speak to the agent: every header that keeps somebody out, one at a time. */
#include "host/agent/agent_guard.h"

#include "cm.h"

#include <stdio.h>

static struct cy_agent_guard guard_;

static struct cy_agent_asked good(void)
{
    return (struct cy_agent_asked){.host = "127.0.0.1:7400",
                                   .origin = "http://127.0.0.1:7400",
                                   .site = "same-origin",
                                   .token = guard_.token,
                                   .type = "application/json",
                                   .body = true};
}

static enum cy_code act(struct cy_agent_asked asked)
{
    return cy_agent_guard_act(&guard_, &asked).code;
}

static enum cy_code page(struct cy_agent_asked asked, bool navigation)
{
    return cy_agent_guard_page(&guard_, &asked, navigation).code;
}

/* A good request but for one header (the place of a text in the struct). */
static enum cy_code with(size_t at, const char *value)
{
    struct cy_agent_asked asked = good();

    memcpy((char *)&asked + at, &value, sizeof value);
    return act(asked);
}

#define WITH(header, value) with(offsetof(struct cy_agent_asked, header), (value))

static void token_is_needed(void **state)
{
    char other[65];
    char longer[67];

    (void)state;
    assert_int_equal(act(good()), CY_E_NONE);
    assert_int_equal(WITH(token, NULL), CY_E_AGENT_TOKEN);
    assert_int_equal(WITH(token, ""), CY_E_AGENT_TOKEN);
    for (size_t i = 0; i < 64; i++) { /* any digit wrong */
        memcpy(other, guard_.token, 65);
        other[i] = other[i] == '0' ? '1' : '0';
        assert_int_equal(WITH(token, other), CY_E_AGENT_TOKEN);
    }
    memcpy(other, guard_.token, 65);
    other[63] = 0;
    assert_int_equal(WITH(token, other), CY_E_AGENT_TOKEN);
    snprintf(longer, sizeof longer, "%s0", guard_.token);
    assert_int_equal(WITH(token, longer), CY_E_AGENT_TOKEN);
}

static void host_is_this_address_and_port(void **state)
{
    static const char *const foreign[] = {
        "127.0.0.1",       "127.0.0.1:7401",          "localhost",  "evil.example:7400",
        "0.0.0.0:7400",    "127.0.0.1.evil.org:7400", "[::1]:7400", "127.0.0.1:7400:7400",
        "127.0.0.1:74000", " 127.0.0.1:7400",         "127.1:7400", "",
    };
    struct cy_agent_asked named = good();

    (void)state;
    for (size_t i = 0; i < CY_COUNT(foreign); i++) {
        assert_int_equal(WITH(host, foreign[i]), CY_E_BAD_HOST);
        assert_int_equal(page((struct cy_agent_asked){.host = foreign[i]}, true), CY_E_BAD_HOST);
    }
    assert_int_equal(WITH(host, NULL), CY_E_BAD_HOST);
    named.host = "LOCALHOST:7400";
    named.origin = "http://localhost:7400";
    assert_int_equal(act(named), CY_E_NONE);
}

static void origin_is_the_page_that_was_served(void **state)
{
    static const char *const foreign[] = {
        "http://evil.example",
        "https://127.0.0.1:7400",
        "http://127.0.0.1:9000",
        "http://127.0.0.1:7400.evil",
        "null",
        "",
        "http://localhost:7400", /* another origin than the Host of this request */
        "http://127.0.0.1",
        "file://",
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(foreign); i++) {
        assert_int_equal(WITH(origin, foreign[i]), CY_E_AGENT_FOREIGN);
        assert_int_equal(
            page((struct cy_agent_asked){.host = "127.0.0.1:7400", .origin = foreign[i]}, true),
            CY_E_AGENT_FOREIGN);
    }
    assert_int_equal(WITH(origin, NULL), CY_E_NONE); /* a program of the user, with the token */
}

static void sites_are_told_apart(void **state)
{
    struct cy_agent_asked a = {.host = "127.0.0.1:7400"};

    (void)state;
    assert_int_equal(WITH(site, "cross-site"), CY_E_AGENT_FOREIGN);
    assert_int_equal(WITH(site, "same-site"), CY_E_AGENT_FOREIGN);
    assert_int_equal(WITH(site, "none"), CY_E_AGENT_FOREIGN);
    assert_int_equal(WITH(site, NULL), CY_E_NONE);
    a.site = "cross-site"; /* a link from elsewhere opens the page; an image does not load */
    assert_int_equal(page(a, true), CY_E_NONE);
    assert_int_equal(page(a, false), CY_E_AGENT_FOREIGN);
    a.site = "none";
    assert_int_equal(page(a, false), CY_E_NONE);
}

static void bodies_are_json(void **state)
{
    static const char *const forms[] = {
        "text/plain",        "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/jsonx", "application/json; charset=latin1",  ""};
    struct cy_agent_asked empty = good();

    (void)state;
    for (size_t i = 0; i < CY_COUNT(forms); i++)
        assert_int_equal(WITH(type, forms[i]), CY_E_AGENT_TYPE);
    assert_int_equal(WITH(type, NULL), CY_E_AGENT_TYPE);
    empty.type = NULL;
    empty.body = false;
    assert_int_equal(act(empty), CY_E_NONE);
    assert_int_equal(WITH(type, "Application/JSON; charset=UTF-8"), CY_E_NONE);
}

static void tokens_differ(void **state)
{
    struct cy_agent_guard other = {0};

    (void)state;
    cy_agent_guard_make(&other);
    assert_int_equal(strlen(other.token), 64);
    assert_int_equal(strspn(other.token, "0123456789abcdef"), 64);
    assert_string_not_equal(other.token, guard_.token);
}

static int set_up(void **state)
{
    (void)state;
    cy_agent_guard_make(&guard_);
    guard_.port = 7400;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_is_needed),
        cmocka_unit_test(host_is_this_address_and_port),
        cmocka_unit_test(origin_is_the_page_that_was_served),
        cmocka_unit_test(sites_are_told_apart),
        cmocka_unit_test(bodies_are_json),
        cmocka_unit_test(tokens_differ),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
