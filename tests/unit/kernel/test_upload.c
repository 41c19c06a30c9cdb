/* upload: inputs in parts: in order, hashed on arrival, bonded, and given up in time. */
#include "money.h"

static uint8_t body[3][1000];

static struct cy_id digest_of(unsigned n)
{
    struct cy_id head = {{0}};

    for (unsigned i = 0; i < n; i++)
        head = cy_upload_chain(&head, cy_span_of(body[i], sizeof body[i]));
    return head;
}

static cy_err send(struct rig *rig, unsigned n, struct cy_id upload, unsigned i, size_t bytes)
{
    return RIG_DO(rig, n, part, .upload = upload, .position = i,
                  .body = cy_span_of(body[i], bytes));
}

static struct cy_id bond_of(struct rig *rig, struct cy_id account, struct cy_id to, uint64_t amount)
{
    assert_ok(RIG_DO(rig, 1, bond_post, .account = account, .beneficiary = to, .amount = amount));
    return rig->last;
}

static void whole_or_not(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    struct cy_plan *plan = &rig->engine.plan;
    struct cy_id digest;
    const struct cy_input *input = NULL;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        memset(body[i], (int)i + 1, sizeof body[i]);
    digest = digest_of(3);
    rig_passport(rig, 1, CY_kind_PERSON, "Ada");
    rig_passport(rig, 2, CY_kind_PERSON, "Bo");
    const struct cy_id asset = money_new(rig, 0, "CRD");
    const struct cy_id own = money_new(rig, 1, "OWN");
    const struct cy_id a = money_give(rig, 0, 1, asset, 100);
    const struct cy_id b = money_give(rig, 1, 1, own, 100);

    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("upload_bond"), .value = 10));
    struct cy_part_open m = {.digest = digest, .bytes = 3000, .parts = 3};

    assert_code(rig_do(rig, 1, &cy_schema_part_open, &m), BOND_MISSING);
    m.bond = bond_of(rig, b, rig->realm, 10); /* units anyone can make */
    assert_code(rig_do(rig, 1, &cy_schema_part_open, &m), BOND_MISSING);
    m.bond = bond_of(rig, a, rig->id[2], 10);
    assert_code(rig_do(rig, 1, &cy_schema_part_open, &m), BOND_MISSING);
    m.bond = bond_of(rig, a, rig->realm, 9);
    assert_code(rig_do(rig, 1, &cy_schema_part_open, &m), BOND_MISSING);
    m.bond = bond_of(rig, a, rig->realm, 10);
    assert_code(rig_do(rig, 2, &cy_schema_part_open, &m), BOND_MISSING); /* 1's bond */
    m.bytes = 2;
    assert_code(rig_do(rig, 1, &cy_schema_part_open, &m), RANGE);
    m.bytes = 3000;
    assert_ok(rig_do(rig, 1, &cy_schema_part_open, &m));
    const struct cy_id upload = rig->last;
    const uint64_t from = rig->at - 1;

    assert_code(RIG_DO(rig, 1, bond_cool, .bond = m.bond), IN_USE);
    assert_code(send(rig, 1, rig->key[1], 0, 1000), NO_NOUN);
    assert_code(send(rig, 2, upload, 0, 1000), NOT_OWNER);
    assert_code(send(rig, 1, upload, 1, 1000), PART_ORDER);
    assert_ok(send(rig, 1, upload, 0, 1000));
    assert_code(send(rig, 1, upload, 0, 1000), PART_ORDER);
    assert_ok(send(rig, 1, upload, 1, 1000));
    assert_code(send(rig, 1, upload, 2, 999), PART_DIGEST);
    body[2][5] ^= 1;
    assert_code(send(rig, 1, upload, 2, 1000), PART_DIGEST);
    body[2][5] ^= 1;
    assert_null(cy_upload_whole(plan, &digest, rig->now));
    assert_ok(send(rig, 1, upload, 2, 1000));
    input = cy_upload_whole(plan, &digest, rig->now);
    assert_non_null(input);
    assert_int_equal(input->bytes, 3000);
    assert_int_equal(input->parts, 3);
    assert_int_equal(input->ledger_from, from);
    assert_int_equal(input->ledger_to, rig->at - 1);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_upload), 0);
    assert_ok(RIG_DO(rig, 1, bond_cool, .bond = m.bond)); /* its duty is done */
    /* the input is forgotten when its time is over */
    rig_tick(rig, 600000 - 1);
    assert_non_null(cy_upload_whole(plan, &digest, rig->now));
    rig_tick(rig, 1);
    assert_null(cy_upload_whole(plan, &digest, rig->now));
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_input), 0);
    rig_free(rig);
}

static void given_up_in_time(void **state)
{
    struct rig *rig = rig_new(NULL, 0);

    (void)state;
    rig_passport(rig, 1, CY_kind_PERSON, "Ada");
    const struct cy_id asset = money_new(rig, 0, "CRD");
    const struct cy_id a = money_give(rig, 0, 1, asset, 100);
    const struct cy_id bond = bond_of(rig, a, rig->realm, 1);

    assert_ok(
        RIG_DO(rig, 1, part_open, .digest = digest_of(2), .bytes = 2000, .parts = 2, .bond = bond));
    const struct cy_id first = rig->last;

    assert_ok(send(rig, 1, first, 0, 1000));
    rig_tick(rig, 599999);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_upload), 1);
    rig_tick(rig, 1);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_upload), 0);
    assert_int_equal(CY_GET(&rig->engine.world, bond, &bond)->uses, 0);
    assert_code(send(rig, 1, first, 1, 1000), NO_NOUN);
    /* housekeeping is bounded; what it has not reached is still over */
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("upload_bond"), .value = 0));
    /* the right parts of an input announced as longer, or shorter, are not that input */
    assert_ok(RIG_DO(rig, 1, part_open, .digest = digest_of(2), .bytes = 2001, .parts = 2));
    const struct cy_id longer = rig->last;

    assert_ok(send(rig, 1, longer, 0, 1000));
    assert_code(send(rig, 1, longer, 1, 1000), PART_DIGEST);
    assert_ok(RIG_DO(rig, 1, part_open, .digest = digest_of(2), .bytes = 1999, .parts = 2));
    const struct cy_id shorter = rig->last;

    assert_ok(send(rig, 1, shorter, 0, 1000));
    assert_code(send(rig, 1, shorter, 1, 1000), PART_DIGEST);
    rig_tick(rig, 600000);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_upload), 0);
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("sweep_n"), .value = 16));

    for (unsigned i = 0; i < 3; i++) {
        assert_ok(RIG_DO(rig, 1, part_open, .digest = digest_of(2), .bytes = 2000, .parts = 2));
    }
    rig_tick(rig, 600000);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_upload), 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct cy_upload *left = cy_world_at(&rig->engine.world, CY_R_upload, i);

        assert_code(send(rig, 1, left->id, 0, 1000), UPLOAD_OVER);
    }
    for (unsigned i = 0; i < 4; i++)
        rig_tick(rig, 1);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_upload), 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_or_not),
        cmocka_unit_test(given_up_in_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
