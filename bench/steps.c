/* Where the time of a batched transfer goes: each step alone, in one thread,
 * as processor time: the waits for the disk are not in it. */
#include "crypto/ed25519.h"
#include "kernel/restraint.h"
#include "town.h"

#include <sodium.h>
#include <stdlib.h>

enum { STEP_OPEN, STEP_VERIFY, STEP_JUDGE, STEP_ACCEPT, STEP_WRITE, STEP_TILES, STEP_ROOT, STEPS };

static const char *const names[STEPS] = {
    "decode and act id",      "signature (SHA-512 of the act)", "judge",
    "journal buffer, apply",  "journal to disk, fdatasync",     "tiles and head to disk",
    "state root, each second"};

struct steps {
    double spent[STEPS];
    double from;
};

static void lap(struct steps *s, int step)
{
    const double now = bench_cpu_thread();

    s->spent[step] += now - s->from;
    s->from = now;
}

static void commit(struct town *town, struct steps *s)
{
    struct cy_commit out;

    if (!cy_cell_cut(town->cell, &out))
        return;
    bench_must(cy_cell_write(&out), "write");
    lap(s, STEP_WRITE);
    bench_must(cy_cell_tiles(town->cell, &out), "tiles");
    bench_must(cy_cell_publish(town->cell, &town->signer), "publish");
    cy_cell_done(town->cell, &out, CY_OK);
    lap(s, STEP_TILES);
}

static void one(struct town *town, const struct built *built, struct steps *s)
{
    static uint8_t memory[5u << 20] __attribute__((aligned(16)));
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct cy_span parts[CY_SIGNED_PARTS];
    struct cy_signature signature;
    struct cy_verdict verdict;
    struct cy_act act;
    uint64_t at = 0;
    size_t n = 0;
    cy_err err = CY_OK;

    s->from = bench_cpu_thread();
    bench_must(cy_act_open(cy_span_of(built->bytes, built->n), &arena, &act), "act");
    lap(s, STEP_OPEN);
    n = cy_envelope_signed(&act.envelope, 0, parts);
    memcpy(signature.b, act.envelope.signers[0].signature, 64);
    bench_must(cy_ed25519_verify(&act.envelope.signers[0].key, parts, n, &signature), "signature");
    lap(s, STEP_VERIFY);
    cy_cell_judge(town->cell, &act, &verdict);
    bench_must(verdict.err, "judge");
    lap(s, STEP_JUDGE);
    err = cy_cell_accept(town->cell, &act, &at);
    if (err.code == CY_E_NO_ROOM) {
        commit(town, s);
        err = cy_cell_accept(town->cell, &act, &at);
    }
    bench_must(err, "accept");
    lap(s, STEP_ACCEPT);
}

/* So many names of others are listed and everybody heeds it: nobody here is one of them. */
static void list(struct town *town, uint32_t n)
{
    enum { EACH = 250 };
    static struct cy_restrain messages[EACH];
    static struct cy_any acts[EACH];
    const struct cy_id evidence = {{1}};
    const struct cy_line why = {.n = 4, .s = "list"};
    const struct cy_evidence_record record = {
        .digest = evidence, .kind = CY_evidence_kind_DOCUMENT, .summary = why};
    struct built built = town_build(town, UINT32_MAX, &cy_schema_evidence_record, &record);
    const uint64_t review = cy_engine_realm(&town->cell->engine)->now + 30 * (uint64_t)CY_DAY_MS;

    town_put(town, &built);
    free(built.bytes);
    for (uint32_t done = 0; done < n;) {
        uint32_t i = 0;

        for (; i < EACH && done < n; i++, done++) {
            char name[24];
            const int length = snprintf(name, sizeof name, "%020u", done);

            messages[i] =
                (struct cy_restrain){.subject = cy_restraint_subject(
                                         cy_span_text("lei"), cy_span_of(name, (size_t)length)),
                                     .exclude = true,
                                     .evidence = evidence,
                                     .reason = why,
                                     .review_at = review};
            acts[i] = (struct cy_any){&cy_schema_restrain, &messages[i]};
        }
        built = town_build(town, UINT32_MAX, &cy_schema_batch,
                           &(struct cy_batch){.acts = acts, .n_acts = i});
        town_put(town, &built);
        free(built.bytes);
    }
    town_commit(town);
}

static void steps_of(struct bench *bench, uint32_t accounts, uint32_t listed)
{
    struct town *town = town_new(bench, 16, accounts, 16u << 20);
    struct steps s = {.from = 0};
    struct cy_id root;
    size_t n = 0;
    struct built *built = town_stream(town, bench_scaled(bench, 2000000, 100000), &n);
    uint64_t items = 0;

    if (listed > 0)
        list(town, listed);
    bench_must(cy_cell_state_root(town->cell, &root), "root");
    for (size_t i = 0; i < n; i++) {
        one(town, &built[i], &s);
        items += built[i].items;
    }
    commit(town, &s);
    s.from = bench_cpu_thread();
    bench_must(cy_cell_state_root(town->cell, &root), "root");
    lap(&s, STEP_ROOT);
    for (int i = 0; i < STEPS; i++) {
        struct row row = {
            .group = "steps", .value = s.spent[i] / (double)items * 1e9, .unit = "ns"};

        if (listed > 0 && i != STEP_JUDGE)
            continue; /* the others do not know of lists */
        (void)snprintf(row.what, sizeof row.what, "%s, a transfer over %u accounts%s", names[i],
                       accounts, listed > 0 ? ", 33,000 names listed" : "");
        bench_row(bench, &row);
    }
    town_built_free(built, n);
    town_free(town);
}

void bench_steps(struct bench *bench)
{
    const uint32_t accounts = bench_scaled(bench, 100000, 1000);

    steps_of(bench, accounts, 0);
    steps_of(bench, accounts, 33000);
}

/* --- what lists cost --- */

struct side {
    struct town *town;
    struct built *built;
    size_t n;
    struct steps steps;
    uint64_t items;
};

static void side_open(struct bench *bench, struct side *side, uint32_t accounts, uint32_t listed)
{
    struct cy_id root;

    *side = (struct side){.town = town_new(bench, 16, accounts, 16u << 20)};
    side->built = town_stream(side->town, bench_scaled(bench, 1000000, 50000), &side->n);
    if (listed > 0)
        list(side->town, listed);
    bench_must(cy_cell_state_root(side->town->cell, &root), "root");
}

static double side_close(struct side *side)
{
    const double ns = side->steps.spent[STEP_JUDGE] / (double)side->items * 1e9;

    town_built_free(side->built, side->n);
    town_free(side->town);
    return ns;
}

/* The same stream with lists and without; acts take turns, so that both see the same machine. */
void bench_restraints(struct bench *bench)
{
    const uint32_t accounts = bench_scaled(bench, 100000, 1000);
    struct row row = {.group = "restraints", .unit = "%", .less = true, .target = 10};
    struct side sides[2];
    double bare = 0;
    double listed = 0;

    side_open(bench, &sides[0], accounts, 0);
    side_open(bench, &sides[1], accounts, 33000);
    for (size_t i = 0; i < sides[0].n && i < sides[1].n; i++) {
        for (size_t side = 0; side < 2; side++) {
            one(sides[side].town, &sides[side].built[i], &sides[side].steps);
            sides[side].items += sides[side].built[i].items;
        }
    }
    bare = side_close(&sides[0]);
    listed = side_close(&sides[1]);
    row.value = (listed - bare) / bare * 100;
    row.limit = bench->bare ? 0 : 2 * bench->machine.miss / bare * 100;
    (void)snprintf(row.what, sizeof row.what,
                   "33,000 names listed: their checks as a share of judging a transfer without");
    (void)snprintf(row.limit_name, sizeof row.limit_name, "two missed reads each");
    (void)snprintf(row.note, sizeof row.note, "%.1f ns instead of %.1f, over %u accounts", listed,
                   bare, accounts);
    bench_row(bench, &row);
}
