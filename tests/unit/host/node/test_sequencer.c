/* sequencer: every act is answered once, in order, and what was acknowledged is never lost. */
#include "host/node/sequencer.h"
#include "host/system/helper_thread.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "crypto/ics23.h"
#include "place.h"

#define CLIENTS 8

/* One act sent, and what became of it. */
struct sent {
    struct stage *stage;
    unsigned answers;
    enum cy_code code;
    bool repeated;
    bool dry;
    uint64_t at;
    bool refused_at_door;
    char *effects;
};

struct stage {
    struct cy_helper_thread *helper;
    struct place *place;
    struct cy_sequencer *sequencer;
    struct cy_sequencer_options options;
    struct money {
        struct cy_id asset;
        struct cy_id account[CLIENTS + 1];
    } money;
    pthread_mutex_t lock;
    pthread_cond_t change;
    unsigned answered;
    bool signer_waits;
    bool read;
    cy_err signer_answers;
    uint64_t nonce;
    struct cy_head_signer signer;
};

static struct timespec began;

static cy_time now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1767225600000u +
           (cy_time)((t.tv_sec - began.tv_sec) * 1000 + (t.tv_nsec - began.tv_nsec) / 1000000);
}

static cy_err sign(void *self, struct cy_span checkpoint, const struct cy_id *proof, uint32_t n,
                   uint8_t signature[64])
{
    struct stage *stage = self;
    cy_err err = CY_OK;

    (void)proof;
    (void)n;
    pthread_mutex_lock(&stage->lock);
    while (stage->signer_waits)
        pthread_cond_wait(&stage->change, &stage->lock);
    err = stage->signer_answers;
    pthread_mutex_unlock(&stage->lock);
    crypto_sign_detached(signature, NULL, checkpoint.at, checkpoint.n,
                         stage->place->rig->secret[RIG_KEYS - 1]);
    return err;
}

/* Signs as the rig does, but may run in any thread. */
static size_t build(struct stage *stage, unsigned by, const struct cy_schema *schema,
                    const void *message, uint8_t *out, size_t cap)
{
    struct rig *rig = stage->place->rig;
    uint8_t payload[32768], protected[1024], plain[34816];
    struct cy_cbor_writer p = cy_cbor_write(payload, sizeof payload);
    struct cy_cbor_writer h = cy_cbor_write(protected, sizeof protected);
    struct cy_cbor_writer s = cy_cbor_write(plain, sizeof plain);
    struct cy_cbor_writer o = cy_cbor_write(out, cap);
    struct cy_claims claims = {
        .author = rig->id[by], .realm = rig->realm, .expires = 1767225600 + 3000};
    struct cy_act_signature signature = {.key = rig->key[by]};

    cy_put_u64be(claims.nonce, __atomic_add_fetch(&stage->nonce, 1, __ATOMIC_RELAXED) + 100000);
    if (!cy_ok(cy_encode_act(schema, message, &p)) ||
        !cy_ok(cy_envelope_protected(&claims, &rig->key[by], &h)) ||
        !cy_ok(cy_envelope_to_sign(cy_cbor_written(&h), cy_cbor_written(&p), false, &rig->key[by],
                                   &s)))
        abort();
    crypto_sign_detached(signature.bytes, NULL, s.at, s.n, rig->secret[by]);
    if (!cy_ok(
            cy_envelope_write(cy_cbor_written(&h), cy_cbor_written(&p), false, &signature, 1, &o)))
        abort();
    return o.n;
}

static cy_err tick(void *self, cy_time time, const struct cy_id *root, uint8_t *out, size_t cap,
                   size_t *n)
{
    const struct cy_tick m = {.now = time, .state_root = *root};

    *n = build(self, 0, &cy_schema_tick, &m, out, cap);
    return CY_OK;
}

static size_t transfer(struct stage *stage, unsigned from, unsigned to, uint64_t amount,
                       uint8_t *out, size_t cap)
{
    const struct cy_transfer m = {
        .from = stage->money.account[from], .to = stage->money.account[to], .amount = amount};

    return build(stage, from, &cy_schema_transfer, &m, out, cap);
}

static void answered(void *context, struct cy_job *job)
{
    struct sent *sent = context;
    struct stage *stage = sent->stage;

    pthread_mutex_lock(&stage->lock);
    sent->answers++;
    sent->code = job->err.code;
    sent->at = job->at;
    sent->repeated = job->repeated;
    sent->effects = job->effects_json;
    job->effects_json = NULL;
    stage->answered++;
    pthread_cond_broadcast(&stage->change);
    pthread_mutex_unlock(&stage->lock);
    cy_job_free(job);
}

static cy_err submit(struct stage *stage, struct cy_span act, bool dry, struct sent *sent)
{
    struct cy_job *job = cy_job_new(act);
    cy_err err = CY_OK;

    *sent = (struct sent){.stage = stage, .dry = dry};
    job->dry = dry;
    job->effects = dry;
    job->done = answered;
    job->context = sent;
    err = cy_sequencer_submit(stage->sequencer, job);
    if (!cy_ok(err)) {
        sent->refused_at_door = true;
        sent->code = err.code;
        cy_job_free(job);
    }
    return err;
}

static bool wait_answers(struct stage *stage, unsigned n, unsigned seconds)
{
    struct timespec until;
    bool all = false;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&stage->lock);
    while (stage->answered < n && pthread_cond_timedwait(&stage->change, &stage->lock, &until) == 0)
        ;
    all = stage->answered >= n;
    pthread_mutex_unlock(&stage->lock);
    return all;
}

static void start_threads(struct stage *stage)
{
    stage->answered = 0;
    assert_ok(cy_sequencer_start(&stage->options, &stage->sequencer));
}

static void stop_threads(struct stage *stage)
{
    if (stage->sequencer != NULL)
        cy_sequencer_stop(stage->sequencer);
    stage->sequencer = NULL;
}

static int start(void **s)
{
    struct stage *stage = calloc(1, sizeof *stage);
    struct place *place = place_new();

    clock_gettime(CLOCK_MONOTONIC, &began);
    stage->place = place;
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->change, NULL);
    stage->signer = (struct cy_head_signer){stage, sign};
    assert_ok(cy_helper_thread_start(&stage->helper));
    place->options.helper = cy_helper_thread_lend(stage->helper);
    place_begin(place);
    for (unsigned i = 1; i <= CLIENTS; i++)
        place_passport(place, i, "Client");
    assert_ok(PLACE_DO(place, 1, asset_create, .code = rig_label("OAT"), .name = rig_name("Oats")));
    stage->money.asset = place->rig->last;
    for (unsigned i = 1; i <= CLIENTS; i++) {
        assert_ok(PLACE_DO(place, i, account_open, .asset = stage->money.asset));
        stage->money.account[i] = cy_account_id(&place->rig->id[i], &stage->money.asset, 0);
        assert_ok(PLACE_DO(place, 1, asset_issue, .asset = stage->money.asset,
                           .account = stage->money.account[i], .amount = 1000000));
    }
    assert_ok(place_publish(place));
    stage->options = (struct cy_sequencer_options){.cell = &place->cell,
                                                   .signer = &stage->signer,
                                                   .tick = tick,
                                                   .tick_self = stage,
                                                   .now = now,
                                                   .verifiers = 2,
                                                   .tick_ms = 20,
                                                   .idle_ms = 60000,
                                                   .queue_max = 100000};
    *s = stage;
    return 0;
}

static int finish(void **s)
{
    struct stage *stage = *s;

    stop_threads(stage);
    if (stage->place->open)
        (void)!cy_ok(cy_cell_close(&stage->place->cell));
    place_free(stage->place);
    cy_helper_thread_stop(stage->helper);
    pthread_cond_destroy(&stage->change);
    pthread_mutex_destroy(&stage->lock);
    free(stage);
    return 0;
}

/* Closes and opens: the same world. */
static void reopen(struct stage *stage)
{
    struct place *place = stage->place;
    struct cy_id world;
    struct cy_id again;
    uint64_t size = 0;

    stop_threads(stage);
    world = place_world(&place->cell.engine.world);
    size = place->cell.size;
    place_close(place);
    assert_ok(place_open(place));
    assert_int_equal(place->cell.size, size);
    again = place_world(&place->cell.engine.world);
    assert_memory_equal(world.b, again.b, 32);
}

static uint64_t balance(struct stage *stage, unsigned n)
{
    const struct cy_account *account =
        CY_GET(&stage->place->cell.engine.world, account, &stage->money.account[n]);

    return (uint64_t)account->balance;
}

/* --- many clients --- */

#define ACTS 120

enum sort { VALID, FORGED, MALFORMED, DRY, TOO_MUCH, AGAIN, SORTS };

struct client {
    struct stage *stage;
    unsigned n;
    pthread_t thread;
    enum sort sort[ACTS];
    unsigned of[ACTS]; /* AGAIN: which one */
    uint8_t bytes[ACTS][1024];
    size_t size[ACTS];
    struct sent sent[ACTS];
};

static void *client_main(void *arg)
{
    struct client *client = arg;

    for (unsigned i = 0; i < ACTS; i++)
        (void)!cy_ok(submit(client->stage, cy_span_of(client->bytes[i], client->size[i]),
                            client->sort[i] == DRY, &client->sent[i]));
    return NULL;
}

static void prepare(struct client *client)
{
    unsigned last_valid = ACTS;

    for (unsigned i = 0; i < ACTS; i++) {
        const unsigned to = client->n % CLIENTS + 1;
        const enum sort sort = last_valid == ACTS ? VALID : (i * 7 + client->n) % SORTS;

        client->sort[i] = sort;
        client->size[i] = transfer(client->stage, client->n, to, sort == TOO_MUCH ? 100000000 : 1,
                                   client->bytes[i], sizeof client->bytes[i]);
        if (sort == FORGED)
            client->bytes[i][client->size[i] - 9] ^= 2;
        if (sort == MALFORMED)
            client->size[i] -= 5;
        if (sort == AGAIN) {
            client->of[i] = last_valid;
            client->size[i] = client->size[last_valid];
            memcpy(client->bytes[i], client->bytes[last_valid], client->size[i]);
        }
        if (sort == VALID)
            last_valid = i;
    }
}

static void judge_client(const struct client *client, unsigned *valid)
{
    static const enum cy_code want[SORTS] = {CY_E_NONE, CY_E_BAD_SIGNATURE, CY_E_SHORT,
                                             CY_E_NONE, CY_E_INSUFFICIENT,  CY_E_NONE};
    uint64_t last = 0;

    for (unsigned i = 0; i < ACTS; i++) {
        const struct sent *sent = &client->sent[i];

        assert_int_equal(sent->answers, 1);
        if (sent->code != want[client->sort[i]])
            print_error("act %u of sort %u: %s\n", i, (unsigned)client->sort[i],
                        cy_err_info(sent->code)->name);
        assert_int_equal(sent->code, want[client->sort[i]]);
        assert_int_equal(sent->repeated, client->sort[i] == AGAIN);
        if (client->sort[i] == VALID) {
            assert_true(sent->at > last); /* the order they were sent in */
            last = sent->at;
            (*valid)++;
        }
        if (client->sort[i] == AGAIN)
            assert_int_equal(sent->at, client->sent[client->of[i]].at);
        if (client->sort[i] == DRY) {
            assert_non_null(sent->effects);
            assert_non_null(strstr(sent->effects, "\"account\""));
        }
        free(sent->effects);
    }
}

static void every_act_of_many_clients_is_answered_once(void **s)
{
    struct stage *stage = *s;
    struct client *clients = calloc(CLIENTS, sizeof *clients);
    unsigned valid = 0;
    uint64_t sum = 0;

    for (unsigned c = 0; c < CLIENTS; c++) {
        clients[c].stage = stage;
        clients[c].n = c + 1;
        prepare(&clients[c]);
    }
    start_threads(stage);
    for (unsigned c = 0; c < CLIENTS; c++)
        assert_int_equal(pthread_create(&clients[c].thread, NULL, client_main, &clients[c]), 0);
    for (unsigned c = 0; c < CLIENTS; c++)
        pthread_join(clients[c].thread, NULL);
    assert_true(wait_answers(stage, CLIENTS * ACTS, 50));
    assert_int_equal(cy_sequencer_waiting(stage->sequencer), 0);
    assert_ok(cy_sequencer_trouble(stage->sequencer));
    reopen(stage);
    for (unsigned c = 0; c < CLIENTS; c++)
        judge_client(&clients[c], &valid);
    assert_true(valid > CLIENTS * ACTS / SORTS / 2);
    for (unsigned c = 1; c <= CLIENTS; c++)
        sum += balance(stage, c);
    assert_int_equal(sum, CLIENTS * 1000000);
    assert_int_equal(stage->place->cell.head.size, stage->place->cell.size);
    free(clients);
}

/* --- the door --- */

static void a_full_queue_says_so(void **s)
{
    struct stage *stage = *s;
    uint8_t bytes[1024];
    struct sent sent[32];
    unsigned in = 0;
    unsigned out = 0;

    stage->options.queue_max = 8;
    stage->signer_waits = true;
    start_threads(stage);
    for (unsigned i = 0; i < 32; i++) {
        const size_t n = transfer(stage, 1, 2, 1, bytes, sizeof bytes);
        const cy_err err = submit(stage, cy_span_of(bytes, n), false, &sent[i]);

        if (cy_ok(err)) {
            in++;
        } else {
            assert_code(err, QUEUE_FULL);
            out++;
        }
    }
    assert_int_equal(in, 8);
    assert_int_equal(out, 24);
    assert_int_equal(cy_sequencer_waiting(stage->sequencer), 8);
    pthread_mutex_lock(&stage->lock);
    stage->signer_waits = false;
    pthread_cond_broadcast(&stage->change);
    pthread_mutex_unlock(&stage->lock);
    assert_true(wait_answers(stage, 8, 20));
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(sent[i].code, CY_E_NONE);
    assert_int_equal(cy_sequencer_waiting(stage->sequencer), 0);
}

static void *reader_main(void *arg)
{
    struct stage *stage = arg;

    (void)cy_sequencer_read(stage->sequencer);
    cy_sequencer_read_end(stage->sequencer);
    pthread_mutex_lock(&stage->lock);
    stage->read = true;
    pthread_mutex_unlock(&stage->lock);
    return NULL;
}

/* A silent signer fills the journal's buffer; who only reads does not wait for it. */
static void reading_does_not_wait_for_a_signer(void **s)
{
    enum { N = 1600 }; /* more than the buffers hold */
    struct stage *stage = *s;
    struct sent *sent = calloc(N, sizeof *sent);
    uint8_t bytes[1024];
    pthread_t reader;
    bool read = false;

    stage->signer_waits = true;
    start_threads(stage);
    for (unsigned i = 0; i < N; i++) {
        const size_t n =
            transfer(stage, 1 + i % CLIENTS, 1 + (i + 1) % CLIENTS, 1, bytes, sizeof bytes);

        assert_ok(submit(stage, cy_span_of(bytes, n), false, &sent[i]));
    }
    usleep(500000); /* the sequencer accepts until it must wait */
    assert_int_equal(pthread_create(&reader, NULL, reader_main, stage), 0);
    for (unsigned i = 0; i < 100 && !read; i++) {
        usleep(20000);
        pthread_mutex_lock(&stage->lock);
        read = stage->read;
        pthread_mutex_unlock(&stage->lock);
    }
    pthread_mutex_lock(&stage->lock);
    stage->signer_waits = false;
    pthread_cond_broadcast(&stage->change);
    pthread_mutex_unlock(&stage->lock);
    pthread_join(reader, NULL);
    assert_true(wait_answers(stage, N, 20));
    for (unsigned i = 0; i < N; i++)
        assert_int_equal(sent[i].code, CY_E_NONE);
    assert_true(read);
    free(sent);
}

static void a_repeat_while_its_commit_is_out_waits_for_the_head(void **s)
{
    struct stage *stage = *s;
    uint8_t bytes[1024];
    struct sent first;
    struct sent again;
    const size_t n = transfer(stage, 1, 2, 1, bytes, sizeof bytes);

    stage->options.tick_ms = 50000; /* no tick comes to help */
    stage->signer_waits = true;
    start_threads(stage);
    assert_ok(submit(stage, cy_span_of(bytes, n), false, &first));
    usleep(100000);
    assert_ok(submit(stage, cy_span_of(bytes, n), false, &again));
    usleep(100000);
    pthread_mutex_lock(&stage->lock);
    assert_int_equal(stage->answered, 0); /* no receipt before the head */
    stage->signer_waits = false;
    pthread_cond_broadcast(&stage->change);
    pthread_mutex_unlock(&stage->lock);
    assert_true(wait_answers(stage, 2, 10));
    assert_int_equal(first.code, CY_E_NONE);
    assert_int_equal(again.code, CY_E_NONE);
    assert_true(again.repeated);
    assert_int_equal(first.at, again.at);
}

static void stopping_under_load_answers_everything(void **s)
{
    struct stage *stage = *s;
    enum { N = 1500 };
    struct sent *sent = calloc(N, sizeof *sent);
    uint8_t(*bytes)[1024] = calloc(N, 1024);
    size_t size[N];
    unsigned in = 0;
    unsigned done = 0;

    for (unsigned i = 0; i < N; i++)
        size[i] = transfer(stage, 1 + i % CLIENTS, 1 + (i + 1) % CLIENTS, 1, bytes[i], 1024);
    start_threads(stage);
    for (unsigned i = 0; i < N; i++) {
        in += cy_ok(submit(stage, cy_span_of(bytes[i], size[i]), false, &sent[i]));
    }
    assert_int_equal(in, N);
    assert_true(cy_sequencer_waiting(stage->sequencer) > N / 10); /* it is under load */
    stop_threads(stage);
    assert_int_equal(stage->answered, in);
    for (unsigned i = 0; i < in; i++) {
        assert_int_equal(sent[i].answers, 1);
        done += sent[i].code == CY_E_NONE;
    }
    assert_int_equal(done, in); /* nothing failed: all of them are in the ledger */
    reopen(stage);
    free(bytes);
    free(sent);
}

/* --- work between acts --- */

struct proving {
    struct stage *stage;
    enum cy_code code;
    bool verified;
};

static void prove_account(void *self, struct cy_cell *cell)
{
    struct proving *proving = self;
    const struct cy_id *key = &proving->stage->money.account[2];
    char memory[32768];
    struct cy_text proof = cy_text_on(memory, sizeof memory);
    uint8_t value[CY_STATE_VALUE_MAX];
    struct cy_id state_key = cy_state_key(&cy_schema_account, key);

    proving->code = cy_cell_prove(cell, CY_R_account, key, &proof).code;
    proving->verified = cy_ok(cy_ics23_verify_membership(
        &cy_ics23_tendermint, &cell->root, cy_text_bytes(&proof), cy_span_of(state_key.b, 32),
        cy_state_value(&cy_schema_account, CY_GET(&cell->engine.world, account, key), value)));
}

static void work_with_a_fresh_root_can_prove_every_record(void **s)
{
    struct stage *stage = *s;
    uint8_t bytes[1024];
    struct sent sent[20];
    struct proving proving = {.stage = stage};
    const struct cy_world *world = NULL;

    stage->options.tick_ms = 50000;
    start_threads(stage);
    for (unsigned i = 0; i < 20; i++) {
        const size_t n = transfer(stage, 1, 2, 1, bytes, sizeof bytes);

        assert_ok(submit(stage, cy_span_of(bytes, n), false, &sent[i]));
        if (i % 5 == 4) {
            assert_ok(cy_sequencer_run(stage->sequencer, true, prove_account, &proving));
            assert_int_equal(proving.code, CY_E_NONE);
            assert_true(proving.verified);
        }
    }
    assert_true(wait_answers(stage, 20, 20));
    assert_ok(cy_sequencer_settle(stage->sequencer, sent[19].at, 5000));
    assert_code(cy_sequencer_settle(stage->sequencer, sent[19].at + 1000, 50), TIMED_OUT);
    world = cy_sequencer_read(stage->sequencer);
    assert_int_equal(CY_GET(world, account, &stage->money.account[2])->balance, 1000020);
    cy_sequencer_read_end(stage->sequencer);
    assert_true(cy_sequencer_tree(stage->sequencer)->head.size > sent[19].at);
    cy_sequencer_tree_end(stage->sequencer);
    reopen(stage);
}

/* --- trouble --- */

static void a_full_disk_pauses_and_goes_on(void **s)
{
    struct stage *stage = *s;
    uint8_t bytes[1024];
    struct sent sent[60];
    unsigned n_sent = 0;

    start_threads(stage);
    /* so little more that now the journal, now the tiles, now the head have no room */
    for (uint64_t spare = 0; spare < 3000; spare += 150) {
        const size_t n = transfer(stage, 1, 2, 1, bytes, sizeof bytes);
        const unsigned before = n_sent;

        cy_sim_disk_space(stage->place->sim, 0);
        assert_ok(submit(stage, cy_span_of(bytes, n), false, &sent[n_sent++]));
        usleep(20000);
        pthread_mutex_lock(&stage->lock);
        assert_int_equal(stage->answered, before);
        pthread_mutex_unlock(&stage->lock);
        if (spare > 0)
            cy_sim_disk_space(stage->place->sim,
                              cy_sim_disk_written(stage->place->sim) / 4 + spare);
        usleep(10000);
        cy_sim_disk_space(stage->place->sim, UINT64_MAX);
        assert_true(wait_answers(stage, n_sent, 10));
        assert_int_equal(sent[n_sent - 1].code, CY_E_NONE);
        assert_ok(cy_sequencer_trouble(stage->sequencer));
        for (unsigned i = 0; i < 500 && !cy_ok(cy_sequencer_pause(stage->sequencer)); i++)
            usleep(10000); /* a tick may have met the full disk, too */
        assert_ok(cy_sequencer_pause(stage->sequencer));
    }
    reopen(stage);
    for (unsigned i = 0; i < n_sent; i++)
        assert_true(sent[i].at < stage->place->cell.size);
}

/* Each disk call of a commit finds the disk full in turn. A sync is never short of space: there the
 * disk fails for good. */
static void each_call_on_a_full_disk_pauses_or_stops(void **s)
{
    struct stage *stage = *s;
    struct place *place = stage->place;
    uint8_t bytes[1024];
    unsigned paused = 0;
    unsigned stopped = 0;

    for (unsigned call = 1; call < 25; call++) {
        const size_t n = transfer(stage, 1, 2, 1, bytes, sizeof bytes);
        struct sent sent;

        start_threads(stage);
        cy_sim_disk_fail_at(place->sim, call, CY_E_NO_SPACE);
        if (cy_ok(submit(stage, cy_span_of(bytes, n), false, &sent)))
            assert_true(wait_answers(stage, 1, 10));
        else /* a tick met the failure first */
            assert_true(sent.refused_at_door);
        stop_threads(stage);
        if (sent.code == CY_E_NONE) {
            paused++;
            assert_true(place->cell.head.size > sent.at);
        } else {
            assert_int_equal(sent.code, CY_E_DISK_FAILED);
            stopped++;
        }
        place_drop(place);
        cy_sim_disk_power_cut(place->sim, 0);
        assert_ok(place_open(place));
        if (sent.code == CY_E_NONE)
            assert_true(place->cell.size > sent.at);
        assert_ok(place_publish(place));
    }
    assert_true(paused > 5);
    assert_true(stopped > 3);
}

static void a_signer_that_restarts_delays_receipts(void **s)
{
    struct stage *stage = *s;
    uint8_t bytes[1024];
    struct sent sent;
    const size_t n = transfer(stage, 1, 2, 1, bytes, sizeof bytes);

    stage->signer_answers = cy_fail(CY_E_PEER_LOST, 0);
    start_threads(stage);
    assert_ok(submit(stage, cy_span_of(bytes, n), false, &sent));
    for (unsigned i = 0; i < 100 && cy_ok(cy_sequencer_pause(stage->sequencer)); i++)
        usleep(10000);
    assert_code(cy_sequencer_pause(stage->sequencer), PEER_LOST);
    assert_ok(cy_sequencer_trouble(stage->sequencer));
    pthread_mutex_lock(&stage->lock);
    assert_int_equal(stage->answered, 0);
    stage->signer_answers = CY_OK;
    pthread_mutex_unlock(&stage->lock);
    assert_true(wait_answers(stage, 1, 10));
    assert_int_equal(sent.code, CY_E_NONE);
}

static void stopping_does_not_wait_for_a_signer(void **s)
{
    struct stage *stage = *s;
    uint8_t bytes[1024];
    struct sent sent[30];

    stage->signer_answers = cy_fail(CY_E_PEER_LOST, 0);
    start_threads(stage);
    for (unsigned i = 0; i < 30; i++) {
        const size_t n = transfer(stage, 1, 2, 1, bytes, sizeof bytes);

        assert_ok(submit(stage, cy_span_of(bytes, n), false, &sent[i]));
        if (i == 10)
            usleep(50000); /* some are out, some are accepted, some wait */
    }
    stop_threads(stage);
    assert_int_equal(stage->answered, 30);
    for (unsigned i = 0; i < 30; i++)
        assert_int_equal(sent[i].answers, 1);
}

static void a_signer_that_refuses_stops_the_writer(void **s)
{
    struct stage *stage = *s;
    uint8_t bytes[1024];
    struct sent sent;
    size_t n = transfer(stage, 1, 2, 1, bytes, sizeof bytes);

    stage->signer_answers = cy_fail(CY_E_HEAD_CONFLICT, 0);
    start_threads(stage);
    /* the first tick's head may be refused before this act comes to the door */
    if (cy_ok(submit(stage, cy_span_of(bytes, n), false, &sent)))
        assert_true(wait_answers(stage, 1, 10));
    assert_int_equal(sent.code, CY_E_HEAD_CONFLICT);
    for (unsigned i = 0; i < 100 && cy_ok(cy_sequencer_trouble(stage->sequencer)); i++)
        usleep(10000);
    assert_code(cy_sequencer_trouble(stage->sequencer), HEAD_CONFLICT);
    n = transfer(stage, 1, 2, 1, bytes, sizeof bytes);
    assert_code(submit(stage, cy_span_of(bytes, n), false, &sent), HEAD_CONFLICT);
}

/* The n-th disk call of a burst fails for good: everything is answered, the trouble is told, and
 * what was acknowledged is there after a restart. */
static void a_dead_disk_loses_nothing_acknowledged(void **s)
{
    struct stage *stage = *s;
    struct place *place = stage->place;
    enum { N = 30 };
    struct sent sent[N];
    uint8_t bytes[1024];

    for (unsigned call = 1; call < 40; call += 2) {
        uint64_t most = 0;
        unsigned in = 0;

        cy_sim_disk_cut_at_call(place->sim, call);
        start_threads(stage);
        for (unsigned i = 0; i < N; i++) {
            const size_t n =
                transfer(stage, 1 + i % CLIENTS, 1 + (i + 1) % CLIENTS, 1, bytes, sizeof bytes);

            if (cy_ok(submit(stage, cy_span_of(bytes, n), false, &sent[i])))
                in++;
            if (i % 10 == 9)
                usleep(2000);
        }
        assert_true(wait_answers(stage, in, 20));
        stop_threads(stage);
        for (unsigned i = 0; i < N; i++) {
            assert_int_equal(sent[i].answers, sent[i].refused_at_door ? 0 : 1);
            if (sent[i].code == CY_E_NONE && sent[i].at > most)
                most = sent[i].at;
        }
        place_drop(place);
        cy_sim_disk_power_cut(place->sim, call);
        assert_ok(place_open(place));
        assert_true(place->cell.size > most);
        assert_ok(place_publish(place));
    }
}

/* --- memory --- */

void *__real_calloc(size_t n, size_t size);
void *__real_malloc(size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
/* calloc and aligned_alloc of this thread: how many until one fails; -1 = never */
static _Thread_local int fail_in = -1;
static size_t fail_malloc = SIZE_MAX; /* malloc of so many bytes fails */

static bool fails(void)
{
    return fail_in >= 0 && fail_in-- == 0;
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_malloc(size_t size)
{
    return size == __atomic_load_n(&fail_malloc, __ATOMIC_RELAXED) ? NULL : __real_malloc(size);
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(align, size);
}

static void a_start_without_memory_leaves_nothing_behind(void **s)
{
    struct stage *stage = *s;
    unsigned failed = 0;

    for (int i = 0; i < 20; i++) {
        cy_err err = CY_OK;

        fail_in = i;
        err = cy_sequencer_start(&stage->options, &stage->sequencer);
        fail_in = -1;
        if (!cy_ok(err)) {
            assert_code(err, NO_MEMORY);
            assert_null(stage->sequencer);
            failed++;
        }
        stop_threads(stage);
    }
    assert_in_range(failed, 4, 19);
}

/* A batch with a verdict for each of its two acts; the second is refused. */
static enum cy_code send_batch(struct stage *stage)
{
    const unsigned want = stage->answered + 1;
    struct cy_transfer m[2];
    struct cy_any acts[2];
    const struct cy_batch batch = {.mode = CY_batch_mode_EACH, .acts = acts, .n_acts = 2};
    struct sent sent = {.stage = stage};
    struct cy_job *job = NULL;
    uint8_t bytes[4096];
    size_t n = 0;

    for (unsigned k = 0; k < 2; k++) {
        m[k] = (struct cy_transfer){.from = stage->money.account[1],
                                    .to = stage->money.account[2],
                                    .amount = k == 0 ? 1 : 100000000};
        acts[k] = (struct cy_any){&cy_schema_transfer, &m[k]};
    }
    n = build(stage, 1, &cy_schema_batch, &batch, bytes, sizeof bytes);
    job = cy_job_new(cy_span_of(bytes, n));
    job->done = answered;
    job->context = &sent;
    assert_ok(cy_sequencer_submit(stage->sequencer, job));
    assert_true(wait_answers(stage, want, 10));
    return sent.code;
}

static void a_batch_whose_verdicts_have_no_memory_is_refused(void **s)
{
    struct stage *stage = *s;

    stage->options.tick_ms = 50000;
    start_threads(stage);
    __atomic_store_n(&fail_malloc, 2 * sizeof(uint16_t), __ATOMIC_RELAXED);
    assert_int_equal(send_batch(stage), CY_E_NO_MEMORY);
    __atomic_store_n(&fail_malloc, SIZE_MAX, __ATOMIC_RELAXED);
    assert_int_equal(balance(stage, 2), 1000000);
    assert_int_equal(send_batch(stage), CY_E_NONE);
    assert_int_equal(balance(stage, 2), 1000001);
    reopen(stage);
    assert_int_equal(balance(stage, 2), 1000001);
}

/* Acts of three bytes each take ninety times as much decoded: judged like any other. */
static void many_small_acts_in_one(void **s)
{
    struct stage *stage = *s;
    static struct cy_any acts[4000];
    static uint8_t bytes[CY_ENTRY_MAX];
    const struct cy_passport_retire nothing = {{0}};
    const struct cy_batch batch = {
        .mode = CY_batch_mode_EACH, .acts = acts, .n_acts = CY_COUNT(acts)};
    struct sent sent;
    size_t n = 0;

    for (size_t i = 0; i < CY_COUNT(acts); i++)
        acts[i] = (struct cy_any){&cy_schema_passport_retire, &nothing};
    n = build(stage, 1, &cy_schema_batch, &batch, bytes, sizeof bytes);
    assert_true(4096 + n * 4 < CY_COUNT(acts) * (sizeof nothing + sizeof acts[0]));
    stage->options.tick_ms = 50000;
    start_threads(stage);
    assert_ok(submit(stage, cy_span_of(bytes, n), false, &sent));
    assert_true(wait_answers(stage, 1, 20));
    assert_int_equal(sent.code, CY_E_ALL_REFUSED); /* none may stand in a batch */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(every_act_of_many_clients_is_answered_once),
        T(a_full_queue_says_so),
        T(reading_does_not_wait_for_a_signer),
        T(a_repeat_while_its_commit_is_out_waits_for_the_head),
        T(stopping_under_load_answers_everything),
        T(work_with_a_fresh_root_can_prove_every_record),
        T(a_full_disk_pauses_and_goes_on),
        T(each_call_on_a_full_disk_pauses_or_stops),
        T(a_signer_that_restarts_delays_receipts),
        T(stopping_does_not_wait_for_a_signer),
        T(a_signer_that_refuses_stops_the_writer),
        T(a_dead_disk_loses_nothing_acknowledged),
        T(a_start_without_memory_leaves_nothing_behind),
        T(a_batch_whose_verdicts_have_no_memory_is_refused),
        T(many_small_acts_in_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
