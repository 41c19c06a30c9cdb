/* engine: the life of an act (DESIGN 3), from bytes to world, with every refusal of the way. */
#include "gen.h"
#include "rig.h"

static void refusals_of_the_envelope(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_tick tick = {.now = rig->now + 1000};
    const unsigned operator= 0, stranger = 1;
    struct cy_claims claims;
    struct cy_span act;

    (void)state;
    claims = rig_claims(rig, 0);
    assert_code(rig_send(rig, rig_build(rig, &claims, &cy_schema_tick, &tick, &stranger, 1)),
                WRONG_KEY);
    claims.realm = rig->key[3];
    assert_code(rig_send(rig, rig_build(rig, &claims, &cy_schema_tick, &tick, &operator, 1)),
                WRONG_REALM);
    claims = rig_claims(rig, 0);
    claims.expires = rig->now / 1000;
    assert_code(rig_send(rig, rig_build(rig, &claims, &cy_schema_tick, &tick, &operator, 1)),
                EXPIRED);
    claims.expires = rig->now / 1000 + 3601;
    assert_code(rig_send(rig, rig_build(rig, &claims, &cy_schema_tick, &tick, &operator, 1)),
                TOO_FAR);
    claims = rig_claims(rig, 0);
    act = rig_build(rig, &claims, &cy_schema_tick, &tick, &operator, 1);
    rig->bytes[act.n - 1] ^= 1;
    assert_code(rig_send(rig, act), BAD_SIGNATURE);
    rig->bytes[act.n - 1] ^= 1;
    assert_ok(rig_send(rig, act));
    assert_code(rig_send(rig, act), REPLAY);
    assert_code(RIG_DO(rig, 1, tick, .now = rig->now + 2000), UNKNOWN_PASSPORT);
    rig_passport(rig, 1, CY_kind_PERSON, "Ada");
    assert_code(RIG_DO(rig, 1, tick, .now = rig->now + 2000), NOT_OPERATOR);
    /* an act that exists, in a realm that does not have its institution */
    for (uint32_t n = 0; n < CY_MESSAGES_MAX; n++) {
        const struct cy_schema *schema = cy_schema_act(n);

        if (schema == NULL || cy_engine_row(&rig->engine, n) != NULL)
            continue;
        static _Alignas(16) uint8_t room[1 << 20];
        struct cy_arena arena = cy_arena_on(room, sizeof room);
        struct gen gen = gen_on(n, &arena);
        const struct cy_any any = gen_act(&gen, schema);

        assert_code(rig_do(rig, 1, schema, any.message), UNKNOWN_MESSAGE);
        break;
    }
    assert_code(RIG_DO(rig, 0, tick, .now = rig->now - 1), TIME_BACK);
    assert_code(rig_for(rig, 1, 0, &cy_schema_tick, &tick), NO_DELEGATION);
    rig_free(rig);
}

static void transfers_in_two_phases(void **state) /* M111 */
{
    struct rig *rig = rig_new(NULL, 0);
    struct cy_id asset, a, b;

    (void)state;
    rig_passport(rig, 1, CY_kind_COMPANY, "Alpha");
    rig_passport(rig, 2, CY_kind_COMPANY, "Beta");
    assert_ok(RIG_DO(rig, 1, asset_create, .code = rig_label("TON"), .name = rig_name("tonne")));
    asset = rig->last;
    assert_ok(RIG_DO(rig, 1, account_open, .asset = asset));
    assert_ok(RIG_DO(rig, 2, account_open, .asset = asset));
    a = cy_account_id(&rig->id[1], &asset, 0);
    b = cy_account_id(&rig->id[2], &asset, 0);
    assert_code(RIG_DO(rig, 2, asset_issue, .asset = asset, .account = b, .amount = 5), NOT_OWNER);
    assert_ok(RIG_DO(rig, 1, asset_issue, .asset = asset, .account = a, .amount = 100));
    assert_code(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 101), INSUFFICIENT);
    assert_code(RIG_DO(rig, 2, transfer, .from = a, .to = b, .amount = 1), NOT_OWNER);
    assert_ok(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 10));
    assert_ok(RIG_DO(rig, 1, transfer, .phase = CY_phase_PENDING, .from = a, .to = b, .amount = 60,
                     .expires = rig->now + 5000));
    const struct cy_id pending = rig->last;

    assert_code(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 31), INSUFFICIENT);
    assert_code(RIG_DO(rig, 2, transfer, .phase = CY_phase_POST, .pending = pending), NOT_OWNER);
    assert_code(RIG_DO(rig, 1, transfer, .phase = CY_phase_POST, .pending = pending, .amount = 61),
                INSUFFICIENT);
    assert_ok(RIG_DO(rig, 1, transfer, .phase = CY_phase_POST, .pending = pending, .amount = 50));
    assert_true(CY_GET(&rig->engine.world, account, &a)->balance == 40);
    assert_true(CY_GET(&rig->engine.world, account, &a)->held == 0);
    assert_true(CY_GET(&rig->engine.world, account, &b)->balance == 60);
    /* expiry by comparison of times; a tick's housekeeping returns what expired */
    assert_ok(RIG_DO(rig, 1, transfer, .phase = CY_phase_PENDING, .from = a, .to = b, .amount = 40,
                     .expires = rig->now + 5000));
    const struct cy_id late = rig->last;

    rig_tick(rig, 5000);
    assert_code(RIG_DO(rig, 1, transfer, .phase = CY_phase_POST, .pending = late), NO_NOUN);
    assert_true(CY_GET(&rig->engine.world, account, &a)->balance == 40);
    rig_free(rig);
}

static void batches(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    struct cy_id asset, a, b;

    (void)state;
    rig_passport(rig, 1, CY_kind_COMPANY, "Alpha");
    rig_passport(rig, 2, CY_kind_COMPANY, "Beta");
    assert_ok(RIG_DO(rig, 1, asset_create, .code = rig_label("TON"), .name = rig_name("tonne")));
    asset = rig->last;
    a = cy_account_id(&rig->id[1], &asset, 0);
    b = cy_account_id(&rig->id[2], &asset, 0);
    assert_ok(RIG_DO(rig, 2, account_open, .asset = asset));
    const struct cy_account_open open = {.asset = asset};
    const struct cy_asset_issue issue = {.asset = asset, .account = a, .amount = 10};
    const struct cy_transfer ten = {.from = a, .to = b, .amount = 10};
    const struct cy_transfer one = {.from = a, .to = b, .amount = 1};
    const struct cy_any acts[] = {
        {&cy_schema_account_open, &open },
        {&cy_schema_asset_issue,  &issue}, /* sees the account just opened */
        {&cy_schema_transfer,     &ten  },
        {&cy_schema_transfer,     &one  }
    };

    assert_code(RIG_DO(rig, 1, batch, .acts = acts, .n_acts = 4), INSUFFICIENT);
    assert_int_equal(rig->verdict.item, 3);
    assert_null(CY_GET(&rig->engine.world, account, &a)); /* all or nothing */
    assert_ok(RIG_DO(rig, 1, batch, .mode = CY_batch_mode_EACH, .acts = acts, .n_acts = 4));
    assert_int_equal(rig->verdict.n_items, 4);
    assert_int_equal(rig->verdict.items[2], 0);
    assert_int_equal(rig->verdict.items[3], CY_E_INSUFFICIENT);
    assert_true(CY_GET(&rig->engine.world, account, &b)->balance == 10);
    const struct cy_any nested[] = {
        {&cy_schema_passport_retire, &(struct cy_passport_retire){{0}}}
    };

    assert_code(RIG_DO(rig, 1, batch, .acts = nested, .n_acts = 1), NESTED);
    rig_free(rig);
}

static void keys_rotate_by_commitment(void **state) /* M072, M079 */
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_key_share next[] = {
        {.key = rig->key[11], .weight = 1},
        { .key = rig->key[12],        .weight = 1, .clause = 1}
    };
    const struct cy_key_set next_set = {
        next, 2, {1, 1, 0}
    };
    const struct cy_key_share first = {.key = rig->key[1], .weight = 1};
    const struct cy_passport_create create = {.kind = CY_kind_NATION,
                                              .name = rig_name("Norway"),
                                              .keys = &first,
                                              .n_keys = 1,
                                              .need_0 = 1,
                                              .next = cy_identity_next(&next_set)};
    const struct cy_passport_rotate wrong = {.keys = next, .n_keys = 1, .need_0 = 1};
    const struct cy_passport_rotate right = {.keys = next, .n_keys = 2, .need_0 = 1, .need_1 = 1};
    const unsigned one[] = {1}, eleven[] = {11}, both[] = {11, 12}, three[] = {11, 12, 1};
    struct cy_claims claims = rig_claims(rig, 1);

    (void)state;
    claims.author = (struct cy_id){0};
    assert_ok(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_create, &create, one, 1)));
    rig->id[1] = rig->last;
    claims = rig_claims(rig, 1);
    assert_code(
        rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_rotate, &wrong, eleven, 1)),
        NEXT_MISMATCH);
    assert_code(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_rotate, &right, one, 1)),
                WRONG_KEY); /* the present key alone cannot rotate */
    assert_code(
        rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_rotate, &right, eleven, 1)),
        THRESHOLD);
    assert_ok(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_rotate, &right, both, 2)));
    assert_code(RIG_DO(rig, 1, passport_retire, .reason = rig_line("test")), RETIRED_KEY);
    claims = rig_claims(rig, 1);
    const struct cy_passport_retire bye = {.reason = rig_line("merged")};

    assert_code(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_retire, &bye, three, 3)),
                RETIRED_KEY);
    assert_ok(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_retire, &bye, both, 2)));
    claims = rig_claims(rig, 1);
    assert_code(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_retire, &bye, both, 2)),
                RETIRED_PASSPORT);
    rig_free(rig);
}

/* Whoever fills the memory of act ids cannot stop the clock, and gets no act in unremembered. */
static void a_full_memory_of_acts(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_asset_create create = {.code = rig_label("X"), .name = rig_name("x")};
    const struct cy_any item = {.schema = &cy_schema_asset_create, .message = &create};
    struct cy_table *seen = &cy_world_table(&rig->engine.world, CY_R_seen)->table;
    const uint32_t assets = cy_world_count(&rig->engine.world, CY_R_asset);
    unsigned n = 0;

    (void)state;
    seen->limit = 64;
    rig_passport(rig, 1, CY_kind_COMPANY, "flood");
    while (cy_ok(RIG_DO(rig, 1, evidence_record, .digest = {{(uint8_t)(n + 1)}},
                        .kind = CY_evidence_kind_INCIDENT, .summary = rig_line("x"))))
        n++;
    assert_code(rig->verdict.err, NO_ROOM);
    assert_code(RIG_DO(rig, 1, batch, .mode = CY_batch_mode_EACH, .acts = &item, .n_acts = 1),
                NO_ROOM);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_asset), assets);
    rig_tick(rig, 1000); /* refused, nobody's time would move on again */
    rig_tick(rig, 600000);
    rig_tick(rig, 1000);
    assert_ok(RIG_DO(rig, 1, batch, .mode = CY_batch_mode_EACH, .acts = &item, .n_acts = 1));
    assert_true(seen->n < 8);
    rig_free(rig);
}

/* A careless operator cannot send the clock where no date is. */
static void time_has_an_end(void **state)
{
    struct rig *rig = rig_new(NULL, 0);

    (void)state;
    assert_code(RIG_DO(rig, 0, tick, .now = UINT64_MAX), WRONG_TIME);
    assert_code(RIG_DO(rig, 0, tick, .now = CY_LEDGER_TIME_MAX), WRONG_TIME);
    assert_ok(RIG_DO(rig, 0, tick, .now = CY_LEDGER_TIME_MAX - 1));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_of_the_envelope),
        cmocka_unit_test(transfers_in_two_phases),
        cmocka_unit_test(batches),
        cmocka_unit_test(keys_rotate_by_commitment),
        cmocka_unit_test(a_full_memory_of_acts),
        cmocka_unit_test(time_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
