/* sanction_mirror: a list of one realm binds in another by proof, in order, never in a circle and
 * never backwards (M018, M098). */
#include "ford.h"

#include "institutions/sanction/sanction.h"
#include "kernel/registry.h"
#include "kernel/restraint.h"

static const struct cy_institution *const roster[] = {&cy_sanctions};

static cy_err mirror(struct ford *ford, unsigned from, unsigned to, const struct ford_proof *proof)
{
    return PLACE_DO(ford->cell[to], 1, sanction_mirror, .realm = ford->cell[from]->rig->realm,
                    .root = proof->root, .value = proof->value, .proof = proof->proof);
}

static cy_err import(struct ford *ford, unsigned from, unsigned to, const struct ford_proof *proof)
{
    return PLACE_DO(ford->cell[to], 1, sanction_import, .realm = ford->cell[from]->rig->realm,
                    .root = proof->root, .value = proof->value, .proof = proof->proof);
}

static void prove_change(struct ford *ford, unsigned from, unsigned to, struct cy_id list,
                         uint64_t number, struct ford_proof *out)
{
    const struct {
        struct cy_id list;
        uint64_t number;
    } key = {list, number};

    ford_prove(ford, from, to, CY_R_sanction_delta, &key, out);
}

static void add(struct ford *ford, struct cy_id list, const char *lei, bool freeze)
{
    struct place *p = ford->cell[0];

    assert_ok(PLACE_DO(p, 2, sanction_add, .list = list, .scheme = rig_label("lei"),
                       .value = rig_name(lei), .label = rig_name("Shipper"), .exclude = !freeze,
                       .freeze = freeze, .evidence = {{1}}, .reason = rig_line("ships arms"),
                       .review_at = p->rig->now + 9 * (uint64_t)CY_DAY_MS));
}

static struct cy_id mirror_of(struct ford *ford, unsigned here, unsigned there, struct cy_id list)
{
    const struct {
        struct cy_id realm;
        struct cy_id there;
    } key = {ford->cell[there]->rig->realm, list};

    return CY_GET(&ford->cell[here]->cell.engine.world, sanction_twin, &key)->here;
}

static void a_list_crosses_by_proof_in_order(void **state)
{
    struct ford *ford = ford_with(2, roster, 1);
    const struct cy_id one =
        cy_restraint_subject(cy_span_text("lei"), cy_span_text("5493001KJTIIGC8Y1R12"));
    struct place *a = ford->cell[0], *b = ford->cell[1];
    struct ford_proof old, head, first, second, loop;
    struct cy_id list, here;

    (void)state;
    ford_open(ford, 0, 1);
    assert_ok(PLACE_DO(a, 2, evidence_record, .digest = {{1}}, .kind = CY_evidence_kind_INCIDENT,
                       .summary = rig_line("seen")));
    assert_ok(PLACE_DO(a, 2, sanction_open, .owner = a->rig->id[2], .code = rig_label("ARMS"),
                       .name = rig_name("Arms"), .stale_ms = 1800000));
    list = a->rig->last;
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_sanction_list, &list, &old);
    add(ford, list, "5493001KJTIIGC8Y1R12", false);
    add(ford, list, "529900T8BM49AURSDO55", true);
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_sanction_list, &list, &head);
    prove_change(ford, 0, 1, list, 1, &first);
    prove_change(ford, 0, 1, list, 2, &second);
    assert_code(import(ford, 0, 1, &first), SANCTION_UNKNOWN); /* the head comes first */
    head.value_bytes[head.value.n - 1] ^= 1;
    assert_false(cy_ok(mirror(ford, 0, 1, &head))); /* what is not proven is not taken */
    head.value_bytes[head.value.n - 1] ^= 1;
    assert_ok(mirror(ford, 0, 1, &head));
    assert_code(mirror(ford, 0, 1, &old), SANCTION_ROLLBACK);
    assert_code(import(ford, 0, 1, &second), SANCTION_ORDER);
    assert_ok(import(ford, 0, 1, &first));
    assert_code(import(ford, 0, 1, &first), SANCTION_ORDER);
    assert_ok(import(ford, 0, 1, &second));
    here = mirror_of(ford, 1, 0, list);
    cy_plan_clear(&b->cell.engine.plan);
    assert_true(cy_restraint_of(&b->cell.engine.plan, &one, &here)->exclude);
    assert_code(PLACE_DO(b, 1, sanction_publish, .list = here), SANCTION_OFFICER);
    /* what mirrors this realm's list is not mirrored back */
    ford_head(ford, 1, 0);
    ford_prove(ford, 1, 0, CY_R_sanction_list, &here, &loop);
    assert_code(mirror(ford, 1, 0, &loop), SANCTION_LOOP);
    /* easing crosses as listing does */
    assert_ok(
        PLACE_DO(a, 2, sanction_ease, .list = list, .subject = one, .reason = rig_line("mended")));
    ford_head(ford, 0, 1);
    prove_change(ford, 0, 1, list, 3, &first);
    assert_ok(import(ford, 0, 1, &first));
    cy_plan_clear(&b->cell.engine.plan);
    assert_null(cy_restraint_of(&b->cell.engine.plan, &one, &here));
    /* and a list that nobody keeps up is not taken */
    add(ford, list, "5493001KJTIIGC8Y1R12", false);
    ford_head(ford, 0, 1);
    prove_change(ford, 0, 1, list, 4, &first);
    ford_prove(ford, 0, 1, CY_R_sanction_list, &list, &head);
    place_tick(b, 3000000);
    assert_code(import(ford, 0, 1, &first), SANCTION_STALE);
    assert_code(mirror(ford, 0, 1, &head), SANCTION_STALE);
    ford_free(ford);
}

/* What a party earned at home is shown by proof, and counts with its recognition (M025). */
static void a_tier_crosses_with_its_recognition(void **state)
{
    struct ford *ford = ford_with(2, roster, 1);
    struct place *a = ford->cell[0], *b = ford->cell[1];
    const struct cy_id realm = a->rig->realm;
    const struct cy_seeker ada = {.realm = realm, .passport = a->rig->id[2]};
    struct ford_proof passport, repute;

    (void)state;
    ford_open(ford, 0, 1);
    assert_ok(PLACE_DO(a, 2, tier_claim, .tier = 1));
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &a->rig->id[2], &passport);
    ford_prove(ford, 0, 1, CY_R_repute, &a->rig->id[2], &repute);
    assert_code(PLACE_DO(b, 1, repute_show, .realm = realm, .root = repute.root,
                         .value = repute.value, .proof = repute.proof),
                NO_TIER); /* not recognised */
    assert_ok(PLACE_DO(b, 0, tier_map, .realm = realm, .kind = CY_kind_PERSON, .tier = 3));
    assert_ok(PLACE_DO(b, 1, recognise, .realm = realm, .root = passport.root,
                       .value = passport.value, .proof = passport.proof));
    cy_plan_clear(&b->cell.engine.plan);
    assert_int_equal(cy_registry_tier(&b->cell.engine.plan, &ada, b->rig->now), 3);
    repute.value_bytes[repute.value.n - 1] ^= 1;
    assert_false(cy_ok(PLACE_DO(b, 1, repute_show, .realm = realm, .root = repute.root,
                                .value = repute.value, .proof = repute.proof)));
    repute.value_bytes[repute.value.n - 1] ^= 1;
    assert_ok(PLACE_DO(b, 1, repute_show, .realm = realm, .root = repute.root,
                       .value = repute.value, .proof = repute.proof));
    assert_code(PLACE_DO(b, 1, repute_show, .realm = realm, .root = repute.root,
                         .value = repute.value, .proof = repute.proof),
                PROOF_OLDER);
    cy_plan_clear(&b->cell.engine.plan);
    assert_int_equal(cy_registry_tier(&b->cell.engine.plan, &ada, b->rig->now), 1);
    ford_free(ford);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_crosses_by_proof_in_order),
        cmocka_unit_test(a_tier_crosses_with_its_recognition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
