/* identity: who may create a passport, whose keys count, and who answers for whom (M072, M079). */
#include "rig.h"

static cy_err create(struct rig *rig, const struct cy_passport_create *m, const unsigned *keys,
                     unsigned n_keys)
{
    struct cy_claims claims = rig_claims(rig, 1);

    claims.author = (struct cy_id){{0}};
    return rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_create, m, keys, n_keys));
}

static cy_err as(struct rig *rig, unsigned n, const unsigned *keys, unsigned n_keys)
{
    const struct cy_asset_create m = {.code = rig_label("CRD"), .name = rig_name("credit")};
    const struct cy_claims claims = rig_claims(rig, n);

    return rig_send(rig, rig_build(rig, &claims, &cy_schema_asset_create, &m, keys, n_keys));
}

static void clauses_must_all_be_met(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_key_share shares[] = {
        {rig->key[1], 0, 1},
        {rig->key[2], 0, 1},
        {rig->key[3], 0, 1},
        {rig->key[4], 1, 2}
    };
    struct cy_passport_create m = {.kind = CY_kind_NATION,
                                   .name = rig_name("Norway"),
                                   .keys = shares,
                                   .n_keys = 4,
                                   .need_0 = 2,
                                   .need_1 = 2};
    const unsigned two[] = {1, 2}, three[] = {1, 2, 4}, four[] = {1, 2, 3, 4},
                   stranger[] = {1, 2, 4, 9}, treasurer[] = {4};

    (void)state;
    m.need_1 = 3;
    assert_code(create(rig, &m, three, 3), THRESHOLD); /* not even met at birth */
    m.need_0 = 0;
    m.need_0 = 4;
    m.need_1 = 2;
    assert_code(create(rig, &m, three, 3), THRESHOLD);
    m.need_0 = 2;
    assert_code(create(rig, &m, two, 2), THRESHOLD);
    assert_code(create(rig, &m, four, 4), SURPLUS_SIGNATURE);
    assert_code(create(rig, &m, stranger, 4), WRONG_KEY);
    m.kind = CY_kind_REALM;
    assert_code(create(rig, &m, three, 3), NOT_ALLOWED);
    m.kind = CY_kind_NATION;
    assert_ok(create(rig, &m, three, 3));
    rig->id[1] = rig->last;
    assert_ok(as(rig, 1, three, 3));
    assert_code(as(rig, 1, two, 2), THRESHOLD);
    assert_code(as(rig, 1, treasurer, 1), THRESHOLD);
    assert_code(as(rig, 1, four, 4), SURPLUS_SIGNATURE);
    assert_code(as(rig, 1, stranger, 4), WRONG_KEY);
    rig_free(rig);
}

static void keys_are_admitted_once(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    struct cy_key_share shares[] = {
        {rig->key[1], 0, 1},
        {{{1}},       0, 1}
    };
    struct cy_passport_create m = {
        .kind = CY_kind_PERSON, .name = rig_name("Ada"), .keys = shares, .n_keys = 2, .need_0 = 1};
    const unsigned one[] = {1};

    (void)state;
    assert_code(create(rig, &m, one, 1), BAD_KEY); /* anyone could sign for the identity */
    shares[1].key = rig->key[1];
    assert_code(create(rig, &m, one, 1), EXISTS);
    shares[1].key = rig->key[2];
    shares[1].clause = 1;
    m.need_1 = 0;
    assert_ok(create(rig, &m, one, 1));
    rig_free(rig);
}

static void a_controller_must_sign(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_key_share share = {.key = rig->key[2], .weight = 1};
    struct cy_passport_create m = {
        .kind = CY_kind_AGENT, .name = rig_name("Bot"), .keys = &share, .n_keys = 1, .need_0 = 1};
    const unsigned alone[] = {2}, both[] = {2, 1}, other[] = {2, 3}, company[] = {1},
                   more[] = {2, 1, 3};

    (void)state;
    rig_passport(rig, 1, CY_kind_COMPANY, "Alpha");
    m.controller = rig->key[5];
    assert_code(create(rig, &m, alone, 1), UNKNOWN_PASSPORT);
    m.controller = rig->id[1];
    assert_code(create(rig, &m, alone, 1), SPONSOR_MISSING);
    assert_code(create(rig, &m, company, 1), THRESHOLD);
    assert_code(create(rig, &m, other, 2), WRONG_KEY);
    assert_code(create(rig, &m, more, 3), WRONG_KEY);
    assert_ok(create(rig, &m, both, 2));
    assert_memory_equal(&CY_GET(&rig->engine.world, passport, &rig->last)->controller, &rig->id[1],
                        32);
    m.controller = (struct cy_id){{0}};
    assert_code(create(rig, &m, both, 2), WRONG_KEY); /* an open realm asks for nobody else */
    rig_free(rig);
}

static void a_closed_realm_asks_for_a_sponsor(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_key_share share = {.key = rig->key[2], .weight = 1};
    struct cy_passport_create m = {
        .kind = CY_kind_PERSON, .name = rig_name("Bo"), .keys = &share, .n_keys = 1, .need_0 = 1};
    const unsigned alone[] = {2}, admitted[] = {2, 0}, member[] = {2, 1};

    (void)state;
    rig_passport(rig, 1, CY_kind_COMPANY, "Alpha");
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("open_passports"), .value = 0));
    assert_code(create(rig, &m, alone, 1), SPONSOR_MISSING);
    assert_code(create(rig, &m, member, 2), WRONG_KEY); /* vouching is answering: as controller */
    assert_ok(create(rig, &m, admitted, 2));
    m.controller = rig->id[1];
    assert_code(create(rig, &m, admitted, 2), WRONG_KEY);
    assert_ok(create(rig, &m, member, 2));
    rig_free(rig);
}

static void retirement_is_final(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_account_open open = {.asset = rig->key[1]};

    (void)state;
    rig_passport(rig, 1, CY_kind_PERSON, "Ada");
    rig_passport(rig, 2, CY_kind_AGENT, "Bot");
    assert_ok(RIG_DO(rig, 1, grant, .to = rig->id[2], .until = rig->now + 1000));
    assert_code(RIG_DO(rig, 0, passport_retire, .reason = rig_line("end")), IN_USE);
    assert_ok(RIG_DO(rig, 1, passport_retire, .reason = rig_line("end")));
    assert_code(RIG_DO(rig, 1, account_open, .asset = rig->key[1]), RETIRED_PASSPORT);
    assert_code(rig_for(rig, 2, 1, &cy_schema_account_open, &open), RETIRED_PASSPORT);
    rig_free(rig);
}

static void codes_are_attested_once(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_label scheme = rig_label("iso3166-1");

    (void)state;
    rig_passport(rig, 1, CY_kind_NATION, "Norway");
    rig_passport(rig, 2, CY_kind_NATION, "Norwey");
    assert_code(RIG_DO(rig, 1, passport_attest, .passport = rig->id[1], .scheme = scheme,
                       .value = rig_label("NO")),
                NOT_OPERATOR);
    assert_code(RIG_DO(rig, 0, passport_attest, .passport = rig->key[1], .scheme = scheme,
                       .value = rig_label("NO")),
                UNKNOWN_PASSPORT);
    assert_ok(RIG_DO(rig, 0, passport_attest, .passport = rig->id[1], .scheme = scheme,
                     .value = rig_label("NO")));
    assert_code(RIG_DO(rig, 0, passport_attest, .passport = rig->id[2], .scheme = scheme,
                       .value = rig_label("NO")),
                EXISTS);
    rig_free(rig);
}

/* Liability follows control: who held the keys at a time is on record for good. */
static void old_keys_stay_on_record(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_key_share first = {.key = rig->key[1], .weight = 1};
    const struct cy_key_share second = {.key = rig->key[2], .weight = 1};
    const struct cy_key_share back = {.key = rig->key[1], .weight = 1};
    const struct cy_key_set second_set = {
        &second, 1, {1, 0, 0}
    };
    const struct cy_key_set back_set = {
        &back, 1, {1, 0, 0}
    };
    const struct cy_passport_create create_it = {.kind = CY_kind_PERSON,
                                                 .name = rig_name("Ada"),
                                                 .keys = &first,
                                                 .n_keys = 1,
                                                 .need_0 = 1,
                                                 .next = cy_identity_next(&second_set)};
    const struct cy_passport_rotate rotate = {
        .keys = &second, .n_keys = 1, .need_0 = 1, .next = cy_identity_next(&back_set)};
    const struct cy_passport_rotate again = {.keys = &back, .n_keys = 1, .need_0 = 1};
    const unsigned one[] = {1}, two[] = {2};
    struct cy_claims claims;
    struct {
        struct cy_id passport;
        struct cy_id key;
    } key;

    (void)state;
    assert_ok(create(rig, &create_it, one, 1));
    rig->id[1] = rig->last;
    rig_tick(rig, 1000);
    claims = rig_claims(rig, 1);
    assert_ok(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_rotate, &rotate, two, 1)));
    key.passport = rig->id[1];
    key.key = rig->key[1];
    assert_int_equal(CY_GET(&rig->engine.world, control, &key)->generation, 1);
    assert_int_equal(CY_GET(&rig->engine.world, control, &key)->since, rig->now - 1000);
    key.key = rig->key[2];
    assert_int_equal(CY_GET(&rig->engine.world, control, &key)->since, rig->now);
    claims = rig_claims(rig, 1);
    assert_code(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_rotate, &again, one, 1)),
                KEY_REUSED);
    assert_code(as(rig, 1, one, 1), RETIRED_KEY);
    assert_ok(as(rig, 1, two, 1));
    rig_free(rig);
}

/* A crowd of newcomers leaves room for those who must replace their keys. */
static void newcomers_leave_room(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    struct cy_table *control = &cy_world_table(&rig->engine.world, CY_R_control)->table;
    const struct cy_key_share next[] = {
        {.key = rig->key[60], .weight = 1}
    };
    const struct cy_key_set next_set = {
        next, 1, {1, 0, 0}
    };
    const struct cy_key_share share = {.key = rig->key[1], .weight = 1};
    const struct cy_passport_create first = {.kind = CY_kind_COMPANY,
                                             .name = rig_name("first"),
                                             .keys = &share,
                                             .n_keys = 1,
                                             .need_0 = 1,
                                             .next = cy_identity_next(&next_set)};
    const struct cy_passport_rotate rotate = {.keys = next, .n_keys = 1, .need_0 = 1};
    struct cy_claims claims = rig_claims(rig, 1);
    const unsigned one = 1;
    const unsigned sixty = 60;
    cy_err err = CY_OK;

    (void)state;
    control->limit = 16;
    claims.author = (struct cy_id){0};
    assert_ok(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_create, &first, &one, 1)));
    rig->id[1] = rig->last;
    for (unsigned n = 2; n < 20 && cy_ok(err); n++) {
        const struct cy_key_share own = {.key = rig->key[n], .weight = 1};
        const struct cy_passport_create m = {.kind = CY_kind_COMPANY,
                                             .name = rig_name("more"),
                                             .keys = &own,
                                             .n_keys = 1,
                                             .need_0 = 1};

        claims = rig_claims(rig, n);
        claims.author = (struct cy_id){0};
        err = rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_create, &m, &n, 1));
    }
    assert_code(err, NO_ROOM);
    claims = rig_claims(rig, 1);
    assert_ok(
        rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_rotate, &rotate, &sixty, 1)));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clauses_must_all_be_met),
        cmocka_unit_test(keys_are_admitted_once),
        cmocka_unit_test(a_controller_must_sign),
        cmocka_unit_test(a_closed_realm_asks_for_a_sponsor),
        cmocka_unit_test(retirement_is_final),
        cmocka_unit_test(codes_are_attested_once),
        cmocka_unit_test(old_keys_stay_on_record),
        cmocka_unit_test(newcomers_leave_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
