#include "host/node/blob_keeper.h"

#include "host/node/node_heads.h"
#include "host/system/log.h"

#include <stdlib.h>
#include <time.h>

#define LOOK_MS 200
#define SETTLE_MS 1000u
#define PAGE 256u
#define PAUSE 50u /* looks left out after one that failed: ten seconds */

struct cy_blob_keeper {
    struct cy_node *node;
    struct cy_blob_store *store;
    struct cy_metric *count;
    struct cy_metric *bytes;
    struct cy_metric *erased;
    uint64_t seen;  /* size of the head after which all was in order */
    unsigned pause; /* looks to leave out */
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t bell;
    struct cy_blob_end *first;
    struct cy_blob_end **last;
    bool stopping;
};

/* What the world says about a blob, copied out; false when it says nothing. */
static bool declared(struct cy_blob_keeper *keeper, const struct cy_id *digest, struct cy_blob *out)
{
    const struct cy_world *world = cy_order_read(&keeper->node->order);
    const struct cy_blob *blob = CY_GET(world, blob, digest);

    if (blob != NULL)
        *out = *blob;
    cy_order_read_end(&keeper->node->order);
    return blob != NULL;
}

cy_err cy_blob_keeper_begin(struct cy_blob_keeper *keeper, const struct cy_id *digest,
                            uint64_t length, struct cy_blob_put **out)
{
    struct cy_blob blob;
    const bool known = declared(keeper, digest, &blob);

    if (known && blob.state == CY_blob_state_HELD && blob.bytes != length)
        return cy_fail(CY_E_BLOB_LENGTH, blob.bytes);
    return cy_blob_put_begin(keeper->store, known ? &blob : NULL, out);
}

cy_err cy_blob_keeper_find(struct cy_blob_keeper *keeper, const struct cy_id *digest)
{
    struct cy_blob blob;

    if (!declared(keeper, digest, &blob))
        return cy_fail(CY_E_BLOB_UNDECLARED, 0);
    if (blob.state != CY_blob_state_HELD)
        return cy_fail(CY_E_BLOB_ERASED, 0);
    return cy_blob_store_has(keeper->store, digest) ? CY_OK : cy_fail(CY_E_BLOB_ABSENT, 0);
}

void cy_blob_keeper_end(struct cy_blob_keeper *keeper, struct cy_blob_end *end)
{
    end->next = NULL;
    pthread_mutex_lock(&keeper->lock);
    *keeper->last = end;
    keeper->last = &end->next;
    pthread_cond_signal(&keeper->bell);
    pthread_mutex_unlock(&keeper->lock);
}

/* --- the thread --- */

static void show_usage(struct cy_blob_keeper *keeper)
{
    uint32_t count = 0;
    uint64_t bytes = 0;

    cy_blob_store_usage(keeper->store, &count, &bytes);
    cy_metric_set(keeper->count, count);
    cy_metric_set(keeper->bytes, (int64_t)bytes);
}

static cy_err erase(struct cy_blob_keeper *keeper, const struct cy_id *digest)
{
    const cy_err done = cy_blob_store_erase(keeper->store, digest);

    if (cy_ok(done)) {
        cy_metric_add(keeper->erased, 1);
        CY_LOG(CY_LOG_INFO, "blobs", cy_log_say("erased"),
               cy_log_hex("digest", digest->b, sizeof digest->b));
    } else {
        CY_LOG(CY_LOG_ERROR, "blobs", cy_log_say("cannot be erased; tried again"),
               cy_log_hex("digest", digest->b, sizeof digest->b), cy_log_code(done));
    }
    return done;
}

static void end_one(struct cy_blob_keeper *keeper, struct cy_blob_end *end)
{
    struct cy_blob blob;
    cy_err done = cy_blob_put_end(end->put);

    if (cy_ok(done) && declared(keeper, &end->digest, &blob) && blob.state != CY_blob_state_HELD) {
        done = cy_fail(CY_E_BLOB_ERASED, 0);
        keeper->seen = 0; /* look again: it is removed like any other */
    }
    show_usage(keeper);
    end->done(end, done);
}

/* Collects what is held here and erased in the world; *size: of the ledger that says so. */
static uint32_t find_erased(struct cy_blob_keeper *keeper, uint32_t *from, struct cy_id *out,
                            uint64_t *size)
{
    struct cy_id held[PAGE];
    const uint32_t n = cy_blob_store_list(keeper->store, *from, held, PAGE);
    const struct cy_world *world = cy_order_read(&keeper->node->order);
    uint32_t n_erased = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct cy_blob *blob = CY_GET(world, blob, &held[i]);

        if (blob != NULL && blob->state != CY_blob_state_HELD)
            out[n_erased++] = held[i];
    }
    *size = keeper->node->cell->size;
    cy_order_read_end(&keeper->node->order);
    *from = n == PAGE ? *from + n : UINT32_MAX;
    return n_erased;
}

/* Erases what a signed head says is erased. False: something is left to be tried again. */
static bool look(struct cy_blob_keeper *keeper)
{
    struct cy_id erased[PAGE];
    uint32_t from = 0;
    bool all = true;
    bool failed = false;

    while (from != UINT32_MAX) {
        uint64_t size = 0;
        const uint32_t n = find_erased(keeper, &from, erased, &size);

        if (n > 0 && !cy_ok(cy_order_settle(&keeper->node->order, size - 1, SETTLE_MS)))
            return false;
        for (uint32_t i = 0; i < n; i++)
            failed = !cy_ok(erase(keeper, &erased[i])) || failed;
        /* removing moved others into the places that were looked at */
        all = all && (n == 0 || from == UINT32_MAX);
    }
    show_usage(keeper);
    if (failed)
        keeper->pause = PAUSE;
    return all && !failed;
}

static void look_when_new(struct cy_blob_keeper *keeper)
{
    struct cy_node_head head;

    if (keeper->pause > 0) {
        keeper->pause--;
        return;
    }
    cy_node_head(keeper->node, &head);
    if (head.size == keeper->seen)
        return;
    if (look(keeper))
        keeper->seen = head.size;
}

static void *serve(void *arg)
{
    struct cy_blob_keeper *keeper = arg;

    pthread_mutex_lock(&keeper->lock);
    while (keeper->first != NULL || !keeper->stopping) {
        struct cy_blob_end *end = keeper->first;
        struct timespec until;

        if (end != NULL) {
            keeper->first = end->next;
            if (keeper->first == NULL)
                keeper->last = &keeper->first;
        } else {
            clock_gettime(CLOCK_REALTIME, &until);
            until.tv_nsec += LOOK_MS * 1000000L;
            until.tv_sec += until.tv_nsec / 1000000000L;
            until.tv_nsec %= 1000000000L;
            (void)pthread_cond_timedwait(&keeper->bell, &keeper->lock, &until);
        }
        pthread_mutex_unlock(&keeper->lock);
        if (end != NULL)
            end_one(keeper, end);
        else
            look_when_new(keeper);
        pthread_mutex_lock(&keeper->lock);
    }
    pthread_mutex_unlock(&keeper->lock);
    return NULL;
}

/* --- life --- */

cy_err cy_blob_keeper_start(struct cy_node *node, struct cy_blob_keeper **out)
{
    const struct cy_blob_limits limits = {.bytes_max = (uint64_t)node->config->blob_bytes_max,
                                          .total = (uint64_t)node->config->blob_total,
                                          .count_max = (uint32_t)node->config->blob_count};
    struct cy_blob_keeper *keeper = calloc(1, sizeof *keeper);
    cy_err done = CY_OK;

    *out = NULL;
    if (keeper == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    keeper->node = node;
    keeper->last = &keeper->first;
    (void)pthread_mutex_init(&keeper->lock, NULL);
    (void)pthread_cond_init(&keeper->bell, NULL);
    keeper->count =
        cy_metrics_gauge(node->metrics, "comity_blobs", "", "Encrypted blobs held here.");
    keeper->bytes = cy_metrics_gauge(node->metrics, "comity_blob_bytes", "",
                                     "Bytes of the encrypted blobs held here.");
    keeper->erased = cy_metrics_counter(node->metrics, "comity_blobs_erased_total", "",
                                        "Blobs whose file was removed because an act erased them.");
    done = cy_blob_store_open(&node->disk, &limits, &keeper->store);
    if (cy_ok(done)) {
        show_usage(keeper);
        keeper->runs = pthread_create(&keeper->thread, NULL, serve, keeper) == 0;
        done = keeper->runs ? CY_OK : cy_fail(CY_E_NO_MEMORY, 0);
    }
    if (!cy_ok(done)) {
        cy_blob_keeper_stop(keeper);
        return done;
    }
    *out = keeper;
    return CY_OK;
}

void cy_blob_keeper_stop(struct cy_blob_keeper *keeper)
{
    if (keeper == NULL)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->stopping = true;
    pthread_cond_signal(&keeper->bell);
    pthread_mutex_unlock(&keeper->lock);
    if (keeper->runs)
        pthread_join(keeper->thread, NULL);
    cy_blob_store_close(keeper->store);
    (void)pthread_cond_destroy(&keeper->bell);
    (void)pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}
