#include "host/node/node.h"

#include "crypto/secret.h"
#include "host/node/node_cell.h"
#include "host/node/node_federation.h"
#include "host/node/node_heads.h"
#include "host/node/older_copy.h"
#include "host/signer/sign_act.h"
#include "host/system/log.h"
#include "ledger/checkpoint.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define SIGNER_TIMEOUT_MS 10000u
#define SIGNER_TRIES 100 /* of 100 ms */

/* --- the signer --- */

static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    struct cy_node *node = user;

    if (key->purpose == CY_PURPOSE_ACT && cy_span_eq(key->label, cy_span_text("operator")) &&
        node->n_operator_keys < CY_COUNT(node->operator_keys))
        node->operator_keys[node->n_operator_keys++] = key->key;
    if (key->purpose == CY_PURPOSE_CHECKPOINT && cy_span_eq(key->label, cy_span_text("log")))
        node->log_key = key->key;
    if (key->purpose == CY_PURPOSE_COSIGNATURE && cy_span_eq(key->label, cy_span_text("witness"))) {
        node->witness_key = key->key;
        node->has_witness_key = true;
    }
    return CY_OK;
}

/* Signs with the proof from the head of that size, which the signer remembers. What it signed was
 * durable here before, so the tree has it. */
static cy_err sign_from(struct cy_node *node, struct cy_span checkpoint, uint64_t size,
                        struct cy_signature *out)
{
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    struct cy_checkpoint head;
    struct cy_disk_fault fault;
    uint32_t n = 0;

    CY_TRY(cy_checkpoint_read(checkpoint, &head));
    if (size > head.size)
        return cy_fail(CY_E_HEAD_ROLLBACK, size);
    CY_TRY(cy_tree_consistency(&node->cell->tree, size, head.size, path, &n, &fault));
    CY_LOG(CY_LOG_INFO, "node", cy_log_say("the signer knows a later head; proven from there"),
           cy_log_number("size", (int64_t)size));
    return cy_signer_sign_checkpoint(node->head_signer, &node->cell->log_key, checkpoint, path, n,
                                     out, NULL);
}

static cy_err sign_head(void *self, struct cy_span checkpoint, const struct cy_id *proof,
                        uint32_t n, uint8_t signature[64])
{
    struct cy_node *node = self;
    struct cy_signer_head seen = {.size = 0};
    struct cy_signature out;
    const uint64_t beyond = __atomic_load_n(&node->beyond, __ATOMIC_ACQUIRE);
    cy_err err = CY_OK;

    if (beyond > 0) /* a witness has shown a later head: this is an older copy */
        return cy_fail(CY_E_HEAD_ROLLBACK, beyond);
    err = cy_signer_sign_checkpoint(node->head_signer, &node->cell->log_key, checkpoint, proof, n,
                                    &out, &seen);

    /* The signer may have signed a head that was never published: a crash came between. */
    if (err.code == CY_E_HEAD_UNPROVEN && seen.size > 0)
        err = sign_from(node, checkpoint, seen.size, &out);
    CY_TRY(cy_metric_failure(node->signer_failures, err));
    memcpy(signature, out.b, sizeof out.b);
    return CY_OK;
}

/* Of the keys labelled operator (past, present and next), the one that is the realm's now. */
static cy_err operator_key(struct cy_node *node)
{
    const struct cy_world *world = &node->cell->engine.world;
    const struct cy_realm *realm = cy_engine_realm(&node->cell->engine);
    const struct cy_passport *holder = realm == NULL ? NULL : CY_GET(world, passport, &realm->id);

    for (uint32_t i = 0; holder != NULL && i < node->n_operator_keys; i++) {
        struct {
            struct cy_id passport;
            struct cy_id key;
        } key = {realm->id, node->operator_keys[i]};
        const struct cy_control *control = CY_GET(world, control, &key);

        if (control != NULL && control->generation == holder->generation) {
            node->operator_key = node->operator_keys[i];
            return CY_OK;
        }
    }
    return cy_fail(CY_E_WRONG_KEY, 0);
}

static cy_err make_tick(void *self, cy_time now, const struct cy_id *state_root, uint8_t *out,
                        size_t cap, size_t *n)
{
    struct cy_node *node = self;
    const struct cy_realm *realm = cy_engine_realm(&node->cell->engine);
    const struct cy_tick tick = {.now = now, .state_root = *state_root};
    const struct cy_act_author by = {.author = realm->id,
                                     .realm = realm->id,
                                     .keys = &node->operator_key,
                                     .n_keys = 1,
                                     .valid_s = 60};
    struct cy_cbor_writer writer = cy_cbor_write(out, cap);

    CY_TRY(operator_key(node)); /* the operator may have rotated its keys just now */
    /* the expiry is measured from the ledger's own clock, which may be ahead of ours */
    CY_TRY(cy_sign_act(node->tick_signer, &by, &cy_schema_tick, &tick, realm->now / 1000, &writer));
    *n = writer.n;
    return CY_OK;
}

/* --- helpers --- */

struct help {
    struct cy_node *node;
    enum cy_node_helper kind;
    void (*work)(void *arg);
    void *arg;
};

static void *help_main(void *arg)
{
    struct help *help = arg;
    struct cy_node *node = help->node;

    help->work(help->arg);
    pthread_mutex_lock(&node->lock);
    node->helpers[help->kind]--;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock); /* the node may be gone from here on */
    free(help);
    return NULL;
}

cy_err cy_node_help(struct cy_node *node, enum cy_node_helper kind, void (*work)(void *arg),
                    void *arg)
{
    static const unsigned most[] = {[CY_NODE_WAITS] = CY_NODE_WAITS_MAX,
                                    [CY_NODE_PROVES] = CY_NODE_PROVES_MAX,
                                    [CY_NODE_LOOKS] = CY_NODE_LOOKS_MAX};
    struct help *help = malloc(sizeof *help);
    pthread_t thread;
    cy_err err = CY_OK;

    if (help == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    *help = (struct help){node, kind, work, arg};
    pthread_mutex_lock(&node->lock);
    if (node->stopping)
        err = cy_fail(CY_E_STOPPING, 0);
    else if (node->helpers[kind] >= most[kind])
        err = cy_fail(CY_E_QUEUE_FULL, most[kind]);
    else if (pthread_create(&thread, NULL, help_main, help) != 0)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    if (cy_ok(err)) {
        node->helpers[kind]++;
        pthread_detach(thread);
    }
    pthread_mutex_unlock(&node->lock);
    if (!cy_ok(err))
        free(help);
    return err;
}

/* --- as a witness --- */

static cy_err witnessed_head(void *self, struct cy_span origin, struct cy_witnessed *out)
{
    struct cy_node *node = self;
    struct cy_signer_head head;

    CY_TRY(cy_signer_head(node->witness_signer, &node->witness_key, origin, &head));
    *out = (struct cy_witnessed){head.size, head.root};
    return CY_OK;
}

static cy_err witness_cosign(void *self, struct cy_span text, uint64_t time_s,
                             const struct cy_id *proof, uint32_t n, struct cy_signature *out,
                             struct cy_witnessed *seen)
{
    struct cy_node *node = self;
    struct cy_signer_head head = {0};
    const cy_err err = cy_signer_cosign(node->witness_signer, &node->witness_key, text, time_s,
                                        proof, n, out, &head);

    *seen = (struct cy_witnessed){head.size, head.root};
    return cy_metric_failure(node->signer_failures, err);
}

/* Keeps what was cosigned, for those who read it back. It is a copy: the signer remembers. */
static void keep_cosigned(struct cy_node *node, const struct cy_witness_answer *answer)
{
    const struct cy_id name = cy_sha256(answer->origin);
    char path[CY_PATH_MAX];
    struct cy_text text = cy_text_on(path, sizeof path);
    char *note = malloc(answer->note.n + answer->n);
    cy_err err = CY_OK;

    if (note == NULL)
        return;
    memcpy(note, answer->note.at, answer->note.n);
    memcpy(note + answer->note.n, answer->body, answer->n);
    cy_text_add(&text, "witness/");
    cy_text_hex(&text, cy_span_of(name.b, sizeof name.b));
    err = cy_disk_make_dirs(&node->disk, "witness");
    if (cy_ok(err))
        err = cy_disk_replace(&node->disk, path, "fresh/witness",
                              cy_span_of(note, answer->note.n + answer->n));
    if (!cy_ok(err))
        CY_LOG(CY_LOG_WARN, "witness", cy_log_say("cosigned head not kept"), cy_log_code(err));
    free(note);
}

void cy_node_witness(struct cy_node *node, struct cy_span body, struct cy_witness_answer *answer)
{
    pthread_mutex_lock(&node->witness_lock);
    cy_witness_add(&node->witness, body, cy_node_now() / 1000, answer);
    if (answer->status == 200)
        keep_cosigned(node, answer);
    pthread_mutex_unlock(&node->witness_lock);
}

static cy_err learn_logs(struct cy_node *node, struct cy_text *why)
{
    const struct cy_config_list *list = &node->config->witness_for;
    const struct cy_realm *realm = cy_engine_realm(&node->cell->engine);
    cy_err err = CY_OK;

    if (list->n == 0 || realm == NULL)
        return CY_OK;
    if (!node->has_witness_key)
        return cy_node_explain(why, "the signer holds no key labelled witness",
                               cy_fail(CY_E_NO_NOUN, 0));
    node->origin = realm->name;
    node->logs = calloc(list->n, sizeof *node->logs);
    if (node->logs == NULL)
        return cy_node_explain(why, "memory", cy_fail(CY_E_NO_MEMORY, 0));
    for (size_t i = 0; i < list->n; i++) {
        err =
            cy_note_vkey_read(cy_span_text(list->at[i].cells[CY_WITNESS_FOR_VKEY]), &node->logs[i]);
        if (cy_ok(err) && node->logs[i].type != CY_NOTE_ED25519)
            err = cy_fail(CY_E_BAD_VKEY, 0);
        if (!cy_ok(err))
            return cy_node_explain(why, list->at[i].cells[CY_WITNESS_FOR_ORIGIN], err);
    }
    node->witness = (struct cy_witness){
        .logs = node->logs,
        .n_logs = (uint32_t)list->n,
        .store = {.self = node, .head = witnessed_head, .cosign = witness_cosign}
    };
    err = cy_note_key_of(cy_name_text(&node->origin), CY_NOTE_COSIGNATURE, &node->witness_key,
                         &node->witness.key);
    if (cy_ok(err))
        err = cy_signer_open(node->config->signer, SIGNER_TIMEOUT_MS, &node->witness_signer);
    return cy_ok(err) ? CY_OK : cy_node_explain(why, "witnessing", err);
}

/* --- start and stop --- */

static cy_err open_signer(struct cy_node *node, struct cy_text *why)
{
    const struct timespec pause = {0, 100000000};
    cy_err err = cy_signer_open(node->config->signer, SIGNER_TIMEOUT_MS, &node->head_signer);

    /* both are often started at once, and the signer first works on its passphrase */
    for (int i = 0; err.code == CY_E_PEER_CONNECT && i < SIGNER_TRIES; i++) {
        (void)nanosleep(&pause, NULL);
        err = cy_signer_open(node->config->signer, SIGNER_TIMEOUT_MS, &node->head_signer);
    }
    if (cy_ok(err))
        err = cy_signer_open(node->config->signer, SIGNER_TIMEOUT_MS, &node->tick_signer);
    if (cy_ok(err))
        err = cy_signer_keys(node->tick_signer, seen_key, node);
    if (!cy_ok(err))
        return cy_node_explain(why, "comity-signer does not answer (is it running on this socket?)",
                               err);
    if (node->n_operator_keys == 0 || cy_id_none(&node->log_key))
        return cy_node_explain(why, "the signer holds no keys labelled operator and log",
                               cy_fail(CY_E_NO_NOUN, 0));
    return CY_OK;
}

/* A realm whose operator cannot be ticked for is not opened. */
static cy_err choose_operator_key(struct cy_node *node, struct cy_text *why)
{
    const cy_err err = operator_key(node);

    if (cy_engine_realm(&node->cell->engine) == NULL)
        return CY_OK; /* no genesis yet: nothing to tick */
    return cy_ok(err)
               ? CY_OK
               : cy_node_explain(why,
                                 "none of the signer's keys labelled operator is this realm's "
                                 "present key",
                                 err);
}

/* A restored copy that is older than what was signed must not go on: it would fork the ledger. */
static cy_err check_signed_head(struct cy_node *node, struct cy_text *why)
{
    const struct cy_cell *cell = node->cell;
    struct cy_signer_head head;
    cy_err err = CY_OK;

    if (cell == NULL || cell->origin.n == 0)
        return CY_OK; /* no genesis yet */
    err = cy_signer_head(node->tick_signer, &cell->log_key, cy_name_text(&cell->origin), &head);
    if (!cy_ok(err))
        return cy_node_explain(why, "the signer's memory of heads", err);
    if (head.size <= cell->size)
        return CY_OK;
    cy_text_add(why, "this ledger has ");
    cy_text_u64(why, cell->size);
    cy_text_add(why, " entries, but a head over ");
    cy_text_u64(why, head.size);
    cy_text_add(why, " was signed: it is an older copy");
    return cy_fail(CY_E_HEAD_ROLLBACK, head.size);
}

static cy_err learn_witnesses(struct cy_node *node, struct cy_text *why)
{
    const struct cy_config_list *list = &node->config->witnesses;

    if (list->n > CY_NODE_WITNESSES_MAX)
        return cy_node_explain(why, "too many witnesses",
                               cy_fail(CY_E_NO_ROOM, CY_NODE_WITNESSES_MAX));
    for (size_t i = 0; i < list->n; i++) {
        struct cy_node_witness *witness = &node->witnesses[i];
        const cy_err err =
            cy_note_vkey_read(cy_span_text(list->at[i].cells[CY_WITNESS_VKEY]), &witness->key);

        witness->name = list->at[i].cells[CY_WITNESS_NAME];
        witness->url = list->at[i].cells[CY_WITNESS_URL];
        witness->pin = list->at[i].cells[CY_WITNESS_PIN];
        if (!cy_ok(err) || witness->key.type != CY_NOTE_COSIGNATURE)
            return cy_node_explain(why, witness->name,
                                   cy_ok(err) ? cy_fail(CY_E_BAD_VKEY, 0) : err);
        if (list->at[i].cells[CY_WITNESS_SINCE][0] != 0)
            CY_TRY(
                cy_time_read(cy_span_text(list->at[i].cells[CY_WITNESS_SINCE]), &witness->since));
        node->n_witnesses++;
    }
    node->need = node->config->witnesses_need == 0 ? node->n_witnesses
                                                   : (uint32_t)node->config->witnesses_need;
    return CY_OK;
}

/* A copy whose keys are as old as it is: only others remember what was signed. */
static cy_err check_witnessed_head(struct cy_node *node, struct cy_text *why)
{
    const struct cy_cell *cell = node->cell;
    const struct cy_older_copy here = {cy_name_text(&cell->origin), &cell->log_key,
                                       cy_span_of(cell->head.note, cell->head.n), cell->head.size};
    struct cy_witness_place places[CY_NODE_WITNESSES_MAX];

    for (uint32_t i = 0; i < node->n_witnesses; i++) {
        const struct cy_node_witness *w = &node->witnesses[i];

        places[i] =
            (struct cy_witness_place){w->name, w->url, w->pin, &w->key, CY_OLDER_COPY_ASK_MS};
    }
    return here.size == 0 ? CY_OK : cy_older_copy_check(places, node->n_witnesses, &here, why);
}

static cy_err start_sequencer(struct cy_node *node)
{
    static const unsigned verifiers_most = 16;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned verifiers = cores < 1                      ? 1
                               : cores > (long)verifiers_most ? verifiers_most
                                                              : (unsigned)cores;
    const struct cy_sequencer_options options = {
        .cell = node->cell,
        .signer = &node->signer,
        .tick = make_tick,
        .tick_self = node,
        .now = cy_node_now,
        .verifiers = verifiers,
        .tick_ms = (unsigned)node->config->tick_ms,
        .idle_ms = 60000,
        .queue_max = (size_t)node->config->commit_queue,
        .metrics = node->metrics,
        .published = cy_node_published,
        .published_self = node,
    };
    struct cy_sequencer *sequencer = NULL;

    node->signer = (struct cy_head_signer){.self = node, .sign = sign_head};
    CY_TRY(cy_sequencer_start(&options, &sequencer));
    node->order = cy_sequencer_order(sequencer);
    return CY_OK;
}

static cy_err start_cell(struct cy_node *node, const struct cy_institution *const *roster,
                         size_t n_roster, struct cy_text *why)
{
    cy_err err = CY_OK;

    CY_TRY(open_signer(node, why));
    CY_TRY(learn_witnesses(node, why));
    CY_TRY(cy_node_cell(node, roster, n_roster, why));
    CY_TRY(check_signed_head(node, why));
    CY_TRY(check_witnessed_head(node, why));
    CY_TRY(choose_operator_key(node, why));
    CY_TRY(learn_logs(node, why));
    node->head.size = node->cell->head.size;
    node->head.root = node->cell->head.root;
    node->head.n = node->cell->head.n;
    memcpy(node->head.note, node->cell->head.note, node->cell->head.n);
    err = start_sequencer(node);
    if (!cy_ok(err))
        return cy_node_explain(why, "threads", err);
    if (node->n_witnesses > 0) {
        if (pthread_create(&node->cosign_thread, NULL, cy_node_cosigner, node) != 0)
            return cy_node_explain(why, "threads", cy_fail(CY_E_NO_MEMORY, 0));
        node->cosigning = true;
    }
    return CY_OK;
}

static cy_err start(struct cy_node *node, const struct cy_institution *const *roster,
                    size_t n_roster, struct cy_text *why)
{
    const cy_err err = cy_crypto_start();

    if (!cy_ok(err))
        return cy_node_explain(why, "cryptographic self-test", err);
    node->metrics = cy_metrics_new();
    if (node->metrics == NULL) /* everybody counts, and /metrics prints */
        return cy_node_explain(why, "memory", cy_fail(CY_E_NO_MEMORY, 0));
    node->signer_failures = cy_metrics_counter(node->metrics, "comity_signer_failures_total", "",
                                               "Signatures asked of the signer and not given.");
    return cy_daemon_federation(node->config) ? cy_node_federation(node, roster, n_roster, why)
                                              : start_cell(node, roster, n_roster, why);
}

cy_err cy_node_start(const struct cy_daemon_config *config,
                     const struct cy_institution *const *roster, size_t n_roster,
                     struct cy_node **out, struct cy_text *why)
{
    struct cy_node *node = calloc(1, sizeof *node);
    pthread_condattr_t monotonic;
    cy_err err = CY_OK;

    *out = NULL;
    if (node == NULL)
        return cy_node_explain(why, "memory", cy_fail(CY_E_NO_MEMORY, 0));
    node->config = config;
    node->started = cy_node_now();
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&node->lock, NULL);
    pthread_mutex_init(&node->witness_lock, NULL);
    pthread_cond_init(&node->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    err = start(node, roster, n_roster, why);
    if (!cy_ok(err)) {
        cy_node_stop(node);
        return err;
    }
    *out = node;
    return CY_OK;
}

void cy_node_stop(struct cy_node *node)
{
    if (node == NULL)
        return;
    pthread_mutex_lock(&node->lock);
    node->stopping = true;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->lock);
    if (node->cosigning)
        pthread_join(node->cosign_thread, NULL);
    pthread_mutex_lock(&node->lock);
    while (node->helpers[CY_NODE_WAITS] + node->helpers[CY_NODE_PROVES] +
               node->helpers[CY_NODE_LOOKS] >
           0)
        pthread_cond_wait(&node->changed, &node->lock);
    pthread_mutex_unlock(&node->lock);
    cy_cell_envoy_stop(node->envoy); /* it asks the order */
    node->envoy = NULL;
    cy_order_stop(&node->order);
    cy_node_federation_close(node);
    if (node->cell != NULL) {
        const cy_err err = cy_cell_close(node->cell);

        if (!cy_ok(err))
            CY_LOG(CY_LOG_ERROR, "node", cy_log_say("ledger not closed well"), cy_log_code(err));
        free(node->cell);
    }
    cy_helper_thread_stop(node->helper);
    cy_disk_posix_close(node->posix);
    cy_signer_close(node->head_signer);
    cy_signer_close(node->tick_signer);
    cy_signer_close(node->witness_signer);
    free(node->logs);
    if (node->memory != NULL && node->memory != MAP_FAILED)
        munmap(node->memory, node->memory_n);
    cy_metrics_free(node->metrics);
    pthread_cond_destroy(&node->changed);
    pthread_mutex_destroy(&node->lock);
    pthread_mutex_destroy(&node->witness_lock);
    free(node);
}
