/* registry: services and ways are found by those who may use them, and by nobody else (M123). */
#include "money.h"

#include "kernel/registry.h"

static const struct cy_label any;

static struct cy_seeker local(const struct rig *rig, unsigned n)
{
    return (struct cy_seeker){.passport = rig->id[n]};
}

static cy_err offer(struct rig *rig, unsigned n, const char *service, unsigned tier, uint64_t ms)
{
    return RIG_DO(rig, n, service_offer, .service = rig_label(service), .name = rig_name("Well"),
                  .endpoint = rig_line("https://well.example/"), .tier_least = (uint8_t)tier,
                  .until = rig->now + ms);
}

/* Looks as who reads a world does, and asserts that settlement's own plan says the same. */
static cy_err sees(struct rig *rig, const struct cy_seeker *who, unsigned n, const char *service)
{
    const struct cy_label word = rig_label(service);
    const struct cy_service *found = NULL;
    struct cy_plan_look look;
    const cy_err err = cy_registry_service(cy_plan_look_at(&look, &rig->engine.world), who,
                                           rig->now, &rig->id[n], &word, &found);

    assert_int_equal(
        cy_registry_service(&rig->engine.plan, who, rig->now, &rig->id[n], &word, &found).code,
        err.code);
    return err;
}

static uint32_t listed(struct rig *rig, const struct cy_seeker *who, const struct cy_label *service)
{
    const struct cy_service *found[8];
    struct cy_plan_look look;
    uint32_t from = 0;

    return cy_registry_services(cy_plan_look_at(&look, &rig->engine.world), who, rig->now, service,
                                &from, found, CY_COUNT(found));
}

static void services_are_found_while_they_stand(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_label water = rig_label("water");

    (void)state;
    rig_passport(rig, 1, CY_kind_COMPANY, "Alpha");
    rig_passport(rig, 2, CY_kind_AGENT, "Beta");
    const struct cy_seeker who = local(rig, 2);
    const struct cy_seeker nobody = {.passport = rig->key[9]};

    assert_code(sees(rig, &who, 1, "water"), NO_SERVICE);
    assert_code(RIG_DO(rig, 1, service_end, .service = water), NO_SERVICE);
    assert_code(offer(rig, 1, "water", 0, 0), WRONG_TIME);
    assert_ok(offer(rig, 1, "water", 1, 1000));
    assert_ok(offer(rig, 1, "salt", 0, 2000));
    assert_code(sees(rig, &who, 1, "water"), TIER_LOW);
    assert_ok(RIG_DO(rig, 2, tier_claim, .tier = 1));
    assert_ok(sees(rig, &who, 1, "water"));
    assert_code(sees(rig, &nobody, 1, "water"), TIER_LOW);
    assert_ok(sees(rig, &nobody, 1, "salt")); /* open to everybody */
    assert_int_equal(listed(rig, &who, &any), 2);
    assert_int_equal(listed(rig, &who, &water), 1);
    assert_int_equal(listed(rig, &nobody, &any), 1);
    rig_tick(rig, 1000);
    assert_code(sees(rig, &who, 1, "water"), NO_SERVICE); /* its time is over */
    assert_int_equal(listed(rig, &who, &any), 1);
    assert_ok(offer(rig, 1, "water", 0, 5000)); /* again, on other terms */
    assert_ok(sees(rig, &nobody, 1, "water"));
    assert_ok(RIG_DO(rig, 1, service_end, .service = water));
    assert_code(sees(rig, &who, 1, "water"), NO_SERVICE);
    assert_ok(RIG_DO(rig, 1, passport_retire, .reason = rig_line("done")));
    assert_code(sees(rig, &who, 1, "salt"),
                NO_SERVICE); /* a provider that is gone offers nothing */
    assert_int_equal(listed(rig, &who, &any), 0);
    rig_free(rig);
}

static void open_to(struct rig *rig, struct cy_id realm, const char *name)
{
    static const struct cy_gate_terms gates[] = {
        {.kind = CY_bridge_kind_SETTLEMENT, .open = true},
        {.kind = CY_bridge_kind_DATA                                },
    };

    assert_ok(RIG_DO(rig, 0, bridge_open, .realm = realm, .name = rig_name(name),
                     .log_key = rig->key[RIG_KEYS - 1], .gates = gates, .n_gates = CY_COUNT(gates),
                     .window_ms = 60000, .stale_ms = 10000));
}

/* As a head of that realm would leave it. */
static void heard(struct rig *rig, struct cy_id realm)
{
    struct cy_bridge_line *line = CY_EDIT(&rig->engine.plan, bridge_line, &realm);

    line->roots = 1;
    line->heard = rig->now;
    line->heard_here = rig->now;
    cy_plan_apply(&rig->engine.plan);
}

static cy_err way(struct rig *rig, struct cy_id to, struct cy_id via, const struct cy_hop *hops,
                  uint32_t n)
{
    return RIG_DO(rig, 0, route_offer, .to = to, .via = via, .hops = hops, .n_hops = n,
                  .settlement = true, .data = true, .until = rig->now + 100000);
}

static uint32_t ways(struct rig *rig, struct cy_id to, const struct cy_route **found, uint32_t n)
{
    const struct cy_seeker who = local(rig, 1);
    struct cy_plan_look look;

    return cy_registry_routes(cy_plan_look_at(&look, &rig->engine.world), &who, rig->now, &to,
                              CY_bridge_kind_SETTLEMENT, found, n);
}

static void ways_are_given_best_first_while_their_bridge_stands(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_id oak = {{3}}, elm = {{2}}, ash = {{4}}, far = {{9}}, mid = {{7}};
    const struct cy_hop to_far[] = {{far}}, over_mid[] = {{mid}, {far}}, twice[] = {{far}, {far}};
    const struct cy_seeker who = {.passport = {{1}}};
    const struct cy_route *found[4];
    const struct cy_route *one = NULL;

    (void)state;
    rig_passport(rig, 1, CY_kind_COMPANY, "Alpha");
    assert_code(way(rig, oak, oak, NULL, 0), NO_BRIDGE);
    open_to(rig, oak, "oak.example");
    open_to(rig, elm, "elm.example");
    open_to(rig, ash, "ash.example");
    assert_code(way(rig, far, oak, NULL, 0), ROUTE_TERMS);
    assert_code(way(rig, oak, oak, to_far, 1), ROUTE_TERMS);
    assert_code(way(rig, far, oak, over_mid, 1), ROUTE_TERMS); /* ends elsewhere */
    assert_code(way(rig, far, oak, twice, 2), ROUTE_TERMS);
    assert_code(way(rig, rig->realm, oak, &(struct cy_hop){rig->realm}, 1), ROUTE_TERMS);
    assert_code(RIG_DO(rig, 0, route_offer, .to = oak, .via = oak, .until = rig->now + 1),
                ROUTE_TERMS); /* carries nothing */
    assert_code(
        RIG_DO(rig, 1, route_offer, .to = oak, .via = oak, .data = true, .until = rig->now + 1),
        NOT_OPERATOR);
    assert_code(RIG_DO(rig, 0, route_end, .to = far, .via = oak), NO_ROUTE);
    assert_ok(way(rig, far, oak, to_far, 1));
    assert_ok(way(rig, far, elm, to_far, 1));
    assert_ok(way(rig, far, ash, over_mid, 2));
    assert_int_equal(ways(rig, far, found, 4), 0); /* nothing was heard of them */
    heard(rig, ash);
    heard(rig, oak);
    assert_int_equal(ways(rig, far, found, 4), 2);
    assert_memory_equal(&found[0]->via, &oak, 32); /* one realm less on the way */
    heard(rig, elm);
    assert_int_equal(ways(rig, far, found, 4), 3);
    assert_memory_equal(&found[0]->via, &elm, 32);
    assert_memory_equal(&found[2]->via, &ash, 32);
    assert_int_equal(ways(rig, far, found, 1), 1);
    assert_memory_equal(&found[0]->via, &elm, 32); /* the best, whatever room there is */
    assert_ok(RIG_DO(rig, 0, bridge_turn, .realm = elm, .state = CY_bridge_state_FROZEN));
    assert_int_equal(ways(rig, far, found, 4), 2);
    assert_code(cy_registry_route(&rig->engine.plan, &who, rig->now, &far, &elm,
                                  CY_bridge_kind_SETTLEMENT, &one),
                BRIDGE_STILL);
    assert_code(
        cy_registry_route(&rig->engine.plan, &who, rig->now, &far, &oak, CY_bridge_kind_DATA, &one),
        BRIDGE_CLOSED);
    assert_code(cy_registry_route(&rig->engine.plan, &who, rig->now, &far, &oak,
                                  CY_bridge_kind_COMPUTE, &one),
                NO_ROUTE);
    assert_code(
        cy_registry_route(&rig->engine.plan, &who, rig->now, &mid, &oak, CY_bridge_kind_DATA, &one),
        NO_ROUTE);
    assert_ok(RIG_DO(rig, 0, route_end, .to = far, .via = oak));
    assert_int_equal(ways(rig, far, found, 4), 1);
    rig_tick(rig, 10001); /* the last bridge is stale now */
    assert_int_equal(ways(rig, far, found, 4), 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_are_found_while_they_stand),
        cmocka_unit_test(ways_are_given_best_first_while_their_bridge_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
