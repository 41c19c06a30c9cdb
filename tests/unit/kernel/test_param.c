/* param: every knob has a default within its bounds; only the operator turns it (M121). */
#include "rig.h"

static void the_table_is_sound(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CY_PARAMS; i++) {
        const struct cy_param_row *row = cy_param_row(i);
        struct cy_label name;

        assert_ok(cy_label_of(cy_span_text(row->name), &name));
        assert_true(row->least <= row->value);
        assert_true(row->value <= row->most);
        assert_true(row->least < row->most);
        assert_true(row->unit[0] != 0);
        assert_true(row->meaning[0] != 0);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(row->name, cy_param_row(j)->name);
    }
    assert_null(cy_param_row(CY_PARAMS));
}

static void set_within_bounds(void **state)
{
    struct rig *rig = rig_new(NULL, 0);

    (void)state;
    rig_passport(rig, 1, CY_kind_PERSON, "Ada");
    for (unsigned i = 0; i < CY_PARAMS; i++) {
        const struct cy_param_row *row = cy_param_row(i);
        const struct cy_label name = rig_label(row->name);

        assert_int_equal(cy_param(&rig->engine.plan, i), row->value);
        assert_code(RIG_DO(rig, 1, param_set, .name = name, .value = row->value), NOT_OPERATOR);
        if (row->least > 0)
            assert_code(RIG_DO(rig, 0, param_set, .name = name, .value = row->least - 1),
                        PARAM_RANGE);
        if (row->most < UINT64_MAX)
            assert_code(RIG_DO(rig, 0, param_set, .name = name, .value = row->most + 1),
                        PARAM_RANGE);
    }
    assert_code(RIG_DO(rig, 0, param_set, .name = rig_label("no_such"), .value = 1), UNKNOWN_PARAM);
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("sweep_n"), .value = 16));
    assert_int_equal(cy_param(&rig->engine.plan, CY_P_SWEEP_N), 16);
    rig_free(rig);
}

static void acts_are_rationed(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_asset_create create = {.code = rig_label("CRD"), .name = rig_name("credit")};

    (void)state;
    rig_passport(rig, 1, CY_kind_PERSON, "Ada");
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("rate_per_min"), .value = 3));
    for (unsigned i = 0; i < 3; i++)
        assert_ok(rig_do(rig, 1, &cy_schema_asset_create, &create));
    assert_code(rig_do(rig, 1, &cy_schema_asset_create, &create), RATE_LIMIT);
    rig_tick(rig, 59999);
    assert_code(rig_do(rig, 1, &cy_schema_asset_create, &create), RATE_LIMIT);
    rig_tick(rig, 1);
    assert_ok(rig_do(rig, 1, &cy_schema_asset_create, &create));
    rig_free(rig);
}

static void rules_change_with_notice(void **state)
{
    struct rig *rig = rig_new(NULL, 0);

    (void)state;
    assert_code(RIG_DO(rig, 0, rules_set, .version = 1, .from = rig->now + 86400000), RANGE);
    assert_code(RIG_DO(rig, 0, rules_set, .version = 2, .from = rig->now + 86399999), WRONG_TIME);
    assert_ok(RIG_DO(rig, 0, rules_set, .version = 200, .from = rig->now + 86400000));
    assert_ok(RIG_DO(rig, 0, rules_set, .version = 1, .from = rig->now)); /* a slip, taken back */
    assert_int_equal(cy_engine_realm(&rig->engine)->rules_next, 0);
    assert_int_equal(cy_engine_realm(&rig->engine)->rules_from, 0);
    assert_ok(RIG_DO(rig, 0, rules_set, .version = 2, .from = rig->now + 86400000));
    rig_tick(rig, 86399999);
    assert_int_equal(cy_engine_realm(&rig->engine)->rules, 1);
    /* a program that does not know the rules stops before the act that begins them, and says so */
    assert_code(RIG_DO(rig, 0, tick, .now = rig->now + 1), RULES_UNKNOWN);
    assert_int_equal(rig->verdict.err.detail, 2);
    assert_int_equal(cy_engine_realm(&rig->engine)->rules, 1);
    rig_free(rig);
}

static uint64_t param_of(struct rig *rig, const char *name)
{
    const struct cy_label label = rig_label(name);
    const struct cy_param *param = CY_GET(&rig->engine.world, param, &label);

    return param == NULL ? 0 : param->value;
}

static void a_version_that_is_known_begins(void **state)
{
    static const struct cy_rules_param of_two[] = {
        {CY_P_INBOX_MOST, 32},
        {CY_P_PROBATION,  16},
    };
    static const struct cy_rules_param of_three[] = {
        {CY_P_INBOX_MOST, 8},
    };
    static const struct cy_rules_version versions[] = {
        {"first", NULL,     0},
        {"two",   of_two,   2},
        {"three", of_three, 1},
    };
    static const struct cy_rules two = {versions, 2};
    static const struct cy_rules three = {versions, 3};
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_label label = rig_label("probation");
    cy_time from = 0;

    (void)state;
    rig->engine.rules = &two;
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("rules_notice_ms"), .value = 10));
    from = rig->now + 10;
    assert_ok(RIG_DO(rig, 0, rules_set, .version = 3, .from = from));
    assert_code(RIG_DO(rig, 0, tick, .now = from), RULES_UNKNOWN);
    assert_ok(RIG_DO(rig, 0, rules_set, .version = 2, .from = from));
    rig_tick(rig, 9);
    assert_int_equal(param_of(rig, "inbox_most"), 0); /* the default */
    rig_tick(rig, 1);
    assert_int_equal(cy_engine_realm(&rig->engine)->rules, 2);
    assert_int_equal(cy_engine_realm(&rig->engine)->rules_next, 0);
    assert_int_equal(param_of(rig, "inbox_most"), 32);
    assert_int_equal(CY_GET(&rig->engine.world, param, &label)->since, from);
    /* it may be changed again, as ever; the version begins once */
    assert_ok(RIG_DO(rig, 0, param_set, .name = label, .value = 5));
    rig_tick(rig, 1);
    assert_int_equal(param_of(rig, "probation"), 5);
    /* an older program on this ledger judges nothing */
    rig->engine.rules = &cy_rules_known;
    assert_code(RIG_DO(rig, 0, tick, .now = rig->now), RULES_UNKNOWN);
    /* a newer one goes on, and may leave versions out */
    rig->engine.rules = &three;
    assert_ok(RIG_DO(rig, 0, rules_set, .version = 3, .from = rig->now + 10));
    rig_tick(rig, 10);
    assert_int_equal(param_of(rig, "inbox_most"), 8);
    assert_int_equal(param_of(rig, "probation"), 5);
    assert_code(RIG_DO(rig, 0, rules_set, .version = 2, .from = rig->now + 10), RANGE);
    rig_free(rig);
}

static void the_versions_of_this_program_are_sound(void **state)
{
    (void)state;
    assert_true(cy_rules_known.newest >= 1);
    for (uint32_t v = 0; v < cy_rules_known.newest; v++) {
        const struct cy_rules_version *version = &cy_rules_known.versions[v];

        assert_non_null(version->says);
        for (size_t i = 0; i < version->n_params; i++) {
            const struct cy_param_row *row = cy_param_row(version->params[i].param);

            assert_non_null(row);
            assert_true(version->params[i].value >= row->least);
            assert_true(version->params[i].value <= row->most);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(set_within_bounds),
        cmocka_unit_test(acts_are_rationed),
        cmocka_unit_test(rules_change_with_notice),
        cmocka_unit_test(a_version_that_is_known_begins),
        cmocka_unit_test(the_versions_of_this_program_are_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
