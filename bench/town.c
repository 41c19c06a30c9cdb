#include "town.h"

#include "kernel/escrow.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#define OPERATOR UINT32_MAX
#define ITEMS_MAX 4096u

static cy_time wall(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (cy_time)t.tv_sec * 1000 + (cy_time)t.tv_nsec / 1000000;
}

/* --- building acts --- */

struct built town_sign(const struct cy_claims *claims, const struct cy_id *key,
                       const uint8_t *secret, const struct cy_schema *schema, const void *message)
{
    static _Thread_local uint8_t payload[65536], protected[1024], plain[66560], whole[65536];
    struct cy_cbor_writer p = cy_cbor_write(payload, sizeof payload);
    struct cy_cbor_writer h = cy_cbor_write(protected, sizeof protected);
    struct cy_cbor_writer s = cy_cbor_write(plain, sizeof plain);
    struct cy_cbor_writer w = cy_cbor_write(whole, sizeof whole);
    struct cy_act_signature signature = {.key = *key};
    struct built out = {.items = 1};

    bench_must(cy_encode_act(schema, message, &p), "encode");
    bench_must(cy_envelope_protected(claims, key, &h), "protected");
    bench_must(cy_envelope_to_sign(cy_cbor_written(&h), cy_cbor_written(&p), false, key, &s),
               "to sign");
    crypto_sign_detached(signature.bytes, NULL, s.at, s.n, secret);
    bench_must(
        cy_envelope_write(cy_cbor_written(&h), cy_cbor_written(&p), false, &signature, 1, &w),
        "envelope");
    out.bytes = malloc(w.n);
    if (out.bytes == NULL)
        bench_die("no memory");
    memcpy(out.bytes, w.at, w.n);
    out.n = w.n;
    out.id = cy_sha256_parts((const struct cy_span[]){cy_cbor_written(&h), cy_cbor_written(&p)}, 2);
    return out;
}

struct built town_build(struct town *town, uint32_t signer, const struct cy_schema *schema,
                        const void *message)
{
    const bool operates = signer == OPERATOR;
    struct cy_claims claims = {.author = operates ? town->realm : town->passport[signer],
                               .realm = town->realm,
                               .expires = wall() / 1000 + 3000};

    cy_put_u64be(claims.nonce, __atomic_add_fetch(&town->nonce, 1, __ATOMIC_RELAXED));
    return town_sign(&claims, operates ? &town->operator_key : &town->key[signer],
                     operates ? town->operator_secret : town->secret[signer], schema, message);
}

/* One of the signer's accounts; any account but that one. */
static uint32_t own_account(struct town *town, uint32_t signer)
{
    const uint32_t mine = (town->n_accounts - signer + town->n_signers - 1) / town->n_signers;

    return signer + (uint32_t)(bench_random(&town->random) % mine) * town->n_signers;
}

static uint32_t other_account(struct town *town, uint32_t but)
{
    const uint32_t i = (uint32_t)(bench_random(&town->random) % (town->n_accounts - 1));

    return i >= but ? i + 1 : i;
}

static struct cy_transfer a_transfer(struct town *town, uint32_t signer, uint8_t phase)
{
    const uint32_t from = own_account(town, signer);

    return (struct cy_transfer){.phase = phase,
                                .from = town->account[from],
                                .to = town->account[other_account(town, from)],
                                .amount = 1 + bench_random(&town->random) % 200};
}

struct built town_transfer(struct town *town, uint32_t signer)
{
    const struct cy_transfer m = a_transfer(town, signer, CY_phase_SINGLE);

    return town_build(town, signer, &cy_schema_transfer, &m);
}

/* Bytes of an item: what fits into an act is counted, not tried. */
#define BYTES_MOVE 79u
#define BYTES_POST 44u

/* One act of a signer: posts what its last act began, then as many quadruples as fit. */
static struct built stream_act(struct town *town, uint32_t signer, struct cy_id *began,
                               uint32_t *n_began, struct cy_transfer *items, struct cy_any *any)
{
    const size_t room = 65535 - 600;
    struct cy_batch batch = {.acts = any};
    struct built out;
    uint32_t pending[ITEMS_MAX];
    uint32_t n_pending = 0;
    uint32_t n = 0;
    uint32_t posts = 0;
    size_t used = 0;

    while (n + 4 <= ITEMS_MAX && used + 3 * BYTES_MOVE + BYTES_POST <= room) {
        items[n++] = a_transfer(town, signer, CY_phase_SINGLE);
        pending[n_pending++] = n;
        items[n++] = a_transfer(town, signer, CY_phase_PENDING);
        items[n++] = a_transfer(town, signer, CY_phase_SINGLE);
        used += 3 * BYTES_MOVE;
        if (posts < *n_began) {
            items[n++] = (struct cy_transfer){.phase = CY_phase_POST, .pending = began[posts++]};
            used += BYTES_POST;
        }
    }
    for (uint32_t i = 0; i < n; i++)
        any[i] = (struct cy_any){.schema = &cy_schema_transfer, .message = &items[i]};
    batch.n_acts = n;
    out = town_build(town, signer, &cy_schema_batch, &batch);
    out.items = n;
    *n_began = n_pending;
    for (uint32_t i = 0; i < n_pending; i++)
        began[i] = cy_item_id(&out.id, pending[i]);
    return out;
}

struct built *town_stream(struct town *town, uint64_t items, size_t *n)
{
    struct cy_id(*began)[ITEMS_MAX / 4 + 1] = calloc(town->n_signers, sizeof *began);
    uint32_t *n_began = calloc(town->n_signers, sizeof *n_began);
    struct cy_transfer *moves = calloc(ITEMS_MAX, sizeof *moves);
    struct cy_any *any = calloc(ITEMS_MAX, sizeof *any);
    size_t cap = (size_t)(items / 800) + 16;
    struct built *built = calloc(cap, sizeof *built);
    uint64_t have = 0;

    if (began == NULL || n_began == NULL || moves == NULL || any == NULL || built == NULL)
        bench_die("no memory");
    for (*n = 0; have < items; (*n)++) {
        const uint32_t signer = (uint32_t)(*n % town->n_signers);

        if (*n == cap) {
            cap *= 2;
            built = realloc(built, cap * sizeof *built);
        }
        built[*n] = stream_act(town, signer, began[signer], &n_began[signer], moves, any);
        have += built[*n].items;
    }
    free(any);
    free(moves);
    free(n_began);
    free(began);
    return built;
}

void town_built_free(struct built *built, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(built[i].bytes);
    free(built);
}

/* --- the cell --- */

static cy_err sign_head(void *self, struct cy_span checkpoint, const struct cy_id *proof,
                        uint32_t n, uint8_t signature[64])
{
    struct town *town = self;

    (void)proof;
    (void)n;
    crypto_sign_detached(signature, NULL, checkpoint.at, checkpoint.n, town->log_secret);
    return CY_OK;
}

static cy_err sign_tick(void *self, cy_time now, const struct cy_id *root, uint8_t *out, size_t cap,
                        size_t *n)
{
    const struct cy_tick m = {.now = now, .state_root = *root};
    struct built built = town_build(self, OPERATOR, &cy_schema_tick, &m);

    if (built.n > cap)
        bench_die("a tick of %zu bytes", built.n);
    memcpy(out, built.bytes, built.n);
    *n = built.n;
    free(built.bytes);
    return CY_OK;
}

struct cy_cell_report town_open(struct town *town)
{
    struct cy_cell_report report = {0};
    struct cy_disk_fault fault = {.path = ""};
    struct cy_arena fresh;

    town->memory_n = cy_cell_bytes(&town->options) + (1u << 20);
    town->memory = bench_map(town->memory_n);
    fresh = cy_arena_on(town->memory, town->memory_n);
    town->cell = calloc(1, sizeof *town->cell);
    bench_must(cy_cell_open(town->cell, &town->disk, &town->options, &fresh, &report, &fault),
               fault.path[0] != 0 ? fault.path : "open");
    return report;
}

void town_close(struct town *town)
{
    bench_must(cy_cell_close(town->cell), "close");
    free(town->cell);
    town->cell = NULL;
    bench_unmap(town->memory, town->memory_n);
}

void town_commit(struct town *town)
{
    struct cy_commit commit;

    if (!cy_cell_cut(town->cell, &commit))
        return;
    bench_must(cy_cell_write(&commit), "write");
    bench_must(cy_cell_tiles(town->cell, &commit), "tiles");
    bench_must(cy_cell_publish(town->cell, &town->signer), "publish");
    cy_cell_done(town->cell, &commit, CY_OK);
}

void town_put(struct town *town, const struct built *built)
{
    static uint8_t memory[5u << 20] __attribute__((aligned(16)));
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct cy_verdict verdict;
    struct cy_act act;
    uint64_t at = 0;
    cy_err err = CY_OK;

    bench_must(cy_act_open(cy_span_of(built->bytes, built->n), &arena, &act), "act");
    cy_cell_judge(town->cell, &act, &verdict);
    bench_must(verdict.err, act.any.schema->name);
    err = cy_cell_accept(town->cell, &act, &at);
    if (err.code == CY_E_NO_ROOM) {
        town_commit(town);
        err = cy_cell_accept(town->cell, &act, &at);
    }
    bench_must(err, "accept");
}

static void put(struct town *town, struct built built)
{
    town_put(town, &built);
    free(built.bytes);
}

/* --- the realm, its signers and accounts --- */

static struct cy_name name_of(const char *text)
{
    struct cy_name out;

    bench_must(cy_name_of(cy_span_text(text), &out), "name");
    return out;
}

static void found(struct town *town)
{
    struct cy_id log_key;
    struct cy_claims claims = {.expires = wall() / 1000 + 3000};
    struct cy_key_share share = {.weight = 1};
    struct cy_genesis m = {.name = name_of("bench.example/ledger"),
                           .now = wall(),
                           .keys = &share,
                           .n_keys = 1,
                           .need_0 = 1,
                           .rules = 1};
    struct built built;

    crypto_sign_keypair(town->operator_key.b, town->operator_secret);
    crypto_sign_keypair(log_key.b, town->log_secret);
    share.key = town->operator_key;
    m.log_key = log_key;
    built = town_sign(&claims, &town->operator_key, town->operator_secret, &cy_schema_genesis, &m);
    town->realm = built.id;
    put(town, built);
}

static void make_signers(struct town *town)
{
    for (uint32_t i = 0; i < town->n_signers; i++) {
        struct cy_claims claims = {.realm = town->realm, .expires = wall() / 1000 + 3000};
        struct cy_key_share share = {.weight = 1};
        struct cy_passport_create m = {.kind = CY_kind_COMPANY,
                                       .name = name_of("Signer"),
                                       .keys = &share,
                                       .n_keys = 1,
                                       .need_0 = 1};
        struct built built;

        crypto_sign_keypair(town->key[i].b, town->secret[i]);
        share.key = town->key[i];
        cy_put_u64be(claims.nonce, ++town->nonce);
        built = town_sign(&claims, &town->key[i], town->secret[i], &cy_schema_passport_create, &m);
        town->passport[i] = built.id;
        put(town, built);
    }
}

/* A batch of messages of one kind, sent when it is full. */
struct filling {
    struct town *town;
    uint32_t signer;
    struct cy_any any[1024];
    uint32_t n;
};

static void send_filling(struct filling *f)
{
    const struct cy_batch batch = {.acts = f->any, .n_acts = f->n};

    if (f->n > 0)
        put(f->town, town_build(f->town, f->signer, &cy_schema_batch, &batch));
    f->n = 0;
}

static void open_accounts(struct town *town)
{
    static struct cy_account_open m[1024];
    struct filling f = {.town = town};

    for (f.signer = 0; f.signer < town->n_signers; f.signer++) {
        for (uint32_t i = f.signer; i < town->n_accounts; i += town->n_signers) {
            m[f.n] = (struct cy_account_open){.asset = town->asset, .number = i / town->n_signers};
            town->account[i] =
                cy_account_id(&town->passport[f.signer], &town->asset, m[f.n].number);
            f.any[f.n] = (struct cy_any){.schema = &cy_schema_account_open, .message = &m[f.n]};
            if (++f.n == 1024)
                send_filling(&f);
        }
        send_filling(&f);
    }
}

static void fund_accounts(struct town *town)
{
    static struct cy_asset_issue m[768];
    struct filling f = {.town = town};

    for (uint32_t i = 0; i < town->n_accounts; i++) {
        m[f.n] = (struct cy_asset_issue){
            .asset = town->asset, .account = town->account[i], .amount = 1000000000};
        f.any[f.n] = (struct cy_any){.schema = &cy_schema_asset_issue, .message = &m[f.n]};
        if (++f.n == 768)
            send_filling(&f);
    }
    send_filling(&f);
}

static void make_asset(struct town *town)
{
    struct cy_asset_create m = {.name = name_of("Units")};
    struct built built;

    bench_must(cy_label_of(cy_span_text("UNIT"), &m.code), "code");
    built = town_build(town, 0, &cy_schema_asset_create, &m);
    town->asset = built.id;
    put(town, built);
}

struct town *town_new(const struct bench *bench, uint32_t signers, uint32_t accounts,
                      size_t batch_bytes)
{
    struct town *town = calloc(1, sizeof *town);
    const struct cy_limit limits[] = {
        {CY_R_account,  accounts + 1024   },
        {CY_R_passport, signers + 64      },
        {CY_R_control,  2 * (signers + 64)},
        {CY_R_pending,  1u << 18          },
    };

    town->random = 42;
    town->n_signers = signers;
    town->n_accounts = accounts;
    town->secret = calloc(signers, sizeof *town->secret);
    town->key = calloc(signers, sizeof *town->key);
    town->passport = calloc(signers, sizeof *town->passport);
    town->account = calloc(accounts, sizeof *town->account);
    memcpy(town->limits, limits, sizeof limits);
    town->options = (struct cy_cell_options){
        .limits = town->limits,
        .n_limits = CY_COUNT(limits),
        .records_max = accounts + 4 * signers + (1u << 18),
        .batch_bytes = batch_bytes,
        .segment_bytes = 1u << 28,
        .salt = {1, 2, 3}
    };
    bench_must(cy_helper_thread_start(&town->helper), "a thread");
    town->options.helper = cy_helper_thread_lend(town->helper);
    town->signer = (struct cy_head_signer){town, sign_head};
    town->dir = bench_dir(bench, "town");
    bench_must(cy_disk_posix_open(town->dir, true, &town->posix), town->dir);
    town->disk = cy_disk_posix_disk(town->posix);
    (void)town_open(town);
    found(town);
    make_signers(town);
    make_asset(town);
    open_accounts(town);
    fund_accounts(town);
    town_commit(town);
    return town;
}

void town_free(struct town *town)
{
    if (town->cell != NULL)
        town_close(town);
    cy_helper_thread_stop(town->helper);
    cy_disk_posix_close(town->posix);
    bench_dir_remove(town->dir);
    free(town->secret);
    free(town->key);
    free(town->passport);
    free(town->account);
    free(town);
}

/* --- running --- */

struct sent {
    struct watch *watch;
    double from;
    double took;
    uint32_t items;
};

struct watch {
    pthread_mutex_t lock;
    pthread_cond_t change;
    size_t out;
    size_t window;
    bool full; /* the submitter waits */
    uint64_t refused;
    cy_err first_refusal;
};

static void answered(void *context, struct cy_job *job)
{
    struct sent *sent = context;
    struct watch *watch = sent->watch;
    const cy_err err = job->err;

    sent->took = bench_now() - sent->from;
    cy_job_free(job);
    pthread_mutex_lock(&watch->lock);
    watch->out--;
    if (!cy_ok(err)) {
        watch->refused++;
        watch->first_refusal = err;
    }
    /* an eighth at a time: half a window would leave the first stages without work meanwhile */
    if (watch->out == 0 || (watch->full && watch->out <= watch->window - watch->window / 8)) {
        watch->full = false;
        pthread_cond_signal(&watch->change);
    }
    pthread_mutex_unlock(&watch->lock);
}

void town_start(struct town *town, unsigned tick_ms)
{
    const struct cy_sequencer_options options = {
        .cell = town->cell,
        .signer = &town->signer,
        .tick = sign_tick,
        .tick_self = town,
        .now = wall,
        .verifiers = 2,
        .tick_ms = tick_ms,
        .idle_ms = 60000,
        .queue_max = 1u << 20,
    };

    bench_must(cy_sequencer_start(&options, &town->sequencer), "threads");
}

void town_stop(struct town *town)
{
    cy_sequencer_stop(town->sequencer);
    town->sequencer = NULL;
}

static void submit(struct town *town, struct watch *watch, struct sent *sent,
                   const struct built *built)
{
    struct cy_job *job = NULL;

    pthread_mutex_lock(&watch->lock);
    if (watch->out >= watch->window)
        watch->full = true;
    while (watch->full)
        pthread_cond_wait(&watch->change, &watch->lock);
    watch->out++;
    pthread_mutex_unlock(&watch->lock);
    job = cy_job_new(cy_span_of(built->bytes, built->n));
    if (job == NULL)
        bench_die("no memory");
    *sent = (struct sent){.watch = watch, .from = bench_now(), .items = built->items};
    job->done = answered;
    job->context = sent;
    bench_must(cy_sequencer_submit(town->sequencer, job), "submit");
}

void town_run(struct town *town, const struct built *built, size_t n, size_t window,
              struct run *out)
{
    struct watch watch = {.window = window};
    struct sent *sent = calloc(n, sizeof *sent);
    double *took = calloc(n, sizeof *took);
    const double cpu = bench_cpu();
    const double from = bench_now();

    *out = (struct run){.acts = n};
    pthread_mutex_init(&watch.lock, NULL);
    pthread_cond_init(&watch.change, NULL);
    for (size_t i = 0; i < n; i++)
        submit(town, &watch, &sent[i], &built[i]);
    pthread_mutex_lock(&watch.lock);
    while (watch.out > 0)
        pthread_cond_wait(&watch.change, &watch.lock);
    pthread_mutex_unlock(&watch.lock);
    out->seconds = bench_now() - from;
    out->cpu = bench_cpu() - cpu;
    out->refused = watch.refused;
    for (size_t i = 0; i < n; i++) {
        took[i] = sent[i].took * 1e3;
        out->items += built[i].items;
        out->written += built[i].n;
    }
    bench_sort(took, n);
    out->p50_ms = bench_quantile(took, n, 0.5);
    out->p99_ms = bench_quantile(took, n, 0.99);
    if (watch.refused > 0)
        bench_say("refused %llu, for instance: %s", (unsigned long long)watch.refused,
                  cy_err_info(watch.first_refusal.code)->path);
    free(took);
    free(sent);
}
