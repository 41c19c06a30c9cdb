#include "ford.h"

#include <stdlib.h>

#define ARENA ((size_t)8 << 20)

static const char *const origins[FORD_CELLS] = {"oak.example/ledger", "elm.example/ledger",
                                                "ash.example/ledger"};

struct ford *ford_new(unsigned n)
{
    return ford_with(n, NULL, 0);
}

struct ford *ford_with(unsigned n, const struct cy_institution *const *roster, size_t n_roster)
{
    struct ford *ford = calloc(1, sizeof *ford);

    ford->n = n;
    ford->load.arena = cy_arena_on(malloc(ARENA), ARENA);
    for (unsigned i = 0; i < n; i++) {
        struct place *p = place_with(origins[i], (uint8_t)(10 + i), roster, n_roster);

        ford->cell[i] = p;
        place_begin(p);
        place_passport(p, 1, "Relay");
        place_passport(p, 2, "Ada");
        place_passport(p, 3, "Bo");
        assert_ok(PLACE_DO(p, 2, asset_create, .code = rig_label("OAT"), .name = rig_name("Oats"),
                           .scale = 2));
        ford->asset[i] = p->rig->last;
        assert_ok(PLACE_DO(p, 2, account_open, .asset = ford->asset[i]));
        assert_ok(PLACE_DO(p, 2, asset_issue, .asset = ford->asset[i],
                           .account = cy_account_id(&p->rig->id[2], &ford->asset[i], 0),
                           .amount = 1000000));
    }
    return ford;
}

void ford_free(struct ford *ford)
{
    for (unsigned i = 0; i < ford->n; i++) {
        place_close(ford->cell[i]);
        place_free(ford->cell[i]);
    }
    free(ford->load.arena.at);
    free(ford);
}

struct cy_bridge_open ford_terms(struct ford *ford, unsigned i, unsigned j)
{
    static const struct cy_gate_terms gates[] = {
        {.kind = CY_bridge_kind_SETTLEMENT,  .open = true},
        {.kind = CY_bridge_kind_RECOGNITION, .open = true},
        {.kind = CY_bridge_kind_DATA,        .open = true},
    };

    (void)i;
    return (struct cy_bridge_open){.realm = ford->cell[j]->rig->realm,
                                   .name = rig_name(origins[j]),
                                   .log_key = ford->cell[j]->rig->key[RIG_KEYS - 1],
                                   .gates = gates,
                                   .n_gates = CY_COUNT(gates),
                                   .window_ms = 60000,
                                   .stale_ms = 3600000};
}

void ford_open(struct ford *ford, unsigned i, unsigned j)
{
    const struct cy_bridge_open there = ford_terms(ford, i, j);
    const struct cy_bridge_open back = ford_terms(ford, j, i);

    assert_ok(place_do(ford->cell[i], 0, &cy_schema_bridge_open, &there));
    assert_ok(place_do(ford->cell[j], 0, &cy_schema_bridge_open, &back));
    (void)ford_carry(ford, i, j);
    (void)ford_carry(ford, j, i);
}

static void offer_of(struct ford *ford, unsigned from, const struct cy_relay_status *other,
                     struct cy_relay_offer *offer)
{
    struct place *p = ford->cell[from];
    struct cy_relay_ask ask;

    cy_relay_asks(other, &ask);
    assert_ok(cy_relay_prove(&p->cell, &ask, &ford->load.arena, offer));
    assert_ok(cy_relay_head(&p->cell, &ask, cy_span_of(p->cell.head.note, p->cell.head.n),
                            &ford->load.arena, offer, &p->fault));
}

void ford_look(struct ford *ford, unsigned from, unsigned to, uint64_t ms)
{
    struct ford_load *load = &ford->load;

    cy_arena_rewind(&load->arena, 0);
    for (unsigned i = 0; i < ford->n; i++) {
        place_tick(ford->cell[i], ms);
        assert_ok(place_publish(ford->cell[i]));
    }
    cy_relay_look(&ford->cell[to]->cell.engine.world, &ford->cell[from]->rig->realm,
                  &load->status[0]);
    cy_relay_look(&ford->cell[from]->cell.engine.world, &ford->cell[to]->rig->realm,
                  &load->status[1]);
    offer_of(ford, from, &load->status[0], &load->offer);
    offer_of(ford, to, &load->status[1], &load->own);
    assert_ok(cy_relay_plan(&load->status[0], &load->status[1], &load->offer, &load->own,
                            (struct cy_span){0}, &load->arena, &load->acts));
}

unsigned ford_bring(struct ford *ford, unsigned to)
{
    const struct ford_load *load = &ford->load;
    struct place *p = ford->cell[to];
    const struct cy_batch batch = {
        .mode = CY_batch_mode_EACH, .acts = load->acts.acts, .n_acts = load->acts.n};

    if (load->acts.n == 0 || !cy_ok(place_do(p, 1, &cy_schema_batch, &batch)))
        return 0;
    return load->acts.n - p->verdict.n_refused;
}

unsigned ford_carry(struct ford *ford, unsigned from, unsigned to)
{
    ford_look(ford, from, to, 1000);
    return ford_bring(ford, to);
}

void ford_settle(struct ford *ford, unsigned i, unsigned j)
{
    for (unsigned round = 0; round < 40; round++) {
        const unsigned there = ford_carry(ford, i, j);
        const unsigned back = ford_carry(ford, j, i);

        if (there <= 1 && back <= 1 && ford_open_packets(ford, i, j) == 0 &&
            ford_open_packets(ford, j, i) == 0)
            return;
    }
    fail_msg("packets stay under way");
}

cy_err ford_pay(struct ford *ford, unsigned i, unsigned j, const struct cy_id *account,
                uint64_t amount, cy_time timeout)
{
    return PLACE_DO(ford->cell[i], 2, packet_send, .realm = ford->cell[j]->rig->realm,
                    .kind = CY_bridge_kind_SETTLEMENT, .receiver = ford->cell[j]->rig->id[2],
                    .account = *account, .amount = amount, .timeout = timeout);
}

cy_err ford_show(struct ford *ford, unsigned from, unsigned to, const struct cy_relay_ask *wants)
{
    struct ford_load *load = &ford->load;
    struct place *p = ford->cell[from];
    struct cy_relay_ask ask;
    struct cy_bridge_head head;

    cy_arena_rewind(&load->arena, 0);
    for (unsigned i = 0; i < ford->n; i++) {
        place_tick(ford->cell[i], 1000);
        assert_ok(place_publish(ford->cell[i]));
    }
    cy_relay_look(&ford->cell[to]->cell.engine.world, &p->rig->realm, &load->status[0]);
    cy_relay_asks(&load->status[0], &ask);
    ask.n_wants = wants->n_wants;
    memcpy(ask.wants, wants->wants, sizeof ask.wants);
    assert_ok(cy_relay_prove(&p->cell, &ask, &load->arena, &load->offer));
    assert_ok(cy_relay_head(&p->cell, &ask, cy_span_of(p->cell.head.note, p->cell.head.n),
                            &load->arena, &load->offer, &p->fault));
    head = cy_relay_show(&p->rig->realm, &load->offer, (struct cy_span){0});
    return place_do(ford->cell[to], 1, &cy_schema_bridge_head, &head);
}

cy_err ford_burn(struct ford *ford, unsigned j, unsigned i, uint64_t amount, unsigned n,
                 struct cy_id *burn)
{
    const struct cy_id voucher = cy_voucher_id(&ford->cell[i]->rig->realm, &ford->asset[i]);
    struct cy_relay_ask wants = {.n_wants = 0};
    const struct cy_relay_item *bridge = NULL;
    const struct cy_relay_item *passport = NULL;

    cy_relay_wants(&wants, &cy_schema_bridge, &ford->cell[j]->rig->realm, NULL, 0);
    cy_relay_wants(&wants, &cy_schema_passport, &ford->cell[i]->rig->id[n], NULL, 0);
    CY_TRY(ford_show(ford, i, j, &wants));
    bridge = cy_relay_found(&ford->load.offer, 0);
    passport = cy_relay_found(&ford->load.offer, 1);
    assert_non_null(bridge);
    assert_non_null(passport);
    CY_TRY(PLACE_DO(ford->cell[j], 2, voucher_burn, .realm = ford->cell[i]->rig->realm,
                    .account = cy_account_id(&ford->cell[j]->rig->id[2], &voucher, 0),
                    .amount = amount, .root = ford_line(ford, j, i)->roots,
                    .bridge = bridge->packet, .bridge_proof = bridge->proof,
                    .receiver = passport->packet, .receiver_proof = passport->proof));
    *burn = ford->cell[j]->rig->last;
    return CY_OK;
}

cy_err ford_home(struct ford *ford, unsigned j, unsigned i, const struct cy_id *burn)
{
    struct cy_relay_ask wants = {.n_wants = 0};
    const struct cy_relay_item *burnt = NULL;

    cy_relay_wants(&wants, &cy_schema_burnt, &ford->cell[i]->rig->realm, burn, 0);
    CY_TRY(ford_show(ford, j, i, &wants));
    burnt = cy_relay_found(&ford->load.offer, 0);
    assert_non_null(burnt);
    return PLACE_DO(ford->cell[i], 1, voucher_home, .realm = ford->cell[j]->rig->realm,
                    .root = ford_line(ford, i, j)->roots, .value = burnt->packet,
                    .proof = burnt->proof);
}

cy_u128 ford_units(struct ford *ford, unsigned i, unsigned n, const struct cy_id *asset)
{
    const struct cy_id id = cy_account_id(&ford->cell[i]->rig->id[n], asset, 0);
    const struct cy_account *account = CY_GET(&ford->cell[i]->cell.engine.world, account, &id);

    return account == NULL ? 0 : account->balance;
}

const struct cy_bridge *ford_bridge(struct ford *ford, unsigned i, unsigned j)
{
    return CY_GET(&ford->cell[i]->cell.engine.world, bridge, &ford->cell[j]->rig->realm);
}

const struct cy_bridge_line *ford_line(struct ford *ford, unsigned i, unsigned j)
{
    return CY_GET(&ford->cell[i]->cell.engine.world, bridge_line, &ford->cell[j]->rig->realm);
}

uint64_t ford_open_packets(struct ford *ford, unsigned i, unsigned j)
{
    const struct cy_bridge_line *line = ford_line(ford, i, j);

    return line == NULL ? 0 : line->open;
}

static void issued_is_there(const struct cy_world *world)
{
    for (uint32_t a = 0; a < cy_world_count(world, CY_R_asset); a++) {
        const struct cy_asset *asset = cy_world_at(world, CY_R_asset, a);
        cy_u128 sum = 0;

        for (uint32_t i = 0; i < cy_world_count(world, CY_R_account); i++) {
            const struct cy_account *account = cy_world_at(world, CY_R_account, i);

            if (cy_id_eq(&account->asset, &asset->id))
                sum += account->balance + account->held;
        }
        assert_true(sum == asset->issued);
    }
}

/* Units whose vouchers ended there, which were not yet paid here. */
static cy_u128 not_home(const struct cy_world *here, const struct cy_world *there,
                        const struct cy_id *realm, const struct cy_id *asset)
{
    cy_u128 sum = 0;

    for (uint32_t i = 0; i < cy_world_count(there, CY_R_burnt); i++) {
        const struct cy_burnt *burnt = cy_world_at(there, CY_R_burnt, i);
        const struct {
            struct cy_id realm;
            struct cy_id burn;
        } key = {*realm, burnt->burn};

        if (cy_id_eq(&burnt->asset, asset) && CY_GET(here, homecoming, &key) == NULL)
            sum += burnt->amount;
    }
    return sum;
}

void ford_conserved(struct ford *ford, unsigned i, unsigned j, bool exact)
{
    const struct cy_world *here = &ford->cell[i]->cell.engine.world;
    const struct cy_world *there = &ford->cell[j]->cell.engine.world;
    const struct cy_id *realm = &ford->cell[j]->rig->realm;
    const struct cy_id party = cy_bridge_party(realm);

    for (uint32_t k = 0; k < cy_world_count(here, CY_R_bridge_asset); k++) {
        const struct cy_bridge_asset *on = cy_world_at(here, CY_R_bridge_asset, k);
        const struct cy_id escrow = cy_account_id(&party, &on->asset, 0);
        const struct cy_id voucher = cy_voucher_id(&ford->cell[i]->rig->realm, &on->asset);
        const struct cy_account *account = CY_GET(here, account, &escrow);
        const struct cy_asset *abroad = CY_GET(there, asset, &voucher);
        const cy_u128 issued = abroad == NULL ? 0 : abroad->issued;

        if (!cy_id_eq(&on->realm, realm) || !cy_id_none(&on->abroad_asset))
            continue;
        const cy_u128 burnt = not_home(here, there, &ford->cell[j]->rig->realm, &on->asset);

        assert_true((account == NULL ? 0 : account->held) == on->in_flight + on->abroad);
        assert_true(issued + burnt <= on->in_flight + on->abroad);
        if (exact) {
            assert_true(on->in_flight == 0);
            assert_true(issued + burnt == on->abroad);
        }
    }
    issued_is_there(here);
    issued_is_there(there);
}

void ford_head(struct ford *ford, unsigned from, unsigned to)
{
    struct ford_load *load = &ford->load;
    struct cy_bridge_head m;

    ford_look(ford, from, to, 1000);
    m = (struct cy_bridge_head){.realm = ford->cell[from]->rig->realm,
                                .note = load->offer.note,
                                .entry = load->offer.entry,
                                .position = load->offer.root_at,
                                .path = load->offer.path,
                                .consistency = load->offer.consistency};
    assert_ok(place_do(ford->cell[to], 1, &cy_schema_bridge_head, &m));
}

void ford_prove(struct ford *ford, unsigned from, unsigned to, uint32_t record, const void *key,
                struct ford_proof *out)
{
    struct place *p = ford->cell[from];
    struct cy_text text = cy_text_on(out->proof_bytes, sizeof out->proof_bytes);

    assert_ok(cy_cell_prove(&p->cell, record, key, &text));
    out->proof = cy_text_bytes(&text);
    out->value = cy_state_value(cy_schema_record(record),
                                cy_world_get(&p->cell.engine.world, record, key), out->value_bytes);
    out->root = ford_line(ford, to, from)->roots;
}
