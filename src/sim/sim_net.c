#include "sim/sim_net.h"

#include <stdlib.h>

/* An event in the queue. */
struct entry {
    struct cy_sim_event event;
    uint64_t number; /* of events, in order of their making: ties are never left to chance */
    uint64_t sent;   /* of packets: its number on the link */
    uint8_t *packet; /* owned */
    bool again;      /* it was put back: it has arrived already */
};

/* What a link did so far. */
struct line {
    struct cy_sim_link link;
    struct cy_sim_dice dice;
    uint64_t busy_until; /* of a narrow link, in ms */
    uint64_t sent;
    uint64_t newest; /* number of the newest that arrived */
};

struct cy_sim_net {
    struct cy_sim_net_options options;
    struct cy_sim_net_figures figures;
    struct line *lines; /* from * nodes + to */
    struct entry *heap; /* the earliest first */
    uint32_t n;
    uint32_t cap;
    uint32_t packets;
    size_t bytes;
    uint64_t now;
    uint64_t numbers;
    uint8_t *shown; /* the packet of the last event */
};

/* --- the queue --- */

static bool before(const struct entry *a, const struct entry *b)
{
    return a->event.at != b->event.at ? a->event.at < b->event.at : a->number < b->number;
}

static void swap(struct entry *a, struct entry *b)
{
    const struct entry c = *a;

    *a = *b;
    *b = c;
}

static void push(struct cy_sim_net *net, struct entry entry)
{
    uint32_t i = net->n;

    if (net->n == net->cap) {
        net->cap = net->cap == 0 ? 1024 : net->cap * 2;
        net->heap = realloc(net->heap, net->cap * sizeof *net->heap);
        CY_ASSERT(net->heap != NULL);
    }
    entry.number = ++net->numbers;
    net->heap[net->n++] = entry;
    for (; i > 0 && before(&net->heap[i], &net->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&net->heap[i], &net->heap[(i - 1) / 2]);
}

static struct entry pop(struct cy_sim_net *net)
{
    const struct entry first = net->heap[0];
    uint32_t i = 0;

    net->heap[0] = net->heap[--net->n];
    for (;;) {
        uint32_t least = i;

        for (uint32_t child = 2 * i + 1; child <= 2 * i + 2 && child < net->n; child++) {
            if (before(&net->heap[child], &net->heap[least]))
                least = child;
        }
        if (least == i)
            return first;
        swap(&net->heap[i], &net->heap[least]);
        i = least;
    }
}

/* --- begin and end --- */

struct cy_sim_net *cy_sim_net_new(const struct cy_sim_net_options *options)
{
    const uint32_t n = options->nodes;
    struct cy_sim_net *net = calloc(1, sizeof *net);

    CY_ASSERT(n > 0 && n <= CY_SIM_NODES_MAX);
    if (net == NULL)
        return NULL;
    net->options = *options;
    net->lines = calloc((size_t)n * n, sizeof *net->lines);
    if (net->lines == NULL) {
        free(net);
        return NULL;
    }
    for (uint32_t i = 0; i < n * n; i++) {
        struct cy_sim_dice seed = {options->seed ^ (i + 1) * 0xd1342543de82ef95u};

        net->lines[i].link = (struct cy_sim_link){.delay_ms = 1, .jitter_ms = 9};
        net->lines[i].dice.state = cy_sim_bits(&seed);
    }
    return net;
}

void cy_sim_net_free(struct cy_sim_net *net)
{
    if (net == NULL)
        return;
    for (uint32_t i = 0; i < net->n; i++)
        free(net->heap[i].packet);
    free(net->shown);
    free(net->heap);
    free(net->lines);
    free(net);
}

uint64_t cy_sim_net_now(const struct cy_sim_net *net)
{
    return net->now;
}

bool cy_sim_net_idle(const struct cy_sim_net *net)
{
    return net->packets == 0;
}

const struct cy_sim_net_figures *cy_sim_net_figures(const struct cy_sim_net *net)
{
    return &net->figures;
}

/* --- links --- */

static struct line *line_of(struct cy_sim_net *net, uint32_t from, uint32_t to)
{
    CY_ASSERT(from < net->options.nodes);
    CY_ASSERT(to < net->options.nodes);
    return &net->lines[from * net->options.nodes + to];
}

struct cy_sim_link *cy_sim_net_link(struct cy_sim_net *net, uint32_t from, uint32_t to)
{
    return &line_of(net, from, to)->link;
}

void cy_sim_net_part(struct cy_sim_net *net, uint64_t side)
{
    for (uint32_t from = 0; from < net->options.nodes; from++) {
        for (uint32_t to = 0; to < net->options.nodes; to++)
            line_of(net, from, to)->link.cut = (((side >> from) ^ (side >> to)) & 1) != 0;
    }
}

void cy_sim_net_heal(struct cy_sim_net *net)
{
    cy_sim_net_part(net, 0);
}

/* --- packets --- */

static uint64_t arrival(struct cy_sim_net *net, struct line *line, size_t bytes, uint64_t held)
{
    const struct cy_sim_link *link = &line->link;
    uint64_t leaves = net->now + held;

    if (link->bytes_per_ms != 0) {
        if (leaves < line->busy_until)
            leaves = line->busy_until;
        leaves += bytes / link->bytes_per_ms;
        line->busy_until = leaves;
    }
    return leaves + link->delay_ms + cy_sim_draw(&line->dice, (uint64_t)link->jitter_ms + 1);
}

static void put(struct cy_sim_net *net, uint32_t from, uint32_t to, struct cy_span packet,
                uint64_t held)
{
    struct line *line = line_of(net, from, to);
    struct entry entry = {
        .event = {.node = to, .from = from, .is_packet = true},
          .sent = line->sent
    };

    if (net->packets >= net->options.packets_max ||
        packet.n > net->options.bytes_max - net->bytes) {
        net->figures.full++;
        return;
    }
    entry.packet = malloc(packet.n + 1);
    CY_ASSERT(entry.packet != NULL);
    if (packet.n > 0)
        memcpy(entry.packet, packet.at, packet.n);
    entry.event.packet = cy_span_of(entry.packet, packet.n);
    entry.event.at = arrival(net, line, packet.n, held);
    net->packets++;
    net->bytes += packet.n;
    push(net, entry);
}

void cy_sim_net_send_late(struct cy_sim_net *net, uint32_t from, uint32_t to, struct cy_span packet,
                          uint64_t ms)
{
    struct line *line = line_of(net, from, to);
    const uint64_t fate = cy_sim_draw(&line->dice, 1000);
    const bool twice = cy_sim_draw(&line->dice, 1000) < line->link.twice;

    net->figures.sent++;
    line->sent++;
    if (fate < line->link.loss) {
        net->figures.lost++;
        return;
    }
    put(net, from, to, packet, ms);
    if (twice) {
        net->figures.twice++;
        put(net, from, to, packet, ms);
    }
}

void cy_sim_net_send(struct cy_sim_net *net, uint32_t from, uint32_t to, struct cy_span packet)
{
    cy_sim_net_send_late(net, from, to, packet, 0);
}

void cy_sim_net_timer(struct cy_sim_net *net, uint32_t node, uint64_t ms,
                      const struct cy_sim_timer *timer)
{
    push(net, (struct entry){
                  .event = {.at = net->now + ms, .node = node, .timer = *timer}
    });
}

/* --- time --- */

/* A packet reaches the end of its link, unless that is cut. */
static bool arrives(struct cy_sim_net *net, const struct entry *entry)
{
    struct line *line = line_of(net, entry->event.from, entry->event.node);

    if (entry->again)
        return true;
    if (line->link.cut) {
        net->figures.cut++;
        return false;
    }
    net->figures.arrived++;
    net->figures.bytes += entry->event.packet.n;
    if (entry->sent < line->newest)
        net->figures.overtaken++;
    else
        line->newest = entry->sent;
    return true;
}

bool cy_sim_net_next(struct cy_sim_net *net, uint64_t until, struct cy_sim_event *out)
{
    free(net->shown);
    net->shown = NULL;
    while (net->n > 0 && net->heap[0].event.at <= until) {
        const struct entry entry = pop(net);

        net->now = entry.event.at;
        *out = entry.event;
        if (!entry.event.is_packet) {
            net->figures.timers += !entry.again;
            return true;
        }
        net->packets--;
        net->bytes -= entry.event.packet.n;
        if (arrives(net, &entry)) {
            net->shown = entry.packet;
            return true;
        }
        free(entry.packet);
    }
    if (net->now < until)
        net->now = until;
    return false;
}

void cy_sim_net_put_back(struct cy_sim_net *net, const struct cy_sim_event *event, uint64_t at)
{
    struct entry entry = {.event = *event, .packet = net->shown, .again = true};

    CY_ASSERT(at >= net->now);
    CY_ASSERT(!event->is_packet || event->packet.at == net->shown);
    entry.event.at = at;
    net->shown = NULL;
    if (event->is_packet) {
        net->packets++;
        net->bytes += event->packet.n;
    }
    push(net, entry);
}
