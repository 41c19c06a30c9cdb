/* Alliances over HTTP: two clocks, levels, histories, charters, and bundles that prove answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cells.h"
#include "verify/verify.h"

enum { NORWAY, SWEDEN, DENMARK, FINLAND, PARTIES };

static const char *const names[PARTIES] = {"Norway", "Sweden", "Denmark", "Finland"};
static struct party parties[PARTIES];
static struct cy_id alliance;
static char before[40]; /* ledger time before Finland's membership was recorded */

static void must(struct cell *cell, const struct act *act)
{
    struct got got = send_to(cell, NULL, "/v1/acts", act_span(act));

    (void)assert_receipt(cell, &got, act_span(act));
    got_free(&got);
}

static void record(struct cell *cell, unsigned party, uint8_t event, uint8_t level,
                   const char *date)
{
    struct act *act = malloc(sizeof *act);
    cy_date day = 0;

    assert_ok(cy_date_read(cy_span_text(date), &day));
    PARTY_ACT(cell, &parties[NORWAY], alliance_record, act, .alliance = alliance,
              .party = parties[party].id, .event = event, .level = level, .date = day,
              .source = line_of("a treaty series"));
    must(cell, act);
    free(act);
}

static void ledger_time(struct cell *cell, char out[40])
{
    struct got got = ask(cell, NULL, "/v1/realm");

    snprintf(out, 40, "%s",
             json_string_value(json_object_get(json_object_get(got.json, "realm"), "now")));
    got_free(&got);
}

static int start(void **s)
{
    struct cells *cells = cells_new(2, "tick_ms = 200;\nwait: { witnessed_ms = 3000; };\n");
    struct cell *cell = &cells->a;
    struct act *act = malloc(sizeof *act);
    const struct cy_charter_clause open[] = {
        {.name = label_of("amend_vote"),      .value = 0                                    },
        {.name = label_of("registrar_until"), .value = ((uint64_t)time(NULL) + 86400) * 1000},
    };
    struct got got;
    cy_date founded = 0;

    cell_start(&cells->a);
    cell_start(&cells->b);
    for (unsigned i = 0; i < PARTIES; i++)
        party_enter(cell, &parties[i], 10 + i, names[i]);
    assert_ok(cy_date_read(cy_span_text("1949-04-04"), &founded));
    PARTY_ACT(cell, &parties[NORWAY], alliance_found, act, .code = label_of("NORTH"),
              .name = name_of("North"), .topic = CY_topic_SECURITY, .founded = founded,
              .clauses = open, .n_clauses = 2);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    (void)assert_receipt(cell, &got, act_span(act));
    assert_ok(cy_hex_read(cy_span_text(got_text(&got, "act")), alliance.b, 32));
    got_free(&got);
    record(cell, NORWAY, CY_membership_FOUND, CY_level_FULL, "1949-04-04");
    record(cell, SWEDEN, CY_membership_JOIN, CY_level_FULL, "1952-02-18");
    record(cell, DENMARK, CY_membership_JOIN, CY_level_ASSOCIATE, "1955-05-06");
    record(cell, SWEDEN, CY_membership_EXIT, CY_level_FULL, "1966-07-01");
    nap(500);
    ledger_time(cell, before);
    nap(1500);
    record(cell, FINLAND, CY_membership_JOIN, CY_level_FULL, "1950-05-09");
    free(act);
    *s = cells;
    return 0;
}

static int finish(void **s)
{
    struct cells *cells = *s;

    cell_stop(&cells->a);
    cell_stop(&cells->b);
    cells_free(cells);
    return 0;
}

/* The names of the members, in the order of the parties, as letters: "NSDF". */
static void members(struct cell *cell, const char *query, char out[8])
{
    char path[200];
    struct got got;
    const json_t *list = NULL;
    unsigned n = 0;

    snprintf(path, sizeof path, "/v1/alliances/NORTH/members%s", query);
    got = ask(cell, NULL, path);
    if (got.status != 200)
        print_error("%s: %s\n", path, got.body);
    assert_int_equal(got.status, 200);
    list = json_object_get(got.json, "members");
    for (unsigned p = 0; p < PARTIES; p++) {
        size_t i = 0;
        const json_t *member = NULL;

        json_array_foreach(list, i, member)
        {
            if (strcmp(json_string_value(json_object_get(member, "name")), names[p]) == 0)
                out[n++] = names[p][0];
        }
    }
    assert_int_equal(json_array_size(list), n);
    out[n] = 0;
    got_free(&got);
}

#define assert_members(cell, query, want)                                                          \
    do {                                                                                           \
        char found_[8];                                                                            \
        members((cell), (query), found_);                                                          \
        assert_string_equal(found_, (want));                                                       \
    } while (0)

static void days_and_levels(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    char query[100];
    struct got got;

    assert_members(cell, "?as_of=1949-04-03", "");
    assert_members(cell, "?as_of=1949-04-04", "N");
    assert_members(cell, "?as_of=1950-05-08", "N");
    assert_members(cell, "?as_of=1950-05-09", "NF");
    assert_members(cell, "?as_of=1960-01-01", "NSDF");
    assert_members(cell, "?as_of=1960-01-01&level=full", "NSF");
    assert_members(cell, "?as_of=1960-01-01&level=associate", "D");
    assert_members(cell, "?as_of=1960-01-01&level=observer", "");
    assert_members(cell, "?as_of=1966-06-30", "NSDF");
    assert_members(cell, "?as_of=1966-07-01", "NDF");
    assert_members(cell, "", "NDF"); /* today */
    /* what was known before Finland was recorded */
    snprintf(query, sizeof query, "?as_of=1960-01-01&known_at=%s", before);
    assert_members(cell, query, "NSD");
    assert_members(cell, "?as_of=1960-01-01&known_at=2020-01-01T00:00:00Z", "");
    got = ask(cell, NULL, "/v1/alliances/NORTH/members?as_of=1960-02-30");
    assert_problem(&got, BAD_DATE);
    got_free(&got);
    got = ask(cell, NULL, "/v1/alliances/NORTH/members?level=high");
    assert_problem(&got, BAD_REQUEST);
    got_free(&got);
    got = ask(cell, NULL, "/v1/alliances/SOUTH/members");
    assert_problem(&got, NO_ALLIANCE);
    got_free(&got);
}

static void histories(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    struct got got = ask(cell, NULL, "/v1/alliances/NORTH/history");
    const json_t *list = json_object_get(got.json, "events");

    assert_int_equal(json_array_size(list), 5);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 4), "name")),
                        "Finland");
    got_free(&got);
    got = ask(cell, NULL, "/v1/alliances/NORTH/history?after=3&limit=1");
    list = json_object_get(got.json, "events");
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "name")),
                        "Sweden");
    assert_int_equal(got_u64(&got, "next"), 4);
    got_free(&got);
    got = ask(cell, NULL, "/v1/passports/Sweden");
    assert_int_equal(got.status, 200);
    assert_true(json_array_size(json_object_get(got.json, "memberships")) >= 1);
    got_free(&got);
}

static void charters(void **s)
{
    struct cells *cells = *s;
    struct cell *cell = &cells->a;
    struct cy_charter_clause change = {.name = label_of("registrar_until"),
                                       .value = ((uint64_t)time(NULL) + 172800) * 1000};
    struct act *act = malloc(sizeof *act);
    const json_t *list = NULL;
    struct got got;

    PARTY_ACT(cell, &parties[SWEDEN], alliance_amend, act, .alliance = alliance, .clauses = &change,
              .n_clauses = 1);
    got = send_to(cell, NULL, "/v1/acts", act_span(act));
    assert_int_equal(got.status, 400); /* not its office */
    got_free(&got);
    PARTY_ACT(cell, &parties[NORWAY], alliance_amend, act, .alliance = alliance, .clauses = &change,
              .n_clauses = 1);
    must(cell, act);
    got = ask(cell, NULL, "/v1/alliances/NORTH/charter/diff?from=1&to=2");
    list = json_object_get(got.json, "changes");
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "clause")),
                        "registrar_until");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "after")),
                     change.value);
    got_free(&got);
    got = ask(cell, NULL, "/v1/alliances/NORTH/charter/diff?from=1&to=9");
    assert_problem(&got, BAD_REQUEST);
    got_free(&got);
    free(act);
}

/* --- bundles --- */

static int verify(struct cells *cells, const json_t *bundle, struct comity_report *report)
{
    const struct cy_trust trust = {
        .log = cells->a.log_key, .witnesses = &cells->b.witness_key, .n_witnesses = 1, .need = 1};
    char *text = json_dumps(bundle, JSON_COMPACT);
    const struct cy_span file = cy_span_text(text);
    const size_t room = cy_verify_room(file, 0);
    void *memory = aligned_alloc(16, (room + 15) & ~(size_t)15);
    struct cy_arena arena = cy_arena_on(memory, room);

    if (cy_verify(file, (struct cy_span){NULL, 0}, &trust, &arena, report))
        assert_string_equal(report->answer, json_string_value(json_object_get(bundle, "answer")));
    free(text);
    free(memory);
    return report->error;
}

/* It fails at this step, and the steps before it hold. */
static void assert_bad(struct cells *cells, json_t *bundle, enum comity_step_kind step, int line)
{
    struct comity_report report;

    if (verify(cells, bundle, &report) == 0 || report.steps[report.n_steps - 1].kind != step) {
        print_error("line %d: wanted a failure at step %d, got %d at step %u\n", line, (int)step,
                    report.error, report.steps[report.n_steps - 1].kind);
        fail();
    }
    json_decref(bundle);
}

/* The number of the first record of that kind. */
static size_t find(const json_t *records, const char *kind)
{
    size_t i = 0;
    const json_t *row = NULL;

    json_array_foreach(records, i, row)
    {
        if (strcmp(json_string_value(json_array_get(row, 0)), kind) == 0)
            return i;
    }
    fail();
    return 0;
}

/* Another character in the middle of a text. */
static json_t *spoilt(const json_t *text, size_t at)
{
    char *copy = strdup(json_string_value(text));
    json_t *out = NULL;

    copy[at] = copy[at] == 'A' ? 'B' : 'A';
    out = json_string(copy);
    free(copy);
    return out;
}

static void bundles(void **s)
{
    struct cells *cells = *s;
    struct comity_report report;
    struct got got = ask(&cells->a, NULL, "/v1/alliances/NORTH/members?as_of=1960-01-01&proof=1");
    json_t *b = NULL;
    json_t *records = NULL;
    size_t event = 0;

#define COPY()                                                                                     \
    (b = json_deep_copy(got.json), records = json_object_get(b, "records"),                        \
     event = find(records, "member_event"))
#define BAD(step) assert_bad(cells, b, COMITY_STEP_##step, __LINE__)
    assert_int_equal(got.status, 200);
    assert_int_equal(verify(cells, got.json, &report), 0);
    assert_int_equal(report.cosigned, 1);
    assert_int_equal(report.kind, COMITY_KIND_BUNDLE);
    assert_true(report.records >= 11); /* alliance, roll, 5 events, 4 passports */
    /* a member's event left out */
    COPY();
    json_array_remove(records, event + 1);
    BAD(COMPLETE);
    /* ... and another said twice, so that the number is right */
    COPY();
    json_array_set(records, event + 1, json_array_get(records, event));
    BAD(COMPLETE);
    /* an event changed */
    COPY();
    {
        json_t *row = json_array_get(records, event + 1);

        json_array_set_new(row, 1, spoilt(json_array_get(row, 1), 40));
    }
    BAD(RECORDS);
    /* its proof changed */
    COPY();
    {
        json_t *row = json_array_get(records, event);

        json_array_set_new(row, 2, spoilt(json_array_get(row, 2), 200));
    }
    BAD(RECORDS);
    /* a record's proof put under another one */
    COPY();
    json_array_set(json_array_get(records, event), 2,
                   json_array_get(json_array_get(records, event + 1), 2));
    BAD(RECORDS);
    /* another root: the tick changed */
    COPY();
    json_object_set_new(b, "tick", spoilt(json_object_get(b, "tick"), 60));
    BAD(PLACE);
    /* another head: its signature, its root */
    COPY();
    json_object_set_new(b, "proof",
                        spoilt(json_object_get(b, "proof"),
                               strlen(json_string_value(json_object_get(b, "proof"))) - 20));
    BAD(HEAD);
    /* another answer, another question */
    COPY();
    {
        const char *answer = json_string_value(json_object_get(b, "answer"));

        json_object_set_new(
            b, "answer",
            spoilt(json_object_get(b, "answer"), (size_t)(strstr(answer, "Sweden") - answer)));
    }
    BAD(ANSWER);
    COPY();
    json_object_set_new(json_object_get(b, "question"), "as_of", json_string("1950-01-01"));
    BAD(ANSWER);
    COPY();
    json_object_set_new(json_object_get(b, "question"), "level", json_integer(9));
    BAD(QUESTION);
    COPY();
    json_object_set_new(b, "comity", json_string("bundle@v9"));
    BAD(HOLDS_ENTRY);
    /* another cell's key is not enough */
    {
        const struct cell a = cells->a;

        cells->a.log_key = cells->b.log_key;
        COPY();
        BAD(HEAD);
        cells->a.log_key = a.log_key;
    }
    got_free(&got);
    /* no cosignature: the bundle says so, and the verifier who wants one refuses */
    cell_stop(&cells->b);
    {
        struct act *act = malloc(sizeof *act);

        evidence_act(&cells->a, &parties[NORWAY], 1, act);
        must(&cells->a, act);
        free(act);
    }
    got = ask(&cells->a, NULL, "/v1/alliances/NORTH/members?as_of=1960-01-01&proof=1");
    assert_int_equal(got.status, 200);
    COPY();
    BAD(HEAD);
    got_free(&got);
    cell_start(&cells->b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_levels),
        cmocka_unit_test(histories),
        cmocka_unit_test(charters),
        cmocka_unit_test(bundles),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
