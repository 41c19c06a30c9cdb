/* duty_view: what binds one party in several realms is listed, and what contradicts is found; what
 * does not contradict is left alone (M081). */
#include "cm.h"

#include "base/text.h"
#include "host/cli/duty_view.h"
#include "wire/schema.h"

#include <stdio.h>

/* Rows of one realm, by table. */
static json_t *from_text(void *user, const char *table, const char *field, const char *value)
{
    json_t *all = json_loads(user, 0, NULL);
    json_t *rows = json_incref(json_object_get(all, table));

    assert_non_null(all);
    assert_non_null(field);
    assert_string_equal(value, "cc");
    json_decref(all);
    return rows;
}

static json_t *duties_of(const char *const *realms, size_t n)
{
    static const char *const names[] = {"oak", "elm", "ash"};
    json_t *duties = json_array();

    for (size_t i = 0; i < n; i++) {
        const struct cy_duty_source source = {from_text, (void *)(uintptr_t)realms[i], names[i]};

        cy_duty_view_read(&source, "cc", duties);
    }
    return duties;
}

/* The kinds of conflicts, one after the other. */
static void conflicts(const char *const *realms, size_t n, size_t n_duties, const char *kinds)
{
    json_t *duties = duties_of(realms, n);
    json_t *found = json_array();
    json_t *item = NULL;
    char room[256];
    struct cy_text text = cy_text_on(room, sizeof room);
    size_t i = 0;

    cy_duty_view_conflicts(duties, found);
    json_array_foreach(found, i, item)
    {
        cy_text_add(&text, json_string_value(json_object_get(item, "kind")));
        cy_text_add(&text, " ");
    }
    assert_string_equal(room, kinds);
    assert_int_equal(json_array_size(duties), n_duties);
    json_decref(duties);
    json_decref(found);
}

static void nothing_contradicts(void **state)
{
    const char *const realms[] = {
        "{\"member\":[{\"alliance\":\"a1\",\"state\":\"active\"},"
        "{\"alliance\":\"a2\",\"state\":\"left\"}],\"bond\":[{\"id\":\"b1\"}],"
        "\"member_bond\":[{\"bond\":\"b1\"}],"
        "\"constraint\":[{\"kind\":4,\"venue\":\"v\"},{\"kind\":2,\"asset\":\"x\"}]}",
        "{\"member\":[{\"alliance\":\"a3\",\"state\":\"active\"}],"
        "\"constraint\":[{\"kind\":4,\"venue\":\"v\"}],"
        "\"foreign_duty\":[{\"key\":\"k\",\"gone\":true}]}",
    };

    (void)state;
    conflicts(realms, 2, 7, "");
}

static void venues_bonds_and_arrivals_contradict(void **state)
{
    const char *const realms[] = {
        "{\"constraint\":[{\"kind\":4,\"venue\":\"v\"}],\"bond\":[{\"id\":\"b1\"}],"
        "\"member_bond\":[{\"bond\":\"b2\"},{\"bond\":\"b2\"}]}",
        "{\"constraint\":[{\"kind\":4,\"venue\":\"w\"}],\"bond\":[{\"id\":\"b1\"}],"
        "\"foreign_claim\":[{\"passport\":\"cc\",\"state\":\"open\"}]}",
        "{\"admission\":[{\"passport\":\"cc\"}],"
        "\"foreign_claim\":[{\"passport\":\"cc\",\"state\":\"refuted\"}]}",
    };

    (void)state;
    conflicts(realms, 3, 8, "pledge pledge venue twice ");
}

static void a_bound_forbids_what_a_duty_needs(void **state)
{
    char realm[256];
    const char *const realms[] = {realm, "{\"share_party\":[{\"share\":\"s2\"}]}"};

    (void)state;
    (void)snprintf(realm, sizeof realm,
                   "{\"share_party\":[{\"share\":\"s\"}],\"member\":[{\"alliance\":\"a\","
                   "\"state\":\"active\"}],\"departure\":[{\"realm\":\"r\"}],"
                   "\"constraint\":[{\"kind\":1,\"act\":%u},{\"kind\":1,\"act\":60}]}",
                   (unsigned)CY_M_share_pay_in);
    conflicts(realms, 2, 6, "leaving forbids ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_contradicts),
        cmocka_unit_test(venues_bonds_and_arrivals_contradict),
        cmocka_unit_test(a_bound_forbids_what_a_duty_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
