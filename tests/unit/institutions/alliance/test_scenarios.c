/* scenarios: 58 organisations and 2,038 events of their history go through real acts; every head
 * count on record must come out, and the list of every organisation on many days must be what a
 * plain replay of the table gives (M001, M008). */
#include "rig.h"

#include "institutions/alliance/alliance_view.h"
#include "institutions/roster.h"

#include <stdio.h>
#include <stdlib.h>

#define ORGS_MAX 128
#define PARTIES_MAX 512
#define EVENTS_MAX 4096
#define BATCH 100

struct party {
    char code[16];
    struct cy_id passport;
};

struct org {
    char code[16];
    struct cy_id alliance;
    cy_date founded;
    cy_date dissolved;
};

struct event {
    unsigned org;
    unsigned party;
    uint8_t event, level, precision;
    cy_date date;
    char source[256];
};

struct stage {
    struct rig *rig;
    struct org orgs[ORGS_MAX];
    struct party parties[PARTIES_MAX];
    struct event events[EVENTS_MAX];
    unsigned n_orgs, n_parties, n_events;
};

static struct stage stage;

/* --- tables --- */

static FILE *open_table(const char *name)
{
    char path[512], line[1024];
    FILE *f = NULL;

    snprintf(path, sizeof path, "%s/scenarios/%s", CY_SOURCE, name);
    f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f)); /* the head line */
    return f;
}

/* One line into its fields; the files hold no quotes (checked). */
static bool next_row(FILE *f, char line[1024], char *fields[], unsigned n)
{
    if (fgets(line, 1024, f) == NULL)
        return false;
    assert_null(strchr(line, '"'));
    line[strcspn(line, "\n")] = 0;
    for (unsigned i = 0; i < n; i++) {
        char *comma = i + 1 < n ? strchr(line, ',') : NULL;

        assert_true(comma != NULL || i + 1 == n);
        fields[i] = line;
        if (comma != NULL) {
            *comma = 0;
            line = comma + 1;
        }
    }
    assert_null(strchr(fields[n - 1], ','));
    return true;
}

static uint8_t word(const char *set, const char *text)
{
    static const struct {
        const char *set, *text;
        uint8_t number;
    } words[] = {
#define CY_SET(set)
#define CY_VALUE(set, NAME, number, text) {#set, text, number},
#define CY_SET_END(set)
#include "wire/enums.def"
    };

    for (size_t i = 0; i < CY_COUNT(words); i++) {
        if (strcmp(words[i].set, set) == 0 && strcmp(words[i].text, text) == 0)
            return words[i].number;
    }
    fail_msg("%s: no word %s", set, text);
    return 0;
}

static cy_date date_of(const char *text)
{
    cy_date date = 0;

    assert_ok(cy_date_read(cy_span_text(text), &date));
    return date;
}

/* --- writing history --- */

static unsigned org_of(const char *code)
{
    for (unsigned i = 0; i < stage.n_orgs; i++) {
        if (strcmp(stage.orgs[i].code, code) == 0)
            return i;
    }
    return ORGS_MAX;
}

static unsigned party_of(const char *code)
{
    struct party *p = &stage.parties[stage.n_parties];
    const unsigned key = 1;

    for (unsigned i = 0; i < stage.n_parties; i++) {
        if (strcmp(stage.parties[i].code, code) == 0)
            return i;
    }
    assert_true(stage.n_parties < PARTIES_MAX);
    strcpy(p->code, code);
    rig_passport(stage.rig, key, org_of(code) < ORGS_MAX ? CY_kind_BLOC : CY_kind_NATION, code);
    p->passport = stage.rig->id[key];
    return stage.n_parties++;
}

static void found_all(void)
{
    const struct cy_charter_clause registrar = {.name = rig_label("registrar_until"),
                                                .value = stage.rig->now + 86400000};
    FILE *f = open_table("organisations.csv");
    char line[1024], *c[10];

    while (next_row(f, line, c, 10)) {
        struct org *o = &stage.orgs[stage.n_orgs++];

        strcpy(o->code, c[0]);
        o->founded = date_of(c[4]);
        o->dissolved = *c[6] ? date_of(c[6]) : 0;
        assert_ok(RIG_DO(stage.rig, 0, alliance_found, .code = rig_label(c[0]),
                         .name = rig_name(c[1]), .topic = word("topic", c[2]),
                         .template = word("topic", c[3]), .purpose = rig_line(c[9]),
                         .founded = o->founded, .precision = word("precision", c[5]),
                         .clauses = &registrar, .n_clauses = 1));
        o->alliance = stage.rig->last;
    }
    fclose(f);
}

static void read_events(void)
{
    FILE *f = open_table("alliances.csv");
    char line[1024], *c[7];

    while (next_row(f, line, c, 7)) {
        struct event *e = &stage.events[stage.n_events++];

        e->org = org_of(c[0]);
        assert_true(e->org < ORGS_MAX);
        e->party = party_of(c[1]);
        e->event = word("membership", c[2]);
        e->level = word("level", c[3]);
        e->date = date_of(c[4]);
        e->precision = word("precision", c[5]);
        strcpy(e->source, c[6]);
    }
    fclose(f);
}

static void record_all(void)
{
    static struct cy_alliance_record records[BATCH];
    static struct cy_any acts[BATCH];

    for (unsigned from = 0; from < stage.n_events; from += BATCH) {
        const unsigned n = stage.n_events - from < BATCH ? stage.n_events - from : BATCH;

        for (unsigned i = 0; i < n; i++) {
            const struct event *e = &stage.events[from + i];

            records[i] = (struct cy_alliance_record){.alliance = stage.orgs[e->org].alliance,
                                                     .party = stage.parties[e->party].passport,
                                                     .event = e->event,
                                                     .level = e->level,
                                                     .date = e->date,
                                                     .precision = e->precision,
                                                     .source = rig_line(e->source)};
            acts[i] = (struct cy_any){&cy_schema_alliance_record, &records[i]};
        }
        const cy_err err = RIG_DO(stage.rig, 0, batch, .acts = acts, .n_acts = n);

        if (!cy_ok(err))
            print_error("event %u\n", from + stage.rig->verdict.item);
        assert_ok(err);
    }
    for (unsigned i = 0; i < stage.n_orgs; i++) {
        if (stage.orgs[i].dissolved != 0)
            assert_ok(RIG_DO(stage.rig, 0, alliance_dissolve, .alliance = stage.orgs[i].alliance,
                             .ended = stage.orgs[i].dissolved));
    }
}

/* --- judging --- */

/* The plain replay: walk the rows of one organisation in date order up to the day. */
static unsigned replay(unsigned org, cy_date day, uint8_t level_of[PARTIES_MAX])
{
    unsigned n = 0;

    memset(level_of, 0, PARTIES_MAX);
    if (stage.orgs[org].dissolved != 0 && day >= stage.orgs[org].dissolved)
        return 0;
    for (unsigned i = 0; i < stage.n_events; i++) {
        const struct event *e = &stage.events[i];

        if (e->org == org && e->date <= day)
            level_of[e->party] = e->event == CY_membership_EXIT ? 0 : e->level;
    }
    for (unsigned i = 0; i < PARTIES_MAX; i++)
        n += level_of[i] != 0;
    return n;
}

static size_t list_on(unsigned org, cy_date day, struct cy_listed **list)
{
    static _Alignas(16) uint8_t memory[1 << 20];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    const struct cy_as_of as_of = {day, UINT64_MAX};
    size_t n = 0;

    assert_ok(cy_alliance_list(&stage.rig->engine.world, &stage.orgs[org].alliance, &as_of, &arena,
                               list, &n));
    return n;
}

static void head_counts(void **state)
{
    FILE *f = open_table("headcounts.csv");
    char line[1024], *c[5];
    unsigned rows = 0;

    (void)state;
    while (next_row(f, line, c, 5)) {
        struct cy_listed *list = NULL;
        const size_t n = list_on(org_of(c[0]), date_of(c[1]), &list);
        unsigned members = 0;

        for (size_t i = 0; i < n; i++)
            members += list[i].level == word("level", c[2]);
        if (members != (unsigned)atoi(c[3]))
            fail_msg("%s on %s: %u %s members, not %s", c[0], c[1], members, c[2], c[3]);
        rows++;
    }
    fclose(f);
    assert_int_equal(rows, 217);
}

static void every_list(void **state)
{
    static uint8_t level_of[PARTIES_MAX];
    unsigned lists = 0;

    (void)state;
    for (unsigned org = 0; org < stage.n_orgs; org++) {
        for (cy_date day = date_of("1930-01-15"); day < date_of("2026-06-01"); day += 197) {
            struct cy_listed *list = NULL;
            const size_t n = list_on(org, day, &list);

            assert_int_equal(n, replay(org, day, level_of));
            for (size_t i = 0; i < n; i++) {
                unsigned p = 0;

                while (!cy_id_eq(&stage.parties[p].passport, &list[i].party))
                    p++;
                assert_int_equal(list[i].level, level_of[p]);
            }
            lists++;
        }
    }
    assert_true(lists > 10000);
}

static void at_present(void **state) /* the members' records say what the events say */
{
    static uint8_t level_of[PARTIES_MAX];
    const struct cy_world *world = &stage.rig->engine.world;

    (void)state;
    for (unsigned org = 0; org < stage.n_orgs; org++) {
        const struct cy_alliance_roll *roll =
            CY_GET(world, alliance_roll, &stage.orgs[org].alliance);
        unsigned count[4] = {0, 0, 0, 0};

        if (stage.orgs[org].dissolved != 0)
            continue;
        replay(org, CY_DATE_MAX, level_of);
        for (unsigned p = 0; p < stage.n_parties; p++) {
            const struct cy_of_party key = {stage.orgs[org].alliance, stage.parties[p].passport};
            const struct cy_member *m = CY_GET(world, member, &key);

            assert_int_equal(m != NULL && cy_member_belongs(m, stage.rig->now), level_of[p] != 0);
            if (level_of[p] != 0 && m->state == CY_member_state_ACTIVE)
                count[level_of[p]]++;
        }
        assert_int_equal(roll->n_full, count[CY_level_FULL]);
        assert_int_equal(roll->n_associate, count[CY_level_ASSOCIATE]);
        assert_int_equal(roll->n_observer, count[CY_level_OBSERVER]);
    }
}

/* "Who was a member of NATO on 1960-01-01?", from the records alone, as a verifier holds them. */
static void offline(void **state)
{
    static struct cy_member_event events[1024];
    static _Alignas(16) uint8_t memory[1 << 20];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    const struct cy_as_of as_of = {date_of("1960-01-01"), UINT64_MAX};
    const struct cy_alliance *nato = NULL;
    struct cy_listed *list = NULL;
    size_t n = 0, n_events = 0;

    (void)state;
    assert_ok(cy_alliance_find(&stage.rig->engine.world, cy_span_text("NATO"), &nato));
    while (cy_alliance_event(&stage.rig->engine.world, &nato->id, n_events) != NULL) {
        events[n_events] = *cy_alliance_event(&stage.rig->engine.world, &nato->id, n_events);
        n_events++;
    }
    assert_ok(cy_alliance_list_of(nato, events, n_events, &as_of, &arena, &list, &n));
    assert_int_equal(n, 15);
    /* an event withheld or exchanged is noticed */
    assert_code(cy_alliance_list_of(nato, events + 1, n_events - 1, &as_of, &arena, &list, &n),
                EVENT_ORDER);
    events[3] = events[4];
    assert_code(cy_alliance_list_of(nato, events, n_events, &as_of, &arena, &list, &n),
                EVENT_ORDER);
}

static int begin(void **state)
{
    (void)state;
    stage.rig = rig_new(cy_roster, cy_roster_count);
    rig_tick(stage.rig, 86400000ull * 200); /* into 2026-07: the table reaches into that year */
    found_all();
    read_events();
    record_all();
    assert_int_equal(stage.n_orgs, 58);
    assert_int_equal(stage.n_events, 2038);
    return 0;
}

static int end(void **state)
{
    (void)state;
    rig_free(stage.rig);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_counts),
        cmocka_unit_test(every_list),
        cmocka_unit_test(at_present),
        cmocka_unit_test(offline),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
