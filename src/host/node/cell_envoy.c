#include "host/node/cell_envoy.h"

#include "host/json/act_json.h"
#include "host/json/json.h"
#include "host/node/deadline.h"
#include "host/system/log.h"
#include "kernel/act.h"
#include "wire/tlog_proof.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define POSTS_MAX 16u  /* looked at in one round */
#define LOOK_BACK 64u  /* entries of the cell that are read for its newest state root */
#define ROUND_MS 1000u /* the longest time between two looks into the inbox */
#define ANSWER_MS 5000u
#define ROOM ((size_t)1 << 20)

struct post {
    struct cy_id id;
    uint64_t at; /* of the inbox_post act in the federation's ledger */
};

struct cy_cell_envoy {
    struct cy_cell_envoy_options options;
    struct cy_client *client;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    struct cy_cell_envoy_status status;
    /* of the thread alone */
    struct cy_id realm;
    cy_time now; /* the ledger's */
    cy_time epoch_at;
    struct post posts[POSTS_MAX];
    uint32_t n_posts;
    uint8_t *memory; /* ROOM, for decoding */
    uint8_t *entry;  /* CY_ENTRY_MAX */
    uint8_t *act;    /* CY_ENTRY_MAX */
};

/* --- the federation --- */

static bool for_us(const struct cy_cell_envoy *e, const struct cy_inbox *post)
{
    return post->state == CY_inbox_state_OPEN &&
           cy_span_eq(cy_name_text(&post->cell), cy_span_text(e->options.seat));
}

/* What is posted for the cell and waits. */
static void look(struct cy_cell_envoy *e)
{
    const struct cy_world *world = cy_order_read(e->options.order);
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});
    uint32_t open = 0;
    uint32_t late = 0;
    uint64_t seat = 0;

    e->n_posts = 0;
    for (uint32_t i = 0; realm != NULL && i < cy_world_count(world, CY_R_inbox); i++) {
        const struct cy_inbox *post = cy_world_at(world, CY_R_inbox, i);

        if (!for_us(e, post))
            continue;
        open++;
        late += post->until < realm->now;
        if (e->n_posts < POSTS_MAX)
            e->posts[e->n_posts++] = (struct post){post->id, post->ledger_at};
    }
    if (realm != NULL) {
        e->realm = realm->id;
        e->now = realm->now;
    }
    (void)cy_seat_signer_choose(e->options.signer, world, &seat); /* its keys may be new ones */
    cy_order_read_end(e->options.order);
    pthread_mutex_lock(&e->lock);
    e->status.open = open;
    e->status.late = late;
    pthread_mutex_unlock(&e->lock);
}

struct handing_in {
    struct cy_federation *federation;
    struct cy_span act;
    cy_err err;
};

static void hand_in(void *self, struct cy_cell *cell)
{
    struct handing_in *h = self;
    struct cy_id id;

    (void)cell;
    h->err = cy_federation_submit(h->federation, h->act, &id);
}

/* Signs by the seat and hands in. Fails as the judge does, or with trouble. */
static cy_err say(struct cy_cell_envoy *e, const struct cy_schema *schema, const void *message)
{
    struct handing_in h = {.federation = e->options.federation};
    size_t n = 0;

    CY_TRY(cy_seat_sign_act(e->options.signer, &e->realm, schema, message, e->now, e->act,
                            CY_ENTRY_MAX, &n));
    h.act = cy_span_of(e->act, n);
    CY_TRY(cy_order_run(e->options.order, false, hand_in, &h));
    return h.err;
}

/* --- the cell --- */

/* False when the daemon stops: nobody waits for an answer then. */
static bool wanted(void *user)
{
    struct cy_cell_envoy *e = user;
    bool on = false;

    pthread_mutex_lock(&e->lock);
    on = !e->stopping;
    pthread_mutex_unlock(&e->lock);
    return on;
}

/* GET without a body, POST with one. */
static cy_err ask(struct cy_cell_envoy *e, const char *path, struct cy_span body,
                  struct cy_client_answer *answer)
{
    char url[1200];
    const struct cy_client_request request = {.url = url,
                                              .pin = e->options.pin[0] == 0 ? NULL : e->options.pin,
                                              .method = body.n > 0 ? "POST" : NULL,
                                              .body = body,
                                              .connect_ms = ANSWER_MS,
                                              .total_ms = 3 * ANSWER_MS,
                                              .wanted = wanted,
                                              .user = e};

    *answer = (struct cy_client_answer){0};
    if (snprintf(url, sizeof url, "%s%s", e->options.url, path) >= (int)sizeof url)
        return cy_fail(CY_E_BAD_URL, 0);
    return cy_client_do(e->client, &request, answer);
}

static cy_err ask_json(struct cy_cell_envoy *e, const char *path, struct cy_span body, json_t **out)
{
    static const struct cy_json_limits limits = {.size_max = ROOM, .depth_max = 64};
    struct cy_client_answer answer;
    struct cy_json_fault fault;
    cy_err err = ask(e, path, body, &answer);

    *out = NULL;
    if (cy_ok(err))
        err = cy_json_parse(cy_span_of(answer.body, answer.n), &limits, out, &fault);
    cy_client_answer_free(&answer);
    return err;
}

/* --- epochs --- */

/* The state root in an entry that records one; none. */
static struct cy_id root_in(struct cy_cell_envoy *e, struct cy_span entry)
{
    struct cy_arena arena = cy_arena_on(e->memory, ROOM);
    struct cy_act act;

    if (!cy_ok(cy_act_read(entry, &arena, &act)) || act.any.schema != &cy_schema_tick)
        return (struct cy_id){{0}};
    return ((const struct cy_tick *)act.any.message)->state_root;
}

/* The newest state root that the cell recorded; none when there is none among the last entries. */
static struct cy_id state_root(struct cy_cell_envoy *e, uint64_t size)
{
    struct cy_id root = {{0}};

    for (uint64_t i = 0; i < LOOK_BACK && i < size && cy_id_none(&root); i++) {
        struct cy_client_answer answer;
        char path[64];

        (void)snprintf(path, sizeof path, "/v1/acts/%llu/raw", (unsigned long long)(size - 1 - i));
        if (!cy_ok(ask(e, path, (struct cy_span){0}, &answer)))
            i = LOOK_BACK;
        else
            root = root_in(e, cy_span_of(answer.body, answer.n));
        cy_client_answer_free(&answer);
    }
    return root;
}

/* What the record of the cell's realm says of breaker, constitution and rules. */
static cy_err read_realm(struct cy_cell_envoy *e, struct cy_epoch *epoch)
{
    struct cy_arena arena = cy_arena_on(e->memory, ROOM);
    struct cy_realm realm = {0};
    json_t *page = NULL;
    char *text = NULL;
    cy_err err = ask_json(e, "/v1/records/realm", (struct cy_span){0}, &page);

    if (cy_ok(err)) {
        text = json_dumps(json_array_get(json_object_get(page, "items"), 0), JSON_COMPACT);
        err = text == NULL
                  ? cy_fail(CY_E_PEER_ANSWER, 0)
                  : cy_struct_from_json(&cy_schema_realm, cy_span_text(text), &arena, &realm, NULL);
    }
    epoch->breaker = realm.breaker;
    epoch->constitution = realm.constitution;
    epoch->rules = realm.rules;
    free(text);
    json_decref(page);
    return err;
}

/* Reads where the cell stands; the head lies in the answer. */
static cy_err read_cell(struct cy_cell_envoy *e, struct cy_epoch *epoch,
                        struct cy_client_answer *head)
{
    struct cy_checkpoint checkpoint;
    struct cy_note note;

    CY_TRY(ask(e, "/checkpoint", (struct cy_span){0}, head));
    epoch->head = cy_span_of(head->body, head->n);
    CY_TRY(cy_note_read(epoch->head, &note));
    CY_TRY(cy_checkpoint_read(note.text, &checkpoint));
    CY_TRY(cy_name_of(checkpoint.origin, &epoch->origin));
    epoch->size = checkpoint.size;
    epoch->root = checkpoint.root;
    CY_TRY(read_realm(e, epoch));
    epoch->state_root = state_root(e, checkpoint.size);
    return CY_OK;
}

static void send_epoch(struct cy_cell_envoy *e)
{
    struct cy_client_answer head = {0};
    struct cy_epoch epoch = {0};
    cy_err err = CY_OK;
    const cy_err cell = read_cell(e, &epoch, &head);

    if (cy_ok(cell))
        err = say(e, &cy_schema_epoch, &epoch);
    cy_client_answer_free(&head);
    pthread_mutex_lock(&e->lock);
    if (!cy_ok(err) && err.code != e->status.epoch.code)
        CY_LOG(CY_LOG_WARN, "envoy", cy_log_say("the federation takes no record of the own cell"),
               cy_log_code(err));
    if (!cy_ok(cell) && cell.code != e->status.cell.code)
        CY_LOG(CY_LOG_WARN, "envoy", cy_log_say("the own cell does not answer"), cy_log_code(cell));
    e->status.epoch = err;
    e->status.cell = cell;
    e->status.epochs += cy_ok(err) && cy_ok(cell);
    pthread_mutex_unlock(&e->lock);
}

/* --- the inbox --- */

/* The act that was posted; empty when only its digest was. It lies in e->memory. */
static cy_err read_post(struct cy_cell_envoy *e, const struct post *post, struct cy_span *act)
{
    struct cy_cell *cell = cy_order_tree(e->options.order);
    struct cy_arena arena = cy_arena_on(e->memory, ROOM);
    struct cy_disk_fault fault;
    struct cy_act read;
    size_t n = 0;
    const cy_err err = cy_tree_entry(&cell->tree, post->at, e->entry, CY_ENTRY_MAX, &n, &fault);

    cy_order_tree_end(e->options.order);
    CY_TRY(err);
    CY_TRY(cy_act_read(cy_span_of(e->entry, n), &arena, &read));
    if (read.any.schema != &cy_schema_inbox_post)
        return cy_fail(CY_E_NO_NOUN, post->at);
    *act = ((const struct cy_inbox_post *)read.any.message)->entry;
    return CY_OK;
}

/* A rule of the realm refused it (of wire, crypto, kernel or an institution: err.def), not a server
 * on the way, nor a lack of room. */
static bool by_rule(cy_err err, unsigned status)
{
    const bool rule = (err.code >= 100 && err.code < 300) || (err.code >= 400 && err.code < 700) ||
                      err.code >= 1000;

    return rule && status >= 400 && status < 500 && cy_err_info(err.code)->kind == CY_ERR_refusal;
}

/* Hands the act to the cell; *index is its place there. */
static cy_err deliver(struct cy_cell_envoy *e, struct cy_span act, uint64_t *index, bool *rule)
{
    static const struct cy_json_limits limits = {.size_max = ROOM, .depth_max = 64};
    struct cy_client_answer answer;
    struct cy_json_fault fault;
    json_t *receipt = NULL;
    cy_err err = ask(e, "/v1/acts", act, &answer);

    *rule = !cy_ok(err) && by_rule(err, answer.problem.status);
    if (cy_ok(err))
        err = cy_json_parse(cy_span_of(answer.body, answer.n), &limits, &receipt, &fault);
    if (cy_ok(err))
        err = cy_json_get_u64(receipt, "index", true, UINT64_MAX, index, &fault);
    json_decref(receipt);
    cy_client_answer_free(&answer);
    return err;
}

/* Answers with the place of the act in the cell, and the path to the head that comes with it. */
static cy_err prove(struct cy_cell_envoy *e, const struct post *post, uint64_t index)
{
    struct cy_inbox_done done = {.post = post->id, .index = index};
    struct cy_client_answer answer;
    struct cy_tlog_proof proof;
    char path[64];
    cy_err err = CY_OK;

    (void)snprintf(path, sizeof path, "/v1/proofs/%llu", (unsigned long long)index);
    err = ask(e, path, (struct cy_span){0}, &answer);
    if (cy_ok(err))
        err = cy_tlog_proof_read(cy_span_of(answer.body, answer.n), &proof);
    if (cy_ok(err)) {
        done.path = cy_span_of((const uint8_t *)proof.path, proof.n * sizeof proof.path[0]);
        done.head = proof.checkpoint;
        err = say(e, &cy_schema_inbox_done, &done);
    }
    cy_client_answer_free(&answer);
    return err;
}

static void serve(struct cy_cell_envoy *e, const struct post *post)
{
    struct cy_span act = {0};
    uint64_t index = 0;
    bool rule = false;
    cy_err said = CY_OK;
    cy_err cell = read_post(e, post, &act);

    if (cy_ok(cell) && act.n == 0)
        return;
    if (cy_ok(cell))
        cell = deliver(e, act, &index, &rule);
    if (cy_ok(cell))
        said = prove(e, post, index);
    else if (rule)
        said = say(e, &cy_schema_inbox_done,
                   &(struct cy_inbox_done){.post = post->id, .refused = (uint32_t)cell.code});
    if (said.code == CY_E_REPLAY || said.code == CY_E_INBOX_ANSWERED)
        return; /* it is on its way, or others were quicker */
    CY_LOG(cy_ok(said) && (cy_ok(cell) || rule) ? CY_LOG_INFO : CY_LOG_WARN, "envoy",
           cy_log_say("an act that was posted for the own cell"),
           cy_log_code(cy_ok(said) ? cell : said), cy_log_number("entry", (int64_t)index));
    pthread_mutex_lock(&e->lock);
    e->status.answered += cy_ok(said) && cy_ok(cell);
    e->status.refused += cy_ok(said) && rule;
    if (!rule)
        e->status.cell = cell;
    pthread_mutex_unlock(&e->lock);
}

/* --- the thread --- */

static unsigned pause_ms(const struct cy_cell_envoy *e)
{
    return e->options.epoch_ms < ROUND_MS ? e->options.epoch_ms : ROUND_MS;
}

/* False: it is time to stop. */
static bool rest(struct cy_cell_envoy *e)
{
    struct timespec until;
    bool go_on = false;

    cy_deadline(&until, pause_ms(e));
    pthread_mutex_lock(&e->lock);
    while (!e->stopping && pthread_cond_timedwait(&e->changed, &e->lock, &until) != ETIMEDOUT)
        continue;
    go_on = !e->stopping;
    pthread_mutex_unlock(&e->lock);
    return go_on;
}

static void *envoy_main(void *arg)
{
    struct cy_cell_envoy *e = arg;

    while (rest(e)) {
        const cy_time now = e->options.now();

        look(e);
        if (cy_id_none(&e->realm))
            continue;
        for (uint32_t i = 0; i < e->n_posts; i++)
            serve(e, &e->posts[i]);
        if (now < e->epoch_at + e->options.epoch_ms && now >= e->epoch_at)
            continue;
        e->epoch_at = now;
        send_epoch(e);
    }
    return NULL;
}

static void release(struct cy_cell_envoy *e)
{
    cy_client_free(e->client);
    free(e->memory);
    free(e->entry);
    free(e->act);
    free(e);
}

cy_err cy_cell_envoy_start(const struct cy_cell_envoy_options *options, struct cy_cell_envoy **out)
{
    struct cy_cell_envoy *e = calloc(1, sizeof *e);
    pthread_condattr_t monotonic;

    *out = NULL;
    if (e == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    e->options = *options;
    e->status.here = true;
    e->client = cy_client_new();
    e->memory = malloc(ROOM);
    e->entry = malloc(CY_ENTRY_MAX);
    e->act = malloc(CY_ENTRY_MAX);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (e->client == NULL || e->memory == NULL || e->entry == NULL || e->act == NULL ||
        pthread_create(&e->thread, NULL, envoy_main, e) != 0) {
        release(e);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    *out = e;
    return CY_OK;
}

void cy_cell_envoy_stop(struct cy_cell_envoy *e)
{
    if (e == NULL)
        return;
    pthread_mutex_lock(&e->lock);
    e->stopping = true;
    pthread_cond_broadcast(&e->changed);
    pthread_mutex_unlock(&e->lock);
    pthread_join(e->thread, NULL);
    cy_seat_signer_close(e->options.signer);
    release(e);
}

void cy_cell_envoy_status(struct cy_cell_envoy *e, struct cy_cell_envoy_status *out)
{
    *out = (struct cy_cell_envoy_status){0};
    if (e == NULL)
        return;
    pthread_mutex_lock(&e->lock);
    *out = e->status;
    pthread_mutex_unlock(&e->lock);
}
