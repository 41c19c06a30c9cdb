/* evidence: bundles and blobs named by hash (M117). */
#include "rig.h"

#include "crypto/hash.h"
#include "kernel/evidence.h"

static void bundles_hash_to_their_digest(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_span bundle = cy_span_text("two heads of one size");
    const struct cy_id digest = cy_sha256(bundle);
    const struct cy_evidence *kept = NULL;

    (void)state;
    rig_passport(rig, 1, CY_kind_PERSON, "Ada");
    assert_code(RIG_DO(rig, 1, evidence_record, .digest = digest,
                       .kind = CY_evidence_kind_EQUIVOCATION, .summary = rig_line("forked")),
                MISSING_FIELD);
    assert_code(RIG_DO(rig, 1, evidence_record, .digest = rig->key[1],
                       .kind = CY_evidence_kind_EQUIVOCATION, .summary = rig_line("forked"),
                       .bundle = bundle),
                EVIDENCE_DIGEST);
    assert_ok(RIG_DO(rig, 1, evidence_record, .digest = digest,
                     .kind = CY_evidence_kind_EQUIVOCATION, .summary = rig_line("forked"),
                     .bundle = bundle, .about = rig->id[0]));
    assert_code(RIG_DO(rig, 0, evidence_record, .digest = digest, .kind = CY_evidence_kind_DOCUMENT,
                       .summary = rig_line("other")),
                EXISTS);
    kept = cy_evidence_of(&rig->engine.plan, &digest);
    assert_non_null(kept);
    assert_memory_equal(&kept->by, &rig->id[1], 32);
    assert_memory_equal(&kept->about, &rig->id[0], 32);
    assert_int_equal(kept->ledger_at, rig->at - 1);
    assert_null(cy_evidence_of(&rig->engine.plan, &rig->key[1]));
    rig_free(rig);
}

static void blobs_have_readers_and_an_end(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    struct cy_plan *plan = &rig->engine.plan;
    const struct cy_id digest = {{7}};
    struct cy_reader readers[2];

    (void)state;
    for (unsigned n = 1; n <= 3; n++)
        rig_passport(rig, n, CY_kind_PERSON, "Ada");
    readers[0].passport = rig->id[2];
    readers[1].passport = rig->key[9];
    assert_code(
        RIG_DO(rig, 1, blob_hold, .digest = digest, .bytes = 9, .readers = readers, .n_readers = 2),
        UNKNOWN_PASSPORT);
    readers[1].passport = rig->id[2];
    assert_code(
        RIG_DO(rig, 1, blob_hold, .digest = digest, .bytes = 9, .readers = readers, .n_readers = 2),
        EXISTS);
    assert_false(cy_evidence_may_read(plan, &digest, &rig->id[2]));
    assert_ok(RIG_DO(rig, 1, blob_hold, .digest = digest, .bytes = 9, .readers = readers,
                     .n_readers = 1));
    assert_code(RIG_DO(rig, 3, blob_hold, .digest = digest, .bytes = 9), EXISTS);
    assert_true(cy_evidence_may_read(plan, &digest, &rig->id[1]));
    assert_true(cy_evidence_may_read(plan, &digest, &rig->id[2]));
    assert_false(cy_evidence_may_read(plan, &digest, &rig->id[3]));
    assert_code(RIG_DO(rig, 2, blob_erase, .digest = digest), NOT_OWNER);
    assert_code(RIG_DO(rig, 1, blob_erase, .digest = rig->key[1]), NO_NOUN);
    assert_ok(RIG_DO(rig, 1, blob_erase, .digest = digest));
    assert_code(RIG_DO(rig, 1, blob_erase, .digest = digest), ERASED);
    assert_false(cy_evidence_may_read(plan, &digest, &rig->id[1]));
    assert_code(RIG_DO(rig, 1, blob_hold, .digest = digest, .bytes = 9), EXISTS);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bundles_hash_to_their_digest),
        cmocka_unit_test(blobs_have_readers_and_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
