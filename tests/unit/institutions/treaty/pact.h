/* pact: what the tests of treaties begin with: parties, a coin, an offer whose terms may be changed
 * before it is sent. Passports: 1 .. 6 parties, 10 monitor, 11 arbiter, 12 issues the coin, 9 none.
 *
 * Owns: nothing. */
#ifndef CY_TESTS_PACT_H
#define CY_TESTS_PACT_H

#include "unit/institutions/alliance/league.h"
#include "unit/kernel/money.h"

#include "institutions/treaty/treaty_keep.h"

#define DAY (uint64_t) CY_DAY_MS
#define MONITOR 10u
#define ARBITER 11u

struct pact {
    struct rig *rig;
    struct cy_id coin;
    struct cy_id treaty;
    struct cy_id proof; /* recorded evidence */
    struct cy_id account[13];
    struct cy_treaty_clause clauses[4];
    struct cy_treaty_weight parties[8];
    struct cy_treaty_offer offer;
};

static inline cy_date date(unsigned year, unsigned month, unsigned day)
{
    cy_date out = 0;

    assert_ok(cy_date_of(year, month, day, &out));
    return out;
}

static inline cy_date today(const struct pact *p)
{
    return cy_time_date(p->rig->now);
}

static inline struct cy_id proof_about(const struct pact *p, uint8_t number, struct cy_id about)
{
    struct cy_id digest = {
        .b = {9, number}
    };

    assert_ok(RIG_DO(p->rig, 1, evidence_record, .digest = digest, .kind = CY_evidence_kind_AUDIT,
                     .about = about, .summary = rig_line("seen")));
    return digest;
}

/* Clause 1: at most 100, a fine of 40 up to 100, 150 in emergencies of 10 days. Clause 2: at least
 * 7, or suspended; it can be reserved away. Clause 3: at least 1, or the treaty is reopened. */
static inline void pact_clauses(struct pact *p)
{
    p->clauses[0] = (struct cy_treaty_clause){.number = 1,
                                              .measure = rig_label("catch"),
                                              .bound = CY_treaty_bound_AT_MOST,
                                              .threshold = 100,
                                              .from = date(2026, 1, 31),
                                              .months = 1,
                                              .actuator = CY_treaty_actuator_FINE,
                                              .fine = 40,
                                              .cap = 100,
                                              .emergency = 150,
                                              .emergency_days = 10,
                                              .words = rig_line("no more than a hundred")};
    p->clauses[1] = (struct cy_treaty_clause){.number = 2,
                                              .measure = rig_label("patrols"),
                                              .bound = CY_treaty_bound_AT_LEAST,
                                              .threshold = 7,
                                              .from = date(2026, 1, 1),
                                              .months = 3,
                                              .actuator = CY_treaty_actuator_SUSPEND,
                                              .reservable = true,
                                              .words = rig_line("seven patrols a quarter")};
    p->clauses[2] = (struct cy_treaty_clause){.number = 30,
                                              .measure = rig_label("visits"),
                                              .bound = CY_treaty_bound_AT_LEAST,
                                              .threshold = 1,
                                              .from = date(2026, 1, 1),
                                              .until = date(2027, 12, 31),
                                              .months = 12,
                                              .actuator = CY_treaty_actuator_REOPEN,
                                              .words = rig_line("inspectors are let in")};
}

static inline struct pact *pact_new(void)
{
    static struct pact p;

    p = (struct pact){.rig = league_new()};
    p.coin = money_new(p.rig, 12, "EUR");
    for (unsigned i = 1; i < 12; i++)
        p.account[i] = money_give(p.rig, 12, i, p.coin, 1000);
    p.proof = proof_about(&p, 1, p.rig->id[9]);
    pact_clauses(&p);
    for (unsigned i = 0; i < 6; i++)
        p.parties[i] = (struct cy_treaty_weight){p.rig->id[i + 1], 10 * (i + 1)}; /* 210 */
    p.offer = (struct cy_treaty_offer){.name = rig_name("strait"),
                                       .text = {.b = {1}},
                                       .clauses = p.clauses,
                                       .n_clauses = 3,
                                       .parties = p.parties,
                                       .n_parties = 6,
                                       .monitor = p.rig->id[MONITOR],
                                       .arbiter = p.rig->id[ARBITER],
                                       .adopt_need = 2,
                                       .force_need = 3,
                                       .force_ppm = 500000,
                                       .force_days = 30,
                                       .lock_months = 36,
                                       .notice_months = 12,
                                       .asset = p.coin,
                                       .bond = 60};
    return &p;
}

static inline cy_err pact_offer(struct pact *p)
{
    const cy_err err = rig_do(p->rig, 1, &cy_schema_treaty_offer, &p->offer);

    if (cy_ok(err))
        p->treaty = p->rig->last;
    return err;
}

static inline const struct cy_treaty *treaty(const struct pact *p)
{
    return CY_GET(&p->rig->engine.world, treaty, &p->treaty);
}

static inline const struct cy_treaty_party *party_id(const struct pact *p, const struct cy_id *who)
{
    const struct cy_of_treaty key = {p->treaty, *who};

    return CY_GET(&p->rig->engine.world, treaty_party, &key);
}

static inline const struct cy_treaty_party *party(const struct pact *p, unsigned n)
{
    return party_id(p, &p->rig->id[n]);
}

static inline bool binds_id(const struct pact *p, const struct cy_id *who, cy_date day)
{
    return cy_treaty_binds(treaty(p), party_id(p, who), day);
}

static inline bool binds(const struct pact *p, unsigned n, cy_date day)
{
    return binds_id(p, &p->rig->id[n], day);
}

static inline cy_err accept(const struct pact *p, unsigned n, uint32_t version)
{
    return RIG_DO(p->rig, n, treaty_accept, .treaty = p->treaty, .version = version);
}

static inline cy_err bond(const struct pact *p, unsigned n, uint64_t amount)
{
    return RIG_DO(p->rig, n, treaty_bond, .treaty = p->treaty, .account = p->account[n],
                  .amount = amount);
}

static inline cy_err ratify(const struct pact *p, unsigned n)
{
    return RIG_DO(p->rig, n, treaty_ratify, .treaty = p->treaty, .version = treaty(p)->version);
}

/* Offered and adopted. */
static inline struct pact *pact_open(void)
{
    struct pact *p = pact_new();

    assert_ok(pact_offer(p));
    assert_ok(accept(p, 1, 1));
    assert_ok(accept(p, 2, 1));
    return p;
}

/* Parties 4, 5, 6 have ratified, and it is in force. */
static inline struct pact *pact_bound(struct pact *p)
{
    for (unsigned n = 4; n <= 6; n++) {
        assert_ok(bond(p, n, 60));
        assert_ok(ratify(p, n));
    }
    rig_tick(p->rig, 30 * DAY);
    return p;
}

static inline void books_agree(const struct pact *p)
{
    const struct cy_world *world = &p->rig->engine.world;
    const struct cy_id account = cy_treaty_account(treaty(p));
    cy_u128 bonds = 0;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_treaty_party); i++) {
        const struct cy_treaty_party *one = cy_world_at(world, CY_R_treaty_party, i);

        bonds += cy_id_eq(&one->treaty, &p->treaty) ? one->bond : 0;
    }
    assert_true(money_free(p->rig, &account) == bonds + treaty(p)->pot);
    assert_int_equal(money_held(p->rig, &account), 0);
    money_conserved(world);
}

#endif
