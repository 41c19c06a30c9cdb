/* Findings: objectives voted in peacetime and locked in a crisis (M133, M134), certificates judged
 * exactly inside an act (M132), named offices and models that can be stopped (M145), windows that
 * one part defeats, contests. */
#include "unit/institutions/finding/storm.h"

#include "kernel/upload.h"

static const struct cy_objective_offer plain_ = {0};

static cy_err judged(const struct storm *s, unsigned n, bool allow, struct cy_id evidence)
{
    return RIG_DO(s->rig, n, model_judge, .model = s->model, .allow = allow,
                  .reason = rig_line("inspected"), .evidence = evidence);
}

/* --- objectives --- */

static void terms_must_hold_together(void **state)
{
    struct storm *s = storm_new();
    struct cy_objective_offer m = {.need = 31};

    (void)state;
    assert_code(storm_offer(s, &m), OBJECTIVE_TERMS);
    m = (struct cy_objective_offer){.office = {.b = {9}}};
    assert_code(storm_offer(s, &m), OBJECTIVE_TERMS);
    m = (struct cy_objective_offer){.challenge_ms = DAY};
    assert_code(storm_offer(s, &m), OBJECTIVE_TERMS);
    m = (struct cy_objective_offer){.challenge_ms = DAY, .bond = 5};
    assert_code(storm_offer(s, &m), OBJECTIVE_TERMS);
    m = (struct cy_objective_offer){.bond = 5, .asset = s->coin};
    assert_code(storm_offer(s, &m), OBJECTIVE_TERMS);
    m = (struct cy_objective_offer){.replaces = {.b = {9}}};
    assert_code(storm_offer(s, &m), OBJECTIVE_UNKNOWN);
    assert_ok(storm_offer(s, &plain_));
    m = (struct cy_objective_offer){.replaces = s->objective};
    assert_code(storm_offer(s, &m), OBJECTIVE_STATE); /* not voted itself */
    rig_free(s->rig);
}

static void votes_adopt_or_refuse(void **state)
{
    struct storm *s = storm_new();

    (void)state;
    assert_ok(storm_offer(s, &plain_));
    assert_code(vote(s, 4, true), OBJECTIVE_VOTER);
    assert_ok(vote(s, 1, true));
    assert_code(vote(s, 1, false), OBJECTIVE_VOTER);
    assert_int_equal(objective(s)->state, CY_objective_state_OFFERED);
    assert_ok(vote(s, 3, true));
    assert_int_equal(objective(s)->state, CY_objective_state_VOTED);
    assert_code(vote(s, 2, true), OBJECTIVE_STATE);
    assert_ok(storm_offer(s, &plain_));
    assert_ok(vote(s, 2, false));
    assert_ok(vote(s, 3, false)); /* ten of thirty are left, twenty are needed */
    assert_int_equal(objective(s)->state, CY_objective_state_REFUSED);
    rig_free(s->rig);
}

static void only_what_was_voted_in_peacetime_is_activated(void **state)
{
    const struct cy_objective_offer of_outbreak = {.kind = rig_label("outbreak")};
    const struct cy_objective_offer of_flood = {.kind = rig_label("flood")};
    struct storm *s = storm_new();
    struct cy_id flood;

    (void)state;
    storm_voted(s, &of_flood);
    flood = s->objective;
    assert_ok(storm_offer(s, &of_outbreak));
    assert_ok(vote(s, 1, true));
    rig_tick(s->rig, 1000);
    assert_ok(declare(s, 1));
    assert_code(activate(s), OBJECTIVE_STATE);
    assert_ok(declare(s, 2));
    assert_ok(vote(s, 2, true)); /* in the storm: too late */
    assert_code(activate(s), OBJECTIVE_OCCASION);
    s->objective = flood;
    assert_code(activate(s), OBJECTIVE_OCCASION);
    assert_ok(name_data(s, &(struct cy_objective_data){0}));
    assert_code(find_it(s), OBJECTIVE_INACTIVE);
    rig_free(s->rig);
}

static void nobody_amends_while_it_lasts(void **state)
{
    struct storm *s = storm_new();
    struct cy_objective_offer m = {.kind = rig_label("outbreak")};
    struct cy_id old;
    struct cy_id rival;

    (void)state;
    storm_voted(s, &m);
    old = s->objective;
    m.replaces = old;
    assert_ok(storm_offer(s, &m)); /* offered in peacetime, voted on in the crisis */
    rival = s->objective;
    rig_tick(s->rig, DAY);
    assert_ok(declare(s, 1));
    assert_ok(declare(s, 2));
    s->objective = old;
    assert_ok(activate(s));
    assert_code(activate(s), OBJECTIVE_OCCASION);
    assert_code(storm_offer(s, &m), OBJECTIVE_LOCKED);
    s->objective = rival;
    assert_ok(vote(s, 1, true));
    assert_code(vote(s, 2, true), OBJECTIVE_LOCKED);
    rig_tick(s->rig, 30 * DAY);
    assert_ok(vote(s, 2, true)); /* over: now it may */
    s->objective = old;
    assert_int_equal(objective(s)->state, CY_objective_state_REPLACED);
    assert_code(name_data(s, &(struct cy_objective_data){0}), OBJECTIVE_STATE);
    rig_free(s->rig);
}

/* --- findings --- */

static void a_certificate_is_judged_inside_the_act(void **state)
{
    struct storm *s = storm_breaks(&plain_);
    const struct cy_certified *answer = NULL;

    (void)state;
    assert_ok(find_it(s));
    assert_int_equal(finding(s)->proof, CY_finding_proof_OPTIMAL);
    assert_id_equal(&finding(s)->office, &s->rig->id[OFFICE]);
    assert_id_equal(&finding(s)->model, &s->model);
    assert_id_equal(&finding(s)->occasion, &s->crisis);
    assert_id_equal(&finding(s)->text, &objective(s)->text);
    assert_true(finding(s)->minus);
    assert_int_equal((int)finding(s)->above, 3 * 80 + 60);
    assert_int_equal((int)finding(s)->below, 1);
    assert_int_equal(finding(s)->answers, 3);
    answer = CY_GET(&s->rig->engine.world, certified, &s->finding);
    assert_true(answer->best && answer->whole && !answer->fallen);
    assert_int_equal(objective(s)->findings, 1);
    rig_free(s->rig);
}

/* Every byte of the certificate changed in three ways: refused, and the world stays as it was, or
 * what it proves then is what the true one proves. */
static void a_changed_certificate_proves_nothing_else(void **state)
{
    static const uint8_t masks[] = {1, 2, 0x80};
    struct storm *s = storm_breaks(&plain_);
    unsigned refused = 0;

    (void)state;
    for (size_t i = 0; i < s->certificate.n; i++) {
        for (unsigned m = 0; m < 3; m++) {
            const struct cy_id before = rig_world_bytes(&s->rig->engine.world);
            struct bytes changed = s->certificate;
            struct cy_id after;

            changed.at[i] ^= masks[m];
            if (cy_ok(find_that(s, cy_span_of(s->program.at, s->program.n),
                                cy_span_of(changed.at, changed.n), 1))) {
                assert_int_equal((int)finding(s)->above, 300);
                continue;
            }
            refused++;
            after = rig_world_bytes(&s->rig->engine.world);
            assert_id_equal(&after, &before);
        }
    }
    assert_true(refused > s->certificate.n * 3 * 9 / 10);
    rig_free(s->rig);
}

static void an_answer_off_by_one_is_refused(void **state)
{
    static const int points[][4] = {
        {81, 20, 0, 40},
        {79, 20, 0, 40},
        {80, 21, 0, 40}
    };
    static const int duals[][4] = {
        {0,  0, -2, -1},
        {0,  0, -3, 1 },
        {-1, 0, -3, -1}
    };
    struct storm *s = storm_breaks(&plain_);

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct bytes wrong = proof_of(&s->program, points[i], storm_multipliers_);

        assert_code(
            find_that(s, cy_span_of(s->program.at, s->program.n), cy_span_of(wrong.at, wrong.n), 1),
            CERT_WRONG);
        wrong = proof_of(&s->program, storm_point_, duals[i]);
        assert_code(
            find_that(s, cy_span_of(s->program.at, s->program.n), cy_span_of(wrong.at, wrong.n), 1),
            CERT_WRONG);
    }
    rig_free(s->rig);
}

static void other_data_and_other_weights_are_refused(void **state)
{
    static const int less[4] = {100, 50, 70, 60};
    static const int less_point[4] = {70, 30, 0, 30};
    struct storm *s = storm_new();
    struct cy_objective_offer m = {.kind = rig_label("outbreak")};
    struct cy_objective_data data = {0};
    uint8_t room[65536];
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    const struct bytes other = transport(less, 3);
    const struct bytes other_proof = proof_of(&other, less_point, storm_multipliers_);
    const struct bytes greedy = transport(storm_room_, 4);
    static const int greedy_multipliers[4] = {0, 0, -4, -1};
    const struct bytes greedy_proof = proof_of(&greedy, storm_point_, greedy_multipliers);

    (void)state;
    assert_ok(cy_certificate_digests(cy_span_of(s->program.at, s->program.n), &arena, &m.frame,
                                     &data.bounds));
    storm_voted(s, &m);
    rig_tick(s->rig, DAY);
    assert_ok(declare(s, 1));
    assert_ok(declare(s, 2));
    assert_ok(activate(s));
    assert_code(find_it(s), FINDING_DATA); /* the office has named none */
    assert_ok(name_data(s, &data));
    assert_ok(find_it(s));
    assert_code(
        find_that(s, cy_span_of(other.at, other.n), cy_span_of(other_proof.at, other_proof.n), 1),
        FINDING_FRAME);
    assert_int_equal(s->rig->verdict.err.detail, 2);
    assert_code(find_that(s, cy_span_of(greedy.at, greedy.n),
                          cy_span_of(greedy_proof.at, greedy_proof.n), 1),
                FINDING_FRAME);
    assert_int_equal(s->rig->verdict.err.detail, 1);
    assert_code(find_that(s, cy_span_of(s->program.at, s->program.n),
                          cy_span_of(other_proof.at, other_proof.n), 1),
                CERT_OTHER);
    assert_code(RIG_DO(s->rig, 1, objective_data, .objective = s->objective,
                       .inputs = &(struct cy_finding_input){{.b = {1}}, rig_line("mine")},
                       .n_inputs = 1),
                OBJECTIVE_OFFICE);
    data.bounds = (struct cy_id){{0}};
    assert_ok(name_data(s, &data)); /* newer data: the old finding lapses, a new one names them */
    assert_code(find_it(s), FINDING_DATA);
    assert_ok(
        find_that(s, cy_span_of(other.at, other.n), cy_span_of(other_proof.at, other_proof.n), 2));
    rig_free(s->rig);
}

static void a_vetoed_model_decides_nothing(void **state)
{
    struct storm *s = storm_breaks(&plain_);

    (void)state;
    assert_code(judged(s, SOLVER, false, s->evidence), MODEL_INSPECTOR);
    assert_code(judged(s, INSPECTOR, true, s->evidence), MODEL_INSPECTOR); /* it is allowed */
    assert_code(judged(s, INSPECTOR, false, (struct cy_id){.b = {8}}), MODEL_INSPECTOR);
    assert_ok(judged(s, INSPECTOR, false, s->evidence));
    assert_code(find_it(s), MODEL_UNKNOWN);
    assert_ok(judged(s, INSPECTOR, true, s->evidence));
    assert_ok(find_it(s));
    rig_free(s->rig);
}

/* A program of many coefficients with a long certificate is not judged at once. */
static void work_is_bounded_before_it_begins(void **state)
{
    static uint8_t program[30000];
    static uint8_t proof[30000];
    struct storm *s = storm_breaks(&plain_);
    struct cy_id id;
    size_t n = 0;
    const unsigned columns = 3600;

    (void)state;
    memcpy(program, "clp\1", 4);
    n = 4;
    program[n++] = 1;
    program[n++] = (uint8_t)(columns & 0x7f) | 0x80;
    program[n++] = (uint8_t)(columns >> 7);
    memcpy(program + n, "\2\1\0\2\1", 5);
    n += 5;
    program[n++] = 0; /* a row without bounds */
    for (unsigned j = 0; j < columns; j++) {
        memcpy(program + n, "\0\0\1\0\2\1", 6);
        n += 6;
    }
    memcpy(proof, "clc\1\4", 5);
    id = cy_sha256(cy_span_of(program, n));
    memcpy(proof + 5, id.b, 32);
    assert_code(find_that(s, cy_span_of(program, n), cy_span_of(proof, sizeof proof), 1),
                FINDING_WORK);
    rig_free(s->rig);
}

/* --- before the reviewers --- */

static void office_of(const struct storm *s, unsigned n)
{
    assert_ok(RIG_DO(s->rig, 0, mantle_grant, .role = rig_label("reviewer"),
                     .holder = s->rig->id[n], .until = s->rig->now + 400 * DAY));
}

static cy_err contest(const struct storm *s, unsigned n)
{
    return RIG_DO(s->rig, n, finding_contest, .finding = s->finding,
                  .reason = rig_line("the charter was misread"), .evidence = s->evidence);
}

static cy_err settle(const struct storm *s)
{
    return RIG_DO(s->rig, 4, finding_settle, .finding = s->finding);
}

static const struct cy_certified *certified(const struct storm *s)
{
    return CY_GET(&s->rig->engine.world, certified, &s->finding);
}

static void reviewers_annul_a_finding(void **state)
{
    struct storm *s = storm_breaks(&plain_);
    struct cy_id review;

    (void)state;
    assert_ok(
        RIG_DO(s->rig, 0, mantle_create, .role = rig_label("reviewer"), .term_ms_most = 500 * DAY));
    office_of(s, 9);
    office_of(s, 10);
    assert_ok(find_it(s));
    assert_code(settle(s), FINDING_STATE);
    assert_code(RIG_DO(s->rig, 5, review_open, .kind = CY_review_kind_FINDING,
                       .about = s->rig->id[OFFICE], .reason = rig_line("directly")),
                NOT_ALLOWED);
    assert_ok(contest(s, 5));
    review = s->rig->last;
    assert_true(certified(s)->fallen);
    assert_code(contest(s, 4), FINDING_REVIEW);
    assert_code(settle(s), FINDING_REVIEW);
    assert_ok(RIG_DO(s->rig, 9, review_vote, .review = review, .allow = true));
    assert_ok(RIG_DO(s->rig, 10, review_vote, .review = review, .allow = true));
    assert_ok(settle(s));
    assert_int_equal(finding(s)->state, CY_finding_state_ANNULLED);
    assert_true(certified(s)->fallen);
    assert_code(contest(s, 4), FINDING_STATE);
    rig_free(s->rig);
}

static void a_contest_that_fails_lets_it_stand(void **state)
{
    struct storm *s = storm_breaks(&plain_);

    (void)state;
    assert_ok(find_it(s));
    assert_ok(contest(s, 5));
    rig_tick(s->rig, 31 * DAY); /* nobody decided */
    assert_ok(settle(s));
    assert_int_equal(finding(s)->state, CY_finding_state_STANDS);
    assert_false(certified(s)->fallen);
    rig_free(s->rig);
}

/* --- large ones --- */

static void put_u(struct bytes *b, uint64_t v, unsigned n)
{
    for (unsigned i = n; i-- > 0;)
        put(b, (unsigned)(v >> (8 * i)) & 0xff);
}

static void put_head(struct bytes *b, unsigned kind, unsigned first, unsigned records)
{
    memcpy(b->at, "cys\1", 4);
    b->n = 4;
    put(b, kind);
    put_u(b, 4, 4);
    put_u(b, 4, 4);
    put_u(b, 1, 8);
    put_u(b, first, 4);
    put_u(b, records, 2);
}

/* The same program and proof as parts: rows 0 .. 3; columns 0, 1; columns 2, 3. */
static struct bytes rows_part(const int point[static 4], const int duals[static 4])
{
    struct bytes b = {0};

    put_head(&b, 1, 0, 4);
    for (unsigned i = 0; i < 4; i++) {
        put(&b, 2);
        put_u(&b, 0, 8);
        put_u(&b, (uint64_t)storm_room_[i], 8);
        put_u(&b, (uint64_t)(int64_t)duals[i], 8);
        put_u(&b, 2, 2);
        for (unsigned k = 0; k < 2; k++) {
            const unsigned j = i < 2 ? 2 * i + k : 2 * k + i - 2;

            put_u(&b, j, 4);
            put_u(&b, 1, 8);
            put_u(&b, (uint64_t)(int64_t)point[j], 8);
        }
    }
    return b;
}

static struct bytes columns_part(const int point[static 4], const int duals[static 4],
                                 unsigned first)
{
    struct cy_frontier tree = {0};
    struct bytes b = {0};

    for (unsigned j = 0; j < first; j++) {
        const struct cy_id leaf = cy_certificate_leaf(j, (uint64_t)point[j]);

        if (point[j] > 0)
            assert_ok(cy_frontier_append(&tree, &leaf));
    }
    put_head(&b, 2, first, 2);
    put_u(&b, tree.size, 8);
    for (unsigned i = 0; i < cy_frontier_count(&tree); i++) {
        memcpy(b.at + b.n, tree.hash[i].b, 32);
        b.n += 32;
    }
    for (unsigned j = first; j < first + 2; j++) {
        put(&b, 1);
        put_u(&b, 0, 8);
        put_u(&b, 0, 8);
        put_u(&b, (uint64_t)(int64_t)(j % 2 == 0 ? -3 : -1), 8);
        put_u(&b, (uint64_t)point[j], 8);
        put_u(&b, 2, 2);
        put_u(&b, j / 2, 4);
        put_u(&b, 1, 8);
        put_u(&b, (uint64_t)(int64_t)duals[j / 2], 8);
        put_u(&b, 2 + j % 2, 4);
        put_u(&b, 1, 8);
        put_u(&b, (uint64_t)(int64_t)duals[2 + j % 2], 8);
    }
    return b;
}

struct sheet {
    struct bytes part[3];
    struct cy_id digests[3];
};

static struct sheet sheet_of(const int point[static 4], const int duals[static 4])
{
    return (struct sheet){
        .part = {rows_part(point, duals), columns_part(point, duals, 0),
                 columns_part(point, duals, 2)}
    };
}

static struct cy_span part_of(const struct sheet *sheet, unsigned i)
{
    return cy_span_of(sheet->part[i].at, sheet->part[i].n);
}

/* Sends a sheet in parts and the finding that rests on it. */
static cy_err find_large(struct storm *s, struct sheet *sheet, const int point[static 4])
{
    struct cy_id head = {{0}};
    struct cy_id bond;
    struct cy_id mine;
    struct cy_id upload;
    struct cy_frontier tree = {0};
    uint64_t total = 0;
    cy_err err = CY_OK;

    for (unsigned i = 0; i < 3; i++) {
        sheet->digests[i] = cy_sha256(part_of(sheet, i));
        head = cy_upload_chain(&head, part_of(sheet, i));
        total += sheet->part[i].n;
    }
    mine = money_new(s->rig, 0, "BND");
    bond = money_give(s->rig, 0, SOLVER, mine, 10);
    assert_ok(RIG_DO(s->rig, SOLVER, bond_post, .account = bond, .amount = 5,
                     .beneficiary = s->rig->realm, .cool_ms = 1000));
    bond = s->rig->last;
    assert_ok(RIG_DO(s->rig, SOLVER, part_open, .digest = head, .bytes = total, .parts = 3,
                     .bond = bond));
    upload = s->rig->last;
    for (unsigned i = 0; i < 3; i++)
        assert_ok(RIG_DO(s->rig, SOLVER, part, .upload = upload, .position = i,
                         .body = part_of(sheet, i)));
    for (unsigned j = 0; j < 4; j++) {
        const struct cy_id leaf = cy_certificate_leaf(j, (uint64_t)point[j]);

        if (point[j] > 0)
            assert_ok(cy_frontier_append(&tree, &leaf));
    }
    err = RIG_DO(s->rig, SOLVER, finding_large, .objective = s->objective, .model = s->model,
                 .data = 1, .sheet = head, .answer = cy_frontier_root(&tree),
                 .answers = (uint32_t)tree.size, .account = s->account[SOLVER]);
    if (cy_ok(err))
        s->finding = s->rig->last;
    return err;
}

/* A challenge by passport 5; second 0: the first part fails by itself. */
static cy_err challenge(const struct storm *s, const struct sheet *sheet, unsigned first,
                        unsigned second)
{
    return RIG_DO(s->rig, 5, finding_challenge, .finding = s->finding, .account = s->account[5],
                  .digests = cy_span_of(sheet->digests, sizeof sheet->digests), .first = first,
                  .part = part_of(sheet, first), .second = second,
                  .other = second == 0 ? (struct cy_span){0} : part_of(sheet, second));
}

static struct storm *storm_large(void)
{
    struct storm *s = storm_new();
    const struct cy_objective_offer terms = {
        .kind = rig_label("outbreak"), .challenge_ms = 2 * DAY, .asset = s->coin, .bond = 100};

    storm_voted(s, &terms);
    rig_tick(s->rig, DAY);
    assert_ok(declare(s, 1));
    assert_ok(declare(s, 2));
    assert_ok(activate(s));
    assert_ok(name_data(s, &(struct cy_objective_data){0}));
    return s;
}

static void a_true_sheet_outlives_its_window(void **state)
{
    struct storm *s = storm_large();
    struct sheet sheet = sheet_of(storm_point_, storm_multipliers_);

    (void)state;
    assert_ok(find_large(s, &sheet, storm_point_));
    assert_int_equal(money_held(s->rig, &s->account[SOLVER]), 100);
    /* whoever says that it fails is wrong, each time, and pays */
    for (unsigned i = 0; i < 3; i++)
        assert_ok(challenge(s, &sheet, i, 0));
    assert_ok(challenge(s, &sheet, 0, 1));
    assert_ok(challenge(s, &sheet, 0, 2));
    assert_ok(challenge(s, &sheet, 1, 2));
    assert_int_equal(money_free(s->rig, &s->account[5]), 400);
    assert_int_equal(money_free(s->rig, &s->account[SOLVER]), 900 + 600);
    assert_int_equal(finding(s)->state, CY_finding_state_STANDS);
    assert_code(settle(s), FINDING_WINDOW);
    rig_tick(s->rig, 2 * DAY);
    assert_code(challenge(s, &sheet, 0, 0), FINDING_WINDOW);
    assert_ok(settle(s));
    assert_int_equal(money_held(s->rig, &s->account[SOLVER]), 0);
    assert_code(settle(s), FINDING_STATE);
    money_conserved(&s->rig->engine.world);
    rig_free(s->rig);
}

static void one_part_defeats_a_false_sheet(void **state)
{
    static const struct {
        int point[4];
        int duals[4];
        unsigned part;
    } wrong[] = {
        {{81, 20, 0, 40}, {0, 0, -3, -1}, 0}, /* more than there is, and than is needed */
        {{79, 20, 0, 40}, {0, 0, -3, -1}, 0}, /* the multiplier of need X leans on nothing */
        {{80, 20, 0, 40}, {0, 0, -3, 0},  1}, /* the reduced cost of column 1 leans on nothing */
        {{80, 20, 0, 40}, {0, 0, -2, -1}, 1},
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(wrong); i++) {
        struct storm *s = storm_large();
        struct sheet sheet = sheet_of(wrong[i].point, wrong[i].duals);

        assert_ok(find_large(s, &sheet, wrong[i].point));
        assert_ok(challenge(s, &sheet, wrong[i].part, 0));
        assert_int_equal(finding(s)->state, CY_finding_state_DEFEATED);
        assert_true(certified(s)->fallen);
        assert_int_equal(money_free(s->rig, &s->account[5]), 1100);
        assert_int_equal(money_held(s->rig, &s->account[SOLVER]), 0);
        assert_code(challenge(s, &sheet, wrong[i].part, 0), FINDING_STATE);
        money_conserved(&s->rig->engine.world);
        rig_free(s->rig);
    }
}

/* Parts that hold by themselves and contradict one another. */
static void two_parts_defeat_a_false_sheet(void **state)
{
    static const int other[4] = {60, 40, 20, 20};
    struct storm *s = storm_large();
    struct sheet sheet = sheet_of(storm_point_, storm_multipliers_);

    (void)state;
    sheet.part[0] = rows_part(other, storm_multipliers_); /* as good, but another */
    assert_ok(find_large(s, &sheet, storm_point_));
    assert_ok(challenge(s, &sheet, 0, 1));
    assert_int_equal(finding(s)->state, CY_finding_state_DEFEATED);
    rig_free(s->rig);

    s = storm_large();
    sheet = sheet_of(storm_point_, storm_multipliers_);
    sheet.part[1].at[5 + 4 + 4 + 8] = 1; /* begins elsewhere: does not join the rows */
    assert_ok(find_large(s, &sheet, storm_point_));
    assert_ok(challenge(s, &sheet, 1, 0));
    assert_int_equal(finding(s)->state, CY_finding_state_DEFEATED);
    rig_free(s->rig);

    s = storm_large();
    sheet = sheet_of(storm_point_, storm_multipliers_);
    sheet.part[2] = columns_part(other, storm_multipliers_, 2);
    assert_ok(find_large(s, &sheet, storm_point_));
    assert_ok(challenge(s, &sheet, 1, 2)); /* the trees of answers do not join */
    assert_int_equal(finding(s)->state, CY_finding_state_DEFEATED);
    rig_free(s->rig);
}

static void a_challenge_shows_what_was_sent(void **state)
{
    struct storm *s = storm_large();
    struct sheet sheet = sheet_of(storm_point_, storm_multipliers_);
    struct sheet forged;

    (void)state;
    assert_ok(find_large(s, &sheet, storm_point_));
    forged = sheet;
    forged.part[0].at[30] ^= 1;
    assert_code(challenge(s, &forged, 0, 0), FINDING_SHEET);
    forged.digests[0] = cy_sha256(part_of(&forged, 0));
    assert_code(challenge(s, &forged, 0, 0), FINDING_SHEET);
    assert_int_equal(money_free(s->rig, &s->account[5]), 1000);
    rig_free(s->rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_must_hold_together),
        cmocka_unit_test(votes_adopt_or_refuse),
        cmocka_unit_test(only_what_was_voted_in_peacetime_is_activated),
        cmocka_unit_test(nobody_amends_while_it_lasts),
        cmocka_unit_test(a_certificate_is_judged_inside_the_act),
        cmocka_unit_test(a_changed_certificate_proves_nothing_else),
        cmocka_unit_test(an_answer_off_by_one_is_refused),
        cmocka_unit_test(other_data_and_other_weights_are_refused),
        cmocka_unit_test(a_vetoed_model_decides_nothing),
        cmocka_unit_test(work_is_bounded_before_it_begins),
        cmocka_unit_test(reviewers_annul_a_finding),
        cmocka_unit_test(a_contest_that_fails_lets_it_stand),
        cmocka_unit_test(a_true_sheet_outlives_its_window),
        cmocka_unit_test(one_part_defeats_a_false_sheet),
        cmocka_unit_test(two_parts_defeat_a_false_sheet),
        cmocka_unit_test(a_challenge_shows_what_was_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
