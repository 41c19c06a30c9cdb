/* Who was a member on a day: over a million events of one alliance among others. */
#include "bench.h"
#include "crypto/hash.h"
#include "host/routes/tenure_book.h"
#include "institutions/roster.h"
#include "kernel/engine.h"

#include <stdlib.h>

#define DAY_FIRST 700000u
#define DAYS 20000u

/* A world of events, written as an import of histories would leave it: half of them one alliance's,
 * the rest spread over a thousand small ones, in the order of their days. */
struct history {
    struct cy_engine engine;
    struct cy_arena memory;
    uint64_t random;
    uint32_t n_parties;
};

static struct cy_id id_of(uint64_t kind, uint64_t number)
{
    const uint64_t both[2] = {kind, number};

    return cy_sha256(cy_span_of(both, sizeof both));
}

static void put(struct history *h, uint32_t record, const void *bytes)
{
    struct cy_world *world = &h->engine.world;

    cy_world_put(world, cy_world_table(world, record), CY_TABLE_NONE, bytes);
}

/* One event of an alliance: of a party that is new there, or of one of those before. */
static void happen(struct history *h, const struct cy_id *id, uint32_t most, cy_date day)
{
    struct cy_alliance_roll roll = *CY_GET(&h->engine.world, alliance_roll, id);
    const bool fresh =
        roll.n_parties < most && (roll.n_events < 2 || bench_random(&h->random) % 8 == 0);
    const uint32_t ordinal =
        fresh ? ++roll.n_parties : 1 + (uint32_t)(bench_random(&h->random) % roll.n_parties);
    const struct cy_member_event event = {
        .alliance = *id,
        .seq = roll.n_events++,
        .party = id_of(2, ordinal),
        .ordinal = ordinal,
        .event = fresh ? CY_membership_JOIN : (uint8_t)(1 + bench_random(&h->random) % 7),
        .level = (uint8_t)(1 + bench_random(&h->random) % 3),
        .effective = day,
        .recorded = 1000 + day,
    };

    put(h, CY_R_member_event, &event);
    put(h, CY_R_alliance_roll, &roll);
}

static void found(struct history *h, const struct cy_id *id)
{
    const struct cy_alliance alliance = {.id = *id, .founded = DAY_FIRST};
    const struct cy_alliance_roll roll = {.alliance = *id};

    put(h, CY_R_alliance, &alliance);
    put(h, CY_R_alliance_roll, &roll);
}

static struct history *history_new(uint32_t events, uint32_t small)
{
    const struct cy_limit limits[] = {
        {CY_R_member_event, 2 * events + 1024}
    };
    const size_t bytes = cy_engine_bytes(cy_roster, cy_roster_count, limits, 1) + (1u << 20);
    struct history *h = calloc(1, sizeof *h);
    const struct cy_id large = id_of(1, 0);

    h->memory = cy_arena_on(bench_map(bytes), bytes);
    h->n_parties = events / 20;
    bench_must(cy_engine_init(&h->engine, cy_roster, cy_roster_count, limits, 1, &h->memory),
               "tables");
    for (uint32_t i = 0; i <= small; i++) {
        const struct cy_id id = id_of(1, i);

        found(h, &id);
    }
    for (uint32_t i = 0; i < events; i++) {
        const cy_date day = DAY_FIRST + (cy_date)((uint64_t)i * DAYS / events);
        const struct cy_id other = id_of(1, 1 + bench_random(&h->random) % small);

        happen(h, &large, h->n_parties, day);
        happen(h, &other, 60, day);
    }
    return h;
}

static double ask(const struct bench *bench, struct history *h, struct cy_tenure_book *book,
                  uint64_t which, size_t *members)
{
    static const size_t room = (size_t)64 << 20;
    struct cy_arena arena = cy_arena_on(bench_map(room), room);
    const struct cy_id id = id_of(1, which);
    struct cy_listed *list = NULL;
    double took[9];

    (void)bench;
    for (size_t i = 0; i < CY_COUNT(took); i++) {
        const struct cy_as_of as_of = {DAY_FIRST + DAYS / 2 + (cy_date)(i * DAYS / 20), UINT64_MAX};
        const double from = bench_now();

        bench_must(cy_tenure_book_list(book, &h->engine.world, &id, &as_of, &arena, &list, members),
                   "list");
        took[i] = (bench_now() - from) * 1e3;
        cy_arena_rewind(&arena, 0);
    }
    bench_unmap(arena.at, room);
    bench_sort(took, CY_COUNT(took));
    return bench_quantile(took, CY_COUNT(took), 0.5);
}

void bench_members(struct bench *bench)
{
    const uint32_t events = bench_scaled(bench, 1000000, 20000);
    struct history *h = history_new(events, 1000);
    struct cy_tenure_book *book = cy_tenure_book_new();
    struct row row = {.group = "members", .unit = "ms", .less = true};
    size_t members = 0;
    double from = bench_now();

    cy_tenure_book_follow(book, &h->engine.world);
    row.value = (bench_now() - from) * 1e3;
    (void)snprintf(row.what, sizeof row.what, "%u events packed, once at start", 2 * events);
    bench_row(bench, &row);
    row.value = ask(bench, h, book, 0, &members);
    row.target = 10;
    row.limit =
        bench->bare ? 0 : (double)events * sizeof(struct cy_tenure) / bench->machine.copy * 1e3;
    (void)snprintf(row.limit_name, sizeof row.limit_name, "copying 24 bytes an event");
    (void)snprintf(row.note, sizeof row.note, "%zu members listed", members);
    (void)snprintf(row.what, sizeof row.what,
                   "members on a day: %u events of %u parties, among %u others", events,
                   h->n_parties, events);
    bench_row(bench, &row);
    row = (struct row){.group = "members", .unit = "us", .less = true};
    row.value = ask(bench, h, book, 7, &members) * 1e3;
    (void)snprintf(row.what, sizeof row.what, "members on a day of a small alliance beside it");
    bench_row(bench, &row);
    cy_tenure_book_free(book);
    bench_unmap(h->memory.at, h->memory.cap);
    free(h);
}
