#include "sim/sim_cell.h"

#include "sim/sim_clock.h"
#include "sim/sim_disk.h"
#include "sim/sim_oracle.h"
#include "sim/sim_party.h"

#include <stdlib.h>
#include <sys/mman.h>

#define PARTIES 8u
#define ORIGIN "sim.example/ledger"
#define BEGAN 1767225600000u /* 2026-01-01 */
#define RECORDS 8192u
#define ACT_ARENA ((size_t)1 << 20)

struct cy_sim_cell {
    struct cy_sim_options options;
    struct cy_sim_dice dice;
    struct cy_sim_clock clock;
    struct cy_sim_disk *disk;
    struct cy_sim_coverage coverage;
    const char *objection;
    /* the running cell */
    struct cy_cell cell;
    void *memory; /* fresh pages: most are never touched */
    size_t memory_n;
    bool open;
    bool out; /* a commit is out */
    struct cy_commit commit;
    /* what must hold */
    uint64_t durable;    /* acts acknowledged */
    struct cy_id *world; /* digest after so many acts */
    struct cy_id head_root;
    uint64_t head_size; /* of the last head signed */
    bool full;
    /* who acts */
    struct cy_sim_party party[PARTIES];
    struct cy_sim_party log;
    uint64_t nonce;
    struct cy_sha256_stream trace;
    struct cy_arena acts;
    uint8_t bytes[CY_ENTRY_MAX];
};

static const struct cy_limit limits[] = {
    {CY_R_seen, 4096}
};

static void trace(struct cy_sim_cell *sim, uint32_t what, uint64_t number)
{
    uint8_t bytes[12];

    cy_put_u32be(bytes, what);
    cy_put_u64be(bytes + 4, number);
    cy_sha256_more(&sim->trace, cy_span_of(bytes, sizeof bytes));
}

static void object(struct cy_sim_cell *sim, const char *sentence)
{
    if (sim->objection == NULL)
        sim->objection = sentence;
}

/* --- oracles --- */

static void check_assets(struct cy_sim_cell *sim)
{
    const char *wrong = cy_sim_assets_kept(&sim->cell.engine.world);

    if (wrong != NULL)
        object(sim, wrong);
}

static void remember_world(struct cy_sim_cell *sim)
{
    CY_ASSERT(sim->cell.size < 2 * (uint64_t)sim->options.steps_max + 64u);
    sim->world[sim->cell.size] = cy_sim_world_digest(&sim->cell.engine.world);
    cy_sha256_more(&sim->trace, cy_span_of(sim->world[sim->cell.size].b, 32));
}

/* The signer: it never signs what does not continue the head before. */
static cy_err sign_head(void *self, struct cy_span text, const struct cy_id *proof, uint32_t n,
                        uint8_t signature[64])
{
    struct cy_sim_cell *sim = self;
    struct cy_checkpoint head;
    struct cy_signature out;

    CY_TRY(cy_checkpoint_read(text, &head));
    if (head.size < sim->head_size)
        object(sim, "a head goes back");
    if (head.size == sim->head_size && !cy_id_eq(&head.root, &sim->head_root))
        object(sim, "two heads of one size differ");
    if (sim->cell.head.size != 0 &&
        !cy_ok(cy_merkle_consistency(sim->cell.head.size, &sim->cell.head.root, head.size,
                                     &head.root, proof, n)))
        object(sim, "a head does not continue the one before");
    if (head.size > sim->durable)
        object(sim, "a head covers acts that are not durable");
    sim->head_size = head.size;
    sim->head_root = head.root;
    cy_secret_sign(&sim->log.secret, text, &out);
    memcpy(signature, out.b, sizeof out.b);
    return CY_OK;
}

/* --- start and stop of the machine --- */

static struct cy_cell_options cell_options(const struct cy_sim_cell *sim)
{
    return (struct cy_cell_options){
        .roster = sim->options.roster,
        .n_roster = sim->options.n_roster,
        .limits = limits,
        .n_limits = CY_COUNT(limits),
        .records_max = RECORDS,
        .batch_bytes = 1 << 18,
        .segment_bytes = 20000,
        .salt = {1, 2, 3}
    };
}

static void drop(struct cy_sim_cell *sim)
{
    if (sim->memory != NULL)
        munmap(sim->memory, sim->memory_n);
    sim->memory = NULL;
    sim->open = false;
    sim->out = false;
}

/* Opens; the disk may fail again meanwhile. */
static cy_err start(struct cy_sim_cell *sim)
{
    const struct cy_cell_options options = cell_options(sim);
    const struct cy_disk disk = cy_sim_disk_face(sim->disk);
    const size_t bytes = cy_cell_bytes(&options);
    struct cy_cell_report report;
    struct cy_disk_fault fault;
    struct cy_arena arena;
    cy_err err = CY_OK;

    sim->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CY_ASSERT(sim->memory != MAP_FAILED);
    sim->memory_n = bytes;
    arena = cy_arena_on(sim->memory, bytes);
    err = cy_cell_open(&sim->cell, &disk, &options, &arena, &report, &fault);
    if (!cy_ok(err)) {
        drop(sim);
        return err;
    }
    sim->open = true;
    sim->coverage.torn += report.torn != 0;
    return CY_OK;
}

/* Holds a reopened cell against what was acknowledged. */
static void check_reopened(struct cy_sim_cell *sim, uint64_t size_before)
{
    const struct cy_id world = cy_sim_world_digest(&sim->cell.engine.world);
    struct cy_disk_fault fault;

    if (sim->cell.size < sim->durable)
        object(sim, "an acknowledged act is lost");
    if (sim->cell.size > size_before)
        object(sim, "there are acts that nobody sent");
    else if (!cy_id_eq(&world, &sim->world[sim->cell.size]))
        object(sim, "the world is not that of the acts in the ledger");
    if (sim->cell.head.size > sim->cell.size)
        object(sim, "the head names acts that are not there");
    if (!cy_ok(cy_tree_verify(&sim->cell.tree, &fault)))
        object(sim, "the head names tiles that are not there");
    if (sim->cell.size < size_before)
        sim->coverage.lost += size_before - sim->cell.size;
    sim->durable = sim->cell.size; /* opening makes the tail durable */
    trace(sim, 1, sim->cell.size);
    cy_sha256_more(&sim->trace, cy_span_of(world.b, sizeof world.b));
}

static void restart(struct cy_sim_cell *sim, bool power)
{
    const uint64_t size_before = sim->cell.size;
    cy_err err = CY_OK;

    drop(sim);
    sim->coverage.restarts++;
    for (unsigned tries = 0;; tries++) {
        if (power)
            cy_sim_disk_power_cut(sim->disk, cy_sim_draw(&sim->dice, 5));
        else
            cy_sim_disk_kill(sim->disk);
        if (tries < 3 && cy_sim_one_in(&sim->dice, 4)) { /* power again, while it starts */
            cy_sim_disk_cut_at_call(sim->disk, 1 + cy_sim_draw(&sim->dice, 30));
            power = true;
        }
        err = start(sim);
        if (cy_ok(err) || !cy_sim_disk_dead(sim->disk))
            break;
    }
    if (err.code == CY_E_NO_SPACE) { /* a full disk keeps a cell from starting: make room */
        cy_sim_disk_space(sim->disk, UINT64_MAX);
        sim->full = false;
        err = start(sim);
    }
    if (!cy_ok(err)) {
        object(sim, cy_err_info(err.code)->text);
        return;
    }
    cy_sim_disk_cut_at_call(sim->disk, 0); /* not while the oracle reads */
    check_reopened(sim, size_before);
}

/* After a failure: ordered, or is it the cell's own? */
static void failed(struct cy_sim_cell *sim, cy_err err)
{
    trace(sim, 2, err.code);
    if (cy_sim_disk_dead(sim->disk))
        restart(sim, true);
    else if (cy_err_info(err.code)->kind == CY_ERR_soft && sim->full)
        sim->coverage.full++;
    else if (err.code == CY_E_DISK_FAILED)
        restart(sim, false); /* a call that was ordered to fail */
    else
        object(sim, cy_err_info(err.code)->text);
}

/* --- steps --- */

static struct cy_span sign_act(struct cy_sim_cell *sim, const struct cy_sim_party *party,
                               const struct cy_any *act)
{
    return cy_sim_party_sign(party, &sim->party[0].author.passport, sim->clock.now, ++sim->nonce,
                             act, sim->bytes, sizeof sim->bytes);
}

static void step_commit(struct cy_sim_cell *sim)
{
    cy_err err = CY_OK;

    if (!sim->out && !cy_cell_cut(&sim->cell, &sim->commit))
        return;
    sim->out = true;
    if (sim->durable < sim->commit.first + sim->commit.count)
        err = cy_cell_write(&sim->commit);
    if (cy_ok(err)) {
        sim->durable = sim->commit.first + sim->commit.count;
        err = cy_cell_tiles(&sim->cell, &sim->commit);
    }
    if (!cy_ok(err)) {
        failed(sim, err);
        return;
    }
    cy_cell_done(&sim->cell, &sim->commit, CY_OK);
    sim->out = false;
    sim->coverage.commits++;
    trace(sim, 3, sim->durable);
}

static void step_publish(struct cy_sim_cell *sim)
{
    const struct cy_head_signer signer = {sim, sign_head};
    const uint64_t restarts = sim->coverage.restarts;
    cy_err err = CY_OK;

    step_commit(sim);
    if (sim->out || sim->coverage.restarts != restarts || sim->objection != NULL)
        return;
    err = cy_cell_publish(&sim->cell, &signer);
    if (!cy_ok(err)) {
        failed(sim, err);
        return;
    }
    sim->coverage.heads++;
    trace(sim, 4, sim->cell.head.size);
}

static void step_snapshot(struct cy_sim_cell *sim)
{
    const uint64_t restarts = sim->coverage.restarts;
    cy_err err = CY_OK;

    step_publish(sim);
    if (sim->coverage.restarts != restarts || sim->objection != NULL || sim->out ||
        !cy_cell_settled(&sim->cell) || sim->cell.head.size != sim->cell.size)
        return;
    err = cy_cell_snapshot(&sim->cell);
    if (!cy_ok(err)) {
        failed(sim, err);
        return;
    }
    sim->coverage.snapshots++;
}

/* Judges one act and accepts it. Returns whether it stands in the ledger. */
static bool send(struct cy_sim_cell *sim, struct cy_span bytes, bool dry)
{
    struct cy_verdict verdict = {0};
    struct cy_act act;
    uint64_t at = 0;

    if (bytes.n == 0)
        return false;
    cy_arena_rewind(&sim->acts, 0);
    verdict.err = cy_act_open(bytes, &sim->acts, &act);
    if (cy_ok(verdict.err))
        cy_cell_judge(&sim->cell, &act, &verdict);
    sim->coverage.verdicts[verdict.err.code % CY_SIM_CODES]++;
    trace(sim, 5, verdict.err.code);
    if (!cy_ok(verdict.err))
        return false;
    if (dry) {
        cy_cell_refuse(&sim->cell);
        return false;
    }
    verdict.err = cy_cell_accept(&sim->cell, &act, &at);
    if (verdict.err.code == CY_E_NO_ROOM) { /* the journal's buffer, while the disk is full */
        cy_cell_refuse(&sim->cell);
        return false;
    }
    if (!cy_ok(verdict.err)) {
        object(sim, cy_err_info(verdict.err.code)->text);
        return false;
    }
    sim->coverage.accepted[act.any.schema->number]++;
    remember_world(sim);
    return true;
}

/* Acts after which a realm stands still, rightly: nothing more would be learned. */
static bool stops_realm(const struct cy_sim_cell *sim, const struct cy_sim_party *party,
                        const struct cy_any *act)
{
    const struct cy_rules_set *rules = act->message;

    if (act->schema == &cy_schema_rules_set && rules->version > cy_rules_known.newest)
        return true;
    return party == &sim->party[0] && act->schema == &cy_schema_passport_retire;
}

static void step_act(struct cy_sim_cell *sim)
{
    struct cy_sim_party *party = &sim->party[cy_sim_draw(&sim->dice, PARTIES)];
    const bool dry = cy_sim_one_in(&sim->dice, 20);
    struct cy_any act;
    struct cy_span bytes;
    struct cy_act opened;

    cy_arena_rewind(&sim->acts, 0);
    if (!cy_sim_act(&sim->dice, &sim->cell.engine, &party->author, &sim->acts, &act))
        return;
    if (stops_realm(sim, party, &act))
        return;
    bytes = sign_act(sim, party, &act);
    if (cy_sim_one_in(&sim->dice, 60) && bytes.n > 0) /* a bit falls over on its way */
        sim->bytes[cy_sim_draw(&sim->dice, bytes.n)] ^= 4;
    if (!send(sim, bytes, dry))
        return;
    if (cy_sim_one_in(&sim->dice, 10) && send(sim, bytes, false))
        object(sim, "an act was accepted twice");
    if (!cy_id_none(&party->author.passport))
        return;
    cy_arena_rewind(&sim->acts, 0);
    if (cy_ok(cy_act_open(bytes, &sim->acts, &opened)) &&
        opened.any.schema == &cy_schema_passport_create)
        party->author.passport = opened.id;
}

/* Parties whose passport is retired, or gone with an unacknowledged tail, make a new one. */
static void forget_lost_passports(struct cy_sim_cell *sim)
{
    for (unsigned i = 1; i < PARTIES; i++) {
        struct cy_sim_author *author = &sim->party[i].author;
        const struct cy_passport *passport =
            CY_GET(&sim->cell.engine.world, passport, &author->passport);

        if (passport == NULL || passport->standing != CY_standing_ACTIVE)
            author->passport = (struct cy_id){0};
    }
}

static void step_tick(struct cy_sim_cell *sim)
{
    const struct cy_realm *realm = cy_engine_realm(&sim->cell.engine);
    struct cy_tick tick = {0};
    struct cy_any act = {&cy_schema_tick, &tick};
    cy_err err = CY_OK;

    cy_sim_clock_pass(&sim->clock, &sim->dice, 5000);
    tick.now = sim->clock.now > realm->now ? sim->clock.now : realm->now;
    sim->clock.now = tick.now;
    if (cy_sim_one_in(&sim->dice, 2)) {
        err = cy_cell_state_root(&sim->cell, &tick.state_root);
        if (!cy_ok(err))
            object(sim, cy_err_info(err.code)->text);
        if (cy_sim_one_in(&sim->dice, 10))
            tick.state_root.b[0] ^= 1; /* refused */
    }
    (void)send(sim, sign_act(sim, &sim->party[0], &act), false);
}

static void step_trouble(struct cy_sim_cell *sim)
{
    switch (cy_sim_draw(&sim->dice, 6)) {
    case 0: restart(sim, true); break;
    case 1: restart(sim, false); break;
    case 2: cy_sim_disk_cut_at_call(sim->disk, 1 + cy_sim_draw(&sim->dice, 40)); break;
    case 3: cy_sim_disk_cut_at_byte(sim->disk, 1 + cy_sim_draw(&sim->dice, 20000)); break;
    case 4:
        sim->full = true;
        cy_sim_disk_space(sim->disk, cy_sim_draw(&sim->dice, 200000));
        break;
    default: cy_sim_clock_jump(&sim->clock, &sim->dice, 120000); break;
    }
}

const char *cy_sim_cell_step(struct cy_sim_cell *sim)
{
    const uint64_t what = cy_sim_draw(&sim->dice, 100);

    if (sim->objection != NULL || !sim->open)
        return sim->objection;
    if (sim->full && cy_sim_one_in(&sim->dice, 12)) { /* somebody makes room */
        sim->full = false;
        cy_sim_disk_space(sim->disk, UINT64_MAX);
    }
    if (what < 70)
        step_act(sim);
    else if (what < 78)
        step_tick(sim);
    else if (what < 88)
        step_commit(sim);
    else if (what < 95)
        step_publish(sim);
    else if (what < 96)
        step_snapshot(sim);
    else
        step_trouble(sim);
    if (sim->open) {
        forget_lost_passports(sim);
        check_assets(sim);
    }
    return sim->objection;
}

/* --- begin and end --- */

static void begin(struct cy_sim_cell *sim)
{
    const struct cy_key_share share = {.key = sim->party[0].author.key, .weight = 1};
    struct cy_genesis genesis = {.now = BEGAN,
                                 .keys = &share,
                                 .n_keys = 1,
                                 .need_0 = 1,
                                 .log_key = sim->log.author.key,
                                 .rules = 1};
    const struct cy_any act = {&cy_schema_genesis, &genesis};

    if (!cy_ok(cy_name_of(cy_span_text(ORIGIN), &genesis.name)) || !cy_ok(start(sim))) {
        object(sim, "an empty disk does not open");
        return;
    }
    if (!send(sim, sign_act(sim, &sim->party[0], &act), false)) {
        object(sim, "genesis is refused");
        return;
    }
    sim->party[0].author.passport = cy_engine_realm(&sim->cell.engine)->id;
    step_publish(sim);
}

struct cy_sim_cell *cy_sim_cell_new(const struct cy_sim_options *options)
{
    struct cy_sim_cell *sim = calloc(1, sizeof *sim);
    void *acts = calloc(1, ACT_ARENA);

    if (sim == NULL || acts == NULL || !cy_ok(cy_crypto_start())) {
        free(sim);
        free(acts);
        return NULL;
    }
    sim->options = *options;
    sim->dice.state = options->seed;
    sim->clock.now = BEGAN;
    sim->acts = cy_arena_on(acts, ACT_ARENA);
    /* a step accepts two acts at most */
    sim->world = calloc(2 * (size_t)options->steps_max + 64, sizeof *sim->world);
    sim->disk = cy_sim_disk_new();
    CY_ASSERT(sim->world != NULL);
    CY_ASSERT(sim->disk != NULL);
    cy_sha256_begin(&sim->trace);
    for (unsigned i = 0; i < PARTIES; i++)
        cy_sim_party_of(&sim->party[i], &sim->dice);
    cy_sim_party_of(&sim->log, &sim->dice);
    begin(sim);
    return sim;
}

void cy_sim_cell_free(struct cy_sim_cell *sim)
{
    if (sim == NULL)
        return;
    drop(sim);
    cy_sim_disk_free(sim->disk);
    free(sim->acts.at);
    free(sim->world);
    free(sim);
}

static void add_file(void *user, const char *path)
{
    struct cy_sim_cell *sim = user;
    struct cy_span bytes;

    if (strncmp(path, CY_SNAPSHOT_DIR "/", sizeof CY_SNAPSHOT_DIR) == 0)
        return; /* raw records: their padding is the compiler's; the world itself is in the trace */
    if (!cy_sim_disk_bytes(sim->disk, path, &bytes))
        return;
    cy_sha256_more(&sim->trace, cy_span_of(path, strlen(path)));
    cy_sha256_more(&sim->trace, bytes);
}

const char *cy_sim_cell_end(struct cy_sim_cell *sim, struct cy_id *out)
{
    cy_sim_disk_space(sim->disk, UINT64_MAX);
    sim->full = false;
    while (sim->objection == NULL && sim->open &&
           (sim->cell.head.size != sim->cell.size || sim->out))
        step_publish(sim);
    if (sim->objection == NULL)
        restart(sim, true);
    cy_sim_disk_each(sim->disk, add_file, sim);
    *out = cy_sha256_end(&sim->trace);
    return sim->objection;
}

const struct cy_sim_coverage *cy_sim_cell_coverage(const struct cy_sim_cell *sim)
{
    return &sim->coverage;
}

void cy_sim_coverage_add(struct cy_sim_coverage *sum, const struct cy_sim_coverage *one)
{
    for (unsigned i = 0; i < CY_MESSAGES_MAX; i++)
        sum->accepted[i] += one->accepted[i];
    for (unsigned i = 0; i < CY_SIM_CODES; i++)
        sum->verdicts[i] += one->verdicts[i];
    sum->commits += one->commits;
    sum->heads += one->heads;
    sum->snapshots += one->snapshots;
    sum->restarts += one->restarts;
    sum->torn += one->torn;
    sum->lost += one->lost;
    sum->full += one->full;
}

uint64_t cy_sim_cell_size(const struct cy_sim_cell *sim)
{
    return sim->cell.size;
}
