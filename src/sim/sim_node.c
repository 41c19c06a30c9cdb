#include "sim/sim_node.h"

#include "sim/sim_party.h"

#include <stdlib.h>
#include <sys/mman.h>

#define BEAT_MS 250u
#define PROPOSE_MS 300u
#define VOTE_MS 150u
#define RECORDS 8192u
#define ACT_EXPIRES_S 300u
#define TWIN_LIVES 1000000u

#define BEGAN 1767225600000u /* 2026-01-01: the time of the world when the network's is 0 */

static const struct cy_limit limits[] = {
    {CY_R_seen, 4096}
};

/* --- the machine --- */

static uint64_t true_now(const struct cy_sim_node *node)
{
    return BEGAN + cy_sim_net_now(node->net);
}

cy_time cy_sim_node_now(const struct cy_sim_node *node)
{
    return cy_sim_watch_read(&node->watch, true_now(node));
}

void cy_sim_node_new(struct cy_sim_node *node, struct cy_sim_dice *dice, uint64_t skew_ms)
{
    const int64_t skew = (int64_t)cy_sim_draw(dice, 2 * skew_ms + 1) - (int64_t)skew_ms;

    cy_sim_signer_new(&node->signer, dice);
    node->disk = cy_sim_disk_new();
    CY_ASSERT(node->disk != NULL);
    node->watch = (struct cy_sim_watch){.set_at = BEGAN,
                                        .set_to = (cy_time)((int64_t)BEGAN + skew),
                                        .drift_ppm = (int32_t)cy_sim_draw(dice, 401) - 200};
    node->nonce = (uint64_t)(node->number + 1) << 32;
    node->rules = (struct cy_rules){cy_sim_rules.versions, 1};
}

static void drop(struct cy_sim_node *node)
{
    if (node->memory != NULL)
        munmap(node->memory, node->memory_n);
    node->memory = NULL;
    node->federation = NULL;
    node->life++;
    node->busy_until = 0;
}

void cy_sim_node_free(struct cy_sim_node *node)
{
    drop(node);
    cy_sim_disk_free(node->disk);
    cy_sim_disk_free(node->backup);
}

void cy_sim_node_stop(struct cy_sim_node *node, bool power, uint64_t seed)
{
    drop(node);
    if (power || cy_sim_disk_dead(node->disk))
        cy_sim_disk_power_cut(node->disk, seed);
    else
        cy_sim_disk_kill(node->disk);
}

/* --- backups --- */

struct copying {
    const struct cy_sim_disk *from;
    struct cy_disk to;
};

static void copy_file(void *user, const char *path)
{
    const struct copying *copying = user;
    char folder[CY_PATH_MAX];
    struct cy_span bytes;
    int file = 0;

    if (!cy_sim_disk_bytes(copying->from, path, &bytes))
        return;
    cy_disk_parent(path, folder);
    if (folder[0] != 0 && !cy_ok(cy_disk_make_dirs(&copying->to, folder)))
        CY_NEVER("a fresh disk takes folders");
    if (!cy_ok(
            copying->to.ops->open(copying->to.self, path, CY_DISK_WRITE | CY_DISK_CREATE, &file)) ||
        !cy_ok(copying->to.ops->write(copying->to.self, file, 0, bytes)) ||
        !cy_ok(copying->to.ops->sync(copying->to.self, file)) ||
        !cy_ok(copying->to.ops->close(copying->to.self, file)) ||
        !cy_ok(copying->to.ops->sync_dir(copying->to.self, folder)))
        CY_NEVER("a fresh disk takes files");
}

static struct cy_sim_disk *copy_of(const struct cy_sim_disk *disk)
{
    struct cy_sim_disk *copy = cy_sim_disk_new();
    struct copying copying = {.from = disk};

    CY_ASSERT(copy != NULL);
    copying.to = cy_sim_disk_face(copy);
    cy_sim_disk_each(disk, copy_file, &copying);
    return copy;
}

void cy_sim_node_copy(struct cy_sim_node *node)
{
    cy_sim_disk_free(node->backup);
    node->backup = copy_of(node->disk);
}

bool cy_sim_node_restore(struct cy_sim_node *node)
{
    CY_ASSERT(node->federation == NULL);
    if (node->backup == NULL)
        return false;
    cy_sim_disk_free(node->disk);
    node->disk = copy_of(node->backup);
    return true;
}

/* --- the node's surroundings --- */

static cy_time world_now(void *self)
{
    return cy_sim_node_now(self);
}

/* How long the machine is still busy with what it was asked before. */
static uint64_t held_ms(const struct cy_sim_node *node)
{
    const uint64_t now = cy_sim_net_now(node->net);

    return node->busy_until > now ? node->busy_until - now : 0;
}

uint32_t cy_sim_ledger_node(const struct cy_sim_ledger *ledger, uint32_t seat)
{
    return seat < CY_SEATS_MAX ? ledger->node_of[seat] : UINT32_MAX;
}

static void world_send(void *self, uint32_t seat, struct cy_span packet)
{
    struct cy_sim_node *node = self;
    const uint32_t to = cy_sim_ledger_node(node->ledger, seat);

    if (to == UINT32_MAX || to == node->number)
        return;
    if (node->traitor)
        node->told->betrayed(node->told->self, node, seat, packet);
    else
        cy_sim_net_send_late(node->net, node->number, to, packet, held_ms(node));
}

static void world_timer(void *self, uint64_t height, const struct cy_agree_timer *timer,
                        uint32_t ms)
{
    const struct cy_sim_node *node = self;

    cy_sim_net_timer(node->net, node->number, ms,
                     &(struct cy_sim_timer){.life = node->life,
                                            .what = CY_SIM_TIMER_VOTE,
                                            .height = height,
                                            .step = (uint32_t)timer->step,
                                            .round = timer->round});
}

/* What a vote says, of a member whose lock of this height was `was`. */
static enum cy_sim_vote_kind kind_of(const struct cy_vote *vote, const struct cy_vote_lock *was)
{
    const bool nil = cy_id_none(&vote->value);
    const bool locked = was->round != CY_NO_ROUND && was->round < vote->round;
    const bool same = locked && cy_id_eq(&vote->value, &was->value);

    if (vote->step == CY_VOTE_PROPOSE)
        return vote->after == CY_NO_ROUND ? CY_SIM_VOTE_PROPOSE : CY_SIM_VOTE_PROPOSE_AGAIN;
    if (vote->step == CY_VOTE_PREVOTE)
        return nil       ? CY_SIM_VOTE_PREVOTE_NIL
               : !locked ? CY_SIM_VOTE_PREVOTE
               : same    ? CY_SIM_VOTE_PREVOTE_LOCKED
                         : CY_SIM_VOTE_PREVOTE_FREED;
    if (nil)
        return locked ? CY_SIM_VOTE_PRECOMMIT_NIL_LOCKED : CY_SIM_VOTE_PRECOMMIT_NIL;
    return !locked ? CY_SIM_VOTE_PRECOMMIT
           : same  ? CY_SIM_VOTE_PRECOMMIT_AGAIN
                   : CY_SIM_VOTE_PRECOMMIT_OTHER;
}

static void count_vote(struct cy_sim_node *node, const struct cy_vote *said,
                       const struct cy_vote_lock *lock)
{
    static const struct cy_vote_lock free_ = {.round = CY_NO_ROUND};
    const bool known = node->lock_height == said->height;

    node->figures.votes[kind_of(said, known ? &node->lock : &free_)]++;
    node->lock_height = said->height;
    node->lock = *lock;
}

static cy_err world_sign_vote(void *self, const struct cy_vote *vote,
                              const struct cy_vote_lock *lock, struct cy_vote *said,
                              uint8_t signature[64])
{
    struct cy_sim_node *node = self;
    const cy_err err = cy_sim_signer_vote(&node->signer, vote, lock, said, signature);

    node->figures.vote_refused += !cy_ok(err);
    if (cy_ok(err))
        count_vote(node, said, lock);
    return err;
}

static cy_err world_vote_last(void *self, struct cy_vote_last *out)
{
    const struct cy_sim_node *node = self;

    cy_sim_signer_last(&node->signer, out);
    return CY_OK;
}

static cy_err world_cosigned_last(void *self, uint64_t *size)
{
    const struct cy_sim_node *node = self;

    *size = node->signer.forgets ? 0 : node->signer.size;
    return CY_OK;
}

/* Signs an act of the seat. */
static cy_err sign_act(struct cy_sim_node *node, const struct cy_any *act, cy_time now,
                       uint8_t *out, size_t cap, size_t *n)
{
    const struct cy_secret *secret = &node->signer.secret[CY_SIM_KEY_ACT];
    struct cy_claims claims = {.author = node->ledger->id,
                               .realm = node->ledger->id,
                               .expires = now / 1000 + ACT_EXPIRES_S};
    struct cy_span bytes;

    cy_put_u64be(claims.nonce, ++node->nonce);
    bytes = cy_sim_sign(&claims, act, &secret, 1, out, cap);
    *n = bytes.n;
    return bytes.n > 0 ? CY_OK : cy_fail(CY_E_NO_ROOM, 0);
}

static cy_err world_sign_height(void *self, const struct cy_height *height, uint8_t *out,
                                size_t cap, size_t *n)
{
    const struct cy_any act = {&cy_schema_height, height};

    return sign_act(self, &act, height->now, out, cap, n);
}

static cy_err world_sign_equivocate(void *self, const struct cy_equivocate *message, uint8_t *out,
                                    size_t cap, size_t *n)
{
    const struct cy_any act = {&cy_schema_equivocate, message};

    return sign_act(self, &act, cy_sim_node_now(self), out, cap, n);
}

static cy_err world_cosign(void *self, struct cy_span text, uint64_t old_size,
                           const struct cy_id *proof, uint32_t n, uint8_t out[CY_COSIGNATURE_BYTES])
{
    struct cy_sim_node *node = self;

    (void)old_size;
    CY_TRY(cy_sim_signer_cosign(&node->signer, text, cy_sim_node_now(node) / 1000, proof, n, out));
    node->told->cosigned(node->told->self, node, node->signer.size, &node->signer.root);
    return CY_OK;
}

static cy_err world_sign_packet(void *self, struct cy_span bytes, uint8_t signature[64])
{
    const struct cy_sim_node *node = self;

    cy_sim_signer_raw(&node->signer, CY_SIM_KEY_PEER, bytes, signature);
    return CY_OK;
}

static void world_answered(void *self, const struct cy_id *act, cy_err err, uint64_t at)
{
    struct cy_sim_node *node = self;

    node->told->answered(node->told->self, node, act, err, at);
}

static void world_headed(void *self, const struct cy_head *head, uint64_t height, bool final)
{
    struct cy_sim_node *node = self;

    node->told->headed(node->told->self, node, head, height, final);
}

static void world_convicted(void *self, uint32_t seat, const struct cy_agree_evidence *evidence)
{
    struct cy_sim_node *node = self;

    node->told->convicted(node->told->self, node, seat, evidence);
}

/* --- its life --- */

static void set_beat(const struct cy_sim_node *node)
{
    cy_sim_net_timer(node->net, node->number, BEAT_MS,
                     &(struct cy_sim_timer){.life = node->life, .what = CY_SIM_TIMER_BEAT});
}

static struct cy_federation_options node_options(struct cy_sim_node *node)
{
    return (struct cy_federation_options){
        .cell = {.roster = node->ledger->roster,
                 .n_roster = node->ledger->n_roster,
                 .limits = limits,
                 .n_limits = CY_COUNT(limits),
                 .records_max = RECORDS,
                 .batch_bytes = 1 << 20,
                 .segment_bytes = 100000,
                 .snapshot_every = 200,
                 .salt = {(uint8_t)node->number, 2, 3},
                 .rules = &node->rules},
        .world = &node->world,
        .peer_key = node->signer.key[CY_SIM_KEY_PEER],
        .session = node->session,
        .pool_acts = 256,
        .pool_bytes = 1 << 20,
        .propose_ms = PROPOSE_MS,
        .vote_ms = VOTE_MS,
        .beat_ms = BEAT_MS
    };
}

cy_err cy_sim_node_start(struct cy_sim_node *node)
{
    const struct cy_disk disk = cy_sim_disk_face(node->disk);
    struct cy_federation_options options;
    struct cy_cell_report report = {0};
    struct cy_disk_fault fault;
    struct cy_arena arena;
    cy_err err = CY_OK;

    CY_ASSERT(node->federation == NULL);
    node->world = (struct cy_federation_world){.self = node,
                                               .now = world_now,
                                               .send = world_send,
                                               .timer = world_timer,
                                               .sign_vote = world_sign_vote,
                                               .vote_last = world_vote_last,
                                               .sign_height = world_sign_height,
                                               .cosigned_last = world_cosigned_last,
                                               .sign_equivocate = world_sign_equivocate,
                                               .cosign = world_cosign,
                                               .sign_packet = world_sign_packet,
                                               .answered = world_answered,
                                               .headed = world_headed,
                                               .convicted = world_convicted};
    node->life++;
    node->session = true_now(node) * 16 + node->life % 16;
    node->figures.starts++;
    options = node_options(node);
    node->memory_n = cy_federation_bytes(&options);
    node->memory = mmap(NULL, node->memory_n, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CY_ASSERT(node->memory != MAP_FAILED);
    arena = cy_arena_on(node->memory, node->memory_n);
    err = cy_federation_open(&disk, &options, node->ledger->genesis, &arena, &node->federation,
                             &report, &fault);
    if (!cy_ok(err)) {
        drop(node);
        return err;
    }
    node->torn += report.torn != 0;
    set_beat(node);
    cy_federation_start(node->federation);
    return CY_OK;
}

struct cy_sim_node *cy_sim_node_twin(const struct cy_sim_node *node)
{
    struct cy_sim_node *twin = calloc(1, sizeof *twin);

    CY_ASSERT(twin != NULL);
    *twin = *node;
    twin->disk = copy_of(node->disk);
    twin->backup = NULL;
    twin->memory = NULL;
    twin->federation = NULL;
    twin->life += TWIN_LIVES; /* timers of the one are not the other's */
    twin->nonce += TWIN_LIVES;
    twin->busy_until = 0;
    twin->slow_ms = 0;
    if (cy_ok(cy_sim_node_start(twin)))
        return twin;
    cy_sim_node_free(twin);
    free(twin);
    return NULL;
}

struct cy_cell *cy_sim_node_cell(struct cy_sim_node *node)
{
    return node->federation == NULL ? NULL : cy_federation_cell(node->federation);
}

/* Disk calls since `before` took their time. */
static void work_done(struct cy_sim_node *node, uint64_t before)
{
    const uint64_t calls = cy_sim_disk_calls(node->disk) - before;

    if (node->slow_ms != 0 && calls != 0)
        node->busy_until = cy_sim_net_now(node->net) + calls * node->slow_ms;
}

static void ring(struct cy_sim_node *node, const struct cy_sim_timer *timer)
{
    if (timer->what == CY_SIM_TIMER_BEAT) {
        set_beat(node);
        cy_federation_beat(node->federation);
        return;
    }
    node->figures.timeouts[timer->step % 3]++;
    cy_federation_timeout(node->federation, timer->height, (enum cy_vote_step)timer->step,
                          timer->round);
}

bool cy_sim_node_take(struct cy_sim_node *node, const struct cy_sim_event *event, cy_err *code)
{
    const uint64_t before = cy_sim_disk_calls(node->disk);

    *code = CY_OK;
    if (node->federation == NULL || (!event->is_packet && event->timer.life != node->life))
        return false;
    if (held_ms(node) > 0) {
        cy_sim_net_put_back(node->net, event, node->busy_until);
        return false;
    }
    if (event->is_packet)
        *code = cy_federation_packet(node->federation, event->packet);
    else
        ring(node, &event->timer);
    if (!cy_ok(*code))
        node->figures.refused[event->from]++;
    work_done(node, before);
    return true;
}

cy_err cy_sim_node_submit(struct cy_sim_node *node, struct cy_span act, struct cy_id *id)
{
    const uint64_t before = cy_sim_disk_calls(node->disk);
    cy_err err = CY_OK;

    CY_ASSERT(node->federation != NULL);
    err = cy_federation_submit(node->federation, act, id);
    work_done(node, before);
    return err;
}
