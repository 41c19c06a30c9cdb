#include "host/node/packet_post.h"

#include "host/http/conns.h"
#include "host/node/deadline.h"
#include "host/system/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define PACKETS_MAX 512u
#define BYTES_MAX ((size_t)8 << 20)
#define AGE_MS_MAX 10000u
#define TOTAL_MS 5000u
#define CONNECT_MS 2000u
#define RETRY_MS 50u       /* after the first failure; doubled with each */
#define RETRY_MS_MAX 2000u /* a member that comes back is heard soon */
#define URL_MAX 1200u

struct packet {
    struct packet *next;
    uint64_t queued_us;
    size_t n;
    uint8_t bytes[];
};

struct peer {
    struct cy_packet_post *post;
    struct cy_post_peer is;
    char url[URL_MAX];
    struct cy_client *client;
    pthread_t thread;
    bool started;
    bool heard; /* since it was waited for */
    pthread_mutex_t lock;
    pthread_cond_t change;
    struct packet *first;
    struct packet *last;
    uint32_t n;
    size_t bytes;
    struct cy_post_figures figures;
    struct cy_metric *sent;
    struct cy_metric *dropped;
    struct cy_metric *failed;
    struct cy_metric *seconds;
};

struct cy_packet_post {
    struct cy_post_options options;
    bool stopping; /* atomic */
    struct peer peers[];
};

/* --- the queue: the caller holds the peer's lock --- */

static struct packet *take(struct peer *peer)
{
    struct packet *packet = peer->first;

    if (packet == NULL)
        return NULL;
    peer->first = packet->next;
    if (peer->first == NULL)
        peer->last = NULL;
    peer->n--;
    peer->bytes -= packet->n;
    return packet;
}

static void drop_first(struct peer *peer)
{
    free(take(peer));
    peer->figures.dropped++;
    cy_metric_add(peer->dropped, 1);
}

static bool stale(const struct peer *peer, uint64_t now_us)
{
    const uint64_t most_us = (uint64_t)peer->post->options.age_ms_max * 1000u;

    return peer->first != NULL && peer->first->queued_us + most_us < now_us;
}

static void put(struct peer *peer, struct packet *packet)
{
    while (peer->n >= peer->post->options.packets_max ||
           (peer->n > 0 && peer->bytes + packet->n > peer->post->options.bytes_max))
        drop_first(peer);
    packet->next = NULL;
    if (peer->last == NULL)
        peer->first = packet;
    else
        peer->last->next = packet;
    peer->last = packet;
    peer->n++;
    peer->bytes += packet->n;
}

void cy_packet_post_send(struct cy_packet_post *post, uint32_t index, struct cy_span bytes)
{
    struct packet *packet = malloc(sizeof *packet + bytes.n);
    struct peer *peer = &post->peers[index];

    CY_ASSERT(index < post->options.n_peers);
    if (packet != NULL) {
        packet->n = bytes.n;
        packet->queued_us = cy_now_us();
        memcpy(packet->bytes, bytes.at, bytes.n);
    }
    pthread_mutex_lock(&peer->lock);
    if (packet != NULL) {
        put(peer, packet);
        pthread_cond_signal(&peer->change);
    } else {
        peer->figures.dropped++;
        cy_metric_add(peer->dropped, 1);
    }
    pthread_mutex_unlock(&peer->lock);
}

void cy_packet_post_heard(struct cy_packet_post *post, uint32_t index)
{
    struct peer *peer = &post->peers[index];

    CY_ASSERT(index < post->options.n_peers);
    pthread_mutex_lock(&peer->lock);
    peer->heard = true;
    if (!cy_ok(peer->figures.err))
        pthread_cond_signal(&peer->change);
    pthread_mutex_unlock(&peer->lock);
}

void cy_packet_post_figures(struct cy_packet_post *post, uint32_t index,
                            struct cy_post_figures *out)
{
    struct peer *peer = &post->peers[index];

    CY_ASSERT(index < post->options.n_peers);
    pthread_mutex_lock(&peer->lock);
    *out = peer->figures;
    out->waiting = peer->n;
    pthread_mutex_unlock(&peer->lock);
}

/* --- the thread --- */

static bool stopping(const struct cy_packet_post *post)
{
    return __atomic_load_n(&post->stopping, __ATOMIC_ACQUIRE);
}

static bool still_wanted(void *user)
{
    return !stopping(user);
}

static cy_err post_one(struct peer *peer, const struct packet *packet)
{
    const struct cy_client_request request = {
        .url = peer->url,
        .pin = peer->is.pin[0] == 0 ? NULL : peer->is.pin,
        .body = cy_span_of(packet->bytes, packet->n),
        .connect_ms = CONNECT_MS,
        .total_ms = peer->post->options.total_ms,
        .answer_max = 16384,
        .wanted = still_wanted,
        .user = peer->post,
    };
    struct cy_client_answer answer;
    const cy_err err = cy_client_do(peer->client, &request, &answer);

    cy_client_answer_free(&answer);
    return err;
}

/* A peer that answers has the packet, also when it refuses it: what it does not want now it will
 * not want later. Only a peer that is busy, or cannot be reached, is tried again. */
static bool try_again(cy_err err)
{
    return err.code == CY_E_QUEUE_FULL || err.code == CY_E_STOPPING || err.code == CY_E_PEER_NAME ||
           err.code == CY_E_PEER_CONNECT || err.code == CY_E_PEER_TIMEOUT ||
           err.code == CY_E_PEER_TLS || err.code == CY_E_PEER_PIN || err.code == CY_E_PEER_LOST;
}

/* Said once when it changes, not for every packet. Locked. */
static void note(struct peer *peer, cy_err err, uint64_t began_us)
{
    const bool was_ok = cy_ok(peer->figures.err);
    const uint64_t now_us = cy_now_us();

    peer->figures.err = err;
    if (cy_ok(err)) {
        peer->figures.sent++;
        peer->figures.good_us = now_us;
        peer->figures.round_us = now_us - began_us;
        cy_metric_add(peer->sent, 1);
        cy_metric_time(peer->seconds, now_us - began_us);
    } else {
        peer->figures.failed++;
        cy_metric_add(peer->failed, 1);
    }
    if (was_ok && !cy_ok(err) && !stopping(peer->post))
        CY_LOG(CY_LOG_WARN, "federation", cy_log_say("a member does not take packets"),
               cy_log_text("member", peer->is.name), cy_log_code(err));
    else if (!was_ok && cy_ok(err))
        CY_LOG(CY_LOG_INFO, "federation", cy_log_say("a member takes packets again"),
               cy_log_text("member", peer->is.name));
}

/* Puts a packet that was not taken back at the front, unless newer ones fill the queue. Locked. */
static void put_back(struct peer *peer, struct packet *packet)
{
    if (peer->n >= peer->post->options.packets_max ||
        peer->bytes + packet->n > peer->post->options.bytes_max) {
        free(packet);
        peer->figures.dropped++;
        cy_metric_add(peer->dropped, 1);
        return;
    }
    packet->next = peer->first;
    peer->first = packet;
    if (peer->last == NULL)
        peer->last = packet;
    peer->n++;
    peer->bytes += packet->n;
}

/* Waits a while before the next try, unless the peer is heard meanwhile. Locked. */
static void wait_out(struct peer *peer, unsigned ms)
{
    struct timespec until;

    cy_deadline(&until, ms);
    peer->heard = false;
    while (!stopping(peer->post) && !peer->heard &&
           pthread_cond_timedwait(&peer->change, &peer->lock, &until) == 0)
        continue;
}

static void *peer_main(void *arg)
{
    struct peer *peer = arg;
    unsigned retry_ms = RETRY_MS;

    pthread_mutex_lock(&peer->lock);
    while (!stopping(peer->post)) {
        struct packet *packet = NULL;
        uint64_t began_us = 0;
        cy_err err = CY_OK;

        while (stale(peer, cy_now_us()))
            drop_first(peer);
        packet = take(peer);
        if (packet == NULL) {
            pthread_cond_wait(&peer->change, &peer->lock);
            continue;
        }
        pthread_mutex_unlock(&peer->lock);
        began_us = cy_now_us();
        err = post_one(peer, packet);
        pthread_mutex_lock(&peer->lock);
        note(peer, err, began_us);
        if (try_again(err)) {
            put_back(peer, packet);
            wait_out(peer, retry_ms);
            retry_ms = retry_ms * 2 > RETRY_MS_MAX ? RETRY_MS_MAX : retry_ms * 2;
            continue;
        }
        free(packet);
        retry_ms = RETRY_MS;
    }
    while (peer->first != NULL)
        free(take(peer));
    pthread_mutex_unlock(&peer->lock);
    return NULL;
}

/* --- start and stop --- */

static void make_metrics(struct peer *peer, struct cy_metrics *metrics)
{
    static const uint64_t bounds[] = {500,   1000,   2500,   5000,    10000,   25000,
                                      50000, 100000, 250000, 1000000, 2500000, 5000000};
    char label[300];

    if (metrics == NULL)
        return;
    (void)snprintf(label, sizeof label, "member=\"%.255s\"", peer->is.name);
    peer->sent = cy_metrics_counter(metrics, "comity_packets_sent_total", label,
                                    "Packets that a member took.");
    peer->dropped = cy_metrics_counter(metrics, "comity_packets_dropped_total", label,
                                       "Packets to a member that gave way to newer ones.");
    peer->failed = cy_metrics_counter(metrics, "comity_packets_failed_total", label,
                                      "Tries to send a packet to a member, without success.");
    peer->seconds = cy_metrics_histogram(metrics, "comity_packet_seconds", label,
                                         "From sending a packet to the member's answer.", bounds,
                                         CY_COUNT(bounds));
}

static cy_err start_peer(struct peer *peer, struct cy_packet_post *post,
                         const struct cy_post_peer *is)
{
    pthread_condattr_t monotonic;

    peer->post = post;
    peer->is = *is;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&peer->lock, NULL);
    pthread_cond_init(&peer->change, &monotonic);
    pthread_condattr_destroy(&monotonic);
    make_metrics(peer, post->options.metrics);
    if (snprintf(peer->url, sizeof peer->url, "%s" CY_POST_PATH, is->url) >= (int)sizeof peer->url)
        return cy_fail(CY_E_BAD_URL, 0);
    peer->client = cy_client_new();
    if (peer->client == NULL || pthread_create(&peer->thread, NULL, peer_main, peer) != 0)
        return cy_fail(CY_E_NO_MEMORY, 0);
    peer->started = true;
    return CY_OK;
}

cy_err cy_packet_post_start(const struct cy_post_options *options, struct cy_packet_post **out)
{
    struct cy_packet_post *post = NULL;
    cy_err err = CY_OK;

    *out = NULL;
    CY_ASSERT(options->n_peers <= CY_POST_PEERS_MAX);
    post = calloc(1, sizeof *post + options->n_peers * sizeof post->peers[0]);
    if (post == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    post->options = *options;
    post->options.n_peers = 0;
    if (post->options.packets_max == 0)
        post->options.packets_max = PACKETS_MAX;
    if (post->options.bytes_max == 0)
        post->options.bytes_max = BYTES_MAX;
    if (post->options.age_ms_max == 0)
        post->options.age_ms_max = AGE_MS_MAX;
    if (post->options.total_ms == 0)
        post->options.total_ms = TOTAL_MS;
    for (uint32_t i = 0; i < options->n_peers && cy_ok(err); i++) {
        err = start_peer(&post->peers[i], post, &options->peers[i]);
        post->options.n_peers++;
    }
    if (!cy_ok(err)) {
        cy_packet_post_stop(post);
        return err;
    }
    *out = post;
    return CY_OK;
}

void cy_packet_post_stop(struct cy_packet_post *post)
{
    if (post == NULL)
        return;
    __atomic_store_n(&post->stopping, true, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < post->options.n_peers; i++) {
        pthread_mutex_lock(&post->peers[i].lock);
        pthread_cond_broadcast(&post->peers[i].change);
        pthread_mutex_unlock(&post->peers[i].lock);
    }
    for (uint32_t i = 0; i < post->options.n_peers; i++) {
        struct peer *peer = &post->peers[i];

        if (peer->started)
            pthread_join(peer->thread, NULL);
        cy_client_free(peer->client);
        pthread_cond_destroy(&peer->change);
        pthread_mutex_destroy(&peer->lock);
    }
    free(post);
}
