#include "host/node/node_federation.h"

#include "host/node/node_cell.h"
#include "host/system/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SIGNER_TRIES 100 /* of 100 ms */
#define BEAT_MS 200u
#define SESSION_FILE "session"
#define POOL_BYTES ((size_t)64 << 20)

/* --- heads --- */

static void set_head(struct cy_node_head *at, const struct cy_head *head)
{
    at->size = head->size;
    at->root = head->root;
    at->cosigned = 0;
    at->at = cy_node_now();
    at->n = head->n;
    memcpy(at->note, head->note, head->n);
}

/* What is agreed is durable and will be final; what is final is published, and told to listeners.
 */
static void published(void *self, const struct cy_head *head, bool final)
{
    struct cy_node *node = self;
    struct cy_feed *feed = NULL;
    uint64_t from = 0;

    pthread_mutex_lock(&node->lock);
    from = node->final.size;
    if (final && head->size >= from) {
        set_head(&node->final, head);
        feed = node->feed;
    }
    if (head->size >= node->head.size)
        set_head(&node->head, head);
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
    if (feed != NULL && head->size > from)
        cy_feed_tell(feed, node->cell, from, head);
}

void cy_node_final(struct cy_node *node, struct cy_node_head *out)
{
    pthread_mutex_lock(&node->lock);
    *out = node->final;
    pthread_mutex_unlock(&node->lock);
}

/* --- opening --- */

static cy_err read_genesis(const char *path, uint8_t *out, size_t *n, struct cy_text *why)
{
    FILE *file = fopen(path, "re");

    *n = file == NULL ? 0 : fread(out, 1, CY_ENTRY_MAX, file);
    if (file != NULL)
        (void)fclose(file);
    if (*n > 0)
        return CY_OK;
    return cy_node_explain(why, path, cy_fail(CY_E_NO_FILE, 0));
}

static cy_err open_signer(struct cy_node *node, struct cy_seat_signer **out, struct cy_text *why)
{
    const struct cy_daemon_config *config = node->config;
    const struct cy_seat_labels labels = {
        config->federation_label_act, config->federation_label_vote,
        config->federation_label_cosign, config->federation_label_peer};
    const char *const in_order[] = {labels.act, labels.vote, labels.cosign, labels.peer};
    const struct timespec pause = {0, 100000000};
    cy_err err = cy_seat_signer_open(config->signer, &labels, config->origin, out);

    /* both are often started at once, and the signer first works on its passphrase */
    for (int i = 0; err.code == CY_E_PEER_CONNECT && i < SIGNER_TRIES; i++) {
        (void)nanosleep(&pause, NULL);
        err = cy_seat_signer_open(config->signer, &labels, config->origin, out);
    }
    if (err.code == CY_E_SIGNER_KEY && err.detail < CY_COUNT(in_order)) {
        cy_text_add(why, "the signer holds no key of its purpose labelled ");
        cy_text_add(why, in_order[err.detail]);
    }
    return cy_ok(err) ? CY_OK
                      : cy_node_explain(why,
                                        "comity-signer does not answer (is it running on this "
                                        "socket?)",
                                        err);
}

static cy_err learn_peers(struct cy_node *node, struct cy_text *why)
{
    const struct cy_config_list *list = &node->config->federation_peers;

    node->peers = calloc(list->n + 1, sizeof *node->peers);
    if (node->peers == NULL)
        return cy_node_explain(why, "memory", cy_fail(CY_E_NO_MEMORY, 0));
    for (size_t i = 0; i < list->n; i++)
        node->peers[i] = (struct cy_post_peer){list->at[i].cells[CY_FEDERATION_PEER_SEAT],
                                               list->at[i].cells[CY_FEDERATION_PEER_URL],
                                               list->at[i].cells[CY_FEDERATION_PEER_PIN]};
    return CY_OK;
}

static cy_err make_federator(struct cy_node *node, struct cy_seat_signer *signer,
                             struct cy_text *why)
{
    const struct cy_daemon_config *config = node->config;
    const struct cy_federator_options options = {
        .signer = signer,
        .peers = node->peers,
        .n_peers = (uint32_t)config->federation_peers.n,
        .queue_max = (size_t)config->commit_queue,
        .answer_ms = (unsigned)config->wait_witnessed_ms,
        .beat_ms = BEAT_MS,
        .metrics = node->metrics,
        .now = cy_node_now,
        .published = published,
        .published_self = node,
    };
    const cy_err err = cy_federator_new(&options, &node->federator);

    if (cy_ok(err))
        return CY_OK;
    cy_seat_signer_close(signer);
    return cy_node_explain(why, "memory", err);
}

/* A number that is larger at each start, also where the clock was set back: others drop packets of
 * an older session as repeated. */
static cy_err next_session(struct cy_node *node, uint64_t *session, struct cy_text *why)
{
    uint8_t bytes[8] = {0};
    size_t n = 0;
    cy_err err = cy_disk_read_all(&node->disk, SESSION_FILE, bytes, sizeof bytes, &n);

    *session = cy_node_now();
    if (cy_ok(err) && n == sizeof bytes && cy_get_u64be(bytes) >= *session)
        *session = cy_get_u64be(bytes) + 1;
    cy_put_u64be(bytes, *session);
    err = cy_disk_make_dirs(&node->disk, "fresh");
    if (cy_ok(err))
        err = cy_disk_replace(&node->disk, SESSION_FILE, "fresh/session",
                              cy_span_of(bytes, sizeof bytes));
    return cy_ok(err) ? CY_OK : cy_node_explain(why, node->config->data, err);
}

static cy_err open_ledger(struct cy_node *node, const struct cy_seat_signer *signer,
                          const struct cy_institution *const *roster, size_t n_roster,
                          struct cy_span genesis, struct cy_text *why)
{
    const struct cy_daemon_config *config = node->config;
    struct cy_disk_fault fault = {.path = ""};
    struct cy_federation_options options = {
        .world = cy_federator_world(node->federator),
        .peer_key = cy_seat_signer_keys(signer)->peer,
        .pool_acts = (uint32_t)config->federation_pool,
        .pool_bytes = POOL_BYTES,
        .propose_ms = (uint32_t)config->federation_propose_ms,
        .vote_ms = (uint32_t)config->federation_vote_ms,
        .beat_ms = BEAT_MS,
    };
    struct cy_node_room room;
    struct cy_arena fresh;
    cy_err err = CY_OK;

    CY_TRY(cy_node_room(node, roster, n_roster, &room, why));
    if (room.options.batch_bytes < 2 * CY_BLOCK_BYTES_MAX) /* a block is one commit */
        room.options.batch_bytes = 2 * CY_BLOCK_BYTES_MAX;
    options.cell = room.options;
    CY_TRY(cy_node_place(node, cy_federation_bytes(&options), &fresh, why));
    CY_TRY(next_session(node, &options.session, why));
    err = cy_federation_open(&node->disk, &options, genesis, &fresh, &node->federation,
                             &node->report, &fault);
    if (!cy_ok(err))
        return cy_node_unopened(node, err, &fault, why);
    node->cell = cy_federation_cell(node->federation);
    return CY_OK;
}

/* The seat of the settings is the one whose keys are here, and the origin is the realm's. */
static cy_err check_seat(struct cy_node *node, struct cy_seat_signer *signer, struct cy_text *why)
{
    const struct cy_realm *realm = cy_engine_realm(&node->cell->engine);
    const struct cy_world *world = &node->cell->engine.world;
    const struct cy_seat *seat = NULL;
    uint64_t number = 0;

    if (realm == NULL ||
        !cy_span_eq(cy_name_text(&realm->name), cy_span_text(node->config->origin)))
        return cy_node_explain(why, "origin is not the name in the genesis",
                               cy_fail(CY_E_OTHER_FEDERATION, 0));
    if (!cy_seat_signer_choose(signer, world, &number)) {
        CY_LOG(CY_LOG_WARN, "federation",
               cy_log_say("the roll names none of this signer's seats: this node only follows"));
        return CY_OK;
    }
    seat = CY_GET(world, seat, &number);
    if (seat != NULL &&
        cy_span_eq(cy_name_text(&seat->name), cy_span_text(node->config->federation_seat)))
        return CY_OK;
    return cy_node_explain(why, "federation.seat is not the name of the seat whose keys are here",
                           cy_fail(CY_E_NOT_SEATED, number));
}

/* A connection to the signer of its own: the federator waits for nobody. */
static cy_err start_envoy(struct cy_node *node, struct cy_text *why)
{
    const struct cy_daemon_config *config = node->config;
    struct cy_cell_envoy_options options = {.url = config->federation_cell_url,
                                            .pin = config->federation_cell_pin,
                                            .seat = config->federation_seat,
                                            .epoch_ms = (unsigned)config->federation_epoch_ms,
                                            .order = &node->order,
                                            .federation = node->federation,
                                            .now = cy_node_now};
    cy_err err = CY_OK;

    if (config->federation_cell_url[0] == 0)
        return CY_OK;
    CY_TRY(open_signer(node, &options.signer, why));
    err = cy_cell_envoy_start(&options, &node->envoy);
    if (cy_ok(err))
        return CY_OK;
    cy_seat_signer_close(options.signer);
    return cy_node_explain(why, "threads", err);
}

static void take_final(struct cy_node *node)
{
    const struct cy_head *final = cy_federation_final(node->federation);

    if (final == NULL || final->size == 0)
        return;
    set_head(&node->final, final);
    set_head(&node->head, final);
}

cy_err cy_node_federation(struct cy_node *node, const struct cy_institution *const *roster,
                          size_t n_roster, struct cy_text *why)
{
    struct cy_seat_signer *signer = NULL;
    uint8_t *genesis = NULL;
    size_t n = 0;
    cy_err err = CY_OK;

    CY_TRY(learn_peers(node, why));
    CY_TRY(open_signer(node, &signer, why));
    CY_TRY(make_federator(node, signer, why));
    genesis = malloc(CY_ENTRY_MAX);
    if (genesis == NULL)
        return cy_node_explain(why, "memory", cy_fail(CY_E_NO_MEMORY, 0));
    err = read_genesis(node->config->federation_genesis, genesis, &n, why);
    if (cy_ok(err))
        err = open_ledger(node, signer, roster, n_roster, cy_span_of(genesis, n), why);
    free(genesis);
    CY_TRY(err);
    CY_TRY(check_seat(node, signer, why));
    take_final(node);
    node->order = cy_federator_order(node->federator);
    err = cy_federator_start(node->federator, node->federation);
    return cy_ok(err) ? start_envoy(node, why) : cy_node_explain(why, "threads", err);
}

void cy_node_federation_close(struct cy_node *node)
{
    cy_federator_free(node->federator);
    node->federator = NULL;
    if (node->federation != NULL) {
        const cy_err err = cy_federation_close(node->federation);

        if (!cy_ok(err))
            CY_LOG(CY_LOG_ERROR, "node", cy_log_say("ledger not closed well"), cy_log_code(err));
        node->federation = NULL;
        node->cell = NULL;
    }
    free(node->peers);
    node->peers = NULL;
}
