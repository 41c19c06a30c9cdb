/* A federation in one process: members with disks and signatures of their own, and no network but
 * memory between them. One thread runs all of them in turn, so that what is measured is the work of
 * all members on one core; members on machines of their own do theirs side by side. What a signer
 * must remember before a signature leaves is written and flushed here, as comity-signer does. */
#include "live.h"

#include "host/system/disk_posix.h"
#include "kernel/foreign.h"
#include "realm/federation.h"
#include "sim/sim_founding.h"
#include "sim/sim_party.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ORIGIN "bench.example/federation"
#define BEAT_MS 100u
#define TIMERS 4096u
#define QUEUE 65536u
#define WINDOW 4096u /* acts under way when as many as possible are, divided by the members */
#define POOL_ACTS 8192u

struct member {
    struct union_of *of;
    uint32_t number;
    char *dir;
    struct cy_disk_posix *posix;
    struct cy_disk disk;
    struct cy_federation *federation;
    void *memory;
    size_t memory_n;
    struct cy_federation_world world;
    struct cy_sim_signer signer;
    int remembered; /* file that its signer remembers votes in */
    double beat_at;
    uint64_t answered;
    uint64_t finals;
};

struct letter {
    uint32_t to;
    size_t n;
    uint8_t *bytes;
};

struct alarm {
    double at; /* 0: free */
    uint32_t node;
    uint64_t height;
    struct cy_agree_timer timer;
};

struct union_of {
    const struct bench *bench;
    uint32_t n;
    struct member member[CY_SEATS_MAX + 1]; /* the last is a mirror */
    struct cy_sim_founded founded;
    struct letter *letters; /* a ring */
    uint64_t put;
    uint64_t taken;
    struct alarm alarms[TIMERS];
    uint64_t nonce;
    uint64_t refused;
    uint64_t bytes; /* sent */
    struct cy_sim_dice dice;
};

/* --- what surrounds a member --- */

static cy_time wall(void *self)
{
    struct timespec now;

    (void)self;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void send_packet(void *self, uint32_t seat, struct cy_span packet)
{
    struct union_of *of = ((struct member *)self)->of;
    struct letter *letter = &of->letters[of->put % QUEUE];

    if (seat >= of->n)
        return;
    if (of->put - of->taken == QUEUE)
        bench_die("more than %u packets wait", QUEUE);
    *letter = (struct letter){seat, packet.n, malloc(packet.n)};
    memcpy(letter->bytes, packet.at, packet.n);
    of->bytes += packet.n;
    of->put++;
}

static void set_alarm(void *self, uint64_t height, const struct cy_agree_timer *timer, uint32_t ms)
{
    const struct member *m = self;

    for (uint32_t i = 0; i < TIMERS; i++) {
        if (m->of->alarms[i].at > 0)
            continue;
        m->of->alarms[i] = (struct alarm){bench_now() + ms / 1e3, m->number, height, *timer};
        return;
    }
    bench_die("more than %u timers", TIMERS);
}

/* A sector of memory, flushed before the signature leaves. */
static void remember(struct member *m, const void *what, size_t n)
{
    uint8_t sector[512] = {0};

    memcpy(sector, what, n < sizeof sector ? n : sizeof sector);
    if (pwrite(m->remembered, sector, sizeof sector, 0) != (ssize_t)sizeof sector ||
        fdatasync(m->remembered) != 0)
        bench_die("the signer's memory");
}

static cy_err sign_vote(void *self, const struct cy_vote *vote, const struct cy_vote_lock *lock,
                        struct cy_vote *said, uint8_t signature[64])
{
    struct member *m = self;

    CY_TRY(cy_sim_signer_vote(&m->signer, vote, lock, said, signature));
    remember(m, said, sizeof *said);
    return CY_OK;
}

static cy_err vote_last(void *self, struct cy_vote_last *out)
{
    cy_sim_signer_last(&((struct member *)self)->signer, out);
    return CY_OK;
}

static cy_err sign_height(void *self, const struct cy_height *height, uint8_t *out, size_t cap,
                          size_t *n)
{
    struct member *m = self;
    const struct cy_any any = {&cy_schema_height, height};
    const struct cy_secret *secret = &m->signer.secret[CY_SIM_KEY_ACT];
    struct cy_claims claims = {.author = m->of->founded.id,
                               .realm = m->of->founded.id,
                               .expires = wall(NULL) / 1000 + 600};

    cy_put_u64be(claims.nonce, ++m->of->nonce);
    *n = cy_sim_sign(&claims, &any, &secret, 1, out, cap).n;
    return *n > 0 ? CY_OK : cy_fail(CY_E_NO_ROOM, cap);
}

static cy_err cosign(void *self, struct cy_span text, uint64_t old_size, const struct cy_id *proof,
                     uint32_t n, uint8_t out[CY_COSIGNATURE_BYTES])
{
    struct member *m = self;

    (void)old_size;
    CY_TRY(cy_sim_signer_cosign(&m->signer, text, wall(NULL) / 1000, proof, n, out));
    remember(m, text.at, text.n);
    return CY_OK;
}

static cy_err sign_packet(void *self, struct cy_span bytes, uint8_t signature[64])
{
    cy_sim_signer_raw(&((struct member *)self)->signer, CY_SIM_KEY_PEER, bytes, signature);
    return CY_OK;
}

static void answered(void *self, const struct cy_id *act, cy_err err, uint64_t at)
{
    struct member *m = self;

    (void)act;
    (void)at;
    m->answered++;
    m->of->refused += !cy_ok(err);
}

static void headed(void *self, const struct cy_head *head, uint64_t height, bool final)
{
    (void)head;
    (void)height;
    ((struct member *)self)->finals += final;
}

static void convicted(void *self, uint32_t seat, const struct cy_agree_evidence *evidence)
{
    (void)self;
    (void)evidence;
    bench_die("member %u is convicted", seat);
}

/* --- life --- */

static void open_member(struct union_of *of, uint32_t number, uint32_t acts)
{
    struct member *m = &of->member[number];
    const struct cy_limit limits[] = {
        {CY_R_seen,     acts    },
        {CY_R_passport, acts    },
        {CY_R_control,  2 * acts}
    };
    struct cy_federation_options options = {
        .cell = {.limits = limits,
                 .n_limits = CY_COUNT(limits),
                 .records_max = 6 * acts,
                 .batch_bytes = 1 << 20,
                 .segment_bytes = 1 << 26,
                 .salt = {7, 7, 7}},
        .world = &m->world,
        .peer_key = m->signer.key[CY_SIM_KEY_PEER],
        .session = wall(NULL),
        .pool_acts = POOL_ACTS,
        .pool_bytes = 8u << 20,
        .propose_ms = 750 * of->n, /* one core does the work of all */
        .vote_ms = 250 * of->n,
        .beat_ms = BEAT_MS
    };
    struct cy_cell_report report;
    struct cy_disk_fault fault;
    struct cy_arena fresh;
    char path[4300];

    if (number == of->n)
        options.peer_key = (struct cy_id){{0}};
    m->dir = bench_dir(of->bench, "member");
    bench_must(cy_disk_posix_open(m->dir, true, &m->posix), m->dir);
    m->disk = cy_disk_posix_disk(m->posix);
    (void)snprintf(path, sizeof path, "%s/signer", m->dir);
    m->remembered = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    m->memory_n = cy_federation_bytes(&options);
    m->memory = bench_map(m->memory_n);
    fresh = cy_arena_on(m->memory, m->memory_n);
    bench_must(cy_federation_open(&m->disk, &options, cy_span_of(of->founded.bytes, of->founded.n),
                                  &fresh, &m->federation, &report, &fault),
               "open a member");
    cy_federation_start(m->federation);
}

static void close_member(struct member *m)
{
    bench_must(cy_federation_close(m->federation), "close a member");
    cy_disk_posix_close(m->posix);
    (void)close(m->remembered);
    bench_unmap(m->memory, m->memory_n);
    bench_dir_remove(m->dir);
}

static struct union_of *found(const struct bench *bench, uint32_t n)
{
    struct union_of *of = calloc(1, sizeof *of);
    const struct cy_sim_signer *signers[CY_SEATS_MAX];
    const struct cy_sim_founding founding = {
        .origin = ORIGIN, .now = wall(NULL) - 1000, .seats = signers, .n = n, .idle_ms = 1000};

    of->bench = bench;
    of->n = n;
    of->dice.state = n;
    of->letters = calloc(QUEUE, sizeof *of->letters);
    for (uint32_t i = 0; i <= n; i++) {
        struct member *m = &of->member[i];

        m->of = of;
        m->number = i;
        m->world = (struct cy_federation_world){.self = m,
                                                .now = wall,
                                                .send = send_packet,
                                                .timer = set_alarm,
                                                .sign_vote = sign_vote,
                                                .vote_last = vote_last,
                                                .sign_height = sign_height,
                                                .cosign = cosign,
                                                .sign_packet = sign_packet,
                                                .answered = answered,
                                                .headed = headed,
                                                .convicted = convicted};
        cy_sim_signer_new(&m->signer, &of->dice);
        if (i < n)
            signers[i] = &m->signer;
    }
    cy_sim_found(&founding, &of->founded);
    return of;
}

static void end(struct union_of *of)
{
    for (uint32_t i = 0; i < of->n; i++)
        close_member(&of->member[i]);
    for (; of->taken < of->put; of->taken++)
        free(of->letters[of->taken % QUEUE].bytes);
    free(of->letters);
    free(of);
}

/* --- time --- */

static void fire(struct union_of *of, double now)
{
    for (uint32_t i = 0; i < of->n; i++) {
        struct member *m = &of->member[i];

        if (now < m->beat_at)
            continue;
        m->beat_at = now + BEAT_MS / 1e3;
        cy_federation_beat(m->federation);
    }
    for (uint32_t i = 0; i < TIMERS; i++) {
        struct alarm alarm = of->alarms[i];

        if (alarm.at == 0 || alarm.at > now)
            continue;
        of->alarms[i].at = 0;
        cy_federation_timeout(of->member[alarm.node].federation, alarm.height, alarm.timer.step,
                              alarm.timer.round);
    }
}

/* One packet, or the time; false when nothing waits. */
static bool turn(struct union_of *of)
{
    static uint64_t since;
    struct letter letter;

    if (of->taken == of->put || ++since % 64 == 0)
        fire(of, bench_now());
    if (of->taken == of->put)
        return false;
    letter = of->letters[of->taken++ % QUEUE];
    (void)!cy_ok(
        cy_federation_packet(of->member[letter.to].federation, cy_span_of(letter.bytes, letter.n)));
    free(letter.bytes);
    return true;
}

static struct cy_federation_figures figures(struct union_of *of, uint32_t node)
{
    struct cy_federation_figures f;

    cy_federation_figures(of->member[node].federation, &f);
    bench_must(cy_federation_trouble(of->member[node].federation), "a member");
    return f;
}

static void wait_turn(struct union_of *of, double until)
{
    if (!turn(of))
        (void)usleep(100);
    if (bench_now() > until)
        bench_die("%u members: no agreement in time (height %llu)", of->n,
                  (unsigned long long)figures(of, 0).height);
}

/* --- acts: passports of people, each signed by a key of its own --- */

struct built {
    size_t n;
    uint8_t bytes[480];
};

static void build(struct union_of *of, struct built *acts, uint32_t n)
{
    struct cy_name name;

    bench_must(cy_name_of(cy_span_text("Somebody"), &name), "name");
    for (uint32_t i = 0; i < n; i++) {
        struct cy_sim_party party;
        struct cy_key_share share = {.weight = 1};
        const struct cy_passport_create m = {
            .kind = CY_kind_PERSON, .name = name, .keys = &share, .n_keys = 1, .need_0 = 1};
        const struct cy_any any = {&cy_schema_passport_create, &m};

        cy_sim_party_of(&party, &of->dice);
        share.key = party.author.key;
        acts[i].n = cy_sim_party_sign(&party, &of->founded.id, wall(NULL), ++of->nonce, &any,
                                      acts[i].bytes, sizeof acts[i].bytes)
                        .n;
        if (acts[i].n == 0)
            bench_die("an act is too large");
    }
}

static void submit(struct union_of *of, const struct built *act, uint32_t node)
{
    struct cy_id id;

    bench_must(
        cy_federation_submit(of->member[node].federation, cy_span_of(act->bytes, act->n), &id),
        "submit");
}

/* --- figures --- */

static void lone_acts(struct bench *bench, struct union_of *of, const struct built *acts,
                      uint32_t n)
{
    double *agreed = calloc(n, sizeof *agreed);
    double *final = calloc(n, sizeof *final);
    struct row row = {.group = "federation", .unit = "ms", .less = true};

    for (uint32_t i = 0; i < n; i++) {
        struct member *m = &of->member[i % of->n];
        const uint64_t before = m->answered;
        const double began = bench_now();
        uint64_t size = 0;

        submit(of, &acts[i], m->number);
        while (m->answered == before)
            wait_turn(of, began + 60);
        agreed[i] = (bench_now() - began) * 1e3;
        size = figures(of, m->number).size;
        while (figures(of, m->number).final_size < size)
            wait_turn(of, began + 60);
        final[i] = (bench_now() - began) * 1e3;
    }
    bench_sort(agreed, n);
    bench_sort(final, n);
    row.limit = bench->bare ? 0 : 1e3 / bench->machine.flush_idle;
    (void)snprintf(row.limit_name, sizeof row.limit_name, "one 4 KB flush, cores idle");
    row.value = bench_quantile(final, n, 0.5);
    (void)snprintf(row.what, sizeof row.what,
                   "%u members: one act to a final head, p50 (agreed %.1f ms)", of->n,
                   bench_quantile(agreed, n, 0.5));
    bench_row(bench, &row);
    row.value = bench_quantile(final, n, 0.99);
    (void)snprintf(row.what, sizeof row.what, "%u members: p99 (agreed %.1f ms)", of->n,
                   bench_quantile(agreed, n, 0.99));
    bench_row(bench, &row);
    free(agreed);
    free(final);
}

static uint64_t answered_all(const struct union_of *of)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < of->n; i++)
        sum += of->member[i].answered;
    return sum;
}

static void many_acts(struct bench *bench, struct union_of *of, const struct built *acts,
                      uint32_t n)
{
    const uint64_t before = answered_all(of);
    const uint64_t height = figures(of, 0).height;
    const double began = bench_now();
    const double cpu = bench_cpu();
    const uint64_t sent = of->bytes;
    uint32_t given = 0;
    double took = 0;
    struct row row = {.group = "federation", .unit = "acts/s"};

    while (answered_all(of) - before < n) {
        while (given < n && given - (answered_all(of) - before) < WINDOW / of->n) {
            submit(of, &acts[given], given % of->n);
            given++;
        }
        wait_turn(of, began + 300);
    }
    took = bench_now() - began;
    row.value = n / took;
    (void)snprintf(row.what, sizeof row.what,
                   "%u members: new passports, agreed (%.0f acts a block, %.1f KB sent an act)",
                   of->n, (double)n / (double)(figures(of, 0).height - height),
                   (double)(of->bytes - sent) / n / 1e3);
    bench_row(bench, &row);
    row.value = n * of->n / (bench_cpu() - cpu);
    (void)snprintf(row.what, sizeof row.what, "  the same by the processor time of one member");
    bench_row(bench, &row);
}

/* A mirror that begins with nothing: what one member serves, taken in. */
static void catch_up(struct bench *bench, struct union_of *of, uint32_t acts)
{
    struct member *mirror = &of->member[of->n];
    uint8_t *room = malloc(CY_PEER_PACKET_MAX);
    const uint64_t goal = figures(of, 0).height - 1;
    struct cy_federation_figures f;
    double began = 0;
    double took = 0;
    struct row row = {.group = "federation", .unit = "acts/s"};

    open_member(of, of->n, acts);
    began = bench_now();
    for (f = figures(of, of->n); f.height < goal; f = figures(of, of->n)) {
        const uint64_t had = f.height;
        struct cy_span packet;

        bench_must(cy_federation_serve(of->member[0].federation, f.height + 1, f.size, room,
                                       CY_PEER_PACKET_MAX, &packet),
                   "serve");
        (void)!cy_ok(cy_federation_packet(mirror->federation, packet));
        if (figures(of, of->n).height == had)
            bench_die("the mirror stands still at height %llu", (unsigned long long)had);
    }
    took = bench_now() - began;
    row.value = (double)f.size / took;
    (void)snprintf(row.what, sizeof row.what,
                   "%u members: a copy catches up from nothing (%.0f blocks/s)", of->n,
                   (double)f.height / took);
    bench_row(bench, &row);
    close_member(mirror);
    free(room);
}

/* What a stranger with the policy does: all signatures of a final head, and the quorum. */
static void light_client(struct bench *bench, struct union_of *of)
{
    const struct cy_head *head = cy_federation_final(of->member[0].federation);
    const struct cy_foreign_trust trust = {.origin = cy_span_text(ORIGIN),
                                           .policy = cy_span_text(of->founded.policy)};
    const uint32_t times = 200;
    struct cy_checkpoint checkpoint;
    struct row row = {.group = "federation", .unit = "us", .less = true};
    const double began = bench_now();

    for (uint32_t i = 0; i < times; i++)
        bench_must(cy_foreign_head(cy_span_of(head->note, head->n), &trust, &checkpoint), "head");
    row.value = (bench_now() - began) / times * 1e6;
    row.limit = bench->bare ? 0 : 1e6 / bench->machine.libsodium * (of->n * 2 / 3 + 1);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "a quorum's signatures by libsodium");
    (void)snprintf(row.what, sizeof row.what,
                   "%u members: a final head checked under the policy (%u bytes)", of->n, head->n);
    bench_row(bench, &row);
}

static void federation_of(struct bench *bench, uint32_t n)
{
    /* one core does the work of all, which grows with the square of their number */
    const uint32_t lone = bench_scaled(bench, 800 / n, 20);
    const uint32_t many = bench_scaled(bench, 96000 / (n * n), 256);
    struct union_of *of = found(bench, n);
    struct built *acts = calloc(lone + many, sizeof *acts);

    build(of, acts, lone + many);
    for (uint32_t i = 0; i < n; i++)
        open_member(of, i, 2 * (lone + many) + 4096);
    for (const double until = bench_now() + 60; figures(of, 0).final_height < 2;)
        wait_turn(of, until);
    lone_acts(bench, of, acts, lone);
    many_acts(bench, of, acts + lone, many);
    light_client(bench, of);
    catch_up(bench, of, 2 * (lone + many) + 4096);
    if (of->refused > 0)
        bench_die("%llu acts were refused", (unsigned long long)of->refused);
    end(of);
    free(acts);
}

void bench_federation(struct bench *bench)
{
    live_begin(bench);
    bench_daemons(bench);
    bench_crossing(bench);
    live_end();
    bench_simulator(bench);
    federation_of(bench, 4);
    federation_of(bench, 7);
    federation_of(bench, 16);
}
