#include "host/node/packet_inbox.h"

#include "wire/peer.h"

#include <pthread.h>
#include <stdlib.h>

#define PACKETS_MAX 512u
#define BYTES_MAX ((size_t)4 << 20)
#define PACKETS_RATE 10000u
#define BYTES_RATE ((uint64_t)32 << 20)
#define SECOND_US 1000000u

#define MAGIC "CYPEER1\n"
#define MAGIC_N 8u

/* Tokens come back with time, up to two seconds' worth. Counted in millionths. */
struct bucket {
    uint64_t rate;
    uint64_t tokens;
    uint64_t at_us;
};

struct seat {
    struct cy_id key;
    struct cy_inbox_packet *first;
    struct cy_inbox_packet *last;
    uint32_t n;
    size_t bytes;
    struct bucket packets_left;
    struct bucket bytes_left;
    struct cy_inbox_figures figures;
};

struct cy_packet_inbox {
    struct cy_inbox_options options;
    pthread_mutex_t lock;
    struct cy_id federation;
    struct seat seats[CY_INBOX_SEATS_MAX];
    uint32_t turn; /* the seat to be served next */
};

static bool spend(struct bucket *bucket, uint64_t now_us, uint64_t n)
{
    const uint64_t most = 2 * bucket->rate * SECOND_US;
    const uint64_t since_us = now_us - bucket->at_us;

    if (since_us >= 2 * (uint64_t)SECOND_US)
        bucket->tokens = most;
    else
        bucket->tokens += since_us * bucket->rate;
    if (bucket->tokens > most)
        bucket->tokens = most;
    bucket->at_us = now_us;
    if (bucket->tokens < n * SECOND_US)
        return false;
    bucket->tokens -= n * SECOND_US;
    return true;
}

struct cy_packet_inbox *cy_packet_inbox_new(const struct cy_inbox_options *options)
{
    struct cy_packet_inbox *inbox = calloc(1, sizeof *inbox);

    if (inbox == NULL)
        return NULL;
    inbox->options = *options;
    if (inbox->options.packets_max == 0)
        inbox->options.packets_max = PACKETS_MAX;
    if (inbox->options.bytes_max == 0)
        inbox->options.bytes_max = BYTES_MAX;
    if (inbox->options.packets_rate == 0)
        inbox->options.packets_rate = PACKETS_RATE;
    if (inbox->options.bytes_rate == 0)
        inbox->options.bytes_rate = BYTES_RATE;
    pthread_mutex_init(&inbox->lock, NULL);
    for (unsigned i = 0; i < CY_INBOX_SEATS_MAX; i++) {
        struct seat *seat = &inbox->seats[i];

        seat->packets_left.rate = inbox->options.packets_rate;
        seat->packets_left.tokens = 2 * seat->packets_left.rate * SECOND_US;
        seat->bytes_left.rate = inbox->options.bytes_rate;
        seat->bytes_left.tokens = 2 * seat->bytes_left.rate * SECOND_US;
    }
    return inbox;
}

void cy_packet_inbox_free(struct cy_packet_inbox *inbox)
{
    struct cy_inbox_packet *packet = NULL;

    if (inbox == NULL)
        return;
    while ((packet = cy_packet_inbox_take(inbox)) != NULL)
        free(packet);
    pthread_mutex_destroy(&inbox->lock);
    free(inbox);
}

void cy_packet_inbox_seats(struct cy_packet_inbox *inbox, const struct cy_id *federation,
                           const struct cy_id keys[static CY_INBOX_SEATS_MAX])
{
    pthread_mutex_lock(&inbox->lock);
    inbox->federation = *federation;
    for (unsigned i = 0; i < CY_INBOX_SEATS_MAX; i++)
        inbox->seats[i].key = keys[i];
    pthread_mutex_unlock(&inbox->lock);
}

/* The two ids behind the magic: the federation and the sender's key. */
static cy_err read_head(struct cy_span packet, struct cy_id *federation, struct cy_id *from)
{
    if (packet.n > CY_PEER_PACKET_MAX)
        return cy_fail(CY_E_TOO_LARGE, CY_PEER_PACKET_MAX);
    if (packet.n < CY_PEER_HEAD + CY_PEER_TAIL || memcmp(packet.at, MAGIC, MAGIC_N) != 0)
        return cy_fail(CY_E_BAD_PACKET, 0);
    memcpy(federation->b, packet.at + MAGIC_N, sizeof federation->b);
    memcpy(from->b, packet.at + MAGIC_N + sizeof federation->b, sizeof from->b);
    return CY_OK;
}

static struct seat *seat_of(struct cy_packet_inbox *inbox, const struct cy_id *key)
{
    for (unsigned i = 0; i < CY_INBOX_SEATS_MAX; i++) {
        if (!cy_id_none(key) && cy_id_eq(&inbox->seats[i].key, key))
            return &inbox->seats[i];
    }
    return NULL;
}

/* Locked. */
static cy_err admit(struct cy_packet_inbox *inbox, struct seat *seat, size_t n, uint64_t now_us)
{
    if (seat->n < inbox->options.packets_max && seat->bytes + n <= inbox->options.bytes_max &&
        spend(&seat->packets_left, now_us, 1) && spend(&seat->bytes_left, now_us, n))
        return CY_OK;
    seat->figures.throttled++;
    return cy_fail(CY_E_QUEUE_FULL, seat->n);
}

/* Locked. */
static void append(struct seat *seat, struct cy_inbox_packet *packet)
{
    packet->next = NULL;
    if (seat->last == NULL)
        seat->first = packet;
    else
        seat->last->next = packet;
    seat->last = packet;
    seat->n++;
    seat->bytes += packet->n;
}

cy_err cy_packet_inbox_put(struct cy_packet_inbox *inbox, struct cy_span bytes, uint64_t now_us,
                           uint32_t *number)
{
    struct cy_inbox_packet *packet = NULL;
    struct cy_id federation;
    struct cy_id from;
    struct seat *seat = NULL;
    cy_err err = CY_OK;

    CY_TRY(read_head(bytes, &federation, &from));
    packet = malloc(sizeof *packet + bytes.n);
    if (packet == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    packet->n = bytes.n;
    memcpy(packet->bytes, bytes.at, bytes.n);
    pthread_mutex_lock(&inbox->lock);
    seat = seat_of(inbox, &from);
    if (!cy_id_eq(&inbox->federation, &federation))
        err = cy_fail(CY_E_OTHER_FEDERATION, 0);
    else if (seat == NULL)
        err = cy_fail(CY_E_NOT_SEATED, 0);
    else
        err = admit(inbox, seat, bytes.n, now_us);
    if (cy_ok(err) && seat != NULL) {
        packet->seat = (uint32_t)(seat - inbox->seats);
        *number = packet->seat;
        append(seat, packet);
        seat->figures.packets++;
        seat->figures.bytes += bytes.n;
        seat->figures.heard_us = now_us;
    }
    pthread_mutex_unlock(&inbox->lock);
    if (!cy_ok(err))
        free(packet);
    return err;
}

struct cy_inbox_packet *cy_packet_inbox_take(struct cy_packet_inbox *inbox)
{
    struct cy_inbox_packet *packet = NULL;

    pthread_mutex_lock(&inbox->lock);
    for (unsigned i = 0; i < CY_INBOX_SEATS_MAX && packet == NULL; i++) {
        struct seat *seat = &inbox->seats[(inbox->turn + i) % CY_INBOX_SEATS_MAX];

        packet = seat->first;
        if (packet == NULL)
            continue;
        seat->first = packet->next;
        if (seat->first == NULL)
            seat->last = NULL;
        seat->n--;
        seat->bytes -= packet->n;
        inbox->turn = (inbox->turn + i + 1) % CY_INBOX_SEATS_MAX;
    }
    pthread_mutex_unlock(&inbox->lock);
    return packet;
}

void cy_packet_inbox_figures(struct cy_packet_inbox *inbox, uint32_t number,
                             struct cy_inbox_figures *out)
{
    const struct seat *seat = &inbox->seats[number];

    CY_ASSERT(number < CY_INBOX_SEATS_MAX);
    pthread_mutex_lock(&inbox->lock);
    *out = seat->figures;
    out->waiting = seat->n;
    pthread_mutex_unlock(&inbox->lock);
}
