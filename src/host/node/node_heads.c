#include "host/node/node_heads.h"

#include "host/node/deadline.h"
#include "host/node/older_copy.h"
#include "host/system/log.h"
#include "ledger/checkpoint.h"

#include <stdlib.h>
#include <time.h>

#define RETRY_MS 1000u
#define RETRY_SPARE_MS 10000u /* of a witness that the level can do without */

void cy_node_published(void *self, const struct cy_head *head)
{
    struct cy_node *node = self;
    struct cy_feed *feed = NULL;
    uint64_t from = 0;

    pthread_mutex_lock(&node->lock);
    from = node->head.size;
    feed = node->feed;
    node->head.size = head->size;
    node->head.root = head->root;
    node->head.cosigned = 0;
    node->head.at = cy_node_now();
    node->head.n = head->n;
    memcpy(node->head.note, head->note, head->n);
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
    if (feed != NULL)
        cy_feed_tell(feed, node->cell, from, head); /* the flusher holds the tree */
}

void cy_node_feed(struct cy_node *node, struct cy_feed *feed)
{
    /* with the tree held, no head is being told */
    (void)cy_order_tree(&node->order);
    pthread_mutex_lock(&node->lock);
    node->feed = feed;
    pthread_mutex_unlock(&node->lock);
    cy_order_tree_end(&node->order);
}

/* Posts a head to one witness; on 409 learns what size the witness knows. */
static cy_err ask_witness(struct cy_node *node, struct cy_client *client,
                          struct cy_node_witness *witness, const struct cy_node_head *head,
                          struct cy_client_answer *answer)
{
    char body_bytes[CY_NODE_NOTE_MAX + 64 * 48];
    struct cy_text body = cy_text_on(body_bytes, sizeof body_bytes);
    char url[1200];
    struct cy_text address = cy_text_on(url, sizeof url);
    struct cy_disk_fault fault;
    uint32_t n = 0;
    struct cy_client_request request = {.url = url,
                                        .pin = witness->pin[0] == 0 ? NULL : witness->pin,
                                        .type = "text/plain",
                                        .total_ms = (unsigned)node->config->witness_ms};
    struct cy_cell *cell = cy_order_tree(&node->order);
    const cy_err err = cy_tree_consistency(&cell->tree, witness->known, head->size,
                                           node->witness_path, &n, &fault);

    cy_order_tree_end(&node->order);
    CY_TRY(err);
    cy_add_checkpoint_write(&body, witness->known, node->witness_path, n,
                            cy_span_of(head->note, head->n));
    cy_text_add(&address, witness->url);
    cy_text_add(&address, "/add-checkpoint");
    CY_ASSERT(!body.full);
    request.body = cy_text_bytes(&body);
    return cy_client_do(client, &request, answer);
}

/* A witness that knows another size says so with 409 and the size as text. */
static bool learned_size(struct cy_node_witness *witness, const struct cy_client_answer *answer)
{
    uint64_t size = 0;

    if (answer->status != 409 || strncmp(answer->type, "text/x.tlog.size", 16) != 0)
        return false;
    if (!cy_ok(cy_add_checkpoint_size(cy_span_of(answer->body, answer->n), &size)) ||
        size == witness->known)
        return false;
    witness->known = size;
    return true;
}

/* A witness that knows more than we have signed, and can show it, stops us from signing. */
static void look_beyond(struct cy_node *node, struct cy_client *client,
                        const struct cy_node_witness *w, const struct cy_node_head *head)
{
    const struct cy_witness_place place = {w->name, w->url, w->pin, &w->key, CY_OLDER_COPY_ASK_MS};
    const struct cy_older_copy here = {cy_name_text(&node->cell->origin), &node->cell->log_key,
                                       cy_span_of(head->note, head->n), head->size};
    const uint64_t beyond = cy_older_copy_beyond(client, &place, &here);

    if (beyond > 0)
        __atomic_store_n(&node->beyond, beyond, __ATOMIC_RELEASE);
}

static cy_err cosign_by(struct cy_node *node, struct cy_client *client,
                        struct cy_node_witness *witness, struct cy_node_head *head)
{
    struct cy_text note = {.at = head->note, .cap = sizeof head->note, .n = head->n};
    struct cy_client_answer answer;
    cy_err err = ask_witness(node, client, witness, head, &answer);

    if (!cy_ok(err) && learned_size(witness, &answer)) {
        if (witness->known > head->size) {
            look_beyond(node, client, witness, head);
        } else {
            cy_client_answer_free(&answer);
            err = ask_witness(node, client, witness, head, &answer);
        }
    }
    if (cy_ok(err))
        err = cy_checkpoint_attach(&note, cy_span_of(answer.body, answer.n), &witness->key);
    if (cy_ok(err)) {
        head->n = note.n;
        head->cosigned++;
        witness->known = head->size;
    }
    cy_client_answer_free(&answer);
    return err;
}

/* Tells those who wait how many cosigned the head so far. */
static void count_cosigned(struct cy_node *node, const struct cy_node_head *head)
{
    pthread_mutex_lock(&node->lock);
    if (node->head.size == head->size)
        node->head = *head;
    for (uint32_t k = 0; k < head->cosigned; k++) {
        if (node->counted[k].size <= head->size)
            node->counted[k] = *head;
    }
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
}

/* Stores the cosigned head, where it still is the newest, for those who read the directory. */
static void publish_cosigned(struct cy_node *node, const struct cy_node_head *head)
{
    struct cy_cell *cell = cy_order_tree(&node->order);
    struct cy_disk_fault fault;
    cy_err err = CY_OK;

    if (cell->head.size == head->size)
        err = cy_checkpoint_publish(&cell->tree, cy_span_of(head->note, head->n), &fault);
    cy_order_tree_end(&node->order);
    if (!cy_ok(err))
        CY_LOG(CY_LOG_WARN, "node", cy_log_say("cosigned head not stored"), cy_log_code(err));
}

/* Asks one witness and keeps what came of it. */
static void ask_one(struct cy_node *node, struct cy_client *client, struct cy_node_witness *witness,
                    struct cy_node_head *head)
{
    const bool was_ok = cy_ok(witness->err);
    const cy_err err = cosign_by(node, client, witness, head);
    const cy_time now = cy_node_now();

    pthread_mutex_lock(&node->lock);
    witness->asked++;
    witness->refused += !cy_ok(err);
    witness->err = err;
    witness->good_at = cy_ok(err) ? now : witness->good_at;
    witness->retry_at =
        cy_ok(err) ? 0 : now + (head->cosigned < node->need ? RETRY_MS : RETRY_SPARE_MS);
    pthread_mutex_unlock(&node->lock);
    if (!cy_ok(err) && was_ok)
        CY_LOG(CY_LOG_WARN, "witness", cy_log_say("no cosignature"),
               cy_log_text("witness", witness->name), cy_log_code(err));
    else if (cy_ok(err) && !was_ok)
        CY_LOG(CY_LOG_INFO, "witness", cy_log_say("cosigns again"),
               cy_log_text("witness", witness->name));
    if (cy_ok(err))
        count_cosigned(node, head);
}

/* Takes one head round the witnesses; true when every one cosigned. Those that failed last time
 * come last, and not before their time: one that is away does not hold the others up. */
static bool round_of(struct cy_node *node, struct cy_client *client, struct cy_node_head *head)
{
    bool asked[CY_NODE_WITNESSES_MAX] = {false};

    head->cosigned = 0;
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < node->n_witnesses; i++) {
            struct cy_node_witness *witness = &node->witnesses[i];

            if (asked[i] || (pass == 0 && !cy_ok(witness->err)))
                continue;
            if (!cy_ok(witness->err) && witness->retry_at > cy_node_now() + RETRY_MS / 10)
                continue;
            asked[i] = true;
            ask_one(node, client, witness, head);
        }
    }
    if (head->cosigned > 0)
        publish_cosigned(node, head);
    return head->cosigned == node->n_witnesses;
}

static void wait_ms(struct cy_node *node, unsigned ms)
{
    struct timespec until;

    cy_deadline(&until, ms);
    pthread_cond_timedwait(&node->changed, &node->lock, &until);
}

void *cy_node_cosigner(void *arg)
{
    struct cy_node *node = arg;
    struct cy_client *client = cy_client_new();
    struct cy_node_head *head = malloc(sizeof *head);
    const struct cy_node_head *all = &node->counted[node->n_witnesses - 1];
    bool failed = false;

    pthread_mutex_lock(&node->lock);
    while (!node->stopping && client != NULL && head != NULL) {
        if (node->head.size == 0 || all->size == node->head.size || failed) {
            wait_ms(node, RETRY_MS);
            failed = false;
            if (node->head.size == 0 || all->size == node->head.size)
                continue;
        }
        *head = node->head;
        pthread_mutex_unlock(&node->lock);
        failed = !round_of(node, client, head);
        pthread_mutex_lock(&node->lock);
    }
    pthread_mutex_unlock(&node->lock);
    free(head);
    cy_client_free(client);
    return NULL;
}

void cy_node_head(struct cy_node *node, struct cy_node_head *out)
{
    pthread_mutex_lock(&node->lock);
    *out = node->head;
    pthread_mutex_unlock(&node->lock);
}

/* The newest head that so many cosigned. */
static const struct cy_node_head *counted(const struct cy_node *node, uint32_t need)
{
    const uint32_t k = need == 0 ? node->need : need;

    return &node->counted[k == 0 || k > CY_NODE_WITNESSES_MAX ? 0 : k - 1];
}

void cy_node_witnessed(struct cy_node *node, uint32_t need, struct cy_node_head *out)
{
    pthread_mutex_lock(&node->lock);
    *out = *counted(node, need);
    pthread_mutex_unlock(&node->lock);
}

cy_err cy_node_wait_witnessed(struct cy_node *node, uint64_t at, uint32_t need, unsigned timeout_ms)
{
    const cy_time end = cy_node_now() + timeout_ms;
    cy_err err = CY_OK;

    if (node->n_witnesses == 0)
        return cy_fail(CY_E_NO_WITNESSES, 0);
    pthread_mutex_lock(&node->lock);
    while (cy_ok(err) && counted(node, need)->size <= at) {
        const cy_time now = cy_node_now();

        if (node->stopping)
            err = cy_fail(CY_E_STOPPING, 0);
        else if (now >= end)
            err = cy_fail(CY_E_TIMED_OUT, timeout_ms);
        else
            wait_ms(node, (unsigned)(end - now));
    }
    pthread_mutex_unlock(&node->lock);
    return err;
}
