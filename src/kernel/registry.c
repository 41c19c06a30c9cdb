#include "kernel/registry.h"

struct of_provider {
    struct cy_id provider;
    struct cy_label service;
};

struct of_way {
    struct cy_id to;
    struct cy_id via;
};

uint8_t cy_registry_tier(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now)
{
    return cy_id_none(&seeker->realm)
               ? cy_reputation_tier(plan, &seeker->passport, now)
               : cy_reputation_foreign(plan, &seeker->realm, &seeker->passport);
}

/* Nothing in force bars the seeker from dealing with the party, or anybody here from either. */
static cy_err may_meet(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now,
                       const struct cy_id *party)
{
    const struct cy_realm *realm = CY_READ(plan, realm, &(uint64_t){1});
    struct cy_restraint_ask ask = {.party = *party, .followers = {seeker->passport}, .now = now};

    if (!cy_restraint_any(plan) || realm == NULL)
        return CY_OK;
    ask.realm = realm->id;
    CY_TRY(cy_restraint_barred(plan, &ask));
    ask.party = cy_id_none(&seeker->realm) ? seeker->passport : seeker->realm;
    ask.followers[0] = *party;
    return cy_restraint_barred(plan, &ask);
}

/* --- services --- */

/* The seeker is denied this very service, by what the realm or the provider heeds. */
static cy_err denied(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now,
                     const struct cy_service *service)
{
    const struct cy_realm *realm = CY_READ(plan, realm, &(uint64_t){1});
    struct cy_restraint_ask ask = {
        .party = seeker->passport, .followers = {service->provider}, .now = now};

    if (!cy_restraint_any(plan) || realm == NULL)
        return CY_OK;
    ask.realm = realm->id;
    return cy_restraint_denied(plan, &ask, &service->service);
}

static cy_err shows_service(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now,
                            const struct cy_service *service)
{
    const struct cy_passport *provider = NULL;

    if (now >= service->until)
        return cy_fail(CY_E_NO_SERVICE, 1);
    if (!cy_ok(cy_identity_active(plan, &service->provider, &provider)))
        return cy_fail(CY_E_NO_SERVICE, 2);
    if (cy_registry_tier(plan, seeker, now) < service->tier_least)
        return cy_fail(CY_E_TIER_LOW, service->tier_least);
    CY_TRY(may_meet(plan, seeker, now, &service->provider));
    return denied(plan, seeker, now, service);
}

cy_err cy_registry_service(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now,
                           const struct cy_id *provider, const struct cy_label *service,
                           const struct cy_service **found)
{
    const struct of_provider key = {*provider, *service};

    *found = CY_READ(plan, service, &key);
    if (*found == NULL)
        return cy_fail(CY_E_NO_SERVICE, 0);
    return shows_service(plan, seeker, now, *found);
}

uint32_t cy_registry_services(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now,
                              const struct cy_label *service, uint32_t *from,
                              const struct cy_service **found, uint32_t n)
{
    const uint32_t count = cy_world_count(plan->world, CY_R_service);
    uint32_t given = 0;

    for (; *from < count && given < n; (*from)++) {
        const struct cy_service *offer = cy_world_at(plan->world, CY_R_service, *from);

        if (service->n != 0 && memcmp(&offer->service, service, sizeof *service) != 0)
            continue;
        if (cy_ok(shows_service(plan, seeker, now, offer)))
            found[given++] = offer;
    }
    return given;
}

/* --- ways --- */

static bool carries(const struct cy_route *route, unsigned kind)
{
    return (kind == CY_bridge_kind_SETTLEMENT && route->settlement) ||
           (kind == CY_bridge_kind_DATA && route->data) ||
           (kind == CY_bridge_kind_COMPUTE && route->compute);
}

static cy_err shows_route(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now,
                          const struct cy_route *route, unsigned kind)
{
    const struct cy_bridge *bridge = cy_bridge_of(plan, &route->via);
    const struct {
        struct cy_id realm;
        uint64_t kind;
    } gate = {route->via, kind};
    const struct cy_bridge_door *door = CY_READ(plan, bridge_door, &gate);
    const struct cy_id *const hops[] = {&route->hop_0, &route->hop_1, &route->hop_2, &route->hop_3};
    unsigned state = 0;

    if (now >= route->until || !carries(route, kind))
        return cy_fail(CY_E_NO_ROUTE, 1);
    if (bridge == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    state = cy_bridge_now(plan, bridge, now);
    if (state != CY_bridge_state_ACTIVE)
        return cy_fail(CY_E_BRIDGE_STILL, state);
    if (door == NULL || !door->open)
        return cy_fail(CY_E_BRIDGE_CLOSED, kind);
    if (cy_registry_tier(plan, seeker, now) < route->tier_least)
        return cy_fail(CY_E_TIER_LOW, route->tier_least);
    CY_TRY(may_meet(plan, seeker, now, &route->via));
    for (uint32_t i = 0; i < route->hops; i++)
        CY_TRY(may_meet(plan, seeker, now, hops[i]));
    return CY_OK;
}

cy_err cy_registry_route(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now,
                         const struct cy_id *to, const struct cy_id *via, unsigned kind,
                         const struct cy_route **found)
{
    const struct of_way key = {*to, *via};

    *found = CY_READ(plan, route, &key);
    if (*found == NULL)
        return cy_fail(CY_E_NO_ROUTE, 0);
    return shows_route(plan, seeker, now, *found, kind);
}

static bool better(const struct cy_route *one, const struct cy_route *other)
{
    if (one->hops != other->hops)
        return one->hops < other->hops;
    return memcmp(&one->via, &other->via, sizeof one->via) < 0;
}

uint32_t cy_registry_routes(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now,
                            const struct cy_id *to, unsigned kind, const struct cy_route **found,
                            uint32_t n)
{
    const uint32_t count = cy_world_count(plan->world, CY_R_route);
    uint32_t given = 0;

    for (uint32_t i = 0; i < count && n > 0; i++) {
        const struct cy_route *route = cy_world_at(plan->world, CY_R_route, i);
        uint32_t at = given;

        if (!cy_id_eq(&route->to, to) || !cy_ok(shows_route(plan, seeker, now, route, kind)))
            continue;
        while (at > 0 && better(route, found[at - 1]))
            at--;
        if (at == n)
            continue;
        given += given < n;
        memmove(found + at + 1, found + at, (given - at - 1) * sizeof *found);
        found[at] = route;
    }
    return given;
}

/* --- acts --- */

static cy_err offer_service(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_service_offer *m = message;
    const struct of_provider key = {ctx->author, m->service};
    struct cy_service *service = NULL;

    if (m->until <= ctx->now)
        return cy_fail(CY_E_WRONG_TIME, 7);
    service = CY_EDIT(plan, service, &key);
    service->name = m->name;
    service->endpoint = m->endpoint;
    service->terms = m->terms;
    service->card = m->card;
    service->tier_least = m->tier_least;
    service->since = ctx->now;
    service->until = m->until;
    return CY_OK;
}

static cy_err end_service(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_service_end *m = message;
    const struct of_provider key = {ctx->author, m->service};

    if (CY_READ(plan, service, &key) == NULL)
        return cy_fail(CY_E_NO_SERVICE, 0);
    CY_REMOVE(plan, service, &key);
    return CY_OK;
}

/* The way leads from the neighbour to the realm, passes no realm twice and never this one. */
static cy_err leads_there(const struct cy_ctx *ctx, const struct cy_route_offer *m)
{
    const bool direct = cy_id_eq(&m->to, &m->via);

    if (cy_id_eq(&m->to, &ctx->realm) || cy_id_eq(&m->via, &ctx->realm))
        return cy_fail(CY_E_ROUTE_TERMS, 1);
    if (direct != (m->n_hops == 0))
        return cy_fail(CY_E_ROUTE_TERMS, 3);
    for (uint32_t i = 0; i < m->n_hops; i++) {
        const struct cy_id *hop = &m->hops[i].realm;

        if (cy_id_eq(hop, &ctx->realm) || cy_id_eq(hop, &m->via) ||
            cy_id_eq(hop, &m->to) != (i + 1 == m->n_hops))
            return cy_fail(CY_E_ROUTE_TERMS, 3);
        for (uint32_t j = 0; j < i; j++) {
            if (cy_id_eq(hop, &m->hops[j].realm))
                return cy_fail(CY_E_ROUTE_TERMS, 3);
        }
    }
    return m->settlement || m->data || m->compute ? CY_OK : cy_fail(CY_E_ROUTE_TERMS, 4);
}

static cy_err offer_route(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_route_offer *m = message;
    const struct of_way key = {m->to, m->via};
    struct cy_route *route = NULL;

    if (m->until <= ctx->now)
        return cy_fail(CY_E_WRONG_TIME, 8);
    CY_TRY(leads_there(ctx, m));
    if (cy_bridge_of(plan, &m->via) == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 2);
    route = CY_EDIT(plan, route, &key);
    route->hops = (uint8_t)m->n_hops;
    route->hop_0 = m->n_hops > 0 ? m->hops[0].realm : (struct cy_id){{0}};
    route->hop_1 = m->n_hops > 1 ? m->hops[1].realm : (struct cy_id){{0}};
    route->hop_2 = m->n_hops > 2 ? m->hops[2].realm : (struct cy_id){{0}};
    route->hop_3 = m->n_hops > 3 ? m->hops[3].realm : (struct cy_id){{0}};
    route->settlement = m->settlement;
    route->data = m->data;
    route->compute = m->compute;
    route->tier_least = m->tier_least;
    route->since = ctx->now;
    route->until = m->until;
    return CY_OK;
}

static cy_err end_route(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_route_end *m = message;
    const struct of_way key = {m->to, m->via};

    (void)ctx;
    if (CY_READ(plan, route, &key) == NULL)
        return cy_fail(CY_E_NO_ROUTE, 0);
    CY_REMOVE(plan, route, &key);
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_service_offer, CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 1,
     offer_service                                                                                   },
    {&cy_schema_service_end,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1, end_service},
    {&cy_schema_route_offer,   CY_WHO_OPERATOR, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 1, offer_route},
    {&cy_schema_route_end,     CY_WHO_OPERATOR, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1, end_route  },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_service, 1u << 12, false},
    {&cy_schema_route,   1u << 10, false},
};

const struct cy_institution cy_registry = {
    .name = "registry",
    .purpose = "services and ways, as they may be found",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};
