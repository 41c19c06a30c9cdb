/* storm: what the tests of findings and crises begin with: a pact of five parties, an objective, a
 * model, and a program with its certificate, written byte by byte from SPEC/certificates.md.
 *
 *      stock A (party 1) 100     need X (party 3) 80, urgent      least -(3 * to X + 1 * to Y)
 *      stock B (party 2)  50     need Y (party 4) 60              columns: A-X, A-Y, B-X, B-Y
 *
 * Passports: 1 .. 5 parties, 6 the office, 7 solves, 8 inspects, 9 and 10 reviewers, 11 audits, 12
 * issues the coin.
 *
 * Owns: nothing. */
#ifndef CY_TESTS_STORM_H
#define CY_TESTS_STORM_H

#include "unit/institutions/alliance/league.h"
#include "unit/kernel/money.h"

#include "kernel/certificate.h"

#define DAY (uint64_t) CY_DAY_MS
#define assert_id_equal(a, b) assert_memory_equal((a), (b), sizeof(struct cy_id))
#define OFFICE 6u
#define SOLVER 7u
#define INSPECTOR 8u
#define AUDITOR 11u

struct bytes {
    uint8_t at[4096];
    size_t n;
};

static inline void put(struct bytes *b, unsigned v)
{
    b->at[b->n++] = (uint8_t)v;
}

/* A number of at most seven bits and a sign. */
static inline void put_number(struct bytes *b, int v)
{
    const unsigned size = v < 0 ? (unsigned)-v : (unsigned)v;

    put(b, v == 0 ? 0 : v < 0 ? 3 : 2);
    if (v != 0)
        put(b, size);
}

static inline void put_vector(struct bytes *b, const int *values, unsigned n)
{
    unsigned count = 0;
    unsigned next = 0;

    for (unsigned i = 0; i < n; i++)
        count += values[i] != 0;
    put_number(b, 1);
    put(b, count);
    for (unsigned i = 0; i < n; i++) {
        if (values[i] == 0)
            continue;
        put(b, i - next);
        put_number(b, values[i]);
        next = i + 1;
    }
}

/* The program: rows A, B, X, Y, each with an upper bound; four columns, at least 0. */
static inline struct bytes transport(const int room[static 4], int urgent)
{
    struct bytes b = {0};

    memcpy(b.at, "clp\1", 4);
    b.n = 4;
    put(&b, 4);
    put(&b, 4);
    put_number(&b, 1);
    put_number(&b, 0);
    put_number(&b, 1);
    for (unsigned i = 0; i < 4; i++) {
        put(&b, 2);
        put_number(&b, room[i]);
    }
    for (unsigned j = 0; j < 4; j++) {
        put(&b, 1);
        put_number(&b, 0);
        put_number(&b, j % 2 == 0 ? -urgent : -1);
        put(&b, 2);
        put(&b, j / 2);
        put_number(&b, 1);
        put(&b, 2 + j % 2 - j / 2 - 1);
        put_number(&b, 1);
    }
    return b;
}

static inline struct bytes proof_of(const struct bytes *program, const int point[static 4],
                                    const int multipliers[static 4])
{
    const struct cy_id id = cy_sha256(cy_span_of(program->at, program->n));
    struct bytes b = {0};

    memcpy(b.at, "clc\1\1", 5);
    memcpy(b.at + 5, id.b, 32);
    b.n = 37;
    put_vector(&b, point, 4);
    put_vector(&b, multipliers, 4);
    return b;
}

struct storm {
    struct rig *rig;
    struct cy_id coin;
    struct cy_id account[13];
    struct cy_id pact;
    struct cy_id crisis;
    struct cy_id objective;
    struct cy_id model;
    struct cy_id evidence;
    struct cy_id finding;
    struct bytes program;
    struct bytes certificate;
    struct cy_objective_voter voters[3];
    struct cy_aid_party parties[5];
    struct cy_aid_good good;
};

static const int storm_room_[4] = {100, 50, 80, 60};
static const int storm_point_[4] = {80, 20, 0, 40};
static const int storm_multipliers_[4] = {0, 0, -3, -1};

static inline struct cy_id seen(const struct storm *s, uint8_t number)
{
    const struct cy_id digest = {
        .b = {7, number}
    };

    assert_ok(RIG_DO(s->rig, 1, evidence_record, .digest = digest, .kind = CY_evidence_kind_AUDIT,
                     .about = s->rig->id[1], .summary = rig_line("seen")));
    return digest;
}

/* A pact of parties 1 .. 5, of weights 1 .. 5; two must call for a crisis of thirty days. */
static inline void storm_pact(struct storm *s)
{
    for (unsigned i = 0; i < 5; i++)
        s->parties[i] = (struct cy_aid_party){s->rig->id[i + 1], i + 1};
    s->good = (struct cy_aid_good){rig_label("vaccine"), rig_label("dose"), 10};
    assert_ok(RIG_DO(s->rig, 1, aid_pact, .name = rig_name("aid"), .text = {.b = {3}},
                     .parties = s->parties, .n_parties = 5, .goods = &s->good, .n_goods = 1,
                     .seconds = 2, .days = 30, .auditor = s->rig->id[AUDITOR]));
    s->pact = s->rig->last;
    for (unsigned i = 1; i <= 5; i++)
        assert_ok(RIG_DO(s->rig, i, aid_join, .pact = s->pact));
}

static inline cy_err storm_offer(struct storm *s, const struct cy_objective_offer *terms)
{
    struct cy_objective_offer m = *terms;
    cy_err err = CY_OK;

    for (unsigned i = 0; i < 3; i++)
        s->voters[i] = (struct cy_objective_voter){s->rig->id[i + 1], 10};
    m.name = rig_name("urgent first");
    m.text = (struct cy_id){.b = {4}};
    m.summary = rig_line("what is urgent counts three times");
    m.voters = s->voters;
    m.n_voters = m.n_voters == 0 ? 3 : m.n_voters;
    m.need = m.need == 0 ? 20 : m.need;
    if (cy_id_none(&m.office))
        m.office = s->rig->id[OFFICE];
    err = rig_do(s->rig, 1, &cy_schema_objective_offer, &m);
    if (cy_ok(err))
        s->objective = s->rig->last;
    return err;
}

static inline cy_err vote(const struct storm *s, unsigned n, bool allow)
{
    return RIG_DO(s->rig, n, objective_vote, .objective = s->objective, .allow = allow);
}

static inline void storm_voted(struct storm *s, const struct cy_objective_offer *terms)
{
    assert_ok(storm_offer(s, terms));
    assert_ok(vote(s, 1, true));
    assert_ok(vote(s, 2, true));
}

static inline struct storm *storm_new(void)
{
    static struct storm s;

    s = (struct storm){.rig = league_new()};
    s.coin = money_new(s.rig, 12, "EUR");
    for (unsigned i = 1; i < 12; i++)
        s.account[i] = money_give(s.rig, 12, i, s.coin, 1000);
    s.evidence = seen(&s, 1);
    storm_pact(&s);
    assert_ok(RIG_DO(s.rig, SOLVER, model_register, .name = rig_name("simplex"),
                     .version = rig_name("1"), .digest = {.b = {5}},
                     .purpose = rig_line("linear programs"), .limits = rig_line("none: it proves"),
                     .inspector = s.rig->id[INSPECTOR]));
    s.model = s.rig->last;
    s.program = transport(storm_room_, 3);
    s.certificate = proof_of(&s.program, storm_point_, storm_multipliers_);
    return &s;
}

static inline cy_err declare(struct storm *s, unsigned n)
{
    const cy_err err =
        RIG_DO(s->rig, n, crisis_declare, .pact = s->pact, .kind = rig_label("outbreak"),
               .area = rig_line("everywhere"), .evidence = s->evidence);

    if (cy_ok(err))
        s->crisis = CY_GET(&s->rig->engine.world, pact, &s->pact)->crisis;
    return err;
}

static inline cy_err activate(const struct storm *s)
{
    return RIG_DO(s->rig, 9, objective_activate, .objective = s->objective, .occasion = s->crisis);
}

static inline cy_err name_data(const struct storm *s, const struct cy_objective_data *terms)
{
    const struct cy_finding_input input = {{.b = {6}}, rig_line("needs as posted")};
    struct cy_objective_data m = *terms;

    m.objective = s->objective;
    m.inputs = &input;
    m.n_inputs = 1;
    return rig_do(s->rig, OFFICE, &cy_schema_objective_data, &m);
}

/* Voted in peacetime, a crisis declared by 1 and 2, activated, data named. */
static inline struct storm *storm_breaks(const struct cy_objective_offer *terms)
{
    struct storm *s = storm_new();
    struct cy_objective_offer m = *terms;

    m.kind = rig_label("outbreak");
    storm_voted(s, &m);
    rig_tick(s->rig, DAY);
    assert_ok(declare(s, 1));
    assert_ok(declare(s, 2));
    assert_ok(activate(s));
    assert_ok(name_data(s, &(struct cy_objective_data){0}));
    return s;
}

static inline cy_err find_that(struct storm *s, struct cy_span program, struct cy_span certificate,
                               uint64_t data)
{
    const cy_err err =
        RIG_DO(s->rig, SOLVER, finding_record, .objective = s->objective, .model = s->model,
               .data = data, .program = program, .certificate = certificate);

    if (cy_ok(err))
        s->finding = s->rig->last;
    return err;
}

static inline cy_err find_it(struct storm *s)
{
    return find_that(s, cy_span_of(s->program.at, s->program.n),
                     cy_span_of(s->certificate.at, s->certificate.n), 1);
}

static inline const struct cy_finding *finding(const struct storm *s)
{
    return CY_GET(&s->rig->engine.world, finding, &s->finding);
}

static inline const struct cy_objective *objective(const struct storm *s)
{
    return CY_GET(&s->rig->engine.world, objective, &s->objective);
}

#endif
